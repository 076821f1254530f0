"""In what share of draws each decision holds, when the figures carry the errors stated."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from os import PathLike
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.logic import Codes
from balancedu.core.loading import DEFAULT_STANDARD
from balancedu.core.model import Language
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.section import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.phrase import Phrase
from balancedu.planning.draws import Errors, Shape, batches, drawn, errors_of
from balancedu.planning.result import Columns, Result, column
from balancedu.planning.spread import spread_verdicts
from balancedu.reporting.blocks import Block, Grid, Heading, Line
from balancedu.submission.submission import Submission

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_WORDS: dict[str, dict[Language, str]] = {
    "county": {"zh": "全县判定", "en": "The county's verdict"},
    "shaky": {"zh": "会随误差改变的判定", "en": "Decisions that the errors may change"},
    "none": {"zh": "其余判定在全部抽样中都不变。", "en": "Every other decision holds in every draw."},
    "all": {"zh": "全部判定在全部抽样中都不变。", "en": "Every decision holds in every draw."},
    "what": {"zh": "判定", "en": "decision"},
    "verdict": {"zh": "现判定", "en": "verdict"},
    "share": {"zh": "不变的比例", "en": "holds in"},
    "interval": {"zh": "置信区间", "en": "interval"},
    "met": {"zh": "达标的比例", "en": "met in"},
    "about": {
        "zh": "{draws}次抽样，种子{seed}；区间的置信水平{confidence:.0%}。",
        "en": "{draws} draws, seed {seed}; intervals at {confidence:.0%} confidence.",
    },
}
_LEFT_OUT = -1


@attrs.frozen
class Robustness(Result):
    """The share of draws in which decisions hold.

    Attributes
    ----------
    decisions : columns
        A row for each decision: county, level (county, part, item, spread, section), id, school, stage, verdict (as
        submitted), share (of draws with that verdict), low, high (the interval of the share), met (share of draws
        in which it is met).
    draws : int
    seed : int
    confidence : float
    """

    decisions: Columns = attrs.field(repr=False)
    draws: int
    seed: int
    confidence: float
    standard: Standard = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of the decisions."""
        return {"decisions": self.decisions}

    def facts(self) -> dict[str, Any]:
        """Return how many draws were made, from which seed."""
        return {"draws": self.draws, "seed": self.seed, "confidence": self.confidence}

    def plot(self, lang: Language = "zh") -> Figure:
        """Return a picture of the decisions that may change.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from balancedu.planning.pictures import robustness_picture

        return robustness_picture(self, lang)

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the county's verdict, and the decisions that do not hold in every draw, the shakiest first."""
        columns = self.decisions
        yield Heading(_WORDS["county"][lang])
        yield self._grid(np.flatnonzero(columns["level"] == "county"), lang)
        shaky = np.flatnonzero((columns["share"] < 1) & (columns["level"] != "county"))
        if shaky.size:
            yield Heading(_WORDS["shaky"][lang])
            yield self._grid(shaky[np.argsort(columns["share"][shaky], kind="stable")], lang)
        yield Line(_WORDS["none" if shaky.size else "all"][lang])
        yield Line(_WORDS["about"][lang].format(draws=self.draws, seed=self.seed, confidence=self.confidence))

    def _grid(self, rows: Ints, lang: Language) -> Grid:
        columns = self.decisions
        body = []
        for row in rows.tolist():
            low, high = (_percent(float(columns[name][row])) for name in ("low", "high"))
            body.append(
                [
                    str(columns[f"name_{lang}"][row]),
                    Verdict[str(columns["verdict"][row])].said(lang),
                    _percent(float(columns["share"][row])),
                    f"{low}–{high}",
                    _percent(float(columns["met"][row])),
                ]
            )
        head = [_WORDS[name][lang] for name in ("what", "verdict", "share", "interval", "met")]
        return Grid([head, *body], texts=2)


def robustness(
    submission: Submission,
    errors: Errors,
    *,
    draws: int = 10_000,
    seed: int = 0,
    shape: Shape = "uniform",
    confidence: float = 0.95,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
) -> Robustness:
    """Return the share of draws in which each decision holds when figures carry errors.

    Parameters
    ----------
    submission : Submission
        Of one county or many.
    errors : mapping
        By measure: a share of the figure (0.05), or `{"relative": 0.05}` or `{"absolute": 3}` in its unit. Figures
        without an error, and those not reported, stay as they are.
    draws : int
    seed : int
        The same seed gives the same draws.
    shape : {'uniform', 'normal'}
        Uniform: every error up to the one stated is as likely. Normal: the one stated is the standard deviation.
    confidence : float
        Of the intervals.
    standard : id, path or Standard

    Returns
    -------
    Robustness
        Every figure errs by itself; counts stay whole, parts stay within their whole. A section that a draw leaves
        out of the indicators does not hold in it.

    Raises
    ------
    RequestError
        If an error names no number, or an argument makes no sense.

    Notes
    -----
    Draws are judged as counties of their own, in batches, by `evaluate` itself. The interval is Wilson's: it tells
    how well the share is known from so many draws, and nothing about whether the errors stated are the true ones.

    Examples
    --------
    >>> import balancedu as be
    >>> found = be.robustness(be.example("failing"), {"equipment_value": 0.05}, draws=200).decisions
    >>> shaky = (found["share"] < 1) & (found["level"] == "spread")
    >>> found["id"][shaky].tolist()
    ['R6.primary']
    """
    if draws < 1 or shape not in ("uniform", "normal") or not 0 < confidence < 1:
        zh = "抽取次数（draws）至少为1，分布（shape）应为 uniform 或 normal，置信度（confidence）应在0和1之间"
        raise RequestError(Phrase(zh, "draws must be at least 1, shape uniform or normal, confidence between 0 and 1"))
    known = errors_of(submission.standard, errors)
    rng = np.random.default_rng(seed)
    before = evaluate(submission, standard)
    expected = _verdicts(before, before, 1)
    same, met = np.zeros(expected.shape[1:]), np.zeros(expected.shape[1:])
    done = 0
    for size in batches(submission, draws):
        after = evaluate(drawn(submission, known, size, rng, shape), standard)
        verdicts = _verdicts(before, after, size)
        same += (verdicts == expected).sum(axis=0)
        met += (verdicts == Verdict.MET).sum(axis=0)
        done += size
        _progress(done, draws)
    return Robustness(
        _columns(before, expected[0], same / draws, met / draws, draws, confidence),
        draws,
        seed,
        confidence,
        before.standard,
    )


def wilson(share: float, draws: int, confidence: float) -> tuple[float, float]:
    """Return the interval of a share that so many draws gave.

    Examples
    --------
    >>> low, high = wilson(1.0, 100, 0.95)
    >>> round(low, 4), high
    (0.963, 1.0)
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = (share + z * z / (2 * draws)) / (1 + z * z / draws)
    half = z / (1 + z * z / draws) * math.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws))
    return (0.0 if share == 0 else centre - half), (1.0 if share == 1 else centre + half)


def _verdicts(before: Evaluation, after: Evaluation, draws: int) -> Codes:
    """Return the verdict of every decision in every draw, (draws, decisions); sections left out are -1."""
    record = after.record
    parts = [record.verdicts, *record.parts.values(), *record.items.values()]
    by_county = np.stack([codes.reshape(draws, -1) for codes in parts], axis=1)
    spread = spread_verdicts(after).reshape(draws, -1)
    here, there = before.record.basis.sections, record.basis.sections
    schools = len(before.record.basis.submission.schools)
    each = np.full((draws, len(before.stages), schools), _LEFT_OUT, np.int8)
    each[there.school // schools, there.stage, there.school % schools] = record.basis.section_verdicts
    return np.concatenate([by_county.reshape(draws, -1), spread, each[:, here.stage, here.school]], axis=1)


def _columns(before: Evaluation, expected: Codes, same: Floats, met: Floats, draws: int, confidence: float) -> Columns:
    rows = list(_named(before))
    intervals = [wilson(share, draws, confidence) for share in same.tolist()]
    names = ("county", "level", "id", "school", "stage", "name_zh", "name_en")
    return {name: column([row[n] for row in rows], str) for n, name in enumerate(names)} | {
        "verdict": column([Verdict(code).name for code in expected.tolist()], str),
        "share": same,
        "low": column([low for low, _ in intervals], float),
        "high": column([high for _, high in intervals], float),
        "met": met,
    }


def _named(before: Evaluation) -> Iterator[tuple[str, ...]]:
    """Yield what each decision is called, in the order of `_verdicts`."""
    standard, counties = before.standard, before.counties
    for county in counties:
        yield county, "county", "", "", "", "全县", "the county"
    for part in standard.parts.values():
        for county in counties:
            yield county, "part", part.id, "", "", part.title.zh, part.title.en
    for item in standard.items.values():
        for county in counties:
            yield county, "item", item.id, "", "", f"{item.id} {item.name.zh}", f"{item.id} {item.name.en}"
    titles = standard.head.stage_titles
    for county in counties:
        for stage in standard.stages:
            for one in standard.indicators.values():
                zh = f"差异系数 {titles[stage].zh} {one.id} {one.name.zh}"
                en = f"spread of {titles[stage].en} {one.id} {one.name.en}"
                yield county, "spread", f"{one.id}.{stage}", "", stage, zh, en
    for row in before.section_rows.tolist():
        section = section_of(before.record.basis, row)
        yield section.county, "section", "", section.school, section.stage, section.said("zh"), section.said("en")


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _progress(done: int, draws: int) -> None:
    if not sys.stderr.isatty():
        return
    filled = round(30 * done / draws)
    end = "\n" if done == draws else ""
    print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{draws}", end=end, file=sys.stderr, flush=True)

"""In what share of draws each decision holds, when figures carry stated errors."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from os import PathLike
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import Codes
from balancedu.core.field_checks import parts_and_wholes
from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, column
from balancedu.errors import RequestError, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.sections import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.distances import spread_verdicts
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column
from balancedu.text import Phrase

if TYPE_CHECKING:
    pass


Errors = Mapping[str, float | Mapping[str, float]]
"""By measure: a share of the figure, or a mapping of `relative` (a share) or `absolute` (in its unit)."""
Shape = Literal["uniform", "normal"]

PLACES = 5
"""Figures are drawn to so many decimals."""
NUMBERS = ("count", "number", "share")


@attrs.frozen
class Error:
    """How far a figure may be off."""

    measure: Measure
    size: float
    relative: bool

    def drawn(self, figures: Floats, rng: np.random.Generator, shape: Shape) -> Floats:
        """Return the figures moved by their errors; counts stay whole, and nothing leaves its range."""
        spread = np.abs(figures) * self.size if self.relative else np.full(figures.shape, self.size)
        noise = rng.uniform(-1.0, 1.0, figures.shape) if shape == "uniform" else rng.standard_normal(figures.shape)
        moved = np.round(figures + spread * noise, 0 if self.measure.type == "count" else PLACES)
        reach = self.measure.range
        least = float(reach.least) if reach and reach.least is not None else None
        most = float(reach.most) if reach and reach.most is not None else None
        return np.asarray(moved if least is None and most is None else np.clip(moved, least, most))


def errors_of(standard: Standard, errors: Errors) -> list[Error]:
    """Return the errors of measures.

    Raises
    ------
    RequestError
        If one names no number that is reported, or is not a size.
    """
    known = [one.id for one in standard.measures.values() if one.type in NUMBERS]
    result = []
    for name, given in errors.items():
        if name not in known:
            problem = Phrase(f"误差：没有填报项“{name}”，或它不是数", f"errors: no number {name!r} is reported")
            raise RequestError(problem + near(name, known))
        sizes = given if isinstance(given, Mapping) else {"relative": given}
        if len(sizes) != 1 or not set(sizes) <= {"relative", "absolute"}:
            zh = f"“{name}”的误差：现为{dict(sizes)}，应为 relative（按比例）和 absolute（按数量）之一"
            en = f"errors[{name!r}]: found {dict(sizes)}, wanted one of relative and absolute"
            raise RequestError(Phrase(zh, en))
        ((way, size),) = sizes.items()
        if not 0 <= size < np.inf:
            zh = f"“{name}”的误差：现为{size!r}，应不小于零"
            raise RequestError(Phrase(zh, f"errors[{name!r}]: found {size!r}, wanted zero or more"))
        result.append(Error(standard.measures[name], float(size), way == "relative"))
    return result


def drawn(
    submission: Submission, errors: list[Error], draws: int, rng: np.random.Generator, shape: Shape
) -> Submission:
    """Return so many draws of a submission as the counties of one submission, draw after draw."""
    counties, schools = len(submission.counties), len(submission.schools)
    tables = {}
    for name, table in submission.tables.items():
        size = len(table)
        columns: dict[str, Column] = {key: np.tile(values, draws) for key, values in table.columns.items()}
        for error in errors:
            if error.measure.table == name and error.measure.column in columns:
                columns[error.measure.column] = error.drawn(columns[error.measure.column], rng, shape)
        _keep_parts(columns, submission.standard.table_measures(name), errors)
        shift = np.repeat(np.arange(draws), size)
        tables[name] = attrs.evolve(
            table,
            columns=columns,
            county=np.tile(table.county, draws) + shift * counties,
            rows=np.tile(table.rows, draws),
            school=np.tile(table.school, draws) + shift * schools if table.school.size else table.school,
        )
    ids = tuple(f"{draw}/{county}" for draw in range(draws) for county in submission.counties)
    return Submission.of_tables(submission.standard, ids, tables)


def _keep_parts(columns: dict[str, Column], measures: Mapping[str, Measure], errors: list[Error]) -> None:
    """Keep parts from growing beyond their whole, where an error moved one of the two."""
    moved = {error.measure.id for error in errors}
    for part, whole in parts_and_wholes(measures):
        if (part in moved or whole in moved) and part in columns and whole in columns:
            columns[part] = np.where(columns[part] > columns[whole], columns[whole], columns[part])


def batches(submission: Submission, draws: int, rows: int = 400_000) -> Iterator[int]:
    """Yield the sizes of batches that keep every table below so many rows.

    Examples
    --------
    >>> import balancedu as be
    >>> list(batches(be.example("failing"), 10_000, rows=1_000_000))
    [4587, 4587, 826]
    """
    largest = max(len(table) for table in submission.tables.values())
    size = max(1, rows // max(1, largest))
    while draws > 0:
        yield min(size, draws)
        draws -= size


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

    def single_values(self) -> dict[str, Any]:
        """Return how many draws were made, from which seed."""
        return {"draws": self.draws, "seed": self.seed, "confidence": self.confidence}

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the county's verdict, and the decisions that do not hold in every draw, the shakiest first."""
        columns = self.decisions
        yield Heading(_WORDS["county"][lang])
        yield self._grid(np.flatnonzero(columns["level"] == "county"), lang)
        shaky = np.flatnonzero((columns["share"] < 1) & (columns["level"] != "county"))
        if shaky.size:
            yield Heading(_WORDS["shaky"][lang])
            yield self._grid(shaky[np.argsort(columns["share"][shaky], kind="stable")], lang)
        yield Paragraph(_WORDS["none" if shaky.size else "all"][lang])
        yield Paragraph(_WORDS["about"][lang].format(draws=self.draws, seed=self.seed, confidence=self.confidence))

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
        return Grid(head, body, texts=2)


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

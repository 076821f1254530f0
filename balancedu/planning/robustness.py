"""In what share of draws each decision holds, when figures carry stated errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import MET, Codes
from balancedu.core.field_checks import parts_and_wholes
from balancedu.core.fields import Language
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, column, columns_of
from balancedu.errors import RequestError, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import section_of
from balancedu.evaluation.results import Verdict
from balancedu.planning.distances import spread_verdicts
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column
from balancedu.text import NO_WORDS, Phrase, in_both, with_unit

Errors = Mapping[str, float | Mapping[str, float]]
"""By measure: a share of the figure, or a mapping of `relative` (a share) or `absolute` (in its unit)."""

MOST_DRAWS = 1_000_000
MOST_ERROR = 1e15
PLACES = 5
"""The decimals to which figures are drawn."""
NUMBERS = ("count", "number", "share")


@attrs.frozen
class Error:
    """How far a figure may be off."""

    measure: Measure
    size: float
    relative: bool

    @property
    def words(self) -> Phrase:
        """How far which figure may be off."""
        title, unit = self.measure.title, self.measure.unit or NO_WORDS
        if self.relative:
            return Phrase(f"{title.zh}±{self.size * 100:.4g}%", f"{title.en} ±{self.size * 100:.4g}%")
        return title + Phrase("±", " ±") + with_unit(Phrase.of(f"{self.size:g}"), unit)

    def drawn(self, figures: Floats, rng: np.random.Generator) -> Floats:
        """Return the figures moved by their errors; counts stay whole, and nothing leaves its range."""
        spread = np.abs(figures) * self.size if self.relative else self.size
        moved = figures + spread * rng.uniform(-1.0, 1.0, figures.shape)
        moved = np.round(moved, 0 if self.measure.type == "count" else PLACES)
        limits = (self.measure.range.least, self.measure.range.most) if self.measure.range else (None, None)
        least, most = (limit if limit is None else float(limit) for limit in limits)
        return np.asarray(moved if least is None and most is None else np.clip(moved, least, most))


def errors_of(standard: Standard, errors: Errors) -> list[Error]:
    """Return the errors of measures.

    Raises
    ------
    RequestError
        If there is none, if one names no number that is reported, or is not a size.
    """
    known = [measure.id for measure in standard.measures.values() if measure.type in NUMBERS]
    if not errors:
        zh = "没有给出误差；请写明哪项数据可能有多大误差，如 --error 教学仪器设备值=5%"
        raise RequestError(Phrase(zh, "no errors are given; say how far figures may be off, as equipment_value by 5%"))
    result = []
    for name, given in errors.items():
        if name not in known:
            problem = Phrase(f"误差：没有填报项“{name}”，或它不是数", f"errors: no number {name!r} is reported")
            raise RequestError(problem + near(name, known))
        sizes = dict(given) if isinstance(given, Mapping) else {"relative": given}
        size = next(iter(sizes.values()), None)
        number = isinstance(size, int | float) and not isinstance(size, bool) and 0 <= size <= MOST_ERROR
        if len(sizes) != 1 or not set(sizes) <= {"relative", "absolute"} or not number:
            zh = "应为不小于零的数，或 relative（按比例）和 absolute（按数量）之一"
            en = "wanted a number, zero or more, or one of relative and absolute"
            raise RequestError(
                Phrase(f"“{name}”的误差：现为{given!r}，{zh}", f"errors[{name!r}]: found {given!r}, {en}")
            )
        result.append(Error(standard.measures[name], float(size or 0), "relative" in sizes))
    return result


def drawn(submission: Submission, errors: list[Error], draws: int, rng: np.random.Generator) -> Submission:
    """Return draws of a submission as the counties of one submission, draw after draw."""
    counties, schools = len(submission.counties), len(submission.schools)
    tables = {}
    for name, table in submission.tables.items():
        size = len(table)
        columns: dict[str, Column] = {key: np.tile(values, draws) for key, values in table.columns.items()}
        for error in errors:
            if error.measure.table == name and error.measure.column in columns:
                columns[error.measure.column] = error.drawn(columns[error.measure.column], rng)
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
    """Yield the sizes of batches that keep every table below a number of rows.

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
    "errors": {"zh": "测算条件：误差为{errors}（均匀分布）。", "en": "Errors assumed: {errors} (uniform)."},
    "about": {
        "zh": "{draws}次抽样，种子{seed}；区间的置信水平{confidence:.0%}。",
        "en": "{draws} draws, seed {seed}; intervals at {confidence:.0%} confidence.",
    },
}
_LEFT_OUT = -1


@attrs.frozen(eq=False)
class Robustness(Result):
    """The share of draws in which decisions hold.

    Attributes
    ----------
    decisions : columns
        A row for each decision: county, level (county, part, item, spread, section), id, school, stage, verdict (as
        submitted), share (of draws with that verdict), low, high (the interval of the share), met (share of draws
        in which it is met).
    errors : tuple of Error
        How far figures were taken to be off.
    draws : int
    seed : int
    confidence : float
    """

    decisions: Columns = attrs.field(repr=False)
    errors: tuple[Error, ...] = attrs.field(repr=False)
    draws: int
    seed: int
    confidence: float
    standard: Standard = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of the decisions."""
        return {"decisions": self.decisions}

    def single_values(self) -> dict[str, Any]:
        """Return the errors assumed, how many draws were made, and from which seed."""
        ways = {True: "relative", False: "absolute"}
        sizes = {error.measure.id: {ways[error.relative]: error.size} for error in self.errors}
        return {"errors": sizes, "draws": self.draws, "seed": self.seed, "confidence": self.confidence}

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
        errors = {"zh": "、", "en": ", "}[lang].join(error.words.text(lang) for error in self.errors)
        yield Paragraph(_WORDS["errors"][lang].format(errors=errors))
        yield Paragraph(_WORDS["about"][lang].format(draws=self.draws, seed=self.seed, confidence=self.confidence))

    def _grid(self, rows: Ints, lang: Language) -> Grid:
        columns, body = self.decisions, []
        for row in rows.tolist():
            share, low, high, met = (f"{columns[name][row] * 100:.2f}%" for name in ("share", "low", "high", "met"))
            verdict = Verdict[str(columns["verdict"][row])].text(lang)
            body.append([str(columns[f"name_{lang}"][row]), verdict, share, f"{low}–{high}", met])
        head = [_WORDS[name][lang] for name in ("what", "verdict", "share", "interval", "met")]
        return Grid(head, body, texts=2)


def robustness(
    evaluation: Evaluation,
    errors: Errors,
    *,
    draws: int = 10_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Robustness:
    """Return the share of draws in which each decision holds when figures carry errors.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county or many; draws are judged by its standard.
    errors : mapping
        By measure: a share of the figure (0.05), or `{"relative": 0.05}` or `{"absolute": 3}` in its unit. Figures
        without an error, and those not reported, stay as they are.
    draws : int
        At most a million.
    seed : int
        Zero or more; the same seed gives the same draws.
    confidence : float
        Of the intervals.

    Returns
    -------
    Robustness
        Every figure errs by itself, and every error up to the one given is as likely; counts stay whole, parts stay
        within their whole. A section that a draw leaves out of the indicators does not hold in it.

    Raises
    ------
    RequestError
        If no error is given, one names no number, or an argument makes no sense.

    Notes
    -----
    Draws are judged as counties of their own, in batches, by `evaluate` itself. The interval is Wilson's: it states
    how well the share is known from that many draws, and nothing about whether the errors given are the true ones.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> found = be.robustness(ev, {"equipment_value": 0.05}, draws=200).decisions
    >>> shaky = (found["share"] < 1) & (found["level"] == "spread")
    >>> found["id"][shaky].tolist()
    ['R6.primary']
    """
    _check(draws, seed, confidence)
    submission, standard = evaluation.submission, evaluation.standard
    known = errors_of(submission.standard, errors)
    rng = np.random.default_rng(seed)
    before, expected = evaluation, _verdicts(evaluation, evaluation, 1)
    same, met = np.zeros(expected.shape[1:]), np.zeros(expected.shape[1:])
    for size in batches(submission, draws):
        after = evaluate(drawn(submission, known, size, rng), standard)
        verdicts = _verdicts(before, after, size)
        same += (verdicts == expected).sum(axis=0)
        met += (verdicts == MET).sum(axis=0)
    decisions = _columns(before, expected[0], same / draws, met / draws, draws, confidence)
    return Robustness(decisions, tuple(known), draws, seed, confidence, standard)


def _check(draws: int, seed: int, confidence: float) -> None:
    """Refuse arguments that make no sense.

    Raises
    ------
    RequestError
        With what was found and what was wanted.
    """
    wanted = (
        (is_whole(draws) and 1 <= draws <= MOST_DRAWS, "draws", draws, f"1–{MOST_DRAWS:,}"),
        (is_whole(seed) and seed >= 0, "seed", seed, "0, 1, 2, …"),
        (isinstance(confidence, float) and 0 < confidence < 1, "confidence", confidence, "0 < … < 1"),
    )
    for holds, name, given, known in wanted:
        if not holds:
            raise RequestError(
                Phrase(f"{name}：现为{given!r}，应为 {known}", f"{name}: found {given!r}, wanted {known}")
            )


def is_whole(value: object) -> bool:
    """Return whether a value is a whole number."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def wilson(share: float, draws: int, confidence: float) -> tuple[float, float]:
    """Return the interval of a share from a number of draws.

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
    names = dict.fromkeys(("county", "level", "id", "school", "stage"), str)
    intervals = np.array([wilson(share, draws, confidence) for share in same.tolist()]).reshape(-1, 2)
    return columns_of(_named(before), **names, name=Phrase) | {
        "verdict": column([Verdict.of(code).name for code in expected.tolist()], str),
        "share": same,
        "low": intervals[:, 0],
        "high": intervals[:, 1],
        "met": met,
    }


def _named(before: Evaluation) -> Iterator[tuple[str, str, str, str, str, Phrase]]:
    """Yield each decision with its name, in the order of `_verdicts`."""
    standard, counties = before.standard, before.counties
    for county in counties:
        yield county, "county", "", "", "", Phrase("全县", "the county")
    for part in standard.parts.values():
        for county in counties:
            yield county, "part", part.id, "", "", part.title
    for item in standard.items.values():
        for county in counties:
            yield county, "item", item.id, "", "", item.name
    for county in counties:
        for stage in standard.stages:
            title = Phrase("差异系数 ", "spread of ") + standard.head.stage_titles[stage] + Phrase.of(" ")
            for indicator in standard.indicators.values():
                yield county, "spread", f"{indicator.id}.{stage}", "", stage, title + indicator.name
    for row in before.section_rows.tolist():
        section = section_of(before.record.basis, row)
        yield section.county, "section", "", section.school, section.stage, in_both(section.text)

"""One county over years: coefficients, shares of complying sections, and the distance to the limits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.errors import MissingExtraError, RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Verdict
from balancedu.evaluation.wording import printed
from balancedu.planning.compare import Matching, matched
from balancedu.planning.distances import coefficient_title, coefficients_of, judged_coefficients, limit_text
from balancedu.text import Phrase

FEWEST = 3
"""Two points are always on a line: its error is unknown."""
FURTHEST = 30
"""The most years that a line is extended."""

Outlook = Literal["met", "projected", "no_trend", "too_few"]
"""Reached already; a year can be given; the years do not show that it comes nearer; fewer years than `FEWEST`."""


@attrs.frozen
class Projection:
    """Where a falling line meets its limit.

    Attributes
    ----------
    state : {'met', 'projected', 'no_trend', 'too_few'}
    slope : float
        Each year; NaN where there are too few years.
    year : float
        NaN unless the state is `projected`.
    low, high : float
        The interval of the year; infinite where it has no end.
    """

    state: Outlook
    slope: float = math.nan
    year: float = math.nan
    low: float = math.nan
    high: float = math.nan


def projected(years: Floats, figures: Floats, limit: float, confidence: float) -> Projection:
    """Return when the least-squares line through figures comes down to a limit, with Fieller's interval.

    Parameters
    ----------
    years, figures : (n,) float arrays
        NaN figures are left out.
    limit : float
    confidence : float

    Notes
    -----
    The interval holds every x with (a + bx − limit)² ≤ t² s² (1/n + (x − x̄)² / Σ(xᵢ − x̄)²). Where the slope may
    be zero that is everything from some year on, or every year.

    Examples
    --------
    >>> years = np.array([2021.0, 2022.0, 2023.0, 2024.0])
    >>> line = projected(years, np.array([0.61, 0.58, 0.56, 0.53]), 0.5, 0.95)
    >>> line.state, round(line.year, 1)
    ('projected', 2025.2)
    >>> projected(years, np.array([0.61, 0.58, 0.56, 0.49]), 0.5, 0.95).state
    'met'
    """
    known = ~np.isnan(figures)
    x, y = years[known], figures[known]
    enough = x.size >= FEWEST and np.ptp(x) > 0
    slope = _slope(x, y) if enough else math.nan
    if x.size and y[-1] <= limit:
        return Projection("met", slope)
    if not enough:
        return Projection("too_few")
    centre, squares = x.mean(), ((x - x.mean()) ** 2).sum()
    rest = y - y.mean() - slope * (x - centre)
    variance = float((rest**2).sum() / (x.size - 2))
    above = float(y.mean()) - limit
    if slope >= 0 or (year := float(centre - above / slope)) > x[-1] + FURTHEST:
        return Projection("no_trend", slope)
    factor = _quantile(confidence, x.size - 2) ** 2 * variance
    # (above + slope u)² = factor (1/n + u²/squares), a quadratic in u = x − centre.
    a, b, c = slope**2 - factor / squares, 2 * slope * above, above**2 - factor / x.size
    if a <= 0:
        return Projection("projected", slope, year, -math.inf, math.inf)
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    low, high = float(centre + (-b - root) / (2 * a)), float(centre + (-b + root) / (2 * a))
    return Projection("projected", slope, year, low, high)


def _slope(x: Floats, y: Floats) -> float:
    return float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())


def _quantile(confidence: float, freedom: int) -> float:
    try:
        from scipy import stats
    except ImportError as error:
        raise MissingExtraError("scipy", "plan", Phrase("趋势推算", "a projection")) from error
    return float(stats.t.ppf((1 + confidence) / 2, freedom))


def _spread_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return the coefficients of every year."""
    rows = (
        (year, entry.stage, entry.indicator, entry.cv, entry.limit, entry.margin, entry.verdict.name)
        for year, evaluation in zip(years, listed, strict=True)
        for entry in coefficients_of(evaluation, listed[-1].standard)
    )
    return columns_of(rows, year=None, stage=str, indicator=str, cv=float, limit=float, margin=float, verdict=str)


def _sections_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return how many sections comply in every year."""
    rows = []
    for year, evaluation in zip(years, listed, strict=True):
        for stage in evaluation.stages:
            verdicts = evaluation.section_verdicts[evaluation.sections["stage"] == stage]
            met, unknown = int((verdicts == Verdict.MET.code).sum()), int((verdicts == Verdict.UNKNOWN.code).sum())
            rows.append((year, stage, verdicts.size, met, unknown, met / verdicts.size if verdicts.size else math.nan))
    return columns_of(rows, year=None, stage=str, sections=int, comply=int, unknown=int, share=float)


def _items_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return the verdict of every item in every year."""
    rows = (
        (year, item, Verdict.of(codes[0]).name)
        for year, evaluation in zip(years, listed, strict=True)
        for item, codes in evaluation.item_verdicts.items()
    )
    return columns_of(rows, year=None, item=str, verdict=str)


def _schools_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...], pairs: list[Matching]) -> Columns:
    """Return the sections that can be followed through all years, under the id of the last one."""
    verdicts = []
    for evaluation in listed:
        keys = zip(evaluation.sections["school"].tolist(), evaluation.sections["stage"].tolist(), strict=True)
        verdicts.append(dict(zip(keys, evaluation.section_verdicts.tolist(), strict=True)))
    rows = []
    for school, stage in verdicts[0]:
        ids = [school]
        for pair in pairs:
            ids.append(pair.school(ids[-1]) or ids[-1])
        if all((name, stage) in verdict for name, verdict in zip(ids, verdicts, strict=True)):
            for year, name, verdict in zip(years, ids, verdicts, strict=True):
                rows.append((year, ids[-1], stage, Verdict.of(verdict[name, stage]).name))
    return columns_of(rows, year=None, school=str, stage=str, verdict=str)


def _unmatched_of(years: tuple[Any, ...], pairs: list[Matching]) -> Columns:
    """Return the schools without a counterpart in a neighbouring year."""
    rows = []
    for n, pair in enumerate(pairs):
        result = pair.unmatched()
        for school, name, side in zip(*(result[key].tolist() for key in ("school", "name", "side")), strict=True):
            here, there = (years[n], years[n + 1]) if side == "before" else (years[n + 1], years[n])
            rows.append((str(here), str(there), school, name))
    return columns_of(rows, year=str, other=str, school=str, name=str)


def _check_years(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> None:
    """Refuse what is no row of years of one county, judged by one standard."""
    count, standard = len(listed), listed[0].standard.id if listed else ""
    if count < 2:
        raise _refused(f"趋势至少需要两个年度，现有{count}个", f"a trend needs at least two years, found {count}")
    if len(years) != count:
        en = f"years must be as many as evaluations: {count} evaluations, {len(years)} years"
        raise _refused(f"年度应与评估一样多：有{count}个评估，{len(years)}个年度", en)
    for year, evaluation in zip(years, listed, strict=True):
        if len(evaluation.counties) > 1:
            en = f"a trend is for one county, and {year} has {len(evaluation.counties)}; use ev[county]"
            raise _refused(f"趋势只看一个县，{year}年有{len(evaluation.counties)}个；请只给出一个县", en)
        if evaluation.standard.id != standard:
            zh = f"{year}年按 {evaluation.standard.id} 评估，{years[0]}年按 {standard} 评估；请用同一标准"
            raise _refused(zh, f"{year} was judged by {evaluation.standard.id}, {years[0]} by {standard}; use one")


def _refused(zh: str, en: str) -> RequestError:
    return RequestError(Phrase(zh, en))


MOST_YEARS = 5
"""How many years fit side by side on a terminal."""

_WORDS: dict[str, dict[Language, str]] = {
    "verdict": {"zh": "判定", "en": "Verdicts"},
    "county": {"zh": "全县", "en": "the county"},
    "comply": {"zh": "达标学校比例", "en": "Share of sections that comply"},
    "spread": {"zh": "校际差异系数", "en": "Coefficients of variation"},
    "limit": {"zh": "限值", "en": "limit"},
    "stage": {"zh": "学段", "en": "stage"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "projection": {"zh": "按直线趋势推算的达标年份", "en": "Year of compliance, if the straight line goes on"},
    "what": {"zh": "内容", "en": "what"},
    "slope": {"zh": "每年变化", "en": "each year"},
    "year": {"zh": "推算年份", "en": "year"},
    "interval": {"zh": "置信区间", "en": "interval"},
    "unmatched": {"zh": "没有对应的学校", "en": "Schools without a counterpart"},
    "only": {"zh": "只在{year}年：{name}", "en": "only in {year}: {name}"},
    "share": {"zh": "达标学校", "en": "sections that comply"},
    "reached": {"zh": "其余{n}项已达到。", "en": "All others are met: {n}."},
    "no_trend": {"zh": "看不出在改善，无法推算", "en": "no improvement shows"},
    "too_few": {"zh": "年份太少，无法推算", "en": "too few years"},
    "projected": {"zh": "{year}年前后", "en": "about {year}"},
    "between": {"zh": "{low:.0f}—{high:.0f}年", "en": "{low:.0f} to {high:.0f}"},
    "uncertain": {"zh": "波动大，年份不确定", "en": "uncertain"},
    "warning": {
        "zh": "推算只是把各年连成直线再延长，不是预测。",
        "en": "A projection only prolongs a line through the years; it is no forecast.",
    },
}


@attrs.frozen(eq=False)
class Trend(Result):
    """A county over years.

    Attributes
    ----------
    years : tuple
        As given, in order.
    spread : columns
        A row for each year, stage and indicator: cv, limit, margin (limit − cv), verdict.
    sections : columns
        A row for each year and stage: sections, comply, unknown, share (of those that comply).
    items : columns
        A row for each year and item: verdict.
    schools : columns
        A row for each year and section that is in every year: school (its last id), stage, verdict.
    unmatched : columns
        Schools without a counterpart: year, the other year, school, name.
    projection : columns
        Only with `project`: stage, indicator (empty for the share of sections), state (met, projected, no_trend,
        too_few), slope, year, low, high; years are NaN unless the state is `projected`.
    """

    years: tuple[Any, ...]
    standard: Standard = attrs.field(repr=False)
    spread: Columns = attrs.field(repr=False)
    sections: Columns = attrs.field(repr=False)
    items: Columns = attrs.field(repr=False)
    schools: Columns = attrs.field(repr=False)
    unmatched: Columns = attrs.field(repr=False)
    projection: Columns | None = attrs.field(repr=False)
    verdicts: tuple[Verdict, ...] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of the tables."""
        names = ("spread", "sections", "items", "schools", "unmatched")
        result: dict[str, Columns] = {name: getattr(self, name) for name in names}
        return result if self.projection is None else {**result, "projection": self.projection}

    def single_values(self) -> dict[str, Any]:
        """Return the years and the county's verdict in each."""
        return {"years": list(self.years), "verdicts": [verdict.name for verdict in self.verdicts]}

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield verdicts, shares and coefficients year by year."""
        for start in range(0, len(self.years), MOST_YEARS):
            yield from self._figures(slice(start, start + MOST_YEARS), lang)
        if self.projection is not None:
            yield from self._projection(lang)
        if self.unmatched["school"].size:
            yield Heading(_WORDS["unmatched"][lang])
            for year, name in zip(self.unmatched["year"].tolist(), self.unmatched["name"].tolist(), strict=True):
                yield Paragraph(_WORDS["only"][lang].format(year=year, name=name))

    def _figures(self, which: slice, lang: Language) -> Iterator[Block]:
        """Yield the figures of as many years as fit on a terminal."""
        years = [str(year) for year in self.years[which]]
        yield Heading(_WORDS["verdict"][lang])
        yield Grid(["", *years], [[_WORDS["county"][lang], *(verdict.text(lang) for verdict in self.verdicts[which])]])
        titles = self.standard.head.stage_titles
        if self.standard.section_rule is not None:
            yield Heading(_WORDS["comply"][lang])
            body = [
                [titles[stage].text(lang), *(_share(share) for share in self.series("sections", "share", stage)[which])]
                for stage in self.standard.stages
            ]
            yield Grid(["", *years], body)
        yield Heading(_WORDS["spread"][lang])
        yield Grid(["", *years, _WORDS["limit"][lang]], list(self._spread_rows(which, lang)))

    def series(self, table: str, figure: str, stage: str, indicator: str | None = None) -> list[float]:
        """Return one figure in every year."""
        columns = self.tables[table]
        here = columns["stage"] == stage
        if indicator is not None:
            here &= columns["indicator"] == indicator
        return [float(value) for value in columns[figure][here].tolist()]

    def _spread_rows(self, which: slice, lang: Language) -> Iterator[list[str]]:
        precision = self.standard.head.precision
        for stage, name, limit in judged_coefficients(self.standard):
            cvs = self.series("spread", "cv", stage, name)[which]
            shown = ["?" if math.isnan(cv) else printed(cv, "coefficient", precision, lang, limit) for cv in cvs]
            title = self.standard.head.stage_titles[stage].text(lang)
            yield [f"{title} {coefficient_title(self.standard, name).text(lang)}", *shown, limit_text(limit)]

    def _projection(self, lang: Language) -> Iterator[Block]:
        columns = self.projection or {}
        yield Heading(_WORDS["projection"][lang])
        body = []
        for row in np.flatnonzero(columns["state"] != "met").tolist():
            title = self.standard.head.stage_titles[columns["stage"][row]].text(lang)
            name = str(columns["indicator"][row])
            what = coefficient_title(self.standard, name).text(lang) if name else _WORDS["share"][lang]
            slope, year, low, high = (float(columns[key][row]) for key in ("slope", "year", "low", "high"))
            state = str(columns["state"][row])
            interval = "–"
            if state == "projected":
                known = math.isfinite(low) and math.isfinite(high)
                interval = _WORDS["between" if known else "uncertain"][lang].format(low=low, high=high)
            change = "–" if math.isnan(slope) else _signed(slope * 100, 1) + "%" if not name else _signed(slope, 3)
            # A limit that is not reached yet is reached in a later year.
            when = _WORDS[state][lang].format(year=math.ceil(year) if state == "projected" else year)
            body.append([f"{title} {what}", change, when, interval])
        if body:
            yield Grid([_WORDS[name][lang] for name in ("what", "slope", "year", "interval")], body, texts=1)
        met = np.count_nonzero(columns["state"] == "met")
        if met:
            yield Paragraph(_WORDS["reached"][lang].format(n=met))
        yield Paragraph(_WORDS["warning"][lang])


def trend(
    evaluations: Sequence[Evaluation] | Mapping[Any, Evaluation],
    *,
    years: Sequence[Any] | None = None,
    schools: Mapping[str, str] | None = None,
    project: bool = False,
    confidence: float = 0.95,
) -> Trend:
    """Return how a county changed over years.

    Parameters
    ----------
    evaluations : sequence of Evaluation, or mapping of year to Evaluation
        One county, year after year, by one standard.
    years : sequence, optional
        What the years are called; left out, they count from 1. Numbers, for a projection.
    schools : mapping of earlier id to later id, optional
        Schools that were renamed or merged; all others are matched by id.
    project : bool
        Whether to project the year in which a straight line through the years reaches the limits.
    confidence : float
        Of the intervals of projected years.

    Returns
    -------
    Trend
        Gaps stay gaps: a coefficient that is not known is NaN and left out of projections.

    Raises
    ------
    RequestError
        If there are fewer than two years, several counties, or standards that differ.
    MissingExtraError
        If `project` is set and SciPy is not installed.

    Notes
    -----
    The projected year is where the least-squares line meets the limit; its interval is Fieller's, which has no end
    where the slope may be zero.

    Examples
    --------
    >>> import balancedu as be
    >>> first = be.evaluate(be.example("failing"))
    >>> later = be.what_if(first, [{"do": "add", "school": "004", "amounts": {"equipment_value": 112000}}])
    >>> found = be.trend({2023: first, 2024: later.evaluation})
    >>> [round(cv, 3) for cv in found.series("spread", "cv", "primary", "R6")]
    [0.504, 0.496]
    """
    if isinstance(evaluations, Mapping):
        years, listed = tuple(evaluations), tuple(evaluations.values())
    else:
        listed = tuple(evaluations)
        years = tuple(range(1, len(listed) + 1)) if years is None else tuple(years)
    _check_years(listed, years)
    standard = listed[-1].standard
    pairs = [_matched(earlier, later, schools) for earlier, later in itertools.pairwise(listed)]
    result = Trend(
        years=years,
        standard=standard,
        spread=_spread_of(listed, years),
        sections=_sections_of(listed, years),
        items=_items_of(listed, years),
        schools=_schools_of(listed, years, pairs),
        unmatched=_unmatched_of(years, pairs),
        projection=None,
        verdicts=tuple(evaluation.verdict for evaluation in listed),
    )
    return attrs.evolve(result, projection=_projections(result, confidence)) if project else result


def _matched(earlier: Evaluation, later: Evaluation, schools: Mapping[str, str] | None) -> Matching:
    """Return the matching of neighbouring years; a name of the mapping need not be in all of them."""
    before, after = (set(side.record.basis.submission.schools.columns["school"].tolist()) for side in (earlier, later))
    here = {old: new for old, new in (schools or {}).items() if old in before and new in after}
    return attrs.evolve(matched(earlier, later, here), other_county=False)


def _projections(result: Trend, confidence: float) -> Columns:
    try:
        years = np.array([float(year) for year in result.years])
    except (TypeError, ValueError):
        zh = f"推算要求年度为数字，现为 {'、'.join(map(str, result.years))}"
        en = f"a projection needs years that are numbers, found {list(result.years)}"
        raise RequestError(Phrase(zh, en)) from None
    rows = []
    for stage in result.standard.stages:
        if result.standard.section_rule is not None:
            shares = np.array(result.series("sections", "share", stage))
            line = projected(years, -shares, -1.0, confidence)
            # A share is projected upside down: it has to rise to its limit.
            rows.append((stage, "", attrs.evolve(line, slope=-line.slope)))
        for at, name, limit in judged_coefficients(result.standard):
            if at == stage and not math.isnan(limit):
                cvs = np.array(result.series("spread", "cv", stage, name))
                rows.append((stage, name, projected(years, cvs, limit, confidence)))
    cells = ((stage, name, *attrs.astuple(line)) for stage, name, line in rows)
    figures = dict.fromkeys(("slope", "year", "low", "high"), float)
    return columns_of(cells, stage=str, indicator=str, state=str, **figures)


def _signed(number: float, places: int) -> str:
    """Return a number with its sign, and zero without a minus."""
    return f"{round(number, places) + 0.0:+.{places}f}"


def _share(share: float) -> str:
    return "–" if math.isnan(share) else f"{share * 100:.1f}%"

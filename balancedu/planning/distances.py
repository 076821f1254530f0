"""How far sections, coefficients and items are from their limits: exact, in real units, as numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.limits import SLACK, combined, exact
from balancedu.calculator.verdicts import NOT_APPLICABLE, NOT_MET, Codes
from balancedu.core.fields import Language, Stage, Term, Title
from balancedu.core.model import Indicator, Threshold, split_terms
from balancedu.core.rules import CompositeWithin, Rule, Share, SpreadWithin, WithinLimits
from balancedu.core.standard import Standard
from balancedu.document import Columns, column
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Case, Check, section_of
from balancedu.evaluation.results import Basis, Outcome, Verdict
from balancedu.evaluation.wording import NOT_REPORTED
from balancedu.submission.sections import exact_divisors
from balancedu.submission.tables import Table
from balancedu.text import Phrase, singular

# Sections

Level = Literal["floor", "standard"]
LEVELS: tuple[Level, ...] = ("floor", "standard")


def measure_added(indicator: Indicator, stage: Stage) -> str:
    """Return the measure that is added to when an indicator is to grow: its first that counts for it.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> measure_added(load_standard("cn-2017").indicators["R4"], "primary")
    'teaching_area'
    """
    return next(name for sign, name in split_terms(indicator.terms(stage)) if sign > 0)


def indicator_columns(evaluation: Evaluation) -> tuple[Columns, Columns]:
    """Return the columns of sections, and those of sections and indicators: the measure to add to, and the value."""
    standard, rows = evaluation.standard, evaluation.section_rows
    indicators, basis = list(standard.indicators.values()), evaluation.record.basis
    words = [section_of(basis, row) for row in rows.tolist()]
    sections = dict(evaluation.sections) | {
        "name": column([section.name for section in words], str),
        "name_zh": column([section.text("zh") for section in words], str),
        "name_en": column([section.text("en") for section in words], str),
        "verdict": column([section.verdict.name for section in words], str),
    }
    measures = np.array([[measure_added(indicator, stage) for indicator in indicators] for stage in standard.stages])
    return sections, {name: np.repeat(values, len(indicators)) for name, values in sections.items()} | {
        "indicator": np.tile(np.array(list(standard.indicators)), rows.size),
        "measure": measures[basis.sections.stage[rows]].ravel(),
        "value": evaluation.values.ravel(),
    }


def units_to(basis: Basis, level: Level) -> Floats:
    """Return how many whole units each section lacks to reach a limit.

    Parameters
    ----------
    basis : Basis
        Sections with their values.
    level : {'floor', 'standard'}

    Returns
    -------
    (indicators, sections) float array
        Whole numbers: the fewest units of `measure_added` that the section must gain, or must lose where the limit is
        an upper one, so that one fewer is not enough. Zero or negative where the limit is kept: the units to spare. A
        school that shares its resources over stages needs that many as a whole. NaN where the value is not known or
        there is no limit.

    Notes
    -----
    ⌈limit · Σ wₜPₜ / (per · wₛ) − amount⌉, in floats first and in fractions where rounding could matter.
    """
    result = np.full(basis.values.shape, np.nan)
    for limit in _limits_of(basis, level):
        need = limit.figure * limit.shared / limit.per
        figures, scale = limit.sign * (need - limit.amounts), need + limit.scale
        # A number rounded up is minus its negative rounded down.
        result[limit.position, limit.rows] = 0.0 - _whole(-figures, scale, limit.exact_spare)
    return result


def pupils_to(basis: Basis, level: Level) -> Floats:
    """Return how many more pupils each section can take before it drops below a limit.

    Returns
    -------
    (indicators, sections) float array
        Whole numbers; negative where so many pupils would have to leave. NaN where the value is not known, and where
        there is no limit or more pupils cannot break it.

    Notes
    -----
    ⌊per · amount / limit − Σ wₜPₜ / wₛ⌋ for one more pupil of this stage, the other stages staying as they are.
    """
    result = np.full(basis.values.shape, np.nan)
    for limit in _limits_of(basis, level):
        if limit.sign > 0:
            most = limit.per * limit.amounts / limit.figure
            scale = limit.per * limit.scale / limit.figure + limit.shared
            result[limit.position, limit.rows] = _whole(most - limit.shared, scale, limit.exact_room)
    return result


@attrs.frozen
class _Limit:
    """One limit of an indicator in the sections that have it, with what their values follow from."""

    basis: Basis
    indicator: Indicator
    position: int
    stage: Stage
    rows: Ints
    threshold: Threshold
    terms: list[tuple[int, Floats]]
    shared: Floats

    @property
    def sign(self) -> int:
        return -1 if self.threshold.relation == "<=" else 1

    @property
    def figure(self) -> float:
        return float(self.threshold.value)

    @property
    def per(self) -> int:
        return self.indicator.per

    @property
    def amounts(self) -> Floats:
        return np.asarray(sum(sign * figures for sign, figures in self.terms))

    @property
    def scale(self) -> Floats:
        return np.asarray(sum(np.abs(figures) for _, figures in self.terms))

    def exact_spare(self, near: Ints) -> Iterator[Fraction]:
        for amount, pupils in self._exact(near):
            yield self.sign * (amount - self.threshold.exact * pupils) / self.per

    def exact_room(self, near: Ints) -> Iterator[Fraction]:
        for amount, pupils in self._exact(near):
            yield amount / self.threshold.exact - pupils

    def _exact(self, near: Ints) -> Iterator[tuple[Fraction, Fraction]]:
        """Yield `per` times the amount, and what it is divided by, in pupils of this stage."""
        basis, rows = self.basis, self.rows[near]
        values, power = combined([(sign, figures[near]) for sign, figures in self.terms])
        amounts = [Fraction(self.per * value, power) for value in values.tolist()]
        if not self.indicator.amount:
            yield from zip(amounts, map(exact, basis.sections.pupils[rows].tolist()), strict=True)
            return
        own, total, divisor = exact_divisors(
            basis.submission.schools, basis.standard, self.stage, basis.sections.school[rows]
        )
        for amount, weight, pupils in zip(amounts, own.tolist(), total.tolist(), strict=True):
            yield amount, Fraction(pupils, divisor * weight)


def _limits_of(basis: Basis, level: Level) -> Iterator[_Limit]:
    standard, sections = basis.standard, basis.sections
    for position, indicator in enumerate(standard.indicators.values()):
        chosen = basis.chosen.get(indicator.id)
        for n, limits in enumerate(standard.limits[indicator.id]):
            for stage, where in zip(standard.stages, sections.slices, strict=True):
                threshold, rows = limits[level == "floor"][stage], np.arange(where.start, where.stop)
                if threshold and indicator.terms(stage):
                    rows = rows if chosen is None else rows[chosen[rows] == n]
                    names = split_terms(indicator.terms(stage))
                    terms = [(sign, basis.resources.numbers(name)[sections.school[rows]]) for sign, name in names]
                    shared = (sections.shared if indicator.amount else sections.pupils)[rows]
                    yield _Limit(basis, indicator, position, stage, rows, threshold, terms, shared)


def _whole(figures: Floats, scale: Floats, exactly: Callable[[Ints], Iterator[Fraction]]) -> Floats:
    """Return the figures rounded down, decided in fractions wherever floats leave a doubt."""
    room = SLACK * scale
    with np.errstate(invalid="ignore"):
        low, high = np.floor(figures - room), np.floor(figures + room)
        near = np.flatnonzero(low < high)
    if near.size:
        low[near] = [float(math.floor(value)) for value in exactly(near)]
    return np.asarray(low + 0.0)


def counts_to_report(basis: Basis) -> dict[str, list[str]]:
    """Return the schools whose values are known per pupil alone, by name, and the measures to report of each."""
    result: dict[str, list[str]] = {}
    if not basis.sections.ratios:
        return result
    schools, pupils = basis.submission.schools, basis.standard.head.scope.pupils
    for section, school in enumerate(basis.sections.school.tolist()):
        stage = basis.standard.stages[basis.sections.stage[section]]
        for n, indicator in enumerate(basis.standard.indicators.values()):
            if not np.isnan(basis.values[n, section]):
                names = (pupils[stage], *(name for _, name in split_terms(indicator.terms(stage))))
                missing = [name for name in names if np.isnan(schools.numbers(name)[school])]
                result.setdefault(basis.school_name(school), []).extend(missing)
    return {name: list(dict.fromkeys(missing)) for name, missing in result.items() if missing}


# Coefficients of variation

COMPOSITE = "composite"
"""The name of the mean of the coefficients where an indicator is named."""


def spread_limits(standard: Standard) -> Floats:
    """Return the limit of each stage, (stages,) float64; NaN where the standard sets none.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> spread_limits(load_standard("cn-2017"))
    array([0.5 , 0.45])
    """
    return _stage_limits(standard, SpreadWithin)


def _stage_limits(standard: Standard, kind: type[WithinLimits]) -> Floats:
    rule = standard.rule_of(kind)
    result = [rule.thresholds[stage] if rule else None for stage in standard.stages]
    return np.array([float(limit.value) if limit else np.nan for limit in result])


def judged_coefficients(standard: Standard) -> Iterator[tuple[Stage, str, float]]:
    """Yield every coefficient of a stage with its limit; the composite one where the standard judges it."""
    limits = zip(spread_limits(standard).tolist(), _stage_limits(standard, CompositeWithin).tolist(), strict=True)
    for stage, (limit, whole) in zip(standard.stages, limits, strict=True):
        yield from ((stage, name, limit) for name in standard.indicators)
        if not math.isnan(whole):
            yield stage, COMPOSITE, whole


def coefficient_title(standard: Standard, name: str) -> Phrase:
    """Return what a coefficient is called: that of an indicator, or the composite one."""
    if name == COMPOSITE:
        return Title("综合", "composite")
    return standard.indicators[name].name


def limit_text(limit: float) -> str:
    """Return a limit of a coefficient for a table.

    Examples
    --------
    >>> limit_text(0.5), limit_text(np.nan)
    ('0.50', '–')
    """
    return "–" if np.isnan(limit) else f"{limit:.2f}"


def spread_verdicts(evaluation: Evaluation) -> Codes:
    """Return the verdict of each coefficient, (counties, stages, indicators) int8; not applicable where none is set."""
    standard, record = evaluation.standard, evaluation.record
    counties = [evaluation.submission.counties.index(county) for county in evaluation.counties]
    result = np.full(evaluation.cv.shape, NOT_APPLICABLE)
    by_id = {outcome.id: outcome.verdict for checks in record.outcomes.values() for outcome in checks}
    for n, stage in enumerate(standard.stages):
        for position, indicator in enumerate(standard.indicators):
            if f"{indicator}.{stage}" in by_id:
                result[:, n, position] = by_id[f"{indicator}.{stage}"][counties]
    return result


@attrs.frozen
class Coefficient:
    """A coefficient of variation of one county; `indicator` is `composite` for the mean of all."""

    county: str
    stage: Stage
    indicator: str
    cv: float
    limit: float
    verdict: Verdict

    @property
    def margin(self) -> float:
        """How much it may grow."""
        return self.limit - self.cv


def coefficients_of(evaluation: Evaluation, standard: Standard) -> Iterator[Coefficient]:
    """Yield the coefficients of every county that a standard limits, the composite one of a stage last."""
    stages, indicators, counties = evaluation.stages, evaluation.indicators, evaluation.submission.counties
    verdicts = spread_verdicts(evaluation)
    composite = {
        outcome.stage: outcome.verdict
        for checks in evaluation.record.outcomes.values()
        for outcome in checks
        if len(outcome.indicators) > 1
    }
    limits = [
        (stage, name, limit)
        for stage, name, limit in judged_coefficients(standard)
        if stage in stages and name in (*indicators, COMPOSITE)
    ]
    for at, county in enumerate(evaluation.counties):
        for stage, name, limit in limits:
            n = stages.index(stage)
            if name == COMPOSITE:
                codes = composite.get(stage)
                cv, code = evaluation.composite[at, n], NOT_APPLICABLE
                code = code if codes is None else codes[counties.index(county)]
            else:
                cv, code = (figures[at, n, indicators.index(name)] for figures in (evaluation.cv, verdicts))
            yield Coefficient(county, stage, name, float(cv), limit, Verdict.of(code))


# Items

What = Literal["add", "lower", "divide", "open", "open_rearranged", "state"]
"""Add to something, lower it, divide classes, open new ones (dividing each class; moving pupils within a grade), state
a fact as it should be."""


@attrs.frozen
class Distance:
    """How far a county, school or class is from one check.

    Attributes
    ----------
    amount : float
        Positive: missing; zero or negative: to spare. Whole where the unit is; NaN where it is not known.
    base : float
        What the check requires, in the same unit.
    """

    item: str
    check: str
    school: str
    stage: Stage | None
    name: Title
    what: What
    title: Title
    unit: Title | None
    display: str
    observed: float
    required: float
    amount: float
    base: float
    verdict: Verdict


def item_distances(evaluation: Evaluation, item: str, *, together: bool = True) -> Iterator[Distance]:
    """Yield the distances of one item of one county: every case that fails, else the closest one.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    item : str
        The id of the item.
    together : bool
        Whether a later check of the item takes what earlier ones still lack as done: if more teachers rotate, more
        backbone teachers must be among them.
    """
    county = _County(evaluation, item, together)
    for outcome, check in zip(evaluation.record.outcomes[item], evaluation.items[item].checks, strict=True):
        rule = outcome.rule
        if check.verdict is Verdict.NOT_APPLICABLE or rule is None or rule.remedy == "sections":
            continue
        if rule.remedy == "statement":
            amount = 1.0 if check.verdict is Verdict.NOT_MET else math.nan
            yield county.distance(check, None, amount, 1.0, what="state")
        elif rule.remedy == "classes" and check.verdict is Verdict.NOT_MET:
            yield from county.of_classes(outcome, check)
        else:
            yield from county.of_amounts(rule, check)


@attrs.frozen
class _County:
    """One item of one county, while its distances are taken."""

    evaluation: Evaluation
    item: str
    together: bool
    added: dict[str, int] = attrs.field(factory=dict)
    """What earlier checks of the item add to a fact."""

    @property
    def basis(self) -> Basis:
        """The columns over all counties."""
        return self.evaluation.record.basis

    @property
    def position(self) -> int:
        """The position of the county."""
        return self.basis.submission.counties.index(self.evaluation.counties[0])

    def distance(self, check: Check, case: Case | None, amount: float, base: float, **changes: Any) -> Distance:
        """Return a distance of a check, or of one of its cases."""
        compared, title = check if case is None else case, _alone(check.title)
        if len(check.indicators) == 1:
            # What is compared is not the resource but how it differs between schools.
            title = Title(f"{title.zh}的差异系数", f"coefficient of {title.en}")
        result = Distance(
            item=self.item,
            check=check.id,
            school=case.school if case else "",
            stage=case.stage if case else None,
            name=case.name if case else Title("全县", "the county"),
            what="add" if check.relation in (">=", ">") else "lower",
            title=title,
            unit=check.unit,
            display=check.display,
            observed=compared.observed,
            required=compared.required,
            amount=amount,
            base=base,
            verdict=compared.verdict,
        )
        return attrs.evolve(result, **changes)

    def of_amounts(self, rule: Rule, check: Check) -> Iterator[Distance]:
        """Yield how much is missing in each case: of a share, what its part lacks; else the difference."""
        share = rule.share_of(self.basis.standard.measures)
        for case in cases_of(check):
            counts = self._counts(share, case) if share else None
            if share is None or counts is None:
                compared = check if case is None else case
                missing = _difference(compared.observed, compared.required, check)
                yield self.distance(check, case, missing, abs(compared.required))
                continue
            part, whole = counts
            added = next(name for sign, name in split_terms(share.part) if sign > 0)
            needed, upper = share.limit.exact * whole, share.limit.relation == "<="
            amount = math.ceil(part - needed if upper else needed - part)
            if case is None and self.together and not upper:
                self.added[added] = self.added.get(added, 0) + max(0, amount)
            measure = self.basis.standard.measures[added]
            yield self.distance(
                check, case, float(amount), float(needed), unit=measure.unit, title=_alone(measure.title)
            )

    def _counts(self, share: Share, case: Case | None) -> tuple[Fraction, Fraction] | None:
        """Return the part and the whole of a share; None where one of them is not reported."""
        table, row = self.basis.submission.facts, self.position
        if case is not None:
            table, row = self.basis.submission.schools, self.school(case.school)
        part, whole = (self._total(table, row, terms) for terms in (share.part, share.whole))
        return None if part is None or whole is None else (part, whole)

    def _total(self, table: Table, row: int, terms: tuple[Term, ...]) -> Fraction | None:
        """Return a sum of figures, or None where one is not reported."""
        total = Fraction(0)
        for sign, name in split_terms(terms):
            figure = table.numbers(name)[row]
            if np.isnan(figure):
                return None
            total += sign * (exact(figure) + self.added.get(name, 0))
        return total

    def school(self, school: str) -> int:
        """Return the row of a school."""
        schools = self.basis.submission.schools
        return int(np.flatnonzero((schools.county == self.position) & (schools.columns["school"] == school))[0])

    def of_classes(self, outcome: Outcome, check: Check) -> Iterator[Distance]:
        """Yield, for every grade with a class too large, the classes to divide and those to open."""
        assert outcome.cases is not None
        cases, classes = outcome.cases, self.basis.submission.tables["classes"]
        rows = [n for n in cases.rows_of(self.position, len(self.basis.submission.counties)) if cases.row[n] >= 0]
        by_grade: dict[tuple[int, int, str], list[int]] = {}
        for n in sorted(rows, key=lambda n: int(cases.row[n])):
            row = int(cases.row[n])
            key = int(classes.school[row]), int(classes.choices("stage")[row]), str(classes.texts("grade")[row])
            by_grade.setdefault(key, []).append(n)
        names = {case.row: case.name for case in check.failing(Verdict.NOT_MET)}
        grades = [here for here in by_grade.values() if (cases.verdict[here] == NOT_MET).any()]
        for here in sorted(grades, key=lambda here: min(cases.row[n] for n in here if cases.verdict[n] == NOT_MET)):
            large = [n for n in here if cases.verdict[n] == NOT_MET]
            # The classes of one grade have one limit, unless only some of them say whether it is the entry grade.
            pupils, sizes, limit = cases.observed[here], cases.observed[large], float(cases.required[large].min())
            case = Case(
                name=names[int(cases.row[large[0]])],
                school=self.basis.school_id(int(cases.school[large[0]])),
                stage=self.basis.standard.stages[cases.stage[large[0]]] if cases.stage[large[0]] >= 0 else None,
                verdict=Verdict.NOT_MET,
                observed=float(sizes.max()),
                required=limit,
            )
            # How many places the other classes have is unknown where one of them is not reported.
            enough = math.nan if np.isnan(pupils).any() else max(0.0, math.ceil(pupils.sum() / limit) - len(here))
            # A class that is known to be too large only by the band it is in may need more than one new class.
            known = not np.isnan(sizes).any()
            counts: tuple[tuple[What, float], ...] = (
                ("divide", float(len(large))),
                ("open", float(sum(math.ceil(size / limit) - 1 for size in sizes.tolist())) if known else math.nan),
                ("open_rearranged", enough),
            )
            for what, count in counts:
                yield self.distance(check, case, count, float(len(here)), what=what, unit=_CLASSES)


def cases_of(check: Check) -> list[Case | None]:
    """Return the cases that fail or are not known; the closest where there is none; None for the whole county."""
    if not check.total:
        return [None]
    return [*check.cases] or [check.worst]


def _difference(observed: float, required: float, check: Check) -> float:
    if math.isnan(observed) or math.isnan(required):
        return math.nan
    missing = exact(required) - exact(observed)
    if check.relation in ("<=", "<"):
        missing = -missing
    if not (check.unit and check.display == "other"):
        return float(missing)
    # What is required may be the result of a computation in floats: its dust makes no further unit.
    return float(math.ceil(missing - abs(exact(required)) / 10**12))


# In words

_CLASSES = Title("个班", "classes")
_DO: dict[What, dict[Language, str]] = {
    "add": {"zh": "{title}增加{amount}", "en": "{title}: {amount} more"},
    "lower": {"zh": "{title}减少{amount}", "en": "{title}: {amount} less"},
    "divide": {"zh": "拆分{amount}", "en": "divide {amount}"},
    "open": {"zh": "逐班拆分需增设{amount}", "en": "dividing each opens {amount}"},
    "open_rearranged": {"zh": "在同年级内调剂需增设{amount}", "en": "within the grade opens {amount}"},
    "state": {"zh": "改变现状：{title}", "en": "change: {title}"},
}


def amount_text(amount: float, unit: Phrase | None, lang: Language) -> str:
    """Return an amount with its unit; three digits where it is not whole.

    Examples
    --------
    >>> teachers = Title("人", "teachers")
    >>> amount_text(1.0, teachers, "en"), amount_text(2.0, teachers, "en"), amount_text(1.0, teachers, "zh")
    ('1 teacher', '2 teachers', '1人')
    """
    text = f"{amount:.0f}" if amount == round(amount) else f"{amount:.3g}"
    if unit is None:
        return text
    return text + unit.zh if lang == "zh" else f"{text} {singular(unit.en) if abs(amount) == 1 else unit.en}"


def points(share: float, lang: Language) -> str:
    """Return a difference of shares."""
    text = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}个百分点" if lang == "zh" else f"{text} percentage {'point' if text == '1' else 'points'}"


def remedy_text(distance: Distance, lang: Language) -> str:
    """Return what has to be done about a distance."""
    if math.isnan(distance.amount):
        return NOT_REPORTED[lang]
    if distance.what == "open_rearranged" and not distance.amount:
        return {"zh": "可在同年级内调剂，不需增班", "en": "no class to open within the grade"}[lang]
    amount = amount_text(distance.amount, distance.unit, lang)
    if distance.display == "percent" and distance.unit is None:
        amount = points(distance.amount, lang)
    return _DO[distance.what][lang].format(title=distance.title.text(lang), amount=amount)


def _alone(title: Title) -> Title:
    """Return a title without the words that tie it to the measure it is part of.

    Examples
    --------
    >>> _alone(Title("其中：已入学的", "of these, enrolled")).zh
    '已入学的'
    """
    return Title(title.zh.removeprefix("其中："), title.en.removeprefix("of these, "))

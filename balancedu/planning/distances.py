"""How far sections, coefficients and items are from their limits: exact, in real units, as numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.limits import SLACK, combined, exact
from balancedu.calculator.verdicts import NOT_APPLICABLE, NOT_MET, Codes
from balancedu.core.fields import Language, Stage, Title
from balancedu.core.model import Indicator, split_terms
from balancedu.core.rules import CompositeWithin, Share, SpreadWithin, WithinLimits
from balancedu.core.standard import Standard
from balancedu.core.words import SEMICOLON, joined
from balancedu.document import Columns, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Case, Check, section_of
from balancedu.evaluation.results import Basis, Outcome, Verdict
from balancedu.evaluation.wording import NOT_REPORTED
from balancedu.submission.sections import exact_divisors
from balancedu.text import NO_WORDS, Phrase, in_both, with_unit

# Sections

Target = Literal["floor", "standard"]
LEVELS: tuple[Target, ...] = ("floor", "standard")


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
    words = (section_of(basis, row) for row in rows.tolist())
    names = ((section.name, in_both(section.text), section.verdict.name) for section in words)
    columns = columns_of(names, alone=str, name=Phrase, verdict=str)
    sections = {**evaluation.sections, "name": columns.pop("alone"), **columns}
    measures = np.array([[measure_added(indicator, stage) for indicator in indicators] for stage in standard.stages])
    return sections, {name: np.repeat(values, len(indicators)) for name, values in sections.items()} | {
        "indicator": np.tile(np.array(list(standard.indicators)), rows.size),
        "measure": measures[basis.sections.stage[rows]].ravel(),
        "value": evaluation.values.ravel(),
    }


def units_to(basis: Basis, level: Target) -> Floats:
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

    def spare(indicator: Indicator, amount: Any, pupils: Any, limit: Any) -> Any:
        units = amount - limit * pupils / indicator.per
        return -units if indicator.at_most else units

    # A number rounded up is minus its negative rounded down.
    return np.asarray(0.0 - _rounded_down(basis, level, spare))


def pupils_to(basis: Basis, level: Target) -> Floats:
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

    def room(indicator: Indicator, amount: Any, pupils: Any, limit: Any) -> Any:
        return amount * indicator.per / limit - pupils

    result = _rounded_down(basis, level, room)
    result[[bool(indicator.at_most) for indicator in basis.standard.indicators.values()]] = np.nan
    return result


def _rounded_down(basis: Basis, level: Target, formula: Callable[[Indicator, Any, Any, Any], Any]) -> Floats:
    """Return a formula of amounts, pupils and limits rounded down, in fractions if floats are not exact enough.

    Parameters
    ----------
    basis : Basis
    level : {'floor', 'standard'}
    formula : callable
        Of an indicator, its amount, the pupils that share it, and the limit, be they arrays or fractions.

    Returns
    -------
    (indicators, sections) float array
        NaN where the value is not known or there is no limit.
    """
    standard, sections = basis.standard, basis.sections
    result = np.full(basis.values.shape, np.nan)
    for position, indicator in enumerate(standard.indicators.values()):
        chosen = basis.chosen.get(indicator.id)
        for n, limits in enumerate(standard.limits_and_floors[indicator.id]):
            for stage, where in zip(standard.stages, sections.slices, strict=True):
                threshold, names = limits[level == "floor"][stage], split_terms(indicator.terms(stage))
                if not threshold or not names:
                    continue
                rows = np.arange(where.start, where.stop)
                rows = rows if chosen is None else rows[chosen[rows] == n]
                terms = [(sign, basis.resources.numbers(name)[sections.school[rows]]) for sign, name in names]
                pupils = (sections.divisor if indicator.amount else sections.pupils)[rows]
                compute = partial(formula, indicator)
                figures = compute(sum(sign * term for sign, term in terms), pupils, float(threshold.value))
                # How large the parts of the formula are, without their signs.
                size = compute(sum(np.abs(term) for _, term in terms), -pupils, float(threshold.value))
                with np.errstate(invalid="ignore"):
                    low, high = (np.floor(figures + sign * SLACK * np.abs(size)) for sign in (-1, 1))
                    near = np.flatnonzero(low < high)
                if near.size:
                    parts = _exact_parts(basis, indicator, stage, rows[near], [(sign, x[near]) for sign, x in terms])
                    low[near] = [float(math.floor(compute(*part, threshold.fraction))) for part in parts]
                result[position, rows] = low + 0.0
    return result


def _exact_parts(
    basis: Basis, indicator: Indicator, stage: Stage, rows: Ints, terms: list[tuple[int, Floats]]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield the amount of each section, and what it is divided by, in pupils of this stage."""
    values, power = combined([*terms])
    amounts = [Fraction(value, power) for value in values.tolist()]
    if not indicator.amount:
        yield from zip(amounts, map(exact, basis.sections.pupils[rows].tolist()), strict=True)
        return
    schools = basis.sections.school[rows]
    own, total, divisor = exact_divisors(basis.submission.schools, basis.standard, stage, schools)
    for amount, weight, pupils in zip(amounts, own.tolist(), total.tolist(), strict=True):
        yield amount, Fraction(pupils, divisor * weight)


def counts_to_report(basis: Basis) -> dict[str, list[str]]:
    """Return the schools whose values are known per pupil alone, by name, and the measures to report of each."""
    result: dict[str, list[str]] = {}
    if not basis.sections.reported_values:
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


def coefficient_title(standard: Standard, name: str, stage: Stage | None = None) -> Phrase:
    """Return what a coefficient is called: that of an indicator, or the composite one; after its stage, if given."""
    title: Phrase = Title("综合", "composite") if name == COMPOSITE else standard.indicators[name].name
    return standard.head.stage_titles[stage] + Phrase.of(" ") + title if stage else title


def limit_text(limit: float) -> str:
    """Return a limit of a coefficient for a table.

    Examples
    --------
    >>> limit_text(0.5), limit_text(np.nan)
    ('0.50', '–')
    """
    return "–" if np.isnan(limit) else f"{limit:.2f}"


def _coefficient_verdicts(evaluation: Evaluation) -> dict[tuple[Stage | None, str], Codes]:
    """Return the verdict of each coefficient that is judged in every county, by stage and name."""
    return {
        (outcome.stage, outcome.indicators[0] if len(outcome.indicators) == 1 else COMPOSITE): outcome.verdict
        for checks in evaluation.record.outcomes.values()
        for outcome in checks
        if outcome.indicators
    }


def spread_verdicts(evaluation: Evaluation) -> Codes:
    """Return the verdict of each coefficient, (counties, stages, indicators) int8; not applicable where none is set."""
    result, verdicts = np.full(evaluation.cv.shape, NOT_APPLICABLE), _coefficient_verdicts(evaluation)
    for n, stage in enumerate(evaluation.stages):
        for position, indicator in enumerate(evaluation.indicators):
            result[:, n, position] = verdicts.get((stage, indicator), NOT_APPLICABLE)
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
    stages, indicators, verdicts = evaluation.stages, evaluation.indicators, _coefficient_verdicts(evaluation)
    for at, county in enumerate(evaluation.counties):
        for stage, name, limit in judged_coefficients(standard):
            if stage in stages and name in (*indicators, COMPOSITE):
                n = stages.index(stage)
                cv = evaluation.composite[at, n] if name == COMPOSITE else evaluation.cv[at, n, indicators.index(name)]
                codes = verdicts.get((stage, name))
                verdict = Verdict.NOT_APPLICABLE if codes is None else Verdict.of(codes[at])
                yield Coefficient(county, stage, name, float(cv), limit, verdict)


# Items

What = Literal["add", "lower", "divide", "state"]
"""Add to something, lower it, divide classes, state a fact as it should be."""
_CLASSES = Title("个班", "classes")


@attrs.frozen
class Distance:
    """How far a county, school or class is from one check.

    Attributes
    ----------
    amount : float
        Positive: missing; zero or negative: to spare. Whole where the unit is; NaN where it is not known.
    base : float
        What the check requires, in the same unit.
    new_classes, new_classes_rearranged : float
        Where classes are too large: how many to open if each is divided, and if pupils move within the grade; NaN
        where it is not known, and elsewhere.
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
    new_classes: float = math.nan
    new_classes_rearranged: float = math.nan

    def amount_text(self, amount: float, lang: Language) -> str:
        """Return an amount in the unit of the distance; a difference of shares in percentage points."""
        if self.display != "percent" or self.unit is not None or math.isnan(amount):
            return amount_text(amount, self.unit, lang)
        text = f"{amount * 100:.2f}".rstrip("0").rstrip(".")
        return f"{text}个百分点" if lang == "zh" else f"{text} percentage {'point' if text == '1' else 'points'}"

    def remedy(self, lang: Language) -> str:
        """Return what has to be done about it."""
        if math.isnan(self.amount):
            return NOT_REPORTED[lang]
        words, amount = _DO[self.what], self.amount_text(self.amount, lang)
        if self.what == "divide":
            words += self._new_classes()
        return words.text(lang).format(title=self.title.text(lang), amount=amount, count=self.amount)

    def _new_classes(self) -> Phrase:
        """Return how many classes have to be opened, as far as it is known."""
        if self.new_classes_rearranged == 0:
            return Phrase("；可在同年级内调剂，不需增班", "; pupils can move within the grade, no class to open")
        ways = (
            (self.new_classes_rearranged, Phrase("在同年级内调剂", "moving pupils within the grade")),
            (self.new_classes, Phrase("逐班拆分", "dividing each")),
        )
        known = ((in_both(partial(amount_text, count, _CLASSES)), way) for count, way in ways if count > 0)
        clauses = (SEMICOLON + way + Phrase("需增设", " opens ") + classes for classes, way in known)
        return joined(NO_WORDS, clauses)


_DO: dict[str, Phrase] = {
    "add": Phrase("{title}增加{amount}", "{title}: {amount} more"),
    "lower": Phrase("{title}减少{amount}", "{title}: {amount} less"),
    "divide": Phrase("大班额{count:g}个", "divide {amount}"),
    "state": Phrase("改变现状：{title}", "change: {title}"),
}


def amount_text(amount: float, unit: Phrase | None, lang: Language) -> str:
    """Return an amount with its unit; three digits where it is not whole, and a question mark where it is not known.

    Examples
    --------
    >>> teachers = Title("人", "teachers")
    >>> amount_text(1.0, teachers, "en"), amount_text(2.0, teachers, "en"), amount_text(1.0, teachers, "zh")
    ('1 teacher', '2 teachers', '1人')
    """
    if math.isnan(amount):
        return "?"
    text = f"{amount:.0f}" if amount == round(amount) else f"{amount:.3g}"
    if unit is None:
        return text
    return with_unit(Phrase.of(text), unit).text(lang)


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
    basis, added = evaluation.record.basis, dict[str, int]()
    for outcome, check in zip(evaluation.record.outcomes[item], evaluation.items[item].checks, strict=True):
        rule, make = outcome.rule, partial(_distance, item, check)
        if check.verdict is Verdict.NOT_APPLICABLE or rule is None or rule.remedy == "sections":
            continue
        if rule.remedy == "statement":
            yield make(None, 1.0 if check.verdict is Verdict.NOT_MET else math.nan, 1.0, what="state")
            continue
        if rule.remedy == "classes" and check.verdict is Verdict.NOT_MET:
            yield from _of_classes(basis, outcome, check, make)
            continue
        share = rule.share_of(basis.standard.measures)
        for case in cases_of(check):
            compared = check if case is None else case
            counts = _counts(basis, share, case, added) if share else None
            if share is None or counts is None:
                yield make(case, _missing(compared.observed, compared.required, check), abs(compared.required))
                continue
            # Of a share, what its part lacks.
            part, whole = counts
            measure = basis.standard.measures[next(name for sign, name in split_terms(share.part) if sign > 0)]
            needed, upper = share.limit.fraction * whole, share.limit.relation == "<="
            amount = math.ceil(part - needed if upper else needed - part)
            if case is None and together and not upper:
                added[measure.id] = added.get(measure.id, 0) + max(0, amount)
            yield make(case, float(amount), float(needed), unit=measure.unit, title=_alone(measure.title))


def cases_of(check: Check) -> list[Case | None]:
    """Return the cases that fail or are not known; the closest where there is none; None for the whole county."""
    if not check.total:
        return [None]
    return [*check.cases] or [check.worst]


def _distance(item: str, check: Check, case: Case | None, amount: float, base: float, **changes: Any) -> Distance:
    """Return a distance of a check, or of one of its cases."""
    compared, title = check if case is None else case, _alone(check.title)
    if len(check.indicators) == 1:
        # What is compared is not the resource but how it differs between schools.
        title = Title(f"{title.zh}的差异系数", f"coefficient of {title.en}")
    result = Distance(
        item=item,
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


def _alone(title: Title) -> Title:
    """Return a title without the words that tie it to the measure it is part of.

    Examples
    --------
    >>> _alone(Title("其中：已入学的", "of these, enrolled")).zh
    '已入学的'
    """
    return Title(title.zh.removeprefix("其中："), title.en.removeprefix("of these, "))


def _counts(
    basis: Basis, share: Share, case: Case | None, added: Mapping[str, int]
) -> tuple[Fraction, Fraction] | None:
    """Return the part and the whole of a share, with what is added to them; None where one is not reported."""
    table, row, sums = basis.submission.facts, 0, list[Fraction]()
    if case is not None:
        table = basis.submission.schools
        row = table.columns["school"].tolist().index(case.school)
    for terms in (share.part, share.whole):
        figures = [(sign, name, float(table.numbers(name)[row])) for sign, name in split_terms(terms)]
        if any(math.isnan(figure) for *_, figure in figures):
            return None
        sums.append(sum((sign * (exact(figure) + added.get(name, 0)) for sign, name, figure in figures), Fraction(0)))
    return sums[0], sums[1]


def _missing(observed: float, required: float, check: Check) -> float:
    """Return how much is missing, or with a minus to spare; whole where a unit is counted."""
    if math.isnan(observed) or math.isnan(required):
        return math.nan
    missing = exact(required) - exact(observed)
    if check.relation in ("<=", "<"):
        missing = -missing
    if not (check.unit and check.display == "other"):
        return float(missing)
    # What is required may be the result of a computation in floats: its dust makes no further unit.
    return float(math.ceil(missing - abs(exact(required)) / 10**12))


def _of_classes(basis: Basis, outcome: Outcome, check: Check, make: Callable[..., Distance]) -> Iterator[Distance]:
    """Yield, for every grade with a class too large, the classes to divide and those to open."""
    assert outcome.cases is not None
    cases, classes = outcome.cases, basis.submission.tables["classes"]
    stages, names, grades = classes.choices("stage"), classes.texts("grade"), dict[tuple[Any, ...], list[int]]()
    rows = [n for n in cases.rows_of(0, 1).tolist() if cases.row[n] >= 0]
    for n in sorted(rows, key=lambda n: int(cases.row[n])):
        row = int(cases.row[n])
        grades.setdefault((classes.school[row], stages[row], names[row]), []).append(n)
    too_large = [
        (here, large) for here in grades.values() if (large := [n for n in here if cases.verdict[n] == NOT_MET])
    ]
    failing = {case.row: case for case in check.failing(Verdict.NOT_MET)}
    for here, large in sorted(too_large, key=lambda grade: int(cases.row[grade[1][0]])):
        # The classes of one grade have one limit, unless only some of them state whether it is the entry grade.
        pupils, sizes, limit = cases.observed[here], cases.observed[large], float(cases.required[large].min())
        case = attrs.evolve(failing[int(cases.row[large[0]])], observed=float(sizes.max()), required=limit)
        # How many places the other classes have is unknown where one of them is not reported.
        enough = math.nan if np.isnan(pupils).any() else max(0.0, math.ceil(pupils.sum() / limit) - len(here))
        # A class that is known to be too large only by the band it is in may need more than one new class.
        known = not np.isnan(sizes).any()
        opened = float(sum(math.ceil(size / limit) - 1 for size in sizes.tolist())) if known else math.nan
        new = {"new_classes": opened, "new_classes_rearranged": enough}
        yield make(case, float(len(large)), float(len(here)), what="divide", unit=_CLASSES, **new)

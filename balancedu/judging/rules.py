"""How each kind of rule is judged, for all counties at once: one function for each kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial, singledispatch
from typing import Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.indicators import composite_within, exact_square, spread_within
from balancedu.calculator.limits import Relation, exact, holds
from balancedu.calculator.verdicts import (
    AT_STANDARD,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    UNKNOWN,
    Codes,
    at_least_k,
    verdicts_of,
    where_concerned,
)
from balancedu.core.fields import Stage, Term, Title, years_before
from balancedu.core.model import Condition, Indicator, Threshold, split_terms
from balancedu.core.rules import (
    ClassSize,
    CompositeWithin,
    FactCompared,
    FactWithin,
    MonitoredSubjects,
    PassedForYears,
    RoomsForClasses,
    Rule,
    SchoolAmountWithin,
    SchoolShareWithin,
    SchoolSize,
    SectionsComply,
    ShareOfClasses,
    ShareOfSchools,
    ShareWithin,
    SmallSchoolFunds,
    SpreadWithin,
    Stated,
)
from balancedu.evaluation.results import SITES, Basis, CaseColumns, Cases, Display, Need, Outcome
from balancedu.judging.indicators import exact_values, possible_thresholds
from balancedu.submission.checks import part_and_whole, quotient
from balancedu.submission.classes import bounds_of
from balancedu.submission.schools import among, has_stage
from balancedu.submission.sections import classes_listed, classes_of_no_stage, condition_verdicts, sections_of
from balancedu.submission.tables import Table


@singledispatch
def judge(rule: Rule, basis: Basis) -> tuple[Outcome, ...]:  # noqa: ARG001
    """Return the checks of a rule, each for all counties at once.

    Your own kind of rule registers its function with `@judge.register`.

    Raises
    ------
    TypeError
        If nothing judges this kind of rule.
    """
    raise TypeError(
        f"nothing judges rules of the kind {type(rule).__name__}; register a function for it with @judge.register"
    )


def judge_where_it_applies(rule: Rule, basis: Basis) -> tuple[Outcome, ...]:
    """Return the checks of a rule for the schools or counties of its condition: the others are not applicable.

    A school or county of which it is not known whether it meets the condition cannot fail.
    """
    outcomes = judge(rule, basis)
    if rule.when is None:
        return outcomes
    needs, of_schools = needs_of(rule.when, basis), bool(rule.school_fields)
    fits = condition_verdicts(rule.when, basis.submission, basis.standard, counties=not of_schools)
    result = []
    for outcome in outcomes:
        cases, verdict = outcome.cases, _where(fits, outcome.verdict) if not of_schools else outcome.verdict
        if cases is not None:
            applies = fits[cases.school if of_schools else cases.county]
            waits = (*cases.waits, (np.where(cases.verdict == NOT_APPLICABLE, MET, applies), needs))
            cases = attrs.evolve(cases, verdict=_where(applies, cases.verdict), waits=waits)
            if of_schools:
                verdict = Outcome.of_cases(basis, outcome.id, outcome.title, ">=", outcome.display, cases).verdict
        result.append(attrs.evolve(outcome, verdict=verdict, cases=cases, needs=(*outcome.needs, *needs)))
    return tuple(result)


def _where(fits: Codes, verdict: Codes) -> Codes:
    doubtful = (fits == UNKNOWN) & (verdict == NOT_MET)
    return np.where(fits == NOT_MET, NOT_APPLICABLE, np.where(doubtful, UNKNOWN, verdict))


@judge.register
def judge_stated(rule: Stated, basis: Basis) -> tuple[Outcome, ...]:
    """Return a check for each fact: it is stated as expected."""
    outcomes = []
    for fact in rule.facts:
        stated = basis.submission.facts.numbers(fact)
        verdict = verdicts_of(stated == rule.expected, ~np.isnan(stated))
        outcomes.append(_of_fact(basis, fact, "is", "yes_no", verdict, stated, float(rule.expected)))
    return tuple(outcomes)


def _of_fact(
    basis: Basis,
    fact: str,
    relation: Relation | Literal["is"],
    display: Display,
    verdict: Codes,
    observed: Floats,
    required: float,
) -> Outcome:
    limits, title = np.full(observed.size, required), basis.standard.measures[fact].title
    return Outcome(fact, title, relation, display, verdict, observed, limits, needs=(Need("facts", fact),))


@judge.register
def judge_fact_within(rule: FactWithin, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of a number of the county."""
    observed, limit = basis.submission.facts.numbers(rule.fact), rule.threshold
    required = np.full(observed.size, float(limit.value))
    return (_compared(basis, rule.fact, observed, required, (rule.fact,), limit.relation),)


@judge.register
def judge_fact_compared(rule: FactCompared, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check that compares a number of the county with another."""
    facts = basis.submission.facts
    relation: Relation = ">=" if rule.not_below else "<="
    observed, compared = facts.numbers(rule.fact), facts.numbers(rule.other)
    required = float(rule.times) * compared
    outcome = _compared(basis, rule.fact, observed, required, (rule.fact, rule.other), relation)
    if rule.times == 1:
        return (outcome,)

    def excess(near: Ints) -> list[Fraction]:
        return [exact(observed[row]) - Fraction(rule.times) * exact(compared[row]) for row in near.tolist()]

    met = holds(observed, relation, required, excess)
    return (attrs.evolve(outcome, verdict=verdicts_of(met, ~np.isnan(observed) & ~np.isnan(required))),)


def _compared(
    basis: Basis, fact: str, observed: Floats, required: Floats, needs: tuple[str, ...], relation: Relation
) -> Outcome:
    # Both are figures as written, not results of a computation, and shortest decimals keep the order of floats.
    with np.errstate(invalid="ignore"):
        met = observed >= required if relation == ">=" else observed <= required
    verdict = verdicts_of(met, ~np.isnan(observed) & ~np.isnan(required))
    measure = basis.standard.measures[fact]
    needed = tuple(Need("facts", name) for name in needs)
    return Outcome(fact, measure.title, relation, "other", verdict, observed, required, measure.unit, needed)


@judge.register
def judge_passed_for_years(rule: PassedForYears, basis: Basis) -> tuple[Outcome, ...]:
    """Return the checks of the day on which something was passed, and of what the county attests."""
    facts = basis.submission.facts
    passed, attested = facts.numbers(rule.passed_on), facts.numbers(rule.attested)
    day = basis.standard.given_day
    latest = float(years_before(date.fromisoformat(day), rule.years).toordinal()) if day else math.nan
    by_day = ~np.isnan(passed) & (bool(day) | np.isnan(attested))
    with np.errstate(invalid="ignore"):
        of_day = verdicts_of(passed <= latest, ~np.isnan(passed) & bool(day))
    of_word = verdicts_of(attested == 1, ~np.isnan(attested))
    by_word = np.where(by_day, NOT_APPLICABLE, of_word)
    return (
        _of_fact(basis, rule.passed_on, "<=", "day", np.where(by_day, of_day, NOT_APPLICABLE), passed, latest),
        _of_fact(basis, rule.attested, "is", "yes_no", by_word, attested, 1.0),
    )


@judge.register
def judge_share_within(rule: ShareWithin, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of a share: by its counts where all are reported, otherwise as it is stated."""
    outcome, is_empty = _share(basis, rule.share, rule.threshold)
    verdict = outcome.verdict.copy()
    if rule.if_whole_is_zero == "not_applicable":
        verdict[is_empty] = NOT_APPLICABLE
    if rule.if_not_reported == "not_applicable":
        names = (rule.share, *basis.standard.measures[rule.share].follows_from)
        verdict[np.isnan([basis.submission.facts.numbers(name) for name in names]).all(axis=0)] = NOT_APPLICABLE
    return (attrs.evolve(outcome, verdict=verdict),)


def _share(basis: Basis, share: str, limit: Threshold) -> tuple[Outcome, Bools]:
    """Return the check of a share, and the counties whose whole is zero."""
    facts, measure = basis.submission.facts, basis.standard.measures[share]
    stated, formula = facts.numbers(share), measure.quotient
    if formula is None:
        observed, has_counts, is_empty = stated, np.zeros(stated.size, bool), np.zeros(stated.size, bool)
    else:
        part, whole = part_and_whole(facts, formula)
        has_counts = ~np.isnan(part + whole)
        is_empty = has_counts & (whole <= 0)
        observed = np.where(has_counts, quotient(part, whole), stated)

    def exactly(row: int) -> Fraction:
        if formula is None or not has_counts[row]:
            return exact(stated[row])
        return _exact_sum(facts, formula.part, row) / _exact_sum(facts, formula.whole, row)

    def excess(near: Ints) -> list[Fraction]:
        return [exactly(row) - limit.fraction for row in near.tolist()]

    verdict = verdicts_of(holds(observed, limit.relation, float(limit.value), excess), ~np.isnan(observed))
    required = np.full(observed.size, float(limit.value))
    needs = tuple(Need("facts", name) for name in measure.follows_from or (share,))
    outcome = Outcome(share, measure.title, limit.relation, "percent", verdict, observed, required, None, needs)
    return outcome, is_empty


def _exact_sum(table: Table, terms: tuple[Term, ...], row: int) -> Fraction:
    return sum((sign * exact(table.numbers(name)[row]) for sign, name in split_terms(terms)), Fraction(0))


@judge.register
def judge_monitored_subjects(rule: MonitoredSubjects, basis: Basis) -> tuple[Outcome, ...]:
    """Return a check of the levels of all subjects, and one of their rates."""
    level, rate = basis.standard.measures[rule.level], basis.standard.measures[rule.rate]
    table = basis.submission.tables[level.table]
    needed = [choice.id for choice in level.values].index(rule.level_at_least)
    positions, rates = table.choices(level.column), table.numbers(rate.column)
    reached = verdicts_of(positions >= needed, positions >= 0)
    # The rate and its limit are figures as written, and shortest decimals keep the order of floats.
    even = verdicts_of(rates < float(rule.rate_below), ~np.isnan(rates))
    # Levels count from 1, as they are called.
    levels = np.where(positions < 0, np.nan, positions + 1.0)
    return (
        _outcome(basis, rule.level, ">=", "level", reached, levels, needed + 1.0),
        _outcome(basis, rule.rate, "<", "coefficient", even, rates, float(rule.rate_below)),
    )


def _outcome(
    basis: Basis, name: str, relation: Relation, display: Display, verdict: Codes, observed: Floats, required: float
) -> Outcome:
    measure = basis.standard.measures[name]

    def columns(rows: Ints) -> CaseColumns:
        none, county = np.full(rows.size, -1), basis.submission.tables[measure.table].county[rows]
        return CaseColumns(rows, none, county, none.astype(np.int8), observed[rows], np.full(rows.size, required))

    needs = (Need(measure.table, measure.column),)
    cases = Cases(measure.table, verdict, needs, basis.submission.segments(measure.table), columns)
    outcome = Outcome.of_cases(basis, name, measure.title, relation, display, cases, measure.unit)
    # No subject at all is not a subject passed.
    return attrs.evolve(outcome, verdict=np.where(outcome.verdict == NOT_APPLICABLE, UNKNOWN, outcome.verdict))


def of_types(basis: Basis, types: tuple[str, ...]) -> Bools:
    """Return which schools are of one of the types."""
    listed = np.array([choice.id in types for choice in basis.standard.measures["type"].values])
    return among(basis.sections.enrolment.type, listed)


def school_cases(
    basis: Basis,
    concerned: Bools,
    verdict: Codes,
    figures: Callable[[Ints], tuple[Floats, Floats]],
    needs: tuple[Need, ...],
) -> Cases:
    """Return all schools as cases; the rule does not apply to those not concerned.

    The figures are what was observed and what is required of some of the schools.
    """
    schools, by_county = basis.submission.schools, basis.submission.segments("schools")

    def columns(rows: Ints) -> CaseColumns:
        whole_school = np.broadcast_to(np.int8(-1), rows.size)
        return CaseColumns(rows, rows, schools.county[rows], whole_school, *figures(rows))

    return Cases("schools", where_concerned(verdict, concerned & (schools.rows >= 0)), needs, by_county, columns)


def _decided(rows: Ints, met: Bools, size: int) -> Codes:
    """Return the verdicts of some rows, and UNKNOWN for all others."""
    verdict = np.full(size, UNKNOWN)
    verdict[rows] = np.where(met, MET, NOT_MET)
    return verdict


@judge.register
def judge_school_size(rule: SchoolSize, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of the pupils of every school, by the limit of its type."""
    # The pupils of a stage that is not reported can only add to those of the others.
    size, complete = basis.sections.enrolment.reported, basis.sections.enrolment.complete

    def within(limit: float) -> Codes:
        too_large = size > limit
        return verdicts_of(~too_large, too_large | complete)

    limits = [(limit.types, limit.when, float(limit.at_most)) for limit in rule.limits]
    needs = tuple(Need("schools", basis.standard.head.scope.pupils[stage]) for stage in basis.standard.stages)
    cases = _by_first_limit(basis, limits, size, within, needs)
    return (Outcome.of_cases(basis, "school_size", rule.quantity, "<=", "other", cases, rule.unit),)


@judge.register
def judge_school_amount_within(rule: SchoolAmountWithin, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of an amount of every school, by the first limit that fits the school."""
    schools, terms, relation = basis.submission.schools, split_terms(rule.amount), rule.relation
    amount = sum((sign * schools.numbers(name) for sign, name in terms), np.zeros(len(schools)))

    def reached(limit: float) -> Codes:
        def excess(near: Ints) -> list[Fraction]:
            return [_exact_sum(schools, rule.amount, row) - exact(limit) for row in near.tolist()]

        return verdicts_of(holds(amount, relation, limit, excess), ~np.isnan(amount))

    limits = [(limit.types, limit.when, float(limit.threshold.value)) for limit in rule.limits]
    needs = tuple(Need("schools", name) for _, name in terms)
    cases = _by_first_limit(basis, limits, amount, reached, needs)
    return (Outcome.of_cases(basis, "school_amount", rule.quantity, relation, "other", cases, rule.unit),)


def _by_first_limit(
    basis: Basis,
    limits: Sequence[tuple[tuple[str, ...], Condition | None, float]],
    observed: Floats,
    verdicts: Callable[[float], Codes],
    needs: tuple[Need, ...],
) -> Cases:
    """Return all schools as cases, each judged by the first limit that fits it.

    Where it is not known whether a limit fits, every one that may is judged, and a verdict is given where they agree.
    """
    size, waits = observed.size, []
    least, most, shown = np.full(size, MET), np.full(size, NOT_MET), np.full(size, np.int8(-1))
    concerned, open_, unclear = (np.full(size, start) for start in (False, True, False))
    for n, (types, when, figure) in enumerate(limits):
        open_here = possible = surely = of_types(basis, types) & open_
        if when:
            fits = condition_verdicts(when, basis.submission, basis.standard)
            possible, surely = open_here & (fits != NOT_MET), open_here & (fits == MET)
            waits.append((np.maximum(fits, ~open_here * MET), needs_of(when, basis)))
        verdict = verdicts(figure)
        # NOT_MET < UNKNOWN < MET: a limit that cannot be the school's leaves both bounds as they are. Arithmetic on
        # small integers is far faster than choosing by a mask.
        least = np.minimum(least, np.maximum(verdict, ~possible * MET))
        most = np.maximum(most, verdict * possible)
        shown += (surely & ~unclear) * np.int8(n + 1)
        if when:
            unclear |= possible & ~surely
        open_ &= ~surely
        concerned |= open_here
    agree = least == most
    verdict = least * agree + ~agree * UNKNOWN

    def figures(rows: Ints) -> tuple[Floats, Floats]:
        return observed[rows], np.array([*(figure for _, _, figure in limits), np.nan])[shown[rows]]

    return attrs.evolve(school_cases(basis, concerned, verdict, figures, needs), waits=tuple(waits))


def needs_of(condition: Condition, basis: Basis) -> tuple[Need, ...]:
    """Return everything that a condition rests on."""
    measures = (basis.standard.measures[name] for name in condition.measures)
    return tuple(Need(measure.table, measure.column) for measure in measures)


@judge.register
def judge_small_school_funds(rule: SmallSchoolFunds, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of the funds of every site with few pupils: of each school, and of each of its campuses."""
    submitted, sites, pupils = basis.submission.submitted, basis, basis.standard.head.scope.pupils
    columns = (*(pupils[stage] for stage in basis.standard.stages), rule.funds)
    needs = tuple(Need("schools", name) for name in columns)
    needs += tuple(Need("facts", name) for name in rule.per_pupil.values())
    if submitted.campuses is not None:
        sites = attrs.evolve(basis, submission=submitted, sections=sections_of(submitted, basis.standard))
    verdict, funds, required = _funds_of_sites(rule, sites)
    cases = school_cases(sites, verdict != NOT_APPLICABLE, verdict, lambda rows: (funds[rows], required[rows]), needs)
    if submitted.campuses is not None:
        judged, make = submitted.campuses.judged_rows, cases.make
        cases = attrs.evolve(cases, table=SITES, make=lambda rows: make(rows)._replace(school=judged[rows]))
    measure = basis.standard.measures[rule.funds]
    return (Outcome.of_cases(basis, rule.funds, measure.title, ">=", "other", cases, measure.unit),)


def _funds_of_sites(rule: SmallSchoolFunds, basis: Basis) -> tuple[Codes, Floats, Floats]:
    """Return for every site the verdict, its funds and those that it must have."""
    schools, sections = basis.submission.schools, basis.sections
    concerned = of_types(basis, rule.types) & (sections.enrolment.reported < rule.below)
    concerned &= (sections.enrolment.reported > 0) | ~sections.enrolment.complete
    funds, required = schools.numbers(rule.funds), np.full(len(schools), np.nan)
    rates = {stage: basis.submission.facts.numbers(name) for stage, name in rule.per_pupil.items()}
    budgeted = ~np.logical_and.reduce([np.isnan(rate) for rate in rates.values()])
    rows = np.flatnonzero(
        concerned & sections.enrolment.complete & basis.submission.segments("schools").repeat(budgeted)
    )
    required[rows] = _funds_required(rule, basis, rates, rows)
    known = rows[~np.isnan(funds[rows] + required[rows])]

    def excess(near: Ints) -> list[Fraction]:
        return [exact(funds[row]) - exact_funds(rule, basis, basis.pupils, row) for row in known[near].tolist()]

    met = holds(funds[known], ">=", required[known], excess)
    return where_concerned(_decided(known, met, len(schools)), concerned), funds, required


def _funds_required(rule: SmallSchoolFunds, basis: Basis, rates: Mapping[Stage, Floats], rows: Ints) -> Floats:
    county, budget = basis.submission.schools.county[rows], np.zeros(rows.size)
    for stage, figures in basis.pupils.items():
        budget += np.where(figures[rows] == 0, 0.0, figures[rows] * rates[stage][county])
    return rule.funded_as * budget / basis.sections.enrolment.reported[rows]


def exact_funds(rule: SmallSchoolFunds, basis: Basis, pupils: Mapping[Stage, Floats], row: int) -> Fraction:
    """Return the funds that a small school must have, exactly; everything they follow from must be reported."""
    county = basis.submission.schools.county[row]
    figures = {stage: exact(pupil[row]) for stage, pupil in pupils.items() if pupil[row]}
    rates = {stage: exact(basis.submission.facts.numbers(rule.per_pupil[stage])[county]) for stage in figures}
    budget = sum((count * rates[stage] for stage, count in figures.items()), Fraction(0))
    return rule.funded_as * budget / sum(figures.values())


@judge.register
def judge_school_share_within(rule: SchoolShareWithin, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of a share in every school."""
    schools, concerned, limit = basis.submission.schools, of_types(basis, rule.types), rule.threshold
    part, whole = schools.numbers(rule.part), schools.numbers(rule.whole)
    known = np.flatnonzero(concerned & ~np.isnan(part) & ~np.isnan(whole))

    def excess(near: Ints) -> list[Fraction]:
        return [exact(part[row]) - limit.fraction * exact(whole[row]) for row in known[near].tolist()]

    met = holds(part[known], limit.relation, float(limit.value) * whole[known], excess)
    verdict = _decided(known, met, len(schools))

    def figures(rows: Ints) -> tuple[Floats, Floats]:
        with np.errstate(invalid="ignore", divide="ignore"):
            # A share of zero is met by any part.
            observed = np.where(whole[rows] == 0, np.nan, part[rows] / whole[rows])
        return observed, np.broadcast_to(float(limit.value), rows.size)

    needs = (Need("schools", rule.part), Need("schools", rule.whole))
    cases = school_cases(basis, concerned, verdict, figures, needs)
    return (Outcome.of_cases(basis, rule.part, rule.quantity, limit.relation, "percent", cases),)


@judge.register
def judge_share_of_schools(rule: ShareOfSchools, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of the share of schools, or of what they report, that meet a condition."""
    schools, judged = basis.submission.schools, of_types(basis, rule.types) & (basis.submission.schools.rows >= 0)
    amounts = schools.numbers(rule.of) if rule.of else np.ones(len(schools))
    fits = condition_verdicts(rule.meeting, basis.submission, basis.standard)
    # What a school of unknown amount adds is unknown, unless it does not count.
    known = [judged & (fits == code) & ~np.isnan(amounts) for code in (MET, UNKNOWN, NOT_MET)]
    totals = [_added_up(basis, schools.county, amounts, rows) for rows in known]
    lacking = np.bincount(schools.county[judged & np.isnan(amounts)], minlength=len(basis.submission.counties)) > 0
    complete = basis.submission.lists_schools & ~lacking
    needs = (*needs_of(rule.meeting, basis), *((Need("schools", rule.of),) if rule.of else ()))
    return (_share_of(rule.threshold, "share_of_schools", rule.quantity, totals, complete, needs),)


@judge.register
def judge_share_of_classes(rule: ShareOfClasses, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of the share of classes that are not too large."""
    classes, stages = basis.submission.tables["classes"], basis.standard.stages
    judged_schools, counties = of_types(basis, rule.types), len(basis.submission.counties)
    (low, high), (least, most) = _limits_by_stage(rule.at_most, np.nan, basis), bounds_of(classes)
    judged, county = judged_schools[classes.school], basis.submission.schools.county[classes.school]
    within, broken = most <= low, least > high
    groups = within, ~within & ~broken, broken
    totals = [_added_up(basis, county, np.ones(low.size), judged & group) for group in groups]
    complete = basis.submission.lists_schools.copy()
    for stage in stages:
        listed = classes_listed(basis.submission, basis.standard, rule.classes, stage, basis.pupils[stage])
        missing = judged_schools & (basis.pupils[stage] != 0) & ~listed
        complete &= np.bincount(basis.submission.schools.county[missing], minlength=counties) == 0
    needs = (Need("classes", "pupils"),)
    return (_share_of(rule.threshold, "share_of_classes", rule.quantity, totals, complete, needs),)


def _added_up(basis: Basis, county: Ints, amounts: Floats, rows: Bools) -> list[Fraction]:
    """Return the sum of some rows for each county, exactly."""
    sums = [Fraction(0)] * len(basis.submission.counties)
    for n in np.flatnonzero(rows).tolist():
        sums[county[n]] += exact(amounts[n])
    return sums


def _share_of(
    limit: Threshold,
    name: str,
    title: Title,
    totals: Sequence[Sequence[Fraction]],
    complete: Bools,
    needs: tuple[Need, ...],
) -> Outcome:
    """Return the check of a share by the counts of true, unknown and false; the share of zero does not apply."""
    verdict, observed = np.full(complete.size, UNKNOWN), np.full(complete.size, np.nan)
    for n, (met, unknown, not_met) in enumerate(zip(*totals, strict=True)):
        total = met + unknown + not_met
        if not complete[n] or total == 0:
            verdict[n] = NOT_APPLICABLE if complete[n] else UNKNOWN
            continue
        both = {limit.met(met / total), limit.met((met + unknown) / total)}
        verdict[n] = UNKNOWN if len(both) > 1 else MET if True in both else NOT_MET
        observed[n] = float(met / total) if unknown == 0 else np.nan
    required = np.full(complete.size, float(limit.value))
    return Outcome(name, title, limit.relation, "percent", verdict, observed, required, None, needs)


@judge.register
def judge_class_size(rule: ClassSize, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of the pupils of every class, and of the classes that are not listed."""
    classes, judged_schools = basis.submission.tables["classes"], of_types(basis, rule.types)
    (low, high), (least, most) = class_limits(rule, basis), bounds_of(classes)
    # Between the two limits, the verdict depends on whether the class is of the entry grade.
    verdict = verdicts_of(most <= low, (most <= low) | (least > high))
    verdict = where_concerned(verdict, judged_schools[classes.school] & (low != np.inf))
    # The sections whose classes are not all reported follow the classes, stage by stage, each as one unknown case.
    missing = [_not_listed(rule, basis, judged_schools, n) for n in range(len(basis.standard.stages))]
    sizes = [rows.size for rows in missing]

    def columns(rows: Ints) -> CaseColumns:
        listed, (schools, stages) = (
            rows[rows < len(classes)],
            _picked(missing, rows[rows >= len(classes)] - len(classes)),
        )
        school, none = np.concatenate([classes.school[listed], schools]), np.full(schools.size, -1)
        limits = np.array([rule.at_most.get(value, np.nan) for value in basis.standard.stages], np.float64)
        limit = np.where(least[listed] > high[listed], high[listed], low[listed])
        return CaseColumns(
            row=np.concatenate([listed, none]),
            school=school,
            county=basis.submission.schools.county[school],
            stage=np.concatenate([classes.choices("stage")[listed], stages]).astype(np.int8),
            observed=np.concatenate([classes.numbers("pupils")[listed], np.full(schools.size, np.nan)]),
            required=np.concatenate([limit, limits[stages]]),
        )

    first_schools = basis.submission.segments("schools").starts[:-1]
    ends = len(classes) + np.cumsum([0, *sizes])
    starts = [np.searchsorted(rows, first_schools) + n for rows, n in zip(missing, ends, strict=False)]
    by_county = Segments(np.concatenate([basis.submission.segments("classes").starts[:-1], *starts, ends[-1:]]))
    needs = tuple(Need("classes", name) for name in rule.columns)
    verdict = np.concatenate([verdict, np.full(sum(sizes), UNKNOWN)])
    cases = Cases("classes", verdict, needs, by_county, columns)
    return (Outcome.of_cases(basis, "class_size", rule.quantity, "<=", "other", cases, rule.unit),)


def _picked(blocks: Sequence[Ints], rows: Ints) -> tuple[Ints, Ints]:
    """Return some entries of blocks that follow each other, and the block that each is in; the rows ascend."""
    ends = np.cumsum([block.size for block in blocks])
    of_block = np.searchsorted(ends, rows, side="right")
    position = rows - (ends - [block.size for block in blocks])[of_block]
    entries = [block[position[of_block == n]] for n, block in enumerate(blocks)]
    return np.concatenate(entries), of_block


def class_limits(rule: ClassSize, basis: Basis) -> tuple[Floats, Floats]:
    """Return for every class the limit within which it is certainly met, and above which it is certainly not.

    They differ only if it is not known of which stage the class is, or whether it is of the entry grade.
    """
    low, high = _limits_by_stage(rule.at_most, np.nan, basis)
    for column in rule.columns[1:]:
        # If no limit is set for other grades, they have none.
        none = np.nan if rule.at_most_later else np.inf
        later_low, later_high = _limits_by_stage(rule.at_most_later, none, basis)
        is_entry = basis.submission.tables["classes"].numbers(column)
        low = np.where(np.isnan(is_entry), np.minimum(low, later_low), np.where(is_entry == 1, low, later_low))
        high = np.where(np.isnan(is_entry), np.maximum(high, later_high), np.where(is_entry == 1, high, later_high))
    return low, high


def _limits_by_stage(at_most: Mapping[Stage, int], none: float, basis: Basis) -> tuple[Floats, Floats]:
    """Return for every class the lowest and the highest limit of the stages that it may be of."""
    classes, stages = basis.submission.tables["classes"], basis.standard.stages
    limits, stage = np.array([at_most.get(value, none) for value in stages], dtype=np.float64), classes.choices("stage")
    low, rows = limits[stage.astype(np.intp)], np.flatnonzero(stage == -1)
    if not rows.size:
        return low, low
    high = low.copy()
    schools = basis.submission.schools
    may = np.array([has_stage(schools, basis.standard, value) for value in stages])[:, classes.school[rows]]
    low[rows] = np.where(may, limits[:, None], np.inf).min(axis=0, initial=np.inf)
    high[rows] = np.where(may, limits[:, None], -np.inf).max(axis=0, initial=-np.inf)
    return low, high


def _not_listed(rule: ClassSize, basis: Basis, judged_schools: Bools, position: int) -> Ints:
    """Return the schools whose classes of a stage are not all reported."""
    stage = basis.standard.stages[position]
    pupils = basis.pupils[stage]
    return np.flatnonzero(
        judged_schools & (pupils != 0) & ~classes_listed(basis.submission, basis.standard, rule.classes, stage, pupils)
    )


@judge.register
def judge_rooms_for_classes(rule: RoomsForClasses, basis: Basis) -> tuple[Outcome, ...]:
    """Return a check for each use: every school has enough rooms that are large enough."""
    size, enrolment = len(basis.submission.schools), basis.sections.enrolment
    judged = np.zeros(size, bool)
    judged[basis.sections.school] = True
    # Pupils attached to a school of a type that does not count do not make it one that needs these rooms.
    judged &= of_types(basis, tuple(counted.type for counted in basis.standard.head.scope.counted))
    # Where no pupils are known it is not sure that the school counts.
    known = judged & (enrolment.reported > 0)
    if basis.sections.doubtful is not None:
        known[basis.sections.school[basis.sections.doubtful]] = False
    counts = {stage: basis.submission.schools.numbers(rule.classes[stage]) for stage in basis.standard.stages}
    # A stage without pupils has no classes, whether or not that is reported.
    reported = [~np.isnan(count) | (basis.pupils[stage] == 0) for stage, count in counts.items()]
    by_stage, of_no_stage = (
        np.logical_and.reduce(reported),
        classes_of_no_stage(basis.submission, basis.standard, rule.classes),
    )
    rows = np.flatnonzero(known & (by_stage | ~np.isnan(of_no_stage)))
    classes = sum((np.nan_to_num(count[rows]) for count in counts.values()), np.zeros(rows.size))
    needed = np.ceil(np.where(by_stage[rows], classes, of_no_stage[rows]) / rule.classes_per_room)
    pupils = (basis.standard.head.scope.pupils[stage] for stage in basis.standard.stages)
    needs = tuple(Need("schools", name) for name in (*pupils, *rule.classes.values()))
    outcomes = []
    for use in basis.standard.measures["rooms.use"].values:
        if use.id not in rule.area_at_least:
            continue
        enough, perhaps = _rooms(basis, use.id, float(rule.area_at_least[use.id]))
        verdict = np.full(size, UNKNOWN)
        verdict[rows] = at_least_k(enough[rows], perhaps[rows], needed)

        def figures(schools: Ints, enough: Floats = enough) -> tuple[Floats, Floats]:
            at = np.minimum(np.searchsorted(rows, schools), rows.size - 1)
            is_known = rows[at] == schools if rows.size else np.zeros(schools.size, bool)
            return enough[schools], np.where(is_known, needed[at] if rows.size else 0, np.nan)

        cases = school_cases(basis, judged, verdict, figures, (*needs, Need("rooms", "area", where=("use", use.id))))
        title = Title(use.title.zh + rule.quantity.zh, f"{use.title.en} {rule.quantity.en}")
        outcomes.append(Outcome.of_cases(basis, f"rooms.{use.id}", title, ">=", "other", cases, rule.unit))
    return tuple(outcomes)


def _rooms(basis: Basis, use: str, area: float) -> tuple[Floats, Floats]:
    """Return for each school how many rooms surely count, and how many more may."""
    schools, rooms = basis.submission.schools, basis.submission.tables["rooms"]
    if not len(rooms):
        return np.broadcast_to(0.0, len(schools)), np.broadcast_to(np.inf, len(schools))
    enough, perhaps = np.zeros(len(schools)), np.full(len(schools), np.inf)
    uses = [choice.id for choice in basis.standard.measures["rooms.use"].values]
    of_use = rooms.choices("use") == uses.index(use)
    (least, below), at = (bound[of_use] for bound in bounds_of(rooms)), rooms.school[of_use]
    surely = least >= area
    enough += np.bincount(at[surely], minlength=len(schools))
    # A county that lists no room at all has not reported them; in one that does, what is not listed is not there.
    reported = basis.submission.segments("schools").repeat(basis.submission.segments("rooms").counts > 0)
    perhaps[reported] = np.bincount(at[~surely & ~(below <= area)], minlength=len(schools))[reported]
    return enough, perhaps


@judge.register
def judge_sections_comply(rule: SectionsComply, basis: Basis) -> tuple[Outcome, ...]:
    """Return the check of the sections, whose verdicts are in the basis."""
    # Groups of sections are ordered by stage, and within a stage by county.
    sections, counties = basis.sections, len(basis.submission.counties)

    def columns(rows: Ints) -> CaseColumns:
        at_standard = (basis.standing[:, rows] == AT_STANDARD).sum(axis=0).astype(np.float64)
        required, county = np.broadcast_to(float(rule.at_standard), rows.size), sections.by_county.group_of(rows)
        return CaseColumns(rows, sections.school[rows], county % counties, sections.stage[rows], at_standard, required)

    cases = Cases("sections", basis.section_verdicts, _needs(basis), sections.by_county, columns, _undecided(basis))
    outcome = Outcome.of_cases(basis, "sections", rule.quantity, ">=", "other", cases, rule.unit)
    # A county without a section has no evidence.
    verdict = np.where(outcome.verdict == NOT_APPLICABLE, UNKNOWN, outcome.verdict)

    def of_counties(by_stage: Floats | Ints) -> Floats:
        return np.asarray(by_stage.reshape(len(sections.stages), counties).sum(axis=0, dtype=np.float64))

    complying = of_counties(sections.by_county.sum((cases.verdict == MET).astype(np.float64)))
    judged = of_counties(sections.by_county.counts)
    return (attrs.evolve(outcome, verdict=verdict, observed=complying, required=judged),)


def _needs(basis: Basis) -> tuple[Need, ...]:
    stages, indicators = basis.standard.stages, basis.standard.indicators.values()
    terms = (term for indicator in indicators for stage in stages for term in split_terms(indicator.terms(stage)))
    return tuple(dict.fromkeys(Need("schools", name) for _, name in terms))


def _undecided(basis: Basis) -> tuple[tuple[Codes, tuple[Need, ...]], ...]:
    """Return for each indicator with several standards the sections of which it is not known which one they have."""
    result = []
    for indicator in basis.standard.indicators.values():
        if indicator.instead:
            possible = np.sum(possible_thresholds(indicator, basis.submission, basis.standard), axis=0)
            needs = tuple(dict.fromkeys(need for other in indicator.instead for need in needs_of(other.when, basis)))
            result.append((np.where(possible > 1, UNKNOWN, MET)[basis.sections.school], needs))
    return tuple(result)


def _limited_stages(
    rule: SpreadWithin | CompositeWithin, basis: Basis
) -> Iterator[tuple[int, Stage, Threshold, Bools]]:
    """Yield each stage that has a limit: its position, its limit, and the counties that have sections elsewhere alone.

    In a county without any section nothing was judged, which is unknown and not inapplicable.
    """
    counts = basis.sections.by_county.counts.reshape(len(basis.sections.stages), -1)
    for n, stage in enumerate(basis.sections.stages):
        limit = rule.thresholds[stage]
        if limit is not None:
            yield n, stage, limit, (counts[n] == 0) & (counts.sum(axis=0) > 0)


@judge.register
def judge_spread_within(rule: SpreadWithin, basis: Basis) -> tuple[Outcome, ...]:
    """Return a check for each stage and indicator: its coefficient of variation."""
    outcomes, indicators = [], list(basis.standard.indicators.values())
    for n, stage, limit, empty in _limited_stages(rule, basis):
        for position, indicator in enumerate(indicators):
            observed = basis.cv[:, n, position]
            verdict = spread_within(observed, limit.fraction, partial(_square, basis, indicators, n, position=position))
            verdict[empty & np.isnan(observed)] = NOT_APPLICABLE
            name = f"{indicator.id}.{stage}"
            outcomes.append(_coefficient(basis, name, indicator.name, stage, limit, verdict, observed, (indicator.id,)))
    return tuple(outcomes)


@judge.register
def judge_composite_within(rule: CompositeWithin, basis: Basis) -> tuple[Outcome, ...]:
    """Return a check for each stage: the mean of its coefficients."""
    outcomes, indicators = [], basis.standard.indicators
    for n, stage, limit, empty in _limited_stages(rule, basis):
        square = partial(_square, basis, list(indicators.values()), n)
        verdict, observed = composite_within(basis.cv[:, n], limit.fraction, square)
        verdict[empty] = NOT_APPLICABLE
        name = f"composite.{stage}"
        outcomes.append(_coefficient(basis, name, rule.quantity, stage, limit, verdict, observed, tuple(indicators)))
    return tuple(outcomes)


def _coefficient(
    basis: Basis,
    name: str,
    title: Title,
    stage: Stage,
    limit: Threshold,
    verdict: Codes,
    observed: Floats,
    indicators: tuple[str, ...],
) -> Outcome:
    """Return the check of a coefficient of one stage."""
    of_stage, required = basis.standard.head.stage_titles[stage], np.full(observed.size, float(limit.value))
    title = Title(f"{of_stage.zh}{title.zh}", f"{of_stage.en} {title.en}")
    outcome = Outcome(name, title, limit.relation, "coefficient", verdict, observed, required)
    return attrs.evolve(outcome, indicators=indicators, stage=stage)


def _square(basis: Basis, indicators: Sequence[Indicator], stage: int, county: int, position: int) -> Fraction:
    """Return the exact square of a coefficient that is known."""
    if basis.stated is not None and basis.stated[county, stage, position]:
        return exact(basis.cv[county, stage, position]) ** 2
    sections = basis.sections
    group = stage * len(basis.submission.counties) + county
    rows = np.arange(sections.by_county.starts[group], sections.by_county.starts[group + 1])
    ratios = exact_values(basis.resources, basis.standard, sections, indicators[position], rows)
    by_pupils = basis.standard.head.spread.weight == "pupils"
    return exact_square(*ratios, sections.pupils[rows] if by_pupils else np.ones(rows.size))

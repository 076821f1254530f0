"""How rules that look at every school are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import attrs
import numpy as np

from balancedu.calculator.compliance import holds
from balancedu.calculator.exactly import exact
from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.logic import MET, NOT_MET, UNKNOWN, Codes, verdicts_of, where_concerned
from balancedu.core.condition import Condition
from balancedu.core.model import Stage
from balancedu.core.rules import SchoolShareAtLeast, SchoolSize, SizeLimit, SmallSchoolFunds
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge
from balancedu.submission.conditions import awaited, meets


def of_types(basis: Basis, types: tuple[str, ...]) -> Bools:
    """Return which schools are of one of the types."""
    listed = np.array([choice.id in types for choice in basis.standard.measures["type"].values])
    return listed[basis.sections.enrolment.kind]


def school_cases(
    basis: Basis, concerned: Bools, verdict: Codes, observed: Floats, required: Floats, needs: tuple[Need, ...]
) -> Cases:
    """Return all schools as cases; the rule does not apply to those not concerned."""
    schools = basis.submission.schools
    return Cases(
        table="schools",
        row=basis.sections.enrolment.row,
        school=basis.sections.enrolment.row,
        county=schools.county,
        stage=np.broadcast_to(np.int8(-1), len(schools)),
        verdict=where_concerned(verdict, concerned),
        observed=observed,
        required=required,
        needs=needs,
        by_county=basis.submission.segments("schools"),
    )


@judge.register
def _(rule: SchoolSize, basis: Basis) -> tuple[Outcome, ...]:
    limit = _limits(basis, [one for one in rule.limits if one.when is None])
    concerned = ~np.isnan(limit)
    # The pupils of a stage that is not reported can only add to those of the others.
    size = basis.sections.enrolment.reported
    verdict = _within(basis, size, limit)
    waits = []
    for one in rule.limits:
        if one.when is not None:
            here = of_types(basis, one.types)
            met = np.where(here, meets(one.when, basis.submission, basis.standard), NOT_MET)
            limit = np.where(met == MET, float(one.at_most), limit)
            concerned |= here
            waits.append((np.where(here, met, MET), needs_of(one.when, basis)))
    if waits:
        verdict = _whichever(rule, basis, size)
    needs = tuple(Need("schools", basis.standard.head.scope.pupils[stage]) for stage in basis.standard.stages)
    cases = attrs.evolve(school_cases(basis, concerned, verdict, size, limit, needs), waits=tuple(waits))
    return (Outcome.of_cases(basis, "school_size", rule.quantity, "<=", "other", cases, rule.unit),)


def _limits(basis: Basis, limits: Sequence[SizeLimit]) -> Floats:
    """Return the limit of each school by its type; NaN where there is none."""
    at_most: dict[str, float] = {one: limit.at_most for limit in limits for one in limit.types}
    listed = np.array([at_most.get(choice.id, np.nan) for choice in basis.standard.measures["type"].values])
    return listed[basis.sections.enrolment.kind]


def _within(basis: Basis, size: Floats, limit: Floats) -> Codes:
    too_large = size > limit
    return verdicts_of(~too_large, too_large | basis.sections.enrolment.complete)


def _whichever(rule: SchoolSize, basis: Basis, size: Floats) -> Codes:
    """Return what schools come to where it may not be known which limit is theirs: what all that may be agree on."""
    least, most = np.full(size.size, MET), np.full(size.size, NOT_MET)
    for one in rule.limits:
        here = of_types(basis, one.types)
        possible = here & (meets(one.when, basis.submission, basis.standard) != NOT_MET) if one.when else here
        verdict = _within(basis, size, np.full(size.size, float(one.at_most)))
        least = np.where(possible, np.minimum(least, verdict), least)
        most = np.where(possible, np.maximum(most, verdict), most)
    return np.where(least == most, least, UNKNOWN)


def needs_of(condition: Condition, basis: Basis) -> tuple[Need, ...]:
    """Return everything that a condition rests on."""
    return tuple(Need(table, column) for table, column in awaited(condition, basis.standard))


@judge.register
def _(rule: SmallSchoolFunds, basis: Basis) -> tuple[Outcome, ...]:
    schools, sections = basis.submission.schools, basis.sections
    concerned = of_types(basis, rule.types) & (sections.enrolment.reported < rule.below)
    concerned &= (sections.enrolment.reported > 0) | ~sections.enrolment.complete
    required = np.full(len(schools), np.nan)
    rows = np.flatnonzero(concerned & sections.enrolment.complete)
    required[rows] = _funds_required(rule, basis, rows)
    funds = schools.numbers(rule.funds)

    def excess(near: Ints) -> list[Fraction]:
        return [exact(funds[row]) - exact_funds(rule, basis, basis.pupils, row) for row in near.tolist()]

    met = holds(funds, ">=", required, excess)
    verdict = verdicts_of(met, ~np.isnan(funds) & ~np.isnan(required))
    needs = (
        *(Need("schools", basis.standard.head.scope.pupils[stage]) for stage in basis.standard.stages),
        Need("schools", rule.funds),
        *(Need("facts", name) for name in rule.per_pupil.values()),
    )
    cases = school_cases(basis, concerned, verdict, funds, required, needs)
    measure = basis.standard.measures[rule.funds]
    return (Outcome.of_cases(basis, rule.funds, measure.title, ">=", "other", cases, measure.unit),)


def _funds_required(rule: SmallSchoolFunds, basis: Basis, rows: Ints) -> Floats:
    county = basis.submission.schools.county[rows]
    budget = np.zeros(rows.size)
    for stage, figures in basis.pupils.items():
        per_pupil = basis.submission.facts.numbers(rule.per_pupil[stage])[county]
        budget += np.where(figures[rows] == 0, 0.0, figures[rows] * per_pupil)
    return rule.funded_as * budget / basis.sections.enrolment.reported[rows]


def exact_funds(rule: SmallSchoolFunds, basis: Basis, pupils: Mapping[Stage, Floats], row: int) -> Fraction:
    """Return the funds that a small school must have, exactly; everything they follow from must be reported."""
    county = basis.submission.schools.county[row]
    figures = {stage: exact(one[row]) for stage, one in pupils.items() if one[row]}
    budget = sum(
        (
            count * exact(basis.submission.facts.numbers(rule.per_pupil[stage])[county])
            for stage, count in figures.items()
        ),
        Fraction(0),
    )
    return rule.funded_as * budget / sum(figures.values())


@judge.register
def _(rule: SchoolShareAtLeast, basis: Basis) -> tuple[Outcome, ...]:
    schools = basis.submission.schools
    part, whole = schools.numbers(rule.part), schools.numbers(rule.whole)
    share = Fraction(rule.at_least)

    def excess(near: Ints) -> list[Fraction]:
        return [exact(part[row]) - share * exact(whole[row]) for row in near.tolist()]

    least = float(rule.at_least) * whole
    verdict = verdicts_of(holds(part, ">=", least, excess), ~np.isnan(part) & ~np.isnan(whole))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = part / whole
    # Nothing is any share of nothing.
    observed[whole == 0] = np.nan
    required = np.broadcast_to(float(rule.at_least), len(schools))
    needs = (Need("schools", rule.part), Need("schools", rule.whole))
    cases = school_cases(basis, of_types(basis, rule.types), verdict, observed, required, needs)
    return (Outcome.of_cases(basis, rule.part, rule.quantity, ">=", "percent", cases),)

"""How rules that look at every school are judged."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from balancedu.calculator.compliance import exact, holds
from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.logic import Codes, verdicts_of
from balancedu.core.model import Stage
from balancedu.core.rules import SchoolShareAtLeast, SchoolSize, SmallSchoolFunds
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge


def of_types(basis: Basis, types: tuple[str, ...]) -> Bools:
    """Return which schools are of one of the types."""
    listed = np.array([choice.id in types for choice in basis.standard.measures["type"].values])
    return listed[basis.submission.schools.choices("type")]


def school_cases(
    basis: Basis, rows: Ints, verdict: Codes, observed: Floats, required: Floats, needs: tuple[Need, ...]
) -> Cases:
    """Return whole schools as cases."""
    whole = np.full(rows.size, -1, np.int8)
    county = basis.submission.schools.county[rows]
    return Cases("schools", rows, rows, county, whole, verdict, observed, required, needs)


def _total(basis: Basis, rows: Ints) -> Floats:
    """Return the pupils of schools in all judged stages; NaN where a stage is not reported."""
    return sum((figures[rows] for figures in basis.pupils.values()), np.zeros(rows.size))


def _known_part(basis: Basis, rows: Ints) -> Floats:
    """Return the pupils of schools in the stages that are reported."""
    reported = (figures[rows] for figures in basis.pupils.values())
    return sum((np.where(np.isnan(figures), 0.0, figures) for figures in reported), np.zeros(rows.size))


def _pupils_needed(basis: Basis) -> tuple[Need, ...]:
    return tuple(Need("schools", basis.standard.head.scope.pupils[stage]) for stage in basis.standard.stages)


@judge.register
def _(rule: SchoolSize, basis: Basis) -> tuple[Outcome, ...]:
    at_most: dict[str, float] = {school_type: limit.at_most for limit in rule.limits for school_type in limit.types}
    listed = [at_most.get(choice.id, np.nan) for choice in basis.standard.measures["type"].values]
    limits = np.array(listed)[basis.submission.schools.choices("type")]
    rows = np.flatnonzero(~np.isnan(limits))
    limit, size = limits[rows], _total(basis, rows)
    at_least = np.where(np.isnan(size), _known_part(basis, rows), size)
    too_large = at_least > limit
    verdict = verdicts_of(~too_large, too_large | ~np.isnan(size))
    observed = np.where(too_large, at_least, size)
    cases = school_cases(basis, rows, verdict, observed, limit, _pupils_needed(basis))
    return (Outcome.of_cases(basis, "school_size", rule.quantity, "<=", "other", cases, rule.unit),)


@judge.register
def _(rule: SmallSchoolFunds, basis: Basis) -> tuple[Outcome, ...]:
    facts, schools, pupils = basis.submission.facts, basis.submission.schools, basis.pupils
    rows = np.flatnonzero(of_types(basis, rule.types))
    rows = rows[_known_part(basis, rows) < rule.below]
    size = _total(basis, rows)
    rows, size = rows[size != 0], size[size != 0]
    county = schools.county[rows]
    funds = schools.numbers(rule.funds)[rows]
    budget = np.zeros(rows.size)
    for stage, figures in pupils.items():
        per_pupil = facts.numbers(rule.per_pupil[stage])[county]
        budget += np.where(figures[rows] == 0, 0.0, figures[rows] * per_pupil)
    required = rule.funded_as * budget / size

    def excess(near: Ints) -> list[Fraction]:
        return [exact(funds[n]) - exact_funds(rule, basis, pupils, int(rows[n])) for n in near.tolist()]

    known = ~np.isnan(funds) & ~np.isnan(required)
    verdict = verdicts_of(holds(funds, ">=", required, excess), known)
    needs = (
        *_pupils_needed(basis),
        Need("schools", rule.funds),
        *(Need("facts", name) for name in rule.per_pupil.values()),
    )
    cases = school_cases(basis, rows, verdict, funds, required, needs)
    measure = basis.standard.measures[rule.funds]
    return (Outcome.of_cases(basis, rule.funds, measure.title, ">=", "other", cases, measure.unit),)


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
    rows = np.flatnonzero(of_types(basis, rule.types))
    part, whole = schools.numbers(rule.part)[rows], schools.numbers(rule.whole)[rows]
    share = Fraction(rule.at_least)

    def excess(near: Ints) -> list[Fraction]:
        return [exact(part[n]) - share * exact(whole[n]) for n in near.tolist()]

    met = holds(part, ">=", float(rule.at_least) * whole, excess)
    verdict = verdicts_of(met, ~np.isnan(part) & ~np.isnan(whole))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.where(whole > 0, part / whole, np.nan)
    required = np.full(rows.size, float(rule.at_least))
    needs = (Need("schools", rule.part), Need("schools", rule.whole))
    cases = school_cases(basis, rows, verdict, observed, required, needs)
    return (Outcome.of_cases(basis, rule.part, rule.quantity, ">=", "percent", cases),)

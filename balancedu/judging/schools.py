"""How rules that look at every school, class or room are judged."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.compliance import exact, holds
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.logic import MET, NOT_MET, UNKNOWN, Codes, verdicts_of
from balancedu.core.model import Stage, Title
from balancedu.core.rules import ClassSize, RoomsForClasses, SchoolShareAtLeast, SchoolSize, SmallSchoolFunds
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge

Mask = NDArray[np.bool_]


def of_types(basis: Basis, types: tuple[str, ...]) -> Mask:
    """Return which schools are of one of the types."""
    listed = np.array([choice.id in types for choice in basis.standard.measures["type"].values])
    return listed[basis.submission.schools.choices("type")]


def at_stages(basis: Basis, columns: Mapping[Stage, str]) -> dict[Stage, Floats]:
    """Return a figure of every school at each judged stage: 0 where its type lacks the stage, NaN where missing."""
    schools = basis.submission.schools
    result = {}
    for stage in basis.standard.stages:
        has = np.array([one.stages is None or stage in one.stages for one in basis.standard.measures["type"].values])
        result[stage] = np.where(has[schools.choices("type")], schools.numbers(columns[stage]), 0.0)
    return result


def pupils_of(basis: Basis) -> dict[Stage, Floats]:
    """Return the pupils of every school at each judged stage."""
    return at_stages(basis, basis.standard.head.scope.pupils)


def school_cases(
    basis: Basis, rows: Ints, verdict: Codes, observed: Floats, required: Floats, needs: tuple[Need, ...]
) -> Cases:
    """Return whole schools as cases."""
    whole = np.full(rows.size, -1, np.int8)
    county = basis.submission.schools.county[rows]
    return Cases("schools", rows, rows, county, whole, verdict, observed, required, needs)


@judge.register
def _(rule: SchoolSize, basis: Basis) -> tuple[Outcome, ...]:
    pupils = pupils_of(basis)
    limit = np.full(len(basis.submission.schools), np.nan)
    for one in rule.limits:
        limit[of_types(basis, one.types)] = one.at_most
    rows = np.flatnonzero(~np.isnan(limit))
    size = sum((figures[rows] for figures in pupils.values()), np.zeros(rows.size))
    at_least = sum((np.nan_to_num(figures[rows]) for figures in pupils.values()), np.zeros(rows.size))
    too_large = at_least > limit[rows]
    verdict = verdicts_of(~too_large, too_large | ~np.isnan(size))
    observed = np.where(too_large, at_least, size)
    needs = tuple(Need("schools", basis.standard.head.scope.pupils[stage]) for stage in pupils)
    cases = school_cases(basis, rows, verdict, observed, limit[rows], needs)
    return (_outcome("school_size", rule, cases, basis),)


@judge.register
def _(rule: ClassSize, basis: Basis) -> tuple[Outcome, ...]:
    listed, unlisted = _listed_classes(rule, basis), _unlisted_sections(rule, basis)
    cases = Cases(
        "classes",
        *(np.concatenate(pair) for pair in zip(listed, unlisted, strict=True)),
        needs=(Need("classes", "pupils"),),
    )
    return (_outcome("class_size", rule, _sorted(cases), basis),)


def _listed_classes(rule: ClassSize, basis: Basis) -> tuple[NDArray[np.generic], ...]:
    """Return the columns of the cases of all classes reported."""
    classes = basis.submission.tables.get("classes")
    if classes is None:
        return _no_cases()
    rows = np.flatnonzero(of_types(basis, rule.types)[classes.school])
    stage = _stage_positions(basis)[classes.choices("stage")[rows]]
    limits = np.array([rule.at_most.get(one, np.nan) for one in basis.standard.stages], dtype=np.float64)
    pupils, required = classes.numbers("pupils")[rows], limits[stage]
    verdict = verdicts_of(pupils <= required, ~np.isnan(pupils))
    return rows, classes.school[rows], classes.county[rows], stage, verdict, pupils, required


def _unlisted_sections(rule: ClassSize, basis: Basis) -> tuple[NDArray[np.generic], ...]:
    """Return the columns of the cases that stand for sections whose classes are not all reported."""
    schools, classes = basis.submission.schools, basis.submission.tables.get("classes")
    parts = [_no_cases()]
    for position, stage in enumerate(basis.standard.stages):
        pupils = pupils_of(basis)[stage]
        count = total = np.zeros(len(schools))
        if classes is not None:
            here = _stage_positions(basis)[classes.choices("stage")] == position
            at = classes.school[here]
            count = np.bincount(at, minlength=len(schools)).astype(np.float64)
            total = np.bincount(at, weights=classes.numbers("pupils")[here], minlength=len(schools))
        declared = schools.numbers(rule.classes[stage])
        # Without a number of classes to compare with, the list is whole once it holds all pupils.
        whole = np.where(np.isnan(declared), total >= pupils, count >= declared) & (count > 0)
        rows = np.flatnonzero(of_types(basis, rule.types) & (pupils != 0) & ~whole)
        unknown, nothing = np.full(rows.size, UNKNOWN), np.full(rows.size, np.nan)
        limit = np.full(rows.size, float(rule.at_most[stage]))
        stages = np.full(rows.size, position, np.int8)
        parts.append((np.full(rows.size, -1), rows, schools.county[rows], stages, unknown, nothing, limit))
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _no_cases() -> tuple[NDArray[np.generic], ...]:
    none = np.empty(0, np.intp)
    return none, none, none, np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0), np.empty(0)


def _stage_positions(basis: Basis) -> NDArray[np.int8]:
    """Return the position of each stage that a class may have among the judged stages."""
    values = basis.standard.measures["classes.stage"].values
    return np.array([basis.standard.stages.index(choice.id) for choice in values], dtype=np.int8)


def _sorted(cases: Cases) -> Cases:
    order = np.argsort(cases.county, kind="stable")
    columns = (cases.row, cases.school, cases.county, cases.stage, cases.verdict, cases.observed, cases.required)
    return Cases(cases.table, *(column[order] for column in columns), needs=cases.needs)


@judge.register
def _(rule: RoomsForClasses, basis: Basis) -> tuple[Outcome, ...]:
    schools = basis.submission.schools
    rows = np.unique(basis.sections.school)
    pupils, counts = pupils_of(basis), at_stages(basis, rule.classes)
    # A stage without pupils has no classes, whether or not that is said.
    classes = sum(
        (np.where((pupils[stage] == 0) & np.isnan(count), 0, count)[rows] for stage, count in counts.items()),
        np.zeros(rows.size),
    )
    classes[~np.any([figures[rows] > 0 for figures in pupils.values()], axis=0)] = np.nan
    needed = np.ceil(classes / rule.classes_per_room)
    outcomes = []
    for use, area in rule.area_at_least.items():
        enough, doubtful = _rooms(basis, use, float(area), rows)
        verdict = np.where(enough >= needed, MET, np.where(enough + doubtful < needed, NOT_MET, UNKNOWN))
        verdict[np.isnan(needed)] = UNKNOWN
        needs = (*(Need("schools", name) for name in rule.classes.values()), Need("rooms", "area"))
        cases = school_cases(basis, rows, verdict, enough, needed, needs)
        named = next(choice.title for choice in basis.standard.measures["rooms.use"].values if choice.id == use)
        title = Title(named.zh + rule.quantity.zh, f"{named.en} {rule.quantity.en}")
        counties = len(basis.submission.counties)
        outcomes.append(Outcome.of_cases(f"rooms.{use}", title, ">=", "other", cases, counties, rule.unit))
    return tuple(outcomes)


def _rooms(basis: Basis, use: str, area: float, rows: Ints) -> tuple[Floats, Floats]:
    """Return for each school how many rooms surely count, and how many more may."""
    schools, rooms = basis.submission.schools, basis.submission.tables.get("rooms")
    reported = np.zeros(len(basis.submission.counties), bool)
    enough = doubtful = np.zeros(len(schools))
    if rooms is not None:
        reported = basis.submission.segments("rooms").counts > 0
        uses = [choice.id for choice in basis.standard.measures["rooms.use"].values]
        here = rooms.choices("use") == uses.index(use)
        areas, at = rooms.numbers("area")[here], rooms.school[here]
        enough = np.bincount(at[areas >= area], minlength=len(schools)).astype(np.float64)
        doubtful = np.bincount(at[np.isnan(areas)], minlength=len(schools)).astype(np.float64)
    doubtful = np.where(reported[schools.county], doubtful, np.inf)
    return enough[rows], doubtful[rows]


@judge.register
def _(rule: SmallSchoolFunds, basis: Basis) -> tuple[Outcome, ...]:
    facts, schools = basis.submission.facts, basis.submission.schools
    pupils = pupils_of(basis)
    size = sum(pupils.values(), np.zeros(len(schools)))
    at_least = sum((np.nan_to_num(figures) for figures in pupils.values()), np.zeros(len(schools)))
    rows = np.flatnonzero(of_types(basis, rule.types) & (size != 0) & (at_least < rule.below))
    county = schools.county[rows]
    funds, size = schools.numbers(rule.funds)[rows], size[rows]
    budget = np.zeros(rows.size)
    for stage, figures in pupils.items():
        per_pupil = facts.numbers(rule.per_pupil[stage])[county]
        budget += np.where(figures[rows] == 0, 0.0, figures[rows] * per_pupil)
    required = rule.funded_as * budget / size

    def excess(near: Ints) -> list[Fraction]:
        return [exact(funds[n]) - _exact_funds(rule, basis, pupils, int(rows[n])) for n in near.tolist()]

    known = ~np.isnan(funds) & ~np.isnan(required)
    verdict = verdicts_of(holds(funds, ">=", required, excess), known)
    needs = (
        *(Need("schools", basis.standard.head.scope.pupils[stage]) for stage in pupils),
        Need("schools", rule.funds),
        *(Need("facts", name) for name in rule.per_pupil.values()),
    )
    cases = school_cases(basis, rows, verdict, funds, required, needs)
    measure, counties = basis.standard.measures[rule.funds], len(basis.submission.counties)
    return (Outcome.of_cases(rule.funds, measure.title, ">=", "other", cases, counties, measure.unit),)


def _exact_funds(rule: SmallSchoolFunds, basis: Basis, pupils: Mapping[Stage, Floats], row: int) -> Fraction:
    county = basis.submission.schools.county[row]
    figures = {stage: exact(one[row]) for stage, one in pupils.items() if one[row]}
    budget = sum(
        (count * exact(basis.submission.facts.numbers(rule.per_pupil[stage])[county]) for stage, count in figures.items()),
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
    counties = len(basis.submission.counties)
    return (Outcome.of_cases(rule.part, rule.quantity, ">=", "percent", cases, counties, None),)


def _outcome(name: str, rule: SchoolSize | ClassSize, cases: Cases, basis: Basis) -> Outcome:
    counties = len(basis.submission.counties)
    return Outcome.of_cases(name, rule.quantity, "<=", "other", cases, counties, rule.unit)

"""How rules that look at every class and every room are judged."""

from __future__ import annotations

import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.logic import UNKNOWN, at_least_k, verdicts_of
from balancedu.core.model import Title
from balancedu.core.rules import ClassSize, RoomsForClasses
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge
from balancedu.judging.schools import of_types, school_cases


@judge.register
def _(rule: ClassSize, basis: Basis) -> tuple[Outcome, ...]:
    limits = np.array([rule.at_most.get(stage, np.nan) for stage in basis.standard.stages], dtype=np.float64)
    cases = _listed(rule, basis, limits).joined(_not_listed(rule, basis, limits))
    return (Outcome.of_cases(basis, "class_size", rule.quantity, "<=", "other", cases, rule.unit),)


def _listed(rule: ClassSize, basis: Basis, limits: Floats) -> Cases:
    """Return every class reported."""
    classes = basis.submission.tables["classes"]
    rows = np.flatnonzero(of_types(basis, rule.types)[classes.school])
    stage = classes.choices("stage")[rows].astype(np.int8)
    pupils = classes.numbers("pupils")[rows]
    return Cases(
        table="classes",
        row=rows,
        school=classes.school[rows],
        county=classes.county[rows],
        stage=stage,
        verdict=verdicts_of(pupils <= limits[stage], ~np.isnan(pupils)),
        observed=pupils,
        required=limits[stage],
        needs=(Need("classes", "pupils"),),
    )


def _not_listed(rule: ClassSize, basis: Basis, limits: Floats) -> Cases:
    """Return the sections whose classes are not all reported, each as one unknown case."""
    schools, wanted = basis.submission.schools, of_types(basis, rule.types)
    missing = np.empty((len(schools), len(basis.standard.stages)), bool)
    for position, stage in enumerate(basis.standard.stages):
        missing[:, position] = wanted & (basis.pupils[stage] != 0)
        missing[_fully_listed(rule, basis, position), position] = False
    school, stages = np.nonzero(missing)
    return Cases(
        table="classes",
        row=np.full(school.size, -1),
        school=school,
        county=schools.county[school],
        stage=stages.astype(np.int8),
        verdict=np.full(school.size, UNKNOWN),
        observed=np.full(school.size, np.nan),
        required=limits[stages],
        needs=(Need("classes", "pupils"),),
    )


def _fully_listed(rule: ClassSize, basis: Basis, position: int) -> Ints:
    """Return the schools whose classes of a stage are all in the list."""
    schools, classes = basis.submission.schools, basis.submission.tables["classes"]
    stage = basis.standard.stages[position]
    here = classes.choices("stage") == position
    count = np.bincount(classes.school[here], minlength=len(schools))
    total = np.bincount(classes.school[here], weights=classes.numbers("pupils")[here], minlength=len(schools))
    listed = np.flatnonzero(count)
    declared = schools.numbers(rule.classes[stage])[listed]
    # Without a number of classes to compare with, the list is whole once it holds all pupils.
    by_pupils = total[listed] >= basis.pupils[stage][listed]
    return listed[np.where(np.isnan(declared), by_pupils, count[listed] >= declared)]


@judge.register
def _(rule: RoomsForClasses, basis: Basis) -> tuple[Outcome, ...]:
    schools, sections = basis.submission.schools, basis.sections
    counted = np.zeros(len(schools), bool)
    counted[sections.school] = True
    rows = np.flatnonzero(counted)
    # Where all pupils are unknown it is not sure that the school counts.
    doubtful = ~np.any([basis.pupils[stage][rows] > 0 for stage in basis.standard.stages], axis=0)
    needed = np.ceil(_classes(rule, basis, rows) / rule.classes_per_room)
    needed[doubtful] = np.nan
    needs = (*(Need("schools", name) for name in rule.classes.values()), Need("rooms", "area"))
    outcomes = []
    for use in basis.standard.measures["rooms.use"].values:
        if use.id not in rule.area_at_least:
            continue
        enough, perhaps = _rooms(basis, use.id, float(rule.area_at_least[use.id]), rows)
        verdict = at_least_k(enough, perhaps, needed)
        verdict[np.isnan(needed)] = UNKNOWN
        cases = school_cases(basis, rows, verdict, enough, needed, needs)
        title = Title(use.title.zh + rule.quantity.zh, f"{use.title.en} {rule.quantity.en}")
        outcomes.append(Outcome.of_cases(basis, f"rooms.{use.id}", title, ">=", "other", cases, rule.unit))
    return tuple(outcomes)


def _classes(rule: RoomsForClasses, basis: Basis, rows: Ints) -> Floats:
    """Return the classes of each school; a stage without pupils has none, whether or not that is said."""
    classes = np.zeros(rows.size)
    for stage in basis.standard.stages:
        count = basis.submission.schools.numbers(rule.classes[stage])[rows]
        count[np.isnan(count) & (basis.pupils[stage][rows] == 0)] = 0
        classes += count
    return classes


def _rooms(basis: Basis, use: str, area: float, rows: Ints) -> tuple[Floats, Floats]:
    """Return for each school how many rooms surely count, and how many more may."""
    schools, rooms = basis.submission.schools, basis.submission.tables["rooms"]
    reported = basis.submission.segments("rooms").counts > 0
    uses = [choice.id for choice in basis.standard.measures["rooms.use"].values]
    here = rooms.choices("use") == uses.index(use)
    areas, at = rooms.numbers("area")[here], rooms.school[here]
    enough = np.bincount(at[areas >= area], minlength=len(schools))[rows].astype(np.float64)
    perhaps = np.bincount(at[np.isnan(areas)], minlength=len(schools))[rows].astype(np.float64)
    # A county that lists no room at all has not reported them; in one that does, what is not listed is not there.
    perhaps[~reported[schools.county[rows]]] = np.inf
    return enough, perhaps

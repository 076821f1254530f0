"""How rules that look at every class and every room are judged."""

from __future__ import annotations

import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.logic import MET, NOT_MET, UNKNOWN, verdicts_of
from balancedu.core.model import Title
from balancedu.core.rules import ClassSize, RoomsForClasses
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge
from balancedu.judging.schools import of_types, school_cases
from balancedu.submission.sections import at_stages


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
    missing = [
        np.flatnonzero(wanted & (basis.pupils[stage] != 0) & ~_fully_listed(rule, basis, position))
        for position, stage in enumerate(basis.standard.stages)
    ]
    school = np.concatenate(missing)
    stage = np.repeat(np.arange(len(missing), dtype=np.int8), [part.size for part in missing])
    return Cases(
        table="classes",
        row=np.full(school.size, -1),
        school=school,
        county=schools.county[school],
        stage=stage,
        verdict=np.full(school.size, UNKNOWN),
        observed=np.full(school.size, np.nan),
        required=limits[stage],
        needs=(Need("classes", "pupils"),),
    )


def _fully_listed(rule: ClassSize, basis: Basis, position: int) -> Bools:
    """Return for each school whether all its classes of a stage are in the list."""
    schools, classes = basis.submission.schools, basis.submission.tables["classes"]
    stage = basis.standard.stages[position]
    here = classes.choices("stage") == position
    count = np.bincount(classes.school[here], minlength=len(schools))
    total = np.bincount(classes.school[here], weights=classes.numbers("pupils")[here], minlength=len(schools))
    declared = schools.numbers(rule.classes[stage])
    # Without a number of classes to compare with, the list is whole once it holds all pupils.
    whole: Bools = np.where(np.isnan(declared), total >= basis.pupils[stage], count >= declared)
    return whole & (count > 0)


@judge.register
def _(rule: RoomsForClasses, basis: Basis) -> tuple[Outcome, ...]:
    rows = np.unique(basis.sections.school)
    classes = np.zeros(rows.size)
    for stage, count in at_stages(basis.submission, basis.standard, rule.classes).items():
        # A stage without pupils has no classes, whether or not that is said.
        classes += np.where((basis.pupils[stage] == 0) & np.isnan(count), 0, count)[rows]
    # Without a section that surely counts, neither does the school.
    classes[~np.any([figures[rows] > 0 for figures in basis.pupils.values()], axis=0)] = np.nan
    needed = np.ceil(classes / rule.classes_per_room)
    needs = (*(Need("schools", name) for name in rule.classes.values()), Need("rooms", "area"))
    outcomes = []
    for use in basis.standard.measures["rooms.use"].values:
        if use.id not in rule.area_at_least:
            continue
        enough, doubtful = _rooms(basis, use.id, float(rule.area_at_least[use.id]), rows)
        verdict = np.where(enough >= needed, MET, np.where(enough + doubtful < needed, NOT_MET, UNKNOWN))
        verdict[np.isnan(needed)] = UNKNOWN
        cases = school_cases(basis, rows, verdict, enough, needed, needs)
        title = Title(use.title.zh + rule.quantity.zh, f"{use.title.en} {rule.quantity.en}")
        outcomes.append(Outcome.of_cases(basis, f"rooms.{use.id}", title, ">=", "other", cases, rule.unit))
    return tuple(outcomes)


def _rooms(basis: Basis, use: str, area: float, rows: Ints) -> tuple[Floats, Floats]:
    """Return for each school how many rooms surely count, and how many more may."""
    schools, rooms = basis.submission.schools, basis.submission.tables["rooms"]
    reported = basis.submission.segments("rooms").counts > 0
    uses = [choice.id for choice in basis.standard.measures["rooms.use"].values]
    here = rooms.choices("use") == uses.index(use)
    areas, at = rooms.numbers("area")[here], rooms.school[here]
    enough = np.bincount(at[areas >= area], minlength=len(schools)).astype(np.float64)
    doubtful = np.bincount(at[np.isnan(areas)], minlength=len(schools)).astype(np.float64)
    # A county that lists no room at all has not reported them; in one that does, what is not listed is not there.
    doubtful[~reported[schools.county]] = np.inf
    return enough[rows], doubtful[rows]

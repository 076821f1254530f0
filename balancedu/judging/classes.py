"""How rules that look at every class and every room are judged."""

from __future__ import annotations

import itertools

import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.logic import UNKNOWN, at_least_k, verdicts_of
from balancedu.core.model import Title
from balancedu.core.rules import ClassSize, RoomsForClasses
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge
from balancedu.judging.schools import of_types, school_cases
from balancedu.submission.conditions import classes_listed


@judge.register
def _(rule: ClassSize, basis: Basis) -> tuple[Outcome, ...]:
    limits = np.array([rule.at_most.get(stage, np.nan) for stage in basis.standard.stages], dtype=np.float64)
    classes = basis.submission.tables["classes"]
    wanted = of_types(basis, rule.types)
    listed = np.flatnonzero(wanted[classes.school])
    # The sections whose classes are not all reported follow the classes, stage by stage, each as one unknown case.
    blocks = [listed, *(_not_listed(rule, basis, wanted, n) for n in range(len(basis.standard.stages)))]
    missing = [block.size for block in blocks[1:]]
    school = np.concatenate([classes.school[listed], *blocks[1:]])
    stage = classes.choices("stage")[listed].astype(np.intp)
    pupils, (low, high) = classes.numbers("pupils")[listed], (one[listed] for one in class_limits(rule, basis))
    # Between its two limits, a class of which nobody says whether it is of the entry grade may keep to its own or not.
    verdict = verdicts_of(pupils <= low, (pupils <= low) | (pupils > high))
    limit = np.where(pupils > high, high, low)
    stages = np.repeat(np.arange(len(missing)), missing)
    county = basis.submission.schools.county[school]
    cases = Cases(
        table="classes",
        row=np.concatenate([listed, np.full(stages.size, -1)]),
        school=school,
        county=county,
        stage=np.concatenate([stage, stages]).astype(np.int8),
        verdict=np.concatenate([verdict, np.full(stages.size, UNKNOWN)]),
        observed=np.concatenate([pupils, np.full(stages.size, np.nan)]),
        required=np.concatenate([limit, np.repeat(limits, missing)]),
        needs=tuple(Need("classes", name) for name in rule.columns),
        by_county=_in_blocks(county, [block.size for block in blocks], len(basis.submission.counties)),
    )
    return (Outcome.of_cases(basis, "class_size", rule.quantity, "<=", "other", cases, rule.unit),)


def class_limits(rule: ClassSize, basis: Basis) -> tuple[Floats, Floats]:
    """Return for every class the limit that it surely keeps to, and the one that it surely breaks.

    They are the same but where the limit depends on the entry grade, and nobody says whether the class is of it.
    """
    classes, stages = basis.submission.tables["classes"], basis.standard.stages
    stage = classes.choices("stage").astype(np.intp)
    first = np.array([rule.at_most.get(one, np.nan) for one in stages], dtype=np.float64)[stage]
    for column in rule.columns[1:]:
        later = np.array([rule.at_most_later.get(one, np.nan) for one in stages], dtype=np.float64)[stage]
        entry = classes.numbers(column)
        limit = np.where(entry == 1, first, later)
        low = np.where(np.isnan(entry), np.minimum(first, later), limit)
        return low, np.where(np.isnan(entry), np.maximum(first, later), limit)
    return first, first


def _in_blocks(county: Ints, sizes: list[int], counties: int) -> Segments:
    """Return the segments of blocks of rows, each in the order of counties."""
    ends = np.cumsum([0, *sizes])
    everyone = np.arange(counties)
    starts = [np.searchsorted(county[a:b], everyone) + a for a, b in itertools.pairwise(ends.tolist())]
    return Segments(np.concatenate([*starts, ends[-1:]]))


def _not_listed(rule: ClassSize, basis: Basis, wanted: Bools, position: int) -> Ints:
    """Return the schools whose classes of a stage are not all reported."""
    stage = basis.standard.stages[position]
    pupils = basis.pupils[stage]
    return np.flatnonzero(
        wanted & (pupils != 0) & ~classes_listed(basis.submission, basis.standard, rule.classes, stage, pupils)
    )


@judge.register
def _(rule: RoomsForClasses, basis: Basis) -> tuple[Outcome, ...]:
    counted = np.zeros(len(basis.submission.schools), bool)
    counted[basis.sections.school] = True
    needed = np.ceil(_classes(rule, basis) / rule.classes_per_room)
    # Where no pupils are known it is not sure that the school counts.
    needed[~(basis.sections.enrolment.reported > 0)] = np.nan
    if basis.sections.doubtful is not None:
        needed[basis.sections.school[basis.sections.doubtful]] = np.nan
    pupils = (basis.standard.head.scope.pupils[stage] for stage in basis.standard.stages)
    needs = (*(Need("schools", name) for name in (*pupils, *rule.classes.values())), Need("rooms", "area"))
    outcomes = []
    for use in basis.standard.measures["rooms.use"].values:
        if use.id not in rule.area_at_least:
            continue
        enough, perhaps = _rooms(basis, use.id, float(rule.area_at_least[use.id]))
        verdict = at_least_k(enough, perhaps, needed)
        cases = school_cases(basis, counted, verdict, enough, needed, needs)
        title = Title(use.title.zh + rule.quantity.zh, f"{use.title.en} {rule.quantity.en}")
        outcomes.append(Outcome.of_cases(basis, f"rooms.{use.id}", title, ">=", "other", cases, rule.unit))
    return tuple(outcomes)


def _classes(rule: RoomsForClasses, basis: Basis) -> Floats:
    """Return the classes of each school; a stage without pupils has none, whether or not that is said."""
    classes = np.zeros(len(basis.submission.schools))
    for stage in basis.standard.stages:
        count = basis.submission.schools.numbers(rule.classes[stage])
        classes += np.where(np.isnan(count) & (basis.pupils[stage] == 0), 0.0, count)
    return classes


def _rooms(basis: Basis, use: str, area: float) -> tuple[Floats, Floats]:
    """Return for each school how many rooms surely count, and how many more may."""
    schools, rooms = basis.submission.schools, basis.submission.tables["rooms"]
    if not len(rooms):
        return np.broadcast_to(0.0, len(schools)), np.broadcast_to(np.inf, len(schools))
    enough, perhaps = np.zeros(len(schools)), np.full(len(schools), np.inf)
    uses = [choice.id for choice in basis.standard.measures["rooms.use"].values]
    here = rooms.choices("use") == uses.index(use)
    areas, at = rooms.numbers("area")[here], rooms.school[here]
    enough += np.bincount(at[areas >= area], minlength=len(schools))
    # A county that lists no room at all has not reported them; in one that does, what is not listed is not there.
    reported = basis.submission.segments("schools").repeat(basis.submission.segments("rooms").counts > 0)
    perhaps[reported] = np.bincount(at[np.isnan(areas)], minlength=len(schools))[reported]
    return enough, perhaps

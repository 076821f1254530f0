"""Schools and classes that are too large, where there is room for their pupils, and the rooms that classes need."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.rules import Remedy, RoomsForClasses
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Cases, Outcome
from balancedu.planning.changes import ArrangeClasses, BuildRooms, Change, MovePupils
from balancedu.planning.plan.request import Request

SIZES: tuple[Remedy, ...] = ("pupils", "classes", "rooms")
"""What a plan does about the size of schools and classes, and about rooms for classes."""
MOST_CLASSES, MOST_ROOMS = 100, 20
"""No plan opens more classes in a grade, or builds more rooms for one use at a school."""


@attrs.frozen
class Grade:
    """The pupils of one grade of one section, or of the whole section where its classes are not listed.

    Attributes
    ----------
    section, school, stage : int
        Its row among the sections, its school's row, the position of its stage.
    grade : str or None
        None where the grade is not reported.
    pupils, classes : int
    limit : float
        The most pupils of a class; infinite where no rule limits it or the classes are not known.
    largest : float
        The pupils of its largest class.
    """

    section: int
    school: int
    stage: int
    grade: str | None
    pupils: int
    classes: int
    limit: float
    largest: float

    @property
    def beyond(self) -> int:
        """How many pupils are more than its classes may hold, however they are spread."""
        return 0 if math.isinf(self.limit) else max(0, self.pupils - int(self.limit) * self.classes)


@attrs.frozen
class RoomNeed:
    """The rooms for one use at a school: those that count, those required now, and for how many classes one is."""

    use: str
    school: int
    held: int
    required: int
    classes: int
    classes_per_room: int
    area: Decimal


@attrs.frozen(eq=False)
class Places:
    """What a plan may do about pupils, classes and rooms.

    Attributes
    ----------
    grades : tuple of Grade
    must_leave : mapping of school row to pupils
        How many pupils a school has more than it may.
    room : (schools,) float array
        How many more pupils a school may take; 0 where it takes none.
    rooms : tuple of RoomNeed
    """

    evaluation: Evaluation
    grades: tuple[Grade, ...]
    must_leave: dict[int, int]
    room: Floats
    rooms: tuple[RoomNeed, ...]

    def most_out(self, grade: Grade) -> int:
        """Return how many pupils of a grade may leave: as many as are too many, for the school or the classes."""
        return min(grade.pupils, grade.beyond + self.must_leave.get(grade.school, 0))

    def most_in(self, grade: Grade) -> int:
        """Return how many pupils a grade may take, classes opened where there are too few."""
        leaving = [
            self.most_out(other) for other in self.grades if (other.stage, other.grade) == (grade.stage, grade.grade)
        ]
        return int(min(self.room[grade.school], sum(leaving)))

    @property
    def is_needed(self) -> bool:
        """Whether any pupil has to leave, any class to be opened or evened out, or any room to be built."""
        too_large = any(grade.largest > grade.limit for grade in self.grades)
        return bool(self.must_leave) or too_large or any(need.required > need.held for need in self.rooms)


def places_of(evaluation: Evaluation, request: Request) -> Places:
    """Return what a plan may do about pupils, classes and rooms in one county, for the requested items."""
    outcomes = dict(_outcomes(evaluation, request))
    basis = evaluation.record.basis
    sections, schools = basis.sections, basis.submission.schools
    room, must_leave = np.full(len(schools), np.inf), dict[int, int]()
    for outcome in outcomes.get("pupils", ()):
        for row, case in _cases(outcome):
            size, limit = float(case.observed[row]), float(case.required[row])
            if not math.isnan(size + limit):
                school = int(case.school[row])
                room[school] = max(0.0, limit - size)
                if size > limit:
                    must_leave[school] = int(size - limit)
    grades = tuple(_grades(evaluation, outcomes.get("classes", ()), listed_only="classes" in outcomes))
    judged = {int(school) for school in sections.school.tolist()}
    ids = schools.columns["school"].tolist()
    for school in range(len(schools)):
        if school not in judged or ids[school] in request.immovable | request.untouched:
            room[school] = 0.0
    return Places(evaluation, grades, must_leave, room, tuple(_rooms(evaluation, outcomes.get("rooms", ()))))


def _outcomes(evaluation: Evaluation, request: Request) -> Iterator[tuple[Remedy, list[Outcome]]]:
    """Yield the checks of every kind of rule about sizes that belongs to a requested item."""
    outcomes = [outcome for item in request.items for outcome in evaluation.record.outcomes[item]]
    for remedy in SIZES:
        checks = [outcome for outcome in outcomes if outcome.rule is not None and outcome.rule.remedy == remedy]
        if checks:
            yield remedy, checks


def _cases(outcome: Outcome) -> Iterator[tuple[int, Cases]]:
    """Yield the cases of the one county that a check applies to."""
    if outcome.cases is not None:
        for row in outcome.cases.rows_of(0, 1).tolist():
            yield row, outcome.cases


def _grades(evaluation: Evaluation, checks: list[Outcome] | tuple[()], *, listed_only: bool) -> Iterator[Grade]:
    """Yield the grades of every judged section; of sections whose classes are not all known, none where a rule asks."""
    basis = evaluation.record.basis
    sections, classes = basis.sections, basis.submission.tables["classes"]
    limits: dict[int, float] = {}
    unknown: set[tuple[int, int]] = set()
    for outcome in checks:
        for row, case in _cases(outcome):
            if case.row[row] < 0 or np.isnan(case.observed[row]):
                unknown.add((int(case.school[row]), int(case.stage[row])))
            else:
                limits[int(case.row[row])] = float(case.required[row])
    stages, pupils, names = classes.choices("stage"), classes.numbers("pupils"), classes.texts("grade")
    for section, (school, stage) in enumerate(zip(sections.school.tolist(), sections.stage.tolist(), strict=True)):
        total = sections.pupils[section]
        if not listed_only and not np.isnan(total):
            yield Grade(section, school, stage, None, int(total), 0, math.inf, 0.0)
            continue
        rows = [row for row in np.flatnonzero((classes.school == school) & (stages == stage)).tolist() if row in limits]
        if (school, stage) in unknown or not rows or pupils[rows].sum() != total:
            continue
        for name in dict.fromkeys(names[rows].tolist()):
            here = [row for row in rows if names[row] == name]
            sizes, limit = pupils[here], min(limits[row] for row in here)
            yield Grade(section, school, stage, name or None, int(sizes.sum()), len(here), limit, float(sizes.max()))


def _rooms(evaluation: Evaluation, checks: list[Outcome] | tuple[()]) -> Iterator[RoomNeed]:
    basis, rule = evaluation.record.basis, evaluation.standard.rule_of(RoomsForClasses)
    if rule is None:
        return
    uses = [use.id for use in basis.standard.measures["rooms.use"].values if use.id in rule.area_at_least]
    counts = [basis.submission.schools.numbers(name) for name in rule.classes.values()]
    for use, outcome in zip(uses, checks, strict=False):
        for row, case in _cases(outcome):
            held, required, school = float(case.observed[row]), float(case.required[row]), int(case.school[row])
            if math.isnan(held + required):
                continue
            classes = int(sum(np.nan_to_num(count[school]) for count in counts))
            area, per = rule.area_at_least[use], rule.classes_per_room
            yield RoomNeed(use, school, int(held), int(required), classes, per, area)


@attrs.frozen
class Allocation:
    """How many pupils of each grade leave and come, classes opened, and rooms built, in the order of `Places`."""

    leaving: tuple[int, ...]
    coming: tuple[int, ...]
    opened: tuple[int, ...]
    built: tuple[int, ...]


def changes_of(places: Places, allocation: Allocation) -> list[Change]:
    """Return an allocation as changes: pupils first, then classes, then rooms."""
    schools, stages = places.evaluation.record.basis.submission.schools, places.evaluation.stages
    ids = schools.columns["school"].tolist()
    changes: list[Change] = []
    leaving = {n: number for n, number in enumerate(allocation.leaving) if number}
    for taker, wanted in enumerate(allocation.coming):
        rest, to = wanted, places.grades[taker]
        while rest:
            giver = next(
                n
                for n, number in leaving.items()
                if number and (places.grades[n].stage, places.grades[n].grade) == (to.stage, to.grade)
            )
            pupils = min(rest, leaving[giver])
            leaving[giver] -= pupils
            rest -= pupils
            changes.append(
                MovePupils(
                    out_of=ids[places.grades[giver].school],
                    to=ids[to.school],
                    stage=stages[to.stage],
                    pupils=pupils,
                    grade=to.grade,
                )
            )
    for n, grade in enumerate(places.grades):
        opened, moved = allocation.opened[n], allocation.leaving[n] + allocation.coming[n]
        if grade.classes and (opened or moved or grade.largest > grade.limit):
            changes.append(
                ArrangeClasses(school=ids[grade.school], stage=stages[grade.stage], grade=grade.grade, open=opened)
            )
    for need, rooms in zip(places.rooms, allocation.built, strict=True):
        if rooms:
            changes.append(BuildRooms(school=ids[need.school], use=need.use, area=need.area, rooms=rooms))
    return changes

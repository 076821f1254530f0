"""The kinds of rule that look at every school: its rooms, its size, its classes, its funds."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from decimal import Decimal

import attrs

from balancedu.core.condition import Condition
from balancedu.core.coverage import covered_once
from balancedu.core.model import (
    Asked,
    Impossible,
    Known,
    MeasureId,
    SchoolType,
    Stage,
    Threshold,
    Title,
    a_share,
    described,
    different,
    filled,
    positive,
    refuse,
)
from balancedu.core.rule import Rule, rule
from balancedu.phrase import Phrase

_FACT = Asked.of("facts", "count", "number")
_OF_SCHOOL = Asked.of("schools", "count", "number")


@rule("rooms_for_classes")
class RoomsForClasses(Rule):
    """A school has one room of each use for every so many classes begun, each room large enough to count."""

    classes: Mapping[Stage, MeasureId] = described(
        "the number of classes of each stage", asks=Asked.of("schools", "count"), validator=filled
    )
    classes_per_room: int = described("for how many classes one room is enough", validator=positive)
    area_at_least: Mapping[str, Decimal] = described(
        "for each use of a room, the area from which it counts, as `rooms.area`", validator=[filled, positive]
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    @property
    def looks_at(self) -> Hashable:
        """The schools, and what else tells the cases."""
        return frozenset(self.area_at_least), tuple(self.classes.items()), self.classes_per_room

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages without classes, uses that no room can have, and what the table of rooms lacks."""
        for column, kind in (("school", "text"), ("use", "choice"), ("area", "number")):
            yield from known.needed(f"rooms.{column}", kind)
        yield from known.covered("classes", self.classes)
        for use in self.area_at_least:
            yield from known.listed(f"area_at_least.{use}", use, "rooms.use")


@attrs.frozen
class SizeLimit:
    """The largest size of some types of school."""

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    at_most: int = described("the most pupils", validator=positive)
    when: Condition | None = described("which schools of these types it is for; left out, all of them", default=None)


@rule("school_size")
class SchoolSize(Rule):
    """No school has more pupils in the judged stages than its type allows."""

    limits: tuple[SizeLimit, ...] = described("the limit of each type of school", validator=filled)
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    @property
    def looks_at(self) -> Hashable:
        """The schools, and what else tells the cases."""
        return frozenset(name for limit in self.limits for name in limit.types)

    def __attrs_post_init__(self) -> None:
        everywhere: set[str] = set()
        problems = []
        for n, limit in enumerate(self.limits):
            twice = [name for name in limit.types if name in everywhere]
            problems += [
                Impossible(f"limits[{n}].types", Phrase(f"{name} 已有限值", f"{name} has a limit already"))
                for name in twice
            ]
            everywhere.update(limit.types if limit.when is None else ())
        refuse(problems)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield schools that no limit, or more than one, is for."""
        if any(limit.when for limit in self.limits):
            yield from covered_once("limits", [(limit.types, limit.when) for limit in self.limits], known.measures)


@rule("class_size")
class ClassSize(Rule):
    """No class has more pupils than its stage allows; every class is looked at, never an average."""

    at_most: Mapping[Stage, int] = described("the most pupils of a class, by stage", validator=positive)
    types: tuple[SchoolType, ...] = described(
        "types of school whose classes are looked at", validator=[filled, different]
    )
    classes: Mapping[Stage, MeasureId] = described(
        "the number of classes of each stage", asks=Asked.of("schools", "count"), validator=filled
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")
    entry_grade: MeasureId | None = described(
        "whether a class is of the entry grade of its school, where other grades have limits of their own",
        asks=Asked.of("classes", "yes_no"),
        default=None,
    )
    at_most_later: Mapping[Stage, int] = described(
        "the most pupils of a class that is not of the entry grade; goes with entry_grade",
        factory=dict,
        validator=positive,
    )

    def __attrs_post_init__(self) -> None:
        if bool(self.at_most_later) != (self.entry_grade is not None):
            problem = Phrase("须与 entry_grade 同时写，现缺其一", "goes with entry_grade: one of the two is missing")
            refuse([Impossible("at_most_later", problem)])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of classes that decide: the pupils, and the entry grade where it matters."""
        return ("pupils", self.entry_grade.rpartition(".")[2]) if self.entry_grade else ("pupils",)

    def limit(self, stage: Stage, entry: bool | None) -> int | None:
        """Return the most pupils of a class; the lower limit where it is not known whether it is of the entry grade."""
        limits = [limit[stage] for limit in self._limits(entry) if stage in limit]
        return min(limits, default=None)

    def _limits(self, entry: bool | None) -> Iterator[Mapping[Stage, int]]:
        if entry is not False or not self.at_most_later:
            yield self.at_most
        if entry is not True:
            yield self.at_most_later

    @property
    def looks_at(self) -> Hashable:
        """The schools, and what else tells the cases."""
        return frozenset(self.types), tuple(self.classes.items())

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages that have no limit, or no number of classes, and what the table of classes lacks."""
        for column, kind in (("school", "text"), ("stage", "choice"), ("pupils", "count")):
            yield from known.needed(f"classes.{column}", kind)
        yield from known.stages_in_order("classes.stage")
        yield from known.covered("at_most", self.at_most)
        yield from known.covered("classes", self.classes)
        if self.at_most_later:
            yield from known.covered("at_most_later", self.at_most_later)


@rule("small_school_funds")
class SmallSchoolFunds(Rule):
    """A school with few pupils is funded as if it had a set number of them."""

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    below: int = described("schools with fewer pupils are concerned", validator=positive)
    funded_as: int = described("the number of pupils that they are funded for", validator=positive)
    funds: MeasureId = described("the school's funds", asks=_OF_SCHOOL)
    per_pupil: Mapping[Stage, MeasureId] = described(
        "the county's standard per pupil, by stage; mixed schools get the mean weighted by their pupils",
        asks=_FACT,
    )

    @property
    def looks_at(self) -> Hashable:
        """The schools, and what else tells the cases."""
        return frozenset(self.types), self.funds

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages that have no standard."""
        return known.covered("per_pupil", self.per_pupil)


@rule("school_share_at_least")
class SchoolShareAtLeast(Rule):
    """In every school, a part of an amount reaches the share."""

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    part: MeasureId = described("the part", asks=_OF_SCHOOL)
    whole: MeasureId = described("the amount that it is a part of", asks=_OF_SCHOOL)
    at_least: Decimal = described("the share", validator=a_share)
    quantity: Title = described("what is compared")

    @property
    def looks_at(self) -> Hashable:
        """The schools, and what else tells the cases."""
        return frozenset(self.types), self.part, self.whole

    @property
    def threshold(self) -> Threshold:
        """The share."""
        return Threshold(">=", self.at_least)

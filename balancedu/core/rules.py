"""The kinds of rule: one frozen attrs class each, whose fields are the fields of the YAML.

A new kind, here or in another package, is a class under `@rule("its_name")` and a function registered with
`balancedu.judging.judge.register`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Literal, TypeVar, dataclass_transform

import attrs

from balancedu.core.model import (
    Asked,
    ByStage,
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

_FACT = Asked.of("facts", "count", "number")
_OF_SCHOOL = Asked.of("schools", "count", "number")


class Rule:
    """Base of all kinds of rule."""

    __slots__ = ()

    def contradictions(self, known: Known) -> Iterator[Impossible]:  # noqa: ARG002
        """Yield what does not fit the rest of the standard; a kind with something to say overrides this."""
        return iter(())


RULES: dict[str, type[Rule]] = {}
"""Every kind of rule by the name that YAML calls it."""

_Kind = TypeVar("_Kind", bound=type[Rule])


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, described))
def rule(name: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of rule that YAML may name.

    Raises
    ------
    ValueError
        If another class has the name: no package changes what an existing kind of rule means.
    """

    def register(cls: _Kind) -> _Kind:
        kind = attrs.frozen(cls)
        known = RULES.get(name, kind)
        if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
            problem = f"the rule {name!r} is {known.__module__}.{known.__qualname__} already"
            raise ValueError(problem)
        RULES[name] = kind
        return kind

    return register


@rule("sections_comply")
class SectionsComply(Rule):
    """Every section reaches the standard in so many indicators and the floor in every other one."""

    at_standard: int = described("in how many indicators a section must reach the standard", validator=positive)
    floor_share: Decimal = described("the share of the standard that the others must reach", validator=a_share)
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield a number of indicators that there are not."""
        if known.indicators is not None and self.at_standard > known.indicators:
            problem = f"must be at most {known.indicators}, the number of indicators, found {self.at_standard}"
            yield Impossible("at_standard", problem)


@rule("spread_within")
class SpreadWithin(Rule):
    """The coefficient of variation of each indicator keeps within the limit of its stage."""

    limits: Mapping[Stage, Decimal] = described("the limit of each stage", validator=positive)

    @property
    def thresholds(self) -> ByStage:
        """The limit of each stage, as something that can be checked."""
        return ByStage.of("<=", self.limits)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages that have no limit, and a limit of nothing."""
        yield from known.covered("limits", self.limits)
        if known.indicators == 0:
            yield Impossible("limits", "there are no indicators")


@rule("stated")
class Stated(Rule):
    """The county states each of these facts, and they are as expected."""

    facts: tuple[MeasureId, ...] = described(
        "yes/no facts", asks=Asked.of("facts", "yes_no"), validator=[filled, different]
    )
    expected: bool = described("the answer that meets the requirement", default=True)


@rule("share_at_least")
class ShareAtLeast(Rule):
    """A share, reported by its counts or directly, reaches the threshold."""

    share: MeasureId = described("the share", asks=Asked.of("facts", "share"))
    at_least: Decimal = described("the threshold, as a share of 1", validator=a_share)
    when_nobody: Literal["unknown", "not_applicable"] = described(
        "the verdict when the whole is zero: nobody is concerned", default="unknown"
    )
    when_not_reported: Literal["unknown", "not_applicable"] = described(
        "the verdict when neither the share nor any of its counts is reported", default="unknown"
    )

    @property
    def threshold(self) -> Threshold:
        """The threshold."""
        return Threshold(">=", self.at_least)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield a threshold that is out of reach."""
        return known.within_reach("at_least", self.at_least, self.share)


@rule("fact_at_least")
class FactAtLeast(Rule):
    """A number that the county reports reaches the threshold."""

    fact: MeasureId = described("the number", asks=_FACT)
    at_least: Decimal = described("the threshold", validator=positive)

    @property
    def threshold(self) -> Threshold:
        """The threshold."""
        return Threshold(">=", self.at_least)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield a threshold that is out of reach."""
        return known.within_reach("at_least", self.at_least, self.fact)


@rule("fact_not_below")
class FactNotBelow(Rule):
    """A number that the county reports is not below another one."""

    fact: MeasureId = described("the number", asks=_FACT)
    not_below: MeasureId = described("the number that it is compared with", asks=_FACT)

    def __attrs_post_init__(self) -> None:
        if self.fact == self.not_below:
            refuse([Impossible("not_below", f"{self.fact} is compared with itself")])


@rule("rooms_for_classes")
class RoomsForClasses(Rule):
    """A school has one room of each use for every so many classes begun, each room large enough to count."""

    classes: Mapping[Stage, MeasureId] = described(
        "the number of classes of each stage", asks=Asked.of("schools", "count"), validator=filled
    )
    classes_per_room: int = described("for how many classes one room is enough", validator=positive)
    area_at_least: Mapping[str, Decimal] = described(
        "for each use of a room, the area from which it counts, in m²", validator=[filled, positive]
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

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


@rule("school_size")
class SchoolSize(Rule):
    """No school has more pupils in the judged stages than its type allows."""

    limits: tuple[SizeLimit, ...] = described("the limit of each type of school", validator=filled)
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    def __attrs_post_init__(self) -> None:
        seen: set[str] = set()
        problems = []
        for n, limit in enumerate(self.limits):
            twice = [name for name in limit.types if name in seen]
            problems += [Impossible(f"limits[{n}].types", f"{name} has a limit already") for name in twice]
            seen.update(limit.types)
        refuse(problems)


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

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages that have no limit, or no number of classes, and what the table of classes lacks."""
        for column, kind in (("school", "text"), ("stage", "choice"), ("pupils", "count")):
            yield from known.needed(f"classes.{column}", kind)
        yield from known.stages_in_order("classes.stage")
        yield from known.covered("at_most", self.at_most)
        yield from known.covered("classes", self.classes)


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
    def threshold(self) -> Threshold:
        """The share."""
        return Threshold(">=", self.at_least)


@rule("monitored_subjects")
class MonitoredSubjects(Rule):
    """Every subject monitored reaches the level, and its difference between schools is below the limit."""

    level: MeasureId = described(
        "the level reached, a choice in ascending order", asks=Asked.of("monitoring", "choice")
    )
    level_at_least: str = described("the level that must be reached, by its id")
    rate: MeasureId = described(
        "the rate of difference between schools", asks=Asked.of("monitoring", "share", "number")
    )
    rate_below: Decimal = described("the limit, itself too high", validator=a_share)

    @property
    def threshold(self) -> Threshold:
        """The limit of the rate."""
        return Threshold("<", self.rate_below)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield a level that does not exist, and a limit that is out of reach."""
        yield from known.listed("level_at_least", self.level_at_least, self.level)
        yield from known.within_reach("rate_below", self.rate_below, self.rate)

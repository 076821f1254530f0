"""The kinds of rule: one frozen attrs class each, whose fields are the fields of the YAML.

A new kind, here or in another package, is a class under `@rule("its_name")` and a function registered with
`balancedu.judging.judge.register`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal, TypeVar, dataclass_transform

import attrs

from balancedu.core.model import (
    ByStage,
    Impossible,
    MeasureId,
    SchoolType,
    Stage,
    Threshold,
    Title,
    described,
    positive,
    filled,
    a_share,
)


class Rule:
    """Base of all kinds of rule."""

    __slots__ = ()


RULES: dict[str, type[Rule]] = {}
"""Every kind of rule by the name that YAML calls it."""

_Kind = TypeVar("_Kind", bound=type[Rule])


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, described))
def rule(name: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of rule that YAML may name."""

    def register(cls: _Kind) -> _Kind:
        kind = attrs.frozen(cls)
        RULES[name] = kind
        return kind

    return register


@rule("sections_comply")
class SectionsComply(Rule):
    """Every section reaches the standard in so many indicators and the floor in every other one."""

    at_standard: int = described("in how many indicators a section must reach the standard", validator=positive)
    floor_share: Decimal = described("the share of the standard that the others must reach", validator=a_share)


@rule("spread_within")
class SpreadWithin(Rule):
    """The coefficient of variation of each indicator keeps within the limit of its stage."""

    at_most: Mapping[Stage, Decimal] = described("the limit of each stage", validator=positive)

    @property
    def limits(self) -> ByStage:
        """The limit of each stage."""
        return ByStage.of("<=", self.at_most)


@rule("stated")
class Stated(Rule):
    """The county states each of these facts, and they are as expected."""

    facts: tuple[MeasureId, ...] = described("yes/no facts", validator=filled)
    expected: bool = described("the answer that meets the requirement", default=True)


@rule("share_at_least")
class ShareAtLeast(Rule):
    """A share, reported by its counts or directly, reaches the threshold."""

    share: MeasureId = described("the share")
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


@rule("fact_at_least")
class FactAtLeast(Rule):
    """A number that the county reports reaches the threshold."""

    fact: MeasureId = described("the number")
    at_least: Decimal = described("the threshold", validator=positive)

    @property
    def threshold(self) -> Threshold:
        """The threshold."""
        return Threshold(">=", self.at_least)


@rule("fact_not_below")
class FactNotBelow(Rule):
    """A number that the county reports is not below another one."""

    fact: MeasureId = described("the number")
    not_below: MeasureId = described("the number that it is compared with")


@rule("rooms_for_classes")
class RoomsForClasses(Rule):
    """A school has one room of each use for every so many classes begun, each room large enough to count."""

    classes: Mapping[Stage, MeasureId] = described("the number of classes of each stage", validator=filled)
    classes_per_room: int = described("for how many classes one room is enough", validator=positive)
    area_at_least: Mapping[str, Decimal] = described(
        "for each use of a room, the area from which it counts, in m²", validator=positive
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")


@attrs.frozen
class SizeLimit:
    """The largest size of some types of school."""

    types: tuple[SchoolType, ...] = described("types of school", validator=filled)
    at_most: int = described("the most pupils", validator=positive)


@rule("school_size")
class SchoolSize(Rule):
    """No school has more pupils in the judged stages than its type allows."""

    limits: tuple[SizeLimit, ...] = described("the limit of each type of school", validator=filled)
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    def __attrs_post_init__(self) -> None:
        listed = [name for limit in self.limits for name in limit.types]
        twice = sorted({name for name in listed if listed.count(name) > 1})
        if twice:
            raise Impossible("limits", f"a type of school has two limits: {', '.join(twice)}")


@rule("class_size")
class ClassSize(Rule):
    """No class has more pupils than its stage allows; every class is looked at, never an average."""

    at_most: Mapping[Stage, int] = described("the most pupils of a class, by stage", validator=positive)
    types: tuple[SchoolType, ...] = described("types of school whose classes are looked at", validator=filled)
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")


@rule("small_school_funds")
class SmallSchoolFunds(Rule):
    """A school with few pupils is funded as if it had a set number of them."""

    types: tuple[SchoolType, ...] = described("types of school", validator=filled)
    below: int = described("schools with fewer pupils are concerned", validator=positive)
    funded_as: int = described("the number of pupils that they are funded for", validator=positive)
    funds: MeasureId = described("the school's funds")
    per_pupil: Mapping[Stage, MeasureId] = described(
        "the county's standard per pupil, by stage; mixed schools get the mean weighted by their pupils"
    )


@rule("school_share_at_least")
class SchoolShareAtLeast(Rule):
    """In every school, a part of an amount reaches the share."""

    types: tuple[SchoolType, ...] = described("types of school", validator=filled)
    part: MeasureId = described("the part")
    whole: MeasureId = described("the amount that it is a part of")
    at_least: Decimal = described("the share", validator=a_share)
    quantity: Title = described("what is compared")

    @property
    def threshold(self) -> Threshold:
        """The share."""
        return Threshold(">=", self.at_least)


@rule("monitored_subjects")
class MonitoredSubjects(Rule):
    """Every subject monitored reaches the level, and its rate of difference between schools is below the limit."""

    level: MeasureId = described("the level reached, a choice in ascending order")
    level_at_least: str = described("the level that must be reached, by its id")
    rate: MeasureId = described("the rate of difference between schools")
    rate_below: Decimal = described("the limit, itself too high", validator=a_share)

    @property
    def threshold(self) -> Threshold:
        """The limit of the rate."""
        return Threshold("<", self.rate_below)

"""The kinds of rule about what the county reports of itself: statements, shares, figures, monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from balancedu.core.model import (
    Asked,
    Impossible,
    Known,
    MeasureId,
    Threshold,
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
            problem = Phrase(f"{self.fact} 不能与自身比较", f"{self.fact} is compared with itself")
            refuse([Impossible("not_below", problem)])


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

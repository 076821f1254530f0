"""The kinds of rule about the indicators: every section complies, the spread between sections keeps within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from balancedu.core.model import (
    ByStage,
    Impossible,
    Known,
    Stage,
    Title,
    a_share,
    described,
    positive,
)
from balancedu.core.rule import Rule, rule
from balancedu.phrase import Phrase


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
            problem = Phrase(
                f"填写{self.at_standard}，而指标共{known.indicators}项",
                f"must be at most {known.indicators}, the number of indicators, found {self.at_standard}",
            )
            yield Impossible("at_standard", problem)


@attrs.frozen
class WithinLimits(Rule):
    """A figure of the spread between sections keeps within the limit of its stage."""

    limits: Mapping[Stage, Decimal] = described("the limit of each stage", validator=a_share)

    @property
    def thresholds(self) -> ByStage:
        """The limit of each stage, as something that can be checked."""
        return ByStage.of("<=", self.limits)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages that have no limit, and a limit of nothing."""
        yield from known.covered("limits", self.limits)
        if known.indicators == 0:
            yield Impossible("limits", Phrase("没有指标", "there are no indicators"))


@rule("spread_within")
class SpreadWithin(WithinLimits):
    """The coefficient of variation of each indicator keeps within the limit of its stage."""


@rule("composite_within")
class CompositeWithin(WithinLimits):
    """The plain mean of the coefficients of variation of all indicators keeps within the limit of its stage."""

    quantity: Title = described("what is compared")

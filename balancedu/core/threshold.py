"""Limits that check a value exactly, say how far it is away, and print themselves."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from balancedu.calculator.compliance import Relation
from balancedu.calculator.exactly import exact
from balancedu.core.fields import Stage

_MEETS: dict[Relation, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}
SYMBOLS: Mapping[str, str] = {">=": "≥", "<=": "≤", "<": "<", ">": ">"}


@attrs.frozen
class Threshold:
    """A limit that can be checked exactly and prints itself.

    Examples
    --------
    >>> limit = Threshold(">=", Decimal("3.825"))
    >>> print(limit, limit.met(3.825), limit.met(3.8249), limit.met(float("nan")))
    ≥ 3.825 True False None
    """

    relation: Relation
    value: Decimal

    @property
    def exact(self) -> Fraction:
        """The limit as a fraction."""
        return Fraction(self.value)

    def met(self, value: float | Fraction) -> bool | None:
        """Return whether the value keeps to the limit; None for NaN. Floats mean their shortest decimal."""
        number = _fraction(value)
        return None if number is None else _MEETS[self.relation](number, self.exact)

    def margin(self, value: float | Fraction) -> float:
        """Return how far the value is on the right side; negative on the wrong side, NaN for NaN."""
        number = _fraction(value)
        if number is None:
            return math.nan
        return float(number - self.exact if self.relation in (">=", ">") else self.exact - number)

    def __str__(self) -> str:
        return f"{SYMBOLS[self.relation]} {self.value:f}"


def _fraction(value: float | Fraction) -> Fraction | float | None:
    """Return the number as written; infinities stay what they are."""
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if math.isnan(value):
        return None
    return value if math.isinf(value) else exact(value)


@attrs.frozen
class ByStage:
    """One threshold for each stage; None where the standard sets none."""

    primary: Threshold | None = None
    junior: Threshold | None = None
    senior: Threshold | None = None

    @classmethod
    def of(cls, relation: Relation, values: Mapping[Stage, Decimal]) -> ByStage:
        """Return thresholds of one relation."""
        return cls(**{stage: Threshold(relation, value) for stage, value in values.items()})

    def __getitem__(self, stage: Stage) -> Threshold | None:
        threshold: Threshold | None = getattr(self, stage)
        return threshold

    def __str__(self) -> str:
        stages = attrs.asdict(self, recurse=False).items()
        return ", ".join(f"{stage} {threshold}" for stage, threshold in stages if threshold)

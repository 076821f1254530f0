"""The hand that writes a submission: at ease or on the limits, for a good county or for any."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from balancedu.calculator.compliance import Relation
from balancedu.core.field_checks import parts_and_wholes
from balancedu.core.model import Measure
from balancedu.core.rules import Rule
from balancedu.core.standard import Standard
from balancedu.testing.limits import around, around_whole, meets

Row = dict[str, Any]
UNIT = Fraction(1, 100)

_Of = TypeVar("_Of")
_Kind = TypeVar("_Kind", bound=Rule)

_PARTS = 16
_EASY: Mapping[Relation, Sequence[int]] = {
    ">=": range(_PARTS, 2 * _PARTS),
    ">": range(_PARTS + 1, 2 * _PARTS),
    "<=": range(_PARTS, _PARTS // 4, -1),
    "<": range(_PARTS - 1, _PARTS // 4, -1),
}
"""Sixteenths of a limit that keep to it."""
_HARD: Mapping[Relation, Sequence[int]] = {
    ">=": range(_PARTS - 1, _PARTS // 4, -1),
    ">": range(_PARTS, _PARTS // 4, -1),
    "<=": range(_PARTS + 1, 2 * _PARTS),
    "<": range(_PARTS, 2 * _PARTS),
}
"""Sixteenths of a limit that do not."""


@attrs.frozen
class Pen:
    """Draws figures.

    Attributes
    ----------
    draw : DrawFn
    standard : Standard
    near : bool
        Figures stand on the limits or right beside them; otherwise they are as in life.
    good : bool
        Figures keep to the limits.
    """

    draw: DrawFn
    standard: Standard
    near: bool
    good: bool

    def pick(self, options: Sequence[_Of]) -> _Of:
        """Return one of the options; the first is the simplest."""
        return self.draw(st.sampled_from(options))

    def some(self, options: Collection[_Of], most: int) -> frozenset[_Of]:
        """Return up to so many of the options."""
        return self.draw(st.frozensets(st.sampled_from(list(options)), max_size=most)) if options else frozenset()

    def whole(self, least: int, most: int) -> int:
        """Return a whole number."""
        return self.draw(st.integers(least, max(least, most)))

    def yes(self) -> bool:
        """Toss a coin."""
        return self.draw(st.booleans())

    def figure(self, relation: Relation, limit: Fraction, unit: Fraction = UNIT) -> float:
        """Return a figure that is going to be compared with a limit."""
        if self.near:
            options = around(limit, unit)
            return self.pick([one for one in options if meets(one, relation, limit)] if self.good else options)
        parts = self.pick([*_EASY[relation], *([] if self.good else _HARD[relation])])
        rounded = math.ceil if parts > _PARTS or (parts == _PARTS and relation == ">=") else math.floor
        return float(rounded(limit * parts / _PARTS / unit) * unit)

    def count(self, relation: Relation, limit: Fraction) -> int:
        """Return a whole number that is going to be compared with a limit."""
        if not self.near:
            return int(self.figure(relation, limit, Fraction(1)))
        return self.pick(self.counts(relation, limit))

    def counts(self, relation: Relation, limit: Fraction) -> list[int]:
        """Return the whole numbers on a limit and beside it, of a good county those that keep to it."""
        options = around_whole(limit, relation)
        return [one for one in options if meets(one, relation, limit)] if self.good else options

    def anything(self, measure: Measure) -> Any:
        """Return a value that a measure allows, whatever it means."""
        if measure.type == "choice":
            return self.pick([choice.id for choice in measure.values])
        if measure.type == "yes_no":
            return self.yes()
        if measure.type == "text":
            return str(self.whole(1, 9))
        if measure.type == "share":
            return possible(measure, self.whole(0, 1000) / 1000)
        reach = measure.range
        least = 0 if reach is None or reach.least is None else int(reach.least)
        most = least + 3999 if reach is None or reach.most is None else int(reach.most)
        figure = self.whole(least, min(least + 9, most)) if self.yes() else self.whole(least, most)
        return possible(measure, figure)

    def rules(self, kind: type[_Kind]) -> list[_Kind]:
        """Return the rules of one kind."""
        return [rule for item in self.standard.items.values() for rule in item.rules if isinstance(rule, kind)]


def fitting(measure: Measure, figure: float) -> float:
    """Return a figure as its measure counts: in whole numbers or not, and no more and no less than it can be."""
    figure = possible(measure, figure)
    return round(figure) if measure.type == "count" else figure


def possible(measure: Measure, value: Any) -> Any:
    """Return a value as it is, or the nearest one in the range of its measure."""
    if value is None or measure.range is None:
        return value
    least, most = measure.range.least, measure.range.most
    if most is not None and value > most:
        return float(most) if most % 1 else int(most)
    if least is not None and value < least:
        return float(least) if least % 1 else int(least)
    return value


def respect_parts(row: Row, measures: Mapping[str, Measure]) -> None:
    """Take down the parts that are larger than their whole."""
    for part, whole in parts_and_wholes(measures):
        if row.get(part) is not None and row.get(whole) is not None:
            row[part] = min(row[part], row[whole])

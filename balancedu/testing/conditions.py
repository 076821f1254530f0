"""What the conditions of a standard ask of schools, so that some schools meet them and some do not."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from balancedu.core.condition import Condition
from balancedu.core.model import Choice, Measure
from balancedu.testing.pen import Pen, Row, fitting

_KEPT = 4
"""How much more often a school counts than not."""


def draw_conditions(pen: Pen, kind: Choice, row: Row) -> Row:
    """Return what a school reports besides for the conditions of the standard."""
    found: Row = {}
    simple = [one for condition in pen.standard.conditions for one in condition.simple]
    for name in dict.fromkeys(name for one in simple for name in one.subject):
        measure = pen.standard.measures[name]
        lacking = kind.stages and measure.stage and measure.stage not in kind.stages
        if measure.table != "schools" or lacking or name in row or name == "type":
            continue
        asking = [one for one in simple if name in one.subject]
        found[name] = _chosen(pen, measure) if measure.values else _drawn(pen, measure, asking)
    return found


def _chosen(pen: Pen, measure: Measure) -> str:
    """Return a choice, more often one with which a school counts."""
    left_out = [one for exclusion in pen.standard.head.scope.left_out for one in exclusion.when.simple]
    away = {value for one in left_out if measure.id in one.subject for value in one.one_of}
    kept = [choice.id for choice in measure.values if choice.id not in away]
    return pen.pick([*kept * _KEPT, *sorted(away)])


def _drawn(pen: Pen, measure: Measure, asking: Sequence[Condition]) -> float:
    """Return a number on a bound, beside it, or anywhere."""
    if measure.type == "yes_no":
        return pen.yes()
    bounds = [bound for one in asking for bound in one.bounds.values()]
    unit = Fraction(1) if measure.type == "count" else Fraction(1, 100)
    figure = pen.pick([Fraction(bound) + n * unit for bound in bounds for n in (0, 1, -1)])
    return fitting(measure, max(0.0, float(figure if pen.near else figure * pen.whole(0, 4) / 2)))

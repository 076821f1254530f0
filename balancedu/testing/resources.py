"""What a school owns, so that its values per pupil stand where they are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction

from balancedu.calculator.exactly import exact
from balancedu.core.model import Indicator, Stage, split_terms
from balancedu.core.rules import SchoolShareAtLeast, SmallSchoolFunds
from balancedu.core.standard import Standard
from balancedu.testing.limits import around
from balancedu.testing.pen import UNIT, Pen, Row, fitting, respect_parts
from balancedu.testing.plans import Plan

_YUAN = range(300, 1500)
"""Public funds per pupil, as in life."""


def draw_resources(pen: Pen, plan: Plan) -> Row:
    """Return what the indicators divide by pupils."""
    counted = pen.standard.counted(plan.kind.id)
    row: Row = {}
    if counted is None:
        return row
    measures = pen.standard.table_measures("schools")
    low = pen.some(pen.standard.indicators, most=1 if pen.good else 2)
    for name in _in_several(pen.standard):
        row[name] = fitting(measures[name], float(Fraction(plan.size * pen.whole(0, 9), 10)))
    for name, measure in measures.items():
        if measure.counts_when and measure.stage in (None, *counted.weights):
            row[name] = fitting(measure, float(pen.whole(0, 3)))
    stages = [stage for stage in pen.standard.stages if stage in counted.weights]
    for indicator in pen.standard.indicators.values():
        if indicator.amount:
            divisors = {stage: _shared(plan, counted.weights, stage) for stage in stages if plan.pupils[stage]}
            _place(pen, row, plan, indicator, divisors, low)
        for stage in stages if indicator.amount_by_stage else ():
            _place(pen, row, plan, indicator, {stage: Fraction(plan.pupils[stage])}, low)
    return row


def draw_funds(pen: Pen, plan: Plan, facts: Row) -> Row:
    """Return the funds of a school."""
    row: Row = {}
    measures = pen.standard.table_measures("schools")
    for small in pen.rules(SmallSchoolFunds):
        pupils = {stage: plan.pupils[stage] for stage in pen.standard.stages if plan.pupils.get(stage)}
        size = sum(pupils.values())
        row[small.funds] = size * pen.pick(_YUAN)
        if plan.kind.id in small.types and 0 < size < small.below:
            due = sum((number * exact(facts[small.per_pupil[stage]]) for stage, number in pupils.items()), Fraction(0))
            row[small.funds] = pen.figure(">=", small.funded_as * due / size)
    for share in pen.rules(SchoolShareAtLeast):
        if plan.kind.id in share.types:
            whole = row.setdefault(share.whole, plan.size * pen.pick(_YUAN))
            row[share.part] = pen.figure(">=", Fraction(share.at_least) * exact(whole))
    respect_parts(row, measures)
    return {column: fitting(measures[column], figure) for column, figure in row.items()}


def _in_several(standard: Standard) -> list[str]:
    """Return the measures that several indicators need: the others can still be chosen to fit them."""
    found: Counter[str] = Counter()
    for indicator in standard.indicators.values():
        found.update({name for stage in standard.stages for _, name in split_terms(indicator.terms(stage))})
    return [name for name, indicators in found.items() if indicators > 1]


def _shared(plan: Plan, weights: Mapping[Stage, Decimal], stage: Stage) -> Fraction:
    """Return the pupils that share what the school owns, counted as pupils of one stage."""
    total = sum((Fraction(weight) * plan.pupils[one] for one, weight in weights.items()), Fraction(0))
    return total / Fraction(weights[stage])


def _place(
    pen: Pen, row: Row, plan: Plan, indicator: Indicator, pupils: Mapping[Stage, Fraction], low: Collection[str]
) -> None:
    """Choose the amounts that make up an indicator, for a section of each stage with so many pupils."""
    amount = exact(_amount(pen, plan, indicator, pupils, low))
    measures = pen.standard.table_measures("schools")
    free = None
    for sign, name in split_terms(indicator.amount or indicator.terms(next(iter(pupils)))):
        if free is None and sign > 0 and name not in row:
            free = name
        else:
            amount -= sign * exact(row.setdefault(name, 0))
    if free is not None:
        row[free] = fitting(measures[free], max(0.0, float(amount)))


def _amount(
    pen: Pen, plan: Plan, indicator: Indicator, pupils: Mapping[Stage, Fraction], low: Collection[str]
) -> float:
    floors = pen.standard.floors.get(indicator.id)
    limits = floors if floors and indicator.id in low else indicator.thresholds
    bars = [
        number / indicator.per * limit.exact for stage, number in pupils.items() if number and (limit := limits[stage])
    ]
    if indicator.id in plan.values:
        # So unequal that the poorer section would need less than nothing: it has nothing.
        wanted = max(Fraction(0), plan.values[indicator.id])
        figures = around(wanted * sum(pupils.values()) / indicator.per, UNIT)
        return pen.pick([figures[0]] * len(figures) + figures)
    if not bars:
        return float(sum(pupils.values()) * pen.whole(1, 9))
    # Teachers and rooms come in whole numbers; next to a limit they may be reported otherwise.
    units = (Fraction(1), UNIT) if indicator.per > 1 else (UNIT,)
    unit = pen.pick(units) if pen.near and not pen.good else units[-1 if pen.near else 0]
    return pen.figure(">=", max(bars) if pen.good else pen.pick(bars), unit)

"""Which schools a county has: their types, their pupils, their classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import attrs

from balancedu.core.model import Choice, Stage
from balancedu.core.rules import (
    ClassSize,
    CompositeWithin,
    RoomsForClasses,
    SchoolSize,
    SmallSchoolFunds,
    SpreadWithin,
    WithinLimits,
)
from balancedu.testing.pen import Pen

_USUAL_CLASS = 40
"""Pupils of a class where the standard sets no limit."""
_MOST_CLASSES = 8

_MEAN = Fraction(30)
"""A mean for indicators without a standard."""


@attrs.frozen
class Plan:
    """What a school is to be.

    Attributes
    ----------
    kind : Choice
        Its type.
    pupils : mapping of stage to int
    classes : mapping of judged stage to the pupils of each class
    values : mapping of indicator to Fraction
        Values per pupil that the county's spread asks for; the others are free.
    """

    kind: Choice
    pupils: Mapping[Stage, int]
    classes: Mapping[Stage, Sequence[int]]
    values: Mapping[str, Fraction] = attrs.field(factory=dict)

    @property
    def size(self) -> int:
        """The pupils of all stages."""
        return sum(self.pupils.values())


def draw_plans(pen: Pen, schools: int) -> list[Plan]:
    """Return the plans of a county's schools."""
    kinds: Sequence[Choice] = pen.standard.measures["type"].values
    plans = _paired(pen, schools) if pen.near and schools > 1 and pen.yes() else []
    if plans:
        taken = {stage for plan in plans for stage in plan.pupils}
        kinds = [kind for kind in kinds if not taken & set(_judged(pen, kind))]
    single = _school_on_limits if pen.near else _usual_school
    return plans + [single(pen, pen.pick(kinds)) for _ in range(schools - len(plans)) if kinds]


def _judged(pen: Pen, kind: Choice) -> list[Stage]:
    """Return the stages of a type of school that are judged."""
    counted = pen.standard.counted(kind.id)
    return [stage for stage in pen.standard.stages if counted and stage in counted.weights]


def _usual_school(pen: Pen, kind: Choice) -> Plan:
    stages = kind.stages or pen.standard.stages
    classes = {}
    for stage in stages:
        limit = Fraction(_largest_class(pen, stage))
        classes[stage] = [pen.count("<=", limit) for _ in range(pen.whole(1, _MOST_CLASSES))]
    return Plan(kind, {stage: sum(sizes) for stage, sizes in classes.items()}, classes)


def _school_on_limits(pen: Pen, kind: Choice) -> Plan:
    stages = kind.stages or pen.standard.stages
    judged = [stage for stage in pen.standard.stages if stage in stages]
    sizes = _sizes(pen, kind)
    size = pen.pick([*sizes, *[None] * (len(sizes) // 2)])
    pupils = {stage: _round_number(pen, kind) for stage in stages}
    if size is not None:
        for stage in judged:
            pupils[stage] = size if stage == judged[-1] else pen.whole(0, size)
            size -= pupils[stage]
    return Plan(kind, pupils, {stage: _classes_of(pen, stage, pupils[stage]) for stage in judged})


def _sizes(pen: Pen, kind: Choice) -> list[int]:
    """Return the sizes of a school at which something changes."""
    counted = pen.standard.counted(kind.id)
    most = [one.at_most for rule in pen.rules(SchoolSize) for one in rule.limits if kind.id in one.types]
    least = [rule.below for rule in pen.rules(SmallSchoolFunds) if kind.id in rule.types]
    least += [counted.fewest_pupils] if counted and counted.fewest_pupils else []
    sizes = [size for limit in most or [_USUAL_CLASS] for size in pen.counts("<=", Fraction(limit))]
    return sizes + [size for limit in least for size in pen.counts(">=", Fraction(limit))]


def _round_number(pen: Pen, kind: Choice) -> int:
    """Return a number of pupils for which a combined school's resources split into finite decimals."""
    counted = pen.standard.counted(kind.id)
    weights = list(map(Fraction, counted.weights.values())) if counted else []
    step = math.lcm(*((one / other).denominator for one in weights for other in weights))
    return _without_2_and_5(step) * pen.whole(1, _MOST_CLASSES * _USUAL_CLASS // _without_2_and_5(step))


def _without_2_and_5(number: int) -> int:
    for prime in (2, 5):
        while number % prime == 0:
            number //= prime
    return number


def _classes_of(pen: Pen, stage: Stage, pupils: int) -> list[int]:
    """Return the sizes of as few classes as possible, or of a number at which another room is needed."""
    limit = _largest_class(pen, stage)
    fewest = math.ceil(Fraction(pupils, limit))
    numbers = [rule.classes_per_room + more for rule in pen.rules(RoomsForClasses) for more in (0, 1, -1)]
    number = pen.pick([fewest, *(one for one in numbers if fewest <= one <= pupils)])
    if number > fewest:
        each, more = divmod(pupils, number)
        return [each + 1] * more + [each] * (number - more)
    sizes = [limit] * (number - 1) + [pupils - limit * (number - 1)] if number else []
    if number > 1 and not pen.good and pen.yes():
        sizes[0], sizes[-1] = sizes[0] + 1, sizes[-1] - 1
    return sizes


def _largest_class(pen: Pen, stage: Stage) -> int:
    limits = [rule.limit(stage, None) for rule in pen.rules(ClassSize)]
    return min([limit for limit in limits if limit is not None], default=_USUAL_CLASS)


def _shares(pen: Pen, rule: WithinLimits) -> list[Fraction]:
    """Return how much of the limit the coefficient of each indicator is; together they are as much as the limit is."""
    count = len(pen.standard.indicators)
    shares = [Fraction(1)] * count
    if isinstance(rule, CompositeWithin) and pen.yes():
        shares[:2] = [Fraction(1, 2), Fraction(3, 2)]
    return shares


def _paired(pen: Pen, schools: int) -> list[Plan]:
    """Return pairs of plain schools whose coefficients of variation are exactly the limits.

    Where two sections have P and r²P pupils, the values m(1 + rc) and m(1 − c/r) have the mean m and the
    coefficient c.
    """
    plans: list[Plan] = []
    for rule in (*pen.rules(SpreadWithin), *pen.rules(CompositeWithin)):
        for stage in pen.standard.stages:
            kinds = [kind for kind in pen.standard.measures["type"].values if _judged(pen, kind) == [stage]]
            kinds = [kind for kind in kinds if kind.stages in (None, (stage,))]
            limit = rule.thresholds[stage]
            if limit is None or not kinds:
                continue
            pairs, ratio = pen.whole(0, (schools - len(plans)) // 2), pen.pick((1, 2))
            pupils = _round_number(pen, kinds[0])
            shares = _shares(pen, rule)
            for step, size in ((ratio * limit.exact, pupils), (-limit.exact / ratio, ratio**2 * pupils)):
                values = {
                    one.id: 2 * (threshold.exact if threshold else _MEAN) * (1 + share * step)
                    for one, share in zip(pen.standard.indicators.values(), shares, strict=True)
                    for threshold in [one.thresholds[stage]]
                }
                classes = {stage: _classes_of(pen, stage, size)}
                plans += [Plan(pen.pick(kinds), {stage: size}, classes, values) for _ in range(pairs)]
    return plans

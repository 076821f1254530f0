"""What a plan is asked for: prices, caps, what stays as it is, a budget."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Literal

import attrs
import numpy as np

from balancedu.core.standard import Standard
from balancedu.errors import RequestError, near
from balancedu.phrase import Phrase, listed, sentence
from balancedu.planning.units import measure_added
from balancedu.submission.submission import Submission

Costs = Mapping[str, float | Mapping[str, float | None]]
"""Yuan for one more unit of a measure, or a mapping of `add` and `move`."""
Caps = Mapping[str, float | Mapping[str, float]]
"""The most units that a school may be given of a measure, for every school or by school id."""
Goal = Literal["sections", "pupils"]


@attrs.frozen
class Price:
    """What a unit costs.

    Attributes
    ----------
    add : float
        Yuan for one more.
    move : float or None
        Yuan for moving one to another school; None where it cannot be moved.
    """

    add: float
    move: float | None


@attrs.frozen
class Request:
    """What a plan may do, and what for."""

    prices: Mapping[str, Price]
    caps: Mapping[str, Mapping[str, float]]
    fixed: frozenset[str]
    untouched: frozenset[str]
    immovable: frozenset[str]
    """Schools that neither give nor receive: what they hold is not the county's to move."""
    budget: float | None
    goal: Goal
    gap: float
    seconds: float

    def cap(self, school: str, measure: str) -> float:
        """Return the most units that a school may be given."""
        if measure in self.fixed or school in self.untouched or measure not in self.prices:
            return 0.0
        by_school = self.caps.get(measure, {})
        return by_school.get(school, by_school.get("", math.inf))

    def moves(self, school: str, measure: str) -> bool:
        """Return whether a school may give or receive units of a measure."""
        if measure in self.fixed or school in self.untouched | self.immovable or measure not in self.prices:
            return False
        return self.prices[measure].move is not None


def changeable(standard: Standard) -> tuple[str, ...]:
    """Return the measures that a plan may change: those that make the indicators grow.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> changeable(load_standard("cn-2017"))[-4:]
    ('teaching_area', 'sports_ground_area', 'equipment_value', 'multimedia_rooms')
    """
    indicators = standard.indicators.values()
    return tuple(dict.fromkeys(measure_added(one, stage) for one in indicators for stage in standard.stages))


def prices_of(standard: Standard, costs: Costs | None) -> dict[str, Price]:
    """Return the price of every changeable measure: the one given, else the example of the standard.

    Raises
    ------
    RequestError
        If a cost names no changeable measure, or is not more than zero.
    """
    prices = {}
    for name in changeable(standard):
        example = standard.measures[name].example_cost
        if example is not None:
            prices[name] = Price(float(example.add), None if example.move is None else float(example.move))
    for name, given in (costs or {}).items():
        _known(standard, "costs", name)
        old = prices.get(name)
        if isinstance(given, Mapping):
            unknown = sorted(set(given) - {"add", "move"})
            if unknown:
                raise _refused("costs", name, listed(unknown), Phrase("“add”和“move”", "add and move"))
            add, move = given.get("add", old.add if old else None), given.get("move", old.move if old else None)
        else:
            add, move = given, old.move if old else None
        if add is None or not _price(add) or not (move is None or _price(move)):
            wanted = Phrase("每个单位多少元，不小于零", "yuan per unit, zero or more")
            raise _refused("costs", name, Phrase.of(repr(given)), wanted)
        prices[name] = Price(float(add), None if move is None else float(move))
    return prices


def caps_of(standard: Standard, caps: Caps | None, schools: Collection[str]) -> dict[str, dict[str, float]]:
    """Return the caps by measure and school; the empty school stands for every other one.

    Raises
    ------
    RequestError
        If a cap names no changeable measure or no school, or is below zero.
    """
    result = {}
    for name, given in (caps or {}).items():
        _known(standard, "caps", name)
        by_school = dict(given) if isinstance(given, Mapping) else {"": given}
        for school, most in by_school.items():
            if school and school not in schools:
                place = f"caps[{name!r}]"
                problem = Phrase(f"{place}：没有学校“{school}”", f"{place}: no school {school!r}")
                raise RequestError(problem + near(school, schools))
            if not most >= 0:
                raise _refused("caps", name, Phrase.of(repr(most)), Phrase("不小于零", "zero or more"))
        result[name] = {school: float(most) for school, most in by_school.items()}
    return result


def immovable_of(submission: Submission) -> frozenset[str]:
    """Return the schools whose resources a county cannot move, by the groups that the standard sets them in.

    Examples
    --------
    >>> from balancedu.submission.reading.source import example
    >>> immovable_of(example("failing"))
    frozenset({'009'})
    """
    schools, found = submission.schools, np.zeros(len(submission.schools), bool)
    for measure in submission.standard.table_measures("schools").values():
        if measure.grouping is not None:
            kept = [n for n, one in enumerate(measure.values) if one.id in measure.grouping.immovable]
            found |= np.isin(schools.choices(measure.column), kept)
    return frozenset(schools.columns["school"][found].tolist())


def known_measures(standard: Standard, names: Collection[str]) -> frozenset[str]:
    """Return measures that may not change.

    Raises
    ------
    RequestError
        If one of them is not changeable.
    """
    for name in names:
        _known(standard, "fixed", name)
    return frozenset(names)


def _known(standard: Standard, argument: str, name: str) -> None:
    known = changeable(standard)
    if name not in known:
        problem = Phrase(f"{argument}：方案不能改变“{name}”", f"{argument}: a plan cannot change {name!r}")
        raise RequestError(sentence(problem + near(name, known), Phrase("可以改变：", "it can: ") + listed(known)))


def _refused(argument: str, name: str, found: Phrase, wanted: Phrase) -> RequestError:
    place, said = f"{argument}[{name!r}]", Phrase("：现为", ": found ") + found + Phrase("，应为", ", wanted ") + wanted
    return RequestError(Phrase.of(place) + said)


def _price(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf

"""What a plan may do and what for: prices, caps, schools and items, checked before anything is searched."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NoReturn

import attrs
import numpy as np

from balancedu.core.fields import Stage
from balancedu.core.standard import Standard
from balancedu.errors import RequestError, near
from balancedu.planning.distances import measure_added
from balancedu.submission.submission import Submission
from balancedu.text import NO_WORDS, Phrase, listed, sentence

Costs = Mapping[str, float | Mapping[str, float | None]]
"""Yuan for one more unit of a measure, or a mapping of `add` and `move`."""
Caps = Mapping[str, float | Mapping[str, float]]
"""The most units that a school may be given of a measure, for every school or by school id."""
Budget = float | Mapping[int | str, float]
"""Yuan in all, or by year."""
Goal = Literal["sections", "pupils"]
MOST = 1e15
"""No amount of money or units is larger."""


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
    items: tuple[str, ...]
    """The items that must be met."""
    budget: float | None
    goal: Goal
    gap: float
    seconds: float

    def price(self, measure: str) -> Price:
        """Return the price of a measure; where none is given it costs nothing and cannot be moved."""
        return self.prices.get(measure, Price(0.0, None))

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
    return tuple(
        dict.fromkeys(measure_added(indicator, stage) for indicator in indicators for stage in standard.stages)
    )


ROOM_AREA = "rooms.area"
"""The measure whose price is that of a square metre of special classrooms."""


def class_counts(standard: Standard) -> Mapping[Stage, str]:
    """Return the measure that counts the classes of each stage, where a rule needs it."""
    rules = (rule for item in standard.items.values() for rule in item.rules)
    declared: Iterator[Mapping[Stage, str]] = (getattr(rule, "classes", {}) for rule in rules)
    return next(filter(None, declared), {})


def priced(standard: Standard) -> tuple[str, ...]:
    """Return the measures that have a price: what a plan may change, pupils, classes and the area of rooms.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> priced(load_standard("cn-2017"))[-5:]
    ('pupils_primary', 'pupils_junior', 'classes_primary', 'classes_junior', 'rooms.area')
    """
    pupils = (standard.head.scope.pupils[stage] for stage in standard.stages)
    rooms = [ROOM_AREA] if ROOM_AREA in standard.measures else []
    return tuple(dict.fromkeys((*changeable(standard), *pupils, *class_counts(standard).values(), *rooms)))


def prices_of(standard: Standard, costs: Costs | None) -> dict[str, Price]:
    """Return the price of every priced measure: the one given, else the example of the standard.

    Raises
    ------
    RequestError
        If a cost names no priced measure, or is below zero.
    """
    known, prices = priced(standard), {}
    for name in known:
        if (example := standard.measures[name].example_cost) is not None:
            prices[name] = Price(float(example.add), None if example.move is None else float(example.move))
    _known("costs", costs or {}, known)
    for name, given in (costs or {}).items():
        # Pupils are moved, never bought.
        old = prices.get(name) or Price(math.nan if name in changeable(standard) else 0.0, None)
        parts = given if isinstance(given, Mapping) else {"add": given}
        if unknown := sorted(set(parts) - {"add", "move"}):
            _refuse(f"costs[{name!r}]", listed(unknown), Phrase("“add”和“move”", "add and move"))
        add, move = parts.get("add", old.add), parts.get("move", old.move)
        if not is_amount(add) or not (move is None or is_amount(move)):
            wanted = Phrase("每个单位多少元，不小于零", "yuan per unit, zero or more")
            _refuse(f"costs[{name!r}]", Phrase.of(repr(given)), wanted)
        prices[name] = Price(float(add or 0.0), None if move is None else float(move))
    return prices


def caps_of(standard: Standard, caps: Caps | None, schools: Collection[str]) -> dict[str, dict[str, float]]:
    """Return the caps by measure and school; the empty school is every other one.

    Raises
    ------
    RequestError
        If a cap names no changeable measure or no school, or is below zero.
    """
    result = {}
    _known("caps", caps or {}, changeable(standard))
    for name, given in (caps or {}).items():
        by_school = dict(given) if isinstance(given, Mapping) else {"": given}
        _known(f"caps[{name!r}]", filter(None, by_school), schools, Phrase("学校", "school"))
        for most in by_school.values():
            _check_amount(f"caps[{name!r}]", most)
        result[name] = {school: float(most) for school, most in by_school.items()}
    return result


def budgets_of(budget: Budget | None) -> dict[str, float]:
    """Return the budget of each year; none where there is one in all.

    Raises
    ------
    RequestError
        If a budget is not a number, zero or more.
    """
    if not isinstance(budget, Mapping):
        if budget is not None:
            _check_amount("budget", budget)
        return {}
    for year, yuan in budget.items():
        _check_amount(Phrase(f"budget：{year}年", f"budget of {year}"), yuan)
    return {str(year): float(yuan) for year, yuan in budget.items()}


def immovable_of(submission: Submission) -> frozenset[str]:
    """Return the schools whose resources a county cannot move, by the groups that the standard sets them in.

    Examples
    --------
    >>> from balancedu.files.read import example
    >>> immovable_of(example("failing"))
    frozenset({'009'})
    """
    schools, result = submission.schools, np.zeros(len(submission.schools), bool)
    for measure in submission.standard.table_measures("schools").values():
        if measure.grouping is not None:
            kept = [n for n, choice in enumerate(measure.values) if choice.id in measure.grouping.immovable]
            result |= np.isin(schools.choices(measure.column), kept)
    return frozenset(schools.columns["school"][result].tolist())


def check_request(
    submission: Submission,
    *,
    fixed: Collection[str],
    untouched: Collection[str],
    items: Collection[str],
    priorities: Sequence[str],
    goal: str,
    gap: float,
    seconds: float,
) -> None:
    """Refuse arguments that make no sense.

    Raises
    ------
    RequestError
        With what was found and what was wanted.
    """
    standard, schools = submission.standard, submission.schools.columns["school"].tolist()
    _known("fixed", fixed, changeable(standard))
    _known("untouched", untouched, schools, Phrase("学校", "school"))
    _known("items", items, standard.items, Phrase("项目", "item"))
    _known("priorities", priorities, (*schools, *priced(standard)), Phrase("填报项或学校", "measure or school"))
    if goal not in ("sections", "pupils"):
        zh = f"目标应为 sections（学校）或 pupils（学生），现为“{goal}”"
        raise RequestError(Phrase(zh, f"goal must be sections or pupils, found {goal!r}"))
    _check_amount("gap", gap)
    if not is_amount(seconds) or not seconds:
        _refuse("seconds", Phrase.of(repr(seconds)), Phrase("大于零的数", "more than zero"))


def _known(place: str, names: Iterable[str], known: Collection[str], what: Phrase = NO_WORDS) -> None:
    """Refuse names that are not known; without a word for them, they are measures that a plan could change."""
    for name in names:
        if name not in known and what:
            problem = Phrase(f"{place}：没有{what.zh}“{name}”", f"{place}: no {what.en} {name!r}")
            raise RequestError(problem + near(name, known))
        if name not in known:
            problem = Phrase(f"{place}：方案不能改变“{name}”", f"{place}: a plan cannot change {name!r}")
            raise RequestError(sentence(problem + near(name, known), Phrase("可以改变：", "it can: ") + listed(known)))


def _check_amount(place: str | Phrase, value: object) -> None:
    if not is_amount(value):
        _refuse(place, Phrase.of(repr(value)), Phrase("不小于零的数", "zero or more"))


def _refuse(place: str | Phrase, given: Phrase, wanted: Phrase) -> NoReturn:
    colon = Phrase("：", ": ") if isinstance(place, str) else Phrase("", ": ")
    words = Phrase("现为", "found ") + given + Phrase("，应为", ", wanted ") + wanted
    raise RequestError(Phrase.of(place) + colon + words)


def is_amount(value: Any) -> bool:
    """Return whether a value is a finite number of Python or numpy, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(0 <= value <= MOST)

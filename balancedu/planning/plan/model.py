"""A county as a planning problem: whole units of measures at schools, and the limits on them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeGuard

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.verdicts import Codes
from balancedu.core.fields import Stage
from balancedu.core.rules import ClassSize, RoomsForClasses
from balancedu.core.standard import Standard
from balancedu.errors import RequestError, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.coefficients import spread_limits, spread_verdicts
from balancedu.planning.units import measure_added, units_to
from balancedu.submission.sections import weights_of
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table
from balancedu.text import Phrase, listed, sentence

Costs = Mapping[str, float | Mapping[str, float | None]]
"""Yuan for one more unit of a measure, or a mapping of `add` and `move`."""
Caps = Mapping[str, float | Mapping[str, float]]
"""The most units that a school may be given of a measure, for every school or by school id."""
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

    def pupil_cost(self, standard: Standard, stage: int) -> float:
        """Return what it costs that a pupil changes school; nothing where no price is given."""
        price = self.prices.get(standard.head.scope.pupils[standard.stages[stage]])
        return price.move or 0.0 if price else 0.0

    def class_cost(self, standard: Standard, stage: int) -> float:
        """Return what a further class costs; nothing where no price is given."""
        names = class_counts(standard)
        price = self.prices.get(names[standard.stages[stage]]) if standard.stages[stage] in names else None
        return price.add if price else 0.0

    def room_cost(self, area: Decimal) -> float:
        """Return what a room of an area costs; nothing where no price is given."""
        price = self.prices.get(ROOM_AREA)
        return price.add * float(area) if price else 0.0

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
    return next((rule.classes for rule in rules if isinstance(rule, ClassSize | RoomsForClasses)), {})


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
    """Return the price of every changeable measure: the one given, else the example of the standard.

    Raises
    ------
    RequestError
        If a cost names no changeable measure, or is not more than zero.
    """
    prices = {}
    for name in priced(standard):
        example = standard.measures[name].example_cost
        if example is not None:
            prices[name] = Price(float(example.add), None if example.move is None else float(example.move))
    for name, given in (costs or {}).items():
        _known("costs", name, priced(standard))
        old = prices.get(name)
        if isinstance(given, Mapping):
            unknown = sorted(set(given) - {"add", "move"})
            if unknown:
                raise _refused("costs", name, listed(unknown), Phrase("“add”和“move”", "add and move"))
            add, move = given.get("add", old.add if old else None), given.get("move", old.move if old else None)
        else:
            add, move = given, old.move if old else None
        # Pupils are moved, never bought.
        if add is None and name not in changeable(standard):
            add = 0.0
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
        _known("caps", name, changeable(standard))
        by_school = dict(given) if isinstance(given, Mapping) else {"": given}
        for school, most in by_school.items():
            if school and school not in schools:
                place = f"caps[{name!r}]"
                problem = Phrase(f"{place}：没有学校“{school}”", f"{place}: no school {school!r}")
                raise RequestError(problem + near(school, schools))
            if not _price(most):
                raise _refused("caps", name, Phrase.of(repr(most)), Phrase("不小于零", "zero or more"))
        result[name] = {school: float(most) for school, most in by_school.items()}
    return result


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


def known_measures(standard: Standard, names: Collection[str]) -> frozenset[str]:
    """Return measures that may not change.

    Raises
    ------
    RequestError
        If one of them is not changeable.
    """
    for name in names:
        _known("fixed", name, changeable(standard))
    return frozenset(names)


def _known(argument: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        problem = Phrase(f"{argument}：方案不能改变“{name}”", f"{argument}: a plan cannot change {name!r}")
        raise RequestError(sentence(problem + near(name, known), Phrase("可以改变：", "it can: ") + listed(known)))


def _refused(argument: str, name: str, phrase: Phrase, wanted: Phrase) -> RequestError:
    place, words = (
        f"{argument}[{name!r}]",
        Phrase("：现为", ": found ") + phrase + Phrase("，应为", ", wanted ") + wanted,
    )
    return RequestError(Phrase.of(place) + words)


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a finite number, of Python or numpy."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(-MOST <= value <= MOST)


def _price(value: object) -> bool:
    return is_number(value) and float(value) >= 0


@attrs.frozen(eq=False)
class Group:
    """The sections of one stage in one indicator, whose coefficient of variation has a limit.

    Attributes
    ----------
    stage, indicator : int
        Positions in the standard.
    cells : (k,) integer array
        The cell that each section's value grows with.
    values, steps, weights : (k,) float arrays
        The values now, what one unit adds, and the share of each section.
    limit : float
    """

    stage: int
    indicator: int
    cells: Ints
    values: Floats
    steps: Floats
    weights: Floats
    limit: float

    def at(self, net: Floats) -> Floats:
        """Return the values after changes."""
        return self.values + self.steps * net[self.cells]


@attrs.frozen(eq=False)
class Model:
    """Cells, each one measure at one school, and what sections and groups need of them.

    Attributes
    ----------
    evaluation : Evaluation
        The county as it is.
    school, measure : (cells,) integer array, tuple of str
        The row of the school and the measure of each cell.
    add_cost, move_cost, most_added, most_given : (cells,) float arrays
        A school gives only what its sections have above their standard.
    may_receive : (cells,) bool array
    cell : (indicators, sections) integer array
        The cell that each indicator of a section grows with.
    to_floor, to_standard : (indicators, sections) float arrays
        Whole units that are missing, as in `units_to`.
    groups : tuple of Group
    known : (sections,) bool array
        Whether every value of the section is reported.
    """

    evaluation: Evaluation
    request: Request
    school: Ints
    measure: tuple[str, ...]
    add_cost: Floats
    move_cost: Floats
    most_added: Floats
    most_given: Floats
    may_receive: Bools
    cell: Ints
    to_floor: Floats
    to_standard: Floats
    pupils: Floats
    groups: tuple[Group, ...]
    known: Bools

    @property
    def standard(self) -> Standard:
        """The standard."""
        return self.evaluation.standard

    @property
    def submission(self) -> Submission:
        """The county as submitted."""
        return self.evaluation.record.basis.submission

    @property
    def at_standard(self) -> int:
        """In how many indicators a section must reach the standard."""
        rule = self.standard.section_rule
        return rule.at_standard if rule else 0

    def shares(self, indicator: int, section: int) -> dict[int, float]:
        """Return the sections that share an amount with a section, with how many of its pupils one of theirs counts."""
        sections, declared = self.evaluation.record.basis.sections, list(self.standard.indicators.values())[indicator]
        if not declared.amount:
            return {section: 1.0}
        weights = weights_of(self.submission.schools, self.standard, int(sections.school[section]))
        own = float(weights[self.standard.stages[sections.stage[section]]])
        return {
            other: float(weights[self.standard.stages[sections.stage[other]]]) / own
            for other in np.flatnonzero(sections.school == sections.school[section]).tolist()
        }

    def per(self, indicator: int) -> int:
        """Return for how many pupils an indicator counts units."""
        return list(self.standard.indicators.values())[indicator].per

    def divisor(self, indicator: int, section: int) -> float:
        """Return the pupils that an amount is shared by, in pupils of the section."""
        sections, declared = self.evaluation.record.basis.sections, list(self.standard.indicators.values())[indicator]
        return float((sections.shared if declared.amount else sections.pupils)[section])

    def amount(self, indicator: int, section: int) -> float:
        """Return the amount that the value of a section follows from, times what the indicator counts units for."""
        return float(self.evaluation.record.basis.values[indicator, section]) * self.divisor(indicator, section)

    def slice_of(self, group: Group) -> slice:
        """Return the rows of the sections of a group."""
        return self.evaluation.record.basis.sections.slices[group.stage]

    def cost(self, added: Floats, received: Floats) -> float:
        """Return what changes cost, in yuan."""
        moving = np.where(received > 0, self.move_cost, 0.0)
        return float(self.add_cost @ added + moving @ received)

    def after(self, net: Floats) -> Evaluation:
        """Return how the county's resources are judged after changes; other tables are left out."""
        schools = self.submission.schools
        columns = dict(schools.columns)
        for name in dict.fromkeys(self.measure):
            here = [n for n, measure in enumerate(self.measure) if measure == name and net[n]]
            figures = schools.numbers(name).copy()
            figures[self.school[here]] = [plus(figures[self.school[n]], net[n]) for n in here]
            columns[name] = figures
        table = attrs.evolve(schools, columns=columns)
        others = {name: Table.empty(name) for name in self.submission.tables}
        tables = others | {"schools": table, "facts": self.submission.facts}
        return evaluate(Submission.of_tables(self.submission.standard, self.submission.counties, tables), self.standard)

    def unmet(self, evaluation: Evaluation) -> tuple[Codes, list[Group]]:
        """Return the verdicts of the sections, and the groups beyond their limit, exactly judged."""
        verdicts = spread_verdicts(evaluation)[0]
        beyond = [group for group in self.groups if verdicts[group.stage, group.indicator] == Verdict.NOT_MET.code]
        return evaluation.section_verdicts, beyond


def plus(amount: float, units: float) -> float:
    """Return an amount and whole units more, as the decimal that a person would write.

    Examples
    --------
    >>> plus(0.1, 3.0), 10619.3 + 1 == plus(10619.3, 1)
    (3.1, True)
    """
    return float(Decimal(repr(float(amount))) + int(units))


def model_of(evaluation: Evaluation, request: Request) -> Model:
    """Return the planning problem of one county."""
    basis, standard = evaluation.record.basis, evaluation.standard
    sections, indicators = basis.sections, list(standard.indicators.values())
    names = [[measure_added(indicator, stage) for stage in standard.stages] for indicator in indicators]
    index: dict[tuple[int, str], int] = {}
    cell = np.empty(basis.values.shape, np.intp)
    for n in range(len(indicators)):
        for section, (school, stage) in enumerate(zip(sections.school.tolist(), sections.stage.tolist(), strict=True)):
            cell[n, section] = index.setdefault((school, names[n][stage]), len(index))
    school, measure = np.array([row for row, _ in index], np.intp), tuple(name for _, name in index)
    ids = basis.submission.schools.columns["school"][school].tolist()
    prices = [request.prices.get(name) for name in measure]
    moves = np.array([request.moves(owner, name) for owner, name in zip(ids, measure, strict=True)], bool)
    to_floor, to_standard = units_to(basis, "floor"), units_to(basis, "standard")
    return Model(
        evaluation=evaluation,
        request=request,
        school=school,
        measure=measure,
        add_cost=np.array([price.add if price else 0.0 for price in prices]),
        move_cost=np.array([price.move if price and price.move is not None else np.inf for price in prices]),
        most_added=np.array([np.floor(request.cap(owner, name)) for owner, name in zip(ids, measure, strict=True)]),
        most_given=np.where(moves, _spare(basis.submission, school, measure, cell, to_standard), 0.0),
        may_receive=moves,
        cell=cell,
        to_floor=to_floor,
        to_standard=to_standard,
        pupils=sections.pupils,
        groups=tuple(_groups(evaluation, cell)),
        known=np.asarray(~np.isnan(basis.values).any(axis=0)),
    )


def _spare(submission: Submission, school: Ints, measure: tuple[str, ...], cell: Ints, to_standard: Floats) -> Floats:
    """Return how many whole units each cell has above the standard of every section that it serves."""
    spare = np.full(school.size, np.inf)
    np.minimum.at(spare, cell.ravel(), np.nan_to_num(-to_standard, nan=0.0).ravel())
    held = np.array([submission.schools.numbers(name)[row] for row, name in zip(school, measure, strict=True)])
    return np.asarray(np.clip(np.minimum(spare, np.floor(np.nan_to_num(held, nan=0.0))), 0.0, None))


def _groups(evaluation: Evaluation, cell: Ints) -> list[Group]:
    basis, limits = evaluation.record.basis, spread_limits(evaluation.standard)
    by_pupils = evaluation.standard.head.spread.weight == "pupils"
    result = []
    for stage, where in enumerate(basis.sections.slices):
        weights = basis.sections.pupils[where] if by_pupils else np.ones(where.stop - where.start)
        for n, indicator in enumerate(evaluation.standard.indicators.values()):
            values = basis.values[n, where]
            if not values.size or np.isnan(values).any() or np.isnan(limits[stage]):
                continue
            divisor = basis.sections.shared if indicator.amount else basis.sections.pupils
            steps = indicator.per / divisor[where]
            result.append(Group(stage, n, cell[n, where], values, steps, weights / weights.sum(), float(limits[stage])))
    return result


SAFE = 1e-11
"""Relative distance from the limit at which floats leave no doubt."""


def excess(group: Group, values: Floats) -> float:
    """Return sd − limit · mean, relative to the mean; positive beyond the limit.

    Examples
    --------
    >>> import numpy as np
    >>> two = Group(0, 0, np.array([0, 1]), np.array([1.0, 3.0]), np.ones(2), np.array([0.5, 0.5]), 0.4)
    >>> round(excess(two, two.values), 3)
    0.1
    """
    mean = float(group.weights @ values)
    if mean <= 0:
        return 1.0
    return float(np.sqrt(group.weights @ (values - mean) ** 2)) / mean - group.limit


def gradient(group: Group, values: Floats) -> Floats:
    """Return how the excess of the absolute form grows with each value."""
    mean = float(group.weights @ values)
    deviation = values - mean
    sd = float(np.sqrt(group.weights @ deviation**2))
    slope = deviation / sd if sd > 0 else np.zeros_like(values)
    return np.asarray(group.weights * (slope - group.limit))

"""The integer programme of a plan: units, pupils, classes and rooms as variables, the law as rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.errors import MissingExtraError
from balancedu.planning.plan.model import Group, Model, gradient
from balancedu.planning.plan.places import MOST_CLASSES, MOST_ROOMS, Allocation, Grade, Places
from balancedu.planning.units import LEVELS, Level
from balancedu.text import Phrase

Row = tuple[Ints, Floats, float, float]
"""The columns of a row, their factors, its least and its most."""
Integrality = Literal["none", "pieces", "all", "never"]
"""Which variables of a solution are whole numbers, and for which solutions a variable is."""
NET = {"added": 1.0, "given": -1.0, "received": 1.0}
"""How the units of a cell change with each of its variables."""
TOKEN_PRICE = 1e-3
"""Yuan for a pupil who moves where moving costs nothing, so that no more pupils move than necessary."""
PIECES = 8
"""Into how many pieces the range of a stage's total amount is divided."""


@attrs.frozen(eq=False)
class Solution:
    """A solution of the programme.

    Attributes
    ----------
    x : (variables,) float array
    added, given, received : (cells,) float arrays
        Units of each cell.
    reaches : float array
        Which of the indicators below their standard reach it.
    complying : (sections,) bool array
    pupils : (sections,) float array
        How many more pupils each section has.
    allocation : Allocation, optional
        Pupils, classes and rooms, where they are whole numbers.
    value : float
        Of the objective.
    bound : float
        No solution has a smaller value.
    """

    x: Floats
    added: Floats
    given: Floats
    received: Floats
    reaches: Floats
    complying: Bools
    pupils: Floats
    allocation: Allocation | None
    value: float
    bound: float

    @property
    def net(self) -> Floats:
        """How many more units each cell has."""
        return self.added - self.given + self.received


Expression = dict[int, float]
"""A linear expression: the factor of each variable by its position."""


@attrs.frozen(eq=False)
class MovingSpread:
    """A coefficient of variation of a stage whose pupils move, in linear expressions of the variables.

    With x = pupils · value of each section and T = Σx, sd ≤ limit · mean is Σ x²/pupils ≤ (1 + limit²) T² / Σ pupils.
    The left side is convex in amounts and pupils together, so a tangent lies below it. The square of T lies below
    the chords between its values at `points`.

    Attributes
    ----------
    amounts, constant : expressions and (sections,) float array
        What each section has of the stage's total amount, as a share of that total now.
    pupils, before : expressions and (sections,) float array
        The pupils of each section.
    points : (pieces + 1,) float array
        Totals, as multiples of the total now.
    weights : int
        The position of the first of the variables that weigh the points.
    factor : float
        Of the square of the total.
    """

    amounts: list[Expression]
    constant: Floats
    pupils: list[Expression]
    before: Floats
    points: Floats
    weights: int
    factor: float

    def cut(self, x: Floats) -> Row | None:
        """Return the tangent at a solution; None where the solution keeps to it."""
        amounts, pupils = _matrix(self.amounts, x.size), _matrix(self.pupils, x.size)
        held, there = amounts @ x + self.constant, np.maximum(pupils @ x + self.before, 1.0)
        values, squares = held / there, np.arange(self.points.size) + self.weights
        if values @ held <= self.factor * (self.points**2 @ x[squares]) * (1 + 1e-7):
            return None
        row = 2 * values @ amounts - values**2 @ pupils
        row[squares] -= self.factor * self.points**2
        scale, columns = float(np.abs(row).max()), np.flatnonzero(row)
        most = float(values**2 @ self.before - 2 * values @ self.constant)
        return columns, row[columns] / scale, -np.inf, most / scale


@attrs.define(eq=False)
class Programme:
    """The variables in blocks, and the rows over them.

    Where pupils may move, the units that a section lacks follow its pupils, so that nothing is bought for pupils who
    must leave. The coefficients of variation of stages whose pupils move are left out until `add_spread` adds what
    every plan within a budget keeps to; the programme allows more than the law, so its bound holds for every plan.

    Attributes
    ----------
    model : Model
    places : Places, optional
    follow : bool
        Whether the units that a section lacks follow its pupils.
    must_comply : bool
        Whether every section must comply.
    mobile : (sections,) bool array
        The sections whose pupils may change.
    """

    model: Model
    places: Places | None = None
    follow: bool = True
    must_comply: bool = True
    mobile: Bools = attrs.field(init=False)
    start: dict[str, int] = attrs.field(init=False, factory=dict)
    stop: dict[str, int] = attrs.field(init=False, factory=dict)
    most: list[float] = attrs.field(init=False, factory=list)
    rows: list[Row] = attrs.field(init=False, factory=list)
    spreads: list[MovingSpread] = attrs.field(init=False, factory=list)
    _whole: list[str] = attrs.field(init=False, factory=list)
    _lower: list[float] = attrs.field(init=False, factory=list)
    _costs: list[float] = attrs.field(init=False, factory=list)
    _by_section: dict[int, list[int]] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        model, places = self.model, self.places
        self.mobile = np.zeros(model.known.size, bool)
        for n, grade in enumerate(places.grades if places else ()):
            self._by_section.setdefault(grade.section, []).append(n)
            if places and self.follow:
                self.mobile[grade.section] |= places.most_out(grade) > 0 or places.most_in(grade) > 0
        known = model.known.astype(np.float64)
        # Indicators of sections below their standard, or that may come to be: a binary says whether they reach it.
        lacking = np.argwhere(((model.to_standard > 0) | self.mobile) & model.known).tolist()
        moving = np.where(np.isfinite(model.move_cost), model.move_cost, 0.0)
        self._block("added", model.most_added, cost=model.add_cost)
        self._block("given", self._most_given())
        self._block("received", np.where(model.may_receive, np.inf, 0.0), cost=moving)
        self._block("complying", known, lower=known * self.must_comply)
        self._block("slack", np.zeros(1))
        self._block("reaches", np.ones(len(lacking)))
        if places:
            grades, request, standard = places.grades, model.request, model.standard
            moving = _array(request.pupil_cost(standard, grade.stage) for grade in grades)
            opening = _array(request.class_cost(standard, grade.stage) for grade in grades)
            building = _array(request.room_cost(need.area) for need in places.rooms)
            self._block("leaving", _array(map(places.most_out, grades)), cost=np.maximum(moving, TOKEN_PRICE))
            self._block("coming", _array(map(places.most_in, grades)))
            self._block("opened", _array(MOST_CLASSES * (grade.classes > 0) for grade in grades), cost=opening)
            self._block("built", np.full(len(places.rooms), float(MOST_ROOMS)), cost=building)
        self._section_rows(lacking)
        self._balance_rows()
        if places:
            self._grade_rows(places)
            self._room_rows(places)

    def _block(
        self,
        name: str,
        most: Floats,
        *,
        lower: Floats | float = 0.0,
        cost: Floats | float = 0.0,
        whole: Integrality = "all",
    ) -> None:
        """Add variables; a block whose name is used again is the last of that name."""
        self.start[name] = len(self.most)
        self.most += most.tolist()
        self._lower += np.broadcast_to(lower, most.shape).tolist()
        self._costs += np.broadcast_to(cost, most.shape).tolist()
        self._whole += [whole] * most.size
        self.stop[name] = len(self.most)

    @property
    def costs(self) -> Floats:
        """The cost of each variable."""
        return np.array(self._costs)

    def objective(self, name: str, factors: Floats) -> Floats:
        """Return factors of one block of variables, zero for all others."""
        result = np.zeros(len(self.most))
        result[self.start[name] : self.stop[name]] = factors
        return result

    @property
    def groups(self) -> list[Group]:
        """The coefficients of variation of the stages whose pupils stay."""
        return [group for group in self.model.groups if not self._moves(group)]

    def _moves(self, group: Group) -> bool:
        return bool(self.mobile[self.model.slice_of(group)].any())

    # Rows

    def _row(self, factors: Expression, least: float, most: float) -> None:
        columns = np.fromiter(factors, np.intp, len(factors))
        self.rows.append((columns, np.fromiter(factors.values(), np.float64, len(factors)), least, most))

    def _net(self, cell: int) -> Expression:
        return {self.start[name] + cell: sign for name, sign in NET.items()}

    def _pupils(self, section: int, factor: float = 1.0) -> Expression:
        """Return how the pupils of a section change with the variables."""
        grades = self._by_section.get(section, [])
        coming, leaving = self.start.get("coming", 0), self.start.get("leaving", 0)
        return {coming + n: factor for n in grades} | {leaving + n: -factor for n in grades}

    def _grades_of(self, section: int) -> list[Grade]:
        return [self.places.grades[n] for n in self._by_section.get(section, [])] if self.places else []

    def _section_rows(self, lacking: Sequence[Sequence[int]]) -> None:
        """Let every section that complies have the floor everywhere, and the standard where its binary says so."""
        model, binaries = self.model, dict[int, list[int]]()
        for k, (n, section) in enumerate(lacking):
            binary, complies = self.start["reaches"] + k, self.start["complying"] + section
            binaries.setdefault(section, []).append(binary)
            net = self._net(int(model.cell[n, section]))
            if self.mobile[section]:
                self._follow_pupils(n, section, binary, net)
                continue
            floor, standard = max(model.to_floor[n, section], 0.0), float(model.to_standard[n, section])
            self._row({**net, complies: -floor, binary: floor - standard}, 0.0, np.inf)
            self._row({complies: 1.0, binary: -1.0}, 0.0, np.inf)
        reached = np.where(self.mobile, 0, (model.to_standard <= 0).sum(axis=0))
        for section, here in binaries.items():
            needed = float(model.at_standard - reached[section])
            if needed > 0:
                self._row({**dict.fromkeys(here, 1.0), self.start["complying"] + section: -needed}, 0.0, np.inf)

    def _follow_pupils(self, n: int, section: int, binary: int, net: Expression) -> None:
        """Let what a section needs grow and shrink with its pupils, and those of the stages that share with it.

        With Q pupils and b for the binary it needs floor · Q + (standard − floor) · Q · b; the product Q · b is at
        least Q − most · (1 − b), and at least `fewest` · b.
        """
        shares, pupils = self.model.shares(n, section), dict[int, float]()
        for other, weight in shares.items():
            pupils |= self._pupils(other, weight)
        (least, rate), (standard, rate_standard) = (_needs(self.model, n, section, level) for level in LEVELS)
        floor_row = net | {column: -rate * weight for column, weight in pupils.items()}
        most, fewest = (
            max(0.0, standard - least + (rate_standard - rate) * sum(shares[other] * change(other) for other in shares))
            for change in (self._most_in, lambda other: -self._most_out(other))
        )
        standard_row = net | {column: -rate_standard * weight for column, weight in pupils.items()}
        self._row(floor_row | {binary: -fewest}, least, np.inf)
        self._row(standard_row | {binary: -most}, standard - most, np.inf)

    def _most_in(self, section: int) -> int:
        """Return how many pupils a section may take: no more than leave all other schools, and than its school may."""
        grades, places = self._grades_of(section), self.places
        if places is None or not grades:
            return 0
        leaving = sum(places.must_leave.values()) + sum(grade.beyond for grade in places.grades)
        return int(min(sum(map(places.most_in, grades)), leaving, places.room[grades[0].school]))

    def _most_out(self, section: int) -> int:
        """Return how many pupils may leave a section: no more than its school or its classes have too many."""
        grades, places = self._grades_of(section), self.places
        if places is None or not grades:
            return 0
        school = grades[0].school
        beyond = sum(grade.beyond for grade in places.grades if grade.school == school)
        return min(sum(map(places.most_out, grades)), places.must_leave.get(school, 0) + beyond)

    def keep_within(self, room: Floats) -> None:
        """Let no section take more pupils than so many."""
        for section in self._by_section:
            self._row(self._pupils(section), -np.inf, float(room[section]))

    def _balance_rows(self) -> None:
        """Let what is given be received, measure by measure."""
        for name in dict.fromkeys(self.model.measure):
            here = [n for n, measure in enumerate(self.model.measure) if measure == name]
            if any(np.isfinite(self.model.move_cost[here])):
                given = {self.start["given"] + n: 1.0 for n in here}
                self._row(given | {self.start["received"] + n: -1.0 for n in here}, 0.0, 0.0)

    def _grade_rows(self, places: Places) -> None:
        """Let pupils leave where they must, come where there is room, and have a class within its limit."""
        leaving, coming, opened = (self.start[name] for name in ("leaving", "coming", "opened"))
        for key in dict.fromkeys((grade.stage, grade.grade) for grade in places.grades):
            here = [n for n, grade in enumerate(places.grades) if (grade.stage, grade.grade) == key]
            self._row({leaving + n: 1.0 for n in here} | {coming + n: -1.0 for n in here}, 0.0, 0.0)
        for school in dict.fromkeys(grade.school for grade in places.grades):
            here = [n for n, grade in enumerate(places.grades) if grade.school == school]
            must = places.must_leave.get(school, 0)
            most = must + sum(places.grades[n].beyond for n in here)
            self._row({leaving + n: 1.0 for n in here}, float(must), float(most))
            self._row({coming + n: 1.0 for n in here}, -np.inf, float(places.room[school]))
        for n, grade in enumerate(places.grades):
            if math.isfinite(grade.limit):
                room = grade.limit * grade.classes - grade.pupils
                self._row({coming + n: 1.0, leaving + n: -1.0, opened + n: -grade.limit}, -np.inf, room)

    def _room_rows(self, places: Places) -> None:
        for n, need in enumerate(places.rooms):
            opened = {self.start["opened"] + k: -1.0 for k, g in enumerate(places.grades) if g.school == need.school}
            per, built = float(need.classes_per_room), self.start["built"] + n
            self._row({built: 1.0}, float(max(need.required, 0)) - need.held, np.inf)
            if opened:
                self._row({built: per, **opened}, need.classes - per * need.held, np.inf)

    def _most_given(self) -> Floats:
        """Return the most that cells may give: at schools whose pupils may leave, what is left without them."""
        model, most = self.model, self.model.most_given.copy()
        for n, section in np.argwhere(np.broadcast_to(self.mobile & model.known, model.cell.shape)).tolist():
            cell, gone = int(model.cell[n, section]), self._most_out(section)
            if gone and model.may_receive[cell]:
                least, rate = _needs(model, n, section, "standard")
                most[cell] = max(most[cell], np.floor(rate * gone - least))
        return most

    # Coefficients of variation

    def tangent(self, group: Group, net: Floats) -> Row:
        """Return the row that units break where they put a coefficient beyond its limit."""
        slope = gradient(group, group.at(net))
        coefficients = slope * group.steps
        # Rows of moderate size keep the solver's tolerances meaningful.
        scale = float(np.abs(coefficients).max()) or 1.0
        columns = np.concatenate([group.cells + self.start[name] for name in NET] + [[self.start["slack"]]])
        factors = np.concatenate([sign * coefficients for sign in NET.values()] + [[-1.0]]) / scale
        return columns, factors, -np.inf, -float(slope @ group.values) / scale

    def spread_cuts(self, solution: Solution) -> list[Row]:
        """Return the tangents at a solution of the coefficients of stages whose pupils move."""
        return [cut for spread in self.spreads if (cut := spread.cut(solution.x)) is not None]

    def add_spread(self, budget: float, seconds: float) -> None:
        """Add what every plan within a budget keeps to in the coefficients of stages whose pupils move."""
        if self.model.standard.head.spread.weight != "pupils":
            return
        columns = np.flatnonzero(self.costs)
        self.rows.append((columns, self.costs[columns], -np.inf, budget))
        parts: dict[tuple[int, int], Expression] = {}
        expressions = [
            (group, *self._amounts(group, budget, parts))
            for group in self.model.groups
            if self._moves(group) and (self.model.add_cost[group.cells] > 0).all()
        ]
        for group, amounts, constant in expressions:
            total = np.zeros(len(self.most))
            for expression in amounts:
                for column, value in expression.items():
                    total[column] += value
            ends = []
            for sign in (1.0, -1.0):
                solution = self.solve(sign * total, (), whole="none", gap=0.0, seconds=seconds)
                ends.append(constant.sum() + sign * solution.bound if solution else np.nan)
            if np.isfinite(ends).all():
                self._add_spread(group, amounts, constant, max(ends[0], 0.0), ends[1])

    def _amounts(
        self, group: Group, budget: float, parts: dict[tuple[int, int], Expression]
    ) -> tuple[list[Expression], Floats]:
        """Return what each section has of the stage's total amount, as a share of that total now."""
        model, where = self.model, self.model.slice_of(group)
        before = model.pupils[where]
        total = float(before @ group.values)
        expressions, constant = [], before * group.values / total
        for k, section in enumerate(range(where.start, where.stop)):
            each = before[k] * group.steps[k] / total
            expression = {column: sign * each for column, sign in self._net(int(group.cells[k])).items()}
            shares = model.shares(group.indicator, section)
            if len(shares) > 1 and constant[k] > 0 and any(self.mobile[other] for other in shares):
                if (group.indicator, section) not in parts:
                    self._divide(group.indicator, section, shares, budget, parts)
                amount = model.amount(group.indicator, section)
                expression = dict.fromkeys(parts[group.indicator, section], amount / total)
                constant[k] = 0.0
            expressions.append(expression)
        return expressions, constant

    def _divide(
        self,
        indicator: int,
        section: int,
        shares: Mapping[int, float],
        budget: float,
        parts: dict[tuple[int, int], Expression],
    ) -> None:
        """Add what each stage has of the amount of a school whose pupils move, as a share of the amount now.

        The part of a stage is its pupils times the amount for a pupil. Within the ranges of both, the product lies
        between four planes (McCormick's), and the parts add up to the amount.
        """
        model, cell = self.model, int(self.model.cell[indicator, section])
        amount, divisor = model.amount(indicator, section), model.divisor(indicator, section)
        each = model.per(indicator) / amount
        held = {column: sign * each for column, sign in self._net(cell).items()}
        least, most = 1.0 - each * self.most[self.start["given"] + cell], 1.0 + each * budget / model.add_cost[cell]
        if self.most[self.start["received"] + cell]:
            most += each * sum(self.most[self.start["given"] : self.stop["given"]])
        out, into = ({other: change(other) for other in shares} for change in (self._most_out, self._most_in))
        fewest = divisor - sum(weight * out[other] for other, weight in shares.items())
        largest = divisor + sum(weight * into[other] for other, weight in shares.items())
        low, high = max(least, 0.0) * divisor / largest, most * divisor / max(fewest, 1.0)
        self._block("per pupil", np.full(1, high), lower=low, whole="never")
        per_pupil = self.start["per pupil"]
        rest = 1.0 - sum(weight * model.pupils[other] for other, weight in shares.items()) / divisor
        total = {per_pupil: rest} | {column: -value for column, value in held.items()}
        for other, weight in shares.items():
            self._block("part", np.full(1, np.inf), whole="never")
            part, now = self.start["part"], weight * float(model.pupils[other]) / divisor
            parts[indicator, other], total[part] = {part: 1.0}, 1.0
            smaller, larger = now - weight * out[other] / divisor, now + weight * into[other] / divisor
            for value, pupils, above in (
                (low, smaller, True),
                (high, larger, True),
                (low, larger, False),
                (high, smaller, False),
            ):
                row = {part: 1.0, per_pupil: -pupils} | self._pupils(other, -value * weight / divisor)
                bound = value * (now - pupils)
                self._row(row, bound if above else -np.inf, np.inf if above else bound)
        self._row(total, 1.0, 1.0)

    def _add_spread(self, group: Group, amounts: list[Expression], constant: Floats, low: float, high: float) -> None:
        """Add the points of the total amount, and the expressions that tangents are made of."""
        where = self.model.slice_of(group)
        points = low + (max(high, low * (1 + 1e-6)) - low) * np.linspace(0.0, 1.0, PIECES + 1) ** 3
        self._block("weights", np.ones(points.size), whole="never")
        self._block("piece", np.ones(PIECES), whole="pieces")
        weights, pieces = self.start["weights"], self.start["piece"]
        self._row({weights + k: 1.0 for k in range(points.size)}, 1.0, 1.0)
        self._row({pieces + k: 1.0 for k in range(PIECES)}, 1.0, 1.0)
        for k in range(points.size):
            near = {pieces + piece: -1.0 for piece in (k - 1, k) if 0 <= piece < PIECES}
            self._row({weights + k: 1.0} | near, -np.inf, 0.0)
        total = {weights + k: -point for k, point in enumerate(points.tolist())}
        for expression in amounts:
            for column, value in expression.items():
                total[column] = total.get(column, 0.0) + value
        self._row(total, -float(constant.sum()), -float(constant.sum()))
        before = self.model.pupils[where]
        pupils = [self._pupils(section) for section in range(where.start, where.stop)]
        factor = (1 + group.limit**2) / float(before.sum())
        self.spreads.append(MovingSpread(amounts, constant, pupils, before, points, weights, factor))

    # Solving

    def solve(
        self,
        objective: Floats,
        cuts: Sequence[Row],
        *,
        whole: Integrality,
        gap: float,
        seconds: float,
        extra: Sequence[tuple[Floats, float]] = (),
        reaches: Floats | None = None,
    ) -> Solution | None:
        """Return the best solution, or None where there is none.

        Parameters
        ----------
        objective : (variables,) float array
            To be made small; shorter than the variables where the last of them count nothing.
        cuts : sequence of Row
        whole : {'none', 'pieces', 'all'}
            Which variables are whole numbers: the fewer, the faster the bound is found.
        gap, seconds : float
            When the solver may stop.
        extra : sequence of (factors, most)
            Further rows over all variables.
        reaches : float array, optional
            Which indicators reach their standard, where that is decided.

        Raises
        ------
        TimeoutError
            If there is no solution in time.
        """
        optimize, sparse = _scipy()
        size = len(self.most)
        least, most = np.array(self._lower), np.array(self.most)
        if reaches is not None:
            where = slice(self.start["reaches"], self.stop["reaches"])
            least[where], most[where] = reaches, reaches
        rows = [*self.rows, *cuts, *((np.arange(factors.size), factors, -np.inf, limit) for factors, limit in extra)]
        counts = [len(columns) for columns, *_ in rows]
        entries = np.concatenate([row[1] for row in rows]), np.concatenate([row[0] for row in rows])
        matrix = sparse.csr_array(
            (entries[0], (np.repeat(np.arange(len(rows)), counts), entries[1])), shape=(len(rows), size)
        )
        limits = {"time_limit": max(seconds, 1.0)} | ({} if whole == "none" else {"mip_rel_gap": gap})
        result = optimize.milp(
            np.concatenate([objective, np.zeros(size - objective.size)]),
            integrality=np.isin(self._whole, ("pieces", "all") if whole == "all" else (whole,)).astype(float),
            bounds=optimize.Bounds(least, most),
            constraints=optimize.LinearConstraint(matrix, [row[2] for row in rows], [row[3] for row in rows]),
            options=limits,
        )
        if result.x is None:
            if result.status in (2, 4):
                return None
            raise TimeoutError(f"no plan within {seconds:.0f} seconds: {result.message}")
        bound = getattr(result, "mip_dual_bound", None)
        return self._solution(
            result.x, float(result.fun), float(result.fun if bound is None else bound), whole=whole == "all"
        )

    def _solution(self, x: Floats, value: float, bound: float, *, whole: bool) -> Solution:
        figures = np.rint(x) if whole else x
        blocks = {name: figures[self.start[name] : self.stop[name]] for name in self.start}
        # What a school gives and receives of the same thing stays where it is.
        both = np.minimum(blocks["given"], blocks["received"])
        pupils, allocation = np.zeros(self.model.known.size), None
        if self.places:
            stays = np.minimum(blocks["leaving"], blocks["coming"])
            leaving, coming = blocks["leaving"] - stays, blocks["coming"] - stays
            np.add.at(pupils, [grade.section for grade in self.places.grades], coming - leaving)
            if whole:
                numbers = (leaving, coming, blocks["opened"], blocks["built"])
                allocation = Allocation(*(tuple(map(int, figures)) for figures in numbers))
        return Solution(
            x=x,
            added=blocks["added"],
            given=blocks["given"] - both,
            received=blocks["received"] - both,
            reaches=blocks["reaches"],
            complying=blocks["complying"] > 0.5,
            pupils=pupils,
            allocation=allocation,
            value=value,
            bound=bound,
        )


def _needs(model: Model, indicator: int, section: int, level: Level) -> tuple[float, float]:
    """Return how many units a section lacks to a limit, and how many more each further pupil asks for."""
    basis = model.evaluation.record.basis
    declared = list(model.standard.indicators.values())[indicator]
    threshold = basis.limits(declared.id, section)[level == "floor"]
    divisor = float((basis.sections.shared if declared.amount else basis.sections.pupils)[section])
    held = float(basis.values[indicator, section]) * divisor / declared.per
    if threshold is None:
        return -held, 0.0
    rate = float(threshold.value) / declared.per
    # A little less than exact, so that the programme never asks for more than the law does.
    return rate * divisor - held - 1e-7 * max(1.0, abs(held)), rate


def _array(numbers: Iterable[float]) -> Floats:
    return np.array(list(numbers), dtype=np.float64)


def _matrix(expressions: Sequence[Expression], size: int) -> Floats:
    result = np.zeros((len(expressions), size))
    for n, expression in enumerate(expressions):
        result[n, list(expression)] = list(expression.values())
    return result


def _scipy() -> tuple[Any, Any]:
    try:
        from scipy import optimize, sparse
    except ImportError as error:
        raise MissingExtraError("scipy", "plan", Phrase("测算方案", "a plan")) from error
    return optimize, sparse

"""The integer programme of a plan: units, pupils, classes and rooms as variables, the law as rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.core.rules import RoomsForClasses
from balancedu.errors import MissingExtraError
from balancedu.planning.distances import LEVELS
from balancedu.planning.plan.model import NET, ROOM_AREA, CoefficientGroup, Done, Model, class_counts, excess, net_of
from balancedu.text import Phrase

Constraint = tuple[Ints, Floats, float, float]
"""The columns of a row, their factors, its least and its most."""
Expression = Mapping[int, float]
"""A linear expression: the factor of each variable by its position."""
TOKEN_PRICE = 1e-3
"""Yuan for a pupil who moves where moving costs nothing, so that no more pupils move than necessary."""
MOST_CLASSES, MOST_ROOMS = 100.0, 20.0
"""No plan opens more classes in a grade, or builds more rooms for one use at a school."""


def row_of(factors: Expression, least: float, most: float) -> Constraint:
    """Return the row that keeps an expression between two numbers."""
    columns, figures = np.fromiter(factors, np.intp, len(factors)), np.array(list(factors.values()))
    return columns, figures, least, most


@attrs.frozen(eq=False)
class Solution:
    """A solution of the programme.

    Attributes
    ----------
    x : (variables,) float array
    done : mapping of kind to float array
        The blocks of variables, whole where the solution is; what a school gives and receives of the same thing
        stays where it is.
    pupils : (sections,) float array
        How many more pupils each section has.
    value : float
        Of the objective.
    bound : float
        No solution has a smaller value.
    """

    x: Floats
    done: Done
    pupils: Floats
    value: float
    bound: float

    @property
    def net(self) -> Floats:
        """The units that each cell has more than now."""
        return net_of(self.done)

    @property
    def complying(self) -> Bools:
        """Whether each section complies."""
        return np.asarray(self.done["complying"] > 0.5)


@attrs.define(eq=False)
class Programme:
    """The variables in blocks, and the rows over them.

    Where pupils may move, the units that a section lacks follow its pupils, so that nothing is bought for pupils who
    must leave. The programme allows more than the law, so its bound holds for every plan. The coefficients of stages
    whose pupils move count once `limit_means` knows how large their means can become.

    Attributes
    ----------
    model : Model
    must_comply : bool
        Whether every section must comply; if not, what it lacks does not follow its pupils.
    out, into : (sections,) float arrays
        How many pupils may leave and come.
    tangents : list of Row
        Tangents to the limits of coefficients, as far as they were needed.
    means : mapping of group to (least, most)
        The means that the groups of stages whose pupils move can have.
    """

    model: Model
    must_comply: bool = True
    out: Floats = attrs.field(init=False)
    into: Floats = attrs.field(init=False)
    block: dict[str, slice] = attrs.field(init=False, factory=dict)
    rows: list[Constraint] = attrs.field(init=False, factory=list)
    tangents: list[Constraint] = attrs.field(init=False, factory=list)
    means: dict[CoefficientGroup, tuple[float, float]] = attrs.field(init=False, factory=dict)
    _grades: dict[int, list[int]] = attrs.field(init=False)
    _sharing: dict[CoefficientGroup, Floats] = attrs.field(init=False, factory=dict)
    least: Floats = attrs.field(init=False, factory=lambda: np.zeros(0))
    most: Floats = attrs.field(init=False, factory=lambda: np.zeros(0))
    costs: Floats = attrs.field(init=False, factory=lambda: np.zeros(0))

    def __attrs_post_init__(self) -> None:
        model, request, standard = self.model, self.model.request, self.model.basis.standard
        places, sections = model.places, model.known.size
        self._grades = {section: here for (section,), here in places.grades_by("section").items()}
        self.out, self.into = np.zeros(sections), np.zeros(sections)
        if self.must_comply:
            self.out, self.into = places.changes_of_sections(sections)
        known = model.known.astype(np.float64)
        # Indicators of sections below their standard, or that may come to be: a binary is 1 if they reach it.
        lacking = np.argwhere(((model.to_standard > 0) | self.mobile) & model.known).tolist()
        self._add("added", model.most_added, cost=model.add_cost)
        self._add("given", self._most_given())
        moving = np.where(np.isfinite(model.move_cost), model.move_cost, 0.0)
        self._add("received", np.where(model.may_receive, np.inf, 0.0), cost=moving)
        self._add("complying", known, least=known * self.must_comply)
        self._add("slack", np.zeros(1))
        self._add("reaches", np.ones(len(lacking)))
        stages, counts = [standard.stages[grade.stage] for grade in places.grades], class_counts(standard)
        moves = [request.price(standard.head.scope.pupils[stage]).move or TOKEN_PRICE for stage in stages]
        self._add("leaving", places.out, cost=np.array(moves))
        self._add("coming", places.into)
        opened = [MOST_CLASSES if grade.classes else 0.0 for grade in places.grades]
        opening = [request.price(counts.get(stage, "")).add for stage in stages]
        self._add("opened", np.array(opened), cost=np.array(opening))
        rule, square_metre = standard.rule_of(RoomsForClasses), request.price(ROOM_AREA).add
        areas = [float(rule.area_at_least[need.use]) if rule else 0.0 for need in places.rooms]
        self._add("built", np.full(len(areas), MOST_ROOMS), cost=square_metre * np.array(areas))
        self._section_rows(lacking)
        self._move_rows()
        self._class_rows()
        if rule:
            self._room_rows(float(rule.classes_per_room))

    @property
    def mobile(self) -> Bools:
        """The sections whose pupils may change."""
        return np.asarray((self.out > 0) | (self.into > 0))

    def _add(self, name: str, most: Floats, *, least: Floats | float = 0.0, cost: Floats | float = 0.0) -> None:
        """Add a block of variables."""
        self.block[name] = slice(self.most.size, self.most.size + most.size)
        self.most = np.concatenate([self.most, most])
        self.least = np.concatenate([self.least, np.broadcast_to(least, most.shape)])
        self.costs = np.concatenate([self.costs, np.broadcast_to(cost, most.shape)])

    def objective(self, name: str, factors: Floats) -> Floats:
        """Return factors of one block of variables, zero for all others."""
        result = np.zeros(self.most.size)
        result[self.block[name]] = factors
        return result

    # Rows

    def _row(self, factors: Expression, least: float, most: float = np.inf) -> None:
        self.rows.append(row_of(factors, least, most))

    def _at(self, name: str, position: int) -> int:
        return int(self.block[name].start) + position

    def _sum(self, name: str, positions: Sequence[int], factor: float = 1.0) -> dict[int, float]:
        """Return variables of a block, added up."""
        return {self._at(name, position): factor for position in positions}

    def _net(self, cell: int, factor: float = 1.0) -> dict[int, float]:
        """Return how the units of a cell change with the variables."""
        return {self._at(name, cell): sign * factor for name, sign in NET.items()}

    def _pupils(self, section: int, coming: float = 1.0, leaving: float = -1.0) -> dict[int, float]:
        """Return how the pupils of a section change with the variables."""
        here = self._grades.get(section, [])
        return self._sum("coming", here, coming) | self._sum("leaving", here, leaving)

    def _section_rows(self, lacking: Sequence[Sequence[int]]) -> None:
        """Let every section that complies have the floor everywhere, and the standard where its binary is 1."""
        model, mobile, binaries = self.model, self.mobile, dict[int, list[int]]()
        for k, (n, section) in enumerate(lacking):
            binary, complies = self._at("reaches", k), self._at("complying", section)
            binaries.setdefault(section, []).append(k)
            net = self._net(int(model.cell[n, section]))
            if mobile[section]:
                self._follow_pupils(n, section, binary, net)
                continue
            floor, standard = max(model.to_floor[n, section], 0.0), float(model.to_standard[n, section])
            self._row({**net, complies: -floor, binary: floor - standard}, 0.0)
            self._row({complies: 1.0, binary: -1.0}, 0.0)
        reached = np.where(mobile, 0, (model.to_standard <= 0).sum(axis=0))
        for section, here in binaries.items():
            needed = float(model.at_standard - reached[section])
            if needed > 0:
                self._row(self._sum("reaches", here) | {self._at("complying", section): -needed}, 0.0)

    def _follow_pupils(self, n: int, section: int, binary: int, net: Expression) -> None:
        """Let what a section needs grow and shrink with its pupils, and those of the stages that share with it.

        With Q pupils and b for the binary it needs floor · Q + (standard − floor) · Q · b; the product Q · b is at
        least Q − most · (1 − b), and at least `fewest` · b.
        """
        sharing, (floor, standard) = self.model.sharing(n, section), (self.model.need(n, section, x) for x in LEVELS)
        most, fewest = (
            max(0.0, standard[0] - floor[0] + (standard[1] - floor[1]) * sum(sharing[k] * change[k] for k in sharing))
            for change in (self.into, -self.out)
        )
        for (least, rate), binary_units, spared in ((floor, fewest, 0.0), (standard, most, most)):
            needs = {binary: -binary_units}
            for other, weight in sharing.items():
                needs |= self._pupils(other, -rate * weight, rate * weight)
            self._row({**net, **needs}, least - spared)

    def keep_within(self, room: Floats) -> None:
        """Let no section take more pupils than its maximum."""
        for section in self._grades:
            self._row(self._pupils(section), -np.inf, float(room[section]))

    def _move_rows(self) -> None:
        """Let what is given be received, measure by measure; and pupils who leave come to a school with room."""
        places = self.model.places
        for cells in self.model.cells_by_measure().values():
            if any(np.isfinite(self.model.move_cost[cells])):
                self._row(self._sum("given", cells) | self._sum("received", cells, -1.0), 0.0, 0.0)
        for here in places.grades_by("stage", "grade").values():
            self._row(self._sum("leaving", here) | self._sum("coming", here, -1.0), 0.0, 0.0)
        for (school,), here in places.grades_by("school").items():
            must, most = places.must_leave.get(school, 0), places.most_leaving(school)
            self._row(self._sum("leaving", here), float(must), float(most))
            self._row(self._sum("coming", here), -np.inf, float(places.room[school]))

    def _class_rows(self) -> None:
        """Let every pupil have a class within its limit."""
        for n, grade in enumerate(self.model.places.grades):
            if math.isfinite(grade.limit):
                room = grade.limit * grade.classes - grade.pupils
                pupils = {self._at("coming", n): 1.0, self._at("leaving", n): -1.0}
                self._row(pupils | {self._at("opened", n): -grade.limit}, -np.inf, room)

    def _room_rows(self, per: float) -> None:
        """Let classes have their rooms, one for a number of classes."""
        grades = self.model.places.grades_by("school")
        for n, need in enumerate(self.model.places.rooms):
            built, here = self._at("built", n), grades.get((need.school,), [])
            self._row({built: 1.0}, float(max(need.required, 0)) - need.held)
            if here:
                self._row({built: per} | self._sum("opened", here, -1.0), need.classes - per * need.held)

    def _most_given(self) -> Floats:
        """Return the most that cells may give: at schools whose pupils may leave, what is left without them."""
        model, most = self.model, self.model.most_given.copy()
        for n, section in np.argwhere(np.broadcast_to((self.out > 0) & model.known, model.cell.shape)).tolist():
            cell = int(model.cell[n, section])
            if model.may_receive[cell]:
                least, rate = model.need(n, section, "standard")
                most[cell] = max(most[cell], np.floor(rate * self.out[section] - least))
        return most

    # Coefficients of variation

    def groups(self) -> Iterator[CoefficientGroup]:
        """Yield the coefficients that count: of stages whose pupils stay, and of those whose means have limits."""
        mobile = self.mobile
        return (group for group in self.model.groups if group in self.means or not mobile[group.sections].any())

    def broken(self, solution: Solution, near: float) -> list[Constraint]:
        """Return the tangents that a solution breaks by more than so much."""
        result = []
        for group in self.groups():
            values, weights = self._values(group, solution)
            if excess(values, weights, group.limit) > near:
                row = self.tangent(group, values, weights)
                if group not in self.means or row[1] @ solution.x[row[0]] > row[3] + 1e-9:
                    result.append(row)
        return result

    def _values(self, group: CoefficientGroup, solution: Solution) -> tuple[Floats, Floats]:
        """Return the values of a group and the share of each section, its pupils having moved."""
        values, weights = group.at(solution.net), group.weights
        if group not in self.means:
            return values, weights
        before, moved = self.model.pupils[group.sections], solution.pupils[group.sections]
        divisors = self.model.divisors(group.indicator)[group.sections]
        change = self._shared_by(group) @ solution.pupils
        return values * divisors / np.maximum(divisors + change, 1.0), np.maximum(before + moved, 0.0) / before.sum()

    def _shared_by(self, group: CoefficientGroup) -> Floats:
        """Return how many pupils one of each section counts where it shares with a section of a group."""
        if group not in self._sharing:
            sections = range(*group.sections.indices(self.out.size))
            matrix = self._sharing[group] = np.zeros((len(sections), self.out.size))
            for k, section in enumerate(sections):
                sharing = self.model.sharing(group.indicator, section)
                matrix[k, list(sharing)] = list(sharing.values())
        return self._sharing[group]

    def tangent(self, group: CoefficientGroup, values: Floats, weights: Floats) -> Constraint:
        """Return the row that every plan satisfies and that values beyond the limit L of a group violate.

        With the amount X and the pupils p of each section, T = ΣX and P = Σp, the law is ΣX²/p ≤ (1 + L²) T²/P. For
        the mean m = T/P and any u, ΣX²/p ≥ 2m ΣuX − m² Σu²p. Divided by m, only the products of m and the pupils who
        move are not linear; m is between its `means`, and X grows and shrinks with the share of a stage of its school.
        """
        limit, mean = group.limit, float(weights @ values)
        cv = excess(values, weights, limit) + limit
        away = (values / mean - 1.0) / cv if mean > 0 else np.zeros(values.size)
        u, now = 1.0 + limit * away, group.weights
        factors = now * (away - float(now @ away) - limit / 2 * (float(now @ away**2) + 1.0))
        low, high = self._shares(group)
        factors = np.where(factors > 0, factors * low, factors * high)
        # Rows of moderate size keep the solver's tolerances meaningful.
        scale = float(np.abs(factors * group.steps).max()) or 1.0
        row = {self._at("slack", 0): -1.0 / scale}
        for cell, factor in zip(group.cells.tolist(), (factors * group.steps / scale).tolist(), strict=True):
            row |= self._net(cell, factor)
        if group in self.means:
            least, most = self.means[group]
            total = 2 * max(limit, 1e-9) * float(self.model.pupils[group.sections].sum()) * scale
            for k, section in enumerate(range(*group.sections.indices(self.out.size))):
                row |= self._pupils(section, -(u[k] ** 2) * most / total, u[k] ** 2 * least / total)
        return row_of(row, -np.inf, -float(factors @ group.values) / scale)

    def _shares(self, group: CoefficientGroup) -> tuple[Floats, Floats]:
        """Return how far the share of each section in the amount of its school can fall and rise: 1 is as now."""
        where, sharing = group.sections, self._shared_by(group)
        before, divisors = self.model.pupils[where], self.model.divisors(group.indicator)[where]
        result = []
        for own, others in ((-self.out, self.into), (self.into, -self.out)):
            change = sharing @ others + own[where] - others[where]
            result.append((before + own[where]) / before * divisors / np.maximum(divisors + change, 1e-9))
        return result[0], result[1]

    def limit_means(self, budget: float, seconds: float) -> None:
        """Find the means that the coefficients of stages whose pupils move can have in plans within a budget."""
        if self.model.basis.standard.head.spread.weight != "pupils":
            return
        mobile = self.mobile
        for group in self.model.groups:
            if not mobile[group.sections].any() or not (self.model.add_cost[group.cells] > 0).all():
                continue
            ends = list[float]()
            for share, sign in zip(self._shares(group), (1.0, -1.0), strict=True):
                factors = np.zeros(self.most.size)
                for name, direction in NET.items():
                    factors[group.cells + self.block[name].start] = direction * group.weights * share * group.steps
                solution = self.solve(sign * factors, whole=False, seconds=seconds, extra=[(self.costs, budget)])
                now = float(group.weights @ (share * group.values))
                ends.append(now + sign * solution.bound if solution else math.nan)
            if all(map(math.isfinite, ends)):
                self.means[group] = max(ends[0], 0.0), ends[1]

    # Solving

    def solve(
        self,
        objective: Floats,
        *,
        whole: bool,
        seconds: float,
        extra: Sequence[tuple[Floats, float]] = (),
    ) -> Solution | None:
        """Return the best solution, or None where there is none.

        Parameters
        ----------
        objective : (variables,) float array
            To be made small.
        whole : bool
            Whether variables are whole numbers; without that the bound is found faster.
        seconds : float
            When the solver has to stop.
        extra : sequence of (factors, most)
            Further rows over all variables.

        Raises
        ------
        TimeoutError
            If there is no solution in time.
        """
        try:
            from scipy import optimize, sparse
        except ImportError as error:
            raise MissingExtraError("scipy", "plan", Phrase("测算方案", "a plan")) from error
        further = [(np.arange(factors.size), factors, -np.inf, limit) for factors, limit in extra]
        # A row without a requirement: a county that needs nothing may have no other.
        rows = [(np.arange(0), np.empty(0), -np.inf, np.inf), *self.rows, *self.tangents, *further]
        # Early versions of scipy take no wider positions than these.
        row_of_entry = np.repeat(np.arange(len(rows), dtype=np.int32), [len(columns) for columns, *_ in rows])
        columns, factors = (np.concatenate([row[part] for row in rows]) for part in (0, 1))
        shape = (len(rows), self.most.size)
        matrix = sparse.csr_array((factors, (row_of_entry, columns.astype(np.int32))), shape=shape)
        result = optimize.milp(
            objective,
            integrality=np.full(self.most.size, float(whole)),
            bounds=optimize.Bounds(self.least, self.most),
            constraints=optimize.LinearConstraint(matrix, [row[2] for row in rows], [row[3] for row in rows]),
            options={"time_limit": max(seconds, 1.0)} | ({"mip_rel_gap": self.model.request.gap / 2} if whole else {}),
        )
        if result.x is None:
            if result.status in (2, 4):
                return None
            raise TimeoutError(f"no plan within {seconds:.0f} seconds: {result.message}")
        # Adding zero makes a zero of −0.
        figures = np.rint(result.x) + 0.0 if whole else result.x
        done = {name: figures[where] for name, where in self.block.items()}
        for giving, taking in (("given", "received"), ("leaving", "coming")):
            stays = np.minimum(done[giving], done[taking])
            done |= {giving: done[giving] - stays, taking: done[taking] - stays}
        pupils, bound = np.zeros(self.out.size), getattr(result, "mip_dual_bound", None)
        np.add.at(pupils, [grade.section for grade in self.model.places.grades], done["coming"] - done["leaving"])
        return Solution(result.x, done, pupils, float(result.fun), float(result.fun if bound is None else bound))

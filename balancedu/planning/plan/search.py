"""The search for the cheapest plan: an integer programme, tangents to the limits, and repair by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats
from balancedu.errors import MissingExtraError
from balancedu.planning.plan.model import SAFE, Cut, Group, Model, excess, gradient, tangent, touches
from balancedu.planning.plan.places import MOST_CLASSES, MOST_ROOMS, Allocation, Places
from balancedu.planning.units import Level
from balancedu.text import Phrase


@attrs.frozen(eq=False)
class Solution:
    """What the solver found.

    Attributes
    ----------
    net, added, given, received : (cells,) float arrays
        Whole units.
    complying : (sections,) bool array
    pupils : (sections,) float array
        How many more pupils each section has.
    allocation : Allocation, optional
        Pupils, classes and rooms, where the programme has them.
    value : float
        Of the objective.
    bound : float
        No solution has a smaller one.
    """

    added: Floats
    given: Floats
    received: Floats
    complying: Bools
    pupils: Floats
    allocation: Allocation | None
    value: float
    bound: float

    @property
    def net(self) -> Floats:
        """What each cell has more than now."""
        return self.added - self.given + self.received


BLOCKS = ("added", "given", "received", "reaches", "complying", "slack", "leaving", "coming", "opened", "built")
"""The variables: units of each cell, whether an indicator reaches its standard, whether a section complies, how far
beyond the cuts a solution may be, pupils of each grade that leave and come, classes opened, rooms built."""
FEW = 1e-3
"""Yuan for a pupil who moves where moving costs nothing, so that no more move than have to."""


@attrs.frozen(eq=False)
class Programme:
    """An integer programme: rows over the blocks of variables.

    Where pupils may move, the units that a section lacks follow its pupils, so that nothing is bought for pupils who
    must leave; the coefficients of variation are then minded only where no section's pupils change, which makes the
    programme allow more than the law, and its bound hold for every plan.
    """

    model: Model
    places: Places | None
    start: dict[str, int]
    size: int
    lacking: tuple[tuple[int, int], ...]
    """Indicators of sections that are below their standard, or may be: a binary says whether they reach it."""
    mobile: Bools
    """The sections whose pupils may change."""
    rows: list[tuple[list[int], list[float], float, float]] = attrs.field(factory=list)

    @classmethod
    def of(cls, model: Model, places: Places | None = None, *, follow: bool = True) -> Programme:
        """Return the programme without any cut; `follow`: whether what sections need follows their pupils."""
        mobile = np.zeros(model.known.size, bool)
        if places and follow:
            for grade in places.grades:
                mobile[grade.section] |= places.most_out(grade) > 0 or places.most_in(grade) > 0
        lacking = np.argwhere(((model.to_standard > 0) | mobile) & model.known)
        grades, rooms = (len(places.grades), len(places.rooms)) if places else (0, 0)
        sizes = [*[model.school.size] * 3, len(lacking), model.known.size, 1, *[grades] * 3, rooms]
        starts = np.cumsum([0, *sizes]).tolist()
        start = dict(zip(BLOCKS, starts, strict=False))
        pairs = tuple((int(n), int(section)) for n, section in lacking)
        programme = cls(model, places, start, starts[-1], pairs, mobile)
        programme._sections()
        programme._balance()
        if places:
            programme._grades(places)
            programme._rooms(places)
        return programme

    def count(self, name: str) -> int:
        """Return how many variables a block has."""
        following = BLOCKS.index(name) + 1
        return (self.start[BLOCKS[following]] if following < len(BLOCKS) else self.size) - self.start[name]

    @property
    def groups(self) -> list[Group]:
        """The coefficients of variation that are minded: those of sections whose pupils stay."""
        slices = self.model.evaluation.record.basis.sections.slices
        return [group for group in self.model.groups if not self.mobile[slices[group.stage]].any()]

    def _net(self, cell: int) -> tuple[list[int], list[float]]:
        return [self.start[name] + cell for name in BLOCKS[:3]], [1.0, -1.0, 1.0]

    def _pupils(self, section: int, factor: float = 1.0) -> tuple[list[int], list[float]]:
        """Return the variables that make the pupils of a section more or fewer."""
        grades = self.places.grades if self.places else ()
        here = [n for n, grade in enumerate(grades) if grade.section == section]
        columns = [self.start["coming"] + n for n in here] + [self.start["leaving"] + n for n in here]
        return columns, [factor] * len(here) + [-factor] * len(here)

    def _sections(self) -> None:
        model = self.model
        by_section: dict[int, list[int]] = {}
        for k, (n, section) in enumerate(self.lacking):
            binary, complies = self.start["reaches"] + k, self.start["complying"] + section
            columns, factors = self._net(int(model.cell[n, section]))
            by_section.setdefault(section, []).append(binary)
            if self.mobile[section]:
                self._follow_pupils(n, section, binary)
                continue
            floor = max(model.to_floor[n, section], 0.0)
            # A section that complies has the floor everywhere, and the standard where its binary says so.
            standard = float(model.to_standard[n, section])
            self._row([*columns, complies, binary], [*factors, -floor, floor - standard], 0.0, np.inf)
            self._row([complies, binary], [1.0, -1.0], 0.0, np.inf)
        reached = np.where(self.mobile, 0, (model.to_standard <= 0).sum(axis=0))
        for section, binaries in by_section.items():
            needed = float(model.at_standard - reached[section])
            if needed > 0:
                complies = self.start["complying"] + section
                self._row([*binaries, complies], [1.0] * len(binaries) + [-needed], 0.0, np.inf)

    def _follow_pupils(self, n: int, section: int, binary: int) -> None:
        """Let what a section needs grow and shrink with its pupils, and those of the stages that share with it."""
        model = self.model
        columns, factors = self._net(int(model.cell[n, section]))
        floor, standard = (needs_of(model, n, section, level) for level in ("floor", "standard"))
        shares = model.shares(n, section)
        terms = [self._pupils(other, weight) for other, weight in shares.items()]
        pupils = [column for columns_of, _ in terms for column in columns_of]
        weights = [factor for _, factors_of in terms for factor in factors_of]
        least, rate = floor
        self._row([*columns, *pupils], [*factors, *(-rate * weight for weight in weights)], least, np.inf)
        most = sum(weight * self._most_in(other) for other, weight in shares.items())
        further = max(0.0, standard[0] - least + (standard[1] - rate) * most)
        self._row(
            [*columns, *pupils, binary],
            [*factors, *(-standard[1] * weight for weight in weights), -further],
            standard[0] - further,
            np.inf,
        )

    def _most_in(self, section: int) -> int:
        """Return how many pupils a section may take: no more than leave all other schools."""
        places = self.places
        if places is None:
            return 0
        here = [grade for grade in places.grades if grade.section == section]
        leaving = sum(places.must_leave.values()) + sum(grade.beyond for grade in places.grades)
        return min(sum(map(places.most_in, here)), leaving)

    def keep_within(self, room: Floats) -> None:
        """Let no section take more pupils than so many."""
        for section in dict.fromkeys(grade.section for grade in (self.places.grades if self.places else ())):
            columns, factors = self._pupils(section)
            self._row(columns, factors, -np.inf, float(room[section]))

    def _balance(self) -> None:
        """Let what is given be received, measure by measure."""
        for name in dict.fromkeys(self.model.measure):
            here = [n for n, measure in enumerate(self.model.measure) if measure == name]
            if any(np.isfinite(self.model.move_cost[here])):
                columns = [self.start["given"] + n for n in here] + [self.start["received"] + n for n in here]
                self._row(columns, [1.0] * len(here) + [-1.0] * len(here), 0.0, 0.0)

    def _grades(self, places: Places) -> None:
        """Let pupils leave where they must, come where there is room, and have a class within its limit."""
        leaving, coming, opened = (self.start[name] for name in ("leaving", "coming", "opened"))
        kinds = dict.fromkeys((grade.stage, grade.grade) for grade in places.grades)
        for kind in kinds:
            here = [n for n, grade in enumerate(places.grades) if (grade.stage, grade.grade) == kind]
            columns = [leaving + n for n in here] + [coming + n for n in here]
            self._row(columns, [1.0] * len(here) + [-1.0] * len(here), 0.0, 0.0)
        for school in dict.fromkeys(grade.school for grade in places.grades):
            here = [n for n, grade in enumerate(places.grades) if grade.school == school]
            must = places.must_leave.get(school, 0)
            most = must + sum(places.grades[n].beyond for n in here)
            self._row([leaving + n for n in here], [1.0] * len(here), float(must), float(most))
            self._row([coming + n for n in here], [1.0] * len(here), -np.inf, float(places.room[school]))
        for n, grade in enumerate(places.grades):
            if math.isfinite(grade.limit):
                room = grade.limit * grade.classes - grade.pupils
                self._row([coming + n, leaving + n, opened + n], [1.0, -1.0, -grade.limit], -np.inf, room)

    def _rooms(self, places: Places) -> None:
        for n, need in enumerate(places.rooms):
            here = [k for k, grade in enumerate(places.grades) if grade.school == need.school]
            columns = [self.start["opened"] + k for k in here]
            per, built = float(need.classes_per_room), self.start["built"] + n
            least = float(max(need.required, 0)) - need.held
            self._row([built], [1.0], least, np.inf)
            if here:
                more = need.classes - per * need.held
                self._row([built, *columns], [per, *[-1.0] * len(here)], more, np.inf)

    def _row(self, columns: list[int], factors: list[float], least: float, most: float) -> None:
        self.rows.append((columns, factors, least, most))

    def _filled(self, **blocks: Floats | float) -> Floats:
        """Return one number for each variable, block by block; zero where none is given."""
        result = np.zeros(self.size)
        for name, values in blocks.items():
            result[self.start[name] : self.start[name] + self.count(name)] = values
        return result

    def cost(self) -> Floats:
        """Return the cost of each variable."""
        model, places = self.model, self.places
        moving = np.where(np.isfinite(model.move_cost), model.move_cost, 0.0)
        blocks: dict[str, Floats | float] = {"added": model.add_cost, "received": moving}
        if places:
            blocks |= {
                "leaving": np.array([model.request.pupil_cost(model.standard, grade.stage) for grade in places.grades]),
                "opened": np.array([model.request.class_cost(model.standard, grade.stage) for grade in places.grades]),
                "built": np.array([model.request.room_cost(need.area) for need in places.rooms]),
            }
            blocks["leaving"] = np.maximum(blocks["leaving"], FEW)
        return self._filled(**blocks)

    def complying(self, weights: Floats) -> Floats:
        """Return the weight of each variable that says whether a section complies, with a minus."""
        return self._filled(complying=-weights)

    def beyond(self) -> Floats:
        """Return the objective of being beyond the cuts as little as possible."""
        return self._filled(slack=1.0)

    def bounds(self, *, must_comply: bool, may_exceed: bool = False) -> tuple[Floats, Floats]:
        """Return the least and most of each variable; every section complies, or as many as there can be."""
        model, places = self.model, self.places
        known = model.known.astype(np.float64)
        blocks: dict[str, Floats | float] = {
            "added": model.most_added,
            "given": self._most_given(),
            "received": np.where(model.may_receive, np.inf, 0.0),
            "reaches": 1.0,
            "complying": known,
            "slack": np.inf if may_exceed else 0.0,
        }
        if places:
            blocks |= {
                "leaving": np.array([float(places.most_out(grade)) for grade in places.grades]),
                "coming": np.array([float(places.most_in(grade)) for grade in places.grades]),
                "opened": np.array([float(MOST_CLASSES * (grade.classes > 0)) for grade in places.grades]),
                "built": float(MOST_ROOMS),
            }
        return self._filled(complying=known * must_comply), self._filled(**blocks)

    def _most_given(self) -> Floats:
        """Return the most that cells may give: at schools whose pupils may leave, what is left without them."""
        model, places = self.model, self.places
        most = model.most_given.copy()
        if places is None:
            return most
        for n, section in np.argwhere(np.broadcast_to(self.mobile & model.known, model.cell.shape)).tolist():
            cell = int(model.cell[n, section])
            gone = sum(places.most_out(grade) for grade in places.grades if grade.section == section)
            if gone and model.may_receive[cell]:
                least, rate = needs_of(model, n, section, "standard")
                most[cell] = max(most[cell], np.floor(rate * gone - least))
        return most

    def solve(
        self,
        objective: Floats,
        bounds: tuple[Floats, Floats],
        cuts: Sequence[Cut],
        *,
        whole: bool,
        gap: float,
        seconds: float,
        extra: Sequence[tuple[Floats, float]] = (),
    ) -> Solution | None:
        """Return the best solution, or None where there is none.

        Parameters
        ----------
        objective : (variables,) float array
            To be made small.
        bounds : as from `bounds`
        cuts : sequence of Cut
        whole : bool
            Whether units are whole; without that the bound is found fast.
        gap, seconds : float
            When the solver may stop.
        extra : sequence of (factors, most)
            Further rows over all variables.
        """
        optimize, sparse = _scipy()
        matrix, least, most = self._matrix(sparse, cuts, extra)
        limits = {"mip_rel_gap": gap, "time_limit": max(seconds, 1.0), "presolve": True}
        result = optimize.milp(
            objective,
            integrality=np.ones(self.size) if whole else np.zeros(self.size),
            bounds=optimize.Bounds(*bounds),
            constraints=optimize.LinearConstraint(matrix, least, most),
            options=limits if whole else {"time_limit": max(seconds, 1.0)},
        )
        if result.x is None:
            if result.status in (2, 4):
                return None
            raise TimeoutError(f"no plan within {seconds:.0f} seconds: {result.message}")
        bound = getattr(result, "mip_dual_bound", None)
        return self._solution(result.x, float(result.fun), float(result.fun if bound is None else bound), whole=whole)

    def _matrix(
        self, sparse: Any, cuts: Sequence[Cut], extra: Sequence[tuple[Floats, float]]
    ) -> tuple[Any, Floats, Floats]:
        rows = list(self.rows)
        for cut in cuts:
            columns = np.concatenate([cut.cells + self.start[name] for name in BLOCKS[:3]])
            factors = np.concatenate([cut.coefficients, -cut.coefficients, cut.coefficients])
            rows.append(([*columns, self.start["slack"]], [*factors, -1.0 / cut.scale], -np.inf, cut.most))
        for given, most in extra:
            rows.append((list(range(self.size)), given.tolist(), -np.inf, most))
        starts = np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows])
        columns_of = (
            np.concatenate([np.array(columns, np.intp) for columns, *_ in rows]) if rows else np.empty(0, np.intp)
        )
        factors_of = np.concatenate([np.array(factors) for _, factors, *_ in rows]) if rows else np.empty(0)
        matrix = sparse.csr_array((factors_of, (starts, columns_of)), shape=(len(rows), self.size))
        return matrix, np.array([row[2] for row in rows]), np.array([row[3] for row in rows])

    def _solution(self, x: Floats, value: float, bound: float, *, whole: bool) -> Solution:
        figures = np.rint(x) if whole else x
        blocks = {name: figures[self.start[name] : self.start[name] + self.count(name)] for name in BLOCKS}
        # What a school gives and receives of the same thing stays where it is.
        both = np.minimum(blocks["given"], blocks["received"])
        stays = np.minimum(blocks["leaving"], blocks["coming"])
        blocks |= {"leaving": blocks["leaving"] - stays, "coming": blocks["coming"] - stays}
        pupils, allocation = np.zeros(self.model.known.size), None
        if self.places:
            sections = [grade.section for grade in self.places.grades]
            np.add.at(pupils, sections, blocks["coming"] - blocks["leaving"])
            if whole:
                numbers = (tuple(map(int, blocks[name])) for name in ("leaving", "coming", "opened", "built"))
                allocation = Allocation(*numbers)
        given, received = blocks["given"] - both, blocks["received"] - both
        return Solution(blocks["added"], given, received, blocks["complying"] > 0.5, pupils, allocation, value, bound)

    def _part(self, indicator: int, section: int, *, larger: bool) -> float:
        """Return the least or greatest part of what is shared that a section may come to have, beside its part now."""
        shares, pupils = self.model.shares(indicator, section), self.model.pupils
        if len(shares) == 1:
            return 1.0
        sign = 1.0 if larger else -1.0
        own = pupils[section] + sign * self._most_change(section, sign)
        others = sum(
            weight * (pupils[other] - sign * self._most_change(other, -sign))
            for other, weight in shares.items()
            if other != section
        )
        now = pupils[section] / sum(weight * pupils[other] for other, weight in shares.items())
        return float(own / (own + others) / now)

    def _most_change(self, section: int, sign: float) -> int:
        """Return how many pupils a section may get (or lose, with a minus)."""
        if sign > 0:
            return self._most_in(section)
        places = self.places
        return sum(places.most_out(grade) for grade in places.grades if grade.section == section) if places else 0

    def mind_spread(self, solution: Solution, budget: float) -> bool:
        """Add what every plan within a budget keeps to where the pupils of a stage move and a coefficient is too large.

        Return whether anything was added that the solution breaks.

        Notes
        -----
        With x = pupils · value and T = Σx, sd ≤ limit · mean is Σ x²/pupils ≤ (1 + limit²) T² / Σ pupils. The left
        side is convex in amounts and pupils together, so a tangent lies below it; the right side lies below its
        secant over the range of T that a budget allows. Both are linear.
        """
        slices = self.model.evaluation.record.basis.sections.slices
        groups = [group for group in self.model.groups if self.mobile[slices[group.stage]].any()]
        if self.model.standard.head.spread.weight != "pupils":
            return False
        rows = [self._spread_row(group, solution, budget) for group in groups]
        self.rows.extend(row for row in rows if row is not None)
        return any(row is not None for row in rows)

    def _spread_row(
        self, group: Group, solution: Solution, budget: float
    ) -> tuple[list[int], list[float], float, float] | None:
        model, where = self.model, self.model.evaluation.record.basis.sections.slices[group.stage]
        sections = np.arange(where.start, where.stop)
        before, prices = model.pupils[where], model.add_cost[group.cells]
        if not (prices > 0).all():
            return None
        each, now = before * group.steps, before * group.values
        weighted = now + each * solution.net[group.cells]
        pupils = before + solution.pupils[where]
        values = weighted / pupils
        factor = (1 + group.limit**2) / before.sum()
        if (weighted * values).sum() <= factor * weighted.sum() ** 2 * (1 + 1e-9):
            return None
        names = {model.measure[cell] for cell in group.cells.tolist()}
        given = self._most_given()
        movable = sum(given[cell] for cell, name in enumerate(model.measure) if name in names)
        low = max(now.sum() - float(each @ given[group.cells]), 0.0)
        high = now.sum() + float((each / prices).max()) * budget + float(each.max()) * movable
        slopes = 2 * values - factor * (low + high)
        most = -factor * low * high - float(slopes @ now) + float(values**2 @ before)
        # What a stage has of what it shares grows with its part of the school's pupils; here it is the part that
        # makes the row weakest.
        parts = np.ones(slopes.size)
        for n in np.flatnonzero(self.mobile[where]).tolist():
            parts[n] = self._part(group.indicator, int(sections[n]), larger=bool(slopes[n] < 0))
        most -= float(slopes * (parts - 1) @ now)
        units = slopes * each * parts
        if units @ solution.net[group.cells] - values**2 @ solution.pupils[where] <= most + 1e-9 * abs(most):
            return None
        columns, factors = [], []
        for name, sign in zip(BLOCKS[:3], (1.0, -1.0, 1.0), strict=True):
            columns += [self.start[name] + cell for cell in group.cells.tolist()]
            factors += (sign * units).tolist()
        for section, value in zip(sections.tolist(), values.tolist(), strict=True):
            columns_of, factors_of = self._pupils(section, -(value**2))
            columns += columns_of
            factors += factors_of
        scale = float(np.abs(units).max()) or 1.0
        return columns, [value / scale for value in factors], -np.inf, most / scale


def needs_of(model: Model, indicator: int, section: int, level: Level) -> tuple[float, float]:
    """Return how many units a section lacks to a limit, and how many more each further pupil asks for."""
    basis = model.evaluation.record.basis
    declared = list(model.standard.indicators.values())[indicator]
    stage = model.standard.stages[basis.sections.stage[section]]
    limits = declared.thresholds if level == "standard" else model.standard.floors.get(declared.id)
    threshold = limits[stage] if limits else None
    divisor = float((basis.sections.shared if declared.amount else basis.sections.pupils)[section])
    held = float(basis.values[indicator, section]) * divisor / declared.per
    if threshold is None:
        return -held, 0.0
    rate = float(threshold.value) / declared.per
    # A hair less than exact, so that the programme never asks for more than the law does.
    return rate * divisor - held - 1e-7 * max(1.0, abs(held)), rate


def _scipy() -> tuple[Any, Any]:
    try:
        from scipy import optimize, sparse
    except ImportError as error:
        raise MissingExtraError("scipy", "plan", Phrase("测算方案", "a plan")) from error
    return optimize, sparse


ROUNDS = 500
NEAR = 0.02
"""How close to its limit, as a share of it, a coefficient is minded while another one is mended."""


@attrs.frozen(eq=False)
class Candidate:
    """Whole units added, given and received by each cell, and what they cost."""

    added: Floats
    given: Floats
    received: Floats
    cost: float

    @property
    def net(self) -> Floats:
        """What each cell has more than now."""
        return self.added - self.given + self.received


def candidate(model: Model, added: Floats, given: Floats, received: Floats) -> Candidate:
    """Return a plan with its cost."""
    return Candidate(added, given, received, model.cost(added, received))


def greedy(model: Model) -> Candidate | None:
    """Return the obvious plan: every section buys what it lacks but its dearest indicator, then the poorest are raised.

    None where caps do not allow it.
    """
    added = np.zeros(model.school.size)
    for section in np.flatnonzero(model.known).tolist():
        lacks = [n for n in range(model.cell.shape[0]) if model.to_standard[n, section] > 0]
        saved = {n: _saving(model, n, section) for n in lacks}
        spared = sorted(lacks, key=lambda n: -saved[n])[: model.cell.shape[0] - model.at_standard]
        for n in lacks:
            wanted = max(model.to_floor[n, section], 0.0) if n in spared else model.to_standard[n, section]
            cell = model.cell[n, section]
            added[cell] = max(added[cell], wanted)
    if (added > model.most_added).any():
        return None
    zeros = np.zeros_like(added)
    return repaired(model, candidate(model, added, zeros, zeros))


def _saving(model: Model, indicator: int, section: int) -> float:
    floor = max(model.to_floor[indicator, section], 0.0)
    return float(model.add_cost[model.cell[indicator, section]] * (model.to_standard[indicator, section] - floor))


def repaired(model: Model, plan: Candidate) -> Candidate | None:
    """Return the plan with units added until every coefficient is within its limit; None where that does not come."""
    added = plan.added.copy()
    net = plan.net
    for _ in range(ROUNDS):
        # Floats leave no doubt about most coefficients; the last word is that of `evaluate`.
        beyond = [group for group in model.groups if excess(group, group.at(net)) > SAFE]
        beyond = beyond or model.unmet(model.after(net))[1]
        if not beyond:
            return candidate(model, added, plan.given, plan.received)
        step = _step(model, beyond[0], net, model.most_added - added)
        if step is None:
            return None
        cell, units = step
        added[cell] += units
        net[cell] += units
    return None


def _step(model: Model, group: Group, net: Floats, room: Floats) -> tuple[int, float] | None:
    """Return the cell whose growth lowers the excess most cheaply, and how many whole units it is given."""
    values = group.at(net)
    mean = float(group.weights @ values)
    slope = gradient(group, values) * group.steps
    harm = np.maximum(_others(model, group, net)[group.cells], 0.0)
    cost = np.maximum(model.add_cost[group.cells], 1e-9)
    useful = (slope + harm < 0) & (values < mean) & (room[group.cells] >= 1)
    if not useful.any():
        return None
    best = int(np.argmin(np.where(useful, (slope + harm) / cost, np.inf)))
    # The excess is convex, so the step that a straight line asks for never goes too far; nobody is raised beyond
    # the mean, or a school that shares its resources over stages would drive both stages up for ever.
    wanted = max(excess(group, values), SAFE) * mean / -slope[best]
    units = np.ceil(min(wanted, (mean - values[best]) / group.steps[best]))
    cell = int(group.cells[best])
    return cell, float(min(max(units, 1.0), room[cell]))


def _others(model: Model, group: Group, net: Floats) -> Floats:
    """Return how the excess of other groups that are at their limit grows with each cell."""
    slope = np.zeros(model.school.size)
    for other in model.groups:
        values = other.at(net)
        if other is not group and excess(other, values) > -NEAR * other.limit:
            slope[other.cells] += gradient(other, values) * other.steps
    return slope


LINEAR_ROUNDS, WHOLE_ROUNDS = 200, 400
PATIENCE = 20
"""For how many rounds the bound may all but stand still."""


@attrs.define(eq=False)
class Search:
    """The best plan and the best bound so far."""

    model: Model
    programme: Programme
    started: float = attrs.field(factory=time.perf_counter)
    cuts: list[Cut] = attrs.field(factory=list)
    best: Candidate | None = None
    bound: float = 0.0

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.model.request.seconds - (time.perf_counter() - self.started)

    @property
    def gap(self) -> float:
        """How much cheaper another plan could be at most, as a share of this one's cost."""
        return gap_of(self.best.cost, self.bound) if self.best else np.inf

    @property
    def done(self) -> bool:
        """Whether the gap is as small as asked, or the time is over."""
        return self.gap <= self.model.request.gap or (self.left <= 0 and self.best is not None)


def gap_of(cost: float, bound: float) -> float:
    """Return the gap between a cost and its lower bound, as a share of the cost.

    Examples
    --------
    >>> gap_of(200.0, 198.0), gap_of(0.0, 0.0)
    (0.01, 0.0)
    """
    # Costs are sums of products of whole units; below a hundredth of a fen a difference is rounding.
    difference = max(cost - bound, 0.0)
    return difference / cost if difference > 1e-4 * max(1.0, abs(cost) * 1e-6) else 0.0


def cheapest(model: Model) -> Search | None:
    """Return the search for the cheapest plan after which every requirement is met, ended; None if there is none."""
    search = Search(model, Programme.of(model))
    if not _linear(search):
        return None
    search.best = greedy(model)
    previous: Floats | None = None
    for _ in range(WHOLE_ROUNDS):
        if search.done:
            return search
        try:
            result = _solve(search, whole=True)
        except TimeoutError:
            if search.left > 1:
                continue
            break
        if result is None:
            return None
        search.bound = max(search.bound, result.bound)
        _offer(search, repaired(model, candidate(model, result.added, result.given, result.received)))
        beyond = model.unmet(model.after(result.net))[1]
        if not beyond or (previous is not None and np.array_equal(previous, result.net)):
            break
        previous = result.net
        search.cuts += [tangent(group, result.net) for group in beyond]
    if search.best is None:
        raise TimeoutError(f"no plan within {model.request.seconds:g} seconds; allow more, or a larger gap")
    return search


def _linear(search: Search) -> bool:
    """Add tangents until the programme without whole units keeps to the limits; return whether it has a solution."""
    request = search.model.request
    # Nearer than the gap asks for, tangents are a matter of whole units.
    near = max(1e3 * SAFE, request.gap / 100_000)
    bounds: list[float] = []
    for _ in range(LINEAR_ROUNDS):
        result = _solve(search, whole=False)
        if result is None:
            return False
        search.bound = max(search.bound, result.bound)
        bounds.append(search.bound)
        stands = len(bounds) > PATIENCE and search.bound - bounds[-PATIENCE] < request.gap / 10 * search.bound
        beyond = [group for group in search.programme.groups if excess(group, group.at(result.net)) > near]
        if not beyond or stands or search.left < request.seconds / 2:
            # Only tangents that touch the solution bind; the others would only slow the integer programme down.
            search.cuts = [cut for cut in search.cuts if touches(cut, result.net)]
            break
        search.cuts += [tangent(group, result.net) for group in beyond]
    return True


def _solve(search: Search, *, whole: bool) -> Solution | None:
    programme, request = search.programme, search.model.request
    return programme.solve(
        programme.cost(),
        programme.bounds(must_comply=True),
        search.cuts,
        whole=whole,
        gap=request.gap / 2,
        seconds=search.left / 2 if whole else search.left,
    )


def allocate(model: Model, places: Places, room: Floats) -> Allocation | None:
    """Return the cheapest way of placing pupils in which no section takes more than so many; None if there is none.

    Parameters
    ----------
    model : Model
    places : Places
    room : (sections,) float array
    """
    programme = Programme.of(model, places, follow=False)
    programme.keep_within(room)
    bounds, request = programme.bounds(must_comply=False), model.request
    try:
        solution = programme.solve(
            programme.cost(), bounds, (), whole=True, gap=request.gap / 2, seconds=request.seconds
        )
    except TimeoutError:
        return None
    return solution.allocation if solution else None


@attrs.define(eq=False)
class Joint:
    """The programme in which pupils, classes, rooms and resources are one: it gives bounds, and where pupils go."""

    search: Search
    bound: float = 0.0

    @classmethod
    def of(cls, model: Model, places: Places) -> Joint:
        """Return the programme before anything is solved."""
        return cls(Search(model, Programme.of(model, places)))

    @property
    def _saved(self) -> float:
        """How much of the bound may be the price that keeps pupils from moving without need."""
        places = self.search.programme.places
        return FEW * sum(places.most_out(grade) for grade in places.grades) if places else 0.0

    def relax(self, budget: float | None) -> Floats | None:
        """Return how many pupils come to each section where units need not be whole; None where nothing is possible.

        With a budget, which is what a plan that is known costs, the coefficients of stages whose pupils move are
        minded too.
        """
        if budget is None and not _linear(self.search):
            return None
        solution = _solve(self.search, whole=False)
        for _ in range(LINEAR_ROUNDS if budget is not None else 0):
            if solution is None or self.search.left < self.search.model.request.seconds / 3:
                break
            if not self.search.programme.mind_spread(solution, budget or 0.0):
                break
            solution = _solve(self.search, whole=False)
        if solution is None:
            return None
        self.bound = max(self.bound, solution.bound - self._saved)
        return np.asarray(np.ceil(np.clip(solution.pupils, 0.0, None) - 1e-6))

    def solve(self) -> Allocation | None:
        """Return where pupils go in whole numbers, and raise the bound, in half of the time that is left."""
        try:
            solution = _solve(self.search, whole=True)
        except TimeoutError:
            return None
        if solution is None:
            return None
        self.bound = max(self.bound, solution.bound - self._saved)
        return solution.allocation


def _offer(search: Search, plan: Candidate | None) -> None:
    if plan is not None and (search.best is None or plan.cost < search.best.cost):
        search.best = plan


def most_complying(model: Model, budget: float | None, cuts: bool) -> tuple[Search, Solution] | None:
    """Return the plan that lets most sections (or pupils) comply, the cheapest of those; None if there is none.

    Parameters
    ----------
    model : Model
    budget : float or None
        The most that the plan may cost.
    cuts : bool
        Whether the coefficients of variation must keep to their limits.
    """
    programme = Programme.of(model)
    search = Search(model, programme)
    weights = np.where(model.known, model.pupils if model.request.goal == "pupils" else 1.0, 0.0)
    objective, cost = programme.complying(weights), programme.cost()
    extra = [] if budget is None else [(cost, budget)]
    result = _best(search, objective, extra)
    for _ in range(WHOLE_ROUNDS):
        beyond = model.unmet(model.after(result.net))[1] if cuts and result else []
        if not beyond or not result or search.left <= 0:
            break
        search.cuts += [tangent(group, result.net) for group in beyond]
        result = _best(search, objective, extra)
    if result is None:
        return None
    # Among the plans that reach as many, the cheapest.
    reached = float(weights @ result.complying)
    at_least = [*extra, (objective, -reached + 1e-6)]
    cheaper = _best(search, cost, at_least)
    search.bound = -result.bound
    final = cheaper or result
    search.best = candidate(model, final.added, final.given, final.received)
    return search, final


def _best(search: Search, objective: Floats, extra: list[tuple[Floats, float]]) -> Solution | None:
    bounds = search.programme.bounds(must_comply=False)
    seconds = max(search.left, 1.0)
    return search.programme.solve(
        objective, bounds, search.cuts, whole=True, gap=search.model.request.gap / 2, seconds=seconds, extra=extra
    )


def least_excess(model: Model, group: Group) -> float:
    """Return how far beyond its limit a coefficient stays at least, whatever is added or moved: 0 where it need not."""
    programme = Programme.of(model)
    search = Search(model, programme)
    for _ in range(LINEAR_ROUNDS):
        bounds = programme.bounds(must_comply=False, may_exceed=True)
        result = programme.solve(programme.beyond(), bounds, search.cuts, whole=False, gap=0.0, seconds=10.0)
        if result is None:
            break
        values = group.at(result.net)
        mean = float(group.weights @ values)
        left = excess(group, values)
        if left <= 1e3 * SAFE or left * mean <= result.value * (1 + 1e-6) + 1e-9 * mean:
            return max(left, 0.0) if left > 1e3 * SAFE else 0.0
        search.cuts.append(tangent(group, result.net))
    return 0.0

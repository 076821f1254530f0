"""The search for the cheapest plan: an integer programme, tangents to the limits, and repair by hand."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats
from balancedu.errors import MissingExtraError
from balancedu.planning.plan.model import SAFE, Cut, Group, Model, excess, gradient, tangent, touches
from balancedu.text import Phrase


@attrs.frozen(eq=False)
class Solution:
    """What the solver found.

    Attributes
    ----------
    net, added, given, received : (cells,) float arrays
        Whole units.
    complying : (sections,) bool array
    value : float
        Of the objective.
    bound : float
        No solution has a smaller one.
    """

    added: Floats
    given: Floats
    received: Floats
    complying: Bools
    value: float
    bound: float

    @property
    def net(self) -> Floats:
        """What each cell has more than now."""
        return self.added - self.given + self.received


@attrs.frozen(eq=False)
class Programme:
    """Variables in a row: units added, given and received by cell, indicators at the standard, sections complying.

    The last variable is how far beyond the cuts a solution may be: zero, unless somebody asks how far it must be.
    """

    model: Model
    lacking: tuple[tuple[int, int], ...]
    """Indicators of sections that are below their standard: a binary says whether they reach it."""
    rows: list[tuple[list[int], list[float], float, float]] = attrs.field(factory=list)

    @classmethod
    def of(cls, model: Model) -> Programme:
        """Return the programme without any cut."""
        below = np.argwhere((model.to_standard > 0) & model.known)
        programme = cls(model, tuple((int(n), int(section)) for n, section in below))
        programme._sections()
        programme._balance()
        return programme

    @property
    def size(self) -> int:
        """How many variables there are."""
        return 3 * self.cells + len(self.lacking) + self.model.known.size + 1

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.model.school.size

    def complies(self, section: int) -> int:
        """Return the variable that says whether a section complies."""
        return 3 * self.cells + len(self.lacking) + section

    def _net(self, cell: int) -> tuple[list[int], list[float]]:
        return [cell, self.cells + cell, 2 * self.cells + cell], [1.0, -1.0, 1.0]

    def _sections(self) -> None:
        model = self.model
        by_section: dict[int, list[int]] = {}
        for k, (n, section) in enumerate(self.lacking):
            binary, complies = 3 * self.cells + k, self.complies(section)
            floor = max(model.to_floor[n, section], 0.0)
            columns, factors = self._net(int(model.cell[n, section]))
            # A section that complies has the floor everywhere, and the standard where its binary says so.
            standard = float(model.to_standard[n, section])
            self._row([*columns, complies, binary], [*factors, -floor, floor - standard], 0.0, np.inf)
            self._row([complies, binary], [1.0, -1.0], 0.0, np.inf)
            by_section.setdefault(section, []).append(binary)
        reached = (model.to_standard <= 0).sum(axis=0)
        for section, binaries in by_section.items():
            needed = float(model.at_standard - reached[section])
            if needed > 0:
                self._row([*binaries, self.complies(section)], [1.0] * len(binaries) + [-needed], 0.0, np.inf)

    def _balance(self) -> None:
        """Let what is given be received, measure by measure."""
        for name in dict.fromkeys(self.model.measure):
            here = [n for n, one in enumerate(self.model.measure) if one == name]
            if any(np.isfinite(self.model.move_cost[here])):
                columns = [self.cells + n for n in here] + [2 * self.cells + n for n in here]
                self._row(columns, [1.0] * len(here) + [-1.0] * len(here), 0.0, 0.0)

    def _row(self, columns: list[int], factors: list[float], least: float, most: float) -> None:
        self.rows.append((columns, factors, least, most))

    def cost(self) -> Floats:
        """Return the cost of each variable."""
        model = self.model
        moving = np.where(np.isfinite(model.move_cost), model.move_cost, 0.0)
        rest = np.zeros(len(self.lacking) + model.known.size + 1)
        return np.concatenate([model.add_cost, np.zeros(self.cells), moving, rest])

    def complying(self, weights: Floats) -> Floats:
        """Return the weight of each variable that says whether a section complies, with a minus."""
        objective = np.zeros(self.size)
        objective[-1 - weights.size : -1] = -weights
        return objective

    def beyond(self) -> Floats:
        """Return the objective of being beyond the cuts as little as possible."""
        objective = np.zeros(self.size)
        objective[-1] = 1.0
        return objective

    def bounds(self, *, must_comply: bool, may_exceed: bool = False) -> tuple[Floats, Floats]:
        """Return the least and most of each variable; every section complies, or as many as there can be."""
        model = self.model
        can_receive = np.where(model.may_receive, np.inf, 0.0)
        ones = np.ones(len(self.lacking))
        known = model.known.astype(np.float64)
        slack = [np.inf if may_exceed else 0.0]
        most = np.concatenate([model.most_added, model.most_given, can_receive, ones, known, slack])
        least = np.zeros(self.size)
        if must_comply:
            least[-1 - known.size : -1] = known
        return least, most

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
        found = optimize.milp(
            objective,
            integrality=np.ones(self.size) if whole else np.zeros(self.size),
            bounds=optimize.Bounds(*bounds),
            constraints=optimize.LinearConstraint(matrix, least, most),
            options=limits if whole else {"time_limit": max(seconds, 1.0)},
        )
        if found.x is None:
            if found.status in (2, 4):
                return None
            raise TimeoutError(f"no plan within {seconds:.0f} seconds: {found.message}")
        bound = getattr(found, "mip_dual_bound", None)
        return self._solution(found.x, float(found.fun), float(found.fun if bound is None else bound), whole=whole)

    def _matrix(
        self, sparse: Any, cuts: Sequence[Cut], extra: Sequence[tuple[Floats, float]]
    ) -> tuple[Any, Floats, Floats]:
        rows = list(self.rows)
        for cut in cuts:
            columns = np.concatenate([cut.cells + n * self.cells for n in range(3)])
            factors = np.concatenate([cut.coefficients, -cut.coefficients, cut.coefficients])
            rows.append(([*columns, self.size - 1], [*factors, -1.0 / cut.scale], -np.inf, cut.most))
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
        added, given, received = (figures[n * self.cells : (n + 1) * self.cells] for n in range(3))
        # What a school gives and receives of the same thing stays where it is.
        both = np.minimum(given, received)
        return Solution(
            added, given - both, received - both, np.rint(figures[-1 - self.model.known.size : -1]) > 0, value, bound
        )


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
            found = _solve(search, whole=True)
        except TimeoutError:
            if search.left > 1:
                continue
            break
        if found is None:
            return None
        search.bound = max(search.bound, found.bound)
        _offer(search, repaired(model, candidate(model, found.added, found.given, found.received)))
        beyond = model.unmet(model.after(found.net))[1]
        if not beyond or (previous is not None and np.array_equal(previous, found.net)):
            break
        previous = found.net
        search.cuts += [tangent(group, found.net) for group in beyond]
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
        found = _solve(search, whole=False)
        if found is None:
            return False
        search.bound = max(search.bound, found.bound)
        bounds.append(search.bound)
        stands = len(bounds) > PATIENCE and search.bound - bounds[-PATIENCE] < request.gap / 10 * search.bound
        beyond = [group for group in search.model.groups if excess(group, group.at(found.net)) > near]
        if not beyond or stands or search.left < request.seconds / 2:
            # Only tangents that touch the solution bind; the others would only slow the integer programme down.
            search.cuts = [cut for cut in search.cuts if touches(cut, found.net)]
            break
        search.cuts += [tangent(group, found.net) for group in beyond]
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
    found = _best(search, objective, extra)
    for _ in range(WHOLE_ROUNDS):
        beyond = model.unmet(model.after(found.net))[1] if cuts and found else []
        if not beyond or not found or search.left <= 0:
            break
        search.cuts += [tangent(group, found.net) for group in beyond]
        found = _best(search, objective, extra)
    if found is None:
        return None
    # Among the plans that reach as many, the cheapest.
    reached = float(weights @ found.complying)
    at_least = [*extra, (objective, -reached + 1e-6)]
    cheaper = _best(search, cost, at_least)
    search.bound = -found.bound
    final = cheaper or found
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
        found = programme.solve(programme.beyond(), bounds, search.cuts, whole=False, gap=0.0, seconds=10.0)
        if found is None:
            break
        values = group.at(found.net)
        mean = float(group.weights @ values)
        left = excess(group, values)
        if left <= 1e3 * SAFE or left * mean <= found.value * (1 + 1e-6) + 1e-9 * mean:
            return max(left, 0.0) if left > 1e3 * SAFE else 0.0
        search.cuts.append(tangent(group, found.net))
    return 0.0

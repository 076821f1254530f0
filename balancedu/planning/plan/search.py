"""The search for the cheapest plan: an integer programme, tangents to the limits, and a repair of small excesses."""

from __future__ import annotations

import time
from collections.abc import Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.planning.plan.model import SAFE, Group, Model, excess, gradient
from balancedu.planning.plan.places import Allocation, Places
from balancedu.planning.plan.programme import TOKEN_PRICE, Integrality, Programme, Row, Solution

ROUNDS = 500
NEAR = 0.02
"""How close to its limit, as a share of it, a coefficient counts while another one is repaired."""


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
    # The excess is convex, so a step along the straight line never goes too far; no section is raised beyond
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


LINEAR_ROUNDS, WHOLE_ROUNDS, DECIDED_ROUNDS = 200, 50, 4
FLAT_ROUNDS = 20
"""After so many rounds in which the bound rises little, the tangents are good enough."""


@attrs.define(eq=False)
class Search:
    """The best plan and the best bound so far."""

    model: Model
    programme: Programme
    seconds: float
    started: float = attrs.field(factory=time.perf_counter)
    cuts: list[Row] = attrs.field(factory=list)
    best: Candidate | None = None
    bound: float = 0.0

    @classmethod
    def of(cls, model: Model, places: Places | None = None, *, must_comply: bool = True) -> Search:
        """Return a search before anything is solved."""
        return cls(model, Programme(model, places, must_comply=must_comply), model.request.seconds)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.seconds - (time.perf_counter() - self.started)

    @property
    def gap(self) -> float:
        """How much cheaper another plan could be at most, as a share of this one's cost."""
        return gap_of(self.best.cost, self.bound) if self.best else np.inf

    @property
    def done(self) -> bool:
        """Whether the gap is as small as wanted, or the time is over."""
        return self.gap <= self.model.request.gap or (self.left <= 0 and self.best is not None)

    def solve(
        self, whole: Integrality = "all", *, reaches: Floats | None = None, seconds: float | None = None
    ) -> Solution | None:
        """Return the cheapest solution with the tangents so far; None where there is none."""
        request = self.model.request
        seconds = seconds or (self.left if whole == "none" else self.left / 2)
        costs = self.programme.costs
        gap = request.gap / 2
        return self.programme.solve(costs, self.cuts, whole=whole, gap=gap, seconds=seconds, reaches=reaches)

    def linear(self, *, reaches: Floats | None = None, seconds: float | None = None) -> Solution | None:
        """Add tangents until the solution without whole units keeps to the limits; return it, or None if there is none.

        Only tangents that touch the solution are kept: the others would slow the integer programme down.
        """
        request, bounds, first = self.model.request, list[float](), len(self.cuts) if reaches is not None else 0
        until = time.perf_counter() + (self.left / 2 if seconds is None else seconds)
        # Nearer than the gap asks for, tangents are a matter of whole units.
        near = max(1e3 * SAFE, request.gap / 100_000)
        solution: Solution | None = None
        for _ in range(LINEAR_ROUNDS):
            solution = self.solve("none", reaches=reaches)
            if solution is None:
                return None
            bounds.append(solution.bound)
            flat = len(bounds) > FLAT_ROUNDS and bounds[-1] - bounds[-FLAT_ROUNDS] < request.gap / 10 * bounds[-1]
            net = solution.net
            beyond = [group for group in self.programme.groups if excess(group, group.at(net)) > near]
            cuts = [self.programme.tangent(group, net) for group in beyond] + self.programme.spread_cuts(solution)
            if not cuts or flat or time.perf_counter() > until:
                break
            self.cuts += cuts
        assert solution is not None
        x = solution.x
        self.cuts = self.cuts[:first] + [cut for cut in self.cuts[first:] if _touches(cut, x)]
        if reaches is None:
            self.bound = max(self.bound, bounds[-1])
        return solution

    def pieces(self, seconds: float) -> Solution | None:
        """Raise the bound with the pieces of the totals decided, and return the last solution."""
        until, solution = time.perf_counter() + seconds, None
        while (left := until - time.perf_counter()) > 1:
            try:
                better = self.solve("pieces", seconds=left)
            except TimeoutError:
                break
            if better is None:
                break
            risen = better.bound - self.bound
            solution, self.bound = better, max(self.bound, better.bound)
            cuts = self.programme.spread_cuts(better)
            if not cuts or (risen < self.model.request.gap / 10 * self.bound):
                break
            self.cuts += cuts
        return solution

    def offer(self, plan: Candidate | None) -> None:
        """Take a plan where it is the best so far."""
        if plan is not None and (self.best is None or plan.cost < self.best.cost):
            self.best = plan


def _touches(cut: Row, x: Floats) -> bool:
    """Return whether a solution lies on a tangent, as nearly as a solver can tell."""
    columns, factors, _, most = cut
    terms = factors * x[columns]
    return bool(most - terms.sum() <= 1e-6 * (1.0 + np.abs(terms).sum()))


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
    search = Search.of(model)
    if search.linear() is None:
        return None
    search.best = greedy(model)
    for _ in range(WHOLE_ROUNDS):
        if search.done:
            break
        try:
            result = search.solve()
            if result is None:
                return None
            search.bound = max(search.bound, result.bound)
            search.offer(_repaired(model, result))
            if search.done or not (cuts := _tangents(search, result)):
                break
            search.cuts += cuts
            # With the indicators that reach their standard decided, tangents and whole units are quickly found.
            if search.linear(reaches=result.reaches, seconds=search.left / 6) is not None:
                for _ in range(DECIDED_ROUNDS):
                    decided = search.solve(reaches=result.reaches, seconds=search.left / 6)
                    search.offer(_repaired(model, decided))
                    if search.done or not (cuts := _tangents(search, decided)):
                        break
                    search.cuts += cuts
        except TimeoutError:
            if search.left <= 1:
                break
    if search.best is None:
        raise TimeoutError(f"no plan within {search.seconds:g} seconds; allow more, or a larger gap")
    return search


def _repaired(model: Model, solution: Solution | None) -> Candidate | None:
    if solution is None:
        return None
    return repaired(model, candidate(model, solution.added, solution.given, solution.received))


def _tangents(search: Search, solution: Solution | None) -> list[Row]:
    """Return the tangents of the coefficients that a solution puts beyond their limit, as judged exactly."""
    if solution is None:
        return []
    beyond = search.model.unmet(search.model.after(solution.net))[1]
    return [search.programme.tangent(group, solution.net) for group in beyond]


def allocate(model: Model, places: Places, room: Floats) -> Allocation | None:
    """Return the cheapest way of placing pupils in which no section takes more than so many; None if there is none.

    Parameters
    ----------
    model : Model
    places : Places
    room : (sections,) float array
    """
    programme = Programme(model, places, follow=False, must_comply=False)
    programme.keep_within(room)
    request = model.request
    try:
        solution = programme.solve(programme.costs, (), whole="all", gap=request.gap / 2, seconds=request.seconds)
    except TimeoutError:
        return None
    return solution.allocation if solution else None


FAR = 0.2
"""From which gap on the coefficients of stages whose pupils move are worth their time."""


@attrs.define(eq=False)
class Joint:
    """The programme in which pupils, classes, rooms and resources are one: it gives bounds, and where pupils go."""

    model: Model
    places: Places
    plain: Search = attrs.field(init=False)
    """Without the coefficients of stages whose pupils move."""
    spread: Search | None = attrs.field(init=False, default=None)
    """With them."""

    def __attrs_post_init__(self) -> None:
        self.plain = Search.of(self.model, self.places)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.plain.left

    @property
    def bound(self) -> float:
        """No plan costs less."""
        # Part of the bound may be the token price that keeps pupils from moving without need.
        tokens = TOKEN_PRICE * sum(map(self.places.most_out, self.places.grades))
        return max(self.plain.bound, self.spread.bound if self.spread else 0.0) - tokens

    def relaxed(self, cost: float) -> Allocation | None:  # noqa: ARG002
        """Return where pupils go when units need not be whole; None where nothing is possible."""
        return self._near(self.plain.linear(seconds=self.left / 6))

    def spread_if_far(self, cost: float) -> Allocation | None:
        """Return where pupils go in view of all coefficients, where a plan that is known costs far more than the bound.

        Then the coefficients that were left out are the reason.
        """
        return self.with_spread(cost) if gap_of(cost, self.bound) > FAR else None

    def with_spread(self, cost: float) -> Allocation | None:
        """Return where pupils go in view of all coefficients, in plans that cost no more than one that is known."""
        if self.left < self.model.request.seconds / 6:
            return None
        if self.spread:
            return self._whole(self.spread)
        search = self.spread = Search.of(self.model, self.places)
        search.seconds = self.left
        try:
            search.programme.add_spread(cost, search.left / 10)
            solution = search.linear(seconds=search.left / 5)
            if solution is None:
                return None
            if gap_of(cost, search.bound) <= FAR:
                return self._whole(search)
            return self._near(search.pieces(search.left / 2) or solution)
        except TimeoutError:
            return None

    def whole(self, cost: float) -> Allocation | None:  # noqa: ARG002
        """Return where pupils go in whole numbers."""
        return self._whole(self.plain)

    def _whole(self, search: Search) -> Allocation | None:
        try:
            solution = search.solve(seconds=search.left * 2 / 3)
        except TimeoutError:
            return None
        if solution is None:
            return None
        search.bound = max(search.bound, solution.bound)
        # Where the time ended first, classes may be opened without need.
        finished = gap_of(solution.value, solution.bound) <= self.model.request.gap
        return solution.allocation if finished else self._near(solution)

    def _near(self, solution: Solution | None) -> Allocation | None:
        if solution is None:
            return None
        return allocate(self.model, self.places, np.asarray(np.ceil(np.clip(solution.pupils, 0.0, None) - 1e-6)))


def most_complying(model: Model, budget: float | None, *, spread: bool) -> tuple[Search, Solution] | None:
    """Return the plan that lets most sections (or pupils) comply, the cheapest of those; None if there is none.

    Parameters
    ----------
    model : Model
    budget : float or None
        The most that the plan may cost.
    spread : bool
        Whether the coefficients of variation must keep to their limits.
    """
    search = Search.of(model, must_comply=False)
    programme, costs = search.programme, search.programme.costs
    weights = np.where(model.known, model.pupils if model.request.goal == "pupils" else 1.0, 0.0)
    objective = programme.objective("complying", -weights)
    extra = [] if budget is None else [(costs, budget)]
    result = _best(search, objective, extra)
    for _ in range(WHOLE_ROUNDS):
        cuts = _tangents(search, result) if spread else []
        if not cuts or search.left <= 0:
            break
        search.cuts += cuts
        result = _best(search, objective, extra)
    if result is None:
        return None
    # Among the plans that reach as many, the cheapest.
    reached = float(weights @ result.complying)
    final = _best(search, costs, [*extra, (objective, -reached + 1e-6)]) or result
    search.bound, search.best = -result.bound, candidate(model, final.added, final.given, final.received)
    return search, final


def _best(search: Search, objective: Floats, extra: Sequence[tuple[Floats, float]]) -> Solution | None:
    gap, seconds = search.model.request.gap / 2, max(search.left, 1.0)
    return search.programme.solve(objective, search.cuts, whole="all", gap=gap, seconds=seconds, extra=extra)


def least_excess(model: Model, group: Group) -> float:
    """Return how far beyond its limit a coefficient stays at least, whatever is added or moved: 0 where it need not."""
    search = Search.of(model, must_comply=False)
    programme = search.programme
    objective = programme.objective("slack", np.ones(1))
    programme.most[programme.start["slack"]] = np.inf
    for _ in range(LINEAR_ROUNDS):
        result = programme.solve(objective, search.cuts, whole="none", gap=0.0, seconds=10.0)
        if result is None:
            break
        values = group.at(result.net)
        mean = float(group.weights @ values)
        left = excess(group, values)
        if left <= 1e3 * SAFE or left * mean <= result.value * (1 + 1e-6) + 1e-9 * mean:
            return max(left, 0.0) if left > 1e3 * SAFE else 0.0
        search.cuts.append(programme.tangent(group, result.net))
    return 0.0

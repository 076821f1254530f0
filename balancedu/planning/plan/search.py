"""The search for the cheapest plan: an integer programme, tangents to the limits, and a repair of small excesses."""

from __future__ import annotations

import time
from collections.abc import Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.planning.plan.model import Group, Model, Places, Units, excess
from balancedu.planning.plan.programme import TOKEN_PRICE, Allocation, Programme, Row, Solution

SAFE = 1e-11
"""Relative distance from the limit at which floats leave no doubt."""
REPAIRS = 500
"""So many steps bring a plan within every limit, or it is given up."""
LINEAR_ROUNDS, WHOLE_ROUNDS = 200, 50
FLAT_ROUNDS = 20
"""After so many rounds in which the bound rises little, the tangents are good enough."""


def repaired(model: Model, units: Units) -> Units | None:
    """Return units with more added until every coefficient is within its limit; None where that does not come."""
    added = units.added.copy()
    for _ in range(REPAIRS):
        plan = attrs.evolve(units, added=added)
        # Floats leave no doubt about most coefficients; the last word is that of `evaluate`.
        beyond = [group for group in model.groups if _excess(group, plan.net) > SAFE] or model.beyond(plan.net)
        if not beyond:
            return plan
        step = _step(model, beyond[0], plan.net, model.most_added - added)
        if step is None:
            return None
        added[step[0]] += step[1]
    return None


def _excess(group: Group, net: Floats) -> float:
    return excess(group.at(net), group.weights, group.limit)


def _step(model: Model, group: Group, net: Floats, room: Floats) -> tuple[int, float] | None:
    """Return the cell whose growth lowers the excess most cheaply, and how many whole units it is given."""
    values, slope = group.at(net), _slope(group, net)
    mean = float(group.weights @ values)
    useful = (slope < 0) & (values < mean) & (room[group.cells] >= 1)
    if not useful.any():
        return None
    cost = np.maximum(model.add_cost[group.cells], 1e-9)
    best = int(np.argmin(np.where(useful, slope / cost, np.inf)))
    # The excess is convex, so a step along the straight line never goes too far; no section is raised beyond
    # the mean, or a school that shares its resources over stages would drive both stages up for ever.
    wanted = max(_excess(group, net), SAFE) * mean / -slope[best]
    units = np.ceil(min(wanted, (mean - values[best]) / group.steps[best]))
    cell = int(group.cells[best])
    return cell, float(min(max(units, 1.0), room[cell]))


def _slope(group: Group, net: Floats) -> Floats:
    """Return how sd − limit · mean grows with a unit of each section."""
    values = group.at(net)
    deviation = values - float(group.weights @ values)
    sd = float(np.sqrt(group.weights @ deviation**2))
    slope = deviation / sd if sd > 0 else np.zeros_like(values)
    return np.asarray(group.weights * (slope - group.limit) * group.steps)


@attrs.define(eq=False)
class Search:
    """The best plan and the best bound so far."""

    model: Model
    programme: Programme
    seconds: float
    started: float = attrs.field(factory=time.perf_counter)
    cuts: list[Row] = attrs.field(factory=list)
    best: Units | None = None
    cost: float = np.inf
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
    def done(self) -> bool:
        """Whether the gap is as small as wanted, or the time is over."""
        gap = gap_of(self.cost, self.bound) if self.best else np.inf
        return gap <= self.model.request.gap or (self.left <= 0 and self.best is not None)

    def solve(self, *, whole: bool, seconds: float) -> Solution | None:
        """Return the cheapest solution with the tangents so far; None where there is none."""
        costs, gap = self.programme.costs, self.model.request.gap / 2
        return self.programme.solve(costs, self.cuts, whole=whole, gap=gap, seconds=seconds)

    def linear(self, seconds: float) -> Solution | None:
        """Add tangents until the solution without whole units keeps to the limits; return it, or None if there is none.

        Only tangents that touch the solution are kept: the others would slow the integer programme down.
        """
        gap, bounds = self.model.request.gap, list[float]()
        until = time.perf_counter() + seconds
        # Nearer than the gap asks for, tangents are a matter of whole units.
        near = max(1e3 * SAFE, gap / 100_000)
        solution: Solution | None = None
        for _ in range(LINEAR_ROUNDS):
            solution = self.solve(whole=False, seconds=self.left)
            if solution is None:
                return None
            bounds.append(solution.bound)
            flat = len(bounds) > FLAT_ROUNDS and bounds[-1] - bounds[-FLAT_ROUNDS] < gap / 10 * bounds[-1]
            cuts = self.programme.cuts(solution, near)
            if not cuts or flat or time.perf_counter() > until:
                break
            self.cuts += cuts
        assert solution is not None
        x = solution.x
        self.cuts = [cut for cut in self.cuts if _touches(cut, x)]
        self.bound = max(self.bound, bounds[-1])
        return solution

    def offer(self, units: Units | None) -> None:
        """Take a plan where it is the best so far."""
        if units is not None and self.model.cost(units) < self.cost:
            self.best, self.cost = units, self.model.cost(units)

    def repair(self, solution: Solution) -> list[Row]:
        """Offer a solution, made whole, and return the tangents of the limits that it breaks, as judged exactly."""
        self.offer(repaired(self.model, solution.units))
        net = solution.units.net
        beyond = self.model.beyond(net)
        return [self.programme.tangent(group, group.at(net), group.weights) for group in beyond]


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


def _obvious(model: Model) -> Units | None:
    """Return the obvious plan: sections buy what they lack but their dearest indicators; None where caps forbid it."""
    floor, standard = (np.clip(np.nan_to_num(units), 0, None) for units in (model.to_floor, model.to_standard))
    saved = model.add_cost[model.cell] * (standard - floor)
    rank = np.argsort(np.argsort(-saved, axis=0, kind="stable"), axis=0)
    wanted = np.where(rank < len(rank) - model.at_standard, floor, standard) * model.known
    added = np.zeros(model.school.size)
    np.maximum.at(added, model.cell.ravel(), wanted.ravel())
    return repaired(model, Units(added, 0 * added, 0 * added)) if (added <= model.most_added).all() else None


def cheapest(model: Model) -> Search | None:
    """Return the search for the cheapest plan after which every requirement is met, ended; None if there is none."""
    search = Search.of(model)
    if search.linear(search.left / 2) is None:
        return None
    search.offer(_obvious(model))
    for _ in range(WHOLE_ROUNDS):
        if search.done:
            break
        try:
            result = search.solve(whole=True, seconds=search.left / 2)
            if result is None:
                return None
            search.bound = max(search.bound, result.bound)
            cuts = search.repair(result)
            if search.done or not cuts:
                break
            search.cuts += cuts
        except TimeoutError:
            if search.left <= 1:
                break
    if search.best is None:
        raise TimeoutError(f"no plan within {search.seconds:g} seconds; allow more, or a larger gap")
    return search


def allocate(model: Model, places: Places, room: Floats) -> Allocation | None:
    """Return the cheapest way of placing pupils in which no section takes more than so many; None if there is none.

    Parameters
    ----------
    model : Model
    places : Places
    room : (sections,) float array
    """
    programme, request = Programme(model, places, must_comply=False), model.request
    programme.keep_within(room)
    try:
        solution = programme.solve(programme.costs, (), whole=True, gap=request.gap / 2, seconds=request.seconds)
    except TimeoutError:
        return None
    return solution.allocation if solution else None


@attrs.define(eq=False)
class Joint:
    """The programme in which pupils, classes, rooms and resources are one: it gives bounds, and where pupils go."""

    model: Model
    places: Places
    search: Search = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.search = Search.of(self.model, self.places)

    @property
    def bound(self) -> float:
        """No plan costs less."""
        # Part of the bound may be the token price that keeps pupils from moving without need.
        return self.search.bound - TOKEN_PRICE * float(self.places.out.sum())

    def relaxed(self, cost: float) -> Allocation | None:
        """Return where pupils go when units need not be whole, in plans within a cost; None where nothing is possible.

        The coefficients of stages whose pupils move count where a plan is known, for their means then have limits.
        """
        search = self.search
        try:
            if np.isfinite(cost):
                search.programme.limit_means(cost, search.left / 10)
            return self._near(search.linear(search.left / 5))
        except TimeoutError:
            return None

    def whole(self, cost: float) -> Allocation | None:  # noqa: ARG002
        """Return where pupils go in whole numbers."""
        try:
            solution = self.search.solve(whole=True, seconds=self.search.left * 2 / 3)
        except TimeoutError:
            return None
        if solution is None:
            return None
        self.search.bound = max(self.search.bound, solution.bound)
        # Where the time ended first, classes may be opened without need.
        finished = gap_of(solution.value, solution.bound) <= self.model.request.gap
        return solution.allocation if finished else self._near(solution)

    def _near(self, solution: Solution | None) -> Allocation | None:
        if solution is None:
            return None
        return allocate(self.model, self.places, np.asarray(np.ceil(np.clip(solution.pupils, 0.0, None) - 1e-6)))


def most_complying(model: Model, budget: float | None, *, spread: bool) -> tuple[Solution, float] | None:
    """Return the plan that lets most sections (or pupils) comply, the cheapest of those, and how many any lets comply.

    None where there is no plan.

    Parameters
    ----------
    model : Model
    budget : float or None
        The most that the plan may cost.
    spread : bool
        Whether the coefficients of variation must keep to their limits.
    """
    search = Search.of(model, must_comply=False)
    costs = search.programme.costs
    weights = np.where(model.known, model.pupils if model.request.goal == "pupils" else 1.0, 0.0)
    objective = search.programme.objective("complying", -weights)
    extra = [] if budget is None else [(costs, budget)]
    result = _best(search, objective, extra)
    for _ in range(WHOLE_ROUNDS):
        if not spread or result is None or search.left <= 0 or not (beyond := model.beyond(result.units.net)):
            break
        net = result.units.net
        search.cuts += [search.programme.tangent(group, group.at(net), group.weights) for group in beyond]
        result = _best(search, objective, extra)
    if result is None:
        return None
    # Among the plans that reach as many, the cheapest.
    reached = float(weights @ result.complying)
    return _best(search, costs, [*extra, (objective, -reached + 1e-6)]) or result, -result.bound


def _best(search: Search, objective: Floats, extra: Sequence[tuple[Floats, float]]) -> Solution | None:
    gap, seconds = search.model.request.gap / 2, max(search.left, 1.0)
    return search.programme.solve(objective, search.cuts, whole=True, gap=gap, seconds=seconds, extra=extra)


def least_excess(model: Model, group: Group) -> float:
    """Return how far beyond its limit a coefficient stays at least, whatever is added or moved: 0 where it need not."""
    programme, cuts = Programme(model, must_comply=False), list[Row]()
    objective = programme.objective("slack", np.ones(1))
    programme.most[programme.block["slack"]] = np.inf
    for _ in range(LINEAR_ROUNDS):
        result = programme.solve(objective, cuts, whole=False, gap=0.0, seconds=10.0)
        if result is None:
            break
        values = group.at(result.units.net)
        mean, left = float(group.weights @ values), excess(values, group.weights, group.limit)
        if left <= 1e3 * SAFE or left * mean <= result.value * (1 + 1e-6) + 1e-9 * mean:
            return max(left, 0.0) if left > 1e3 * SAFE else 0.0
        cuts.append(programme.tangent(group, values, group.weights))
    return 0.0

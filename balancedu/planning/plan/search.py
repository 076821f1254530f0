"""The search for the cheapest plan: an integer programme, tangents to the limits, and a repair of small excesses."""

from __future__ import annotations

import time
from collections.abc import Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.planning.plan.model import CoefficientGroup, Done, Model, excess, net_of
from balancedu.planning.plan.programme import TOKEN_PRICE, Constraint, Programme, Solution

SAFE = 1e-11
"""Relative distance from the limit at which floats leave no doubt."""
REPAIRS = 500
"""The most steps to bring a plan within every limit."""
LINEAR_ROUNDS, WHOLE_ROUNDS = 200, 50
FLAT_ROUNDS = 20
"""After this number of rounds in which the bound rises little, the tangents are good enough."""


def repaired(model: Model, done: Done) -> Done | None:
    """Return a plan with more added until every coefficient is within its limit; None where that does not come."""
    done = {**done, "added": done["added"].copy()}
    for _ in range(REPAIRS):
        net = net_of(done)
        # Floats leave no doubt about most coefficients; the last word is that of `evaluate`.
        beyond = [group for group in model.groups if excess(group.at(net), group.weights, group.limit) > SAFE]
        beyond = beyond or model.beyond(net)
        if not beyond:
            return done
        step = _step(model, beyond[0], net, model.most_added - done["added"])
        if step is None:
            return None
        done["added"][step[0]] += step[1]
    return None


def _step(model: Model, group: CoefficientGroup, net: Floats, room: Floats) -> tuple[int, float] | None:
    """Return the cell whose growth lowers the excess most cheaply, and how many whole units it is given."""
    values, weights = group.at(net), group.weights
    mean = float(weights @ values)
    deviation = values - mean
    sd = float(np.sqrt(weights @ deviation**2))
    # How sd − limit · mean grows with a unit of each section.
    slope = weights * ((deviation / sd if sd > 0 else 0.0 * deviation) - group.limit) * group.steps
    useful = (slope < 0) & (values < mean) & (room[group.cells] >= 1)
    if not useful.any():
        return None
    cost = np.maximum(model.add_cost[group.cells], 1e-9)
    best = int(np.argmin(np.where(useful, slope / cost, np.inf)))
    # The excess is convex, so a step along the straight line never goes too far; no section is raised beyond
    # the mean, or a school that shares its resources over stages would drive both stages up for ever.
    wanted = max(excess(values, weights, group.limit), SAFE) * mean / -slope[best]
    units = np.ceil(min(wanted, (mean - values[best]) / group.steps[best]))
    cell = int(group.cells[best])
    return cell, float(min(max(units, 1.0), room[cell]))


@attrs.define(eq=False)
class Search:
    """The best plan and the best bound so far."""

    programme: Programme
    started: float = attrs.field(factory=time.perf_counter)
    best: Done | None = None
    cost: float = np.inf
    bound: float = 0.0

    @property
    def model(self) -> Model:
        """The planning problem."""
        return self.programme.model

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.model.request.seconds - (time.perf_counter() - self.started)

    @property
    def is_over(self) -> bool:
        """Whether the gap is as small as wanted, or the time is over."""
        return self.best is not None and (self.left <= 0 or gap_of(self.cost, self.bound) <= self.model.request.gap)

    @property
    def least_cost(self) -> float:
        """No plan costs less: part of the bound may be the token price that keeps pupils from moving without need."""
        return self.bound - TOKEN_PRICE * float(self.model.places.out.sum())

    def solve(self, *, whole: bool, seconds: float) -> Solution | None:
        """Return the cheapest solution with the tangents so far; None where there is none."""
        solution = self.programme.solve(self.programme.costs, whole=whole, seconds=seconds)
        if solution is not None:
            self.bound = max(self.bound, solution.bound)
        return solution

    def linear(self, seconds: float) -> Solution | None:
        """Add tangents until the solution without whole units is within the limits; return it, or None if none is.

        Only tangents that touch the solution are kept: the others would slow the integer programme down.
        """
        gap, bounds, programme = self.model.request.gap, list[float](), self.programme
        until = time.perf_counter() + seconds
        # Nearer than the gap requires, tangents are a matter of whole units.
        near = max(1e3 * SAFE, gap / 100_000)
        for _ in range(LINEAR_ROUNDS):
            solution = self.solve(whole=False, seconds=self.left)
            if solution is None:
                return None
            bounds.append(solution.bound)
            flat = len(bounds) > FLAT_ROUNDS and bounds[-1] - bounds[-FLAT_ROUNDS] < gap / 10 * bounds[-1]
            broken = programme.broken(solution, near)
            if not broken or flat or time.perf_counter() > until:
                break
            programme.tangents += broken
        assert solution is not None
        x = solution.x
        programme.tangents = [row for row in programme.tangents if _touches(row, x)]
        return solution

    def offer(self, done: Done | None) -> None:
        """Take a plan where it is the best so far."""
        if done is not None and self.model.cost(done) < self.cost:
            self.best, self.cost = done, self.model.cost(done)

    def broken(self, solution: Solution) -> list[Constraint]:
        """Return the tangents of the limits that a solution breaks, as judged exactly."""
        net = solution.net
        return [self.programme.tangent(group, group.at(net), group.weights) for group in self.model.beyond(net)]

    def place(self, cost: float, *, whole: bool) -> Done | None:
        """Return where pupils go in plans within a cost; None where nothing is possible, or none was found in time.

        Unless everything is to be whole, the units of resources need not be. The coefficients of stages whose pupils
        move count where a plan is known, for their means then have limits.
        """
        try:
            if whole:
                solution = self.solve(whole=True, seconds=self.left * 2 / 3)
            else:
                if np.isfinite(cost):
                    self.programme.limit_means(cost, self.left / 10)
                solution = self.linear(self.left / 5)
        except TimeoutError:
            return None
        if solution is None:
            return None
        # Where the time ended first, classes may be opened without need.
        if whole and gap_of(solution.value, solution.bound) <= self.model.request.gap:
            return solution.done
        return allocate(self.model, np.ceil(np.clip(solution.pupils, 0.0, None) - 1e-6))


def _touches(row: Constraint, x: Floats) -> bool:
    """Return whether a solution lies on a tangent, within the accuracy of a solver."""
    columns, factors, _, most = row
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


def _obvious(model: Model) -> Done | None:
    """Return the obvious plan: sections buy what they lack but their dearest indicators; None where caps forbid it."""
    floor, standard = (np.clip(np.nan_to_num(units), 0, None) for units in (model.to_floor, model.to_standard))
    saved = model.add_cost[model.cell] * (standard - floor)
    rank = np.argsort(np.argsort(-saved, axis=0, kind="stable"), axis=0)
    wanted = np.where(rank < len(rank) - model.at_standard, floor, standard) * model.known
    added = np.zeros(model.school.size)
    np.maximum.at(added, model.cell.ravel(), wanted.ravel())
    done = {"added": added, "given": 0 * added, "received": 0 * added}
    return repaired(model, done) if (added <= model.most_added).all() else None


def cheapest(model: Model) -> Search | None:
    """Return the search for the cheapest plan after which every requirement is met, ended; None if there is none."""
    search = Search(Programme(model))
    if search.linear(search.left / 2) is None:
        return None
    search.offer(_obvious(model))
    for _ in range(WHOLE_ROUNDS):
        if search.is_over:
            break
        try:
            solution = search.solve(whole=True, seconds=search.left / 2)
            if solution is None:
                return None
            search.offer(repaired(model, solution.done))
            broken = search.broken(solution)
            if search.is_over or not broken:
                break
            search.programme.tangents += broken
        except TimeoutError:
            if search.left <= 1:
                break
    if search.best is None:
        raise TimeoutError(f"no plan within {model.request.seconds:g} seconds; allow more, or a larger gap")
    return search


def allocate(model: Model, room: Floats | None = None) -> Done | None:
    """Return the cheapest way of placing pupils; None if there is none.

    Parameters
    ----------
    model : Model
    room : (sections,) float array, optional
        How many more pupils each section may take at most.
    """
    programme = Programme(model, must_comply=False)
    if room is not None:
        programme.keep_within(room)
    try:
        solution = programme.solve(programme.costs, whole=True, seconds=model.request.seconds)
    except TimeoutError:
        return None
    return solution.done if solution else None


def most_complying(model: Model, budget: float | None, *, spread: bool) -> tuple[Solution, float] | None:
    """Return the plan that lets most sections (or pupils) comply, the cheapest of those, and how many any lets comply.

    None where there is no plan.

    Parameters
    ----------
    model : Model
    budget : float or None
        The most that the plan may cost.
    spread : bool
        Whether the coefficients of variation must be within their limits.
    """
    search = Search(Programme(model, must_comply=False))
    programme = search.programme
    weights = np.where(model.known, model.pupils if model.request.goal == "pupils" else 1.0, 0.0)
    objective = programme.objective("complying", -weights)
    extra = [] if budget is None else [(programme.costs, budget)]

    def best(objective: Floats, extra: Sequence[tuple[Floats, float]]) -> Solution | None:
        return programme.solve(objective, whole=True, seconds=search.left, extra=extra)

    result = best(objective, extra)
    for _ in range(WHOLE_ROUNDS):
        if not spread or result is None or search.left <= 0 or not (broken := search.broken(result)):
            break
        programme.tangents += broken
        result = best(objective, extra)
    if result is None:
        return None
    # Among the plans that reach as many, the cheapest.
    reached = float(weights @ result.complying)
    return best(programme.costs, [*extra, (objective, -reached + 1e-6)]) or result, -result.bound


def least_excess(model: Model, group: CoefficientGroup) -> float:
    """Return the least excess of a coefficient over its limit for all additions and moves; 0 if it can be met."""
    programme = Programme(model, must_comply=False)
    objective = programme.objective("slack", np.ones(1))
    programme.most[programme.block["slack"]] = np.inf
    for _ in range(LINEAR_ROUNDS):
        result = programme.solve(objective, whole=False, seconds=10.0)
        if result is None:
            break
        values = group.at(result.net)
        mean, left = float(group.weights @ values), excess(values, group.weights, group.limit)
        if left <= 1e3 * SAFE or left * mean <= result.value * (1 + 1e-6) + 1e-9 * mean:
            return left if left > 1e3 * SAFE else 0.0
        programme.tangents.append(programme.tangent(group, values, group.weights))
    return 0.0

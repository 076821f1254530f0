"""The search for the cheapest plan: tangents are added to an integer programme until it keeps to the limits.

Without some of the tangents the programme allows more than the law does, so its bound holds for every plan.
"""

from __future__ import annotations

import time

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.planning.plans.cone import SAFE, Cut, excess, tangent, touches
from balancedu.planning.plans.model import Group, Model
from balancedu.planning.plans.programme import Programme, Solution
from balancedu.planning.plans.repair import Candidate, candidate, greedy, repaired

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

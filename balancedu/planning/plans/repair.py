"""Whole-unit plans made by hand: the obvious greedy one, and a small repair of what the solver found."""

from __future__ import annotations

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.planning.plans.cone import SAFE, excess, gradient
from balancedu.planning.plans.model import Group, Model

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

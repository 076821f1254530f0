"""The limit of a coefficient of variation as a convex cone, and the tangents that cut off what is beyond it.

`sd(v) − limit · mean(v) ≤ 0` is convex and homogeneous in the values, so its gradient at any point is a linear
inequality that every county within the limit keeps to: tangents never cut off a plan that is allowed.
"""

from __future__ import annotations

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.planning.plans.model import Group

SAFE = 1e-11
"""Relative distance from the limit at which floats leave no doubt."""


@attrs.frozen(eq=False)
class Cut:
    """`coefficients · net[cells] ≤ most`, the group that it is about, and what all of it was divided by."""

    group: Group
    cells: Ints
    coefficients: Floats
    most: float
    scale: float


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


def tangent(group: Group, net: Floats) -> Cut:
    """Return the inequality that the values after `net` break when they are beyond the limit."""
    slope = gradient(group, group.at(net))
    coefficients = slope * group.steps
    # Rows of moderate size keep the solver's tolerances meaningful.
    scale = float(np.abs(coefficients).max()) or 1.0
    return Cut(group, group.cells, coefficients / scale, -float(slope @ group.values) / scale, scale)


def touches(cut: Cut, net: Floats) -> bool:
    """Return whether a solution lies on a tangent, as nearly as a solver can tell."""
    terms = cut.coefficients * net[cut.cells]
    return bool(cut.most - terms.sum() <= 1e-6 * (1.0 + np.abs(terms).sum()))

"""When a straight line through the years reaches a limit, and how sure that is."""

from __future__ import annotations

import math

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.errors import MissingExtraError

FEWEST = 3
"""Two points lie on a line, whatever they are: nothing can be said of its error."""


@attrs.frozen
class Projection:
    """Where a falling line meets its limit.

    Attributes
    ----------
    slope : float
        Each year.
    year : float
        Infinite where the line does not come down to the limit, NaN where there are too few years.
    low, high : float
        The interval of the year; infinite where it has no end.
    """

    slope: float
    year: float
    low: float
    high: float


def projected(years: Floats, figures: Floats, limit: float, confidence: float) -> Projection:
    """Return when the least-squares line through figures comes down to a limit, with Fieller's interval.

    Parameters
    ----------
    years, figures : (n,) float arrays
        NaN figures are left out.
    limit : float
    confidence : float

    Notes
    -----
    The interval holds every x with (a + bx − limit)² ≤ t² s² (1/n + (x − x̄)² / Σ(xᵢ − x̄)²). Where the slope cannot
    be told from none that is everything from some year on, or every year.
    """
    known = ~np.isnan(figures)
    x, y = years[known], figures[known]
    if x.size < FEWEST or np.ptp(x) == 0:
        return Projection(math.nan, math.nan, math.nan, math.nan)
    centre, squares = x.mean(), ((x - x.mean()) ** 2).sum()
    slope = float(((x - centre) * (y - y.mean())).sum() / squares)
    rest = y - y.mean() - slope * (x - centre)
    variance = float((rest**2).sum() / (x.size - 2))
    above = float(y.mean()) - limit
    meets = centre - above / slope if slope < 0 else math.inf if above > 0 else -math.inf
    factor = _quantile(confidence, x.size - 2) ** 2 * variance
    # (above + slope u)² = factor (1/n + u²/squares), a quadratic in u = x − centre.
    a, b, c = slope**2 - factor / squares, 2 * slope * above, above**2 - factor / x.size
    if a <= 0 or slope >= 0:
        return Projection(slope, meets, -math.inf, math.inf)
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return Projection(slope, meets, float(centre + (-b - root) / (2 * a)), float(centre + (-b + root) / (2 * a)))


def _quantile(confidence: float, freedom: int) -> float:
    try:
        from scipy import stats
    except ImportError as error:
        raise MissingExtraError("scipy", "plan", "a projection") from error
    return float(stats.t.ppf((1 + confidence) / 2, freedom))

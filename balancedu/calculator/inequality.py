"""Measures of inequality beside the coefficient of variation, for research; the standard judges by none of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from balancedu.calculator.dispersion import checked
from balancedu.calculator.groups import Floats


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient of values per pupil, weighted by pupils.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil, zero or more.
    weights : (n,) array_like, optional
        Pupils, zero or more; without weights every value counts alike.

    Returns
    -------
    float
        0 where all are equal. NaN where a value or weight is NaN, where the weights add up to zero, and where
        the mean is zero. A zero weight leaves its value out.

    Raises
    ------
    ValueError
        If a value is negative, a weight is negative or infinite, or the lengths differ.

    Notes
    -----
    G = Σᵢ Σⱼ wᵢwⱼ|xᵢ − xⱼ| / (2 W² x̄), with W = Σ wᵢ; no correction for the number of values.

    Examples
    --------
    >>> round(gini([1, 2, 3, 4]), 6)
    0.25
    >>> round(gini([1, 3], weights=[3, 1]), 6)
    0.25
    """
    x, w, mean = _shares(values, weights)
    if math.isnan(mean):
        return math.nan
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    # Twice the area between the diagonal and the Lorenz curve, as trapezoids between its corners.
    above = np.cumsum(w * x) / mean
    return float(max(0.0, 1 - np.sum(w * (2 * above - w * x / mean))))


def lorenz(values: ArrayLike, weights: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return the corners of the Lorenz curve: shares of pupils, and of what the poorest of them have.

    Parameters
    ----------
    values, weights
        As for `gini`.

    Returns
    -------
    pupils, resource : (n + 1,) float arrays
        From (0, 0) to (1, 1), in ascending order of the value per pupil; NaN as for `gini`.

    Examples
    --------
    >>> lorenz([3, 1])
    (array([0. , 0.5, 1. ]), array([0.  , 0.25, 1.  ]))
    """
    x, w, mean = _shares(values, weights)
    order = np.argsort(x, kind="stable")
    pupils, resource = np.cumsum(w[order]), np.cumsum(w[order] * x[order]) / mean
    return np.concatenate([[0.0], pupils]), np.concatenate([[0.0], resource])


def theil_t(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's T of values per pupil, weighted by pupils.

    Parameters, returns and errors are those of `gini`. A value of zero counts as 0 · ln 0 = 0.

    Notes
    -----
    T = Σ (wᵢ/W) (xᵢ/x̄) ln(xᵢ/x̄). It splits exactly into a part within groups and a part between them; see
    `decompose`.

    Examples
    --------
    >>> round(theil_t([1, 3]), 6)
    0.130812
    """
    x, w, mean = _shares(values, weights)
    if math.isnan(mean):
        return math.nan
    ratio = x[x > 0] / mean
    return float(max(0.0, np.sum(w[x > 0] * ratio * np.log(ratio))))


def theil_l(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's L, the mean logarithmic deviation, of values per pupil, weighted by pupils.

    Parameters, returns and errors are those of `gini`; infinity where a value with weight is zero.

    Notes
    -----
    L = Σ (wᵢ/W) ln(x̄/xᵢ).

    Examples
    --------
    >>> round(theil_l([1, 3]), 6), theil_l([0, 3])
    (0.143841, inf)
    """
    x, w, mean = _shares(values, weights)
    if math.isnan(mean):
        return math.nan
    return math.inf if np.any(x == 0) else float(max(0.0, np.sum(w * np.log(mean / x))))


def atkinson(values: ArrayLike, weights: ArrayLike | None = None, *, epsilon: float = 0.5) -> float:
    """Return Atkinson's index of values per pupil, weighted by pupils.

    Parameters, returns and errors are those of `gini`, and:

    Parameters
    ----------
    epsilon : float
        Aversion to inequality, above 0: the larger, the more the poorest count. From 1 on, a value of zero
        makes the index 1.

    Notes
    -----
    A = 1 − (Σ (wᵢ/W) (xᵢ/x̄)^(1−ε))^(1/(1−ε)), and for ε = 1 one minus the geometric mean over x̄.

    Examples
    --------
    >>> round(atkinson([1, 3], epsilon=0.5), 6), round(atkinson([1, 3], epsilon=1), 6)
    (0.066987, 0.133975)
    """
    if not epsilon > 0 or math.isinf(epsilon):
        raise ValueError(f"epsilon must be above 0 and finite, found {epsilon}")
    x, w, mean = _shares(values, weights)
    if math.isnan(mean):
        return math.nan
    if epsilon >= 1 and np.any(x == 0):
        return 1.0
    ratio = x / mean
    if epsilon == 1:
        even = math.exp(float(np.sum(w * np.log(ratio))))
    else:
        # Powers relative to the poorest value stay within the range of floats for any epsilon.
        least = float(ratio.min()) or 1.0
        even = least * float(np.sum(w * (ratio / least) ** (1 - epsilon))) ** (1 / (1 - epsilon))
    return float(min(1.0, max(0.0, 1 - even)))


def mcloone(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the McLoone index: what pupils up to the median have, over what they would have at the median.

    Parameters, returns and errors are those of `gini`; 1 where nobody is below the median. NaN where the
    median is zero.

    Notes
    -----
    Σ wᵢxᵢ / (M Σ wᵢ) over all xᵢ ≤ M. The median M is the least value that half of the pupils do not exceed.

    Examples
    --------
    >>> mcloone([1, 2, 4])
    0.75
    """
    return _against_median(values, weights, above=False)


def verstegen(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Verstegen index: what pupils from the median on have, over what they would have at the median.

    Parameters, returns and errors are those of `gini`; 1 where nobody is above the median. NaN where the
    median is zero.

    Notes
    -----
    Σ wᵢxᵢ / (M Σ wᵢ) over all xᵢ ≥ M, with the median of `mcloone`.

    Examples
    --------
    >>> verstegen([1, 2, 4])
    1.5
    """
    return _against_median(values, weights, above=True)


def _shares(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats, float]:
    """Return the values that count, their weights as shares of 1, and the mean; a mean of NaN says: no answer."""
    x, w = checked(values, weights)
    if np.any(x < 0) or np.any(np.isinf(x)):
        raise ValueError("values must be zero or more, and finite: they are amounts per pupil")
    if np.isnan(x).any() or np.isnan(w).any() or not w.sum() > 0:
        return x, w, math.nan
    x, w = x[w > 0], w[w > 0] / w.sum()
    mean = float(np.sum(w * x))
    return x, w, mean if mean > 0 else math.nan


def _against_median(values: ArrayLike, weights: ArrayLike | None, *, above: bool) -> float:
    x, w, mean = _shares(values, weights)
    if math.isnan(mean):
        return math.nan
    order = np.argsort(x, kind="stable")
    # Whole pupils add up exactly, so half of them is found exactly; shares of 1 would round.
    counted = checked(values, weights)[1]
    reached = np.cumsum(counted[counted > 0][order])
    median = x[order][np.searchsorted(2 * reached, reached[-1])]
    if median == 0:
        return math.nan
    side = x >= median if above else x <= median
    return float(np.sum(w[side] * x[side]) / (median * np.sum(w[side])))

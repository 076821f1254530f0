"""Other measures of inequality than the coefficient of variation, and their decompositions."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from balancedu.calculator.dispersion import vectors
from balancedu.calculator.groups import Floats


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient of values per pupil, weighted by pupils.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil, zero or more.
    weights : (n,) array_like, optional
        Pupils, zero or more; without weights all values have equal weights.

    Returns
    -------
    float
        0 where all are equal. NaN if a value or weight is NaN, where the weights add up to zero, and where
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

    Parameters, returns and errors are those of `gini`; 1 where no value is below the median. NaN if the
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

    Parameters, returns and errors are those of `gini`; 1 where no value is above the median. NaN if the
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
    """Return the values that count, their weights as shares of 1, and the mean; NaN if there is no result."""
    x, w = vectors(values, weights)
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
    vector = vectors(values, weights)[1]
    reached = np.cumsum(vector[vector > 0][order])
    median = x[order][np.searchsorted(2 * reached, reached[-1])]
    if median == 0:
        return math.nan
    side = x >= median if above else x <= median
    return float(np.sum(w[side] * x[side]) / (median * np.sum(w[side])))


Index = Literal["cv2", "theil_t"]
"""What can be split exactly: the squared coefficient of variation, and Theil's T."""


def variance_shares(values: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return each value's share of the weighted variance.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil.
    weights : (n,) array_like, optional
        Pupils, zero or more; without weights all values have equal weights.

    Returns
    -------
    (n,) float array
        They add up to 1. NaN if a value or weight is NaN, and where all values are equal: there is nothing
        to share.

    Notes
    -----
    wᵢ(xᵢ − x̄)² / Σ wⱼ(xⱼ − x̄)².

    Examples
    --------
    >>> variance_shares([1, 2, 6])
    array([0.28571429, 0.07142857, 0.64285714])
    """
    x, w = vectors(values, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        square = w * (x - np.sum(w * x) / w.sum()) ** 2
        return np.asarray(square / square.sum())


def cv_without_each(values: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return, for each value, the coefficient of variation of all the others.

    Parameters are those of `variance_shares`.

    Returns
    -------
    (n,) float array
        NaN if a value or weight is NaN, and where the others have no weight or a mean of zero.

    Examples
    --------
    >>> cv_without_each([1, 3, 5])
    array([0.25      , 0.66666667, 0.5       ])
    """
    x, w = vectors(values, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = x - np.sum(w * x) / w.sum()
        weight_of_others = np.where(_of_others(w) > 0, _of_others(w), np.nan)
        mean = _of_others(w * x) / weight_of_others
        shift = _of_others(w * apart) / weight_of_others
        square = _of_others(w * apart**2) / weight_of_others - shift**2
        return np.asarray(np.where(mean == 0, np.nan, np.sqrt(np.maximum(square, 0)) / mean))


def _of_others(numbers: Floats) -> Floats:
    """Return for each number the sum of all others, without taking it away from the sum of all, which would round."""
    before, behind = np.cumsum(numbers), np.cumsum(numbers[::-1])[::-1]
    nothing = np.zeros(min(1, numbers.size))
    result: Floats = np.concatenate([nothing, before[:-1]]) + np.concatenate([behind[1:], nothing])
    return result


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Decomposition:
    """An index of inequality, split exactly by groups: total = sum of within + between.

    Attributes
    ----------
    labels : (groups,) array
        In ascending order.
    pupils, means, indices : (groups,) float arrays
        Weight, mean and own index of each group.
    within : (groups,) float array
        What each group adds from its inside.
    between : float
        What is left when every group's values are replaced by its mean.
    total : float
    """

    labels: NDArray[np.generic]
    pupils: Floats
    means: Floats
    indices: Floats
    within: Floats
    between: float
    total: float


def decompose(
    values: ArrayLike, weights: ArrayLike | None, groups: ArrayLike, *, index: Index = "cv2"
) -> Decomposition:
    """Split an index of inequality into what lies within groups and what lies between them.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil; zero or more for Theil's T.
    weights : (n,) array_like or None
        Pupils, zero or more; None: all values have equal weights.
    groups : (n,) array_like
        A label for each value.
    index : {'cv2', 'theil_t'}
        The squared coefficient of variation, or Theil's T.

    Returns
    -------
    Decomposition
        Full of NaN if a value or weight is NaN or the mean is zero.

    Raises
    ------
    ValueError
        If the lengths differ, a weight is negative or infinite, or the index has another name.

    Notes
    -----
    With p_g = W_g/W and r_g = x̄_g/x̄:  CV² = Σ p_g r_g² CV_g² + Σ p_g (r_g − 1)²,
    T = Σ p_g r_g T_g + Σ p_g r_g ln r_g.

    Examples
    --------
    >>> parts = decompose([1, 3, 5, 7], None, ["a", "a", "b", "b"])
    >>> parts.within, parts.between, parts.total
    (array([0.03125, 0.03125]), 0.25, 0.3125)
    """
    if index not in ("cv2", "theil_t"):
        raise ValueError(f"index must be 'cv2' or 'theil_t', found {index!r}")
    x, w = vectors(values, weights)
    labels, codes = np.unique(np.asarray(groups), return_inverse=True)
    if codes.shape != x.shape:
        raise ValueError(f"groups must be as many as values: {x.size} values, {codes.size} groups")
    parts = [codes == n for n in range(labels.size)]
    pupils = np.array([w[part].sum() for part in parts])
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.array([np.sum(w[part] * x[part]) for part in parts]) / pupils
        mean = np.sum(w * x) / w.sum()
        mean = mean if mean else np.nan
        share, ratio = pupils / w.sum(), means / mean
    indices = np.array([_index(x[part], w[part], index) for part in parts])
    # A group without weight, or without any resource, has nothing inside that could differ.
    inside = np.where((share > 0) & (ratio != 0), indices, 0.0 if np.isfinite(mean) else np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        if index == "cv2":
            within, between = share * np.nan_to_num(ratio) ** 2 * inside, share * (ratio - 1) ** 2
        else:
            within, between = share * np.nan_to_num(ratio) * inside, share * ratio * np.log(ratio)
            between[ratio == 0] = 0
        between[share == 0] = 0
    return Decomposition(labels, pupils, means, indices, within, float(between.sum()), _index(x, w, index))


def _index(x: Floats, w: Floats, index: Index) -> float:
    if index == "theil_t":
        return theil_t(x, w)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.sum(w * x) / w.sum()
        return float(np.sum(w * (x - mean) ** 2) / w.sum() / mean**2) if mean else np.nan

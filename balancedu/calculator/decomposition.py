"""Where unequal spread comes from: each section's share of it, and what lies within and between groups."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from balancedu.calculator.dispersion import checked
from balancedu.calculator.groups import Floats
from balancedu.calculator.inequality import theil_t

Index = Literal["cv2", "theil_t"]
"""What can be split exactly: the squared coefficient of variation, and Theil's T."""


def variance_shares(values: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return each value's share of the weighted variance.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil.
    weights : (n,) array_like, optional
        Pupils, zero or more; without weights every value counts alike.

    Returns
    -------
    (n,) float array
        They add up to 1. NaN where a value or weight is NaN, and where all values are equal: there is nothing
        to share.

    Notes
    -----
    wᵢ(xᵢ − x̄)² / Σ wⱼ(xⱼ − x̄)².

    Examples
    --------
    >>> variance_shares([1, 2, 6])
    array([0.28571429, 0.07142857, 0.64285714])
    """
    x, w = checked(values, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        square = w * (x - np.sum(w * x) / w.sum()) ** 2
        return np.asarray(square / square.sum())


def cv_without_each(values: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return, for each value, the coefficient of variation of all the others.

    Parameters are those of `variance_shares`.

    Returns
    -------
    (n,) float array
        NaN where a value or weight is NaN, and where the others have no weight or a mean of zero.

    Examples
    --------
    >>> cv_without_each([1, 3, 5])
    array([0.25      , 0.66666667, 0.5       ])
    """
    x, w = checked(values, weights)
    total = w.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = x - np.sum(w * x) / total
        rest = np.where(total - w > 0, total - w, np.nan)
        mean = np.sum(w * x) / total - w * apart / rest
        square = np.sum(w * apart**2) - w * apart**2 * total / rest
        return np.asarray(np.where(mean == 0, np.nan, np.sqrt(np.maximum(square, 0) / rest) / mean))


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
        Pupils, zero or more; None: every value counts alike.
    groups : (n,) array_like
        A label for each value.
    index : {'cv2', 'theil_t'}
        The squared coefficient of variation, or Theil's T.

    Returns
    -------
    Decomposition
        Full of NaN where a value or weight is NaN or the mean is zero.

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
    x, w = checked(values, weights)
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
    own = np.array([_index(x[part], w[part], index) for part in parts])
    # A group without weight, or without any resource, has nothing inside that could differ.
    inside = np.where((share > 0) & (ratio != 0), own, 0.0 if np.isfinite(mean) else np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        if index == "cv2":
            within, between = share * np.nan_to_num(ratio) ** 2 * inside, share * (ratio - 1) ** 2
        else:
            within, between = share * np.nan_to_num(ratio) * inside, share * ratio * np.log(ratio)
            between[ratio == 0] = 0
        between[share == 0] = 0
    return Decomposition(labels, pupils, means, own, within, float(between.sum()), _index(x, w, index))


def _index(x: Floats, w: Floats, index: Index) -> float:
    if index == "theil_t":
        return theil_t(x, w)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.sum(w * x) / w.sum()
        return float(np.sum(w * (x - mean) ** 2) / w.sum() / mean**2) if mean else np.nan

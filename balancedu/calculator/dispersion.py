"""How unequally a resource is spread over sections: mean, standard deviation, coefficient of variation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from balancedu.calculator.groups import Floats, Segments


def dispersion(values: Floats, weights: Floats, segments: Segments) -> tuple[Floats, Floats, Floats]:
    """Return the weighted mean, standard deviation and coefficient of variation of each group.

    Parameters
    ----------
    values : (n,) float array
        Values per pupil.
    weights : (n,) float array
        Pupils, not negative.
    segments : Segments
        The groups of the rows.

    Returns
    -------
    mean, sd, cv : (groups,) float arrays
        NaN where a value or weight of the group is NaN, where the weights add up to zero, and for a group
        without rows. The coefficient is NaN where the mean is zero: nothing to share is not equality.

    Notes
    -----
    x̄ = Σ wᵢxᵢ / Σ wᵢ,  s = √(Σ wᵢ(xᵢ − x̄)² / Σ wᵢ),  cv = s / x̄. A weight is a number of copies: a value of
    weight 3 counts as three rows would. Source: 教督〔2017〕6号, the way the coefficient is computed.
    """
    total = segments.sum(weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = segments.sum(values * weights) / total
        deviation = values - segments.repeat(mean)
        deviation *= deviation
        deviation *= weights
        sd = np.sqrt(segments.sum(deviation) / total)
        # One value has no deviation; what is left of it is the rounding of its mean.
        sd[(segments.counts == 1) & (sd > 0)] = 0.0
        cv = np.where(mean == 0, np.nan, sd / mean)
    return mean, sd, cv


def coefficient_of_variation(
    values: ArrayLike, weights: ArrayLike | None = None, *, groups: ArrayLike | None = None
) -> float | Floats:
    """Return the coefficient of variation of values per pupil, weighted by pupils.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil, in any unit.
    weights : (n,) array_like, optional
        Pupils, zero or more. Without weights every value counts alike. A zero weight leaves its value out,
        as zero copies would.
    groups : (n,) array_like, optional
        A label for each value; then one coefficient for each label, in ascending order of the labels.

    Returns
    -------
    float, or (labels,) float array when `groups` is given
        NaN where a value or a weight is NaN, where the weights add up to zero, and where the mean is zero.
        One value alone gives 0.

    Raises
    ------
    ValueError
        If the lengths differ, an array is not one-dimensional, or a weight is negative or infinite.

    Notes
    -----
    cv = √(Σ wᵢ(xᵢ − x̄)² / Σ wᵢ) / x̄ with x̄ = Σ wᵢxᵢ / Σ wᵢ; the divisor is Σ wᵢ, with no correction for the
    number of values. Source: 教督〔2017〕6号, 差异系数.

    Examples
    --------
    The published example: books of five primary schools.

    >>> pupils, books = [45, 37, 89, 76, 55], [279, 137, 935, 160, 402]
    >>> per_pupil = [b / p for b, p in zip(books, pupils)]
    >>> round(coefficient_of_variation(per_pupil, pupils), 6)
    0.515257
    >>> coefficient_of_variation([1, 3, 5, 5], groups=["a", "a", "b", "b"])
    array([0.5, 0. ])
    """
    x, w = checked(values, weights)
    if groups is None:
        return float(dispersion(x, w, Segments.of(np.zeros(x.size, np.intp), 1))[2][0])
    labels, codes = np.unique(np.asarray(groups), return_inverse=True)
    if codes.shape != x.shape:
        raise ValueError(f"groups must be as many as values: {x.size} values, {codes.size} groups")
    order = np.argsort(codes, kind="stable")
    return dispersion(x[order], w[order], Segments.of(codes[order], labels.size))[2]


def squared_coefficient(values: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction | None:
    """Return the exact square of the coefficient of variation, or None where the mean is zero.

    Examples
    --------
    >>> squared_coefficient([Fraction(1), Fraction(3)], [Fraction(1), Fraction(1)])
    Fraction(1, 4)
    """
    total = sum(weights, Fraction(0))
    mean = sum((x * w for x, w in zip(values, weights, strict=True)), Fraction(0)) / total
    if not mean:
        return None
    square = sum((w * (x - mean) ** 2 for x, w in zip(values, weights, strict=True)), Fraction(0))
    return square / total / mean**2


def composite(coefficients: Floats) -> Floats:
    """Return the plain mean of the coefficients along the last axis; NaN in, NaN out.

    Examples
    --------
    >>> import numpy as np
    >>> composite(np.array([[0.25, 0.75], [0.5, np.nan]]))
    array([0.5, nan])
    """
    return np.asarray(coefficients.mean(axis=-1))


def checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return values and weights as vectors of one length; without weights every value counts alike.

    Raises
    ------
    ValueError
        If the lengths differ, an array is not one-dimensional, or a weight is negative or infinite.
    """
    x = _vector("values", values)
    w = np.ones_like(x) if weights is None else _vector("weights", weights)
    if w.shape != x.shape:
        raise ValueError(f"weights must be as many as values: {x.size} values, {w.size} weights")
    if np.any(w < 0) or np.any(np.isinf(w)):
        raise ValueError("weights must be zero or more, and finite: they are numbers of pupils")
    return x, w


def _vector(name: str, values: ArrayLike) -> Floats:
    vector: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got an array of shape {vector.shape}")
    return vector

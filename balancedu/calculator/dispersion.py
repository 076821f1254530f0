"""How unequally a resource is spread over sections: mean, standard deviation, coefficient of variation."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.numbers import labelled, reals

_SAFE = 2.0**150
"""Up to this size, and down to its inverse, sums of squares neither overflow nor lose digits."""
_NEARLY_EQUAL = 2.0**-40
"""More than the deviation, relative to the mean, that rounding gives equal values."""
_BLOCK = 2**14
"""Rows worked on at a time: they and what is computed from them stay in the cache."""


def dispersion(
    values: Floats, weights: Floats, segments: Segments, *, steady: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Return the weighted mean, standard deviation and coefficient of variation of each group.

    Parameters
    ----------
    values : (n,) float array
        Values per pupil.
    weights : (n,) float array
        Pupils, not negative. A value with a weight of zero is ignored.
    segments : Segments
        The groups of the rows.
    steady : bool
        Give the same digits for every order of the rows in a group, at some cost of time.

    Returns
    -------
    mean, sd, cv : (groups,) float arrays
        NaN if a value or weight of the group is NaN or infinite, where the weights add up to zero, and for a
        group without rows. The coefficient is NaN if the mean is zero: nothing to share is not equality.

    Notes
    -----
    x̄ = Σ wᵢxᵢ / Σ wᵢ,  s = √(Σ wᵢ(xᵢ − x̄)² / Σ wᵢ),  cv = s / x̄. A weight is a number of copies: a value of
    weight 3 counts as three rows would. Source: 教督〔2017〕6号, the way the coefficient is computed.

    Each group is scaled by a power of two, which rounds nothing, so that no square overflows or underflows. The
    deviations are taken from the rounded mean, and then from their own mean, so that this rounding does not count.

    Examples
    --------
    >>> import numpy as np
    >>> dispersion(np.array([1e200, 3e200, 7.0]), np.ones(3), Segments.of(np.array([0, 0, 1]), 2))
    (array([2.e+200, 7.e+000]), array([1.e+200, 0.e+000]), array([0.5, 0. ]))
    """
    mean, sd, cv = Weights.of(weights, segments).dispersion(values, steady=steady)
    return mean, sd, cv


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """The weights of the rows of groups, ready for the dispersion of one indicator after the other.

    Attributes
    ----------
    included : (n,) bool array, optional
        The rows whose weight is not zero; None if that are all.
    weights : (m,) float array
        Of the rows included.
    segments : Segments
        Their groups.
    total : (groups,) float array
        Their sums.
    """

    included: Bools | None
    weights: Floats
    segments: Segments
    total: Floats

    @classmethod
    def of(cls, weights: Floats, segments: Segments) -> Weights:
        """Return weights that are not negative, a float for each row of the segments."""
        included = weights != 0
        if included.all():
            return cls(None, weights, segments, segments.sum(weights))
        weights, segments = weights[included], segments.kept(included)
        return cls(included, weights, segments, segments.sum(weights))

    def dispersion(self, values: Floats, *, steady: bool = False) -> Floats:
        """Return mean, deviation and coefficient of each group, as `dispersion` does, in a (3, groups) float array."""
        values = values if self.included is None else values[self.included]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if steady:
                return _careful(values, self.weights, self.segments, self.segments.steady_sum)
            result = np.empty((3, self.total.size))
            for groups, rows, segments in self.segments.blocks(_BLOCK):
                result[:, groups] = _of_block(values[rows], self.weights[rows], segments, self.total[groups])
            return result


def _of_block(values: Floats, weights: Floats, segments: Segments, total: Floats) -> Floats:
    """Return mean, deviation and coefficient of groups; the slow exact way only where it makes a difference."""
    if not (_is_usual(values, 0.0) and _is_usual(weights, 1 / _SAFE)):
        return _careful(values, weights, segments, segments.sum)
    mean, sd = _moments(values, weights, total, segments, segments.sum)
    result = np.array([mean, sd, sd / mean])
    # Groups of small or equal values.
    delicate = (np.abs(mean) < 2 / _SAFE) | (sd <= _NEARLY_EQUAL * np.abs(mean))
    if delicate.any():
        rows = segments.repeat(delicate)
        of_rows = segments.kept(rows)
        result[:, delicate] = _careful(values[rows], weights[rows], of_rows, of_rows.sum)[:, delicate]
    return result


def _is_usual(numbers: Floats, least: float) -> bool:
    """Return whether no number is too large to be squared, or smaller than the least; NaN may be among them."""
    most = np.fmax.reduce(numbers, initial=least)
    return bool(most <= _SAFE and np.fmin.reduce(numbers, initial=most) >= (least or -_SAFE))


def _careful(values: Floats, weights: Floats, segments: Segments, add: Callable[[Floats], Floats]) -> Floats:
    """Return mean, deviation and coefficient of groups of any size; equal values deviate by 0."""
    least, most = segments.least(values, np.float64(np.nan)), segments.greatest(values, np.float64(np.nan))
    values, power = _scaled(values, np.maximum(-least, most), segments)
    weights, _ = _scaled(weights, segments.greatest(weights, np.float64(np.nan)), segments)
    mean, sd = _moments(values, weights, add(weights), segments, add)
    sd[(least == most) & np.isfinite(most)] = 0
    cv = np.where(mean == 0, np.nan, sd / mean)
    return np.array([np.ldexp(mean, power), np.ldexp(sd, power), cv])


def _moments(
    values: Floats, weights: Floats, total: Floats, segments: Segments, add: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    mean = add(values * weights) / total
    deviation = values - segments.repeat(mean)
    correction = add(deviation * weights) / total
    deviation -= segments.repeat(correction)
    deviation *= deviation
    deviation *= weights
    return mean + correction, np.sqrt(add(deviation) / total)


def _scaled(numbers: Floats, sizes: Floats, segments: Segments) -> tuple[Floats, Ints]:
    """Return the numbers over a power of two, so that those of each group are at most 1, and the exponents.

    Groups in which nothing can overflow or lose digits keep their numbers.
    """
    scaled = (sizes > 0) & ((sizes > _SAFE) | (sizes < 1 / _SAFE)) & np.isfinite(sizes)
    power = np.where(scaled, np.frexp(np.where(scaled, sizes, 1))[1], 0)
    if scaled.any():
        numbers = np.ldexp(numbers, -segments.repeat(power))
    return numbers, power


@overload
def coefficient_of_variation(
    values: ArrayLike, weights: ArrayLike | None = None, *, groups: None = None, axis: None = None
) -> float: ...
@overload
def coefficient_of_variation(
    values: ArrayLike, weights: ArrayLike | None = None, *, groups: ArrayLike, axis: int | None = None
) -> Floats: ...
@overload
def coefficient_of_variation(
    values: ArrayLike, weights: ArrayLike | None = None, *, groups: ArrayLike | None = None, axis: int
) -> Floats: ...
def coefficient_of_variation(
    values: ArrayLike, weights: ArrayLike | None = None, *, groups: ArrayLike | None = None, axis: int | None = None
) -> float | Floats:
    """Return the coefficient of variation of values per pupil, weighted by pupils.

    Parameters
    ----------
    values : (n,) array_like, or of any shape
        Values per pupil, in any unit; negative values are accepted. None, NaN and masked values are missing.
    weights : (n,) array_like, optional
        Pupils, zero or more: as many as values, or as many as there are along `axis`. Without weights every value
        has the same weight. A value with a weight of zero is ignored, even if it is missing.
    groups : (n,) array_like, optional
        A label for each value, all texts or all numbers; then one coefficient for each label, in the order of
        `numpy.unique(groups)`. With `axis`, a label for each place along it.
    axis : int, optional
        The axis along which values are compared; by default all values are compared with each other.

    Returns
    -------
    float, or float array when `groups` or `axis` is given
        The shape is that of the values without the axis; with `groups`, the labels take the place of the axis.
        NaN if a value or a weight is missing, where a value is infinite, where the weights add up to zero,
        and where the mean is zero. Equal values give exactly 0. A negative mean gives a negative coefficient.

    Raises
    ------
    TypeError
        If values or weights are texts, complex numbers, truth values or dates, or labels of several types are mixed.
    ValueError
        If the shapes do not fit, a weight is negative or infinite, or a label is missing.

    Notes
    -----
    cv = √(Σ wᵢ(xᵢ − x̄)² / Σ wᵢ) / x̄ with x̄ = Σ wᵢxᵢ / Σ wᵢ; the divisor is Σ wᵢ, with no correction for the
    number of values. Source: 教督〔2017〕6号, 差异系数.

    The result is right to a few units of the last digit for values of one sign from 1e-320 to 1e308; where values
    of both signs cancel, the mean loses the digits that cancel. It does not depend on the order of the values, and
    not on their unit: a factor that is a power of two changes no digit.

    Examples
    --------
    The published example: books of five primary schools.

    >>> pupils, books = [45, 37, 89, 76, 55], [279, 137, 935, 160, 402]
    >>> per_pupil = [b / p for b, p in zip(books, pupils)]
    >>> round(coefficient_of_variation(per_pupil, pupils), 6)
    0.515257
    >>> coefficient_of_variation([1, 3, 5, 5], groups=["a", "a", "b", "b"])
    array([0.5, 0. ])

    One coefficient for each column: schools are rows, resources are columns.

    >>> coefficient_of_variation([[1, 10], [3, 10]], weights=[50, 50], axis=0)
    array([0.5, 0. ])
    """
    x, w = paired(values, weights, axis)
    codes, labels = np.zeros(x.shape[-1], np.intp), 1
    if groups is not None:
        codes, labels = labelled("groups", groups, x.shape[-1])
    lines = math.prod(x.shape[:-1])
    cells = (np.arange(lines)[:, None] * labels + codes).ravel()
    flat, pupils = x.ravel(), w.ravel()
    if groups is not None:
        order = np.argsort(cells, kind="stable")
        cells, flat, pupils = cells[order], flat[order], pupils[order]
    segments = Segments.of(cells, lines * labels)
    cv = dispersion(flat, pupils, segments, steady=True)[2].reshape(*x.shape[:-1], labels)
    if groups is None and axis is None:
        return float(cv[0])
    return cv[..., 0] if groups is None else np.moveaxis(cv, -1, axis or 0)


def squared_coefficient(values: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction | None:
    """Return the exact square of the coefficient of variation, or None if the mean is zero.

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


def paired(values: ArrayLike, weights: ArrayLike | None, axis: int | None = None) -> tuple[Floats, Floats]:
    """Return values and weights as float arrays of one shape, the compared axis last.

    Without an axis all values are compared with each other, and the arrays are vectors.

    Raises
    ------
    TypeError
        If values or weights are not real numbers.
    ValueError
        If the shapes differ, there is no such axis, or a weight is negative or infinite.
    """
    x = reals("values", values)
    w = np.ones_like(x) if weights is None else reals("weights", weights)
    if x.ndim == 0:
        raise ValueError("values must be an array, got a single number")
    if axis is not None and not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis must be between {-x.ndim} and {x.ndim - 1} for values of shape {x.shape}, got {axis}")
    if np.any(w < 0) or np.any(np.isinf(w)):
        raise ValueError("weights must be zero or more, and finite: they are numbers of pupils")
    if axis is not None:
        x = np.moveaxis(x, axis, -1)
        w = np.moveaxis(w, axis, -1) if w.ndim == x.ndim else w
        w = np.broadcast_to(w, x.shape) if w.shape == x.shape[-1:] else w
    if w.shape != x.shape:
        raise ValueError(f"weights must be as many as values: {x.size} values, {w.size} weights")
    return (x, w) if axis is not None else (x.ravel(), w.ravel())


def vectors(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return values and weights as vectors of one length; the errors are those of `paired`.

    A value that a weight of zero leaves out becomes 0, so that it is neither missing nor invalid.
    """
    x = reals("values", values)
    if x.ndim != 1:
        raise ValueError(f"values must be one-dimensional, got an array of shape {x.shape}")
    x, w = paired(x, weights)
    return np.where(w == 0, 0.0, x), w

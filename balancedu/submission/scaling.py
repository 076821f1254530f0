"""Figures written in another unit become figures in the unit of their measure, exactly."""

from __future__ import annotations

import math
from fractions import Fraction

import attrs
import numpy as np
from numpy.typing import NDArray

_MOST_PLACES = 9
_EXACT = 2.0**53
"""Up to here a float holds every whole number."""
_SURE = 1e15
"""Decimals of so many digits are told apart by floats, so that one which gives the float is the one written."""


@attrs.frozen
class Scaling:
    """The unit that figures are written in.

    Attributes
    ----------
    word : str
        As the header says it.
    factor : Fraction
        How many of the measure's unit one of it is.
    """

    word: str
    factor: Fraction


def scaled(numbers: NDArray[np.float64], factor: Fraction) -> NDArray[np.float64]:
    """Return numbers times a factor: of each shortest decimal, times the factor, the nearest float.

    Examples
    --------
    >>> scaled(np.array([401.7385, 1.1, np.nan]), Fraction(10_000)).tolist()
    [4017385.0, 11000.0, nan]
    >>> scaled(np.array([98.5, 0.7]), Fraction(1, 100)).tolist()
    [0.985, 0.007]
    >>> scaled(np.array([np.inf, 1.0]), Fraction(10_000)).tolist()
    [inf, 10000.0]
    """
    result = np.where(np.isinf(numbers), numbers, np.nan)
    left = np.isfinite(numbers)
    times, per = float(factor.numerator), float(factor.denominator)
    for places in range(_MOST_PLACES + 1):
        if not left.any():
            return result
        power = 10.0**places
        with np.errstate(over="ignore", invalid="ignore"):
            # A decimal with so many places is this whole number over the power; the quotient of two floats that
            # are exact is the nearest float to the true quotient.
            whole = np.rint(numbers * power)
            fits = left & (whole / power == numbers) & (np.abs(whole) < _SURE)
            fits &= np.abs(whole * times) < _EXACT
        if power * per < _EXACT:
            result[fits] = whole[fits] * times / (power * per)
            left &= ~fits
    for row in np.flatnonzero(left).tolist():
        result[row] = _nearest(Fraction(repr(float(numbers[row]))) * factor)
    return result


def _nearest(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf

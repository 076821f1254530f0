"""Numbers as written: a float stands for the shortest decimal that gives it, and arithmetic on those is exact."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats

Whole = NDArray[np.object_]
"""Python integers, which never overflow."""

_SAFE = 1e15
"""Decimals of up to fifteen digits and floats name each other without doubt."""


def exact(number: float) -> Fraction:
    """Return the number as written: the shortest decimal that gives this float.

    Examples
    --------
    >>> exact(0.1) * 3 == exact(0.3)
    True
    """
    return Fraction(repr(float(number)))


def roots_beyond(squares: Iterable[Fraction], limit: Fraction) -> int:
    """Return 1 where the square roots add up to more than the limit, 0 where to the limit itself, -1 where to less.

    Parameters
    ----------
    squares : iterable of Fraction
        None is negative.
    limit : Fraction

    Notes
    -----
    Roots that are fractions are added as such. A sum of positive roots of which one is no fraction is no fraction
    itself, so it is never the limit, and enough digits always tell on which side of it the sum lies.

    Examples
    --------
    >>> roots_beyond([Fraction(1, 4), Fraction(4, 9)], Fraction(7, 6))
    0
    >>> roots_beyond([Fraction(2), Fraction(3)], Fraction("3.1462643699"))
    1
    """
    rest, irrational = limit, []
    for square in squares:
        over, under = math.isqrt(square.numerator), math.isqrt(square.denominator)
        if over**2 == square.numerator and under**2 == square.denominator:
            rest -= Fraction(over, under)
        else:
            irrational.append(square)
    if not irrational:
        return (rest < 0) - (rest > 0)
    bits = 64
    while True:
        # Each root is rounded down to so many binary digits: the sum is less than one unit per root too small.
        least = sum(math.isqrt((square.numerator << 2 * bits) // square.denominator) for square in irrational)
        if least >= rest * 2**bits:
            return 1
        if least + len(irrational) <= rest * 2**bits:
            return -1
        bits *= 2


def scaled(numbers: Floats) -> tuple[Whole, int]:
    """Return numbers as written times a power of ten that makes all of them whole, and that power.

    Parameters
    ----------
    numbers : (n,) float array
        Finite.

    Examples
    --------
    >>> import numpy as np
    >>> scaled(np.array([4.5, 0.25, 3.0]))
    (array([450, 25, 300], dtype=object), 100)
    """
    for places in range(5):
        whole = np.rint(numbers * 10.0**places)
        if (np.abs(whole) < _SAFE).all() and (whole / 10.0**places == numbers).all():
            return whole.astype(np.int64).astype(object), 10**places
    decimals = [Decimal(repr(number)) for number in numbers.tolist()]
    most = max(max(-int(decimal.as_tuple().exponent), 0) for decimal in decimals)
    return np.array([int(Fraction(decimal) * 10**most) for decimal in decimals], dtype=object), 10**most


def combined(columns: list[tuple[int | Whole, Floats]]) -> tuple[Whole, int]:
    """Return the exact sum of columns, each times its whole factor, as whole numbers and the power that divides them.

    Examples
    --------
    >>> import numpy as np
    >>> combined([(1, np.array([2.5])), (-1, np.array([0.25]))])
    (array([225], dtype=object), 100)
    """
    parts = [(factor, *scaled(column)) for factor, column in columns]
    most = max(power for _, _, power in parts)
    total: Whole = sum((whole * factor * (most // power) for factor, whole, power in parts), np.zeros((), dtype=object))
    return total, most

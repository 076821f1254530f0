"""Comparisons that are exact at the limit: floats first, whole numbers for the few that are close."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import Codes

Whole = NDArray[np.object_]
"""Python integers, which never overflow."""

_SAFE = 1e15
"""Decimals of up to fifteen digits and floats name each other without doubt."""


DIGITS = 15
"""Significant digits of a number that is not text: what a spreadsheet shows and compares."""
_POWERS = np.array([float(f"1e{n}") for n in range(-8, 16)])
_WHOLE_POWERS = np.array([float(10**n) for n in range(23)])
"""Powers of ten that floats hold exactly."""


def at_15_digits(numbers: Floats) -> Floats:
    """Return numbers at 15 significant digits: of each such decimal, the nearest float.

    This removes binary rounding errors, so that a figure computed as ratio × pupils does not fall below a limit.

    Parameters
    ----------
    numbers : float array
        NaN and infinities are not changed.

    Examples
    --------
    >>> import numpy as np
    >>> at_15_digits(np.array([0.1 + 0.2, 0.5489999999999999, 4.5, np.nan])).tolist()
    [0.3, 0.549, 4.5, nan]
    """
    size = np.abs(numbers)
    fractional = np.flatnonzero((numbers != np.rint(numbers)) & (size < _SAFE))
    if not fractional.size:
        return numbers
    result, size = numbers.copy(), size[fractional]
    places = DIGITS + 8 - np.searchsorted(_POWERS, size, side="right")
    power = _WHOLE_POWERS[np.minimum(places, _WHOLE_POWERS.size - 1)]
    shifted = size * power
    whole = np.rint(shifted)
    result[fractional] = np.copysign(whole / power, numbers[fractional])
    # The product is off by up to 0.11, so near a tie, and where the power is no float, the digits are printed.
    doubtful = (np.abs(np.abs(shifted - whole) - 0.5) < 0.125) | (places >= _WHOLE_POWERS.size)
    for row in fractional[doubtful].tolist():
        result[row] = float(f"{numbers[row]:.{DIGITS}g}")
    return result


def beside(written: Decimal | Fraction) -> float:
    """Return the float for a number written with all its digits, on the right side of every shorter decimal.

    The nearest float may be the one of a decimal with at most 15 digits that is not the number itself; then it is the
    next one in the direction of the number.

    Examples
    --------
    >>> beside(Decimal("4.5")), beside(Decimal("4.49999999999999999999"))
    (4.5, 4.499999999999999)
    """
    number = float(written)
    if not math.isfinite(number) or number == 0:
        return number
    shortest, exact_value = Fraction(repr(number)), Fraction(written)
    if shortest == exact_value or Fraction(f"{number:.{DIGITS}g}") != shortest:
        return number
    return math.nextafter(number, math.inf if exact_value > shortest else -math.inf)


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
    itself, so it is never the limit, and with enough digits the side on which the sum lies is known.

    Examples
    --------
    >>> roots_beyond([Fraction(1, 4), Fraction(4, 9)], Fraction(7, 6))
    0
    >>> roots_beyond([Fraction(2), Fraction(3)], Fraction("3.1462643699"))
    1
    """
    remainder, irrational = limit, []
    for square in squares:
        over, under = math.isqrt(square.numerator), math.isqrt(square.denominator)
        if over**2 == square.numerator and under**2 == square.denominator:
            remainder -= Fraction(over, under)
        else:
            irrational.append(square)
    if not irrational:
        return (remainder < 0) - (remainder > 0)
    bits = 64
    while True:
        # Each root is rounded down to that many binary digits: the sum is less than one unit per root too small.
        least = sum(math.isqrt((square.numerator << 2 * bits) // square.denominator) for square in irrational)
        if least >= remainder * 2**bits:
            return 1
        if least + len(irrational) <= remainder * 2**bits:
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


Relation = Literal[">=", "<=", "<", ">"]
Excess = Callable[[Ints], Sequence[Fraction] | Whole]
"""Returns, for the given rows, the exact value minus the exact limit, or any positive multiple of it."""

SLACK = 2.0**-40
"""More than the rounding of a few float operations, relative to their operands."""

_HOLDS: dict[Relation, Callable[..., NDArray[np.bool_]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}


def holds(
    values: Floats,
    relation: Relation,
    limits: Floats | float,
    excess: Excess,
    *,
    scale: float | None = None,
    slack: float = SLACK,
) -> NDArray[np.bool_]:
    """Return where `value relation limit` is true, decided exactly.

    Parameters
    ----------
    values : (n,) float array
        False for NaN.
    relation : {'>=', '<=', '<', '>'}
    limits : float or (n,) float array
    excess : callable
        Takes row numbers and returns the exact differences value − limit, or any positive multiple of them;
        called only for rows whose float value is within rounding distance of the limit.
    scale : float, optional
        Size of the operands that the values were computed from, where larger than the limit (a difference
        of large numbers rounds like large numbers).
    slack : float
        Rounding of the values, relative to `scale`.

    Returns
    -------
    (n,) bool array

    Examples
    --------
    In floats, `0.85 * 4.5` is not 3.825; on paper it is.

    >>> import numpy as np
    >>> from balancedu.calculator.limits import exact
    >>> at = np.array([0.85 * 4.5])
    >>> holds(at, ">=", 3.825, lambda rows: [exact(0.85) * exact(4.5) - exact(3.825)])
    array([ True])
    """
    compare = _HOLDS[relation]
    size: Floats | float = abs(limits) if isinstance(limits, float) else np.abs(limits)
    room = slack * (size if scale is None else np.maximum(scale, size))
    result = compare(values, limits - room)
    other = compare(values, limits + room)
    # If one holds for a row, so does the other: equal counts mean that no row is near the limit.
    if np.count_nonzero(result) != np.count_nonzero(other):
        near = np.flatnonzero(result != other)
        result[near] = [compare(difference, 0) for difference in excess(near)]
    return result


def standings(at_standard: NDArray[np.bool_], at_floor: NDArray[np.bool_], known: NDArray[np.bool_]) -> Codes:
    """Return 2 where the standard is met, 1 where only the floor is, 0 below it, -1 where not known.

    Examples
    --------
    >>> import numpy as np
    >>> yes, no = np.array([True]), np.array([False])
    >>> standings(no, yes, yes)
    array([1], dtype=int8)
    """
    return (at_standard & known).astype(np.int8) + (at_floor & known) - ~known

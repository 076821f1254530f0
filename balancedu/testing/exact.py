"""The coefficient of variation without rounding, for tests of programs that compute it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from balancedu.calculator.dispersion import squared_coefficient


def exact_coefficient(
    values: Iterable[float | Fraction], weights: Iterable[float | Fraction] | None = None, *, digits: int = 50
) -> Fraction | None:
    """Return the coefficient of variation to that many digits, computed in fractions.

    Parameters
    ----------
    values, weights : iterables of float or Fraction
        As for `balancedu.coefficient_of_variation`. Floats mean the binary numbers that they are.
    digits : int
        Significant digits of the result.

    Returns
    -------
    Fraction or None
        Cut off behind that digit; negative where the mean is. None if there is no coefficient: a value or weight
        is missing (None or NaN), a value is infinite, no value has a weight, or the mean is zero.

    Raises
    ------
    ValueError
        If the lengths differ, or a weight is negative or infinite.

    Notes
    -----
    √(Σ wᵢ(xᵢ − x̄)² / Σ wᵢ) / x̄ with x̄ = Σ wᵢxᵢ / Σ wᵢ; a weight of zero leaves its value out. The square is an exact
    fraction, and its root is taken of whole numbers.

    Examples
    --------
    >>> exact_coefficient([1, 3])
    Fraction(1, 2)
    >>> float(exact_coefficient([6.2, 3.7, 10.5], [45, 37, 89]))
    0.3602976970951665
    """
    given = list(values)
    counts: list[float | Fraction] = [1] * len(given) if weights is None else list(weights)
    if len(counts) != len(given):
        raise ValueError(f"weights must be as many as values: {len(given)} values, {len(counts)} weights")
    if any(not _missing(weight) and not 0 <= weight < math.inf for weight in counts):
        raise ValueError("weights must be zero or more, and finite")
    pairs = [(value, weight) for value, weight in zip(given, counts, strict=True) if weight != 0]
    if not pairs or any(_missing(number) or math.isinf(number) for pair in pairs for number in pair):
        return None
    xs, ws = ([Fraction(pair[side]) for pair in pairs] for side in (0, 1))
    square = squared_coefficient(xs, ws)
    if square is None:
        return None
    # As many digits before the point of the root as are wanted, and a few more.
    size = 10 ** max(0, digits + (len(str(square.denominator)) - len(str(square.numerator))) // 2 + 2)
    root = Fraction(math.isqrt(square.numerator * size**2 // square.denominator), size)
    return root if sum((x * w for x, w in zip(xs, ws, strict=True)), Fraction(0)) > 0 else -root


def _missing(number: float | Fraction | None) -> bool:
    return number is None or number != number  # noqa: PLR0124

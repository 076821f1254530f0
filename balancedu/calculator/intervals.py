"""How sure a coefficient of variation is: standard error and interval by bootstrap."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike

from balancedu.calculator.dispersion import coefficient_of_variation, paired
from balancedu.calculator.groups import Floats

_AT_ONCE = 4_000_000
"""Numbers drawn at a time, so that memory stays small."""


@dataclasses.dataclass(frozen=True, slots=True)
class DispersionInterval:
    """A coefficient of variation with its uncertainty.

    Attributes
    ----------
    cv : float
        The coefficient of the values as they are.
    standard_error : float
        Standard deviation of the coefficients of the resampled values.
    low, high : float
        Bounds of the percentile interval.
    level : float
        Share of the resampled coefficients within the bounds.
    draws : int
        How often the values were resampled.
    seed : int
    """

    cv: float
    standard_error: float
    low: float
    high: float
    level: float
    draws: int
    seed: int


def dispersion_interval(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> DispersionInterval:
    """Return the bootstrap interval and standard error of a coefficient of variation.

    For researchers who treat the sections of a county as a sample. The law judges the coefficient itself.

    Parameters
    ----------
    values : (n,) array_like
        Values per pupil, as for `coefficient_of_variation`.
    weights : (n,) array_like, optional
        Pupils, zero or more; without weights all values have equal weights.
    level : float
        Share of the resampled coefficients within the interval, above 0 and below 1.
    draws : int
        How often the values are resampled, 2 to 1,000,000.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    DispersionInterval
        Full of NaN if the coefficient is NaN.

    Raises
    ------
    TypeError, ValueError
        As for `coefficient_of_variation`, and where `level` or `draws` is out of range.

    Notes
    -----
    Each draw takes as many sections as there are, with replacement, each with its pupils. The interval has the
    quantiles (1 − level)/2 and (1 + level)/2 of the coefficients of the draws (percentile method); the standard error
    is their standard deviation with divisor draws − 1. Source: Efron & Tibshirani, An Introduction to the Bootstrap
    (1993), chapters 6 and 13.

    Examples
    --------
    >>> interval = dispersion_interval([6.2, 4.1, 5.0, 7.3, 5.9], [45, 37, 89, 76, 55])
    >>> round(interval.cv, 3), interval.low < interval.cv < interval.high
    (0.183, True)
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be above 0 and below 1, got {level}")
    if not 2 <= draws <= 1_000_000:
        raise ValueError(f"draws must be from 2 to 1,000,000, got {draws}")
    x, w = paired(values, weights)
    cv = coefficient_of_variation(x, w)
    if math.isnan(cv):
        return DispersionInterval(cv, math.nan, math.nan, math.nan, level, draws, seed)
    included = w > 0
    sample = _resampled(x[included], w[included], draws, np.random.default_rng(seed))
    low, high = np.nanquantile(sample, [(1 - level) / 2, (1 + level) / 2])
    error = float(np.nanstd(sample, ddof=1))
    return DispersionInterval(cv, error, float(low), float(high), level, draws, seed)


def _resampled(x: Floats, w: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Return the coefficient of each draw; a draw whose mean is zero gives NaN."""
    size, parts = x.size, []
    for start in range(0, draws, step := max(1, _AT_ONCE // size)):
        rows = random.integers(size, size=(min(step, draws - start), size))
        parts.append(coefficient_of_variation(x[rows], w[rows], axis=1))
    return np.concatenate(parts)

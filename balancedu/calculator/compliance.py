"""Comparisons that are exact at the limit: floats first, fractions for the few that stand next to it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.exactly import Whole
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.logic import MET, Codes, at_least_k

Relation = Literal[">=", "<=", "<", ">"]
Excess = Callable[[Ints], Sequence[Fraction] | Whole]
"""Gives, for the rows asked, the exact value minus the exact limit, or any positive multiple of that."""

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
    """Return where `value relation limit` holds, decided exactly.

    Parameters
    ----------
    values : (n,) float array
        NaN never holds.
    relation : {'>=', '<=', '<', '>'}
    limits : float or (n,) float array
    excess : callable
        Takes row numbers and returns the exact differences value − limit, or any positive multiple of them;
        asked only for rows whose float value is within rounding distance of the limit.
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
    >>> from balancedu.calculator.exactly import exact
    >>> at = np.array([0.85 * 4.5])
    >>> holds(at, ">=", 3.825, lambda rows: [exact(0.85) * exact(4.5) - exact(3.825)])
    array([ True])
    """
    compare = _HOLDS[relation]
    size: Floats | float = abs(limits) if isinstance(limits, float) else np.abs(limits)
    room = slack * (size if scale is None else np.maximum(scale, size))
    result = compare(values, limits - room)
    other = compare(values, limits + room)
    # One of the two holds wherever the other does, so equal counts mean that no row is near the limit.
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


def sections_comply(standing: Codes, at_standard: int) -> Codes:
    """Return each section's verdict: so many indicators at the standard, and every other one at its floor.

    Parameters
    ----------
    standing : (indicators, n) int8 array
        As from `standings`.
    at_standard : int
        How many indicators must reach the standard.

    Returns
    -------
    (n,) int8 array
        NOT_MET when a known indicator is below its floor or too few can still reach the standard,
        whatever the unknown ones turn out to be; MET only when every indicator is known.

    Examples
    --------
    >>> import numpy as np
    >>> standing = np.array([[2, 2, 2], [2, 1, -1], [1, 1, 2]], np.int8)
    >>> sections_comply(standing, at_standard=2)
    array([2, 0, 1], dtype=int8)
    """
    met = np.zeros(standing.shape[1], np.int8)
    unknown, below = met.copy(), np.zeros(standing.shape[1], bool)
    for row in standing:
        met += row == 2
        unknown += row == -1
        below |= row == 0
    verdict = np.minimum(at_least_k(met, unknown, at_standard), MET - (unknown > 0))
    # NOT_MET is zero.
    return verdict * ~below

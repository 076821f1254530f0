"""Three-valued verdicts in int8 arrays: a value that is not known never decides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int8]
Counts = NDArray[np.integer] | NDArray[np.float64]

NOT_MET, UNKNOWN, MET, NOT_APPLICABLE = (np.int8(code) for code in range(4))
"""The codes are ordered so that *all of* is the minimum and *not applicable* is neutral in it."""
NOT_KNOWN, BELOW_FLOOR, AT_FLOOR, AT_STANDARD = (np.int8(code) for code in (-1, 0, 1, 2))
"""How a value compares with its standard: the codes of standings."""


def all_of(verdicts: Sequence[Codes]) -> Codes:
    """Return the verdict of a requirement whose parts must all be met.

    Parameters
    ----------
    verdicts : sequence of int8 arrays of one shape
        At least one.

    Returns
    -------
    int8 array of that shape
        NOT_MET where any part is NOT_MET, else UNKNOWN where any is UNKNOWN, else MET;
        NOT_APPLICABLE where no part applies.

    Examples
    --------
    >>> import numpy as np
    >>> all_of([np.array([2, 2, 2, 3], np.int8), np.array([2, 1, 3, 3], np.int8)])
    array([2, 1, 2, 3], dtype=int8)
    """
    result = verdicts[0]
    for verdict in verdicts[1:]:
        result = np.minimum(result, verdict)
    return result


def at_least_k(met: Counts, unknown: Counts, k: Counts | int) -> Codes:
    """Return whether at least `k` are met, given how many are met and how many are not known.

    Parameters
    ----------
    met, unknown : arrays of whole numbers of one shape
        Counts per row.
    k : int or array
        How many are needed; NaN makes the verdict unknown.

    Returns
    -------
    int8 array
        MET where `met >= k`, NOT_MET where not even all unknown ones would do, else UNKNOWN.

    Examples
    --------
    >>> import numpy as np
    >>> at_least_k(np.array([6, 5, 5]), np.array([0, 1, 0]), 6)
    array([2, 1, 0], dtype=int8)
    """
    # One step up from UNKNOWN is MET, one step down NOT_MET.
    return UNKNOWN + (met >= k).astype(np.int8) - (met + unknown < k)


def verdicts_of(met: NDArray[np.bool_], known: NDArray[np.bool_]) -> Codes:
    """Return MET or NOT_MET where known, UNKNOWN elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> verdicts_of(np.array([True, False, True]), np.array([True, True, False]))
    array([2, 0, 1], dtype=int8)
    """
    return (met & known) * MET + ~known * UNKNOWN


def where_concerned(verdicts: Codes, concerned: NDArray[np.bool_]) -> Codes:
    """Return the verdicts, NOT_APPLICABLE where no one is concerned.

    Examples
    --------
    >>> import numpy as np
    >>> where_concerned(np.array([2, 0], np.int8), np.array([True, False]))
    array([2, 3], dtype=int8)
    """
    # No code is above NOT_APPLICABLE.
    return np.maximum(verdicts, ~concerned * NOT_APPLICABLE)


def sections_comply(standing: Codes, at_standard: int, *, floor: bool = True) -> Codes:
    """Return each section's verdict: the required number of indicators at the standard, all others at the floor.

    Parameters
    ----------
    standing : (indicators, n) int8 array
        As from `standings`.
    at_standard : int
        How many indicators must reach the standard.
    floor : bool
        Whether the others must reach a floor; without one, only the number at the standard counts.

    Returns
    -------
    (n,) int8 array
        NOT_MET when a known indicator is below its floor or too few can still reach the standard,
        for all values of the unknown ones; with a floor, MET only when every indicator is known.

    Examples
    --------
    >>> import numpy as np
    >>> standing = np.array([[2, 2, 2], [2, 1, -1], [1, 1, 2]], np.int8)
    >>> sections_comply(standing, at_standard=2)
    array([2, 0, 1], dtype=int8)
    """
    reached = np.zeros(standing.shape[1], np.int8)
    unknown = np.zeros(standing.shape[1], np.int8)
    below = np.zeros(standing.shape[1], bool)
    for of_indicator in standing:
        reached += of_indicator == AT_STANDARD
        unknown += of_indicator == NOT_KNOWN
        below |= of_indicator == BELOW_FLOOR
    verdict = at_least_k(reached, unknown, at_standard)
    if not floor:
        return verdict
    # An indicator that is not known may be below its floor.
    verdict = np.where((verdict == MET) & (unknown > 0), UNKNOWN, verdict)
    return np.where(below, NOT_MET, verdict)

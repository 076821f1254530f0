"""Sums and extremes over neighbouring rows of one group, without a loop over groups."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Segments:
    """Rows sorted by group: group `g` holds the rows `starts[g]` up to, but not including, `starts[g + 1]`.

    A group may be empty: its sum is 0 and its extreme is the value given for that.

    Examples
    --------
    >>> import numpy as np
    >>> segments = Segments.of(np.array([0, 0, 2]), groups=3)
    >>> segments.sum(np.array([1.0, 2.0, 5.0]))
    array([3., 0., 5.])
    >>> segments.repeat(np.array([10, 20, 30]))
    array([10, 10, 30])
    """

    starts: Ints

    @classmethod
    def of(cls, codes: NDArray[np.integer], groups: int) -> Segments:
        """Return the segments of rows whose group numbers `codes` are in ascending order."""
        return cls(np.searchsorted(codes, np.arange(groups + 1)))

    @property
    def counts(self) -> Ints:
        """How many rows each group has."""
        return np.diff(self.starts)

    @property
    def codes(self) -> Ints:
        """The group number of every row."""
        return self.repeat(np.arange(self.starts.size - 1))

    def repeat(self, per_group: NDArray[_Scalar]) -> NDArray[_Scalar]:
        """Return the value of its group for every row."""
        return np.repeat(per_group, self.counts)

    def sum(self, values: Floats) -> Floats:
        """Return the sum of each group; NaN in, NaN out."""
        return self._reduce(np.add, values, np.float64(0))

    def least(self, values: NDArray[_Scalar], empty: _Scalar) -> NDArray[_Scalar]:
        """Return the least value of each group, and `empty` for a group without rows."""
        return self._reduce(np.minimum, values, empty)

    def greatest(self, values: NDArray[_Scalar], empty: _Scalar) -> NDArray[_Scalar]:
        """Return the greatest value of each group, and `empty` for a group without rows."""
        return self._reduce(np.maximum, values, empty)

    def _reduce(self, ufunc: np.ufunc, values: NDArray[_Scalar], empty: _Scalar) -> NDArray[_Scalar]:
        # reduceat gives the next row for an empty group, so only groups with rows are asked.
        filled = self.starts[:-1] < self.starts[1:]
        if filled.all():
            return np.asarray(ufunc.reduceat(values, self.starts[:-1]), dtype=values.dtype)
        result = np.full(filled.size, empty, dtype=values.dtype)
        if filled.any():
            result[filled] = ufunc.reduceat(values, self.starts[:-1][filled])
        return result

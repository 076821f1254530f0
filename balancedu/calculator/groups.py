"""Sums and extremes over neighbouring rows of one group, without a loop over groups."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Segments:
    """Rows sorted by group: group `g` contains the rows `starts[g]` up to, but not including, `starts[g + 1]`.

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
        """Return the segments of rows whose group numbers `codes` are in ascending order.

        Raises
        ------
        ValueError
            If the codes are not in ascending order, or not numbers from 0 up to `groups`, exclusive.
        """
        if codes.size and (codes[0] < 0 or codes[-1] >= groups or np.any(codes[1:] < codes[:-1])):
            raise ValueError(f"codes must be in ascending order and from 0 to {groups - 1}; sort the rows by group")
        return cls(np.searchsorted(codes, np.arange(groups + 1)))

    @property
    def counts(self) -> Ints:
        """How many rows each group has."""
        return np.diff(self.starts)

    @property
    def codes(self) -> Ints:
        """The group number of every row."""
        return self.repeat(np.arange(self.starts.size - 1))

    def group_of(self, rows: Ints) -> Ints:
        """Return the group number of some rows."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    def every(self, step: int, first: int) -> tuple[Ints, Segments]:
        """Return the rows of the groups `first`, `first + step` and so on, and their segments.

        Examples
        --------
        >>> import numpy as np
        >>> Segments(np.array([0, 2, 5, 5, 9])).every(2, 1)
        (array([2, 3, 4, 5, 6, 7, 8]), Segments(starts=array([0, 3, 7])))
        """
        starts, ends = self.starts[first:-1:step].tolist(), self.starts[first + 1 :: step].tolist()
        if len(starts) == 1:
            return np.arange(starts[0], ends[0]), Segments(np.array([0, ends[0] - starts[0]]))
        rows = [np.arange(start, end) for start, end in zip(starts, ends, strict=True)]
        return np.concatenate(rows), Segments(np.array([0, *itertools.accumulate(map(len, rows))]))

    def kept(self, rows: Bools) -> Segments:
        """Return the segments of some of the rows, given where they are."""
        return Segments(np.concatenate([[0], np.cumsum(rows)])[self.starts])

    def blocks(self, rows: int) -> Iterator[tuple[slice, slice, Segments]]:
        """Yield blocks of groups with about `rows` rows each, at least one group: groups, rows, and their segments."""
        first, groups = 0, self.starts.size - 1
        while first < groups:
            start = int(self.starts[first])
            last = max(first + 1, int(np.searchsorted(self.starts, start + rows, side="right")) - 1)
            end = int(self.starts[last])
            yield slice(first, last), slice(start, end), Segments(self.starts[first : last + 1] - start)
            first = last

    def repeat(self, per_group: NDArray[_Scalar]) -> NDArray[_Scalar]:
        """Return the value of its group for every row."""
        return np.repeat(per_group, self.counts)

    def sum(self, values: Floats) -> Floats:
        """Return the sum of each group; NaN in, NaN out."""
        return self._reduce(np.add, values, np.float64(0))

    def steady_sum(self, values: Floats) -> Floats:
        """Return the sum of each group, with the same digits for every order of its rows; NaN in, NaN out.

        Every number is split into whole multiples of one unit, whose sum needs no rounding, and what is left of it,
        which is split again. The remainder is below the last digit of the sum.

        Examples
        --------
        >>> import numpy as np
        >>> Segments.of(np.zeros(4, int), groups=1).steady_sum(np.array([1e16, 1.0, 1.0, -1e16]))
        array([2.])
        """
        bits = int(self.counts.max(initial=1)).bit_length()
        size = np.maximum(-self.least(values, np.float64(0)), self.greatest(values, np.float64(0)))
        exponent = np.frexp(size)[1] + bits
        result = np.zeros_like(size)
        for _ in range(2):
            # Next to this number, floats are as far apart as the unit is large.
            anchor = self.repeat(np.ldexp(1.5, exponent))
            multiples = (values + anchor) - anchor
            values = values - multiples
            result += self.sum(multiples)
            exponent += bits - 52
        return result

    def least(self, values: NDArray[_Scalar], empty: _Scalar) -> NDArray[_Scalar]:
        """Return the least value of each group, and `empty` for a group without rows."""
        return self._reduce(np.minimum, values, empty)

    def greatest(self, values: NDArray[_Scalar], empty: _Scalar) -> NDArray[_Scalar]:
        """Return the greatest value of each group, and `empty` for a group without rows."""
        return self._reduce(np.maximum, values, empty)

    def _reduce(self, ufunc: np.ufunc, values: NDArray[_Scalar], empty: _Scalar) -> NDArray[_Scalar]:
        # reduceat returns the next row for an empty group, so only groups with rows are passed.
        filled = self.starts[:-1] < self.starts[1:]
        if filled.all():
            return np.asarray(ufunc.reduceat(values, self.starts[:-1]), dtype=values.dtype)
        result = np.full(filled.size, empty, dtype=values.dtype)
        if filled.any():
            result[filled] = ufunc.reduceat(values, self.starts[:-1][filled])
        return result

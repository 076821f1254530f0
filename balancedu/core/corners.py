"""Points where sums of figures take given values: the corners of what such sums can be compared with."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

Sum = tuple[str, ...]
"""The figures that are added up; a figure by itself is a sum of one."""
Planes = Mapping[Sum, Sequence[Fraction]]
"""The values that matter of each sum."""


def corners(planes: Planes) -> Iterator[dict[str, Fraction]]:
    """Yield the points at which as many sums have one of their values as there are figures.

    Parameters
    ----------
    planes : mapping of sum to values
        Every figure must stand by itself, too.

    Examples
    --------
    >>> [tuple(map(int, one.values())) for one in corners({("a",): [0], ("b",): [0], ("a", "b"): [5]})]
    [(0, 0), (0, 5), (5, 0)]
    """
    names = _names(planes)
    for chosen in _independent(planes):
        rows = _rows(chosen, names)
        whole = _determinant(rows)
        for values in itertools.product(*(planes[one] for one in chosen)):
            found = (_determinant(_with_column(rows, n, values)) / whole for n in range(len(names)))
            yield dict(zip(names, found, strict=True))


def corner_count(planes: Planes) -> int:
    """Return how many points `corners` yields; one may come several times."""
    return sum(math.prod(len(planes[one]) for one in chosen) for chosen in _independent(planes))


def round_in_a_circle(planes: Planes) -> bool:
    """Return whether sums overlap so that a corner may fall between whole numbers.

    That is so if and only if the matrix of the sums is not totally unimodular.

    Examples
    --------
    >>> nested = {("a",): [], ("b",): [], ("c",): [], ("a", "b"): [], ("b", "c"): [], ("a", "b", "c"): []}
    >>> round_in_a_circle(nested), round_in_a_circle({**nested, ("a", "c"): []})
    (False, True)
    """
    names, several = _names(planes), [one for one in planes if len(one) > 1]
    return any(
        abs(_determinant(_rows(rows, columns))) > 1
        for size in range(2, min(len(several), len(names)) + 1)
        for rows in itertools.combinations(several, size)
        for columns in itertools.combinations(names, size)
    )


def _names(planes: Planes) -> list[str]:
    return [one[0] for one in planes if len(one) == 1]


def _independent(planes: Planes) -> Iterator[tuple[Sum, ...]]:
    names = _names(planes)
    for chosen in itertools.combinations(planes, len(names)):
        if _determinant(_rows(chosen, names)):
            yield chosen


def _rows(sums: Sequence[Sum], names: Sequence[str]) -> list[list[Fraction]]:
    return [[Fraction(name in one) for name in names] for one in sums]


def _with_column(rows: Sequence[Sequence[Fraction]], n: int, values: Sequence[Fraction]) -> list[list[Fraction]]:
    return [[*row[:n], value, *row[n + 1 :]] for row, value in zip(rows, values, strict=True)]


def _determinant(rows: Sequence[Sequence[Fraction]]) -> Fraction:
    if not rows:
        return Fraction(1)
    minors = ([row[:n] + row[n + 1 :] for row in map(list, rows[1:])] for n in range(len(rows)))
    return sum(
        (
            (-1) ** n * one * _determinant(minor)
            for n, (one, minor) in enumerate(zip(rows[0], minors, strict=True))
            if one
        ),
        Fraction(0),
    )

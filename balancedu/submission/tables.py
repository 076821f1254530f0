"""Columns out of anything that has columns, without importing any of the libraries that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Column = NDArray[Any]


@runtime_checkable
class Frame(Protocol):
    """What pandas and polars have in common."""

    @property
    def columns(self) -> Iterable[Any]:
        """Names of the columns."""

    def __getitem__(self, key: Any, /) -> Any: ...


@runtime_checkable
class ArrowTable(Protocol):
    """What is needed of a pyarrow Table."""

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""

    def column(self, i: Any, /) -> Any:
        """One column."""


TableLike = Mapping[str, ArrayLike | Sequence[object]] | Frame | ArrowTable | NDArray[np.void]
"""A dict of lists or arrays, a DataFrame (pandas, polars), a pyarrow Table, a NumPy structured array."""


def columns_of(table: TableLike) -> dict[str, Column]:
    """Return the columns of a table as one-dimensional arrays, nothing converted yet.

    Raises
    ------
    TypeError
        If the object has no columns that balancedu knows how to take.

    Examples
    --------
    >>> columns_of({"school": ["001", "002"], "pupils_primary": [120, 45]})
    {'school': array(['001', '002'], dtype=object), 'pupils_primary': array([120,  45])}
    """
    if isinstance(table, Mapping):
        return {str(name): _array(values) for name, values in table.items()}
    if isinstance(table, np.ndarray):
        if table.dtype.names is None:
            raise TypeError(f"a NumPy table needs named fields, found an array of {table.dtype}")
        return {name: table[name] for name in table.dtype.names}
    if isinstance(table, ArrowTable):
        return {name: _array(table.column(name).to_pylist()) for name in table.column_names}
    if isinstance(table, Frame):
        return {str(name): _array(cast("Any", table)[name].to_numpy()) for name in table.columns}
    raise TypeError(
        f"a table must be a dict of columns, a DataFrame, a pyarrow Table or a NumPy structured array, "
        f"found {type(table).__name__}"
    )


def _array(values: ArrayLike | Sequence[object]) -> Column:
    if isinstance(values, np.ndarray):
        return values
    listed = list(cast("Iterable[object]", values))
    # Left to itself NumPy would turn [1, "x"] into text, [True, 2] into numbers, and pad texts to the longest.
    if len({type(value) for value in listed}) == 1 and isinstance(listed[0], int | float):
        return np.array(listed)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column

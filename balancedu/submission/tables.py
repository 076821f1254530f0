"""Columns out of anything that has columns, without importing any of the libraries that make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]

_ARROW_FLOATS = ("halffloat", "float", "double")
_ARROW_INTEGERS = ("int", "uint")


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


TableLike = Mapping[str, Any] | Frame | ArrowTable | NDArray[np.void]
"""A dict of lists or arrays, a DataFrame (pandas, polars), a pyarrow Table, a NumPy structured array."""


def columns_of(table: TableLike) -> dict[str, Column]:
    """Return the columns of a table as arrays, nothing converted yet.

    What is no column is not refused here: one value alone becomes an array without a dimension, two columns of
    the same name become one array of two dimensions.

    Raises
    ------
    TypeError
        If the object has no columns that balancedu knows how to take.

    Examples
    --------
    >>> columns_of({"school": ["001", "002"], "pupils_primary": [120, 45]})
    {'school': array(['001', '002'], dtype=object), 'pupils_primary': array([120,  45])}
    """
    result: dict[str, Column] = {}
    for name, values in _named(table):
        column = _array(values)
        result[name] = np.empty((column.size, 2), dtype=object) if name in result else column
    return result


def _named(table: TableLike) -> Iterator[tuple[str, Any]]:
    if isinstance(table, Mapping):
        yield from ((str(name), values) for name, values in table.items())
    elif isinstance(table, np.ndarray):
        if table.dtype.names is None:
            raise TypeError(f"a NumPy table needs named fields, found an array of {table.dtype}")
        yield from ((name, table[name]) for name in table.dtype.names)
    elif isinstance(table, ArrowTable):
        yield from ((name, table.column(n)) for n, name in enumerate(table.column_names))
    elif isinstance(table, Frame):
        # A name that stands twice gives a frame of its columns.
        yield from ((str(name), cast("Any", table)[name]) for name in dict.fromkeys(table.columns))
    else:
        raise TypeError(
            f"a table must be a dict of columns, a DataFrame, a pyarrow Table or a NumPy structured array, "
            f"found {type(table).__name__}"
        )


def _array(values: Any) -> Column:
    if isinstance(values, np.ndarray):
        return _plain(values)
    if hasattr(values, "to_pylist"):
        return _from_arrow(values)
    if hasattr(values, "to_numpy"):
        return _plain(_from_frame(values))
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return np.array(values, dtype=object)
    return _listed(list(values))


def _plain(values: Column) -> Column:
    """Return an array whose missing values are None or NaN, and whose texts are text."""
    kind = values.dtype.kind
    if isinstance(values, np.ma.MaskedArray):
        plain = np.array(values.data, dtype=values.dtype if kind == "f" else object)
        plain[np.ma.getmaskarray(values)] = None
        return plain
    if kind in "Mm":
        # Of the finer units NumPy would make plain integers, and of a missing one the smallest integer.
        return values.astype(f"{values.dtype.str[:3]}[us]").astype(object)
    if kind == "S":
        try:
            return np.char.decode(values, "utf-8")
        except UnicodeDecodeError:
            return values
    return values


def _from_frame(series: Any) -> Column:
    precise = getattr(getattr(series, "dtype", None), "numpy_dtype", None)
    if isinstance(precise, np.dtype) and precise.kind == "f":
        return cast("Column", series.to_numpy(dtype=precise, na_value=np.nan))
    values = np.asarray(series.to_numpy())
    if isinstance(precise, np.dtype) and precise.kind in "iu" and values.dtype.kind == "f":
        # Beside missing values pandas makes floats of integers, which ids are not to become.
        return np.asarray(series.to_numpy(dtype=object))
    return values


def _from_arrow(column: Any) -> Column:
    name = str(column.type)
    if name in _ARROW_FLOATS or (name.startswith(_ARROW_INTEGERS) and not column.null_count):
        return cast("Column", column.to_numpy(zero_copy_only=False))
    return _listed(column.to_pylist())


def _listed(values: list[Any]) -> Column:
    # Left to itself NumPy would turn [1, "x"] into text, [True, 2] into numbers, and pad texts to the longest.
    kinds = {type(value) for value in values}
    if kinds in ({float}, {bool}):
        return np.array(values)
    if kinds == {int}:
        try:
            return np.array(values, dtype=np.int64)
        except OverflowError:
            pass
    return np.fromiter(values, dtype=object, count=len(values))

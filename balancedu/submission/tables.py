"""Columns of any kind of table, and typed tables that know the place of each cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeGuard, cast, runtime_checkable

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Ints
from balancedu.calculator.numbers import is_masked
from balancedu.errors import MissingExtraError, RequestError
from balancedu.text import Phrase

Column = NDArray[Any]

_ARROW_FLOATS = ("halffloat", "float", "double")
_ARROW_INTEGERS = ("int", "uint")
_NO_NUMBER = np.float64(np.nan)
"""The one NaN, which equals no other, so that what is kept for it is found again."""


@runtime_checkable
class Frame(Protocol):
    """What the data frames of pandas and polars have in common."""

    @property
    def columns(self) -> Iterable[Any]:
        """Names of the columns."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def to_numpy(self) -> Any:
        """All values as one array."""


@runtime_checkable
class ArrowStream(Protocol):
    """An object with the Arrow PyCapsule interface: relations of duckdb, tables of ibis."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


@runtime_checkable
class LazyFrame(Protocol):
    """A frame that is computed on demand, as in polars."""

    def collect(self) -> Any:
        """Compute it."""


TableLike = Mapping[str, Any] | Sequence[Mapping[str, Any]] | Frame | ArrowStream | LazyFrame | NDArray[np.void]
"""A dict of columns, a list of dicts, a DataFrame, an Arrow table or stream, a NumPy structured array."""


def raw_columns(table: TableLike) -> dict[str, Column]:
    """Return the columns of a table as arrays, nothing converted yet.

    Columns of a wrong shape are not refused here: a single value becomes an array without a dimension, two columns of
    the same name become one array of two dimensions.

    Raises
    ------
    RequestError
        If the object is not a table.
    MissingExtraError
        If it is an Arrow stream and pyarrow is not installed.

    Examples
    --------
    >>> raw_columns({"school": ["001", "002"], "pupils_primary": [120, 45]})
    {'school': array(['001', '002'], dtype=object), 'pupils_primary': array([120,  45])}
    >>> raw_columns([{"school": "001", "pupils_primary": 120}, {"school": "002"}])
    {'school': array(['001', '002'], dtype=object), 'pupils_primary': array([120, None], dtype=object)}
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
            raise _no_table(table, Phrase(f"{table.dtype} 数组", f"an array of {table.dtype}"))
        yield from ((name, table[name]) for name in table.dtype.names)
    elif isinstance(table, LazyFrame):
        yield from _named(table.collect())
    elif isinstance(table, Frame):
        # A duplicate name gives a frame of its columns.
        yield from ((str(name), cast("Any", table)[name]) for name in dict.fromkeys(table.columns))
    elif isinstance(table, ArrowStream):
        arrow = _streamed(table)
        yield from zip(arrow.column_names, arrow.columns, strict=True)
    elif is_rows(table):
        names = dict.fromkeys(name for row in table for name in row)
        yield from ((str(name), [row.get(name) for row in table]) for name in names)
    else:
        raise _no_table(table, Phrase.of(type(table).__name__))


def is_rows(table: object) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    """Return whether an object is a list of dicts, one for each row; an empty list is a table without rows."""
    return isinstance(table, list | tuple) and all(isinstance(row, Mapping) for row in table)


def _no_table(table: object, phrase: Phrase) -> RequestError:
    wanted = Phrase(
        "表应为由列组成的字典、由行组成的列表（每行一个字典）、DataFrame、Arrow 表或有列名的 NumPy 数组",
        "a table must be a dict of columns, a list of dicts, a DataFrame, an Arrow table or a NumPy structured array",
    )
    if isinstance(table, list | tuple):
        other = type(next(row for row in table if not isinstance(row, Mapping))).__name__
        phrase += Phrase(f"，其中有{other}", f" that holds {other}")
    return RequestError(wanted + Phrase(f"，现为{phrase.zh}", f", found {phrase.en}"))


def _streamed(stream: ArrowStream) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("pyarrow", "arrow", Phrase("读取 Arrow 数据", "reading an Arrow stream")) from error
    return pa.table(stream)


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
    if is_masked(values):
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
        # With missing values pandas turns integers into floats, which ids must not become.
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


@attrs.frozen
class Place:
    """Where a value was read.

    Attributes
    ----------
    file : str
        Empty for a table in memory.
    sheet : str
        The sheet of a workbook; empty for text files and tables in memory.
    cell : str
        The cell of a sheet, as `D7`; empty if only the row is known.
    line : int, optional
        The line of a text file, the row of a sheet (both from 1), or the row of a table in memory (from 0).

    Examples
    --------
    >>> print(Place("county.xlsx", "学校", "D7", 7))
    county.xlsx 学校!D7
    >>> print(Place("schools.csv", line=7))
    schools.csv:7
    """

    file: str = ""
    sheet: str = ""
    cell: str = ""
    line: int | None = None

    def __str__(self) -> str:
        if self.sheet:
            cell = self.cell or (f"{self.line}:{self.line}" if self.line is not None else "")
            return f"{self.file} {self.sheet}" + (f"!{cell}" if cell else "")
        if self.file:
            return self.file if self.line is None else f"{self.file}:{self.line}"
        return "" if self.line is None else f"row {self.line}"


def letters(column: int) -> str:
    """Return what a sheet calls its column; the first is 0.

    Examples
    --------
    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    before, last = divmod(column, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def position(column: str) -> int:
    """Return the position of a column by what a sheet calls it; the first is 0.

    Examples
    --------
    >>> position("A"), position("AB")
    (0, 27)
    """
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


@attrs.frozen(eq=False)
class RowPlaces:
    """Where the rows of a table were read.

    Attributes
    ----------
    file : str
        Empty for a table in memory.
    lines : sequence of int
        The line of each row in the file, None for one that was added later; without a file, the number that each row
        had at first.
    cells : mapping of (row, column) to line
        If each value of a row is in its own line.
    names : sequence of str
        What rows in memory are called, if they are not counted.
    whole : bool
        Whether every row of the file could be read.
    sheet : str
        The sheet of a workbook; empty for text files.
    columns : mapping of column to int
        Which column of the sheet each column of the table was; the first is 0.
    further : sequence of Origin
        The other sheets, where rows of several make one table; each has its file, sheet and columns.
    sheets : sequence of int
        With further sheets, the one that each row was read from; 0 is the first.
    moved : mapping of (row, column) to (sheet, line)
        Values of a row that were read in another of the sheets.
    """

    file: str = ""
    lines: Sequence[int | None] | Ints = ()
    cells: Mapping[tuple[int, str], int] = attrs.field(factory=dict)
    names: Sequence[str] = ()
    whole: bool = True
    sheet: str = ""
    columns: Mapping[str, int] = attrs.field(factory=dict)
    further: Sequence[RowPlaces] = ()
    sheets: Sequence[int] | Ints = ()
    moved: Mapping[tuple[int, str], tuple[int, int]] = attrs.field(factory=dict)

    @classmethod
    def of_several(cls, origins: Sequence[RowPlaces]) -> RowPlaces:
        """Return the origin of a table whose rows were read from several sheets, one after the other.

        Examples
        --------
        >>> towns = [RowPlaces("county.xlsx", [2, 3], sheet="东镇"), RowPlaces("county.xlsx", [2], sheet="西镇")]
        >>> RowPlaces.of_several(towns).place(2)
        'county.xlsx 西镇!2:2'
        """
        return attrs.evolve(
            origins[0],
            lines=np.concatenate([np.asarray(origin.lines, np.int64) for origin in origins]),
            whole=all(origin.whole for origin in origins),
            further=[attrs.evolve(origin, lines=()) for origin in origins[1:]],
            sheets=np.repeat(np.arange(len(origins)), [len(origin.lines) for origin in origins]),
        )

    def of_rows(self, rows: Sequence[int]) -> RowPlaces:
        """Return the origin of some of the rows, in their order."""
        sheets = [self.sheet_number(row) for row in rows] if len(self.sheets) else ()
        return attrs.evolve(self, lines=[self.lines[row] for row in rows], sheets=sheets)

    def sheet_of(self, row: int) -> RowPlaces:
        """Return the origin that knows file, sheet and columns of a row."""
        number = self.sheet_number(row)
        return self.further[number - 1] if number else self

    def sheet_number(self, row: int) -> int:
        """Return which of several sheets a row was read from; 0 is the first, and of a row that was added later."""
        return int(self.sheets[row]) if len(self.sheets) > row else 0

    def cell(self, row: int, column: str = "") -> Place:
        """Return where a row or cell was read.

        Parameters
        ----------
        row : int
            The row of the table as it was submitted.
        column : str
            The column or fact; empty for the whole row.

        Examples
        --------
        >>> RowPlaces("county.xlsx", [3, 4], sheet="学校", columns={"type": 2}).cell(1, "type")
        Place(file='county.xlsx', sheet='学校', cell='C4', line=4)
        """
        listed = len(self.lines) > row
        line = self.cells.get((row, column), self.lines[row] if listed else None if self.file else row)
        own = self.sheet_of(row)
        if (row, column) in self.moved:
            number, line = self.moved[row, column]
            own = self.further[number - 1] if number else self
        where = f"{letters(own.columns[column])}{line}" if own.sheet and column in own.columns and line else ""
        return Place(own.file, own.sheet, where, None if line is None else int(line))

    def place(self, row: int, column: str = "", name: object = "") -> str:
        """Return where a row or cell was read, for people; rows in memory count from 0 as Python does.

        Parameters
        ----------
        row : int
        column : str
        name : object
            The id of the school or county that the row is about.
        """
        if self.names:
            return self.names[row]
        where = str(self.cell(row, column))
        return f"{where} ({name})" if name else where

    @property
    def title(self) -> str:
        """The file, and the sheet of a workbook, of each sheet; empty for a table in memory."""
        return ", ".join(str(Place(entry.file, entry.sheet)) for entry in (self, *self.further))


NO_ROWS: Ints = np.empty(0, np.intp)


def missing_of(kind: np.dtype[Any]) -> float | str | int:
    """Return what a typed column of a kind holds if nothing is reported."""
    missing: dict[str, float | str] = {"f": np.nan, "U": ""}
    return missing.get(kind.kind, -1)


@lru_cache(maxsize=64)
def _absent(missing: np.generic, rows: int) -> Column:
    """Return a column that was not submitted; it takes no memory for its rows."""
    return np.broadcast_to(missing, rows)


class TypedColumns:
    """What tables have in common: typed columns by their names; a column that was not submitted is missing."""

    columns: Mapping[str, Column]

    def __len__(self) -> int:
        raise NotImplementedError

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of numbers, read-only; all NaN if it was not submitted."""
        return self._column(column, _NO_NUMBER)

    def choices(self, column: str) -> NDArray[np.int16]:
        """Return a column of choices, read-only; all -1 where it was not submitted."""
        return self._column(column, np.int16(-1))

    def texts(self, column: str) -> NDArray[np.str_]:
        """Return a column of text, read-only; all empty where it was not submitted."""
        return self._column(column, np.str_(""))

    def _column(self, column: str, missing: np.generic) -> Column:
        values = self.columns.get(column)
        return _absent(missing, len(self)) if values is None else values

    def name(self, row: int) -> str:
        """Return the id of the school, or else of the county, that a row names."""
        return str(self.texts("school" if "school" in self else "county")[row])


@attrs.frozen(eq=False)
class Table(TypedColumns):
    """Typed columns of one table, in the order of counties and schools.

    Attributes
    ----------
    id : str
        As `schools`.
    columns : mapping of column to array
        Text, int16 positions of choices, or float64; only what was submitted.
    county : (n,) integer array
        The position of each row's county in the submission's counties.
    rows : (n,) integer array
        The row of the submitted table that each row was.
    origin : Origin
    school : (n,) integer array
        For classes and rooms, the row of the schools table that each belongs to.
    """

    id: str
    columns: Mapping[str, Column]
    county: Ints
    rows: Ints
    origin: RowPlaces
    school: Ints = NO_ROWS

    def __attrs_post_init__(self) -> None:
        for values in (*self.columns.values(), self.county, self.rows, self.school):
            values.setflags(write=False)

    @classmethod
    def empty(cls, name: str, origin: RowPlaces | None = None) -> Table:
        """Return a table without a row: one that was left out, or whose rows belong nowhere."""
        return cls(name, {}, NO_ROWS, NO_ROWS, origin or RowPlaces())

    def __len__(self) -> int:
        return int(self.rows.size)

    def part(self, rows: slice | Ints, first_school: int | None = None) -> Table:
        """Return some rows of a table, with the places they were read from.

        Given the first school of a county, they are that county's: its position is 0, and schools count from there.
        """
        columns = {name: values[rows] for name, values in self.columns.items()}
        county, school = self.county[rows], self.school[rows] if self.school.size else self.school
        if first_school is not None:
            county, school = np.zeros(county.size, np.intp), school - first_school
        return Table(self.id, columns, county, self.rows[rows], self.origin, school)

    def reported(self) -> Table:
        """Return the rows that were submitted: facts have one for every county, schools for every school named."""
        if (self.rows >= 0).all():
            return self
        return self.part(np.flatnonzero(self.rows >= 0))

    def place(self, row: int, column: str = "", name: object = "") -> str:
        """Return where a row of this table was read; nothing for one that was not submitted."""
        return self.origin.place(int(self.rows[row]), column, name) if self.rows[row] >= 0 else ""

    def school_name(self, row: int) -> str:
        """Return the name of a school, or its id if it has none."""
        return str(self.texts("name")[row]) or str(self.columns["school"][row])

    def __repr__(self) -> str:
        return f"<Table {self.id}: {len(self)} rows, {', '.join(self.columns)}>"


@attrs.frozen
class RawTable(TypedColumns):
    """Typed columns in the order submitted; nothing refers to another table yet.

    Attributes
    ----------
    faulty : mapping of column to rows
        The cells that could not be read; every row where the whole column could not be.
    """

    id: str
    columns: Mapping[str, Column]
    size: int
    origin: RowPlaces
    faulty: Mapping[str, Collection[int]]

    def __len__(self) -> int:
        return self.size

    def place(self, row: int, column: str = "", name: object = "") -> str:
        """Return where a row of this table was read."""
        return self.origin.place(row, column, name)

    @property
    def has_ids(self) -> bool:
        """Whether what refers to the rows can be looked up in them."""
        if "school" not in self.columns or {"county", "school"} & set(self.faulty):
            return False
        missing = any((self.columns[name] == "").any() for name in ("county", "school") if name in self.columns)
        return not missing and self.origin.whole and self.size > 0

    def of_rows(self, rows: Sequence[int]) -> RawTable:
        """Return some of the rows, in this order."""
        places = {row: n for n, row in enumerate(rows)}
        origin = attrs.evolve(
            self.origin.of_rows(rows),
            cells={(places[row], name): line for (row, name), line in self.origin.cells.items() if row in places},
            moved={(places[row], name): place for (row, name), place in self.origin.moved.items() if row in places},
        )
        faulty = {name: {places[row] for row in bad if row in places} for name, bad in self.faulty.items()}
        columns = {name: values[list(rows)] for name, values in self.columns.items()}
        return RawTable(self.id, columns, len(rows), origin, {name: bad for name, bad in faulty.items() if bad})

"""A table as submitted: typed columns that still know where they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Ints
from balancedu.submission.tables import Column


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
        The cell of a sheet, as `D7`; empty where only the row is known.
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
class Origin:
    """Where the rows of a table were read.

    Attributes
    ----------
    file : str
        Empty for a table in memory.
    lines : sequence of int
        The line of each row in the file, None for one that was added later; without a file, the number that each row
        had at first.
    cells : mapping of (row, column) to line
        Where the values of one row stand in lines of their own.
    names : sequence of str
        What rows in memory are called, where they are not counted.
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
    """

    file: str = ""
    lines: Sequence[int | None] | Ints = ()
    cells: Mapping[tuple[int, str], int] = attrs.field(factory=dict)
    names: Sequence[str] = ()
    whole: bool = True
    sheet: str = ""
    columns: Mapping[str, int] = attrs.field(factory=dict)
    further: Sequence[Origin] = ()
    sheets: Sequence[int] | Ints = ()

    @classmethod
    def of_several(cls, origins: Sequence[Origin]) -> Origin:
        """Return the origin of a table whose rows were read from several sheets, one after the other.

        Examples
        --------
        >>> towns = [Origin("county.xlsx", [2, 3], sheet="东镇"), Origin("county.xlsx", [2], sheet="西镇")]
        >>> Origin.of_several(towns).place(2)
        'county.xlsx 西镇!2:2'
        """
        return attrs.evolve(
            origins[0],
            lines=np.concatenate([np.asarray(one.lines, np.int64) for one in origins]),
            whole=all(one.whole for one in origins),
            further=[attrs.evolve(one, lines=()) for one in origins[1:]],
            sheets=np.repeat(np.arange(len(origins)), [len(one.lines) for one in origins]),
        )

    def of_rows(self, rows: Sequence[int]) -> Origin:
        """Return the origin of some of the rows, in their order."""
        sheets = [self.sheet_number(row) for row in rows] if len(self.sheets) else ()
        return attrs.evolve(self, lines=[self.lines[row] for row in rows], sheets=sheets)

    def sheet_of(self, row: int) -> Origin:
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
        >>> Origin("county.xlsx", [3, 4], sheet="学校", columns={"type": 2}).cell(1, "type")
        Place(file='county.xlsx', sheet='学校', cell='C4', line=4)
        """
        listed = len(self.lines) > row
        line = self.cells.get((row, column), self.lines[row] if listed else None if self.file else row)
        own = self.sheet_of(row)
        where = f"{letters(own.columns[column])}{line}" if own.sheet and column in own.columns and line else ""
        return Place(own.file, own.sheet, where, None if line is None else int(line))

    def place(self, row: int, column: str = "", name: object = "") -> str:
        """Return where a row or cell stands, for people; rows in memory count from 0 as Python does.

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
        return ", ".join(str(Place(one.file, one.sheet)) for one in (self, *self.further))


@attrs.frozen(eq=False)
class Table:
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
    origin: Origin
    school: Ints = attrs.field(factory=lambda: np.empty(0, np.intp))

    @classmethod
    def empty(cls, name: str, origin: Origin | None = None) -> Table:
        """Return a table without a row: one that was left out, or whose rows belong nowhere."""
        nothing = np.empty(0, np.intp)
        return cls(name, {}, nothing, nothing, origin or Origin(), nothing)

    def __len__(self) -> int:
        return int(self.rows.size)

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of numbers; all NaN where it was not submitted."""
        found = self.columns.get(column)
        return np.full(len(self), np.nan) if found is None else found

    def choices(self, column: str) -> NDArray[np.int16]:
        """Return a column of choices; all -1 where it was not submitted."""
        found = self.columns.get(column)
        return np.full(len(self), -1, np.int16) if found is None else found

    def texts(self, column: str) -> NDArray[np.str_]:
        """Return a column of text; all empty where it was not submitted."""
        found = self.columns.get(column)
        return np.full(len(self), "") if found is None else found

    def reported(self) -> Table:
        """Return the rows that were submitted: facts have a row for every county, reported or not."""
        kept = np.flatnonzero(self.rows >= 0)
        columns = {name: values[kept] for name, values in self.columns.items()}
        return attrs.evolve(self, columns=columns, county=self.county[kept], rows=self.rows[kept])

    def place(self, row: int, column: str = "", name: object = "") -> str:
        """Return where a row of this table was read."""
        return self.origin.place(int(self.rows[row]), column, name)

    def __repr__(self) -> str:
        return f"<Table {self.id}: {len(self)} rows, {', '.join(self.columns)}>"

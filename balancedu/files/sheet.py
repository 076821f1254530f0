"""A sheet of raw cells, before anything is known about their meaning; how large it may be, and why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

import attrs

from balancedu.core.fields import Title
from balancedu.errors import DataError
from balancedu.submission.problems import CellError
from balancedu.submission.tables import Place, letters
from balancedu.text import Phrase

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BEGINNINGS = (*ZIP, COMPOUND)
"""The first bytes of workbooks: .xlsx, .xlsm and .ods are zip files (one that is empty, or a part of one, begins
otherwise), .xls is a compound file. `PK` alone may be the heading of a text file."""
MOST_FILE_BYTES = 512 << 20
"""Of a file on disk."""
MOST_SHEETS = 1_000
MOST_ROWS = 1 << 20
MOST_COLUMNS = 1 << 14
MOST_CELLS = 1 << 22
"""Of a sheet, the empty ones between others counted."""
MOST_CHARACTERS = (1 << 15) - 1
"""Of one cell."""
SAVE_AGAIN = Phrase("请用电子表格软件打开，另存为 .xlsx", "open it in a spreadsheet program and save it again as .xlsx")
BYTES, CHARACTERS = Phrase("字节", "bytes"), Phrase("个字符", "characters")
CELLS, ENTRIES = Phrase("个单元格", "cells"), Phrase("项", "entries")


class UnreadableError(Exception):
    """A problem of a file before its name is known: what is wrong, how to fix it, the line of a text file."""

    def __init__(self, problem: Phrase, hint: Phrase, line: int = 0) -> None:
        super().__init__(problem, hint, line)
        self.problem = problem
        self.hint = hint
        self.line = line

    def of(self, file: str, sheet: str = "") -> DataError:
        """Return the error of a file that cannot be read, or not to its end."""
        place = f"{file}:{self.line}" if self.line else f"{file} {sheet}" if sheet else file
        return DataError(file.rpartition(".")[0], place, "", self.problem, self.hint)


def too_large(what: Phrase, most: int, unit: Phrase) -> UnreadableError:
    """Return the refusal of a file that exceeds a limit."""
    problem = Phrase(f"{what.zh}超过{most:,}{unit.zh}", f"{what.en} is larger than {most:,} {unit.en}")
    return UnreadableError(
        problem, Phrase("请删去与填报无关的内容，或拆成几个文件", "leave out what is no table, or split the file")
    )


@attrs.frozen
class Merged:
    """Cells merged to one, whose value is in the first: rows from 1, columns from 0, the last ones included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


Cell = None | str | float | int | bool | datetime | date | time | timedelta | CellError
"""What a cell holds. An empty cell is None in a workbook; in a text file every cell is text."""

Row = tuple[int, list[Cell]]
"""The number of a row as a person sees it, and its cells from column A on."""


def text_of(cell: Cell) -> str:
    """Return what a cell states where a text is looked for, as in a header.

    Examples
    --------
    >>> text_of("  专任  教师 "), text_of(2023.0), text_of(None)
    ('专任 教师', '2023', '')
    """
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return ""
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def cell_at(cells: Sequence[Cell], column: int) -> Cell:
    """Return the cell of a row in a column; rows may be of different length."""
    return cells[column] if 0 <= column < len(cells) else None


def is_filled(cell: Cell) -> bool:
    """Return whether a cell has a value."""
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def has_values(cells: Sequence[Cell]) -> bool:
    """Return whether any cell has a value; the cells of a column repeat each other, above all empty ones."""
    return any(map(is_filled, set(cells)))


@attrs.frozen(eq=False)
class Sheet:
    """One sheet of a workbook, or one text file; its rows are read when they are requested.

    Attributes
    ----------
    file : str
        Its name, as messages give it.
    name : str
        Empty for a text file.
    read : callable
        Gives its rows.
    merged : tuple of Merged
        The merged cells.
    notes : list of Title
        What was decided or passed over in reading, in sentences; complete when the rows have been read.
    commas : bool
        Whether a comma in a number can only separate thousands.
    hidden : bool
        Whether a person who opens the workbook does not see the sheet.
    """

    file: str
    name: str
    read: Callable[[], Iterator[Row]] = attrs.field(repr=False)
    merged: tuple[Merged, ...] = attrs.field(default=(), repr=False)
    notes: list[Title] = attrs.field(factory=list)
    hidden: bool = False
    commas: bool = True

    def rows(self) -> Iterator[Row]:
        """Yield the rows that contain anything, each with its number.

        Rows may be of different length. They are made as they are requested, and not kept.

        Raises
        ------
        DataError
            Where the file cannot be read on; the rows before are those of the file.
        """
        try:
            yield from self.read()
        except UnreadableError as error:
            raise error.of(self.file, self.name) from None

    def add_note(self, zh: str, en: str) -> None:
        """Add a decision about the sheet to its notes."""
        self.notes.append(Title(zh=zh, en=en))

    def place(self, row: int, column: int = -1) -> str:
        """Return where a cell or row is, for people.

        Parameters
        ----------
        row : int
            As `rows` counts them, from 1.
        column : int
            From 0; the whole row without it.

        Examples
        --------
        >>> Sheet("county.xlsx", "学校", lambda: iter(())).place(7, 3)
        'county.xlsx 学校!D7'
        >>> Sheet("schools.csv", "", lambda: iter(())).place(7, 3)
        'schools.csv:7'
        """
        cell = f"{letters(column)}{row}" if self.name and column >= 0 else ""
        return str(Place(self.file, self.name, cell, row))

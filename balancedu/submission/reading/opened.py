"""A sheet whose first rows were read, to see what it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import attrs

from balancedu.errors import DataError
from balancedu.submission.problems import Problems
from balancedu.submission.reading.headers import MOST_ABOVE
from balancedu.submission.reading.progress import watched
from balancedu.submission.reading.sheet import Row, Sheet
from balancedu.submission.table import Place


@attrs.define
class Guard:
    """The rows of a sheet up to where it cannot be read on; the error is noted."""

    rows: Iterator[Row]
    problems: Problems
    broken: bool = False

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self.rows
        except DataError as error:
            self.broken = True
            self.problems.found.append(error)


@attrs.frozen
class Opened:
    """A sheet whose first rows were read.

    Attributes
    ----------
    sheet : Sheet
    called : str
        Its name, or that of the text file without its ending.
    top : list of Row
        The rows that it begins with.
    rest : iterator of Row
    guard : Guard
    """

    sheet: Sheet
    called: str
    top: list[Row]
    rest: Iterator[Row]
    guard: Guard

    @classmethod
    def of(cls, sheet: Sheet, problems: Problems) -> Opened:
        """Open a sheet."""
        guard = Guard(watched(sheet), problems)
        rows = iter(guard)
        called = sheet.name or sheet.file.rpartition(".")[0]
        return cls(sheet, called, list(itertools.islice(rows, MOST_ABOVE)), rows, guard)

    @property
    def place(self) -> Place:
        """The file, and the sheet of a workbook."""
        return Place(self.sheet.file, self.sheet.name)

    def below(self, row: int) -> Iterable[Row]:
        """Return the rows below one."""
        return itertools.chain((one for one in self.top if one[0] > row), self.rest)

"""One worksheet of an .xlsx workbook: its rows, piece by piece, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from balancedu.core.model import Title
from balancedu.submission.reading.sheet import Merged, Progress, Row
from balancedu.submission.reading.workbooks.archive import Archive
from balancedu.submission.reading.workbooks.blocks import UnusualError, after, blocks
from balancedu.submission.reading.workbooks.limits import MOST_SHEET_BYTES, broken, hidden
from balancedu.submission.reading.workbooks.rows import Rows, column_of
from balancedu.submission.reading.workbooks.usual import usual
from balancedu.submission.reading.workbooks.values import Values

_HIDDEN_ROW = re.compile(rb'<row [^>]*?hidden="(?:1|true)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s[^>]*?hidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@attrs.define(eq=False)
class Worksheet:
    """Where a sheet lies in its workbook.

    Attributes
    ----------
    archive : Archive
    part : str
    values : function
        Returns what all cells of the workbook need.
    notes : list of Title
    progress : Progress
    """

    archive: Archive
    part: str
    values: Callable[[], Values]
    notes: list[Title] = attrs.field(factory=list)
    progress: Progress = attrs.field(factory=Progress)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that hold anything."""
        read = 0
        for form in (iter, usual):
            counted = {"rows": 0, "columns": 0}
            try:
                for some in self._some_rows(form(self._chunks(self.progress)), counted):
                    # What was read before the sheet turned out to be unusual is not read twice.
                    left = [row for row in some if row[0] > read] if read and form is usual else some
                    yield from left
                    read = some[-1][0] if some else read
            except UnusualError:
                continue
            self._say(counted)
            return
        raise broken("工作表的写法异常，不像软件所写", "a sheet of it is written as no program writes it")

    def merged(self) -> tuple[Merged, ...]:
        """Return the cells that were joined."""
        return tuple(
            Merged(int(top), column_of(left), int(bottom), column_of(right))
            for left, top, right, bottom in _MERGED.findall(b"".join(after(self._chunks())))
        )

    def _chunks(self, progress: Progress | None = None) -> Iterator[bytes]:
        return self.archive.chunks(self.part, MOST_SHEET_BYTES, progress)

    def _some_rows(self, chunks: Iterable[bytes], counted: dict[str, int]) -> Iterator[list[Row]]:
        rows, before = Rows(self.values()), list[bytes]()
        for block in blocks(chunks, before):
            if b'hidden="' in block:
                counted["rows"] += len(_HIDDEN_ROW.findall(block))
            yield from rows.of(block)
        counted["columns"] = len(_HIDDEN_COLUMN.findall(b"".join(before)))

    def _say(self, counted: Mapping[str, int]) -> None:
        """Say what a person who opens the sheet does not see and what was read all the same."""
        self.notes.extend(note for note in hidden(**counted) if note not in self.notes)

"""The rows below the headers of a sheet: those that hold data, some thousand at a time, by the columns of the table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import attrs

from balancedu.core.model import Title
from balancedu.errors import DataError
from balancedu.phrase import Phrase
from balancedu.submission.notes import Note
from balancedu.submission.problems import Problems
from balancedu.submission.reading.bindings import Bindings, refuse_unknown
from balancedu.submission.reading.headers import Headers
from balancedu.submission.reading.listed import GIVEN
from balancedu.submission.reading.rows import LeftOut
from balancedu.submission.reading.sheet import Cell, Row, Sheet, is_filled
from balancedu.submission.reading.spans import Spans

AT_ONCE = 4096
"""Rows that are read together."""
WORDS = ("text", "choice")
NUMBERS = ("count", "number", "share")

Part = tuple[list[int], dict[str, list[Cell]]]
"""The numbers of some rows, and their cells by column of the table."""


@attrs.define
class DataRows:
    """Reads the rows of one sheet below its headers; what leaves a doubt is noted.

    Attributes
    ----------
    sheet, headers, bindings, problems
    whole : bool
        Whether every row could be read; known when they have been.
    """

    sheet: Sheet
    headers: Headers
    bindings: Bindings
    problems: Problems
    whole: bool = True
    reported: set[int] = attrs.field(factory=set)
    left_out: LeftOut = attrs.field(init=False)
    spans: Spans = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        bound, in_rows = self.bindings.bound, self.headers.binder.in_rows
        figures = tuple(one.column for one in bound.values() if one.measure.type in NUMBERS)
        labels = [one.column for one in bound.values() if one.measure.type in WORDS]
        # Facts in rows are no addends, and some are called a total.
        # A remark may end in a word for totals, and is none.
        beside = {column for column, path in self.headers.passed.items() if self.headers.binder.is_remark(path)}
        says_total = () if in_rows else (*labels, *sorted(self.bindings.silent - beside))
        self.left_out = LeftOut(says_total, figures, {one.column: one.path[-1] for one in bound.values()})
        needed = GIVEN if in_rows else ()
        self.spans = Spans.below(self.headers.last, self.sheet, self.headers.table, bound, needed)

    def parts(self, rows: Iterable[Row]) -> Iterator[Part]:
        """Yield the rows that hold data."""
        remaining = self._fitting(rows)
        while part := list(itertools.islice(remaining, AT_ONCE)):
            yield self._part(part)

    def notes(self) -> list[Note]:
        """Return what was left out."""
        notes, binder = list(self.left_out.notes(self.sheet)), self.headers.binder
        if beside := [path[-1] for column, path in self.headers.passed.items() if binder.is_beside(column, path)]:
            zh, en = "、".join(f"“{one}”" for one in beside), ", ".join(map(repr, beside))
            text = Title(zh=f"{zh}没有读入", en=f"the columns {en} were not read")
            notes.append(Note(self.sheet.file, self.sheet.name, text))
        return notes

    def _fitting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that can be read; in a text file each has the cells that the header has."""
        width = max(len(cells) for _, cells in self.headers.rows)
        try:
            for number, cells in rows:
                is_long = len(cells) > width and not any(map(is_filled, cells[width:]))
                if self.sheet.name or len(cells) == width or is_long:
                    yield number, cells
                    continue
                self.whole = False
                self._refuse_width(number, len(cells), width)
        except DataError as error:
            self.whole = False
            self.problems.found.append(error)

    def _refuse_width(self, number: int, found: int, wanted: int) -> None:
        problem = Phrase(
            f"有{found}个单元格，应与表头一样有{wanted}个", f"found {found} cells, wanted {wanted} as in the header"
        )
        hint = Phrase(
            "请检查单元格里的分隔符，含分隔符的内容要加引号",
            "check for separators inside cells, which need quotes",
        )
        kind = Phrase("单元格的个数", "number of cells")
        self.problems.note(self.headers.table, self.sheet.place(number), "", problem, hint, kind)

    def _part(self, rows: list[Row]) -> Part:
        numbers = [number for number, _ in rows]
        columns = list(itertools.zip_longest(*(cells for _, cells in rows)))
        self._look_for_unknown(numbers, columns)
        nothing: Sequence[Cell] = [None] * len(rows)
        cells = {
            name: list(columns[one.column] if one.column < len(columns) else nothing)
            for name, one in self.bindings.bound.items()
        }
        dropped = self.left_out.of(numbers, columns) | _empty(list(cells.values()), len(rows))
        self.spans.fill(numbers, cells, dropped, self.problems)
        if dropped:
            kept = [row for row in range(len(rows)) if row not in dropped]
            numbers = [numbers[row] for row in kept]
            cells = {name: [column[row] for row in kept] for name, column in cells.items()}
        return numbers, cells

    def _look_for_unknown(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> None:
        bound = set(self.bindings.positions.values()) | self.bindings.silent | self.reported
        bound |= set(self.headers.paths) - set(self.bindings.unknown)
        for column, cells in enumerate(columns):
            filled = None if column in bound else next((row for row, cell in enumerate(cells) if is_filled(cell)), None)
            if filled is not None:
                self.reported.add(column)
                refuse_unknown(self.headers, self.sheet, column, numbers[filled], self.problems)


def _empty(columns: list[list[Cell]], size: int) -> set[int]:
    """Return the rows that hold nothing in any column that is read, as rows that are only numbered do."""
    left: Iterable[int] = range(size)
    for cells in columns:
        left = [row for row in left if not is_filled(cells[row])]
        if not left:
            break
    return set(left)

"""Cells among the data that were joined: their value holds for every row where that is beyond doubt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Mapping, Sequence

import attrs

from balancedu.phrase import Phrase
from balancedu.submission.problems import Problems
from balancedu.submission.reading.bindings import Bound
from balancedu.submission.reading.sheet import Cell, Merged, Sheet, is_filled

_FOR_EVERY_ROW = ("text", "choice", "yes_no")
"""A name or a type that stands once beside several rows is that of each; a number may be their sum."""
SEVERAL_ROWS = Phrase("行", "several rows")
SPLIT = Phrase("请取消合并，分别填写", "split it, and write the value of each")


def joined_over(what: Phrase) -> Phrase:
    """Return that a cell is joined over several rows or columns."""
    return Phrase(
        f"单元格跨多{what.zh}合并，无法确定填的是哪一{what.zh}",
        f"the cell is joined over {what.en}, and which of them it means is not beyond doubt",
    )


@attrs.define
class Spans:
    """The joined cells below the headers of a sheet.

    Where some columns are needed, a row in which none of them is filled reports nothing, as a heading over all columns.
    """

    sheet: Sheet
    table: str
    bound: Mapping[str, Bound]
    spans: list[Merged]
    needed: tuple[str, ...] = ()
    carried: dict[Merged, Cell] = attrs.field(factory=dict)
    reported: set[Merged] = attrs.field(factory=set)

    @classmethod
    def below(
        cls, last: int, sheet: Sheet, table: str, bound: Mapping[str, Bound], needed: tuple[str, ...] = ()
    ) -> Spans:
        """Return the joined cells below a row."""
        spans = sorted((one for one in sheet.merged if one.first_row > last), key=lambda one: one.first_row)
        return cls(sheet, table, bound, spans, needed)

    def fill(
        self, numbers: Sequence[int], cells: Mapping[str, list[Cell]], dropped: Container[int], problems: Problems
    ) -> None:
        """Write the value of joined cells into every row that they cover, and refuse those that leave a doubt.

        Parameters
        ----------
        numbers : sequence of int
            The numbers of the rows.
        cells : mapping of column of the table to cells
        dropped : container of int
            The positions of the rows that hold no data.
        problems : Problems
        """
        self.spans = [span for span in self.spans if span.last_row >= numbers[0]]
        for span in self.spans:
            if span.first_row > numbers[-1]:
                return
            rows = range(bisect_left(numbers, span.first_row), bisect_right(numbers, span.last_row))
            held = [one for one in self.bound.values() if span.first_column <= one.column <= span.last_column]
            if not rows or not held:
                continue
            if len(held) > 1:
                if any(row not in dropped and self._reports(row, cells) for row in rows):
                    self._refuse(span, held[0], Phrase("列", "several columns"), problems)
            else:
                self._spread(span, held[0], rows, cells[held[0].measure.column], dropped, problems)

    def _reports(self, row: int, cells: Mapping[str, list[Cell]]) -> bool:
        return not self.needed or any(is_filled(cells[name][row]) for name in self.needed if name in cells)

    def _spread(
        self,
        span: Merged,
        bound: Bound,
        rows: range,
        cells: list[Cell],
        dropped: Container[int],
        problems: Problems,
    ) -> None:
        began = span in self.carried
        value = self.carried.setdefault(span, cells[rows[0]])
        if bound.measure.type in _FOR_EVERY_ROW:
            for row in rows:
                cells[row] = value
        elif value is not None and (began or sum(row not in dropped for row in rows) > 1):
            self._refuse(span, bound, SEVERAL_ROWS, problems)

    def _refuse(self, span: Merged, bound: Bound, what: Phrase, problems: Problems) -> None:
        if span not in self.reported:
            self.reported.add(span)
            place = self.sheet.place(span.first_row, span.first_column)
            kind = Phrase(f"跨多{what.zh}合并", f"joined over {what.en}")
            problems.note(self.table, place, bound.measure.column, joined_over(what), SPLIT, kind)

"""The rows of a sheet of an .xlsx workbook, from its XML: all at once where they are alike, else cell by cell.

A row that is not as programs write it sends the whole sheet through a reader of XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from operator import lt

import attrs

from balancedu.submission.reading.sheet import Cell, Row
from balancedu.submission.reading.workbooks.alike import Alike, Form
from balancedu.submission.reading.workbooks.blocks import UnusualError
from balancedu.submission.reading.workbooks.limits import (
    A_SHEET,
    CELLS,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    broken,
    too_large,
)
from balancedu.submission.reading.workbooks.values import Values

_FORMULA = rb"<f\b[^>]*?(?:/>|>([^<]*)</f>)"
_ROW = re.compile(rb'\s*<row (?:[^>]*? )?r="(\d{1,7})"[^>]*?(/?)>')
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(' + _FORMULA + rb")?"
    rb'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v ?/>)?(?:<is>(.*?)</is>)?</c>)',
    re.DOTALL,
)
_STARTS = (b"<c ", b"<c>", b"<c/>")
_ODD = (b"<!", b":c ", b":c>", b":row")
_ROW_END = b"</row>"
_AT_ONCE = 4096
_LEARNT = {b"", b"n", b"s", b"inlineStr", b"str", b"b"}


@attrs.define(eq=False)
class Rows:
    """Reads the rows of one sheet, block by block."""

    values: Values
    last: int = 0
    size: int = 0
    alike: Alike = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.alike = Alike(self.values)

    def of(self, block: bytes) -> Iterator[list[Row]]:
        """Yield the rows of a block of whole rows, some at a time; without those that hold nothing."""
        position = 0
        while position < len(block):
            alike: list[tuple[bytes, ...]] = []
            while len(alike) < _AT_ONCE and (found := self.alike.pattern.match(block, position)):
                alike.append(found.groups())
                position = found.end()
            if alike:
                numbers, rows = self.alike.rows(alike)
                self._check(numbers, self.alike.width)
                together = zip(numbers, rows, strict=True)
                yield [row for row in together if row[1].count(None) < len(row[1])]
                continue
            start = _ROW.match(block, position)
            if start is None:
                if block[position:].strip():
                    raise UnusualError
                return
            position = start.end()
            number = int(start[1])
            self._check([number], 0)
            if not start[2]:
                end = block.find(_ROW_END, position)
                cells = self._cell_by_cell(number, block[position:end])
                if cells:
                    yield [(number, cells)]
                position = end + len(_ROW_END)

    def _check(self, numbers: list[int], width: int) -> None:
        before = [self.last, *numbers[:-1]]
        if not all(map(lt, before, numbers)) or numbers[-1] > MOST_ROWS:
            wrong = (pair for pair in zip(before, numbers, strict=True) if not pair[0] < pair[1] <= MOST_ROWS)
            first, second = next(wrong)
            raise broken(f"第{first}行之后是第{second}行", f"row {second} follows row {first}")
        self.last = numbers[-1]
        self._count(len(numbers) * width)

    def _count(self, cells: int) -> None:
        self.size += cells
        if self.size > MOST_CELLS:
            raise too_large(A_SHEET, MOST_CELLS, CELLS)

    def _cell_by_cell(self, number: int, row: bytes) -> list[Cell]:
        found = _CELL.findall(row)
        if len(found) != sum(row.count(sign) for sign in _STARTS) or any(sign in row for sign in _ODD):
            raise UnusualError
        cells: list[Cell] = []
        forms: dict[int, Form] = {}
        last = -1
        for column, written, style, kind, has_formula, formula, value, runs in found:
            place = column_of(column)
            if int(written) != number or not last < place < MOST_COLUMNS:
                name = f"{column.decode()}{written.decode()}"
                raise broken(f"第{number}行有单元格 {name}", f"row {number} has a cell {name}")
            last = place
            cell = self._cell(style, kind, value, runs, formula if has_formula else None)
            if cell is not None:
                # Of the cells that are only coloured, those after the last value count for nothing.
                cells += [None] * (place - len(cells))
                cells.append(cell)
            if (value or runs) and kind in _LEARNT and not (has_formula and not self.values.calculated):
                forms[place] = Form(style, b"" if kind == b"n" else kind, bool(has_formula))
        self.alike.learn(last + 1, forms)
        self._count(len(cells))
        return cells

    def _cell(self, style: bytes, kind: bytes, value: bytes, runs: bytes, formula: bytes | None) -> Cell:
        if formula is not None:
            return self.values.formula(style, kind, value, formula)
        return self.values.inline(runs) if runs else self.values.cell(style, kind, value)


@cache
def column_of(name: bytes) -> int:
    """Return the number of a column, the first of which is 0.

    Examples
    --------
    >>> column_of(b"A"), column_of(b"AB"), column_of(b"XFD")
    (0, 27, 16383)
    """
    number = 0
    for letter in name:
        number = number * 26 + letter - ord("A") + 1
    return number - 1

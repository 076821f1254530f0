"""A row of totals is no data; where it is beyond doubt what it adds up, it is compared with that.

A difference is a note and no warning: those belong to a county and are found again from its figures alone, as when an
evaluation is rebuilt from JSON, and a total is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.calculator.compliance import SLACK
from balancedu.core.model import Title
from balancedu.core.words import plain
from balancedu.submission.campuses import is_added
from balancedu.submission.figures import UnreadableError, number_reader
from balancedu.submission.notes import Note
from balancedu.submission.problems import figure
from balancedu.submission.raw import RawTable
from balancedu.submission.reading.bindings import Bound
from balancedu.submission.reading.sheet import Cell, Sheet
from balancedu.submission.table import letters

_OF_ALL = ("合计", "总计", "共计", "total", "grandtotal")
"""What a total of all rows is called; 小计 and 东镇合计 are totals of some."""


@attrs.frozen
class Total:
    """A row that says to be the total of all rows: its number, and its cells by column."""

    row: int
    cells: Mapping[int, Cell]


def total_of_all(row: int, columns: Sequence[Sequence[Cell]], at: int, labels: Sequence[int]) -> Total | None:
    """Return a row of totals, if nothing in it says that it is one of some rows only."""
    said = {plain(str(columns[one][at])) for one in labels if one < len(columns) and columns[one][at] is not None}
    if not said - {""} <= set(_OF_ALL):
        return None
    return Total(row, {column: cells[at] for column, cells in enumerate(columns)})


def differences(total: Total, bound: Mapping[str, Bound], table: RawTable, sheet: Sheet) -> Iterator[Note]:
    """Yield the columns in which a total is not the sum of the rows, which all stand above it or all below."""
    lines = np.asarray(table.origin.lines)
    if not lines.size or lines.min() < total.row < lines.max():
        return
    for name, one in bound.items():
        if one.by_type or not is_added(one.measure) or np.isnan(table.columns[name]).all():
            continue
        try:
            stated = number_reader(one.measure, one.scaling, commas=sheet.commas)(total.cells.get(one.column))
        except UnreadableError:
            continue
        found = float(np.nansum(table.columns[name])) / float(one.scaling.factor if one.scaling else 1)
        if abs(found - stated) > _rounding(stated, lines.size) + SLACK * abs(found):
            yield _difference(total.row, one, stated, found, sheet)


def _rounding(stated: float, rows: int) -> float:
    """Return what rounding may make of a sum: half of the last decimal of the total, and of each figure's."""
    decimals = len(figure(stated).partition(".")[2])
    return 10.0**-decimals / 2 * (rows + 1 if decimals else 1)


def _difference(row: int, bound: Bound, stated: float, found: float, sheet: Sheet) -> Note:
    cell = f"{letters(bound.column)}{row}" if sheet.name else ""
    zh, en = cell or f"第{row}行", cell or f"row {row}"
    title, said, added = bound.measure.title, figure(stated), figure(float(f"{found:.12g}"))
    return Note(
        sheet.file,
        sheet.name,
        Title(
            zh=f"“{title.zh}”的合计（{zh}）写的是{said}，各行之和是{added}，请核对",
            en=f"the total of {title.en} ({en}) says {said}, but its rows add up to {added}; look at both",
        ),
    )

"""A row of totals is no data; where it is beyond doubt what it adds up, it is compared with that.

A difference is a note and no warning: those belong to a county and are found again from its figures alone, as when an
evaluation is rebuilt from JSON, and a total is none of them.
"""

from __future__ import annotations

import re
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

_OF_ALL = re.compile("(?:[全本][县区市旗])?(?:合计|总计|共计|总数|计)|(?:grand)?total")
"""What a total of all rows is called; of several totals it is the one of all."""
_ALONE = re.compile("(?:[全本][镇乡校])?(?:小计|合计|总计|共计)|subtotal")
"""What may be a total of some rows only; where it is the only one, there are no others."""
_SAYS_NO_MORE = re.compile("[0-9]*[所个校间班人]?")
"""What stands beside such a word and does not say whose total it is."""


@attrs.frozen
class Total:
    """A row that sums up others: its number, its cells by column, and whether it is called a total of all rows."""

    row: int
    cells: Mapping[int, Cell]
    of_all: bool


def total_in(row: int, columns: Sequence[Sequence[Cell]], at: int, labels: Sequence[int]) -> Total | None:
    """Return a row of totals, if nothing in it says that it is one of some rows only."""
    cells = (columns[one][at] for one in labels if one < len(columns))
    # Labels are texts: a column that is not read may hold figures.
    said = {plain(cell) for cell in cells if isinstance(cell, str)}
    names = {text for text in said if not _SAYS_NO_MORE.fullmatch(text)}
    if not names or not all(_OF_ALL.fullmatch(name) or _ALONE.fullmatch(name) for name in names):
        return None
    of_all = any(map(_OF_ALL.fullmatch, names))
    return Total(row, {column: cells[at] for column, cells in enumerate(columns)}, of_all)


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

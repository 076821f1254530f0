"""A workbook becomes sheets of raw cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from balancedu.errors import DataError, MissingExtraError
from balancedu.submission.reading.sheet import Cell, Merged, Row, Sheet

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


def workbook_sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, in its order.

    Raises
    ------
    DataError
        If the file is no workbook, or one that is not read.
    MissingExtraError
        If python-calamine is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
    except ImportError as error:
        raise MissingExtraError("python-calamine", "excel", "reading a workbook") from error
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        problem = f"the workbook cannot be read: {error}"
        raise DataError(file.rpartition(".")[0], file, "", problem, "open it and save it again as .xlsx") from None
    return tuple(
        Sheet(
            file,
            one.name,
            partial(_rows, book, one.name),
            merged=_merged(book, one.name),
            hidden=one.visible != SheetVisibleEnum.Visible,
        )
        for one in book.sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet
    )


def _merged(book: CalamineWorkbook, name: str) -> tuple[Merged, ...]:
    ranges = book.get_sheet_by_name(name).merged_cell_ranges or []
    return tuple(Merged(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges)


def _rows(book: CalamineWorkbook, name: str) -> Iterator[Row]:
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return
    before = [None] * sheet.start[1]
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells: list[Cell] = [*before, *(None if cell == "" else cell for cell in row)]
        if any(cell is not None for cell in cells):
            yield number, cells

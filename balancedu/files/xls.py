"""Sheets of an .xls workbook of Excel 97 to 2003, or of an .et workbook of WPS, read by xlrd."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from balancedu.errors import MissingExtraError
from balancedu.files.package import BYTES, MOST_XLS_BYTES, encrypted, hidden, too_large, unreadable
from balancedu.files.sheet import Cell, Merged, Row, Sheet
from balancedu.files.xlsx import digits_of, plain_value
from balancedu.submission.problems import UNKNOWN_ERROR, CellError
from balancedu.text import Phrase

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet as Page


_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_DAY_MILLISECONDS = 24 * 60 * 60 * 1000
_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5


def xls_sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, in its order. Macros and links to other workbooks are passed over.

    Raises
    ------
    MissingExtraError
        If xlrd is not installed.
    """
    try:
        import xlrd
    except ImportError as error:
        raise MissingExtraError("xlrd", "excel", Phrase("读取 .xls 工作簿", "reading an .xls workbook")) from error
    if _ENCRYPTED in content:
        raise encrypted()
    if len(content) > MOST_XLS_BYTES:
        raise too_large(Phrase(".xls 文件", "the .xls file"), MOST_XLS_BYTES, BYTES)
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True)
    except Exception as error:  # a damaged file ends the library in any way
        if "encrypted" in str(error):
            raise encrypted() from None
        raise unreadable(error) from None
    return tuple(_sheet(book, page, file) for page in book.sheets())


def _sheet(book: Book, page: Page, file: str) -> Sheet:
    merged = tuple(Merged(top + 1, left, bottom, right - 1) for top, bottom, left, right in page.merged_cells)
    rows = sum(bool(row.hidden) for row in page.rowinfo_map.values())
    columns = sum(bool(entry.hidden) for number, entry in page.colinfo_map.items() if number < page.ncols)
    return Sheet(
        file, page.name, partial(_rows, book, page), lambda: merged, hidden(rows, columns), page.visibility != 0
    )


def _rows(book: Book, page: Page) -> Iterator[Row]:
    for number in range(page.nrows):
        cells = [
            _value(book, kind, value, page, number, column)
            for column, (kind, value) in enumerate(zip(page.row_types(number), page.row_values(number), strict=True))
        ]
        if cells.count(None) < len(cells):
            yield number + 1, cells


def _value(book: Book, kind: int, value: object, page: Page, row: int, column: int) -> Cell:
    if kind == _TEXT:
        return str(value) or None
    if kind == _BOOLEAN:
        return bool(value)
    if kind == _ERROR and isinstance(value, int):
        return CellError(_ERRORS[value]) if value in _ERRORS else UNKNOWN_ERROR
    if isinstance(value, float) and kind in {_NUMBER, _DATE}:
        style = book.format_map[book.xf_list[page.cell_xf_index(row, column)].format_key]
        if kind == _NUMBER:
            return plain_value(value, digits_of(style.format_str))
        return _moment(value, "[" in style.format_str.replace("[$", ""), book.datemode)
    return None


def _moment(number: float, is_span: bool, datemode: int) -> Cell:
    """Return the day, the time of day or the span of time that a number of days stands for."""
    from xlrd.xldate import XLDateError, xldate_as_datetime

    if is_span:
        return timedelta(milliseconds=round(number * _DAY_MILLISECONDS))
    try:
        moment = xldate_as_datetime(number, datemode)
    except (XLDateError, OverflowError):
        return number
    return moment.time() if 0 <= number < 1 else plain_value(moment)

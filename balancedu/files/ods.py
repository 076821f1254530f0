"""Sheets of an .ods workbook, read by odfpy."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from balancedu.errors import MissingExtraError
from balancedu.files import package as limits
from balancedu.files.package import Package, UnreadableError, broken, encrypted, hidden, too_large, unreadable
from balancedu.files.sheet import Cell, Merged, Row, Sheet
from balancedu.files.xlsx import plain_value
from balancedu.submission.problems import CellError
from balancedu.text import Phrase

_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|(?:Err|错误):\d+")
_ZEROS = re.compile(r"0\d+")
_TIME = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:[.,]\d{1,9})?S)?")
_DAY = timedelta(days=1)
_MANIFEST = "META-INF/manifest.xml"


def ods_sheets(package: Package, file: str) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, in its order. Macros and links to other files are passed over.

    Raises
    ------
    MissingExtraError
        If odfpy is not installed.
    """
    try:
        from odf.opendocument import load
        from odf.table import Table
    except ImportError as error:
        raise MissingExtraError("odfpy", "excel", Phrase("读取 .ods 工作簿", "reading an .ods workbook")) from error
    if _MANIFEST in package and b"encryption-data" in package.read(_MANIFEST):
        raise encrypted()
    package.refuse_document_types()
    try:
        document = load(io.BytesIO(package.content))
        pages = document.spreadsheet.getElementsByType(Table)
    except Exception as error:  # a damaged file ends the library in any way
        raise unreadable(error) from None
    if len(pages) > limits.MOST_SHEETS:
        raise too_large(limits.THE_SHEETS, limits.MOST_SHEETS, limits.ENTRIES)
    invisible = _invisible(document)
    return tuple(_sheet(page, file, invisible) for page in pages)


def _invisible(document: Any) -> frozenset[str]:
    """Return the styles of tables that are not shown."""
    from odf.style import Style, TableProperties

    return frozenset(
        style.getAttribute("name")
        for style in document.automaticstyles.getElementsByType(Style)
        if any(entry.getAttribute("display") == "false" for entry in style.getElementsByType(TableProperties))
    )


def _sheet(page: Any, file: str, invisible: frozenset[str]) -> Sheet:
    from odf.table import TableColumn, TableRow

    rows, merged = [], list[Merged]()
    number, size, hidden_rows = 1, 0, 0
    for row in page.getElementsByType(TableRow):
        repeated = _count(row, "number-rows-repeated", limits.MOST_ROWS)
        hidden_rows += repeated if _is_hidden(row) else 0
        cells = _cells(row, number, merged)
        if cells:
            size += len(cells) * repeated
            if size > limits.MOST_CELLS:
                raise too_large(limits.A_SHEET, limits.MOST_CELLS, limits.CELLS)
            rows.append((number, repeated, cells))
        number += repeated
    columns = sum(map(_is_hidden, page.getElementsByType(TableColumn)))
    is_hidden = page.getAttribute("stylename") in invisible
    notes = hidden(hidden_rows, columns)
    return Sheet(file, page.getAttribute("name") or "", partial(_rows, rows), lambda: tuple(merged), notes, is_hidden)


def _is_hidden(element: Any) -> bool:
    return element.getAttribute("visibility") not in (None, "visible")


def _rows(rows: list[tuple[int, int, list[Cell]]]) -> Iterator[Row]:
    for first, repeated, cells in rows:
        yield from ((first + n, list(cells)) for n in range(repeated))


def _cells(row: Any, number: int, merged: list[Merged]) -> list[Cell]:
    cells: list[Cell] = []
    column = 0
    for cell in row.childNodes:
        count = _count(cell, "number-columns-repeated", limits.MOST_COLUMNS)
        try:
            value = _value(cell)
        except UnreadableError:
            raise
        except (TypeError, ValueError, OverflowError):
            kind = str(cell.getAttribute("valuetype"))[:20]
            raise broken(
                f"单元格的内容与类型“{kind}”不符", f"a cell does not hold what its type {kind!r} says"
            ) from None
        if value is not None:
            if column + count > limits.MOST_COLUMNS:
                raise too_large(limits.A_ROW, limits.MOST_COLUMNS, limits.COLUMNS)
            cells += [None] * (column - len(cells)) + [value] * count
        tall, wide = (
            _count(cell, name, limits.MOST_ROWS) for name in ("number-rows-spanned", "number-columns-spanned")
        )
        if tall > 1 or wide > 1:
            merged.append(Merged(number, column, number + tall - 1, column + wide - 1))
        column += count
    return cells


def _value(cell: Any) -> Cell:
    text = _text(cell)
    kind = cell.getAttribute("valuetype")
    formula = (cell.getAttribute("formula") or "").partition("=")[2]
    if formula and _ERROR.fullmatch(text):
        return CellError(text)
    if not kind:
        return CellError.without_value(formula) if formula else plain_value(text)
    return _typed(cell, kind, text)


def _typed(cell: Any, kind: str, text: str) -> Cell:
    if kind in {"float", "percentage", "currency"}:
        number = float(cell.getAttribute("value"))
        # Leading zeros are what the person sees, and what an id is.
        return text if _ZEROS.fullmatch(text) and float(text) == number else number
    if kind == "boolean":
        return str(cell.getAttribute("booleanvalue")) == "true"
    if kind == "date":
        return plain_value(datetime.fromisoformat(cell.getAttribute("datevalue")))
    if kind == "time":
        return _time(cell.getAttribute("timevalue"))
    return plain_value(text or cell.getAttribute("stringvalue") or "")


def _text(cell: Any) -> str:
    """Return the paragraphs of a cell, without its remarks."""
    from odf.teletype import extractText

    return "\n".join(extractText(childnode) for childnode in cell.childNodes if childnode.qname[1] == "p")


def _time(written: str) -> Cell:
    result = _TIME.fullmatch(written)
    if result is None:
        raise ValueError(written)
    hours, minutes, seconds = map(int, result.groups(default="0"))
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return (datetime.min + span).time() if span < _DAY else span


def _count(element: Any, name: str, most: int) -> int:
    """Return how often a cell or row is repeated, or how many it covers; no more than a sheet has."""
    from odf.namespaces import TABLENS

    written = str(element.getAttrNS(TABLENS, name) or "1")
    return min(int(written[:9]), most) if written.isdecimal() and written.isascii() else 1

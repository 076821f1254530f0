"""A workbook becomes sheets of raw cells; whatever may be wrong with the file is an error that names it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import attrs

from balancedu.errors import DataError
from balancedu.phrase import Phrase
from balancedu.submission.reading.sheet import Merged, Row, Sheet
from balancedu.submission.reading.workbooks.archive import archive_of
from balancedu.submission.reading.workbooks.limits import SAVE_AGAIN, UnreadableError
from balancedu.submission.reading.workbooks.ods import ods_sheets
from balancedu.submission.reading.workbooks.xls import xls_sheets
from balancedu.submission.reading.workbooks.xlsx import xlsx_sheets

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", COMPOUND)
"""How the bytes of workbooks begin: .xlsx, .xlsm and .ods are zip files (one that is empty, or a part of one, begins
otherwise), .xls is not. `PK` alone may be the heading of a text file."""


def workbook_sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, in its order; what kind of workbook it is, its content says.

    Raises
    ------
    DataError
        If the file is no workbook, or one that is not read.
    MissingExtraError
        If the library that reads it is not installed.
    """
    try:
        sheets = _sheets(content, file)
        if not sheets:
            raise UnreadableError(Phrase("工作簿里没有工作表", "the workbook has no sheet of cells"), SAVE_AGAIN)
    except UnreadableError as error:
        raise refusal(file, error) from None
    return tuple(attrs.evolve(one, read=partial(_rows, one), spans=cache(partial(_spans, one))) for one in sheets)


def refusal(file: str, error: UnreadableError, sheet: str = "") -> DataError:
    """Return the error of a file that cannot be read, or not to its end."""
    place = f"{file} {sheet}" if sheet else file
    return DataError(file.rpartition(".")[0], place, "", error.problem, error.hint)


def _sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    if content.startswith(COMPOUND):
        return xls_sheets(content, file)
    archive = archive_of(content)
    if "content.xml" in archive:
        return ods_sheets(archive, file)
    if "xl/workbook.bin" in archive:
        raise UnreadableError(Phrase("内容是 .xlsb 工作簿", "found an .xlsb workbook"), SAVE_AGAIN)
    if "xl/workbook.xml" not in archive and "_rels/.rels" not in archive:
        problem = Phrase("内容是压缩文件，不是工作簿", "found a zip file that is no workbook")
        hint = Phrase("请解压后给出文件夹或工作簿", "unpack it and give the folder or the workbook")
        raise UnreadableError(problem, hint)
    return xlsx_sheets(archive, file)


def _rows(sheet: Sheet) -> Iterator[Row]:
    try:
        yield from sheet.read()
    except UnreadableError as error:
        raise refusal(sheet.file, error, sheet.name) from None


def _spans(sheet: Sheet) -> tuple[Merged, ...]:
    try:
        return sheet.spans()
    except UnreadableError as error:
        raise refusal(sheet.file, error, sheet.name) from None

"""What kind of file it is, by its content, and the sheets that it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial

import attrs

from balancedu.core.fields import Title
from balancedu.core.loading import Entry
from balancedu.errors import DataError
from balancedu.files.package import BYTES, MOST_FILE_BYTES, SAVE_AGAIN, Package, UnreadableError, too_large
from balancedu.files.sheet import Merged, Row, Sheet
from balancedu.files.text import decoded, text_sheet
from balancedu.text import Phrase

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
    return tuple(
        attrs.evolve(sheet, read=partial(_rows, sheet), spans=cache(partial(_spans, sheet))) for sheet in sheets
    )


def refusal(file: str, error: UnreadableError, sheet: str = "") -> DataError:
    """Return the error of a file that cannot be read, or not to its end."""
    place = f"{file} {sheet}" if sheet else file
    return DataError(file.rpartition(".")[0], place, "", error.problem, error.hint)


def _sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    # Each kind of workbook has a library of its own; a text file needs none of them.
    if content.startswith(COMPOUND):
        from balancedu.files.xls import xls_sheets

        return xls_sheets(content, file)
    package = Package.of(content)
    if "content.xml" in package:
        from balancedu.files.ods import ods_sheets

        return ods_sheets(package, file)
    if "xl/workbook.bin" in package:
        raise UnreadableError(Phrase("内容是 .xlsb 工作簿", "found an .xlsb workbook"), SAVE_AGAIN)
    if "xl/workbook.xml" not in package and "_rels/.rels" not in package:
        problem = Phrase("内容是压缩文件，不是工作簿", "found a zip file that is no workbook")
        hint = Phrase("请解压后给出文件夹或工作簿", "unpack it and give the folder or the workbook")
        raise UnreadableError(problem, hint)
    from balancedu.files.xlsx import xlsx_sheets

    return xlsx_sheets(package, file)


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


WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
_PAGE = re.compile(r"\s*(?:<\?xml|<!doctype|<html|<head|<meta|<table|<!--)", re.IGNORECASE)
_BEGINNING, _CHUNK = 4096, 1 << 20


def sheets_of(entry: Entry) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, or the one sheet that a text file is.

    What a file is, its content says: exports of statistics are often text with the name of a workbook.

    Raises
    ------
    DataError
        If the file cannot be read, or is neither.
    MissingExtraError
        If a workbook is to be read and the library that reads it is not installed.
    """
    try:
        content = content_of(entry)
        if content.startswith(BEGINNINGS):
            return workbook_sheets(content, entry.name)
        called_workbook = entry.name.lower().endswith(WORKBOOKS)
        _refuse_others(content, called_workbook)
    except OSError as error:
        raise DataError(entry.name.rpartition(".")[0], entry.name, "", *cannot_read(error)) from None
    except UnreadableError as error:
        raise refusal(entry.name, error) from None
    sheet = text_sheet(content, entry.name)
    if called_workbook:
        sheet.notes.append(Title(zh="名称是工作簿，内容是文本", en="named as a workbook, but it is text"))
    return (sheet,)


def cannot_read(error: OSError) -> tuple[Phrase, Phrase]:
    """Return what the system says of a file that it does not let read, and the way out."""
    why = error.strerror or str(error)
    hint = Phrase("请关闭正在使用它的程序，或另存一份", "close it elsewhere, or copy it")
    return Phrase(f"文件无法读取（{why}）", f"the file cannot be read: {why}"), hint


def content_of(entry: Entry) -> bytes:
    """Return the bytes of a file that is not too large; in a zip file its size is known only after unpacking."""
    content = bytearray()
    with entry.open("rb") as file:
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) > MOST_FILE_BYTES:
                raise too_large(Phrase("文件", "the file"), MOST_FILE_BYTES, BYTES)
    return bytes(content)


def _refuse_others(content: bytes, called_workbook: bool) -> None:
    """Refuse what begins like neither a workbook nor a table of text."""
    # The last character of the beginning may be cut: of an even number of bytes only UTF-8 and GB18030 notice.
    beginning = next((text for cut in range(4) if (text := decoded(content[: _BEGINNING - cut]))), "")
    if _PAGE.match(beginning):
        raise UnreadableError(Phrase("内容是网页或 XML", "found a web page or XML"), SAVE_AGAIN)
    if called_workbook and not beginning:
        problem = Phrase("内容既不是工作簿，也不是文本", "found neither a workbook nor text")
        raise UnreadableError(problem, SAVE_AGAIN)

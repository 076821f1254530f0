"""What kind of thing a file is, by its content; the sheets that it holds."""

from __future__ import annotations

import re

from balancedu.core.loading import Entry
from balancedu.core.model import Title
from balancedu.errors import DataError
from balancedu.phrase import Phrase
from balancedu.submission.reading.encoding import decoded
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.reading.text_file import text_sheet
from balancedu.submission.reading.workbook import BEGINNINGS, refusal, workbook_sheets
from balancedu.submission.reading.workbooks.limits import (
    BYTES,
    MOST_FILE_BYTES,
    SAVE_AGAIN,
    UnreadableError,
    too_large,
)

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
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
        content = _content(entry)
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


def _content(entry: Entry) -> bytes:
    """Return the bytes of a file that is not too large; in a zip file nobody knows before it is unpacked."""
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

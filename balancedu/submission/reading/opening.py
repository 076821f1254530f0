"""What kind of thing a file is, by its content; the sheets that it holds."""

from __future__ import annotations

from balancedu.core.loading import Entry
from balancedu.errors import DataError
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.reading.text_file import text_sheet
from balancedu.submission.reading.workbook import workbook_sheets

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")

_WORKBOOK_SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def sheets_of(entry: Entry) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, or the one sheet that a text file is.

    What a file is, its content says: exports of statistics are often text with the name of a workbook.

    Raises
    ------
    DataError
        If the file cannot be read, or is neither.
    MissingExtraError
        If a workbook is to be read and python-calamine is not installed.
    """
    try:
        content = entry.read_bytes()
    except OSError as error:
        problem = f"the file cannot be read: {error.strerror or error}"
        table = entry.name.rpartition(".")[0]
        raise DataError(table, entry.name, "", problem, "close it elsewhere, or copy it") from None
    if content.startswith(_WORKBOOK_SIGNS):
        return workbook_sheets(content, entry.name)
    return (text_sheet(content, entry.name),)

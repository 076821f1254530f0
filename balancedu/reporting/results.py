"""Any result as a workbook or a Word document."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from balancedu.document import Document, Grid, Heading, Paragraph, Result, cell_text
from balancedu.errors import RequestError
from balancedu.files.book import Book, new_book
from balancedu.files.layout import sheet_name
from balancedu.options import options
from balancedu.reporting.word import write_docx
from balancedu.saving import check_target
from balancedu.text import Language, Phrase, width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDEST = 40
_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?")


def write_result(
    result: Result, path: str | PathLike[str], *, title: str = "", lang: Language | None = None, replace: bool = False
) -> None:
    """Write what a result prints as .xlsx, one sheet a table, or as .docx.

    Parameters
    ----------
    result : Result
        As of `gaps`, `drivers`, `shortfalls`, `plan`, `what_if`, `compare`, `trend`, `margins` or `diff`.
    path : path
        Its ending says how.
    title : str
        The title of the document.
    lang : 'zh' or 'en', optional
        `be.options.lang` where it is left out.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter or python-docx is not installed.
    RequestError
        If the file exists already, or ends in something else.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "gaps.xlsx")
    ...     be.write_result(be.gaps(be.evaluate(be.example("failing"))), path)
    ...     path.is_file()
    True
    """
    lang, target = lang or options.lang, Path(path)
    check_target(target, replace=replace)
    suffix = target.suffix.lower()
    if suffix == ".docx":
        write_docx(Document(title, "", lang, tuple(result.blocks(lang))), target, replace=replace)
    elif suffix == ".xlsx":
        _write_workbook(result, target, title, lang, replace=replace)
    else:
        zh = f"结果应写为 .xlsx 或 .docx，现为“{target.name}”"
        raise RequestError(Phrase(zh, f"a result ends in .xlsx or .docx, found {target.name!r}"))


def _write_workbook(result: Result, path: Path, title: str, lang: Language, *, replace: bool) -> None:
    """Write a sheet for each heading, with its paragraphs and tables below each other."""
    with new_book(path, lang, title=title, purpose=Phrase("生成工作簿", "a workbook"), replace=replace) as book:
        sheet, row, name = None, 0, title
        for block in result.blocks(lang):
            if isinstance(block, Heading):
                sheet, name = None, block.text
            if sheet is None:
                sheet, row = book.workbook.add_worksheet(_sheet_name(book, name)), 1
                book.text(sheet, 0, 0, name, bold=True, font_size=14, border=0, text_wrap=False)
                book.printed(sheet, landscape=True)
            if isinstance(block, Grid):
                row = _write_grid(book, sheet, row + 1, block)
            elif isinstance(block, Paragraph):
                book.text(sheet, row, 0, block.text, border=0, text_wrap=False)
                row += 1
        if not book.workbook.worksheets():
            book.sheet(title)


def _write_grid(book: Book, sheet: Worksheet, first: int, grid: Grid) -> int:
    rows = [[cell_text(cell) for cell in row] for row in grid.rows]
    for column, heading in enumerate(grid.header):
        widest = max([width(heading), *(width(row[column]) for row in rows)])
        sheet.set_column(column, column, min(_WIDEST, 3 + widest))
        book.heading(sheet, first, column, heading)
        for n, row in enumerate(rows, first + 1):
            if column < grid.texts:
                book.text(sheet, n, column, row[column])
            elif _NUMBER.fullmatch(row[column]):
                # A figure is a number at the decimals that it is printed with.
                plain, decimals = row[column].replace(",", ""), len(row[column].partition(".")[2])
                look = "#,##0" + f".{'0' * decimals}" * bool(decimals)
                book.number(sheet, n, column, float(plain), num_format=look, align="right")
            else:
                book.text(sheet, n, column, row[column], align="right")
    return first + len(rows) + 1


def _sheet_name(book: Book, text: str) -> str:
    """Return a name that a sheet may have and no other has."""
    plain = sheet_name(text)[:28] or "1"
    taken = {sheet.get_name().casefold() for sheet in book.workbook.worksheets()}
    numbered = (plain if n == 1 else f"{plain}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbered if name.casefold() not in taken)

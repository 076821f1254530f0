"""Any result as a workbook or a Word document."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from balancedu.document import Document, Grid, Heading, Result, cell_text
from balancedu.errors import MissingExtraError, RequestError
from balancedu.options import options
from balancedu.saving import check_target, new_file
from balancedu.text import Language, Phrase, width

_WIDEST = 40


def write_result(
    result: Result, path: str | PathLike[str], *, title: str = "", lang: Language | None = None, replace: bool = False
) -> None:
    """Write what a result prints as .xlsx, one sheet a table, or as .docx.

    Parameters
    ----------
    result : Result
        As of `shortfalls`, `plan`, `what_if`, `compare`, `trend`, `margins` or `diff`.
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
    """
    lang, target = lang or options.lang, Path(path)
    check_target(target, replace=replace)
    suffix = target.suffix.lower()
    if suffix == ".docx":
        from balancedu.reporting.word import write_docx

        write_docx(Document(title, "", lang, tuple(result.blocks(lang))), target, replace=replace)
    elif suffix == ".xlsx":
        _write_workbook(result, target, title, lang, replace=replace)
    else:
        zh = f"结果应写为 .xlsx 或 .docx，现为“{target.name}”"
        raise RequestError(Phrase(zh, f"a result ends in .xlsx or .docx, found {target.name!r}"))


def _write_workbook(result: Result, path: Path, title: str, lang: Language, *, replace: bool) -> None:
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("XlsxWriter", "excel", Phrase("生成工作簿", "a workbook")) from error
    texts = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with new_file(path, replace=replace) as temporary:
        try:
            with xlsxwriter.Workbook(str(temporary), texts) as book:
                book.set_properties({"title": title})
                frame = {"border": 1, "text_wrap": True, "valign": "vcenter"}
                cell, bold = book.add_format(frame), book.add_format(frame | {"bold": True, "bg_color": "#E8EDF2"})
                right, heading = (
                    book.add_format(frame | {"align": "right"}),
                    book.add_format({"bold": True, "font_size": 14}),
                )
                sheet, row, name = None, 0, title
                for block in result.blocks(lang):
                    if isinstance(block, Heading):
                        name = block.text
                        sheet = None
                    if sheet is None:
                        sheet, row = book.add_worksheet(_sheet_name(book, name)), 0
                        sheet.write_string(row, 0, name, heading)
                        row += 1
                    if isinstance(block, Grid):
                        row = _write_grid(sheet, row + 1, block, cell, right, bold)
                    elif not isinstance(block, Heading):
                        sheet.write_string(row, 0, getattr(block, "text", ""))
                        row += 1
                if not book.worksheets():
                    book.add_worksheet()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] from None


def _write_grid(sheet: object, first: int, grid: Grid, cell: object, right: object, bold: object) -> int:
    write, set_column = sheet.write_string, sheet.set_column  # type: ignore[attr-defined]
    rows = [list(grid.header), *([cell_text(value) for value in row] for row in grid.rows)]
    for n, row in enumerate(rows):
        for column, text in enumerate(row):
            write(first + n, column, text, bold if n == 0 else cell if column < grid.texts else right)
    for column in range(len(grid.header)):
        set_column(column, column, min(_WIDEST, 3 + max(width(row[column]) for row in rows)))
    return first + len(rows)


def _sheet_name(book: object, text: str) -> str:
    """Return a name that a sheet may have and no other has."""
    plain = "".join("_" if sign in "[]:*?/\\'" else sign for sign in text)[:28] or "1"
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}  # type: ignore[attr-defined]
    numbered = (plain if n == 1 else f"{plain}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbered if name.casefold() not in taken)

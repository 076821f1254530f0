"""A workbook as balancedu writes it: text stays text, numbers keep every digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.fields import Language
from balancedu.errors import MissingExtraError, RequestError
from balancedu.files.layout import sheet_name
from balancedu.saving import check_target, new_file
from balancedu.text import Phrase, width

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LINE = 14
"""Points that a line of text is high."""
HEAD_COLOUR = "#E8EDF2"
"""Behind the headings of tables."""
_A4 = 9
_PLAIN = {"font_name": "宋体", "font_size": 10, "border": 1, "text_wrap": True, "valign": "vcenter"}


class _Exact(float):
    """A float that is written with all its digits, where XlsxWriter's own format ends with the sixteenth."""

    def __format__(self, _spec: str) -> str:
        return float.__repr__(self)


def exactly(number: float) -> float:
    """Return a number that XlsxWriter writes without losing a digit.

    Examples
    --------
    >>> f"{0.1 + 0.2:.16G}", f"{exactly(0.1 + 0.2):.16G}"
    ('0.3', '0.30000000000000004')
    """
    return _Exact(number)


@attrs.frozen
class Look:
    """The formats of cells."""

    plain: Any
    quoted: Any

    def write(self, sheet: Worksheet, row: int, column: int, value: str | float) -> None:
        """Write a number with all its digits, however few of them are shown, or a text that stays one."""
        if not isinstance(value, str):
            sheet.write_number(row, column, exactly(value), self.plain)
        elif not value:
            sheet.write_blank(row, column, None, self.plain)
        else:
            # The apostrophe that Excel shows for it keeps a text a text even after the cell is edited.
            sheet.write_string(row, column, value, self.quoted if value.startswith(_FORMULA_STARTS) else self.plain)


@attrs.frozen
class Book:
    """A workbook that is being written, in one language."""

    workbook: Workbook
    lang: Language
    formats: dict[tuple[Any, ...], Any] = attrs.field(factory=dict)

    def sheet(self, name: str) -> Worksheet:
        """Return a new sheet, by a name that Excel allows."""
        return self.workbook.add_worksheet(sheet_name(name))

    def format(self, **look: Any) -> Any:
        """Return a format, made once; what is not requested is plain."""
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(_PLAIN | look)
        return self.formats[key]

    def write(self, sheet: Worksheet, row: int, column: int, value: str | float, **look: Any) -> None:
        """Write a number with all its digits, however few of them are shown, or a text that stays one."""
        self.look(**look).write(sheet, row, column, value)

    def heading(self, sheet: Worksheet, row: int, column: int, text: str, **look: Any) -> None:
        """Write what is above a column."""
        self.write(sheet, row, column, text, **{"bold": True, "align": "center", "bg_color": HEAD_COLOUR} | look)

    def look(self, **look: Any) -> Look:
        """Return a format for numbers and texts, for cells that are many."""
        return Look(self.format(**look), self.format(**look, quote_prefix=True))

    def table(
        self, sheet: Worksheet, first: int, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str | float]]
    ) -> None:
        """Write a table below a row of headings, with columns so wide and rows as high as their texts."""
        for n, (title, wide) in enumerate(columns):
            sheet.set_column(n, n, wide)
            self.heading(sheet, first, n, title)
        for row, values in enumerate(rows, first + 1):
            lines = [lines_of(str(value), wide) for value, (_, wide) in zip(values, columns, strict=True)]
            sheet.set_row(row, LINE * max(lines) + 4)
            for n, value in enumerate(values):
                self.write(sheet, row, n, value)

    def printed(
        self, sheet: Worksheet, *, landscape: bool, pages_wide: int = 1, pages_high: int = 0, left: str = ""
    ) -> None:
        """Set how a sheet is printed: the number of pages, 0 for any number, and the footer."""
        sheet.set_paper(_A4)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(pages_wide, pages_high)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page = {"zh": "第 &P 页，共 &N 页", "en": "Page &P of &N"}[self.lang]
        sheet.set_footer(f"&L{left.replace('&', '&&')}&R{page}" if left else f"&C{page}")


@contextmanager
def new_book(
    path: str | PathLike[str],
    lang: Language,
    *,
    title: str,
    purpose: Phrase,
    subject: str = "",
    streamed: bool = False,
    replace: bool = False,
) -> Iterator[Book]:
    """Give a workbook to write; it is a file when the block ends.

    Parameters
    ----------
    path : path
        Of the file.
    lang : 'zh' or 'en'
    title, subject : str
        Properties of the file.
    purpose : Phrase
        What is made, for the message where XlsxWriter is missing.
    streamed : bool
        Whether rows are written one after the other and forgotten, so that memory stays small.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RequestError
        If the path does not end in .xlsx.
    OSError
        If the file cannot be written.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("XlsxWriter", "excel", purpose) from error
    check_workbook_target(path, replace=replace)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with new_file(path, replace=replace) as temporary:
        try:
            with xlsxwriter.Workbook(str(temporary), options | {"constant_memory": streamed}) as workbook:
                workbook.set_properties({"title": title, "subject": subject})
                yield Book(workbook, lang)
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] from None


def check_workbook_target(path: str | PathLike[str], *, replace: bool = False) -> None:
    """Refuse a path at which no workbook can be written, before any work is done.

    Raises
    ------
    RequestError
    """
    if not fspath(path).lower().endswith(".xlsx"):
        raise RequestError(
            Phrase(
                f"工作簿应写为 .xlsx，现为“{fspath(path)}”；请把文件名改成以 .xlsx 结尾",
                f"workbooks are written as .xlsx, found {fspath(path)!r}; let the name end in .xlsx",
            )
        )
    check_target(path, replace=replace)


def lines_of(text: str, columns: int) -> int:
    """Return how many lines a text takes in a cell; bold headings are a little wider than plain text."""
    return max(1, -(-width(text) * 11 // (columns * 10)))


def no_workbook(source: Path) -> RequestError:
    """Return the refusal of what is no workbook."""
    zh, en = ("文件夹", "folder") if source.is_dir() else ("文本文件", "text file")
    return RequestError(
        Phrase(
            f"只能标注单个工作簿，“{source}”是{zh}；请给出 .xlsx 等工作簿",
            f"one workbook can be marked, and {str(source)!r} is a {en}; give an .xlsx or another workbook",
        )
    )

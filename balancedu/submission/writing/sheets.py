"""The sheets of the workbook: one for each table, and the hidden lists of the drop-downs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from balancedu.core.model import Measure
from balancedu.submission.layout import FIRST, IDS, LISTS, TITLES, heading
from balancedu.submission.submission import Submission
from balancedu.submission.writing.book import LINE, Book
from balancedu.submission.writing.entry import Lists, choices, number_format, validation
from balancedu.submission.writing.note import note_of, write_note
from balancedu.submission.writing.rows import table_rows
from balancedu.wide import width, wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

LAST_ROW = 1_048_575
"""The last row that a sheet can have, counted from 0."""
HEADING: Mapping[str, Any] = {"bold": True, "align": "center", "bg_color": "#E8EDF2"}
_ID: Mapping[str, Any] = {"font_size": 8, "font_color": "#7F7F7F", "align": "center", "bg_color": "#E8EDF2"}
_ENTRY: Mapping[str, Any] = {"border": 0, "text_wrap": False}
_NARROW, _WIDE = 15, 28
_UPRIGHT, _PAGE = 100, 190
"""Characters that fit on the width of a page and can still be read: upright, and across."""


def write_table(book: Book, submission: Submission, table: str, title: str, lists: Lists) -> None:
    """Write the sheet of a table: headings with their notes, columns that know what they hold, and its rows."""
    sheet = book.sheet(title)
    measures = tuple(submission.standard.table_measures(table).values())
    widths = [_width(measure, book) for measure in measures]
    looks = [book.look(num_format=number_format(measure), **_ENTRY) for measure in measures]
    for n, (measure, columns, look) in enumerate(zip(measures, widths, looks, strict=True)):
        sheet.set_column(n, n, columns, look.plain)
        check = validation(measure, lists, book.lang)
        if check:
            sheet.data_validation(FIRST, n, LAST_ROW, n, check)
    for n, measure in enumerate(measures):
        # Of a row that is left behind nothing can be written any more, and a note neither.
        write_note(sheet, TITLES, n, note_of(measure, submission.standard, book.lang))
    write_head(book, sheet, [(heading(one, book.lang), one.column) for one in measures], widths)
    kept = sum(1 for _ in itertools.takewhile(lambda one: one.type == "text", measures))
    set_page(book, sheet, kept, sum(widths))
    for row, cells in enumerate(table_rows(submission, table, book.lang), FIRST):
        for column, (cell, look) in enumerate(zip(cells, looks, strict=True)):
            if isinstance(cell, float):
                look.number(sheet, row, column, cell)
            elif cell is not None:
                look.text(sheet, row, column, cell)


def _width(measure: Measure, book: Book) -> int:
    """Return the width of a column: its entries fit, and no word of its title is cut."""
    longest = max((width(one) for one in choices(measure, book.lang)), default=0) + 4
    words = max(width(word) for word in heading(measure, book.lang).split()) if book.lang == "en" else 0
    return max(_NARROW, longest, words + 2, _WIDE if measure.column == "name" else 0)


def write_head(book: Book, sheet: Worksheet, titles: Sequence[tuple[str, str]], widths: Sequence[int]) -> None:
    """Write the two rows above the data."""
    # Bold letters are wider than those that the width of a column counts, small ones narrower.
    tall = max(len(wrap(title, columns * 10 // 11)) for (title, _), columns in zip(titles, widths, strict=True))
    deep = max(-(-len(name) // (columns + 1)) for (_, name), columns in zip(titles, widths, strict=True))
    sheet.set_row(TITLES, LINE * tall + 4)
    sheet.set_row(IDS, LINE * deep)
    for row, look in ((TITLES, HEADING), (IDS, _ID)):
        for column, names in enumerate(titles):
            book.text(sheet, row, column, names[row], **look)


def set_page(book: Book, sheet: Worksheet, kept: int, columns: int) -> None:
    """Keep the headings in sight, on the screen and on every page."""
    sheet.freeze_panes(FIRST, kept)
    sheet.repeat_rows(TITLES, IDS)
    pages = -(-columns // _PAGE)
    if pages > 1 and kept:
        sheet.repeat_columns(0, kept - 1)
    book.printed(sheet, landscape=columns > _UPRIGHT, pages_wide=pages)


def write_lists(book: Book, lists: Lists) -> None:
    """Write the hidden sheet of what the drop-downs offer, a list in each column."""
    sheet = book.sheet(LISTS.said(book.lang))
    sheet.hide()
    for row, texts in enumerate(itertools.zip_longest(*lists, fillvalue="")):
        for column, text in enumerate(texts):
            if text:
                book.text(sheet, row, column, text)

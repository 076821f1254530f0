"""The first sheet of the workbook: which standard it is for, what its sheets are, and how to fill it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.standard import Standard
from balancedu.submission.layout import COVER, DAY, EDITION, NAMED, OVERLAY
from balancedu.submission.writing import words
from balancedu.submission.writing.book import LINE, Book
from balancedu.submission.writing.rows import facts_by_item
from balancedu.submission.writing.sheets import HEADING
from balancedu.wide import wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = (18, 60, 10)
_LOOSE: Mapping[str, Any] = {"border": 0}


def write_cover(book: Book, standard: Standard, titles: Mapping[str, str]) -> None:
    """Write the first sheet; `titles` are the names of the others."""
    sheet = book.sheet(COVER.said(book.lang))
    for n, columns in enumerate(_WIDTHS):
        sheet.set_column(n, n, columns)
    sheet.hide_gridlines(2)
    writer = _Cover(book, sheet, standard)
    row = writer.head()
    row = writer.contents(row + 1, titles)
    writer.steps(row + 1)
    book.printed(sheet, landscape=False)


@attrs.frozen
class _Cover:
    book: Book
    sheet: Worksheet
    standard: Standard

    def head(self) -> int:
        """Write the title and the standard; return the next row."""
        lang = self.book.lang
        self._across(0, self.standard.title.said(lang), font_size=16, bold=True, align="center")
        self._across(1, words.FORM.said(lang), font_size=13, align="center")
        row = 3
        for title, text in self._about():
            self.book.text(self.sheet, row, 0, title, bold=True, **_LOOSE)
            self.book.text(self.sheet, row, 1, text, **_LOOSE)
            row += 1
        return row

    def _about(self) -> Iterator[tuple[str, str]]:
        lang, head = self.book.lang, self.standard.head
        yield words.STANDARD.said(lang), head.title.said(lang)
        yield EDITION.said(lang), head.id
        yield words.DOCUMENT.said(lang), head.document
        yield words.ISSUED.said(lang), head.issued
        for overlay in self.standard.applied:
            issued = words.COMMA.said(lang) + overlay.issued if overlay.issued else ""
            text = NAMED.said(lang).format(overlay.title.said(lang), overlay.id, overlay.document + issued)
            yield OVERLAY.said(lang), text
        if self.standard.day:
            yield DAY.said(lang), self.standard.day

    def contents(self, row: int, titles: Mapping[str, str]) -> int:
        """Write what the sheets are; return the next row."""
        lang = self.book.lang
        for column, title in enumerate((words.SHEET, words.ROW_IS, words.ASKED)):
            self.book.text(self.sheet, row, column, title.said(lang), **HEADING)
        for table, name in titles.items():
            row += 1
            is_facts = table == "facts"
            what = words.FACT if is_facts else self.standard.tables[table].row
            address = name.replace("'", "''")
            self.sheet.write_url(row, 0, f"internal:'{address}'!A1", self.book.format(font_color="#1F5C99"), name)
            self.book.text(self.sheet, row, 1, what.said(lang))
            size = sum(len(some) for some in facts_by_item(self.standard).values())
            size = size if is_facts else len(self.standard.table_measures(table))
            self.book.number(self.sheet, row, 2, size, align="center")
        return row + 1

    def steps(self, row: int) -> None:
        """Write how to fill it in."""
        self._across(row, words.HOW.said(self.book.lang), bold=True, font_size=13)
        for number, step in enumerate(words.STEPS, 1):
            self._across(row + number, f"{number}. {step.said(self.book.lang)}", valign="top")

    def _across(self, row: int, text: str, **look: Any) -> None:
        """Write a text over the whole width."""
        lines = len(wrap(text, sum(_WIDTHS) * 10 // look.get("font_size", 10)))
        self.sheet.set_row(row, LINE * lines * look.get("font_size", 10) / 10 + 4)
        self.sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", self.book.format(**_LOOSE, **look))
        self.book.text(self.sheet, row, 0, text, **_LOOSE, **look)

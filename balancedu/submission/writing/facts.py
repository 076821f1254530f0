"""The sheet of facts: a row for each, with its evidence, grouped by the items that need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.submission.layout import FACT_COLUMNS, FIRST
from balancedu.submission.submission import Submission
from balancedu.submission.writing.book import LINE, Book, exactly
from balancedu.submission.writing.entry import Lists, number_format, validation
from balancedu.submission.writing.note import entry_title, note_of, write_note
from balancedu.submission.writing.rows import FactRow, fact_rows
from balancedu.submission.writing.sheets import set_page, write_head
from balancedu.wide import wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = {"county": 11, "item": 22, "title": 44, "fact": 30, "value": 14, "unit": 11, "evidence": 44}
_COLUMNS = {name: n for n, name in enumerate(FACT_COLUMNS)}
_ASKED: Mapping[str, Any] = {"bg_color": "#FFF9E5"}
_AREAS = 500
"""Areas of one check; Excel does not take a list of any length."""


def write_facts(book: Book, submission: Submission, title: str, lists: Lists) -> None:
    """Write the sheet of facts."""
    sheet = book.sheet(title)
    for name, n in _COLUMNS.items():
        sheet.set_column(n, n, _WIDTHS[name])
    write_head(book, sheet, [(one.said(book.lang), name) for name, one in FACT_COLUMNS.items()], list(_WIDTHS.values()))
    set_page(book, sheet, _COLUMNS["value"], sum(_WIDTHS.values()))
    checked: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    noted: set[str] = set()
    item = None
    for row, fact in enumerate(fact_rows(submission, book.lang), FIRST):
        _Line(book, submission, sheet, row, fact, starts=fact.item != item).write()
        item = fact.item
        check = validation(fact.measure, lists, book.lang) or {}
        checked.setdefault(tuple(sorted(check.items())), []).append(row)
        if fact.measure.id not in noted:
            noted.add(fact.measure.id)
            write_note(sheet, row, _COLUMNS["title"], note_of(fact.measure, submission.standard, book.lang))
    for options, rows in checked.items():
        areas = list(_areas(rows))
        for n in range(0, len(areas), _AREAS):
            column, some = _COLUMNS["value"], {"multi_range": " ".join(areas[n : n + _AREAS])}
            sheet.data_validation(rows[0], column, rows[0], column, dict(options) | some)


def _areas(rows: Sequence[int]) -> Iterator[str]:
    """Yield the runs of neighbouring rows, as areas of the column of values."""
    letter = chr(ord("A") + _COLUMNS["value"])
    start = rows[0]
    for row, following in zip(rows, [*rows[1:], -1], strict=True):
        if following != row + 1:
            yield f"{letter}{start + 1}:{letter}{row + 1}"
            start = following


@attrs.frozen
class _Line:
    """One row of the sheet."""

    book: Book
    submission: Submission
    sheet: Worksheet
    row: int
    fact: FactRow
    starts: bool
    """Whether the facts of an item begin with it."""

    def write(self) -> None:
        """Write what is known of the fact, and the cells that are to be filled in."""
        standard, lang, fact = self.submission.standard, self.book.lang, self.fact
        texts = {
            "county": fact.county,
            "item": entry_title(fact.item, standard, lang) if fact.item else "",
            "title": fact.measure.title.said(lang),
            "fact": fact.measure.column,
            "unit": fact.measure.unit.said(lang) if fact.measure.unit else "",
            "evidence": fact.evidence,
        }
        lines = max(len(wrap(line, _WIDTHS[name])) for name, text in texts.items() for line in text.split("\n"))
        self.sheet.set_row(self.row, LINE * lines + 2)
        for name, text in texts.items():
            look = {"num_format": "@", **(_ASKED if name == "evidence" else {})}
            self._text(name, text, look)
        look = {"num_format": number_format(fact.measure), **_ASKED}
        if isinstance(fact.value, float):
            self.sheet.write_number(self.row, _COLUMNS["value"], exactly(fact.value), self._format(look))
        else:
            self._text("value", fact.value or "", look)

    def _text(self, name: str, text: str, look: Mapping[str, Any]) -> None:
        if text:
            self.book.text(self.sheet, self.row, _COLUMNS[name], text, **look, **self._edge())
        else:
            self.sheet.write_blank(self.row, _COLUMNS[name], None, self._format(look))

    def _format(self, look: Mapping[str, Any]) -> Any:
        return self.book.format(**look, **self._edge())

    def _edge(self) -> Mapping[str, Any]:
        return {"top": 2} if self.starts else {}

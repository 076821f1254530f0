"""The sheet of facts: a row for each, with its evidence, grouped by the items that need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.submission.layout import FACT_COLUMNS, FIRST
from balancedu.submission.submission import Submission
from balancedu.submission.writing.book import LINE, Book, Look
from balancedu.submission.writing.entry import Lists, number_format, validation
from balancedu.submission.writing.note import entry_title, note_of, write_note
from balancedu.submission.writing.rows import FactRow, fact_rows, facts_by_item
from balancedu.submission.writing.sheets import set_page, write_head
from balancedu.wide import wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = {"county": 11, "item": 26, "title": 52, "fact": 34, "value": 13, "unit": 11, "evidence": 40}
_COLUMNS = {name: n for n, name in enumerate(FACT_COLUMNS)}
_LETTER = chr(ord("A") + _COLUMNS["value"])
_ENTRY = {"bg_color": "#FFF9E5"}
_AREAS = 500
"""Areas of one check; Excel does not take a list of any length."""


def write_facts(book: Book, submission: Submission, title: str, lists: Lists) -> None:
    """Write the sheet of facts."""
    sheet = book.sheet(title)
    for name, n in _COLUMNS.items():
        sheet.set_column(n, n, _WIDTHS[name])
    write_head(book, sheet, [(one.said(book.lang), name) for name, one in FACT_COLUMNS.items()], list(_WIDTHS.values()))
    set_page(book, sheet, _COLUMNS["value"], sum(_WIDTHS.values()))
    asked = dict(_asked(book, submission.standard))
    rows: dict[str, list[int]] = {}
    for row, fact in enumerate(fact_rows(submission, book.lang), FIRST):
        asked[fact.measure.id].write(sheet, row, fact)
        if fact.measure.id not in rows:
            write_note(sheet, row, _COLUMNS["title"], note_of(fact.measure, submission.standard, book.lang))
        rows.setdefault(fact.measure.id, []).append(row)
    _check(book, sheet, [(submission.standard.measures[name], some) for name, some in rows.items()], lists)


def _check(book: Book, sheet: Worksheet, asked: Sequence[tuple[Measure, list[int]]], lists: Lists) -> None:
    """Have Excel check the values, each fact in the rows of all counties."""
    column = _COLUMNS["value"]
    for measure, rows in asked:
        check = validation(measure, lists, book.lang)
        for n in range(0, len(rows), _AREAS) if check else ():
            areas = " ".join(f"{_LETTER}{row + 1}" for row in rows[n : n + _AREAS])
            sheet.data_validation(rows[n], column, rows[n], column, {**(check or {}), "multi_range": areas})


@attrs.frozen
class _Asked:
    """A fact as it is asked for in the row of every county."""

    texts: Mapping[str, str]
    looks: Mapping[str, Look]
    lines: int

    def write(self, sheet: Worksheet, row: int, fact: FactRow) -> None:
        """Write a row: what is asked, what was reported, and the cells that are to be filled in."""
        sheet.set_row(row, LINE * max(self.lines, _lines(fact.evidence, "evidence"), _lines(fact.county, "county")) + 2)
        for name, text in {**self.texts, "county": fact.county, "evidence": fact.evidence}.items():
            self._text(sheet, row, name, text)
        if isinstance(fact.value, float):
            self.looks["value"].number(sheet, row, _COLUMNS["value"], fact.value)
        else:
            self._text(sheet, row, "value", fact.value or "")

    def _text(self, sheet: Worksheet, row: int, name: str, text: str) -> None:
        if text:
            self.looks[name].text(sheet, row, _COLUMNS[name], text)
        else:
            sheet.write_blank(row, _COLUMNS[name], None, self.looks[name].plain)


def _asked(book: Book, standard: Standard) -> Iterator[tuple[str, _Asked]]:
    """Yield every fact; a line is drawn above the first of each item."""
    for item, measures in facts_by_item(standard).items():
        for measure in measures:
            texts = {
                "item": entry_title(item, standard, book.lang) if item else "",
                "title": measure.title.said(book.lang),
                "fact": measure.column,
                "unit": measure.unit.said(book.lang) if measure.unit else "",
            }
            edge = {"top": 2} if measure is measures[0] else {}
            looks = {name: book.look(num_format="@", **edge) for name in FACT_COLUMNS}
            looks["value"] = book.look(num_format=number_format(measure), **_ENTRY, **edge)
            looks["evidence"] = book.look(num_format="@", **_ENTRY, **edge)
            yield measure.id, _Asked(texts, looks, max(_lines(text, name) for name, text in texts.items()))


def _lines(text: str, column: str) -> int:
    return sum(len(wrap(line, _WIDTHS[column])) for line in text.split("\n"))

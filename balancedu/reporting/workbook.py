"""The official tables as an Excel workbook: numbers stay numbers, text stays text, and it prints on A4."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.model import Language
from balancedu.core.reckoning import Precision
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.wording import county_named
from balancedu.reporting.cells import Cell, FilledBlock, FilledSheet
from balancedu.reporting.forms import filled_forms
from balancedu.submission.writing.book import LINE, Book, lines_of, new_book

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


def write_forms(evaluation: Evaluation, path: str | PathLike[str], *, lang: Language = "zh") -> None:
    """Write the official tables of one county as an Excel workbook.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    path : path
        Of the workbook to write; an existing one is replaced.
    lang : 'zh' or 'en'

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    ValueError
        If several counties were evaluated, the standard declares no forms, or the path does not end in .xlsx.
    OSError
        If the file cannot be written.

    Notes
    -----
    Cells hold the numbers unrounded and show the form's decimals. What is not known is written as such. Text
    that looks like a formula is text.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "declaration.xlsx")
    ...     be.write_forms(be.evaluate(be.example("failing")), path)
    ...     path.stat().st_size > 10_000
    True
    """
    sheets = filled_forms(evaluation, lang)
    with new_book(path, evaluation.standard, lang, purpose="write_forms") as book:
        writer = _Writer(book, evaluation)
        for sheet in sheets:
            writer.write(sheet)


@attrs.frozen
class _Writer:
    book: Book
    evaluation: Evaluation

    def write(self, filled: FilledSheet) -> None:
        """Write one sheet: title, county, and its tables one below the other."""
        sheet, lang = self.book.sheet(filled.sheet.id), self.book.lang
        columns = filled.blocks[0].block.columns
        for n, column in enumerate(columns):
            sheet.set_column(n, n, column.width)
        last = len(columns) - 1
        title = f"{filled.sheet.id}  {filled.sheet.title.said(lang)}"
        sheet.merge_range(0, 0, 0, last, title, self.book.format(bold=True, font_size=14, align="center", border=0))
        colon = "：" if lang == "zh" else ": "
        name = county_named(self.evaluation.counties[0], lang, on_paper=True)
        county = {"zh": "县（市、区）", "en": "county"}[lang] + colon + name
        county = "　".join((county, *self.evaluation.standard.notes(lang)))
        self.book.text(sheet, 1, 0, county, border=0, text_wrap=False)
        row = 2
        for block in filled.blocks:
            row = self._block(sheet, block, row) + 1
        self._printed(sheet, filled, row)

    def _block(self, sheet: Worksheet, filled: FilledBlock, row: int) -> int:
        lang, columns = self.book.lang, filled.block.columns
        if filled.block.title:
            self.book.text(sheet, row, 0, filled.block.title.said(lang), border=0, bold=True, text_wrap=False)
            row += 1
        for n, column in enumerate(columns):
            self.book.text(sheet, row, n, column.title.said(lang), bold=True, align="center", bg_color="#E8EDF2")
        sheet.set_row(row, LINE * max(lines_of(one.title.said(lang), one.width) for one in columns))
        row += 1
        merged = [n for n, column in enumerate(columns) if column.value in _SAME_ITEM]
        for start, end in _runs(filled):
            for k, lines in enumerate(_heights(filled, start, end, merged)):
                sheet.set_row(row + start + k, LINE * lines)
            for n in range(len(columns)):
                cells = [line[n] for line in filled.rows[start:end]]
                if n in merged and end - start > 1:
                    sheet.merge_range(row + start, n, row + end - 1, n, "", self.book.format(valign="top"))
                    cells = cells[:1]
                for k, cell in enumerate(cells):
                    self._cell(sheet, row + start + k, n, cell)
        return row + len(filled.rows)

    def _cell(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell.value, str):
            look = _VERDICT_LOOKS.get(cell.verdict, {}) if cell.verdict is not None else {}
            self.book.text(sheet, row, column, cell.value, valign="top", **look)
        else:
            number = _number_format(cell.form, self.evaluation.standard.head.precision)
            self.book.number(sheet, row, column, cell.value, num_format=number, align="right", valign="top")

    def _printed(self, sheet: Worksheet, filled: FilledSheet, rows: int) -> None:
        self.book.printed(sheet, landscape=filled.sheet.paper == "landscape")
        sheet.repeat_rows(0, 2)
        sheet.freeze_panes(3, 0)
        sheet.print_area(0, 0, rows - 1, len(filled.blocks[0].block.columns) - 1)


_SAME_ITEM = ("id", "name", "wording", "verdict")
_VERDICT_LOOKS: dict[Verdict, dict[str, Any]] = {
    Verdict.NOT_MET: {"bold": True, "bg_color": "#F8D7C9"},
    Verdict.UNKNOWN: {"italic": True, "bg_color": "#FFF2CC"},
}


def _runs(filled: FilledBlock) -> list[tuple[int, int]]:
    """Return the rows that belong together: the figures of one item, and otherwise each row alone."""
    if filled.block.rows != "items":
        return [(n, n + 1) for n in range(len(filled.rows))]
    runs, start = [], 0
    for one in filled.block.items:
        end = start + max(1, len(one.figures))
        runs.append((start, end))
        start = end
    return runs


def _heights(filled: FilledBlock, start: int, end: int, merged: list[int]) -> list[int]:
    """Return the lines of each row of a run; a merged cell that needs more gets them in the last row."""
    columns, merges = filled.block.columns, merged if end - start > 1 else []

    def needed(cell: Cell, n: int) -> int:
        return lines_of(cell.value, columns[n].width) if isinstance(cell.value, str) else 1

    heights = [max(needed(cell, n) for n, cell in enumerate(row) if n not in merges) for row in filled.rows[start:end]]
    tallest = max((needed(filled.rows[start][n], n) for n in merges), default=0)
    heights[-1] += max(0, tallest - sum(heights))
    return heights


def _number_format(form: str, precision: Precision) -> str:
    if form == "limit":
        return "0.00##"
    places = {"value": precision.values, "mean": precision.means, "coefficient": precision.coefficients}
    decimals = places.get(form, precision.percent if form == "percent" else precision.other)
    return "0" + ("." + "0" * decimals if decimals else "") + ("%" if form == "percent" else "")

"""The official tables as an Excel workbook: numbers stay numbers, text stays text, and it prints on A4."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.model import Language
from balancedu.core.reckoning import Precision
from balancedu.errors import MissingExtraError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.cells import Cell, FilledBlock, FilledSheet
from balancedu.reporting.forms import filled_forms
from balancedu.reporting.wide import width

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_LONGEST_NAME = 31
_LINE = 14
"""Points that a line of text is high."""


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
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("XlsxWriter", "excel", "write_forms") from error
    if not fspath(path).lower().endswith(".xlsx"):
        raise ValueError(f"forms are written as .xlsx, found {fspath(path)!r}")
    sheets = filled_forms(evaluation, lang)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(fspath(path), options) as book:
        book.set_properties({"title": evaluation.standard.title.said(lang), "subject": evaluation.standard.documents})
        writer = _Writer(book, evaluation, lang)
        for sheet in sheets:
            writer.write(sheet)


@attrs.frozen
class _Writer:
    book: Workbook
    evaluation: Evaluation
    lang: Language
    formats: dict[tuple[Any, ...], Any] = attrs.field(factory=dict)

    def write(self, filled: FilledSheet) -> None:
        """Write one sheet: title, county, and its tables one below the other."""
        sheet = self.book.add_worksheet(filled.sheet.id.translate(_FORBIDDEN)[:_LONGEST_NAME])
        columns = filled.blocks[0].block.columns
        for n, column in enumerate(columns):
            sheet.set_column(n, n, column.width)
        last = len(columns) - 1
        title = f"{filled.sheet.id}  {filled.sheet.title.said(self.lang)}"
        sheet.merge_range(0, 0, 0, last, title, self._format(bold=True, font_size=14, align="center", border=0))
        colon = "：" if self.lang == "zh" else ": "
        county = {"zh": "县（市、区）", "en": "county"}[self.lang] + colon + self.evaluation.counties[0]
        county = "　".join((county, *self.evaluation.standard.notes(self.lang)))
        self._text(sheet, 1, 0, county, border=0, text_wrap=False)
        row = 2
        for block in filled.blocks:
            row = self._block(sheet, block, row) + 1
        self._printed(sheet, filled, row)

    def _block(self, sheet: Worksheet, filled: FilledBlock, row: int) -> int:
        if filled.block.title:
            self._text(sheet, row, 0, filled.block.title.said(self.lang), border=0, bold=True, text_wrap=False)
            row += 1
        for n, column in enumerate(filled.block.columns):
            self._text(sheet, row, n, column.title.said(self.lang), bold=True, align="center", bg_color="#E8EDF2")
        sheet.set_row(row, _LINE * max(_lines(one.title.said(self.lang), one.width) for one in filled.block.columns))
        row += 1
        merged = [n for n, column in enumerate(filled.block.columns) if column.value in _SAME_ITEM]
        for start, end in _runs(filled):
            for k, lines in enumerate(_heights(filled, start, end, merged)):
                sheet.set_row(row + start + k, _LINE * lines)
            for n in range(len(filled.block.columns)):
                cells = [line[n] for line in filled.rows[start:end]]
                if n in merged and end - start > 1:
                    sheet.merge_range(row + start, n, row + end - 1, n, "", self._format(valign="top"))
                    cells = cells[:1]
                for k, cell in enumerate(cells):
                    self._cell(sheet, row + start + k, n, cell)
        return row + len(filled.rows)

    def _cell(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell.value, str):
            look = _VERDICT_LOOKS.get(cell.verdict, {}) if cell.verdict is not None else {}
            self._text(sheet, row, column, cell.value, valign="top", **look)
        else:
            number = _number_format(cell.form, self.evaluation.standard.head.precision)
            sheet.write_number(row, column, cell.value, self._format(num_format=number, align="right", valign="top"))

    def _text(self, sheet: Worksheet, row: int, column: int, text: str, **look: Any) -> None:
        # The apostrophe that Excel shows for it keeps a text a text even after somebody edits the cell.
        quoted = {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}
        sheet.write_string(row, column, text, self._format(**look, **quoted))

    def _format(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            plain = {"font_name": "宋体", "font_size": 10, "border": 1, "text_wrap": True, "valign": "vcenter"}
            self.formats[key] = self.book.add_format(plain | look)
        return self.formats[key]

    def _printed(self, sheet: Worksheet, filled: FilledSheet, rows: int) -> None:
        sheet.set_paper(9)
        if filled.sheet.paper == "landscape":
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.repeat_rows(0, 2)
        sheet.freeze_panes(3, 0)
        sheet.print_area(0, 0, rows - 1, len(filled.blocks[0].block.columns) - 1)
        sheet.set_footer({"zh": "&C第 &P 页，共 &N 页", "en": "&CPage &P of &N"}[self.lang])


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


def _lines(text: str, columns: int) -> int:
    """Return how many lines a text takes in a cell; bold headings are a little wider than plain text."""
    return max(1, -(-width(text) * 11 // (columns * 10)))


def _heights(filled: FilledBlock, start: int, end: int, merged: list[int]) -> list[int]:
    """Return the lines of each row of a run; a merged cell that needs more gets them in the last row."""
    columns, merges = filled.block.columns, merged if end - start > 1 else []

    def needed(cell: Cell, n: int) -> int:
        return _lines(cell.value, columns[n].width) if isinstance(cell.value, str) else 1

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

"""Sheets of an .ods workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import attrs

from balancedu.files.sheet import Cell, Merged, Row, Sheet
from balancedu.files.xlsx import (
    A_ROW,
    A_SHEET,
    A_TEXT,
    CELLS,
    CHARACTERS,
    COLUMNS,
    ENTRIES,
    MOST_CELLS,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_PART_BYTES,
    MOST_ROWS,
    MOST_SHEET_BYTES,
    MOST_SHEETS,
    THE_SHEETS,
    Archive,
    Attributes,
    broken,
    encrypted,
    hidden,
    parsed,
    too_large,
)
from balancedu.submission.problems import UNKNOWN_ERROR, CellError
from balancedu.text import Phrase

_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|(?:Err|错误):\d+")
_ZEROS = re.compile(r"0\d+")
_TIME = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:[.,](\d{1,9}))?S)?")
_DAY = timedelta(days=1)


@attrs.define
class OdsCell:
    """A cell whose elements are being read: only its own paragraphs are its text, not notes or pictures."""

    given: Attributes
    path: list[str] = attrs.field(factory=list)
    words: list[str] = attrs.field(factory=list)
    size: int = 0

    def start(self, name: str, given: Attributes) -> None:
        """Note an element inside the cell."""
        self.path.append(name)
        if self.path == ["p"] and self.words:
            self.text("\n")
        elif name == "s":
            count = given.get("c", "1")
            self.text(" " * (int(count[:5]) if count.isdecimal() and count.isascii() else 1))
        elif name in {"tab", "line-break"}:
            self.text("\t" if name == "tab" else "\n")

    def end(self) -> bool:
        """Note the end of an element; return whether it is the cell's own."""
        if not self.path:
            return True
        self.path.pop()
        return False

    def text(self, text: str) -> None:
        """Add to the text of the cell."""
        if self.path and self.path[0] == "p" and not {"ruby-text", "annotation", "note"} & set(self.path):
            self.words.append(text)
            self.size += len(text)
            if self.size > MOST_CHARACTERS:
                raise too_large(A_TEXT, MOST_CHARACTERS, CHARACTERS)

    def value(self) -> Cell:
        """Return what the cell holds."""
        text = "".join(self.words)
        kind = self.given.get("value-type", "")
        formula = self.given.get("formula", "").partition("=")[2]
        if self.given.get("calcext:value-type") == "error" or (formula and _ERROR.fullmatch(text)):
            return CellError(text) if text else UNKNOWN_ERROR
        if not kind:
            return CellError.without_value(formula) if formula else text or None
        try:
            return self._typed(kind, text)
        except (KeyError, ValueError, OverflowError):
            name = kind[:20]
            problem = f"单元格的内容与类型“{name}”不符", f"a cell of type {name!r} holds none"
            raise broken(*problem) from None

    def _typed(self, kind: str, text: str) -> Cell:
        if kind in {"float", "percentage", "currency"}:
            number = float(self.given["value"])
            # Leading zeros are what the person sees, and what an id is.
            return text if _ZEROS.fullmatch(text) and float(text) == number else number
        if kind == "boolean":
            return self.given["boolean-value"] == "true"
        if kind == "date":
            moment = datetime.fromisoformat(self.given["date-value"])
            return moment if "T" in self.given["date-value"] else moment.date()
        if kind == "time":
            hours, minutes, seconds, part = _duration(self.given["time-value"])
            span = timedelta(hours=hours, minutes=minutes, seconds=seconds + part)
            return (datetime.min + span).time() if span < _DAY else span
        return text or self.given.get("string-value") or None


def _duration(written: str) -> tuple[int, int, int, float]:
    found = _TIME.fullmatch(written)
    if found is None:
        raise ValueError(written)
    hours, minutes, seconds, part = found.groups(default="0")
    return int(hours), int(minutes), int(seconds), float(f"0.{part}")


_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_CELLS = {"table-cell", "covered-table-cell"}
_CHUNK = 1 << 16


def ods_sheets(archive: Archive, file: str) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, in its order. Macros and links to other files are passed over."""
    if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST, MOST_PART_BYTES):
        raise encrypted()
    pages = _Pages()
    for _ in parsed(_chunks(archive), pages.start, pages.end, pages.text):
        pages.rows.clear()
    if len(pages.found) > MOST_SHEETS:
        raise too_large(THE_SHEETS, MOST_SHEETS, ENTRIES)
    return tuple(
        Sheet(
            file,
            page.name,
            partial(_rows, archive, number),
            partial(tuple, page.merged),
            hidden(page.hidden_rows, page.hidden_columns),
            page.style in pages.invisible,
        )
        for number, page in enumerate(pages.found)
    )


def _rows(archive: Archive, number: int) -> Iterator[Row]:
    pages = _Pages(wanted=number)
    for _ in parsed(_chunks(archive), pages.start, pages.end, pages.text):
        yield from pages.rows
        pages.rows.clear()
        if len(pages.found) > number + 1:
            return


def _chunks(archive: Archive) -> Iterator[bytes]:
    for chunk in archive.chunks(_CONTENT, MOST_SHEET_BYTES):
        yield from (chunk[start : start + _CHUNK] for start in range(0, len(chunk), _CHUNK))


@attrs.define
class _Page:
    name: str
    style: str
    merged: list[Merged] = attrs.field(factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0


@attrs.define
class _Pages:
    """Follows the elements of the text; holds the rows of the sheet that is wanted until they are taken."""

    wanted: int = -1
    found: list[_Page] = attrs.field(factory=list)
    invisible: set[str] = attrs.field(factory=set)
    rows: list[Row] = attrs.field(factory=list)
    path: list[str] = attrs.field(factory=list)
    style: str = ""
    row: int = 0
    repeated: int = 1
    column: int = 0
    size: int = 0
    cells: list[Cell] = attrs.field(factory=list)
    cell: OdsCell | None = None

    def start(self, name: str, given: Attributes) -> None:
        self.path.append(name)
        if self.cell is not None:
            self.cell.start(name, given)
        elif name in _CELLS and self.found:
            self.cell = OdsCell(given)
            self._span(given)
        elif name == "table-row" and self.found:
            self.repeated = _count(given, "number-rows-repeated", MOST_ROWS)
            self.cells, self.column = [], 0
            self.found[-1].hidden_rows += self.repeated if _is_hidden(given) else 0
        elif name == "table-column" and self.found:
            self.found[-1].hidden_columns += _is_hidden(given)
        elif name == "table" and self.path[-2:-1] == ["spreadsheet"]:
            self.found.append(_Page(given.get("name", ""), given.get("style-name", "")))
            self.row = self.size = 0
        elif name == "style":
            self.style = given.get("name", "")
        elif name == "table-properties" and given.get("display") == "false":
            self.invisible.add(self.style)

    def end(self, name: str) -> None:
        self.path.pop()
        if self.cell is not None:
            if self.cell.end():
                self._keep(self.cell)
                self.cell = None
        elif name == "table-row" and self.found:
            if self.cells and self.wanted == len(self.found) - 1:
                self._repeat()
            self.row += self.repeated

    def text(self, text: str) -> None:
        if self.cell is not None:
            self.cell.text(text)

    def _keep(self, cell: OdsCell) -> None:
        """Add a cell to the row; empty ones only when another follows."""
        count = _count(cell.given, "number-columns-repeated", MOST_COLUMNS)
        value = cell.value()
        if value is not None:
            self.cells += [None] * (self.column - len(self.cells))
            self.cells += [value] * count
        self.column += count
        if len(self.cells) > MOST_COLUMNS:
            raise too_large(A_ROW, MOST_COLUMNS, COLUMNS)

    def _repeat(self) -> None:
        self.size += len(self.cells) * self.repeated
        if self.size > MOST_CELLS or self.row + self.repeated > MOST_ROWS:
            raise too_large(A_SHEET, MOST_CELLS, CELLS + Phrase(f"，或{MOST_ROWS:,}行", f", or {MOST_ROWS:,} rows"))
        self.rows += ((self.row + n, list(self.cells)) for n in range(1, self.repeated + 1))

    def _span(self, given: Attributes) -> None:
        rows = _count(given, "number-rows-spanned", MOST_ROWS)
        columns = _count(given, "number-columns-spanned", MOST_COLUMNS)
        if rows > 1 or columns > 1:
            top, left = self.row + 1, self.column
            self.found[-1].merged.append(Merged(top, left, top + rows - 1, left + columns - 1))


def _is_hidden(given: Attributes) -> bool:
    return given.get("visibility", "visible") != "visible"


def _count(given: Attributes, name: str, most: int) -> int:
    """Return how often a cell or row stands there; more than a sheet has is as much as it has."""
    written = given.get(name, "1")
    return min(int(written[:9]), most) if written.isdecimal() and written.isascii() else 1

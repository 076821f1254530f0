"""One cell of an .xlsx workbook: what its XML stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import attrs

from balancedu.submission.bad_cells import UNKNOWN_ERROR, CellError
from balancedu.submission.reading.sheet import Cell
from balancedu.submission.reading.workbooks.limits import broken
from balancedu.submission.reading.workbooks.markup import elements
from balancedu.submission.reading.workbooks.serial import PLAIN, Shown, shown_by
from balancedu.submission.reading.workbooks.texts import text_of

_RUN = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)</t>")
_NUMBER = re.compile(rb"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


@attrs.frozen(eq=False)
class Values:
    """What all cells of one workbook need to be read.

    Attributes
    ----------
    texts : sequence of cells
        Those that cells share.
    styles : mapping of style to Shown
        The styles that show numbers as something else.
    from_1904 : bool
        From which year days are counted.
    calculated : bool
        Whether the program that wrote the workbook has calculated its formulas; others write 0 for each.
    """

    texts: Sequence[Cell] = ()
    styles: Mapping[bytes, Shown] = attrs.field(factory=dict)
    from_1904: bool = False
    calculated: bool = True

    def cell(self, style: bytes, kind: bytes, value: bytes) -> Cell:
        """Return what a cell without a formula holds."""
        if not value and kind != b"e":
            return None
        try:
            if not kind or kind == b"n":
                return self.styles.get(style, PLAIN).cell(number_of(value), self.from_1904)
            return self.texts[int(value)] if kind == b"s" and value.isdigit() else _READERS[kind](value)
        except (KeyError, ValueError, IndexError):
            shown, name = value[:40].decode("utf-8", "replace"), kind[:20].decode("latin-1")
            zh = f"单元格的内容“{shown}”与类型“{name}”不符"
            raise broken(zh, f"a cell of type {name!r} holds {shown!r}") from None

    def formula(self, style: bytes, kind: bytes, value: bytes, formula: bytes) -> Cell:
        """Return the value that a formula had when the workbook was saved, and an error where it had none."""
        missing = not value.strip() and kind != b"str"
        if missing and kind == b"e":
            return UNKNOWN_ERROR
        if missing or (not self.calculated and value.strip() in {b"", b"0"}):
            return CellError.without_value(text_of(formula) if formula else "")
        return self.cell(style, kind, value)

    def inline(self, runs: bytes) -> Cell:
        """Return a text that stands in its cell, in one run or in several."""
        return text_of(b"".join(_RUN.findall(runs.partition(b"<rPh")[0]))) or None


def styles_of(content: bytes) -> dict[bytes, Shown]:
    """Return the styles of a workbook that show numbers as something else, by the number that cells give."""
    found = elements(content)
    formats = [given for path, given in found if path == "numFmts/numFmt"]
    codes = {given.get("numFmtId", ""): given.get("formatCode", "") for given in formats}
    numbers = [given.get("numFmtId", "0") for path, given in found if path == "cellXfs/xf"]
    shown = {number: shown_by(_whole(number), codes.get(number, "")) for number in set(numbers)}
    return {str(style).encode(): shown[number] for style, number in enumerate(numbers) if shown[number]}


def number_of(value: bytes) -> float:
    """Return a number; words that Python takes for numbers are none."""
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return float(value)


def _whole(number: str) -> int:
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _day(value: bytes) -> Cell:
    written = value.decode()
    moment = datetime.fromisoformat(written)
    return moment if "T" in written else moment.date()


def _text(value: bytes) -> Cell:
    return text_of(value) or None


_READERS: Mapping[bytes, Callable[[bytes], Cell]] = {
    b"str": _text,
    b"inlineStr": _text,
    b"b": lambda value: bool(int(value)),
    b"e": lambda value: CellError(text) if (text := text_of(value)) else UNKNOWN_ERROR,
    b"d": _day,
}

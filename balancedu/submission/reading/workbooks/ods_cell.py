"""One cell of an .ods workbook."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import attrs

from balancedu.submission.bad_cells import UNKNOWN_ERROR, CellError
from balancedu.submission.reading.sheet import Cell
from balancedu.submission.reading.workbooks.limits import A_TEXT, CHARACTERS, MOST_CHARACTERS, broken, too_large
from balancedu.submission.reading.workbooks.markup import Attributes

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

"""How far a long file has been read, on a terminal: one line, gone when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import attrs

from balancedu.submission.reading.sheet import Row, Sheet

_AFTER, _EVERY = 1.0, 0.25
"""Seconds of work before anything is shown, and between two looks at it."""
_STEP = 1000
"""Rows after which the clock is looked at."""
_WIDTH = 30


def watched(sheet: Sheet) -> Iterator[Row]:
    """Yield the rows of a sheet; where a person waits at a terminal, say how many there were so far.

    Nothing is written where errors go into a file, and nothing for work of less than a second.
    """
    if not sys.stderr.isatty():
        yield from sheet.rows()
        return
    line = _Line(sheet)
    try:
        for count, row in enumerate(sheet.rows(), 1):
            if count % _STEP == 0:
                line.show(count)
            yield row
    finally:
        line.clear()


@attrs.define
class _Line:
    sheet: Sheet
    last: float = attrs.field(factory=lambda: time.monotonic() + _AFTER - _EVERY)
    length: int = 0

    def show(self, rows: int) -> None:
        """Write the line anew, if the last one is old."""
        now = time.monotonic()
        if now - self.last < _EVERY:
            return
        share = self.sheet.progress.share
        filled = round(share * _WIDTH)
        name = f"{self.sheet.file} {self.sheet.name}".strip()
        text = f"{name} [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%} {rows:,} rows"
        sys.stderr.write("\r" + text + " " * (self.length - len(text)))
        sys.stderr.flush()
        self.last, self.length = now, len(text)

    def clear(self) -> None:
        """Take the line away."""
        if self.length:
            sys.stderr.write("\r" + " " * 2 * self.length + "\r")
            sys.stderr.flush()

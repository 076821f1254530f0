"""A sheet of an .xlsx workbook that is written in an unusual way, brought into the usual one.

Programs write rows and cells alike, so that they can be looked for as bytes. Where a sheet has prefixes, comments,
other encodings or cells without their address, XML is read as XML, which takes longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

import attrs

from balancedu.submission.reading.workbooks.limits import MOST_COLUMNS, MOST_ROWS, broken
from balancedu.submission.reading.workbooks.markup import Attributes, parsed
from balancedu.submission.reading.workbooks.rows import column_of
from balancedu.submission.table import letters

_KEPT, _TEXTS = ("v", "f", "is", "t"), ("v", "f", "t")
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def usual(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same sheet in the form that programs write."""
    writer = _Writer()
    yield b"<sheetData>"
    for _ in parsed(chunks, writer.start, writer.end, writer.text):
        yield "".join(writer.out).encode("utf-8", "surrogatepass")
        writer.out.clear()
    yield b"</sheetData>"


@attrs.define
class _Writer:
    out: list[str] = attrs.field(factory=list)
    path: list[str] = attrs.field(factory=list)
    row: int = 0
    column: int = -1

    def start(self, name: str, given: Attributes) -> None:
        self.path.append(name)
        if "sheetData" not in self.path[:-1] or "rPh" in self.path:
            return
        if name == "row":
            self.row = self._number(given.get("r", str(self.row + 1)))
            self.column = -1
            hidden = ' hidden="1"' if given.get("hidden") in {"1", "true"} else ""
            self.out.append(f'<row r="{self.row}"{hidden}>')
        elif name == "c":
            self.column = self._place(given.get("r", ""))
            kept = "".join(f" {key}={quoteattr(given[key])}" for key in ("s", "t") if key in given)
            self.out.append(f'<c r="{letters(self.column)}{self.row}"{kept}>')
        elif name in _KEPT:
            self.out.append(f'<{name} xml:space="preserve">' if name == "t" else f"<{name}>")

    def end(self, name: str) -> None:
        if "sheetData" in self.path[:-1] and "rPh" not in self.path and name in {"row", "c", *_KEPT}:
            self.out.append(f"</{name}>")
        self.path.pop()

    def text(self, text: str) -> None:
        if self.path and self.path[-1] in _TEXTS and "sheetData" in self.path and "rPh" not in self.path:
            self.out.append(escape(text))

    def _number(self, written: str) -> int:
        if not written.isdecimal() or not self.row < int(written[:9]) <= MOST_ROWS:
            problem = f"第{self.row}行之后是第“{written[:9]}”行", f"row {written[:9]!r} follows row {self.row}"
            raise broken(*problem)
        return int(written)

    def _place(self, written: str) -> int:
        column = self.column + 1
        if written:
            address = _ADDRESS.fullmatch(written)
            if address is None or int(address[2]) != self.row:
                name = written[:20]
                raise broken(f"第{self.row}行有单元格“{name}”", f"a cell of row {self.row} is called {name!r}")
            column = column_of(address[1].encode())
        if not self.column < column < MOST_COLUMNS:
            name = letters(column)
            problem = f"row {self.row} has a cell where none can be, in column {name}"
            raise broken(f"第{self.row}行的 {name} 列不应有单元格", problem)
        return column

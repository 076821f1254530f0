"""A file of comma-separated values: columns of text, with the line of each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.errors import DataError
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column

_OTHER_SEPARATORS = ";\t|，；"


def csv_columns(text: str, file: str) -> tuple[dict[str, Column], Origin, list[DataError]]:
    """Return the columns of a CSV text, where its rows stand, and what is wrong with the text.

    Rows without any content are passed over; a row that does not fit its header is left out.
    """
    reader = _Reader(text, file)
    columns = reader.columns()
    return columns, Origin(file, reader.lines, whole=not reader.broken), reader.errors


@attrs.define
class _Reader:
    text: str
    file: str
    lines: list[int] = attrs.field(factory=list)
    errors: list[DataError] = attrs.field(factory=list)
    broken: bool = False

    def columns(self) -> dict[str, Column]:
        """Return the columns by name."""
        rows = self._rows()
        _, header = next(rows, (1, []))
        header = [name.strip() for name in header]
        if not header:
            self._refuse(1, "", "the file is empty", "write the names of the columns in the first line")
            return {}
        if len(header) == 1 and (found := [sign for sign in _OTHER_SEPARATORS if sign in header[0]]):
            self._refuse(1, "", f"found {found[0]!r} between the columns, wanted commas", "save the file as CSV UTF-8")
            return {}
        kept = [row for line, row in rows if self._fits(line, row, len(header))]
        cells = np.empty((len(kept), len(header)), dtype=object)
        cells[:] = np.array(kept, dtype=object).reshape(cells.shape)
        return dict(self._named(header, cells))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that hold anything, each with the line that it begins in."""
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                self._refuse(line, "", f"not CSV: {error}", "check the quotes, from this line on")
                return
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield line, row

    def _fits(self, line: int, row: list[str], width: int) -> bool:
        if len(row) == width:
            self.lines.append(line)
            return True
        problem = f"found {len(row)} cells, wanted {width} as in the header"
        self._refuse(line, "", problem, "check for commas inside cells, which need quotes", "number of cells")
        return False

    def _named(self, header: list[str], cells: Column) -> Iterator[tuple[str, Column]]:
        seen = set()
        for n, name in enumerate(header):
            if name in seen:
                self._refuse(1, name, "two columns have this name", "keep one of them")
            elif name:
                seen.add(name)
                yield name, cells[:, n]
            elif any(cell.strip() for cell in cells[:, n].tolist()):
                self._refuse(1, "", f"column {n + 1} has no name", "name it in the first line, or leave it out")

    def _refuse(self, line: int, column: str, problem: str, hint: str, kind: str = "") -> None:
        self.broken = True
        table = self.file.rpartition(".")[0]
        self.errors.append(DataError(table, f"{self.file}:{line}", column, problem, hint, kind))

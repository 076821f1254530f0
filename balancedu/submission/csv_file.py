"""A sheet of text: columns of text, with the line of each row."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.errors import DataError
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column


def csv_columns(sheet: Sheet) -> tuple[dict[str, Column], Origin, list[DataError]]:
    """Return the columns of a text file, where its rows stand, and what is wrong with the text.

    Rows without any content are passed over; a row that does not fit its header is left out.
    """
    reader = _Reader(sheet)
    columns = reader.columns()
    return columns, Origin(sheet.file, reader.lines, whole=not reader.broken), reader.errors


@attrs.define
class _Reader:
    sheet: Sheet
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
        kept = [row for line, row in rows if self._fits(line, row, len(header))]
        cells = np.empty((len(kept), len(header)), dtype=object)
        cells[:] = np.array(kept, dtype=object).reshape(cells.shape)
        return dict(self._named(header, cells))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        try:
            for line, row in self.sheet.rows():
                yield line, [cell for cell in row if isinstance(cell, str)]
        except DataError as error:
            self.broken = True
            self.errors.append(error)

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
        table = self.sheet.file.rpartition(".")[0]
        self.errors.append(DataError(table, self.sheet.place(line), column, problem, hint, kind))

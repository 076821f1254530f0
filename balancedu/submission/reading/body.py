"""The rows below the headers become typed columns, some thousand rows at a time, so that no cell is kept as object."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.model import Measure
from balancedu.errors import DataError
from balancedu.phrase import Phrase
from balancedu.submission.cells import IDS, MOST
from balancedu.submission.notes import Note
from balancedu.submission.problems import Problems, shown
from balancedu.submission.raw import RawTable, joined, type_columns
from balancedu.submission.reading.bindings import Bindings, refuse_unknown
from balancedu.submission.reading.headers import Headers
from balancedu.submission.reading.rows import LeftOut
from balancedu.submission.reading.sheet import Cell, Row, Sheet
from balancedu.submission.reading.spans import Spans
from balancedu.submission.reading.stages import split_by_type, stage_notes
from balancedu.submission.reading.totals import differences
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column

AT_ONCE = 4096
"""Rows that are typed together."""
_WORDS = ("text", "choice")
_NUMBERS = ("count", "number", "share")


@attrs.define
class Ids:
    """What the ids of a table look like, over all its sheets: where the first number stands, and a text with 0."""

    numeric: dict[str, str] = attrs.field(factory=dict)
    padded: dict[str, str] = attrs.field(factory=dict)
    refused: set[str] = attrs.field(factory=set)

    def refuse_mixed(self, table: str, problems: Problems) -> None:
        """Refuse ids that are numbers beside others that begin with 0: of a number nobody sees how it began."""
        for name in (set(self.numeric) & set(self.padded)) - self.refused:
            self.refused.add(name)
            other = shown(self.padded[name])
            problem = Phrase(
                f"填报的是数字，而其他标识码以0开头，如{other.zh}",
                f"found a number, and other ids begin with 0, as {other.en}",
            )
            hint = Phrase(
                "请把这一列的格式设为文本，写全每个标识码", "format the column as text, and write every id in full"
            )
            problems.note(table, self.numeric[name], name, problem, hint, Phrase("标识码写成数字", "id as a number"))


@attrs.define
class Body:
    """Reads the rows of one sheet below its headers."""

    sheet: Sheet
    headers: Headers
    bindings: Bindings
    problems: Problems
    constants: Mapping[str, str] = attrs.field(factory=dict)
    parts: list[RawTable] = attrs.field(factory=list)
    lines: list[Ints] = attrs.field(factory=list)
    whole: bool = True
    reported: set[int] = attrs.field(factory=set)
    ids: Ids = attrs.field(factory=Ids)

    def table(self, rows: Iterable[Row]) -> tuple[RawTable, list[Note]]:
        """Return the table that the rows hold, and what was left out of it."""
        bound = self.bindings.bound
        labels = [one.column for one in bound.values() if one.measure.type in _WORDS]
        figures = [one.column for one in bound.values() if one.measure.type in _NUMBERS]
        leaves = {one.column: one.path[-1] for one in bound.values()}
        left_out = LeftOut((*labels, *sorted(self.bindings.silent)), tuple(figures), leaves)
        spans = Spans.below(self.headers.last, self.sheet, self.headers.table, bound)
        remaining = self._fitting(rows)
        while part := list(itertools.islice(remaining, AT_ONCE)):
            self._take(part, left_out, spans)
        if not self.parts:
            self._type([], {name: [] for name in bound})
        lines = np.concatenate(self.lines)
        origin = self._origin(lines)
        table = self._with_unclear_ids(joined(self.parts, origin))
        notes = [*left_out.notes(self.sheet), *stage_notes(bound, self.sheet)]
        if len(left_out.totals) == 1 and self.headers.table != "facts":
            notes += differences(left_out.totals[0], bound, table, self.sheet)
        return table, notes

    def _with_unclear_ids(self, raw: RawTable) -> RawTable:
        self.ids.refuse_mixed(self.headers.table, self.problems)
        unclear = {name: () for name in self.ids.refused if name not in raw.faulty}
        return attrs.evolve(raw, faulty={**raw.faulty, **unclear})

    def _origin(self, lines: Ints) -> Origin:
        sheet = self.sheet
        return Origin(sheet.file, lines, whole=self.whole, sheet=sheet.name, columns=self.bindings.positions)

    def _fitting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that can be read; in a text file each has the cells that the header has."""
        width = max(len(cells) for _, cells in self.headers.rows)
        try:
            for number, cells in rows:
                is_long = len(cells) > width and not any(map(_filled, cells[width:]))
                if self.sheet.name or len(cells) == width or is_long:
                    yield number, cells
                    continue
                self.whole = False
                self._refuse_width(number, len(cells), width)
        except DataError as error:
            self.whole = False
            self.problems.found.append(error)

    def _refuse_width(self, number: int, found: int, wanted: int) -> None:
        problem = Phrase(
            f"有{found}个单元格，应与表头一样有{wanted}个", f"found {found} cells, wanted {wanted} as in the header"
        )
        hint = Phrase(
            "请检查单元格里的分隔符，含分隔符的内容要加引号",
            "check for separators inside cells, which need quotes",
        )
        kind = Phrase("单元格的个数", "number of cells")
        self.problems.note(self.headers.table, self.sheet.place(number), "", problem, hint, kind)

    def _take(self, rows: list[Row], left_out: LeftOut, spans: Spans) -> None:
        """Read some rows."""
        numbers = [number for number, _ in rows]
        columns = list(itertools.zip_longest(*(cells for _, cells in rows)))
        self._look_for_unknown(numbers, columns)
        names = self.bindings.bound
        nothing: Sequence[Cell] = [None] * len(rows)
        cells = {
            name: list(columns[one.column] if one.column < len(columns) else nothing) for name, one in names.items()
        }
        dropped = left_out.of(numbers, columns) | _empty(list(cells.values()))
        spans.fill(numbers, cells, dropped, self.problems)
        if dropped:
            kept = [row for row in range(len(rows)) if row not in dropped]
            numbers = [numbers[row] for row in kept]
            cells = {name: [column[row] for row in kept] for name, column in cells.items()}
        split_by_type(numbers, cells, names, self.sheet, self.problems)
        if numbers:
            self._type(numbers, cells)

    def _type(self, numbers: list[int], cells: Mapping[str, list[Cell]]) -> None:
        measures = {name: one.measure for name, one in self.bindings.bound.items()}
        columns = {name: self._array(name, column, measures[name], numbers) for name, column in cells.items()}
        for name, value in self.constants.items():
            columns[name] = np.full(len(numbers), value, dtype=object)
        scalings = {name: one.scaling for name, one in self.bindings.bound.items()}
        lines = np.array(numbers, dtype=np.int64)
        known = self.headers.binder.standard.table_measures(self.headers.table)
        origin = self._origin(lines)
        commas = self.sheet.commas
        self.parts.append(
            type_columns(self.headers.table, columns, known, origin, self.problems, scalings, commas=commas)
        )
        self.lines.append(lines)

    def _array(self, name: str, cells: list[Cell], measure: Measure, numbers: list[int]) -> Column:
        kinds = set(map(type, cells))
        if measure.type in _NUMBERS and kinds <= {float, int, type(None)}:
            return np.array(cells, dtype=np.float64)
        if measure.type == "text" and float in kinds:
            # A sheet keeps no other numbers than floats.
            if name in IDS and name not in self.ids.numeric:
                row = numbers[next(n for n, cell in enumerate(cells) if type(cell) is float)]
                self.ids.numeric[name] = self.sheet.place(row, self.bindings.bound[name].column)
            known = {cell: whole(cell) for cell in set(cells) if type(cell) is float}
            cells = [known[cell] if type(cell) is float else cell for cell in cells]
        if name in IDS and self.sheet.name and name not in self.ids.padded:
            padded = next((cell for cell in cells if type(cell) is str and cell.startswith("0")), None)
            self.ids.padded |= {} if padded is None else {name: padded}
        return np.fromiter(cells, dtype=object, count=len(cells))

    def _look_for_unknown(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> None:
        bound = set(self.bindings.positions.values()) | self.bindings.silent | self.reported
        bound |= set(self.headers.paths) - set(self.bindings.unknown)
        for column, cells in enumerate(columns):
            filled = None if column in bound else next((row for row, cell in enumerate(cells) if _filled(cell)), None)
            if filled is not None:
                self.reported.add(column)
                refuse_unknown(self.headers, self.sheet, column, numbers[filled], self.problems)


def whole(cell: Cell) -> Cell:
    """Return a number of a sheet that stands for a text as whole number, where it has kept all its digits."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < MOST else cell


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _empty(columns: list[list[Cell]]) -> set[int]:
    """Return the rows that hold nothing in any column that is read, as rows that are only numbered do."""
    left: Iterable[int] = range(len(columns[0]) if columns else 0)
    for cells in columns:
        left = [row for row in left if not _filled(cells[row])]
        if not left:
            break
    return set(left)

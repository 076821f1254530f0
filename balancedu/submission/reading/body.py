"""The rows below the headers become typed columns, some thousand rows at a time, so that no cell is kept as object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.model import Measure
from balancedu.phrase import Phrase, meant
from balancedu.submission.cells import IDS
from balancedu.submission.figures import MOST
from balancedu.submission.notes import Note
from balancedu.submission.problems import Problems, figure, shown
from balancedu.submission.raw import RawTable, joined, type_columns
from balancedu.submission.reading.data_rows import NUMBERS, DataRows
from balancedu.submission.reading.sheet import Cell, Row
from balancedu.submission.reading.stages import split_by_type, stage_notes
from balancedu.submission.reading.totals import differences
from balancedu.submission.reading.units import conversion
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column
from balancedu.submission.unlisted import WRITE_IN_FULL


@attrs.define
class Ids:
    """What the ids of a table look like, over all its sheets: the first number and its place, and a text with 0."""

    numeric: dict[str, tuple[float, str]] = attrs.field(factory=dict)
    padded: dict[str, str] = attrs.field(factory=dict)
    refused: set[str] = attrs.field(factory=set)

    def refuse_mixed(self, table: str, problems: Problems) -> None:
        """Refuse ids that are numbers beside others that begin with 0: of a number nobody sees how it began."""
        for name in (set(self.numeric) & set(self.padded)) - self.refused:
            self.refused.add(name)
            (number, place), other = self.numeric[name], shown(self.padded[name])
            full = figure(number).zfill(len(self.padded[name]))
            likely = meant([full] if full != figure(number) else [])
            problem = Phrase(
                f"填报数字{figure(number)}，而其他标识码以0开头，如{other.zh}",
                f"found the number {figure(number)}, and other ids begin with 0, as {other.en}",
            )
            problems.note(
                table, place, name, problem + likely, WRITE_IN_FULL, Phrase("标识码写成数字", "id as a number")
            )


@attrs.define
class Body:
    """Makes typed columns of the rows of one sheet.

    Attributes
    ----------
    data : DataRows
        The rows.
    county : str
        That of all its rows, where no column says it.
    ids : Ids
        What the ids look like, over all sheets of the table.
    """

    data: DataRows
    county: str = ""
    ids: Ids = attrs.field(factory=Ids)
    parts: list[RawTable] = attrs.field(factory=list)
    lines: list[Ints] = attrs.field(factory=list)

    def table(self, rows: Iterable[Row]) -> tuple[RawTable, list[Note]]:
        """Return the table that the rows hold, and what was left out of it."""
        data, sheet, bound = self.data, self.data.sheet, self.data.bindings.bound
        for numbers, cells in data.parts(rows):
            split_by_type(numbers, cells, bound, sheet, data.problems)
            if numbers:
                self._type(numbers, cells)
        if not self.parts:
            self._type([], {name: [] for name in bound})
        origin = attrs.evolve(self._origin(np.concatenate(self.lines)), whole=data.whole)
        converted = [conversion(one.measure, one.scaling) for one in bound.values() if one.scaling]
        notes = [*data.notes(), *stage_notes(bound, sheet), *(Note(sheet.file, sheet.name, one) for one in converted)]
        table, total = self._with_unclear_ids(joined(self.parts, origin)), data.left_out.total
        if total and table.id != "facts":
            notes += differences(total, bound, table, sheet)
        return table, notes

    def _with_unclear_ids(self, raw: RawTable) -> RawTable:
        self.ids.refuse_mixed(raw.id, self.data.problems)
        unclear = {name: () for name in self.ids.refused if name not in raw.faulty}
        return attrs.evolve(raw, faulty={**raw.faulty, **unclear})

    def _origin(self, lines: Ints) -> Origin:
        sheet = self.data.sheet
        return Origin(sheet.file, lines, sheet=sheet.name, columns=self.data.bindings.positions)

    def _type(self, numbers: list[int], cells: Mapping[str, list[Cell]]) -> None:
        measures = {name: one.measure for name, one in self.data.bindings.bound.items()}
        columns = {name: self._array(name, column, measures[name], numbers) for name, column in cells.items()}
        if self.county:
            columns["county"] = np.full(len(numbers), self.county, dtype=object)
        scalings = {name: one.scaling for name, one in self.data.bindings.bound.items()}
        lines = np.array(numbers, dtype=np.int64)
        known = self.data.headers.binder.standard.table_measures(self.data.headers.table)
        origin = self._origin(lines)
        table, problems, commas = self.data.headers.table, self.data.problems, self.data.sheet.commas
        self.parts.append(type_columns(table, columns, known, origin, problems, scalings, commas=commas))
        self.lines.append(lines)

    def _array(self, name: str, cells: list[Cell], measure: Measure, numbers: list[int]) -> Column:
        kinds = set(map(type, cells))
        if measure.type in NUMBERS and kinds <= {float, int, type(None)}:
            return np.array(cells, dtype=np.float64)
        if measure.type == "text" and float in kinds:
            # A sheet keeps no other numbers than floats.
            if name in IDS and name not in self.ids.numeric:
                row, number = next((numbers[n], cell) for n, cell in enumerate(cells) if type(cell) is float)
                place = self.data.sheet.place(row, self.data.bindings.bound[name].column)
                self.ids.numeric[name] = number, place
            known = {cell: whole(cell) for cell in set(cells) if type(cell) is float}
            cells = [known[cell] if type(cell) is float else cell for cell in cells]
        if name in IDS and self.data.sheet.name and name not in self.ids.padded:
            padded = next((cell for cell in cells if type(cell) is str and cell.startswith("0")), None)
            self.ids.padded |= {} if padded is None else {name: padded}
        return np.fromiter(cells, dtype=object, count=len(cells))


def whole(cell: Cell) -> Cell:
    """Return a number of a sheet that stands for a text as whole number, where it has kept all its digits."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < MOST else cell

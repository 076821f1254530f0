"""The rows below the headers: those that hold data become typed columns, totals are compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.calculator.limits import SLACK
from balancedu.core.fields import Title, plain
from balancedu.core.model import Measure
from balancedu.errors import DataError
from balancedu.files.binding import repeated, text_of
from balancedu.files.headers import Bindings, Bound, Headers, Spans, refuse_unknown, split_by_type, stage_notes
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.units import conversion
from balancedu.files.vocabulary import GIVEN, TOTALS
from balancedu.submission.arrange import WRITE_IN_FULL, joined, type_columns
from balancedu.submission.campuses import is_added
from balancedu.submission.columns import IDS, MOST, UnreadableError, is_figure, number_reader
from balancedu.submission.problems import Note, Problems, figure, listed_rows, shown
from balancedu.submission.raw import RawTable
from balancedu.submission.tables import Column, Origin, letters
from balancedu.text import Phrase, meant

_OF_ALL = re.compile("(?:[全本][县区市旗])?(?:合计|总计|共计|总数|计)|(?:grand)?total")
"""What a total of all rows is called; of several totals it is the one of all."""
_ALONE = re.compile("(?:[全本][镇乡校])?(?:小计|合计|总计|共计)|subtotal")
"""What may be a total of some rows only; where it is the only one, there are no others."""
_SAYS_NO_MORE = re.compile("[0-9]*[所个校间班人]?")
"""What stands beside such a word and does not say whose total it is."""


@attrs.frozen
class Total:
    """A row that sums up others: its number, its cells by column, and whether it is called a total of all rows."""

    row: int
    cells: Mapping[int, Cell]
    of_all: bool


def total_in(row: int, columns: Sequence[Sequence[Cell]], at: int, labels: Sequence[int]) -> Total | None:
    """Return a row of totals, if nothing in it says that it is one of some rows only."""
    cells = (columns[one][at] for one in labels if one < len(columns))
    # Labels are texts: a column that is not read may hold figures.
    said = {plain(cell) for cell in cells if isinstance(cell, str)}
    names = {text for text in said if not _SAYS_NO_MORE.fullmatch(text)}
    if not names or not all(_OF_ALL.fullmatch(name) or _ALONE.fullmatch(name) for name in names):
        return None
    of_all = any(map(_OF_ALL.fullmatch, names))
    return Total(row, {column: cells[at] for column, cells in enumerate(columns)}, of_all)


def differences(total: Total, bound: Mapping[str, Bound], table: RawTable, sheet: Sheet) -> Iterator[Note]:
    """Yield the columns in which a total is not the sum of the rows, which all stand above it or all below."""
    lines = np.asarray(table.origin.lines)
    if not lines.size or lines.min() < total.row < lines.max():
        return
    for name, one in bound.items():
        if one.by_type or not is_added(one.measure) or np.isnan(table.columns[name]).all():
            continue
        try:
            stated = number_reader(one.measure, one.scaling, commas=sheet.commas)(total.cells.get(one.column))
        except UnreadableError:
            continue
        found = float(np.nansum(table.columns[name])) / float(one.scaling.factor if one.scaling else 1)
        if abs(found - stated) > _rounding(stated, lines.size) + SLACK * abs(found):
            yield _difference(total.row, one, stated, found, sheet)


def _rounding(stated: float, rows: int) -> float:
    """Return what rounding may make of a sum: half of the last decimal of the total, and of each figure's."""
    decimals = len(figure(stated).partition(".")[2])
    return 10.0**-decimals / 2 * (rows + 1 if decimals else 1)


def _difference(row: int, bound: Bound, stated: float, found: float, sheet: Sheet) -> Note:
    cell = f"{letters(bound.column)}{row}" if sheet.name else ""
    zh, en = cell or f"第{row}行", cell or f"row {row}"
    title, said, added = bound.measure.title, figure(stated), figure(float(f"{found:.12g}"))
    return Note(
        sheet.file,
        sheet.name,
        Title(
            zh=f"“{title.zh}”的合计（{zh}）写的是{said}，各行之和是{added}，请核对",
            en=f"the total of {title.en} ({en}) says {said}, but its rows add up to {added}; look at both",
        ),
    )


_TOTAL_ENDS = ("合计", "小计", "总计", "共计", "total")
_LAST = ("计", "总数", "tal", "TAL", "Tal")
_LONGEST_TOTAL = 16
_ENOUGH = 2
"""So many totals that are called alike are known to be those of parts."""
_REMARKS_BEGIN = 5
"""In one of so many columns."""
_REMARK = re.compile(
    r"\s*(注|备注|说明|填表说明|填表人|填报人|制表人?|审核人?|负责人|单位负责人|统计负责人|填表日期|填报日期|报出日期"
    r"|联系人|联系电话|资料来源|数据来源|notes?|source)\s*[:：]",
    re.IGNORECASE,
)
_KINDS: Mapping[str, Title] = {
    "total": Title(zh="第{}行是合计、小计，没有读入", en="totals in row {}, left out"),
    "remark": Title(zh="第{}行是表下的说明，没有读入", en="remarks below the table in row {}, left out"),
    "header": Title(zh="第{}行重复表头，没有读入", en="headers again in row {}, left out"),
}


def is_total(text: str) -> bool:
    """Return whether a text beside a row says that the row sums up others.

    Examples
    --------
    >>> [is_total(text) for text in ("合 计", "全县总计", "Subtotal", "合计小学", "计算机")]
    [True, True, True, False, False]
    """
    word = plain(text)
    return word in TOTALS or (len(word) <= _LONGEST_TOTAL and word.endswith(_TOTAL_ENDS))


@attrs.frozen
class LeftOut:
    """Finds rows that hold no data, and keeps their numbers.

    Attributes
    ----------
    labels : tuple of int
        The columns in which a row says what it is about.
    figures : tuple of int
        The columns of numbers.
    leaves : mapping of column to text
        The lowest headers.
    rows : mapping of kind to numbers
        What was left out.
    totals : list of Total
        The first rows that may be the total of all.
    """

    labels: tuple[int, ...]
    figures: tuple[int, ...]
    leaves: Mapping[int, str]
    rows: dict[str, list[int]] = attrs.field(factory=dict)
    totals: list[Total] = attrs.field(factory=list)

    def of(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> set[int]:
        """Return the positions of these rows that hold no data.

        Parameters
        ----------
        numbers : sequence of int
            The number of each row.
        columns : sequence of sequence of cells
            Every column of the sheet.
        """
        found = dict(self._remarks(columns)) | dict(self._headers(columns)) | dict(self._totals(columns))
        for row in sorted(found):
            self.rows.setdefault(found[row], []).append(numbers[row])
            if found[row] == "total" and (total := total_in(numbers[row], columns, row, self.labels)):
                same = sum(one.of_all is total.of_all for one in self.totals)
                self.totals.extend([total] if same < _ENOUGH else [])
        return set(found)

    @property
    def total(self) -> Total | None:
        """The total of all rows: the only one that is called so, or the only one that there is."""
        of_all = [one for one in self.totals if one.of_all]
        if len(of_all) == 1:
            return of_all[0]
        # Two totals are those of parts, and which rows belong to each nobody says.
        return next(iter(self.totals), None) if len(self.rows.get("total", ())) == 1 else None

    def notes(self, sheet: Sheet) -> Iterator[Note]:
        """Yield what was left out."""
        for kind, rows in self.rows.items():
            listed = listed_rows(rows)
            text = Title(zh=_KINDS[kind].zh.format(listed.replace(", ", "、")), en=_KINDS[kind].en.format(listed))
            yield Note(sheet.file, sheet.name, text)

    def _totals(self, columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, str]]:
        for column in self.labels:
            if column < len(columns) and _holds(columns[column], _LAST):
                for row, cell in enumerate(columns[column]):
                    if type(cell) is str and is_total(cell):
                        yield row, "total"

    def _remarks(self, columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, str]]:
        for column, cells in enumerate(columns[:_REMARKS_BEGIN]):
            if not _holds(cells, (":", "：")):
                continue
            for row, cell in enumerate(cells):
                if type(cell) is str and _REMARK.match(cell):
                    before = (text_of(columns[one][row]) for one in range(column))
                    figures = (columns[one][row] for one in self.figures if one < len(columns))
                    if not any(before) and not any(map(_is_figure, figures)):
                        yield row, "remark"

    def _headers(self, columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, str]]:
        first = next((column for column in self.leaves if column < len(columns)), None)
        if first is not None and _holds(columns[first], (self.leaves[first].partition(" ")[0],)):
            for row, cell in enumerate(columns[first]):
                same = type(cell) is str and text_of(cell) == self.leaves[first]
                if same and repeated([cells[row] for cells in columns], self.leaves):
                    yield row, "header"


def _is_figure(cell: Cell) -> bool:
    return is_figure(cell) if isinstance(cell, str) else isinstance(cell, int | float)


def _holds(cells: Sequence[Cell], signs: tuple[str, ...]) -> bool:
    """Return whether any text of a column holds one of the signs; most columns hold none, and this is quick to see."""
    texts = "\n".join([cell for cell in cells if type(cell) is str])
    return any(sign in texts for sign in signs)


AT_ONCE = 4096
"""Rows that are read together."""
WORDS = ("text", "choice")
NUMBERS = ("count", "number", "share")

Part = tuple[list[int], dict[str, list[Cell]]]
"""The numbers of some rows, and their cells by column of the table."""


@attrs.define
class DataRows:
    """Reads the rows of one sheet below its headers; what leaves a doubt is noted.

    Attributes
    ----------
    sheet, headers, bindings, problems
    whole : bool
        Whether every row could be read; known when they have been.
    """

    sheet: Sheet
    headers: Headers
    bindings: Bindings
    problems: Problems
    whole: bool = True
    reported: set[int] = attrs.field(factory=set)
    left_out: LeftOut = attrs.field(init=False)
    spans: Spans = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        bound, in_rows = self.bindings.bound, self.headers.binder.in_rows
        figures = tuple(one.column for one in bound.values() if one.measure.type in NUMBERS)
        labels = [one.column for one in bound.values() if one.measure.type in WORDS]
        # Facts in rows are no addends, and some are called a total.
        # A remark may end in a word for totals, and is none.
        beside = {column for column, path in self.headers.passed.items() if self.headers.binder.is_remark(path)}
        says_total = () if in_rows else (*labels, *sorted(self.bindings.silent - beside))
        self.left_out = LeftOut(says_total, figures, {one.column: one.path[-1] for one in bound.values()})
        needed = GIVEN if in_rows else ()
        self.spans = Spans.below(self.headers.last, self.sheet, self.headers.table, bound, needed)

    def parts(self, rows: Iterable[Row]) -> Iterator[Part]:
        """Yield the rows that hold data."""
        remaining = self._fitting(rows)
        while part := list(itertools.islice(remaining, AT_ONCE)):
            yield self._part(part)

    def notes(self) -> list[Note]:
        """Return what was left out."""
        notes, binder = list(self.left_out.notes(self.sheet)), self.headers.binder
        if beside := [path[-1] for column, path in self.headers.passed.items() if binder.is_beside(column, path)]:
            zh, en = "、".join(f"“{one}”" for one in beside), ", ".join(map(repr, beside))
            text = Title(zh=f"{zh}没有读入", en=f"the columns {en} were not read")
            notes.append(Note(self.sheet.file, self.sheet.name, text))
        return notes

    def _fitting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that can be read; in a text file each has the cells that the header has."""
        width = max(len(cells) for _, cells in self.headers.rows)
        try:
            for number, cells in rows:
                is_long = len(cells) > width and not any(map(is_filled, cells[width:]))
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

    def _part(self, rows: list[Row]) -> Part:
        numbers = [number for number, _ in rows]
        columns = list(itertools.zip_longest(*(cells for _, cells in rows)))
        self._look_for_unknown(numbers, columns)
        nothing: Sequence[Cell] = [None] * len(rows)
        cells = {
            name: list(columns[one.column] if one.column < len(columns) else nothing)
            for name, one in self.bindings.bound.items()
        }
        dropped = self.left_out.of(numbers, columns) | _empty(list(cells.values()), len(rows))
        self.spans.fill(numbers, cells, dropped, self.problems)
        if dropped:
            kept = [row for row in range(len(rows)) if row not in dropped]
            numbers = [numbers[row] for row in kept]
            cells = {name: [column[row] for row in kept] for name, column in cells.items()}
        return numbers, cells

    def _look_for_unknown(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> None:
        bound = set(self.bindings.positions.values()) | self.bindings.silent | self.reported
        bound |= set(self.headers.paths) - set(self.bindings.unknown)
        for column, cells in enumerate(columns):
            filled = None if column in bound else next((row for row, cell in enumerate(cells) if is_filled(cell)), None)
            if filled is not None:
                self.reported.add(column)
                refuse_unknown(self.headers, self.sheet, column, numbers[filled], self.problems)


def _empty(columns: list[list[Cell]], size: int) -> set[int]:
    """Return the rows that hold nothing in any column that is read, as rows that are only numbered do."""
    left: Iterable[int] = range(size)
    for cells in columns:
        left = [row for row in left if not is_filled(cells[row])]
        if not left:
            break
    return set(left)


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

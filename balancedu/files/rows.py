"""The rows below the headers: those that hold data become typed columns, totals are compared."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.calculator.limits import SLACK
from balancedu.core.fields import Title, plain
from balancedu.core.model import Measure
from balancedu.errors import DataError
from balancedu.files.binding import PASSED_OVER, Binder, repeated, text_of
from balancedu.files.headers import (
    Bindings,
    Bound,
    Headers,
    Spans,
    path_text,
    refuse_unknown,
    split_by_type,
    stage_notes,
)
from balancedu.files.layout import OWN_BESIDE
from balancedu.files.mapping import MappedSheet, normal
from balancedu.files.marks import Marks
from balancedu.files.sections import SectionColumn, section_columns, section_notes
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.units import UNKNOWN_UNIT, conversion, is_unit, no_unit, scaling_of
from balancedu.files.vocabulary import COUNTED, GIVEN, TOTALS
from balancedu.submission.arrange import WRITE_IN_FULL, joined, type_columns, type_of_stages
from balancedu.submission.campuses import is_added
from balancedu.submission.columns import IDS, MOST, UnreadableError, is_figure, number_reader, typed
from balancedu.submission.problems import Note, Problems, figure, listed_rows, shown
from balancedu.submission.tables import Column, Origin, RawTable, letters
from balancedu.text import NO_WORDS, Phrase, listed, meant

_OF_ALL = re.compile("(?:[全本][县区市旗])?(?:合计|总计|共计|总数|计)|(?:grand)?total")
"""What a total of all rows is called; of several totals it is the one of all."""
_ALONE = re.compile("(?:[全本][镇乡校])?(?:小计|合计|总计|共计)|subtotal")
"""What may be a total of some rows only; where it is the only one, there are no others."""
_SAYS_NO_MORE = re.compile("[0-9]*[所个校间班人]?")
"""What is beside such a word and does not say whose total it is."""


@attrs.frozen
class Total:
    """A row that sums up others: its number, its cells by column, and whether it is called a total of all rows."""

    row: int
    cells: Mapping[int, Cell]
    of_all: bool


def total_in(row: int, columns: Sequence[Sequence[Cell]], at: int, labels: Sequence[int]) -> Total | None:
    """Return a row of totals, if nothing in it says that it is one of some rows only."""
    cells = (columns[label][at] for label in labels if label < len(columns))
    # Labels are texts: a column that is not read may hold figures.
    words = {plain(cell) for cell in cells if isinstance(cell, str)}
    names = {text for text in words if not _SAYS_NO_MORE.fullmatch(text)}
    if not names or not all(_OF_ALL.fullmatch(name) or _ALONE.fullmatch(name) for name in names):
        return None
    of_all = any(map(_OF_ALL.fullmatch, names))
    return Total(row, {column: cells[at] for column, cells in enumerate(columns)}, of_all)


def differences(total: Total, bound: Mapping[str, Bound], table: RawTable, sheet: Sheet) -> Iterator[Note]:
    """Yield the columns in which a total is not the sum of the rows, which all stand above it or all below."""
    lines = np.asarray(table.origin.lines)
    if not lines.size or lines.min() < total.row < lines.max():
        return
    for name, entry in bound.items():
        if entry.by_type or not is_added(entry.measure) or np.isnan(table.columns[name]).all():
            continue
        try:
            stated = number_reader(entry.measure, entry.scaling, commas=sheet.commas)(total.cells.get(entry.column))
        except UnreadableError:
            continue
        result = float(np.nansum(table.columns[name])) / float(entry.scaling.factor if entry.scaling else 1)
        if abs(result - stated) > _rounding(stated, lines.size) + SLACK * abs(result):
            yield _difference(total.row, entry, stated, result, sheet)


def _rounding(stated: float, rows: int) -> float:
    """Return what rounding may make of a sum: half of the last decimal of the total, and of each figure's."""
    decimals = len(figure(stated).partition(".")[2])
    return 10.0**-decimals / 2 * (rows + 1 if decimals else 1)


def _difference(row: int, bound: Bound, stated: float, number: float, sheet: Sheet) -> Note:
    cell = f"{letters(bound.column)}{row}" if sheet.name else ""
    zh, en = cell or f"第{row}行", cell or f"row {row}"
    title, words, added = bound.measure.title, figure(stated), figure(float(f"{number:.12g}"))
    return Note(
        sheet.file,
        sheet.name,
        Title(
            zh=f"“{title.zh}”的合计（{zh}）写的是{words}，各行之和是{added}，请核对",
            en=f"the total of {title.en} ({en}) says {words}, but its rows add up to {added}; look at both",
        ),
    )


_OF_A_COUNTY = re.compile(
    "(?:全[县区市旗]|本[县区市旗]|县域)内?(?:义务教育|普通|公办|民办)?(?:小学|初中|中小学|学校|各校)?(?:总数|合计|平均|平均值)?"
)
_TOTAL_ENDS = ("合计", "小计", "总计", "共计", "total")
_LAST = ("计", "总数", "tal", "TAL", "Tal", "全", "本", "县域")
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
    ends = word.endswith(_TOTAL_ENDS) or _OF_A_COUNTY.fullmatch(word) is not None
    return word in TOTALS or (len(word) <= _LONGEST_TOTAL and ends)


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
    names: list[str] = attrs.field(factory=list)
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
        result = dict(self._remarks(columns)) | dict(self._headers(columns)) | dict(self._totals(columns))
        for row in sorted(result):
            self.rows.setdefault(result[row], []).append(numbers[row])
            if result[row] == "total" and (total := total_in(numbers[row], columns, row, self.labels)):
                same = sum(entry.of_all is total.of_all for entry in self.totals)
                self.totals.extend([total] if same < _ENOUGH else [])
        return set(result)

    @property
    def total(self) -> Total | None:
        """The total of all rows: the only one that is called so, or the only one that there is."""
        of_all = [total for total in self.totals if total.of_all]
        if len(of_all) == 1:
            return of_all[0]
        # Two totals are those of parts, and which rows belong to each is unknown.
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
                        self.names.append(cell.strip())
                        yield row, "total"

    def _remarks(self, columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, str]]:
        for column, cells in enumerate(columns[:_REMARKS_BEGIN]):
            if not _holds(cells, (":", "：")):
                continue
            for row, cell in enumerate(cells):
                if type(cell) is str and _REMARK.match(cell):
                    before = (text_of(columns[entry][row]) for entry in range(column))
                    figures = (columns[entry][row] for entry in self.figures if entry < len(columns))
                    if not any(before) and not any(map(_is_figure, figures)):
                        yield row, "remark"

    def _headers(self, columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, str]]:
        first = next((column for column in self.leaves if column < len(columns)), None)
        if first is not None and _holds(columns[first], (self.leaves[first].partition(" ")[0],)):
            for row, cell in enumerate(columns[first]):
                same = type(cell) is str and text_of(cell) == self.leaves[first]
                if same and repeated([cells[row] for cells in columns], self.leaves):
                    yield row, "header"


def _is_remark(cells: Sequence[Cell]) -> bool:
    """Return whether a line holds nothing but dots or a remark, as below a printed table."""
    texts = [text for text in map(text_of, cells) if text]
    return len(texts) == 1 and bool(_DOTS.fullmatch(texts[0]) or _REMARK.match(texts[0]))


def _is_figure(cell: Cell) -> bool:
    return is_figure(cell) if isinstance(cell, str) else isinstance(cell, int | float)


def _holds(cells: Sequence[Cell], signs: tuple[str, ...]) -> bool:
    """Return whether any text of a column holds one of the signs; most columns hold none, and this is quick to see."""
    texts = "\n".join([cell for cell in cells if type(cell) is str])
    return any(sign in texts for sign in signs)


_WITH_UNIT = re.compile(r"\s*([-+]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*([^0-9.,\s][^,\s]{0,3})\s*")
_NUMBERED = re.compile(r"(?<=[0-9])[\s\-—.、:：]*(?=[^\s0-9\-—.、:：])|[（(](?=[0-9])")
_ENDING = 6
_UNCOUNTED = re.compile("不计校|不计入校|不单独计校|不独立计校|不单独统计|(?<!教学点)分校区?$|的分校|教学部$")
_YEAR = "年"
_DAY = re.compile(r"((?:18|19|20)[0-9]{2})(?:年|[-/.][0-9]{1,2}|年[0-9]{1,2}月)(?:[-/.]?[0-9]{1,2}日?)?(?:\s.*)?")
_DOTS = re.compile(r"\s*(?:\.{2,}|…+|。{2,}|⋯+)\s*")
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
    mapped : MappedSheet, optional
        What a mapping says of the sheet.
    whole : bool
        Whether every row could be read; known when they have been.
    """

    sheet: Sheet
    headers: Headers
    bindings: Bindings
    problems: Problems
    mapped: MappedSheet | None = None
    whole: bool = True
    reported: set[int] = attrs.field(factory=set)
    unread: dict[int, DataError] = attrs.field(factory=dict)
    blocks: dict[int, int] = attrs.field(factory=dict)
    block: int = 0
    county_names: dict[str, str] = attrs.field(factory=dict)
    uncounted: dict[int, tuple[int, str]] = attrs.field(factory=dict)
    of_sections: dict[int, dict[int, float]] = attrs.field(factory=dict)
    section_columns: Mapping[int, SectionColumn] = attrs.field(init=False)
    left_out: LeftOut = attrs.field(init=False)
    spans: Spans = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.section_columns = section_columns(self.headers)
        bound, in_rows = self.bindings.bound, self.headers.binder.in_rows
        figures = tuple(entry.column for entry in bound.values() if entry.measure.type in NUMBERS)
        labels = [entry.column for entry in bound.values() if entry.measure.type in WORDS]
        # Facts in rows are no addends, and some are called a total.
        # A remark may end in a word for totals, and is none.
        beside = {column for column, path in self.headers.passed.items() if self.headers.binder.is_remark(path)}
        says_total = () if in_rows else (*labels, *sorted(self.bindings.silent - beside))
        self.left_out = LeftOut(says_total, figures, {entry.column: entry.path[-1] for entry in bound.values()})
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
        if self.unread:
            names = [path_text(self.headers.paths[column]) for column in sorted(self.unread)]
            zh, en = "、".join(f"“{name}”" for name in names), ", ".join(map(repr, names))
            text = Title(zh=f"{zh}不是要报的数，没有读入", en=f"the columns {en} are not asked for, and were not read")
            notes.append(Note(self.sheet.file, self.sheet.name, text))
        beside = [path[-1] for column, path in self.headers.passed.items() if binder.is_beside(column, path)]
        if beside := [name for name in beside if name not in OWN_BESIDE]:
            zh, en = "、".join(f"“{entry}”" for entry in beside), ", ".join(map(repr, beside))
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
                if len(cells) < width and _is_remark(cells):
                    self.left_out.rows.setdefault("remark", []).append(number)
                    continue
                self.whole = False
                self._refuse_width(number, len(cells), width)
        except DataError as error:
            self.whole = False
            self.problems.found.append(error)

    def _refuse_width(self, number: int, result: int, wanted: int) -> None:
        problem = Phrase(
            f"有{result}个单元格，应与表头一样有{wanted}个", f"found {result} cells, wanted {wanted} as in the header"
        )
        hint = Phrase(
            "请检查单元格里的分隔符，含分隔符的内容要加引号",
            "check for separators inside cells, which need quotes",
        )
        kind = Phrase("单元格的个数", "number of cells")
        self.problems.note(self.headers.table, self.sheet.place(number), "", problem, hint, kind)

    def _part(self, rows: list[Row]) -> Part:
        numbers = [number for number, _ in rows]
        self._count_blocks(rows)
        columns = list(itertools.zip_longest(*(cells for _, cells in rows)))
        self._look_for_unknown(numbers, columns)
        nothing: Sequence[Cell] = [None] * len(rows)
        self._find_uncounted(numbers, columns)
        self._keep_of_sections(numbers, columns)
        if 0 <= self.bindings.county_names < len(columns):
            codes = map(text_of, columns[self.bindings.bound["county"].column])
            names = map(text_of, columns[self.bindings.county_names])
            self.county_names |= {code: name for code, name in zip(codes, names, strict=True) if code and name}
        cells = {
            name: self._summed(entry, columns, nothing)
            if entry.addends
            else list(columns[entry.column] if entry.column < len(columns) else nothing)
            for name, entry in self.bindings.bound.items()
        }
        dropped = (
            self.left_out.of(numbers, columns) | _empty(list(cells.values()), len(rows)) | _dots(columns, len(rows))
        )
        self.spans.fill(numbers, cells, dropped, self.problems)
        if dropped:
            kept = [row for row in range(len(rows)) if row not in dropped]
            numbers = [numbers[row] for row in kept]
            cells = {name: [column[row] for row in kept] for name, column in cells.items()}
        return numbers, cells

    def _find_uncounted(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> None:
        """Keep the rows of schools of which a remark says that they are no school of their own."""
        for column in self.headers.passed if self.headers.table == "schools" else ():
            for number, cell in zip(numbers, columns[column] if column < len(columns) else (), strict=False):
                if isinstance(cell, str) and _UNCOUNTED.search(cell):
                    self.uncounted[number] = column, cell.strip()

    def _keep_of_sections(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> None:
        """Keep the figures of sections beside those of the school; they decide nothing."""
        for column, kind in self.section_columns.items():
            for number, cell in zip(numbers, columns[column] if column < len(columns) else (), strict=False):
                with suppress(UnreadableError):
                    value = float(number_reader(kind.measure, None, commas=self.sheet.commas)(cell))
                    if not math.isnan(value):
                        self.of_sections.setdefault(column, {})[number] = value

    def _count_blocks(self, rows: list[Row]) -> None:
        """Note for each row which block of rows it belongs to, where a column numbers them from 1 again."""
        column = next((n for n, path in self.headers.passed.items() if plain(path[-1]) in PASSED_OVER), None)
        for number, cells in rows:
            text = text_of(cells[column]) if column is not None and column < len(cells) else ""
            if text == "1" and self.blocks:
                self.block += 1
            self.blocks[number] = self.block

    def _summed(self, bound: Bound, columns: Sequence[Sequence[Cell]], nothing: Sequence[Cell]) -> list[Cell]:
        """Return the sum of several columns: unknown where one of them is, and what is no number as it is."""
        addends = [columns[column] if column < len(columns) else nothing for column in bound.addends]
        read = number_reader(bound.measure, bound.scaling, commas=self.sheet.commas)
        return [_sum_of(some, read) for some in zip(*addends, strict=True)]

    def _look_for_unknown(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> None:
        bound = set(self.bindings.positions.values()) | self.bindings.silent | self.reported
        bound |= set(self.headers.paths) - set(self.bindings.unknown)
        for column, cells in enumerate(columns):
            filled = None if column in bound else next((row for row, cell in enumerate(cells) if is_filled(cell)), None)
            if filled is not None:
                self.reported.add(column)
                passed = refuse_unknown(self.headers, self.sheet, column, numbers[filled], self.problems)
                if passed is not None:
                    self.unread[column] = passed


_MEND_ONE = Phrase("请核对这两个数", "correct one of the two")
_MORE_THAN_PUPILS = Phrase("多于在校生数", "more than the pupils")


def _as_array(cells: Sequence[Cell]) -> Column:
    return np.fromiter(cells, dtype=object, count=len(cells))


def _divided(bound: Bound) -> Title:
    title, header = bound.measure.title, path_text(bound.path)
    return Title(f"{title.zh}由“{header}”除以在校生数得出", f"{title.en}: {header!r} divided by the pupils")


def _sum_of(cells: Sequence[Cell], read: Callable[[Cell], float]) -> Cell:
    numbers = []
    for cell in cells:
        try:
            number = read(cell)
        except UnreadableError:
            return cell
        if math.isnan(number):
            return None
        numbers.append(Fraction(repr(number)))
    return float(sum(numbers))


def _dots(columns: Sequence[Sequence[Cell]], size: int) -> set[int]:
    """Return the rows that hold nothing but dots, which stand for rows to be added."""
    columns = [cells for cells in columns if any(map(is_filled, cells))]
    return {row for row in range(size) if columns and _only_dots([cells[row] for cells in columns])}


def _only_dots(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if is_filled(cell)]
    return bool(filled) and all(isinstance(cell, str) and _DOTS.fullmatch(cell) for cell in filled)


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
        """Refuse ids that are numbers beside others that begin with 0: a number does not show its leading zeros."""
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
    types : mapping of (county, school) to type
        Those of schools in other sheets, by plain id or name.
    """

    data: DataRows
    county: str = ""
    ids: Ids = attrs.field(factory=Ids)
    types: Mapping[tuple[str, str], str] = attrs.field(factory=dict)
    marks: Marks = attrs.field(init=False)
    with_units: dict[str, list[str]] = attrs.field(factory=dict)
    passed: dict[str, dict[str, None]] = attrs.field(factory=dict)
    parts: list[RawTable] = attrs.field(factory=list)
    lines: list[Ints] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.marks = Marks(self.data.sheet)

    def table(self, rows: Iterable[Row]) -> tuple[RawTable, list[Note]]:
        """Return the table that the rows hold, and what was left out of it."""
        data, sheet, bound = self.data, self.data.sheet, self.data.bindings.bound
        for numbers, cells in data.parts(rows):
            self._say_constants(len(numbers), cells)
            self._apply_mapping(cells)
            known = data.headers.binder.measures
            split_by_type(numbers, cells, bound, known.get("type"), sheet, data.problems)
            self._leave_out_other_stages(cells)
            for name, entry in bound.items():
                self._read_units(name, entry, numbers, cells)
                self._take_marks(entry, numbers, cells[name])
                self._pass_over_values(entry.measure, cells[name])
            if numbers:
                for name, entry in bound.items():
                    if entry.over:
                        cells[name] = self._shares(name, entry, numbers, cells)
                self._type(numbers, cells)
        if not self.parts:
            self._type([], {name: [] for name in bound})
        origin = attrs.evolve(self._origin(np.concatenate(self.lines)), whole=data.whole)
        converted = [conversion(entry.measure, entry.scaling) for entry in bound.values() if entry.scaling]
        notes = [*data.notes(), *stage_notes(bound, sheet), *self._value_notes()]
        notes += [Note(sheet.file, sheet.name, entry) for entry in converted]
        notes += [Note(sheet.file, sheet.name, _divided(entry)) for entry in bound.values() if entry.over]
        self._refuse_totals_alone()
        self.marks.refuse(data.headers.table, data.problems)
        table, total = self._with_unclear_ids(joined(self.parts, origin)), data.left_out.total
        for column, figures in data.of_sections.items():
            given = data.section_columns[column], figures
            sentences = section_notes(table, *given, data.headers.binder.standard)
            notes += [Note(sheet.file, sheet.name, sentence) for sentence in sentences]
        if total and table.id != "facts":
            notes += differences(total, bound, table, sheet)
        return table, notes

    def _say_constants(self, size: int, cells: dict[str, list[Cell]]) -> None:
        """Add what a mapping, or the name of the sheet, says of all rows."""
        known = self.data.headers.binder.measures
        for name in ("type", "stage", "organizer"):
            value = getattr(self.data.mapped, name) if self.data.mapped else ""
            if name == "stage" and not value and self.data.headers.binder.stage and name not in cells:
                value = self.data.headers.binder.stage
            if value and name in known and name not in self.data.bindings.bound:
                cells[name] = [value] * size
        binder = self.data.headers.binder
        if self.data.headers.table != "schools" or "type" in cells:
            return
        if binder.stage:
            # Of a sheet called 小学 every school is one of that stage, unless another sheet has it too.
            cells["type"] = [type_of_stages(frozenset((binder.stage,)), binder.standard)] * size
        elif self.types:
            types = [self._type_elsewhere(cells, row) for row in range(size)]
            if any(types) or any(entry.by_type for entry in self.data.bindings.bound.values()):
                cells["type"] = list(types)

    def _type_elsewhere(self, cells: Mapping[str, list[Cell]], row: int) -> str | None:
        """Return the type that another sheet gives a school."""
        county = text_of(cells["county"][row]) if "county" in cells else self.county
        names = [plain(text_of(whole(cells[name][row]))) for name in ("school", "name") if name in cells]
        keys = [(place, name) for name in names for place in (county, "")]
        return next((self.types[key] for key in keys if key in self.types), None)

    def _apply_mapping(self, cells: Mapping[str, list[Cell]]) -> None:
        """Read cells as a mapping says what they mean."""
        mapped = self.data.mapped
        if mapped is None:
            return
        marks = set(map(normal, mapped.empty_marks))
        for name, entry in self.data.bindings.bound.items():
            column = next((other for other in mapped.columns if other.means(entry.column, entry.path)), None)
            if not marks and (column is None or not column.values):
                continue
            for row, cell in enumerate(cells[name]):
                text = text_of(cell)
                node = column.meaning_of(text) if column and text else None
                if node is not None:
                    value = node.value
                    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
                    cells[name][row] = float(str(value)) if is_number else None if value is None else str(value)
                elif text and normal(text) in marks:
                    cells[name][row] = None

    def _leave_out_other_stages(self, cells: Mapping[str, list[Cell]]) -> None:
        """Let the sum of a stage count in the rows of schools that have the stage."""
        sums = [
            (name, entry) for name, entry in self.data.bindings.bound.items() if entry.addends and not entry.by_type
        ]
        if not sums or "type" not in cells:
            return
        measure = self.data.headers.binder.measures["type"]
        kinds, _ = typed(np.fromiter(cells["type"], dtype=object, count=len(cells["type"])), measure)
        for row, kind in enumerate(kinds.tolist()):
            own = (measure.values[kind].stages or ()) if kind >= 0 else ()
            for name, entry in sums:
                if own and entry.measure.stage and entry.measure.stage not in own:
                    cells[name][row] = None

    def _shares(self, name: str, bound: Bound, numbers: Sequence[int], cells: Mapping[str, list[Cell]]) -> list[Cell]:
        """Return counts divided by the pupils of all stages of the school; unknown where those of one are missing."""
        known, size, commas = self.data.headers.binder.measures, len(numbers), self.data.sheet.commas
        whole = [known[entry] for entry in bound.over]
        counts, bad = typed(_as_array(cells[name]), whole[0], commas=commas)
        kinds = typed(_as_array(cells["type"]), known["type"])[0].tolist() if "type" in cells else [-1] * size
        stages = [(known["type"].values[kind].stages if kind >= 0 else None) for kind in kinds]
        pupils = np.zeros(size)
        for measure in whole:
            reported = _as_array(cells[measure.column]) if measure.column in cells else np.full(size, None)
            given = typed(reported, measure, commas=commas)[0]
            needed = np.array([own is None or measure.stage in own for own in stages])
            pupils += np.where(np.isnan(given) & ~needed, 0, given)
        problems = [(entry.row, entry.problem, entry.hint, entry.kind) for entry in bad]
        for row in np.flatnonzero(counts > pupils).tolist():
            count, there = figure(counts[row]), figure(pupils[row])
            problem = Phrase(f"填报{count}，多于在校生数{there}", f"found {count}, more than the {there} pupils")
            problems.append((row, problem, _MEND_ONE, _MORE_THAN_PUPILS))
        for row, problem, hint, kind in problems:
            place = self.data.sheet.place(numbers[row], bound.column)
            self.data.problems.note(bound.measure.table, place, name, problem, hint, kind)
            counts[row] = np.nan
        shares = np.divide(counts, pupils, out=np.full(size, np.nan), where=pupils > 0)
        return [None if math.isnan(share) else share for share in shares.tolist()]

    def _take_marks(self, bound: Bound, numbers: Sequence[int], cells: list[Cell]) -> None:
        if bound.addends or not any(type(cell) is str for cell in cells):
            return
        for row, cell in enumerate(cells):
            if self.marks.holds(cell, bound.measure, numbers[row], bound.column):
                cells[row] = None

    def _read_units(self, name: str, bound: Bound, numbers: Sequence[int], cells: Mapping[str, list[Cell]]) -> None:
        """Read figures that say their unit in the cell, where it is beyond doubt; it is noted."""
        measure, standard = bound.measure, self.data.headers.binder.standard
        if measure.type not in ("count", "number"):
            return
        if measure.unit and measure.unit.zh == _YEAR:
            cells[name][:] = map(year_of, cells[name])
        per = bound.scaling.factor if bound.scaling else None
        for row, cell in enumerate(cells[name]):
            result = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", cell)) if isinstance(cell, str) else None
            if result is None:
                continue
            if (scaling := scaling_of(result[2], measure, standard)) is None:
                if is_unit(result[2], standard):
                    problem, hint = no_unit(shown(result[2]), measure, standard)
                    place = self.data.sheet.place(numbers[row], bound.column)
                    problem = Phrase(f"填报“{text_of(cell)}”，", f"found {text_of(cell)!r}: ") + problem
                    self.data.problems.note(measure.table, place, name, problem, hint, UNKNOWN_UNIT)
                    cells[name][row] = None
                continue
            if per is not None and scaling.factor != per:
                continue
            with suppress(UnreadableError):
                number = Fraction(repr(number_reader(measure, scaling)(result[1]))) * scaling.factor
                cells[name][row] = float(number / (per or 1))
                self.with_units.setdefault(name, []).append(f"{str(cell).strip()} = {figure(float(number))}")

    def _pass_over_values(self, measure: Measure, cells: list[Cell]) -> None:
        """Take values of a closed list that nothing needs for not reported, where they are none of the list.

        Before and behind a value there may be its number, as 811 教育部门 or 县级教育部门（831）.
        """
        if measure.type != "choice" or measure.table != "schools":
            return
        known = {plain(word): choice.id for choice in measure.values for word in (choice.id, *choice.writings)}
        for row, cell in enumerate(cells):
            text = text_of(whole(cell))
            if not plain(text) or plain(text) in known:
                continue
            numbered = next((known[word] for word in map(plain, _NUMBERED.split(text)) if word in known), None)
            if numbered is not None:
                cells[row] = numbered
            elif not measure.needed_by:
                self.passed.setdefault(measure.column, {})[text] = None
                cells[row] = None

    def _value_notes(self) -> Iterator[Note]:
        sheet, bound = self.data.sheet, self.data.bindings.bound
        for name, examples in self.with_units.items():
            title, some = bound[name].measure.title, listed(examples[:_ENOUGH])
            zh = f"“{title.zh}”有{len(examples)}格写了单位，已换算：{some.zh}"
            en = f"{len(examples)} cells of {title.en} say their unit, and were converted: {some.en}"
            yield Note(sheet.file, sheet.name, Title(zh=zh, en=en))
        for name, values in self.passed.items():
            title, some = bound[name].measure.title, listed(values)
            zh = f"“{title.zh}”的{some.zh}不在可填的值之内，判定不需要，作为没有填报"
            en = f"{title.en} {some.en} is none of the known values; no rule needs it, and it was left out"
            yield Note(sheet.file, sheet.name, Title(zh=zh, en=en))

    def _refuse_totals_alone(self) -> None:
        """Refuse a sheet of schools whose only rows are totals."""
        left_out, table = self.data.left_out, self.data.headers.table
        if table != "schools" or not left_out.names or any(part.size for part in self.parts):
            return
        names = listed(left_out.names[:_ENOUGH])
        problem = Phrase(f"只有合计“{names.zh}”，没有学校", f"found only the total {names.en}, and no school")
        hint = Phrase("请一所学校填一行", "give every school a row of its own")
        place = self.data.sheet.place(left_out.rows["total"][0], next(iter(left_out.labels), -1))
        self.data.problems.note(table, place, "", problem, hint)

    def _with_unclear_ids(self, raw: RawTable) -> RawTable:
        self.ids.refuse_mixed(raw.id, self.data.problems)
        unclear = {name: () for name in self.ids.refused if name not in raw.faulty}
        return attrs.evolve(raw, faulty={**raw.faulty, **unclear})

    def _origin(self, lines: Ints) -> Origin:
        sheet = self.data.sheet
        return Origin(sheet.file, lines, sheet=sheet.name, columns=self.data.bindings.positions)

    def _type(self, numbers: list[int], cells: Mapping[str, list[Cell]]) -> None:
        known = self.data.headers.binder.measures
        measures = {name: known[name] for name in cells}
        columns = {name: self._array(name, column, measures[name], numbers) for name, column in cells.items()}
        if self.data.headers.table == "sections":
            self._stage_of_sections(numbers, cells, columns)
        counted, _ = typed(columns.pop(COUNTED), measures[COUNTED]) if COUNTED in columns else (None, ())
        for row, number in enumerate(numbers):
            if counted is not None and counted[row] == 0:
                self._refuse_uncounted(number, row, cells, self.data.bindings.bound[COUNTED].column)
            elif number in self.data.uncounted and (counted is None or counted[row] != 1):
                self._refuse_uncounted(number, row, cells, *self.data.uncounted[number])
        if self.county:
            columns["county"] = np.full(len(numbers), self.county, dtype=object)
        scalings = {name: entry.scaling for name, entry in self.data.bindings.bound.items()}
        lines = np.array(numbers, dtype=np.int64)
        known = self.data.headers.binder.standard.table_measures(self.data.headers.table)
        origin = self._origin(lines)
        table, problems, commas = self.data.headers.table, self.data.problems, self.data.sheet.commas
        self.parts.append(type_columns(table, columns, known, origin, problems, scalings, commas=commas))
        self.lines.append(lines)

    def _stage_of_sections(
        self, numbers: list[int], cells: Mapping[str, list[Cell]], columns: dict[str, Column]
    ) -> None:
        """Say the stage of sections: by the type of school, or by the block of rows that is numbered from 1."""
        kinds = columns.pop("type", None)
        if "stage" in columns:
            return
        stages: list[Cell] = [None] * len(numbers)
        if kinds is not None:
            measure = self.data.headers.binder.measures["type"]
            for row, kind in enumerate(typed(kinds, measure)[0].tolist()):
                own = list(measure.values[kind].stages or ()) if kind >= 0 else []
                stages[row] = own[0] if len(own) == 1 else _stage_of_name(cells, row, self.data.headers.binder)
        else:
            known = self.data.headers.binder.standard.stages
            for row, number in enumerate(numbers):
                block = self.data.blocks.get(number, 0)
                stages[row] = known[block] if max(self.data.blocks.values(), default=0) < len(known) else None
        columns["stage"] = np.fromiter(stages, dtype=object, count=len(stages))

    def _refuse_uncounted(
        self, number: int, row: int, cells: Mapping[str, list[Cell]], column: int, remark: str = ""
    ) -> None:
        """Refuse a row that says it is no school and names none that it belongs to."""
        if "parent" in cells and text_of(cells["parent"][row]):
            return
        name = next((text for key in ("name", "school") if key in cells and (text := text_of(cells[key][row]))), "")
        says = Phrase(f"（“{remark}”）", f" ({remark})") if remark else NO_WORDS
        problem = Phrase(f"{name}不计校数", f"{name} is not counted as a school") + says
        problem += Phrase("，却没有填所属学校", ", and names none it belongs to")
        hint = Phrase(
            "请加一列“所属学校”（parent），填它所属主校的标识或名称；教学点计校数，填1",
            "add a column 所属学校 (parent) with the id or name of its school; teaching points are counted: 1",
        )
        place = self.data.sheet.place(number, column)
        self.data.problems.note("schools", place, COUNTED, problem, hint, Phrase("不计校数", "not counted"))

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


def _stage_of_name(cells: Mapping[str, list[Cell]], row: int, binder: Binder) -> Cell:
    """Return the stage that the name of a section ends in, as 小学部; None where it ends in none."""
    name = text_of(cells["name"][row]) if "name" in cells else ""
    return binder.words.stage_in(name[-_ENDING:]) if name.rstrip("）)").endswith("部") else None


def year_of(cell: Cell) -> Cell:
    """Return the year of a day, where a year is asked for; anything else as it is.

    Examples
    --------
    >>> year_of("2010年9月"), year_of("2010-09-01"), year_of("1998"), year_of("九十年代")
    (2010.0, 2010.0, '1998', '九十年代')
    """
    if isinstance(cell, date):
        return float(cell.year)
    match = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return float(match[1]) if match else cell


def whole(cell: Cell) -> Cell:
    """Return a number of a sheet that stands for a text as whole number, where it has kept all its digits."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < MOST else cell

"""The rows of data below the headers: totals, remarks, repeated headers and rows of dots are skipped and noted."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

import attrs
import numpy as np

from balancedu.calculator.limits import SLACK
from balancedu.core.fields import Title, plain
from balancedu.errors import DataError
from balancedu.files.binding import Bindings, Bound, refuse_unknown
from balancedu.files.figures import sum_of
from balancedu.files.headers import Headers, path_text, repeated
from balancedu.files.layout import OWN_BESIDE, other_columns
from balancedu.files.sheet import Cell, Merged, Row, Sheet, cell_at, has_values, is_filled, text_of
from balancedu.files.vocabulary import GIVEN, TOTALS
from balancedu.submission.columns import MisfilledError, is_figure, number_reader
from balancedu.submission.problems import Problems, listed_rows, number_text
from balancedu.submission.schools import is_added
from balancedu.submission.tables import RawTable, letters
from balancedu.text import Phrase

AT_ONCE = 4096
"""Rows that are read together."""
WORDS = ("text", "choice")
NUMBERS = ("count", "number", "share")
CellColumns = Sequence[Sequence[Cell]]
"""The cells of some rows, column by column."""

_OF_ALL = re.compile("(?:[全本][县区市旗])?(?:合计|总计|共计|总数|计)|(?:grand)?total")
"""What a total of all rows is called; of several totals it is the one of all."""
_ALONE = re.compile("(?:[全本][镇乡校])?(?:小计|合计|总计|共计)|subtotal")
"""What may be a total of some rows only; where it is the only one, there are no others."""
_SAYS_NO_MORE = re.compile("[0-9]*[所个校间班人]?")
"""What may be beside such a word and does not state whose total it is."""
_OF_A_COUNTY = re.compile(
    "(?:全[县区市旗]|本[县区市旗]|县域)内?(?:义务教育|普通|公办|民办)?(?:小学|初中|中小学|学校|各校)?(?:总数|合计|平均|平均值)?"
)
_TOTAL_ENDS = ("合计", "小计", "总计", "共计", "total")
_LAST = ("计", "总数", "tal", "TAL", "Tal", "全", "本", "县域")
_LONGEST_TOTAL = 16
_REMARKS_BEGIN = 5
"""In one of that many columns."""
_REMARK = re.compile(
    r"\s*(注|备注|说明|填表说明|填表人|填报人|制表人?|审核人?|负责人|单位负责人|统计负责人|填表日期|填报日期|报出日期"
    r"|联系人|联系电话|资料来源|数据来源|notes?|source)\s*[:：]",
    re.IGNORECASE,
)
_DOTS = re.compile(r"\s*(?:\.{2,}|…+|。{2,}|⋯+)\s*")
_KINDS: Mapping[str, Title] = {
    "total": Title(zh="第{}行是合计、小计，没有读入", en="totals in row {}, left out"),
    "remark": Title(zh="第{}行是表下的说明，没有读入", en="remarks below the table in row {}, left out"),
    "header": Title(zh="第{}行重复表头，没有读入", en="headers again in row {}, left out"),
}
"""Rows that contain no data and are noted; empty rows and rows of dots are not."""


def is_total(text: str) -> bool:
    """Return whether a text beside a row states that the row sums up others.

    Examples
    --------
    >>> [is_total(text) for text in ("合 计", "全县总计", "Subtotal", "合计小学", "计算机")]
    [True, True, True, False, False]
    """
    word = plain(text)
    ends = word.endswith(_TOTAL_ENDS) or _OF_A_COUNTY.fullmatch(word) is not None
    return word in TOTALS or (len(word) <= _LONGEST_TOTAL and ends)


@attrs.frozen
class RowBlock:
    """Some rows that contain data.

    Attributes
    ----------
    numbers : list of int
        The number of each row.
    cells : mapping of column of the table to cells
    beside : mapping of position to cells
        The columns of the sheet that no measure is bound to.
    blocks : list of int
        Which block each row belongs to, where a column numbers the rows of each from 1.
    """

    numbers: list[int]
    cells: dict[str, list[Cell]]
    beside: Mapping[int, list[Cell]]
    blocks: list[int]


@attrs.define
class DataRows:
    """Reads the rows of one sheet below its headers.

    Attributes
    ----------
    sheet, headers, bindings, problems
    whole : bool
        Whether every row could be read; known when they have been.
    left_out : mapping of kind to numbers
        The rows that contain no data.
    total_names : list of str
        What the totals are called.
    totals : list of (row, cells, is of all)
        Totals of which nothing states that they are those of some rows only.
    unread : mapping of column to DataError
        Columns that were not read, as the errors that they would be.
    block : int
        The block of the last row that was read; -1 where no column numbers the rows.
    labels : tuple of int
        The columns in which a row states what it is about.
    """

    sheet: Sheet
    headers: Headers
    bindings: Bindings
    problems: Problems
    whole: bool = True
    left_out: dict[str, list[int]] = attrs.field(factory=dict)
    total_names: list[str] = attrs.field(factory=list)
    totals: list[tuple[int, list[Cell], bool]] = attrs.field(factory=list)
    unread: dict[int, DataError] = attrs.field(factory=dict)
    block: int = -1
    labels: tuple[int, ...] = attrs.field(init=False)
    _reported: set[int] = attrs.field(init=False, factory=set)
    _merged: MergedCells = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        binder, bound = self.headers.binder, self.bound
        words = (entry.column for entry in bound.values() if entry.measure.type in WORDS)
        # A remark may end in a word for totals; facts in rows are no addends, and some are called a total.
        remarks = {column for column, path in self.headers.passed.items() if binder.is_remark(path)}
        self.labels = () if binder.in_rows else (*words, *sorted(self.bindings.silent - remarks))
        spans = [span for span in self.sheet.merged if span.first_row > self.headers.last]
        spans.sort(key=lambda span: span.first_row)
        needed = GIVEN if binder.in_rows else ()
        self._merged = MergedCells(self.sheet, self.headers.table, bound, self.problems, spans, needed)

    @property
    def bound(self) -> Mapping[str, Bound]:
        """The columns of the table, and where they are."""
        return self.bindings.bound

    def parts(self, rows: Iterable[Row]) -> Iterator[RowBlock]:
        """Yield the rows that contain data; then note what was left out."""
        fitting = self._fitting(rows)
        while part := list(itertools.islice(fitting, AT_ONCE)):
            yield self._part(part)
        for kind, numbers in self.left_out.items():
            some = listed_rows(numbers)
            self.sheet.add_note(_KINDS[kind].zh.format(some.replace(", ", "、")), _KINDS[kind].en.format(some))
        if self.unread:
            names = [path_text(self.headers.paths[column]) for column in sorted(self.unread)]
            zh, en = "、".join(f"“{name}”" for name in names), ", ".join(map(repr, names))
            self.sheet.add_note(f"{zh}不是要报的数，没有读入", f"the columns {en} are not asked for, and were not read")
        beside = (path[-1] for n, path in self.headers.passed.items() if self.headers.binder.is_beside(n, path))
        if names := [name for name in beside if name not in OWN_BESIDE]:
            zh, en = "、".join(f"“{name}”" for name in names), ", ".join(map(repr, names))
            self.sheet.add_note(f"{zh}没有读入", f"the columns {en} were not read")

    def _fitting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that can be read; in a text file each has the cells that the header has."""
        width = max(len(cells) for _, cells in self.headers.rows)
        for number, cells in rows:
            is_long = len(cells) > width and not any(map(is_filled, cells[width:]))
            if self.sheet.name or len(cells) == width or is_long:
                yield number, cells
            elif len(cells) < width and _is_remark(cells):
                self.left_out.setdefault("remark", []).append(number)
            else:
                self.whole = False
                problem = Phrase(
                    f"有{len(cells)}个单元格，应与表头一样有{width}个",
                    f"found {len(cells)} cells, wanted {width} as in the header",
                )
                hint = Phrase(
                    "请检查单元格里的分隔符，含分隔符的内容要加引号",
                    "check for separators inside cells, which need quotes",
                )
                kind = Phrase("单元格的个数", "number of cells")
                self.problems.note(self.headers.table, self.sheet.place(number), "", problem, hint, kind)

    def _part(self, rows: list[Row]) -> RowBlock:
        numbers = [number for number, _ in rows]
        columns: CellColumns = list(itertools.zip_longest(*(cells for _, cells in rows)))
        self._look_for_unknown(numbers, columns)
        nothing: Sequence[Cell] = [None] * len(rows)
        cells = {
            name: self._sums(entry, columns, nothing)
            if entry.addends
            else list(columns[entry.column] if entry.column < len(columns) else nothing)
            for name, entry in self.bound.items()
        }
        blocks = self._blocks_of(columns, len(rows))
        no_data = self._no_data(columns, list(cells.values()), len(rows))
        for row, kind in sorted(no_data.items()):
            if kind in _KINDS:
                self.left_out.setdefault(kind, []).append(numbers[row])
            if kind == "total":
                self._keep_total(numbers[row], [column[row] for column in columns])
        self._merged.fill(numbers, cells, no_data)
        kept = [row for row in range(len(rows)) if row not in no_data]
        taken = {entry.column for entry in self.bound.values() if not entry.addends}
        beside = {n: [column[row] for row in kept] for n, column in enumerate(columns) if n not in taken}
        return RowBlock(
            [numbers[row] for row in kept],
            {name: [column[row] for row in kept] for name, column in cells.items()} if no_data else cells,
            beside,
            [blocks[row] for row in kept],
        )

    def _sums(self, bound: Bound, columns: CellColumns, nothing: Sequence[Cell]) -> list[Cell]:
        """Return the sums of several columns in the unit of their headers: unknown where one of them is."""
        addends = [columns[column] if column < len(columns) else nothing for column in bound.addends]
        scaling = bound.scaling
        sums = (
            sum_of(cells, bound.measure, [scaling] * len(cells), commas=self.sheet.commas)
            for cells in zip(*addends, strict=True)
        )
        factor = scaling.factor if scaling else 1
        return [float(total / factor) if isinstance(total, Fraction) else total for total in sums]

    def _blocks_of(self, columns: CellColumns, size: int) -> list[int]:
        """Return the block of each row, where a column numbers them from 1 again."""
        numbering = next(
            (n for n, path in self.headers.passed.items() if plain(path[-1]) in other_columns().numbering), -1
        )
        blocks = []
        for cell in columns[numbering] if 0 <= numbering < len(columns) else [None] * size:
            text = text_of(cell)
            self.block += text == "1" or (self.block < 0 and text.isdecimal())
            blocks.append(max(self.block, 0))
        return blocks

    def _no_data(self, columns: CellColumns, read: Sequence[Sequence[Cell]], size: int) -> dict[int, str]:
        """Return the positions of the rows that contain no data, each with what it is."""
        filled = [column for column in columns if has_values(column)]
        kinds = {row: "empty" for row in range(size) if not any(is_filled(column[row]) for column in read)}
        for row in range(size) if any(_holds(column, (".", "…", "。", "⋯")) for column in filled) else ():
            cells = [column[row] for column in filled if is_filled(column[row])]
            if cells and all(isinstance(cell, str) and _DOTS.fullmatch(cell) for cell in cells):
                kinds[row] = "dots"
        return kinds | self._remarks(columns) | self._repeated_headers(columns) | self._totals(columns)

    def _totals(self, columns: CellColumns) -> dict[int, str]:
        result = {}
        for column in self.labels:
            if column < len(columns) and _holds(columns[column], _LAST):
                for row, cell in enumerate(columns[column]):
                    if type(cell) is str and is_total(cell):
                        self.total_names.append(cell.strip())
                        result[row] = "total"
        return result

    def _remarks(self, columns: CellColumns) -> dict[int, str]:
        figures = [entry.column for entry in self.bound.values() if entry.measure.type in NUMBERS]
        result = {}
        for column, cells in enumerate(columns[:_REMARKS_BEGIN]):
            for row, cell in enumerate(cells) if _holds(cells, (":", "：")) else ():
                if type(cell) is str and _REMARK.match(cell):
                    before = any(text_of(columns[n][row]) for n in range(column))
                    if not before and not any(_is_figure(columns[n][row]) for n in figures if n < len(columns)):
                        result[row] = "remark"
        return result

    def _repeated_headers(self, columns: CellColumns) -> dict[int, str]:
        leaves = {entry.column: entry.path[-1] for entry in self.bound.values()}
        first = next((column for column in leaves if column < len(columns)), None)
        if first is None or not _holds(columns[first], (leaves[first].partition(" ")[0],)):
            return {}
        return {
            row: "header"
            for row, cell in enumerate(columns[first])
            if type(cell) is str and text_of(cell) == leaves[first] and repeated([c[row] for c in columns], leaves)
        }

    def _keep_total(self, number: int, cells: list[Cell]) -> None:
        """Keep a row of totals, if nothing in it states that it is one of some rows only."""
        # Labels are texts: a column that is not read may contain figures.
        words = {plain(cell) for column in self.labels if isinstance(cell := cell_at(cells, column), str)}
        names = {text for text in words if not _SAYS_NO_MORE.fullmatch(text)}
        if names and all(_OF_ALL.fullmatch(name) or _ALONE.fullmatch(name) for name in names):
            self.totals.append((number, cells, any(map(_OF_ALL.fullmatch, names))))

    def note_differences(self, table: RawTable) -> None:
        """Note the columns in which the total of all is not the sum of the rows, all above it or all below."""
        of_all = [total for total in self.totals if total[2]]
        # Two totals are those of parts, and which rows belong to each is unknown.
        alone = self.totals[:1] if len(self.left_out.get("total", ())) == 1 else []
        total = next(iter(of_all if len(of_all) == 1 else alone), None)
        lines = np.asarray(table.origin.lines)
        if total is None or not lines.size or lines.min() < total[0] < lines.max():
            return
        number, cells, _ = total
        for name, entry in self.bound.items():
            if entry.by_type or not is_added(entry.measure) or np.isnan(table.columns[name]).all():
                continue
            try:
                read = number_reader(entry.measure, entry.scaling, commas=self.sheet.commas)
                stated = read(cell_at(cells, entry.column))
            except MisfilledError:
                continue
            added = float(np.nansum(table.columns[name])) / float(entry.scaling.factor if entry.scaling else 1)
            # Rounding may make of it half of the last decimal of the total, and of each figure's.
            decimals = len(number_text(stated).partition(".")[2])
            rounding = 10.0**-decimals / 2 * (lines.size + 1 if decimals else 1)
            if abs(added - stated) > rounding + SLACK * abs(added):
                cell = f"{letters(entry.column)}{number}" if self.sheet.name else ""
                zh, en, title = cell or f"第{number}行", cell or f"row {number}", entry.measure.title
                words, result = number_text(stated), number_text(float(f"{added:.12g}"))
                self.sheet.add_note(
                    f"“{title.zh}”的合计（{zh}）写的是{words}，各行之和是{result}，请核对",
                    f"the total of {title.en} ({en}) says {words}, but its rows add up to {result}; look at both",
                )

    def _look_for_unknown(self, numbers: Sequence[int], columns: CellColumns) -> None:
        """Refuse columns that contain something and whose header is not known, or keep that they were not read."""
        known = set(self.bindings.positions.values()) | self.bindings.silent | self._reported
        known |= set(self.headers.paths) - set(self.bindings.unknown)
        for column, cells in enumerate(columns):
            if column not in known and has_values(cells):
                filled = next(row for row, cell in enumerate(cells) if is_filled(cell))
                self._reported.add(column)
                if error := refuse_unknown(self.headers, self.sheet, column, numbers[filled], self.problems):
                    self.unread[column] = error


def _is_remark(cells: Sequence[Cell]) -> bool:
    """Return whether a line contains nothing but dots or a remark, as below a printed table."""
    texts = [text for text in map(text_of, cells) if text]
    return len(texts) == 1 and bool(_DOTS.fullmatch(texts[0]) or _REMARK.match(texts[0]))


def _is_figure(cell: Cell) -> bool:
    return is_figure(cell) if isinstance(cell, str) else isinstance(cell, int | float)


def _holds(cells: Sequence[Cell], signs: tuple[str, ...]) -> bool:
    """Return whether any text of a column contains one of the signs; fast, because most columns contain none."""
    texts = "\n".join([cell for cell in cells if type(cell) is str])
    return any(sign in texts for sign in signs)


_FOR_EVERY_ROW = ("text", "choice", "yes_no", "day")
"""A name or a type that is written once beside several rows is that of each; a number may be their sum."""


@attrs.define
class MergedCells:
    """The merged cells below the headers of a sheet.

    Where some columns are needed, a row in which none of them is filled reports nothing, as a heading over all columns.
    """

    sheet: Sheet
    table: str
    bound: Mapping[str, Bound]
    problems: Problems
    spans: list[Merged]
    needed: tuple[str, ...] = ()
    carried: dict[Merged, Cell] = attrs.field(factory=dict)
    reported: set[Merged] = attrs.field(factory=set)

    def fill(self, numbers: Sequence[int], cells: Mapping[str, list[Cell]], dropped: Container[int]) -> None:
        """Write the value of merged cells into every row that they cover, and refuse those that leave a doubt.

        Parameters
        ----------
        numbers : sequence of int
            The numbers of the rows.
        cells : mapping of column of the table to cells
        dropped : container of int
            The positions of the rows that contain no data.
        """
        self.spans = [span for span in self.spans if span.last_row >= numbers[0]]
        for span in self.spans:
            rows = range(bisect_left(numbers, span.first_row), bisect_right(numbers, span.last_row))
            names = [
                name for name, entry in self.bound.items() if span.first_column <= entry.column <= span.last_column
            ]
            kept = [row for row in rows if row not in dropped]
            if len(names) > 1:
                needed = [name for name in self.needed if name in cells]
                if any(not self.needed or any(is_filled(cells[name][row]) for name in needed) for row in kept):
                    self._refuse(span, names[0], Phrase("列", "several columns"))
            elif names and rows:
                began = span in self.carried
                value = self.carried.setdefault(span, cells[names[0]][rows[0]])
                if self.bound[names[0]].measure.type in _FOR_EVERY_ROW:
                    for row in rows:
                        cells[names[0]][row] = value
                elif value is not None and (began or len(kept) > 1):
                    self._refuse(span, names[0], Phrase("行", "several rows"))

    def _refuse(self, span: Merged, name: str, what: Phrase) -> None:
        if span in self.reported:
            return
        self.reported.add(span)
        problem = Phrase(
            f"单元格跨多{what.zh}合并，无法确定填的是哪一{what.zh}",
            f"the cell is merged over {what.en}, and which of them it belongs to is unclear",
        )
        hint = Phrase("请取消合并，分别填写", "split it, and write the value of each")
        place = self.sheet.place(span.first_row, span.first_column)
        kind = Phrase(f"跨多{what.zh}合并", f"merged over {what.en}")
        self.problems.note(self.table, place, self.bound[name].measure.column, problem, hint, kind)

"""Which rows below the headers hold no data: totals, remarks below a table, headers that pages repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs

from balancedu.core.model import Title
from balancedu.core.words import plain
from balancedu.submission.figures import is_figure
from balancedu.submission.notes import Note, listed_rows
from balancedu.submission.reading.sheet import Cell, Sheet
from balancedu.submission.reading.stacked import repeated, text_of
from balancedu.submission.reading.totals import Total, total_in
from balancedu.submission.reading.vocabulary import TOTALS

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

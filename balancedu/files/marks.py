"""Marks such as 无, — and / in cells of figures: named once with all their cells, and never guessed to be 0."""

from __future__ import annotations

import unicodedata

import attrs

from balancedu.core.model import Measure
from balancedu.files.sheet import Cell, Sheet
from balancedu.submission.problems import Problems
from balancedu.submission.tables import letters
from balancedu.text import Phrase, listed

_SIGNS = "- -- --- — —— ——— ― – － / // \\ * ** × x … …… . 、 ○ 〇"
_WORDS = "无 没有 暂无 不适用 无此项 无数据 未统计 未填 未报 待填 待定 空 缺 不详 n/a na null none nil"
_MARKS = frozenset((*_SIGNS.split(), *_WORDS.split()))
_MOST_CELLS = 30


@attrs.define
class Marks:
    """The marks of one sheet, each with its cells.

    Attributes
    ----------
    sheet : Sheet
    cells : mapping of mark to [(row, column, measure)]
    """

    sheet: Sheet
    cells: dict[str, list[tuple[int, int, Measure]]] = attrs.field(factory=dict)

    def holds(self, cell: Cell, measure: Measure, row: int, column: int) -> bool:
        """Return whether a cell of a figure holds a mark; it is kept."""
        if not isinstance(cell, str) or measure.type in ("text", "choice"):
            return False
        word = unicodedata.normalize("NFKC", cell).strip().casefold()
        if word not in _MARKS and cell.strip() not in _MARKS:
            return False
        self.cells.setdefault(cell.strip(), []).append((row, column, measure))
        return True

    def refuse(self, table: str, problems: Problems) -> None:
        """Refuse each mark once, with all its cells and what can be written for it."""
        for mark, cells in self.cells.items():
            places = [self._cell(row, column) for row, column, _ in cells[:_MOST_CELLS]]
            more = ["…"] if len(cells) > _MOST_CELLS else []
            where = Phrase(
                "、".join([*(place.zh for place in places), *more]), ", ".join([*(place.en for place in places), *more])
            )
            measures = {measure.column: measure.title.zh for _, _, measure in cells}
            problem = Phrase(
                f"“{mark}”填在应填数字的{len(cells)}格里（{listed(measures.values()).zh}）：{where.zh}",
                f"found {mark!r} in {len(cells)} cells that hold figures ({listed(measures).en}): {where.en}",
            )
            empty, zero = f'empty_marks: ["{mark}"]', f'values: {{"{mark}": 0}}'
            hint = Phrase(
                f"没有填报的请留空，或在 mapping.yaml 里写 {empty}；确认是0的请填0，或在这一列写 {zero}",
                f"leave empty what is not reported, or write {empty} into mapping.yaml; where it means 0, write 0, "
                f"or {zero} of the column",
            )
            row, column, measure = cells[0]
            name = measure.column if len(measures) == 1 else ""
            problems.note(table, self.sheet.place(row, column), name, problem, hint, Phrase("不是数字的记号", "a mark"))

    def _cell(self, row: int, column: int) -> Phrase:
        cell = f"{letters(column)}{row}"
        return Phrase(cell, cell) if self.sheet.name else Phrase(f"第{row}行", f"row {row}")

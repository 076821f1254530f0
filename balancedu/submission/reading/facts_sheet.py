"""Facts that stand in a row each: which county, which fact, its value, its unit and what documents it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.core.words import plain
from balancedu.errors import near
from balancedu.phrase import NO_WORDS, Phrase, one_of
from balancedu.submission.bad_cells import WANTED_TEXT, found_in, misfilled
from balancedu.submission.cells import as_text, typed
from balancedu.submission.problems import Problems, guessed, shown
from balancedu.submission.raw import FACT, RawTable, unknown_of, without_empty_county
from balancedu.submission.reading.binding import Binder
from balancedu.submission.reading.body import whole
from balancedu.submission.reading.mapping import MappedSheet
from balancedu.submission.reading.sheet import Cell, Merged, Row, Sheet
from balancedu.submission.reading.spans import SEVERAL_ROWS, SPLIT, joined_over
from balancedu.submission.reading.stacked import text_of
from balancedu.submission.reading.units import UNKNOWN_UNIT, no_unit, scaling_of
from balancedu.submission.reading.vocabulary import vocabulary
from balancedu.submission.scaling import Scaling
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "fact": ("fact", "id", "标识", "事实标识", "指标标识", "指标代码"),
    "title": ("title", "what is asked", "事实", "指标", "指标名称", "项目", "项目名称", "名称", "内容"),
    "value": ("value", "填报", "填报值", "填报数据", "数值", "数据", "值", "指标值", "结果", "完成情况"),
    "unit": ("unit", "单位", "计量单位"),
    "evidence": ("evidence", "evidence (document, page)", "依据", "依据（文件、页码）", "佐证", "佐证材料", "证明材料"),
    "item": ("item", "条目", "条目编号"),
}

_GIVEN = ("value", "evidence")


@attrs.frozen
class FactColumns:
    """The columns of a sheet of facts, by what they hold, and the last row of its headers."""

    positions: Mapping[str, int]
    last: int


def fact_columns(top: Sequence[Row], standard: Standard, mapped: MappedSheet | None = None) -> FactColumns | None:
    """Return the columns of a sheet in which each fact has a row; None where it is no such sheet."""
    words = {plain(word): name for name, words in _HEADERS.items() for word in words}
    measures = standard.table_measures("facts")
    words |= {plain(word): "county" for word in (measures["county"].names if "county" in measures else ())}
    for one in mapped.columns if mapped else ():
        words |= {plain(one.header[-1]): one.measure or ""} if one.header else {}
    found: dict[str, int] = {}
    last = 0
    for number, cells in top:
        named = {words.get(plain(text_of(cell)), ""): column for column, cell in reversed(list(enumerate(cells)))}
        named.pop("", None)
        if len(named) >= 2 and {"value"} <= set(named) | set(found) and {"fact", "title"} & (set(named) | set(found)):
            found |= named
            last = number
        elif found:
            break
    return FactColumns(found, last) if found else None


@attrs.frozen
class _Fact:
    """A value as it stands in the sheet."""

    row: int
    line: int
    value: Cell
    scaling: Scaling | None


@attrs.define
class FactRows:
    """Collects the facts of a sheet, county by county."""

    sheet: Sheet
    columns: FactColumns
    standard: Standard
    problems: Problems
    counties: dict[str, int] = attrs.field(factory=dict)
    lines: list[int] = attrs.field(factory=list)
    facts: dict[str, dict[int, _Fact]] = attrs.field(factory=dict)
    evidence: dict[tuple[int, str], str] = attrs.field(factory=dict)
    known: Mapping[str, Measure] = attrs.field(init=False)
    binder: Binder = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.known = self.standard.table_measures("facts")
        self.binder = Binder(self.standard, "facts")

    def table(self, rows: Iterable[Row]) -> RawTable:
        """Return the facts as a table with a row for each county."""
        counties, values = self._spans("county"), self._spans("value")
        carried: dict[Merged, Cell] = {}
        for number, cells in rows:
            held = {
                name: cells[column] if column < len(cells) else None for name, column in self.columns.positions.items()
            }
            if span := _covering(counties, number):
                held["county"] = carried.setdefault(span, held["county"])
            if span := _covering(values, number):
                if number == span.first_row:
                    kind = Phrase("合并的单元格", "joined cell")
                    self._note(number, "value", "", joined_over(SEVERAL_ROWS), SPLIT, kind)
                continue
            # A fact may be documented before it is known.
            if any(text_of(held.get(name)) or not isinstance(held.get(name), str | None) for name in _GIVEN):
                self._take(number, held)
        origin = Origin(
            self.sheet.file,
            self.lines,
            {(fact.row, name): fact.line for name, ones in self.facts.items() for fact in ones.values()},
            sheet=self.sheet.name,
            columns=dict.fromkeys(self.facts, self.columns.positions["value"])
            | {name: column for name, column in self.columns.positions.items() if name == "county"},
        )
        return self._typed(origin)

    def _spans(self, name: str) -> list[Merged]:
        """Return the joined cells of several rows in a column, in order."""
        column = self.columns.positions.get(name, -1)
        found = (one for one in self.sheet.merged if one.first_column <= column <= one.last_column)
        return sorted((one for one in found if one.last_row > one.first_row), key=lambda one: one.first_row)

    def _take(self, number: int, held: Mapping[str, Cell]) -> None:
        measure, scaling = self._meant(number, held)
        if measure is None:
            return
        row = self._county(number, held.get("county"))
        if row is None:
            return
        ones = self.facts.setdefault(measure.column, {})
        if row in ones:
            first = self.sheet.place(ones[row].line, self.columns.positions["value"])
            problem = Phrase(
                f"{measure.title.zh}重复，先见于 {first}", f"{measure.column} stands twice, first in {first}"
            )
            hint = Phrase("请只保留一行", "keep one of the rows")
            self._note(number, "value", measure.column, problem, hint, Phrase("重复填报", "fact given twice"))
            return
        ones[row] = _Fact(row, number, held.get("value"), scaling)
        if text := as_text(held.get("evidence"), is_id=False):
            self.evidence[row, measure.column] = text

    def _county(self, number: int, cell: Cell) -> int | None:
        """Return the row of a county; None where the cell is no text."""
        name = as_text(whole(cell))
        if name is None:
            problem = misfilled(found_in(cell), WANTED_TEXT)
            self._note(number, "county", "county", problem, NO_WORDS, WANTED_TEXT)
            return None
        if name not in self.counties:
            self.counties[name] = len(self.lines)
            self.lines.append(number)
        return self.counties[name]

    def _meant(self, number: int, held: Mapping[str, Cell]) -> tuple[Measure | None, Scaling | None]:
        """Return which fact a row reports, and the unit that it is written in."""
        name, title = text_of(held.get("fact")), text_of(held.get("title"))
        said = self.binder.meaning((title,)) if title else None
        if measure := self.known.get(name):
            return measure, self._scaling(number, measure, held)
        if name or not said or not said.measures:
            self._refuse_unknown(number, name, title)
        elif said.measure is None:
            problem = Phrase("这一名称可能是", "the title may mean ") + one_of(map(_with_id, said.measures))
            kind = Phrase("名称有几种含义", "title of several meanings")
            self._note(number, "title", title, problem, Phrase("请写出标识", "write its id"), kind)
        elif said.wrong_unit:
            self._refuse_unit(number, "title", said.wrong_unit, said.measure)
        else:
            return said.measure, self._scaling(number, said.measure, held) or said.scaling
        return None, None

    def _refuse_unknown(self, number: int, name: str, title: str) -> None:
        guess = near(name, self.known) if name else NO_WORDS
        if title and not guess:
            guess = guessed(vocabulary(self.standard, "facts").nearest((title,)), self.known)
        unknown = unknown_of(FACT)
        hint = Phrase(
            "请删去这一项，或在自己的标准里声明", "leave the fact out, or declare it in a standard of your own"
        )
        self._note(number, "fact" if name else "title", name or title, unknown + guess, hint, unknown)

    def _scaling(self, number: int, measure: Measure, held: Mapping[str, Cell]) -> Scaling | None:
        word = text_of(held.get("unit"))
        if not word or measure.type not in ("count", "number", "share"):
            return None
        scaling = scaling_of(word, measure, self.standard)
        if scaling is None:
            self._refuse_unit(number, "unit", word, measure)
        return None if scaling is None or scaling.factor == 1 else scaling

    def _refuse_unit(self, number: int, column: str, word: str, measure: Measure) -> None:
        problem, hint = no_unit(shown(word), measure, self.standard)
        self._note(number, column, measure.column, problem, hint, UNKNOWN_UNIT)

    def _note(self, number: int, column: str, fact: str, problem: Phrase, hint: Phrase, kind: Phrase) -> None:
        place = self.sheet.place(number, self.columns.positions.get(column, -1))
        self.problems.note("facts", place, fact, problem, hint, kind)

    def _typed(self, origin: Origin) -> RawTable:
        size = len(self.lines)
        columns: dict[str, Column] = {}
        faulty: dict[str, set[int]] = {}
        names = list(self.counties)
        if "county" in self.columns.positions and any(names):
            columns["county"] = np.array(names, dtype=str)
        for name, ones in self.facts.items():
            columns[name] = np.full(size, np.nan)
            for scaling in {fact.scaling for fact in ones.values()}:
                given = [fact for fact in ones.values() if fact.scaling == scaling]
                cells = np.fromiter((fact.value for fact in given), dtype=object, count=len(given))
                numbers, bad = typed(cells, self.known[name], scaling, commas=self.sheet.commas)
                columns[name][[fact.row for fact in given]] = numbers
                for cell in bad:
                    fact = given[cell.row]
                    faulty.setdefault(name, set()).add(fact.row)
                    place = origin.place(fact.row, name, names[fact.row])
                    self.problems.note("facts", place, name, cell.problem, cell.hint, cell.kind)
        return without_empty_county(RawTable("facts", columns, size, origin, faulty))


def _with_id(measure: Measure) -> Phrase:
    return Phrase(f"{measure.title.zh}（{measure.column}）", measure.column)


def _covering(spans: list[Merged], row: int) -> Merged | None:
    """Return the joined cell that covers a row."""
    before = bisect_right(spans, row, key=lambda span: span.first_row)
    return spans[before - 1] if before and spans[before - 1].last_row >= row else None

"""County facts, from `facts.yaml` or from a sheet with one fact in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import plain
from balancedu.core.model import Measure, current_id
from balancedu.core.strict_yaml import Node, read
from balancedu.errors import DataError, near
from balancedu.files.binding import Bindings, refuse_ambiguous
from balancedu.files.figures import whole
from balancedu.files.headers import Binder, Headers, Meaning
from balancedu.files.layout import FACT_COLUMNS
from balancedu.files.mapping import MappedSheet
from balancedu.files.rows import DataRows
from balancedu.files.sheet import Cell, Row, Sheet, is_filled, text_of
from balancedu.files.vocabulary import GIVEN, UNKNOWN_UNIT, conversion, no_unit
from balancedu.submission.arrange import FACT, unknown_of, without, without_empty_county
from balancedu.submission.columns import Scaling, as_text, typed
from balancedu.submission.problems import BadCell, Problems, dropped, guessed, shown
from balancedu.submission.tables import Column, Origin, RawTable
from balancedu.text import NO_WORDS, Phrase, listed

_NO_MAPPING = Phrase("内容不是“名称: 值”", "found no mapping")
_SUCH_LINES = Phrase("请逐行写，如 `layout_rational: true`", "write lines such as `layout_rational: true`")


def facts_of(text: str, file: str) -> tuple[Mapping[str, Any], Origin, list[DataError]]:
    """Return the facts of a YAML text, where each is, and what is wrong with the text.

    Every value stays text until its measure says what it is, so that `是`, `yes` and `true` mean the same
    here as in any other table. A file of comments alone reports nothing.
    """
    if all(line.strip().startswith(("#", "---")) or not line.strip() for line in text.splitlines()):
        return {}, Origin(file), []
    node, result = read(text.encode("utf-8"), file, typed=False)
    if node is not None and not isinstance(node.value, Mapping):
        result.append(node.error("", _NO_MAPPING, _SUCH_LINES))
    errors = [DataError.of(error, "facts") for error in result]
    if node is None or not isinstance(node.value, Mapping):
        return {}, Origin(file), errors
    cells = {(0, fact): entry.key_line for fact, entry in node.value.items()}
    for row, county in enumerate(node.value.values()):
        if isinstance(county.value, Mapping):
            cells |= {(row, "county"): county.line}
            cells |= {(row, fact): entry.key_line for fact, entry in county.value.items()}
    return _plain(node), Origin(file, cells=cells), errors


def _plain(node: Node) -> Any:
    if isinstance(node.value, Mapping):
        return {key: _plain(entry) for key, entry in node.value.items()}
    return [_plain(entry) for entry in node.value] if isinstance(node.value, tuple) else node.value


def can_be_read(headers: Headers, bindings: Bindings, sheet: Sheet, problems: Problems) -> bool:
    """Return whether a sheet has the columns that rows of facts need; note the one that it lacks."""
    lacking = "fact" if not headers.says_which else "value" if "value" not in headers.columns else ""
    if lacking:
        title = FACT_COLUMNS[lacking]
        problem = Phrase("缺少填写数值的列", "no column holds the values of the facts")
        if lacking == "fact":
            problem = Phrase("缺少写明事实名称或标识的列", "no column says which fact a row is about")
        hint = Phrase(
            f"请在这一列的上方写“{title.zh}”，或在 mapping.yaml 里指定",
            f"write {title.zh} or {lacking} above it, or bind it in mapping.yaml",
        )
        place = sheet.place(headers.last, next(iter(headers.columns.values()), -1))
        problems.note("facts", place, "", problem, hint, problem)
    return not lacking and "value" in bindings.bound


@attrs.frozen
class _Fact:
    """A value as it is in the sheet."""

    row: int
    line: int
    value: Cell
    scaling: Scaling | None


@attrs.define
class FactRows:
    """Collects the facts of a sheet, county by county.

    Attributes
    ----------
    data : DataRows
        The rows of the sheet.
    mapped : MappedSheet, optional
        What a mapping says of the sheet.
    """

    data: DataRows
    mapped: MappedSheet | None = None
    counties: dict[str, int] = attrs.field(factory=dict)
    lines: list[int] = attrs.field(factory=list)
    facts: dict[str, dict[int, _Fact]] = attrs.field(factory=dict)
    evidence: dict[tuple[int, str], str] = attrs.field(factory=dict)
    named: dict[tuple[type, Cell], tuple[Column, list[BadCell]]] = attrs.field(factory=dict)
    unread: list[str] = attrs.field(factory=list)
    blank: list[tuple[str, str, int]] = attrs.field(factory=list)
    known: Mapping[str, Measure] = attrs.field(init=False)
    binder: Binder = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.binder = attrs.evolve(self.data.headers.binder, in_rows=False, mapped=None)
        self.known = self.binder.measures

    def table(self, rows: Iterable[Row]) -> RawTable:
        """Return the facts as a table with a row for each county; what was decided is noted."""
        for part in self.data.parts(rows):
            for row, number in enumerate(part.numbers):
                held = {name: cells[row] for name, cells in part.cells.items()}
                if any(is_filled(held.get(name)) for name in GIVEN):
                    self._take(number, held)
                elif measure := self.known.get(text_of(held.get("fact"))):
                    self.blank.append((text_of(held.get("county")), measure.column, number))
        sheet, positions = self.data.sheet, self.data.bindings.positions
        origin = Origin(
            sheet.file,
            self.lines,
            {(fact.row, name): fact.line for name, ones in self.facts.items() for fact in ones.values()}
            | self._blank(),
            whole=self.data.whole,
            sheet=sheet.name,
            columns=dict.fromkeys([*self.facts, *(name for _, name, _ in self.blank)], positions["value"])
            | {name: column for name, column in positions.items() if name == "county"},
        )
        self._note_decisions()
        return self._typed(origin)

    def _blank(self) -> dict[tuple[int, str], int]:
        """Return where the facts that are not reported could be written."""
        rows = {**self.counties, **({"": 0} if len(self.counties) == 1 else {})}
        return {(rows[county], name): line for county, name, line in self.blank if county in rows}

    def _note_decisions(self) -> None:
        units = dict.fromkeys((name, fact.scaling) for name, ones in self.facts.items() for fact in ones.values())
        for name, scaling in units:
            if scaling:
                sentence = conversion(self.known[name], scaling)
                self.data.sheet.tell(sentence.zh, sentence.en)
        if self.unread:
            names = listed(self.unread)
            self.data.sheet.tell(
                f"{names.zh}不是要报的事实，没有读入", f"{names.en} are not asked for, and were not read"
            )

    def _take(self, number: int, held: Mapping[str, Cell]) -> None:
        meaning = self._meant(number, held)
        if meaning is None or meaning.measure is None:
            return
        row = self._county(number, held.get("county"))
        if row is None:
            return
        name = meaning.measure.column
        ones = self.facts.setdefault(name, {})
        if row in ones:
            first, title = self._place(ones[row].line, "value"), meaning.measure.title.zh
            problem = Phrase(f"{title}重复，先见于 {first}", f"{name} appears twice, first in {first}")
            hint = Phrase("请只保留一行", "keep one of the rows")
            self._note(number, "value", name, problem, hint, Phrase("重复填报", "fact given twice"))
            return
        # A figure in a unit that is not known is none, and the fact is there all the same.
        ones[row] = _Fact(row, number, None if meaning.wrong_unit else held.get("value"), meaning.scaling)
        if text := as_text(held.get("evidence"), is_id=False):
            self.evidence[row, name] = text

    def _county(self, number: int, cell: Cell) -> int | None:
        """Return the row of a county; None where the cell is no text."""
        name = self.mapped.county if self.mapped else ""
        if "county" in self.data.bindings.bound:
            key = type(cell), cell
            if key not in self.named:
                self.named[key] = typed(np.fromiter([whole(cell)], dtype=object, count=1), self.known["county"])
            names, bad = self.named[key]
            for entry in bad:
                self._note(number, "county", "county", entry.problem, entry.hint, entry.kind)
                return None
            name = str(names[0])
        if name not in self.counties:
            self.counties[name] = len(self.lines)
            self.lines.append(number)
        return self.counties[name]

    def _meant(self, number: int, held: Mapping[str, Cell]) -> Meaning | None:
        """Return which fact a row reports, and the unit that it is written in."""
        name, title, unit = (text_of(held.get(column)) for column in ("fact", "title", "unit"))
        mapped = self.mapped.facts if self.mapped else {}
        given = next((entry for label, entry in mapped.items() if plain(label) == plain(title or name)), "")
        if given == "ignore":
            return None
        name = given or name
        measure = self.known.get(current_id(name, self.known))
        words = Meaning((measure,)) if measure else self.binder.meaning((title,)) if title and not name else Meaning()
        if words.measure and words.measure.column == "county":
            problem = Phrase("县不是一项事实", "the county is no fact")
            hint = Phrase(
                "请单独写成一列，或在 mapping.yaml 里写明 county",
                "write it into a column of its own, or as county in mapping.yaml",
            )
            self._note(number, "fact" if name else "title", name or title, problem, hint, problem)
            return None
        if not words.measures:
            self._refuse_unknown(number, name, title)
            return None
        if words.measure is None:
            place = self._place(number, "title")
            refuse_ambiguous(self.data.problems, "facts", place, title, words, Phrase("请写出标识", "write its id"))
            return None
        column = "unit" if unit and not words.wrong_unit else "title"
        if column == "unit" or measure:
            words = self.binder.with_unit(words.measures, unit, (title or name,))
        if words.wrong_unit:
            problem, hint = no_unit(shown(words.wrong_unit), words.measures[0], self.binder.standard)
            self._note(number, column, words.measures[0].column, problem, hint, UNKNOWN_UNIT)
        return words

    def _refuse_unknown(self, number: int, name: str, title: str) -> None:
        guess = near(name, self.known) if name else NO_WORDS
        if title and not guess:
            guess = guessed(self.binder.words.nearest((title,)), self.known)
        unknown = unknown_of(FACT)
        ignored = self.mapped is not None and self.mapped.others == "ignore"
        if not dropped(self.binder.standard, "facts", filter(None, (name, title))).zh and (ignored or not guess.zh):
            self.unread.append(title or name)
            return
        hint = Phrase(
            "请删去这一项，或在自己的标准里声明", "leave the fact out, or declare it in a standard of your own"
        )
        if why := dropped(self.binder.standard, "facts", filter(None, (name, title))):
            guess, hint = why, without(FACT)
        self._note(number, "fact" if name else "title", name or title, unknown + guess, hint, unknown)

    def _place(self, number: int, column: str) -> str:
        return self.data.sheet.place(number, self.data.bindings.positions.get(column, -1))

    def _note(self, number: int, column: str, fact: str, problem: Phrase, hint: Phrase, kind: Phrase) -> None:
        self.data.problems.note("facts", self._place(number, column), fact, problem, hint, kind)

    def _typed(self, origin: Origin) -> RawTable:
        size = len(self.lines)
        columns: dict[str, Column] = {}
        faulty: dict[str, set[int]] = {}
        names = list(self.counties)
        if any(names):
            columns["county"] = np.array(names, dtype=str)
        for name, ones in self.facts.items():
            for scaling in dict.fromkeys(fact.scaling for fact in ones.values()):
                cells = np.full(size, None, dtype=object)
                rows = [row for row, fact in ones.items() if fact.scaling == scaling]
                cells[rows] = [ones[row].value for row in rows]
                values, bad = typed(cells, self.known[name], scaling, commas=self.data.sheet.commas)
                columns.setdefault(name, values)[rows] = values[rows]
                for cell in bad:
                    faulty.setdefault(name, set()).add(cell.row)
                    place = origin.place(cell.row, name, names[cell.row])
                    self.data.problems.note("facts", place, name, cell.problem, cell.hint, cell.kind)
        return without_empty_county(RawTable("facts", columns, size, origin, faulty))

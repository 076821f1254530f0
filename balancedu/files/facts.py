"""County facts, from `facts.yaml` or from a sheet with one fact in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import plain
from balancedu.core.model import Measure, current_id
from balancedu.core.nodes import Node, read_yaml
from balancedu.errors import DataError, near
from balancedu.files.binding import Bindings, refuse_ambiguous
from balancedu.files.figures import Figure, sum_of, table_of, whole
from balancedu.files.headers import Binder, Headers, Meaning
from balancedu.files.layout import FACT_COLUMNS
from balancedu.files.mapping import MappedSheet
from balancedu.files.rows import DataRows
from balancedu.files.sheet import Cell, Row, Sheet, is_filled, text_of
from balancedu.files.vocabulary import GIVEN, UNKNOWN_UNIT, conversion, no_unit
from balancedu.submission.arrange import FACT, unknown_of, without, without_empty_county
from balancedu.submission.columns import Scaling, cell_text, typed
from balancedu.submission.problems import Problems, guessed, shown, why_dropped
from balancedu.submission.tables import RawTable, RowPlaces
from balancedu.text import NO_WORDS, Phrase, listed

_NO_MAPPING = Phrase("内容不是“名称: 值”", "found no mapping")
_SUCH_LINES = Phrase("请逐行写，如 `layout_rational: true`", "write lines such as `layout_rational: true`")


def facts_of(text: str, file: str) -> tuple[Mapping[str, Any], RowPlaces, list[DataError]]:
    """Return the facts of a YAML text, where each is, and what is wrong with the text.

    Every value stays text until its measure states what it is, so that `是`, `yes` and `true` mean the same
    here as in any other table. A file of comments alone reports nothing.
    """
    if all(line.strip().startswith(("#", "---")) or not line.strip() for line in text.splitlines()):
        return {}, RowPlaces(file), []
    node, result = read_yaml(text.encode("utf-8"), file, typed=False)
    if node is not None and not isinstance(node.value, Mapping):
        result.append(node.error("", _NO_MAPPING, _SUCH_LINES))
    errors = [DataError.of(error, "facts") for error in result]
    if node is None or not isinstance(node.value, Mapping):
        return {}, RowPlaces(file), errors
    cells = {(0, fact): entry.key_line for fact, entry in node.value.items()}
    for row, county in enumerate(node.value.values()):
        if isinstance(county.value, Mapping):
            cells |= {(row, "county"): county.line}
            cells |= {(row, fact): entry.key_line for fact, entry in county.value.items()}
    return _plain(node), RowPlaces(file, cells=cells), errors


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
            problem = Phrase("缺少写明填报项名称或标识的列", "no column says which fact a row is about")
        hint = Phrase(
            f"请在这一列的上方写“{title.zh}”，或在 mapping.yaml 里指定",
            f"write {title.zh} or {lacking} above it, or bind it in mapping.yaml",
        )
        place = sheet.place(headers.last, next(iter(headers.columns.values()), -1))
        problems.note("facts", place, "", problem, hint, problem)
    return not lacking and "value" in bindings.bound


@attrs.define
class FactRows(DataRows):
    """Collects the facts of a sheet, county by county.

    Attributes
    ----------
    mapped : MappedSheet, optional
        What a mapping states about the sheet.
    counties : mapping of county to (line, figures)
        The first line of each county, and its facts.
    scalings : mapping of fact to Scaling
        The unit that a fact is written in, where it is first given.
    evidence : mapping of (row, fact) to text
    unknown_labels : list of str
        Labels of facts that are not requested.
    """

    mapped: MappedSheet | None = None
    counties: dict[str, tuple[int, dict[str, Figure]]] = attrs.field(factory=dict)
    scalings: dict[str, Scaling | None] = attrs.field(factory=dict)
    evidence: dict[tuple[int, str], str] = attrs.field(factory=dict)
    unknown_labels: list[str] = attrs.field(factory=list)
    _names: dict[Cell, str] = attrs.field(init=False, factory=dict)

    @property
    def binder(self) -> Binder:
        """What the labels of facts mean."""
        return attrs.evolve(self.headers.binder, in_rows=False, mapped=None)

    @property
    def known(self) -> Mapping[str, Measure]:
        """The facts."""
        return self.binder.measures

    def table(self, rows: Iterable[Row]) -> RawTable:
        """Return the facts as a table with a row for each county; what was decided is noted."""
        sheet, blank = self.sheet, list[tuple[str, str, int]]()
        for part in self.parts(rows):
            for row, number in enumerate(part.numbers):
                held = {name: cells[row] for name, cells in part.cells.items()}
                if any(is_filled(held.get(name)) for name in GIVEN):
                    self._take(number, held)
                elif measure := self.known.get(text_of(held.get("fact"))):
                    blank.append((text_of(held.get("county")), measure.column, number))
        for name, scaling in self.scalings.items():
            if scaling:
                sentence = conversion(self.known[name], scaling)
                sheet.add_note(sentence.zh, sentence.en)
        if self.unknown_labels:
            names = listed(self.unknown_labels)
            sheet.add_note(f"{names.zh}不是要报的内容，没有读入", f"{names.en} are not asked for, and were not read")
        if not self.counties:
            # Its columns are known, so that beside other sheets it is one that nothing was filled into.
            positions, whole = self.bindings.positions, self.whole
            return RawTable("facts", {}, 0, RowPlaces(sheet.file, sheet=sheet.name, columns=positions, whole=whole), {})
        # Where the facts that are not reported could be written is known too.
        only = next(iter(self.counties.values())) if len(self.counties) == 1 else None
        for county, name, number in blank:
            if place := self.counties.get(county, None if county else only):
                place[1].setdefault(name, self._figure(None, number, "value"))
        table = table_of("facts", list(self.counties.values()), self.problems, self.scalings)
        columns = {name: column for name, column in table.columns.items() if name in {"county", *self.scalings}}
        origin = attrs.evolve(table.origin, whole=self.whole)
        return without_empty_county(attrs.evolve(table, columns=columns, origin=origin))

    def _figure(self, value: Cell, number: int, column: str) -> Figure:
        return Figure(value, self.sheet, number, self.bindings.positions.get(column, -1))

    def _county(self, cell: Cell) -> str:
        """Return the county that a cell names, as other tables read it; without one, that of the mapping."""
        if not is_filled(cell):
            return self.mapped.county if self.mapped else ""
        if cell not in self._names:
            self._names[cell] = str(typed(np.array([whole(cell)], dtype=object), self.known["county"])[0][0])
        return self._names[cell]

    def _take(self, number: int, held: Mapping[str, Cell]) -> None:
        meaning = self._meant(number, held)
        if meaning is None or meaning.measure is None:
            return
        name, title = meaning.measure.column, meaning.measure.title.zh
        county = self._county(held.get("county"))
        if county not in self.counties:
            cell = held.get("county") if is_filled(held.get("county")) else county
            self.counties[county] = number, {"county": self._figure(cell, number, "county")}
        figures = self.counties[county][1]
        if name in figures:
            first = self._place(figures[name].row, "value")
            problem = Phrase(f"{title}重复，先见于 {first}", f"{name} appears twice, first in {first}")
            hint = Phrase("请只保留一行", "keep one of the rows")
            self._note(number, "value", name, problem, hint, Phrase("重复填报", "fact given twice"))
            return
        # A figure in a unit that is not known is none, and the fact is there all the same.
        value, first_unit = held.get("value"), self.scalings.setdefault(name, meaning.scaling)
        if meaning.scaling != first_unit:
            total = sum_of([value], meaning.measure, [meaning.scaling])
            value = float(total / (first_unit.factor if first_unit else 1)) if isinstance(total, Fraction) else total
        figures[name] = self._figure(None if meaning.wrong_unit else value, number, "value")
        if text := cell_text(held.get("evidence"), is_id=False):
            self.evidence[list(self.counties).index(county), name] = text

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
            problem = Phrase("县不是一项填报内容", "the county is no fact")
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
            refuse_ambiguous(self.problems, "facts", place, title, words, Phrase("请写出标识", "write its id"))
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
        if not why_dropped(self.binder.standard, "facts", filter(None, (name, title))).zh and (ignored or not guess.zh):
            self.unknown_labels.append(title or name)
            return
        hint = Phrase(
            "请删去这一项，或在自己的标准里声明", "leave the fact out, or declare it in a standard of your own"
        )
        if why := why_dropped(self.binder.standard, "facts", filter(None, (name, title))):
            guess, hint = why, without(FACT)
        self._note(number, "fact" if name else "title", name or title, unknown + guess, hint, unknown)

    def _place(self, number: int, column: str) -> str:
        return self.sheet.place(number, self.bindings.positions.get(column, -1))

    def _note(self, number: int, column: str, fact: str, problem: Phrase, hint: Phrase, kind: Phrase) -> None:
        self.problems.note("facts", self._place(number, column), fact, problem, hint, kind)

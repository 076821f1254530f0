"""Known layouts of other people's workbooks, which `specs/layouts` describes: sheets with one figure a row."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import attrs
import numpy as np

from balancedu.core.fields import Stage, Title, described, plain
from balancedu.core.loading import Entry, shipped
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.core.strict_yaml import Problems as SpecProblems
from balancedu.core.strict_yaml import read
from balancedu.core.structure import Structurer
from balancedu.errors import DataError, DataErrors, SpecError, near
from balancedu.files.binding import Binder, text_of
from balancedu.files.mapping import MappedSheet
from balancedu.files.results import shipped_layout
from balancedu.files.rows import year_of
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.units import scaling_of, split_unit
from balancedu.files.vocabulary import TOTALS, vocabulary
from balancedu.submission.arrange import type_columns
from balancedu.submission.columns import Scaling, UnreadableError, number_reader, typed
from balancedu.submission.problems import Note, Problems
from balancedu.submission.tables import Column, Origin, RawTable
from balancedu.text import Phrase, listed

_NUMBERS = ("count", "number", "share")
_NO_UNIT = Title(zh="小数", en="fraction")


@attrs.frozen
class FormCell:
    """One figure of a form: what its labels add up to."""

    labels: tuple[str, ...] = described("the labels of the rows; several are added")
    measure: str = described("the measure that they report", default="")
    measures: Mapping[Stage, str] = described(
        "the measure by stage, where the form gives one figure for the whole school", factory=dict
    )
    over: tuple[str, ...] = described("labels whose sum the figure is divided by", default=())
    where_equal: tuple[str, ...] = described("labels whose figures must be equal for it to count", default=())


@attrs.frozen
class FormBand:
    """One band in which a form counts classes or rooms."""

    label: str = described("the label of the row that counts them")
    values: Mapping[str, int] = described("the columns of the table that say the band")


@attrs.frozen
class FormBands:
    """Classes or rooms that a form counts in bands."""

    table: str = described("classes or rooms")
    count: str = described("the column that says how many they are")
    rows: tuple[FormBand, ...] = described("the bands")
    total: str = described("the label of the row that counts all; what is in no band is of unknown size", default="")
    constants: Mapping[str, str] = described("columns that are the same in every row", factory=dict)
    rest: Mapping[str, int] = described("what is known of those in no band, if the first is filled", factory=dict)


@attrs.frozen
class Form:
    """A sheet with one figure a row, of one school or one county."""

    format: Literal[1] = described("the format of the file")
    id: str = described("its id")
    title: Title = described("its title, for the note that says it was used")
    subject: Literal["schools", "facts"] = described("whether a sheet is of a school or of a county")
    columns: Mapping[str, tuple[str, ...]] = described("the headers of the columns label, value and unit")
    recognised_by: tuple[tuple[str, ...], ...] = described("labels: of each list one must be there")
    cells: tuple[FormCell, ...] = described("the figures")
    bands: tuple[FormBands, ...] = described("classes and rooms in bands", default=())
    ignore: tuple[str, ...] = described("labels that nothing needs", default=())


@functools.cache
def forms() -> tuple[Form, ...]:
    """Return the forms that come with the package."""
    folder = shipped("_specs", "specs").joinpath("layouts")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(FORM_ENDING))
    return tuple(shipped_layout(Form, name) for name in names)


FORM_ENDING = "-form.yaml"
"""How files of forms end: those that come with the package, and those of a folder of workbooks."""


def own_forms(files: Iterable[Entry], standard: Standard) -> tuple[Form, ...]:
    """Return the forms that the files of a folder describe.

    Raises
    ------
    DataErrors
        With everything that is wrong with them: nothing is read by half a form.
    """
    result: list[Form] = []
    errors: list[SpecError] = []
    for file in (file for file in files if file.name.endswith(FORM_ENDING)):
        node, found = read(file.read_bytes(), file.name)
        form = Structurer(SpecProblems(found)).build(Form, node) if node is not None and not found else None
        errors += found
        if form is None or node is None:
            continue
        known = standard.table_measures(form.subject)
        for n, cell in enumerate(form.cells):
            for name in filter(None, (cell.measure, *cell.measures.values())):
                if name not in known:
                    problem = Phrase(f"没有填报项“{name}”", f"no measure {name!r} of {form.subject}") + near(
                        name, known
                    )
                    errors.append(node.at(f"cells[{n}]").error(f"cells[{n}]", problem))
        result.append(form)
    if errors:
        raise DataErrors(DataError.of(error, "mapping") for error in errors)
    return tuple(result)


@attrs.frozen
class FilledForm:
    """A sheet that was recognised as a form.

    Attributes
    ----------
    form : Form
    sheet : Sheet
    lines : mapping of label to (line, value, unit)
        By the plain words of the labels.
    column : int
        The position of the values.
    twice : tuple of (line, label)
        Labels that stand more than once.
    labels : mapping of plain words to label
    name : tuple of text and line
        What is above the values: the school or county, in a sheet with a column for each.
    """

    form: Form
    sheet: Sheet
    lines: Mapping[str, tuple[int, Cell, str]]
    column: int
    twice: tuple[tuple[int, str], ...] = ()
    labels: Mapping[str, str] = attrs.field(factory=dict)
    name: tuple[str, int] = ("", 0)


def recognised(rows: Sequence[Row], sheet: Sheet, standard: Standard, own: tuple[Form, ...] = ()) -> list[FilledForm]:
    """Return the form that a sheet is, once for each of its columns of values; nothing where it is none."""
    for form in (*own, *forms()):
        for n, (number, cells) in enumerate(rows[:_MOST_ABOVE]):
            places = {name: _position(cells, headers) for name, headers in form.columns.items()}
            label, value = places["label"], places["value"]
            if label is None:
                continue
            headed = {at: text for at, text in enumerate(map(text_of, cells)) if text and at not in places.values()}
            lines = _filled(form, sheet, rows[n + 1 :], places).lines
            # Above the columns of several schools, or counties, stand their names.
            wanted = form.recognised_by if value is not None else form.recognised_by[1:]
            if not all(any(plain(name) in lines for name in some) for some in wanted):
                continue
            if value is not None:
                return [_filled(form, sheet, rows[n + 1 :], places)]
            columns = [at for at in headed if at > label and not _is_of_many(headed[at], standard)]
            return [
                attrs.evolve(_filled(form, sheet, rows[n + 1 :], {**places, "value": at}), name=(headed[at], number))
                for at in columns
            ]
    return []


_MOST_ABOVE = 10


def _is_of_many(text: str, standard: Standard) -> bool:
    """Return whether what is above a column of values is a kind of school, a stage or a total, and no school."""
    kinds = standard.table_measures("schools")["type"].values
    words = {plain(word) for choice in kinds for word in choice.writings} | set(TOTALS)
    return plain(text) in words or not vocabulary(standard, "schools").without_stage(text)


def mapped_form(rows: Sequence[Row], sheet: Sheet, mapped: MappedSheet) -> FilledForm | None:
    """Return a sheet of which a mapping says that it has one figure a row; None where its headers are not there."""
    columns = {str(column.measure): column.header[-1:] for column in mapped.columns if column.header}
    columns = {"label" if name == "title" else name: header for name, header in columns.items()}
    cells = tuple(FormCell((label,), name) for label, name in mapped.facts.items() if name != "ignore")
    title = Title(zh="mapping.yaml", en="mapping.yaml")
    subject: Literal["schools", "facts"] = "facts" if mapped.table == "facts" else "schools"
    ignored = tuple(label for label, name in mapped.facts.items() if name == "ignore")
    form = Form(1, "mapping", title, subject, columns, (), cells, (), ignored)
    for n, (_, some) in enumerate(rows):
        places = {name: _position(some, headers) for name, headers in columns.items()}
        if places.get("label") is not None and places.get("value") is not None:
            return _filled(form, sheet, rows[n + 1 :], places)
    return None


def _position(cells: Sequence[Cell], headers: Iterable[str]) -> int | None:
    words = {plain(header) for header in headers}
    return next((n for n, cell in enumerate(cells) if plain(text_of(cell)) in words), None)


def _filled(form: Form, sheet: Sheet, rows: Sequence[Row], places: Mapping[str, int | None]) -> FilledForm:
    value, unit = places.get("value"), places.get("unit")
    lines: dict[str, tuple[int, Cell, str]] = {}
    labels: dict[str, str] = {}
    twice = []
    for number, cells in rows:
        texts = {name: cells[at] if at is not None and at < len(cells) else None for name, at in places.items()}
        word = plain(text_of(texts["label"]))
        if not word:
            continue
        labels.setdefault(word, text_of(texts["label"]))
        if word in lines and is_filled(texts["value"]) and is_filled(lines[word][1]):
            twice.append((number, text_of(texts["label"])))
        elif word not in lines or is_filled(texts["value"]):
            lines[word] = number, texts["value"], text_of(texts["unit"]) if unit is not None else ""
    return FilledForm(form, sheet, lines, value or 0, tuple(twice), labels)


@attrs.define
class _Rows:
    """Rows of one table that a form fills, with the line of every value."""

    table: str
    columns: dict[str, list[Cell]] = attrs.field(factory=dict)
    cells: dict[tuple[int, str], int] = attrs.field(factory=dict)
    lines: list[int] = attrs.field(factory=list)

    def add(self, values: Mapping[str, tuple[Cell, int]], line: int) -> None:
        row = len(self.lines)
        self.lines.append(line)
        for name, (value, own) in values.items():
            self.columns.setdefault(name, [None] * row).append(value)
            self.cells[row, name] = own
        for cells in self.columns.values():
            cells.extend([None] * (row + 1 - len(cells)))


@attrs.define
class FormReader:
    """Makes tables of a form.

    Attributes
    ----------
    filled : FilledForm
    standard : Standard
    problems : Problems
    """

    filled: FilledForm
    standard: Standard
    problems: Problems
    taken: set[str] = attrs.field(factory=set)
    undecided: list[str] = attrs.field(factory=list)
    unread: list[str] = attrs.field(factory=list)

    def tables(self) -> tuple[list[RawTable], list[Note]]:
        """Return the tables that the form fills, and what was decided."""
        form = self.filled.form
        for line, label in self.filled.twice:
            problem = Phrase(f"“{label}”有两行", f"{label!r} appears in two rows")
            self._note(line, label, problem, Phrase("请只保留一行", "keep one of them"))
        values, first = self._values(), min((line for line, _, _ in self.filled.lines.values()), default=1)
        subject = _Rows(form.subject)
        subject.add(values, first)
        tables = [subject]
        if form.subject == "schools":
            school = values.get("school") or values.get("name") or (None, first)
            stages = self._stages(values)
            for bands in form.bands:
                if bands.table in self.standard.tables:
                    rows = next((table for table in tables if table.table == bands.table), None)
                    if rows is None:
                        tables.append(rows := _Rows(bands.table))
                    self._bands(bands, rows, school, stages)
        return [self._typed(table) for table in tables if table.lines], self._notes()

    def _values(self) -> dict[str, tuple[Cell, int]]:
        """Return the value of each column of the subject, with its line."""
        known = self.standard.table_measures(self.filled.form.subject)
        whose = "name" if self.filled.form.subject == "schools" else "county"
        values: dict[str, tuple[Cell, int]] = {whose: self.filled.name} if self.filled.name[0] else {}
        by_stage: list[FormCell] = []
        for cell in self.filled.form.cells:
            if cell.measures:
                by_stage.append(cell)
            elif cell.measure in known and (value := self._value(cell, known[cell.measure])):
                values[cell.measure] = value
            self.taken.update(map(plain, (*cell.labels, *cell.over, *cell.where_equal)))
        self._other_labels(values, known)
        stages = self._stages(values)
        for cell in by_stage:
            if len(stages) == 1:
                measure = cell.measures.get(stages[0], "")
                if measure in known and (value := self._value(cell, known[measure])):
                    values[measure] = value
            elif any(is_filled(self._line(label)[1]) for label in cell.labels):
                self.undecided.append(cell.labels[0])
        return values

    def _other_labels(self, values: dict[str, tuple[Cell, int]], known: Mapping[str, Measure]) -> None:
        """Read labels that the layout does not list by the words that the standard declares."""
        form = self.filled.form
        binder = Binder(self.standard, form.subject)
        known_labels = self.taken | {plain(row.label) for bands in form.bands for row in bands.rows}
        known_labels |= {plain(bands.total) for bands in form.bands} | set(map(plain, form.ignore))
        open_labels: list[tuple[tuple[Measure, ...], int, Cell, str]] = []
        for label, (line, value, unit) in self.filled.lines.items():
            if label in known_labels or not is_filled(value):
                continue
            words, own = split_unit(self.filled.labels.get(label, label))
            measures = binder.meaning((words,)).measures or binder.meaning((label,)).measures
            if not measures:
                self.unread.append(self.filled.labels.get(label, label))
                continue
            self.taken.add(label)
            open_labels.append((measures, line, value, unit or own))
        # Where labels leave the stage open, it is that of the type of the school, which another label says.
        for measures, line, value, unit in sorted(open_labels, key=lambda entry: len(entry[0])):
            stages = self._stages(values)
            fitting = [
                entry for entry in measures if len(measures) == 1 or (len(stages) == 1 and entry.stage in stages)
            ]
            if not fitting:
                self.undecided.append(measures[0].title.zh)
            elif fitting[0].column in known and fitting[0].column not in values:
                values[fitting[0].column] = self._scaled(value, unit, fitting[0], line), line

    def _stages(self, values: Mapping[str, tuple[Cell, int]]) -> tuple[Stage, ...]:
        """Return the stages of the school, by its type."""
        measure = self.standard.table_measures("schools").get("type")
        if measure is None or "type" not in values:
            return ()
        kinds, _ = typed(np.array([values["type"][0]], dtype=object), measure)
        return tuple(measure.values[int(kinds[0])].stages or ()) if int(kinds[0]) >= 0 else ()

    def _line(self, label: str) -> tuple[int, Cell, str]:
        return self.filled.lines.get(plain(label), (0, None, ""))

    def _value(self, cell: FormCell, measure: Measure) -> tuple[Cell, int] | None:
        """Return what labels add up to; None where one of them is not there, or empty."""
        lines = [self._line(label) for label in cell.labels]
        if not all(line for line, _, _ in lines):
            return None
        first = lines[0][0]
        if measure.type not in _NUMBERS:
            return lines[0][1], first
        if len(lines) == 1 and not cell.over and not cell.where_equal:
            return self._scaled(lines[0][1], lines[0][2], measure, first), first
        total = self._sum(lines, measure)
        if isinstance(total, Fraction) and cell.where_equal:
            beside = [self._sum([self._line(label)], measure) for label in cell.where_equal]
            if len(set(beside)) > 1:
                self.undecided.append(cell.labels[0])
                return None, first
        if isinstance(total, Fraction) and cell.over:
            whole = self._sum([self._line(label) for label in cell.over], measure, some=True)
            total = total / whole if isinstance(whole, Fraction) and whole else None
        return float(total) if isinstance(total, Fraction) else total, first

    def _sum(self, lines: Sequence[tuple[int, Cell, str]], measure: Measure, *, some: bool = False) -> Fraction | Cell:
        """Return the sum of some cells in the unit of a measure; of `some`, empty cells do not count."""
        total, result = Fraction(0), False
        for _, value, unit in lines:
            if not is_filled(value):
                if some:
                    continue
                return None
            scaling = scaling_of(unit, measure, self.standard) if unit and measure.type != "share" else None
            try:
                number = number_reader(
                    attrs.evolve(measure, type="number", unit=measure.unit or Title(zh="", en="")), scaling
                )(value)
            except UnreadableError:
                return value
            if number != number:  # noqa: PLR0124
                return None
            total += Fraction(repr(float(number))) * (scaling.factor if scaling else 1)
            result = True
        return total if result else None

    def _scaled(self, value: Cell, unit: str, measure: Measure, line: int) -> Cell:
        """Return a figure in the unit of its measure."""
        if measure.unit and measure.unit.zh == "年":
            return year_of(value)
        if not unit or measure.type not in _NUMBERS or not is_filled(value):
            return value
        scaling: Scaling | None = scaling_of(unit, measure, self.standard)
        if scaling is None or scaling.factor == 1:
            return value
        total = self._sum([(line, value, unit)], measure)
        return float(total) if isinstance(total, Fraction) else total

    def _bands(self, bands: FormBands, rows: _Rows, school: tuple[Cell, int], stages: Sequence[Stage]) -> None:
        """Add the rows of classes or rooms that a form counts in bands."""
        known = self.standard.table_measures(bands.table)
        needed = {bands.count, *(name for row in bands.rows for name in row.values)}
        if not needed <= set(known):
            return
        shared: dict[str, tuple[Cell, int]] = {name: (value, 0) for name, value in bands.constants.items()}
        if "stage" in known:
            line, total, _ = self._line(bands.total)
            # Of which stage the classes of a nine-year school are, the form does not say.
            shared |= {"stage": (stages[0], 0)} if len(stages) == 1 else {"in_all": (total, line)}
        included, any_given = 0.0, False
        number = self.standard.table_measures(bands.table)[bands.count]
        for row in bands.rows:
            line, value, _ = self._line(row.label)
            if not is_filled(value):
                continue
            any_given = True
            included += _figure(value, number) or 0
            own = {name: (limit, line) for name, limit in row.values.items()}
            rows.add({"school": school, **shared, bands.count: (value, line), **own}, line)
        line, total, _ = self._line(bands.total) if bands.total else (0, None, "")
        total = _figure(total, number)
        if total is not None and total > included:
            first = is_filled(self._line(bands.rows[0].label)[1])
            own = {name: (limit, line) for name, limit in bands.rest.items()} if first else {}
            rows.add({"school": school, **shared, bands.count: (total - included, line), **own}, line)
        elif not any_given and bands.constants:
            line = self._line(bands.rows[0].label)[0]
            if line:
                rows.add({"school": school, **shared, bands.count: (None, line)}, line)

    def _typed(self, rows: _Rows) -> RawTable:
        known = self.standard.table_measures(rows.table)
        sheet, size = self.filled.sheet, len(rows.lines)
        columns: dict[str, Column] = {}
        for name, values in rows.columns.items():
            cells = [
                int(value) if isinstance(value, float) and known[name].type == "text" and value.is_integer() else value
                for value in values
            ]
            columns[name] = np.fromiter(cells, dtype=object, count=size)
        own_lines = {key: line for key, line in rows.cells.items() if line}
        places = dict.fromkeys(columns, self.filled.column)
        origin = Origin(sheet.file, rows.lines, own_lines, sheet=sheet.name, columns=places)
        return type_columns(rows.table, columns, known, origin, self.problems)

    def _notes(self) -> list[Note]:
        sheet, form = self.filled.sheet, self.filled.form
        used = Title(zh=f"按“{form.title.zh}”读入", en=f"read as {form.title.en}")
        notes = [Note(sheet.file, sheet.name, used)]
        if self.unread:
            unread = listed(self.unread)
            en = f"{unread.en} are not asked for, and were not read"
            notes.append(Note(sheet.file, sheet.name, Title(zh=f"{unread.zh}不是要报的数，没有读入", en=en)))
        if self.undecided:
            names = "、".join(self.undecided)
            zh = f"{names}：没有分学段，或两处填报不一致，没有归入"
            en = f"{names}: not given by stage, or two figures differ, and left out"
            notes.append(Note(sheet.file, sheet.name, Title(zh=zh, en=en)))
        return notes

    def _note(self, line: int, label: str, problem: Phrase, hint: Phrase) -> None:
        place = self.filled.sheet.place(line, self.filled.column)
        self.problems.note(self.filled.form.subject, place, label, problem, hint, problem)


def _figure(value: Cell, measure: Measure) -> float | None:
    """Return a number as it is written; None where it is none, which is reported with its cell."""
    try:
        number = float(number_reader(measure, None)(value))
    except UnreadableError:
        return None
    return None if math.isnan(number) else number

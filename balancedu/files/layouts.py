"""Known layouts: sheets with one figure a row, forms of the national statistics, the application form.

`specs/layouts` describes the first two, and the forms of the standard the third.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import attrs
import numpy as np

from balancedu.core.fields import Stage, Title, described, filled, plain
from balancedu.core.forms import BLANK_PATTERN, FormSheet, ItemRow, cells_of
from balancedu.core.loading import Entry, shipped, shipped_layout
from balancedu.core.model import Measure, split_terms
from balancedu.core.nodes import SpecProblems, read_yaml
from balancedu.core.rules import Stated
from balancedu.core.standard import Standard
from balancedu.core.structure import Structurer
from balancedu.errors import DataError, DataErrors, SpecError, near
from balancedu.files.figures import Figure, sum_of, table_of, year_of
from balancedu.files.headers import Binder, Path, is_numbering, paths_of
from balancedu.files.mapping import MappedSheet
from balancedu.files.sheet import Cell, Row, Sheet, cell_at, is_filled, text_of
from balancedu.files.vocabulary import (
    TOTALS,
    UNKNOWN_UNIT,
    VALUE_WITH_UNIT,
    both_count,
    is_unit,
    no_unit,
    scaling_of,
    split_unit,
    vocabulary,
)
from balancedu.submission.columns import Scaling, typed
from balancedu.submission.problems import Problems, shown
from balancedu.submission.tables import RawTable, letters
from balancedu.text import Phrase, listed

_NUMBERS = ("count", "number", "share")
_MOST_ABOVE = 10
_YEAR = "年"


@attrs.frozen
class FormCell:
    """One figure of a form: what its labels add up to."""

    labels: tuple[str, ...] = described("the labels of the rows; several are added", validator=filled)
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
    rows: tuple[FormBand, ...] = described("the bands", validator=filled)
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
        node, found = read_yaml(file.read_bytes(), file.name)
        form = Structurer(SpecProblems(found)).build(Form, node) if node is not None and not found else None
        errors += found
        if form is None or node is None:
            continue
        known = standard.table_measures(form.subject)
        if not {"label", "value"} <= set(form.columns):
            problem = Phrase("要写明“label”和“value”的表头", "must name the headers of label and value")
            errors.append(node.at("columns").error("columns", problem))
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
class Line:
    """A row of a form: its number, its label, its value and its unit."""

    number: int = 0
    label: str = ""
    value: Cell = None
    unit: str = ""


@attrs.define
class FilledForm:
    """A sheet that was recognised as a form, and makes tables of it.

    Attributes
    ----------
    form : Form
    sheet : Sheet
    problems : Problems
    lines : mapping of plain label to Line
    column : int
        The position of the values.
    twice : tuple of Line
        Labels that appear more than once.
    name : Figure, optional
        What is above the values: the school or county, in a sheet with a column for each.
    undecided : list of str
        Labels whose figures belong to no single stage, or are given twice.
    unread : list of str
        Labels that nothing requires.
    refused : list of Line
        Those whose units are of other quantities.
    """

    form: Form
    sheet: Sheet
    problems: Problems
    lines: Mapping[str, Line]
    column: int
    twice: tuple[Line, ...] = ()
    name: Figure | None = None
    undecided: list[str] = attrs.field(init=False, factory=list)
    unread: list[str] = attrs.field(init=False, factory=list)
    refused: list[Line] = attrs.field(init=False, factory=list)

    @property
    def standard(self) -> Standard:
        """The standard whose measures the form reports."""
        return self.problems.standard

    def tables(self) -> tuple[RawTable, ...]:
        """Return the tables that the form fills; what was decided is noted."""
        form, sheet = self.form, self.sheet
        for line in self.twice:
            problem = Phrase(f"“{line.label}”有两行", f"{line.label!r} appears in two rows")
            place = sheet.place(line.number, self.column)
            hint = Phrase("请只保留一行", "keep one of them")
            self.problems.note(form.subject, place, line.label, problem, hint, problem)
        subject, first = self._subject(), min((line.number for line in self.lines.values()), default=1)
        rows: dict[str, list[tuple[int, Mapping[str, Figure]]]] = {form.subject: [(first, subject)]}
        for bands in form.bands if form.subject == "schools" else ():
            if bands.table in self.standard.tables:
                school = subject.get("school") or subject.get("name") or Figure(None, sheet, first)
                rows.setdefault(bands.table, []).extend(self._bands(bands, school, self._stages(subject)))
        sheet.add_note(f"按“{form.title.zh}”读入", f"read as {form.title.en}")
        if self.unread:
            unread = listed(self.unread)
            sheet.add_note(f"{unread.zh}不是要报的数，没有读入", f"{unread.en} are not asked for, and were not read")
        if self.undecided:
            names = "、".join(self.undecided)
            sheet.add_note(
                f"{names}：没有分学段，或两处填报不一致，没有归入",
                f"{names}: not given by stage, or two figures differ, and left out",
            )
        filled_tables = ((table, lines) for table, lines in rows.items() if any(row for _, row in lines))
        return tuple(table_of(table, lines, self.problems) for table, lines in filled_tables)

    def _figure(self, value: Cell, line: Line) -> Figure:
        return Figure(value, self.sheet, line.number, self.column)

    def _line(self, label: str) -> Line:
        return self.lines.get(plain(label), Line())

    def _subject(self) -> dict[str, Figure]:
        """Return what the form reports of its school or county, by column."""
        form, name = self.form, self.name
        known = self.standard.table_measures(form.subject)
        values = {"name" if form.subject == "schools" else "county": name} if name else {}
        for cell in form.cells:
            if cell.measure in known and (figure := self._value(cell, known[cell.measure])):
                values[cell.measure] = figure
        self._read_other_labels(values, known)
        stages = self._stages(values)
        for cell in form.cells:
            if cell.measures and len(stages) == 1:
                measure = cell.measures.get(stages[0], "")
                if measure in known and (figure := self._value(cell, known[measure])):
                    values[measure] = figure
            elif cell.measures and any(is_filled(self._line(label).value) for label in cell.labels):
                self.undecided.append(cell.labels[0])
        return values

    def _read_other_labels(self, values: dict[str, Figure], known: Mapping[str, Measure]) -> None:
        """Read labels that the layout does not list by the words that the standard declares."""
        form = self.form
        binder = Binder(self.standard, form.subject)
        listed_labels = {label for cell in form.cells for label in (*cell.labels, *cell.over, *cell.where_equal)}
        listed_labels |= {row.label for bands in form.bands for row in bands.rows} | set(form.ignore)
        taken = set(map(plain, (*listed_labels, *(bands.total for bands in form.bands))))
        others: list[tuple[tuple[Measure, ...], Line]] = []
        for label, line in self.lines.items():
            if label in taken or not is_filled(line.value):
                continue
            words, unit = split_unit(line.label)
            if measures := binder.meaning((words,)).measures or binder.meaning((label,)).measures:
                others.append((measures, attrs.evolve(line, unit=line.unit or unit)))
            else:
                self.unread.append(line.label)
        # Where labels leave the stage open, it is that of the type of the school, which another label states.
        for measures, line in sorted(others, key=lambda entry: len(entry[0])):
            stages = self._stages(values)
            fitting = [
                entry for entry in measures if len(measures) == 1 or (len(stages) == 1 and entry.stage in stages)
            ]
            if not fitting:
                self.undecided.append(measures[0].title.zh)
            elif fitting[0].column in known and fitting[0].column not in values:
                values[fitting[0].column] = self._figure(self._scaled(line, fitting[0]), line)

    def _stages(self, values: Mapping[str, Figure]) -> tuple[Stage, ...]:
        """Return the stages of the school, by its type."""
        measure = self.standard.table_measures("schools").get("type")
        if measure is None or "type" not in values:
            return ()
        kind = int(typed(np.array([values["type"].value], dtype=object), measure)[0][0])
        return tuple(measure.values[kind].stages or ()) if kind >= 0 else ()

    def _value(self, cell: FormCell, measure: Measure) -> Figure | None:
        """Return what labels add up to; None if one of them is not there."""
        lines = [self._line(label) for label in cell.labels]
        if not all(line.number for line in lines):
            return None
        if measure.type not in _NUMBERS:
            return self._figure(lines[0].value, lines[0])
        if len(lines) == 1 and not cell.over and not cell.where_equal:
            return self._figure(self._scaled(lines[0], measure), lines[0])
        total = self._sum(lines, measure)
        if isinstance(total, Fraction) and len({self._sum([self._line(x)], measure) for x in cell.where_equal}) > 1:
            self.undecided.append(cell.labels[0])
            total = None
        elif isinstance(total, Fraction) and cell.over:
            over = [line for label in cell.over if is_filled((line := self._line(label)).value)]
            # What the figure is divided by has a unit of its own.
            size = sum_of([line.value for line in over], attrs.evolve(measure, type="number"))
            total = total / size if isinstance(size, Fraction) and size else None
        return self._figure(float(total) if isinstance(total, Fraction) else total, lines[0])

    def _sum(self, lines: Sequence[Line], measure: Measure) -> Fraction | Cell:
        """Return the sum of some cells in the unit of a measure; what a share is of is counted."""
        number = attrs.evolve(measure, type="number", unit=measure.unit or Title(zh="", en=""))
        if measure.type == "share":
            return sum_of([line.value for line in lines], number)
        cells, scalings = zip(*(self._read(line, measure) for line in lines), strict=True) if lines else ((), ())
        return sum_of(cells, number, scalings)

    def _scaled(self, line: Line, measure: Measure) -> Cell:
        """Return a figure in the unit of its measure."""
        if measure.unit and measure.unit.zh == _YEAR:
            return year_of(line.value)
        value, scaling = self._read(line, measure) if measure.type in _NUMBERS else (line.value, None)
        if scaling is None:
            return value
        number = attrs.evolve(measure, type="number", unit=measure.unit or Title(zh="", en=""))
        total = sum_of([value], number, [scaling])
        return float(total) if isinstance(total, Fraction) else total

    def _read(self, line: Line, measure: Measure) -> tuple[Cell, Scaling | None]:
        """Return a figure and its unit, which may be written behind it; that of another quantity is refused."""
        value, unit = line.value, line.unit
        match = VALUE_WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", value)) if isinstance(value, str) else None
        if match and plain(unit) in ("", plain(match[2])) and is_unit(match[2], self.standard):
            value, unit = match[1], match[2]
        if not unit or not is_filled(value):
            return value, None
        if (scaling := scaling_of(unit, measure, self.standard)) is not None:
            return value, scaling if scaling.factor != 1 else None
        if both_count(unit, measure, self.standard):
            return value, None
        if line not in self.refused:
            self.refused.append(line)
            problem, hint = no_unit(shown(unit), measure, self.standard)
            place = self.sheet.place(line.number, self.column)
            self.problems.note(self.form.subject, place, measure.column, problem, hint, UNKNOWN_UNIT)
        return None, None

    def _bands(
        self, bands: FormBands, school: Figure, stages: Sequence[Stage]
    ) -> Iterator[tuple[int, Mapping[str, Figure]]]:
        """Yield the rows of classes or rooms that a form counts in bands."""
        known, sheet = self.standard.table_measures(bands.table), self.sheet
        if not {bands.count, *(name for row in bands.rows for name in row.values)} <= set(known):
            return
        total = self._line(bands.total)
        shared = {"school": school, **{name: Figure(value, sheet) for name, value in bands.constants.items()}}
        if "stage" in known:
            # The form does not state the stage of the classes of a nine-year school.
            of_one = len(stages) == 1
            shared |= {"stage": Figure(stages[0], sheet)} if of_one else {"in_all": self._figure(total.value, total)}
        counts = [(row, line) for row in bands.rows if is_filled((line := self._line(row.label)).value)]
        for row, line in counts:
            own = {name: self._figure(limit, line) for name, limit in row.values.items()}
            yield line.number, {**shared, bands.count: self._figure(line.value, line), **own}
        included = [self._sum([line], known[bands.count]) for _, line in counts]
        in_bands = sum((number for number in included if isinstance(number, Fraction)), Fraction(0))
        in_all, first = self._sum([total], known[bands.count]), self._line(bands.rows[0].label)
        if isinstance(in_all, Fraction) and in_all > in_bands:
            rest = bands.rest if is_filled(first.value) else {}
            own = {name: self._figure(limit, total) for name, limit in rest.items()}
            yield total.number, {**shared, bands.count: self._figure(float(in_all - in_bands), total), **own}
        elif not counts and bands.constants and first.number:
            yield first.number, {**shared, bands.count: self._figure(None, first)}


def recognised_forms(rows: Sequence[Row], sheet: Sheet, problems: Problems, own: tuple[Form, ...]) -> list[FilledForm]:
    """Return the form that a sheet is, once for each of its columns of values; empty if it is none."""
    for form in (*own, *forms()):
        for n, (number, cells) in enumerate(rows[:_MOST_ABOVE]):
            places = {name: _position(cells, headers) for name, headers in form.columns.items()}
            label, value = places["label"], places["value"]
            if label is None:
                continue
            filled = _filled(form, sheet, problems, rows[n + 1 :], places)
            # Above the columns of several schools, or counties, are their names.
            wanted = form.recognised_by if value is not None else form.recognised_by[1:]
            if not all(any(plain(name) in filled.lines for name in names) for names in wanted):
                continue
            if value is not None:
                return [filled]
            names = {
                at: text_of(cell)
                for at, cell in enumerate(cells)
                if at > label
                and at not in places.values()
                and text_of(cell)
                and not _is_of_many(cell, problems.standard)
            }
            return [
                attrs.evolve(
                    _filled(form, sheet, problems, rows[n + 1 :], {**places, "value": at}),
                    name=Figure(name, sheet, number, at),
                )
                for at, name in names.items()
            ]
    return []


def _is_of_many(cell: Cell, standard: Standard) -> bool:
    """Return whether what is above a column of values is a kind of school, a stage or a total, and no school."""
    kinds = standard.table_measures("schools")["type"].values
    words = {plain(word) for choice in kinds for word in choice.writings} | set(TOTALS)
    return plain(text_of(cell)) in words or not vocabulary(standard, "schools").without_stage(text_of(cell))


def mapped_form(rows: Sequence[Row], sheet: Sheet, problems: Problems, mapped: MappedSheet) -> FilledForm | None:
    """Return a sheet of which a mapping states that it has one figure a row; None if its headers are not there."""
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
            return _filled(form, sheet, problems, rows[n + 1 :], places)
    return None


def _position(cells: Sequence[Cell], headers: Iterable[str]) -> int | None:
    words = {plain(header) for header in headers}
    return next((n for n, cell in enumerate(cells) if plain(text_of(cell)) in words), None)


def _filled(
    form: Form, sheet: Sheet, problems: Problems, rows: Sequence[Row], places: Mapping[str, int | None]
) -> FilledForm:
    lines: dict[str, Line] = {}
    twice = []
    columns = {name: -1 if at is None else at for name, at in places.items()}
    for number, cells in rows:
        label, value, unit = (cell_at(cells, columns.get(name, -1)) for name in ("label", "value", "unit"))
        name, inside = split_unit(text_of(label))
        if not text_of(unit) and is_unit(inside, problems.standard):
            label, unit = name, inside
        line = Line(number, text_of(label), value, text_of(unit))
        before = lines.get(plain(line.label))
        if before and is_filled(value) and is_filled(before.value):
            twice.append(line)
        elif line.label and (before is None or is_filled(value)):
            lines[plain(line.label)] = line
    return FilledForm(form, sheet, problems, lines, max(columns.get("value", 0), 0), tuple(twice))


_TITLE_ROWS = 4
_BELOW = 3
_NONE = ("*", "＊", "—", "－", "-")
"""What the forms of the statistics print where there is nothing to report."""


@attrs.frozen
class StatisticsCell:
    """Where one figure is in a form."""

    measure: str = described("the measure that it reports")
    below: tuple[str, ...] = described("headers above it", default=())
    rows: tuple[str, ...] = described("names of its row", default=())
    columns: tuple[tuple[str, ...], ...] = described("headers of its column, the lowest last", default=())
    sums: tuple[tuple[str, ...], ...] = described(
        "sets of columns that are added; the first that is complete", default=()
    )
    unit: str = described("the unit of the figures where no header says it", default="")


@attrs.frozen
class StatisticsForm:
    """One form of the statistics."""

    codes: tuple[str, ...] = described("its codes in the editions")
    cells: tuple[StatisticsCell, ...] = described("its figures")


@attrs.frozen
class Statistics:
    """The forms of the statistics that feed measures."""

    format: Literal[1] = described("the format of the file")
    forms: tuple[StatisticsForm, ...] = described("the forms")


@functools.cache
def statistics() -> Statistics:
    """Return the forms that come with the package."""
    return shipped_layout(Statistics, "statistics.yaml")


def form_of(rows: Sequence[Row]) -> StatisticsForm | None:
    """Return the form that a sheet is, by the code above its table."""
    texts = [plain(text_of(cell)) for _, cells in rows[:_TITLE_ROWS] for cell in cells]
    for form in statistics().forms:
        codes = [plain(code) for code in form.codes]
        if any(
            text.startswith(code) and not text[len(code) : len(code) + 1].isdigit() for text in texts for code in codes
        ):
            return form
    return None


def figures_of(
    form: StatisticsForm, rows: Sequence[Row], sheet: Sheet, standard: Standard
) -> Iterator[tuple[str, Figure]]:
    """Yield the figures of a form that the standard requires, each with its measure."""
    known = standard.table_measures("schools")
    start = next((n for n, (_, cells) in enumerate(rows) if _numbers_columns(cells)), 0)
    paths = _paths_above(rows[:start], sheet)
    for cell in form.cells:
        if cell.measure not in known:
            continue
        result = _below(cell, rows) if cell.below else _crossing(cell, rows[start + 1 :], paths) if start else None
        if result is None:
            continue
        number, column, cells = result
        values = [None if text_of(value) in _NONE else value for value in cells]
        value: Fraction | Cell = values[0]
        if not cell.below:
            unit = cell.unit if not any(split_unit(text)[1] for text in paths[column]) else ""
            scaling = scaling_of(unit, known[cell.measure], standard) if unit else None
            value = sum_of(values, attrs.evolve(known[cell.measure], type="number"), [scaling] * len(values))
        yield cell.measure, Figure(float(value) if isinstance(value, Fraction) else value, sheet, number, column)


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """Return whether a row numbers the columns, as 甲 乙 1 2 4; an excerpt of a form leaves some out."""
    return is_numbering(cells) or text_of(next(filter(is_filled, cells), None)) == "甲"


def _paths_above(rows: Sequence[Row], sheet: Sheet) -> Mapping[int, Path]:
    """Return the headers below the last line that contains nothing but its first cell."""
    titles = [
        n for n, (_, cells) in enumerate(rows) if sum(map(is_filled, cells)) == 1 == sum(map(is_filled, cells[:1]))
    ]
    headers = rows[titles[-1] + 1 if titles else 0 :]
    return paths_of(headers, sheet) if headers else {}


def _below(cell: StatisticsCell, rows: Sequence[Row]) -> tuple[int, int, list[Cell]] | None:
    """Return the row, the column and the cell below a header."""
    words = {plain(word) for word in cell.below}
    for n, (_, cells) in enumerate(rows):
        for column, header in enumerate(cells):
            for number, under in rows[n + 1 : n + 1 + _BELOW] if plain(text_of(header)) in words else ():
                if is_filled(cell_at(under, column)):
                    return number, column, [under[column]]
    return None


def _crossing(
    cell: StatisticsCell, rows: Sequence[Row], paths: Mapping[int, Path]
) -> tuple[int, int, list[Cell]] | None:
    """Return the row, the first column and the cells that are in a row of this name, in columns of these headers."""
    labels = {plain(word) for word in cell.rows}
    row = next((entry for entry in rows if plain(text_of(next(filter(is_filled, entry[1]), None))) in labels), None)
    if row is None:
        return None
    ends = {column: tuple(plain(split_unit(text)[0] or text) for text in path) for column, path in paths.items()}
    sums = [[path] for path in cell.columns] + [[(name,) for name in names] for names in cell.sums]
    for headers in sums:
        wanted = [tuple(map(plain, header)) for header in headers]
        columns = [next((at for at, path in ends.items() if path[-len(end) :] == end), -1) for end in wanted]
        if min(columns) >= 0:
            return row[0], columns[0], [cell_at(row[1], column) for column in columns]
    return None


def school_of_forms(figures: Sequence[tuple[str, Figure]], problems: Problems) -> RawTable:
    """Return the one school whose forms of the statistics a workbook holds."""
    chosen: dict[str, Figure] = {}
    for name, figure in figures:
        if name not in chosen or (chosen[name].value is None and figure.value is not None):
            chosen[name] = figure
    return table_of("schools", [(figures[0][1].row, chosen)], problems)


# The application form: figures in fixed cells, in the blanks of its sentences, and what a county attests

_PERCENT = Scaling("%", Fraction(1, 100))
_LONGEST_FIGURE = 30
_LONGEST_SENTENCE = 1000
_LONGEST_PREFIX = 4
"""So much may be written beside the label of a cover, as 申报县（市、区）名称."""
_SEAL = re.compile(r"\([^()]*章\)")
_ATTESTED: Mapping[str, bool] = {"达标": True, "是": True, "不达标": False, "否": False}


@attrs.frozen
class OfficialSheet:
    """A sheet of the application form, which is read as the forms of the standard define it.

    Attributes
    ----------
    standard : Standard
    form : str
        What the form calls the sheet.
    sheet : Sheet
    facts : dict of fact to Figure
    decimals : dict of fact to int
        The decimals that the form prints.
    unread : dict of Title to None
        Why cells were not read.
    """

    standard: Standard
    form: str
    sheet: Sheet
    facts: dict[str, Figure] = attrs.field(factory=dict)
    decimals: dict[str, int] = attrs.field(factory=dict)
    unread: dict[Title, None] = attrs.field(factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Row], sheet: Sheet, standard: Standard) -> OfficialSheet | None:
        """Return what all rows of a sheet report; None if it is none of the form, or is laid out otherwise."""
        titles = [sheet.name, *(text_of(cell) for _, cells in rows[:1] for cell in cells[:1])]
        for form in standard.forms.sheets if standard.forms else ():
            if any(_is_called(text, form) for text in titles):
                result = cls(standard, form.id, sheet)
                read = result._read_cells if form.figures else result._read_items
                read(dict(rows), form)
                if result.facts:
                    return result
        return None

    def _add(self, fact: str, value: Cell, row: int, column: int, decimals: int = 0) -> None:
        self.facts[fact] = Figure(value, self.sheet, row, column)
        self.decimals[fact] = decimals

    def _read_cells(self, cells: Mapping[int, Sequence[Cell]], form: FormSheet) -> None:
        """Read the facts in fixed cells; none if a heading is not in its cell."""
        for heading in form.headings:
            (row, column), _ = cells_of(heading.at)
            if heading.text and plain(heading.text) != plain(text_of(cell_at(cells.get(row + 1, ()), column))):
                return
        for figure in form.figures:
            (row, column), _ = cells_of(figure.at)
            value = cell_at(cells.get(row + 1, ()), column)
            if figure.fact is not None and is_filled(value) and _in_blank(str(value)):
                self._add(figure.fact, value, row + 1, column, figure.decimals)

    def _read_items(self, cells: Mapping[int, Sequence[Cell]], form: FormSheet) -> None:
        """Read the facts of a table with a row for each item."""
        texts = [
            (row, column, plain(cell))
            for row, some in cells.items()
            for column, cell in enumerate(some)
            if isinstance(cell, str)
        ]
        for entry in form.items:
            pieces = BLANK_PATTERN.split(entry.name or self.standard.items[entry.item].title.zh)[::2]
            name = re.compile(".*?".join(re.escape(plain(piece)) for piece in pieces))
            row, column = next(((row, column) for row, column, text in texts if name.fullmatch(text)), (0, 0))
            if row and entry.sentence:
                self._read_sentence(cell_at(cells[row], column + 1), entry, row, column + 1)
            elif row:
                answer = _ATTESTED.get(text_of(cell_at(cells[row], column + 2)))
                for rule in self._attested(entry, answer):
                    for fact in rule.facts:
                        self._add(fact, answer if rule.expected else not answer, row, column + 2)

    def _attested(self, entry: ItemRow, answer: bool | None) -> Iterable[Stated]:
        """Return the statements that an answer settles: all of the item, or the one fact that is not as it asks."""
        item = self.standard.items[entry.item]
        stated = [rule for rule in item.rules if isinstance(rule, Stated) and rule.when is None]
        settled = answer is not None and len(stated) == len(item.rules) and not item.reliefs
        return stated if settled and (answer or sum(len(rule.facts) for rule in stated) == 1) else ()

    def _read_sentence(self, cell: Cell, entry: ItemRow, row: int, column: int) -> None:
        """Read the facts in the blanks of a sentence."""
        text = unicodedata.normalize("NFKC", str(cell)) if is_filled(cell) else ""
        where = f"{letters(column)}{row}"
        match = _pattern(entry.sentence).fullmatch(text) if len(text) <= _LONGEST_SENTENCE else None
        if match is None and text.strip():
            zh = f"{where} 的句子与申报表的写法不同，没有读入"
            self.unread[Title(zh, f"the sentence of {where} is not that of the form, and was not read")] = None
        for name, written in zip(BLANK_PATTERN.findall(entry.sentence), match.groups(), strict=True) if match else ():
            blank, figure = entry.blanks[name], _in_blank(written)
            if not figure:
                continue
            if blank.subject:
                title = Title(f"{where} 的监测结果没有读入", f"the results of the monitoring in {where} were not read")
                self.unread[title] = None
            if blank.fact is not None and blank.divided_by == 1:
                self._add(blank.fact, figure, row, column, blank.decimals)
            elif blank.fact is not None:
                # At the precision of the form it may be off by half of so large a unit, and decide otherwise.
                fact, unit = self.standard.measures[blank.fact].title, blank.divided_by
                zh = f"{where} 的{fact.zh}以{unit}为单位，精度不够，没有读入"
                en = f"{fact.en} in {where} is in units of {unit:,}, too coarse, and was not read"
                self.unread[Title(zh, en)] = None


def county_on_cover(rows: Sequence[Row], standard: Standard) -> str:
    """Return the county that a cover of the official form names; empty if it names none, or is no cover."""
    forms = standard.forms
    label = next((plain(line.split("{")[0]) for line in forms.cover if "{county}" in line), "") if forms else ""
    texts = [[unicodedata.normalize("NFKC", text_of(cell)) for cell in cells] for _, cells in rows]
    if not forms or not label or not any(plain(forms.title.zh) in plain(text) for row in texts for text in row):
        return ""
    for row in texts:
        for n, text in enumerate(row):
            before, colon, after = text.partition(":")
            if colon and label in plain(before) and len(plain(before)) <= len(label) + _LONGEST_PREFIX:
                return next(filter(None, (_in_blank(_SEAL.sub("", entry)) for entry in (after, *row[n + 1 :]))), "")
    return ""


def _is_called(text: str, form: FormSheet) -> bool:
    word, name = (unicodedata.normalize("NFKC", entry).replace(" ", "") for entry in (text, form.id))
    return bool(re.match(re.escape(name) + "(?![-0-9IVX])", word)) or plain(form.title.zh) in plain(text)


def _in_blank(text: str) -> str:
    """Return what is written on the line of a blank.

    Examples
    --------
    >>> _in_blank("＿＿ 1153 ＿"), _in_blank(" ____")
    ('1153', '')
    """
    return unicodedata.normalize("NFKC", text).strip("_ \t\r\n")


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return a sentence with a group for each blank; spaces and the last full stop do not matter."""
    pieces = BLANK_PATTERN.split(unicodedata.normalize("NFKC", sentence).rstrip("。"))
    literal = (r"\s*".join(map(re.escape, "".join(piece.split()))) for piece in pieces[::2])
    return re.compile(r"\s*" + rf"\s*(.{{0,{_LONGEST_FIGURE}}}?)\s*".join(literal) + r"\s*。?\s*")


def facts_of_form(sheets: Sequence[OfficialSheet], problems: Problems) -> RawTable:
    """Return the facts of one workbook in one row; figures that cannot be read are noted, each with its cell.

    A share that only repeats its counts at the decimals of the form is left out: the counts are more precise.
    """
    measures = problems.standard.table_measures("facts")
    figures: dict[str, Figure] = {}
    decimals: dict[str, int] = {}
    for entry in sheets:
        count = len(entry.facts)
        entry.sheet.add_note(f"按申报表读入{count}项", f"read as a sheet of the application form: {count} facts")
        entry.sheet.notes.extend(entry.unread)
        figures |= entry.facts
        decimals |= entry.decimals
    scalings = {name: _PERCENT for name in figures if measures[name].type == "share"}
    table = table_of("facts", [(next(iter(figures.values())).row, figures)], problems, scalings)
    values = {name: float(column[0]) for name, column in table.columns.items()}
    kept = {
        name: column for name, column in table.columns.items() if not _repeats(measures[name], values, decimals[name])
    }
    return attrs.evolve(table, columns=kept)


def _repeats(measure: Measure, figures: Mapping[str, float], decimals: int) -> bool:
    """Return whether a share is what the form prints of its counts, all of which it reports."""
    formula = measure.quotient
    if formula is None or any(np.isnan(figures.get(name, np.nan)) for name in formula.measures):
        return False
    part, whole = (
        sum(sign * figures[name] for sign, name in split_terms(terms)) for terms in (formula.part, formula.whole)
    )
    # Half of the last digit, and as little more as floating point needs.
    return whole > 0 and abs(figures[measure.column] - part / whole) * 100 <= 0.5 * 10.0**-decimals * (1 + 1e-9)

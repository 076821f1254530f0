"""The forms of the national statistics of one school, which `specs/layouts/statistics.yaml` describes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import attrs
import numpy as np

from balancedu.core.fields import Title, described, plain
from balancedu.core.standard import Standard
from balancedu.files.binding import Path, is_numbering, paths_of, text_of
from balancedu.files.results import shipped_layout
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.units import scaling_of, split_unit
from balancedu.submission.arrange import type_columns
from balancedu.submission.columns import UnreadableError, number_reader
from balancedu.submission.problems import Note, Problems
from balancedu.submission.tables import Column, Origin, RawTable

_TITLE_ROWS = 4
_BELOW = 3
_NONE = ("*", "＊", "—", "－", "-")
"""What the forms print where there is nothing to report."""


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


@attrs.frozen
class Figure:
    """A value of a form, and where it is."""

    measure: str
    value: Cell
    sheet: Sheet
    row: int
    column: int


def figures_of(form: StatisticsForm, rows: Sequence[Row], sheet: Sheet, standard: Standard) -> Iterator[Figure]:
    """Yield the figures of a form that the standard asks for."""
    known = standard.table_measures("schools")
    start = next((n for n, (_, cells) in enumerate(rows) if _numbers_columns(cells)), None)
    paths = _paths(rows, start, sheet)
    for cell in form.cells:
        if cell.measure not in known:
            continue
        result = _below(cell, rows) if cell.below else _crossing(cell, rows[start + 1 :], paths) if start else None
        if result is None:
            continue
        number, column, values = result
        numbers = [None if text_of(entry) in _NONE else entry for entry in values]
        value = numbers[0] if len(numbers) == 1 else None
        measure = known[cell.measure]
        if not cell.below:
            unit = cell.unit if not any(split_unit(text)[1] for text in paths[column]) else ""
            scaling = scaling_of(unit, measure, standard) if unit else None
            try:
                read_one = number_reader(attrs.evolve(measure, type="number"), scaling)
                parts = [read_one(entry) for entry in numbers]
            except UnreadableError:
                value = next(entry for entry in numbers if is_filled(entry))
            else:
                total = sum((Fraction(repr(part)) for part in parts if part == part), Fraction(0))  # noqa: PLR0124
                complete = all(part == part for part in parts)  # noqa: PLR0124
                value = float(total * (scaling.factor if scaling else 1)) if complete else None
        yield Figure(cell.measure, value, sheet, number, column)


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """Return whether a row numbers the columns, as 甲 乙 1 2 4; an excerpt of a form leaves some out."""
    return is_numbering(cells) or text_of(next(filter(is_filled, cells), None)) == "甲"


def _paths(rows: Sequence[Row], start: int | None, sheet: Sheet) -> dict[int, Path]:
    if not start:
        return {}
    first = next(
        (
            n
            for n in range(start - 1, -1, -1)
            if sum(map(is_filled, rows[n][1])) == 1 == sum(map(is_filled, rows[n][1][:1]))
        ),
        -1,
    )
    return paths_of(rows[first + 1 : start], sheet) if first + 1 < start else {}


def _below(cell: StatisticsCell, rows: Sequence[Row]) -> tuple[int, int, list[Cell]] | None:
    words = {plain(word) for word in cell.below}
    for n, (_, cells) in enumerate(rows):
        for column, entry in enumerate(cells):
            if plain(text_of(entry)) in words:
                for number, under in rows[n + 1 : n + 1 + _BELOW]:
                    if column < len(under) and is_filled(under[column]):
                        return number, column, [under[column]]
    return None


def _crossing(
    cell: StatisticsCell, rows: Sequence[Row], paths: Mapping[int, Path]
) -> tuple[int, int, list[Cell]] | None:
    labels = {plain(word) for word in cell.rows}
    row = next((entry for entry in rows if plain(text_of(next(filter(is_filled, entry[1]), None))) in labels), None)
    if row is None:
        return None
    ends = {column: [plain(split_unit(text)[0] or text) for text in path] for column, path in paths.items()}
    for some in ([list(map(plain, path))] for path in cell.columns):
        columns = [column for column, path in ends.items() if path[-len(some[0]) :] == some[0]]
        if columns:
            return row[0], columns[0], [row[1][columns[0]] if columns[0] < len(row[1]) else None]
    for names in cell.sums:
        columns = [next((c for c, path in ends.items() if path[-1] == plain(name)), -1) for name in names]
        if min(columns) >= 0:
            return row[0], columns[0], [row[1][column] if column < len(row[1]) else None for column in columns]
    return None


def school_of_forms(figures: Sequence[Figure], standard: Standard, problems: Problems) -> tuple[RawTable, list[Note]]:
    """Return the one school whose forms a workbook holds."""
    known = standard.table_measures("schools")
    sheets = list(dict.fromkeys(figure.sheet.name for figure in figures))
    columns: dict[str, Column] = {}
    moved: dict[tuple[int, str], tuple[int, int]] = {}
    positions: dict[str, dict[str, int]] = {name: {} for name in sheets}
    for figure in figures:
        if figure.measure in columns and (columns[figure.measure][0] is not None or figure.value is None):
            continue
        columns[figure.measure] = np.array([figure.value], dtype=object)
        positions[figure.sheet.name][figure.measure] = figure.column
        moved[0, figure.measure] = sheets.index(figure.sheet.name), figure.row
    file = figures[0].sheet.file
    origins = [
        Origin(file, [figures[0].row] if n == 0 else [], sheet=name, columns=positions[name])
        for n, name in enumerate(sheets)
    ]
    origin = attrs.evolve(origins[0], further=origins[1:], sheets=[0], moved=moved)
    text = Title(zh="按事业统计报表读入", en="read as forms of the national statistics")
    notes = [Note(file, name, text) for name in sheets]
    return type_columns("schools", columns, known, origin, problems), notes

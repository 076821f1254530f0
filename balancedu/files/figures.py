"""Figures in cells of their own become rows of a table: counts in bands of size, means and coefficients."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType

import attrs
import numpy as np

from balancedu.core.fields import plain
from balancedu.core.model import Measure
from balancedu.core.standard import SPREAD, Standard
from balancedu.files.headers import paths_of
from balancedu.files.sheet import Cell, Row, Sheet, cell_at, is_filled, text_of
from balancedu.files.vocabulary import TOTALS, indicator_of, results, statistics_in, vocabulary
from balancedu.submission.arrange import type_columns
from balancedu.submission.columns import LARGEST, MisfilledError, Scaling, number_reader
from balancedu.submission.problems import Problems
from balancedu.submission.tables import Column, RawTable, RowPlaces

_DAY = re.compile(r"((?:18|19|20)[0-9]{2})(?:年|[-/.][0-9]{1,2}|年[0-9]{1,2}月)(?:[-/.]?[0-9]{1,2}日?)?(?:\s.*)?")


def whole(cell: Cell) -> Cell:
    """Return a number of a sheet that is read as a text as a whole number, where it has kept all its digits."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST else cell


def year_of(cell: Cell) -> Cell:
    """Return the year of a day, where a year is requested; anything else as it is.

    Examples
    --------
    >>> year_of("2010年9月"), year_of("2010-09-01"), year_of("1998"), year_of("九十年代")
    (2010.0, 2010.0, '1998', '九十年代')
    """
    if isinstance(cell, date):
        return float(cell.year)
    match = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return float(match[1]) if match else cell


def sum_of(
    cells: Sequence[Cell], measure: Measure, scalings: Sequence[Scaling | None] = (), *, commas: bool = True
) -> Fraction | Cell:
    """Return the exact sum of cells, each in its unit: None if one is empty, and what is no number as it is."""
    total = Fraction(0)
    for cell, scaling in zip(cells, scalings or [None] * len(cells), strict=True):
        try:
            number = number_reader(measure, scaling, commas=commas)(cell)
        except MisfilledError:
            return cell
        if np.isnan(number):
            return None
        total += Fraction(repr(float(number))) * (scaling.factor if scaling else 1)
    return total if cells else None


@attrs.frozen
class Figure:
    """A value of a sheet, and its cell; what is true without a cell has the row 0.

    Attributes
    ----------
    value : Cell
    sheet : Sheet
    row, column : int
        Rows count from 1, columns from 0.
    """

    value: Cell
    sheet: Sheet
    row: int = 0
    column: int = -1


def table_of(
    table: str,
    rows: Sequence[tuple[int, Mapping[str, Figure]]],
    problems: Problems,
    scalings: Mapping[str, Scaling | None] = MappingProxyType({}),
) -> RawTable:
    """Return the table whose rows hold these figures, each by its column; they may be in several sheets of a file.

    Parameters
    ----------
    table : str
    rows : sequence of (line, figures)
        The line that each row is about, in the sheet of its first figure.
    problems : Problems
    scalings : mapping of column to Scaling
    """
    known = problems.standard.table_measures(table)
    figures = [(n, name, figure) for n, (_, row) in enumerate(rows) for name, figure in row.items()]
    sheets = list({id(figure.sheet): figure.sheet for _, _, figure in figures}.values())
    columns: dict[str, Column] = {name: np.full(len(rows), None, dtype=object) for _, name, _ in figures}
    positions: list[dict[str, int]] = [{} for _ in sheets]
    cells: dict[tuple[int, str], int] = {}
    moved: dict[tuple[int, str], tuple[int, int]] = {}
    for n, name, figure in figures:
        columns[name][n] = whole(figure.value) if known[name].type == "text" else figure.value
        number = sheets.index(figure.sheet)
        if figure.column >= 0:
            positions[number].setdefault(name, figure.column)
        if figure.row and number:
            moved[n, name] = number, figure.row
        elif figure.row:
            cells[n, name] = figure.row
    origins = [
        RowPlaces(sheet.file, sheet=sheet.name, columns=own) for sheet, own in zip(sheets, positions, strict=True)
    ]
    lines = [line for line, _ in rows]
    origin = attrs.evolve(origins[0], lines=lines, cells=cells, further=origins[1:], moved=moved)
    return type_columns(table, columns, known, origin, problems, scalings, commas=sheets[0].commas)


_FEWEST_BANDS = 3
"""So many bands make a table of them, where their headers do not name classes or rooms."""
_MOST_PUPILS = 200
_LEVELS = 2
"""The most rows of headers, one above the other."""
_AREA = re.compile(r"平方米|平米|㎡|m2|m²", re.IGNORECASE)
_OTHERS = re.compile("岁|年|元|学时|教师|职称|分|公里")
"""Units and words of other quantities that are counted in bands."""
_UNITS = re.compile(r"平方米|平米|㎡|m2|m²|人|\(含\)|含|\s", re.IGNORECASE)
_BETWEEN = re.compile(r"(\d+)(?:[-—–~～至到]|[≤<].*?[<≤])(\d+)")
_UP_TO = re.compile(r"(\d+)(及|以及)?以下|[≤](\d+)|(?:不足|小于|少于|<)(\d+)")
_FROM = re.compile(r"(\d+)(?:及|以及)?以上|(?:≥|不小于|不少于)(\d+)|(?:超过|大于|多于|>)(\d+)")
_OF_BANDS = ("county", "school", "name", "stage", "use")
"""The columns that a table of bands may have beside its counts."""

Bounds = tuple[int | None, int | None]


def band_of(header: str) -> Bounds | None:
    """Return the smallest and the largest size in a band, or the largest and the next; None if it is no band.

    Examples
    --------
    >>> band_of("每班46-50人班级个数"), band_of("66人以上"), band_of("25人及以下"), band_of("班级总数")
    ((46, 50), (66, None), (None, 25), None)
    >>> band_of("96㎡及以上"), band_of("73㎡≤单间面积＜96㎡的音乐教室间数"), band_of("35岁及以下")
    ((96, None), (73, 96), None)
    """
    text = unicodedata.normalize("NFKC", header)
    if _OTHERS.search(text):
        return None
    text, is_area = _UNITS.sub("", text), bool(_AREA.search(text))
    if match := _BETWEEN.search(text):
        return int(match[1]), int(match[2])
    if match := _UP_TO.search(text):
        below = match[4] is not None
        return None, int(match[1] or match[3] or match[4]) - (below and not is_area)
    if match := _FROM.search(text):
        return int(match[1] or match[2] or match[3]) + (match[3] is not None), None
    return None


@attrs.frozen
class Bands:
    """The headers of a sheet that counts classes or rooms in bands.

    Attributes
    ----------
    table : str
    row : int
        The number of the lowest header.
    columns : mapping of column to (bounds, stage, use)
        Those that count classes or rooms of a size, with what their headers state about them.
    known : mapping of column of the table to column
        The columns of the school, and those that distinguish its rows.
    total : int
        The column that counts all of a row; -1 if there is none.
    """

    table: str
    row: int
    columns: Mapping[int, tuple[Bounds, str, str]]
    known: Mapping[str, int]
    total: int


def bands_in(rows: Sequence[Row], sheet: Sheet, standard: Standard) -> Bands | None:
    """Return where a sheet counts classes or rooms in bands; None if it does not."""
    if "at_most" not in standard.table_measures("classes"):
        return None
    named = [any(isinstance(cell, str) and band_of(cell) for cell in cells) for _, cells in rows]
    for n in range(len(rows)):
        for first in range(n, max(-1, n - _LEVELS), -1):
            if not any(named[first : n + 1]):
                continue
            paths = {column: "".join(path) for column, path in paths_of(rows[first : n + 1], sheet).items()}
            if bands := _bands_below(rows[n], paths, sheet, standard):
                return bands
    return None


def _bands_below(row: Row, paths: Mapping[int, str], sheet: Sheet, standard: Standard) -> Bands | None:
    """Return the bands that the headers above columns name, the lowest of which are in a row."""
    number, cells = row
    bands = {
        column: band for column, text in paths.items() if is_filled(cell_at(cells, column)) and (band := band_of(text))
    }
    of_rooms = any(_AREA.search(paths[column]) for column in bands)
    table, word = ("rooms", "教室") if of_rooms else ("classes", "班")
    likely = of_rooms or all(max(filter(None, band)) <= _MOST_PUPILS for band in bands.values())
    if not bands or not likely:
        return None
    schools, own = vocabulary(standard, "schools"), vocabulary(standard, table)
    columns: dict[str, int] = {}
    for column, text in paths.items():
        leaf = text_of(cell_at(cells, column)) or text
        for measure in (*own.meant((leaf,))[:1], *schools.meant((leaf,))[:1]):
            if column not in bands and measure.column in _OF_BANDS:
                columns.setdefault(measure.column, column)
    names = columns.pop("name", None)
    school = columns.pop("school", names)
    if school is None or (len(bands) < _FEWEST_BANDS and not any(word in paths[column] for column in bands)):
        return None
    uses = standard.table_measures("rooms")["use"].values if of_rooms else ()
    counts = {}
    for column, band in bands.items():
        stage = schools.stage_in(paths[column]) or schools.stage_in(sheet.name) or ""
        use = next((choice.id for choice in uses if choice.title.zh in paths[column]), "")
        counts[column] = band, stage, use
    if of_rooms and "use" not in columns and not all(use for _, _, use in counts.values()):
        return None
    others = [column for column in paths if column not in bands and _is_total(paths[column], standard)]
    known = {name: column for name, column in columns.items() if name in standard.table_measures(table)}
    return Bands(table, number, counts, known | {"school": school}, -1 if of_rooms else next(iter(others), -1))


def _is_total(text: str, standard: Standard) -> bool:
    """Return whether a header counts all classes."""
    measures = vocabulary(standard, "schools").meant((text,))
    return plain(text) in TOTALS or any(measure.column.startswith("classes_") for measure in measures)


def table_of_bands(bands: Bands, rows: Iterable[Row], sheet: Sheet, problems: Problems) -> RawTable:
    """Return the classes or rooms that a sheet counts in bands, with a row for each school and band."""
    is_classes = bands.table == "classes"
    count, least, most = ("classes", "above", "at_most") if is_classes else ("rooms", "area_from", "area_below")
    result: list[tuple[int, Mapping[str, Figure]]] = []
    for number, cells in rows:
        school = cell_at(cells, bands.known["school"])
        if number <= bands.row or not is_filled(school) or plain(text_of(school)) in TOTALS:
            continue
        held = {name: Figure(cell_at(cells, column), sheet, number, column) for name, column in bands.known.items()}
        for column, ((low, high), stage, use) in bands.columns.items():
            figures = {**held, count: Figure(cell_at(cells, column), sheet, number, column)}
            values: dict[str, Cell] = {"stage": stage, "use": use, most: high}
            values[least] = low - is_classes if low is not None else None
            values["in_all"] = None if stage else cell_at(cells, bands.total)
            figures |= {name: Figure(value, sheet, number) for name, value in values.items() if is_filled(value)}
            result.append((number, figures))
    filled = {name for _, figures in result for name, figure in figures.items() if is_filled(figure.value)}
    result = [(n, {name: figure for name, figure in row.items() if name in filled}) for n, row in result]
    if is_classes:
        sheet.add_note("按班额分档的班数读入", "read as classes counted in bands")
    else:
        sheet.add_note("按面积分档的教室数读入", "read as rooms counted in bands of area")
    return table_of(bands.table, result, problems)


_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*")

SpreadFigures = Mapping[tuple[str, str, str], Mapping[str, Figure]]
"""The mean and the coefficient (`mean`, `cv`) of each county, stage and indicator."""


def spread_in(rows: Sequence[Row], sheet: Sheet, standard: Standard) -> SpreadFigures:
    """Return the means and coefficients that a sheet holds; empty if it is no table of them.

    A figure counts when the headers above it and the labels before it state its stage, its indicator and what it is. A
    stage or a statistic that none of them states may be that of the sheet's name, of its title, or of a line between
    the rows.
    """
    table = results().spread
    context = [sheet.name or sheet.file.rpartition(".")[0]]
    headers: list[Row] = []
    paths: Mapping[int, Sequence[str]] = {}
    labels: dict[int, str] = {}
    result: dict[tuple[str, str, str], dict[str, Figure]] = {}
    for number, cells in rows[: table.most_rows]:
        if not any(map(_is_figure, cells)):
            texts = [text for text in map(text_of, cells) if text]
            if len(texts) == 1:
                context = [*context[:1], texts[0]] if labels else [*context, texts[0]]
            else:
                headers = [(number, cells)] if labels else [*headers, (number, cells)]
                paths, labels = paths_of(headers, sheet), {}
            continue
        for column, cell in enumerate(cells):
            if is_filled(cell) and not _is_figure(cell) and column < table.label_columns:
                labels = {key: text for key, text in labels.items() if key < column} | {column: text_of(cell)}
            elif _is_figure(cell):
                before = {key: text for key, text in labels.items() if key < column}
                key, statistic = _about([*paths.get(column, ()), *before.values()], context, standard)
                if statistic:
                    county = next((text for at, text in before.items() if _is_county(paths.get(at, ()), standard)), "")
                    value = _share(cell) if statistic == "cv" else cell
                    pair = result.setdefault((county, *key), {})
                    if statistic in pair:
                        return {}
                    pair[statistic] = Figure(value, sheet, number, column)
    coefficients = sum("cv" in pair for pair in result.values())
    return result if coefficients and sum(map(len, result.values())) >= table.fewest_figures else {}


def _about(wording: Sequence[str], context: Sequence[str], standard: Standard) -> tuple[tuple[str, str], str]:
    """Return stage and indicator of a figure, and `mean` or `cv`; empty if its words leave one of them open.

    A name without "per pupil" counts for coefficients only: a mean may be one of the amount.
    """
    words = vocabulary(standard, "schools")
    statistics = {kind for text in wording for kind in statistics_in(text)}
    statistics = statistics or {kind for text in context for kind in statistics_in(text)}
    if len(statistics) != 1:
        return ("", ""), ""
    stages: set[str] = set()
    for texts in (wording, context[-1:], context):
        stages = stages or {stage for text in texts if (stage := words.stage_in(text))}
    indicators = [indicator_of(text, standard) for text in wording]
    if statistics == {False}:
        indicators += [indicator_of(text, standard, per_pupil=False) for text in wording]
    indicator = next(filter(None, indicators), "")
    if len(stages) != 1 or not indicator:
        return ("", ""), ""
    return (stages.pop(), indicator), "mean" if statistics.pop() else "cv"


def _is_county(path: Sequence[str], standard: Standard) -> bool:
    return any(measure.column == "county" for measure in vocabulary(standard, "facts").meant(path))


def _is_figure(cell: Cell) -> bool:
    """Return whether a cell is a number, or the text of one."""
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _share(cell: Cell) -> Cell:
    match = _NUMBER.fullmatch(cell) if isinstance(cell, str) else None
    return float(match[1]) / 100 if match and match[2] else cell


def spread_table(figures: SpreadFigures, sheet: Sheet, problems: Problems) -> RawTable:
    """Return means and coefficients as a table with a row for each county, stage and indicator."""
    rows = []
    for (county, stage, indicator), pair in figures.items():
        line = next(iter(pair.values())).row
        about = {"county": county, "stage": stage, "indicator": indicator}
        constants = {name: Figure(value, sheet) for name, value in about.items() if value}
        rows.append((line, {**constants, **pair}))
    sheet.add_note("按均值和差异系数表读入", "read as a table of means and coefficients of variation")
    return table_of(SPREAD, rows, problems)

"""Classes and rooms counted in bands of size, one column a band, become rows of bands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.core.standard import Standard
from balancedu.files.binding import paths_of, text_of
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.vocabulary import TOTALS, vocabulary
from balancedu.submission.arrange import type_columns
from balancedu.submission.problems import Note, Problems
from balancedu.submission.tables import Origin, RawTable

_FEWEST = 3
"""So many bands make a table of them, where their headers do not name classes or rooms."""
_MOST_PUPILS = 200
_LEVELS = 2
"""So many rows of headers may stand above each other."""
_AREA = re.compile(r"平方米|平米|㎡|m2|m²", re.IGNORECASE)
_OTHERS = re.compile("岁|年|元|学时|教师|职称|分|公里")
"""Units and words of other quantities that are counted in bands."""
_UNITS = re.compile(r"平方米|平米|㎡|m2|m²|人|\(含\)|含|\s", re.IGNORECASE)
_BETWEEN = re.compile(r"(\d+)(?:[-—–~～至到]|[≤<].*?[<≤])(\d+)")
_UP_TO = re.compile(r"(\d+)(及|以及)?以下|[≤](\d+)|(?:不足|小于|少于|<)(\d+)")
_FROM = re.compile(r"(\d+)(?:及|以及)?以上|(?:≥|不小于|不少于)(\d+)|(?:超过|大于|多于|>)(\d+)")

Bounds = tuple[int | None, int | None]


def band_of(header: str) -> Bounds | None:
    """Return the smallest and the largest size in a band, or the largest and the next; None where it is no band.

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
class BandColumn:
    """A column that counts classes or rooms of a size."""

    bounds: Bounds
    stage: str = ""
    use: str = ""


@attrs.frozen
class Bands:
    """The headers of a sheet that counts classes or rooms in bands.

    Attributes
    ----------
    table : str
    row : int
        The number of the lowest header.
    columns : mapping of column to BandColumn
    known : mapping of column of the table to column
        Where the school and what tells the rows apart stand.
    total : int, optional
        The column that counts all of a row.
    """

    table: str
    row: int
    columns: Mapping[int, BandColumn]
    known: Mapping[str, int]
    total: int | None = None


def bands_in(rows: Sequence[Row], sheet: Sheet, standard: Standard) -> Bands | None:
    """Return where a sheet counts classes or rooms in bands; None where it does not."""
    schools = vocabulary(standard, "schools")
    uses = standard.table_measures("rooms").get("use")
    for n in range(len(rows)):
        for first in range(n, max(-1, n - _LEVELS), -1):
            paths = {column: "".join(path) for column, path in paths_of(rows[first : n + 1], sheet).items()}
            bands = {
                column: band
                for column, text in paths.items()
                if (band := band_of(text)) and is_filled(_at(rows[n], column))
            }
            areas = {column for column in bands if _AREA.search(paths[column])}
            name = "rooms" if areas else "classes"
            named = [column for column in bands if ("教室" if areas else "班") in paths[column]]
            likely = areas or all(max(filter(None, band)) <= _MOST_PUPILS for band in bands.values())
            if not bands or not likely or "at_most" not in standard.table_measures("classes"):
                continue
            measures = standard.table_measures(name)
            known_columns: dict[str, int] = {}
            for column, text in paths.items():
                leaf = text_of(_at(rows[n], column)) or text
                for entry in (*vocabulary(standard, name).meant((leaf,))[:1], *schools.meant((leaf,))[:1]):
                    if column not in bands and entry.column in ("county", "school", "name", "stage", "use"):
                        known_columns.setdefault(entry.column, column)
            place = known_columns.pop("school", known_columns.get("name"))
            known_columns.pop("name", None)
            if place is None or (len(bands) < _FEWEST and not named):
                continue
            use = {choice.id for choice in uses.values} if uses else set()
            columns = {
                column: BandColumn(
                    band,
                    schools.stage_in(paths[column]) or schools.stage_in(sheet.name) or "",
                    next((entry for entry in use if _names(entry, paths[column], standard)), "") if areas else "",
                )
                for column, band in bands.items()
            }
            if areas and "use" not in known_columns and not all(entry.use for entry in columns.values()):
                continue
            total = next(
                (column for column, text in paths.items() if column not in bands and _is_total(text, standard)), None
            )
            known = {key: column for key, column in known_columns.items() if key in measures} | {"school": place}
            return Bands(name, rows[n][0], columns, known, total if name == "classes" else None)
    return None


def _at(row: Row, column: int) -> Cell:
    return row[1][column] if column < len(row[1]) else None


def _names(use: str, text: str, standard: Standard) -> bool:
    choice = next(entry for entry in standard.table_measures("rooms")["use"].values if entry.id == use)
    return choice.title.zh in text


def _is_total(text: str, standard: Standard) -> bool:
    """Return whether a header counts all classes."""
    measures = vocabulary(standard, "schools").meant((text,))
    return plain(text) in TOTALS or any(measure.column.startswith("classes_") for measure in measures)


def table_of_bands(
    bands: Bands, rows: Sequence[Row], sheet: Sheet, standard: Standard, problems: Problems
) -> tuple[RawTable, list[Note]]:
    """Return the classes or rooms that a sheet counts in bands, with a row for each school and band."""
    is_classes = bands.table == "classes"
    count, least, most = ("classes", "above", "at_most") if is_classes else ("rooms", "area_from", "area_below")
    names = [*bands.known, count, least, most, *(["stage", "in_all"] if is_classes else ["use"])]
    columns: dict[str, list[Cell]] = {name: [] for name in dict.fromkeys(names)}
    lines: list[int] = []
    for row in rows:
        school = _at(row, bands.known["school"])
        if row[0] <= bands.row or not is_filled(school) or plain(text_of(school)) in TOTALS:
            continue
        for column, band in bands.columns.items():
            low, high = band.bounds
            lines.append(row[0])
            held: dict[str, Cell] = {name: _at(row, other) for name, other in bands.known.items()}
            held |= {count: _at(row, column), least: low - is_classes if low is not None else None, most: high}
            held |= {"stage": band.stage or held.get("stage"), "use": band.use or held.get("use")}
            held["in_all"] = None if bands.total is None or band.stage else _at(row, bands.total)
            for name, values in columns.items():
                values.append(held[name])
    kept = {name: values for name, values in columns.items() if any(map(is_filled, values))}
    arrays = {name: np.fromiter(values, dtype=object, count=len(lines)) for name, values in kept.items()}
    places = {**bands.known, count: next(iter(bands.columns))}
    origin = Origin(sheet.file, lines, sheet=sheet.name, columns={key: at for key, at in places.items() if key in kept})
    text = Title(zh="按班额分档的班数读入", en="read as classes counted in bands")
    if not is_classes:
        text = Title(zh="按面积分档的教室数读入", en="read as rooms counted in bands of area")
    known = standard.table_measures(bands.table)
    return type_columns(bands.table, arrays, known, origin, problems), [Note(sheet.file, sheet.name, text)]


def with_stages_of_schools(classes: RawTable, schools: RawTable, standard: Standard) -> RawTable:
    """Return classes whose sheets say no stage with the stage of their school, where it has one alone."""
    if "school" not in classes.columns or "type" not in schools.columns or "school" not in schools.columns:
        return classes
    if "stage" in classes.faulty or "type" in schools.faulty:
        return classes
    kinds = standard.table_measures("schools")["type"].values
    stages = [choice.id for choice in standard.table_measures("classes")["stage"].values]
    known: dict[str, int] = {}
    for school, kind in zip(schools.columns["school"].tolist(), schools.columns["type"].tolist(), strict=True):
        own = list(kinds[kind].stages or ()) if kind >= 0 else []
        known[school] = stages.index(own[0]) if len(own) == 1 and own[0] in stages else -1
    column = classes.columns.get("stage", np.full(classes.size, -1, np.int16)).copy()
    for row, school in enumerate(classes.columns["school"].tolist()):
        if column[row] == -1:
            column[row] = known.get(school, -1)
    if (column < 0).all():
        return classes
    return attrs.evolve(classes, columns={**classes.columns, "stage": column})

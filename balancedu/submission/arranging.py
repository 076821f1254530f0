"""Submitted tables become typed tables in the order of counties and schools; every problem is collected."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Measure
from balancedu.errors import nearest
from balancedu.submission.cells import typed
from balancedu.submission.problems import Problems, place_of
from balancedu.submission.table import Origin, Table
from balancedu.submission.tables import Column

ONLY_COUNTY = "county"
"""The id of a county that gives itself none."""


@attrs.frozen
class RawTable:
    """Typed columns in the order submitted; nothing refers to another table yet."""

    id: str
    columns: Mapping[str, Column]
    size: int
    origin: Origin


def type_table(
    name: str,
    columns: Mapping[str, Column],
    measures: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
) -> RawTable:
    """Return the columns of a table as their measures' types."""
    sizes = {column: values.shape for column, values in columns.items()}
    size = next((shape[0] for shape in sizes.values() if shape), 0)
    ids = columns.get("school")
    result = {}
    for column, values in columns.items():
        if column not in measures:
            word = "fact" if name == "facts" else "column"
            place = origin.place(0, column) if name == "facts" else origin.file
            hint = f"leave the {word} out, or declare it in a standard of your own"
            problems.note(name, place, column, f"unknown {word}{nearest(column, measures)}", hint, f"unknown {word}")
        elif sizes[column] != (size,):
            problems.note(name, origin.file, column, f"found {sizes[column]} cells, wanted {size} as in other columns")
        else:
            result[column], bad = typed(values, measures[column])
            for cell in bad:
                school = ids[cell.row] if ids is not None and ids.shape == (size,) else ""
                place = place_of(origin, cell.row, column, school)
                problems.note(name, place, column, cell.problem, cell.hint, cell.kind)
    return RawTable(name, result, size, origin)


def schools_table(raw: RawTable, problems: Problems) -> tuple[Table, tuple[str, ...]]:
    """Return the schools in the order of county and school id, and the counties."""
    for column in ("school", "type"):
        if column not in raw.columns:
            problems.note(raw.id, raw.origin.file, column, "the column is missing", "every school needs one")
    if not raw.size:
        problems.note(raw.id, raw.origin.file, "", "there is no row", "list every school of the county")
    school = _ids(raw, "school", problems)
    choice = raw.columns.get("type", np.zeros(raw.size, np.int16))
    for row in np.flatnonzero(choice < 0).tolist():
        place = place_of(raw.origin, row, "type", school[row])
        problems.note(raw.id, place, "type", "the type of school is missing", "every school needs one", "missing type")
    names = _ids(raw, "county", problems) if "county" in raw.columns else np.full(raw.size, ONLY_COUNTY)
    counties, county = np.unique(names, return_inverse=True)
    order = np.lexsort((school, county))
    columns = {column: values[order] for column, values in raw.columns.items()}
    columns["school"] = school[order]
    table = Table(raw.id, columns, county[order], order, raw.origin)
    _refuse_twice(table, counties, problems)
    return table, tuple(counties.tolist())


def _ids(raw: RawTable, column: str, problems: Problems) -> NDArray[np.str_]:
    ids: NDArray[np.str_] = raw.columns.get(column, np.full(raw.size, ""))
    if column in raw.columns:
        for row in np.flatnonzero(ids == "").tolist():
            problems.note(
                raw.id,
                raw.origin.place(row),
                column,
                "the id is missing",
                "every row needs one",
                "missing id",
            )
    return ids


def _refuse_twice(schools: Table, counties: NDArray[np.str_], problems: Problems) -> None:
    ids = schools.columns["school"]
    twice = (ids[1:] == ids[:-1]) & (schools.county[1:] == schools.county[:-1]) & (ids[1:] != "")
    for row in (np.flatnonzero(twice) + 1).tolist():
        first = schools.place(row - 1)
        problem = f"school {ids[row]} of county {counties[schools.county[row]]} stands twice, first in {first}"
        problems.note(schools.id, schools.place(row), "school", problem, "keep one of the rows", "duplicate school")


def detail_table(raw: RawTable, schools: Table, counties: tuple[str, ...], problems: Problems) -> Table:
    """Return classes or rooms in the order of their schools."""
    rows = np.arange(raw.size)
    if "school" not in raw.columns:
        problems.note(raw.id, raw.origin.file, "school", "the column is missing", "every row needs its school")
        return Table(raw.id, raw.columns, np.zeros(raw.size, np.intp), rows, raw.origin, np.zeros(raw.size, np.intp))
    names = _county_names(raw, counties, problems)
    listed = zip((counties[c] for c in schools.county.tolist()), schools.columns["school"].tolist(), strict=True)
    position = {key: row for row, key in enumerate(listed)}
    keys = list(zip(names, raw.columns["school"].tolist(), strict=True))
    found = np.array([position.get(key, -1) for key in keys], dtype=np.intp)
    for row in np.flatnonzero(found < 0).tolist():
        close = nearest(keys[row][1], (school for county, school in position if county == keys[row][0]))
        problem = f"school {keys[row][1]!r} of county {keys[row][0]!r} is not in the schools{close}"
        problems.note(
            raw.id, raw.origin.place(row), "school", problem, "add it there, or mend the id", "unknown school"
        )
    found = np.maximum(found, 0)
    order = np.argsort(found, kind="stable")
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, schools.county[found[order]], order, raw.origin, found[order])


def county_table(raw: RawTable, counties: tuple[str, ...], problems: Problems) -> Table:
    """Return rows that belong to counties in the order of the counties."""
    known = {county: position for position, county in enumerate(counties)}
    names = _county_names(raw, counties, problems)
    found = np.array([known.get(name, -1) for name in names], dtype=np.intp)
    for row in np.flatnonzero(found < 0).tolist():
        problem = f"county {names[row]!r} has no school{nearest(names[row], known)}"
        place = raw.origin.place(row, "county")
        problems.note(raw.id, place, "county", problem, "add its schools, or mend the id", "unknown county")
    found = np.maximum(found, 0)
    order = np.argsort(found, kind="stable")
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, found[order], order, raw.origin)


def facts_table(raw: RawTable, counties: tuple[str, ...], problems: Problems) -> Table:
    """Return facts with exactly one row for each county; NaN where a county reported none."""
    table = county_table(raw, counties, problems)
    for row in np.flatnonzero(table.county[1:] == table.county[:-1]).tolist():
        county = counties[table.county[row + 1]]
        problem = f"county {county!r} stands twice"
        problems.note("facts", table.place(row + 1), "county", problem, "keep one of the rows", "duplicate county")
    columns: dict[str, Column] = {}
    rows = np.full(len(counties), -1)
    rows[table.county] = table.rows
    for column, values in table.columns.items():
        if values.dtype.kind == "f":
            columns[column] = np.full(len(counties), np.nan)
            columns[column][table.county] = values
    return Table("facts", columns, np.arange(len(counties)), rows, table.origin)


def _county_names(raw: RawTable, counties: tuple[str, ...], problems: Problems) -> list[str]:
    if "county" in raw.columns:
        return list(map(str, _ids(raw, "county", problems).tolist()))
    if len(counties) > 1 and raw.size:
        hint = f"the schools belong to {len(counties)} counties"
        problems.note(raw.id, raw.origin.file, "county", "the column is missing", hint)
    return [counties[0] if counties else ONLY_COUNTY] * raw.size

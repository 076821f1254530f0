"""Submitted tables become typed tables in the order of counties and schools; every problem is collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Ints
from balancedu.submission.problems import ONLY_COUNTY, Guesses, Problems, said_of, shown
from balancedu.submission.raw import RawTable
from balancedu.submission.table import Table
from balancedu.submission.tables import Column

DETAILS = ("classes", "rooms")
"""The tables whose rows belong to schools."""


def county_of(schools: RawTable, others: Sequence[RawTable], problems: Problems) -> str | None:
    """Return the id of the county whose schools do not name it: the one that other tables name, if they do.

    None where they name several.
    """
    named = {
        county: raw for raw in others for county in np.unique(raw.columns.get("county", np.empty(0, str))).tolist()
    }
    named.pop("", None)
    if len(named) < 2:
        return next(iter(named), ONLY_COUNTY)
    found = ", ".join(f"{shown(county)} in {raw.id}" for county, raw in list(named.items())[:2])
    problem = f"the column is missing, and other tables name {len(named)} counties: {found}"
    problems.note(schools.id, schools.origin.title, "county", problem, "say which county each school belongs to")
    return None


def schools_table(raw: RawTable, county: str, problems: Problems) -> tuple[Table, tuple[str, ...]]:
    """Return the schools in the order of county and school id, and the counties.

    Schools that name no county belong to `county`.
    """
    for column in ("school", "type"):
        if column not in raw.columns and column not in raw.faulty:
            problems.note(raw.id, raw.origin.title, column, "the column is missing", "every school needs one")
    if not raw.size and raw.origin.whole:
        problems.note(raw.id, raw.origin.title, "", "there is no row", "list every school of the county")
    school = _ids(raw, "school", problems)
    choice = raw.columns.get("type", np.zeros(raw.size, np.int16))
    for row in np.flatnonzero(choice == -1).tolist():
        place = raw.origin.place(row, "type", school[row])
        problems.note(raw.id, place, "type", "the type of school is missing", "every school needs one", "missing type")
    names = _ids(raw, "county", problems) if "county" in raw.columns else np.full(raw.size, county)
    counties, position = np.unique(names, return_inverse=True)
    order = np.lexsort((school, position))
    columns = {column: values[order] for column, values in raw.columns.items()}
    columns["school"] = school[order]
    table = Table(raw.id, columns, position[order], order, raw.origin)
    _refuse_twice(table, counties, problems)
    return table, tuple(counties.tolist())


def _ids(raw: RawTable, column: str, problems: Problems) -> NDArray[np.str_]:
    ids: NDArray[np.str_] = raw.columns.get(column, np.full(raw.size, ""))
    if column in raw.columns:
        noted = raw.faulty.get(column, ())
        for row in np.flatnonzero(ids == "").tolist():
            if row not in noted:
                place = raw.origin.place(row, column)
                problems.note(raw.id, place, column, "the id is missing", "every row needs one", "missing id")
    return ids


def _refuse_twice(schools: Table, counties: NDArray[np.str_], problems: Problems) -> None:
    ids = schools.columns["school"]
    twice = (ids[1:] == ids[:-1]) & (schools.county[1:] == schools.county[:-1]) & (ids[1:] != "")
    for row in (np.flatnonzero(twice) + 1).tolist():
        first = schools.place(row - 1, "school")
        whose = said_of(str(counties[schools.county[row]]))
        problem = f"school {shown(str(ids[row]))}{whose} stands twice, first in {first}"
        place = schools.place(row, "school", ids[row])
        hint = "keep one of the rows"
        own, other = (schools.origin.sheet_of(int(one)) for one in schools.rows[row - 1 : row + 1])
        if own is not other:
            hint = "leave a copy out in mapping.yaml; the figures of all stages of a school belong in one row"
        problems.note(schools.id, place, "school", problem, hint, "duplicate school")


def detail_table(raw: RawTable, schools: Table, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return classes or rooms in the order of their schools.

    Parameters
    ----------
    raw, schools, counties, problems
    sure : bool
        Whether the ids of the schools are all known, so that one that is not among them is a fault.
    """
    if "school" not in raw.columns:
        if "school" not in raw.faulty:
            problems.note(raw.id, raw.origin.title, "school", "the column is missing", "every row needs its school")
        return Table.empty(raw.id, raw.origin)
    names = _county_names(raw, counties, problems)
    if names is None:
        return Table.empty(raw.id, raw.origin)
    listed = zip((counties[c] for c in schools.county.tolist()), schools.columns["school"].tolist(), strict=True)
    position = {key: row for row, key in enumerate(listed)}
    ids = _ids(raw, "school", problems).tolist()
    found = np.fromiter((position.get(key, -1) for key in zip(names, ids, strict=True)), np.intp, len(ids))
    if sure and not {"county", "school"} & set(raw.faulty):
        _refuse_unlisted(raw, (names, ids), np.flatnonzero(found < 0), schools, counties, problems)
    order = np.argsort(found, kind="stable")[np.count_nonzero(found < 0) :]
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, schools.county[found[order]], order, raw.origin, found[order])


def _refuse_unlisted(
    raw: RawTable,
    keys: tuple[Sequence[str], Sequence[str]],
    rows: Ints,
    schools: Table,
    counties: tuple[str, ...],
    problems: Problems,
) -> None:
    positions = {county: position for position, county in enumerate(counties)}
    guesses: dict[int, Guesses] = {}
    for row in rows.tolist():
        county, school = keys[0][row], keys[1][row]
        if not school or not county:
            continue
        position = positions.get(county, -1)
        if position not in guesses:
            guesses[position] = Guesses(schools.columns["school"][schools.county == position].tolist())
        problem = f"school {shown(school)}{said_of(county)} is not in the schools"
        place = raw.origin.place(row, "school", school)
        hint = "add it there, or mend the id"
        problems.note(raw.id, place, "school", problem + guesses[position].nearest(school), hint, "unknown school")


def county_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return rows that belong to counties in the order of the counties; see `detail_table`."""
    names = _county_names(raw, counties, problems)
    if names is None:
        return Table.empty(raw.id, raw.origin)
    known = {county: position for position, county in enumerate(counties)}
    found = np.fromiter((known.get(name, -1) for name in names), np.intp, len(names))
    guesses = Guesses(counties)
    for row in np.flatnonzero(found < 0).tolist():
        if names[row] and sure and "county" not in raw.faulty:
            problem = f"county {shown(names[row])} has no school{guesses.nearest(names[row])}"
            place = raw.origin.place(row, "county", names[row])
            problems.note(raw.id, place, "county", problem, "add its schools, or mend the id", "unknown county")
    order = np.argsort(found, kind="stable")[np.count_nonzero(found < 0) :]
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, found[order], order, raw.origin)


def facts_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return facts with exactly one row for each county; NaN where a county reported none."""
    table = county_table(raw, counties, sure=sure, problems=problems)
    for row in np.flatnonzero(table.county[1:] == table.county[:-1]).tolist():
        county = counties[table.county[row + 1]]
        problem = f"county {shown(county)} stands twice, first in {table.place(row)}"
        place = table.place(row + 1, "county", county)
        problems.note("facts", place, "county", problem, "keep one of the rows", "duplicate county")
    columns: dict[str, Column] = {}
    rows = np.full(len(counties), -1)
    rows[table.county] = table.rows
    for column, values in table.columns.items():
        if values.dtype.kind == "f":
            columns[column] = np.full(len(counties), np.nan)
            columns[column][table.county] = values
    return Table("facts", columns, np.arange(len(counties)), rows, table.origin)


def _county_names(raw: RawTable, counties: tuple[str, ...], problems: Problems) -> list[str] | None:
    """Return the county of each row, or None where that is not said."""
    if "county" in raw.columns:
        names: list[str] = _ids(raw, "county", problems).tolist()
        return names
    if "county" in raw.faulty:
        return None
    if len(counties) > 1 and raw.size:
        if "" in counties:
            # Some school does not say its county; which ones there are is told when it does.
            return None
        hint = f"the schools belong to {len(counties)} counties"
        problems.note(raw.id, raw.origin.title, "county", "the column is missing", hint)
        return None
    return [counties[0] if counties else ONLY_COUNTY] * raw.size


def arranged(raws: Mapping[str, RawTable], problems: Problems) -> tuple[tuple[str, ...], dict[str, Table]]:
    """Return the counties, and the tables in their order."""
    schools, county = raws["schools"], None
    if "county" not in schools.columns and "county" not in schools.faulty:
        county = county_of(schools, [raw for raw in raws.values() if raw is not schools], problems)
    sure = schools.has_ids and ("county" in schools.columns or county is not None)
    table, counties = schools_table(schools, county or ONLY_COUNTY, problems)
    tables = {"schools": table}
    for name in DETAILS:
        tables[name] = Table.empty(name)
        if name in raws:
            tables[name] = detail_table(raws[name], table, counties, sure=sure, problems=problems)
    tables["monitoring"] = Table.empty("monitoring")
    if "monitoring" in raws:
        tables["monitoring"] = county_table(raws["monitoring"], counties, sure=sure, problems=problems)
    tables["facts"] = facts_table(raws["facts"], counties, sure=sure, problems=problems)
    return counties, tables


def evidence_of(
    evidence: Mapping[tuple[int, str], str], facts: Table, counties: tuple[str, ...]
) -> Mapping[tuple[str, str], str]:
    """Return what documents the facts of each county."""
    position = {row: counties[n] for n, row in enumerate(np.asarray(facts.rows).tolist()) if row >= 0}
    return {(position[row], fact): text for (row, fact), text in evidence.items() if row in position}

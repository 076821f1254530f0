"""Submitted tables become typed tables in the order of counties and schools; every problem is collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Ints
from balancedu.phrase import Phrase, place_zh
from balancedu.submission.problems import ONLY_COUNTY, Guesses, Problems, school_of, shown
from balancedu.submission.raw import RawTable
from balancedu.submission.table import Table
from balancedu.submission.tables import Column
from balancedu.submission.unlisted import Naming, refuse_unlisted

DETAILS = ("classes", "rooms")
"""The tables whose rows belong to schools."""
NO_COLUMN = Phrase("缺少这一列", "the column is missing")
_NO_ID = Phrase("没有填标识码", "the id is missing")
_KEEP_ONE = Phrase("请只保留一行", "keep one of the rows")
_COPY = Phrase(
    "如果是同一张表的副本，请在 mapping.yaml 里略去；一所学校各学段的数应写在同一行",
    "leave a copy out in mapping.yaml; the figures of all stages of a school belong in one row",
)
_EVERY_SCHOOL = Phrase("每所学校都要填", "every school needs one")


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
    found = [(shown(county), raw) for county, raw in list(named.items())[:2]]
    tables = problems.standard.tables
    zh = "、".join(f"{tables[raw.id].title.zh}的{county.zh}" for county, raw in found)
    en = ", ".join(f"{county.en} in {raw.id}" for county, raw in found)
    problem = Phrase(
        f"缺少这一列，而其他表有{len(named)}个县：{zh}",
        f"the column is missing, and other tables name {len(named)} counties: {en}",
    )
    hint = Phrase("请写明每所学校属于哪个县", "say which county each school belongs to")
    problems.note(schools.id, schools.origin.title, "county", problem, hint)
    return None


def schools_table(raw: RawTable, county: str, problems: Problems) -> tuple[Table, tuple[str, ...]]:
    """Return the schools in the order of county and school id, and the counties.

    Schools that name no county belong to `county`.
    """
    for column in ("school", "type"):
        if column not in raw.columns and column not in raw.faulty:
            problems.note(raw.id, raw.origin.title, column, NO_COLUMN, _EVERY_SCHOOL)
    if not raw.size and raw.origin.whole:
        hint = Phrase("请列出全县每一所学校", "list every school of the county")
        problems.note(raw.id, raw.origin.title, "", Phrase("一行数据也没有", "there is no row"), hint)
    school = _ids(raw, "school", problems)
    choice = raw.columns.get("type", np.zeros(raw.size, np.int16))
    for row in np.flatnonzero(choice == -1).tolist():
        place = raw.origin.place(row, "type", school[row])
        problem = Phrase("没有填学校类型", "the type of school is missing")
        problems.note(raw.id, place, "type", problem, _EVERY_SCHOOL, Phrase(problem.zh, "missing type"))
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
                problem, hint = (
                    Phrase("没有填标识码", "the id is missing"),
                    Phrase("每一行都要填", "every row needs one"),
                )
                problems.note(raw.id, place, column, problem, hint, Phrase("没有填标识码", "missing id"))
    return ids


def _refuse_twice(schools: Table, counties: NDArray[np.str_], problems: Problems) -> None:
    ids = schools.columns["school"]
    twice = (ids[1:] == ids[:-1]) & (schools.county[1:] == schools.county[:-1]) & (ids[1:] != "")
    for row in (np.flatnonzero(twice) + 1).tolist():
        name = school_of(str(ids[row]), str(counties[schools.county[row]]))
        problem = name + _twice(schools.place(row - 1, "school"))
        place = schools.place(row, "school", ids[row])
        own, other = (schools.origin.sheet_of(int(one)) for one in schools.rows[row - 1 : row + 1])
        hint = _KEEP_ONE if own is other else _COPY
        problems.note(schools.id, place, "school", problem, hint, Phrase("学校重复", "duplicate school"))


def _twice(first: str) -> Phrase:
    return Phrase(f"重复，先见于 {place_zh(first)}", f" stands twice, first in {first}")


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
            hint = Phrase("每一行都要写明学校", "every row needs its school")
            problems.note(raw.id, raw.origin.title, "school", NO_COLUMN, hint)
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
    named = (
        Naming(positions.get(county, -1), county, school, raw.origin.place(row, "school", school))
        for row, county, school in ((row, keys[0][row], keys[1][row]) for row in rows.tolist())
        if school and county
    )
    hint = Phrase("请补入学校表，或改正标识码", "add it there, or mend the id")
    refuse_unlisted(named, raw.id, "school", schools, problems, hint)


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
            name = shown(names[row])
            problem = Phrase(f"县{name.zh}没有学校", f"county {name.en} has no school") + guesses.nearest(names[row])
            place = raw.origin.place(row, "county", names[row])
            hint = Phrase("请补入该县的学校，或改正县的标识码", "add its schools, or mend the id")
            problems.note(raw.id, place, "county", problem, hint, Phrase("县没有学校", "unknown county"))
    order = np.argsort(found, kind="stable")[np.count_nonzero(found < 0) :]
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, found[order], order, raw.origin)


def facts_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return facts with exactly one row for each county; NaN where a county reported none."""
    table = county_table(raw, counties, sure=sure, problems=problems)
    for row in np.flatnonzero(table.county[1:] == table.county[:-1]).tolist():
        county = counties[table.county[row + 1]]
        problem = Phrase(f"县{shown(county).zh}", f"county {shown(county).en}") + _twice(table.place(row))
        place = table.place(row + 1, "county", county)
        problems.note("facts", place, "county", problem, _KEEP_ONE, Phrase("县重复", "duplicate county"))
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
        hint = Phrase(
            f"学校表里有{len(counties)}个县，请写明每一行属于哪个县", f"the schools belong to {len(counties)} counties"
        )
        problems.note(raw.id, raw.origin.title, "county", NO_COLUMN, hint)
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

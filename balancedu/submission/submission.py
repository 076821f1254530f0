"""What counties report, checked on the way in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from os import PathLike
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from balancedu import html
from balancedu.calculator.groups import Segments
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors
from balancedu.submission.arrange import Facts, RawTable, arranged, evidence_of, raw_facts, type_table
from balancedu.submission.campuses import PARENT, Campuses, judged_tables
from balancedu.submission.checks import DataWarning, Reported, check, warnings_of
from balancedu.submission.problems import ONLY_COUNTY, Note, Problems, titles_in
from balancedu.submission.tables import Column, Origin, Table, TableLike, columns_of
from balancedu.text import Phrase

_COMPUTED = ("warnings", "warnings_by_county", "campuses", "judged")


class Submission:
    """What one county or many report: schools, classes, rooms, monitoring and facts.

    Parameters
    ----------
    schools : table
        One row for each school or campus. A table is a dict of lists or arrays, a DataFrame (pandas,
        polars), a pyarrow Table or a NumPy structured array. NaN, None and empty text mean: not reported.
    classes, rooms, monitoring : table, optional
        One row for each class, room, and subject monitored. A table left out is not reported.
    facts : mapping or table, optional
        Facts of the one county, or a mapping of county to such facts, or a table with a column `county`.
        A fact may carry evidence: `{"value": True, "evidence": "…"}`.
    standard : id, path or Standard
        Whose measures the columns are checked against.
    origins : mapping of table to Origin, optional
        Where the tables were read, for messages.

    Attributes
    ----------
    counties : tuple of str
        The ids of the counties, in ascending order.
    tables : mapping of name to Table
        Typed columns in the order of county and school; a table that was left out has no row.
    evidence : mapping of (county, fact) to text
    submitted : Submission
        Itself; of one as it is judged, what was submitted.
    notes : tuple of Note
        What reading the files decided or passed over; empty for tables in memory.

    Raises
    ------
    DataErrors
        With every problem of every table; see `balancedu check`.
    TypeError
        If a table is nothing that has columns.

    Examples
    --------
    >>> sub = Submission(
    ...     schools={"school": ["001"], "type": ["primary_school"], "pupils_primary": [400]},
    ...     facts={"layout_rational": True},
    ... )
    >>> sub
    <Submission: 1 county; schools 1, facts 1>
    """

    def __init__(
        self,
        schools: TableLike,
        classes: TableLike | None = None,
        rooms: TableLike | None = None,
        monitoring: TableLike | None = None,
        facts: Facts | None = None,
        *,
        standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
        origins: Mapping[str, Origin] = MappingProxyType({}),
    ) -> None:
        std = load_standard(standard)
        problems = Problems(std)
        raws = {}
        submitted = {"schools": schools, "classes": classes, "rooms": rooms, "monitoring": monitoring}
        for name, table in submitted.items():
            if table is not None or name == "schools":
                measures, origin = std.table_measures(name), origins.get(name, Origin())
                raws[name] = type_table(name, columns_of(cast("TableLike", table)), measures, origin, problems)
        known = std.table_measures("facts")
        raw = raw_facts({} if facts is None else facts, known, origins.get("facts", Origin()), problems)
        raws["facts"] = type_table("facts", raw.columns, known, raw.origin, problems)
        self._settle(std, raws, raw.evidence, problems)

    @classmethod
    def of_raw(
        cls,
        standard: Standard,
        raws: Mapping[str, RawTable],
        evidence: Mapping[tuple[int, str], str],
        problems: Problems,
        notes: tuple[Note, ...],
    ) -> Submission:
        """Return the submission of tables that were typed as they were read.

        Parameters
        ----------
        standard : Standard
        raws : mapping of table to RawTable
            With `schools`; any other may be left out.
        evidence : mapping of (row of the facts, fact) to text
        problems : Problems
            What was wrong with the files.
        notes : tuple of Note

        Raises
        ------
        DataErrors
            With every problem of the files and of every table.
        """
        result = cls.__new__(cls)
        given = {"facts": RawTable("facts", {}, 0, Origin(), {})} | dict(raws)
        result._settle(standard, {name: given[name] for name in standard.tables if name in given}, evidence, problems)
        result.notes = notes
        return result

    def _settle(
        self,
        standard: Standard,
        raws: Mapping[str, RawTable],
        evidence: Mapping[tuple[int, str], str],
        problems: Problems,
    ) -> None:
        """Arrange the tables, check what must hold between them, and refuse them with all their problems."""
        self.standard, self.notes = standard, tuple[Note, ...]()
        self.counties, self.tables = arranged(raws, problems)
        check(Reported(standard, self.counties, self.tables), raws, problems)
        if problems.found:
            raise DataErrors(problems.found)
        self.evidence = evidence_of(evidence, self.facts, self.counties)
        self.submitted: Submission = self
        self._segments = {name: Segments.of(one.county, len(self.counties)) for name, one in self.tables.items()}

    @classmethod
    def of_tables(cls, standard: Standard, counties: tuple[str, ...], tables: Mapping[str, Table]) -> Submission:
        """Return a submission of tables that are typed, in order and checked already; nothing is checked again."""
        result = cls.__new__(cls)
        result.standard, result.counties, result.tables, result.evidence = standard, counties, dict(tables), {}
        result.notes, result.submitted = (), result
        result._segments = {name: Segments.of(one.county, len(counties)) for name, one in tables.items()}
        return result

    @cached_property
    def campuses(self) -> Campuses | None:
        """Which schools are campuses that count with another school; None where there are none."""
        return Campuses.of(self.schools) if (self.schools.texts(PARENT) != "").any() else None

    @cached_property
    def judged(self) -> Submission:
        """The submission as it is judged: the figures, classes and rooms of campuses are those of their schools.

        Examples
        --------
        >>> sub = Submission({
        ...     "school": ["001", "001b"], "type": ["小学", "小学"], "parent": ["", "001"], "pupils_primary": [400, 60],
        ... })
        >>> sub.judged.columns("schools")["pupils_primary"]
        array([460.])
        >>> sub.judged.submitted is sub
        True
        """
        if self.campuses is None:
            return self
        measures = self.standard.table_measures("schools")
        result = Submission.of_tables(self.standard, self.counties, judged_tables(self.tables, self.campuses, measures))
        result.evidence, result.submitted = self.evidence, self
        return result

    def __getstate__(self) -> dict[str, object]:
        # What can be computed again is not pickled, so that asking changes nothing.
        return {name: value for name, value in vars(self).items() if name not in _COMPUTED}

    def columns(self, table: str) -> dict[str, Column]:
        """Return a table as it could be submitted again: its rows in the order submitted, choices by their ids.

        Examples
        --------
        >>> sub = Submission({"school": ["b", "a"], "type": ["小学", "初中"], "pupils_primary": [400, None]})
        >>> sub.columns("schools")["type"].tolist()
        ['primary_school', 'junior_school']
        """
        found = self.tables[table]
        if table == "facts":
            found = found.reported()
        order = np.argsort(found.rows, kind="stable")
        measures = self.standard.table_measures(table)
        result: dict[str, Column] = {"county": np.array(self.counties)[found.county][order]}
        if found.school.size:
            result["school"] = self.schools.columns["school"][found.school][order]
        for name, values in found.columns.items():
            if name in measures and name not in result:
                ids = np.array([*(choice.id for choice in measures[name].values), ""], dtype=object)
                result[name] = (ids[values] if measures[name].type == "choice" else values)[order]
        return result

    def changed(self, *, origins: Mapping[str, Origin] | None = None, **tables: TableLike) -> Submission:
        """Return a copy in which some tables are replaced; everything is checked as in any submission.

        Parameters
        ----------
        origins : mapping of table to Origin, optional
            Where the rows of the new tables were read; left out, where those of the old ones were.
        **tables : table
            `schools`, `classes`, `rooms`, `monitoring` or `facts`, in columns as `columns` gives them. Rows keep
            the place they were read from as long as their order is kept; added rows come last.

        Raises
        ------
        DataErrors
            With every problem of the changed tables.

        Examples
        --------
        >>> sub = Submission({"school": ["001"], "type": ["primary_school"], "pupils_primary": [400]})
        >>> more = sub.changed(schools=sub.columns("schools") | {"pupils_primary": [420]})
        >>> more.schools.numbers("pupils_primary")
        array([420.])
        """
        names = [name for name in self.tables if len(self.tables[name]) or name in tables]
        given = {name: tables[name] if name in tables else self.columns(name) for name in names}
        read = {name: table.origin for name, table in self.tables.items()} | dict(origins or {})
        result = Submission(**given, standard=self.standard, origins=read)
        result.notes = self.notes
        # What documented a fact says nothing of the value that replaced it.
        result.evidence = {
            (county, fact): text
            for (county, fact), text in self.evidence.items()
            if county in result.counties and result.fact(county, fact) == self.fact(county, fact)
        }
        return result

    @cached_property
    def warnings(self) -> tuple[DataWarning, ...]:
        """What is hardly as it was meant, found when it is asked for; it never changes a verdict.

        Examples
        --------
        >>> schools = {"school": ["001"], "type": ["小学"], "pupils_primary": [400]}
        >>> classes = {"school": ["001"], "stage": ["小学"], "pupils": [45]}
        >>> print(Submission(schools, classes).warnings[0].said("en"))
        schools, row 0 (001), pupils_primary: found 400, but in classes the pupils of the class listed come to 45; \
list what is missing, or mend the total
        """
        tables = (self.submitted.tables, self.judged.tables)
        return tuple(warnings_of(*(Reported(self.standard, self.counties, one) for one in tables)))

    @cached_property
    def warnings_by_county(self) -> Mapping[str, tuple[DataWarning, ...]]:
        """The warnings of each county that has any."""
        found: dict[str, list[DataWarning]] = {}
        for one in self.warnings:
            found.setdefault(one.county, []).append(one)
        return {county: tuple(warnings) for county, warnings in found.items()}

    def fact(self, county: str, fact: str) -> float:
        """Return a fact of a county; yes is 1 and no is 0, NaN where it is not reported."""
        return float(self.facts.numbers(fact)[self.counties.index(county)])

    @property
    def schools(self) -> Table:
        """The schools, in the order of county and school id."""
        return self.tables["schools"]

    @property
    def facts(self) -> Table:
        """The facts, one row for each county."""
        return self.tables["facts"]

    def segments(self, table: str) -> Segments:
        """Return which rows of a table belong to which county."""
        return self._segments[table]

    def _repr_html_(self) -> str:
        rows = [
            [self.standard.tables[name].title.zh, name, len(table), ", ".join(table.columns)]
            for name, table in self.tables.items()
        ]
        return html.card(repr(self)[1:-1], html.table(rows, ("表", "table", "行 rows", "列 columns")))

    def __repr__(self) -> str:
        count = len(self.counties)
        sizes = ", ".join(f"{name} {len(table)}" for name, table in self.tables.items() if len(table))
        return f"<Submission: {count} {'county' if count == 1 else 'counties'}; {sizes}>"


def submission_to_dict(submission: Submission, counties: tuple[str, ...]) -> dict[str, Any]:
    """Return what these counties submitted as plain values; what was not reported is None."""
    wanted = np.isin(np.array(submission.counties), list(counties))
    return {
        "tables": {name: _table(submission, table, wanted) for name, table in submission.tables.items()},
        "evidence": [
            {"county": county, "fact": fact, "text": text}
            for (county, fact), text in submission.evidence.items()
            if county in counties
        ],
    }


def _table(submission: Submission, table: Table, wanted: np.ndarray) -> dict[str, Any]:
    # A county that reported no facts has a row of its own all the same; it stands for nothing submitted.
    rows = np.flatnonzero(wanted[table.county] & (table.rows >= 0))
    measures = submission.standard.table_measures(table.id)
    names = np.array(submission.counties)[table.county[rows]].tolist()
    columns: dict[str, list[Any]] = {"county": names}
    for column, values in table.columns.items():
        if column == "county":
            continue
        if measures[column].type == "choice":
            ids = [choice.id for choice in measures[column].values]
            columns[column] = [ids[n] if n >= 0 else None for n in values[rows].tolist()]
        else:
            columns[column] = [_plain(value) for value in values[rows].tolist()]
    taken = table.rows[rows].tolist()
    origin = table.origin
    position = {row: n for n, row in enumerate(taken)}
    # Rows in memory are called by their numbers, which must survive a new order.
    are_counted = len(origin.lines) or not origin.file
    return {
        "columns": columns,
        **_sheet(origin),
        **_further(origin, taken),
        "lines": [origin.cell(row).line for row in taken] if are_counted else [],
        "names": [origin.names[row] for row in taken] if origin.names else [],
        "cells": [
            {"row": position[row], "column": column, "line": line}
            for (row, column), line in origin.cells.items()
            if row in position
        ],
    }


def _sheet(origin: Origin) -> dict[str, Any]:
    columns = {column: int(n) for column, n in origin.columns.items()}
    return {"file": origin.file, "sheet": origin.sheet, "sheet_columns": columns}


def _further(origin: Origin, rows: list[int]) -> dict[str, Any]:
    """Return the other sheets that make a table, and which of them each row was read from."""
    if not origin.further:
        return {}
    sheets = [origin.sheet_number(row) for row in rows]
    return {"further_sheets": [_sheet(one) for one in origin.further], "sheets_of_rows": sheets}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value or None


def submission_from_dict(data: Mapping[str, Any], standard: Standard) -> Submission:
    """Return the submission that `submission_to_dict` made plain.

    Raises
    ------
    DataErrors
        If the values are not what a county may submit.
    """
    tables = {name: table for name, table in data["tables"].items() if table["columns"]["county"]}
    origins = {name: _origin(table) for name, table in tables.items()}
    given = {name: table["columns"] for name, table in tables.items() if name != "facts"}
    return Submission(**given, facts=_facts(tables, data["evidence"]), standard=standard, origins=origins)


def _origin(table: Mapping[str, Any]) -> Origin:
    cells = {(cell["row"], cell["column"]): cell["line"] for cell in table["cells"]}
    # Documents written before there were workbooks name no sheet.
    columns = table.get("sheet_columns", {})
    further = [
        Origin(one["file"], sheet=one["sheet"], columns=one["sheet_columns"]) for one in table.get("further_sheets", ())
    ]
    return Origin(
        table["file"],
        table["lines"],
        cells,
        table["names"],
        sheet=table.get("sheet", ""),
        columns=columns,
        further=further,
        sheets=table.get("sheets_of_rows", ()),
    )


def _facts(tables: Mapping[str, Any], evidence: list[Mapping[str, str]]) -> dict[str, Any]:
    if "facts" not in tables:
        return {}
    columns = tables["facts"]["columns"]
    told = {(one["county"], one["fact"]): one["text"] for one in evidence}
    facts: dict[str, Any] = {}
    for n, county in enumerate(columns["county"]):
        values = {name: column[n] for name, column in columns.items() if name != "county"}
        facts[county] = {
            name: {"value": value, "evidence": told[county, name]} if (county, name) in told else value
            for name, value in values.items()
        }
    # A county that gives itself no id: under its stand-in its facts would pass for a fact of that name.
    return facts[ONLY_COUNTY] if set(facts) == {ONLY_COUNTY} else facts


def refuse_other_meanings(submission: Submission, standard: Standard) -> None:
    """Refuse a submission whose columns mean something else in the standard that is to judge it.

    Raises
    ------
    DataErrors
        Naming every column that the two standards declare differently.
    """
    if standard is submission.standard:
        return
    errors = list(_differences(submission, standard))
    if errors:
        raise DataErrors(errors)


def _differences(submission: Submission, standard: Standard) -> Iterator[DataError]:
    for name, table in submission.tables.items():
        declared = submission.standard.table_measures(name)
        for column, measure in standard.table_measures(name).items():
            if column in table and _meaning(measure) != _meaning(declared[column]):
                own = submission.standard.id
                problem = Phrase(
                    f"在 {standard.id} 里的含义与填报时核对的标准 {own} 不同",
                    f"{standard.id} means something else by it than {own}, which checked it",
                )
                hint = Phrase(
                    "请用判定的标准重新读入数据（standard=）",
                    "make the submission anew with standard= the one that is to judge it",
                )
                yield DataError(name, "", column, problem, hint, titles=titles_in(standard, name, column))


def _meaning(measure: Measure) -> tuple[object, ...]:
    return measure.type, measure.unit, tuple((choice.id, choice.stages) for choice in measure.values)

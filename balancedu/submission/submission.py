"""What counties report, checked on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from types import MappingProxyType

import numpy as np

from balancedu.calculator.groups import Segments
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.standard import Standard
from balancedu.errors import DataErrors
from balancedu.submission.arranging import (
    RawTable,
    county_table,
    detail_table,
    facts_table,
    schools_table,
    type_table,
)
from balancedu.submission.checks import check_details, check_facts, check_schools
from balancedu.submission.facts import Facts, RawFacts, raw_facts
from balancedu.submission.problems import Problems
from balancedu.submission.table import Origin, Table
from balancedu.submission.tables import Column, TableLike, columns_of


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
        self.standard = load_standard(standard)
        problems = Problems()

        def typed(name: str, table: TableLike) -> RawTable:
            measures = self.standard.table_measures(name)
            return type_table(name, columns_of(table), measures, origins.get(name, Origin()), problems)

        table, counties = schools_table(typed("schools", schools), problems)
        tables = {"schools": table}
        for name, submitted in (("classes", classes), ("rooms", rooms)):
            tables[name] = detail_table(typed(name, _given(submitted)), table, counties, problems)
        tables["monitoring"] = county_table(
            typed("monitoring", {"county": []} if monitoring is None else monitoring), counties, problems
        )
        known = self.standard.table_measures("facts")
        raw = raw_facts(facts or {}, known, origins.get("facts", Origin()), problems)
        typed_facts = type_table("facts", raw.columns, known, origins.get("facts", Origin()), problems)
        tables["facts"] = facts_table(typed_facts, counties, problems)
        check_schools(table, self.standard, problems)
        for name in ("classes", "rooms"):
            check_details(tables[name], table, self.standard, problems)
        check_facts(tables["facts"], counties, self.standard, problems)
        if problems.found:
            raise DataErrors(problems.found)
        self.counties = counties
        self.tables: Mapping[str, Table] = tables
        self.evidence = _evidence(raw, tables["facts"], counties)

    @classmethod
    def of_tables(cls, standard: Standard, counties: tuple[str, ...], tables: Mapping[str, Table]) -> Submission:
        """Return a submission of tables that are typed, in order and checked already; nothing is checked again."""
        result = cls.__new__(cls)
        result.standard, result.counties, result.tables, result.evidence = standard, counties, tables, {}
        return result

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

    def changed(self, **tables: TableLike) -> Submission:
        """Return a copy in which some tables are replaced; everything is checked as in any submission.

        Parameters
        ----------
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
        origins = {name: table.origin for name, table in self.tables.items()}
        result = Submission(**given, standard=self.standard, origins=origins)
        # What documented a fact says nothing of the value that replaced it.
        result.evidence = {
            (county, fact): text
            for (county, fact), text in self.evidence.items()
            if county in result.counties and result.fact(county, fact) == self.fact(county, fact)
        }
        return result

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
        return Segments.of(self.tables[table].county, len(self.counties))

    def __repr__(self) -> str:
        count = len(self.counties)
        sizes = ", ".join(f"{name} {len(table)}" for name, table in self.tables.items())
        return f"<Submission: {count} {'county' if count == 1 else 'counties'}; {sizes}>"


def _evidence(raw: RawFacts, facts: Table, counties: tuple[str, ...]) -> Mapping[tuple[str, str], str]:
    position = {row: counties[n] for n, row in enumerate(np.asarray(facts.rows).tolist()) if row >= 0}
    return {(position[row], fact): text for (row, fact), text in raw.evidence.items() if row in position}


def _given(table: TableLike | None) -> TableLike:
    return {"school": [], "county": []} if table is None else table

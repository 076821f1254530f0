"""Submissions with gaps, and the same with some of the gaps filled: no gap may decide anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Tables = dict[str, Any]
"""Plain columns for each table but `facts`, which maps each county to its facts: `Submission(**tables)`."""

_NEEDED = {
    "schools": {"county", "school", "type"},
    "classes": {"county", "school", "stage"},
    "rooms": {"county", "school", "use"},
    "monitoring": {"county"},
}
"""Columns without which a row states nothing, so that leaving them out is bad input and no gap."""
_MOST_CELLS = 24
_MOST_WIDE = 2


@attrs.frozen
class Omission:
    """Something left out of the tables.

    Attributes
    ----------
    table : str
    column : str
        The column or fact; empty if a whole table or row is left out.
    row : int, str or None
        The row, or the county for facts; None if a whole table or column is left out.
    """

    table: str
    column: str = ""
    row: int | str | None = None


def gaps_in(tables: Tables, *, rows: Collection[str] = ("classes",)) -> SearchStrategy[frozenset[Omission]]:
    """Return sets of gaps that the tables may have without becoming bad input.

    Parameters
    ----------
    tables : dict
        As drawn by `tables`.
    rows : collection of str
        The tables in which whole rows may be left out too.

    Returns
    -------
    SearchStrategy of frozenset of Omission
        A few cells, and seldom a whole column or table. Fewer gaps are simpler.

    Examples
    --------
    >>> from hypothesis import find
    >>> tables = {"schools": {"county": ["1"], "school": ["a"], "type": ["primary_school"], "pupils_primary": [70]}}
    >>> find(gaps_in(tables), lambda gaps: any(gap.row == 0 for gap in gaps))
    frozenset({Omission(table='schools', column='pupils_primary', row=0)})
    """
    # Table by table: among the cells of all tables together, those of classes leave the facts no chance.
    cells = [st.sampled_from(result) for table in tables if (result := list(_cells(table, tables[table], rows)))]
    some_cells: SearchStrategy[frozenset[Omission]] = (
        st.frozensets(st.one_of(cells), max_size=_MOST_CELLS) if cells else st.just(frozenset())
    )
    wide = list(_wide(tables))
    if not wide:
        return some_cells
    some_wide: SearchStrategy[frozenset[Omission]] = st.frozensets(st.sampled_from(wide), max_size=_MOST_WIDE)
    return st.builds(frozenset.union, some_cells, some_wide)


def with_gaps(tables: Tables, gaps: Collection[Omission], *, absent: object = None) -> Tables:
    """Return the tables with gaps.

    Parameters
    ----------
    tables : dict
        As drawn by `tables`; not changed.
    gaps : collection of Omission
    absent : object
        What is in a cell that is not reported: None, NaN or empty text.

    Examples
    --------
    >>> tables = {"schools": {"school": ["a", "b"], "pupils_primary": [70, 80]}, "facts": {"1": {"teachers": 9}}}
    >>> with_gaps(tables, [Omission("schools", "pupils_primary", 1), Omission("facts", "teachers", "1")])
    {'schools': {'school': ['a', 'b'], 'pupils_primary': [70, None]}, 'facts': {'1': {'teachers': None}}}
    """
    result: Tables = {
        table: {key: dict(column) if isinstance(column, dict) else list(column) for key, column in columns.items()}
        for table, columns in tables.items()
    }
    for gap in gaps:
        columns = result[gap.table]
        if gap.row is None and gap.column:
            columns.pop(gap.column)
        elif gap.row is not None and gap.column:
            cells = columns.get(gap.column) if gap.table != "facts" else columns[str(gap.row)]
            if cells is not None:
                cells[gap.column if gap.table == "facts" else gap.row] = absent
    for table in {gap.table for gap in gaps if gap.row is not None and not gap.column}:
        left_out = {gap.row for gap in gaps if gap.table == table and not gap.column}
        for name, cells in result[table].items():
            result[table][name] = [cell for row, cell in enumerate(cells) if row not in left_out]
    whole = {gap.table for gap in gaps if gap.row is None and not gap.column}
    return {table: columns for table, columns in result.items() if table not in whole}


def _cells(table: str, columns: dict[str, Any], rows: Collection[str]) -> Iterator[Omission]:
    if table == "facts":
        yield from (Omission(table, fact, county) for county, facts in columns.items() for fact in facts)
        return
    for column, cells in columns.items():
        if column not in _NEEDED[table]:
            yield from (Omission(table, column, row) for row, cell in enumerate(cells) if cell is not None)
        elif column == "county" and table in rows:
            yield from (Omission(table, "", row) for row in range(len(cells)))


def _wide(tables: Tables) -> Iterator[Omission]:
    for table, columns in tables.items():
        if table != "facts":
            yield from (Omission(table, column) for column in columns if column not in _NEEDED[table])
        if table != "schools":
            yield Omission(table)

"""A sheet in which each fact has a row: its columns are those of no table, and are found as those of tables are."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from balancedu.core.fields import TableId
from balancedu.core.measure import Range
from balancedu.core.model import Measure, Source, Title
from balancedu.core.standard import Standard
from balancedu.submission.layout import FACT_COLUMNS, FACT_HEADERS

LISTED = tuple(FACT_HEADERS)
"""The columns that only such a sheet has."""
SAYS_WHICH = ("fact", "title")
"""The columns one of which says which fact a row is about."""
GIVEN = ("value", "evidence")
"""The columns one of which a row fills that reports anything: a fact may be documented before it is known."""
_ITS_OWN = Title(zh="各项自己的单位", en="that of each fact")


@functools.lru_cache(maxsize=8)
def listed_columns(standard: Standard) -> Mapping[str, Measure]:
    """Return what the columns of a sheet hold in which each fact has a row, by the names of the columns."""
    county = standard.table_measures("facts").get("county")
    columns = {name: _column(name) for name in LISTED}
    return MappingProxyType(columns | ({"county": county} if county else {}))


def measures_of(standard: Standard, table: str, *, in_rows: bool = False) -> Mapping[str, Measure]:
    """Return what the columns of a sheet hold that a table is read from."""
    return listed_columns(standard) if in_rows else standard.table_measures(table)


def _column(name: str) -> Measure:
    # Of several joined values nobody knows whose they are, as with numbers; a unit above all of them is nobody's.
    number = {"type": "number", "unit": _ITS_OWN, "range": Range()} if name == "value" else {"type": "text"}
    source = Source("balancedu", "docs/data.md", "O")
    return Measure(name, FACT_COLUMNS[name], TableId("facts"), source=source, also=FACT_HEADERS[name], **number)

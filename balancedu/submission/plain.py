"""A submission as plain values, and back: every cell as it was read, and where."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from balancedu.core.standard import Standard
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission
from balancedu.submission.table import Origin, Table


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

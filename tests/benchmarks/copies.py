"""Many copies of one county, for tests and measurements of how cost grows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

import balancedu as be


def copies(counties: int, name: Literal["passing", "failing"] = "failing") -> be.Submission:
    """Return an example as that many counties, with ids of six digits."""
    example = be.example(name)
    width = len(str(counties))
    ids = [f"{n:0{width}}" for n in range(counties)]
    tables: dict[str, Any] = {}
    for table in ("schools", "classes", "rooms", "monitoring", "facts"):
        columns = {column: values for column, values in example.columns(table).items() if column != "county"}
        rows = len(next(iter(columns.values())))
        tables[table] = {column: np.tile(values, counties) for column, values in columns.items()}
        tables[table]["county"] = np.repeat(ids, rows)
    return be.Submission(**tables)

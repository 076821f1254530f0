"""Collects what is wrong with a submission, each with table, place and school's own id."""

from __future__ import annotations

import attrs

from balancedu.errors import DataError
from balancedu.submission.table import Origin, Table


@attrs.frozen
class Problems:
    """The problems found so far."""

    found: list[DataError] = attrs.field(factory=list)

    def note(self, table: str, place: str, column: str, problem: str, hint: str = "", kind: str = "") -> None:
        """Add a problem."""
        self.found.append(DataError(table, place, column, problem, hint, kind))

    def cell(
        self,
        table: Table,
        schools: Table,
        row: int,
        column: str,
        problem: str,
        hint: str = "",
        kind: str = "",
    ) -> None:
        """Add a problem of one cell of a checked table, with the id of its school."""
        school = row if table is schools else int(table.school[row])
        place = f"{table.place(row, column)} ({schools.columns['school'][school]})"
        self.note(table.id, place, column, problem, hint, kind)


def place_of(origin: Origin, row: int, column: str, ids: object = "") -> str:
    """Return where a raw cell stands, with the school's own id where it is known."""
    return origin.place(row, column) + (f" ({ids})" if ids else "")

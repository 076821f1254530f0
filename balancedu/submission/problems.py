"""Collects what is wrong with a submission, each with table, place and school's own id."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from balancedu.core.scalars import shortened
from balancedu.errors import DataError, nearest
from balancedu.submission.table import Table

ONLY_COUNTY = "county"
"""The id of a county that gives itself none."""
MOST_GUESSES = 20
"""For how many different names of a column the nearest known one is looked for; more than are ever printed."""


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
        place = table.place(row, column, schools.columns["school"][school])
        self.note(table.id, place, column, problem, hint, kind)


@attrs.define
class Guesses:
    """Says which known name was probably meant. Looking for it is slow, so only the first few are answered."""

    known: Iterable[str]
    made: dict[str, str] = attrs.field(factory=dict)

    def nearest(self, found: str) -> str:
        """Return the words to add to a message, or nothing."""
        if found not in self.made and len(self.made) < MOST_GUESSES:
            self.made[found] = nearest(found, self.known)
        return self.made.get(found, "")


def said_of(county: str) -> str:
    """Return the words that name a county; none for one that gives itself no id."""
    return "" if county == ONLY_COUNTY else f" of county {shown(county)}"


def shown(value: object) -> str:
    """Return what was found, short enough for a message.

    Examples
    --------
    >>> shown("O.50")
    "'O.50'"
    """
    try:
        return shortened(" ".join(repr(value).split()))
    except ValueError:
        return "a number of thousands of digits"


def figure(number: float) -> str:
    """Return a number as it was written.

    Examples
    --------
    >>> figure(46.0), figure(1.0000000000000002)
    ('46', '1.0000000000000002')
    """
    return repr(float(number)).removesuffix(".0")

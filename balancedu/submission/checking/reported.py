"""What the checks look at, and what they find: `broken` runs a check, one function for each kind."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints, Segments
from balancedu.core.field_checks import Check
from balancedu.core.model import Language, Term, Title, split_terms
from balancedu.core.standard import Standard
from balancedu.phrase import Phrase
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.table import Table


@attrs.frozen(eq=False)
class Reported:
    """The tables of a submission, as the checks look at them."""

    standard: Standard
    counties: tuple[str, ...]
    tables: Mapping[str, Table]

    @property
    def schools(self) -> Table:
        """The schools."""
        return self.tables["schools"]

    def school(self, table: Table, row: int) -> str:
        """Return the id of the school that a row belongs to; empty where it belongs to a county."""
        if table.id != "schools" and not table.school.size:
            return ""
        return str(self.schools.columns["school"][row if table.id == "schools" else table.school[row]])

    def place(self, table: Table, row: int, column: str) -> str:
        """Return where a cell was read, with the id of its school or county."""
        county = self.counties[table.county[row]]
        return table.place(row, column, self.school(table, row) or ("" if county == ONLY_COUNTY else county))

    def total(self, terms: tuple[Term, ...], each: Table, gaps: int) -> Floats:
        """Return a sum for each row of a table; rows of the tables below it are added up.

        What is not reported counts as zero where it stands with the sign `gaps`, and makes the sum unknown with
        the other one: so a sum can be bounded from below or from above.
        """
        result = np.zeros(len(each))
        for sign, name in split_terms(terms):
            measure = self.standard.measures[name]
            figures = self.tables[measure.table].numbers(measure.column)
            if len(terms) > 1 or measure.table != each.id:
                figures = np.nan_to_num(figures) if sign == gaps else figures
            figures = self._of_each(figures, self.tables[measure.table], each)
            result = result + sign * figures
        return result

    def _of_each(self, figures: Floats, table: Table, each: Table) -> Floats:
        if table.id == each.id:
            return figures
        if each.id == "facts":
            return Segments.of(table.county, len(self.counties)).sum(figures)
        return np.bincount(table.school, weights=figures, minlength=len(each)).astype(np.float64)


@attrs.frozen(eq=False)
class Broken:
    """The rows of a table that a check finds fault with."""

    table: Table
    column: str
    rows: Ints
    problem: Callable[[int, Language], str]
    """What is wrong with a row."""
    hint: Callable[[int], Title]
    """The way out."""
    kind: Phrase
    """The same words for all of them."""


@functools.singledispatch
def broken(check: Check, reported: Reported) -> Iterator[Broken]:  # noqa: ARG001
    """Yield what a check finds; each kind is registered below."""
    raise TypeError(f"nobody has told how to run {type(check).__name__}")

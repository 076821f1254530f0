"""The cells that a figure was read from: one, or those of a school and its campuses."""

from __future__ import annotations

import math

import attrs
import numpy as np

from balancedu.core.model import Language, Measure, Title
from balancedu.evaluation.figures import NOT_REPORTED, plain
from balancedu.submission.campuses import rows_behind
from balancedu.submission.submission import Submission
from balancedu.submission.table import Place, Table


@attrs.frozen
class Addend:
    """A figure as one row reports it, and the cell that it was read from.

    Attributes
    ----------
    measure : str
        Its id.
    title : Title
    school : str
        Whose it is: an id; empty for a figure of the county.
    value : float
        NaN where not reported; yes is 1 and no is 0, and a choice the number of its value.
    place : Place
        File, sheet, cell and line; for a table in memory the row.
    said_place : str
        The same for people.
    """

    measure: str
    title: Title = attrs.field(repr=False)
    school: str
    value: float = attrs.field(eq=repr)  # one figure that is not reported is like another
    place: Place
    said_place: str = attrs.field(repr=False)

    def said(self, lang: Language = "zh") -> str:
        """Return the figure with its origin."""
        shown = NOT_REPORTED[lang] if math.isnan(self.value) else plain(self.value)
        who = f"{self.school} " if self.school else ""
        if lang == "zh":
            return f"{who}{self.title.zh}：{shown}（{self.said_place}）"
        return f"{who}{self.title.en}: {shown} ({self.said_place})"


def addends_of(submission: Submission, measure: Measure, row: int) -> tuple[Addend, ...]:
    """Return what a figure of a judged submission was read from; nothing where no such row was submitted."""
    table, rows = rows_behind(submission, measure, row)
    return tuple(
        Addend(
            measure=measure.id,
            title=measure.title,
            school=_school(submission, table, one),
            value=value_of(table, measure, one),
            place=table.origin.cell(int(table.rows[one]), measure.column),
            said_place=table.place(one, measure.column),
        )
        for one in rows
        if table.rows[one] >= 0
    )


def places_of(addends: tuple[Addend, ...]) -> str:
    """Return where a figure was read, or where each of its addends was and what it is."""
    if len(addends) == 1:
        return addends[0].said_place
    told = (("?" if math.isnan(one.value) else plain(one.value), one.said_place) for one in addends)
    return " + ".join(f"{shown} {place}" for shown, place in told)


def _school(submission: Submission, table: Table, row: int) -> str:
    if table.id == "schools":
        return str(table.columns["school"][row])
    return str(submission.schools.columns["school"][table.school[row]]) if table.school.size else ""


def value_of(table: Table, measure: Measure, row: int) -> float:
    """Return a figure of a row; of a choice the number of its value."""
    if measure.type == "choice":
        position = int(table.choices(measure.column)[row])
        return np.nan if position < 0 else position + 1.0
    return float(table.numbers(measure.column)[row])

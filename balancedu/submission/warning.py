"""What hardly can be, in what a county submitted: said with the verdict, and never changing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from balancedu.core.model import Language, Title
from balancedu.submission.field_checks import Reported, broken


@attrs.frozen
class DataWarning:
    """One figure, or one column, that is hardly what was meant.

    Attributes
    ----------
    check : str
        The id of the check, or the measure whose plausible range it leaves.
    title : Title
        What should hold.
    why : Title
        Why that is looked at; it is no law.
    county, school : str
        Ids; the school is empty where a whole column or a fact is meant.
    table, column, place : str
        Where it stands.
    problem : Title
        What was found, and what was expected.
    hint : Title, optional
        The way out.
    """

    check: str
    title: Title = attrs.field(repr=False)
    why: Title = attrs.field(repr=False)
    county: str
    school: str
    table: str
    column: str
    place: str
    problem: Title
    hint: Title | None = attrs.field(repr=False)

    def said(self, lang: Language = "zh") -> str:
        """Return where it stands, what was found, and the way out."""
        if lang == "zh":
            where = "，".join(word for word in (self.place, self.column) if word)
            return f"{where}：{self.problem.zh}" + (f"；{self.hint.zh}" if self.hint else "")
        where = ", ".join(word for word in (self.table, self.place, self.column) if word)
        return f"{where}: {self.problem.en}" + (f"; {self.hint.en}" if self.hint else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the warning as plain values."""
        return attrs.asdict(self)


def warnings_of(reported: Reported) -> Iterator[DataWarning]:
    """Yield what the checks of severity warning find, in the order in which the standard declares them."""
    for check in reported.standard.checks:
        for one in broken(check, reported) if check.severity == "warning" else ():
            for row in one.rows.tolist():
                yield DataWarning(
                    check=check.id,
                    title=check.title,
                    why=check.why,
                    county=reported.counties[one.table.county[row]],
                    school=reported.school(one.table, row),
                    table=one.table.id,
                    column=one.column,
                    place=reported.place(one.table, row, one.column),
                    problem=Title(one.problem(row, "zh"), one.problem(row, "en")),
                    hint=one.hint,
                )

"""What hardly can be, in what a county submitted: said with the verdict, and never changing it."""

from __future__ import annotations

from typing import Any

import attrs

from balancedu.core.model import Language, Title
from balancedu.phrase import sentence_zh, where_zh


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
    figure : Title
        What the column is called.
    problem : Title
        What was found, and what was expected.
    hint : Title
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
    figure: Title = attrs.field(repr=False)
    problem: Title
    hint: Title = attrs.field(repr=False)

    def said(self, lang: Language = "zh") -> str:
        """Return where it stands, what was found, and the way out."""
        if lang == "zh":
            where = where_zh(self.place, self.figure.zh, self.column)
            return sentence_zh(where, self.problem.zh, self.hint.zh)
        where = ", ".join(word for word in (self.table, self.place, self.column) if word)
        return f"{where}: {self.problem.en}" + f"; {self.hint.en}"

    def to_dict(self) -> dict[str, Any]:
        """Return the warning as plain values."""
        return attrs.asdict(self)

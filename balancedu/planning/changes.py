"""Changes to what schools have and to the county's facts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from balancedu.core.model import Language, Stage, described, filled, positive
from balancedu.errors import near
from balancedu.phrase import Phrase
from balancedu.planning.change import Change, Value, kind, listed_amounts
from balancedu.planning.draft import CannotChangeError, Draft


@kind("add")
class Add(Change):
    """A school gets more of something, or less with a minus: teachers hired, rooms built, equipment bought."""

    school: str = described("the school")
    amounts: Mapping[str, Decimal] = described("how much more, by measure", validator=filled)

    def apply(self, draft: Draft) -> None:
        """Add the amounts."""
        school = draft.school(draft.county(self.county), self.school)
        for name, amount in self.amounts.items():
            draft.add(school, draft.measure(name, "amounts"), Fraction(amount), "amounts")

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        listed = listed_amounts(self.amounts, lang)
        return f"{self.school}增加{listed}" if lang == "zh" else f"{self.school} gets {listed} more"


@kind("transfer")
class Transfer(Change):
    """Teachers or equipment go from one school to another."""

    out_of: str = described("the school that gives")
    to: str = described("the school that receives")
    amounts: Mapping[str, Decimal] = described("how much goes, by measure", validator=[filled, positive])

    def apply(self, draft: Draft) -> None:
        """Move the amounts."""
        county = draft.county(self.county)
        giver, taker = draft.school(county, self.out_of, "out_of"), draft.school(county, self.to, "to")
        for name, amount in self.amounts.items():
            measure = draft.measure(name, "amounts")
            draft.add(giver, measure, -Fraction(amount), "amounts")
            draft.add(taker, measure, Fraction(amount), "amounts")

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        listed = listed_amounts(self.amounts, lang)
        return f"{self.out_of}调给{self.to}：{listed}" if lang == "zh" else f"{self.out_of} gives {self.to} {listed}"


@kind("move_pupils")
class MovePupils(Change):
    """Pupils change school: out of the largest classes of the one, into the smallest of the other."""

    out_of: str = described("the school they leave")
    to: str = described("the school they come to")
    stage: Stage = described("their stage")
    pupils: int = described("how many", validator=positive)

    def apply(self, draft: Draft) -> None:
        """Move the pupils."""
        county = draft.county(self.county)
        draft.move_pupils(draft.school(county, self.out_of, "out_of"), self.stage, -self.pupils, "pupils")
        draft.move_pupils(draft.school(county, self.to, "to"), self.stage, self.pupils, "pupils")

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        if lang == "zh":
            return f"{self.out_of}的{self.pupils}名学生转到{self.to}"
        return f"{self.pupils} pupils of {self.out_of} go to {self.to}"


@kind("resize")
class Resize(Change):
    """A school has another number of pupils; classes grow or shrink with it."""

    school: str = described("the school")
    stage: Stage = described("the stage")
    pupils: int = described("how many pupils it has then")

    def apply(self, draft: Draft) -> None:
        """Let pupils come or leave until there are so many."""
        school = draft.school(draft.county(self.county), self.school)
        held = draft.figure(school, draft.pupils(self.stage))
        if math.isnan(held):
            problem = Phrase(f"{self.school}没有填报在校生数", f"{self.school} did not report its pupils")
            raise CannotChangeError("school", problem, Phrase("请先补填", "set them in the data"))
        draft.move_pupils(school, self.stage, self.pupils - int(held), "pupils")

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        return f"{self.school}改为{self.pupils}人" if lang == "zh" else f"{self.school} has {self.pupils} pupils"


@kind("set")
class Set(Change):
    """A school's figure is another one, as when a gap is filled."""

    school: str = described("the school")
    values: Mapping[str, Decimal] = described("the figures, by measure", validator=filled)

    def apply(self, draft: Draft) -> None:
        """Write the figures."""
        school = draft.school(draft.county(self.county), self.school)
        for name, value in self.values.items():
            school[draft.measure(name, "values").column] = float(value)

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        listed = listed_amounts(self.values, lang)
        return f"{self.school}填报{listed}" if lang == "zh" else f"{self.school} reports {listed}"


@kind("state")
class State(Change):
    """The county's facts are other ones."""

    facts: Mapping[str, Value] = described("the facts", validator=filled)

    def apply(self, draft: Draft) -> None:
        """Write the facts."""
        county = draft.county(self.county)
        known = draft.standard.table_measures("facts")
        rows = [row for row in draft.tables["facts"] if row["county"] == county]
        if not rows:
            rows = [{"county": county}]
            draft.tables["facts"] += rows
        for name, value in self.facts.items():
            if name not in known:
                problem = Phrase(f"没有县级事实“{name}”", f"no fact {name!r}") + near(name, known)
                raise CannotChangeError(f"facts.{name}", problem)
            rows[0][name] = float(value) if isinstance(value, Decimal) else value

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        listed = ", ".join(f"{name}: {str(value).lower()}" for name, value in self.facts.items())
        return f"县级事实 {listed}" if lang == "zh" else f"facts {listed}"

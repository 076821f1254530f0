"""Changes to which schools, rooms and classes there are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from balancedu.core.model import Language, described, different, filled, positive
from balancedu.core.rules import ClassSize
from balancedu.errors import near
from balancedu.phrase import KNOWN, Phrase, listed
from balancedu.planning.change import Change, kind
from balancedu.planning.draft import CannotChangeError, Draft, Row
from balancedu.submission.campuses import PARENT

"""Any plain value: a number, true or false, or a text."""

"""Every kind of change by the word that YAML calls it."""


@kind("merge")
class Merge(Change):
    """Schools become one: pupils, classes, rooms and resources add up."""

    schools: tuple[str, ...] = described("the schools that close", validator=[filled, different])
    into: str = described("the school that they become part of")
    type: str = described("the type of the school afterwards, where it changes", default="")
    leave: tuple[str, ...] = described("measures that do not come along, as the grounds of a closed campus", default=())

    def apply(self, draft: Draft) -> None:
        """Merge the schools."""
        county = draft.county(self.county)
        target = draft.school(county, self.into, "into")
        held = {measure.id: draft.figure(target, measure) for measure in draft.numbers()}
        stays = [draft.measure(name, "leave").id for name in self.leave]
        for school in self.schools:
            if school == self.into:
                problem = Phrase(f"{school}不能并入自己", f"{school} cannot merge into itself")
                raise CannotChangeError("schools", problem, Phrase("请只写其他学校", "name the others only"))
            row = draft.school(county, school, "schools")
            for measure in draft.numbers():
                held[measure.id] += 0.0 if measure.id in stays else draft.figure(row, measure)
            _hand_over(draft, row, target, ("classes", "rooms"))
            for campus in draft.campuses(row):
                campus[PARENT] = self.into
            draft.tables["schools"].remove(row)
        if self.type:
            _known_type(draft, self.type)
            target["type"] = self.type
        stages = draft.stages(target)
        for measure in draft.numbers():
            lacks = measure.stage and stages is not None and measure.stage not in stages
            target[measure.column] = None if lacks and not held[measure.id] else held[measure.id]

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        if lang == "zh":
            return f"{'、'.join(self.schools)}并入{self.into}"
        return f"{', '.join(self.schools)} merge into {self.into}"


@kind("close")
class Close(Change):
    """A school closes; its pupils go to another one with their classes, its resources only where named."""

    school: str = described("the school that closes")
    to: str = described("the school that takes its pupils; may be left out when it has none", default="")
    bring: tuple[str, ...] = described("the measures that come along, as teachers or equipment", default=())

    def apply(self, draft: Draft) -> None:
        """Close the school."""
        county = draft.county(self.county)
        row = draft.school(county, self.school)
        if campuses := draft.campuses(row):
            named = listed(campus["school"] for campus in campuses)
            problem = Phrase(f"{self.school}有校区：{named.zh}", f"{self.school} has campuses: {named.en}")
            hint = Phrase("请先撤销或合并校区", "close or merge them first")
            raise CannotChangeError("school", problem, hint)
        pupils = [draft.pupils(stage) for stage in draft.standard.head.scope.pupils]
        if not self.to:
            if any(draft.figure(row, measure) != 0 for measure in pupils):
                problem = Phrase(f"{self.school}有在校生", f"{self.school} has pupils")
                raise CannotChangeError("to", problem, Phrase("请写明由哪所学校接收", "say which school takes them"))
        else:
            target = draft.school(county, self.to, "to")
            counts = [draft.standard.measures[name] for name in draft.class_counts.values()]
            for measure in (*pupils, *counts, *(draft.measure(name, "bring") for name in self.bring)):
                amount = draft.figure(row, measure)
                if amount != 0:
                    draft.add(target, measure, amount, "bring")
            _hand_over(draft, row, target, ("classes",))
        for table in ("classes", "rooms"):
            gone = draft.details(table, row)
            draft.tables[table][:] = [one for one in draft.tables[table] if not any(one is two for two in gone)]
        draft.tables["schools"].remove(row)

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        if lang == "zh":
            return f"撤销{self.school}" + (f"，学生到{self.to}" if self.to else "")
        return f"{self.school} closes" + (f", its pupils go to {self.to}" if self.to else "")


@kind("open")
class Open(Change):
    """A new school opens; its pupils come by `move_pupils`, or are given with the other amounts."""

    school: str = described("its id", validator=filled)
    type: str = described("its type", validator=filled)
    name: str = described("its name", default="")
    amounts: Mapping[str, Decimal] = described("its pupils and resources, by measure; the rest is 0", factory=dict)

    def apply(self, draft: Draft) -> None:
        """Add the school."""
        county = draft.county(self.county)
        _known_type(draft, self.type)
        if any(row["county"] == county and row["school"] == self.school for row in draft.tables["schools"]):
            problem = Phrase(f"已有学校“{self.school}”", f"there is a school {self.school!r} already")
            raise CannotChangeError("school", problem, Phrase("请用另一个标识码", "give it another id"))
        row: Row = {"county": county, "school": self.school, "type": self.type, "name": self.name}
        draft.tables["schools"].append(row)
        stages = draft.stages(row)
        for measure in draft.numbers():
            if stages is None or measure.stage is None or measure.stage in stages:
                row[measure.column] = 0.0
        for name, amount in self.amounts.items():
            row[draft.measure(name, "amounts").column] = float(amount)

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        return f"新建{self.name or self.school}" if lang == "zh" else f"{self.name or self.school} opens"


@kind("build_rooms")
class BuildRooms(Change):
    """A school gets music or art rooms."""

    school: str = described("the school")
    use: str = described("what for", validator=filled)
    area: Decimal = described("the area of each, in m²", validator=positive)
    rooms: int = described("how many", default=1, validator=positive)

    def apply(self, draft: Draft) -> None:
        """Add the rooms."""
        county = draft.county(self.county)
        draft.school(county, self.school)
        known = [choice.id for choice in draft.standard.measures["rooms.use"].values]
        if self.use not in known:
            problem = Phrase(f"没有用途“{self.use}”", f"no use {self.use!r}") + near(self.use, known)
            raise CannotChangeError("use", problem, KNOWN + listed(known))
        row = {"county": county, "school": self.school, "use": self.use, "area": float(self.area)}
        draft.tables["rooms"] += [dict(row) for _ in range(self.rooms)]

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        if lang == "zh":
            return f"{self.school}建{self.rooms}间专用教室（{self.use}，{self.area}平方米）"
        return f"{self.school} builds {self.rooms} {self.use} rooms of {self.area} m²"


@kind("divide_classes")
class DivideClasses(Change):
    """Every class of a school that is too large is divided into as few equal ones as keep to the limit."""

    school: str = described("the school")

    def apply(self, draft: Draft) -> None:
        """Divide the classes."""
        rule = draft.class_rule
        school = draft.school(draft.county(self.county), self.school)
        for row in draft.details("classes", school) if rule else ():
            limit = rule.limit(row["stage"], _entry(row, rule)) if rule else None
            if rule is None or limit is None or not row.get("pupils", 0) > limit:
                continue
            size, pieces = int(row["pupils"]), math.ceil(row["pupils"] / limit)
            row["pupils"] = float(-(-size // pieces))
            draft.tables["classes"] += [
                {name: row[name] for name in row if isinstance(name, str)}
                | {"pupils": float(size // pieces + (n < size % pieces))}
                for n in range(1, pieces)
            ]
            draft.add(school, draft.standard.measures[rule.classes[row["stage"]]], Fraction(pieces - 1), "school")

    def said(self, lang: Language) -> str:
        """Return the change in words."""
        return f"{self.school}分开超额的班" if lang == "zh" else f"{self.school} divides its oversize classes"


def _entry(row: Row, rule: ClassSize) -> bool | None:
    """Return whether a class is of the entry grade, where that matters and is reported."""
    entry = [row[name] for name in rule.columns[1:] if not math.isnan(row.get(name, math.nan))]
    return bool(entry[0]) if entry else None


def _hand_over(draft: Draft, giver: Row, taker: Row, tables: tuple[str, ...]) -> None:
    for table in tables:
        for row in draft.details(table, giver):
            row["school"] = taker["school"]


def _known_type(draft: Draft, school_type: str) -> None:
    known = [choice.id for choice in draft.standard.measures["type"].values]
    if school_type not in known:
        problem = Phrase(f"没有学校类型“{school_type}”", f"no type of school {school_type!r}")
        raise CannotChangeError("type", problem + near(school_type, known), KNOWN + listed(known))

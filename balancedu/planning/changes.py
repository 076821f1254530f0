"""Changes to a county: what they are, how they are made to a copy of its tables, and how they are read."""

from __future__ import annotations

import abc
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, NewType

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.limits import exact
from balancedu.core.fields import Impossible, Stage, described, different, filled, positive, refuse
from balancedu.core.model import Measure
from balancedu.core.rules import ClassSize
from balancedu.core.standard import Standard
from balancedu.core.strict_yaml import Node, Problems, TooManyError, read
from balancedu.core.structure import Structurer
from balancedu.errors import DataError, DataErrors, near
from balancedu.submission.campuses import PARENT, is_added
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Origin
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed

Row = dict[Any, Any]
Value = NewType("Value", object)
"""Any plain value: a number, true or false, or a text."""

_SOURCE = object()
"""The key under which a row keeps the number of the submitted row that it was; no column is called so."""
MOST = Decimal(10**15)
"""No figure of a county is larger."""
MOST_ROOMS = Decimal(1000)


class ChangeError(Exception):
    """A change that the county does not allow, with the way out."""

    def __init__(self, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(field, problem, hint)
        self.field = field
        self.problem = problem
        self.hint = hint


def named(
    given: str, known: Iterable[tuple[str, Iterable[str]]], what: Phrase, field: str, hint: Phrase = NO_WORDS
) -> str:
    """Return the id that is meant by an id or one of its names.

    Raises
    ------
    ChangeError
        If there is none, or several have the name.
    """
    names = {key: {key, *words} - {""} for key, words in known}
    if given in names:
        return given
    matching = [key for key, words in names.items() if given in words]
    if len(matching) == 1:
        return matching[0]
    if matching:
        ids = listed(matching)
        problem = Phrase(f"叫“{given}”的{what.zh}有{len(matching)}个", f"{len(matching)} are called {given!r}")
        raise ChangeError(field, problem, Phrase("请写标识：", "give the id: ") + ids)
    problem = Phrase(f"没有{what.zh}“{given}”", f"no {what.en} {given!r}")
    guess = near(given, (word for key, words in names.items() for word in (key, *words)))
    raise ChangeError(field, problem + guess, hint)


@attrs.frozen
class Draft:
    """The rows of all tables while changes are made; NaN, None and empty text mean: not reported."""

    submission: Submission
    tables: dict[str, list[Row]]
    successors: dict[str, str] = attrs.field(factory=dict)
    """Where the pupils of schools that are no more went."""

    @classmethod
    def of(cls, submission: Submission) -> Draft:
        """Return a copy of a submission to work on."""
        tables = {}
        for name, table in submission.tables.items():
            columns = submission.columns(name)
            rows = zip(*(values.tolist() for values in columns.values()), strict=True)
            sources = sorted(row for row in table.rows.tolist() if row >= 0)
            tables[name] = [
                dict(zip(columns, row, strict=True)) | {_SOURCE: source}
                for row, source in zip(rows, sources, strict=True)
            ]
        return cls(submission, tables)

    @property
    def standard(self) -> Standard:
        """The standard whose measures the columns are."""
        return self.submission.standard

    def done(self) -> Submission:
        """Return the changed copy, checked as any submission is.

        Raises
        ------
        DataErrors
            If the changes led to something that no county can report.
        """
        tables, origins = {}, {}
        for name, rows in self.tables.items():
            if not rows and not len(self.submission.tables[name]):
                continue
            # Rows that were there keep their line; new ones come last and have none.
            rows.sort(key=lambda row: row.get(_SOURCE, math.inf))
            names = dict.fromkeys(column for row in rows for column in row if column is not _SOURCE)
            names |= dict.fromkeys(self.submission.columns(name))
            tables[name] = {column: [row.get(column) for row in rows] for column in names}
            origins[name] = self._origin(name, rows)
        return self.submission.changed(origins=origins, **tables)

    def _origin(self, name: str, rows: list[Row]) -> Origin:
        origin = self.submission.tables[name].origin
        if name == "facts":
            return origin
        sources = (row[_SOURCE] for row in rows if _SOURCE in row)
        return origin.of_rows([source for source in sources if source < len(origin.lines)])

    # What changes name

    def county(self, county: str | None) -> str:
        """Return the county that a change is about."""
        counties = self.submission.counties
        if county is None and len(counties) == 1:
            return counties[0]
        if county not in counties:
            problem = Phrase(f"没有县“{county}”", f"no county {county!r}")
            if county is None:
                problem = Phrase("有几个县", "there are several counties")
            hint = Phrase("请写明是哪个县：", "say which: one of ") + listed(counties[:5])
            raise ChangeError("county", problem, hint)
        return county

    def school(self, county: str | None, school: str, field: str = "school") -> Row:
        """Return the row of a school, by its id or its name."""
        county = self.county(county)
        rows = {row["school"]: row for row in self.tables["schools"] if row["county"] == county}
        known = ((name, (str(row.get("name") or ""),)) for name, row in rows.items())
        hint = Phrase("请写学校标识码或学校名称", "give a school's id or its name")
        return rows[named(school, known, Phrase("学校", "school"), field, hint)]

    def measure(self, name: str, field: str) -> Measure:
        """Return a number that schools report, by its id or its title."""
        measures = self.standard.table_measures("schools")
        numbers = {key: measure for key, measure in measures.items() if measure.type in ("count", "number")}
        known = ((key, (measure.title.zh, measure.title.en)) for key, measure in numbers.items())
        what = Phrase("学校填报的数", "number of schools")
        return numbers[named(name, known, what, f"{field}.{name}")]

    def stage(self, name: str) -> Stage:
        """Return a stage, by its id or its title."""
        titles = self.standard.head.stage_titles
        known = [(stage, (titles[stage].zh, titles[stage].en)) for stage in self.standard.head.scope.pupils]
        stage = named(name, known, Phrase("学段", "stage"), "stage", KNOWN + listed(key for key, _ in known))
        return next(key for key, _ in known if key == stage)

    def choice(self, measure: str, name: str, what: Phrase, field: str) -> str:
        """Return a value of a closed list, by its id or as data may write it."""
        values = self.standard.measures[measure].values
        known = [(choice.id, choice.writings) for choice in values]
        return named(name, known, what, field, KNOWN + listed(key for key, _ in known))

    def words(self, amounts: Mapping[str, Decimal], field: str) -> Phrase:
        """Return amounts of measures in words."""
        parts = []
        for name, amount in amounts.items():
            measure = self.measure(name, field)
            title, unit = measure.title, measure.unit or NO_WORDS
            parts.append(Phrase(f"{title.zh}{amount:f}{unit.zh}", f"{title.en} {amount:f} {unit.en}".rstrip()))
        return Phrase("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))

    # Schools

    def details(self, table: str, school: Row, stage: Stage | None = None) -> list[Row]:
        """Return the classes or rooms of a school."""
        return [
            row
            for row in self.tables[table]
            if row["county"] == school["county"]
            and row["school"] == school["school"]
            and (stage is None or row.get("stage") == stage)
        ]

    def lacks(self, school: Row, measure: Measure) -> bool:
        """Return whether a figure is about a stage that the type of a school does not have."""
        kinds = {kind.id: kind for kind in self.standard.measures["type"].values}
        stages = kinds[school["type"]].stages
        return measure.stage is not None and stages is not None and measure.stage not in stages

    def figure(self, school: Row, measure: Measure) -> float:
        """Return a figure of a school: NaN where it is not reported, 0 for a stage that its type lacks."""
        value = school.get(measure.column)
        reported = math.nan if value is None else float(value)
        return 0.0 if math.isnan(reported) and self.lacks(school, measure) else reported

    def add(self, school: Row, measure: Measure, amount: float | Fraction, field: str) -> None:
        """Add to a figure of a school; what is not reported stays so."""
        held = self.figure(school, measure)
        if math.isnan(held) or (isinstance(amount, float) and math.isnan(amount)):
            school[measure.column] = math.nan
            return
        total = exact(held) + (amount if isinstance(amount, Fraction) else exact(amount))
        if total < 0:
            name, less = name_of(school), -float(amount)
            problem = Phrase(
                f"{name}的{measure.title.zh}为{held:.12g}，不能减少{less:.12g}",
                f"{name} has {held:.12g} of {measure.id}, {less:.12g} cannot leave",
            )
            hint = Phrase("减少的数不能超过现有的数", "take away at most what is there")
            raise ChangeError(f"{field}.{measure.id}", problem, hint)
        school[measure.column] = float(total)

    def numbers(self) -> Iterator[Measure]:
        """Yield every number that schools report and that can be added up."""
        return (measure for measure in self.standard.table_measures("schools").values() if is_added(measure))

    def campuses(self, school: Row) -> list[Row]:
        """Return the campuses that count with a school."""
        here = [row for row in self.tables["schools"] if row["county"] == school["county"]]
        return [row for row in here if row.get(PARENT) == school["school"]]

    def hand_over(self, giver: Row, taker: Row, tables: tuple[str, ...]) -> None:
        """Give the classes or rooms of one school to another."""
        for table in tables:
            for row in self.details(table, giver):
                row["school"] = taker["school"]
        self.successors[giver["school"]] = taker["school"]

    # Pupils and classes

    @property
    def class_rule(self) -> ClassSize | None:
        """The rule about the size of classes, where there is one."""
        return self.standard.rule_of(ClassSize)

    def class_count(self, stage: Stage) -> Measure | None:
        """Return the measure that counts the classes of a stage, where a rule looks at classes."""
        rule = self.class_rule
        return self.standard.measures[rule.classes[stage]] if rule and stage in rule.classes else None

    def pupils(self, stage: Stage) -> Measure:
        """Return the measure that counts the pupils of a stage."""
        return self.standard.measures[self.standard.head.scope.pupils[stage]]

    def move_pupils(self, school: Row, stage: Stage, number: int, field: str, grade: str | None = None) -> None:
        """Let pupils come (or leave, with a minus): out of the largest classes, into the smallest."""
        self.add(school, self.pupils(stage), Fraction(number), field)
        classes = [row for row in self.details("classes", school, stage) if not is_missing(row.get("pupils"))]
        classes = [row for row in classes if grade is None or row.get("grade") == grade]
        sizes = spread_out(np.array([row["pupils"] for row in classes], dtype=np.float64), number)
        for row, size in zip(classes, sizes.tolist(), strict=True):
            row["pupils"] = size


def name_of(school: Row) -> str:
    """Return the name of a school, or its id where it has none."""
    return str(school.get("name") or school["school"])


def is_missing(value: object) -> bool:
    """Return whether a value is not reported."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def evenly(total: int, parts: int) -> list[float]:
    """Return a number of pupils spread as evenly as possible, the larger parts first."""
    return [float(total // parts + (n < total % parts)) for n in range(parts)]


def spread_out(sizes: Floats, number: int) -> Floats:
    """Return the sizes of classes after pupils came into the smallest, or left the largest.

    Examples
    --------
    >>> spread_out(np.array([40.0, 38.0, 45.0]), 5).tolist(), spread_out(np.array([40.0, 38.0, 45.0]), -6).tolist()
    ([42.0, 41.0, 45.0], [39.0, 38.0, 40.0])
    """
    sign, order = (1 if number > 0 else -1), np.argsort(sizes if number > 0 else -sizes, kind="stable")
    # As many classes as become equal: the next one is beyond their level.
    for count in range(sizes.size, 0, -1):
        level = (sizes[order[:count]].sum() + number) / count
        if sign * level >= sign * sizes[order[count - 1]]:
            result, chosen = sizes.copy(), np.sort(order[:count])
            result[chosen] = evenly(max(int(sizes[chosen].sum()) + number, 0), count)[::sign]
            return result
    return sizes


# The kinds of change


def _at_most(most: Decimal) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Return a validator that refuses larger numbers, alone or as the values of a mapping."""

    def check(_owner: object, field: attrs.Attribute[Any], value: Any) -> None:
        numbers = value.items() if isinstance(value, Mapping) else [("", value)]
        refuse(
            Impossible(
                f"{field.name}.{key}".rstrip("."),
                Phrase(f"填写{number:,}，应不超过{most:,}", f"must be at most {most:,}, found {number:,}"),
            )
            for key, number in numbers
            if abs(number) > most
        )

    return check


_bounded, _few = _at_most(MOST), _at_most(MOST_ROOMS)


@attrs.frozen
class Change(abc.ABC):
    """Base of all changes; `does` is what YAML calls it, `does_zh` the same in Chinese."""

    does: ClassVar[str]
    does_zh: ClassVar[str]
    county: str | None = described("the county; may be left out when there is one", default=None, kw_only=True)

    @abc.abstractmethod
    def apply(self, draft: Draft) -> Phrase:
        """Make the change, and return it in words."""


@attrs.frozen
class Add(Change):
    """A school gets more of something, or less with a minus: teachers hired, rooms built, equipment bought."""

    does, does_zh = "add", "增加"
    school: str = described("the school")
    amounts: Mapping[str, Decimal] = described("how much more, by measure", validator=[filled, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Add the amounts."""
        school = draft.school(self.county, self.school)
        for name, amount in self.amounts.items():
            draft.add(school, draft.measure(name, "amounts"), Fraction(amount), "amounts")
        words, name = draft.words(self.amounts, "amounts"), name_of(school)
        return Phrase(f"{name}增加{words.zh}", f"{name} gets {words.en} more")


@attrs.frozen
class Transfer(Change):
    """Teachers or equipment go from one school to another."""

    does, does_zh = "transfer", "调配"
    out_of: str = described("the school that gives")
    to: str = described("the school that receives")
    amounts: Mapping[str, Decimal] = described("how much goes, by measure", validator=[filled, positive, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Move the amounts."""
        giver, taker = (draft.school(self.county, getattr(self, end), end) for end in ("out_of", "to"))
        for name, amount in self.amounts.items():
            measure = draft.measure(name, "amounts")
            draft.add(giver, measure, -Fraction(amount), "amounts")
            draft.add(taker, measure, Fraction(amount), "amounts")
        words, names = draft.words(self.amounts, "amounts"), (name_of(giver), name_of(taker))
        return Phrase(f"{names[0]}调给{names[1]}：{words.zh}", f"{names[0]} gives {names[1]} {words.en}")


@attrs.frozen
class MovePupils(Change):
    """Pupils change school: out of the largest classes of the one, into the smallest of the other."""

    does, does_zh = "move_pupils", "分流学生"
    out_of: str = described("the school they leave")
    to: str = described("the school they come to")
    stage: str = described("their stage")
    pupils: int = described("how many", validator=[positive, _bounded])
    grade: str | None = described("their grade; left out, any", default=None)

    def apply(self, draft: Draft) -> Phrase:
        """Move the pupils."""
        stage = draft.stage(self.stage)
        giver, taker = (draft.school(self.county, getattr(self, end), end) for end in ("out_of", "to"))
        draft.move_pupils(giver, stage, -self.pupils, "pupils", self.grade)
        draft.move_pupils(taker, stage, self.pupils, "pupils", self.grade)
        names = name_of(giver), name_of(taker)
        grade = Phrase(f"{self.grade}年级", f" of grade {self.grade}") if self.grade else NO_WORDS
        return Phrase(
            f"{names[0]}的{self.pupils}名{grade.zh}学生转到{names[1]}",
            f"{_pupils(self.pupils)}{grade.en} {'goes' if self.pupils == 1 else 'go'} from {names[0]} to {names[1]}",
        )


def _pupils(number: int) -> str:
    return "1 pupil" if number == 1 else f"{number} pupils"


@attrs.frozen
class Resize(Change):
    """A school has another number of pupils; classes grow or shrink with it."""

    does, does_zh = "resize", "调整规模"
    school: str = described("the school")
    stage: str = described("the stage")
    pupils: int = described("how many pupils it has then", validator=_bounded)

    def apply(self, draft: Draft) -> Phrase:
        """Let pupils come or leave until there are so many."""
        school, stage = draft.school(self.county, self.school), draft.stage(self.stage)
        name, held = name_of(school), draft.figure(school, draft.pupils(stage))
        if math.isnan(held):
            problem = Phrase(f"{name}没有填报在校生数", f"{name} did not report its pupils")
            raise ChangeError("school", problem, Phrase("请先补填", "set them in the data"))
        draft.move_pupils(school, stage, self.pupils - int(held), "pupils")
        title = draft.standard.head.stage_titles[stage]
        return Phrase(f"{name}{title.zh}改为{self.pupils}人", f"{name} has {_pupils(self.pupils)} ({title.en})")


@attrs.frozen
class Set(Change):
    """A school's figure is another one, as when a gap is filled."""

    does, does_zh = "set", "填报"
    school: str = described("the school")
    values: Mapping[str, Decimal] = described("the figures, by measure", validator=[filled, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Write the figures."""
        school = draft.school(self.county, self.school)
        for name, value in self.values.items():
            school[draft.measure(name, "values").column] = float(value)
        words, name = draft.words(self.values, "values"), name_of(school)
        return Phrase(f"{name}填报{words.zh}", f"{name} reports {words.en}")


@attrs.frozen
class State(Change):
    """The county's facts are other ones."""

    does, does_zh = "state", "县级填报项"
    facts: Mapping[str, Value] = described("the facts", validator=filled)

    def apply(self, draft: Draft) -> Phrase:
        """Write the facts."""
        county = draft.county(self.county)
        measures = draft.standard.table_measures("facts")
        rows = [row for row in draft.tables["facts"] if row["county"] == county]
        if not rows:
            rows = [{"county": county}]
            draft.tables["facts"] += rows
        words: list[Phrase] = []
        for given, value in self.facts.items():
            known = ((key, (measure.title.zh, measure.title.en)) for key, measure in measures.items())
            name = named(given, known, Phrase("县级填报项", "fact"), f"facts.{given}")
            rows[0][name] = float(value) if isinstance(value, Decimal) else value
            title = measures[name].title
            answer = {True: Phrase("是", "yes"), False: Phrase("否", "no")}
            wording = answer[value] if isinstance(value, bool) else Phrase.of(str(value))
            words.append(Phrase(f"{title.zh}：{wording.zh}", f"{title.en}: {wording.en}"))
        return Phrase("；".join(word.zh for word in words), "; ".join(word.en for word in words))


@attrs.frozen
class Merge(Change):
    """Schools become one: pupils, classes, rooms and resources add up."""

    does, does_zh = "merge", "合并"
    schools: tuple[str, ...] = described("the schools that close", validator=[filled, different])
    into: str = described("the school that they become part of")
    type: str = described("the type of the school afterwards, where it changes", default="")
    leave: tuple[str, ...] = described("measures that do not come along, as the grounds of a closed campus", default=())

    def apply(self, draft: Draft) -> Phrase:
        """Merge the schools."""
        target = draft.school(self.county, self.into, "into")
        held = {measure.id: draft.figure(target, measure) for measure in draft.numbers()}
        left = [draft.measure(name, "leave").id for name in self.leave]
        rows = [draft.school(self.county, school, "schools") for school in self.schools]
        for row in rows:
            if row is target:
                name = name_of(row)
                problem = Phrase(f"{name}不能并入自己", f"{name} cannot merge into itself")
                raise ChangeError("schools", problem, Phrase("请只写其他学校", "name the others only"))
            for measure in draft.numbers():
                held[measure.id] += 0.0 if measure.id in left else draft.figure(row, measure)
            draft.hand_over(row, target, ("classes", "rooms"))
            for campus in draft.campuses(row):
                campus[PARENT] = target["school"]
            draft.tables["schools"].remove(row)
        if self.type:
            target["type"] = draft.choice("type", self.type, Phrase("学校类型", "type of school"), "type")
        for measure in draft.numbers():
            amount = held[measure.id]
            target[measure.column] = None if not amount and draft.lacks(target, measure) else amount
        names, into = [name_of(row) for row in rows], name_of(target)
        end = "merges" if len(names) == 1 else "merge"
        return Phrase(f"{'、'.join(names)}并入{into}", f"{', '.join(names)} {end} into {into}")


@attrs.frozen
class Close(Change):
    """A school closes; its pupils go to another one with their classes, its resources only where named."""

    does, does_zh = "close", "撤销"
    school: str = described("the school that closes")
    to: str = described("the school that takes its pupils; may be left out when it has none", default="")
    bring: tuple[str, ...] = described("the measures that come along, as teachers or equipment", default=())

    def apply(self, draft: Draft) -> Phrase:
        """Close the school."""
        row = draft.school(self.county, self.school)
        name = name_of(row)
        if campuses := draft.campuses(row):
            names = listed(map(name_of, campuses))
            problem = Phrase(f"{name}有校区：{names.zh}", f"{name} has campuses: {names.en}")
            raise ChangeError("school", problem, Phrase("请先撤销或合并校区", "close or merge them first"))
        stages = tuple(draft.standard.head.scope.pupils)
        pupils = [draft.pupils(stage) for stage in stages]
        words = Phrase(f"撤销{name}", f"{name} closes")
        if self.to:
            target = draft.school(self.county, self.to, "to")
            counts = [measure for stage in stages if (measure := draft.class_count(stage))]
            for measure in (*pupils, *counts, *(draft.measure(name, "bring") for name in self.bring)):
                amount = draft.figure(row, measure)
                if amount != 0:
                    draft.add(target, measure, amount, "bring")
            draft.hand_over(row, target, ("classes",))
            words += Phrase(f"，学生到{name_of(target)}", f", its pupils go to {name_of(target)}")
        elif any(draft.figure(row, measure) != 0 for measure in pupils):
            problem = Phrase(f"{name}有在校生", f"{name} has pupils")
            raise ChangeError("to", problem, Phrase("请写明由哪所学校接收", "say which school takes them"))
        for table in ("classes", "rooms"):
            gone = draft.details(table, row)
            draft.tables[table][:] = [row for row in draft.tables[table] if not any(row is two for two in gone)]
        draft.tables["schools"].remove(row)
        return words


@attrs.frozen
class Open(Change):
    """A new school opens; its pupils come by `move_pupils`, or are given with the other amounts."""

    does, does_zh = "open", "新建"
    school: str = described("its id", validator=filled)
    type: str = described("its type", validator=filled)
    name: str = described("its name", default="")
    amounts: Mapping[str, Decimal] = described(
        "its pupils and resources, by measure; the rest is 0", factory=dict, validator=_bounded
    )

    def apply(self, draft: Draft) -> Phrase:
        """Add the school."""
        county = draft.county(self.county)
        kind = draft.choice("type", self.type, Phrase("学校类型", "type of school"), "type")
        if any(row["county"] == county and row["school"] == self.school for row in draft.tables["schools"]):
            problem = Phrase(f"已有学校“{self.school}”", f"there is a school {self.school!r} already")
            raise ChangeError("school", problem, Phrase("请用另一个标识码", "give it another id"))
        row: Row = {"county": county, "school": self.school, "type": kind, "name": self.name}
        draft.tables["schools"].append(row)
        row |= {measure.column: 0.0 for measure in draft.numbers() if not draft.lacks(row, measure)}
        for name, amount in self.amounts.items():
            row[draft.measure(name, "amounts").column] = float(amount)
        return Phrase(f"新建{name_of(row)}", f"{name_of(row)} opens")


@attrs.frozen
class BuildRooms(Change):
    """A school gets rooms for one use, as music or art."""

    does, does_zh = "build_rooms", "建专用教室"
    school: str = described("the school")
    use: str = described("what for", validator=filled)
    area: Decimal = described("the area of each, in m²", validator=[positive, _bounded])
    rooms: int = described("how many", default=1, validator=[positive, _few])

    def apply(self, draft: Draft) -> Phrase:
        """Add the rooms."""
        school = draft.school(self.county, self.school)
        use = draft.choice("rooms.use", self.use, Phrase("用途", "use"), "use")
        row = {"county": school["county"], "school": school["school"], "use": use, "area": float(self.area)}
        draft.tables["rooms"] += [dict(row) for _ in range(self.rooms)]
        title = next(choice.title for choice in draft.standard.measures["rooms.use"].values if choice.id == use)
        rooms, name = "1 room" if self.rooms == 1 else f"{self.rooms} rooms", name_of(school)
        return Phrase(
            f"{name}建{title.zh}专用教室{self.rooms}间，每间{self.area:f}平方米",
            f"{name} builds {rooms} for {title.en} of {self.area:f} m² each",
        )


@attrs.frozen
class DivideClasses(Change):
    """Every class of a school that is too large is divided into as few equal ones as keep to the limit."""

    does, does_zh = "divide_classes", "分班"
    school: str = described("the school")

    def apply(self, draft: Draft) -> Phrase:
        """Divide the classes."""
        rule, school = draft.class_rule, draft.school(self.county, self.school)
        for row in draft.details("classes", school) if rule else ():
            assert rule is not None
            limit = rule.limit(row.get("stage", ""), is_entry_grade(row, rule))
            if limit is None or not (row.get("pupils") or 0) > limit:
                continue
            first, *others = evenly(int(row["pupils"]), math.ceil(row["pupils"] / limit))
            row["pupils"] = first
            new = {name: value for name, value in row.items() if name is not _SOURCE}
            draft.tables["classes"] += [new | {"pupils": size} for size in others]
            draft.add(school, draft.standard.measures[rule.classes[row["stage"]]], Fraction(len(others)), "school")
        name = name_of(school)
        return Phrase(f"{name}拆分超额班级", f"{name} divides its oversize classes")


@attrs.frozen
class ArrangeClasses(Change):
    """The pupils of a grade are spread evenly over its classes, after new ones were opened."""

    does, does_zh = "arrange_classes", "均衡编班"
    school: str = described("the school")
    stage: str = described("the stage")
    grade: str | None = described("the grade; left out, classes whose grade is not reported", default=None)
    open: int = described("how many classes are opened", default=0, validator=_few)

    def apply(self, draft: Draft) -> Phrase:
        """Open the classes and spread the pupils."""
        school, stage = draft.school(self.county, self.school), draft.stage(self.stage)
        classes = [row for row in draft.details("classes", school, stage) if (row.get("grade") or None) == self.grade]
        name, grade = name_of(school), f"{self.grade}年级" if self.grade else ""
        if not classes or any(is_missing(row.get("pupils")) for row in classes):
            problem = Phrase(f"{name}{grade}的班级没有全部填报", f"the classes of {name} are not all reported")
            raise ChangeError("grade", problem, Phrase("请先补填班级表", "fill in the table of classes"))
        new = {key: value for key, value in classes[-1].items() if key is not _SOURCE}
        opened = [dict(new) for _ in range(self.open)]
        draft.tables["classes"] += opened
        count = len(classes) + self.open
        sizes = evenly(int(sum(row["pupils"] for row in classes)), count)
        for row, size in zip((*classes, *opened), sizes, strict=True):
            row["pupils"] = size
        measure = draft.class_count(stage)
        if self.open and measure:
            draft.add(school, measure, Fraction(self.open), "open")
        more = Phrase(f"增设{self.open}个班，", f"opens {self.open} class{'es' * (self.open > 1)} and ")
        more = more if self.open else NO_WORDS
        where = f" in grade {self.grade}" if self.grade else ""
        return Phrase(
            f"{name}{grade}{more.zh}按人数均衡编班",
            f"{name} {more.en}spreads its pupils evenly over {count} classes{where}",
        )


_OF_SCHOOLS = (Add, Transfer, MovePupils, Resize, Set, Merge, Close, Open, BuildRooms, DivideClasses, ArrangeClasses)
KINDS: dict[str, type[Change]] = {kind.does: kind for kind in (*_OF_SCHOOLS, State)}
"""Every kind of change by what YAML calls it."""


def is_entry_grade(row: Row, rule: ClassSize) -> bool | None:
    """Return whether a class is of the entry grade, where that matters and is reported."""
    entry = [row[name] for name in rule.columns[1:] if not is_missing(row.get(name))]
    return bool(entry[0]) if entry else None


# Reading

Changes = Path | Sequence[Mapping[str, Any] | Change]
"""A YAML file, or a list of changes as mappings or objects."""

_KINDS_ZH = {kind.does_zh: name for name, kind in KINDS.items()}
_KEYS_ZH: dict[str, tuple[str, ...]] = {
    "改动": ("do",),
    "县": ("county",),
    "学校": ("school", "schools"),
    "数量": ("amounts",),
    "调出": ("out_of",),
    "调入": ("to",),
    "接收": ("to",),
    "学段": ("stage",),
    "学生数": ("pupils",),
    "年级": ("grade",),
    "数值": ("values",),
    "事实": ("facts",),
    "并入": ("into",),
    "类型": ("type",),
    "不带走": ("leave",),
    "带走": ("bring",),
    "名称": ("name",),
    "用途": ("use",),
    "面积": ("area",),
    "间数": ("rooms",),
    "增设": ("open",),
}
"""What the keys of a change are called in Chinese."""


@attrs.frozen
class Placed:
    """A change and where it was read."""

    change: Change
    place: str


def read_changes(changes: Changes) -> list[Placed]:
    """Return the changes in their order.

    Raises
    ------
    DataErrors
        With every change that cannot be understood.
    FileNotFoundError
        If there is no such file.
    TypeError
        If a text is given: a file is named by a Path.
    """
    if isinstance(changes, str) or not isinstance(changes, Path | Sequence):
        raise TypeError(f"changes must be a list or the Path of a YAML file, found {type(changes).__name__}")
    problems = Problems()
    structurer = _Structurer(problems)
    given: Sequence[Any] = () if isinstance(changes, Path) else changes
    if isinstance(changes, Path):
        root, errors = read(changes.read_bytes(), changes.name)
    else:
        # One change a line, so that the number of the line is that of the change.
        lines = (json.dumps(_plain(entry), ensure_ascii=False) for entry in changes)
        root, errors = read("".join(f"- {line}\n" for line in lines).encode() or b"[]", "changes")
    problems.found.extend(errors)
    if root and not isinstance(root.value, tuple):
        problem = Phrase("文件应为改动的列表", "the file must hold a list of changes")
        structurer.note(root, "", problem, Phrase("每项以 `- do: add` 开头", "begin each with `- do: add`"))
    placed = []
    with suppress(TooManyError):
        for n, node in enumerate(root.value if root and isinstance(root.value, tuple) else ()):
            made = given[n] if given and isinstance(given[n], Change) else structurer.build(Change, node)
            placed.append(Placed(made, f"{node.file}:{node.line}"))
    if problems.found:
        raise DataErrors(DataError.of(error, "changes") for error in problems.found)
    return placed


class _Structurer(Structurer):
    """Builds changes: a mapping whose `do` names the kind, with keys in English or in Chinese."""

    def _way(self, wanted: Any) -> Any:
        if wanted is Value:
            return self._value
        return self._change if wanted is Change else super()._way(wanted)

    def _value(self, _wanted: Any, node: Node, path: str) -> Any:
        if isinstance(node.value, bool | int | Decimal | str):
            return node.value
        return self.note(node, path, Phrase("应为一个数、文字或是否", "must be a number, a text, or true or false"))

    def _change(self, _wanted: Any, node: Node, path: str) -> Any:
        known = KNOWN + Phrase("、".join(_KINDS_ZH), ", ".join(KINDS))
        keys = node.value if isinstance(node.value, Mapping) else {}
        kind = keys.get("do") or keys.get("改动")
        if kind is None:
            problem = Phrase("缺少“do”（或“改动”），即改动的种类", "needs the key 'do', which names the change")
            return self.note(node, path, problem, known)
        name = _KINDS_ZH.get(kind.text, kind.text)
        if name not in KINDS:
            problem = Phrase(f"没有叫“{kind.text}”的改动", f"no change is called {kind.text!r}")
            return self.note(kind, "do", problem + near(kind.text, [*KINDS, *_KINDS_ZH]), known)
        fields = {field.name for field in attrs.fields(KINDS[name])}
        rest = {
            next((alias for alias in _KEYS_ZH.get(key, ()) if alias in fields), key): value
            for key, value in keys.items()
            if value is not kind
        }
        return self._object(KINDS[name], attrs.evolve(node, value=rest), path)


def _plain(value: Any) -> Any:
    """Return a value of Python or numpy as JSON can write it; what no YAML file can hold becomes an empty list."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | float) else []

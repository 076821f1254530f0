"""What would follow: changes made to a copy of a county, which is judged again and compared."""

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
from balancedu.core.fields import Impossible, Language, Stage, described, different, filled, positive, refuse
from balancedu.core.model import Measure
from balancedu.core.nodes import Node, SpecProblems, TooManyError, read
from balancedu.core.rules import ClassSize
from balancedu.core.standard import Standard
from balancedu.core.structure import Structurer
from balancedu.core.words import COMMA, SEMICOLON, joined
from balancedu.document import Block, Columns, Heading, Paragraph, Result, columns_of
from balancedu.errors import DataError, DataErrors, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.planning.compare import Comparison, compare, county_title
from balancedu.submission.schools import PARENT, is_added
from balancedu.submission.submission import Submission
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


def named(given: str, known: Mapping[str, Iterable[str]], what: Phrase, field: str, hint: Phrase = NO_WORDS) -> str:
    """Return the id that is meant by an id or one of its names.

    Raises
    ------
    ChangeError
        If there is none, or several have the name.
    """
    matching = [given] if given in known else [key for key, names in known.items() if given in names and given]
    if len(matching) == 1:
        return matching[0]
    problem = Phrase(f"没有{what.zh}“{given}”", f"no {what.en} {given!r}")
    problem += near(given, (word for key, names in known.items() for word in (key, *names) if word))
    if matching:
        problem = Phrase(f"叫“{given}”的{what.zh}有{len(matching)}个", f"{len(matching)} are called {given!r}")
        hint = Phrase("请写标识：", "give the id: ") + listed(matching)
    raise ChangeError(field, problem, hint)


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
            origins[name] = self.submission.tables[name].origin
            if name != "facts":
                lines = len(origins[name].lines)
                kept = [row[_SOURCE] for row in rows if row.get(_SOURCE, math.inf) < lines]
                origins[name] = origins[name].of_rows(kept)
        return self.submission.changed(origins=origins, **tables)

    # What changes name

    def county(self, county: str | None) -> str:
        """Return the county that a change is about."""
        counties = self.submission.counties
        if county is None and len(counties) == 1:
            return counties[0]
        if county in counties:
            return county
        problem = Phrase(f"没有县“{county}”", f"no county {county!r}")
        if county is None:
            problem = Phrase("有几个县", "there are several counties")
        hint = Phrase("请写明是哪个县：", "say which: one of ") + listed(counties[:5])
        raise ChangeError("county", problem, hint)

    def school(self, county: str | None, school: str, field: str = "school") -> Row:
        """Return the row of a school, by its id or its name."""
        county = self.county(county)
        rows = {row["school"]: row for row in self.tables["schools"] if row["county"] == county}
        known = {name: (str(row.get("name") or ""),) for name, row in rows.items()}
        hint = Phrase("请写学校标识码或学校名称", "give a school's id or its name")
        return rows[named(school, known, Phrase("学校", "school"), field, hint)]

    def measure(self, name: str, field: str) -> Measure:
        """Return a number that schools report, by its id or its title."""
        measures = self.standard.table_measures("schools")
        numbers = {key: measure for key, measure in measures.items() if measure.type in ("count", "number")}
        known = {key: attrs.astuple(measure.title) for key, measure in numbers.items()}
        return numbers[named(name, known, Phrase("学校填报的数", "number of schools"), f"{field}.{name}")]

    def stage(self, name: str) -> Stage:
        """Return a stage, by its id or its title."""
        pupils, titles = self.standard.head.scope.pupils, self.standard.head.stage_titles
        known: dict[str, Iterable[str]] = {stage: attrs.astuple(titles[stage]) for stage in pupils}
        stage = named(name, known, Phrase("学段", "stage"), "stage", KNOWN + listed(known))
        return next(key for key in pupils if key == stage)

    def choice(self, measure: str, name: str, what: Phrase, field: str) -> str:
        """Return a value of a closed list, by its id or as data may write it."""
        known = {choice.id: choice.writings for choice in self.standard.measures[measure].values}
        return named(name, known, what, field, KNOWN + listed(known))

    def words(self, amounts: Mapping[str, Decimal], field: str) -> Phrase:
        """Return amounts of measures in words."""
        parts = []
        for name, amount in amounts.items():
            measure = self.measure(name, field)
            title, unit = measure.title, measure.unit or NO_WORDS
            parts.append(Phrase(f"{title.zh}{amount:f}{unit.zh}", f"{title.en} {amount:f} {unit.en}".rstrip()))
        return joined(COMMA, parts)

    # Schools

    def details(self, table: str, school: Row, stage: Stage | None = None) -> list[Row]:
        """Return the classes or rooms of a school."""
        return [
            row
            for row in self.tables[table]
            if (row["county"], row["school"]) == (school["county"], school["school"])
            and stage in (None, row.get("stage"))
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
        if math.isnan(held) or math.isnan(amount):
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

    def numbers(self) -> list[Measure]:
        """Return every number that schools report and that can be added up."""
        return [measure for measure in self.standard.table_measures("schools").values() if is_added(measure)]

    def campuses(self, school: Row) -> list[Row]:
        """Return the campuses that count with a school."""
        here = [row for row in self.tables["schools"] if row["county"] == school["county"]]
        return [row for row in here if row.get(PARENT) == school["school"]]

    def close(self, school: Row, taker: Row | None, tables: Sequence[str]) -> None:
        """Take a school away; its classes or rooms go to another one, or away with it."""
        for table in ("classes", "rooms"):
            for row in self.details(table, school):
                if taker is not None and table in tables:
                    row["school"] = taker["school"]
                else:
                    self.tables[table].remove(row)
        self.tables["schools"].remove(school)
        if taker is not None:
            self.successors[school["school"]] = taker["school"]

    # Pupils and classes

    def class_count(self, stage: Stage) -> Measure | None:
        """Return the measure that counts the classes of a stage, where a rule looks at classes."""
        rule = self.standard.rule_of(ClassSize)
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

    def open_classes(self, like: Row, sizes: Sequence[float]) -> None:
        """Add classes like one that is there, and count them."""
        new = {name: value for name, value in like.items() if name is not _SOURCE}
        self.tables["classes"] += [new | {"pupils": size} for size in sizes]
        school = self.school(like["county"], like["school"])
        if sizes and (measure := self.class_count(like["stage"])):
            self.add(school, measure, Fraction(len(sizes)), "open")


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

    def _school(self, draft: Draft, field: str = "school") -> tuple[Row, str]:
        """Return the row and the name of the school that a field names."""
        row = draft.school(self.county, getattr(self, field), field)
        return row, name_of(row)


@attrs.frozen
class Add(Change):
    """A school gets more of something, or less with a minus: teachers hired, rooms built, equipment bought."""

    does, does_zh = "add", "增加"
    school: str = described("the school")
    amounts: Mapping[str, Decimal] = described("how much more, by measure", validator=[filled, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Add the amounts."""
        school, name = self._school(draft)
        for measure, amount in self.amounts.items():
            draft.add(school, draft.measure(measure, "amounts"), Fraction(amount), "amounts")
        words = draft.words(self.amounts, "amounts")
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
        (giver, out_of), (taker, to) = self._school(draft, "out_of"), self._school(draft, "to")
        for name, amount in self.amounts.items():
            measure = draft.measure(name, "amounts")
            draft.add(giver, measure, -Fraction(amount), "amounts")
            draft.add(taker, measure, Fraction(amount), "amounts")
        words = draft.words(self.amounts, "amounts")
        return Phrase(f"{out_of}调给{to}：{words.zh}", f"{out_of} gives {to} {words.en}")


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
        (giver, out_of), (taker, to) = self._school(draft, "out_of"), self._school(draft, "to")
        draft.move_pupils(giver, stage, -self.pupils, "pupils", self.grade)
        draft.move_pupils(taker, stage, self.pupils, "pupils", self.grade)
        grade = Phrase(f"{self.grade}年级", f" of grade {self.grade}") if self.grade else NO_WORDS
        pupils = "1 pupil goes" if self.pupils == 1 else f"{self.pupils} pupils go"
        return Phrase(
            f"{out_of}的{self.pupils}名{grade.zh}学生转到{to}",
            f"{pupils} from {out_of}{grade.en} to {to}",
        )


@attrs.frozen
class Resize(Change):
    """A school has another number of pupils; classes grow or shrink with it."""

    does, does_zh = "resize", "调整规模"
    school: str = described("the school")
    stage: str = described("the stage")
    pupils: int = described("how many pupils it has then", validator=_bounded)

    def apply(self, draft: Draft) -> Phrase:
        """Let pupils come or leave until there are so many."""
        (school, name), stage = self._school(draft), draft.stage(self.stage)
        held = draft.figure(school, draft.pupils(stage))
        if math.isnan(held):
            problem = Phrase(f"{name}没有填报在校生数", f"{name} did not report its pupils")
            raise ChangeError("school", problem, Phrase("请先补填", "set them in the data"))
        draft.move_pupils(school, stage, self.pupils - int(held), "pupils")
        title = draft.standard.head.stage_titles[stage]
        return Phrase(f"{name}{title.zh}改为{self.pupils}人", f"{name} has {self.pupils} pupils ({title.en})")


@attrs.frozen
class Set(Change):
    """A school's figure is another one, as when a gap is filled."""

    does, does_zh = "set", "填报"
    school: str = described("the school")
    values: Mapping[str, Decimal] = described("the figures, by measure", validator=[filled, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Write the figures."""
        school, name = self._school(draft)
        for measure, value in self.values.items():
            school[draft.measure(measure, "values").column] = float(value)
        words = draft.words(self.values, "values")
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
        known = {key: attrs.astuple(measure.title) for key, measure in measures.items()}
        for given, value in self.facts.items():
            name = named(given, known, Phrase("县级填报项", "fact"), f"facts.{given}")
            rows[0][name] = float(value) if isinstance(value, Decimal) else value
            title = measures[name].title
            answer = {True: Phrase("是", "yes"), False: Phrase("否", "no")}
            wording = answer[value] if isinstance(value, bool) else Phrase.of(str(value))
            words.append(Phrase(f"{title.zh}：{wording.zh}", f"{title.en}: {wording.en}"))
        return joined(SEMICOLON, words)


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
        target, into = self._school(draft, "into")
        numbers, left = draft.numbers(), [draft.measure(name, "leave").id for name in self.leave]
        held = {measure.id: draft.figure(target, measure) for measure in numbers}
        rows = [draft.school(self.county, school, "schools") for school in self.schools]
        for row in rows:
            if row is target:
                problem = Phrase(f"{into}不能并入自己", f"{into} cannot merge into itself")
                raise ChangeError("schools", problem, Phrase("请只写其他学校", "name the others only"))
            for measure in numbers:
                held[measure.id] += 0.0 if measure.id in left else draft.figure(row, measure)
            for campus in draft.campuses(row):
                campus[PARENT] = target["school"]
            draft.close(row, target, ("classes", "rooms"))
        if self.type:
            target["type"] = draft.choice("type", self.type, Phrase("学校类型", "type of school"), "type")
        for measure in numbers:
            amount = held[measure.id]
            target[measure.column] = None if not amount and draft.lacks(target, measure) else amount
        names = joined(COMMA, (Phrase.of(name_of(row)) for row in rows))
        return Phrase(f"{names.zh}并入{into}", f"{names.en} {'merges' if len(rows) == 1 else 'merge'} into {into}")


@attrs.frozen
class Close(Change):
    """A school closes; its pupils go to another one with their classes, its resources only where named."""

    does, does_zh = "close", "撤销"
    school: str = described("the school that closes")
    to: str = described("the school that takes its pupils; may be left out when it has none", default="")
    bring: tuple[str, ...] = described("the measures that come along, as teachers or equipment", default=())

    def apply(self, draft: Draft) -> Phrase:
        """Close the school."""
        row, name = self._school(draft)
        if campuses := draft.campuses(row):
            names = listed(map(name_of, campuses))
            problem = Phrase(f"{name}有校区：{names.zh}", f"{name} has campuses: {names.en}")
            raise ChangeError("school", problem, Phrase("请先撤销或合并校区", "close or merge them first"))
        stages = tuple(draft.standard.head.scope.pupils)
        pupils = [draft.pupils(stage) for stage in stages]
        if not self.to:
            if any(draft.figure(row, measure) != 0 for measure in pupils):
                problem = Phrase(f"{name}有在校生", f"{name} has pupils")
                raise ChangeError("to", problem, Phrase("请写明由哪所学校接收", "say which school takes them"))
            draft.close(row, None, ())
            return Phrase(f"撤销{name}", f"{name} closes")
        target, to = self._school(draft, "to")
        counts = [measure for stage in stages if (measure := draft.class_count(stage))]
        for measure in (*pupils, *counts, *(draft.measure(name, "bring") for name in self.bring)):
            if (amount := draft.figure(row, measure)) != 0:
                draft.add(target, measure, amount, "bring")
        draft.close(row, target, ("classes",))
        return Phrase(f"撤销{name}，学生到{to}", f"{name} closes, its pupils go to {to}")


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
        school, name = self._school(draft)
        use = draft.choice("rooms.use", self.use, Phrase("用途", "use"), "use")
        row = {"county": school["county"], "school": school["school"], "use": use, "area": float(self.area)}
        draft.tables["rooms"] += [dict(row) for _ in range(self.rooms)]
        title = next(choice.title for choice in draft.standard.measures["rooms.use"].values if choice.id == use)
        rooms = "1 room" if self.rooms == 1 else f"{self.rooms} rooms"
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
        rule, (school, name) = draft.standard.rule_of(ClassSize), self._school(draft)
        for row in draft.details("classes", school) if rule else ():
            assert rule is not None
            entry = [bool(row[column]) for column in rule.columns[1:] if not is_missing(row.get(column))]
            limit = rule.limit(row.get("stage", ""), entry[0] if entry else None)
            if limit is not None and (row.get("pupils") or 0) > limit:
                row["pupils"], *others = evenly(int(row["pupils"]), math.ceil(row["pupils"] / limit))
                draft.open_classes(row, others)
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
        (school, name), stage = self._school(draft), draft.stage(self.stage)
        classes = [row for row in draft.details("classes", school, stage) if (row.get("grade") or None) == self.grade]
        grade = f"{self.grade}年级" if self.grade else ""
        if not classes or any(is_missing(row.get("pupils")) for row in classes):
            problem = Phrase(f"{name}{grade}的班级没有全部填报", f"the classes of {name} are not all reported")
            raise ChangeError("grade", problem, Phrase("请先补填班级表", "fill in the table of classes"))
        count = len(classes) + self.open
        sizes = evenly(int(sum(row["pupils"] for row in classes)), count)
        draft.open_classes(classes[-1], sizes[len(classes) :])
        for row, size in zip(classes, sizes, strict=False):
            row["pupils"] = size
        more = Phrase(f"增设{self.open}个班，", f"opens {self.open} class{'es' * (self.open > 1)} and ")
        more = more if self.open else NO_WORDS
        where = f" in grade {self.grade}" if self.grade else ""
        return Phrase(
            f"{name}{grade}{more.zh}按人数均衡编班",
            f"{name} {more.en}spreads its pupils evenly over {count} classes{where}",
        )


_OF_SCHOOLS = (Add, Transfer, MovePupils, Resize, Set, Merge, Close, Open, BuildRooms, DivideClasses, ArrangeClasses)
CHANGE_KINDS: dict[str, type[Change]] = {kind.does: kind for kind in (*_OF_SCHOOLS, State)}
"""Every kind of change by what YAML calls it."""

# Reading

Changes = Path | Sequence[Mapping[str, Any] | Change]
"""A YAML file, or a list of changes as mappings or objects."""

_KINDS_ZH = {kind.does_zh: name for name, kind in CHANGE_KINDS.items()}
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
    "内容": ("facts",),
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


def read_changes(changes: Changes) -> list[tuple[Change, str]]:
    """Return the changes in their order, each with its place.

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
    problems = SpecProblems()
    structurer = _Structurer(problems)
    given: Sequence[Any] = () if isinstance(changes, Path) else changes
    if isinstance(changes, Path):
        root, errors = read(changes.read_bytes(), changes.name)
    else:
        # One change a line, so that the number of the line is that of the change.
        lines = (json.dumps(_plain(entry), ensure_ascii=False) for entry in changes)
        root, errors = read("".join(f"- {line}\n" for line in lines).encode() or b"[]", "changes")
    problems.errors.extend(errors)
    if root and not isinstance(root.value, tuple):
        problem = Phrase("文件应为改动的列表", "the file must hold a list of changes")
        structurer.note(root, "", problem, Phrase("每项以 `- do: add` 开头", "begin each with `- do: add`"))
    placed = []
    with suppress(TooManyError):
        for n, node in enumerate(root.value if root and isinstance(root.value, tuple) else ()):
            made = given[n] if given and isinstance(given[n], Change) else structurer.build(Change, node)
            placed.append((made, f"{node.file}:{node.line}"))
    if problems.errors:
        raise DataErrors(DataError.of(error, "changes") for error in problems.errors)
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
        known = KNOWN + Phrase("、".join(_KINDS_ZH), ", ".join(CHANGE_KINDS))
        keys = node.value if isinstance(node.value, Mapping) else {}
        kind = keys.get("do") or keys.get("改动")
        if kind is None:
            problem = Phrase("缺少“do”（或“改动”），即改动的种类", "needs the key 'do', which names the change")
            return self.note(node, path, problem, known)
        name = _KINDS_ZH.get(kind.text, kind.text)
        if name not in CHANGE_KINDS:
            problem = Phrase(f"没有叫“{kind.text}”的改动", f"no change is called {kind.text!r}")
            return self.note(kind, "do", problem + near(kind.text, [*CHANGE_KINDS, *_KINDS_ZH]), known)
        fields = {field.name for field in attrs.fields(CHANGE_KINDS[name])}
        rest = {
            next((alias for alias in _KEYS_ZH.get(key, ()) if alias in fields), key): value
            for key, value in keys.items()
            if value is not kind
        }
        return self._object(CHANGE_KINDS[name], attrs.evolve(node, value=rest), path)


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


# The question

_WORDS: dict[str, dict[Language, str]] = {
    "changes": {"zh": "测算条件", "en": "Changes"},
    "verdict": {"zh": "全县判定", "en": "The county's verdict"},
}


@attrs.frozen
class Made:
    """A change that was made: where it was read, and what it did in words."""

    change: Change
    place: str
    words: Phrase


@attrs.frozen(eq=False)
class WhatIf(Result):
    """A county after changes, judged again.

    Attributes
    ----------
    submission : Submission
        The changed copy.
    evaluation : Evaluation
        How it is judged, by the standard of the evaluation before.
    comparison : Comparison
        Every decision that changed, and why.
    made : tuple of Made
        The changes in their order.
    """

    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    made: tuple[Made, ...] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The tables of the comparison, and the changes in their order."""
        rows = ((made.change.does, made.place, made.words) for made in self.made)
        made = columns_of(rows, do=str, place=str, words=Phrase)
        return {**self.comparison.tables, "made": made}

    def single_values(self) -> dict[str, Any]:
        """Return the verdicts before and after."""
        return {
            "verdicts_before": {county: verdict.name for county, verdict in self.comparison.before.verdicts.items()},
            "verdicts_after": {county: verdict.name for county, verdict in self.evaluation.verdicts.items()},
        }

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the changes, the verdict, and what changed."""
        yield Heading(_WORDS["changes"][lang])
        for number, made in enumerate(self.made, 1):
            yield Paragraph(f"{number}. {made.words.text(lang)}")
        yield Heading(_WORDS["verdict"][lang])
        for county, after in self.evaluation.verdicts.items():
            before = self.comparison.before.verdicts[county]
            name = county_title(self.evaluation, county).text(lang)
            yield Paragraph(f"{name}  {before.text(lang)} → {after.text(lang)}")
        yield from self.comparison.blocks(lang)


def what_if(evaluation: Evaluation, changes: Changes) -> WhatIf:
    """Return how a county would be judged after changes, and every decision that changes.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county or many; its submission stays as it is, the changes are made to a copy, in their order.
    changes : Path of a YAML file, or list of mappings
        Each has a key `do`: add, transfer, move_pupils, resize, set, merge, close, open, build_rooms,
        divide_classes, arrange_classes or state; see the guide for their keys. Kinds, keys, schools, measures,
        stages and types may be written in Chinese as well.

    Returns
    -------
    WhatIf
        The evaluation after the changes, what was done, and the comparison with the evaluation before.

    Raises
    ------
    DataErrors
        With every change that cannot be understood, or the first that the county does not allow, each with its
        place.
    TypeError
        If `changes` is a text: a file is named by a Path.

    Examples
    --------
    >>> import balancedu as be
    >>> after = be.what_if(be.evaluate(be.example("failing")), [
    ...     {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
    ... ])
    >>> found = after.comparison.changes
    >>> sorted(zip(found["level"].tolist(), found["school"].tolist(), found["direction"].tolist()))
    [('indicator', '007', 'better'), ('section', '007', 'better')]
    >>> print(after.made[0].words.zh)
    安和县青杨教学点增加小学县级以上骨干教师数1人
    """
    draft, made = Draft.of(evaluation.submission), []
    for change, place in read_changes(changes):
        try:
            made.append(Made(change, place, change.apply(draft)))
        except ChangeError as error:
            path = f"{change.does}.{error.field}"
            raise DataErrors([DataError("changes", place, path, error.problem, error.hint)]) from error
    after = evaluate(draft.done(), evaluation.standard)
    if evaluation.counties != after.counties and len(evaluation.counties) == 1:
        after = after[evaluation.counties[0]]
    # A school that took in others may itself have gone later.
    schools = dict(draft.successors)
    while any(taker in draft.successors for taker in schools.values()):
        schools = {school: draft.successors.get(taker, taker) for school, taker in schools.items()}
    return WhatIf(after.submission, after, compare(evaluation, after, schools=schools), tuple(made))

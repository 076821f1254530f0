"""Changes of a submission: what each kind does to the rows of a copy, and its description."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, NewType

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.limits import exact
from balancedu.core.fields import Impossible, Stage, different, filled, must_be, positive, refuse
from balancedu.core.model import Measure
from balancedu.core.rules import ClassSize
from balancedu.core.standard import Standard
from balancedu.core.words import COMMA, SEMICOLON, joined
from balancedu.errors import near
from balancedu.submission.schools import PARENT, is_added
from balancedu.submission.submission import Submission
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed, with_unit

RawRow = dict[Any, Any]
Value = NewType("Value", object)
"""Any plain value: a number, true or false, or a text."""
_SOURCE = object()
"""The key under which a row keeps the number of the submitted row that it was; no column is called so."""


def named(given: str, known: Mapping[str, Iterable[str]], what: Phrase, field: str, hint: Phrase = NO_WORDS) -> str:
    """Return the id that is meant by an id or one of its names.

    Raises
    ------
    Impossible
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
    raise Impossible(field, problem, hint)


@attrs.frozen
class Draft:
    """The rows of all tables while changes are made; NaN, None and empty text mean: not reported."""

    submission: Submission
    tables: dict[str, list[RawRow]]
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
            columns = dict.fromkeys(column for row in rows for column in row if column is not _SOURCE)
            columns |= dict.fromkeys(self.submission.columns(name))
            tables[name] = {column: [row.get(column) for row in rows] for column in columns}
            origin = origins[name] = self.submission.tables[name].origin
            if name != "facts":
                kept = [row[_SOURCE] for row in rows if row.get(_SOURCE, math.inf) < len(origin.lines)]
                origins[name] = origin.of_rows(kept)
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
        hint = Phrase("请写明是哪个县：", "choose one of ") + listed(counties[:5])
        raise Impossible("county", problem, hint)

    def school(self, county: str | None, school: str, field: str = "school") -> RawRow:
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
            shown = with_unit(Phrase.of(f"{amount:f}"), unit)
            parts.append(Phrase(f"{title.zh}{shown.zh}", f"{title.en} ({shown.en})"))
        return joined(COMMA, parts)

    # Schools

    def of_school(self, table: str, school: RawRow, stage: Stage | None = None) -> list[RawRow]:
        """Return the classes or rooms of a school."""
        key = school["county"], school["school"]
        rows = [row for row in self.tables[table] if (row["county"], row["school"]) == key]
        return [row for row in rows if stage in (None, row.get("stage"))]

    def lacks(self, school: RawRow, measure: Measure) -> bool:
        """Return whether a figure is about a stage that the type of a school does not have."""
        stages = next(kind.stages for kind in self.standard.measures["type"].values if kind.id == school["type"])
        return measure.stage is not None and stages is not None and measure.stage not in stages

    def figure(self, school: RawRow, measure: Measure) -> float:
        """Return a figure of a school: NaN where it is not reported, 0 for a stage that its type lacks."""
        value = school.get(measure.column)
        if is_missing(value):
            return 0.0 if self.lacks(school, measure) else math.nan
        return float(value)  # type: ignore[arg-type]

    def add(self, school: RawRow, measure: Measure, amount: float | Decimal, field: str) -> None:
        """Add to a figure of a school; what is not reported stays so."""
        held = self.figure(school, measure)
        if math.isnan(held) or math.isnan(amount):
            school[measure.column] = math.nan
            return
        total = exact(held) + (Fraction(amount) if isinstance(amount, Decimal) else exact(amount))
        if total < 0:
            name, less = name_of(school), -float(amount)
            problem = Phrase(
                f"{name}的{measure.title.zh}为{held:.12g}，不能减少{less:.12g}",
                f"{name} has {held:.12g} of {measure.id}, {less:.12g} cannot leave",
            )
            hint = Phrase("减少的数不能超过现有的数", "take away at most what is there")
            raise Impossible(f"{field}.{measure.id}", problem, hint)
        school[measure.column] = float(total)

    def numbers(self) -> Iterator[Measure]:
        """Yield every number that schools report and that can be added up."""
        return filter(is_added, self.standard.table_measures("schools").values())

    def campuses(self, school: RawRow) -> list[RawRow]:
        """Return the campuses that count with a school."""
        here = [row for row in self.tables["schools"] if row["county"] == school["county"]]
        return [row for row in here if row.get(PARENT) == school["school"]]

    def close(self, school: RawRow, taker: RawRow | None, tables: Sequence[str]) -> None:
        """Remove a school; its classes or rooms go to another school or are removed too."""
        for table in ("classes", "rooms"):
            for row in self.of_school(table, school):
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

    def move_pupils(self, school: RawRow, stage: Stage, number: int, field: str, grade: str | None = None) -> None:
        """Let pupils come (or leave, with a minus): out of the largest classes, into the smallest."""
        self.add(school, self.pupils(stage), number, field)
        classes = [row for row in self.of_school("classes", school, stage) if not is_missing(row.get("pupils"))]
        classes = [row for row in classes if grade is None or row.get("grade") == grade]
        sizes = spread_out(np.array([row["pupils"] for row in classes], dtype=np.float64), number)
        for row, size in zip(classes, sizes.tolist(), strict=True):
            row["pupils"] = size

    def open_classes(self, like: RawRow, sizes: Sequence[float]) -> None:
        """Add classes like one that is there, and count them."""
        new = {name: value for name, value in like.items() if name is not _SOURCE}
        self.tables["classes"] += [new | {"pupils": size} for size in sizes]
        if sizes and (measure := self.class_count(like["stage"])):
            self.add(self.school(like["county"], like["school"]), measure, len(sizes), "open")


def name_of(school: RawRow) -> str:
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


def at_most(most: int) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Return a validator that refuses larger numbers, alone or as the values of a mapping."""

    def check(_owner: object, field: attrs.Attribute[Any], value: Any) -> None:
        numbers, wanted = (
            value if isinstance(value, Mapping) else {"": value},
            Phrase(f"不超过{most:,}的数", f"at most {most:,}"),
        )
        too_large = {key: Phrase.of(f"{number:,}") for key, number in numbers.items() if abs(number) > most}
        refuse(must_be(f"{field.name}.{key}".rstrip("."), wanted, shown) for key, shown in too_large.items())

    return check


_bounded, _few = at_most(10**15), at_most(1000)


def key(doc: str, *zh: str, **options: Any) -> Any:
    """Return the field of a change: what it means, and what its key is called in Chinese."""
    return attrs.field(metadata={"doc": doc, "zh": zh}, **options)


@attrs.frozen
class Change(abc.ABC):
    """Base of all changes; `does` is what YAML calls it, `does_zh` the same in Chinese."""

    does: ClassVar[str]
    does_zh: ClassVar[str]
    county: str | None = key("the county; may be left out when there is one", "县", default=None, kw_only=True)

    @abc.abstractmethod
    def apply(self, draft: Draft) -> Phrase:
        """Make the change, and return it in words.

        Raises
        ------
        Impossible
            If the county does not allow it.
        """

    def _school(self, draft: Draft, field: str = "school") -> tuple[RawRow, str]:
        """Return the row and the name of the school that a field names."""
        row = draft.school(self.county, getattr(self, field), field)
        return row, name_of(row)


@attrs.frozen
class Add(Change):
    """A school gets more of something, or less with a minus: teachers hired, rooms built, equipment bought."""

    does, does_zh = "add", "增加"
    school: str = key("the school", "学校")
    amounts: Mapping[str, Decimal] = key("how much more, by measure", "数量", validator=[filled, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Add the amounts."""
        school, name = self._school(draft)
        for measure, amount in self.amounts.items():
            draft.add(school, draft.measure(measure, "amounts"), amount, "amounts")
        words = draft.words(self.amounts, "amounts")
        return Phrase(f"{name}增加{words.zh}", f"{name} gets more {words.en}")


@attrs.frozen
class Transfer(Change):
    """Teachers or equipment go from one school to another."""

    does, does_zh = "transfer", "调配"
    out_of: str = key("the school that gives", "调出")
    to: str = key("the school that receives", "调入")
    amounts: Mapping[str, Decimal] = key("how much goes, by measure", "数量", validator=[filled, positive, _bounded])

    def apply(self, draft: Draft) -> Phrase:
        """Move the amounts."""
        (giver, out_of), (taker, to) = self._school(draft, "out_of"), self._school(draft, "to")
        for name, amount in self.amounts.items():
            measure = draft.measure(name, "amounts")
            draft.add(giver, measure, -amount, "amounts")
            draft.add(taker, measure, amount, "amounts")
        words = draft.words(self.amounts, "amounts")
        return Phrase(f"{out_of}调给{to}：{words.zh}", f"{out_of} gives {to} {words.en}")


@attrs.frozen
class MovePupils(Change):
    """Pupils change school: out of the largest classes of the one, into the smallest of the other."""

    does, does_zh = "move_pupils", "分流学生"
    out_of: str = key("the school they leave", "调出")
    to: str = key("the school they come to", "调入")
    stage: str = key("their stage", "学段")
    pupils: int = key("how many", "学生数", validator=[positive, _bounded])
    grade: str | None = key("their grade; left out, any", "年级", default=None)

    def apply(self, draft: Draft) -> Phrase:
        """Move the pupils."""
        stage = draft.stage(self.stage)
        (giver, out_of), (taker, to) = self._school(draft, "out_of"), self._school(draft, "to")
        draft.move_pupils(giver, stage, -self.pupils, "pupils", self.grade)
        draft.move_pupils(taker, stage, self.pupils, "pupils", self.grade)
        grade = Phrase(f"{self.grade}年级", f" of grade {self.grade}") if self.grade else NO_WORDS
        pupils = "1 pupil goes" if self.pupils == 1 else f"{self.pupils} pupils go"
        zh = f"{out_of}的{self.pupils}名{grade.zh}学生转到{to}"
        return Phrase(zh, f"{pupils} from {out_of}{grade.en} to {to}")


@attrs.frozen
class Resize(Change):
    """A school has another number of pupils; classes grow or shrink with it."""

    does, does_zh = "resize", "调整规模"
    school: str = key("the school", "学校")
    stage: str = key("the stage", "学段")
    pupils: int = key("how many pupils it has then", "学生数", validator=_bounded)

    def apply(self, draft: Draft) -> Phrase:
        """Let pupils come or leave until a number is reached."""
        (school, name), stage = self._school(draft), draft.stage(self.stage)
        held = draft.figure(school, draft.pupils(stage))
        if math.isnan(held):
            problem = Phrase(f"{name}没有填报在校生数", f"{name} did not report its pupils")
            raise Impossible("school", problem, Phrase("请先补填", "set them in the data"))
        draft.move_pupils(school, stage, self.pupils - int(held), "pupils")
        title = draft.standard.head.stage_titles[stage]
        return Phrase(f"{name}{title.zh}改为{self.pupils}人", f"{name} has {self.pupils} pupils ({title.en})")


@attrs.frozen
class Set(Change):
    """A school's figure is replaced, as when a gap is filled."""

    does, does_zh = "set", "填报"
    school: str = key("the school", "学校")
    values: Mapping[str, Decimal] = key("the figures, by measure", "数值", validator=[filled, _bounded])

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
    facts: Mapping[str, Value] = key("the facts", "内容", "事实", validator=filled)

    def apply(self, draft: Draft) -> Phrase:
        """Write the facts."""
        county, measures = draft.county(self.county), draft.standard.table_measures("facts")
        rows = [row for row in draft.tables["facts"] if row["county"] == county]
        if not rows:
            rows = [{"county": county}]
            draft.tables["facts"] += rows
        words: list[Phrase] = []
        known = {key: attrs.astuple(measure.title) for key, measure in measures.items()}
        for given, value in self.facts.items():
            name = named(given, known, Phrase("县级填报项", "fact"), f"facts.{given}")
            rows[0][name] = float(value) if isinstance(value, Decimal) else value
            answer = Phrase("是", "yes") if value else Phrase("否", "no")
            answer = answer if isinstance(value, bool) else Phrase.of(str(value))
            words.append(measures[name].title + Phrase("：", ": ") + answer)
        return joined(SEMICOLON, words)


@attrs.frozen
class Merge(Change):
    """Schools become one: pupils, classes, rooms and resources add up."""

    does, does_zh = "merge", "合并"
    schools: tuple[str, ...] = key("the schools that close", "学校", validator=[filled, different])
    into: str = key("the school that they become part of", "并入")
    type: str = key("the type of the school afterwards, where it changes", "类型", default="")
    leave: tuple[str, ...] = key("what does not come along, as the grounds of a closed campus", "不带走", default=())

    def apply(self, draft: Draft) -> Phrase:
        """Merge the schools."""
        target, into = self._school(draft, "into")
        numbers, left = list(draft.numbers()), [draft.measure(name, "leave") for name in self.leave]
        held = {measure.id: draft.figure(target, measure) for measure in numbers}
        rows = [draft.school(self.county, school, "schools") for school in self.schools]
        for row in rows:
            if row is target:
                problem = Phrase(f"{into}不能并入自己", f"{into} cannot merge into itself")
                raise Impossible("schools", problem, Phrase("请只写其他学校", "name the others only"))
            for measure in numbers:
                held[measure.id] += 0.0 if measure in left else draft.figure(row, measure)
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
    """A school closes; its pupils go to another school with their classes, its resources only where named."""

    does, does_zh = "close", "撤销"
    school: str = key("the school that closes", "学校")
    to: str = key("the school that takes its pupils; may be left out when it has none", "接收", default="")
    bring: tuple[str, ...] = key("the measures that come along, as teachers or equipment", "带走", default=())

    def apply(self, draft: Draft) -> Phrase:
        """Close the school."""
        row, name = self._school(draft)
        if campuses := draft.campuses(row):
            names = listed(map(name_of, campuses))
            problem = Phrase(f"{name}有校区：{names.zh}", f"{name} has campuses: {names.en}")
            raise Impossible("school", problem, Phrase("请先撤销或合并校区", "close or merge them first"))
        stages = tuple(draft.standard.head.scope.pupils)
        pupils = [draft.pupils(stage) for stage in stages]
        if not self.to:
            if any(draft.figure(row, measure) != 0 for measure in pupils):
                problem = Phrase(f"{name}有在校生", f"{name} has pupils")
                raise Impossible("to", problem, Phrase("请写明由哪所学校接收", "name the school that takes them"))
            draft.close(row, None, ())
            return Phrase(f"撤销{name}", f"{name} closes")
        target, to = self._school(draft, "to")
        counts = filter(None, map(draft.class_count, stages))
        for measure in (*pupils, *counts, *(draft.measure(name, "bring") for name in self.bring)):
            if (amount := draft.figure(row, measure)) != 0:
                draft.add(target, measure, amount, "bring")
        draft.close(row, target, ("classes",))
        return Phrase(f"撤销{name}，学生到{to}", f"{name} closes, its pupils go to {to}")


@attrs.frozen
class Open(Change):
    """A new school opens; its pupils come by `move_pupils`, or are given with the other amounts."""

    does, does_zh = "open", "新建"
    school: str = key("its id", "学校", validator=filled)
    type: str = key("its type", "类型", validator=filled)
    name: str = key("its name", "名称", default="")
    amounts: Mapping[str, Decimal] = key(
        "its pupils and resources, by measure; the rest is 0", "数量", factory=dict, validator=_bounded
    )

    def apply(self, draft: Draft) -> Phrase:
        """Add the school."""
        county = draft.county(self.county)
        kind = draft.choice("type", self.type, Phrase("学校类型", "type of school"), "type")
        if any(row["county"] == county and row["school"] == self.school for row in draft.tables["schools"]):
            problem = Phrase(f"已有学校“{self.school}”", f"there is a school {self.school!r} already")
            raise Impossible("school", problem, Phrase("请用另一个标识码", "give it another id"))
        row: RawRow = {"county": county, "school": self.school, "type": kind, "name": self.name}
        draft.tables["schools"].append(row)
        row |= {measure.column: 0.0 for measure in draft.numbers() if not draft.lacks(row, measure)}
        row |= {draft.measure(name, "amounts").column: float(amount) for name, amount in self.amounts.items()}
        return Phrase(f"新建{name_of(row)}", f"{name_of(row)} opens")


@attrs.frozen
class BuildRooms(Change):
    """A school gets rooms for one use, as music or art."""

    does, does_zh = "build_rooms", "建专用教室"
    school: str = key("the school", "学校")
    use: str = key("what for", "用途", validator=filled)
    area: Decimal = key("the area of each, in m²", "面积", validator=[positive, _bounded])
    rooms: int = key("how many", "间数", default=1, validator=[positive, _few])

    def apply(self, draft: Draft) -> Phrase:
        """Add the rooms."""
        school, name = self._school(draft)
        use = draft.choice("rooms.use", self.use, Phrase("用途", "use"), "use")
        row = {"county": school["county"], "school": school["school"], "use": use, "area": float(self.area)}
        draft.tables["rooms"] += [dict(row) for _ in range(self.rooms)]
        title = next(choice.title for choice in draft.standard.measures["rooms.use"].values if choice.id == use)
        rooms = "1 room" if self.rooms == 1 else f"{self.rooms} rooms"
        zh = f"{name}建{title.zh}专用教室{self.rooms}间，每间{self.area:f}平方米"
        return Phrase(zh, f"{name} builds {rooms} for {title.en} of {self.area:f} m² each")


@attrs.frozen
class DivideClasses(Change):
    """Every class of a school that is too large is divided into as few equal classes as the limit allows."""

    does, does_zh = "divide_classes", "分班"
    school: str = key("the school", "学校")

    def apply(self, draft: Draft) -> Phrase:
        """Divide the classes."""
        rule, (school, name) = draft.standard.rule_of(ClassSize), self._school(draft)
        for row in draft.of_school("classes", school) if rule else ():
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
    school: str = key("the school", "学校")
    stage: str = key("the stage", "学段")
    grade: str | None = key("the grade; left out, classes whose grade is not reported", "年级", default=None)
    open: int = key("how many classes are opened", "增设", default=0, validator=_few)

    def apply(self, draft: Draft) -> Phrase:
        """Open the classes and spread the pupils."""
        (school, name), stage = self._school(draft), draft.stage(self.stage)
        classes = [row for row in draft.of_school("classes", school, stage) if (row.get("grade") or None) == self.grade]
        grade = Phrase(f"{self.grade}年级", f" in grade {self.grade}") if self.grade else NO_WORDS
        if not classes or any(is_missing(row.get("pupils")) for row in classes):
            problem = Phrase(f"{name}{grade.zh}的班级没有全部填报", f"the classes of {name} are not all reported")
            raise Impossible("grade", problem, Phrase("请先补填班级表", "fill in the table of classes"))
        count = len(classes) + self.open
        sizes = evenly(int(sum(row["pupils"] for row in classes)), count)
        draft.open_classes(classes[-1], sizes[len(classes) :])
        for row, size in zip(classes, sizes, strict=False):
            row["pupils"] = size
        more = Phrase(f"增设{self.open}个班，", f"opens {self.open} class{'es' * (self.open > 1)} and ")
        more = more if self.open else NO_WORDS
        zh = f"{name}{grade.zh}{more.zh}按人数均衡编班"
        return Phrase(zh, f"{name} {more.en}spreads its pupils evenly over {count} classes{grade.en}")


_OF_SCHOOLS = (Add, Transfer, MovePupils, Resize, Set, Merge, Close, Open, BuildRooms, DivideClasses, ArrangeClasses)
CHANGE_KINDS: dict[str, type[Change]] = {kind.does: kind for kind in (*_OF_SCHOOLS, State)}
"""Every kind of change by what YAML calls it."""

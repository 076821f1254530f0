"""Changes to a county: what they are, how they are read, and how they are made."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, NewType, TypeVar, dataclass_transform

import attrs
import numpy as np

from balancedu.calculator.limits import exact
from balancedu.core.fields import Language, Stage, described, different, filled, positive
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

Row = dict[str, Any]
_WHICH_COUNTY = Phrase("有几个县", "no county None")
_SOURCE = object()
"""The key under which a row keeps the number of the submitted row that it was; no column is called so."""


class CannotChangeError(Exception):
    """A change that the county as it stands does not allow, with the way out."""

    def __init__(self, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(field, problem, hint)
        self.field, self.problem, self.hint = field, problem, hint


@attrs.frozen
class Draft:
    """The rows of all tables; a row is a mapping of column to value, NaN and empty text for not reported."""

    submission: Submission
    tables: dict[str, list[dict[Any, Any]]]

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

    def _origin(self, name: str, rows: list[dict[Any, Any]]) -> Origin:
        origin = self.submission.tables[name].origin
        if name == "facts":
            return origin
        sources = (row[_SOURCE] for row in rows if _SOURCE in row)
        return origin.of_rows([source for source in sources if source < len(origin.lines)])

    # Schools

    def county(self, county: str | None) -> str:
        """Return the county that a change means."""
        counties = self.submission.counties
        if county is None and len(counties) == 1:
            return counties[0]
        if county not in counties:
            problem = Phrase(f"没有县“{county}”", f"no county {county!r}") if county else _WHICH_COUNTY
            raise CannotChangeError(
                "county", problem, Phrase("请写明是哪个县：", "say which: one of ") + listed(counties[:5])
            )
        return county

    def school(self, county: str, school: str, field: str = "school") -> Row:
        """Return the row of a school."""
        rows = [row for row in self.tables["schools"] if row["county"] == county]
        for row in rows:
            if row["school"] == school:
                return row
        problem = Phrase(f"县“{county}”没有学校“{school}”", f"no school {school!r} in county {county!r}")
        problem += near(school, [str(row["school"]) for row in rows])
        raise CannotChangeError(field, problem, Phrase("请写学校标识码", "give a school's id"))

    def details(self, table: str, school: Row, stage: Stage | None = None) -> list[Row]:
        """Return the classes or rooms of a school."""
        return [
            row
            for row in self.tables[table]
            if row["county"] == school["county"]
            and row["school"] == school["school"]
            and (stage is None or row.get("stage") == stage)
        ]

    def stages(self, school: Row) -> tuple[Stage, ...] | None:
        """Return the stages that the type of a school may have; None for any."""
        kinds = {kind.id: kind for kind in self.standard.measures["type"].values}
        return kinds[school["type"]].stages

    def figure(self, school: Row, measure: Measure) -> float:
        """Return a figure of a school: 0 for a stage that its type lacks, NaN where it is not reported."""
        stages = self.stages(school)
        if measure.stage and stages is not None and measure.stage not in stages:
            return 0.0
        value = school.get(measure.column)
        return math.nan if value is None else float(value)

    def measure(self, name: str, field: str) -> Measure:
        """Return a number that schools report, by its id."""
        measures = self.standard.table_measures("schools")
        known = [one for one, measure in measures.items() if measure.type in ("count", "number")]
        if name not in known:
            problem = Phrase(f"学校不填报“{name}”这个数", f"schools report no number {name!r}") + near(name, known)
            raise CannotChangeError(f"{field}.{name}", problem)
        return measures[name]

    def add(self, school: Row, measure: Measure, amount: float | Fraction, field: str) -> None:
        """Add to a figure of a school; what is not reported stays so."""
        held = self.figure(school, measure)
        if math.isnan(held) or (isinstance(amount, float) and math.isnan(amount)):
            school[measure.column] = math.nan
            return
        total = exact(held) + (amount if isinstance(amount, Fraction) else exact(amount))
        if total < 0:
            name, less = school["school"], -float(amount)
            problem = Phrase(
                f"{name}的{measure.title.zh}为{held:.12g}，不能减少{less:.12g}",
                f"{name} has {held:.12g} of {measure.id}, {less:.12g} cannot leave",
            )
            hint = Phrase("减少的数不能超过现有的数", "take away at most what is there")
            raise CannotChangeError(f"{field}.{measure.id}", problem, hint)
        school[measure.column] = float(total)

    def numbers(self) -> Iterator[Measure]:
        """Yield every number that schools report and that can be added up."""
        return (one for one in self.standard.table_measures("schools").values() if is_added(one))

    def campuses(self, school: Row) -> list[Row]:
        """Return the campuses that count with a school."""
        here = [row for row in self.tables["schools"] if row["county"] == school["county"]]
        return [row for row in here if row.get(PARENT) == school["school"]]

    # Pupils and classes

    @property
    def class_counts(self) -> Mapping[Stage, str]:
        """The measure that counts the classes of each stage, where a rule looks at classes."""
        rule = self.class_rule
        return rule.classes if rule else {}

    @property
    def class_rule(self) -> ClassSize | None:
        """The rule about the size of classes, where there is one."""
        rules = (rule for item in self.standard.items.values() for rule in item.rules)
        return next((rule for rule in rules if isinstance(rule, ClassSize)), None)

    def pupils(self, stage: Stage) -> Measure:
        """Return the measure that counts the pupils of a stage."""
        return self.standard.measures[self.standard.head.scope.pupils[stage]]

    def move_pupils(self, school: Row, stage: Stage, number: int, field: str) -> None:
        """Let pupils come (or leave, with a minus): out of the largest classes, into the smallest."""
        self.add(school, self.pupils(stage), Fraction(number), field)
        classes = [row for row in self.details("classes", school, stage) if _known(row.get("pupils"))]
        sizes = np.array([row["pupils"] for row in classes], dtype=np.float64)
        for _ in range(abs(number) if classes else 0):
            if number < 0 and not sizes.max() > 0:
                break
            sizes[sizes.argmin() if number > 0 else sizes.argmax()] += 1 if number > 0 else -1
        for row, size in zip(classes, sizes.tolist(), strict=True):
            row["pupils"] = size


def _known(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


Value = NewType("Value", object)
"""Any plain value: a number, true or false, or a text."""


KINDS: dict[str, type[Change]] = {}
"""Every kind of change by the word that YAML calls it."""


_Kind = TypeVar("_Kind", bound="type[Change]")


@attrs.frozen
class Change(abc.ABC):
    """Base of all changes."""

    does: ClassVar[str] = ""
    county: str | None = described("the county; may be left out when there is one", default=None, kw_only=True)

    @abc.abstractmethod
    def apply(self, draft: Draft) -> None:
        """Make the change."""

    @abc.abstractmethod
    def said(self, lang: Language) -> str:
        """Return the change in words."""


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, described))
def kind(name: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of change that data may name."""

    def register(cls: _Kind) -> _Kind:
        cls.does = name
        made = attrs.frozen(cls)
        KINDS[name] = made
        return made

    return register


def listed_amounts(amounts: Mapping[str, Any], lang: Language) -> str:
    """Return amounts by measure in one line."""
    separator = "、" if lang == "zh" else ", "
    return separator.join(f"{name} {amount:f}" for name, amount in amounts.items())


Changes = str | PathLike[str] | Sequence[Mapping[str, Any] | Change]
"""A YAML file, or a list of changes as mappings or objects."""


@attrs.frozen
class Placed:
    """A change and where it stands."""

    change: Change
    place: str


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


def read_changes(changes: Changes) -> list[Placed]:
    """Return the changes in their order.

    Raises
    ------
    DataErrors
        With every change that cannot be understood.
    FileNotFoundError
        If there is no such file.
    """
    problems = Problems()
    structurer = _Structurer(problems)
    if isinstance(changes, str | PathLike):
        path = Path(changes)
        root, errors = read(path.read_bytes(), path.name)
        problems.found.extend(errors)
        found = root.value if root else ()
        if root and not isinstance(found, tuple):
            problem = Phrase("文件应为改动的列表", "the file must hold a list of changes")
            structurer.note(root, "", problem, Phrase("每项以 `- do: add` 开头", "begin each with `- do: add`"))
        nodes: Sequence[Any] = found if isinstance(found, tuple) else ()
    else:
        nodes = [one if isinstance(one, Change) else _node(one, n) for n, one in enumerate(changes, 1)]
    placed = []
    with suppress(TooManyError):
        for n, node in enumerate(nodes, 1):
            change = node if isinstance(node, Change) else structurer.build(Change, node)
            placed.append(Placed(change, node.place if isinstance(node, _Given) else _place(node, n)))
    if problems.found:
        raise DataErrors(DataError.of(one, "changes") for one in problems.found)
    return placed


class _Structurer(Structurer):
    """Builds changes: a mapping whose `do` names the kind."""

    def _way(self, wanted: Any) -> Any:
        if wanted is Value:
            return self._value
        return self._change if wanted is Change else super()._way(wanted)

    def _value(self, _wanted: Any, node: Node, path: str) -> Any:
        if isinstance(node.value, Mapping | tuple):
            self.note(node, path, Phrase("应为一个值，现为几个", "must be one value, found several"))
            return None
        return node.value

    def _change(self, _wanted: Any, node: Node, path: str) -> Any:
        known = KNOWN + listed(KINDS)
        if not isinstance(node.value, Mapping) or "do" not in node.value:
            problem = Phrase("缺少“do”，即改动的种类", "needs the key 'do', which names the change")
            return self.note(node, path, problem, known)
        kind = node.value["do"]
        if kind.text not in KINDS:
            problem = Phrase(f"没有叫“{kind.text}”的改动", f"no change is called {kind.text!r}")
            return self.note(kind, "do", problem + near(kind.text, KINDS), known)
        rest = {key: value for key, value in node.value.items() if key != "do"}
        return self._object(KINDS[kind.text], attrs.evolve(node, value=rest), path)


@attrs.frozen
class _Given(Node):
    """A node of plain Python data, which has no line."""

    place: str = ""


def _node(value: Any, number: int) -> Node:
    """Return plain Python data as a node."""
    file = f"change {number}"
    inner: Any = value
    text = ""
    if isinstance(value, Mapping):
        inner = {str(key): _node(one, number) for key, one in value.items() if one is not None}
    elif isinstance(value, list | tuple):
        inner = tuple(_node(one, number) for one in value)
    elif isinstance(value, bool | str | int):
        text = str(value).lower() if isinstance(value, bool) else str(value)
    else:
        inner = Decimal(repr(float(value)))
        text = str(inner)
    return _Given(inner, file, 0, text, place=file)


def _place(node: Any, number: int) -> str:
    return f"{node.file}:{node.line}" if isinstance(node, Node) else f"change {number}"

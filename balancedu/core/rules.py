"""The kinds of rule: one frozen attrs class each, whose fields are the fields of the YAML."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar, cast, dataclass_transform

import attrs

from balancedu.calculator.limits import Relation
from balancedu.core.fields import (
    Asked,
    Consistent,
    Impossible,
    MeasureId,
    SchoolType,
    Source,
    Stage,
    Term,
    Title,
    a_name,
    a_share,
    described,
    different,
    filled,
    must_be,
    named_measures,
    positive,
    twice,
)
from balancedu.core.model import ByStage, Condition, Declarations, Measure, Threshold
from balancedu.core.words import (
    AT_MOST,
    CLAUSE,
    COLON,
    COMMA,
    RELATIONS,
    SEMICOLON,
    Words,
    bracketed,
    joined,
    number,
    percent,
    unit_after,
    value_words,
)
from balancedu.text import NO_WORDS, Phrase


@attrs.frozen
class Share:
    """A share that a rule compares, as two sums of reported amounts."""

    part: tuple[Term, ...]
    whole: tuple[Term, ...]
    limit: Threshold


Remedy = Literal["amount", "statement", "sections", "spread", "pupils", "classes", "rooms"]
"""An amount; a yes/no fact; what sections lack, or how their values differ; the pupils of schools; classes or rooms."""


@attrs.frozen
class Rule:
    """Base of all kinds of rule: what a class declares in addition to its fields, which are the fields of the YAML.

    A kind of rule is a class with the decorator `rule` and a function that judges it
    (`balancedu.judging.rules.judge`). Everything here has a default that is right for most kinds.
    """

    # Written out, so that type checkers see that kinds of rule may have fields without a default.
    when: Condition | None = attrs.field(
        default=None,
        kw_only=True,
        metadata={"doc": "which schools, or for a rule about the county which counties, it applies to", "asks": None},
    )

    reads: ClassVar[Mapping[str, str]] = {}
    """The measures that its judging function reads by their names, each with its type."""
    school_fields: ClassVar[tuple[str, ...]] = ()
    """The fields and properties that state which schools, and which of their figures, it checks one by one; none for a
    rule about the county. Relief may replace a rule for some schools where these are the same."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that its fields name, each once; those of its condition last."""
        return tuple(dict.fromkeys(named_measures(self)))

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:  # noqa: ARG002
        """Yield what does not fit the rest of the standard."""
        return iter(())

    # What distances, words and explanations need

    remedy: ClassVar[Remedy] = "amount"
    """What has to change if it is not met."""
    problem: ClassVar[Phrase] = Phrase("{}未达到要求", "{} not as required")
    """What is wrong if it is not met, {} being the title of what it checks."""
    correction: ClassVar[Phrase] = NO_WORDS
    """What to do then, without figures; default: add or remove an amount."""
    forbids: ClassVar[bool] = False
    """Whether it requires that something is not the case."""

    def share_of(self, measures: Mapping[str, Measure]) -> Share | None:  # noqa: ARG002
        """Return the share that is compared, so that shortfalls are given in units of its part; None for no share.

        Parameters
        ----------
        measures : mapping of id to Measure
            All measures of the standard. The part and the whole are facts of the county, or, in a rule about every
            school, figures of the school.
        """
        return None

    def formula(self, words: Words) -> Phrase | None:  # noqa: ARG002
        """Return the formula of the figure, or of the required figure; None if it is not computed."""
        return None

    def multiple(self, words: Words) -> Phrase | None:  # noqa: ARG002
        """Return the figure to which a factor is applied, in words; None if no factor is declared."""
        return None

    def figure_from(self, figures: Mapping[str, float]) -> str:  # noqa: ARG002
        """Return the numbers that the figure follows from, as `400 + 60`; empty if it is reported or a share.

        Parameters
        ----------
        figures : mapping of column to number
            The reported figures of everything that the judging function names as needed; NaN if not reported.
        """
        return ""

    def required_from(self, figures: Mapping[str, float], pupils: Mapping[Stage, float]) -> Phrase:  # noqa: ARG002
        """Return the computation of the requirement, as `27 ÷ 12, rounded up to`; empty if the rule sets it.

        Parameters
        ----------
        figures : mapping of column to number
            As in `figure_from`; every figure that is needed is known.
        pupils : mapping of stage to number
            The pupils of the school.
        """
        return NO_WORDS

    def requirement(self, words: Words) -> Phrase:  # noqa: ARG002
        """Return what the rule requires, as a sentence without a full stop; by default, its fields as written."""
        name = next(name for name, kind in RULES.items() if type(self) is kind)
        fields = attrs.asdict(self, recurse=False).items()
        values = (
            Phrase.of(f"{key} ") + value_words(value)
            for key, value in fields
            if key not in ("quantity", "unit", "when")
        )
        return Phrase.of(f"{name}: ") + joined(Phrase.of("; "), values)

    def sentence(self, words: Words) -> Phrase:
        """Return what the rule requires, and of which schools or counties."""
        types = getattr(self, "types", None)
        schools = Phrase("；学校类型：", "; in ") + words.types(types) if isinstance(types, tuple) else NO_WORDS
        return self.requirement(words) + schools + (bracketed(words.condition(self.when)) if self.when else NO_WORDS)


def misplaced_condition(rule: Rule, declarations: Declarations) -> Iterator[Impossible]:
    """Yield measures of schools in the condition of a rule about the county."""
    if rule.when is None or rule.school_fields:
        return
    for name in rule.when.measures:
        if name in declarations.measures and declarations.measures[name].table != "facts":
            problem = Phrase(
                f"{name} 是学校的数据，而这种规则判定全县",
                f"{name} is a figure of schools, and this rule is about the county",
            )
            hint = Phrase("请用表 facts 中的填报项", "use a measure of the table facts")
            yield Impossible("when", problem, hint)


class Bounded(Consistent):
    """What has a limit that is the least or the most, in the fields `at_least` and `at_most`."""

    __slots__ = ()

    ONE_OF = ("at_least", "at_most")
    at_least: Decimal | None
    at_most: Decimal | None

    @property
    def threshold(self) -> Threshold:
        """The limit."""
        if self.at_least is not None:
            return Threshold(">=", self.at_least)
        return Threshold("<=", cast("Decimal", self.at_most))

    @property
    def relation(self) -> Relation:
        """How a figure and the limit are compared."""
        return self.threshold.relation

    def limit(self, written: Callable[[Decimal], Phrase]) -> Phrase:
        """Return the limit in words, its number written in some way."""
        return RELATIONS[self.relation] + written(self.threshold.value)


def lower_limit(validator: Any) -> Any:
    """Return the field of a lower limit."""
    return described("the least; this or at_most", default=None, validator=validator)


def upper_limit(validator: Any) -> Any:
    """Return the field of an upper limit."""
    return described("the most; this or at_least", default=None, validator=validator)


RULES: dict[str, type[Rule]] = {}
"""Every kind of rule by the name that YAML calls it."""
_Kind = TypeVar("_Kind", bound=type[Rule])


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, described))
def rule(name: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of rule that YAML may name.

    Raises
    ------
    ValueError
        If another class has the name: no package changes what an existing kind of rule means.
    """

    def register(cls: _Kind) -> _Kind:
        kind = attrs.frozen(cls)
        known = RULES.get(name, kind)
        if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
            problem = f"the rule {name!r} is {known.__module__}.{known.__qualname__} already"
            raise ValueError(problem)
        RULES[name] = kind
        return kind

    return register


_FACT = Asked.of("facts", "count", "number")


@rule("stated")
class Stated(Rule):
    """The county states each of these facts, and they are as expected."""

    remedy = "statement"

    facts: tuple[MeasureId, ...] = described(
        "yes/no facts", asks=Asked.of("facts", "yes_no"), validator=[filled, different]
    )
    expected: bool = described("the answer that meets the requirement", default=True)

    @property
    def forbids(self) -> bool:  # type: ignore[override]
        """Whether the facts must not be the case."""
        return not self.expected

    @property
    def problem(self) -> Phrase:  # type: ignore[override]
        """What is wrong if it is not met."""
        return Phrase("尚未做到{}", "not the case: {}") if self.expected else Phrase("存在{}", "it is the case: {}")

    @property
    def correction(self) -> Phrase:  # type: ignore[override]
        """What to do then."""
        return (
            Phrase("落实{}", "see to it: {}")
            if self.expected
            else Phrase("立即纠正{}，举一反三", "put an end to it: {}")
        )

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        facts = joined(COMMA, map(words.title, self.facts))
        if self.expected:
            return Phrase("如实填报为“是”：", "stated to be the case: ") + facts
        return Phrase("如实填报为“否”：", "stated not to be the case: ") + facts


@rule("share_within")
class ShareWithin(Bounded, Rule):
    """A share, reported by its counts or directly, is within the limit."""

    share: MeasureId = described("the share", asks=Asked.of("facts", "share"))
    at_least: Decimal | None = lower_limit(a_share)
    at_most: Decimal | None = upper_limit(a_share)
    if_whole_is_zero: Literal["unknown", "not_applicable"] = described(
        "the verdict when the whole is zero", default="unknown"
    )
    if_not_reported: Literal["unknown", "not_applicable"] = described(
        "the verdict when neither the share nor any of its counts is reported", default="unknown"
    )

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        clauses = [words.title(self.share) + self.limit(percent)]
        if self.if_whole_is_zero == "not_applicable":
            clauses.append(Phrase("无人涉及时不适用", "not applicable where no one is concerned"))
        if self.if_not_reported == "not_applicable":
            clauses.append(Phrase("数据缺报时不适用", "not applicable where not reported"))
        return joined(CLAUSE, clauses)

    def share_of(self, measures: Mapping[str, Measure]) -> Share | None:
        """Return the share by its counts, where the measure has them."""
        counts = measures[self.share].quotient
        return Share(counts.part, counts.whole, self.threshold) if counts else None

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield a limit that is out of reach."""
        return declarations.within_reach(self.threshold, self.share)


@rule("fact_within")
class FactWithin(Bounded, Rule):
    """A number that the county reports is within the limit."""

    fact: MeasureId = described("the number", asks=_FACT)
    at_least: Decimal | None = lower_limit(positive)
    at_most: Decimal | None = upper_limit(positive)

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        return words.title(self.fact) + self.limit(number) + words.unit(self.fact)

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield a limit that is out of reach."""
        return declarations.within_reach(self.threshold, self.fact)


@rule("fact_compared")
class FactCompared(Consistent, Rule):
    """A number that the county reports is not below, or not above, another number or a multiple of it."""

    ONE_OF = ("not_below", "not_above")

    fact: MeasureId = described("the number", asks=_FACT)
    not_below: MeasureId | None = described("the number that it must reach; this or the next", asks=_FACT, default=None)
    not_above: MeasureId | None = described("the number that it must not exceed", asks=_FACT, default=None)
    times: Decimal = described("the factor of the other number", default=Decimal(1), validator=positive)

    def _impossible(self) -> Iterator[Impossible]:
        yield from super()._impossible()
        if self.fact == self.other:
            problem = Phrase(f"{self.fact} 不能与自身比较", f"{self.fact} is compared with itself")
            yield Impossible("not_below" if self.not_below else "not_above", problem)

    @property
    def other(self) -> MeasureId:
        """The number that it is compared with."""
        return self.not_below or cast("MeasureId", self.not_above)

    def multiple(self, words: Words) -> Phrase | None:
        """Return the other figure times the factor; an upper limit as pupils to teachers is also written as 1 : 15."""
        limit, factor = words.title(self.other), number(self.times)
        if self.times == 1:
            return None
        limit = Phrase(f"{limit.zh}的{factor.zh}倍", f"{factor.en} × {limit.en}")
        return limit + bracketed(Phrase.of("1 : ") + factor) if self.not_above and self.times > 1 else limit

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        relation = Phrase("不低于", " not below ") if self.not_below else Phrase("不高于", " not above ")
        return words.title(self.fact) + relation + (self.multiple(words) or words.title(self.other))


@rule("passed_for_years")
class PassedForYears(Rule):
    """Something was passed a number of years before the date of the standard, or the county attests it.

    The day decides where it is reported and the standard was loaded for a day; otherwise what the county attests.
    """

    passed_on: MeasureId = described("the day on which it was passed", asks=Asked.of("facts", "day"))
    attested: MeasureId = described("whether it was that many years ago", asks=Asked.of("facts", "yes_no"))
    years: int = described("how many years it must be, the anniversary included", validator=positive)

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        day, attested = words.title(self.passed_on), words.title(self.attested)
        return Phrase(
            f"{day.zh}至判定之日满{self.years}年；数据缺报或未指明判定之日的，看“{attested.zh}”",
            f"{day.en} lies {self.years} years before the day of judging; where either is not known, {attested.en}",
        )


@rule("monitored_subjects")
class MonitoredSubjects(Rule):
    """Every subject monitored reaches the level, and its difference between schools is below the limit."""

    level: MeasureId = described(
        "the level reached, a choice in ascending order", asks=Asked.of("monitoring", "choice")
    )
    level_at_least: str = described("the level that must be reached, by its id")
    rate: MeasureId = described(
        "the rate of difference between schools", asks=Asked.of("monitoring", "share", "number")
    )
    rate_below: Decimal = described("the limit, itself too high", validator=a_share)

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        title, level = words.title(self.level), words.choice(self.level, self.level_at_least)
        rate, limit = words.title(self.rate), number(self.rate_below).en
        return Phrase(
            f"每门监测学科{title.zh}达到{level.zh}以上，{rate.zh}低于{limit}",
            f"every subject monitored: {level.en} or better; {rate.en} below {limit}",
        )

    @property
    def threshold(self) -> Threshold:
        """The limit of the rate."""
        return Threshold("<", self.rate_below)

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield a level that does not exist, and a limit that is out of reach."""
        yield from declarations.listed("level_at_least", self.level_at_least, self.level)
        yield from declarations.within_reach(self.threshold, self.rate, "rate_below")


_OF_SCHOOL = Asked.of("schools", "count", "number")
_CLASSES = Asked.of("schools", "count")
_ROOM_COLUMNS = {"rooms.school": "text", "rooms.use": "choice", "rooms.area": "number"}
_CLASS_COLUMNS = {"classes.school": "text", "classes.stage": "choice", "classes.pupils": "count"}


@rule("rooms_for_classes")
class RoomsForClasses(Rule):
    """A school has one room of each use for a number of classes or part of it, each room large enough to count."""

    school_fields = ("uses", "classes", "classes_per_room")
    reads = _ROOM_COLUMNS
    remedy = "rooms"

    classes: Mapping[Stage, MeasureId] = described(
        "the number of classes of each stage", asks=_CLASSES, validator=filled
    )
    classes_per_room: int = described("for how many classes one room is enough", validator=positive)
    area_at_least: Mapping[str, Decimal] = described(
        "for each use of a room, the area from which it counts, as `rooms.area`", validator=[filled, positive]
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    @property
    def uses(self) -> frozenset[str]:
        """The uses of rooms that are counted."""
        return frozenset(self.area_at_least)

    def formula(self, words: Words) -> Phrase:
        """Return how many rooms are required, and from which area they count."""
        rooms = ((words.choice("rooms.use", use), area) for use, area in self.area_at_least.items())
        per = self.classes_per_room
        start = Phrase(f"班数 ÷ {per}，有余数时进位；只计", f"classes ÷ {per}, rounded up; ")
        areas = (Phrase(f"{use.zh}教室面积不小于{area}平方米", f"{use.en} from {area} m²") for use, area in rooms)
        return start + joined(COMMA, areas)

    def required_from(self, figures: Mapping[str, float], pupils: Mapping[Stage, float]) -> Phrase:  # noqa: ARG002
        """Return the classes of the school, divided by those that share a room."""
        counts = [count for column in self.classes.values() if not math.isnan(count := figures.get(column, math.nan))]
        quotient = f"{sum(counts):g} ÷ {self.classes_per_room}"
        return Phrase(f"{quotient}，进位为", f"{quotient}, rounded up to ") if counts else NO_WORDS

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        areas = {words.choice("rooms.use", use): number(area).en for use, area in self.area_at_least.items()}
        unit, per = words.measures["rooms.area"].unit or NO_WORDS, self.classes_per_room
        rooms = joined(
            COMMA,
            (Phrase(f"{use.zh}教室不小于{area}{unit.zh}", f"{use.en} {area} {unit.en}") for use, area in areas.items()),
        )
        return Phrase(
            f"每{per}个班（不足的按{per}个班计）每种专用教室各1间，{rooms.zh}的才计入",
            f"one room of each use for every {per} classes begun; rooms count from {rooms.en}",
        )

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield uses that no room can have."""
        for use in self.area_at_least:
            yield from declarations.listed(f"area_at_least.{use}", use, "rooms.use")


@attrs.frozen
class SizeLimit:
    """The largest size of some types of school."""

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    at_most: int = described("the most pupils", validator=positive)
    when: Condition | None = described("the condition on schools of these types; default: all of them", default=None)


class LimitsByType(Consistent):
    """What has limits for types of school: of those of a type, the first that fits a school is its limit."""

    __slots__ = ()

    limits: tuple[Any, ...]

    @property
    def types(self) -> frozenset[SchoolType]:
        """Every type of school that has a limit."""
        return frozenset(name for limit in self.limits for name in limit.types)

    def _impossible(self) -> Iterator[Impossible]:
        """Yield limits that no school can have, and types of school of which some would have none."""
        always: set[SchoolType] = set()
        last: dict[SchoolType, int] = {}
        for n, limit in enumerate(self.limits):
            for name in limit.types:
                if name in always:
                    yield Impossible(f"limits[{n}].types", Phrase(f"{name} 已有限值", f"{name} has a limit already"))
                last[name] = n
            always.update(() if limit.when else limit.types)
        for name in [name for name in last if name not in always]:
            problem = Phrase(
                f"{name} 的最后一项限值还有条件，不符合条件的学校就没有限值",
                f"the last limit of {name} has a condition: schools that do not meet it would have none",
            )
            hint = Phrase("请再写一项不带 when 的", "add one without 'when' after it")
            yield Impossible(f"limits[{last[name]}].when", problem, hint)


@rule("school_size")
class SchoolSize(LimitsByType, Rule):
    """No school has more pupils in the judged stages than its type allows."""

    school_fields = ("types",)

    remedy = "pupils"
    problem = Phrase("大校额", "school too large")
    correction = Phrase("严格控制招生计划，合理划分学区，逐步分流学生", "limit admissions and divide the district")

    limits: tuple[SizeLimit, ...] = described(
        "the limits of each type of school: the first that fits a school is its limit, and the last of a type has no "
        "condition",
        validator=filled,
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")

    def figure_from(self, figures: Mapping[str, float]) -> str:
        """Return the pupils of each stage."""
        return " + ".join(f"{number:g}" for number in figures.values()) if len(figures) > 1 else ""

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        limits = (
            _limit_words(words, limit, Threshold("<=", Decimal(limit.at_most)), self.unit) for limit in self.limits
        )
        return joined(SEMICOLON, limits)


@attrs.frozen
class AmountLimit(Bounded):
    """The least or the largest amount of some types of school."""

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    at_least: Decimal | None = lower_limit(positive)
    at_most: Decimal | None = upper_limit(positive)
    when: Condition | None = described("the condition on schools of these types; default: all of them", default=None)


@rule("school_amount_within")
class SchoolAmountWithin(LimitsByType, Rule):
    """The amount of something in every school is within the limit of its type and condition."""

    school_fields = ("types", "amount", "relation")

    amount: tuple[Term, ...] = described(
        "the amount; a minus before an id takes it away",
        asks=Asked.of("schools", "count", "number"),
        validator=[filled, different],
    )
    limits: tuple[AmountLimit, ...] = described(
        "the limits of each type of school, all of them at_least or all of them at_most: the first that fits a school "
        "is its limit, and the last of a type has no condition",
        validator=filled,
    )
    quantity: Title = described("what is compared")
    unit: Title = described("its unit")

    def _impossible(self) -> Iterator[Impossible]:
        yield from super()._impossible()
        for n, limit in enumerate(self.limits):
            if limit.relation != self.relation:
                problem = Phrase(
                    "各项限值应同为 at_least 或同为 at_most", "the limits must be all at_least or all at_most"
                )
                yield Impossible(f"limits[{n}]", problem, Phrase("请写成两条规则", "write two rules"))

    @property
    def relation(self) -> Relation:
        """How an amount and its limit are compared."""
        return self.limits[0].relation

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        limits = (_limit_words(words, limit, limit.threshold, self.unit) for limit in self.limits)
        return self.quantity + COLON + joined(SEMICOLON, limits)


def _limit_words(words: Words, limit: SizeLimit | AmountLimit, bound: Threshold, unit: Title) -> Phrase:
    condition = bracketed(words.condition(limit.when)) if limit.when else NO_WORDS
    return words.types(limit.types) + RELATIONS[bound.relation] + number(bound.value) + unit_after(unit) + condition


@rule("class_size")
class ClassSize(Consistent, Rule):
    """No class has more pupils than its stage allows; every class is considered, never an average."""

    school_fields = ("types", "classes")

    remedy = "classes"
    reads = _CLASS_COLUMNS
    problem = Phrase("大班额", "class too large")
    correction = Phrase("在同年级内均衡编班，必要时增设教学班", "even out the classes of the grade or open one")

    at_most: Mapping[Stage, int] = described("the most pupils of a class, by stage", validator=positive)
    types: tuple[SchoolType, ...] = described("types of school whose classes are judged", validator=[filled, different])
    classes: Mapping[Stage, MeasureId] = described(
        "the number of classes of each stage", asks=_CLASSES, validator=filled
    )
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")
    entry_grade: MeasureId | None = described(
        "whether a class is of the entry grade of its school, if other grades have other limits, or none",
        asks=Asked.of("classes", "yes_no"),
        default=None,
    )
    at_most_later: Mapping[Stage, int] = described(
        "the most pupils of a class that is not of the entry grade, with entry_grade; default: no limit",
        factory=dict,
        validator=positive,
    )

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        unit, limits = unit_after(self.unit), Phrase("每个班", "every class: ")
        if self.entry_grade:
            limits = Phrase("起始年级每个班", "every class of the entry grade: ")
        limits += words.by_stage(self.at_most, AT_MOST, unit)
        if self.at_most_later:
            later = words.by_stage(self.at_most_later, AT_MOST, unit)
            limits += Phrase("；其他年级每个班", "; of other grades: ") + later
        return limits

    def _impossible(self) -> Iterator[Impossible]:
        if self.at_most_later and self.entry_grade is None:
            problem = Phrase("须与 entry_grade 同时写", "needs entry_grade, which is missing")
            yield Impossible("at_most_later", problem)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of classes that decide: the pupils, and the entry grade where it matters."""
        return ("pupils", self.entry_grade.rpartition(".")[2]) if self.entry_grade else ("pupils",)

    def limit(self, stage: Stage, is_entry: bool | None) -> int | None:
        """Return the most pupils of a class; the lower limit if it is not known whether it is of the entry grade."""
        limits = [limit[stage] for limit in self._limits(is_entry) if stage in limit]
        return min(limits, default=None)

    def _limits(self, is_entry: bool | None) -> Iterator[Mapping[Stage, int]]:
        if is_entry is not False or self.entry_grade is None:
            yield self.at_most
        if is_entry is not True:
            yield self.at_most_later

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield a list of stages that is not that of the judged ones."""
        return declarations.stages_in_order("classes.stage")


@rule("small_school_funds")
class SmallSchoolFunds(Rule):
    """A school with few pupils is funded as if it had a set number of them."""

    school_fields = ("types", "funds")

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    below: int = described("schools with fewer pupils are concerned", validator=positive)
    funded_as: int = described("the number of pupils that they are funded for", validator=positive)
    funds: MeasureId = described("the school's funds", asks=_OF_SCHOOL)
    per_pupil: Mapping[Stage, MeasureId] = described(
        "the county's standard per pupil, by stage; mixed schools get the mean weighted by their pupils",
        asks=_FACT,
    )

    def formula(self, words: Words) -> Phrase:  # noqa: ARG002
        """Return the required amount."""
        return Phrase(
            f"{self.funded_as}人 × 生均公用经费基准定额（多个学段的按人数加权）",
            f"{self.funded_as} pupils × the county's standard per pupil (several stages: the mean weighted by pupils)",
        )

    def required_from(self, figures: Mapping[str, float], pupils: Mapping[Stage, float]) -> Phrase:
        """Return the pupils that the school is funded for, times the standard of each of its stages."""
        taught = {stage: count for stage, count in pupils.items() if count}
        if len(taught) == 1:
            return Phrase.of(f"{self.funded_as} × {figures[self.per_pupil[next(iter(taught))]]:g} = ")
        terms = " + ".join(f"{figures[self.per_pupil[stage]]:g} × {count:g}" for stage, count in taught.items())
        return Phrase.of(f"{self.funded_as} × ({terms}) ÷ {sum(taught.values()):g} = ")

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        funds, below, pupils = words.title(self.funds), self.below, self.funded_as
        return Phrase(
            f"不足{below}名学生的学校按{pupils}名学生核定{funds.zh}",
            f"schools below {below} pupils have the {funds.en} of {pupils} pupils",
        )


@rule("school_share_within")
class SchoolShareWithin(Bounded, Rule):
    """In every school, the share of a part in an amount is within the limit."""

    school_fields = ("types", "part", "whole", "relation")

    types: tuple[SchoolType, ...] = described("types of school", validator=[filled, different])
    part: MeasureId = described("the part", asks=_OF_SCHOOL)
    whole: MeasureId = described("the amount that it is a part of", asks=_OF_SCHOOL)
    quantity: Title = described("what is compared")
    at_least: Decimal | None = lower_limit(a_share)
    at_most: Decimal | None = upper_limit(a_share)

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        whole, share = words.title(self.whole), percent(self.threshold.value).en
        part = Phrase("每所学校", "in every school ") + words.title(self.part) + RELATIONS[self.relation]
        return part + Phrase(f"{whole.zh}的{share}", f"{share} of {whole.en}")

    def share_of(self, measures: Mapping[str, Measure]) -> Share:  # noqa: ARG002
        """Return the share."""
        return Share((Term(self.part),), (Term(self.whole),), self.threshold)


@rule("share_of_schools")
class ShareOfSchools(Bounded, Rule):
    """The share of the schools, or of what they report, that meets a condition is within the limit."""

    types: tuple[SchoolType, ...] = described("types of school that are counted", validator=[filled, different])
    meeting: Condition = described("the condition of the schools in the share")
    quantity: Title = described("what the share is")
    at_least: Decimal | None = lower_limit(a_share)
    at_most: Decimal | None = upper_limit(a_share)
    of: MeasureId | None = described(
        "what is added up, such as pupils; default: the schools are counted", asks=_OF_SCHOOL, default=None
    )

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        condition, what = words.condition(self.meeting), words.title(self.of) if self.of else Phrase("学校", "schools")
        share = Phrase(f"{condition.zh}的{what.zh}占比", f"share of {what.en} with {condition.en}")
        return share + self.limit(percent)


@rule("share_of_classes")
class ShareOfClasses(Rule):
    """The share of the classes that are not larger than their stage allows reaches the limit."""

    reads = _CLASS_COLUMNS

    types: tuple[SchoolType, ...] = described(
        "types of school whose classes are counted", validator=[filled, different]
    )
    at_most: Mapping[Stage, int] = described("the most pupils of a class, by stage", validator=[filled, positive])
    classes: Mapping[Stage, MeasureId] = described(
        "the number of classes of each stage", asks=_CLASSES, validator=filled
    )
    at_least: Decimal = described("the least share of the classes", validator=a_share)
    quantity: Title = described("what the share is")

    @property
    def threshold(self) -> Threshold:
        """The share."""
        return Threshold(">=", self.at_least)

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        share = percent(self.at_least).en
        classes = Phrase(f"至少{share}的班级学生数：", f"at least {share} of the classes have pupils: ")
        return classes + words.by_stage(self.at_most, AT_MOST)


@rule("sections_comply")
class SectionsComply(Rule):
    """Every section reaches the standard in a number of indicators and the floor in all others."""

    remedy = "sections"

    at_standard: int = described("in how many indicators a section must reach the standard", validator=positive)
    quantity: Title = described("what is counted")
    unit: Title = described("its unit")
    floor_share: Decimal | None = described(
        "the share of the standard that the others must reach; default: no floor",
        default=None,
        validator=a_share,
    )

    def requirement(self, words: Words) -> Phrase:  # noqa: ARG002
        """Return what the rule requires."""
        zh, en = f"每所学校至少{self.at_standard}项指标达到标准", "every section reaches the standard in at least"
        reached = Phrase(zh, f"{en} {self.at_standard} indicators")
        if self.floor_share is None:
            return reached
        share = percent(self.floor_share).en
        return reached + Phrase(f"，其余各项达到标准的{share}", f"; {share} of it in the others")

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield a number of indicators that do not exist."""
        if declarations.indicators is not None and self.at_standard > declarations.indicators:
            wanted = Phrase(
                f"不大于指标数（{declarations.indicators}）的数",
                f"at most {declarations.indicators}, the number of indicators",
            )
            yield must_be("at_standard", wanted, self.at_standard)


@attrs.frozen
class WithinLimits(Rule):
    """A figure of the spread between sections keeps within the limit of its stage."""

    problem = Phrase("{}校际差异系数超过限值", "coefficient above the limit: {}")
    correction = Phrase("优先向数值偏低的学校配置资源，缩小校际差距", "give to the schools that have least")

    limits: Mapping[Stage, Decimal] = described("the limit of each stage", validator=a_share)

    @property
    def thresholds(self) -> ByStage:
        """The limit of each stage, as something that can be checked."""
        return ByStage.of("<=", self.limits)

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield limits without a value."""
        if declarations.indicators == 0:
            yield Impossible("limits", Phrase("没有指标", "there are no indicators"))


@rule("spread_within")
class SpreadWithin(WithinLimits):
    """The coefficient of variation of each indicator keeps within the limit of its stage."""

    remedy = "spread"

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        limits = words.by_stage(self.limits, AT_MOST)
        return Phrase("每项指标的校际差异系数：", "coefficient of variation of each indicator: ") + limits


@rule("composite_within")
class CompositeWithin(WithinLimits):
    """The plain mean of the coefficients of variation of all indicators keeps within the limit of its stage."""

    quantity: Title = described("what is compared")

    def formula(self, words: Words) -> Phrase:  # noqa: ARG002
        """Return how the figure follows from the coefficients."""
        return Phrase("各项指标差异系数之和 ÷ 指标数", "the coefficients of all indicators, added up ÷ their number")

    def requirement(self, words: Words) -> Phrase:
        """Return what the rule requires."""
        limits = words.by_stage(self.limits, AT_MOST)
        return Phrase("综合差异系数：", "composite coefficient of variation: ") + limits


@attrs.frozen
class Relief:
    """Other limits for some schools: those who meet it are judged by these if that is better for them."""

    id: str = described("its name", validator=a_name)
    title: Title = described("what is relieved, for whom")
    source: Source = described("the document and the part that set it")
    when: Condition = described("the schools that it is for")
    rules: tuple[Rule, ...] = described(
        "the rules that judge them instead: the same kinds of rule in the same order, for the same schools",
        validator=filled,
    )

    def requirement(self, words: Words) -> Phrase:
        """Return for which schools it is, and what is required of them."""
        who, rules = words.condition(self.when), joined(SEMICOLON, (rule.sentence(words) for rule in self.rules))
        return Phrase(f"{who.zh}的学校，{rules.zh}", f"schools with {who.en}: {rules.en}")


def misfits(rules: tuple[Rule, ...], reliefs: tuple[Relief, ...]) -> Iterator[Impossible]:
    """Yield what cannot take the place of the rules of an item."""
    yield from twice([relief.id for relief in reliefs], "reliefs", ".id")
    for n, relief in enumerate(reliefs):
        if [type(rule) for rule in relief.rules] != [type(rule) for rule in rules]:
            problem = Phrase(
                "规则的种类和顺序应与条目的规则相同",
                "must be of the same kinds as the rules of the item, in the same order",
            )
            yield Impossible(f"reliefs[{n}].rules", problem)
            continue
        for position, (strict, relaxed) in enumerate(zip(rules, relief.rules, strict=True)):
            path = f"reliefs[{n}].rules[{position}]"
            if not strict.school_fields:
                problem = Phrase(
                    "放宽是对学校的，这种规则不逐校判定",
                    "relief is for schools, and this kind of rule does not look at single schools",
                )
                yield Impossible(path, problem)
            for name in (*strict.school_fields, "when"):
                ours, theirs = getattr(strict, name), getattr(relaxed, name)
                if (set(ours) != set(theirs)) if isinstance(ours, tuple) else ours != theirs:
                    problem = Phrase(
                        f"判定的学校应与条目的规则相同，{name} 不同",
                        f"must look at the same schools as the rule of the item: {name} is not the same",
                    )
                    yield Impossible(f"{path}.{name}", problem)

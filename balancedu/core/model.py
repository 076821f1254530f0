"""The elements of a standard as frozen values: thresholds, scope, conditions, measures, indicators."""

from __future__ import annotations

import functools
import math
import operator
import typing
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal

import attrs

from balancedu.calculator.limits import Relation, exact
from balancedu.core.fields import (
    Asked,
    Consistent,
    EntryId,
    Impossible,
    MeasureId,
    SchoolType,
    Source,
    Stage,
    TableId,
    Term,
    Title,
    a_name,
    decimals,
    described,
    different,
    fields_of,
    filled,
    must_be,
    plain,
    positive,
    twice,
)
from balancedu.core.nodes import either
from balancedu.errors import near
from balancedu.html import html_card, html_table
from balancedu.text import KNOWN, Phrase, listed, meant, quote


@attrs.frozen
class Declarations:
    """What the rest of a standard declares, against which a rule, an indicator or a measure is checked."""

    tables: frozenset[str]
    ids: frozenset[str] | None
    """Of all measures; None if it is not known."""
    measures: Mapping[str, Measure]
    """Those that are valid."""
    stages: tuple[Stage, ...]
    indicators: int | None
    """How many indicators there are; None if it is not known."""

    def wrong_stages(self, owner: Any) -> Iterator[Impossible]:
        """Yield what is wrong with the mappings of stages in the fields of an object.

        A field names the judged stages and no others, unless it may name any; measures are about the stage that they
        are listed under.
        """
        for name, field in _by_stage(typing.cast("Hashable", type(owner))):
            stages = getattr(owner, field.name)
            if not field.metadata.get("some_stages") and (stages or field.default is attrs.NOTHING):
                yield from self.missing_stages(name, stages)
                for stage in stages:
                    if self.stages and stage not in self.stages:
                        problem = Phrase(f"学段 {stage} 不评估", f"the stage {stage} is not judged")
                        hint_judged = Phrase("评估的学段：", "judged are ") + listed(self.stages)
                        yield Impossible(f"{name}.{stage}", problem, hint_judged)
            for stage, value in stages.items():
                for measure in map(self.measures.get, named_in(value)):
                    if measure and measure.stage not in (None, stage):
                        zh, en = (
                            f"{measure.id} 属于学段 {measure.stage}",
                            f"{measure.id} is about the stage {measure.stage}",
                        )
                        yield Impossible(f"{name}.{stage}", Phrase(zh, en))

    def missing_stages(self, field: str, by_stage: Mapping[Stage, object]) -> Iterator[Impossible]:
        """Yield the judged stages that are left out."""
        for stage in self.stages:
            if stage not in by_stage:
                problem = Phrase(f"缺少要评估的学段 {stage}", f"the judged stage {stage} is missing")
                yield Impossible(field, problem)

    def stages_in_order(self, measure: str) -> Iterator[Impossible]:
        """Yield a choice of stages that is not the list of those judged."""
        values = [choice.id for choice in self.measures[measure].values] if measure in self.measures else []
        if values and self.stages and values != list(self.stages):
            wanted, result = listed(self.stages), listed(values)
            problem = Phrase(
                f"{measure} 应依次列出评估的学段 {wanted.zh}，现为 {result.zh}",
                f"{measure} must list the judged stages in their order, {wanted.en}, found {result.en}",
            )
            yield Impossible("", problem)

    def within_reach(self, threshold: Threshold, measure: str, field: str = "") -> Iterator[Impossible]:
        """Yield a limit, of `at_least`, `at_most` or another field, that every value meets or none does."""
        reach = self.measures[measure].range if measure in self.measures else None
        least, most = (reach.least, reach.most) if reach else (None, None)
        if (least is not None and threshold.value <= least) or (most is not None and threshold.value > most):
            field = field or ("at_least" if threshold.relation == ">=" else "at_most")
            reached = f"{'…' if least is None else least} – {'…' if most is None else most}"
            wanted = Phrase(f"{measure} 可能达到的值（{reached}）", f"within reach of {measure} ({reached})")
            yield must_be(field, wanted, threshold.value)

    def listed(self, field: str, value: str, measure: str) -> Iterator[Impossible]:
        """Yield a value that a choice does not list."""
        choices = self.measures[measure].values if measure in self.measures else ()
        values = [choice.id for choice in choices]
        if values and value not in values:
            titled = meant([choice.id for choice in choices if value in choice.writings][:1])
            problem = Phrase(f"{measure} 没有“{value}”这个值", f"{measure} has no value {value!r}")
            problem += titled or near(value, values)
            yield Impossible(field, problem, Phrase("它的值：", "its values: ") + listed(values))


@functools.cache
def _by_stage(kind: Any) -> tuple[tuple[str, attrs.Attribute[Any]], ...]:
    """Return the fields of a class that are mappings of stages, with the keys that YAML gives them."""
    return tuple(
        (name, field)
        for name, (field, hint) in fields_of(kind).items()
        if typing.get_origin(hint) is Mapping and typing.get_args(hint)[0] == Stage
    )


def named_in(value: object) -> Iterator[str]:
    """Yield the names in a value that is a name, or a list of them, a minus before them left out."""
    names = value if isinstance(value, tuple) else (value,)
    yield from (name.removeprefix("-") for name in names if isinstance(name, str))


MEETS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}
SYMBOLS: Mapping[str, str] = {">=": "≥", "<=": "≤", "<": "<", ">": ">"}


@attrs.frozen
class Threshold:
    """A limit that can be checked exactly and prints itself.

    Examples
    --------
    >>> limit = Threshold(">=", Decimal("3.825"))
    >>> print(limit, limit.met(3.825), limit.met(3.8249), limit.met(float("nan")))
    ≥ 3.825 True False None
    """

    relation: Relation
    value: Decimal

    @property
    def fraction(self) -> Fraction:
        """The limit as a fraction."""
        return Fraction(self.value)

    def met(self, value: float | Fraction) -> bool | None:
        """Return whether the value is within the limit; None for NaN. Floats mean their shortest decimal."""
        number = _fraction(value)
        return None if number is None else MEETS[self.relation](number, self.fraction)

    def margin(self, value: float | Fraction) -> float:
        """Return the distance of the value to the limit; negative if it is not met, NaN for NaN."""
        number = _fraction(value)
        if number is None:
            return math.nan
        return float(number - self.fraction if self.relation in (">=", ">") else self.fraction - number)

    def __str__(self) -> str:
        return f"{SYMBOLS[self.relation]} {self.value:f}"


def _fraction(value: float | Fraction) -> Fraction | float | None:
    """Return the number as written; infinities are not changed."""
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if math.isnan(value):
        return None
    return value if math.isinf(value) else exact(value)


@attrs.frozen
class ByStage:
    """One threshold for each stage; None if the standard sets none."""

    primary: Threshold | None = None
    junior: Threshold | None = None
    senior: Threshold | None = None

    @classmethod
    def of(cls, relation: Relation, values: Mapping[Stage, Decimal]) -> ByStage:
        """Return thresholds of one relation."""
        return cls(**{stage: Threshold(relation, value) for stage, value in values.items()})

    def __getitem__(self, stage: Stage) -> Threshold | None:
        threshold: Threshold | None = getattr(self, stage)
        return threshold

    def __str__(self) -> str:
        stages = attrs.asdict(self, recurse=False).items()
        return ", ".join(f"{stage} {threshold}" for stage, threshold in stages if threshold)


@attrs.frozen
class Spread:
    """How the coefficient of variation is computed."""

    weight: Literal["pupils", "sections"] = described(
        "pupils: sections are weighted by their pupils; sections: all have the same weight"
    )
    source: Source = described("the document and the part that set it")


@attrs.frozen
class Precision:
    """Decimals of the application form; for printing, never for judging."""

    values: int = described("of a section's values", validator=decimals)
    means: int = described("of a county's means", validator=decimals)
    coefficients: int = described("of coefficients of variation", validator=decimals)
    percent: int = described("of shares, in percent", validator=decimals)
    other: int = described("of everything else", validator=decimals)
    source: Source = described("the document and the part that set it")


@attrs.frozen
class OverallRule:
    """How the parts make the county's verdict."""

    all_of: tuple[str, ...] = described(
        "the parts that must all be met; each is a file of its name", validator=[filled, different]
    )
    source: Source = described("the document and the part that set it")


_BOUNDS = ("at_least", "at_most", "above", "below")


@attrs.frozen
class Condition(Consistent):
    """What must be so of a school: one of its figures or of its county's facts compared, or several conditions."""

    ONE_OF = ("measure", "sum_of", "largest", "all_of", "any_of")

    measure: MeasureId | None = described(
        "a figure of the school or a fact of its county; this or one of the next four",
        asks=Asked.of("schools facts", "choice", "yes_no", "count", "number", "share"),
        default=None,
    )
    sum_of: tuple[MeasureId, ...] = described(
        "several counts of the school, added up", asks=Asked.of("schools", "count"), default=(), validator=different
    )
    largest: MeasureId | None = described(
        "a count of its classes, of which the largest is meant", asks=Asked.of("classes", "count"), default=None
    )
    all_of: tuple[Condition, ...] = described("conditions that must all be true", default=())
    any_of: tuple[Condition, ...] = described("conditions of which at least one must be true", default=())
    one_of: tuple[str, ...] = described("for a choice: the values that meet it, by their ids", default=())
    expected: bool | None = described("for yes or no: the answer that meets it", default=None)
    at_least: Decimal | None = described("for a number: the least that meets it", default=None)
    at_most: Decimal | None = described("for a number: the most that meets it", default=None)
    above: Decimal | None = described("for a number: what it must be more than", default=None)
    below: Decimal | None = described("for a number: what it must be less than", default=None)
    classes: Mapping[Stage, MeasureId] = described(
        "with `largest`: the number of classes of each stage, by which a list of classes is known to be whole",
        asks=Asked.of("schools", "count"),
        factory=dict,
    )

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions that it combines; none if it compares a figure itself."""
        return self.all_of or self.any_of

    @property
    def bounds(self) -> Mapping[str, Decimal]:
        """The bounds that it sets, by their names."""
        return {name: getattr(self, name) for name in _BOUNDS if getattr(self, name) is not None}

    @property
    def subject(self) -> tuple[str, ...]:
        """The measures of which it compares the one, the sum or the largest; none if it has parts."""
        return tuple(name for name in (self.measure, *self.sum_of, self.largest) if name is not None)

    @property
    def reads(self) -> Mapping[str, str]:
        """The measures that judging it needs by id, each with its type."""
        return {"classes.stage": "choice"} if self.largest else {}

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it rests on, each once."""
        inner = (name for part in self.parts for name in part.measures)
        return tuple(dict.fromkeys((*self.subject, *self.classes.values(), *inner)))

    @property
    def simple(self) -> Iterator[Condition]:
        """Every condition in it that compares a figure."""
        if self.parts:
            for part in self.parts:
                yield from part.simple
        else:
            yield self

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield comparisons that do not fit the type of the measure, values that do not exist, and missing stages."""
        for name in self.subject:
            if name in declarations.measures:
                yield from self._unfit(declarations.measures[name].type, declarations)
                if declarations.measures[name].table == "facts" and declarations.measures[name].formulas:
                    problem = Phrase(f"{name} 由其分子、分母计算", f"{name} follows from counts")
                    yield Impossible("measure", problem, Phrase("请用其中的人数等", "compare one of these counts"))

    def _unfit(self, kind: str, declarations: Declarations) -> Iterator[Impossible]:
        wanted = {"choice": ("one_of",), "yes_no": ("expected",)}.get(kind, _BOUNDS)
        fields = [name for name in ("one_of", "expected", *_BOUNDS) if getattr(self, name) not in ((), None)]
        for name in fields:
            if name not in wanted:
                problem = Phrase(f"不能用于类型为 {kind} 的填报项", f"cannot be used with a measure of type {kind}")
                # All of them, be they two or four, with "or" between.
                hint = Phrase(f"请用 {'、'.join(wanted)}", f"use {' or '.join(wanted)}")
                yield Impossible(name, problem, hint)
        if self.measure and kind == "choice":
            for value in self.one_of:
                yield from declarations.listed("one_of", value, self.measure)

    def _impossible(self) -> Iterator[Impossible]:
        yield from super()._impossible()
        fields = [name for name in self.ONE_OF if getattr(self, name)]
        compared = bool(self.one_of or self.expected is not None or self.bounds)
        if fields and bool(self.parts) == compared:
            zh = "须有 one_of、expected 或界限；由其他条件组成的不能有"
            en = "needs one_of, expected or a bound; a condition that combines others has none"
            yield Impossible("", Phrase(zh, en))
        if bool(self.classes) != bool(self.largest):
            problem = Phrase("须与 largest 同时写", "allowed only with largest, and required there")
            yield Impossible("classes", problem)
        if {"at_least", "above"} <= set(self.bounds) or {"at_most", "below"} <= set(self.bounds):
            problem = Phrase("同一侧写了两个界限", "has two bounds on one side")
            yield Impossible("", problem, Phrase("请只保留一个", "keep one of them"))


@attrs.frozen
class Counted:
    """A type of school whose sections are judged."""

    type: SchoolType = described("the type of school")
    weights: Mapping[Stage, Decimal] = described(
        "its stages, and the split weight of a pupil of each",
        some_stages=True,
        validator=[filled, positive],
    )
    source: Source = described("the document and the part that set it")
    fewest_pupils: int | None = described("sections with fewer pupils are left out", default=None, validator=positive)

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield stages that this type of school does not have."""
        kinds = declarations.measures["type"].values if "type" in declarations.measures else ()
        stages = next((kind.stages for kind in kinds if kind.id == self.type), None)
        for stage in self.weights:
            if stages and stage not in stages:
                problem = Phrase(f"{self.type} 没有学段 {stage}", f"a {self.type} has no stage {stage}")
                yield Impossible(f"weights.{stage}", problem, Phrase("其学段：", "its stages: ") + listed(stages))


@attrs.frozen
class Exclusion:
    """Schools that are excluded although their type counts."""

    id: str = described("its name", validator=a_name)
    title: Title = described("which schools are excluded")
    when: Condition = described("what is so of these schools")
    source: Source = described("the document and the part that set it")


@attrs.frozen
class Attached:
    """Classes of a stage at schools whose type does not run it: their pupils are a section of the school."""

    types: tuple[SchoolType, ...] = described(
        "the types of school that may have pupils of a stage that they do not run", validator=[filled, different]
    )
    weights: Mapping[Stage, Decimal] = described(
        "the split weight of a pupil of each stage in such a school",
        some_stages=True,
        validator=[filled, positive],
    )
    source: Source = described("the document and the part that set it")


@attrs.frozen
class Scope(Consistent):
    """Who counts."""

    reads: ClassVar[Mapping[str, str]] = {"school": "text", "type": "choice"}

    pupils: Mapping[Stage, MeasureId] = described(
        "the number of pupils of each stage", asks=Asked.of("schools", "count"), some_stages=True, validator=filled
    )
    counted: tuple[Counted, ...] = described(
        "the types of school that count; all others are left out", validator=filled
    )
    left_out: tuple[Exclusion, ...] = described("schools of these types that are excluded", default=())
    attached: Attached | None = described(
        "classes of a stage that the type of the school does not run; default: no school may have them", default=None
    )

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield judged stages whose pupils are not counted, or are those of another stage."""
        yield from declarations.missing_stages("pupils", self.pupils)

    def _impossible(self) -> Iterator[Impossible]:
        yield from twice([exclusion.id for exclusion in self.left_out], "left_out", ".id")
        yield from twice([counted.type for counted in self.counted], "counted", ".type")
        weights = [(f"counted[{n}].weights", counted.weights) for n, counted in enumerate(self.counted)]
        weights += [("attached.weights", self.attached.weights)] if self.attached else []
        for field, of_stages in weights:
            for stage in of_stages:
                if stage not in self.pupils:
                    problem = Phrase(f"不知道学段 {stage} 的学生数", f"the pupils of the stage {stage} are not known")
                    hint = Phrase("请在 scope.pupils 中写上其填报项", "name their measure in scope.pupils")
                    yield Impossible(f"{field}.{stage}", problem, hint)
        for stage in self.pupils if self.attached else ():
            if self.attached and stage not in self.attached.weights:
                problem = Phrase(f"缺少学段 {stage} 的权重", f"the weight of the stage {stage} is missing")
                yield Impossible("attached.weights", problem)


@attrs.frozen
class Choice:
    """One value of a closed list."""

    id: str = described("the value as stored in data", validator=filled)
    title: Title = described("the value as people read it; both languages are accepted in data")
    also: tuple[str, ...] = described("other ways of writing it that are accepted", default=(), validator=different)
    stages: tuple[Stage, ...] | None = described(
        "for a type of school: the stages it may have; default: any",
        default=None,
        validator=attrs.validators.optional((filled, different)),
    )
    by_itself: bool = described(
        "for a type of school: whether it is always judged by itself, never as a campus of another", default=False
    )

    @property
    def writings(self) -> tuple[str, ...]:
        """Every way in which data may write the value."""
        return tuple(dict.fromkeys((self.id, self.title.zh, self.title.en, *self.also)))


@attrs.frozen
class ChoiceGroup:
    """Several values of a closed list under one word."""

    title: Title = described("what they have in common")
    values: tuple[str, ...] = described("the values, by their ids", validator=[filled, different])
    movable: bool = described(
        "for schools: whether a county may move their resources to other schools and others' to them; used by plans",
        default=True,
    )


@attrs.frozen
class Grouping:
    """A coarser way to look at a closed list, as public and private."""

    id: str = described("its name", validator=a_name)
    title: Title = described("its title")
    groups: tuple[ChoiceGroup, ...] = described("every value of the list in exactly one of them", validator=filled)

    @property
    def immovable(self) -> tuple[str, ...]:
        """The values of schools that keep what they hold."""
        return tuple(value for group in self.groups if not group.movable for value in group.values)

    def title_of(self, value: str) -> Title:
        """Return the group of a value."""
        return next(group.title for group in self.groups if value in group.values)


SHARE = "share"
"""The unit of shares, which have none."""


@attrs.frozen
class Scale:
    """A unit as a multiple of another unit."""

    words: tuple[str, ...] = described("how it is written", validator=[filled, different])
    times: Decimal = described("how many of the unit it is", validator=positive)
    per: int = described("for how many of it that is, as 2000 m² for 3 mu", default=1, validator=positive)

    @property
    def factor(self) -> Fraction:
        """How many of the unit one of it is, exactly."""
        return Fraction(self.times) / self.per


@attrs.frozen
class Unit(Consistent):
    """A unit of measures, and other spellings in headers."""

    unit: str = described(f"the unit in Chinese, as measures write it; `{SHARE}` for shares", validator=filled)
    also: tuple[str, ...] = described("other spellings of the same unit", default=(), validator=different)
    scales: tuple[Scale, ...] = described("larger and smaller units, which are converted", default=())

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield a unit that no measure has."""
        result = {measure.unit.zh for measure in declarations.measures.values() if measure.unit} | {SHARE}
        if declarations.ids == frozenset(declarations.measures) and self.unit not in result:
            problem = Phrase(f"没有填报项以“{self.unit}”为单位", f"no measure has the unit {self.unit!r}")
            yield Impossible("unit", problem, KNOWN + listed(sorted(result)))

    def _impossible(self) -> Iterator[Impossible]:
        seen: dict[str, str] = {}
        fields = [("unit", (self.unit,)), ("also", self.also)]
        fields += [(f"scales[{n}].words", scale.words) for n, scale in enumerate(self.scales)]
        for field, words in fields:
            for word in words:
                if seen.setdefault(plain(word), field) != field:
                    yield Impossible(field, Phrase(f"“{word}”已另有含义", f"{word!r} has a meaning already"))


@attrs.frozen
class ExampleCost:
    """What one unit may cost in plans: an example that counties replace by their own figures, no part of the law."""

    add: Decimal = described("yuan for one more unit: hired, built or bought", validator=positive)
    move: Decimal | None = described(
        "yuan for moving one unit to another school of the county; default: it cannot be moved",
        default=None,
        validator=positive,
    )
    note: Title | None = described("what the example assumes", default=None)


def upside_down(least: Decimal | None, most: Decimal | None) -> Iterator[Impossible]:
    """Yield that the most is below the least."""
    if least is not None and most is not None and most < least:
        yield must_be("most", Phrase(f"不小于 least（{least}）的数", f"at least {least}, as in `least`"), most)


@attrs.frozen
class Plausible(Consistent):
    """The range in which a county's column of figures is likely; outside it another unit was probably meant."""

    least: Decimal = described("the least that the median of a county is likely to be", validator=positive)
    most: Decimal = described("the most", validator=positive)
    confidence: Literal["S", "F", "V", "O"] = described("how sure that is, as in sources")
    note: Title = described("the basis of the range; it is not part of the law")
    per: Literal["pupil", "row"] = described(
        "pupil: of the figure by the pupils of its stage or school; row: of the figure itself", default="row"
    )

    def _impossible(self) -> Iterator[Impossible]:
        return upside_down(self.least, self.most)


_NUMBERS = ("count", "number", "share")
WITH_UNIT = ("count", "number")


@attrs.frozen
class Range(Consistent):
    """The values that are possible at all."""

    least: Decimal | None = described("the smallest possible value", default=None)
    most: Decimal | None = described("the largest possible value", default=None)

    def _impossible(self) -> Iterator[Impossible]:
        return upside_down(self.least, self.most)


@attrs.frozen
class Quotient:
    """A figure that follows from others: the quotient of two sums of reported figures, or a sum."""

    part: tuple[Term, ...] = described(
        "what is counted; an id with a minus is subtracted",
        asks=Asked.of("", *WITH_UNIT),
        validator=[filled, different],
    )
    whole: tuple[Term, ...] = described(
        "the divisor; omitted for a sum", asks=Asked.of("", *WITH_UNIT), default=(), validator=different
    )

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it is computed from."""
        return tuple(name for _, name in split_terms((*self.part, *self.whole)))


@attrs.frozen
class TableDeclaration:
    """A table that a county submits."""

    id: str = described("the name of the table", validator=a_name)
    title: Title = described("its title, and the name of its sheet")
    row: Title = described("what one row is")
    also: tuple[str, ...] = described("other names that its sheet may have", default=(), validator=different)


@attrs.frozen
class Measure(Consistent):
    """One quantity that a county reports."""

    id: str = described(
        "the column or fact; with its table and a dot before it where it is not in schools or facts",
        validator=a_name,
    )
    title: Title = described("its title")
    table: TableId = described("the table it is a column of")
    type: Literal["text", "choice", "count", "number", "share", "yes_no", "day"] = described(
        "text; a choice of a closed list; a whole number; a number; a share of 1; yes or no; a day of the calendar"
    )
    source: Source = described("where the quantity is reported")
    needed_by: tuple[EntryId, ...] = described(
        "indicators and items that it belongs to without being named there; those that name it are added",
        default=(),
        validator=different,
    )
    unit: Title | None = described("its unit; required for counts and numbers, not allowed for others", default=None)
    range: Range | None = described(
        "the values that are possible at all; needed for counts, numbers and shares", default=None
    )
    plausible: Plausible | None = described("the range in which it is likely; never for judging", default=None)
    adds_campuses: bool = described(
        "for counts and numbers of schools: whether the figures of campuses are added; false for years and the like",
        default=True,
    )
    definition: Title | None = described("what counts and what does not", default=None)
    also: tuple[str, ...] = described(
        "other headers that its column may have; of a measure with a stage, without the stage",
        default=(),
        validator=different,
    )
    stage: Stage | None = described("the stage it is about: schools without that stage leave it empty", default=None)
    part_of: MeasureId | None = described(
        "the measure that it cannot exceed", asks=Asked.of("", *WITH_UNIT), default=None
    )
    values: tuple[Choice, ...] = described("the closed list, in order; needed for a choice", default=())
    usual: tuple[Title, ...] = described("for a text: what is usually written; forms offer it", default=())
    grouping: Grouping | None = described("a coarser way to look at a choice", default=None)
    formulas: Mapping[str, Quotient] = described("how a share follows from counts, each way by its name", factory=dict)
    example_cost: ExampleCost | None = described(
        "what one unit may cost when a plan adds or moves it: an example, for counts and numbers", default=None
    )
    counts_when: Condition | None = described(
        "for an amount that only relief counts in an indicator: the schools in which it does", default=None
    )
    formula: str | None = described("which of the formulas is used; needed where there are any", default=None)
    computed: Quotient | None = described(
        "for counts and numbers of facts: the sum or quotient that replaces it where all of its figures are reported",
        default=None,
    )
    formerly: tuple[str, ...] = described(
        "its earlier ids; they are accepted for one release, with a warning", default=(), validator=different
    )

    @property
    def column(self) -> str:
        """The name of its column, or of the fact."""
        return self.id.rpartition(".")[2]

    @property
    def names(self) -> tuple[str, ...]:
        """Every header that its column may have; of a measure with a stage, some without the stage."""
        return tuple(dict.fromkeys((self.column, self.title.zh, self.title.en, *self.also)))

    @property
    def quotient(self) -> Quotient | None:
        """The formula in use, where the share follows from counts."""
        return self.formulas[self.formula] if self.formula else None

    @property
    def follows_from(self) -> tuple[str, ...]:
        """The measures that it may be computed from; none if it is only reported."""
        formula = self.quotient or self.computed
        return formula.measures if formula else ()

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield an id of another table, and formulas over tables or upside down."""
        yield from self._misplaced() if self.table in declarations.tables else ()
        yield from self._upside_down(declarations)
        if self.plausible and self.plausible.per == "pupil" and self.table != "schools":
            problem = Phrase(
                f"{self.id} 在表 {self.table} 中，这个表没有可以相除的学生数",
                f"{self.id} is in the table {self.table}, which has no pupils to divide by",
            )
            yield Impossible("plausible.per", problem)
        counts = [(f"formulas.{key}", name) for key, formula in self.formulas.items() for name in formula.measures]
        counts += [("computed", name) for name in self.computed.measures] if self.computed else []
        for field, name in [*counts, *([("part_of", self.part_of)] if self.part_of else [])]:
            other = declarations.measures.get(name)
            if other and other.table != self.table:
                problem = Phrase(
                    f"{name} 在表 {other.table} 中，{self.id} 在表 {self.table} 中",
                    f"{name} is in the table {other.table}, {self.id} in {self.table}",
                )
                yield Impossible(field, problem)

    def _upside_down(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield formulas whose whole is declared to be a part of their part."""
        for key, formula in self.formulas.items():
            whole = declarations.measures.get(formula.whole[0]) if len(formula.whole) == 1 else None
            if whole and whole.part_of in [name for _, name in split_terms(formula.part)]:
                zh = f"{whole.id}已声明为{whole.part_of}的一部分（part_of），分子、分母写反了"
                en = f"{whole.id} is a part of {whole.part_of} (part_of): part and whole are the wrong way round"
                hint = f"part: [{whole.id}], whole: [{whole.part_of}]"
                yield Impossible(f"formulas.{key}.whole", Phrase(zh, en), Phrase(f"请写作 {hint}", f"write {hint}"))

    def _misplaced(self) -> Iterator[Impossible]:
        names = [f"{self.table}.{self.column}", *([self.column] if self.table in ("schools", "facts") else [])]
        if self.id not in names:
            yield must_be("id", quote(names[-1]), self.id)
        if self.table == "facts" and self.type == "choice":
            wanted = Phrase(
                "县级填报项的类型：count、number、share、yes_no、day 或 text",
                "a type of facts: count, number, share, yes_no, day or text",
            )
            hint = Phrase("文字说明请写在该项的佐证里", "what is written about a fact is its evidence")
            yield must_be("type", wanted, self.type, hint)

    def _impossible(self) -> Iterator[Impossible]:
        yield from self._ambiguous()
        for field, types in _ONLY_FOR.items():
            if getattr(self, field) and self.type not in types:
                allowed = either(types)
                problem = Phrase(
                    f"只用于类型为 {allowed.zh} 的填报项，不用于 {self.type}",
                    f"is only for measures of type {allowed.en}, not for {self.type}",
                )
                yield Impossible(field, problem)
            elif not getattr(self, field) and self.type in types and field in _NEEDED:
                problem = Phrase(
                    f"类型为 {self.type} 的填报项必须写这一项", f"must be given for a measure of type {self.type}"
                )
                yield Impossible(field, problem)
        for key, formula in self.formulas.items():
            if not formula.whole:
                yield Impossible(f"formulas.{key}.whole", Phrase("比例须有分母", "a share needs a whole"))
        if self.formula not in self.formulas and (self.formula or self.formulas):
            known = either(self.formulas) if self.formulas else Phrase("（没有公式）", "(there are none)")
            wanted = Phrase(f"所用公式（formulas）的名称：{known.zh}", f"the name of a formula: {known.en}")
            yield must_be("formula", wanted, self.formula or Phrase("空", "nothing"))

    def _ambiguous(self) -> Iterator[Impossible]:
        seen: dict[str, int] = {}
        for n, choice in enumerate(self.values):
            for writing in choice.writings:
                if seen.setdefault(writing, n) != n:
                    owner = self.values[seen[writing]].id
                    problem = Phrase(
                        f"“{writing}”已表示另一个值“{owner}”", f"{writing!r} already means the value {owner!r}"
                    )
                    yield Impossible(f"values[{n}]", problem)
        if self.grouping:
            listed = sorted(value for group in self.grouping.groups for value in group.values)
            if listed != sorted(choice.id for choice in self.values):
                problem = Phrase("每个值应出现一次，且只出现一次", "must name every value of the list exactly once")
                yield Impossible("grouping", problem)
        if self.part_of == self.id:
            yield Impossible("part_of", Phrase("填报项不能是自身的一部分", "a measure is not a part of itself"))


_ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "values": ("choice",),
    "usual": ("text",),
    "grouping": ("choice",),
    "range": _NUMBERS,
    "plausible": _NUMBERS,
    "unit": WITH_UNIT,
    "part_of": WITH_UNIT,
    "counts_when": WITH_UNIT,
    "example_cost": WITH_UNIT,
    "computed": WITH_UNIT,
    "formulas": ("share",),
}
_NEEDED = ("values", "range", "unit")


def current_id(name: str, measures: Mapping[str, Measure]) -> str:
    """Return the id of the measure that a name means: an earlier id is the measure's, with a warning.

    Parameters
    ----------
    name : str
        An id, or a column of the table of the measures.
    measures : mapping of id or column to Measure
    """
    if name in measures:
        return name
    item = next((key for key, measure in measures.items() if name in measure.formerly), None)
    if item is None or item == name:
        return name
    warn_renamed(name, item)
    return item


def warn_renamed(old: str, new: str) -> None:
    """Warn that a measure has another id now."""
    zh = f"填报项“{old}”现在叫“{new}”，旧的标识下一版不再接受"
    text = f"{zh} / {old} is called {new} now; the next release refuses {old}"
    warnings.warn(text, FutureWarning, stacklevel=3)


@functools.cache
def split_terms(terms: tuple[Term, ...]) -> tuple[tuple[int, str], ...]:
    """Return each term's sign and measure.

    Examples
    --------
    >>> split_terms((Term("teaching_area"), Term("-indoor_sports_area")))
    ((1, 'teaching_area'), (-1, 'indoor_sports_area'))
    """
    return tuple((-1, term[1:]) if term.startswith("-") else (1, term) for term in terms)


@attrs.frozen
class OtherThresholds(Consistent):
    """Another standard of an indicator, for the schools that meet a condition."""

    ONE_OF = ("at_least", "at_most")

    when: Condition = described("which schools it is for")
    at_least: Mapping[Stage, Decimal] = described("the standard of each judged stage", factory=dict, validator=positive)
    at_most: Mapping[Stage, Decimal] = described(
        "the standard of each judged stage where it is an upper limit",
        factory=dict,
        validator=positive,
    )
    source: Source | None = described("where that is set, if not with the indicator", default=None)

    @property
    def thresholds(self) -> ByStage:
        """The standard of each stage."""
        return ByStage.of("<=", self.at_most) if self.at_most else ByStage.of(">=", self.at_least)


@attrs.frozen
class Indicator(Consistent):
    """One resource per pupil, judged in every section and compared between sections."""

    ONE_OF = ("amount", "amount_by_stage")

    id: str = described("its id, unique in the standard", validator=a_name)
    name: Title = described("a short name for tables")
    title: Title = described("the wording of the standard")
    unit: Title = described("the unit of the value")
    per: int = described("per how many pupils the value is given", validator=positive)
    source: Source = described("where the standard is set")
    at_least: Mapping[Stage, Decimal] = described(
        "the standard of each judged stage; omitted if there is none",
        factory=dict,
        validator=positive,
    )
    at_most: Mapping[Stage, Decimal] = described(
        "the standard of each judged stage where it is an upper limit, instead of at_least",
        factory=dict,
        validator=positive,
    )
    instead: tuple[OtherThresholds, ...] = described(
        "other standards for some schools, on the same side: the first whose condition a school meets is its standard, "
        "and all other schools have the one of the indicator",
        default=(),
    )
    amount: tuple[Term, ...] = described(
        "the resource of the whole school, which a combined school splits over its stages; this or the next",
        asks=Asked.of("schools", *WITH_UNIT),
        default=(),
        validator=different,
    )
    amount_by_stage: Mapping[Stage, tuple[Term, ...]] = described(
        "the resource where it is reported for each stage; this or the one before",
        asks=Asked.of("schools", *WITH_UNIT),
        factory=dict,
    )

    def _impossible(self) -> Iterator[Impossible]:
        yield from super()._impossible()
        yield from _contrary_standards(self)

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield amounts of relief that take something away."""
        yield from _relief_that_takes(self, "amount", self.amount, declarations)
        for stage, terms in self.amount_by_stage.items():
            yield from _relief_that_takes(self, f"amount_by_stage.{stage}", terms, declarations)

    @property
    def thresholds(self) -> ByStage:
        """The standard of each stage, for schools without a standard of their own."""
        return ByStage.of(self.relation, self.at_most or self.at_least)

    @property
    def relation(self) -> Relation:
        """How values and standards are compared."""
        return "<=" if self.at_most else ">="

    @property
    def thresholds_by_condition(self) -> tuple[tuple[Condition | None, ByStage], ...]:
        """Every standard with the condition of its schools, in the order in which they are tried; the last has none."""
        return (*((other.when, other.thresholds) for other in self.instead), (None, self.thresholds))

    def _repr_html_(self) -> str:
        rows = [["", self.title.zh], ["", self.title.en], ["标准 standard", f"{self.thresholds} {self.unit.zh}"]]
        rows.append(["出处 source", str(self.source)])
        return html_card(f"{self.id}  {self.name.zh}  {self.name.en}", html_table(rows))

    def terms(self, stage: Stage) -> tuple[Term, ...]:
        """Return the measures that make up the resource at a stage."""
        return self.amount or self.amount_by_stage.get(stage, ())


def _contrary_standards(indicator: Indicator) -> Iterator[Impossible]:
    """Yield standards on two sides, and other standards if there is none to begin with."""
    sides = [other.at_most for other in indicator.instead]
    if (indicator.at_least and indicator.at_most) or any(bool(side) != bool(indicator.at_most) for side in sides):
        problem = Phrase("标准应同为 at_least 或同为 at_most", "the standards must be all at_least or all at_most")
        yield Impossible("instead" if indicator.instead else "at_most", problem)
    elif indicator.instead and not (indicator.at_least or indicator.at_most):
        problem = Phrase("其他学校没有标准", "the other schools have no standard")
        yield Impossible("instead", problem, Phrase("请写上 at_least 或 at_most", "give at_least or at_most"))


def _relief_that_takes(
    indicator: Indicator, field: str, terms: tuple[Term, ...], declarations: Declarations
) -> Iterator[Impossible]:
    """Yield amounts of relief that could make a value smaller."""
    for n, (sign, name) in enumerate(split_terms(terms)):
        measure = declarations.measures.get(name)
        if measure is None or measure.counts_when is None:
            continue
        least = measure.range.least if measure.range else None
        if sign < 0 or least is None or least < 0 or indicator.at_most:
            problem = Phrase(
                f"{name} 属于放宽，只能使指标增加", f"{name} is relief, which can only add to an indicator"
            )
            hint = Phrase(
                "请去掉减号，并使其 range 从0或以上开始",
                "take the minus away, and let its range begin at 0 or above",
            )
            yield Impossible(f"{field}[{n}]", problem, hint)

"""What a county reports: tables, and measures with their ranges and formulas."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

import attrs

from balancedu.core.choices import Choice, Grouping
from balancedu.core.condition import Condition
from balancedu.core.cost import ExampleCost
from balancedu.core.fields import (
    Asked,
    EntryId,
    Impossible,
    MeasureId,
    Source,
    Stage,
    TableId,
    Term,
    Title,
    a_name,
    described,
    different,
    filled,
    refuse,
)
from balancedu.core.known import Known
from balancedu.core.plausible import Plausible
from balancedu.core.scalars import either
from balancedu.phrase import NO_WORDS, Phrase

_NUMBERS = ("count", "number", "share")
WITH_UNIT = ("count", "number")


@attrs.frozen
class Range:
    """The values that are possible at all."""

    least: Decimal | None = described("the smallest possible value", default=None)
    most: Decimal | None = described("the largest possible value", default=None)

    def __attrs_post_init__(self) -> None:
        if self.least is not None and self.most is not None and self.most < self.least:
            problem = Phrase(
                f"填写{self.most}，不应小于 least（{self.least}）",
                f"must not be below least, which is {self.least}, found {self.most}",
            )
            refuse([Impossible("most", problem)])


@attrs.frozen
class Quotient:
    """A share as the quotient of two sums of reported counts."""

    part: tuple[Term, ...] = described(
        "what is counted; a minus before an id takes it away",
        asks=Asked.of("", *WITH_UNIT),
        validator=[filled, different],
    )
    whole: tuple[Term, ...] = described(
        "what it is a share of", asks=Asked.of("", *WITH_UNIT), validator=[filled, different]
    )

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it is computed from."""
        return tuple(name for _, name in split_terms((*self.part, *self.whole)))


@attrs.frozen
class Table:
    """A table that a county submits."""

    id: str = described("the name of the table", validator=a_name)
    title: Title = described("its title, and the name of its sheet")
    row: Title = described("what one row stands for")
    also: tuple[str, ...] = described("other names that its sheet may have", default=(), validator=different)


@attrs.frozen
class Measure:
    """One quantity that a county reports."""

    id: str = described(
        "the column or fact; with its table and a dot before it where it is not in schools or facts",
        validator=a_name,
    )
    title: Title = described("its title")
    table: TableId = described("the table it stands in")
    type: Literal["text", "choice", "count", "number", "share", "yes_no"] = described(
        "text; a choice of a closed list; a whole number; a number; a share of 1; yes or no"
    )
    source: Source = described("where the quantity is asked for")
    needed_by: tuple[EntryId, ...] = described("the indicators and items that need it", default=(), validator=different)
    unit: Title | None = described("its unit; needed for counts and numbers, and for nothing else", default=None)
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

    def __attrs_post_init__(self) -> None:
        refuse((*self._missing_or_too_much(), *self._ambiguous()))

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

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield an id of another table, formulas over tables or upside down, and counts that hide who needs them."""
        yield from self._misplaced() if self.table in known.tables else ()
        yield from self._upside_down(known)
        if self.plausible and self.plausible.per == "pupil" and self.table != "schools":
            problem = Phrase(
                f"{self.id} 在表 {self.table} 中，这个表没有可以相除的学生数",
                f"{self.id} is in the table {self.table}, which has no pupils to divide by",
            )
            yield Impossible("plausible.per", problem)
        counts = [(f"formulas.{key}", name) for key, one in self.formulas.items() for name in one.measures]
        for field, name in [*counts, *([("part_of", self.part_of)] if self.part_of else [])]:
            other = known.measures.get(name)
            if other and other.table != self.table:
                problem = Phrase(
                    f"{name} 在表 {other.table} 中，{self.id} 在表 {self.table} 中",
                    f"{name} is in the table {other.table}, {self.id} in {self.table}",
                )
                yield Impossible(field, problem)
            elif other and field != "part_of":
                for owner in sorted(set(self.needed_by) - set(other.needed_by)):
                    problem = Phrase(
                        f"{owner} 计算 {self.id} 要用 {name}，而 {name} 没有写明",
                        f"{owner} needs {name} for {self.id}, but {name} does not say so",
                    )
                    hint = Phrase(f"请在其 needed_by 中加上 {owner}", f"add {owner} to its needed_by")
                    yield Impossible(field, problem, hint)

    def _upside_down(self, known: Known) -> Iterator[Impossible]:
        """Yield formulas whose whole is declared to be a part of what stands as its part."""
        for key, one in self.formulas.items():
            whole = known.measures.get(one.whole[0]) if len(one.whole) == 1 else None
            if whole and whole.part_of in [name for _, name in split_terms(one.part)]:
                zh = f"{whole.id}已声明为{whole.part_of}的一部分（part_of），分子、分母写反了"
                en = f"{whole.id} is a part of {whole.part_of} (part_of): part and whole are the wrong way round"
                hint = f"part: [{whole.id}], whole: [{whole.part_of}]"
                yield Impossible(f"formulas.{key}.whole", Phrase(zh, en), Phrase(f"请写作 {hint}", f"write {hint}"))

    def _misplaced(self) -> Iterator[Impossible]:
        prefix, dot, _ = self.id.rpartition(".")
        if dot and prefix != self.table:
            problem = Phrase(
                f"填写“{self.id}”，应以其所在的表 {self.table} 开头",
                f"must begin with its table, {self.table}, found {self.id!r}",
            )
            yield Impossible("id", problem)
        if not dot and self.table not in ("schools", "facts"):
            problem = Phrase(
                f"填写“{self.id}”，应以其所在的表和“.”开头",
                f"must begin with its table and a dot, found {self.id!r}",
            )
            name = f"{self.table}.{self.id}"
            yield Impossible("id", problem, Phrase(f"请写作 {name}", f"write {name}"))
        if self.table == "facts" and self.type in ("text", "choice") and self.column != "county":
            problem = Phrase(
                f"填写 {self.type}，县级事实只能是 count、number、share 或 yes_no",
                f"a fact is a count, number, share or yes_no, found {self.type}",
            )
            hint = Phrase("文字说明请写在该事实的佐证里", "what is written about a fact is its evidence")
            yield Impossible("type", problem, hint)

    def _missing_or_too_much(self) -> Iterator[Impossible]:
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
        if self.formulas and self.formula not in self.formulas:
            found = Phrase(f"填写“{self.formula}”，", f", found {self.formula!r}") if self.formula else NO_WORDS
            known = either(self.formulas)
            problem = Phrase(f"{found.zh}应写明所用的公式：{known.zh}", f"must name a formula: {known.en}{found.en}")
            yield Impossible("formula", problem)
        if self.formula and not self.formulas:
            problem = Phrase(
                f"填写“{self.formula}”，但没有公式（formulas）", f"names {self.formula!r}, but there are no formulas"
            )
            yield Impossible("formula", problem)

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
    "formulas": ("share",),
}
_NEEDED = ("values", "range", "unit")


@functools.cache
def split_terms(terms: tuple[Term, ...]) -> tuple[tuple[int, str], ...]:
    """Return each term's sign and measure.

    Examples
    --------
    >>> split_terms((Term("teaching_area"), Term("-indoor_sports_area")))
    ((1, 'teaching_area'), (-1, 'indoor_sports_area'))
    """
    return tuple((-1, term[1:]) if term.startswith("-") else (1, term) for term in terms)

"""The words of a standard as frozen values: titles, sources, thresholds, measures, indicators."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NewType

import attrs

from balancedu.calculator.compliance import Relation, exact

Stage = Literal["primary", "junior", "senior"]
Language = Literal["zh", "en"]
MeasureId = NewType("MeasureId", str)
TableId = NewType("TableId", str)
SchoolType = NewType("SchoolType", str)
EntryId = NewType("EntryId", str)
"""The id of an indicator or item."""
Term = NewType("Term", str)
"""A measure id, with a minus before it where the measure is taken away."""


class Impossible(ValueError):
    """A value of the right type that no standard can mean; names the field it stands in."""

    def __init__(self, field: str, problem: str, hint: str = "") -> None:
        super().__init__(field, problem, hint)
        self.field, self.problem, self.hint = field, problem, hint


def described(doc: str, **options: Any) -> Any:
    """Return an attrs field whose meaning `specs/README.md` prints."""
    return attrs.field(metadata={"doc": doc}, **options)


def positive(owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse numbers that are not positive, alone or as the values of a mapping."""
    for number in value.values() if isinstance(value, Mapping) else (value,):
        if number is not None and number <= 0:
            raise Impossible(field.name, f"must be more than 0, found {number}")


def a_share(owner: object, field: attrs.Attribute[Any], value: Decimal | None) -> None:
    """Refuse shares outside 0 to 1."""
    if value is not None and not 0 < value <= 1:
        raise Impossible(field.name, f"must be a share above 0 and up to 1, found {value}", "write 85 % as 0.85")


def filled(owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse empty lists, mappings and texts."""
    if not value:
        raise Impossible(field.name, "must not be empty")


@attrs.frozen
class Title:
    """A text in Chinese and in English."""

    zh: str = described("中文", validator=filled)
    en: str = described("English", validator=filled)

    def said(self, lang: Language) -> str:
        """Return the text in the language asked for."""
        return self.zh if lang == "zh" else self.en


@attrs.frozen
class Source:
    """Where a number or a sentence of the standard comes from, and how sure that is."""

    document: str = described("the document, by its number or title", validator=filled)
    part: str = described("the part of the document", validator=filled)
    confidence: Literal["S", "F", "V", "O"] = described(
        "S printed in a county's report, F the national application form and its notes, "
        "V several independent public sources, O one source only"
    )
    note: str = described("what a reader should know", default="")

    def __str__(self) -> str:
        return f"{self.document} {self.part}"


_MEETS: dict[Relation, Callable[[Any, Any], bool]] = {
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
    def exact(self) -> Fraction:
        """The limit as a fraction."""
        return Fraction(self.value)

    def met(self, value: float | Fraction) -> bool | None:
        """Return whether the value keeps to the limit; None for NaN. Floats mean their shortest decimal."""
        number = _fraction(value)
        return None if number is None else _MEETS[self.relation](number, self.exact)

    def margin(self, value: float | Fraction) -> float:
        """Return how far the value is on the right side; negative on the wrong side, NaN for NaN."""
        number = _fraction(value)
        if number is None:
            return math.nan
        return float(number - self.exact if self.relation in (">=", ">") else self.exact - number)

    def __str__(self) -> str:
        return f"{SYMBOLS[self.relation]} {self.value:f}"


def _fraction(value: float | Fraction) -> Fraction | None:
    if isinstance(value, Fraction):
        return value
    return None if math.isnan(value) else exact(value)


@attrs.frozen
class ByStage:
    """One threshold for each stage; None where the standard sets none."""

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
class Choice:
    """One value of a closed list."""

    id: str = described("the value as data holds it")
    title: Title = described("the value as people read it; both languages are accepted in data")
    also: tuple[str, ...] = described("other ways of writing it that are accepted", default=())
    stages: tuple[Stage, ...] | None = described(
        "for a type of school: the stages it may have; left out, any", default=None
    )


@attrs.frozen
class Range:
    """The values that are possible at all."""

    least: Decimal | None = described("the smallest possible value", default=None)
    most: Decimal | None = described("the largest possible value", default=None)

    def __attrs_post_init__(self) -> None:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise Impossible("most", f"must not be below {self.least}, found {self.most}")


@attrs.frozen
class Quotient:
    """A share as the quotient of two sums of reported counts."""

    part: tuple[Term, ...] = described("what is counted; a minus before an id takes it away", validator=filled)
    whole: tuple[Term, ...] = described("what it is a share of", validator=filled)


@attrs.frozen
class Table:
    """A table that a county submits."""

    id: str = described("the name of the table")
    title: Title = described("its title, and the name of its sheet")
    row: Title = described("what one row stands for")


@attrs.frozen
class Measure:
    """One quantity that a county reports."""

    id: str = described("the column or fact; with its table and a dot before it where it is not in schools or facts")
    title: Title = described("its title")
    table: TableId = described("the table it stands in")
    type: Literal["text", "choice", "count", "number", "share", "yes_no"] = described(
        "text; a choice of a closed list; a whole number; a number; a share of 1; yes or no"
    )
    source: Source = described("where the quantity is asked for")
    needed_by: tuple[EntryId, ...] = described("the indicators and items that need it", default=())
    unit: Title | None = described("its unit; text, choices, shares and yes/no have none", default=None)
    range: Range | None = described("the values that are possible at all", default=None)
    definition: Title | None = described("what counts and what does not", default=None)
    stage: Stage | None = described("the stage it is about: schools without that stage leave it empty", default=None)
    part_of: MeasureId | None = described("the measure that it cannot exceed", default=None)
    values: tuple[Choice, ...] = described("the closed list of a choice, in order", default=())
    formulas: Mapping[str, Quotient] = described("how a share follows from counts", factory=dict)
    formula: str | None = described("which of the formulas is used", default=None)

    def __attrs_post_init__(self) -> None:
        if (self.type == "choice") != bool(self.values):
            raise Impossible("values", "must be given for a choice, and for nothing else")
        if self.type in ("count", "number", "share") and self.range is None:
            raise Impossible("range", "must be given for a number: the values that are possible at all")
        if self.type in ("count", "number") and self.unit is None:
            raise Impossible("unit", "must be given for a number")
        if self.formulas and self.formula not in self.formulas:
            raise Impossible("formula", f"must name one of {', '.join(self.formulas)}, found {self.formula!r}")

    @property
    def column(self) -> str:
        """The name of its column, or of the fact."""
        return self.id.rpartition(".")[2]

    @property
    def quotient(self) -> Quotient | None:
        """The formula in use, where the share follows from counts."""
        return self.formulas[self.formula] if self.formula else None


@attrs.frozen
class Indicator:
    """One resource per pupil, judged in every section and compared between sections."""

    id: str = described("as R1")
    name: Title = described("a short name for tables")
    title: Title = described("the wording of the standard")
    unit: Title = described("the unit of the value")
    per: int = described("per how many pupils the value is given", validator=positive)
    source: Source = described("where the standard is set")
    at_least: Mapping[Stage, Decimal] = described(
        "the standard of each stage", factory=dict, validator=positive
    )
    amount: tuple[Term, ...] = described(
        "the resource of the whole school, which a combined school splits over its stages", default=()
    )
    amount_by_stage: Mapping[Stage, tuple[Term, ...]] = described(
        "the resource where it is reported for each stage", factory=dict
    )

    def __attrs_post_init__(self) -> None:
        if bool(self.amount) == bool(self.amount_by_stage):
            raise Impossible("amount", "must be given for the whole school or for each stage, not both, not neither")

    @property
    def thresholds(self) -> ByStage:
        """The standard of each stage."""
        return ByStage.of(">=", self.at_least)

    def terms(self, stage: Stage) -> tuple[Term, ...]:
        """Return the measures that make up the resource at a stage."""
        return self.amount or self.amount_by_stage.get(stage, ())


def split_terms(terms: tuple[Term, ...]) -> list[tuple[int, str]]:
    """Return each term's sign and measure.

    Examples
    --------
    >>> split_terms((Term("teaching_area"), Term("-indoor_sports_area")))
    [(1, 'teaching_area'), (-1, 'indoor_sports_area')]
    """
    return [(-1, term[1:]) if term.startswith("-") else (1, term) for term in terms]

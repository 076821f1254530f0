"""The words of a standard as frozen values: titles, sources, thresholds, measures, indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from balancedu import html
from balancedu.core.choices import Choice
from balancedu.core.fields import (
    Asked,
    EntryId,
    Impossible,
    Language,
    MeasureId,
    SchoolType,
    Source,
    Stage,
    TableId,
    Term,
    Title,
    a_day,
    a_name,
    a_share,
    decimals,
    described,
    different,
    filled,
    positive,
    refuse,
)
from balancedu.core.known import Known
from balancedu.core.measure import (
    WITH_UNIT,
    Measure,
    Quotient,
    Range,
    Table,
    split_terms,
)
from balancedu.core.threshold import SYMBOLS, ByStage, Threshold
from balancedu.core.units import Scale, Unit
from balancedu.phrase import Phrase

__all__ = [
    "SYMBOLS",
    "Asked",
    "ByStage",
    "Choice",
    "EntryId",
    "Impossible",
    "Indicator",
    "Known",
    "Language",
    "Measure",
    "MeasureId",
    "Quotient",
    "Range",
    "Scale",
    "SchoolType",
    "Source",
    "Stage",
    "Table",
    "TableId",
    "Term",
    "Threshold",
    "Title",
    "Unit",
    "a_day",
    "a_name",
    "a_share",
    "decimals",
    "described",
    "different",
    "filled",
    "positive",
    "refuse",
    "split_terms",
]


@attrs.frozen
class Indicator:
    """One resource per pupil, judged in every section and compared between sections."""

    id: str = described("its id, such as R1", validator=a_name)
    name: Title = described("a short name for tables")
    title: Title = described("the wording of the standard")
    unit: Title = described("the unit of the value")
    per: int = described("per how many pupils the value is given", validator=positive)
    source: Source = described("where the standard is set")
    at_least: Mapping[Stage, Decimal] = described(
        "the standard of each judged stage; left out where there is none", factory=dict, validator=positive
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

    def __attrs_post_init__(self) -> None:
        if bool(self.amount) == bool(self.amount_by_stage):
            problem = Phrase(
                "amount（整所学校）和 amount_by_stage（分学段）应写其一，且只写其一",
                "must be given for the whole school, or amount_by_stage for each stage: one of the two",
            )
            refuse([Impossible("amount", problem)])

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield the stages that are left out."""
        for field in ("at_least", "amount_by_stage"):
            if getattr(self, field):
                yield from known.covered(field, getattr(self, field))
        yield from self._relief_that_takes("amount", self.amount, known)
        for stage, terms in self.amount_by_stage.items():
            yield from self._relief_that_takes(f"amount_by_stage.{stage}", terms, known)

    @staticmethod
    def _relief_that_takes(field: str, terms: tuple[Term, ...], known: Known) -> Iterator[Impossible]:
        """Yield amounts of relief that could make a value smaller."""
        for n, (sign, name) in enumerate(split_terms(terms)):
            measure = known.measures.get(name)
            if measure is None or measure.counts_when is None:
                continue
            least = measure.range.least if measure.range else None
            if sign < 0 or least is None or least < 0:
                problem = Phrase(
                    f"{name} 属于放宽，只能使指标增加", f"{name} is relief, which can only add to an indicator"
                )
                hint = Phrase(
                    "请去掉减号，并使其 range 从0或以上开始",
                    "take the minus away, and let its range begin at 0 or above",
                )
                yield Impossible(f"{field}[{n}]", problem, hint)

    @property
    def thresholds(self) -> ByStage:
        """The standard of each stage."""
        return ByStage.of(">=", self.at_least)

    def _repr_html_(self) -> str:
        rows = [["", self.title.zh], ["", self.title.en], ["标准 standard", f"{self.thresholds} {self.unit.zh}"]]
        rows.append(["出处 source", str(self.source)])
        return html.card(f"{self.id}  {self.name.zh}  {self.name.en}", html.table(rows))

    def terms(self, stage: Stage) -> tuple[Term, ...]:
        """Return the measures that make up the resource at a stage."""
        return self.amount or self.amount_by_stage.get(stage, ())

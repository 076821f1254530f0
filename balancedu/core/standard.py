"""A whole standard: what is judged, in which parts, by which rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

import attrs

from balancedu import html
from balancedu.core.composed import Composed
from balancedu.core.condition import Condition
from balancedu.core.field_checks import Check, Checks
from balancedu.core.forms import Forms
from balancedu.core.model import (
    ByStage,
    Impossible,
    Indicator,
    Measure,
    Source,
    Stage,
    Table,
    Title,
    Unit,
    a_day,
    a_name,
    described,
    different,
    filled,
    refuse,
)
from balancedu.core.reckoning import Precision, Spread, Whole
from balancedu.core.relief import Relief, misfits
from balancedu.core.rules import Rule, SchoolSize, SectionsComply, SizeLimit
from balancedu.core.scope import Counted, Scope
from balancedu.phrase import Phrase


@attrs.frozen
class Item:
    """One requirement."""

    id: str = described("its id, such as G11", validator=a_name)
    name: Title = described("a short name for tables")
    title: Title = described("the wording of the standard")
    source: Source = described("where the requirement stands")
    rules: tuple[Rule, ...] = described("all of them must be met", validator=filled)
    reliefs: tuple[Relief, ...] = described("other limits for some schools, where the law grants them", default=())

    def __attrs_post_init__(self) -> None:
        refuse(misfits(self.rules, self.reliefs))

    def _repr_html_(self) -> str:
        rows = [["", self.title.zh], ["", self.title.en], ["出处 source", str(self.source)]]
        rows += [["判定 rule", repr(rule)] for rule in self.rules]
        return html.card(f"{self.id}  {self.name.zh}  {self.name.en}", html.table(rows))


@attrs.frozen
class Part:
    """One part of the standard; it is met when all its items are."""

    format: Literal[1] = described("the format of the file")
    id: str = described("the part, also the name of the file", validator=a_name)
    title: Title = described("its title")
    source: Source = described("where it stands")
    items: tuple[Item, ...] = described("its requirements", validator=filled)
    indicators: tuple[Indicator, ...] = described("the indicators that its rules speak of", default=())


@attrs.frozen
class Head:
    """Who counts, how it is computed, and how the verdict is reached."""

    format: Literal[1] = described("the format of the file")
    id: str = described(
        "the name of the standard; a standard that comes with balancedu stands in a folder of this name",
        validator=a_name,
    )
    title: Title = described("its title")
    document: str = described("the number of the document", validator=filled)
    issued: str = described("the day it was issued, in quotes", validator=a_day)
    stages: tuple[Stage, ...] = described("the stages that are judged", validator=[filled, different])
    stage_titles: Mapping[Stage, Title] = described(
        "the titles of the stages, of all that scope.pupils names", validator=filled
    )
    scope: Scope = described("who counts")
    spread: Spread = described("how the coefficient of variation is computed")
    precision: Precision = described("decimals of the application form")
    verdict: Whole = described("how the parts make the county's verdict")

    def __attrs_post_init__(self) -> None:
        missing = (stage for stage in self.scope.pupils if stage not in self.stage_titles)
        refuse(
            Impossible("stage_titles", Phrase(f"缺少学段 {stage} 的名称", f"the title of the stage {stage} is missing"))
            for stage in missing
        )


@attrs.frozen
class MeasuresFile:
    """Everything that a county reports, and nothing else."""

    format: Literal[1] = described("the format of the file")
    tables: tuple[Table, ...] = described("the tables that a county submits", validator=filled)
    measures: tuple[Measure, ...] = described("every quantity that a county reports", validator=filled)
    checks: Checks = described(
        "what cannot be, or hardly is, between the figures; what follows from part_of and formulas is checked anyway",
        default=Checks(),
    )
    units: tuple[Unit, ...] = described("the units that figures may be written in instead", default=())

    def __attrs_post_init__(self) -> None:
        units = [one.unit for one in self.units]
        twice = (n for n, unit in enumerate(units) if unit in units[:n])
        refuse(
            Impossible(f"units[{n}].unit", Phrase(f"单位“{units[n]}”重复", f"the unit {units[n]!r} stands twice"))
            for n in twice
        )


@attrs.frozen(slots=False, eq=False)
class Standard(Composed):
    """An edition of the evaluation, with the overlays that hold on the day, as typed and frozen objects.

    Attributes
    ----------
    head : Head
        Id, title, document, scope, precision, and how the parts make a verdict.
    tables, measures, indicators, parts, items : mapping of id to object
    forms : Forms, optional
    checks : tuple of Check
        What is looked at between the figures of a submission before it is judged.
    units : tuple of Unit
        The units that figures may be written in instead of those of the measures.
    origin, made_of, applied, lapses, day, strictly
        What it is made of; see `Composed`.
    """

    head: Head
    tables: Mapping[str, Table]
    measures: Mapping[str, Measure]
    parts: Mapping[str, Part]
    forms: Forms | None = None
    checks: tuple[Check, ...] = ()
    units: tuple[Unit, ...] = ()

    @property
    def id(self) -> str:
        """The name of the edition, and behind it those of its overlays: `cn-2017+shenyang`."""
        return "+".join((self.head.id, *self.overlays))

    @property
    def documents(self) -> str:
        """The document of the edition, and those of its overlays."""
        return " + ".join(dict.fromkeys((self.head.document, *(one.document for one in self.applied))))

    def set_by(self, path: str) -> str:
        """Return the id of the edition or overlay that set a value last."""
        return self.history(path)[-1].by if self.applied else self.head.id

    @property
    def title(self) -> Title:
        """Its title."""
        return self.head.title

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that are judged."""
        return self.head.stages

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """The indicators of all parts."""
        return {one.id: one for part in self.parts.values() for one in part.indicators}

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """The items of all parts."""
        return {item.id: item for part in self.parts.values() for item in part.items}

    @cached_property
    def section_rule(self) -> SectionsComply | None:
        """The rule that says when a section complies, where there is one."""
        rules = (rule for item in self.items.values() for rule in item.rules)
        return next((rule for rule in rules if isinstance(rule, SectionsComply)), None)

    @cached_property
    def floors(self) -> Mapping[str, ByStage]:
        """The floor of each indicator and stage, as exact as the standard it is a share of."""
        if self.section_rule is None:
            return {}
        share = self.section_rule.floor_share
        return {
            one.id: ByStage.of(">=", {s: (v * share).normalize() for s, v in one.at_least.items()})
            for one in self.indicators.values()
        }

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that the standard makes something depend on."""
        limits = (limit for item in self.items.values() for limit in _limits(item))
        return (
            *(one.when for one in self.head.scope.left_out),
            *(limit.when for limit in limits if limit.when is not None),
            *(relief.when for item in self.items.values() for relief in item.reliefs),
            *(one.counts_when for one in self.measures.values() if one.counts_when is not None),
        )

    def table_measures(self, table: str) -> Mapping[str, Measure]:
        """Return the measures of one table by column."""
        return {one.column: one for one in self.measures.values() if one.table == table}

    def counted(self, school_type: str) -> Counted | None:
        """Return how a type of school counts, or None where it does not."""
        return next((one for one in self.head.scope.counted if one.type == school_type), None)

    def _repr_html_(self) -> str:
        parts = []
        for part in self.parts.values():
            rows = [[one.id, one.title.zh, one.title.en] for one in part.indicators]
            rows += [[one.id, one.title.zh, one.title.en] for one in part.items]
            parts.append(html.folded(f"{part.title.zh} {part.title.en}", html.table(rows)))
        return html.card(f"{self.id}  {self.title.zh}  {self.documents}", *parts)

    def __repr__(self) -> str:
        day = f" on {self.day}" if self.day else ""
        return (
            f"<Standard {self.id}{day}: {self.documents}, {len(self.parts)} parts, {len(self.items)} items, "
            f"{len(self.indicators)} indicators, {len(self.measures)} measures>"
        )


def _limits(item: Item) -> Iterator[SizeLimit]:
    """Yield the limits of an item that may be for some schools only."""
    for rule in (*item.rules, *(rule for relief in item.reliefs for rule in relief.rules)):
        yield from rule.limits if isinstance(rule, SchoolSize) else ()

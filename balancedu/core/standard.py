"""A whole standard: what is judged, in which parts, by which rules, and what else follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeVar

import attrs

from balancedu.core.field_checks import DataCheck, DataChecks
from balancedu.core.fields import (
    Consistent,
    EntryId,
    Impossible,
    Language,
    Lapse,
    Source,
    Stage,
    TableId,
    Term,
    Title,
    a_day,
    a_name,
    described,
    different,
    filled,
    held,
    must_be,
    named_measures,
    positive,
    twice,
)
from balancedu.core.forms import Forms
from balancedu.core.model import (
    ByStage,
    Choice,
    Condition,
    Counted,
    Indicator,
    Measure,
    OverallRule,
    Precision,
    Range,
    Scope,
    Spread,
    TableDeclaration,
    Unit,
)
from balancedu.core.rules import Relief, Rule, SectionsComply, misfits
from balancedu.core.words import SEMICOLON, Words, joined
from balancedu.html import html_card, html_folded, html_table
from balancedu.text import Phrase

_Kind = TypeVar("_Kind", bound=Rule)


@attrs.frozen
class AppliedOverlay:
    """An overlay of a standard; `be.history` lists what it changed.

    Attributes
    ----------
    relaxes, wholly : bool
        Whether some of what was applied is relief, and whether all of it is.
    """

    id: str
    title: Title
    document: str
    issued: str | None
    relaxes: bool
    source: Source | None
    from_: str | None
    until: str | None
    wholly: bool

    def relief_text(self, lang: Language = "zh") -> str:
        """Return in words whether it is relief; an empty phrase if it is not."""
        words = ("放宽", "部分放宽") if lang == "zh" else ("relief", "relief in part")
        return words[not self.wholly] if self.relaxes else ""


@attrs.frozen
class OverlayFile:
    """An overlay as listed.

    Attributes
    ----------
    name : str
        What errors call the file.
    origin : str
        The id of an overlay that comes with balancedu, or the path of your own.
    content : bytes
    base : str
        The origin of the overlay that it extends; empty if it extends the edition.
    strictly : bool
        Whether only what is no relief is taken from it.
    """

    name: str
    origin: str
    content: bytes = attrs.field(repr=False)
    base: str = ""
    strictly: bool = False


@attrs.frozen
class SpecFiles:
    """Everything that a standard follows from.

    Attributes
    ----------
    name : str
        What errors call the edition: its id where it comes with balancedu, otherwise its folder.
    edition : tuple of (str, bytes)
        The files of the edition.
    overlays : tuple of OverlayFile
        In the order in which they are put onto the edition; each comes after the one that it extends.
    day : str
        The date of the standard, as `2023-09-01`; empty if nothing depends on it.
    given_day : str
        The day that was given, never today; empty if none was.
    """

    name: str
    edition: tuple[tuple[str, bytes], ...] = attrs.field(repr=False)
    overlays: tuple[OverlayFile, ...] = ()
    day: str = ""
    given_day: str = ""

    @property
    def title(self) -> str:
        """What errors call the whole."""
        return " + ".join((self.name, *(overlay.origin for overlay in self.overlays)))

    def bases(self, overlay: OverlayFile) -> frozenset[str]:
        """Return the origins of the overlays that one extends, over any number of steps."""
        by_origin, result = {overlay.origin: overlay for overlay in self.overlays}, set[str]()
        while overlay.base:
            result.add(overlay.base)
            overlay = by_origin[overlay.base]
        return frozenset(result)


@attrs.frozen
class Item(Consistent):
    """One requirement."""

    id: str = described("its id, unique in the standard", validator=a_name)
    name: Title = described("a short name for tables")
    title: Title = described("the wording of the standard")
    source: Source = described("the source of the requirement")
    rules: tuple[Rule, ...] = described("all of them must be met", validator=filled)
    reliefs: tuple[Relief, ...] = described("other limits for some schools, where the law grants them", default=())

    def _impossible(self) -> Iterator[Impossible]:
        return misfits(self.rules, self.reliefs)

    def requirement(self, words: Words) -> Phrase:
        """Return what all of its rules require, and what is required of schools that have relief."""
        prefix = Phrase("放宽：", "relief: ")
        rules = [rule.sentence(words) for rule in self.rules]
        return joined(SEMICOLON, [*rules, *(prefix + relief.requirement(words) for relief in self.reliefs)])

    def _repr_html_(self) -> str:
        rows = [["", self.title.zh], ["", self.title.en], ["出处 source", str(self.source)]]
        rows += [["判定 rule", repr(rule)] for rule in self.rules]
        return html_card(f"{self.id}  {self.name.zh}  {self.name.en}", html_table(rows))


@attrs.frozen
class Part(Consistent):
    """One part of the standard; it is met when all its items are, or the required number of them."""

    format: Literal[1] = described("the format of the file")
    id: str = described("the part, also the name of the file", validator=a_name)
    title: Title = described("its title")
    source: Source = described("the document and the part that set it")
    items: tuple[Item, ...] = described("its requirements", validator=filled)
    indicators: tuple[Indicator, ...] = described("the indicators that its rules use", default=())
    items_needed: int | None = described(
        "how many of its items must be met; default: all",
        default=None,
        validator=attrs.validators.optional(positive),
    )

    def _impossible(self) -> Iterator[Impossible]:
        if self.items_needed is not None and self.items_needed > len(self.items):
            count = len(self.items)
            wanted = Phrase(f"不大于条目数（{count}）的数", f"at most {count}, the number of items")
            yield must_be("items_needed", wanted, self.items_needed)


@attrs.frozen
class Head(Consistent):
    """Who counts, how it is computed, and how the verdict is reached."""

    format: Literal[1] = described("the format of the file")
    id: str = described(
        "the name of the standard; a standard that comes with balancedu is in a folder of this name",
        validator=a_name,
    )
    title: Title = described("its title")
    document: str = described("the number of the document", validator=filled)
    issued: str = described("the day it was issued, in quotes", validator=a_day)
    stages: tuple[Stage, ...] = described("the stages that are judged", validator=[filled, different])
    stage_titles: Mapping[Stage, Title] = described(
        "the titles of the stages, of all that scope.pupils names", some_stages=True, validator=filled
    )
    scope: Scope = described("who counts")
    spread: Spread = described("how the coefficient of variation is computed")
    precision: Precision = described("decimals of the application form")
    verdict: OverallRule = described("how the parts make the county's verdict")

    def _impossible(self) -> Iterator[Impossible]:
        for stage in self.scope.pupils:
            if stage not in self.stage_titles:
                problem = Phrase(f"缺少学段 {stage} 的名称", f"the title of the stage {stage} is missing")
                yield Impossible("stage_titles", problem)


@attrs.frozen
class MeasuresFile(Consistent):
    """Everything that a county reports, and nothing else."""

    format: Literal[1] = described("the format of the file")
    tables: tuple[TableDeclaration, ...] = described("the tables that a county submits", validator=filled)
    measures: tuple[Measure, ...] = described("every quantity that a county reports", validator=filled)
    checks: DataChecks = described(
        "checks between figures: impossible or unlikely ones; what follows from part_of and formulas is checked anyway",
        default=DataChecks(),
    )
    units: tuple[Unit, ...] = described("the units that figures may be written in instead", default=())

    def _impossible(self) -> Iterator[Impossible]:
        return twice([unit.unit for unit in self.units], "units", ".unit")


SECTIONS, SPREAD = TableId("sections"), TableId("spread")
RATIO_TITLES: Mapping[str, Title] = {
    SECTIONS: Title("各校各学段的指标值", "figures of sections"),
    SPREAD: Title("均值和差异系数", "means and coefficients of variation"),
}
INDICATOR, MEAN, CV = "indicator", "mean", "cv"
_ZERO_OR_MORE = Range(least=Decimal(0))


@attrs.frozen(slots=False, eq=False, kw_only=True)
class Standard:
    """An edition of the evaluation, with the overlays that apply on the date, as typed and frozen objects.

    A Standard is a value: two of the same content are equal, and it loads nothing.

    Attributes
    ----------
    head : Head
        Id, title, document, scope, precision, and how the parts make a verdict.
    tables, measures, indicators, parts, items : mapping of id to object
    forms : Forms, optional
    checks : tuple of DataCheck
        What is considered between the figures of a submission before it is judged.
    units : tuple of Unit
        The units that figures may be written in instead of those of the measures.
    origin : str
        Ids of what comes with balancedu, paths of your own.
    files : SpecFiles
        What it was built from.
    applied : tuple of AppliedOverlay
        The overlays of which something applies on the date, in order.
    lapses : tuple of Lapse
        What does not apply on the date.
    day : str
        The date of the standard, as `2023-09-01`; empty if nothing depends on it.
    given_day : str
        The day that it was loaded for, as `2023-09-01`; empty if none was given. Rules that count years need it.
    strict : Standard, optional
        The same standard without relief of any kind: overlays that relax, other limits for some schools, and amounts
        that count in some; None if there is no relief in it.
    """

    head: Head
    tables: Mapping[str, TableDeclaration]
    measures: Mapping[str, Measure]
    parts: Mapping[str, Part]
    forms: Forms | None = None
    checks: tuple[DataCheck, ...] = ()
    units: tuple[Unit, ...] = ()
    origin: str = ""
    files: SpecFiles = SpecFiles("", ())
    applied: tuple[AppliedOverlay, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    day: str = ""
    given_day: str = ""
    strict: Standard | None = None

    @cached_property
    def fingerprint(self) -> str:
        """A text that is equal for two standards if and only if their content is."""
        from hashlib import sha256  # loads a cryptographic library, and judging needs no fingerprint

        names = (field.name for field in attrs.fields(Standard) if field.name not in _NO_CONTENT)
        content = [*(getattr(self, name) for name in names), self.strict and self.strict.fingerprint]
        return sha256(repr(content).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Standard):
            return NotImplemented
        return self is other or self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def id(self) -> str:
        """The name of the edition, and behind it those of its overlays: `cn-2017+shenyang`."""
        return "+".join((self.head.id, *self.overlays))

    @property
    def overlays(self) -> tuple[str, ...]:
        """The ids of the overlays that were applied, in their order."""
        return tuple(overlay.id for overlay in self.applied)

    @property
    def expired(self) -> tuple[Lapse, ...]:
        """What has ended by the date of the standard and is not applied."""
        return tuple(lapse for lapse in self.lapses if lapse.over)

    @property
    def upcoming(self) -> tuple[Lapse, ...]:
        """What begins after the date of the standard and is not applied yet."""
        return tuple(lapse for lapse in self.lapses if not lapse.over)

    def notes(self, lang: Language = "zh") -> tuple[str, ...]:
        """Return what a reader of a verdict has to know: overlays, the day, and what is not applied on it."""
        comma, head = ("，", "叠加：") if lang == "zh" else (", ", "overlay: ")
        lines = [
            f"{head}{overlay.title.text(lang)} ({comma.join(filter(None, (overlay.id, overlay.relief_text(lang))))})"
            for overlay in self.applied
        ]
        if self.day:
            lines.append(f"以{self.day}为准" if lang == "zh" else f"as of {self.day}")
        return (*lines, *(lapse.text(lang) for lapse in self.lapses))

    @property
    def documents(self) -> str:
        """The document of the edition, and those of its overlays."""
        return " + ".join(dict.fromkeys((self.head.document, *(overlay.document for overlay in self.applied))))

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
        return {indicator.id: indicator for part in self.parts.values() for indicator in part.indicators}

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """The items of all parts."""
        return {item.id: item for part in self.parts.values() for item in part.items}

    @cached_property
    def words(self) -> Words:
        """Its titles, from which rules make sentences."""
        return Words(self.measures, self.head.stage_titles)

    @cached_property
    def section_rule(self) -> SectionsComply | None:
        """The rule that defines when a section complies, if there is one."""
        return self.rule_of(SectionsComply)

    def rule_of(self, kind: type[_Kind]) -> _Kind | None:
        """Return the first rule of a kind; None if no item has one."""
        rules = (rule for item in self.items.values() for rule in item.rules)
        return next((rule for rule in rules if isinstance(rule, kind)), None)

    @cached_property
    def limits_and_floors(self) -> Mapping[str, tuple[tuple[ByStage, ByStage], ...]]:
        """The limit and the floor of each stage: for each indicator, a pair for each of its conditions.

        The distance of the floor to the standard follows from its share: 85 % of a lower limit, 115 % of an upper one.
        """
        share = self.section_rule.floor_share if self.section_rule else None

        def floors(limits: ByStage) -> ByStage:
            if share is None:
                return ByStage()
            pairs = [(stage, limit) for stage in self.stages if (limit := limits[stage])]
            values = {stage: limit.value * (share if limit.relation == ">=" else 2 - share) for stage, limit in pairs}
            relation = pairs[0][1].relation if pairs else ">="
            return ByStage.of(relation, {stage: value.normalize() for stage, value in values.items()})

        return {
            indicator.id: tuple((limits, floors(limits)) for _, limits in indicator.thresholds_by_condition)
            for indicator in self.indicators.values()
        }

    @cached_property
    def floors(self) -> Mapping[str, ByStage]:
        """The floor of each indicator and stage, of schools without another standard; empty if there is none."""
        if self.section_rule is None or self.section_rule.floor_share is None:
            return {}
        return {name: limits[-1][1] for name, limits in self.limits_and_floors.items()}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition in the standard."""
        return tuple(held((self.head.scope, *self.parts.values(), *self.measures.values()), Condition))

    def table_measures(self, table: str) -> Mapping[str, Measure]:
        """Return the measures of one table by column; those of `sections` and `spread` follow from the indicators."""
        declared = self._measures_by_table.get(table, MappingProxyType({}))
        return declared if declared or table not in RATIO_TITLES else self._ratio_measures[table]

    @cached_property
    def _measures_by_table(self) -> Mapping[str, Mapping[str, Measure]]:
        result: dict[str, dict[str, Measure]] = {}
        for measure in self.measures.values():
            result.setdefault(measure.table, {})[measure.column] = measure
        return {table: MappingProxyType(measures) for table, measures in result.items()}

    def table_title(self, table: str) -> Title | None:
        """Return the title of a table; None for one that does not exist."""
        return self.tables[table].title if table in self.tables else RATIO_TITLES.get(table)

    @cached_property
    def _ratio_measures(self) -> Mapping[str, Mapping[str, Measure]]:
        """The columns of the tables of results, by table and name."""
        schools, pupils = self.table_measures("schools"), self.measures[self.head.scope.pupils[self.stages[0]]]
        declared = self.measures["classes.stage"].values if "classes.stage" in self.measures else ()
        known = {choice.id: choice for choice in declared}
        stages = tuple(known.get(stage, Choice(stage, self.head.stage_titles[stage])) for stage in self.stages)
        every = self.indicators.values()
        indicators = tuple(Choice(indicator.id, indicator.name, (indicator.title.zh,)) for indicator in every)
        unit, source = pupils.unit or Title("人", "pupils"), pupils.source

        def columns(
            table: TableId, ids: tuple[str, ...], numbers: Mapping[str, tuple[Title, Title]]
        ) -> dict[str, Measure]:
            by_name = {name: schools[name] for name in ids if name in schools}
            by_name["stage"] = Measure("stage", Title("学段", "stage"), table, "choice", source, values=stages)
            if table == SECTIONS:
                title = Title("在校生数", "pupils")
                by_name["pupils"] = attrs.evolve(pupils, title=title, stage=None, part_of=None, plausible=None)
            else:
                title = Title("指标", "indicator")
                by_name[INDICATOR] = Measure(INDICATOR, title, table, "choice", source, values=indicators)
            for name, (title, unit) in numbers.items():
                by_name[name] = Measure(name, title, table, "number", source, unit=unit, range=_ZERO_OR_MORE)
            return {name: attrs.evolve(measure, id=f"{table}.{name}", table=table) for name, measure in by_name.items()}

        figures = {indicator.id: (indicator.name, indicator.unit) for indicator in every}
        spread = {MEAN: (Title("均值", "mean"), unit), CV: (Title("差异系数", "coefficient of variation"), unit)}
        return {
            SECTIONS: columns(SECTIONS, ("county", "school", "name"), figures),
            SPREAD: columns(SPREAD, ("county",), spread),
        }

    def counted(self, school_type: str) -> Counted | None:
        """Return how a type of school counts, or None if it does not."""
        return next((counted for counted in self.head.scope.counted if counted.type == school_type), None)

    def _repr_html_(self) -> str:
        parts = []
        for part in self.parts.values():
            rows = [[indicator.id, indicator.title.zh, indicator.title.en] for indicator in part.indicators]
            rows += [[item.id, item.title.zh, item.title.en] for item in part.items]
            parts.append(html_folded(f"{part.title.zh} {part.title.en}", html_table(rows)))
        return html_card(f"{self.id}  {self.title.zh}  {self.documents}", *parts)

    def __repr__(self) -> str:
        day = f" on {self.day}" if self.day else ""
        return (
            f"<Standard {self.id}{day}: {self.documents}, {len(self.parts)} parts, {len(self.items)} items, "
            f"{len(self.indicators)} indicators, {len(self.measures)} measures>"
        )


# A class cannot name itself where its annotations are texts: tools that read the signature find it here.
Standard.__init__.__annotations__["strict"] = Standard | None

_NO_CONTENT = ("origin", "files", "strict")
"""Attributes that state where the content comes from, and the one with its own fingerprint."""


def with_owners(measures: Sequence[Measure], parts: Iterable[Part]) -> dict[str, Measure]:
    """Return measures by id, each with the indicators and items that need it: those that name it, and those declared.

    What needs a share, a sum or a relief also needs the measures from which it is computed or decided.
    """
    by_id = {measure.id: measure for measure in measures}
    owners: dict[str, dict[EntryId, None]] = {name: {} for name in by_id}
    entries: list[Indicator | Item] = []
    for part in parts:
        entries += [*part.indicators, *part.items]
    declared = {owner.id: [measure.id for measure in measures if owner.id in measure.needed_by] for owner in entries}
    for owner in entries:
        waiting = [*named_measures(owner), *declared[owner.id]]
        while waiting:
            measure = by_id[waiting.pop()]
            if EntryId(owner.id) not in owners[measure.id]:
                owners[measure.id][EntryId(owner.id)] = None
                waiting += (*measure.follows_from, *(measure.counts_when.measures if measure.counts_when else ()))
    return {name: attrs.evolve(measure, needed_by=tuple(owners[name])) for name, measure in by_id.items()}


def without_relief(standard: Standard) -> Standard | None:
    """Return a standard without the limits and amounts that are for some schools only; None if it has none."""
    amounts = {name for name, measure in standard.measures.items() if measure.counts_when}
    if not amounts and not any(item.reliefs for item in standard.items.values()):
        return None
    parts = {name: _part_without_relief(part, amounts) for name, part in standard.parts.items()}
    return attrs.evolve(standard, parts=parts)


def _part_without_relief(part: Part, amounts: set[str]) -> Part:
    def strict(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(term for term in terms if term not in amounts)

    indicators = tuple(
        attrs.evolve(
            indicator,
            amount=strict(indicator.amount),
            amount_by_stage={stage: strict(terms) for stage, terms in indicator.amount_by_stage.items()},
        )
        for indicator in part.indicators
    )
    items = tuple(attrs.evolve(item, reliefs=()) for item in part.items)
    return attrs.evolve(part, items=items, indicators=indicators)


GENERAL: Mapping[str, Phrase] = {
    "overview": Phrase("区域概况、创建历程和所获荣誉", "the county, its way so far and its honours"),
    "problems": Phrase("其他问题", "further problems"),
    "measures": Phrase("其他工作措施", "further measures"),
    "principles": Phrase("指导思想", "principles"),
    "goals": Phrase("总体目标", "goals"),
    "steps": Phrase("实施步骤", "steps"),
    "support": Phrase("保障措施", "support"),
}
"""Texts about the county as a whole: one key each."""

FIELDS: Mapping[str, Phrase] = {
    "practice": Phrase("主要做法及成效", "what was done, and with what effect"),
    "problem": Phrase("存在问题", "problems"),
    "measure": Phrase("整改措施", "measures"),
    "office": Phrase("责任单位", "office"),
    "person": Phrase("责任人", "person"),
    "deadline": Phrase("完成时限", "deadline"),
    "evidence": Phrase("佐证材料", "evidence"),
}
"""Texts about an indicator or item: the key is its id, a point and the field, as `G5.office`."""


def narrative_entries(standard: Standard) -> Mapping[str, Phrase]:
    """Return the indicators and items that texts are about, by id, in the order of the standard.

    Examples
    --------
    >>> import balancedu as be
    >>> entries = narrative_entries(be.load_standard())
    >>> entries["G5"].zh == be.load_standard().items["G5"].title.zh
    True
    """
    result: dict[str, Phrase] = {}
    for part in standard.parts.values():
        result |= {indicator.id: indicator.title for indicator in part.indicators}
        result |= {item.id: item.title for item in part.items}
    return result


def narrative_keys(standard: Standard) -> tuple[str, ...]:
    """Return every key that `Submission.narrative` may have."""
    entries = narrative_entries(standard)
    return (*GENERAL, *(f"{owner}.{field}" for owner in entries for field in FIELDS))

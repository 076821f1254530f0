"""What a standard must satisfy as a whole: every name is declared once and is of the right kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import Any, get_args

import attrs

from balancedu.core.fields import EntryId, MeasureId, SchoolType, Stage, TableId, fields_of, plain
from balancedu.core.model import Declarations, Indicator, Measure
from balancedu.core.paths import HEAD, MEASURES, named
from balancedu.core.rules import Rule, SectionsComply, misplaced_condition
from balancedu.core.standard import MeasuresFile, Part
from balancedu.core.strict_yaml import Node, shortened
from balancedu.core.structure import Built, Reference
from balancedu.errors import SpecError, near
from balancedu.text import NO_WORDS, Phrase, meant, quote

ENTRIES = ("items", "indicators")


@attrs.frozen
class ReadFiles:
    """What was read of a standard, complete or not: checks say what they can."""

    roots: Mapping[str, Node]
    built: list[Built]
    references: list[Reference]
    parts: frozenset[str]
    """The files of the parts, read or not."""
    dropped: Mapping[str, str] = attrs.field(factory=dict)
    """The places of overlays that drop something, by its name."""
    overlaid: bool = False
    """Overlays are put onto the edition: problems name places as they do."""

    def error(self, root: str, node: Node, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> SpecError:
        """Return an error at a node of a file of the standard."""
        return node.error(named(self.roots, root, path) if self.overlaid else path, problem, hint)

    def wrong(self, built: Built, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> SpecError:
        """Return an error at a field of an object."""
        return self.error(built.root, built.node.at(field), f"{built.path}.{field}".strip("."), problem, hint)

    @cached_property
    def _by_class(self) -> Mapping[type[Any], list[Built]]:
        result: dict[type[Any], list[Built]] = {}
        for entry in self.built:
            result.setdefault(type(entry.value), []).append(entry)
        return result

    def all_of(self, kind: type[Any]) -> list[Built]:
        """Return the objects of a class."""
        return self._by_class.get(kind, [])

    def declared(self, *groups: str) -> Iterator[tuple[str, Node, str, str]]:
        """Yield every id of these lists, with its node, path and file."""
        for file, root in self.roots.items():
            for group in groups:
                for n, entry in enumerate(root.entries(group)):
                    if has_id(entry):
                        yield entry.at("id").text, entry.at("id"), f"{group}[{n}].id", file

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        groups = (*ENTRIES, "measures", "tables")
        return {group: frozenset(name for name, *_ in self.declared(group)) for group in groups}

    def names(self, *groups: str) -> frozenset[str]:
        """Return the ids of these lists."""
        return frozenset().union(*(self._names[group] for group in groups))

    def whole(self, kind: Hashable, files: Iterable[str], needed: str, *optional: str) -> bool:
        """Return whether every id of these lists could be read, so that one not found is not there."""
        for file in files:
            value = self.roots[file].value if file in self.roots else ()
            if not isinstance(value, Mapping) or needed not in value or not set(value) <= set(fields_of(kind)):
                return False
            lists = [value[group].value for group in (needed, *optional) if group in value]
            if not all(isinstance(entry, tuple) and all(map(has_id, entry)) for entry in lists):
                return False
        return True

    def known(self) -> Declarations:
        """Return what single declarations are held against."""
        head = self.roots.get(HEAD)
        listed = [entry.text for entry in head.entries("stages")] if head else []
        stages: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage in listed)
        if not set(listed) <= set(stages):
            stages = ()
        indicators = len(self.names("indicators")) if self.whole(Part, self.parts, *ENTRIES) else None
        measures = {entry.value.id: entry.value for entry in self.all_of(Measure)}
        ids = self.names("measures") if self.whole(MeasuresFile, [MEASURES], "measures") else None
        return Declarations(self.names("tables"), ids, measures, stages, indicators)


def has_id(entry: Node) -> bool:
    """Return whether an entry of a list has an id."""
    return isinstance(entry.value, Mapping) and "id" in entry.value and bool(entry.value["id"].text)


_DECLARE = Phrase(f"请在 {MEASURES} 中写上", f"declare it in {MEASURES}")


def _add(to: str) -> Phrase:
    return Phrase(f"请加上（add），写 `to: {to}`", f"add it, to: {to}")


_CALLED: Mapping[object, tuple[Phrase, Phrase, Phrase]] = {
    MeasureId: (Phrase("填报项", "measure"), _DECLARE, _add("measures")),
    TableId: (Phrase("表", "table"), _DECLARE, _add("tables")),
    SchoolType: (
        Phrase("学校类型", "type of school"),
        Phrase(
            f"请在 {MEASURES} 中写作填报项 type 的一个值",
            f"declare it as a value of the measure 'type' in {MEASURES}",
        ),
        _add("measures.type.values"),
    ),
    EntryId: (
        Phrase("指标或条目", "indicator or item"),
        Phrase("只能写各部分中已有的", "name only what the parts declare"),
        Phrase("请加到（add）某个部分的 items", "add it, to: the items of a part"),
    ),
}
"""What a name is meant for, and the way out for the author of an edition and for that of an overlay."""


def problems(draft: ReadFiles) -> Iterator[SpecError]:
    """Yield what does not fit together."""
    known = draft.known()
    yield from _declared_twice(draft)
    yield from _undeclared(draft)
    yield from _of_another_type(draft, known)
    for entry in draft.built:
        # Rules of other packages are held against the standard too: whatever has the method is asked.
        of_class = getattr(entry.value, "contradictions", _nothing)(known)
        of_rule = misplaced_condition(entry.value, known) if isinstance(entry.value, Rule) else ()
        for problem in (*known.wrong_stages(entry.value), *of_class, *of_rule):
            yield draft.wrong(entry, problem.field, problem.problem, problem.hint)
    yield from _named_alike(draft)
    yield from _misnamed_parts(draft)
    yield from _second_section_rule(draft)
    yield from _without_standard(draft)


def _declared_twice(draft: ReadFiles) -> Iterator[SpecError]:
    for groups in (ENTRIES, ("measures",), ("tables",)):
        seen: dict[str, Node] = {}
        for name, node, path, file in draft.declared(*groups):
            first = seen.setdefault(name, node)
            if first is not node:
                words, place = quote(shortened(name)), f"{first.file}:{first.line}"
                problem = Phrase(f"{words.zh}重复，{place} 已有", f"{words.en} is declared twice, first in {place}")
                yield draft.error(file, node, path, problem)
    columns: dict[tuple[str, str], str] = {}
    for entry in draft.all_of(Measure):
        first_id = columns.setdefault((entry.value.table, entry.value.column), entry.value.id)
        if first_id != entry.value.id:
            column, table = entry.value.column, entry.value.table
            problem = Phrase(
                f"{first_id} 已是表 {table} 的列 {column}", f"{first_id} is the column {column} of {table} already"
            )
            yield draft.wrong(entry, "id", problem)


def _undeclared(draft: ReadFiles) -> Iterator[SpecError]:
    declared: dict[object, Set[str]] = {
        MeasureId: draft.names("measures"),
        TableId: draft.names("tables"),
        SchoolType: _school_types(draft),
        EntryId: draft.names(*ENTRIES),
    }
    result: dict[object, bool] = {
        MeasureId: draft.whole(MeasuresFile, [MEASURES], "measures"),
        TableId: draft.whole(MeasuresFile, [MEASURES], "tables"),
        SchoolType: draft.whole(MeasuresFile, [MEASURES], "measures"),
        EntryId: draft.whole(Part, draft.parts, *ENTRIES),
    }
    for reference in draft.references:
        if reference.root == MEASURES and reference.kind is EntryId and reference.name in draft.dropped:
            # What an overlay drops may still be listed by measures.
            continue
        known = declared[reference.kind]
        if result[reference.kind] and reference.name not in known:
            word, *ways = _CALLED[reference.kind]
            guess = _titled(draft, reference) or near(reference.name, known)
            hint = Phrase("或者", "or ") + ways[1] if draft.overlaid and guess else ways[draft.overlaid]
            if reference.name in draft.dropped:
                place, guess = draft.dropped[reference.name], NO_WORDS
                hint = Phrase(
                    f"{place} 取消了它，请把提到它的地方一并取消", f"{place} drops it; drop what names it, too"
                )
            words = quote(shortened(reference.name))
            problem = Phrase(f"没有叫{words.zh}的{word.zh}", f"no {word.en} is called {words.en}") + guess
            yield draft.error(reference.root, reference.node, reference.path, problem, hint)


def _titled(draft: ReadFiles, reference: Reference) -> Phrase:
    """Say which measure or type of school has what was written for its title."""
    measures = [entry.value for entry in draft.all_of(Measure)]
    if reference.kind is MeasureId:
        named = [(measure.id, measure.names) for measure in measures]
    elif reference.kind is SchoolType:
        named = [
            (choice.id, choice.writings) for measure in measures if measure.id == "type" for choice in measure.values
        ]
    else:
        return NO_WORDS
    words = plain(reference.name)
    return meant(name for name, writings in named if words in map(plain, writings))


def _of_another_type(draft: ReadFiles, known: Declarations) -> Iterator[SpecError]:
    for reference in draft.references:
        measure, asks = known.measures.get(reference.name), reference.asks
        if measure is None or asks is None:
            continue
        if measure.type not in asks.types or (asks.tables and measure.table not in asks.tables):
            problem = Phrase(
                f"填写 {measure.id}，应为{asks.words.zh}的填报项",
                f"must name a measure of type {asks.words.en}, found {measure.id}",
            )
            hint = Phrase(
                f"{measure.id} 在表 {measure.table} 中，类型为 {measure.type}",
                f"{measure.id} is of type {measure.type} of the table {measure.table}",
            )
            yield draft.error(reference.root, reference.node, reference.path, problem, hint)


def _named_alike(draft: ReadFiles) -> Iterator[SpecError]:
    """Yield further headers that mean another measure of the table too; measures of two stages may share them."""
    measures = draft.all_of(Measure)
    owners: dict[tuple[str, str], list[Measure]] = {}
    for measure in measures:
        for name in measure.value.names:
            owners.setdefault((measure.value.table, plain(name)), []).append(measure.value)
    for measure in measures:
        for n, name in enumerate(measure.value.also):
            for other in owners[measure.value.table, plain(name)]:
                if other is not measure.value and not (
                    other.stage and measure.value.stage and other.stage != measure.value.stage
                ):
                    problem = Phrase(f"“{name}”已指 {other.id}", f"{name!r} means {other.id} already")
                    yield draft.wrong(measure, f"also[{n}]", problem)


def _misnamed_parts(draft: ReadFiles) -> Iterator[SpecError]:
    for part in draft.all_of(Part):
        name = part.root.removesuffix(".yaml")
        if part.value.id != name:
            problem = Phrase(
                f"填写“{part.value.id}”，应与文件名相同，为“{name}”",
                f"must be {name!r}, as the file is called, found {part.value.id!r}",
            )
            yield draft.wrong(part, "id", problem)


def _second_section_rule(draft: ReadFiles) -> Iterator[SpecError]:
    for rule in draft.all_of(SectionsComply)[1:]:
        problem = Phrase(
            "又一条 sections_comply 规则：一个标准只有一个最低要求",
            "a second rule sections_comply: a standard has one floor",
        )
        yield draft.error(rule.root, rule.node, rule.path, problem)


def _without_standard(draft: ReadFiles) -> Iterator[SpecError]:
    """Yield indicators without a standard where a rule counts in how many indicators a section reaches it."""
    for rule in draft.all_of(SectionsComply)[:1]:
        item = draft.roots[rule.root].at(f"{rule.path.partition('.')[0]}.id").text
        for entry in draft.all_of(Indicator):
            if not (entry.value.at_least or entry.value.at_most):
                zh = f"{item}要数学校达到了几项指标，这项指标却没有标准，每所学校都会一直待定"
                en = f"has no standard, but {item} counts it: every section would stay unknown"
                yield draft.error(
                    entry.root, entry.node, entry.path, Phrase(zh, en), Phrase("请补上 at_least", "give at_least")
                )


def _school_types(draft: ReadFiles) -> set[str]:
    for root in draft.roots.values():
        for entry in root.entries("measures"):
            if has_id(entry) and entry.at("id").text == "type":
                return {value.at("id").text for value in entry.entries("values")}
    return set()


def _nothing(_known: Declarations) -> Iterable[Any]:
    return ()

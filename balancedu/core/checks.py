"""What a standard must keep to as a whole: everything named is declared, once, and fits what names it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import Any, get_args

import attrs

from balancedu.core.built import Built, Reference
from balancedu.core.model import EntryId, Known, Measure, MeasureId, SchoolType, Stage, TableId
from balancedu.core.naming import named
from balancedu.core.paths import HEAD, MEASURES
from balancedu.core.reader import Node
from balancedu.core.rules import SectionsComply
from balancedu.core.scalars import either, shortened
from balancedu.core.standard import MeasuresFile, Part
from balancedu.core.structure import fields_of
from balancedu.core.words import plain
from balancedu.errors import SpecError, nearest

_ENTRIES = ("items", "indicators")

_CALLED: Mapping[object, tuple[str, str, str]] = {
    MeasureId: ("measure", f"declare it in {MEASURES}", "add it, to: measures"),
    TableId: ("table", f"declare it in {MEASURES}", "add it, to: tables"),
    SchoolType: (
        "type of school",
        f"declare it as a value of the measure 'type' in {MEASURES}",
        "add it, to: measures.type.values",
    ),
    EntryId: ("indicator or item", "name only what the parts declare", "add it, to: the items of a part"),
}
"""What a name is meant for, and the way out for the author of an edition and for that of an overlay."""


@attrs.frozen
class Draft:
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

    def error(self, root: str, node: Node, path: str, problem: str, hint: str = "") -> SpecError:
        """Return an error that stands at a node of a file of the standard."""
        return node.error(named(self.roots, root, path) if self.overlaid else path, problem, hint)

    def wrong(self, one: Built, field: str, problem: str, hint: str = "") -> SpecError:
        """Return an error that stands at a field of an object."""
        return self.error(one.root, one.node.at(field), f"{one.path}.{field}".strip("."), problem, hint)

    @cached_property
    def _by_class(self) -> Mapping[type[Any], list[Built]]:
        found: dict[type[Any], list[Built]] = {}
        for one in self.built:
            found.setdefault(type(one.value), []).append(one)
        return found

    def all_of(self, kind: type[Any]) -> list[Built]:
        """Return the objects of a class."""
        return self._by_class.get(kind, [])

    def declared(self, *groups: str) -> Iterator[tuple[str, Node, str, str]]:
        """Yield every id of these lists, with its node, path and file."""
        for file, root in self.roots.items():
            for group in groups:
                for n, entry in enumerate(root.entries(group)):
                    if _has_id(entry):
                        yield entry.at("id").text, entry.at("id"), f"{group}[{n}].id", file

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        groups = (*_ENTRIES, "measures", "tables")
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
            if not all(isinstance(one, tuple) and all(map(_has_id, one)) for one in lists):
                return False
        return True

    def known(self) -> Known:
        """Return what single declarations are held against."""
        head = self.roots.get(HEAD)
        listed = [one.text for one in head.entries("stages")] if head else []
        stages: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage in listed)
        if not set(listed) <= set(stages):
            stages = ()
        indicators = len(self.names("indicators")) if self.whole(Part, self.parts, *_ENTRIES) else None
        measures = {one.value.id: one.value for one in self.all_of(Measure)}
        ids = self.names("measures") if self.whole(MeasuresFile, [MEASURES], "measures") else None
        return Known(self.names("tables"), ids, measures, stages, indicators)


def problems(draft: Draft) -> Iterator[SpecError]:
    """Yield what does not fit together."""
    known = draft.known()
    yield from _declared_twice(draft)
    yield from _undeclared(draft)
    yield from _of_another_type(draft, known)
    yield from _not_needed(draft, known)
    for one in draft.built:
        # Rules of other packages are held against the standard too: whatever has the method is asked.
        for problem in getattr(one.value, "contradictions", _nothing)(known):
            yield draft.wrong(one, problem.field, problem.problem, problem.hint)
    yield from _named_alike(draft)
    yield from _misnamed_parts(draft)
    yield from _second_section_rule(draft)


def _declared_twice(draft: Draft) -> Iterator[SpecError]:
    for groups in (_ENTRIES, ("measures",), ("tables",)):
        seen: dict[str, Node] = {}
        for name, node, path, file in draft.declared(*groups):
            first = seen.setdefault(name, node)
            if first is not node:
                problem = f"{shortened(name)!r} is declared twice, first in {first.file}:{first.line}"
                yield draft.error(file, node, path, problem)
    columns: dict[tuple[str, str], str] = {}
    for one in draft.all_of(Measure):
        first_id = columns.setdefault((one.value.table, one.value.column), one.value.id)
        if first_id != one.value.id:
            problem = f"{first_id} is the column {one.value.column} of {one.value.table} already"
            yield draft.wrong(one, "id", problem)


def _undeclared(draft: Draft) -> Iterator[SpecError]:
    declared: dict[object, Set[str]] = {
        MeasureId: draft.names("measures"),
        TableId: draft.names("tables"),
        SchoolType: _school_types(draft),
        EntryId: draft.names(*_ENTRIES),
    }
    told: dict[object, bool] = {
        MeasureId: draft.whole(MeasuresFile, [MEASURES], "measures"),
        TableId: draft.whole(MeasuresFile, [MEASURES], "tables"),
        SchoolType: draft.whole(MeasuresFile, [MEASURES], "measures"),
        EntryId: draft.whole(Part, draft.parts, *_ENTRIES),
    }
    for reference in draft.references:
        known = declared[reference.kind]
        if told[reference.kind] and reference.name not in known:
            word, *ways = _CALLED[reference.kind]
            guess = _titled(draft, reference) or nearest(reference.name, known)
            hint = f"or {ways[1]}" if draft.overlaid and guess else ways[draft.overlaid]
            if reference.name in draft.dropped:
                guess, hint = "", f"{draft.dropped[reference.name]} drops it; drop what names it, too"
            problem = f"no {word} is called {shortened(reference.name)!r}{guess}"
            yield draft.error(reference.root, reference.node, reference.path, problem, hint)


def _titled(draft: Draft, reference: Reference) -> str:
    """Say which measure or type of school has what was written for its title."""
    measures = [one.value for one in draft.all_of(Measure)]
    if reference.kind is MeasureId:
        named = [(one.id, one.names) for one in measures]
    elif reference.kind is SchoolType:
        named = [(choice.id, choice.writings) for one in measures if one.id == "type" for choice in one.values]
    else:
        return ""
    said = plain(reference.name)
    found = [name for name, writings in named if said in map(plain, writings)]
    return f"; did you mean {either(map(repr, found))}?" if found else ""


def _of_another_type(draft: Draft, known: Known) -> Iterator[SpecError]:
    for reference in draft.references:
        measure, asks = known.measures.get(reference.name), reference.asks
        if measure is None or asks is None:
            continue
        if measure.type not in asks.types or asks.table not in ("", measure.table):
            problem = f"must name a measure of type {asks}, found {measure.id}"
            hint = f"{measure.id} is of type {measure.type} of the table {measure.table}"
            yield draft.error(reference.root, reference.node, reference.path, problem, hint)


def _not_needed(draft: Draft, known: Known) -> Iterator[SpecError]:
    """Yield measures that an indicator or item names without their saying so."""
    for reference in draft.references:
        owner = _owner(draft, reference)
        measure = known.measures.get(reference.name)
        if owner and reference.kind is MeasureId and measure and owner not in measure.needed_by:
            problem = f"{owner} needs {measure.id}, but the measure does not say so"
            hint = _saying_so(draft, owner, measure)
            yield draft.error(reference.root, reference.node, reference.path, problem, hint)


def _saying_so(draft: Draft, owner: str, measure: Measure) -> str:
    """Say how a measure comes to name who needs it."""
    node = next(one.node for one in draft.all_of(Measure) if one.value is measure)
    if not draft.overlaid:
        return f"add {owner} to its needed_by in {MEASURES}"
    named = isinstance(node.value, Mapping) and "needed_by" in node.value
    if node.file not in draft.roots:
        place = f"{node.file}:{node.line}"
        return f"add {owner} to its needed_by, {place}" if named else f"write needed_by: [{owner}] in it, {place}"
    if named:
        return f"add it, to: measures.{measure.id}.needed_by, value: {owner}"
    return f"add it, to: measures.{measure.id}, key: needed_by, value: [{owner}]"


def _named_alike(draft: Draft) -> Iterator[SpecError]:
    """Yield further headers that mean another measure of the table too; measures of two stages may share them."""
    measures = draft.all_of(Measure)
    owners: dict[tuple[str, str], list[Measure]] = {}
    for one in measures:
        for name in one.value.names:
            owners.setdefault((one.value.table, plain(name)), []).append(one.value)
    for one in measures:
        for n, name in enumerate(one.value.also):
            for other in owners[one.value.table, plain(name)]:
                if other is not one.value and not (other.stage and one.value.stage and other.stage != one.value.stage):
                    yield draft.wrong(one, f"also[{n}]", f"{name!r} means {other.id} already")


def _misnamed_parts(draft: Draft) -> Iterator[SpecError]:
    for part in draft.all_of(Part):
        name = part.root.removesuffix(".yaml")
        if part.value.id != name:
            yield draft.wrong(part, "id", f"must be {name!r}, as the file is called, found {part.value.id!r}")


def _second_section_rule(draft: Draft) -> Iterator[SpecError]:
    for rule in draft.all_of(SectionsComply)[1:]:
        problem = "a second rule sections_comply: a standard has one floor"
        yield draft.error(rule.root, rule.node, rule.path, problem)


def _owner(draft: Draft, reference: Reference) -> str | None:
    """Return the id of the indicator or item in which something is named."""
    group, _, rest = reference.path.partition("[")
    if group not in _ENTRIES:
        return None
    entry = draft.roots[reference.root].at(f"{group}[{rest.partition(']')[0]}].id")
    return entry.text or None


def _school_types(draft: Draft) -> set[str]:
    for root in draft.roots.values():
        for entry in root.entries("measures"):
            if _has_id(entry) and entry.at("id").text == "type":
                return {one.at("id").text for one in entry.entries("values")}
    return set()


def _has_id(entry: Node) -> bool:
    return isinstance(entry.value, Mapping) and "id" in entry.value and bool(entry.value["id"].text)


def _nothing(_known: Known) -> Iterable[Any]:
    return ()

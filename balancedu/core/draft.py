"""What was read of a standard, complete or not, for the checks of the whole."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, get_args

import attrs

from balancedu.core.built import Built, Reference
from balancedu.core.model import Known, Measure, Stage
from balancedu.core.naming import named
from balancedu.core.paths import HEAD, MEASURES
from balancedu.core.reader import Node
from balancedu.core.standard import MeasuresFile, Part
from balancedu.core.structure import fields_of
from balancedu.errors import SpecError
from balancedu.phrase import NO_WORDS, Phrase

ENTRIES = ("items", "indicators")


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

    def error(self, root: str, node: Node, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> SpecError:
        """Return an error that stands at a node of a file of the standard."""
        return node.error(named(self.roots, root, path) if self.overlaid else path, problem, hint)

    def wrong(self, one: Built, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> SpecError:
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
            if not all(isinstance(one, tuple) and all(map(has_id, one)) for one in lists):
                return False
        return True

    def known(self) -> Known:
        """Return what single declarations are held against."""
        head = self.roots.get(HEAD)
        listed = [one.text for one in head.entries("stages")] if head else []
        stages: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage in listed)
        if not set(listed) <= set(stages):
            stages = ()
        indicators = len(self.names("indicators")) if self.whole(Part, self.parts, *ENTRIES) else None
        measures = {one.value.id: one.value for one in self.all_of(Measure)}
        ids = self.names("measures") if self.whole(MeasuresFile, [MEASURES], "measures") else None
        return Known(self.names("tables"), ids, measures, stages, indicators)


def has_id(entry: Node) -> bool:
    """Return whether an entry of a list has an id."""
    return isinstance(entry.value, Mapping) and "id" in entry.value and bool(entry.value["id"].text)

"""The files of one standard become a Standard; whatever does not fit together is reported all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar, cast

import attrs

from balancedu.core.model import EntryId, MeasureId, SchoolType, TableId
from balancedu.core.reader import Node, read
from balancedu.core.rules import MonitoredSubjects
from balancedu.core.standard import Head, MeasuresFile, Part, Standard
from balancedu.core.structure import Reference, Structurer
from balancedu.errors import SpecError, SpecErrors, nearest

HEAD, MEASURES = "standard.yaml", "measures.yaml"

_CALLED = {
    MeasureId: ("measure", f"declare it in {MEASURES}"),
    TableId: ("table", f"declare it in {MEASURES}"),
    SchoolType: ("type of school", f"declare it as a value of the measure 'type' in {MEASURES}"),
    EntryId: ("indicator or item", "name only what the parts declare"),
}
_Built = TypeVar("_Built")


def build_standard(name: str, files: Mapping[str, bytes]) -> Standard:
    """Return the standard that the files declare.

    Parameters
    ----------
    name : str
        What errors call the standard.
    files : mapping of file name to content
        `standard.yaml`, `measures.yaml`, and a file for each part that `standard.yaml` names.

    Raises
    ------
    SpecErrors
        With every problem of every file.
    """
    builder = _Builder(files)
    head = builder.file(HEAD, Head)
    measures = builder.file(MEASURES, MeasuresFile)
    named = head.verdict.all_of if head else tuple(f[:-5] for f in files if f not in (HEAD, MEASURES))
    parts = {part: builder.file(f"{part}.yaml", Part) for part in named}
    builder.refuse_unnamed(named)
    builder.check_declared_once()
    builder.check_references()
    if measures and all(parts.values()):
        builder.check_parts({key: part for key, part in parts.items() if part}, measures)
    if builder.errors or head is None or measures is None:
        raise SpecErrors(name, builder.errors)
    return Standard(
        head=head,
        tables={table.id: table for table in measures.tables},
        measures={one.id: one for one in measures.measures},
        parts={key: part for key, part in parts.items() if part},
    )


@attrs.frozen
class _Builder:
    files: Mapping[str, bytes]
    roots: dict[str, Node] = attrs.field(factory=dict)
    structurer: Structurer = attrs.field(factory=Structurer)

    @property
    def errors(self) -> list[SpecError]:
        return self.structurer.errors

    def file(self, file: str, wanted: type[_Built]) -> _Built | None:
        if file not in self.files:
            found = ", ".join(self.files) or "no file"
            self.errors.append(SpecError(file, 1, "", "the file is missing", f"found {found}"))
            return None
        node, errors = read(self.files[file], file)
        self.errors.extend(errors)
        if node is None:
            return None
        self.roots[file] = node
        return cast("_Built | None", self.structurer.build(wanted, node))

    def refuse_unnamed(self, named: tuple[str, ...]) -> None:
        for file in self.files:
            part = file.removesuffix(".yaml")
            if file not in (HEAD, MEASURES) and part not in named:
                hint = f"name {part!r} there, or take the file away"
                self.errors.append(SpecError(file, 1, "", f"{HEAD} names no such part in verdict.all_of", hint))

    def check_declared_once(self) -> None:
        for groups in (("indicators", "items"), ("measures",), ("tables",)):
            seen: dict[str, Node] = {}
            for name, node, path in self._declared(*groups):
                if name in seen:
                    first = seen[name]
                    problem = f"{name!r} is declared twice, first in {first.file}:{first.line}"
                    self.errors.append(node.error(path, problem))
                seen.setdefault(name, node)

    def check_references(self) -> None:
        declared = {
            MeasureId: self._names("measures"),
            TableId: self._names("tables"),
            SchoolType: self._school_types(),
            EntryId: self._names("indicators", "items"),
        }
        for reference in self.structurer.references:
            known = declared[cast("type[MeasureId]", reference.kind)]
            if known and reference.name not in known:
                word, hint = _CALLED[cast("type[MeasureId]", reference.kind)]
                problem = f"no {word} is called {reference.name!r}{nearest(reference.name, known)}"
                self.errors.append(reference.node.error(reference.path, problem, hint))

    def check_parts(self, parts: Mapping[str, Part], measures: MeasuresFile) -> None:
        for key, part in parts.items():
            if part.id != key:
                node = _at(self.roots[f"{key}.yaml"], "id")
                self.errors.append(node.error("id", f"must be {key!r} as the file is called, found {part.id!r}"))
        needed_by = {one.id: one.needed_by for one in measures.measures}
        values = {one.id: [choice.id for choice in one.values] for one in measures.measures}
        for reference in self.structurer.references:
            owner = self._owner(reference)
            if owner and reference.kind is MeasureId and owner not in needed_by.get(reference.name, (owner,)):
                problem = f"{owner} needs {reference.name}, but the measure does not say so"
                hint = f"add {owner} to its needed_by in {MEASURES}"
                self.errors.append(reference.node.error(reference.path, problem, hint))
        for part in parts.values():
            for rule in (rule for item in part.items for rule in item.rules):
                if isinstance(rule, MonitoredSubjects) and rule.level_at_least not in values.get(rule.level, ()):
                    problem = f"{rule.level!r} has no value {rule.level_at_least!r}"
                    self.errors.append(self.roots[f"{part.id}.yaml"].error("level_at_least", problem))

    def _owner(self, reference: Reference) -> str | None:
        """Return the id of the indicator or item in which something is named."""
        group, _, rest = reference.path.partition("[")
        if group not in ("items", "indicators"):
            return None
        entry = _list(self.roots[reference.node.file], group)[int(rest.partition("]")[0])]
        return _at(entry, "id").text

    def _declared(self, *groups: str) -> Iterator[tuple[str, Node, str]]:
        for root in self.roots.values():
            for group in groups:
                for n, entry in enumerate(_list(root, group)):
                    node = _at(entry, "id")
                    yield node.text, node, f"{group}[{n}].id"

    def _names(self, *groups: str) -> set[str]:
        return {name for name, _, _ in self._declared(*groups)}

    def _school_types(self) -> set[str]:
        for entry in _list(self.roots.get(MEASURES), "measures"):
            if _at(entry, "id").text == "type":
                return {_at(choice, "id").text for choice in _list(entry, "values")}
        return set()


def _list(node: Node | None, key: str) -> tuple[Node, ...]:
    found = _at(node, key).value if node else ()
    return found if isinstance(found, tuple) else ()


def _at(node: Node, key: str) -> Node:
    """Return the node under a key, or the node itself where there is none."""
    return node.value.get(key, node) if isinstance(node.value, Mapping) else node

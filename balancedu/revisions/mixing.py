"""A standard with some of the changes that lead to another one: applied on the files, and built as any standard is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from balancedu.core.builder import build_roots
from balancedu.core.built import Kept
from balancedu.core.copies import put, without
from balancedu.core.history import merged_of
from balancedu.core.paths import FORMS, HEAD, MEASURES, Roots, Spot, at, top
from balancedu.core.reader import Node
from balancedu.core.standard import Standard
from balancedu.errors import SpecErrors
from balancedu.revisions.changes import Change, changes_between, entries_of


@attrs.define
class Mixer:
    """Makes the standards that lie between two others.

    What a county reports is taken from both, so that one submission serves them all; `needed_by` follows from what
    is judged; official tables are left out, for they decide nothing.

    Attributes
    ----------
    before, after : Standard
    changes : tuple of Change
    """

    before: Standard
    after: Standard
    changes: tuple[Change, ...] = attrs.field(init=False)
    _roots: tuple[Roots, Roots] = attrs.field(init=False)
    _kept: Kept = attrs.field(factory=dict, init=False)
    _reporting: Roots = attrs.field(init=False)
    _owners: dict[str, dict[str, Node]] = attrs.field(factory=dict, init=False)
    """The items and indicators that need a measure in either standard."""
    _needing: dict[tuple[int, ...], tuple[Node, Node]] = attrs.field(factory=dict, init=False)
    """Measures with those who need them, by the identities of these nodes: what is the same node is built once."""
    _known: dict[frozenset[Change], Standard | SpecErrors] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        before, after = (merged_of(one.made_of).roots for one in (self.before, self.after))
        self._roots = before, after
        self.changes = changes_between(before, after)
        # What either standard asks for is reported, whatever is chosen.
        self._reporting = {file: node for file, node in before.items() if file != FORMS}
        for change in filter(_newly_reported, self.changes):
            self._reporting = _applied(self._reporting, after, change)
        for source in (before, after):
            for measure in source[MEASURES].entries("measures"):
                known = self._owners.setdefault(measure.at("id").text, {})
                known.update({one.text: one for one in measure.entries("needed_by")})

    @property
    def judged(self) -> tuple[Change, ...]:
        """The changes that can change a verdict."""
        return tuple(one for one in self.changes if one.judged)

    @property
    def applied(self) -> tuple[Change, ...]:
        """The changes that together make the second standard, as far as it decides anything."""
        return tuple(one for one in self.changes if one.applies)

    def standard(self, chosen: Iterable[Change]) -> Standard:
        """Return the first standard with some of the changes.

        Raises
        ------
        SpecErrors
            If they do not make a standard.
        """
        key = frozenset(chosen)
        if key not in self._known:
            try:
                self._known[key] = build_roots(self.before.id, self.mixed(key), self._kept)
            except SpecErrors as errors:
                self._known[key] = errors
        found = self._known[key]
        if isinstance(found, SpecErrors):
            raise found
        return found

    def stands(self, chosen: Iterable[Change]) -> bool:
        """Return whether some of the changes make a standard."""
        try:
            self.standard(chosen)
        except SpecErrors:
            return False
        return True

    def mixed(self, chosen: Iterable[Change]) -> Roots:
        """Return the files of the first standard with some of the changes."""
        after, roots = self._roots[1], self._reporting
        # In the order of the law, so that what is added stands as it does there.
        taken = set(chosen)
        for change in self.changes:
            if change in taken and not _newly_reported(change):
                roots = _applied(roots, after, change)
        roots = _whole_parts(roots, after)
        return {**roots, MEASURES: self._needed(roots)}

    def _needed(self, roots: Roots) -> Node:
        """Return the measures, each saying which of the items and indicators that there are need it."""
        declared = {*entries_of(roots, "items"), *entries_of(roots, "indicators")}
        whole = roots[MEASURES]
        assert isinstance(whole.value, Mapping)
        measures = []
        for one in whole.entries("measures"):
            owners = {name: node for name, node in self._owners[one.at("id").text].items() if name in declared}
            key = (id(one), *map(id, owners.values()))
            if key not in self._needing:
                # The measure is kept with what became of it, so that no other node gets its identity.
                self._needing[key] = one, _needing(one, owners)
            measures.append(self._needing[key][1])
        listed = attrs.evolve(whole.value["measures"], value=tuple(measures))
        return attrs.evolve(whole, value={**whole.value, "measures": listed})


def _newly_reported(change: Change) -> bool:
    return change.reported and change.way == "added"


def _applied(roots: Roots, after: Roots, change: Change) -> Roots:
    if change.way == "changed" and change.before and change.after:
        found = at(roots, change.before.names)
        return put(roots, found, change.after.node) if found else roots
    if change.before:
        found = at(roots, change.before.names)
        roots = without(roots, found, found.node) if found else roots
    return _with(roots, after, change.after) if change.after else roots


def _with(roots: Roots, after: Roots, new: Spot) -> Roots:
    """Return the files with a new entry or field, and with what holds it there."""
    if new.file not in roots:
        shell = after[new.file]
        assert isinstance(shell.value, Mapping)
        empty = {key: one for key, one in shell.value.items() if key not in ("items", "indicators")}
        roots = {**roots, new.file: attrs.evolve(shell, value=empty)}
    length = len(new.names) - (2 if new.names[-2] == "[]" else 1)
    holder = at(roots, new.names[:length])
    if holder is None:
        # The list itself is new: only an entry of a part can come before its list.
        part, group = top(roots, new.file), str(new.steps[0])
        assert isinstance(part.node.value, Mapping)
        listed = attrs.evolve(new.node, value=(new.node,), text="")
        return {**roots, new.file: attrs.evolve(part.node, value={**part.node.value, group: listed})}
    if isinstance(holder.node.value, Mapping):
        value: Mapping[str, Node] | tuple[Node, ...] = {**holder.node.value, new.names[-1]: new.node}
    else:
        assert isinstance(holder.node.value, tuple)
        value = (*holder.node.value, new.node)
    return put(roots, holder, attrs.evolve(holder.node, value=value))


def _whole_parts(roots: Roots, after: Roots) -> Roots:
    """Return the files without parts that have no item left, and with the verdict naming all others."""
    empty = {file for file, node in roots.items() if file not in (HEAD, MEASURES) and not node.entries("items")}
    kept = {file: node for file, node in roots.items() if file not in empty}
    listed = {one.text: one for source in (after, roots) for one in source[HEAD].at("verdict").entries("all_of")}
    order = [one.text for source in (roots, after) for one in source[HEAD].at("verdict").entries("all_of")]
    parts = [name for name in dict.fromkeys(order) if f"{name}.yaml" in kept]
    spot = at(kept, (HEAD, "verdict", "all_of"))
    assert spot is not None
    return put(kept, spot, attrs.evolve(spot.node, value=tuple(listed[name] for name in parts)))


def _needing(measure: Node, owners: Mapping[str, Node]) -> Node:
    assert isinstance(measure.value, Mapping)
    rest = {key: one for key, one in measure.value.items() if key != "needed_by"}
    listed = attrs.evolve(measure, value=tuple(owners.values()), text="")
    return attrs.evolve(measure, value=rest | ({"needed_by": listed} if owners else {}))

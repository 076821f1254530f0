"""The changes of an overlay are made, one by one, on copies of the files; what cannot be made is noted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from balancedu.core.built import Built
from balancedu.core.naming import is_name, short_path
from balancedu.core.nodes import amended, found, has_source, kind, standing
from balancedu.core.overlays import Adding, Change, Dropping, Overlay, Setting
from balancedu.core.paths import (
    FORMS,
    HEAD,
    MEASURES,
    NoSuchPathError,
    Roots,
    Spot,
    Step,
    at_steps,
    entry_name,
    entry_names,
    find,
    overlap,
    path_of,
    positions,
    put,
    without,
)
from balancedu.core.reader import Node, Problems
from balancedu.core.scalars import advice, either
from balancedu.errors import nearest
from balancedu.phrase import Phrase

ORDER = (Dropping, Setting, Adding)
_VERBS = {Dropping: "drops", Setting: "sets", Adding: "adds"}


@attrs.frozen
class Applied:
    """A change that was made.

    Attributes
    ----------
    names : tuple of str
        Of what was set, added or dropped.
    change : Setting, Adding or Dropping
    overlay : Overlay
    node : Node
        The change as written.
    """

    names: tuple[str, ...]
    change: Change
    overlay: Overlay
    node: Node

    @property
    def eases(self) -> bool:
        """Whether it is relief."""
        return self.overlay.eases(self.change)

    @property
    def source(self) -> Node:
        """Where that is said."""
        return self.node.at("source" if self.change.source else "value.source")


@attrs.frozen
class _Touched:
    """A place that a change is about; `moves` where the positions of a list are meant."""

    names: tuple[str, ...]
    overlay: int
    change: Change
    node: Node
    moves: bool = False

    def meets(self, other: _Touched) -> bool:
        """Return whether an earlier and a later change are about the same place."""
        replaced = isinstance(self.change, Dropping) and isinstance(other.change, Adding)
        if self.change is other.change or (self.moves and other.moves) or (self.overlay == other.overlay and replaced):
            return False
        return overlap(self.names, other.names)


@attrs.define
class Applier:
    """Makes changes on the files of an edition, and remembers which overlay touched what."""

    edition: Roots
    roots: Roots
    problems: Problems
    touched: list[_Touched] = attrs.field(factory=list)

    def apply(self, n: int, overlay: Overlay, changes: list[Built], bases: frozenset[int]) -> tuple[Applied, ...]:
        """Make the changes of the overlay in the n-th place, which extends those in the places `bases`."""
        made = []
        for one in sorted(changes, key=lambda change: ORDER.index(type(change.value))):
            names = _Change(self, n, one, bases).made()
            if names is not None:
                made.append(Applied(names, one.value, overlay, one.node))
        return tuple(made)


@attrs.frozen
class _Change:
    """One change on its way."""

    on: Applier
    overlay: int
    built: Built
    bases: frozenset[int]

    def made(self) -> tuple[str, ...] | None:
        """Make it, and return the names of what was changed, or None with the problem noted."""
        change: Change = self.built.value
        if isinstance(change, Setting):
            return self._set(change)
        return self._add(change) if isinstance(change, Adding) else self._drop(change)

    def _note(self, field: str, problem: str, hint: str | Phrase = "") -> None:
        self.on.problems.add(self.built.node.at(field).error(f"{self.built.path}.{field}", problem, hint))

    def _found(self, field: str, path: str) -> Spot | None:
        """Return what a path leads to; note where that is nothing, or was taken away by another overlay."""
        try:
            return find(self.on.roots, path)
        except NoSuchPathError as error:
            nothing = error
        try:
            spot = find(self.on.edition, path)
        except NoSuchPathError:
            spot = None
        if spot is None or self._free(field, spot.names):
            self._note(field, nothing.problem, self._where_entries_go(path) or nothing.hint)
        return None

    def _where_entries_go(self, path: str) -> str:
        """Say where new items or indicators go, where an overlay would add them to all of them at once."""
        if not isinstance(self.built.value, Adding) or path not in ("items", "indicators"):
            return ""
        parts = (file.removesuffix(".yaml") for file in self.on.roots if file not in (HEAD, MEASURES, FORMS))
        return f"new {path} go to a part: {either(f'parts.{part}.{path}' for part in parts)}"

    def _free(self, field: str, names: tuple[str, ...], *, moves: bool = False) -> bool:
        """Return whether no other change is about this place, and remember that this one is; note it otherwise."""
        mine = _Touched(names, self.overlay, self.built.value, self.built.node, moves)
        for other in self.on.touched:
            if other.overlay not in self.bases and other.meets(mine):
                node = other.node
                if other.overlay == self.overlay:
                    verb = _VERBS[type(other.change)]
                    problem = f"line {node.line} {verb} {path_of(other.names)} already"
                    self._note(field, problem, "change it once")
                else:
                    problem = f"{node.file}:{node.line} changes the same place"
                    self._note(field, problem, "only an overlay that extends the other one may change it again")
                return False
        self.on.touched.append(mine)
        return True

    def _set(self, one: Setting) -> tuple[str, ...] | None:
        spot = self._found("path", one.path)
        if spot is None or not self._free("path", spot.names):
            return None
        if is_name(spot, self.on.roots):
            self._note("path", f"{spot.path} is a name that others use", "drop the entry and add another one")
            return None
        if kind(one.value) != kind(spot.node) and not (one.value.broken or spot.node.broken):
            problem = f"must stay {standing(spot.node)}, found {found(one.value)}"
            self._note("value", problem, _way(self.on.roots, spot, one.value))
            return None
        self.on.roots = put(self.on.roots, spot, one.value)
        if spot.steps[-1] != "source" and not has_source(one.value):
            self._amend(spot.file, spot.steps[:-1])
        return spot.names

    def _drop(self, one: Dropping) -> tuple[str, ...] | None:
        spot = self._found("path", one.path)
        if spot is None:
            return None
        if not spot.steps:
            self._note("path", f"{spot.path} is a whole file", "drop what stands in it")
            return None
        entry = isinstance(spot.steps[-1], int)
        named = len(spot.names) > 1 and spot.names[-2] != positions(())[0]
        of_list = spot.names[:-1] if named else spot.names[:-2]
        if not self._free("path", spot.names) or (entry and not self._free("path", positions(of_list), moves=True)):
            return None
        self.on.roots = without(self.on.roots, spot, self.built.node)
        self._amend(spot.file, spot.steps[:-1])
        return spot.names

    def _add(self, one: Adding) -> tuple[str, ...] | None:
        spot = self._found("to", one.to)
        if spot is None:
            return None
        inside = list(spot.inside())
        if one.key and len(inside) == 1 and isinstance(spot.node.value, tuple):
            spot = inside[0]
        own = has_source(one.value)
        if own and one.source:
            self._note("source", "the new entry has a source of its own", "leave one of the two out")
        elif not own and not one.source:
            self._note("value", "needs a source", "write it beside 'value', or in it where an entry has one")
        elif isinstance(spot.node.value, Mapping):
            return self._add_field(one, spot, spot.node.value)
        elif isinstance(spot.node.value, tuple):
            return self._add_entry(one, spot, spot.node.value)
        else:
            self._note("to", f"must lead to a list or a mapping; {spot.path} is {spot.node.text!r}")
        return None

    def _add_field(self, one: Adding, spot: Spot, value: Mapping[str, Node]) -> tuple[str, ...] | None:
        names = (*spot.names, one.key)
        if not one.key:
            self._note("to", f"{spot.path} is a mapping: 'key' is missing", "name the new field")
        elif one.key in value:
            self._note("key", f"{spot.path} has {one.key!r} already", "set it")
        elif one.before or one.after:
            self._note("before" if one.before else "after", f"{spot.path} is a mapping: its fields have no order")
        elif self._free("key", names):
            self.on.roots = put(self.on.roots, spot, attrs.evolve(spot.node, value={**value, one.key: one.value}))
            if not has_source(one.value):
                self._amend(spot.file, spot.steps)
            return names
        return None

    def _add_entry(self, one: Adding, spot: Spot, entries: tuple[Node, ...]) -> tuple[str, ...] | None:
        if one.key:
            self._note("key", f"{spot.path} is a list: its entries have no key", "leave it out")
            return None
        place = self._place(one, spot, entries)
        if place is None or not self._new(one, spot, entries):
            return None
        value = (*entries[:place], one.value, *entries[place:])
        names = (*spot.names, *entry_names(value)[place])
        last = place == len(entries)
        if last or len(names) == len(spot.names) + 1:
            free = self._free("to", names) and (last or self._free("to", positions(spot.names), moves=True))
        else:
            free = self._free("to", positions(spot.names), moves=True)
        if not free:
            return None
        self.on.roots = put(self.on.roots, spot, attrs.evolve(spot.node, value=value))
        if not has_source(one.value):
            self._amend(spot.file, spot.steps)
        return names

    def _new(self, one: Adding, spot: Spot, entries: tuple[Node, ...]) -> bool:
        """Return whether no entry has the id of a new one; note it otherwise."""
        name = one.value.at("id").text if isinstance(one.value.value, Mapping) and "id" in one.value.value else ""
        if name and name in map(entry_name, entries):
            self._note(
                "value.id", f"{spot.path} has {name!r} already", "set what is to change in it, or choose another id"
            )
            return False
        return True

    def _place(self, one: Adding, spot: Spot, entries: tuple[Node, ...]) -> int | None:
        """Return the position of a new entry; note an entry beside it that there is not."""
        field, beside = ("before", one.before) if one.before else ("after", one.after)
        if not beside:
            return len(entries)
        known = [entry_name(entry) for entry in entries]
        if known.count(beside) != 1:
            problem = f"{spot.path} has no entry {beside!r}{nearest(beside, known)}"
            if beside in known:
                problem = f"{spot.path} has {known.count(beside)} entries called {beside!r}"
            self._note(field, problem, f"known there: {', '.join(filter(None, known))}")
            return None
        return known.index(beside) + (field == "after")

    def _amend(self, file: str, steps: tuple[Step, ...]) -> None:
        """Let the nearest source around a place say that this change has amended what it stands for."""
        for length in range(len(steps), -1, -1):
            node = at_steps(self.on.roots, file, steps[:length])
            if has_source(node):
                source = amended(node.at("source"), [self.built.node.at("source")])
                self.on.roots = put(self.on.roots, Spot(file, (*steps[:length], "source"), (), node), source)
                return


def _way(roots: Roots, spot: Spot, value: Node) -> str | Phrase:
    """Say how a value of another kind is probably meant."""
    if isinstance(spot.node.value, Mapping) and not isinstance(value.value, Mapping):
        inside = [short_path(roots, one) for one in spot.inside()]
        return f"write them all, or set {either(inside)}" if inside else ""
    if isinstance(spot.node.value, tuple) and value.text:
        return f"write [{value.text}], or add to the list"
    return advice(value.text, Decimal) if kind(spot.node) == "a number" and value.text else ""

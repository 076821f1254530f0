"""The changes of an overlay are made, one by one, on copies of the files; what cannot be made is noted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from balancedu.core.applied import Applied, Touched
from balancedu.core.built import Built
from balancedu.core.copies import put, without
from balancedu.core.naming import is_name, position_in, short_path, where_entries_go
from balancedu.core.nodes import NUMBER, amended, found, has_source, kind, standing
from balancedu.core.overlays import Adding, Change, Dropping, Overlay, Setting
from balancedu.core.paths import (
    KNOWN_THERE,
    NoSuchPathError,
    Roots,
    Spot,
    Step,
    at_steps,
    called_alike,
    entry_name,
    entry_names,
    find,
    no_position,
    path_of,
    positions,
)
from balancedu.core.reader import Node, Problems
from balancedu.core.scalars import advice, either
from balancedu.errors import near
from balancedu.phrase import NO_WORDS, Phrase, listed

ORDER = (Dropping, Setting, Adding)
_VERBS = {Dropping: Phrase("取消", "drops"), Setting: Phrase("改", "sets"), Adding: Phrase("加", "adds")}
_ONLY_AFTER = Phrase(
    "只有叠加在对方之上的文件才能再改", "only an overlay that extends the other one may change it again"
)


@attrs.define
class Applier:
    """Makes changes on the files of an edition, and remembers which overlay touched what."""

    edition: Roots
    roots: Roots
    problems: Problems
    touched: list[Touched] = attrs.field(factory=list)

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

    def _note(self, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
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
            way = where_entries_go(self.on.roots, path) if isinstance(self.built.value, Adding) else NO_WORDS
            self._note(field, nothing.problem, way or nothing.hint)
        return None

    def _free(self, field: str, names: tuple[str, ...], *, moves: bool = False) -> bool:
        """Return whether no other change is about this place, and remember that this one is; note it otherwise."""
        mine = Touched(names, self.overlay, self.built.value, self.built.node, moves)
        for other in self.on.touched:
            if other.overlay not in self.bases and other.meets(mine):
                node = other.node
                if other.overlay == self.overlay:
                    verb, path = _VERBS[type(other.change)], path_of(other.names)
                    problem = Phrase(f"第{node.line}行已{verb.zh} {path}", f"line {node.line} {verb.en} {path} already")
                    self._note(field, problem, Phrase("同一处请只改一次", "change it once"))
                else:
                    place = f"{node.file}:{node.line}"
                    problem = Phrase(f"{place} 也改了这一处", f"{place} changes the same place")
                    self._note(field, problem, _ONLY_AFTER)
                return False
        self.on.touched.append(mine)
        return True

    def _set(self, one: Setting) -> tuple[str, ...] | None:
        spot = self._found("path", one.path)
        if spot is None or not self._free("path", spot.names):
            return None
        if is_name(spot, self.on.roots):
            problem = Phrase(f"{spot.path} 是别处要用的名称，不能改", f"{spot.path} is a name that others use")
            hint = Phrase("请取消这一项，另加一项", "drop the entry and add another one")
            self._note("path", problem, hint)
            return None
        if kind(one.value) != kind(spot.node) and not (one.value.broken or spot.node.broken):
            now, new = standing(spot.node), found(one.value)
            problem = Phrase(f"填写{new.zh}，应仍为{now.zh}", f"must stay {now.en}, found {new.en}")
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
            problem = Phrase(f"{spot.path} 是整个文件", f"{spot.path} is a whole file")
            self._note("path", problem, Phrase("请取消其中的内容", "drop what stands in it"))
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
            problem = Phrase("新加的内容已有出处", "the new entry has a source of its own")
            self._note("source", problem, Phrase("两处请去掉一处", "leave one of the two out"))
        elif not own and not one.source:
            hint = Phrase(
                "请写在 value 旁边，新加的是条目等的，也可写在其中",
                "write it beside 'value', or in it where an entry has one",
            )
            self._note("value", Phrase("缺少出处（source）", "needs a source"), hint)
        elif isinstance(spot.node.value, Mapping):
            return self._add_field(one, spot, spot.node.value)
        elif isinstance(spot.node.value, tuple):
            return self._add_entry(one, spot, spot.node.value)
        else:
            problem = Phrase(
                f"应指向列表或一组字段，而 {spot.path} 是“{spot.node.text}”",
                f"must lead to a list or a mapping; {spot.path} is {spot.node.text!r}",
            )
            self._note("to", problem)
        return None

    def _add_field(self, one: Adding, spot: Spot, value: Mapping[str, Node]) -> tuple[str, ...] | None:
        names = (*spot.names, one.key)
        if not one.key:
            problem = Phrase(f"{spot.path} 是一组字段，缺少“key”", f"{spot.path} is a mapping: 'key' is missing")
            self._note("to", problem, Phrase("请写上新字段的名称", "name the new field"))
        elif one.key in value:
            problem = Phrase(f"{spot.path} 已有“{one.key}”", f"{spot.path} has {one.key!r} already")
            self._note("key", problem, Phrase("请改用 set", "set it"))
        elif one.before or one.after:
            problem = Phrase(f"{spot.path} 是一组字段，不分先后", f"{spot.path} is a mapping: its fields have no order")
            self._note("before" if one.before else "after", problem)
        elif self._free("key", names):
            self.on.roots = put(self.on.roots, spot, attrs.evolve(spot.node, value={**value, one.key: one.value}))
            if not has_source(one.value):
                self._amend(spot.file, spot.steps)
            return names
        return None

    def _add_entry(self, one: Adding, spot: Spot, entries: tuple[Node, ...]) -> tuple[str, ...] | None:
        if one.key:
            problem = Phrase(f"{spot.path} 是列表，各项没有 key", f"{spot.path} is a list: its entries have no key")
            self._note("key", problem, Phrase("请删去", "leave it out"))
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
            problem = Phrase(f"{spot.path} 中已有“{name}”", f"{spot.path} has {name!r} already")
            hint = Phrase("请用 set 改其中要改的，或另取 id", "set what is to change in it, or choose another id")
            self._note("value.id", problem, hint)
            return False
        return True

    def _place(self, one: Adding, spot: Spot, entries: tuple[Node, ...]) -> int | None:
        """Return the position of a new entry; note an entry beside it that there is not."""
        field, beside = ("before", one.before) if one.before else ("after", one.after)
        if not beside:
            return len(entries)
        known = [entry_name(entry) for entry in entries]
        position = None if beside in known else position_in(spot, beside)
        if position is not None and position < len(entries):
            return position + (field == "after")
        if position is not None:
            nothing = no_position(spot, position, len(entries))
            self._note(field, nothing.problem, nothing.hint)
            return None
        if known.count(beside) != 1:
            problem = Phrase(f"{spot.path} 中没有“{beside}”", f"{spot.path} has no entry {beside!r}")
            problem += near(beside, known)
            if beside in known:
                problem = called_alike(spot, beside, known.count(beside))
            self._note(field, problem, KNOWN_THERE + listed(filter(None, known)))
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


def _way(roots: Roots, spot: Spot, value: Node) -> Phrase:
    """Say how a value of another kind is probably meant."""
    if isinstance(spot.node.value, Mapping) and not isinstance(value.value, Mapping):
        inside = [short_path(roots, one) for one in spot.inside()]
        paths = either(inside) if inside else NO_WORDS
        return Phrase(f"请全部写出，或只改 {paths.zh}", f"write them all, or set {paths.en}") if inside else NO_WORDS
    if isinstance(spot.node.value, tuple) and value.text:
        return Phrase(f"请写作[{value.text}]，或用 add 加到列表", f"write [{value.text}], or add to the list")
    return advice(value.text, Decimal) if kind(spot.node) == NUMBER and value.text else NO_WORDS

"""Overlays: what their files may change, and how the changes are made on copies of the edition's nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, Literal

import attrs

from balancedu.core.fields import Impossible, Source, Title, a_day, a_name, described, different, filled, refuse
from balancedu.core.paths import (
    HEAD,
    KNOWN_THERE,
    NUMBER,
    NoSuchPathError,
    Roots,
    Spot,
    Step,
    amended,
    at_steps,
    called_alike,
    entry_name,
    entry_names,
    find,
    found,
    has_source,
    is_name,
    kind,
    no_position,
    overlap,
    path_of,
    position_in,
    positions,
    short_path,
    standing,
    where_entries_go,
)
from balancedu.core.periods import Lapse, When, day_after, first_day, last_day, turning_days, when, wrong_way_round
from balancedu.core.standard import SpecFiles
from balancedu.core.strict_yaml import FORMAT, Node, Problems, TooManyError, advice, either, nodes_of
from balancedu.core.structure import Built, Structurer
from balancedu.errors import near
from balancedu.text import NO_WORDS, Phrase, listed

Steps = tuple[Step, ...]


@attrs.frozen
class DatedValue:
    """A value and the days on which it holds."""

    value: Node = described("the value, written as it would be without dates")
    from_: str | None = first_day()
    until: str | None = last_day()
    source: Source | None = described("where this value is set", default=None)

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))


@attrs.frozen
class Dated:
    """In the place of any value: the values that it has had, one after the other, without gap or overlap."""

    dated: tuple[DatedValue, ...] = described("the values, the oldest first", validator=filled)

    def __attrs_post_init__(self) -> None:
        refuse(self._gaps())

    def _gaps(self) -> Iterator[Impossible]:
        for n, (before, after) in enumerate(zip(self.dated, self.dated[1:], strict=False)):
            if before.until is None:
                problem = Phrase("缺少“until”：后面还有一个值", "'until' is missing: another value follows")
                yield Impossible(f"dated[{n}]", problem)
            elif after.from_ is None:
                problem = Phrase("缺少“from”：前面还有一个值", "'from' is missing: another value stands before it")
                yield Impossible(f"dated[{n + 1}]", problem)
            elif after.from_ != day_after(before.until):
                overlap = after.from_ <= before.until
                problem = Phrase(
                    f"填写{after.from_}，应为前一个值结束的次日{day_after(before.until)}",
                    f"must be {day_after(before.until)}, the day after the value before ends, found {after.from_}",
                )
                hint = Phrase("两段日期有重叠", "the two overlap")
                hint = hint if overlap else Phrase("两段日期之间有空缺", "the two leave a gap")
                yield Impossible(f"dated[{n + 1}].from", problem, hint)


@attrs.frozen
class Chosen:
    """A dated value: where it stands, all that it has been, and which of them holds."""

    steps: Steps
    dated: Dated
    which: int


@attrs.define
class Resolver:
    """Puts in the place of every dated value of a file the one that holds on a day.

    With `nearest`, a value that does not hold yet or any more stands in where none does: so that files can be
    checked for days on which something else does not hold.
    """

    file: str
    by: str
    day: str
    problems: Problems
    nearest: bool = False
    chosen: list[Chosen] = attrs.field(factory=list)
    lapses: list[Lapse] = attrs.field(factory=list)
    periods: list[Lapse] = attrs.field(factory=list)
    days: set[str] = attrs.field(factory=set)

    def resolved(self, root: Node) -> Node:
        """Return the file as it reads on the day."""
        node, _ = self._walk(root, (), "")
        return root if node is None else node

    def _walk(self, node: Node, steps: Steps, path: str) -> tuple[Node | None, list[Node]]:
        """Return what a node is on the day, None for an entry that there is not, and who amends what holds it."""
        value = node.value
        if isinstance(value, Mapping) and "dated" in value:
            return self._dated(node, steps, path)
        amending: list[Node] = []
        if isinstance(value, Mapping):
            mapping: dict[str, Node] = {}
            for key, one in value.items():
                inner, sources = self._walk(one, (*steps, key), f"{path}.{key}".removeprefix("."))
                mapping |= {} if inner is None else {key: inner}
                amending += sources
            if amending and "source" in mapping:
                return attrs.evolve(node, value=mapping | {"source": amended(mapping["source"], amending)}), []
            return attrs.evolve(node, value=mapping), amending
        if not isinstance(value, tuple):
            return node, []
        entries: list[Node] = []
        for n, entry in enumerate(value):
            inner, sources = self._walk(entry, (*steps, len(entries)), f"{path}[{n}]")
            entries += [] if inner is None else [inner]
            amending += sources
        return attrs.evolve(node, value=tuple(entries)), amending

    def _dated(self, node: Node, steps: Steps, path: str) -> tuple[Node | None, list[Node]]:
        made: Dated | None = Structurer(self.problems, self.file).build(Dated, node, path)
        if made is None:
            return attrs.evolve(node, broken=True), []
        states = [when(one, self.day) for one in made.dated]
        self.days.update(day for one in made.dated for day in turning_days(one))
        listed = bool(steps) and isinstance(steps[-1], int)
        periods = [
            Lapse(self.by, (listed and entry_name(one.value)) or path, None, one.from_, one.until, state == "over")
            for one, state in zip(made.dated, states, strict=True)
        ]
        self.periods += periods
        if "now" in states:
            which = states.index("now")
        elif self.nearest:
            which = 0 if states[0] == "ahead" else -1
        elif listed:
            # An entry of a list comes and goes; a field has to have a value.
            self.lapses.append(periods[0 if states[0] == "ahead" else -1])
            return None, []
        else:
            return self._nothing_holds(node, path, made, states[0])
        self.chosen.append(Chosen(steps, made, which))
        now = made.dated[which]
        inner, sources = self._walk(now.value, steps, f"{path}.dated[{which}].value")
        if now.source and not has_source(now.value):
            sources = [*sources, node.entries("dated")[which].at("source")]
        return inner, sources

    def _nothing_holds(self, node: Node, path: str, made: Dated, state: When) -> tuple[Node, list[Node]]:
        first, last = made.dated[0].from_, made.dated[-1].until
        told = Phrase(f"第一个值自{first}起", f"the first begins on {first}")
        if state == "over":
            told = Phrase(f"最后一个值至{last}止", f"the last ended on {last}")
        problem = Phrase(f"{self.day}没有适用的值：", f"no value holds on {self.day}: ") + told
        hint = Phrase("请改用有值适用的日期", "ask about a day on which one holds")
        self.problems.add(node.error(path, problem, hint))
        return attrs.evolve(node, broken=True), []


def _eases() -> Any:
    return described("whether this change is relief; left out, as the overlay says", default=None)


@attrs.frozen
class Setting:
    """A value of the edition that becomes another one."""

    path: str = described("the value, as `rules.R-spread.limits.primary`; it must be there", validator=filled)
    value: Node = described("what it becomes: a number stays a number, a list stays a list")
    source: Source = described("where that is said")
    relaxes: bool | None = _eases()
    from_: str | None = first_day()
    until: str | None = last_day()

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))


@attrs.frozen
class Adding:
    """A new entry of a list, such as an item, an indicator, a measure or a rule; or a new field of a mapping."""

    to: str = described("the list, as `parts.guarantee.items`, or the mapping", validator=filled)
    value: Node = described("the entry or the value of the field, written as in an edition")
    key: str = described("for a mapping: the field", default="")
    source: Source | None = described(
        "where that is said; left out where the new entry has a source of its own", default=None
    )
    before: str = described("the entry that it comes before; left out, it comes last", default="")
    after: str = described("the entry that it comes after", default="")
    relaxes: bool | None = _eases()
    from_: str | None = first_day()
    until: str | None = last_day()

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))
        if self.before and self.after:
            problem = Phrase(
                "不能与 before 并用，位置只说一次", "goes without 'before': one of the two says where it comes"
            )
            refuse([Impossible("after", problem)])


@attrs.frozen
class Dropping:
    """Something of the edition that does not hold."""

    path: str = described("what is dropped; it must be there", validator=filled)
    reason: Title = described("why")
    source: Source = described("where that is said")
    relaxes: bool | None = _eases()
    from_: str | None = first_day()
    until: str | None = last_day()

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))


Change = Setting | Adding | Dropping


@attrs.frozen
class Overlay:
    """What a province, a city or a time of transition changes in an edition."""

    format: Literal[1] = described("the format of the file")
    id: str = described(
        "the name of the overlay; one that comes with balancedu is called as its file", validator=a_name
    )
    title: Title = described("its title")
    document: str = described("the number or title of the document", validator=filled)
    extends: str = described("the id of the edition or overlay that it changes", validator=filled)
    after: tuple[str, ...] = described(
        "the ids of overlays that it comes after where they are used as well: it may change again what they changed",
        default=(),
        validator=different,
    )
    issued: str | None = described(
        "the day the document was issued, in quotes; left out where it is not known",
        default=None,
        validator=attrs.validators.optional(a_day),
    )
    source: Source | None = described("where the overlay as a whole stands", default=None)
    relaxes: bool = described(
        "whether its changes are relief, as far as they do not say otherwise: results then show what came out without "
        "them as well",
        default=False,
    )
    from_: str | None = first_day()
    until: str | None = last_day()
    drop: tuple[Dropping, ...] = described("what it drops; that comes first", default=())
    set: tuple[Setting, ...] = described("what it sets", default=())
    add: tuple[Adding, ...] = described("what it adds; that comes last", default=())

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))
        if not (self.drop or self.set or self.add):
            problem = Phrase("叠加文件没有任何改动", "the overlay changes nothing")
            hint = Phrase("请写上改什么（set）、加什么（add）或取消什么（drop）", "write what it sets, adds or drops")
            refuse([Impossible("", problem, hint)])

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changes, in the order in which that happens."""
        return (*self.drop, *self.set, *self.add)

    def eases(self, change: Change) -> bool:
        """Return whether one of its changes is relief."""
        return self.relaxes if change.relaxes is None else change.relaxes

    @property
    def wholly_relief(self) -> bool:
        """Whether nothing of it holds without relief."""
        return all(map(self.eases, self.changes))


def put(roots: Roots, spot: Spot, node: Node) -> Roots:
    """Return the files with another node at a spot."""
    return {**roots, spot.file: _changed(roots[spot.file], spot.steps, node)}


def without(roots: Roots, spot: Spot, because: Node) -> Roots:
    """Return the files without what stands at a spot.

    What held it stands where `because` does from now on: whatever is missing is missing because of that.
    """
    return {**roots, spot.file: _changed(roots[spot.file], spot.steps, None, because)}


def _changed(node: Node, steps: tuple[Step, ...], new: Node | None, because: Node | None = None) -> Node:
    """Return a node with another one, or none, at the end of the steps."""
    if not steps:
        return new or node
    step, rest = steps[0], steps[1:]
    kept = bool(rest) or new is not None
    if because is not None and not rest:
        node = attrs.evolve(node, file=because.file, line=because.line, key_line=because.key_line)
    if isinstance(node.value, Mapping):
        one = {str(step): _changed(node.value[str(step)], rest, new, because)} if kept else {}
        mapping = {key: one.get(key, value) for key, value in node.value.items() if key != step or kept}
        return attrs.evolve(node, value=mapping)
    entries = node.value if isinstance(node.value, tuple) else ()
    n = int(step)
    middle = (_changed(entries[n], rest, new, because),) if kept else ()
    return attrs.evolve(node, value=(*entries[:n], *middle, *entries[n + 1 :]))


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
class Touched:
    """A place that a change is about; `moves` where the positions of a list are meant."""

    names: tuple[str, ...]
    overlay: int
    change: Change
    node: Node
    moves: bool = False

    def meets(self, other: Touched) -> bool:
        """Return whether an earlier and a later change are about the same place."""
        replaced = isinstance(self.change, Dropping) and isinstance(other.change, Adding)
        if self.change is other.change or (self.moves and other.moves) or (self.overlay == other.overlay and replaced):
            return False
        return overlap(self.names, other.names)


ORDER = (Dropping, Setting, Adding)
_VERBS = {Dropping: Phrase("取消", "drops"), Setting: Phrase("改", "sets"), Adding: Phrase("加", "adds")}
_ONLY_AFTER = Phrase(
    "只有叠加在对方之上（extends）或写明在对方之后（after）的文件才能再改",
    "only an overlay that extends the other one, or says that it comes after it, may change it again",
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


@attrs.frozen
class Layer:
    """The files of a standard after an overlay, or before all of them."""

    roots: Roots
    overlay: Overlay | None = None
    applied: tuple[Applied, ...] = ()


@attrs.define
class Merged:
    """An edition with its overlays on it.

    Attributes
    ----------
    layers : list of Layer
        The edition, and after it each overlay of which something holds on the day.
    strict : list of int
        The overlays that are not wholly relief, by their place in the list of overlays.
    eased : set of int
        Those of them of which some changes are relief.
    lapses : list of Lapse
        What does not hold on the day.
    periods : list of Lapse
        Everything that has a first or a last day, whether it holds or not.
    days : set of str
        The days from which on something is different.
    chosen : mapping of file to list of Chosen
        The dated values of the edition.
    """

    layers: list[Layer] = attrs.field(factory=list)
    strict: list[int] = attrs.field(factory=list)
    eased: set[int] = attrs.field(factory=set)
    lapses: list[Lapse] = attrs.field(factory=list)
    periods: list[Lapse] = attrs.field(factory=list)
    days: set[str] = attrs.field(factory=set)
    chosen: dict[str, list[Chosen]] = attrs.field(factory=dict)

    @property
    def roots(self) -> Roots:
        """The files as they are in the end."""
        return self.layers[-1].roots

    @property
    def relief(self) -> bool:
        """Whether any of the changes that hold is relief."""
        return any(one.eases for layer in self.layers for one in layer.applied)


def merge(files: SpecFiles, problems: Problems, *, nearest: bool = False) -> Merged:
    """Return an edition with its overlays on it, and note what does not fit.

    Parameters
    ----------
    files : SpecFiles
    problems : Problems
        Where problems of reading, of dates and of overlays are noted.
    nearest : bool
        Whether a dated value that does not hold on the day stands in where none does.
    """
    merge_ = _Merge(files, problems, nearest)
    merge_.all()
    return merge_.result


def turning_days_of(files: SpecFiles) -> frozenset[str]:
    """Return the days from which on something is different, as far as the files can be read."""
    merge_ = _Merge(files, Problems(), nearest=True)
    with suppress(TooManyError):
        merge_.all()
    return frozenset(merge_.result.days)


@attrs.define
class _Merge:
    files: SpecFiles
    problems: Problems
    nearest: bool
    result: Merged = attrs.field(factory=Merged)
    known: dict[int, Overlay] = attrs.field(factory=dict)
    lapsed: dict[int, Lapse] = attrs.field(factory=dict)
    """The overlays that do not hold on the day."""
    applier: Applier = attrs.field(init=False)

    def all(self) -> None:
        """Read the edition and put its overlays onto it."""
        self.edition()
        for n in range(len(self.files.overlays)):
            self.overlay(n)

    def edition(self) -> None:
        """Read the files of the edition."""
        roots: dict[str, Node] = {}
        for file, content in self.files.edition:
            node = self.read(content, file, self.files.name) if file.endswith(".yaml") else None
            roots |= {} if node is None else {file: node}
        self.result.layers.append(Layer(roots))
        self.applier = Applier(roots, roots, self.problems)

    def read(self, content: bytes, file: str, by: str) -> Node | None:
        """Return what a file says on the day."""
        node, errors = nodes_of(content, file)
        for error in errors:
            self.problems.add(error)
        written = node.at("format").value if node is not None else FORMAT
        if node is not None and type(written) is int and written > FORMAT:
            # What a later format means is not known here: nothing else is said about the file.
            problem = Phrase(
                f"文件格式为{written}，本版 balancedu 只能读格式{FORMAT}",
                f"the file is written in format {written}, and this balancedu reads format {FORMAT}",
            )
            hint = Phrase(
                "请安装新版：`pip install --upgrade balancedu`",
                "install a newer one: pip install --upgrade balancedu",
            )
            self.note(node, "format", problem, hint)
            return None
        # Most files hold no dated value, and looking for one in every node takes time.
        if node is None or b"dated" not in content:
            return node
        resolver = Resolver(file, by, self.files.day, self.problems, self.nearest)
        node = resolver.resolved(node)
        self.result.lapses += resolver.lapses
        self.result.periods += resolver.periods
        self.result.days |= resolver.days
        self.result.chosen[file] = resolver.chosen
        return node

    def overlay(self, n: int) -> None:
        """Put an overlay onto what there is, as far as it holds on the day."""
        file = self.files.overlays[n]
        node = self.read(file.content, file.name, file.name)
        structurer = Structurer(self.problems, file.name)
        overlay: Overlay | None = structurer.build(Overlay, node) if node is not None else None
        if node is None or overlay is None:
            return
        self.check(n, overlay, node)
        self.known[n] = overlay
        self.result.strict += [] if overlay.wholly_relief else [n]
        self.result.eased |= {n} if any(map(overlay.eases, overlay.changes)) else set()
        self.result.days.update(turning_days(overlay))
        if self.holds(n, overlay):
            changes = self.holding(structurer.built, overlay, strictly=file.strictly)
            after = {m for m, one in self.known.items() if one.id in overlay.after}
            applied = self.applier.apply(n, overlay, changes, self.files.bases(n) | after)
            if applied:
                self.result.layers.append(Layer(self.applier.roots, overlay, applied))

    def check(self, n: int, overlay: Overlay, node: Node) -> None:
        """Note a second overlay of the same id, and one that is no relief although it extends relief."""
        edition = self.result.layers[0].roots
        named = ((one.id, self.files.overlays[m].name) for m, one in self.known.items())
        taken = {name: Phrase(f" {file} ", file) for name, file in named}
        if HEAD in edition:
            taken[edition[HEAD].at("id").text] = Phrase("所改版本", "the edition")
        if overlay.id in taken:
            place = taken[overlay.id]
            problem = Phrase(f"“{overlay.id}”已是{place.zh}的 id", f"{place.en} is called {overlay.id!r} already")
            self.note(node, "id", problem, Phrase("请另取 id", "choose another id"))
        base = self.files.overlays[n].base
        extended = None if base is None else self.known.get(base)
        if extended is not None and extended.wholly_relief and not overlay.wholly_relief:
            problem = Phrase(
                f"叠加在放宽文件 {extended.id} 之上，不放宽时无法适用",
                f"extends the relief {extended.id}, without which it cannot be applied",
            )
            hint = Phrase(
                "请写上 `relaxes: true`，或改为叠加在别的标准之上", "write relaxes: true, or extend something else"
            )
            self.note(node, "extends", problem, hint)

    def note(self, node: Node, field: str, problem: Phrase, hint: Phrase) -> None:
        """Note a problem of a field of an overlay."""
        self.problems.add(node.at(field).error(field, problem, hint))

    def holds(self, n: int, overlay: Overlay) -> bool:
        """Return whether an overlay, and what it extends, hold on the day; remember it where not."""
        state, base = when(overlay, self.files.day), self.files.overlays[n].base
        period = Lapse(overlay.id, "", overlay.title, overlay.from_, overlay.until, state == "over")
        if overlay.from_ or overlay.until:
            self.result.periods.append(period)
        if state != "now":
            self.lapsed[n] = period
        elif base in self.lapsed:
            self.lapsed[n] = attrs.evolve(self.lapsed[base], by=overlay.id, title=overlay.title)
        else:
            return True
        self.result.lapses.append(self.lapsed[n])
        return False

    def holding(self, built: list[Built], overlay: Overlay, *, strictly: bool) -> list[Built]:
        """Return the changes that hold on the day, and remember those that do not; strictly, none that is relief."""
        found = []
        for one in built:
            change = one.value
            if not isinstance(change, Setting | Adding | Dropping) or (strictly and overlay.eases(change)):
                continue
            self.result.days.update(turning_days(change))
            state, path = when(change, self.files.day), change.to if isinstance(change, Adding) else change.path
            period = Lapse(overlay.id, path, None, change.from_, change.until, state == "over")
            if change.from_ or change.until:
                self.result.periods.append(period)
            if state == "now":
                found.append(one)
            else:
                self.result.lapses.append(period)
        return found

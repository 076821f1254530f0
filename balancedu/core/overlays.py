"""Overlays: what their files may change, and how the changes are made on copies of the edition's nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Literal

import attrs

from balancedu.core.fields import Impossible, Source, Title, a_day, a_name, described, different, filled, is_id, refuse
from balancedu.core.model import warn_renamed
from balancedu.core.paths import (
    HEAD,
    KNOWN_THERE,
    MEASURES,
    NUMBER,
    NoSuchPathError,
    Roots,
    Spot,
    Step,
    amended,
    at,
    at_steps,
    called_alike,
    entry_name,
    entry_names,
    find,
    found,
    has_source,
    is_name,
    kind,
    overlap,
    path_of,
    short_path,
    standing,
    where_entries_go,
)
from balancedu.core.periods import Lapse, Period, turning_days, when
from balancedu.core.standard import SpecFiles
from balancedu.core.strict_yaml import FORMAT, Node, Problems, TooManyError, advice, either, nodes_of
from balancedu.core.structure import Built, Structurer
from balancedu.errors import near
from balancedu.text import NO_WORDS, Phrase, listed


@attrs.frozen
class Change(Period):
    """Base of the changes of an overlay."""

    relaxes: bool | None = described(
        "whether this change is relief; left out, as declared for the overlay", default=None, kw_only=True
    )


@attrs.frozen
class Setting(Change):
    """A value of the edition that becomes another one."""

    path: str = described("the value, as `rules.<item>.at_least`; it must exist", validator=filled)
    value: Node = described("what it becomes: a number stays a number, a list stays a list")
    source: Source = described("the document and the part that set it")


@attrs.frozen
class Adding(Change):
    """A new entry of a list, such as an item, an indicator, a measure or a rule; or a new field of a mapping."""

    to: str = described(
        "the list, as `parts.guarantee.items`, or the mapping; `parts` for a new part, which must then be met as well",
        validator=filled,
    )
    value: Node = described("the entry or the value of the field, written as in an edition")
    key: str = described("for a mapping: the field", default="")
    source: Source | None = described("its source; left out where the new entry has a source of its own", default=None)
    after: str = described("the entry that it comes after, by its name; left out, it comes last", default="")


@attrs.frozen
class Dropping(Change):
    """Something of the edition that does not hold."""

    path: str = described("what is dropped; it must exist", validator=filled)
    reason: Title = described("why")
    source: Source = described("the document and the part that set it")


OverlayChange = Setting | Adding | Dropping


@attrs.frozen
class Overlay(Period):
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
    source: Source | None = described("the source of the overlay as a whole", default=None)
    relaxes: bool = described(
        "whether its changes are relief, as far as they do not say otherwise: results then show what came out without "
        "them as well",
        default=False,
    )
    drop: tuple[Dropping, ...] = described("what it drops; that comes first", default=())
    set: tuple[Setting, ...] = described("what it sets", default=())
    add: tuple[Adding, ...] = described("what it adds; that comes last", default=())

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not (self.drop or self.set or self.add):
            problem = Phrase("叠加文件没有任何改动", "the overlay changes nothing")
            hint = Phrase("请写上改什么（set）、加什么（add）或取消什么（drop）", "write what it sets, adds or drops")
            refuse([Impossible("", problem, hint)])

    @property
    def changes(self) -> tuple[OverlayChange, ...]:
        """What it changes, in the order in which that happens."""
        return (*self.drop, *self.set, *self.add)

    def eases(self, change: OverlayChange) -> bool:
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
    """Return the files without the value at a spot.

    What held it gets the place of `because`: errors about what is missing now name the change.
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
        entry = {str(step): _changed(node.value[str(step)], rest, new, because)} if kept else {}
        mapping = {key: entry.get(key, value) for key, value in node.value.items() if key != step or kept}
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
    position : int
        The place of the overlay in the order of overlays.
    """

    names: tuple[str, ...]
    change: OverlayChange
    overlay: Overlay
    node: Node
    position: int

    def meets(self, other: Applied) -> bool:
        """Return whether an earlier and a later change are about the same place."""
        replaced = isinstance(self.change, Dropping) and isinstance(other.change, Adding)
        if self.change is other.change or (self.position == other.position and replaced):
            return False
        return overlap(self.names, other.names)

    @property
    def eases(self) -> bool:
        """Whether it is relief."""
        return self.overlay.eases(self.change)

    @property
    def source(self) -> Node:
        """Its source."""
        return self.node.at("source" if self.change.source else "value.source")


PARTS = "parts"
"""Where a new part goes."""
ORDER = (Dropping, Setting, Adding)
_VERBS = {Dropping: Phrase("取消", "drops"), Setting: Phrase("改", "sets"), Adding: Phrase("加", "adds")}
_ONLY_AFTER = Phrase(
    "只有叠加在对方之上（extends）或写明在对方之后（after）的文件才能再改",
    "only an overlay that extends the other one, or names it in 'after', may change it again",
)


@attrs.define
class Applier:
    """Makes changes on the files of an edition, and remembers which overlay touched what."""

    edition: Roots
    roots: Roots
    problems: Problems
    touched: list[Applied] = attrs.field(factory=list)

    def apply(self, n: int, overlay: Overlay, changes: list[Built], bases: frozenset[int]) -> tuple[Applied, ...]:
        """Make the changes of the overlay in the n-th place, which extends those in the places `bases`."""
        made = []
        for entry in sorted(changes, key=lambda change: ORDER.index(type(change.value))):
            names = _Application(self, n, overlay, entry, bases).made()
            if names is not None:
                made.append(Applied(names, entry.value, overlay, entry.node, n))
        return tuple(made)


@attrs.frozen
class _Application:
    """One change on its way."""

    on: Applier
    position: int
    overlay: Overlay
    built: Built
    bases: frozenset[int]

    def made(self) -> tuple[str, ...] | None:
        """Make it, and return the names of what was changed, or None with the problem noted."""
        change: OverlayChange = self.built.value
        if isinstance(change, Setting):
            return self._set(change)
        return self._add(change) if isinstance(change, Adding) else self._drop(change)

    def _note(self, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        self.on.problems.add(self.built.node.at(field).error(f"{self.built.path}.{field}", problem, hint))

    def _found(self, field: str, path: str) -> Spot | None:
        """Return what a path leads to; note where that is nothing, or was taken away by another overlay."""
        if "[" in path:
            problem = Phrase(
                f"“{path}”按位置指一项，而位置会变", f"{path!r} names an entry by its position, which may change"
            )
            hint = Phrase("请写它的名称，或用 set 改整个列表", "write its name, or set the whole list")
            self._note(field, problem, hint)
            return None
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

    def _free(self, field: str, names: tuple[str, ...]) -> bool:
        """Return whether no other change is about this place, and remember that this one is; note it otherwise."""
        mine = Applied(names, self.built.value, self.overlay, self.built.node, self.position)
        for other in self.on.touched:
            if other.position not in self.bases and other.meets(mine):
                node = other.node
                if other.position == self.position:
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

    def _set(self, setting: Setting) -> tuple[str, ...] | None:
        spot = self._found("path", setting.path)
        if spot is None or not self._free("path", spot.names):
            return None
        if is_name(spot, self.on.roots):
            problem = Phrase(f"{spot.path} 是别处要用的名称，不能改", f"{spot.path} is a name that others use")
            hint = Phrase("请取消这一项，另加一项", "drop the entry and add another one")
            self._note("path", problem, hint)
            return None
        if kind(setting.value) != kind(spot.node) and not (setting.value.broken or spot.node.broken):
            now, new = standing(spot.node), found(setting.value)
            problem = Phrase(f"填写{new.zh}，应仍为{now.zh}", f"must stay {now.en}, found {new.en}")
            self._note("value", problem, _way(self.on.roots, spot, setting.value))
            return None
        self.on.roots = put(self.on.roots, spot, setting.value)
        if spot.steps[-1] != "source" and not has_source(setting.value):
            self._amend(spot.file, spot.steps[:-1])
        return spot.names

    def _drop(self, dropping: Dropping) -> tuple[str, ...] | None:
        spot = self._found("path", dropping.path)
        if spot is None:
            return None
        if not spot.steps:
            problem = Phrase(f"{spot.path} 是整个文件", f"{spot.path} is a whole file")
            self._note("path", problem, Phrase("请取消其中的内容", "drop its content"))
            return None
        if not self._free("path", spot.names):
            return None
        self.on.roots = without(self.on.roots, spot, self.built.node)
        self._amend(spot.file, spot.steps[:-1])
        return spot.names

    def _add(self, adding: Adding) -> tuple[str, ...] | None:
        if adding.to == PARTS:
            return self._add_part(adding)
        spot = self._found("to", adding.to)
        if spot is None:
            return None
        inside = list(spot.inside())
        if adding.key and len(inside) == 1 and isinstance(spot.node.value, tuple):
            spot = inside[0]
        own = has_source(adding.value)
        if own and adding.source:
            problem = Phrase("新加的内容已有出处", "the new entry has a source of its own")
            self._note("source", problem, Phrase("两处请去掉一处", "leave one of the two out"))
        elif not own and not adding.source:
            hint = Phrase(
                "请写在 value 旁边，新加的是条目等的，也可写在其中",
                "write it beside 'value', or in it where an entry has one",
            )
            self._note("value", Phrase("缺少出处（source）", "needs a source"), hint)
        elif isinstance(spot.node.value, Mapping):
            return self._add_field(adding, spot, spot.node.value)
        elif isinstance(spot.node.value, tuple):
            return self._add_entry(adding, spot, spot.node.value)
        else:
            problem = Phrase(
                f"应指向列表或一组字段，而 {spot.path} 是“{spot.node.text}”",
                f"must lead to a list or a mapping; {spot.path} is {spot.node.text!r}",
            )
            self._note("to", problem)
        return None

    def _add_part(self, adding: Adding) -> tuple[str, ...] | None:
        """Add a part, which the verdict then asks for as well."""
        name = adding.value.at("id").text
        file, verdict = f"{name}.yaml", (HEAD, "verdict", "all_of")
        if not isinstance(adding.value.value, Mapping) or not is_id(name):
            zh = "应为“名称: 值”，写法同版本里的一个部分"
            problem = Phrase(zh, "must be a mapping, written as a part of an edition is")
            self._note("value", problem)
        elif file in self.on.roots:
            problem = Phrase(f"已有“{name}”", f"there is a part {name!r} already")
            self._note("value.id", problem, Phrase("请另取 id", "choose another id"))
        elif self._free("to", (file,)) and (listed := at(self.on.roots, verdict)) is not None:
            entries = listed.node.value if isinstance(listed.node.value, tuple) else ()
            self.on.roots = {**self.on.roots, file: adding.value}
            all_of = attrs.evolve(listed.node, value=(*entries, adding.value.at("id")))
            self.on.roots = put(self.on.roots, listed, all_of)
            return (file,)
        return None

    def _add_field(self, adding: Adding, spot: Spot, value: Mapping[str, Node]) -> tuple[str, ...] | None:
        names = (*spot.names, adding.key)
        if not adding.key:
            problem = Phrase(f"{spot.path} 是一组字段，缺少“key”", f"{spot.path} is a mapping: 'key' is missing")
            self._note("to", problem, Phrase("请写上新字段的名称", "name the new field"))
        elif adding.key in value:
            problem = Phrase(f"{spot.path} 已有“{adding.key}”", f"{spot.path} has {adding.key!r} already")
            self._note("key", problem, Phrase("请改用 set", "set it"))
        elif adding.after:
            problem = Phrase(f"{spot.path} 是一组字段，不分先后", f"{spot.path} is a mapping: its fields have no order")
            self._note("after", problem)
        elif self._free("key", names):
            self.on.roots = put(self.on.roots, spot, attrs.evolve(spot.node, value={**value, adding.key: adding.value}))
            if not has_source(adding.value):
                self._amend(spot.file, spot.steps)
            return names
        return None

    def _add_entry(self, adding: Adding, spot: Spot, entries: tuple[Node, ...]) -> tuple[str, ...] | None:
        if adding.key:
            problem = Phrase(f"{spot.path} 是列表，各项没有 key", f"{spot.path} is a list: its entries have no key")
            self._note("key", problem, Phrase("请删去", "leave it out"))
            return None
        place = self._place(adding, spot, entries)
        if place is None or not self._new(adding, spot, entries):
            return None
        value = (*entries[:place], adding.value, *entries[place:])
        names = (*spot.names, *entry_names(value)[place])
        if not self._free("to", names):
            return None
        self.on.roots = put(self.on.roots, spot, attrs.evolve(spot.node, value=value))
        if not has_source(adding.value):
            self._amend(spot.file, spot.steps)
        return names

    def _new(self, adding: Adding, spot: Spot, entries: tuple[Node, ...]) -> bool:
        """Return whether no entry has the id of a new one; note it otherwise."""
        name = (
            adding.value.at("id").text if isinstance(adding.value.value, Mapping) and "id" in adding.value.value else ""
        )
        if name and name in map(entry_name, entries):
            problem = Phrase(f"{spot.path} 中已有“{name}”", f"{spot.path} has {name!r} already")
            hint = Phrase("请用 set 改其中要改的，或另取 id", "set what is to change in it, or choose another id")
            self._note("value.id", problem, hint)
            return False
        return True

    def _place(self, adding: Adding, spot: Spot, entries: tuple[Node, ...]) -> int | None:
        """Return the position of a new entry; note an entry before it that there is not."""
        known = [names[0] if len(names) == 1 else "" for names in entry_names(entries)]
        if not adding.after:
            return len(entries)
        if adding.after not in known:
            problem = Phrase(f"{spot.path} 中没有“{adding.after}”", f"{spot.path} has no entry {adding.after!r}")
            alike = [entry_name(entry) for entry in entries].count(adding.after)
            if alike > 1:
                nothing = called_alike(spot, adding.after, alike, known)
                problem, hint = nothing.problem, nothing.hint
            else:
                problem += near(adding.after, known)
                hint = KNOWN_THERE + listed(filter(None, known))
            self._note("after", problem, hint)
            return None
        return known.index(adding.after) + 1

    def _amend(self, file: str, steps: tuple[Step, ...]) -> None:
        """Add this change to the amendments of the nearest source around a place."""
        for length in range(len(steps), -1, -1):
            node = at_steps(self.on.roots, file, steps[:length])
            if has_source(node):
                source = amended(node.at("source"), [self.built.node.at("source")])
                self.on.roots = put(self.on.roots, Spot(file, (*steps[:length], "source"), (), node), source)
                return


def _way(roots: Roots, spot: Spot, value: Node) -> Phrase:
    """Say how a value of another kind is probably meant."""
    if isinstance(spot.node.value, Mapping) and not isinstance(value.value, Mapping):
        inside = [short_path(roots, entry) for entry in spot.inside()]
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
    """

    layers: list[Layer] = attrs.field(factory=list)
    strict: list[int] = attrs.field(factory=list)
    eased: set[int] = attrs.field(factory=set)
    lapses: list[Lapse] = attrs.field(factory=list)
    periods: list[Lapse] = attrs.field(factory=list)
    days: set[str] = attrs.field(factory=set)

    @property
    def roots(self) -> Roots:
        """The files as they are in the end."""
        return self.layers[-1].roots

    @property
    def relief(self) -> bool:
        """Whether any of the changes that hold is relief."""
        return any(entry.eases for layer in self.layers for entry in layer.applied)


def merge(files: SpecFiles, problems: Problems) -> Merged:
    """Return an edition with its overlays on it, and note what does not fit.

    Parameters
    ----------
    files : SpecFiles
    problems : Problems
        Where problems of reading and of overlays are noted.
    """
    merge_ = _Merge(files, problems)
    merge_.all()
    return merge_.result


def turning_days_of(files: SpecFiles) -> frozenset[str]:
    """Return the days from which on something is different, as far as the files can be read."""
    merge_ = _Merge(files, Problems())
    with suppress(TooManyError):
        merge_.all()
    return frozenset(merge_.result.days)


def _replaced(node: Node, pattern: re.Pattern[str], earlier: Mapping[str, str], used: set[str]) -> Node:
    """Return a node in which ids and paths name measures by their present ids; add those replaced to `used`."""
    value = node.value
    if isinstance(value, Mapping):
        return attrs.evolve(node, value={key: _replaced(entry, pattern, earlier, used) for key, entry in value.items()})
    if isinstance(value, tuple):
        return attrs.evolve(node, value=tuple(_replaced(entry, pattern, earlier, used) for entry in value))
    result = pattern.findall(value) if isinstance(value, str) and " " not in value else []
    if not result:
        return node
    used.update(result)
    text = pattern.sub(lambda match: earlier[match[0]], node.text)
    return attrs.evolve(node, value=text, text=text)


@attrs.define
class _Merge:
    files: SpecFiles
    problems: Problems
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
            node = self.read(content, file) if file.endswith(".yaml") else None
            roots |= {} if node is None else {file: node}
        self.result.layers.append(Layer(roots))
        self.applier = Applier(roots, roots, self.problems)

    def read(self, content: bytes, file: str) -> Node | None:
        """Return the nodes of a file."""
        node, errors = nodes_of(content, file)
        for error in errors:
            self.problems.add(error)
        written = node.at("format").value if node is not None else FORMAT
        if node is not None and type(written) is int and written > FORMAT:
            # What a later format means is not known here: this is the only error of the file.
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
        return node

    def overlay(self, n: int) -> None:
        """Put an overlay onto what there is, as far as it holds on the day."""
        file = self.files.overlays[n]
        node = self.read(file.content, file.name)
        node = node and self.current(node)
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
            after = {m for m, entry in self.known.items() if entry.id in overlay.after}
            applied = self.applier.apply(n, overlay, changes, self.files.bases(n) | after)
            if applied:
                self.result.layers.append(Layer(self.applier.roots, overlay, applied))

    def current(self, node: Node) -> Node:
        """Return a file in which earlier ids of measures are replaced by those of the edition, with a warning."""
        measures = self.result.layers[0].roots.get(MEASURES)
        earlier = {
            old.text: entry.at("id").text
            for entry in (measures.entries("measures") if measures is not None else ())
            for old in entry.entries("formerly")
        }
        if not earlier:
            return node
        pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, earlier))})(?![\w-])")
        used: set[str] = set()
        node = _replaced(node, pattern, earlier, used)
        for old in sorted(used):
            warn_renamed(old, earlier[old])
        return node

    def check(self, n: int, overlay: Overlay, node: Node) -> None:
        """Note a second overlay of the same id, and one that is no relief although it extends relief."""
        edition = self.result.layers[0].roots
        named = ((entry.id, self.files.overlays[m].name) for m, entry in self.known.items())
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
        period = Lapse(
            by=overlay.id, title=overlay.title, over=state == "over", from_=overlay.from_, until=overlay.until
        )
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
        result = []
        for entry in built:
            change = entry.value
            if not isinstance(change, Setting | Adding | Dropping) or (strictly and overlay.eases(change)):
                continue
            self.result.days.update(turning_days(change))
            state, path = when(change, self.files.day), change.to if isinstance(change, Adding) else change.path
            period = Lapse(by=overlay.id, path=path, over=state == "over", from_=change.from_, until=change.until)
            if change.from_ or change.until:
                self.result.periods.append(period)
            if state == "now":
                result.append(entry)
            else:
                self.result.lapses.append(period)
        return result

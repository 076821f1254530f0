"""Overlays: what their files may change, how the nodes of an edition are changed, and who set which value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import attrs

from balancedu.core.fields import (
    Impossible,
    Language,
    Lapse,
    Period,
    Source,
    Title,
    a_day,
    a_name,
    described,
    different,
    filled,
    is_id,
    plain,
    refuse,
    turning_days,
    when,
)
from balancedu.core.model import Measure, current_id, warn_renamed
from balancedu.core.nodes import (
    FORMAT,
    NUMBER,
    Node,
    SpecProblems,
    advice,
    either,
    nodes_of,
    shortened,
)
from balancedu.core.paths import (
    HEAD,
    KNOWN_THERE,
    MEASURES,
    Roots,
    Spot,
    at,
    entry_name,
    entry_names,
    entry_of,
    find,
    has_source,
    overlap,
    parts_of,
    path_of,
    put,
    values_of,
    written,
)
from balancedu.core.standard import AppliedOverlay, OverlayFile, SpecFiles, Standard
from balancedu.core.structure import Built, Structurer
from balancedu.errors import RequestError, near
from balancedu.text import NO_WORDS, Phrase, listed, sentence


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
    def has_relief(self) -> bool:
        """Whether any of its changes is relief."""
        return any(map(self.eases, self.changes))

    @property
    def wholly_relief(self) -> bool:
        """Whether nothing of it holds without relief."""
        return all(map(self.eases, self.changes))


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
    change: OverlayChange
    overlay: Overlay
    node: Node

    def meets(self, other: Applied) -> bool:
        """Return whether an earlier and a later change are about the same place."""
        replaced = isinstance(self.change, Dropping) and isinstance(other.change, Adding)
        if self.change is other.change or (self.overlay is other.overlay and replaced):
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
    overlays : mapping of str to Overlay
        Every overlay that could be read, whether it holds on the day or not, by its origin.
    lapses : list of Lapse
        What does not hold on the day.
    periods : list of Lapse
        Everything that has a first or a last day, whether it holds or not.
    days : set of str
        The days from which on something is different.
    """

    layers: list[Layer] = attrs.field(factory=list)
    overlays: dict[str, Overlay] = attrs.field(factory=dict)
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

    @property
    def dropped(self) -> Mapping[str, str]:
        """The places that drop something, by the name of what they drop."""
        applied = (entry for layer in self.layers for entry in layer.applied if isinstance(entry.change, Dropping))
        return {entry.names[-1]: f"{entry.node.file}:{entry.node.line}" for entry in applied}

    @property
    def applied(self) -> tuple[AppliedOverlay, ...]:
        """The overlays of which something holds on the day."""
        result = []
        for layer in self.layers[1:]:
            eased = [change.eases for change in layer.applied]
            names = attrs.fields_dict(AppliedOverlay).keys() - {"relaxes", "wholly"}
            content = {name: getattr(layer.overlay, name) for name in names}
            result.append(AppliedOverlay(**content, relaxes=any(eased), wholly=all(eased)))
        return tuple(result)

    def strict(self, files: SpecFiles) -> SpecFiles:
        """Return the files without relief: neither the overlays that are wholly relief, nor single changes that are."""
        kept = [entry for entry in files.overlays if not self.overlays[entry.origin].wholly_relief]
        strict = (
            attrs.evolve(entry, strictly=entry.strictly or self.overlays[entry.origin].has_relief) for entry in kept
        )
        return attrs.evolve(files, overlays=tuple(strict))


def merge(files: SpecFiles, problems: SpecProblems) -> Merged:
    """Return an edition with its overlays on it, and note what does not fit.

    Parameters
    ----------
    files : SpecFiles
    problems : SpecProblems
        Where problems of reading and of overlays are noted.
    """
    merging = _Merging(files, problems)
    merging.all()
    return merging.result


PARTS = "parts"
"""Where a new part goes."""
_ORDER = (Dropping, Setting, Adding)
_VERBS = {Dropping: Phrase("取消", "drops"), Setting: Phrase("改", "sets"), Adding: Phrase("加", "adds")}
_ONLY_AFTER = Phrase(
    "只有叠加在对方之上（extends）或写明在对方之后（after）的文件才能再改",
    "only an overlay that extends the other one, or names it in 'after', may change it again",
)
_WHOLE = Phrase("请全部写出，或只改其中的值，或用 add 增加", "write all of it, or set a value inside it, or add to it")


@attrs.define
class _Merging:
    """Reads an edition, and puts its overlays onto it one by one."""

    files: SpecFiles
    problems: SpecProblems
    result: Merged = attrs.field(factory=Merged)
    roots: Roots = attrs.field(factory=dict)
    lapsed: dict[str, Lapse] = attrs.field(factory=dict)
    """The overlays that do not hold on the day, by their origin."""
    touched: list[Applied] = attrs.field(factory=list)
    """What was changed, or should have been."""

    def all(self) -> None:
        """Read the edition and put its overlays onto it."""
        nodes = {file: self.read(content, file) for file, content in self.files.edition if file.endswith(".yaml")}
        self.roots = {file: node for file, node in nodes.items() if node is not None}
        self.result.layers.append(Layer(self.roots))
        for file in self.files.overlays:
            self.overlay(file)

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
            self.problems.add(node.at("format").error("format", problem, hint))
            return None
        return node

    def overlay(self, file: OverlayFile) -> None:
        """Put an overlay onto what there is, as far as it holds on the day."""
        node = self.read(self.current(file.content), file.name)
        structurer = Structurer(self.problems, file.name)
        overlay: Overlay | None = structurer.build(Overlay, node) if node is not None else None
        if node is None or overlay is None:
            return
        for problem in self.misplaced(file, overlay):
            self.problems.add(node.at(problem.field).error(problem.field, problem.problem, problem.hint))
        after = {entry.id for entry in self.result.overlays.values()} & {*overlay.after}
        after |= {self.result.overlays[base].id for base in self.files.bases(file) if base in self.result.overlays}
        self.result.overlays[file.origin] = overlay
        self.result.days.update(turning_days(overlay))
        if self.holds(file, overlay):
            changes = [entry for entry in structurer.built if isinstance(entry.value, Change)]
            applied = []
            for entry in sorted(changes, key=lambda entry: _ORDER.index(type(entry.value))):
                if not (file.strictly and overlay.eases(entry.value)) and self.is_in_force(entry.value, overlay):
                    applied += self.apply(entry, overlay, after)
            if applied:
                self.result.layers.append(Layer(self.roots, overlay, tuple(applied)))

    def current(self, content: bytes) -> bytes:
        """Return a file in which earlier ids of measures are replaced by those of the edition, with a warning."""
        measures = self.roots[MEASURES].entries("measures") if MEASURES in self.roots else ()
        earlier = {
            old.text.encode(): entry.at("id").text.encode() for entry in measures for old in entry.entries("formerly")
        }
        pattern = re.compile(rb"(?<![\w-])(%s)(?![\w-])" % b"|".join(map(re.escape, earlier)))
        for old in sorted(set(pattern.findall(content))) if earlier else ():
            warn_renamed(old.decode(), earlier[old].decode())
        return pattern.sub(lambda match: earlier[match[0]], content) if earlier else content

    def misplaced(self, file: OverlayFile, overlay: Overlay) -> Iterator[Impossible]:
        """Yield a second overlay of the same id, and one that is no relief although it extends relief."""
        names = {entry.origin: entry.name for entry in self.files.overlays}
        taken = {
            entry.id: Phrase(f" {names[origin]} ", names[origin]) for origin, entry in self.result.overlays.items()
        }
        if HEAD in self.roots:
            taken[self.roots[HEAD].at("id").text] = Phrase("所改版本", "the edition")
        if overlay.id in taken:
            place = taken[overlay.id]
            problem = Phrase(f"“{overlay.id}”已是{place.zh}的 id", f"{place.en} is called {overlay.id!r} already")
            yield Impossible("id", problem, Phrase("请另取 id", "choose another id"))
        extended = self.result.overlays.get(file.base)
        if extended is not None and extended.wholly_relief and not overlay.wholly_relief:
            problem = Phrase(
                f"叠加在放宽文件 {extended.id} 之上，不放宽时无法适用",
                f"extends the relief {extended.id}, without which it cannot be applied",
            )
            hint = Phrase(
                "请写上 `relaxes: true`，或改为叠加在别的标准之上", "write relaxes: true, or extend something else"
            )
            yield Impossible("extends", problem, hint)

    def holds(self, file: OverlayFile, overlay: Overlay) -> bool:
        """Return whether an overlay, and what it extends, hold on the day; remember it where not."""
        lapse = self.lapse(overlay, Lapse(by=overlay.id, title=overlay.title))
        if lapse is None and file.base in self.lapsed:
            lapse = attrs.evolve(self.lapsed[file.base], by=overlay.id, title=overlay.title)
            self.result.lapses.append(lapse)
        if lapse is not None:
            self.lapsed[file.origin] = lapse
        return lapse is None

    def is_in_force(self, change: OverlayChange, overlay: Overlay) -> bool:
        """Return whether a change holds on the day; remember it where not."""
        self.result.days.update(turning_days(change))
        path = change.to if isinstance(change, Adding) else change.path
        return self.lapse(change, Lapse(by=overlay.id, path=path)) is None

    def lapse(self, period: Period, about: Lapse) -> Lapse | None:
        """Note what has a first or a last day, and return it where it does not hold on the day asked about."""
        state = when(period, self.files.day)
        lapse = attrs.evolve(about, over=state == "over", from_=period.from_, until=period.until)
        if period.from_ or period.until:
            self.result.periods.append(lapse)
        if state == "now":
            return None
        self.result.lapses.append(lapse)
        return lapse

    def apply(self, built: Built, overlay: Overlay, after: Set[str]) -> list[Applied]:
        """Make a change of an overlay that may change again what those with the ids `after` changed."""
        change: OverlayChange = built.value
        applied = Applied((), change, overlay, built.node)
        try:
            if isinstance(change, Setting):
                return [self.set(change, applied, after)]
            if isinstance(change, Dropping):
                return [self.drop(change, applied, after)]
            return [self.add(change, applied, after)]
        except Impossible as error:
            place = built.node.at(error.field)
            self.problems.add(place.error(f"{built.path}.{error.field}", error.problem, error.hint))
            return []

    def find(self, field: str, path: str, applied: Applied, after: Set[str]) -> Spot:
        """Return what a path leads to; refuse one that leads nowhere, or to what another overlay took away."""
        if "[" in path:
            problem = Phrase(
                f"“{path}”按位置指一项，而位置会变", f"{path!r} names an entry by its position, which may change"
            )
            hint = Phrase("请写它的名称，或用 set 改整个列表", "write its name, or set the whole list")
            raise Impossible(field, problem, hint)
        try:
            return find(self.roots, path)
        except Impossible as error:
            nothing = error
        before: Spot | None = None
        with suppress(Impossible):
            before = find(self.result.layers[0].roots, path)
        if before is not None:
            self.claim(field, before.names, applied, after)
        way = NO_WORDS
        if isinstance(applied.change, Adding) and path in ("items", "indicators"):
            places = either(f"parts.{file.removesuffix('.yaml')}.{path}" for file in parts_of(self.roots))
            way = Phrase(f"新的 {path} 请加到某个部分：{places.zh}", f"new {path} go to a part: {places.en}")
        elif isinstance(applied.change, Adding):
            way = nothing.hint + Phrase("；新字段请用 key 加到上一级", "; add a new field to what holds it, with a key")
        raise Impossible(field, nothing.problem, way or nothing.hint)

    def claim(self, field: str, names: tuple[str, ...], applied: Applied, after: Set[str]) -> Applied:
        """Return a change of a place that no other one is about, and remember it; refuse it otherwise."""
        mine = attrs.evolve(applied, names=names)
        for other in self.touched:
            if other.overlay.id in after or not other.meets(mine):
                continue
            node = other.node
            if other.overlay is mine.overlay:
                verb, path = _VERBS[type(other.change)], path_of(other.names)
                problem = Phrase(f"第{node.line}行已{verb.zh} {path}", f"line {node.line} {verb.en} {path} already")
                raise Impossible(field, problem, Phrase("同一处请只改一次", "change it once"))
            place = f"{node.file}:{node.line}"
            raise Impossible(field, Phrase(f"{place} 也改了这一处", f"{place} changes the same place"), _ONLY_AFTER)
        self.touched.append(mine)
        return mine

    def set(self, setting: Setting, applied: Applied, after: Set[str]) -> Applied:
        """Set a value."""
        spot, value = self.find("path", setting.path, applied, after), setting.value
        applied = self.claim("path", spot.names, applied, after)
        if spot.is_name:
            problem = Phrase(f"{spot.path} 是别处要用的名称，不能改", f"{spot.path} is a name that others use")
            raise Impossible("path", problem, Phrase("请取消这一项，另加一项", "drop the entry and add another one"))
        if value.sort != spot.node.sort and not (value.broken or spot.node.broken):
            now, new, text = spot.node.sort, value.shown, shortened(written(spot.node))
            hint = advice(value.text, Decimal) if spot.node.sort == NUMBER else _WHOLE
            zh, en = f"填写{new.zh}，应仍为{now.zh}（现为 {text}）", f"must stay {now.en} (now {text}), found {new.en}"
            raise Impossible("value", Phrase(zh, en), hint)
        own = spot.steps[-1] == "source" or has_source(value)
        self.roots = put(self.roots, spot, value, None if own else applied.node)
        return applied

    def drop(self, dropping: Dropping, applied: Applied, after: Set[str]) -> Applied:
        """Take a value away."""
        spot = self.find("path", dropping.path, applied, after)
        if not spot.steps:
            problem = Phrase(f"{spot.path} 是整个文件", f"{spot.path} is a whole file")
            raise Impossible("path", problem, Phrase("请取消其中的内容", "drop its content"))
        applied = self.claim("path", spot.names, applied, after)
        self.roots = put(self.roots, spot, None, applied.node)
        return applied

    def add(self, adding: Adding, applied: Applied, after: Set[str]) -> Applied:
        """Add a part, a field of a mapping or an entry of a list."""
        if adding.to == PARTS:
            return self.add_part(adding, applied, after)
        spot = self.find("to", adding.to, applied, after)
        inside = list(spot.inside())
        if adding.key and len(inside) == 1 and isinstance(spot.node.value, tuple):
            spot = inside[0]
        own = has_source(adding.value)
        if own == bool(adding.source):
            problem = Phrase("须有一处出处（source），且只有一处", "needs one source, and only one")
            hint = Phrase("请写在 value 旁边或其中", "write it beside 'value', or in it where an entry has one")
            raise Impossible("source" if own else "value", problem, hint)
        because = None if own else applied.node
        if isinstance(spot.node.value, Mapping):
            self.check_field(adding, spot)
            new = spot.beyond(adding.key, adding.key, adding.value)
            applied = self.claim("key", new.names, applied, after)
            self.roots = put(self.roots, new, adding.value, because)
        elif isinstance(spot.node.value, tuple):
            entries, place = spot.node.value, self.place(adding, spot)
            entries = (*entries[:place], adding.value, *entries[place:])
            applied = self.claim("to", (*spot.names, entry_names(entries)[place]), applied, after)
            self.roots = put(self.roots, spot, attrs.evolve(spot.node, value=entries), because)
        else:
            problem = Phrase(
                f"应指向列表或一组字段，而 {spot.path} 是“{spot.node.text}”",
                f"must lead to a list or a mapping; {spot.path} is {spot.node.text!r}",
            )
            raise Impossible("to", problem)
        return applied

    def add_part(self, adding: Adding, applied: Applied, after: Set[str]) -> Applied:
        """Add a part, which the verdict then asks for as well."""
        name = adding.value.at("id").text
        file = f"{name}.yaml"
        if not isinstance(adding.value.value, Mapping) or not is_id(name):
            zh = "应为“名称: 值”，写法同版本里的一个部分"
            raise Impossible("value", Phrase(zh, "must be a mapping, written as a part of an edition is"))
        if file in self.roots:
            problem = Phrase(f"已有“{name}”", f"there is a part {name!r} already")
            raise Impossible("value.id", problem, Phrase("请另取 id", "choose another id"))
        applied = self.claim("to", (file,), applied, after)
        listed_parts = at(self.roots, (HEAD, "verdict", "all_of"))
        if listed_parts is not None and isinstance(listed_parts.node.value, tuple):
            parts = (*listed_parts.node.value, adding.value.at("id"))
            self.roots = put(self.roots, listed_parts, attrs.evolve(listed_parts.node, value=parts))
        self.roots = {**self.roots, file: adding.value}
        return applied

    def check_field(self, adding: Adding, spot: Spot) -> None:
        """Refuse a new field without a name, one that there is already, and an order of fields."""
        if not adding.key:
            problem = Phrase(f"{spot.path} 是一组字段，缺少“key”", f"{spot.path} is a mapping: 'key' is missing")
            raise Impossible("to", problem, Phrase("请写上新字段的名称", "name the new field"))
        if adding.key in [inner.steps[-1] for inner in spot.inside()]:
            problem = Phrase(f"{spot.path} 已有“{adding.key}”", f"{spot.path} has {adding.key!r} already")
            raise Impossible("key", problem, Phrase("请改用 set", "set it"))
        if adding.after:
            problem = Phrase(f"{spot.path} 是一组字段，不分先后", f"{spot.path} is a mapping: its fields have no order")
            raise Impossible("after", problem)

    def place(self, adding: Adding, spot: Spot) -> int:
        """Return the position of a new entry; refuse a key, an id that is taken, and an unknown entry before it."""
        entries = [inner.node for inner in spot.inside()]
        if adding.key:
            problem = Phrase(f"{spot.path} 是列表，各项没有 key", f"{spot.path} is a list: its entries have no key")
            raise Impossible("key", problem, Phrase("请删去", "leave it out"))
        name = adding.value.at("id").text if isinstance(adding.value.value, Mapping) else ""
        if name and name in map(entry_name, entries):
            problem = Phrase(f"{spot.path} 中已有“{name}”", f"{spot.path} has {name!r} already")
            hint = Phrase("请用 set 改其中要改的，或另取 id", "set what is to change in it, or choose another id")
            raise Impossible("value.id", problem, hint)
        known = [inner.names[-1] for inner in spot.inside()]
        if adding.after and adding.after not in known:
            problem = Phrase(f"{spot.path} 中没有“{adding.after}”", f"{spot.path} has no entry {adding.after!r}")
            raise Impossible("after", problem + near(adding.after, known), KNOWN_THERE + listed(known))
        return known.index(adding.after) + 1 if adding.after else len(known)


Way = Literal["stated", "set", "added", "dropped"]

_WORDS: dict[Way, tuple[str, str]] = {
    "stated": ("规定", "stated"),
    "set": ("改定", "set"),
    "added": ("增设", "added"),
    "dropped": ("取消", "dropped"),
}
_WAYS: Mapping[type[Change], Way] = {Setting: "set", Adding: "added", Dropping: "dropped"}


@attrs.frozen
class HistoryRecord:
    """What an edition or an overlay sets a value to.

    Attributes
    ----------
    by : str
        The id of the edition or overlay.
    path : str
        What was changed: the value asked about, something in it, or what holds it.
    way : {'stated', 'set', 'added', 'dropped'}
        An edition states, an overlay does the others.
    before, value : str
        What it was before and is from then on, as the law writes it; empty where there is none. Where something in
        the value was changed, that alone.
    document : str
        The document of the edition or overlay.
    source : Source, optional
        Where in it; None for what has no source, such as the title of an edition.
    from_, until : str, optional
        The first and the last day.
    reason : Title, optional
        Why something was dropped.
    """

    by: str
    path: str
    way: Way
    before: str
    value: str
    document: str
    source: Source | None = None
    from_: str | None = None
    until: str | None = None
    reason: Title | None = None

    def text(self, lang: Language = "zh") -> str:
        """Return it as a line.

        Examples
        --------
        >>> print(HistoryRecord("ours", "items.G7.rules[0].at_least", "set", "700", "800", "ours 1").text("en"))
        ours: set 700 → 800 (ours 1)
        """
        word = _WORDS[self.way][lang == "en"]
        values = " → ".join(entry for entry in (self.before, self.value) if entry)
        reason = f" {self.reason.text(lang)}" if self.reason else ""
        what = " ".join(filter(None, (word, values)))
        return f"{self.by}: {what} ({self.source or self.document}){self._days(lang)}{reason}"

    def _days(self, lang: Language) -> str:
        if self.from_ and self.until:
            return f" {self.from_}–{self.until}"
        if self.from_:
            return f" 自{self.from_}起" if lang == "zh" else f" from {self.from_}"
        if self.until:
            return f" 至{self.until}止" if lang == "zh" else f" until {self.until}"
        return ""

    def __str__(self) -> str:
        return self.text("en")


def history(standard: Standard, path: str) -> tuple[HistoryRecord, ...]:
    """Return who set a value of a standard, what it was before, and the source of each change, the oldest first.

    Parameters
    ----------
    standard : Standard
        The standard that holds the value.
    path : str
        A value, an item, an indicator or a measure, written as an overlay writes it (`specs/README.md`).

    Returns
    -------
    tuple of HistoryRecord
        One for each document that set the value.

    Raises
    ------
    RequestError
        If nothing has that path; it names the nearest.

    Examples
    --------
    >>> import balancedu as be
    >>> print(*be.history(be.load_standard("cn-2017"), "rules.R-spread.limits.primary"))
    cn-2017: stated 0.50 (教督〔2017〕6号 资源配置)
    """
    steps = path.split(".")
    if steps[0] == "measures" and len(steps) > 1:
        steps[1] = current_id(steps[1], standard.measures)
    return history_of(standard.files, ".".join(steps))


def history_of(files: SpecFiles, path: str) -> tuple[HistoryRecord, ...]:
    """Return the history of a value in the files of a standard; see `history`."""
    merged = merged_of(files)
    spot, edition, records = _last(merged, path), merged.layers[0].roots, []
    if here := at(edition, spot.names):
        by, document = (edition[HEAD].at(field).text for field in ("id", "document"))
        source = _structured(here.source) if here.source else None
        records.append(HistoryRecord(by, here.path, "stated", "", written(here.node), document, source))
    for before, after in itertools.pairwise(merged.layers):
        # Changes inside a long value are shown by themselves.
        records += [
            _record(entry, before.roots, after.roots, max(entry.names, spot.names, key=len))
            for entry in after.applied
            if overlap(entry.names, spot.names)
        ]
    return tuple(records)


def set_by(standard: Standard, path: str) -> str:
    """Return the id of the edition or overlay that set a value last; see `history`."""
    return history(standard, path)[-1].by if standard.applied else standard.head.id


def dropped(standard: Standard, table: str, name: str) -> HistoryRecord | None:
    """Return which overlay dropped a measure of a table, and why; None where none did.

    Parameters
    ----------
    standard : Standard
    table : str
    name : str
        Its id, column, title or a further word for it.
    """
    for before, after in itertools.pairwise(merged_of(standard.files).layers):
        for entry in after.applied:
            spot = at(before.roots, entry.names) if isinstance(entry.change, Dropping) else None
            measure = spot and Structurer(SpecProblems()).build(Measure, spot.node)
            if measure and measure.table == table and plain(name) in map(plain, (measure.id, *measure.names)):
                return _record(entry, before.roots, after.roots, entry.names)
    return None


def paths(standard: Standard, entry: str) -> Mapping[str, str]:
    """Return the path of an item, indicator or measure and of every value in it, as an overlay names them.

    Parameters
    ----------
    standard : Standard
    entry : str
        Its id.

    Returns
    -------
    mapping of path to str
        The values as the law writes them; empty for the entry itself, and for texts in both languages.

    Raises
    ------
    RequestError
        If nothing has that id.

    Examples
    --------
    >>> import balancedu as be
    >>> [path for path in paths(be.load_standard("cn-2017"), "G7") if path.startswith("rules")]
    ['rules.G7.fact', 'rules.G7.at_least']
    """
    roots = merged_of(standard.files).roots
    spot = entry_of(roots, entry)
    if spot is None:
        problem = f"no item, indicator or measure is called {entry!r}"
        raise RequestError(Phrase(f"没有叫“{entry}”的条目、指标或填报项", problem))
    return {spot.short_path(): "", **dict(values_of(spot))}


@lru_cache(maxsize=16)
def merged_of(files: SpecFiles) -> Merged:
    """Return the layers of a standard that has been built already."""
    return merge(files, SpecProblems())


def _last(merged: Merged, path: str) -> Spot:
    """Return what a path leads to, at last or, where it was dropped, before that."""
    try:
        return find(merged.roots, path)
    except Impossible as error:
        nothing = error
    for layer in reversed(merged.layers[:-1]):
        try:
            return find(layer.roots, path)
        except Impossible:
            continue
    raise RequestError(sentence(nothing.problem, nothing.hint)) from None


def _record(applied: Applied, before: Roots, after: Roots, names: tuple[str, ...]) -> HistoryRecord:
    """Return what an overlay changes: the value of these names."""
    change, overlay = applied.change, applied.overlay
    old, new = (at(roots, names) for roots in (before, after))
    return HistoryRecord(
        overlay.id,
        path_of(applied.names),
        _WAYS[type(change)],
        written(old.node) if old else "",
        written(new.node) if new else "",
        overlay.document,
        _structured(applied.source),
        change.from_ or overlay.from_,
        change.until or overlay.until,
        change.reason if isinstance(change, Dropping) else None,
    )


def _structured(source: Node) -> Source | None:
    made: Source | None = Structurer(SpecProblems()).build(Source, source)
    return made

"""Overlays: what their files may change, how the nodes of an edition are changed, and who set which value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

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
class DatedChange(Period):
    """Base of the changes of an overlay."""

    relaxes: bool | None = described(
        "whether this change is relief; default: as declared for the overlay", default=None, kw_only=True
    )


@attrs.frozen
class Setting(DatedChange):
    """A value of the edition that is replaced."""

    path: str = described("the value, as `rules.<item>.at_least`; it must exist", validator=filled)
    value: Node = described("what it becomes: a number stays a number, a list stays a list")
    source: Source = described("the document and the part that set it")


@attrs.frozen
class Adding(DatedChange):
    """A new entry of a list, such as an item, an indicator, a measure or a rule; or a new field of a mapping."""

    to: str = described(
        "the list, as `parts.guarantee.items`, or the mapping; `parts` for a new part, which must then be met as well",
        validator=filled,
    )
    value: Node = described("the entry or the value of the field, written as in an edition")
    key: str = described("for a mapping: the field", default="")
    source: Source | None = described("its source; omitted if the new entry has its own source", default=None)
    after: str = described("the name of the entry that it follows; default: last", default="")


@attrs.frozen
class Dropping(DatedChange):
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
        "the date of the document, in quotes; omitted if unknown",
        default=None,
        validator=attrs.validators.optional(a_day),
    )
    source: Source | None = described("the source of the overlay as a whole", default=None)
    relaxes: bool = described(
        "whether its changes are relief, unless a change sets it otherwise: results then show the verdicts without "
        "them as well",
        default=False,
    )
    drop: tuple[Dropping, ...] = described("what it drops; that comes first", default=())
    set: tuple[Setting, ...] = described("what it sets", default=())
    add: tuple[Adding, ...] = described("what it adds; that comes last", default=())

    def _impossible(self) -> Iterator[Impossible]:
        yield from super()._impossible()
        if not (self.drop or self.set or self.add):
            problem = Phrase("叠加文件没有任何改动", "the overlay changes nothing")
            hint = Phrase("请写上改什么（set）、加什么（add）或取消什么（drop）", "write what it sets, adds or drops")
            yield Impossible("", problem, hint)

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


Way = Literal["stated", "set", "added", "dropped"]

_WAYS: Mapping[type[DatedChange], Way] = {Dropping: "dropped", Setting: "set", Adding: "added"}
"""What overlays do, in the order in which that happens."""
_WORDS: Mapping[Way, Phrase] = {
    "stated": Phrase("规定", "stated"),
    "dropped": Phrase("取消", "dropped"),
    "set": Phrase("改定", "set"),
    "added": Phrase("增设", "added"),
}
PARTS = "parts"
"""Where a new part goes."""
_ONLY_AFTER = Phrase(
    "只有叠加在对方之上（extends）或写明在对方之后（after）的文件才能再改",
    "only an overlay that extends the other one, or names it in 'after', may change it again",
)
_WHOLE = Phrase("请全部写出，或只改其中的值，或用 add 增加", "write all of it, or set a value inside it, or add to it")


@attrs.frozen
class Applied:
    """A change that was made.

    Attributes
    ----------
    change : Setting, Adding or Dropping
    overlay : Overlay
    node : Node
        The change as written.
    names : tuple of str
        Of what was set, added or dropped.
    """

    change: OverlayChange
    overlay: Overlay
    node: Node
    names: tuple[str, ...] = ()

    def meets(self, other: Applied) -> bool:
        """Return whether an earlier and a later change are about the same place."""
        replaced = isinstance(self.change, Dropping) and isinstance(other.change, Adding)
        if self.change is other.change or (self.overlay is other.overlay and replaced):
            return False
        return overlap(self.names, other.names)

    @property
    def way(self) -> Way:
        """What it does."""
        return _WAYS[type(self.change)]

    @property
    def place(self) -> str:
        """Where it is written."""
        return f"{self.node.file}:{self.node.line}"

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
class Layers:
    """An edition, and its overlays put onto it one by one.

    Attributes
    ----------
    files : SpecFiles
    problems : SpecProblems
        Where problems of reading and of overlays are noted.
    layers : list of Layer
        The edition, and after it each overlay of which something holds on the day.
    overlays : mapping of str to Overlay
        Every overlay that could be read, whether it holds on the day or not, by its origin.
    lapses : list of Lapse
        What does not apply on the date.
    periods : list of Lapse
        Everything that has a first or a last day, whether it holds or not.
    days : set of str
        The days from which on something is different.
    """

    files: SpecFiles
    problems: SpecProblems
    layers: list[Layer] = attrs.field(factory=list, init=False)
    overlays: dict[str, Overlay] = attrs.field(factory=dict, init=False)
    lapses: list[Lapse] = attrs.field(factory=list, init=False)
    periods: list[Lapse] = attrs.field(factory=list, init=False)
    days: set[str] = attrs.field(factory=set, init=False)
    roots: Roots = attrs.field(factory=dict, init=False)
    """The files as they are so far, and in the end."""
    _lapsed: dict[str, Lapse] = attrs.field(factory=dict, init=False)
    """The overlays that do not hold on the day, by their origin."""
    _touched: list[Applied] = attrs.field(factory=list, init=False)
    """What was changed, or should have been."""

    @classmethod
    def of(cls, files: SpecFiles, problems: SpecProblems) -> Layers:
        """Read an edition and its overlays; what does not fit is noted among the problems."""
        result = cls(files, problems)
        nodes = {file: result._read(content, file) for file, content in files.edition if file.endswith(".yaml")}
        result.roots = {file: node for file, node in nodes.items() if node is not None}
        result.layers.append(Layer(result.roots))
        for file in files.overlays:
            result._put(file)
        return result

    @property
    def relief(self) -> bool:
        """Whether any of the changes in force is relief."""
        return any(change.eases for layer in self.layers for change in layer.applied)

    @property
    def dropped(self) -> Mapping[str, str]:
        """The places that drop something, by the name of what they drop."""
        applied = (change for layer in self.layers for change in layer.applied if change.way == "dropped")
        return {change.names[-1]: change.place for change in applied}

    @property
    def applied(self) -> tuple[AppliedOverlay, ...]:
        """The overlays of which something applies on the date."""
        result = []
        for layer in self.layers[1:]:
            eased = [change.eases for change in layer.applied]
            names = attrs.fields_dict(AppliedOverlay).keys() - {"relaxes", "wholly"}
            content = {name: getattr(layer.overlay, name) for name in names}
            result.append(AppliedOverlay(**content, relaxes=any(eased), wholly=all(eased)))
        return tuple(result)

    @property
    def without_relief(self) -> SpecFiles:
        """The files with neither the overlays that are wholly relief, nor single changes that are."""
        pairs = [(file, self.overlays[file.origin]) for file in self.files.overlays]
        strict = (
            attrs.evolve(file, strictly=file.strictly or any(map(overlay.eases, overlay.changes)))
            for file, overlay in pairs
            if not overlay.wholly_relief
        )
        return attrs.evolve(self.files, overlays=tuple(strict))

    def _read(self, content: bytes, file: str) -> Node | None:
        node, errors = nodes_of(content, file)
        for error in errors:
            self.problems.add(error)
        stated = node.at("format").value if node is not None else FORMAT
        if node is not None and type(stated) is int and stated > FORMAT:
            # What a later format means is not known here: this is the only error of the file.
            problem = Phrase(
                f"文件格式为{stated}，本版 balancedu 只能读格式{FORMAT}",
                f"the file is written in format {stated}, and this balancedu reads format {FORMAT}",
            )
            upgrade = "pip install --upgrade balancedu"
            hint = Phrase(f"请安装新版：`{upgrade}`", f"install a newer one: {upgrade}")
            self.problems.add(node.at("format").error("format", problem, hint))
            return None
        return node

    def _put(self, file: OverlayFile) -> None:
        """Apply an overlay, as far as it is in force on the date."""
        node = self._read(self._with_current_ids(file.content), file.name)
        structurer = Structurer(self.problems, file.name)
        overlay: Overlay | None = structurer.build(Overlay, node) if node is not None else None
        if node is None or overlay is None:
            return
        for problem in self._misplaced(file, overlay):
            self.problems.add(node.at(problem.field).error(problem.field, problem.problem, problem.hint))
        after = {other.id for other in self.overlays.values()} & {*overlay.after}
        after |= {self.overlays[base].id for base in self.files.bases(file) if base in self.overlays}
        self.overlays[file.origin] = overlay
        self.days.update(turning_days(overlay))
        if not self._holds(file, overlay):
            return
        ways, applied = list(_WAYS), list[Applied]()
        changes = [built for built in structurer.built if isinstance(built.value, DatedChange)]
        for built in sorted(changes, key=lambda built: ways.index(type(built.value))):
            if not (file.strictly and overlay.eases(built.value)) and self._is_in_force(built.value, overlay):
                applied += self._apply(built, overlay, after)
        if applied:
            self.layers.append(Layer(self.roots, overlay, tuple(applied)))

    def _with_current_ids(self, content: bytes) -> bytes:
        """Return a file in which earlier ids of measures are replaced by those of the edition, with a warning."""
        measures = self.roots[MEASURES].entries("measures") if MEASURES in self.roots else ()
        earlier = {
            old.text.encode(): entry.at("id").text.encode() for entry in measures for old in entry.entries("formerly")
        }
        pattern = re.compile(rb"(?<![\w-])(%s)(?![\w-])" % b"|".join(map(re.escape, earlier)))
        for old in sorted(set(pattern.findall(content))) if earlier else ():
            warn_renamed(old.decode(), earlier[old].decode())
        return pattern.sub(lambda match: earlier[match[0]], content) if earlier else content

    def _misplaced(self, file: OverlayFile, overlay: Overlay) -> Iterator[Impossible]:
        """Yield duplicate overlays, and those that are not relief although they extend relief."""
        names = {file.origin: file.name for file in self.files.overlays}
        taken = {other.id: Phrase(f" {names[at]} ", names[at]) for at, other in self.overlays.items()}
        if HEAD in self.roots:
            taken[self.roots[HEAD].at("id").text] = Phrase("所改版本", "the edition")
        if place := taken.get(overlay.id):
            problem = Phrase(f"“{overlay.id}”已是{place.zh}的 id", f"{place.en} is called {overlay.id!r} already")
            yield Impossible("id", problem, Phrase("请另取 id", "choose another id"))
        extended = self.overlays.get(file.base)
        if extended is not None and extended.wholly_relief and not overlay.wholly_relief:
            problem = Phrase(
                f"叠加在放宽文件 {extended.id} 之上，不放宽时无法适用",
                f"extends the relief {extended.id}, without which it cannot be applied",
            )
            hint = Phrase(
                "请写上 `relaxes: true`，或改为叠加在别的标准之上", "write relaxes: true, or extend something else"
            )
            yield Impossible("extends", problem, hint)

    def _holds(self, file: OverlayFile, overlay: Overlay) -> bool:
        """Return whether an overlay, and what it extends, apply on the date; record it if not."""
        about = Lapse(by=overlay.id, title=overlay.title)
        lapse = self._lapse(overlay, about)
        if lapse is None and file.base in self._lapsed:
            lapse = attrs.evolve(self._lapsed[file.base], by=overlay.id, title=overlay.title)
            self.lapses.append(lapse)
        if lapse is not None:
            self._lapsed[file.origin] = lapse
        return lapse is None

    def _is_in_force(self, change: OverlayChange, overlay: Overlay) -> bool:
        """Return whether a change applies on the date; record it if not."""
        self.days.update(turning_days(change))
        path = change.to if isinstance(change, Adding) else change.path
        return self._lapse(change, Lapse(by=overlay.id, path=path)) is None

    def _lapse(self, period: Period, about: Lapse) -> Lapse | None:
        """Note what has a first or a last day, and return it if it does not apply on the date."""
        state = when(period, self.files.day)
        lapse = attrs.evolve(about, over=state == "over", from_=period.from_, until=period.until)
        self.periods += [lapse] if period.from_ or period.until else []
        self.lapses += [lapse] if state != "now" else []
        return lapse if state != "now" else None

    def _apply(self, built: Built, overlay: Overlay, after: Set[str]) -> list[Applied]:
        """Make a change of an overlay that may change again what those with the ids `after` changed."""
        change: OverlayChange = built.value
        ways: Mapping[Way, Callable[[Any, Applied, Set[str]], Applied]]
        ways = {"dropped": self._drop, "set": self._set, "added": self._add}
        try:
            return [ways[_WAYS[type(change)]](change, Applied(change, overlay, built.node), after)]
        except Impossible as error:
            place = built.node.at(error.field)
            self.problems.add(place.error(f"{built.path}.{error.field}", error.problem, error.hint))
            return []

    def _find(self, field: str, path: str, applied: Applied, after: Set[str]) -> Spot:
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
            before = find(self.layers[0].roots, path)
        if before is not None:
            self._claim(field, before.names, applied, after)
        hint = nothing.hint
        if applied.way == "added" and path in ("items", "indicators"):
            places = either(f"parts.{file.removesuffix('.yaml')}.{path}" for file in parts_of(self.roots))
            hint = Phrase(f"新的 {path} 请加到某个部分：{places.zh}", f"new {path} go to a part: {places.en}")
        elif applied.way == "added":
            hint += Phrase(
                "；新字段请用 key 加到上一级", "; add a new field to the mapping that contains it, with a key"
            )
        raise Impossible(field, nothing.problem, hint)

    def _claim(self, field: str, names: tuple[str, ...], applied: Applied, after: Set[str]) -> Applied:
        """Return a change of a place that no other one is about, and remember it; refuse it otherwise."""
        mine = attrs.evolve(applied, names=names)
        for other in self._touched:
            if other.overlay.id in after or not other.meets(mine):
                continue
            node = other.node
            if other.overlay is mine.overlay:
                word, path = _WORDS[other.way], path_of(other.names)
                problem = Phrase(f"第{node.line}行已{word.zh} {path}", f"line {node.line} has {word.en} {path} already")
                raise Impossible(field, problem, Phrase("同一处请只改一次", "change it once"))
            problem = Phrase(f"{other.place} 也改了这一处", f"{other.place} changes the same place")
            raise Impossible(field, problem, _ONLY_AFTER)
        self._touched.append(mine)
        return mine

    def _set(self, setting: Setting, applied: Applied, after: Set[str]) -> Applied:
        """Set a value."""
        spot, value = self._find("path", setting.path, applied, after), setting.value
        applied = self._claim("path", spot.names, applied, after)
        if spot.is_name:
            problem = Phrase(f"{spot.path} 是别处要用的名称，不能改", f"{spot.path} is a name that others use")
            raise Impossible("path", problem, Phrase("请取消这一项，另加一项", "drop the entry and add another"))
        if value.sort != spot.node.sort and not (value.broken or spot.node.broken):
            now, new, text = spot.node.sort, value.shown, shortened(written(spot.node))
            hint = advice(value.text, Decimal) if spot.node.sort == NUMBER else _WHOLE
            zh, en = f"填写{new.zh}，应仍为{now.zh}（现为 {text}）", f"must stay {now.en} (now {text}), found {new.en}"
            raise Impossible("value", Phrase(zh, en), hint)
        has_own_source = spot.steps[-1] == "source" or has_source(value)
        self.roots = put(self.roots, spot, value, None if has_own_source else applied.node)
        return applied

    def _drop(self, dropping: Dropping, applied: Applied, after: Set[str]) -> Applied:
        """Take a value away."""
        spot = self._find("path", dropping.path, applied, after)
        if not spot.steps:
            problem = Phrase(f"{spot.path} 是整个文件", f"{spot.path} is a whole file")
            raise Impossible("path", problem, Phrase("请取消其中的内容", "drop its content"))
        applied = self._claim("path", spot.names, applied, after)
        self.roots = put(self.roots, spot, None, applied.node)
        return applied

    def _add(self, adding: Adding, applied: Applied, after: Set[str]) -> Applied:
        """Add a part, a field of a mapping or an entry of a list."""
        if adding.to == PARTS:
            return self._add_part(adding, applied, after)
        spot = self._find("to", adding.to, applied, after)
        inside = list(spot.inside())
        if adding.key and len(inside) == 1 and isinstance(spot.node.value, tuple):
            spot = inside[0]
        has_own_source = has_source(adding.value)
        if has_own_source == bool(adding.source):
            problem = Phrase("须有一处出处（source），且只有一处", "needs one source, and only one")
            hint = Phrase("请写在 value 旁边或其中", "write it beside 'value', or in it where an entry has one")
            raise Impossible("source" if has_own_source else "value", problem, hint)
        because = None if has_own_source else applied.node
        if isinstance(spot.node.value, Mapping):
            self._check_field(adding, spot)
            new = spot.beyond(adding.key, adding.key, adding.value)
            applied = self._claim("key", new.names, applied, after)
            self.roots = put(self.roots, new, adding.value, because)
        elif isinstance(spot.node.value, tuple):
            entries, place = spot.node.value, self._place(adding, spot)
            entries = (*entries[:place], adding.value, *entries[place:])
            applied = self._claim("to", (*spot.names, entry_names(entries)[place]), applied, after)
            self.roots = put(self.roots, spot, attrs.evolve(spot.node, value=entries), because)
        else:
            problem = Phrase(
                f"应指向列表或一组字段，而 {spot.path} 是“{spot.node.text}”",
                f"must lead to a list or a mapping; {spot.path} is {spot.node.text!r}",
            )
            raise Impossible("to", problem)
        return applied

    def _add_part(self, adding: Adding, applied: Applied, after: Set[str]) -> Applied:
        """Add a part, which the verdict then requires too."""
        name = adding.value.at("id").text
        file = f"{name}.yaml"
        if not isinstance(adding.value.value, Mapping) or not is_id(name):
            zh = "应为“名称: 值”，写法同版本里的一个部分"
            raise Impossible("value", Phrase(zh, "must be a mapping, written as a part of an edition is"))
        if file in self.roots:
            problem = Phrase(f"已有“{name}”", f"there is a part {name!r} already")
            raise Impossible("value.id", problem, Phrase("请另取 id", "choose another id"))
        applied = self._claim("to", (file,), applied, after)
        listed_parts = at(self.roots, (HEAD, "verdict", "all_of"))
        if listed_parts is not None and isinstance(listed_parts.node.value, tuple):
            parts = (*listed_parts.node.value, adding.value.at("id"))
            self.roots = put(self.roots, listed_parts, attrs.evolve(listed_parts.node, value=parts))
        self.roots = {**self.roots, file: adding.value}
        return applied

    def _check_field(self, adding: Adding, spot: Spot) -> None:
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

    def _place(self, adding: Adding, spot: Spot) -> int:
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


@attrs.frozen
class HistoryRecord:
    """What an edition or an overlay sets a value to.

    Attributes
    ----------
    by : str
        The id of the edition or overlay.
    path : str
        What was changed: the value itself, something in it, or what contains it.
    way : {'stated', 'set', 'added', 'dropped'}
        An edition states, an overlay does the others.
    before, value : str
        What it was before and is from then on, as the law writes it; empty if there is none. Where something in
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
        word = _WORDS[self.way].text(lang)
        values = " → ".join(value for value in (self.before, self.value) if value)
        reason = f" {self.reason.text(lang)}" if self.reason else ""
        what, first, last = " ".join(filter(None, (word, values))), self.from_, self.until
        days = Phrase(f" 自{first}起", f" from {first}") if first else Phrase(f" 至{last}止", f" until {last}")
        days = Phrase.of(f" {first}–{last}") if first and last else days if first or last else NO_WORDS
        return f"{self.by}: {what} ({self.source or self.document}){days.text(lang)}{reason}"

    def __str__(self) -> str:
        return self.text("en")


def records_of(standard: Standard, path: str) -> tuple[HistoryRecord, ...]:
    """Return who set a value of a standard, the oldest first; `be.history` is the same as a result.

    Raises
    ------
    RequestError
        If the path does not exist; the message names the nearest.
    """
    steps = path.split(".")
    if steps[0] == "measures" and len(steps) > 1:
        steps[1] = current_id(steps[1], standard.measures)
    return history_of(standard.files, ".".join(steps))


def history_of(files: SpecFiles, path: str) -> tuple[HistoryRecord, ...]:
    """Return the history of a value in the files of a standard; see `records_of`."""
    layers = layers_of(files)
    spot, edition, records = _last(layers, path), layers.layers[0].roots, []
    if first := at(edition, spot.names):
        by, document = (edition[HEAD].at(field).text for field in ("id", "document"))
        source = _structured(first.source) if first.source else None
        records.append(HistoryRecord(by, first.path, "stated", "", written(first.node), document, source))
    for before, after in itertools.pairwise(layers.layers):
        # Changes inside a long value are shown by themselves.
        records += [
            _record(change, before.roots, after.roots, max(change.names, spot.names, key=len))
            for change in after.applied
            if overlap(change.names, spot.names)
        ]
    return tuple(records)


def set_by(standard: Standard, path: str) -> str:
    """Return the id of the edition or overlay that set a value last."""
    return records_of(standard, path)[-1].by if standard.applied else standard.head.id


def dropped(standard: Standard, table: str, name: str) -> HistoryRecord | None:
    """Return which overlay dropped a measure of a table, and why; None if none did.

    Parameters
    ----------
    standard : Standard
    table : str
    name : str
        Its id, column, title or another header.
    """
    for before, after in itertools.pairwise(layers_of(standard.files).layers):
        for change in after.applied:
            spot = at(before.roots, change.names) if change.way == "dropped" else None
            measure = spot and Structurer(SpecProblems()).build(Measure, spot.node)
            if measure and measure.table == table and plain(name) in map(plain, (measure.id, *measure.names)):
                return _record(change, before.roots, after.roots, change.names)
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
        If the id does not exist.

    Examples
    --------
    >>> import balancedu as be
    >>> [path for path in paths(be.load_standard("cn-2017"), "G7") if path.startswith("rules")]
    ['rules.G7.fact', 'rules.G7.at_least']
    """
    roots = layers_of(standard.files).roots
    spot = entry_of(roots, entry)
    if spot is None:
        problem = f"no item, indicator or measure is called {entry!r}"
        raise RequestError(Phrase(f"没有叫“{entry}”的条目、指标或填报项", problem))
    return {spot.short_path(): "", **dict(values_of(spot))}


@lru_cache(maxsize=16)
def layers_of(files: SpecFiles) -> Layers:
    """Return the layers of a standard that has been built already."""
    return Layers.of(files, SpecProblems())


def _last(layers: Layers, path: str) -> Spot:
    """Return what a path leads to, at last or, where it was dropped, before that."""
    try:
        return find(layers.roots, path)
    except Impossible as error:
        nothing = error
    for layer in reversed(layers.layers[:-1]):
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
        applied.way,
        written(old.node) if old else "",
        written(new.node) if new else "",
        overlay.document,
        _structured(applied.source),
        change.from_ or overlay.from_,
        change.until or overlay.until,
        change.reason if isinstance(change, Dropping) else None,
    )


def _structured(source: Node) -> Source | None:
    result: Source | None = Structurer(SpecProblems()).build(Source, source)
    return result

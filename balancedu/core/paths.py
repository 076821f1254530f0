"""Paths to the values of a standard, such as `rules.G7.at_least`, and the values that they lead to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from balancedu.core.fields import Impossible
from balancedu.core.nodes import Node
from balancedu.errors import near
from balancedu.text import Phrase, listed, meant, quote

HEAD, MEASURES, FORMS = "standard.yaml", "measures.yaml", "forms.yaml"
"""The files of a standard that are no part of it."""

Roots = Mapping[str, Node]
"""The files of a standard by their names."""
PathStep = str | int
NAMES = ("id", "rule", "type", "use", "item", "indicator")
"""What an entry of a list is known by: the first of these that it has."""
_MEASURES = ("share", "fact", "part", "level")
"""What distinguishes entries of the same name: the measure of a rule."""

_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[0-9]{1,6}\])*")
_NAME = re.compile(r"[^.\[\]]+(\.[^.\[\]]+)?")
_STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")
_BY_ID = ("items", "indicators")
KNOWN_THERE = Phrase("其中有：", "known there: ")
_MOST_LISTED = 20


def bare(node: Node) -> Any:
    """Return a node as mappings, lists and values, without their places."""
    if isinstance(node.value, Mapping):
        return {key: bare(child) for key, child in node.value.items()}
    return [bare(child) for child in node.value] if isinstance(node.value, tuple) else node.value


def written(node: Node) -> str:
    """Return a node as a spec writes it: numbers with their digits, mappings and lists on one line.

    Examples
    --------
    >>> from balancedu.core.nodes import read_yaml
    >>> node, _ = read_yaml(b"limits: {primary: 0.50, junior: 0.45}", "resources.yaml")
    >>> written(node.at("limits"))
    '{primary: 0.50, junior: 0.45}'
    """
    if isinstance(node.value, Mapping):
        return f"{{{', '.join(f'{key}: {written(child)}' for key, child in node.value.items())}}}"
    return f"[{', '.join(map(written, node.value))}]" if isinstance(node.value, tuple) else node.text


def has_source(node: Node) -> bool:
    """Return whether a mapping has a source."""
    return isinstance(node.value, Mapping) and "source" in node.value


@attrs.frozen
class Spot:
    """A value of a standard and its place.

    Attributes
    ----------
    file : str
        The file of the edition in which it is, or would be.
    steps : tuple
        Keys and positions from the top of that file.
    names : tuple of str
        The same in a form that does not change when other entries are added or dropped: the file, then keys and
        ids, and for an entry without an id its position in brackets.
    node : Node
    holder : Spot, optional
        The mapping or list that contains it; None for a whole file.
    """

    file: str
    steps: tuple[PathStep, ...]
    names: tuple[str, ...]
    node: Node
    holder: Spot | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def path(self) -> str:
        """The path in its usual form."""
        return path_of(self.names)

    def inside(self) -> Iterator[Spot]:
        """Yield the values one step further."""
        if isinstance(self.node.value, Mapping):
            for key, node in self.node.value.items():
                yield self.beyond(key, key, node)
        elif isinstance(self.node.value, tuple):
            for n, (name, node) in enumerate(zip(entry_names(self.node.value), self.node.value, strict=True)):
                yield self.beyond(n, name, node)

    def beyond(self, step: PathStep, name: str, node: Node) -> Spot:
        """Return what is, or would be, one step further."""
        return Spot(self.file, (*self.steps, step), (*self.names, name), node, self)

    @property
    def way(self) -> Iterator[Spot]:
        """The value itself, and what contains it, up to the whole file."""
        spot: Spot | None = self
        while spot is not None:
            yield spot
            spot = spot.holder

    @property
    def source(self) -> Node | None:
        """The nearest source around it."""
        return next((spot.node.at("source") for spot in self.way if has_source(spot.node)), None)

    @property
    def is_name(self) -> bool:
        """Whether it is the format of a file, or what a file or an entry is called."""
        if len(self.steps) < 2 or self.holder is None:
            return self.steps in ((), ("id",), ("format",))
        beside = self.holder.node.value
        name = next((key for key in NAMES if isinstance(beside, Mapping) and key in beside), None)
        return isinstance(self.steps[-2], int) and self.steps[-1] == name

    def short_path(self, *, inside: bool = False) -> str:
        """Return the path as an author writes it; `inside`: for something in it to be written behind.

        Examples
        --------
        >>> from balancedu.core.nodes import read_yaml
        >>> node, _ = read_yaml(b"items: [{id: G7, rules: [{rule: fact_within, at_least: 700}]}]", "guarantee.yaml")
        >>> find({"guarantee.yaml": node}, "items.G7.rules[0].at_least").short_path()
        'rules.G7.at_least'
        """
        way = [*self.way][::-1]
        names = [spot.names[-1] for spot in way if (spot is self and not inside) or not spot._is_passed]
        of_item = names[1:4:2] == ["items", "rules"]
        return path_of(names).replace(f"items.{names[2]}.rules", f"rules.{names[2]}", 1) if of_item else path_of(names)

    @property
    def _is_passed(self) -> bool:
        """Whether paths leave it out: the only entry of a list, if it is a rule or has no name."""
        if self.holder is None or not isinstance(self.holder.node.value, tuple) or len(self.holder.node.value) > 1:
            return False
        return self.names[-1].startswith("[") or self.names[1:-1:2] == ("items", "rules")


def top(roots: Roots, file: str) -> Spot:
    """Return a whole file."""
    return Spot(file, (), (file,), roots[file])


def everything(roots: Roots) -> Iterator[Spot]:
    """Yield every value of a standard, each before its contents."""

    def held(spot: Spot) -> Iterator[Spot]:
        for inner in spot.inside():
            yield inner
            yield from held(inner)

    for file in roots:
        yield from held(top(roots, file))


def at(roots: Roots, names: Sequence[str]) -> Spot | None:
    """Return the value of these names, or None if there is none."""
    spot = top(roots, names[0]) if names[0] in roots else None
    for name in names[1:]:
        spot = next((inner for inner in spot.inside() if inner.names[-1] == name), None) if spot else None
    return spot


def path_of(names: Sequence[str]) -> str:
    """Return names as a path.

    Examples
    --------
    >>> path_of(("quality.yaml", "items", "Q1", "rules", "[0]")), path_of(("quality.yaml", "title", "zh"))
    ('items.Q1.rules[0]', 'parts.quality.title.zh')
    """
    file, *inner = names
    if file == FORMS:
        inner = ["forms", *inner]
    elif file not in (HEAD, MEASURES) and not (len(inner) > 1 and inner[0] in _BY_ID):
        inner = ["parts", file.removesuffix(".yaml"), *inner]
    return "".join(name if name.startswith("[") else f".{name}" for name in inner).removeprefix(".")


def parts_of(roots: Iterable[str]) -> list[str]:
    """Return the files of the parts."""
    return [file for file in roots if file not in (HEAD, MEASURES, FORMS)]


def entry_name(entry: Node) -> str:
    """Return what identifies an entry of a list; empty if it has no name."""
    if isinstance(entry.value, Mapping):
        return next((entry.value[key].text for key in NAMES if key in entry.value and entry.value[key].text), "")
    return entry.text


def entry_names(entries: tuple[Node, ...]) -> list[str]:
    """Return the names of the entries of a list: its own where no other entry has it, or its position in brackets."""
    known = [entry_name(entry) for entry in entries]
    often = Counter(known)
    known = [name if often[name] == 1 else _measure_of(entry) for name, entry in zip(known, entries, strict=True)]
    often = Counter(known)
    return [name if often[name] == 1 and _NAME.fullmatch(name) else f"[{n}]" for n, name in enumerate(known)]


def _measure_of(entry: Node) -> str:
    value = entry.value if isinstance(entry.value, Mapping) else {}
    return next((value[key].text for key in _MEASURES if key in value), "")


def overlap(sequence: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether one of two places is the other or lies inside it."""
    shorter = min(len(sequence), len(other))
    return tuple(sequence[:shorter]) == tuple(other[:shorter])


def find(roots: Roots, path: str) -> Spot:
    """Return the value at a path.

    Raises
    ------
    Impossible
        If there is none; the problem names the step, the hint the existing names.
    """
    if not _PATH.fullmatch(path):
        hint = Phrase(
            "名称之间请写“.”，第一项写作“[0]”", "write names with dots between them, and [0] for a first entry"
        )
        raise Impossible("", Phrase(f"“{path}”不是路径", f"{path!r} is no path"), hint)
    steps = _STEP.findall(path)
    known = _beginnings(roots)
    if (group := known.get(steps[0])) is None:
        problem = Phrase(f"没有以“{steps[0]}”开头的路径", f"no path begins with {steps[0]!r}") + near(steps[0], known)
        raise Impossible("", problem, KNOWN_THERE + listed(known))
    spot, remaining = (group, steps[1:]) if isinstance(group, Spot) else _next(group, steps[1:], steps[0])
    while remaining:
        inside = list(spot.inside())
        entries = {inner.names[-1]: inner for inner in inside}
        if isinstance(spot.node.value, tuple):
            entries |= {f"[{inner.steps[-1]}]": inner for inner in inside}
        passed = len(inside) == 1 and "[0]" in entries and inside[0].node.value and not inside[0].node.text
        if passed and not {remaining[0], ".".join(remaining[:2])} & set(entries):
            spot = inside[0]
        else:
            spot, remaining = _next(entries, remaining, spot.path)
    return spot


def _beginnings(roots: Roots) -> dict[str, Spot | dict[str, Spot]]:
    """Return what a path may begin with: a value, or a group whose entries are in several files."""
    parts = [top(roots, file) for file in parts_of(roots)]
    groups: dict[str, dict[str, Spot]] = {"rules": {}, "items": {}, "indicators": {}}
    for group in (inner for part in parts for inner in part.inside() if inner.names[-1] in _BY_ID):
        groups[group.names[-1]] |= {spot.names[-1]: spot for spot in group.inside()}
    for name, item in groups["items"].items():
        if rules := next((inner for inner in item.inside() if inner.names[-1] == "rules"), None):
            groups["rules"][name] = rules
    groups["parts"] = {part.file.removesuffix(".yaml"): part for part in parts}
    heads = {
        inner.names[-1]: inner for file in (HEAD, MEASURES) if file in roots for inner in top(roots, file).inside()
    }
    return {**groups, **({"forms": top(roots, FORMS)} if FORMS in roots else {}), **heads}


def _next(entries: Mapping[str, Spot], steps: list[str], where: str) -> tuple[Spot, list[str]]:
    """Return the value that the next step names, and the steps left; ids such as `classes.pupils` are two steps."""
    for length in (2, 1):
        name = ".".join(steps[:length])
        if name in entries:
            return entries[name], steps[length:]
    known = [name for name in entries if not name.startswith("[")] or list(entries)
    names = listed(known[:_MOST_LISTED] + ["…"] * (len(known) > _MOST_LISTED)) or Phrase("没有", "nothing")
    if not steps:
        problem = Phrase(f"只写 {where} 还不够", f"{where} alone is no value")
        raise Impossible("", problem, Phrase("请接着写：", "go on with one of ") + names)
    dotted = ".".join(steps[:2])
    name = dotted if near(dotted, known) else steps[0]
    nodes = {key: (spot.holder or spot if where == "rules" else spot).node for key, spot in entries.items()}
    nodes = {key: node for key, node in nodes.items() if isinstance(node.value, Mapping)}
    titled = [key for key, node in nodes.items() if name in (node.at("title.zh").text, node.at("name.zh").text)]
    problem = Phrase(f"{where} 中没有", f"{where} has no ") + (Phrase.of(name) if name[0] == "[" else quote(name))
    raise Impossible("", problem + (meant(titled[:1]) or near(name, known)), KNOWN_THERE + names)


def overlay_path(roots: Roots, file: str, path: str) -> str:
    """Return a path through positions of a file, as `items[0].rules[0].fact`, as an overlay would name it.

    A field that does not exist is returned as written.
    """
    spot, steps = top(roots, file), _STEP.findall(path)
    while steps:
        ahead = (inner for inner in spot.inside() if str(inner.steps[-1]) == steps[0].strip("[]"))
        if (inner := next(ahead, None)) is None:
            break
        spot, steps = inner, steps[1:]
    if not steps and len(spot.steps) > 2 and spot.is_name:
        # Overlays know an entry by its name, and name the entry.
        spot = spot.holder or spot
    remaining = "".join(step if step.startswith("[") else f".{step}" for step in steps)
    return f"{spot.short_path(inside=bool(remaining))}{remaining}".removeprefix(".")


_ASIDE = ("id", "source")
"""What no overlay sets by itself."""


def values_of(entry: Spot) -> Iterator[tuple[str, str]]:
    """Yield the path of every value in an entry with the value; texts in both languages go as one."""
    for spot in entry.inside():
        value = spot.node.value
        if spot.steps[-1] in _ASIDE or spot.is_name:
            continue
        is_title = isinstance(value, Mapping) and set(value) <= {"zh", "en"}
        is_plain = not isinstance(value, Mapping) and not any(isinstance(i.node.value, Mapping) for i in spot.inside())
        if not (is_title or is_plain):
            yield from values_of(spot)
        else:
            yield spot.short_path(), "" if isinstance(value, Mapping) else written(spot.node)


def entry_of(roots: Roots, entry: str) -> Spot | None:
    """Return the item, indicator or measure of an id."""
    places = (at(roots, (file, group, entry)) for file in roots for group in (*_BY_ID, "measures"))
    return next((spot for spot in places if spot), None)


def put(roots: Roots, spot: Spot, node: Node | None, because: Node | None = None) -> Roots:
    """Return the files with another node at a spot, or without what is there.

    Parameters
    ----------
    roots : Roots
    spot : Spot
        Where the value is in these files, or will be as a new field of a mapping.
    node : Node, optional
        None takes the value away.
    because : Node, optional
        The change of an overlay: its source amends the nearest source around the spot, and what loses a value gets its
        place, since errors about what is missing now name the change.
    """
    source = because and because.at("source")
    for inner in spot.way:
        if inner.holder is None:
            break
        holder = inner.holder.node
        entries: dict[Any, Node] = {inside.steps[-1]: inside.node for inside in inner.holder.inside()}
        if node is not None:
            entries[inner.steps[-1]] = node
        elif because is not None:
            del entries[inner.steps[-1]]
            holder = attrs.evolve(holder, file=because.file, line=because.line, key_line=because.key_line)
        if source and "source" in entries:
            entries["source"], source = amended(entries["source"], source), None
        node = attrs.evolve(holder, value=entries if isinstance(holder.value, Mapping) else tuple(entries.values()))
    return roots if node is None else {**roots, spot.file: node}


def amended(source: Node, by: Node) -> Node:
    """Return a source with one more amendment, if it has it not yet."""
    known = source.entries("amended")
    if not isinstance(source.value, Mapping) or bare(by) in map(bare, known):
        return source
    amendments = Node((*known, by), source.file, source.line, key_line=source.line)
    return attrs.evolve(source, value={**source.value, "amended": amendments})

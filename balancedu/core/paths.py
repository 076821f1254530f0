"""Paths to the values of a standard, such as `rules.R-spread.limits.primary`, and changed copies of its files.

A path goes by name through mappings. An entry of a list goes by its id (`id`, or `rule`, `type`, `use` or `item`
where it has none; a text by itself) or by its position, as `[0]`; a list of one entry may be passed without naming it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import attrs

from balancedu.core.reader import Node
from balancedu.errors import nearest

HEAD, MEASURES, FORMS = "standard.yaml", "measures.yaml", "forms.yaml"
"""The files of a standard that are no part of it."""

Roots = Mapping[str, Node]
"""The files of a standard by their names."""
Step = str | int
NAMES = ("id", "rule", "type", "use", "item")
"""What an entry of a list is known by: the first of these that it has."""

_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[0-9]{1,6}\])*")
_NAME = re.compile(r"[^.\[\]]+(\.[^.\[\]]+)?")
_STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")
_BY_ID = ("items", "indicators")
_POSITION = "[]"
_MOST_LISTED = 20


class NoSuchPathError(Exception):
    """The path leads nowhere; `problem` says at which step, `hint` what there is."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.problem, self.hint = problem, hint


@attrs.frozen
class Spot:
    """A value of a standard and where it stands.

    Attributes
    ----------
    file : str
        The file of the edition in which it stands, or would stand.
    steps : tuple
        Keys and positions from the top of that file.
    names : tuple of str
        The same in a form that stays the same while other entries come and go: the file, keys and ids, and for
        an entry without an id `"[]"` and its position.
    node : Node
    """

    file: str
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    node: Node

    @property
    def path(self) -> str:
        """The path in its usual form."""
        return path_of(self.names)

    def inside(self) -> Iterator[Spot]:
        """Yield the values one step further."""
        if isinstance(self.node.value, Mapping):
            for key, node in self.node.value.items():
                yield Spot(self.file, (*self.steps, key), (*self.names, key), node)
        elif isinstance(self.node.value, tuple):
            names = entry_names(self.node.value)
            for n, node in enumerate(self.node.value):
                yield Spot(self.file, (*self.steps, n), (*self.names, *names[n]), node)


def top(roots: Roots, file: str) -> Spot:
    """Return a whole file."""
    return Spot(file, (), (file,), roots[file])


def everything(roots: Roots) -> Iterator[Spot]:
    """Yield every value of a standard, each before what it holds."""
    waiting = [top(roots, file) for file in reversed(list(roots))]
    while waiting:
        spot = waiting.pop()
        if spot.steps:
            yield spot
        waiting += reversed(list(spot.inside()))


def find(roots: Roots, path: str) -> Spot:
    """Return the value at a path.

    Raises
    ------
    NoSuchPathError
        If there is none.
    """
    if not _PATH.fullmatch(path):
        raise NoSuchPathError(f"{path!r} is no path", "write names with dots between them, and [0] for a first entry")
    steps: list[Step] = [int(one[1:-1]) if one.startswith("[") else one for one in _STEP.findall(path)]
    spot, rest = _begin(roots, steps)
    while rest:
        spot, rest = _further(spot, rest)
    return spot


def at(roots: Roots, names: Sequence[str]) -> Spot | None:
    """Return the value of these names, or None where there is none."""
    if names[0] not in roots:
        return None
    spot = top(roots, names[0])
    while len(spot.names) < len(names):
        ahead = (one for one in spot.inside() if tuple(names[: len(one.names)]) == one.names)
        if (spot_ahead := next(ahead, None)) is None:
            return None
        spot = spot_ahead
    return spot


def path_of(names: Sequence[str]) -> str:
    """Return names as a path.

    Examples
    --------
    >>> path_of(("quality.yaml", "items", "Q1", "rules", "[]", "0")), path_of(("quality.yaml", "title", "zh"))
    ('items.Q1.rules[0]', 'parts.quality.title.zh')
    """
    file, *inner = names
    if file == FORMS:
        inner = ["forms", *inner]
    elif file not in (HEAD, MEASURES) and not (len(inner) > 1 and inner[0] in _BY_ID):
        inner = ["parts", file.removesuffix(".yaml"), *inner]
    text, position = "", False
    for name in inner:
        text += f"[{name}]" if position else "" if name == _POSITION else f".{name}"
        position = name == _POSITION
    return text.removeprefix(".")


def at_steps(roots: Roots, file: str, steps: Sequence[Step]) -> Node:
    """Return the node at the end of steps that lead somewhere."""
    node = roots[file]
    for step in steps:
        if isinstance(node.value, Mapping):
            node = node.value[str(step)]
        elif isinstance(node.value, tuple):
            node = node.value[int(step)]
    return node


def put(roots: Roots, spot: Spot, node: Node) -> Roots:
    """Return the files with another node at a spot."""
    return {**roots, spot.file: _changed(roots[spot.file], spot.steps, node)}


def without(roots: Roots, spot: Spot, because: Node) -> Roots:
    """Return the files without what stands at a spot.

    What held it stands where `because` does from now on: whatever is missing is missing because of that.
    """
    return {**roots, spot.file: _changed(roots[spot.file], spot.steps, None, because)}


def entry_name(entry: Node) -> str:
    """Return what an entry of a list is known by; nothing for one that has no name."""
    if isinstance(entry.value, Mapping):
        return next((entry.value[key].text for key in NAMES if key in entry.value and entry.value[key].text), "")
    return entry.text


def entry_names(entries: tuple[Node, ...]) -> list[tuple[str, ...]]:
    """Return the names of the entries of a list: its own where no other entry has it, or its position."""
    known = [entry_name(entry) for entry in entries]
    often = Counter(known)
    return [
        (name,) if often[name] == 1 and _NAME.fullmatch(name) else (_POSITION, str(n)) for n, name in enumerate(known)
    ]


def overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether one of two places is the other or lies inside it."""
    shorter = min(len(one), len(other))
    return tuple(one[:shorter]) == tuple(other[:shorter])


def positions(names: Sequence[str]) -> tuple[str, ...]:
    """Return what stands for all positions of a list: every entry that has no name lies inside it."""
    return (*names, _POSITION)


def _begin(roots: Roots, steps: list[Step]) -> tuple[Spot, list[Step]]:
    """Return where a path begins, and the steps that are left."""
    first, rest = str(steps[0]), steps[1:]
    parts = [file for file in roots if file not in (HEAD, MEASURES, FORMS)]
    if first in ("rules", *_BY_ID):
        spot, rest = _declared(roots, parts, "items" if first == "rules" else first, steps)
        return (spot, ["rules", *rest]) if first == "rules" else (spot, rest)
    if first == "parts":
        names = [file.removesuffix(".yaml") for file in parts]
        if not rest or rest[0] not in names:
            raise _nothing("parts", rest[0] if rest else "", names)
        return top(roots, f"{rest[0]}.yaml"), rest[1:]
    if first == "forms" and FORMS in roots:
        return top(roots, FORMS), rest
    for file in (HEAD, MEASURES):
        if file in roots and first in _keys(roots[file]):
            return top(roots, file), steps
    known = [key for file in (HEAD, MEASURES) if file in roots for key in _keys(roots[file])]
    known = [*dict.fromkeys(("rules", *_BY_ID, "parts", "forms", *known))]
    raise NoSuchPathError(f"no path begins with {first!r}{nearest(first, known)}", f"known: {', '.join(known)}")


def _declared(roots: Roots, parts: list[str], group: str, steps: list[Step]) -> tuple[Spot, list[Step]]:
    """Return the item or indicator that a path begins with, in whichever part it stands."""
    lists = [one for file in parts for one in top(roots, file).inside() if one.steps == (group,)]
    entries = {one.names[-1]: one for found in lists for one in found.inside()}
    for length in (2, 1):
        name = ".".join(map(str, steps[1 : 1 + length]))
        if name in entries:
            return entries[name], steps[1 + min(length, len(steps) - 1) :]
    asked = steps[1] if len(steps) > 1 else ""
    titles = {one.node.at(f"{said}.zh").text: name for name, one in entries.items() for said in ("name", "title")}
    if asked in titles:
        raise NoSuchPathError(
            f"{group} has no {asked!r}; did you mean {titles[str(asked)]!r}?", "an entry goes by its id"
        )
    raise _nothing(group, asked, list(entries))


def _further(spot: Spot, rest: list[Step]) -> tuple[Spot, list[Step]]:
    inside = list(spot.inside())
    step = rest[0]
    if isinstance(spot.node.value, Mapping):
        found = next((one for one in inside if one.steps[-1] == step), None)
        if found is None:
            raise _nothing(spot.path, step, [str(one.steps[-1]) for one in inside])
        return found, rest[1:]
    if not isinstance(spot.node.value, tuple):
        raise NoSuchPathError(f"{spot.path} is {spot.node.text!r}: there is nothing inside")
    if isinstance(step, int):
        if step >= len(inside):
            count = len(inside)
            raise NoSuchPathError(f"{spot.path} has no entry [{step}]", f"it has {count}, beginning with [0]")
        return inside[step], rest[1:]
    return _named(spot, inside, rest)


def _named(spot: Spot, inside: list[Spot], rest: list[Step]) -> tuple[Spot, list[Step]]:
    """Return the entry of a list that the next step names; ids such as `classes.pupils` are two steps long."""
    for length in (2, 1):
        name = ".".join(map(str, rest[:length]))
        found = [one for one in inside if entry_name(one.node) == name]
        if len(found) > 1:
            places = ", ".join(f"[{one.steps[-1]}]" for one in found)
            raise NoSuchPathError(f"{spot.path} has {len(found)} entries called {name!r}", f"write one of {places}")
        if found:
            return found[0], rest[length:]
    if len(inside) == 1 and inside[0].node.value and not inside[0].node.text:
        return inside[0], rest
    known = [entry_name(one.node) or f"[{one.steps[-1]}]" for one in inside]
    dotted = ".".join(map(str, rest[:2]))
    raise _nothing(spot.path, dotted if "." in dotted and nearest(dotted, known) else rest[0], known)


def _nothing(where: str, step: Step, known: list[str]) -> NoSuchPathError:
    names = list(dict.fromkeys(known))
    listed = ", ".join(names[:_MOST_LISTED] + ["…"] * (len(names) > _MOST_LISTED)) or "nothing"
    if step == "":
        return NoSuchPathError(f"{where} alone is no value", f"go on with one of {listed}")
    shown = f"[{step}]" if isinstance(step, int) else repr(step)
    return NoSuchPathError(f"{where} has no {shown}{nearest(str(step), known)}", f"known there: {listed}")


def _keys(node: Node) -> list[str]:
    return list(node.value) if isinstance(node.value, Mapping) else []


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

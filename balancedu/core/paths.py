"""Paths to the values of a standard, such as `rules.R-spread.limits.primary`.

A path goes by name through mappings. An entry of a list goes by its id (`id`, or `rule`, `type`, `use` or `item`
where it has none; a text by itself) or by its position, as `[0]`; a list of one entry may be passed without naming it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import attrs

from balancedu.core.reader import Node
from balancedu.errors import near
from balancedu.phrase import KNOWN, NO_WORDS, Phrase, listed, meant, quote

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
KNOWN_THERE = Phrase("其中有：", "known there: ")
_MOST_LISTED = 20


class NoSuchPathError(Exception):
    """The path leads nowhere; `problem` says at which step, `hint` what there is."""

    def __init__(self, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
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
        hint = Phrase(
            "名称之间请写“.”，第一项写作“[0]”", "write names with dots between them, and [0] for a first entry"
        )
        raise NoSuchPathError(Phrase(f"“{path}”不是路径", f"{path!r} is no path"), hint)
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
    problem = Phrase(f"没有以“{first}”开头的路径", f"no path begins with {first!r}")
    raise NoSuchPathError(problem + near(first, known), KNOWN + listed(known))


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
        problem = Phrase(f"{group} 中没有“{asked}”", f"{group} has no {asked!r}") + meant([titles[str(asked)]])
        raise NoSuchPathError(problem, Phrase("请用 id 来指", "an entry goes by its id"))
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
        text = spot.node.text
        raise NoSuchPathError(
            Phrase(f"{spot.path} 是“{text}”，里面没有别的", f"{spot.path} is {text!r}: there is nothing inside")
        )
    if isinstance(step, int):
        if step >= len(inside):
            raise no_position(spot, step, len(inside))
        return inside[step], rest[1:]
    return _named(spot, inside, rest)


def _named(spot: Spot, inside: list[Spot], rest: list[Step]) -> tuple[Spot, list[Step]]:
    """Return the entry of a list that the next step names; ids such as `classes.pupils` are two steps long."""
    for length in (2, 1):
        name = ".".join(map(str, rest[:length]))
        found = [one for one in inside if entry_name(one.node) == name]
        if len(found) > 1:
            places = listed(f"[{one.steps[-1]}]" for one in found)
            hint = Phrase(f"请写 {places.zh} 之一", f"write one of {places.en}")
            raise NoSuchPathError(called_alike(spot, name, len(found)), hint)
        if found:
            return found[0], rest[length:]
    if len(inside) == 1 and inside[0].node.value and not inside[0].node.text:
        return inside[0], rest
    known = [entry_name(one.node) or f"[{one.steps[-1]}]" for one in inside]
    dotted = ".".join(map(str, rest[:2]))
    raise _nothing(spot.path, dotted if "." in dotted and near(dotted, known) else rest[0], known)


def no_position(spot: Spot, step: int, count: int) -> NoSuchPathError:
    """Return what is wrong with a position in a list of so many entries."""
    problem = Phrase(f"{spot.path} 没有第[{step}]项", f"{spot.path} has no entry [{step}]")
    return NoSuchPathError(problem, Phrase(f"共有{count}项，从[0]数起", f"it has {count}, beginning with [0]"))


def called_alike(spot: Spot, name: str, count: int) -> Phrase:
    """Say that several entries of a list have one name."""
    return Phrase(f"{spot.path} 中有{count}项叫“{name}”", f"{spot.path} has {count} entries called {name!r}")


def _nothing(where: str, step: Step, known: list[str]) -> NoSuchPathError:
    names = list(dict.fromkeys(known))
    there = listed(names[:_MOST_LISTED] + ["…"] * (len(names) > _MOST_LISTED)) or Phrase("没有", "nothing")
    if step == "":
        problem = Phrase(f"只写 {where} 还不够", f"{where} alone is no value")
        return NoSuchPathError(problem, Phrase("请接着写：", "go on with one of ") + there)
    shown = Phrase.of(f"[{step}]") if isinstance(step, int) else quote(step)
    problem = Phrase(f"{where} 中没有{shown.zh}", f"{where} has no {shown.en}") + near(str(step), known)
    return NoSuchPathError(problem, KNOWN_THERE + there)


def _keys(node: Node) -> list[str]:
    return list(node.value) if isinstance(node.value, Mapping) else []

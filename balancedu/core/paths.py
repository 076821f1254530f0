"""Paths to the values of a standard, such as `rules.G7.at_least`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from balancedu.core.strict_yaml import Node, either, shortened
from balancedu.errors import SpecError, near
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed, meant, quote


def plain(node: Node) -> Any:
    """Return a node as mappings, lists and values, without their places."""
    if isinstance(node.value, Mapping):
        return {key: plain(entry) for key, entry in node.value.items()}
    return [plain(entry) for entry in node.value] if isinstance(node.value, tuple) else node.value


def written(node: Node) -> str:
    """Return a node as a spec writes it: numbers with their digits, mappings and lists on one line.

    Examples
    --------
    >>> from balancedu.core.strict_yaml import read
    >>> node, _ = read(b"limits: {primary: 0.50, junior: 0.45}", "resources.yaml")
    >>> written(node.at("limits"))
    '{primary: 0.50, junior: 0.45}'
    """
    if isinstance(node.value, Mapping):
        return f"{{{', '.join(f'{key}: {written(entry)}' for key, entry in node.value.items())}}}"
    return f"[{', '.join(map(written, node.value))}]" if isinstance(node.value, tuple) else node.text


NUMBER = Phrase("数字", "a number")


def kind(node: Node) -> Phrase:
    """Return what sort of value a node is, in words."""
    if isinstance(node.value, Mapping):
        return Phrase("一组字段", "a mapping")
    if isinstance(node.value, tuple):
        return Phrase("列表", "a list")
    if isinstance(node.value, bool):
        return Phrase("true 或 false", "true or false")
    return Phrase("文字", "a text") if isinstance(node.value, str) else NUMBER


def standing(node: Node) -> Phrase:
    """Return the type of a value and the value, for a message about what may replace it.

    Examples
    --------
    >>> from balancedu.core.strict_yaml import read
    >>> node, _ = read(b"{at_least: 700, limits: {primary: 0.7, junior: 0.6}}", "resources.yaml")
    >>> standing(node.at("at_least")).zh, standing(node.at("limits")).en
    ('数字（现为 700）', 'a mapping (now {primary: 0.7, junior: 0.6})')
    """
    text = shortened(written(node))
    return kind(node) if isinstance(node.value, bool) else kind(node) + Phrase(f"（现为 {text}）", f" (now {text})")


def found(node: Node) -> Phrase:
    """Return what sort of value was found, with the value.

    Examples
    --------
    >>> from balancedu.core.strict_yaml import read
    >>> found(read(b"'7,500'", "ours.yaml")[0])
    Phrase(zh='文字“7,500”', en="the text '7,500'")
    """
    if isinstance(node.value, bool):
        return Phrase.of(node.text)
    text, sort = shortened(written(node)), kind(node)
    shown = quote(text) if isinstance(node.value, str) else Phrase(f" {text}", text)
    return Phrase(sort.zh, f"the {sort.en.removeprefix('a ')} ") + shown


def has_source(node: Node) -> bool:
    """Return whether a mapping has a source."""
    return isinstance(node.value, Mapping) and "source" in node.value


def amended(source: Node, by: Iterable[Node]) -> Node:
    """Return a source with further amendments, each once."""
    if not isinstance(source.value, Mapping):
        return source
    known = list(source.entries("amended"))
    for entry in by:
        if plain(entry) not in map(plain, known):
            known.append(entry)
    listed = Node(tuple(known), source.file, source.line, key_line=source.line)
    return attrs.evolve(source, value={**source.value, "amended": listed})


HEAD, MEASURES, FORMS = "standard.yaml", "measures.yaml", "forms.yaml"
"""The files of a standard that are no part of it."""

Roots = Mapping[str, Node]
"""The files of a standard by their names."""
Step = str | int
NAMES = ("id", "rule", "type", "use", "item", "indicator")
"""What an entry of a list is known by: the first of these that it has."""
_MEASURES = ("share", "fact", "part", "level")
"""What tells entries of the same name apart: the measure that a rule looks at."""

_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[0-9]{1,6}\])*")
_NAME = re.compile(r"[^.\[\]]+(\.[^.\[\]]+)?")
_STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")
_BY_ID = ("items", "indicators")
_POSITION = "[]"
KNOWN_THERE = Phrase("其中有：", "known there: ")
_MOST_LISTED = 20


class NoSuchPathError(Exception):
    """The path leads nowhere; `problem` names the step, `hint` the existing names."""

    def __init__(self, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint


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
    steps: list[Step] = [int(entry[1:-1]) if entry.startswith("[") else entry for entry in _STEP.findall(path)]
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
        ahead = (entry for entry in spot.inside() if tuple(names[: len(entry.names)]) == entry.names)
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
    known = [name if often[name] == 1 else _measure_of(entry) for name, entry in zip(known, entries, strict=True)]
    often = Counter(known)
    return [
        (name,) if often[name] == 1 and _NAME.fullmatch(name) else (_POSITION, str(n)) for n, name in enumerate(known)
    ]


def _measure_of(entry: Node) -> str:
    value = entry.value if isinstance(entry.value, Mapping) else {}
    return next((value[key].text for key in _MEASURES if key in value), "")


def overlap(sequence: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether one of two places is the other or lies inside it."""
    shorter = min(len(sequence), len(other))
    return tuple(sequence[:shorter]) == tuple(other[:shorter])


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
    """Return the item or indicator that a path begins with, in whichever part it is."""
    lists = [entry for file in parts for entry in top(roots, file).inside() if entry.steps == (group,)]
    entries = {entry.names[-1]: entry for result in lists for entry in result.inside()}
    for length in (2, 1):
        name = ".".join(map(str, steps[1 : 1 + length]))
        if name in entries:
            return entries[name], steps[1 + min(length, len(steps) - 1) :]
    asked = steps[1] if len(steps) > 1 else ""
    titles = {entry.node.at(f"{words}.zh").text: name for name, entry in entries.items() for words in ("name", "title")}
    if asked in titles:
        problem = Phrase(f"{group} 中没有“{asked}”", f"{group} has no {asked!r}") + meant([titles[str(asked)]])
        raise NoSuchPathError(problem, Phrase("请用 id 来指", "an entry goes by its id"))
    raise _nothing(group, asked, list(entries))


def _further(spot: Spot, rest: list[Step]) -> tuple[Spot, list[Step]]:
    inside = list(spot.inside())
    step = rest[0]
    if isinstance(spot.node.value, Mapping):
        result = next((entry for entry in inside if entry.steps[-1] == step), None)
        if result is None:
            raise _nothing(spot.path, step, [str(entry.steps[-1]) for entry in inside])
        return result, rest[1:]
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
        result = [entry for entry in inside if _own_name(spot, entry) == name]
        alike = [entry for entry in inside if entry_name(entry.node) == name]
        if not result and len(alike) > 1:
            raise called_alike(spot, name, len(alike), [_own_name(spot, entry) for entry in alike])
        if result:
            return result[0], rest[length:]
    if len(inside) == 1 and inside[0].node.value and not inside[0].node.text:
        return inside[0], rest
    known = [_own_name(spot, entry) or f"[{entry.steps[-1]}]" for entry in inside]
    dotted = ".".join(map(str, rest[:2]))
    raise _nothing(spot.path, dotted if "." in dotted and near(dotted, known) else rest[0], known)


def no_position(spot: Spot, step: int, count: int) -> NoSuchPathError:
    """Return what is wrong with a position in a list of so many entries."""
    problem = Phrase(f"{spot.path} 没有第[{step}]项", f"{spot.path} has no entry [{step}]")
    return NoSuchPathError(problem, Phrase(f"共有{count}项，从[0]数起", f"it has {count}, beginning with [0]"))


def called_alike(spot: Spot, name: str, count: int, known: Iterable[str]) -> NoSuchPathError:
    """Return that several entries of a list have a name; `known` are the names that one of them alone has."""
    problem = Phrase(f"{spot.path} 中有{count}项叫“{name}”", f"{spot.path} has {count} entries called {name!r}")
    names = listed(filter(None, known))
    one_of = Phrase(f"请写 {names.zh} 之一", f"write one of {names.en}")
    return NoSuchPathError(problem, one_of if names else Phrase("请改整个列表", "set the whole list"))


def _own_name(holder: Spot, entry: Spot) -> str:
    """Return what an entry of a list is called in it; nothing where only its position tells it from others."""
    names = entry.names[len(holder.names) :]
    return names[0] if len(names) == 1 else ""


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


_OF_ITEMS = ["items", "rules"]
"""The lists on the way to a rule of an item; between them is its id."""
_ASIDE = ("id", "source")
"""What no overlay sets by itself."""
_LANGUAGES = {"zh", "en"}


def short_path(roots: Roots, spot: Spot, *, inside: bool = False) -> str:
    """Return the path of a value as an author writes it; `inside`: for something in it to be written behind.

    Examples
    --------
    >>> from balancedu.core.strict_yaml import read
    >>> node, _ = read(b"items: [{id: G7, rules: [{rule: fact_within, at_least: 700}]}]", "guarantee.yaml")
    >>> from balancedu.core.paths import find
    >>> roots = {"guarantee.yaml": node}
    >>> short_path(roots, find(roots, "items.G7.rules[0].at_least"))
    'rules.G7.at_least'
    """
    here, kept = top(roots, spot.file), [spot.file]
    while len(here.names) < len(spot.names):
        inner = next(entry for entry in here.inside() if spot.names[: len(entry.names)] == entry.names)
        last = len(inner.names) == len(spot.names)
        kept += inner.names[len(here.names) :] if (last and not inside) or not _passed(here, inner) else ()
        here = inner
    path = path_of(kept)
    return path.replace(f"items.{kept[2]}.rules", f"rules.{kept[2]}", 1) if kept[1:4:2] == _OF_ITEMS else path


def _passed(holder: Spot, entry: Spot) -> bool:
    """Return whether a path passes through an entry without naming it: the only one, if it is a rule or has no name."""
    if not isinstance(holder.node.value, tuple) or len(holder.node.value) > 1:
        return False
    return len(entry.names) > len(holder.names) + 1 or list(holder.names[1::2]) == _OF_ITEMS


def named(roots: Roots, file: str, path: str) -> str:
    """Return a path through positions of a file, as `items[0].rules[0].fact`, as an overlay would name it.

    What is not there, such as a field with a wrong name, stays as it is written.
    """
    spot, steps = top(roots, file), _STEP.findall(path)
    while steps:
        ahead = (entry for entry in spot.inside() if str(entry.steps[-1]) == steps[0].strip("[]"))
        if (inner := next(ahead, None)) is None:
            break
        spot, steps = inner, steps[1:]
    if not steps and len(spot.steps) > 2 and is_name(spot, roots):
        # Overlays know an entry by its name, and name the entry.
        spot = at(roots, spot.names[:-1]) or spot
    rest = "".join(step if step.startswith("[") else f".{step}" for step in steps)
    return f"{short_path(roots, spot, inside=bool(rest))}{rest}".removeprefix(".")


def renamed(roots: Roots, file: str, error: SpecError) -> SpecError:
    """Return a problem of a file of the standard with the path that an overlay would use."""
    return SpecError(error.file, error.line, named(roots, file, error.path), *error.words)


def values_of(roots: Roots, entry: Spot) -> Iterator[tuple[str, str]]:
    """Yield the path of an entry, and of every value in it with the value; texts in both languages go as one."""
    yield short_path(roots, entry), ""
    waiting = list(entry.inside())
    while waiting:
        spot = waiting.pop(0)
        value = spot.node.value
        if spot.steps[-1] in _ASIDE or is_name(spot, roots):
            continue
        if _holds_more(value):
            waiting[:0] = spot.inside()
        else:
            yield short_path(roots, spot), "" if isinstance(value, Mapping) else written(spot.node)


def _holds_more(value: object) -> bool:
    """Return whether authors set what is inside a value: not so of titles and of lists of words."""
    if isinstance(value, Mapping):
        return not set(value) <= _LANGUAGES
    return isinstance(value, tuple) and any(isinstance(entry.value, Mapping) for entry in value)


def is_name(spot: Spot, roots: Roots) -> bool:
    """Return whether a value is the format of a file, or what a file or an entry is called."""
    if len(spot.steps) < 2:
        return spot.steps in ((), ("id",), ("format",))
    holder = at_steps(roots, spot.file, spot.steps[:-1])
    names = [key for key in NAMES if isinstance(holder.value, Mapping) and key in holder.value]
    return isinstance(spot.steps[-2], int) and spot.steps[-1] == next(iter(names), None)


def where_entries_go(roots: Roots, path: str) -> Phrase:
    """Say where new items or indicators go, where a path means those of all parts, or a list that a part lacks."""
    parts = [f"parts.{file.removesuffix('.yaml')}" for file in roots if file not in (HEAD, MEASURES, FORMS)]
    part, _, group = path.rpartition(".")
    if path in ("items", "indicators"):
        places = either(f"{part}.{path}" for part in parts)
        return Phrase(f"新的 {path} 请加到某个部分：{places.zh}", f"new {path} go to a part: {places.en}")
    if group == "indicators" and part in parts:
        way = f"to: {part}, key: indicators"
        return Phrase(f"还没有，请写 {way}，value 用列表", f"it has none yet: {way}, value: a list of them")
    return NO_WORDS


def entry_of(roots: Roots, entry: str) -> Spot | None:
    """Return the item, indicator or measure of an id."""
    for file in roots:
        for group in ("items", "indicators", "measures"):
            result = at(roots, (file, group, entry))
            if result is not None:
                return result
    return None

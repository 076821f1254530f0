"""The paths under which an overlay names what a standard declares: short, and by name wherever there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from balancedu.core.nodes import written
from balancedu.core.paths import FORMS, HEAD, MEASURES, NAMES, Roots, Spot, at, at_steps, path_of, top
from balancedu.core.scalars import either
from balancedu.errors import SpecError
from balancedu.phrase import NO_WORDS, Phrase

_STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")
_OF_ITEMS = ["items", "rules"]
"""The lists on the way to a rule of an item; in between stands its id."""
_ASIDE = ("id", "source")
"""What no overlay sets by itself."""
_LANGUAGES = {"zh", "en"}


def short_path(roots: Roots, spot: Spot, *, inside: bool = False) -> str:
    """Return the path of a value as an author writes it; `inside`: for something in it to be written behind.

    Examples
    --------
    >>> from balancedu.core.reader import read
    >>> node, _ = read(b"items: [{id: G7, rules: [{rule: fact_at_least, at_least: 700}]}]", "guarantee.yaml")
    >>> from balancedu.core.paths import find
    >>> roots = {"guarantee.yaml": node}
    >>> short_path(roots, find(roots, "items.G7.rules[0].at_least"))
    'rules.G7.at_least'
    """
    here, kept = top(roots, spot.file), [spot.file]
    while len(here.names) < len(spot.names):
        inner = next(one for one in here.inside() if spot.names[: len(one.names)] == one.names)
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
        ahead = (one for one in spot.inside() if str(one.steps[-1]) == steps[0].strip("[]"))
        if (inner := next(ahead, None)) is None:
            break
        spot, steps = inner, steps[1:]
    if not steps and len(spot.steps) > 2 and is_name(spot, roots):
        # Overlays know an entry by its name, and name the entry.
        spot = at(roots, spot.names[:-1]) or spot
    rest = "".join(one if one.startswith("[") else f".{one}" for one in steps)
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
    return isinstance(value, tuple) and any(isinstance(one.value, Mapping) for one in value)


def is_name(spot: Spot, roots: Roots) -> bool:
    """Return whether a value is the format of a file, or what a file or an entry is called."""
    if len(spot.steps) < 2:
        return spot.steps in ((), ("id",), ("format",))
    holder = at_steps(roots, spot.file, spot.steps[:-1])
    names = [key for key in NAMES if isinstance(holder.value, Mapping) and key in holder.value]
    return isinstance(spot.steps[-2], int) and spot.steps[-1] == next(iter(names), None)


def position_in(holder: Spot, name: str) -> int | None:
    """Return the position that a name such as `columns[14]` or `[14]` means in a list; None for any other name."""
    listed, bracket, position = name.partition("[")
    plain = bracket and position[-1:] == "]" and listed in ("", holder.steps[-1])
    return int(position[:-1]) if plain and re.fullmatch("[0-9]{1,6}", position[:-1]) else None


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
            found = at(roots, (file, group, entry))
            if found is not None:
                return found
    return None

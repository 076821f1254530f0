"""The classes of a spec as they describe themselves: what holds what, what a field refuses, what a class is called.

The page about the fields, the JSON Schemas of the files and the skeletons of overlays are all made from this.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from typing import Any

import attrs

from balancedu.core.fields import Source, Title
from balancedu.core.reader import Node
from balancedu.core.rules import RULES, Rule
from balancedu.core.structure import fields_of

SHARED = (Title, Source)
"""What stands nearly everywhere, and is described once."""


def called(kind: type[Any]) -> str:
    """Return what a class is called in words.

    Examples
    --------
    >>> from balancedu.core.rules import SizeLimit
    >>> called(SizeLimit)
    'size limit'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()


def our_rules() -> dict[str, type[Rule]]:
    """Return the kinds of rule that come with balancedu by name; those of other packages are described there."""
    return {name: kind for name, kind in RULES.items() if kind.__module__.startswith("balancedu.")}


def held_by(kind: Any, seen: list[Any]) -> Iterator[Any]:
    """Yield the classes that the fields of a class hold, each once and in the order of the fields."""
    for _, hint in fields_of(kind).values():
        for part in _parts(hint):
            if attrs.has(part) and part not in (*SHARED, Node, *seen):
                seen.append(part)
                yield part
                yield from held_by(part, seen)


def _parts(hint: Any) -> Iterator[Any]:
    inner = [] if typing.get_origin(hint) is typing.Literal else typing.get_args(hint)
    if not inner:
        yield hint
    for part in inner:
        yield from _parts(part)


def validators_of(field: attrs.Attribute[Any]) -> tuple[Any, ...]:
    """Return the validators of a field, one by one where attrs has made one of several."""
    return tuple(_each(field.validator))


def _each(validator: Any) -> Iterator[Any]:
    inner = getattr(validator, "_validators", None) or getattr(validator, "validator", None)
    if inner is None:
        yield from () if validator is None else (validator,)
    for one in inner if isinstance(inner, tuple) else (inner,) if inner else ():
        yield from _each(one)

"""Which lists of a standard an overlay may add entries to, and what such an entry is: for the schema of overlays."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import attrs

from balancedu.core.forms import Forms
from balancedu.core.model import Indicator
from balancedu.core.rules import Rule
from balancedu.core.standard import Head, Item, MeasuresFile, Part
from balancedu.core.structure import fields_of

_ID = r"[^.\[\]]+"
# Measures of some tables have an id of two words.
_ENTRY = rf"(\.{_ID}(\.{_ID})?|\[[0-9]+\])"
_ROOTS: tuple[tuple[str, type[Any]], ...] = (
    ("", Head),
    ("", MeasuresFile),
    (rf"parts\.{_ID}\.", Part),
    (rf"items\.{_ID}\.", Item),
    (rf"indicators\.{_ID}\.", Indicator),
    (r"forms\.", Forms),
)


def lists() -> Iterator[tuple[str, Any]]:
    """Yield a pattern for the paths of each list of entries, and the class of its entries.

    Examples
    --------
    >>> dict(lists())["measures"].__name__
    'Measure'
    """
    found = {pattern: kind for start, root in _ROOTS for pattern, kind in _inside(root, start)}
    # An item's rules have a short path of their own.
    yield from ({rf"rules\.{_ID}": Rule} | found).items()


def _inside(kind: Any, start: str) -> Iterator[tuple[str, Any]]:
    for name, (_, hint) in fields_of(kind).items():
        entry = _entry(hint)
        if entry is not None:
            yield f"{start}{name}", entry
        if entry is not None and entry is not Rule and entry not in (Item, Indicator, kind):
            yield from _inside(entry, rf"{start}{name}{_ENTRY}\.")
        elif attrs.has(hint) and hint is not kind:
            yield from _inside(hint, rf"{start}{name}\.")


def _entry(hint: Any) -> Any:
    """Return the class of the entries of a list; None for what is no list of entries."""
    if typing.get_origin(hint) is not tuple:
        return None
    inner = typing.get_args(hint)[0]
    return inner if inner is Rule or attrs.has(inner) else None

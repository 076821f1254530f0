"""What was made of nodes, what was named in them, and where that stands."""

from __future__ import annotations

from typing import Any

import attrs

from balancedu.core.model import Asked
from balancedu.core.reader import Node


@attrs.frozen
class Reference:
    """A place in a spec that names something declared elsewhere."""

    kind: object
    name: str
    node: Node
    path: str
    root: str
    asks: Asked | None = None


@attrs.frozen
class Built:
    """An object made from a spec, and where it stands."""

    value: Any
    node: Node
    path: str
    root: str


@attrs.frozen
class Entry:
    """What was made of an entry of a list, with everything that was made and named in it."""

    node: Node
    value: Any
    built: tuple[Built, ...]
    references: tuple[Reference, ...]


Kept = dict[tuple[object, ...], Entry]
"""Entries by what was wanted, their node, and where they stand."""

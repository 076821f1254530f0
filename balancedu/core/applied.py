"""What is remembered of the changes of overlays: those that were made, and the places that they are about."""

from __future__ import annotations

import attrs

from balancedu.core.overlays import Adding, Change, Dropping, Overlay
from balancedu.core.paths import overlap
from balancedu.core.reader import Node


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
    change: Change
    overlay: Overlay
    node: Node

    @property
    def eases(self) -> bool:
        """Whether it is relief."""
        return self.overlay.eases(self.change)

    @property
    def source(self) -> Node:
        """Where that is said."""
        return self.node.at("source" if self.change.source else "value.source")


@attrs.frozen
class Touched:
    """A place that a change is about; `moves` where the positions of a list are meant."""

    names: tuple[str, ...]
    overlay: int
    change: Change
    node: Node
    moves: bool = False

    def meets(self, other: Touched) -> bool:
        """Return whether an earlier and a later change are about the same place."""
        replaced = isinstance(self.change, Dropping) and isinstance(other.change, Adding)
        if self.change is other.change or (self.moves and other.moves) or (self.overlay == other.overlay and replaced):
            return False
        return overlap(self.names, other.names)

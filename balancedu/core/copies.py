"""Copies of the files of a standard with another value, or none, in one place."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from balancedu.core.paths import Roots, Spot, Step
from balancedu.core.reader import Node


def put(roots: Roots, spot: Spot, node: Node) -> Roots:
    """Return the files with another node at a spot."""
    return {**roots, spot.file: _changed(roots[spot.file], spot.steps, node)}


def without(roots: Roots, spot: Spot, because: Node) -> Roots:
    """Return the files without what stands at a spot.

    What held it stands where `because` does from now on: whatever is missing is missing because of that.
    """
    return {**roots, spot.file: _changed(roots[spot.file], spot.steps, None, because)}


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

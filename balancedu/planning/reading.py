"""Changes out of YAML or plain Python data; every problem is told with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any

import attrs

from balancedu.core.reader import Node, Problems, TooManyError, read
from balancedu.core.structure import Structurer
from balancedu.errors import DataError, DataErrors, near
from balancedu.phrase import KNOWN, Phrase, listed
from balancedu.planning import changes, reorganising
from balancedu.planning.change import KINDS, Change, Changes, Placed, Value

__all__ = ["Changes", "Placed", "changes", "read_changes", "reorganising"]


def read_changes(changes: Changes) -> list[Placed]:
    """Return the changes in their order.

    Raises
    ------
    DataErrors
        With every change that cannot be understood.
    FileNotFoundError
        If there is no such file.
    """
    problems = Problems()
    structurer = _Structurer(problems)
    if isinstance(changes, str | PathLike):
        path = Path(changes)
        root, errors = read(path.read_bytes(), path.name)
        problems.found.extend(errors)
        found = root.value if root else ()
        if root and not isinstance(found, tuple):
            problem = Phrase("文件应为改动的列表", "the file must hold a list of changes")
            structurer.note(root, "", problem, Phrase("每项以 `- do: add` 开头", "begin each with `- do: add`"))
        nodes: Sequence[Any] = found if isinstance(found, tuple) else ()
    else:
        nodes = [one if isinstance(one, Change) else _node(one, n) for n, one in enumerate(changes, 1)]
    placed = []
    with suppress(TooManyError):
        for n, node in enumerate(nodes, 1):
            change = node if isinstance(node, Change) else structurer.build(Change, node)
            placed.append(Placed(change, node.place if isinstance(node, _Given) else _place(node, n)))
    if problems.found:
        raise DataErrors(DataError.of(one, "changes") for one in problems.found)
    return placed


class _Structurer(Structurer):
    """Builds changes: a mapping whose `do` names the kind."""

    def _way(self, wanted: Any) -> Any:
        if wanted is Value:
            return self._value
        return self._change if wanted is Change else super()._way(wanted)

    def _value(self, _wanted: Any, node: Node, path: str) -> Any:
        if isinstance(node.value, Mapping | tuple):
            self.note(node, path, Phrase("应为一个值，现为几个", "must be one value, found several"))
            return None
        return node.value

    def _change(self, _wanted: Any, node: Node, path: str) -> Any:
        known = KNOWN + listed(KINDS)
        if not isinstance(node.value, Mapping) or "do" not in node.value:
            problem = Phrase("缺少“do”，即改动的种类", "needs the key 'do', which names the change")
            return self.note(node, path, problem, known)
        kind = node.value["do"]
        if kind.text not in KINDS:
            problem = Phrase(f"没有叫“{kind.text}”的改动", f"no change is called {kind.text!r}")
            return self.note(kind, "do", problem + near(kind.text, KINDS), known)
        rest = {key: value for key, value in node.value.items() if key != "do"}
        return self._object(KINDS[kind.text], attrs.evolve(node, value=rest), path)


@attrs.frozen
class _Given(Node):
    """A node of plain Python data, which has no line."""

    place: str = ""


def _node(value: Any, number: int) -> Node:
    """Return plain Python data as a node."""
    file = f"change {number}"
    inner: Any = value
    text = ""
    if isinstance(value, Mapping):
        inner = {str(key): _node(one, number) for key, one in value.items() if one is not None}
    elif isinstance(value, list | tuple):
        inner = tuple(_node(one, number) for one in value)
    elif isinstance(value, bool | str | int):
        text = str(value).lower() if isinstance(value, bool) else str(value)
    else:
        inner = Decimal(repr(float(value)))
        text = str(inner)
    return _Given(inner, file, 0, text, place=file)


def _place(node: Any, number: int) -> str:
    return f"{node.file}:{node.line}" if isinstance(node, Node) else f"change {number}"

"""Nodes of a spec file become frozen attrs objects, field by field, and every problem is collected."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from balancedu.core.model import EntryId, Impossible, MeasureId, SchoolType, TableId, Term
from balancedu.core.reader import Node
from balancedu.core.rules import RULES, Rule
from balancedu.errors import SpecError, nearest

_WORDS = {str: "text", int: "a whole number", Decimal: "a number", bool: "true or false"}


_NAMES = (MeasureId, Term, TableId, SchoolType, EntryId)


@attrs.frozen
class Reference:
    """A place in a spec that names something declared elsewhere."""

    kind: object
    name: str
    node: Node
    path: str


@attrs.frozen
class Structurer:
    """Builds typed objects from nodes; remembers what went wrong and what was named."""

    errors: list[SpecError] = attrs.field(factory=list)
    references: list[Reference] = attrs.field(factory=list)

    def build(self, wanted: Any, node: Node, path: str = "") -> Any:
        """Return the value of type `wanted` that the node describes, or None with the problem noted."""
        if wanted in _NAMES:
            return self._name(wanted, node, path)
        origin = typing.get_origin(wanted)
        if origin is typing.Literal:
            return self._one_of(typing.get_args(wanted), node, path)
        if origin in (typing.Union, types.UnionType):
            (inner,) = (part for part in typing.get_args(wanted) if part is not type(None))
            return self.build(inner, node, path)
        if origin is tuple:
            return self._sequence(typing.get_args(wanted)[0], node, path)
        if origin is Mapping:
            return self._mapping(*typing.get_args(wanted), node, path)
        if wanted is Rule:
            return self._rule(node, path)
        if attrs.has(wanted):
            return self._object(wanted, node, path)
        return self._scalar(wanted, node, path)

    def _note(self, node: Node, path: str, problem: str, hint: str = "") -> None:
        self.errors.append(node.error(path, problem, hint))

    def _scalar(self, wanted: type, node: Node, path: str) -> Any:
        value = node.value
        if wanted is Decimal and type(value) is int:
            return Decimal(value)
        if type(value) is wanted:
            return value
        hint = 'put it in quotes: "' + node.text + '"' if wanted is str and node.text else ""
        self._note(node, path, f"must be {_WORDS[wanted]}, found {_found(node)}", hint)
        return None

    def _one_of(self, choices: tuple[Any, ...], node: Node, path: str) -> Any:
        if node.value in choices and any(type(node.value) is type(choice) for choice in choices):
            return node.value
        listed = ", ".join(str(choice) for choice in choices)
        hint = nearest(str(node.value), map(str, choices)).lstrip("; ")
        self._note(node, path, f"must be one of {listed}, found {_found(node)}", hint)
        return None

    def _name(self, kind: object, node: Node, path: str) -> str | None:
        text: str | None = self._scalar(str, node, path)
        if text is not None and kind is Term:
            self.references.append(Reference(MeasureId, text.removeprefix("-"), node, path))
        elif text is not None:
            self.references.append(Reference(kind, text, node, path))
        return text

    def _sequence(self, wanted: Any, node: Node, path: str) -> tuple[Any, ...] | None:
        if not isinstance(node.value, tuple):
            self._note(node, path, f"must be a list, found {_found(node)}")
            return None
        return tuple(self.build(wanted, item, f"{path}[{n}]") for n, item in enumerate(node.value))

    def _mapping(self, keys: Any, wanted: Any, node: Node, path: str) -> Mapping[str, Any] | None:
        if not isinstance(node.value, Mapping):
            self._note(node, path, f"must be a mapping, found {_found(node)}")
            return None
        known = typing.get_args(keys)
        for key, item in node.value.items():
            if known and key not in known:
                listed = f"known here: {', '.join(known)}"
                self._note(item, f"{path}.{key}", f"unknown key {key!r}{nearest(key, known)}", listed)
        return {key: self.build(wanted, item, f"{path}.{key}") for key, item in node.value.items()}

    def _rule(self, node: Node, path: str) -> Any:
        if not isinstance(node.value, Mapping) or "rule" not in node.value:
            self._note(node, path, "needs the key 'rule', which names the kind of rule")
            return None
        kind = node.value["rule"]
        if kind.value not in RULES:
            known = ", ".join(RULES)
            problem = f"no kind of rule is called {_found(kind)}{nearest(str(kind.value), RULES)}"
            self._note(kind, f"{path}.rule", problem, f"known: {known}")
            return None
        rest = {key: value for key, value in node.value.items() if key != "rule"}
        inner = attrs.evolve(node, value=rest)
        return self._object(RULES[typing.cast(str, kind.value)], inner, path)

    def _object(self, wanted: Any, node: Node, path: str) -> Any:
        if not isinstance(node.value, Mapping):
            self._note(node, path, f"must be a mapping with {', '.join(_fields(wanted))}, found {_found(node)}")
            return None
        before = len(self.errors)
        fields, dot = _fields(wanted), f"{path}." if path else ""
        for key in node.value:
            if key not in fields:
                known = f"known here: {', '.join(fields)}"
                self._note(node.value[key], dot + key, f"unknown key {key!r}{nearest(key, fields)}", known)
        values = {}
        for name, (field, hint) in fields.items():
            if name in node.value:
                values[name] = self.build(hint, node.value[name], dot + name)
            elif field.default is attrs.NOTHING:
                self._note(node, path, f"{name!r} is missing", field.metadata.get("doc", ""))
        if len(self.errors) > before:
            return None
        return self._checked(wanted, values, node, path)

    def _checked(self, wanted: Any, values: dict[str, Any], node: Node, path: str) -> Any:
        try:
            return wanted(**values)
        except Impossible as impossible:
            place = typing.cast(Mapping[str, Node], node.value).get(impossible.field, node)
            self._note(place, f"{path}.{impossible.field}".lstrip("."), impossible.problem, impossible.hint)
            return None


@functools.cache
def _fields(wanted: Any) -> dict[str, tuple[Any, Any]]:
    hints = typing.get_type_hints(wanted)
    return {f.name: (f, hints[f.name]) for f in attrs.fields(wanted) if f.init}


def _found(node: Node) -> str:
    if isinstance(node.value, Mapping):
        return "a mapping"
    if isinstance(node.value, tuple):
        return "a list"
    return repr(node.text)

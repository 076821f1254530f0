"""Nodes of a spec file become frozen attrs objects, field by field; every problem is reported."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from balancedu.core.fields import (
    Asked,
    EntryId,
    Impossible,
    MeasureId,
    SchoolType,
    Source,
    TableId,
    Term,
    Title,
    fields_of,
)
from balancedu.core.rules import FORMER_FIELDS, FORMER_RULES, RULES, Rule
from balancedu.core.strict_yaml import Node, Problems, advice, shortened
from balancedu.errors import near
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed


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
    """An object made from a spec, and its place."""

    value: Any
    node: Node
    path: str
    root: str


_WORDS = {
    str: Phrase("文字", "text"),
    int: Phrase("整数", "a whole number"),
    Decimal: Phrase("数字", "a number"),
    bool: Phrase("true 或 false", "true or false"),
}
_SHORT = 3
"""A mapping of so few fields, such as a title, is written out in a message."""
_NAMES = (MeasureId, Term, TableId, SchoolType, EntryId)


@attrs.define
class Structurer:
    """Builds typed objects from nodes; remembers what was made, what was named and what went wrong.

    `root` is the file that is being built: nodes that an overlay brought into it name the overlay's own file.
    """

    problems: Problems
    root: str = ""
    built: list[Built] = attrs.field(factory=list)
    references: list[Reference] = attrs.field(factory=list)
    _failures: int = attrs.field(default=0, init=False)
    _ways: dict[Any, Callable[[Any, Node, str], Any]] = attrs.field(factory=dict, init=False)
    """How each type that a spec holds is built; thousands of values have a few dozen types."""

    def build(self, wanted: Any, node: Node, path: str = "") -> Any:
        """Return the value of type `wanted` that the node describes, or None with the problem noted."""
        if node.broken:
            self._failures += 1
            return None
        if wanted not in self._ways:
            self._ways[wanted] = self._way(wanted)
        return self._ways[wanted](wanted, node, path)

    def _way(self, wanted: Any) -> Callable[[Any, Node, str], Any]:
        by_origin: dict[Any, Callable[[Any, Node, str], Any]] = {
            typing.Literal: self._one_of,
            typing.Union: self._optional,
            types.UnionType: self._optional,
            tuple: self._sequence,
            Mapping: self._mapping,
        }
        if origin := typing.get_origin(wanted):
            return by_origin[origin]
        if wanted in _NAMES:
            return self._name
        if wanted is Node:
            return _as_it_is
        if wanted is Rule:
            return self._rule
        return self._object if attrs.has(wanted) else self._scalar

    def note(self, node: Node, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        """Note a problem at a node."""
        self._failures += 1
        self.problems.add(node.error(path, problem, hint))

    def _wrong(self, node: Node, path: str, wanted: Phrase, hint: Phrase = NO_WORDS) -> None:
        result = node.found
        self.note(
            node, path, Phrase(f"应为{wanted.zh}，现为{result.zh}", f"must be {wanted.en}, found {result.en}"), hint
        )

    def _optional(self, wanted: Any, node: Node, path: str) -> Any:
        (inner,) = (part for part in typing.get_args(wanted) if part is not type(None))
        return self.build(inner, node, path)

    def _scalar(self, wanted: type, node: Node, path: str) -> Any:
        value = node.value
        if wanted is Decimal and type(value) is int:
            return Decimal(value)
        if isinstance(value, str) and wanted is str and value != value.strip():
            problem = Phrase("首尾不能有空格或换行", "must not begin or end with a space or a line break")
            hint = Phrase("多行的文字前请写 >-", "write >- before a text of several lines")
            return self.note(node, path, problem, hint)
        if type(value) is wanted:
            return value
        hint = advice(node.text, wanted) if wanted is str or isinstance(value, str) else NO_WORDS
        return self._wrong(node, path, _WORDS[wanted], hint if node.text else NO_WORDS)

    def _one_of(self, wanted: Any, node: Node, path: str) -> Any:
        choices = typing.get_args(wanted)
        if node.value in choices and type(node.value) in {type(choice) for choice in choices}:
            return node.value
        known = [str(choice) for choice in choices]
        choice = listed(known)
        wanted = Phrase(f"{choice.zh}之一", f"one of {choice.en}") if len(known) > 1 else choice
        guess = near(node.text, known)
        return self._wrong(node, path, wanted, Phrase(guess.zh.removeprefix("，"), guess.en.removeprefix("; ")))

    def _name(self, kind: object, node: Node, path: str) -> str | None:
        text: str | None = self._scalar(str, node, path)
        if text is not None and kind is Term:
            self.references.append(Reference(MeasureId, text.removeprefix("-"), node, path, self.root))
        elif text is not None:
            self.references.append(Reference(kind, text, node, path, self.root))
        return text

    def _sequence(self, wanted: Any, node: Node, path: str) -> tuple[Any, ...] | None:
        if not isinstance(node.value, tuple):
            hint = Phrase("每一项前请写短横", "begin each entry with a dash")
            if node.text:
                hint = Phrase(f"请写作[{node.text}]", f"write [{node.text}]")
            self._wrong(node, path, Phrase("列表", "a list"), hint)
            return None
        inner = typing.get_args(wanted)[0]
        return tuple(self.build(inner, item, f"{path}[{n}]") for n, item in enumerate(node.value))

    def _mapping(self, wanted: Any, node: Node, path: str) -> Mapping[str, Any] | None:
        keys, inner = typing.get_args(wanted)
        known = typing.get_args(keys)
        if not isinstance(node.value, Mapping):
            names = listed(known)
            wanted = Phrase("“名称: 值”", "a mapping")
            wanted += Phrase(f"（名称：{names.zh}）", f" of {names.en}") if known else NO_WORDS
            self._wrong(node, path, wanted, advice(node.text, dict))
            return None
        if known:
            self._refuse_unknown(node, f"{path}.", known)
        return {key: self.build(inner, item, f"{path}.{key}") for key, item in node.value.items()}

    def _rule(self, _wanted: object, node: Node, path: str) -> Any:
        if not isinstance(node.value, Mapping) or "rule" not in node.value:
            hint = Phrase("规则的种类：", "kinds of rule: ") + listed(RULES)
            problem = Phrase("缺少“rule”，即规则的种类", "needs the key 'rule', which names the kind of rule")
            return self.note(node, path, problem, hint)
        kind = node.value["rule"]
        name: str | None = self.build(str, kind, f"{path}.rule")
        if name is None:
            return None
        name = FORMER_RULES.get(name, name)
        if name not in RULES:
            problem = Phrase(f"没有叫“{name}”的规则", f"no kind of rule is called {name!r}") + near(name, RULES)
            return self.note(kind, f"{path}.rule", problem, KNOWN + listed(RULES))
        rest = {FORMER_FIELDS.get(key, key): value for key, value in node.value.items() if key != "rule"}
        return self._object(RULES[name], attrs.evolve(node, value=rest), path)

    def _object(self, wanted: Any, node: Node, path: str) -> Any:
        fields = fields_of(wanted)
        if not isinstance(node.value, Mapping):
            needed = [name for name, (field, _) in fields.items() if field.default is attrs.NOTHING]
            names, hint = listed(needed), advice(node.text, dict)
            if node.text and not hint and len(needed) <= _SHORT:
                fields_text = ", ".join(f"{name}: …" for name in needed)
                hint = Phrase(f"请写作 `{{{fields_text}}}`", f"write {{{fields_text}}}")
            wanted = Phrase(f"“名称: 值”（含{names.zh}）", f"a mapping with {names.en}")
            return self._wrong(node, path, wanted, hint)
        before, dot = self._failures, f"{path}." if path else ""
        guesses = self._refuse_unknown(node, dot, fields)
        values: dict[str, Any] = {}
        for name, (field, hint) in fields.items():
            if name in node.value:
                named = len(self.references)
                values[name] = self.build(hint, node.value[name], dot + name)
                self._ask(field.metadata.get("asks"), named)
            elif field.default is attrs.NOTHING and repr(name) not in guesses:
                meaning = Phrase("请补上", field.metadata.get("doc", ""))
                self.note(node, path, Phrase(f"缺少“{name}”", f"{name!r} is missing"), meaning)
        return self._checked(wanted, values, node, path) if self._failures == before else None

    def _ask(self, asks: Asked | None, since: int) -> None:
        """Note of which type the measures named since then must be."""
        if asks:
            self.references[since:] = [attrs.evolve(reference, asks=asks) for reference in self.references[since:]]

    def _refuse_unknown(self, node: Node, dot: str, known: typing.Iterable[str]) -> str:
        """Note the unknown keys, and return what was probably meant."""
        guesses = ""
        for key, value in typing.cast("Mapping[str, Node]", node.value).items():
            if key not in known:
                place = attrs.evolve(value, line=value.key_line)
                guess, name = near(key, known), shortened(key)
                problem = Phrase(f"无法识别“{name}”", f"unknown key {name!r}") + guess
                hint = Phrase("这里可以写：", "known here: ") + listed(known)
                self.note(place, dot + name, problem, hint)
                guesses += guess.en
        return guesses

    def _checked(self, wanted: Any, values: dict[str, Any], node: Node, path: str) -> Any:
        """Return the object; note every value that its validators refuse."""
        impossible = [entry for name, value in values.items() for entry in _refused_by(wanted, name, value)]
        if not impossible:
            try:
                value = wanted(**{fields_of(wanted)[name][0].name: value for name, value in values.items()})
            except (TypeError, ValueError) as error:
                impossible = _impossible(error)
            else:
                self.built.append(Built(value, node, path, self.root))
                return value
        for entry in impossible:
            self.note(node.at(entry.field), f"{path}.{entry.field}".strip("."), entry.problem, entry.hint)
        return None


def _refused_by(wanted: Any, name: str, value: Any) -> list[Impossible]:
    field = fields_of(wanted)[name][0]
    try:
        if field.validator:
            # Copying a field takes time, and most have one name.
            field.validator(None, field if name == field.name else field.evolve(name=name), value)
    except (TypeError, ValueError) as error:
        return _impossible(error, name)
    return []


def _impossible(error: Exception, field: str = "") -> list[Impossible]:
    """Return what a validator found, be it one of ours or any other."""
    if isinstance(error, Impossible):
        return [error, *error.others]
    result = str(error.args[0] if error.args else error)
    return [Impossible(field, Phrase(f"不合要求（{result}）", result))]


def _as_it_is(_wanted: object, node: Node, _path: str) -> Node:
    return node


SHARED = (Title, Source)
"""What is used nearly everywhere, and described once."""


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
    for entry in inner if isinstance(inner, tuple) else (inner,) if inner else ():
        yield from _each(entry)

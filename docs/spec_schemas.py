"""The JSON Schema of every spec file, made from the classes that the files become."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from balancedu.core.fields import (
    MOST_DECIMALS,
    NAME,
    Source,
    Title,
    a_day,
    a_name,
    a_share,
    decimals,
    different,
    fields_of,
    filled,
    positive,
)
from balancedu.core.forms import AREA, Forms, an_area
from balancedu.core.nodes import FORMAT, Node
from balancedu.core.overlays import Overlay
from balancedu.core.rules import RULES, Rule
from balancedu.core.standard import Head, MeasuresFile, Part

Schema = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that the YAML servers of editors all know."""

FILES: Mapping[str, type[Any]] = {
    "standard": Head,
    "measures": MeasuresFile,
    "part": Part,
    "forms": Forms,
    "overlay": Overlay,
}
"""Each kind of spec file, and the class that it becomes."""

_END = r"(?![\s\S])"
"""The end of a text in every dialect of regular expressions; a dollar also matches before a last line break."""
_TEXT = rf"^(\S([\s\S]*\S)?)?{_END}"
_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string", "pattern": _TEXT},
    int: {"type": "integer"},
    Decimal: {"type": "number"},
    bool: {"type": "boolean"},
    Node: {},
}
_FILLED = {"string": "minLength", "array": "minItems", "object": "minProperties"}


def spec_schema(kind: str) -> Schema:
    """Return the JSON Schema of one kind of spec file.

    Parameters
    ----------
    kind : str
        One of `FILES`.

    Examples
    --------
    >>> schema = spec_schema("part")
    >>> schema["properties"]["items"]["description"], schema["additionalProperties"]
    ('its requirements', False)
    """
    builder = _Builder()
    whole = builder.whole(FILES[kind])
    about: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:balancedu:spec:{FORMAT}:{kind}",
        "title": f"A file of balancedu's specs, format {FORMAT}: {kind}",
    }
    return about | whole | {"definitions": dict(sorted(builder.definitions.items()))}


def spec_schema_text(kind: str) -> str:
    """Return the schema of one kind of spec file as the text of a JSON file."""
    return json.dumps(spec_schema(kind), ensure_ascii=False, indent=1) + "\n"


@attrs.frozen
class _Builder:
    definitions: dict[str, Schema] = attrs.field(factory=dict)

    def whole(self, kind: Any) -> Schema:
        """Return the schema of a class, written out."""
        fields = fields_of(kind)
        schema: Schema = {
            "description": _doc(kind),
            "type": "object",
            "properties": {name: self.field(field, hint) for name, (field, hint) in fields.items()},
            "required": [name for name, (field, _) in fields.items() if field.default is attrs.NOTHING],
            "additionalProperties": False,
        }
        if one_of := getattr(kind, "ONE_OF", ()):
            schema["oneOf"] = [{"required": [name]} for name in one_of]
        return {key: value for key, value in schema.items() if value != []}

    def field(self, field: attrs.Attribute[Any], hint: Any) -> Schema:
        """Return the schema of a field: its type, what its validators refuse, and its meaning."""
        schema = self.of(hint)
        for validator in validators_of(field):
            schema = RESTRICTED[validator](schema) if validator in RESTRICTED else schema
        described = {"description": field.metadata["doc"]}
        if field.default is not attrs.NOTHING and isinstance(field.default, bool | str) and field.default != "":
            described["default"] = field.default
        return schema | described

    def of(self, hint: Any) -> Schema:
        """Return the schema of a type."""
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin in _COMPOSED:
            return _COMPOSED[origin](self, *inner)
        if hint is Rule:
            return self.rule()
        if attrs.has(hint) and hint is not Node:
            return self.defined(called(hint).replace(" ", "-"), hint)
        # The names of measures, tables and entries are text; only the reader knows what is declared.
        return dict(_PLAIN[getattr(hint, "__supertype__", hint)])

    def optional(self, *inner: Any) -> Schema:
        """Return the schema of an optional field; null is never written."""
        return self.of(next(part for part in inner if part is not type(None)))

    def one_of(self, *choices: Any) -> Schema:
        """Return the schema of a closed list."""
        return {"const": choices[0]} if len(choices) == 1 else {"enum": list(choices)}

    def sequence(self, inner: Any, *_: Any) -> Schema:
        """Return the schema of a list."""
        return {"type": "array", "items": self.of(inner)}

    def mapping(self, keys: Any, inner: Any) -> Schema:
        """Return the schema of a mapping: of stages, or of names that are free."""
        stages = typing.get_args(keys)
        if not stages:
            return {"type": "object", "additionalProperties": self.of(inner)}
        properties = {stage: self.of(inner) for stage in stages}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def defined(self, name: str, kind: type[Any]) -> Schema:
        """Return a reference to a class that is among the definitions."""
        if name not in self.definitions:
            self.definitions[name] = {}  # a class may hold itself
            self.definitions[name] = self.whole(kind)
        return {"$ref": f"#/definitions/{name}"}

    def rule(self) -> Schema:
        """Return a reference to the rules: `rule` decides which other fields there are."""
        if "rule" not in self.definitions:
            kinds = our_rules()
            self.definitions["rule"] = {
                "type": "object",
                "properties": {"rule": {"enum": list(kinds), "description": "the kind of rule"}},
                "required": ["rule"],
                "allOf": [
                    {
                        "if": {"properties": {"rule": {"const": name}}, "required": ["rule"]},
                        "then": self.defined(f"rule-{name}", kind),
                    }
                    for name, kind in kinds.items()
                ],
            }
            for name in kinds:
                beside = self.definitions[f"rule-{name}"]
                beside["properties"] = {"rule": {"const": name}} | beside["properties"]
        return {"$ref": "#/definitions/rule"}


_COMPOSED: Mapping[Any, Callable[..., Schema]] = {
    typing.Literal: _Builder.one_of,
    typing.Union: _Builder.optional,
    types.UnionType: _Builder.optional,
    tuple: _Builder.sequence,
    Mapping: _Builder.mapping,
}


def _doc(kind: type[Any]) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")


def _limited(**limits: Any) -> Callable[[Schema], Schema]:
    """Return what restricts numbers, alone or as the values of a mapping."""

    def restricted(schema: Schema) -> Schema:
        if "properties" in schema:
            return schema | {"properties": {key: entry | limits for key, entry in schema["properties"].items()}}
        if "additionalProperties" in schema:
            return schema | {"additionalProperties": schema["additionalProperties"] | limits}
        return schema | limits

    return restricted


RESTRICTED: Mapping[Any, Callable[[Schema], Schema]] = {
    positive: _limited(exclusiveMinimum=0),
    a_share: _limited(exclusiveMinimum=0, maximum=1),
    decimals: _limited(minimum=0, maximum=MOST_DECIMALS),
    a_name: _limited(pattern=f"^{NAME.pattern}{_END}"),
    a_day: _limited(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_END}", format="date"),
    an_area: _limited(pattern=f"^(?:{AREA.pattern}){_END}"),
    different: lambda schema: schema | {"uniqueItems": True},
    filled: lambda schema: schema | {_FILLED[schema["type"]]: 1},
}
"""What each validator of a field means to a schema."""


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

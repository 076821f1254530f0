"""Strict YAML: text becomes nodes that know their line; the traps of YAML are errors, nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs
import yaml

from balancedu.errors import SpecError

Scalar = str | int | Decimal | bool

MOST_BYTES = 4_000_000
MOST_DEPTH = 20

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_TRAPS = (
    (re.compile(r"(?i)yes|no|on|off|y|n"), "YAML readers disagree whether it is a word or true/false"),
    (re.compile(r"True|TRUE|False|FALSE"), "write true or false in small letters"),
    (re.compile(r"~|(?i:null)"), "an empty value is left out, not written"),
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?|[-+]?0[xXoObB][0-9a-fA-F_]+"), "a leading zero changes the number"),
    (re.compile(r"[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?"), "YAML readers may take it for a time in base 60"),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.|[0-9][0-9_.]*[eE][-+]?[0-9]+)"), "write the decimal out in full"),
    (re.compile(r"[-+]?[0-9][0-9]*_[0-9_.]*"), "write the digits without underscores"),
    (re.compile(r"[-+]?\.(?i:inf|nan)"), "only finite numbers are possible"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "YAML readers may take it for a date object"),
    (re.compile(r"=|<<"), "YAML gives it a meaning of its own"),
)


@attrs.frozen
class Node:
    """A value of a YAML file and the place it stands in; a mapping or sequence holds nodes."""

    value: Scalar | tuple[Node, ...] | Mapping[str, Node]
    file: str
    line: int
    text: str = ""

    def error(self, path: str, problem: str, hint: str = "") -> SpecError:
        """Return an error that stands at this node."""
        return SpecError(self.file, self.line, path, problem, hint)


class _Refused(Exception):
    """Reading cannot go on after this problem."""

    def __init__(self, error: SpecError) -> None:
        self.error = error


def read(content: bytes, file: str, *, typed: bool = True) -> tuple[Node | None, list[SpecError]]:
    """Return the nodes of a YAML file and every problem found in it.

    Parameters
    ----------
    content : bytes
        UTF-8, with or without a byte order mark.
    file : str
        The name that errors give.
    typed : bool
        Whether plain scalars become numbers and booleans (and YAML's traps are errors). Otherwise every
        scalar stays the text that was written.

    Returns
    -------
    node : Node or None
        None where nothing could be read.
    errors : list of SpecError
    """
    reader = _Reader(file, typed)
    try:
        return reader.read(content), reader.errors
    except _Refused as refused:
        return None, [*reader.errors, refused.error]


class _Reader:
    def __init__(self, file: str, typed: bool) -> None:
        self.file, self.typed = file, typed
        self.errors: list[SpecError] = []

    def read(self, content: bytes) -> Node:
        if len(content) > MOST_BYTES:
            raise _Refused(SpecError(self.file, 1, "", f"the file is larger than {MOST_BYTES:,} bytes"))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            hint = "save the file as UTF-8"
            raise _Refused(SpecError(self.file, line, "", "the file is not UTF-8", hint)) from error
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return self._document(yaml.parse(text, Loader=loader))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", None) or str(error)
            hint = "check quotes, colons and the spaces that lines begin with"
            raise _Refused(SpecError(self.file, line, "", f"not YAML: {problem}", hint)) from error

    def _document(self, events: Iterator[yaml.Event]) -> Node:
        root = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _Refused(self._error(event, "", "a second document begins", "use one file for each"))
                root = self._node(next(events), events, "", 0)
        if root is None:
            raise _Refused(SpecError(self.file, 1, "", "the file is empty"))
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: str, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(self._error(event, path, f"*{event.anchor} is an alias", "write the value out"))
        if getattr(event, "anchor", None):
            raise _Refused(self._error(event, path, f"&{event.anchor} is an anchor", "write the value out"))
        if event.tag not in (None, "!"):
            raise _Refused(self._error(event, path, f"{event.tag} is a tag", "leave it out: specs hold plain values"))
        if depth > MOST_DEPTH:
            raise _Refused(self._error(event, path, f"nested deeper than {MOST_DEPTH} levels"))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, events, path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, events, path, depth)
        return Node(self._scalar(event, path), self.file, _line(event), event.value)

    def _mapping(self, start: yaml.Event, events: Iterator[yaml.Event], path: str, depth: int) -> Node:
        result: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(self._error(event, path, "a key must be a word"))
            key = event.value
            inner = f"{path}.{key}" if path else key
            if event.anchor or event.tag or (event.implicit[0] and key == "<<"):
                raise _Refused(self._error(event, inner, f"{key!r} cannot be a key", "write the values out"))
            value = self._node(next(events), events, inner, depth + 1)
            if key in result:
                first = result[key].line
                self.errors.append(self._error(event, inner, f"{key!r} stands twice, first in line {first}"))
            else:
                result[key] = value
        return Node(result, self.file, _line(start))

    def _sequence(self, start: yaml.Event, events: Iterator[yaml.Event], path: str, depth: int) -> Node:
        result: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            result.append(self._node(event, events, f"{path}[{len(result)}]", depth + 1))
        return Node(tuple(result), self.file, _line(start))

    def _scalar(self, event: yaml.Event, path: str) -> Scalar:
        text: str = event.value
        if not self.typed or not event.implicit[0]:
            return text
        if text in ("true", "false"):
            return text == "true"
        if not text:
            self.errors.append(self._error(event, path, "the value is empty", "leave the key out or give a value"))
            return text
        for trap, why in _TRAPS:
            if trap.fullmatch(text):
                hint = f'write "{text}" in quotes if the text is meant'
                self.errors.append(self._error(event, path, f"{text} is not clear: {why}", hint))
                return text
        if _INTEGER.fullmatch(text):
            return int(text)
        return Decimal(text) if _DECIMAL.fullmatch(text) else text

    def _error(self, event: yaml.Event, path: str, problem: str, hint: str = "") -> SpecError:
        return SpecError(self.file, _line(event), path, problem, hint)


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1

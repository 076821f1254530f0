"""Nodes as plain values, as the law writes them, and sources that say what has amended them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from balancedu.core.reader import Node
from balancedu.core.scalars import shortened
from balancedu.phrase import Phrase, quote


def plain(node: Node) -> Any:
    """Return a node as mappings, lists and values, without the places where they stand."""
    if isinstance(node.value, Mapping):
        return {key: plain(one) for key, one in node.value.items()}
    return [plain(one) for one in node.value] if isinstance(node.value, tuple) else node.value


def written(node: Node) -> str:
    """Return a node as a spec writes it: numbers with their digits, mappings and lists on one line.

    Examples
    --------
    >>> from balancedu.core.reader import read
    >>> node, _ = read(b"limits: {primary: 0.50, junior: 0.45}", "resources.yaml")
    >>> written(node.at("limits"))
    '{primary: 0.50, junior: 0.45}'
    """
    if isinstance(node.value, Mapping):
        return f"{{{', '.join(f'{key}: {written(one)}' for key, one in node.value.items())}}}"
    return f"[{', '.join(map(written, node.value))}]" if isinstance(node.value, tuple) else node.text


NUMBER = Phrase("数字", "a number")


def kind(node: Node) -> Phrase:
    """Return what sort of value a node is, in words."""
    if isinstance(node.value, Mapping):
        return Phrase("一组字段", "a mapping")
    if isinstance(node.value, tuple):
        return Phrase("列表", "a list")
    if isinstance(node.value, bool):
        return Phrase("true 或 false", "true or false")
    return Phrase("文字", "a text") if isinstance(node.value, str) else NUMBER


def standing(node: Node) -> Phrase:
    """Return what sort of value stands somewhere, with the value, for a message about what may take its place.

    Examples
    --------
    >>> from balancedu.core.reader import read
    >>> node, _ = read(b"{at_least: 700, limits: {primary: 0.7, junior: 0.6}}", "resources.yaml")
    >>> standing(node.at("at_least")).zh, standing(node.at("limits")).en
    ('数字（现为 700）', 'a mapping (now {primary: 0.7, junior: 0.6})')
    """
    text = shortened(written(node))
    return kind(node) if isinstance(node.value, bool) else kind(node) + Phrase(f"（现为 {text}）", f" (now {text})")


def found(node: Node) -> Phrase:
    """Return what sort of value was found, with the value.

    Examples
    --------
    >>> from balancedu.core.reader import read
    >>> found(read(b"'7,500'", "ours.yaml")[0])
    Phrase(zh='文字“7,500”', en="the text '7,500'")
    """
    if isinstance(node.value, bool):
        return Phrase.of(node.text)
    text, sort = shortened(written(node)), kind(node)
    shown = quote(text) if isinstance(node.value, str) else Phrase(f" {text}", text)
    return Phrase(sort.zh, f"the {sort.en.removeprefix('a ')} ") + shown


def has_source(node: Node) -> bool:
    """Return whether a mapping says where it stands."""
    return isinstance(node.value, Mapping) and "source" in node.value


def amended(source: Node, by: Iterable[Node]) -> Node:
    """Return a source that says what has amended it; each amendment once."""
    if not isinstance(source.value, Mapping):
        return source
    known = list(source.entries("amended"))
    for one in by:
        if plain(one) not in map(plain, known):
            known.append(one)
    listed = Node(tuple(known), source.file, source.line, key_line=source.line)
    return attrs.evolve(source, value={**source.value, "amended": listed})

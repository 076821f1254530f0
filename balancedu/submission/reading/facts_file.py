"""The file `facts.yaml`: facts as text, with the line of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from balancedu.core.reader import Node, read
from balancedu.errors import DataError
from balancedu.phrase import Phrase
from balancedu.submission.table import Origin

_NO_MAPPING = Phrase("内容不是“名称: 值”", "found no mapping")
_SUCH_LINES = Phrase("请逐行写，如 `layout_rational: true`", "write lines such as `layout_rational: true`")


def facts_of(text: str, file: str) -> tuple[Mapping[str, Any], Origin, list[DataError]]:
    """Return the facts of a YAML text, where each stands, and what is wrong with the text.

    Every value stays text until its measure says what it is, so that `是`, `yes` and `true` mean the same
    here as in any other table. A file of comments alone reports nothing.
    """
    if all(line.strip().startswith(("#", "---")) or not line.strip() for line in text.splitlines()):
        return {}, Origin(file), []
    node, found = read(text.encode("utf-8"), file, typed=False)
    if node is not None and not isinstance(node.value, Mapping):
        found.append(node.error("", _NO_MAPPING, _SUCH_LINES))
    errors = [DataError.of(error, "facts") for error in found]
    if node is None or not isinstance(node.value, Mapping):
        return {}, Origin(file), errors
    cells = {(0, fact): one.key_line for fact, one in node.value.items()}
    for row, county in enumerate(node.value.values()):
        if isinstance(county.value, Mapping):
            cells |= {(row, "county"): county.line}
            cells |= {(row, fact): one.key_line for fact, one in county.value.items()}
    return _plain(node), Origin(file, cells=cells), errors


def _plain(node: Node) -> Any:
    if isinstance(node.value, Mapping):
        return {key: _plain(one) for key, one in node.value.items()}
    return [_plain(one) for one in node.value] if isinstance(node.value, tuple) else node.value

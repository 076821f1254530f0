"""Write the parts of the documentation that follow from the code, between their marks.

Run ``python docs/generate.py``, or with ``--check`` to be told what is out of date. A part begins with the line
``<!-- generated: NAME -->`` and ends with ``<!-- end -->``; everything else is written by hand.
"""

from __future__ import annotations

import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from balancedu.core import forms, rules, standard  # noqa: E402
from balancedu.core.loading import load_standard  # noqa: E402
from balancedu.core.model import (  # noqa: E402
    EntryId,
    Language,
    Measure,
    MeasureId,
    SchoolType,
    Source,
    TableId,
    Term,
    Title,
    a_share,
    positive,
)
from balancedu.core.structure import fields_of  # noqa: E402

WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    Decimal: "number",
    bool: "`true` or `false`",
    MeasureId: "measure",
    Term: "measure, with or without a minus",
    TableId: "table",
    SchoolType: "type of school",
    EntryId: "indicator or item",
}
VALUES = {
    "text": "文字 text",
    "count": "整数 whole number",
    "number": "数 number",
    "share": "比例，如 0.985 share of 1",
    "yes_no": "true 或 false（是、否）",
}
VALIDATED: dict[Any, str] = {positive: "above 0", a_share: "above 0 and up to 1"}
MARK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fields() -> str:
    """Return a table for each kind of object that a spec is made of."""
    seen: list[Any] = []
    blocks = []
    for title, root in (
        ("The file `standard.yaml`", standard.Head),
        ("The file `measures.yaml`", standard.MeasuresFile),
        ("The file of a part, such as `guarantee.yaml`", standard.Part),
        ("The file `forms.yaml`", forms.Forms),
    ):
        blocks += [f"### {title}", *_described(root)]
        for inner in _inner(root, seen):
            blocks += [f"#### {_heading(inner)}", *_described(inner)]
    blocks += ["### Kinds of rule", "What `rule:` names says which fields stand beside it."]
    # Kinds that other packages add are described by those packages.
    for name, kind in rules.RULES.items():
        if kind.__module__.startswith("balancedu."):
            blocks += [f"#### `rule: {name}`", *_described(kind)]
            for inner in _inner(kind, seen):
                blocks += [f"#### {_heading(inner)}", *_described(inner)]
    blocks.append("### Everywhere")
    for shared in (Title, Source):
        blocks += [f"#### {_heading(shared)}", *_described(shared)]
    return "\n\n".join(blocks)


def _described(kind: Any) -> Iterator[str]:
    yield inspect.getdoc(kind) or ""
    rows = ["| field | what | | meaning |", "|---|---|---|---|"]
    for name, (field, hint) in fields_of(kind).items():
        what = _words(hint)
        for words in (VALIDATED[one] for one in _validators(field.validator) if one in VALIDATED):
            what = f"{what}, {words}"
        if field.metadata["asks"]:
            what = what.replace("measure", f"measure of type {field.metadata['asks']}", 1)
        rows.append(f"| `{name}` | {what} | {_default(field)} | {field.metadata['doc']} |")
    yield "\n".join(rows)


def _inner(kind: Any, seen: list[Any]) -> Iterator[Any]:
    """Yield the classes that the fields of a class hold, each once and in the order of the fields."""
    for _, hint in fields_of(kind).values():
        for part in _parts(hint):
            if attrs.has(part) and part not in (Title, Source, *seen):
                seen.append(part)
                yield part
                yield from _inner(part, seen)


def _parts(hint: Any) -> Iterator[Any]:
    inner = [] if typing.get_origin(hint) is typing.Literal else typing.get_args(hint)
    if not inner:
        yield hint
    for part in inner:
        yield from _parts(part)


def _words(hint: Any) -> str:
    """Return a type in words."""
    composed = _composed(hint)
    if composed:
        return composed
    if hint is rules.Rule:
        return "[rule](#kinds-of-rule)"
    if attrs.has(hint):
        return f"[{_heading(hint)}](#{_heading(hint).replace(' ', '-')})"
    return WORDS[hint]


def _composed(hint: Any) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return "one of " * (len(inner) > 1) + ", ".join(f"`{choice}`" for choice in inner)
    if origin in (typing.Union, types.UnionType):
        return _words(next(part for part in inner if part is not type(None)))
    if origin is tuple:
        return f"list: {_words(inner[0])}"
    if origin is Mapping:
        keys = "stage" if typing.get_args(inner[0]) else "name"
        return f"for each {keys}: {_words(inner[1])}"
    return ""


def _heading(kind: Any) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()


def _validators(validator: Any) -> tuple[Any, ...]:
    """Return the validators that a list or an optional one of attrs is made of."""
    inner = getattr(validator, "_validators", None) or getattr(validator, "validator", None) or validator
    return inner if isinstance(inner, tuple) else (inner,)


def _default(field: Any) -> str:
    if field.default is attrs.NOTHING:
        return "required"
    if isinstance(field.default, bool) or (field.default and isinstance(field.default, str)):
        return f"`{str(field.default).lower()}` if left out"
    return "may be left out"


def measures() -> str:
    """Return a table of columns for each table that a county submits, in Chinese and English."""
    std = load_standard()
    blocks = []
    for table in std.tables.values():
        blocks.append(f"## {table.id} {table.title.zh}")
        blocks.append(f"{table.row.zh}一行。 One row for {table.row.en}.")
        rows = ["| id | 名称（单位） | title (unit) | 取值 values | 用于 used by |", "|---|---|---|---|---|"]
        for column, measure in std.table_measures(table.id).items():
            zh, en = _titled(measure, "zh"), _titled(measure, "en")
            rows.append(f"| `{column}` | {zh} | {en} | {_values(measure)} | {', '.join(measure.needed_by)} |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks)


def _titled(measure: Measure, lang: Language) -> str:
    titled = measure.title.said(lang)
    if measure.unit:
        titled += f"（{measure.unit.zh}）" if lang == "zh" else f" ({measure.unit.en})"
    return f"{titled}<br>{measure.definition.said(lang)}" if measure.definition else titled


def _values(measure: Measure) -> str:
    if measure.values:
        return ", ".join(f"`{choice.id}` {choice.title.zh}" for choice in measure.values)
    if measure.usual:
        return ", ".join(f"{one.zh} {one.en}" for one in measure.usual)
    if measure.formulas:
        formula = measure.formulas[measure.formula or ""]
        return f"share = ({', '.join(formula.part)}) / ({', '.join(formula.whole)})"
    return VALUES[measure.type]


GENERATED: dict[str, Callable[[], str]] = {"fields": fields, "measures": measures}
FILES = ("specs/README.md", "docs/data.md")


def rewritten(text: str) -> str:
    """Return a page with its marked parts as they should be."""
    return MARK.sub(lambda found: f"{found[1]}\n{GENERATED[found[2]]()}\n\n{found[3]}", text)


def main(arguments: list[str]) -> int:
    """Write what is out of date, or only name it."""
    stale = 0
    for path in (ROOT / name for name in FILES):
        text = path.read_text(encoding="utf-8")
        if text != (fresh := rewritten(text)):
            stale += 1
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
            if "--check" not in arguments:
                path.write_text(fresh, encoding="utf-8", newline="\n")
    return stale if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

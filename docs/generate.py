"""Write what follows from the code: parts of the documentation between their marks, and the schemas of the specs.

Run ``python docs/generate.py``, or with ``--check`` to list what is out of date. A part begins with the line
``<!-- generated: NAME -->`` and ends with ``<!-- end -->``; everything else on its page is written by hand.
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
sys.path.insert(0, str(ROOT / "docs"))

import catalogue_pages
import spec_schemas
from spec_schemas import SHARED, called, held_by, our_rules, validators_of

from balancedu.core import forms, overlays, rules, standard
from balancedu.core import nodes as reader
from balancedu.core.field_checks import AddsUp, ListsAll, NearTheMedian, NoMoreThan
from balancedu.core.fields import EntryId, Language, MeasureId, SchoolType, TableId, Term, a_share, fields_of, positive
from balancedu.core.loading import load_standard
from balancedu.core.model import SHARE, Measure
from balancedu.core.nodes import Node
from balancedu.files import mapping

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
    Node: "any value",
}
VALUES = {
    "text": "文字 text",
    "count": "整数 whole number",
    "number": "数 number",
    "share": "比例，如 0.985 share of 1",
    "yes_no": "true 或 false（是、否）",
    "day": "日期，如 2015-12-31 day",
}
FILLED_WITH = {
    "text": "文字",
    "count": "整数",
    "number": "数",
    "share": "比例，如0.985或98.5%",
    "yes_no": "是或否",
    "day": "日期，如2015-12-31",
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
        ("The file of an overlay, such as `overlays/shenyang.yaml`", overlays.Overlay),
    ):
        blocks += [f"### {title}", *_described(root)]
        for inner in held_by(root, seen):
            blocks += [f"#### {called(inner)}", *_described(inner)]
    blocks += ["### Kinds of rule", "The value of `rule:` decides which other fields it has."]
    for name, kind in our_rules().items():
        blocks += [f"#### `rule: {name}`", *_described(kind)]
        for inner in held_by(kind, seen):
            blocks += [f"#### {called(inner)}", *_described(inner)]
    blocks.append("### Everywhere")
    for shared in SHARED:
        blocks += [f"#### {called(shared)}", *_described(shared)]
    return "\n\n".join(blocks)


def _described(kind: Any) -> Iterator[str]:
    yield inspect.getdoc(kind) or ""
    rows = ["| field | what | | meaning |", "|---|---|---|---|"]
    for name, (field, hint) in fields_of(kind).items():
        what = _words(hint)
        for words in (VALIDATED[validator] for validator in validators_of(field) if validator in VALIDATED):
            what = f"{what}, {words}"
        if field.metadata["asks"]:
            what = what.replace("measure", f"measure of type {field.metadata['asks'].words.en}", 1)
        rows.append(f"| `{name}` | {what} | {_default(field)} | {field.metadata['doc']} |")
    yield "\n".join(rows)


def _words(hint: Any) -> str:
    """Return a type in words."""
    composed = _composed(hint)
    if composed:
        return composed
    if hint is rules.Rule:
        return "[rule](#kinds-of-rule)"
    if attrs.has(hint) and hint not in WORDS:
        return f"[{called(hint)}](#{called(hint).replace(' ', '-')})"
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


def _default(field: Any) -> str:
    if field.default is attrs.NOTHING:
        return "required"
    if isinstance(field.default, bool) or (field.default and isinstance(field.default, str)):
        return f"default `{str(field.default).lower()}`"
    return "optional"


def measures() -> str:
    """Return a table of columns for each table that a county submits, in Chinese and English."""
    std = load_standard()
    blocks = []
    for table in std.tables.values():
        blocks.append(f"## {table.id} {table.title.zh}")
        blocks.append(f"{table.row.zh}一行。 One row for {table.row.en}.")
        if table.also:
            blocks.append(f"工作表也可以叫 The sheet may also be called: {'、'.join(table.also)}")
        head = ("id", "名称（单位）", "title (unit)", "取值 values", "表头也可写 other headers", "用于 used by")
        rows = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        for column, measure in std.table_measures(table.id).items():
            cells = (f"`{column}`", _titled(measure, "zh"), _titled(measure, "en"), _values(measure))
            rows.append(f"| {' | '.join((*cells, '；'.join(measure.also), ', '.join(measure.needed_by)))} |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks)


def filling() -> str:
    """Return a table for each table that a county submits, in Chinese: what to write into each column."""
    std = load_standard()
    blocks = []
    for table in std.tables.values():
        blocks.append(f"### {table.title.zh}（{table.row.zh}一行）")
        rows = ["| 名称 | 单位 | 填什么 | 用于 |", "|---|---|---|---|"]
        for measure in std.table_measures(table.id).values():
            unit = measure.unit.zh if measure.unit else ""
            entries = [std.indicators.get(entry) or std.items[entry] for entry in measure.needed_by]
            needed_by = "；".join(entry.name.zh for entry in entries)
            rows.append(f"| {measure.title.zh} | {unit} | {_filled_with(measure)} | {needed_by} |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks)


def _filled_with(measure: Measure) -> str:
    choices = [choice.title for choice in measure.values] or list(measure.usual)
    values = "、".join(choice.zh for choice in choices) if choices else FILLED_WITH[measure.type]
    return f"{values}。{measure.definition.zh}" if measure.definition else values


def units() -> str:
    """Return a table of the units that headers may state, and what they are converted by."""
    rows = ["| 单位 unit | 也可写 also | 换算 converted |", "|---|---|---|"]
    for unit in load_standard().units:
        name = "比例 share of 1" if unit.unit == SHARE else unit.unit
        scales = [f"{'、'.join(scale.words)} × {scale.factor}" for scale in unit.scales]
        rows.append(f"| {name} | {'、'.join(unit.also)} | {'；'.join(scales)} |")
    return "\n".join(rows)


def checks() -> str:
    """Return a table of the checks between figures, those that follow from the measures aside."""
    rows = ["| id | | 应当怎样 what should hold | 为什么 why |", "|---|---|---|---|"]
    words = {"error": "错误 error", "warning": "提示 warning"}
    for check in load_standard().checks:
        if isinstance(check, NoMoreThan | AddsUp | ListsAll | NearTheMedian) and not check.id.startswith("part_of."):
            titled, why = f"{check.title.zh}<br>{check.title.en}", f"{check.why.zh}<br>{check.why.en}"
            rows.append(f"| `{check.id}` | {words[check.severity]} | {titled} | {why} |")
    return "\n".join(rows)


def plausible() -> str:
    """Return a table of the ranges that the median of a county's column mostly lies in."""
    rows = ["| id | 通常 usual | 依据 drawn from | |", "|---|---|---|---|"]
    pupil = {"pupil": "（生均 per pupil）", "row": ""}
    for measure in load_standard().measures.values():
        if (entry := measure.plausible) is not None:
            unit = measure.unit.zh if measure.unit else ""
            usual = f"{entry.least}–{entry.most}{unit}{pupil[entry.per]}"
            rows.append(f"| `{measure.id}` | {usual} | {entry.note.zh}<br>{entry.note.en} | {entry.confidence} |")
    return "\n".join(rows)


def _titled(measure: Measure, lang: Language) -> str:
    titled = measure.title.text(lang)
    if measure.unit:
        titled += f"（{measure.unit.zh}）" if lang == "zh" else f" ({measure.unit.en})"
    return f"{titled}<br>{measure.definition.text(lang)}" if measure.definition else titled


def _values(measure: Measure) -> str:
    if measure.values:
        return ", ".join(f"`{choice.id}` {choice.title.zh}" for choice in measure.values)
    if measure.usual:
        return ", ".join(f"{entry.zh} {entry.en}" for entry in measure.usual)
    if measure.formulas:
        formula = measure.formulas[measure.formula or ""]
        return f"share = ({', '.join(formula.part)}) / ({', '.join(formula.whole)})"
    return VALUES[measure.type]


def mapping_fields() -> str:
    """Return a table for each kind of object that `mapping.yaml` is made of."""
    kinds = [mapping.Mapping, *held_by(mapping.Mapping, [])]
    return "\n\n".join(part for kind in kinds for part in (f"### {called(kind)}", *_described(kind)))


GENERATED: dict[str, Callable[[], str]] = {
    "fields": fields,
    "measures": measures,
    "filling": filling,
    "units": units,
    "mapping": mapping_fields,
    "checks": checks,
    "plausible": plausible,
}
FILES = ("specs/README.md", "docs/data.md", "docs/mapping.md", "docs/guides/whole-way.zh-CN.md")
SCHEMAS = f"specs/schemas/spec-{reader.FORMAT}"


def rewritten(text: str) -> str:
    """Return a page with its marked parts as they should be."""
    return MARK.sub(lambda result: f"{result[1]}\n{GENERATED[result[2]]()}\n\n{result[3]}", text)


def fresh() -> Iterator[tuple[str, str]]:
    """Yield every file that is generated, in part or whole, and what it should hold."""
    for name in FILES:
        yield name, rewritten((ROOT / name).read_text(encoding="utf-8"))
    for kind in spec_schemas.FILES:
        yield f"{SCHEMAS}/{kind}.json", spec_schemas.spec_schema_text(kind)
    yield from catalogue_pages.pages()


def main(arguments: list[str]) -> int:
    """Write what is out of date, or only name it."""
    stale = 0
    for name, text in fresh():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale += 1
            sys.stdout.write(f"{name}\n")
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    return stale if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

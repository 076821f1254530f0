"""The English left in a Chinese message, except names and code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any, get_args

from spec_schemas import FILES as SPEC_FILES
from spec_schemas import spec_schema

import balancedu as be
from balancedu.core.fields import Stage
from balancedu.core.rules import RULES
from balancedu.files.layout import FACT_COLUMNS
from balancedu.planning.changes import CHANGE_KINDS

STANDARD = be.load_standard()
# What a person typed or is to type, and what a library or the system states.
QUOTED = re.compile(r"“[^”]*”|`[^`]*`|（[ -~]*）|\[[^\]]*\]|\{[^}]*\}")
FILES = re.compile(r"[\w/-]*\.(?:csv|tsv|yaml|xlsx|xlsm|xlsb|xls|ods|md|xml|rels)\b")
PATHS = re.compile(r"[A-Za-z][\w-]*(?:\[[0-9]+\])*(?:\.[\w-]+(?:\[[0-9]+\])*)+", re.ASCII)
PLACES = re.compile(r"\b[A-Z]{1,7}[0-9]+\b|(?<=，如 )F 或 AB|[A-Z]{1,3}(?= ?列)")
WORDS = re.compile(r"(?<![0-9.])[A-Za-z][A-Za-z_-]*[0-9]*")
FORMATS = {"CSV", "YAML", "XML", "JSON", "PDF", "Word", "UTF-8", "UTF-16", "GB18030", "GBK"}
# Names of Python and of libraries, arguments and what a person types: they are written as they are.
CODE = {
    "Python",
    "Path",
    "PATH",
    "DataFrame",
    "Windows",
    "Arrow",
    "NumPy",
    "Pango",
    "apt-get",
    "install",
    "Origin",
    "True",
    "ev",
}
CODE |= {
    "submission",
    "narrative",
    "narrative_of",
    "overlays",
    "on",
    "file",
    "multipart",
    "extra",
    "origins",
    "budget",
    "priorities",
    "replace",
}
OPTIONS = re.compile(r"--[a-z-]+|\.[a-z]+")
# Words that mapping.yaml and facts.yaml are written with; the command that drafts one.
KEYS = {
    "header",
    "column",
    "sum",
    "values",
    "empty_marks",
    "measure",
    "unit",
    "table",
    "ignore",
    "true",
    "false",
    "value",
    "evidence",
    "narrative",
    "narrative_of",
    "standard",
}
KEYS |= {"balancedu", "map", "inf", "nan"} | set(FACT_COLUMNS)
NAMES = {name for measure in STANDARD.measures.values() for name in (measure.id, measure.column)} | {
    *STANDARD.tables,
    "sections",
    "spread",
}
NAMES |= {choice.id for measure in STANDARD.measures.values() for choice in measure.values} | {"do", "type"}
NAMES |= set(get_args(Stage))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def _written(schema: Any) -> Iterator[str]:
    """The names of fields, and the words of closed lists."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        for inner in schema.values():
            yield from _written(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _written(inner)


# With the words that paths begin with.
SPEC_WORDS = (
    {word for kind in SPEC_FILES for word in _written(spec_schema(kind))} | set(RULES) | {"rules", "parts", "forms"}
)


def english_in(text: str, names: Set[str] = frozenset()) -> list[str]:
    """The words of a Chinese text that are neither ids, paths, names of files, formats nor quoted."""
    plain = text
    for pattern in (QUOTED, FILES, PATHS, PLACES, OPTIONS):
        plain = pattern.sub(" ", plain)
    return [
        word for word in WORDS.findall(plain) if word not in FORMATS | CODE | KEYS | NAMES | set(CHANGE_KINDS) | names
    ]


def ascii_signs_in(text: str) -> list[str]:
    """The half-width signs between Chinese characters."""
    return re.findall(r"(?<=[\u4e00-\u9fff”])[,;:?()](?=[\u4e00-\u9fff“])", text)


def check_chinese(error: be.DataError) -> None:
    """A message is Chinese from its place to its hint."""
    result = error.text("zh")
    name = error.column
    where, _, problem = result.partition(f"{name}）：" if name and f"{name}）：" in result else f"{name}：")

    assert is_chinese(problem), result
    assert english_in(problem) == [], result
    assert ascii_signs_in(problem) == [], result
    assert "\n" not in result
    assert where or not error.place, result
    assert error.text("en") == str(error)


def check_chinese_of_spec(error: be.SpecError, ids: Set[str]) -> None:
    """A message about a spec is Chinese behind its place, but for ids, paths and the words of specs."""
    result = error.text("zh")
    place = f"{error.file}:{error.line}" + (f"，{error.path}" if error.path else "")
    problem = result.removeprefix(f"{place}：")

    assert problem != result
    assert is_chinese(problem), result
    assert english_in(problem, SPEC_WORDS | ids) == [], result
    assert ascii_signs_in(problem) == [], result
    assert "\n" not in result
    assert error.text("en") == str(error)

"""Every message about data and specs has its Chinese, also where no bad file leads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chinese import SPEC_WORDS, check_chinese, english_in, is_chinese

import balancedu as be

PACKAGE = Path(be.__file__).parent
DOCS = PACKAGE.parent / "docs"
PHRASES = {"Phrase", "broken"}


def phrases() -> Iterator[tuple[str, str]]:
    """The place of each phrase and its Chinese, with a name in the place of what is filled in."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in PHRASES and len(node.args) == 2:
                yield f"{path.name}:{node.lineno}", "".join(_literals(node.args[0]))


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield str(part.value) if isinstance(part, ast.Constant) else "“”"


def test_every_phrase_is_chinese() -> None:
    result = dict(phrases())
    # Phrases that consist only of filled-in values are completed by others; the others are signs of YAML.
    wrong = {place: zh for place, zh in result.items() if zh.strip("“”、，；。（）：→±% ") and not is_chinese(zh)}

    assert len(result) > 200
    assert wrong == {}
    assert {place: words for place, zh in result.items() if (words := english_in(zh, SPEC_WORDS))} == {}


# Words of programs, and unnatural ones, that no official would write.
UNNATURAL = r"事实(?!上)|取整|变好|变差|原未达标|假设|假定|最省|算不出来|[「」]|喂给|落入|站在|掉到"


def test_no_phrase_uses_a_word_that_an_official_would_not() -> None:
    assert {place: zh for place, zh in phrases() if re.search(rf"{UNNATURAL}|个学部|学部个", zh)} == {}


@pytest.mark.parametrize(
    "page", sorted(map(str, (*DOCS.rglob("*.zh-CN.md"), DOCS / "zh.md", DOCS.parent / "README.zh-CN.md")))
)
def test_no_chinese_page_uses_such_a_word(page: str) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", Path(page).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(f"(?:.{{0,12}})(?:{UNNATURAL})", text) == []


TRAPS = {
    "two mappings of one key": "- {do: add, do: add}",
    "an alias": "- do: *x",
    "an anchor": "- &x {do: add}",
    "a tag": "- !!python/name:os.system {do: add}",
    "no YAML": "- do: [",
    "a tab": "- do: add\n\tschool: a",
    "wide signs": "- do： add\n  school： 1",
    "nothing": "",
    "two documents": "- do: add\n---\n- do: add",
    "a word that is no word": "- do: yes",
    "a leading zero": "- {do: add, school: 007, amounts: {teaching_area: 1}}",
    "an exponent": "- {do: add, school: '007', amounts: {teaching_area: 1e3}}",
    "a time": "- {do: add, school: 1:30, amounts: {teaching_area: 1}}",
    "a day": "- {do: add, school: 2020-01-01, amounts: {teaching_area: 1}}",
    "infinite": "- {do: add, school: a, amounts: {teaching_area: .inf}}",
    "underscores": "- {do: add, school: a, amounts: {teaching_area: 1_000}}",
    "nothing written": "- {do: add, school: ~, amounts: }",
    "a key that is none": "- {? [a] : b}",
    "a key that is empty": "- {'': b}",
    "a key that is a trap": "- {yes: b}",
    "an invisible character": "- do: \u200badd",
    "a number for a text": "- {do: add, school: 7, amounts: {teaching_area: 1}}",
    "a text for a number": "- {do: add, school: '7', amounts: {teaching_area: '1'}}",
    "a percentage": "- {do: add, school: '7', amounts: {teaching_area: 5%}}",
    "a text for a mapping": "- {do: add, school: '7', amounts: 'teaching_area:1'}",
    "a text for a list": "- {do: merge, schools: '7', into: '8'}",
    "a list for a text": "- {do: merge, schools: ['7', '7'], into: ['8']}",
    "a mapping for a value": "- {do: state, facts: {layout_rational: {a: b}}}",
    "spaces around a text": "- {do: add, school: ' 7', amounts: {teaching_area: 1}}",
    "no list": "do: add",
    "a text": "add",
    "too deep": "- do: " + "[" * 25 + "]" * 25,
    "missing keys": "- {do: add}",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_errors_of_yaml_are_in_chinese(trap: str, tmp_path: Path) -> None:
    file = tmp_path / "changes.yaml"
    file.write_text(TRAPS[trap], encoding="utf-8")
    with pytest.raises(be.DataErrors) as caught:
        be.what_if(be.evaluate(be.example()), file)
    for error in caught.value.errors:
        check_chinese(error)


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\xff", "文件不是 UTF-8 编码"), (b" " * 4_000_001, "文件超过4,000,000字节"), (b"- 1\n" * 1_100, "其余没有列出")],
)
def test_files_that_are_refused_at_once(content: bytes, text: str, tmp_path: Path) -> None:
    file = tmp_path / "changes.yaml"
    file.write_bytes(content)
    with pytest.raises(be.DataErrors) as caught:
        be.what_if(be.evaluate(be.example()), file)
    assert text in caught.value.text()

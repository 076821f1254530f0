"""How a spec file is read: plain words become values, and every value knows its line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from balancedu.core.nodes import Node, read_yaml

TEXT = """\
id: guarantee
items:
  - id: G1
    share: 0.50
    many: [1, -2, true, "012", 小学]
  - id: G2
    title:
      zh: >-
        第一行
        第二行
"""


def root_of(content: bytes, *, typed: bool = True) -> Node:
    node, errors = read_yaml(content, "a.yaml", typed=typed)
    assert errors == []
    assert node is not None
    return node


def test_plain_words_become_values() -> None:
    many = root_of(TEXT.encode()).at("items[0].many").value

    assert isinstance(many, tuple)
    assert [entry.value for entry in many] == [1, -2, True, "012", "小学"]


def test_decimals_keep_the_digits_that_were_written() -> None:
    share = root_of(TEXT.encode()).at("items[0].share")

    assert repr(Decimal("0.50")) == repr(share.value)
    assert share.text == "0.50"


@pytest.mark.parametrize(
    ("path", "line", "key_line"),
    [
        ("id", 1, 1),
        ("items", 2, 2),
        ("items[1]", 6, 6),
        ("items[1].title", 7, 7),
        ("items[0].many[4]", 5, 5),
        ("items[1].title.zh", 8, 8),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_value_knows_its_line(path: str, line: int, key_line: int, ending: str) -> None:
    node = root_of(TEXT.replace("\n", ending).encode()).at(path)

    assert (line, key_line) == (node.line, node.key_line)


def test_long_texts_are_folded() -> None:
    assert root_of(TEXT.encode()).at("items[1].title.zh").value == "第一行 第二行"


def test_a_byte_order_mark_is_no_content() -> None:
    assert root_of(b"\xef\xbb\xbfid: a\n").at("id").value == "a"


def test_a_path_that_leads_nowhere_ends_at_the_last_value_there_is() -> None:
    node = root_of(TEXT.encode())

    assert node.at("items[0].source.part") is node.at("items[0]")
    assert node.at("items[9]") is node.at("items")


def test_untyped_values_stay_text() -> None:
    node = root_of("a: yes\nb: 012\nc: true\nd: 2024-02-30\ne:\nf: 政府\u200b\n".encode(), typed=False)

    assert [node.at(key).value for key in "abcdef"] == ["yes", "012", "true", "2024-02-30", "", "政府\u200b"]


@pytest.mark.parametrize("text", ["a: *b\n", "a: !!python/name:os.system x\n", "a: 1\na: 2\n", "a: \x07\n"])
def test_untyped_files_are_read_as_safely(text: str) -> None:
    assert read_yaml(text.encode(), "a.yaml", typed=False)[1]


@pytest.mark.parametrize("content", [TEXT.encode("utf-16"), TEXT.encode("gb18030"), b"\xff", b"a: \x00"])
def test_what_is_not_utf8_is_not_read(content: bytes) -> None:
    node, errors = read_yaml(content, "a.yaml")

    assert node is None
    assert len(errors) == 1

"""What people typed into a report: kept by a later run, or refused with the place; nothing is lost."""

import copy
from pathlib import Path
from typing import Any

import docx
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.reporting.word import read_places

pytestmark = pytest.mark.usefixtures("blank_pictures")

FAILING = be.evaluate(be.example("failing"))
PASSING = be.evaluate(be.example("passing"))
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def control(word: Any, key: str) -> Any:
    """Return the marked place of a key."""
    for tag in word.element.body.iter(f"{W}tag"):
        if tag.get(f"{W}val").startswith(f"balancedu:{key}:"):
            return tag.getparent().getparent()
    raise KeyError(key)


def typed(path: Path, **texts: str) -> None:
    """Type texts into marked places; a key has `_` for its point."""
    word = docx.Document(str(path))
    for key, text in texts.items():
        content = control(word, key.replace("_", ".")).find(f"{W}sdtContent")
        first, *rest = text.split("\n")
        content.find(f"{W}p").find(f"{W}r").find(f"{W}t").text = first
        for line in rest:
            more = copy.deepcopy(content.find(f"{W}p"))
            more.find(f"{W}r").find(f"{W}t").text = line
            content.append(more)
    word.save(str(path))


def body(path: Path) -> str:
    return "\n".join(node.text or "" for node in docx.Document(str(path)).element.body.iter(f"{W}t"))


def test_what_was_typed_is_in_the_next_report_with_the_new_figures(tmp_path: Path) -> None:
    old, new, third = (tmp_path / f"{n}.docx" for n in (1, 2, 3))
    be.write_report(FAILING, old)
    assert not any(place.typed for place in read_places(old).values())
    typed(old, overview="安和县位于某省。\n2013年通过基本均衡认定。", R1_practice="坚持逢进必考。")

    kept = be.write_report(PASSING, new, update=old)

    assert len(kept) == 2
    assert "区域概况、创建历程和所获荣誉" in kept
    text = body(new)
    for words in ("安和县位于某省。", "2013年通过基本均衡认定。", "坚持逢进必考。"):
        assert words in text
    assert "【待填写：区域概况" not in text
    assert "【待填写：主要做法及成效】" in text
    assert "大班额：" not in text
    be.write_report(FAILING, third, update=new)
    assert "坚持逢进必考。" in body(third)


def test_a_text_without_a_place_comes_at_the_end(tmp_path: Path) -> None:
    old, new = tmp_path / "old.docx", tmp_path / "new.docx"
    be.write_report(FAILING, old, kind="implementation")
    typed(old, principles="以办人民满意教育为宗旨。")
    be.write_report(FAILING, new, kind="rectification", update=old)
    text = body(new)
    assert text.index("原材料中保留的文字") < text.index("以办人民满意教育为宗旨。")
    assert read_places(new)["principles"].typed


def test_what_cannot_be_read_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    new = tmp_path / "new.docx"
    for name, content, message in (
        ("text.docx", b"no document", "text.docx”不是Word文档"),
        ("torn.docx", None, "torn.docx”已损坏，无法读取"),
    ):
        old = tmp_path / name
        if content is None:
            be.write_report(FAILING, old, kind="brief")
            whole = old.read_bytes()
            # A damaged part in a sound directory.
            damaged = whole.replace(b"PK\x03\x04", b"PK\x03\x05", 3)
        else:
            damaged = content
        old.write_bytes(damaged)
        with be.options.using("zh"), pytest.raises(be.RequestError, match=message):
            be.write_report(FAILING, new, update=old)
        assert old.read_bytes() == damaged
    docx.Document().save(str(tmp_path / "plain.docx"))
    with be.options.using("zh"), pytest.raises(be.RequestError, match="没有可以识别的填写位置"):
        be.write_report(FAILING, new, update=tmp_path / "plain.docx")
    with pytest.raises(FileNotFoundError):
        be.write_report(FAILING, new, update=tmp_path / "none.docx")
    with pytest.raises(be.RequestError, match=r"only a \.docx report"):
        be.write_report(FAILING, tmp_path / "new.html", update=tmp_path / "plain.docx")
    assert not new.exists()


def test_a_picture_in_a_place_is_refused_with_the_place(tmp_path: Path) -> None:
    old, new = tmp_path / "old.docx", tmp_path / "new.docx"
    be.write_report(FAILING, old)
    word = docx.Document(str(old))
    content = control(word, "G1.practice").find(f"{W}sdtContent")
    word.add_picture("docs/images/plan.png")
    content.append(word.paragraphs[-1]._p)
    word.save(str(old))
    before = old.read_bytes()
    with be.options.using("zh"), pytest.raises(be.RequestError, match=r"“主要做法及成效：.*”中有图片"):
        be.write_report(FAILING, new, update=old)
    assert not new.exists()
    assert old.read_bytes() == before


def test_the_command_tells_what_it_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.docx", tmp_path / "new.docx"
    be.write_report(FAILING, old, kind="implementation")
    typed(old, goals="2027年通过国家认定。")
    command = ["report", "docs/examples/failing", "--kind", "实施方案", "--update", str(old), "-o", str(new)]
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == [str(new), "保留旧材料中填写的文字1处 总体目标"]
    assert main(command) == 2


def test_each_place_stands_below_its_heading(tmp_path: Path) -> None:
    be.write_report(FAILING, tmp_path / "r.docx")
    body_element = docx.Document(str(tmp_path / "r.docx")).element.body
    assert body_element[-1].tag == f"{W}sectPr"
    texts = ["".join(node.text or "" for node in child.iter(f"{W}t")) for child in body_element]
    overview = next(n for n, text in enumerate(texts) if text.startswith("【待填写：区域概况"))
    assert texts.index("一、基本情况") < overview < texts.index("二、自查自评情况")

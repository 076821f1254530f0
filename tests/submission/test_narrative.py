"""What a county writes in words: in Python, in files, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import write_book

import balancedu as be

SCHOOLS = {"school": ["1"], "type": ["小学"]}
TWO = {"county": ["甲县", "乙县"], "school": ["1", "1"], "type": ["小学", "小学"]}
BOTH = {"甲县": {"overview": "甲县在西部"}, "乙县": {"G5.office": "基教科"}}


def test_it_belongs_to_the_one_county_or_to_each() -> None:
    one = be.Submission(SCHOOLS, narrative={"overview": "本县", "R4.measure": "扩建"})
    assert one.narrative == {"overview": "本县", "R4.measure": "扩建"}
    assert one.only("county").narrative == one.judged.narrative == one.narrative
    two = be.Submission(TWO, narrative=BOTH)
    assert two.narrative_of("乙县") == {"G5.office": "基教科"}
    assert two.only("甲县").narrative == {"overview": "甲县在西部"}
    assert be.evaluate(two)["甲县"].submission.narrative == {"overview": "甲县在西部"}
    assert two.changed(schools=TWO).texts == two.texts
    with pytest.raises(be.RequestError, match=r"use narrative_of"):
        _ = two.narrative


def test_it_is_content_and_goes_through_json() -> None:
    plain, told = be.Submission(TWO), be.Submission(TWO, narrative=BOTH)
    assert plain != told
    written = be.evaluate(told).to_dict()["submission"]
    assert written["narrative"] == {"甲县": {"overview": "甲县在西部"}, "乙县": {"G5.office": "基教科"}}
    assert be.Submission(**written) == told
    assert "narrative" not in be.evaluate(plain).to_dict()["submission"]


@pytest.mark.parametrize(
    ("narrative", "message"),
    [
        ({"G5.ofice": "x"}, r"no key of the narrative 'G5.ofice'; did you mean 'G5.office'"),
        ({"丙县": {"overview": "x"}}, "no county '丙县'"),
        ({"overview": "x", "甲县": {"overview": "x"}}, "with several counties, of county to such mappings"),
    ],
)
def test_unknown_keys_and_counties_are_refused(narrative: object, message: str) -> None:
    with pytest.raises((be.UnknownNameError, be.RequestError), match=message):
        be.Submission(SCHOOLS if "G5.ofice" in str(narrative) else TWO, narrative=narrative)  # type: ignore[arg-type]


def test_a_sheet_has_a_row_for_each_item(tmp_path: Path) -> None:
    text = """
[学校]
学校标识 | 学校类型
'1       | 小学
[文字材料]
清源区文字材料
标识     | 条目 | 内容 | 主要做法及成效 | 责任单位 | 完成时限
key      | title | text | practice | office | deadline
overview | 概况 | 清源区在东部 | | |
G5       | 班额 | | 新建3所 | 基教科 | 2026-09-01
"""
    sub = be.read_submission(write_book(text, tmp_path / "county.xlsx"))
    assert sub.narrative == {
        "overview": "清源区在东部",
        "G5.practice": "新建3所",
        "G5.office": "基教科",
        "G5.deadline": "2026-09-01",
    }


def test_a_file_and_a_frame_have_keys_in_full(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("county,school,type\n甲县,1,小学\n", encoding="utf-8")
    (tmp_path / "narrative.csv").write_text('key,text\noverview,"一\n二"\nG5.office,基教科\n', encoding="utf-8")
    assert be.read_submission(tmp_path).narrative == {"overview": "一\n二", "G5.office": "基教科"}
    frames = {"schools": TWO, "narrative": [{"county": "乙县", "key": "G5.office", "text": "基教科"}]}
    assert be.read_submission(frames).texts == {("乙县", "G5.office"): "基教科"}


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("county,school,type\n甲县,1,小学\n乙县,1,小学\n", encoding="utf-8")
    rows = "甲县,总体,x,\n甲县,G55,,x\n甲县,overview,,x\n丁县,overview,x,\n,goals,x,\n甲县,G5,,x\n甲县,G5,,y\n"
    (tmp_path / "narrative.csv").write_text(f"county,key,text,office\n{rows}", encoding="utf-8")
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(tmp_path)
    assert [error.text("zh") for error in caught.value.errors] == [
        "narrative.csv:2：没有标识为“总体”的条目；标识照模板填写",
        "narrative.csv:3：没有标识为“G55”的条目，是否应为“G5”？标识照模板填写",
        "narrative.csv:4：“overview”没有“责任单位”这一栏；请写在同一行的其他栏",
        "narrative.csv:5：没有县“丁县”；请与其他表的“县”写法一致",
        "narrative.csv:6：没有写明是哪个县；请与其他表的“县”写法一致",
        "narrative.csv:8：“G5.office”填了两次；请只保留一处",
    ]


def test_a_sheet_without_headers_is_named(tmp_path: Path) -> None:
    text = "[学校]\n学校标识 | 学校类型\n'1 | 小学\n[文字材料]\n清源区在东部\n"
    with pytest.raises(be.DataErrors, match=r"文字材料.*no header is known; write the headers of the template"):
        be.read_submission(write_book(text, tmp_path / "county.xlsx"))

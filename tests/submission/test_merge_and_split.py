"""Workbooks of schools and counties are joined to one, and one is split into many to fill in again."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import openpyxl
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.files.coverage import expected_schools
from balancedu.files.write import split_counties, split_schools

FAILING = be.example("failing")
SCHOOLS = {"school": ["1", "2", "2b"], "name": ["甲小学", "乙小学", "乙小学东校区"], "type": ["小学"] * 3}
COUNTY = be.Submission(
    {**SCHOOLS, "parent": ["", "", "2"], "pupils_primary": [400, 300, 90]},
    {"school": ["1", "1", "2"], "stage": ["小学"] * 3, "grade": ["1", "2", "1"], "pupils": [40, 41, 42]},
    {"school": ["2"], "use": ["music"], "area": [96]},
)


def fill_in(path: Path) -> None:
    """Write last year's figures into the empty cells beside them."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:-1]:
        for row in sheet.iter_rows(min_row=3):
            for cell, right in itertools.pairwise(row):
                if sheet.cell(1, right.column).value == "上年数（供参考）":
                    assert cell.value is None
                    cell.value = right.value
    book.save(path)


def test_each_school_gets_its_rows_with_last_years_figures(tmp_path: Path) -> None:
    paths = split_schools(COUNTY, tmp_path / "学校")
    assert [path.name for path in paths] == ["甲小学.xlsx", "乙小学.xlsx"]
    book = openpyxl.load_workbook(paths[1])
    assert book.sheetnames == ["说明", "学校", "班级", "专用教室", "选项"]
    schools = [[cell.value for cell in row] for row in book["学校"].iter_rows(min_row=2)]
    pupils = schools[0].index("pupils_primary")
    assert [(row[1], row[2], row[pupils], row[pupils + 1]) for row in schools[1:]] == [
        ("2", "乙小学", None, 300),
        ("2b", "乙小学东校区", None, 90),
    ]
    assert book["学校"].cell(1, pupils + 2).value == "上年数（供参考）"
    assert [cell.value for cell in book["班级"][3]][1:5:2] == ["2", "小学"]


@pytest.mark.parametrize("submission", [FAILING, COUNTY], ids=["example", "campuses"])
def test_what_was_split_and_filled_in_is_joined_again(submission: be.Submission, tmp_path: Path) -> None:
    for path in split_schools(submission, tmp_path / "schools"):
        fill_in(path)
    assert main(["merge", str(tmp_path / "schools"), "-o", str(tmp_path / "county.xlsx")]) == 0
    again = be.read_submission(tmp_path / "county.xlsx")
    without_county = {name: submission.columns(name) for name in ("schools", "classes", "rooms")}
    assert again == be.Submission(**without_county)  # type: ignore[arg-type]


def test_counties_are_split_and_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schools = {"county": ["a", "b"], "school": ["1", "1"], "name": ["甲小学", "甲小学"], "type": ["小学"] * 2}
    city = be.Submission(schools, facts={"a": {"county_name": "甲县"}}, narrative={"b": {"goals": "x"}})
    be.write_submission(city, tmp_path / "city.xlsx")
    assert main(["split", str(tmp_path / "city.xlsx"), "-o", str(tmp_path / "counties")]) == 0
    assert sorted(path.name for path in (tmp_path / "counties").iterdir()) == ["b.xlsx", "甲县.xlsx"]
    capsys.readouterr()
    paths = [str(path) for path in (tmp_path / "counties").iterdir()]
    assert main(["merge", *paths, "-o", str(tmp_path / "again.xlsx")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:3] == [
        "没有发现错误：学校2行，班级0行，专用教室0行，质量监测0行，县级填报项1行",
        "b.xlsx：学校1行",
        "甲县.xlsx：学校1行，县级填报项1行",
    ]
    assert be.read_submission(tmp_path / "again.xlsx") == city
    with pytest.raises(be.RequestError, match="exists already"):
        split_counties(city, tmp_path / "counties")


def test_schools_that_sent_nothing_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in split_schools(COUNTY, tmp_path / "schools"):
        fill_in(path)
    (tmp_path / "schools" / "甲小学.xlsx").unlink()
    (tmp_path / "list.csv").write_text("2024年学校名单\n学校名称,类型\n甲小学,小学\n乙小学,小学\n", encoding="gb18030")
    merge = [
        "merge",
        str(tmp_path / "schools"),
        "-o",
        str(tmp_path / "out.xlsx"),
        "--expect",
        str(tmp_path / "list.csv"),
    ]
    assert main(merge) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[out.index("名单上有1所学校没有报：") + 1] == "  甲小学"
    assert main(["check", str(tmp_path / "out.xlsx"), "--expect", str(tmp_path / "list.csv"), "--lang", "en"]) == 0
    assert "1 of the schools expected sent nothing:\n  甲小学\n" in capsys.readouterr().out
    be.write_submission(COUNTY, tmp_path / "last.xlsx")
    assert main(["check", str(tmp_path / "out.xlsx"), "--expect", str(tmp_path / "last.xlsx"), "--strict"]) == 1
    assert "  甲小学 (1)" in capsys.readouterr().out


def test_a_list_without_schools_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("乡镇,人数\n东镇,5\n", encoding="utf-8")
    with pytest.raises(be.DataErrors, match="no list of schools was found; give it a column of ids"):
        expected_schools(tmp_path / "list.csv", be.load_standard())


def test_a_school_that_stands_in_two_workbooks_is_refused_with_both(tmp_path: Path) -> None:
    for path in split_schools(COUNTY, tmp_path / "schools"):
        fill_in(path)
    shutil.copy(tmp_path / "schools" / "甲小学.xlsx", tmp_path / "schools" / "甲小学 (2).xlsx")
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(tmp_path / "schools")
    assert "甲小学 (2).xlsx" in str(caught.value)
    assert "甲小学.xlsx" in str(caught.value)
    assert main(["merge", str(tmp_path / "schools"), "-o", str(tmp_path / "out.xlsx")]) == 2
    assert not (tmp_path / "out.xlsx").exists()


def test_files_of_the_same_name_get_the_id(tmp_path: Path) -> None:
    schools = {"school": ["1", "2", "3"], "name": ["中心小学", "中心小学", "a/b:c"], "type": ["小学"] * 3}
    paths = split_schools(be.Submission(schools), tmp_path / "x" / "y")
    assert [path.name for path in paths] == ["中心小学-1.xlsx", "中心小学-2.xlsx", "a_b_c.xlsx"]
    (tmp_path / "file").write_text("")
    with pytest.raises(be.RequestError, match="wanted a folder"):
        split_schools(be.Submission(schools), tmp_path / "file")


def test_the_workbook_of_last_year_lists_the_schools_that_are_expected(tmp_path: Path) -> None:
    """Its cover, its drop-downs and its classes name no further schools, and neither does a total."""
    be.write_submission(FAILING, tmp_path / "last.xlsx")
    book = openpyxl.load_workbook(tmp_path / "last.xlsx")
    book["学校"].append([None, None, "合计"])
    book.save(tmp_path / "last.xlsx")

    expected = expected_schools(tmp_path / "last.xlsx", FAILING.standard)
    assert sorted(school.school for school in expected) == sorted(FAILING.columns("schools")["school"].tolist())

"""Notices, the page for the leaders, the implementation plan, and results as tables."""

from pathlib import Path

import docx
import openpyxl
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.reporting.html import html_of
from balancedu.reporting.problems import problems
from balancedu.reporting.reports import report_document

FAILING = be.evaluate(be.example("failing"))
PASSING = be.evaluate(be.example("passing"))


def text(path: Path) -> str:
    word = docx.Document(str(path))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])


def test_each_school_has_its_page_or_its_file(tmp_path: Path) -> None:
    be.write_notices(FAILING, tmp_path / "all.docx", lang="zh")
    (tmp_path / "folder").mkdir()
    files = be.write_notices(FAILING, tmp_path / "folder", lang="zh")

    whole = text(tmp_path / "all.docx")
    assert len(files) == len(set(FAILING.sections["school"].tolist()))
    for file in files:
        assert file.stem in whole
    page = text(tmp_path / "folder" / "安和县第三小学.docx")
    assert "生均教学及辅助用房面积低于标准的85%：安和县第三小学3.78平方米（标准4.5平方米），还需增加627平方米" in page
    assert "8/8" in page
    assert "第二小学3年级" not in page


def test_notices_refuse_what_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(be.RequestError, match="no notice for a school 'x'"):
        be.write_notices(FAILING, tmp_path / "all.docx", schools=["x"])
    with pytest.raises(be.RequestError, match=r"end in \.docx"):
        be.write_notices(FAILING, tmp_path / "all.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_command_takes_schools_by_name(tmp_path: Path) -> None:
    out = tmp_path / "one.docx"
    assert main(["notices", "docs/examples/failing", "-o", str(out), "--school", "安和县第三小学"]) == 0
    assert "安和县第一小学" not in text(out)


def test_the_brief_is_one_page_however_much_there_is_to_say() -> None:
    weasyprint = pytest.importorskip("weasyprint")
    count = 40
    schools = {
        "school": [str(n) for n in range(count)],
        "name": [f"清源区柳林镇第{n}中心小学（东校区）" for n in range(count)],
        "type": ["小学"] * count,
        "pupils_primary": [2100 + n for n in range(count)],
        **{name: [10] * count for name in ("degree_teachers_primary", "backbone_teachers_primary")},
    }
    for evaluation in (FAILING, be.evaluate(be.Submission(schools=schools))):
        document = report_document(evaluation, "brief", "zh")
        assert len(weasyprint.HTML(string=html_of(document)).render().pages) == 1


@pytest.mark.parametrize("kind", ["brief", "implementation"])
def test_plans_state_problems_and_amounts(kind: str) -> None:
    result = "".join(report_document(FAILING, kind, "zh").text(500).split())  # type: ignore[arg-type]
    for problem in problems(FAILING):
        # A goal is to solve what is wrong, and to report what is missing.
        words = problem.measure if problem.verdict is be.Verdict.UNKNOWN else problem.kind
        assert words.zh.replace(" ", "") in result or kind == "brief"
    if kind == "brief":
        assert "8项未达标" in result
        assert "大校额学校1所，大班额1个；已可测算的资金缺口11.86万元" in result
    else:
        assert "安和县第三小学还需增加627平方米" in result
        assert "一、指导思想" in result
    assert "未达标" not in report_document(PASSING, "brief", "zh").blocks[0].text  # type: ignore[union-attr]


def test_results_are_written_as_tables(tmp_path: Path) -> None:
    for command in (["shortfalls"], ["margins"], ["gaps"], ["drivers", "R6", "primary"]):
        for ending in (".xlsx", ".docx"):
            out = tmp_path / f"{command[0]}{ending}"
            assert main([*command, "docs/examples/failing", "-o", str(out)]) == 0
            assert main([*command, "docs/examples/failing", "-o", str(out)]) == 2
    sheets = openpyxl.load_workbook(tmp_path / "shortfalls.xlsx")
    cells = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert "627平方米" in cells
    assert "627平方米" in text(tmp_path / "shortfalls.docx")
    [sheet] = openpyxl.load_workbook(tmp_path / "drivers.xlsx")
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    assert rows["学校"][:4] == ("学校", "指标值", "对差异的贡献率", "剔除该校后的差异系数")
    assert rows["安和县明德学校小学部"][1::2] == (7056.93, 0.115)
    rows = openpyxl.load_workbook(tmp_path / "gaps.xlsx").worksheets[0].iter_rows(values_only=True)
    assert any(str(row[0]).startswith("课程与教学秩序") and row[2] == 1 for row in rows)
    with pytest.raises(be.RequestError, match=r"ends in \.xlsx or \.docx"):
        be.write_result(be.shortfalls(FAILING), tmp_path / "x.csv")

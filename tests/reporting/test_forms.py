"""The official tables: what the form asks for, numbers as numbers, and no text that becomes a formula."""

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.reporting.forms import filled_forms

from .hostile import COUNTY, NAMES, hostile

FAILING = be.evaluate(be.read_submission("docs/examples/failing"))
PASSING = be.evaluate(be.example("passing"))


def written(evaluation: be.Evaluation, folder: Path, lang: Any = "zh") -> Any:
    path = folder / "declaration.xlsx"
    be.write_forms(evaluation, path, lang=lang, replace=True)
    return openpyxl.load_workbook(path)


def table(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


def test_the_workbook_holds_the_six_tables(tmp_path: Path) -> None:
    book = written(PASSING, tmp_path)
    assert book.sheetnames == ["表Ⅱ-1", "表Ⅱ-2", "表Ⅲ", "表Ⅳ", "表Ⅴ", "表Ⅵ"]
    sections = table(book["表Ⅱ-2"])
    assert len(sections) == 1 + len(PASSING.section_verdicts)
    assert [row[1] for row in table(book["表Ⅱ-1"])[1:]][-1] == "综合"
    assert {row[0] for row in table(book["表Ⅳ"])[1:] if row[0]} == {f"G{n}" for n in range(1, 16)}
    assert {row[0] for row in table(book["表Ⅴ"])[1:]} >= {f"Q{n}" for n in range(1, 10)}
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$3"


def test_cells_are_the_numbers_of_the_evaluation(tmp_path: Path) -> None:
    book = written(FAILING, tmp_path)
    for n, row in enumerate(list(book["表Ⅱ-2"].iter_rows(min_row=4))):
        for k in range(7):
            value = FAILING.values[n, k]
            shown = row[7 + k].value
            assert shown == "待定" if np.isnan(value) else shown == pytest.approx(value, rel=1e-15)
            assert row[7 + k].number_format in ("0.00", "General")
    spread = list(book["表Ⅲ"].iter_rows(min_row=4))
    assert spread[5][3].value == pytest.approx(FAILING.cv[0, 0, 5])
    assert spread[5][3].number_format == "0.000"
    assert spread[5][8].value == "未达标"
    assert spread[6][6].value == "待定"
    shares = {row[2].value: row[3] for row in book["表Ⅳ"].iter_rows(min_row=4)}
    assert shares["专任教师持证上岗率"].value == pytest.approx(2518 / 2519)
    assert shares["专任教师持证上岗率"].number_format == "0.0%"
    assert shares["小学超过规定人数的班级数"].value == 1
    assert [row[4].value for row in book["表Ⅳ"].iter_rows(min_row=4) if row[0].value == "G12"] == ["未达标"]


@pytest.mark.parametrize("example", ["passing", "failing"])
def test_every_count_is_that_of_the_finding(example: Any) -> None:
    ev = be.evaluate(be.example(example))
    counted = 0
    for filled in filled_forms(ev):
        for block in filled.blocks:
            figures = [figure for one in block.block.items for figure in one.figures]
            for figure, row in zip(figures, block.rows if figures else (), strict=True):
                if figure.check:
                    counted += 1
                    assert row[3].value in _counts(ev, figure), figure
    assert counted == 16


def _counts(ev: be.Evaluation, figure: Any) -> tuple[Any, ...]:
    """Return what may be printed as the count of some cases, counted in the finding and in what was submitted."""
    check = next(one for finding in ev.items.values() for one in finding.checks if one.id == figure.check)
    told = [case.verdict for case in check.cases if figure.stage in (None, case.stage)]
    failing, unknown = told.count(be.Verdict.NOT_MET), told.count(be.Verdict.UNKNOWN)
    total = check.total
    if figure.stage is not None:
        total = int((ev.submission.tables["classes"].choices("stage") == ev.stages.index(figure.stage)).sum())
    count = {"all": total, "not_met": failing, "met": total - failing - unknown}[figure.cases]
    if unknown and figure.cases != "all":
        return (f"{count}（另{unknown}个待定）",)
    return (count,) if total else ("没有",)


def test_schools_that_an_item_does_not_concern_are_not_counted(tmp_path: Path) -> None:
    schools = {
        "school": ["1", "2", "3"],
        "type": ["小学", "教学点", "特殊教育学校"],
        "pupils_primary": [2001, 60, 40],
        "public_funds_budget": [1, 100_000, 1],
        "classes_primary": [1, 1, 1],
    }
    rooms = {"school": ["1", "1"], "use": ["music", "art"], "area": [96, 90]}
    facts = {"funds_per_pupil_primary": 650}
    ev = be.evaluate(be.Submission(schools, rooms=rooms, facts=facts))
    told = {row[2]: row[3] for row in table(written(ev, tmp_path)["表Ⅳ"])}

    assert ev.items["G6"].decisive.total == told["人数不足的学校（教学点）数"] == 1
    assert told["按规定核定公用经费的学校数"] == 1
    assert ev.items["G3"].decisive.total == told["应配备专用教室的学校数"]
    assert told["音乐专用教室达标的学校数"] == told["美术专用教室达标的学校数"] == 1
    assert (told["学校数"], told["规模超过规定的学校数"]) == (ev.items["G4"].decisive.total, 1)


def test_the_remark_names_what_is_met_and_what_is_at_the_floor(tmp_path: Path) -> None:
    remarks = {row[1]: row[-1] for row in table(written(FAILING, tmp_path)["表Ⅱ-2"])}
    assert remarks["安和县柳河镇中心小学"] == "达到标准：R1、R2、R3、R4、R7；达到标准的85%：R5、R6"
    assert remarks["安和县第三小学"].endswith("低于标准的85%：R4")
    assert remarks["安和县柳河镇初级中学"].endswith("待定：R7")


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    empty = be.evaluate(be.Submission(schools={"school": ["1"], "type": ["小学"]}))
    book = written(empty, tmp_path)
    numbers = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows(min_row=4)
        for cell in row
        if isinstance(cell.value, int | float)
    ]
    # Only what is known: one section, its number in the list, the schools to look at, and the limits of the law.
    assert set(numbers) <= {0, 1, 0.5, 0.45}
    assert "待定" in {row[4] for row in table(book["表Ⅳ"])}
    assert [row[4:6] for row in table(book["表Ⅲ"])[1:3]] == [[0.5, "–"]] * 2


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "declaration.xlsx"
    be.write_forms(be.evaluate(hostile()), path)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink]
    texts = {cell.value for cell in cells}
    assert set(NAMES) <= texts
    assert any(COUNTY in str(text) for text in texts)
    quoted = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]
    assert quoted
    assert all(cell.quotePrefix for cell in quoted)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >]", archive.read(name)), name


def test_english_and_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [cell.value for cell in written(FAILING, tmp_path, "en")["表Ⅱ-2"][3]][1] == "school"
    out = tmp_path / "form.xlsx"
    assert main(["forms", "docs/examples/failing", "-o", str(out)]) == 0
    assert out.is_file()
    assert main(["forms", "docs/examples/failing", "-o", str(tmp_path / "form.xls")]) == 2
    assert "workbooks are written as .xlsx" in capsys.readouterr().err


def test_one_county_and_a_standard_with_forms() -> None:
    with pytest.raises(ValueError, match="county by county"):
        filled_forms(be.evaluate(hostile(("a", "b"))))


def test_without_the_library_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(be.MissingExtraError, match=r"balancedu\[all\]"):
        be.write_forms(FAILING, tmp_path / "x.xlsx")


def test_a_share_that_may_be_left_out_is_not_unknown(tmp_path: Path) -> None:
    facts = {"survey_valid": 100, "survey_satisfied": 90}
    ev = be.evaluate(be.Submission({"school": ["1"], "type": ["小学"]}, facts=facts))
    told = {row[2]: row[3:5] for row in table(written(ev, tmp_path)["表Ⅵ"])}

    assert ev.items["S1"].verdict is be.Verdict.MET
    assert told["实地走访满意率"][0] == "–"
    assert told["有效问卷数（份）"][0] == 100
    unknown = be.evaluate(be.Submission({"school": ["1"], "type": ["小学"]}))
    told = {row[2]: row[3:5] for row in table(written(unknown, tmp_path)["表Ⅵ"])}
    assert told["社会认可度"][0] == "待定"

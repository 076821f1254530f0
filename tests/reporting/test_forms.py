"""The application form: laid out as the form is, numbers at its decimals, empty cells listed, texts never formulas."""

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
from balancedu.core.fields import EntryId, Impossible, MeasureId, Source, Title
from balancedu.core.forms import Blank, FormColumn, FormFigure, FormHeading, FormSheet, ItemRow
from balancedu.reporting.forms import filled_forms

from .hostile import NAMES, hostile

FAILING = be.evaluate(be.example("failing"))
PASSING = be.evaluate(be.example("passing"))
TABLES = ["表Ⅰ", "表Ⅱ-1", "表Ⅱ-2", "表Ⅲ", "表Ⅳ", "表Ⅴ", "表Ⅵ"]
SCHOOL = {"school": ["1"], "type": ["小学"]}


def written(evaluation: be.Evaluation, folder: Path, lang: Any = "zh") -> Any:
    path = folder / "declaration.xlsx"
    be.write_forms(evaluation, path, lang=lang, replace=True)
    return openpyxl.load_workbook(path)


def rows(sheet: Any, first: int, last: int | None = None) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(min_row=first, max_row=last, values_only=True)]


def merged(sheet: Any) -> set[str]:
    return {str(area) for area in sheet.merged_cells.ranges}


def test_the_workbook_holds_a_cover_the_seven_tables_and_a_list(tmp_path: Path) -> None:
    book = written(PASSING, tmp_path)

    assert book.sheetnames == ["封面", *TABLES, "空格清单"]
    cover = [row[0] for row in rows(book["封面"], 1) if row[0]]
    assert cover[:2] == ["全国义务教育优质均衡发展县（市、区）申报表", "县（市、区）：清源区"]
    assert any("本软件自拟" in line for line in cover)
    for name in TABLES:
        setup = book[name].page_setup
        assert (setup.paperSize, setup.orientation) == (9, "landscape"), name
        assert book[name].sheet_properties.pageSetUpPr.fitToPage, name
    assert {name: book[name].page_setup.fitToHeight for name in TABLES} == dict.fromkeys(TABLES) | {
        "表Ⅱ-2": 0,
        "表Ⅳ": 0,
    }
    assert [entry.id for entry in book["表Ⅳ"].row_breaks.brk] == [10]
    assert book["表Ⅳ"].print_title_rows == "$2:$2"
    assert book["表Ⅱ-2"].print_title_rows == "$1:$3"
    # Conclusions in words are the county's: the form has no sentence for them.
    items = ["G1", "G2", "G3", "G10", *(f"Q{n}" for n in range(3, 9))]
    names = [PASSING.standard.items[item].name.zh for item in items]
    assert [row[1] for row in rows(book["空格清单"], 2)] == [f"{name}：简要结论（由县填写）" for name in names]


def test_table_one(tmp_path: Path) -> None:
    sheet = written(PASSING, tmp_path)["表Ⅰ"]

    assert sheet["A1"].value == "表Ⅰ 义务教育优质均衡发展县（市、区）基本情况"
    assert {"A1:X1", "A2:D2", "N2:N4", "U3:V3", "A3:A4", "A7:X7"} <= merged(sheet)
    assert rows(sheet, 5, 5)[0] == [f"L{n}" for n in range(1, 25)]
    figures = rows(sheet, 6, 6)[0]
    schools = PASSING.submission.schools
    kinds = schools.choices("type").tolist()
    types = [choice.id for choice in PASSING.standard.measures["type"].values]
    assert figures[:2] == [41.26, 9.83]
    assert figures[8] == kinds.count(types.index("primary_school"))
    assert figures[13] == kinds.count(types.index("special_school"))
    assert figures[18] == np.nansum(schools.numbers("pupils_primary")[np.array(kinds) != types.index("special_school")])
    assert [sheet.cell(6, n).number_format for n in (1, 3)] == ["0.00", "0"]


def test_table_two_one_and_table_three(tmp_path: Path) -> None:
    book = written(PASSING, tmp_path)
    for name, labels in (("表Ⅱ-1", ("达标学校总数", "达标学校比例（%）")), ("表Ⅲ", ("全县平均值", "差异系数"))):
        sheet = book[name]
        assert {"A2:B3", "A4:A5", "A6:A7"} <= merged(sheet)
        assert [row[:2] for row in rows(sheet, 4, 7)] == [
            ["小学", labels[0]],
            [None, labels[1]],
            ["初中", labels[0]],
            [None, labels[1]],
        ]
        assert rows(sheet, 3, 3)[0][2:] == [f"L{n}" for n in range(1, 9)]
        assert sheet["J2"].value == ("综合评估" if name == "表Ⅱ-1" else "综合")
    met = (PASSING.standing[PASSING.sections["stage"] == "primary"] == 2).sum(axis=0)
    assert rows(book["表Ⅱ-1"], 4, 4)[0][2:9] == met.tolist()
    spread = book["表Ⅲ"]
    assert spread["J4"].value == spread["J6"].value == "——"
    assert spread["C5"].value == round(float(PASSING.cv[0, 0, 0]), 3)
    assert spread["J5"].value == pytest.approx(PASSING.composite[0, 0], abs=0.0005)
    assert [spread[cell].number_format for cell in ("C4", "C5")] == ["0.00", "0.000"]
    assert spread["A8"].value == "注：全县平均值保留两位小数，差异系数保留三位小数。"


def test_table_two_two_has_two_lists_and_a_counted_note(tmp_path: Path) -> None:
    sheet = written(PASSING, tmp_path)["表Ⅱ-2"]
    listed = [row for row in rows(sheet, 4) if isinstance(row[0], int | float)]

    assert [row[0] for row in listed] == [*range(1, 18), *range(1, 9)]
    assert rows(sheet, 3, 3)[0] == [*(f"L{n}" for n in range(1, 15)), None]
    assert any(row[1].endswith("（小学部）") for row in listed)
    assert any(row[1].endswith("（初中部）") for row in listed)
    assert listed[0][2] == 7
    assert listed[0][6:13] == [round(float(value), 2) for value in PASSING.values[0]]
    assert {row[13] for row in listed} == {"达标"}
    notes = [row[0] for row in rows(sheet, 4) if isinstance(row[0], str)]
    assert notes[0] == (
        "注：1.小学学校总数17所（其中：一贯制学校的小学部有1所，50人及以上教学点有0个），初中学校总数8所"
        "（其中：一贯制学校的初中部1所，完全中学的初中部1所）。"
    )
    assert len(notes) == 3


def test_the_remark_names_what_is_met_and_what_is_at_the_floor(tmp_path: Path) -> None:
    remarks = {row[1]: row[-1] for row in rows(written(FAILING, tmp_path)["表Ⅱ-2"], 4)}

    assert remarks["安和县柳河镇中心小学"] == "达标：L7、L8、L9、L10、L13；达到85%：L11、L12"
    assert remarks["安和县第三小学"].endswith("低于85%：L10")
    assert remarks["安和县柳河镇初级中学"].endswith("待定：L13")


def test_sentences_have_their_blanks_filled(tmp_path: Path) -> None:
    book = written(FAILING, tmp_path)
    items = {row[0].split(".")[0]: row for row in rows(book["表Ⅳ"], 3, 17)}

    assert len(items) == 15
    assert items["7"][0] == "7. 特殊教育学校生均公用经费不低于6000元"
    assert items["5"][1] == "超过45人的小学班级1个，超过50人的初中班级0个"
    assert items["12"][1].startswith("全县在岗专任教师2519人，其中持有教师资格证的专任教师2518人，占比100.0%")
    assert items["12"][2] == "不达标"
    assert items["14"][1].endswith("其中分配农村学校的名额＿＿人，占分配名额总数的＿＿%")
    assert items["1"][1] in (None, "")
    quality = {row[0].split(".")[0]: row for row in rows(book["表Ⅴ"], 3, 11)}
    assert "语文＿＿级、校际差异率＿＿" in quality["9"][1]
    assert "（4年级）" in quality["9"][1]
    assert quality["7"][2] in (None, "")


def test_the_small_sites_of_g6_are_added_up(tmp_path: Path) -> None:
    schools = {
        "school": ["1", "2", "3"],
        "type": ["小学", "教学点", "特殊教育学校"],
        "pupils_primary": [2001, 60, 40],
        "public_funds_budget": [1, 100_000, 1],
    }
    ev = be.evaluate(be.Submission(schools, facts={"funds_per_pupil_primary": 650}))
    items = [row[1] for row in rows(written(ev, tmp_path)["表Ⅳ"], 3, 17)]

    assert items[5] == "不足100人的规模较小学校学生数60人，公用经费100000元。"
    assert items[3] == "超过2000人的小学1所，初中0所，超过2500人的一贯制学校0所"


def test_the_small_sites_of_g6_are_those_of_a_central_school_too(tmp_path: Path) -> None:
    schools = {
        "school": ["1", "2", "3", "4"],
        "type": ["小学"] * 4,
        "parent": ["", "1", "", "1"],
        "pupils_primary": [400, 60, 30, 50],
        "public_funds_budget": [300_000, 69_999, 70_000, 60_000],
    }
    ev = be.evaluate(be.Submission(schools, facts={"funds_per_pupil_primary": 700}))

    assert rows(written(ev, tmp_path)["表Ⅳ"], 3, 17)[5][1] == "不足100人的规模较小学校学生数140人，公用经费199999元。"


def test_table_six_has_both_rows(tmp_path: Path) -> None:
    sheet = written(PASSING, tmp_path)["表Ⅵ"]

    assert {"A2:A5", "B2:D2", "C3:D3", "E2:E4"} <= merged(sheet)
    assert rows(sheet, 5, 5)[0] == [None, *(f"L{n}" for n in range(1, 8))]
    assert rows(sheet, 6, 7) == [
        ["计", 13000, 12640, 11873, 93.9, 260, 241, 92.7],
        ["其中：家长", 6500, 6322, 5970, 94.4, 120, 112, 93.3],
    ]


def test_what_is_not_reported_is_an_empty_cell_and_is_listed(tmp_path: Path) -> None:
    book = written(be.evaluate(be.Submission(SCHOOL)), tmp_path)
    listed = dict(rows(book["空格清单"], 2))

    assert book["表Ⅰ"]["A6"].value is None
    assert listed["表Ⅰ A6"] == "人口总数"
    assert listed["表Ⅵ C6"] == "有效问卷数"
    assert listed["表Ⅳ C3"] == "学校规划布局：是否达标（待定）"
    for place in listed:
        sheet, cell = place.split()
        value = book[sheet][cell].value
        assert value in (None, "") or "＿＿" in value, place


def test_a_cell_that_rounding_would_turn_has_a_note(tmp_path: Path) -> None:
    book = written(FAILING, tmp_path)
    notes = {
        (sheet.title, cell.coordinate): cell.comment.text
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }

    assert list(notes) == [("表Ⅳ", "B14")]
    assert "按四舍五入后的100%计则达标" in notes["表Ⅳ", "B14"]


def test_a_value_just_below_the_standard_has_a_note(tmp_path: Path) -> None:
    schools = SCHOOL | {"pupils_primary": [10000], "degree_teachers_primary": [419.9]}
    sheet = written(be.evaluate(be.Submission(schools)), tmp_path)["表Ⅱ-2"]

    assert sheet["G4"].value == 4.2
    assert "4.199" in sheet["G4"].comment.text


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "declaration.xlsx"
    be.write_forms(be.evaluate(hostile()), path)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert [name for name in NAMES if not any(text.startswith(name) for text in texts)] == []
    quoted = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]
    assert quoted
    assert all(cell.quotePrefix for cell in quoted)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >]", archive.read(name)), name


def test_english_and_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = written(FAILING, tmp_path, "en")
    assert book.sheetnames == ["Cover", *TABLES, "Empty cells"]
    assert "would be met" in book["表Ⅳ"]["B14"].comment.text
    out = tmp_path / "form.xlsx"
    assert main(["forms", "docs/examples/failing", "-o", str(out)]) == 0
    assert out.is_file()
    assert main(["forms", "docs/examples/failing", "-o", str(tmp_path / "form.xls")]) == 2
    assert capsys.readouterr().err


def test_one_county_and_a_standard_with_forms() -> None:
    with pytest.raises(ValueError, match="county by county"):
        filled_forms(be.evaluate(hostile(("a", "b"))))


def test_without_the_library_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(be.MissingExtraError, match=r"balancedu\[all\]"):
        be.write_forms(FAILING, tmp_path / "x.xlsx")


# What no form can mean

SOURCE, TITLE = Source("表", "一", "F"), Title("表", "table")


def test_blanks_that_nothing_fills_and_fillings_without_a_blank() -> None:
    with pytest.raises(Impossible) as caught:
        ItemRow(
            EntryId("G1"), "", "共{a}人，{b}所", {"a": Blank(fact=MeasureId("teachers")), "c": Blank(subject="语文")}
        )
    assert [(entry.field, entry.args[1]) for entry in (caught.value, *caught.value.others)] == [
        ("blanks", "nothing fills b"),
        ("blanks.c", "the text has no such blank"),
    ]


def test_a_page_that_is_too_wide() -> None:
    columns = (FormColumn(TITLE, 100, "name"), FormColumn(TITLE, 90, "remark"))
    with pytest.raises(Impossible) as caught:
        FormSheet("表", TITLE, "landscape", SOURCE, columns=columns)
    assert "190 characters wide; on A4 landscape at most 180" in caught.value.args[1]


@pytest.mark.parametrize(
    "make", [lambda: FormHeading("2A"), lambda: FormFigure("A1"), Blank, lambda: Blank(0, MeasureId("a"), 1, "b")]
)
def test_senseless_pieces(make: Any) -> None:
    with pytest.raises(Impossible):
        make()


def test_every_indicator_is_in_the_tables_of_indicators() -> None:
    forms = PASSING.standard.forms
    assert forms is not None
    for sheet in forms.sheets:
        if sheet.columns:
            listed = [column.indicator for column in sheet.columns if column.indicator]
            assert listed == list(PASSING.indicators), sheet.id
    assert [row.item for sheet in forms.sheets for row in sheet.items] == [
        item.id for part in ("guarantee", "quality") for item in PASSING.standard.parts[part].items
    ]


def test_the_form_of_the_earlier_edition_has_what_is_known_of_it(tmp_path: Path) -> None:
    schools = [
        {
            "school": f"{n}",
            "type": kind,
            "pupils_primary": pupils,
            "classes_primary": 6,
            "full_time_teachers_primary": 14,
        }
        for n, (kind, pupils) in enumerate([("小学", 200), ("九年一贯制", 300), ("十二年一贯制", 100), ("教学点", 20)])
    ]
    facts = {"population": 32.456, "staff_primary": 70}
    book = written(be.evaluate(be.Submission(schools, facts=facts, standard=be.load_standard("cn-2012"))), tmp_path)

    assert book.sheetnames == ["表Ⅰ", "表Ⅲ", "表Ⅵ", "空格清单"]
    county = book["表Ⅰ"]
    assert [cell.value for cell in county[5]][1:] == [f"L{n}" for n in range(1, 23)]
    assert {"B2:E2", "F2:I2", "J2:M2", "N2:N4", "T2:W2", "T3:U3"} <= merged(county)
    figures = {county[f"{column}5"].value: county[f"{column}6"].value for column in "BCJKLMOPRTU"}
    assert county["A6"].value == "全县总计"
    assert figures == {
        "L1": 32.46,
        "L2": None,
        "L9": 1,
        "L10": 2,
        "L11": 0,
        "L12": 0,
        "L14": 1,
        "L15": 24,
        "L17": 620,
        "L19": 70,
        "L20": 56,
    }

"""Files as LibreOffice, openpyxl, XlsxWriter and Excel in China write them: every cell, and the same county of each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

import balancedu as be
from balancedu.files.open import sheets_of
from balancedu.files.sheet import Cell, Merged, Sheet
from balancedu.files.workbooks import _may_lack_values
from balancedu.submission.problems import CellError

FILES = Path(__file__).resolve().parent.parent / "files"
sys.path.insert(0, str(FILES))
from make import CLASSES, SCHOOLS  # noqa: E402

BOOKS = ("libreoffice.xlsx", "libreoffice.ods", "libreoffice.xls", "openpyxl.xlsx")
CALCULATED = BOOKS[:3]


def sheets(name: str) -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in sheets_of(FILES / name)}


def trimmed(cells: Sequence[Cell]) -> list[Cell]:
    """Cells without the empty ones after the last; that numbers are floats is left out of account."""
    filled = [n for n, cell in enumerate(cells, 1) if cell is not None]
    return list(cells[: max(filled, default=0)])


@pytest.mark.parametrize("name", BOOKS)
def test_tables_are_as_they_were_written(name: str) -> None:
    result = sheets(name)
    schools = [trimmed(cells) for _, cells in result["学校"].rows()]

    assert list(result) == ["学校", "班级", "杂项", "旧表"]
    assert [sheet.hidden for sheet in result.values()] == [False, False, False, True]
    assert schools[0] == ["清河县义务教育学校基本情况（2023年）"]
    assert schools[1:6] == [trimmed(row) for row in SCHOOLS]
    assert [number for number, _ in result["学校"].rows()] == [1, 2, 3, 4, 5, 6, 7]
    assert [trimmed(cells) for _, cells in result["班级"].rows()] == CLASSES
    assert result["学校"].merged == (Merged(1, 0, 1, 10),)


@pytest.mark.parametrize("name", BOOKS)
def test_every_kind_of_cell(name: str) -> None:
    sheet = sheets(name)["杂项"]
    rows = dict(sheet.rows())
    cells: dict[str, list[Cell]] = {"ABCDEF"[column]: [] for column in range(6)}
    for number in range(1, 7):
        for column, cell in enumerate(cells.values()):
            cell.append(rows[number][column] if len(rows[number]) > column else None)

    assert cells["A"] == ["编号", "007", None, None, None, None]
    days = [date(2023, 9, 1), datetime(2023, 9, 1, 8, 30), time(8, 30), timedelta(hours=30)]
    assert cells["B"] == ["日期", *days, None]
    assert cells["D"][:2] == ["比例", 0.985]
    assert cells["E"] == ["文本", "0012", " 甲 & 乙 <丙>\n丁", None, True, None]
    assert cells["F"] == ["合并", "清河县", None, None, None, None]
    assert sheet.merged == (Merged(2, 5, 4, 6),)
    assert [note.zh for note in sheet.notes] == ["隐藏的行（1行）照常读入", "隐藏的列（1处）照常读入"]
    if name in CALCULATED:
        assert cells["C"] == ["公式", CellError("#DIV/0!"), CellError("#N/A"), 42, "甲乙", True]
    else:
        formulas = ("1/0", "NA()", "6*7", '"甲"&"乙"', "1=1")
        assert cells["C"][1:] == [CellError(f"a formula without its value: ={formula}") for formula in formulas]


@pytest.mark.parametrize("name", ["gbk.csv", "unicode.txt"])
def test_texts_as_excel_in_china_saves_them(name: str) -> None:
    (sheet,) = sheets_of(FILES / name)

    assert [cells for _, cells in sheet.rows()] == [
        ["" if entry is None else str(entry) for entry in row] for row in SCHOOLS
    ]
    words = {"gbk.csv": "按 GB18030 文本读入，各列以逗号分隔", "unicode.txt": "按 UTF-16 文本读入，各列以制表符分隔"}
    assert [note.zh for note in sheet.notes] == [words[name]]


@pytest.mark.parametrize("name", [*BOOKS, "gbk.csv", "unicode.txt"])
def test_the_county_is_the_same(name: str) -> None:
    submission = be.read_submission(FILES / name)

    assert submission.counties == ("990101",)
    assert submission.schools.texts("name").tolist() == [row[2] for row in SCHOOLS[1:]]
    assert np.nansum(submission.schools.numbers("pupils_primary")) == 845
    assert submission.schools.numbers("sports_ground_area").tolist() == [3780, 1580.25, 6466, 3510]
    assert len(submission.tables["classes"]) == (7 if name in BOOKS else 0)


@pytest.mark.parametrize("memory", [True, False], ids=["texts in the cells", "texts that cells share"])
@pytest.mark.parametrize("from_1904", [True, False])
def test_a_workbook_of_xlsxwriter(tmp_path: Path, memory: bool, from_1904: bool) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": memory, "date_1904": from_1904}) as book:
        page = book.add_worksheet("学校")
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        page.write_row(0, 1, ["学校标识", "开办", "人数", "公式"])
        for row in range(1, 40):
            page.write_row(row, 1, [f"{row:03d}", None, row / 10])
            page.write_datetime(row, 2, datetime(2000, 1, row % 28 + 1), day)
            page.write_formula(row, 4, "=1+1", None, "" if row == 5 else row)
        page.write_rich_string(40, 1, "清", book.add_format({"bold": True}), "河")
    (sheet,) = sheets_of(path)
    rows = dict(sheet.rows())

    assert rows[1] == [None, "学校标识", "开办", "人数", "公式"]
    assert trimmed(rows[41]) == [None, "清河"]
    for row in range(1, 40):
        formula = CellError("a formula without its value: =1+1") if row == 5 else row
        assert rows[row + 1] == [None, f"{row:03d}", date(2000, 1, row % 28 + 1), row / 10, formula]


@pytest.mark.parametrize("lacking", ["", "<v/>", "<v></v>", "<v> </v>", "<v>0</v>", "<v>0.0</v>", "<v>-0</v>"])
@pytest.mark.parametrize("formula", ["<f>A1</f>", '<f t="shared" si="0"/>', "<x:f>A1</x:f>"])
def test_a_formula_without_its_value_is_noticed_wherever_a_sheet_is_cut(formula: str, lacking: str) -> None:
    has_value = f'<row><c r="A2">{formula}<v>7</v></c></row>'.encode()
    lacks_it = f'<row><c r="A2">{formula}{lacking}</c></row>'.encode()

    assert not _may_lack_values([has_value, "<c><f>B2</f><v>安和县</v></c>".encode()])
    assert all(_may_lack_values([has_value, lacks_it[:cut], lacks_it[cut:]]) for cut in range(len(lacks_it)))

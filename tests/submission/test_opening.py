"""Files become sheets of raw cells: their contents, places and notes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

import balancedu as be
from balancedu.files.open import sheets_of
from balancedu.files.sheet import Cell, Merged, Sheet

ROWS = [["学校", "名称", "在校生数"], ["001", "清河一小", "400"]]


def cells(sheet: Sheet) -> list[list[Cell]]:
    return [row for _, row in sheet.rows()]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_encoding_and_separator_are_found_and_text(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "schools.csv"
    path.write_bytes("".join(separator.join(row) + "\r\n" for row in ROWS).encode(encoding))
    (sheet,) = sheets_of(path)

    # With commas UTF-8 is as it should be, and nothing was decided.
    name = next(name for name in ("UTF-8", "UTF-16", "GB18030") if encoding.upper().startswith(name))
    signs = {",": "commas", "\t": "tabs", ";": "semicolons"}
    assert cells(sheet) == ROWS
    result = (
        [] if "utf-8" in encoding and separator == "," else [f"{name} text, columns separated by {signs[separator]}"]
    )
    assert [note.en for note in sheet.notes] == result
    assert (sheet.file, sheet.name, sheet.place(2, 1)) == ("schools.csv", "", "schools.csv:2")


def test_rows_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text("school\n001\n", encoding="utf-8")
    (sheet,) = sheets_of(path)

    assert list(sheet.rows()) == list(sheet.rows()) == [(1, ["school"]), (2, ["001"])]


def test_a_workbook_is_read_as_written(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "学校"
    page["B3"] = "清河县学校情况"
    page.merge_cells("B3:D3")
    for column, value in enumerate(("001", 1.5, True, date(2020, 1, 2), None, "x"), 2):
        page.cell(5, column, value)
    book.create_sheet("旧").sheet_state = "hidden"
    book.save(tmp_path / "county.xlsx")
    sheet, old = sheets_of(tmp_path / "county.xlsx")

    assert (sheet.file, sheet.name, sheet.hidden) == ("county.xlsx", "学校", False)
    assert [number for number, _ in sheet.rows()] == [3, 5]
    assert cells(sheet)[1] == [None, "001", 1.5, True, date(2020, 1, 2), None, "x"]
    assert sheet.merged == (Merged(3, 1, 3, 3),)
    assert sheet.place(5, 3) == "county.xlsx 学校!D5"
    assert (old.name, old.hidden, cells(old)) == ("旧", True, [])


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(be.DataError, match=r"^county, county\.xlsx: the workbook is damaged: "):
        sheets_of(path)


def test_a_text_file_may_begin_with_the_letters_of_zip_files(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text("PK,school\n1,001\n", encoding="utf-8")
    (sheet,) = sheets_of(path)

    assert cells(sheet) == [["PK", "school"], ["1", "001"]]

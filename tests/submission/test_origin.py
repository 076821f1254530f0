"""Every value keeps where it was read: file, sheet and cell, line, or row in memory."""

from __future__ import annotations

import pytest

import balancedu as be
from balancedu.submission.tables import Place, RowPlaces, letters

SHEET = RowPlaces("county.xlsx", [3, 5], sheet="学校", columns={"school": 0, "type": 2, "pupils_primary": 27})
LONG = RowPlaces("county.xlsx", [3], {(0, "teachers"): 9}, sheet="县级填报项", columns={"teachers": 4, "rotated": 4})
SCHOOLS = {"school": ["002", "001"], "type": ["primary_school"] * 2, "pupils_primary": [120, 45]}


@pytest.mark.parametrize(
    ("origin", "row", "column", "place", "text"),
    [
        (SHEET, 1, "type", Place("county.xlsx", "学校", "C5", 5), "county.xlsx 学校!C5"),
        (SHEET, 0, "pupils_primary", Place("county.xlsx", "学校", "AB3", 3), "county.xlsx 学校!AB3"),
        (SHEET, 0, "name", Place("county.xlsx", "学校", "", 3), "county.xlsx 学校!3:3"),
        (SHEET, 7, "type", Place("county.xlsx", "学校", "", None), "county.xlsx 学校"),
        (LONG, 0, "teachers", Place("county.xlsx", "县级填报项", "E9", 9), "county.xlsx 县级填报项!E9"),
        (RowPlaces("schools.csv", [2]), 0, "type", Place("schools.csv", "", "", 2), "schools.csv:2"),
        (RowPlaces("schools.csv", [2]), 1, "type", Place("schools.csv", "", "", None), "schools.csv"),
        (RowPlaces(), 3, "type", Place("", "", "", 3), "row 3"),
        (RowPlaces(lines=[4, 6]), 1, "", Place("", "", "", 6), "row 6"),
    ],
)
def test_where_a_value_was_read(origin: RowPlaces, row: int, column: str, place: Place, text: str) -> None:
    assert origin.cell(row, column) == place
    assert str(place) == text
    assert origin.place(row, column) == text
    assert origin.place(row, column, "001") == f"{text} (001)"


def test_where_a_whole_table_was_read() -> None:
    assert [entry.title for entry in (SHEET, RowPlaces("schools.csv", [2]), RowPlaces())] == [
        "county.xlsx 学校",
        "schools.csv",
        "",
    ]


def test_columns_are_named_as_in_a_sheet() -> None:
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702, 16383)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD")
    ]


def test_a_problem_of_a_workbook_names_sheet_and_cell() -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(SCHOOLS | {"pupils_primary": [120, "O.50"]}, origins={"schools": SHEET})
    with pytest.raises(be.DataErrors) as lacking:
        be.Submission({"school": ["001"]}, origins={"schools": SHEET})

    assert [error.place for error in caught.value.errors] == ["county.xlsx 学校!AB5 (001)"]
    assert [str(error) for error in lacking.value.errors] == [
        "schools, county.xlsx 学校, type: the column is missing; every row needs one"
    ]

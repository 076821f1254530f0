"""The same rows are the same submission, or the same fault, in a text file and in a workbook."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be

HEADERS = ["学校标识", "校名", "学校类型", "小学在校生数", "教学及辅助用房面积"]
FIGURES = ("400", "300", "１２", "1,200", "300人", "0.5", "98.5%", "-3", "", "", "无")
REMARKS = ("注：截至9月", "备注：二小", "填表人：", "合计", "小计", "说明: a", "校名")
_LINE = re.compile(r"[:!A-E]([0-9]+)")
ROWS = st.tuples(
    st.sampled_from(["001", "002", "003", "", *REMARKS]),
    st.sampled_from(["一小", "二小", "", *REMARKS]),
    st.sampled_from(["小学", "小学", "教学点", "", "学校类型", "联系电话：1"]),
    st.sampled_from([*FIGURES, "小学在校生数", "填表日期：2023"]),
    st.sampled_from(FIGURES),
)


def as_text(folder: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    path = folder / "学校.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    return path


def as_workbook(folder: Path, rows: Sequence[tuple[str, ...]], numbers: bool) -> Path:
    path = folder / "county.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("学校")
        for row, cells in enumerate([HEADERS, *rows]):
            for column, cell in enumerate(cells):
                if numbers and column > 2 and cell.isascii() and cell.lstrip("-").replace(".", "").isdigit():
                    page.write_number(row, column, float(cell))
                elif cell:
                    page.write_string(row, column, cell)
    return path


def outcome(path: Path) -> tuple[object, ...]:
    """What was read, with the rows that it was read from; or every fault, with its row."""
    try:
        submission = be.read_submission(path)
    except be.DataErrors as errors:
        return tuple((_LINE.findall(error.place), error.column, error.kind) for error in errors.errors)
    schools = submission.schools
    columns = {name: repr(values.tolist()) for name, values in sorted(schools.columns.items())}
    return columns, [schools.origin.cell(int(row)).line for row in schools.rows], len(submission.warnings)


@given(st.lists(ROWS, min_size=1, max_size=6), st.booleans())
def test_rows_are_the_same_in_both(
    tmp_path_factory: pytest.TempPathFactory, rows: Sequence[tuple[str, ...]], numbers: bool
) -> None:
    folder = tmp_path_factory.mktemp("county")

    assert outcome(as_text(folder, rows)) == outcome(as_workbook(folder, rows, numbers))


@pytest.mark.parametrize("numbers", [False, True])
def test_a_row_with_a_figure_is_no_remark(tmp_path: Path, numbers: bool) -> None:
    rows = [("001", "一小", "小学", "400", ""), ("备注：二小", "", "小学", "300", ""), ("注：截至9月", "", "", "", "")]

    for path in (as_text(tmp_path, rows), as_workbook(tmp_path, rows, numbers)):
        assert sorted(be.read_submission(path).schools.numbers("pupils_primary").tolist()) == [300, 400]

"""What we read of a workbook is what was written into it, and what other readers read."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from balancedu.files.sheet import Cell
from balancedu.files.workbooks import workbook_sheets

TEXTS = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cn", "Co"]), min_size=1, max_size=8
).filter(lambda text: not text.startswith(("=", "{=", "http", "ftp", "mailto:", "internal:", "external:", "file:")))
CELLS = st.one_of(
    st.none(),
    st.sampled_from(["001", "小学", "_x0041_", "&lt;", " a ", "a\nb", "]]>", "</c>", '"', "#DIV/0!", "TRUE", "1e5"]),
    TEXTS,
    st.integers(-(10**9), 10**9).map(float),
    st.floats(-1e12, 1e12).map(lambda number: round(number, 3)),
    st.booleans(),
    st.datetimes(datetime(1905, 1, 1), datetime(2100, 1, 1)).map(lambda day: day.replace(microsecond=0)),
)
GRIDS = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=12)


def written(grid: list[list[Cell]], memory: bool) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": memory, "in_memory": True, "strings_to_urls": False}) as book:
        page, day = book.add_worksheet("学校"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for row, cells in enumerate(grid):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    page.write_datetime(row, column, cell, day)
                elif isinstance(cell, str):
                    page.write_string(row, column, cell)
                elif cell is not None:
                    page.write(row, column, cell)
    return content.getvalue()


def alike(cell: object) -> object:
    """A cell as all readers can give it: a day at midnight as a moment, numbers as floats."""
    if cell == "" or cell is None:
        return None
    if type(cell) in {int, float}:
        return float(str(cell))
    return cell if isinstance(cell, str | bool | datetime) else datetime.fromisoformat(str(cell))


def trimmed(rows: list[list[object]]) -> list[list[object]]:
    plain = [[alike(cell) for cell in cells] for cells in rows]
    for cells in plain:
        while cells and cells[-1] is None:
            cells.pop()
    return [cells for cells in plain if cells]


@pytest.mark.parametrize("memory", [True, False], ids=["texts in the cells", "texts that cells share"])
@given(GRIDS)
def test_every_cell_is_read_as_it_was_written(memory: bool, grid: list[list[Cell]]) -> None:
    content = written(grid, memory)
    (sheet,) = workbook_sheets(content, "a.xlsx")
    ours = trimmed([list(cells) for _, cells in sheet.rows()])
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    theirs = [list(cells) for cells in page.iter_rows(values_only=True)]
    fast = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)

    assert ours == trimmed([list(cells) for cells in grid])
    assert [number for number, _ in sheet.rows()] == [
        n for n, cells in enumerate(grid, 1) if any(c is not None for c in cells)
    ]
    assert ours == trimmed([list(cells) for cells in fast.to_python(skip_empty_area=False)])
    assert len(ours) == len(trimmed(theirs))

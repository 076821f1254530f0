"""A draft of mapping.yaml in which nothing is open reads the workbook, for any names of sheets and headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.core.model import Measure
from balancedu.files.suggest import open_columns

STANDARD = be.load_standard()
SCHOOLS = STANDARD.table_measures("schools")
TYPES = {"小学": ("primary",), "初中": ("junior",), "九年制": ("primary", "junior"), "教学点": ("primary",)}
FIGURES = [
    measure
    for measure in SCHOOLS.values()
    if measure.type in ("count", "number") and not measure.column.startswith("pupils_")
]
WHOLES = {"teaching_area": 9000, "public_funds_budget": 900000}
"""Figures of which others are parts."""


def wordings(measure: Measure) -> st.SearchStrategy[str]:
    """What a column of a measure is called, with its unit or without."""
    names = st.sampled_from([measure.column, measure.title.zh, measure.title.en, *measure.also])
    unit = measure.unit.zh if measure.unit else ""
    return st.tuples(names, st.sampled_from(["", f"（{unit}）"] if unit else [""])).map("".join)


@st.composite
def workbooks(draw: st.DrawFn) -> tuple[dict[str, list[list[Any]]], dict[str, dict[str, float]]]:
    """Sheets with their rows, and the figures of each school."""
    schools = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=4))
    names = [f"{n}校" for n in range(1, len(schools) + 1)]
    figures = draw(st.lists(st.sampled_from(FIGURES), max_size=5, unique_by=lambda measure: measure.column))
    pupils = [SCHOOLS["pupils_primary"], SCHOOLS["pupils_junior"]]
    known = {name: dict[str, float]() for name in names}
    columns: list[tuple[str, list[Any]]] = [
        (draw(wordings(SCHOOLS["name"])), names),
        (draw(wordings(SCHOOLS["type"])), schools),
    ]
    if draw(st.booleans()):
        columns.append((draw(wordings(SCHOOLS["school"])), [f"00{n}" for n, _ in enumerate(names)]))
    for n, measure in enumerate((*pupils, *figures), 3):
        cells: list[Any] = []
        for name, kind in zip(names, schools, strict=True):
            has = measure.stage is None or measure.stage in TYPES[kind]
            value = 400.0 if measure in pupils else float(WHOLES.get(measure.column, n))
            cells.append(value if has else None)
            if has:
                known[name][measure.column] = value
        columns.append((draw(wordings(measure)), cells))
    columns = draw(st.permutations(columns))
    above = draw(st.lists(st.sampled_from(["清源区学校情况表", "填报单位：清源区教育局", ""]), max_size=2))
    rows: list[list[Any]] = [[text] for text in above]
    rows += [[header for header, _ in columns], *map(list, zip(*(cells for _, cells in columns), strict=True))]
    if draw(st.booleans()):
        rows.append(["合计" if cells is names else None for _, cells in columns])
    sheets = {draw(st.sampled_from(["学校", "Sheet1", "2023年数据", "schools"])): rows}
    if draw(st.booleans()):
        stage = st.sampled_from(["三年级", "3", "2"])
        sheets["班级"] = [["学校名称", "年级", "班额"], [names[0], draw(stage), 40]]
    if draw(st.booleans()):
        sheets["县级数据"] = [["项目", "数值", "备注"], ["专任教师数", 700, "名册"], ["食堂数", 3, None]]
    return sheets, known


@given(workbooks())
def test_a_draft_in_which_nothing_is_open_reads(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: tuple[dict[str, list[list[Any]]], dict[str, dict[str, float]]],
) -> None:
    sheets, known = drawn
    folder = tmp_path_factory.mktemp("draft")
    path, draft = folder / "county.xlsx", folder / "draft.yaml"
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    text = be.draft_mapping(path)
    draft.write_text(text, encoding="utf-8")
    if open_columns(path, STANDARD):
        # What is open is a comment with its candidates, never a binding.
        assert "#" in text.split("sheets:")[1]
        return
    sub = be.read_submission(path, mapping=draft)
    columns = sub.columns("schools")
    read = {
        str(name): {
            column: columns[column][row]
            for column in known[name]
            if column in columns and columns[column][row] == columns[column][row]
        }
        for row, name in enumerate(columns["name"])
    }
    assert read == known
    assert _content(sub) == _content(be.read_submission(path))


def _content(sub: be.Submission) -> object:
    return {
        name: {column: repr(cells) for column, cells in table.columns.items()} for name, table in sub.tables.items()
    }


def test_most_workbooks_leave_nothing_open(tmp_path: Path) -> None:
    """The property is about something: the titles themselves are clear."""
    book = openpyxl.Workbook()
    book.active.append([SCHOOLS[name].title.zh for name in ("name", "type", "pupils_primary", "teaching_area")])
    book.active.append(["甲", "小学", 400, 2000])
    book.save(tmp_path / "county.xlsx")
    assert not open_columns(tmp_path / "county.xlsx", STANDARD)

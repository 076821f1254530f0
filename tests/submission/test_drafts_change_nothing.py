"""What can be read without a mapping can be read with its draft, with the same result."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from books import write_book
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be

SHEETS = {
    "学校": "学校标识 | 学校类型 | 小学在校生数\n'001 | 小学 | 400\n'002 | 小学 | 300\n",
    "基本情况": "清源区 | < | <\n"
    "学校标识 | 办学类型 | 小学 | <\n^ | ^ | 在校生数 | 班数\n'001 | 小学 | 400 | 10\n合计 | | 400 | 10\n",
    "设备（万元）": "序号 | 学校标识 | 办学类型 | 教学仪器设备值 | 在校生数\n1 | '001 | 小学 | 12.35 | 400\n",
    "学校备份": "学校标识 | 学校类型 | 校名\n'003 | 小学 | 三小\n",
    "班级": "学校标识 | 学段 | 班额\n'001 | 小学 | 40\n",
    "各班": "备注：人 | |\n学校标识 | 学段 | 班额 | 班主任\n'001 | 小学 | 41 |\n",
    "教师名单": "校名 | 教师姓名\n一小 | 张三\n",
    "县级填报项": "2023年县级填报项 | <\n指标 | 数值 | 单位 | 备注\n专任教师数 | 1.2 | 百人 | 某科\n",
    "县域情况": "专任教师总数 | 持证上岗率（%）\n120 | 99.25\n",
    "指标": "单位：人 | |\n标识 | 填报 | 依据\nteachers | 7 | 名册\n",
    "说明": "本表由各校填写\n",
    "选项": "小学 | 学校标识 | 学校类型\n",
    "封面": "清源区\n",
    "空表": "",
}
NAMES = st.sampled_from([*SHEETS, "镇一", "数据", "facts", "schools", "专用教室"])
CHOICES = st.lists(
    st.tuples(NAMES, st.sampled_from(list(SHEETS)), st.sampled_from(["", "", "", " hidden"])),
    min_size=1,
    max_size=5,
    unique_by=lambda entry: entry[0],
)
SCHOOLS = st.sampled_from(["学校", "基本情况", "设备（万元）", "学校备份"])
OTHERS = st.one_of(
    st.tuples(st.just("班级"), st.sampled_from(["班级", "各班"])),
    st.tuples(st.sampled_from(["facts", "县级填报项"]), st.sampled_from(["县级填报项", "县域情况", "指标"])),
    st.tuples(st.sampled_from(["rooms", "质量监测"]), st.sampled_from(list(SHEETS))),
)


def content_of(path: Path, mapping: Path | None = None) -> object:
    """Everything that was read, with its place; None if it is refused."""
    try:
        submission = be.read_submission(path, mapping=mapping)
    except be.DataErrors:
        return None
    tables = {}
    for name, table in submission.tables.items():
        columns = {column: repr(values.tolist()) for column, values in sorted(table.columns.items())}
        tables[name] = columns, [table.place(row) for row in range(len(table)) if table.rows[row] >= 0]
    return submission.counties, tables, submission.evidence


def with_draft(path: Path, folder: Path) -> object:
    draft = folder / "draft.yaml"
    draft.write_text(be.draft_mapping(path), encoding="utf-8")
    assert yaml.safe_load(draft.read_text(encoding="utf-8"))["format"] == 1
    return content_of(path, draft)


@given(CHOICES)
def test_of_workbooks(tmp_path_factory: pytest.TempPathFactory, sheets: list[tuple[str, str, str]]) -> None:
    folder = tmp_path_factory.mktemp("county")
    first = [*sheets, ("学校", "学校", "")] if all(name != "学校" for name, _, _ in sheets) else sheets
    text = "".join(f"[{name}{hidden}]\n{SHEETS[content]}" for name, content, hidden in first)
    path = write_book(text, folder / "county.xlsx")
    plain = content_of(path)

    assert plain is None or with_draft(path, folder) == plain


@given(
    st.tuples(st.sampled_from(["schools", "学校", "facts", "数据"]), SCHOOLS),
    st.lists(OTHERS, max_size=3),
    st.booleans(),
)
def test_of_folders_and_files(
    tmp_path_factory: pytest.TempPathFactory, schools: tuple[str, str], others: list[tuple[str, str]], alone: bool
) -> None:
    folder = tmp_path_factory.mktemp("county")
    for name, content in [*others, schools]:
        rows = [[cell.strip().strip("'<^") for cell in line.split("|")] for line in SHEETS[content].splitlines()]
        width = max(map(len, rows), default=0)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([*row, *[""] * (width - len(row))] for row in rows)
    path = folder / f"{schools[0]}.csv" if alone else folder
    plain = content_of(path)

    assert plain is None or with_draft(path, folder.parent) == plain


@pytest.mark.parametrize("name", ["passing", "failing"])
def test_of_the_examples_as_files_and_as_workbooks(tmp_path: Path, name: str) -> None:
    path = Path("docs/examples") / name
    be.write_submission(be.read_submission(path), tmp_path / "county.xlsx")

    for entry in (path, tmp_path / "county.xlsx"):
        assert with_draft(entry, tmp_path) == content_of(entry) is not None


def test_a_title_above_facts_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text("2023年县级填报项\nfact,value\nteachers,7\n", encoding="utf-8")

    assert (
        be.draft_mapping(tmp_path).split("sheets:\n")[1]
        == """  - sheet: "facts"
    table: facts
    columns:
      - {header: ["fact"], measure: fact}
      - {header: ["value"], measure: value}
"""
    )


def test_what_would_not_be_read_is_not_bound_and_the_reason_is_text(tmp_path: Path) -> None:
    names = "学校标识 | 校名\n'003 | 三小\n"
    text = f"[学校]\n{SHEETS['学校']}[名单]\n{names}[旧表 hidden]\n{SHEETS['班级']}"
    path = write_book(text, tmp_path / "county.xlsx")

    assert be.draft_mapping(path, lang="en").endswith("""  - sheet: "名单"
    ignore: true  # looks like schools too, which were read from county.xlsx 学校; it was not read
  - sheet: "旧表"
    ignore: true  # the sheet is hidden, and was not read
""")

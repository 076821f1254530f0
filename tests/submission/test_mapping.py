"""`mapping.yaml` defines the meaning of any workbook, and a draft of it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from books import write_book

import balancedu as be
from balancedu.cli import main
from balancedu.files.vocabulary import vocabulary

BOOK = """[说明]
本表由各校填写
[基础数据]
清源区情况 | < | < | < | < | < | <
学校名称 | 标识码 | 办学类型 | 专任教师 | < | 在校生数 | 设备
^ | ^ | ^ | 合计 | 其中：高于规定学历 | ^ | ^
一小 | '001 | 小学 | 40 | 20 | 400 | 12.35
二小 | '002 | 小学 | 50 | 30 | 1200 | 401.7385
[县里的数]
事项 | 数 | 出处
专任教师数 | 1.2 | 名册
持证上岗率 | 0.9925 |
"""
MAPPING = """format: 1
sheets:
  - sheet: 基础数据
    table: schools
    county: "210102"
    others: ignore
    columns:
      - {header: [专任教师, "其中：高于规定学历"], measure: degree_teachers_primary}
      - {header: [在校生数], measure: pupils_primary}
      - {column: G, measure: equipment_value, unit: 万元}
  - sheet: 县里的数
    table: facts
    columns:
      - {header: [事项], measure: title}
      - {header: [数], measure: value}
      - {header: [出处], measure: evidence}
"""


def written(folder: Path, mapping: str = MAPPING, name: str = "mapping.yaml", book: str = BOOK) -> Path:
    (folder / name).write_text(mapping.replace("专任教师数 | 1.2", "专任教师数 | 120"), encoding="utf-8")
    return write_book(book.replace("1.2 |", "120 |"), folder / "county.xlsx")


def columns(submission: be.Submission) -> dict[str, list[object]]:
    return {name: values.tolist() for name, values in submission.schools.columns.items()}


@pytest.mark.parametrize("where", ["beside the workbook", "in the folder", "elsewhere"])
def test_a_mapping_says_what_headers_do_not(tmp_path: Path, where: str) -> None:
    path = written(tmp_path, name="other.yaml" if where == "elsewhere" else "mapping.yaml")
    if where == "in the folder":
        submission = be.read_submission(tmp_path)
    else:
        submission = be.read_submission(path, mapping=tmp_path / "other.yaml" if where == "elsewhere" else None)

    assert columns(submission) == {
        "county": ["210102", "210102"],
        "school": ["001", "002"],
        "name": ["一小", "二小"],
        "type": [0, 0],
        "degree_teachers_primary": [20, 30],
        "pupils_primary": [400, 1200],
        "equipment_value": [123500, 4017385],
    }
    assert submission.fact("210102", "full_time_teachers") == 120
    assert submission.fact("210102", "certified_share") == 0.9925
    assert submission.evidence == {("210102", "full_time_teachers"): "名册"}


def test_without_it_what_is_not_clear_is_refused(tmp_path: Path) -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(write_book(BOOK, tmp_path / "county.xlsx"))

    result = [error.column for error in caught.value.errors]
    assert result == ["设备"]


def test_sheets_and_columns_can_be_left_out_and_another_column_taken(tmp_path: Path) -> None:
    mapping = """format: 1
sheets:
  - {sheet: 学校, ignore: true}
  - sheet: 名册
    table: schools
    headers: [2]
    columns:
      - {header: [学校名称], measure: school}
      - {header: [标识码], ignore: true}
      - {column: D, ignore: true}
"""
    book = """[学校]
学校标识 | 学校类型
'001 | 小学
[名册]
学校标识 | 学校类型 | 学校名称 | 备注
标识码 | 类型 | 学校名称 | 备注
9 | 小学 | 一小 | 甲
"""
    submission = be.read_submission(written(tmp_path, mapping, book=book))

    assert columns(submission) == {"school": ["一小"], "type": [0]}
    assert [note.text("zh") for note in submission.notes] == ["county.xlsx 学校: 按 mapping.yaml 没有读入"]


def test_a_hidden_sheet_is_read_where_the_mapping_names_it(tmp_path: Path) -> None:
    mapping = "format: 1\nsheets:\n  - {sheet: 旧表, table: schools}\n"
    book = "[旧表 hidden]\n学校标识 | 学校类型\n'001 | 小学\n[封面]\n甲\n"

    assert len(be.read_submission(written(tmp_path, mapping, book=book)).schools) == 1


def test_text_files_of_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    (tmp_path / "2023年报表.csv").write_text("标识码,类型\n001,小学\n", encoding="gb18030")
    (tmp_path / "mapping.yaml").write_text(
        "format: 1\nsheets:\n  - {sheet: 2023年报表.csv, table: schools}\n", encoding="utf-8"
    )

    assert be.read_submission(tmp_path).schools.texts("school").tolist() == ["001"]


def test_a_draft_binds_what_is_clear_and_asks_for_the_rest(tmp_path: Path) -> None:
    draft = be.draft_mapping(write_book(BOOK, tmp_path / "county.xlsx"), lang="en")

    assert (
        draft.split("sheets:\n")[1]
        == """  - sheet: "说明"
    ignore: true  # it belongs to the form, and holds no data
  - sheet: "基础数据"
    table: schools
    columns:
      - {header: ["学校名称"], measure: name}
      - {header: ["标识码"], measure: school}
      - {header: ["办学类型"], measure: type}
      # 专任教师 > 合计, column D, as 40:
      # - {header: ["合计"], ignore: true}
      # 专任教师 > 其中：高于规定学历, column E: of the stage that the type of school says
      # 在校生数, column F: of the stage that the type of school says
      # 设备, column G, as 12.35:
      # - {header: ["设备"], measure: equipment_value}
      # - {header: ["设备"], ignore: true}
  - sheet: "县里的数"
    ignore: true  # of its headers only 专任教师数 are known; it was not read, unless mapping.yaml binds it
"""
    )


def test_a_draft_of_what_is_clear_changes_nothing(tmp_path: Path) -> None:
    book = """[学校]
学校标识 | 学校类型 | 小学 | < | 初中 | < | 教学仪器设备值（万元）
^ | ^ | 在校生数 | 班数 | 在校生数 | 班数 | ^
'001 | 九年一贯制学校 | 400 | 10 | 200 | 5 | 1.2
[县级填报项]
指标 | 数值 | 单位
专任教师数 | 120 | 人
"""
    path = write_book(book, tmp_path / "county.xlsx")
    plain = be.read_submission(path)
    (tmp_path / "mapping.yaml").write_text(be.draft_mapping(path), encoding="utf-8")
    mapped = be.read_submission(path)

    assert '{header: ["小学", "在校生数"], measure: pupils_primary}' in be.draft_mapping(path)
    assert '{header: ["教学仪器设备值（万元）"], measure: equipment_value, unit: "万元"}' in be.draft_mapping(path)
    assert columns(mapped) == columns(plain)
    assert mapped.facts.numbers("full_time_teachers").tolist() == [120]


def test_a_draft_lists_what_a_header_may_mean(tmp_path: Path) -> None:
    book = "[学校]\n学校标识 | 校名 | 在校生数\n'001 | 一小 | 400\n"
    draft = be.draft_mapping(write_book(book, tmp_path / "county.xlsx"))

    assert draft.endswith("""
      # 在校生数，C列，如400：
      # - {header: ["在校生数"], measure: pupils_primary}
      # - {header: ["在校生数"], measure: pupils_junior}
      # - {header: ["在校生数"], measure: pupils_senior}
      # - {header: ["在校生数"], ignore: true}
""")


def test_the_remarks_of_a_draft_are_chinese_unless_english_is_asked_for(tmp_path: Path) -> None:
    path = write_book(BOOK + "[名单]\n甲 | 乙\n", tmp_path / "county.xlsx")
    zh, en = be.draft_mapping(path), be.draft_mapping(path, lang="en")
    remarks = [line.partition("#")[2] for line in zh.splitlines() if "#" in line and "- {" not in line]

    assert remarks == [
        " county.xlsx 的各张工作表、各列是什么。以 # 开头的行不读。",
        " 各字段见 docs/mapping.md",
        " 属于填报工作簿，没有数据",
        " 专任教师 > 合计，D列，如40：",
        " 专任教师 > 其中：高于规定学历，E列：按各校的学校类型归入学段",
        " 在校生数，F列：按各校的学校类型归入学段",
        " 设备，G列，如12.35：",
        " 表头只认得专任教师数，没有读入；要读，请在 mapping.yaml 里说明是哪张表",
        " 没有认得的表头，没有读入",
    ]
    assert yaml.safe_load(zh) == yaml.safe_load(en)
    assert zh.count("\n") == en.count("\n")


def test_a_draft_suggests_nothing_that_is_bound(tmp_path: Path) -> None:
    book = "[学校]\n学校标识 | 学校类型 | {}设备\n'001 | 小学 | {}3\n"
    alone = be.draft_mapping(write_book(book.format("", ""), tmp_path / "alone.xlsx"))
    beside = be.draft_mapping(write_book(book.format("教学仪器设备值 | ", "9 | "), tmp_path / "beside.xlsx"))

    assert '# - {header: ["设备"], measure: equipment_value}' in alone
    assert beside.count("equipment_value") == 1
    assert beside.endswith('      # 设备，D列，如3：\n      # - {header: ["设备"], ignore: true}\n')


def test_a_group_header_decides_which_columns_are_meant() -> None:
    words = vocabulary(be.load_standard(), "schools")

    assert words.nearest(("专任教师", "合计", "小学"), {"pupils_primary"}) == ()
    assert words.nearest(("骨干教师", "合计", "小学"), {"pupils_primary"})[0] == "backbone_teachers_primary"
    assert "pupils_primary" not in words.nearest(("小学",), {"pupils_primary"})


def test_columns_with_equal_headers_are_distinguished_by_their_letters(tmp_path: Path) -> None:
    book = "[学校]\n学校标识 | 学校类型 | 数 | 数\n'001 | 小学 | 1 | 2\n"
    draft = be.draft_mapping(write_book(book, tmp_path / "county.xlsx"))

    assert "# - {column: C, ignore: true}" in draft
    assert "# - {column: D, ignore: true}" in draft


def test_the_command_writes_a_draft_and_replaces_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, output = write_book(BOOK, tmp_path / "county.xlsx"), tmp_path / "draft.yaml"

    assert main(["map", str(path)]) == 0
    assert capsys.readouterr().out == be.draft_mapping(path)
    assert main(["map", str(path), "-o", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == be.draft_mapping(path)
    assert main(["map", str(path), "-o", str(output)]) == 2
    assert f"“{output}”已经存在，没有改动" in capsys.readouterr().err
    assert main(["map", str(tmp_path / "nowhere.xlsx")]) == 2


def test_commands_take_a_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, name="other.yaml")

    assert main(["check", str(path)]) == 2
    assert main(["check", str(path), "--mapping", str(tmp_path / "other.yaml"), "--lang", "en"]) == 0
    assert "Schools 2" in capsys.readouterr().out

"""Workbooks as counties have them give the submission that they mean, and state what was decided."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from books import write_book

import balancedu as be

PLAIN = """[学校]
学校标识 | 学校名称 | 学校类型 | 小学在校生数（人） | 小学高于规定学历教师数 | 教学仪器设备值（元）
school | name | type | pupils_primary | degree_teachers_primary | equipment_value
'001 | 清河一小 | 小学 | 400 | 20 | 123500
'002 | 清河二小 | 小学 | 1200 | 30 | 4017385
"""
OTHERS = {
    "ids alone, in another order": """[schools]
equipment_value | pupils_primary | type | school | name | degree_teachers_primary
123500 | 400 | primary_school | '001 | 清河一小 | 20
4017385 | 1200 | primary_school | '002 | 清河二小 | 30
""",
    "English titles": """[Schools]
school id | name | school type | primary pupils (pupils) | degree_teachers_primary | 教学设备值（10,000 yuan）
'001 | 清河一小 | primary school | 400 | 20 | 12.35
'002 | 清河二小 | primary school | 1200 | 30 | 401.7385
""",
    "below titles, stacked, with totals and remarks": """[2023年基本情况]
清源区义务教育学校基本情况 | < | < | < | < | < | <
填报单位：清源区教育局 | | | | | | 单位：人、万元
序号 | 学校（机构）标识码 | 校名 | 办学类型 | 小学 | < | 教学仪器设备值
^ | ^ | ^ | ^ | 在校生数 | 其中：高于规定学历 | ^
甲 | 乙 | 丙 | 丁 | 1 | 2 | 3
1 | '001 | 清河一小 | 小学 | ４００ | 20 | 12.35
2 | '002 | 清河二小 | ^ | '1,200 | 30 | 401.7385
 |  | 合 计 |  | 1600 | 50 | 414.0885
3 |
注：数据截至2023年9月1日。
""",
    "a stage for the whole sheet": """[小学]
标识码 | 校名 | 学校类别 | 学生数 | 专任教师 | < | 教学仪器设备
^ | ^ | ^ | ^ | 合计 | 其中：高于规定学历 | 千元
'001 | 清河一小 | 小学 | 400 | | 20 | 123.5
'002 | 清河二小 | 小学 | 1200 | | 30 | 4017.385
""",
    "headers again, and a cover": """[说明]
本表由各校填写
[学校情况]
学校标识 | 校名 | 类型 | 小学学生数 | 教学设备值（元） | 小学高于规定学历
'001 | 清河一小 | 小学 | 400 | 123500 | 20

学校标识 | 校名 | 类型 | 小学学生数 | 教学设备值（元） | 小学高于规定学历
'００２ | 清河二小 | 小学 | 1200 | 4017385 | 30
""",
}


def columns(submission: be.Submission) -> dict[str, list[object]]:
    """The schools, to be compared."""
    return {name: values.tolist() for name, values in sorted(submission.schools.columns.items())}


def read(text: str, tmp_path: Path) -> be.Submission:
    return be.read_submission(write_book(text, tmp_path / "county.xlsx"))


@pytest.mark.parametrize("other", OTHERS)
def test_headers_are_found_in_every_position(tmp_path: Path, other: str) -> None:
    plain, result = read(PLAIN, tmp_path), read(OTHERS[other], tmp_path)

    assert columns(result) == columns(plain)
    assert plain.schools.numbers("equipment_value").tolist() == [123500.0, 4017385.0]


def test_what_was_decided_is_text(tmp_path: Path) -> None:
    submission = read(OTHERS["below titles, stacked, with totals and remarks"], tmp_path)

    assert [note.text("zh") for note in submission.notes] == [
        "county.xlsx 2023年基本情况: 第8行是合计、小计，没有读入",
        "county.xlsx 2023年基本情况: 第10行是表下的说明，没有读入",
        "county.xlsx 2023年基本情况: “教学仪器设备值”的单位是万元，按 × 10000 换算成元",
    ]
    assert [str(note) for note in submission.notes] == [
        "county.xlsx 2023年基本情况: totals in row 8, left out",
        "county.xlsx 2023年基本情况: remarks below the table in row 10, left out",
        "county.xlsx 2023年基本情况: value of teaching equipment is written in 万元, "
        "and was multiplied by 10000 to yuan",
    ]


def test_every_value_keeps_its_cell(tmp_path: Path) -> None:
    submission = read(OTHERS["below titles, stacked, with totals and remarks"], tmp_path)

    assert submission.schools.place(1, "equipment_value", "002") == "county.xlsx 2023年基本情况!G7 (002)"


FACTS = """[学校]
学校标识 | 学校类型
'001 | 小学
[县级填报项]
县 | 条目 | 事实 | 标识 | 填报 | 单位 | 依据（文件、页码）
county | item | title | fact | value | unit | evidence
 | G12 | 专任教师数 | full_time_teachers | 1.2 | 百人 | 教师名册
 | G12 | 其中：持有教师资格证的 | certified_teachers | 119 | 人 |
 | G1 | 学校规划布局合理 | layout_rational | √ | | 清政发〔2021〕18号，第3页
 | G15 | 随迁子女就读比例 | migrant_share_placed | '98.5% | |
 | Q1 | 初中三年巩固率 | retention_rate | 0.985 | |
 | G2 | 学校建设标准统一 | unified_construction | | |
"""


def test_each_fact_is_a_row(tmp_path: Path) -> None:
    submission = read(FACTS, tmp_path)

    facts = {name: values.tolist() for name, values in submission.facts.columns.items()}
    assert facts == {
        "full_time_teachers": [120],
        "certified_teachers": [119],
        "layout_rational": [1],
        "migrant_share_placed": [0.985],
        "retention_rate": [0.985],
    }
    assert submission.evidence == {
        ("county", "full_time_teachers"): "教师名册",
        ("county", "layout_rational"): "清政发〔2021〕18号，第3页",
    }
    assert submission.facts.place(0, "retention_rate") == "county.xlsx 县级填报项!E7"


def test_facts_of_many_counties_by_their_titles(tmp_path: Path) -> None:
    submission = read(
        """[学校]
县 | 学校标识 | 学校类型
210102 | 1 | 小学
210103 | 1 | 小学
[县级指标]
县级行政区划代码 | 指标名称 | 数值 | 佐证材料
210103 | 一、政府保障程度 | |
^ | 专任教师数（百人） | 3 | 名册
^ | 就近划片入学人数 | |
210102 | 专任教师数 | 200 |
""",
        tmp_path,
    )

    assert submission.counties == ("210102", "210103")
    assert submission.facts.numbers("full_time_teachers").tolist() == [200, 300]
    assert submission.evidence == {("210103", "full_time_teachers"): "名册"}


def test_facts_with_a_column_each(tmp_path: Path) -> None:
    submission = read(
        """[学校]
学校标识 | 学校类型
'001 | 小学
[县域情况]
专任教师总数 | 持证上岗率（%） | 规划布局合理
120 | 99.25 | 否
""",
        tmp_path,
    )

    assert submission.facts.numbers("full_time_teachers").tolist() == [120]
    assert submission.facts.numbers("certified_share").tolist() == [0.9925]
    assert submission.facts.numbers("layout_rational").tolist() == [0]


def test_ids_are_texts_however_they_were_typed(tmp_path: Path) -> None:
    submission = read(
        """[学校]
学校标识码 | 学校类型
2133000123 | 小学
2133000124 | 小学
[班级]
学校标识码 | 学段 | 年级 | 班额
'2133000123 | 小学 | 1 | 40
2133000124 | 小学 | 一年级 | 41
""",
        tmp_path,
    )

    assert submission.schools.texts("school").tolist() == ["2133000123", "2133000124"]
    assert submission.tables["classes"].texts("grade").tolist() == ["1", "1"]


def test_a_joined_name_is_that_of_every_row(tmp_path: Path) -> None:
    submission = read(
        """[学校]
县 | 学校标识 | 学校类型
清源区 | '001 | 小学
^ | '002 | 初中
[班级]
学校标识 | 学段 | 年级 | 班额
'001 | 小学 | 一年级 | 40
^ | ^ | 二年级 | 41
^ | ^ | 小计 | 81
'002 | 初中 | 七年级 | 45
合计 | < | < | 126
""",
        tmp_path,
    )

    assert submission.counties == ("清源区",)
    assert submission.tables["classes"].numbers("pupils").tolist() == [40, 41, 45]
    assert submission.schools.texts("school")[submission.tables["classes"].school].tolist() == ["001", "001", "002"]


def test_sheets_that_are_no_tables_are_passed_over_and_text(tmp_path: Path) -> None:
    submission = read(
        """[封面]
清源区义务教育优质均衡发展
[学校]
学校标识 | 学校类型
'001 | 小学
[联系人]
学校标识 | 校名 | 联系人
'001 | 一小 | 张三
[各镇汇总]
乡镇 | 小学在校生数 | 初中在校生数
东镇 | 400 | 300
[教师名单]
校名 | 教师姓名 | 性别 | 学历
一小 | 张三 | 女 | 本科
[旧选项 hidden]
小学
[空表]
""",
        tmp_path,
    )

    assert len(submission.schools) == 1
    assert [note.text("zh") for note in submission.notes] == [
        "county.xlsx 封面: 没有认得的表头，没有读入",
        "county.xlsx 联系人: 看来也是学校，已从 county.xlsx 学校 读入，这里没有读入",
        "county.xlsx 各镇汇总: 看来也是学校，已从 county.xlsx 学校 读入，这里没有读入",
        "county.xlsx 教师名单: 表头只认得校名，没有读入；要读，请在 mapping.yaml 里说明是哪张表",
        "county.xlsx 旧选项: 工作表是隐藏的，没有读入",
    ]


def totals(text: str, tmp_path: Path) -> list[str]:
    """What is said of totals, but that they were left out."""
    notes = read(text, tmp_path).notes
    return [note.text("zh") for note in notes if "没有读入" not in note.message.zh and "换算" not in note.message.zh]


SUMS = """[学校]
序号 | 校名 | 学校标识 | 学校类型 | 小学在校生数 | 教学仪器设备值（万元） | 教学及辅助用房面积
1 | 一小 | '001 | 小学 | 400 | 12.35 | 2000
2 | 二小 | '002 | 小学 | '1,200 | 401.7385 |
 | 小计 | | | 5 | 5 | 5
3 | 三小 | '003 | 小学 | 38 | 0.2 | 120.5
{}
"""


def test_a_total_of_all_rows_is_compared_with_their_sum(tmp_path: Path) -> None:
    submission = read(SUMS.format(" | 合 计 | | | 1683 | 414.29 | =SUM(G2:G5) -> #REF!"), tmp_path)

    result = [note for note in submission.notes if "合计（" in note.message.zh]
    assert [note.text("zh") for note in result] == [
        "county.xlsx 学校: “小学在校生数”的合计（E6）写的是1683，各行之和是1638，请核对"
    ]
    assert str(result[0]) == (
        "county.xlsx 学校: the total of primary pupils (E6) says 1683, but its rows add up to 1638; look at both"
    )
    assert submission.warnings == ()


@pytest.mark.parametrize(
    "total",
    [
        " | 合计 | | | 1638 | 414.2885 | 2120.5",
        "合计 | < | | | 1638 | 414.3 | 2121",
        " | 合计 | | | | |",
        " | 东镇合计 | | | 38 | 1 | 1",
        "东镇 | 合计 | | | 38 | 1 | 1",
        " | 小计 | | | 38 | 1 | 1",
        " | 合计 | | | 38 | 1 | 1\n4 | 四小 | '004 | 小学 | 20 | 4 | 3\n | 合计 | | | 20 | 4 | 3",
        " | 合计 | | | 38 | 1 | 1\n4 | 四小 | '004 | 小学 | 20 | 4 | 3",
    ],
    ids=["right", "rounded", "empty", "a town's", "a town's beside it", "some rows'", "two of them", "between rows"],
)
def test_a_total_that_may_be_right_is_not_doubted(tmp_path: Path, total: str) -> None:
    assert totals(SUMS.format(total), tmp_path) == []


@pytest.mark.parametrize(
    "label",
    ["合计 | |", "总计 | 2所 |", " | 全县合计 |", "小计 | |", "全镇小计 | | ", "共计 | 合计 | 2", "Subtotal | |"],
)
def test_the_only_total_of_a_sheet_is_compared_whatever_it_is_called(tmp_path: Path, label: str) -> None:
    rows = "'001 | 一小 | 小学 | 400\n'002 | 二小 | 小学 | 300\n"
    book = f"[学校]\n学校标识 | 校名 | 学校类型 | 小学在校生数\n{rows}{label} | 999\n"

    assert totals(book, tmp_path) == ["county.xlsx 学校: “小学在校生数”的合计（D4）写的是999，各行之和是700，请核对"]


def test_the_county_total_is_distinguished_from_town_totals(tmp_path: Path) -> None:
    rows = (
        "'001 | 一小 | 小学 | 400\n东镇合计 | | | 1\n'002 | 二小 | 小学 | 300\n西镇合计 | | | 1\n全县总计 | | | 701\n"
    )

    assert totals(f"[学校]\n学校标识 | 校名 | 学校类型 | 小学在校生数\n{rows}", tmp_path) == [
        "county.xlsx 学校: “小学在校生数”的合计（D6）写的是701，各行之和是700，请核对"
    ]


def test_figures_of_a_column_of_totals_that_is_not_read_hide_no_total(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(
        "format: 1\nsheets:\n  - {sheet: 学校, table: schools, columns: [{column: C, ignore: true}]}\n",
        encoding="utf-8",
    )
    book = """[学校]
学校标识 | 学校类型 | 专任教师合计 | 小学在校生数
'001 | 小学 | 40 | 400
'002 | 小学 | 30 | 300
合计 | | 70 | 800
"""

    assert totals(book, tmp_path) == ["county.xlsx 学校: “小学在校生数”的合计（D4）写的是800，各行之和是700，请核对"]


def test_a_total_above_the_rows_and_one_of_a_text_file_are_compared(tmp_path: Path) -> None:
    above = """[学校]
学校标识 | 学校类型 | 在校生数 | 小学班级数 | multimedia_rooms
合计 | | 500 | 11 | 3
'001 | 小学 | 400 | 10 |
'002 | 特殊教育学校 | 20 | 2 |
"""
    (tmp_path / "schools.csv").write_text("school,type,pupils_primary\n001,小学,40\n合计,,41\n", encoding="utf-8")

    # Of which schools the pupils of no stage are, their types state; nothing was reported of the third column.
    assert totals(above, tmp_path)[1:] == ["county.xlsx 学校: “小学班数”的合计（D2）写的是11，各行之和是12，请核对"]
    notes = be.read_submission(tmp_path / "schools.csv").notes
    assert notes[1].text("zh") == ("schools.csv: “小学在校生数”的合计（第3行）写的是41，各行之和是40，请核对")


TOWNS = """[东镇]
东镇学校基本情况
学校标识 | 学校类型 | 小学在校生数 | 教学仪器设备值（万元）
'001 | 小学 | 400 | 12.35
'003 | 九年一贯制学校 | 210 |
合计 | | 610 |
[西镇]
校名 | 标识码 | 初中在校生数 | 类型
西镇初中 | '002 | 300 | 初级中学
西镇小学 | '000 | | 小学
[小学班级]
学校标识 | 学段 | 年级 | 班额
'001 | 小学 | 一年级 | 40
'003 | 小学 | 一年级 | 35
[初中班级]
学校标识 | 学段 | 年级 | 班额
'003 | 初中 | 七年级 | 44
'002 | 初中 | 七年级 | 45
"""


def test_a_table_over_several_sheets_is_read_one_after_the_other(tmp_path: Path) -> None:
    submission = read(TOWNS, tmp_path)

    assert repr(columns(submission)) == repr(
        {
            "equipment_value": [np.nan, 123500.0, np.nan, np.nan],
            "name": ["西镇小学", "", "西镇初中", ""],
            "pupils_junior": [np.nan, np.nan, 300.0, np.nan],
            "pupils_primary": [np.nan, 400.0, np.nan, 210.0],
            "school": ["000", "001", "002", "003"],
            "type": [0, 0, 2, 3],
        }
    )
    assert submission.tables["classes"].numbers("pupils").tolist() == [40, 45, 35, 44]
    assert [note.text("zh") for note in submission.notes] == [
        "county.xlsx 东镇: 第5行是合计、小计，没有读入",
        "county.xlsx 东镇: “教学仪器设备值”的单位是万元，按 × 10000 换算成元",
        "county.xlsx 西镇: 也是学校，接在 county.xlsx 东镇 之后读入",
        "county.xlsx 初中班级: 也是班级，接在 county.xlsx 小学班级 之后读入",
    ]
    assert str(submission.notes[2]) == "county.xlsx 西镇: schools too, read after those of county.xlsx 东镇"


def test_every_value_of_several_sheets_keeps_its_cell(tmp_path: Path) -> None:
    submission = read(TOWNS, tmp_path)
    fewer = be.what_if(be.evaluate(submission), [{"do": "close", "school": "001", "to": "003"}]).submission

    for entry in (submission, submission.only(submission.counties[0])):
        assert [entry.schools.place(row, "type") for row in range(4)] == [
            f"county.xlsx {cell}" for cell in ("西镇!D3", "东镇!B3", "西镇!D2", "东镇!B4")
        ]
        assert entry.schools.place(0, "pupils_primary") == "county.xlsx 西镇!3:3"
        assert entry.tables["classes"].place(3, "pupils") == "county.xlsx 初中班级!D2"
    assert [str(entry.place) for entry in be.origin(be.evaluate(submission), "pupils_primary", school="003")] == [
        "county.xlsx 东镇!C4"
    ]
    assert fewer.schools.place(1, "type") == "county.xlsx 西镇!D2"


def test_files_of_one_table_are_read_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("school,type\n001,小学\n", encoding="utf-8")
    (tmp_path / "学校情况.csv").write_text("类型;标识码\n初级中学;002\n", encoding="utf-8")
    (tmp_path / "西镇.csv").write_text("school,type\n003,小学\n", encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text("format: 1\nsheets:\n  - {sheet: 西镇, table: schools}\n", encoding="utf-8")
    submission = be.read_submission(tmp_path)

    assert submission.schools.texts("school").tolist() == ["001", "002", "003"]
    assert {submission.schools.place(row, "school") for row in range(3)} == {
        *("schools.csv:2", "学校情况.csv:2", "西镇.csv:2")
    }


def test_a_mapping_may_bind_several_sheets_to_one_table(tmp_path: Path) -> None:
    sheets = (
        "[甲]\n代号 | 类型\n'001 | 小学\n[乙]\n代号 | 类型 | 其他\n'002 | 小学 | 3\n[学校]\n代号 | 类型\n'001 | 小学\n"
    )
    bound = "columns: [{header: [代号], measure: school}]"
    mapping = f"""format: 1
sheets:
  - {{sheet: 甲, table: schools, county: 东区, {bound}}}
  - {{sheet: 乙, table: schools, county: 西区, {bound}, others: ignore}}
  - {{sheet: 学校, ignore: true}}
"""
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    submission = read(sheets, tmp_path)

    assert submission.counties == ("东区", "西区")
    assert submission.schools.texts("school").tolist() == ["001", "002"]


def test_a_workbook_in_a_folder_beside_text_files(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    folder.mkdir()
    write_book(PLAIN, folder / "学校.xlsx")
    (folder / "班级.tsv").write_text("学校标识\t学段\t班额\n001\t小学\t40\n", encoding="utf-16")
    (folder / "facts.yaml").write_text("专任教师数: 3\nteachers: 5\n".partition("\n")[2], encoding="utf-8")
    submission = be.read_submission(folder)

    assert repr(submission) == "<Submission: 1 county; schools 2, classes 1, facts 1>"
    assert np.isfinite(submission.facts.numbers("teachers")).all()


def test_a_column_without_a_stage_is_that_of_the_type_of_school(tmp_path: Path) -> None:
    submission = read(
        """[学校]
学校标识 | 学校类型 | 在校生数 | 班级数 | 专任教师 | <
^ | ^ | ^ | ^ | 其中：高于规定学历（百人） | 其中：县级以上骨干
'001 | 小学 | 400 | 10 | 0.2 | 8
'002 | 初级中学 | 300 | 6 | 0.25 | 9
'003 | 九年一贯制学校 | | | |
'004 | 特殊教育学校 | 40 | 4 | |
""",
        tmp_path,
    )

    assert repr(submission.schools.numbers("pupils_primary").tolist()) == "[400.0, nan, nan, nan]"
    assert repr(submission.schools.numbers("pupils_junior").tolist()) == "[nan, 300.0, nan, nan]"
    assert repr(submission.schools.numbers("classes_junior").tolist()) == "[nan, 6.0, nan, nan]"
    assert repr(submission.schools.numbers("degree_teachers_primary").tolist()) == "[20.0, nan, nan, nan]"
    assert repr(submission.schools.numbers("backbone_teachers_junior").tolist()) == "[nan, 9.0, nan, nan]"
    assert submission.notes[0].text("zh") == "county.xlsx 学校: “在校生数”没有写学段，按各校的学校类型归入"


def test_a_sheet_of_a_table_with_no_known_column_is_refused_beside_another(tmp_path: Path) -> None:
    with pytest.raises(be.DataErrors, match="班级, school: the column is missing"):
        read(
            """[学校]
学校标识 | 学校类型
'001 | 小学
[班级]
姓名 | 性别
张三 | 女
[基本情况]
学校标识 | 学段 | 班额
'001 | 小学 | 40
""",
            tmp_path,
        )


def test_a_share_that_carries_its_sign_is_clear_below_a_header_that_says_it(tmp_path: Path) -> None:
    submission = read(
        """[学校]
学校标识 | 学校类型
'001 | 小学
[县域情况]
持证上岗率（%） | 随迁子女就读比例（%）
'0.5% | '０.７５％
""",
        tmp_path,
    )

    assert submission.facts.numbers("certified_share").tolist() == [0.005]
    assert submission.facts.numbers("migrant_share_placed").tolist() == [0.0075]


COLUMNS_BESIDE = """[学校]
序号 | 学校标识 | 学校名称 | 学校类型 | 小学在校生数 | 责任股室 | 备注
1 | '001 | 一小 | 小学 | 400 | 基教股 | 含东校区合计
2 | '002 | 二小 | 小学 | 300 | |
[班级]
学校标识 | 学校名称 | 班级名称 | 学段 | 班额 | 备注
'001 | 一小 | 一（1）班 | 小学 | 40 | 合计
[专用教室]
学校标识 | 校名 | 用途 | 面积 | 责任科室
'001 | 一小 | 音乐 | 80 | 体卫艺科
[质量监测]
年级 | 学科 | 等级 | 备注
四年级 | 数学 | Ⅲ级 | 第一次
"""


def test_columns_that_people_add_for_themselves_are_passed_over_in_every_table_and_text(tmp_path: Path) -> None:
    submission = be.read_submission(write_book(COLUMNS_BESIDE, tmp_path / "county.xlsx"))

    assert {name: len(table) for name, table in submission.tables.items()} == {
        "schools": 2,
        "classes": 1,
        "rooms": 1,
        "monitoring": 1,
        "facts": 1,
    }
    assert submission.schools.texts("name").tolist() == ["一小", "二小"]
    assert [note.text("zh") for note in submission.notes] == [
        "county.xlsx 学校: “责任股室”、“备注”没有读入",
        "county.xlsx 班级: “学校名称”、“班级名称”、“备注”没有读入",
        "county.xlsx 专用教室: “校名”、“责任科室”没有读入",
        "county.xlsx 质量监测: “备注”没有读入",
    ]

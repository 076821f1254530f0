"""Facts, one per row, are read by the rules of all tables: columns, mapping, joined cells, units, notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import write_book

import balancedu as be
from balancedu.files.layout import FACT_COLUMNS, other_columns
from balancedu.files.vocabulary import measures_of

SCHOOLS = {"A": "001", "B": "002"}


def read(facts: str, folder: Path, mapping: str = "", *, counties: bool = False) -> be.Submission:
    """The submission of a folder with these facts, of one county or of two."""
    rows = [f"{county},{school},小学" for county, school in SCHOOLS.items()]
    text = ["county,school,type", *rows] if counties else ["school,type", "001,小学"]
    (folder / "schools.csv").write_text("\n".join(text), encoding="utf-8")
    (folder / "facts.csv").write_text(facts, encoding="utf-8")
    words = folder / "said.txt"
    words.write_text(f"format: 1\nsheets:\n  - {{sheet: facts, table: facts, {mapping}}}\n", encoding="utf-8")
    return be.read_submission(folder, mapping=words if mapping else None)


def problems(facts: str, folder: Path, mapping: str = "") -> list[str]:
    with pytest.raises(be.DataErrors) as caught:
        read(facts, folder, mapping)
    return [str(error) for error in caught.value.errors]


def book(facts: str, folder: Path) -> be.Submission:
    return be.read_submission(write_book(f"[学校]\n学校标识 | 学校类型\n'001 | 小学\n{facts}", folder / "county.xlsx"))


def test_the_columns_are_those_that_the_form_has() -> None:
    columns = measures_of(be.load_standard(), "facts", in_rows=True)
    assert set(columns) == set(FACT_COLUMNS)
    assert set(FACT_COLUMNS) == {*other_columns().facts, "county"}
    words = [word for measure in columns.values() for word in measure.names]
    assert len(set(words)) == len(words)
    assert not set(words) & set(other_columns().beside_facts)


# What mapping.yaml states


def test_a_mapping_says_the_county(tmp_path: Path) -> None:
    facts = read("fact,value\nteachers,7\n", tmp_path, "county: B", counties=True).facts

    assert repr(facts.numbers("teachers").tolist()) == "[nan, 7.0]"


def test_a_mapping_says_the_column_by_its_letter(tmp_path: Path) -> None:
    mapping = "columns: [{column: C, measure: value}, {column: B, ignore: true}]"
    for second in ("value", "上年"):
        facts = read(f"fact,{second},本年\nteachers,7,9\n", tmp_path, mapping).facts
        assert facts.numbers("teachers").tolist() == [9]


def test_of_two_columns_of_values_both_are_named(tmp_path: Path) -> None:
    submission = read("fact,value,本年\nteachers,7,9\n", tmp_path, "columns: [{column: C, measure: value}]")

    assert submission.facts.numbers("teachers").tolist() == [9]
    assert [note.message.zh for note in submission.notes] == ["“value”不是要报的数，没有读入"]


def test_a_mapping_says_the_header(tmp_path: Path) -> None:
    mapping = "columns: [{header: [指标情况], measure: title}, {header: [区里, 本年], measure: value}], others: ignore"
    facts = "指标情况,区里,\n,上年,本年\n专任教师数,7,9\n"

    assert read(facts, tmp_path, mapping).facts.numbers("full_time_teachers").tolist() == [9]


def test_a_mapping_says_the_rows_of_the_headers(tmp_path: Path) -> None:
    facts = "指标,数值\n上年,5\n指标,数值\n专任教师数,9\n"

    assert "上年" in read(facts, tmp_path).notes[-1].message.zh
    assert read(facts, tmp_path, "headers: [3]").facts.numbers("full_time_teachers").tolist() == [9]


def test_what_becomes_of_other_columns(tmp_path: Path) -> None:
    facts = "fact,value,上年数\nteachers,7,9\n"

    assert read(facts, tmp_path, "others: ignore").facts.numbers("teachers").tolist() == [7]
    assert [note.message.zh for note in read(facts, tmp_path).notes] == ["“上年数”不是要报的数，没有读入"]
    assert read("fact,value,上年数\nteachers,7,\n", tmp_path).facts.numbers("teachers").tolist() == [7]


def test_a_header_that_the_sheet_does_not_have(tmp_path: Path) -> None:
    mapping = "columns: [{header: [不存在的列], measure: value}]"

    assert problems("fact,value\nteachers,7\n", tmp_path, mapping) == [
        "mapping, said.txt:3, sheets[0].columns[0]: no column of facts.csv has the header '不存在的列'; "
        "write the texts as they are in the sheet, the lowest last"
    ]


def test_a_mapping_of_facts_in_columns_makes_no_rows_of_them(tmp_path: Path) -> None:
    facts = "指标,数值\n12,8\n"
    mapping = "columns: [{header: [指标], measure: teachers}, {header: [数值], measure: full_time_teachers}]"

    assert read(facts, tmp_path, mapping).facts.numbers("teachers").tolist() == [12]


# What is beside


@pytest.mark.parametrize("word", ["备注", "责任部门", "数据来源", "Remarks"])
def test_columns_that_sheets_of_facts_have_are_passed_over_and_text(tmp_path: Path, word: str) -> None:
    submission = read(f"序号,条目,标识,填报,{word}\n1,G9,teachers,7,某科\n", tmp_path)

    assert submission.facts.numbers("teachers").tolist() == [7]
    assert f"facts.csv: “{word}”没有读入" in [note.text("zh") for note in submission.notes]
    assert f"facts.csv: the columns {word!r} were not read" in map(str, submission.notes)


def test_a_short_row_of_a_text_file_is_refused_as_in_any_table(tmp_path: Path) -> None:
    assert problems("fact,value\nteachers,1,200\n", tmp_path) == [
        "facts, facts.csv:2: found 3 cells, wanted 2 as in the header; "
        "check for separators inside cells, which need quotes"
    ]


def test_facts_in_columns_may_be_beside_a_title(tmp_path: Path) -> None:
    facts = read("项目,专任教师总数,规划布局合理\n,120,否\n", tmp_path, "others: ignore").facts

    assert facts.numbers("full_time_teachers").tolist() == [120]
    assert facts.numbers("layout_rational").tolist() == [0]


def test_facts_called_a_total_and_headers_again(tmp_path: Path) -> None:
    submission = read("fact,value\nquota_total,7\nfact,value\nquota_allocated,3\n注：截至9月,\n", tmp_path)

    assert submission.facts.numbers("quota_total").tolist() == [7]
    assert submission.facts.numbers("quota_allocated").tolist() == [3]
    assert {
        "facts.csv: headers again in row 3, left out",
        "facts.csv: remarks below the table in row 5, left out",
    } <= {str(note) for note in submission.notes}


def test_counties_are_named_as_in_any_table(tmp_path: Path) -> None:
    facts = read("县,fact,value\nＡ,teachers,7\nB,teachers,8\nA,training_completed,6\n", tmp_path, counties=True).facts

    assert facts.numbers("teachers").tolist() == [7, 8]
    assert repr(facts.numbers("training_completed").tolist()) == "[6.0, nan]"


# Joined cells


def test_joined_cells_that_leave_no_doubt(tmp_path: Path) -> None:
    submission = book(
        """[县级填报项]
一、基本情况 | < | < | <
事实 | 填报 | 单位 | 依据
一、政府保障程度 | < | < | <
专任教师数 | 1.2 | 百人 | 名册
其中：持有教师资格证的 | 1 | ^ | ^
就近划片入学人数 | | |
招收人数 | ^ | |
""",
        tmp_path,
    )

    assert submission.facts.numbers("full_time_teachers").tolist() == [120]
    assert submission.facts.numbers("certified_teachers").tolist() == [100]
    assert submission.evidence == {
        ("county", "full_time_teachers"): "名册",
        ("county", "certified_teachers"): "名册",
    }


def test_a_value_joined_with_its_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(be.DataErrors, match="县级填报项!B2, value: the cell is merged over several columns"):
        book("[县级填报项]\n事实 | 填报 | 单位\n专任教师数 | 12 | <\n", tmp_path)


# Units


def test_conversions_of_facts_and_of_shares_are_text(tmp_path: Path) -> None:
    submission = read(
        "标识,填报,单位\nteacher_salary,11.5,万元\ncivil_servant_salary,11,万元\nretention_rate,98.5,%\nteachers,7,人\n",
        tmp_path,
    )

    assert submission.facts.numbers("teacher_salary").tolist() == [115_000]
    assert submission.facts.numbers("retention_rate").tolist() == [0.985]
    title = be.load_standard().measures["teacher_salary"].title
    words = [str(note) for note in submission.notes]
    assert f"facts.csv: {title.en} is written in 万元, and was multiplied by 10000 to yuan" in words
    assert sum("multiplied" in entry for entry in words) == 3
    rate = be.load_standard().measures["retention_rate"].title
    assert f"facts.csv: “{rate.zh}”的单位是%，按 × 1/100 换算成小数" in [note.text("zh") for note in submission.notes]


def test_conversions_of_shares_in_columns_are_text(tmp_path: Path) -> None:
    submission = read("持证上岗率（%）,专任教师总数\n99.25,120\n", tmp_path)

    title = be.load_standard().measures["certified_share"].title
    words = f"facts.csv: {title.en} is written in %, and was multiplied by 1/100 to fractions of 1"
    assert words in map(str, submission.notes)


def test_the_unit_above_the_table_is_that_of_facts_without_their_own(tmp_path: Path) -> None:
    submission = book(
        """[县级填报项]
单位：万元 | |
标识 | 填报 | 单位
teacher_salary | 11.5 |
civil_servant_salary | 110000 | 元
teachers | 7 |
""",
        tmp_path,
    )

    assert submission.facts.numbers("teacher_salary").tolist() == [115_000]
    assert submission.facts.numbers("civil_servant_salary").tolist() == [110_000]
    assert submission.facts.numbers("teachers").tolist() == [7]


def test_a_share_with_its_sign_below_a_unit_that_says_it(tmp_path: Path) -> None:
    assert read("标识,填报,单位\nretention_rate,0.5%,%\n", tmp_path).facts.numbers("retention_rate").tolist() == [0.005]

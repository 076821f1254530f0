"""The official form that is handed in: its figures, the blanks of its sentences and what it attests are read."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import openpyxl
import pytest

import balancedu as be

NOT_PRINTED = {
    "basic_balance_passed_on",
    "basic_balance_three_years",
    "monitoring_kept_high",
    "funds_per_pupil_primary",
    "funds_per_pupil_junior",
    "performance_pay_approved",
    "public_day_pupils_primary",
    "pupils_from_zone_primary",
    "public_day_pupils_junior",
    "pupils_from_zone_junior",
    "quota_favours_rural",
    "left_behind_care",
    "special_education_funds",
    "exam_admission",
    "improper_choice",
    "key_schools_or_classes",
    "unfilled_posts",
    "serious_incident",
    "falsification",
}
"""What the form leaves to words, or prints too coarsely: shares of zones, and funds in units of 10,000 yuan."""


Example = Literal["failing", "passing"]


def form(folder: Path, name: Example, edit: Callable[[openpyxl.Workbook], None] | None = None) -> Path:
    path = folder / f"{name}.xlsx"
    be.write_forms(be.evaluate(be.example(name)), path)
    book = openpyxl.load_workbook(path)
    if edit:
        edit(book)
    book.save(path)
    return path


def replaced(sheet: str, cell: str, old: str, new: str) -> Callable[[openpyxl.Workbook], None]:
    def edit(book: openpyxl.Workbook) -> None:
        text = book[sheet][cell].value
        assert old in text
        book[sheet][cell] = text.replace(old, new)

    return edit


def facts(submission: be.Submission) -> dict[str, float]:
    columns = submission.facts.columns
    return {
        name: float(values[0])
        for name, values in columns.items()
        if values.dtype.kind == "f" and values[0] == values[0]
    }


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("failing", {"nearby_share_primary": 1.0, "nearby_share_junior": 0.971}),
        ("passing", {"nearby_share_primary": 1.0, "nearby_share_junior": 0.99, "migrant_children_placed": 3164.0}),
    ],
)
def test_a_form_that_was_written_is_read_as_the_same_facts(
    tmp_path: Path, name: Example, more: dict[str, float]
) -> None:
    there = be.read_submission(form(tmp_path, name))
    own = facts(be.example(name))

    missing = set(own) - set(facts(there))
    assert missing - NOT_PRINTED <= {"teaching_orderly", "practice_activities"}, "Q7 of failing is not decided"
    assert facts(there) == {fact: value for fact, value in own.items() if fact not in missing} | more
    judged, again = (be.evaluate(entry).items for entry in (be.example(name), there))
    decided = {item for item in again if again[item].verdict.name != "UNKNOWN"}
    assert {"G1", "G2", "G7", "G9", "G10", "G11", "G12", "G13", "Q1", "Q2", "Q3", "Q5", "Q6", "Q8"} <= decided
    assert all(again[item].verdict == judged[item].verdict for item in decided)


def test_an_edited_blank_is_read(tmp_path: Path) -> None:
    path = form(
        tmp_path, "failing", replaced("表Ⅴ", "B4", "入学70人，入学率为97.2%", "入学 ＿６８＿ 人， 入学率为＿＿%")
    )

    assert facts(be.read_submission(path))["disabled_children_enrolled"] == 68


def test_an_empty_blank_is_not_reported_and_its_share_is_stated(tmp_path: Path) -> None:
    read = facts(be.read_submission(form(tmp_path, "failing", replaced("表Ⅴ", "B4", "入学70人", "入学＿＿人"))))

    assert "disabled_children_enrolled" not in read
    assert read["disabled_children"] == 72
    assert read["disabled_enrolment_rate"] == 0.972


@pytest.mark.parametrize(
    ("edit", "cell", "zh"),
    [
        (replaced("表Ⅴ", "B4", "入学70人", "入学七十多人"), "表Ⅴ!B4", "七十多"),
        (replaced("表Ⅴ", "B4", "入学70人", "入学7 0.5.1人"), "表Ⅴ!B4", "7 0.5.1"),
        (replaced("表Ⅳ", "B15", "97.1%", "0.971%"), "表Ⅳ!B15", "0.971"),
        (lambda book: book["表Ⅵ"].__setitem__("C6", "很多"), "表Ⅵ!C6", "很多"),
        (replaced("表Ⅳ", "B13", "11.6%", "12.6%"), "表Ⅳ!B13", "0.126"),
    ],
)
def test_a_blank_that_cannot_be_read_is_an_error_with_its_cell(
    tmp_path: Path, edit: Callable[[openpyxl.Workbook], None], cell: str, zh: str
) -> None:
    with pytest.raises(be.BalanceduError) as refused:
        be.read_submission(form(tmp_path, "failing", edit))

    assert cell in str(refused.value)
    assert zh in str(refused.value)


def notes(submission: be.Submission) -> list[str]:
    return [note.text("zh").partition(" ")[2] for note in submission.notes]


@pytest.mark.parametrize(
    ("edit", "lost", "note"),
    [
        (
            replaced("表Ⅴ", "B4", "入学70人", "其中入学70人"),
            {"disabled_children", "disabled_children_enrolled"},
            "表Ⅴ: B4 的句子与申报表的写法不同，没有读入",
        ),
        (
            lambda book: book["表Ⅵ"].__setitem__("C4", "回收"),
            {"survey_valid", "survey_satisfied"},
            "表Ⅵ: 是申报表的结论，没有读入",
        ),
        (lambda book: book["表Ⅳ"].__setitem__("C3", "达标（按放宽）"), {"layout_rational"}, "表Ⅳ: 按申报表读入27项"),
        (lambda book: book["表Ⅳ"].__setitem__("C4", "不达标"), {"unified_staffing"}, "表Ⅳ: 按申报表读入24项"),
    ],
)
def test_what_is_written_otherwise_is_not_read(
    tmp_path: Path, edit: Callable[[openpyxl.Workbook], None], lost: set[str], note: str
) -> None:
    read = be.read_submission(form(tmp_path, "failing", edit))

    assert lost.isdisjoint(facts(read))
    assert note in notes(read)


def test_one_statement_that_is_not_so_is_read_as_no(tmp_path: Path) -> None:
    read = be.read_submission(form(tmp_path, "failing", lambda book: book["表Ⅳ"].__setitem__("C3", "不达标")))

    assert facts(read)["layout_rational"] == 0


def test_funds_in_ten_thousands_are_too_coarse(tmp_path: Path) -> None:
    read = be.read_submission(form(tmp_path, "passing"))

    assert "表Ⅳ: B9 的特殊教育学校公用经费以10000为单位，精度不够，没有读入" in notes(read)
    assert facts(read)["special_education_funds_per_pupil"] == 6000


def test_a_table_of_facts_goes_before_the_form(tmp_path: Path) -> None:
    def with_facts(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("facts")
        for row in (["fact", "value"], ["teacher_salary", 90000]):
            sheet.append(row)

    read = be.read_submission(form(tmp_path, "failing", with_facts))

    assert facts(read) == {"teacher_salary": 90000}
    assert "表Ⅳ: 县级数据已另有一张表，申报表上的没有读入" in notes(read)


def test_two_copies_of_a_sheet_are_refused(tmp_path: Path) -> None:
    def copied(book: openpyxl.Workbook) -> None:
        book.copy_worksheet(book["表Ⅳ"])

    with pytest.raises(be.BalanceduError, match=r"表Ⅳ Copy: it is 表Ⅳ too, first in failing.xlsx 表Ⅳ"):
        be.read_submission(form(tmp_path, "failing", copied))


def test_forms_of_two_counties_are_not_mixed(tmp_path: Path) -> None:
    form(tmp_path, "failing")
    form(tmp_path, "passing")

    with pytest.raises(be.BalanceduError, match=r"passing.xlsx 表Ⅰ"):
        be.read_submission(tmp_path)


def test_the_cover_names_the_county_and_sections_are_those_of_their_schools(tmp_path: Path) -> None:
    path = tmp_path / "forms.xlsx"
    be.write_forms(be.evaluate(be.example("failing")), path)
    sub = be.read_submission(path)

    assert sub.county_name(sub.counties[0]) == "安和县"
    own = be.example("failing")
    sections = be.evaluate(own).sections["school"].tolist()
    names = dict(zip(own.schools.texts("school").tolist(), own.schools.texts("name").tolist(), strict=True))
    assert sorted(be.evaluate(sub).sections["school"].tolist()) == sorted(names[school] for school in sections)


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (["申报县（市、区）：清源区（盖章）"], "清源区"),
        (["县（市、区）名称：", None, "清源区"], "清源区"),
        (["县（市、区）：＿＿＿＿"], ""),
        (["填报单位：清源区教育局"], ""),
    ],
)
def test_covers_in_other_words(cells: list[str | None], name: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    cover.append(["全国义务教育优质均衡发展县（市、区）申报表"])
    cover.append(cells)
    page = book.create_sheet("学校")
    for row in (["学校名称", "类型", "小学在校生数"], ["甲", "小学", 300]):
        page.append(row)
    book.save(tmp_path / "county.xlsx")
    sub = be.read_submission(tmp_path / "county.xlsx")
    assert sub.county_name(sub.counties[0]) == name

"""Grades are numbers counted through all stages, however they are written; what is no grade is refused."""

from __future__ import annotations

from typing import Any

import pytest

import balancedu as be

SCHOOLS = {"school": ["1", "2"], "type": ["小学", "初中"]}


def grades_of(stage: str, grades: list[Any], **facts: Any) -> list[str]:
    """The grades of the classes of one school, as read."""
    school = "1" if stage == "小学" else "2"
    classes = {"school": [school] * len(grades), "stage": [stage] * len(grades), "grade": grades}
    read: list[str] = be.Submission(SCHOOLS, classes, facts=facts).tables["classes"].texts("grade").tolist()
    return read


@pytest.mark.parametrize(
    "third", ["三年级", "3年级", "3", 3, 3.0, "三", "小学三年级", "小三", "３年级", "Grade 3", "G3", " 三 年级"]
)
def test_one_grade_is_written_in_many_ways(third: Any) -> None:
    assert grades_of("小学", [third, None]) == ["3", ""]


@pytest.mark.parametrize("seventh", ["七年级", "初一", "初中一年级", "一年级", "1", 7, "初中七年级", "（初一）"])
def test_grades_of_junior_stages_count_on(seventh: Any) -> None:
    assert grades_of("初中", [seventh]) == ["7"]


def test_cohorts_are_counted_from_the_school_year() -> None:
    assert grades_of("小学", ["2025级", "2020级"], school_year=2025) == ["1", "6"]
    assert grades_of("初中", ["2025级", "初中2023级"], school_year=2025) == ["7", "9"]


@pytest.mark.parametrize("text", ["2025级", "混合班", "0", "13", "三年级1班", "2025届", "初四", "=1+1", "三四年级"])
def test_what_is_no_grade_is_refused_with_its_cell(text: str) -> None:
    with pytest.raises(be.DataErrors) as caught:
        grades_of("小学", ["1", text])
    (error,) = caught.value.errors

    assert (error.table, error.place, error.column) == ("classes", "row 1 (1)", "grade")
    assert text in error.problem


def test_a_cohort_that_has_left_is_refused() -> None:
    with pytest.raises(be.DataErrors, match="2010级"):
        grades_of("小学", ["2010级"], school_year=2025)


def test_monitoring_has_grades_too() -> None:
    monitoring = {"subject": ["语文", "数学"], "grade": ["四年级", "初二"]}

    assert be.Submission(SCHOOLS, monitoring=monitoring).tables["monitoring"].texts("grade").tolist() == ["4", "8"]

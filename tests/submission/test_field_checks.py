"""Checks that a standard declares between figures: errors are refused, warnings said; each kind at its limit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import balancedu as be
from balancedu.core.loading import shipped

FIVE = ["001", "002", "003", "004", "005"]


def schools(**columns: Sequence[Any]) -> dict[str, Any]:
    """Five primary schools of 400 pupils, with these columns."""
    return {"school": FIVE, "type": ["primary_school"] * 5, "pupils_primary": [400] * 5} | columns


def content_of(submission: be.Submission) -> list[tuple[str, str, str]]:
    """What is warned about: check, school and column."""
    return [(warning.check, warning.school, warning.column) for warning in submission.warnings]


def strict(folder: Path) -> Path:
    """The shipped edition with every declared check as an error."""
    folder.mkdir()
    for entry in shipped("_specs", "specs").joinpath("cn-2017").iterdir():
        text = entry.read_bytes().decode("utf-8").replace("severity: warning", "severity: error")
        folder.joinpath(entry.name).write_text(text.replace("id: cn-2017", f"id: {folder.name}"), encoding="utf-8")
    return folder


def test_the_examples_are_beyond_doubt() -> None:
    assert be.example("passing").warnings == be.example("failing").warnings == ()


def test_rooms_larger_than_all_teaching_rooms() -> None:
    rooms = {"school": ["001", "001", "002"], "use": ["music", "art", "art"], "area": [100.1, 99.9, 300.1]}
    warnings = be.Submission(schools(teaching_area=[200.0, 300, 300, 300, 300]), rooms=rooms).warnings

    assert [entry.text("en") for entry in warnings] == [
        "schools, row 1 (002), teaching_area: all rooms.area add up to 300.1, more than the 300 of teaching_area; "
        "correct one of the two"
    ]
    assert (
        warnings[0].text() == "第1行 (002)，教学及辅助用房面积（teaching_area）："
        "面积合计为300.1，大于教学及辅助用房面积300；请核对这两个数"
    )


def test_what_is_not_reported_can_only_add_to_a_part() -> None:
    rooms = {"school": ["001", "001"], "use": ["music", "art"], "area": [250, None]}

    assert content_of(be.Submission(schools(teaching_area=[200.0, None, 300, 300, 300]), rooms=rooms)) == [
        ("rooms_in_teaching_area", "001", "teaching_area")
    ]
    assert content_of(be.Submission(schools(teaching_area=[None, 300, 300, 300, 300]), rooms=rooms)) == []


def test_teachers_of_all_schools_against_those_of_the_county() -> None:
    columns: dict[str, Any] = {
        "county": ["a", "a", "a", "b", "b"],
        "degree_teachers_primary": [20] * 5,
        "arts_pe_teachers_primary": [20, 20, 20, 20, None],
    }
    facts: dict[str, Any] = {"a": {"full_time_teachers": 60}, "b": {"full_time_teachers": 39}}
    warnings = be.Submission(schools(**columns), facts=facts).warnings

    assert [entry.text("en") for entry in warnings] == [
        "facts, b, full_time_teachers: all degree_teachers_primary + all degree_teachers_junior add up to 40, "
        "more than the 39 of full_time_teachers; correct one of the two"
    ]
    assert (warnings[0].county, warnings[0].school) == ("b", "")


@pytest.mark.parametrize(("graduates", "wrong"), [(530, False), (531, True)])
def test_more_graduates_than_there_can_be(graduates: int, wrong: bool) -> None:
    facts = {"graduates": graduates, "grade7_enrolled": 500, "transferred_in": 30}

    assert content_of(be.Submission(schools(), facts=facts)) == [("graduates_of_cohort", "", "graduates")] * wrong


def test_classes_listed_against_what_is_reported() -> None:
    classes = {"school": ["001"] * 9 + ["002"] * 2, "stage": ["primary"] * 11, "pupils": [44] * 8 + [48, 45, None]}
    warnings = be.Submission(schools(classes_primary=[9, 3, 9, 9, 9]), classes).warnings

    # The pupils of 002 are not all known, and who lists nothing has nothing to compare.
    assert [entry.text("en") for entry in warnings if entry.check != "classes_of_every_school"] == [
        "schools, row 1 (002), classes_primary: found 3, but in classes the rows listed are 2; "
        "list what is missing, or correct the total",
    ]
    assert warnings[0].problem.zh == "填报3，班级表列出的行数为2"


def test_pupils_of_classes_against_enrolment() -> None:
    classes = {"school": ["001"] * 2, "stage": ["primary"] * 2, "pupils": [44, 45]}
    warnings = be.Submission(schools(), classes).warnings

    assert [entry.text() for entry in warnings if entry.check == "pupils_of_classes"] == [
        "第0行 (001)，小学在校生数（pupils_primary）：填报400，班级表列出的班级学生数合计为89；请补全清单，或核对总数"
    ]


def test_schools_with_pupils_of_which_no_class_is_listed() -> None:
    given: dict[str, Any] = {
        "county": ["a"] * 6 + ["b"],
        "school": ["001", "002", "003", "004", "005", "006", "001"],
        "type": ["小学", "九年一贯制学校", "小学", "初中", "特殊教育学校", "小学", "小学"],
        "pupils_primary": [45, 45, 400, None, 30, 0, 400],
        "pupils_junior": [None, 45, None, 300, None, None, None],
    }
    classes = {"county": ["a"] * 2, "school": ["001", "002"], "stage": ["小学"] * 2, "pupils": [45] * 2}
    warnings = be.Submission(given, classes).warnings

    # Of a special school the law asks no classes, and b lists none at all.
    assert [entry.text("en") for entry in warnings] == [
        "schools, row 2 (003), pupils_primary: found 400, but classes lists none of its primary stage; "
        "list what is missing, or correct the total",
        "schools, row 1 (002), pupils_junior: found 45, but classes lists none of its junior stage; "
        "list what is missing, or correct the total",
        "schools, row 3 (004), pupils_junior: found 300, but classes lists none of its junior stage; "
        "list what is missing, or correct the total",
    ]
    assert warnings[0].text() == (
        "第2行 (003)，小学在校生数（pupils_primary）：填报400，班级表没有列出该校的小学班级；请补全清单，或核对总数"
    )


@pytest.mark.parametrize(
    ("area", "wrong"), [(40_000.0, False), (40_000.5, True), (100.0, False), (99.9, True), (0.0, False), (None, False)]
)
def test_twenty_times_the_median_of_the_county(area: float | None, wrong: bool) -> None:
    given = schools(teaching_area=[2000, 2000, 2000, 2000, area], school=FIVE, pupils_primary=[400] * 5)
    if not area:
        given = {name: [*column, column[0]] for name, column in given.items()} | {"school": [*FIVE, "006"]}

    assert content_of(be.Submission(given)) == [("far_from_the_county", "005", "teaching_area")] * wrong


def test_how_far_from_the_median_is_text() -> None:
    warnings = be.Submission(schools(equipment_value=[800_000, 800_000, 80, 800_000, 800_000])).warnings

    assert [entry.text("en") for entry in warnings] == [
        "schools, row 2 (003), equipment_value: 0.2 per pupil, 1/10,000 of the county's median of 2,000; "
        "yuan or 10,000 yuan?"
    ]
    assert warnings[0].problem.zh == "按在校生平均为0.2元，是全县中位数2,000元的1/10,000"


def test_a_wrong_unit_of_a_school_shows_beside_its_campus_and_of_the_campus_beside_the_school() -> None:
    parent = [None, None, "002", None, None]
    for values, school in (([800_000, 80] + [800_000] * 3, "002"), ([800_000, 800_000, 80, 800_000, 800_000], "003")):
        submission = be.Submission(schools(equipment_value=values, parent=parent))

        assert content_of(submission) == [("far_from_the_county", school, "equipment_value")]
        assert content_of(submission.judged) == content_of(submission)
        assert [warning.text("zh") for warning in be.evaluate(submission).warnings] == [
            warning.text("zh") for warning in submission.warnings
        ]


def test_classes_of_a_campus_may_be_listed_with_its_school() -> None:
    given = schools(parent=[None, "001", None, None, None], classes_primary=[4, 4, 4, 4, 4])
    classes = {"school": ["001"] * 8, "stage": ["primary"] * 8, "pupils": [100] * 8}
    result = [warning for warning in be.Submission(given, classes).warnings if warning.school in ("001", "002")]

    assert result == []


def test_small_schools_and_small_counties_are_not_compared() -> None:
    small = schools(teaching_area=[2000] * 4 + [90_000], pupils_primary=[400] * 4 + [19])
    few = {name: column[1:] for name, column in schools(teaching_area=[2000] * 4 + [90_000]).items()}

    assert content_of(be.Submission(small)) == content_of(be.Submission(few)) == []


def test_figures_of_a_stage_are_shared_by_its_pupils() -> None:
    given = {
        "school": [*FIVE, "006"],
        "type": ["junior_school"] * 5 + ["nine_year_school"],
        "pupils_primary": [None] * 5 + [4000],
        "pupils_junior": [400] * 6,
        "degree_teachers_junior": [20] * 5 + [401],
    }

    assert content_of(be.Submission(given)) == [("far_from_the_county", "006", "degree_teachers_junior")]


UNITS: dict[str, tuple[str, list[float], str]] = {
    "yuan or 10,000 yuan?": ("equipment_value", [80.0, 81, 79, 80, 82], "元还是万元？"),
    "yuan or 1,000 yuan?": ("equipment_value", [800.0, 810, 790, 800, 820], "元还是千元？"),
    "m² or mu?": ("sports_ground_area", [4.8, 5, 4.9, 5, 6], "平方米还是亩？"),
    "look at unit and decimal point": ("multimedia_rooms", [10_000, 9000, 11_000, 10_000, 9500], "请核对单位和小数点"),
    "converted once too often (10,000 times)?": (
        "public_funds_budget",
        [3.2e9, 3.1e9, 3.3e9, 3.2e9, 3.2e9],
        "是否多换算了一次（10,000倍）？",
    ),
}


@pytest.mark.parametrize("meant", UNITS)
def test_a_column_in_another_unit(meant: str) -> None:
    column, figures, zh = UNITS[meant]
    (result,) = be.Submission(schools(**{column: figures})).warnings

    assert result.check == f"plausible.{column}"
    assert (result.hint.en, result.hint.zh) == (meant, zh)


def test_usual_values_are_named_with_the_column() -> None:
    (result,) = be.Submission(schools(equipment_value=[None, 80, 81, 80, 80])).warnings

    assert result.text() == (
        "第1行 (002)，教学仪器设备值（equipment_value）："
        "按在校生平均的全县中位数为0.2元，通常在100至50,000元之间；元还是万元？"
    )
    assert result.text("en") == (
        "schools, row 1 (002), equipment_value: the county's median per pupil is 0.2, usual are 100 to 50,000; "
        "yuan or 10,000 yuan?"
    )
    assert (result.title.zh, result.why.zh) == ("教学仪器设备值在常见范围之内", "标准的约二十分之一至二十倍")


def test_a_fact_in_another_unit() -> None:
    facts = {"teacher_salary": 9.8, "civil_servant_salary": 98_000, "certified_share": 0.01}

    assert [warning.text("en") for warning in be.Submission(schools(), facts=facts).warnings] == [
        "facts, teacher_salary: found 9.8, usual are 10,000 to 500,000; yuan or 10,000 yuan?",
        "facts, certified_share: found 0.01, usual are 0.2 to 1; 1 or 0.01?",
    ]


def test_only_the_county_that_differs_is_named() -> None:
    many = {name: column * 2 for name, column in schools(equipment_value=[800_000] * 5).items()}
    given = many | {"county": ["a"] * 5 + ["b"] * 5, "equipment_value": [800_000] * 5 + [80] * 5}

    assert [(warning.county, warning.school) for warning in be.Submission(given).warnings] == [("b", "001")]


def test_every_kind_of_check_may_be_an_error(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "schools": schools(teaching_area=[100.0, 2000, 2000, 2000, 90_000]),
        "classes": {"school": FIVE[1:], "stage": ["primary"] * 4, "pupils": [45, None, None, None]},
        "rooms": {"school": ["001"], "use": ["art"], "area": [101]},
    }
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(**given, standard=strict(tmp_path / "strict"))

    assert [str(error) for error in caught.value.errors] == [
        warning.text("en") for warning in be.Submission(**given).warnings
    ]
    result = [error.text("zh").partition("，")[2] for error in caught.value.errors]
    assert result == [warning.text("zh") for warning in be.Submission(**given).warnings]
    assert [error.kind for error in caught.value.errors] == [
        "part above its whole",
        "list against its total",
        "nothing listed",
        "far from other schools",
    ]


def test_a_county_is_warned_as_it_would_be_alone() -> None:
    rng = np.random.default_rng(7)
    many = {name: column * 4 for name, column in schools().items()} | {
        "county": np.repeat(["a", "b", "c", "d"], 5),
        "teaching_area": np.round(10 ** rng.uniform(2, 7, 20)),
    }
    warnings = be.Submission(many).warnings

    assert warnings
    for county in "abcd":
        alone = {name: np.asarray(column)[many["county"] == county] for name, column in many.items()}
        result = [warning.problem for warning in be.Submission(alone).warnings]
        assert result == [entry.problem for entry in warnings if entry.county == county]

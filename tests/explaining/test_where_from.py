"""Every value knows the cells that it was read from: in files, in memory, and of schools with campuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from chinese import is_chinese

import balancedu as be
from balancedu.submission.tables import Place

FAILING = be.evaluate(be.example("failing"))


def test_an_indicator_comes_from_its_amounts_and_pupils() -> None:
    result = be.origin(FAILING, "R4", school="003", stage="primary")

    assert [(entry.measure, entry.school, entry.value, str(entry.place)) for entry in result] == [
        ("teaching_area", "003", 3288.6, "schools.csv:4"),
        ("indoor_sports_area", "003", 0, "schools.csv:4"),
        ("pupils_primary", "003", 870, "schools.csv:4"),
    ]
    assert result[0].text("en") == "003 teaching and auxiliary rooms: 3288.6 (schools.csv:4)"
    assert result[0].text() == "003 教学及辅助用房面积：3288.6（schools.csv:4）"


def test_a_combined_school_is_split_by_the_pupils_of_all_its_stages() -> None:
    result = be.origin(FAILING, "R6", school="008", stage="junior")

    assert [entry.measure for entry in result] == ["equipment_value", "pupils_primary", "pupils_junior"]


def test_an_item_comes_from_its_facts() -> None:
    assert [(entry.measure, entry.place) for entry in be.origin(FAILING, "G12")] == [
        ("certified_teachers", Place("facts.yaml", line=44)),
        ("full_time_teachers", Place("facts.yaml", line=43)),
    ]


def test_a_measure_comes_from_its_cell() -> None:
    (fact,) = be.origin(FAILING, "certified_teachers")
    (figure,) = be.origin(FAILING, "equipment_value", school="009")

    assert (fact.value, fact.school, fact.place.line) == (2518, "", 44)
    assert (figure.school, figure.place) == ("009", Place("schools.csv", line=10))


def test_a_coefficient_comes_from_the_figures_of_all_sections() -> None:
    result = be.origin(FAILING, "R-spread", indicator="R6", stage="primary")
    schools = [entry.school for entry in result if entry.measure == "equipment_value"]

    assert sorted(schools) == sorted(FAILING.sections["school"][FAILING.sections["stage"] == "primary"].tolist())


def test_a_class_comes_from_its_row() -> None:
    (result,) = (entry for entry in be.origin(FAILING, "G5") if entry.value > 45)

    assert (result.measure, result.place.file) == ("classes.pupils", "classes.csv")


def test_tables_in_memory_name_the_row() -> None:
    schools = {"school": ["b", "a"], "type": ["primary_school"] * 2, "pupils_primary": [400, 300]}
    ev = be.evaluate(be.Submission(schools | {"degree_teachers_primary": [20, None]}, facts={"teachers": 30}))
    result = be.origin(ev, "R1", school="a")

    assert [(entry.measure, entry.place) for entry in result] == [
        ("degree_teachers_primary", Place(line=1)),
        ("pupils_primary", Place(line=1)),
    ]
    assert result[0].text("en") == "a primary teachers above the required degree: not reported (row 1)"
    assert result[0] == be.origin(ev, "R1", school="a")[0]


def test_a_school_with_campuses_shows_each_of_them(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(
        "school,type,parent,pupils_primary,pupils_junior,teaching_area,indoor_sports_area\n"
        "001,nine_year_school,,400,200,2400.5,0\n001b,primary_school,001,60,,300.2,\n",
        encoding="utf-8",
    )
    ev = be.evaluate(be.read_submission(tmp_path))

    assert [
        (entry.measure, entry.school, str(entry.place)) for entry in be.origin(ev, "R4", school="001", stage="junior")
    ] == [
        ("teaching_area", "001", "schools.csv:2"),
        ("teaching_area", "001b", "schools.csv:3"),
        ("indoor_sports_area", "001", "schools.csv:2"),
        ("indoor_sports_area", "001b", "schools.csv:3"),
        ("pupils_primary", "001", "schools.csv:2"),
        ("pupils_primary", "001b", "schools.csv:3"),
        ("pupils_junior", "001", "schools.csv:2"),
    ]
    result = be.explain(ev, "R4", school="001", stage="junior").text("zh")
    assert "教学及辅助用房面积：2700.7平方米（2400.5 schools.csv:2 + 300.2 schools.csv:3）" in result
    assert "室内体育用房面积：缺报（0 schools.csv:2 + ? schools.csv:3）" in result


@pytest.mark.parametrize(
    ("entry", "school", "kind", "text"),
    [
        ("G99", None, KeyError, "no item, indicator or measure 'G99'"),
        ("equipment_value", None, ValueError, "every school reports equipment_value; choose one"),
        ("equipment_value", "099", KeyError, "no school '099'"),
        ("classes.pupils", None, ValueError, "every row of classes has classes.pupils"),
        ("R4", None, ValueError, "judged section by section"),
    ],
)
def test_what_has_no_single_origin(entry: str, school: str | None, kind: type[Exception], text: str) -> None:
    with pytest.raises(be.BalanceduError, match=text) as caught:
        be.origin(FAILING, entry, school=school)
    assert isinstance(caught.value, kind)
    assert is_chinese(caught.value.text())
    assert caught.value.text("en") == str(caught.value)


def test_many_counties_are_asked_one_by_one() -> None:
    given = {"county": ["a", "b"], "school": ["1", "1"], "type": ["primary_school"] * 2}
    ev = be.evaluate(be.Submission(given, facts={"a": {"teachers": 3}, "b": {"teachers": 4}}))

    with pytest.raises(ValueError, match=r"a figure belongs to one county; choose one, as in ev\['a'\]"):
        be.origin(ev, "teachers")
    assert be.origin(ev["b"], "teachers")[0].value == 4

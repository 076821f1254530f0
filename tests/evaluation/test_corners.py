"""Corners of judging: limits that depend on a condition, a hair below a limit, and what is missing for a verdict."""

from __future__ import annotations

from typing import Any

import pytest

import balancedu as be

MET, NOT_MET, UNKNOWN = be.Verdict.MET, be.Verdict.NOT_MET, be.Verdict.UNKNOWN
RELAXED = be.load_standard("cn-2017", ["transition"], on="2020-03-01")
LARGER = """format: 1
id: larger
title: {zh: 乡村学校可以更大, en: rural schools may be larger}
document: 试〔2024〕1号
extends: cn-2017
set:
  - path: rules.G4.limits
    value:
      - types: [primary_school, teaching_point, junior_school, complete_secondary_school]
        at_most: 2400
        when: {measure: area, one_of: [rural]}
      - types: [primary_school, teaching_point, junior_school, complete_secondary_school]
        at_most: 2000
      - types: [nine_year_school, twelve_year_school]
        at_most: 2500
    source: {document: 试〔2024〕1号, part: 规模, confidence: O}
"""


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> be.Standard:
    """The standard in which rural schools may be larger."""
    path = tmp_path_factory.mktemp("overlay") / "larger.yaml"
    path.write_text(LARGER, encoding="utf-8")
    return be.load_standard("cn-2017", [path])


@pytest.mark.parametrize(
    ("pupils", "area", "verdict", "required"),
    [
        (2000, None, MET, None),
        (2001, None, UNKNOWN, None),
        (2400, None, UNKNOWN, None),
        (2401, None, NOT_MET, None),
        (2300, "rural", MET, 2400),
        (2300, "urban", NOT_MET, 2000),
        (2400, "rural", MET, 2400),
        (2401, "rural", NOT_MET, 2400),
        (2000, "town", MET, 2000),
    ],
)
def test_a_limit_that_depends_on_a_condition(
    larger: be.Standard, pupils: int, area: str | None, verdict: be.Verdict, required: float | None
) -> None:
    school = {"school": ["1"], "type": ["primary_school"], "pupils_primary": [pupils], "area": [area]}
    finding = be.evaluate(be.Submission(school, standard=larger)).items["G4"]
    worst = finding.checks[0].worst

    assert worst is not None
    assert (finding.verdict, worst.verdict, worst.observed) == (verdict, verdict, pupils)
    if required is not None:
        assert worst.required == required
    assert [gap.column for gap in finding.gaps] == (["area"] if verdict is UNKNOWN else [])


@pytest.mark.parametrize(
    ("funds", "verdict"),
    [(72000, MET), ("71999.99999999999", NOT_MET), (71999.9999999999, NOT_MET), (None, UNKNOWN)],
)
def test_funds_of_a_small_school_a_hair_below_what_they_must_be(funds: Any, verdict: be.Verdict) -> None:
    school = {"school": ["1"], "type": ["teaching_point"], "pupils_primary": [60], "public_funds_budget": [funds]}
    facts = {"funds_per_pupil_primary": 720, "funds_per_pupil_junior": 900}

    assert be.evaluate(be.Submission(school, facts=facts)).items["G6"].verdict is verdict


def test_the_level_and_the_rate_of_monitoring_are_those_reported() -> None:
    submission = be.Submission(
        {"school": ["1"], "type": ["primary_school"]},
        monitoring={
            "subject": ["语文", "数学"],
            "grade": ["4", "8"],
            "level": ["3", "2"],
            "between_school_rate": [0.15, 0.149],
        },
    )
    level, rate = be.evaluate(submission).items["Q9"].checks

    assert (level.verdict, level.observed, level.required, level.total) == (NOT_MET, 2.0, 3.0, 2)
    assert (rate.verdict, rate.observed, rate.required, rate.total) == (NOT_MET, 0.15, 0.15, 2)
    assert [case.name.zh for case in (*level.cases, *rate.cases)] == ["数学（8年级）", "语文（4年级）"]
    assert level.text("zh") == f"{level.title.zh}：1项未达到要求，数学（8年级） Ⅱ级（应不低于Ⅲ级）"


def test_gaps_of_a_school_name_no_column_of_a_stage_that_it_lacks() -> None:
    ev = be.evaluate(be.Submission({"school": ["1", "2"], "type": ["primary_school", "junior_school"]}))
    columns = {
        school: {gap.column for finding in ev.items.values() for gap in finding.gaps if gap.school == school}
        for school in ("1", "2")
    }

    assert "pupils_primary" in columns["1"]
    assert not [column for column in columns["1"] if column.endswith("_junior")]
    assert "pupils_junior" in columns["2"]
    assert not [column for column in columns["2"] if column.endswith("_primary")]


def test_rooms_are_missing_only_in_counties_that_report_none() -> None:
    schools = {"county": ["a", "b"], "school": ["1", "1"], "type": ["primary_school"] * 2, "pupils_primary": [400] * 2}
    rooms = {"county": ["a"], "school": ["1"], "use": ["music"], "area": [100]}
    ev = be.evaluate(be.Submission(schools | {"classes_primary": [10, 10]}, rooms=rooms))

    assert [gap.table for gap in ev["a"].items["G3"].gaps] == []
    assert ev["a"].items["G3"].verdict is NOT_MET
    assert {gap.table for gap in ev["b"].items["G3"].gaps} == {"rooms"}


@pytest.mark.parametrize(("pupils", "columns"), [(1900, set()), (2300, {"built"}), (2500, set())])
def test_a_relief_asks_only_where_it_could_decide(pupils: int, columns: set[str]) -> None:
    school = {"school": ["1"], "type": ["primary_school"], "pupils_primary": [pupils], "migrant_share": [0.5]}
    school |= {"construction_plan": [True]}
    finding = be.evaluate(be.Submission(school, standard=RELAXED)).items["G4"]

    assert {gap.column for gap in finding.gaps} == columns
    assert (finding.verdict is UNKNOWN) == bool(columns)

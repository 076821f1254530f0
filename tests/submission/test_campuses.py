"""Campuses that are not counted as schools: what is added, what stays unknown, and that both are seen in the result."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np
import pytest
from again import again as rebuilt

import balancedu as be
from balancedu.submission import problems

NINE, PRIMARY = "nine_year_school", "primary_school"


def county(**columns: list[Any]) -> dict[str, Any]:
    """A school, its campus, and another school."""
    return {
        "school": ["001", "001b", "002"],
        "type": [PRIMARY] * 3,
        "parent": [None, "001", None],
        "pupils_primary": [400, 60, 300],
    } | columns


def test_pupils_and_resources_are_added() -> None:
    given = county(teaching_area=[1900.1, 300.2, 1500], degree_teachers_primary=[20, 3, 15])
    sub = be.Submission(given)
    ev = be.evaluate(sub)

    assert ev.sections["school"].tolist() == ["001", "002"]
    assert ev.sections["pupils"].tolist() == [460, 300]
    # Exactly 2200.3, not the 2200.2999999999997 of floats.
    assert sub.judged.schools.numbers("teaching_area").tolist() == [2200.3, 1500]
    assert ev.values[:, 0].tolist() == [100 * 23 / 460, 5.0]


def test_what_was_submitted_stays_as_it_was() -> None:
    sub = be.Submission(county(name=["一小", "一小南校区", "二小"]))
    ev = be.evaluate(sub)

    assert ev.submission is sub
    assert sub.columns("schools")["school"].tolist() == ["001", "001b", "002"]
    assert sub.columns("schools")["parent"].tolist() == ["", "001", ""]
    again = rebuilt(ev)
    assert again == ev
    assert again.submission.columns("schools")["parent"].tolist() == ["", "001", ""]


def test_campuses_are_listed_with_their_school() -> None:
    ev = be.evaluate(be.Submission(county(name=["一小", "一小南校区", "二小"])))
    (result,) = ev.excluded

    assert (result.school, result.reason, result.parent, result.pupils) == ("001b", "campus", "001", 60)
    assert result.text() == "一小南校区：校区，并入001计算，在校生60人"
    assert result.text("en") == "一小南校区: a campus, counted with 001, 60 pupils"
    assert "并入001计算" in be.report(ev, "zh")


def test_what_a_campus_does_not_report_is_unknown_and_never_zero() -> None:
    values = be.evaluate(be.Submission(county(equipment_value=[800_000, None, 600_000]))).values

    assert np.isnan(values[0, 5])
    assert values[1, 5] == 2000


def test_a_gap_names_the_campus_that_leaves_it() -> None:
    given = county(name=["一小", "一小南校区", "二小"], equipment_value=[800_000, None, None])
    gaps = be.evaluate(be.Submission(given)).items["R-schools"].gaps

    named = [(gap.school, gap.text()) for gap in gaps if gap.column == "equipment_value"]
    assert named == [("001", "一小南校区“教学仪器设备值”"), ("002", "二小“教学仪器设备值”")]


def test_a_stage_that_the_campus_lacks_is_no_gap() -> None:
    given = county(
        type=[NINE, PRIMARY, PRIMARY],
        pupils_junior=[200, None, None],
        degree_teachers_junior=[11, None, None],
        classes_junior=[5, None, None],
    )
    ev = be.evaluate(be.Submission(given))

    assert ev.sections["pupils"].tolist() == [460, 300, 200]
    assert ev.values[2, 0] == 5.5


def test_a_stage_attached_to_a_campus_is_a_section_of_its_school() -> None:
    given = county(
        type=[PRIMARY, PRIMARY, PRIMARY],
        pupils_junior=[None, 40, None],
        degree_teachers_junior=[None, 3, None],
        equipment_value=[400_000, 106_000, None],
    )
    ev = be.evaluate(be.Submission(given))

    assert [(school, stage) for school, stage in zip(ev.sections["school"], ev.sections["stage"], strict=True)] == [
        ("001", "primary"),
        ("002", "primary"),
        ("001", "junior"),
    ]
    assert ev.sections["pupils"].tolist()[2] == 40
    assert ev.values[2, 0] == 7.5


def test_classes_and_rooms_go_to_the_school() -> None:
    classes = {"school": ["001b"] * 2 + ["001"] * 9, "stage": ["primary"] * 11, "pupils": [30, 46] + [44] * 9}
    rooms = {"school": ["001b", "002"], "use": ["music", "music"], "area": [100, 100]}
    ev = be.evaluate(be.Submission(county(classes_primary=[9, 2, 7]), classes, rooms))
    size, music = ev.items["G5"].checks[0], ev.items["G3"].checks[0]

    assert [case.school for case in size.cases if case.verdict is be.Verdict.NOT_MET] == ["001"]
    assert [case.school for case in music.cases if case.verdict is be.Verdict.NOT_MET] == []
    assert ev.submission.judged.columns("classes")["school"].tolist() == ["001"] * 11


def test_a_campus_of_one_stage_may_be_reported_as_a_school() -> None:
    ev = be.evaluate(be.Submission(county(parent=[None, None, None])))

    assert ev.sections["school"].tolist() == ["001", "001b", "002"]
    assert ev.excluded == ()


def test_a_school_too_large_with_its_campus() -> None:
    ev = be.evaluate(be.Submission(county(pupils_primary=[1500, 501, 300])))

    assert ev.items["G4"].schools == ("001",)


def test_who_asks_for_a_campus_is_sent_to_its_school() -> None:
    ev = be.evaluate(be.Submission(county()))

    with pytest.raises(KeyError, match="'001b' is a campus that counts with '001'"):
        be.explain(ev, "R1", school="001b")


def test_counties_keep_their_campuses_apart() -> None:
    given = {
        "county": ["a", "a", "b", "b"],
        "school": ["1", "2", "1", "2"],
        "type": [PRIMARY] * 4,
        "parent": ["", "", "2", ""],
        "pupils_primary": [100, 200, 300, 400],
    }
    ev = be.evaluate(be.Submission(given))

    assert ev["a"].sections["pupils"].tolist() == [100, 200]
    assert ev["b"].sections["pupils"].tolist() == [700]
    assert [entry.school for entry in ev["a"].excluded] == []
    assert [(entry.school, entry.parent) for entry in ev["b"].excluded] == [("1", "2")]


def test_changes_are_made_to_what_was_submitted() -> None:
    sub = be.Submission(county(equipment_value=[800_000, 100_000, 600_000]))
    after = be.what_if(be.evaluate(sub), [{"do": "add", "school": "001b", "amounts": {"equipment_value": 20_000}}])

    assert after.submission.columns("schools")["equipment_value"].tolist() == [800_000, 120_000, 600_000]
    assert after.evaluation.values[0, 5] == 2000


def test_a_school_that_merges_brings_its_campuses() -> None:
    sub = be.Submission(county(equipment_value=[800_000, 100_000, 600_000]))
    after = be.what_if(be.evaluate(sub), [{"do": "merge", "schools": ["001"], "into": "002"}])

    assert after.submission.columns("schools")["parent"].tolist() == ["002", ""]
    assert after.evaluation.sections["pupils"].tolist() == [760]


def test_a_school_with_campuses_cannot_close() -> None:
    with pytest.raises(be.DataErrors, match="001 has campuses: 001b; close or merge them first"):
        be.what_if(be.evaluate(be.Submission(county())), [{"do": "close", "school": "001", "to": "002"}])


def test_robustness_draws_campuses_too() -> None:
    sub = be.Submission(county(equipment_value=[800_000, 100_000, 600_000]))

    draws = be.robustness(be.evaluate(sub), {"equipment_value": 0.01}, draws=8, seed=1)

    # 900,000 for 460 pupils are 1,956 yuan each: above the floor in every draw, sometimes at the standard.
    assert draws.single_values()["draws"] == 8
    assert {table for table in draws.tables["decisions"]["school"].tolist() if table} == {"001", "002"}


def test_a_plan_is_for_schools_with_their_campuses() -> None:
    sub = be.example("failing")
    schools = sub.columns("schools")
    more = {name: [*cells.tolist(), None] for name, cells in schools.items()}
    campus = {"county": "990202", "school": "001b", "type": "primary_school", "parent": "001"}
    zeros = [name for name in more if name.endswith(("primary", "area", "value", "rooms", "budget", "funds"))]
    for name in zeros:
        if name not in ("area", "name"):
            more[name][-1] = 0
    more["parent"] = [None] * len(schools["school"]) + [None]
    for name, value in campus.items():
        more[name][-1] = value
    shortfalls = be.shortfalls(be.evaluate(sub.changed(schools=more)))

    assert shortfalls.to_dict() == be.shortfalls(be.evaluate(sub)).to_dict()


def test_for_very_many_unknown_schools_the_nearest_is_looked_for_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def close_matches(word: str, possibilities: list[str], n: int, cutoff: float) -> list[str]:  # noqa: ARG001
        asked.append(word)
        assert len(possibilities) == 100
        return possibilities[:1]

    monkeypatch.setattr(difflib, "get_close_matches", close_matches)
    given = {
        "county": ["a", "b"] * 100,
        "school": [f"{n:03}" for n in range(200)],
        "type": [PRIMARY] * 200,
        "parent": [f"x{n}" for n in range(200)],
    }
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(given)

    assert len(caught.value.errors) == 200
    assert len(asked) == 2 * problems.MOST_GUESSES
    assert "did you mean '000'?" in str(caught.value)


def test_a_teaching_point_is_judged_by_itself_whatever_school_it_names() -> None:
    columns = {"type": [PRIMARY, "teaching_point", PRIMARY]}
    ev = be.evaluate(be.Submission(county(**columns)))
    assert ev.sections["pupils"].tolist() == [400, 60, 300]
    assert be.Submission(county(**columns)).campuses is None

    rows = [
        {"学校名称": "中心小学", "学校类型": "小学", "小学在校生数": 400, "主校": None, "是否计校数": "是"},
        {"学校名称": "石门教学点", "学校类型": "教学点", "小学在校生数": 60, "主校": "中心小学", "是否计校数": "否"},
        {"学校名称": "青杨教学点", "学校类型": "教学点", "小学在校生数": 55, "主校": None, "是否计校数": "否"},
    ]
    sub = be.read_submission(rows)
    assert sorted(be.evaluate(sub).sections["pupils"].tolist()) == [55, 60, 400]
    assert "石门教学点单独判定，不并入所填的主校" in [note.message.zh for note in sub.notes]
    rows[1]["学校类型"] = "小学"
    assert sorted(be.evaluate(be.read_submission(rows)).sections["pupils"].tolist()) == [55, 460]

"""A relaxed result is never shown alone: the strict result is always shown next to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from again import again as rebuilt

import balancedu as be
from balancedu.core.standard import without_relief
from balancedu.evaluation.evaluation import json_schema
from balancedu.reporting.forms import filled_forms
from balancedu.reporting.reports import report_document
from balancedu.text import Phrase

RELAXED = be.load_standard("cn-2017", ["transition"], on="2020-03-01")


def county(**columns: list[Any]) -> be.Submission:
    """Return the failing example, whose first school is too large, with further columns."""
    example = be.example("failing")
    size = len(example.schools)
    schools: dict[str, Any] = dict(example.columns("schools")) | {
        "crowded_centre": [False] * size,
        "migrant_share": [0.1] * size,
        "construction_plan": [True] * size,
    }
    return be.Submission(schools | {"built": [2009] * size} | columns, standard=RELAXED)


EV = be.evaluate(county(), RELAXED)


def test_what_relief_changed_is_one_comparison() -> None:
    strict = EV.changed_by_relief["G4"]
    changes = be.compare(EV.strict, EV).differences if EV.strict else ()

    assert (strict.verdict, strict.schools, EV.items["G4"].verdict) == (be.Verdict.NOT_MET, ("001",), be.Verdict.MET)
    assert ("item", "G4", "NOT_MET", "MET") in [
        (change.level, change.id, change.before, change.after) for change in changes
    ]
    assert {change.direction for change in changes} == {"better"}
    source = be.explain(EV, "G4", school="001").steps[0].source
    assert source is not None
    assert source.part.startswith("填表说明 过渡期")


def test_strictly_it_is_as_if_there_were_no_relief() -> None:
    assert EV.strict is not None
    assert EV.strict.items["G4"].verdict is be.Verdict.NOT_MET
    assert EV.strict.strict is None
    assert EV.strict.changed_by_relief == {}
    assert be.evaluate(be.example("failing")).strict is None


@pytest.mark.parametrize(("lang", "words"), [("zh", "不放宽：未达标："), ("en", "without relief: not met: ")])
def test_the_terminal_says_it(lang: Any, words: str) -> None:
    assert words in be.report(EV, lang)


def test_many_counties_say_it_too() -> None:
    schools = {"county": ["1", "2"], "school": ["a", "b"], "type": ["小学"] * 2, "pupils_primary": [2001] * 2}
    ev = be.evaluate(
        be.Submission(
            schools | {"built": [2009, 2011], "migrant_share": [0, 0], "construction_plan": [True] * 2},
            standard=RELAXED,
        ),
        RELAXED,
    )

    assert {county: list(ev[county].changed_by_relief) for county in ev} == {"1": ["G4"], "2": []}
    assert "不放宽：未达标" in be.report(ev, "zh")
    assert ev["1"].strict is not None
    assert ev["1"].strict.counties == ("1",)


def test_json_holds_both_and_keeps_to_its_schema() -> None:
    data = json.loads(EV.to_json())
    (result,) = data["counties"].values()

    jsonschema.validate(data, json_schema())
    assert result["strict"]["items"]["G4"] == "NOT_MET"
    assert result["items"]["G4"]["verdict"] == "MET"
    assert rebuilt(EV) == EV


def test_explanations_say_it() -> None:
    assert "不放宽：未达标" in be.explain(EV, "G4").text("zh")


@pytest.mark.parametrize("kind", ["self-evaluation", "rectification", "overview"])
def test_reports_say_it(kind: Any) -> None:
    assert "不放宽" in report_document(EV, kind, "zh").text()


def test_the_form_says_it() -> None:
    cells = [str(cell.cell.value) for sheet in filled_forms(EV) for cell in sheet.cells]

    assert "达标（不放宽：未达标）" in cells


def test_rooms_are_explained_by_the_area_that_counted() -> None:
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [480], "classes_primary": [12], "built": [2016]}
    rooms = {"school": ["1", "1"], "use": ["music", "art"], "area": [73, 67]}
    ev = be.evaluate(be.Submission(school, rooms=rooms, standard=RELAXED), RELAXED)

    assert "面积不小于73平方米" in be.explain(ev, "G3").text("zh")
    assert ev.strict is not None
    assert "面积不小于96平方米" in be.explain(ev.strict, "G3").text("zh")


def test_an_amount_that_does_not_count_is_marked() -> None:
    school = {"school": ["1", "2"], "type": ["小学"] * 2, "pupils_primary": [100] * 2, "sports_ground_area": [600] * 2}
    more = {"indoor_sports_area": [0, 0], "relaxed_sports_area": [150, 150], "crowded_centre": [False, None]}
    ev = be.evaluate(be.Submission(school | more, standard=RELAXED), RELAXED)

    assert "不符合放宽条件，不计入" in be.explain(ev, "R5", school="1").text("zh")
    assert "是否符合放宽条件不知道" in be.explain(ev, "R5", school="2").text("zh")
    assert ("crowded_centre", "2") in [(gap.column, gap.school) for gap in ev.items["R-schools"].gaps]


def test_planning_works_with_relief() -> None:
    shortfalls, margins = be.shortfalls(EV), be.margins(EV)
    more = be.what_if(EV, [{"do": "set", "school": "001", "values": {"built": 2015}}])

    assert "G4" not in set(shortfalls.items["item"].tolist())
    assert "G4" in set(margins.items["item"].tolist())
    assert more.evaluation.items["G4"].verdict is be.Verdict.NOT_MET


def test_an_edition_of_its_own_may_grant_relief_without_an_overlay() -> None:
    parts = {name: attrs.evolve(part) for name, part in RELAXED.parts.items()}
    own = attrs.evolve(be.load_standard("cn-2017"), parts=parts, measures=RELAXED.measures)
    ev = be.evaluate(county(), attrs.evolve(own, strict=without_relief(own)))

    assert ev.changed_by_relief["G4"].schools == ("001",)


def test_relief_that_an_overlay_sets_is_shown(tmp_path: Path) -> None:
    (tmp_path / "larger.yaml").write_text(
        """format: 1
id: larger
title: {zh: 学校可以更大, en: schools may be larger}
document: 试〔2024〕1号
extends: cn-2017
relaxes: true
set:
  - path: rules.G4.limits
    value:
      - {types: [primary_school, teaching_point, junior_school, complete_secondary_school], at_most: 2100}
      - {types: [nine_year_school, twelve_year_school], at_most: 2500}
    source: {document: 试〔2024〕1号, part: 规模, confidence: O}
""",
        encoding="utf-8",
    )
    ev = be.evaluate(be.example("failing"), be.load_standard("cn-2017", [tmp_path / "larger.yaml"]))

    assert {item: strict.schools for item, strict in ev.changed_by_relief.items()} == {"G4": ("001",)}


def leased(**columns: list[Any]) -> be.Evaluation:
    """Return three junior schools alike, the first of which leases so much that the three are no longer alike."""
    schools: dict[str, Any] = {
        "school": ["1", "2", "3"],
        "type": ["初级中学"] * 3,
        "pupils_junior": [500] * 3,
        "sports_ground_area": [5000, 5200, 4900],
        "indoor_sports_area": [0] * 3,
        "relaxed_sports_area": [9000, 0, 0],
        "crowded_centre": [True] * 3,
    }
    return be.evaluate(be.Submission(schools | columns, standard=RELAXED), RELAXED)


def test_the_coefficient_shown_is_the_one_judged() -> None:
    ev = leased()
    assert ev.strict is not None
    (check,) = [entry for entry in ev.items["R-spread"].checks if entry.id == "R5.junior"]
    report = "".join(report_document(ev, "self-evaluation", "zh").text().split())

    assert check.verdict is be.Verdict.MET
    assert ev.cv[0, 1, 4] == ev.strict.cv[0, 1, 4] == check.observed == be.drivers(ev, "R5", "junior").cv
    assert ev.mean[0, 1, 4] == ev.strict.mean[0, 1, 4]
    assert "0.025 (0.45)  ✓" in be.report(ev, "zh")
    assert "0.025" in report
    assert "0.25 ÷ 10.07 = 0.025 ≤ 0.45" in be.explain(ev, "R-spread", indicator="R5", stage="junior").text("zh")


def test_a_coefficient_improved_by_relief_is_shown_beside_the_strict_one() -> None:
    ev = leased(sports_ground_area=[500, 5200, 4900], relaxed_sports_area=[4600, 0, 0])
    assert ev.strict is not None

    assert ev.strict.cv[0, 1, 4] > 0.45 > ev.cv[0, 1, 4]
    assert "不放宽：未达标：初中体育运动场馆0.608" in "".join(be.report(ev, "zh").split())


def test_a_coefficient_is_known_where_it_may_only_be_better() -> None:
    ev = leased(crowded_centre=[None] * 3)
    assert ev.strict is not None

    assert ev.cv[0, 1, 4] == ev.strict.cv[0, 1, 4]
    assert be.drivers(ev, "R5", "junior").cv == ev.cv[0, 1, 4]


def test_an_indicator_of_a_section_that_only_relief_raised_is_compared() -> None:
    ev = leased(name=["甲校", "乙校", "丙校"], sports_ground_area=[5000, 5200, 5100])
    changes = be.compare(ev.strict, ev).differences if ev.strict else ()

    assert ("R5", "1", "junior") in [
        (change.id, change.school, change.stage) for change in changes if change.level == "indicator"
    ]


def test_a_relief_inside_an_item_that_still_fails_says_what_it_changed() -> None:
    std = be.load_standard("cn-2017", ["transition", "entry-grade-classes"], on="2020-03-01")
    schools = {"school": ["1", "2"], "name": ["甲校", "乙校"], "type": ["初级中学"] * 2, "pupils_junior": [160, 52]}
    classes = {
        "school": ["1", "1", "1", "2"],
        "stage": ["初中"] * 4,
        "grade": ["七年级", "八年级", "九年级", "八年级"],
        "entry_grade": [True, False, False, False],
        "pupils": [55, 54, 51, 52],
    }
    ev = be.evaluate(be.Submission(schools, classes=classes, standard=std), std)
    strict = ev.changed_by_relief["G5"]

    assert ev.items["G5"].verdict is strict.verdict is be.Verdict.NOT_MET
    assert (len(strict.checks[0].cases), len(ev.items["G5"].checks[0].cases)) == (4, 1)
    assert strict.schools == ("1", "2")
    assert "不放宽：未达标：大班额4个：" in "".join(be.report(ev, "zh").split())


def test_a_limit_of_relief_is_set_by_the_overlay_and_nothing_else_is() -> None:
    first, *others = be.explain(EV, "G4").steps

    assert first.threshold == Phrase("不超过2400人", "at most 2400 pupils")
    assert first.set_by == "transition"
    assert "（按《过渡期放宽》执行）" in be.explain(EV, "G4").text("zh")
    assert first.source is not None
    assert first.source.part.startswith("填表说明 过渡期")
    way_up = [other.set_by for other in others if other.title.zh != "不放宽"]
    assert way_up == ["cn-2017"] * 3
    strictly = be.explain(EV, "G4", school="002").steps[0]
    assert strictly.set_by == "cn-2017"
    raised = be.explain(leased(), "R5", school="2").steps[1]
    assert (raised.title.zh, raised.set_by) == ("体育运动场馆", "cn-2017")

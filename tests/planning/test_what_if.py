"""Changes are made to a copy, in order, and every decision that they change is listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chinese import check_chinese

import balancedu as be
from balancedu.planning.changes import CHANGE_KINDS

from .test_shortfalls import rows_of

FAILING = be.example("failing")
EV = be.evaluate(FAILING)


def figure(submission: be.Submission, school: str, measure: str) -> float:
    columns = submission.columns("schools")
    return float(columns[measure][columns["school"].tolist().index(school)])


def changed(after: Any, level: str) -> dict[str, str]:
    rows = [row for row in rows_of(after.comparison.changes) if row["level"] == level]
    return {row["school"] or row["id"]: row["direction"] for row in rows}


def test_nothing_changes_nothing() -> None:
    after = be.what_if(EV, [])
    assert after.comparison.changes["level"].size == 0
    assert after.evaluation.to_json() == be.evaluate(FAILING).to_json()
    assert after.submission.evidence == FAILING.evidence
    assert after.submission.tables["classes"].place(200) == FAILING.tables["classes"].place(200)


def test_the_original_stays_as_it_is() -> None:
    before = be.evaluate(FAILING).to_json()
    be.what_if(EV, [{"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}}])
    assert be.evaluate(FAILING).to_json() == before


def test_amounts_are_added_as_written() -> None:
    after = be.what_if(EV, [{"do": "add", "school": "001", "amounts": {"teaching_area": 0.1}}] * 3)
    assert figure(after.submission, "001", "teaching_area") == 10619.6


def test_transfer_moves_and_keeps_the_sum() -> None:
    amounts = {"backbone_teachers_primary": 1}
    after = be.what_if(EV, [{"do": "transfer", "out_of": "002", "to": "007", "amounts": amounts}])
    assert figure(after.submission, "002", "backbone_teachers_primary") == 17
    assert figure(after.submission, "007", "backbone_teachers_primary") == 1
    assert changed(after, "section") == {"007": "better"}


def test_pupils_leave_the_largest_classes() -> None:
    move = {"do": "move_pupils", "out_of": "002", "to": "004", "stage": "primary", "pupils": 3}
    after = be.what_if(EV, [move])
    assert changed(after, "item") == {"G5": "better"}
    for school, difference in (("002", -3), ("004", 3)):
        assert (
            figure(after.submission, school, "pupils_primary") - figure(FAILING, school, "pupils_primary") == difference
        )
        sizes = []
        for submission in (FAILING, after.submission):
            classes = submission.columns("classes")
            sizes.append(classes["pupils"][classes["school"] == school].sum())
        assert sizes[1] - sizes[0] == difference


def test_both_directions_are_shown() -> None:
    after = be.what_if(
        EV,
        [
            {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
            {"do": "resize", "school": "009", "stage": "junior", "pupils": 250},
        ],
    )
    assert changed(after, "section") == {"007": "better", "009": "worse"}
    assert "高于规定学历教师" in next(
        row["why_zh"]
        for row in rows_of(after.comparison.changes)
        if row["level"] == "section" and row["school"] == "009"
    )


def test_merging_adds_up_and_closes() -> None:
    after = be.what_if(EV, [{"do": "merge", "schools": ["005"], "into": "003", "leave": ["sports_ground_area"]}])
    for measure in ("pupils_primary", "teaching_area", "degree_teachers_primary", "classes_primary"):
        assert figure(after.submission, "003", measure) == pytest.approx(
            figure(FAILING, "003", measure) + figure(FAILING, "005", measure)
        )
    assert figure(after.submission, "003", "sports_ground_area") == figure(FAILING, "003", "sports_ground_area")
    assert "005" not in after.submission.columns("schools")["school"]
    counts = [(entry.columns("classes")["school"] == "003").sum() for entry in (FAILING, after.submission)]
    assert counts[1] - counts[0] == 6


def test_merging_into_another_type() -> None:
    after = be.what_if(EV, [{"do": "merge", "schools": ["004"], "into": "012", "type": "nine_year_school"}])
    assert figure(after.submission, "012", "pupils_primary") == 560
    assert figure(after.submission, "012", "pupils_junior") == 468
    # What 012 did not report stays not reported.
    assert np.isnan(figure(after.submission, "012", "multimedia_rooms"))
    # Without another type, the primary pupils are attached to the junior school.
    attached = be.what_if(EV, [{"do": "merge", "schools": ["004"], "into": "012"}])
    assert figure(attached.submission, "012", "pupils_primary") == 560
    sections = attached.evaluation.sections
    assert ("012", "primary") in zip(sections["school"], sections["stage"], strict=True)


def test_closing_and_opening() -> None:
    after = be.what_if(
        EV,
        [
            {
                "do": "open",
                "school": "015",
                "type": "primary_school",
                "name": "新学校",
                "amounts": {"teaching_area": 900},
            },
            {"do": "close", "school": "005", "to": "015", "bring": ["degree_teachers_primary"]},
        ],
    )
    assert figure(after.submission, "015", "pupils_primary") == 86
    assert figure(after.submission, "015", "degree_teachers_primary") == 6
    assert figure(after.submission, "015", "backbone_teachers_primary") == 0
    assert figure(after.submission, "015", "classes_primary") == 6
    assert "005" not in after.submission.columns("schools")["school"]
    with pytest.raises(be.DataErrors, match="安和县双井乡小学 has pupils"):
        be.what_if(EV, [{"do": "close", "school": "005"}])


def test_rooms_classes_and_facts() -> None:
    after = be.what_if(
        EV,
        [
            {"do": "build_rooms", "school": "010", "use": "art", "area": 90},
            {"do": "divide_classes", "school": "002"},
            {
                "do": "state",
                "facts": {"curriculum_complete": True, "certified_teachers": 2519, "unfilled_posts": False},
            },
        ],
    )
    assert changed(after, "item") == {"G3": "better", "G5": "better", "G12": "better", "Q7": "better", "V4": "better"}
    assert figure(after.submission, "002", "classes_primary") == 28
    # What documented a fact does not document its new value.
    assert ("990202", "unfilled_posts") not in after.submission.evidence
    assert ("990202", "layout_rational") in after.submission.evidence


def test_changes_as_yaml(tmp_path: Path) -> None:
    file = tmp_path / "changes.yaml"
    file.write_text(
        "- do: add\n  school: '007'\n  amounts: {backbone_teachers_primary: 1}\n"
        "- do: set\n  school: '012'\n  values: {multimedia_rooms: 12}\n",
        encoding="utf-8",
    )
    assert changed(be.what_if(EV, file), "section") == {"007": "better", "012": "better"}
    file.write_text("- do: add\n  school: '007'\n  amuonts: {teaching_area: 1}\n- do: close\n", encoding="utf-8")
    with pytest.raises(be.DataErrors) as caught:
        be.what_if(EV, file)
    result = str(caught.value)
    assert "changes.yaml:3" in result
    assert "did you mean 'amounts'?" in result
    assert "changes.yaml:4" in result


BAD: list[tuple[Any, str]] = [
    ({"school": "007"}, "needs the key 'do'"),
    ({"do": "ad"}, "did you mean 'add'"),
    ({"do": "add", "school": "77", "amounts": {"teaching_area": 1}}, "no school '77'"),
    ({"do": "add", "school": "007", "amounts": {"teaching_area": float("nan")}}, "must be a number, found 'NaN'"),
    ({"do": "add", "school": "007", "amounts": {"teaching_area": float("inf")}}, "must be a number, found 'Infinity'"),
    ({"do": "resize", "school": "007", "stage": "primary", "pupils": 10**400}, "no number has more than 30 digits"),
    ({"do": "resize", "school": "007", "stage": "primary", "pupils": 3.5}, "must be a whole number"),
    ({"do": "add", "school": date(2024, 9, 1), "amounts": {"teaching_area": 1}}, "must be text"),
    ({"do": "state", "facts": {"layout_rational": date(2024, 9, 1)}}, "must be a number, a text, or true or false"),
    ({"do": "build_rooms", "school": "001", "use": "art", "area": 90, "rooms": 10**15}, "must be at most 1,000"),
    ({"do": "set", "school": "001", "values": {"teaching_area": 10**15 + 1}}, "must be at most 1,000,000,000,000,000"),
    (None, "needs the key 'do'"),
    (3, "needs the key 'do'"),
    ({"do": float("nan")}, "no change is called 'NaN'"),
    ({"do": "add", "school": "007", "amounts": {"teaching_aera": 1}}, "did you mean 'teaching_area'"),
    ({"do": "add", "school": "007", "amounts": {"teaching_area": -9999}}, "take away at most what is there"),
    ({"do": "add", "school": "007", "amounts": {}}, "must not be empty"),
    ({"do": "transfer", "out_of": "001", "to": "007", "amounts": {"teaching_area": -1}}, "more than 0"),
    ({"do": "move_pupils", "out_of": "001", "to": "007", "stage": "primary", "pupils": 5000}, "cannot leave"),
    ({"do": "merge", "schools": ["001"], "into": "001"}, "cannot merge into itself"),
    ({"do": "open", "school": "001", "type": "primary_school"}, "already"),
    ({"do": "open", "school": "099", "type": "primary"}, "no type of school"),
    ({"do": "build_rooms", "school": "001", "use": "dance", "area": 90}, "no use 'dance'"),
    ({"do": "state", "facts": {"layout": True}}, "no fact 'layout'"),
    ({"do": "state", "county": "1", "facts": {"layout_rational": True}}, "no county '1'"),
    ({"do": "resize", "school": "001", "stage": "primray", "pupils": 3}, "did you mean 'primary'"),
]


@pytest.mark.parametrize(("change", "text"), BAD, ids=[result for _, result in BAD])
def test_what_cannot_be_done_is_refused(change: Any, text: str) -> None:
    changes: list[Any] = [change]
    with pytest.raises(be.DataErrors, match=text) as caught:
        be.what_if(EV, changes)
    check_chinese(caught.value.errors[0])


def test_every_kind_can_say_itself() -> None:
    words: dict[str, dict[str, Any]] = {
        "add": {"school": "001", "amounts": {"teaching_area": 1}},
        "transfer": {"out_of": "001", "to": "002", "amounts": {"equipment_value": 1}},
        "move_pupils": {"out_of": "001", "to": "002", "stage": "primary", "pupils": 1},
        "resize": {"school": "001", "stage": "primary", "pupils": 2000},
        "set": {"school": "001", "values": {"teaching_area": 1200}},
        "merge": {"schools": ["005"], "into": "003"},
        "close": {"school": "006", "to": "003"},
        "open": {"school": "099", "type": "primary_school"},
        "build_rooms": {"school": "001", "use": "art", "area": 90},
        "divide_classes": {"school": "002"},
        "arrange_classes": {"school": "002", "stage": "primary", "grade": "3", "open": 1},
        "state": {"facts": {"curriculum_complete": True}},
    }
    assert set(words) == set(CHANGE_KINDS)
    changes: list[dict[str, Any]] = [{"do": name, **rest} for name, rest in words.items()]
    after = be.what_if(EV, changes)
    for lang in ("zh", "en"):
        assert after.text(lang).count("\n") > len(words)


def test_changes_are_understood_and_answered_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "改动.yaml"
    file.write_text(
        "- {改动: 增加, 学校: 安和县青杨教学点, 数量: {小学县级以上骨干教师数: 1}}\n"
        "- {改动: 分流学生, 调出: 安和县第一小学, 调入: 安和县第三小学, 学段: 小学, 学生数: 36}\n"
        "- {改动: 合并, 学校: [安和县双井乡小学], 并入: 安和县柳河镇中心小学}\n"
        "- {改动: 建专用教室, 学校: 安和县第一初级中学, 用途: 美术, 面积: 95}\n"
        "- {改动: 县级填报项, 内容: {课程开齐开足: true}}\n",
        encoding="utf-8",
    )
    after = be.what_if(EV, file)
    ids: list[dict[str, Any]] = [
        {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
        {"do": "move_pupils", "out_of": "001", "to": "003", "stage": "primary", "pupils": 36},
        {"do": "merge", "schools": ["005"], "into": "004"},
        {"do": "build_rooms", "school": "010", "use": "art", "area": 95},
        {"do": "state", "facts": {"curriculum_complete": True}},
    ]
    assert be.what_if(EV, ids).evaluation.to_json() == after.evaluation.to_json()
    assert [made.words.zh for made in after.made] == [
        "安和县青杨教学点增加小学县级以上骨干教师数1人",
        "安和县第一小学的36名学生转到安和县第三小学",
        "安和县双井乡小学并入安和县柳河镇中心小学",
        "安和县第一初级中学建美术专用教室1间，每间95平方米",
        "课程开齐开足：是",
    ]
    file.write_text(
        "- {改动: 分流学员, 学校: '007'}\n- {改动: 增加, 学校: 青杨教学点, 数量: {书: 1}}\n", encoding="utf-8"
    )
    with pytest.raises(be.DataErrors, match="分流学员") as caught:
        be.what_if(EV, file)
    assert "是否应为“分流学生”？" in caught.value.text("zh")


def test_numpy_values_are_plain_values() -> None:
    change = {"do": np.str_("add"), "school": np.str_("007"), "amounts": {"backbone_teachers_primary": np.int64(1)}}
    assert changed(be.what_if(EV, [change]), "section") == {"007": "better"}
    half = {"do": "add", "school": "001", "amounts": {"teaching_area": np.float64(0.1)}}
    assert figure(be.what_if(EV, [half]).submission, "001", "teaching_area") == 10619.4
    fact = be.what_if(EV, [{"do": "state", "facts": {"curriculum_complete": np.True_}}])
    assert changed(fact, "item") == {"Q7": "better"}


def test_no_text_opens_a_file() -> None:
    with pytest.raises(TypeError, match="Path of a YAML file"):
        be.what_if(EV, "changes.yaml")  # type: ignore[arg-type]


def test_a_school_is_compared_with_itself_alone() -> None:
    after = be.what_if(EV, [{"do": "build_rooms", "school": "010", "use": "art", "area": 95}])
    rows = [row for row in rows_of(after.comparison.changes) if row["id"].startswith("G3")]
    school = next(row for row in rows if row["level"] == "school")
    assert (school["school"], school["why_zh"], school["direction"]) == ("010", "2间 → 3间", "better")
    assert "安和县第一初级中学" in school["name_zh"]
    assert not any("→ 4" in row["why_zh"] for row in rows)
    assert "2间 → 4" not in after.text("zh")


def test_pupils_of_a_grade_are_spread_over_its_classes() -> None:
    after = be.what_if(EV, [{"do": "arrange_classes", "school": "002", "stage": "小学", "grade": "3", "open": 1}])
    classes = after.submission.columns("classes")
    sizes = classes["pupils"][(classes["school"] == "002") & (classes["grade"] == "3")]
    assert sizes.max() - sizes.min() <= 1
    assert figure(after.submission, "002", "classes_primary") == figure(FAILING, "002", "classes_primary") + 1
    assert changed(after, "item") == {"G5": "better"}


def test_changes_are_judged_by_the_standard_of_the_evaluation() -> None:
    standard = be.load_standard("cn-2017", overlays=["shenyang"])
    facts = {"special_education_funds_per_pupil": 7000}
    schools: dict[str, Any] = {"school": ["1"], "type": ["小学"], "pupils_primary": [100]}
    ev = be.evaluate(be.Submission(schools, facts=facts, standard=standard), standard)
    assert be.what_if(ev, []).evaluation.items["G7"].verdict is be.Verdict.NOT_MET


def test_one_county_of_many() -> None:
    county = {name: FAILING.columns(name) for name in ("schools", "classes", "rooms")}
    tables: dict[str, Any] = {}
    for name, columns in county.items():
        twice = {key: np.concatenate([values, values]) for key, values in columns.items()}
        half = columns["school"].size
        twice["county"] = np.array(["1"] * half + ["2"] * half)
        tables[name] = twice
    ev = be.evaluate(be.Submission(**tables))
    change = {"do": "add", "county": "2", "school": "007", "amounts": {"backbone_teachers_primary": 1}}
    after = be.what_if(ev["2"], [change])
    assert after.evaluation.counties == ("2",)
    assert changed(after, "section") == {"007": "better"}
    alone = be.robustness(ev["2"], {"equipment_value": 0.05}, draws=50)
    assert set(alone.decisions["county"].tolist()) == {"2"}
    same = be.robustness(EV, {"equipment_value": 0.05}, draws=50)
    sections = [result.decisions["share"][result.decisions["level"] == "section"].tolist() for result in (alone, same)]
    assert sections[0] == sections[1]

"""What is missing is enough, and one fewer is not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu.text import width

from .counties import schools, variants, with_more


def rows_of(table: Any) -> list[dict[str, Any]]:
    names = list(table)
    return [dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True)]


def standing(evaluation: be.Evaluation, row: dict[str, Any]) -> int:
    sections = evaluation.sections
    at = (sections["school"] == row["school"]) & (sections["stage"] == row["stage"])
    return int(evaluation.standing[at, evaluation.indicators.index(row["indicator"])][0])


@settings(max_examples=settings().max_examples // 2)
@given(schools(most=3))
def test_units_are_enough_and_one_fewer_is_not(columns: dict[str, Any]) -> None:
    rows = rows_of(be.shortfalls(be.evaluate(be.Submission(columns))).sections)
    wanted = [
        (row, level, row[f"to_{name}"] - fewer, fewer)
        for row in rows
        for level, name in ((1, "floor"), (2, "standard"))
        for fewer in ((0, 1) if row[f"to_{name}"] > 0 else (0,))
    ]
    after = variants(columns, [[(row["school"], row["measure"], units)] for row, _, units, _ in wanted])
    for (row, level, _, fewer), evaluation in zip(wanted, after, strict=True):
        assert (standing(evaluation, row) >= level) == (not fewer)


@settings(max_examples=settings().max_examples // 2)
@given(schools())
def test_columns_show_the_check(columns: dict[str, Any]) -> None:
    for row in rows_of(be.shortfalls(be.evaluate(be.Submission(columns))).sections):
        for level in ("floor", "standard"):
            if row[f"to_{level}"] > 0:
                assert row[f"{level}_reaches"] >= row[level] - 1e-9
                assert row[f"{level}_one_fewer"] < row[level] + 1e-9


def test_exactly_on_the_limit_lacks_nothing() -> None:
    # 0.85 * 4.5 * 200 is 765 on paper and something else in floats.
    columns = ALONE | {"pupils_primary": [200], "teaching_area": [765.0], "indoor_sports_area": [0]}
    result = be.shortfalls(be.evaluate(be.Submission(columns)))
    at = result.sections["indicator"] == "R4"
    assert result.sections["to_floor"][at] == 0
    assert result.sections["to_standard"][at] == 135


def test_unknown_stays_unknown_and_is_named() -> None:
    result = be.shortfalls(be.evaluate(be.example("failing")))
    at = (result.sections["school"] == "012") & (result.sections["indicator"] == "R7")
    assert math.isnan(result.sections["to_standard"][at][0])
    assert "网络多媒体教室数" in result.text("zh")


ALONE: dict[str, list[Any]] = {"school": ["1"], "type": ["primary_school"]}
SHARES = {
    "G9": ("training_completed", "teachers"),
    "G12": ("certified_teachers", "full_time_teachers"),
    "G14": ("quota_allocated", "quota_total"),
    "G15": ("migrant_children_placed", "migrant_children"),
    "Q2": ("disabled_children_enrolled", "disabled_children"),
    "S1": ("survey_satisfied", "survey_valid"),
}


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from(sorted(SHARES)), st.integers(1, 4000), st.floats(0, 1))
def test_people_still_to_go(item: str, whole: int, share: float) -> None:
    part, total = SHARES[item]
    facts = {total: whole, part: int(whole * share), "quota_favours_rural": True, "left_behind_care": True}
    if item == "S1":
        facts |= {"interviews": 10, "interviews_satisfied": 10}
    submission = be.Submission(ALONE, facts=facts)

    def verdict(more: int) -> be.Verdict:
        changed = facts | {part: int(facts[part]) + more}
        return be.evaluate(be.Submission(ALONE, facts=changed)).items[item].verdict

    missing = [
        int(row["amount"]) for row in rows_of(be.shortfalls(be.evaluate(submission)).items) if row["item"] == item
    ]
    if verdict(0) is be.Verdict.MET:
        assert missing == []
    else:
        assert verdict(missing[0]) is be.Verdict.MET
        assert verdict(missing[0] - 1) is be.Verdict.NOT_MET


def test_those_who_rotate_need_backbone_teachers_among_them() -> None:
    facts = {"rotation_eligible": 1000, "rotated": 60, "rotated_backbone": 12}
    submission = be.Submission(ALONE, facts=facts)
    result = [row for row in rows_of(be.shortfalls(be.evaluate(submission)).items) if row["item"] == "G11"]
    assert [row["amount"] for row in result if row["check"] == "rotation_share"] == [40]
    assert be.evaluate(submission.changed(facts=facts | {"rotated": 100})).items["G11"].verdict is be.Verdict.NOT_MET
    together = {"rotated": 100, "rotated_backbone": 20}
    assert be.evaluate(submission.changed(facts=facts | together)).items["G11"].verdict is be.Verdict.MET
    # The second share is already met; the teachers still to rotate make eight of them necessary.
    assert [row["amount"] for row in result if row["check"] == "rotated_backbone_share"] == [8]


def test_a_stated_share_lacks_points() -> None:
    submission = be.Submission(ALONE, facts={"migrant_share_placed": 0.8})
    result = [row for row in rows_of(be.shortfalls(be.evaluate(submission)).items) if row["item"] == "G15"]
    assert [row["words_zh"] for row in result if row["check"] == "migrant_share_placed"] == [
        "随迁子女就读比例增加5个百分点"
    ]


def class_county(sizes: list[int]) -> be.Submission:
    schools = ALONE | {"pupils_primary": [sum(sizes)]}
    classes: dict[str, list[Any]] = {
        "school": ["1"] * len(sizes),
        "stage": ["primary"] * len(sizes),
        "grade": ["3"] * len(sizes),
    }
    return be.Submission(schools, classes=classes | {"pupils": sizes})


@given(st.lists(st.integers(20, 140), min_size=1, max_size=4))
@settings(max_examples=settings().max_examples // 2)
def test_classes_to_divide_and_to_open(sizes: list[int]) -> None:
    result = {row["what"]: row for row in rows_of(be.shortfalls(be.evaluate(class_county(sizes))).items)}
    if max(sizes) <= 45:
        assert "divide" not in result
        return
    large = result["divide"]
    assert large["amount"] == sum(size > 45 for size in sizes)

    def fits(classes: int) -> bool:
        base, more = divmod(sum(sizes), classes)
        even = [base + (n < more) for n in range(classes)]
        return be.evaluate(class_county(even)).items["G5"].verdict is be.Verdict.MET

    least = len(sizes) + int(large["new_classes_rearranged"])
    assert fits(least)
    assert least == len(sizes) or not fits(least - 1)
    divided = [size for size in sizes if size <= 45]
    for size in sizes:
        if size > 45:
            pieces = -(-size // 45)
            divided += [size // pieces + (n < size % pieces) for n in range(pieces)]
    assert len(divided) - len(sizes) == large["new_classes"]
    assert be.evaluate(class_county(divided)).items["G5"].verdict is be.Verdict.MET


def test_rooms_funds_and_pupils_of_the_example() -> None:
    submission = be.example("failing")
    result = {row["item"]: row["amount"] for row in rows_of(be.shortfalls(be.evaluate(submission)).items)}
    assert {name: result[name] for name in ("G3", "G4", "G6", "G12")} == {"G3": 1, "G4": 36, "G6": 6640, "G12": 1}
    for item, school, measure, enough, fewer in (
        ("G6", "005", "public_funds_budget", 6640, 6639),
        ("G4", "001", "pupils_primary", -36, -35),
    ):
        assert with_more(submission, school, measure, enough).items[item].verdict is be.Verdict.MET
        assert with_more(submission, school, measure, fewer).items[item].verdict is be.Verdict.NOT_MET
    rooms = submission.columns("rooms")
    more = {"county": "990202", "school": "010", "use": "art", "area": 90.0}
    built = submission.changed(rooms={name: [*rooms[name].tolist(), more[name]] for name in rooms})
    assert be.evaluate(built).items["G3"].verdict is be.Verdict.MET


def test_training_funds() -> None:
    submission = be.Submission(ALONE | {"public_funds_budget": [1000.5], "training_funds": [50.0]})
    result = [row["amount"] for row in rows_of(be.shortfalls(be.evaluate(submission)).items) if row["item"] == "Q4"]
    assert result == [1]
    assert with_more(submission, "1", "training_funds", 1).items["Q4"].verdict is be.Verdict.MET


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("make", [be.shortfalls, be.margins])
def test_reports_fit_the_terminal(make: Any, lang: Any) -> None:
    result = make(be.evaluate(be.example("failing")))
    assert all(width(line) <= 80 for line in result.text(lang).splitlines())
    assert result._repr_html_().startswith("<div")
    assert result.to_dict()["standard"] == "cn-2017"
    for table in result.tables:
        assert len(result.to_frame(table)) == np.size(next(iter(result.tables[table].values())))


def test_several_counties_keep_their_rows_apart() -> None:
    columns: dict[str, list[Any]] = {"county": ["a", "b"], "school": ["1", "1"], "type": ["primary_school"] * 2}
    columns |= {"pupils_primary": [100, 100], "backbone_teachers_primary": [0, 3]}
    result = be.shortfalls(be.evaluate(be.Submission(columns)))
    at = result.sections["indicator"] == "R2"
    assert dict(zip(result.sections["county"][at], result.sections["to_standard"][at], strict=True)) == {"a": 1, "b": 0}

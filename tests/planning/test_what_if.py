"""Changes are made to a copy, in order, and every decision that they change is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chinese import check_chinese

import balancedu as be
from balancedu.planning.changes import KINDS

from .test_shortfalls import rows_of

FAILING = be.example("failing")


def figure(submission: be.Submission, school: str, measure: str) -> float:
    columns = submission.columns("schools")
    return float(columns[measure][columns["school"].tolist().index(school)])


def changed(after: Any, level: str) -> dict[str, str]:
    rows = [row for row in rows_of(after.comparison.changes) if row["level"] == level]
    return {row["school"] or row["id"]: row["direction"] for row in rows}


def test_nothing_changes_nothing() -> None:
    after = be.what_if(FAILING, [])
    assert after.comparison.changes["level"].size == 0
    assert after.evaluation.to_json() == be.evaluate(FAILING).to_json()
    assert after.submission.evidence == FAILING.evidence
    assert after.submission.tables["classes"].place(200) == FAILING.tables["classes"].place(200)


def test_the_original_stays_as_it_is() -> None:
    before = be.evaluate(FAILING).to_json()
    be.what_if(FAILING, [{"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}}])
    assert be.evaluate(FAILING).to_json() == before


def test_amounts_are_added_as_written() -> None:
    after = be.what_if(FAILING, [{"do": "add", "school": "001", "amounts": {"teaching_area": 0.1}}] * 3)
    assert figure(after.submission, "001", "teaching_area") == 10619.6


def test_transfer_moves_and_keeps_the_sum() -> None:
    amounts = {"backbone_teachers_primary": 1}
    after = be.what_if(FAILING, [{"do": "transfer", "out_of": "002", "to": "007", "amounts": amounts}])
    assert figure(after.submission, "002", "backbone_teachers_primary") == 17
    assert figure(after.submission, "007", "backbone_teachers_primary") == 1
    assert changed(after, "section") == {"007": "better"}


def test_pupils_leave_the_largest_classes() -> None:
    move = {"do": "move_pupils", "out_of": "002", "to": "004", "stage": "primary", "pupils": 3}
    after = be.what_if(FAILING, [move])
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


def test_both_directions_are_told() -> None:
    after = be.what_if(
        FAILING,
        [
            {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
            {"do": "resize", "school": "009", "stage": "junior", "pupils": 250},
        ],
    )
    assert changed(after, "section") == {"007": "better", "009": "worse"}
    assert "R1" in next(
        row["why_zh"]
        for row in rows_of(after.comparison.changes)
        if row["level"] == "section" and row["school"] == "009"
    )


def test_merging_adds_up_and_closes() -> None:
    after = be.what_if(FAILING, [{"do": "merge", "schools": ["005"], "into": "003", "leave": ["sports_ground_area"]}])
    for measure in ("pupils_primary", "teaching_area", "degree_teachers_primary", "classes_primary"):
        assert figure(after.submission, "003", measure) == pytest.approx(
            figure(FAILING, "003", measure) + figure(FAILING, "005", measure)
        )
    assert figure(after.submission, "003", "sports_ground_area") == figure(FAILING, "003", "sports_ground_area")
    assert "005" not in after.submission.columns("schools")["school"]
    counts = [(one.columns("classes")["school"] == "003").sum() for one in (FAILING, after.submission)]
    assert counts[1] - counts[0] == 6


def test_merging_into_another_type() -> None:
    after = be.what_if(FAILING, [{"do": "merge", "schools": ["004"], "into": "012", "type": "nine_year_school"}])
    assert figure(after.submission, "012", "pupils_primary") == 560
    assert figure(after.submission, "012", "pupils_junior") == 468
    # What 012 did not report stays not reported.
    assert np.isnan(figure(after.submission, "012", "multimedia_rooms"))
    with pytest.raises(be.DataErrors, match="has no primary stage"):
        be.what_if(FAILING, [{"do": "merge", "schools": ["004"], "into": "012"}])


def test_closing_and_opening() -> None:
    after = be.what_if(
        FAILING,
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
    with pytest.raises(be.DataErrors, match="005 has pupils"):
        be.what_if(FAILING, [{"do": "close", "school": "005"}])


def test_rooms_classes_and_facts() -> None:
    after = be.what_if(
        FAILING,
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
    assert changed(be.what_if(FAILING, file), "section") == {"007": "better", "012": "better"}
    file.write_text("- do: add\n  school: '007'\n  amuonts: {teaching_area: 1}\n- do: close\n", encoding="utf-8")
    with pytest.raises(be.DataErrors) as caught:
        be.what_if(FAILING, file)
    told = str(caught.value)
    assert "changes.yaml:3" in told
    assert "did you mean 'amounts'?" in told
    assert "changes.yaml:4" in told


BAD: list[tuple[Any, str]] = [
    ({"school": "007"}, "needs the key 'do'"),
    ({"do": "ad"}, "did you mean 'add'"),
    ({"do": "add", "school": "77", "amounts": {"teaching_area": 1}}, "no school '77'"),
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


@pytest.mark.parametrize(("change", "told"), BAD, ids=[told for _, told in BAD])
def test_what_cannot_be_done_is_told(change: dict[str, Any], told: str) -> None:
    with pytest.raises(be.DataErrors, match=told) as caught:
        be.what_if(FAILING, [change])
    check_chinese(caught.value.errors[0])


def test_every_kind_can_say_itself() -> None:
    said: dict[str, dict[str, Any]] = {
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
        "state": {"facts": {"curriculum_complete": True}},
    }
    assert set(said) == set(KINDS)
    after = be.what_if(FAILING, [{"do": name, **rest} for name, rest in said.items()])
    for lang in ("zh", "en"):
        assert after.text(lang).count("\n") > len(said)

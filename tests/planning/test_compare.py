"""Every change is listed once, in its direction, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

import balancedu as be
from balancedu.text import width

from .counties import schools
from .test_shortfalls import rows_of

PASSING, FAILING = be.evaluate(be.example("passing")), be.evaluate(be.example("failing"))


@settings(max_examples=settings().max_examples // 2)
@given(schools(), schools())
def test_every_section_that_changed_is_listed(entry: dict[str, Any], two: dict[str, Any]) -> None:
    before, after = (be.evaluate(be.Submission(columns)) for columns in (entry, two))
    verdicts: list[dict[tuple[str, str], int]] = []
    for side in (before, after):
        keys = zip(side.sections["school"].tolist(), side.sections["stage"].tolist(), strict=True)
        verdicts.append(dict(zip(keys, side.section_verdicts.tolist(), strict=True)))
    expected = {
        key: "better" if verdicts[1][key] > verdict else "worse"
        for key, verdict in verdicts[0].items()
        if key in verdicts[1] and verdicts[1][key] != verdict
    }
    forth = rows_of(be.compare(before, after).changes)
    result = {(row["school"], row["stage"]): row["direction"] for row in forth if row["level"] == "section"}
    assert result == expected
    turned = {"better": "worse", "worse": "better", "other": "other"}
    back = rows_of(be.compare(after, before).changes)
    names = ("level", "id", "school", "stage")
    assert {(*(row[key] for key in names), turned[row["direction"]]) for row in back} == {
        (*(row[key] for key in names), row["direction"]) for row in forth
    }


def test_two_counties_are_compared_but_not_their_schools() -> None:
    result = be.compare(FAILING, PASSING)
    rows = rows_of(result.changes)
    assert {row["level"] for row in rows} == {"county", "part", "item", "check"}
    assert next(row for row in rows if row["level"] == "county")["direction"] == "better"
    assert {row["direction"] for row in rows if row["id"] == "G4"} == {"better"}
    assert result.unmatched["side"].size == 0


def test_renamed_and_merged_schools_follow_the_mapping() -> None:
    columns = be.example("failing").columns("schools")
    renamed = columns | {"school": columns["school"].astype("U10")}
    renamed["school"][columns["school"] == "003"] = "303"
    details = {}
    for table in ("classes", "rooms"):
        details[table] = be.example("failing").columns(table)
        details[table]["school"] = details[table]["school"].astype("U10")
        details[table]["school"][details[table]["school"] == "003"] = "303"
    after = be.evaluate(
        be.example("failing").changed(schools=renamed, classes=details["classes"], rooms=details["rooms"])
    )
    lost = be.compare(FAILING, after)
    assert sorted(zip(lost.unmatched["school"], lost.unmatched["side"], strict=True)) == [
        ("003", "before"),
        ("303", "after"),
    ]
    result = be.compare(FAILING, after, schools={"003": "303"})
    assert result.unmatched["side"].size == result.changes["level"].size == 0
    with pytest.raises(ValueError, match="did you mean '003'"):
        be.compare(FAILING, after, schools={"0003": "303"})


def test_many_counties_are_matched_by_id() -> None:
    columns: dict[str, list[Any]] = {
        "county": ["a", "b"],
        "school": ["1", "1"],
        "type": ["小学"] * 2,
        "pupils_primary": [100, 100],
    }
    entry = be.evaluate(be.Submission(columns | {"backbone_teachers_primary": [0, 1]}))
    two = be.evaluate(be.Submission(columns | {"backbone_teachers_primary": [1, 0]}))
    rows = [row for row in rows_of(be.compare(entry, two).changes) if row["level"] == "indicator"]
    assert [(row["county"], row["id"], row["direction"]) for row in rows] == [
        ("a", "R2", "better"),
        ("b", "R2", "worse"),
    ]
    with pytest.raises(ValueError, match="no county is in both"):
        be.compare(entry, be.evaluate(be.Submission(columns | {"county": ["c", "d"]})))
    partly = be.compare(entry, be.evaluate(be.Submission(columns | {"county": ["a", "c"]})))
    assert partly.unmatched["name"].tolist() == ["b", "c"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_itself(lang: Any) -> None:
    result = be.compare(FAILING, PASSING)
    assert all(width(line) <= 80 for line in result.text(lang).splitlines())
    assert "<table" in result._repr_html_()
    assert result.to_dict()["changes"]["level"]
    assert len(result.to_frame("spread")) == 14
    assert be.compare(PASSING, PASSING).text(lang) in ("  没有判定改变。", "  No decision changed.")

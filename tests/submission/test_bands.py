"""Classes and rooms counted in bands are judged as far as their bounds allow; a band over the limit decides nothing."""

from __future__ import annotations

from typing import Any

import pytest

import balancedu as be

SCHOOL = {
    "school": "1",
    "type": "小学",
    "pupils_primary": 400,
    "classes_primary": 10,
}


def judged(item: str, **tables: Any) -> str:
    """The verdict of an item for one school."""
    return be.evaluate(be.Submission(schools=[SCHOOL], **tables)).items[item].verdict.name


def classes(*bands: tuple[int, int | None, int | None]) -> list[dict[str, Any]]:
    """Rows of classes, each a count and its bounds."""
    names = ("classes", "above", "at_most")
    return [{"school": "1", "stage": "小学"} | dict(zip(names, band, strict=True)) for band in bands]


@pytest.mark.parametrize(
    ("bands", "verdict"),
    [
        ([(10, None, 45)], "MET"),
        ([(4, None, 40), (6, 40, 45)], "MET"),
        ([(9, None, 45), (1, 45, 50)], "NOT_MET"),
        ([(9, None, 45), (1, 45, None)], "NOT_MET"),
        ([(9, None, 45), (1, 40, 50)], "UNKNOWN"),
        ([(9, None, 45), (1, None, None)], "UNKNOWN"),
        ([(10, None, 45), (0, 45, 50)], "MET"),
        ([(9, None, 45)], "UNKNOWN"),
    ],
)
def test_bands_of_classes(bands: list[tuple[int, int | None, int | None]], verdict: str) -> None:
    assert judged("G5", classes=classes(*bands)) == verdict


def room(use: str, count: int, least: float | None, below: float | None) -> dict[str, Any]:
    """A row of rooms."""
    return {"school": "1", "use": use, "rooms": count, "area_from": least, "area_below": below}


@pytest.mark.parametrize(
    ("music", "verdict"),
    [
        ([(1, 96, None)], "MET"),
        ([(1, 96, 120)], "MET"),
        ([(1, 73, 96)], "NOT_MET"),
        ([(1, None, 96)], "NOT_MET"),
        ([(1, 90, 100)], "UNKNOWN"),
        ([(0, 96, None)], "NOT_MET"),
        ([(3, 73, 96), (1, 96, 110)], "MET"),
    ],
)
def test_bands_of_rooms(music: list[tuple[int, float | None, float | None]], verdict: str) -> None:
    rooms = [room("音乐", *band) for band in music] + [room("美术", 1, 90, None)]

    assert judged("G3", rooms=rooms) == verdict


def test_bands_beside_single_rows() -> None:
    single = [{"school": "1", "stage": "小学", "pupils": 45}] * 8

    assert judged("G5", classes=[*single, *classes((2, 30, 45))]) == "MET"
    submission = be.Submission(schools=[SCHOOL], classes=[*single, *classes((2, 30, 45))])
    assert len(submission.tables["classes"]) == 10
    assert be.Submission(schools=[SCHOOL], classes=submission.columns("classes")) == submission


def test_everything_can_be_asked_of_bands() -> None:
    ev = be.evaluate(be.Submission(schools=[SCHOOL], classes=classes((9, None, 45), (1, 45, 50))))

    for lang in ("zh", "en"):
        assert be.report(ev, lang=lang)
        assert be.shortfalls(ev).text(lang)
    assert ev.to_json()
    assert str(be.explain(ev, "G5"))


def test_bands_that_make_no_sense_are_refused() -> None:
    rows = [
        {"school": "1", "stage": "小学", "classes": 2, "pupils": 40},
        {"school": "1", "stage": "小学", "above": 50, "at_most": 45},
        {"school": "1", "stage": "小学", "pupils": 51, "above": 45, "at_most": 50},
    ]
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(schools=[SCHOOL], classes=rows)

    assert [error.text("en") for error in caught.value.errors][:3] == [
        "classes, row 0 (1), pupils: found one size for 2; give each a row of its own, or the bounds alone",
        "classes, row 1 (1), above: the lower bound 50 is not below 45; correct one of them",
        "classes, row 2 (1), pupils: found 51, which is not between 45 and 50; correct one of them",
    ]


@pytest.mark.parametrize(
    ("rows", "size", "rooms"),
    [
        ([{"classes": 16, "at_most": 45, "in_all": 16}], "MET", "MET"),
        ([{"classes": 15, "at_most": 45, "in_all": 16}], "UNKNOWN", "UNKNOWN"),
        ([{"classes": 15, "at_most": 45, "in_all": 16}, {"classes": 1, "above": 45, "at_most": 50}], "UNKNOWN", "MET"),
        ([{"classes": 15, "at_most": 45, "in_all": 16}, {"classes": 1, "above": 50}], "NOT_MET", "MET"),
        ([{"classes": 16, "above": 40, "at_most": 45}], "MET", "MET"),
        ([{"classes": 16, "at_most": 45}], "UNKNOWN", "UNKNOWN"),
        ([{"pupils": 44}] * 15, "MET", "MET"),
        ([{"pupils": 43}] * 15, "UNKNOWN", "UNKNOWN"),
    ],
)
def test_classes_of_a_nine_year_school_without_their_stage(rows: list[dict[str, Any]], size: str, rooms: str) -> None:
    # 45 pupils are the limit of one stage, 50 of the other: what lies between decides nothing.
    school = {"school": "1", "type": "九年一贯制学校", "pupils_primary": 420, "pupils_junior": 236}
    listed = [room(use, 2, 96, None) for use in ("music", "art")]
    items = be.evaluate(be.Submission([school], classes=[{"school": "1"} | row for row in rows], rooms=listed)).items

    assert (items["G5"].verdict.name, items["G3"].verdict.name) == (size, rooms)


def test_a_class_without_stage_beside_others_that_say_it_is_refused() -> None:
    school = {"school": "1", "type": "九年一贯制学校", "pupils_primary": 420, "pupils_junior": 236}
    with pytest.raises(be.DataErrors, match="the stage is missing"):
        be.Submission(schools=[school], classes=[{"school": "1", "stage": "小学"}, {"school": "1", "stage": None}])

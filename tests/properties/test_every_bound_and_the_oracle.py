"""Around every bound of a band, and for every cell that a campus may leave empty, decisions are those of the oracle."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from comparing import Tables, assert_as_the_oracle_says

Row = dict[str, Any]


def counties(cases: Iterable[tuple[Sequence[Row], Sequence[Row], Sequence[Row]]]) -> Tables:
    """Return the schools, classes and rooms of many cases, each of a county of its own."""
    rows: dict[str, list[Row]] = {"schools": [], "classes": [], "rooms": []}
    for n, case in enumerate(cases):
        for name, entries in zip(rows, case, strict=True):
            rows[name] += [{"county": f"{n:05}", **entry} for entry in entries]
    names = {name: dict.fromkeys(column for row in entries for column in row) for name, entries in rows.items()}
    facts = {f"{n:05}": {"funds_per_pupil_primary": 10, "funds_per_pupil_junior": 20} for n in range(n + 1)}
    return {
        name: {column: [row.get(column) for row in entries] for column in names[name]}
        for name, entries in rows.items()
        if entries
    } | {"facts": facts}


def bands(bounds: Sequence[int | None]) -> Iterator[tuple[int | None, int | None]]:
    """Yield every pair of bounds that leaves room between them."""
    for least, most in itertools.product(bounds, bounds):
        if least is None or most is None or least < most:
            yield least, most


@pytest.mark.parametrize(("use", "other", "limit"), [("music", "art", 96), ("art", "music", 90)])
def test_rooms_in_bands(use: str, other: str, limit: int) -> None:
    bounds = (None, limit - 1, limit, limit + 1)

    def cases() -> Iterator[tuple[Sequence[Row], Sequence[Row], Sequence[Row]]]:
        for (least, most), count, classes, sure in itertools.product(bands(bounds), (0, 1, 2), (12, 13, 25), (0, 1)):
            school = {"school": "a", "type": "primary_school", "pupils_primary": 400, "classes_primary": classes}
            band = {"school": "a", "use": use, "rooms": count, "area_from": least, "area_below": most}
            exact = [{"school": "a", "use": use, "rooms": 1, "area": limit}] * sure
            yield [school], [], [band, *exact, {"school": "a", "use": other, "rooms": 3, "area_from": 96}]

    assert_as_the_oracle_says(counties(cases()))


@pytest.mark.parametrize(("stage", "limit"), [("primary", 45), ("junior", 50)])
def test_classes_in_bands(stage: str, limit: int) -> None:
    bounds = (None, limit - 1, limit, limit + 1)

    def cases() -> Iterator[tuple[Sequence[Row], Sequence[Row], Sequence[Row]]]:
        for (above, most), count, stated in itertools.product(bands(bounds), (0, 1, 2), (None, 1, 2)):
            school = {"school": "a", "type": f"{stage}_school", f"pupils_{stage}": 40, f"classes_{stage}": stated}
            yield [school], [{"school": "a", "stage": stage, "classes": count, "above": above, "at_most": most}], []

    assert_as_the_oracle_says(counties(cases()))


FITTING = {
    "primary_school": ("primary_school",),
    "junior_school": ("junior_school",),
    "nine_year_school": ("nine_year_school", "primary_school", "junior_school"),
    "twelve_year_school": ("twelve_year_school", "nine_year_school", "complete_secondary_school"),
    "complete_secondary_school": ("complete_secondary_school", "junior_school"),
}
PAIRS = [(school, campus) for school, campuses in FITTING.items() for campus in campuses]
WHOLE = {"teaching_area": 900, "indoor_sports_area": 0, "sports_ground_area": 900, "equipment_value": 300_000}
WHOLE |= {"multimedia_rooms": 6, "public_funds_budget": 3000, "training_funds": 150}
RUN = {
    "primary_school": ("primary",),
    "junior_school": ("junior",),
    "nine_year_school": ("primary", "junior"),
    "twelve_year_school": ("primary", "junior", "senior"),
    "complete_secondary_school": ("junior", "senior"),
}


@pytest.mark.parametrize(("school", "campus"), PAIRS)
def test_pupils_of_every_stage_of_a_school_and_its_campus(school: str, campus: str) -> None:
    def cases() -> Iterator[tuple[Sequence[Row], Sequence[Row], Sequence[Row]]]:
        columns = [f"pupils_{stage}" for stage in ("primary", "junior", "senior")]
        judged = tuple(itertools.product((None, 0, 60), (None, 0, 50)))
        for pairs in itertools.product(judged, judged, ((None, None), (0, 0), (60, 50))):
            ours, theirs = zip(*pairs, strict=True)
            main = {"school": "a", "type": school, **dict(zip(columns, ours, strict=True)), **WHOLE}
            other = {
                "school": "b",
                "parent": "a",
                "type": campus,
                **dict(zip(columns, theirs, strict=True)),
                **WHOLE,
            }
            yield [main, other], [], []

    assert_as_the_oracle_says(counties(cases()))


CELLS = (*WHOLE, "classes_primary", "classes_junior", "degree_teachers_primary", "backbone_teachers_junior")


@pytest.mark.parametrize(("school", "campus"), PAIRS)
def test_every_cell_that_a_school_or_its_campus_leaves_empty(school: str, campus: str) -> None:
    def reported(kind: str) -> Row:
        by_stage = {"pupils": 90, "classes": 2, "degree_teachers": 6, "backbone_teachers": 1, "arts_pe_teachers": 1}
        judged = [stage for stage in RUN[kind] if stage != "senior"]
        own = {f"{name}_{stage}": number for name, number in by_stage.items() for stage in judged}
        return {"type": kind, **WHOLE, **own} | ({"pupils_senior": 90} if "senior" in RUN[kind] else {})

    def cases() -> Iterator[tuple[Sequence[Row], Sequence[Row], Sequence[Row]]]:
        main, other = {"school": "a", **reported(school)}, {"school": "b", "parent": "a", **reported(campus)}
        rooms = [{"school": name, "use": use, "area": 96} for name in "ab" for use in ("music", "art")]
        classes = [
            {"school": row["school"], "stage": stage, "pupils": 45}
            for row, stage in itertools.product((main, other), ("primary", "junior"))
            if stage in RUN[row["type"]]
            for _ in range(2)
        ]
        for cell, (ours, theirs) in itertools.product(CELLS, itertools.product((True, False), repeat=2)):
            yield (
                [main | ({cell: None} if ours else {}), other | ({cell: None} if theirs else {})],
                classes,
                rooms,
            )
        yield [main, other], classes, rooms[:2]
        yield [main, other], classes[:-1], rooms

    assert_as_the_oracle_says(counties(cases()))

"""Small counties, on the limits and around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

import balancedu as be

TYPES = ("primary_school", "junior_school", "nine_year_school", "complete_secondary_school", "twelve_year_school")
STAGES = {
    "primary_school": ("primary",),
    "junior_school": ("junior",),
    "nine_year_school": ("primary", "junior"),
    "complete_secondary_school": ("junior", "senior"),
    "twelve_year_school": ("primary", "junior", "senior"),
}
PER_PUPIL = {
    "degree_teachers": (0.042, 0.053),
    "backbone_teachers": (0.01, 0.01),
    "arts_pe_teachers": (0.009, 0.009),
}
SHARED = {"teaching_area": 5.0, "sports_ground_area": 8.5, "equipment_value": 2200.0, "multimedia_rooms": 0.0235}


@st.composite
def schools(draw: st.DrawFn, most: int = 4) -> dict[str, list[Any]]:
    """Draw schools whose resources lie around the standards, often exactly on them."""
    rows = [draw(school(number)) for number in range(draw(st.integers(1, most)))]
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(key for row in rows for key in row)}


@st.composite
def school(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Draw one school."""
    kind = draw(st.sampled_from(TYPES))
    row: dict[str, Any] = {"school": f"{number:03}", "type": kind}
    for stage in STAGES[kind]:
        row[f"pupils_{stage}"] = draw(st.sampled_from((10, 50, 100, 120)) | st.integers(1, 300))
    pupils = sum(value for name, value in row.items() if name.startswith("pupils"))
    for people, shares in PER_PUPIL.items():
        for stage, share in zip(("primary", "junior"), shares, strict=True):
            if stage in STAGES[kind]:
                row[f"{people}_{stage}"] = round(share * row[f"pupils_{stage}"]) + draw(st.integers(-2, 3))
                row[f"{people}_{stage}"] = max(0, row[f"{people}_{stage}"])
    for name, share in SHARED.items():
        factor = draw(st.sampled_from((0.8, 0.85, 0.9, 1.0, 1.0, 1.1, 1.3)))
        places = draw(st.sampled_from((0, 0, 1)))
        row[name] = float(round(share * pupils * factor, 0 if name == "multimedia_rooms" else places))
    row["indoor_sports_area"] = draw(st.sampled_from((0, 0, 10)))
    row["teaching_area"] += row["indoor_sports_area"]
    return row


Change = tuple[str, str, float]
"""A school, a measure, and how much more of it."""


def with_more(submission: be.Submission, school: str, measure: str, units: float) -> be.Evaluation:
    """Evaluate a county again after one school got so much more of something."""
    columns = submission.columns("schools")
    figures = columns[measure].copy()
    row = columns["school"].tolist().index(school)
    figures[row] = round(figures[row] + units, 6)
    return be.evaluate(submission.changed(schools=columns | {measure: figures}))


def variants(columns: dict[str, list[Any]], changes: Sequence[Sequence[Change]]) -> list[be.Evaluation]:
    """Evaluate a county once for every list of changes, all of them together."""
    if not changes:
        return []
    held = {name: [*values] * len(changes) for name, values in columns.items()}
    size = len(columns["school"])
    held["county"] = [f"{n:06}" for n in range(len(changes)) for _ in range(size)]
    for n, wanted in enumerate(changes):
        for school, measure, units in wanted:
            row = n * size + columns["school"].index(school)
            held[measure][row] = round(held[measure][row] + units, 6)
    evaluation = be.evaluate(be.Submission(held))
    return [evaluation[county] for county in evaluation.counties]

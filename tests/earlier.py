"""A county as cn-2012 requires it: the resources of the edition's own, beside those that both editions share."""

from __future__ import annotations

import math
from typing import Any

import balancedu as be

_SHARED = (
    "county",
    "school",
    "name",
    "type",
    "organizer",
    "area",
    "pupils_primary",
    "pupils_junior",
    "pupils_senior",
    "degree_teachers_primary",
    "degree_teachers_junior",
    "teaching_area",
    "indoor_sports_area",
    "sports_ground_area",
    "equipment_value",
)


def tables(**changes: Any) -> dict[str, Any]:
    """The schools of the shipped example that passes, and what cn-2012 asks besides."""
    example = be.example("passing").columns("schools")
    schools = {name: list(example[name]) for name in _SHARED}
    primary, junior, senior = (
        [0 if math.isnan(pupils) else int(pupils) for pupils in schools[f"pupils_{stage}"]]
        for stage in ("primary", "junior", "senior")
    )
    everybody = [sum(counts) for counts in zip(primary, junior, senior, strict=True)]
    schools |= {
        "computers": [pupils // 8 + n % 3 for n, pupils in enumerate(everybody)],
        "books": [pupils * 22 + n * 7 for n, pupils in enumerate(everybody)],
        "full_time_teachers_primary": [
            pupils // 15 + n % 2 + 1 if pupils else None for n, pupils in enumerate(primary)
        ],
        "full_time_teachers_junior": [pupils // 12 + n % 2 + 1 if pupils else None for n, pupils in enumerate(junior)],
        "middle_rank_teachers_primary": [pupils // 30 if pupils else None for pupils in primary],
        "middle_rank_teachers_junior": [pupils // 25 if pupils else None for pupils in junior],
    }
    for stage in ("primary", "junior"):
        most = schools[f"full_time_teachers_{stage}"]
        degree = schools[f"degree_teachers_{stage}"]
        schools[f"degree_teachers_{stage}"] = [
            None if whole is None else min(part, whole) for part, whole in zip(degree, most, strict=True)
        ]
    facts = {"government_work_score": 91.5, "survey_valid": 1000, "survey_satisfied": 902}
    return {"schools": schools | changes, "facts": facts}


def county(**changes: Any) -> be.Submission:
    """That county as a submission."""
    return be.Submission(**tables(**changes), standard="cn-2012")

"""Made-up classes, rooms, monitoring results and facts, to go with made-up schools."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Columns = dict[str, Array]

YES_NO = (
    "basic_balance_three_years",
    "monitoring_kept_high",
    "layout_rational",
    "unified_construction",
    "unified_staffing",
    "unified_funding",
    "unified_equipment",
    "performance_pay_approved",
    "staffing_allocated",
    "quota_favours_rural",
    "left_behind_care",
    "charters_and_informatised",
    "teachers_use_it_well",
    "moral_education_good",
    "curriculum_complete",
    "teaching_orderly",
    "practice_activities",
    "no_excess_burden",
)
VETO = (
    "exam_admission",
    "improper_choice",
    "key_schools_or_classes",
    "unfilled_posts",
    "serious_incident",
    "falsification",
)
# Whole, part and the usual share of the part.
SHARES = (
    ("teachers", "training_completed", 1.0),
    ("rotation_eligible", "rotated", 0.13),
    ("rotated", "rotated_backbone", 0.25),
    ("full_time_teachers", "certified_teachers", 1.0),
    ("public_day_pupils_primary", "pupils_from_zone_primary", 1.0),
    ("public_day_pupils_junior", "pupils_from_zone_junior", 0.98),
    ("quota_total", "quota_allocated", 0.6),
    ("migrant_children", "migrant_children_placed", 0.93),
    ("disabled_children", "disabled_children_enrolled", 0.97),
    ("survey_valid", "survey_satisfied", 0.92),
    ("interviews", "interviews_satisfied", 0.94),
)


def chance(rng: np.random.Generator, share: float, rows: int) -> Array:
    """Draw for each row whether something that befalls this share of them is the case."""
    return np.asarray(rng.random(rows) < share)


def make_classes(schools: Columns) -> Columns:
    """Make the classes that the schools state they have, their pupils spread evenly."""
    parts: list[Columns] = []
    for stage, first, years in (("primary", 1, 6), ("junior", 7, 3)):
        count = schools[f"classes_{stage}"].astype(np.int64)
        row = np.repeat(np.arange(len(count)), count)
        number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        base, more = np.divmod(schools[f"pupils_{stage}"][row], count[row])
        grade = first + number % years
        parts.append(
            {
                "county": schools["county"][row],
                "school": schools["school"][row],
                "stage": np.full(len(row), stage, dtype="U7"),
                "grade": grade,
                "entry_grade": grade == first,
                "pupils": base + (number < more),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def make_rooms(rng: np.random.Generator, schools: Columns) -> Columns:
    """Make music and art rooms, mostly as many as the classes need."""
    parts: list[Columns] = []
    needed = np.ceil((schools["classes_primary"] + schools["classes_junior"]) / 12).astype(np.int64)
    for use, area in (("music", 96.0), ("art", 90.0)):
        count = np.maximum(needed + rng.choice([-1, 0, 1], len(needed), p=[0.002, 0.748, 0.25]), 0)
        row = np.repeat(np.arange(len(count)), count)
        # One room in 400 is too small; many have exactly the area of the norm.
        extra = np.round(np.maximum(rng.normal(6, 8, len(row)), 0), 1)
        small = chance(rng, 1 / 400, len(row))
        parts.append(
            {
                "county": schools["county"][row],
                "school": schools["school"][row],
                "use": np.full(len(row), use, dtype="U5"),
                "area": np.where(small, area - 10, area + extra),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def make_monitoring(rng: np.random.Generator, ids: Array) -> Columns:
    """Make the results of two subjects in two grades of each county."""
    subjects = (("语文", 4), ("数学", 4), ("语文", 8), ("数学", 8))
    rows = len(ids) * len(subjects)
    return {
        "county": np.repeat(ids, len(subjects)),
        "grade": np.tile([grade for _, grade in subjects], len(ids)),
        "subject": np.tile([subject for subject, _ in subjects], len(ids)),
        "level": np.where(chance(rng, 0.02, rows), 2, 3),
        "between_school_rate": np.round(rng.uniform(0.03, 0.155, rows), 3),
    }


def make_facts(rng: np.random.Generator, ids: Array) -> Columns:
    """Make every fact that a county can state, one row per county."""
    rows = len(ids)
    facts: Columns = {"county": ids}
    for name in YES_NO:
        facts[name] = chance(rng, 0.99, rows)
    for name in VETO:
        facts[name] = chance(rng, 0.01, rows)
    for whole, part, share in SHARES:
        if whole not in facts:
            facts[whole] = rng.integers(800, 6000, rows)
        if share == 1.0:
            facts[part] = facts[whole] - chance(rng, 0.03, rows)
        else:
            facts[part] = np.rint(facts[whole] * np.clip(rng.normal(share, 0.03, rows), 0, 1)).astype(np.int64)
    facts["funds_per_pupil_primary"] = np.full(rows, 720.0)
    facts["funds_per_pupil_junior"] = np.full(rows, 940.0)
    facts["special_education_funds_per_pupil"] = np.rint(rng.normal(7500, 600, rows))
    facts["teacher_salary"] = np.rint(rng.normal(98_000, 5_000, rows))
    facts["civil_servant_salary"] = np.rint(facts["teacher_salary"] * rng.uniform(0.93, 1.003, rows))
    facts["grade7_enrolled"] = rng.integers(2000, 8000, rows)
    facts["deaths"] = rng.integers(0, 3, rows)
    facts["transferred_in"] = rng.integers(0, 60, rows)
    facts["transferred_out"] = rng.integers(0, 60, rows)
    facts["graduates"] = facts["grade7_enrolled"] - facts["deaths"] - rng.integers(60, 160, rows)
    return facts

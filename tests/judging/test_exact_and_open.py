"""Corners of judging that whole counties seldom reach: limits met exactly, and reports of several kinds at once."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import numpy as np

import balancedu as be
from balancedu.calculator.groups import Segments
from balancedu.calculator.limits import at_15_digits
from balancedu.core.fields import MeasureId
from balancedu.core.model import Condition
from balancedu.submission.sections import classes_of_no_stage, meets

STANDARD = be.load_standard("cn-2017")


def section(county: str, school: str, stage: str, value: float) -> dict[str, Any]:
    """A section of 100 pupils of which one figure is reported."""
    return {"county": county, "school": school, "stage": stage, "pupils": 100, "R2": value}


def test_a_coefficient_on_its_limit_is_that_of_its_own_county_and_stage() -> None:
    """Two sections at 2 ± 0.9 have the coefficient 0.45, the limit of junior schools; the others are above theirs."""
    rows = [
        section(county, f"{stage}{sign}", stage, 2 + sign * off)
        for county, offs in {"a": (1.2, 1.2), "b": (1.0, 0.9), "c": (1.2, 1.2)}.items()
        for stage, off in zip(("primary", "junior"), offs, strict=True)
        for sign in (1, -1)
    ]
    ev = be.evaluate(be.Submission(sections=rows))
    verdicts = {
        county: [check.verdict.name for check in ev[county].items["R-spread"].checks if check.id.startswith("R2.")]
        for county in ev.counties
    }

    assert verdicts == {"a": ["NOT_MET"] * 2, "b": ["MET"] * 2, "c": ["NOT_MET"] * 2}


def test_counts_and_ratios_of_one_stage_are_both_judged_exactly() -> None:
    """Three sections exactly on the standard: one reported per pupil, two as counts."""
    schools = {"school": ["2", "3"], "type": ["小学"] * 2, "pupils_primary": [1000, 2000], "multimedia_rooms": [23, 46]}
    ratio = {"school": "1", "stage": "primary", "pupils": 100, "R7": 2.3}
    ev = be.evaluate(be.Submission(schools=schools, sections=[ratio]))

    assert ev.sections["school"].tolist() == ["1", "2", "3"]
    assert ev.standing[:, 6].tolist() == [2, 2, 2]


def test_a_school_without_listed_classes_is_not_listed_whole() -> None:
    """Classes of another school that name no stage say nothing about a school that states no class at all."""
    schools = {
        "school": ["1", "2"],
        "type": ["九年一贯制学校"] * 2,
        "pupils_primary": [400, 30],
        "pupils_junior": [300, 20],
        "classes_primary": [0, 1],
        "classes_junior": [0, 1],
    }
    submission = be.Submission(schools, classes={"school": ["2", "2"], "pupils": [30, 20]})
    declared = {stage: MeasureId(f"classes_{stage}") for stage in STANDARD.stages}

    np.testing.assert_array_equal(classes_of_no_stage(submission, STANDARD, declared), [np.nan, 2])


def test_a_bound_that_must_be_exceeded() -> None:
    """Below, on and above a limit that a figure must be above."""
    condition = Condition(sum_of=(MeasureId("pupils_primary"),), above=Decimal(100))
    schools = {"school": ["1", "2", "3"], "type": ["小学"] * 3, "pupils_primary": [99, 100, 101]}

    assert meets(condition, be.Submission(schools), STANDARD).tolist() == [0, 0, 2]


def test_what_is_handed_out_as_it_is_cannot_be_changed() -> None:
    basis = be.evaluate(be.example("failing")).record.basis

    assert [part.flags.writeable for part in (basis.standing, basis.mean, basis.sd, basis.cv)] == [False] * 4


def test_blocks_of_groups_that_are_larger_than_a_block() -> None:
    blocks = Segments(np.array([0, 5, 6, 12])).blocks(2)

    assert [(rows.start, rows.stop) for _, rows, _ in itertools.islice(blocks, 4)] == [(0, 5), (5, 6), (6, 12)]


def test_a_tiny_number_keeps_its_digits() -> None:
    assert at_15_digits(np.array([1.5e-300, 0.1 + 0.2])).tolist() == [1.5e-300, 0.3]

"""Corners of judging that whole counties seldom reach: limits met exactly, and reports of several kinds at once."""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

import balancedu as be
from balancedu.calculator.groups import Segments
from balancedu.calculator.limits import at_15_digits
from balancedu.core.fields import MeasureId
from balancedu.core.model import Condition
from balancedu.submission.sections import classes_of_no_stage, condition_verdicts, weights_of

STANDARD = be.load_standard("cn-2017")
PROVINCES = Path(__file__).resolve().parents[1] / "provinces"


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
    """Classes of another school that name no stage state nothing about a school that states no class at all."""
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


def test_a_list_of_more_classes_than_reported_is_whole() -> None:
    """Two classes are reported and three are listed, which name neither stage nor pupils."""
    school = {"school": ["1"], "type": ["九年一贯制学校"], "pupils_primary": [100], "pupils_junior": [100]}
    school |= {"classes_primary": [1], "classes_junior": [1]}
    submission = be.Submission(school, classes=[{"school": "1", "pupils": None}] * 3)
    declared = {stage: MeasureId(f"classes_{stage}") for stage in STANDARD.stages}

    assert classes_of_no_stage(submission, STANDARD, declared).tolist() == [3]


def test_a_bound_that_must_be_exceeded() -> None:
    """Below, on and above a limit that a figure must be above."""
    condition = Condition(sum_of=(MeasureId("pupils_primary"),), above=Decimal(100))
    schools = {"school": ["1", "2", "3"], "type": ["小学"] * 3, "pupils_primary": [99, 100, 101]}

    assert condition_verdicts(condition, be.Submission(schools), STANDARD).tolist() == [0, 0, 2]


def test_what_is_handed_out_as_it_is_cannot_be_changed() -> None:
    basis = be.evaluate(be.example("failing")).record.basis

    assert [part.flags.writeable for part in (basis.standing, basis.mean, basis.sd, basis.cv)] == [False] * 4


def test_blocks_of_groups_that_are_larger_than_a_block() -> None:
    blocks = Segments(np.array([0, 5, 6, 12])).blocks(2)

    assert [(rows.start, rows.stop) for _, rows, _ in itertools.islice(blocks, 4)] == [(0, 5), (5, 6), (6, 12)]


def test_blocks_hold_several_groups() -> None:
    blocks = Segments(np.array([0, 2, 4, 6, 8])).blocks(4)

    assert [(rows.start, rows.stop) for _, rows, _ in itertools.islice(blocks, 4)] == [(0, 4), (4, 8)]


def test_a_tiny_number_keeps_its_digits() -> None:
    assert at_15_digits(np.array([1.5e-300, 0.1 + 0.2])).tolist() == [1.5e-300, 0.3]


def small_school(funds: str) -> be.Submission:
    """A school of 50 pupils, for which funds of 100 are due: 72,000."""
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [50], "public_funds_budget": [funds]}
    return be.Submission(school, facts={"funds_per_pupil_primary": 720, "funds_per_pupil_junior": 940})


def test_funds_a_hair_below_their_limit() -> None:
    verdicts = [be.evaluate(small_school(funds)).items["G6"].verdict.name for funds in ("72000", "71999.9999999999")]

    assert verdicts == ["MET", "NOT_MET"]


def test_funds_of_a_school_of_two_stages_a_hair_below_their_limit() -> None:
    """Of 3 pupils at 720 and 4 at 940 the mean is 5920 / 7; 100 times it are due."""
    school = {"school": ["1"], "type": ["九年一贯制学校"], "pupils_primary": [3], "pupils_junior": [4]}
    facts = {"funds_per_pupil_primary": 720, "funds_per_pupil_junior": 940}

    def verdict(funds: str) -> str:
        return be.evaluate(be.Submission(school | {"public_funds_budget": [funds]}, facts=facts)).items["G6"].verdict

    assert [verdict("84571.42857143"), verdict("84571.42857142")] == ["MET", "NOT_MET"]


def test_a_school_of_two_stages_that_is_on_the_standard_of_one() -> None:
    """A junior pupil weighs 1.1: the area is 4.5 m² for each of 300 + 1.1 × 200, or a hair below."""
    school = {"school": ["1"], "type": ["九年一贯制学校"], "pupils_primary": [300], "pupils_junior": [200]}

    def standing(area: str) -> int:
        areas = {"teaching_area": [area], "indoor_sports_area": [0]}
        return int(be.evaluate(be.Submission(school | areas)).standing[0, 3])

    assert [standing("2340"), standing("2339.9999999999")] == [2, 1]


def test_a_school_of_one_stage_a_hair_below_the_standard() -> None:
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [1000], "indoor_sports_area": [0]}

    def standing(area: str) -> int:
        return int(be.evaluate(be.Submission(school | {"teaching_area": [area]})).standing[0, 3])

    assert [standing("4500"), standing("4499.9999999999")] == [2, 1]


def test_a_share_of_counts_a_hair_below_its_limit() -> None:
    def verdict(rotated: int) -> str:
        facts = {"rotated": rotated, "rotation_eligible": 10**14}
        checks = be.evaluate(be.Submission(facts=facts)).items["G11"].checks
        return next(check.verdict for check in checks if check.id == "rotation_share")

    assert [verdict(10**13), verdict(10**13 - 1)] == ["MET", "NOT_MET"]


def test_a_multiple_is_compared_exactly() -> None:
    """In floats, 7 × 0.07 is above 0.49."""
    standard = be.load_standard("cn-2017", [PROVINCES / "fujian-2015.yaml"])

    def verdict(funds: str, other: str | None = "0.07") -> str:
        facts = {"special_education_funds_per_pupil": funds, "junior_funds_per_pupil": other}
        return be.evaluate(be.Submission(facts=facts, standard=standard)).items["G7"].verdict

    assert [verdict("0.49"), verdict("0.4899999999999999"), verdict("0.49", None)] == ["MET", "NOT_MET", "UNKNOWN"]


def test_a_reported_coefficient_a_hair_above_its_limit() -> None:
    def verdict(cv: str) -> str:
        spread = [{"stage": "primary", "indicator": "R1", "mean": 1, "cv": cv}]
        checks = be.evaluate(be.Submission(spread=spread)).items["R-spread"].checks
        return next(check.verdict for check in checks if check.id == "R1.primary")

    assert [verdict("0.5"), verdict("0.5000000000001")] == ["MET", "NOT_MET"]


def test_a_number_whose_measure_is_missing_is_unknown() -> None:
    def verdict(other: int | None) -> str:
        facts = {"teacher_salary": 95_000, "civil_servant_salary": other}
        return next(iter(be.evaluate(be.Submission(facts=facts)).items["G8"].checks)).verdict

    assert [verdict(95_000), verdict(95_001), verdict(None)] == ["MET", "NOT_MET", "UNKNOWN"]


def test_a_difference_of_large_amounts_is_exact() -> None:
    """8000000000.4 − 7999999994.6 is 5.8, the standard of junior schools; in floats it is 5.79999924."""
    school = {"school": ["1"], "type": ["初级中学"], "pupils_junior": [1]}
    areas = {"teaching_area": ["8000000000.4"], "indoor_sports_area": ["7999999994.6"]}
    ev = be.evaluate(be.Submission(school | areas))

    assert (ev.values[0, 3], ev.standing[0, 3]) == (5.8, 2)


def test_a_class_of_an_unknown_stage_is_shown_the_limit_that_it_breaks() -> None:
    school = {"school": ["1"], "type": ["九年一贯制学校"], "pupils_primary": [40], "pupils_junior": [60]}
    classes = [{"school": "1", "pupils": pupils} for pupils in (40, 60)]
    (check, *_) = be.evaluate(be.Submission(school, classes=classes)).items["G5"].checks

    assert [(case.observed, case.required) for case in check.cases] == [(60, 50)]


def test_levels_that_are_missing_or_the_lowest() -> None:
    def verdicts(level: int | None) -> list[str]:
        row = {"subject": "数学", "grade": "4", "level": level, "between_school_rate": 0.1}
        return [check.verdict.name for check in be.evaluate(be.Submission(monitoring=[row])).items["Q9"].checks]

    assert [verdicts(level) for level in (None, 1, 3)] == [["UNKNOWN", "MET"], ["NOT_MET", "MET"], ["MET", "MET"]]


def test_a_county_that_lists_no_room_has_not_reported_them() -> None:
    """County a lists its rooms, so that what is not among them is not there; county b lists none."""
    schools = {"county": ["a", "b"], "school": ["1", "2"], "type": ["小学"] * 2, "pupils_primary": [400] * 2}
    room = {"county": "a", "school": "1", "use": "music", "area": 96}
    ev = be.evaluate(be.Submission(schools | {"classes_primary": [10] * 2}, rooms=[room]))

    assert [ev[county].items["G3"].verdict.name for county in "ab"] == ["NOT_MET", "UNKNOWN"]


def test_a_share_of_classes_in_bands() -> None:
    """At least 90 % of the classes must have at most 45 pupils; a band over the limit decides nothing."""
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [400], "classes_primary": [10]}

    def verdict(*bands: tuple[int, int | None, int | None], school: dict[str, Any] = school) -> str:
        names = ("classes", "above", "at_most")
        classes = [{"school": "1", "stage": "小学"} | dict(zip(names, band, strict=True)) for band in bands]
        standard = be.load_standard("cn-2017", [PROVINCES / "by-condition.yaml"])
        facts = {"births": 12000}
        return be.evaluate(be.Submission(school, classes=classes, facts=facts, standard=standard)).items["P6"].verdict

    assert verdict((10, None, 45)) == verdict((9, None, 40), (1, 45, 50)) == "MET"
    assert verdict((8, None, 45), (2, 45, 50)) == "NOT_MET"
    assert verdict((8, None, 45), (2, 40, 50)) == "UNKNOWN"
    assert verdict((17, None, 45), (2, 45, 50), school=school | {"classes_primary": [19]}) == "NOT_MET"
    # A second school does not report its pupils, and lists no classes.
    two = {"school": ["1", "2"], "type": ["小学"] * 2, "pupils_primary": [400, None], "classes_primary": [10, None]}
    assert verdict((10, None, 45), school=two) == "UNKNOWN"


def test_where_the_standard_of_a_school_is_not_known_the_easier_one_is_shown() -> None:
    standard = be.load_standard("cn-2017", [PROVINCES / "county-2012.yaml"])
    own = standard.indicators["R4"].thresholds["primary"]
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [400], "built_in": [None]}
    basis = be.evaluate(be.Submission(school, standard=standard)).record.basis

    assert own is not None
    assert own.value < 6
    assert basis.limit_and_floor("R4", 0)[0] == own


def test_what_tells_the_standard_of_a_school_is_a_gap() -> None:
    """4.5 m² may be the standard of school 1; which one it is, follows from the year of building."""
    standard = be.load_standard("cn-2017", [PROVINCES / "county-2012.yaml"])
    schools = {"school": ["1"], "type": ["小学"], "pupils_primary": [100], "built_in": [None]}
    schools |= {"teaching_area": [500], "indoor_sports_area": [0]}
    finding = be.evaluate(be.Submission(schools, standard=standard)).items["R-schools"]

    assert "built_in" in {gap.column for gap in finding.gaps}


def test_what_relief_waits_for_is_a_gap() -> None:
    """School 1 is not too large if it was built by 2010, which is not reported; school 2 is not too large anyway.

    Of school 3 the pupils are missing, and it has no plan, so that it does not matter when it was built.
    """
    standard = be.load_standard("cn-2017", ["transition"], on="2020-03-01")
    schools = {"school": ["1", "2", "3"], "type": ["小学"] * 3, "pupils_primary": [2300, 400, None]}
    schools |= {"construction_plan": [True, True, False], "built": [None] * 3}
    finding = be.evaluate(be.Submission(schools, standard=standard)).items["G4"]

    assert finding.verdict is be.Verdict.UNKNOWN
    assert [gap.school for gap in finding.gaps if gap.column == "built"] == ["1"]


def test_what_was_reported_twice_agrees_within_half_a_unit_of_the_form() -> None:
    """Ratios of 1 and 3, each within 0.005, give a mean of 2 within 0.01 and a coefficient of 0.5 within 0.0043."""
    sections = [section("", "1", "primary", 1), section("", "2", "primary", 3)]
    row = {"stage": "primary", "indicator": "R2", "mean": 2, "cv": 0.5}

    def refused(**figures: float) -> bool:
        try:
            be.evaluate(be.Submission(sections=sections, spread=[row | figures]))
        except be.DataErrors:
            return True
        return False

    assert not any(refused(**figures) for figures in ({"mean": 2.0099}, {"cv": 0.504}, {"cv": 0.496}))
    assert all(refused(**figures) for figures in ({"mean": 2.0105}, {"cv": 0.506}, {"cv": 0.494}))


def test_a_school_with_attached_pupils_shares_by_the_weights_of_its_stages() -> None:
    schools = {"school": ["1", "2"], "type": ["小学"] * 2, "pupils_primary": [100, 100], "pupils_junior": [30, None]}
    table = be.Submission(schools).schools

    assert [list(weights_of(table, STANDARD, school)) for school in (0, 1)] == [["primary", "junior"], ["primary"]]

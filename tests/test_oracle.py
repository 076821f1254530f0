"""The oracle itself: published worked examples, then one small case for every way an item can fall."""

from __future__ import annotations

import copy
from decimal import Decimal
from fractions import Fraction
from math import isclose, sqrt
from typing import Any

import pytest
from oracle import (
    INDICATORS,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    UNKNOWN,
    CountyVerdict,
    Section,
    all_of,
    dispersion,
    exact,
    judge,
    section_verdict,
    share_per_pupil,
    standing,
)

Tables = dict[str, Any]

# One county, "c", that meets every item: a primary school of 400 and a junior school of 300. Every case
# below changes one thing in it, so what is changed is what decides.
GOOD_SCHOOLS: list[dict[str, Any]] = [
    {
        "school": "p1",
        "type": "primary_school",
        "pupils_primary": 400,
        "degree_teachers_primary": 20,
        "backbone_teachers_primary": 4,
        "arts_pe_teachers_primary": 4,
        "teaching_area": 2500,
        "indoor_sports_area": 500,
        "sports_ground_area": 3000,
        "equipment_value": 1000000,
        "multimedia_rooms": 10,
        "classes_primary": 10,
        "public_funds_budget": 400000,
        "training_funds": 20000,
    },
    {
        "school": "j1",
        "type": "junior_school",
        "pupils_junior": 300,
        "degree_teachers_junior": 20,
        "backbone_teachers_junior": 3,
        "arts_pe_teachers_junior": 3,
        "teaching_area": 2500,
        "indoor_sports_area": 500,
        "sports_ground_area": 3000,
        "equipment_value": 1000000,
        "multimedia_rooms": 10,
        "classes_junior": 6,
        "public_funds_budget": 300000,
        "training_funds": 15000,
    },
]
GOOD_CLASSES = [("p1", "primary", 40)] * 10 + [("j1", "junior", 50)] * 6
GOOD_ROOMS = [(school, use, area) for school in ("p1", "j1") for use, area in (("music", 96), ("art", 90))]
GOOD_MONITORING = [("语文", 3, 0.1499), ("数学", "Ⅳ", 0.1)]
GOOD_FACTS: dict[str, Any] = {
    "basic_balance_three_years": True,
    "monitoring_kept_high": True,
    "layout_rational": True,
    "unified_construction": True,
    "unified_staffing": True,
    "unified_funding": True,
    "unified_equipment": True,
    "performance_pay_approved": True,
    "staffing_allocated": True,
    "quota_favours_rural": True,
    "left_behind_care": True,
    "charters_and_informatised": True,
    "teachers_use_it_well": True,
    "moral_education_good": True,
    "curriculum_complete": True,
    "teaching_orderly": True,
    "practice_activities": True,
    "no_excess_burden": True,
    "exam_admission": False,
    "improper_choice": False,
    "key_schools_or_classes": False,
    "unfilled_posts": False,
    "serious_incident": False,
    "falsification": False,
    "funds_per_pupil_primary": 650,
    "funds_per_pupil_junior": 850,
    "special_education_funds_per_pupil": 6000,
    "teacher_salary": 90000,
    "civil_servant_salary": 90000,
    "teachers": 60,
    "training_completed": 60,
    "rotation_eligible": 50,
    "rotated": 5,
    "rotated_backbone": 1,
    "full_time_teachers": 60,
    "certified_teachers": 60,
    "public_day_pupils_primary": 300,
    "pupils_from_zone_primary": 300,
    "public_day_pupils_junior": 200,
    "pupils_from_zone_junior": 190,
    "quota_total": 100,
    "quota_allocated": 50,
    "migrant_children": 100,
    "migrant_children_placed": 85,
    "grade7_enrolled": 1000,
    "transferred_in": 30,
    "transferred_out": 50,
    "deaths": 1,
    "graduates": 960,
    "disabled_children": 20,
    "disabled_children_enrolled": 19,
    "survey_valid": 100,
    "survey_satisfied": 85,
    "interviews": 20,
    "interviews_satisfied": 17,
}


def table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Write rows as a dict of lists, all of them in county "c"."""
    cells: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    return {"county": ["c"] * len(rows), **cells}


def tables(
    schools: list[dict[str, Any]] | None = None,
    classes: list[tuple[Any, ...]] | None = None,
    rooms: list[tuple[Any, ...]] | None = None,
    monitoring: list[tuple[Any, ...]] | None = None,
    facts: dict[str, Any] | None = None,
) -> Tables:
    """Write the good county with some of its tables or facts replaced."""
    rows = GOOD_SCHOOLS if schools is None else schools
    columns = sorted({column for row in rows for column in row})
    return {
        "schools": {"county": ["c"] * len(rows)} | {name: [row.get(name) for row in rows] for name in columns},
        "classes": table(("school", "stage", "pupils"), GOOD_CLASSES if classes is None else classes),
        "rooms": table(("school", "use", "area"), GOOD_ROOMS if rooms is None else rooms),
        "monitoring": table(
            ("subject", "level", "between_school_rate"), GOOD_MONITORING if monitoring is None else monitoring
        ),
        "facts": {"c": GOOD_FACTS | (facts or {})},
    }


def judged(given: Tables) -> CountyVerdict:
    """Judge county "c" of these tables."""
    return judge(given)["c"]


def good_with(**facts: Any) -> CountyVerdict:
    """Judge the good county with some of its facts replaced."""
    return judge(tables(facts=facts))["c"]


def schools(*more: dict[str, Any], **changed: Any) -> list[dict[str, Any]]:
    """Write the good schools with the primary school changed, and more schools after them."""
    first, second = copy.deepcopy(GOOD_SCHOOLS)
    return [first | changed, second, *more]


def like(number: int, school: str, **changed: Any) -> dict[str, Any]:
    """Write a copy of one of the good schools under another name."""
    return GOOD_SCHOOLS[number] | {"school": school} | changed


def sections_by_id(verdict: CountyVerdict) -> dict[tuple[str, str], Section]:
    """Look the sections up by school and stage."""
    return {(s.school, s.stage): s for s in verdict.sections}


# ---- published worked examples -------------------------------------------------------------------


def test_published_dispersion_of_books_in_five_schools() -> None:
    """Source: 县域义务教育校际均衡指标计算方法（以生均图书册数为例）, three public copies agree."""
    pupils = [exact(p) for p in (45, 37, 89, 76, 55)]
    books = [exact(b) for b in (279, 137, 935, 160, 402)]
    per_pupil = [b / p for b, p in zip(books, pupils, strict=True)]

    mean, variance, cv_squared = dispersion(per_pupil, pupils)

    assert mean is not None
    assert variance is not None
    assert cv_squared is not None
    assert [round(float(x), 2) for x in per_pupil] == [6.20, 3.70, 10.51, 2.11, 7.31]
    assert mean == Fraction(1913, 302)
    assert isclose(mean, 6.334437086, abs_tol=5e-10)
    assert isclose(sqrt(variance), 3.263860705, abs_tol=5e-10)
    assert isclose(sqrt(cv_squared), 0.515256630, abs_tol=5e-10)
    assert (round(float(mean), 2), round(sqrt(variance), 2), round(sqrt(cv_squared), 2)) == (6.33, 3.26, 0.52)
    terms = [p / 302 * (x - mean) ** 2 for p, x in zip(pupils, per_pupil, strict=True)]
    for term, printed in zip(terms, (0.003, 0.85, 5.13, 4.50, 0.17), strict=True):
        assert isclose(term, printed, abs_tol=0.01)
    assert isclose(variance, 10.65, abs_tol=0.005)
    assert cv_squared > exact("0.50") ** 2  # so the example county fails; unweighted it would pass


def test_unweighted_dispersion_is_another_number() -> None:
    """Same source: what the wrong formula gives, and that equal weights are that formula."""
    per_pupil = [
        Fraction(279, 45),
        Fraction(137, 37),
        Fraction(935, 89),
        Fraction(160, 76),
        Fraction(402, 55),
    ]

    _, _, cv_squared = dispersion(per_pupil, [Fraction(1)] * 5)

    assert cv_squared is not None
    assert isclose(sqrt(cv_squared), 0.488770682, abs_tol=5e-10)
    assert isclose(sqrt(cv_squared * 5 / 4), 0.546462235, abs_tol=5e-10)
    assert cv_squared < exact("0.50") ** 2


def test_published_split_of_a_nine_year_school() -> None:
    """Source: 测算均衡系数拆分公式 (2015). The publisher rounded the unit value first: 9,711 and 13,515."""
    school = {"type": "nine_year_school", "pupils_primary": 166, "pupils_junior": 210}

    primary = share_per_pupil(exact(23226), school, "primary")
    junior = share_per_pupil(exact(23226), school, "junior")

    assert primary is not None
    assert junior is not None
    assert isclose(166 * primary, 9711.627204, abs_tol=5e-7)
    assert isclose(210 * junior, 13514.372796, abs_tol=5e-7)
    assert 166 * primary + 210 * junior == 23226
    assert junior == exact("1.1") * primary


def two_schools_with(cv: dict[str, str], kind: str, stage: str) -> list[dict[str, Any]]:
    """Build two schools, of 100 and 400 pupils, whose spread is exactly these CVs.

    With weights 1/5 and 4/5, the values m (1 + 2 cv) and m (1 - cv/2) have the CV cv for any mean m.
    """
    out = []
    for name, pupils, step in (("a", 100, Fraction(2)), ("b", 400, Fraction(-1, 2))):
        amount = {i: pupils * (1 + step * exact(c)) for i, c in cv.items()}
        out.append(
            {
                "school": f"{name}-{stage}",
                "type": kind,
                f"pupils_{stage}": pupils,
                f"degree_teachers_{stage}": amount["R1"],
                f"backbone_teachers_{stage}": amount["R2"],
                f"arts_pe_teachers_{stage}": amount["R3"],
                "teaching_area": 3 * amount["R4"],
                "indoor_sports_area": amount["R4"],
                "sports_ground_area": 9 * amount["R5"] - amount["R4"],
                "equipment_value": amount["R6"],
                "multimedia_rooms": amount["R7"],
            }
        )
    return out


def test_published_spread_of_ningguo() -> None:
    """Source: 宁国市2022年差异系数监测结果 (published 2022-12-06), cn-2017 indicators R1 to R7."""
    primary = dict(zip(INDICATORS, ("0.677", "0.674", "0.618", "0.519", "0.597", "0.167", "0.759"), strict=True))
    junior = dict(zip(INDICATORS, ("0.542", "1.055", "0.507", "0.587", "0.686", "0.254", "0.496"), strict=True))
    within = dict(zip(INDICATORS, (NOT_MET, NOT_MET, NOT_MET, NOT_MET, NOT_MET, MET, NOT_MET), strict=True))
    rows = two_schools_with(primary, "primary_school", "primary")
    rows += two_schools_with(junior, "junior_school", "junior")

    verdict = judged(tables(schools=rows))

    for stage, published in (("primary", primary), ("junior", junior)):
        for indicator in INDICATORS:
            assert verdict.cv_squared[stage, indicator] == exact(published[indicator]) ** 2
            assert verdict.spread[stage, indicator] == within[indicator]
    assert verdict.items["R-spread"] == NOT_MET


@pytest.mark.parametrize(
    ("cv", "printed"),
    [
        # 长春市南关区 and 合肥市庐阳区, primary, cn-2012: the composite is the plain mean of eight CVs.
        # In the second one three CVs exceed 0.65 and the district was recognised.
        (("0.393", "0.578", "0.372", "0.246", "0.208", "0.311", "0.311", "0.455"), "0.359"),
        (("0.881", "1.299", "0.977", "0.379", "0.170", "0.334", "0.286", "0.408"), "0.592"),
    ],
)
def test_published_composites_of_2012(cv: tuple[str, ...], printed: str) -> None:
    """The oracle judges the 2017 edition only; this holds that equal weights are the plain mean of 2012."""
    composite, _, _ = dispersion([exact(c) for c in cv], [Fraction(1)] * 8)

    assert composite is not None
    assert abs(composite - exact(printed)) <= exact("0.001")  # the CVs were printed rounded
    assert composite <= exact("0.65")


def test_published_retention_example() -> None:
    """The worked figures of Q1: (960 - 30 + 50) / (1000 - 1) = 980/999, well above 95 %."""
    assert good_with().items["Q1"] == MET
    # 949 + 1 of 1000 is exactly 95 %, and one graduate fewer is below it
    exactly: dict[str, Any] = {
        "grade7_enrolled": 1000,
        "deaths": 0,
        "transferred_in": 0,
        "transferred_out": 1,
    }
    assert good_with(**exactly, graduates=949).items["Q1"] == MET
    assert good_with(**exactly, graduates=948).items["Q1"] == NOT_MET


# ---- numbers and verdicts ------------------------------------------------------------------------


def test_exact_is_the_number_as_written() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(1e22) == 10**22
    assert exact(7) == 7
    assert exact("0.765") == Fraction(153, 200)
    assert exact(Decimal("4.50")) == Fraction(9, 2)


def test_a_floor_is_met_where_binary_floating_point_misses_it() -> None:
    assert 0.85 * 4.5 != 3.825  # why the oracle does not use floats
    assert 0.85 * 2.3 != 1.955
    assert standing(exact(3.825), exact(4.5)) == 1
    assert standing(exact(1.955), exact(2.3)) == 1
    assert standing(exact(3.8249999999999997), exact(4.5)) == 1  # a number has 15 significant digits
    assert standing(exact("3.8249999999999997"), exact(4.5)) == 0
    assert standing(exact(4.5), exact(4.5)) == 2
    assert standing(exact(0), exact(4.5)) == 0
    assert standing(None, exact(4.5)) == -1


@pytest.mark.parametrize(
    ("verdicts", "joined"),
    [
        ([], NOT_APPLICABLE),
        ([NOT_APPLICABLE], NOT_APPLICABLE),
        ([NOT_APPLICABLE, MET], MET),
        ([NOT_APPLICABLE, UNKNOWN], UNKNOWN),
        ([MET, UNKNOWN], UNKNOWN),
        ([MET, UNKNOWN, NOT_MET, NOT_APPLICABLE], NOT_MET),
    ],
)
def test_all_of(verdicts: list[str], joined: str) -> None:
    assert all_of(verdicts) == joined


@pytest.mark.parametrize(
    ("standings", "verdict"),
    [
        ([2, 2, 2, 2, 2, 2, 2], MET),
        ([2, 2, 2, 2, 2, 2, 1], MET),
        ([2, 2, 2, 2, 2, 1, 1], NOT_MET),
        ([2, 2, 2, 2, 2, 2, 0], NOT_MET),
        ([2, 2, 2, 2, 2, 2, -1], UNKNOWN),
        ([2, 2, 2, 2, 2, 1, -1], UNKNOWN),
        ([-1, -1, -1, -1, -1, -1, -1], UNKNOWN),
        ([0, -1, -1, -1, -1, -1, -1], NOT_MET),
        ([1, 1, -1, -1, -1, -1, -1], NOT_MET),
    ],
)
def test_section_verdict(standings: list[int], verdict: str) -> None:
    assert section_verdict(standings) == verdict


def test_dispersion_with_gaps_nothing_and_zero() -> None:
    zero, entry, two = Fraction(0), Fraction(1), Fraction(2)
    assert dispersion([entry, None], [entry, entry]) == (None, None, None)
    assert dispersion([entry, two], [entry, None]) == (None, None, None)
    assert dispersion([], []) == (None, None, None)
    assert dispersion([zero, zero], [entry, two]) == (zero, zero, None)
    assert dispersion([two], [Fraction(300)]) == (two, zero, zero)
    assert dispersion([zero, two], [entry, entry]) == (entry, entry, entry)


# ---- sections and their values -------------------------------------------------------------------


def test_values_of_the_good_county() -> None:
    primary, junior = good_with().sections

    assert (primary.school, primary.stage, primary.pupils) == ("p1", "primary", Fraction(400))
    assert primary.values == {
        "R1": 5,
        "R2": 1,
        "R3": 1,
        "R4": 5,  # (2500 - 500) / 400
        "R5": Fraction(35, 4),  # (3000 + 500) / 400
        "R6": 2500,
        "R7": Fraction(5, 2),
    }
    assert (junior.school, junior.stage, junior.verdict) == ("j1", "junior", MET)


def test_combined_schools_are_split_by_weight() -> None:
    rows: list[dict[str, Any]] = [
        {"school": "9", "type": "nine_year_school", "pupils_primary": 100, "pupils_junior": 100},
        {"school": "12", "type": "twelve_year_school", "pupils_primary": 100, "pupils_junior": 100},
        {"school": "c", "type": "complete_secondary_school", "pupils_junior": 100, "pupils_senior": 100},
    ]
    rows[1]["pupils_senior"] = 100
    for row in rows:
        row["equipment_value"] = 1000

    r6 = {key: s.values["R6"] for key, s in sections_by_id(judged(tables(schools=rows))).items()}

    assert r6 == {
        ("9", "primary"): Fraction(1000, 210),
        ("9", "junior"): Fraction(1100, 210),
        ("12", "primary"): Fraction(1000, 342),
        ("12", "junior"): Fraction(1100, 342),
        ("c", "junior"): Fraction(1000, 220),
    }


def test_teachers_are_not_split() -> None:
    nine = {"school": "9", "type": "nine_year_school", "pupils_primary": 200, "pupils_junior": 100}
    nine |= {"degree_teachers_primary": 10, "degree_teachers_junior": 8}

    sections = sections_by_id(judged(tables(schools=[nine])))

    assert sections["9", "primary"].values["R1"] == 5
    assert sections["9", "junior"].values["R1"] == 8


def test_a_campus_of_one_stage_is_split_like_a_plain_school() -> None:
    nine = {"school": "9", "type": "nine_year_school", "pupils_primary": 0, "pupils_junior": 100}
    nine |= {"equipment_value": 250000}

    verdict = judged(tables(schools=[nine]))

    (result,) = verdict.sections
    assert result.stage == "junior"
    assert result.values["R6"] == 2500
    assert verdict.excluded == [("9", "primary", "no_pupils")]


def test_unknown_pupils_of_any_stage_leave_the_shared_values_open() -> None:
    twelve = GOOD_SCHOOLS[0] | {"type": "twelve_year_school", "pupils_junior": 100}

    section = sections_by_id(judged(tables(schools=[twelve])))["p1", "primary"]

    assert section.values["R1"] == 5
    assert section.standings["R1"] == 2
    assert [section.values[i] for i in ("R4", "R5", "R6", "R7")] == [None] * 4
    assert [section.standings[i] for i in ("R4", "R5", "R6", "R7")] == [-1] * 4


def test_who_is_counted_and_who_is_left_out() -> None:
    point = {"type": "teaching_point"}
    rows: list[dict[str, Any]] = [
        {"school": "k50", "pupils_primary": 50, **point},
        {"school": "k49", "pupils_primary": 49, **point},
        {"school": "k?", "pupils_primary": None, **point},
        {"school": "k0", "pupils_primary": 0, **point},
        {"school": "small", "type": "primary_school", "pupils_primary": 3},
        {"school": "special", "type": "special_school", "pupils_primary": 80},
        {"school": "craft", "type": "vocational_school", "pupils_senior": 80},
        {"school": "crafts", "type": "vocational_school", "pupils_senior": 80, "pupils_junior": 30},
        {"school": "junior", "type": "junior_school", "pupils_primary": 60, "pupils_junior": 0},
        {"school": "9", "type": "nine_year_school", "pupils_primary": 80, "pupils_junior": 0},
    ]

    verdict = judged(tables(schools=rows))

    assert [(s.school, s.stage) for s in verdict.sections] == [
        ("9", "primary"),
        ("junior", "primary"),
        ("k50", "primary"),
        ("k?", "primary"),
        ("small", "primary"),
        ("crafts", "junior"),
    ]
    assert verdict.excluded == [
        ("9", "junior", "no_pupils"),
        ("craft", None, "type_not_judged"),
        ("junior", "junior", "no_pupils"),
        ("k0", "primary", "no_pupils"),
        ("k49", "primary", "under_50_pupils"),
        ("special", None, "type_not_judged"),
    ]


def test_indoor_sports_area_not_reported_opens_both_areas() -> None:
    section = judged(tables(schools=schools(indoor_sports_area=None))).sections[0]

    assert (section.standings["R4"], section.standings["R5"], section.standings["R6"]) == (-1, -1, 2)
    assert section.verdict == UNKNOWN


# What the standard prints: stage, indicator, the standard, its 85 % floor.
FIGURES = [
    ("primary", "R1", "4.2", "3.57"),
    ("primary", "R2", "1", "0.85"),
    ("primary", "R3", "0.9", "0.765"),
    ("primary", "R4", "4.5", "3.825"),
    ("primary", "R5", "7.5", "6.375"),
    ("primary", "R6", "2000", "1700"),
    ("primary", "R7", "2.3", "1.955"),
    ("junior", "R1", "5.3", "4.505"),
    ("junior", "R2", "1", "0.85"),
    ("junior", "R3", "0.9", "0.765"),
    ("junior", "R4", "5.8", "4.93"),
    ("junior", "R5", "10.2", "8.67"),
    ("junior", "R6", "2500", "2125"),
    ("junior", "R7", "2.4", "2.04"),
]
# Per indicator: the column that carries it (whole-school columns name no stage) and per how many pupils.
CARRIERS = {
    "R1": ("degree_teachers_{}", 100),
    "R2": ("backbone_teachers_{}", 100),
    "R3": ("arts_pe_teachers_{}", 100),
    "R4": ("teaching_area", 1),
    "R5": ("sports_ground_area", 1),
    "R6": ("equipment_value", 1),
    "R7": ("multimedia_rooms", 100),
}


@pytest.mark.parametrize(
    ("kind", "stage", "indicator", "standard", "floor"),
    [(f"{stage}_school", stage, *rest) for stage, *rest in FIGURES]
    + [("teaching_point", stage, *rest) for stage, *rest in FIGURES if stage == "primary"],
)
def test_every_standard_and_floor(kind: str, stage: str, indicator: str, standard: str, floor: str) -> None:
    column, per = CARRIERS[indicator]

    def found(value: Fraction) -> int:
        school = {
            "school": "x",
            "type": kind,
            f"pupils_{stage}": 70,
            "teaching_area": 0,
            "indoor_sports_area": 0,
            column.format(stage): 70 * value / per,
        }
        return judged(tables(schools=[school])).sections[0].standings[indicator]

    little = Fraction(1, 10**12)
    assert found(exact(standard)) == 2
    assert found(exact(standard) - little) == 1
    assert found(exact(floor)) == 1
    assert found(exact(floor) - little) == 0
    assert found(Fraction(0)) == 0


# ---- items ---------------------------------------------------------------------------------------

SPECIAL_ONLY: list[dict[str, Any]] = [{"school": "s", "type": "special_school", "pupils_primary": 60}]
VOCATIONAL_ONLY: list[dict[str, Any]] = [{"school": "v", "type": "vocational_school", "pupils_senior": 60}]


def test_the_good_county_meets_everything() -> None:
    verdict = good_with()

    applicable = {item: result for item, result in verdict.items.items() if item != "G6"}
    assert set(applicable.values()) == {MET}
    assert verdict.items["G6"] == NOT_APPLICABLE  # no school under 100 pupils
    assert verdict.parts == dict.fromkeys(
        ("eligibility", "resources", "guarantee", "quality", "recognition", "veto"), MET
    )
    assert verdict.verdict == MET
    ids = ["E1", "E2", "R-schools", "R-spread", *(f"G{n}" for n in range(1, 16)), *(f"Q{n}" for n in range(1, 10))]
    assert list(verdict.items) == [*ids, "S1", *(f"V{n}" for n in range(1, 7))]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (schools(degree_teachers_primary=14.28), MET),  # 3.57, the floor itself, in one indicator of seven
        (schools(degree_teachers_primary=14.27), NOT_MET),
        (schools(degree_teachers_primary=14.28, backbone_teachers_primary=3.9), NOT_MET),  # two at the floor
        (schools(degree_teachers_primary=None), UNKNOWN),
        (schools(degree_teachers_primary=0, backbone_teachers_primary=None), NOT_MET),  # no gap can correct it
        (schools(pupils_primary=None, degree_teachers_primary=0), UNKNOWN),  # there may be no pupils at all
        (SPECIAL_ONLY, UNKNOWN),  # nothing was judged
    ],
)
def test_r_schools(rows: list[dict[str, Any]], expected: str) -> None:
    assert judged(tables(schools=rows)).items["R-schools"] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # equal schools of 400 with 10 and 30 teachers: mean 5, deviation 2.5, CV exactly 0.50
        (schools(like(0, "p2", degree_teachers_primary=30), degree_teachers_primary=10), MET),
        (schools(like(0, "p2", degree_teachers_primary="30.000000001"), degree_teachers_primary=10), NOT_MET),
        # juniors the same way, 11 and 29: CV exactly 0.45
        (
            [like(1, "j1", degree_teachers_junior=11), like(1, "j2", degree_teachers_junior=29)],
            MET,
        ),
        (
            [like(1, "j1", degree_teachers_junior=11), like(1, "j2", degree_teachers_junior="29.000000001")],
            NOT_MET,
        ),
        # zero is not missing: a school that has none stays in and spreads the county
        (schools(like(0, "p2", degree_teachers_primary=0)), NOT_MET),
        (schools(like(0, "p2", degree_teachers_primary=None)), UNKNOWN),
        # all are zero: undefined, never "perfectly equal", even with a single school
        (schools(like(0, "p2", degree_teachers_primary=0), degree_teachers_primary=0), UNKNOWN),
        (schools(degree_teachers_primary=0), UNKNOWN),
        (SPECIAL_ONLY, UNKNOWN),  # nothing was judged
        (GOOD_SCHOOLS[:1], MET),  # no junior section: that half does not apply
    ],
)
def test_r_spread(rows: list[dict[str, Any]], expected: str) -> None:
    assert judged(tables(schools=rows)).items["R-spread"] == expected


def test_a_known_failing_stage_decides_the_spread_in_spite_of_gaps_elsewhere() -> None:
    rows = schools(like(0, "p2", degree_teachers_primary=0), like(1, "j2", pupils_junior=None))

    verdict = judged(tables(schools=rows))

    assert verdict.spread["primary", "R1"] == NOT_MET
    assert verdict.spread["junior", "R1"] == UNKNOWN
    assert verdict.items["R-spread"] == NOT_MET


ATTESTED = [
    ("E1", "basic_balance_three_years"),
    ("E2", "monitoring_kept_high"),
    ("G1", "layout_rational"),
    ("G2", "unified_construction"),
    ("G2", "unified_staffing"),
    ("G2", "unified_funding"),
    ("G2", "unified_equipment"),
    ("G8", "performance_pay_approved"),
    ("G10", "staffing_allocated"),
    ("G14", "quota_favours_rural"),
    ("G15", "left_behind_care"),
    ("Q3", "charters_and_informatised"),
    ("Q5", "teachers_use_it_well"),
    ("Q6", "moral_education_good"),
    ("Q7", "curriculum_complete"),
    ("Q7", "teaching_orderly"),
    ("Q7", "practice_activities"),
    ("Q8", "no_excess_burden"),
]
VETOES = [
    ("V1", "exam_admission"),
    ("V2", "improper_choice"),
    ("V3", "key_schools_or_classes"),
    ("V4", "unfilled_posts"),
    ("V5", "serious_incident"),
    ("V6", "falsification"),
]


@pytest.mark.parametrize(("item", "fact", "good"), [(*a, True) for a in ATTESTED] + [(*v, False) for v in VETOES])
def test_yes_or_no_facts(item: str, fact: str, good: bool) -> None:
    assert good_with(**{fact: good}).items[item] == MET
    assert good_with(**{fact: not good}).items[item] == NOT_MET
    assert good_with(**{fact: None}).items[item] == UNKNOWN


RATIOS = [
    # item, whole, part, share, exactly at the limit, just below it, what the other half of the item is to state
    ("G9", "teachers", "training_completed", "training_share", (2000, 2000), (2000, 1999), {}),
    ("G12", "full_time_teachers", "certified_teachers", "certified_share", (2000, 2000), (2000, 1999), {}),
    (
        "G11",
        "rotation_eligible",
        "rotated",
        "rotation_share",
        (50, 5),
        (51, 5),
        {"rotated_backbone_share": 1},
    ),
    ("G11", "rotated", "rotated_backbone", "rotated_backbone_share", (10, 2), (11, 2), {"rotation_share": 1}),
    (
        "G13",
        "public_day_pupils_primary",
        "pupils_from_zone_primary",
        "nearby_share_primary",
        (500, 500),
        (500, 499),
        {},
    ),
    ("G13", "public_day_pupils_junior", "pupils_from_zone_junior", "nearby_share_junior", (100, 95), (101, 95), {}),
    ("G14", "quota_total", "quota_allocated", "quota_share", (200, 100), (201, 100), {}),
    ("G15", "migrant_children", "migrant_children_placed", "migrant_share_placed", (100, 85), (101, 85), {}),
    (
        "Q2",
        "disabled_children",
        "disabled_children_enrolled",
        "disabled_enrolment_rate",
        (20, 19),
        (21, 19),
        {},
    ),
    ("S1", "survey_valid", "survey_satisfied", "satisfaction", (100, 85), (101, 85), {}),
]
# A whole of zero: the result of the ratio, without the other half of the item, if there is one.
NOBODY: list[tuple[str, dict[str, Any], str]] = [
    ("G9", {"teachers": 0, "training_completed": 0}, UNKNOWN),
    ("G12", {"full_time_teachers": 0, "certified_teachers": 0}, UNKNOWN),
    ("S1", {"survey_valid": 0, "survey_satisfied": 0}, UNKNOWN),
    ("G11", {"rotation_eligible": 0, "rotated": 0, "rotated_backbone": 0}, NOT_APPLICABLE),
    ("G11", {"rotated": 0, "rotated_backbone": 0}, NOT_MET),  # there were 50 who might have
    (
        "G13",
        {
            "public_day_pupils_primary": 0,
            "pupils_from_zone_primary": 0,
            "public_day_pupils_junior": 0,
            "pupils_from_zone_junior": 0,
        },
        NOT_APPLICABLE,
    ),
    ("G13", {"public_day_pupils_primary": 0, "pupils_from_zone_primary": 0}, MET),
    ("G14", {"quota_total": 0, "quota_allocated": 0}, MET),  # the attested half still counts
    ("G15", {"migrant_children": 0, "migrant_children_placed": 0}, MET),
    ("G15", {"migrant_children": 0, "migrant_children_placed": 0, "left_behind_care": None}, UNKNOWN),
    ("Q2", {"disabled_children": 0, "disabled_children_enrolled": 0}, NOT_APPLICABLE),
]


@pytest.mark.parametrize("case", RATIOS, ids=lambda case: case[3])
def test_ratios(case: tuple[str, str, str, str, tuple[int, int], tuple[int, int], dict[str, Any]]) -> None:
    item, whole, part, share, at, below, other = case

    def found(all_: int | None, some: int | None, stated: str | None = None) -> str:
        return good_with(**{whole: all_, part: some, share: stated}, **other).items[item]

    limit = Fraction(at[1], at[0])
    assert found(*at) == MET
    assert found(*below) == NOT_MET
    assert found(None, at[1]) == UNKNOWN
    assert found(at[0], None) == UNKNOWN
    assert found(None, None, str(limit)) == MET
    assert found(None, None, str(limit - Fraction(1, 10**9))) == NOT_MET
    assert found(None, at[1], str(limit)) == MET  # one count alone states nothing: the stated share is used
    assert found(*below, str(limit)) == NOT_MET  # given both ways (and close enough), the counts decide


@pytest.mark.parametrize(("item", "facts", "expected"), NOBODY)
def test_ratios_without_pupils(item: str, facts: dict[str, Any], expected: str) -> None:
    assert good_with(**facts).items[item] == expected


def test_share_that_prints_as_all_is_not_all() -> None:
    assert good_with(teachers=10000, training_completed=9996).items["G9"] == NOT_MET  # prints as 100.0 %


@pytest.mark.parametrize(
    ("asked", "satisfied", "expected"),
    [
        (20, 17, MET),
        (20, 16, NOT_MET),
        (20000, 16999, NOT_MET),
        (20, None, UNKNOWN),
        (None, 17, UNKNOWN),
        (None, None, MET),  # no interviews: the survey alone decides
        (0, 0, MET),
    ],
)
def test_s1_interviews(asked: int | None, satisfied: int | None, expected: str) -> None:
    assert good_with(interviews=asked, interviews_satisfied=satisfied).items["S1"] == expected


@pytest.mark.parametrize(
    ("asked", "stated", "expected"), [(None, 0.85, MET), (None, 0.8499999, NOT_MET), (20, 0.85, MET)]
)
def test_s1_interviews_stated_as_a_share(asked: int | None, stated: float, expected: str) -> None:
    facts = {"interviews": asked, "interviews_satisfied": None, "interview_satisfaction": stated}
    assert good_with(**facts).items["S1"] == expected


ROOMS_OF_J1 = [("j1", "music", 96), ("j1", "art", 90)]
ROOMS_OF_P1 = [("p1", "music", 96), ("p1", "art", 90)]
EMPTY_NINE = {"type": "nine_year_school", "pupils_junior": 0}


@pytest.mark.parametrize(
    ("rows", "rooms", "expected"),
    [
        (schools(classes_primary=12), GOOD_ROOMS, MET),
        (schools(classes_primary=13), GOOD_ROOMS, NOT_MET),  # the thirteenth class needs a second room
        (schools(classes_primary=13), [*GOOD_ROOMS, *ROOMS_OF_P1], MET),
        (schools(), [*ROOMS_OF_J1, ("p1", "music", 95.9), ("p1", "art", 90)], NOT_MET),
        (schools(), [*ROOMS_OF_J1, ("p1", "music", 96), ("p1", "art", 89.9)], NOT_MET),
        (schools(), [*ROOMS_OF_J1, ("p1", "music", None), ("p1", "art", 90)], UNKNOWN),
        (schools(), [*ROOMS_OF_J1, ("p1", "music", None), ("p1", "music", 96), ("p1", "art", 90)], MET),
        (
            schools(classes_primary=25),
            [*GOOD_ROOMS, ("p1", "music", None)],
            NOT_MET,
        ),  # three needed, two at best
        (schools(), ROOMS_OF_J1, NOT_MET),  # others hand in rooms, so this school has none
        (schools(), [], UNKNOWN),  # the county handed in none at all
        (schools(classes_primary=None), GOOD_ROOMS, UNKNOWN),
        (schools(**EMPTY_NINE), GOOD_ROOMS, MET),  # no juniors and no count of their classes: none
        (schools(**EMPTY_NINE, classes_junior=3), GOOD_ROOMS, NOT_MET),
        (schools(type="nine_year_school", pupils_junior=30), GOOD_ROOMS, UNKNOWN),
        (schools(pupils_primary=None), GOOD_ROOMS, UNKNOWN),  # it may have no pupils and so no section
        (schools(pupils_primary=None, classes_primary=0), GOOD_ROOMS, UNKNOWN),
        (schools(type="nine_year_school", pupils_junior=None, classes_junior=2), GOOD_ROOMS, MET),
        ([like(0, "p1", classes_primary=0)], [], MET),  # no classes, no rooms needed
        ([like(0, "k", type="teaching_point", pupils_primary=49)], GOOD_ROOMS, NOT_APPLICABLE),
        (SPECIAL_ONLY, GOOD_ROOMS, NOT_APPLICABLE),
    ],
)
def test_g3_rooms(rows: list[dict[str, Any]], rooms: list[tuple[Any, ...]], expected: str) -> None:
    assert judged(tables(schools=rows, rooms=rooms)).items["G3"] == expected


COMPLETE = {"type": "complete_secondary_school", "pupils_primary": None}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"pupils_primary": 2000}, MET),
        ({"pupils_primary": 2001}, NOT_MET),
        ({"pupils_primary": None}, UNKNOWN),
        ({"type": "teaching_point", "pupils_primary": 20}, MET),
        ({"type": "nine_year_school", "pupils_primary": 1500, "pupils_junior": 1000}, MET),
        ({"type": "nine_year_school", "pupils_primary": 1500, "pupils_junior": 1001}, NOT_MET),
        ({"type": "nine_year_school", "pupils_primary": 1500, "pupils_junior": None}, UNKNOWN),
        ({"type": "nine_year_school", "pupils_primary": 2501, "pupils_junior": None}, NOT_MET),
        (
            {
                "type": "twelve_year_school",
                "pupils_primary": 1500,
                "pupils_junior": 1000,
                "pupils_senior": 900,
            },
            MET,
        ),
        ({"type": "twelve_year_school", "pupils_primary": 1500, "pupils_junior": 1001}, NOT_MET),
        (COMPLETE | {"pupils_junior": 2000, "pupils_senior": 900}, MET),
        (COMPLETE | {"pupils_junior": 2001, "pupils_senior": None}, NOT_MET),
    ],
)
def test_g4_school_size(changed: dict[str, Any], expected: str) -> None:
    assert judged(tables(schools=schools(**changed))).items["G4"] == expected


def test_g4_without_such_schools() -> None:
    assert judged(tables(schools=[*SPECIAL_ONLY, *VOCATIONAL_ONLY])).items["G4"] == NOT_APPLICABLE


JUNIOR_CLASSES = GOOD_CLASSES[10:]


@pytest.mark.parametrize(
    ("rows", "classes", "expected"),
    [
        (schools(), [("p1", "primary", 45)] * 10 + JUNIOR_CLASSES, MET),
        (schools(), [("p1", "primary", 40)] * 9 + [("p1", "primary", 46)] + JUNIOR_CLASSES, NOT_MET),
        (schools(), [*GOOD_CLASSES, ("j1", "junior", 51)], NOT_MET),
        (schools(), [("p1", "primary", 40)] * 9 + [("p1", "primary", None)] + JUNIOR_CLASSES, UNKNOWN),
        (schools(), [("p1", "primary", 40)] * 9 + JUNIOR_CLASSES, UNKNOWN),  # one of ten is not listed
        (schools(), [("p1", "primary", 46), *JUNIOR_CLASSES], NOT_MET),  # but one of those listed fails
        (schools(), JUNIOR_CLASSES, UNKNOWN),
        # without a number of classes, the list is whole once it contains all 400 pupils
        (schools(classes_primary=None), GOOD_CLASSES, MET),
        (schools(classes_primary=None), GOOD_CLASSES[1:], UNKNOWN),
        (schools(classes_primary=None, pupils_primary=None), GOOD_CLASSES, UNKNOWN),
        (schools(pupils_primary=None), GOOD_CLASSES, MET),
        (schools(classes_primary=None), [("p1", "primary", 45)] * 9 + [("p1", "primary", None)], UNKNOWN),
        (schools(classes_primary=0), JUNIOR_CLASSES, UNKNOWN),  # 400 pupils are in some class
        (schools(pupils_primary=0), JUNIOR_CLASSES, MET),  # no pupils, no classes to list
        (schools(pupils_primary=0), [("p1", "primary", 46), *JUNIOR_CLASSES], NOT_MET),  # but this is one
        # a small teaching point is judged here although it is no section
        ([like(0, "k", type="teaching_point", pupils_primary=46)], [("k", "primary", 46)], NOT_MET),
        (schools(*SPECIAL_ONLY), [*GOOD_CLASSES, ("s", "primary", 60)], MET),
        (SPECIAL_ONLY, [("s", "primary", 60)], NOT_APPLICABLE),
    ],
)
def test_g5_class_size(rows: list[dict[str, Any]], classes: list[tuple[Any, ...]], expected: str) -> None:
    assert judged(tables(schools=rows, classes=classes)).items["G5"] == expected


def small_nine(primary: int | None, junior: int | None, budget: int | None) -> dict[str, Any]:
    """Write a small nine-year school as the only school that G6 may concern."""
    return {
        "school": "9",
        "type": "nine_year_school",
        "pupils_primary": primary,
        "pupils_junior": junior,
        "public_funds_budget": budget,
    }


@pytest.mark.parametrize(
    ("changed", "facts", "expected"),
    [
        ({"pupils_primary": 99, "public_funds_budget": 65000}, {}, MET),  # 100 x 650
        ({"pupils_primary": 99, "public_funds_budget": 64999}, {}, NOT_MET),
        ({"pupils_primary": 99, "public_funds_budget": None}, {}, UNKNOWN),
        ({"pupils_primary": 99}, {"funds_per_pupil_primary": None}, UNKNOWN),
        ({"pupils_primary": 99}, {"funds_per_pupil_junior": None}, MET),  # it has no juniors
        ({"pupils_primary": 100, "public_funds_budget": 0}, {}, NOT_APPLICABLE),
        ({"pupils_primary": 0, "public_funds_budget": 0}, {}, NOT_APPLICABLE),
        ({"pupils_primary": None}, {}, UNKNOWN),
        ({"type": "teaching_point", "pupils_primary": 10, "public_funds_budget": 64999}, {}, NOT_MET),
        (small_nine(60, 20, 70000), {}, MET),  # 100 x (60 x 650 + 20 x 850) / 80
        (small_nine(60, 20, 69999), {}, NOT_MET),
        (small_nine(60, None, 0), {}, UNKNOWN),
        (small_nine(100, None, 0), {}, NOT_APPLICABLE),
        (COMPLETE | {"pupils_junior": 20, "public_funds_budget": 0}, {}, NOT_APPLICABLE),
    ],
)
def test_g6_funds_of_small_schools(changed: dict[str, Any], facts: dict[str, Any], expected: str) -> None:
    assert judged(tables(schools=schools(**changed), facts=facts)).items["G6"] == expected


@pytest.mark.parametrize(
    ("item", "facts", "expected"),
    [
        ("G7", {"special_education_funds_per_pupil": 5999.99}, NOT_MET),
        ("G7", {"special_education_funds_per_pupil": None}, UNKNOWN),
        ("G8", {"teacher_salary": 89999.99}, NOT_MET),
        ("G8", {"teacher_salary": None}, UNKNOWN),
        ("G8", {"civil_servant_salary": None, "performance_pay_approved": False}, NOT_MET),
        ("Q1", {"deaths": None}, UNKNOWN),
        ("Q1", {"deaths": None, "retention_rate": 0.95}, MET),
        ("Q1", {"deaths": None, "retention_rate": 0.94999999}, NOT_MET),
        ("Q1", {"grade7_enrolled": 1}, UNKNOWN),  # all of them died: no rate
        ("Q1", {"graduates": 0, "transferred_in": 900, "transferred_out": 0}, NOT_MET),
    ],
)
def test_county_numbers(item: str, facts: dict[str, Any], expected: str) -> None:
    assert good_with(**facts).items[item] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (schools(public_funds_budget=400000, training_funds=19999.99), NOT_MET),
        (schools(public_funds_budget=None), UNKNOWN),
        (schools(training_funds=None), UNKNOWN),
        (schools(public_funds_budget=0, training_funds=0), MET),
        (schools({"school": "s", "type": "special_school"}), UNKNOWN),
        (schools({"school": "v", "type": "vocational_school"}), MET),
        (VOCATIONAL_ONLY, NOT_APPLICABLE),
    ],
)
def test_q4_training_funds(rows: list[dict[str, Any]], expected: str) -> None:
    assert judged(tables(schools=rows)).items["Q4"] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("语文", 3, 0.1499)], MET),
        ([("语文", "Ⅲ", 0.1499)], MET),
        ([("语文", 3, 0.15)], NOT_MET),
        ([("语文", 3, 0.14999999)], MET),  # 「低于」 alone is strict
        ([("语文", 2, 0.1)], NOT_MET),
        ([("语文", 3, 0.1), ("数学", 2, 0.1)], NOT_MET),
        ([("语文", None, 0.1)], UNKNOWN),
        ([("语文", 3, None)], UNKNOWN),
        ([("语文", None, 0.15)], NOT_MET),
        ([("语文", 2, None)], NOT_MET),
        ([], UNKNOWN),
    ],
)
def test_q9_monitoring(rows: list[tuple[Any, ...]], expected: str) -> None:
    assert judged(tables(monitoring=rows)).items["Q9"] == expected


# ---- counties ------------------------------------------------------------------------------------


def test_nothing_but_schools_is_open_and_raises_nothing() -> None:
    bare = {"schools": {"county": ["c"], "school": ["p1"], "type": ["primary_school"]}}

    verdict = judge(bare)["c"]

    assert set(verdict.items.values()) == {UNKNOWN}
    assert verdict.verdict == UNKNOWN


def test_counties_are_judged_apart() -> None:
    given = tables()
    for name in ("schools", "classes", "rooms", "monitoring"):
        given[name] = {column: cells * 2 for column, cells in given[name].items()}
        rows = len(given[name]["county"])
        given[name]["county"] = ["d"] * (rows // 2) + ["c"] * (rows // 2)
    given["facts"]["d"] = GOOD_FACTS | {"falsification": True}

    verdicts = judge(given)

    assert list(verdicts) == ["c", "d"]
    assert verdicts["c"].verdict == MET
    assert verdicts["d"].parts["veto"] == NOT_MET
    assert verdicts["d"].verdict == NOT_MET
    assert verdicts["d"].parts["resources"] == MET


def test_one_open_item_leaves_the_county_open_and_one_failing_item_decides_it() -> None:
    assert good_with(layout_rational=None).verdict == UNKNOWN
    assert good_with(layout_rational=None, staffing_allocated=False).verdict == NOT_MET

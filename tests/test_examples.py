"""The two example counties come out as their READMEs state, figure by figure, worked out by hand."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

import balancedu as be

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
MET, NOT_MET, UNKNOWN, NOT_APPLICABLE = (
    be.Verdict.MET,
    be.Verdict.NOT_MET,
    be.Verdict.UNKNOWN,
    be.Verdict.NOT_APPLICABLE,
)

PASSING, FAILING = be.evaluate(be.example("passing")), be.evaluate(be.example("failing"))


def values_of(evaluation: be.Evaluation) -> dict[tuple[str, str, str], float]:
    """Every value by school, stage and indicator."""
    schools, stages = evaluation.sections["school"].tolist(), evaluation.sections["stage"].tolist()
    return {
        (school, stage, indicator): value
        for school, stage, row in zip(schools, stages, evaluation.values.tolist(), strict=True)
        for indicator, value in zip(evaluation.indicators, row, strict=True)
    }


def standings_of(evaluation: be.Evaluation, standing: int) -> set[tuple[str, str, str]]:
    """The section and indicator of each such value."""
    sections, indicators = evaluation.sections, evaluation.indicators
    return {
        (str(sections["school"][row]), str(sections["stage"][row]), indicators[column])
        for row, column in zip(*(evaluation.standing == standing).nonzero(), strict=True)
    }


def cv_of(evaluation: be.Evaluation, stage: str, indicator: str) -> float:
    return float(evaluation.cv[0, evaluation.stages.index(stage), evaluation.indicators.index(indicator)])


def excluded_of(evaluation: be.Evaluation) -> list[tuple[str, str | None, str]]:
    return [(entry.school, entry.stage, entry.reason) for entry in evaluation.excluded]


# Qingyuan, which meets everything


def test_qingyuan_meets_everything() -> None:
    assert PASSING.verdict is MET
    assert {item: finding.verdict for item, finding in PASSING.items.items()} == {
        item: NOT_APPLICABLE if item == "G6" else MET for item in PASSING.items
    }
    assert set(PASSING.parts.values()) == {MET}
    assert PASSING.failing_sections() == ()


def test_qingyuan_has_the_shape_of_a_real_district() -> None:
    assert len(PASSING.submission.schools) == 26
    assert PASSING.sections["stage"].tolist().count("primary") == 17
    assert PASSING.sections["stage"].tolist().count("junior") == 8
    assert excluded_of(PASSING) == [("024", "junior", "none"), ("026", None, "type")]


def test_one_indicator_between_floor_and_standard_is_allowed() -> None:
    assert standings_of(PASSING, 1) == {
        ("003", "primary", "R5"),
        ("008", "primary", "R3"),
        ("011", "primary", "R5"),
        ("014", "primary", "R2"),
        ("020", "junior", "R5"),
        ("021", "junior", "R4"),
        ("022", "junior", "R2"),
    }
    assert standings_of(PASSING, 0) == standings_of(PASSING, -1) == set()


@pytest.mark.parametrize(
    ("school", "stage", "indicator", "value", "standing"),
    [("005", "primary", "R4", "4.5", 2), ("003", "primary", "R5", "6.375", 1), ("021", "junior", "R4", "4.93", 1)],
)
def test_exactly_on_the_limit_is_enough(school: str, stage: str, indicator: str, value: str, standing: int) -> None:
    assert values_of(PASSING)[school, stage, indicator] == pytest.approx(float(value), rel=1e-12)
    assert (school, stage, indicator) in standings_of(PASSING, standing)


def test_plain_floats_would_get_two_of_them_wrong() -> None:
    rows = {row["school"]: row for row in read("passing", "schools.csv")}

    def plainly(school: str, stage: str) -> tuple[float, Fraction]:
        row = rows[school]
        area, sports, pupils = row["teaching_area"], row["indoor_sports_area"], row[f"pupils_{stage}"]
        return (float(area) - float(sports)) / int(pupils), (Fraction(area) - Fraction(sports)) / int(pupils)

    assert plainly("005", "primary")[0] < 4.5 == plainly("005", "primary")[1]
    assert plainly("021", "junior")[0] < 4.93
    assert plainly("021", "junior")[1] == Fraction("4.93")


def test_the_figures_of_qingyuan() -> None:
    assert PASSING.items["G11"].reason().startswith("达标：交流轮岗教师比例11.4%")
    assert PASSING.items["G11"].checks[0].observed == 104 / 909
    assert PASSING.items["G11"].checks[1].observed == 31 / 104
    assert PASSING.items["G7"].observed == PASSING.items["G7"].required == 6000
    assert (PASSING.items["Q4"].observed, PASSING.items["Q4"].required) == (0.05, 0.05)
    worst = PASSING.items["Q4"].decisive.worst
    assert worst is not None
    assert worst.school == "016"


def test_senior_pupils_do_not_count_towards_the_size() -> None:
    rows = {row["school"]: row for row in read("passing", "schools.csv")}
    pupils = {
        school: [int(rows[school][f"pupils_{stage}"] or 0) for stage in ("primary", "junior", "senior")]
        for school in ("017", "025")
    }

    assert (sum(pupils["017"]), pupils["017"][1]) == (2292, 812)
    assert (sum(pupils["025"]), sum(pupils["025"][:2])) == (2582, 1970)
    assert PASSING.items["G4"].verdict is MET


def test_combined_schools_are_split_by_weight() -> None:
    row = {row["school"]: row for row in read("passing", "schools.csv")}["025"]
    shared = (Fraction(row["pupils_primary"]) + Fraction("1.1") * int(row["pupils_junior"])) + Fraction("1.32") * int(
        row["pupils_senior"]
    )
    values = values_of(PASSING)

    assert values["025", "primary", "R6"] == pytest.approx(float(Fraction(row["equipment_value"]) / shared))
    assert values["025", "junior", "R6"] == pytest.approx(
        float(Fraction("1.1") * Fraction(row["equipment_value"]) / shared)
    )


def test_a_room_that_is_too_small_does_not_count() -> None:
    areas = [
        float(row["area"]) for row in read("passing", "rooms.csv") if (row["school"], row["use"]) == ("015", "music")
    ]

    assert 72.5 in areas
    assert PASSING.items["G3"].verdict is MET


# Anhe, which does not


def test_anhe_fails_where_it_should_and_nowhere_else() -> None:
    expected = dict.fromkeys(("R-schools", "R-spread", "G3", "G4", "G5", "G6", "G12", "V4"), NOT_MET) | {"Q7": UNKNOWN}

    assert FAILING.verdict is NOT_MET
    assert {item: finding.verdict for item, finding in FAILING.items.items()} == {
        item: expected.get(item, MET) for item in FAILING.items
    }
    assert FAILING.parts == {
        "eligibility": MET,
        "resources": NOT_MET,
        "guarantee": NOT_MET,
        "quality": UNKNOWN,
        "recognition": MET,
        "veto": NOT_MET,
    }


def test_anhe_has_eight_primary_and_six_junior_sections() -> None:
    assert len(FAILING.submission.schools) == 14
    assert FAILING.sections["stage"].tolist() == ["primary"] * 8 + ["junior"] * 6
    assert excluded_of(FAILING) == [("006", "primary", "few"), ("014", None, "type")]
    assert "007" in FAILING.sections["school"]


def test_the_sections_of_anhe() -> None:
    verdicts = dict(zip(FAILING.sections["school"].tolist(), FAILING.section_verdicts.tolist(), strict=True))
    values = values_of(FAILING)

    assert {school for school, code in verdicts.items() if code == NOT_MET.code} == {"003", "004", "007"}
    assert {school for school, code in verdicts.items() if code == UNKNOWN.code} == {"012"}
    assert values["003", "primary", "R4"] == 3.78
    assert values["003", "primary", "R4"] / 4.5 == pytest.approx(0.84)
    assert ("003", "primary", "R4") in standings_of(FAILING, 0)
    assert values["004", "primary", "R5"] / 7.5 == pytest.approx(0.9)
    assert values["004", "primary", "R6"] / 2000 == pytest.approx(0.9)
    assert {place[2] for place in standings_of(FAILING, 1) if place[0] == "004"} == {"R5", "R6"}
    assert values["007", "primary", "R2"] == 0
    assert standings_of(FAILING, -1) == {("012", "junior", "R7")}
    lacks = {
        failing_section.school: [lack.indicator.id for lack in failing_section.lacks]
        for failing_section in FAILING.failing_sections()
    }
    assert lacks == {"003": ["R4"], "004": ["R5", "R6"], "007": ["R2"]}


def test_the_spread_of_anhe() -> None:
    finding = FAILING.items["R-spread"]

    assert cv_of(FAILING, "primary", "R6") == pytest.approx(0.504007425, abs=5e-10)
    assert round(cv_of(FAILING, "primary", "R6"), 2) == 0.5
    assert [check.id for check in finding.checks if check.verdict is NOT_MET] == ["R6.primary"]
    assert [check.id for check in finding.checks if check.verdict is UNKNOWN] == ["R7.junior"]
    assert (finding.observed, finding.required) == (cv_of(FAILING, "primary", "R6"), 0.5)


def test_the_private_school_makes_the_spread() -> None:
    tables = {name: read("failing", f"{name}.csv") for name in ("schools",)}
    kept = [row for row in tables["schools"] if row["school"] != "009"]
    columns = {name: [row[name] for row in kept] for name in kept[0]}

    assert cv_of(be.evaluate(be.Submission(schools=columns)), "primary", "R6") < 0.5


@pytest.mark.parametrize(
    ("item", "schools", "observed", "required"),
    [
        ("G3", ("010",), 2, 3),
        ("G4", ("001",), 2036, 2000),
        ("G5", ("002",), 46, 45),
        ("G6", ("005",), 65360, 72000),
        ("G12", (), 2518 / 2519, 1),
        ("V4", (), 1, 0),
    ],
)
def test_the_items_that_anhe_misses(item: str, schools: tuple[str, ...], observed: float, required: float) -> None:
    finding = FAILING.items[item]

    assert finding.verdict is NOT_MET
    assert finding.schools == schools
    assert (finding.observed, finding.required) == (observed, required)
    failing = [case for check in finding.checks for case in check.cases if case.verdict is NOT_MET]
    assert len(failing) == len(schools)


def test_the_class_of_46() -> None:
    (case,) = (case for check in FAILING.items["G5"].checks for case in check.cases)
    sizes = [int(row["pupils"]) for row in read("failing", "classes.csv") if row["school"] == "002"]

    assert (case.stage, case.observed, case.required) == ("primary", 46, 45)
    assert "3" in case.name.zh
    assert round(sum(sizes) / len(sizes), 1) == 43.5


def test_exactly_the_funds_of_a_hundred_pupils_are_enough() -> None:
    rows = {row["school"]: row for row in read("failing", "schools.csv")}

    assert (rows["006"]["pupils_primary"], rows["006"]["public_funds_budget"]) == ("38", "72000")
    assert "006" not in FAILING.items["G6"].schools


def test_one_decision_of_anhe_would_change_by_rounding() -> None:
    (flag,) = be.rounding_flags(FAILING)

    assert (flag.item, flag.value, flag.rounded, flag.limit) == ("G12", 2518 / 2519, 1, 1)
    assert (flag.verdict, flag.verdict_if_rounded) == (NOT_MET, MET)


def test_what_anhe_did_not_report() -> None:
    (gap,) = FAILING.items["Q7"].gaps

    assert (gap.table, gap.column) == ("facts", "curriculum_complete")
    assert {(gap.school, gap.column) for gap in FAILING.items["R-spread"].gaps} == {("012", "multimedia_rooms")}


def test_the_evidence_is_kept() -> None:
    evidence = FAILING.submission.evidence

    assert evidence["990202", "layout_rational"] == "安政发〔2020〕9号《安和县义务教育学校布局规划》"
    assert evidence["990202", "unfilled_posts"].startswith("安编办〔2024〕5号")
    assert len(evidence) == 4


# Both


def read(example: str, file: str) -> list[dict[str, str]]:
    with (EXAMPLES / example / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rows_of_readme(example: str) -> Iterator[tuple[str, str]]:
    """The items of the table in the README, each with its result."""
    text = (EXAMPLES / example / "README.md").read_text(encoding="utf-8")
    for item, result in re.findall(r"^\| ([A-Z][-a-z0-9]+) \| ([^|]+) \|", text, re.MULTILINE):
        yield item, result.strip()


def test_the_readme_of_anhe_shows_the_verdicts() -> None:
    answer = list(rows_of_readme("failing"))
    words = {"未达标": NOT_MET, "not met": NOT_MET, "待定": UNKNOWN, "unknown": UNKNOWN}

    assert {item: words[result] for item, result in answer} == {
        item: finding.verdict for item, finding in FAILING.items.items() if finding.verdict is not MET
    }


@pytest.mark.parametrize(("evaluation", "example"), [(PASSING, "passing"), (FAILING, "failing")])
def test_the_classes_add_up_to_their_schools(evaluation: be.Evaluation, example: str) -> None:
    schools = {row["school"]: row for row in read(example, "schools.csv")}
    included: dict[tuple[str, str], list[int]] = {}
    for row in read(example, "classes.csv"):
        included.setdefault((row["school"], row["stage"]), []).append(int(row["pupils"]))
    for (school, stage), sizes in included.items():
        assert len(sizes) == int(schools[school][f"classes_{stage}"])
        assert sum(sizes) == int(schools[school][f"pupils_{stage}"])
    judged = zip(evaluation.sections["school"].tolist(), evaluation.sections["stage"].tolist(), strict=True)
    assert set(judged) <= set(included)

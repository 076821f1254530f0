"""The overlay `entry-grade-classes`: the counts of a published plan, and entry grades that are not reported."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu.core.loading import load_standard
from balancedu.document import Grid
from balancedu.planning.margins import margins
from balancedu.reporting.reports import report_document

MET, NOT_MET, UNKNOWN = be.Verdict.MET, be.Verdict.NOT_MET, be.Verdict.UNKNOWN
OVERLAY = load_standard("cn-2017", ["entry-grade-classes"])
Class = tuple[str, bool | None, int | None]

# 一、政府保障指标方面（一）: classes above the limit, by stage and entry grade; and the limits that it names.
PUBLISHED = {
    ("primary", True): (257, 45),
    ("primary", False): (808, 50),
    ("junior", True): (125, 50),
    ("junior", False): (16, 55),
}
LARGE_SCHOOLS = {"primary_school": 11, "junior_school": 4, "nine_year_school": 2}


def county(classes: list[Class], **more: Any) -> be.Submission:
    """A county of one nine-year school with these classes."""
    pupils = {
        stage: [school_class[2] for school_class in classes if school_class[0] == stage]
        for stage in ("primary", "junior")
    }
    sums = {stage: None if None in sizes else sum(filter(None, sizes)) for stage, sizes in pupils.items()}
    schools = {
        "school": ["1"],
        "type": ["nine_year_school"],
        "pupils_primary": [sums["primary"]],
        "pupils_junior": [sums["junior"]],
        "classes_primary": [len(pupils["primary"])],
        "classes_junior": [len(pupils["junior"])],
    }
    table = {
        "school": ["1"] * len(classes),
        "stage": [school_class[0] for school_class in classes],
        "entry_grade": [school_class[1] for school_class in classes],
        "pupils": [school_class[2] for school_class in classes],
    }
    return be.Submission(schools=schools, classes=table, standard=OVERLAY, **more)


def judged(*classes: Class) -> be.Finding:
    return be.evaluate(county(list(classes)), OVERLAY).items["G5"]


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        (("primary", True, 45), MET),
        (("primary", True, 46), NOT_MET),
        (("primary", False, 50), MET),
        (("primary", False, 51), NOT_MET),
        (("junior", True, 50), MET),
        (("junior", True, 51), NOT_MET),
        (("junior", False, 55), MET),
        (("junior", False, 56), NOT_MET),
        # A missing grade matters only between the two limits.
        (("primary", None, 45), MET),
        (("primary", None, 46), UNKNOWN),
        (("primary", None, 50), UNKNOWN),
        (("primary", None, 51), NOT_MET),
        (("junior", None, 50), MET),
        (("junior", None, 55), UNKNOWN),
        (("junior", None, 56), NOT_MET),
        (("primary", True, None), UNKNOWN),
    ],
)
def test_the_limits(entry: Class, verdict: be.Verdict) -> None:
    assert judged(entry, ("junior" if entry[0] == "primary" else "primary", True, 20)).verdict is verdict


def test_the_missing_entry_grade_is_named() -> None:
    finding = judged(("primary", None, 48), ("junior", True, 40))

    assert [gap.column for gap in finding.gaps] == ["entry_grade"]
    assert "是否起始年级" in finding.reason("zh")
    result = be.evaluate(county([("primary", None, 48), ("junior", True, 40)]), OVERLAY)
    assert "entry grade" in be.explain(result, "G5").text("en")


def test_the_limit_shown_is_that_of_the_class() -> None:
    assert "must be at most 50 pupils" in judged(("primary", False, 51), ("junior", True, 20)).reason("en")
    assert "must be at most 45 pupils" in judged(("primary", True, 46), ("junior", True, 20)).reason("en")


@given(
    st.lists(
        st.tuples(st.sampled_from(["primary", "junior"]), st.sampled_from([True, False, None]), st.integers(43, 58)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
def test_a_verdict_in_spite_of_gaps_survives_every_filling(classes: list[Class]) -> None:
    classes = [*classes, ("primary", True, 20), ("junior", True, 20)]
    verdict = judged(*classes).verdict
    fillings: list[list[Class]] = [[]]
    for stage, entry, pupils in classes:
        answers = (True, False) if entry is None else (entry,)
        fillings = [[*done, (stage, answer, pupils)] for done in fillings for answer in answers]
    verdicts = {judged(*filling).verdict for filling in fillings}

    assert verdict is (verdicts.pop() if len(verdicts) == 1 else UNKNOWN)


def published() -> be.Submission:
    """A county with the oversize classes and schools that the plan counts, and as many that are not."""
    rows: list[dict[str, Any]] = []
    classes: list[tuple[str, str, bool, int]] = []
    for kind, count in LARGE_SCHOOLS.items():
        rows += [{"type": kind, "pupils": 2001} for _ in range(count)] + [{"type": kind, "pupils": 2000}]
    schools: dict[str, list[Any]] = {
        "school": [str(n) for n in range(len(rows))],
        "type": [row["type"] for row in rows],
        "pupils_primary": [row["pupils"] if row["type"] != "junior_school" else None for row in rows],
        "pupils_junior": [
            row["pupils"] if row["type"] == "junior_school" else 0 if row["type"] == "nine_year_school" else None
            for row in rows
        ],
    }
    homes = {"primary": "0", "junior": str([row["type"] for row in rows].index("junior_school"))}
    for (stage, entry), (count, limit) in PUBLISHED.items():
        classes += [(homes[stage], stage, entry, limit + 1)] * count + [(homes[stage], stage, entry, limit)] * count
    columns = zip(*classes, strict=True)
    table = dict(zip(("school", "stage", "entry_grade", "pupils"), map(list, columns), strict=True))
    return be.Submission(schools=schools, classes=table, standard=OVERLAY)


def test_the_counts_of_the_published_plan() -> None:
    evaluation = be.evaluate(published(), OVERLAY)
    sizes = [
        case.required for check in evaluation.items["G5"].checks for case in check.cases if case.verdict is NOT_MET
    ]

    assert sorted(sizes) == sorted(limit for count, limit in PUBLISHED.values() for _ in range(count))
    large = [case for check in evaluation.items["G4"].checks for case in check.cases if case.verdict is NOT_MET]
    assert len(large) == sum(LARGE_SCHOOLS.values())
    grids = [block for block in report_document(evaluation, "rectification", "zh").blocks if isinstance(block, Grid)]
    (table,) = (grid for grid in grids if "起始年级" in str(grid.rows))
    assert [(row[0], row[1], row[3]) for row in table.rows] == [
        ("小学起始年级", "45", "257"),
        ("小学其他年级", "50", "808"),
        ("初中起始年级", "50", "125"),
        ("初中其他年级", "55", "16"),
    ]


def test_the_strict_verdict_is_shown_beside() -> None:
    sub = county([("primary", False, 48), ("junior", False, 52)])
    evaluation = be.evaluate(sub, OVERLAY)

    assert OVERLAY.strict is not None
    assert evaluation.items["G5"].verdict is MET
    assert evaluation.strict is not None
    assert evaluation.strict.items["G5"].verdict is NOT_MET
    assert OVERLAY.strict.items["G5"] == load_standard("cn-2017").items["G5"]
    assert OVERLAY.strict.measures == load_standard("cn-2017").measures


def test_nine_year_schools_at_2000_are_no_relief() -> None:
    school = {"school": ["1"], "type": ["nine_year_school"], "pupils_primary": [2300], "pupils_junior": [0]}
    evaluation = be.evaluate(be.Submission(school, standard=OVERLAY), OVERLAY)

    assert evaluation.strict is not None
    assert evaluation.items["G4"].verdict is NOT_MET
    assert evaluation.strict.items["G4"].verdict is NOT_MET
    assert "G4" not in evaluation.changed_by_relief
    assert be.evaluate(evaluation.submission, "cn-2017").items["G4"].verdict is MET
    assert OVERLAY.notes("zh") == ("叠加：班额分起始年级计算 (entry-grade-classes，部分放宽)",)


def test_everything_else_goes_on_with_two_limits() -> None:
    classes: list[Class] = [("primary", False, 57), ("primary", None, 48), ("primary", True, 44), ("junior", True, 30)]
    evaluation = be.evaluate(county(classes), OVERLAY)
    divided = be.what_if(evaluation, [{"do": "divide_classes", "school": "1"}])

    sizes = divided.submission.tables["classes"].numbers("pupils")
    assert sorted(sizes.tolist()) == [24.0, 24.0, 28.0, 29.0, 30.0, 44.0]
    assert "班级学生数" in margins(evaluation).text("zh")
    assert not [flag for flag in be.rounding_flags(evaluation) if flag.item == "G5"]
    assert be.report(evaluation, "en")
    assert be.shortfalls(evaluation).text("en")

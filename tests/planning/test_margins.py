"""What is to spare may go, and one more may not."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings

import balancedu as be

from .counties import schools, variants
from .test_shortfalls import rows_of


def verdict(evaluation: be.Evaluation, row: dict[str, Any]) -> be.Verdict:
    sections = evaluation.sections
    at = (sections["school"] == row["school"]) & (sections["stage"] == row["stage"])
    return be.Verdict.of(evaluation.section_verdicts[at][0])


@settings(max_examples=settings().max_examples // 2)
@given(schools(most=3))
def test_pupils_until_the_section_flips(columns: dict[str, Any]) -> None:
    rows = rows_of(be.margins(be.evaluate(be.Submission(columns))).sections)
    assert all(row["verdict"] == "NOT_MET" for row in rows if math.isnan(row["more_pupils"]))
    wanted = [(row, more) for row in rows if not math.isnan(row["more_pupils"]) for more in (0, 1)]
    changes = [[(row["school"], f"pupils_{row['stage']}", row["more_pupils"] + more)] for row, more in wanted]
    for (row, more), after in zip(wanted, variants(columns, changes), strict=True):
        assert verdict(after, row) is (be.Verdict.NOT_MET if more else be.Verdict.MET)


@settings(max_examples=settings().max_examples // 2)
@given(schools(most=3))
def test_units_until_the_section_flips(columns: dict[str, Any]) -> None:
    rows = rows_of(be.margins(be.evaluate(be.Submission(columns))).indicators)
    assert all(row["verdict"] == "NOT_MET" for row in rows if math.isnan(row["spare"]))
    wanted = [
        (row, entry)
        for row in rows
        for entry in (0, 1)
        # What is not there cannot go, and indoor sports rooms are part of the teaching area.
        if row["spare"] + entry <= columns[row["measure"]][columns["school"].index(row["school"])] - 10
    ]
    changes = [[(row["school"], row["measure"], -row["spare"] - entry)] for row, entry in wanted]
    for (row, entry), after in zip(wanted, variants(columns, changes), strict=True):
        assert verdict(after, row) is (be.Verdict.NOT_MET if entry else be.Verdict.MET)


def test_an_indicator_that_cannot_decide_alone() -> None:
    rows = rows_of(be.margins(be.evaluate(be.example("failing"))).indicators)
    # 003 fails at the floor of R4: no other indicator compensates that.
    assert [row["indicator"] for row in rows if row["school"] == "003" and not math.isnan(row["spare"])] == ["R4"]


def test_coefficients() -> None:
    evaluation = be.evaluate(be.example("failing"))
    result = {(row["stage"], row["indicator"]): row for row in rows_of(be.margins(evaluation).spread)}
    assert result["primary", "R6"]["verdict"] == "NOT_MET"
    assert result["primary", "R6"]["margin"] < 0
    assert result["junior", "R7"]["verdict"] == "UNKNOWN"
    assert math.isnan(result["junior", "R7"]["margin"])


def test_items_to_the_last_child() -> None:
    submission = be.example("failing")
    result = {(row["item"], row["check"]): row for row in rows_of(be.margins(be.evaluate(submission)).items)}
    spare = result["Q2", "disabled_enrolment_rate"]["margin"]
    facts = {name: values.tolist() for name, values in submission.columns("facts").items()}
    for fewer, expected in ((spare, be.Verdict.MET), (spare + 1, be.Verdict.NOT_MET)):
        changed = facts | {"disabled_children_enrolled": [facts["disabled_children_enrolled"][0] - fewer]}
        assert be.evaluate(submission.changed(facts=changed)).items["Q2"].verdict is expected

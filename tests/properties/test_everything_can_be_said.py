"""For any submission, the result can be printed in both languages, saved and displayed."""

import json
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import balancedu as be
from balancedu.testing import KINDS, submissions

A_SCHOOL = {"school": ["1"], "type": ["primary_school"]}
NOBODY = {"teachers": 0, "training_completed": 0}


@given(submissions(kind=st.sampled_from(KINDS)))
@example(submission=be.Submission(A_SCHOOL, monitoring={"level": [3], "between_school_rate": [None]}))
@example(submission=be.Submission(A_SCHOOL | {"classes_primary": [0]}, facts=NOBODY))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reasons_and_reports(lang: Literal["zh", "en"], submission: be.Submission) -> None:
    evaluation = be.evaluate(submission)

    for finding in evaluation.items.values():
        assert finding.reason(lang)
        # What is open states what it waits for, unless it is a share of nothing.
        opens = [check for check in finding.checks if check.verdict is be.Verdict.UNKNOWN]
        assert finding.gaps or finding.verdict is not be.Verdict.UNKNOWN or not any(check.total for check in opens)
    assert be.report(evaluation, lang)
    assert all(section.text(lang) for section in evaluation.failing_sections())
    assert all(entry.text(lang) for entry in evaluation.excluded)
    assert all(flag.text(lang) for flag in be.rounding_flags(evaluation))


@given(submissions(kind=st.sampled_from(KINDS), counties=2))
def test_json_and_frames(submission: be.Submission) -> None:
    evaluation = be.evaluate(submission)

    assert json.loads(evaluation.to_json()) == evaluation.to_dict()
    assert len(evaluation.to_frame("sections")) == evaluation.section_verdicts.size
    assert set(evaluation.to_frame("items")["county"]) == set(evaluation.counties)

"""Relief: never worse than without, never decided by a gap, and always shown beside what came out without it."""

from __future__ import annotations

import numpy as np
from again import again as rebuilt
from comparing import Tables
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.testing import KINDS, gaps_in, tables, with_gaps

RELAXED = be.load_standard("cn-2017", ["transition"], on="2020-03-01")
OPTIONAL = ("interviews", "interviews_satisfied", "interview_satisfaction")


def evaluated(drawn: Tables) -> be.Evaluation:
    """Evaluate plain tables with the relief of the time of transition."""
    return be.evaluate(be.Submission(**drawn, standard=RELAXED), RELAXED)


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_relief_is_never_worse(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    strict = relaxed.strict
    assert strict is not None

    for item, codes in relaxed.item_verdicts.items():
        assert (codes >= strict.item_verdicts[item]).all(), item
    assert (relaxed.section_verdicts >= strict.section_verdicts).all()
    assert relaxed.verdict.code >= strict.verdict.code


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_strictly_it_is_the_standard_itself(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    plain = be.evaluate(relaxed.submission, be.load_standard("cn-2017", on="2020-03-01"))

    assert relaxed.strict is not None
    assert {i: f.verdict for i, f in relaxed.strict.items.items()} == {i: f.verdict for i, f in plain.items.items()}


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_whatever_relief_changed_is_shown(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    assert relaxed.strict is not None

    for item, strict in relaxed.strict.items.items():
        if relaxed.items[item].verdict is not strict.verdict:
            assert relaxed.changed_by_relief[item] == strict
        for check, other in zip(relaxed.items[item].checks, strict.checks, strict=True):
            assert check.cases_by_verdict == other.cases_by_verdict or item in relaxed.changed_by_relief
    report = "".join(be.report(relaxed, "zh").split())
    for strict in relaxed.changed_by_relief.values():
        assert "".join(f"不放宽：{strict.reason('zh')}".split()) in report


@st.composite
def partly_filled(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """Draw a submission with gaps, and the same with some of the gaps filled."""
    full = draw(tables(RELAXED, kind=st.sampled_from(["ordinary", "on_limits"])))
    shares = {measure.id for measure in RELAXED.measures.values() if measure.quotient} | set(OPTIONAL)
    for county, facts in full["facts"].items():
        full["facts"][county] = {fact: value for fact, value in facts.items() if fact not in shares}
    gaps = sorted((entry for entry in draw(gaps_in(full)) if entry.table != "facts"), key=str)
    filled = draw(st.frozensets(st.sampled_from(gaps))) if gaps else frozenset()
    return with_gaps(full, gaps), with_gaps(full, set(gaps) - filled)


@given(partly_filled())
def test_a_decision_survives_every_filling_of_the_gaps(drawn: tuple[Tables, Tables]) -> None:
    less, more = (evaluated(entry) for entry in drawn)

    for item, code in less.item_verdicts.items():
        if code[0] in (be.Verdict.MET.code, be.Verdict.NOT_MET.code):
            assert more.item_verdicts[item][0] == code[0], item


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_what_was_relieved_can_be_written_and_read_again(drawn: Tables) -> None:
    relaxed = evaluated(drawn)

    assert rebuilt(relaxed) == relaxed
    assert list(rebuilt(relaxed).changed_by_relief) == list(relaxed.changed_by_relief)
    for item in relaxed.changed_by_relief:
        assert be.explain(relaxed, item).text("en")


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_the_coefficients_are_those_that_were_judged(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    assert relaxed.strict is not None

    assert not (relaxed.cv > relaxed.strict.cv).any()
    for check in relaxed.items["R-spread"].checks:
        at = relaxed.stages.index(check.stage or ""), relaxed.indicators.index(check.indicators[0])
        assert np.array_equal(relaxed.cv[0][at], check.observed, equal_nan=True)


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_a_comparison_with_the_strict_evaluation_lists_every_standing_that_changed(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    assert relaxed.strict is not None

    differ = np.argwhere(relaxed.standing != relaxed.strict.standing)
    schools, stages = relaxed.sections["school"], relaxed.sections["stage"]
    differences = be.compare(relaxed.strict, relaxed).differences
    listed = {(entry.school, entry.stage, entry.id) for entry in differences if entry.level == "indicator"}
    assert {(schools[n], stages[n], relaxed.indicators[k]) for n, k in differ.tolist()} <= listed
    assert not [entry for entry in differences if entry.direction == "worse"]

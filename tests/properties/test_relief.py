"""Relief: never worse than without, never decided by a gap, and always shown beside what came out without it."""

from __future__ import annotations

import numpy as np
from again import again as rebuilt
from comparing import Tables
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.testing import KINDS, gaps_in, tables, with_gaps

RELAXED = be.load_standard("cn-2017", ["transition"], on="2018-03-01")
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
    assert relaxed.verdict >= strict.verdict


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_strictly_it_is_the_standard_itself(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    plain = be.evaluate(relaxed.submission, "cn-2017")

    assert relaxed.strict is not None
    assert {i: f.verdict for i, f in relaxed.strict.items.items()} == {i: f.verdict for i, f in plain.items.items()}


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_whatever_relief_changed_is_told(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    assert relaxed.strict is not None
    strict = relaxed.strict.items

    for item, finding in relaxed.items.items():
        told = [one for one in relaxed.reliefs if one.item == item]
        if finding.verdict is not strict[item].verdict:
            assert told, item
        for one in told:
            assert (one.strict, one.relaxed) == (strict[item].verdict, finding.verdict)
            assert one.said("zh") in _joined(be.report(relaxed, "zh"), one.said("zh"))


def _joined(report: str, said: str) -> str:
    """Return a text whose lines were broken, put together again, where it holds what was said."""
    flat = "".join(line.strip() for line in report.splitlines())
    return said if said.replace(" ", "") in flat.replace(" ", "") else flat


@st.composite
def partly_filled(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """Draw a submission with gaps, and the same with some of the gaps filled."""
    full = draw(tables(RELAXED, kind=st.sampled_from(["ordinary", "on_limits"])))
    shares = {one.id for one in RELAXED.measures.values() if one.quotient} | set(OPTIONAL)
    for county, facts in full["facts"].items():
        full["facts"][county] = {fact: value for fact, value in facts.items() if fact not in shares}
    gaps = sorted((one for one in draw(gaps_in(full)) if one.table != "facts"), key=str)
    filled = draw(st.frozensets(st.sampled_from(gaps))) if gaps else frozenset()
    return with_gaps(full, gaps), with_gaps(full, set(gaps) - filled)


@given(partly_filled())
def test_a_decision_survives_every_filling_of_the_gaps(drawn: tuple[Tables, Tables]) -> None:
    less, more = (evaluated(one) for one in drawn)

    for item, code in less.item_verdicts.items():
        if code[0] in (be.Verdict.MET.code, be.Verdict.NOT_MET.code):
            assert more.item_verdicts[item][0] == code[0], item


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_what_was_relieved_can_be_written_and_read_again(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    again = rebuilt(relaxed)

    assert [one.said("en") for one in again.reliefs] == [one.said("en") for one in relaxed.reliefs]
    for one in relaxed.reliefs:
        assert be.explain(relaxed, one.item).said("en")


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_the_coefficients_are_those_that_were_judged(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    assert relaxed.strict is not None

    assert not (relaxed.cv > relaxed.strict.cv).any()
    for check in relaxed.items["R-spread"].checks:
        at = relaxed.stages.index(check.stage or ""), relaxed.indicators.index(check.indicators[0])
        assert np.array_equal(relaxed.cv[0][at], check.observed, equal_nan=True)


@given(tables(RELAXED, kind=st.sampled_from(KINDS)))
def test_every_standing_and_case_that_relief_changed_is_told(drawn: Tables) -> None:
    relaxed = evaluated(drawn)
    assert relaxed.strict is not None

    differ = np.flatnonzero((relaxed.standing != relaxed.strict.standing).any(axis=1))
    told = {school for one in relaxed.reliefs if one.item == "R-schools" for school in one.schools}
    assert set(relaxed.sections["school"][differ].tolist()) <= told
    for item in ("G3", "G4"):
        ours, theirs = (
            {case.name.zh for check in one.items[item].checks for case in check.cases}
            for one in (relaxed, relaxed.strict)
        )
        said = "".join(one.said("zh") for one in relaxed.reliefs if one.item == item)
        assert all(name in said for name in theirs - ours), item

"""cn-2012, compared with its own exact oracle: the properties of cn-2017 hold for every edition."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from again import again as rebuilt
from comparing import Tables, close
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.earlier import INDICATORS, judge
from oracle.resources import STAGES

import balancedu as be
from balancedu.testing import KINDS, gaps_in, tables, with_gaps

STANDARD = be.load_standard("cn-2012")
COUNTIES = st.integers(1, 2)


def evaluated(drawn: Tables) -> be.Evaluation:
    """Evaluate plain tables by the standard before."""
    return be.evaluate(be.Submission(**drawn, standard=STANDARD), STANDARD)


def assert_as_the_oracle_says(drawn: Tables) -> None:
    """Compare sections, values, coefficients and verdicts of every county."""
    evaluation, judged = evaluated(drawn), judge(drawn)

    assert list(evaluation.counties) == list(judged)
    for county, wanted in judged.items():
        result = evaluation[county]
        assert {(entry.school, entry.stage, entry.reason) for entry in result.excluded} == wanted["excluded"]
        _compare_sections(result, wanted)
        for s, stage in enumerate(STAGES):
            for i, indicator in enumerate(INDICATORS):
                square = wanted["squares"][stage, indicator]
                cv = None if square is None else Fraction(math.sqrt(square))
                assert close(float(result.cv[0, s, i]), cv, scale=1), (stage, indicator)
        assert {item: str(finding.verdict) for item, finding in result.items.items()} == wanted["items"]
        assert str(result.verdict) == wanted["verdict"]


def _compare_sections(evaluation: be.Evaluation, wanted: dict[str, Any]) -> None:
    units = list(zip(evaluation.sections["school"].tolist(), evaluation.sections["stage"].tolist(), strict=True))
    assert units == [(school, stage) for school, stage, _, _ in wanted["sections"]]
    for n, (school, stage, _, values) in enumerate(wanted["sections"]):
        for i, indicator in enumerate(INDICATORS):
            assert close(float(evaluation.values[n, i]), values[indicator]), (school, stage, indicator)


@settings(max_examples=2 * settings().max_examples)
@given(tables(STANDARD, kind=st.sampled_from(KINDS), counties=COUNTIES))
def test_it_judges_as_the_oracle_does(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(STANDARD, kind="on_limits", schools=st.integers(2, 5)))
def test_it_judges_composites_on_their_limit_as_the_oracle_does(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@st.composite
def partly_filled(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """Draw a submission with gaps, and the same with some of the gaps filled."""
    full = draw(tables(STANDARD, kind=st.sampled_from(["ordinary", "on_limits"])))
    for county, facts in full["facts"].items():
        full["facts"][county] = {fact: value for fact, value in facts.items() if fact != "satisfaction"}
    gaps = sorted(draw(gaps_in(full)), key=str)
    filled = draw(st.frozensets(st.sampled_from(gaps))) if gaps else frozenset()
    return with_gaps(full, gaps), with_gaps(full, set(gaps) - filled)


@given(partly_filled())
def test_a_decision_survives_every_filling_of_the_gaps(drawn: tuple[Tables, Tables]) -> None:
    less, more = (evaluated(entry) for entry in drawn)

    for item, code in less.item_verdicts.items():
        if code[0] != be.Verdict.UNKNOWN.code:
            assert more.item_verdicts[item][0] in (code[0], be.Verdict.NOT_APPLICABLE.code), item


@given(tables(STANDARD, kind=st.sampled_from(KINDS)))
def test_everything_can_be_text(drawn: Tables) -> None:
    ev = evaluated(drawn)

    for lang in ("zh", "en"):
        assert "nan" not in be.report(ev, lang)
    for item in ev.items:
        assert be.explain(ev, item).text("zh")
    for school, stage in zip(ev.sections["school"].tolist(), ev.sections["stage"].tolist(), strict=True):
        assert be.explain(ev, "E1", school=school, stage=stage).text("zh")
    assert rebuilt(ev).verdict is ev.verdict
    be.gaps(ev)

"""A verdict given in spite of gaps stays what it is, however they are filled.

The exceptions are those of docs/judging.md. Interviews may be left out beside the questionnaire, and a room or a
subject that is not listed is not there: these are no gaps, so nothing is filled in there. A share stated directly
is taken as exact, so its counts are no gap either: here a share is stated only where its counts are not reported.
"""

from __future__ import annotations

from typing import Any

from comparing import Tables, evaluated
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.core.rules import ShareAtLeast
from balancedu.testing import Gap, gaps_in, tables, with_gaps

STANDARD = be.load_standard("cn-2017")
DECIDED = (be.Verdict.MET, be.Verdict.NOT_MET)


def optional_facts() -> set[str]:
    """Name the facts that may be left out without a gap."""
    rules = [rule for item in STANDARD.items.values() for rule in item.rules if isinstance(rule, ShareAtLeast)]
    shares = [STANDARD.measures[rule.share] for rule in rules if rule.when_not_reported == "not_applicable"]
    counts = [name for share in shares if share.quotient for name in share.quotient.measures]
    return {*(share.id for share in shares), *counts}


OPTIONAL = optional_facts()
SHARES = {one.id: one.quotient.measures for one in STANDARD.measures.values() if one.quotient}


@st.composite
def partly_filled(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """Draw a submission with gaps, and the same with some of the gaps filled."""
    counties = st.integers(1, 2)
    full = draw(tables(kind=st.sampled_from(["ordinary", "on_limits"]), counties=counties))
    for county, facts in full["facts"].items():
        counted = {share for share, counts in SHARES.items() if facts.keys() & set(counts)}
        full["facts"][county] = {fact: value for fact, value in facts.items() if fact not in counted}
    left_out = draw(gaps_in(full))
    gaps = sorted(left_out - {Gap("facts", fact, county) for fact in OPTIONAL for county in full["facts"]}, key=str)
    filled = draw(st.frozensets(st.sampled_from(gaps))) if gaps else frozenset()
    return with_gaps(full, gaps), with_gaps(full, set(gaps) - filled)


def decisions(evaluation: be.Evaluation) -> dict[tuple[str, ...], Any]:
    """Return everything that was decided, by its name."""
    codes: dict[tuple[str, ...], be.Verdict] = {("county", c): verdict for c, verdict in evaluation.verdicts.items()}
    for kind, found in (("part", evaluation.part_verdicts), ("item", evaluation.item_verdicts)):
        for name, verdicts in found.items():
            codes |= {(kind, name, c): be.Verdict(int(v)) for c, v in zip(evaluation.counties, verdicts, strict=True)}
    columns = evaluation.sections
    units = zip(columns["county"], columns["school"], columns["stage"], evaluation.section_verdicts, strict=True)
    codes |= {("section", *map(str, unit)): be.Verdict(int(verdict)) for *unit, verdict in units}
    return {name: verdict for name, verdict in codes.items() if verdict in DECIDED}


@given(partly_filled())
def test_a_decision_survives_every_filling_of_the_gaps(drawn: tuple[Tables, Tables]) -> None:
    less, more = (decisions(evaluated(one)) for one in drawn)

    assert {name: more.get(name) for name in less} == less


@given(partly_filled())
def test_what_is_known_of_a_section_stays(drawn: tuple[Tables, Tables]) -> None:
    less, more = (standings(evaluated(one)) for one in drawn)

    assert {name: more.get(name) for name in less} == less


def standings(evaluation: be.Evaluation) -> dict[tuple[str, ...], int]:
    """Return the standings that are known."""
    columns = evaluation.sections
    units = zip(columns["county"], columns["school"], columns["stage"], evaluation.standing.tolist(), strict=True)
    return {
        (*map(str, unit), indicator): standing
        for *unit, row in units
        for indicator, standing in zip(evaluation.indicators, row, strict=True)
        if standing >= 0
    }

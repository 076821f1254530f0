"""A verdict given despite gaps holds for every way to fill them.

The exceptions are those of docs/judging.md. Interviews may be left out beside the questionnaire, and a room or a
subject that is not listed is not there: these are no gaps, so nothing is filled in there. A share stated directly
is taken as exact, so its counts are no gap either: here a share is stated only where its counts are not reported.
"""

from __future__ import annotations

from comparing import Tables, evaluated
from hypothesis import given

import balancedu as be
from balancedu.testing import partly_filled, surprises


@given(partly_filled())
def test_a_decision_survives_every_filling_of_the_gaps(drawn: tuple[Tables, Tables]) -> None:
    less, more = (evaluated(entry) for entry in drawn)

    assert surprises(less, more) == []


@given(partly_filled())
def test_what_is_known_of_a_section_stays(drawn: tuple[Tables, Tables]) -> None:
    less, more = (standings(evaluated(entry)) for entry in drawn)

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

"""More of a resource never turns a standing down and never hurts the verdict of a section."""

from __future__ import annotations

import math

import numpy as np
from comparing import Tables, evaluated
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.core.model import split_terms
from balancedu.testing import KINDS, tables, with_gaps

STANDARD = be.load_standard("cn-2017")
ANY_KIND = st.sampled_from(KINDS)


def resources() -> list[str]:
    """Name the amounts that add to indicators and take away from none."""
    terms = {
        (sign, name)
        for indicator in STANDARD.indicators.values()
        for stage in STANDARD.stages
        for sign, name in split_terms(indicator.terms(stage))
    }
    return sorted(name for sign, name in terms if sign > 0 and (-1, name) not in terms)


RESOURCES = resources()


@st.composite
def more_of_something(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """Draw a submission, and the same with more of a resource in one school."""
    few = draw(tables(kind=ANY_KIND))
    columns = few["schools"]
    cells = [(c, n) for c in RESOURCES for n, amount in enumerate(columns.get(c, ())) if amount not in (None, "")]
    cells = [(column, row) for column, row in cells if not math.isnan(columns[column][row])]
    more = with_gaps(few, ())
    if cells:
        column, row = draw(st.sampled_from(cells))
        amount = float(columns[column][row])
        larger = [math.nextafter(amount, math.inf), amount + 0.01, amount + 1, 1.25 * amount, 10 * amount]
        more["schools"][column][row] = draw(st.sampled_from(larger))
    return few, more


@given(more_of_something())
def test_more_of_a_resource(drawn: tuple[Tables, Tables]) -> None:
    few, more = map(evaluated, drawn)

    assert (more.standing >= few.standing).all()
    assert (more.section_verdicts >= few.section_verdicts).all()
    assert (more.item_verdicts["R-schools"] >= few.item_verdicts["R-schools"]).all()
    assert np.array_equal(np.isnan(more.values), np.isnan(few.values))


@given(tables(kind=ANY_KIND), st.sampled_from(["ulp", "unit", "double"]))
def test_an_indoor_hall_that_is_added(drawn: Tables, how: str) -> None:
    """The hall counts as sports area; the rooms for teaching stay what they are."""
    halls = drawn["schools"].get("indoor_sports_area", [])
    rooms = drawn["schools"].get("teaching_area", [None] * len(halls))
    larger = with_gaps(drawn, ())
    for row, (hall, room) in enumerate(zip(halls, rooms, strict=False)):
        if isinstance(hall, int | float) and isinstance(room, int | float):
            added = {"ulp": math.ulp(room), "unit": 1, "double": hall}[how]
            larger["schools"]["indoor_sports_area"][row] = hall + added
            larger["schools"]["teaching_area"][row] = room + added
    few, more = evaluated(drawn), evaluated(larger)
    r5 = few.indicators.index("R5")

    assert (more.standing[:, r5] >= few.standing[:, r5]).all()

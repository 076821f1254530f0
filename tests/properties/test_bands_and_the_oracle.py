"""Classes and rooms that are counted in bands are judged as by the oracle, as far as their bounds allow."""

from __future__ import annotations

from comparing import Tables, assert_as_the_oracle_says
from hypothesis import given
from hypothesis import strategies as st

from balancedu.testing import KINDS, tables

CLASS_BOUNDS, ROOM_BOUNDS = (None, 30, 44, 45, 50, 55), (None, 54, 73, 90, 96, 120)


@given(tables(kind=st.sampled_from(KINDS), counties=st.integers(1, 2)), st.data())
def test_bands_are_judged_as_by_the_oracle(drawn: Tables, data: st.DataObject) -> None:
    in_bands(drawn.get("classes"), ("classes", "pupils", "above", "at_most"), CLASS_BOUNDS, data)
    in_bands(drawn.get("rooms"), ("rooms", "area", "area_from", "area_below"), ROOM_BOUNDS, data)

    assert_as_the_oracle_says(drawn)


def in_bands(
    table: Tables | None, names: tuple[str, str, str, str], bounds: tuple[int | None, ...], data: st.DataObject
) -> None:
    """Put a count and bounds in the place of the size of some rows."""
    if not table:
        return
    count, size, least, most = names
    table |= {name: [None] * len(table["county"]) for name in (count, least, most)}
    table.setdefault(size, [None] * len(table["county"]))
    for row in range(len(table["county"])):
        if data.draw(st.booleans()):
            low, high = data.draw(st.tuples(st.sampled_from(bounds), st.sampled_from(bounds)))
            if low is not None and high is not None and low >= high:
                low = None
            number = data.draw(st.sampled_from((None, 0, 1, 3)))
            table[size][row], table[count][row], table[least][row], table[most][row] = None, number, low, high

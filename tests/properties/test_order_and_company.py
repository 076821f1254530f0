"""Neither the order of rows nor the company of other counties changes anything, not even the last bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from comparing import Tables, evaluated
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.testing import KINDS, tables

ANY_KIND = st.sampled_from(KINDS)


def shuffled(drawn: Tables, seed: int) -> Tables:
    """Return the tables with rows, columns and facts in another order."""
    chance = random.Random(seed)
    result: Tables = {}
    for table, columns in drawn.items():
        names = list(columns)
        chance.shuffle(names)
        if table == "facts":
            result[table] = {
                name: dict(chance.sample(list(columns[name].items()), len(columns[name]))) for name in names
            }
        else:
            order = chance.sample(range(len(columns["county"])), len(columns["county"]))
            result[table] = {name: [columns[name][row] for row in order] for name in names}
    return result


def of_county(drawn: Tables, county: str) -> Tables:
    """Return the rows and facts of one county."""
    result: Tables = {}
    for table, columns in drawn.items():
        if table == "facts":
            result[table] = {county: columns[county]}
        else:
            rows = [row for row, name in enumerate(columns["county"]) if name == county]
            result[table] = {name: [cells[row] for row in rows] for name, cells in columns.items()}
    return result


def everything(evaluation: be.Evaluation) -> dict[str, Any]:
    """Return everything that was computed and decided."""
    columns = {name: evaluation.sections[name] for name in ("county", "school", "stage", "pupils")}
    arrays = {
        name: getattr(evaluation, name) for name in ("values", "standing", "section_verdicts", "mean", "sd", "cv")
    }
    return columns | arrays | evaluation.item_verdicts | evaluation.part_verdicts | evaluation.verdicts


def assert_equal(evaluation: be.Evaluation, wanted: be.Evaluation) -> None:
    """Compare everything, bit by bit."""
    ours, theirs = everything(evaluation), everything(wanted)
    assert list(ours) == list(theirs)
    for name, value in ours.items():
        np.testing.assert_array_equal(value, theirs[name], err_msg=name, strict=True)


@given(tables(kind=ANY_KIND, counties=st.integers(1, 3)), st.integers(0, 99))
def test_order_of_rows(drawn: Tables, seed: int) -> None:
    assert_equal(evaluated(shuffled(drawn, seed)), evaluated(drawn))


@given(tables(kind=ANY_KIND, counties=st.integers(2, 3)))
def test_alone_or_among_many(drawn: Tables) -> None:
    together = evaluated(drawn)

    for county in together.counties:
        assert_equal(evaluated(of_county(drawn, county)), together[county])


@given(tables(kind=ANY_KIND))
def test_a_county_that_gives_itself_no_id(drawn: Tables) -> None:
    nameless: dict[str, Any] = {
        table: {name: cells for name, cells in columns.items() if name != "county"}
        for table, columns in drawn.items()
        if table != "facts"
    }
    result = evaluated({**nameless, "facts": drawn.get("facts", {}).get("1", {})})
    wanted = evaluated(drawn)

    assert result.counties == ("county",)
    assert result.verdict is wanted.verdict
    assert str(result.item_verdicts) == str(wanted.item_verdicts)
    np.testing.assert_array_equal(result.cv, wanted.cv)

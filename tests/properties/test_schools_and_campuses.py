"""A campus counts as if its rows had been added to its school by hand, and what is doubted changes no verdict."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
from again import again as rebuilt
from comparing import Tables, assert_as_the_oracle_says
from hypothesis import given
from hypothesis import strategies as st
from test_order_and_company import assert_equal

import balancedu as be
from balancedu.core.model import Measure
from balancedu.core.rules import SmallSchoolFunds
from balancedu.submission.schools import is_added
from balancedu.testing import KINDS, tables

ANY_KIND = st.sampled_from(KINDS)
STANDARD = be.load_standard()
MEASURES = STANDARD.table_measures("schools")
# The funds of small schools are judged site by site, campuses included: that item is in tests/cases.
OF_SCHOOLS = attrs.evolve(
    STANDARD,
    parts={
        name: attrs.evolve(
            part,
            items=tuple(
                item for item in part.items if not any(isinstance(rule, SmallSchoolFunds) for rule in item.rules)
            ),
        )
        for name, part in STANDARD.parts.items()
    },
)
TYPES = {choice.id: choice for choice in MEASURES["type"].values}
PART_OF: dict[str, str] = {measure.part_of: measure.id for measure in MEASURES.values() if measure.part_of}


def divided(drawn: Tables, seed: int, measures: Mapping[str, Measure] = MEASURES) -> Tables:
    """The same county, in which some schools report a campus apart."""
    chance = random.Random(seed)
    schools = {name: list(cells) for name, cells in drawn["schools"].items()}
    rows = [{name: cells[n] for name, cells in schools.items()} for n in range(len(schools["school"]))]
    result = {name: columns for name, columns in drawn.items() if name not in ("classes", "rooms")}
    details: Tables = {
        name: {column: list(cells) for column, cells in drawn[name].items()}
        for name in ("classes", "rooms")
        if name in drawn
    }
    for row in list(rows):
        if TYPES[row["type"]].by_itself or chance.random() < 0.4:
            continue
        rows.append(campus_of(row, chance, measures))
        for columns in details.values():
            for n, school in enumerate(columns["school"]):
                if (columns["county"][n], school) == (row["county"], row["school"]) and chance.random() < 0.5:
                    columns["school"][n] = rows[-1]["school"]
    chance.shuffle(rows)
    return result | details | {"schools": {name: [row.get(name) for row in rows] for name in (*schools, "parent")}}


def campus_of(row: dict[str, Any], chance: random.Random, measures: Mapping[str, Measure]) -> dict[str, Any]:
    """Take a campus out of a school: what it has, the school has no more."""
    # Ids of the same length, so that columns of ids are of the same type.
    name = str(row["school"]).translate(str.maketrans("0123456789", "abcdefghij"))
    campus: dict[str, Any] = {"county": row["county"], "school": name, "parent": row["school"]}
    campus["type"] = row["type"]
    for name, figure in row.items():
        if not is_added(measures[name]) or figure in (None, "") or math.isnan(figure):
            continue
        # As it is read: a part of it has fewer digits before the point and would show digits that the whole does not.
        whole = Decimal(f"{float(figure):.15g}")
        part = row.get(PART_OF.get(name, "")) or 0
        part = 0 if math.isnan(part) else part
        most = int(whole - Decimal(repr(float(part))))
        given = chance.randint(0, most) if most > 0 and not measures[name].part_of else 0
        rest = float(whole - given)
        if Decimal(repr(rest)) + given != whole:
            given, rest = 0, float(figure)
        campus[name], row[name] = given, int(rest) if measures[name].type == "count" else rest
    return campus


@given(drawn=tables(kind=ANY_KIND, counties=st.integers(1, 2)), seed=st.integers(0, 10**6))
def test_a_campus_counts_as_if_it_had_been_added_by_hand(drawn: Tables, seed: int) -> None:
    apart = divided(drawn, seed)
    result, wanted = (be.evaluate(be.Submission(**entry, standard=OF_SCHOOLS), OF_SCHOOLS) for entry in (apart, drawn))
    ev = be.evaluate(be.Submission(**apart))

    assert_equal(result, wanted)
    assert rebuilt(ev) == ev


@given(drawn=tables(kind=ANY_KIND, counties=st.integers(1, 2)), seed=st.integers(0, 10**6))
def test_campuses_are_judged_as_by_the_oracle(drawn: Tables, seed: int) -> None:
    assert_as_the_oracle_says(divided(drawn, seed))


@given(drawn=tables(kind=ANY_KIND, counties=st.integers(1, 2)))
def test_a_column_of_parents_that_is_empty_changes_nothing(drawn: Tables) -> None:
    schools = drawn["schools"] | {"parent": [None] * len(drawn["schools"]["school"])}
    result, wanted = (be.evaluate(be.Submission(**entry)) for entry in (drawn | {"schools": schools}, drawn))

    assert result.to_dict()["counties"] == wanted.to_dict()["counties"]


@given(drawn=tables(kind=ANY_KIND, counties=st.integers(1, 2)))
def test_warnings_change_no_verdict(drawn: Tables) -> None:
    trusting = attrs.evolve(STANDARD, checks=())
    result, untold = (be.evaluate(be.Submission(**drawn, standard=std), std) for std in (STANDARD, trusting))

    assert_equal(result, untold)
    assert untold.warnings == ()
    assert sorted(map(str, result.warnings)) == sorted(map(str, result.submission.warnings))

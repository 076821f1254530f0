"""Gaps and overlaps of conditions are found exactly where a search through all small schools finds them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.core.coverage import Branch, holds, uncovered
from balancedu.core.fields import MeasureId
from balancedu.core.model import Condition
from balancedu.submission.conditions import meets

STANDARD = be.load_standard("cn-2017")
TYPES = ("primary_school", "nine_year_school")
PUPILS = ("pupils_primary", "pupils_junior")
THREE = tuple(map(MeasureId, (*PUPILS, "pupils_senior")))
AREAS = ("urban", "town", "rural")
MOST = 7
"""Bounds are below this, so schools of up to twice as many pupils show every gap and every overlap."""

School = Mapping[tuple[str, ...], object]


def bounds() -> st.SearchStrategy[dict[str, Any]]:
    """Return one or two bounds of a number."""
    numbers = st.integers(0, MOST).map(Decimal)
    low: st.SearchStrategy[dict[str, Any]]
    high: st.SearchStrategy[dict[str, Any]]
    low = st.fixed_dictionaries({}, optional={"at_least": numbers}) | st.fixed_dictionaries({"above": numbers})
    high = st.fixed_dictionaries({}, optional={"at_most": numbers}) | st.fixed_dictionaries({"below": numbers})
    return st.tuples(low, high).map(lambda both: both[0] | both[1]).filter(bool)


def simple() -> st.SearchStrategy[Condition]:
    """Return conditions that compare a figure."""
    areas = st.lists(st.sampled_from(AREAS), min_size=1, max_size=2, unique=True).map(tuple)
    sums = tuple(map(MeasureId, PUPILS))
    return st.one_of(
        areas.map(lambda some: Condition(measure=MeasureId("area"), one_of=some)),
        bounds().map(lambda some: Condition(sum_of=sums, **some)),
        st.builds(lambda name, some: Condition(measure=MeasureId(name), **some), st.sampled_from(PUPILS), bounds()),
    )


def conditions() -> st.SearchStrategy[Condition]:
    """Return conditions, simple ones and combined ones."""
    several = st.lists(simple(), min_size=1, max_size=2).map(tuple)
    every, either = several.map(lambda some: Condition(all_of=some)), several.map(lambda some: Condition(any_of=some))
    return st.one_of(simple(), every, either)


BRANCHES = st.lists(st.tuples(st.just(TYPES), st.none() | conditions()), min_size=1, max_size=3)


def every_school(kind: str) -> Iterator[School]:
    """Yield all small schools of a type."""
    junior = range(2 * MOST + 2) if kind == "nine_year_school" else (0,)
    for primary, other, area in itertools.product(range(2 * MOST + 2), junior, AREAS):
        figures = Fraction(primary), Fraction(other)
        alone: dict[tuple[str, ...], object] = {(name,): figure for name, figure in zip(PUPILS, figures, strict=True)}
        yield {**alone, PUPILS: sum(figures, Fraction(0)), ("area",): area}


def branches_for(branches: Sequence[Branch], school: School) -> int:
    """Return how many branches are for a school."""
    return sum(condition is None or holds(condition, school) for _, condition in branches)


@given(BRANCHES)
def test_it_finds_what_a_search_finds(branches: list[Branch]) -> None:
    for kind in TYPES:
        here = [hole for hole in uncovered(branches, STANDARD.measures) if hole.type == kind]
        counts = {branches_for(branches, school) for school in every_school(kind)}

        assert {bool(hole.branches) for hole in here} == {count > 1 for count in counts if count != 1}


def sums() -> st.SearchStrategy[Condition]:
    """Return conditions on counts of three stages, and on sums of two or three of them that overlap."""
    some = st.sampled_from((*((one,) for one in THREE), THREE[:2], THREE[1:], THREE))
    return st.builds(
        lambda names, some: Condition(sum_of=names, **some) if len(names) > 1 else Condition(measure=names[0], **some),
        some,
        bounds(),
    )


@given(
    st.lists(
        st.lists(sums(), min_size=1, max_size=3).map(
            lambda some: (["twelve_year_school"], Condition(all_of=tuple(some)))
        ),
        min_size=1,
        max_size=3,
    )
)
def test_it_finds_what_a_search_finds_where_sums_overlap(branches: list[Branch]) -> None:
    counts = set()
    # Of what is larger than every bound, more is no other case.
    for pupils in itertools.product(range(MOST + 2), repeat=3):
        figures = dict(zip(THREE, map(Fraction, pupils), strict=True))
        subjects = {one.subject for _, condition in branches if condition for one in condition.simple}
        school = {names: sum((figures[MeasureId(name)] for name in names), Fraction(0)) for names in subjects}
        counts.add(branches_for(branches, school))

    assert {bool(hole.branches) for hole in uncovered(branches, STANDARD.measures)} == {n > 1 for n in counts if n != 1}


@given(BRANCHES)
def test_the_school_that_it_shows_is_one(branches: list[Branch]) -> None:
    for hole in uncovered(branches, STANDARD.measures):
        for_it = [n for n, (_, one) in enumerate(branches) if one is None or holds(one, hole.school)]
        assert tuple(for_it) == hole.branches
        assert hole.said("zh") != hole.said("en")


@given(conditions(), st.integers(0, MOST), st.integers(0, MOST), st.sampled_from(AREAS))
def test_schools_are_judged_alike_alone_and_in_columns(one: Condition, primary: int, junior: int, area: str) -> None:
    columns = {"school": ["1"], "type": ["nine_year_school"], "area": [area]}
    pupils = {"pupils_primary": [primary], "pupils_junior": [junior]}
    school = next(
        school
        for school in every_school("nine_year_school")
        if (school["pupils_primary",], school["pupils_junior",], school["area",]) == (primary, junior, area)
    )

    assert (meets(one, be.Submission({**columns, **pupils}), STANDARD)[0] == 2) == holds(one, school)

"""The calculation on plain arrays: against exact fractions, against evaluate, and what it refuses."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import dispersion

from balancedu.calculator.indicators import indicators

STANDARDS = [[4.2, 1, 4.5], [5.3, 1, 5.8]]
FLOORS = [[3.57, 0.85, 3.825], [4.505, 0.85, 4.93]]
LIMITS = [[0.5] * 3, [0.45] * 3]
FIGURES = st.sampled_from([*np.ravel([STANDARDS, FLOORS]).tolist(), 3.8249999, 4.1, 8.4, 0, None])
ROWS = st.lists(
    st.tuples(
        st.lists(FIGURES, min_size=3, max_size=3),
        st.sampled_from([0, 10, 20, 45, 300, None]),
        st.integers(0, 1),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=12,
)
Row = tuple[list[float | None], int | None, int, int]


def judged(rows: list[Row], **named: Any) -> Any:
    values, pupils, stage, county = zip(*rows, strict=True)
    rules: dict[str, Any] = {"standards": STANDARDS, "floors": FLOORS, "at_standard": 2, "limits": LIMITS} | named
    return indicators(values, pupils, stage=stage, county=county, **rules)


def written(number: float) -> Fraction:
    return Fraction(repr(number))


def three(known: list[bool | None]) -> int:
    """All of them."""
    return 0 if False in known else 1 if None in known else 2


@given(ROWS)
def test_by_hand_in_fractions(rows: list[Row]) -> None:
    result = judged(rows)

    expected_verdicts: dict[int, list[bool | None]] = {}
    for n, (values, pupils, stage, county) in enumerate(rows):
        standing = [
            -1 if value is None else (written(value) >= written(standard)) + int(written(value) >= written(floor))
            for value, standard, floor in zip(values, STANDARDS[stage], FLOORS[stage], strict=True)
        ]
        if pupils == 0:
            assert result.section_verdicts[n] == 3
            assert result.standing[n].tolist() == [-1] * 3
            continue
        assert result.standing[n].tolist() == standing
        best, worst = (sum(entry == 2 for entry in standing) + extra for extra in (standing.count(-1), 0))
        met = False if 0 in standing or best < 2 else None if -1 in standing or worst < 2 else True
        assert result.section_verdicts[n] == three([met])
        expected_verdicts.setdefault(county, []).append(met)
    for county in range(result.verdicts.size):
        decisions = expected_verdicts.get(county, [])
        for stage, n in ((stage, n) for stage in (0, 1) for n in range(3)):
            here = [row for row in rows if row[1] != 0 and row[2:] == (stage, county)]
            exact_values = [None if row[0][n] is None else written(row[0][n] or 0) for row in here]
            weights = [None if row[1] is None else Fraction(row[1]) for row in here]
            mean, _, square = dispersion(exact_values, weights)
            limit = written(LIMITS[stage][n])
            within = None if square is None else square <= limit**2
            assert result.spread_verdicts[county, stage, n] == (three([within]) if here else 3)
            assert math.isnan(result.cv[county, stage, n]) == (square is None)
            assert math.isnan(result.mean[county, stage, n]) == (mean is None)
            decisions += [within] if here else []
        assert result.verdicts[county] == three(decisions or [None])


@given(ROWS)
def test_amounts_are_divided_exactly(rows: list[Row]) -> None:
    """The amounts of figures on the limits are on them too: 0.85 × 4.5 × 20 over 20 reaches 3.825."""
    rows = [row for row in rows if row[1]]
    if not rows:
        return
    amounts: Any = [
        [
            None if value is None else float(Decimal(repr(value)) * pupils / (100, 1, 1)[n])
            for n, value in enumerate(values)
        ]
        for values, pupils, *_ in rows
        if pupils
    ]
    values, pupils, stage, county = zip(*rows, strict=True)
    rules: Any = {"standards": STANDARDS, "floors": FLOORS, "at_standard": 2, "limits": LIMITS}

    by_amount = indicators(amounts, pupils, stage=stage, county=county, per=[100, 1, 1], **rules)
    by_value = indicators(values, pupils, stage=stage, county=county, **rules)

    np.testing.assert_array_equal(by_amount.standing, by_value.standing)
    np.testing.assert_array_equal(by_amount.verdicts, by_value.verdicts)
    doubled = indicators(
        amounts, pupils, stage=stage, county=county, per=[200, 2, 2], divisors=2 * np.array(pupils)[:, None], **rules
    )
    np.testing.assert_array_equal(doubled.verdicts, by_value.verdicts)


@given(ROWS, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    order = random.sample(range(len(rows)), len(rows))
    entry, other = judged(rows), judged([rows[n] for n in order])

    np.testing.assert_array_equal(entry.standing[order], other.standing)
    np.testing.assert_array_equal(entry.section_verdicts[order], other.section_verdicts)
    np.testing.assert_array_equal(entry.verdicts, other.verdicts)
    np.testing.assert_allclose(entry.cv, other.cv, rtol=1e-14)


def test_a_coefficient_exactly_on_its_limit() -> None:
    """Values m(1 + c) and m(1 − c) of equal weight have the coefficient c; as floats it may look larger."""
    named: dict[str, Any] = {"stage": [0, 0], "standards": [[0]]}
    for digits in range(1, 60):
        values: Any = [[Decimal(digits) * 145 / 100], [Decimal(digits) * 55 / 100]]
        assert indicators(values, [30, 30], limits=[[0.45]], **named).verdicts.tolist() == [2]
        assert indicators(values, [30, 30], limits=[[0.4499999]], **named).verdicts.tolist() == [0]


def test_a_coefficient_on_its_limit_in_each_of_many_counties_and_stages() -> None:
    """County by county and stage by stage, the coefficient is exactly the limit of the stage."""
    rows = [
        ([Decimal(mean) * (1 + sign * limit)], stage, county)
        for county, mean in enumerate((3, 7, 11, 13))
        for stage, limit in enumerate((Decimal("0.5"), Decimal("0.45")))
        for sign in (1, -1)
    ]
    values, stage, county = (list(column) for column in zip(*rows, strict=True))
    named: dict[str, Any] = {"stage": stage, "county": county, "standards": [[0], [0]]}

    assert indicators(values, [30] * 16, limits=[[0.5], [0.45]], **named).verdicts.tolist() == [2] * 4
    for limits in ([[0.4999999999], [0.45]], [[0.5], [0.4499999999]]):
        assert indicators(values, [30] * 16, limits=limits, **named).verdicts.tolist() == [0] * 4
    assert indicators(values, [30] * 16, composite_limits=[0.5, 0.45], **named).verdicts.tolist() == [2] * 4


@given(st.integers(1, 3000), st.sampled_from([4.2, 0.9, 5.3, 1.955, 4.505]))
def test_amounts_computed_as_ratio_times_pupils_are_on_the_standard(pupils: int, standard: float) -> None:
    for amount in (pupils * standard / 100, standard * pupils / 100, standard / 100 * pupils):
        judged = indicators([[amount]], [pupils], stage=[0], standards=[[standard]], per=[100])
        assert judged.standing.tolist() == [[2]]
    by_value = indicators([[standard * pupils / pupils]], [pupils], stage=[0], standards=[[standard]])
    assert by_value.standing.tolist() == [[2]]


@pytest.mark.parametrize(("amount", "per"), [(45 * 10**12, 1), (45 * 10**13, 0.1)])
def test_an_amount_a_hair_below_the_standard(amount: int, per: float) -> None:
    def standing(amount: int) -> int:
        judged = indicators([[amount]], [10**13], stage=[0], standards=[[4.5]], per=[per])
        return int(judged.standing[0, 0])

    assert [standing(amount), standing(amount - 1)] == [2, 0]


def test_the_composite_of_coefficients() -> None:
    values: Any = [[1.5, 1.75, None], [0.5, 0.25, 1]]
    named: dict[str, Any] = {"stage": [0, 0], "standards": [[None] * 3]}

    assert indicators(values, [5, 5], composite_limits=[0.3], **named).verdicts.tolist() == [0]
    assert indicators(values, [5, 5], composite_limits=[0.5], **named).verdicts.tolist() == [1]
    assert indicators(
        np.array(values, float)[:, :2], [5, 5], stage=[0, 0], standards=[[None] * 2], composite_limits=[0.625]
    ).verdicts.tolist() == [2]


def test_what_a_section_weighs() -> None:
    values = [[1], [3], [3]]
    named: dict[str, Any] = {"stage": [0, 0, 0], "standards": [[None]]}

    assert indicators(values, [20, 10, 10], **named).cv.item() == 0.5
    assert indicators(values, [20, 10, 10], weight="sections", **named).mean.item() == pytest.approx(7 / 3)


@pytest.mark.parametrize(
    ("values", "pupils", "named", "error", "problem"),
    [
        ([[1]], [1, 2], {}, ValueError, r"values must be \(n, k\) and pupils \(n,\)"),
        ([1], [1], {}, ValueError, r"values must be \(n, k\)"),
        ([[1]], [-1], {}, ValueError, "pupils must be zero or more, and finite"),
        ([[-1]], [1], {}, ValueError, "values must be zero or more, and finite"),
        ([[math.inf]], [1], {}, ValueError, "values must be zero or more, and finite"),
        ([[-math.inf]], [1], {}, ValueError, "values must be zero or more, and finite"),
        ([["1"]], [1], {}, TypeError, "values must be real numbers, found texts"),
        ([[1]], [1], {"stage": [1]}, ValueError, "stage must be from 0 to 0"),
        ([[1]], [1], {"stage": [5], "standards": [[1]] * 4}, ValueError, "stage must be from 0 to 3"),
        ([[1]], [1], {"county": [-1]}, ValueError, "county must be from 0 up"),
        ([[1]], [1], {"stage": ["primary"]}, TypeError, "stage must be whole numbers"),
        ([[1]], [1], {"county": [0, 0]}, ValueError, "county must have one number for each of the 1 rows"),
        ([[1]], [1], {"per": [1, 2]}, ValueError, r"per must be \(k,\)"),
    ],
)
def test_what_it_refuses(values: Any, pupils: Any, named: dict[str, Any], error: type[Exception], problem: str) -> None:
    rules: Any = {"stage": [0], "standards": [[1]]}
    with pytest.raises(error, match=problem):
        indicators(values, pupils, **rules | named)


def test_a_row_without_pupils_is_left_out_whatever_it_holds() -> None:
    result = indicators(
        [[math.nan], [-1.0], [5.0]], [0, 0, 10], stage=[0, 0, 0], standards=[[4]], at_standard=1, limits=[[0.5]]
    )

    assert result.verdicts.tolist() == [2]
    assert result.section_verdicts.tolist() == [3, 3, 2]
    assert indicators([[1]], [0], stage=[0], standards=[[4]], at_standard=1).verdicts.tolist() == [1]

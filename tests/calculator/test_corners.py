"""Single values at the corners of the calculator: large decimals, groups with nothing, the rest without one value."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancedu import calculator as calc
from balancedu.calculator.inequality import Index
from balancedu.calculator.limits import at_15_digits, beside, combined, scaled
from balancedu.testing import exact_coefficient


@pytest.mark.parametrize(
    "numbers",
    [
        [123456789012345.67],
        [123456789012345.67, 0.5],
        [999999999999999.9, 1e-7],
        [0.00001, 1e15],
        [1e22, 2.5],
        [9007199254740993.0],
        [1e-300],
        [0.0, 0.1 + 0.2],
    ],
)
def test_scaled_numbers_are_the_numbers_as_written(numbers: list[float]) -> None:
    whole, power = scaled(np.array(numbers))

    assert [Fraction(entry) / power for entry in whole] == [Fraction(repr(number)) for number in numbers]
    assert all(type(entry) is int for entry in whole)


@given(st.lists(st.floats(-1e16, 1e16), min_size=1, max_size=5))
def test_scaled_numbers_of_every_size(numbers: list[float]) -> None:
    whole, power = scaled(np.array(numbers))

    assert [Fraction(entry) / power for entry in whole] == [Fraction(repr(number)) for number in numbers]


def test_a_combination_of_large_and_small_decimals_is_exact() -> None:
    total, power = combined([(3, np.array([123456789012345.67])), (-2, np.array([0.125]))])

    assert Fraction(total[0], power) == 3 * Fraction("123456789012345.67") - Fraction("0.25")


def test_theil_between_groups_of_which_one_has_nothing() -> None:
    """Group a has nothing: nothing is within it, and between groups 0 · ln 0 counts as 0."""
    parts = calc.decompose([0, 0, 2, 4], None, ["a", "a", "b", "b"], index="theil_t")

    assert parts.between == pytest.approx(0.5 * 2 * math.log(2), rel=1e-15)
    assert parts.within.tolist() == pytest.approx([0, calc.theil_t([2, 4])], rel=1e-15)
    assert parts.total == pytest.approx(calc.theil_t([0, 0, 2, 4]), rel=1e-15)
    assert calc.theil_t([0, 2]) == pytest.approx(math.log(2), rel=1e-15)


def test_a_group_without_weight_adds_nothing() -> None:
    indices: tuple[Index, ...] = ("cv2", "theil_t")
    for index in indices:
        parts = calc.decompose([1, 3, 5, 7], [1, 1, 0, 0], ["a", "a", "b", "b"], index=index)
        assert parts.within[1] == 0
        assert parts.between == 0
        assert math.isnan(parts.means[1])


def test_the_rest_without_each_value() -> None:
    """Without the 2 the others are 1 and 0; without the 0 they are 2 and 1."""
    np.testing.assert_allclose(calc.cv_without_each([2, 1, 0]), [1, 1, 1 / 3], rtol=1e-15)
    np.testing.assert_array_equal(calc.cv_without_each([0, 0, 5])[2], math.nan)
    np.testing.assert_array_equal(calc.cv_without_each([4]), [math.nan])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=2, max_size=8))
def test_the_rest_without_each_value_is_that_of_the_others(rows: list[tuple[int, int]]) -> None:
    result = calc.cv_without_each([x for x, _ in rows], [w for _, w in rows])

    for n, entry in enumerate(result.tolist()):
        rest = rows[:n] + rows[n + 1 :]
        expected = exact_coefficient([x for x, _ in rest], [w for _, w in rest])
        assert math.isnan(entry) if expected is None else entry == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize("index", ["cv", "gini", "theil_l", "", None])
def test_an_index_that_does_not_split_is_refused(index: Any) -> None:
    with pytest.raises(ValueError, match=rf"index must be 'cv2' or 'theil_t', found {index!r}"):
        calc.decompose([1, 2], None, ["a", "b"], index=index)


@pytest.mark.parametrize("epsilon", [0, -1, math.inf, math.nan])
def test_an_aversion_to_inequality_is_above_zero(epsilon: float) -> None:
    with pytest.raises(ValueError, match="epsilon must be above 0 and finite"):
        calc.atkinson([1, 2], epsilon=epsilon)


@pytest.mark.parametrize("number", [6.578093840249695, 8336296.870749135, 7.839152710662465, 3575.640426245655])
def test_15_digits_of_a_number_between_two_of_them(number: float) -> None:
    assert at_15_digits(np.array([number])).tolist() == [float(f"{number:.15g}")]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("4.50000000000000000001", 4.500000000000001),
        ("-4.49999999999999999999", -4.499999999999999),
        ("-4.50000000000000000001", -4.500000000000001),
    ],
)
def test_a_number_with_many_digits_is_beside_the_short_one(written: str, number: float) -> None:
    assert beside(Decimal(written)) == number


def test_the_parts_of_an_index_cannot_be_changed() -> None:
    parts = calc.decompose([1, 2, 4], None, ["a", "a", "b"], index="theil_t")

    with pytest.raises(AttributeError):
        parts.total = 0  # type: ignore[misc]

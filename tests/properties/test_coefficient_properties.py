"""What the coefficient of variation is: weighted by copies, free of units, and lower after every fair transfer."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from comparing import close
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import dispersion, exact

import balancedu as be
from balancedu.testing import exact_coefficient, values_and_pupils

Pairs = list[tuple[float, int]]

VALUES = st.integers(0, 10**7).map(lambda n: n / 100) | st.floats(1e-3, 1e6)
SOME = VALUES.map(lambda value: value + 0.01)
"""More than nothing, so that there is something to share."""
PUPILS = st.integers(1, 3000)
EVERY_SIZE = st.floats(5e-324, 1.7e308)
SECTIONS = st.lists(st.tuples(SOME, PUPILS), min_size=1, max_size=9)


def coefficient(pairs: Pairs) -> float:
    """Return the coefficient of values and weights."""
    result = be.coefficient_of_variation([value for value, _ in pairs], [weight for _, weight in pairs])
    assert isinstance(result, float)
    return result


def exactly(pairs: Pairs) -> Fraction | None:
    """Return the root of the exact square."""
    square = dispersion([exact(value) for value, _ in pairs], [Fraction(weight) for _, weight in pairs])[2]
    return None if square is None else Fraction(math.sqrt(square))


@given(st.lists(st.tuples(VALUES, st.integers(0, 3000)), min_size=1, max_size=9))
@example([(0.0, 4), (0.0, 5)])
@example([(6.2, 0)])
def test_same_as_the_oracle(pairs: Pairs) -> None:
    assert close(coefficient(pairs), exactly(pairs), scale=1)


@given(st.lists(st.tuples(SOME, st.integers(1, 6)), min_size=1, max_size=6))
def test_a_weight_is_a_number_of_copies(pairs: Pairs) -> None:
    copies = [value for value, weight in pairs for _ in range(weight)]

    assert be.coefficient_of_variation(copies) == pytest.approx(coefficient(pairs), rel=1e-12, abs=1e-12)


@given(SECTIONS, st.lists(VALUES, max_size=4))
def test_a_zero_weight_leaves_its_value_out(pairs: Pairs, others: list[float]) -> None:
    with_zeros = [*pairs, *((value, 0) for value in others)]

    assert coefficient(with_zeros) == coefficient(pairs)


@given(SECTIONS, st.floats(1e-3, 1e6), st.integers(-30, 30))
def test_the_unit_does_not_matter(pairs: Pairs, factor: float, doublings: int) -> None:
    scaled = [(value * factor, weight) for value, weight in pairs]
    doubled = [(value * 2.0**doublings, weight) for value, weight in pairs]

    assert coefficient(scaled) == pytest.approx(coefficient(pairs), rel=1e-12, abs=1e-12)
    assert coefficient(doubled) == coefficient(pairs)  # powers of two round nothing


@given(SECTIONS, st.integers(2, 50))
def test_the_size_of_the_county_does_not_matter(pairs: Pairs, times: int) -> None:
    larger = [(value, times * weight) for value, weight in pairs]

    assert coefficient(larger) == pytest.approx(coefficient(pairs), rel=1e-12, abs=1e-12)


@given(SECTIONS, SOME, SOME, PUPILS, PUPILS, st.fractions(0, 1, max_denominator=64))
@example([(5.0, 1)], 2.0, 8.0, 3, 4, Fraction(1))
def test_a_transfer_from_rich_to_poor_lowers_it(
    others: Pairs, number: float, two: float, pupils_one: int, pupils_two: int, share: Fraction
) -> None:
    """The transfer goes at most so far that the two are equal."""
    poor, rich = sorted([(exact(number), pupils_one), (exact(two), pupils_two)])
    level = (poor[0] * poor[1] + rich[0] * rich[1]) / (poor[1] + rich[1])
    amount = share * poor[1] * (level - poor[0])
    before = [*others, (float(poor[0]), poor[1]), (float(rich[0]), rich[1])]
    after = [(poor[0] + amount / poor[1], poor[1]), (rich[0] - amount / rich[1], rich[1])]

    result = coefficient([*others, *((float(value), pupils) for value, pupils in after)])

    values = [*(exact(value) for value, _ in others), *(value for value, _ in after)]
    square = dispersion(values, [Fraction(pupils) for _, pupils in before])[2]
    assert square is not None
    assert (exactly(before) or 0) ** 2 * (1 + Fraction(1, 10**15)) >= square  # exactly, it never rises
    assert result <= coefficient(before) + 1e-12  # and in floats it does not seem to


@given(SECTIONS, st.data())
def test_a_gap_leaves_it_open(pairs: Pairs, data: st.DataObject) -> None:
    values, weights = ([float(pair[side]) for pair in pairs] for side in (0, 1))
    data.draw(st.sampled_from([values, weights]))[data.draw(st.integers(0, len(pairs) - 1))] = math.nan

    assert math.isnan(be.coefficient_of_variation(values, weights))


@given(SECTIONS, st.lists(st.sampled_from([math.nan, math.inf, -math.inf]), min_size=1, max_size=3))
def test_a_zero_weight_leaves_out_whatever_it_is(pairs: Pairs, others: list[float]) -> None:
    assert coefficient([*pairs, *((value, 0) for value in others)]) == coefficient(pairs)


@given(EVERY_SIZE, st.lists(PUPILS, min_size=1, max_size=9))
@example(0.1, [1, 1, 1])  # (0.1 + 0.1 + 0.1) / 3 is not 0.1
@example(5e-324, [3])
def test_equal_values_have_none(value: float, pupils: list[int]) -> None:
    assert coefficient([(value, number) for number in pupils]) == 0


@given(values_and_pupils(least=5e-324, most=1.7e308))
@example(([1e-200, 3e-200], [1, 1]))
@example(([1e200, 3e200], [1, 1]))
@example(([1.7e308, 1.7e308, 1e-320], [3000, 1, 3000]))
@example(([1.0, 1 + 2.0**-52], [2999, 1]))
def test_right_to_a_few_units_of_the_last_digit(drawn: tuple[list[float], list[int]]) -> None:
    """Nearly equal values too: their deviations are as exact as those of values far apart."""
    root = exact_coefficient(*drawn)

    assert root is not None
    assert abs(Fraction(be.coefficient_of_variation(*drawn)) - root) <= 4 * Fraction(math.ulp(float(root)))


@given(values_and_pupils(gaps=True))
@example(([0.0, 0.0], [1, 2]))
@example(([-1.0, 1.0], [1, 1]))
@example(([-1.0, -3.0], [1, 1]))
@example(([math.inf, 1.0], [1, 1]))
def test_there_is_none_where_there_is_none(drawn: tuple[list[float], list[int]]) -> None:
    exactly = exact_coefficient(*drawn)
    result = be.coefficient_of_variation(*drawn)

    assert math.isnan(result) if exactly is None else result == pytest.approx(float(exactly), rel=1e-14)


@given(st.lists(st.tuples(st.one_of(EVERY_SIZE, VALUES), PUPILS), min_size=1, max_size=40), st.randoms())
def test_the_order_changes_no_digit(pairs: Pairs, random: Random) -> None:
    shuffled = random.sample(pairs, len(pairs))

    np.testing.assert_equal(coefficient(shuffled), coefficient(pairs))


@given(st.lists(st.tuples(st.floats(0.1, 10), PUPILS), min_size=1, max_size=9), st.integers(-1000, 1000))
def test_a_power_of_two_changes_no_digit(pairs: Pairs, power: int) -> None:
    assert coefficient([(math.ldexp(value, power), weight) for value, weight in pairs]) == coefficient(pairs)


@given(SECTIONS)
def test_negative_values_turn_the_sign(pairs: Pairs) -> None:
    assert coefficient([(-value, weight) for value, weight in pairs]) == -coefficient(pairs)


@given(st.lists(PUPILS, min_size=1, max_size=9))
def test_nothing_to_share_is_not_equality(pupils: list[int]) -> None:
    assert math.isnan(coefficient([(0.0, number) for number in pupils]))


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), SOME, PUPILS), min_size=1, max_size=9))
def test_groups_are_counties_apart(rows: list[tuple[str, float, int]]) -> None:
    labels, values, weights = zip(*rows, strict=True)

    result = be.coefficient_of_variation(values, weights, groups=labels)

    alone = [
        coefficient([(value, weight) for label, value, weight in rows if label == entry])
        for entry in sorted(set(labels))
    ]
    np.testing.assert_array_equal(result, alone)

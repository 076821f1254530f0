"""Sums of square roots against a limit: never decided by the last digit of a float."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancedu.calculator.limits import roots_beyond

RATIONALS = st.fractions(min_value=0, max_value=9, max_denominator=60)


@given(st.lists(RATIONALS, max_size=8))
def test_roots_that_are_fractions_are_on_their_own_sum(roots: list[Fraction]) -> None:
    squares = [root**2 for root in roots]

    assert roots_beyond(squares, sum(roots, Fraction(0))) == 0
    assert roots_beyond(squares, sum(roots, Fraction(1, 10**90))) == -1
    assert roots_beyond(squares, sum(roots, Fraction(-1, 10**90))) == 1


@given(st.lists(RATIONALS, min_size=1, max_size=8), RATIONALS)
def test_a_sum_is_more_or_less_as_floats_say_where_they_can(squares: list[Fraction], limit: Fraction) -> None:
    difference = sum(float(square) ** 0.5 for square in squares) - float(limit)

    if abs(difference) > 1e-9:
        assert roots_beyond(squares, limit) == (1 if difference > 0 else -1)


@pytest.mark.parametrize("places", [20, 60, 200])
def test_an_irrational_sum_is_never_its_limit(places: int) -> None:
    """√2 + √8 = √18: cut off after that many places it is more than what is left, and less than one unit more."""
    cut = Fraction(18 * 10 ** (2 * places))
    root = Fraction(_floor_root(cut), 10**places)

    assert roots_beyond([Fraction(2), Fraction(8)], root) == 1
    assert roots_beyond([Fraction(2), Fraction(8)], root + Fraction(1, 10**places)) == -1


def _floor_root(square: Fraction) -> int:
    low, high = 0, int(square) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle * middle <= square else (low, middle)
    return low

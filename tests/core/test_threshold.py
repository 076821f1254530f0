"""A limit checks values exactly, states how far they are away, and prints itself."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancedu.calculator.limits import Relation
from balancedu.core.model import ByStage, Threshold

RELATIONS: tuple[Relation, ...] = (">=", "<=", "<", ">")
LIMITS = st.decimals(min_value=-10_000, max_value=10_000, places=3)


@pytest.mark.parametrize(
    ("relation", "below", "at", "above"),
    [(">=", False, True, True), ("<=", True, True, False), ("<", True, False, False), (">", False, False, True)],
)
def test_met_on_and_beside_the_limit(relation: Relation, below: bool, at: bool, above: bool) -> None:
    limit = Threshold(relation, Decimal("3.825"))

    assert (below, at, above) == (limit.met(3.824), limit.met(3.825), limit.met(3.826))


@pytest.mark.parametrize(("share", "standard"), [("0.85", "4.5"), ("0.85", "2.3"), ("0.1", "3")])
def test_a_product_that_floats_get_wrong_is_met_exactly(share: str, standard: str) -> None:
    product = Decimal(share) * Decimal(standard)

    assert float(product) != float(share) * float(standard)
    assert Threshold(">=", product).met(float(product))
    assert Threshold("<=", product).met(float(product))


@given(value=LIMITS, limit=LIMITS, relation=st.sampled_from(RELATIONS))
def test_floats_mean_the_decimal_that_was_written(value: Decimal, limit: Decimal, relation: Relation) -> None:
    holds = {">=": value >= limit, "<=": value <= limit, "<": value < limit, ">": value > limit}[relation]
    threshold = Threshold(relation, limit)

    assert holds == threshold.met(float(value)) == threshold.met(Fraction(value))


@given(value=LIMITS, limit=LIMITS)
def test_the_margin_is_the_distance_on_the_right_side(value: Decimal, limit: Decimal) -> None:
    margin = Threshold(">=", limit).margin(float(value))

    assert margin == float(value - limit) == Threshold(">", limit).margin(float(value))
    assert -margin == Threshold("<=", limit).margin(float(value)) == Threshold("<", limit).margin(float(value))


def test_what_is_not_known_is_neither_met_nor_missed() -> None:
    limit = Threshold(">=", Decimal(1))

    assert limit.met(math.nan) is None
    assert math.isnan(limit.margin(math.nan))


def test_infinities_compare_as_numbers() -> None:
    limit = Threshold("<=", Decimal("0.5"))

    assert (limit.met(math.inf), limit.met(-math.inf)) == (False, True)
    assert limit.margin(math.inf) == -math.inf


def test_whole_numbers_of_any_size_are_exact() -> None:
    assert Threshold(">=", Decimal(2**60)).met(2**60 - 1) is False


@pytest.mark.parametrize(
    ("relation", "value", "printed"),
    [(">=", "4.5", "≥ 4.5"), ("<=", "0.50", "≤ 0.50"), ("<", "0.15", "< 0.15"), (">", "1E+3", "> 1000")],
)
def test_it_prints_as_people_write_it(relation: Relation, value: str, printed: str) -> None:
    assert printed == str(Threshold(relation, Decimal(value)))


def test_thresholds_by_stage() -> None:
    limits = ByStage.of("<=", {"primary": Decimal("0.50"), "junior": Decimal("0.45")})

    assert limits["primary"] == limits.primary == Threshold("<=", Decimal("0.50"))
    assert limits["senior"] is None
    assert str(limits) == "primary ≤ 0.50, junior ≤ 0.45"

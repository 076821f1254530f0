"""What the coefficient of variation accepts and refuses, along axes and groups, and beside other packages."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ineqpy import statistics
from ineqpy.inequality import gini as ineqpy_gini

import balancedu as be
from balancedu import calculator as calc
from balancedu.calculator import Segments

VALUES = np.array([[1.0, 10.0, 7.0], [3.0, 10.0, np.nan]])


@pytest.mark.parametrize(
    "missing",
    [
        np.ma.array([1, 3, 100], mask=[False, False, True]),
        [1, 3, None],
        [1, 3, math.nan],
        pd.Series([1, 3, None], dtype="Int64"),
        pd.Series([1, 3, None], dtype="float64[pyarrow]"),
        pl.Series([1, 3, None]),
    ],
)
def test_what_is_missing_leaves_it_open_unless_it_has_no_weight(missing: Any) -> None:
    assert math.isnan(be.coefficient_of_variation(missing))
    assert be.coefficient_of_variation(missing, [1, 1, 0]) == 0.5
    assert math.isnan(be.coefficient_of_variation([1, 3, 5], missing))


@pytest.mark.parametrize(
    "numbers",
    [
        [Fraction(1), Fraction(3)],
        [Decimal(1), Decimal(3)],
        (1, 3),
        np.array([1, 3], np.uint8),
        np.array([1, 3], np.float16),
        np.array([1, 3], object),
        pd.Series([1, 3]),
        np.ma.array([1, 3]),
    ],
)
def test_real_numbers_of_every_kind(numbers: Any) -> None:
    assert be.coefficient_of_variation(numbers) == 0.5
    assert be.coefficient_of_variation([2, 2], numbers) == 0


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (["1", "3"], "found texts"),
        ([1, "3"], "found texts"),
        (np.array([b"1"]), "found texts"),
        ([1 + 2j, 3], "found complex numbers"),
        ([True, False], "found truth values"),
        (np.array([1, True], object), "found True"),
        (np.array([1, "3"], object), "found '3'"),
        (np.array([1, 2j], object), "found 2j"),
        (np.array(["2025-01-01"], "datetime64[D]"), "found dates"),
        ([object()], "found <object"),
    ],
)
def test_what_is_no_real_number_is_refused(wrong: Any, text: str) -> None:
    with pytest.raises(TypeError, match=f"values must be real numbers, {text}"):
        be.coefficient_of_variation(wrong)
    with pytest.raises(TypeError, match=f"weights must be real numbers, {text}"):
        be.coefficient_of_variation([1] * len(wrong), wrong)
    with pytest.raises(TypeError, match=f"values must be real numbers, {text}"):
        calc.gini(wrong)


@pytest.mark.parametrize(
    ("arguments", "named", "problem"),
    [
        (([1, 2], [1]), {}, "weights must be as many as values: 2 values, 1 weights"),
        (([1, 2], [1, -1]), {}, "weights must be zero or more, and finite"),
        (([1, 2], [1, math.inf]), {}, "weights must be zero or more, and finite"),
        ((5,), {}, "values must be an array, got a single number"),
        (([[1, 2]],), {"axis": 2}, "axis must be between -2 and 1 for values of shape"),
        (([1, 2],), {"axis": 1}, "axis must be between -1 and 0 for values of shape"),
        (([1, 2],), {"groups": ["a"]}, "groups must have one label for each of 2 values, got shape"),
        (([1, 2],), {"groups": ["a", None]}, "no missing label, found one at position 1"),
        (([1, 2],), {"groups": [1.0, math.nan]}, "no missing label, found one at position 1"),
        (([1, 2],), {"groups": np.ma.array([1, 2], mask=[False, True])}, "no missing label, found a masked one"),
        (([1, 10**400],), {}, "values must be numbers in the range of floats, found one of about 401 digits"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: Any, named: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        be.coefficient_of_variation(*arguments, **named)


@pytest.mark.parametrize("labels", [["a", 1], [1, "a"], np.array(["a", 1], object), [("a",), "b"]])
def test_labels_are_of_one_type(labels: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"groups must be labels of one type|inhomogeneous"):
        be.coefficient_of_variation([1, 2], groups=labels)


def test_along_an_axis() -> None:
    np.testing.assert_array_equal(be.coefficient_of_variation(VALUES, axis=0), [0.5, 0, math.nan])
    np.testing.assert_array_equal(be.coefficient_of_variation(VALUES, [1, 0], axis=0), [0, 0, 0])
    np.testing.assert_array_equal(be.coefficient_of_variation(VALUES.T, axis=-1), [0.5, 0, math.nan])
    assert be.coefficient_of_variation([1, 3], axis=0).shape == ()
    assert be.coefficient_of_variation([[1, 3], [1, 3]]) == 0.5
    assert be.coefficient_of_variation(np.empty((0, 2)), axis=0).shape == (2,)
    assert be.coefficient_of_variation(np.empty((2, 0)), axis=0).shape == (0,)


@given(st.integers(1, 4), st.integers(1, 6), st.data())
def test_an_axis_is_a_loop(columns: int, rows: int, data: st.DataObject) -> None:
    cells = st.integers(0, 9)
    table = np.array(
        data.draw(st.lists(st.lists(cells, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    )
    weights = np.array(data.draw(st.lists(cells, min_size=rows, max_size=rows)))
    labels = np.array(data.draw(st.lists(st.sampled_from("ab"), min_size=rows, max_size=rows)))

    together = be.coefficient_of_variation(table, weights, axis=0)
    grouped = be.coefficient_of_variation(table, weights, axis=0, groups=labels)

    np.testing.assert_array_equal(together, [be.coefficient_of_variation(entry, weights) for entry in table.T])
    assert grouped.shape == (len(set(labels)), columns)
    for n, label in enumerate(sorted(set(labels))):
        here = labels == label
        np.testing.assert_array_equal(grouped[n], be.coefficient_of_variation(table[here], weights[here], axis=0))


@pytest.mark.parametrize("codes", [[1, 0, 1], [0, 2], [-1, 0]])
def test_segments_are_sorted(codes: list[int]) -> None:
    with pytest.raises(ValueError, match="codes must be in ascending order and from 0 to 1; sort the rows by group"):
        Segments.of(np.array(codes), 2)


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 40)), min_size=2, max_size=12))
def test_beside_ineqpy(rows: list[tuple[int, int]]) -> None:
    values, weights = (np.array(column, float) for column in zip(*rows, strict=True))

    assert be.coefficient_of_variation(values, weights) == pytest.approx(
        statistics.coef_variation(values, weights), rel=1e-9, abs=1e-9
    )
    every = np.repeat(values, weights.astype(int))
    assert calc.gini(values, weights) == pytest.approx(
        ineqpy_gini(every) * (every.size - 1) / every.size, abs=1e-9
    )  # theirs is that of a sample


def test_the_interval_holds_what_it_should() -> None:
    """Of samples of a known distribution, about as many intervals contain its coefficient as the level states."""
    random = np.random.default_rng(7)
    true = 0.25
    held = 0
    for n in range(150):
        interval = be.dispersion_interval(random.normal(8, 2, 120), level=0.9, draws=300, seed=n)
        held += interval.low <= true <= interval.high
        assert interval.standard_error == pytest.approx(true * math.sqrt((0.5 + true**2) / 120), rel=0.5)
    assert 120 <= held <= 147


def test_the_interval_is_drawn_from_the_seed_alone() -> None:
    values, pupils = [6.2, 4.1, 5.0, 7.3, math.nan], [45, 37, 89, 76, 0]
    entry = be.dispersion_interval(values, pupils, seed=3)

    assert entry == be.dispersion_interval(values, pupils, seed=3)
    assert entry != be.dispersion_interval(values, pupils, seed=4)
    assert entry == be.dispersion_interval([*values, 99], [*pupils, 0], seed=3)
    assert be.dispersion_interval(values, pupils) == be.dispersion_interval(values, pupils, seed=0)
    assert entry.cv == be.coefficient_of_variation(values[:4], pupils[:4])
    scaled = be.dispersion_interval([value * 2.0**900 for value in values], pupils, seed=3)
    assert (scaled.low, scaled.high, scaled.standard_error) == (entry.low, entry.high, entry.standard_error)
    assert math.isnan(be.dispersion_interval([1, math.nan]).high)
    for named, problem in (
        ({"level": 1}, "level must be"),
        ({"draws": 1}, "draws must be"),
        ({"draws": 10**11}, "draws"),
    ):
        with pytest.raises(ValueError, match=problem):
            be.dispersion_interval([1, 2], **named)


def test_equal_values_do_not_deviate_whatever_they_weigh() -> None:
    """Rounding leaves their mean beside them, and weights with decimals its correction as well."""
    weights = np.array([110.34, 494.25, 63.66, 313.18, 251.38])

    assert [part.tolist() for part in calc.dispersion(np.full(5, 1754.56), weights, Segments(np.array([0, 5])))] == [
        [1754.56],
        [0],
        [0],
    ]

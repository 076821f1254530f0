"""The indices of inequality against public implementations, and against exact fractions."""

import math
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import inequality.atkinson as public_atkinson
import inequality.gini as public_gini
import inequality.theil as public_theil
import numpy as np
import pygini
import pytest
from hypothesis import example, given

from balancedu import calculator as calc

amounts = st.integers(0, 5000)
pupils = st.integers(0, 40)
rows = st.lists(st.tuples(amounts, pupils), min_size=1, max_size=12)


def columns(table: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [x for x, _ in table], [w for _, w in table]


def copies(table: list[tuple[int, int]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Weights are numbers of copies: public implementations know none, so they get the copies."""
    return np.array([float(x) for x, w in table for _ in range(w)])


@given(rows)
def test_gini_and_theil_agree_with_public_implementations(table: list[tuple[int, int]]) -> None:
    x, w = columns(table)
    every = copies(table)
    if every.sum() == 0:
        assert math.isnan(calc.gini(x, w))
        assert math.isnan(calc.theil_t(x, w))
        return
    assert calc.gini(x, w) == pytest.approx(public_gini.Gini(every).g, abs=1e-9)
    assert calc.gini(x, w) == pytest.approx(pygini.gini(every), abs=1e-9)
    assert calc.theil_t(x, w) == pytest.approx(public_theil.Theil(every).T, abs=1e-6)  # theirs adds a little to zeros


@given(rows, st.sampled_from([0.25, 0.5, 1, 2, 3]))
def test_atkinson_agrees_with_a_public_implementation(table: list[tuple[int, int]], epsilon: float) -> None:
    table = [(x + 1, w) for x, w in table]
    every = copies(table)
    x, w = columns(table)
    if every.size:
        expected = public_atkinson.atkinson(every, epsilon)
        assert calc.atkinson(x, w, epsilon=epsilon) == pytest.approx(expected, abs=1e-9)


@given(rows)
def test_theil_l_is_the_mean_logarithmic_deviation(table: list[tuple[int, int]]) -> None:
    table = [(x + 1, w) for x, w in table]
    x, w = columns(table)
    every = copies(table)
    if every.size:
        assert calc.theil_l(x, w) == pytest.approx(float(np.mean(np.log(every.mean() / every))), abs=1e-9)
        # Atkinson's index with an aversion of 1 is the same measure in another coat.
        assert calc.atkinson(x, w, epsilon=1) == pytest.approx(1 - math.exp(-calc.theil_l(x, w)), abs=1e-9)


@given(rows)
@example([(0, 1), (0, 1), (1, 1)])
def test_mcloone_and_verstegen_by_their_definition(table: list[tuple[int, int]]) -> None:
    x, w = columns(table)
    every = sorted(int(copy) for copy in copies(table))
    if not every or every[(len(every) - 1) // 2] == 0:
        assert math.isnan(calc.mcloone(x, w))
        assert math.isnan(calc.verstegen(x, w))
        return
    median = every[(len(every) - 1) // 2]
    low, high = [entry for entry in every if entry <= median], [entry for entry in every if entry >= median]
    assert calc.mcloone(x, w) == pytest.approx(float(Fraction(sum(low), median * len(low))))
    assert calc.verstegen(x, w) == pytest.approx(float(Fraction(sum(high), median * len(high))))


@pytest.mark.parametrize("epsilon", [0.5, 1, 2])
def test_equal_values_have_no_inequality_despite_rounding(epsilon: float) -> None:
    assert calc.atkinson([5 / 7] * 3, epsilon=epsilon) == 0


@given(rows)
def test_shares_of_variance_add_up_and_the_rest_is_the_rest(table: list[tuple[int, int]]) -> None:
    x, w = columns(table)
    shares, without = calc.variance_shares(x, w), calc.cv_without_each(x, w)
    cv = calc.coefficient_of_variation(x, w)
    if isinstance(cv, float) and cv > 0:
        assert shares.sum() == pytest.approx(1)
        assert (shares >= 0).all()
    for n in range(len(table)):
        rest = table[:n] + table[n + 1 :]
        expected = float(calc.coefficient_of_variation(*columns(rest))) if rest else math.nan
        assert without[n] == pytest.approx(expected, abs=1e-6, nan_ok=True)


@given(st.lists(st.tuples(amounts, pupils, st.sampled_from("abc")), min_size=1, max_size=12))
def test_the_squared_coefficient_splits_exactly(table: list[tuple[int, int, str]]) -> None:
    total = sum(w for _, w, _ in table)
    amount = sum(x * w for x, w, _ in table)
    parts = calc.decompose([x for x, *_ in table], [w for _, w, _ in table], [g for *_, g in table])
    if not amount:
        assert math.isnan(parts.total)
        return
    mean = Fraction(amount, total)
    between = Fraction(0)
    for n, label in enumerate(parts.labels.tolist()):
        inside = [(x, w) for x, w, g in table if g == label]
        size = sum(w for _, w in inside)
        own = Fraction(sum(x * w for x, w in inside), size) if size else mean
        square = sum((w * (x - own) ** 2 for x, w in inside), Fraction(0))
        assert parts.within[n] == pytest.approx(float(square / total / mean**2), abs=1e-12)
        between += Fraction(size, total) * (own / mean - 1) ** 2
    assert parts.between == pytest.approx(float(between), abs=1e-12)
    assert parts.within.sum() + parts.between == pytest.approx(parts.total, abs=1e-12)


@given(st.lists(st.tuples(amounts, pupils, st.sampled_from("abc")), min_size=1, max_size=12))
def test_theil_splits_exactly(table: list[tuple[int, int, str]]) -> None:
    parts = calc.decompose([x for x, *_ in table], [w for _, w, _ in table], [g for *_, g in table], index="theil_t")
    if not math.isnan(parts.total):
        assert parts.within.sum() + parts.between == pytest.approx(parts.total, abs=1e-9)
        assert parts.between >= -1e-12


@pytest.mark.parametrize("index", [calc.gini, calc.theil_t, calc.theil_l, calc.atkinson, calc.mcloone, calc.verstegen])
def test_undefined_values_are_nan_and_invalid_input_is_refused(index: Any) -> None:
    assert math.isnan(index([1.0, math.nan]))
    assert math.isnan(index([1.0, 2.0], [0, 0]))
    assert math.isnan(index([0.0, 0.0]))
    with pytest.raises(ValueError, match="values must be zero or more"):
        index([-1.0, 2.0])
    with pytest.raises(ValueError, match="weights must be as many"):
        index([1.0, 2.0], [1])
    with pytest.raises(ValueError, match=r"values must be one-dimensional, got an array of shape \(1, 2\)"):
        index([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"values must be one-dimensional, got an array of shape \(\)"):
        index(1.0)

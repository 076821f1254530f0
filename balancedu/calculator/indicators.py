"""The whole calculation on plain arrays: figures of sections in, standings, spread and verdicts of counties out.

This is the reference for everything that balancedu computes from figures per pupil: `balancedu.evaluate` and
`balancedu.judge_values` call the functions of this module. It needs numpy alone and knows no standard: limits, floors
and numbers of indicators are arguments.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from balancedu.calculator.dispersion import Weights, squared_coefficient
from balancedu.calculator.groups import Floats, Ints, Segments
from balancedu.calculator.limits import (
    Relation,
    Whole,
    at_15_digits,
    exact,
    holds,
    roots_beyond,
    scaled,
    standings,
)
from balancedu.calculator.numbers import reals
from balancedu.calculator.verdicts import NOT_APPLICABLE, UNKNOWN, Codes, all_of, sections_comply, verdicts_of

Limit = Fraction | Decimal | float | None
"""A limit, as exact as it is written; None if none is set."""
Ratios = Callable[[Ints], tuple[Whole, Whole]]
"""Gives, for rows, their exact values as whole numerators and denominators."""

SUM_SLACK = 2.0**-30
"""More than the rounding of a sum over the sections of a county, relative to the sum."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """The results of the figures of sections. Verdicts are 0 not met, 1 unknown, 2 met, 3 not applicable.

    Attributes
    ----------
    values : (n, indicators) float array
        Figures per pupil.
    standing : (n, indicators) int8 array
        2 meets the standard, 1 reaches the floor, 0 below it, -1 unknown, or no standard is set.
    section_verdicts : (n,) int8 array
        Not applicable for rows without pupils, and if no number of indicators is required.
    mean, sd, cv : (counties, stages, indicators) float arrays
        NaN if a stage of a county has no section, and where a figure or its pupils are missing.
    spread_verdicts : (counties, stages, indicators) int8 array
        Not applicable where a stage of a county has no section, and where no limit is set.
    verdicts : (counties,) int8 array
        Sections and spread together; unknown for a county without a section.
    """

    values: Floats
    standing: Codes
    section_verdicts: Codes
    mean: Floats
    sd: Floats
    cv: Floats
    spread_verdicts: Codes
    verdicts: Codes


def indicators(
    values: ArrayLike,
    pupils: ArrayLike,
    *,
    stage: ArrayLike,
    county: ArrayLike | None = None,
    standards: Sequence[Sequence[Limit]],
    floors: Sequence[Sequence[Limit]] | None = None,
    at_standard: int | None = None,
    has_floor: bool = True,
    limits: Sequence[Sequence[Limit]] | None = None,
    composite_limits: Sequence[Limit] | None = None,
    per: ArrayLike | None = None,
    divisors: ArrayLike | None = None,
    weight: Literal["pupils", "sections"] = "pupils",
    relations: Sequence[Relation] | None = None,
) -> Judged:
    """Judge figures of sections: a section is one stage of one school.

    Parameters
    ----------
    values : (n, k) array_like
        Figures of n sections for k indicators, zero or more: per pupil, or amounts where `per` is given. None, NaN
        and masked values are missing.
    pupils : (n,) array_like
        Pupils of each section. A row without pupils is not a section and is ignored.
    stage : (n,) array_like of int
        The row of `standards` that a section is judged by.
    county : (n,) array_like of int, optional
        Numbers of the counties, from 0; by default all sections are of one county.
    standards, floors : (stages, k) sequences of limits
        What a figure must reach, exactly as written: float 0.3 is 0.3. Without a floor the standard is the floor;
        None: no standard is set.
    at_standard : int, optional
        In how many indicators a section must reach the standard; in all others it must reach the floor.
    has_floor : bool
        Whether the others must reach a floor at all.
    limits : (stages, k) sequence of limits, optional
        What the coefficient of variation of each indicator may be at most.
    composite_limits : (stages,) sequence of limits, optional
        What the plain mean of the coefficients of all indicators may be at most.
    per : (k,) array_like, optional
        Then values are amounts, and the figure is amount × per / divisor.
    divisors : (n, k) or (n, 1) array_like, optional
        What amounts are divided by; by default the pupils of the section.
    weight : {'pupils', 'sections'}
        The weight of a section in mean and deviation: its pupils, or equal weights.
    relations : sequence of {'>=', '<='}, optional
        For each indicator whether standards and floors are lower or upper limits; by default lower ones.

    Returns
    -------
    Judged

    Raises
    ------
    TypeError
        If values, pupils or divisors are not real numbers, or a stage or county is no whole number.
    ValueError
        If the shapes do not fit, a figure is negative or infinite, or a stage has no standard.

    Notes
    -----
    For section i of stage t and indicator j, with aᵢⱼ the amount and Pᵢ the pupils:

    - xᵢⱼ = aᵢⱼ · perⱼ / dᵢⱼ, with d = P unless given. Source: 教督〔2017〕6号, 资源配置（一）–（七）.
    - standing 2 where xᵢⱼ ≥ standard_tj, 1 where xᵢⱼ ≥ floor_tj, else 0.
    - a section is met where at least `at_standard` standings are 2 and none is 0.
    - x̄ = Σ Pᵢxᵢ / Σ Pᵢ, s = √(Σ Pᵢ(xᵢ − x̄)² / Σ Pᵢ), cv = s / x̄ over the sections of a county and stage.
    - a county is met if all its sections are met and every cv is within its limit.

    Comparisons are those of exact arithmetic on the numbers at 15 significant digits, as a spreadsheet
    shows: 0.7 × 1.1 reaches 0.77, and ratio × pupils ÷ pupils the ratio. What is missing
    makes a verdict unknown unless no figure in its place could change it.

    Examples
    --------
    Two indicators, three sections of one stage; the second section is below the first standard, not below its floor.

    >>> judged = indicators([[0.3, 10], [0.27, 10], [0.6, 20]], [100, 100, 200], stage=[0, 0, 0],
    ...                     standards=[[0.3, 10]], floors=[[0.27, 9]], at_standard=1, limits=[[0.4, 0.4]])
    >>> judged.standing.tolist(), judged.section_verdicts.tolist()
    ([[2, 2], [1, 2], [2, 2]], [2, 2, 2])
    >>> judged.cv.round(4).tolist(), judged.verdicts.tolist()
    ([[[0.3567, 0.3333]]], [2])
    """
    x, p = _figures("values", values), _figures("pupils", pupils)
    if x.ndim != 2 or p.shape != x.shape[:1]:
        raise ValueError(f"values must be (n, k) and pupils (n,), got {x.shape} and {p.shape}")
    if np.any(p < 0) or np.any(np.isinf(p)):
        raise ValueError("pupils must be zero or more, and finite")
    if np.any((x < 0) | np.isinf(x), axis=1, where=(p != 0)[:, None]).any():
        raise ValueError("values must be zero or more, and finite")
    stages, size = len(standards), x.shape[1]
    at = _codes("stage", stage, p.size, stages)
    where = _codes("county", np.zeros(p.size, np.intp) if county is None else county, p.size)
    counties = int(where.max(initial=0)) + 1
    divided = None if per is None else _Divided.of(x, p, per, divisors)
    figures = x if divided is None else divided.figures
    order = np.lexsort((where, at))
    order = order[p[order] != 0]
    by_county = Segments.of((at * counties + where)[order], stages * counties)
    by_stage = np.searchsorted(at[order], np.arange(stages + 1))
    weights = p[order] if weight == "pupils" else np.ones(order.size)

    def ratios(column: int, rows: Ints) -> tuple[Whole, Whole]:
        return _written(x[rows, column]) if divided is None else divided.ratios(rows, column)

    def near_limits(column: int, rows: Ints, near: Ints) -> tuple[Whole, Whole]:
        return ratios(column, rows[near])

    standing = np.full(x.shape, -1, np.int8)
    spread, weighted = np.empty((3, size, stages * counties)), Weights.of(weights, by_county)
    for n in range(size):
        for t in range(stages):
            rows = order[by_stage[t] : by_stage[t + 1]]
            standing[rows, n] = standing_of(
                figures[rows, n],
                _fraction(standards[t][n]),
                _fraction(floors[t][n]) if floors else None,
                partial(near_limits, n, rows),
                relation=relations[n] if relations else ">=",
            )
        spread[:, n] = weighted.dispersion(figures[order, n])
    mean, sd, cv = spread.reshape(3, size, stages, counties)
    section_verdicts = np.full(p.size, NOT_APPLICABLE)
    if at_standard is not None:
        section_verdicts[order] = sections_comply(standing[order].T, at_standard, floor=has_floor)

    def square(column: int, t: int, c: int) -> Fraction:
        group = slice(*by_county.starts[t * counties + c : t * counties + c + 2])
        return exact_square(*ratios(column, order[group]), weights[group])

    def square_of(t: int, c: int, column: int) -> Fraction:
        return square(column, t, c)

    empty = (by_county.counts == 0).reshape(stages, counties)
    spread_verdicts = np.full(cv.shape, NOT_APPLICABLE)
    parts = []
    for t in range(stages):
        for n in range(size if limits else 0):
            limit = _fraction((limits or standards)[t][n])
            if limit is not None:
                codes = spread_within(cv[n, t], limit, partial(square, n, t))
                spread_verdicts[n, t] = np.where(empty[t], NOT_APPLICABLE, codes)
        limit = _fraction(composite_limits[t]) if composite_limits else None
        if limit is not None:
            codes, _ = composite_within(cv[:, t].T, limit, partial(square_of, t))
            parts.append(np.where(empty[t], NOT_APPLICABLE, codes))
    if at_standard is not None:
        parts.append(by_county.least(section_verdicts[order], NOT_APPLICABLE).reshape(stages, counties).min(axis=0))
    verdicts = all_of([*parts, spread_verdicts.min(axis=(0, 1), initial=NOT_APPLICABLE)])
    verdicts = np.where(empty.all(axis=0), UNKNOWN, verdicts)
    return Judged(figures, standing, section_verdicts, mean.T, sd.T, cv.T, spread_verdicts.T, verdicts)


def standing_of(
    values: Floats,
    limit: Fraction | None,
    floor: Fraction | None,
    ratios: Ratios,
    *,
    relation: Relation = ">=",
    scale: float | None = None,
) -> Codes:
    """Return the standings of values of one indicator against a limit and its floor, decided exactly.

    Parameters
    ----------
    values : (n,) float array
    limit, floor : Fraction, optional
        Without a floor the limit is the floor. Without a limit every standing is -1.
    ratios : callable
        Returns the exact values of rows; called only for rows close to a limit.
    relation : {'>=', '<='}
        Whether the limit is a lower or an upper one.
    scale : float, optional
        Size of the operands that the values were computed from, where larger than the limit.

    Returns
    -------
    (n,) int8 array
        2 meets the limit, 1 reaches the floor, 0 neither, -1 where the value is NaN.

    Examples
    --------
    >>> from balancedu.calculator.limits import scaled
    >>> values = np.array([4.5, 0.85 * 4.5, 3.8])
    >>> written = lambda rows: (np.array([4500, 3825, 3800], object)[rows], np.array([1000] * 3, object)[rows])
    >>> standing_of(values, Fraction("4.5"), Fraction("3.825"), written)
    array([2, 1, 0], dtype=int8)
    """
    if limit is None:
        return np.full(values.size, -1, np.int8)

    def reaches(bound: Fraction) -> NDArray[np.bool_]:
        def excess(rows: Ints) -> Whole:
            amount, pupils = ratios(rows)
            difference: Whole = amount * bound.denominator - pupils * bound.numerator
            return difference

        return holds(values, relation, float(bound), excess, scale=scale)

    return standings(reaches(limit), reaches(limit if floor is None else floor), ~np.isnan(values))


def exact_square(numerators: Whole, denominators: Whole, weights: Floats) -> Fraction:
    """Return the exact square of the coefficient of variation: roots are no fractions, squares are; 0 for a mean of 0.

    Examples
    --------
    >>> exact_square(np.array([1, 3], object), np.array([1, 1], object), np.array([5.0, 5.0]))
    Fraction(1, 4)
    """
    values = [Fraction(amount, pupils) for amount, pupils in zip(numerators, denominators, strict=True)]
    square = squared_coefficient(values, [exact(weight) for weight in weights.tolist()])
    return Fraction(0) if square is None else square


def spread_within(cv: Floats, limit: Fraction, square: Callable[[int], Fraction]) -> Codes:
    """Return which coefficients are within a limit, decided exactly.

    Parameters
    ----------
    cv : (n,) float array
        NaN gives UNKNOWN.
    limit : Fraction
    square : callable
        Returns the exact square of a coefficient; called only close to the limit.

    Examples
    --------
    >>> spread_within(np.array([0.5, 0.6, np.nan]), Fraction(1, 2), lambda row: Fraction(1, 4))
    array([2, 0, 1], dtype=int8)
    """

    def excess(near: Ints) -> list[Fraction]:
        return [square(row) - limit**2 for row in near.tolist()]

    return verdicts_of(holds(cv, "<=", float(limit), excess, slack=SUM_SLACK), ~np.isnan(cv))


def composite_within(cv: Floats, limit: Fraction, square: Callable[[int, int], Fraction]) -> tuple[Codes, Floats]:
    """Return whether the plain mean of coefficients is within a limit, decided exactly, and that mean.

    Parameters
    ----------
    cv : (n, indicators) float array
    limit : Fraction
    square : callable
        Returns the exact square of the coefficient of a row and indicator; called only close to the limit.

    Returns
    -------
    verdicts : (n,) int8 array
        NOT_MET despite missing coefficients if those that are known already exceed the limit.
    mean : (n,) float array
        NaN if the verdict is UNKNOWN.

    Examples
    --------
    >>> composite_within(np.array([[0.25, 0.75], [0.25, np.nan], [1.5, np.nan]]), Fraction(1, 2), lambda row, n:
    ...                  Fraction(1, 16) if n == 0 else Fraction(9, 16))
    (array([2, 1, 0], dtype=int8), array([0.5 ,  nan, 0.75]))
    """
    known = ~np.isnan(cv)
    # No coefficient is below zero: those that are missing can only add to the others.
    least = np.where(known, cv, 0.0).sum(axis=1) / cv.shape[1]

    def excess(near: Ints) -> list[Fraction]:
        squares = ([square(row, n) for n in np.flatnonzero(known[row]).tolist()] for row in near.tolist())
        return [Fraction(roots_beyond(some, limit * cv.shape[1])) for some in squares]

    above, complete = holds(least, ">", float(limit), excess, slack=SUM_SLACK), known.all(axis=1)
    return verdicts_of(~above, above | complete), np.where(above | complete, least, np.nan)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class _Divided:
    """Amounts, what they are multiplied by, and what they are divided by."""

    amounts: Floats
    per: Floats
    divisors: Floats

    @classmethod
    def of(cls, amounts: Floats, pupils: Floats, per: ArrayLike, divisors: ArrayLike | None) -> _Divided:
        factors = reals("per", per)
        by = pupils[:, None] if divisors is None else _figures("divisors", divisors)
        if factors.shape != amounts.shape[1:] or by.shape not in (amounts.shape, (amounts.shape[0], 1)):
            raise ValueError(f"per must be (k,) and divisors (n, k) or (n, 1), got {factors.shape} and {by.shape}")
        return cls(amounts, factors, np.broadcast_to(by, amounts.shape))

    @property
    def figures(self) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.amounts * self.per / self.divisors

    def ratios(self, rows: Ints, column: int) -> tuple[Whole, Whole]:
        (amount, above), (divisor, below) = scaled(self.amounts[rows, column]), scaled(self.divisors[rows, column])
        per = exact(self.per[column])
        return amount * (below * per.numerator), divisor * (above * per.denominator)


def _figures(name: str, values: ArrayLike) -> Floats:
    numbers = reals(name, values)
    return at_15_digits(numbers.ravel()).reshape(numbers.shape)


def _written(values: Floats) -> tuple[Whole, Whole]:
    whole, power = scaled(values)
    return whole, np.full(whole.shape, power, object)


def _fraction(limit: Limit) -> Fraction | None:
    if isinstance(limit, float):
        return None if math.isnan(limit) else exact(limit)
    return None if limit is None else Fraction(limit)


def _codes(name: str, values: ArrayLike, size: int, below: int | None = None) -> Ints:
    codes = np.asarray(values)
    if codes.shape != (size,):
        raise ValueError(f"{name} must have one number for each of the {size} rows, got shape {codes.shape}")
    if codes.dtype.kind not in "iu" and size:
        raise TypeError(f"{name} must be whole numbers, found {codes.dtype}")
    if size and (codes.min() < 0 or (below is not None and codes.max() >= below)):
        raise ValueError(f"{name} must be from 0" + (f" to {below - 1}" if below else " up"))
    return codes.astype(np.intp)

"""How many whole units lie between each section and a limit: exact, for all sections at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.limits import SLACK, combined, exact
from balancedu.core.fields import Stage
from balancedu.core.model import Indicator, Threshold, split_terms
from balancedu.evaluation.results import Basis
from balancedu.submission.sections import exact_divisors

Level = Literal["floor", "standard"]
LEVELS: tuple[Level, ...] = ("floor", "standard")


def measure_added(indicator: Indicator, stage: Stage) -> str:
    """Return the measure that is added to when an indicator is to grow: its first that counts for it.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> measure_added(load_standard("cn-2017").indicators["R4"], "primary")
    'teaching_area'
    """
    return next(name for sign, name in split_terms(indicator.terms(stage)) if sign > 0)


def units_to(basis: Basis, level: Level) -> Floats:
    """Return how many whole units each section lacks to reach a limit.

    Parameters
    ----------
    basis : Basis
        Sections with their values.
    level : {'floor', 'standard'}

    Returns
    -------
    (indicators, sections) float array
        Whole numbers: the fewest units of `measure_added` that the section must gain, or must lose where the limit is
        an upper one, so that one fewer is not enough. Zero or negative where the limit is kept: the units to spare. A
        school that shares its resources over stages needs that many as a whole. NaN where the value is not known or
        there is no limit.

    Notes
    -----
    ⌈limit · Σ wₜPₜ / (per · wₛ) − amount⌉, in floats first and in fractions where rounding could matter.
    """
    result = np.full(basis.values.shape, np.nan)
    for cell in _cells(basis, level):
        need = cell.limit * cell.shared / cell.per
        missing = (need - cell.amounts) * cell.sign
        result[cell.position, cell.rows] = _whole(missing, need + cell.scale, np.ceil, math.ceil, cell.exact_need)
    return result


def counts_to_report(basis: Basis) -> dict[str, list[str]]:
    """Return the schools whose values are known per pupil alone, by name, and the measures to report of each."""
    result: dict[str, list[str]] = {}
    if not basis.sections.ratios:
        return result
    schools, pupils = basis.submission.schools, basis.standard.head.scope.pupils
    for section, school in enumerate(basis.sections.school.tolist()):
        stage = basis.standard.stages[basis.sections.stage[section]]
        for n, indicator in enumerate(basis.standard.indicators.values()):
            if not np.isnan(basis.values[n, section]):
                names = (pupils[stage], *(name for _, name in split_terms(indicator.terms(stage))))
                missing = [name for name in names if np.isnan(schools.numbers(name)[school])]
                result.setdefault(basis.school_name(school), []).extend(missing)
    return {name: list(dict.fromkeys(missing)) for name, missing in result.items() if missing}


def pupils_to(basis: Basis, level: Level) -> Floats:
    """Return how many more pupils each section can take before it drops below a limit.

    Returns
    -------
    (indicators, sections) float array
        Whole numbers; negative where so many pupils would have to leave. NaN where the value is not known, and where
        there is no limit or more pupils cannot break it.

    Notes
    -----
    ⌊per · amount / limit − Σ wₜPₜ / wₛ⌋ for one more pupil of this stage, the other stages staying as they are.
    """
    result = np.full(basis.values.shape, np.nan)
    for cell in _cells(basis, level):
        if cell.sign < 0:
            continue
        most = cell.per * cell.amounts / cell.limit
        scale = cell.per * cell.scale / cell.limit + cell.shared
        result[cell.position, cell.rows] = _whole(most - cell.shared, scale, np.floor, math.floor, cell.exact_room)
    return result


@attrs.frozen
class _Cell:
    """One indicator in the sections of one stage that have one limit."""

    basis: Basis
    indicator: Indicator
    position: int
    stage: Stage
    rows: Ints
    threshold: Threshold

    @property
    def sign(self) -> int:
        return -1 if self.threshold.relation == "<=" else 1

    @property
    def limit(self) -> float:
        return float(self.threshold.value)

    @property
    def per(self) -> int:
        return self.indicator.per

    @property
    def shared(self) -> Floats:
        sections = self.basis.sections
        return (sections.shared if self.indicator.amount else sections.pupils)[self.rows]

    @property
    def amounts(self) -> Floats:
        return sum((sign * figures for sign, figures in self._terms()), np.zeros(self.shared.size))

    @property
    def scale(self) -> Floats:
        return sum((np.abs(figures) for _, figures in self._terms()), np.zeros(self.shared.size))

    @property
    def _names(self) -> tuple[tuple[int, str], ...]:
        return split_terms(self.indicator.terms(self.stage))

    def _terms(self) -> Iterator[tuple[int, Floats]]:
        schools, rows = self.basis.resources, self.basis.sections.school[self.rows]
        for sign, name in self._names:
            yield sign, schools.numbers(name)[rows]

    def exact_need(self, near: Ints) -> list[Fraction]:
        return [
            self.sign * (self.threshold.exact * pupils - amount) / self.per
            for amount, pupils in zip(*self._exact(near), strict=True)
        ]

    def exact_room(self, near: Ints) -> list[Fraction]:
        return [amount / self.threshold.exact - pupils for amount, pupils in zip(*self._exact(near), strict=True)]

    def _exact(self, near: Ints) -> tuple[list[Fraction], list[Fraction]]:
        """Return `per` times the amounts, and what they are divided by, in pupils of this stage."""
        basis, rows = self.basis, self.rows[near]
        school = basis.sections.school[rows]
        amount, power = combined([(sign, basis.resources.numbers(name)[school]) for sign, name in self._names])
        amounts = [Fraction(self.per * value, power) for value in amount.tolist()]
        if not self.indicator.amount:
            return amounts, [exact(value) for value in basis.sections.pupils[rows].tolist()]
        own, total, divisor = exact_divisors(basis.submission.schools, basis.standard, self.stage, school)
        return amounts, [Fraction(t, divisor * w) for t, w in zip(total.tolist(), own.tolist(), strict=True)]


def _cells(basis: Basis, level: Level) -> Iterator[_Cell]:
    standard = basis.standard
    for position, indicator in enumerate(standard.indicators.values()):
        chosen = basis.chosen.get(indicator.id)
        for n, limits in enumerate(standard.limits[indicator.id]):
            for stage, where in zip(standard.stages, basis.sections.slices, strict=True):
                threshold, rows = limits[level == "floor"][stage], np.arange(where.start, where.stop)
                if threshold and indicator.terms(stage):
                    here = rows if chosen is None else rows[chosen[rows] == n]
                    yield _Cell(basis, indicator, position, stage, here, threshold)


def _whole(
    figures: Floats,
    scale: Floats,
    rounded: np.ufunc,
    exactly: Callable[[Fraction], int],
    exactly_of: Callable[[Ints], list[Fraction]],
) -> NDArray[np.float64]:
    """Return the figures as whole numbers, decided in fractions wherever floats leave a doubt."""
    room = SLACK * scale
    with np.errstate(invalid="ignore"):
        low, high = rounded(figures - room), rounded(figures + room)
        near = np.flatnonzero(low < high)
    if near.size:
        low[near] = [float(exactly(value)) for value in exactly_of(near)]
    return np.asarray(low + 0.0)

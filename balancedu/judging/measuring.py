"""The seven indicators: values, standings and spread of every section, exact at the limits."""

from __future__ import annotations

from decimal import Decimal, localcontext

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.compliance import EXACT, holds, sections_comply, standings, written
from balancedu.calculator.dispersion import dispersion
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.logic import UNKNOWN, Codes
from balancedu.core.model import Indicator, Stage, Threshold, split_terms
from balancedu.core.standard import Standard
from balancedu.evaluation.outcome import Basis
from balancedu.submission.sections import Sections, exact_divisors, sections_of
from balancedu.submission.submission import Submission


def measure(submission: Submission, standard: Standard) -> Basis:
    """Return the values, standings and spread of every section of every county."""
    sections = sections_of(submission, standard)
    shape = (len(standard.indicators), sections.school.size)
    values, standing = np.empty(shape), np.empty(shape, np.int8)
    for position, indicator in enumerate(standard.indicators.values()):
        for stage, where in zip(standard.stages, sections.slices, strict=True):
            figures = _Figures(submission, standard, sections, indicator, stage, where)
            values[position, where] = figures.values()
            standing[position, where] = figures.standings(values[position, where])
    mean, sd, cv = _spread(standard, sections, values, len(submission.counties))
    rule = standard.section_rule
    verdicts = sections_comply(standing, rule.at_standard) if rule else np.full(shape[1], UNKNOWN)
    return Basis(standard, submission, sections, values, standing, verdicts, mean, sd, cv)


@attrs.frozen
class _Figures:
    """One indicator in the sections of one stage."""

    submission: Submission
    standard: Standard
    sections: Sections
    indicator: Indicator
    stage: Stage
    where: slice

    @property
    def rows(self) -> Ints:
        return self.sections.school[self.where]

    @property
    def divisor(self) -> Floats:
        return (self.sections.shared if self.indicator.amount else self.sections.pupils)[self.where]

    def values(self) -> Floats:
        return self._sum(signed=True) * self.indicator.per / self.divisor

    def _sum(self, *, signed: bool) -> Floats:
        schools, total = self.submission.schools, None
        for sign, name in split_terms(self.indicator.terms(self.stage)):
            figures = schools.numbers(name)[self.rows]
            if total is None:
                total = figures if sign > 0 or not signed else -figures
            else:
                total += figures if sign > 0 or not signed else -figures
        return np.full(self.rows.size, np.nan) if total is None else total

    def standings(self, values: Floats) -> Codes:
        standard, floor = self.indicator.thresholds[self.stage], self.standard.floors.get(self.indicator.id)
        at_standard = self._reaches(values, standard)
        at_floor = self._reaches(values, floor[self.stage] if floor else standard)
        known = ~np.isnan(values) if standard else np.zeros(values.size, bool)
        return standings(at_standard, at_floor, known)

    def _reaches(self, values: Floats, threshold: Threshold | None) -> NDArray[np.bool_]:
        if threshold is None:
            return np.zeros(values.size, bool)
        scale = None
        if any(sign < 0 for sign, _ in split_terms(self.indicator.terms(self.stage))):
            scale = self._sum(signed=False) * self.indicator.per / self.divisor

        def excess(near: Ints) -> list[Decimal]:
            amounts = exact_amounts(
                self.submission, self.standard, self.sections, self.indicator, near + self.where.start
            )
            with localcontext(EXACT):
                return [amount - threshold.value * pupils for amount, pupils in amounts]

        return holds(values, ">=", float(threshold.value), excess, scale=scale)


def exact_amounts(
    submission: Submission, standard: Standard, sections: Sections, indicator: Indicator, rows: Ints
) -> list[tuple[Decimal, Decimal]]:
    """Return the resource and the pupils whose exact quotient is the value of an indicator.

    The rows are sections of one stage, and everything that their values need must be reported. The resource is
    given per so many pupils as the indicator says.
    """
    if not rows.size:
        return []
    schools, school, stage = submission.schools, sections.school[rows], sections.stages[sections.stage[rows[0]]]
    terms = [(sign, schools.numbers(name)[school].tolist()) for sign, name in split_terms(indicator.terms(stage))]
    with localcontext(EXACT):
        divisors = (
            exact_divisors(schools, standard, stage, school)
            if indicator.amount
            else [(Decimal(1), written(pupils)) for pupils in sections.pupils[rows].tolist()]
        )
        return [
            (indicator.per * weight * sum((sign * written(column[n]) for sign, column in terms), Decimal(0)), divisor)
            for n, (weight, divisor) in enumerate(divisors)
        ]


def _spread(standard: Standard, sections: Sections, values: Floats, counties: int) -> tuple[Floats, Floats, Floats]:
    by_pupils = standard.head.spread.weight == "pupils"
    weights = sections.pupils if by_pupils else np.ones_like(sections.pupils)
    shape = (values.shape[0], len(sections.stages), counties)
    mean, sd, cv = (np.empty(shape) for _ in range(3))
    for position, row in enumerate(values):
        for result, figures in zip((mean, sd, cv), dispersion(row, weights, sections.by_county), strict=True):
            result[position] = figures.reshape(shape[1:])
    return mean.T, sd.T, cv.T

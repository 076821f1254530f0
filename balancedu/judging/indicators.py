"""The indicators: values, standings and spread of every section, exact at the limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.dispersion import Weights
from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.indicators import standing_of
from balancedu.calculator.limits import Whole, combined, scaled
from balancedu.calculator.verdicts import (
    AT_STANDARD,
    MET,
    NOT_APPLICABLE,
    NOT_KNOWN,
    NOT_MET,
    UNKNOWN,
    Codes,
    sections_comply,
)
from balancedu.core.fields import Stage
from balancedu.core.model import ByStage, Indicator, split_terms
from balancedu.core.standard import CV, INDICATOR, MEAN, SECTIONS, SPREAD, Standard
from balancedu.errors import DataError, DataErrors
from balancedu.evaluation.results import Basis
from balancedu.submission.problems import number_text, titles_in
from balancedu.submission.sections import Sections, condition_verdicts, exact_divisors, resources_counted, sections_of
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table
from balancedu.text import Phrase

CANCELLATION = 2.0**-10
"""A difference this small relative to its operands has lost significant digits."""


def basis_of(submission: Submission, standard: Standard) -> Basis:
    """Return the values, standings and spread of every section of every county.

    Where relief counts further amounts, no section has a lower standing for it: relief may be taken, and need not.
    """
    sections = sections_of(submission, standard)
    amounts = resources_counted(submission, standard)
    if amounts is None:
        basis = _measured(submission, standard, sections, submission.schools)
        refuse_disagreement([basis])
        return basis
    without_relief, with_relief = amounts
    strict = _measured(submission, standard, sections, without_relief)
    relaxed = _measured(submission, standard, sections, with_relief)
    refuse_disagreement([strict, relaxed])
    standing = np.where(strict.standing == AT_STANDARD, strict.standing, relaxed.standing)
    verdicts = np.maximum(strict.section_verdicts, _complying(standard, standing))
    standing.flags.writeable = False
    return attrs.evolve(relaxed, standing=standing, section_verdicts=verdicts, without_relief=strict)


def _measured(submission: Submission, standard: Standard, sections: Sections, resources: Table) -> Basis:
    """Return the basis where the schools have these resources."""
    counties, stages, size = len(submission.counties), len(standard.stages), len(standard.indicators)
    standing = np.empty((size, sections.school.size), np.int8)
    spread = np.empty((3, size, stages * counties))
    by_pupils = standard.head.spread.weight == "pupils"
    weights = Weights.of(sections.pupils if by_pupils else np.ones_like(sections.pupils), sections.by_county)
    possible = {
        indicator.id: possible_thresholds(indicator, submission, standard)
        for indicator in standard.indicators.values()
        if indicator.instead
    }
    highest = np.empty_like(standing) if possible else standing
    of_indicators = _of_indicators(resources, standard, sections, possible)
    # One array contains the values of one indicator after the other: it stays in the cache.
    values = np.empty(sections.school.size)
    for n, of_stages in enumerate(of_indicators):
        for figures in of_stages:
            figures.fill(values[figures.where])
            _fill_standings(figures, values, standing[n], highest[n])
        spread[:, n] = weights.dispersion(values)
    by_stage = spread.reshape(3, size, stages, counties)
    stated = fill_spread(by_stage, submission, standard)
    verdicts = _of_either_standing(standard, standing, highest) if possible else _complying(standard, standing)
    for handed_out in (standing, by_stage):
        # They are handed out as they are, without copies.
        handed_out.flags.writeable = False
    return Basis(
        standard,
        submission,
        sections,
        resources,
        standing,
        verdicts,
        mean=by_stage[0].T,
        sd=by_stage[1].T,
        cv=by_stage[2].T,
        make_values=_values,
        chosen={
            figures[0].indicator.id: np.concatenate([_chosen(entry) for entry in figures])
            for figures in of_indicators
            if figures[0].possible
        },
        stated=stated,
    )


def _of_either_standing(standard: Standard, lowest: Codes, highest: Codes) -> Codes:
    """Return the verdicts of sections whose standings are between two; standings that differ become unknown."""
    # A section that complies with its lowest standings complies, and one that fails with its highest ones fails.
    verdicts, failing = _complying(standard, lowest), _complying(standard, highest) == NOT_MET
    lowest[lowest != highest] = NOT_KNOWN
    return np.where(verdicts < MET, np.where(failing, NOT_MET, UNKNOWN), verdicts)


def possible_thresholds(indicator: Indicator, submission: Submission, standard: Standard) -> tuple[Bools, ...]:
    """Return the schools to which each standard of an indicator may apply: the first whose condition they meet."""
    undecided, result = np.ones(len(submission.schools), bool), []
    for condition, _ in indicator.thresholds_by_condition:
        fits = condition_verdicts(condition, submission, standard) if condition else np.full(undecided.size, MET)
        result.append(undecided & (fits != NOT_MET))
        undecided &= fits != MET
    return tuple(result)


def _of_indicators(
    resources: Table, standard: Standard, sections: Sections, possible: Mapping[str, tuple[Bools, ...]]
) -> list[list[_Figures]]:
    """Return for each indicator how its figures come about, stage by stage."""
    stages = tuple(zip(standard.stages, sections.slices, strict=True))
    return [
        [
            _Figures(resources, standard, sections, indicator, stage, where, possible.get(indicator.id, ()))
            for stage, where in stages
        ]
        for indicator in standard.indicators.values()
    ]


def _values(basis: Basis) -> Floats:
    """Return the values of all indicators, read-only."""
    of_indicators = _of_indicators(basis.resources, basis.standard, basis.sections, {})
    values = np.empty((len(of_indicators), basis.sections.school.size))
    for of_indicator, of_stages in zip(values, of_indicators, strict=True):
        for figures in of_stages:
            figures.fill(of_indicator[figures.where])
    values.flags.writeable = False
    return values


def _complying(standard: Standard, standing: Codes) -> Codes:
    rule = standard.section_rule
    if rule is None:
        return np.full(standing.shape[1], NOT_APPLICABLE)
    return sections_comply(standing, rule.at_standard, floor=rule.floor_share is not None)


@attrs.frozen
class _Figures:
    """One indicator in the sections of one stage."""

    resources: Table
    standard: Standard
    sections: Sections
    indicator: Indicator
    stage: Stage
    where: slice
    possible: tuple[Bools, ...] = ()
    """Which schools may have each standard of the indicator; empty if there is one for all."""

    @property
    def rows(self) -> Ints:
        return self.sections.school[self.where]

    @property
    def divisor(self) -> Floats:
        return (self.sections.divisor if self.indicator.amount else self.sections.pupils)[self.where]

    def fill(self, values: Floats) -> None:
        """Put the values into an array: amount × per ÷ divisor."""
        (sign, name), *others = self.terms
        # The rows are there, which `clip` does not check again.
        np.take(self.resources.numbers(name), self.rows, out=values, mode="clip")
        values *= sign
        for sign, name in others:
            values += sign * np.take(self.resources.numbers(name), self.rows, mode="clip")
        cancelled = self._cancelled(values)
        values *= self.indicator.per
        values /= self.divisor
        cancelled = cancelled[np.isfinite(values[cancelled])]
        if cancelled.size:
            pairs = zip(*self._exact(cancelled), strict=True)
            values[cancelled] = [float(Fraction(amount, pupils)) for amount, pupils in pairs]
        if self.sections.reported_values:
            missing = np.flatnonzero(np.isnan(values))
            values[missing] = self.sections.reported_values[self.indicator.id][self.where][missing]
        if self.sections.doubtful is not None:
            values[self.sections.doubtful[self.where]] = np.nan

    def _cancelled(self, amounts: Floats) -> Ints:
        """Return where so little is left of a large amount that what is left is mostly its rounding."""
        if not self.is_difference:
            return np.empty(0, np.intp)
        added = [name for sign, name in self.terms if sign > 0]
        before = np.take(self.resources.numbers(added[-1]), self.rows, mode="clip") if added else -amounts
        return np.flatnonzero(np.abs(amounts) < CANCELLATION * before)

    @property
    def is_difference(self) -> bool:
        return any(sign < 0 for sign, _ in self.terms)

    @property
    def terms(self) -> tuple[tuple[int, str], ...]:
        return split_terms(self.indicator.terms(self.stage))

    @property
    def scale(self) -> float | None:
        """The largest value per pupil that anything taken away could have had; a difference rounds as it would."""
        if not self.is_difference or not self.rows.size:
            return None
        largest = sum(float(np.fmax.reduce(self.resources.numbers(name))) for _, name in self.terms)
        size = largest * self.indicator.per / float(np.fmin.reduce(self.divisor))
        return None if np.isnan(size) else size

    def standing(self, values: Floats, thresholds: ByStage, floors: ByStage) -> Codes:
        limit, floor = thresholds[self.stage], floors[self.stage]
        return standing_of(
            values,
            limit.fraction if limit else None,
            floor.fraction if floor else None,
            self._exact,
            relation=self.indicator.relation,
            scale=self.scale,
        )

    def _exact(self, near: Ints) -> tuple[Whole, Whole]:
        """Return some values as numerators and denominators."""
        rows = near + self.where.start
        return exact_values(self.resources, self.standard, self.sections, self.indicator, rows)


def _fill_standings(figures: _Figures, values: Floats, lowest: Codes, highest: Codes) -> None:
    """Put the lowest and the highest standing of each section by the thresholds that it may have into two arrays."""
    where, limits = figures.where, figures.standard.limits_and_floors[figures.indicator.id]
    if not figures.possible:
        lowest[where] = highest[where] = figures.standing(values[where], *limits[-1])
        return
    low, high = np.full((2, values[where].size), AT_STANDARD, np.int8)
    high[:] = NOT_KNOWN
    for pair, possible in zip(limits, figures.possible, strict=True):
        standing, may = figures.standing(values[where], *pair), possible[figures.rows]
        low = np.where(may, np.minimum(low, standing), low)
        high = np.where(may, np.maximum(high, standing), high)
    lowest[where], highest[where] = low, high


def _chosen(figures: _Figures) -> Codes:
    """Return the position of each section's standard; the easiest of those that it may have."""
    limits = [limits[figures.stage] for _, limits in figures.indicator.thresholds_by_condition]
    ease = [limit.margin(0) for limit in limits if limit]
    easiest = [np.where(possible[figures.rows], ease[n], -np.inf) for n, possible in enumerate(figures.possible)]
    return np.asarray(np.argmax(easiest, axis=0), np.int8)


def exact_values(
    resources: Table, standard: Standard, sections: Sections, indicator: Indicator, rows: Ints
) -> tuple[Whole, Whole]:
    """Return the values of an indicator in some sections, as exact numerators and denominators.

    The rows are sections of one stage, and everything that their values need must be reported; or the values are, which
    then are exact as written.
    """
    if not sections.reported_values or not rows.size:
        return _from_counts(resources, standard, sections, indicator, rows)
    stage = sections.stages[sections.stage[rows[0]]]
    needed = [resources.numbers(name)[sections.school[rows]] for _, name in split_terms(indicator.terms(stage))]
    divisor = (sections.divisor if indicator.amount else sections.pupils)[rows]
    reported = np.isnan(np.sum([*needed, divisor], axis=0))
    numerators, denominators = np.empty((2, rows.size), object)
    if reported.any():
        numerators[reported], denominators[reported] = scaled(sections.reported_values[indicator.id][rows[reported]])
    if not reported.all():
        pairs = _from_counts(resources, standard, sections, indicator, rows[~reported])
        numerators[~reported], denominators[~reported] = pairs
    return numerators, denominators


def _from_counts(
    resources: Table, standard: Standard, sections: Sections, indicator: Indicator, rows: Ints
) -> tuple[Whole, Whole]:
    school, stage = sections.school[rows], sections.stages[sections.stage[rows[0]]]
    terms = split_terms(indicator.terms(stage))
    amount, amount_power = combined([(sign, resources.numbers(name)[school]) for sign, name in terms])
    if indicator.amount:
        weight, pupils, pupils_power = exact_divisors(resources, standard, stage, school)
        amount = amount * weight
    else:
        pupils, pupils_power = scaled(sections.pupils[rows])
    return amount * (indicator.per * pupils_power), pupils * amount_power


_SLACK = 1 + 2.0**-30
_CORRECT_ONE = Phrase("请核对两处的数", "correct one of the two")
_KIND = Phrase("与按计数计算的值不一致", "differs from what the counts give")


def fill_spread(spread: NDArray[np.float64], submission: Submission, standard: Standard) -> Bools | None:
    """Put the means and coefficients that were reported where the sections give none.

    Parameters
    ----------
    spread : (3, indicators, stages, counties) float array
        Means, deviations and coefficients; changed in place.
    submission, standard

    Returns
    -------
    (counties, stages, indicators) bool array or None
        Which ones were filled; None if nothing was reported.
    """
    reported = reported_spread(submission, standard)
    if reported is None:
        return None
    mean, cv = reported
    filled = np.isnan(spread[2]) & ~np.isnan(cv)
    spread[0][filled], spread[2][filled] = mean[filled], cv[filled]
    spread[1][filled] = mean[filled] * cv[filled]
    return np.asarray(filled.T)


def reported_spread(submission: Submission, standard: Standard) -> tuple[Floats, Floats] | None:
    """Return the means and coefficients reported, (indicators, stages, counties) float arrays; None without any."""
    table = submission.tables.get(SPREAD)
    if table is None or not len(table):
        return None
    at = _places(submission, standard)
    result = np.full((2, len(standard.indicators), len(standard.stages), len(submission.counties)), np.nan)
    for figures, column in zip(result, (MEAN, CV), strict=True):
        figures[at] = table.numbers(column)
    return result[0], result[1]


def _places(submission: Submission, standard: Standard) -> tuple[NDArray[np.intp], ...]:
    """Return indicator, stage and county of each row of the table of coefficients."""
    table, measures = submission.tables[SPREAD], standard.table_measures(SPREAD)
    indicators = np.array([list(standard.indicators).index(choice.id) for choice in measures[INDICATOR].values])
    stages = np.array([standard.stages.index(choice.id) for choice in measures["stage"].values])
    return indicators[table.choices(INDICATOR)], stages[table.choices("stage")], table.county


def refuse_disagreement(bases: Sequence[Basis]) -> None:
    """Refuse reported figures that differ from what the counts give by more than the rounding of the form.

    Parameters
    ----------
    bases : sequence of Basis
        With and without the amounts that only relief counts: agreement with one of them is enough.

    Raises
    ------
    DataErrors
        Naming both figures.
    """
    errors = [*_of_sections(bases), *_of_spread(bases)]
    if errors:
        raise DataErrors(errors)


def _tolerance(places: int) -> float:
    """Return half a unit of the last digit that the form prints."""
    return 10.0**-places / 2 * _SLACK


def _of_sections(bases: Sequence[Basis]) -> Iterator[DataError]:
    basis = bases[0]
    if not basis.sections.reported_values:
        return
    standard, table = basis.standard, basis.submission.tables[SECTIONS]
    tolerance = _tolerance(standard.head.precision.values)
    stages = [choice.id for choice in standard.table_measures(SECTIONS)["stage"].values]
    row_of = {
        (int(school), stages[stage]): row
        for row, (school, stage) in enumerate(zip(table.school, table.choices("stage"), strict=True))
    }
    for n, (name, ratios) in enumerate(basis.sections.reported_values.items()):
        differs = np.logical_and.reduce([np.abs(other.values[n] - ratios) > tolerance for other in bases])
        for section in np.flatnonzero(differs).tolist():
            school = int(basis.sections.school[section])
            row = row_of[school, basis.sections.stages[basis.sections.stage[section]]]
            place = table.place(row, name, basis.school_id(school))
            where = basis.submission.schools.place(school) or "schools"
            yield _differs(standard, SECTIONS, place, name, ratios[section], basis.values[n, section], where)


def _of_spread(bases: Sequence[Basis]) -> Iterator[DataError]:
    basis = bases[0]
    reported = reported_spread(basis.submission, basis.standard)
    if reported is None:
        return
    table, precision = basis.submission.tables[SPREAD], basis.standard.head.precision
    at = _places(basis.submission, basis.standard)
    # Ratios that were reported may be rounded themselves, and move means and coefficients by that.
    names = np.array(list(basis.standard.indicators))
    rounded = np.isin(names[at[0]], list(basis.sections.reported_values or ())) * _tolerance(precision.values)
    mean, cv = basis.mean.T[at], basis.cv.T[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        slack = {MEAN: rounded, CV: np.where(mean > rounded, rounded * (1 + cv) / (mean - rounded), np.inf)}
    for column, places, figures in ((MEAN, precision.means, "mean"), (CV, precision.coefficients, "cv")):
        stated, tolerance = table.numbers(column), _tolerance(places) + slack[column]
        computed = [getattr(other, figures).T[at] for other in bases]
        differs = np.logical_and.reduce([np.abs(entry - stated) > tolerance for entry in computed])
        for row in np.flatnonzero(differs).tolist():
            place = table.place(row, column, basis.submission.counties[table.county[row]])
            yield _differs(basis.standard, SPREAD, place, column, stated[row], computed[0][row], SECTIONS)


def _differs(
    standard: Standard, table: str, place: str, column: str, reported: float, computed: float, where: str
) -> DataError:
    problem = Phrase(
        f"填报{number_text(reported)}，按其他表（{where}）计算为{computed:.6g}",
        f"found {number_text(reported)}, but the figures in {where} give {computed:.6g}",
    )
    return DataError(table, place, column, problem, _CORRECT_ONE, _KIND, titles_in(standard, table, column))

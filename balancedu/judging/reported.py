"""Figures that were reported as results: they fill what counts do not give, and must agree with what counts give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools, Floats
from balancedu.core.standard import CV, INDICATOR, MEAN, SECTIONS, SPREAD, Standard
from balancedu.errors import DataError, DataErrors
from balancedu.evaluation.results import Basis
from balancedu.submission.problems import figure, titles_in
from balancedu.submission.submission import Submission
from balancedu.text import Phrase

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
        Which ones were filled; None where nothing was reported.
    """
    given = reported_spread(submission, standard)
    if given is None:
        return None
    mean, cv = given
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
    if not basis.sections.ratios:
        return
    standard, table = basis.standard, basis.submission.tables[SECTIONS]
    tolerance = _tolerance(standard.head.precision.values)
    stages = [choice.id for choice in standard.table_measures(SECTIONS)["stage"].values]
    row_of = {
        (int(school), stages[stage]): row
        for row, (school, stage) in enumerate(zip(table.school, table.choices("stage"), strict=True))
    }
    for n, (name, ratios) in enumerate(basis.sections.ratios.items()):
        differs = np.logical_and.reduce([np.abs(other.values[n] - ratios) > tolerance for other in bases])
        for section in np.flatnonzero(differs).tolist():
            school = int(basis.sections.school[section])
            row = row_of[school, basis.sections.stages[basis.sections.stage[section]]]
            place = table.place(row, name, basis.school_id(school))
            where = basis.submission.schools.place(school) or "schools"
            yield _differs(standard, SECTIONS, place, name, ratios[section], basis.values[n, section], where)


def _of_spread(bases: Sequence[Basis]) -> Iterator[DataError]:
    basis = bases[0]
    given = reported_spread(basis.submission, basis.standard)
    if given is None:
        return
    table, precision = basis.submission.tables[SPREAD], basis.standard.head.precision
    at = _places(basis.submission, basis.standard)
    # Ratios that were reported may be rounded themselves, and move means and coefficients by that.
    names = np.array(list(basis.standard.indicators))
    rounded = np.isin(names[at[0]], list(basis.sections.ratios or ())) * _tolerance(precision.values)
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
        f"填报{figure(reported)}，按其他表（{where}）计算为{computed:.6g}",
        f"found {figure(reported)}, but the figures in {where} give {computed:.6g}",
    )
    return DataError(table, place, column, problem, _CORRECT_ONE, _KIND, titles_in(standard, table, column))

"""What must hold between the columns of a submission, whatever the standard then says of them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Container, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.compliance import SLACK
from balancedu.core.model import Choice, Measure, Quotient, split_terms
from balancedu.core.standard import Standard
from balancedu.submission.problems import ONLY_COUNTY, Problems, figure
from balancedu.submission.table import Table


def check_schools(schools: Table, standard: Standard, problems: Problems) -> None:
    """Refuse figures of a stage that the type of school does not have, and parts above their whole."""
    measures = standard.table_measures("schools")
    types = measures["type"].values
    for column, measure in measures.items():
        if measure.stage and column in schools:
            figures = schools.numbers(column)
            wrong = (figures > 0) & ~_has_stage(types, measure.stage)[schools.choices("type")]
            for row in np.flatnonzero(wrong).tolist():
                school_type = types[schools.choices("type")[row]]
                problem = f"found {figure(figures[row])}, but a {school_type.title.en} has no {measure.stage} stage"
                hint = "leave the cell empty, or mend the type"
                problems.cell(schools, schools, row, column, problem, hint, "stage that the type does not have")
    for column, whole, wrong in _parts_above_whole(schools, measures):
        for row in np.flatnonzero(wrong).tolist():
            part, most = schools.numbers(column)[row], schools.numbers(whole)[row]
            problem = f"found {figure(part)}, more than the {figure(most)} of {whole} that it is part of"
            problems.cell(schools, schools, row, column, problem, "mend one of the two", "part above its whole")


def check_details(
    details: Table, schools: Table, standard: Standard, problems: Problems, faulty: Container[str] = ()
) -> None:
    """Refuse classes and rooms that do not say what they are, and classes of a stage that the school lacks.

    Nothing is said of columns that are known to be faulty.
    """
    for column, measure in standard.table_measures(details.id).items():
        if measure.type != "choice":
            continue
        listed = f"write one of {', '.join(choice.id for choice in measure.values)}"
        missing = np.flatnonzero(details.choices(column) == -1)
        if column not in details and missing.size:
            if column not in faulty:
                problems.note(details.id, details.origin.title, column, "the column is missing", listed)
            continue
        for row in missing.tolist():
            problem = f"the {measure.title.en} is missing"
            problems.cell(details, schools, row, column, problem, listed, f"missing {column}")
        if column != "stage":
            continue
        types, kinds = standard.measures["type"].values, schools.choices("type")[details.school]
        for position, stage in enumerate(measure.values):
            wrong = (details.choices(column) == position) & ~_has_stage(types, stage.id)[kinds]
            for row in np.flatnonzero(wrong).tolist():
                problem = f"found {stage.id}, but a {types[kinds[row]].title.en} has no {stage.id} stage"
                hint = "mend the stage, or the type of the school"
                problems.cell(details, schools, row, column, problem, hint, "stage that the type does not have")


def _has_stage(types: tuple[Choice, ...], stage: str) -> NDArray[np.bool_]:
    """Return for each type whether it may have the stage; the last entries answer for types missing or unreadable."""
    return np.array([one.stages is None or stage in one.stages for one in types] + [True, True])


def check_facts(facts: Table, counties: tuple[str, ...], standard: Standard, problems: Problems) -> None:
    """Refuse parts above their whole, and shares that disagree with their own counts."""
    measures = standard.table_measures("facts")

    def note(row: int, column: str, problem: str, hint: str, kind: str) -> None:
        name = "" if counties[row] == ONLY_COUNTY else counties[row]
        problems.note("facts", facts.place(row, column, name), column, problem, hint, kind)

    for column, whole, wrong in _parts_above_whole(facts, measures):
        for row in np.flatnonzero(wrong).tolist():
            part, most = facts.numbers(column)[row], facts.numbers(whole)[row]
            problem = f"found {figure(part)}, more than the {figure(most)} of {whole} that it is part of"
            note(row, column, problem, "mend one of the two", "part above its whole")
    # A share is copied from a form, so it may be off by the rounding of the form's last digit.
    tolerance = 0.5 * 10.0 ** -(standard.head.precision.percent + 2)
    for column, measure in measures.items():
        if measure.quotient is None or column not in facts:
            continue
        computed = quotient(*part_and_whole(facts, measure.quotient))
        given = facts.numbers(column)
        with np.errstate(invalid="ignore"):
            # A share that is said to be whole must be whole: 99.96 % prints as 100.0 %.
            wrong = (np.abs(given - computed) > tolerance * (1 + SLACK)) | ((given == 1) & (computed < 1))
        for row in np.flatnonzero(wrong).tolist():
            problem = f"found {figure(given[row])}, but its counts give {computed[row]:.6g}"
            note(row, column, problem, "leave the share out, or mend the counts", "share against its counts")


def part_and_whole(table: Table, formula: Quotient) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two sums that a share is the quotient of; NaN where a count is not reported."""
    part, whole = (
        functools.reduce(operator.add, (sign * table.numbers(name) for sign, name in split_terms(terms)))
        for terms in (formula.part, formula.whole)
    )
    return part, whole


def quotient(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a share; NaN where a sum is not known or the whole is not above zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _parts_above_whole(table: Table, measures: Mapping[str, Measure]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    for part, whole in dict.fromkeys(_part_pairs(measures)):
        if part in table and whole in table:
            yield part, whole, table.numbers(part) > table.numbers(whole)


def _part_pairs(measures: Mapping[str, Measure]) -> Iterator[tuple[str, str]]:
    for column, measure in measures.items():
        if measure.part_of:
            yield column, measure.part_of
        for formula in measure.formulas.values():
            if len(formula.part) == len(formula.whole) == 1:
                yield formula.part[0], formula.whole[0]

"""What the rows of a submission must be, whatever its figures: stages that a school has, choices that are made."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Choice
from balancedu.core.standard import Standard
from balancedu.submission.problems import Problems, figure
from balancedu.submission.table import Table


def check_schools(schools: Table, standard: Standard, problems: Problems) -> None:
    """Refuse figures of a stage that the type of school does not have."""
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

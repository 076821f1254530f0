"""What the rows of a submission must be, whatever its figures: stages that a school has, choices that are made."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Choice
from balancedu.core.standard import Standard
from balancedu.phrase import Phrase
from balancedu.submission.arranging import NO_COLUMN
from balancedu.submission.problems import Problems, figure, titles_of
from balancedu.submission.table import Table

_NO_STAGE = Phrase("学校类型没有的学段", "stage that the type does not have")


def check_schools(schools: Table, standard: Standard, problems: Problems) -> None:
    """Refuse figures of a stage that the type of school does not have."""
    measures = standard.table_measures("schools")
    types = measures["type"].values
    for column, measure in measures.items():
        if measure.stage and column in schools:
            figures = schools.numbers(column)
            wrong = (figures > 0) & ~_has_stage(types, measure.stage)[schools.choices("type")]
            for row in np.flatnonzero(wrong).tolist():
                found, title = figure(figures[row]), types[schools.choices("type")[row]].title
                problem = Phrase(
                    f"填报{found}，但{title.zh}没有这个学段",
                    f"found {found}, but a {title.en} has no {measure.stage} stage",
                )
                hint = Phrase("请留空，或改正学校类型", "leave the cell empty, or mend the type")
                problems.cell(schools, schools, row, column, problem, hint, _NO_STAGE)


def check_details(
    details: Table, schools: Table, standard: Standard, problems: Problems, faulty: Container[str] = ()
) -> None:
    """Refuse classes and rooms that do not say what they are, and classes of a stage that the school lacks.

    Nothing is said of columns that are known to be faulty.
    """
    for column, measure in standard.table_measures(details.id).items():
        if measure.type != "choice":
            continue
        listed = Phrase("请填其中之一：", "write one of ") + titles_of(measure.values)
        missing = np.flatnonzero(details.choices(column) == -1)
        if column not in details and missing.size:
            if column not in faulty:
                problems.note(details.id, details.origin.title, column, NO_COLUMN, listed)
            continue
        for row in missing.tolist():
            problem = Phrase(f"没有填{measure.title.zh}", f"the {measure.title.en} is missing")
            kind = Phrase(problem.zh, f"missing {column}")
            problems.cell(details, schools, row, column, problem, listed, kind)
        if column != "stage":
            continue
        types, kinds = standard.measures["type"].values, schools.choices("type")[details.school]
        for position, stage in enumerate(measure.values):
            wrong = (details.choices(column) == position) & ~_has_stage(types, stage.id)[kinds]
            for row in np.flatnonzero(wrong).tolist():
                title = types[kinds[row]].title
                problem = Phrase(
                    f"填报{stage.title.zh}，但学校的类型是{title.zh}，没有这个学段",
                    f"found {stage.id}, but a {title.en} has no {stage.id} stage",
                )
                hint = Phrase("请改正学段，或改正学校类型", "mend the stage, or the type of the school")
                problems.cell(details, schools, row, column, problem, hint, _NO_STAGE)


def _has_stage(types: tuple[Choice, ...], stage: str) -> NDArray[np.bool_]:
    """Return for each type whether it may have the stage; the last entries answer for types missing or unreadable."""
    return np.array([one.stages is None or stage in one.stages for one in types] + [True, True])

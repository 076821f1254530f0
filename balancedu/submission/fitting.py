"""Whether a submission that was checked against one standard can be judged by another."""

from __future__ import annotations

from collections.abc import Iterator

from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors
from balancedu.phrase import Phrase
from balancedu.submission.problems import titles_in
from balancedu.submission.submission import Submission


def refuse_other_meanings(submission: Submission, standard: Standard) -> None:
    """Refuse a submission whose columns mean something else in the standard that is to judge it.

    Raises
    ------
    DataErrors
        Naming every column that the two standards declare differently.
    """
    if standard is submission.standard:
        return
    errors = list(_differences(submission, standard))
    if errors:
        raise DataErrors(errors)


def _differences(submission: Submission, standard: Standard) -> Iterator[DataError]:
    for name, table in submission.tables.items():
        declared = submission.standard.table_measures(name)
        for column, measure in standard.table_measures(name).items():
            if column in table and _meaning(measure) != _meaning(declared[column]):
                own = submission.standard.id
                problem = Phrase(
                    f"在 {standard.id} 里的含义与填报时核对的标准 {own} 不同",
                    f"{standard.id} means something else by it than {own}, which checked it",
                )
                hint = Phrase(
                    "请用判定的标准重新读入数据（standard=）",
                    "make the submission anew with standard= the one that is to judge it",
                )
                yield DataError(name, "", column, problem, hint, titles=titles_in(standard, name, column))


def _meaning(measure: Measure) -> tuple[object, ...]:
    return measure.type, measure.unit, tuple((choice.id, choice.stages) for choice in measure.values)

"""Which of the reported amounts count: some do so only where the law grants relief."""

from __future__ import annotations

import attrs
import numpy as np

from balancedu.calculator.logic import MET, NOT_MET
from balancedu.core.standard import Standard
from balancedu.submission.conditions import meets
from balancedu.submission.submission import Submission
from balancedu.submission.table import Table


def resources_counted(submission: Submission, standard: Standard) -> tuple[Table, Table] | None:
    """Return the schools without and with the amounts that relief counts; None where all amounts always count.

    What does not count is 0. Whether an amount of 0 counts makes no difference.
    """
    relieved = [one for one in standard.table_measures("schools").values() if one.counts_when]
    if not relieved:
        return None
    schools, without, counted = submission.schools, {}, {}
    for measure in relieved:
        amount = schools.numbers(measure.column)
        code = meets(measure.counts_when, submission, standard) if measure.counts_when else np.full(amount.size, MET)
        without[measure.column] = np.zeros(amount.size)
        where_known = np.where(code == MET, amount, np.nan)
        counted[measure.column] = np.where((code == NOT_MET) | (amount == 0), 0.0, where_known)
    columns = schools.columns
    return (
        attrs.evolve(schools, columns={**columns, **without}),
        attrs.evolve(schools, columns={**columns, **counted}),
    )

"""One county of many, as a submission of its own."""

from __future__ import annotations

import attrs
import numpy as np

from balancedu.evaluation.evaluation import Evaluation
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table


def submission_of(evaluation: Evaluation) -> Submission:
    """Return what the counties of an evaluation submitted: of a view of one county, its rows alone."""
    submission = evaluation.submission
    if evaluation.counties == submission.counties:
        return submission
    county = submission.counties.index(evaluation.counties[0])
    first = int(np.searchsorted(submission.schools.county, county))
    tables = {name: _rows_of(table, county, first) for name, table in submission.tables.items()}
    result = Submission.of_tables(submission.standard, evaluation.counties, tables)
    result.evidence = {key: text for key, text in submission.evidence.items() if key[0] == evaluation.counties[0]}
    result.texts = {key: text for key, text in submission.texts.items() if key[0] == evaluation.counties[0]}
    return result


def _rows_of(table: Table, county: int, first: int) -> Table:
    rows = np.flatnonzero(table.county == county)
    return attrs.evolve(
        table,
        columns={name: values[rows] for name, values in table.columns.items()},
        county=np.zeros(rows.size, table.county.dtype),
        rows=table.rows[rows],
        school=table.school[rows] - first if table.school.size else table.school,
    )

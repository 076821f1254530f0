"""Runs the checks that a standard declares: errors are refused, warnings told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from balancedu.core.field_checks import Likely, NearTheMedian
from balancedu.core.model import Title
from balancedu.phrase import Phrase
from balancedu.submission.arranging import DETAILS
from balancedu.submission.campuses import PARENT, check_parents
from balancedu.submission.checking.reported import Reported, broken
from balancedu.submission.checking.rows import check_details, check_schools
from balancedu.submission.checking.warning import DataWarning
from balancedu.submission.problems import Problems
from balancedu.submission.raw import RawTable

_OF_ROWS = (NearTheMedian, Likely)
"""Checks of single figures: added to those of a campus, a figure in a wrong unit looks like any other."""


def check(reported: Reported, raws: Mapping[str, RawTable], problems: Problems) -> None:
    """Refuse rows that are not what rows must be, and what the checks of severity error find."""
    check_schools(reported.schools, reported.standard, problems)
    for name in DETAILS:
        if name in raws:
            faulty = raws[name].faulty
            check_details(reported.tables[name], reported.schools, reported.standard, problems, faulty)
    if raws["schools"].has_ids and PARENT not in raws["schools"].faulty:
        check_parents(reported.schools, reported.counties, reported.standard, problems)
    refuse_errors(reported, problems)


def refuse_errors(reported: Reported, problems: Problems) -> None:
    """Refuse what a check of severity error finds."""
    for check in reported.standard.checks:
        for one in broken(check, reported) if check.severity == "error" else ():
            for row in one.rows.tolist():
                place = reported.place(one.table, row, one.column)
                problem = Phrase(one.problem(row, "zh"), one.problem(row, "en"))
                problems.note(one.table.id, place, one.column, problem, one.hint(row), one.kind)


def warnings_of(submitted: Reported, judged: Reported) -> Iterator[DataWarning]:
    """Yield what the checks of severity warning find, in the order in which the standard declares them.

    Parameters
    ----------
    submitted, judged : Reported
        The tables as they were submitted, and with campuses added to their schools.
    """
    for check in submitted.standard.checks:
        reported = submitted if isinstance(check, _OF_ROWS) else judged
        for one in broken(check, reported) if check.severity == "warning" else ():
            measures = reported.standard.table_measures(one.table.id)
            # A column as a whole is told from the row that it begins with.
            for row in one.rows.tolist():
                yield DataWarning(
                    check=check.id,
                    title=check.title,
                    why=check.why,
                    county=reported.counties[one.table.county[row]],
                    school=reported.school(one.table, row),
                    table=one.table.id,
                    column=one.column,
                    place=reported.place(one.table, row, one.column),
                    figure=measures[one.column].title if one.column else check.title,
                    problem=Title(one.problem(row, "zh"), one.problem(row, "en")),
                    hint=one.hint(row),
                )

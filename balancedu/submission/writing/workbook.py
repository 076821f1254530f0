"""A submission as the workbook that counties fill in; an empty one is the template."""

from __future__ import annotations

from os import PathLike

from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import Language
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.submission.arranging import DETAILS
from balancedu.submission.layout import FIRST, sheet_titles
from balancedu.submission.submission import Submission
from balancedu.submission.table import Table
from balancedu.submission.writing.book import new_book
from balancedu.submission.writing.cover import write_cover
from balancedu.submission.writing.entry import lists_of
from balancedu.submission.writing.facts import write_facts
from balancedu.submission.writing.rows import facts_by_item
from balancedu.submission.writing.sheets import LAST_ROW, write_lists, write_table

_LONGEST_CELL = 32_767
"""Characters that a cell of a workbook can hold."""


def write_template(
    path: str | PathLike[str], *, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD, lang: Language = "zh"
) -> None:
    """Write an empty workbook for a county to fill in.

    Parameters
    ----------
    path : path
        Of the workbook to write; an existing one is replaced.
    standard : id, path or Standard
        Whose measures are asked for. Everything about them is taken from its `measures.yaml`.
    lang : 'zh' or 'en'

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RequestError
        If the path does not end in .xlsx.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "county.xlsx")
    ...     be.write_template(path)
    ...     path.stat().st_size > 10_000
    True
    """
    std = load_standard(standard)
    tables = {name: Table.empty(name) for name in ("schools", *DETAILS, "monitoring", "facts")}
    _write(Submission.of_tables(std, (), tables), path, lang, "write_template")


def write_submission(submission: Submission, path: str | PathLike[str], *, lang: Language = "zh") -> None:
    """Write what counties report as the workbook that they fill in; reading it gives the same submission.

    Parameters
    ----------
    submission : Submission
        Of one county or many.
    path : path
        Of the workbook to write; an existing one is replaced.
    lang : 'zh' or 'en'
        The language of titles, choices, and yes and no. The reader knows both.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RequestError
        If the path does not end in .xlsx, a table has more rows than a sheet, or a text more letters than a cell.
    OSError
        If the file cannot be written.

    Notes
    -----
    Numbers keep all their digits. Text that looks like a formula is text.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "county.xlsx")
    ...     be.write_submission(be.example("failing"), path)
    ...     path.stat().st_size > 10_000
    True
    """
    _write(submission.submitted, path, lang, "write_submission")


def _write(submission: Submission, path: str | PathLike[str], lang: Language, purpose: str) -> None:
    standard = submission.standard
    _refuse_what_does_not_fit(submission)
    titles, lists = sheet_titles(standard, lang), lists_of(standard, lang)
    with new_book(path, standard, lang, purpose=purpose, streamed=True) as book:
        write_cover(book, standard, titles)
        for table, title in titles.items():
            if table == "facts":
                write_facts(book, submission, title, lists)
            else:
                write_table(book, submission, table, title, lists)
        write_lists(book, lists)


def _refuse_what_does_not_fit(submission: Submission) -> None:
    facts = sum(len(some) for some in facts_by_item(submission.standard).values())
    sizes = {name: len(table) for name, table in submission.tables.items()} | {
        "facts": facts * len(submission.counties)
    }
    for name, size in sizes.items():
        if size > LAST_ROW + 1 - FIRST:
            most = f"a sheet holds {LAST_ROW + 1 - FIRST:,} rows"
            raise RequestError(f"{name}: found {size:,} rows, and {most}; write the counties in several workbooks")
    for (county, fact), text in submission.evidence.items():
        if len(text) > _LONGEST_CELL:
            most = f"a cell holds {_LONGEST_CELL:,}"
            raise RequestError(f"evidence of {fact} of county {county!r}: found {len(text):,} characters, and {most}")

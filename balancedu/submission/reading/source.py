"""A workbook, a folder of files, or one file of schools becomes a submission."""

from __future__ import annotations

from os import PathLike
from typing import Literal, get_args

from balancedu.core.loading import DEFAULT_STANDARD, Entry, load_standard, shipped
from balancedu.core.standard import Standard
from balancedu.errors import DataErrors, nearest
from balancedu.submission.submission import Submission

Example = Literal["passing", "failing"]


def read_submission(
    path: str | PathLike[str] | Entry, *, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD
) -> Submission:
    """Return the submission that a workbook or a folder holds.

    Sheets and columns are found by their ids, their titles in Chinese or English, or the further words that the
    standard declares for them; in any order, below titles, through headers that stand one above the other.

    Parameters
    ----------
    path : path of a workbook, a folder or a text file
        A workbook (.xlsx, .xlsm, .xls, .ods; extra `excel`) with a sheet for each table. A folder with
        `schools.csv` and, where reported, `classes.csv`, `rooms.csv`, `monitoring.csv`, and `facts.yaml` (one
        county, or a mapping of counties) or `facts.csv`; or with one workbook. A text file holds the schools
        alone. Text files are UTF-8, UTF-16 or GB18030, their columns separated by commas, tabs or semicolons; an
        empty cell is not reported. Inside a zip file, the path is a `zipfile.Path`.
    standard : id, path or Standard
        Whose measures the columns are checked against.

    Returns
    -------
    Submission
        Its `notes` say what was decided and passed over.

    Raises
    ------
    DataErrors
        With every problem of every file: file and line or sheet and cell, school id and column.
    FileNotFoundError
        If there is no such file or folder.
    MissingExtraError
        If a workbook is to be read and the extra `excel` is not installed.

    Examples
    --------
    >>> read_submission("docs/examples/failing")
    <Submission: 1 county; schools 14, classes 218, rooms 52, monitoring 4, facts 1>
    """
    # Reading files takes modules that importing balancedu does without.
    from pathlib import Path

    from balancedu.submission.reading.files import read_file, read_folder

    source = Path(path) if isinstance(path, str | PathLike) else path
    if not source.is_file() and not source.is_dir():
        problem = f"no file or folder {str(path)!r}; give a workbook, or the folder that holds schools.csv"
        raise FileNotFoundError(problem)
    collected = (read_file if source.is_file() else read_folder)(source, load_standard(standard))
    if "schools" not in collected.raws:
        raise DataErrors(collected.problems.found)
    return Submission.of_raw(
        collected.standard, collected.raws, collected.evidence, collected.problems, tuple(collected.notes)
    )


def example(name: Example = "passing", *, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD) -> Submission:
    """Return one of the made-up counties that come with balancedu.

    Parameters
    ----------
    name : {'passing', 'failing'}
    standard : id, path or Standard
        Whose measures the columns are checked against.

    Examples
    --------
    >>> example("failing")
    <Submission: 1 county; schools 14, classes 218, rooms 52, monitoring 4, facts 1>
    """
    known = get_args(Example)
    if name not in known:
        raise ValueError(f"no example is called {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    return read_submission(shipped("_examples", "docs/examples").joinpath(name), standard=standard)

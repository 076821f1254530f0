"""A workbook, a folder of files or a file of schools becomes a submission."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Literal, cast, get_args

from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD, Entry, load_standard, shipped
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors, nearest
from balancedu.submission.submission import Submission
from balancedu.submission.tables import TableLike

if TYPE_CHECKING:
    from balancedu.files.collect import Collected
    from balancedu.files.mapping import ReadMapping

Example = Literal["passing", "failing"]


def read_submission(
    path: str | PathLike[str] | Entry | TableLike | Mapping[str, TableLike],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    mapping: str | PathLike[str] | None = None,
) -> Submission:
    """Return the submission that a workbook or a folder holds.

    Sheets and columns are found by their ids, their titles in Chinese or English, or the further words that the
    standard declares for them; in any order, below titles, through headers that stand one above the other.

    Parameters
    ----------
    path : path of a workbook, a folder or a text file, or a table, or a mapping of names to tables
        A table in memory (a DataFrame, rows as dicts, Arrow; see `Submission`) or several, whose columns are called as
        those of files may be. A workbook (.xlsx, .xlsm, .xls, .et, .ods; extra `excel`) with a sheet or several for
        each table. A folder of workbooks, one a school or one a county, or a folder with
        `schools.csv` and, where reported, `classes.csv`, `rooms.csv`, `monitoring.csv`, and `facts.yaml` (one
        county, or a mapping of counties) or `facts.csv`, and `narrative.csv` (what a county writes in words). A text
        file holds the schools alone. Text files are UTF-8, UTF-16 or GB18030, their columns separated by commas, tabs
        or semicolons; an empty cell is not reported. Inside a zip file, the path is a `zipfile.Path`.
    standard : id, path or Standard
        Whose measures the columns are checked against.
    mapping : path of a file, optional
        What the sheets and columns mean that do not say it themselves. Left out, the file `mapping.yaml` in the
        folder, or beside the workbook, where there is one.

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
    if not isinstance(path, str | PathLike) and not hasattr(path, "is_dir"):
        # Reading files takes modules that importing balancedu does without.
        from balancedu.files.collect import Collected, read_tables

        collected = Collected(load_standard(standard), _mapping_of(mapping, load_standard(standard)))
        read_tables(collected, cast("TableLike", path))
        return _submission(collected)
    return _submission(_collected([cast("Entry", path)], load_standard(standard), mapping))


def read_partly(
    paths: Sequence[str | PathLike[str] | Entry],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    mapping: str | PathLike[str] | None = None,
    progress: Callable[[Sequence[Entry]], Iterable[Entry]] = iter,
) -> tuple[Submission | None, tuple[DataError, ...]]:
    """Return what one file or folder holds, or several hold together, and everything that is wrong with it.

    Parameters
    ----------
    paths : sequence of paths
    standard, mapping
        As `read_submission` takes them.
    progress : callable
        Given the files that are read, and iterated over.

    Returns
    -------
    submission : Submission or None
        Figures that cannot be read are missing in it; None where something else is wrong.
    errors : tuple of DataError
    """
    try:
        collected = _collected(paths, load_standard(standard), mapping, progress)
        return _submission(collected, partly=True), tuple(collected.problems.found)
    except DataErrors as error:
        return None, error.errors


def _collected(
    paths: Sequence[str | PathLike[str] | Entry],
    standard: Standard,
    mapping: str | PathLike[str] | None,
    progress: Callable[[Sequence[Entry]], Iterable[Entry]] = iter,
) -> Collected:
    from pathlib import Path

    from balancedu.files.collect import Collected, read_file, read_files, tables_in
    from balancedu.files.layouts import own_forms
    from balancedu.files.mapping import MAPPING_FILE, read_mapping

    sources: list[Entry] = [Path(path) if isinstance(path, str | PathLike) else path for path in paths]
    for source in sources:
        if not source.is_file() and not source.is_dir():
            problem = f"no file or folder {str(source)!r}; give a workbook, or the folder that holds schools.csv"
            raise FileNotFoundError(problem)
    first = sources[0]
    # Inside a zip file there is nothing beside a file.
    folder = first if first.is_dir() else first.parent if isinstance(first, Path) else None
    beside = folder.joinpath(MAPPING_FILE) if folder else None
    file = Path(mapping) if mapping is not None else beside
    words = read_mapping(file.read_bytes(), file.name, standard) if file and (mapping or file.is_file()) else None
    forms = own_forms(sorted(folder.iterdir(), key=lambda entry: entry.name), standard) if folder else ()
    collected = Collected(standard, words, forms)
    if len(sources) == 1 and first.is_file():
        read_file(collected, first)
    else:
        files = [file for source in sources for file in (tables_in(source) if source.is_dir() else [source])]
        read_files(collected, files, progress)
    return collected


def _mapping_of(mapping: str | PathLike[str] | None, standard: Standard) -> ReadMapping | None:
    from pathlib import Path

    from balancedu.files.mapping import read_mapping

    return None if mapping is None else read_mapping(Path(mapping).read_bytes(), Path(mapping).name, standard)


def _submission(collected: Collected, *, partly: bool = False) -> Submission:
    from balancedu.files.collect import refuse_another_standard

    lacks_schools = "schools" not in collected.raws and any(
        entry.table == "schools" for entry in collected.problems.found
    )
    refused = refuse_another_standard(collected.made, collected.problems, collected.unread)
    if refused or lacks_schools or not collected.raws:
        raise DataErrors(collected.problems.found)
    notes = tuple(collected.notes)
    result = Submission.of_raw(
        collected.standard, collected.raws, collected.evidence, collected.problems, notes, partly=partly
    )
    result.texts = collected.narrative
    return result


def draft_mapping(
    path: str | PathLike[str],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    lang: Language = "zh",
) -> str:
    """Return a first draft of `mapping.yaml` for a workbook, or for a folder of text files.

    Columns whose headers are clear are bound; those that may mean several measures, and those that are not known,
    stand there as remarks with what they may mean, for a person to decide. A sheet that is not read without a mapping
    is not read with the draft either, and a remark says why.

    Parameters
    ----------
    path : path
        A workbook, a folder or a text file.
    standard : id, path or Standard
        Whose measures the columns are bound to.
    lang : 'zh' or 'en'
        The language of the remarks.

    Returns
    -------
    str
        The text of the file; it can be read as it is, and of what can be read without it, it changes nothing.

    Raises
    ------
    DataErrors
        If a file cannot be read.

    Examples
    --------
    >>> print(draft_mapping("docs/examples/passing/monitoring.csv").partition("sheets:")[2])
    <BLANKLINE>
      - sheet: "monitoring"
        table: monitoring
        columns:
          - {header: ["county"], measure: county}
          - {header: ["grade"], measure: grade}
          - {header: ["subject"], measure: subject}
          - {header: ["level"], measure: level}
          - {header: ["between_school_rate"], measure: between_school_rate}
    <BLANKLINE>
    """
    from pathlib import Path

    from balancedu.files.suggest import drafted

    source = Path(path)
    if not source.exists():
        raise FileNotFoundError(f"no file or folder {str(path)!r}; give a workbook, or a folder of text files")
    return drafted(source, load_standard(standard), lang)


def example(name: Example = "passing", *, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD) -> Submission:
    """Return one of the made-up counties that come with balancedu.

    Parameters
    ----------
    name : {'passing', 'failing'}
        A county that meets everything, or one that fails in many ways.
    standard : id, path or Standard
        Whose measures the columns are checked against.

    Returns
    -------
    Submission
        Read from files that come with the package.

    Examples
    --------
    >>> example("failing")
    <Submission: 1 county; schools 14, classes 218, rooms 52, monitoring 4, facts 1>
    """
    known = get_args(Example)
    if name not in known:
        raise ValueError(f"no example is called {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    return read_submission(shipped("_examples", "docs/examples").joinpath(name), standard=standard)

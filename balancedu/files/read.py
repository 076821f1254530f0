"""A workbook, a folder of files or a file of schools becomes a submission."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from os import PathLike
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np

from balancedu.core.loading import DEFAULT_STANDARD, Entry, load_standard, shipped
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors, near, nearest
from balancedu.files.collect import Opened, Reading, Recognised, RecognisedSheets, read_sheets
from balancedu.files.cover import refuse_another_standard
from balancedu.files.facts import facts_of
from balancedu.files.joining import join_sheets
from balancedu.files.layouts import FORM_ENDING, own_forms
from balancedu.files.mapping import MAPPING_FILE, read_mapping
from balancedu.files.narrative import is_narrative
from balancedu.files.open import NOT_TEXT, WORKBOOKS, cannot_read, decoded, sheets_of
from balancedu.files.sheet import Cell, Sheet
from balancedu.submission.arrange import DETAILS, typed_facts
from balancedu.submission.problems import Note
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column, Place, TableLike, is_rows, raw_columns
from balancedu.text import Phrase, listed

Example = Literal["passing", "failing"]
_FACTS_FILE = "facts.yaml"
_AT_ONCE = 10_000
"""Rows of a table in memory that are Python objects at a time."""
_TEXTS = (".csv", ".tsv")
_ENDINGS = (*_TEXTS, *WORKBOOKS, ".yaml", ".yml")


def read_submission(
    path: str | PathLike[str] | Entry | TableLike | Mapping[str, TableLike],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    mapping: str | PathLike[str] | None = None,
) -> Submission:
    """Return the submission that a workbook or a folder holds.

    Sheets and columns are found by their ids, their titles in Chinese or English, or the further words that the
    standard declares for them; in any order, below titles, through headers one above the other.

    Parameters
    ----------
    path : path of a workbook, a folder or a text file, or a table, or a mapping of names to tables
        A table in memory (a DataFrame, rows as dicts, Arrow; see `Submission`) or several, with column names as in
        files. A workbook (.xlsx, .xlsm, .xls, .et, .ods; extra `excel`) with one or more sheets for
        each table. A folder of workbooks, one a school or one a county, or a folder with
        `schools.csv` and, where reported, `classes.csv`, `rooms.csv`, `monitoring.csv`, and `facts.yaml` (one
        county, or a mapping of counties) or `facts.csv`, and `narrative.csv` (what a county writes in words). A text
        file contains only schools. Text files are UTF-8, UTF-16 or GB18030, their columns separated by commas, tabs
        or semicolons; an empty cell is not reported. Inside a zip file, the path is a `zipfile.Path`.
    standard : id, path or Standard
        Whose measures the columns are checked against.
    mapping : path of a file, optional
        The meaning of sheets and columns with unknown names or headers. Default: the file `mapping.yaml` in the
        folder or beside the workbook, if there is one.

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
    known = load_standard(standard)
    if isinstance(path, str | PathLike) or hasattr(path, "is_dir"):
        reading, results = _read_files([cast("Entry", path)], known, mapping)
        return _submission(results, reading)
    words = read_mapping(Path(mapping).read_bytes(), Path(mapping).name, known) if mapping is not None else None
    reading = Reading(known, words)
    return _submission(_read_tables(cast("TableLike", path), reading), reading)


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
        Figures that cannot be read are missing in it; None if something else is wrong.
    errors : tuple of DataError
    """
    try:
        reading, results = _read_files(paths, load_standard(standard), mapping, progress)
        submission = _submission(results, reading, partly=True)
    except DataErrors as error:
        return None, error.errors
    return submission, tuple(reading.problems.found)


def _read_files(
    paths: Sequence[str | PathLike[str] | Entry],
    standard: Standard,
    mapping: str | PathLike[str] | None,
    progress: Callable[[Sequence[Entry]], Iterable[Entry]] = iter,
) -> tuple[Reading, RecognisedSheets]:
    """Return what the sheets of all files hold."""
    sources: list[Entry] = [Path(path) if isinstance(path, str | PathLike) else path for path in paths]
    for source in sources:
        if not source.is_file() and not source.is_dir():
            problem = f"no file or folder {str(source)!r}; give a workbook, or the folder that holds schools.csv"
            raise FileNotFoundError(problem)
    first = sources[0]
    # Inside a zip file there is nothing beside a file.
    folder = first if first.is_dir() else first.parent if isinstance(first, Path) else None
    file = Path(mapping) if mapping is not None else folder.joinpath(MAPPING_FILE) if folder else None
    words = read_mapping(file.read_bytes(), file.name, standard) if file and (mapping or file.is_file()) else None
    forms = own_forms(sorted(folder.iterdir(), key=lambda entry: entry.name), standard) if folder else ()
    files = [file for source in sources for file in (tables_in(source) if source.is_dir() else [source])]
    reading, results = Reading(standard, words, forms, files=[file.name for file in files]), RecognisedSheets()
    is_alone = len(sources) == 1 and first.is_file()
    for file in progress(in_order(files, reading)):
        if is_alone and not file.name.lower().endswith((*_TEXTS, ".txt", *WORKBOOKS)):
            known = listed(WORKBOOKS)
            no_table = Phrase("从扩展名看，不是表格文件", "no file of tables, by the ending of its name")
            hint = Phrase(
                f"应为 {known.zh}、.csv 或 .tsv 文件，或存放这些文件的文件夹",
                f"wanted {known.en}, .csv or .tsv, or a folder of them",
            )
            reading.problems.note("schools", file.name, "", no_table, hint)
            break
        results += _read_file(file, reading, is_alone=is_alone)
    return reading, results


def tables_in(folder: Entry) -> list[Entry]:
    """Return the files of a folder that may hold tables."""
    return [
        entry
        for entry in folder.iterdir()
        if entry.name.lower().endswith(_ENDINGS)
        and not entry.name.startswith((".", "~$"))
        and entry.name != MAPPING_FILE
        and not entry.name.endswith(FORM_ENDING)
        and not entry.is_dir()
    ]


def in_order(files: Iterable[Entry], reading: Reading) -> list[Entry]:
    """Return files in the order in which they are read: workbooks, then text files in the order of the tables."""
    order = ["", *reading.standard.tables]
    return sorted(files, key=lambda file: (order.index(_table_of(file, reading) or ""), file.name))


def says_table(file: Entry, reading: Reading) -> bool:
    """Return whether the name of a file or the mapping states which table it contains, as in a folder of text files."""
    stem = file.name.rpartition(".")[0]
    return bool(_table_of(file, reading) or reading.mapped(file.name, stem) or is_narrative(stem))


def is_yaml(file: Entry) -> bool:
    """Return whether a file is called like one of facts, and contains no sheets."""
    return file.name.lower().endswith((".yaml", ".yml"))


def _table_of(file: Entry, reading: Reading) -> str | None:
    """Return the table that a file is called like."""
    return reading.named(file.name.rpartition(".")[0])


def _read_file(file: Entry, reading: Reading, *, is_alone: bool) -> RecognisedSheets:
    """Read a workbook, a text file or the file of facts."""
    table, name = _table_of(file, reading), file.name.lower()
    stem = file.name.rpartition(".")[0]
    if is_alone or name.endswith(WORKBOOKS):
        return read_sheets(open_file(file, reading, "schools" if is_alone else None), reading)
    if file.name == _FACTS_FILE and table:
        return _read_facts(file, reading)
    if name.endswith(_TEXTS) and says_table(file, reading):
        return read_sheets(open_file(file, reading), reading)
    tables = reading.standard.tables
    known = [*(f"{table}.csv" for table in tables), *([_FACTS_FILE] if "facts" in tables else [])]
    problem = Phrase("没有叫这个名称的表", "no table is called so") + near(file.name, known)
    reading.problems.note(stem, file.name, "", problem, Phrase("可以是：", "known: ") + listed(known))
    return []


def open_file(file: Entry, reading: Reading, assumed: str | None = None) -> list[Opened]:
    """Return the sheets of a file, opened; of a text file of any name a table is assumed."""
    try:
        sheets = sheets_of(file)
    except DataError as error:
        reading.problems.found.append(error)
        return []
    named = _table_of(file, reading)
    return [
        Opened(sheet, reading, reading.named(sheet.name))
        if sheet.name
        else Opened(sheet, reading, assumed or named, is_guess=assumed is not None and named is None)
        for sheet in sheets
    ]


def _read_facts(file: Entry, reading: Reading) -> RecognisedSheets:
    """Read the file of facts."""
    try:
        text = decoded(file.read_bytes())
    except OSError as error:
        reading.problems.note("facts", file.name, "", *cannot_read(error))
        return []
    if text is None:
        hint = Phrase("请把文件另存为 UTF-8 编码", "save the file as UTF-8")
        reading.problems.note("facts", file.name, "", NOT_TEXT, hint)
        return []
    if not reading.takes("facts", Place(file.name)):
        return []
    facts, origin, errors = facts_of(text, file.name)
    reading.problems.found.extend(errors)
    known = reading.standard.table_measures("facts")
    table, evidence = typed_facts(facts, known, origin, reading.problems)
    sheet = Sheet(file.name, "", lambda: iter(()))
    return [(Opened(sheet, reading), Recognised((table,), evidence=evidence))]


def _need_schools(results: RecognisedSheets, reading: Reading, workbook: str) -> None:
    """Note that there are no schools, unless their file could not be read."""
    hidden = next((entry.called for entry, _ in results if entry.sheet.hidden and entry.table == "schools"), "")
    if "schools" in reading.places or reading.problems.found or (reading.places and not hidden):
        return
    if not workbook:
        problem = Phrase("缺少这个文件", "the file is missing")
        hint = Phrase("其他文件可以不报，这个必须有", "every other file may be left out, this one not")
        reading.problems.note("schools", "schools.csv", "", problem, hint)
    elif hidden:
        problem = Phrase(f"工作表“{hidden}”是隐藏的，没有读入", f"the sheet {hidden} is hidden, and was not read")
        entry = f"{{sheet: {hidden}, table: schools}}"
        hint = Phrase(
            f"请取消隐藏；要照样读，请在 mapping.yaml 里写 {entry}", f"unhide it, or write {entry} into mapping.yaml"
        )
        reading.problems.note("schools", workbook, "", problem, hint)
    else:
        title = reading.title("schools")
        problem = Phrase("没有找到学校表", "no sheet of schools was found")
        if sheets := list(dict.fromkeys(entry.sheet.name for entry, result in results if result.not_read)):
            names = listed(sheets)
            problem += Phrase(f"，没有读入的工作表：{names.zh}", f", and nothing read from {names.en}")
        hint = Phrase(
            f"要一所学校一行，全县合计、汇总表不能代替；请把工作表命名为“{title}”，或在 mapping.yaml 里说明是哪一张"
            "（balancedu map 可起草）",
            f"every school has a row, and totals of the county do not replace them; name it {title}, or say in "
            "mapping.yaml which it is (balancedu map drafts one)",
        )
        reading.problems.note("schools", workbook, "", problem, hint)


def _submission(results: RecognisedSheets, reading: Reading, *, partly: bool = False) -> Submission:
    """Return the submission of what the sheets hold."""
    problems = reading.problems
    raws, evidence, texts = join_sheets(results, reading)
    _refuse_unseen(results, reading)
    if reading.files is not None:
        _need_schools(results, reading, next((name for name in reading.files if name.lower().endswith(WORKBOOKS)), ""))
    refused = refuse_another_standard(reading.covers, problems, reading.unread)
    if "schools" not in raws and any(error.table == "schools" for error in problems.found):
        # That classes and rooms lack their schools would be a second error for the same cause.
        raws = {name: raw for name, raw in raws.items() if name not in DETAILS}
    if refused or not raws:
        raise DataErrors(problems.found)
    sheets = [entry.sheet for entry, _ in results]
    notes = [Note(sheet.file, sheet.name, title) for sheet in sheets for title in sheet.notes] + reading.notes
    result = Submission.of_raw(reading.standard, raws, evidence, problems, tuple(notes), partly=partly)
    result.texts = dict(texts)
    return result


def _refuse_unseen(results: RecognisedSheets, reading: Reading) -> None:
    """Note sheets of the mapping that do not exist."""
    names = [name for entry, _ in results for name in (entry.called, entry.sheet.file)]
    for n, sheet in enumerate(reading.mapping.mapping.sheets if reading.mapping else ()):
        if reading.mapping and sheet.sheet not in names:
            problem = Phrase(f"没有叫“{sheet.sheet}”的工作表或文件", f"no sheet or file is called {sheet.sheet!r}")
            hint = Phrase(
                "请删去，或改用为这个文件写的 mapping.yaml",
                "take it out, or use the mapping that was made for this file",
            )
            problem += near(sheet.sheet, names)
            error = reading.mapping.error("mapping", f"sheets[{n}].sheet", problem, hint)
            reading.problems.found.append(error)


def _read_tables(given: TableLike | Mapping[str, TableLike], reading: Reading) -> RecognisedSheets:
    """Read a table in memory, or several by their names, through the same recognition of headings as files."""
    tables = given if isinstance(given, Mapping) and _are_tables(given) else {"schools": given}
    opened = [
        Opened(_sheet_of(str(name), cast("TableLike", table)), reading, reading.named(str(name)))
        for name, table in tables.items()
    ]
    if tables is not given:
        opened[0].is_guess = True
    return [result for entry in opened for result in read_sheets([entry], reading)]


def _are_tables(given: Mapping[str, object]) -> bool:
    """Return whether a mapping holds tables, and is not itself one of columns."""
    columns = (
        entry for entry in given.values() if isinstance(entry, list | tuple | np.ndarray) or hasattr(entry, "dtype")
    )
    return not any(not is_rows(column) or not len(cast("Sequence[object]", column)) for column in columns)


def _sheet_of(name: str, table: TableLike) -> Sheet:
    """Return a table in memory as a sheet; headings of several levels are one above the other."""
    headers: list[list[Cell]] = []
    if hasattr(table, "reset_index"):
        if any(label is not None for label in getattr(getattr(table, "index", None), "names", ())):
            # The index of a data frame that has a name is a column, as the ids of schools.
            table = cast("TableLike", table.reset_index(allow_duplicates=True))
        labels = getattr(table, "columns", ())
        if getattr(labels, "nlevels", 1) > 1:
            flat = [" ".join(dict.fromkeys(str(text) for text in label if str(text).strip())) for label in labels]
            table = cast("TableLike", table.set_axis(flat, axis=1))  # type: ignore[union-attr]
            headers = [list(texts) for texts in zip(*([str(text) for text in label] for label in labels), strict=True)]
    columns = raw_columns(table)
    return Sheet("DataFrame", name, lambda: enumerate(_rows_of(columns, headers or [list(columns)]), 1))


def _rows_of(columns: Mapping[str, Column], headers: list[list[Cell]]) -> Iterator[list[Cell]]:
    """Yield headers and rows; only some of the rows are Python objects at a time."""
    yield from headers
    size = max((len(values) for values in columns.values() if values.ndim), default=0)
    for start in range(0, size, _AT_ONCE):
        own = [values[start : start + _AT_ONCE] if values.ndim == 1 else () for values in columns.values()]
        cells = [[_cell_of(value) for value in np.asarray(values).tolist()] for values in own]
        yield from map(list, itertools.islice(itertools.zip_longest(*cells), size - start))


def _cell_of(value: object) -> Cell:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | str | float | date | datetime | time | timedelta):
        return value
    try:
        return float(value) if isinstance(value, int) else str(value)
    except OverflowError:
        return math.inf
    except ValueError:
        # A number of thousands of digits inside of something has no text.
        return type(value).__name__


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

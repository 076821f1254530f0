"""A folder of CSV and YAML files becomes a submission."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Literal, get_args

import attrs

from balancedu.core.loading import DEFAULT_STANDARD, Entry, load_standard, shipped
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors, nearest
from balancedu.submission.reading.encoding import decoded
from balancedu.submission.submission import Submission
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column

TABLES = ("schools", "classes", "rooms", "monitoring", "facts")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
ENDINGS = (".csv", ".yaml", ".yml", ".tsv", *WORKBOOKS)
Example = Literal["passing", "failing"]


def read_submission(
    path: str | PathLike[str] | Entry, *, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD
) -> Submission:
    """Return the submission that a folder holds.

    Parameters
    ----------
    path : path of a folder
        With `schools.csv` and, where reported, `classes.csv`, `rooms.csv`, `monitoring.csv`, and
        `facts.yaml` (one county, or a mapping of counties) or `facts.csv` (many). The files are UTF-8, with
        or without a byte order mark, UTF-16 or GB18030, their columns separated by commas, tabs or semicolons;
        an empty cell is not reported. A folder inside a zip file
        is a `zipfile.Path`.
    standard : id, path or Standard
        Whose measures the columns are checked against.

    Raises
    ------
    DataErrors
        With every problem of every file: file, line, school id and column.
    FileNotFoundError
        If there is no such folder.
    NotADirectoryError
        If the path is that of a file.
    """
    # Reading files takes modules that importing balancedu does without.
    from pathlib import Path

    folder = Path(path) if isinstance(path, str | PathLike) else path
    if folder.is_file():
        raise NotADirectoryError(f"{str(path)!r} is a file; give the folder that holds schools.csv")
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {str(path)!r}; give the folder that holds schools.csv")
    std = load_standard(standard)
    files = _Files(folder, tuple(name for name in TABLES if name in std.tables))
    given = files.given()
    if "schools" not in given:
        raise DataErrors(files.errors)
    try:
        submission = Submission(**given, standard=std, origins=files.origins)
    except DataErrors as errors:
        raise DataErrors([*files.errors, *errors.errors]) from None
    if files.errors:
        raise DataErrors(files.errors)
    return submission


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


@attrs.frozen
class _Files:
    folder: Entry
    tables: tuple[str, ...]
    origins: dict[str, Origin] = attrs.field(factory=dict)
    errors: list[DataError] = attrs.field(factory=list)

    def given(self) -> dict[str, Any]:
        """Return the tables and facts that could be read; note what is wrong with the files."""
        self._check_names()
        found: dict[str, Any] = {name: self._table(name) for name in self.tables if name != "facts"}
        if "facts" in self.tables:
            found["facts"] = self._facts()
        return {name: table for name, table in found.items() if table is not None}

    def _check_names(self) -> None:
        known = [*(f"{name}.csv" for name in self.tables), *(["facts.yaml"] if "facts" in self.tables else [])]
        for name in sorted(entry.name for entry in self.folder.iterdir()):
            if name.lower().endswith(ENDINGS) and name not in known and not name.startswith((".", "~$")):
                if name.lower().endswith(WORKBOOKS):
                    self._note(name, "found an Excel workbook", "save each of its sheets as CSV UTF-8")
                    continue
                hint = f"known: {', '.join(known)}"
                self._note(name, f"no table is called so{nearest(name, known)}", hint)
        if not self.folder.joinpath("schools.csv").is_file():
            self._note("schools.csv", "the file is missing", "every other file may be left out, this one not")

    def _table(self, name: str) -> dict[str, Column] | None:
        file = self.folder.joinpath(f"{name}.csv")
        content = self._content(file) if file.is_file() else None
        if content is None:
            return None
        from balancedu.submission.csv_file import csv_columns
        from balancedu.submission.reading.text_file import text_sheet

        try:
            sheet = text_sheet(content, file.name)
        except DataError as error:
            self.errors.append(error)
            return None
        columns, self.origins[name], errors = csv_columns(sheet)
        self.errors.extend(errors)
        return columns or None

    def _facts(self) -> Mapping[str, object] | dict[str, Column] | None:
        file = self.folder.joinpath("facts.yaml")
        if not file.is_file():
            return self._table("facts")
        if self.folder.joinpath("facts.csv").is_file():
            self._note("facts.yaml", "facts.csv is there as well", "keep one of the two")
        content = self._content(file)
        if content is None:
            return None
        text = decoded(content)
        if text is None:
            self._note(file.name, "neither UTF-8, UTF-16 nor GB18030 text", "save the file as UTF-8")
            return None
        # The reader is imported with the YAML library.
        from balancedu.submission.facts_file import facts_of

        facts, self.origins["facts"], errors = facts_of(text, file.name)
        self.errors.extend(errors)
        return facts

    def _content(self, file: Entry) -> bytes | None:
        try:
            return file.read_bytes()
        except OSError as error:
            self._note(
                file.name, f"the file cannot be read: {error.strerror or error}", "close it elsewhere, or copy it"
            )
            return None

    def _note(self, file: str, problem: str, hint: str) -> None:
        self.errors.append(DataError(file.rpartition(".")[0], file, "", problem, hint))

"""A folder of CSV and YAML files becomes a submission."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import Literal

import attrs
import numpy as np

from balancedu.core.loading import DEFAULT_STANDARD, load_standard, shipped
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors, nearest
from balancedu.submission.submission import Submission
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column

ENCODINGS = ("utf-8-sig", "gb18030")
ENDINGS = (".csv", ".yaml", ".yml", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods")


def read_submission(
    path: str | PathLike[str] | Traversable, *, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD
) -> Submission:
    """Return the submission that a folder holds.

    Parameters
    ----------
    path : path of a folder
        With `schools.csv` and, where reported, `classes.csv`, `rooms.csv`, `monitoring.csv`, and
        `facts.yaml` (one county, or a mapping of counties) or `facts.csv` (many). CSV files are UTF-8, with
        or without a byte order mark, or GB18030; an empty cell is not reported.
    standard : id, path or Standard
        Whose measures the columns are checked against.

    Raises
    ------
    DataErrors
        With every problem of every file: file, line, school id and column.
    FileNotFoundError
        If there is no such folder.
    """
    folder = path if isinstance(path, Traversable) else Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {str(path)!r}; give the folder that holds schools.csv")
    std = load_standard(standard)
    files = _Files(folder, tuple(std.tables))
    tables = {name: files.table(name) for name in std.tables if name != "facts"}
    facts = files.facts()
    if files.errors:
        raise DataErrors(files.errors)
    given = {name: columns for name, columns in tables.items() if columns is not None}
    return Submission(**given, facts=facts, standard=std, origins=files.origins)


def example(name: Literal["passing", "failing"] = "passing") -> Submission:
    """Return one of the made-up counties that come with balancedu.

    Examples
    --------
    >>> example("failing")
    <Submission: 1 county; schools 14, classes 218, rooms 52, monitoring 4, facts 1>
    """
    return read_submission(shipped("_examples", "docs/examples").joinpath(name))


@attrs.frozen
class _Files:
    folder: Traversable
    tables: tuple[str, ...]
    origins: dict[str, Origin] = attrs.field(factory=dict)
    errors: list[DataError] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        known = [*(f"{name}.csv" for name in self.tables), "facts.yaml"]
        for name in sorted(entry.name for entry in self.folder.iterdir()):
            if name.lower().endswith(ENDINGS) and name not in known and not name.startswith("."):
                hint = f"known: {', '.join(known)}"
                self._note(name, "", f"no table is called so{nearest(name, known)}", hint)
        if not self.folder.joinpath("schools.csv").is_file():
            self._note("schools.csv", "", "the file is missing", "every other file may be left out, this one not")

    def table(self, name: str) -> dict[str, Column] | None:
        file = self.folder.joinpath(f"{name}.csv")
        if not file.is_file():
            return None
        text = self._text(file)
        if text is None:
            return None
        columns, lines = self._csv(file.name, text)
        self.origins[name] = Origin(file.name, lines)
        return columns

    def facts(self) -> Mapping[str, object] | dict[str, Column] | None:
        file = self.folder.joinpath("facts.yaml")
        if not file.is_file():
            return self.table("facts")
        if self.folder.joinpath("facts.csv").is_file():
            self._note("facts.yaml", "", "facts.csv is there as well", "keep one of the two")
        # The reader is imported with the YAML library, which importing balancedu does without.
        from balancedu.submission.facts_file import facts_of

        text = self._text(file)
        if text is None:
            return None
        facts, self.origins["facts"], errors = facts_of(text, file.name)
        for error in errors:
            self._note(file.name, error.path, error.problem, error.hint, line=error.line)
        return facts

    def _text(self, file: Traversable) -> str | None:
        content = file.read_bytes()
        for encoding in ENCODINGS:
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return text
        self._note(file.name, "", "neither UTF-8 nor GB18030 text", "save the file as CSV UTF-8")
        return None

    def _csv(self, file: str, text: str) -> tuple[dict[str, Column], list[int]]:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines, rows = [], []
        try:
            header = [name.strip() for name in next(reader, [])]
            while (row := next(reader, None)) is not None:
                if any(cell.strip() for cell in row):
                    lines.append(reader.line_num)
                    rows.append(row)
        except csv.Error as error:
            self._note(file, "", f"not CSV: {error}", "check the quotes", line=reader.line_num)
            return {}, []
        for name in sorted({name for name in header if header.count(name) > 1}):
            self._note(file, name, "two columns have this name" if name else "two columns have no name", line=1)
        for line, row in zip(lines, rows, strict=True):
            if len(row) != len(header):
                found = f"found {len(row)} cells, wanted {len(header)} as in the header"
                self._note(file, "", found, "check for commas inside cells", line=line)
        if any(len(row) != len(header) for row in rows):
            return {}, []
        cells = np.array(rows, dtype=object).reshape(len(rows), len(header))
        return {name: cells[:, n] for n, name in enumerate(header)}, lines

    def _note(self, file: str, column: str, problem: str, hint: str = "", line: int | None = None) -> None:
        place = file if line is None else f"{file}:{line}"
        self.errors.append(DataError(file.rpartition(".")[0], place, column, problem, hint))

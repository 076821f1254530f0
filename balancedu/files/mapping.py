"""The file `mapping.yaml`: what the sheets and columns of a workbook mean."""

from __future__ import annotations

import collections.abc
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Literal

import attrs

from balancedu.core.fields import Impossible, MeasureId, TableId, described, different, filled, plain, refuse
from balancedu.core.model import Measure, current_id
from balancedu.core.nodes import Node, SpecProblems, TooManyError, read_yaml
from balancedu.core.standard import RATIO_TITLES, Standard
from balancedu.core.structure import Structurer
from balancedu.errors import DataError, DataErrors, near
from balancedu.files.vocabulary import HAS_NONE, LISTED, known_units, measures_of, scaling_of, units_hint, vocabulary
from balancedu.submission.tables import letters
from balancedu.text import KNOWN, Phrase, listed, one_of

Measures = collections.abc.Mapping[str, Measure]
MAPPING_FILE = "mapping.yaml"
_LETTERS = re.compile("[A-Z]{1,3}")
_MOST_ROWS = 2


@attrs.frozen
class MappedColumn:
    """What one column means."""

    header: tuple[str, ...] = described(
        "the texts above it, the lowest last: as many as identify the column; this or `column`", default=()
    )
    column: str = described("its letter, if no text above it identifies it", default="")
    sum: tuple[tuple[str, ...], ...] = described(
        "instead of one header: those of the columns that are added", default=()
    )
    measure: MeasureId | None = described("the column of the table, or the fact, that it reports", default=None)
    unit: str = described("the unit of its figures; default: as in the header", default="")
    values: collections.abc.Mapping[str, Node] = described(
        "what its cells mean: a value of the measure, a number, or null for not reported", factory=dict
    )
    ignore: bool = described("true where it is not to be read", default=False)

    def __attrs_post_init__(self) -> None:
        refuse(self._gaps())

    def _gaps(self) -> Iterator[Impossible]:
        if bool(self.header) + bool(self.column) + bool(self.sum) != 1:
            problem = Phrase("header、column 和 sum 应写其中一个", "must be given, or column, or sum: one of them")
            yield Impossible("header", problem)
        if bool(self.measure) == self.ignore:
            problem = Phrase("measure 和 ignore: true 应写其中一个", "must be given, or ignore: true: one of the two")
            yield Impossible("measure", problem)
        if self.unit and self.ignore:
            yield Impossible("unit", Phrase("只有要读的列才写 unit", "is only for columns that are read"))
        if self.column and not _LETTERS.fullmatch(self.column):
            problem = Phrase(
                f"现为“{self.column}”，应为列的字母，如 F 或 AB",
                f"must be letters such as F or AB, found {self.column!r}",
            )
            yield Impossible("column", problem)

    @property
    def text(self) -> str:
        """The header or the letter, as messages give it."""
        return " > ".join(self.header) or " + ".join(" > ".join(entry) for entry in self.sum) or f"column {self.column}"

    def meaning_of(self, text: str) -> Node | None:
        """Return what a cell means that contains this text; None if the mapping does not state."""
        return next((node for word, node in self.values.items() if normal(word) == normal(text)), None)

    def addends(self, paths: collections.abc.Mapping[int, Sequence[str]]) -> list[list[int]]:
        """Return for each header of a sum the columns that have it."""
        ones = [MappedColumn(header=entry, ignore=True) for entry in self.sum]
        return [[column for column, path in paths.items() if entry.means(column, path)] for entry in ones]

    def means(self, column: int, path: Sequence[str]) -> bool:
        """Return whether it speaks of the column at this position, below these texts."""
        if self.column:
            return letters(column) == self.column
        if self.sum:
            return False
        return [plain(text) for text in path[-len(self.header) :]] == [plain(text) for text in self.header]


@attrs.frozen
class MappedSheet:
    """What one sheet of a workbook, or one text file of a folder, means."""

    sheet: str = described("the name of the sheet, or of the text file", validator=filled)
    table: TableId | None = described("the table that it holds; needed unless it is ignored", default=None)
    headers: tuple[int, ...] = described(
        "the first and the last row of its headers, where they are not found", default=(), validator=different
    )
    county: str = described("the county of all its rows, where no column says it", default="")
    type: str = described("the type of school of all its rows", default="")
    stage: str = described("the stage of all its rows", default="")
    organizer: str = described("the organizer of all its rows", default="")
    orientation: Literal["columns", "rows"] = described(
        "rows: one figure a row, of one school or one county", default="columns"
    )
    facts: collections.abc.Mapping[str, str] = described(
        "of a sheet with one figure a row: the label of a row, and its fact or measure, or ignore", factory=dict
    )
    empty_marks: tuple[str, ...] = described("what cells hold that means not reported", default=())
    columns: tuple[MappedColumn, ...] = described("the columns that their headers do not explain", default=())
    others: Literal["refuse", "ignore"] = described(
        "what becomes of columns that neither this list nor their headers explain", default="refuse"
    )
    ignore: bool = described("true where it is not to be read", default=False)

    def __attrs_post_init__(self) -> None:
        refuse(self._gaps())

    def _gaps(self) -> Iterator[Impossible]:
        if bool(self.table) == self.ignore:
            problem = Phrase("table 和 ignore: true 应写其中一个", "must be given, or ignore: true: one of the two")
            yield Impossible("table", problem)
        if len(self.headers) > _MOST_ROWS or list(self.headers) != sorted(self.headers) or 0 in self.headers:
            problem = Phrase(
                "应为一行，或首行和末行，从1数起", "must be one row or the first and the last one, counted from 1"
            )
            yield Impossible("headers", problem)
        if self.orientation == "rows" and not {"title", "value"} <= {column.measure for column in self.columns}:
            problem = Phrase("要写明 title 和 value 各是哪一列", "must define the columns title and value")
            yield Impossible("columns", problem)
        seen: dict[str, int] = {}
        for n, column in enumerate(self.columns):
            if column.measure and seen.setdefault(column.measure, n) != n:
                problem = Phrase(f"{column.measure} 已对应另一列", f"{column.measure} is bound already")
                yield Impossible(f"columns[{n}].measure", problem)


@attrs.frozen
class Mapping:
    """What the sheets and columns of a workbook mean."""

    format: Literal[1] = described("the format of the file")
    sheets: tuple[MappedSheet, ...] = described("the sheets that their names and headers do not explain")

    def __attrs_post_init__(self) -> None:
        names = [sheet.sheet for sheet in self.sheets]
        twice = [(n, name) for n, name in enumerate(names) if name in names[:n]]
        refuse(
            Impossible(f"sheets[{n}].sheet", Phrase(f"“{name}”重复", f"{name!r} appears twice")) for n, name in twice
        )


@attrs.frozen
class ReadMapping:
    """A mapping, and where each of its parts is.

    Attributes
    ----------
    mapping : Mapping
    root : Node
    file : str
    """

    mapping: Mapping
    root: Node
    file: str

    def of(self, *names: str) -> MappedSheet | None:
        """Return what the mapping states about a sheet with one of these names."""
        return next((sheet for sheet in self.mapping.sheets if sheet.sheet in names), None)

    def error(self, table: str, path: str, problem: Phrase, hint: Phrase) -> DataError:
        """Return an error that is at a part of the file."""
        return DataError(table, f"{self.file}:{self.root.at(path).line}", path, problem, hint)


def read_mapping(content: bytes, file: str, standard: Standard) -> ReadMapping:
    """Return the mapping that a file holds.

    Parameters
    ----------
    content : bytes
        UTF-8.
    file : str
        The name that errors give.
    standard : Standard
        Whose tables and measures are named.

    Raises
    ------
    DataErrors
        With everything that is wrong with it: nothing is read by half a mapping.
    """
    node, results = read_yaml(content, file)
    problems = SpecProblems(results)
    mapping = None
    if node is not None and not results:
        with suppress(TooManyError):
            mapping = Structurer(problems).build(Mapping, node)
    errors = [DataError.of(entry, "mapping") for entry in results]
    if node is None or mapping is None:
        raise DataErrors(errors)
    result = ReadMapping(mapping, node, file)
    if undeclared := list(_undeclared(result, standard)):
        raise DataErrors(undeclared)
    return result


def _undeclared(result: ReadMapping, standard: Standard) -> Iterator[DataError]:
    """Yield tables, measures and units that the standard does not declare."""
    for n, sheet in enumerate(result.mapping.sheets):
        if sheet.table is None:
            continue
        if not standard.table_measures(sheet.table):
            problem = Phrase(f"没有叫“{sheet.table}”的表", f"no table is called {sheet.table!r}")
            known = (*standard.tables, *RATIO_TITLES)
            problem += near(sheet.table, known)
            yield result.error("mapping", f"sheets[{n}].table", problem, KNOWN + listed(known))
            continue
        yield from _undeclared_rows(result, n, standard)
        measures = measures_of(standard, sheet.table, in_rows=bool(in_rows(sheet)))
        for m, column in enumerate(sheet.columns):
            path = f"sheets[{n}].columns[{m}]"
            measure = measure_of(column, sheet.table, measures)
            if measure is None and column.measure:
                problem, hint = _no_such_column(column.measure, sheet, measures, standard)
                yield result.error("mapping", f"{path}.measure", problem, hint)
            elif column.unit and (measure is None or scaling_of(column.unit, measure, standard) is None):
                units = known_units(measure, standard) if measure and not in_rows(sheet) else HAS_NONE
                problem = Phrase(
                    f"“{column.unit}”不是 {column.measure} 的单位", f"{column.unit!r} is no unit of {column.measure}"
                )
                yield result.error("mapping", f"{path}.unit", problem, units_hint(units))


def _undeclared_rows(result: ReadMapping, n: int, standard: Standard) -> Iterator[DataError]:
    """Yield constants and facts of a sheet that the standard does not declare."""
    sheet = result.mapping.sheets[n]
    measures = standard.table_measures(str(sheet.table))
    for label, name in sheet.facts.items():
        if name != "ignore" and name not in measures:
            problem = Phrase(f"没有叫“{name}”的项", f"nothing is called {name!r}") + near(name, measures)
            yield result.error(
                "mapping", f"sheets[{n}].facts.{label}", problem, Phrase("或写 ignore", "or write ignore")
            )
    for constant in ("type", "stage", "organizer"):
        value = getattr(sheet, constant)
        choices = next((measure.values for measure in standard.measures.values() if measure.column == constant), ())
        if value and not any(plain(value) in map(plain, (choice.id, *choice.writings)) for choice in choices):
            known = listed(choice.id for choice in choices)
            problem = Phrase(f"没有叫“{value}”的值", f"no value is called {value!r}")
            yield result.error("mapping", f"sheets[{n}].{constant}", problem, KNOWN + known)


def _no_such_column(name: str, sheet: MappedSheet, measures: Measures, standard: Standard) -> tuple[Phrase, Phrase]:
    """Return that a table has no such column, and how to fix it."""
    titled = standard.table_title(str(sheet.table))
    problem = Phrase(
        f"{titled.zh if titled else sheet.table}表没有“{name}”这一列", f"{sheet.table} has no column {name!r}"
    )
    if in_rows(sheet):
        return problem + near(name, measures), KNOWN + listed(measures)
    if called := vocabulary(standard, str(sheet.table)).meant((name,)):
        return problem, Phrase("请写标识：", "write its id: ") + one_of(Phrase.of(entry.column) for entry in called)
    known = (*measures, *(LISTED if sheet.table == "facts" else ()))
    return problem + near(name, known), Phrase("各列见 docs/data.md", "docs/data.md lists them")


def measure_of(column: MappedColumn, table: str, measures: Measures) -> Measure | None:
    """Return the measure that a column is bound to, of those that the columns of a sheet can hold."""
    return measures.get(current_id((column.measure or "").removeprefix(f"{table}."), measures))


def normal(text: str) -> str:
    """Return a text of a cell without what width and spaces change."""
    return unicodedata.normalize("NFKC", text).strip()


def in_rows(sheet: MappedSheet) -> bool | None:
    """Return whether a mapping states that each fact of a sheet has a row; None if it leaves that open."""
    if sheet.orientation == "rows" or (sheet.facts and sheet.table == "facts"):
        return True
    named = {column.measure.removeprefix("facts.") for column in sheet.columns if column.measure} - {"county"}
    return not named.isdisjoint(LISTED) if named and sheet.table == "facts" else None

"""Sheets become tables: which table each sheet is, and what is read of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import attrs

from balancedu.core.model import Title
from balancedu.core.scalars import either
from balancedu.core.standard import Standard
from balancedu.core.words import plain
from balancedu.errors import DataError
from balancedu.submission.notes import Note
from balancedu.submission.problems import Problems
from balancedu.submission.raw import RawTable
from balancedu.submission.reading.bindings import Bindings, bindings_of, said
from balancedu.submission.reading.body import Body
from balancedu.submission.reading.facts_sheet import FactColumns, FactRows, fact_columns
from balancedu.submission.reading.headers import MOST_ABOVE, Headers, find_headers, first_row
from balancedu.submission.reading.sheet import Row, Sheet
from balancedu.submission.table import Place

_FEWEST = 2
"""So many headers must be known for a sheet to be a table that its name does not say."""


@attrs.define
class Guard:
    """The rows of a sheet up to where it cannot be read on; the error is noted."""

    rows: Iterator[Row]
    problems: Problems
    broken: bool = False

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self.rows
        except DataError as error:
            self.broken = True
            self.problems.found.append(error)


@attrs.frozen
class Opened:
    """A sheet whose first rows were read.

    Attributes
    ----------
    sheet : Sheet
    called : str
        Its name, or that of the text file without its ending.
    top : list of Row
        The rows that it begins with.
    rest : iterator of Row
    guard : Guard
    """

    sheet: Sheet
    called: str
    top: list[Row]
    rest: Iterator[Row]
    guard: Guard

    @classmethod
    def of(cls, sheet: Sheet, called: str, problems: Problems) -> Opened:
        """Open a sheet."""
        guard = Guard(sheet.rows(), problems)
        rows = iter(guard)
        return cls(sheet, called, list(itertools.islice(rows, MOST_ABOVE)), rows, guard)

    def below(self, row: int) -> Iterable[Row]:
        """Return the rows below one."""
        return itertools.chain((one for one in self.top if one[0] > row), self.rest)


@attrs.frozen
class Collected:
    """What was read so far."""

    standard: Standard
    problems: Problems = attrs.field(factory=Problems)
    notes: list[Note] = attrs.field(factory=list)
    raws: dict[str, RawTable] = attrs.field(factory=dict)
    evidence: dict[tuple[int, str], str] = attrs.field(factory=dict)
    places: dict[str, str] = attrs.field(factory=dict)

    def tell(self, sheet: Sheet, zh: str, en: str) -> None:
        """Keep what was decided about a sheet."""
        self.notes.append(Note(sheet.file, sheet.name, Title(zh=zh, en=en)))

    def named(self, called: str) -> str | None:
        """Return the table that a name says."""
        names = {
            plain(name): table.id
            for table in self.standard.tables.values()
            for name in (table.id, table.title.zh, table.title.en, *table.also)
        }
        return names.get(plain(called))

    def take_workbook(self, sheets: Sequence[Sheet]) -> None:
        """Read the tables of a workbook: those whose sheets are called so first, then those that headers tell."""
        opened = [Opened.of(sheet, sheet.name, self.problems) for sheet in sheets if self._is_shown(sheet)]
        for one in sorted(opened, key=lambda one: self.named(one.called) is None):
            self.take(one, self.named(one.called))

    def take(self, opened: Opened, table: str | None) -> None:
        """Read a sheet: as a table, where that is known, or else as the one that its headers tell."""
        if not opened.top:
            if not opened.sheet.name and not opened.guard.broken:
                hint = "write the names of the columns in the first line"
                self.problems.note(opened.called, opened.sheet.place(1), "", "the file is empty", hint)
            return
        facts = fact_columns(opened.top, self.standard) if table in ("facts", None) else None
        headers = None if facts else self._headers(opened, table)
        found = "facts" if facts else headers.table if headers else None
        place = str(Place(opened.sheet.file, opened.sheet.name))
        if found is None or (table is None and self._looks_like_another(found, opened.sheet)):
            return
        if self.is_taken(found, place):
            return
        if facts:
            self._take_facts(opened, facts)
        elif headers:
            self._take_rows(opened, headers)
        for sentence in opened.sheet.notes:
            self.tell(opened.sheet, sentence, sentence)

    def _is_shown(self, sheet: Sheet) -> bool:
        if sheet.hidden:
            self.tell(sheet, "工作表是隐藏的，没有读入", "the sheet is hidden, and was not read")
        return not sheet.hidden

    def _headers(self, opened: Opened, table: str | None) -> Headers | None:
        """Return the headers of a sheet; None where it is no table, which is noted."""
        top, sheet = opened.top, opened.sheet
        if table is not None:
            return find_headers(top, sheet, self.standard, [table]) or first_row(top, sheet, self.standard, table)
        possible = [find_headers(top, sheet, self.standard, [one]) for one in self.standard.tables]
        found = sorted((one for one in possible if one), key=lambda one: (one.found, -len(one.paths)), reverse=True)
        if not found:
            self.tell(sheet, "没有认得的表头，没有读入", "no header is known, and the sheet was not read")
            return None
        best = found[0]
        if best.found < _FEWEST or 2 * best.found < len(best.paths):
            known = [said(path) for column, path in best.paths.items() if best.meanings[column].measure]
            self.tell(
                sheet,
                f"表头只认得{'、'.join(known)}，没有读入；要读，请在 mapping.yaml 里说明是哪张表",
                f"of its headers only {', '.join(known)} are known; it was not read, unless mapping.yaml binds it",
            )
            return None
        equal = [one.table for one in found if (one.found, len(one.paths)) == (best.found, len(best.paths))]
        if len(equal) > 1:
            problem = f"by its headers the sheet may be {either(equal)}"
            hint = "name it as the table, or say in mapping.yaml what it is"
            self.problems.note(sheet.name, str(Place(sheet.file, sheet.name)), "", problem, hint)
            return None
        return best

    def is_taken(self, table: str, place: str) -> bool:
        """Return whether a table was read already, which is a fault; otherwise it is read here."""
        if table not in self.places:
            self.places[table] = place
            return False
        problem = f"{table} stand in {self.places[table]} already"
        self.problems.note(table, place, "", problem, "keep one of the two, or leave one out in mapping.yaml")
        return True

    def _looks_like_another(self, table: str, sheet: Sheet) -> bool:
        """Return whether a sheet only looks like a table that was read already; note it."""
        if table in self.places:
            first = self.places[table]
            self.tell(
                sheet,
                f"看来也是{self.standard.tables[table].title.zh}，已从 {first} 读入，这里没有读入",
                f"looks like {table} too, which were read from {first}; it was not read",
            )
        return table in self.places

    def _take_rows(self, opened: Opened, headers: Headers) -> None:
        bindings = bindings_of(headers, opened.sheet, self.problems)
        raw, notes = Body(opened.sheet, headers, bindings, self.problems).table(opened.below(headers.last))
        whole = raw.origin.whole and not opened.guard.broken
        self.raws[headers.table] = attrs.evolve(raw, origin=attrs.evolve(raw.origin, whole=whole))
        self.notes.extend(notes)
        self._say_units(opened.sheet, bindings)

    def _say_units(self, sheet: Sheet, bindings: Bindings) -> None:
        for name, one in bindings.bound.items():
            if one.scaling and one.measure.unit:
                unit, factor = one.measure.unit, one.scaling.factor
                self.tell(
                    sheet,
                    f"{name} 的单位是{one.scaling.word}，按 × {factor} 换算成{unit.zh}",
                    f"{name} is written in {one.scaling.word}, and was multiplied by {factor} to {unit.en}",
                )

    def _take_facts(self, opened: Opened, columns: FactColumns) -> None:
        rows = FactRows(opened.sheet, columns, self.standard, self.problems)
        self.raws["facts"] = rows.table(opened.below(columns.last))
        self.evidence.update(rows.evidence)

"""Where the headers of a sheet stand, and what each column reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from balancedu.core.standard import Standard
from balancedu.submission.reading.binding import Binder, Meaning, captions_of
from balancedu.submission.reading.sheet import Row, Sheet
from balancedu.submission.reading.stacked import Path, is_numbering, paths_of, text_of
from balancedu.submission.reading.units import split_unit
from balancedu.submission.reading.vocabulary import vocabulary

MOST_ABOVE = 40
"""So many rows may stand above the data."""
MOST_LEVELS = 4
"""So many headers may stand one above the other."""


@attrs.frozen
class Headers:
    """The headers of a sheet that a table was recognised in.

    Attributes
    ----------
    table : str
    rows : tuple of Row
        The rows that hold them, with what stands above and belongs to them.
    paths : mapping of column to path
        Every column that has a header.
    meanings : mapping of column to Meaning
        What each header says.
    binder : Binder
    silent : frozenset of int
        The columns that only number the rows.
    """

    table: str
    rows: tuple[Row, ...]
    paths: Mapping[int, Path]
    meanings: Mapping[int, Meaning]
    binder: Binder
    silent: frozenset[int] = frozenset()

    @property
    def last(self) -> int:
        """The number of the lowest row of headers."""
        return self.rows[-1][0]

    @property
    def found(self) -> int:
        """How many measures are clear."""
        return len({meaning.measure.id for meaning in self.meanings.values() if meaning.measure})

    @property
    def rank(self) -> tuple[int, int]:
        """How well the headers are known: how many are clear, and how many say something at least."""
        return self.found, sum(bool(meaning.measures) for meaning in self.meanings.values())

    @property
    def complete(self) -> bool:
        """Whether every header is clear."""
        return self.found == len(self.paths)

    def header_row(self, column: int) -> int:
        """Return the number of the row in which the lowest header of a column stands."""
        leaf = self.paths[column][-1]
        filled = (row for row, cells in self.rows if column < len(cells) and text_of(cells[column]) == leaf)
        return max(filled, default=self.last)


def find_headers(top: Sequence[Row], sheet: Sheet, standard: Standard, tables: Iterable[str]) -> Headers | None:
    """Return the headers that name the most measures, of the table that has them; None where there are none.

    Parameters
    ----------
    top : sequence of Row
        The rows that the sheet begins with.
    sheet, standard
    tables : iterable of str
        The tables that it may be.
    """
    best: Headers | None = None
    widest = max((len(_texts(row)) for row in top), default=0)
    for table in tables:
        for found in _possible(top, sheet, standard, table):
            if best is None or found.rank > best.rank:
                best = found
            if found is best and found.complete and len(found.paths) + len(found.silent) >= widest:
                break
    return best


def first_row(top: Sequence[Row], sheet: Sheet, standard: Standard, table: str) -> Headers:
    """Return the first row as the headers of a table, of which nothing is known."""
    return _headers(top, 0, 0, sheet, Binder(standard, table))


def _possible(top: Sequence[Row], sheet: Sheet, standard: Standard, table: str) -> Iterator[Headers]:
    words = vocabulary(standard, table)
    known = words.stage_in(sheet.name)
    named = [any(words.knows(text) or words.knows(split_unit(text)[0]) for text in _texts(row)) for row in top]
    for last in range(len(top)):
        # Below a row with names there may be one that holds stages or units alone.
        if not any(named[max(last - 1, 0) : last + 1]):
            continue
        for levels in range(1, MOST_LEVELS + 1):
            first = last - levels + 1
            if first < 0:
                break
            above = [text for row in top[:first] for text in _texts(row)]
            stage = known or words.stage_in(" ".join(above))
            found = _headers(top, first, last, sheet, Binder(standard, table, stage, captions_of(above, standard)))
            if found.rank > (0, 0):
                yield _extended(found, top, first, last, sheet)


def _texts(row: Row) -> list[str]:
    return [text for text in map(text_of, row[1]) if text]


def _headers(top: Sequence[Row], first: int, last: int, sheet: Sheet, binder: Binder) -> Headers:
    rows = tuple(top[first : last + 1])
    paths = paths_of(rows, sheet) if rows else {}
    silent = frozenset(column for column, path in paths.items() if binder.passed_over(path))
    kept = {column: path for column, path in paths.items() if column not in silent}
    meanings = {column: binder.meaning(path) for column, path in kept.items()}
    return Headers(binder.table, rows, kept, meanings, binder, silent)


def _extended(found: Headers, top: Sequence[Row], first: int, last: int, sheet: Sheet) -> Headers:
    """Return headers with the rows below that repeat them in other words, hold units or number the columns."""
    end = last
    while end + 1 < len(top) and _belongs(top[end + 1], found):
        end += 1
    if end == last:
        return found
    longer = _headers(top, first, end, sheet, found.binder)
    if longer.rank >= found.rank:
        return longer
    # A row that numbers the columns is passed over.
    return attrs.evolve(found, rows=tuple(top[first : end + 1]))


def _belongs(row: Row, found: Headers) -> bool:
    cells = row[1]
    if is_numbering(cells):
        return True
    texts = {column: text for column, text in enumerate(map(text_of, cells)) if text}
    for column, text in texts.items():
        if column not in found.paths:
            return False
        measure = found.meanings[column].measure
        said = (*found.binder.meaning((*found.paths[column], text)).measures, *found.binder.meaning((text,)).measures)
        if not said or (measure and measure not in said):
            return False
    return bool(texts)

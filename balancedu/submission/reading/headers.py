"""Where the headers of a sheet stand, and what each column reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from balancedu.core.standard import Standard
from balancedu.core.words import plain
from balancedu.submission.reading.binding import Binder, Meaning, captions_of
from balancedu.submission.reading.listed import SAYS_WHICH
from balancedu.submission.reading.mapping import MappedSheet, in_rows
from balancedu.submission.reading.sheet import Row, Sheet
from balancedu.submission.reading.stacked import Path, is_numbering, paths_of, text_of
from balancedu.submission.reading.units import split_unit
from balancedu.submission.table import position

MOST_ABOVE = 40
"""So many rows may stand above the data."""
_FEWEST = 2
"""So many headers must be clear for a sheet to be a table that its name does not say."""
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
    passed : mapping of column to path
        Columns that only number the rows, or are not to be read.
    """

    table: str
    rows: tuple[Row, ...]
    paths: Mapping[int, Path]
    meanings: Mapping[int, Meaning]
    binder: Binder
    passed: Mapping[int, Path]

    @property
    def last(self) -> int:
        """The number of the lowest row of headers."""
        return self.rows[-1][0]

    @property
    def found(self) -> int:
        """How many measures are clear."""
        return len({meaning.measure.id for meaning in self.meanings.values() if meaning.measure})

    @property
    def silent(self) -> frozenset[int]:
        """The columns that hold nothing to read."""
        return frozenset(self.passed)

    @property
    def every_path(self) -> Mapping[int, Path]:
        """The path above every column that has one, read or not."""
        return {**self.paths, **self.passed}

    @property
    def rank(self) -> tuple[int, int]:
        """How well the headers are known: how many are clear, and how many say something at least."""
        return self.found, sum(bool(meaning.measures) for meaning in self.meanings.values())

    @property
    def columns(self) -> Mapping[str, int]:
        """The clear columns, by what they report."""
        return {one.measure.column: column for column, one in self.meanings.items() if one.measure}

    @property
    def convincing(self) -> bool:
        """Whether the headers alone show which table it is."""
        lists = not self.binder.in_rows or ("value" in self.columns and self.says_which)
        return lists and self.found >= _FEWEST and 2 * self.rank[1] >= len(self.paths)

    @property
    def says_which(self) -> bool:
        """Whether a column says of each row which fact it is about."""
        return any(name in self.columns for name in SAYS_WHICH)

    @property
    def complete(self) -> bool:
        """Whether every header is clear."""
        return self.found == len(self.paths)

    def header_row(self, column: int) -> int:
        """Return the number of the row in which the lowest header of a column stands."""
        leaf = self.paths[column][-1]
        filled = (row for row, cells in self.rows if column < len(cells) and text_of(cells[column]) == leaf)
        return max(filled, default=self.last)


def find_headers(
    top: Sequence[Row], sheet: Sheet, standard: Standard, table: str, mapped: MappedSheet | None = None
) -> Headers | None:
    """Return the headers that name the most measures of a table; None where there are none.

    Parameters
    ----------
    top : sequence of Row
        The rows that the sheet begins with.
    sheet, standard, table
    mapped : MappedSheet, optional
        What a mapping says of the sheet.
    """
    found = [one for binder in _forms(standard, table, mapped) if (one := _best(top, sheet, binder))]
    return _chosen(found)


def _forms(standard: Standard, table: str, mapped: MappedSheet | None) -> list[Binder]:
    """Return what may find the headers of a table: facts have a column each, or a row each."""
    wide = Binder(standard, table, mapped=mapped)
    forms = {False: wide, True: attrs.evolve(wide, in_rows=True)}
    known = in_rows(mapped) if mapped else None
    return [forms[known]] if known is not None else list(forms.values()) if table == "facts" else [wide]


def _chosen(found: Sequence[Headers]) -> Headers | None:
    """Return the headers of the form that facts have, where both can be seen in a sheet.

    Below a header that says which fact a row is about, the names of facts are data and no headers.
    """
    listed = next((one for one in found if one.binder.in_rows), None)
    wide = next((one for one in found if not one.binder.in_rows), None)
    if listed is None or wide is None:
        return listed or wide
    beside = set(wide.columns.values()) - {wide.columns.get("county")} - set(listed.columns.values())
    is_wide = any(wide.header_row(column) <= listed.last for column in beside)
    return listed if listed.says_which and ("value" in listed.columns or not is_wide) else wide


def _best(top: Sequence[Row], sheet: Sheet, binder: Binder) -> Headers | None:
    best: Headers | None = None
    widest = max((len(_texts(row)) for row in top), default=0)
    for found in _possible(top, sheet, binder):
        if best is None or found.rank > best.rank:
            best = found
        if found is best and found.complete and len(found.every_path) >= widest:
            break
    return best


def headers_of(
    top: Sequence[Row], sheet: Sheet, standard: Standard, table: str, mapped: MappedSheet | None = None
) -> Headers:
    """Return the headers of a sheet that is known to hold a table: at worst the first row, and nothing of it known."""
    forms = _forms(standard, table, mapped)
    said = mapped.headers if mapped else ()
    rows = [n for n, (number, _) in enumerate(top) if said and said[0] <= number <= said[-1]]
    if rows:
        above = top[: rows[0]]
        found = [_headers(top, rows[0], rows[-1], sheet, _informed(binder, above, sheet)) for binder in forms]
    else:
        found = [one for binder in forms if not said and (one := _best(top, sheet, binder))]
    return _chosen(found) or _headers(top, 0, 0, sheet, forms[0])


def best_headers(top: Sequence[Row], sheet: Sheet, standard: Standard, table: str | None) -> Headers | None:
    """Return the headers of a table, or of the table that they fit best; None where none is known."""
    tables = standard.tables if table is None else [table]
    found = [one for name in tables if (one := find_headers(top, sheet, standard, name))]
    return max(found, key=lambda one: (one.found, -len(one.paths)), default=None)


def _informed(binder: Binder, above: Sequence[Row], sheet: Sheet) -> Binder:
    """Return a binder that knows what the name of the sheet and the lines above the table say."""
    texts = [text for row in above for text in _texts(row)]
    words = binder.words
    stage = words.stage_in(sheet.name) or words.stage_in(" ".join(texts))
    return attrs.evolve(binder, stage=stage, captions=captions_of(texts, binder.standard))


def _possible(top: Sequence[Row], sheet: Sheet, binder: Binder) -> Iterator[Headers]:
    words = binder.words
    said = {plain(text) for one in (binder.mapped.columns if binder.mapped else ()) for text in one.header}
    named = [
        any(words.knows(text) or words.knows(split_unit(text)[0]) or plain(text) in said for text in _texts(row))
        for row in top
    ]
    for last in range(len(top)):
        # Below a row with names there may be one that holds stages or units alone.
        if not any(named[max(last - 1, 0) : last + 1]):
            continue
        for levels in range(1, MOST_LEVELS + 1):
            first = last - levels + 1
            if first < 0:
                break
            found = _headers(top, first, last, sheet, _informed(binder, top[:first], sheet))
            if found.rank > (0, 0):
                yield _extended(found, top, first, last, sheet)


def _texts(row: Row) -> list[str]:
    return [text for text in map(text_of, row[1]) if text]


def _headers(top: Sequence[Row], first: int, last: int, sheet: Sheet, binder: Binder) -> Headers:
    rows = tuple(top[first : last + 1])
    paths = paths_of(rows, sheet) if rows else {}
    for one in binder.mapped.columns if binder.mapped else ():
        if one.column:
            # A column that is known by its letter need not have a header.
            paths.setdefault(position(one.column), (one.column,))
    passed = {column: path for column, path in paths.items() if binder.passed_over(column, path)}
    kept = {column: path for column, path in sorted(paths.items()) if column not in passed}
    meanings = {column: binder.bound(column, path) for column, path in kept.items()}
    return Headers(binder.table, rows, kept, meanings, binder, passed)


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

"""Where the headers of a sheet are, and the path of texts above each column."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.core.model import Choice, Measure
from balancedu.core.standard import SECTIONS, Standard
from balancedu.errors import DataError
from balancedu.files.binding import Binder, Meaning, Path, captions_of, is_numbering, paths_of, text_of
from balancedu.files.mapping import MappedSheet, in_rows, measure_of
from balancedu.files.sheet import Cell, Merged, Row, Sheet, is_filled
from balancedu.files.sums import Summed, known_sums, sums_in
from balancedu.files.units import UNKNOWN_UNIT, is_unit, no_unit, scaling_of, split_unit
from balancedu.files.vocabulary import SAYS_WHICH
from balancedu.submission.arrange import COLUMN, DETAILS, FACT, unknown_of, without
from balancedu.submission.columns import Scaling, typed
from balancedu.submission.problems import Note, Problems, called, dropped, guessed, shown
from balancedu.submission.tables import Place, letters, position
from balancedu.text import NO_WORDS, Phrase, listed, one_of

_CODE = re.compile("(?i)代码|编码|标识|代号|编号|code|id")
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
        The rows that hold them, with what is above and belongs to them.
    paths : mapping of column to path
        Every column that has a header.
    meanings : mapping of column to Meaning
        What each header says.
    binder : Binder
    passed : mapping of column to path
        Columns that only number the rows, or are not to be read.
    sums : tuple of Summed
        Measures that several columns add up to.
    """

    table: str
    rows: tuple[Row, ...]
    paths: Mapping[int, Path]
    meanings: Mapping[int, Meaning]
    binder: Binder
    passed: Mapping[int, Path]
    sums: tuple[Summed, ...] = ()

    @property
    def last(self) -> int:
        """The number of the lowest row of headers."""
        return self.rows[-1][0]

    @property
    def found(self) -> int:
        """How many measures are clear, but for their stage."""
        clear = (entry.measures for entry in self.meanings.values() if entry.measures)
        return len({some[0].id for some in clear if len({entry.stage for entry in some}) == len(some)})

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
        sums = len(self.sums)
        return self.found + sums, sums + sum(bool(meaning.measures) for meaning in self.meanings.values())

    @property
    def columns(self) -> Mapping[str, int]:
        """The clear columns, by what they report."""
        return {meaning.measure.column: column for column, meaning in self.meanings.items() if meaning.measure}

    @property
    def convincing(self) -> bool:
        """Whether the headers alone show which table it is."""
        lists = not self.binder.in_rows or ("value" in self.columns and self.says_which)
        named = {entry.column for some in self.meanings.values() for entry in some.measures[:1]}
        # A school with its type and its pupils may have any number of columns that nothing needs.
        of_schools = "type" in named and bool(named & {"school", "name"})
        of_schools &= not named.isdisjoint(self.binder.standard.head.scope.pupils.values())
        return lists and self.found >= _FEWEST and (of_schools or 2 * self.rank[1] >= len(self.paths))

    @property
    def says_which(self) -> bool:
        """Whether a column says of each row which fact it is about."""
        return any(name in self.columns for name in SAYS_WHICH)

    @property
    def complete(self) -> bool:
        """Whether every header is clear."""
        return len({entry.measure.id for entry in self.meanings.values() if entry.measure}) == len(self.paths)

    @property
    def ratios(self) -> set[int]:
        """The columns that hold figures per pupil."""
        indicators = self.binder.standard.indicators
        return {n for n, entry in self.meanings.items() if entry.measure and entry.measure.column in indicators}

    def by_stage(self) -> list[Headers]:
        """Return headers of results for each stage that has columns of its own; these headers alone where none has."""
        words = self.binder.words
        stages = dict.fromkeys(words.stage_in("".join(self.paths[n])) for n in sorted(self.ratios))
        if list(stages) in ([], [None], [self.binder.stage]):
            return [self]
        binders = [attrs.evolve(self.binder, only=stage, stage=stage) for stage in stages if stage]
        return [
            attrs.evolve(self, binder=binder, meanings={n: binder.bound(n, path) for n, path in self.paths.items()})
            for binder in binders
        ]

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
    result = [entry for binder in _forms(standard, table, mapped) if (entry := _best(top, sheet, binder))]
    return _chosen(result)


def _forms(standard: Standard, table: str, mapped: MappedSheet | None) -> list[Binder]:
    """Return what may find the headers of a table: facts have a column each, or a row each."""
    wide = Binder(standard, table, mapped=mapped)
    forms = {False: wide, True: attrs.evolve(wide, in_rows=True)}
    known = in_rows(mapped) if mapped else None
    return [forms[known]] if known is not None else list(forms.values()) if table == "facts" else [wide]


def _chosen(sequence: Sequence[Headers]) -> Headers | None:
    """Return the headers of the form that facts have, where both can be seen in a sheet.

    Below a header that says which fact a row is about, the names of facts are data and no headers.
    """
    listed = next((entry for entry in sequence if entry.binder.in_rows), None)
    wide = next((entry for entry in sequence if not entry.binder.in_rows), None)
    if listed is None or wide is None:
        return listed or wide
    beside = set(wide.columns.values()) - {wide.columns.get("county")} - set(listed.columns.values())
    is_wide = any(wide.header_row(column) <= listed.last for column in beside)
    return listed if listed.says_which and ("value" in listed.columns or not is_wide) else wide


def _best(top: Sequence[Row], sheet: Sheet, binder: Binder) -> Headers | None:
    best: Headers | None = None
    widest = max((len(_texts(row)) for row in top), default=0)
    for result in _possible(top, sheet, binder):
        # A mapping may name the lower of two rows: columns that only the upper one names are headed too.
        wider = best is not None and binder.mapped and len(result.every_path) > len(best.every_path)
        if best is None or result.rank > best.rank or (wider and result.rank == best.rank):
            best = result
        if result is best and result.complete and len(result.every_path) >= widest:
            break
    return best


def headers_of(
    top: Sequence[Row], sheet: Sheet, standard: Standard, table: str, mapped: MappedSheet | None = None
) -> Headers:
    """Return the headers of a sheet that is known to hold a table: at worst the first row, and nothing of it known."""
    forms = _forms(standard, table, mapped)
    words = mapped.headers if mapped else ()
    rows = [n for n, (number, _) in enumerate(top) if words and words[0] <= number <= words[-1]]
    if rows:
        above = top[: rows[0]]
        result = [_headers(top, rows[0], rows[-1], sheet, _informed(binder, above, sheet)) for binder in forms]
    else:
        result = [entry for binder in forms if not words and (entry := _best(top, sheet, binder))]
    return _chosen(result) or _headers(top, 0, 0, sheet, forms[0])


def best_headers(top: Sequence[Row], sheet: Sheet, standard: Standard, table: str | None) -> Headers | None:
    """Return the headers of a table, or of the table that they fit best; None where none is known."""
    tables = (*standard.tables, "sections") if table is None else [table]
    result = [entry for name in tables if (entry := find_headers(top, sheet, standard, name))]
    return max(result, key=lambda entry: (entry.found, -len(entry.paths)), default=None)


def _informed(binder: Binder, above: Sequence[Row], sheet: Sheet) -> Binder:
    """Return a binder that knows what the name of the sheet and the lines above the table say."""
    texts = [text for row in above for text in _texts(row)]
    words = binder.words
    wording = binder.mapped.stage if binder.mapped else ""
    stage = words.stage_in(wording) if wording else words.stage_in(sheet.name) or words.stage_in(" ".join(texts))
    return attrs.evolve(binder, stage=stage, captions=captions_of(texts, binder.standard))


def _possible(top: Sequence[Row], sheet: Sheet, binder: Binder) -> Iterator[Headers]:
    words = binder.words
    wording = {plain(text) for column in (binder.mapped.columns if binder.mapped else ()) for text in column.header}
    named = [
        any(words.knows(text) or words.knows(split_unit(text)[0]) or plain(text) in wording for text in _texts(row))
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
            result = _headers(top, first, last, sheet, _informed(binder, top[:first], sheet))
            if result.rank > (0, 0):
                yield _extended(result, top, first, last, sheet)


def _texts(row: Row) -> list[str]:
    return [text for text in map(text_of, row[1]) if text]


def _headers(top: Sequence[Row], first: int, last: int, sheet: Sheet, binder: Binder) -> Headers:
    rows = tuple(top[first : last + 1])
    paths = paths_of(rows, sheet) if rows else {}
    for entry in binder.mapped.columns if binder.mapped else ():
        if entry.column:
            # A column that is known by its letter need not have a header.
            paths.setdefault(position(entry.column), (entry.column,))
    passed = {column: path for column, path in paths.items() if binder.passed_over(column, path)}
    kept = {column: path for column, path in sorted(paths.items()) if column not in passed}
    meanings = {column: binder.bound(column, path) for column, path in kept.items()}
    _name_as_id(passed, kept, meanings, binder)
    unknown = {column: path for column, path in kept.items() if not meanings[column].measures}
    sums = sums_in(unknown, binder.words, binder.stage) if binder.table == "schools" else []
    return Headers(binder.table, rows, kept, meanings, binder, passed, tuple(sums))


def _name_as_id(passed: dict[int, Path], kept: dict[int, Path], meanings: dict[int, Meaning], binder: Binder) -> None:
    """Let the names of schools tell to which school a row belongs, in a sheet of classes or rooms without ids."""
    school = binder.measures.get("school")
    if binder.table not in DETAILS or school is None or binder.in_rows:
        return
    if any(meaning.measure is school for meaning in meanings.values()):
        return
    words = {plain(word) for word in binder.standard.table_measures("schools")["name"].names}
    column = next((column for column, path in passed.items() if plain(path[-1]) in words), None)
    if column is not None:
        kept[column] = passed.pop(column)
        meanings[column] = Meaning((school,))


def _extended(headers: Headers, top: Sequence[Row], first: int, last: int, sheet: Sheet) -> Headers:
    """Return headers with the rows below that repeat them in other words, hold units or number the columns."""
    end = last
    while end + 1 < len(top) and _belongs(top[end + 1], headers):
        end += 1
    if end == last:
        return headers
    longer = _headers(top, first, end, sheet, headers.binder)
    if longer.rank >= headers.rank:
        return longer
    # A row that numbers the columns is passed over.
    return attrs.evolve(headers, rows=tuple(top[first : end + 1]))


def _belongs(row: Row, headers: Headers) -> bool:
    cells = row[1]
    if is_numbering(cells):
        return True
    texts = {column: text for column, text in enumerate(map(text_of, cells)) if text}
    for column, text in texts.items():
        if column not in headers.paths:
            return False
        measure = headers.meanings[column].measure
        words = (
            *headers.binder.meaning((*headers.paths[column], text)).measures,
            *headers.binder.meaning((text,)).measures,
        )
        if not words or (measure and measure not in words):
            return False
    return bool(texts)


@attrs.frozen
class Bound:
    """A column of a sheet, and the measure that it reports.

    Attributes
    ----------
    column : int
    measure : Measure
    path : Path
    scaling : Scaling, optional
    by_type : bool
        Whether the header leaves the stage open, and the type of each school says it.
    addends : tuple of int
        The columns whose sum is reported; empty where the one column is.
    over : tuple of str
        Where the column counts what the measure is the share of: the figures that it is divided by.
    """

    column: int
    measure: Measure
    path: Path
    scaling: Scaling | None = None
    by_type: bool = False
    addends: tuple[int, ...] = ()
    over: tuple[str, ...] = ()


@attrs.frozen
class Bindings:
    """The columns of a sheet.

    Attributes
    ----------
    bound : mapping of column of the table to Bound
    unknown : mapping of position to path
        Headers that no measure has; they are refused where their column holds anything.
    silent : frozenset of int
        Columns that hold nothing to read.
    county_names : int
        The column of the names of counties, beside that of their codes; -1 where there are not both.
    """

    bound: Mapping[str, Bound]
    unknown: Mapping[int, Path]
    silent: frozenset[int]
    county_names: int = -1

    def without(self, columns: Collection[int]) -> Bindings:
        """Return them without columns that are read as another table."""
        unknown = {column: path for column, path in self.unknown.items() if column not in columns}
        return attrs.evolve(self, unknown=unknown, silent=self.silent | set(columns))

    @property
    def positions(self) -> dict[str, int]:
        """The position of each column of the table in the sheet."""
        return {name: entry.column for name, entry in self.bound.items()}


def path_text(path: Path) -> str:
    """Return a header path as people read it."""
    return " > ".join(path)


def bindings_of(
    headers: Headers, sheet: Sheet, problems: Problems, *, others: str = "refuse", typed_elsewhere: bool = False
) -> Bindings:
    """Return what the columns report; note headers that are not clear, unless others are to be ignored.

    Parameters
    ----------
    headers, sheet, problems, others
    typed_elsewhere : bool
        Whether the types of the schools are known from another sheet.
    """
    bound: dict[str, Bound] = {}
    unknown: dict[int, Path] = {}
    silent, names = set(headers.silent), -1
    by_type = told_by_type(headers, typed_elsewhere=typed_elsewhere)
    for word in headers.binder.captions:
        if not is_unit(word, headers.binder.standard):
            place = str(Place(sheet.file, sheet.name))
            unit = shown(word)
            problem = Phrase(
                f"表格上方写的单位{unit.zh}无法识别",
                f"the line above the table says the unit {unit.en}, which is not known",
            )
            hint = Phrase("请把单位写进相应的表头", "write the unit into the headers that it is of")
            problems.note(headers.table, place, "", problem, hint, UNKNOWN_UNIT)
    for column, path in headers.paths.items():
        meaning = headers.meanings[column]
        place = sheet.place(headers.header_row(column), column)
        if column in by_type and not meaning.wrong_unit:
            bound |= {
                measure.column: Bound(column, measure, path, meaning.scaling, by_type=True)
                for measure in meaning.measures
            }
        elif others == "ignore" and meaning.measure is None:
            silent.add(column)
        elif not meaning.measures:
            unknown[column] = path
        elif meaning.wrong_unit:
            _wrong_unit(headers, place, path, meaning, problems)
        elif meaning.measure is None:
            hint = Phrase(
                "请在表头里写明是哪一个，或在 mapping.yaml 里指定",
                "say in the header which it is, or bind it in mapping.yaml",
            )
            refuse_ambiguous(problems, headers.table, place, path_text(path), meaning, hint)
        elif (first := bound.get(meaning.measure.column)) is not None:
            if meaning.measure.column == "county" and _is_code(first.path) != _is_code(path) and names < 0:
                # Of a code and a name the code is the id, and the name is shown.
                names, code = (first.column, column) if _is_code(path) else (column, first.column)
                silent.add(names)
                bound["county"] = Bound(code, meaning.measure, headers.paths[code], meaning.scaling)
                continue
            _twice(headers, place, path, first, problems)
        else:
            bound[meaning.measure.column] = Bound(column, meaning.measure, path, meaning.scaling)
    more = (*_shares(headers, unknown, bound), *_sums(headers, bound, typed_elsewhere=typed_elsewhere))
    for entry in more:
        bound[entry.measure.column] = entry
        unknown = {column: path for column, path in unknown.items() if column not in (entry.column, *entry.addends)}
        silent.update(entry.addends)
    return Bindings(bound, unknown, frozenset(silent), names)


def _shares(headers: Headers, unknown: Mapping[int, Path], bound: Mapping[str, Bound]) -> Iterator[Bound]:
    """Yield the shares that a column gives as a count, where no column gives them as such."""
    for share in known_sums().shares if headers.table == "schools" else ():
        words = set(map(plain, share.counts))
        columns = [column for column, path in unknown.items() if plain(split_unit(path[-1])[0]) in words]
        known = headers.binder.measures
        measure = known.get(share.measure)
        if measure and len(columns) == 1 and share.measure not in bound and set(share.over) <= set(known):
            yield Bound(columns[0], measure, unknown[columns[0]], over=share.over)


def _is_code(path: Path) -> bool:
    """Return whether a header names the code of something."""
    return _CODE.search(path[-1]) is not None


def _sums(headers: Headers, bound: Mapping[str, Bound], *, typed_elsewhere: bool) -> Iterator[Bound]:
    """Yield the measures that several columns add up to: as a mapping says, or else as the headers do."""
    binder, paths = headers.binder, headers.every_path
    mapped = set()
    for entry in binder.mapped.columns if binder.mapped else ():
        measure = measure_of(entry, headers.table, binder.measures) if entry.sum else None
        columns = tuple(column for some in entry.addends(paths) for column in some[:1])
        if measure and columns:
            mapped.add(measure.column)
            scaling = scaling_of(entry.unit, measure, binder.standard) if entry.unit else None
            yield Bound(columns[0], measure, paths[columns[0]], scaling, addends=columns)
    for total in headers.sums:
        first = total.columns[0]
        if (
            total.measure not in bound
            and total.measure not in mapped
            and (not total.by_type or typed_elsewhere or "type" in bound)
        ):
            yield Bound(first, binder.measures[total.measure], paths[first], None, total.by_type, total.columns)


def told_by_type(headers: Headers, *, typed_elsewhere: bool = False) -> set[int]:
    """Return the columns whose headers leave the stage open, where the type of each school says it.

    A header may leave it open and still mean the sum of several columns: where one of its measures has a column of
    its own, or another header could mean the same, nothing is split.
    """
    clear = [meaning.measure for meaning in headers.meanings.values() if meaning.measure]
    if not typed_elsewhere and not any(entry.column == "type" and entry.table == headers.table for entry in clear):
        return set()
    possible = {column: meaning.measures for column, meaning in headers.meanings.items() if len(meaning.measures) > 1}
    counter = Counter(measure.id for measures in possible.values() for measure in measures)
    return {
        column
        for column, measures in possible.items()
        if len({measure.stage for measure in measures}) == len(measures)
        and not any(measure in clear or counter[measure.id] > 1 for measure in measures)
    }


def _wrong_unit(headers: Headers, place: str, path: Path, meaning: Meaning, problems: Problems) -> None:
    problem, hint = no_unit(shown(meaning.wrong_unit), meaning.measures[0], headers.binder.standard)
    if headers.binder.in_rows:
        hint = Phrase(
            "每项事实各有单位，请写在“单位”一列", "every fact has a unit of its own: write it into a column 单位 (unit)"
        )
    problems.note(headers.table, place, path_text(path), problem, hint, UNKNOWN_UNIT)


def refuse_ambiguous(problems: Problems, table: str, place: str, text: str, meaning: Meaning, hint: Phrase) -> None:
    """Refuse a header, or what is in its place beside a row, that may mean several measures."""
    names = (Phrase(f"{measure.title.zh}（{measure.column}）", measure.column) for measure in meaning.measures)
    problem = Phrase("可能是", "it may mean ") + one_of(names)
    problems.note(table, place, text, problem, hint, Phrase("有几种含义", "several meanings"))


def _twice(headers: Headers, place: str, path: Path, first: Bound, problems: Problems) -> None:
    if path == first.path:
        problem = Phrase("有两列同名", "two columns have this name")
        problems.note(headers.table, place, path_text(path), problem, Phrase("请只保留一列", "keep one of them"))
        return
    entry, other, letter = called(first.measure), shown(path_text(first.path)), letters(first.column)
    problem = Phrase(
        f"这一列与{letter}列的{other.zh}都是{entry.zh}",
        f"the column means {entry.en}, as {other.en} in column {letter} does",
    )
    hint = Phrase("请只保留一列，或在 mapping.yaml 里分别指定", "keep one of them, or bind them in mapping.yaml")
    problems.note(headers.table, place, path_text(path), problem, hint, Phrase("两列含义相同", "bound twice"))


def refuse_unknown(headers: Headers, sheet: Sheet, column: int, row: int, problems: Problems) -> DataError | None:
    """Refuse a column that holds something, in this row first, and whose header no measure has.

    A column that nothing needs stops nothing: it is refused where its header is nearly that of a measure, or where
    nothing is above it, and otherwise the error that it would be is returned.
    """
    if column not in headers.paths:
        place = sheet.place(row, column)
        number = column + 1
        problem = Phrase(f"第{number}列没有列名，这里却有内容", f"column {number} has no name, and is not empty here")
        problems.note(headers.table, place, "", problem, Phrase("请写上列名，或清空这一列", "name it, or empty it"))
        return None
    path = headers.paths[column]
    binder = headers.binder
    guess = guessed(binder.words.nearest(path, headers.columns), binder.measures)
    word = FACT if headers.table == "facts" and not binder.in_rows else COLUMN
    unknown = unknown_of(word)
    place = sheet.place(headers.header_row(column), column)
    hint = Phrase(
        f"请用 balancedu map 起草 mapping.yaml，在里面说明含义或写明不读，或删去这一{word.zh}",
        "say in mapping.yaml what it is or that it is not to be read (balancedu map drafts one), "
        f"or leave the {word.en} out",
    )
    if why := dropped(binder.standard, headers.table, path) if not binder.in_rows else NO_WORDS:
        guess, hint = why, without(word)
    if not guess.zh or headers.table == SECTIONS:
        return DataError(headers.table, place, path_text(path), unknown, hint, unknown)
    problems.note(headers.table, place, path_text(path), unknown + guess, hint, unknown)
    return None


_FOR_EVERY_ROW = ("text", "choice", "yes_no", "day")
"""A name or a type that is written once beside several rows is that of each; a number may be their sum."""
SEVERAL_ROWS = Phrase("行", "several rows")
SPLIT = Phrase("请取消合并，分别填写", "split it, and write the value of each")


def joined_over(what: Phrase) -> Phrase:
    """Return that a cell is joined over several rows or columns."""
    return Phrase(
        f"单元格跨多{what.zh}合并，无法确定填的是哪一{what.zh}",
        f"the cell is joined over {what.en}, and which of them it means is not beyond doubt",
    )


@attrs.define
class Spans:
    """The joined cells below the headers of a sheet.

    Where some columns are needed, a row in which none of them is filled reports nothing, as a heading over all columns.
    """

    sheet: Sheet
    table: str
    bound: Mapping[str, Bound]
    spans: list[Merged]
    needed: tuple[str, ...] = ()
    carried: dict[Merged, Cell] = attrs.field(factory=dict)
    reported: set[Merged] = attrs.field(factory=set)

    @classmethod
    def below(
        cls, last: int, sheet: Sheet, table: str, bound: Mapping[str, Bound], needed: tuple[str, ...] = ()
    ) -> Spans:
        """Return the joined cells below a row."""
        spans = sorted((entry for entry in sheet.merged if entry.first_row > last), key=lambda entry: entry.first_row)
        return cls(sheet, table, bound, spans, needed)

    def fill(
        self, numbers: Sequence[int], cells: Mapping[str, list[Cell]], dropped: Container[int], problems: Problems
    ) -> None:
        """Write the value of joined cells into every row that they cover, and refuse those that leave a doubt.

        Parameters
        ----------
        numbers : sequence of int
            The numbers of the rows.
        cells : mapping of column of the table to cells
        dropped : container of int
            The positions of the rows that hold no data.
        problems : Problems
        """
        self.spans = [span for span in self.spans if span.last_row >= numbers[0]]
        for span in self.spans:
            if span.first_row > numbers[-1]:
                return
            rows = range(bisect_left(numbers, span.first_row), bisect_right(numbers, span.last_row))
            held = [entry for entry in self.bound.values() if span.first_column <= entry.column <= span.last_column]
            if not rows or not held:
                continue
            if len(held) > 1:
                if any(row not in dropped and self._reports(row, cells) for row in rows):
                    self._refuse(span, held[0], Phrase("列", "several columns"), problems)
            else:
                self._spread(span, held[0], rows, cells[held[0].measure.column], dropped, problems)

    def _reports(self, row: int, cells: Mapping[str, list[Cell]]) -> bool:
        return not self.needed or any(is_filled(cells[name][row]) for name in self.needed if name in cells)

    def _spread(
        self,
        span: Merged,
        bound: Bound,
        rows: range,
        cells: list[Cell],
        dropped: Container[int],
        problems: Problems,
    ) -> None:
        began = span in self.carried
        value = self.carried.setdefault(span, cells[rows[0]])
        if bound.measure.type in _FOR_EVERY_ROW:
            for row in rows:
                cells[row] = value
        elif value is not None and (began or sum(row not in dropped for row in rows) > 1):
            self._refuse(span, bound, SEVERAL_ROWS, problems)

    def _refuse(self, span: Merged, bound: Bound, what: Phrase, problems: Problems) -> None:
        if span not in self.reported:
            self.reported.add(span)
            place = self.sheet.place(span.first_row, span.first_column)
            kind = Phrase(f"跨多{what.zh}合并", f"joined over {what.en}")
            problems.note(self.table, place, bound.measure.column, joined_over(what), SPLIT, kind)


def split_by_type(
    numbers: Sequence[int],
    cells: Mapping[str, list[Cell]],
    bound: Mapping[str, Bound],
    measure: Measure | None,
    sheet: Sheet,
    problems: Problems,
) -> None:
    """Leave in the columns of each stage the figures of the schools that have this stage alone.

    A figure of a school of several stages is refused: its section is unknown. That of a school whose type has no
    stage of its own is passed over, as the school is when sections are counted.

    Parameters
    ----------
    numbers : sequence of int
        The numbers of the rows.
    cells : mapping of column of the table to cells
        Every column of a stage holds the same figures at first.
    bound : mapping of column of the table to Bound
    measure : Measure, optional
        The type of a school.
    sheet, problems
    """
    split = {name: entry for name, entry in bound.items() if entry.by_type}
    if not split or measure is None:
        return
    types, kinds = measure.values, typed(np.fromiter(cells["type"], dtype=object, count=len(numbers)), measure)[0]
    together: dict[int, list[str]] = {}
    for name, entry in split.items():
        together.setdefault(entry.column, []).append(name)
    for names in together.values():
        stages = [bound[name].measure.stage for name in names]
        for row, kind in enumerate(kinds.tolist()):
            own = (types[kind].stages or ()) if kind >= 0 else ()
            if len(own) > 1 and text_of(cells[names[0]][row]):
                measures = [bound[name].measure for name in names if bound[name].measure.stage in own]
                _refuse(numbers[row], cells[names[0]][row], types[kind], bound[names[0]], measures, sheet, problems)
            for name, stage in zip(names, stages, strict=True):
                if own != (stage,):
                    cells[name][row] = None


def _refuse(
    number: int,
    cell: Cell,
    kind: Choice,
    bound: Bound,
    measures: Sequence[Measure],
    sheet: Sheet,
    problems: Problems,
) -> None:
    place = sheet.place(number, bound.column)
    problem = Phrase(
        f"填报{text_of(cell)}，但{kind.title.zh}有几个学段，表头没有写明是哪个",
        f"found {text_of(cell)}, and a {kind.title.en} has several stages: of which it is, no header says",
    )
    columns = listed(measure.title.zh for measure in measures).zh, listed(measure.column for measure in measures).en
    hint = Phrase(f"请让每个学段各占一列：{columns[0]}", f"give every stage a column of its own: {columns[1]}")
    whose = Phrase("没有分学段的数", "figure of several stages")
    problems.note(bound.measure.table, place, path_text(bound.path), problem, hint, whose)


def stage_notes(bound: Mapping[str, Bound], sheet: Sheet) -> list[Note]:
    """Return which columns were read by the type of school."""
    headers = dict.fromkeys(path_text(entry.path) for entry in bound.values() if entry.by_type)
    return [
        Note(
            sheet.file,
            sheet.name,
            Title(
                zh=f"“{header}”没有写学段，按各校的学校类型归入",
                en=f"{header!r} says no stage, and was read by the type of each school",
            ),
        )
        for header in headers
    ]

"""What headers state: the path of texts above each column, the measure that it means, and where a sheet has them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import attrs

from balancedu.core.fields import Stage, described, plain
from balancedu.core.loading import shipped_layout
from balancedu.core.model import Measure, current_id
from balancedu.core.standard import SECTIONS, Standard
from balancedu.files.layout import OWN_BESIDE, other_columns
from balancedu.files.mapping import MappedColumn, MappedSheet, in_rows, measure_of
from balancedu.files.sheet import Cell, Merged, Row, Sheet, text_of
from balancedu.files.vocabulary import (
    NO_SCHOOL,
    SAYS_WHICH,
    TOTALS,
    Vocabulary,
    caption_units,
    indicator_of,
    is_unit,
    kind_words,
    measures_of,
    per_pupil_in,
    pupils_of_unit,
    scaling_of,
    split_unit,
    unit_per_pupil,
    vocabulary,
)
from balancedu.submission.arrange import DETAILS
from balancedu.submission.columns import Scaling
from balancedu.submission.tables import position

Path = tuple[str, ...]
"""The texts above a column, the lowest last."""

_ORDINALS = "甲乙丙丁戊己庚辛"
_NUMBER = re.compile(r"\(?([0-9]+)\)?")
_LINE = re.compile("[Ll][0-9]+")


def path_text(path: Path) -> str:
    """Return a header path as people read it."""
    return " > ".join(path)


def paths_of(rows: Sequence[Row], sheet: Sheet) -> dict[int, Path]:
    """Return the path above each column that has one, by the position of the column.

    A text in a merged cell is above all columns that the cell covers. Where no cell of a row was
    merged, as in a text file, a text is above the empty cells to its right too.

    Examples
    --------
    >>> sheet = Sheet("schools.csv", "", lambda: iter(()))
    >>> paths_of([(1, ["校名", "小学", ""]), (2, ["", "班数", "学生数"])], sheet)
    {0: ('校名',), 1: ('小学', '班数'), 2: ('小学', '学生数')}
    """
    width = max(len(cells) for _, cells in rows)
    levels = [
        _level(number, [text_of(cell) for cell in cells] + [""] * (width - len(cells)), sheet.merged, rows[-1][0])
        for number, cells in rows
    ]
    paths: dict[int, Path] = {}
    for column in range(width):
        if any(own[column] for own, _ in levels):
            lowest = max(n for n, (own, _) in enumerate(levels) if own[column])
            texts = [spread[column] if n < lowest else own[column] for n, (own, spread) in enumerate(levels)]
            path = [text for text in texts[: lowest + 1] if text]
            paths[column] = tuple(text for n, text in enumerate(path) if n == 0 or text != path[n - 1])
    return paths


def _level(number: int, texts: list[str], merged: tuple[Merged, ...], last: int) -> tuple[list[str], list[str]]:
    """Return the texts of a row of headers: as columns have them, and as they are above what is below."""
    own = list(texts)
    wide = [
        entry
        for entry in merged
        if entry.first_row <= number <= entry.last_row and entry.last_column > entry.first_column
    ]
    for entry in wide:
        if entry.first_row == number:
            for column in range(entry.first_column, min(entry.last_column + 1, len(own))):
                own[column] = texts[entry.first_column]
    if wide or number == last:
        return own, own
    spread = list(own)
    for column in range(1, len(spread)):
        spread[column] = spread[column] or spread[column - 1]
    return own, spread


def is_numbering(cells: Sequence[Cell]) -> bool:
    """Return whether a row below headers only numbers the columns: 甲 乙 1 2 3.

    Examples
    --------
    >>> is_numbering(["甲", "乙", 1.0, 2.0]), is_numbering(["栏次", "1", "2"]), is_numbering(["001", "1", "2"])
    (True, True, False)
    """
    texts = [text for text in map(text_of, cells) if text]
    if len(texts) > 1 and all(map(_LINE.fullmatch, texts)):
        return True
    words = [text for text in texts if not _NUMBER.fullmatch(text)]
    numbers = [int(result[1]) for text in texts if (result := _NUMBER.fullmatch(text))]
    named = words == list(_ORDINALS[: len(words)]) or words == ["栏次"]
    return bool(words and numbers) and named and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def repeated(cells: Sequence[Cell], leaves: Mapping[int, str]) -> bool:
    """Return whether a row among the data only repeats the headers, as printed pages do."""
    texts = {column: text for column, text in enumerate(map(text_of, cells)) if text}
    return len(texts) > 1 and all(leaves.get(column) == text for column, text in texts.items())


_WITH_UNIT = ("count", "number", "share")


@attrs.frozen
class Meaning:
    """What a header path states.

    Attributes
    ----------
    measures : tuple of Measure
        One where it is clear, several where it leaves open which, none if it is not known.
    scaling : Scaling, optional
        The unit, where it is another than the measure's own.
    wrong_unit : str
        What is in the place of a unit and is not a unit of the measure.
    """

    measures: tuple[Measure, ...] = ()
    scaling: Scaling | None = None
    wrong_unit: str = ""

    @property
    def measure(self) -> Measure | None:
        """The measure, where it is clear."""
        return self.measures[0] if len(self.measures) == 1 else None


@attrs.frozen
class Binder:
    """Finds what headers mean in one sheet.

    Attributes
    ----------
    standard, table
        Whose measures, and of which table.
    stage : Stage, optional
        The stage that the whole sheet is about.
    captions : tuple of str
        The units that a line above the table sets for all of it.
    mapped : MappedSheet, optional
        What a mapping states about the sheet.
    in_rows : bool
        Whether each fact has a row, and not a column.
    only : Stage, optional
        The one stage whose figures are read, of a sheet of results that has columns for each.
    """

    standard: Standard
    table: str
    stage: Stage | None = None
    captions: tuple[str, ...] = ()
    mapped: MappedSheet | None = None
    in_rows: bool = False
    only: Stage | None = None

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What the columns of the sheet can hold."""
        return measures_of(self.standard, self.table, in_rows=self.in_rows)

    @property
    def words(self) -> Vocabulary:
        """What their headers can be called."""
        return vocabulary(self.standard, self.table, in_rows=self.in_rows)

    def bound(self, column: int, path: Path) -> Meaning:
        """Return what a column reports: as a mapping states, or else as the header above it."""
        entry = self._mapped(column, path)
        if entry and (measure := measure_of(entry, self.table, self.measures)):
            unit = entry.unit or split_unit(path[-1])[1]
            return self.with_unit((measure,), unit, path)
        meaning = self.meaning(path)
        others = self.mapped.columns if self.mapped else ()
        taken = [measure_of(other, self.table, self.measures) for other in others if other.measure]
        return Meaning() if meaning.measure and meaning.measure in taken else meaning

    def meaning(self, path: Path) -> Meaning:
        """Return what a header path states; brackets at its end contain the unit unless they belong to the name."""
        if self.table == SECTIONS:
            figure = self._of_section(path)
            result = self._meaning(path) if figure is None else figure
            # Without words such as 生均 a header names the amount.
            is_amount = figure is None and any(entry.column in self.standard.indicators for entry in result.measures)
            return Meaning() if is_amount else result
        # A figure per pupil is none of the amounts that the table holds.
        is_ratio = self.table == "schools" and pupils_of_unit(split_unit(path[-1])[1]) > 0
        return Meaning() if is_ratio else self._meaning(path)

    def _meaning(self, path: Path) -> Meaning:
        words, (*upper, leaf) = self.words, path
        current_id(leaf, self.measures)
        name, unit = split_unit(leaf)
        # The unit of several columns may be above them, before their stages.
        bare = {text: split_unit(text) for text in upper}
        above = [bare[text][0] if is_unit(bare[text][1], self.standard) else text for text in upper]
        if result := words.meant(path, self.stage) or words.meant((*above, leaf), self.stage):
            return self.with_unit(result, "", path)
        while name and unit:
            # Brackets that state a stage, or that a figure is a total, contain no unit.
            remark = self.is_remark_in_brackets(unit)
            if result := words.meant((*above, name), words.stage_in(unit) or self.stage):
                return self.with_unit(result, "" if remark else unit, (*upper, name))
            if not remark and (result := words.meant((*above, unit + name), self.stage)):
                # Brackets may also contain a part of the name.
                return self.with_unit(result, "", (*upper, name))
            inner, further = split_unit(name)
            if further and (result := words.meant((*above, further + inner), self.stage)):
                return self.with_unit(result, "" if remark else unit, (*upper, inner))
            if not further or not (remark or self.is_remark_in_brackets(further)):
                break
            name, unit = inner, further if remark else unit
        name, unit = split_unit(leaf)
        alone = unit if not name else leaf
        if above and is_unit(alone, self.standard):
            return self.with_unit(self.meaning(tuple(upper)).measures, alone, tuple(upper))
        return self._glued(above, leaf) or Meaning(self._pupils(path))

    def _pupils(self, path: Path) -> tuple[Measure, ...]:
        """Return the pupils of a stage that a header names in short, as 小学人数 or, where the stage is known, 人数."""
        text = "".join(path)
        if (
            self.table not in ("schools", SECTIONS)
            or self.words.without_stage(split_unit(text)[0]) not in kind_words().pupils
        ):
            return ()
        stage = self.words.stage_in(text) or self.stage
        if self.table == SECTIONS:
            return (self.measures["pupils"],)
        column = self.standard.head.scope.pupils.get(stage, "") if stage else ""
        return (self.measures[column],) if column in self.measures else ()

    def _of_section(self, path: Path) -> Meaning | None:
        """Return what a column of results states; None if the words of the table do.

        Of a sheet that has columns for each stage those of the other stages are left out.
        """
        joined = ["".join(path[start:]) for start in reversed(range(len(path)))]
        indicator = next((entry for text in joined if (entry := indicator_of(text, self.standard))), "")
        own = self.words.stage_in(joined[-1])
        measures: tuple[Measure, ...] = (self.measures[indicator],) if indicator else ()
        for words in () if measures else (path, (*path[:-1], split_unit(path[-1])[0])):
            measures = measures or self.words.meant(words, self.stage)
            if own and not measures:
                measures = self.words.meant(tuple(filter(None, map(self.words.without_stage, words))), self.stage)
        measures = measures or self._pupils(path)
        if not measures or measures[0].type not in _WITH_UNIT:
            return None
        wanted = self.only or self.stage
        if (own and wanted and own != wanted) or (self.only and not own):
            return Meaning()
        if not indicator:
            # Without words such as 生均 a header names the amount.
            return Meaning() if measures[0].column in self.standard.indicators else Meaning(measures) if own else None
        unit = split_unit(path[-1])[1]
        remark = self.is_remark_in_brackets(unit) or (per_pupil_in(unit) and not pupils_of_unit(unit))
        unit = unit_per_pupil(unit, self.standard.indicators[indicator].per)
        return self.with_unit(measures, "" if remark else unit, path)

    def is_remark_in_brackets(self, text: str) -> bool:
        """Return whether brackets state what a figure is of, or that it is a total, and no unit."""
        word = plain(text)
        return bool(word) and (word in TOTALS or word in kind_words().no_units or self.words.stage_in(text) is not None)

    def passed_over(self, column: int, path: Path) -> bool:
        """Return whether a column only numbers the rows, or is not to be read."""
        if (words := self._mapped(column, path)) is not None:
            # A row that is counted as no school is never left to pass for one.
            measure = self.meaning(path).measure
            return words.ignore and (measure is None or measure.column not in NO_SCHOOL)
        return plain(path[-1]) in other_columns().numbering or self.is_beside(column, path)

    def is_beside(self, column: int, path: Path) -> bool:
        """Return whether people add a column for themselves, that means nothing in this table and no mapping names."""
        words = words_beside(self.standard, self.table, in_rows=self.in_rows)
        is_named = plain(path[-1]) in words and not self._mapped(column, path)
        return is_named and not self.meaning(path).measures

    def _mapped(self, column: int, path: Path) -> MappedColumn | None:
        columns = self.mapped.columns if self.mapped else ()
        return next((entry for entry in columns if entry.means(column, path)), None)

    def is_remark(self, path: Path) -> bool:
        """Return whether a column contains remarks, and not what a row is about."""
        return plain(path[-1]) in words_beside(self.standard, "", in_rows=False)

    def with_unit(self, measures: tuple[Measure, ...], unit: str, path: Path) -> Meaning:
        """Return measures in the unit of the header; without one, in the unit above it, or above the table."""
        if not measures:
            return Meaning()
        # Those between which a header leaves it open differ by their stage alone.
        measure = measures[0]
        if measure.type not in _WITH_UNIT:
            # What brackets state about a name or a type is a remark.
            return Meaning(measures)
        if unit:
            scaling = scaling_of(unit, measure, self.standard)
            return Meaning(measures, _needed(scaling), "" if scaling else unit)
        for text in reversed(path):
            name, word = split_unit(text)
            if self.is_remark_in_brackets(word):
                continue
            if word and (scaling := scaling_of(word, measure, self.standard)):
                return Meaning(measures, _needed(scaling))
            if word and name and self.words.meant((name,), self.stage) == measures:
                return Meaning(measures, None, word)
        result = [entry for word in self.captions if (entry := scaling_of(word, measure, self.standard))]
        return Meaning(measures, _needed(result[0]) if result else None)

    def _glued(self, above: Sequence[str], leaf: str) -> Meaning | None:
        """Return what a header states that ends in its unit without brackets, as 「教学仪器设备值万元」."""
        text = plain(leaf)
        for length in range(1, min(len(text), 5)):
            name, unit = text[:-length], text[-length:]
            if is_unit(unit, self.standard) and (result := self.words.meant((*above, name), self.stage)):
                meaning = self.with_unit(result, unit, (*above, name))
                if meaning.measure and not meaning.wrong_unit:
                    return meaning
        return None


@functools.lru_cache(maxsize=64)
def words_beside(standard: Standard, table: str, *, in_rows: bool) -> frozenset[str]:
    """Return the headers of columns that contain nothing to read of a table."""
    other = other_columns()
    words = [*OWN_BESIDE, *other.beside, *(other.beside_facts if in_rows else ())]
    if table in DETAILS:
        name = standard.table_measures("schools").get("name")
        words += [*other.beside_rows_of_schools, *(name.names if name else ())]
    return frozenset(map(plain, words))


def _needed(scaling: Scaling | None) -> Scaling | None:
    return None if scaling is None or scaling.factor == 1 else scaling


_WHOLE = "whole"


@attrs.frozen
class SummedMeasure:
    """A measure that is the sum of columns."""

    measures: Mapping[str, str] = described("the measure of each stage, or of the `whole` school")
    addends: Mapping[str, tuple[str, ...]] = described("what the columns are called, by names of this file's own")
    sums: Mapping[str, tuple[tuple[str, ...], ...]] = described("sets of columns; the first that is complete counts")
    totals: tuple[str, ...] = described("addends whose column is the sum of the columns below it", default=())


@attrs.frozen
class CountedShare:
    """A share that tables give as a count."""

    measure: str = described("the share")
    counts: tuple[str, ...] = described("what the column of counts is called")
    over: tuple[str, ...] = described("the figures whose sum the count is divided by")


@attrs.frozen
class Sums:
    """The measures that are sums of columns, and what may follow the words of their columns."""

    format: Literal[1] = described("the format of the file")
    suffixes: tuple[str, ...] = described("what may follow the word of a column")
    sums: tuple[SummedMeasure, ...] = described("the sums")
    shares: tuple[CountedShare, ...] = described("the shares that may be given as counts", default=())


@functools.cache
def known_sums() -> Sums:
    """Return the sums that come with the package."""
    return shipped_layout(Sums, "sums.yaml")


@attrs.frozen
class Summed:
    """The columns of a sheet that add up to a measure.

    Attributes
    ----------
    measure : str
    columns : tuple of int
    by_type : bool
        Whether no header states the stage, and the type of each school does.
    """

    measure: str
    columns: tuple[int, ...]
    by_type: bool = False


def sums_in(paths: Mapping[int, Path], words: Vocabulary, stage: Stage | None) -> list[Summed]:
    """Return the sums that the columns of a sheet make.

    Parameters
    ----------
    paths : mapping of column to path
        The columns whose headers mean no measure by themselves.
    words : Vocabulary
        What the stages are called.
    stage : Stage, optional
        That of the whole sheet.
    """
    known = known_sums()
    result = []
    for entry in known.sums:
        stages: dict[Stage | None, dict[str, int]] = {}
        for column, path in paths.items():
            if addend := _addend(path, entry, known.suffixes, words):
                stages.setdefault(words.stage_in("".join(path)) or stage, {}).setdefault(addend, column)
        for wording, columns in stages.items():
            for own, measure in entry.measures.items():
                complete = (names for names in entry.sums[own] if set(names) <= set(columns))
                if wording in (None, own) and (names := next(complete, None)):
                    by_type = wording is None and own != _WHOLE
                    result.append(Summed(measure, tuple(columns[name] for name in names), by_type))
    return result


def _addend(path: Path, summed_measure: SummedMeasure, suffixes: Sequence[str], words: Vocabulary) -> str:
    """Return which addend the lowest header names; empty if none."""
    texts = [plain(split_unit(text)[0] or text).strip("#") for text in path]
    is_total = len(texts) > 1 and texts[-1] in TOTALS
    leaf = texts[-2] if is_total else texts[-1]
    leaf = (words.without_stage(leaf) or leaf).removeprefix("其中").lstrip(":：")
    names = [leaf, *(leaf.removesuffix(suffix) for suffix in suffixes if leaf.endswith(suffix) and leaf != suffix)]
    named = [
        addend for addend, written in summed_measure.addends.items() if any(plain(word) in names for word in written)
    ]
    wants_total = is_total and bool(summed_measure.totals)
    fitting = [addend for addend in named if (addend in summed_measure.totals) == wants_total]
    return next(iter([*fitting, *(named if is_total else [])]), "")


MOST_ABOVE = 40
"""The most rows above the data."""
_FEWEST = 2
"""So many headers must be clear for a sheet to be a table that its name does not state."""
MOST_LEVELS = 4
"""The most headers, one above the other."""


@attrs.frozen
class Headers:
    """The headers of a sheet that a table was recognised in.

    Attributes
    ----------
    rows : tuple of Row
        The rows that contain them, with what is above and belongs to them.
    paths : mapping of column to path
        Every column that has a header.
    meanings : mapping of column to Meaning
        What each header states.
    binder : Binder
    passed : mapping of column to path
        Columns that only number the rows, or are not to be read.
    sums : tuple of Summed
        Measures that several columns add up to.
    """

    rows: tuple[Row, ...]
    paths: Mapping[int, Path]
    meanings: Mapping[int, Meaning]
    binder: Binder
    passed: Mapping[int, Path]
    sums: tuple[Summed, ...] = ()

    @property
    def table(self) -> str:
        """The table that they are of."""
        return self.binder.table

    @property
    def last(self) -> int:
        """The number of the lowest row of headers."""
        return self.rows[-1][0]

    @property
    def clear_measures(self) -> int:
        """How many measures are clear, but for their stage."""
        clear = (entry.measures for entry in self.meanings.values() if entry.measures)
        return len({some[0].id for some in clear if len({entry.stage for entry in some}) == len(some)})

    @property
    def every_path(self) -> Mapping[int, Path]:
        """The path above every column that has one, read or not."""
        return {**self.paths, **self.passed}

    @property
    def rank(self) -> tuple[int, int]:
        """How well the headers are known: how many are clear, and how many state something at least."""
        sums = len(self.sums)
        return self.clear_measures + sums, sums + sum(bool(meaning.measures) for meaning in self.meanings.values())

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
        return lists and self.clear_measures >= _FEWEST and (of_schools or 2 * self.rank[1] >= len(self.paths))

    @property
    def says_which(self) -> bool:
        """Whether a column states about each row which fact it is about."""
        return any(name in self.columns for name in SAYS_WHICH)

    @property
    def complete(self) -> bool:
        """Whether every header is clear."""
        return len({entry.measure.id for entry in self.meanings.values() if entry.measure}) == len(self.paths)

    @property
    def ratios(self) -> set[int]:
        """The columns that contain figures per pupil."""
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
        """Return the number of the row of the lowest header of a column."""
        leaf = self.paths[column][-1]
        filled = (row for row, cells in self.rows if column < len(cells) and text_of(cells[column]) == leaf)
        return max(filled, default=self.last)


def find_headers(top: Sequence[Row], sheet: Sheet, standard: Standard, table: str) -> Headers | None:
    """Return the headers in the first rows of a sheet that name the most measures of a table; None without any."""
    result = [entry for binder in _forms(standard, table, None) if (entry := _best(top, sheet, binder))]
    return _chosen(result)


def _forms(standard: Standard, table: str, mapped: MappedSheet | None) -> list[Binder]:
    """Return what may find the headers of a table: facts have a column each, or a row each."""
    wide = Binder(standard, table, mapped=mapped)
    forms = {False: wide, True: attrs.evolve(wide, in_rows=True)}
    known = in_rows(mapped) if mapped else None
    return [forms[known]] if known is not None else list(forms.values()) if table == "facts" else [wide]


def _chosen(sequence: Sequence[Headers]) -> Headers | None:
    """Return the headers of the form that facts have, where both can be seen in a sheet.

    Below a header that states which fact a row is about, the names of facts are data and no headers.
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
    """Return the headers of a sheet that is known to contain a table: if unknown, the first row."""
    forms = _forms(standard, table, mapped)
    words = mapped.headers if mapped else ()
    rows = [n for n, (number, _) in enumerate(top) if words and words[0] <= number <= words[-1]]
    if rows:
        above = top[: rows[0]]
        result = [_headers(top, rows[0], rows[-1], sheet, _informed(binder, above, sheet)) for binder in forms]
    else:
        result = [entry for binder in forms if not words and (entry := _best(top, sheet, binder))]
    return _chosen(result) or _headers(top, 0, 0, sheet, forms[0])


def _informed(binder: Binder, above: Sequence[Row], sheet: Sheet) -> Binder:
    """Return a binder that knows what the name of the sheet and the lines above the table state."""
    texts = [text for row in above for text in _texts(row)]
    words = binder.words
    wording = binder.mapped.stage if binder.mapped else ""
    stage = words.stage_in(wording) if wording else words.stage_in(sheet.name) or words.stage_in(" ".join(texts))
    captions = tuple(word for text in texts for word in caption_units(text, binder.standard))
    return attrs.evolve(binder, stage=stage, captions=captions)


def _possible(top: Sequence[Row], sheet: Sheet, binder: Binder) -> Iterator[Headers]:
    words = binder.words
    wording = {plain(text) for column in (binder.mapped.columns if binder.mapped else ()) for text in column.header}
    named = [
        any(words.knows(text) or words.knows(split_unit(text)[0]) or plain(text) in wording for text in _texts(row))
        for row in top
    ]

    @functools.cache
    def informed(first: int) -> Binder:
        return _informed(binder, top[:first], sheet)

    for last in range(len(top)):
        # Below a row with names there may be one that contains stages or units alone.
        if not any(named[max(last - 1, 0) : last + 1]):
            continue
        for levels in range(1, MOST_LEVELS + 1):
            first = last - levels + 1
            if first < 0:
                break
            result = _headers(top, first, last, sheet, informed(first))
            if result.rank > (0, 0):
                yield _extended(result, top, first, last, sheet)


def _texts(row: Row) -> list[str]:
    return [text for cell in row[1] if cell is not None and (text := text_of(cell))]


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
    sums = sums_in(unknown, binder.words, binder.stage) if unknown and binder.table == "schools" else []
    return Headers(rows, kept, meanings, binder, passed, tuple(sums))


def _name_as_id(passed: dict[int, Path], kept: dict[int, Path], meanings: dict[int, Meaning], binder: Binder) -> None:
    """Assign rows to schools by name, in a sheet of classes or rooms without ids."""
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
    """Return headers with the rows below that repeat them in other words, contain units or number the columns."""
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

"""What one header means: the measure that its column reports, and the unit of its figures."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

import attrs

from balancedu.core.fields import Stage, plain
from balancedu.core.model import Measure, current_id
from balancedu.core.standard import SECTIONS, Standard
from balancedu.files.layout import BESIDE, BESIDE_FACTS, BESIDE_ROWS_OF_SCHOOLS
from balancedu.files.mapping import MappedColumn, MappedSheet, measure_of
from balancedu.files.results import indicator_of, per_pupil_in, unit_per_pupil
from balancedu.files.sheet import Cell, Merged, Row, Sheet
from balancedu.files.units import caption_units, is_unit, scaling_of, split_unit
from balancedu.files.vocabulary import COUNTED, TOTALS, Vocabulary, measures_of, vocabulary
from balancedu.submission.arrange import DETAILS
from balancedu.submission.columns import Scaling

Path = tuple[str, ...]
"""The texts above a column, the lowest last."""

_ORDINALS = "甲乙丙丁戊己庚辛"
_NUMBER = re.compile(r"\(?([0-9]+)\)?")
_LINE = re.compile("[Ll][0-9]+")


def text_of(cell: Cell) -> str:
    """Return what a cell of a header says.

    Examples
    --------
    >>> text_of("  专任  教师 "), text_of(2023.0), text_of(None)
    ('专任 教师', '2023', '')
    """
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return ""
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def paths_of(rows: Sequence[Row], sheet: Sheet) -> dict[int, Path]:
    """Return the path above each column that has one, by the position of the column.

    A text in a cell that was joined is above all columns that the cell covers. Where no cell of a row was
    joined, as in a text file, a text is above the empty cells to its right too.

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
    """Return the texts of a row of headers: as columns have them, and as they stand above what is below."""
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


PASSED_OVER = ("序号", "顺序号", "行次", "编号", "行号", "no", "number", "serialnumber")
"""Headers of columns that only number the rows."""
_REMARKS = frozenset(map(plain, BESIDE))
NO_UNITS = frozenset(
    ("章", "账面原值", "总计", "总", "全校", "含分校", "公章", "盖章", "全称", "类别", "现有", "实有", "必填")
)
"""What brackets say that is no unit: a seal, what the figure is."""
_PUPILS = frozenset(("人数", "总人数", "生", "生数", "学生", "学生数", "学生人数", "在校人数", "在校生"))
"""What pupils are called in short, beside their stage."""
_WITH_UNIT = ("count", "number", "share")


@attrs.frozen
class Meaning:
    """What a header path says.

    Attributes
    ----------
    measures : tuple of Measure
        One where it is clear, several where it leaves open which, none where it is not known.
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
        What a mapping says of the sheet.
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
        """Return what a column reports: as a mapping says, or else as the header above it."""
        for entry in self.mapped.columns if self.mapped else ():
            measure = measure_of(entry, self.table, self.measures)
            if measure and entry.means(column, path):
                scaling = scaling_of(entry.unit, measure, self.standard) if entry.unit else None
                words = Meaning() if entry.unit else self.with_unit((measure,), split_unit(path[-1])[1], path)
                return Meaning((measure,), _needed(scaling) or words.scaling, words.wrong_unit)
        meaning = self.meaning(path)
        others = self.mapped.columns if self.mapped else ()
        taken = [measure_of(other, self.table, self.measures) for other in others if other.measure]
        return Meaning() if meaning.measure and meaning.measure in taken else meaning

    def meaning(self, path: Path) -> Meaning:
        """Return what a header path says; the brackets at its end hold the unit, unless they belong to the name."""
        words = self.words
        if self.table == SECTIONS and (figure := self._of_section(path)):
            return figure
        *above, leaf = path
        current_id(leaf, self.measures)
        name, unit = split_unit(leaf)
        if result := words.meant(path, self.stage):
            return self.with_unit(result, "", path)
        while name and unit:
            # Brackets that say a stage, or that a figure is a total, hold no unit.
            remark = self._is_remark_in_brackets(unit)
            if result := words.meant((*above, name), words.stage_in(unit) or self.stage):
                return self.with_unit(result, "" if remark else unit, (*above, name))
            inner, further = split_unit(name)
            if not further or not (remark or self._is_remark_in_brackets(further)):
                break
            name, unit = inner, further if remark else unit
        name, unit = split_unit(leaf)
        alone = unit if not name else leaf
        if above and is_unit(alone, self.standard):
            return self.with_unit(self.meaning(tuple(above)).measures, alone, tuple(above))
        return self._glued(above, leaf) or Meaning(self._pupils(path))

    def _pupils(self, path: Path) -> tuple[Measure, ...]:
        """Return the pupils of a stage that a header names in short, as 小学人数 or, where the stage is known, 人数."""
        text = "".join(path)
        if self.table not in ("schools", SECTIONS) or self.words.without_stage(split_unit(text)[0]) not in _PUPILS:
            return ()
        stage = self.words.stage_in(text) or self.stage
        if self.table == SECTIONS:
            return (self.measures["pupils"],)
        column = self.standard.head.scope.pupils.get(stage, "") if stage else ""
        return (self.measures[column],) if column in self.measures else ()

    def _of_section(self, path: Path) -> Meaning | None:
        """Return what a column of results says; None where the words of the table do.

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
        remark = self._is_remark_in_brackets(unit) or per_pupil_in(unit)
        unit = unit_per_pupil(unit, self.standard.indicators[indicator].per)
        return self.with_unit(measures, "" if remark else unit, path)

    def _is_remark_in_brackets(self, text: str) -> bool:
        word = plain(text)
        return bool(word) and (word in TOTALS or word in NO_UNITS or self.words.stage_in(text) is not None)

    def passed_over(self, column: int, path: Path) -> bool:
        """Return whether a column only numbers the rows, or is not to be read."""
        if (words := self._mapped(column, path)) is not None:
            # A row that is counted as no school is never left to pass for one.
            return words.ignore and self._column_of(path) != COUNTED
        return plain(path[-1]) in PASSED_OVER or self.is_beside(column, path)

    def _column_of(self, path: Path) -> str:
        measure = self.meaning(path).measure
        return measure.column if measure else ""

    def is_beside(self, column: int, path: Path) -> bool:
        """Return whether people add a column for themselves, that means nothing in this table and no mapping names."""
        if plain(path[-1]) not in self._beside or self._mapped(column, path):
            return False
        return not self.meaning(path).measures

    def _mapped(self, column: int, path: Path) -> MappedColumn | None:
        columns = self.mapped.columns if self.mapped else ()
        return next((entry for entry in columns if entry.means(column, path)), None)

    def is_remark(self, path: Path) -> bool:
        """Return whether a column holds remarks, and not what a row is about."""
        return plain(path[-1]) in _REMARKS

    @property
    def _beside(self) -> frozenset[str]:
        return words_beside(self.standard, self.table, in_rows=self.in_rows)

    def with_unit(self, measures: tuple[Measure, ...], unit: str, path: Path) -> Meaning:
        """Return measures in the unit of the header; without one, in the unit above it, or above the table."""
        if not measures:
            return Meaning()
        # Those between which a header leaves it open differ by their stage alone.
        measure = measures[0]
        if measure.type not in _WITH_UNIT:
            # What brackets say of a name or a type is a remark.
            return Meaning(measures)
        if unit:
            scaling = scaling_of(unit, measure, self.standard)
            return Meaning(measures, _needed(scaling), "" if scaling else unit)
        for text in reversed(path):
            name, word = split_unit(text)
            if self._is_remark_in_brackets(word):
                continue
            if word and (scaling := scaling_of(word, measure, self.standard)):
                return Meaning(measures, _needed(scaling))
            if word and name and self.words.meant((name,), self.stage) == measures:
                return Meaning(measures, None, word)
        result = [entry for word in self.captions if (entry := scaling_of(word, measure, self.standard))]
        return Meaning(measures, _needed(result[0]) if result else None)

    def _glued(self, above: Sequence[str], leaf: str) -> Meaning | None:
        """Return what a header says that ends in its unit without brackets, as 「教学仪器设备值万元」."""
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
    """Return the headers of columns that hold nothing to read of a table."""
    words = [*BESIDE, *(BESIDE_FACTS if in_rows else ())]
    if table in DETAILS:
        name = standard.table_measures("schools").get("name")
        words += [*BESIDE_ROWS_OF_SCHOOLS, *(name.names if name else ())]
    return frozenset(map(plain, words))


def _needed(scaling: Scaling | None) -> Scaling | None:
    return None if scaling is None or scaling.factor == 1 else scaling


def captions_of(texts: Sequence[str], standard: Standard) -> tuple[str, ...]:
    """Return the units that the lines above a table set for all of it."""
    return tuple(word for text in texts for word in caption_units(text, standard))

"""The columns of a sheet are bound to the measures that they report; headers that are not clear are refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import attrs

from balancedu.core.fields import plain
from balancedu.core.model import Measure
from balancedu.core.standard import SECTIONS
from balancedu.errors import DataError
from balancedu.files.headers import Binder, Headers, Meaning, Path, known_sums, path_text
from balancedu.files.mapping import measure_of
from balancedu.files.sheet import Sheet
from balancedu.files.vocabulary import UNKNOWN_UNIT, is_unit, no_unit, scaling_of, split_unit
from balancedu.submission.arrange import COLUMN, FACT, unknown_of, without
from balancedu.submission.columns import Scaling
from balancedu.submission.problems import Problems, called, guessed, shown, why_dropped
from balancedu.submission.tables import Place, letters
from balancedu.text import NO_WORDS, Phrase, one_of

_CODE = re.compile("(?i)代码|编码|标识|代号|编号|code|id")


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
        Whether the header leaves the stage open, and the type of each school states it.
    addends : tuple of int
        The columns whose sum is reported; empty if the one column is.
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
        Headers that no measure has; they are refused where their column contains anything.
    silent : frozenset of int
        Columns that contain nothing to read.
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
    silent, names = set(headers.passed), -1
    by_type = columns_split_by_type(headers, typed_elsewhere=typed_elsewhere)
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
    """Yield the measures that several columns add up to: as a mapping states, or else as the headers do."""
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
            total.measure in binder.measures
            and total.measure not in (*bound, *mapped)
            and (not total.by_type or typed_elsewhere or "type" in bound)
        ):
            measure = binder.measures[total.measure]
            units = [_unit_of(measure, paths[column], binder) for column in total.columns]
            if all(unit == units[0] and not unit.wrong_unit for unit in units):
                yield Bound(first, measure, paths[first], units[0].scaling, total.by_type, total.columns)


def _unit_of(measure: Measure, path: Path, binder: Binder) -> Meaning:
    """Return a measure in the unit that a header of its own or above states."""
    unit = split_unit(path[-1])[1]
    return binder.with_unit((measure,), "" if binder.is_remark_in_brackets(unit) else unit, path)


def columns_split_by_type(headers: Headers, *, typed_elsewhere: bool = False) -> set[int]:
    """Return the columns whose headers leave the stage open, where the type of each school states it.

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
            "每项内容各有单位，请写在“单位”一列", "every fact has a unit of its own: write it into a column 单位 (unit)"
        )
    problems.note(headers.table, place, path_text(path), problem, hint, UNKNOWN_UNIT)


def refuse_ambiguous(problems: Problems, table: str, place: str, text: str, meaning: Meaning, hint: Phrase) -> None:
    """Refuse a header, or what is in its place beside a row, that may mean several measures."""
    names = (Phrase(f"{measure.title.zh}（{measure.column}）", measure.column) for measure in meaning.measures)
    problem = Phrase("可能是", "it may mean ") + one_of(names)
    problems.note(table, place, text, problem, hint, Phrase("有几种含义", "several meanings"))


def _twice(headers: Headers, place: str, path: Path, first: Bound, problems: Problems) -> None:
    entry, other, letter = called(first.measure), shown(path_text(first.path)), letters(first.column)
    problem = Phrase(
        f"这一列与{letter}列的{other.zh}都是{entry.zh}",
        f"the column means {entry.en}, as {other.en} in column {letter} does",
    )
    hint = Phrase("请只保留一列，或在 mapping.yaml 里分别指定", "keep one of them, or bind them in mapping.yaml")
    problems.note(headers.table, place, path_text(path), problem, hint, Phrase("两列含义相同", "bound twice"))


def refuse_unknown(headers: Headers, sheet: Sheet, column: int, row: int, problems: Problems) -> DataError | None:
    """Refuse a column that contains something, in this row first, and whose header no measure has.

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
    nearest = binder.words.nearest(path, headers.columns)
    guess = guessed(nearest, binder.measures)
    for measure in (binder.measures[name] for name in nearest if name in binder.measures):
        meaning = measure.definition
        if meaning is not None and path[-1] in meaning.zh:
            # The definition distinguishes the two.
            guess = Phrase(f"；{measure.title.zh}指{meaning.zh}", f"; {measure.title.en} is {meaning.en}")
    word = FACT if headers.table == "facts" and not binder.in_rows else COLUMN
    unknown = unknown_of(word)
    place = sheet.place(headers.header_row(column), column)
    hint = Phrase(
        f"请用 balancedu map 起草 mapping.yaml，在里面说明含义或写明不读，或删去这一{word.zh}",
        "say in mapping.yaml what it is or that it is not to be read (balancedu map drafts one), "
        f"or leave the {word.en} out",
    )
    if why := why_dropped(binder.standard, headers.table, path) if not binder.in_rows else NO_WORDS:
        guess, hint = why, without(word)
    if not guess.zh or headers.table == SECTIONS:
        return DataError(headers.table, place, path_text(path), unknown, hint, unknown)
    problems.note(headers.table, place, path_text(path), unknown + guess, hint, unknown)
    return None

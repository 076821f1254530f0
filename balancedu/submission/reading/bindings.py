"""Which column of a sheet reports which measure; what headers leave open is refused with what they could mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs

from balancedu.core.model import Measure
from balancedu.phrase import NO_WORDS, Phrase, one_of
from balancedu.submission.problems import Problems, called, dropped, guessed, shown
from balancedu.submission.raw import COLUMN, FACT, unknown_of, without
from balancedu.submission.reading.binding import Meaning
from balancedu.submission.reading.headers import Headers
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.reading.stacked import Path
from balancedu.submission.reading.units import UNKNOWN_UNIT, is_unit, no_unit
from balancedu.submission.scaling import Scaling
from balancedu.submission.table import Place, letters


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
    """

    column: int
    measure: Measure
    path: Path
    scaling: Scaling | None = None
    by_type: bool = False


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
    """

    bound: Mapping[str, Bound]
    unknown: Mapping[int, Path]
    silent: frozenset[int]

    @property
    def positions(self) -> dict[str, int]:
        """The position of each column of the table in the sheet."""
        return {name: one.column for name, one in self.bound.items()}


def said(path: Path) -> str:
    """Return a header path as people read it."""
    return " > ".join(path)


def bindings_of(headers: Headers, sheet: Sheet, problems: Problems, *, others: str = "refuse") -> Bindings:
    """Return what the columns report; note headers that are not clear, unless others are to be ignored."""
    bound: dict[str, Bound] = {}
    unknown: dict[int, Path] = {}
    silent = set(headers.silent)
    by_type = told_by_type(headers)
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
            bound |= {one.column: Bound(column, one, path, meaning.scaling, by_type=True) for one in meaning.measures}
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
            refuse_ambiguous(problems, headers.table, place, said(path), meaning, hint)
        elif (first := bound.get(meaning.measure.column)) is not None:
            _twice(headers, place, path, first, problems)
        else:
            bound[meaning.measure.column] = Bound(column, meaning.measure, path, meaning.scaling)
    return Bindings(bound, unknown, frozenset(silent))


def told_by_type(headers: Headers) -> set[int]:
    """Return the columns whose headers leave the stage open, where the type of each school says it.

    A header may leave it open and still mean the sum of several columns: where one of its measures has a column of
    its own, or another header could mean the same, nothing is split.
    """
    clear = [one.measure for one in headers.meanings.values() if one.measure]
    if not any(measure.column == "type" and measure.table == headers.table for measure in clear):
        return set()
    possible = {column: one.measures for column, one in headers.meanings.items() if len(one.measures) > 1}
    counted = Counter(measure.id for measures in possible.values() for measure in measures)
    return {
        column
        for column, measures in possible.items()
        if len({measure.stage for measure in measures}) == len(measures)
        and not any(measure in clear or counted[measure.id] > 1 for measure in measures)
    }


def _wrong_unit(headers: Headers, place: str, path: Path, meaning: Meaning, problems: Problems) -> None:
    problem, hint = no_unit(shown(meaning.wrong_unit), meaning.measures[0], headers.binder.standard)
    if headers.binder.in_rows:
        hint = Phrase(
            "每项事实各有单位，请写在“单位”一列", "every fact has a unit of its own: write it into a column 单位 (unit)"
        )
    problems.note(headers.table, place, said(path), problem, hint, UNKNOWN_UNIT)


def refuse_ambiguous(problems: Problems, table: str, place: str, text: str, meaning: Meaning, hint: Phrase) -> None:
    """Refuse a header, or what stands in its place beside a row, that may mean several measures."""
    names = (Phrase(f"{one.title.zh}（{one.column}）", one.column) for one in meaning.measures)
    problem = Phrase("可能是", "it may mean ") + one_of(names)
    problems.note(table, place, text, problem, hint, Phrase("有几种含义", "several meanings"))


def _twice(headers: Headers, place: str, path: Path, first: Bound, problems: Problems) -> None:
    if path == first.path:
        problem = Phrase("有两列同名", "two columns have this name")
        problems.note(headers.table, place, said(path), problem, Phrase("请只保留一列", "keep one of them"))
        return
    one, other, letter = called(first.measure), shown(said(first.path)), letters(first.column)
    problem = Phrase(
        f"这一列与{letter}列的{other.zh}都是{one.zh}",
        f"the column means {one.en}, as {other.en} in column {letter} does",
    )
    hint = Phrase("请只保留一列，或在 mapping.yaml 里分别指定", "keep one of them, or bind them in mapping.yaml")
    problems.note(headers.table, place, said(path), problem, hint, Phrase("两列含义相同", "bound twice"))


def refuse_unknown(headers: Headers, sheet: Sheet, column: int, row: int, problems: Problems) -> None:
    """Refuse a column that holds something, in this row first, and whose header no measure has."""
    if column not in headers.paths:
        place = sheet.place(row, column)
        number = column + 1
        problem = Phrase(f"第{number}列没有列名，这里却有内容", f"column {number} has no name, and is not empty here")
        problems.note(headers.table, place, "", problem, Phrase("请写上列名，或清空这一列", "name it, or empty it"))
        return
    path = headers.paths[column]
    binder = headers.binder
    guess = guessed(binder.words.nearest(path), binder.measures)
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
    problems.note(headers.table, place, said(path), unknown + guess, hint, unknown)

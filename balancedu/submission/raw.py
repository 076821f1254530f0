"""Submitted columns become typed columns, in the order submitted; nothing refers to another table yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import attrs
import numpy as np

from balancedu.core.model import Measure
from balancedu.errors import near
from balancedu.phrase import Phrase, meant
from balancedu.submission.cells import typed
from balancedu.submission.problems import Problems, dropped
from balancedu.submission.scaling import Scaling
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column

COLUMN, FACT = Phrase("列", "column"), Phrase("项", "fact")
_WRONG_SHAPE = Phrase("个数不对", "wrong shape")


@attrs.frozen
class RawTable:
    """Typed columns in the order submitted; nothing refers to another table yet.

    Attributes
    ----------
    faulty : mapping of column to rows
        The cells that could not be read; every row where the whole column could not be.
    """

    id: str
    columns: Mapping[str, Column]
    size: int
    origin: Origin
    faulty: Mapping[str, Collection[int]]

    @property
    def has_ids(self) -> bool:
        """Whether what refers to the rows can be looked up in them."""
        if "school" not in self.columns or {"county", "school"} & set(self.faulty):
            return False
        missing = any((self.columns[name] == "").any() for name in ("county", "school") if name in self.columns)
        return not missing and self.origin.whole and self.size > 0


def type_table(
    name: str,
    columns: Mapping[str, Column],
    measures: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
) -> RawTable:
    """Return the columns of a whole table as their measures' types."""
    return without_empty_county(type_columns(name, columns, measures, origin, problems))


def type_columns(
    name: str,
    columns: Mapping[str, Column],
    measures: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
    scalings: Mapping[str, Scaling | None] = MappingProxyType({}),
    *,
    commas: bool = True,
) -> RawTable:
    """Return the columns of a table, or of some of its rows, as their measures' types; some may have another unit.

    Without `commas`, one comma in a number may stand for a point.
    """
    size = next((column.shape[0] for column in columns.values() if column.ndim), 0)
    read = {
        column: typed(values, measures[column], scalings.get(column), commas=commas)
        for column, values in columns.items()
        if column in measures and values.shape == (size,)
    }
    faulty: dict[str, Collection[int]] = {
        column: {cell.row for cell in bad} for column, (_, bad) in read.items() if bad
    }
    ids = "school" if "school" in measures else "county"
    names = read[ids][0] if ids in read else np.full(size, "")
    for column, values in columns.items():
        if column not in measures:
            _refuse_unknown(name, column, values, measures, origin, problems)
        elif column not in read:
            problems.note(name, origin.title, column, _wrong_shape(values, size), kind=_WRONG_SHAPE)
            faulty[column] = range(size)
        else:
            for cell in read[column][1]:
                place = origin.place(cell.row, column, names[cell.row])
                problems.note(name, place, column, cell.problem, cell.hint, cell.kind)
    result = {column: values for column, (values, _) in read.items()}
    return RawTable(name, result, size, origin, faulty)


def joined(parts: list[RawTable], origin: Origin) -> RawTable:
    """Return the table whose rows were typed in parts, all with the same columns; the list is emptied."""
    faulty: dict[str, set[int]] = {}
    offset = 0
    for part in parts:
        for column, rows in part.faulty.items():
            faulty.setdefault(column, set()).update(row + offset for row in rows)
        offset += part.size
    name, pieces = parts[0].id, [dict(part.columns) for part in parts]
    parts.clear()
    # What was joined is given back at once: otherwise the largest table would stand in memory twice.
    columns = {column: np.concatenate([piece.pop(column) for piece in pieces]) for column in list(pieces[0])}
    return without_empty_county(RawTable(name, columns, offset, origin, faulty))


def without_empty_county(raw: RawTable) -> RawTable:
    """Return a table without its column of counties where that names none."""
    named = raw.columns.get("county", np.empty(0, str))
    if "county" not in raw.columns or "county" in raw.faulty or (named != "").any():
        return raw
    return attrs.evolve(raw, columns={column: values for column, values in raw.columns.items() if column != "county"})


def _refuse_unknown(
    name: str,
    column: str,
    values: Column,
    measures: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
) -> None:
    word, place = COLUMN, origin.title
    if name == "facts":
        word = FACT
        if origin.cells or origin.names:
            place = origin.place(next(row for row, value in enumerate(values.tolist()) if value is not None), column)
    titled = {title: own for own, one in measures.items() for title in (one.title.zh, one.title.en)}
    guess = meant([titled[column]]) if column in titled else near(column, measures)
    unknown = unknown_of(word)
    hint = Phrase(
        f"请删去这一{word.zh}，或在自己的标准里声明",
        f"leave the {word.en} out, or declare it in a standard of your own",
    )
    if why := dropped(problems.standard, name, [column]):
        guess, hint = why, without(word)
    problems.note(name, place, column, unknown + guess, hint, unknown)


def without(word: Phrase) -> Phrase:
    """Return the way out where a column or fact was dropped."""
    return Phrase(f"请删去这一{word.zh}", f"leave the {word.en} out")


def unknown_of(word: Phrase) -> Phrase:
    """Return that the standard has no such column or fact."""
    return Phrase(f"无法识别这一{word.zh}", f"unknown {word.en}")


def _wrong_shape(values: Column, size: int) -> Phrase:
    if values.ndim == 0:
        return Phrase(f"只有一个值，应为{size}个值的列表", f"found one value, wanted a list of {size}")
    if values.ndim > 1:
        found = values.shape[1]
        return Phrase(f"同名的列有{found}列，应为一列", f"found {found} columns of this name, wanted one")
    return Phrase(
        f"有{values.size}个值，应与其他列一样有{size}个",
        f"found {values.size} cells, wanted {size} as in other columns",
    )

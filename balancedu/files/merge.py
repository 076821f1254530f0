"""Several sheets that hold the same table become one table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.model import Measure
from balancedu.core.standard import SECTIONS, Standard
from balancedu.submission.arrange import DETAILS
from balancedu.submission.columns import UNREADABLE
from balancedu.submission.problems import Problems, shown
from balancedu.submission.tables import Column, Origin, RawTable
from balancedu.text import Phrase, place_zh


def one_table(parts: Sequence[RawTable], standard: Standard, problems: Problems) -> RawTable:
    """Return the rows of the sheets of one table, one after the other; what a sheet has no column for is not reported.

    A column that every row needs must stand in each of the sheets. Rows of classes, rooms and subjects that stand in
    two of them are refused; schools that do are, as any school that appears twice.
    """
    # A sheet that nothing was filled into, as that of a school without special rooms, lacks no column.
    parts = [part for part in parts if not _is_empty(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    name, needed = parts[0].id, _needed(parts[0].id, standard)
    names = list(dict.fromkeys(column for part in parts for column in part.columns))
    faulty: dict[str, set[int]] = {}
    start = 0
    for part in parts:
        for column, rows in part.faulty.items():
            faulty.setdefault(column, set()).update(start + row for row in rows)
        for column in needed:
            if column in names and column not in part.columns and column not in part.faulty:
                _refuse_lacking(part, column, parts, problems)
                faulty.setdefault(column, set()).update(range(start, start + part.size))
        start += part.size
    columns = {column: np.concatenate([_column(entry, column, parts, needed) for entry in parts]) for column in names}
    result = RawTable(name, columns, start, Origin.of_several([part.origin for part in parts]), faulty)
    if name not in ("schools", SECTIONS):
        _refuse_again(result, standard, problems)
    return result


def _is_empty(part: RawTable) -> bool:
    return not part.size and not part.faulty and part.origin.whole and bool(part.origin.columns)


def _needed(table: str, standard: Standard) -> list[str]:
    """Return the columns that every row of a table needs, where any has them; the stage of a class may follow."""
    choices = [
        column
        for column, table_measure in standard.table_measures(table).items()
        if table_measure.type == "choice" and column != "stage"
    ]
    return [
        "county",
        *([] if table == "facts" else ["school"]),
        *(["type"] if table == "schools" else choices if table in DETAILS else []),
    ]


def _column(part: RawTable, column: str, parts: Sequence[RawTable], needed: Sequence[str]) -> Column:
    """Return a column of a sheet; where it has none, as many cells that are not reported."""
    if column in part.columns:
        return part.columns[column]
    kind = next(entry.columns[column].dtype for entry in parts if column in entry.columns)
    # A choice that every row needs was refused with its column, and is not again in each row.
    nothing = {"U": "", "f": np.nan, "i": UNREADABLE if column in needed else -1}[kind.kind]
    return np.full(part.size, nothing, dtype=kind)


def _refuse_lacking(part: RawTable, column: str, parts: Sequence[RawTable], problems: Problems) -> None:
    other = next(entry for entry in parts if column in entry.columns)
    where = other.origin.title
    hint = Phrase(
        f"{place_zh(where)} 有这一列，每一行都要填；不是这张表的工作表，请在 mapping.yaml 里略去",
        f"{where} has it, and every row needs one; a sheet of something else is left out in mapping.yaml",
    )
    problem = Phrase("缺少这一列，或整列是空的", "the column is missing, or empty")
    problems.note(part.id, part.origin.title, column, problem, hint)


def _refuse_again(table: RawTable, standard: Standard, problems: Problems) -> None:
    """Refuse rows of two sheets that are, by all that tells rows apart, rows of the same: one may be a copy."""
    measures = standard.table_measures(table.id)
    kinds = ("text", "choice") if table.id in DETAILS else ("text",)
    keys = [column for column in table.columns if measures[column].type in kinds]
    keys = [column for column in keys if _is_full(table.columns[column])]
    if not keys or ("school" in measures and "school" not in keys):
        return
    sheets, codes = np.asarray(table.origin.sheets), _codes(table, keys)
    first = np.full(codes.max() + 1 if codes.size else 0, len(sheets))
    np.minimum.at(first, codes, np.arange(len(sheets)))
    again = np.flatnonzero(sheets > sheets[first[codes]])
    for row in again[np.unique(codes[again], return_index=True)[1]].tolist():
        result = [_said(table.columns[key][row], measures[key]) for key in keys]
        zh, en = "、".join(entry.zh for entry in result), ", ".join(entry.en for entry in result)
        name = "school" if "school" in keys else keys[0]
        before = table.origin.place(int(first[codes[row]]), name)
        problem = Phrase(
            f"{zh}的行在两张工作表里都有，先见于 {before}", f"rows of {en} stand in two sheets, first in {before}"
        )
        hint = Phrase(
            "如果是副本，请在 mapping.yaml 里略去；如果不是，请把这些行写在同一张工作表里",
            "leave a copy out in mapping.yaml; where it is none, put these rows into one sheet",
        )
        kind = Phrase("两张工作表都有的行", "rows in two sheets")
        problems.note(table.id, table.origin.place(row, name), name, problem, hint, kind)


def _said(value: str | int, measure: Measure) -> Phrase:
    if measure.type != "choice":
        return shown(str(value))
    choice = measure.values[int(value)]
    return Phrase(choice.title.zh, choice.id)


def _is_full(column: Column) -> bool:
    return bool((column != "").all() if column.dtype.kind == "U" else (column >= 0).all())


def _codes(table: RawTable, keys: Sequence[str]) -> Ints:
    """Return a number for each row, the same for rows that are equal in these columns."""
    codes = np.zeros(table.size, np.intp)
    for key in keys:
        own = np.unique(table.columns[key], return_inverse=True)[1]
        codes = np.unique(codes * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
    return codes

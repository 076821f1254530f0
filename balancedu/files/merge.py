"""Several sheets that hold the same table become one table."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from balancedu.core.standard import SECTIONS, Standard
from balancedu.submission.arrange import DETAILS, joined
from balancedu.submission.columns import UNREADABLE
from balancedu.submission.problems import Problems, written
from balancedu.submission.tables import Column, Origin, RawTable
from balancedu.text import Phrase, place_zh


def one_table(parts: Sequence[RawTable], standard: Standard, problems: Problems) -> RawTable:
    """Return the rows of the sheets of one table, one after the other; what a sheet has no column for is not reported.

    A column that every row needs must be in each of the sheets. Rows of classes, rooms and subjects that are in
    two of them are refused; schools that do are, as any school that appears twice.
    """
    # A sheet that nothing was filled into, as that of a school without special rooms, lacks no column.
    parts = [part for part in parts if not _is_empty(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    name, needed, complete = parts[0].id, _needed(parts[0].id, standard), []
    for part in parts:
        lacking = [
            column
            for column in needed
            if column not in part and column not in part.faulty and any(column in other for other in parts)
        ]
        for column in lacking:
            _refuse_lacking(part, column, parts, problems)
        complete.append(attrs.evolve(part, faulty={**part.faulty, **dict.fromkeys(lacking, range(part.size))}))
    # A choice that every row needs was refused with its column, and is not again in each row.
    choices = {column for column, measure in standard.table_measures(name).items() if measure.type == "choice"}
    gaps = dict.fromkeys(choices.intersection(needed), UNREADABLE)
    result = joined(complete, Origin.of_several([part.origin for part in parts]), gaps)
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
    sheets, first, refused = np.asarray(table.origin.sheets), dict[tuple[object, ...], int](), set[tuple[object, ...]]()
    for row, values in enumerate(zip(*(table.columns[key].tolist() for key in keys), strict=True)):
        before = first.setdefault(values, row)
        if sheets[row] == sheets[before] or values in refused:
            continue
        refused.add(values)
        cells = [written(value, measures[key]) for key, value in zip(keys, values, strict=True)]
        zh, en = "、".join(entry.zh for entry in cells), ", ".join(entry.en for entry in cells)
        name = "school" if "school" in keys else keys[0]
        place = table.place(before, name)
        problem = Phrase(
            f"{zh}的行在两张工作表里都有，先见于 {place}", f"rows of {en} are in two sheets, first in {place}"
        )
        hint = Phrase(
            "如果是副本，请在 mapping.yaml 里略去；如果不是，请把这些行写在同一张工作表里",
            "leave a copy out in mapping.yaml; where it is none, put these rows into one sheet",
        )
        kind = Phrase("两张工作表都有的行", "rows in two sheets")
        problems.note(table.id, table.place(row, name), name, problem, hint, kind)


def _is_full(column: Column) -> bool:
    return bool((column != "").all() if column.dtype.kind == "U" else (column >= 0).all())

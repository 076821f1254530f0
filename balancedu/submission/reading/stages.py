"""A column whose header leaves the stage open: the type of each school says which stage its figures are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from balancedu.core.model import Choice, Title
from balancedu.phrase import Phrase
from balancedu.submission.cells import typed
from balancedu.submission.notes import Note
from balancedu.submission.problems import Problems
from balancedu.submission.reading.bindings import Bound, said
from balancedu.submission.reading.sheet import Cell, Sheet
from balancedu.submission.reading.stacked import text_of


def split_by_type(
    numbers: Sequence[int],
    cells: Mapping[str, list[Cell]],
    bound: Mapping[str, Bound],
    sheet: Sheet,
    problems: Problems,
) -> None:
    """Leave in the columns of each stage the figures of the schools that have this stage alone.

    A figure of a school of several stages is refused: nobody knows whose it is. That of a school whose type has no
    stage of its own is passed over, as the school is when sections are counted.

    Parameters
    ----------
    numbers : sequence of int
        The numbers of the rows.
    cells : mapping of column of the table to cells
        Every column of a stage holds the same figures at first.
    bound : mapping of column of the table to Bound
    sheet, problems
    """
    split = {name: one for name, one in bound.items() if one.by_type}
    if not split:
        return
    types = bound["type"].measure.values
    kinds, _ = typed(np.fromiter(cells["type"], dtype=object, count=len(numbers)), bound["type"].measure)
    together: dict[int, list[str]] = {}
    for name, one in split.items():
        together.setdefault(one.column, []).append(name)
    for names in together.values():
        stages = [bound[name].measure.stage for name in names]
        for row, kind in enumerate(kinds.tolist()):
            own = (types[kind].stages or ()) if kind >= 0 else ()
            if len(own) > 1 and text_of(cells[names[0]][row]):
                _refuse(numbers[row], cells[names[0]][row], types[kind], bound[names[0]], sheet, problems)
            for name, stage in zip(names, stages, strict=True):
                if own != (stage,):
                    cells[name][row] = None


def _refuse(number: int, cell: Cell, kind: Choice, bound: Bound, sheet: Sheet, problems: Problems) -> None:
    place = sheet.place(number, bound.column)
    problem = Phrase(
        f"填报{text_of(cell)}，但{kind.title.zh}有几个学段，表头没有写明是哪个",
        f"found {text_of(cell)}, and a {kind.title.en} has several stages: of which it is, no header says",
    )
    hint = Phrase("请让每个学段各占一列", "give every stage a column of its own")
    whose = Phrase("没有分学段的数", "figure of several stages")
    problems.note(bound.measure.table, place, said(bound.path), problem, hint, whose)


def stage_notes(bound: Mapping[str, Bound], sheet: Sheet) -> list[Note]:
    """Return which columns were read by the type of school."""
    headers = dict.fromkeys(said(one.path) for one in bound.values() if one.by_type)
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

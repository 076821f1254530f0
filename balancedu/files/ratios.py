"""Figures per pupil in tables of other people: which indicator a header names, and tables of means and coefficients."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.core.standard import Standard
from balancedu.files.binding import text_of
from balancedu.files.quantities import indicator_of, is_per_pupil
from balancedu.files.sheet import Cell, Row, Sheet
from balancedu.files.vocabulary import vocabulary
from balancedu.submission.arrange import type_columns
from balancedu.submission.problems import Note, Problems
from balancedu.submission.raw import RawTable
from balancedu.submission.tables import Origin

_MEAN = ("平均值", "均值", "平均数", "mean", "average")
_CV = ("差异系数", "变异系数", "coefficient", "cv")
SPREAD = "spread"
_FEWEST = 4
"""So many figures must say stage, indicator and statistic for a sheet to be a table of them."""
_MOST_ROWS = 400
_NUMBER = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*")


@attrs.frozen
class SpreadFigure:
    """One mean or coefficient of a table, and where it stands."""

    stage: str
    indicator: str
    is_mean: bool
    value: Cell
    row: int
    column: int


def spread_in(rows: Sequence[Row], standard: Standard) -> list[SpreadFigure]:
    """Return the means and coefficients that a sheet holds, whichever way it is turned.

    A figure counts when the headers above it and the labels before it say its stage, its indicator and what it is.
    """
    words = vocabulary(standard, "schools")
    above: dict[int, list[str]] = {}
    carried: dict[int, str] = {}
    result: list[SpreadFigure] = []
    for number, cells in rows[:_MOST_ROWS]:
        figures = [_is_figure(cell) for cell in cells]
        texts = ["" if figure else text_of(cell) for cell, figure in zip(cells, figures, strict=True)]
        is_header = not any(figures)
        if is_header:
            for column, text in enumerate(texts):
                if text:
                    above.setdefault(column, []).append(text)
            _carry(texts, above)
            continue
        before: list[str] = []
        for column, cell in enumerate(cells):
            if texts[column]:
                if column < _LABELS:
                    carried = {key: text for key, text in carried.items() if key < column} | {column: texts[column]}
                continue
            if not figures[column]:
                continue
            before = [text for key, text in sorted(carried.items()) if key < column]
            wording = [*above.get(column, []), *before]
            indicator = next((entry for text in wording if (entry := indicator_of(text, standard))), "")
            stages = {stage for text in wording if (stage := words.stage_in(text))}
            statistic = {True for text in wording if _says(text, _MEAN)} | {
                False for text in wording if _says(text, _CV)
            }
            if indicator and len(stages) == 1 and len(statistic) == 1:
                result.append(SpreadFigure(stages.pop(), indicator, statistic.pop(), cell, number, column))
    return result


_LABELS = 4
"""So many columns may hold labels before the figures."""


def _carry(texts: Sequence[str], above: dict[int, list[str]]) -> None:
    """Let a header stand above the empty cells to its right, as joined cells do."""
    last = ""
    for column, text in enumerate(texts):
        last = text or last
        if not text and last and not is_per_pupil(last):
            above.setdefault(column, []).append(last)


def _says(text: str, words: Sequence[str]) -> bool:
    word = plain(text)
    return any(entry in word for entry in words)


def _is_figure(cell: Cell) -> bool:
    """Return whether a cell is a number, or in a text file the text of one."""
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def is_spread(figures: Sequence[SpreadFigure]) -> bool:
    """Return whether figures make a table of means and coefficients."""
    return len(figures) >= _FEWEST and any(not figure.is_mean for figure in figures)


def spread_table(
    figures: Sequence[SpreadFigure], sheet: Sheet, standard: Standard, problems: Problems
) -> tuple[RawTable, list[Note]]:
    """Return means and coefficients as a table with a row for each stage and indicator."""
    by_key: dict[tuple[str, str], dict[bool, SpreadFigure]] = {}
    for entry in figures:
        by_key.setdefault((entry.stage, entry.indicator), {}).setdefault(entry.is_mean, entry)
    known = standard.table_measures(SPREAD)
    columns: dict[str, list[Cell]] = {"stage": [], "indicator": [], "mean": [], "cv": []}
    lines: list[int] = []
    cells: dict[tuple[int, str], int] = {}
    for row, ((stage, indicator), pair) in enumerate(by_key.items()):
        lines.append(next(iter(pair.values())).row)
        columns["stage"].append(stage)
        columns["indicator"].append(indicator)
        for name, is_mean in (("mean", True), ("cv", False)):
            figure = pair.get(is_mean)
            columns[name].append(figure.value if figure else None)
            cells |= {(row, name): figure.row} if figure else {}
    arrays = {name: np.fromiter(values, dtype=object, count=len(lines)) for name, values in columns.items()}
    origin = Origin(sheet.file, lines, cells, sheet=sheet.name)
    note = Title(zh="按均值和差异系数表读入", en="read as a table of means and coefficients of variation")
    return type_columns(SPREAD, arrays, known, origin, problems), [Note(sheet.file, sheet.name, note)]

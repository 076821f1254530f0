"""Tables of means and coefficients of variation, whichever way they are turned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.fields import Title
from balancedu.core.standard import SPREAD, Standard
from balancedu.files.binding import paths_of, text_of
from balancedu.files.results import indicator_of, statistics_in
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.vocabulary import vocabulary
from balancedu.submission.arrange import type_columns
from balancedu.submission.problems import Note, Problems
from balancedu.submission.tables import Origin, RawTable

_FEWEST = 4
"""So many figures must say stage, indicator and statistic for a sheet to be a table of them."""
_MOST_ROWS = 400
_LABELS = 4
"""So many columns may hold labels before the figures."""
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*")


@attrs.frozen
class SpreadFigure:
    """One mean or coefficient of a table, and where it is."""

    county: str
    stage: str
    indicator: str
    is_mean: bool
    value: Cell
    row: int
    column: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about."""
        return self.county, self.stage, self.indicator


def spread_in(rows: Sequence[Row], sheet: Sheet, standard: Standard) -> list[SpreadFigure]:
    """Return the means and coefficients that a sheet holds; nothing where it is no table of them.

    A figure counts when the headers above it and the labels before it say its stage, its indicator and what it is. A
    stage or a statistic that none of them says may be that of the sheet's name, of its title, or of a line between
    the rows. A name that does not say per pupil counts for coefficients alone: a mean may be one of the amount.
    """
    words, named = vocabulary(standard, "schools"), vocabulary(standard, "facts")
    context = [sheet.name or sheet.file.rpartition(".")[0]]
    headers: list[Row] = []
    paths: Mapping[int, Sequence[str]] = {}
    labels: dict[int, str] = {}
    result: list[SpreadFigure] = []
    for number, cells in rows[:_MOST_ROWS]:
        if not any(map(_is_figure, cells)):
            texts = [text for text in map(text_of, cells) if text]
            if len(texts) == 1:
                context = [*context[:1], texts[0]] if labels else [*context, texts[0]]
            else:
                headers = [(number, cells)] if labels else [*headers, (number, cells)]
                paths, labels = paths_of(headers, sheet), {}
            continue
        for column, cell in enumerate(cells):
            if is_filled(cell) and not _is_figure(cell) and column < _LABELS:
                labels = {key: text for key, text in labels.items() if key < column} | {column: text_of(cell)}
            elif _is_figure(cell):
                before = {key: text for key, text in labels.items() if key < column}
                wording = [*paths.get(column, ()), *before.values()]
                kinds = {kind for text in wording for kind in statistics_in(text)}
                kinds = kinds or {kind for text in context for kind in statistics_in(text)}
                if len(kinds) != 1:
                    continue
                counties = [key for key in before if any(m.column == "county" for m in named.meant(paths.get(key, ())))]
                stages = {stage for text in wording if (stage := words.stage_in(text))}
                stages = stages or {stage for text in context[-1:] if (stage := words.stage_in(text))}
                stages = stages or {stage for text in context if (stage := words.stage_in(text))}
                indicator = next((entry for text in wording if (entry := indicator_of(text, standard))), "")
                if not indicator and kinds == {False}:
                    known = (indicator_of(text, standard, per_pupil=False) for text in wording)
                    indicator = next(filter(None, known), "")
                if indicator and len(stages) == 1:
                    county = before[counties[0]] if counties else ""
                    is_mean = kinds.pop()
                    value = _value(cell, is_mean=is_mean)
                    result.append(SpreadFigure(county, stages.pop(), indicator, is_mean, value, number, column))
    coefficients = sum(not figure.is_mean for figure in result)
    unique = len({(figure.key, figure.is_mean) for figure in result}) == len(result)
    return result if len(result) >= _FEWEST and coefficients and unique else []


def _is_figure(cell: Cell) -> bool:
    """Return whether a cell is a number, or the text of one."""
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _value(cell: Cell, *, is_mean: bool) -> Cell:
    match = _NUMBER.fullmatch(cell) if isinstance(cell, str) else None
    return float(match[1]) / 100 if match and match[2] and not is_mean else cell


def spread_table(
    figures: Sequence[SpreadFigure], sheet: Sheet, standard: Standard, problems: Problems
) -> tuple[RawTable, list[Note]]:
    """Return means and coefficients as a table with a row for each county, stage and indicator."""
    by_key: dict[tuple[str, str, str], dict[str, SpreadFigure]] = {}
    for figure in figures:
        by_key.setdefault(figure.key, {})["mean" if figure.is_mean else "cv"] = figure
    lines = [next(iter(pair.values())).row for pair in by_key.values()]
    keys = dict(zip(("county", "stage", "indicator"), zip(*by_key, strict=True), strict=True))
    columns: dict[str, list[Cell]] = {name: list(values) for name, values in keys.items() if any(values)}
    cells: dict[tuple[int, str], int] = {}
    for name in ("mean", "cv"):
        columns[name] = [pair[name].value if name in pair else None for pair in by_key.values()]
        cells |= {(n, name): pair[name].row for n, pair in enumerate(by_key.values()) if name in pair}
    arrays = {name: np.fromiter(values, dtype=object, count=len(lines)) for name, values in columns.items()}
    origin = Origin(sheet.file, lines, cells, sheet=sheet.name)
    note = Title(zh="按均值和差异系数表读入", en="read as a table of means and coefficients of variation")
    table = type_columns(SPREAD, arrays, standard.table_measures(SPREAD), origin, problems)
    return table, [Note(sheet.file, sheet.name, note)]

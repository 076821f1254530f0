"""Figures of sections beside those of the whole school: the official split decides, and a note says how they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from balancedu.core.fields import Stage, Title
from balancedu.core.model import Measure, split_terms
from balancedu.core.standard import Standard
from balancedu.files.headers import Headers
from balancedu.files.units import scaling_of, split_unit
from balancedu.submission.problems import figure
from balancedu.submission.tables import RawTable

_MOST_SCHOOLS = 5


@attrs.frozen
class SectionColumn:
    """A column that gives for one stage what the school is asked for as a whole."""

    measure: Measure
    stage: Stage
    factor: float


def section_columns(headers: Headers) -> Mapping[int, SectionColumn]:
    """Return the columns of a sheet of schools that give a shared resource for one stage."""
    result: dict[int, SectionColumn] = {}
    words, standard = headers.binder.words, headers.binder.standard
    for column, path in headers.paths.items() if headers.table == "schools" else ():
        stage = words.stage_in("".join(path))
        if headers.meanings[column].measures or stage not in standard.stages:
            continue
        leaf, unit = split_unit(path[-1])
        measures = words.meant(tuple(filter(None, map(words.without_stage, (*path[:-1], leaf)))))
        if len(measures) == 1 and measures[0].unit and measures[0].stage is None:
            scaling = scaling_of(unit, measures[0], standard) if unit else None
            result[column] = SectionColumn(measures[0], stage, float(scaling.factor) if scaling else 1.0)
    return result


def section_notes(
    table: RawTable, column: SectionColumn, given: Mapping[int, float], standard: Standard
) -> Iterator[Title]:
    """Yield what the figures of a column come to per pupil, and what the official split gives.

    Parameters
    ----------
    table : RawTable
        The schools.
    column : SectionColumn
    given : mapping of line to figure
    standard : Standard
    """
    lines = np.asarray(table.origin.lines).tolist()
    names = table.columns.get("name", table.columns.get("school", np.full(table.size, "")))
    pairs: list[str] = []
    for indicator in standard.indicators.values():
        terms = split_terms(indicator.terms(column.stage))
        if column.measure.column not in {name for sign, name in terms if sign > 0}:
            continue
        for row, line in enumerate(lines):
            split = _split(table, row, column.stage, terms, standard)
            pupils = table.columns[standard.head.scope.pupils[column.stage]][row] if split is not None else 0
            if line in given and split is not None and pupils > 0:
                own = given[line] * column.factor / pupils * indicator.per
                pairs.append(f"{names[row]} {figure(round(own, 2))} / {figure(round(split * indicator.per, 2))}")
    if pairs:
        shown, more = "，".join(pairs[:_MOST_SCHOOLS]), "……" if len(pairs) > _MOST_SCHOOLS else ""
        stage, title = standard.head.stage_titles[column.stage], column.measure.title
        yield Title(
            zh=f"{stage.zh}的{title.zh}另有填报，判定按全校的数拆分；填报数折合每生 / 拆分所得：{shown}{more}",
            en=f"{title.en} of {stage.en} sections is given too, and judged is the split of the school's figure; "
            f"per pupil as given / by the split: {shown.replace('，', ', ')}{more}",
        )


def _split(
    table: RawTable, row: int, stage: Stage, terms: tuple[tuple[int, str], ...], standard: Standard
) -> float | None:
    """Return the amount per pupil of a stage by the official split; None where something is not known."""
    kind = int(table.columns["type"][row]) if "type" in table.columns else -1
    counted = standard.counted(standard.measures["type"].values[kind].id) if kind >= 0 else None
    if counted is None or stage not in counted.weights or any(name not in table.columns for _, name in terms):
        return None
    amount = sum(sign * float(table.columns[name][row]) for sign, name in terms)
    weighted = 0.0
    for other, weight in counted.weights.items():
        column = standard.head.scope.pupils[other]
        pupils = float(table.columns[column][row]) if column in table.columns else np.nan
        weighted += float(weight) * pupils
    share = amount * float(counted.weights[stage]) / weighted if weighted > 0 else np.nan
    return None if np.isnan(share) else share

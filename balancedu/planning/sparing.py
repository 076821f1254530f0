"""The columns of margins: what each section, coefficient and item has to spare."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.model import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.section import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.distances import Distance
from balancedu.planning.result import Columns, column
from balancedu.planning.said import bare, counted, points
from balancedu.planning.spread import spread_limits, spread_verdicts
from balancedu.planning.units import LEVELS, measure_added, pupils_to, units_to

if TYPE_CHECKING:
    pass


def of_sections(evaluation: Evaluation) -> tuple[Columns, Columns]:
    """Return the columns of sections, and those of sections and indicators."""
    basis, rows = evaluation.record.basis, evaluation.section_rows
    said = [section_of(basis, row) for row in rows.tolist()]
    shared = dict(evaluation.sections) | {
        "name_zh": column([one.said("zh") for one in said], str),
        "name_en": column([one.said("en") for one in said], str),
        "verdict": column([one.verdict.name for one in said], str),
    }
    pupils = {level: pupils_to(basis, level).T[rows] for level in LEVELS}
    spare = {level: 0.0 - units_to(basis, level).T[rows] for level in LEVELS}
    more, decisive = _more_pupils(evaluation, pupils["standard"], pupils["floor"])
    sections = shared | {
        "more_pupils": more,
        "share": more / basis.sections.pupils[rows],
        "indicator": np.array([*evaluation.indicators, ""])[decisive],
    }
    alone = _spare_alone(evaluation, spare["standard"], spare["floor"])
    count = len(evaluation.indicators)
    with np.errstate(invalid="ignore", divide="ignore"):
        amount = _amounts(evaluation)
        share = np.where(amount > 0, alone / amount, np.nan)
    indicators = {name: np.repeat(values, count) for name, values in shared.items()} | {
        "indicator": np.tile(np.array(evaluation.indicators), rows.size),
        "measure": _measures(evaluation),
        "value": evaluation.values.ravel(),
        "standing": evaluation.standing.ravel(),
        "spare": alone.ravel(),
        "share": share.ravel(),
    }
    for level in LEVELS:
        indicators[f"spare_{level}"] = spare[level].ravel()
        indicators[f"pupils_{level}"] = pupils[level].ravel()
    return sections, indicators


def _more_pupils(evaluation: Evaluation, to_standard: Floats, to_floor: Floats) -> tuple[Floats, Ints]:
    """Return how many pupils each section can take, and the position of the indicator that decides."""
    rule, pupils = evaluation.standard.section_rule, evaluation.sections["pupils"]
    count = to_standard.shape[1]
    if rule is None or not count:
        return np.full(pupils.size, np.nan), np.full(pupils.size, count)
    # So many indicators must stay at the standard: the one of that rank goes first, unless a floor does.
    rank = np.argsort(-to_standard, axis=1, kind="stable")[:, rule.at_standard - 1]
    lowest = np.argmin(to_floor, axis=1)
    each = np.arange(pupils.size)
    by_rank, by_floor = to_standard[each, rank], to_floor[each, lowest]
    more = np.minimum(by_rank, by_floor)
    # A section whose last pupil would have to leave cannot be mended by pupils.
    more[(pupils + more < 1) | np.isnan(to_standard).any(axis=1)] = np.nan
    decisive = np.where(by_rank <= by_floor, rank, lowest)
    return more, np.where(np.isnan(more), count, decisive)


def _spare_alone(evaluation: Evaluation, spare_standard: Floats, spare_floor: Floats) -> Floats:
    """Return how many units of one indicator may go, or must come, for the section's verdict to change."""
    rule, standing = evaluation.standard.section_rule, evaluation.standing
    if rule is None:
        return np.full(spare_standard.shape, np.nan)
    others_at = (standing == 2).sum(axis=1, keepdims=True) - (standing == 2)
    others_below = (standing == 0).sum(axis=1, keepdims=True) - (standing == 0)
    result = np.where(others_at >= rule.at_standard, spare_floor, spare_standard)
    cannot = (others_at < rule.at_standard - 1) | (others_below > 0) | (standing == -1).any(axis=1, keepdims=True)
    return np.where(cannot, np.nan, result)


def _amounts(evaluation: Evaluation) -> Floats:
    """Return the amount that each section's school reports of the measure that is added to."""
    basis, rows = evaluation.record.basis, evaluation.section_rows
    schools, measures = basis.submission.schools, _measures(evaluation).reshape(rows.size, -1)
    school = basis.sections.school[rows]
    return np.array(
        [[schools.numbers(name)[row] for name in names] for row, names in zip(school, measures.tolist(), strict=True)]
    ).reshape(measures.shape)


def _measures(evaluation: Evaluation) -> NDArray[np.str_]:
    standard, stages = evaluation.standard, evaluation.record.basis.sections.stage[evaluation.section_rows]
    by_stage = [[measure_added(one, stage) for one in standard.indicators.values()] for stage in standard.stages]
    return np.array(by_stage)[stages].ravel()


def of_spread(evaluation: Evaluation) -> Columns:
    """Return the columns of the coefficients of variation."""
    limits, standard = spread_limits(evaluation.standard), evaluation.standard
    shape = evaluation.cv.shape
    county, stage, indicator = (axis.ravel() for axis in np.indices(shape))
    limit = np.broadcast_to(limits[None, :, None], shape).ravel()
    verdicts = spread_verdicts(evaluation)
    return {
        "county": np.array(evaluation.counties)[county],
        "stage": np.array(standard.stages)[stage],
        "indicator": np.array(evaluation.indicators)[indicator],
        "cv": evaluation.cv.ravel(),
        "limit": limit,
        "margin": limit - evaluation.cv.ravel(),
        "share": (limit - evaluation.cv.ravel()) / limit,
        "verdict": column([Verdict(code).name for code in verdicts.ravel().tolist()], str),
    }


def of_items(rows: list[tuple[str, Distance]]) -> Columns:
    """Return the columns of the other items."""
    texts: dict[str, list[str]] = {"county": [county for county, _ in rows]}
    for name in ("item", "check", "school"):
        texts[name] = [getattr(one, name) for _, one in rows]
    for lang in ("zh", "en"):
        texts[f"name_{lang}"] = [getattr(one.name, lang) for _, one in rows]
        texts[f"title_{lang}"] = [bare(one.title, lang) for _, one in rows]
        texts[f"said_{lang}"] = [_margin_said(one, lang) for _, one in rows]
    texts["verdict"] = [one.verdict.name for _, one in rows]
    margin = column([0.0 - one.amount for _, one in rows], float)
    base = column([one.base if one.base else math.nan for _, one in rows], float)
    return {name: column(values, str) for name, values in texts.items()} | {"margin": margin, "share": margin / base}


def _margin_said(distance: Distance, lang: Language) -> str:
    if math.isnan(distance.amount):
        return "?"
    margin = 0.0 - distance.amount
    return (
        points(margin, lang)
        if distance.form == "percent" and not distance.unit
        else counted(margin, distance.unit, lang)
    )

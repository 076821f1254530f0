"""The columns of a trend: figures year by year."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from balancedu.errors import RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.phrase import Phrase
from balancedu.planning.matching import Matching
from balancedu.planning.result import Columns, column
from balancedu.planning.spread import (
    COMPOSITE,
    composite_limits,
    composite_verdicts,
    spread_limits,
    spread_verdicts,
)

if TYPE_CHECKING:
    pass


def spread_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return the coefficients of every year."""
    shape = listed[0].cv.shape[1:]
    stage, indicator = (axis.ravel() for axis in np.indices(shape))
    limits = spread_limits(listed[-1].standard)[stage]
    whole = composite_limits(listed[-1].standard)
    judged = np.flatnonzero(~np.isnan(whole))
    stage, limits = np.concatenate([stage, judged]), np.concatenate([limits, whole[judged]])
    names = np.array([*np.array(listed[0].indicators)[indicator], *[COMPOSITE] * judged.size])
    cv = np.concatenate([figures for one in listed for figures in (one.cv[0].ravel(), one.composite[0][judged])])
    by_year = [(spread_verdicts(one)[0].ravel(), composite_verdicts(one)[0][judged]) for one in listed]
    verdicts = np.concatenate([codes for both in by_year for codes in both])
    count = len(listed)
    return {
        "year": np.repeat(np.array(years), stage.size),
        "stage": np.tile(np.array(listed[0].stages)[stage], count),
        "indicator": np.tile(names, count),
        "cv": cv,
        "limit": np.tile(limits, count),
        "margin": np.tile(limits, count) - cv,
        "verdict": column([Verdict(code).name for code in verdicts.tolist()], str),
    }


def sections_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return how many sections comply in every year."""
    rows = []
    for year, one in zip(years, listed, strict=True):
        for stage in one.stages:
            verdicts = one.section_verdicts[one.sections["stage"] == stage]
            met, unknown = int((verdicts == Verdict.MET).sum()), int((verdicts == Verdict.UNKNOWN).sum())
            rows.append((year, stage, verdicts.size, met, unknown, met / verdicts.size if verdicts.size else math.nan))
    names = ("year", "stage", "sections", "comply", "unknown", "share")
    return {name: np.array([row[n] for row in rows]) for n, name in enumerate(names)}


def indicators_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return what share of the sections reaches the standard and the floor of each indicator, every year."""
    rows = []
    for year, one in zip(years, listed, strict=True):
        for stage in one.stages:
            standing = one.standing[one.sections["stage"] == stage]
            for n, name in enumerate(one.indicators):
                shares = [(standing[:, n] >= least).mean() if len(standing) else math.nan for least in (2, 1)]
                rows.append((year, stage, name, *shares))
    names = ("year", "stage", "indicator", "at_standard", "at_floor")
    return {name: np.array([row[n] for row in rows]) for n, name in enumerate(names)}


def items_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> Columns:
    """Return the verdict of every item in every year."""
    rows = [
        (year, item, Verdict(int(codes[0])).name)
        for year, one in zip(years, listed, strict=True)
        for item, codes in one.item_verdicts.items()
    ]
    return {name: np.array([row[n] for row in rows]) for n, name in enumerate(("year", "item", "verdict"))}


def schools_of(listed: tuple[Evaluation, ...], years: tuple[Any, ...], pairs: list[Matching]) -> Columns:
    """Return the sections that can be followed through all years, under the id of the last one."""
    verdicts = []
    for one in listed:
        keys = zip(one.sections["school"].tolist(), one.sections["stage"].tolist(), strict=True)
        verdicts.append(dict(zip(keys, one.section_verdicts.tolist(), strict=True)))
    rows = []
    for school, stage in verdicts[0]:
        ids = [school]
        for pair in pairs:
            ids.append(pair.school(ids[-1]) or ids[-1])
        if all((name, stage) in found for name, found in zip(ids, verdicts, strict=True)):
            for year, name, found in zip(years, ids, verdicts, strict=True):
                rows.append((year, ids[-1], stage, Verdict(found[name, stage]).name))
    names = ("year", "school", "stage", "verdict")
    return {name: column([row[n] for row in rows], str if n else None) for n, name in enumerate(names)}


def unmatched_of(years: tuple[Any, ...], pairs: list[Matching]) -> Columns:
    """Return the schools without a counterpart in a neighbouring year."""
    rows = []
    for n, pair in enumerate(pairs):
        found = pair.unmatched()
        for school, name, side in zip(*(found[key].tolist() for key in ("school", "name", "side")), strict=True):
            here, there = (years[n], years[n + 1]) if side == "before" else (years[n + 1], years[n])
            rows.append((str(here), str(there), school, name))
    return {name: column([row[n] for row in rows], str) for n, name in enumerate(("year", "other", "school", "name"))}


def check_years(listed: tuple[Evaluation, ...], years: tuple[Any, ...]) -> None:
    """Refuse what is no row of years of one county, judged by one standard."""
    count, standard = len(listed), listed[0].standard.id if listed else ""
    if count < 2:
        raise _refused(f"趋势至少需要两个年度，现有{count}个", f"a trend needs at least two years, found {count}")
    if len(years) != count:
        en = f"years must be as many as evaluations: {count} evaluations, {len(years)} years"
        raise _refused(f"年度应与评估一样多：有{count}个评估，{len(years)}个年度", en)
    for year, one in zip(years, listed, strict=True):
        if len(one.counties) > 1:
            en = f"a trend is for one county, and {year} has {len(one.counties)}; use ev[county]"
            raise _refused(f"趋势只看一个县，{year}年有{len(one.counties)}个；请只给出一个县", en)
        if one.standard.id != standard:
            zh = f"{year}年按 {one.standard.id} 评估，{years[0]}年按 {standard} 评估；请用同一标准"
            raise _refused(zh, f"{year} was judged by {one.standard.id}, {years[0]} by {standard}; use one")


def _refused(zh: str, en: str) -> RequestError:
    return RequestError(Phrase(zh, en))

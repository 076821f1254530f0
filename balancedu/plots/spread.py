"""Pictures of coefficients of variation: against their limits, what drives one, and how they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.model import Language, Stage
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.plots.style import FAINT, GOOD, INK, POOR, Style, drawing, one_county

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DRIVERS = 12


def spread(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw the coefficients of one stage against their limits.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    ax : Axes, optional
    stage : 'primary' or 'junior'
    lang : 'zh' or 'en'

    Returns
    -------
    Axes
    """
    one_county(evaluation, "a picture of coefficients")
    precision = evaluation.standard.head.precision
    with drawing(ax, lang, (6.4, 3.2)) as (axes, style):
        rows = list(_coefficients(evaluation, stage, style))
        reach = max(np.nanmax([0.01, *(figure for _, cv, limit in rows for figure in (cv, limit))]), 0.01)
        for y, (_, cv, limit) in enumerate(rows):
            if np.isnan(cv):
                axes.text(reach * 0.01, y, style.words("? 待定", "? unknown"), va="center", fontsize=8)
                continue
            fine = np.isnan(limit) or cv <= limit
            axes.barh(
                y, cv, height=0.62, color=GOOD if fine else POOR, edgecolor=INK, lw=0.4, hatch=None if fine else "//"
            )
            shown = printed(cv, "coefficient", precision, style.lang, limit) + ("" if fine else " ×")
            axes.text(cv + reach * 0.01, y, shown, va="center", fontsize=8)
            if not np.isnan(limit):
                axes.plot([limit, limit], [y - 0.42, y + 0.42], color=INK, lw=1.6)
        axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
        axes.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0, reach * 1.18))
        stage_title = style.said(evaluation.standard.head.stage_titles[stage])
        axes.set_title(style.words("校际差异系数", "Coefficients of variation") + f"  {stage_title}", fontsize=11)
        axes.set_xlabel(style.words("竖线为限值，×为超过限值", "upright lines: limits; ×: above the limit"), fontsize=9)
    return axes


def _coefficients(evaluation: Evaluation, stage: Stage, style: Style) -> Iterator[tuple[str, float, float]]:
    """Yield the name, coefficient and limit of each indicator, and of their mean where the standard judges it."""
    position, limits = evaluation.stages.index(stage), _limits(evaluation, stage)
    for one, cv in zip(evaluation.standard.indicators.values(), evaluation.cv[0, position].tolist(), strict=True):
        yield f"{one.id} {style.said(one.name)}", cv, limits.get(one.id, np.nan)
    for finding in evaluation.items.values():
        for check in finding.checks:
            if check.stage == stage and len(check.indicators) > 1:
                yield style.words("综合", "composite"), float(evaluation.composite[0, position]), check.required


def drivers(
    evaluation: Evaluation, ax: Axes | None = None, *, indicator: str, stage: Stage, lang: Language = "zh"
) -> Axes:
    """Draw the sections' shares of the variance, those above the mean to the right and those below to the left."""
    told = evaluation.drivers(indicator, stage)
    shown = told.sections[:MOST_DRIVERS]
    with drawing(ax, lang, (6.4, 1.1 + 0.26 * max(3, len(shown)))) as (axes, style):
        precision = evaluation.standard.head.precision
        if np.isnan(told.cv) or (shown and np.isnan(shown[0].share)):
            axes.text(
                0, 0, style.words("待定，或各学部相同", "unknown, or all sections alike"), ha="center", fontsize=9
            )
            shown = ()
        for y, one in enumerate(shown):
            side = 1 if one.value > told.mean else -1
            axes.barh(y, side * one.share, height=0.7, color=POOR if side < 0 else GOOD, edgecolor=INK, lw=0.4)
            share = printed(one.share, "percent", precision, style.lang)
            axes.annotate(
                share,
                (side * one.share, y),
                xytext=(3 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=7.5,
            )
        axes.axvline(0, color=INK, lw=0.8)
        names = [style.name(one.name, one.school) for one in shown]
        axes.set_yticks(range(len(shown)), names, parse_math=False)
        axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
        reach = max((one.share for one in shown), default=1) * 1.3
        axes.set_xlim(-reach, reach)
        axes.set_xticks([])
        cv = printed(told.cv, "coefficient", precision, style.lang, told.limit)
        head = f"{style.said(told.stage_title)} {indicator} {style.said(told.indicator.name)}"
        axes.set_title(f"{head}  " + style.words(f"差异系数{cv}的来源", f"what drives {cv}"), fontsize=10)
        axes.set_xlabel(
            style.words("← 低于平均　占方差的比例　高于平均 →", "← below the mean   share of the variance   above →"),
            fontsize=9,
        )
    return axes


def change(
    evaluations: Mapping[str, Evaluation], ax: Axes | None = None, *, stage: Stage, lang: Language = "zh"
) -> Axes:
    """Draw how the coefficients of one county changed over years.

    Parameters
    ----------
    evaluations : mapping of year to Evaluation
        In the order of time; each of one county, by standards with the same indicators.
    ax, stage, lang
        As for `spread`.
    """
    if not evaluations:
        raise ValueError("there is no evaluation to draw")
    last = list(evaluations.values())[-1]
    for one in evaluations.values():
        one_county(one, "a picture of change")
        if one.indicators != last.indicators:
            raise ValueError("the evaluations have different indicators, so their coefficients cannot be compared")
    years, position = list(evaluations), last.stages.index(stage)
    table = np.array([one.cv[0, position] for one in evaluations.values()])
    with drawing(ax, lang, (6.4, 3.6)) as (axes, style):
        for limit in sorted(set(_limits(last, stage).values())):
            axes.axhline(limit, color=INK, lw=1, ls=(0, (4, 3)))
        for n, indicator in enumerate(last.indicators):
            over = table[-1, n] > _limits(last, stage).get(indicator, np.inf)
            axes.plot(
                range(len(years)),
                table[:, n],
                color=POOR if over else INK,
                lw=1.2,
                marker=_MARKS[n % len(_MARKS)],
                ms=4,
            )
        _at_the_end(axes, style, last, table[-1], len(years) - 1)
        axes.set_xticks(range(len(years)), [str(year) for year in years], parse_math=False)
        axes.set_xlim(-0.15, (len(years) - 1) * 1.3 + 0.5)
        axes.set_ylim(0, None)
        axes.grid(axis="y", color=FAINT, lw=0.4)
        stage_title = style.said(last.standard.head.stage_titles[stage])
        axes.set_title(
            style.words("差异系数的变化（虚线为限值）", "Change of the coefficients (dashes: limit)")
            + f"  {stage_title}",
            fontsize=11,
        )
    return axes


_MARKS = "osD^vP*X"


def _at_the_end(axes: Axes, style: Style, last: Evaluation, values: Floats, x: int) -> None:
    """Name each line at its end, the names moved apart where lines meet."""
    names = [f"{one.id} {style.said(one.name)}" for one in last.standard.indicators.values()]
    known = sorted((n for n in range(len(names)) if not np.isnan(values[n])), key=lambda n: values[n])
    gap, height = (axes.get_ylim()[1] or 1) / 18, -np.inf
    for n in known:
        height = max(float(values[n]), height + gap)
        axes.annotate(names[n], (x, values[n]), xytext=(x + 0.06, height), fontsize=7.5, va="center")


def _limits(evaluation: Evaluation, stage: Stage) -> dict[str, float]:
    checks = [check for finding in evaluation.items.values() for check in finding.checks]
    return {
        indicator: check.required
        for indicator in evaluation.indicators
        for check in checks
        if check.id == f"{indicator}.{stage}"
    }


def counties(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw the coefficients of many counties, a mark for each, with the limits; parameters as for `spread`."""
    position, names = evaluation.stages.index(stage), evaluation.indicators
    first = evaluation[evaluation.counties[0]]
    limits = _limits(first, stage)
    with drawing(ax, lang, (6.8, 3.4)) as (axes, style):
        for y, indicator in enumerate(names):
            cv, limit = evaluation.cv[:, position, y], limits.get(indicator, np.inf)
            known = np.flatnonzero(~np.isnan(cv))
            heights = y + 0.6 * ((known * 0.618) % 1 - 0.5)
            over = cv[known] > limit
            axes.scatter(cv[known][~over], heights[~over], s=10, c=GOOD, edgecolors=INK, linewidths=0.3)
            axes.scatter(cv[known][over], heights[over], s=14, c=POOR, marker="X", linewidths=0)
            if np.isfinite(limit):
                axes.plot([limit, limit], [y - 0.42, y + 0.42], color=INK, lw=1.6)
        titles = [f"{one.id} {style.said(one.name)}" for one in evaluation.standard.indicators.values()]
        axes.set_yticks(range(len(names)), titles)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, None)
        axes.set_xlabel(
            style.words("竖线为限值，每个点是一个县", "upright lines: limits; each mark is a county"), fontsize=9
        )
        stage_title = style.said(evaluation.standard.head.stage_titles[stage])
        axes.set_title(style.words("各县差异系数", "Coefficients of all counties") + f"  {stage_title}", fontsize=11)
    return axes

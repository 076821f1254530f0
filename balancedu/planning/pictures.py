"""Pictures of results of planning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.errors import MissingExtraError
from balancedu.plots import chinese_font

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from balancedu.planning.compare import Comparison
    from balancedu.planning.margins import Margins
    from balancedu.planning.robustness import Robustness
    from balancedu.planning.shortfalls import Shortfalls
    from balancedu.planning.trend import Trend


BLUE, ORANGE, GREY, RED = "#2a6f97", "#e07a1f", "#9aa5ad", "#b3261e"

_WORDS: dict[str, dict[Language, str]] = {
    "cv": {"zh": "校际差异系数", "en": "coefficient of variation"},
    "limit": {"zh": "限值", "en": "limit"},
    "comply": {"zh": "达标学部的比例（%）", "en": "sections that comply (%)"},
    "before": {"zh": "之前", "en": "before"},
    "after": {"zh": "之后", "en": "after"},
    "of_standard": {"zh": "占标准的百分比", "en": "percent of the standard"},
    "floor": {"zh": "底线", "en": "floor"},
    "standard": {"zh": "标准", "en": "standard"},
    "unknown": {"zh": "待定", "en": "unknown"},
    "holds": {"zh": "判定不变的比例（%）", "en": "draws in which the decision holds (%)"},
}


def trend_picture(trend: Trend, lang: Language) -> Figure:
    """Return coefficients with their limits, and complying sections, over the years."""
    figure, lang = _figure((9.5, 6.2), lang)
    stages, years = trend.standard.stages, [str(year) for year in trend.years]
    axes = figure.subplots(2, len(stages), sharex=True, squeeze=False, height_ratios=(2, 1))
    for n, stage in enumerate(stages):
        above, below = axes[0][n], axes[1][n]
        above.set_title(trend.standard.head.stage_titles[stage].said(lang))
        for name, indicator in trend.standard.indicators.items():
            above.plot(
                years,
                trend.series("spread", "cv", stage, name),
                marker="o",
                label=f"{name} {indicator.name.said(lang)}",
            )
        limits = trend.series("spread", "limit", stage, next(iter(trend.standard.indicators)))
        above.plot(years, limits, color=RED, linestyle="--", label=_WORDS["limit"][lang])
        above.set_ylim(bottom=0)
        shares = [100 * share for share in trend.series("sections", "share", stage)]
        below.bar(years, shares, color=BLUE, width=0.6)
        for year, share in zip(years, shares, strict=True):
            if not math.isnan(share):
                below.annotate(f"{share:.1f}", (year, share), ha="center", va="bottom")
        below.set_ylim(0, 115)
        _tidy(above, below)
    axes[0][0].set_ylabel(_WORDS["cv"][lang])
    axes[1][0].set_ylabel(_WORDS["comply"][lang])
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return _in_font(figure)


def comparison_picture(comparison: Comparison, lang: Language) -> Figure:
    """Return the coefficients before and after, each with its limit."""
    columns, standard = comparison.spread, comparison.after.standard
    figure, lang = _figure((8.0, 5.2), lang)
    axes = figure.subplots()
    labels = _spread_labels(columns, standard, lang)
    height = np.arange(len(labels))[::-1]
    axes.hlines(height, columns["before"], columns["after"], color=GREY)
    axes.plot(columns["before"], height, "o", color=GREY, label=_WORDS["before"][lang])
    axes.plot(columns["after"], height, "o", color=BLUE, label=_WORDS["after"][lang])
    axes.plot(columns["limit"], height, "|", color=RED, markersize=14, label=_WORDS["limit"][lang])
    _labelled(axes, height, labels, _WORDS["cv"][lang])
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return _in_font(figure)


def margins_picture(margins: Margins, lang: Language) -> Figure:
    """Return the coefficients beside their limits."""
    columns = margins.spread
    figure, lang = _figure((8.0, 5.2), lang)
    axes = figure.subplots()
    labels = _spread_labels(columns, margins.standard, lang)
    height = np.arange(len(labels))[::-1]
    colours = [ORANGE if verdict == "NOT_MET" else BLUE for verdict in columns["verdict"].tolist()]
    axes.barh(height, np.nan_to_num(columns["cv"]), color=colours, height=0.6)
    axes.plot(columns["limit"], height, "|", color=RED, markersize=16, label=_WORDS["limit"][lang])
    for n in np.flatnonzero(np.isnan(columns["cv"])).tolist():
        axes.annotate(_WORDS["unknown"][lang], (0, height[n]), xytext=(4, 0), textcoords="offset points", va="center")
    _labelled(axes, height, labels, _WORDS["cv"][lang])
    figure.legend(loc="outside lower center", frameon=False)
    return _in_font(figure)


def shortfalls_picture(shortfalls: Shortfalls, lang: Language) -> Figure:
    """Return everything that is below its standard, in percent of it."""
    columns = shortfalls.sections
    rows = np.flatnonzero(columns["to_standard"] > 0)
    figure, lang = _figure((8.0, 1.6 + 0.42 * max(rows.size, 1)), lang)
    axes = figure.subplots()
    share = 100 * columns["value"][rows] / columns["standard"][rows]
    floor = 100 * columns["floor"][rows] / columns["standard"][rows]
    height = np.arange(rows.size)[::-1]
    colours = [ORANGE if lacking > 0 else BLUE for lacking in columns["to_floor"][rows].tolist()]
    axes.barh(height, share, color=colours, height=0.6)
    axes.plot(floor, height, "|", color=GREY, markersize=16, label=_WORDS["floor"][lang])
    axes.plot(np.full(rows.size, 100.0), height, "|", color=RED, markersize=16, label=_WORDS["standard"][lang])
    titles = shortfalls.standard.indicators
    labels = [
        f"{columns['name'][row]} {columns['indicator'][row]} {titles[str(columns['indicator'][row])].name.said(lang)}"
        for row in rows.tolist()
    ]
    _labelled(axes, height, labels, _WORDS["of_standard"][lang])
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return _in_font(figure)


def robustness_picture(robustness: Robustness, lang: Language) -> Figure:
    """Return the decisions that do not hold in every draw, with their intervals."""
    columns = robustness.decisions
    rows = np.flatnonzero((columns["share"] < 1) | (columns["level"] == "county"))
    rows = rows[np.argsort(columns["share"][rows], kind="stable")]
    figure, lang = _figure((8.0, 1.6 + 0.42 * max(rows.size, 1)), lang)
    axes = figure.subplots()
    height = np.arange(rows.size)[::-1]
    share = 100 * columns["share"][rows]
    away = np.abs([100 * columns["low"][rows] - share, 100 * columns["high"][rows] - share])
    axes.errorbar(share, height, xerr=away, fmt="o", color=BLUE, ecolor=GREY, capsize=3)
    axes.set_xlim(-2, 102)
    _labelled(axes, height, columns[f"name_{lang}"][rows].tolist(), _WORDS["holds"][lang], from_zero=False)
    return _in_font(figure)


def _spread_labels(columns: Any, standard: Standard, lang: Language) -> list[str]:
    titles = standard.head.stage_titles
    return [
        f"{titles[stage].said(lang)} {name} {standard.indicators[name].name.said(lang)}"
        for stage, name in zip(columns["stage"].tolist(), columns["indicator"].tolist(), strict=True)
    ]


def _labelled(axes: Axes, height: Any, labels: list[str], title: str, *, from_zero: bool = True) -> None:
    axes.set_yticks(height, labels)
    axes.set_ylim(-0.7, len(labels) - 0.3)
    axes.set_xlabel(title)
    if from_zero:
        axes.set_xlim(left=0)
    _tidy(axes)


def _tidy(*all_axes: Axes) -> None:
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="both", color="#eeeeee")
        axes.set_axisbelow(True)


def _figure(size: tuple[float, float], lang: Language) -> tuple[Figure, Language]:
    """Return an empty figure, and the language that its fonts can show."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "a picture") from error
    return Figure(figsize=size, layout="constrained", dpi=120), lang if chinese_font() else "en"


def _in_font(figure: Figure) -> Figure:
    """Return the figure with every text in a font that has its characters."""
    from matplotlib.text import Text

    font = chinese_font()
    for text in figure.findobj(Text):
        text.set_fontfamily([font, "DejaVu Sans"] if font else ["DejaVu Sans"])
    return figure

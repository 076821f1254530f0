"""Pictures of sections: how each stands in each indicator, and how far from the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.inequality import gini, lorenz
from balancedu.core.model import Language, Stage, Title
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.section import Section, section_of
from balancedu.plots.style import (
    FAINT,
    GOOD,
    INK,
    POOR,
    STANDING_COLOURS,
    STANDING_MARKS,
    STANDING_TITLES,
    Style,
    drawing,
    one_county,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle

MOST_ROWS = 60
"""How many sections a heat map shows; the worst come first."""

MOST_NAMED = 6
"""How many outliers are named for each indicator."""


def heatmap(evaluation: Evaluation, ax: Axes | None = None, *, lang: Language = "zh") -> Axes:
    """Draw sections × indicators by standing, the sections with most to do first.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    ax : Axes, optional
        Where to draw; left out, on a new figure.
    lang : 'zh' or 'en'

    Returns
    -------
    Axes

    Examples
    --------
    >>> import balancedu as be, matplotlib
    >>> matplotlib.use("agg")
    >>> heatmap(be.evaluate(be.example("failing"))).get_title()
    '各学部指标达标情况'
    """
    one_county(evaluation, "a heat map")
    standing = evaluation.standing
    sections = _sections(evaluation)
    order = sorted(range(len(sections)), key=lambda n: (*np.sort(standing[n]).tolist(), sections[n].school))
    shown = order[:MOST_ROWS]
    with drawing(ax, lang, (6.4, 1.2 + 0.24 * max(4, len(shown)))) as (axes, style):
        for y, n in enumerate(shown):
            for x, code in enumerate(standing[n].tolist()):
                hatch = "////" if code == -1 else None
                colour = STANDING_COLOURS[code]
                axes.add_patch(_cell(x, y, colour, hatch))
                axes.text(x, y, STANDING_MARKS[code], ha="center", va="center", fontsize=8, color=_on(code))
        names = [style.name(_title(sections[n]), f"{sections[n].school} {sections[n].stage}") for n in shown]
        axes.set_yticks(range(len(shown)), names, parse_math=False)
        axes.set_xticks(range(len(evaluation.indicators)), list(evaluation.indicators))
        axes.set(xlim=(-0.5, len(evaluation.indicators) - 0.5), ylim=(max(len(shown), 1) - 0.5, -0.5))
        axes.spines[:].set_visible(False)
        axes.xaxis.tick_top()
        title = style.words("各学部指标达标情况", "Sections by indicator")
        left = len(order) - len(shown)
        more = style.words(f"（另有{left}个学部）", f" ({left} more)") if left else ""
        axes.set_title(title + more, fontsize=11)
        handles = [_cell(0, 0, STANDING_COLOURS[code], "////" if code == -1 else None) for code in STANDING_TITLES]
        labels = [style.said(title) for title in STANDING_TITLES.values()]
        axes.legend(
            handles, labels, loc="upper center", bbox_to_anchor=(0.4, -0.01), ncols=4, fontsize=8, frameon=False
        )
    return axes


def strip(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw every section's values as shares of the standard, with standard and floor, the outliers named.

    Parameters are those of `heatmap`, and `stage`.
    """
    one_county(evaluation, "a strip plot")
    standard = evaluation.standard
    here = evaluation.sections["stage"] == stage
    sections = [section for section, wanted in zip(_sections(evaluation), here, strict=True) if wanted]
    with drawing(ax, lang, (7.2, 4.3)) as (axes, style):
        axes.axvline(1, color=INK, lw=1)
        floor = standard.section_rule.floor_share if standard.section_rule else None
        if floor is not None:
            axes.axvline(float(floor), color=INK, lw=1, ls=(0, (4, 3)))
        for y, indicator in enumerate(standard.indicators.values()):
            limit = indicator.thresholds[stage]
            if limit is None:
                continue
            shares = evaluation.values[here, y] / float(limit.value)
            known = np.flatnonzero(~np.isnan(shares))
            # The same section always stands at the same height, so that it can be followed.
            heights = np.asarray(y + 0.5 * ((known * 0.618) % 1 - 0.5), dtype=np.float64)
            below = evaluation.standing[here, y][known] < 2
            axes.scatter(shares[known][~below], heights[~below], s=16, c=GOOD, edgecolors=INK, linewidths=0.4)
            axes.scatter(shares[known][below], heights[below], s=22, c=POOR, marker="X", edgecolors="white", lw=0.3)
            _named(axes, style, shares[known], heights, [sections[n] for n in known])
        names = [f"{one.id} {style.said(one.name)}" for one in standard.indicators.values()]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel(
            style.words(
                "为标准的倍数（实线：标准；虚线：底线；×：未达到标准）",
                "multiples of the standard (line: standard; dashes: floor; ×: below it)",
            ),
            fontsize=9,
        )
        title = style.words("各学部数值与标准", "Values against the standard")
        axes.set_title(f"{title}  {style.said(standard.head.stage_titles[stage])}", fontsize=11)
    return axes


def lorenz_curve(
    evaluation: Evaluation, ax: Axes | None = None, *, indicator: str, stage: Stage, lang: Language = "zh"
) -> Axes:
    """Draw how much of a resource the pupils with least of it have; parameters as for `strip`, and `indicator`."""
    one_county(evaluation, "a Lorenz curve")
    here = evaluation.sections["stage"] == stage
    values = evaluation.values[here, evaluation.indicators.index(indicator)]
    pupils = evaluation.sections["pupils"][here]
    one = evaluation.standard.indicators[indicator]
    with drawing(ax, lang, (4.4, 4.3)) as (axes, style):
        axes.plot([0, 1], [0, 1], color=FAINT, lw=1)
        title = f"{style.said(evaluation.standard.head.stage_titles[stage])} {one.id} {style.said(one.name)}"
        if values.size and not np.isnan(values).any() and values.sum() > 0:
            x, y = lorenz(values, pupils)
            axes.fill_between(x, y, x, color=GOOD, alpha=0.5, lw=0)
            axes.plot(x, y, color=INK, lw=1.4, marker="o", ms=2.5)
            title += style.words("  基尼系数", "  Gini ") + f"{gini(values, pupils):.3f}"
        else:
            axes.text(0.5, 0.5, style.words("待定：有数未填报", "unknown: not all reported"), ha="center", fontsize=9)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.set_xlabel(style.words("学生累计比例", "share of pupils"), fontsize=9)
        axes.set_ylabel(style.words("资源累计比例", "share of the resource"), fontsize=9)
        axes.set_title(title, fontsize=10)
    return axes


def _named(axes: Axes, style: Style, shares: Floats, heights: Floats, sections: list[Section]) -> None:
    """Name the values that stand apart: below the floor of the picture, or beyond the whiskers of a box plot."""
    if not shares.size:
        return
    low, high = np.percentile(shares, [25, 75])
    reach = 1.5 * (high - low)
    apart = [n for n in range(shares.size) if shares[n] < low - reach or shares[n] > high + reach or shares[n] < 1]
    for n in sorted(apart, key=lambda k: (shares[k] >= 1, -abs(shares[k] - 1)))[:MOST_NAMED]:
        name = style.name(_title(sections[n]), sections[n].school)
        axes.annotate(
            name if len(name) < 13 else name[:12] + "…",
            (shares[n], heights[n]),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=6.5,
            va="center",
            parse_math=False,
        )


def _sections(evaluation: Evaluation) -> list[Section]:
    basis = evaluation.record.basis
    county = basis.submission.counties.index(evaluation.counties[0])
    return [section_of(basis, row) for row in np.flatnonzero(basis.sections.county == county).tolist()]


def _title(section: Section) -> Title:
    return Title(section.said("zh"), section.said("en"))


def _cell(x: float, y: float, colour: str, hatch: str | None) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, facecolor=colour, edgecolor=FAINT, hatch=hatch, lw=0.4)


def _on(code: int) -> str:
    return "#FFFFFF" if code == 0 else INK

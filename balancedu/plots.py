"""Pictures (extra `plot`).

A function of an Evaluation takes optional Axes and returns Axes; `figure` draws a result of planning.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.inequality import gini, lorenz
from balancedu.core.fields import Language, Stage
from balancedu.core.model import Precision
from balancedu.core.rules import ClassSize
from balancedu.core.standard import Standard
from balancedu.document import Columns, Result
from balancedu.errors import MissingExtraError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Section, section_of
from balancedu.evaluation.wording import printed
from balancedu.explaining.answer import one_county
from balancedu.explaining.drivers import drivers as explaining_drivers
from balancedu.judging.rules import class_limits, of_types
from balancedu.planning.compare import Comparison
from balancedu.planning.distances import coefficient_title, coefficients_of, spread_limits
from balancedu.planning.margins import Margins
from balancedu.planning.plan.result import Plan
from balancedu.planning.robustness import Robustness
from balancedu.planning.shortfalls import Shortfalls
from balancedu.planning.trend import Trend
from balancedu.planning.what_if import WhatIf
from balancedu.text import Phrase, in_both

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle


GOOD, FAIR, POOR, INK, FAINT = "#9CC5E3", "#F2C14E", "#C8440B", "#222222", "#BBBBBB"
"""At the standard, at the floor, below it; they differ in lightness too. Text; helping lines."""

STANDING_COLOURS = {2: GOOD, 1: FAIR, 0: POOR, -1: "#FFFFFF"}
STANDING_MARKS = {2: "", 1: "△", 0: "×", -1: "?"}

_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Noto Sans CJK TC",
    "SimSun",
    "Arial Unicode MS",
)


class NoChineseFontWarning(UserWarning):
    """No installed font has Chinese characters: labels are English, and schools are named by their ids."""


@functools.cache
def chinese_font() -> str | None:
    """Return the first known font with Chinese characters that is installed."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in installed), None)


def _language(lang: Language, stacklevel: int) -> Language:
    """Return the language that the installed fonts can show; warn if that is another than requested.

    Warns
    -----
    NoChineseFontWarning
        Where no font has Chinese characters; the labels are English then.
    """
    if chinese_font() is not None:
        return lang
    words = Phrase(
        "没有安装中文字体，图中文字改用英文，学校用代码表示；请安装一种，如微软雅黑、黑体、苹方，"
        "例如运行 `apt-get install fonts-noto-cjk`",
        "no font with Chinese characters is installed, so labels are English and schools are named by their ids; "
        "install one, as `apt-get install fonts-noto-cjk`, or Microsoft YaHei, SimHei or PingFang",
    )
    warnings.warn(words.text(lang), NoChineseFontWarning, stacklevel=stacklevel + 1)
    return "en"


@attrs.frozen
class Style:
    """How one picture is labelled."""

    lang: Language
    chinese: bool

    def text(self, title: Phrase) -> str:
        """Return a text in the language of the picture."""
        return title.text(self.lang)

    def words(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in the language of the picture."""
        return zh if self.lang == "zh" else en

    def name(self, title: Phrase, instead: str) -> str:
        """Return a name that may hold Chinese characters, or what can be printed instead."""
        name = title.text(self.lang) if self.chinese else instead
        return "".join(sign if sign.isprintable() else " " for sign in name)


def _set_title(axes: Axes, style: Style, evaluation: Evaluation, stage: Stage, zh: str, en: str) -> None:
    """Set the title of a picture of one stage."""
    title = style.text(evaluation.standard.head.stage_titles[stage])
    axes.set_title(f"{style.words(zh, en)}  {title}", fontsize=11)


@contextmanager
def styled(lang: Language, stacklevel: int = 4) -> Iterator[Style]:
    """Give the style of a picture, with the fonts in force."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", Phrase("绘图", "a picture")) from error
    font, lang = chinese_font(), _language(lang, stacklevel)
    settings: Any = {
        # Fonts by name: a generic family would be looked up when the figure is drawn, after this has ended.
        "font.family": ["DejaVu Sans"] if font is None else [font, "DejaVu Sans"],
        "axes.unicode_minus": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(settings):
        yield Style(lang, font is not None)


@contextmanager
def drawing(ax: Axes | None, lang: Language, size: tuple[float, float]) -> Iterator[tuple[Axes, Style]]:
    """Give Axes to draw on and the style, with the fonts in force."""
    if ax is None:
        # Outside of the settings: in a notebook the first figure switches the display on, and the end of the
        # settings would switch it off again.
        try:
            from matplotlib import pyplot as plt
        except ImportError as error:
            raise MissingExtraError("matplotlib", "plot", Phrase("绘图", "a picture")) from error
        _, ax = plt.subplots(figsize=size, layout="constrained")
    with styled(lang, 6) as style:
        yield ax, style
        _dressed(ax)


def _dressed(ax: Axes) -> None:
    """Give Axes that were made elsewhere, before the settings were in force, the look of the others."""
    from matplotlib import rcParams

    ax.tick_params(labelsize=8, length=0)
    ax.spines[["top", "right"]].set_visible(False)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()):
        text.set_fontfamily(rcParams["font.family"])


def _one_county(evaluation: Evaluation) -> None:
    """Refuse several counties where a picture shows one."""
    problem = Phrase("一张图只画一个县", "a picture is of one county")
    one_county(evaluation, problem, f"ev[{evaluation.counties[0]!r}]")


def class_sizes(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw how many classes have how many pupils, those above the limit highlighted.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    ax : Axes, optional
    stage : 'primary' or 'junior'
    lang : 'zh' or 'en'
    """
    _one_county(evaluation)
    if "classes.stage" not in evaluation.standard.measures:
        raise ValueError(f"{evaluation.standard.id} asks for no list of classes, so there is no size to draw")
    rule = evaluation.standard.rule_of(ClassSize)
    limits = {limit for entry in (True, False) if rule and (limit := rule.limit(stage, entry)) is not None}
    classes = evaluation.record.basis.submission.tables["classes"]
    stages = [choice.id for choice in evaluation.standard.measures["classes.stage"].values]
    here = classes.choices("stage") == stages.index(stage)
    if rule:
        # The classes that are judged: those of special and vocational schools are not.
        here &= of_types(evaluation.record.basis, rule.types)[classes.school]
    sizes = classes.numbers("pupils")[here]
    large = sizes > class_limits(rule, evaluation.record.basis)[1][here] if rule else np.zeros(sizes.size, bool)
    fitting, too_large = sizes[~large & ~np.isnan(sizes)], sizes[large]
    with drawing(ax, lang, (6.4, 3.0)) as (axes, style):
        stage_title = style.text(evaluation.standard.head.stage_titles[stage])
        title = style.words("班级学生数", "Class sizes") + f"  {stage_title}"
        if total := fitting.size + too_large.size:
            over = np.bincount(too_large.astype(int), minlength=int(np.nanmax(sizes)) + 1)
            within = np.bincount(fitting.astype(int), minlength=over.size)
            for bottom, counts, colour, hatch in ((0 * within, within, GOOD, ""), (within, over, POOR, "//")):
                at = np.flatnonzero(counts)
                look: dict[str, Any] = {"color": colour, "hatch": hatch, "width": 0.86, "edgecolor": INK, "lw": 0.3}
                axes.bar(at, counts[at], bottom=bottom[at], **look)
            axes.set_ylim(0, (within + over).max() * 1.25)
            title += style.words(
                f"：{total}个班，超过限值{too_large.size}个", f": {total} classes, {too_large.size} above the limit"
            )
        else:
            axes.text(
                0.5, 0.5, style.words("数据缺报", "not reported"), ha="center", transform=axes.transAxes, fontsize=9
            )
        for limit in sorted(limits):
            axes.axvline(limit + 0.5, color=INK, lw=1.2, ls=(0, (4, 3)))
            words = style.words(f"限值{limit}人 ", f"limit {limit} ")
            axes.text(limit + 0.5, axes.get_ylim()[1], words, fontsize=8, va="top", ha="right")
        axes.set_xlabel(style.words("一个班的学生数", "pupils of a class"), fontsize=9)
        axes.set_ylabel(style.words("班数", "classes"), fontsize=9)
        axes.set_title(title, fontsize=11)
    return axes


MOST_DRAWN_ROWS = 60
"""How many sections a heat map shows; the worst come first."""

MOST_NAMED, MOST_LETTERS = 2, 30
"""How many sections below a standard are named for each indicator, and in how many letters."""


def heatmap(
    evaluation: Evaluation, ax: Axes | None = None, *, most: int = MOST_DRAWN_ROWS, lang: Language = "zh"
) -> Axes:
    """Draw sections × indicators by standing, stage by stage, the sections with most to do first.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    ax : Axes, optional
        Where to draw; left out, on a new figure.
    most : int
        How many sections are shown, those with most to do.
    lang : 'zh' or 'en'

    Returns
    -------
    Axes

    Examples
    --------
    >>> import balancedu as be, matplotlib
    >>> matplotlib.use("agg")
    >>> heatmap(be.evaluate(be.example("failing"))).get_title()
    '各校指标达标情况'
    """
    _one_county(evaluation)
    standing = evaluation.standing
    sections = _sections(evaluation)
    order = sorted(range(len(sections)), key=lambda n: (*np.sort(standing[n]).tolist(), sections[n].school))
    shown = sorted(order[:most], key=lambda n: evaluation.stages.index(sections[n].stage))
    with drawing(ax, lang, (6.4, 1.2 + 0.24 * max(4, len(shown)))) as (axes, style):
        for y, n in enumerate(shown):
            for x, code in enumerate(standing[n].tolist()):
                colour = "#FFFFFF" if code == 0 else INK
                axes.add_patch(_cell(x, y, code))
                axes.text(x, y, STANDING_MARKS[code], ha="center", va="center", fontsize=8, color=colour)
        names = [style.name(in_both(sections[n].text), f"{sections[n].school} {sections[n].stage}") for n in shown]
        axes.set_yticks(range(len(shown)), names, parse_math=False)
        titles = [style.text(indicator.name) for indicator in evaluation.standard.indicators.values()]
        axes.set_xticks(range(len(titles)), [_in_two_lines(title) for title in titles], fontsize=8)
        axes.set(xlim=(-0.5, len(evaluation.indicators) + 0.1), ylim=(max(len(shown), 1) - 0.5, -0.5))
        for stage in evaluation.stages:
            rows = [y for y, n in enumerate(shown) if sections[n].stage == stage]
            if rows:
                right = len(evaluation.indicators) - 0.42
                axes.plot([right, right], [rows[0] - 0.45, rows[-1] + 0.45], color=INK, lw=1.2)
                title = style.text(evaluation.standard.head.stage_titles[stage])
                middle = (rows[0] + rows[-1]) / 2
                axes.text(right + 0.1, middle, title, fontsize=8, va="center", rotation=90 if len(rows) > 1 else 0)
        axes.spines[:].set_visible(False)
        axes.xaxis.tick_top()
        title = style.words("各校指标达标情况", "Sections by indicator")
        left = len(order) - len(shown)
        more = style.words(f"（另有{left}所）", f" ({left} more)") if left else ""
        axes.set_title(title + more, fontsize=11)
        share = evaluation.standard.section_rule.floor_share if evaluation.standard.section_rule else None
        floor = (
            Phrase(f"标准的{float(share):.0%}", f"{float(share):.0%} of it")
            if share
            else Phrase("最低要求", "the floor")
        )
        legend = {2: Phrase("达到标准", "at the standard"), 1: Phrase("达到", "at ") + floor}
        legend |= {0: Phrase("低于", "below ") + floor, -1: Phrase("待定", "unknown")}
        handles = [_cell(0, 0, code) for code in STANDING_COLOURS]
        labels = [f"{STANDING_MARKS[code]} {style.text(title)}".strip() for code, title in legend.items()]
        axes.legend(
            handles, labels, loc="upper center", bbox_to_anchor=(0.4, -0.01), ncols=4, fontsize=8, frameon=False
        )
    return axes


def _in_two_lines(title: str) -> str:
    """Return a title above a narrow column in two lines."""
    words = title.split()
    if len(words) > 1:
        half = (len(words) + 1) // 2
        return f"{' '.join(words[:half])}\n{' '.join(words[half:])}"
    half = (len(title) + 1) // 2
    return f"{title[:half]}\n{title[half:]}"


def strip(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw every section's values as shares of the standard, with standard and floor, the outliers named.

    Parameters are those of `heatmap`, and `stage`.
    """
    _one_county(evaluation)
    standard = evaluation.standard
    here = evaluation.sections["stage"] == stage
    sections = [section for section, wanted in zip(_sections(evaluation), here, strict=True) if wanted]
    with drawing(ax, lang, (7.2, 5.0)) as (axes, style):
        axes.axvline(1, color=INK, lw=1)
        floor = standard.section_rule.floor_share if standard.section_rule else None
        if floor is not None:
            axes.axvline(float(floor), color=INK, lw=1, ls=(0, (4, 3)))
        apart: list[tuple[int, Floats, Floats, list[Section], list[int]]] = []
        for y, indicator in enumerate(standard.indicators.values()):
            limits = [section.limits_and_floors[indicator.id][0] for section in sections]
            if not any(limits):
                continue
            shares = evaluation.values[here, y] / [float(limit.value) if limit else np.nan for limit in limits]
            known = np.flatnonzero(~np.isnan(shares))
            # The same section is always at the same height, so that it can be followed.
            heights = np.asarray(y + 0.5 * ((known * 0.618) % 1 - 0.5), dtype=np.float64)
            below = evaluation.standing[here, y][known] < 2
            axes.scatter(shares[known][~below], heights[~below], s=16, c=GOOD, edgecolors=INK, linewidths=0.4)
            axes.scatter(shares[known][below], heights[below], s=22, c=POOR, marker="X", edgecolors="white", lw=0.3)
            order = np.argsort(-shares[known] if indicator.at_most else shares[known])
            apart.append((y, shares[known], heights, [sections[n] for n in known], order[below[order]].tolist()))
        # When all points are drawn, so that the room to the right of a name is known.
        for entry in apart:
            _named(axes, style, *entry)
        _set_rows(axes, [style.text(entry.name) for entry in standard.indicators.values()])
        share = "" if floor is None else f"{float(floor):.0%}"
        dashes = style.words(f"；虚线：标准的{share}", f"; dashes: {share}") if share else ""
        words = style.words(
            "为标准的倍数（实线：标准{}；×：未达到标准）", "multiples of the standard (line: 1{}; ×: less)"
        )
        axes.set_xlabel(words.format(dashes), fontsize=9)
        _set_title(axes, style, evaluation, stage, "各校数值与标准", "Values against the standard")
    return axes


def lorenz_curve(
    evaluation: Evaluation, ax: Axes | None = None, *, indicator: str, stage: Stage, lang: Language = "zh"
) -> Axes:
    """Draw how much of a resource the pupils with least of it have; parameters as for `strip`, and `indicator`."""
    _one_county(evaluation)
    here = evaluation.sections["stage"] == stage
    values = evaluation.values[here, evaluation.indicators.index(indicator)]
    pupils = evaluation.sections["pupils"][here]
    entry = evaluation.standard.indicators[indicator]
    with drawing(ax, lang, (4.4, 4.3)) as (axes, style):
        axes.plot([0, 1], [0, 1], color=FAINT, lw=1)
        title = f"{style.text(evaluation.standard.head.stage_titles[stage])} {style.text(entry.name)}"
        if values.size and not np.isnan(values).any() and values.sum() > 0:
            x, y = lorenz(values, pupils)
            axes.fill_between(x, y, x, color=GOOD, alpha=0.5, lw=0)
            axes.plot(x, y, color=INK, lw=1.4, marker="o", ms=2.5)
            title += style.words("  基尼系数", "  Gini ") + f"{gini(values, pupils):.3f}"
        else:
            axes.text(0.5, 0.5, style.words("数据缺报，待定", "unknown: not all reported"), ha="center", fontsize=9)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.set_xlabel(style.words("学生累计比例", "share of pupils"), fontsize=9)
        axes.set_ylabel(style.words("资源累计比例", "share of the resource"), fontsize=9)
        axes.set_title(title, fontsize=10)
    return axes


def _named(
    axes: Axes, style: Style, y: int, shares: Floats, heights: Floats, sections: list[Section], failing: list[int]
) -> None:
    """Name the values that miss the standard, the worst first, above their row, and a far larger one below it.

    Each of the two has a line of its own, so that no name is on another or on a point.
    """
    if not shares.size:
        return
    low, high = np.percentile(shares, [25, 75])
    largest = int(np.argmax(shares))
    if failing:
        names = [style.name(in_both(sections[n].text), sections[n].school) for n in failing[:MOST_NAMED]]
        if len(failing) > MOST_NAMED:
            names[-1] += style.words(f"等{len(failing)}所", f" and {len(failing) - MOST_NAMED} more")
        point = float(shares[failing[0]]), float(heights[failing[0]])
        _label(axes, point, y - 0.42, style.words("、", ", ").join(names), POOR)
    if shares[largest] > high + 1.5 * (high - low) and shares[largest] > 1 and largest not in failing:
        name = style.name(in_both(sections[largest].text), sections[largest].school)
        _label(axes, (float(shares[largest]), float(heights[largest])), y + 0.42, name, INK)


_CORNERS = {"left": (0.0, 0.0), "right": (1.0, 1.0)}
"""The corner of a name that a line leads from."""


def _label(axes: Axes, point: tuple[float, float], y: float, text: str, colour: str) -> None:
    """Write a text that begins at a point, or ends there in the right half of a picture, at another height."""
    from matplotlib.patheffects import withStroke

    left, right = axes.get_xlim()
    side = "right" if point[0] > (left + right) / 2 else "left"
    short = text if len(text) < MOST_LETTERS else text[:MOST_LETTERS] + "…"
    axes.annotate(
        short,
        point,
        xytext=(point[0], y),
        fontsize=6.5,
        ha=side,
        va="center",
        color=colour,
        parse_math=False,
        path_effects=[withStroke(linewidth=2, foreground="white")],
        arrowprops={"arrowstyle": "-", "lw": 0.4, "color": FAINT, "shrinkA": 0, "shrinkB": 2, "relpos": _CORNERS[side]},
    )


def _sections(evaluation: Evaluation) -> list[Section]:
    basis = evaluation.record.basis
    return [section_of(basis, row) for row in evaluation.section_rows.tolist()]


def _cell(x: float, y: float, code: int) -> Rectangle:
    from matplotlib.patches import Rectangle

    colour, hatch = STANDING_COLOURS[code], "////" if code == -1 else None
    return Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, facecolor=colour, edgecolor=FAINT, hatch=hatch, lw=0.4)


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
    _one_county(evaluation)
    standard = evaluation.standard
    here = [entry for entry in coefficients_of(evaluation, standard) if entry.stage == stage]
    with drawing(ax, lang, (6.4, 3.2)) as (axes, style):
        names = [style.text(coefficient_title(standard, entry.indicator)) for entry in here]
        cvs, limits = ([getattr(entry, name) for entry in here] for name in ("cv", "limit"))
        _coefficient_bars(axes, style, names, np.array(cvs), np.array(limits), standard.head.precision)
        _set_title(axes, style, evaluation, stage, "校际差异系数", "Coefficients of variation")
    return axes


def _coefficient_bars(
    axes: Axes, style: Style, names: Sequence[str], cvs: Floats, limits: Floats, precision: Precision
) -> None:
    """Draw coefficients as bars with their limits, the first at the top."""
    reach = max(np.nanmax([0.01, *cvs, *limits]), 0.01)
    for y, (cv, limit) in enumerate(zip(cvs.tolist(), limits.tolist(), strict=True)):
        if np.isnan(cv):
            axes.text(reach * 0.01, y, style.words("? 待定", "? unknown"), va="center", fontsize=8)
            continue
        fine = np.isnan(limit) or cv <= limit
        axes.barh(y, cv, height=0.62, color=GOOD if fine else POOR, edgecolor=INK, lw=0.4, hatch=None if fine else "//")
        shown = printed(cv, "coefficient", precision, style.lang, limit) + ("" if fine else " ×")
        axes.text(cv + reach * 0.01, y, shown, va="center", fontsize=8)
        if not np.isnan(limit):
            axes.plot([limit, limit], [y - 0.42, y + 0.42], color=INK, lw=1.6)
    _set_rows(axes, names)
    axes.set_xlim(0, reach * 1.18)
    axes.set_xlabel(style.words("竖线为限值，×为超过限值", "upright lines: limits; ×: above the limit"), fontsize=9)


def _set_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a picture, the first at the top."""
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)


def drivers(
    evaluation: Evaluation, ax: Axes | None = None, *, indicator: str, stage: Stage, lang: Language = "zh"
) -> Axes:
    """Draw the sections' shares of the variance, those above the mean to the right and those below to the left."""
    result = explaining_drivers(evaluation, indicator, stage)
    shown = result.sections[:MOST_DRIVERS]
    with drawing(ax, lang, (6.4, 1.1 + 0.26 * max(3, len(shown)))) as (axes, style):
        precision = evaluation.standard.head.precision
        if np.isnan(result.cv) or (shown and np.isnan(shown[0].share)):
            axes.text(0, 0, style.words("待定，或各校相同", "unknown, or all sections alike"), ha="center", fontsize=9)
            shown = ()
        for y, entry in enumerate(shown):
            side = 1 if entry.value > result.mean else -1
            axes.barh(y, side * entry.share, height=0.7, color=POOR if side < 0 else GOOD, edgecolor=INK, lw=0.4)
            share = printed(entry.share, "percent", precision, style.lang)
            axes.annotate(
                share,
                (side * entry.share, y),
                xytext=(3 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=7.5,
            )
        axes.axvline(0, color=INK, lw=0.8)
        _set_rows(axes, [style.name(entry.name, entry.school) for entry in shown])
        reach = max((entry.share for entry in shown), default=1) * 1.3
        axes.set_xlim(-reach, reach)
        axes.set_xticks([])
        cv = printed(result.cv, "coefficient", precision, style.lang, result.limit)
        head = f"{style.text(result.stage_title)} {style.text(result.indicator.name)}"
        axes.set_title(f"{head}  " + style.words(f"差异系数{cv}的来源", f"what drives {cv}"), fontsize=10)
        axes.set_xlabel(
            style.words("← 低于平均　对差异的贡献率　高于平均 →", "← below the mean   share of the variance   above →"),
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
    for evaluation in evaluations.values():
        _one_county(evaluation)
        if evaluation.indicators != last.indicators:
            raise ValueError("the evaluations have different indicators, so their coefficients cannot be compared")
    position = last.stages.index(stage)
    table = np.array([evaluation.cv[0, position] for evaluation in evaluations.values()])
    with drawing(ax, lang, (6.4, 3.6)) as (axes, style):
        _lines(axes, style, last.standard, stage, [str(year) for year in evaluations], table)
        zh, en = "差异系数的变化（虚线为限值）", "Change of the coefficients (dashes: limit)"
        _set_title(axes, style, last, stage, zh, en)
    return axes


_MARKS = "osD^vP*X"


def _lines(axes: Axes, style: Style, standard: Standard, stage: Stage, years: list[str], table: Floats) -> None:
    """Draw the coefficients of one stage over years, (years, indicators), each line named at its end."""
    limit, end = float(spread_limits(standard)[standard.stages.index(stage)]), len(years) - 1
    if not np.isnan(limit):
        axes.hlines(limit, -0.15, end + 0.04, color=INK, lw=1, ls=(0, (4, 3)))
    for n, values in enumerate(table.T):
        colour, mark = (POOR if values[-1] > limit else INK), _MARKS[n % len(_MARKS)]
        axes.plot(range(len(years)), values, color=colour, lw=1.2, marker=mark, ms=4)
    names = [style.text(indicator.name) for indicator in standard.indicators.values()]
    gap, height = (axes.get_ylim()[1] or 1) / 18, -np.inf
    # The names are moved apart where lines meet.
    for n in np.argsort(table[-1]).tolist():
        if not np.isnan(table[-1, n]):
            height = max(float(table[-1, n]), height + gap)
            axes.annotate(names[n], (end, table[-1, n]), xytext=(end + 0.06, height), fontsize=7.5, va="center")
    axes.set_xticks(range(len(years)), years, parse_math=False)
    axes.set_xlim(-0.15, end * 1.3 + 0.5)
    axes.set_ylim(0, None)
    axes.grid(axis="y", color=FAINT, lw=0.4)


def counties(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw the coefficients of many counties, a mark for each, with the limits; parameters as for `spread`."""
    position, names = evaluation.stages.index(stage), evaluation.indicators
    limit = float(spread_limits(evaluation.standard)[position])
    with drawing(ax, lang, (6.8, 3.4)) as (axes, style):
        for y in range(len(names)):
            cv = evaluation.cv[:, position, y]
            known = np.flatnonzero(~np.isnan(cv))
            heights = y + 0.6 * ((known * 0.618) % 1 - 0.5)
            over = cv[known] > limit
            axes.scatter(cv[known][~over], heights[~over], s=10, c=GOOD, edgecolors=INK, linewidths=0.3)
            axes.scatter(cv[known][over], heights[over], s=14, c=POOR, marker="X", linewidths=0)
            if not np.isnan(limit):
                axes.plot([limit, limit], [y - 0.42, y + 0.42], color=INK, lw=1.6)
        _set_rows(axes, [style.text(entry.name) for entry in evaluation.standard.indicators.values()])
        axes.set_xlim(0, None)
        axes.set_xlabel(
            style.words("竖线为限值，每个点是一个县", "upright lines: limits; each mark is a county"), fontsize=9
        )
        _set_title(axes, style, evaluation, stage, "各县差异系数", "Coefficients of all counties")
    return axes


# Results of planning


def figure(result: Result, lang: Language = "zh") -> Figure:
    """Return the picture of a result of planning as a figure of its own.

    Shortfalls are shown in percent of the standard, margins and comparisons as coefficients beside their limits, a
    trend as coefficients over the years, robustness as shares of draws with their intervals; a plan and a what-if
    as the comparison that they hold.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    TypeError
        If this kind of result has no picture.

    Examples
    --------
    >>> import balancedu as be
    >>> len(figure(be.margins(be.evaluate(be.example())), "en").axes)
    1
    """
    if isinstance(result, Plan | WhatIf):
        return figure(result.comparison, lang)
    if type(result) not in _PICTURES:
        raise TypeError(f"{type(result).__name__} has no picture")
    title, draw = _PICTURES[type(result)]
    with styled(lang) as style:
        from matplotlib.figure import Figure

        picture = Figure(figsize=(8.0, 5.2), layout="constrained", dpi=120)
        draw(picture, style, result)
        picture.suptitle(style.text(title), fontsize=12)
        for axes in picture.axes:
            _dressed(axes)
    return picture


def _draw_trend(picture: Figure, style: Style, trend: Trend) -> None:
    """Draw coefficients with their limits, and complying sections, over the years."""
    standard, years = trend.standard, [str(year) for year in trend.years]
    picture.set_size_inches(11.0, 6.2)
    grid = picture.subplots(2, len(standard.stages), squeeze=False, height_ratios=(2, 1))
    for above, below, stage in zip(*grid, standard.stages, strict=True):
        series = [trend.series("spread", "cv", stage, name) for name in standard.indicators]
        _lines(above, style, standard, stage, years, np.array(series).T)
        above.set_title(style.text(standard.head.stage_titles[stage]), fontsize=11)
        shares = [100 * share for share in trend.series("sections", "share", stage)]
        below.bar(range(len(years)), shares, color=GOOD, edgecolor=INK, lw=0.4, width=0.6)
        for x, share in enumerate(shares):
            if not math.isnan(share):
                below.annotate(f"{share:.1f}", (x, share), ha="center", va="bottom", fontsize=8)
        below.set_xticks(range(len(years)), years, parse_math=False)
        above.set_xlim(left=-0.5)
        below.set_xlim(above.get_xlim())
        below.set_ylim(0, 115)
    grid[0][0].set_ylabel(style.words("校际差异系数（虚线为限值）", "coefficient of variation (dashes: limit)"))
    grid[1][0].set_ylabel(style.words("达标学校的比例（%）", "sections that comply (%)"))


def _rows(picture: Figure, names: Sequence[str]) -> tuple[Axes, range]:
    """Return Axes with a row for each name, in a picture that is as high as they need."""
    picture.set_size_inches(8.0, 1.6 + 0.3 * max(len(names), 2))
    axes = picture.subplots()
    _set_rows(axes, names)
    return axes, range(len(names))


def _draw_comparison(picture: Figure, style: Style, comparison: Comparison) -> None:
    """Draw the coefficients before and after, each with its limit."""
    columns = comparison.spread
    axes, rows = _rows(picture, _spread_names(columns, comparison.after.standard, style))
    axes.hlines(rows, columns["before"], columns["after"], color=FAINT)
    axes.plot(columns["before"], rows, "o", color=FAINT, label=style.words("调整前", "before"))
    axes.plot(columns["after"], rows, "o", color=INK, label=style.words("调整后", "after"))
    axes.plot(columns["limit"], rows, "|", color=POOR, markersize=14, label=style.words("限值", "limit"))
    axes.set_xlim(left=0)
    axes.set_xlabel(style.words("校际差异系数", "coefficient of variation"))
    picture.legend(loc="outside lower center", ncols=3, frameon=False)


def _draw_margins(picture: Figure, style: Style, margins: Margins) -> None:
    """Draw the coefficients beside their limits."""
    columns, standard = margins.spread, margins.standard
    names = _spread_names(columns, standard, style)
    _coefficient_bars(picture.subplots(), style, names, columns["cv"], columns["limit"], standard.head.precision)


def _spread_names(columns: Columns, standard: Standard, style: Style) -> list[str]:
    pairs = zip(columns["stage"].tolist(), columns["indicator"].tolist(), strict=True)
    titles = standard.head.stage_titles
    return [f"{style.text(titles[stage])} {style.text(coefficient_title(standard, name))}" for stage, name in pairs]


def _draw_shortfalls(picture: Figure, style: Style, shortfalls: Shortfalls) -> None:
    """Draw everything that is below its standard, in percent of it."""
    columns, indicators = shortfalls.sections, shortfalls.standard.indicators
    columns = {name: values[columns["to_standard"] > 0] for name, values in columns.items()}
    pairs = zip(columns[f"name_{style.lang}"].tolist(), columns["indicator"].tolist(), strict=True)
    names = [f"{name} {style.text(indicators[indicator].name)}" for name, indicator in pairs]
    axes, rows = _rows(picture, names)
    colours = [POOR if lacking > 0 else FAIR for lacking in columns["to_floor"].tolist()]
    axes.barh(rows, 100 * columns["value"] / columns["standard"], color=colours, height=0.6, edgecolor=INK, lw=0.4)
    floor, label = 100 * columns["floor"] / columns["standard"], style.words("最低要求", "floor")
    axes.plot(floor, rows, "|", color=INK, markersize=16, label=label)
    axes.axvline(100, color=INK, lw=1.6, label=style.words("标准", "standard"))
    axes.set_xlim(left=0)
    axes.set_xlabel(style.words("占标准的百分比（%）", "percent of the standard"))
    picture.legend(loc="outside lower center", ncols=2, frameon=False)


def _draw_robustness(picture: Figure, style: Style, robustness: Robustness) -> None:
    """Draw the decisions that do not hold in every draw, with their intervals."""
    columns = robustness.decisions
    shown = np.flatnonzero((columns["share"] < 1) | (columns["level"] == "county"))
    shown = shown[np.argsort(columns["share"][shown], kind="stable")]
    axes, rows = _rows(picture, columns[f"name_{style.lang}"][shown].tolist())
    share, low, high = (100 * columns[name][shown] for name in ("share", "low", "high"))
    axes.errorbar(share, rows, xerr=np.abs([low - share, high - share]), fmt="o", color=INK, capsize=3)
    axes.set_xlim(-2, 102)
    axes.set_xlabel(style.words("判定不变的比例（%）", "draws in which the decision holds (%)"))


_PICTURES: dict[type[Result], tuple[Phrase, Callable[[Figure, Style, Any], None]]] = {
    Trend: (
        Phrase("历年校际差异系数和达标学校比例", "Coefficients and complying sections over the years"),
        _draw_trend,
    ),
    Comparison: (Phrase("校际差异系数的变化", "How the coefficients change"), _draw_comparison),
    Margins: (Phrase("校际差异系数与限值", "Coefficients beside their limits"), _draw_margins),
    Shortfalls: (Phrase("未达到标准的学校和指标", "What is below its standard"), _draw_shortfalls),
    Robustness: (Phrase("数据有误差时的判定", "Decisions where figures carry errors"), _draw_robustness),
}
"""The title of the picture of each kind of result, and what draws it."""

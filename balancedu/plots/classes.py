"""A picture of class sizes against the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.model import Language, Stage
from balancedu.core.rules import ClassSize
from balancedu.evaluation.evaluation import Evaluation
from balancedu.judging.classes import class_limits
from balancedu.plots.style import GOOD, INK, POOR, drawing, one_county

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def class_sizes(evaluation: Evaluation, ax: Axes | None = None, *, stage: Stage, lang: Language = "zh") -> Axes:
    """Draw how many classes have how many pupils, those above the limit set apart.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    ax : Axes, optional
    stage : 'primary' or 'junior'
    lang : 'zh' or 'en'
    """
    one_county(evaluation, "a picture of class sizes")
    if "classes.stage" not in evaluation.standard.measures:
        raise ValueError(f"{evaluation.standard.id} asks for no list of classes, so there is no size to draw")
    rules = [rule for item in evaluation.standard.items.values() for rule in item.rules if isinstance(rule, ClassSize)]
    limits = sorted({limit for one in (True, False) if rules and (limit := rules[0].limit(stage, one)) is not None})
    classes = evaluation.record.basis.submission.tables["classes"]
    county = evaluation.record.basis.submission.counties.index(evaluation.counties[0])
    stages = [choice.id for choice in evaluation.standard.measures["classes.stage"].values]
    here = (classes.county == county) & (classes.choices("stage") == stages.index(stage))
    sizes = classes.numbers("pupils")[here]
    known = sizes[~np.isnan(sizes)]
    large = sizes > class_limits(rules[0], evaluation.record.basis)[1][here] if rules else np.zeros(sizes.size, bool)
    with drawing(ax, lang, (6.4, 3.0)) as (axes, style):
        stage_title = style.said(evaluation.standard.head.stage_titles[stage])
        title = style.words("班级学生数", "Class sizes") + f"  {stage_title}"
        if known.size:
            _bars(axes, known.astype(int), sizes[large].astype(int))
            title += style.words(
                f"：{known.size}个班，超过限值{large.sum()}个", f": {known.size} classes, {large.sum()} above the limit"
            )
        else:
            axes.text(
                0.5, 0.5, style.words("没有填报", "not reported"), ha="center", transform=axes.transAxes, fontsize=9
            )
        for limit in limits:
            axes.axvline(limit + 0.5, color=INK, lw=1.2, ls=(0, (4, 3)))
            axes.text(
                limit + 0.6, axes.get_ylim()[1], style.words(f"限值{limit}", f"limit {limit}"), fontsize=8, va="top"
            )
        axes.set_xlabel(style.words("一个班的学生数", "pupils of a class"), fontsize=9)
        axes.set_ylabel(style.words("班数", "classes"), fontsize=9)
        axes.set_title(title, fontsize=11)
    return axes


def _bars(axes: Axes, sizes: Ints, large: Ints) -> None:
    """Draw how often each size occurs; classes that are too large for their grade stand on the others."""
    counts, over = np.bincount(sizes), np.bincount(large, minlength=int(sizes.max()) + 1)
    for number, color, hatch, bottom in ((counts - over, GOOD, "", 0 * over), (over, POOR, "//", counts - over)):
        at = np.flatnonzero(number)
        axes.bar(at, number[at], bottom=bottom[at], width=0.86, color=color, edgecolor=INK, lw=0.3, hatch=hatch)
    axes.set_ylim(0, counts.max() * 1.15)

"""Pictures of an evaluation (extra `plot`): each function takes an Evaluation and an optional Axes, and returns Axes.

Colours can be told apart by colour-blind people and in grey; whatever a colour says, a mark says too.
"""

from balancedu.plots.classes import class_sizes
from balancedu.plots.sections import heatmap, lorenz_curve, strip
from balancedu.plots.spread import change, counties, drivers, spread
from balancedu.plots.style import NoChineseFontWarning

__all__ = [
    "NoChineseFontWarning",
    "change",
    "class_sizes",
    "counties",
    "drivers",
    "heatmap",
    "lorenz_curve",
    "spread",
    "strip",
]

"""What all pictures share: colours, marks, and a font that has Chinese characters."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.model import Language, Title
from balancedu.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOOD, FAIR, POOR, INK, FAINT = "#9CC5E3", "#F2C14E", "#C8440B", "#222222", "#BBBBBB"
"""At the standard, at the floor, below it; they differ in lightness too. Text; helping lines."""

STANDING_COLOURS = {2: GOOD, 1: FAIR, 0: POOR, -1: "#FFFFFF"}
STANDING_MARKS = {2: "", 1: "△", 0: "×", -1: "?"}
STANDING_TITLES: dict[int, Title] = {
    2: Title("达到标准", "at the standard"),
    1: Title("△ 不低于底线", "△ at the floor"),
    0: Title("× 低于底线", "× below the floor"),
    -1: Title("? 待定", "? unknown"),
}

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


@attrs.frozen
class Style:
    """How one picture is labelled."""

    lang: Language
    chinese: bool

    def said(self, title: Title) -> str:
        """Return a text in the language of the picture."""
        return title.said(self.lang)

    def words(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in the language of the picture."""
        return zh if self.lang == "zh" else en

    def name(self, title: Title, instead: str) -> str:
        """Return a name that may hold Chinese characters, or what can be printed instead."""
        name = title.said(self.lang) if self.chinese else instead
        return "".join(sign if sign.isprintable() else " " for sign in name)


@contextmanager
def drawing(ax: Axes | None, lang: Language, size: tuple[float, float]) -> Iterator[tuple[Axes, Style]]:
    """Give Axes to draw on and the style, with the fonts in force.

    Warns
    -----
    NoChineseFontWarning
        Where no font has Chinese characters; the labels are English then.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "a picture") from error
    font = chinese_font()
    if font is None:
        warnings.warn(
            "no font with Chinese characters is installed, so labels are English and schools are named by their ids; "
            "install one, as `apt-get install fonts-noto-cjk`, or Microsoft YaHei, SimHei or PingFang",
            NoChineseFontWarning,
            stacklevel=3,
        )
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
    if ax is None:
        # Outside of the settings: in a notebook the first figure switches the display on, and the end of the
        # settings would switch it off again.
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=size, layout="constrained")
    with mpl.rc_context(settings):
        yield ax, Style(lang if font else "en", font is not None)
        _dressed(ax, settings["font.family"])


def _dressed(ax: Axes, fonts: list[str]) -> None:
    """Give Axes that were made elsewhere, before the settings were in force, the look of the others."""
    ax.tick_params(labelsize=8, length=0)
    ax.spines[["top", "right"]].set_visible(False)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()):
        text.set_fontfamily(fonts)


def one_county(evaluation: Any, what: str) -> None:
    """Refuse several counties where a picture shows one."""
    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        raise ValueError(f"{what} shows one county; say which, as in ev[{first!r}]")

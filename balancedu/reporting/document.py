"""A report before it is a file: blocks that every format can write."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import attrs

from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.errors import MissingExtraError
from balancedu.evaluation.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@attrs.frozen
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str


@attrs.frozen
class Paragraph:
    """A paragraph; `label` stands before it in bold."""

    text: str
    label: str = ""


def noted(standard: Standard, lang: Language) -> tuple[Paragraph, ...]:
    """Return what a reader has to know of the law before the first verdict: overlays, the day, what is not applied."""
    return tuple(Paragraph(note) for note in standard.notes(lang))


@attrs.frozen
class Conclusion:
    """A verdict in words, set apart; never without the word itself."""

    label: str
    verdict: Verdict
    text: str


@attrs.frozen
class ToWrite:
    """A marked place where a person has to write."""

    text: str


@attrs.frozen
class Points:
    """A list."""

    items: tuple[str, ...]


@attrs.frozen
class Link:
    """A text in a cell that leads to another file."""

    text: str
    target: str


@attrs.frozen
class Grid:
    """A table with its caption.

    Attributes
    ----------
    caption : str
    header : tuple of str
    rows : tuple of rows of text, links or verdicts
    numeric : frozenset of int
        Columns that are aligned to the right.
    sortable : bool
        Whether a reader may want another order.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | Link | Verdict, ...], ...]
    numeric: frozenset[int] = frozenset()
    sortable: bool = False


@attrs.frozen
class Picture:
    """A figure with its caption; `alt` says in words what it shows."""

    caption: str
    alt: str
    draw: Callable[[Axes], object] = attrs.field(eq=False)
    size: tuple[float, float] = (6.4, 3.4)


Block = Heading | Paragraph | Conclusion | ToWrite | Points | Grid | Picture


@attrs.frozen
class Document:
    """A whole report."""

    title: str
    subtitle: str
    lang: Language
    blocks: tuple[Block, ...]


Kind = Literal["self-evaluation", "rectification", "overview"]
Words = dict[str, dict[Language, str]]


def drawn(picture: Picture, form: Literal["svg", "png"]) -> bytes:
    """Return a picture as an SVG, its letters as outlines so that no font is needed, or as a PNG.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "a report with pictures") from error
    figure = Figure(figsize=picture.size, layout="constrained")
    picture.draw(figure.add_subplot())
    stream = io.BytesIO()
    # A fixed salt and no date: the same evaluation gives the same file.
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "balancedu"}):
        figure.savefig(stream, format=form, dpi=160, metadata={"Date": None} if form == "svg" else None)
    return stream.getvalue()

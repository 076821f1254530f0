"""The pictures of a report as bytes."""

from __future__ import annotations

import io
from typing import Literal

from balancedu.errors import MissingExtraError
from balancedu.reporting.document import Picture


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

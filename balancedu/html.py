"""Pieces of HTML for notebooks, without colours of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_TABLE = "border-collapse:collapse;margin:.3em 0;color:inherit;background:transparent"
_CELL = "border:1px solid rgba(128,128,128,.45);padding:.15em .5em;vertical-align:top;text-align:"


def html_table(rows: Iterable[Sequence[object]], header: Sequence[object] = (), *, texts: int | None = None) -> str:
    """Return a table for a notebook, without a colour of its own so that dark pages stay readable; every cell is text.

    Its first `texts` columns, or all, are aligned to the left.

    Examples
    --------
    >>> "&lt;b&gt;" in html_table([["<b>", 1]])
    True
    """
    head = "".join(f'<th scope="col" style="{_CELL}left">{escape(str(cell))}</th>' for cell in header)
    lines = []
    for row in rows:
        sides = ["left" if texts is None or n < texts else "right" for n in range(len(row))]
        cells = (f'<td style="{_CELL}{side}">{escape(str(cell))}</td>' for cell, side in zip(row, sides, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<table style="{_TABLE}">{head}<tbody>{"".join(lines)}</tbody></table>'


def html_card(title: str, *parts: str) -> str:
    """Return a title in bold and pieces of HTML below it."""
    return f'<div style="color:inherit"><strong>{escape(title)}</strong>{"".join(parts)}</div>'


def html_text(content: str) -> str:
    """Return lines of text as they are."""
    return (
        f'<pre style="white-space:pre-wrap;color:inherit;background:transparent;margin:.3em 0">{escape(content)}</pre>'
    )


def html_folded(title: str, content: str) -> str:
    """Return HTML that opens when its title is clicked."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"

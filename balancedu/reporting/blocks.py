"""Results as headings, lines and tables, which a terminal and a notebook each show in their own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

import attrs

from balancedu.text import WIDTH, fill, width, wrap

LEAST_WRAPPED = 14
"""A column of text is never made narrower than this."""
_GAP = 2


@attrs.frozen
class Heading:
    """The title of what follows."""

    text: str


@attrs.frozen
class Line:
    """A sentence."""

    text: str


@attrs.frozen
class Grid:
    """A table: the first row names the columns, the first `texts` columns hold text and may be wrapped."""

    rows: Sequence[Sequence[str]]
    texts: int = 1


Block = Heading | Line | Grid


def as_text(blocks: Iterable[Block]) -> str:
    """Return blocks as lines of at most 80 columns.

    Examples
    --------
    >>> print(as_text([Heading("缺口"), Grid([["学校", "教师"], ["一小", "3"]])]))
    缺口
      学校  教师
      一小     3
    """
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            lines += ["", *wrap(block.text)] if lines else wrap(block.text)
        elif isinstance(block, Line):
            lines += wrap(block.text, first="  ", rest="  ")
        else:
            lines += _grid(block)
    return "\n".join(lines)


def as_html(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML; every text is escaped.

    Examples
    --------
    >>> as_html([Heading("a < b")])
    '<div class="balancedu"><h4>a &lt; b</h4></div>'
    """
    return f'<div class="balancedu">{"".join(map(_html, blocks))}</div>'


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h4>{escape(block.text)}</h4>"
    if isinstance(block, Line):
        return f"<p>{escape(block.text)}</p>"
    head, *body = block.rows
    rows = [f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>"]
    for row in body:
        cells = "".join(
            f'<td style="text-align:{"left" if n < block.texts else "right"}">{escape(cell)}</td>'
            for n, cell in enumerate(row)
        )
        rows.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _grid(grid: Grid) -> Iterator[str]:
    widths = _widths(grid)
    for row in grid.rows:
        cells = [wrap(cell, widths[n]) if n < grid.texts else [cell] for n, cell in enumerate(row)]
        for level in range(max(len(cell) for cell in cells)):
            pieces = [
                fill(cell[level] if level < len(cell) else "", widths[n], right=n >= grid.texts)
                for n, cell in enumerate(cells)
            ]
            yield ("  " + (" " * _GAP).join(pieces)).rstrip()


def _widths(grid: Grid) -> list[int]:
    """Return the columns' widths; where they do not fit, the widest texts give way."""
    widths = [max(width(row[n]) for row in grid.rows) for n in range(len(grid.rows[0]))]
    room = WIDTH - 2 - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(range(grid.texts), key=lambda n: widths[n], default=0)
        if not grid.texts or widths[widest] <= LEAST_WRAPPED:
            break
        widths[widest] -= 1
    return widths

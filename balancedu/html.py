"""Small pieces of HTML for notebooks: everything escaped, no colour of its own, so that dark pages stay readable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_TABLE = "border-collapse:collapse;margin:.3em 0;color:inherit;background:transparent"
_CELL = "border:1px solid rgba(128,128,128,.45);padding:.15em .5em;text-align:left;vertical-align:top"


def table(rows: Iterable[Sequence[object]], header: Sequence[object] = ()) -> str:
    """Return a table; every cell is text.

    Examples
    --------
    >>> "&lt;b&gt;" in table([["<b>", 1]])
    True
    """
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(str(cell))}</th>' for cell in header)
    lines = ["".join(f'<td style="{_CELL}">{escape(str(cell))}</td>' for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table style="{_TABLE}">{f"<thead><tr>{head}</tr></thead>" if header else ""}<tbody>{body}</tbody></table>'


def card(title: str, *parts: str) -> str:
    """Return a title in bold and pieces of HTML below it.

    Examples
    --------
    >>> card("<x>", table([]))[:57]
    '<div style="color:inherit"><strong>&lt;x&gt;</strong><tab'
    """
    return f'<div style="color:inherit"><strong>{escape(title)}</strong>{"".join(parts)}</div>'


def text(content: str) -> str:
    """Return lines of text as they are."""
    return (
        f'<pre style="white-space:pre-wrap;color:inherit;background:transparent;margin:.3em 0">{escape(content)}</pre>'
    )


def folded(title: str, content: str) -> str:
    """Return HTML that opens when its title is clicked."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"

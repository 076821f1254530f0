"""Text for terminals, where a Chinese character is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

WIDTH = 80


def width(text: str) -> int:
    """Return how many columns a text takes.

    Examples
    --------
    >>> width("小学 R4")
    7
    """
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fill(text: str, columns: int, *, right: bool = False) -> str:
    """Return the text padded to so many columns.

    Examples
    --------
    >>> fill("小学", 6) + "|"
    '小学  |'
    """
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


def wrap(text: str, columns: int = WIDTH, *, first: str = "", rest: str = "") -> list[str]:
    """Return the text in lines of at most so many columns; Chinese breaks anywhere, English between words."""
    lines, line = [], first
    for piece in _pieces(text):
        if width(line) + width(piece.rstrip()) > columns and line.strip():
            lines.append(line.rstrip())
            line = rest + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


_NEVER_FIRST = "，。；：、！？）》〕”’％%"


def _pieces(text: str) -> Iterator[str]:
    """Return the parts between which a line may break."""
    piece = ""
    for n, character in enumerate(text):
        piece += character
        follower = text[n + 1 : n + 2]
        wide = _columns(character) == 2 or bool(follower and _columns(follower) == 2)
        if (character == " " or wide) and follower not in _NEVER_FIRST and character not in "（《〔“‘":
            yield piece
            piece = ""
    yield piece


def table(rows: Sequence[Sequence[str]], *, right_from: int = 1, indent: str = "  ") -> list[str]:
    """Return rows as lines with aligned columns; columns from `right_from` on are aligned to the right."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    return [
        (indent + "  ".join(fill(cell, widths[n], right=n >= right_from) for n, cell in enumerate(row))).rstrip()
        for row in rows
    ]

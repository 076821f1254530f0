"""Results as headings, lines and tables, which a terminal and a notebook each show in their own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.errors import MissingExtraError
from balancedu.text import WIDTH, Language, fill, width, wrap

if TYPE_CHECKING:
    import pandas as pd

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


Columns = Mapping[str, NDArray[Any]]


class Result(ABC):
    """Columns inside; text, HTML, plain values and frames at the edge."""

    __slots__ = ()

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, Columns]:
        """The columns of each table by its name."""

    @abstractmethod
    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what a person reads, in order."""

    def facts(self) -> dict[str, Any]:
        """Return single figures that `to_dict` gives beside the tables."""
        return {}

    def text(self, lang: Language = "zh") -> str:
        """Return the result as text for a terminal of 80 columns."""
        return as_text(self.blocks(lang))

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, each table as columns; NaN and infinity become None."""
        tables = {
            name: {key: _plain(column) for key, column in columns.items()} for name, columns in self.tables.items()
        }
        return self.facts() | tables

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Return one table as a pandas DataFrame; the first where none is named.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        ValueError
            If there is no such table.
        """
        tables = self.tables
        name = next(iter(tables)) if table is None else table
        if name not in tables:
            raise ValueError(f"table must be one of {', '.join(tables)}, found {name!r}")
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("pandas", "frames", "to_frame") from error
        return pd.DataFrame(dict(tables[name]))

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return as_html(self.blocks("zh"))


def column(values: list[Any], dtype: Any = None) -> NDArray[Any]:
    """Return a column of a result; text stays text when there is no row."""
    return np.array(values, dtype=np.str_ if dtype is str else dtype)


def _plain(values: NDArray[Any]) -> list[Any]:
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [one if np.isfinite(one) else None for one in values.tolist()]

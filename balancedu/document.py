"""The one model of what a person reads, for terminal, notebook, HTML and Word, and the base class of all results."""

from __future__ import annotations

import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.errors import MissingExtraError, UnknownNameError, near
from balancedu.html import html_table
from balancedu.options import options
from balancedu.text import WIDTH, Language, Phrase, fill, width, wrap

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NARROWEST = 14
"""A wrapped column is never narrower than this."""
_GAP = 2

Tone = Literal["", "met", "not_met", "unknown", "not_applicable"]
"""The kind of a text, so that problems can be highlighted; the text itself states it too."""


@attrs.frozen
class Heading:
    """A heading of level 1 to 3."""

    text: str
    level: int = 1


@attrs.frozen
class Paragraph:
    """A paragraph; `label` comes first and in bold, and a `tone` sets the paragraph apart as a conclusion."""

    text: str
    label: str = ""
    tone: Tone = ""
    align: Literal["", "right"] = ""


@attrs.frozen
class PageBreak:
    """The end of a page."""


@attrs.frozen
class Placeholder:
    """A marked place where a person writes.

    Attributes
    ----------
    prompt : str
        What is to be written there.
    key : str
        The same in every version of a document; empty if nothing is carried on.
    title : str
        What the place is called in messages.
    content : str
        What was written; paragraphs are lines.
    """

    prompt: str
    key: str = ""
    title: str = ""
    content: str = ""

    @property
    def text(self) -> str:
        """What is in the place: what was written, or else what is to be written."""
        return self.content or self.prompt


@attrs.frozen
class GridCell:
    """A cell with more than a text: a tone, a key to sort by, or the address of another file."""

    text: str
    tone: Tone = ""
    key: str = ""
    target: str = ""


@attrs.frozen
class Grid:
    """A table: its first `texts` columns contain text, the others are aligned to the right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str | GridCell]]
    texts: int = 1
    caption: str = ""
    sortable: bool = False

    @classmethod
    def of(cls, lang: Language, header: Iterable[Phrase], rows: Iterable[Sequence[Phrase | str]], texts: int) -> Grid:
        """Return a table in one language, from phrases and from texts that are the same in both."""
        body = [[cell if isinstance(cell, str) else cell.text(lang) for cell in row] for row in rows]
        return cls([title.text(lang) for title in header], body, texts)


@attrs.frozen
class Picture:
    """A figure with its caption, in inches; `alt` describes it in words."""

    caption: str
    alt: str
    draw: Callable[[Axes], object] = attrs.field(eq=False)
    size: tuple[float, float] = (6.4, 3.4)


Block = Heading | Paragraph | Placeholder | Grid | Picture | PageBreak
_KIND_OF_DOCUMENT = re.compile("：?(自查自评报告|整改工作方案|实施方案|情况简报|一校一策|各县评估总览)$")
_TITLE_WIDTH = 40
"""The width of the longest title that fits a line of an official document."""


@attrs.frozen
class Document:
    """A whole report."""

    title: str
    subtitle: str
    lang: Language
    blocks: tuple[Block, ...]

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The title, a long one in two lines: it is broken before what kind of document it is."""
        match = _KIND_OF_DOCUMENT.search(self.title)
        if match is None or width(self.title) <= _TITLE_WIDTH:
            return (self.title,)
        return self.title[: match.start()], match[1]

    def text(self, columns: int = WIDTH) -> str:
        """Return the report as lines of at most a given width, without its pictures."""
        return as_text([Heading(self.title), Paragraph(self.subtitle), *self.blocks], columns)


def as_text(blocks: Iterable[Block], columns: int = WIDTH) -> str:
    """Return blocks as lines of at most a given width; pictures are left out.

    Examples
    --------
    >>> print(as_text([Heading("缺口"), Grid(["学校", "教师"], [["一小", "3"]])]))
    缺口
      学校  教师
      一小     3
    """
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            lines += ["", *wrap(block.text, columns)] if lines else wrap(block.text, columns)
        elif isinstance(block, Paragraph):
            label = f"{block.label}  " if block.label else ""
            lines += wrap(block.text, columns, first=f"  {label}", rest="  ")
        elif isinstance(block, Placeholder):
            lines += [piece for line in block.text.splitlines() for piece in wrap(line, columns, first="  ", rest="  ")]
        elif isinstance(block, Grid):
            lines += wrap(block.caption, columns, first="  ", rest="  ") if block.caption else []
            lines += _grid_lines(block, columns)
    return "\n".join(lines)


def as_html(blocks: Iterable[Block]) -> str:
    """Return blocks as a piece of HTML for a notebook, without its own colours; pictures are left out.

    Examples
    --------
    >>> as_html([Heading("a < b")])
    '<div class="balancedu"><h4>a &lt; b</h4></div>'
    """
    return f'<div class="balancedu">{"".join(map(_html, blocks))}</div>'


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h4>{escape(block.text)}</h4>"
    if isinstance(block, Paragraph):
        label = f"<strong>{escape(block.label)}</strong> " if block.label else ""
        return f"<p>{label}{escape(block.text)}</p>"
    if isinstance(block, Placeholder):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Grid):
        return html_table([[cell_text(cell) for cell in row] for row in block.rows], block.header, texts=block.texts)
    return ""


def cell_text(cell: str | GridCell) -> str:
    """Return the text of a cell."""
    return cell.text if isinstance(cell, GridCell) else cell


def _grid_lines(grid: Grid, columns: int) -> Iterator[str]:
    rows = [list(grid.header), *([cell_text(cell) for cell in row] for row in grid.rows)]
    widths = _widths(rows, grid.texts, columns)
    for row in rows:
        cells = [wrap(cell, widths[n]) if n < grid.texts else [cell] for n, cell in enumerate(row)]
        for level in range(max(len(cell) for cell in cells)):
            pieces = [
                fill(cell[level] if level < len(cell) else "", widths[n], right=n >= grid.texts)
                for n, cell in enumerate(cells)
            ]
            yield ("  " + (" " * _GAP).join(pieces)).rstrip()


def _widths(rows: Sequence[Sequence[str]], texts: int, columns: int) -> list[int]:
    """Return the widths of the columns; where they do not fit, the widest texts give way."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    room = columns - 2 - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(range(texts), key=lambda n: widths[n], default=0)
        if not texts or widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def picture_bytes(picture: Picture, form: Literal["svg", "png"]) -> bytes:
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
        raise MissingExtraError("matplotlib", "plot", Phrase("生成带图的报告", "a report with pictures")) from error
    figure = Figure(figsize=picture.size, layout="constrained")
    picture.draw(figure.add_subplot())
    stream = io.BytesIO()
    # A fixed salt and no date: the same evaluation gives the same file.
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "balancedu"}):
        figure.savefig(stream, format=form, dpi=160, metadata={"Date": None} if form == "svg" else None)
    return stream.getvalue()


Columns = Mapping[str, NDArray[Any]]
"""The columns of one table by name."""


class Result(ABC):
    """An answer about a county: columns inside; text, HTML, plain values and frames at the edge."""

    __slots__ = ()

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, Columns]:
        """The columns of each table, by its name."""

    @abstractmethod
    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what a person reads, in order."""

    def single_values(self) -> dict[str, Any]:
        """Return the single values that `to_dict` returns next to the tables."""
        return {}

    def text(self, lang: Language | None = None, *, columns: int = WIDTH) -> str:
        """Return the result as lines of at most a given width, by default in `be.options.lang`."""
        return as_text(self.blocks(lang or options.lang), columns)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, each table as columns; NaN and infinity become None."""
        tables = {
            name: {key: _plain(values) for key, values in columns.items()} for name, columns in self.tables.items()
        }
        return self.single_values() | tables

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Return one table as a pandas DataFrame; the first where none is named.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        UnknownNameError
            If there is no such table.
        """
        tables = self.tables
        name = next(iter(tables)) if table is None else table
        if name not in tables:
            known = ", ".join(tables)
            raise UnknownNameError(
                Phrase(f"没有表“{name}”，可选：{known}", f"no table {name!r}; wanted one of {known}")
                + near(name, tables)
            )
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("pandas", "frames", Phrase("转成数据框", "to_frame")) from error
        return pd.DataFrame(dict(tables[name]))

    def __eq__(self, other: object) -> bool:
        """Results are equal where they contain the same; NaN equals NaN."""
        return type(self) is type(other) and self.to_dict() == other.to_dict()

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return as_html(self.blocks(options.lang))


def column(values: Sequence[Any], dtype: type | None = None) -> NDArray[Any]:
    """Return a column of a result, read-only; text stays text when there is no row."""
    result = np.array(values, dtype=np.str_ if dtype is str else dtype)
    result.setflags(write=False)
    return result


def columns_of(rows: Iterable[object], **kinds: type | None) -> dict[str, NDArray[Any]]:
    """Return the columns of a table from its rows.

    Parameters
    ----------
    rows : iterable
        Objects whose attributes are called like the columns, or tuples in the order of the columns.
    **kinds : type or None
        The type of each column, None to infer it. A `Phrase` becomes two columns, one a language; in a column of
        texts None becomes an empty text.

    Examples
    --------
    >>> rows = [("001", Phrase("一小", "First")), (None, Phrase("二小", "Second"))]
    >>> table = columns_of(rows, school=str, name=Phrase)
    >>> table["school"].tolist(), table["name_en"].tolist()
    (['001', ''], ['First', 'Second'])
    """
    cells = [row if isinstance(row, tuple) else [getattr(row, name) for name in kinds] for row in rows]
    result: dict[str, NDArray[Any]] = {}
    for n, (name, kind) in enumerate(kinds.items()):
        values = [row[n] for row in cells]
        if kind is Phrase:
            result[f"{name}_zh"] = column([value.zh for value in values], str)
            result[f"{name}_en"] = column([value.en for value in values], str)
        else:
            result[name] = column(["" if value is None and kind is str else value for value in values], kind)
    return result


def _plain(values: NDArray[Any]) -> list[Any]:
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [value if np.isfinite(value) else None for value in values.tolist()]

"""Reports as Markdown: plain text that reads well as it is, with pictures in a folder beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from balancedu.core.fields import Language
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.document import (
    Block,
    Conclusion,
    Document,
    Grid,
    Heading,
    Link,
    Paragraph,
    Picture,
    Points,
    ToWrite,
    drawn,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&=@-])")


def write_markdown(document: Document, path: Path) -> None:
    """Write a report as Markdown, its pictures as PNG files in a folder beside it."""
    lines = [f"# {escaped(document.title)}", "", escaped(document.subtitle), ""]
    folder = path.with_name(f"{path.stem}-files")
    pictures = 0
    for block in document.blocks:
        if isinstance(block, Picture):
            pictures += 1
            folder.mkdir(exist_ok=True)
            name = f"{pictures}.png"
            (folder / name).write_bytes(drawn(block, "png"))
            lines += [f"![{escaped(f'{block.caption}：{_line(block.alt)}')}]({quote(folder.name)}/{name})", ""]
        lines += [*_lines(block, document.lang), ""]
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8", newline="\n")


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is: no markup, no HTML, one line.

    Examples
    --------
    >>> print(escaped("<b>*x*"))
    \<b\>\*x\*
    """
    return _SPECIAL.sub(r"\\\1", _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(block: Block, lang: Language) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    if isinstance(block, Heading):
        yield f"{'#' * (block.level + 1)} {escaped(block.text)}"
    elif isinstance(block, Paragraph):
        label = f"**{escaped(block.label)}{colon.strip()}** " if block.label else ""
        yield label + escaped(block.text)
    elif isinstance(block, ToWrite):
        yield f"> {escaped(block.text)}"
    elif isinstance(block, Conclusion):
        yield f"**{escaped(block.label)}{colon}{escaped(block.text)}**"
    elif isinstance(block, Points):
        yield from (f"- {escaped(item)}" for item in block.items)
    elif isinstance(block, Grid):
        yield f"**{escaped(block.caption)}**"
        yield ""
        yield _row(escaped(title) for title in block.header)
        yield _row("--:" if n in block.numeric else ":--" for n in range(len(block.header)))
        for row in block.rows:
            yield _row(_cell(cell, lang) for cell in row)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: str | Link | Verdict, lang: Language) -> str:
    if isinstance(cell, Verdict):
        return cell.said(lang)
    if isinstance(cell, Link):
        return f"[{escaped(cell.text)}]({quote(cell.target)})"
    return escaped(cell)

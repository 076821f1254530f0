"""Reports as one self-contained HTML file, and as PDF made from the same file."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

from balancedu.core.fields import Language
from balancedu.errors import MissingExtraError
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.document import Block, Document, Grid, Heading, Link, Picture, drawn

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {"table": "表", "figure": "图", "contents": "目录", "page": "第", "pages": "页", "sort": "按此列排序"},
    "en": {"table": "Table", "figure": "Figure", "contents": "Contents", "page": "", "pages": "", "sort": "sort by"},
}


def write_html(document: Document, path: Path) -> None:
    """Write a report as one HTML file that needs nothing else."""
    path.write_text(html_of(document), encoding="utf-8", newline="\n")


def write_pdf(document: Document, path: Path) -> None:
    """Write a report as PDF, from its HTML.

    Raises
    ------
    MissingExtraError
        If WeasyPrint, or the system's Pango that it draws text with, is not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        library = (
            "WeasyPrint"
            if isinstance(error, ImportError)
            else "WeasyPrint with Pango (apt-get install libpangoft2-1.0-0)"
        )
        raise MissingExtraError(library, "report", "a report as PDF") from error
    # A report fetches nothing: only what stands in the document itself is read.
    inside = weasyprint.urls.URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    page = weasyprint.HTML(string=html_of(document), url_fetcher=inside)
    page.write_pdf(str(path), pdf_variant="pdf/ua-1")


def html_of(document: Document) -> str:
    """Return a report as HTML; everything that comes from the input is escaped.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise MissingExtraError("Jinja2", "report", "a report as HTML") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("balancedu.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    blocks = [_told(block, document.lang) for block in document.blocks]
    template = environment.get_template("report.html.j2")
    return template.render(document=document, blocks=_numbered(blocks), words=_WORDS[document.lang])


def _told(block: Block, lang: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": type(block).__name__, "block": block}
    if isinstance(block, Picture):
        told["image"] = "data:image/svg+xml;base64," + base64.b64encode(drawn(block, "svg")).decode("ascii")
    if isinstance(block, Grid):
        told["rows"] = [[_cell(cell, lang) for cell in row] for row in block.rows]
    return told


def _cell(cell: str | Link | Verdict, lang: Language) -> dict[str, Any]:
    if isinstance(cell, Verdict):
        return {"text": cell.said(lang), "verdict": cell.name.lower(), "key": int(cell), "href": ""}
    if isinstance(cell, Link):
        return {"text": cell.text, "verdict": "", "key": "", "href": quote(cell.target)}
    return {"text": cell, "verdict": "", "key": "", "href": ""}


def _numbered(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give headings their anchors, tables and figures their numbers."""
    counts = {"Grid": 0, "Picture": 0, "Heading": 0}
    for told in blocks:
        if told["kind"] in counts:
            counts[told["kind"]] += 1
            told["number"] = counts[told["kind"]]
        if isinstance(told["block"], Heading):
            told["anchor"] = f"s{told['number']}"
    return blocks

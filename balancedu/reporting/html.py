"""Reports as one self-contained HTML file, and as PDF made from the same file."""

from __future__ import annotations

import base64
from collections import Counter
from pathlib import Path

from balancedu.document import Document, GridCell, Picture, picture_bytes
from balancedu.errors import MissingExtraError
from balancedu.saving import new_file, save_text
from balancedu.text import NO_WORDS, Language, Phrase

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {"table": "表", "figure": "图", "contents": "目录", "sort": "按此列排序"},
    "en": {"table": "Table", "figure": "Figure", "contents": "Contents", "sort": "sort by"},
}


def write_html(document: Document, path: Path, *, replace: bool) -> None:
    """Write a report as one HTML file that needs nothing else."""
    save_text(path, html_of(document), replace=replace)


def write_pdf(document: Document, path: Path, *, replace: bool) -> None:
    """Write a report as PDF, from its HTML.

    Raises
    ------
    MissingExtraError
        If WeasyPrint, or the system's Pango that it draws text with, is not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        pango = Phrase(
            "请安装Pango（如 apt-get install libpangoft2-1.0-0）；Windows上可生成 .docx，再用Word另存为PDF",
            "install Pango (as libpangoft2-1.0-0), or write .docx and save it as PDF in Word",
        )
        purpose = Phrase("生成PDF", "a report as PDF")
        raise MissingExtraError(
            "WeasyPrint", "report", purpose, NO_WORDS if isinstance(error, ImportError) else pango
        ) from error
    # A report fetches nothing: only what is in the document itself is read.
    inside = weasyprint.urls.URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    page = weasyprint.HTML(string=html_of(document), url_fetcher=inside)
    with new_file(path, replace=replace) as temporary:
        page.write_pdf(str(temporary), pdf_variant="pdf/ua-1")


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
        raise MissingExtraError("Jinja2", "report", Phrase("生成网页报告", "an HTML report")) from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("balancedu.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = lambda value: value if isinstance(value, GridCell) else GridCell(value)
    environment.filters["image"] = _image
    counts: Counter[str] = Counter()
    blocks = []
    for block in document.blocks:
        kind = type(block).__name__
        counts[kind] += 1
        blocks.append((kind, counts[kind], block))
    template = environment.get_template("report.html.j2")
    return template.render(document=document, blocks=blocks, words=_WORDS[document.lang])


def _image(picture: Picture) -> str:
    """Return a picture as an address that holds all of it."""
    image = base64.b64encode(picture_bytes(picture, "svg")).decode("ascii")
    return f"data:image/svg+xml;base64,{image}"

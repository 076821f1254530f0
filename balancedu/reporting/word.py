"""Reports as Word documents: styles, captions, page numbers, Chinese fonts named for every office."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.document import (
    Block,
    Cell,
    Document,
    Grid,
    Heading,
    Paragraph,
    Picture,
    Placeholder,
    Points,
    Tone,
    cell_text,
    picture_bytes,
)
from balancedu.errors import MissingExtraError
from balancedu.saving import save_bytes
from balancedu.text import Language, Phrase

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BODY, _TITLES = "宋体", "黑体"
_COLOURS = {"not_met": "B23A06", "unknown": "7A5C00"}


def write_docx(document: Document, path: Path, *, replace: bool) -> None:
    """Write a report as a Word document.

    Raises
    ------
    MissingExtraError
        If python-docx is not installed.
    """
    try:
        import docx
    except ImportError as error:
        raise MissingExtraError("python-docx", "report", Phrase("生成Word文档", "a Word document")) from error
    word = docx.Document()
    _prepare(word, document)
    writer = _Writer(word, document.lang)
    for block in document.blocks:
        writer.write(block)
    # In memory first: a package that cannot be finished complains once more when it is forgotten.
    stream = io.BytesIO()
    word.save(stream)
    save_bytes(path, stream.getvalue(), replace=replace)


def _clean(text: str) -> str:
    """Return text without the control characters that no Word file may hold."""
    return _CONTROL.sub("", text)


def _prepare(word: WordDocument, document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt, RGBColor

    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)
    section.top_margin = section.bottom_margin = Cm(2.4)
    sizes = {"Normal": 11, "Title": 20, "Heading 1": 16, "Heading 2": 14, "Heading 3": 12, "Caption": 10}
    for name, size in sizes.items():
        style: Any = word.styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0x1C, 0x1C, 0x1C)
        style.font.name = "Times New Roman"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(_w(theme), None)
        fonts.set(_w("eastAsia"), _BODY if name in ("Normal", "Caption") else _TITLES)
    word.core_properties.title = _clean(document.title)[:255]
    word.core_properties.author = ""
    word.core_properties.comments = ""
    word.add_paragraph(_clean(document.title), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    word.add_paragraph(_clean(document.subtitle)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    zh = document.lang == "zh"
    footer.add_run("第 " if zh else "Page ")
    _field(footer, "PAGE")
    footer.add_run(" 页，共 " if zh else " of ")
    _field(footer, "NUMPAGES")
    footer.add_run(" 页" if zh else "")


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


def _field(paragraph: WordParagraph, code: str) -> None:
    from docx.oxml import OxmlElement

    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element: Any = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(_w("fldCharType"), kind)
        run._r.append(element)


@attrs.define
class _Writer:
    word: WordDocument
    lang: Language
    tables: int = 0
    figures: int = 0

    def write(self, block: Block) -> None:
        """Write one block."""
        if isinstance(block, Heading):
            self.word.add_heading(_clean(block.text), block.level)
        elif isinstance(block, Paragraph):
            run = self._labelled(block.label, block.text).runs[-1]
            if block.tone:
                run.bold = True
                self._coloured(run, block.tone)
        elif isinstance(block, Placeholder):
            self._to_write(block.text)
        elif isinstance(block, Points):
            for item in block.items:
                self.word.add_paragraph(_clean(item), style="List Bullet")
        elif isinstance(block, Picture):
            self._picture(block)
        else:
            self._grid(block)

    def _labelled(self, label: str, text: str) -> WordParagraph:
        paragraph = self.word.add_paragraph()
        if label:
            paragraph.add_run(_clean(label) + ("：" if self.lang == "zh" else ": ")).bold = True
        paragraph.add_run(_clean(text))
        return paragraph

    def _coloured(self, run: Any, tone: Tone) -> None:
        from docx.shared import RGBColor

        if tone in _COLOURS:
            run.font.color.rgb = RGBColor.from_string(_COLOURS[tone])

    def _to_write(self, text: str) -> None:
        from docx.enum.text import WD_COLOR_INDEX

        paragraph = self.word.add_paragraph()
        paragraph.add_run(_clean(text)).font.highlight_color = WD_COLOR_INDEX.YELLOW

    def _picture(self, block: Picture) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Cm

        self.figures += 1
        paragraph = self.word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        width = Cm(min(16, block.size[0] * 2.4))
        shape = paragraph.add_run().add_picture(io.BytesIO(picture_bytes(block, "png")), width=width)
        # What people hear who cannot see the picture.
        shape._inline.docPr.set("descr", _clean(f"{block.caption}：{block.alt}"))
        self._caption({"zh": "图", "en": "Figure"}[self.lang], self.figures, block.caption)

    def _caption(self, word: str, number: int, text: str, *, above: bool = False) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.word.add_paragraph(_clean(f"{word} {number}　{text}"), style="Caption")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = above

    def _grid(self, block: Grid) -> None:
        self.tables += 1
        self._caption({"zh": "表", "en": "Table"}[self.lang], self.tables, block.caption, above=True)
        table = self.word.add_table(rows=1, cols=len(block.header))
        table.style = "Table Grid"
        self._row(table.rows[0].cells, block.header, block, bold=True)
        header: Any = table.rows[0]._tr.get_or_add_trPr()
        header.append(_flag("tblHeader"))
        for row in block.rows:
            line = table.add_row()
            line._tr.get_or_add_trPr().append(_flag("cantSplit"))
            self._row(line.cells, row, block)
        self.word.add_paragraph()

    def _row(self, cells: Any, values: Sequence[str | Cell], block: Grid, *, bold: bool = False) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        for n, (cell, value) in enumerate(zip(cells, values, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if n >= block.texts else WD_ALIGN_PARAGRAPH.LEFT
            if isinstance(value, Cell) and value.target:
                _linked(paragraph, _clean(value.text), value.target)
                continue
            run = paragraph.add_run(_clean(cell_text(value)))
            run.bold = bold
            run.font.size = Pt(9.5)
            if isinstance(value, Cell):
                self._coloured(run, value.tone)


def _flag(name: str) -> Any:
    from docx.oxml import OxmlElement

    element: Any = OxmlElement(f"w:{name}")
    element.set(_w("val"), "true")
    return element


def _linked(paragraph: WordParagraph, text: str, target: str) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    relation = paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link: Any = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(text)
    run.font.underline = True
    link.append(run._r)
    paragraph._p.append(link)

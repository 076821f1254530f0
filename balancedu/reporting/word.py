"""Reports as Word documents, in the layout of official documents (GB/T 9704-2012)."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.document import (
    Block,
    Cell,
    Document,
    Grid,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Placeholder,
    Tone,
    cell_text,
    picture_bytes,
)
from balancedu.errors import MissingExtraError
from balancedu.reporting.places import Written, content_control, xml_name
from balancedu.saving import save_bytes
from balancedu.text import Language, Phrase, width

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_COLOURS: dict[Tone, str] = {"not_met": "B23A06", "unknown": "7A5C00"}
_BODY, _LATIN = "仿宋", "Times New Roman"
# Name of the style: font, size in points, bold.
_STYLES: dict[str, tuple[str, float, bool]] = {
    "Normal": (_BODY, 16, False),
    "Title": ("方正小标宋简体", 22, False),
    "Heading 1": ("黑体", 16, False),
    "Heading 2": ("楷体", 16, False),
    "Heading 3": (_BODY, 16, True),
    "Caption": ("黑体", 12, False),
}
_LINE = 28.5
"""The fixed distance of lines in points: 22 lines a page."""
_TITLE_LETTERS = 20
"""How many letters of the title fit a line."""
_KIND_OF_DOCUMENT = re.compile("(自查自评报告|整改工作方案|实施方案|情况简报|一校一策)$")
_TEXT_WIDTH = 156
"""The width of the text in millimetres."""
_TABLE_SIZE = 10.5
_LETTER, _MARGINS, _LONGEST = 1.95, 4.5, 40
"""Of a table: millimetres of a narrow letter and of the margins of a cell; letters of the longest line of a text."""


def write_docx(
    document: Document, path: Path, *, replace: bool, places: Mapping[str, Written] = MappingProxyType({})
) -> tuple[str, ...]:
    """Write a report as a Word document.

    Parameters
    ----------
    document : Document
    path : path
    replace : bool
    places : mapping of key to Written
        What is in the marked places of an older document: what was typed there is kept, and what has no place
        any more comes at the end.

    Returns
    -------
    tuple of str
        The titles of the places whose texts were kept.

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
    typed = {key: place for key, place in places.items() if place.typed}
    writer = _Writer(word, document.lang, typed)
    keys = {block.key for block in document.blocks if isinstance(block, Placeholder)}
    for block in document.blocks:
        writer.write(block)
    left = {key: place for key, place in typed.items() if key not in keys}
    if left:
        writer.write(Heading({"zh": "原材料中保留的文字", "en": "Texts kept from the older document"}[document.lang]))
    for key, place in left.items():
        writer.write(Heading(place.title, 3))
        writer.write(Placeholder("", key, place.title))
    # In memory first: a package that cannot be finished complains once more when it is forgotten.
    stream = io.BytesIO()
    word.save(stream)
    save_bytes(path, stream.getvalue(), replace=replace)
    return tuple(place.title for place in typed.values())


def _clean(text: str) -> str:
    """Return text without the control characters that no Word file may hold."""
    return _CONTROL.sub("", text)


def _prepare(word: WordDocument, document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    for name, (font, size, bold) in _STYLES.items():
        _set_style(word.styles[name], name, font, size, bold=bold)
    _set_language(word, document.lang)
    properties = word.core_properties
    properties.title = _clean(document.title)[:255]
    properties.author, properties.comments = "", ""
    properties.language = "zh-CN" if document.lang == "zh" else "en-US"
    properties.created = properties.modified = datetime.now()
    if document.title:
        title = word.add_paragraph(style="Title")
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.add_run("\n".join(_title_lines(_clean(document.title))))
    if document.subtitle:
        subtitle = word.add_paragraph(_clean(document.subtitle))
        subtitle.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _indent(subtitle, 0)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _indent(footer, 0)
    for code, text in (("", "— "), ("PAGE", ""), ("", " —")):
        run = _field(footer, code) if code else footer.add_run(text)
        _set_run(run, "宋体", 14)


def _title_lines(title: str) -> list[str]:
    """Return a title that is too long for a line in two, broken before what kind of document it is."""
    match = _KIND_OF_DOCUMENT.search(title)
    if width(title) <= 2 * _TITLE_LETTERS or match is None:
        return [title]
    return [title[: match.start()], match[0]]


def _set_style(style: Any, name: str, font: str, size: float, *, bold: bool) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt, RGBColor

    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.name = _LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(xml_name(theme), None)
    fonts.set(xml_name("eastAsia"), font)
    layout = style.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE)
    if name == "Title":
        layout.space_after, layout.line_spacing = Pt(_LINE), Pt(36)
        border = style.element.pPr.find(xml_name("pBdr"))
        if border is not None:
            style.element.pPr.remove(border)
    if name in ("Normal", "Heading 1", "Heading 2", "Heading 3"):
        _indent(style, 2)
    if name in ("Title", "Caption"):
        _indent(style, 0)


def _indent(paragraph: Any, characters: int) -> None:
    """Indent the first line by so many characters, whatever their size."""
    from docx.oxml import OxmlElement

    properties = paragraph.element.get_or_add_pPr() if hasattr(paragraph, "element") else paragraph._p.get_or_add_pPr()
    old = properties.find(xml_name("ind"))
    if old is not None:
        properties.remove(old)
    indent: Any = OxmlElement("w:ind")
    indent.set(xml_name("firstLineChars"), str(100 * characters))
    indent.set(xml_name("firstLine"), str(320 * characters))
    properties.append(indent)


def _set_language(word: WordDocument, lang: Language) -> None:
    """Set the language of the text, so that punctuation sits as in Chinese."""
    from docx.oxml import OxmlElement

    tag = "zh-CN" if lang == "zh" else "en-US"
    defaults: Any = word.styles.element.find(xml_name("docDefaults"))
    for language in defaults.iter(xml_name("lang")):
        language.set(xml_name("val"), tag)
        language.set(xml_name("eastAsia"), "zh-CN")
    settings: Any = word.settings.element
    theme = settings.find(xml_name("themeFontLang"))
    if theme is None:
        theme = OxmlElement("w:themeFontLang")
        settings.append(theme)
    theme.set(xml_name("val"), tag)
    theme.set(xml_name("eastAsia"), "zh-CN")


def _field(paragraph: WordParagraph, code: str) -> Any:
    from docx.oxml import OxmlElement

    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element: Any = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(xml_name("fldCharType"), kind)
        run._r.append(element)
    return run


def _set_run(run: Any, font: str, size: float) -> None:
    from docx.shared import Pt

    run.font.size = Pt(size)
    run.font.name = _LATIN
    run._r.get_or_add_rPr().get_or_add_rFonts().set(xml_name("eastAsia"), font)


@attrs.define
class _Writer:
    word: WordDocument
    lang: Language
    typed: Mapping[str, Written]
    tables: int = 0
    figures: int = 0

    def write(self, block: Block) -> None:
        """Write one block."""
        if isinstance(block, Heading):
            self.word.add_heading(_clean(block.text), block.level)
        elif isinstance(block, Paragraph):
            self._paragraph(block)
        elif isinstance(block, Placeholder):
            self._placeholder(block)
        elif isinstance(block, Picture):
            self._picture(block)
        elif isinstance(block, PageBreak):
            self._page_break()
        else:
            self._grid(block)

    def _paragraph(self, block: Paragraph) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.word.add_paragraph()
        if block.align:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if block.align == "right" else WD_ALIGN_PARAGRAPH.CENTER
        if block.label:
            paragraph.add_run(_clean(block.label) + ("：" if self.lang == "zh" else ": ")).bold = True
        paragraph.add_run(_clean(block.text)).bold = True if block.tone else None
        # A signature is not parted from its date.
        paragraph.paragraph_format.keep_with_next = block.align == "right"

    def _page_break(self) -> None:
        from docx.enum.text import WD_BREAK

        self.word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _coloured(self, run: Any, tone: Tone) -> None:
        from docx.shared import RGBColor

        if tone in _COLOURS:
            run.font.color.rgb = RGBColor.from_string(_COLOURS[tone])

    def _placeholder(self, block: Placeholder) -> None:
        from docx.enum.text import WD_COLOR_INDEX

        kept = self.typed.get(block.key)
        elements: list[Any] = [] if kept is None else [copy.deepcopy(element) for element in kept.elements]
        for line in [] if kept is not None else block.text.splitlines():
            paragraph = self.word.add_paragraph()
            run = paragraph.add_run(_clean(line))
            if not block.content:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            elements.append(paragraph._p)
        if block.key:
            body: Any = self.word.element.body
            control = content_control(block, elements)
            # The last element of the body is its layout.
            body.insert(len(body) - 1, control)

    def _picture(self, block: Picture) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Mm

        self.figures += 1
        paragraph = self.word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        paragraph.paragraph_format.keep_with_next = True
        _indent(paragraph, 0)
        size = Mm(min(_TEXT_WIDTH, block.size[0] * 24))
        shape = paragraph.add_run().add_picture(io.BytesIO(picture_bytes(block, "png")), width=size)
        # What people hear who cannot see the picture.
        shape._inline.docPr.set("descr", _clean(f"{block.caption}：{block.alt}"))
        self._caption({"zh": "图", "en": "Figure"}[self.lang], self.figures, block.caption)

    def _caption(self, word: str, number: int, text: str, *, above: bool = False) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.word.add_paragraph(_clean(f"{word}{number}　{text}"), style="Caption")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = above

    def _grid(self, block: Grid) -> None:
        if block.caption:
            self.tables += 1
            self._caption({"zh": "表", "en": "Table"}[self.lang], self.tables, block.caption, above=True)
        table: Any = self.word.add_table(rows=1, cols=len(block.header))
        table.style = "Table Grid"
        table.autofit = False
        self._row(table.rows[0].cells, block.header, block, bold=True)
        header: Any = table.rows[0]._tr.get_or_add_trPr()
        header.append(_flag("cantSplit"))
        header.append(_flag("tblHeader"))
        for row in block.rows:
            line = table.add_row()
            line._tr.get_or_add_trPr().append(_flag("cantSplit"))
            self._row(line.cells, row, block)
        self._set_widths(table, block)
        self.word.add_paragraph()

    def _set_widths(self, table: Any, block: Grid) -> None:
        """Share the width of the text among the columns by what they hold."""
        from docx.shared import Mm

        rows = [block.header, *block.rows]
        longest = [max(width(cell_text(row[n])) for row in rows) for n in range(len(block.header))]
        figures = [max((width(cell_text(row[n])) for row in block.rows), default=0) for n in range(len(block.header))]
        # A figure is never broken; a text, and a title above figures, may be wrapped.
        wanted = [
            _LETTER * min(columns, _LONGEST) + _MARGINS if n < block.texts else _LETTER * max(figures[n], 5) + _MARGINS
            for n, columns in enumerate(longest)
        ]
        fixed = sum(wanted[block.texts :])
        share = (_TEXT_WIDTH - fixed) / sum(wanted[: block.texts]) if fixed < 0.8 * _TEXT_WIDTH and block.texts else 0
        sizes = [entry * share if n < block.texts else entry for n, entry in enumerate(wanted)] if share else wanted
        scale = min(1, _TEXT_WIDTH / sum(sizes))
        for n, column in enumerate(table.columns):
            size = Mm(sizes[n] * scale)
            column.width = size
            for cell in column.cells:
                cell.width = size

    def _row(self, cells: Any, values: Sequence[str | Cell], block: Grid, *, bold: bool = False) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING

        for n, (cell, value) in enumerate(zip(cells, values, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
            _indent(paragraph, 0)
            right = n >= block.texts and not bold
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
            if isinstance(value, Cell) and value.target:
                _linked(paragraph, _clean(value.text), value.target)
                continue
            run = paragraph.add_run(_clean(cell_text(value)))
            run.bold = bold
            _set_run(run, "宋体", _TABLE_SIZE)
            if isinstance(value, Cell):
                self._coloured(run, value.tone)


def _flag(name: str) -> Any:
    from docx.oxml import OxmlElement

    element: Any = OxmlElement(f"w:{name}")
    element.set(xml_name("val"), "true")
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
    _set_run(run, "宋体", _TABLE_SIZE)
    link.append(run._r)
    paragraph._p.append(link)

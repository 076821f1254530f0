"""Reports as Word documents, in the layout of official documents (GB/T 9704-2012), and the places where people write.

Fonts, margins, page numbers and all styles are those of `templates/official.docx`, which Word can open and change.
"""

from __future__ import annotations

import copy
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.document import (
    Block,
    Document,
    Grid,
    GridCell,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Placeholder,
    cell_text,
    picture_bytes,
)
from balancedu.errors import MissingExtraError, RequestError
from balancedu.saving import save_bytes
from balancedu.text import Language, Phrase, sentence, width

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TEXT_WIDTH = 156
"""The width of the text in millimetres."""
_LETTER, _DIGIT, _MARGINS = 2.1, 2.3, 2.5
"""Of a table: millimetres of a narrow letter, of a digit in a wide font, and of the margins of a cell."""
_SHORTEST, _LONGEST = 14, 40
"""Between how many letters of a text a line holds."""
_TONES = {"not_met": "Not met", "unknown": "Unknown"}
"""The styles of texts about what is not met or not known."""

_TAG = re.compile(r"balancedu:(.+):([0-9a-f]{8})")
_LOST = ("drawing", "pict", "object", "footnoteReference", "endnoteReference", "altChunk")
"""What refers to other parts of the file, so that it cannot go from one document to another."""
_DROPPED = (
    *("pStyle", "numPr", "sectPr", "bookmarkStart", "bookmarkEnd"),
    *("commentRangeStart", "commentRangeEnd", "commentReference"),
)
"""What means nothing in another document."""


@attrs.frozen(eq=False)
class Written:
    """What is in a marked place of an older document.

    Attributes
    ----------
    title : str
    text : str
    elements : tuple
        Its paragraphs and tables.
    typed : bool
        Whether it is another text than the one that was put there when the document was made.
    """

    title: str
    text: str
    elements: tuple[Any, ...]
    typed: bool


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
    word = docx.Document(io.BytesIO(files("balancedu.reporting").joinpath("templates", "official.docx").read_bytes()))
    properties = word.core_properties
    properties.title, properties.language = _clean(document.title)[:255], {"zh": "zh-CN", "en": "en-US"}[document.lang]
    properties.created = properties.modified = datetime.now()
    typed = {key: place for key, place in places.items() if place.typed}
    keys = {block.key for block in document.blocks if isinstance(block, Placeholder)}
    left = {key: place for key, place in typed.items() if key not in keys}
    writer = _Writer(word, document.lang, typed)
    writer.head(document)
    for block in document.blocks:
        writer.write(block)
    if left:
        writer.write(Heading({"zh": "原材料中保留的文字", "en": "Texts kept from the older document"}[document.lang]))
    for key, place in left.items():
        writer.write(Heading(place.title, 3))
        writer.write(Placeholder("", key, place.title))
    # In memory first: an unfinished package warns again when it is deleted.
    stream = io.BytesIO()
    word.save(stream)
    save_bytes(path, stream.getvalue(), replace=replace)
    return tuple(place.title for place in typed.values())


def _clean(text: str) -> str:
    """Return text without the control characters that no Word file may hold."""
    return _CONTROL.sub("", text)


def _xml(name: str) -> str:
    """Return a name of Word's XML as python-docx finds it."""
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


def _element(name: str, value: str = "") -> Any:
    """Return an element of Word's XML."""
    from docx.oxml import OxmlElement

    element: Any = OxmlElement(f"w:{name}")
    if value:
        element.set(_xml("val"), value)
    return element


@attrs.define
class _Writer:
    word: WordDocument
    lang: Language
    typed: Mapping[str, Written]
    tables: int = 0
    figures: int = 0

    def head(self, document: Document) -> None:
        """Write the title and what is below it."""
        if document.title:
            self._paragraph("\n".join(document.title_lines), "Title")
        if document.subtitle:
            self._paragraph(document.subtitle, "Subtitle")

    def write(self, block: Block) -> None:
        """Write one block."""
        if isinstance(block, Heading):
            self._paragraph(block.text, f"Heading {block.level}")
        elif isinstance(block, Paragraph):
            paragraph = self._paragraph("", "Signature" if block.align == "right" else "Normal")
            if block.label:
                paragraph.add_run(_clean(block.label) + ("：" if self.lang == "zh" else ": ")).bold = True
            paragraph.add_run(_clean(block.text)).bold = True if block.tone else None
        elif isinstance(block, Placeholder):
            self._placeholder(block)
        elif isinstance(block, Picture):
            self._picture(block)
        elif isinstance(block, PageBreak):
            self.word.add_page_break()  # type: ignore[no-untyped-call]
        else:
            self._grid(block)

    def _paragraph(self, text: str, style: str) -> WordParagraph:
        return self.word.add_paragraph(_clean(text), style)

    def _placeholder(self, block: Placeholder) -> None:
        from docx.enum.text import WD_COLOR_INDEX

        kept = self.typed.get(block.key)
        elements: list[Any] = [] if kept is None else [copy.deepcopy(element) for element in kept.elements]
        for line in [] if kept is not None else block.text.splitlines():
            paragraph = self._paragraph("", "Normal")
            run = paragraph.add_run(_clean(line))
            if not block.content:
                # Not by a style: office programs differ in which marks of a character style they show.
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            elements.append(paragraph._p)
        if block.key:
            control, body = _content_control(block, elements), self.word.element.body
            # The last element of the body is its layout.
            body.insert(len(body) - 1, control)

    def _picture(self, block: Picture) -> None:
        from docx.shared import Mm

        size = Mm(min(_TEXT_WIDTH, block.size[0] * 24))
        image = io.BytesIO(picture_bytes(block, "png"))
        shape = self._paragraph("", "Figure").add_run().add_picture(image, width=size)
        # What people hear who cannot see the picture.
        shape._inline.docPr.set("descr", _clean("：".join(filter(None, (block.caption, block.alt)))))
        if block.caption:
            self.figures += 1
            self._paragraph(f"{'图' if self.lang == 'zh' else 'Figure'}{self.figures}　{block.caption}", "Caption")

    def _grid(self, block: Grid) -> None:
        from docx.enum.table import WD_TABLE_ALIGNMENT

        if block.caption:
            self.tables += 1
            word = "表" if self.lang == "zh" else "Table"
            caption = self._paragraph(f"{word}{self.tables}　{block.caption}", "Caption")
            caption.paragraph_format.keep_with_next = True
        table: Any = self.word.add_table(rows=0, cols=len(block.header))
        table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
        for n, row in enumerate((block.header, *block.rows)):
            line = table.add_row()
            layout = line._tr.get_or_add_trPr()
            layout.append(_element("cantSplit", "true"))
            if n == 0:
                layout.append(_element("tblHeader", "true"))
            for column, (cell, value) in enumerate(zip(line.cells, row, strict=True)):
                style = "Cell Heading" if n == 0 else "Cell" if column < block.texts else "Cell Figure"
                _fill(cell.paragraphs[0], value if isinstance(value, GridCell) else GridCell(value), style)
        _set_widths(table, block)
        self._paragraph("", "Normal")


def _fill(paragraph: WordParagraph, cell: GridCell, style: str) -> None:
    """Write a cell of a table, as a link where it has an address."""
    paragraph.style = style
    run = paragraph.add_run(_clean(cell.text), "Link" if cell.target else _TONES.get(cell.tone))
    if cell.target:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.ns import qn

        link = _element("hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(cell.target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        link.append(run._r)
        paragraph._p.append(link)


def _set_widths(table: Any, block: Grid) -> None:
    """Share the width of the text among the columns by what they hold."""
    from docx.shared import Mm

    least, wanted = list[float](), list[float]()
    for n, heading in enumerate(block.header):
        longest, title = max((width(cell_text(row[n])) for row in block.rows), default=0), width(heading)
        # A figure is never broken; a text, and a title above figures, may be wrapped.
        sizes = (_DIGIT * max(longest, 5), _LETTER * title)
        if n < block.texts:
            sizes = (_LETTER * min(max(longest, 5), _SHORTEST), _LETTER * min(max(longest, title), _LONGEST))
        least.append(sizes[0] + _MARGINS)
        wanted.append(max(sizes) + _MARGINS)
    wishes = [more - size for size, more in zip(least, wanted, strict=True)]
    share = max(_TEXT_WIDTH - sum(least), 0) / (sum(wishes) or 1)
    scale = min(1, _TEXT_WIDTH / sum(least))
    for column, size, wish in zip(table.columns, least, wishes, strict=True):
        column.width = Mm(size * scale + wish * share)
        for cell in column.cells:
            cell.width = column.width


def _content_control(block: Placeholder, paragraphs: Iterable[Any]) -> Any:
    """Return a marked place that holds paragraphs; a person can change what it holds, and not delete it by mistake.

    Its tag knows the text that the document itself has for the place, so that a later run sees whether it was changed.
    """
    control, properties, content = (_element(name) for name in ("sdt", "sdtPr", "sdtContent"))
    properties.append(_element("alias", block.title[:64]))
    properties.append(_element("tag", f"balancedu:{block.key}:{_digest(block.text)}"))
    properties.append(_element("lock", "sdtLocked"))
    content.extend(paragraphs)
    control.extend((properties, content))
    return control


def _digest(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:8]


def read_places(path: str | PathLike[str]) -> Mapping[str, Written]:
    """Return what is in the marked places of a document, by key.

    Raises
    ------
    MissingExtraError
        If python-docx is not installed.
    OSError
        If there is no such file.
    RequestError
        If it is no Word document, has no marked place, or a place holds what cannot be carried on; it is named.
    """
    from zipfile import is_zipfile

    try:
        import docx
    except ImportError as error:
        raise MissingExtraError("python-docx", "report", Phrase("读取Word文档", "reading a Word document")) from error
    name = Path(path).name
    Path(path).stat()
    no_word = Phrase(f"“{name}”不是Word文档（.docx）", f"{name!r} is no Word document (.docx)")
    as_docx = Phrase("如是 .doc 或 .wps，请另存为 .docx", "save a .doc as .docx")
    if not is_zipfile(path):
        raise _refused(no_word, as_docx)
    try:
        controls = list(docx.Document(str(path)).element.body.iter(_xml("sdt")))
    except ValueError:
        # A file of another program.
        raise _refused(no_word, as_docx) from None
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        problem = Phrase(f"“{name}”已损坏，无法读取（{why}）", f"{name!r} is damaged and cannot be read ({why})")
        raise _refused(problem, Phrase("请用Word打开，另存后再试", "save it again in Word")) from None
    result: dict[str, Written] = {}
    for control in controls:
        tag = control.find(f"{_xml('sdtPr')}/{_xml('tag')}")
        if tag is None or not (match := _TAG.fullmatch(tag.get(_xml("val"), ""))):
            continue
        written = _written(control, match[1], match[2], name)
        if earlier := result.get(match[1]):
            # A control that was copied: both texts are kept.
            text, elements = f"{earlier.text}\n{written.text}", earlier.elements + written.elements
            written = attrs.evolve(written, text=text, elements=elements, typed=True)
        result[match[1]] = written
    if not result:
        problem = Phrase(f"“{name}”中没有可以识别的填写位置", f"{name!r} has no marked place")
        zh = "只能更新由本软件生成、并且保存为 .docx 的材料"
        raise _refused(problem, Phrase(zh, "only documents that balancedu made can be updated"))
    return result


def _refused(problem: Phrase, hint: Phrase) -> RequestError:
    return RequestError(sentence(problem, hint + Phrase("；原文件没有改动", "; it was not changed")))


def _written(control: Any, key: str, digest: str, name: str) -> Written:
    alias, content = control.find(f"{_xml('sdtPr')}/{_xml('alias')}"), control.find(_xml("sdtContent"))
    title = key if alias is None else alias.get(_xml("val"), key)
    elements = [] if content is None else [copy.deepcopy(element) for element in content]
    if any(next(element.iter(_xml(lost)), None) is not None for element in elements for lost in _LOST):
        problem = Phrase(
            f"“{name}”的“{title}”中有图片、图形或脚注，无法保留",
            f"{name!r}, {title!r} holds a picture, a drawing or a footnote, which cannot be kept",
        )
        raise _refused(problem, Phrase("请把它移出该处后再试", "move it out of the place"))
    for element in elements:
        _simplify(element)
    paragraphs = (paragraph for element in elements for paragraph in element.iter(_xml("p")))
    lines = ("".join(node.text or "" for node in paragraph.iter(_xml("t"))) for paragraph in paragraphs)
    text = "\n".join(lines).strip()
    return Written(title, text, tuple(elements), bool(text) and _digest(text) != digest)


def _simplify(element: Any) -> None:
    """Take away what means nothing in another document; links become their text."""
    for node in [node for name in _DROPPED for node in element.iter(_xml(name))]:
        node.getparent().remove(node)
    for link in list(element.iter(_xml("hyperlink"))):
        for run in list(link):
            link.addprevious(run)
        link.getparent().remove(link)

"""The marked places of a Word document, where people write: content controls that a later run finds again."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import attrs

from balancedu.document import Placeholder
from balancedu.errors import MissingExtraError, RequestError
from balancedu.text import Phrase, sentence

_TAG = re.compile(r"balancedu:(.+):([0-9a-f]{8})")
_LOST = ("drawing", "pict", "object", "footnoteReference", "endnoteReference", "altChunk")
"""What refers to other parts of the file, so that it cannot go from one document to another."""
_DROPPED = ("pStyle", "numPr", "sectPr", "bookmarkStart", "bookmarkEnd")
_COMMENTS = ("commentRangeStart", "commentRangeEnd", "commentReference")


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


def content_control(block: Placeholder, paragraphs: Iterable[Any]) -> Any:
    """Return a marked place that holds paragraphs; a person can change what it holds, and not delete it by mistake.

    Its tag knows the text that the document itself has for the place, so that a later run sees whether it was changed.
    """
    from docx.oxml import OxmlElement

    control: Any = OxmlElement("w:sdt")
    properties: Any = OxmlElement("w:sdtPr")
    for name, value in (("alias", block.title[:64]), ("tag", _tag(block.key, block.text)), ("lock", "sdtLocked")):
        element: Any = OxmlElement(f"w:{name}")
        element.set(xml_name("val"), value)
        properties.append(element)
    content: Any = OxmlElement("w:sdtContent")
    content.extend(paragraphs)
    control.extend((properties, content))
    return control


def _tag(key: str, text: str) -> str:
    return f"balancedu:{key}:{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:8]


def xml_name(name: str) -> str:
    """Return a name of Word's XML as python-docx finds it."""
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


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
    if not is_zipfile(path):
        problem = Phrase(f"“{name}”不是Word文档（.docx）", f"{name!r} is no Word document (.docx)")
        hint = Phrase("如是 .doc 或 .wps，请另存为 .docx；原文件没有改动", "save a .doc as .docx; it was not changed")
        raise RequestError(sentence(problem, hint))
    try:
        body = docx.Document(str(path)).element.body
        controls = [(control, _tag_of(control)) for control in body.iter(xml_name("sdt"))]
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        problem = Phrase(f"“{name}”已损坏，无法读取（{why}）", f"{name!r} is damaged and cannot be read ({why})")
        hint = Phrase("请用Word打开，另存后再试；原文件没有改动", "save it again in Word; it was not changed")
        raise RequestError(sentence(problem, hint)) from None
    result: dict[str, Written] = {}
    for control, tag in controls:
        if tag is not None:
            written = _written(control, *tag, name)
            earlier = result.get(tag[0])
            if earlier is not None:
                # A control that was copied: both texts are kept.
                written = attrs.evolve(
                    written,
                    text=f"{earlier.text}\n{written.text}",
                    elements=earlier.elements + written.elements,
                    typed=True,
                )
            result[tag[0]] = written
    if not result:
        problem = Phrase(f"“{name}”中没有可以识别的填写位置", f"{name!r} has no marked place")
        hint = Phrase(
            "只能更新由本软件生成、并且保存为 .docx 的材料；原文件没有改动",
            "only documents that balancedu made can be updated; it was not changed",
        )
        raise RequestError(sentence(problem, hint))
    return result


def _tag_of(control: Any) -> tuple[str, str] | None:
    tag = control.find(f"{xml_name('sdtPr')}/{xml_name('tag')}")
    match = None if tag is None else _TAG.fullmatch(tag.get(xml_name("val"), ""))
    return None if match is None else (match[1], match[2])


def _written(control: Any, key: str, digest: str, name: str) -> Written:
    alias, content = control.find(f"{xml_name('sdtPr')}/{xml_name('alias')}"), control.find(xml_name("sdtContent"))
    title = key if alias is None else alias.get(xml_name("val"), key)
    elements = [] if content is None else [copy.deepcopy(element) for element in content]
    if content is not None and any(next(content.iter(xml_name(lost)), None) is not None for lost in _LOST):
        problem = Phrase(
            f"“{name}”的“{title}”中有图片、图形或脚注，无法保留",
            f"{name!r}, {title!r} holds a picture, a drawing or a footnote, which cannot be kept",
        )
        hint = Phrase("请把它移出该处后再试；原文件没有改动", "move it out of the place; the document was not changed")
        raise RequestError(sentence(problem, hint))
    for element in elements:
        _made_plain(element)
    text = "\n".join(_text(paragraph) for element in elements for paragraph in element.iter(xml_name("p"))).strip()
    return Written(title, text, tuple(elements), bool(text) and _digest(text) != digest)


def _text(paragraph: Any) -> str:
    return "".join(node.text or "" for node in paragraph.iter(xml_name("t")))


def _made_plain(element: Any) -> None:
    """Take away what means nothing in another document; links become their text."""
    for name in (*_DROPPED, *_COMMENTS):
        for node in list(element.iter(xml_name(name))):
            node.getparent().remove(node)
    for link in list(element.iter(xml_name("hyperlink"))):
        parent = link.getparent()
        for run in list(link):
            parent.insert(parent.index(link), run)
        parent.remove(link)

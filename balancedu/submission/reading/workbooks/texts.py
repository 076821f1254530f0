"""Texts as .xlsx workbooks write them, and those that the cells of a workbook share."""

from __future__ import annotations

import re

from balancedu.submission.reading.sheet import Cell
from balancedu.submission.reading.workbooks.limits import A_TEXT, CHARACTERS, MOST_CHARACTERS, broken, too_large
from balancedu.submission.reading.workbooks.markup import Attributes, parsed

_SIMPLE = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED = re.compile(r"_x([0-9a-fA-F]{4})_")


def text_of(xml: bytes) -> str:
    r"""Return the text that some XML without elements stands for.

    Examples
    --------
    >>> text_of(b"a &lt; b&#10;c_x000D_")
    'a < b\nc\r'
    """
    try:
        text = xml.decode()
    except UnicodeDecodeError as error:
        problem = f"有文字不是 UTF-8 编码（{error.reason}）", f"a text of it is not UTF-8 ({error.reason})"
        raise broken(*problem) from None
    if len(text) > MOST_CHARACTERS:
        raise too_large(A_TEXT, MOST_CHARACTERS, CHARACTERS)
    return plain(_ENTITY.sub(_entity, text) if "&" in text else text)


def plain(text: str) -> str:
    """Return a text with the signs that Excel writes by their number."""
    if "_x" not in text:
        return text
    changed = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    # Signs beyond the first plane are two numbers, which only together are one.
    return changed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shared_texts(content: bytes) -> list[Cell]:
    """Return the texts that the cells of a workbook share, in their order; None where there is nothing."""
    simple = _SIMPLE.findall(content)
    if len(simple) == content.count(b"<si") and b"<!" not in content and b":si" not in content:
        return [text_of(one) or None for one in simple]
    texts = _Texts()
    for _ in parsed([content], texts.start, texts.end, texts.text):
        pass
    return texts.found


class _Texts:
    """Collects texts that are made of several runs, without what says how Chinese is pronounced."""

    def __init__(self) -> None:
        self.found: list[Cell] = []
        self.path: list[str] = []
        self.runs: list[str] = []

    def start(self, name: str, _: Attributes) -> None:
        self.path.append(name)

    def end(self, name: str) -> None:
        self.path.pop()
        if name == "si":
            text = "".join(self.runs)
            if len(text) > MOST_CHARACTERS:
                raise too_large(A_TEXT, MOST_CHARACTERS, CHARACTERS)
            self.found.append(plain(text) or None)
            self.runs.clear()

    def text(self, text: str) -> None:
        if self.path and self.path[-1] == "t" and "rPh" not in self.path:
            self.runs.append(text)


def _entity(found: re.Match[str]) -> str:
    if found[3]:
        if found[3] not in _NAMED:
            name = found[0][:20]
            raise broken(f"文字里的“{name}”没有定义", f"a text of it names {name!r}, which nothing says what it is")
        return _NAMED[found[3]]
    number = int(found[1]) if found[1] else int(found[2], 16)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise broken(f"文字里有不存在的字符“{found[0]}”", f"a text of it has the sign {found[0]!r}, which there is not")
    return chr(number)

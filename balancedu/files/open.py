"""What kind of file it is, by its content, and the sheets that it holds; text files are read here."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from balancedu.core.fields import Title
from balancedu.core.loading import Entry
from balancedu.errors import DataError
from balancedu.files.sheet import BEGINNINGS, BYTES, MOST_FILE_BYTES, SAVE_AGAIN, Row, Sheet, UnreadableError, too_large
from balancedu.text import Phrase

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
_PAGE = re.compile(r"\s*(?:<\?xml|<!doctype|<html|<head|<meta|<table|<!--)", re.IGNORECASE)
_BEGINNING, _CHUNK = 4096, 1 << 20


def sheets_of(entry: Entry) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, or the one sheet that a text file is.

    The kind of a file follows from its content: exports of statistics are often text with the name of a workbook.

    Raises
    ------
    DataError
        If the file cannot be read, or is neither.
    MissingExtraError
        If a workbook is to be read and the library that reads it is not installed.
    """
    try:
        content = content_of(entry)
        if content.startswith(BEGINNINGS):
            # The libraries of workbooks take long to import, and a text file needs none of them.
            from balancedu.files.workbooks import workbook_sheets

            return workbook_sheets(content, entry.name)
        called_workbook = entry.name.lower().endswith(WORKBOOKS)
        _refuse_others(content, called_workbook)
        sheet = text_sheet(content, entry.name)
    except OSError as error:
        raise DataError(entry.name.rpartition(".")[0], entry.name, "", *cannot_read(error)) from None
    except UnreadableError as error:
        raise error.of(entry.name) from None
    if called_workbook:
        sheet.add_note("名称是工作簿，内容是文本", "named as a workbook, but it is text")
    return (sheet,)


def cannot_read(error: OSError) -> tuple[Phrase, Phrase]:
    """Return the system's reason for refusing to read a file, and how to fix it."""
    why = error.strerror or str(error)
    hint = Phrase("请关闭正在使用它的程序，或另存一份", "close it elsewhere, or copy it")
    return Phrase(f"文件无法读取（{why}）", f"the file cannot be read: {why}"), hint


def content_of(entry: Entry) -> bytes:
    """Return the bytes of a file that is not too large; in a zip file its size is known only after unpacking."""
    content = bytearray()
    with entry.open("rb") as file:
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) > MOST_FILE_BYTES:
                raise too_large(Phrase("文件", "the file"), MOST_FILE_BYTES, BYTES)
    return bytes(content)


def _refuse_others(content: bytes, called_workbook: bool) -> None:
    """Refuse what begins like neither a workbook nor a table of text."""
    # The last character of the beginning may be cut: of an even number of bytes only UTF-8 and GB18030 notice.
    beginning = next((text for cut in range(4) if (text := decoded(content[: _BEGINNING - cut]))), "")
    if _PAGE.match(beginning):
        raise UnreadableError(Phrase("内容是网页或 XML", "found a web page or XML"), SAVE_AGAIN)
    if called_workbook and not beginning:
        problem = Phrase("内容既不是工作簿，也不是文本", "found neither a workbook nor text")
        raise UnreadableError(problem, SAVE_AGAIN)


def _codec_of(content: bytes) -> str:
    """Return the encoding of a text; empty if it is none of those that files have."""
    if content.startswith(codecs.BOM_UTF8):
        possible = ["utf-8-sig"]
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        possible = ["utf-16"]
    elif b"\0" in content:
        # Of each ASCII character one byte is empty: the second, or the first.
        possible = ["utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be"]
    else:
        possible = ["utf-8", "gb18030"]
    texts = {codec: _text_in(content, codec) for codec in possible}
    if texts.get("gb18030") and _is_disguised(texts["utf-8"] or ""):
        return "gb18030"
    return next((codec for codec, text in texts.items() if text is not None), "")


def _text_in(content: bytes, codec: str) -> str | None:
    """Return the content as text; None if it is none in this encoding."""
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        return None
    # The mark of GB18030 itself is three rare characters that are never written.
    return None if "\0" in text or "\ufffe" in text else text


def decoded(content: bytes) -> str | None:
    """Return the text that a file holds, or None if it is in none of the encodings that files have.

    Examples
    --------
    >>> decoded("初中".encode("gb18030")), decoded("小学".encode("gb18030")), decoded("小学".encode("utf-8-sig"))
    ('初中', '小学', '小学')
    """
    codec = _codec_of(content)
    return content.decode(codec) if codec else None


def _is_disguised(text: str) -> bool:
    """Return whether a text is GB18030 that happens to be valid UTF-8 too.

    The bytes of 「小学」 and 「学校」 are in UTF-8 a Cyrillic letter and an accent. Where every character beyond
    ASCII is of that kind and a common Chinese one otherwise, the Chinese one is meant.
    """
    beyond = {character for character in set(text) if not character.isascii()}
    return bool(beyond) and all("\u0100" <= entry <= "\u05ff" and entry.encode()[1] > 0xA0 for entry in beyond)


SEPARATORS = {
    ",": Title(zh="逗号", en="commas"),
    "\t": Title(zh="制表符", en="tabs"),
    ";": Title(zh="分号", en="semicolons"),
}
NOT_TEXT = Phrase("不是 UTF-8、UTF-16 或 GB18030 编码的文本", "neither UTF-8, UTF-16 nor GB18030 text")
_SAVE_AS_CSV = Phrase("请另存为 CSV UTF-8", "save the file as CSV UTF-8")
_OTHER_SEPARATORS = "|，；"
_TRIED = 40
"""How many rows are considered to find the separator."""


def text_sheet(content: bytes, file: str) -> Sheet:
    """Return the sheet that a text file is.

    Raises
    ------
    UnreadableError
        If the file is no text, or its columns are separated by something else.
    """
    codec = _codec_of(content)
    if not codec:
        raise UnreadableError(NOT_TEXT, _SAVE_AS_CSV)
    separator = _separator(content, codec)
    # Where commas are decimal points, columns are separated by semicolons.
    sheet = Sheet(file, "", lambda: _text_rows(content, codec, separator), commas=separator != ";")
    # Python calls encodings with and without a mark by different names.
    name, signs = "-".join(codec.upper().split("-")[:2]), SEPARATORS[separator]
    if separator != "," or name != "UTF-8":
        sheet.add_note(f"按 {name} 文本读入，各列以{signs.zh}分隔", f"{name} text, columns separated by {signs.en}")
    return sheet


def _lines(content: bytes, codec: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), codec, newline="")


def _separator(content: bytes, codec: str) -> str:
    """Return the sign that gives the rows that a file begins with as many columns each, or else the most of them."""
    first = ""
    widths: dict[str, list[int]] = {sign: [] for sign in SEPARATORS}
    for sign in SEPARATORS:
        try:
            for tried, row in enumerate(csv.reader(_lines(content, codec), delimiter=sign)):
                if tried == _TRIED:
                    break
                widths[sign] += [len(row)] if row else []
                first = first or "".join(row)
        except csv.Error:
            # It is reported when the rows are read, with its line.
            continue
    # Some numbers may have decimal commas, while columns are as many in each row.
    more = {sign: sum(width) - len(width) for sign, width in widths.items()}
    best = max(more, key=lambda sign: (more[sign] > 0 and len(set(widths[sign])) == 1, more[sign]))
    if not more[best] and (result := [sign for sign in _OTHER_SEPARATORS if sign in first]):
        problem = Phrase(
            f"各列以“{result[0]}”分隔，应为逗号、制表符或分号",
            f"found {result[0]!r} between the columns, wanted commas, tabs or semicolons",
        )
        raise UnreadableError(problem, _SAVE_AS_CSV, 1)
    return best


def _text_rows(content: bytes, codec: str, separator: str) -> Iterator[Row]:
    """Yield the rows that contain anything, each with the line that it begins in."""
    reader = csv.reader(_lines(content, codec), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            hint = Phrase("请检查这一行起的引号", "check the quotes, from this line on")
            raise UnreadableError(Phrase(f"不是 CSV（{error}）", f"not CSV: {error}"), hint, line) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, list(row)

"""Text files become sheets: encoding and separator are detected."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

import attrs

from balancedu.core.fields import Title
from balancedu.errors import DataError
from balancedu.files.sheet import Row, Sheet
from balancedu.text import Phrase

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "gb18030": "GB18030",
}


@attrs.frozen
class Encoding:
    """How the bytes of a text file are to be read.

    Attributes
    ----------
    codec : str
        What Python calls it.
    skip : int
        The length of the byte order mark that is to be left out first.
    """

    codec: str
    skip: int = 0

    def __str__(self) -> str:
        return _NAMES[self.codec]


def encoding_of(content: bytes) -> Encoding | None:
    """Return the encoding of a text, or None where it is none of those that files have.

    Examples
    --------
    >>> str(encoding_of("初中".encode("gb18030"))), str(encoding_of("小学".encode("utf-8-sig")))
    ('GB18030', 'UTF-8 with a byte order mark')
    >>> str(encoding_of("school,小学".encode("utf-16-le")))
    'UTF-16 LE'
    """
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return _checked(content, codec, 0 if codec == "utf-8-sig" else len(mark))
    if b"\0" in content:
        # Of each ASCII character one byte is empty: the second, or the first.
        empty = [content[start::2].count(0) for start in (0, 1)]
        return _checked(content, "utf-16-le" if empty[1] > empty[0] else "utf-16-be")
    result = _checked(content, "utf-8") or _checked(content, "gb18030")
    if result and result.codec == "utf-8" and _is_disguised(content.decode("utf-8")):
        return _checked(content, "gb18030")
    return result


def decoded(content: bytes) -> str | None:
    """Return the text that a file holds, or None where it is in none of the encodings that files have.

    Examples
    --------
    >>> decoded("初中".encode("gb18030")), decoded("小学".encode("gb18030")), decoded("小学".encode("utf-8-sig"))
    ('初中', '小学', '小学')
    """
    encoding = encoding_of(content)
    return None if encoding is None else content[encoding.skip :].decode(encoding.codec)


def _checked(content: bytes, codec: str, skip: int = 0) -> Encoding | None:
    """Return the encoding if the whole content is text in it."""
    try:
        text = content[skip:].decode(codec)
    except UnicodeDecodeError:
        return None
    # The mark of GB18030 itself is three rare characters that are never written.
    return None if "\0" in text or "\ufffe" in text else Encoding(codec, skip)


def _is_disguised(text: str) -> bool:
    """Return whether a text is GB18030 that happens to be valid UTF-8 too.

    The bytes of 「小学」 and 「学校」 are in UTF-8 a Cyrillic letter and an accent. Where every character beyond
    ASCII is of that kind and a common Chinese one otherwise, the Chinese one is meant.
    """
    beyond = {character for character in text if not character.isascii()}
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
"""How many rows are looked at to find the separator."""


def text_sheet(content: bytes, file: str) -> Sheet:
    """Return the sheet that a text file is.

    Raises
    ------
    DataError
        If the file is no text, or its columns are separated by something else.
    """
    encoding = encoding_of(content)
    if encoding is None:
        raise _refusal(file, 0, NOT_TEXT, _SAVE_AS_CSV)
    separator = _separator(content, encoding, file)
    signs = SEPARATORS[separator]
    note = Title(
        zh=f"按 {encoding} 文本读入，各列以{signs.zh}分隔", en=f"{encoding} text, columns separated by {signs.en}"
    )
    plain = encoding.codec.startswith("utf-8") and separator == ","
    # Where commas stand for points, columns are separated by semicolons.
    return Sheet(
        file,
        "",
        lambda: _rows(content, encoding, separator, file),
        notes=[] if plain else [note],
        commas=separator != ";",
    )


def _lines(stream: io.BytesIO, encoding: Encoding) -> io.TextIOWrapper:
    stream.seek(encoding.skip)
    return io.TextIOWrapper(stream, encoding.codec, newline="")


def _separator(content: bytes, encoding: Encoding, file: str) -> str:
    """Return the sign that gives the rows that a file begins with as many columns each, or else the most of them."""
    first = ""
    widths: dict[str, list[int]] = {sign: [] for sign in SEPARATORS}
    for sign in SEPARATORS:
        try:
            for tried, row in enumerate(csv.reader(_lines(io.BytesIO(content), encoding), delimiter=sign)):
                if tried == _TRIED:
                    break
                widths[sign] += [len(row)] if row else []
                first = first or "".join(row)
        except csv.Error:
            # It is reported when the rows are read, with its line.
            continue
    # In numbers commas stand for points here and there, while columns are as many in each row.
    more = {sign: sum(width) - len(width) for sign, width in widths.items()}
    best = max(more, key=lambda sign: (more[sign] > 0 and len(set(widths[sign])) == 1, more[sign]))
    if not more[best] and (result := [sign for sign in _OTHER_SEPARATORS if sign in first]):
        problem = Phrase(
            f"各列以“{result[0]}”分隔，应为逗号、制表符或分号",
            f"found {result[0]!r} between the columns, wanted commas, tabs or semicolons",
        )
        raise _refusal(file, 1, problem, _SAVE_AS_CSV)
    return best


def _rows(content: bytes, encoding: Encoding, separator: str, file: str) -> Iterator[Row]:
    """Yield the rows that hold anything, each with the line that it begins in."""
    stream = io.BytesIO(content)
    reader = csv.reader(_lines(stream, encoding), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            hint = Phrase("请检查这一行起的引号", "check the quotes, from this line on")
            raise _refusal(file, line, Phrase(f"不是 CSV（{error}）", f"not CSV: {error}"), hint) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, list(row)


def _refusal(file: str, line: int, problem: Phrase, hint: Phrase) -> DataError:
    return DataError(file.rpartition(".")[0], f"{file}:{line}" if line else file, "", problem, hint)

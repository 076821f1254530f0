"""Which text the bytes of a file are: UTF-8, UTF-16 or GB18030, which files rarely say."""

from __future__ import annotations

import codecs

import attrs

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
    found = _checked(content, "utf-8") or _checked(content, "gb18030")
    if found and found.codec == "utf-8" and _is_disguised(content.decode("utf-8")):
        return _checked(content, "gb18030")
    return found


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
    # The mark of GB18030 itself is three rare characters that nobody writes.
    return None if "\0" in text or "\ufffe" in text else Encoding(codec, skip)


def _is_disguised(text: str) -> bool:
    """Return whether a text is GB18030 that happens to be valid UTF-8 too.

    The bytes of 「小学」 and 「学校」 are in UTF-8 a Cyrillic letter and an accent. Where every character beyond
    ASCII is of that kind and a common Chinese one otherwise, the Chinese one is meant.
    """
    beyond = {character for character in text if not character.isascii()}
    return bool(beyond) and all("\u0100" <= one <= "\u05ff" and one.encode()[1] > 0xA0 for one in beyond)

"""Which text the bytes of a file are: UTF-8 or GB18030, which files rarely say."""

from __future__ import annotations

ENCODINGS = ("utf-8", "gb18030")


def decoded(content: bytes) -> str | None:
    """Return the text that a file holds, or None where it is neither UTF-8 nor GB18030.

    Examples
    --------
    >>> decoded("初中".encode("gb18030")), decoded("小学".encode("gb18030")), decoded("小学".encode("utf-8-sig"))
    ('初中', '小学', '小学')
    """
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not (encoding == "utf-8" and _is_disguised(text)):
            return None if "\0" in text else text.removeprefix("\ufeff")
    return None


def _is_disguised(text: str) -> bool:
    """Return whether a text is GB18030 that happens to be valid UTF-8 too.

    The bytes of 「小学」 and 「学校」 are in UTF-8 a Cyrillic letter and an accent. Where every character beyond
    ASCII is of that kind and a common Chinese one otherwise, the Chinese one is meant.
    """
    beyond = {character for character in text if not character.isascii()}
    return bool(beyond) and all("\u0100" <= one <= "\u05ff" and one.encode()[1] > 0xA0 for one in beyond)

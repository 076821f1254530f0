"""When two words are the same word: width, spaces, punctuation and numbering of a header do not matter."""

from __future__ import annotations

import functools
import re
import unicodedata

_NUMBERING = re.compile(r"^(\(?([0-9]{1,2}|[一二三四五六七八九十]{1,3})[).、:]\s*)+")
_OF_THESE = re.compile(r"^(其中|of these)[:,]?")
_SILENT = re.compile(r"[\s、，,。.:;；·•*#\"“”'‘’/\\\-—_()\[\]【】《》<>〈〉?!]+")


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return what makes a header or the name of a sheet the word that it is.

    Examples
    --------
    >>> plain("（一） 学校（机构）名称"), plain("其中：ＰＥ  Teachers"), plain("体育、艺术专任教师")
    ('学校机构名称', 'peteachers', '体育艺术专任教师')
    """
    shown = unicodedata.normalize("NFKC", text).strip().casefold()
    shown = _OF_THESE.sub("", _NUMBERING.sub("", shown))
    return _SILENT.sub("", shown)

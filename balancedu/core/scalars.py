"""What a plain word of YAML means here, and which words YAML readers understand in different ways."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from balancedu.phrase import NO_WORDS, Phrase, listed

Scalar = str | int | Decimal | bool

MOST_BYTES = 4_000_000
"""The largest file that is read."""

UNREADABLE = re.compile("[^\t\n\r\\x20-\\x7e\\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no YAML file may hold, or that some readers take for the end of a line."""
INVISIBLE = re.compile("[\\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that a person reviewing a spec cannot see."""

_MOST_DIGITS = 30
_LONGEST = 60
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) *%")
_SEPARATED = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_WITH_UNIT = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?) *[^\W\d_][^\d]*")
_MEANT = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_TRAPS = (
    (
        re.compile(r"(?i)yes|no|on|off|y|n"),
        Phrase("可能读作文字，也可能读作 true/false", "YAML readers disagree whether it is a word or true/false"),
    ),
    (
        re.compile(r"True|TRUE|False|FALSE"),
        Phrase("true 和 false 请用小写", "write true or false in small letters"),
    ),
    (re.compile(r"~|(?i:null)"), Phrase("没有值的项不写", "an empty value is left out, not written")),
    (
        re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?|[-+]?0[xXoObB][0-9a-fA-F_]+"),
        Phrase("开头的0会改变数值", "a leading zero changes the number"),
    ),
    (
        re.compile(r"[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?"),
        Phrase("可能读作六十进制的时间", "YAML readers may take it for a time in base 60"),
    ),
    (
        re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.|[0-9][0-9_.]*[eE][-+]?[0-9]+)"),
        Phrase("小数请写完整", "write the decimal out in full"),
    ),
    (
        re.compile(r"[-+]?[0-9][0-9]*_[0-9_.]*"),
        Phrase("数字之间请不要写下划线", "write the digits without underscores"),
    ),
    (re.compile(r"[-+]?\.(?i:inf|nan)"), Phrase("只能是有限的数", "only finite numbers are possible")),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"),
        Phrase("可能读作日期", "YAML readers may take it for a date object"),
    ),
    (re.compile(r"=|<<"), Phrase("在 YAML 中另有含义", "YAML gives it a meaning of its own")),
    (
        re.compile(rf"[-+]?[0-9.]{{{_MOST_DIGITS + 1},}}"),
        Phrase(f"数字不超过{_MOST_DIGITS}位", f"no number has more than {_MOST_DIGITS} digits"),
    ),
)
_WIDE_FOR_YAML = re.compile(r"^[ -]*[A-Za-z_]\w*[ ]*：|[:{,\[] *[“‘]", re.ASCII)
"""Wide signs in the place of those that YAML needs, not inside a Chinese text."""
_WIDE = "\uff1a\uff0c\u3001\uff5b\uff5d\uff3b\uff3d\u201c\u201d\u2018\u2019\u3000"
"""The wide forms of the signs that YAML is written with, and the wide space."""


@functools.lru_cache(maxsize=4096)
def trap(text: str) -> Phrase:
    """Say why YAML readers understand a plain word in different ways; nothing when they all agree.

    Examples
    --------
    >>> trap("012").en, trap("12").en
    ('a leading zero changes the number', '')
    """
    return next((why for pattern, why in _TRAPS if pattern.fullmatch(text)), NO_WORDS)


def number(text: str) -> Scalar:
    """Return a plain word as the boolean or number that it is, or as the text.

    Examples
    --------
    >>> number("0.50"), number("true"), number("小学")
    (Decimal('0.50'), True, '小学')
    """
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def way_out(text: str, line: int) -> tuple[int, Phrase]:
    """Say where to look when a text is not YAML, and at what: at wide punctuation and tabs first.

    A wide colon, or a quotation mark of that kind, is noticed a line too late.
    """
    lines = text.split("\n")
    for at in (line, line - 1):
        one = lines[at - 1] if 0 < at <= len(lines) else ""
        here = at if _WIDE_FOR_YAML.search(one) else line
        if "\t" in one:
            return here, Phrase(f"请把第{at}行的制表符改为空格", f"write spaces instead of the tab in line {at}")
        if wide := sorted(set(one) & set(_WIDE)):
            signs = " ".join(wide)
            zh = f"YAML 的符号请用半角，第{at}行有全角的 {signs}"
            return here, Phrase(zh, f"write the signs of YAML in half width, not as {signs} in line {at}")
    return line, Phrase("请检查引号、冒号和行首的空格", "check quotes, colons and the spaces that lines begin with")


def advice(text: str, wanted: type) -> Phrase:
    """Say how to write what was probably meant, where a word is not of the type wanted."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if wanted is str:
        return Phrase(f'请加上引号，写作 `"{text}"`', f'put it in quotes: "{text}"')
    if wanted is dict:
        colon = Phrase("冒号和后面的空格请用半角", "write a colon and a space, both in half width")
        return colon if ":" in plain else NO_WORDS
    return _as_number(plain, wanted)


def _as_number(plain: str, wanted: type) -> Phrase:
    if percent := _PERCENT.fullmatch(plain):
        share = Decimal(percent[1]) / 100
        return Phrase(f"{percent[1]}%请写作{share}", f"write {percent[1]} % as {share}")
    meant = type(number(plain))
    if meant is wanted or (wanted is Decimal and meant is int):
        return Phrase(f"请写{plain}，用半角，不加引号", f"write {plain}, without quotes and in half width")
    if _SEPARATED.fullmatch(plain):
        digits = plain.replace(",", "")
        return Phrase(f"请写{digits}，不加分隔符", f"write {digits}, without separators")
    if figure := _WITH_UNIT.fullmatch(plain):
        return Phrase(f"请只写{figure[1]}，不写单位", f"write {figure[1]} alone, without the unit")
    return NO_WORDS


def either(words: Iterable[str]) -> Phrase:
    """Return the words as a choice.

    Examples
    --------
    >>> either(["count", "number", "share"])
    Phrase(zh='count、number 或 share', en='count, number or share')
    """
    *others, last = words
    before = listed(others)
    return before + Phrase(" 或 ", " or ") + Phrase.of(last) if others else Phrase.of(last)


def shortened(text: str) -> str:
    """Return a text short enough for a message."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def quoted(text: str) -> Phrase:
    """Say that quotes make a text of a word that YAML takes for something else."""
    if shortened(text) != text:
        return NO_WORDS
    return Phrase(f'如果是文字，请加上引号，写作 `"{text}"`', f'write "{text}" in quotes if the text is meant')


def not_clear(text: str) -> Phrase:
    """Say what to write instead of a word that YAML readers understand in different ways."""
    meant = _MEANT.get(text.casefold())
    if not meant:
        return quoted(text)
    return Phrase(
        f'请写作 {meant}；如果是文字，请加上引号，写作 `"{text}"`',
        f'write {meant}, or "{text}" in quotes if the text is meant',
    )


def cut_off(key: str) -> Phrase:
    """Say that a comma in braces ended a text, where what follows it stands as a key without a value."""
    name = shortened(key)
    return Phrase(
        f"如果“{name}”和逗号前面是同一段文字，请给整段加上引号",
        f"if {name!r} belongs to the text before the comma, put that text in quotes",
    )

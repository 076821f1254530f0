"""Texts in two languages, and text of a fixed width in which a Chinese character is two columns wide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Literal

import attrs

Language = Literal["zh", "en"]
_ROW = re.compile(r"\Arow ([0-9]+)")
_CHANGE = re.compile(r"\Achange ([0-9]+)\Z")


@attrs.frozen
class Phrase:
    """A sentence, or a part of one, in Chinese and in English.

    Examples
    --------
    >>> Phrase("填报", "found ") + Phrase("“一百”", "'一百'")
    Phrase(zh='填报“一百”', en="found '一百'")
    """

    zh: str
    en: str

    @classmethod
    def of(cls, words: str | Phrase) -> Phrase:
        """Return words as they are; a text alone is the same in both languages."""
        return words if isinstance(words, Phrase) else cls(words, words)

    def text(self, lang: str) -> str:
        """Return the text in the given language."""
        return self.zh if lang == "zh" else self.en

    def __add__(self, more: Phrase) -> Phrase:
        return Phrase(self.zh + more.zh, self.en + more.en)

    def __bool__(self) -> bool:
        return bool(self.en)


def in_both(text: Callable[[Language], str]) -> Phrase:
    """Return what a function writes in each language as one phrase.

    Examples
    --------
    >>> in_both(lambda lang: {"zh": "学校", "en": "school"}[lang])
    Phrase(zh='学校', en='school')
    """
    return Phrase(text("zh"), text("en"))


NO_WORDS = Phrase("", "")
KNOWN = Phrase("可以写：", "known: ")


def quote(text: str) -> Phrase:
    """Return a text as something that is spoken of.

    Examples
    --------
    >>> quote("一百")
    Phrase(zh='“一百”', en="'一百'")
    """
    return Phrase(f"“{text}”", repr(text))


def listed(words: Iterable[str]) -> Phrase:
    """Return words one after the other.

    Examples
    --------
    >>> listed(["urban", "rural"]).zh
    'urban、rural'
    """
    words = tuple(words)
    return Phrase("、".join(words), ", ".join(words))


def one_of(phrases: Iterable[Phrase]) -> Phrase:
    """Return phrases as a choice.

    Examples
    --------
    >>> one_of([Phrase("小学", "primary"), Phrase("初中", "junior"), Phrase("高中", "senior")])
    Phrase(zh='小学、初中或高中', en='primary, junior or senior')
    """
    *others, last = phrases
    if not others:
        return last
    before = Phrase("、".join(other.zh for other in others), ", ".join(other.en for other in others))
    return before + Phrase("或", " or ") + last


def meant(guesses: Iterable[str]) -> Phrase:
    """Return the question whether one of these was meant, as words to add; nothing if there is none.

    Examples
    --------
    >>> meant(["pupils"])
    Phrase(zh='，是否应为“pupils”？', en="; did you mean 'pupils'?")
    """
    quoted = [quote(guess) for guess in guesses]
    return Phrase("，是否应为", "; did you mean ") + one_of(quoted) + Phrase("？", "?") if quoted else NO_WORDS


def where_zh(place: str, title: str, name: str) -> str:
    """Return in Chinese where something is: the place, then the column by its title and its id.

    Examples
    --------
    >>> where_zh("row 3 (001)", "学校类型", "type"), where_zh("schools.csv:1", "", "占地")
    ('第3行 (001)，学校类型（type）', 'schools.csv:1，占地')
    """
    column = f"{title}（{name}）" if title and name and title != name else title or name
    return "，".join(word for word in (place_zh(place), column) if word)


def place_zh(place: str) -> str:
    """Return a place in Chinese: tables in memory and changes given by a program are counted, sheets listed."""
    return _CHANGE.sub(r"第\1项改动", _ROW.sub(r"第\1行", place)).replace(", ", "、")


def is_in_memory(place: str) -> bool:
    """Return whether a place is a row of a table in memory, or no row at all: it names no file."""
    return not place or _ROW.match(place) is not None


def sentence(problem: Phrase, hint: Phrase) -> Phrase:
    """Return what was found and how to fix it as one sentence.

    Examples
    --------
    >>> sentence(Phrase("没有“pupil”", "no 'pupil'") + meant(["pupils"]), Phrase("请改正", "correct it"))
    Phrase(zh='没有“pupil”，是否应为“pupils”？请改正', en="no 'pupil'; did you mean 'pupils'?; correct it")
    """
    end = Phrase("" if problem.zh.endswith("？") else "；", "; ")
    return problem + end + hint if hint else problem


def sentence_zh(where: str, problem: str, hint: str) -> str:
    """Return what was found and how to fix it as one Chinese sentence."""
    end = "" if problem.endswith("？") else "；"
    return f"{where}：{problem}" + (f"{end}{hint}" if hint else "")


_SINGULAR = {"classes": "class", "children": "child", "people": "person"}


def singular(plural: str) -> str:
    """Return what one of an English unit is called.

    Examples
    --------
    >>> singular("teachers"), singular("classes"), singular("m²"), singular("yuan")
    ('teacher', 'class', 'm²', 'yuan')
    """
    return _SINGULAR.get(plural, plural.removesuffix("s"))


def with_unit(figure: Phrase, unit: Phrase) -> Phrase:
    """Return a figure with its unit, whose English is in the singular after 1.

    Examples
    --------
    >>> with_unit(Phrase.of("1"), Phrase("人", "teachers")).en, with_unit(Phrase.of("2"), Phrase("人", "teachers")).zh
    ('1 teacher', '2人')
    """
    return Phrase(f"{figure.zh}{unit.zh}", f"{figure.en} {singular_or_plural(figure.en, unit.en)}".rstrip())


def singular_or_plural(number: object, plural: str) -> str:
    """Return an English unit as it is called after a number.

    Examples
    --------
    >>> singular_or_plural(1, "schools"), singular_or_plural(2, "schools")
    ('school', 'schools')
    """
    return singular(plural) if str(number) in ("1", "-1") else plural


WIDTH = 80


def width(text: str) -> int:
    """Return how many columns a text takes.

    Examples
    --------
    >>> width("小学 R4")
    7
    """
    return sum(map(_columns, text))


@cache
def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fill(text: str, columns: int, *, right: bool = False) -> str:
    """Return the text padded to a width in columns.

    Examples
    --------
    >>> fill("小学", 6) + "|"
    '小学  |'
    """
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


def wrap(text: str, columns: int = WIDTH, *, first: str = "", rest: str = "") -> list[str]:
    """Return the text in lines of at most a given width; Chinese breaks anywhere, English between words."""
    lines, line = [], first
    for piece in _pieces(text):
        if width(line) + width(piece.rstrip()) > columns and line.strip():
            lines.append(line.rstrip())
            line = rest + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


_NEVER_FIRST = "，。；：、！？）》〕”’％%"


def _pieces(text: str) -> Iterator[str]:
    """Return the parts between which a line may break."""
    piece = ""
    for n, character in enumerate(text):
        piece += character
        follower = text[n + 1 : n + 2]
        wide = _columns(character) == 2 or bool(follower and _columns(follower) == 2)
        if (character == " " or wide) and follower not in _NEVER_FIRST and character not in "（《〔“‘":
            yield piece
            piece = ""
    yield piece


def table(rows: Sequence[Sequence[str]], *, right_from: int = 1, indent: str = "  ") -> list[str]:
    """Return rows as lines with aligned columns; columns from `right_from` on are aligned to the right."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    return [
        (indent + "  ".join(fill(cell, widths[n], right=n >= right_from) for n, cell in enumerate(row))).rstrip()
        for row in rows
    ]

"""Words of a message in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

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

    def said(self, lang: str) -> str:
        """Return the text in the language asked for."""
        return self.zh if lang == "zh" else self.en

    def __add__(self, more: Phrase) -> Phrase:
        return Phrase(self.zh + more.zh, self.en + more.en)

    def __bool__(self) -> bool:
        return bool(self.en)


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
    before = Phrase("、".join(one.zh for one in others), ", ".join(one.en for one in others))
    return before + Phrase("或", " or ") + last


def meant(guesses: Iterable[str]) -> Phrase:
    """Return the question whether one of these was meant, as words to add; nothing where there is none.

    Examples
    --------
    >>> meant(["pupils"])
    Phrase(zh='，是否应为“pupils”？', en="; did you mean 'pupils'?")
    """
    quoted = [quote(guess) for guess in guesses]
    return Phrase("，是否应为", "; did you mean ") + one_of(quoted) + Phrase("？", "?") if quoted else NO_WORDS


def where_zh(place: str, title: str, name: str) -> str:
    """Return in Chinese where something stands: the place, then the column by its title and its id.

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
    """Return whether a place is a row of a table in memory, or no row at all: no file says which table it is."""
    return not place or _ROW.match(place) is not None


def sentence(problem: Phrase, hint: Phrase) -> Phrase:
    """Return what was found and the way out as one sentence.

    Examples
    --------
    >>> sentence(Phrase("没有“pupil”", "no 'pupil'") + meant(["pupils"]), Phrase("请改正", "mend it"))
    Phrase(zh='没有“pupil”，是否应为“pupils”？请改正', en="no 'pupil'; did you mean 'pupils'?; mend it")
    """
    end = Phrase("" if problem.zh.endswith("？") else "；", "; ")
    return problem + end + hint if hint else problem


def sentence_zh(where: str, problem: str, hint: str) -> str:
    """Return what was found and the way out as one Chinese sentence."""
    end = "" if problem.endswith("？") else "；"
    return f"{where}：{problem}" + (f"{end}{hint}" if hint else "")

"""A cell that its measure does not allow, and how that is said."""

from __future__ import annotations

from datetime import date, time, timedelta

import attrs

from balancedu.core.scalars import shortened
from balancedu.phrase import NO_WORDS, Phrase
from balancedu.submission.problems import figure, shown

WANTED_TEXT = Phrase("应为文本", "wanted text")


@attrs.frozen
class CellError:
    """A cell that has no value: an error of a formula, or a formula that nobody has calculated.

    Attributes
    ----------
    text : str
        What a person sees, as `#DIV/0!`; or a sentence.
    zh : str
        The sentence in Chinese; empty for what a person sees.
    """

    text: str
    zh: str = attrs.field(default="", eq=False)

    @classmethod
    def without_value(cls, formula: str) -> CellError:
        """Return a formula that nobody has calculated."""
        shown = f"={shortened(formula)}" if formula else ""
        after = f": {shown}" if shown else ""
        return cls(f"a formula without its value{after}", f"没有结果的公式{shown}")


UNKNOWN_ERROR = CellError("an error", "错误值")


@attrs.frozen
class BadCell:
    """A cell that its measure does not allow."""

    row: int
    problem: Phrase
    hint: Phrase
    kind: Phrase


def bad_cell(row: int, found: Phrase, wanted: Phrase, hint: Phrase = NO_WORDS) -> BadCell:
    """Return that a cell holds one thing and should hold another."""
    return BadCell(row, misfilled(found, wanted), hint, wanted)


def misfilled(found: Phrase, wanted: Phrase) -> Phrase:
    """Return in words that one thing was found and another wanted."""
    return Phrase(f"填报{found.zh}，{wanted.zh}", f"found {found.en}, {wanted.en}")


def found_in(value: object) -> Phrase:
    """Return what a cell holds, as a person sees it."""
    if isinstance(value, CellError):
        return Phrase(value.zh or f"“{value.text}”", value.text)
    if isinstance(value, date | time | timedelta):
        word = Phrase("日期", "the date ") if isinstance(value, date) else Phrase("时间", "the time ")
        return word + Phrase.of(str(value).removesuffix(" 00:00:00"))
    return shown(value)


def as_seen(value: object) -> Phrase:
    """Return what a cell holds that may be a number: a sheet shows 5, where it keeps 5.0."""
    return Phrase.of(figure(value)) if isinstance(value, float) else found_in(value)

"""The note on a heading: what counts, what may be written, where it is asked for and what needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from balancedu.core.model import Language, Measure
from balancedu.core.standard import Standard
from balancedu.submission.layout import heading
from balancedu.submission.writing import words
from balancedu.submission.writing.entry import allowed
from balancedu.wide import wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_COLUMNS = 44
"""Characters in a line of a note, and so its width."""
_PIXELS = (7, 17)
"""Of a character of a note: wide and high."""


def note_of(measure: Measure, standard: Standard, lang: Language) -> str:
    """Return the note on a measure.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> std = load_standard("cn-2017")
    >>> print(note_of(std.measures["indoor_sports_area"], std, "zh"))
    室内体育用房面积（平方米）
    包含在教学及辅助用房之内；没有的填0
    填写：数，不小于0。
    包含在“教学及辅助用房面积”之内，不能更大。
    出处：申报表及填表说明 表Ⅱ-2
    用于：R4 教学及辅助用房、R5 体育运动场馆
    """
    return "\n".join(_lines(measure, standard, lang))


def _lines(measure: Measure, standard: Standard, lang: Language) -> Iterator[str]:
    yield heading(measure, lang)
    if measure.definition:
        yield measure.definition.said(lang)
    yield words.WRITE.said(lang).format(allowed(measure, lang))
    if measure.part_of:
        yield words.PART_OF.said(lang).format(standard.measures[measure.part_of].title.said(lang))
    if measure.quotient:
        counts = [f"“{standard.measures[name].title.said(lang)}”" for name in measure.quotient.measures]
        yield words.FROM_COUNTS.said(lang).format(words.COMMA.said(lang).join(counts))
    yield words.SOURCE.said(lang).format(measure.source)
    if measure.source.note:
        yield measure.source.note
    needed = [entry_title(one, standard, lang) for one in measure.needed_by]
    if needed:
        yield words.NEEDED_BY.said(lang).format(words.COMMA.said(lang).join(needed))
    else:
        yield words.NOTHING_NEEDS_IT.said(lang)


def entry_title(entry: str, standard: Standard, lang: Language) -> str:
    """Return an item or indicator as forms name it."""
    name = standard.indicators[entry].name if entry in standard.indicators else standard.items[entry].name
    return f"{entry} {name.said(lang)}"


def write_note(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Put a note on a cell, large enough to be read."""
    lines = sum(len(wrap(line, _COLUMNS)) for line in text.split("\n"))
    size = {"width": _COLUMNS * _PIXELS[0] + 20, "height": lines * _PIXELS[1] + 14}
    sheet.write_comment(row, column, text, {"author": "balancedu", "font_size": 9, **size})

"""A column of a closed list becomes positions in it; what is none of its values is refused with what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from balancedu.core.model import Measure
from balancedu.phrase import NO_WORDS, Phrase, meant
from balancedu.submission.bad_cells import BadCell, as_seen, misfilled
from balancedu.submission.figures import MOST, WIDE, absent, as_python
from balancedu.submission.problems import Guesses, shown, titles_of
from balancedu.submission.tables import Column

UNREADABLE = -2
"""The position of a choice that could not be read."""

_LOOKALIKES = str.maketrans({"H": "II", "h": "II", "l": "I", "1": "I", "|": "I", "i": "I"})
"""Signs that are taken for strokes of a Roman number, and the other way round."""
_NUMERALS = ("123456789", "一二三四五六七八九", "ⅠⅡⅢⅣⅤⅥⅦⅧⅨ")
"""How values that are in an order may be counted."""
_POINT_NOUGHT = re.compile(r"\.0+$")
_NO_CHOICE = Phrase("不在可填的值之内", "none of its values")


def choices(column: Column, measure: Measure) -> tuple[Column, list[BadCell]]:
    """Return the position of each cell in the list, and the cells that are none of its values; see `typed`."""
    positions = {writing: n for n, choice in enumerate(measure.values) for writing in choice.writings}
    alike = {writing.casefold(): n for writing, n in positions.items()}
    guesses = Guesses(tuple(positions), positions)
    known = Phrase("可以填：", "its values: ") + titles_of(measure.values)
    values = column.tolist()
    if set(map(type, values)) == {str} and all(word.strip() in positions for word in set(values)):
        return np.array([positions[word.strip()] for word in values], dtype=np.int16), []
    seen: dict[str, int] = {}
    result, bad = [], []
    for row, value in enumerate(values):
        is_text = type(value) is str
        position = seen.get(value) if is_text else None
        if position is None:
            word = value.strip() if is_text else _word(value)
            position = positions.get(word, -1) if word else -1
            if word and position < 0:
                position = alike.get(word.translate(WIDE).strip().casefold(), UNREADABLE)
            if position == UNREADABLE:
                problem = misfilled(as_seen(value), Phrase("不在可填的值之内", "which is none of its values"))
                bad.append(BadCell(row, problem + _likely(word, positions, measure, guesses), known, _NO_CHOICE))
            elif is_text:
                seen[value] = position
        result.append(position)
    return np.array(result, dtype=np.int16), bad


def _likely(word: str, positions: Mapping[str, int], measure: Measure, guesses: Guesses) -> Phrase:
    """Return the value that a word probably means, as words to add."""
    if (likely := word.translate(_LOOKALIKES)) in positions and not word.isdigit():
        return meant([likely])
    counted = next((one for one in _counted_otherwise(word) if one in positions), None)
    if counted is not None:
        choice = measure.values[positions[counted]]
        return Phrase(meant([choice.title.zh]).zh, meant([choice.id]).en)
    # Among short words and numbers every other one is near: 「HI级」 is not I级.
    return guesses.nearest(word) if len(word) >= 4 and not word.isdigit() else NO_WORDS


def _counted_otherwise(word: str) -> Iterator[str]:
    """Yield a word with its numerals written otherwise."""
    word = _POINT_NOUGHT.sub("", word.translate(WIDE))
    for wanted in _NUMERALS:
        for numerals in _NUMERALS:
            yield word.translate(str.maketrans(numerals, wanted))


def _word(value: Any) -> str:
    value = as_python(value)
    if absent(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int) and abs(value) >= MOST:
        return shown(value).en
    return str(value).strip() if isinstance(value, str | int | Decimal) else shown(value).en

"""Raw columns become typed arrays, measure by measure; a cell that cannot be read is never guessed.

Text becomes a text array ("" where not reported), a choice becomes int16 positions in its closed list
(-1 where not reported), every number and yes/no becomes float64 (NaN where not reported).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Measure
from balancedu.core.scalars import INVISIBLE
from balancedu.phrase import NO_WORDS, Phrase
from balancedu.submission.bad_cells import WANTED_TEXT, BadCell, CellError, as_seen, bad_cell, found_in
from balancedu.submission.choosing import choices
from balancedu.submission.figures import (
    MOST,
    NOTHING,
    WIDE,
    UnreadableError,
    absent,
    as_python,
    hundred_times,
    number_reader,
    percent,
    plain_numbers,
    says_percent,
)
from balancedu.submission.problems import figure
from balancedu.submission.scaling import Scaling, scaled
from balancedu.submission.tables import Column

IDS = ("county", "school", "parent")
LONGEST_TEXT = 200
MOST_SHARE = Decimal(10)
"""A share above it was written in percent, also where the standard sets no end."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_YES = ("true", "yes", "y", "是", "1", "√", "✓", "✔", "☑")
_NO = ("false", "no", "n", "否", "0", "×", "✗", "✘", "☒")
_YES_NO = dict.fromkeys(_YES, 1.0) | dict.fromkeys(_NO, 0.0)

_TEXT_HINTS = dict.fromkeys(
    (date, datetime, time),
    Phrase("请把单元格格式设为文本，再重新输入", "format the cell as text, and type it again"),
)
_TEXT_HINTS |= {CellError: Phrase("请改正公式，或直接输入文字", "mend the formula, or type the text")}
_ID_HINT = Phrase("请按文本填写这一列，以保留开头的0", "read the column as text, so that leading zeros are kept")
_NOT_TOO_LONG = Phrase(f"应不超过{LONGEST_TEXT}个", f"wanted at most {LONGEST_TEXT}")
_NO_FRACTIONS = Phrase("这里只计个数，没有小数", "there are no fractions of what is counted")
_WORDS, _PLAIN = (str, bool), (str, int)
"""Types whose cells are read once where they stand again."""


def typed(
    column: Column, measure: Measure, scaling: Scaling | None = None, *, commas: bool = True
) -> tuple[Column, list[BadCell]]:
    """Return the column as the type of its measure, and the cells that cannot be that.

    In place of a bad cell stands what stands for a cell that is not reported; of a choice, `UNREADABLE`.
    Numbers that are written in another unit become those of the measure's own. Without `commas`, one comma in a number
    may stand for a point, and is refused.
    """
    if measure.type == "text":
        return _texts(column, is_id=measure.column in IDS)
    if measure.type == "choice":
        return choices(column, measure)
    if measure.type == "yes_no":
        return _cells(column, _yes_no)
    written, bad = plain_numbers(column), list[BadCell]()
    if written is None:
        written, bad = _cells(column, number_reader(measure, scaling, commas=commas))
    numbers = written
    if scaling:
        bad += _percent_or_not(column, written, measure, scaling)
        numbers = scaled(written, scaling.factor)
    bad += _out_of_range(numbers, written, measure, scaling.word if scaling else "")
    numbers[[cell.row for cell in bad]] = np.nan
    numbers += 0.0  # of minus zero, which prints as such, this makes zero
    return numbers, bad


def _cells(column: Column, read: Callable[[Any], float]) -> tuple[NDArray[np.float64], list[BadCell]]:
    numbers, bad = [], []
    # A truth equals a number, and is looked up beside texts alone.
    known: dict[str | bool, float] = {}
    for row, value in enumerate(column.tolist()):
        is_text = type(value) in _WORDS
        number = known.get(value) if is_text else None
        if number is None:
            try:
                number = read(value)
            except UnreadableError as error:
                bad.append(bad_cell(row, as_seen(value), error.wanted, error.hint))
                number = math.nan
            else:
                if is_text:
                    known[value] = number
        numbers.append(number)
    return np.array(numbers, dtype=np.float64), bad


def _yes_no(value: Any) -> float:
    word = value.translate(WIDE).strip().lower() if isinstance(value, str) else as_python(value)
    if absent(word) or (isinstance(word, str) and not word):
        return math.nan
    if isinstance(word, str) and word in _YES_NO:
        return _YES_NO[word]
    if isinstance(word, int | float | Decimal) and word in (0, 1):
        return float(word)
    missing = isinstance(word, str) and word in NOTHING
    hint = Phrase("请填“是”或“否”", "write true or false, 是 or 否")
    if missing:
        hint = Phrase(
            "表示否的请填“否”，没有填报的才留空", "write 否 for no; leave it empty only where nothing is reported"
        )
    raise UnreadableError(Phrase("看不出是“是”还是“否”", "wanted yes or no"), hint)


def _percent_or_not(
    column: Column, written: NDArray[np.float64], measure: Measure, scaling: Scaling
) -> Iterator[BadCell]:
    """Yield shares below 1 under a header that says %: a sheet shows 0.985 as 98.5 %, and it may be 0.985 % too.

    Where the cell carries the sign itself there is no doubt.
    """
    if measure.type == "share" and scaling.factor < 1:
        doubtful = np.flatnonzero((written > 0) & (written <= 1)).tolist()
        for row in (row for row in doubtful if not says_percent(column[row])):
            number, word = figure(written[row]), scaling.word
            problem = Phrase(
                f"填报{number}，表头的单位是{word}：是{number}{word}，还是{number}？",
                f"found {number} below a header that says {word}: {number} {word}, or {number}?",
            )
            signed = f"{hundred_times(number)}%"
            hint = Phrase(
                f"请在单元格里写上百分号，写作{signed}，或删去表头的单位",
                f"write the sign into the cell, as {signed}, or take it out of the header",
            )
            kind = Phrase(f"以{word}为单位而小于1", f"a share below 1 in {word}")
            yield BadCell(row, problem, hint, kind)


def _out_of_range(
    numbers: NDArray[np.float64], written: NDArray[np.float64], measure: Measure, unit: str
) -> Iterator[BadCell]:
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    if most is None and measure.type == "share":
        most = MOST_SHARE
    finite = np.abs(numbers) < MOST
    too_much = None if measure.type == "share" else NO_WORDS
    below = Phrase(f"应小于{MOST:,.0f}", f"wanted a number below {MOST:,.0f}")
    checks = [
        (~finite & ~np.isnan(numbers), below, NO_WORDS),
        (finite & (numbers < float(least)) if least is not None else None, _at_least(least), NO_WORDS),
        (finite & (numbers > float(most)) if most is not None else None, _at_most(most), too_much),
    ]
    if measure.type == "count":
        fraction = finite & (numbers != np.floor(numbers))
        checks.append((fraction, Phrase("应为整数", "wanted a whole number"), _NO_FRACTIONS))
    for wrong, wanted, hint in checks:
        if wrong is not None and wrong.any():
            for row in np.flatnonzero(wrong).tolist():
                number = figure(written[row])
                found = Phrase(f"{number}{unit}", f"{number} {unit}".rstrip())
                yield bad_cell(row, found, wanted, _as_share(number, unit) if hint is None else hint)


def _at_least(least: Decimal | None) -> Phrase:
    return Phrase(f"应不小于{least}", f"wanted {least} or more")


def _at_most(most: Decimal | None) -> Phrase:
    return Phrase(f"应不大于{most}", f"wanted {most} or less")


def _as_share(found: str, unit: str) -> Phrase:
    """Return how to write a share that was probably meant in percent."""
    share = percent(found)
    if unit or Decimal(share) > 1:
        return Phrase("1即100%，请核对", "100 % is 1")
    return Phrase(f"如果是{found}%，请写作{share}", f"write {found} % as {share}")


def _texts(column: Column, *, is_id: bool) -> tuple[Column, list[BadCell]]:
    if column.dtype.kind in "iu":
        return column.astype(str), []
    if (plain := _plain_texts(column, is_id=is_id)) is not None:
        return plain, []
    texts, bad = [], []
    known: dict[str | int, str] = {}
    for row, value in enumerate(column.tolist()):
        is_plain = type(value) in _PLAIN
        if is_plain and (same := known.get(value)) is not None:
            texts.append(same)
            continue
        text = value.strip() if type(value) is str else as_text(value, is_id=is_id)
        if text is None:
            hint = _ID_HINT if is_id else _TEXT_HINTS.get(type(value), NO_WORDS)
            bad.append(bad_cell(row, found_in(value), WANTED_TEXT, hint))
            text = ""
        if is_id and not text.isascii():
            text = text.translate(WIDE).strip()
        if not text.isprintable():
            # What comes with copied text: line breaks in names, invisible characters in ids.
            text = _CONTROL.sub(" ", INVISIBLE.sub("", text) if is_id else text).strip()
        if len(text) > LONGEST_TEXT:
            bad.append(bad_cell(row, Phrase(f"了{len(text)}个字符", f"{len(text)} characters"), _NOT_TOO_LONG))
            text = ""
        elif is_plain and text:
            known[value] = text
        texts.append(text)
    return np.array(texts, dtype=str), bad


def _plain_texts(column: Column, *, is_id: bool) -> Column | None:
    """Return a column of texts at once where each stands as it should; None for any other."""
    values = column.tolist()
    if set(map(type, values)) != {str}:
        return None
    text = "".join(values)
    # Of all white space the plain blank alone is printable.
    blank = " " in text and any(value[:1] == " " or value[-1:] == " " for value in values)
    if blank or not text.isprintable() or (is_id and not text.isascii()):
        return None
    return np.array(values, dtype=str) if max(map(len, values)) <= LONGEST_TEXT else None


def as_text(value: Any, *, is_id: bool = True) -> str | None:
    """Return a cell that is no plain text as text, or None where that would be a guess."""
    value = as_python(value)
    if absent(value):
        return ""
    if isinstance(value, str):
        return str(value).strip()
    if isinstance(value, float) and value.is_integer() and not is_id:
        return str(int(value))
    return str(value) if type(value) is int and abs(value) < 10**LONGEST_TEXT else None

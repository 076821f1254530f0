"""Raw columns become typed arrays, measure by measure; a cell that cannot be read is never guessed.

Text becomes a text array ("" where not reported), a choice becomes int16 positions in its closed list
(-1 where not reported), every number and yes/no becomes float64 (NaN where not reported).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Measure
from balancedu.core.scalars import INVISIBLE
from balancedu.submission.figures import (
    NOTHING,
    WIDE,
    UnreadableError,
    absent,
    as_python,
    hundred_times,
    number_reader,
    percent,
    plain_numbers,
)
from balancedu.submission.problems import Guesses, figure, shown
from balancedu.submission.reading.sheet import CellError
from balancedu.submission.scaling import Scaling, scaled
from balancedu.submission.tables import Column

IDS = ("county", "school", "parent")
LONGEST_TEXT = 200
MOST = 1e15
"""No figure is as large; up to here a float holds every number of 15 digits as it was written."""
MOST_SHARE = Decimal(10)
"""A share above it was written in percent, also where the standard sets no end."""
UNREADABLE = -2
"""The position of a choice that could not be read."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_YES = ("true", "yes", "y", "是", "1", "√", "✓", "✔", "☑")
_NO = ("false", "no", "n", "否", "0", "×", "✗", "✘", "☒")
_YES_NO = dict.fromkeys(_YES, 1.0) | dict.fromkeys(_NO, 0.0)
_LOOKALIKES = str.maketrans({"H": "II", "h": "II", "l": "I", "1": "I", "|": "I", "i": "I"})
"""Signs that are taken for strokes of a Roman number, and the other way round."""

_TEXT_HINTS = dict.fromkeys((date, datetime, time), "format the cell as text, and type it again")
_TEXT_HINTS |= {CellError: "mend the formula, or type the text"}
_WORDS, _PLAIN = (str, bool), (str, int)
"""Types whose cells are read once where they stand again."""


@attrs.frozen
class BadCell:
    """A cell that its measure does not allow."""

    row: int
    problem: str
    hint: str
    kind: str


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
        return _choices(column, measure)
    if measure.type == "yes_no":
        return _cells(column, _yes_no)
    written, bad = plain_numbers(column), list[BadCell]()
    if written is None:
        written, bad = _cells(column, number_reader(measure, scaling, commas=commas))
    numbers = written
    if scaling:
        bad += _percent_or_not(written, measure, scaling)
        numbers = scaled(written, scaling.factor)
    bad += _out_of_range(numbers, written, measure, f" {scaling.word}" if scaling else "")
    numbers[[cell.row for cell in bad]] = np.nan
    numbers += 0.0  # of minus zero, which prints as such, this makes zero
    return numbers, bad


def _bad(row: int, found: str, wanted: str, hint: str = "") -> BadCell:
    return BadCell(row, f"found {found}, wanted {wanted}", hint, f"wanted {wanted}")


def found_in(value: object) -> str:
    """Return what a cell holds, as a person sees it."""
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, date | time | timedelta):
        return f"the {'date' if isinstance(value, date) else 'time'} {value}".removesuffix(" 00:00:00")
    return shown(value)


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
                bad.append(_bad(row, found_in(value), error.wanted, error.hint))
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
    hint = (
        "write 否 for no; leave it empty only where nothing is reported" if missing else "write true or false, 是 or 否"
    )
    raise UnreadableError("yes or no", hint)


def _percent_or_not(written: NDArray[np.float64], measure: Measure, scaling: Scaling) -> Iterator[BadCell]:
    """Yield shares below 1 under a header that says %: a sheet shows 0.985 as 98.5 %, and it may be 0.985 % too."""
    if measure.type == "share" and scaling.factor < 1:
        for row in np.flatnonzero((written > 0) & (written <= 1)).tolist():
            number = figure(written[row])
            problem = f"found {number} below a header that says {scaling.word}: {number} {scaling.word}, or {number}?"
            hint = f"write the sign into the cell, as {hundred_times(number)}%, or take it out of the header"
            yield BadCell(row, problem, hint, f"a share below 1 in {scaling.word}")


def _out_of_range(
    numbers: NDArray[np.float64], written: NDArray[np.float64], measure: Measure, unit: str
) -> Iterator[BadCell]:
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    if most is None and measure.type == "share":
        most = MOST_SHARE
    finite = np.abs(numbers) < MOST
    checks = [
        (~finite & ~np.isnan(numbers), f"a number below {MOST:,.0f}", ""),
        (finite & (numbers < float(least)) if least is not None else None, f"{least} or more", ""),
        (
            finite & (numbers > float(most)) if most is not None else None,
            f"{most} or less",
            None if measure.type == "share" else "",
        ),
    ]
    if measure.type == "count":
        fraction = finite & (numbers != np.floor(numbers))
        checks.append((fraction, "a whole number", "there are no fractions of what is counted"))
    for wrong, wanted, hint in checks:
        if wrong is not None and wrong.any():
            for row in np.flatnonzero(wrong).tolist():
                found = figure(written[row])
                yield _bad(row, f"{found}{unit}", wanted, _as_share(found, unit) if hint is None else hint)


def _as_share(found: str, unit: str) -> str:
    """Return how to write a share that was probably meant in percent."""
    share = percent(found)
    return "100 % is 1" if unit or Decimal(share) > 1 else f"write {found} % as {share}"


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
            hint = (
                "read the column as text, so that leading zeros are kept" if is_id else _TEXT_HINTS.get(type(value), "")
            )
            bad.append(_bad(row, found_in(value), "text", hint))
            text = ""
        if is_id and not text.isascii():
            text = text.translate(WIDE).strip()
        if not text.isprintable():
            # What comes with copied text: line breaks in names, invisible characters in ids.
            text = _CONTROL.sub(" ", INVISIBLE.sub("", text) if is_id else text).strip()
        if len(text) > LONGEST_TEXT:
            bad.append(_bad(row, f"{len(text)} characters", f"at most {LONGEST_TEXT}"))
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


def _choices(column: Column, measure: Measure) -> tuple[Column, list[BadCell]]:
    positions = {writing: n for n, choice in enumerate(measure.values) for writing in choice.writings}
    alike = {writing.casefold(): n for writing, n in positions.items()}
    guesses = Guesses(tuple(positions))
    known = "its values: " + ", ".join(choice.id for choice in measure.values)
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
                problem = f"found {found_in(value)}, which is none of its values{_likely(word, positions, guesses)}"
                bad.append(BadCell(row, problem, known, "none of its values"))
            elif is_text:
                seen[value] = position
        result.append(position)
    return np.array(result, dtype=np.int16), bad


def _likely(word: str, positions: dict[str, int], guesses: Guesses) -> str:
    """Return the value that a word probably means, as words to add."""
    if (likely := word.translate(_LOOKALIKES)) in positions and not word.isdigit():
        return f"; did you mean {likely!r}?"
    # Among short words and numbers every other one is near: 「HI级」 is not I级.
    return guesses.nearest(word) if len(word) >= 4 and not word.isdigit() else ""


def _word(value: Any) -> str:
    value = as_python(value)
    if absent(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int) and abs(value) >= MOST:
        return shown(value)
    return str(value).strip() if isinstance(value, str | int | Decimal) else shown(value)

"""Raw columns become typed arrays, measure by measure; a cell that cannot be read is never guessed.

Text becomes a text array ("" where not reported), a choice becomes int16 positions in its closed list
(-1 where not reported), every number and yes/no becomes float64 (NaN where not reported).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Measure
from balancedu.core.scalars import INVISIBLE
from balancedu.submission.problems import Guesses, figure, shown
from balancedu.submission.tables import Column

IDS = ("county", "school")
LONGEST_TEXT = 200
MOST = 1e15
"""No figure is as large; up to here a float holds every number of 15 digits as it was written."""
MOST_SHARE = Decimal(10)
"""A share above it was written in percent, also where the standard sets no end."""
UNREADABLE = -2
"""The position of a choice that could not be read."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d+)?|\.\d+)")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ABSENT = ("NAType", "NaTType")
_NOTHING = ("na", "n/a", "nan", "null", "none", "~", "-", "--", "—", "——", "/", "无", "空", "未报", "未填报")
_YES_NO = {"true": 1.0, "yes": 1.0, "是": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "否": 0.0, "0": 0.0}


@attrs.frozen
class BadCell:
    """A cell that its measure does not allow."""

    row: int
    problem: str
    hint: str
    kind: str


def typed(column: Column, measure: Measure) -> tuple[Column, list[BadCell]]:
    """Return the column as the type of its measure, and the cells that cannot be that.

    In place of a bad cell stands what stands for a cell that is not reported; of a choice, `UNREADABLE`.
    """
    if measure.type == "text":
        return _texts(column, is_id=measure.column in IDS)
    if measure.type == "choice":
        return _choices(column, measure)
    if measure.type == "yes_no":
        return _cells(column, _yes_no)
    numbers, bad = _numbers(column)
    bad += _out_of_range(numbers, measure)
    numbers[[cell.row for cell in bad]] = np.nan
    numbers += 0.0  # of minus zero, which prints as such, this makes zero
    return numbers, bad


def _bad(row: int, found: str, wanted: str, hint: str = "") -> BadCell:
    return BadCell(row, f"found {found}, wanted {wanted}", hint, f"wanted {wanted}")


class _UnreadableError(Exception):
    """A cell that cannot be read, with what was wanted and the way out."""

    def __init__(self, wanted: str, hint: str = "") -> None:
        super().__init__(wanted, hint)
        self.wanted, self.hint = wanted, hint


def _cells(column: Column, read: Callable[[Any], float]) -> tuple[NDArray[np.float64], list[BadCell]]:
    numbers, bad = [], []
    known: dict[str, float] = {}
    for row, value in enumerate(column.tolist()):
        is_text = type(value) is str
        number = known.get(value) if is_text else None
        if number is None:
            try:
                number = read(value)
            except _UnreadableError as error:
                bad.append(_bad(row, shown(value), error.wanted, error.hint))
                number = math.nan
            else:
                if is_text:
                    known[value] = number
        numbers.append(number)
    return np.array(numbers, dtype=np.float64), bad


def _python(value: Any) -> Any:
    """Return a NumPy scalar as Python's own; a float is the number that NumPy prints."""
    if isinstance(value, np.generic):
        return float(str(value)) if isinstance(value, np.floating) else value.item()
    return value


def _absent(value: object) -> bool:
    if value is None or type(value).__name__ in _ABSENT:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def _numbers(column: Column) -> tuple[NDArray[np.float64], list[BadCell]]:
    kind = column.dtype.kind
    if kind == "f" and column.dtype.itemsize < 8:
        # The number as written is the shortest decimal of its own precision, not the widened binary value.
        return column.astype(str).astype(np.float64), []
    if kind in "iuf":
        return column.astype(np.float64), []
    return _cells(column, _number)


def _number(value: Any) -> float:
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            return float(text)
        if not text:
            return math.nan
        raise _UnreadableError("a number", _advice(text))
    value = _python(value)
    if _absent(value):
        return math.nan
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    raise _UnreadableError("a number")


def _advice(text: str) -> str:
    """Return how to write what was probably meant."""
    if text.endswith(("%", "％")):
        return "write 98.5 % as 0.985"
    if text.lower() in _NOTHING:
        return "leave the cell empty where nothing is reported"
    return "write digits alone in half width, with a point for decimals"


def _yes_no(value: Any) -> float:
    word = value.strip().lower() if isinstance(value, str) else _python(value)
    if _absent(word) or (isinstance(word, str) and not word):
        return math.nan
    if isinstance(word, str) and word in _YES_NO:
        return _YES_NO[word]
    if isinstance(word, int | float | Decimal) and word in (0, 1):
        return float(word)
    missing = isinstance(word, str) and word in _NOTHING
    raise _UnreadableError("yes or no", _advice(word) if missing else "write true or false, 是 or 否")


def _out_of_range(numbers: NDArray[np.float64], measure: Measure) -> Iterator[BadCell]:
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    if most is None and measure.type == "share":
        most = MOST_SHARE
    finite = np.abs(numbers) < MOST
    share = "write 98.5 % as 0.985" if measure.type == "share" else ""
    checks = [
        (~finite & ~np.isnan(numbers), f"a number below {MOST:,.0f}", ""),
        (finite & (numbers < float(least)) if least is not None else None, f"{least} or more", ""),
        (finite & (numbers > float(most)) if most is not None else None, f"{most} or less", share),
    ]
    if measure.type == "count":
        fraction = finite & (numbers != np.floor(numbers))
        checks.append((fraction, "a whole number", "there are no fractions of what is counted"))
    for wrong, wanted, hint in checks:
        if wrong is not None and wrong.any():
            for row in np.flatnonzero(wrong).tolist():
                yield _bad(row, figure(numbers[row]), wanted, hint)


def _texts(column: Column, *, is_id: bool) -> tuple[Column, list[BadCell]]:
    if column.dtype.kind in "iu":
        return column.astype(str), []
    texts, bad = [], []
    for row, value in enumerate(column.tolist()):
        text = value.strip() if type(value) is str else as_text(value, is_id=is_id)
        if text is None:
            hint = "read the column as text, so that leading zeros are kept" if is_id else ""
            bad.append(_bad(row, shown(value), "text", hint))
            text = ""
        elif not text.isprintable():
            # What comes with copied text: line breaks in names, invisible characters in ids.
            text = _CONTROL.sub(" ", INVISIBLE.sub("", text) if is_id else text).strip()
        if len(text) > LONGEST_TEXT:
            bad.append(_bad(row, f"{len(text)} characters", f"at most {LONGEST_TEXT}"))
            text = ""
        texts.append(text)
    return np.array(texts, dtype=str), bad


def as_text(value: Any, *, is_id: bool = True) -> str | None:
    """Return a cell that is no plain text as text, or None where that would be a guess."""
    value = _python(value)
    if _absent(value):
        return ""
    if isinstance(value, str):
        return str(value).strip()
    if isinstance(value, float) and value.is_integer() and not is_id:
        return str(int(value))
    return str(value) if type(value) is int and abs(value) < 10**LONGEST_TEXT else None


def _choices(column: Column, measure: Measure) -> tuple[Column, list[BadCell]]:
    positions = {writing: n for n, choice in enumerate(measure.values) for writing in choice.writings}
    guesses = Guesses(tuple(positions))
    known = "its values: " + ", ".join(choice.id for choice in measure.values)
    seen: dict[str, int] = {}
    result, bad = [], []
    for row, value in enumerate(column.tolist()):
        is_text = type(value) is str
        position = seen.get(value) if is_text else None
        if position is None:
            word = value.strip() if is_text else _word(value)
            position = positions.get(word, UNREADABLE) if word else -1
            if position == UNREADABLE:
                # Among short words and numbers every other one is near: 「HI级」 is not I级.
                guess = guesses.nearest(word) if len(word) >= 4 and not word.isdigit() else ""
                problem = f"found {shown(value)}, which is none of its values{guess}"
                bad.append(BadCell(row, problem, known, "none of its values"))
            elif is_text:
                seen[value] = position
        result.append(position)
    return np.array(result, dtype=np.int16), bad


def _word(value: Any) -> str:
    value = _python(value)
    if _absent(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int) and abs(value) >= MOST:
        return shown(value)
    return str(value).strip() if isinstance(value, str | int | Decimal) else shown(value)

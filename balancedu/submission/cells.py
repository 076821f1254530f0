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
from balancedu.errors import nearest
from balancedu.submission.tables import Column

LONGEST_TEXT = 200

_NUMBER = re.compile(r"[-+]?(\d+(\.\d+)?|\.\d+)")
_ABSENT = ("NAType", "NaTType")
_YES_NO = {"true": 1.0, "yes": 1.0, "是": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "否": 0.0, "0": 0.0}


@attrs.frozen
class BadCell:
    """A cell that its measure does not allow."""

    row: int
    problem: str
    hint: str
    kind: str


def typed(column: Column, measure: Measure) -> tuple[Column, list[BadCell]]:
    """Return the column as the type of its measure, and the cells that cannot be that."""
    if measure.type == "text":
        return _text(column)
    if measure.type == "choice":
        return _choice(column, measure)
    if measure.type == "yes_no":
        return _cells(column, _yes_no)
    numbers, bad = _numbers(column)
    return numbers, [*bad, *_out_of_range(numbers, measure)]


class _UnreadableError(Exception):
    """A cell that cannot be read, with what was wanted and the way out."""

    def __init__(self, wanted: str, hint: str = "") -> None:
        super().__init__(wanted, hint)
        self.wanted, self.hint = wanted, hint


def _cells(column: Column, read: Callable[[Any], float]) -> tuple[NDArray[np.float64], list[BadCell]]:
    result = np.full(column.size, np.nan)
    bad = []
    for row, value in enumerate(column.tolist()):
        try:
            result[row] = read(value)
        except _UnreadableError as error:
            bad.append(BadCell(row, f"found {value!r}, wanted {error.wanted}", error.hint, error.wanted))
    return result, bad


def _absent(value: object) -> bool:
    if value is None or type(value).__name__ in _ABSENT:
        return True
    return value == "" if isinstance(value, str) else isinstance(value, float) and math.isnan(value)


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
        value = value.strip()
    if _absent(value):
        return np.nan
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return float(value)
        raise _UnreadableError("a number", "write digits, with a point for decimals")
    if isinstance(value, int | float | Decimal | np.number) and not isinstance(value, bool):
        return float(value)
    raise _UnreadableError("a number")


def _yes_no(value: Any) -> float:
    word = value.strip().lower() if isinstance(value, str) else value
    if _absent(word):
        return np.nan
    if word in (0, 1):
        return float(word)
    try:
        return _YES_NO[word]
    except (KeyError, TypeError):
        raise _UnreadableError("yes or no", "write true or false, 是 or 否") from None


def _out_of_range(numbers: NDArray[np.float64], measure: Measure) -> Iterator[BadCell]:
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    checks = [
        (np.isinf(numbers), "a finite number", ""),
        (numbers < float(least) if least is not None else None, f"{least} or more", ""),
        (numbers > float(most) if most is not None else None, f"{most} or less", "write 98.5 % as 0.985"),
    ]
    if measure.type == "count":
        whole = numbers == np.floor(numbers)
        checks.append((~whole & np.isfinite(numbers), "a whole number", "there are no fractions of what is counted"))
    for wrong, wanted, hint in checks:
        if wrong is not None and wrong.any():
            for row in np.flatnonzero(wrong).tolist():
                yield BadCell(row, f"found {numbers[row]:.12g}, wanted {wanted}", hint, wanted)


def _text(column: Column) -> tuple[Column, list[BadCell]]:
    kind = column.dtype.kind
    if kind in "iu":
        return column.astype(str), []
    texts, bad = [], []
    for row, value in enumerate(column.tolist()):
        text = "" if _absent(value) else str(value).strip()
        if isinstance(value, float | bool | bytes) and text:
            hint = "read the column as text, so that leading zeros are kept"
            bad.append(BadCell(row, f"found {value!r}, wanted text", hint, "text"))
        elif len(text) > LONGEST_TEXT:
            found = f"found {len(text)} characters, wanted at most {LONGEST_TEXT}"
            bad.append(BadCell(row, found, "", "length"))
            text = text[:LONGEST_TEXT]
        texts.append(text)
    return np.array(texts, dtype=str), bad


def _choice(column: Column, measure: Measure) -> tuple[Column, list[BadCell]]:
    positions = _positions(measure)
    result = np.full(column.size, -1, np.int16)
    bad = []
    for row, value in enumerate(column.tolist()):
        whole = isinstance(value, float) and value.is_integer()
        word = str(int(value)) if whole else value.strip() if isinstance(value, str) else value
        if _absent(word):
            continue
        position = positions.get(str(word))
        if position is None:
            hint = "known: " + ", ".join(choice.id for choice in measure.values)
            bad.append(
                BadCell(
                    row,
                    f"no {measure.title.en} is called {value!r}{nearest(str(word), positions)}",
                    hint,
                    "unknown value",
                )
            )
        result[row] = 0 if position is None else position
    return result, bad


def _positions(measure: Measure) -> dict[str, int]:
    return {
        word: position
        for position, choice in enumerate(measure.values)
        for word in (choice.id, choice.title.zh, choice.title.en, *choice.also)
    }

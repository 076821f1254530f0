"""Cells that hold a number, however it was typed; what is not beyond doubt is refused, with what it probably means."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Measure
from balancedu.phrase import NO_WORDS, Phrase
from balancedu.submission.bad_cells import CellError
from balancedu.submission.scaling import Scaling
from balancedu.submission.tables import Column

NOTHING = ("na", "n/a", "nan", "null", "none", "~", "-", "--", "—", "——", "/", "无", "空", "未报", "未填报")
"""What people write where nothing is reported; it must be left out, because it could mean zero."""
WIDE = {0xFF01 + n: 0x21 + n for n in range(94)} | {ord("\u3000"): " ", ord("\u2212"): "-"}
"""The wide forms of the signs of ASCII, and the minus of typesetters."""
MOST = 1e15
"""No figure is as large; up to here a float holds every number of 15 digits as it was written."""

_ABSENT = ("NAType", "NaTType")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]+)?|\.[0-9]+)")
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_ONE_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_PERCENT = re.compile(r"[^0-9.%]{0,4}([0-9]+(?:\.[0-9]+)?)\s*%[^0-9.%]{0,4}")
_YUAN = re.compile(r"[¥￥]|RMB|CNY|人民币", re.IGNORECASE)
_PLAIN_SIGNS = frozenset("0123456789+-.\n")
_LOOKALIKES = str.maketrans("OoQ〇lI|iZzSsB。·", "000011112255" + "8..")
_WITH_MORE = re.compile(r"([-+]?[0-9.]+)([^0-9.]{0,4})")
_TIMES = {"万": 10_000, "亿": 100_000_000}
_DAY_NOUGHT = datetime.fromisoformat("1899-12-30")
"""The day that Excel counts as 0."""
_HUNDRED = 100
_A_NUMBER = Phrase("应为数字", "wanted a number")
_DIGITS = Phrase("请只写阿拉伯数字，小数点用“.”", "write digits alone, with a point for decimals")
_MEND_FORMULA = Phrase("请改正公式，或直接输入数字", "mend the formula, or type the number")
_LONGEST = 20
"""Characters of a cell that a number is looked for in."""


class UnreadableError(Exception):
    """A cell that cannot be read, with what was wanted and the way out."""

    def __init__(self, wanted: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(wanted, hint)
        self.wanted, self.hint = wanted, hint


def as_python(value: Any) -> Any:
    """Return a NumPy scalar as Python's own; a float is the number that NumPy prints."""
    if isinstance(value, np.generic):
        return float(str(value)) if isinstance(value, np.floating) else value.item()
    return value


def absent(value: object) -> bool:
    """Return whether a value stands for nothing reported."""
    if value is None or type(value).__name__ in _ABSENT:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def plain_numbers(column: Column) -> NDArray[np.float64] | None:
    """Return a column of numbers and gaps, or of texts that are plainly numbers, at once; None for any other.

    Examples
    --------
    >>> plain_numbers(np.array(["1.5", "", "20"], dtype=object))
    array([ 1.5,  nan, 20. ])
    """
    kind = column.dtype.kind
    if kind == "f" and column.dtype.itemsize < 8:
        # The number as written is the shortest decimal of its own precision, not the widened binary value.
        return column.astype(str).astype(np.float64)
    if kind in "iuf":
        return column.astype(np.float64)
    values = column.tolist()
    kinds = set(map(type, values))
    try:
        if kinds <= {float, int, type(None)}:
            return np.array(values, dtype=np.float64)
        if kinds == {str} and _PLAIN_SIGNS.issuperset(text := "\n".join([*values, ""])) and ".\n" not in text:
            return np.array([float(value) if value else math.nan for value in values])
    except (ValueError, OverflowError):
        pass
    return None


def percent(number: str) -> str:
    """Return a number of percent as a fraction.

    Examples
    --------
    >>> percent("98.5"), hundred_times("0.985")
    ('0.985', '98.5')
    """
    return f"{(Decimal(number) / _HUNDRED).normalize():f}"


def hundred_times(number: str) -> str:
    """Return a fraction as a number of percent; see `percent`."""
    return f"{(Decimal(number) * _HUNDRED).normalize():f}"


def says_percent(value: object) -> bool:
    """Return whether a cell is a text that ends with the sign for percent."""
    return isinstance(value, str) and value.translate(WIDE).rstrip().endswith("%")


def is_figure(text: str) -> bool:
    """Return whether a text is a number, or probably one.

    Examples
    --------
    >>> [is_figure(text) for text in ("３００", "1,200", "98.5%", "300人", "张三", "2023年9月1日")]
    [True, True, True, True, False, False]
    """
    plain = text.translate(WIDE).strip()
    return bool(_NUMBER.fullmatch(plain) or _GROUPED.fullmatch(plain) or likely_number(plain))


def number_reader(measure: Measure, scaling: Scaling | None, *, commas: bool = True) -> Callable[[Any], float]:
    """Return the function that reads one cell of a measure as a number in the unit that the column is written in.

    Without `commas`, one comma in a number may stand for a point.
    """
    is_share = measure.type == "share"
    # Where a count is written in tens of thousands, it may have decimals.
    is_whole = measure.type == "count" and scaling is None

    def read(value: Any) -> float:
        if isinstance(value, str):
            return _text(value, is_share=is_share, is_whole=is_whole, scaling=scaling, commas=commas)
        value = as_python(value)
        if absent(value):
            return math.nan
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                return math.inf
        raise UnreadableError(_A_NUMBER, _way_out(value))

    return read


def _text(value: str, *, is_share: bool, is_whole: bool, scaling: Scaling | None, commas: bool) -> float:
    text = value.translate(WIDE).strip()
    if not text:
        return math.nan
    if _NUMBER.fullmatch(text):
        return float(text)
    if not commas and _ONE_COMMA.fullmatch(text):
        point = f"{Decimal(text.replace(',', '.')).normalize():f}"
        likely = f"{text.replace(',', '')} or {point}" if _GROUPED.fullmatch(text) else point
        raise UnreadableError(_A_NUMBER, _probably(likely))
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    share = text.removesuffix("%").rstrip()
    if is_share and share != text and _NUMBER.fullmatch(share):
        if scaling is None:
            return float(Fraction(share) / _HUNDRED)
        if scaling.factor * _HUNDRED == 1:
            return float(share)
        raise UnreadableError(_A_NUMBER, Phrase(f"表头的单位是{scaling.word}", f"the header says {scaling.word}"))
    if is_share and (found := _PERCENT.fullmatch(text)):
        likely = f"{found[1]}%" if scaling else f"{found[1]}% or {percent(found[1])}"
        raise UnreadableError(_A_NUMBER, _probably(likely))
    raise UnreadableError(_A_NUMBER, _advice(text, is_share=is_share, is_whole=is_whole))


def _probably(likely: str, *, is_whole: bool = False) -> Phrase:
    """Return what a text probably means; of what is counted no fraction."""
    if is_whole:
        likely = " or ".join(one for one in likely.split(" or ") if one and Decimal(one) % 1 == 0)
    if not likely:
        return _DIGITS
    return Phrase(f"可能是{likely.replace(' or ', '或')}；", f"probably {likely}; ") + _DIGITS


def _advice(text: str, *, is_share: bool, is_whole: bool) -> Phrase:
    """Return how to write what was probably meant."""
    if text.lower() in NOTHING:
        return Phrase("没有填报的请留空", "leave the cell empty where nothing is reported")
    if text.startswith("#"):
        return _MEND_FORMULA
    if text.endswith("%") and not is_share:
        return Phrase("这一项不是比例，请去掉百分号", "write the number without %; its measure is no share")
    return _probably(likely_number(text), is_whole=is_whole)


def likely_number(text: str) -> str:
    """Return the number that a text probably means, or nothing: letters in place of digits, a unit beside them.

    Examples
    --------
    >>> [likely_number(text) for text in ("O.50", "09人", "IO0虬", "￥12万", "1 200.5", "inf", "2e3")]
    ['0.50', '0.9 or 9', '100', '120000', '1200.5', '', '']
    """
    text = _YUAN.sub("", text, count=1)
    if len(text) > _LONGEST or not any(sign.isdigit() for sign in text):
        return ""
    if "," in text and not _GROUPED.match(text):
        # Whether it stands for a point or between thousands, nobody knows.
        return ""
    found = _WITH_MORE.fullmatch("".join(text.split()).replace(",", "").translate(_LOOKALIKES))
    number = found[1].removesuffix(".") if found else ""
    if not found or not _NUMBER.fullmatch(number):
        return ""
    if times := _TIMES.get(found[2][:1]):
        return f"{(Decimal(number) * times).normalize():f}"
    if "." in number or not number.startswith("0") or number == "0":
        return number
    # The point is lost as often as a nought is typed.
    return f"0.{number[1:]} or {number.lstrip('0') or '0'}"


def _way_out(value: object) -> Phrase:
    if isinstance(value, CellError):
        return _MEND_FORMULA
    if isinstance(value, datetime | date) and not isinstance(value, bool):
        day = value if isinstance(value, datetime) else datetime.combine(value, time())
        days = (day.replace(tzinfo=None) - _DAY_NOUGHT) / timedelta(days=1)
        return Phrase(
            f"按数字看是{days:.15g}：请把单元格格式设为数值，再核对",
            f"as a number it is {days:.15g}: format the cell as a number, and look at it again",
        )
    return NO_WORDS

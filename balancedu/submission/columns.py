"""Raw columns become typed arrays, measure by measure; a cell that cannot be read is an error."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.limits import DIGITS, at_15_digits, beside
from balancedu.core.model import Measure
from balancedu.core.nodes import INVISIBLE
from balancedu.submission.problems import BadCell, CellError, Guesses, as_seen, bad_cell, number_text, titles_of
from balancedu.submission.tables import Column
from balancedu.text import NO_WORDS, Phrase


@attrs.frozen
class Scaling:
    """The unit that figures are written in.

    Attributes
    ----------
    word : str
        As written in the header.
    factor : Fraction
        How many of the measure's unit one of it is.
    """

    word: str
    factor: Fraction


def multiplied(numbers: NDArray[np.float64], factor: Fraction) -> NDArray[np.float64]:
    """Return numbers times a factor: of each shortest decimal, times the factor, the nearest float.

    Examples
    --------
    >>> multiplied(np.array([401.7385, 1.1, np.nan]), Fraction(10_000)).tolist()
    [4017385.0, 11000.0, nan]
    >>> multiplied(np.array([98.5, 0.7]), Fraction(1, 100)).tolist()
    [0.985, 0.007]
    >>> multiplied(np.array([np.inf, 1.0]), Fraction(10_000)).tolist()
    [inf, 10000.0]
    """
    known = {
        number: _nearest(Fraction(repr(number)) * factor)
        for number in np.unique(numbers[np.isfinite(numbers)]).tolist()
    }
    return np.array([known.get(number, number) for number in numbers.tolist()], dtype=np.float64)


def _nearest(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


NOTHING = ("na", "n/a", "nan", "null", "none", "~", "-", "--", "—", "——", "/", "无", "空", "未报", "未填报")
"""What people write if nothing is reported; it must be left out, because it could mean zero."""
WIDE = {0xFF01 + n: 0x21 + n for n in range(94)} | {ord("\u3000"): " ", ord("\u2212"): "-"}
"""The wide forms of the signs of ASCII, and the minus of typesetters."""
LARGEST = 1e15
"""No figure is as large; up to here a float contains every number of 15 digits as it was written."""
MOST_SHARE = Decimal(10)
"""A share above it was written in percent, also where the standard sets no end."""
IDS = ("county", "school", "parent")
LONGEST_TEXT = 200
UNREADABLE = -2
"""The position of a choice that could not be read."""

_ABSENT = ("NAType", "NaTType")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]+)?|\.[0-9]+)")
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_ONE_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_WITH_UNIT = re.compile(r"[¥￥]?\s*[-+]?[0-9.][0-9,.]*\s*[^0-9.]{0,4}")
_PLAIN_SIGNS = frozenset("0123456789+-.\n")
_DAY = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?(?: 00:00:00)?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_YES = ("true", "yes", "y", "是", "1", "√", "✓", "✔", "☑")
_NO = ("false", "no", "n", "否", "0", "×", "✗", "✘", "☒")
_YES_NO = dict.fromkeys(_YES, 1.0) | dict.fromkeys(_NO, 0.0)
_HUNDRED = 100

_A_NUMBER = Phrase("应为数字", "wanted a number")
_A_TEXT = Phrase("应为文本", "wanted text")
_A_DAY = Phrase("应为日期", "wanted a day")
_A_VALUE = Phrase("不在可填的值之内", "wanted one of its values")
_YES_OR_NO = Phrase("看不出是“是”还是“否”", "wanted yes or no")
_NOT_TOO_LONG = Phrase(f"应不超过{LONGEST_TEXT}个字符", f"wanted at most {LONGEST_TEXT} characters")
_DIGITS = Phrase("请只写阿拉伯数字，小数点用“.”", "write digits alone, with a point for decimals")
_LEAVE_EMPTY = Phrase("没有填报的请留空", "leave the cell empty where nothing is reported")
_AS_NUMBER = Phrase("请把单元格格式设为数值，再核对", "format the cell as a number, and look at it again")
_AS_TEXT = Phrase("请把单元格格式设为文本，再重新输入", "format the cell as text, and type it again")
_MEND_FORMULA = Phrase("请改正公式，或直接输入内容", "correct the formula, or type what it should give")
_ID_HINT = Phrase("请按文本填写这一列，以保留开头的0", "read the column as text, so that leading zeros are kept")
_NO_FRACTIONS = Phrase("这里只计个数，没有小数", "there are no fractions of what is counted")
_AS_SHARE = Phrase("1即100%，比例请写作98.5%或0.985", "100 % is 1; write a share as 98.5% or 0.985")


class MisfilledError(Exception):
    """A cell that cannot be read: what was expected, how to fix it, and what was probably meant."""

    def __init__(self, wanted: Phrase, hint: Phrase = NO_WORDS, guess: Phrase = NO_WORDS) -> None:
        super().__init__(wanted, hint, guess)
        self.wanted = wanted
        self.hint = hint
        self.guess = guess


def typed(
    column: Column, measure: Measure, scaling: Scaling | None = None, *, commas: bool = True
) -> tuple[Column, list[BadCell]]:
    """Return the column as the type of its measure, and the cells that cannot be that.

    Bad cells become missing values; of a choice, `UNREADABLE`.
    Numbers that are written in another unit become those of the measure's own. Without `commas`, one comma in a number
    may be a decimal point, and is refused.
    """
    if measure.type == "text":
        return _texts(column, is_id=measure.column in IDS)
    if measure.type == "choice":
        positions, bad = _cells(column, _choice_reader(measure), UNREADABLE)
        return np.array(positions, dtype=np.int16), bad
    if measure.type in ("yes_no", "day"):
        figures, bad = _cells(column, _yes_no if measure.type == "yes_no" else _day, math.nan)
        return np.array(figures, dtype=np.float64), bad
    written, bad = plain_numbers(column), list[BadCell]()
    if written is None:
        figures, bad = _cells(column, number_reader(measure, scaling, commas=commas), math.nan)
        written = np.array(figures, dtype=np.float64)
    numbers = written
    if scaling:
        bad += _percent_or_not(column, written, measure, scaling)
        numbers = multiplied(written, scaling.factor)
    bad += _out_of_range(numbers, written, measure, scaling.word if scaling else "")
    numbers[[cell.row for cell in bad]] = np.nan
    numbers += 0.0  # of minus zero, which prints as such, this makes zero
    return numbers, bad


ValueT = TypeVar("ValueT")


def _cells(column: Column, read: Callable[[Any], ValueT], missing: ValueT) -> tuple[list[ValueT], list[BadCell]]:
    """Return what a function reads in each cell, `missing` where it cannot, and these cells."""
    values, results, errors = column.tolist(), dict[object, ValueT](), dict[object, MisfilledError]()
    # A text is read once however often it occurs; other values may equal one of another type.
    are_texts = set(map(type, values)) == {str}
    keys = values if are_texts else [value if type(value) is str else row for row, value in enumerate(values)]
    for key, value in dict(zip(keys, values, strict=True)).items():
        try:
            results[key] = read(value)
        except MisfilledError as error:
            results[key], errors[key] = missing, error
    bad = []
    for row in [row for row, key in enumerate(keys) if key in errors] if errors else ():
        problem = errors[keys[row]]
        bad.append(bad_cell(row, as_seen(values[row]), problem.wanted, problem.hint, problem.guess))
    return [results[key] for key in keys], bad


def _hint(value: object, otherwise: Phrase) -> Phrase:
    """Return the hint for a cell that only looks empty, or whose formula has no value."""
    if isinstance(value, CellError) or (isinstance(value, str) and value.startswith("#")):
        return _MEND_FORMULA
    return _LEAVE_EMPTY if isinstance(value, str) and value.lower() in NOTHING else otherwise


def as_python(value: Any) -> Any:
    """Return a NumPy scalar as Python's own; a short float is the number that NumPy prints."""
    if isinstance(value, np.generic):
        return float(str(value)) if isinstance(value, np.floating) else value.item()
    return value


def absent(value: object) -> bool:
    """Return whether a value is missing."""
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
        return at_15_digits(column.astype(np.float64))
    values = column.tolist()
    kinds = set(map(type, values))
    try:
        if kinds <= {float, int, type(None)}:
            return at_15_digits(np.array(values, dtype=np.float64))
        if kinds == {str} and _PLAIN_SIGNS.issuperset(text := "\n".join([*values, ""])) and ".\n" not in text:
            return np.array([_float_of(value) if value else math.nan for value in values])
    except (ValueError, OverflowError):
        pass
    return None


def _float_of(text: str) -> float:
    """Return a plain number in digits as a float; all its digits count."""
    return float(text) if len(text) <= DIGITS else beside(Decimal(text))


def says_percent(value: object) -> bool:
    """Return whether a cell is a text that ends with the sign for percent."""
    return isinstance(value, str) and value.translate(WIDE).rstrip().endswith("%")


def is_figure(text: str) -> bool:
    """Return whether a text is a number, or one with a unit.

    Examples
    --------
    >>> [is_figure(text) for text in ("３００", "1,200", "98.5%", "300人", "张三", "2023年9月1日")]
    [True, True, True, True, False, False]
    """
    return _WITH_UNIT.fullmatch(text.translate(WIDE).strip()) is not None


def number_reader(measure: Measure, scaling: Scaling | None, *, commas: bool = True) -> Callable[[Any], float]:
    """Return the function that reads one cell of a measure as a number in the unit that the column is written in.

    Without `commas`, one comma in a number may be a decimal point.
    """
    is_share = measure.type == "share"

    def read(value: Any) -> float:
        value = as_python(value)
        if absent(value):
            return math.nan
        if isinstance(value, str):
            return _number_of(value.translate(WIDE).strip())
        if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
            raise MisfilledError(_A_NUMBER, _hint(value, _AS_NUMBER if isinstance(value, date) else NO_WORDS))
        try:
            return beside(value) if isinstance(value, Decimal) else float(f"{value:.{DIGITS}g}")
        except (OverflowError, ValueError):
            return math.inf

    def _number_of(text: str) -> float:
        if not text:
            return math.nan
        if _NUMBER.fullmatch(text):
            return _float_of(text)
        if _GROUPED.fullmatch(text) and (commas or not _ONE_COMMA.fullmatch(text)):
            return _float_of(text.replace(",", ""))
        share, hint = text.removesuffix("%").rstrip(), _hint(text, _DIGITS)
        if share != text and _NUMBER.fullmatch(share):
            if is_share and (scaling is None or scaling.factor * _HUNDRED == 1):
                return _float_of(share) if scaling else beside(Fraction(share) / _HUNDRED)
            hint = Phrase("这一项不是比例，请去掉百分号", "write the number without %; its measure is no share")
            if is_share and scaling:
                hint = Phrase(f"表头的单位是{scaling.word}", f"the header says {scaling.word}")
        raise MisfilledError(_A_NUMBER, hint)

    return read


def ends_of(measure: Measure) -> tuple[float, float]:
    """Return the smallest and the largest figure that a measure may have."""
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    if most is None:
        most = MOST_SHARE if measure.type == "share" else Decimal(LARGEST)
    return float(-Decimal(LARGEST) if least is None else least), float(most)


def _out_of_range(
    numbers: NDArray[np.float64], written: NDArray[np.float64], measure: Measure, unit: str
) -> Iterator[BadCell]:
    least, most = ends_of(measure)
    too_much = _AS_SHARE if measure.type == "share" else NO_WORDS
    size = np.abs(numbers)
    possible = size < LARGEST
    checks = [
        (size >= LARGEST, Phrase(f"应小于{LARGEST:,.0f}", f"wanted a number below {LARGEST:,.0f}"), NO_WORDS),
        (
            possible & (numbers < least),
            Phrase(f"应不小于{number_text(least)}", f"wanted {number_text(least)} or more"),
            NO_WORDS,
        ),
        (
            possible & (numbers > most),
            Phrase(f"应不大于{number_text(most)}", f"wanted {number_text(most)} or less"),
            too_much,
        ),
    ]
    if measure.type == "count":
        fraction = possible & (numbers != np.floor(numbers))
        checks.append((fraction, Phrase("应为整数", "wanted a whole number"), _NO_FRACTIONS))
    for wrong, wanted, hint in checks:
        for row in np.flatnonzero(wrong).tolist():
            number = number_text(written[row])
            yield bad_cell(row, Phrase(f"{number}{unit}", f"{number} {unit}".rstrip()), wanted, hint)


def _percent_or_not(
    column: Column, written: NDArray[np.float64], measure: Measure, scaling: Scaling
) -> Iterator[BadCell]:
    """Yield shares below 1 under a header with %: a sheet shows 0.985 as 98.5 %, but 0.985 % is possible too.

    Where the cell carries the sign itself there is no doubt.
    """
    if measure.type != "share" or scaling.factor >= 1:
        return
    for row in np.flatnonzero((written > 0) & (written <= 1)).tolist():
        if not says_percent(column[row]):
            number, word = number_text(written[row]), scaling.word
            problem = Phrase(
                f"填报{number}，表头的单位是{word}：是{number}{word}，还是{number}？",
                f"found {number} below a header that says {word}: {number} {word}, or {number}?",
            )
            hint = Phrase(
                "请在单元格里写上百分号，或删去表头的单位",
                "write the sign for percent into the cell, or take it out of the header",
            )
            yield BadCell(row, problem, hint, Phrase(f"以{word}为单位而小于1", f"a share below 1 in {word}"))


def _choice_reader(measure: Measure) -> Callable[[Any], int]:
    """Return the function that reads the position of a value in its list."""
    positions = {writing: n for n, choice in enumerate(measure.values) for writing in choice.writings}
    alike = {writing.casefold(): n for writing, n in positions.items()}
    guesses = Guesses(list(positions))
    known = Phrase("可以填：", "its values: ") + titles_of(measure.values)

    def read(value: Any) -> int:
        value = as_python(value)
        if absent(value):
            return -1
        word = str(int(value) if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST else value)
        word = word.strip() if isinstance(value, str | int | float | Decimal) else ""
        if not word and isinstance(value, str):
            return -1
        position = positions.get(word, alike.get(word.translate(WIDE).strip().casefold(), -1))
        if position < 0:
            # Among short words and numbers every other one is near.
            guess = guesses.nearest(word) if len(word) >= 4 and not word.isdigit() else NO_WORDS
            raise MisfilledError(_A_VALUE, known, guess)
        return position

    return read


def _yes_no(value: Any) -> float:
    word = value.translate(WIDE).strip().lower() if isinstance(value, str) else as_python(value)
    if absent(word) or word == "":
        return math.nan
    if isinstance(word, str) and word in _YES_NO:
        return _YES_NO[word]
    if isinstance(word, int | float | Decimal) and word in (0, 1):
        return float(word)
    hint = Phrase("请填“是”或“否”", "write true or false, 是 or 否")
    if isinstance(word, str) and word in NOTHING:
        hint = Phrase(
            "表示否的请填“否”，没有填报的才留空", "write 否 for no; leave it empty only where nothing is reported"
        )
    raise MisfilledError(_YES_OR_NO, hint)


def _day(value: Any) -> float:
    """Return a day by its number in the calendar, of which 1 is the first day of the year 1."""
    value = as_python(value)
    if absent(value):
        return math.nan
    if isinstance(value, date):
        return float(value.toordinal())
    text = value.translate(WIDE).strip() if isinstance(value, str) else ""
    if isinstance(value, str) and not text:
        return math.nan
    if result := _DAY.fullmatch(text):
        with suppress(ValueError):
            return float(date(*map(int, result.groups())).toordinal())
    raise MisfilledError(_A_DAY, _hint(text or value, Phrase("请写作 2015-12-31", "write it as 2015-12-31")))


def day_texts(numbers: NDArray[np.float64]) -> Column:
    """Return days as texts, year-month-day; empty if not reported.

    Examples
    --------
    >>> day_texts(np.array([735963.0, np.nan])).tolist()
    ['2015-12-31', '']
    """
    days = ("" if math.isnan(number) else date.fromordinal(int(number)).isoformat() for number in numbers.tolist())
    return np.array(list(days), dtype=object)


def _texts(column: Column, *, is_id: bool) -> tuple[Column, list[BadCell]]:
    if column.dtype.kind in "iu":
        return column.astype(str), []
    if (plain := _plain_texts(column, is_id=is_id)) is not None:
        return plain, []

    def read(value: Any) -> str:
        text = cell_text(value, is_id=is_id)
        if text is None:
            hint = _AS_TEXT if isinstance(value, date | time) else NO_WORDS
            raise MisfilledError(_A_TEXT, _ID_HINT if is_id else _hint(value, hint))
        if is_id and not text.isascii():
            text = text.translate(WIDE).strip()
        if not text.isprintable():
            # What comes with copied text: line breaks in names, invisible characters in ids.
            text = _CONTROL.sub(" ", INVISIBLE.sub("", text) if is_id else text).strip()
        if len(text) > LONGEST_TEXT:
            raise MisfilledError(_NOT_TOO_LONG)
        return text

    texts, bad = _cells(column, read, "")
    return np.array(texts, dtype=str), bad


def _plain_texts(column: Column, *, is_id: bool) -> Column | None:
    """Return a column of texts at once if none needs cleaning; None for any other."""
    values = column.tolist()
    if set(map(type, values)) != {str}:
        return None
    text = "".join(values)
    # Of all white space the plain blank alone is printable.
    blank = " " in text and any(value[:1] == " " or value[-1:] == " " for value in values)
    if blank or not text.isprintable() or (is_id and not text.isascii()):
        return None
    return np.array(values, dtype=str) if max(map(len, values)) <= LONGEST_TEXT else None


def cell_text(value: Any, *, is_id: bool = True) -> str | None:
    """Return a cell that is no plain text as text, or None if that would be a guess."""
    value = as_python(value)
    if absent(value):
        return ""
    if isinstance(value, str):
        return str(value).strip()
    if isinstance(value, float) and value.is_integer() and not is_id:
        return str(int(value))
    return str(value) if type(value) is int and abs(value) < 10**LONGEST_TEXT else None

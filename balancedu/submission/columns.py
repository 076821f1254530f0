"""Raw columns become typed arrays, measure by measure; a cell that cannot be read is an error."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.limits import DIGITS, at_15_digits, beside
from balancedu.core.model import Measure
from balancedu.core.strict_yaml import INVISIBLE
from balancedu.submission.problems import (
    WANTED_TEXT,
    BadCell,
    CellError,
    Guesses,
    as_seen,
    bad_cell,
    figure,
    found_in,
    misfilled,
    shown,
    titles_of,
)
from balancedu.submission.tables import Column
from balancedu.text import NO_WORDS, Phrase, meant


@attrs.frozen
class Scaling:
    """The unit that figures are written in.

    Attributes
    ----------
    word : str
        As the header says it.
    factor : Fraction
        How many of the measure's unit one of it is.
    """

    word: str
    factor: Fraction


def scaled(numbers: NDArray[np.float64], factor: Fraction) -> NDArray[np.float64]:
    """Return numbers times a factor: of each shortest decimal, times the factor, the nearest float.

    Examples
    --------
    >>> scaled(np.array([401.7385, 1.1, np.nan]), Fraction(10_000)).tolist()
    [4017385.0, 11000.0, nan]
    >>> scaled(np.array([98.5, 0.7]), Fraction(1, 100)).tolist()
    [0.985, 0.007]
    >>> scaled(np.array([np.inf, 1.0]), Fraction(10_000)).tolist()
    [inf, 10000.0]
    """
    with np.errstate(over="ignore"):
        # Times a power of ten the digits stay: at 15 of them, nothing of the product's rounding is left.
        result = at_15_digits(numbers * float(factor))
    keeps_digits = set(str(factor.numerator * factor.denominator)) <= {"0", "1"}
    inexact = (numbers != at_15_digits(numbers)) | (np.abs(result) >= MOST) | np.bool_(not keeps_digits)
    for row in np.flatnonzero(inexact & np.isfinite(numbers)).tolist():
        result[row] = _nearest(Fraction(repr(float(numbers[row]))) * factor)
    return result


def _nearest(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


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
_MEND_FORMULA = Phrase("请改正公式，或直接输入数字", "correct the formula, or type the number")
_LONGEST = 20
"""Characters of a cell that a number is looked for in."""


class UnreadableError(Exception):
    """A cell that cannot be read, with what was wanted and the way out."""

    def __init__(self, wanted: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(wanted, hint)
        self.wanted = wanted
        self.hint = hint


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
                return beside(value) if isinstance(value, Decimal) else float(f"{value:.{DIGITS}g}")
            except (OverflowError, ValueError):
                return math.inf
        raise UnreadableError(_A_NUMBER, _way_out(value))

    return read


def _text(value: str, *, is_share: bool, is_whole: bool, scaling: Scaling | None, commas: bool) -> float:
    text = value.translate(WIDE).strip()
    if not text:
        return math.nan
    if _NUMBER.fullmatch(text):
        return _float_of(text)
    if not commas and _ONE_COMMA.fullmatch(text):
        point = f"{Decimal(text.replace(',', '.')).normalize():f}"
        likely = f"{text.replace(',', '')} or {point}" if _GROUPED.fullmatch(text) else point
        raise UnreadableError(_A_NUMBER, _probably(likely))
    if _GROUPED.fullmatch(text):
        return _float_of(text.replace(",", ""))
    share = text.removesuffix("%").rstrip()
    if is_share and share != text and _NUMBER.fullmatch(share):
        if scaling is None:
            return beside(Fraction(share) / _HUNDRED)
        if scaling.factor * _HUNDRED == 1:
            return _float_of(share)
        raise UnreadableError(_A_NUMBER, Phrase(f"表头的单位是{scaling.word}", f"the header says {scaling.word}"))
    if is_share and (result := _PERCENT.fullmatch(text)):
        likely = f"{result[1]}%" if scaling else f"{result[1]}% or {percent(result[1])}"
        raise UnreadableError(_A_NUMBER, _probably(likely))
    raise UnreadableError(_A_NUMBER, _advice(text, is_share=is_share, is_whole=is_whole))


def _probably(likely: str, *, is_whole: bool = False) -> Phrase:
    """Return what a text probably means; of what is counted no fraction."""
    if is_whole:
        likely = " or ".join(entry for entry in likely.split(" or ") if entry and Decimal(entry) % 1 == 0)
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
        # The comma may be a decimal point or separate thousands.
        return ""
    result = _WITH_MORE.fullmatch("".join(text.split()).replace(",", "").translate(_LOOKALIKES))
    number = result[1].removesuffix(".") if result else ""
    if not result or not _NUMBER.fullmatch(number):
        return ""
    if times := _TIMES.get(result[2][:1]):
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


UNREADABLE = -2
"""The position of a choice that could not be read."""

_NUMERAL_LOOKALIKES = str.maketrans({"H": "II", "h": "II", "l": "I", "1": "I", "|": "I", "i": "I"})
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
    if (likely := word.translate(_NUMERAL_LOOKALIKES)) in positions and not word.isdigit():
        return meant([likely])
    included = next((entry for entry in _counted_otherwise(word) if entry in positions), None)
    if included is not None:
        choice = measure.values[positions[included]]
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


IDS = ("county", "school", "parent")
LONGEST_TEXT = 200
MOST_SHARE = Decimal(10)
"""A share above it was written in percent, also where the standard sets no end."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_YES = ("true", "yes", "y", "是", "1", "√", "✓", "✔", "☑")
_NO = ("false", "no", "n", "否", "0", "×", "✗", "✘", "☒")
_YES_NO = dict.fromkeys(_YES, 1.0) | dict.fromkeys(_NO, 0.0)

_DAY = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?(?: 00:00:00)?")

_TEXT_HINTS = dict.fromkeys(
    (date, datetime, time),
    Phrase("请把单元格格式设为文本，再重新输入", "format the cell as text, and type it again"),
)
_TEXT_HINTS |= {CellError: Phrase("请改正公式，或直接输入文字", "correct the formula, or type the text")}
_ID_HINT = Phrase("请按文本填写这一列，以保留开头的0", "read the column as text, so that leading zeros are kept")
_NOT_TOO_LONG = Phrase(f"应不超过{LONGEST_TEXT}个", f"wanted at most {LONGEST_TEXT}")
_NO_FRACTIONS = Phrase("这里只计个数，没有小数", "there are no fractions of what is counted")
_WORDS, _PLAIN = (str, bool), (str, int)
"""Types whose cells are read once where they stand again."""


def typed(
    column: Column, measure: Measure, scaling: Scaling | None = None, *, commas: bool = True
) -> tuple[Column, list[BadCell]]:
    """Return the column as the type of its measure, and the cells that cannot be that.

    Bad cells become missing values; of a choice, `UNREADABLE`.
    Numbers that are written in another unit become those of the measure's own. Without `commas`, one comma in a number
    may stand for a point, and is refused.
    """
    if measure.type == "text":
        return _texts(column, is_id=measure.column in IDS)
    if measure.type == "choice":
        return choices(column, measure)
    if measure.type == "yes_no":
        return _cells(column, _yes_no)
    if measure.type == "day":
        return _cells(column, _day)
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


def _day(value: Any) -> float:
    """Return a day by its number in the calendar, of which 1 is the first day of the year 1."""
    value = as_python(value)
    if absent(value):
        return math.nan
    if isinstance(value, datetime | date):
        return float(value.toordinal())
    text = value.translate(WIDE).strip() if isinstance(value, str) else ""
    if isinstance(value, str) and not text:
        return math.nan
    if result := _DAY.fullmatch(text):
        try:
            return float(date(*map(int, result.groups())).toordinal())
        except ValueError:
            pass
    raise UnreadableError(
        Phrase("应为日期", "wanted a day"),
        Phrase("没有填报的请留空", "leave the cell empty where nothing is reported")
        if text.lower() in NOTHING and text
        else Phrase("请写作 2015-12-31", "write it as 2015-12-31"),
    )


def day_texts(numbers: NDArray[np.float64]) -> Column:
    """Return days as texts, year-month-day; empty where not reported.

    Examples
    --------
    >>> day_texts(np.array([735963.0, np.nan])).tolist()
    ['2015-12-31', '']
    """
    days = ("" if math.isnan(number) else date.fromordinal(int(number)).isoformat() for number in numbers.tolist())
    return np.array(list(days), dtype=object)


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
                phrase = Phrase(f"{number}{unit}", f"{number} {unit}".rstrip())
                yield bad_cell(row, phrase, wanted, _as_share(number, unit) if hint is None else hint)


def _at_least(least: Decimal | None) -> Phrase:
    return Phrase(f"应不小于{least}", f"wanted {least} or more")


def _at_most(most: Decimal | None) -> Phrase:
    return Phrase(f"应不大于{most}", f"wanted {most} or less")


def _as_share(text: str, unit: str) -> Phrase:
    """Return how to write a share that was probably meant in percent."""
    share = percent(text)
    if unit or Decimal(share) > 1:
        return Phrase("1即100%，请核对", "100 % is 1")
    return Phrase(f"如果是{text}%，请写作{share}", f"write {text} % as {share}")


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

"""Days as spreadsheets count them, and what their number formats say of a number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache

import attrs

from balancedu.submission.reading.sheet import Cell

_DAY_MILLISECONDS = 24 * 60 * 60 * 1000
_LEAP = 60
"""The number of 29 February 1900, which Excel counts and which never was."""
_FIRST, _FIRST_1904 = datetime.fromisoformat("1899-12-30"), datetime.fromisoformat("1904-01-01")
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""The formats of days and times that have numbers alone; from 27 on those of East Asia."""
_SPANS = {46}

_UNSHOWN = re.compile(r'"[^"]*"|\\.|[_*].')
_COLOUR = re.compile(r"\[[^\]]*\]")
_SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_OF_DAYS = re.compile(r"[dmyhs]", re.IGNORECASE)
_ZEROS = re.compile(r'"?(0{2,18})"?')


@attrs.frozen
class Shown:
    """How a style shows numbers.

    Attributes
    ----------
    as_day, as_span : bool
        As a day or time of day; as hours that may be more than a day.
    digits : int
        With at least so many digits, zeros before them; 0 where a number is shown as it is.
    """

    as_day: bool = False
    as_span: bool = False
    digits: int = 0

    def __bool__(self) -> bool:
        return self.as_day or self.as_span or self.digits > 0

    def cell(self, number: float, from_1904: bool) -> Cell:
        """Return what a person sees in the cell.

        Examples
        --------
        >>> Shown(digits=3).cell(7.0, False), Shown(as_day=True).cell(43832.0, False)
        ('007', datetime.date(2020, 1, 2))
        """
        if self.digits and number >= 0 and number.is_integer():
            return f"{number:.0f}".zfill(self.digits)
        try:
            if self.as_span:
                return timedelta(milliseconds=round(number * _DAY_MILLISECONDS))
            return _moment(number, from_1904) if self.as_day else number
        except OverflowError:
            return number


PLAIN = Shown()


@cache
def shown_by(number: int, code: str) -> Shown:
    """Return what a number format says, by its number and its code.

    Examples
    --------
    >>> shown_by(14, "").as_day, shown_by(164, 'yyyy"年"m"月"').as_day, shown_by(165, "[h]:mm").as_span
    (True, True, True)
    >>> shown_by(166, "000").digits, bool(shown_by(167, '0.0"h";[Red]-0.0')), bool(shown_by(0, "General"))
    (3, False, False)
    """
    if zeros := _ZEROS.fullmatch(code):
        return Shown(digits=len(zeros[1]))
    first = _UNSHOWN.sub("", code).partition(";")[0]
    if number in _SPANS or _SPAN.search(first):
        return Shown(as_span=True)
    plain = _COLOUR.sub("", first)
    of_days = "General" not in plain and _OF_DAYS.search(plain) is not None
    return Shown(as_day=of_days or (not code and number in _DATES))


def _moment(number: float, from_1904: bool) -> Cell:
    if number < 0 or (not from_1904 and _LEAP <= number < _LEAP + 1):
        return number
    span = timedelta(milliseconds=round(number * _DAY_MILLISECONDS))
    if number < 1:
        return (datetime.min + span).time()
    first = _FIRST_1904 if from_1904 else _FIRST if number > _LEAP else _FIRST + timedelta(days=1)
    moment = first + span
    return moment.date() if number.is_integer() else moment

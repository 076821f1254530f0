"""Periods: what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

import attrs

from balancedu.core.fields import Impossible, Language, Title, a_day, described
from balancedu.text import Phrase

When = Literal["now", "over", "ahead"]


_DAY = attrs.validators.optional(a_day)


@attrs.frozen
class Period:
    """Base of what may have a first and a last day."""

    from_: str | None = described("the first day on which it holds", default=None, kw_only=True, validator=_DAY)
    until: str | None = described("the last day on which it holds", default=None, kw_only=True, validator=_DAY)

    def __attrs_post_init__(self) -> None:
        if self.from_ and self.until and self.until < self.from_:
            problem = Phrase(
                f"填写{self.until}，不应早于起始日期{self.from_}",
                f"must not be before the first day, {self.from_}, found {self.until}",
            )
            raise Impossible("until", problem)


def when(period: Period, day: str) -> When:
    """Return whether something holds on a day, has ended by then, or has not begun.

    Examples
    --------
    >>> relief = Lapse(by="transition", from_="2020-09-01", until="2023-08-31")
    >>> [when(relief, day) for day in ("2020-08-31", "2020-09-01", "2023-08-31", "2023-09-01")]
    ['ahead', 'now', 'now', 'over']
    """
    if period.until is not None and day > period.until:
        return "over"
    return "ahead" if period.from_ is not None and day < period.from_ else "now"


def turning_days(period: Period) -> Iterator[str]:
    """Yield the first day on which something holds, and the first on which it does not any more."""
    if period.from_ is not None:
        yield period.from_
    if period.until is not None:
        yield moved(period.until, 1)


def moved(day: str, days: int) -> str:
    """Return the day so many days later; the day itself where the calendar ends before."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return day


def years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; of 29 February the 28th where that year has none.

    Examples
    --------
    >>> years_before(date(2024, 2, 29), 3), years_before(date(2024, 3, 1), 3)
    (datetime.date(2021, 2, 28), datetime.date(2021, 3, 1))
    """
    year = max(day.year - years, date.min.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


@attrs.frozen(kw_only=True)
class Lapse(Period):
    """Something that does not hold on the day asked about.

    Attributes
    ----------
    by : str
        The edition or overlay that says it.
    path : str
        What it would be or change; empty where a whole overlay is meant.
    title : Title, optional
        The title of the overlay.
    from_, until : str, optional
        Its first and its last day.
    over : bool
        It has ended; otherwise it has not begun.
    """

    by: str
    path: str = ""
    title: Title | None = None
    over: bool = True

    def text(self, lang: Language = "zh") -> str:
        """Return it as a sentence."""
        if lang == "zh":
            zh = f"已于{self.until}到期，不适用" if self.over else f"自{self.from_}起施行，尚不适用"
            return self._what(lang) + zh
        en = f"ended on {self.until}: not applied" if self.over else f"begins on {self.from_}: not applied yet"
        return f"{self._what(lang)} {en}"

    def ends(self, lang: Language = "zh") -> str:
        """Return what ends, and on which day."""
        return self._what(lang) + (f"：至{self.until}止" if lang == "zh" else f": until {self.until}")

    def _what(self, lang: Language) -> str:
        what = " ".join(filter(None, (self.by, self.path)))
        if self.title is None:
            return what
        return what + (f"（{self.title.zh}）" if lang == "zh" else f" ({self.title.en})")

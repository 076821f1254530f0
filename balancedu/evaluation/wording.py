"""Words shared by sentences, tables and pages, Chinese and English."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from balancedu.calculator.limits import exact
from balancedu.core.fields import Language
from balancedu.core.model import Precision
from balancedu.core.words import RELATIONS
from balancedu.evaluation.results import Display, Verdict
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission
from balancedu.text import Phrase

BLANK = "____"
"""What is filled in by hand."""
MOST_NAMED = 5
"""How many cases or gaps a sentence names; the finding contains all."""

COMPARED: Mapping[str, Phrase] = {sign: Phrase(words.zh, words.en.lstrip()) for sign, words in RELATIONS.items()}
"""How a figure compares with a limit, before the limit."""
NO_LATER = Phrase("不晚于", "no later than ")
"""How a day compares with a day that it must not pass."""
NO_DAY = Phrase(
    "，没有指明按哪一天判定（--on，Python 中为 on=）", ", and no day was given to judge on (--on, in Python on=)"
)
CASES: dict[str, dict[Language, str]] = {
    "schools": {"zh": "所学校", "en": "schools"},
    "sites": {"zh": "所学校或校区", "en": "sites"},
    "sections": {"zh": "所", "en": "sections"},
    "classes": {"zh": "个班", "en": "classes"},
    "monitoring": {"zh": "项", "en": "subjects"},
    "": {"zh": "项", "en": "figures"},
}
"""What the cases of a check are, by the table they come from."""


def county_named(submission: Submission, county: str, lang: Language, *, on_paper: bool = False) -> str:
    """Return the name of a county, with its id where it has one; on paper the name alone.

    Without a name it is the id; without either it is this county, and on paper a blank to fill in.
    """
    name = submission.county_name(county)
    if county == ONLY_COUNTY:
        return name or (BLANK if on_paper else {"zh": "本县", "en": "the county"}[lang])
    if not name or on_paper:
        return name or county
    return f"{name}（{county}）" if lang == "zh" else f"{name} ({county})"


def strict_note(relaxed: Verdict, strict: Verdict | None, lang: Language) -> str:
    """Return the verdict without relief, to print after the one with it; empty if they are equal."""
    if strict is None or strict is relaxed:
        return ""
    return {"zh": f"（不放宽：{strict.text('zh')}）", "en": f" (without relief: {strict.text('en')})"}[lang]


def and_more(names: list[str], count: int, lang: Language) -> str:
    """Return the names in a list; if there are more, the list ends with their number."""
    if lang == "zh":
        return "、".join(names) + ("等" if count > len(names) else "")
    return ", ".join(names) + (", and more" if count > len(names) else "")


NOT_REPORTED: dict[Language, str] = {"zh": "缺报", "en": "not reported"}
YES_NO: dict[Language, tuple[str, str]] = {"zh": ("否", "是"), "en": ("no", "yes")}
ROMAN_NUMERALS = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
MOST_PRINTED_DECIMALS = 12


def decimals_of(display: Display, precision: Precision) -> int:
    """Return the decimals that the form prints; a percentage's are those of the share times 100."""
    return {
        "coefficient": precision.coefficients,
        "percent": precision.percent,
        "value": precision.values,
    }.get(display, precision.other)


def rounded(number: float | Fraction, places: int) -> Fraction:
    """Return the number rounded half up, as people round.

    Examples
    --------
    >>> rounded(0.5025, 3)
    Fraction(503, 1000)
    """
    value = number if isinstance(number, Fraction) else exact(number)
    return Fraction(math.floor(value * 10**places + Fraction(1, 2)), 10**places)


def as_printed(number: float, display: Display, precision: Precision) -> Fraction:
    """Return the number on the form."""
    shift = 2 if display == "percent" else 0
    return rounded(number, decimals_of(display, precision) + shift)


def printed(number: float, display: Display, precision: Precision, lang: Language, limit: float = math.nan) -> str:
    """Return a figure in print.

    Parameters
    ----------
    number : float
        NaN is printed as not reported.
    limit : float, optional
        The figure it was compared with: where rounding would put the number on the limit or across it,
        more digits are printed.
    """
    if math.isnan(number):
        return NOT_REPORTED[lang]
    if display in ("yes_no", "level", "day"):
        return limit_printed(number, display, lang)
    places = decimals_of(display, precision) + (2 if display == "percent" else 0)
    while places < MOST_PRINTED_DECIMALS and _hides(number, limit, places):
        places += 1
    if display == "other" and math.isnan(limit):
        return as_written(number)
    if display == "percent":
        return f"{_fixed(rounded(number, places) * 100, places - 2)}%"
    return _fixed(rounded(number, places), places)


def limit_printed(limit: float, display: Display, lang: Language) -> str:
    """Return a limit as the standard writes it."""
    if math.isnan(limit):
        return NOT_REPORTED[lang]
    if display == "yes_no":
        return YES_NO[lang][int(limit)]
    if display == "day":
        return date.fromordinal(int(limit)).isoformat()
    if display == "level":
        return f"{ROMAN_NUMERALS[int(limit) - 1]}级" if lang == "zh" else ROMAN_NUMERALS[int(limit) - 1]
    value = Decimal(repr(limit))
    if display == "percent":
        return f"{_plain(value * 100)}%"
    text = _plain(value)
    return f"{value:.2f}" if display == "coefficient" and len(text) < len("0.00") else text


def _hides(number: float, limit: float, places: int) -> bool:
    """Return whether rounding moves the number to the other side of the limit, or onto it."""
    if math.isnan(limit) or number == limit:
        return False
    shown, bound = rounded(number, places), exact(limit)
    return (shown >= bound) != (exact(number) >= bound) or shown == bound


def as_written(number: float) -> str:
    """Return the number as written, without an exponent or zeros at its end.

    Examples
    --------
    >>> as_written(3288.60), as_written(1e7)
    ('3288.6', '10000000')
    """
    return _plain(Decimal(repr(float(number))))


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fixed(value: Fraction, places: int) -> str:
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"

"""Amounts and distances in words."""

from __future__ import annotations

import math

from balancedu.core.model import Language, Title
from balancedu.evaluation.figures import NOT_REPORTED
from balancedu.planning.distances import Distance, What

_DO: dict[What, dict[Language, str]] = {
    "add": {"zh": "{title}增加{amount}", "en": "{title}: {amount} more"},
    "lower": {"zh": "{title}减少{amount}", "en": "{title}: {amount} less"},
    "divide": {"zh": "分开{amount}", "en": "divide {amount}"},
    "open": {"zh": "逐班分开需新增{amount}", "en": "dividing each opens {amount}"},
    "open_rearranged": {"zh": "在同年级内调整学生需新增{amount}", "en": "within the grade opens {amount}"},
    "state": {"zh": "改变现状：{title}", "en": "change: {title}"},
}


def how_many(amount: float, unit: Title | None, lang: Language) -> str:
    """Return a whole amount with its unit; a dash for none, a question mark where it is not known.

    Examples
    --------
    >>> how_many(3.0, Title("人", "teachers"), "zh"), how_many(0.0, None, "zh"), how_many(float("nan"), None, "zh")
    ('3人', '–', '?')
    """
    if math.isnan(amount):
        return "?"
    return counted(amount, unit, lang) if amount else "–"


def counted(amount: float, unit: Title | None, lang: Language) -> str:
    """Return an amount with its unit; three digits where it is not whole."""
    text = f"{amount:.0f}" if amount == round(amount) else f"{amount:.3g}"
    if unit is None:
        return text
    return text + unit.zh if lang == "zh" else f"{text} {unit.en}"


def points(share: float, lang: Language) -> str:
    """Return a difference of shares."""
    text = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}个百分点" if lang == "zh" else f"{text} percentage points"


def missing_said(distance: Distance, lang: Language) -> str:
    """Return what has to be done about a distance."""
    if math.isnan(distance.amount):
        return NOT_REPORTED[lang]
    amount = counted(distance.amount, distance.unit, lang)
    if distance.form == "percent" and distance.unit is None:
        amount = points(distance.amount, lang)
    return _DO[distance.what][lang].format(title=bare(distance.title, lang), amount=amount)


def bare(title: Title, lang: Language) -> str:
    """Return a title without the words that tie it to the measure it is part of.

    Examples
    --------
    >>> bare(Title("其中：已入学的", "of these, enrolled"), "zh")
    '已入学的'
    """
    return title.said(lang).removeprefix("其中：").removeprefix("of these, ")

"""What may be written into a cell, as its measure declares it: in words, as a drop-down or a check, as a format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from balancedu.core.model import Language, Measure, Title
from balancedu.core.standard import Standard
from balancedu.submission.cells import MOST_SHARE
from balancedu.submission.figures import MOST
from balancedu.submission.layout import LISTS, NO, YES
from balancedu.submission.table import letters
from balancedu.submission.writing import words

Lists = Mapping[tuple[str, ...], str]
"""Where the choices of each drop-down stand, as a formula."""
_LONGEST_MESSAGE = 255


def choices(measure: Measure, lang: Language) -> tuple[str, ...]:
    """Return what the drop-down of a measure offers; nothing where it has none."""
    titles: tuple[Title, ...] = (YES, NO) if measure.type == "yes_no" else measure.usual
    if measure.values:
        titles = tuple(choice.title for choice in measure.values)
    return tuple(title.said(lang) for title in titles)


def lists_of(standard: Standard, lang: Language) -> Lists:
    """Return where the choices of every drop-down stand: one column of the sheet of lists for each."""
    offered = dict.fromkeys(choices(measure, lang) for measure in standard.measures.values())
    filled = [one for one in offered if one]
    return {one: f"='{LISTS.said(lang)}'!${letters(n)}$1:${letters(n)}${len(one)}" for n, one in enumerate(filled)}


def allowed(measure: Measure, lang: Language) -> str:
    """Return in words what may be written.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> allowed(load_standard("cn-2017").measures["pupils_primary"], "zh")
    '整数，不小于0'
    """
    offered = words.COMMA.said(lang).join(choices(measure, lang))
    if offered:
        return (words.USUAL if measure.type == "text" else words.CHOOSE).said(lang).format(offered)
    kinds = {"count": words.WHOLE, "number": words.NUMBER, "share": words.SHARE}
    return words.CLAUSE.said(lang).join([kinds.get(measure.type, words.TEXT).said(lang), *_limits(measure, lang)])


def _limits(measure: Measure, lang: Language) -> Iterator[str]:
    limits = measure.range
    for words_of, limit in (
        (words.AT_LEAST, limits.least if limits else None),
        (words.AT_MOST, limits.most if limits else None),
    ):
        if limit is not None:
            shown = f"{(limit * 100).normalize():f}%" if measure.type == "share" and limit else f"{limit.normalize():f}"
            yield words_of.said(lang).format(shown)


def validation(measure: Measure, lists: Lists, lang: Language) -> dict[str, Any] | None:
    """Return how Excel checks what is typed, as XlsxWriter takes it; None where anything may be."""
    offered = choices(measure, lang)
    if offered:
        check: dict[str, Any] = {"validate": "list", "source": lists[offered]}
        message = words.FROM_THE_LIST.said(lang)
    elif measure.type == "text":
        return None
    else:
        least, most = _ends(measure)
        kind = "integer" if measure.type == "count" else "decimal"
        check = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}
        message = words.MUST_BE.said(lang).format(measure.title.said(lang), allowed(measure, lang))
    if measure.type == "text":
        return check | {"show_error": False}
    return check | {"error_title": words.REFUSED.said(lang), "error_message": message[:_LONGEST_MESSAGE]}


def _ends(measure: Measure) -> tuple[float, float]:
    """Return the smallest and the largest possible value, as reading knows them too."""
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    if most is None:
        most = MOST_SHARE if measure.type == "share" else Decimal(MOST)
    return float(-Decimal(MOST) if least is None else least), float(most)


def number_format(measure: Measure) -> str:
    """Return how a cell shows what it holds."""
    return {"count": "0", "number": "General", "share": "0.00%"}.get(measure.type, "@")

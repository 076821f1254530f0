"""How tables of results call their figures: which indicator words name, per pupil, and of which statistic.

The words are data: `specs/layouts/results.yaml`.
"""

from __future__ import annotations

import functools
import re
from typing import Literal

import attrs

from balancedu.core.fields import described, plain
from balancedu.core.loading import shipped_layout
from balancedu.core.standard import Standard
from balancedu.files.vocabulary import split_unit


@attrs.frozen
class SameWord:
    """Several ways to write one word."""

    words: tuple[str, ...] = described("how it is written")
    is_: str = described("what is read")


@attrs.frozen
class IndicatorNames:
    """What else an indicator is called."""

    name: str = described("its name in the standard")
    names: tuple[str, ...] = described("other words for the same quantity, without endings", default=())


@attrs.frozen
class Results:
    """The words of tables of results."""

    format: Literal[1] = described("the format of the file")
    per_pupil: tuple[tuple[str, ...], ...] = described("words for per hundred pupils, and for per pupil")
    fillers: tuple[str, ...] = described("words that say nothing")
    endings: tuple[str, ...] = described("endings that may be left out")
    same: tuple[SameWord, ...] = described("ways to write one word")
    indicators: tuple[IndicatorNames, ...] = described("further names of the indicators")
    mean: tuple[str, ...] = described("words for the mean of a county")
    coefficient: tuple[str, ...] = described("words for the coefficient of variation")


@functools.cache
def results() -> Results:
    """Return the words of tables of results."""
    return shipped_layout(Results, "results.yaml")


_PER_UNIT = re.compile(r"(.+?)\s*(?:/|每)\s*(?:每?([百千]|100|一百)?(?:名|个)?((?:在校)?(?:学生|生|人|名)))")
_STAGES = re.compile("小学部|小学段|小学阶段|初中部|初中段|初中阶段|普通初中|小学|初中|primary|junior")
_MOST_WORDS = 4096


def per_pupil_in(text: str) -> int:
    """Return of how many pupils words give a figure: 100, 1, or 0 where they give none per pupil.

    Examples
    --------
    >>> [per_pupil_in(text) for text in ("每百名学生拥有骨干教师数", "百生拥有骨干教师数", "生均面积", "面积")]
    [100, 100, 1, 0]
    """
    word = plain(text)
    for number, words in zip((100, 1), results().per_pupil, strict=True):
        if any(entry in word for entry in words):
            return number
    return 0


def pupils_of_unit(unit: str) -> int:
    """Return of how many pupils a unit says that it is: 100, 1, or 0 where it is one of an amount.

    Examples
    --------
    >>> [pupils_of_unit(unit) for unit in ("㎡/生", "人/百名学生", "平方米/100人", "元/人", "万元")]
    [1, 100, 100, 0, 0]
    """
    match = _PER_UNIT.fullmatch(unit.strip())
    number, who = match.group(2, 3) if match else ("", "")
    if number or "生" in who:
        return {"百": 100, "一百": 100, "100": 100, "": 1}.get(number or "", 0)
    return 0


def unit_per_pupil(unit: str, per: float) -> str:
    """Return the unit of an amount from that of the amount per pupil; nothing where a share in % says no more.

    Examples
    --------
    >>> unit_per_pupil("㎡/生", 1), unit_per_pupil("人/百名学生", 100), unit_per_pupil("%", 100)
    ('㎡', '人', '')
    """
    if plain(unit) in ("%", "百分比") and per == 100:
        return ""
    match = _PER_UNIT.fullmatch(unit.strip())
    return match[1] if match else unit


def _bare(text: str) -> str:
    """Return what a quantity is called without the words that say per pupil, its stage, and endings."""
    words, known = _STAGES.sub("", plain(text)), results()
    for per in known.per_pupil:
        words = functools.reduce(lambda word, entry: word.replace(entry, ""), per, words)
    for same in known.same:
        words = functools.reduce(lambda word, entry: word.replace(plain(entry), same.is_), same.words, words)
    words = functools.reduce(lambda word, entry: word.replace(entry, ""), known.fillers, words)
    return next((words.removesuffix(end) for end in known.endings if words.endswith(end) and words != end), words)


@functools.lru_cache(maxsize=8)
def _names(standard: Standard) -> dict[str, str]:
    """Return the bare names of the indicators of a standard, with their ids."""
    also = {entry.name: entry.names for entry in results().indicators}
    result: dict[str, str] = {}
    for indicator in standard.indicators.values():
        for name in (indicator.name.zh, indicator.title.zh, *also.get(indicator.name.zh, ())):
            result.setdefault(_bare(name), indicator.id)
    return result


@functools.lru_cache(maxsize=_MOST_WORDS)
def indicator_of(text: str, standard: Standard, *, per_pupil: bool = True) -> str:
    """Return the indicator that words name; empty where they name none.

    Parameters
    ----------
    text : str
    standard : Standard
    per_pupil : bool
        Whether the words must say that the figure is one per pupil; in a table of coefficients they need not.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> std = load_standard("cn-2017")
    >>> [indicator_of(text, std) for text in ("生均教学及辅助用 房面积", "每百名学生骨干教师数", "教学及辅助用房")]
    ['R4', 'R2', '']
    >>> [indicator_of(text, std) for text in ("生均校舍面积", "生均运动场地面积", "百人教师数", "R4")]
    ['', '', '', 'R4']
    """
    first = text.split(maxsplit=1)[0] if text.split() else ""
    if first in standard.indicators:
        return first
    without_unit, unit = split_unit(text)
    # In brackets, 百人 alone is the unit of a count.
    per = per_pupil_in(without_unit) or pupils_of_unit(unit)
    per = per or (per_pupil_in(unit) if unit.startswith(("每", "生均")) else 0)
    if per_pupil and not per:
        return ""
    names = _names(standard)
    indicator = names.get(_bare(text)) or names.get(_bare(without_unit), "")
    return indicator if indicator and per in (0, standard.indicators[indicator].per) else ""


@functools.lru_cache(maxsize=1024)
def statistics_in(text: str) -> tuple[bool, ...]:
    """Return True where words name a mean, False where they name a coefficient of variation."""
    word, known = plain(text), results()
    if any(entry in word for entry in known.coefficient):
        return (False,)
    return (True,) if any(entry in word for entry in known.mean) else ()

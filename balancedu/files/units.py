"""The unit that a header states, and how its figures are converted."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from balancedu.core.fields import Title, plain
from balancedu.core.model import SHARE, Measure
from balancedu.core.standard import Standard
from balancedu.submission.columns import Scaling
from balancedu.text import Phrase

_BRACKETED = re.compile(r"(.*\S)?\s*[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_SAID = re.compile(r"(.*?)[(,;\s]*(?:计量)?(?<!填报)(?<!填表)单位\s*:\s*(.+?)\)?")
_LONGEST_UNIT = 3
_ENGLISH = re.compile("[A-Za-z]")
UNKNOWN_UNIT = Phrase("单位无法识别", "unknown unit")
HAS_NONE = Phrase("这一项没有单位", "it has none")
_BETWEEN = re.compile(r"[、,;/\s]+")


def split_unit(text: str) -> tuple[str, str]:
    """Return a header without what its last brackets say, and what they say.

    Examples
    --------
    >>> split_unit("教学仪器设备值（万元）"), split_unit("学校（机构）名称"), split_unit("面积 单位：亩")
    (('教学仪器设备值', '万元'), ('学校(机构)名称', ''), ('面积', '亩'))
    """
    shown = unicodedata.normalize("NFKC", text).strip()
    if result := _BRACKETED.fullmatch(shown):
        inner = result[2].strip()
        words = _SAID.fullmatch(inner)
        return (result[1] or "").strip(), words[2] if words else inner
    if result := _SAID.fullmatch(shown):
        return result[1].strip(), result[2].strip()
    return shown, ""


@functools.lru_cache(maxsize=8)
def _words_by_unit(standard: Standard) -> Mapping[str, Mapping[str, Fraction]]:
    """Return for each unit its words and those of other units, each with its factor."""
    result: dict[str, dict[str, Fraction]] = {SHARE: {}}
    for measure in standard.measures.values():
        if measure.unit:
            words = result.setdefault(measure.unit.zh, {})
            words |= {plain(measure.unit.zh): Fraction(1), plain(measure.unit.en): Fraction(1)}
    for unit in standard.units:
        words = result.setdefault(unit.unit, {})
        words |= {plain(word): Fraction(1) for word in unit.also}
        words |= {plain(word): scale.factor for scale in unit.scales for word in scale.words}
    return MappingProxyType(result)


def _family(measure: Measure) -> str:
    """Return the unit of a measure, as the declared units call it; empty where it has none."""
    return SHARE if measure.type == "share" else measure.unit.zh if measure.unit else ""


def scaling_of(word: str, measure: Measure, standard: Standard) -> Scaling | None:
    """Return the unit that a word says for a measure; None where the measure is not written in it."""
    factor = _words_by_unit(standard).get(_family(measure), {}).get(plain(word))
    return None if factor is None else Scaling(word, factor)


def is_unit(word: str, standard: Standard) -> bool:
    """Return whether a word is the unit of anything."""
    return plain(word) in _all_words(standard)


@functools.lru_cache(maxsize=8)
def _all_words(standard: Standard) -> frozenset[str]:
    return frozenset(word for words in _words_by_unit(standard).values() for word in words)


def no_unit(word: Phrase, measure: Measure, standard: Standard) -> tuple[Phrase, Phrase]:
    """Return that a word is no unit of a measure, and which are."""
    problem = Phrase(f"{word.zh}不是{measure.title.zh}的单位", f"{word.en} is no unit of {measure.column}")
    return problem, units_hint(known_units(measure, standard))


def units_hint(units: Phrase) -> Phrase:
    """Return which units may be written."""
    return Phrase(units.zh if units is HAS_NONE else f"可以用：{units.zh}", f"known: {units.en}")


def known_units(measure: Measure, standard: Standard) -> Phrase:
    """Return in words what may be written for the unit of a measure."""
    words = unit_words(measure, standard)
    if not words:
        return HAS_NONE
    chinese = [word for word in words if not _ENGLISH.search(word)]
    return Phrase("、".join(chinese), ", ".join(words))


def unit_words(measure: Measure, standard: Standard) -> tuple[str, ...]:
    """Return what may be written for the unit of a measure; nothing where it has none."""
    family = _family(measure)
    words = [family] if family and family != SHARE else []
    for unit in standard.units if family else ():
        if unit.unit == family:
            words += [*unit.also, *(word for scale in unit.scales for word in scale.words)]
    return tuple(words)


def conversion(measure: Measure, scaling: Scaling) -> Title:
    """Return in a sentence that figures are converted, as a note says it; those of a share become fractions of 1."""
    title, unit, factor = measure.title, measure.unit or Title(zh="小数", en="fractions of 1"), scaling.factor
    return Title(
        zh=f"“{title.zh}”的单位是{scaling.word}，按 × {factor} 换算成{unit.zh}",
        en=f"{title.en} is written in {scaling.word}, and was multiplied by {factor} to {unit.en}",
    )


def caption_units(text: str, standard: Standard) -> tuple[str, ...]:
    """Return the units that a line above a table sets for all of it; nothing where it speaks of something else.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> std = load_standard()
    >>> caption_units("单位：人、平方米、万元", std), caption_units("填报单位：清源区教育局", std)
    (('人', '平方米', '万元'), ())
    """
    wording = _SAID.fullmatch(unicodedata.normalize("NFKC", text).strip())
    words = tuple(word for word in _BETWEEN.split(wording[2]) if word) if wording else ()
    # An office is called by a longer word than any unit.
    is_list = any(is_unit(word, standard) for word in words) or all(len(word) <= _LONGEST_UNIT for word in words)
    return words if is_list else ()

"""What words mean: the kind of quantity, its unit, the measures that a header can name, and figures of results.

The words are data: those of the measures, and those of `specs/layouts`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, get_args

import attrs

from balancedu.core.fields import Source, Stage, TableId, Title, described, plain
from balancedu.core.loading import shipped_layout
from balancedu.core.model import SHARE, Measure, Range
from balancedu.core.standard import Standard
from balancedu.files.layout import FACT_COLUMNS, other_columns
from balancedu.submission.columns import Scaling
from balancedu.text import Phrase


@attrs.frozen
class KindWords:
    """The words that state what kind of quantity something is."""

    format: Literal[1] = described("the format of the file")
    qualities: tuple[tuple[str, ...], ...] = described(
        "words that distinguish quantities whose other words are the same"
    )
    counted: Mapping[str, tuple[str, ...]] = described("words for what is counted; the first that fits counts")
    generic: Mapping[str, str] = described("lowest headers that repeat what the unit of a figure says, with the unit")
    no_units: tuple[str, ...] = described("what brackets say that is no unit")
    pupils: tuple[str, ...] = described("what pupils are called in short, beside their stage")


@functools.cache
def kind_words() -> KindWords:
    """Return the words that state what kind of quantity something is."""
    return shipped_layout(KindWords, "words.yaml")


@functools.lru_cache(maxsize=4096)
def kind_of(text: str) -> tuple[str, frozenset[str]]:
    """Return what words count, and what distinguishes them from quantities of similar names.

    Examples
    --------
    >>> kind_of("教学及辅助用房面积") == kind_of("教学及辅助用房建筑面积")
    True
    >>> kind_of("生均教学及辅助用房面积（㎡）") == kind_of("教学及辅助用房面积")
    False
    """
    word = plain(text).replace("名额", "指标")
    known = kind_words()
    included = next((name for name, words in known.counted.items() if any(entry in word for entry in words)), "")
    qualities = {words[0] for words in known.qualities if any(entry in word for entry in words)}
    if {"体育", "音乐"} <= qualities:
        # Music and art are the arts.
        qualities.add("艺术")
    return included, frozenset(qualities - {"音乐", "美术"} if "艺术" in qualities else qualities)


def same_kind(text: str, names: Iterable[str]) -> bool:
    """Return whether words may name the quantity that has these names: they count the same, of the same.

    Examples
    --------
    >>> same_kind("专科学历教师数", ["小学高于规定学历教师数"]), same_kind("骨干教师总数", ["骨干教师数"])
    (False, True)
    """
    included, qualities = kind_of(text)
    return any(qualities == other and (included == kind or not included) for kind, other in map(kind_of, names))


_BRACKETED = re.compile(r"(.*\S)?\s*[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_SAID = re.compile(r"(.*?)[(,;\s]*(?:计量)?(?<!填报)(?<!填表)单位\s*:\s*(.+?)\)?")
_LONGEST_UNIT = 3
VALUE_WITH_UNIT = re.compile(r"\s*([-+]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*([^0-9.,\s][^,\s]{0,7})\s*")
"""A figure with a word behind it, as 437人."""
_ENGLISH = re.compile("[A-Za-z]")
UNKNOWN_UNIT = Phrase("单位无法识别", "unknown unit")
HAS_NONE = Phrase("这一项没有单位", "it has none")
_BETWEEN = re.compile(r"[、,;/\s]+")


@functools.lru_cache(maxsize=4096)
def split_unit(text: str) -> tuple[str, str]:
    """Return a header without what its last brackets state, and what they state.

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
    """Return the unit of a measure, as the declared units call it; empty if it has none."""
    return SHARE if measure.type == "share" else measure.unit.zh if measure.unit else ""


def scaling_of(word: str, measure: Measure, standard: Standard) -> Scaling | None:
    """Return the unit that a word means for a measure; None if the measure is not written in it."""
    factor = _words_by_unit(standard).get(_family(measure), {}).get(plain(word))
    return None if factor is None else Scaling(word, factor)


def is_unit(word: str, standard: Standard) -> bool:
    """Return whether a word is the unit of anything."""
    return plain(word) in _all_words(standard)


@functools.lru_cache(maxsize=8)
def _all_words(standard: Standard) -> frozenset[str]:
    return frozenset(word for words in _words_by_unit(standard).values() for word in words)


@functools.lru_cache(maxsize=8)
def _counting_words(standard: Standard) -> frozenset[str]:
    families = {_family(measure) for measure in standard.measures.values() if measure.type == "count"}
    return frozenset(word for family in families for word in _words_by_unit(standard).get(family, {}))


def both_count(word: str, measure: Measure, standard: Standard) -> bool:
    """Return whether a measure counts, and a word may be what people count in, as 人 where it should be 名额."""
    counting = _counting_words(standard)
    return plain(_family(measure)) in counting and (plain(word) in counting or not is_unit(word, standard))


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
    """Return what may be written for the unit of a measure; nothing if it has none."""
    family = _family(measure)
    words = [family] if family and family != SHARE else []
    for unit in standard.units if family else ():
        if unit.unit == family:
            words += [*unit.also, *(word for scale in unit.scales for word in scale.words)]
    return tuple(words)


def conversion(measure: Measure, scaling: Scaling) -> Title:
    """Return in a sentence that figures are converted, as a note states it; those of a share become fractions of 1."""
    title, unit, factor = measure.title, measure.unit or Title(zh="小数", en="fractions of 1"), scaling.factor
    return Title(
        zh=f"“{title.zh}”的单位是{scaling.word}，按 × {factor} 换算成{unit.zh}",
        en=f"{title.en} is written in {scaling.word}, and was multiplied by {factor} to {unit.en}",
    )


@functools.lru_cache(maxsize=4096)
def caption_units(text: str, standard: Standard) -> tuple[str, ...]:
    """Return the units that a line above a table sets for all of it; empty if it speaks of something else.

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


LISTED = tuple(name for name in FACT_COLUMNS if name != "county")
"""The columns that only such a sheet has."""
SAYS_WHICH = ("fact", "title")
"""The columns one of which states which fact a row is about."""
GIVEN = ("value", "evidence")
"""The columns one of which a row fills that reports anything: a fact may be documented before it is known."""
_ITS_OWN = Title(zh="各项自己的单位", en="that of each fact")


COUNTED = "counted"
NO_SCHOOL: Mapping[str, bool] = {COUNTED: False, "campus": True}
"""The columns that state whether a row is a school, with the answer of one that is none; they are not kept."""


@functools.lru_cache(maxsize=64)
def measures_of(standard: Standard, table: str, *, in_rows: bool = False) -> Mapping[str, Measure]:
    """Return what the columns of a sheet hold that a table is read from, or one in which each fact has a row."""
    known, source = dict(standard.table_measures(table)), Source("balancedu", "docs/data.md", "O")
    if in_rows:
        county = standard.table_measures("facts").get("county")
        known = {name: _column(name, source) for name in LISTED} | ({"county": county} if county else {})
    elif table == "sections" and known:
        # The type of school states the stage where nothing else does.
        known["type"] = standard.table_measures("schools")["type"]
    elif table == "schools":
        words = other_columns().no_school
        known |= {
            name: Measure(name, Title(words[name][0], name), TableId("schools"), "yes_no", source, also=words[name][1:])
            for name in NO_SCHOOL
        }
    return MappingProxyType(known)


def _column(name: str, source: Source) -> Measure:
    # Of several merged values their columns are unknown, as with numbers; a unit above all of them belongs to none.
    number = {"type": "number", "unit": _ITS_OWN, "range": Range()} if name == "value" else {"type": "text"}
    also = other_columns().facts[name]
    return Measure(name, FACT_COLUMNS[name], TableId("facts"), source=source, also=also, **number)


_NOTHING_SAID = re.compile("^(?:全县|全区|全市|县域内|县域|我县|我区|本县|本区|全校|本校|现有|实有)(?=..)|的")
_NUMBERS_END = re.compile("(?:(?<=[师生童员])(?:总人数|人数)|总数|总量|数量)$")
_ABOUT = re.compile("(?:基本)?(?:情况|信息|数据|状况)$")


@functools.lru_cache(maxsize=4096)
@functools.lru_cache(maxsize=4096)
def _usual(word: str) -> str:
    """Return a word without the parts that distinguish no quantity.

    Examples
    --------
    >>> _usual("全县教师总数"), _usual("县级及以上骨干教师人数"), _usual("人数")
    ('教师数', '县级以上骨干教师数', '人数')
    """
    shorter = _NOTHING_SAID.sub("", word).replace("及以上", "以上")
    return _NUMBERS_END.sub("数", shorter) if _NUMBERS_END.sub("", shorter) else shorter


TOTALS = ("合计", "小计", "总计", "共计", "计", "总数", "total", "subtotal")
"""Below a header, a column for all of it; next to rows, a row that repeats the others."""
_CLOSE = 0.75
_MOST_GUESSES = 3
_OTHER_STAGES = ("幼儿园", "学前", "学前班", "中职", "职高", "大学")
"""Stages that no standard of compulsory education declares, and that files have columns for."""


@attrs.frozen(eq=False)
class Vocabulary:
    """The words of one table.

    Attributes
    ----------
    whole : mapping of word to measures
        Words that mean all.
    open : mapping of word to measures
        Words that leave the stage open.
    stages : mapping of stage to words
    """

    whole: Mapping[str, tuple[Measure, ...]]
    open: Mapping[str, tuple[Measure, ...]]
    stages: Mapping[Stage, tuple[str, ...]]

    def stage_in(self, text: str) -> Stage | None:
        """Return the one stage that a text names; None if it names none, or several."""
        written = plain(text)
        result = {stage for stage, words in self.stages.items() if any(word in written for word in words)}
        return result.pop() if len(result) == 1 else None

    def without_stage(self, text: str) -> str:
        """Return a text without the words of stages at its beginning or end."""
        word = plain(text)
        for name in sorted({name for names in self.stages.values() for name in names}, key=len, reverse=True):
            word = word.removeprefix(name).removesuffix(name)
        return word

    def knows(self, text: str) -> bool:
        """Return whether a text is a word of the table, stage or no stage."""
        return plain(text) in self.whole or plain(text) in self.open

    def meant(self, path: Sequence[str], stage: Stage | None = None) -> tuple[Measure, ...]:
        """Return the measures that a header path can mean: one, none, or those between which it leaves it open.

        The lowest text counts, with as much of the texts above it as is needed.

        Parameters
        ----------
        path : sequence of str
            The texts above a column, the lowest last.
        stage : Stage, optional
            The stage that the whole sheet is about.
        """
        words = [word for word in map(plain, path) if word]
        if len(words) > 1 and words[-1] in TOTALS:
            del words[-1]
        if result := self._joined(words, stage):
            return result
        words = [*(_ABOUT.sub("", word) for word in words[:-1]), *words[-1:]]
        if len(words) > 1 and (unit := kind_words().generic.get(words[-1])) is not None:
            measures = self._joined(list(filter(None, words[:-1])), stage)
            return tuple(entry for entry in measures if entry.unit and unit in ("", entry.unit.zh))
        return self._joined(list(filter(None, words)), stage)

    def _joined(self, words: Sequence[str], stage: Stage | None) -> tuple[Measure, ...]:
        for start in range(len(words)):
            written = "".join(words[start:])
            for word in dict.fromkeys((written, _usual(written))):
                if word in self.whole:
                    return self.whole[word]
                if word in self.open and not self._names_a_stage(words[:start]):
                    return tuple(entry for entry in self.open[word] if stage in (None, entry.stage))
        return ()

    def _names_a_stage(self, words: Iterable[str]) -> bool:
        known = [*_OTHER_STAGES, *(word for words in self.stages.values() for word in words)]
        return any(entry in word for word in words for entry in known)

    def nearest(self, path: Sequence[str], known: Collection[str] = ()) -> tuple[str, ...]:
        """Return the columns that a header probably means: those of the nearest word, or whose words contain it.

        Those come first whose names contain more of what is above it; columns that are known already are left out.
        """
        *above, word = ["", *filter(None, map(plain, path))]
        wording = "".join(path)
        written = {**self.open, **self.whole}
        measures = {entry.id: entry for ones in written.values() for entry in ones if entry.column not in known}
        like = {name for name, entry in measures.items() if same_kind(wording, titles_like(entry, wording))}
        words = {key: kept for key, ones in written.items() if (kept := [entry for entry in ones if entry.id in like])}
        # Only here: most tables have no header that nothing knows.
        from difflib import get_close_matches

        if close := get_close_matches(word, list(words), n=1, cutoff=_CLOSE):
            near = list(words[close[0]])
        elif any(kind_of(wording)[1]) or kind_of(wording)[0]:
            near = [entry for key, ones in words.items() if word and (word in key or key in word) for entry in ones]
        else:
            near = []
        held = {entry.column: sum(text in plain(entry.title.zh) for text in above if text) for entry in near}
        return tuple(sorted(held, key=lambda name: -held[name]))[:_MOST_GUESSES]


def titles_like(measure: Measure, text: str) -> tuple[str, ...]:
    """Return the names of a measure; its id only if the words are written like an id."""
    names = measure.names if "_" in text else tuple(name for name in measure.names if name != measure.column)
    # A further name that is less specific than the title does not identify the quantity.
    qualities = kind_of(measure.title.zh)[1]
    return tuple(name for name in names if not qualities or kind_of(name)[1])


@functools.lru_cache(maxsize=64)
def vocabulary(standard: Standard, table: str, *, in_rows: bool = False) -> Vocabulary:
    """Return the words of a table, or of a sheet in which each fact has a row."""
    stages = {stage: tuple(_stage_words(standard, stage)) for stage in get_args(Stage)}
    whole: dict[str, dict[str, Measure]] = {}
    left_open: dict[str, dict[str, Measure]] = {}
    for measure in measures_of(standard, table, in_rows=in_rows).values():
        names = [*map(plain, (*measure.names, *measure.formerly))]
        if measure.type == "yes_no":
            # 有建设规划 is asked as 是否有建设规划 or 有无建设规划.
            asked = [f"有无{name[1:]}" for name in names if name.startswith("有")]
            names += [*asked, *(f"是否{name}" for name in names if not name.startswith("是否"))]
        for name in names:
            for written in {name, _usual(name)}:
                whole.setdefault(written, {})[measure.id] = measure
        for name in _without_stage(measure, stages):
            for base in {name, _usual(name)}:
                left_open.setdefault(base, {})[measure.id] = measure
                for word in stages[measure.stage or "primary"]:
                    whole.setdefault(word + base, {})[measure.id] = measure
                    whole.setdefault(base + word, {})[measure.id] = measure
    # A further word of a measure with a stage leaves the stage open, unless it states it.
    for word, measures in left_open.items():
        for entry in measures:
            whole.get(word, {}).pop(entry, None)
    return Vocabulary(_frozen(whole), _frozen(left_open), MappingProxyType(stages))


def _frozen(words: Mapping[str, Mapping[str, Measure]]) -> Mapping[str, tuple[Measure, ...]]:
    return MappingProxyType({word: tuple(ones.values()) for word, ones in words.items() if ones})


def _stage_words(standard: Standard, stage: Stage) -> Iterator[str]:
    """Yield what a stage is called: its title, and what a column of stages may hold for it."""
    if stage in standard.head.stage_titles:
        title = standard.head.stage_titles[stage]
        yield from (plain(title.zh), plain(title.en))
    for measure in standard.measures.values():
        if measure.column == "stage":
            yield from (plain(word) for choice in measure.values if choice.id == stage for word in choice.writings)


def _without_stage(measure: Measure, stages: Mapping[Stage, tuple[str, ...]]) -> Iterator[str]:
    """Yield the names of a measure without its stage, where it has one."""
    if measure.stage is None:
        return
    longest_first = sorted(filter(None, stages[measure.stage]), key=len, reverse=True)
    for name in map(plain, (measure.title.zh, measure.title.en, *measure.also)):
        for word in longest_first:
            if (rest := name.removeprefix(word).removesuffix(word)) and rest != name:
                yield rest
                break
        else:
            if name not in map(plain, (measure.title.zh, measure.title.en)):
                yield name


# How tables of results call their figures: which indicator words name, per pupil, and of which statistic


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
class SpreadTable:
    """How a table of means and coefficients is recognised."""

    fewest_figures: int = described("so many figures must say stage, indicator and statistic")
    label_columns: int = described("so many columns may hold labels before the figures")
    most_rows: int = described("so many rows are looked at")


@attrs.frozen
class ResultWords:
    """The words of tables of results."""

    format: Literal[1] = described("the format of the file")
    per_pupil: tuple[tuple[str, ...], ...] = described("words for per hundred pupils, and for per pupil")
    fillers: tuple[str, ...] = described("words that say nothing")
    endings: tuple[str, ...] = described("endings that may be left out")
    same: tuple[SameWord, ...] = described("ways to write one word")
    indicators: tuple[IndicatorNames, ...] = described("further names of the indicators")
    mean: tuple[str, ...] = described("words for the mean of a county")
    coefficient: tuple[str, ...] = described("words for the coefficient of variation")
    spread: SpreadTable = described("how a table of means and coefficients is recognised")
    pages: tuple[str, ...] = described("how sheets or titles of the form begin whose figures follow from others")


@functools.cache
def results() -> ResultWords:
    """Return the words of tables of results."""
    return shipped_layout(ResultWords, "results.yaml")


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
    """Return the number of pupils to which a unit refers: 100, 1, or 0 where it is one of an amount.

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
    """Return the unit of an amount from that of the amount per pupil; empty if a share in % states no more.

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
    """Return what a quantity is called without the words for per pupil and its stage, and endings."""
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
    """Return the indicator that words name; empty if they name none.

    Parameters
    ----------
    text : str
    standard : Standard
    per_pupil : bool
        Whether the words must include "per pupil"; in a table of coefficients they need not.

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


def is_page_of_results(text: str) -> bool:
    """Return whether a sheet or a title is a page of the form whose figures follow from others, or are in words.

    Examples
    --------
    >>> [is_page_of_results(text) for text in ("表Ⅱ-1 达标情况", "附表 4", "表Ⅱ-2", "表11")]
    [True, True, False, False]
    """
    word = unicodedata.normalize("NFKC", text).replace(" ", "").removeprefix("附")
    pages = (unicodedata.normalize("NFKC", page) for page in results().pages)
    return any(word.startswith(page) and not re.match("[-0-9IVX]", word[len(page) :]) for page in pages)


@functools.lru_cache(maxsize=1024)
def statistics_in(text: str) -> tuple[bool, ...]:
    """Return True where words name a mean, False where they name a coefficient of variation."""
    word, known = plain(text), results()
    if any(entry in word for entry in known.coefficient):
        return (False,)
    return (True,) if any(entry in word for entry in known.mean) else ()

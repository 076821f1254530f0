"""The law in sentences: what a standard, its rules and its indicators require."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import singledispatch
from typing import Any, cast

import attrs

from balancedu.core.fields import Language, Source, Term, Title
from balancedu.core.history import history, paths
from balancedu.core.loading import load_standard
from balancedu.core.model import Condition, Counted, Indicator, Measure
from balancedu.core.periods import Lapse
from balancedu.core.rules import (
    RULES,
    ClassSize,
    CompositeWithin,
    FactAtLeast,
    FactNotBelow,
    MonitoredSubjects,
    Relief,
    RoomsForClasses,
    Rule,
    SchoolShareAtLeast,
    SchoolSize,
    SectionsComply,
    ShareAtLeast,
    SmallSchoolFunds,
    SpreadWithin,
    Stated,
)
from balancedu.core.standard import Item, Standard
from balancedu.errors import BalanceduError, RequestError
from balancedu.text import fill, wrap


@attrs.frozen
class Words:
    """A standard in one language."""

    standard: Standard
    lang: Language

    def pick(self, zh: str, en: str) -> str:
        """Return one of two texts."""
        return zh if self.lang == "zh" else en

    def title(self, measure: str) -> str:
        """Return the title of a measure."""
        return self.standard.measures[measure].title.said(self.lang)

    def unit(self, measure: str) -> str:
        """Return the unit of a measure, to stand behind a number."""
        return self.behind(self.standard.measures[measure].unit)

    def behind(self, unit: Title | None) -> str:
        """Return a unit to stand behind a number."""
        return "" if unit is None else self.pick(unit.zh, f" {unit.en}")

    def stage(self, stage: str) -> str:
        """Return the title of a stage."""
        return {str(key): title for key, title in self.standard.head.stage_titles.items()}[stage].said(self.lang)

    def choice(self, measure: str, value: str) -> str:
        """Return the title of one value of a choice."""
        return next(one.title.said(self.lang) for one in self.standard.measures[measure].values if one.id == value)

    def types(self, types: Iterable[str]) -> str:
        """Return types of school."""
        return self.listed(self.choice("type", one) for one in types)

    def listed(self, words: Iterable[str]) -> str:
        """Return words as a list."""
        return self.pick("、", ", ").join(words)

    def clauses(self, words: Iterable[str]) -> str:
        """Return clauses as a sentence."""
        return self.pick("，", "; ").join(words)

    def by_stage(self, limits: Mapping[Any, object], zh: str, en: str, unit: str = "") -> str:
        """Return a limit for each stage."""
        relation = self.pick(zh, f" {en} ")
        return self.clauses(f"{self.stage(stage)}{relation}{number(limit)}{unit}" for stage, limit in limits.items())


def condition_said(condition: Condition, words: Words) -> str:
    """Return what must be so of a school."""
    if condition.parts:
        joined = words.pick("且" if condition.all_of else "或", " and " if condition.all_of else " or ")
        return joined.join(_part(part, words) for part in condition.parts)
    subject = words.pick("与", " + ").join(words.title(name) for name in condition.subject)
    if condition.sum_of:
        subject = words.pick(f"{subject}之和", subject)
    if condition.largest:
        subject = words.pick(f"最大班额（{subject}）", f"the largest class ({subject})")
    if condition.measure and condition.one_of:
        values = words.listed(words.choice(condition.measure, one) for one in condition.one_of)
        return words.pick(f"{subject}为{values}", f"{subject} {values}")
    if condition.expected is not None:
        answer = words.pick("是" if condition.expected else "否", "yes" if condition.expected else "no")
        return words.pick(f"{subject}为“{answer}”", f"{subject}: {answer}")
    relations = {"at_least": ("不低于", "at least"), "at_most": ("不超过", "at most")}
    relations |= {"above": ("高于", "above"), "below": ("低于", "below")}
    bounds = ((*relations[name], number(bound)) for name, bound in condition.bounds.items())
    return subject + words.pick("且", " and").join(words.pick(f"{zh}{n}", f" {en} {n}") for zh, en, n in bounds)


def _part(condition: Condition, words: Words) -> str:
    told = condition_said(condition, words)
    return aside(told, words).strip() if condition.parts else told


def aside(text: str, words: Words) -> str:
    """Return a text in brackets, to stand behind another one."""
    return words.pick(f"（{text}）", f" ({text})")


def number(value: object) -> str:
    """Return a number as the law writes it."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def percent(share: Decimal) -> str:
    """Return a share in percent."""
    return f"{(share * 100).normalize():f}%"


@singledispatch
def requirement(rule: Rule, words: Words) -> str:
    """Return what a rule requires."""
    name = next(name for name, kind in RULES.items() if type(rule) is kind)
    fields = attrs.asdict(cast("attrs.AttrsInstance", rule), recurse=False).items()
    told = [f"{key} {_said(value, words.lang)}" for key, value in fields if key not in ("quantity", "unit")]
    return f"{name}: {'; '.join(told)}"


def item_said(item: Item, words: Words) -> str:
    """Return what an item requires: all of its rules, and what is required of schools that have relief."""
    told = [requirement(rule, words) for rule in item.rules]
    told += [words.pick("放宽：", "relief: ") + relief_said(relief, words) for relief in item.reliefs]
    return words.pick("；", "; ").join(told)


def relief_said(relief: Relief, words: Words) -> str:
    """Return for which schools relief is, and what is required of them."""
    who, rules = condition_said(relief.when, words), (requirement(rule, words) for rule in relief.rules)
    told = words.pick("；", "; ").join(rules)
    return words.pick(f"{who}的学校，{told}", f"schools with {who}: {told}")


def indicator_standard(indicator: Indicator, words: Words) -> str:
    """Return the standard of each stage of an indicator."""
    if not indicator.at_least:
        return words.pick("不设标准，只比较差异", "no standard, only compared between sections")
    return words.by_stage(indicator.at_least, "不低于", "at least", words.behind(indicator.unit))


def indicator_formula(indicator: Indicator, words: Words) -> str:
    """Return how the value of an indicator is computed."""
    if indicator.amount:
        return _per(_sum(indicator.amount, words), indicator, words)
    told = []
    for stage, terms in indicator.amount_by_stage.items():
        # Measures of one stage say so in their titles.
        named = {words.standard.measures[term.removeprefix("-")].stage for term in terms} == {stage}
        title = "" if named else words.pick(f"{words.stage(stage)}：", f"{words.stage(stage)}: ")
        told.append(title + _per(_sum(terms, words), indicator, words))
    return words.clauses(told)


def counted_said(counted: Counted, words: Words) -> str:
    """Return how a type of school counts."""
    weights = [f"{words.stage(stage)} {number(weight)}" for stage, weight in counted.weights.items()]
    told = [words.pick(f"按学段拆分的权重 {'：'.join(weights)}", f"weights of its stages {' : '.join(weights)}")]
    if len(weights) == 1:
        told = [words.pick("计为一个学部", "counts as one section")]
    if counted.fewest_pupils is not None:
        fewest = counted.fewest_pupils
        told.append(words.pick(f"不足{fewest}人的学部不计", f"sections below {fewest} pupils are left out"))
    return words.clauses(told)


def _sum(terms: Iterable[Term], words: Words) -> str:
    text = ""
    for term in terms:
        sign = " − " if term.startswith("-") else " + " if text else ""
        measure = words.standard.measures[term.removeprefix("-")]
        text += sign + measure.title.said(words.lang)
        text += aside(condition_said(measure.counts_when, words), words) if measure.counts_when else ""
    return text


def _per(amount: str, indicator: Indicator, words: Words) -> str:
    amount = f"({amount})" if (" " in amount and words.lang == "zh") or " + " in amount or " − " in amount else amount
    scale = f" × {indicator.per}" if indicator.per > 1 else ""
    return words.pick(f"{amount} ÷ 在校生数{scale}", f"{amount} ÷ pupils{scale}")


@requirement.register
def _(rule: SectionsComply, words: Words) -> str:
    share = percent(rule.floor_share)
    return words.pick(
        f"每个学部至少{rule.at_standard}项指标达到标准，其余各项达到标准的{share}",
        f"every section reaches the standard in at least {rule.at_standard} indicators; {share} of it in the others",
    )


@requirement.register
def _(rule: SpreadWithin, words: Words) -> str:
    limits = words.by_stage(rule.limits, "不超过", "at most")
    return words.pick(f"每项指标的校际差异系数：{limits}", f"coefficient of variation of each indicator: {limits}")


@requirement.register
def _(rule: CompositeWithin, words: Words) -> str:
    limits = words.by_stage(rule.limits, "不超过", "at most")
    return words.pick(f"综合差异系数：{limits}", f"composite coefficient of variation: {limits}")


@requirement.register
def _(rule: Stated, words: Words) -> str:
    facts = words.listed(words.title(fact) for fact in rule.facts)
    if rule.expected:
        return words.pick(f"如实填报为“是”：{facts}", f"stated to be the case: {facts}")
    return words.pick(f"如实填报为“否”：{facts}", f"stated not to be the case: {facts}")


@requirement.register
def _(rule: ShareAtLeast, words: Words) -> str:
    share = percent(rule.at_least)
    told = [words.pick(f"{words.title(rule.share)}不低于{share}", f"{words.title(rule.share)} at least {share}")]
    if rule.when_nobody == "not_applicable":
        told.append(words.pick("无人涉及时不适用", "not applicable where nobody is concerned"))
    if rule.when_not_reported == "not_applicable":
        told.append(words.pick("未填报时不适用", "not applicable where not reported"))
    return words.clauses(told)


@requirement.register
def _(rule: FactAtLeast, words: Words) -> str:
    limit = f"{number(rule.at_least)}{words.unit(rule.fact)}"
    return words.pick(f"{words.title(rule.fact)}不低于{limit}", f"{words.title(rule.fact)} at least {limit}")


@requirement.register
def _(rule: FactNotBelow, words: Words) -> str:
    one, other = words.title(rule.fact), words.title(rule.not_below)
    return words.pick(f"{one}不低于{other}", f"{one} not below {other}")


@requirement.register
def _(rule: RoomsForClasses, words: Words) -> str:
    areas = rule.area_at_least.items()
    uses = ((words.choice("rooms.use", use), number(area)) for use, area in areas)
    unit = words.unit("rooms.area")
    rooms = words.listed(words.pick(f"{use}教室不小于{area}{unit}", f"{use} {area}{unit}") for use, area in uses)
    return words.pick(
        f"每{rule.classes_per_room}个班（不足的按{rule.classes_per_room}个班计）每种专用教室各1间，{rooms}的才计入",
        f"one room of each use for every {rule.classes_per_room} classes begun; rooms count from {rooms}",
    )


@requirement.register
def _(rule: SchoolSize, words: Words) -> str:
    limits = (
        f"{words.types(one.types)}{words.pick('不超过', ' at most ')}{one.at_most}{words.behind(rule.unit)}"
        + (aside(condition_said(one.when, words), words) if one.when else "")
        for one in rule.limits
    )
    return words.pick("；", "; ").join(limits)


@requirement.register
def _(rule: ClassSize, words: Words) -> str:
    limits = words.by_stage(rule.at_most, "不超过", "at most", words.behind(rule.unit))
    types = words.types(rule.types)
    if rule.at_most_later:
        later = words.by_stage(rule.at_most_later, "不超过", "at most", words.behind(rule.unit))
        return words.pick(
            f"起始年级每个班{limits}；其他年级每个班{later}；学校类型：{types}",
            f"every class of the entry grade: {limits}; of other grades: {later}; in {types}",
        )
    return words.pick(f"每个班{limits}；学校类型：{types}", f"every class: {limits}; in {types}")


@requirement.register
def _(rule: SmallSchoolFunds, words: Words) -> str:
    types = words.types(rule.types)
    return words.pick(
        f"不足{rule.below}名学生的学校按{rule.funded_as}名学生核定{words.title(rule.funds)}；学校类型：{types}",
        f"schools below {rule.below} pupils have the {words.title(rule.funds)} of {rule.funded_as} pupils; in {types}",
    )


@requirement.register
def _(rule: SchoolShareAtLeast, words: Words) -> str:
    part, whole, share = words.title(rule.part), words.title(rule.whole), percent(rule.at_least)
    types = words.types(rule.types)
    return words.pick(
        f"每所学校{part}不低于{whole}的{share}；学校类型：{types}",
        f"in every school {part} at least {share} of {whole}; in {types}",
    )


@requirement.register
def _(rule: MonitoredSubjects, words: Words) -> str:
    title, level = words.title(rule.level), words.choice(rule.level, rule.level_at_least)
    rate, limit = words.title(rule.rate), number(rule.rate_below)
    return words.pick(
        f"每门监测学科{title}达到{level}以上，{rate}低于{limit}",
        f"every subject monitored: {level} or better; {rate} below {limit}",
    )


def _said(value: Any, lang: Language) -> str:
    if isinstance(value, Title):
        return value.said(lang)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(one, lang)}" for key, one in value.items())
    if isinstance(value, tuple):
        return ", ".join(_said(one, lang) for one in value)
    if attrs.has(type(value)):
        return _said(attrs.asdict(value, recurse=False), lang)
    return str(value).lower() if isinstance(value, bool) else number(value)


_WORDS: dict[str, dict[Language, str]] = {
    "source": {"zh": "出处", "en": "source"},
    "confidence": {"zh": "可信度", "en": "confidence"},
    "judged": {"zh": "判定", "en": "judged by"},
    "relief": {"zh": "放宽", "en": "relief"},
    "needs": {"zh": "所需数据", "en": "needs"},
    "standard": {"zh": "标准", "en": "standard"},
    "floor": {"zh": "底线", "en": "floor"},
    "unit": {"zh": "单位", "en": "unit"},
    "table": {"zh": "所在的表", "en": "table"},
    "values": {"zh": "可选值", "en": "values"},
    "formula": {"zh": "算法", "en": "formula"},
    "for": {"zh": "用于", "en": "used by"},
    "path": {"zh": "路径", "en": "path"},
}


def standard_text(standard: Standard, lang: Language = "zh") -> str:
    """Return the parts, indicators and items of a standard with their wording."""
    head = standard.head
    lines = wrap(f"{standard.id}  {head.title.said(lang)}  {standard.documents}  {head.issued}")
    lines += [*(line for note in standard.notes(lang) for line in wrap(note, rest="  ")), ""]
    for part in standard.parts.values():
        lines.append(f"{part.title.said(lang)} ({part.id})")
        entries: tuple[Indicator | Item, ...] = (*part.indicators, *part.items)
        for one in entries:
            lines += wrap(one.title.said(lang), first=f"  {fill(one.id, 9)} ", rest=" " * 12)
        lines.append("")
    return "\n".join(lines).rstrip()


def expiring_text(ends: Sequence[Lapse], day: str, lang: Language = "zh") -> str:
    """Return what ends within a year from a day."""
    head = f"自{day}起一年内到期：" if lang == "zh" else f"ends within a year from {day}:"
    told = [one.ends(lang) for one in ends] or ["没有" if lang == "zh" else "nothing"]
    return "\n".join([head, *(f"  {one}" for one in told)])


def entry_text(standard: Standard, entry: str, lang: Language = "zh") -> str:
    """Return everything that a standard declares of one item, indicator or measure.

    Raises
    ------
    KeyError
        If the standard declares nothing of that id.
    """
    if entry in standard.items:
        lines = _item(standard, standard.items[entry], lang)
    elif entry in standard.indicators:
        lines = _indicator(standard, standard.indicators[entry], lang)
    else:
        lines = _measure(standard, standard.measures[entry], lang)
    return "\n".join([*lines, *_paths(standard, entry, lang)])


def day_notes(standard: Standard, lang: Language = "zh") -> tuple[str, ...]:
    """Return the notes of a standard of which something is not applied on the day; nothing where all is."""
    return standard.notes(lang) if standard.lapses else ()


def absence(standard: Standard, entry: str, lang: Language = "zh") -> Iterator[str]:
    """Yield why a standard has no entry of an id: an overlay dropped it, or adds it on another day."""
    for group in ("items", "indicators", "measures"):
        with suppress(RequestError):
            yield attrs.evolve(history(standard, f"{group}.{entry}")[-1], before="").said(lang)
    yield from not_applied(standard, lambda one: entry in (*one.items, *one.indicators, *one.measures), lang)


def not_applied(standard: Standard, holds: Callable[[Standard], object], lang: Language = "zh") -> Iterator[str]:
    """Yield what is not applied on the day, where something holds on another day because of it."""
    for lapse in standard.lapses:
        day = lapse.until if lapse.over else lapse.from_
        with suppress(BalanceduError):
            if holds(load_standard(standard, on=day)):
                yield f"{lapse.said(lang)}{'；请用' if lang == 'zh' else '; ask with'} --on {day}"


def _paths(standard: Standard, entry: str, lang: Language) -> Iterator[str]:
    """Yield the paths by which an overlay names the entry and its values."""
    for n, (path, value) in enumerate(paths(standard, entry).items()):
        first = f"  {fill('' if n else _WORDS['path'][lang], 10)} "
        yield from wrap(f"{path}  {value}", first=first, rest=" " * 15)


def _heading(one: Item | Indicator | Measure, lang: Language) -> list[str]:
    other: Language = "en" if lang == "zh" else "zh"
    indent = " " * 10
    lines = wrap(one.title.said(lang), first=fill(one.id, 9) + " ", rest=indent)
    return [*lines, *wrap(one.title.said(other), first=indent, rest=indent)]


def _source(source: Source, lang: Language) -> Iterator[str]:
    text = f"{source}  [{_WORDS['confidence'][lang]} {source.confidence}]"
    yield from _line("source", text + (f"  {source.note}" if source.note else ""), lang)


def _line(word: str, text: str, lang: Language) -> list[str]:
    return wrap(text, first=f"  {fill(_WORDS[word][lang], 10)} ", rest=" " * 13)


def _item(standard: Standard, item: Item, lang: Language) -> Iterator[str]:
    yield from _heading(item, lang)
    for rule in item.rules:
        yield from _line("judged", requirement(rule, Words(standard, lang)), lang)
    for relief in item.reliefs:
        yield from _line("relief", relief_said(relief, Words(standard, lang)), lang)
    yield from _needs(standard, item.id, lang)
    yield from _source(item.source, lang)


def _needs(standard: Standard, entry: str, lang: Language) -> Iterator[str]:
    for measure in standard.measures.values():
        if entry in measure.needed_by:
            yield from _line("needs", f"{measure.id}  {measure.title.said(lang)}", lang)


def _indicator(standard: Standard, indicator: Indicator, lang: Language) -> Iterator[str]:
    yield from _heading(indicator, lang)
    floors = standard.floors.get(indicator.id)
    for stage in standard.stages:
        standard_said = indicator.thresholds[stage] or {"zh": "（不设）", "en": "(none)"}[lang]
        limits = [f"{_WORDS['standard'][lang]} {standard_said}"]
        if floors:
            limits.append(f"{_WORDS['floor'][lang]} {floors[stage]}")
        title = standard.head.stage_titles[stage].said(lang)
        yield from _line("judged", f"{title}  {', '.join(limits)} {indicator.unit.said(lang)}", lang)
    yield from _line("formula", indicator_formula(indicator, Words(standard, lang)), lang)
    yield from _needs(standard, indicator.id, lang)
    yield from _source(indicator.source, lang)


def _measure(standard: Standard, measure: Measure, lang: Language) -> Iterator[str]:
    yield from _heading(measure, lang)
    yield from _line("table", f"{measure.table}  {standard.tables[measure.table].title.said(lang)}", lang)
    if measure.unit:
        yield from _line("unit", measure.unit.said(lang), lang)
    for choice in measure.values:
        yield from _line("values", f"{choice.id}  {choice.title.said(lang)}", lang)
    for name, formula in measure.formulas.items():
        used = " *" if name == measure.formula else ""
        yield from _line("formula", f"{name}{used}: ({', '.join(formula.part)}) / ({', '.join(formula.whole)})", lang)
    if measure.definition:
        yield from wrap(measure.definition.said(lang), first=" " * 13, rest=" " * 13)
    yield from _line("for", ", ".join(measure.needed_by) or "–", lang)
    yield from _source(measure.source, lang)

"""What a standard requires, in sentences: its rules, its indicators, who counts.

`requirement` dispatches on the class of the rule; a kind of rule of your own may register its function with
`@requirement.register`. Without one, the fields of the rule are told as they stand in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import Any, cast

import attrs

from balancedu.core.model import Indicator, Language, Term, Title
from balancedu.core.relief import Relief
from balancedu.core.rules import (
    RULES,
    ClassSize,
    CompositeWithin,
    FactAtLeast,
    FactNotBelow,
    MonitoredSubjects,
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
from balancedu.core.scope import Counted
from balancedu.core.standard import Item
from balancedu.reporting.words import Words, aside, condition_said, number, percent


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

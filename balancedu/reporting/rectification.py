"""整改台账: the problems of a county with every blank filled, the schools concerned and what is short in real units."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np

from balancedu.calculator.limits import exact
from balancedu.core.fields import Language, Stage
from balancedu.core.model import split_terms
from balancedu.core.rules import ClassSize, Rule, SchoolShareAtLeast, SchoolSize, SectionsComply, ShareAtLeast
from balancedu.document import Block, Document, Grid, Heading, Paragraph, Placeholder, Points
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Case, Check, Finding, strictly
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.steps import County
from balancedu.judging.indicators import exact_values
from balancedu.reporting.pieces import Words, doubts, noted, pictures

WORDS: Words = {
    "title": {"zh": "整改问题台账", "en": "Problems to be put right"},
    "problems": {"zh": "存在问题", "en": "Problems"},
    "measures": {"zh": "整改措施", "en": "Measures"},
    "write": {
        "zh": "【待填写】整改措施、责任单位、责任人、完成时限",
        "en": "[to be written] measures, who is responsible, by when",
    },
    "none": {"zh": "本部分没有未达标或待定的项目。", "en": "Nothing in this part is not met or unknown."},
    "sections": {"zh": "低于标准的学部及其缺口", "en": "Sections below the standard and what they lack"},
    "shares": {"zh": "各指标不达标学部的数量和比例", "en": "Sections below each standard, numbers and shares"},
    "classes": {"zh": "超过规定人数的班级", "en": "Classes above the limit"},
    "types": {"zh": "超过规定规模的学校，按类型", "en": "Schools above the limit by type"},
    "unknown": {"zh": "待定：", "en": "unknown: "},
}


def rectification(evaluation: Evaluation, lang: Language) -> Document:
    """Return the problem page of one county."""
    standard = evaluation.standard
    county = wording.county_named(evaluation.submission, evaluation.counties[0], lang, on_paper=True)
    return Document(
        title=f"{standard.title.said(lang)}{'' if lang == 'zh' else ': '}{WORDS['title'][lang]}",
        subtitle=f"{county}　{standard.documents}",
        lang=lang,
        blocks=(*noted(standard, lang), *_blocks(evaluation, lang)),
    )


def _blocks(evaluation: Evaluation, lang: Language) -> Iterator[Block]:
    findings = evaluation.items
    for strict in evaluation.changed_by_relief.values():
        yield Paragraph(f"{strict.item.id} {strictly(strict, lang)}")
    for number, part in enumerate(evaluation.standard.parts.values(), 1):
        title = part.title.said(lang)
        yield Heading(f"{_ZH[number]}、{title}方面" if lang == "zh" else f"{number}. {title}")
        concerned = [findings[item.id] for item in part.items if findings[item.id].verdict.code < Verdict.MET.code]
        if not concerned:
            yield Paragraph(WORDS["none"][lang])
            continue
        yield Heading(f"（一）{WORDS['problems']['zh']}" if lang == "zh" else WORDS["problems"]["en"], 2)
        for finding in concerned:
            yield from _problem(evaluation, finding, lang)
        yield Heading(f"（二）{WORDS['measures']['zh']}" if lang == "zh" else WORDS["measures"]["en"], 2)
        yield Placeholder(WORDS["write"][lang])
    yield from doubts(evaluation, lang)


_ZH = "〇一二三四五六七八九十"


def _problem(evaluation: Evaluation, finding: Finding, lang: Language) -> Iterator[Block]:
    yield Heading(f"{finding.item.id} {finding.item.name.said(lang)}　{finding.verdict.said(lang)}", 3)
    yield Paragraph(finding.grounds(lang))
    if strict := evaluation.changed_by_relief.get(finding.item.id):
        yield Paragraph(strictly(strict, lang))
    for rule in finding.item.rules:
        if isinstance(rule, SectionsComply):
            yield _shares(evaluation, lang)
            yield from _lacking(evaluation, lang)
        elif isinstance(rule, SchoolSize):
            yield from _by_type(evaluation, finding, lang)
        elif isinstance(rule, ClassSize):
            yield _by_grade(evaluation, rule, lang)
        yield from _short_of_share(evaluation, finding, rule, lang)
        yield from _cases(evaluation, finding, rule, lang)
    yield from pictures(evaluation, finding.item, lang)


def _share(part: int, whole: int, evaluation: Evaluation, lang: Language) -> str:
    return printed(part / whole, "percent", evaluation.standard.head.precision, lang) if whole else "–"


def _shares(evaluation: Evaluation, lang: Language) -> Grid:
    """Return for each indicator how many sections of each stage are below the standard, and their share."""
    header, rows = [{"zh": "指标", "en": "indicator"}[lang]], []
    for stage in evaluation.stages:
        title = evaluation.standard.head.stage_titles[stage].said(lang)
        header += [f"{title}{word}" if lang == "zh" else f"{title} {word}" for word in _SHARE_WORDS[lang]]
    for n, indicator in enumerate(evaluation.standard.indicators.values()):
        row = [f"{indicator.id} {indicator.name.said(lang)}"]
        for stage in evaluation.stages:
            standing = evaluation.standing[evaluation.sections["stage"] == stage, n]
            below, unknown = int(((standing == 0) | (standing == 1)).sum()), int((standing == -1).sum())
            share = _share(below, standing.size, evaluation, lang)
            # With unknown sections the share is only the least that it can be.
            row += [
                str(below),
                ("≥ " if unknown and below else "") + (share if below or not unknown else "?"),
                str(unknown),
            ]
        rows.append(tuple(row))
    return Grid(tuple(header), tuple(rows), caption=WORDS["shares"][lang])


_SHARE_WORDS: dict[Language, tuple[str, str, str]] = {
    "zh": ("不达标数", "不达标比例", "待定数"),
    "en": ("below", "share", "unknown"),
}


def _lacking(evaluation: Evaluation, lang: Language) -> Iterator[Grid]:
    """Yield what each section that does not comply lacks to the standard, in real units."""
    rows = []
    for section in evaluation.failing_sections():
        for lack in section.lacks:
            limit = float(lack.standard.value)
            value = printed(lack.value, "value", evaluation.standard.head.precision, lang, limit)
            missing = _missing(evaluation, section.school, section.stage, lack.indicator.id, lang)
            name = f"{lack.indicator.id} {lack.indicator.name.said(lang)}"
            rows.append((section.said(lang), name, value, limit_printed(limit, "value", lang), missing))
    header: dict[Language, tuple[str, ...]] = {
        "zh": ("学部", "指标", "现值", "标准", "缺口"),
        "en": ("section", "indicator", "value", "standard", "short by"),
    }
    if rows:
        yield Grid(header[lang], tuple(rows), caption=WORDS["sections"][lang], texts=2)


def _missing(evaluation: Evaluation, school: str, stage: Stage, name: str, lang: Language) -> str:
    """Return how much of the school's own resource is missing, people and rooms in whole numbers."""
    basis, county = evaluation.record.basis, County(evaluation)
    indicator = evaluation.standard.indicators[name]
    limit = indicator.thresholds[stage]
    sections = basis.sections
    here = (sections.school == county.school_row(school)) & (sections.stage == evaluation.stages.index(stage))
    rows = np.flatnonzero(here)
    numerator, denominator = exact_values(basis.resources, basis.standard, sections, indicator, rows)
    measure = evaluation.standard.measures[split_terms(indicator.terms(stage))[0][1]]
    if limit is None or measure.unit is None:
        return "–"
    value = Fraction(int(numerator[0]), int(denominator[0]))
    missing = (limit.exact - value) * _divided_by(county, school, stage, shared=bool(indicator.amount)) / indicator.per
    whole = measure.unit.en in _WHOLE
    shown = str(math.ceil(missing)) if whole else plain(math.ceil(missing * 10) / 10)
    return f"{shown}{measure.unit.zh}" if lang == "zh" else f"{shown} {measure.unit.en}"


def _divided_by(county: County, school: str, stage: Stage, *, shared: bool) -> Fraction:
    """Return by how many pupils a school's resource is divided to give a section's value."""
    standard, row = county.standard, county.school_row(school)
    schools, columns = county.basis.submission.schools, standard.head.scope.pupils
    kind = standard.counted(standard.measures["type"].values[_type(county, school)].id)
    weights = kind.weights if kind and shared else {stage: Decimal(1)}
    parts = (Fraction(weight) * exact(schools.numbers(columns[one])[row]) for one, weight in weights.items())
    return sum(parts, Fraction(0)) / Fraction(weights[stage])


_WHOLE = ("teachers", "rooms")
"""Units that come whole."""


def _type(county: County, school: str) -> int:
    return int(county.basis.submission.schools.choices("type")[county.school_row(school)])


def _by_type(evaluation: Evaluation, finding: Finding, lang: Language) -> Iterator[Grid]:
    county, kinds = County(evaluation), evaluation.standard.measures["type"].values
    failing = [_type(county, case.school) for check in finding.checks for case in _failing(check)]
    rows = [(kind.title.said(lang), str(failing.count(n))) for n, kind in enumerate(kinds) if n in failing]
    header = {"zh": ("学校类型", "所数"), "en": ("type", "schools")}[lang]
    if rows:
        total = {"zh": "合计", "en": "all"}[lang]
        yield Grid(header, (*rows, (total, str(len(failing)))), caption=WORDS["types"][lang])


def _by_grade(evaluation: Evaluation, rule: ClassSize, lang: Language) -> Grid:
    """Return how many classes are above the limit, by stage and entry grade where that is reported."""
    classes = evaluation.record.basis.submission.tables["classes"]
    pupils, entry = classes.numbers("pupils"), classes.numbers("entry_grade")
    stages = [choice.id for choice in evaluation.standard.measures["classes.stage"].values]
    rows = []
    for stage in rule.at_most:
        here = classes.choices("stage") == stages.index(stage)
        title = evaluation.standard.head.stage_titles[stage].said(lang)
        for word, which in _ENTRY.items():
            group = here & (np.isnan(entry) if which is None else entry == which)
            if not group.any():
                continue
            # Where the entry grade is not stated, only what is above both limits is surely too large.
            limit = max(rule.limit(stage, one) or 0 for one in ([True, False] if which is None else [bool(which)]))
            over, unknown = int((pupils[group] > limit).sum()), int(np.isnan(pupils[group]).sum())
            share = ("≥ " if unknown and over else "") + _share(over, int(group.sum()), evaluation, lang)
            rows.append(
                (
                    f"{title}　{_ENTRY_WORDS[word][lang]}",
                    str(limit),
                    str(int(group.sum())),
                    str(over),
                    share,
                    str(unknown),
                )
            )
    header: dict[Language, tuple[str, ...]] = {
        "zh": ("学段和年级", "限值", "班数", "超过限值的班数", "占比", "人数未填报的班数"),
        "en": ("stage and grade", "limit", "classes", "above the limit", "share", "pupils not reported"),
    }
    return Grid(header[lang], tuple(rows), caption=WORDS["classes"][lang])


_ENTRY: dict[str, float | None] = {"entry": 1.0, "other": 0.0, "not_stated": None}
_ENTRY_WORDS: Words = {
    "entry": {"zh": "起始年级", "en": "entry grade"},
    "other": {"zh": "其他年级", "en": "other grades"},
    "not_stated": {"zh": "未注明是否起始年级", "en": "entry grade or not: not stated"},
}


def _failing(check: Check) -> list[Case]:
    return [case for case in check.cases if case.verdict is Verdict.NOT_MET]


def _short_of_share(evaluation: Evaluation, finding: Finding, rule: Rule, lang: Language) -> Iterator[Points]:
    """Yield by how many a share of counts misses its limit."""
    if not isinstance(rule, ShareAtLeast):
        return
    county, measure = County(evaluation), evaluation.standard.measures[rule.share]
    check = next(one for one in finding.checks if one.id == rule.share)
    quotient = measure.quotient
    if check.verdict is not Verdict.NOT_MET or quotient is None or len(quotient.part) > 1:
        return
    part = county.fact(quotient.part[0])
    whole = sum(sign * county.fact(name).value for sign, name in split_terms(quotient.whole))
    if np.isnan(part.value) or np.isnan(whole) or part.unit is None:
        return
    missing = math.ceil(rule.at_least * Decimal(int(whole))) - int(part.value)
    unit = part.unit.said(lang)
    words = {"zh": f"{check.title.zh}：还差{missing}{unit}", "en": f"{check.title.en}: short by {missing} {unit}"}
    yield Points((words[lang],))


def _cases(evaluation: Evaluation, finding: Finding, rule: Rule, lang: Language) -> Iterator[Grid]:
    """Yield the schools and classes that fail, what was found, what is required, and the difference."""
    if isinstance(rule, SectionsComply):
        return
    header: dict[Language, tuple[str, ...]] = {
        "zh": ("对象", "现状", "要求", "差额"),
        "en": ("who", "found", "required", "difference"),
    }
    for check in finding.checks:
        rows = tuple(
            (
                case.name.said(lang),
                check.figure(lang, case),
                check.wanted(lang, required=case.required),
                _difference(evaluation, rule, check, case, lang),
            )
            for case in _failing(check)
        )
        if rows and check.table:
            yield Grid(header[lang], rows, caption=check.title.said(lang))


def _difference(evaluation: Evaluation, rule: Rule, check: Check, case: Case, lang: Language) -> str:
    if isinstance(rule, SchoolShareAtLeast) and check.id == rule.part:
        county = County(evaluation)
        row = county.school_row(case.school)
        part, whole = county.input("schools", rule.part, row), county.input("schools", rule.whole, row)
        missing = plain(float(math.ceil(rule.at_least * Decimal(repr(whole.value)) - Decimal(repr(part.value)))))
        unit = part.unit.said(lang) if part.unit else ""
        return f"{missing}{unit}" if lang == "zh" else f"{missing} {unit}"
    if check.form == "level" or math.isnan(case.observed):
        return "–"
    unit = check.unit.said(lang) if check.unit else ""
    figure = printed(abs(case.observed - case.required), check.form, check.precision, lang)
    return f"{figure}{unit}" if lang == "zh" else f"{figure} {unit}".strip()

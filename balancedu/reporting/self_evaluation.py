"""自查自评报告: the report that a county writes about itself, item by item, in the order of the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from balancedu.core.fields import Language
from balancedu.core.model import Indicator
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Item
from balancedu.document import Block, Document, Grid, Heading, Paragraph, Placeholder, Points
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.findings import Finding, asked, strictly
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.wording import beside
from balancedu.explaining.rounding import rounding_flags
from balancedu.reporting.pieces import (
    Words,
    conclusion,
    county_facts,
    doubts,
    indicator_conclusion,
    measures_needed,
    narrative,
    noted,
    pictures,
    school_counts,
    years,
)

NONE: Mapping[str, Evaluation] = MappingProxyType({})
WORDS: Words = {
    "title": {"zh": "自查自评报告", "en": "Self-evaluation"},
    "basic": {"zh": "基本情况", "en": "Basic facts"},
    "results": {"zh": "自查自评情况", "en": "Results"},
    "wording": {"zh": "要求", "en": "Requirement"},
    "figures": {"zh": "数据", "en": "Figures"},
    "done": {"zh": "主要做法及成效", "en": "What was done, and with what effect"},
    "evidence": {"zh": "佐证材料", "en": "Evidence"},
    "conclusion": {"zh": "自评结论", "en": "Conclusion"},
    "problems": {"zh": "存在的问题及下一步工作措施", "en": "Problems and measures"},
    "write": {"zh": "【待填写】主要做法及成效", "en": "[to be written] what was done, and with what effect"},
    "honours": {
        "zh": "【待填写】区域概况、创建历程和所获荣誉",
        "en": "[to be written] the county, its way so far and its honours",
    },
    "measures": {
        "zh": "【待填写】整改措施、责任单位和完成时限",
        "en": "[to be written] measures, who is responsible, by when",
    },
    "relief": {"zh": "放宽", "en": "Relief"},
    "whole": {"zh": "总体结论", "en": "Overall conclusion"},
    "no_problem": {
        "zh": "本次计算没有发现未达标或待定的项目。",
        "en": "The evaluation found nothing that is not met or unknown.",
    },
    "not_met": {"zh": "未达标的项目", "en": "What is not met"},
    "unknown": {
        "zh": "待定的项目（数据未填报，不作结论）",
        "en": "What is unknown (not reported, so nothing is concluded)",
    },
    "rounding": {"zh": "取整会改变的判定", "en": "Decisions that rounding would change"},
    "sections": {"zh": "各学部情况", "en": "The sections"},
}


def self_evaluation(evaluation: Evaluation, lang: Language, known: Mapping[str, Evaluation] = NONE) -> Document:
    """Return the report of one county; `known` holds its evaluations by year where there are several."""
    standard = evaluation.standard
    county = wording.county_named(evaluation.submission, evaluation.counties[0], lang, on_paper=True)
    return Document(
        title=f"{standard.title.said(lang)}{'' if lang == 'zh' else ': '}{WORDS['title'][lang]}",
        subtitle=f"{county}　{standard.documents}",
        lang=lang,
        blocks=(*noted(standard, lang), *_blocks(evaluation, lang, known)),
    )


def _blocks(evaluation: Evaluation, lang: Language, known: Mapping[str, Evaluation]) -> Iterator[Block]:
    yield Heading(_numbered(1, WORDS["basic"][lang], lang))
    yield Paragraph(county_facts(evaluation, lang))
    yield school_counts(evaluation, lang)
    yield Placeholder(WORDS["honours"][lang])
    yield Heading(_numbered(2, WORDS["results"][lang], lang))
    for number, (part, verdict) in enumerate(evaluation.parts.items(), 1):
        declared = evaluation.standard.parts[part]
        yield Heading(f"（{_ZH[number]}）{declared.title.zh}" if lang == "zh" else f"{number}. {declared.title.en}", 2)
        for indicator in declared.indicators:
            yield from _indicator(evaluation, indicator, lang)
        for item in declared.items:
            yield from _item(evaluation, evaluation.items[item.id], item, lang)
        yield conclusion(declared.title.said(lang), verdict, verdict.said(lang) + _strictly(evaluation, part, lang))
    if known:
        yield from years(known, lang)
    yield Heading(_numbered(3, WORDS["problems"][lang], lang))
    yield from _problems(evaluation, lang)
    yield Heading(_numbered(4, WORDS["whole"][lang], lang))
    for strict in evaluation.changed_by_relief.values():
        yield Paragraph(f"{strict.item.id} {strictly(strict, lang)}", WORDS["relief"][lang])
    told = evaluation.verdict.said(lang) + _strictly(evaluation, None, lang)
    yield conclusion(WORDS["whole"][lang], evaluation.verdict, told)


def _strictly(evaluation: Evaluation, part: str | None, lang: Language) -> str:
    """Return what a part, or the county, comes to without relief, where that differs."""
    if evaluation.strict is None:
        return ""
    if part is None:
        return beside(evaluation.verdict, evaluation.strict.verdict, lang)
    return beside(evaluation.parts[part], evaluation.strict.parts.get(part), lang)


def _indicator(evaluation: Evaluation, indicator: Indicator, lang: Language) -> Iterator[Block]:
    yield Heading(f"{indicator.id} {indicator.title.said(lang)}", 3)
    if limits := _limits(evaluation, indicator, lang):
        yield Paragraph(limits, WORDS["wording"][lang])
    yield _indicator_grid(evaluation, indicator, lang)
    yield from narrative(evaluation, (indicator.id,), lang)
    yield Placeholder(WORDS["write"][lang])
    yield from indicator_conclusion(evaluation, indicator, WORDS["conclusion"][lang], lang)


def _limits(evaluation: Evaluation, indicator: Indicator, lang: Language) -> str:
    told = []
    for stage in evaluation.stages:
        limit, title = indicator.thresholds[stage], evaluation.standard.head.stage_titles[stage].said(lang)
        checks = [check for item in evaluation.items.values() for check in item.checks]
        spread = next((check for check in checks if check.id == f"{indicator.id}.{stage}"), None)
        if limit is None:
            continue
        unit = indicator.unit.said(lang)
        most = limit_printed(spread.required, "coefficient", lang) if spread else ""
        if lang == "zh":
            told.append(f"{title}达到{limit.value:f}{unit}以上" + (f"，校际差异系数不大于{most}" if spread else ""))
        else:
            told.append(
                f"{title} at least {limit.value:f} {unit}" + (f", coefficient at most {most}" if spread else "")
            )
    if not told:
        return ""
    return ("；".join(told) + "。") if lang == "zh" else "; ".join(told) + "."


def _indicator_grid(evaluation: Evaluation, indicator: Indicator, lang: Language) -> Grid:
    words = {
        "zh": ("达到标准", "不低于底线", "低于底线", "待定"),
        "en": ("at the standard", "at the floor", "below", "unknown"),
    }[lang]
    first, last = {
        "zh": (("学段", "学部数"), ("全县平均", "差异系数")),
        "en": (("stage", "sections"), ("mean", "coefficient")),
    }[lang]
    position, precision = evaluation.indicators.index(indicator.id), evaluation.standard.head.precision
    unknown = Verdict.UNKNOWN.said(lang)
    standings = dict(zip((2, 1, 0, -1), words, strict=True)) if indicator.at_least else {}
    header = (*first, *standings.values(), *last)
    rows = []
    for n, stage in enumerate(evaluation.stages):
        here = evaluation.standing[evaluation.sections["stage"] == stage, position]
        mean, cv = float(evaluation.mean[0, n, position]), float(evaluation.cv[0, n, position])
        rows.append(
            (
                evaluation.standard.head.stage_titles[stage].said(lang),
                str(here.size),
                *(str(int((here == code).sum())) for code in standings),
                ("–" if not here.size else unknown) if np.isnan(mean) else printed(mean, "value", precision, lang),
                ("–" if not here.size else unknown) if np.isnan(cv) else _coefficient(evaluation, indicator, stage, cv),
            )
        )
    return Grid(header, tuple(rows), caption=f"{indicator.id} {indicator.name.said(lang)}")


def _coefficient(evaluation: Evaluation, indicator: Indicator, stage: str, cv: float) -> str:
    checks = [check for item in evaluation.items.values() for check in item.checks]
    limit = next((check.required for check in checks if check.id == f"{indicator.id}.{stage}"), np.nan)
    return printed(cv, "coefficient", evaluation.standard.head.precision, "zh", limit)


def _item(evaluation: Evaluation, finding: Finding, item: Item, lang: Language) -> Iterator[Block]:
    yield Heading(f"{item.id} {item.name.said(lang)}", 3)
    yield Paragraph(asked(item, lang), WORDS["wording"][lang])
    yield Paragraph(finding.grounds(lang), WORDS["figures"][lang])
    if strict := evaluation.changed_by_relief.get(item.id):
        yield Paragraph(strictly(strict, lang), WORDS["relief"][lang])
    reported = measures_needed(evaluation, item.id, lang)
    if reported:
        yield Points(reported)
    yield from pictures(evaluation, item, lang)
    if not any(isinstance(rule, SectionsComply | SpreadWithin | CompositeWithin) for rule in item.rules):
        yield from narrative(evaluation, (item.id,), lang)
        yield Placeholder(WORDS["write"][lang])
    yield conclusion(WORDS["conclusion"][lang], finding.verdict, finding.verdict.said(lang))


_ZH = "〇一二三四五六七八九十"


def _problems(evaluation: Evaluation, lang: Language) -> Iterator[Block]:
    found = evaluation.items.values()
    failing = [one for one in found if one.verdict is Verdict.NOT_MET]
    unknown = [one for one in found if one.verdict is Verdict.UNKNOWN]
    if not failing and not unknown:
        yield Paragraph(WORDS["no_problem"][lang])
    for word, findings in (("not_met", failing), ("unknown", unknown)):
        if findings:
            yield Paragraph("", WORDS[word][lang])
            yield Points(tuple(f"{one.item.id} {one.item.name.said(lang)}　{one.grounds(lang)}" for one in findings))
    sections = [
        f"{section.said(lang)}　{('；' if lang == 'zh' else '; ').join(lack.said(lang) for lack in section.lacks)}"
        for section in evaluation.failing_sections()
    ]
    if sections:
        yield Paragraph("", WORDS["sections"][lang])
        yield Points(tuple(sections))
    flags = rounding_flags(evaluation)
    if flags:
        yield Paragraph("", WORDS["rounding"][lang])
        yield Points(tuple(flag.said(lang) for flag in flags))
    yield from doubts(evaluation, lang)
    yield Placeholder(WORDS["measures"][lang])


def _numbered(number: int, title: str, lang: Language) -> str:
    return f"{_ZH[number]}、{title}" if lang == "zh" else f"{number}. {title}"

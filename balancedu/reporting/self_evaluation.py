"""自查自评报告: the report of a county about itself, in the order of the standard, in sentences with figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from balancedu.core.fields import Stage
from balancedu.core.model import Indicator
from balancedu.core.rules import SectionsComply, SpreadWithin
from balancedu.core.standard import Item, Part, narrative_entries
from balancedu.core.words import SEMICOLON
from balancedu.document import Block, Document, Grid, Heading, PageBreak, Paragraph
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.plan.result import Plan
from balancedu.reporting.pieces import (
    REPORTED,
    conclusion,
    county_name,
    county_text,
    doubts,
    heading,
    item_relief,
    law_paragraph,
    numbered,
    pictures,
    place,
    relief_paragraphs,
    signature,
    written,
    years,
)
from balancedu.reporting.problems import assigned, measure_paragraphs, problem_paragraphs, problems
from balancedu.reporting.sentences import (
    conclusion_text,
    indicator_sentences,
    indicator_verdict,
    is_veto,
    item_sentence,
    part_conclusion,
    sections_of,
)
from balancedu.reporting.tasks import money_grid, tasks_of
from balancedu.text import Language, Phrase

RESULT = {"zh": "自评结论", "en": "Conclusion"}


def self_evaluation(
    evaluation: Evaluation,
    lang: Language,
    plan: Plan | None = None,
    known: Mapping[str, Evaluation] = MappingProxyType({}),
) -> Document:
    """Return the report of one county; `known` holds its evaluations by year where there are several."""
    name, kind = county_name(evaluation, lang)
    title = {
        "zh": f"{name}创建全国义务教育优质均衡发展{kind}自查自评报告",
        "en": f"{name}: self-evaluation of quality and balanced compulsory education",
    }[lang]
    return Document(title, "", lang, tuple(_blocks(evaluation, lang, known, plan)))


def _blocks(
    evaluation: Evaluation, lang: Language, known: Mapping[str, Evaluation], plan: Plan | None
) -> Iterator[Block]:
    result = problems(evaluation)
    yield law_paragraph(evaluation, lang, {"zh": "自查自评", "en": "evaluated itself"}[lang], REPORTED[lang])
    yield from relief_paragraphs(evaluation, lang)
    yield heading(1, {"zh": "基本情况", "en": "Basic facts"}[lang], 1, lang)
    yield Paragraph(county_text(evaluation, lang))
    yield place(evaluation, "overview", lang)
    yield heading(2, {"zh": "自查自评情况", "en": "Results"}[lang], 1, lang)
    for number, (part_id, verdict) in enumerate(evaluation.parts.items(), 1):
        yield from _part(evaluation, evaluation.standard.parts[part_id], number, verdict, lang)
    yield heading(3, {"zh": "存在的问题", "en": "Problems"}[lang], 1, lang)
    yield from problem_paragraphs(evaluation, result, lang)
    yield place(evaluation, "problems", lang)
    yield from doubts(evaluation, lang)
    yield heading(4, {"zh": "下一步工作措施", "en": "Measures"}[lang], 1, lang)
    yield from measure_paragraphs(evaluation, result, lang, assigned(result, tasks_of(plan))[0])
    if plan is not None and plan.steps:
        yield money_grid(tasks_of(plan), evaluation.standard, lang)
    yield place(evaluation, "measures", lang)
    yield heading(5, {"zh": "总体结论", "en": "Overall conclusion"}[lang], 1, lang)
    yield conclusion(RESULT[lang], evaluation.verdict, conclusion_text(evaluation.verdict, lang), lang)
    yield from signature(evaluation, lang)
    yield from _annexes(evaluation, lang, known)


def _part(evaluation: Evaluation, part: Part, number: int, verdict: Verdict, lang: Language) -> Iterator[Block]:
    yield heading(number, part.title.text(lang), 2, lang)
    count = 0
    for count, indicator in enumerate(part.indicators, 1):
        yield heading(count, requirement_of(evaluation, indicator, lang), 3, lang)
        yield Paragraph(indicator_sentences(evaluation, indicator, lang))
        yield from _narrative(evaluation, indicator.id, lang)
        own = indicator_verdict(evaluation, indicator)
        yield conclusion(RESULT[lang], own, conclusion_text(own, lang), lang)
    for n, item in enumerate(part.items, count + 1):
        if is_veto(part):
            yield numbered(n, item_sentence(evaluation, part, item, lang), lang)
            continue
        yield heading(n, item.title.text(lang), 3, lang)
        yield Paragraph(item_sentence(evaluation, part, item, lang))
        yield from item_relief(evaluation, item.id, lang)
        if not _is_computed(item):
            yield from _narrative(evaluation, item.id, lang)
        own = evaluation.items[item.id].verdict
        yield conclusion(RESULT[lang], own, conclusion_text(own, lang), lang)
    yield conclusion(part.title.text(lang), verdict, part_conclusion(part, verdict, lang), lang)


def _is_computed(item: Item) -> bool:
    return any(isinstance(rule, SectionsComply | SpreadWithin) for rule in item.rules)


def requirement_of(evaluation: Evaluation, indicator: Indicator, lang: Language) -> str:
    """Return what is required of an indicator, as the standard writes it."""
    checks = [check for finding in evaluation.items.values() for check in finding.checks]
    limits, spreads = [], []
    for stage in evaluation.stages:
        title = evaluation.standard.head.stage_titles[stage].text(lang)
        threshold = None if indicator.instead else indicator.thresholds[stage]
        if threshold:
            limits.append((title, f"{threshold.value:f}{indicator.unit.text(lang)}"))
        check = next((entry for entry in checks if entry.indicators == (indicator.id,) and entry.stage == stage), None)
        if check:
            spreads.append((title, limit_printed(check.required, "coefficient", lang)))
    name = indicator.title.text(lang)
    if lang == "zh":
        values = list(dict.fromkeys(value for _, value in limits))
        if len(values) == 1 and len(limits) > 1:
            limits = [("、".join(title for title, _ in limits) + "均", values[0])]
        titles, bounds = "、".join(title for title, _ in limits), "、".join(value for _, value in limits)
        reaches = f"不超过{bounds}" if indicator.at_most else f"达到{bounds}以上"
        result = [f"{titles}{'分别' * (len(limits) > 1)}{reaches}"] * bool(limits)
        result += [evaluation.standard.words.standard(indicator).zh] * bool(indicator.instead)
        result += ["，".join(f"{title}校际差异系数不大于{value}" for title, value in spreads)] * bool(spreads)
        return f"{name}：{'；'.join(result)}" if result else name
    relation = "at most" if indicator.at_most else "at least"
    result = [", ".join(f"{title} {relation} {value}" for title, value in limits)] * bool(limits)
    result += [evaluation.standard.words.standard(indicator).en] * bool(indicator.instead)
    result += [", ".join(f"{title} coefficient at most {value}" for title, value in spreads)] * bool(spreads)
    return f"{name}: {'; '.join(result)}" if result else name


def _narrative(evaluation: Evaluation, entry: str, lang: Language) -> Iterator[Block]:
    yield place(evaluation, f"{entry}.practice", lang)
    evidence = _evidence(evaluation, entry)
    if evidence:
        yield Paragraph(SEMICOLON.text(lang).join(evidence), Phrase("佐证材料", "Evidence").text(lang))


def _evidence(evaluation: Evaluation, entry: str) -> list[str]:
    """Return the evidence that the county names for an entry and for the figures that it needs, each once."""
    evidence, county = evaluation.submission.evidence, evaluation.counties[0]
    of_figures = [
        evidence.get((county, measure.column), "")
        for measure in evaluation.standard.table_measures("facts").values()
        if entry in measure.needed_by
    ]
    return list(dict.fromkeys(text for text in (written(evaluation, f"{entry}.evidence"), *of_figures) if text))


def _annexes(evaluation: Evaluation, lang: Language, known: Mapping[str, Evaluation]) -> Iterator[Block]:
    yield PageBreak()
    yield _annex(1, Phrase("各校指标值", "Values of all schools"), lang)
    for stage in evaluation.stages:
        if sections_of(evaluation, stage):
            yield section_grid(evaluation, stage, lang)
    yield _annex(2, _SPREAD, lang)
    yield spread_grid(evaluation, lang)
    yield _annex(3, Phrase("图", "Pictures"), lang)
    yield from pictures(evaluation, lang)
    if known:
        yield from years(known, lang)
    yield _annex(4, _EVIDENCE, lang)
    yield _evidence_grid(evaluation, lang)


def _annex(number: int, title: Phrase, lang: Language) -> Heading:
    return Heading((Phrase(f"附件{number}　", f"Annex {number}: ") + title).text(lang), 1)


_SPREAD = Phrase("校际差异系数", "Coefficients of variation")
_EVIDENCE = Phrase("佐证材料清单", "Evidence")


def section_grid(evaluation: Evaluation, stage: Stage, lang: Language) -> Grid:
    """Return the values of all schools of a stage."""
    precision = evaluation.standard.head.precision
    indicators = evaluation.standard.indicators.values()
    header = ({"zh": "学校", "en": "school"}[lang], *(indicator.name.text(lang) for indicator in indicators))
    rows = []
    for section in sections_of(evaluation, stage):
        values = [printed(section.values[indicator.id], "value", precision, lang) for indicator in indicators]
        rows.append([section.text(lang), *values])
    title = evaluation.standard.head.stage_titles[stage].text(lang)
    return Grid(header, rows, caption={"zh": f"{title}各校指标值", "en": f"Values, {title}"}[lang])


def spread_grid(evaluation: Evaluation, lang: Language) -> Grid:
    """Return mean and coefficient of each indicator and stage."""
    precision = evaluation.standard.head.precision
    titles = [evaluation.standard.head.stage_titles[stage].text(lang) for stage in evaluation.stages]
    words = {"zh": ("平均值", "差异系数"), "en": (" mean", " coefficient")}[lang]
    header = [{"zh": "指标", "en": "indicator"}[lang], *(title + word for title in titles for word in words)]
    rows = []
    for n, indicator in enumerate(evaluation.standard.indicators.values()):
        row = [indicator.title.text(lang)]
        for position in range(len(evaluation.stages)):
            mean, cv = float(evaluation.mean[0, position, n]), float(evaluation.cv[0, position, n])
            row += ["–" if np.isnan(mean) else printed(mean, "value", precision, lang)]
            row += ["–" if np.isnan(cv) else printed(cv, "coefficient", precision, lang)]
        rows.append(row)
    return Grid(header, rows, caption=_SPREAD.text(lang))


def _evidence_grid(evaluation: Evaluation, lang: Language) -> Grid:
    """Return the evidence of each indicator and item for which some is named or asked; what is missing is marked."""
    header = {"zh": ("项目", "佐证材料"), "en": ("item", "evidence")}[lang]
    missing = {"zh": "（待补充）", "en": "(missing)"}[lang]
    asked = {entry for measure in evaluation.standard.table_measures("facts").values() for entry in measure.needed_by}
    rows = []
    for entry, title in narrative_entries(evaluation.standard).items():
        evidence = _evidence(evaluation, entry)
        if evidence or entry in asked:
            rows.append([title.text(lang), SEMICOLON.text(lang).join(evidence) or missing])
    return Grid(header, rows, texts=2, caption=_EVIDENCE.text(lang))

"""A page for the leaders, and the skeleton of an implementation plan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from balancedu.core.standard import GENERAL
from balancedu.core.words import COMMA, STOP, joined
from balancedu.document import Block, Document, Grid, Paragraph, Picture
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.plan.result import Plan
from balancedu.reporting.pieces import conclusion, county_name, county_text, heading, law_paragraph, place, signature
from balancedu.reporting.problems import LARGE_CLASS, LARGE_SCHOOL, Problem, assigned, measure_paragraphs, problems
from balancedu.reporting.sentences import conclusion_text
from balancedu.reporting.tasks import cost_blocks, money_grid, tasks_of
from balancedu.reporting.terminal import summary
from balancedu.text import Language, Phrase

_MOST = 5
"""How many problems a page for the leaders lists."""
_MOST_SCHOOLS = 15
"""How many sections its heat map shows, those with most to do first."""


def brief(evaluation: Evaluation, lang: Language, plan: Plan | None = None) -> Document:
    """Return one page: verdict, the numbers that matter, problems, schools by indicator, money."""
    name, _ = county_name(evaluation, lang)
    title = {"zh": f"{name}义务教育优质均衡发展情况简报", "en": f"{name}: brief"}[lang]
    return Document(title, "", lang, tuple(_brief(evaluation, lang, plan)))


def _brief(evaluation: Evaluation, lang: Language, plan: Plan | None) -> Iterator[Block]:
    result = problems(evaluation)
    label = {"zh": "总体结论", "en": "Conclusion"}[lang]
    yield conclusion(label, evaluation.verdict, conclusion_text(evaluation.verdict, lang), lang)
    yield Paragraph(summary(evaluation, lang) + STOP.text(lang))
    yield Paragraph(_numbers(evaluation, result, lang))
    if result:
        yield _problem_grid(result, lang)
    if plan is not None and plan.steps:
        yield money_grid(tasks_of(plan), evaluation.standard, lang)
    if evaluation.section_verdicts.size:
        from balancedu import plots

        rows = min(evaluation.section_verdicts.size, _MOST_SCHOOLS)
        caption = {"zh": "各校指标达标情况", "en": "Schools by indicator"}[lang]
        yield Picture(
            caption,
            summary(evaluation, lang),
            partial(plots.heatmap, evaluation, most=_MOST_SCHOOLS, lang=lang),
            (6.4, 1.0 + 0.13 * rows),
        )


def _numbers(evaluation: Evaluation, result: tuple[Problem, ...], lang: Language) -> str:
    verdicts = evaluation.section_verdicts
    met, total = int((verdicts == Verdict.MET.code).sum()), verdicts.size
    large = [sum(problem.kind == kind for problem in result) for kind in (LARGE_SCHOOL, LARGE_CLASS)]
    costs = [problem.cost for problem in result if not math.isnan(problem.cost)]
    if lang == "zh":
        money = f"；已可测算的资金缺口{sum(costs) / 1e4:g}万元（不含校舍、师资）" if costs else ""
        schools = f"资源配置达标学校{met}所，共{total}所（小学部、初中部分别计算）"
        return f"{schools}；大校额学校{large[0]}所，大班额{large[1]}个{money}。"
    money = f"; money that can be counted: {sum(costs):,.0f} yuan (without buildings and teachers)" if costs else ""
    return f"{met} of {total} schools meet the resources; too large: {large[0]} schools, {large[1]} classes{money}."


def _problem_grid(result: tuple[Problem, ...], lang: Language) -> Grid:
    """Return the problems by how many schools have them."""
    kinds: dict[Phrase, list[Problem]] = {}
    for problem in result:
        kinds.setdefault(problem.kind, []).append(problem)
    largest = sorted(kinds.items(), key=lambda entry: -len(entry[1]))
    rows = [
        [
            kind.text(lang),
            str(len(group)),
            joined(COMMA, (value.who for value in group[:3])).text(lang),
        ]
        for kind, group in largest[:_MOST]
    ]
    header = {"zh": ("存在问题", "处数", "涉及学校（列前3所）"), "en": ("problem", "number", "schools (first 3)")}[lang]
    caption = {"zh": "主要问题", "en": "Main problems"}[lang]
    return Grid(header, rows, texts=3, caption=caption)


def implementation(evaluation: Evaluation, lang: Language, plan: Plan | None = None) -> Document:
    """Return the skeleton of an implementation plan with goals, key tasks, amounts and costs by year."""
    name, kind = county_name(evaluation, lang)
    title = Phrase(f"{name}创建全国义务教育优质均衡发展{kind}实施方案", f"{name}: implementation plan").text(lang)
    return Document(title, "", lang, tuple(_implementation(evaluation, lang, plan)))


def _implementation(evaluation: Evaluation, lang: Language, plan: Plan | None) -> Iterator[Block]:
    result = problems(evaluation)
    tasks, rest = assigned(result, tasks_of(plan))
    did = Phrase("自查，结合实际制定本方案", "made this plan").text(lang)
    yield law_paragraph(evaluation, lang, did, STOP.text(lang))
    yield heading(1, GENERAL["principles"].text(lang), 1, lang)
    yield place(evaluation, "principles", lang)
    yield heading(2, GENERAL["goals"].text(lang), 1, lang)
    yield Paragraph(county_text(evaluation, lang))
    if kinds := joined(COMMA, dict.fromkeys(problem.kind for problem in result)):
        yield Paragraph((Phrase("消除以下问题：", "Put an end to: ") + kinds + STOP).text(lang))
    yield place(evaluation, "goals", lang)
    yield heading(3, {"zh": "重点任务", "en": "Key tasks"}[lang], 1, lang)
    number = 0
    for part in evaluation.standard.parts.values():
        if here := tuple(problem for problem in result if problem.part == part.title):
            number += 1
            yield heading(number, part.title.text(lang), 2, lang)
            yield from measure_paragraphs(evaluation, here, lang, tasks)
    if not result:
        yield Paragraph({"zh": "巩固现有成果，防止反弹。", "en": "Keep what was reached."}[lang])
    yield heading(4, GENERAL["steps"].text(lang), 1, lang)
    yield place(evaluation, "steps", lang)
    if plan is not None and plan.steps:
        yield from cost_blocks(evaluation, plan, rest, lang)
    yield heading(5, GENERAL["support"].text(lang), 1, lang)
    yield place(evaluation, "support", lang)
    yield from signature(evaluation, lang)

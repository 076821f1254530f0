"""整改方案: the problems of a county part by part, with schools and amounts, and the measures against them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats
from balancedu.core.rules import ClassSize, SectionsComply
from balancedu.document import Block, Document, Grid
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.findings import Check
from balancedu.evaluation.verdict import Verdict
from balancedu.judging.rules import of_types
from balancedu.planning.plan.result import Plan
from balancedu.reporting.pieces import (
    REPORTED,
    county_name,
    doubts,
    heading,
    law_paragraph,
    place,
    relief_paragraphs,
    signature,
)
from balancedu.reporting.problems import Problem, assigned, measure_paragraphs, problem_paragraphs, problems
from balancedu.reporting.tasks import cost_blocks, tasks_of
from balancedu.text import Language

_WHAT: dict[Language, str] = {"zh": "自查，并针对存在的问题制定整改措施", "en": "lists its problems"}


def rectification(evaluation: Evaluation, lang: Language, plan: Plan | None = None) -> Document:
    """Return the rectification plan of one county, with the amounts and years of a plan where one is given."""
    name, _ = county_name(evaluation, lang)
    title = {"zh": f"{name}义务教育优质均衡发展整改工作方案", "en": f"{name}: what is to be put right"}[lang]
    return Document(title, "", lang, tuple(_blocks(evaluation, lang, plan)))


def _blocks(evaluation: Evaluation, lang: Language, plan: Plan | None) -> Iterator[Block]:
    result = problems(evaluation)
    tasks, rest = assigned(result, tasks_of(plan))
    yield law_paragraph(evaluation, lang, _WHAT[lang], REPORTED[lang])
    yield from relief_paragraphs(evaluation, lang)
    number = 0
    for part in evaluation.standard.parts.values():
        here = tuple(problem for problem in result if problem.part == part.title)
        if not here:
            continue
        number += 1
        yield heading(number, part.title.text(lang) + ("方面" if lang == "zh" else ""), 1, lang)
        yield heading(1, {"zh": "存在问题", "en": "Problems"}[lang], 2, lang)
        yield from problem_paragraphs(evaluation, here, lang)
        yield from _tables(evaluation, here, lang)
        yield heading(2, {"zh": "整改措施", "en": "Measures"}[lang], 2, lang)
        yield from measure_paragraphs(evaluation, here, lang, tasks)
    if not result:
        yield from problem_paragraphs(evaluation, result, lang)
    yield place(evaluation, "measures", lang)
    if plan is not None and plan.steps:
        yield heading(number + 1, {"zh": "投入测算", "en": "Costs"}[lang], 1, lang)
        yield from cost_blocks(evaluation, plan, rest, lang)
    yield from doubts(evaluation, lang)
    yield from signature(evaluation, lang)


def _tables(evaluation: Evaluation, here: tuple[Problem, ...], lang: Language) -> Iterator[Grid]:
    items = {problem.item for problem in here}
    for item in evaluation.standard.items.values():
        for rule in item.rules:
            if item.id in items and isinstance(rule, SectionsComply):
                yield _shares(evaluation, lang)
            classes = len(evaluation.record.basis.submission.tables["classes"])
            if item.id in items and isinstance(rule, ClassSize) and classes:
                yield _large_classes(evaluation, rule, evaluation.items[item.id].checks[0], lang)


def _shares(evaluation: Evaluation, lang: Language) -> Grid:
    """Return for each indicator how many schools of each stage are below the standard, and their share."""
    precision = evaluation.standard.head.precision
    header = [{"zh": "指标", "en": "indicator"}[lang]]
    words = {"zh": ("不达标校数", "不达标比例", "缺报校数"), "en": (" below", " share", " not reported")}[lang]
    for stage in evaluation.stages:
        header += [evaluation.standard.head.stage_titles[stage].text(lang) + word for word in words]
    rows = []
    for n, indicator in enumerate(evaluation.standard.indicators.values()):
        row = [indicator.title.text(lang)]
        for stage in evaluation.stages:
            standing = evaluation.standing[evaluation.sections["stage"] == stage, n]
            below, unknown = int(((standing == 0) | (standing == 1)).sum()), int((standing == -1).sum())
            share = printed(below / standing.size, "percent", precision, lang) if standing.size else "–"
            # Where values are missing the share is only the least that it can be.
            row += [str(below), f"{'≥' if unknown and standing.size else ''}{share}", str(unknown)]
        rows.append(row)
    caption = {"zh": "各项指标不达标学校的数量和比例", "en": "Schools below each standard"}[lang]
    return Grid(header, rows, caption=caption)


def _large_classes(evaluation: Evaluation, rule: ClassSize, check: Check, lang: Language) -> Grid:
    """Return how many classes are too large by stage and entry grade, from the cases that decided."""
    submission = evaluation.record.basis.submission
    classes = submission.tables["classes"]
    here = of_types(evaluation.record.basis, rule.types)[classes.school]
    entry, stages = (
        classes.numbers("entry_grade"),
        [value.id for value in evaluation.standard.measures["classes.stage"].values],
    )
    cases = {
        verdict: {case.row: case for case in check.failing(verdict)} for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN)
    }
    rows = []
    for stage in evaluation.stages:
        of_stage = here & (classes.choices("stage") == stages.index(stage))
        for title, group in _by_entry(of_stage, entry, lang):
            members = set(np.flatnonzero(group).tolist())
            large = [case for row, case in cases[Verdict.NOT_MET].items() if row in members]
            missing = sum(row in members for row in cases[Verdict.UNKNOWN])
            limits = sorted({f"{case.required:g}" for case in large})
            share = printed(len(large) / len(members), "percent", check.precision, lang)
            name = evaluation.standard.head.stage_titles[stage].text(lang) + title
            share = f"{'≥' if missing else ''}{share}"
            rows.append([name, "、".join(limits) or "–", str(len(members)), str(len(large)), share, str(missing)])
    header: dict[Language, tuple[str, ...]] = {
        "zh": ("学段和年级", "班额上限", "班数", "大班额数", "占比", "人数缺报班数"),
        "en": ("stage and grade", "limit", "classes", "too large", "share", "not reported"),
    }
    return Grid(header[lang], rows, caption={"zh": "大班额情况", "en": "Classes that are too large"}[lang])


def _by_entry(group: NDArray[np.bool_], entry: Floats, lang: Language) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the classes of entry grades, of others and of those not stated, where there are any."""
    if np.isnan(entry[group]).all() and group.any():
        yield "", group
        return
    titles: dict[Language, tuple[str, str, str]] = {
        "zh": ("起始年级", "其他年级", "（未注明是否起始年级）"),
        "en": (", entry grade", ", other grades", ", grade not stated"),
    }
    for title, members in zip(titles[lang], (entry == 1, entry == 0, np.isnan(entry)), strict=True):
        if (group & members).any():
            yield title, group & members

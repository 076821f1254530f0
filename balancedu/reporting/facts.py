"""Pieces that several reports share: what the tables add up to, what the county reported, the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from balancedu.core.model import Language, Stage
from balancedu.core.rules import ClassSize, CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Item
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED
from balancedu.explaining.county import County
from balancedu.reporting.document import Block, Grid, Paragraph, Picture, Points


def county_facts(evaluation: Evaluation, lang: Language) -> str:
    """Return how many schools, pupils and sections the tables list; what is not reported is said to be missing."""
    county = County(evaluation)
    schools, standard = evaluation.record.basis.submission.schools, evaluation.standard
    here = np.flatnonzero(schools.county == county.position)
    pupils = []
    for stage, column in standard.head.scope.pupils.items():
        numbers = schools.numbers(column)[here]
        kinds = standard.measures["type"].values
        has = np.array([kinds[n].stages is None or stage in kinds[n].stages for n in schools.choices("type")[here]])
        if stage in evaluation.stages:
            missing = int((np.isnan(numbers) & has & _staged(evaluation, here)).sum())
            pupils.append((standard.head.stage_titles[stage].said(lang), int(np.nansum(numbers)), missing))
    sections = [int((evaluation.sections["stage"] == stage).sum()) for stage in evaluation.stages]
    titles = [standard.head.stage_titles[stage].said(lang) for stage in evaluation.stages]
    if lang == "zh":
        told = [
            f"{title}在校生{count}人" + (f"（另有{left}所学校未填报）" if left else "") for title, count, left in pupils
        ]
        units = "、".join(f"{title}学部{count}个" for title, count in zip(titles, sections, strict=True))
        return f"本次填报学校{here.size}所（含不参加资源配置指标计算的）。{'，'.join(told)}。参加计算的{units}。"
    told = [
        f"{count} {title} pupils" + (f" ({left} schools not reported)" if left else "") for title, count, left in pupils
    ]
    units = " and ".join(f"{count} {title} sections" for title, count in zip(titles, sections, strict=True))
    return f"{here.size} schools were reported, with {', '.join(told)}. {units} are judged by the indicators."


def _staged(evaluation: Evaluation, here: np.ndarray) -> np.ndarray:
    """Return which schools are of types whose stages are declared; others have whatever they report."""
    schools, kinds = evaluation.record.basis.submission.schools, evaluation.standard.measures["type"].values
    return np.array([kinds[n].stages is not None for n in schools.choices("type")[here]], dtype=bool)


def doubts(evaluation: Evaluation, lang: Language) -> Iterator[Block]:
    """Yield what of the figures is hardly as it was meant."""
    if evaluation.warnings:
        head = {"zh": "填报数据中需要核实的（不影响判定）", "en": "Figures to look at again (no verdict is changed)"}
        yield Paragraph("", head[lang])
        yield Points(tuple(one.said(lang) for one in evaluation.warnings))


def school_counts(evaluation: Evaluation, lang: Language) -> Grid:
    """Return the number of schools of each type."""
    county, schools = County(evaluation), evaluation.record.basis.submission.schools
    types = schools.choices("type")[schools.county == county.position]
    kinds = evaluation.standard.measures["type"].values
    rows = [(kind.title.said(lang), str(int((types == n).sum()))) for n, kind in enumerate(kinds) if (types == n).any()]
    header = {"zh": ("学校类型", "所数"), "en": ("type", "schools")}[lang]
    caption = {"zh": "填报的学校", "en": "Schools reported"}[lang]
    return Grid(caption, header, (*rows, ({"zh": "合计", "en": "all"}[lang], str(types.size))), frozenset({1}))


def measures_needed(evaluation: Evaluation, item: str, lang: Language) -> tuple[str, ...]:
    """Return the facts that an item rests on, as reported; those that were not are said to be missing."""
    county, told = County(evaluation), []
    for measure in evaluation.standard.table_measures("facts").values():
        if item in measure.needed_by:
            one = county.fact(measure.column)
            if measure.type == "share" and np.isnan(one.value):
                continue
            colon = "：" if lang == "zh" else ": "
            value = f"{one.value:.2%}" if measure.type == "share" else one.figure(lang)
            told.append(f"{measure.title.said(lang)}{colon}{value}")
    return tuple(told)


def narrative(evaluation: Evaluation, entries: tuple[str, ...], lang: Language) -> Iterator[Paragraph]:
    """Yield the evidence that the county gives for the facts of its items."""
    label = {"zh": "佐证材料", "en": "Evidence"}[lang]
    for measure in evaluation.standard.table_measures("facts").values():
        evidence = evaluation.record.basis.submission.evidence.get((evaluation.counties[0], measure.column))
        if evidence and set(entries) & set(measure.needed_by):
            colon = "：" if lang == "zh" else ": "
            yield Paragraph(f"{measure.title.said(lang)}{colon}{evidence}", label)


def pictures(evaluation: Evaluation, item: Item, lang: Language) -> Iterator[Block]:
    """Yield the pictures that belong to an item."""
    from balancedu import plots

    standard = evaluation.standard
    for rule in item.rules:
        if isinstance(rule, SectionsComply) and evaluation.section_verdicts.size:
            rows = min(evaluation.section_verdicts.size, 60)
            yield Picture(
                {"zh": "各学部指标达标情况", "en": "Sections by indicator"}[lang],
                _counts(evaluation, lang),
                partial(plots.heatmap, evaluation, lang=lang),
                (6.4, 1.2 + 0.22 * max(4, rows)),
            )
        for stage in evaluation.stages:
            title = standard.head.stage_titles[stage].said(lang)
            if isinstance(rule, SectionsComply) and (evaluation.sections["stage"] == stage).any():
                yield Picture(
                    {"zh": f"{title}各学部数值与标准", "en": f"Values against the standard, {title}"}[lang],
                    _counts(evaluation, lang),
                    partial(plots.strip, evaluation, stage=stage, lang=lang),
                    (6.8, 4.0),
                )
            if isinstance(rule, SpreadWithin | CompositeWithin) and (evaluation.sections["stage"] == stage).any():
                yield Picture(
                    {"zh": f"{title}校际差异系数", "en": f"Coefficients of variation, {title}"}[lang],
                    _coefficients(evaluation, stage, lang),
                    partial(plots.spread, evaluation, stage=stage, lang=lang),
                )
                yield from _largest(evaluation, stage, lang)
            if isinstance(rule, ClassSize) and len(evaluation.record.basis.submission.tables["classes"]):
                yield Picture(
                    {"zh": f"{title}班级学生数", "en": f"Class sizes, {title}"}[lang],
                    evaluation.items[item.id].reason(lang),
                    partial(plots.class_sizes, evaluation, stage=stage, lang=lang),
                    (6.4, 2.8),
                )


def _largest(evaluation: Evaluation, stage: Stage, lang: Language) -> Iterator[Picture]:
    """Yield what drives the coefficients that are too large, and their Lorenz curves."""
    from balancedu import plots

    checks = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    for indicator in evaluation.indicators:
        check = checks.get(f"{indicator}.{stage}")
        if check is None or not check.margin < 0:
            continue
        told = evaluation.drivers(indicator, stage)
        yield Picture(
            {"zh": f"{check.title.zh}：差异系数的来源", "en": f"{check.title.en}: what drives the coefficient"}[lang],
            told.said(lang),
            partial(plots.drivers, evaluation, indicator=indicator, stage=stage, lang=lang),
            (6.4, 3.2),
        )
        yield Picture(
            {"zh": f"{check.title.zh}：洛伦兹曲线", "en": f"{check.title.en}: Lorenz curve"}[lang],
            told.said(lang),
            partial(plots.lorenz_curve, evaluation, indicator=indicator, stage=stage, lang=lang),
            (4.3, 4.0),
        )


def _counts(evaluation: Evaluation, lang: Language) -> str:
    total, verdicts = evaluation.section_verdicts.size, evaluation.section_verdicts
    met, unknown = int((verdicts == 2).sum()), int((verdicts == 1).sum())
    if lang == "zh":
        return f"{total}个学部中达标{met}个，待定{unknown}个，未达标{total - met - unknown}个"
    return f"{met} of {total} sections comply, {unknown} are unknown, {total - met - unknown} do not"


def _coefficients(evaluation: Evaluation, stage: Stage, lang: Language) -> str:
    position = list(evaluation.stages).index(stage)
    figures = zip(evaluation.indicators, evaluation.cv[0, position].tolist(), strict=True)
    return "，".join(f"{name} {NOT_REPORTED[lang] if np.isnan(cv) else format(cv, '.3f')}" for name, cv in figures)

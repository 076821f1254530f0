"""Pieces that several reports share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Literal

import numpy as np

from balancedu.core.fields import Language, Stage
from balancedu.core.model import Indicator
from balancedu.core.rules import ClassSize, CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Item, Standard
from balancedu.document import Block, Cell, Grid, Heading, Paragraph, Picture, Points, Tone
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED, printed
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.drivers import drivers
from balancedu.explaining.steps import County

Kind = Literal["self-evaluation", "rectification", "overview"]
Words = dict[str, dict[Language, str]]
_TONES: dict[Verdict, Tone] = {
    Verdict.MET: "met",
    Verdict.NOT_MET: "not_met",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_APPLICABLE: "not_applicable",
}


def noted(standard: Standard, lang: Language) -> tuple[Paragraph, ...]:
    """Return what a reader has to know of the law before the first verdict: overlays, the day, what is not applied."""
    return tuple(Paragraph(note) for note in standard.notes(lang))


def conclusion(label: str, verdict: Verdict, text: str) -> Paragraph:
    """Return a verdict in words, set apart; never without the word itself."""
    return Paragraph(text, label, _TONES[verdict])


def verdict_cell(verdict: Verdict, lang: Language) -> Cell:
    """Return a verdict as a cell; a reader sorts the failing ones to the top."""
    return Cell(verdict.said(lang), _TONES[verdict], key=str(verdict.code))


def indicator_conclusion(
    evaluation: Evaluation, indicator: Indicator, label: str, lang: Language
) -> Iterator[Paragraph]:
    """Yield what the standard says of an indicator by itself: its coefficients, and that no section is below the floor.

    A section may be below the standard in some indicators; whether it complies is decided for it as a whole, in an
    item of its own, which is named. Where the standard says nothing of single indicators, nothing is concluded.
    """
    told: list[tuple[Verdict, str]] = []
    if (spread := _spread(evaluation, indicator)) is not Verdict.NOT_APPLICABLE:
        words = {"zh": f"校际差异系数{spread.said('zh')}", "en": f"coefficient of variation {spread.said('en')}"}
        told.append((spread, words[lang]))
    if indicator.at_least:
        told.append(_floor(evaluation, indicator, lang))
    if told:
        text = ("；" if lang == "zh" else "; ").join(words for _, words in told)
        worst = min((verdict for verdict, _ in told), key=lambda verdict: verdict.code)
        yield conclusion(label, worst, text + _elsewhere(evaluation, lang))


def _spread(evaluation: Evaluation, indicator: Indicator) -> Verdict:
    rules = [one for one in evaluation.items.values() if any(isinstance(r, SpreadWithin) for r in one.item.rules)]
    checks = (check.verdict for one in rules for check in one.checks if check.id.startswith(f"{indicator.id}."))
    worst = Verdict.worst(checks)
    return Verdict.NOT_APPLICABLE if worst is None else worst


def _floor(evaluation: Evaluation, indicator: Indicator, lang: Language) -> tuple[Verdict, str]:
    standing = evaluation.standing[:, evaluation.indicators.index(indicator.id)]
    # Without a rule about sections there is no floor but the standard itself.
    zh, en = ("底线", "floor") if evaluation.standard.section_rule else ("标准", "standard")
    below, unknown = int((standing == 0).sum()), int((standing == -1).sum())
    if not standing.size:
        return Verdict.UNKNOWN, {"zh": "没有参加计算的学部", "en": "no section is judged"}[lang]
    if below:
        return Verdict.NOT_MET, {"zh": f"{below}个学部低于{zh}", "en": f"sections below the {en}: {below}"}[lang]
    if unknown:
        words = {"zh": f"{unknown}个学部是否低于{zh}待定", "en": f"sections not known to reach the {en}: {unknown}"}
        return Verdict.UNKNOWN, words[lang]
    return Verdict.MET, {"zh": f"没有学部低于{zh}", "en": f"no section is below the {en}"}[lang]


def _elsewhere(evaluation: Evaluation, lang: Language) -> str:
    """Return where it is said which sections comply."""
    items = evaluation.standard.items.values()
    named = [one.id for one in items if any(isinstance(rule, SectionsComply) for rule in one.rules)]
    if not named:
        return ""
    ids = ("、" if lang == "zh" else ", ").join(named)
    return f"（各学部是否达标见{ids}）" if lang == "zh" else f" (which sections comply: see {ids})"


def county_facts(evaluation: Evaluation, lang: Language) -> str:
    """Return how many schools, pupils and sections the tables list; what is not reported is said to be missing."""
    schools, standard = evaluation.record.basis.submission.schools, evaluation.standard
    here = np.arange(len(schools))
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
    schools = evaluation.record.basis.submission.schools
    types = schools.choices("type")
    kinds = evaluation.standard.measures["type"].values
    rows = [(kind.title.said(lang), str(int((types == n).sum()))) for n, kind in enumerate(kinds) if (types == n).any()]
    header = {"zh": ("学校类型", "所数"), "en": ("type", "schools")}[lang]
    caption = {"zh": "填报的学校", "en": "Schools reported"}[lang]
    return Grid(header, (*rows, ({"zh": "合计", "en": "all"}[lang], str(types.size))), caption=caption)


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
        told = drivers(evaluation, indicator, stage)
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


_TITLE: dict[Language, str] = {"zh": "历年校际差异系数", "en": "Coefficients of variation over the years"}


def years(evaluations: Mapping[str, Evaluation], lang: Language) -> Iterator[Block]:
    """Yield a table and a picture of each stage; `evaluations` are one county's, in the order of time."""
    from balancedu import plots

    last = list(evaluations.values())[-1]
    yield Heading(_TITLE[lang], 2)
    for position, stage in enumerate(last.stages):
        if np.isnan([one.cv[0, position] for one in evaluations.values()]).all():
            continue
        title = last.standard.head.stage_titles[stage].said(lang)
        caption = f"{title}{_TITLE['zh']}" if lang == "zh" else f"{_TITLE['en']}, {title}"
        yield _grid(evaluations, position, caption, lang)
        picture = partial(plots.change, evaluations, stage=stage, lang=lang)
        yield Picture(caption, caption, picture, (6.4, 3.6))


def _grid(evaluations: Mapping[str, Evaluation], position: int, caption: str, lang: Language) -> Grid:
    last = list(evaluations.values())[-1]
    rows = []
    for n, indicator in enumerate(last.standard.indicators.values()):
        figures = (one.cv[0, position, n] for one in evaluations.values())
        told = [_said(float(cv), last, lang) for cv in figures]
        rows.append((f"{indicator.id} {indicator.name.said(lang)}", *told))
    heads = ({"zh": "指标", "en": "indicator"}[lang], *(str(year) for year in evaluations))
    return Grid(heads, tuple(rows), caption=caption)


def _said(cv: float, evaluation: Evaluation, lang: Language) -> str:
    if np.isnan(cv):
        return Verdict.UNKNOWN.said(lang)
    return printed(cv, "coefficient", evaluation.standard.head.precision, lang)

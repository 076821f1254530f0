"""The reports of one county: self-evaluation, rectification plan, brief for the leaders, and implementation plan."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from balancedu.core.fields import Stage
from balancedu.core.model import Indicator
from balancedu.core.standard import GENERAL, Item, Part, narrative_entries
from balancedu.core.words import COMMA, SEMICOLON, STOP, joined, unit_after
from balancedu.document import Block, Document, Grid, Heading, PageBreak, Paragraph, Picture
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Outcome, Verdict
from balancedu.evaluation.wording import limit_printed, printed
from balancedu.explaining.drivers import drivers
from balancedu.reporting.pieces import Paper, grouped
from balancedu.reporting.problems import Problem
from balancedu.reporting.sentences import (
    UNKNOWN,
    coefficient_check,
    indicator_sentences,
    indicator_verdict,
    is_veto,
    item_sentence,
    part_verdict,
    sections_of_stage,
)
from balancedu.reporting.terminal import summary
from balancedu.text import NO_WORDS, Phrase, in_both

_RESULT = Phrase("自评结论", "Conclusion")
_INDICATOR = Phrase("指标", "indicator")
_SPREAD = Phrase("校际差异系数", "Coefficients of variation")
_EVIDENCE = Phrase("佐证材料清单", "Evidence")
_MOST_ITEMS, _MOST_PROBLEMS = 8, 4
"""How many items and problems a page for the leaders lists."""
_MOST_SCHOOLS = 8
"""How many sections its heat map shows, those with most to do first."""


# 自查自评报告


def self_evaluation(paper: Paper) -> Document:
    """Return the report of a county about itself."""
    zh = f"创建全国义务教育优质均衡发展{paper.kind}自查自评报告"
    en = "self-evaluation of quality and balanced compulsory education"
    return paper.document(zh, en, _self_evaluation(paper))


def _self_evaluation(paper: Paper) -> Iterator[Block]:
    evaluation = paper.evaluation
    yield paper.opening("自查自评", "evaluated itself")
    yield from paper.lapses()
    yield paper.heading(1, Phrase("基本情况", "Basic facts"))
    yield paper.overview()
    yield paper.place("overview")
    yield paper.heading(2, Phrase("自查自评情况", "Results"))
    for number, part in enumerate(_parts_in_order(paper), 1):
        yield from _part(paper, part, number, evaluation.parts[part.id])
    yield paper.heading(3, Phrase("存在的问题", "Problems"))
    yield from paper.problem_paragraphs(paper.problems)
    yield paper.place("problems")
    yield from paper.doubts()
    yield paper.heading(4, Phrase("下一步工作措施", "Measures"))
    yield from paper.measure_paragraphs(paper.problems)
    if paper.plan is not None and paper.plan.steps:
        yield paper.money()
    yield paper.place("measures")
    yield paper.heading(5, Phrase("总体结论", "Overall conclusion"))
    yield paper.conclusion(_RESULT, evaluation.verdict)
    yield from paper.signature()
    yield from _annexes(paper)


def _parts_in_order(paper: Paper) -> list[Part]:
    """Return the parts as reports number them: what is evaluated, then the conditions to apply, then the vetoes."""
    parts = [paper.standard.parts[part] for part in paper.evaluation.parts]
    first = next((n for n, part in enumerate(parts) if part.indicators), 0)
    return sorted(parts[first:] + parts[:first], key=is_veto)


def _part(paper: Paper, part: Part, number: int, verdict: Verdict) -> Iterator[Block]:
    evaluation, lang = paper.evaluation, paper.lang
    yield paper.heading(number, part.title, 2)
    for n, indicator in enumerate(part.indicators, 1):
        yield paper.heading(n, requirement_of(evaluation, indicator), 3)
        yield Paragraph(indicator_sentences(evaluation, indicator, lang))
        yield from _narrative(paper, indicator.id)
        yield paper.conclusion(_RESULT, indicator_verdict(evaluation, indicator))
    for n, item in enumerate(part.items, len(part.indicators) + 1):
        sentence = item_sentence(evaluation, part, item).text(lang)
        if is_veto(part):
            yield paper.numbered(n, sentence)
        else:
            yield paper.heading(n, item.title, 3)
            yield Paragraph(sentence)
        if finding := evaluation.changed_by_relief.get(item.id):
            yield paper.without_relief(finding)
        if is_veto(part):
            continue
        if not _is_computed(item):
            yield from _narrative(paper, item.id)
        yield paper.conclusion(_RESULT, evaluation.items[item.id].verdict)
    words = UNKNOWN.text(lang) if verdict is Verdict.UNKNOWN else part_verdict(part, verdict, lang)
    yield paper.conclusion(part.title, verdict, words)


def _is_computed(item: Item) -> bool:
    return any(rule.remedy in ("sections", "spread") for rule in item.rules)


def requirement_of(evaluation: Evaluation, indicator: Indicator) -> Phrase:
    """Return what is required of an indicator, as the standard writes it."""
    limits: list[tuple[Phrase, Phrase]] = []
    spreads = []
    for stage in evaluation.stages:
        title = evaluation.standard.head.stage_titles[stage]
        threshold = None if indicator.instead else indicator.thresholds[stage]
        if threshold:
            limits.append((title, Phrase.of(f"{threshold.value:f}") + unit_after(indicator.unit)))
        if check := coefficient_check(evaluation, indicator, stage):
            limit = Phrase.of(limit_printed(check.required, "coefficient", "zh"))
            spreads.append(title + Phrase("校际差异系数不大于", " coefficient at most ") + limit)
    at_most = bool(indicator.at_most)
    clauses = []
    if limits:
        bounds, titles = [value.zh for _, value in limits], "、".join(title.zh for title, _ in limits)
        if len(set(bounds)) == 1 < len(limits):
            bounds, titles = bounds[:1], f"{titles}均"
        elif len(limits) > 1:
            titles += "分别"
        zh = f"{titles}{'不超过' if at_most else '达到'}{'、'.join(bounds)}{'' if at_most else '以上'}"
        en = ", ".join(f"{title.en} at {'most' if at_most else 'least'} {value.en}" for title, value in limits)
        clauses.append(Phrase(zh, en))
    if indicator.instead:
        clauses.append(evaluation.standard.words.thresholds(indicator))
    if spreads:
        clauses.append(joined(Phrase("，", ", "), spreads))
    return joined(Phrase("：", ": "), filter(None, (indicator.title, joined(SEMICOLON, clauses))))


def _narrative(paper: Paper, entry: str) -> Iterator[Block]:
    yield paper.place(f"{entry}.practice")
    if evidence := _evidence(paper, entry):
        yield Paragraph(evidence, paper.words("佐证材料", "Evidence"))


def _evidence(paper: Paper, entry: str) -> str:
    """Return the evidence that the county names for an entry and for the figures that it needs, each once."""
    evidence, county = paper.evaluation.submission.evidence, paper.evaluation.counties[0]
    facts = paper.standard.table_measures("facts").values()
    of_figures = [evidence.get((county, measure.column), "") for measure in facts if entry in measure.needed_by]
    return SEMICOLON.text(paper.lang).join(
        dict.fromkeys(filter(None, (paper.written(f"{entry}.evidence"), *of_figures)))
    )


def _annexes(paper: Paper) -> Iterator[Block]:
    def annex(number: int, title: Phrase) -> Heading:
        return Heading((Phrase(f"附件{number}　", f"Annex {number}: ") + title).text(paper.lang), 1)

    yield PageBreak()
    yield annex(1, Phrase("各校指标值", "Values of all schools"))
    for stage in paper.evaluation.stages:
        if sections_of_stage(paper.evaluation, stage):
            yield _section_grid(paper, stage)
    yield annex(2, _SPREAD)
    yield _spread_grid(paper)
    yield annex(3, Phrase("图", "Pictures"))
    yield from _pictures(paper)
    if paper.years:
        yield from _years(paper)
    yield annex(4, _EVIDENCE)
    yield _evidence_grid(paper)


def _section_grid(paper: Paper, stage: Stage) -> Grid:
    """Return the values of all schools of a stage."""
    precision, indicators = paper.standard.head.precision, paper.standard.indicators.values()
    rows = []
    for section in sections_of_stage(paper.evaluation, stage):
        values = (printed(section.values[indicator.id], "value", precision, paper.lang) for indicator in indicators)
        rows.append([section.text(paper.lang), *values])
    title = paper.standard.head.stage_titles[stage]
    caption = Phrase(f"{title.zh}各校指标值", f"Values, {title.en}")
    return paper.grid(caption, (Phrase("学校", "school"), *(indicator.name for indicator in indicators)), rows)


def _spread_grid(paper: Paper) -> Grid:
    """Return mean and coefficient of each indicator and stage."""
    evaluation, titles = paper.evaluation, paper.standard.head.stage_titles
    words = Phrase("平均值", " mean"), Phrase("差异系数", " coefficient")
    rows: list[list[Phrase | str]] = []
    for n, indicator in enumerate(paper.standard.indicators.values()):
        rows.append([indicator.title])
        for mean, cv in zip(evaluation.mean[0, :, n].tolist(), evaluation.cv[0, :, n].tolist(), strict=True):
            rows[-1] += [paper.figure(mean, "value"), paper.figure(cv, "coefficient")]
    header = (_INDICATOR, *(titles[stage] + word for stage in evaluation.stages for word in words))
    return paper.grid(_SPREAD, header, rows)


def _evidence_grid(paper: Paper) -> Grid:
    """Return the evidence of each indicator and item for which some is named or needed; what is missing is marked."""
    needed = {entry for measure in paper.standard.table_measures("facts").values() for entry in measure.needed_by}
    rows = []
    for entry, title in narrative_entries(paper.standard).items():
        evidence = _evidence(paper, entry)
        if evidence or entry in needed:
            rows.append([title, evidence or Phrase("（待补充）", "(missing)")])
    return paper.grid(_EVIDENCE, (Phrase("项目", "item"), Phrase("佐证材料", "evidence")), rows, texts=2)


def _pictures(paper: Paper) -> Iterator[Block]:
    """Yield the pictures of a county: standings, values, coefficients with what drives them, sizes of classes."""
    from balancedu import plots

    evaluation, lang = paper.evaluation, paper.lang

    def picture(
        caption: Phrase, alt: str, draw: Callable[..., object], size: tuple[float, float] = (6.4, 3.4), **about: str
    ) -> Picture:
        return Picture(caption.text(lang), alt, partial(draw, evaluation, lang=lang, **about), size)

    titles = evaluation.standard.head.stage_titles
    stages = [stage for stage in evaluation.stages if (evaluation.sections["stage"] == stage).any()]
    checks = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    for check in checks.values():
        if check.table == "sections" and stages:
            standings = check.text(lang)
            height = 1.2 + 0.22 * max(4, min(evaluation.section_verdicts.size, plots.MOST_DRAWN_ROWS))
            yield picture(Phrase("各校指标达标情况", "Sections by indicator"), standings, plots.heatmap, (6.4, height))
            for stage in stages:
                caption = titles[stage] + Phrase("各校数值与标准", ": values against the standard")
                yield picture(caption, standings, plots.strip, (6.8, 4.0), stage=stage)
    for stage in stages if any(check.indicators for check in checks.values()) else ():
        caption = titles[stage] + Phrase("校际差异系数", ": coefficients of variation")
        figures = (check.text(lang) for check in checks.values() if check.indicators and check.stage == stage)
        yield picture(caption, SEMICOLON.text(lang).join(figures), plots.spread, stage=stage)
        for indicator in evaluation.standard.indicators.values():
            own = checks.get(f"{indicator.id}.{stage}")
            if own is not None and own.margin < 0:
                text = drivers(evaluation, indicator.id, stage).text(lang)
                about = {"indicator": indicator.id, "stage": str(stage)}
                caption = own.title + Phrase("：差异系数的来源", ": what drives the coefficient")
                yield picture(caption, text, plots.drivers, (6.4, 3.2), **about)
                caption = own.title + Phrase("：洛伦兹曲线", ": Lorenz curve")
                yield picture(caption, text, plots.lorenz_curve, (4.3, 4.0), **about)
    of_classes = [
        finding for finding in evaluation.items.values() for check in finding.checks[:1] if check.table == "classes"
    ]
    if of_classes and len(evaluation.record.basis.submission.tables["classes"]):
        for stage in evaluation.stages:
            caption = titles[stage] + Phrase("班级学生数", ": class sizes")
            yield picture(caption, of_classes[0].reason(lang), plots.class_sizes, (6.4, 2.8), stage=stage)


def _years(paper: Paper) -> Iterator[Block]:
    """Yield a table and a picture of the coefficients of each stage over the years, in the order of time."""
    from balancedu import plots

    over_years = Phrase("历年校际差异系数", "Coefficients of variation over the years")
    yield Heading(over_years.text(paper.lang), 2)
    for position, stage in enumerate(paper.evaluation.stages):
        figures = np.array([evaluation.cv[0, position] for evaluation in paper.years.values()])
        if np.isnan(figures).all():
            continue
        title = paper.standard.head.stage_titles[stage]
        caption = Phrase(f"{title.zh}{over_years.zh}", f"{over_years.en}, {title.en}")
        unknown = in_both(Verdict.UNKNOWN.text)
        rows = [
            [indicator.title, *(unknown if np.isnan(cv) else paper.figure(cv, "coefficient") for cv in cvs)]
            for indicator, cvs in zip(paper.standard.indicators.values(), figures.T.tolist(), strict=True)
        ]
        yield paper.grid(caption, (_INDICATOR, *(Phrase.of(str(year)) for year in paper.years)), rows)
        draw, text = partial(plots.change, paper.years, stage=stage, lang=paper.lang), caption.text(paper.lang)
        yield Picture(text, text, draw, (6.4, 3.6))


# 整改工作方案


def rectification(paper: Paper) -> Document:
    """Return the problems of a county part by part, with schools and amounts, and the measures against them."""
    return paper.document("义务教育优质均衡发展整改工作方案", "what is to be corrected", _rectification(paper))


def _rectification(paper: Paper) -> Iterator[Block]:
    yield paper.opening("自查，并针对存在的问题制定整改措施", "lists its problems")
    yield from paper.lapses()
    for finding in paper.evaluation.changed_by_relief.values():
        yield paper.without_relief(finding, finding.item.name + Phrase("", ", "))
    parts = grouped((problem.part, problem) for problem in paper.problems)
    for number, (title, here) in enumerate(parts.items(), 1):
        yield paper.heading(number, title + Phrase("方面", ""))
        yield paper.heading(1, Phrase("存在问题", "Problems"), 2)
        yield from paper.problem_paragraphs(here)
        yield from _tables(paper, here)
        yield paper.heading(2, Phrase("整改措施", "Measures"), 2)
        yield from paper.measure_paragraphs(here)
    if not parts:
        yield from paper.problem_paragraphs(())
    yield paper.place("measures")
    if paper.plan is not None and paper.plan.steps:
        yield paper.heading(len(parts) + 1, Phrase("投入测算", "Costs"))
        yield from paper.costs()
    yield from paper.doubts()
    yield from paper.signature()


def _tables(paper: Paper, here: list[Problem]) -> Iterator[Grid]:
    items = {problem.item for problem in here}
    for item in paper.standard.items.values():
        for outcome in paper.evaluation.record.outcomes[item.id] if item.id in items else ():
            if outcome.rule is not None and outcome.rule.remedy == "sections":
                yield _shares(paper)
            if outcome.rule is not None and outcome.rule.remedy == "classes":
                yield from _large_classes(paper, outcome)


def _at_least(count: int, total: int, unknown: int, paper: Paper) -> str:
    """Return a share; where something is not known, as the least that it can be."""
    return "≥" * bool(unknown and total) + paper.figure(count / total if total else math.nan, "percent")


def _shares(paper: Paper) -> Grid:
    """Return for each indicator how many schools of each stage are below the standard, and their share."""
    evaluation, titles = paper.evaluation, paper.standard.head.stage_titles
    words = Phrase("不达标校数", " below"), Phrase("不达标比例", " share"), Phrase("缺报校数", " not reported")
    rows: list[list[Phrase | str]] = []
    for n, indicator in enumerate(paper.standard.indicators.values()):
        rows.append([indicator.title])
        for stage in evaluation.stages:
            standing = evaluation.standing[evaluation.sections["stage"] == stage, n]
            below, unknown = int(np.isin(standing, (0, 1)).sum()), int((standing == -1).sum())
            rows[-1] += [str(below), _at_least(below, standing.size, unknown, paper), str(unknown)]
    caption = Phrase("各项指标不达标学校的数量和比例", "Schools below each standard")
    header = (_INDICATOR, *(titles[stage] + word for stage in evaluation.stages for word in words))
    return paper.grid(caption, header, rows)


def _large_classes(paper: Paper, outcome: Outcome) -> Iterator[Grid]:
    """Yield how many classes are too large by stage and entry grade, from the cases that decided."""
    classes, cases = paper.evaluation.record.basis.submission.tables["classes"], outcome.cases
    if not len(classes) or cases is None:
        return
    stages = [choice.id for choice in paper.standard.measures["classes.stage"].values]
    # Classes of other types of school, or of a grade without a limit, are not counted.
    listed = (cases.row >= 0) & (cases.verdict != Verdict.NOT_APPLICABLE.code)
    entry = classes.numbers("entry_grade")[cases.row]
    grades = {
        Phrase("起始年级", ", entry grade"): entry == 1,
        Phrase("其他年级", ", other grades"): entry == 0,
        Phrase("（未注明是否起始年级）", ", grade not stated"): np.isnan(entry),
    }
    rows = []
    for stage in paper.evaluation.stages:
        here = listed & (classes.choices("stage")[cases.row] == stages.index(stage))
        groups = {NO_WORDS: here} if np.isnan(entry[here]).all() else grades
        for title, group in groups.items():
            codes, required = cases.verdict[here & group], cases.required[here & group]
            large, unknown = int((codes == Verdict.NOT_MET.code).sum()), int((codes == Verdict.UNKNOWN.code).sum())
            limits = "、".join(f"{limit:g}" for limit in np.unique(required[codes == Verdict.NOT_MET.code]))
            figures = (limits or "–", str(codes.size), str(large), _at_least(large, codes.size, unknown, paper))
            if codes.size:
                rows.append([paper.standard.head.stage_titles[stage] + title, *figures, str(unknown)])
    header = (
        *(Phrase("学段和年级", "stage and grade"), Phrase("班额上限", "limit"), Phrase("班数", "classes")),
        *(Phrase("大班额数", "too large"), Phrase("占比", "share"), Phrase("人数缺报班数", "not reported")),
    )
    yield paper.grid(Phrase("大班额情况", "Classes that are too large"), header, rows)


# 情况简报


def brief(paper: Paper) -> Document:
    """Return one page: verdict, the numbers that matter, problems, schools by indicator, money."""
    return paper.document("义务教育优质均衡发展情况简报", "brief", _brief(paper))


def _brief(paper: Paper) -> Iterator[Block]:
    evaluation, lang = paper.evaluation, paper.lang
    yield paper.conclusion(Phrase("总体结论", "Conclusion"), evaluation.verdict)
    yield Paragraph(summary(evaluation, lang, most=_MOST_ITEMS) + STOP.text(lang))
    yield Paragraph(_numbers(paper))
    if paper.problems:
        yield _problem_grid(paper)
    if evaluation.section_verdicts.size:
        from balancedu import plots

        height = 1.0 + 0.12 * min(evaluation.section_verdicts.size, _MOST_SCHOOLS)
        draw = partial(plots.heatmap, evaluation, most=_MOST_SCHOOLS, lang=lang)
        # Its title is in the picture: a caption would cost the page a line.
        yield Picture("", summary(evaluation, lang), draw, (6.4, height))


def _numbers(paper: Paper) -> str:
    verdicts = paper.evaluation.section_verdicts
    met, total = int((verdicts == Verdict.MET.code).sum()), verdicts.size
    large = Counter(problem.rule.remedy for problem in paper.problems if problem.rule is not None)
    schools, classes = large["pupils"], large["classes"]
    numbers = Phrase(
        f"资源配置达标学校{met}所，共{total}所（小学部、初中部分别计算）；大校额学校{schools}所，大班额{classes}个",
        f"{met} of {total} schools meet the resources; too large: {schools} schools, {classes} classes",
    )
    return (joined(SEMICOLON, filter(None, (numbers, paper.spending()))) + STOP).text(paper.lang)


def _problem_grid(paper: Paper) -> Grid:
    """Return the problems by how many schools have them."""
    kinds = grouped((problem.kind, problem) for problem in paper.problems)
    largest = sorted(kinds.items(), key=lambda kind: -len(kind[1]))[:_MOST_PROBLEMS]
    rows = [[kind, str(len(group)), joined(COMMA, (problem.who for problem in group[:2]))] for kind, group in largest]
    header = Phrase("存在问题", "problem"), Phrase("处数", "number"), Phrase("涉及学校（列前2所）", "schools (first 2)")
    return paper.grid(Phrase("主要问题", "Main problems"), header, rows, texts=3)


# 实施方案


def implementation(paper: Paper) -> Document:
    """Return the skeleton of an implementation plan with goals, key tasks, amounts and costs by year."""
    zh = f"创建全国义务教育优质均衡发展{paper.kind}实施方案"
    return paper.document(zh, "implementation plan", _implementation(paper))


def _implementation(paper: Paper) -> Iterator[Block]:
    yield paper.opening("自查，结合实际制定本方案", "made this plan", follows=False)
    yield paper.heading(1, GENERAL["principles"])
    yield paper.place("principles")
    yield paper.heading(2, GENERAL["goals"])
    yield paper.overview()
    unknown = [problem.measure for problem in paper.problems if problem.verdict is Verdict.UNKNOWN]
    wrong = [problem.kind for problem in paper.problems if problem.verdict is not Verdict.UNKNOWN]
    goals = (Phrase("逐项解决以下问题：", "Put an end to: "), wrong), (Phrase("同时", "And "), unknown)
    for goal, texts in goals:
        if texts:
            yield Paragraph((goal + joined(SEMICOLON, dict.fromkeys(texts)) + STOP).text(paper.lang))
    yield paper.place("goals")
    yield paper.heading(3, Phrase("重点任务", "Key tasks"))
    parts = grouped((problem.part, problem) for problem in paper.problems)
    for number, (title, here) in enumerate(parts.items(), 1):
        yield paper.heading(number, title, 2)
        yield from paper.measure_paragraphs(here)
    if not parts:
        yield Paragraph(paper.words("巩固现有成果，防止反弹。", "Keep what was reached."))
    yield paper.heading(4, GENERAL["steps"])
    yield paper.place("steps")
    if paper.plan is not None and paper.plan.steps:
        yield from paper.costs()
    yield paper.heading(5, GENERAL["support"])
    yield paper.place("support")
    yield from paper.signature()

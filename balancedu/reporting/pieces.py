"""Pieces that several reports share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from balancedu.core.fields import Language, Stage
from balancedu.core.standard import FIELDS, GENERAL, narrative_entries
from balancedu.core.words import COLON, SEMICOLON, STOP
from balancedu.document import Block, Cell, Grid, Heading, Paragraph, Picture, Placeholder, Tone
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED, printed
from balancedu.evaluation.findings import strictly
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.drivers import drivers
from balancedu.text import Phrase

REPORTED: dict[Language, str] = {"zh": "。现将有关情况报告如下：", "en": ", as follows."}
"""The end of the opening of a report."""
_TONES: dict[Verdict, Tone] = {
    Verdict.MET: "met",
    Verdict.NOT_MET: "not_met",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_APPLICABLE: "not_applicable",
}


def chinese_number(number: int) -> str:
    """Return a number of a heading in Chinese.

    Examples
    --------
    >>> chinese_number(3), chinese_number(10), chinese_number(12), chinese_number(20)
    ('三', '十', '十二', '二十')
    """
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return (f"{digits[tens] * (tens > 1)}十" if tens else "") + (digits[ones] if ones or not tens else "")


def heading(number: int, text: str, level: int, lang: Language) -> Heading:
    """Return a heading with its number, as official documents number them: 一、, then （一）, then 1．, as text."""
    if lang != "zh":
        return Heading(f"{number}. {text}", level)
    marks = {1: f"{chinese_number(number)}、", 2: f"（{chinese_number(number)}）", 3: f"{number}．"}
    return Heading(marks[level] + text, level)


def numbered(number: int, text: str, lang: Language) -> Paragraph:
    """Return a paragraph with its number in a list."""
    return Paragraph(f"{number}．{text}" if lang == "zh" else f"{number}. {text}")


def county_name(evaluation: Evaluation, lang: Language) -> tuple[str, str]:
    """Return the county's name on paper, and what sort of county it is called: 县, 区 or 市."""
    name = wording.county_named(evaluation.submission, evaluation.counties[0], lang, on_paper=True)
    return name, name[-1] if name.endswith(("县", "区", "市", "旗")) else "县"


def written(evaluation: Evaluation, key: str) -> str:
    """Return what the county wrote about something; empty where it wrote nothing."""
    return evaluation.submission.narrative.get(key, "").strip()


def place(evaluation: Evaluation, key: str, lang: Language) -> Placeholder:
    """Return the marked place for a text of the county, with what it wrote in the workbook."""
    entry, _, field = key.rpartition(".")
    title = (FIELDS if entry else GENERAL)[field].text(lang)
    prompt = Phrase(f"【待填写：{title}】", f"[to be written: {title}]").text(lang)
    about = narrative_entries(evaluation.standard)[entry].text(lang) if entry else ""
    return Placeholder(prompt, key, title + COLON.text(lang) + about if about else title, written(evaluation, key))


def responsible(evaluation: Evaluation, entry: str, lang: Language) -> str:
    """Return who has to act by when, as far as the county wrote it."""
    fields = {field: written(evaluation, f"{entry}.{field}") for field in ("office", "person", "deadline")}
    texts = ((FIELDS[field] + COLON).text(lang) + text for field, text in fields.items() if text)
    return SEMICOLON.text(lang).join(texts)


def law_paragraph(evaluation: Evaluation, lang: Language, what: str, end: str) -> Paragraph:
    """Return the opening: by which documents the county did what, what a reader has to know of them, and an end."""
    standard = evaluation.standard
    name, _ = county_name(evaluation, lang)
    titles = dict.fromkeys((standard.title.text(lang), *(entry.title.text(lang) for entry in standard.applied)))
    documents = "、".join(f"《{title}》" for title in titles) if lang == "zh" else ", ".join(titles)
    day = standard.notes(lang)[-1] if standard.day else ""
    if lang == "zh":
        text = f"根据{documents}（{standard.documents}）要求，{name}对义务教育优质均衡发展情况进行了{what}"
        return Paragraph(f"{text}{f'（{day}）' if day else ''}{end}")
    return Paragraph(f"By {documents} ({standard.documents}), {name} {what}{f' {day}' if day else ''}{end}")


def relief_paragraphs(evaluation: Evaluation, lang: Language) -> Iterator[Paragraph]:
    """Yield what a reader has to know before the first verdict: overlays, the day, and what relief changed."""
    yield from map(Paragraph, evaluation.standard.notes(lang))
    for finding in evaluation.changed_by_relief.values():
        yield Paragraph(finding.item.name.text(lang) + ("，" if lang == "zh" else ", ") + strictly(finding, lang))


def item_relief(evaluation: Evaluation, item: str, lang: Language) -> Iterator[Paragraph]:
    """Yield what relief changed of one item."""
    if finding := evaluation.changed_by_relief.get(item):
        yield Paragraph(strictly(finding, lang))


def signature(evaluation: Evaluation, lang: Language) -> Iterator[Paragraph]:
    """Yield the place of seal and date at the end."""
    name, _ = county_name(evaluation, lang)
    yield Paragraph("")
    yield Paragraph(f"{name}人民政府（盖章）" if lang == "zh" else f"{name}, seal", align="right")
    yield Paragraph("　　　　年　　月　　日" if lang == "zh" else "date", align="right")


def conclusion(label: str, verdict: Verdict, text: str, lang: Language) -> Paragraph:
    """Return a verdict in words, set apart; never without the word itself."""
    return Paragraph(text + STOP.text(lang), label, _TONES[verdict])


def verdict_cell(verdict: Verdict, lang: Language) -> Cell:
    """Return a verdict as a cell; a reader sorts the failing ones to the top."""
    return Cell(verdict.text(lang), _TONES[verdict], key=str(verdict.code))


def county_text(evaluation: Evaluation, lang: Language) -> str:
    """Return how many schools of each type, pupils and classes the tables list; what is missing is named.

    Examples
    --------
    >>> import balancedu as be
    >>> county_text(be.evaluate(be.example("failing")), "zh")[:30]
    '安和县填报学校14所，其中小学5所、教学点2所、初级中学3所'
    """
    submission, standard = evaluation.record.basis.submission, evaluation.standard
    schools = submission.schools
    kinds, types = standard.measures["type"].values, schools.choices("type")
    counts = [(kind.title.text(lang), int((types == n).sum())) for n, kind in enumerate(kinds)]
    pupils, missing = [], 0
    for stage, column in standard.head.scope.pupils.items():
        numbers = schools.numbers(column)
        # Types whose stages are not declared have whatever they report.
        has = np.array([stage in (kinds[n].stages or ()) for n in types], dtype=bool)
        if stage in evaluation.stages:
            pupils.append((standard.head.stage_titles[stage].text(lang), int(np.nansum(numbers))))
            missing += int((np.isnan(numbers) & has).sum())
    classes = len(submission.tables["classes"])
    total = sum(count for _, count in pupils)
    name, _ = county_name(evaluation, lang)
    if lang == "zh":
        listed = "、".join(f"{title}{count}所" for title, count in counts if count)
        by_stage = "、".join(f"{title}{count}人" for title, count in pupils)
        text = f"{name}填报学校{len(schools)}所，其中{listed}。义务教育阶段在校生{total}人，其中{by_stage}"
        text += f"（另有{missing}处在校生数缺报）" if missing else ""
        return text + (f"；教学班{classes}个。" if classes else "。")
    listed = ", ".join(f"{title} {count}" for title, count in counts if count)
    by_stage = ", ".join(f"{title} {count}" for title, count in pupils)
    text = f"{name} reported {len(schools)} schools: {listed}. Pupils: {total}, of these {by_stage}"
    text += f" ({missing} numbers not reported)" if missing else ""
    return text + (f"; classes: {classes}." if classes else ".")


def doubts(evaluation: Evaluation, lang: Language) -> Iterator[Block]:
    """Yield what of the figures is doubtful."""
    if evaluation.warnings:
        head = {"zh": "填报数据中需要核实的（不影响判定）", "en": "Figures to look at again (no verdict is changed)"}
        yield Paragraph("", head[lang])
        for number, warning in enumerate(evaluation.warnings, 1):
            yield numbered(number, warning.text(lang), lang)


def pictures(evaluation: Evaluation, lang: Language) -> Iterator[Block]:
    """Yield the pictures of a county: standings, values, coefficients with what drives them, sizes of classes."""
    from balancedu import plots

    def picture(
        caption: Phrase, alt: str, draw: Callable[..., object], size: tuple[float, float] = (6.4, 3.4), **about: str
    ) -> Picture:
        return Picture(caption.text(lang), alt, partial(draw, evaluation, lang=lang, **about), size)

    titles, standings = evaluation.standard.head.stage_titles, _counts(evaluation, lang)
    stages = [stage for stage in evaluation.stages if (evaluation.sections["stage"] == stage).any()]
    checks = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    if stages and evaluation.standard.section_rule:
        height = 1.2 + 0.22 * max(4, min(evaluation.section_verdicts.size, plots.MOST_ROWS))
        caption = Phrase("各校指标达标情况", "Sections by indicator")
        yield picture(caption, standings, plots.heatmap, (6.4, height))
        for stage in stages:
            caption = titles[stage] + Phrase("各校数值与标准", ": values against the standard")
            yield picture(caption, standings, plots.strip, (6.8, 4.0), stage=stage)
    for stage in stages if any(check.indicators for check in checks.values()) else ():
        caption = titles[stage] + Phrase("校际差异系数", ": coefficients of variation")
        yield picture(caption, _coefficients(evaluation, stage, lang), plots.spread, stage=stage)
        for indicator in evaluation.indicators:
            check = checks.get(f"{indicator}.{stage}")
            if check is not None and check.margin < 0:
                text, about = drivers(evaluation, indicator, stage).text(lang), {"indicator": indicator, "stage": stage}
                caption = check.title + Phrase("：差异系数的来源", ": what drives the coefficient")
                yield picture(caption, text, plots.drivers, (6.4, 3.2), **about)
                caption = check.title + Phrase("：洛伦兹曲线", ": Lorenz curve")
                yield picture(caption, text, plots.lorenz_curve, (4.3, 4.0), **about)
    of_classes = [
        finding for finding in evaluation.items.values() if finding.checks and finding.checks[0].table == "classes"
    ]
    if of_classes and len(evaluation.record.basis.submission.tables["classes"]):
        for stage in evaluation.stages:
            caption = titles[stage] + Phrase("班级学生数", ": class sizes")
            yield picture(caption, of_classes[0].reason(lang), plots.class_sizes, (6.4, 2.8), stage=stage)


def _counts(evaluation: Evaluation, lang: Language) -> str:
    total, verdicts = evaluation.section_verdicts.size, evaluation.section_verdicts
    met, unknown = int((verdicts == 2).sum()), int((verdicts == 1).sum())
    if lang == "zh":
        return f"{total}所（小学部、初中部分别计算）中达标{met}所，待定{unknown}所，未达标{total - met - unknown}所"
    return f"{met} of {total} sections comply, {unknown} are unknown, {total - met - unknown} do not"


def _coefficients(evaluation: Evaluation, stage: Stage, lang: Language) -> str:
    position = list(evaluation.stages).index(stage)
    names = [indicator.name.text(lang) for indicator in evaluation.standard.indicators.values()]
    figures = zip(names, evaluation.cv[0, position].tolist(), strict=True)
    return "，".join(f"{name} {NOT_REPORTED[lang] if np.isnan(cv) else format(cv, '.3f')}" for name, cv in figures)


_TITLE: dict[Language, str] = {"zh": "历年校际差异系数", "en": "Coefficients of variation over the years"}


def years(evaluations: Mapping[str, Evaluation], lang: Language) -> Iterator[Block]:
    """Yield a table and a picture of each stage; `evaluations` are one county's, in the order of time."""
    from balancedu import plots

    last = list(evaluations.values())[-1]
    yield Heading(_TITLE[lang], 2)
    for position, stage in enumerate(last.stages):
        if np.isnan([evaluation.cv[0, position] for evaluation in evaluations.values()]).all():
            continue
        title = last.standard.head.stage_titles[stage].text(lang)
        caption = f"{title}{_TITLE['zh']}" if lang == "zh" else f"{_TITLE['en']}, {title}"
        yield _grid(evaluations, position, caption, lang)
        picture = partial(plots.change, evaluations, stage=stage, lang=lang)
        yield Picture(caption, caption, picture, (6.4, 3.6))


def _grid(evaluations: Mapping[str, Evaluation], position: int, caption: str, lang: Language) -> Grid:
    last = list(evaluations.values())[-1]
    rows = []
    for n, indicator in enumerate(last.standard.indicators.values()):
        figures = [float(evaluation.cv[0, position, n]) for evaluation in evaluations.values()]
        precision, unknown = last.standard.head.precision, Verdict.UNKNOWN.text(lang)
        texts = [unknown if np.isnan(cv) else printed(cv, "coefficient", precision, lang) for cv in figures]
        rows.append((indicator.title.text(lang), *texts))
    heads = ({"zh": "指标", "en": "indicator"}[lang], *(str(year) for year in evaluations))
    return Grid(heads, tuple(rows), caption=caption)

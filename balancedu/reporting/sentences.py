"""Drafted sentences about indicators and items, with figures, in the tone of an official report."""

from __future__ import annotations

import numpy as np

from balancedu.core.fields import Stage
from balancedu.core.model import Indicator
from balancedu.core.standard import Item, Part
from balancedu.core.words import COMMA, SEMICOLON, STOP, joined, unit_after
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Finding, Section, section_of
from balancedu.evaluation.results import Verdict
from balancedu.evaluation.wording import MOST_NAMED, limit_printed, printed
from balancedu.text import Language, Phrase, in_both

UNKNOWN = Phrase("数据缺报，暂无法判定", "not reported, so no conclusion can be drawn")


def conclusion_text(verdict: Verdict) -> Phrase:
    """Return what a report concludes of an item."""
    return UNKNOWN if verdict is Verdict.UNKNOWN else in_both(verdict.text)


def is_veto(part: Part) -> bool:
    """Return whether a part lists what must not be the case."""
    rules = [rule for item in part.items for rule in item.rules]
    return bool(rules) and all(rule.forbids for rule in rules)


def part_verdict(part: Part, verdict: Verdict, lang: Language) -> str:
    """Return the verdict of a part in words; of vetoes, whether one applies."""
    veto = {
        Verdict.MET: Phrase("未出现否决情形", "no veto applies"),
        Verdict.NOT_MET: Phrase("存在否决情形（一票否决）", "a veto applies"),
    }
    return veto[verdict].text(lang) if is_veto(part) and verdict in veto else verdict.text(lang)


def sections_of_stage(evaluation: Evaluation, stage: Stage) -> list[Section]:
    """Return the sections of a stage of one county."""
    sections = (section_of(evaluation.record.basis, row) for row in evaluation.section_rows.tolist())
    return [section for section in sections if section.stage == stage]


def schools_counted(evaluation: Evaluation, stage: Stage) -> Phrase:
    """Return how many schools have a stage, as the field counts them.

    Examples
    --------
    >>> import balancedu as be
    >>> schools_counted(be.evaluate(be.example("failing")), "primary").zh
    '8所小学（含一贯制学校小学部）'
    """
    sections, title = sections_of_stage(evaluation, stage), evaluation.standard.head.stage_titles[stage]
    combined = f"（含一贯制学校{title.zh}部）" * any(section.combined for section in sections)
    schools = "school" if len(sections) == 1 else "schools"
    return Phrase(f"{len(sections)}所{title.zh}{combined}", f"{len(sections)} {title.en} {schools}")


def indicator_sentences(evaluation: Evaluation, indicator: Indicator, lang: Language) -> str:
    """Return for each stage the mean, the lowest school, those below the standard, and the coefficient."""
    stages = [stage for stage in evaluation.stages if sections_of_stage(evaluation, stage)]
    return ("" if lang == "zh" else " ").join(_of_stage(evaluation, indicator, stage, lang) for stage in stages)


def _of_stage(evaluation: Evaluation, indicator: Indicator, stage: Stage, lang: Language) -> str:
    sections, upper = sections_of_stage(evaluation, stage), bool(indicator.at_most)
    precision, unit, title = evaluation.standard.head.precision, unit_after(indicator.unit).text(lang), indicator.title

    def shown(section: Section) -> str:
        # More digits only where rounding would hide that the section lacks something.
        own = section.limits_and_floors[indicator.id][0]
        limit = float(own.value) if own and section in lacking else np.nan
        return printed(section.values[indicator.id], "value", precision, lang, limit) + unit

    def value_of(section: Section) -> float:
        return section.values[indicator.id]

    lacking = [section for section in sections if any(lack.indicator.id == indicator.id for lack in section.lacks)]
    unknown = [section.text(lang) for section in sections if np.isnan(value_of(section))]
    subject = schools_counted(evaluation, stage)
    if unknown:
        names = _named(unknown, lang)
        zh = f"全县{subject.zh}中，{names}的{title.zh}数据缺报"
        parts = [Phrase(zh, f"{subject.en}: {title.en} not reported by {names}")]
    else:
        mean = float(evaluation.mean[0, evaluation.stages.index(stage), evaluation.indicators.index(indicator.id)])
        average = printed(mean, "value", precision, lang) + unit
        head = Phrase(f"全县{subject.zh}{title.zh}平均{average}", f"{subject.en}: {title.en}, mean {average}")
        if len(sections) > 1 and not lacking:
            furthest = (max if upper else min)(sections, key=value_of)
            name, value = furthest.text(lang), shown(furthest)
            highest = Phrase("，最高的", ", highest ") if upper else Phrase("，最低的", ", lowest ")
            head += highest + Phrase(f"{name}为{value}", f"{name} {value}")
        parts = [head]
    limits = {section.limits_and_floors[indicator.id][0] for section in sections}
    limit = next(iter(limits)) if len(limits) == 1 else None
    bound = Phrase("各自的标准", "their standards").text(lang)
    if limit:
        bound = limit_printed(float(limit.value), "value", lang) + unit
    if lacking:
        space = Phrase("", " ").text(lang)
        listed = _named(
            [f"{section.text(lang)}{space}{shown(section)}" for section in sorted(lacking, key=value_of)], lang
        )
        zh = f"其中{len(lacking)}所{'超过' if upper else '未达到'}{bound}：{listed}"
        parts.append(Phrase(zh, f"{len(lacking)} {'above' if upper else 'below'} {bound}: {listed}"))
    elif limits != {None} and not unknown:
        zh = f"均不超过{bound}" if upper else f"均达到{bound}" + "以上" * bool(limit)
        parts.append(Phrase(zh, f"all at {'most' if upper else 'least'} {bound}"))
    parts.append(_coefficient(evaluation, indicator, stage, lang))
    return (joined(SEMICOLON, parts) + STOP).text(lang)


def _coefficient(evaluation: Evaluation, indicator: Indicator, stage: Stage, lang: Language) -> Phrase:
    check = coefficient_check(evaluation, indicator, stage)
    cv = float(evaluation.cv[0, evaluation.stages.index(stage), evaluation.indicators.index(indicator.id)])
    name = Phrase("校际差异系数", "coefficient of variation ")
    if np.isnan(cv):
        return name + Phrase("暂无法计算", "cannot be computed")
    limit = check.required if check else np.nan
    figure = name + Phrase.of(printed(cv, "coefficient", evaluation.standard.head.precision, lang, limit))
    if check is None:
        return figure
    relation = Phrase("，大于", ", above ") if check.verdict is Verdict.NOT_MET else Phrase("，不大于", ", not above ")
    return figure + relation + Phrase.of(limit_printed(limit, "coefficient", lang))


def coefficient_check(evaluation: Evaluation, indicator: Indicator, stage: Stage) -> Check | None:
    """Return the check of the coefficient of an indicator; None where the standard has none."""
    checks = (check for finding in evaluation.items.values() for check in finding.checks)
    return next((entry for entry in checks if entry.indicators == (indicator.id,) and entry.stage == stage), None)


def indicator_verdict(evaluation: Evaluation, indicator: Indicator) -> Verdict:
    """Return what the standard requires of an indicator: coefficients within limits, no section below the floor."""
    checks = (coefficient_check(evaluation, indicator, stage) for stage in evaluation.stages)
    verdicts = [check.verdict for check in checks if check]
    standing = evaluation.standing[:, evaluation.indicators.index(indicator.id)]
    if (indicator.at_least or indicator.at_most) and standing.size:
        verdicts.append(
            Verdict.NOT_MET if (standing == 0).any() else Verdict.UNKNOWN if (standing == -1).any() else Verdict.MET
        )
    known = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    return min(known, key=lambda verdict: verdict.code, default=Verdict.UNKNOWN)


def item_sentence(evaluation: Evaluation, part: Part, item: Item) -> Phrase:
    """Return one sentence about an item: what was found, with figures where there are any.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> part = ev.standard.parts["guarantee"]
    >>> print(item_sentence(ev, part, part.items[0]).zh)
    经自查，县域内义务教育学校规划布局合理，符合国家规定要求。
    """
    finding = evaluation.items[item.id]
    checks = [check for check in finding.checks if check.verdict is not Verdict.NOT_APPLICABLE]
    if is_veto(part) and finding.verdict is Verdict.MET:
        text = Phrase(f"未发现{case_zh(item.title.zh)}", f"Not found: {item.title.en}")
    elif finding.verdict is Verdict.MET and all(rule.remedy == "statement" for rule in item.rules):
        text = Phrase("经自查，", "Found: ") + item.title
    elif all(check.display == "coefficient" for check in finding.checks):
        text = _coefficients_text(finding)
    elif checks:
        text = joined(SEMICOLON, [_check_text(evaluation, check) for check in checks])
    else:
        text = Phrase("县域内无涉及对象，不适用", "Not applicable: no one is concerned")
    return text + STOP


def _coefficients_text(finding: Finding) -> Phrase:
    """Return which coefficients are above their limits; the others are named with their indicators."""
    failing = [check for check in finding.checks if check.verdict is Verdict.NOT_MET]
    unknown = [check.title for check in finding.checks if check.verdict is Verdict.UNKNOWN]
    result: list[Phrase] = []
    if failing:
        limits = "、".join(sorted({limit_printed(check.required, "coefficient", "zh") for check in failing}))
        named = joined(COMMA, [check.title + Phrase("", " ") + in_both(check.figure) for check in failing])
        result.append(Phrase(f"{named.zh}的校际差异系数超过限值{limits}", f"above the limit: {named.en}"))
    if unknown:
        titles = joined(COMMA, unknown)
        result.append(Phrase(f"{titles.zh}{UNKNOWN.zh}", f"unknown: {titles.en}"))
    fine = Phrase("各项指标的校际差异系数均在限值以内", "every coefficient of variation is within its limit")
    return joined(SEMICOLON, result or [fine])


def _check_text(evaluation: Evaluation, check: Check) -> Phrase:
    title, met = check.title, check.verdict is Verdict.MET
    text = in_both(lambda lang: check.text(lang, on_paper=True))
    if check.table == "sections":
        # How many schools of each stage there are, before how many comply.
        stages = [stage for stage in evaluation.stages if sections_of_stage(evaluation, stage)]
        included = joined(Phrase("、", " and "), [schools_counted(evaluation, stage) for stage in stages])
        return Phrase(f"{included.zh}，", f"Of {included.en}, ") + text
    if check.verdict is Verdict.UNKNOWN:
        return Phrase(f"“{title.zh}”{UNKNOWN.zh}", f"{title.en}: {UNKNOWN.en}")
    if check.display == "yes_no" and check.required == 1:
        return (Phrase("经自查，", "found: ") if met else Phrase("尚未做到", "not found: ")) + title
    if check.display == "yes_no":
        case = Phrase(case_zh(title.zh), title.en)
        return (Phrase("未发现", "not found: ") if met else Phrase("存在", "found: ")) + case
    if check.total:
        return text
    wanted = in_both(check.requirement)
    end = wanted if met else Phrase(f"未达到“{wanted.zh}”的要求", f"not {wanted.en}")
    return title + Phrase("为", ": ") + in_both(check.figure) + Phrase("，", ", ") + end


def case_zh(title: str) -> str:
    """Return what is the case, or must not be, so that 存在 and 未发现 may come before it."""
    return title if title.endswith(("行为", "事件", "情况")) else f"{title}的情况"


def _named(names: list[str], lang: Language) -> str:
    """Return names in a list; a long one goes on in the annex."""
    few = COMMA.text(lang).join(names[: 2 * MOST_NAMED])
    more = len(names) - 2 * MOST_NAMED
    return few + Phrase(f"等{len(names)}所（见附件）", f" and {more} more (annex)").text(lang) * (more > 0)

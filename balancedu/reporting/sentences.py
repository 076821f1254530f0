"""Drafted sentences about indicators and items, with figures, in the tone of an official report."""

from __future__ import annotations

import numpy as np

from balancedu.core.fields import Stage
from balancedu.core.model import Indicator
from balancedu.core.rules import ClassSize, SchoolSize, Stated
from balancedu.core.standard import Item, Part
from balancedu.core.words import COMMA, SEMICOLON, STOP, joined, unit_after
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.findings import Case, Check, Finding
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.wording import MOST_NAMED
from balancedu.text import NO_WORDS, Language, Phrase, in_both

UNKNOWN = Phrase("数据缺报，暂无法判定", "not reported, so no conclusion can be drawn")


def conclusion_text(verdict: Verdict, lang: Language) -> str:
    """Return what a report concludes of an item."""
    return UNKNOWN.text(lang) if verdict is Verdict.UNKNOWN else verdict.text(lang)


def is_veto(part: Part) -> bool:
    """Return whether a part lists what must not be the case."""
    rules = [rule for item in part.items for rule in item.rules]
    return bool(rules) and all(isinstance(rule, Stated) and not rule.expected for rule in rules)


def part_verdict(part: Part, verdict: Verdict, lang: Language) -> str:
    """Return the verdict of a part in words; of vetoes, whether one applies."""
    veto = {
        Verdict.MET: Phrase("未出现否决情形", "no veto applies"),
        Verdict.NOT_MET: Phrase("存在否决情形（一票否决）", "a veto applies"),
    }
    return veto[verdict].text(lang) if is_veto(part) and verdict in veto else verdict.text(lang)


def part_conclusion(part: Part, verdict: Verdict, lang: Language) -> str:
    """Return what a report concludes of a part."""
    return UNKNOWN.text(lang) if verdict is Verdict.UNKNOWN else part_verdict(part, verdict, lang)


def sections_of(evaluation: Evaluation, stage: Stage) -> list[Section]:
    """Return the sections of a stage of one county."""
    sections = (section_of(evaluation.record.basis, row) for row in evaluation.section_rows.tolist())
    return [section for section in sections if section.stage == stage]


def schools_counted(evaluation: Evaluation, stage: Stage, lang: Language) -> str:
    """Return how many schools have a stage, as the field counts them.

    Examples
    --------
    >>> import balancedu as be
    >>> schools_counted(be.evaluate(be.example("failing")), "primary", "zh")
    '8所小学（含一贯制学校小学部）'
    """
    sections = sections_of(evaluation, stage)
    title = evaluation.standard.head.stage_titles[stage].text(lang)
    combined = any(section.combined for section in sections)
    zh = f"{len(sections)}所{title}" + (f"（含一贯制学校{title}部）" if combined else "")
    return Phrase(zh, f"{len(sections)} {title} {'school' if len(sections) == 1 else 'schools'}").text(lang)


def indicator_sentences(evaluation: Evaluation, indicator: Indicator, lang: Language) -> str:
    """Return for each stage the mean, the lowest school, those below the standard, and the coefficient."""
    result = [_of_stage(evaluation, indicator, stage, lang) for stage in evaluation.stages]
    return ("" if lang == "zh" else " ").join(sentence for sentence in result if sentence)


def _of_stage(evaluation: Evaluation, indicator: Indicator, stage: Stage, lang: Language) -> str:
    sections = sections_of(evaluation, stage)
    if not sections:
        return ""
    precision, position = evaluation.standard.head.precision, evaluation.indicators.index(indicator.id)
    limits = {section.limits[indicator.id][0] for section in sections}
    limit, upper = limits.pop() if len(limits) == 1 else None, bool(indicator.at_most)
    unit, title = unit_after(indicator.unit).text(lang), indicator.title

    def shown(section: Section) -> str:
        # More digits only where rounding would hide that the section lacks something.
        own = section.limits[indicator.id][0]
        bound = float(own.value) if own and _lacks(section, indicator) else np.nan
        return printed(section.values[indicator.id], "value", precision, lang, bound) + unit

    known = [section for section in sections if not np.isnan(section.values[indicator.id])]
    unknown = [section.text(lang) for section in sections if np.isnan(section.values[indicator.id])]
    below = sorted(
        (section for section in known if _lacks(section, indicator)),
        key=lambda section: section.values[indicator.id],
    )
    mean = float(evaluation.mean[0, list(evaluation.stages).index(stage), position])
    subject = schools_counted(evaluation, stage, lang)
    if known and not unknown:
        average = printed(mean, "value", precision, lang) + unit
        head = Phrase(f"全县{subject}{title.zh}平均{average}", f"{subject}: {title.en}, mean {average}")
        if len(known) > 1 and not below:
            furthest = (max if upper else min)(known, key=lambda section: section.values[indicator.id])
            name, value = furthest.text(lang), shown(furthest)
            highest = Phrase("，最高的", ", highest ") if upper else Phrase("，最低的", ", lowest ")
            head += highest + Phrase(f"{name}为{value}", f"{name} {value}")
    else:
        names = _named(unknown, lang)
        zh = f"全县{subject}中，{names}的{title.zh}数据缺报"
        head = Phrase(zh, f"{subject}: {title.en} not reported by {names}")
    parts, own = [head], Phrase("各自的标准", "their standards").text(lang)
    bound = limit_printed(float(limit.value), "value", lang) + unit if limit else own
    if (limit or limits) and known and not below and not unknown:
        zh = f"均不超过{bound}" if upper else f"均达到{bound}" + "以上" * bool(limit)
        parts.append(Phrase(zh, f"all at {'most' if upper else 'least'} {bound}"))
    elif below:
        listed = _named([f"{section.text(lang)}{shown(section)}" for section in below], lang)
        zh = f"其中{len(below)}所{'超过' if upper else '未达到'}{bound}：{listed}"
        parts.append(Phrase(zh, f"{len(below)} {'above' if upper else 'below'} {bound}: {listed}"))
    parts.append(_coefficient(evaluation, indicator, stage, lang))
    return (joined(SEMICOLON, parts) + STOP).text(lang)


def _lacks(section: Section, indicator: Indicator) -> bool:
    return any(lack.indicator.id == indicator.id for lack in section.lacks)


def _coefficient(evaluation: Evaluation, indicator: Indicator, stage: Stage, lang: Language) -> Phrase:
    checks = (check for finding in evaluation.items.values() for check in finding.checks)
    check = next((entry for entry in checks if entry.indicators == (indicator.id,) and entry.stage == stage), None)
    cv = float(evaluation.cv[0, list(evaluation.stages).index(stage), evaluation.indicators.index(indicator.id)])
    name = Phrase("校际差异系数", "coefficient of variation ")
    if np.isnan(cv):
        return name + Phrase("暂无法计算", "cannot be computed")
    limit = check.required if check else np.nan
    figure = name + Phrase.of(printed(cv, "coefficient", evaluation.standard.head.precision, lang, limit))
    if check is None:
        return figure
    relation = Phrase("，大于", ", above ") if check.verdict is Verdict.NOT_MET else Phrase("，不大于", ", not above ")
    return figure + relation + Phrase.of(limit_printed(limit, "coefficient", lang))


def indicator_verdict(evaluation: Evaluation, indicator: Indicator) -> Verdict:
    """Return what the standard says of an indicator: coefficients within limits, no section below the floor."""
    checks = [check for finding in evaluation.items.values() for check in finding.checks]
    verdicts = [check.verdict for check in checks if check.indicators == (indicator.id,)]
    standing = evaluation.standing[:, evaluation.indicators.index(indicator.id)]
    if (indicator.at_least or indicator.at_most) and standing.size:
        verdicts.append(
            Verdict.NOT_MET if (standing == 0).any() else Verdict.UNKNOWN if (standing == -1).any() else Verdict.MET
        )
    known = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    return min(known, key=lambda verdict: verdict.code, default=Verdict.UNKNOWN)


def item_sentence(evaluation: Evaluation, part: Part, item: Item, lang: Language) -> str:
    """Return one sentence about an item: what was found, with figures where there are any.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> part = ev.standard.parts["guarantee"]
    >>> print(item_sentence(ev, part, part.items[0], "zh"))
    经自查，县域内义务教育学校规划布局合理，符合国家规定要求。
    """
    finding = evaluation.items[item.id]
    checks = [(check, rule) for check, rule in _checks(finding) if check.verdict is not Verdict.NOT_APPLICABLE]
    if is_veto(part) and finding.verdict is Verdict.MET:
        text = Phrase(f"未发现{_case_zh(item.title.zh)}", f"Not found: {item.title.en}")
    elif finding.verdict is Verdict.MET and all(isinstance(rule, Stated) for rule in item.rules):
        text = Phrase(f"经自查，{item.title.zh}", f"Found: {item.title.en}")
    elif all(check.form == "coefficient" for check in finding.checks):
        text = _coefficients_text(finding)
    elif checks:
        text = joined(SEMICOLON, [_check_text(evaluation, check, rule, lang) for check, rule in checks])
    else:
        text = Phrase("县域内无涉及对象，不适用", "Not applicable: no one is concerned")
    return (text + STOP).text(lang)


def _coefficients_text(finding: Finding) -> Phrase:
    """Return which coefficients are above their limits; the others are named with their indicators."""
    failing = [check for check in finding.checks if check.verdict is Verdict.NOT_MET]
    unknown = [check.title for check in finding.checks if check.verdict is Verdict.UNKNOWN]
    limits = "、".join(sorted({limit_printed(check.required, "coefficient", "zh") for check in failing}))
    result: list[Phrase] = []
    if failing:
        zh = "、".join(f"{check.title.zh}{check.figure('zh')}" for check in failing)
        en = ", ".join(f"{check.title.en} {check.figure('en')}" for check in failing)
        result.append(Phrase(f"{zh}的校际差异系数超过限值{limits}", f"above the limit: {en}"))
    if unknown:
        titles = joined(COMMA, unknown)
        result.append(Phrase(f"{titles.zh}{UNKNOWN.zh}", f"unknown: {titles.en}"))
    fine = Phrase("各项指标的校际差异系数均在限值以内", "every coefficient of variation is within its limit")
    return joined(SEMICOLON, result or [fine])


def _checks(finding: Finding) -> list[tuple[Check, object]]:
    rules: list[object] = list(finding.item.rules)
    if len(rules) == len(finding.checks):
        return list(zip(finding.checks, rules, strict=True))
    return [(check, rules[0] if len(rules) == 1 else None) for check in finding.checks]


def _check_text(evaluation: Evaluation, check: Check, rule: object, lang: Language) -> Phrase:
    title = check.title
    if check.table == "sections":
        return _sections_text(evaluation, check, lang)
    if check.verdict is Verdict.UNKNOWN:
        return Phrase(f"“{title.zh}”{UNKNOWN.zh}", f"{title.en}: {UNKNOWN.en}")
    if check.form == "yes_no":
        return _stated_text(check)
    if check.total:
        return _cases_text(check, rule, lang)
    head = title + Phrase("为", ": ") + in_both(check.figure) + Phrase("，", ", ")
    wanted = in_both(check.wanted)
    return head + (wanted if check.verdict is Verdict.MET else Phrase(f"未达到“{wanted.zh}”的要求", f"not {wanted.en}"))


def _stated_text(check: Check) -> Phrase:
    title, met = check.title, check.verdict is Verdict.MET
    if check.required == 1:
        return (Phrase("经自查，", "found: ") if met else Phrase("尚未做到", "not found: ")) + title
    return (Phrase("未发现", "not found: ") if met else Phrase("存在", "found: ")) + Phrase(
        _case_zh(title.zh), title.en
    )


def _case_zh(title: str) -> str:
    return title if title.endswith(("行为", "事件", "情况")) else f"{title}的情况"


_ALL_MET: dict[type, Phrase] = {
    SchoolSize: Phrase("全县{}所学校在校生规模均符合要求，无大校额学校", "no school of {} is too large"),
    ClassSize: Phrase("全县{}个教学班班额均符合要求，无大班额", "no class of {} is too large"),
}
_NOT_MET: dict[type, Phrase] = {
    SchoolSize: Phrase("全县有大校额学校{}所：", "schools that are too large, {}: "),
    ClassSize: Phrase("全县有大班额{}个：", "classes that are too large, {}: "),
}


def _cases_text(check: Check, rule: object, lang: Language) -> Phrase:
    failing, title = check.failing(Verdict.NOT_MET), check.title
    unit = {"schools": "所学校", "classes": "个教学班"}.get(check.table, "项")
    if not failing:
        words = Phrase(f"全县{{}}{unit}{title.zh}均符合要求", f"{title.en}: all {{}} as required")
        return Phrase.of(_ALL_MET.get(type(rule), words).text(lang).format(check.total))
    words = Phrase(f"{{}}{unit}{title.zh}未达到要求：", f"{title.en}, {{}} not as required: ")
    named = _named([_case_text(check, case, lang) for case in failing], lang)
    return Phrase.of(_NOT_MET.get(type(rule), words).text(lang).format(len(failing)) + named)


def _case_text(check: Check, case: Case, lang: Language) -> str:
    figure, wanted = check.figure(lang, case), check.wanted(lang, required=case.required)
    end = Phrase(f"应{wanted}", f"must be {wanted}")
    if check.relation in ("<=", "<"):
        over = printed(case.observed - case.required, check.form, check.precision, lang)
        unit = check.unit or NO_WORDS
        end = Phrase(f"超出{over}{unit.zh}", f"{over} {unit.en} above".replace("  ", " "))
    return Phrase(f"{case.name.zh}{figure}（{end.zh}）", f"{case.name.en} {figure} ({end.en})").text(lang)


def _sections_text(evaluation: Evaluation, check: Check, lang: Language) -> Phrase:
    """Return how many schools of each stage comply, and which do not."""
    included = [
        schools_counted(evaluation, stage, lang) for stage in evaluation.stages if sections_of(evaluation, stage)
    ]
    failing = [case.name.text(lang) for case in check.failing(Verdict.NOT_MET)]
    unknown = [case.name.text(lang) for case in check.failing(Verdict.UNKNOWN)]
    met = check.total - len(failing) - len(unknown)
    zh = "、".join(included) + (f"，其中{met}所达标" if failing or unknown else "全部达标")
    result = [Phrase(zh, f"{met} of {' and '.join(included)} comply")]
    if failing:
        names = Phrase.of(_named(failing, lang))
        result.append(Phrase(f"{len(failing)}所未达标：", "not: ") + names)
    if unknown:
        names = Phrase.of(_named(unknown, lang))
        result.append(Phrase(f"{len(unknown)}所因数据缺报暂无法判定：", "unknown: ") + names)
    return joined(Phrase("，", ", "), result)


def _named(names: list[str], lang: Language) -> str:
    """Return names in a list; a long one goes on in the annex."""
    few = COMMA.text(lang).join(names[: 2 * MOST_NAMED])
    more = len(names) - 2 * MOST_NAMED
    return few + Phrase(f"等{len(names)}所（见附件）", f" and {more} more (annex)").text(lang) * (more > 0)

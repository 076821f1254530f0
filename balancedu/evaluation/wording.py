"""Findings in sentences, Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from balancedu.core.fields import Language, Title
from balancedu.core.rules import Stated
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.problems import ONLY_COUNTY

if TYPE_CHECKING:
    from balancedu.core.standard import Item
    from balancedu.evaluation.findings import Case, Check, Finding

BLANK = "____"
"""Where somebody has to write by hand."""
MOST_NAMED = 5
"""How many cases or gaps a sentence names; the finding holds them all."""

RELATIONS: dict[str, dict[Language, str]] = {
    ">=": {"zh": "不低于", "en": "at least "},
    "<=": {"zh": "不超过", "en": "at most "},
    "<": {"zh": "低于", "en": "below "},
    ">": {"zh": "高于", "en": "above "},
    "is": {"zh": "为", "en": ""},
}
_COUNTED: dict[str, dict[Language, str]] = {
    "schools": {"zh": "所学校", "en": "schools"},
    "sections": {"zh": "个学部", "en": "sections"},
    "classes": {"zh": "个班", "en": "classes"},
    "monitoring": {"zh": "项", "en": "subjects"},
    "": {"zh": "项", "en": "figures"},
}


def county_named(county: str, lang: Language, *, on_paper: bool = False) -> str:
    """Return the id of a county; one without an id is this county, and on paper a blank to fill in."""
    if county != ONLY_COUNTY:
        return county
    return BLANK if on_paper else {"zh": "本县", "en": "the county"}[lang]


def asked(item: Item, lang: Language) -> str:
    """Return what an item asks for; the titles of some name what must not be the case."""
    title = item.title.said(lang)
    if not all(isinstance(rule, Stated) and not rule.expected for rule in item.rules):
        return title
    return f"不得有下列情形：{title}" if lang == "zh" else f"this must not be the case: {title}"


def reason(finding: Finding, lang: Language) -> str:
    """Return the verdict of a finding and its grounds."""
    return f"{finding.verdict.said(lang)}{'：' if lang == 'zh' else ': '}{grounds(finding, lang)}"


def grounds(finding: Finding, lang: Language) -> str:
    """Return what the verdict of a finding rests on."""
    told = [check for check in finding.checks if check.verdict is finding.verdict] or list(finding.checks)
    if finding.verdict is Verdict.MET and len(told) > MOST_NAMED:
        sentences = [_all_met(finding, len(told), lang)]
    else:
        sentences = [said(check, lang) for check in told]
    return "；".join(sentences) + "。" if lang == "zh" else "; ".join(sentences) + "."


def said(check: Check, lang: Language) -> str:
    """Return one check in words."""
    if check.verdict is Verdict.NOT_APPLICABLE:
        return _nobody_said(check, lang)
    if check.table == "sections":
        return _sections_said(check, lang)
    if check.verdict is Verdict.UNKNOWN and check.gaps:
        return _gaps_said(check, lang)
    return _cases_said(check, lang) if check.total else _figure_said(check, lang)


def failing(not_met: int, unknown: int, table: str) -> Title:
    """Return how many cases of a table are not met and not known; without a table it is about figures."""
    units = _COUNTED.get(table, _COUNTED[""])
    zh = [f"{not_met}{units['zh']}不符"] * bool(not_met) + [f"{unknown}{units['zh']}待定"] * bool(unknown)
    en = [f"{not_met} of the {units['en']} not met"] * bool(not_met)
    en += [f"{unknown} of the {units['en']} unknown"] * bool(unknown)
    return Title("、".join(zh) or "全部符合", ", ".join(en) or "all met")


def _nobody_said(check: Check, lang: Language) -> str:
    if lang == "zh":
        return f"{check.title.zh}：{'县内没有涉及的学校' if check.table == 'schools' else '县内没有涉及的对象'}"
    return f"{check.title.en}: {'no school' if check.table == 'schools' else 'nobody'} is concerned"


def wanted(check: Check, lang: Language, *, required: float | None = None) -> str:
    """Return what a check requires."""
    limit = check.required if required is None else required
    return f"{RELATIONS[check.relation][lang]}{limit_printed(limit, check.form, lang)}{_unit(check, lang)}"


def observed(check: Check, lang: Language, case: Case | None = None) -> str:
    """Return what was found, by a check or in one of its cases."""
    one = check if case is None else case
    return printed(one.observed, check.form, check.precision, lang, one.required) + _unit(check, lang)


def _should(check: Check, lang: Language, required: float | None = None) -> str:
    return (
        f"（应{wanted(check, lang, required=required)}）"
        if lang == "zh"
        else f" (must be {wanted(check, lang, required=required)})"
    )


def _all_met(finding: Finding, count: int, lang: Language) -> str:
    closest = said(finding.decisive, lang)
    return f"{count}项全部符合，最接近限值的是{closest}" if lang == "zh" else f"all {count} comply, closest {closest}"


def _figure_said(check: Check, lang: Language) -> str:
    title, found = check.title.said(lang), observed(check, lang)
    if check.verdict is Verdict.UNKNOWN:
        # Everything it needs is reported, or the gaps would have been named.
        found = "无法计算" if lang == "zh" else "cannot be computed"
    elif check.gaps:
        found = {"zh": f"至少{found}", "en": f"at least {found}"}[lang]
    colon = ": " if lang == "en" else "：" if check.relation == "is" else ""
    if check.relation == "is" and check.verdict is Verdict.MET:
        return f"{title}{colon}{found}"
    return f"{title}{colon}{found}{_should(check, lang)}"


def _cases_said(check: Check, lang: Language) -> str:
    counted, title = _COUNTED[check.table][lang], check.title.said(lang)
    if check.verdict is Verdict.MET and check.worst:
        closest = _case_said(check, check.worst, lang)
        if lang == "zh":
            return f"{title}：{check.total}{counted}全部符合，最接近限值的是{closest}"
        return f"{title}: all {check.total} {counted} comply, closest {closest}"
    failing = [case for case in check.cases if case.verdict is check.verdict]
    named = [_case_said(check, case, lang) for case in failing[:MOST_NAMED]]
    if lang == "zh":
        return f"{title}：{len(failing)}{counted}不符，{_and_more(named, len(failing), lang)}"
    return f"{title}: {len(failing)} of {check.total} {counted} fail: {_and_more(named, len(failing), lang)}"


def _case_said(check: Check, case: Case, lang: Language) -> str:
    return f"{case.name.said(lang)} {observed(check, lang, case)}{_should(check, lang, case.required)}"


def _sections_said(check: Check, lang: Language) -> str:
    failing = [case.name.said(lang) for case in check.cases if case.verdict is Verdict.NOT_MET]
    unknown = [case.name.said(lang) for case in check.cases if case.verdict is Verdict.UNKNOWN]
    met = check.total - len(failing) - len(unknown)
    if lang == "zh":
        told = [f"{check.total}个学部中{met}个达标" if met < check.total or not met else f"{met}个学部全部达标"]
        told += [f"{len(failing)}个未达标：{_and_more(failing[:MOST_NAMED], len(failing), lang)}"] if failing else []
        told += [f"{len(unknown)}个待定：{_and_more(unknown[:MOST_NAMED], len(unknown), lang)}"] if unknown else []
        return "；".join(told)
    told = [f"{met} of {check.total} sections comply"]
    told += [f"{len(failing)} do not: {_and_more(failing[:MOST_NAMED], len(failing), lang)}"] if failing else []
    told += [f"{len(unknown)} unknown: {_and_more(unknown[:MOST_NAMED], len(unknown), lang)}"] if unknown else []
    return "; ".join(told)


def _gaps_said(check: Check, lang: Language) -> str:
    named = list(dict.fromkeys(gap.said(lang) for gap in check.gaps))
    missing = _and_more(named[:MOST_NAMED], len(named), lang)
    if [gap.title for gap in check.gaps] == [check.title]:
        return f"未填报{missing}" if lang == "zh" else f"not reported: {missing}"
    title = check.title.said(lang)
    return f"{title}：未填报{missing}" if lang == "zh" else f"{title}: not reported: {missing}"


def _and_more(named: list[str], count: int, lang: Language) -> str:
    if lang == "zh":
        return "、".join(named) + ("等" if count > len(named) else "")
    return ", ".join(named) + (", and more" if count > len(named) else "")


def _unit(check: Check, lang: Language) -> str:
    if check.unit is None or check.form in ("percent", "yes_no"):
        return ""
    return check.unit.zh if lang == "zh" else f" {check.unit.en}"

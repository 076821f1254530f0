"""The problems of a county: one list, from the cases that decided, for every report, ledger and notice."""

from __future__ import annotations

import math

import attrs
import numpy as np

from balancedu.core.rules import ClassSize, CompositeWithin, Rule, SchoolSize, SpreadWithin, Stated
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Finding
from balancedu.evaluation.sections import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.distances import rules_of_checks
from balancedu.planning.shortfalls import Shortfalls, shortfalls
from balancedu.text import NO_WORDS, Language, Phrase

LANGUAGES: tuple[Language, Language] = ("zh", "en")
COUNTY = Phrase("全县", "the county")
LARGE_SCHOOL = Phrase("大校额", "school too large")
LARGE_CLASS = Phrase("大班额", "class too large")
NOT_REPORTED = Phrase("数据缺报", "not reported")
_HOW: dict[str, Phrase] = {
    "人": Phrase("通过招聘、交流轮岗增配", "recruit or rotate in: "),
    "平方米": Phrase("通过新建、改扩建或盘活现有校舍场地增加", "build, extend or convert: "),
    "元": Phrase("安排资金，增加", "fund: "),
    "间": Phrase("新建或改建，增加", "build or convert: "),
}


@attrs.frozen
class Problem:
    """One thing that is not met or not known, of one school, section or class, or of the county.

    Attributes
    ----------
    item : str
        The id of the item; on paper its `part` and `number` in it stand, and what is asked for as `name`.
    kind : Phrase
        What is wrong, without figures, so that it is the same from month to month.
    who : Phrase
        The school, section or class, or the county.
    school : str
        The id of the school; empty where it is about the county.
    now, wanted, lacking : Phrase
        The figure, what is required, and how much is missing, with units.
    measure : Phrase
        What to do about it, without figures.
    cost : float
        Yuan, where what is missing is money; NaN otherwise.
    """

    item: str
    part: Phrase
    name: Phrase
    kind: Phrase
    who: Phrase
    school: str
    now: Phrase
    wanted: Phrase
    lacking: Phrase
    measure: Phrase
    verdict: Verdict
    cost: float = math.nan
    by_amount: bool = True
    """Whether measures are told with what is missing; not for a coefficient."""


def problems(evaluation: Evaluation, missing: Shortfalls | None = None) -> tuple[Problem, ...]:
    """Return the problems of one county, in the order of the standard.

    Examples
    --------
    >>> import balancedu as be
    >>> found = problems(be.evaluate(be.example("failing")))
    >>> [(one.kind.zh, one.who.zh, one.lacking.zh) for one in found if one.kind.zh.startswith("大")]
    [('大校额', '安和县第一小学', '超出36人'), ('大班额', '安和县第二小学3年级', '超出1人')]
    """
    missing = missing or shortfalls(evaluation)
    rules = rules_of_checks(evaluation)
    result: list[Problem] = []
    for part in evaluation.standard.parts.values():
        for item in part.items:
            finding = evaluation.items[item.id]
            if finding.verdict not in (Verdict.NOT_MET, Verdict.UNKNOWN):
                if finding.verdict is Verdict.MET and any(check.table == "sections" for check in finding.checks):
                    result += _of_sections(evaluation, missing, finding, part.title)
                continue
            if any(check.table == "sections" for check in finding.checks):
                result += _of_sections(evaluation, missing, finding, part.title)
            else:
                result += _of_item(evaluation, missing, finding, rules[item.id], part.title)
            result += _not_reported(finding, part.title)
    # What several items lack is one problem.
    return tuple({(problem.kind, problem.who): problem for problem in reversed(result)}.values())[::-1]


def _of_sections(evaluation: Evaluation, missing: Shortfalls, finding: Finding, part: Phrase) -> list[Problem]:
    """Return what each section lacks to the standard of an indicator, whether it complies as a whole or not."""
    standard, columns = evaluation.standard, missing.sections
    precision = standard.head.precision
    result = []
    amounts = {
        (str(columns["school"][row]), columns["stage"][row], str(columns["indicator"][row])): row
        for row in range(columns["school"].size)
    }
    sections = [section_of(evaluation.record.basis, row) for row in evaluation.section_rows.tolist()]
    for section, lack in [(entry, lack) for entry in sections for lack in entry.lacks]:
        indicator = lack.indicator
        row = amounts[section.school, section.stage, indicator.id]
        measure = standard.measures[str(columns["measure"][row])]
        value, limit = float(columns["value"][row]), float(columns["standard"][row])
        below_floor = lack.floor is not None and lack.standing == 0
        # Not known where values are reported per pupil alone.
        amount, unit = float(columns["to_standard"][row]), measure.unit or NO_WORDS
        share = standard.section_rule.floor_share if standard.section_rule else None
        kind = Phrase(f"{indicator.title.zh}低于标准", f"{indicator.title.en} below the standard")
        if below_floor and share is not None:
            percent = f"{float(share) * 100:g}%"
            kind += Phrase(f"的{percent}", f", less than {percent} of it")
        how = _HOW.get(unit.zh, Phrase("增加", "add: "))
        result.append(
            Problem(
                finding.item.id,
                part,
                indicator.title,
                kind,
                Phrase(section.text("zh"), section.text("en")),
                section.school,
                _with_unit(printed(value, "value", precision, "zh", limit), indicator.unit),
                _with_unit(limit_printed(limit, "value", "zh"), indicator.unit),
                Phrase("还需增加", "add ") + _with_unit(plain(amount), unit) if amount > 0 else NO_WORDS,
                how + measure.title,
                Verdict.NOT_MET,
                amount if unit.zh == "元" else math.nan,
            )
        )
    return result


def _of_item(
    evaluation: Evaluation, missing: Shortfalls, finding: Finding, rules: tuple[Rule, ...], part: Phrase
) -> list[Problem]:
    columns = missing.items
    checks = {check.id: (rule, check) for rule, check in zip(rules, finding.checks, strict=True)}
    result = []
    for row in np.flatnonzero(columns["item"] == finding.item.id).tolist():
        rule, check = checks[str(columns["check"][row])]
        what = str(columns["what"][row])
        if what in ("open", "open_rearranged") or check.verdict is not Verdict.NOT_MET:
            continue
        observed, required = float(columns["observed"][row]), float(columns["required"][row])
        unit = Phrase(str(columns["unit"][row]), check.unit.en if check.unit else "")
        amount = float(columns["amount"][row])
        precision = evaluation.standard.head.precision
        shown = (
            NO_WORDS if check.form in ("percent", "yes_no", "coefficient", "level", "day") else check.unit or NO_WORDS
        )
        kind, measure = _kind(rule, check.title, is_share=check.form == "percent")
        stated = check.form == "yes_no"
        figure = Phrase(*(printed(observed, check.form, precision, lang, required) for lang in LANGUAGES))
        limit = Phrase(*(limit_printed(required, check.form, lang) for lang in LANGUAGES))
        if what == "lower" or isinstance(rule, ClassSize):
            difference = printed(abs(observed - required), check.form, precision, "zh")
            lacking = Phrase("超出", "above by ") + _with_unit(difference, shown)
        elif what == "state" or math.isnan(amount):
            lacking = NO_WORDS
        else:
            lacking = Phrase("还需增加", "add ") + _with_unit(plain(amount), unit)
        result.append(
            Problem(
                finding.item.id,
                part,
                finding.item.name,
                kind,
                Phrase(str(columns["name_zh"][row]), str(columns["name_en"][row])),
                str(columns["school"][row]),
                NO_WORDS if stated else _joined(figure, shown),
                NO_WORDS if stated else _joined(limit, shown),
                lacking,
                measure,
                Verdict.NOT_MET,
                amount if unit.zh == "元" else math.nan,
                check.form != "coefficient",
            )
        )
    return result


def _kind(rule: Rule, title: Phrase, *, is_share: bool) -> tuple[Phrase, Phrase]:
    """Return what is wrong and what to do about it, without figures."""
    if isinstance(rule, SchoolSize):
        return LARGE_SCHOOL, Phrase(
            "严格控制招生计划，合理划分学区，逐步分流学生", "limit admissions and divide the district"
        )
    if isinstance(rule, ClassSize):
        return LARGE_CLASS, Phrase(
            "在同年级内均衡编班，必要时增设教学班", "even out the classes of the grade or open one"
        )
    if isinstance(rule, Stated) and not rule.expected:
        return Phrase(f"存在{title.zh}的情况", f"it is the case: {title.en}"), Phrase(
            "立即纠正，举一反三", "put an end to it"
        )
    if isinstance(rule, Stated):
        return Phrase(f"尚未做到{title.zh}", f"not the case: {title.en}"), Phrase(
            f"落实{title.zh}", f"see to it: {title.en}"
        )
    if isinstance(rule, SpreadWithin | CompositeWithin):
        kind = Phrase(f"{title.zh}校际差异系数超过限值", f"coefficient above the limit: {title.en}")
        return kind, Phrase("优先向数值偏低的学校配置资源，缩小校际差距", "give to the schools that have least")
    verb = Phrase("提高", "raise: ") if is_share else Phrase("补足", "make up: ")
    return Phrase(f"{title.zh}未达到要求", f"{title.en} not as required"), verb + title


def _not_reported(finding: Finding, part: Phrase) -> list[Problem]:
    result = []
    for gap in finding.gaps:
        title = Phrase(gap.titled("zh").strip("「」"), gap.titled("en"))
        who = Phrase(gap.name, gap.name) if gap.school else COUNTY
        fill = Phrase(f"补报{title.zh}", f"report: {title.en}")
        kind = NOT_REPORTED + Phrase("：", ": ") + title
        nothing = NOT_REPORTED
        result.append(
            Problem(
                finding.item.id,
                part,
                finding.item.name,
                kind,
                who,
                gap.school,
                nothing,
                NO_WORDS,
                NO_WORDS,
                fill,
                Verdict.UNKNOWN,
            )
        )
    return result


def _with_unit(figure: str, unit: Phrase) -> Phrase:
    return _joined(Phrase(figure, figure), unit)


def _joined(figure: Phrase, unit: Phrase) -> Phrase:
    return Phrase(figure.zh + unit.zh, f"{figure.en} {unit.en}".strip())

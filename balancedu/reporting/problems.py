"""The problems of a county: one list, from the cases that decided, for every paper, and its words in them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.rules import ClassSize, RoomsForClasses, Rule, SchoolSize, SpreadWithin, Stated, WithinLimits
from balancedu.core.words import COLON, SEMICOLON, STOP, bracketed, joined
from balancedu.document import Block, Paragraph
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Finding
from balancedu.evaluation.sections import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.distances import measure_added
from balancedu.planning.shortfalls import Shortfalls, shortfalls
from balancedu.reporting.pieces import numbered, responsible, written
from balancedu.reporting.tasks import Task, task_texts
from balancedu.text import NO_WORDS, Language, Phrase, in_both

LANGUAGES: tuple[Language, Language] = ("zh", "en")
COUNTY = Phrase("全县", "the county")
LARGE_SCHOOL = Phrase("大校额", "school too large")
LARGE_CLASS = Phrase("大班额", "class too large")
NOT_REPORTED = Phrase("数据缺报", "not reported")
NOT_COMPUTED = Phrase("数据已齐，但无法计算", "reported, yet it cannot be computed")
_HOW: dict[str, Phrase] = {
    "人": Phrase("通过招聘、交流轮岗增配", "recruit or rotate in: "),
    "平方米": Phrase("通过新建、改扩建或盘活现有校舍场地增加", "build, extend or convert: "),
    "元": Phrase("安排资金，增加", "fund: "),
    "间": Phrase("新建或改建，增加", "build or convert: "),
}


@attrs.frozen(kw_only=True)
class Problem:
    """One thing that is not met or not known, of one school, section or class, or of the county.

    Attributes
    ----------
    item : str
        The id of the item.
    part, name : Phrase
        The part of the standard, and what is asked for, as papers call them.
    kind : Phrase
        What is wrong, without figures, so that it is the same from month to month.
    who : Phrase
        The school, section or class, or the county; schools of one name have their ids beside it.
    school : str
        The id of the school; empty where it is about the county.
    now, wanted, lacking : Phrase
        The figure, what is required, and how much is missing, with units.
    measure : Phrase
        What to do about it, without figures.
    cost : float
        Yuan, where what is missing is money; NaN otherwise.
    by_amount : bool
        Whether measures name what is missing; not for a coefficient.
    remedies : tuple of str
        The measures of which more is a remedy; `rooms.` and the use for rooms.
    entry : str
        The indicator, or else the item, whose office has to act.
    """

    item: str
    part: Phrase
    name: Phrase
    kind: Phrase
    who: Phrase = COUNTY
    school: str = ""
    now: Phrase = NO_WORDS
    wanted: Phrase = NO_WORDS
    lacking: Phrase = NO_WORDS
    measure: Phrase
    verdict: Verdict = Verdict.NOT_MET
    cost: float = math.nan
    by_amount: bool = True
    remedies: tuple[str, ...] = ()
    entry: str


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
    result: list[Problem] = []
    for part in evaluation.standard.parts.values():
        for item in part.items:
            finding = evaluation.items[item.id]
            failing = finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN)
            if any(check.table == "sections" for check in finding.checks):
                if failing or finding.verdict is Verdict.MET:
                    result += _of_sections(evaluation, missing, finding, part.title)
            elif failing:
                rules = tuple(outcome.rule or item.rules[0] for outcome in evaluation.record.outcomes[item.id])
                result += _of_item(evaluation, missing, finding, rules, part.title)
            if failing:
                result += _unknown(finding, part.title)
    # What several items lack is one problem.
    each = {(problem.kind, problem.school, problem.who): problem for problem in reversed(result)}
    return tuple(_with_own_names(evaluation, tuple(each.values())[::-1]))


def own_names(evaluation: Evaluation) -> dict[str, Phrase]:
    """Return what each school of a county is called, so that no two have one name: by its id too where two have."""
    schools = evaluation.submission.schools
    names = dict(zip(schools.columns["school"].tolist(), schools.texts("name").tolist(), strict=True))
    counts = Counter(names.values())
    return {
        school: Phrase.of(name or school) if counts[name] == 1 or not name else _with_id(name, school)
        for school, name in names.items()
    }


def _with_id(name: str, school: str) -> Phrase:
    return Phrase(f"{name}（{school}）", f"{name} ({school})")


def _with_own_names(evaluation: Evaluation, result: tuple[Problem, ...]) -> Iterator[Problem]:
    """Yield the problems, schools of one name with their ids."""
    names, schools = own_names(evaluation), evaluation.submission.schools
    plain = dict(zip(schools.columns["school"].tolist(), schools.texts("name").tolist(), strict=True))
    for problem in result:
        if name := plain.get(problem.school, ""):
            own, who = names[problem.school], problem.who
            who = Phrase(who.zh.replace(name, own.zh, 1), who.en.replace(name, own.en, 1))
            yield attrs.evolve(problem, who=who)
        else:
            yield problem


def _of_sections(evaluation: Evaluation, missing: Shortfalls, finding: Finding, part: Phrase) -> Iterator[Problem]:
    """Yield what each section lacks to the standard of an indicator, whether it complies as a whole or not."""
    standard, columns = evaluation.standard, missing.sections
    precision = standard.head.precision
    keys = zip(columns["school"].tolist(), columns["stage"].tolist(), columns["indicator"].tolist(), strict=True)
    rows = {key: row for row, key in enumerate(keys)}
    share = standard.section_rule.floor_share if standard.section_rule else None
    sections = [section_of(evaluation.record.basis, row) for row in evaluation.section_rows.tolist()]
    for section, lack in [(entry, lack) for entry in sections for lack in entry.lacks]:
        indicator = lack.indicator
        row = rows[section.school, section.stage, indicator.id]
        measure = standard.measures[str(columns["measure"][row])]
        value, limit = float(columns["value"][row]), float(columns["standard"][row])
        # Not known where values are reported per pupil alone.
        amount, unit = float(columns["to_standard"][row]), measure.unit or NO_WORDS
        kind = Phrase(f"{indicator.title.zh}低于标准", f"{indicator.title.en} below the standard")
        if lack.floor is not None and lack.standing == 0 and share is not None:
            percent = f"{float(share) * 100:g}%"
            kind += Phrase(f"的{percent}", f", less than {percent} of it")
        yield Problem(
            item=finding.item.id,
            part=part,
            name=indicator.title,
            kind=kind,
            who=in_both(section.text),
            school=section.school,
            now=_with_unit(printed(value, "value", precision, "zh", limit), indicator.unit),
            wanted=_with_unit(limit_printed(limit, "value", "zh"), indicator.unit),
            lacking=Phrase("还需增加", "add ") + _with_unit(plain(amount), unit) if amount > 0 else NO_WORDS,
            measure=_HOW.get(unit.zh, Phrase("增加", "add: ")) + measure.title,
            cost=amount if unit.zh == "元" else math.nan,
            remedies=(measure.id,),
            entry=indicator.id,
        )


def _of_item(
    evaluation: Evaluation, missing: Shortfalls, finding: Finding, rules: tuple[Rule, ...], part: Phrase
) -> Iterator[Problem]:
    columns, standard = missing.items, evaluation.standard
    precision = standard.head.precision
    checks = {check.id: (rule, check) for rule, check in zip(rules, finding.checks, strict=True)}
    for row in np.flatnonzero(columns["item"] == finding.item.id).tolist():
        rule, check = checks[str(columns["check"][row])]
        what = str(columns["what"][row])
        if what in ("open", "open_rearranged") or check.verdict is not Verdict.NOT_MET:
            continue
        observed, required = float(columns["observed"][row]), float(columns["required"][row])
        unit = Phrase(str(columns["unit"][row]), check.unit.en if check.unit else "")
        amount = float(columns["amount"][row])
        bare = check.form in ("percent", "yes_no", "coefficient", "level", "day")
        shown = NO_WORDS if bare else check.unit or NO_WORDS
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
        kind, measure = _kind(rule, check.title, is_share=check.form == "percent")
        remedies: tuple[str, ...] = (check.id,) if isinstance(rule, RoomsForClasses) else ()
        if isinstance(rule, SpreadWithin) and check.stage:
            remedies = tuple(measure_added(standard.indicators[name], check.stage) for name in check.indicators)
        yield Problem(
            item=finding.item.id,
            part=part,
            name=finding.item.name,
            kind=kind,
            who=Phrase(str(columns["name_zh"][row]), str(columns["name_en"][row])),
            school=str(columns["school"][row]),
            now=NO_WORDS if stated else _joined(figure, shown),
            wanted=NO_WORDS if stated else _joined(limit, shown),
            lacking=lacking,
            measure=measure,
            cost=amount if unit.zh == "元" else math.nan,
            by_amount=check.form != "coefficient",
            remedies=remedies,
            entry=finding.item.id,
        )


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
    if isinstance(rule, WithinLimits):
        kind = Phrase(f"{title.zh}校际差异系数超过限值", f"coefficient above the limit: {title.en}")
        return kind, Phrase("优先向数值偏低的学校配置资源，缩小校际差距", "give to the schools that have least")
    verb = Phrase("提高", "raise: ") if is_share else Phrase("补足", "make up: ")
    return Phrase(f"{title.zh}未达到要求", f"{title.en} not as required"), verb + title


def _unknown(finding: Finding, part: Phrase) -> Iterator[Problem]:
    """Yield what is not reported, and what cannot be computed although it is: a share of nothing."""
    for gap in finding.gaps:
        title = in_both(gap.bare)
        yield Problem(
            item=finding.item.id,
            part=part,
            name=finding.item.name,
            kind=NOT_REPORTED + COLON + title,
            who=Phrase.of(gap.name) if gap.school else COUNTY,
            school=gap.school,
            now=NOT_REPORTED,
            measure=Phrase(f"补报{title.zh}", f"report: {title.en}"),
            verdict=Verdict.UNKNOWN,
            entry=finding.item.id,
        )
    for check in finding.checks:
        if check.verdict is Verdict.UNKNOWN and not check.gaps:
            yield Problem(
                item=finding.item.id,
                part=part,
                name=finding.item.name,
                kind=NOT_COMPUTED + COLON + check.title,
                now=NOT_COMPUTED,
                measure=Phrase(f"核实与“{check.title.zh}”有关的数据", f"check the figures of: {check.title.en}"),
                verdict=Verdict.UNKNOWN,
                entry=finding.item.id,
            )


def _with_unit(figure: str, unit: Phrase) -> Phrase:
    return _joined(Phrase(figure, figure), unit)


def _joined(figure: Phrase, unit: Phrase) -> Phrase:
    return Phrase(figure.zh + unit.zh, f"{figure.en} {unit.en}".strip())


def assigned(
    problems: Sequence[Problem], tasks: Iterable[Task]
) -> tuple[Mapping[Problem, list[Task]], tuple[Task, ...]]:
    """Return the tasks that answer each problem, and those that answer none; no task twice.

    What a school gets without lacking it narrows a coefficient: it answers the county's problem with that indicator.
    """
    result: dict[Problem, list[Task]] = {}
    rest: list[Task] = []
    for task in tasks:
        answered = (problem for problem in problems if problem.school and _answers(task, problem))
        wider = (problem for problem in problems if not problem.school and task.target in problem.remedies)
        problem = next(answered, next(wider, None))
        if problem is None:
            rest.append(task)
        else:
            result.setdefault(problem, []).append(task)
    return result, tuple(rest)


def _answers(task: Task, problem: Problem) -> bool:
    if task.kind in ("move_pupils", "arrange_classes"):
        school = task.out_of or task.school
        return problem.school == school and problem.kind in (LARGE_SCHOOL, LARGE_CLASS)
    return problem.school == task.school and task.target in problem.remedies


def problem_paragraphs(evaluation: Evaluation, result: Sequence[Problem], lang: Language) -> Iterator[Block]:
    """Yield the problems by kind, with schools and amounts, and what the county wrote about them."""
    if not result:
        yield Paragraph({"zh": "本次自查未发现未达标或数据缺报的项目。", "en": "Nothing is not met or unknown."}[lang])
    groups = _grouped((problem.kind.text(lang), problem) for problem in result)
    for number, (kind, group) in enumerate(groups.items(), 1):
        count = f"（{len(group)}处）" if len(group) > 1 and lang == "zh" else ""
        detail = joined(SEMICOLON, filter(None, map(_with_figures, group)))
        yield numbered(number, kind + count + (COLON + detail + STOP if detail else STOP).text(lang), lang)
    yield from _from_county(evaluation, result, "problem", len(groups) + 1, lang)


def measure_paragraphs(
    evaluation: Evaluation, result: Sequence[Problem], lang: Language, tasks: Mapping[Problem, list[Task]]
) -> Iterator[Block]:
    """Yield what is to be done: by the plan where there is one, otherwise with what is lacking; who acts by when."""
    groups = _grouped((problem.measure.text(lang), problem) for problem in result)
    for number, (measure, group) in enumerate(groups.items(), 1):
        planned = [task for problem in group for task in tasks.get(problem, [])]
        detail = SEMICOLON.text(lang).join(task_texts(planned, lang)) if planned else _amounts(group, lang)
        offices = dict.fromkeys(responsible(evaluation, problem.entry, lang) for problem in group)
        who = SEMICOLON.text(lang).join(filter(None, offices))
        text = COLON.text(lang) + detail if detail else ""
        text += bracketed(Phrase.of(who)).text(lang) if who else ""
        yield numbered(number, measure + text + STOP.text(lang), lang)
    yield from _from_county(evaluation, result, "measure", len(groups) + 1, lang)


def _from_county(
    evaluation: Evaluation, result: Sequence[Problem], field: str, first: int, lang: Language
) -> Iterator[Paragraph]:
    """Yield what the county wrote about the entries that have problems, numbered from `first`."""
    entries = dict.fromkeys(entry for problem in result for entry in (problem.entry, problem.item))
    texts = (written(evaluation, f"{entry}.{field}") for entry in entries)
    for number, text in enumerate(filter(None, texts), first):
        yield numbered(number, text, lang)


def _grouped(pairs: Iterable[tuple[str, Problem]]) -> dict[str, list[Problem]]:
    groups: dict[str, list[Problem]] = {}
    for title, problem in pairs:
        groups.setdefault(title, []).append(problem)
    return groups


def _with_figures(problem: Problem) -> Phrase:
    """Return who has a problem, with the figure, the standard and what is missing where they are known."""
    if problem.verdict is Verdict.UNKNOWN or not problem.now:
        return problem.who if problem.school else NO_WORDS
    standard = bracketed(Phrase("标准", "standard ") + problem.wanted)
    result = problem.who + _SPACE + problem.now + standard
    return result + _COMMA + problem.lacking if problem.lacking else result


_SPACE, _COMMA = Phrase("", " "), Phrase("，", ", ")


def _amounts(group: Sequence[Problem], lang: Language) -> str:
    """Return what the schools lack, in Chinese at least the schools, and the money that is known."""
    lacking = [problem.who + _SPACE + problem.lacking for problem in group if problem.lacking and problem.by_amount]
    if not lacking and lang == "zh":
        lacking = [problem.who for problem in group if problem.school]
    cost = sum(problem.cost for problem in group if not math.isnan(problem.cost))
    if cost:
        lacking.append(Phrase(f"约需资金{cost / 1e4:g}万元", f"about {cost:,.0f} yuan"))
    return joined(_COMMA, lacking).text(lang)

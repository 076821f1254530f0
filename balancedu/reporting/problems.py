"""The problems of a county from the cases that decided, one list for every paper, and the tasks of a plan."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from balancedu.core.rules import Rule
from balancedu.core.standard import Standard
from balancedu.core.words import COLON, bracketed, joined
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Finding, Lack, section_of
from balancedu.evaluation.results import Standing, Verdict
from balancedu.evaluation.wording import as_written, limit_printed, printed
from balancedu.planning.distances import Distance, amount_text, item_distances, measure_added, units_to
from balancedu.planning.plan.result import LATER, Plan
from balancedu.reporting.sentences import case_zh
from balancedu.text import NO_WORDS, Language, Phrase, in_both, with_unit

COUNTY = Phrase("全县", "the county")
NOT_REPORTED = Phrase("数据缺报", "not reported")
NOT_COMPUTED = Phrase("数据已齐，但无法计算", "reported, yet it cannot be computed")
_ADD, _ABOVE, _BY = Phrase("还需增加", "add "), Phrase("超出", "above by "), Phrase("，", ", ")
_HOW: dict[str, Phrase] = {
    "人": Phrase("通过招聘、交流轮岗增配", "recruit or rotate in: "),
    "平方米": Phrase("通过新建、改扩建或盘活现有校舍场地增加", "build, extend or convert: "),
    "元": Phrase("安排资金，增加", "fund: "),
    "间": Phrase("新建或改建", "build or convert: "),
}
_BARE = ("percent", "yes_no", "coefficient", "level", "day")
"""Figures that are printed without a unit."""
_PUPILS = "pupils"
"""What a school or class that is too large has to lose."""


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
        The targets of the tasks that answer it.
    rule : Rule, optional
        The rule that is not met; None for what a section lacks or what is not known.
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
    rule: Rule | None = attrs.field(default=None, eq=False, repr=False)
    entry: str


def problems(evaluation: Evaluation) -> tuple[Problem, ...]:
    """Return the problems of one county, in the order of the standard.

    Examples
    --------
    >>> import balancedu as be
    >>> result = problems(be.evaluate(be.example("failing")))
    >>> [(entry.kind.zh, entry.who.zh, entry.lacking.zh) for entry in result if entry.kind.zh.startswith("大")]
    [('大校额', '安和县第一小学', '超出36人'), ('大班额', '安和县第二小学3年级', '超出1人')]
    """
    result: list[Problem] = []
    for part in evaluation.standard.parts.values():
        for item in part.items:
            finding = evaluation.items[item.id]
            make = partial(Problem, item=item.id, part=part.title, name=item.name, entry=item.id)
            failing = finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN)
            if any(check.table == "sections" for check in finding.checks):
                # What a section lacks is a problem even where it complies as a whole.
                if finding.verdict is not Verdict.NOT_APPLICABLE:
                    result += _of_sections(evaluation, make)
            elif failing:
                result += _of_item(evaluation, finding, make)
            if failing:
                result += _unknown(finding, make)
    # What several items lack is one problem.
    each = {(problem.kind, problem.school, problem.who): problem for problem in reversed(result)}
    return tuple(_with_own_names(evaluation, tuple(each.values())[::-1]))


def own_names(evaluation: Evaluation) -> dict[str, Phrase]:
    """Return what each school of a county is called, so that no two have one name: by its id too where two have."""
    names = _names(evaluation)
    counts = Counter(names.values())
    return {
        school: Phrase.of(name or school) + (bracketed(Phrase.of(school)) if name and counts[name] > 1 else NO_WORDS)
        for school, name in names.items()
    }


def _names(evaluation: Evaluation) -> dict[str, str]:
    schools = evaluation.submission.schools
    return dict(zip(schools.columns["school"].tolist(), schools.texts("name").tolist(), strict=True))


def _with_own_names(evaluation: Evaluation, result: tuple[Problem, ...]) -> Iterator[Problem]:
    """Yield the problems, schools of one name with their ids."""
    own, names = own_names(evaluation), _names(evaluation)
    for problem in result:
        who, name = problem.who, names.get(problem.school, "")
        if name:
            other = own[problem.school]
            who = Phrase(who.zh.replace(name, other.zh, 1), who.en.replace(name, other.en, 1))
        yield attrs.evolve(problem, who=who)


def _of_sections(evaluation: Evaluation, make: Callable[..., Problem]) -> Iterator[Problem]:
    """Yield what each section lacks to the standard of an indicator."""
    basis, standard = evaluation.record.basis, evaluation.standard
    missing, indicators = units_to(basis, "standard"), list(standard.indicators)
    share = standard.section_rule.floor_share if standard.section_rule else None
    floor = f"的{float(share):.0%}" if share else "", f", less than {float(share):.0%} of it" if share else ""
    for row in evaluation.section_rows.tolist():
        section = section_of(basis, row)
        for lack in section.lacks:
            indicator, limit = lack.indicator, float(lack.threshold.value)
            measure = standard.measures[measure_added(indicator, section.stage)]
            # Not known where values are reported per pupil alone.
            amount, unit = float(missing[indicators.index(indicator.id), row]), measure.unit or NO_WORDS
            value = printed(lack.value, "value", standard.head.precision, "zh", limit)
            more = Phrase("减少", "reduce: ") if indicator.at_most else _HOW.get(unit.zh, Phrase("增加", "add: "))
            add = Phrase("还需减少", "less by ") if indicator.at_most else _ADD
            yield make(
                name=indicator.title,
                kind=_missed(lack, Phrase(*floor)),
                who=in_both(section.text),
                school=section.school,
                now=with_unit(Phrase.of(value), indicator.unit),
                wanted=with_unit(Phrase.of(limit_printed(limit, "value", "zh")), indicator.unit),
                lacking=add + with_unit(Phrase.of(as_written(amount)), unit) if amount > 0 else NO_WORDS,
                measure=more + things(measure.title),
                cost=amount if unit.zh == "元" else math.nan,
                remedies=(measure.id,),
                entry=indicator.id,
            )


def things(title: Phrase) -> Phrase:
    """Return what a number counts: what is recruited or built, not its number.

    Examples
    --------
    >>> things(Phrase("小学县级以上骨干教师数", "primary backbone teachers")).zh
    '小学县级以上骨干教师'
    """
    return Phrase(title.zh.removesuffix("数"), title.en)


def _missed(lack: Lack, share: Phrase) -> Phrase:
    """Return on which side of its standard a value is, and whether beyond what is still allowed."""
    title, is_beyond = lack.indicator.title, lack.floor is not None and lack.standing is Standing.BELOW_FLOOR
    if lack.indicator.at_most:
        kind = Phrase(f"{title.zh}高于标准", f"{title.en} above the standard")
        return kind + Phrase("且超过最高限度", " and the most that is allowed") if is_beyond else kind
    kind = Phrase(f"{title.zh}低于标准", f"{title.en} below the standard")
    return kind + share if is_beyond else kind


def _of_item(evaluation: Evaluation, finding: Finding, make: Callable[..., Problem]) -> Iterator[Problem]:
    """Yield the cases of an item that are not met."""
    checks = {check.id: check for check in finding.checks}
    for distance in item_distances(evaluation, finding.item.id):
        check, is_far = checks[distance.check], distance.verdict is Verdict.NOT_MET or distance.amount > 0
        if not is_far or check.verdict is not Verdict.NOT_MET:
            continue
        rule = check.rule or finding.item.rules[0]
        title = Phrase(case_zh(check.title.zh), check.title.en) if rule.forbids else check.title
        stated, unit = check.display == "yes_no", distance.unit or NO_WORDS
        # What a county pays a pupil or a teacher is no sum of money.
        is_money = unit.zh == "元" and bool(distance.school)
        shown = NO_WORDS if check.display in _BARE else check.unit or NO_WORDS
        figure, limit = in_both(partial(_figure, check, distance)), in_both(partial(_limit, check, distance))
        yield make(
            kind=_about(rule.problem, title),
            who=distance.name,
            school=distance.school,
            now=NO_WORDS if stated else with_unit(figure, shown),
            wanted=NO_WORDS if stated else with_unit(limit, shown),
            lacking=_lacking(rule, check, distance, shown),
            measure=_about(rule.correction, title) or _more_or_less(check, distance) + check.title,
            cost=distance.amount if is_money else math.nan,
            by_amount=check.display != "coefficient",
            remedies=_remedies(evaluation, rule, check),
            rule=rule,
        )


def _figure(check: Check, distance: Distance, lang: Language) -> str:
    return printed(distance.observed, check.display, check.precision, lang, distance.required)


def _limit(check: Check, distance: Distance, lang: Language) -> str:
    return limit_printed(distance.required, check.display, lang)


def _about(words: Phrase, title: Phrase) -> Phrase:
    return Phrase(words.zh.replace("{}", title.zh), words.en.replace("{}", title.en))


def _more_or_less(check: Check, distance: Distance) -> Phrase:
    """Return what has to be done to a figure that is too low, or too high."""
    if check.relation in ("<=", "<"):
        return Phrase("降低", "lower: ")
    is_sum = distance.school and check.display != "percent"
    return Phrase("补足", "make up: ") if is_sum else Phrase("提高", "raise: ")


def _lacking(rule: Rule, check: Check, distance: Distance, shown: Phrase) -> Phrase:
    """Return by how much a figure is above its limit, or how much is missing, where that is known."""
    if distance.what == "lower" or rule.remedy == "classes":
        above = printed(abs(distance.observed - distance.required), check.display, check.precision, "zh")
        return _ABOVE + with_unit(Phrase.of(above), shown)
    if distance.what == "state" or math.isnan(distance.amount):
        return NO_WORDS
    return _ADD + with_unit(Phrase.of(as_written(distance.amount)), distance.unit or NO_WORDS)


def _remedies(evaluation: Evaluation, rule: Rule, check: Check) -> tuple[str, ...]:
    if rule.remedy in ("pupils", "classes"):
        return (_PUPILS,)
    if rule.remedy == "rooms":
        return (check.id,)
    if rule.remedy == "spread" and check.stage:
        return tuple(measure_added(evaluation.standard.indicators[name], check.stage) for name in check.indicators)
    return ()


def _unknown(finding: Finding, make: Callable[..., Problem]) -> Iterator[Problem]:
    """Yield what is not reported, and what cannot be computed although it is: a share of nothing."""
    for gap in finding.gaps:
        title = in_both(gap.bare)
        named = Phrase(gap.titled("zh"), title.en)
        yield make(
            kind=NOT_REPORTED + COLON + title,
            who=Phrase.of(gap.name) if gap.school else COUNTY,
            school=gap.school,
            now=NOT_REPORTED,
            measure=Phrase("补报", "report: ") + named,
            verdict=Verdict.UNKNOWN,
        )
    for check in finding.checks:
        if check.verdict is Verdict.UNKNOWN and not check.gaps:
            yield make(
                kind=NOT_COMPUTED + COLON + check.title,
                now=NOT_COMPUTED,
                measure=Phrase(f"核实与“{check.title.zh}”有关的数据", f"check the figures of: {check.title.en}"),
                verdict=Verdict.UNKNOWN,
            )


@attrs.frozen
class Task:
    """One thing that a plan does.

    Attributes
    ----------
    group : Phrase
        Under what its cost is added up.
    target : str
        What of the remedies of a problem it is.
    school : str
        The id of the school whose problem it answers: the one that receives, or that loses pupils.
    who : Phrase
        The school that receives.
    text, amount : Phrase
        What is done, and how much, with its unit.
    cost : float
        Yuan.
    payer : {'county', 'school'}
    year : str
        Empty where the plan has no years.
    """

    group: Phrase
    target: str
    school: str
    who: Phrase
    text: Phrase
    amount: Phrase
    cost: float
    payer: str
    year: str

    @property
    def when(self) -> Phrase:
        """The year in words."""
        if self.year == LATER:
            return Phrase("预算之外", "beyond the budgets")
        return Phrase(f"{self.year}年", self.year) if self.year else NO_WORDS

    @property
    def words(self) -> Phrase:
        """The task in words, with its amount, year and cost."""
        yuan = Phrase(f"{self.cost / 1e4:g}万元", f"{self.cost:,.0f} yuan") if self.cost else NO_WORDS
        notes = joined(_BY, filter(None, (self.when, yuan)))
        amount = Phrase("", " ") + self.amount if self.amount else NO_WORDS
        return self.who + Phrase("", ": ") + self.text + amount + (bracketed(notes) if notes else NO_WORDS)


def tasks_of(plan: Plan | None) -> tuple[Task, ...]:
    """Return the tasks of a plan, the grades of a school together; none without one."""
    if plan is None:
        return ()
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for cells in zip(*(values.tolist() for values in plan.moves.values()), strict=True):
        move = dict(zip(plan.moves, cells, strict=True))
        by_grade = move["kind"] in ("move_pupils", "arrange_classes")
        opens = move["kind"] == "arrange_classes" and move["amount"] > 0
        same = [move[name] for name in ("kind", "school", "out_of", "measure", "payer", "year")]
        groups.setdefault((*same, "" if by_grade else move["detail"], opens), []).append(move)
    return tuple(_task(plan.evaluation.standard, moves) for moves in groups.values())


def _task(standard: Standard, moves: Sequence[Mapping[str, Any]]) -> Task:
    first, amount = moves[0], sum(move["amount"] for move in moves)
    kind, measure, detail, target = first["kind"], first["measure"], first["detail"], first["measure"]
    unit: Phrase | None = standard.measures[measure].unit
    title: Phrase = standard.measures[measure].title
    giver, grades = Phrase.of(first["out_of_name"]), _grades([move["detail"] for move in moves])
    text, group = Phrase("增加", "more ") + things(title), things(title)
    if kind == "move_pupils":
        stage = next(name for name, column in standard.head.scope.pupils.items() if column == measure)
        of_stage, target = standard.head.stage_titles[stage], _PUPILS
        zh, group = f"从{giver.zh}分流{of_stage.zh}{grades.zh}学生", Phrase("分流学生", "pupils who move")
        text = Phrase(zh, f"move {of_stage.en} {grades.en}pupils from {giver.en}")
    elif kind == "arrange_classes":
        unit, target, group = Phrase("个班", "classes"), _PUPILS, Phrase("均衡编班、增设教学班", "classes")
        text = grades + (
            Phrase("增设教学班", "open classes") if amount else Phrase("学生均衡编班", "spread pupils evenly")
        )
    elif kind == "build_rooms":
        unit, target, group = Phrase("间", "rooms"), f"rooms.{detail}", Phrase("专用教室", "special rooms")
        use = next(choice.title for choice in standard.measures["rooms.use"].values if choice.id == detail)
        text = Phrase(f"新建或改建{use.zh}专用教室", f"build or convert rooms for {use.en}")
    elif kind == "transfer":
        text = Phrase(f"从{giver.zh}调配{things(title).zh}", f"move {title.en} from {giver.en}")
    return Task(
        group=group,
        target=target,
        school=first["out_of"] if kind == "move_pupils" else first["school"],
        who=Phrase.of(first["name"]),
        text=text,
        amount=Phrase(amount_text(amount, unit, "zh"), amount_text(amount, unit, "en")) if amount else NO_WORDS,
        cost=sum(move["cost"] for move in moves),
        payer=first["payer"],
        year=first["year"],
    )


def _grades(details: Sequence[str]) -> Phrase:
    """Return grades in words, those that follow each other as a range.

    Examples
    --------
    >>> _grades(["1", "2", "3"]).zh, _grades(["3", "6"]).zh
    ('1至3年级', '3、6年级')
    """
    grades = sorted(set(filter(None, details)))
    numbers = [int(grade) for grade in grades if grade.isdigit()]
    if len(numbers) == len(grades) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return Phrase(f"{numbers[0]}至{numbers[-1]}年级", f"grades {numbers[0]} to {numbers[-1]} ")
    word = "grade" if len(grades) == 1 else "grades"
    return Phrase(f"{'、'.join(grades)}年级", f"{word} {', '.join(grades)} ") if grades else NO_WORDS


def assigned(
    problems: Sequence[Problem], tasks: Iterable[Task]
) -> tuple[Mapping[Problem, list[Task]], tuple[Task, ...]]:
    """Return the tasks that answer each problem, and those that answer none; no task twice.

    What a school gets without lacking it narrows a coefficient: it answers the county's problem with that indicator.
    """
    result: dict[Problem, list[Task]] = {}
    rest: list[Task] = []
    for task in tasks:
        answered = [problem for problem in problems if task.target in problem.remedies]
        own = (problem for problem in answered if problem.school == task.school)
        wider = (problem for problem in answered if not problem.school)
        problem = next(own, next(wider, None))
        if problem is None:
            rest.append(task)
        else:
            result.setdefault(problem, []).append(task)
    return result, tuple(rest)

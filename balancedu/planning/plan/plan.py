"""`plan`: the request, the search, and the result as confirmed by `evaluate`; or why there is no plan."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.verdicts import NOT_MET
from balancedu.core.rules import Remedy
from balancedu.core.standard import Standard
from balancedu.core.words import COLON, SEMICOLON, joined
from balancedu.errors import ImpossiblePlanError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import section_of
from balancedu.evaluation.results import Verdict
from balancedu.planning.changes import Change, Draft
from balancedu.planning.compare import compare, school_names
from balancedu.planning.distances import amount_text, counts_to_report
from balancedu.planning.plan.model import (
    Budget,
    Caps,
    Costs,
    Goal,
    Model,
    Places,
    Request,
    check_request,
    immovable_of,
    model_of,
    places_of,
    prices_of,
    resource_items,
    size_items,
)
from balancedu.planning.plan.programme import Programme
from balancedu.planning.plan.result import Move, Plan, change_of, moves_of_places, moves_of_resources, scheduled
from balancedu.planning.plan.search import Search, allocate, cheapest, gap_of, least_excess, most_complying
from balancedu.text import Phrase, in_both, listed


def plan(
    evaluation: Evaluation,
    *,
    costs: Costs | None = None,
    caps: Caps | None = None,
    fixed: Collection[str] = (),
    untouched: Collection[str] = (),
    items: Collection[str] | None = None,
    move_all: bool = False,
    budget: Budget | None = None,
    priorities: Sequence[str] = (),
    goal: Goal = "sections",
    gap: float = 0.01,
    seconds: float = 60.0,
) -> Plan:
    """Return the cheapest set of whole-unit changes after which a county's schools comply, in one plan.

    Pupils whom a school may not keep move to schools with room, classes that are too large are divided, rooms that
    the classes need are built, and then every section complies and every coefficient of variation is within its limit:
    a school gets more of something, or units go from one school of the county to another; a school gives only what
    all its sections have above their standard. Nothing is bought for pupils who must leave. Private schools neither
    give nor receive, for a county cannot move what is theirs; they may be asked to add, and pay for that themselves.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county; the plan is made for its standard.
    costs : mapping of measure to yuan per unit, or to a mapping of `add` and `move`, optional
        What is left out costs what the standard gives as an example, and nothing where it gives none. A `move` of
        None: cannot be moved. Classes, the area of special classrooms and the pupils who move have a price too.
    caps : mapping of measure to units, or to a mapping of school to units, optional
        The most that a school may be given by adding.
    fixed : measures, optional
        That may not change.
    untouched : school ids, optional
        Schools that neither give nor get anything, and take no pupils.
    items : item ids, optional
        Items to be met in addition to those about resources; default: all about the size of schools and classes and
        about rooms for classes.
    move_all : bool
        Whether private schools give and receive too.
    budget : yuan, or mapping of year to yuan, optional
        In all: the plan then brings most sections (or pupils) into compliance, and is the cheapest that does; sizes
        and rooms are left out, coefficients of variation are reported, not required. By year: the full plan is spread
        over the years as far as the county's money reaches.
    priorities : measures or school ids, optional
        What comes first when the plan is spread over years.
    goal : {'sections', 'pupils'}
        What counts when there is a budget in all.
    gap : float
        The search ends when no plan can be cheaper by more than this share.
    seconds : float
        The search ends after so long, with the gap reached by then.

    Returns
    -------
    Plan
        With its cost, a lower bound and the gap between them, judged by `evaluate` itself.

    Raises
    ------
    ImpossiblePlanError
        With every requirement that cannot be met, and why.
    MissingExtraError
        If SciPy is not installed.
    TimeoutError
        If no plan was found in time.
    RequestError
        If an argument names what there is not, or several counties were evaluated.

    Notes
    -----
    Minimise Σ cost · units over whole units, such that each section reaches the floor everywhere and the standard in
    as many indicators as the law requires, for the pupils that it then has, and sd ≤ limit · mean for each coefficient.
    The last is a convex cone in the amounts; tangent planes of it are added until the plan satisfies it as judged
    exactly. With only some of them the programme allows more than the law does, so its bound holds. Where pupils
    move, the programme that moves them leaves out the coefficients of their stage, and the resources are planned
    anew, with all coefficients, for the pupils as it placed them: the bound holds for every way of placing them.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> ev = be.what_if(ev, [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}]).evaluation
    >>> found = be.plan(ev)
    >>> found.evaluation.parts["resources"]
    <Verdict.MET: 'MET'>
    >>> [str(found.evaluation.items[item].verdict) for item in ("G3", "G4", "G5")]
    ['MET', 'MET', 'MET']
    """
    started, standard, submission = time.perf_counter(), evaluation.standard, evaluation.submission
    _check_evaluation(evaluation)
    years, private = isinstance(budget, Mapping), immovable_of(submission)
    sizes = size_items(standard) if items is None and (years or budget is None) else ()
    request = Request(
        prices=prices_of(standard, costs or {}),
        caps={name: given if isinstance(given, Mapping) else {"": given} for name, given in (caps or {}).items()},
        fixed=frozenset(fixed),
        untouched=frozenset(untouched),
        immovable=frozenset() if move_all else private,
        items=tuple(dict.fromkeys((*resource_items(standard).values(), *sizes, *(items or ())))),
        budget=None if isinstance(budget, Mapping) else budget,
        years={str(year): yuan for year, yuan in budget.items()} if isinstance(budget, Mapping) else {},
        priorities=tuple(priorities),
        goal=goal,
        gap=gap,
        seconds=seconds,
    )
    check_request(request, submission)
    in_the_way = list(_beyond_plans(evaluation, request))
    if request.budget is None:
        in_the_way += [*_not_reported(evaluation), *_unlisted(evaluation, places_of(evaluation, request), request)]
    if in_the_way:
        raise ImpossiblePlanError(in_the_way)
    moves, bound, share = (_full if request.budget is None else _within)(evaluation, request)
    changes = [change_of(move, standard) for move in moves]
    steps = tuple(attrs.evolve(move, payer="school" if move.school in private else "county") for move in moves)
    after = _made(evaluation, changes)
    for item in request.items if request.budget is None else ():
        verdict, before = after.items[item].verdict, evaluation.items[item].verdict
        # Classes that were not reported stay unknown; what is known must be met.
        if verdict is Verdict.NOT_MET or (verdict is Verdict.UNKNOWN and before is Verdict.MET):
            raise RuntimeError(f"evaluate does not confirm the plan ({item}); this is a bug of balancedu")
    return Plan(
        steps=scheduled(steps, request.years, priorities) if request.years else steps,
        names=school_names(evaluation, evaluation.counties[0]),
        bound=bound,
        gap=share,
        submission=after.submission,
        evaluation=after,
        comparison=compare(evaluation, after),
        changes=tuple(changes),
        seconds=time.perf_counter() - started,
        request=request,
        example_prices=any(move.cost and move.measure not in (costs or {}) for move in steps),
    )


def _check_evaluation(evaluation: Evaluation) -> None:
    """Refuse what no plan can be made for."""
    standard = evaluation.standard
    if (count := len(evaluation.counties)) > 1:
        zh = f"一次只能规划一个县，现评估了{count}个；请给出其中一个，如 ev[县]"
        raise RequestError(Phrase(zh, f"a plan is for one county, and {count} were evaluated; give one: ev[county]"))
    if not evaluation.submission.lists_schools.all():
        zh = "规划要用每所学校的资源数量和学生数，这里只有生均值或差异系数；请填报学校表"
        en = "a plan needs the resources and pupils of every school, and only figures per pupil or coefficients were "
        raise RequestError(Phrase(zh, en + "reported; report the schools table"))
    if missing := counts_to_report(evaluation.record.basis):
        schools, counts = listed(missing), dict.fromkeys(name for names in missing.values() for name in names)
        titles = [standard.measures[name].title for name in counts]
        zh = f"规划要用资源数量和学生数，以下学校只填报了生均值：{schools.zh}；请补报{'、'.join(t.zh for t in titles)}"
        en = f"a plan needs counts, and these schools are known by figures per pupil alone: {schools.en}"
        raise RequestError(Phrase(zh, f"{en}; report {', '.join(title.en for title in titles)}"))
    if len(resource_items(standard)) < 2:
        en = f"{standard.id} has no rule about sections and their spread, so nothing to plan for"
        raise RequestError(Phrase(f"{standard.id} 没有关于学校达标和校际差异的规则，无法测算", en))
    if upper := [indicator.name for indicator in standard.indicators.values() if indicator.at_most]:
        en = (
            f"a plan adds and moves resources; the standard of {', '.join(name.en for name in upper)} is an upper limit"
        )
        zh = f"规划只增加和调配资源，而{'、'.join(name.zh for name in upper)}的标准是上限"
        raise RequestError(Phrase(zh, en))


def _full(evaluation: Evaluation, request: Request) -> tuple[list[Move], float, float]:
    """Return the cheapest plan that meets every requirement, its bound and its gap.

    Pupils, classes and rooms are placed first, then the resources are planned for them.
    """
    places = places_of(evaluation, request)
    if not places.is_needed:
        moves, bound = _resources(evaluation, request)
        cost = sum(move.cost for move in moves)
        return moves, min(bound, cost), gap_of(cost, bound)
    joint = Search(Programme(model_of(evaluation, request, places)))
    best, cost, tried = list[Move](), math.inf, list[list[Move]]()
    # Where a plan is known, its cost bounds what others can do: then pupils are placed in view of all coefficients.
    for whole in (False, False, True):
        done = joint.place(cost, whole=whole)
        if done is None and not tried:
            done = allocate(joint.model)
            if done is None:
                raise ImpossiblePlanError(_no_places(joint.model) or _obstacles(joint.model))
        moves = [] if done is None else list(moves_of_places(joint.model, done))
        if done is not None and moves not in tried:
            tried.append(moves)
            seconds = max(joint.left / (4 if math.isinf(cost) else 1.5), 1.0)
            try:
                after = _made(evaluation, [change_of(move, evaluation.standard) for move in moves])
                moves = moves + _resources(after, attrs.evolve(request, seconds=seconds))[0]
            except TimeoutError:
                if math.isinf(cost) and joint.left <= 1:
                    raise
                continue
            total = sum(move.cost for move in moves)
            best, cost = (moves, total) if total < cost else (best, cost)
        if gap_of(cost, joint.least_cost) <= request.gap or joint.left <= 1:
            break
    if math.isinf(cost):
        raise TimeoutError(f"no plan within {request.seconds:g} seconds; allow more, or a larger gap")
    bound = min(joint.least_cost, cost)
    return best, bound, gap_of(cost, bound)


def _resources(evaluation: Evaluation, request: Request) -> tuple[list[Move], float]:
    """Return the cheapest moves of resources after which sections comply and coefficients are within their limits."""
    model = model_of(evaluation, request)
    search = cheapest(model)
    if search is None or search.best is None:
        raise ImpossiblePlanError(_obstacles(model))
    return list(moves_of_resources(model, search.best)), search.bound


def _within(evaluation: Evaluation, request: Request) -> tuple[list[Move], float, float]:
    """Return the plan that goes furthest within a budget, how far any can go, and the gap."""
    model = model_of(evaluation, request)
    result = most_complying(model, request.budget, spread=False)
    if result is None:
        raise ImpossiblePlanError(_obstacles(model))
    solution, most = result
    weights = model.pupils if request.goal == "pupils" else np.ones(model.pupils.size)
    reached = float(weights[model.known] @ solution.complying[model.known])
    bound = max(float(np.floor(most + 1e-6)), reached)
    return list(moves_of_resources(model, solution.done)), bound, gap_of(bound, reached)


def _made(evaluation: Evaluation, changes: Sequence[Change]) -> Evaluation:
    draft = Draft.of(evaluation.submission)
    for change in changes:
        change.apply(draft)
    return evaluate(draft.done(), evaluation.standard)


# Why there is no plan

Obstacle = tuple[str, str, str]
"""The item that cannot be met, and why, in Chinese and in English."""


def _obstacle(standard: Standard, remedy: Remedy | str, words: Phrase) -> Obstacle:
    """Return why an item cannot be met: the one that a remedy is for, or the one with this id."""
    items = standard.items.values()
    item = next(item for item in items if item.id == remedy or any(rule.remedy == remedy for rule in item.rules))
    words = item.name + COLON + words
    return item.id, words.zh, words.en


def _beyond_plans(evaluation: Evaluation, request: Request) -> Iterator[Obstacle]:
    """Yield the requested items that are not met and that no plan can change."""
    standard = evaluation.standard
    known = {*resource_items(standard).values(), *(size_items(standard) if request.budget is None else ())}
    for item in request.items:
        finding = evaluation.items[item]
        if item not in known and finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN):
            words = Phrase("方案改变不了这一项：", "no plan can change this item: ") + in_both(finding.reason)
            yield _obstacle(standard, item, words)


def _not_reported(evaluation: Evaluation) -> Iterator[Obstacle]:
    """Yield what is not reported and so cannot be planned for."""
    words = Phrase(
        "数据缺报；请补报，或先用“填报”设定一个数再测算", " is not reported; report it, or assume a figure with what_if"
    )
    for item in resource_items(evaluation.standard).values():
        for gap in evaluation.items[item].gaps:
            yield _obstacle(evaluation.standard, item, in_both(gap.located) + words)


def _unlisted(evaluation: Evaluation, places: Places, request: Request) -> Iterator[Obstacle]:
    """Yield what is too large and cannot be planned for, because its classes or grades are not all reported."""
    basis, known = evaluation.record.basis, {(grade.school, grade.stage) for grade in places.grades}
    classes = Phrase(
        "有班级超额，但它的班级没有全部填报，或人数与在校生数不一致",
        " has a class too large; its classes are not all reported or do not add up to its pupils",
    )
    grades = Phrase(
        "学生数超限，但各年级人数缺报，或与在校生数不一致",
        " has too many pupils; those of its grades are not reported or do not add up to them",
    )
    lost = list[tuple[str, int, Phrase]]()
    for item in request.items:
        for cases in (outcome.cases for outcome in evaluation.record.outcomes[item]):
            if cases is not None and cases.table == "classes":
                large = [row for row in cases.rows_of(0, 1).tolist() if cases.verdict[row] == NOT_MET]
                owners = {(int(cases.school[row]), int(cases.stage[row])) for row in large} - known
                lost += [(item, school, classes) for school in sorted({school for school, _ in owners})]
    lost += [("pupils", school, grades) for school in sorted(set(places.must_leave) - {school for school, _ in known})]
    for item, school, words in lost:
        fill_in = words + Phrase("；请先补填班级表", "; fill in the table of classes first")
        yield _obstacle(evaluation.standard, item, Phrase.of(basis.school_name(school)) + fill_in)


def _no_places(model: Model) -> list[Obstacle]:
    """Return why pupils who must leave find no place; nothing where there are enough."""
    places, standard, result = model.places, model.basis.standard, list[Obstacle]()
    for stage, title in enumerate(standard.head.stage_titles[name] for name in standard.stages):
        schools = {grade.school for grade in places.grades if grade.stage == stage}
        leaving = sum(places.must_leave.get(school, 0) for school in schools)
        room = sum(min(float(places.room[school]), 1e9) for school in schools)
        if leaving > room:
            zh = f"{title.zh}有{leaving}名学生须转出超限学校，其他学校只能接收{room:.0f}名；需要新建学校"
            en = f"{leaving} pupils ({title.en}) must leave schools that are too large, others can take {room:.0f}"
            result.append(_obstacle(standard, "pupils", Phrase(zh, f"{en}; a new school is needed")))
    return result


def _obstacles(model: Model) -> list[Obstacle]:
    """Return why no plan meets every requirement: what cannot be met alone, else what cannot be met together."""
    alone = [*_sections_alone(model), *_groups_alone(model)]
    return alone or list(_together(model))


def _section_name(model: Model, section: int) -> Phrase:
    return in_both(section_of(model.basis, section).text)


def _sections_alone(model: Model) -> Iterator[Obstacle]:
    """Yield the sections that cannot get what they lack."""
    # What each cell can get: what may be added, and what other schools may give.
    reach = model.most_added.copy()
    for here in model.cells_by_measure().values():
        reach[here] += np.where(model.may_receive[here], model.most_given[here].sum() - model.most_given[here], 0.0)
    count = model.at_standard
    to_limits = (
        (model.to_floor, 0, Phrase("达不到最低要求", "below the floor")),
        (
            model.to_standard,
            len(model.indicators) - count,
            Phrase(f"不能有{count}项达到标准", f"fewer than {count} indicators at the standard"),
        ),
    )
    for section in np.flatnonzero(model.known).tolist():
        room = reach[model.cell[:, section]]
        for missing, allowed, missed in to_limits:
            short = np.flatnonzero(missing[:, section] > room)
            if short.size > allowed:
                lacking = joined(SEMICOLON, (_lack(model, n, section, missing, room) for n in short.tolist()))
                words = _section_name(model, section) + COLON + lacking + Phrase("，", ": ") + missed
                yield _obstacle(model.basis.standard, "sections", words)
                break


def _lack(model: Model, n: int, section: int, missing: Floats, room: Floats) -> Phrase:
    measure = model.basis.standard.measures[model.measure[model.cell[n, section]]]
    amounts = float(missing[n, section]), float(room[n])
    needed, most = (in_both(partial(amount_text, amount, measure.unit)) for amount in amounts)
    zh = f"{measure.title.zh}需增加{needed.zh}，最多只能得到{most.zh}"
    return Phrase(zh, f"{measure.title.en} needs {needed.en} more, can get {most.en}")


def _groups_alone(model: Model) -> Iterator[Obstacle]:
    """Yield the coefficients that cannot be within their limits."""
    standard = model.basis.standard
    for group in model.groups:
        if left := least_excess(model, group):
            name = standard.head.stage_titles[standard.stages[group.stage]] + model.indicators[group.indicator].name
            least, limit = f"{group.limit + left:.4g}", f"{group.limit:g}"
            zh = f"{name.zh}：在给定的上限内，差异系数最低只能到约{least}，限值{limit}"
            en = f"{name.en}: within the caps it cannot go below about {least}, the limit is {limit}"
            yield _obstacle(standard, "spread", Phrase(zh, en))


def _together(model: Model) -> Iterator[Obstacle]:
    """Yield the sections that still fail when as many as possible comply and every coefficient is within its limit."""
    result = most_complying(model, None, spread=True)
    if result is None:
        zh = "在给定的上限内，各项差异系数不能以整数的数量同时达到限值"
        en = "within the caps no whole units keep all coefficients to their limits together"
        yield _obstacle(model.basis.standard, "spread", Phrase(zh, en))
        return
    words = Phrase(
        "：在给定的上限内不能与其他要求同时达到",
        ": within the caps it cannot comply together with the other requirements",
    )
    for section in np.flatnonzero(model.known & ~result[0].complying).tolist():
        yield _obstacle(model.basis.standard, "sections", _section_name(model, section) + words)

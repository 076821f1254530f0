"""`plan`: the request, the search, and the result as confirmed by `evaluate`."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence

import attrs
import numpy as np

from balancedu.errors import ImpossiblePlanError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.changes import Change, Draft
from balancedu.planning.compare import compare, school_names
from balancedu.planning.plan.model import model_of
from balancedu.planning.plan.moves import (
    Move,
    moves_of_places,
    moves_of_resources,
    paid,
    resource_changes,
    scheduled,
)
from balancedu.planning.plan.obstacles import (
    beyond_plans,
    no_places,
    not_reported,
    obstacles,
    resource_items,
    size_items,
    unlisted,
)
from balancedu.planning.plan.places import Allocation, Places, changes_of, places_of
from balancedu.planning.plan.request import (
    Budget,
    Caps,
    Costs,
    Goal,
    Request,
    budgets_of,
    caps_of,
    check_request,
    immovable_of,
    prices_of,
)
from balancedu.planning.plan.result import Plan
from balancedu.planning.plan.search import Joint, allocate, cheapest, gap_of, most_complying
from balancedu.planning.units import counts_to_report
from balancedu.submission.submission import Submission
from balancedu.text import Phrase, listed


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
    the classes need are built, and then every section complies and every coefficient of variation keeps to its limit:
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
        Which items must be met beside those about resources; left out, all about the size of schools and classes and
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
    as many indicators as the law asks, for the pupils that it then has, and sd ≤ limit · mean for each coefficient.
    The last is a convex cone in the amounts; tangent planes of it are added until the plan keeps to it as judged
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
    if (count := len(evaluation.counties)) > 1:
        zh = f"一次只能规划一个县，现评估了{count}个；请给出其中一个，如 ev[县]"
        raise RequestError(Phrase(zh, f"a plan is for one county, and {count} were evaluated; give one: ev[county]"))
    if not submission.lists_schools.all():
        raise RequestError(
            Phrase(
                "规划要用每所学校的资源数量和学生数，这里只有生均值或差异系数；请填报学校表",
                "a plan needs the resources and pupils of every school, and only figures per pupil or coefficients "
                "were reported; report the schools table",
            )
        )
    if missing := counts_to_report(evaluation.record.basis):
        schools, counts = listed(missing), dict.fromkeys(name for names in missing.values() for name in names)
        titles = [standard.measures[name].title for name in counts]
        zh = f"规划要用资源数量和学生数，以下学校只填报了生均值：{schools.zh}；请补报{'、'.join(t.zh for t in titles)}"
        en = f"a plan needs counts, and these schools are known by figures per pupil alone: {schools.en}"
        raise RequestError(Phrase(zh, f"{en}; report {', '.join(title.en for title in titles)}"))
    if len(resource_items(standard)) < 2:
        en = f"{standard.id} has no rule about sections and their spread, so nothing to plan for"
        raise RequestError(Phrase(f"{standard.id} 没有关于学校达标和校际差异的规则，无法测算", en))
    if upper := [indicator.id for indicator in standard.indicators.values() if indicator.at_most]:
        en = f"a plan adds and moves resources; the standard of {', '.join(upper)} is an upper limit"
        raise RequestError(Phrase(f"规划只增加和调配资源，而{'、'.join(upper)}的标准是上限", en))
    budgets, in_all = budgets_of(budget), None if isinstance(budget, Mapping) else budget
    check_request(
        submission,
        fixed=fixed,
        untouched=untouched,
        items=items or (),
        priorities=priorities,
        goal=goal,
        gap=gap,
        seconds=seconds,
    )
    sizes = size_items(standard) if items is None and in_all is None else ()
    request = Request(
        prices=prices_of(standard, costs),
        caps=caps_of(standard, caps, submission.schools.columns["school"].tolist()),
        fixed=frozenset(fixed),
        untouched=frozenset(untouched),
        immovable=frozenset() if move_all else immovable_of(submission),
        items=tuple(dict.fromkeys((*resource_items(standard).values(), *sizes, *(items or ())))),
        budget=in_all,
        goal=goal,
        gap=gap,
        seconds=seconds,
    )
    in_the_way = list(beyond_plans(evaluation, request.items, sizes=in_all is None))
    if in_all is None:
        in_the_way += [*not_reported(evaluation), *unlisted(places_of(evaluation, request), request.items)]
    if in_the_way:
        raise ImpossiblePlanError(in_the_way)
    moves, changes, bound, share = _full(evaluation, request) if in_all is None else _within(evaluation, request)
    steps = paid(moves, immovable_of(submission))
    if budgets:
        steps = scheduled(steps, budgets, priorities)
    after = _confirmed(evaluation, changes, request)
    return Plan(
        steps=steps,
        names=school_names(evaluation, evaluation.counties[0]),
        bound=bound,
        gap=share,
        submission=after.submission,
        evaluation=after,
        comparison=compare(evaluation, after),
        changes=tuple(changes),
        seconds=time.perf_counter() - started,
        request=request,
        years=tuple(budgets),
        example_prices=any(move.cost and move.measure not in (costs or {}) for move in steps),
    )


Outcome = tuple[list[Move], list[Change], float, float]
"""The moves, the same as changes, the bound and the gap."""


def _full(evaluation: Evaluation, request: Request) -> Outcome:
    """Return the cheapest plan that meets every requirement: pupils, classes and rooms, then the resources for them."""
    places = places_of(evaluation, request)
    if not places.is_needed:
        moves, changes, bound = _resources(evaluation, request)
        cost = sum(move.cost for move in moves)
        return moves, changes, min(bound, cost), gap_of(cost, bound)
    joint = Joint(model_of(evaluation, request), places)
    best, cost, tried = None, math.inf, set[Allocation]()
    for attempt in (joint.relaxed, joint.spread_if_far, joint.whole, joint.with_spread):
        allocation = attempt(cost)
        if allocation is None and best is None:
            allocation = allocate(joint.model, places, np.full(joint.model.known.size, np.inf))
            if allocation is None:
                raise ImpossiblePlanError(no_places(places) or obstacles(joint.model))
        if allocation is not None and allocation not in tried:
            tried.add(allocation)
            seconds = max(joint.left / (1.5 if best else 4), 1.0)
            try:
                outcome = _placed(evaluation, places, allocation, attrs.evolve(request, seconds=seconds))
            except TimeoutError:
                if best is None and joint.left <= 1:
                    raise
                continue
            total = sum(move.cost for move in outcome[0])
            best, cost = (outcome, total) if total < cost else (best, cost)
        if gap_of(cost, joint.bound) <= request.gap or joint.left <= 1:
            break
    if best is None:
        raise TimeoutError(f"no plan within {request.seconds:g} seconds; allow more, or a larger gap")
    bound = min(joint.bound, cost)
    return *best, bound, gap_of(cost, bound)


def _placed(
    evaluation: Evaluation, places: Places, allocation: Allocation, request: Request
) -> tuple[list[Move], list[Change]]:
    """Return the cheapest plan with pupils, classes and rooms as they are allocated."""
    changes = changes_of(places, allocation)
    moves = list(moves_of_places(changes, evaluation.submission, request))
    after = evaluate(_made(evaluation, changes), evaluation.standard)
    further, more, _ = _resources(after, request)
    return [*moves, *further], [*changes, *more]


def _resources(evaluation: Evaluation, request: Request) -> tuple[list[Move], list[Change], float]:
    """Return the cheapest moves of resources after which sections comply and coefficients keep to their limits."""
    model = model_of(evaluation, request)
    search = cheapest(model)
    if search is None or search.best is None:
        raise ImpossiblePlanError(obstacles(model))
    moves = list(moves_of_resources(model, search.best))
    return moves, list(resource_changes(moves)), search.bound


def _made(evaluation: Evaluation, changes: Sequence[Change]) -> Submission:
    draft = Draft.of(evaluation.submission)
    for change in changes:
        change.apply(draft)
    return draft.done()


def _within(evaluation: Evaluation, request: Request) -> Outcome:
    """Return the plan that goes furthest within a budget, how far any can go, and the gap."""
    model = model_of(evaluation, request)
    solution = most_complying(model, request.budget, spread=False)
    if solution is None or solution[0].best is None:
        raise ImpossiblePlanError(obstacles(model))
    weights = model.pupils if request.goal == "pupils" else np.ones(model.pupils.size)
    reached = float(weights[model.known] @ solution[1].complying[model.known])
    bound = max(float(np.floor(solution[0].bound + 1e-6)), reached)
    moves = list(moves_of_resources(model, solution[0].best))
    return moves, list(resource_changes(moves)), bound, gap_of(bound, reached)


def _confirmed(evaluation: Evaluation, changes: Sequence[Change], request: Request) -> Evaluation:
    """Return the county after the plan as `evaluate` judges it; a plan that is not confirmed is a bug."""
    after = evaluate(_made(evaluation, changes), evaluation.standard)
    for item in request.items if request.budget is None else ():
        verdict, before = after.items[item].verdict, evaluation.items[item].verdict
        # Classes that were not reported stay unknown; what is known must be met.
        if verdict is Verdict.NOT_MET or (verdict is Verdict.UNKNOWN and before is Verdict.MET):
            raise RuntimeError(f"evaluate does not confirm the plan ({item}); this is a bug of balancedu")
    return after

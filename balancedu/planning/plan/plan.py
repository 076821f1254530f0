"""`plan`: the request, the search, and the result as confirmed by `evaluate`."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from decimal import Decimal

import numpy as np

from balancedu.document import Columns, column
from balancedu.errors import ImpossiblePlanError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.changes import Add, Change, Draft, Transfer
from balancedu.planning.compare import compare
from balancedu.planning.county import submission_of
from balancedu.planning.plan.model import (
    Caps,
    Costs,
    Goal,
    Model,
    Request,
    caps_of,
    immovable_of,
    is_number,
    known_measures,
    model_of,
    prices_of,
)
from balancedu.planning.plan.obstacles import beyond_resources, not_reported, obstacles, resource_items
from balancedu.planning.plan.result import Plan
from balancedu.planning.plan.search import Candidate, cheapest, gap_of, most_complying
from balancedu.submission.submission import Submission
from balancedu.text import Phrase


def moves_of(model: Model, best: Candidate) -> tuple[Columns, tuple[Change, ...]]:
    """Return a plan as columns, a row for each move, and as changes that can be made."""
    schools = model.submission.schools
    ids = [str(schools.columns["school"][row]) for row in model.school.tolist()]
    names = [str(schools.texts("name")[row]) or school for row, school in zip(model.school.tolist(), ids, strict=True)]
    rows: list[tuple[str, int, int, float, float]] = [
        ("add", n, -1, float(best.added[n]), float(best.added[n] * model.add_cost[n]))
        for n in np.flatnonzero(best.added).tolist()
    ]
    for name in dict.fromkeys(model.measure):
        here = [n for n, one in enumerate(model.measure) if one == name]
        for giver, taker, units in _pairs(here, best):
            rows.append(("transfer", taker, giver, units, units * float(model.move_cost[taker])))
    rows.sort(key=lambda row: (row[0], ids[row[1]], model.measure[row[1]]))
    changes: list[Change] = []
    for kind, cell, giver, units, _ in rows:
        amounts = {model.measure[cell]: Decimal(int(units))}
        adds = kind == "add"
        school, giver_id = ids[cell], ids[giver]
        changes.append(
            Add(school=school, amounts=amounts) if adds else Transfer(out_of=giver_id, to=school, amounts=amounts)
        )
    columns = {
        "kind": column([row[0] for row in rows], str),
        "school": column([ids[row[1]] for row in rows], str),
        "name": column([names[row[1]] for row in rows], str),
        "out_of": column([ids[row[2]] if row[2] >= 0 else "" for row in rows], str),
        "out_of_name": column([names[row[2]] if row[2] >= 0 else "" for row in rows], str),
        "measure": column([model.measure[row[1]] for row in rows], str),
        "amount": column([row[3] for row in rows], float),
        "cost": column([row[4] for row in rows], float),
    }
    return columns, tuple(changes)


def _pairs(cells: list[int], best: Candidate) -> Iterator[tuple[int, int, float]]:
    """Yield who gives how many units of one measure to whom."""
    given = {n: float(best.given[n]) for n in cells if best.given[n] > 0}
    for taker in cells:
        wanted = float(best.received[taker])
        while wanted > 0:
            giver = next(n for n, left in given.items() if left > 0)
            units = min(wanted, given[giver])
            given[giver] -= units
            wanted -= units
            yield giver, taker, units


def plan(
    evaluation: Evaluation,
    *,
    costs: Costs | None = None,
    caps: Caps | None = None,
    fixed: Collection[str] = (),
    untouched: Collection[str] = (),
    items: Collection[str] = (),
    move_all: bool = False,
    budget: float | None = None,
    goal: Goal = "sections",
    gap: float = 0.01,
    seconds: float = 60.0,
) -> Plan:
    """Return the cheapest set of whole-unit changes after which the resource part is met.

    Every section then complies and every coefficient of variation keeps to its limit. Two kinds of change: a school
    gets more of something, or units go from one school of the county to another; a school gives only what all its
    sections have above their standard. Private schools neither give nor receive, for a county cannot move what is
    theirs; they may be told to add.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county; the plan is made for its standard.
    costs : mapping of measure to yuan per unit, or to a mapping of `add` and `move`, optional
        What is left out costs what the standard gives as an example. A `move` of None: cannot be moved.
    caps : mapping of measure to units, or to a mapping of school to units, optional
        The most that a school may be given by adding.
    fixed : measures, optional
        That may not change.
    untouched : school ids, optional
        Schools that neither give nor get anything.
    items : item ids, optional
        Further items that must be met; resources cannot change them.
    move_all : bool
        Whether private schools give and receive too.
    budget : yuan, optional
        The most that the plan may cost. The plan then brings most sections (or pupils) into compliance, and is the
        cheapest that does; coefficients of variation are then told, not required.
    goal : {'sections', 'pupils'}
        What counts when there is a budget.
    gap : float
        The search ends when no plan can be cheaper by more than this share.
    seconds : float
        The search ends after so long, with the gap reached by then.

    Returns
    -------
    Plan
        With its cost, the proved bound and the gap, judged by `evaluate` itself.

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
    as many indicators as the law asks, and sd ≤ limit · mean for each coefficient. The last is a convex cone in the
    amounts; tangent planes of it are added until the plan keeps to it as judged exactly. With only some of them the
    programme allows more than the law does, so its bound holds.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> ev = be.what_if(ev, [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}]).evaluation
    >>> found = be.plan(ev)
    >>> found.evaluation.parts["resources"]
    <Verdict.MET: 'MET'>
    >>> found.gap <= 0.01
    True
    """
    started = time.perf_counter()
    _check(evaluation, budget, goal, gap, seconds)
    submission = submission_of(evaluation)
    if not submission.lists_schools.all():
        raise RequestError(
            Phrase(
                "规划要用每所学校的资源数量和学生数，这里只有生均值或差异系数；请填报学校表",
                "a plan needs the resources and pupils of every school, and only figures per pupil or coefficients "
                "were reported; report the schools table",
            )
        )
    evaluation = evaluate(submission, evaluation.standard)
    request = _request(submission, evaluation, costs, caps, fixed, untouched, move_all, budget, goal, gap, seconds)
    wanted = resource_items(evaluation.standard)
    if len(wanted) < 2:
        name = evaluation.standard.id
        en = f"{name} has no rule about sections and their spread, so nothing to plan for"
        raise RequestError(Phrase(f"{name} 没有关于学部及其校际差异的规则，无从规划", en))
    in_the_way = list(beyond_resources(evaluation, tuple(items)))
    if budget is None:
        in_the_way += not_reported(evaluation)
    if in_the_way:
        raise ImpossiblePlanError(in_the_way)
    model = model_of(evaluation, request)
    best, bound, share = _full(model) if budget is None else _within(model, budget)
    return _confirmed(model, best, bound, share, costs, time.perf_counter() - started)


def _full(model: Model) -> tuple[Candidate, float, float]:
    """Return the cheapest plan that meets every requirement, with its bound and gap."""
    search = cheapest(model)
    if search is None or search.best is None:
        raise ImpossiblePlanError(obstacles(model))
    return search.best, min(search.bound, search.best.cost), search.gap


def _within(model: Model, budget: float) -> tuple[Candidate, float, float]:
    """Return the plan that goes furthest within a budget, how far any can go, and the gap."""
    found = most_complying(model, budget, cuts=False)
    if found is None or found[0].best is None:
        raise ImpossiblePlanError(obstacles(model))
    weights = model.pupils if model.request.goal == "pupils" else np.ones(model.pupils.size)
    reached = float(weights[model.known] @ found[1].complying[model.known])
    bound = max(float(np.floor(found[0].bound + 1e-6)), reached)
    return found[0].best, bound, gap_of(bound, reached)


def _request(
    submission: Submission,
    evaluation: Evaluation,
    costs: Costs | None,
    caps: Caps | None,
    fixed: Collection[str],
    untouched: Collection[str],
    move_all: bool,
    budget: float | None,
    goal: Goal,
    gap: float,
    seconds: float,
) -> Request:
    schools = submission.schools.columns["school"].tolist()
    for school in untouched:
        if school not in schools:
            raise RequestError(Phrase(f"“untouched”中没有学校“{school}”", f"untouched: no school {school!r}"))
    standard = evaluation.standard
    return Request(
        prices=prices_of(standard, costs),
        caps=caps_of(standard, caps, schools),
        fixed=known_measures(standard, fixed),
        untouched=frozenset(untouched),
        immovable=frozenset() if move_all else immovable_of(submission),
        budget=budget,
        goal=goal,
        gap=gap,
        seconds=seconds,
    )


def _check(evaluation: Evaluation, budget: float | None, goal: Goal, gap: float, seconds: float) -> None:
    """Refuse arguments that make no sense.

    Raises
    ------
    RequestError
        With what was found and what was wanted.
    """
    count = len(evaluation.counties)
    if count > 1:
        zh = f"一次只能规划一个县，现评估了{count}个；请给出其中一个，如 ev[县]"
        raise RequestError(Phrase(zh, f"a plan is for one county, and {count} were evaluated; give one: ev[county]"))
    if goal not in ("sections", "pupils"):
        zh = f"目标应为 sections（学部）或 pupils（学生），现为“{goal}”"
        raise RequestError(Phrase(zh, f"goal must be sections or pupils, found {goal!r}"))
    for name, number, least in (("budget", budget, 0.0), ("gap", gap, 0.0), ("seconds", seconds, 1e-9)):
        if number is not None and not (is_number(number) and number >= least):
            wanted = Phrase("不小于零的数", "zero or more") if not least else Phrase("大于零的数", "more than zero")
            zh = f"{name}：现为{number!r}，应为{wanted.zh}"
            raise RequestError(Phrase(zh, f"{name}: found {number!r}, wanted {wanted.en}"))


def _confirmed(model: Model, best: Candidate, bound: float, gap: float, costs: Costs | None, seconds: float) -> Plan:
    """Return the plan as `evaluate` judges it; a plan that is not confirmed is a bug and never returned."""
    moves, changes = moves_of(model, best)
    draft = Draft.of(model.submission)
    for change in changes:
        change.apply(draft)
    submission = draft.done()
    evaluation = evaluate(submission, model.standard)
    if model.request.budget is None:
        for item in resource_items(model.standard).values():
            if evaluation.items[item].verdict is not Verdict.MET:
                raise RuntimeError(f"evaluate does not confirm the plan ({item}); this is a bug of balancedu")
    examples = any(name not in (costs or {}) for name in moves["measure"].tolist())
    comparison = compare(model.evaluation, evaluation)
    return Plan(
        moves, best.cost, bound, gap, submission, evaluation, comparison, changes, seconds, model.request, examples
    )

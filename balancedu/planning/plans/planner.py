"""`plan`: what is asked, the search, and the result as judged by `evaluate` itself."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.core.loading import DEFAULT_STANDARD
from balancedu.core.model import Language
from balancedu.core.standard import Standard
from balancedu.errors import ImpossiblePlanError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.changes import Add, Change, Transfer
from balancedu.planning.compare import Comparison, compare
from balancedu.planning.draft import Draft
from balancedu.planning.plans.model import Model, model_of
from balancedu.planning.plans.obstacles import beyond_resources, not_reported, obstacles, resource_items
from balancedu.planning.plans.repair import Candidate
from balancedu.planning.plans.request import Caps, Costs, Goal, Request, caps_of, known_measures, prices_of
from balancedu.planning.plans.search import cheapest, gap_of, most_complying
from balancedu.planning.result import Columns, Result, column
from balancedu.planning.said import counted
from balancedu.reporting.blocks import Block, Grid, Heading, Line
from balancedu.submission.submission import Submission

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_WORDS: dict[str, dict[Language, str]] = {
    "plan": {"zh": "最省的方案", "en": "The cheapest plan"},
    "cost": {
        "zh": "费用{cost:,.0f}元，可以证明的下限{bound:,.0f}元，差距{gap}。",
        "en": "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f}: a gap of {gap}.",
    },
    "reach": {
        "zh": "费用{cost:,.0f}元；达标的{what}由{before:,.0f}增至{after:,.0f}，最多不超过{bound:,.0f}。",
        "en": "It costs {cost:,.0f} yuan; {what} that comply: {before:,.0f} before, {after:,.0f} after, "
        "at most {bound:,.0f}.",
    },
    "examples": {
        "zh": "未给出单价的，用的是标准文件中的示例单价，只供测算；请用costs换成本县的单价。",
        "en": "Where no price was given, the example prices of the standard were used; give yours with `costs`.",
    },
    "add": {"zh": "添置", "en": "Add"},
    "transfer": {"zh": "调配", "en": "Transfer"},
    "school": {"zh": "学校", "en": "school"},
    "from": {"zh": "调出", "en": "from"},
    "to": {"zh": "调入", "en": "to"},
    "what": {"zh": "内容", "en": "what"},
    "amount": {"zh": "数量", "en": "amount"},
    "yuan": {"zh": "费用（元）", "en": "yuan"},
    "nothing": {"zh": "不需要任何改变。", "en": "Nothing needs to change."},
    "after": {"zh": "方案实施后的判定", "en": "Judged after the plan"},
    "rest": {"zh": "其他未达标的项目，本方案不涉及", "en": "Other items that are not met, left as they are"},
    "sections": {"zh": "学部", "en": "sections"},
    "pupils": {"zh": "学生", "en": "pupils"},
}


@attrs.frozen
class Plan(Result):
    """What to change, what it costs, and how the county is judged afterwards.

    Attributes
    ----------
    moves : columns
        A row for each change: kind (add, transfer), school (that receives), out_of (that gives), their names,
        measure, amount, cost in yuan.
    cost : float
        In yuan.
    bound : float
        No plan costs less; with a budget, no plan brings more sections (or pupils) into compliance.
    gap : float
        How much better another plan could be at most, as a share.
    submission, evaluation : Submission, Evaluation
        The county after the plan, judged by `evaluate`.
    comparison : Comparison
        Every decision that the plan changes.
    changes : tuple of Change
        The plan as changes that `what_if` takes.
    seconds : float
        How long the search took.
    """

    moves: Columns = attrs.field(repr=False)
    cost: float
    bound: float
    gap: float
    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    changes: tuple[Change, ...] = attrs.field(repr=False)
    seconds: float = attrs.field(repr=False)
    request: Request = attrs.field(repr=False)
    example_prices: bool = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The moves, and what they change."""
        return {"moves": self.moves, **self.comparison.tables}

    def facts(self) -> dict[str, Any]:
        """Return cost, bound, gap and the verdicts of the parts."""
        parts = {part: verdict.name for part, verdict in self.evaluation.parts.items()}
        return {"cost": self.cost, "bound": self.bound, "gap": self.gap, "parts": parts, "seconds": self.seconds}

    def reached(self, evaluation: Evaluation) -> float:
        """Return how many sections comply, or how many pupils are in them, as the goal counts."""
        met = evaluation.section_verdicts == Verdict.MET
        return float(evaluation.sections["pupils"][met].sum() if self.request.goal == "pupils" else met.sum())

    def plot(self, lang: Language = "zh") -> Figure:
        """Return a picture of the coefficients before and after.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from balancedu.planning.pictures import comparison_picture

        return comparison_picture(self.comparison, lang)

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the cost, the changes, and how the county is judged afterwards."""
        yield Heading(_WORDS["plan"][lang])
        if self.request.budget is None:
            gap = f"{self.gap * 100:.2f}%"
            yield Line(_WORDS["cost"][lang].format(cost=self.cost, bound=self.bound, gap=gap))
        else:
            before, after = self.reached(self.comparison.before), self.reached(self.evaluation)
            what = _WORDS[self.request.goal][lang]
            yield Line(
                _WORDS["reach"][lang].format(cost=self.cost, what=what, before=before, after=after, bound=self.bound)
            )
        if self.example_prices:
            yield Line(_WORDS["examples"][lang])
        if not self.moves["kind"].size:
            yield Line(_WORDS["nothing"][lang])
        yield from self._moves("add", ("school", "what", "amount", "yuan"), lang)
        yield from self._moves("transfer", ("from", "to", "what", "amount", "yuan"), lang)
        yield from self._verdicts(lang)

    def _moves(self, kind: str, head: tuple[str, ...], lang: Language) -> Iterator[Block]:
        rows = np.flatnonzero(self.moves["kind"] == kind).tolist()
        if not rows:
            return
        yield Heading(_WORDS[kind][lang])
        body = []
        for row in rows:
            measure = self.submission.standard.measures[str(self.moves["measure"][row])]
            schools = [str(self.moves["name"][row])]
            if kind == "transfer":
                schools.insert(0, str(self.moves["out_of_name"][row]))
            amount = counted(float(self.moves["amount"][row]), measure.unit, lang)
            body.append([*schools, measure.title.said(lang), amount, f"{self.moves['cost'][row]:,.0f}"])
        yield Grid([[_WORDS[name][lang] for name in head], *body], texts=len(head) - 2)

    def _verdicts(self, lang: Language) -> Iterator[Block]:
        yield Heading(_WORDS["after"][lang])
        items = set(resource_items(self.evaluation.standard).values())
        findings = self.evaluation.items
        for item in sorted(items):
            yield Line(f"{item} {findings[item].item.name.said(lang)}  {findings[item].reason(lang)}")
        rest = [one for one in findings.values() if one.item.id not in items and one.verdict < Verdict.MET]
        if rest:
            yield Heading(_WORDS["rest"][lang])
            yield from (Line(f"{one.item.id} {one.item.name.said(lang)}  {one.reason(lang)}") for one in rest)


def plan(
    submission: Submission,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    *,
    costs: Costs | None = None,
    caps: Caps | None = None,
    fixed: Collection[str] = (),
    untouched: Collection[str] = (),
    items: Collection[str] = (),
    budget: float | None = None,
    goal: Goal = "sections",
    gap: float = 0.01,
    seconds: float = 60.0,
) -> Plan:
    """Return the cheapest set of whole-unit changes after which the resource part is met.

    Every section then complies and every coefficient of variation keeps to its limit. Two kinds of change: a school
    gets more of something, or units go from one school of the county to another; a school gives only what all its
    sections have above their standard.

    Parameters
    ----------
    submission : Submission
        Of one county.
    standard : id, path or Standard
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
        If an argument names what there is not, or the submission has several counties.

    Notes
    -----
    Minimise Σ cost · units over whole units, such that each section reaches the floor everywhere and the standard in
    as many indicators as the law asks, and sd ≤ limit · mean for each coefficient. The last is a convex cone in the
    amounts; tangent planes of it are added until the plan keeps to it as judged exactly. With only some of them the
    programme allows more than the law does, so its bound holds.

    Examples
    --------
    >>> import balancedu as be
    >>> county = be.what_if(be.example("failing"), [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}])
    >>> found = be.plan(county.submission)
    >>> found.evaluation.parts["resources"]
    <Verdict.MET: 2>
    >>> found.gap <= 0.01
    True
    """
    started = time.perf_counter()
    evaluation = evaluate(submission, standard)
    request = _request(submission, evaluation, costs, caps, fixed, untouched, budget, goal, gap, seconds)
    wanted = resource_items(evaluation.standard)
    if len(wanted) < 2:
        raise RequestError(
            f"{evaluation.standard.id} has no rule about sections and their spread, so nothing to plan for"
        )
    in_the_way = list(beyond_resources(evaluation, tuple(items)))
    if budget is None:
        in_the_way += not_reported(evaluation)
    if in_the_way:
        raise ImpossiblePlanError(in_the_way)
    model = model_of(evaluation, request)
    if budget is None:
        search = cheapest(model)
        if search is None or search.best is None:
            raise ImpossiblePlanError(obstacles(model))
        best, bound, share = search.best, min(search.bound, search.best.cost), search.gap
    else:
        found = most_complying(model, budget, cuts=False)
        if found is None or found[0].best is None:
            raise ImpossiblePlanError(obstacles(model))
        weights = model.pupils if goal == "pupils" else np.ones(model.pupils.size)
        best = found[0].best
        reached = float(weights[model.known] @ found[1].complying[model.known])
        bound = max(float(np.floor(found[0].bound + 1e-6)), reached)
        share = gap_of(bound, reached)
    return _confirmed(model, best, bound, share, costs, time.perf_counter() - started)


def _request(
    submission: Submission,
    evaluation: Evaluation,
    costs: Costs | None,
    caps: Caps | None,
    fixed: Collection[str],
    untouched: Collection[str],
    budget: float | None,
    goal: Goal,
    gap: float,
    seconds: float,
) -> Request:
    if len(evaluation.counties) > 1:
        raise RequestError(f"a plan is for one county, and {len(evaluation.counties)} were submitted; submit one")
    if goal not in ("sections", "pupils"):
        raise RequestError(f"goal must be sections or pupils, found {goal!r}")
    if gap < 0 or seconds <= 0 or (budget is not None and budget < 0):
        raise RequestError("gap and budget must not be negative, and seconds must be more than zero")
    schools = submission.schools.columns["school"].tolist()
    for school in untouched:
        if school not in schools:
            raise RequestError(f"untouched: no school {school!r}")
    standard = evaluation.standard
    return Request(
        prices=prices_of(standard, costs),
        caps=caps_of(standard, caps, schools),
        fixed=known_measures(standard, fixed),
        untouched=frozenset(untouched),
        budget=budget,
        goal=goal,
        gap=gap,
        seconds=seconds,
    )


def _confirmed(model: Model, best: Candidate, bound: float, gap: float, costs: Costs | None, seconds: float) -> Plan:
    """Return the plan as `evaluate` judges it; a plan that is not confirmed is a bug and never returned."""
    moves, changes = _moves(model, best)
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


def _moves(model: Model, best: Candidate) -> tuple[Columns, tuple[Change, ...]]:
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
        changes.append(Add(ids[cell], amounts) if kind == "add" else Transfer(ids[giver], ids[cell], amounts))
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

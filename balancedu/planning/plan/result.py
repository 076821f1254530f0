"""A plan as a result: what to do, who pays for it in which year, how the county is judged afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.fields import Language
from balancedu.core.rules import RoomsForClasses
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Verdict
from balancedu.planning.compare import Comparison
from balancedu.planning.distances import amount_text
from balancedu.planning.plan.model import ROOM_AREA, Model, Places, Request, Units, class_counts
from balancedu.planning.plan.programme import Allocation
from balancedu.planning.what_if import Add, ArrangeClasses, BuildRooms, Change, MovePupils, Transfer
from balancedu.submission.submission import Submission
from balancedu.text import NO_WORDS, Phrase

# Moves

MoveKind = Literal["move_pupils", "arrange_classes", "build_rooms", "transfer", "add"]
MOVE_KINDS: tuple[MoveKind, ...] = ("move_pupils", "arrange_classes", "build_rooms", "transfer", "add")
"""In the order in which they are best done: no room is built before the pupils are where they stay."""
LATER = "later"
"""The year of what the budgets given do not reach."""


@attrs.frozen
class Move:
    """One move of a plan.

    Attributes
    ----------
    kind : str
    school, out_of : str
        The school that receives, opens or builds, and the one that gives; ids.
    measure : str
        What is moved, opened, built or bought.
    detail : str
        The grade of pupils and classes, the use of rooms.
    amount, cost : float
        Whole units; yuan.
    payer : {'county', 'school'}
        A school whose resources the county cannot move pays for itself.
    year : str
        Empty where no budgets were given; `later` where none of them reaches it.
    """

    kind: MoveKind
    school: str
    out_of: str
    measure: str
    detail: str
    amount: float
    cost: float
    payer: Literal["county", "school"] = "county"
    year: str = ""


def moves_of_places(places: Places, allocation: Allocation, request: Request) -> Iterator[Move]:
    """Yield what an allocation does: pupils first, then classes, then rooms."""
    standard, schools = places.evaluation.standard, places.evaluation.record.basis.submission.schools
    ids, grades = schools.columns["school"].tolist(), places.grades
    alike: dict[tuple[int, str | None], list[int]] = {}
    for n, grade in enumerate(grades):
        alike.setdefault((grade.stage, grade.grade), []).append(n)
    moved = list[Move]()
    for (stage, name), here in alike.items():
        pupils = standard.head.scope.pupils[standard.stages[stage]]
        price = request.price(pupils).move or 0.0
        for giver, taker, number in _pairs(here, allocation.leaving, allocation.coming):
            ends = ids[grades[taker].school], ids[grades[giver].school]
            moved.append(Move("move_pupils", *ends, pupils, name or "", float(number), price * number))
    yield from sorted(moved, key=lambda move: (move.out_of, move.school))
    counts = class_counts(standard)
    for n, grade in enumerate(grades):
        opened, changed = allocation.opened[n], allocation.leaving[n] + allocation.coming[n]
        if grade.classes and (opened or changed or grade.largest > grade.limit):
            classes = counts[standard.stages[grade.stage]]
            cost = request.price(classes).add * opened
            yield Move("arrange_classes", ids[grade.school], "", classes, grade.grade or "", float(opened), cost)
    for need, rooms in zip(places.rooms, allocation.built, strict=True):
        if rooms:
            cost = request.price(ROOM_AREA).add * float(area_of_room(standard, need.use)) * rooms
            yield Move("build_rooms", ids[need.school], "", ROOM_AREA, need.use, float(rooms), cost)


def area_of_room(standard: Standard, use: str) -> Decimal:
    """Return the area from which a room for one use counts."""
    rule = standard.rule_of(RoomsForClasses)
    return rule.area_at_least[use] if rule else Decimal(0)


def moves_of_resources(model: Model, units: Units) -> Iterator[Move]:
    """Yield what is moved between schools and what is bought."""
    ids = [str(model.submission.schools.columns["school"][row]) for row in model.school.tolist()]
    moves = []
    for name in dict.fromkeys(model.measure):
        here = [n for n, measure in enumerate(model.measure) if measure == name]
        for giver, taker, number in _pairs(here, units.given, units.received):
            cost = number * float(model.move_cost[taker])
            moves.append(Move("transfer", ids[taker], ids[giver], name, "", float(number), cost))
    for n in np.flatnonzero(units.added).tolist():
        number = float(units.added[n])
        moves.append(Move("add", ids[n], "", model.measure[n], "", number, float(model.add_cost[n]) * number))
    yield from sorted(moves, key=lambda move: (MOVE_KINDS.index(move.kind), move.school, move.measure))


def _pairs(
    here: Sequence[int], given: Sequence[float] | Floats, received: Sequence[float] | Floats
) -> Iterator[tuple[int, int, float]]:
    """Yield who gives how many units to whom: the first who has any left to the first who still needs any."""
    left = {n: given[n] for n in here if given[n] > 0}
    for taker in here:
        wanted = received[taker]
        while wanted > 0:
            giver = next(n for n, units in left.items() if units > 0)
            units = min(wanted, left[giver])
            left[giver] -= units
            wanted -= units
            yield giver, taker, units


def change_of(move: Move, standard: Standard) -> Change:
    """Return a move as a change that can be made."""
    amounts = {move.measure: Decimal(int(move.amount))}
    if move.kind == "add":
        return Add(school=move.school, amounts=amounts)
    if move.kind == "transfer":
        return Transfer(out_of=move.out_of, to=move.school, amounts=amounts)
    if move.kind == "build_rooms":
        area = area_of_room(standard, move.detail)
        return BuildRooms(school=move.school, use=move.detail, area=area, rooms=int(move.amount))
    measures = standard.head.scope.pupils if move.kind == "move_pupils" else class_counts(standard)
    stage, grade = next(stage for stage, name in measures.items() if name == move.measure), move.detail or None
    if move.kind == "move_pupils":
        return MovePupils(out_of=move.out_of, to=move.school, stage=stage, pupils=int(move.amount), grade=grade)
    return ArrangeClasses(school=move.school, stage=stage, grade=grade, open=int(move.amount))


def scheduled(moves: Sequence[Move], budgets: Mapping[str, float], priorities: Sequence[str]) -> tuple[Move, ...]:
    """Return the moves by year: in the order of their priority, as far as each year's money of the county reaches.

    Whole units are divided over years; what costs nothing, or is paid by schools, is done in the first.

    Parameters
    ----------
    moves : sequence of Move
    budgets : mapping of year to yuan
    priorities : sequence of str
        Measures or schools that come first, in this order; the others follow in the order of `MOVE_KINDS`.

    Examples
    --------
    >>> desks = Move("add", "001", "", "equipment_value", "", 300.0, 300.0)
    >>> [(move.year, move.amount) for move in scheduled([desks], {"2025": 200.0, "2026": 50.0}, [])]
    [('2025', 200.0), ('2026', 50.0), ('later', 50.0)]
    """
    years, left = list(budgets), dict(budgets)
    result: list[Move] = []
    for move in sorted(moves, key=lambda move: _rank(move, priorities)):
        rest = move.amount
        if move.payer == "school" or not move.cost or not rest:
            result.append(attrs.evolve(move, year=years[0]))
            continue
        each = move.cost / move.amount
        for year in years:
            units = min(rest, float(math.floor(left[year] / each + 1e-9)))
            if units > 0:
                result.append(attrs.evolve(move, year=year, amount=units, cost=units * each))
                left[year] -= units * each
                rest -= units
        if rest:
            result.append(attrs.evolve(move, year=LATER, amount=rest, cost=rest * each))
    order = [*years, LATER]
    return tuple(sorted(result, key=lambda move: order.index(move.year)))


def _rank(move: Move, priorities: Sequence[str]) -> tuple[int, int, float]:
    ranks = [priorities.index(name) for name in (move.measure, move.school) if name in priorities]
    return min(ranks, default=len(priorities)), MOVE_KINDS.index(move.kind), move.cost


# The result

_WORDS: dict[str, dict[Language, str]] = {
    "plan": {"zh": "最低投入方案", "en": "The cheapest plan"},
    "cost": {
        "zh": "最低投入测算{cost:,.0f}元；理论最低值{bound:,.0f}元，差距不超过{gap}。",
        "en": "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f} (a lower bound): a gap of {gap}.",
    },
    "proved": {
        "zh": "最低投入测算{cost:,.0f}元（已是理论最低值，差距{gap}）。",
        "en": "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f} (a lower bound): a gap of {gap}.",
    },
    "payers": {
        "zh": "其中县级承担{county:,.0f}元，民办等学校自筹{school:,.0f}元。",
        "en": "The county pays {county:,.0f} yuan, schools that are not the county's pay {school:,.0f}.",
    },
    "reach": {
        "zh": "投入{cost:,.0f}元；达标的{what}由{before:,.0f}增至{after:,.0f}，最多不超过{bound:,.0f}。",
        "en": "It costs {cost:,.0f} yuan; {what} that comply: {before:,.0f} before, {after:,.0f} after, "
        "at most {bound:,.0f}.",
    },
    "examples": {
        "zh": "未给出单价的，用的是标准文件中的示例单价，只供测算，请换成本县的单价。",
        "en": "Where no price was given, the example prices of the standard were used; give your own.",
    },
    "immovable": {
        "zh": "{n}所{kind}学校不参与调配：其资源不归县调配，既不调出，也不调入，可以自行添置。",
        "en": "Schools that neither give nor receive ({kind}): {n}. What they hold is not the county's to move; they "
        "may add.",
    },
    "left_out": {
        "zh": "方案没有考虑：上学距离和学区，新建学校，教室以外的校舍改造，人员编制；学生只在学校或班级超限时转出。",
        "en": "Left out: ways to school and catchment areas, new schools, staffing; pupils move only where their "
        "school or class is too large.",
    },
    "left_out_budget": {
        "zh": "按总预算测算时，没有考虑学校和班级规模、专用教室，也不要求差异系数达标。",
        "en": "With a budget in all, the sizes of schools and classes and special rooms are left out, and coefficients "
        "of variation are not required.",
    },
    "move_pupils": {"zh": "学生分流", "en": "Pupils who move"},
    "arrange_classes": {"zh": "班级", "en": "Classes"},
    "build_rooms": {"zh": "专用教室", "en": "Rooms"},
    "transfer": {"zh": "调配", "en": "Transfer"},
    "add": {"zh": "添置", "en": "Add"},
    "years": {"zh": "分年度", "en": "Year by year"},
    "year": {"zh": "年度", "en": "year"},
    "later": {"zh": "预算以外", "en": "beyond the budgets"},
    "county": {"zh": "县级（元）", "en": "county (yuan)"},
    "by_school": {"zh": "学校自筹（元）", "en": "schools (yuan)"},
    "school": {"zh": "学校", "en": "school"},
    "from": {"zh": "从", "en": "from"},
    "to": {"zh": "到", "en": "to"},
    "what": {"zh": "内容", "en": "what"},
    "amount": {"zh": "数量", "en": "amount"},
    "yuan": {"zh": "投入（元）", "en": "yuan"},
    "even": {"zh": "按人数均衡编班", "en": "spread evenly"},
    "nothing": {"zh": "不需要任何改变。", "en": "Nothing needs to change."},
    "after": {"zh": "方案实施后的判定", "en": "Judged after the plan"},
    "rest": {"zh": "其他未达标的项目，本方案不涉及", "en": "Other items that are not met, left as they are"},
    "sections": {"zh": "学校（小学部、初中部分别计算）", "en": "sections"},
    "pupils": {"zh": "学生", "en": "pupils"},
}


@attrs.frozen(eq=False)
class Plan(Result):
    """What to change, what it costs, and how the county is judged afterwards.

    Attributes
    ----------
    steps : tuple of Move
        Everything that the plan does, in order.
    bound : float
        No plan costs less; with a budget in all, no plan brings more sections (or pupils) into compliance.
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

    steps: tuple[Move, ...] = attrs.field(repr=False)
    names: Mapping[str, str] = attrs.field(repr=False)
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
    def cost(self) -> float:
        """What everything costs, in yuan."""
        return float(sum(step.cost for step in self.steps))

    @property
    def cost_by_payer(self) -> dict[str, float]:
        """What the county pays, and what schools pay that are not the county's, in yuan."""
        return {payer: float(sum(step.cost for step in self.steps if step.payer == payer)) for payer in _PAYERS}

    @property
    def moves(self) -> Columns:
        """A row for each move.

        Columns: kind (move_pupils, arrange_classes, build_rooms, transfer, add), school (that receives), out_of (that
        gives), their names, measure, detail (the grade, or the use of rooms), amount, cost in yuan, payer (county,
        school), year.
        """
        texts = dict.fromkeys(("kind", "school", "out_of", "measure", "detail", "payer", "year"), str)
        schools = ((self.names[move.school], self.names.get(move.out_of, "")) for move in self.steps)
        return columns_of(self.steps, **texts, amount=float, cost=float) | columns_of(
            schools, name=str, out_of_name=str
        )

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The moves, and what they change."""
        return {"moves": self.moves, **self.comparison.tables}

    def single_values(self) -> dict[str, Any]:
        """Return cost, bound, gap and the verdicts of the parts."""
        parts = {part: verdict.name for part, verdict in self.evaluation.parts.items()}
        costs = {"cost": self.cost, "cost_by_payer": self.cost_by_payer}
        return costs | {"bound": self.bound, "gap": self.gap, "parts": parts}

    def reached(self, evaluation: Evaluation) -> float:
        """Return how many sections comply, or how many pupils are in them, as the goal counts."""
        met = evaluation.section_verdicts == Verdict.MET.code
        return float(evaluation.sections["pupils"][met].sum() if self.request.goal == "pupils" else met.sum())

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the cost, the changes, and how the county is judged afterwards."""
        yield Heading(_WORDS["plan"][lang])
        if self.request.budget is None:
            gap = f"{self.gap * 100:.2f}%"
            words = _WORDS["proved" if self.gap < 5e-5 else "cost"][lang]
            yield Paragraph(words.format(cost=self.cost, bound=self.bound, gap=gap))
        else:
            before, after = self.reached(self.comparison.before), self.reached(self.evaluation)
            what = _WORDS[self.request.goal][lang]
            yield Paragraph(
                _WORDS["reach"][lang].format(cost=self.cost, what=what, before=before, after=after, bound=self.bound)
            )
        if self.cost_by_payer["school"]:
            yield Paragraph(_WORDS["payers"][lang].format(**self.cost_by_payer))
        if self.example_prices:
            yield Paragraph(_WORDS["examples"][lang])
        if self.request.immovable:
            yield Paragraph(self._immovable(lang))
        yield Paragraph(_WORDS["left_out" if self.request.budget is None else "left_out_budget"][lang])
        if not self.steps:
            yield Paragraph(_WORDS["nothing"][lang])
        for kind in MOVE_KINDS:
            yield from self._moves(kind, lang)
        yield from self._years(lang)
        yield from self._verdicts(lang)

    def _immovable(self, lang: Language) -> str:
        measures = self.submission.standard.table_measures("schools").values()
        groups = (
            group for measure in measures if measure.grouping for group in measure.grouping.groups if not group.movable
        )
        kind = {"zh": "、", "en": " or "}[lang].join(group.title.text(lang) for group in groups)
        return _WORDS["immovable"][lang].format(n=len(self.request.immovable), kind=kind)

    def _moves(self, kind: MoveKind, lang: Language) -> Iterator[Block]:
        steps = [step for step in self.steps if step.kind == kind]
        if not steps:
            return
        yield Heading(_WORDS[kind][lang])
        between = kind in ("move_pupils", "transfer")
        head = [*(("from", "to") if between else ("school",)), "what", "amount", "yuan"]
        body = []
        for step in steps:
            schools = [self.names[step.out_of], self.names[step.school]] if between else [self.names[step.school]]
            year = f"（{self._year(step.year, lang)}）" if step.year and lang == "zh" else ""
            year = f" ({self._year(step.year, lang)})" if step.year and lang == "en" else year
            what = self._what(step).text(lang) + year
            body.append([*schools, what, self._amount(step, lang), f"{step.cost:,.0f}"])
        yield Grid([_WORDS[name][lang] for name in head], body, texts=len(head) - 2)

    def _what(self, step: Move) -> Phrase:
        """Return what a move is about, with the grade or the use of rooms."""
        standard = self.submission.standard
        title = standard.measures[step.measure].title
        if step.kind == "build_rooms":
            use = next(choice.title for choice in standard.measures["rooms.use"].values if choice.id == step.detail)
            return Phrase(f"{use.zh}专用教室", f"rooms for {use.en}")
        if step.kind == "move_pupils":
            stage = next(name for name in standard.stages if standard.head.scope.pupils[name] == step.measure)
            grade = Phrase(f"{step.detail}年级", f", grade {step.detail}") if step.detail else NO_WORDS
            return standard.head.stage_titles[stage] + grade + Phrase("学生", " pupils" if not step.detail else "")
        if step.kind == "arrange_classes":
            grade = Phrase(f"{step.detail}年级", f" (grade {step.detail})") if step.detail else Phrase("班级", "")
            return Phrase(title.zh.removesuffix("班数"), title.en) + grade
        return title

    def _amount(self, step: Move, lang: Language) -> str:
        if step.kind == "arrange_classes" and not step.amount:
            return _WORDS["even"][lang]
        unit: Phrase | None = self.submission.standard.measures[step.measure].unit
        if step.kind == "build_rooms":
            unit = _ROOMS
        return amount_text(step.amount, unit, lang)

    @staticmethod
    def _year(year: str, lang: Language) -> str:
        return _WORDS["later"][lang] if year == LATER else f"{year}年" if lang == "zh" else year

    def _years(self, lang: Language) -> Iterator[Block]:
        if not self.request.years:
            return
        yield Heading(_WORDS["years"][lang])
        body: list[Sequence[str]] = []
        for year in (*self.request.years, LATER):
            costs = [
                sum(step.cost for step in self.steps if (step.year, step.payer) == (year, payer)) for payer in _PAYERS
            ]
            if year != LATER or any(costs):
                body.append([self._year(year, lang), *(f"{cost:,.0f}" for cost in costs)])
        yield Grid([_WORDS[name][lang] for name in ("year", "county", "by_school")], body)

    def _verdicts(self, lang: Language) -> Iterator[Block]:
        yield Heading(_WORDS["after"][lang])
        findings = self.evaluation.items
        for item in self.request.items:
            yield Paragraph(f"{findings[item].item.name.text(lang)}  {findings[item].reason(lang)}")
        rest = [
            finding
            for finding in findings.values()
            if finding.item.id not in self.request.items and finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN)
        ]
        if rest:
            yield Heading(_WORDS["rest"][lang])
            yield from (Paragraph(f"{finding.item.name.text(lang)}  {finding.reason(lang)}") for finding in rest)


_PAYERS = ("county", "school")
_ROOMS = Phrase("间", "rooms")

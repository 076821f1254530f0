"""A plan as a result: what to do, who pays for it in which year, how the county is judged afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.core.rules import RoomsForClasses
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Verdict
from balancedu.planning.changes import Add, ArrangeClasses, BuildRooms, Change, MovePupils, Transfer
from balancedu.planning.compare import Comparison
from balancedu.planning.distances import amount_text
from balancedu.planning.plan.model import ROOM_AREA, Done, Model, Request, class_counts
from balancedu.submission.submission import Submission
from balancedu.text import NO_WORDS, Phrase, in_both, one_of

# Moves

MOVES: Mapping[str, Phrase] = {
    "move_pupils": Phrase("学生分流", "Pupils who move"),
    "arrange_classes": Phrase("班级", "Classes"),
    "build_rooms": Phrase("专用教室", "Rooms"),
    "transfer": Phrase("调配", "Transfer"),
    "add": Phrase("添置", "Add"),
}
"""The kinds in the order in which they are best done: no room is built before the pupils are where they stay."""
_ORDER = list(MOVES)
LATER = "later"
"""The year of what the budgets given do not reach."""
PAYERS = ("county", "school")


@attrs.frozen
class Move:
    """One move of a plan.

    Attributes
    ----------
    kind : str
        One of `MOVES`.
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

    kind: str
    school: str
    out_of: str
    measure: str
    detail: str
    amount: float
    cost: float
    payer: Literal["county", "school"] = "county"
    year: str = ""


def moves_of_places(model: Model, done: Done) -> Iterator[Move]:
    """Yield what is done about pupils, classes and rooms, in this order."""
    standard, request, places = model.basis.standard, model.request, model.places
    ids, grades, counts = (
        model.basis.submission.schools.columns["school"].tolist(),
        places.grades,
        class_counts(standard),
    )
    leaving, coming, opened, built = (done[name].tolist() for name in ("leaving", "coming", "opened", "built"))
    moved = list[Move]()
    for (stage, name), here in places.grades_by("stage", "grade").items():
        pupils = standard.head.scope.pupils[standard.stages[stage]]
        price = request.price(pupils).move or 0.0
        for giver, taker, number in _pairs(here, leaving, coming):
            ends = ids[grades[taker].school], ids[grades[giver].school]
            moved.append(Move("move_pupils", *ends, pupils, name, number, price * number))
    yield from sorted(moved, key=lambda move: (move.out_of, move.school))
    for grade, units, *pupils_moved in zip(grades, opened, leaving, coming, strict=True):
        if grade.classes and (units or any(pupils_moved) or grade.largest > grade.limit):
            classes = counts[standard.stages[grade.stage]]
            cost = request.price(classes).add * units
            yield Move("arrange_classes", ids[grade.school], "", classes, grade.grade, units, cost)
    for need, units in zip(places.rooms, built, strict=True):
        if units:
            cost = request.price(ROOM_AREA).add * float(area_of_room(standard, need.use)) * units
            yield Move("build_rooms", ids[need.school], "", ROOM_AREA, need.use, units, cost)


def moves_of_resources(model: Model, done: Done) -> Iterator[Move]:
    """Yield what is moved between schools and what is bought."""
    ids = model.basis.submission.schools.columns["school"][model.school].tolist()
    moves = []
    for name, here in model.cells_by_measure().items():
        for giver, taker, number in _pairs(here, done["given"].tolist(), done["received"].tolist()):
            cost = number * float(model.move_cost[taker])
            moves.append(Move("transfer", ids[taker], ids[giver], name, "", number, cost))
    for cell in np.flatnonzero(done["added"]).tolist():
        number = float(done["added"][cell])
        moves.append(Move("add", ids[cell], "", model.measure[cell], "", number, float(model.add_cost[cell]) * number))
    yield from sorted(moves, key=lambda move: (_ORDER.index(move.kind), move.school, move.measure))


def _pairs(here: Sequence[int], given: list[float], received: list[float]) -> Iterator[tuple[int, int, float]]:
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


def area_of_room(standard: Standard, use: str) -> Decimal:
    """Return the area from which a room for one use counts."""
    rule = standard.rule_of(RoomsForClasses)
    return rule.area_at_least[use] if rule else Decimal(0)


def change_of(move: Move, standard: Standard) -> Change:
    """Return a move as a change that can be made."""
    school, units = move.school, int(move.amount)
    amounts = {move.measure: Decimal(units)}
    if move.kind == "add":
        return Add(school=school, amounts=amounts)
    if move.kind == "transfer":
        return Transfer(out_of=move.out_of, to=school, amounts=amounts)
    if move.kind == "build_rooms":
        return BuildRooms(school=school, use=move.detail, area=area_of_room(standard, move.detail), rooms=units)
    measures = standard.head.scope.pupils if move.kind == "move_pupils" else class_counts(standard)
    stage, grade = next(stage for stage, name in measures.items() if name == move.measure), move.detail or None
    if move.kind == "move_pupils":
        return MovePupils(out_of=move.out_of, to=school, stage=stage, pupils=units, grade=grade)
    return ArrangeClasses(school=school, stage=stage, grade=grade, open=units)


def scheduled(moves: Sequence[Move], budgets: Mapping[str, float], priorities: Sequence[str]) -> tuple[Move, ...]:
    """Return the moves by year: in the order of their priority, as far as each year's money of the county reaches.

    Whole units are divided over years; what costs nothing, or is paid by schools, is done in the first.

    Parameters
    ----------
    moves : sequence of Move
    budgets : mapping of year to yuan
    priorities : sequence of str
        Measures or schools that come first, in this order; the others follow in the order of `MOVES`.

    Examples
    --------
    >>> desks = Move("add", "001", "", "equipment_value", "", 300.0, 300.0)
    >>> [(move.year, move.amount) for move in scheduled([desks], {"2025": 200.0, "2026": 50.0}, [])]
    [('2025', 200.0), ('2026', 50.0), ('later', 50.0)]
    """

    def rank(move: Move) -> tuple[int, int, float]:
        ranks = [priorities.index(name) for name in (move.measure, move.school) if name in priorities]
        return min(ranks, default=len(priorities)), _ORDER.index(move.kind), move.cost

    left, result = {**budgets, LATER: math.inf}, list[Move]()
    for move in sorted(moves, key=rank):
        if move.payer == "school" or not move.cost:
            result.append(attrs.evolve(move, year=next(iter(left))))
            continue
        rest, each = move.amount, move.cost / move.amount
        for year, money in left.items():
            units = rest if year == LATER else min(rest, float(math.floor(money / each + 1e-9)))
            if units > 0:
                result.append(attrs.evolve(move, year=year, amount=units, cost=units * each))
                left[year] -= units * each
                rest -= units
    return tuple(sorted(result, key=lambda move: list(left).index(move.year)))


# The result

_COST = Phrase(
    "最低投入测算{cost:,.0f}元；理论最低值{bound:,.0f}元，差距不超过{gap:.2%}。",
    "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f} (a lower bound): a gap of {gap:.2%}.",
)
_PROVED = Phrase("最低投入测算{cost:,.0f}元（已是理论最低值，差距{gap:.2%}）。", _COST.en)
_REACHED = Phrase(
    "投入{cost:,.0f}元；达标的{what}由{before:,.0f}增至{after:,.0f}，最多不超过{bound:,.0f}。",
    "It costs {cost:,.0f} yuan; {what} that comply: {before:,.0f} before, {after:,.0f} after, at most {bound:,.0f}.",
)
_GOALS = {
    "sections": Phrase("学校（小学部、初中部分别计算）", "sections"),
    "pupils": Phrase("学生", "pupils"),
}
_EXAMPLES = Phrase(
    "未给出单价的，用的是标准文件中的示例单价，只供测算，请换成本县的单价。",
    "Where no price was given, the example prices of the standard were used; give your own.",
)
_LEFT_OUT = Phrase(
    "方案没有考虑：上学距离和学区，新建学校，教室以外的校舍改造，人员编制；学生只在学校或班级超限时转出。",
    "Left out: ways to school and catchment areas, new schools, staffing; pupils move only where their school or class "
    "is too large.",
)
_LEFT_OUT_OF_BUDGETS = Phrase(
    "按总预算测算时，没有考虑学校和班级规模、专用教室，也不要求差异系数达标。",
    "With a budget in all, the sizes of schools and classes and special rooms are left out, and coefficients of "
    "variation are not required.",
)
_SCHOOL, _WHAT = Phrase("学校", "school"), Phrase("内容", "what")
_FROM, _TO = Phrase("从", "from"), Phrase("到", "to")
_AMOUNT, _YUAN = Phrase("数量", "amount"), Phrase("投入（元）", "yuan")


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
        return {payer: float(sum(step.cost for step in self.steps if step.payer == payer)) for payer in PAYERS}

    @property
    def moves(self) -> Columns:
        """A row for each move.

        Columns: kind (move_pupils, arrange_classes, build_rooms, transfer, add), school (that receives), out_of (that
        gives), their names, measure, detail (the grade, or the use of rooms), amount, cost in yuan, payer (county,
        school), year.
        """
        texts = dict.fromkeys(("kind", "school", "out_of", "measure", "detail", "payer", "year"), str)
        names = ((self.names[move.school], self.names.get(move.out_of, "")) for move in self.steps)
        return columns_of(self.steps, **texts, amount=float, cost=float) | columns_of(names, name=str, out_of_name=str)

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
        yield Heading(Phrase("最低投入方案", "The cheapest plan").text(lang))
        yield from (Paragraph(note.text(lang)) for note in self._notes())
        for kind, title in MOVES.items():
            steps = [step for step in self.steps if step.kind == kind]
            between = kind in ("move_pupils", "transfer")
            if steps:
                yield Heading(title.text(lang))
                head = [*((_FROM, _TO) if between else (_SCHOOL,)), _WHAT, _AMOUNT, _YUAN]
                yield Grid.of(lang, head, [self._row(step, between=between) for step in steps], texts=len(head) - 2)
        if self.request.years:
            yield Heading(Phrase("分年度", "Year by year").text(lang))
            head = [
                Phrase("年度", "year"),
                Phrase("县级（元）", "county (yuan)"),
                Phrase("学校自筹（元）", "schools (yuan)"),
            ]
            yield Grid.of(lang, head, self._years(), texts=1)
        yield from self._verdicts(lang)

    def _notes(self) -> Iterator[Phrase]:
        """Yield what the plan costs, who pays, and what it rests on."""
        in_all, figures = self.request.budget is not None, {"cost": self.cost, "bound": self.bound, "gap": self.gap}
        words, what = _PROVED if self.gap < 5e-5 else _COST, NO_WORDS
        if in_all:
            figures |= {"before": self.reached(self.comparison.before), "after": self.reached(self.evaluation)}
            words, what = _REACHED, _GOALS[self.request.goal]
        yield in_both(lambda lang: words.text(lang).format(**figures, what=what.text(lang)))
        if paid := self.cost_by_payer["school"]:
            county = self.cost_by_payer["county"]
            zh = f"其中县级承担{county:,.0f}元，民办等学校自筹{paid:,.0f}元。"
            yield Phrase(zh, f"The county pays {county:,.0f} yuan, schools that are not the county's pay {paid:,.0f}.")
        if self.example_prices:
            yield _EXAMPLES
        if count := len(self.request.immovable):
            measures = self.submission.standard.table_measures("schools").values()
            groups = [group for measure in measures if measure.grouping for group in measure.grouping.groups]
            kind = one_of([group.title for group in groups if not group.movable])
            zh = f"{count}所{kind.zh}学校不参与调配：其资源不归县调配，既不调出，也不调入，可以自行添置。"
            en = f"Schools that neither give nor receive ({kind.en}): {count}. "
            yield Phrase(zh, f"{en}What they hold is not the county's to move; they may add.")
        yield _LEFT_OUT_OF_BUDGETS if in_all else _LEFT_OUT
        if not self.steps:
            yield Phrase("不需要任何改变。", "Nothing needs to change.")

    def _row(self, step: Move, *, between: bool) -> list[Phrase | str]:
        schools = [self.names[step.out_of], self.names[step.school]] if between else [self.names[step.school]]
        year = _year(step.year) if step.year else NO_WORDS
        what = self._what(step) + (Phrase(f"（{year.zh}）", f" ({year.en})") if year else NO_WORDS)
        unit: Phrase | None = self.submission.standard.measures[step.measure].unit
        if step.kind == "build_rooms":
            unit = Phrase("间", "rooms")
        amount = in_both(partial(amount_text, step.amount, unit))
        if step.kind == "arrange_classes" and not step.amount:
            amount = Phrase("按人数均衡编班", "spread evenly")
        return [*schools, what, amount, f"{step.cost:,.0f}"]

    def _what(self, step: Move) -> Phrase:
        """Return what a move is about, with the grade or the use of rooms."""
        standard = self.submission.standard
        title = standard.measures[step.measure].title
        if step.kind == "build_rooms":
            use = next(choice.title for choice in standard.measures["rooms.use"].values if choice.id == step.detail)
            return Phrase(f"{use.zh}专用教室", f"rooms for {use.en}")
        if step.kind == "move_pupils":
            stage = next(name for name in standard.stages if standard.head.scope.pupils[name] == step.measure)
            grade = Phrase(f"{step.detail}年级学生", f", grade {step.detail}")
            return standard.head.stage_titles[stage] + (grade if step.detail else Phrase("学生", " pupils"))
        if step.kind == "arrange_classes":
            grade = Phrase(f"{step.detail}年级", f" (grade {step.detail})") if step.detail else Phrase("班级", "")
            return Phrase(title.zh.removesuffix("班数"), title.en) + grade
        return title

    def _years(self) -> Iterator[list[Phrase | str]]:
        for year in (*self.request.years, LATER):
            steps = [step for step in self.steps if step.year == year]
            costs = [sum(step.cost for step in steps if step.payer == payer) for payer in PAYERS]
            if year != LATER or any(costs):
                yield [_year(year), *(f"{cost:,.0f}" for cost in costs)]

    def _verdicts(self, lang: Language) -> Iterator[Block]:
        failing, planned = (Verdict.NOT_MET, Verdict.UNKNOWN), self.request.items
        findings = self.evaluation.items
        rest = [item for item in findings if item not in planned and findings[item].verdict in failing]
        left_as_they_are = Phrase("其他未达标的项目，本方案不涉及", "Other items that are not met, left as they are")
        for title, items in ((Phrase("方案实施后的判定", "Judged after the plan"), planned), (left_as_they_are, rest)):
            if items:
                yield Heading(title.text(lang))
            for item in items:
                yield Paragraph(f"{findings[item].item.name.text(lang)}  {findings[item].reason(lang)}")


def _year(year: str) -> Phrase:
    return Phrase("预算以外", "beyond the budgets") if year == LATER else Phrase(f"{year}年", year)

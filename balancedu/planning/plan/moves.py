"""What a plan does, one move after the other: who pays, and in which year."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import attrs
import numpy as np

from balancedu.document import Columns, columns_of
from balancedu.planning.changes import Add, ArrangeClasses, BuildRooms, Change, MovePupils, Transfer
from balancedu.planning.plan.model import Model
from balancedu.planning.plan.request import ROOM_AREA, Request, class_counts
from balancedu.planning.plan.search import Candidate
from balancedu.submission.submission import Submission

Kind = Literal["move_pupils", "arrange_classes", "build_rooms", "transfer", "add"]
KINDS: tuple[Kind, ...] = ("move_pupils", "arrange_classes", "build_rooms", "transfer", "add")
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

    kind: Kind
    school: str
    out_of: str
    measure: str
    detail: str
    amount: float
    cost: float
    payer: Literal["county", "school"] = "county"
    year: str = ""


def moves_of_places(changes: Sequence[Change], submission: Submission, request: Request) -> Iterator[Move]:
    """Yield pupils, classes and rooms as moves."""
    standard = submission.standard
    for change in changes:
        if isinstance(change, MovePupils):
            stage = standard.stages.index(next(name for name in standard.stages if name == change.stage))
            cost, pupils = request.pupil_cost(standard, stage), standard.head.scope.pupils[standard.stages[stage]]
            amount = float(change.pupils)
            yield Move("move_pupils", change.to, change.out_of, pupils, change.grade or "", amount, cost * amount)
        elif isinstance(change, ArrangeClasses):
            stage = standard.stages.index(next(name for name in standard.stages if name == change.stage))
            measure = class_counts(standard)[standard.stages[stage]]
            cost = request.class_cost(standard, stage) * change.open
            grade = change.grade or ""
            yield Move("arrange_classes", change.school, "", measure, grade, float(change.open), cost)
        elif isinstance(change, BuildRooms):
            cost = request.room_cost(change.area) * change.rooms
            yield Move("build_rooms", change.school, "", ROOM_AREA, change.use, float(change.rooms), cost)


def moves_of_resources(model: Model, best: Candidate) -> Iterator[Move]:
    """Yield what is moved between schools and what is bought."""
    ids = [str(model.submission.schools.columns["school"][row]) for row in model.school.tolist()]
    moves = [
        Move("add", ids[n], "", model.measure[n], "", float(best.added[n]), float(best.added[n] * model.add_cost[n]))
        for n in np.flatnonzero(best.added).tolist()
    ]
    for name in dict.fromkeys(model.measure):
        here = [n for n, measure in enumerate(model.measure) if measure == name]
        for giver, taker, units in _pairs(here, best):
            cost = units * float(model.move_cost[taker])
            moves.append(Move("transfer", ids[taker], ids[giver], name, "", units, cost))
    yield from sorted(moves, key=lambda move: (KINDS.index(move.kind), move.school, move.measure))


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


def resource_changes(moves: Sequence[Move]) -> Iterator[Change]:
    """Yield what is bought and moved between schools as changes that can be made."""
    for move in moves:
        amounts = {move.measure: Decimal(int(move.amount))}
        if move.kind == "add":
            yield Add(school=move.school, amounts=amounts)
        elif move.kind == "transfer":
            yield Transfer(out_of=move.out_of, to=move.school, amounts=amounts)


def paid(moves: Sequence[Move], own: Collection[str]) -> tuple[Move, ...]:
    """Return the moves with who pays: of some schools, they themselves."""
    return tuple(attrs.evolve(move, payer="school" if move.school in own else "county") for move in moves)


def scheduled(moves: Sequence[Move], budgets: Mapping[str, float], priorities: Sequence[str]) -> tuple[Move, ...]:
    """Return the moves by year: in the order of their priority, as far as each year's money of the county reaches.

    Whole units are divided over years; what costs nothing, or is paid by schools, is done in the first.

    Parameters
    ----------
    moves : sequence of Move
    budgets : mapping of year to yuan
    priorities : sequence of str
        Measures or schools that come first, in this order; the others follow in the order of `KINDS`.

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
    return min(ranks, default=len(priorities)), KINDS.index(move.kind), move.cost


def table_of(moves: Sequence[Move], names: Mapping[str, str]) -> Columns:
    """Return moves as columns."""
    texts = dict.fromkeys(("kind", "school", "out_of", "measure", "detail", "payer", "year"), str)
    schools = ((names[move.school], names.get(move.out_of, "")) for move in moves)
    return columns_of(moves, **texts, amount=float, cost=float) | columns_of(schools, name=str, out_of_name=str)

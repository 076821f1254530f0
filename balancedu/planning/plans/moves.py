"""A plan as moves and as changes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from balancedu.planning.change import Change
from balancedu.planning.changes import Add, Transfer
from balancedu.planning.plans.model import Model
from balancedu.planning.plans.repair import Candidate
from balancedu.planning.result import Columns, column

if TYPE_CHECKING:
    pass


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

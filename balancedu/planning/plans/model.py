"""A county as a planning problem: whole units of measures at schools, and what sections need of them."""

from __future__ import annotations

from decimal import Decimal

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.logic import Codes
from balancedu.core.standard import Standard
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.plans.request import Request
from balancedu.planning.spread import spread_limits, spread_verdicts
from balancedu.planning.units import measure_added, units_to
from balancedu.submission.submission import Submission
from balancedu.submission.table import Table


@attrs.frozen(eq=False)
class Group:
    """The sections of one stage in one indicator, whose coefficient of variation has a limit.

    Attributes
    ----------
    stage, indicator : int
        Positions in the standard.
    cells : (k,) integer array
        The cell that each section's value grows with.
    values, steps, weights : (k,) float arrays
        The values now, what one unit adds, and the share of each section.
    limit : float
    """

    stage: int
    indicator: int
    cells: Ints
    values: Floats
    steps: Floats
    weights: Floats
    limit: float

    def at(self, net: Floats) -> Floats:
        """Return the values after changes."""
        return self.values + self.steps * net[self.cells]


@attrs.frozen(eq=False)
class Model:
    """Cells, each one measure at one school, and what sections and groups need of them.

    Attributes
    ----------
    evaluation : Evaluation
        The county as it is.
    school, measure : (cells,) integer array, tuple of str
        The row of the school and the measure of each cell.
    add_cost, move_cost, most_added, most_given : (cells,) float arrays
        A school gives only what its sections have above their standard.
    may_receive : (cells,) bool array
    cell : (indicators, sections) integer array
        The cell that each indicator of a section grows with.
    to_floor, to_standard : (indicators, sections) float arrays
        Whole units that are missing, as in `units_to`.
    groups : tuple of Group
    known : (sections,) bool array
        Whether every value of the section is reported.
    """

    evaluation: Evaluation
    request: Request
    school: Ints
    measure: tuple[str, ...]
    add_cost: Floats
    move_cost: Floats
    most_added: Floats
    most_given: Floats
    may_receive: Bools
    cell: Ints
    to_floor: Floats
    to_standard: Floats
    pupils: Floats
    groups: tuple[Group, ...]
    known: Bools

    @property
    def standard(self) -> Standard:
        """The standard."""
        return self.evaluation.standard

    @property
    def submission(self) -> Submission:
        """The county as submitted."""
        return self.evaluation.record.basis.submission

    @property
    def at_standard(self) -> int:
        """In how many indicators a section must reach the standard."""
        rule = self.standard.section_rule
        return rule.at_standard if rule else 0

    def cost(self, added: Floats, received: Floats) -> float:
        """Return what changes cost, in yuan."""
        moving = np.where(received > 0, self.move_cost, 0.0)
        return float(self.add_cost @ added + moving @ received)

    def after(self, net: Floats) -> Evaluation:
        """Return how the county's resources are judged after changes; other tables are left out."""
        schools = self.submission.schools
        columns = dict(schools.columns)
        for name in dict.fromkeys(self.measure):
            here = [n for n, one in enumerate(self.measure) if one == name and net[n]]
            figures = schools.numbers(name).copy()
            figures[self.school[here]] = [plus(figures[self.school[n]], net[n]) for n in here]
            columns[name] = figures
        table = attrs.evolve(schools, columns=columns)
        others = {name: Table.empty(name) for name in self.submission.tables}
        tables = others | {"schools": table, "facts": self.submission.facts}
        return evaluate(Submission.of_tables(self.submission.standard, self.submission.counties, tables), self.standard)

    def unmet(self, evaluation: Evaluation) -> tuple[Codes, list[Group]]:
        """Return the verdicts of the sections, and the groups beyond their limit, exactly judged."""
        verdicts = spread_verdicts(evaluation)[0]
        beyond = [one for one in self.groups if verdicts[one.stage, one.indicator] == Verdict.NOT_MET]
        return evaluation.section_verdicts, beyond


def plus(amount: float, units: float) -> float:
    """Return an amount and whole units more, as the decimal that a person would write.

    Examples
    --------
    >>> plus(0.1, 3.0), 10619.3 + 1 == plus(10619.3, 1)
    (3.1, True)
    """
    return float(Decimal(repr(float(amount))) + int(units))


def model_of(evaluation: Evaluation, request: Request) -> Model:
    """Return the planning problem of one county."""
    basis, standard = evaluation.record.basis, evaluation.standard
    sections, indicators = basis.sections, list(standard.indicators.values())
    names = [[measure_added(one, stage) for stage in standard.stages] for one in indicators]
    index: dict[tuple[int, str], int] = {}
    cell = np.empty(basis.values.shape, np.intp)
    for n in range(len(indicators)):
        for section, (school, stage) in enumerate(zip(sections.school.tolist(), sections.stage.tolist(), strict=True)):
            cell[n, section] = index.setdefault((school, names[n][stage]), len(index))
    school, measure = np.array([row for row, _ in index], np.intp), tuple(name for _, name in index)
    ids = basis.submission.schools.columns["school"][school].tolist()
    prices = [request.prices.get(name) for name in measure]
    moves = np.array([request.moves(one, name) for one, name in zip(ids, measure, strict=True)], bool)
    to_floor, to_standard = units_to(basis, "floor"), units_to(basis, "standard")
    return Model(
        evaluation=evaluation,
        request=request,
        school=school,
        measure=measure,
        add_cost=np.array([price.add if price else 0.0 for price in prices]),
        move_cost=np.array([price.move if price and price.move is not None else np.inf for price in prices]),
        most_added=np.array([np.floor(request.cap(one, name)) for one, name in zip(ids, measure, strict=True)]),
        most_given=np.where(moves, _spare(basis.submission, school, measure, cell, to_standard), 0.0),
        may_receive=moves,
        cell=cell,
        to_floor=to_floor,
        to_standard=to_standard,
        pupils=sections.pupils,
        groups=tuple(_groups(evaluation, cell)),
        known=np.asarray(~np.isnan(basis.values).any(axis=0)),
    )


def _spare(submission: Submission, school: Ints, measure: tuple[str, ...], cell: Ints, to_standard: Floats) -> Floats:
    """Return how many whole units each cell has above the standard of every section that it serves."""
    spare = np.full(school.size, np.inf)
    np.minimum.at(spare, cell.ravel(), np.nan_to_num(-to_standard, nan=0.0).ravel())
    held = np.array([submission.schools.numbers(name)[row] for row, name in zip(school, measure, strict=True)])
    return np.asarray(np.clip(np.minimum(spare, np.floor(np.nan_to_num(held, nan=0.0))), 0.0, None))


def _groups(evaluation: Evaluation, cell: Ints) -> list[Group]:
    basis, limits = evaluation.record.basis, spread_limits(evaluation.standard)
    by_pupils = evaluation.standard.head.spread.weight == "pupils"
    result = []
    for stage, where in enumerate(basis.sections.slices):
        weights = basis.sections.pupils[where] if by_pupils else np.ones(where.stop - where.start)
        for n, indicator in enumerate(evaluation.standard.indicators.values()):
            values = basis.values[n, where]
            if not values.size or np.isnan(values).any() or np.isnan(limits[stage]):
                continue
            divisor = basis.sections.shared if indicator.amount else basis.sections.pupils
            steps = indicator.per / divisor[where]
            result.append(Group(stage, n, cell[n, where], values, steps, weights / weights.sum(), float(limits[stage])))
    return result

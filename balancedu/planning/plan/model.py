"""A county as a planning problem: whole units of measures at schools, and the limits on them."""

from __future__ import annotations

from decimal import Decimal

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.verdicts import Codes
from balancedu.core.standard import Standard
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.coefficients import spread_limits, spread_verdicts
from balancedu.planning.plan.request import Request
from balancedu.planning.units import measure_added, units_to
from balancedu.submission.sections import weights_of
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table


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

    def shares(self, indicator: int, section: int) -> dict[int, float]:
        """Return the sections that share an amount with a section, with how many of its pupils one of theirs counts."""
        sections, declared = self.evaluation.record.basis.sections, list(self.standard.indicators.values())[indicator]
        if not declared.amount:
            return {section: 1.0}
        weights = weights_of(self.submission.schools, self.standard, int(sections.school[section]))
        own = float(weights[self.standard.stages[sections.stage[section]]])
        return {
            other: float(weights[self.standard.stages[sections.stage[other]]]) / own
            for other in np.flatnonzero(sections.school == sections.school[section]).tolist()
        }

    def per(self, indicator: int) -> int:
        """Return for how many pupils an indicator counts units."""
        return list(self.standard.indicators.values())[indicator].per

    def divisor(self, indicator: int, section: int) -> float:
        """Return the pupils that an amount is shared by, in pupils of the section."""
        sections, declared = self.evaluation.record.basis.sections, list(self.standard.indicators.values())[indicator]
        return float((sections.shared if declared.amount else sections.pupils)[section])

    def amount(self, indicator: int, section: int) -> float:
        """Return the amount that the value of a section follows from, times what the indicator counts units for."""
        return float(self.evaluation.record.basis.values[indicator, section]) * self.divisor(indicator, section)

    def slice_of(self, group: Group) -> slice:
        """Return the rows of the sections of a group."""
        return self.evaluation.record.basis.sections.slices[group.stage]

    def cost(self, added: Floats, received: Floats) -> float:
        """Return what changes cost, in yuan."""
        moving = np.where(received > 0, self.move_cost, 0.0)
        return float(self.add_cost @ added + moving @ received)

    def after(self, net: Floats) -> Evaluation:
        """Return how the county's resources are judged after changes; other tables are left out."""
        schools = self.submission.schools
        columns = dict(schools.columns)
        for name in dict.fromkeys(self.measure):
            here = [n for n, measure in enumerate(self.measure) if measure == name and net[n]]
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
        beyond = [group for group in self.groups if verdicts[group.stage, group.indicator] == Verdict.NOT_MET.code]
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
    names = [[measure_added(indicator, stage) for stage in standard.stages] for indicator in indicators]
    index: dict[tuple[int, str], int] = {}
    cell = np.empty(basis.values.shape, np.intp)
    for n in range(len(indicators)):
        for section, (school, stage) in enumerate(zip(sections.school.tolist(), sections.stage.tolist(), strict=True)):
            cell[n, section] = index.setdefault((school, names[n][stage]), len(index))
    school, measure = np.array([row for row, _ in index], np.intp), tuple(name for _, name in index)
    ids = basis.submission.schools.columns["school"][school].tolist()
    prices = [request.prices.get(name) for name in measure]
    moves = np.array([request.moves(owner, name) for owner, name in zip(ids, measure, strict=True)], bool)
    to_floor, to_standard = units_to(basis, "floor"), units_to(basis, "standard")
    return Model(
        evaluation=evaluation,
        request=request,
        school=school,
        measure=measure,
        add_cost=np.array([price.add if price else 0.0 for price in prices]),
        move_cost=np.array([price.move if price and price.move is not None else np.inf for price in prices]),
        most_added=np.array([np.floor(request.cap(owner, name)) for owner, name in zip(ids, measure, strict=True)]),
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


SAFE = 1e-11
"""Relative distance from the limit at which floats leave no doubt."""


def excess(group: Group, values: Floats) -> float:
    """Return sd − limit · mean, relative to the mean; positive beyond the limit.

    Examples
    --------
    >>> import numpy as np
    >>> two = Group(0, 0, np.array([0, 1]), np.array([1.0, 3.0]), np.ones(2), np.array([0.5, 0.5]), 0.4)
    >>> round(excess(two, two.values), 3)
    0.1
    """
    mean = float(group.weights @ values)
    if mean <= 0:
        return 1.0
    return float(np.sqrt(group.weights @ (values - mean) ** 2)) / mean - group.limit


def gradient(group: Group, values: Floats) -> Floats:
    """Return how the excess of the absolute form grows with each value."""
    mean = float(group.weights @ values)
    deviation = values - mean
    sd = float(np.sqrt(group.weights @ deviation**2))
    slope = deviation / sd if sd > 0 else np.zeros_like(values)
    return np.asarray(group.weights * (slope - group.limit))

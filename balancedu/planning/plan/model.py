"""A county as a planning problem: what may be done at what price, and what schools, classes and rooms need."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NoReturn

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.core.fields import Stage
from balancedu.core.model import Indicator
from balancedu.core.rules import Remedy, RoomsForClasses
from balancedu.core.standard import Standard
from balancedu.errors import RequestError, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Basis, Cases, Outcome, Verdict
from balancedu.planning.distances import Target, measure_added, spread_limits, spread_verdicts, units_to
from balancedu.submission.sections import weights_of
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table
from balancedu.text import Phrase

# What may be done

Costs = Mapping[str, float | Mapping[str, float | None]]
"""Yuan for one more unit of a measure, or a mapping of `add` and `move`."""
Caps = Mapping[str, float | Mapping[str, float]]
"""The most units that a school may be given of a measure, for every school or by school id."""
Budget = float | Mapping[int | str, float]
"""Yuan in all, or by year."""
Goal = Literal["sections", "pupils"]
LARGEST = 1e15
"""No amount of money or units is larger."""


@attrs.frozen
class Price:
    """What a unit costs.

    Attributes
    ----------
    add : float
        Yuan for one more.
    move : float or None
        Yuan for moving one to another school; None where it cannot be moved.
    """

    add: float
    move: float | None


@attrs.frozen
class Request:
    """What a plan may do, and what for."""

    prices: Mapping[str, Price]
    caps: Mapping[str, Mapping[str, float]]
    fixed: frozenset[str]
    untouched: frozenset[str]
    immovable: frozenset[str]
    """Schools that neither give nor receive: what they hold is not the county's to move."""
    items: tuple[str, ...]
    """The items that must be met."""
    budget: float | None
    """Yuan in all."""
    years: Mapping[str, float]
    """Yuan by year."""
    priorities: tuple[str, ...]
    goal: Goal
    gap: float
    seconds: float

    def price(self, measure: str) -> Price:
        """Return the price of a measure; where none is given it costs nothing and cannot be moved."""
        return self.prices.get(measure, Price(0.0, None))

    def cap(self, school: str, measure: str) -> float:
        """Return the most units that a school may be given."""
        if measure in self.fixed or school in self.untouched or measure not in self.prices:
            return 0.0
        by_school = self.caps.get(measure, {})
        return by_school.get(school, by_school.get("", math.inf))

    def moves(self, school: str, measure: str) -> bool:
        """Return whether a school may give or receive units of a measure."""
        if measure in self.fixed or school in self.untouched | self.immovable or measure not in self.prices:
            return False
        return self.prices[measure].move is not None


def changeable(standard: Standard) -> tuple[str, ...]:
    """Return the measures that a plan may change: those that make the indicators grow.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> changeable(load_standard("cn-2017"))[-4:]
    ('teaching_area', 'sports_ground_area', 'equipment_value', 'multimedia_rooms')
    """
    indicators = standard.indicators.values()
    return tuple(
        dict.fromkeys(measure_added(indicator, stage) for indicator in indicators for stage in standard.stages)
    )


ROOM_AREA = "rooms.area"
"""The measure whose price is that of a square metre of special classrooms."""


def class_counts(standard: Standard) -> Mapping[Stage, str]:
    """Return the measure that counts the classes of each stage, where a rule needs it."""
    rules = (rule for item in standard.items.values() for rule in item.rules)
    declared: Iterator[Mapping[Stage, str]] = (getattr(rule, "classes", {}) for rule in rules)
    return next(filter(None, declared), {})


def priced(standard: Standard) -> tuple[str, ...]:
    """Return the measures that have a price: what a plan may change, pupils, classes and the area of rooms.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> priced(load_standard("cn-2017"))[-5:]
    ('pupils_primary', 'pupils_junior', 'classes_primary', 'classes_junior', 'rooms.area')
    """
    pupils = (standard.head.scope.pupils[stage] for stage in standard.stages)
    rooms = [ROOM_AREA] if ROOM_AREA in standard.measures else []
    return tuple(dict.fromkeys((*changeable(standard), *pupils, *class_counts(standard).values(), *rooms)))


SIZES: tuple[Remedy, ...] = ("pupils", "classes", "rooms")
"""What a plan does about the size of schools and classes, and about rooms for classes."""


def resource_items(standard: Standard) -> dict[Remedy, str]:
    """Return the items that resources decide: those about sections and about the spread between them.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> list(resource_items(load_standard()))
    ['sections', 'spread']
    """
    return {
        rule.remedy: item.id
        for item in standard.items.values()
        for rule in item.rules
        if rule.remedy in ("sections", "spread")
    }


def size_items(standard: Standard) -> tuple[str, ...]:
    """Return the items about the size of schools and classes, and about rooms for classes.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> len(size_items(load_standard()))
    3
    """
    items = standard.items.values()
    return tuple(item.id for item in items if item.rules and all(rule.remedy in SIZES for rule in item.rules))


_MEASURE = Phrase("方案可以改变的填报项", "measure that a plan can change")


def check_request(request: Request, submission: Submission) -> None:
    """Refuse a request that makes no sense.

    Raises
    ------
    RequestError
        With what was found and what was wanted.
    """
    standard, schools = submission.standard, submission.schools.columns["school"].tolist()
    school = Phrase("学校", "school")
    _known("caps", request.caps, changeable(standard), _MEASURE)
    _known("caps", (name for given in request.caps.values() for name in given if name), schools, school)
    _known("fixed", request.fixed, changeable(standard), _MEASURE)
    _known("untouched", request.untouched, schools, school)
    _known("items", request.items, standard.items, Phrase("项目", "item"))
    either = Phrase("填报项或学校", "measure or school")
    _known("priorities", request.priorities, (*schools, *priced(standard)), either)
    _known("goal", [request.goal], ("sections", "pupils"), Phrase("目标", "goal"))
    most = ((f"caps[{name!r}]", units) for name, given in request.caps.items() for units in given.values())
    money = ((f"budget[{year!r}]", yuan) for year, yuan in request.years.items())
    for place, given in (*most, *money, ("budget", request.budget), ("gap", request.gap)):
        if given is not None and not is_amount(given):
            _refuse(place, given, Phrase("不小于零的数", "zero or more"))
    if not is_amount(request.seconds) or not request.seconds:
        _refuse("seconds", request.seconds, Phrase("大于零的数", "more than zero"))


def prices_of(standard: Standard, costs: Costs) -> dict[str, Price]:
    """Return the price of every priced measure: the one given, else the example of the standard.

    Raises
    ------
    RequestError
        If a cost names no priced measure, or is below zero.
    """
    _known("costs", costs, priced(standard), _MEASURE)
    prices = {}
    for name in priced(standard):
        if (example := standard.measures[name].example_cost) is not None:
            prices[name] = Price(float(example.add), None if example.move is None else float(example.move))
    for name, given in costs.items():
        # Pupils are moved, never bought.
        old = prices.get(name) or Price(math.nan if name in changeable(standard) else 0.0, None)
        parts = given if isinstance(given, Mapping) else {"add": given}
        add, move = parts.get("add", old.add), parts.get("move", old.move)
        if set(parts) - {"add", "move"} or not is_amount(add) or not (move is None or is_amount(move)):
            wanted = Phrase("“add”和“move”，每个单位多少元，不小于零", "add and move, yuan per unit, zero or more")
            _refuse(f"costs[{name!r}]", given, wanted)
        prices[name] = Price(float(add or 0.0), None if move is None else float(move))
    return prices


def _known(place: str, names: Iterable[str], known: Collection[str], what: Phrase) -> None:
    for name in names:
        if name not in known:
            problem = Phrase(f"{place}：没有{what.zh}“{name}”", f"{place}: no {what.en} {name!r}")
            raise RequestError(problem + near(name, known))


def _refuse(place: str, given: object, wanted: Phrase) -> NoReturn:
    words = Phrase(f"{place}：现为{given!r}，应为{wanted.zh}", f"{place}: found {given!r}, wanted {wanted.en}")
    raise RequestError(words)


def is_amount(value: Any) -> bool:
    """Return whether a value is a finite number of Python or numpy, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(0 <= value <= LARGEST)


def immovable_of(submission: Submission) -> frozenset[str]:
    """Return the schools whose resources a county cannot move, by the groups that the standard sets them in.

    Examples
    --------
    >>> from balancedu.files.read import example
    >>> immovable_of(example("failing"))
    frozenset({'009'})
    """
    schools, result = submission.schools, np.zeros(len(submission.schools), bool)
    for measure in submission.standard.table_measures("schools").values():
        if measure.grouping is not None:
            kept = [n for n, choice in enumerate(measure.values) if choice.id in measure.grouping.immovable]
            result |= np.isin(schools.choices(measure.column), kept)
    return frozenset(schools.columns["school"][result].tolist())


# Resources


@attrs.frozen(eq=False)
class CoefficientGroup:
    """The sections of one stage in one indicator, whose coefficient of variation has a limit.

    Attributes
    ----------
    stage, indicator : int
        Positions in the standard.
    sections : slice
        The rows of the sections.
    cells : (k,) integer array
        The cell that each section's value grows with.
    values, steps, weights : (k,) float arrays
        The values now, what one unit adds, and the share of each section.
    limit : float
    """

    stage: int
    indicator: int
    sections: slice
    cells: Ints
    values: Floats
    steps: Floats
    weights: Floats
    limit: float

    def at(self, net: Floats) -> Floats:
        """Return the values after changes."""
        return self.values + self.steps * net[self.cells]


def excess(values: Floats, weights: Floats, limit: float) -> float:
    """Return sd − limit · mean, relative to the mean; positive beyond the limit.

    Examples
    --------
    >>> round(excess(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 0.4), 3)
    0.1
    """
    mean = float(weights @ values)
    return float(np.sqrt(weights @ (values - mean) ** 2)) / mean - limit if mean > 0 else 1.0


Done = Mapping[str, Floats]
"""How much a plan does of each thing, by its kind: units `added`, `given` and `received`, (cells,) float arrays; pupils
`leaving` and `coming` and classes `opened`, (grades,); rooms `built`, (room needs,)."""
NET = {"added": 1.0, "given": -1.0, "received": 1.0}
"""How the units of a cell change with each of its kinds."""


def net_of(done: Done) -> Floats:
    """Return the units that each cell has more than now."""
    return np.asarray(sum(sign * done[kind] for kind, sign in NET.items()))


@attrs.frozen(eq=False)
class Model:
    """Cells, each one measure at one school, and what sections and groups need of them.

    Attributes
    ----------
    basis : Basis
        The county as it is.
    places : Places
        What may be done about pupils, classes and rooms; nothing where only resources are planned.
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

    basis: Basis
    request: Request
    places: Places
    indicators: tuple[Indicator, ...]
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
    groups: tuple[CoefficientGroup, ...]
    known: Bools

    @property
    def pupils(self) -> Floats:
        """The pupils of each section."""
        return self.basis.sections.pupils

    @property
    def at_standard(self) -> int:
        """In how many indicators a section must reach the standard."""
        rule = self.basis.standard.section_rule
        return rule.at_standard if rule else 0

    def cells_by_measure(self) -> dict[str, list[int]]:
        """Return the cells of each measure."""
        result: dict[str, list[int]] = {}
        for cell, name in enumerate(self.measure):
            result.setdefault(name, []).append(cell)
        return result

    def sharing(self, indicator: int, section: int) -> dict[int, float]:
        """Return the sections that share an amount with a section, with how many of its pupils one of theirs counts."""
        basis, sections = self.basis, self.basis.sections
        if not self.indicators[indicator].amount:
            return {section: 1.0}
        by_stage = weights_of(basis.submission.schools, basis.standard, int(sections.school[section]))
        others = np.flatnonzero(sections.school == sections.school[section]).tolist()
        weights = {other: float(by_stage[basis.standard.stages[sections.stage[other]]]) for other in others}
        return {other: weight / weights[section] for other, weight in weights.items()}

    def divisors(self, indicator: int) -> Floats:
        """Return the pupils that the amount of each section is shared by, in pupils of the section."""
        sections = self.basis.sections
        return sections.divisor if self.indicators[indicator].amount else sections.pupils

    def need(self, indicator: int, section: int, level: Target) -> tuple[float, float]:
        """Return how many units a section lacks to a limit, and how many more each further pupil needs."""
        declared = self.indicators[indicator]
        threshold = self.basis.limit_and_floor(declared.id, section)[level == "floor"]
        divisor = float(self.divisors(indicator)[section])
        held = float(self.basis.values[indicator, section]) * divisor / declared.per
        if threshold is None:
            return -held, 0.0
        rate = float(threshold.value) / declared.per
        # A little less than exact, so that a programme never requires more than the law does.
        return rate * divisor - held - 1e-7 * max(1.0, abs(held)), rate

    def cost(self, done: Done) -> float:
        """Return what changes of resources cost, in yuan."""
        received = done["received"]
        return float(self.add_cost @ done["added"] + np.where(received > 0, self.move_cost, 0.0) @ received)

    def beyond(self, net: Floats) -> list[CoefficientGroup]:
        """Return the groups beyond their limit after changes, as judged exactly; other tables are left out."""
        submission = self.basis.submission
        columns = dict(submission.schools.columns)
        for name, cells in self.cells_by_measure().items():
            figures = submission.schools.numbers(name).copy()
            for cell in cells:
                if net[cell]:
                    # Decimals as a person would write them: 0.1 and 3 more is 3.1.
                    held = Decimal(repr(float(figures[self.school[cell]])))
                    figures[self.school[cell]] = float(held + int(net[cell]))
            columns[name] = figures
        tables = {name: Table.empty(name) for name in submission.tables}
        tables |= {"schools": attrs.evolve(submission.schools, columns=columns), "facts": submission.facts}
        after = Submission.of_tables(submission.standard, submission.counties, tables)
        verdicts = spread_verdicts(evaluate(after, self.basis.standard))[0]
        return [group for group in self.groups if verdicts[group.stage, group.indicator] == Verdict.NOT_MET.code]


def model_of(evaluation: Evaluation, request: Request, places: Places | None = None) -> Model:
    """Return the planning problem of one county; without places, of its resources alone."""
    basis, standard = evaluation.record.basis, evaluation.standard
    sections, indicators = basis.sections, tuple(standard.indicators.values())
    names = [[measure_added(indicator, stage) for stage in standard.stages] for indicator in indicators]
    index: dict[tuple[int, str], int] = {}
    cell = np.empty(basis.values.shape, np.intp)
    for n in range(len(indicators)):
        for section, (school, stage) in enumerate(zip(sections.school.tolist(), sections.stage.tolist(), strict=True)):
            cell[n, section] = index.setdefault((school, names[n][stage]), len(index))
    rows, measure = np.array([row for row, _ in index], np.intp), tuple(name for _, name in index)
    owners = list(zip(basis.submission.schools.columns["school"][rows].tolist(), measure, strict=True))
    prices = [request.price(name) for name in measure]
    moves = np.array([request.moves(*owner) for owner in owners], bool)
    to_standard = units_to(basis, "standard")
    # A cell serves several sections: what it has above the standard of all of them is spare.
    spare = np.full(rows.size, np.inf)
    np.minimum.at(spare, cell.ravel(), np.nan_to_num(-to_standard, nan=0.0).ravel())
    held = np.array([basis.submission.schools.numbers(name)[row] for row, name in index])
    spare = np.clip(np.minimum(spare, np.floor(np.nan_to_num(held, nan=0.0))), 0.0, None)
    return Model(
        basis=basis,
        request=request,
        places=places or Places(),
        indicators=indicators,
        school=rows,
        measure=measure,
        add_cost=np.array([price.add for price in prices]),
        move_cost=np.array([np.inf if price.move is None else price.move for price in prices]),
        most_added=np.array([np.floor(request.cap(*owner)) for owner in owners]),
        most_given=np.where(moves, spare, 0.0),
        may_receive=moves,
        cell=cell,
        to_floor=units_to(basis, "floor"),
        to_standard=to_standard,
        groups=tuple(_groups(basis, cell)),
        known=np.asarray(~np.isnan(basis.values).any(axis=0)),
    )


def _groups(basis: Basis, cell: Ints) -> Iterator[CoefficientGroup]:
    by_pupils = basis.standard.head.spread.weight == "pupils"
    for stage, (where, limit) in enumerate(zip(basis.sections.slices, spread_limits(basis.standard), strict=True)):
        weights = basis.sections.pupils[where] if by_pupils else np.ones(where.stop - where.start)
        for n, indicator in enumerate(basis.standard.indicators.values()):
            values = basis.values[n, where]
            if values.size and not np.isnan(values).any() and not np.isnan(limit):
                steps = indicator.per / (basis.sections.divisor if indicator.amount else basis.sections.pupils)[where]
                yield CoefficientGroup(
                    stage, n, where, cell[n, where], values, steps, weights / weights.sum(), float(limit)
                )


# Pupils, classes and rooms


@attrs.frozen
class Grade:
    """The pupils of one grade of one section, or of the whole section where its classes are not listed.

    Attributes
    ----------
    section, school, stage : int
        Its row among the sections, its school's row, the position of its stage.
    grade : str
        Empty where the grade is not reported.
    pupils, classes : int
    limit : float
        The most pupils of a class; infinite where no rule limits it or the classes are not known.
    largest : float
        The pupils of its largest class.
    """

    section: int
    school: int
    stage: int
    grade: str
    pupils: int
    classes: int = 0
    limit: float = math.inf
    largest: float = 0.0

    @property
    def beyond(self) -> int:
        """How many pupils are more than its classes may hold, however they are spread."""
        return 0 if math.isinf(self.limit) else max(0, self.pupils - int(self.limit) * self.classes)


@attrs.frozen
class RoomNeed:
    """The rooms for one use at a school: those that count, those required now, and the classes that share them."""

    use: str
    school: int
    held: int
    required: int
    classes: int


@attrs.frozen(eq=False)
class Places:
    """What a plan may do about pupils, classes and rooms.

    Attributes
    ----------
    grades : tuple of Grade
    out, into : (grades,) float arrays
        How many pupils of each may leave: as many as are too many for the school or the classes; and how many may
        come, classes opened where there are too few.
    must_leave : mapping of school row to pupils
        How many pupils a school has more than it may.
    room : (schools,) float array
        How many more pupils a school may take; 0 where it takes none.
    rooms : tuple of RoomNeed
    """

    grades: tuple[Grade, ...] = ()
    out: Floats = attrs.field(factory=lambda: np.zeros(0))
    into: Floats = attrs.field(factory=lambda: np.zeros(0))
    must_leave: Mapping[int, int] = attrs.field(factory=dict)
    room: Floats = attrs.field(factory=lambda: np.zeros(0))
    rooms: tuple[RoomNeed, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether any pupil has to leave, any class to be opened or evened out, or any room to be built."""
        too_large = any(grade.largest > grade.limit for grade in self.grades)
        return bool(self.must_leave) or too_large or any(need.required > need.held for need in self.rooms)

    def grades_by(self, *names: str) -> dict[tuple[Any, ...], list[int]]:
        """Return the positions of the grades that have the same section, school, stage or grade."""
        result: dict[tuple[Any, ...], list[int]] = {}
        for n, grade in enumerate(self.grades):
            result.setdefault(tuple(getattr(grade, name) for name in names), []).append(n)
        return result

    def most_leaving(self, school: int) -> int:
        """Return how many pupils may leave a school: no more than it or its classes have too many."""
        return self.must_leave.get(school, 0) + sum(grade.beyond for grade in self.grades if grade.school == school)

    def changes_of_sections(self, sections: int) -> tuple[Floats, Floats]:
        """Return how many pupils may leave and may come to each section, (sections,) float arrays."""
        out, into = np.zeros(sections), np.zeros(sections)
        at = [grade.section for grade in self.grades]
        np.add.at(out, at, self.out)
        np.add.at(into, at, self.into)
        leaving = sum(map(self.most_leaving, {grade.school for grade in self.grades}))
        for grade in self.grades:
            out[grade.section] = min(out[grade.section], self.most_leaving(grade.school))
            into[grade.section] = min(into[grade.section], leaving, self.room[grade.school])
        return out, into


def places_of(evaluation: Evaluation, request: Request) -> Places:
    """Return what a plan may do about pupils, classes and rooms in one county, for the requested items."""
    checks: dict[str, list[Outcome]] = {}
    for outcome in (outcome for item in request.items for outcome in evaluation.record.outcomes[item]):
        if outcome.rule is not None:
            checks.setdefault(outcome.rule.remedy, []).append(outcome)
    basis = evaluation.record.basis
    schools = basis.submission.schools
    room, must_leave = np.full(len(schools), np.inf), dict[int, int]()
    for row, case in _cases(checks.get("pupils", ())):
        size, limit = float(case.observed[row]), float(case.required[row])
        if not math.isnan(size + limit):
            school = int(case.school[row])
            room[school] = max(0.0, limit - size)
            if size > limit:
                must_leave[school] = int(size - limit)
    takes_none = np.isin(schools.columns["school"], list(request.immovable | request.untouched))
    room[takes_none | ~np.isin(np.arange(len(schools)), basis.sections.school)] = 0.0
    grades = tuple(_grades(basis, checks.get("classes")))
    out = np.array([min(grade.pupils, grade.beyond + must_leave.get(grade.school, 0)) for grade in grades], float)
    into = np.array([room[grade.school] for grade in grades], float)
    result = Places(grades, out, into, must_leave, room, tuple(_rooms(basis, checks.get("rooms", ()))))
    # Pupils move between schools within their grade.
    for here in result.grades_by("stage", "grade").values():
        into[here] = np.minimum(into[here], out[here].sum())
    return result


def _cases(checks: Sequence[Outcome]) -> Iterator[tuple[int, Cases]]:
    """Yield the cases of the one county that checks apply to."""
    for outcome in checks:
        if outcome.cases is not None:
            yield from ((row, outcome.cases) for row in outcome.cases.rows_of(0, 1).tolist())


def _grades(basis: Basis, checks: Sequence[Outcome] | None) -> Iterator[Grade]:
    """Yield the grades of every judged section whose classes are all known; its pupils if no rule needs the classes."""
    sections, classes = basis.sections, basis.submission.tables["classes"]
    limits, unknown = dict[int, float](), set[tuple[int, int]]()
    for row, case in _cases(checks or ()):
        if case.row[row] < 0 or np.isnan(case.observed[row]):
            unknown.add((int(case.school[row]), int(case.stage[row])))
        else:
            limits[int(case.row[row])] = float(case.required[row])
    stages, pupils, names = classes.choices("stage"), classes.numbers("pupils"), classes.texts("grade")
    for section, (school, stage) in enumerate(zip(sections.school.tolist(), sections.stage.tolist(), strict=True)):
        total = sections.pupils[section]
        if checks is None:
            if not math.isnan(total):
                yield Grade(section, school, stage, "", int(total))
            continue
        rows = [row for row in np.flatnonzero((classes.school == school) & (stages == stage)).tolist() if row in limits]
        if (school, stage) not in unknown and rows and pupils[rows].sum() == total:
            for name in dict.fromkeys(names[rows].tolist()):
                here = [row for row in rows if names[row] == name]
                sizes, limit = pupils[here], min(limits[row] for row in here)
                yield Grade(section, school, stage, name or "", int(sizes.sum()), len(here), limit, float(sizes.max()))


def _rooms(basis: Basis, checks: Sequence[Outcome]) -> Iterator[RoomNeed]:
    rule = basis.standard.rule_of(RoomsForClasses)
    if rule is None:
        return
    uses = [use.id for use in basis.standard.measures["rooms.use"].values if use.id in rule.area_at_least]
    counts = [basis.submission.schools.numbers(name) for name in rule.classes.values()]
    for use, outcome in zip(uses, checks, strict=False):
        for row, case in _cases([outcome]):
            held, required, school = float(case.observed[row]), float(case.required[row]), int(case.school[row])
            if not math.isnan(held + required):
                classes = int(sum(np.nan_to_num(count[school]) for count in counts))
                yield RoomNeed(use, school, int(held), int(required), classes)

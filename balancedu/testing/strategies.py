"""Hypothesis strategies for whole submissions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from os import PathLike
from typing import Any, Literal, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from balancedu.calculator.limits import Relation, exact
from balancedu.core.field_checks import parts_and_wholes
from balancedu.core.fields import Stage, years_before
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import (
    MEETS,
    WITH_UNIT,
    Choice,
    Condition,
    Indicator,
    Measure,
    Quotient,
    Threshold,
    split_terms,
)
from balancedu.core.rules import (
    ClassSize,
    CompositeWithin,
    MonitoredSubjects,
    PassedForYears,
    RoomsForClasses,
    Rule,
    SchoolShareWithin,
    SchoolSize,
    ShareWithin,
    SmallSchoolFunds,
    SpreadWithin,
    WithinLimits,
)
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Decision, Evaluation, decisions_of
from balancedu.evaluation.results import Verdict
from balancedu.submission.classes import BANDS
from balancedu.submission.submission import Submission
from balancedu.testing.gaps import Omission, Tables, gaps_in, with_gaps

_PUPILS = st.integers(1, 3000)


def on_limit(threshold: Threshold, *, unit: Decimal | None = None) -> SearchStrategy[float]:
    """Return figures on a threshold: exactly on it, and the nearest ones above and below.

    Parameters
    ----------
    threshold : Threshold
        A limit of a standard, as `load_standard("cn-2017").indicators["R4"].thresholds.primary`.
    unit : Decimal, optional
        One step of the figure; by default one unit of the last decimal with which the threshold is written.

    Returns
    -------
    SearchStrategy of float
        The limit, one unit above and below it, and the next float above and below it; none is negative.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from hypothesis import find
    >>> limit = Threshold("<=", Decimal("0.45"))
    >>> find(on_limit(limit), lambda figure: figure > 0.45)
    0.46
    >>> find(on_limit(limit, unit=Decimal("0.001")), lambda figure: figure < 0.45)
    0.449
    """
    last = int(threshold.value.as_tuple().exponent)
    return st.sampled_from(around(threshold.fraction, Fraction(unit) if unit else Fraction(10) ** last))


def values_and_pupils(
    *, least: float = 1e-3, most: float = 1e6, sections: int = 40, gaps: bool = False
) -> SearchStrategy[tuple[list[float], list[int]]]:
    """Return values per pupil and pupils of sections, as arguments of a coefficient of variation.

    Parameters
    ----------
    least, most : float
        Bounds of the values, above zero: from 5e-324 to 1.7e308 for every size that floats have.
    sections : int
        How many sections there are at most; there is at least one.
    gaps : bool
        Whether some values are NaN and some sections have no pupils; otherwise all figures are known.

    Returns
    -------
    SearchStrategy of (values, pupils)
        Two lists of one length: floats, and whole numbers from 1 to 3000. Equal values, neighbouring floats and values
        of all sizes come up often: they are what such programs get wrong.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(values_and_pupils(), lambda drawn: len(set(drawn[0])) > 1)[1]
    [1, 1]
    """
    value = st.floats(least, most)
    alike = value.flatmap(
        lambda entry: st.lists(
            st.tuples(st.sampled_from([entry, entry, min(math.nextafter(entry, math.inf), most)]), _PUPILS),
            min_size=1,
            max_size=sections,
        )
    )
    rows = st.one_of(st.lists(st.tuples(value, _PUPILS), min_size=1, max_size=sections), alike)
    if gaps:
        gap = st.tuples(st.one_of(value, st.just(math.nan)), st.one_of(st.just(0), _PUPILS))
        rows = st.one_of(rows, st.lists(gap, min_size=1, max_size=sections))
    return rows.map(lambda pairs: ([pair[0] for pair in pairs], [pair[1] for pair in pairs]))


def around(limit: Fraction, unit: Fraction) -> list[float]:
    """Return the figures of `on_limit`; the limit itself as exactly as a float can be written.

    Examples
    --------
    >>> around(Fraction("4.5"), Fraction("0.1"))
    [4.5, 4.6, 4.4, 4.500000000000001, 4.499999999999999]
    """
    at = float(limit)
    figures = (at, float(limit + unit), float(limit - unit), math.nextafter(at, math.inf), math.nextafter(at, 0))
    return [figure for figure in dict.fromkeys(figures) if figure >= 0]


def around_whole(limit: Fraction, relation: Relation) -> list[int]:
    """Return the whole numbers next to a limit, first the last one within it.

    Examples
    --------
    >>> around_whole(Fraction("36.8"), ">="), around_whole(Fraction(45), "<=")
    ([37, 38, 36], [45, 44, 46])
    """
    at, better = (math.ceil(limit), 1) if relation == ">=" else (math.floor(limit), -1)
    return [figure for figure in (at, at + better, at - better) if figure >= 0]


def kept(figure: float, relation: Relation, limit: Fraction) -> bool:
    """Return whether a figure, as written, is within a limit."""
    return MEETS[relation](exact(figure), limit)


ReportedRow = dict[str, Any]
UNIT = Fraction(1, 100)

_Of = TypeVar("_Of")
_Kind = TypeVar("_Kind", bound=Rule)

_PARTS = 16


def _sixteenths(relation: Relation, *, keeping: bool) -> list[int]:
    """Return the sixteenths of a limit that are within it, or that are not; the nearest first."""
    parts = sorted(range(_PARTS // 4 + 1, 2 * _PARTS), key=lambda part: abs(part - _PARTS))
    return [part for part in parts if MEETS[relation](part, _PARTS) is keeping]


@attrs.frozen
class Drawing:
    """Draws figures.

    Attributes
    ----------
    draw : DrawFn
    standard : Standard
    near : bool
        Figures are on the limits or next to them; otherwise they are realistic.
    good : bool
        Figures are within the limits.
    """

    draw: DrawFn
    standard: Standard
    near: bool
    good: bool

    def pick(self, options: Sequence[_Of]) -> _Of:
        """Return one of the options; the first is the simplest."""
        return self.draw(st.sampled_from(options))

    def some(self, options: Collection[_Of], most: int) -> frozenset[_Of]:
        """Return up to that many of the options."""
        return self.draw(st.frozensets(st.sampled_from(list(options)), max_size=most)) if options else frozenset()

    def whole(self, least: int, most: int) -> int:
        """Return a whole number."""
        return self.draw(st.integers(least, max(least, most)))

    def yes(self) -> bool:
        """Return yes or no."""
        return self.draw(st.booleans())

    def figure(self, relation: Relation, limit: Fraction, unit: Fraction = UNIT) -> float:
        """Return a figure that is going to be compared with a limit."""
        if self.near:
            options = around(limit, unit)
            return self.pick([option for option in options if kept(option, relation, limit)] if self.good else options)
        hard = [] if self.good else _sixteenths(relation, keeping=False)
        parts = self.pick([*_sixteenths(relation, keeping=True), *hard])
        rounded = math.ceil if parts > _PARTS or (parts == _PARTS and relation == ">=") else math.floor
        return float(rounded(limit * parts / _PARTS / unit) * unit)

    def count(self, relation: Relation, limit: Fraction) -> int:
        """Return a whole number that is going to be compared with a limit."""
        near = self.counts(relation, limit)
        return self.pick(near) if self.near else int(self.figure(relation, limit, Fraction(1)))

    def counts(self, relation: Relation, limit: Fraction) -> list[int]:
        """Return the whole numbers on a limit and next to it; for a good county those within it."""
        options = around_whole(limit, relation)
        return [option for option in options if kept(option, relation, limit)] if self.good else options

    def anything(self, measure: Measure) -> Any:
        """Return any value that a measure allows."""
        if measure.type == "choice":
            return self.pick([choice.id for choice in measure.values])
        if measure.type == "yes_no":
            return self.yes()
        if measure.type == "text":
            return str(self.whole(1, 9))
        if measure.type == "day":
            return date.fromordinal(self.whole(_FIRST_DAY, _LAST_DAY)).isoformat()
        if measure.type == "share":
            return possible(measure, self.whole(0, 1000) / 1000)
        ends = (measure.range.least, measure.range.most) if measure.range else (None, None)
        least = int(ends[0] or 0)
        most = least + 3999 if ends[1] is None else int(ends[1])
        figure = self.whole(least, min(least + 9, most)) if self.yes() else self.whole(least, most)
        return possible(measure, figure)

    def rules(self, kind: type[_Kind]) -> list[_Kind]:
        """Return the rules of one kind."""
        return [rule for item in self.standard.items.values() for rule in item.rules if isinstance(rule, kind)]


def fitting(measure: Measure, figure: float) -> float:
    """Return a figure as its measure counts: in whole numbers or not, and no more and no less than it can be."""
    figure = possible(measure, figure)
    return round(figure) if measure.type == "count" else figure


def possible(measure: Measure, value: Any) -> Any:
    """Return a value as it is, or the nearest one in the range of its measure."""
    if value is None or measure.range is None:
        return value
    least, most = measure.range.least, measure.range.most
    end = most if most is not None and value > most else least if least is not None and value < least else None
    return value if end is None else float(end) if end % 1 else int(end)


def respect_parts(row: ReportedRow, measures: Mapping[str, Measure]) -> None:
    """Take down the parts that are larger than their whole; one that cannot be so small is not reported."""
    for name in row.keys() & measures.keys():
        row[name] = possible(measures[name], row[name])
    pairs = [pair for pair in parts_and_wholes(measures) if all(row.get(name) is not None for name in pair)]
    # A part may have parts of its own, which become too large when it is taken down.
    while wrong := [pair for pair in pairs if row.keys() >= set(pair) and row[pair[0]] > row[pair[1]]]:
        part, whole = wrong[0]
        row[part] = row[whole]
        if possible(measures[part], row[part]) != row[part]:
            del row[part]


def _lacks(kind: Choice, measure: Measure) -> bool:
    """Return whether a type of school lacks the stage that a measure is about."""
    return bool(kind.stages and measure.stage and measure.stage not in kind.stages)


_KEPT = 4
"""How much more often a school counts than not."""


def draw_others(drawing: Drawing, kind: Choice, row: ReportedRow) -> ReportedRow:
    """Return what a school reports besides, for the conditions and rules that name it: around their thresholds."""
    asking: dict[str, list[Condition]] = {}
    for entry in (entry for condition in drawing.standard.conditions for entry in condition.simple):
        for name in entry.subject:
            asking.setdefault(name, []).append(entry)
    thresholds = {name: threshold_of(rule) for rule in drawing.rules(Rule)[::-1] for name in rule.measures}
    columns, result = drawing.standard.table_measures("schools"), dict[str, Any]()
    for name in dict.fromkeys((*asking, *thresholds)):
        measure, threshold = columns.get(name), thresholds.get(name)
        if measure is None or name in row or measure.type == "text" or _lacks(kind, measure):
            continue
        if name in asking:
            result[name] = _chosen(drawing, measure) if measure.values else _drawn(drawing, measure, asking[name])
        elif threshold and measure.type in WITH_UNIT:
            result[name] = fitting(measure, drawing.figure(threshold.relation, threshold.fraction))
        else:
            result[name] = drawing.anything(measure)
    return result


def _chosen(drawing: Drawing, measure: Measure) -> str:
    """Return a choice, more often one with which a school counts."""
    left_out = [entry for exclusion in drawing.standard.head.scope.left_out for entry in exclusion.when.simple]
    away = {value for entry in left_out if measure.id in entry.subject for value in entry.one_of}
    kept = [choice.id for choice in measure.values if choice.id not in away]
    return drawing.pick([*kept * _KEPT, *sorted(away)])


def _drawn(drawing: Drawing, measure: Measure, asking: Sequence[Condition]) -> float:
    """Return a number on a bound, beside it, or anywhere."""
    if measure.type == "yes_no":
        return drawing.yes()
    bounds = [bound for entry in asking for bound in entry.bounds.values()]
    unit = Fraction(1) if measure.type == "count" else Fraction(1, 100)
    figure = drawing.pick([Fraction(bound) + n * unit for bound in bounds for n in (0, 1, -1)])
    return fitting(measure, max(0.0, float(figure if drawing.near else figure * drawing.whole(0, 4) / 2)))


_PUPILS_WITHOUT_LIMIT = 40
"""Pupils of a class where the standard sets no limit."""
_MOST_CLASSES = 8

_MEAN = Fraction(30)
"""A mean for indicators without a standard."""


@attrs.frozen
class SchoolPlan:
    """What a school is to be.

    Attributes
    ----------
    kind : Choice
        Its type.
    pupils : mapping of stage to int
    classes : mapping of judged stage to the pupils of each class
    values : mapping of indicator to Fraction
        Values per pupil that the county's spread requires; the others are free.
    """

    kind: Choice
    pupils: Mapping[Stage, int]
    classes: Mapping[Stage, Sequence[int]]
    values: Mapping[str, Fraction] = attrs.field(factory=dict)

    @property
    def size(self) -> int:
        """The pupils of all stages."""
        return sum(self.pupils.values())


def draw_plans(drawing: Drawing, schools: int) -> list[SchoolPlan]:
    """Return the plans of a county's schools."""
    kinds: Sequence[Choice] = drawing.standard.measures["type"].values
    plans = _paired(drawing, schools) if drawing.near and schools > 1 and drawing.yes() else []
    if plans:
        taken = {stage for plan in plans for stage in plan.pupils}
        kinds = [kind for kind in kinds if not taken & set(_judged(drawing, kind))]
    single = _school_on_limits if drawing.near else _ordinary_school
    return plans + [single(drawing, drawing.pick(kinds)) for _ in range(schools - len(plans)) if kinds]


def _judged(drawing: Drawing, kind: Choice) -> list[Stage]:
    """Return the stages of a type of school that are judged."""
    included = drawing.standard.counted(kind.id)
    return [stage for stage in drawing.standard.stages if included and stage in included.weights]


def _stages_run(drawing: Drawing, kind: Choice) -> list[Stage]:
    """Return the stages of a type of school that declares none; those that may be attached to it are not among them."""
    scope = drawing.standard.head.scope
    if scope.attached and kind.id in scope.attached.types and drawing.standard.counted(kind.id) is None:
        return [stage for stage in scope.pupils if stage not in drawing.standard.stages]
    return list(drawing.standard.stages)


def _ordinary_school(drawing: Drawing, kind: Choice) -> SchoolPlan:
    stages = kind.stages or _stages_run(drawing, kind)
    classes = {}
    for stage in stages:
        limit = Fraction(_largest_class(drawing, stage))
        classes[stage] = [drawing.count("<=", limit) for _ in range(drawing.whole(1, _MOST_CLASSES))]
    return SchoolPlan(kind, {stage: sum(sizes) for stage, sizes in classes.items()}, classes)


def _school_on_limits(drawing: Drawing, kind: Choice) -> SchoolPlan:
    stages = kind.stages or _stages_run(drawing, kind)
    judged = [stage for stage in drawing.standard.stages if stage in stages]
    sizes = _sizes(drawing, kind)
    size = drawing.pick([*sizes, *[None] * (len(sizes) // 2)])
    pupils = {stage: _round_number(drawing, kind) for stage in stages}
    if size is not None:
        for stage in judged:
            pupils[stage] = size if stage == judged[-1] else drawing.whole(0, size)
            size -= pupils[stage]
    return SchoolPlan(kind, pupils, {stage: _classes_of(drawing, stage, pupils[stage]) for stage in judged})


def _sizes(drawing: Drawing, kind: Choice) -> list[int]:
    """Return the sizes of a school at which something changes."""
    included = drawing.standard.counted(kind.id)
    most = [entry.at_most for rule in drawing.rules(SchoolSize) for entry in rule.limits if kind.id in entry.types]
    least = [rule.below for rule in drawing.rules(SmallSchoolFunds) if kind.id in rule.types]
    least += [included.fewest_pupils] if included and included.fewest_pupils else []
    sizes = [size for limit in most or [_PUPILS_WITHOUT_LIMIT] for size in drawing.counts("<=", Fraction(limit))]
    return sizes + [size for limit in least for size in drawing.counts(">=", Fraction(limit))]


def _round_number(drawing: Drawing, kind: Choice) -> int:
    """Return a number of pupils for which a combined school's resources split into finite decimals."""
    included = drawing.standard.counted(kind.id)
    weights = list(map(Fraction, included.weights.values())) if included else []
    step = math.lcm(*((weight / other).denominator for weight in weights for other in weights))
    return _without_2_and_5(step) * drawing.whole(1, _MOST_CLASSES * _PUPILS_WITHOUT_LIMIT // _without_2_and_5(step))


def _without_2_and_5(number: int) -> int:
    for prime in (2, 5):
        while number % prime == 0:
            number //= prime
    return number


def _classes_of(drawing: Drawing, stage: Stage, pupils: int) -> list[int]:
    """Return the sizes of as few classes as possible, or of a number at which another room is needed."""
    limit = _largest_class(drawing, stage)
    fewest = math.ceil(Fraction(pupils, limit))
    numbers = [rule.classes_per_room + more for rule in drawing.rules(RoomsForClasses) for more in (0, 1, -1)]
    number = drawing.pick([fewest, *(entry for entry in numbers if fewest <= entry <= pupils)])
    if number > fewest:
        each, more = divmod(pupils, number)
        return [each + 1] * more + [each] * (number - more)
    sizes = [limit] * (number - 1) + [pupils - limit * (number - 1)] if number else []
    if number > 1 and not drawing.good and drawing.yes():
        sizes[0], sizes[-1] = sizes[0] + 1, sizes[-1] - 1
    return sizes


def _largest_class(drawing: Drawing, stage: Stage) -> int:
    limits = [rule.limit(stage, None) for rule in drawing.rules(ClassSize)]
    return min([limit for limit in limits if limit is not None], default=_PUPILS_WITHOUT_LIMIT)


def _shares(drawing: Drawing, rule: WithinLimits) -> list[Fraction]:
    """Return how much of the limit the coefficient of each indicator is; together they are as much as the limit is."""
    count = len(drawing.standard.indicators)
    shares = [Fraction(1)] * count
    if isinstance(rule, CompositeWithin) and drawing.yes():
        shares[:2] = [Fraction(1, 2), Fraction(3, 2)]
    return shares


def _paired(drawing: Drawing, schools: int) -> list[SchoolPlan]:
    """Return pairs of plain schools whose coefficients of variation are exactly the limits.

    Where two sections have P and r²P pupils, the values m(1 + rc) and m(1 − c/r) have the mean m and the
    coefficient c.
    """
    plans: list[SchoolPlan] = []
    for rule in (*drawing.rules(SpreadWithin), *drawing.rules(CompositeWithin)):
        for stage in drawing.standard.stages:
            kinds = [kind for kind in drawing.standard.measures["type"].values if _judged(drawing, kind) == [stage]]
            kinds = [kind for kind in kinds if kind.stages in (None, (stage,))]
            limit = rule.thresholds[stage]
            if limit is None or not kinds:
                continue
            pairs, ratio = drawing.whole(0, (schools - len(plans)) // 2), drawing.pick((1, 2))
            pupils = _round_number(drawing, kinds[0])
            shares = _shares(drawing, rule)
            for step, size in ((ratio * limit.fraction, pupils), (-limit.fraction / ratio, ratio**2 * pupils)):
                values = {
                    indicator.id: 2 * (threshold.fraction if threshold else _MEAN) * (1 + share * step)
                    for indicator, share in zip(drawing.standard.indicators.values(), shares, strict=True)
                    for threshold in [indicator.thresholds[stage]]
                }
                classes = {stage: _classes_of(drawing, stage, size)}
                plans += [SchoolPlan(drawing.pick(kinds), {stage: size}, classes, values) for _ in range(pairs)]
    return plans


_YUAN_PER_PUPIL = range(300, 1500)
"""Public funds per pupil, as in life."""


def draw_resources(drawing: Drawing, plan: SchoolPlan) -> ReportedRow:
    """Return what the indicators divide by pupils."""
    included = drawing.standard.counted(plan.kind.id)
    row: ReportedRow = {}
    if included is None:
        return row
    measures = drawing.standard.table_measures("schools")
    low = drawing.some(drawing.standard.indicators, most=1 if drawing.good else 2)
    for name in _in_several(drawing.standard):
        row[name] = fitting(measures[name], float(Fraction(plan.size * drawing.whole(0, 9), 10)))
    for name, measure in measures.items():
        if measure.counts_when and measure.stage in (None, *included.weights):
            row[name] = fitting(measure, float(drawing.whole(0, 3)))
    stages = [stage for stage in drawing.standard.stages if stage in included.weights]
    for indicator in drawing.standard.indicators.values():
        if indicator.amount:
            divisors = {stage: _shared(plan, included.weights, stage) for stage in stages if plan.pupils[stage]}
            _place(drawing, row, plan, indicator, divisors, low)
        for stage in stages if indicator.amount_by_stage else ():
            _place(drawing, row, plan, indicator, {stage: Fraction(plan.pupils[stage])}, low)
    return row


def draw_funds(drawing: Drawing, plan: SchoolPlan, facts: ReportedRow) -> ReportedRow:
    """Return the funds of a school."""
    row: ReportedRow = {}
    measures = drawing.standard.table_measures("schools")
    for small in drawing.rules(SmallSchoolFunds):
        pupils = {stage: plan.pupils[stage] for stage in drawing.standard.stages if plan.pupils.get(stage)}
        size = sum(pupils.values())
        row[small.funds] = size * drawing.pick(_YUAN_PER_PUPIL)
        if plan.kind.id in small.types and 0 < size < small.below:
            due = sum((number * exact(facts[small.per_pupil[stage]]) for stage, number in pupils.items()), Fraction(0))
            row[small.funds] = drawing.figure(">=", small.funded_as * due / size)
    for share in drawing.rules(SchoolShareWithin):
        if plan.kind.id in share.types:
            whole = row.setdefault(share.whole, plan.size * drawing.pick(_YUAN_PER_PUPIL))
            row[share.part] = drawing.figure(share.threshold.relation, share.threshold.fraction * exact(whole))
    respect_parts(row, measures)
    return {column: fitting(measures[column], figure) for column, figure in row.items()}


def _in_several(standard: Standard) -> list[str]:
    """Return the measures that several indicators need: the others can still be chosen to fit them."""
    result: Counter[str] = Counter()
    for indicator in standard.indicators.values():
        result.update({name for stage in standard.stages for _, name in split_terms(indicator.terms(stage))})
    return [name for name, indicators in result.items() if indicators > 1]


def _shared(plan: SchoolPlan, weights: Mapping[Stage, Decimal], stage: Stage) -> Fraction:
    """Return the pupils that share what the school owns, counted as pupils of one stage."""
    total = sum((Fraction(weight) * plan.pupils[entry] for entry, weight in weights.items()), Fraction(0))
    return total / Fraction(weights[stage])


def _place(
    drawing: Drawing,
    row: ReportedRow,
    plan: SchoolPlan,
    indicator: Indicator,
    pupils: Mapping[Stage, Fraction],
    low: Collection[str],
) -> None:
    """Choose the amounts that make up an indicator, for a section of each stage with that many pupils."""
    amount = exact(_amount(drawing, plan, indicator, pupils, low))
    measures = drawing.standard.table_measures("schools")
    free = None
    for sign, name in split_terms(indicator.amount or indicator.terms(next(iter(pupils)))):
        if free is None and sign > 0 and name not in row:
            free = name
        else:
            amount -= sign * exact(row.setdefault(name, 0))
    if free is not None:
        row[free] = fitting(measures[free], max(0.0, float(amount)))


def _amount(
    drawing: Drawing, plan: SchoolPlan, indicator: Indicator, pupils: Mapping[Stage, Fraction], low: Collection[str]
) -> float:
    bars = [
        number / indicator.per * limit.fraction
        for stage, number in pupils.items()
        for standards, floors in drawing.standard.limits_and_floors[indicator.id]
        if number and (limit := (floors[stage] if indicator.id in low else None) or standards[stage])
    ]
    if indicator.id in plan.values:
        # So unequal that the poorer section would need less than nothing: it has nothing.
        wanted = max(Fraction(0), plan.values[indicator.id])
        figures = around(wanted * sum(pupils.values()) / indicator.per, UNIT)
        return drawing.pick([figures[0]] * len(figures) + figures)
    if not bars:
        return float(sum(pupils.values()) * drawing.whole(1, 9))
    # Teachers and rooms come in whole numbers; next to a limit they may be reported otherwise.
    units = (Fraction(1), UNIT) if indicator.per > 1 else (UNIT,)
    unit = drawing.pick(units) if drawing.near and not drawing.good else units[-1 if drawing.near else 0]
    hardest = min(bars) if indicator.at_most else max(bars)
    return drawing.figure(indicator.relation, hardest if drawing.good else drawing.pick(bars), unit)


_GRADES = 3
_SUBJECTS = ("语文", "数学", "科学")


def class_numbers(drawing: Drawing, plan: SchoolPlan) -> ReportedRow:
    """Return the numbers of classes of a school, as its row of the schools table has them."""
    rules: list[ClassSize | RoomsForClasses] = [*drawing.rules(ClassSize), *drawing.rules(RoomsForClasses)]
    columns = {column: stage for rule in rules for stage, column in rule.classes.items()}
    return {column: len(plan.classes[stage]) for column, stage in columns.items() if stage in plan.classes}


def draw_classes(drawing: Drawing, plan: SchoolPlan) -> list[ReportedRow]:
    """Return the classes of a school."""
    columns = drawing.standard.table_measures("classes")
    rows: list[ReportedRow] = [
        {"stage": stage, "grade": str(n % _GRADES + 1), "entry_grade": n % _GRADES == 0, "pupils": pupils}
        for stage, sizes in plan.classes.items()
        if stage in drawing.standard.stages
        for n, pupils in enumerate(sizes)
    ]
    return [{name: value for name, value in row.items() if name in columns} for row in rows] if columns else []


def draw_rooms(drawing: Drawing, plan: SchoolPlan) -> Iterator[ReportedRow]:
    """Yield the rooms of a school: about as many as its classes need."""
    for rule in drawing.rules(RoomsForClasses):
        classes = sum(len(sizes) for stage, sizes in plan.classes.items() if stage in rule.classes)
        for use, area in rule.area_at_least.items():
            needed = math.ceil(Fraction(classes, rule.classes_per_room))
            for _ in range(
                drawing.pick([needed, needed + 1] if drawing.good else [needed, needed + 1, max(0, needed - 1)])
            ):
                yield {"use": use, "area": drawing.figure(">=", Fraction(area))}


def draw_monitoring(drawing: Drawing) -> Iterator[ReportedRow]:
    """Yield the subjects monitored in a county."""
    for rule in drawing.rules(MonitoredSubjects):
        levels = [choice.id for choice in drawing.standard.measures[rule.level].values]
        needed = levels.index(rule.level_at_least)
        reached = levels[needed:] if drawing.good else levels[needed:] + levels[:needed]
        for subject in _SUBJECTS[: drawing.whole(1, len(_SUBJECTS))]:
            rate = drawing.figure(rule.threshold.relation, rule.threshold.fraction, Fraction(1, 1000))
            level, column = (drawing.standard.measures[name].column for name in (rule.level, rule.rate))
            yield {"grade": str(_GRADES + 1), "subject": subject, level: drawing.pick(reached), column: rate}


_FIRST_DAY, _LAST_DAY = date(2008, 1, 1).toordinal(), date(2030, 12, 31).toordinal()
_PEOPLE = 2100
"""As many as counts of people go."""
_YUAN_OF_COUNTY = range(600, 1700)
"""Sums of money, as in life."""


def draw_facts(drawing: Drawing) -> ReportedRow:
    """Return the facts of one county."""
    facts: ReportedRow = {}
    for item in drawing.standard.items.values():
        for rule in item.rules:
            _state(rule, drawing, facts)
    measures = drawing.standard.table_measures("facts")
    shares = {measure.id for measure in measures.values() if measure.quotient}
    counts = {name for entry in measures.values() for name in entry.follows_from}
    for column, measure in measures.items():
        if column not in facts and column not in shares | counts and measure.type != "text":
            facts[column] = drawing.pick(_YUAN_OF_COUNTY) if measure.type == "number" else drawing.anything(measure)
    facts |= {column: possible(measures[column], value) for column, value in facts.items()}
    respect_parts(facts, measures)
    for measure in measures.values():
        _state_too(drawing, facts, measure)
        if measure.computed and not measure.computed.whole and measure.id in facts and drawing.yes():
            _split(drawing, facts, measure.id, measure.computed.measures)
    return facts


def _split(drawing: Drawing, facts: ReportedRow, total: str, parts: Sequence[str]) -> None:
    """Report the parts of a sum in place of the sum, if they can be so large."""
    rest, split = facts[total], {}
    for name in parts[:-1]:
        split[name] = drawing.whole(0, int(rest))
        rest -= split[name]
    split[parts[-1]] = rest
    if all(possible(drawing.standard.measures[name], figure) == figure for name, figure in split.items()):
        del facts[total]
        facts |= split


def _state(rule: Rule, drawing: Drawing, facts: ReportedRow) -> None:
    """Choose the facts that a rule names, by what it declares.

    Yes/no facts are as `expected`, days that many `years` before the day of judging; the first number is drawn around
    the threshold, or if there is none around the second number.
    """
    measures = [
        drawing.standard.measures[name] for name in rule.measures if name in drawing.standard.table_measures("facts")
    ]
    numbers = [measure for measure in measures if measure.type in ("count", "number", "share")]
    expected = getattr(rule, "expected", True)
    for fact in (measure.id for measure in measures if measure.type == "yes_no"):
        facts[fact] = expected if drawing.good else drawing.pick((expected, expected, not expected))
    given = drawing.standard.given_day
    for fact in (measure.id for measure in measures if measure.type == "day" and given and drawing.yes()):
        latest = years_before(date.fromisoformat(given or ""), getattr(rule, "years", 0))
        facts[fact] = (latest + timedelta(days=drawing.pick((-1, 0) if drawing.good else (-1, 0, 1)))).isoformat()
    threshold = threshold_of(rule)
    if threshold is None and len(numbers) > 1:
        # The first is compared with the second.
        other = facts.setdefault(numbers[1].id, fitting(numbers[1], drawing.pick(_YUAN_OF_COUNTY)))
        threshold = Threshold(">=", Decimal(repr(other)))
    if threshold is not None and numbers:
        first = numbers[0]
        if first.quotient and drawing.pick(("counts", "stated")) == "counts":
            _count(drawing, facts, first.quotient, threshold)
        else:
            unit = Fraction(1, 1000) if first.type == "share" else UNIT
            facts[first.id] = fitting(first, drawing.figure(threshold.relation, threshold.fraction, unit))


_RELATIONS: Mapping[str, Relation] = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}


def threshold_of(rule: Rule) -> Threshold | None:
    """Return the threshold that a rule declares: as such, or as a number whose field name gives the relation."""
    declared = getattr(rule, "threshold", None)
    if isinstance(declared, Threshold):
        return declared
    limits = ((relation, getattr(rule, name, None)) for name, relation in _RELATIONS.items())
    return next((Threshold(relation, limit) for relation, limit in limits if isinstance(limit, Decimal)), None)


def _count(drawing: Drawing, facts: ReportedRow, formula: Quotient, threshold: Threshold) -> None:
    """Choose the counts that make a share."""
    whole, part = split_terms(formula.whole), split_terms(formula.part)
    people = drawing.whole(1 if drawing.good else 0, _PEOPLE)
    _complete(drawing, facts, whole, people, people // 9)
    target = drawing.count(threshold.relation, threshold.fraction * max(0, _total(facts, whole)))
    _complete(drawing, facts, part, target, people // 9)
    if len(part) == len(whole) == 1:
        facts[part[0][1]] = min(facts[part[0][1]], facts[whole[0][1]])


def _complete(drawing: Drawing, facts: ReportedRow, terms: Sequence[tuple[int, str]], total: int, most: int) -> None:
    """Choose the remaining counts, so that they add up to a total if possible."""
    free = next((name for sign, name in terms if sign > 0 and name not in facts), None)
    for _, name in terms:
        if name not in facts and name != free:
            facts[name] = drawing.whole(0, most)
    if free is not None:
        rest = sum(sign * facts[name] for sign, name in terms if name != free)
        facts[free] = max(0, total - rest)


def _total(facts: ReportedRow, terms: Sequence[tuple[int, str]]) -> int:
    return sum(sign * facts[name] for sign, name in terms)


def _state_too(drawing: Drawing, facts: ReportedRow, measure: Measure) -> None:
    """State a share beside its counts, as the form prints it, or leave it to them."""
    formula = measure.quotient
    if formula is None or any(name not in facts for name in formula.measures):
        return
    facts.pop(measure.id, None)
    part, whole = (_total(facts, split_terms(terms)) for terms in (formula.part, formula.whole))
    if whole <= 0 or part < 0 or not drawing.yes():
        return
    digits = 10 ** (drawing.standard.head.precision.percent + 2)
    stated = float(Fraction(math.floor(Fraction(part, whole) * digits + Fraction(1, 2)), digits))
    # What is not the whole must not be stated as the whole, nor what cannot be.
    if (stated != 1 or part == whole) and possible(measure, stated) == stated:
        facts[measure.id] = stated


_MOST_ROWS = 8


def arbitrary_county(drawing: Drawing, schools: int) -> tuple[Mapping[str, Sequence[ReportedRow]], ReportedRow]:
    """Return the rows and the facts of one county, each figure drawn for itself."""
    types = {choice.id: choice for choice in drawing.standard.measures["type"].values}
    rows: dict[str, list[ReportedRow]] = {"schools": [], "classes": [], "rooms": [], "monitoring": []}
    for number in range(schools):
        kind = drawing.pick(list(types))
        row = _row(drawing, "schools", {"school": str(number + 1), "type": kind}, types[kind])
        respect_parts(row, drawing.standard.table_measures("schools"))
        rows["schools"].append(row)
    for table in ("classes", "rooms"):
        if table not in drawing.standard.tables:
            continue
        for _ in range(drawing.whole(0, _MOST_ROWS)):
            school = drawing.pick(rows["schools"])
            stages = types[school["type"]].stages or drawing.standard.stages
            row = {"school": school["school"]}
            judged = [stage for stage in drawing.standard.stages if stage in stages]
            if table == "classes" and not judged:
                continue
            row |= {"stage": drawing.pick(judged)} if table == "classes" else {}
            rows[table].append(_row(drawing, table, row))
    if "monitoring" in drawing.standard.tables:
        rows["monitoring"] = [_row(drawing, "monitoring", {}) for _ in range(drawing.whole(0, 2))]
    return rows, _facts(drawing)


def _row(drawing: Drawing, table: str, row: ReportedRow, kind: Choice | None = None) -> ReportedRow:
    """Complete a row with anything; ids and texts stay out, and figures of stages that the school lacks."""
    band = BANDS.get(table)
    # A row is drawn as one thing of a known size, not as several between two bounds.
    left_out = band.columns if band else frozenset()
    for column, measure in drawing.standard.table_measures(table).items():
        if column in left_out:
            continue
        if column not in row and measure.type != "text" and not (kind and _lacks(kind, measure)):
            row[column] = _anything(drawing, measure, column in ("use", "stage"))
    return row


def _facts(drawing: Drawing) -> ReportedRow:
    measures = drawing.standard.table_measures("facts")
    facts: ReportedRow = {name: _anything(drawing, entry) for name, entry in measures.items() if entry.type != "text"}
    respect_parts(facts, measures)
    for name, measure in measures.items():
        # A share beside its counts would have to agree with them.
        if measure.follows_from and any(facts.get(count) is not None for count in measure.follows_from):
            del facts[name]
    return facts


def _anything(drawing: Drawing, measure: Measure, needed: bool = False) -> object:
    if not needed and drawing.whole(0, 7) == 7:
        return None
    value = drawing.anything(measure)
    return possible(measure, value / drawing.pick((1, 8, 100))) if measure.type == "number" else value


Kind = Literal["ordinary", "on_limits", "gappy", "arbitrary"]
"""What a submission is like; see `tables`."""

KINDS: tuple[Kind, ...] = ("ordinary", "on_limits", "gappy", "arbitrary")

_ABSENT = (None, float("nan"), "")


def tables(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    *,
    kind: Kind | SearchStrategy[Kind] = "ordinary",
    counties: int | SearchStrategy[int] = 1,
    schools: int | SearchStrategy[int] | None = None,
) -> SearchStrategy[Tables]:
    """Return valid submissions as plain columns.

    Parameters
    ----------
    standard : id, path or Standard
        Whose measures are reported and whose limits the figures are drawn against.
    kind : {'ordinary', 'on_limits', 'gappy', 'arbitrary'} or strategy
        *ordinary*: realistic figures, some counties good in everything. *on_limits*: figures are exactly on,
        one unit beside, or one float beside the limits that they are compared with; some counties have pairs of
        sections whose coefficients of variation are exactly the limits. *gappy*: one of these two with cells,
        columns, classes or tables left out. *arbitrary*: every figure is allowed, and nothing fits together.
    counties, schools : int or strategy
        How many counties, and at most how many schools in each; by default one county of one to five schools.

    Returns
    -------
    SearchStrategy of dict
        `Submission(**drawn, standard=standard)` accepts it. Each table is a dict of lists, `facts` a dict of
        dicts, and every row has its county.

    Examples
    --------
    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without a search for the simplest
    >>> sorted(find(tables(kind="ordinary"), lambda drawn: True, settings=first))
    ['classes', 'facts', 'monitoring', 'rooms', 'schools']
    """
    return _tables(
        load_standard(standard),
        st.just(kind) if isinstance(kind, str) else kind,
        st.just(counties) if isinstance(counties, int) else counties,
        st.just(schools) if isinstance(schools, int) else st.integers(1, 5) if schools is None else schools,
    )


def submissions(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    *,
    kind: Kind | SearchStrategy[Kind] = "ordinary",
    counties: int | SearchStrategy[int] = 1,
    schools: int | SearchStrategy[int] | None = None,
) -> SearchStrategy[Submission]:
    """Return submissions; the knobs are those of `tables`.

    Examples
    --------
    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without a search for the simplest
    >>> find(submissions(counties=2, schools=1), lambda submission: True, settings=first).counties
    ('1', '2')
    """
    std = load_standard(standard)
    drawn = tables(std, kind=kind, counties=counties, schools=schools)
    return drawn.map(lambda columns: Submission(**columns, standard=std))


@st.composite
def _tables(
    draw: DrawFn,
    standard: Standard,
    kinds: SearchStrategy[Kind],
    counties: SearchStrategy[int],
    schools: SearchStrategy[int],
) -> Tables:
    kind = draw(kinds)
    rows: dict[str, list[ReportedRow]] = {name: [] for name in standard.tables if name != "facts"}
    facts: dict[str, ReportedRow] = {}
    for number in range(draw(counties)):
        county = str(number + 1)
        near = draw(st.booleans()) if kind == "gappy" else kind == "on_limits"
        drawing = Drawing(draw, standard, near=near, good=kind != "arbitrary" and draw(st.booleans()))
        results, facts[county] = (arbitrary_county if kind == "arbitrary" else _county)(drawing, draw(schools))
        for table, more in ((table, results[table]) for table in rows):
            rows[table] += [{"county": county, **row} for row in more]
    result: Tables = {table: _columns(standard, table, some) for table, some in rows.items() if some}
    result["facts"] = facts
    if kind == "gappy":
        result = with_gaps(result, draw(gaps_in(result)), absent=draw(st.sampled_from(_ABSENT)))
    return result


def _county(drawing: Drawing, schools: int) -> tuple[Mapping[str, Sequence[ReportedRow]], ReportedRow]:
    """Return the rows and the facts of one county."""
    facts = draw_facts(drawing)
    rows: dict[str, list[ReportedRow]] = {
        "schools": [],
        "classes": [],
        "rooms": [],
        "monitoring": list(draw_monitoring(drawing)),
    }
    measures = drawing.standard.table_measures("schools")
    columns = drawing.standard.head.scope.pupils
    for number, plan in enumerate(draw_plans(drawing, schools)):
        school = f"{number + 1:03d}"
        row: ReportedRow = {"school": school, "type": plan.kind.id}
        row |= {columns[stage]: pupils for stage, pupils in plan.pupils.items() if stage in columns}
        row |= class_numbers(drawing, plan) | draw_resources(drawing, plan) | draw_funds(drawing, plan, facts)
        row |= draw_others(drawing, plan.kind, row)
        respect_parts(row, measures)
        rows["schools"].append(row)
        rows["classes"] += [{"school": school, **school_class} for school_class in draw_classes(drawing, plan)]
        rows["rooms"] += [{"school": school, **room} for room in draw_rooms(drawing, plan)]
    return rows, facts


def _columns(standard: Standard, table: str, rows: Sequence[ReportedRow]) -> dict[str, list[object]]:
    given = {column for row in rows for column in row}
    return {
        column: [possible(measure, row.get(column)) for row in rows]
        for column, measure in standard.table_measures(table).items()
        if column in given
    }


_KINDS: tuple[Kind, ...] = ("ordinary", "on_limits")
_LEVELS = ("item", "section", "part", "county")
"""What decides comes before what it decides."""


def partly_filled(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
) -> SearchStrategy[tuple[Tables, Tables]]:
    """Return pairs of submissions: one with gaps, and the same with some of its gaps filled.

    What `docs/judging.md` calls no gap is never left out of one and not of the other: facts that may be left out,
    and the counts of a share that is stated directly.

    Examples
    --------
    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)
    >>> less, more = find(partly_filled(), lambda drawn: True, settings=first)
    >>> set(less) <= set(more)
    True
    """
    return _partly_filled(load_standard(standard))


@st.composite
def _partly_filled(draw: DrawFn, standard: Standard) -> tuple[Tables, Tables]:
    full = draw(tables(standard, kind=st.sampled_from(_KINDS), counties=st.integers(1, 2)))
    shares = {measure.id: measure.follows_from for measure in standard.measures.values() if measure.follows_from}
    rules = [rule for item in standard.items.values() for rule in item.rules]
    attested_beside = {rule.passed_on: rule.attested for rule in rules if isinstance(rule, PassedForYears)}
    for county, facts in full["facts"].items():
        included = {share for share, counts in shares.items() if facts.keys() & set(counts)}
        # What is attested counts only where no day is stated, so it is not drawn beside one.
        included |= {attested for day, attested in attested_beside.items() if facts.get(day) is not None}
        full["facts"][county] = {fact: value for fact, value in facts.items() if fact not in included}
    optional = {Omission("facts", fact, county) for fact in _optional(standard) for county in full["facts"]}
    gaps = sorted(draw(gaps_in(full)) - optional, key=str)
    # Some are seldom many, and many show most.
    some_or_all = (
        st.one_of(st.frozensets(st.sampled_from(gaps)), st.just(frozenset(gaps))) if gaps else st.just(frozenset())
    )
    filled = draw(some_or_all)
    return with_gaps(full, gaps), with_gaps(full, set(gaps) - filled)


def _optional(standard: Standard) -> Iterator[str]:
    """Yield the facts that may be left out without a gap."""
    for rule in (rule for item in standard.items.values() for rule in item.rules):
        if isinstance(rule, ShareWithin) and rule.if_not_reported == "not_applicable":
            share = standard.measures[rule.share]
            yield from (share.id, *(share.quotient.measures if share.quotient else ()))


def surprises(less: Evaluation, more: Evaluation) -> list[tuple[Decision, Verdict, Verdict | None]]:
    """Return verdicts given despite gaps that change when some of the gaps are filled: causes first.

    Parameters
    ----------
    less, more : Evaluation
        The evaluations of a pair that `partly_filled` draws.

    Returns
    -------
    list of (Decision, Verdict, Verdict or None)
        What was decided, before and after; None if it is not judged any more. No standard may have any.

    Examples
    --------
    >>> import balancedu as be
    >>> one, other = be.evaluate(be.example("passing")), be.evaluate(be.example("passing"))
    >>> surprises(one, other)
    []
    """
    before, after = decisions_of(less), decisions_of(more)
    decided = (entry for entry, verdict in before.items() if verdict in (Verdict.MET, Verdict.NOT_MET))
    result = [(entry, before[entry], after.get(entry)) for entry in decided if after.get(entry) is not before[entry]]
    return sorted(result, key=lambda surprise: _LEVELS.index(surprise[0].level))

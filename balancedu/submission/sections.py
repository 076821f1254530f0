"""Schools become sections: which stages of which schools are judged, by what conditions, and what they share."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.limits import Whole, combined
from balancedu.calculator.verdicts import MET, NOT_MET, UNKNOWN, Codes, verdicts_of
from balancedu.core.fields import MeasureId, Stage
from balancedu.core.model import Condition, Counted, Measure
from balancedu.core.standard import SECTIONS, Standard
from balancedu.submission.classes import bounds_of
from balancedu.submission.schools import ALL_ROWS, Rows, among, any_of, attached, does_not_run, has_stage, with_attached
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table

REASONS = ("type", "few", "none")
"""Why a school or section is left out: its type does not count, it has too few pupils, or none at all.

The exclusions that the standard declares follow, in their order.
"""


@attrs.frozen(eq=False)
class Enrolment:
    """The pupils of every school, judged or not, in the order of the schools table.

    Attributes
    ----------
    type : (schools,) int16 array
        The position of every school's type among the types of school.
    included : mapping of stage to (schools,) bool array
        Whether the school counts at a judged stage, by its type or by pupils attached to it.
    pupils : mapping of stage to (schools,) float array
        The pupils at each judged stage: 0 where the school does not count there, NaN if not reported.
    reported : (schools,) float array
        Their sum over the stages that are reported.
    complete : (schools,) bool array
        Whether all of them are.
    """

    type: NDArray[np.int16]
    included: Mapping[Stage, Bools]
    pupils: Mapping[Stage, Floats]
    reported: Floats
    complete: Bools


@attrs.frozen(eq=False)
class LeftOut:
    """Who is left out of the sections and why; stage -1 means the whole school, reasons count through `REASONS`."""

    school: Ints
    stage: Ints
    reason: Ints


@attrs.frozen(eq=False)
class Sections:
    """The judged sections, stage by stage, within a stage in the order of county and school.

    Attributes
    ----------
    school : (n,) integer array
        The row of the schools table.
    stage : (n,) int8 array
        The position of the stage in `stages`.
    pupils : (n,) float array
        NaN if not reported.
    divisor : (n,) float array
        What a whole school's resource is divided by to give this section's value per pupil: the pupils of
        the school, each stage's counted by its weight relative to this stage's. NaN if the pupils of any
        of its stages are not reported.
    slices : tuple of slice
        Where the sections of each stage are.
    by_county : Segments
        The sections of each stage and county: group `stage * counties + county`.
    make_left_out : callable
        Gives who is left out.
    enrolment : Enrolment
    reported_values : mapping of indicator to (n,) float array
        Figures per pupil as they were reported, NaN if they were not; empty if there are none.
    doubtful : (n,) bool array, optional
        The sections of which it is not known whether an exclusion leaves them out; None if there is none.
    """

    stages: tuple[Stage, ...]
    school: Ints
    stage: NDArray[np.int8]
    pupils: Floats
    divisor: Floats
    slices: tuple[slice, ...]
    by_county: Segments
    make_left_out: Callable[[slice], LeftOut]
    enrolment: Enrolment
    reported_values: Mapping[str, Floats]
    doubtful: Bools | None = None

    @cached_property
    def county(self) -> Ints:
        """The position of the county of each section, (n,) integers."""
        return self.by_county.codes % ((self.by_county.starts.size - 1) // len(self.stages))

    @cached_property
    def left_out(self) -> LeftOut:
        """Who is left out, and why."""
        return self.make_left_out(slice(None))


def sections_of(submission: Submission, standard: Standard) -> Sections:
    """Return the sections that a standard judges.

    A section whose pupils are missing is kept: whether it counts is not known, and neither are its values.
    So is a section of which it is not known whether an exclusion applies.
    """
    schools, stages = submission.schools, standard.stages
    enrolment, weighed_as = _enrolment(schools, standard), _weighed_as(schools, standard)
    few = [_too_few(standard, enrolment, stage) for stage in stages]
    included = [enrolment.included[stage] & ~few[n] for n, stage in enumerate(stages)]
    exclusions = [condition_verdicts(entry.when, submission, standard) for entry in standard.head.scope.left_out]
    if exclusions:
        included = [here & (np.maximum.reduce(exclusions) != MET) for here in included]
    kept = [np.flatnonzero(here) for here in included]
    ends = np.cumsum([0, *(rows.size for rows in kept)])
    slices = tuple(slice(start, end) for start, end in itertools.pairwise(ends.tolist()))
    school = np.concatenate(kept)
    pupils = np.empty(school.size)
    divisor = np.empty(school.size)
    for n, (stage, where) in enumerate(zip(stages, slices, strict=True)):
        np.take(enrolment.pupils[stage], kept[n], out=pupils[where], mode="clip")
        divisor[where] = _divisors(schools, standard, stage, kept[n], pupils[where], weighed_as)
    first_schools = submission.segments("schools").starts[:-1]
    starts = [np.searchsorted(rows, first_schools) + start for rows, start in zip(kept, ends, strict=False)]
    return Sections(
        stages=stages,
        school=school,
        stage=np.repeat(np.arange(len(kept), dtype=np.int8), np.diff(ends)),
        pupils=pupils,
        divisor=divisor,
        slices=slices,
        by_county=Segments(np.concatenate([*starts, ends[-1:]])),
        make_left_out=functools.partial(_left_out, standard, enrolment, few, exclusions),
        enrolment=enrolment,
        reported_values=_reported_values(submission, standard, kept, ends),
        doubtful=(np.maximum.reduce(exclusions) == UNKNOWN)[school] if exclusions else None,
    )


def _reported_values(submission: Submission, standard: Standard, kept: list[Ints], ends: Ints) -> dict[str, Floats]:
    """Return the reported figures per pupil of each indicator, in the order of sections."""
    table = submission.tables.get(SECTIONS)
    if table is None or not len(table):
        return {}
    result = {indicator: np.full(int(ends[-1]), np.nan) for indicator in standard.indicators}
    stages = [choice.id for choice in standard.table_measures(SECTIONS)["stage"].values]
    for n, stage in enumerate(standard.stages):
        here = np.flatnonzero(table.choices("stage") == stages.index(stage))
        at = np.searchsorted(kept[n], table.school[here])
        known = at < kept[n].size
        known[known] = kept[n][at[known]] == table.school[here[known]]
        for indicator, values in result.items():
            values[at[known] + ends[n]] = table.numbers(indicator)[here[known]]
    return result


def _enrolment(schools: Table, standard: Standard) -> Enrolment:
    types, kinds = schools.choices("type"), _kinds(standard)
    included, pupils = {}, {}
    for stage in standard.stages:
        runs = among(types, np.array([bool(entry and stage in entry.weights) for entry in kinds]))
        included[stage] = runs | attached(schools, standard, stage)
        pupils[stage] = zero_where(schools.numbers(standard.head.scope.pupils[stage]), ~included[stage])
    return Enrolment(types, included, pupils, *_reported(pupils))


def zero_where(figures: Floats, here: Bools) -> Floats:
    """Return figures with 0 in some places."""
    rows = np.flatnonzero(here & (figures != 0))
    if rows.size:
        figures = figures.copy()
        figures[rows] = 0
    return figures


def _left_out(
    standard: Standard, enrolment: Enrolment, few: list[Bools], exclusions: list[Codes], some: slice
) -> LeftOut:
    """Return who is left out of some schools, counted from the first of them."""
    kind = enrolment.type[some]
    whole = np.full(kind.size, -1)
    # Of several reasons the first is given.
    for n, codes in reversed(list(enumerate(exclusions))):
        whole[codes[some] == MET] = len(REASONS) + n
    of_no_type = among(kind, np.array([entry is None for entry in _kinds(standard)]))
    whole[of_no_type & ~any_of(here[some] for here in enrolment.included.values())] = 0
    rows = np.flatnonzero(whole >= 0)
    parts = [(rows, np.full(rows.size, -1), whole[rows])]
    for position, stage in enumerate(standard.stages):
        rows = np.flatnonzero(few[position][some] & (whole < 0))
        parts.append((rows, np.full(rows.size, position), np.where(enrolment.pupils[stage][some][rows] == 0, 2, 1)))
    return LeftOut(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _too_few(standard: Standard, enrolment: Enrolment, stage: Stage) -> Bools:
    """Return which schools have no section at a stage that they count at, or too small a one."""
    pupils = enrolment.pupils[stage]
    few: Bools = pupils == 0
    for position, kind in enumerate(_kinds(standard)):
        if kind and kind.fewest_pupils:
            few |= (enrolment.type == position) & (pupils < kind.fewest_pupils)
    return few & enrolment.included[stage]


def _reported(enrolled: Mapping[Stage, Floats]) -> tuple[Floats, Bools]:
    """Return what is reported of some addends, and whether all of it is."""
    total = functools.reduce(np.add, enrolled.values())
    complete = ~np.isnan(total)
    if not complete.all():
        rows, total = np.flatnonzero(~complete), total.copy()
        total[rows] = np.nansum([figures[rows] for figures in enrolled.values()], axis=0)
    return total, complete


@functools.lru_cache(maxsize=16)
def _kinds(standard: Standard) -> list[Counted | None]:
    return [standard.counted(choice.id) for choice in standard.measures["type"].values]


def weights_of(schools: Table, standard: Standard, school: int) -> Mapping[Stage, Decimal]:
    """Return by what weights the pupils of a school share what it has; empty if none of its stages counts."""
    scope = standard.head.scope
    if scope.attached and with_attached(schools, standard, [school])[0]:
        kind = schools.choices("type")[[school]]
        stages = scope.attached.weights.items()
        return {
            stage: weight
            for stage, weight in stages
            if not does_not_run(kind, standard, stage)[0] or schools.numbers(scope.pupils[stage])[school] > 0
        }
    included = standard.counted(standard.measures["type"].values[schools.choices("type")[school]].id)
    return included.weights if included else {}


def _weighed_as(schools: Table, standard: Standard, rows: Rows = ALL_ROWS) -> NDArray[np.int16]:
    """Return for schools the position of their weights in `_weights`."""
    result = np.array(schools.choices("type")[rows])
    result[np.flatnonzero(with_attached(schools, standard, rows))] = len(_kinds(standard))
    return result


def _pupils_sharing(schools: Table, standard: Standard, stage: Stage, rows: Ints) -> Floats:
    """Return the pupils of a stage; what is not reported of one that the type does not run is 0."""
    pupils = schools.numbers(standard.head.scope.pupils[stage])[rows]
    return zero_where(pupils, np.isnan(pupils) & does_not_run(schools.choices("type")[rows], standard, stage))


def _divisors(
    schools: Table, standard: Standard, stage: Stage, rows: Ints, pupils: Floats, weighed_as: NDArray[np.int16]
) -> Floats:
    """Return the pupils of schools, those of each stage counted by their weight relative to one stage's."""
    weights, result = _weights(standard), pupils.copy()
    several_stages = among(weighed_as, np.array([len(of_type) > 1 for of_type in weights]))
    shared = np.flatnonzero(several_stages[rows])
    for other in standard.head.scope.pupils:
        if other == stage:
            continue
        relative = np.array(
            [float(weight[other] / weight[stage]) if {stage, other} <= weight.keys() else 0.0 for weight in weights]
        )
        factor = relative[weighed_as[rows[shared]]]
        result[shared] += np.where(factor > 0, factor * _pupils_sharing(schools, standard, other, rows[shared]), 0.0)
    return result


@functools.lru_cache(maxsize=16)
def _weights(standard: Standard) -> list[dict[Stage, Fraction]]:
    """Return for each type of school its stages and the weight of their pupils; empty if it does not count.

    The last are the weights of schools with an attached stage.
    """
    declared = [kind.weights if kind else {} for kind in _kinds(standard)]
    attached = standard.head.scope.attached
    declared.append(attached.weights if attached else {})
    return [{stage: Fraction(weight) for stage, weight in weights.items()} for weights in declared]


def exact_divisors(schools: Table, standard: Standard, stage: Stage, rows: Ints) -> tuple[Whole, Whole, int]:
    """Return for schools the weight of a stage's pupils, and their weighted pupils as whole numbers and a divisor.

    The second over the divisor and over the first is what `Sections.divisor` approximates.
    """
    weights, weighed_as = _whole_weights(standard), _weighed_as(schools, standard, rows)
    columns: list[tuple[int | Whole, Floats]] = []
    for other in standard.head.scope.pupils:
        factor = weights[other][weighed_as]
        if factor.any():
            columns.append((factor, np.where(factor != 0, _pupils_sharing(schools, standard, other, rows), 0.0)))
    own = weights[stage][weighed_as]
    total, divisor = combined(columns)
    return own, total, divisor


@functools.lru_cache(maxsize=16)
def _whole_weights(standard: Standard) -> dict[Stage, Whole]:
    """Return the weight of each stage's pupils by type of school, all times what makes them whole."""
    weights = _weights(standard)
    common = math.lcm(*(weight.denominator for of_type in weights for weight in of_type.values()))
    return {
        stage: np.array([int(of_type.get(stage, 0) * common) for of_type in weights], dtype=object)
        for stage in standard.head.scope.pupils
    }


def resources_counted(submission: Submission, standard: Standard) -> tuple[Table, Table] | None:
    """Return the schools without and with the amounts that relief counts; None if all amounts always count.

    What does not count is 0. Whether an amount of 0 counts makes no difference.
    """
    schools, without, included = submission.schools, dict[str, Floats](), dict[str, Floats]()
    for measure in standard.table_measures("schools").values():
        if measure.counts_when:
            amount = schools.numbers(measure.column)
            counts = condition_verdicts(measure.counts_when, submission, standard)
            where_known = np.where(counts == MET, amount, np.nan)
            included[measure.column] = np.where((counts == NOT_MET) | (amount == 0), 0.0, where_known)
            without[measure.column] = np.zeros(amount.size)
    if not included:
        return None
    without_relief, with_relief = ({**schools.columns, **columns} for columns in (without, included))
    return attrs.evolve(schools, columns=without_relief), attrs.evolve(schools, columns=with_relief)


def condition_verdicts(
    condition: Condition, submission: Submission, standard: Standard, *, counties: bool = False
) -> Codes:
    """Return for each school whether it meets a condition, as verdict codes.

    Parameters
    ----------
    condition : Condition
    submission, standard
    counties : bool
        Judge each county instead; the condition then compares facts alone.

    Returns
    -------
    (schools,) or (counties,) int8 array

    Examples
    --------
    >>> from decimal import Decimal
    >>> from balancedu.core.loading import load_standard
    >>> small = Condition(sum_of=("pupils_primary", "pupils_junior"), below=Decimal(100))
    >>> schools = {"school": ["1", "2", "3"], "type": ["小学"] * 3, "pupils_primary": [99, 100, None]}
    >>> condition_verdicts(small, Submission(schools), load_standard("cn-2017"))
    array([2, 0, 1], dtype=int8)
    """
    if condition.parts:
        join = np.minimum if condition.all_of else np.maximum
        return np.asarray(
            join.reduce([condition_verdicts(part, submission, standard, counties=counties) for part in condition.parts])
        )
    measure = standard.measures[condition.subject[0]]
    if measure.type == "choice":
        listed = np.array([*(choice.id in condition.one_of for choice in measure.values), False])
        positions = submission.schools.choices(measure.column)
        return verdicts_of(listed[positions], positions >= 0)
    if measure.type == "yes_no":
        stated = reported_of(measure, submission, standard, counties=counties)
        return verdicts_of(stated == condition.expected, ~np.isnan(stated))
    least, most = _between(condition, submission, standard, counties=counties)
    return np.asarray(np.minimum.reduce([_bounded(*pair, least, most) for pair in condition.bounds.items()]))


def _bounded(name: str, bound: object, least: Floats, most: Floats) -> Codes:
    """Return whether all numbers from the least to the most are within a bound."""
    limit = float(str(bound))
    # Both are figures as written, not results of a computation, and shortest decimals keep the order of floats.
    sure, possible = {
        "at_least": (least >= limit, most >= limit),
        "above": (least > limit, most > limit),
        "at_most": (most <= limit, least <= limit),
        "below": (most < limit, least < limit),
    }[name]
    return np.where(sure, MET, np.where(possible, UNKNOWN, NOT_MET))


def _between(
    condition: Condition, submission: Submission, standard: Standard, *, counties: bool
) -> tuple[Floats, Floats]:
    """Return the least and the most that the figure compared can be in each school or county."""
    if condition.largest:
        return _largest(condition, submission, standard)
    least = most = np.zeros(1)
    for name in condition.subject:
        measure = standard.measures[name]
        reported = reported_of(measure, submission, standard, counties=counties)
        unknown, reach = np.isnan(reported), measure.range
        lowest = -np.inf if reach is None or reach.least is None else float(reach.least)
        highest = np.inf if reach is None or reach.most is None else float(reach.most)
        least = least + np.where(unknown, lowest, reported)
        most = most + np.where(unknown, highest, reported)
    return least, most


def reported_of(measure: Measure, submission: Submission, standard: Standard, *, counties: bool = False) -> Floats:
    """Return a figure of each school, 0 where it is about a stage that the school lacks; or a fact of its county."""
    if measure.table == "facts":
        facts = submission.facts.numbers(measure.column)
        return facts if counties else facts[submission.schools.county]
    reported = submission.schools.numbers(measure.column)
    if measure.stage is None:
        return reported
    schools, stage = submission.schools, measure.stage
    # A stage that the type may have as an attached one is there only where its pupils are reported.
    lacks = does_not_run(schools.choices("type"), standard, stage) & ~attached(schools, standard, stage)
    return np.where(has_stage(schools, standard, stage) & ~lacks, reported, 0.0)


def _largest(condition: Condition, submission: Submission, standard: Standard) -> tuple[Floats, Floats]:
    """Return between what sizes the largest class of each school lies; without a class it has none, of 0."""
    classes, size = submission.tables["classes"], len(submission.schools)
    pupils = classes.numbers(standard.measures[condition.subject[0]].column)
    least = np.zeros(size)
    np.fmax.at(least, classes.school, pupils)
    whole = np.ones(size, bool)
    whole[classes.school[np.isnan(pupils)]] = False
    for stage in standard.stages:
        enrolled = reported_of(standard.measures[standard.head.scope.pupils[stage]], submission, standard)
        whole &= (enrolled == 0) | classes_listed(submission, standard, condition.classes, stage, enrolled)
    return least, np.where(whole, least, np.inf)


def classes_listed(
    submission: Submission, standard: Standard, declared: Mapping[Stage, MeasureId], stage: Stage, pupils: Floats
) -> Bools:
    """Return the schools whose classes of a stage are all in the list of classes.

    The list is whole once it contains all pupils, or as many classes as are stated. Where the classes of a
    school have no stage, it is complete for all of its stages or for none.
    """
    schools, classes = submission.schools, submission.tables["classes"]
    listed = np.zeros(len(schools), bool)
    if not len(classes):
        return listed
    here = classes.choices("stage") == standard.stages.index(stage)
    count, total, in_all = _counted(classes, here, classes.numbers("pupils"), len(schools))
    rows: Ints = np.flatnonzero(count)
    number = np.fmax(schools.numbers(declared[stage]), in_all)[rows]
    listed[rows] = (total[rows] >= pupils[rows]) | (count[rows] >= number)
    return listed | ~np.isnan(classes_of_no_stage(submission, standard, declared))


def classes_of_no_stage(submission: Submission, standard: Standard, declared: Mapping[Stage, MeasureId]) -> Floats:
    """Return the number of classes of each school whose list is complete and without stages; NaN for all others."""
    schools, classes = submission.schools, submission.tables["classes"]
    here = classes.choices("stage") == -1
    if not here.any():
        return np.broadcast_to(np.nan, len(schools))
    result = np.full(len(schools), np.nan)
    count, held, in_all = _counted(classes, here, np.nan_to_num(bounds_of(classes)[0]), len(schools))
    pupils, number = np.zeros(len(schools)), np.zeros(len(schools))
    for stage in standard.stages:
        pupils += reported_of(standard.measures[standard.head.scope.pupils[stage]], submission, standard)
        number += reported_of(standard.measures[declared[stage]], submission, standard)
    whole = (count > 0) & ((held >= pupils) | (count >= np.fmax(number, in_all)))
    result[whole] = count[whole]
    return result


def _counted(classes: Table, here: Bools, sizes: Floats, schools: int) -> tuple[Ints, Floats, Floats]:
    """Return of some classes how many each school has, their pupils, and how many are stated in all."""
    school, in_all = classes.school[here], np.full(schools, np.nan)
    np.fmax.at(in_all, school, classes.numbers("in_all")[here])
    held = np.bincount(school, weights=sizes[here], minlength=schools).astype(np.float64)
    return np.bincount(school, minlength=schools), held, in_all

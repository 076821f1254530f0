"""Which schools meet a condition: three-valued, for what is not reported may be anything that it can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.verdicts import MET, NOT_MET, UNKNOWN, Codes, verdicts_of
from balancedu.core.fields import MeasureId, Stage
from balancedu.core.model import Condition, Measure
from balancedu.core.standard import Standard
from balancedu.submission.attached import has_stage
from balancedu.submission.bands import bounds_of
from balancedu.submission.submission import Submission


def meets(condition: Condition, submission: Submission, standard: Standard, *, counties: bool = False) -> Codes:
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
    >>> meets(small, Submission(schools), load_standard("cn-2017"))
    array([2, 0, 1], dtype=int8)
    """
    if condition.parts:
        join = np.minimum if condition.all_of else np.maximum
        return np.asarray(
            join.reduce([meets(part, submission, standard, counties=counties) for part in condition.parts])
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
    """Return whether numbers that lie somewhere from the least to the most keep to a bound."""
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
    return np.where(has_stage(submission.schools, standard, measure.stage), reported, 0.0)


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

    The list is whole once it holds all pupils, or as many classes as are stated. Where the classes of a
    school do not say their stage, it is whole for all of its stages or for none.
    """
    schools, classes = submission.schools, submission.tables["classes"]
    listed = np.zeros(len(schools), bool)
    if not len(classes):
        return listed
    here = classes.choices("stage") == standard.stages.index(stage)
    count = np.bincount(classes.school[here], minlength=len(schools))
    total = np.bincount(classes.school[here], weights=classes.numbers("pupils")[here], minlength=len(schools))
    rows: Ints = np.flatnonzero(count)
    in_all = np.full(len(schools), np.nan)
    np.fmax.at(in_all, classes.school[here], classes.numbers("in_all")[here])
    number = np.fmax(schools.numbers(declared[stage]), in_all)[rows]
    listed[rows] = (total[rows] >= pupils[rows]) | (count[rows] >= number)
    return listed | ~np.isnan(classes_of_no_stage(submission, standard, declared))


def classes_of_no_stage(submission: Submission, standard: Standard, declared: Mapping[Stage, MeasureId]) -> Floats:
    """Return how many classes each school has whose list says no stage and is whole; NaN for every other school."""
    schools, classes = submission.schools, submission.tables["classes"]
    here = classes.choices("stage") == -1
    if not here.any():
        return np.broadcast_to(np.nan, len(schools))
    result = np.full(len(schools), np.nan)
    school, (least, _) = classes.school[here], bounds_of(classes)
    count = np.bincount(school, minlength=len(schools))
    held = np.bincount(school, weights=np.nan_to_num(least[here]), minlength=len(schools))
    in_all = np.full(len(schools), np.nan)
    np.fmax.at(in_all, school, classes.numbers("in_all")[here])
    pupils, number = np.zeros(len(schools)), np.zeros(len(schools))
    for stage in standard.stages:
        pupils += reported_of(standard.measures[standard.head.scope.pupils[stage]], submission, standard)
        number += reported_of(standard.measures[declared[stage]], submission, standard)
    whole = (count > 0) & ((held >= pupils) | (count >= np.fmax(number, in_all)))
    result[whole] = count[whole]
    return result


def awaited(condition: Condition, standard: Standard) -> Iterator[tuple[str, str]]:
    """Yield the table and column of everything that a condition rests on."""
    for name in condition.measures:
        measure = standard.measures[name]
        yield measure.table, measure.column

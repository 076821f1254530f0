"""Schools become sections: which stage of which school is judged, and by how many pupils it divides."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.compliance import written
from balancedu.calculator.groups import Floats, Ints, Segments
from balancedu.core.model import MeasureId, Stage
from balancedu.core.standard import Counted, Standard
from balancedu.submission.submission import Submission
from balancedu.submission.table import Table

REASONS = ("type", "few", "none")
"""Why a school or section is left out: its type does not count, it has too few pupils, or none at all."""


@attrs.frozen(eq=False)
class Sections:
    """The judged sections, stage by stage, within a stage in the order of county and school.

    Attributes
    ----------
    school : (n,) integer array
        The row of the schools table.
    county : (n,) integer array
        The position of the county.
    stage : (n,) int8 array
        The position of the stage in `stages`.
    pupils : (n,) float array
        NaN where not reported.
    shared : (n,) float array
        What a whole school's resource is divided by to give this section's value per pupil: the pupils of
        the school, each stage's counted by its weight relative to this stage's. NaN where the pupils of any
        of its stages are not reported.
    slices : tuple of slice
        Where each stage's sections stand.
    by_county : Segments
        The sections of each stage and county: group `stage * counties + county`.
    left_out_school, left_out_stage, left_out_reason : integer arrays
        Who is left out and why; stage -1 means the whole school.
    enrolled : mapping of stage to (schools,) float array
        The pupils of every school, judged or not, at each judged stage: 0 where its type lacks the stage.
    """

    stages: tuple[Stage, ...]
    school: Ints
    county: Ints
    stage: NDArray[np.int8]
    pupils: Floats
    shared: Floats
    slices: tuple[slice, ...]
    by_county: Segments
    left_out_school: Ints
    left_out_stage: Ints
    left_out_reason: Ints
    enrolled: Mapping[Stage, Floats]


def sections_of(submission: Submission, standard: Standard) -> Sections:
    """Return the sections that a standard judges.

    A section whose pupils are not reported stands: whether it counts is not known, and neither are its values.
    """
    schools, counties = submission.schools, len(submission.counties)
    types, kinds = schools.choices("type"), _kinds(standard)
    enrolled = at_stages(submission, standard, standard.head.scope.pupils)
    uncounted = np.flatnonzero(np.array([kind is None for kind in kinds])[types])
    kept: list[Ints] = []
    left = [(uncounted, np.full(uncounted.size, -1), np.zeros(uncounted.size, np.intp))]
    for position, stage in enumerate(standard.stages):
        has = np.array([kind is not None and stage in kind.weights for kind in kinds])[types]
        # No pupils is too few for every type.
        fewest = np.array([max(kind.fewest_pupils or 0, SOME) if kind else SOME for kind in kinds])[types]
        few = has & (enrolled[stage] < fewest)
        kept.append(np.flatnonzero(has ^ few))
        out = np.flatnonzero(few)
        left.append((out, np.full(out.size, position), np.where(enrolled[stage][out] == 0, 2, 1)))
    ends = np.cumsum([0, *(rows.size for rows in kept)])
    starts = [np.searchsorted(schools.county[rows], np.arange(counties)) + ends[n] for n, rows in enumerate(kept)]
    left_out = [np.concatenate(columns) for columns in zip(*left, strict=True)]
    school = np.concatenate(kept)
    return Sections(
        stages=standard.stages,
        school=school,
        county=schools.county[school],
        stage=np.repeat(np.arange(len(kept), dtype=np.int8), np.diff(ends)),
        pupils=np.concatenate([enrolled[stage][rows] for stage, rows in zip(standard.stages, kept, strict=True)]),
        shared=np.concatenate(
            [_shared(schools, standard, stage, rows) for stage, rows in zip(standard.stages, kept, strict=True)]
        ),
        slices=tuple(slice(a, b) for a, b in itertools.pairwise(ends.tolist())),
        by_county=Segments(np.concatenate([*starts, ends[-1:]])),
        left_out_school=left_out[0],
        left_out_stage=left_out[1],
        left_out_reason=left_out[2],
        enrolled=enrolled,
    )


SOME = np.nextafter(0.0, 1.0)
"""More than none."""


def _kinds(standard: Standard) -> list[Counted | None]:
    return [standard.counted(choice.id) for choice in standard.measures["type"].values]


def _shared(schools: Table, standard: Standard, stage: Stage, rows: Ints) -> Floats:
    pupils = standard.head.scope.pupils
    result = schools.numbers(pupils[stage])[rows]
    types = schools.choices("type")[rows]
    for position, kind in enumerate(_kinds(standard)):
        if kind is None or stage not in kind.weights or len(kind.weights) == 1:
            continue
        combined = np.flatnonzero(types == position)
        for other, weight in kind.weights.items():
            if other != stage:
                relative = float(Fraction(weight) / Fraction(kind.weights[stage]))
                result[combined] += relative * schools.numbers(pupils[other])[rows[combined]]
    return result


def exact_divisors(schools: Table, standard: Standard, stage: Stage, rows: Ints) -> list[tuple[Decimal, Decimal]]:
    """Return for schools the weight of the stage's pupils and the weighted pupils of the whole school, exactly.

    Their quotient, upside down, is what `Sections.shared` approximates. To be called with exact decimals in force.
    """
    columns = {s: schools.numbers(name)[rows].tolist() for s, name in standard.head.scope.pupils.items()}
    kinds, result = _kinds(standard), []
    for n, position in enumerate(schools.choices("type")[rows].tolist()):
        kind = kinds[position]
        if kind is None or len(kind.weights) == 1:
            result.append((Decimal(1), written(columns[stage][n])))
        else:
            parts = (weight * written(columns[other][n]) for other, weight in kind.weights.items())
            result.append((kind.weights[stage], sum(parts, Decimal(0))))
    return result


def at_stages(submission: Submission, standard: Standard, columns: Mapping[Stage, MeasureId]) -> dict[Stage, Floats]:
    """Return a figure of every school at each judged stage: 0 where its type lacks the stage, NaN where missing."""
    schools, kinds = submission.schools, standard.measures["type"].values
    types, result = schools.choices("type"), {}
    for stage in standard.stages:
        has = np.array([one.stages is None or stage in one.stages for one in kinds])
        result[stage] = np.where(has[types], schools.numbers(columns[stage]), 0.0)
    return result

"""Schools become sections: which stage of which school is judged, and by how many pupils it divides."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.compliance import exact
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


def sections_of(submission: Submission, standard: Standard) -> Sections:
    """Return the sections that a standard judges.

    A section whose pupils are not reported stands: whether it counts is not known, and neither are its values.
    """
    schools, scope = submission.schools, standard.head.scope
    types = schools.choices("type")
    kinds = [standard.counted(choice.id) for choice in standard.measures["type"].values]
    uncounted = np.flatnonzero(np.array([kind is None for kind in kinds])[types])
    rows, out_rows, out_stages, out_reasons = (
        [],
        [uncounted],
        [np.full(uncounted.size, -1)],
        [np.zeros_like(uncounted)],
    )
    for position, stage in enumerate(standard.stages):
        has = np.array([kind is not None and stage in kind.weights for kind in kinds])[types]
        fewest = np.array([kind.fewest_pupils or 0 if kind else 0 for kind in kinds])[types]
        pupils = schools.numbers(scope.pupils[stage])
        none, few = has & (pupils == 0), has & (pupils > 0) & (pupils < fewest)
        rows.append(np.flatnonzero(has & ~none & ~few))
        for reason, left in ((1, few), (2, none)):
            out_rows.append(np.flatnonzero(left))
            out_stages.append(np.full(out_rows[-1].size, position))
            out_reasons.append(np.full(out_rows[-1].size, reason))
    ends = np.cumsum([0, *(part.size for part in rows)])
    counties = len(submission.counties)
    starts = [np.searchsorted(schools.county[part], np.arange(counties)) + ends[n] for n, part in enumerate(rows)]
    school = np.concatenate(rows)
    return Sections(
        stages=standard.stages,
        school=school,
        county=schools.county[school],
        stage=np.repeat(np.arange(len(rows), dtype=np.int8), np.diff(ends)),
        pupils=np.concatenate(
            [schools.numbers(scope.pupils[s])[r] for s, r in zip(standard.stages, rows, strict=True)]
        ),
        shared=np.concatenate(
            [_shared(schools, standard, s, r, kinds) for s, r in zip(standard.stages, rows, strict=True)]
        ),
        slices=tuple(slice(a, b) for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)),
        by_county=Segments(np.concatenate([*starts, ends[-1:]])),
        left_out_school=np.concatenate(out_rows),
        left_out_stage=np.concatenate(out_stages),
        left_out_reason=np.concatenate(out_reasons),
    )


def _shared(schools: Table, standard: Standard, stage: Stage, rows: Ints, kinds: list[Counted | None]) -> Floats:
    pupils = standard.head.scope.pupils
    result = schools.numbers(pupils[stage])[rows]
    types = schools.choices("type")[rows]
    for position, kind in enumerate(kinds):
        if kind is None or stage not in kind.weights or len(kind.weights) == 1:
            continue
        combined = np.flatnonzero(types == position)
        for other, weight in kind.weights.items():
            if other != stage:
                relative = float(Fraction(weight) / Fraction(kind.weights[stage]))
                result[combined] += relative * schools.numbers(pupils[other])[rows[combined]]
    return result


def exact_shared(schools: Table, standard: Standard, stage: Stage, row: int) -> Fraction:
    """Return what `Sections.shared` holds for one school and stage, as a fraction."""
    pupils = standard.head.scope.pupils
    kind = standard.counted(standard.measures["type"].values[schools.choices("type")[row]].id)
    weights = kind.weights if kind else {}
    total = sum(
        (Fraction(weight) * exact(schools.numbers(pupils[other])[row]) for other, weight in weights.items()),
        Fraction(0),
    )
    return total / Fraction(weights[stage])


def at_stages(submission: Submission, standard: Standard, columns: Mapping[Stage, MeasureId]) -> dict[Stage, Floats]:
    """Return a figure of every school at each judged stage: 0 where its type lacks the stage, NaN where missing."""
    schools, types = submission.schools, standard.measures["type"].values
    result = {}
    for stage in standard.stages:
        has = np.array([one.stages is None or stage in one.stages for one in types])
        result[stage] = np.where(has[schools.choices("type")], schools.numbers(columns[stage]), 0.0)
    return result

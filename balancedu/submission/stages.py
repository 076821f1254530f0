"""Which stages a school has: those that its type runs, and those whose pupils are attached to it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools, Ints
from balancedu.core.fields import Stage
from balancedu.core.standard import Standard
from balancedu.submission.tables import Table

Rows = Ints | list[int] | slice
ALL_ROWS = slice(None)


def among(codes: NDArray[np.integer], wanted: Bools) -> Bools:
    """Return which codes are wanted ones, given for each code from 0 whether it is; negative codes are not."""
    result = np.zeros(codes.shape, bool)
    # Comparing small integers with one code after the other is faster than a look-up of each.
    for code in np.flatnonzero(wanted).tolist():
        result |= codes == code
    return result


def attached(schools: Table, standard: Standard, stage: Stage, rows: Rows = ALL_ROWS) -> Bools:
    """Return which schools report pupils of a stage that their type does not run and may have attached to it."""
    column, types = standard.head.scope.pupils.get(stage), schools.choices("type")[rows]
    if standard.head.scope.attached is None or column is None or column not in schools:
        return np.zeros(types.size, bool)
    return does_not_run(types, standard, stage) & (schools.numbers(column)[rows] > 0)


def has_stage(schools: Table, standard: Standard, stage: Stage, rows: Rows = ALL_ROWS) -> Bools:
    """Return which schools have a stage; those whose type is missing or unreadable may have any."""
    has = np.array([kind.stages is None or stage in kind.stages for kind in standard.measures["type"].values])
    types = schools.choices("type")[rows]
    return among(types, has) | (types < 0) | attached(schools, standard, stage, rows)


def with_attached(schools: Table, standard: Standard, rows: Rows = ALL_ROWS) -> Bools:
    """Return which schools have any attached stage."""
    return any_of([attached(schools, standard, stage, rows) for stage in standard.head.scope.pupils])


def any_of(columns: Iterable[Bools]) -> Bools:
    """Return where any of the columns is true."""
    return functools.reduce(np.bitwise_or, columns)


def does_not_run(types: NDArray[np.integer], standard: Standard, stage: Stage) -> Bools:
    """Return which of some types of school, by their positions, may have a stage only as an attached one."""
    return among(types, _may_attach(standard)[stage])


@functools.lru_cache(maxsize=16)
def _may_attach(standard: Standard) -> Mapping[Stage, Bools]:
    """Return for each stage which types of school may have it attached."""
    scope, types = standard.head.scope, standard.measures["type"].values
    allowed = scope.attached.types if scope.attached else ()
    return {
        stage: np.array([kind.id in allowed and not _runs(standard, kind.id, stage) for kind in types])
        for stage in scope.pupils
    }


def _runs(standard: Standard, kind: str, stage: Stage) -> bool:
    """Return whether a type of school runs a stage; a type that does not count runs no judged one."""
    included = standard.counted(kind)
    return stage in included.weights if included else stage not in standard.stages

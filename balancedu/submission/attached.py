"""Which stages a school has: those that its type runs, and those whose pupils are attached to it."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools
from balancedu.core.fields import Stage
from balancedu.core.standard import Standard
from balancedu.submission.tables import Table


def attached(schools: Table, standard: Standard, stage: Stage) -> Bools:
    """Return which schools report pupils of a stage that their type does not run and may have attached to it."""
    column = standard.head.scope.pupils.get(stage)
    if standard.head.scope.attached is None or column is None or column not in schools:
        return np.zeros(len(schools), bool)
    return _may_attach(standard)[stage][schools.choices("type")] & (schools.numbers(column) > 0)


def has_stage(schools: Table, standard: Standard, stage: Stage) -> Bools:
    """Return which schools have a stage; those whose type is missing or unreadable may have any."""
    types = standard.measures["type"].values
    has = np.array([kind.stages is None or stage in kind.stages for kind in types] + [True, True])
    return has[schools.choices("type")] | attached(schools, standard, stage)


def with_attached(schools: Table, standard: Standard) -> Bools:
    """Return which schools have any attached stage."""
    result = np.zeros(len(schools), bool)
    for stage in standard.head.scope.pupils:
        result |= attached(schools, standard, stage)
    return result


def does_not_run(types: NDArray[np.integer], standard: Standard, stage: Stage) -> Bools:
    """Return which of some types of school, by their positions, may have a stage only as an attached one."""
    may: Bools = _may_attach(standard)[stage][types]
    return may


@functools.lru_cache(maxsize=16)
def _may_attach(standard: Standard) -> Mapping[Stage, Bools]:
    """Return for each stage which types of school may have it attached; types missing or unreadable may not."""
    scope, types = standard.head.scope, standard.measures["type"].values
    allowed = scope.attached.types if scope.attached else ()
    return {
        stage: np.array([kind.id in allowed and not _runs(standard, kind.id, stage) for kind in types] + [False, False])
        for stage in scope.pupils
    }


def _runs(standard: Standard, kind: str, stage: Stage) -> bool:
    """Return whether a type of school runs a stage; a type that does not count runs no judged one."""
    included = standard.counted(kind)
    return stage in included.weights if included else stage not in standard.stages

"""The calculator in one call: figures per pupil in, judged by a standard."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from balancedu.calculator.groups import Ints
from balancedu.calculator.indicators import Judged, indicators
from balancedu.calculator.numbers import labelled
from balancedu.core.fields import Stage
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import ByStage
from balancedu.core.rules import CompositeWithin, SpreadWithin, WithinLimits
from balancedu.core.standard import Standard


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class JudgedValues(Judged):
    """Figures per pupil judged by a standard. Verdicts and standings are the codes of `Verdict` and `Standing`.

    Attributes
    ----------
    values : (n, indicators) float array
    standing : (n, indicators) int8 array
        2 meets the standard, 1 reaches the floor, 0 below it, -1 unknown, or no standard is set.
    section_verdicts : (n,) int8 array
        0 not met, 1 unknown, 2 met, 3 not applicable: a row without pupils, or a standard that judges no sections.
    mean, sd, cv : (counties, stages, indicators) float arrays
        NaN if a stage of a county has no section, and where a figure or its pupils are missing.
    spread_verdicts : (counties, stages, indicators) int8 array
    verdicts : (counties,) int8 array
        Each county's verdict on resources: its sections and its coefficients together.
    counties : tuple
        The labels of the counties in ascending order; one empty text where none were given.
    stages, indicators : tuple of str
        The ids of the standard.
    """

    counties: tuple[Any, ...]
    stages: tuple[Stage, ...]
    indicators: tuple[str, ...]


def judge_values(
    values: ArrayLike,
    pupils: ArrayLike,
    *,
    stage: str | ArrayLike,
    county: ArrayLike | None = None,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
) -> JudgedValues:
    """Judge figures per pupil of sections: a section is one stage of one school.

    Parameters
    ----------
    values : (n, k) array_like
        One row a section, one column an indicator of the standard, in its order and units. The columns of a frame
        may be in any order where they are named by the ids of the indicators. None, NaN and masked values are missing.
    pupils : (n,) array_like
        Pupils of each section. A row without pupils is not a section and is ignored.
    stage : str or (n,) array_like of str
        The stage of all rows, or of each.
    county : (n,) array_like, optional
        A label for each row; by default all rows are of one county.
    standard : id, path or Standard
        What the figures are judged by.

    Returns
    -------
    JudgedValues
        Standings, verdicts, means, deviations and coefficients, as arrays.

    Raises
    ------
    TypeError
        If values or pupils are not real numbers.
    ValueError
        If the shapes do not fit, a stage is not one of the standard, a figure is negative or infinite, or the standard
        of an indicator depends on more than the stage.
    UnknownStandardError, SpecErrors
        If the standard cannot be loaded.

    Notes
    -----
    The formulas are those of `balancedu.calculator.indicators.indicators`. Decisions at a limit are those of exact
    arithmetic on the numbers as written, as in `evaluate`. All other requirements of a standard, and relief, need a
    `Submission`.

    Examples
    --------
    One school is exactly on every standard, the other one half above.

    >>> standards = [float(entry.thresholds["primary"].value) for entry in load_standard().indicators.values()]
    >>> values = [standards, [1.5 * value for value in standards]]
    >>> judged = judge_values(values, [400, 400], stage="primary")
    >>> judged.standing.tolist(), judged.section_verdicts.tolist(), judged.verdicts.tolist()
    ([[2, 2, 2, 2, 2, 2, 2], [2, 2, 2, 2, 2, 2, 2]], [2, 2], [2])
    >>> judged.cv[0, 0].round(3).tolist()
    [0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2]
    """
    std = load_standard(standard)
    if several := [indicator.id for indicator in std.indicators.values() if indicator.instead]:
        raise ValueError(f"the standards of {', '.join(several)} depend on the school; use evaluate")
    table = _in_order(values, tuple(std.indicators))
    size = np.shape(table)[0]
    names, codes = [""], np.zeros(size, np.intp)
    if county is not None:
        codes, _ = labelled("county", county, size)
        names = np.unique(np.asarray(county)).tolist()
    judged = indicators(
        table,
        pupils,
        stage=_stages(stage, size, std.stages),
        county=codes,
        standards=_limits(std, [indicator.thresholds for indicator in std.indicators.values()]),
        floors=_limits(std, [std.floors.get(name, ByStage()) for name in std.indicators]),
        relations=[indicator.relation for indicator in std.indicators.values()],
        at_standard=std.section_rule.at_standard if std.section_rule else None,
        has_floor=std.section_rule is None or std.section_rule.floor_share is not None,
        limits=_limits(std, [_spread(std, SpreadWithin)] * len(std.indicators)),
        composite_limits=[row[0] for row in _limits(std, [_spread(std, CompositeWithin)])],
        weight=std.head.spread.weight,
    )
    arrays = {field.name: getattr(judged, field.name) for field in dataclasses.fields(judged)}
    return JudgedValues(**arrays, counties=tuple(names), stages=std.stages, indicators=tuple(std.indicators))


def _in_order(values: Any, names: tuple[str, ...]) -> Any:
    """Return a frame's columns in the order of the indicators; anything else as it is."""
    if set(names) <= set(getattr(values, "columns", ())):
        values = values[list(names)]
    shape = np.shape(values)
    if len(shape) != 2 or shape[1] != len(names):
        raise ValueError(f"values must have {len(names)} columns ({', '.join(names)}), got shape {shape}")
    return values


def _stages(stage: str | ArrayLike, size: int, stages: tuple[Stage, ...]) -> Ints:
    """Return the position of each row's stage among the stages of the standard."""
    names, codes = np.unique(np.full(size, stage) if isinstance(stage, str) else np.asarray(stage), return_inverse=True)
    unknown = [str(name) for name in names.tolist() if name not in stages]
    if unknown:
        raise ValueError(f"stage must be one of {', '.join(stages)}, found {', '.join(unknown)}")
    positions = np.array([stages.index(name) for name in names.tolist()], np.intp)
    return positions[codes]


def _spread(standard: Standard, kind: type[WithinLimits]) -> ByStage:
    rule = standard.rule_of(kind)
    return rule.thresholds if rule else ByStage()


def _limits(standard: Standard, columns: Sequence[ByStage]) -> list[list[Fraction | None]]:
    thresholds = ([column[stage] for column in columns] for stage in standard.stages)
    return [[threshold.fraction if threshold else None for threshold in row] for row in thresholds]

"""Where a figure comes from: every cell that it was read from."""

from __future__ import annotations

from collections.abc import Iterator

from balancedu.core.model import Stage
from balancedu.errors import nearest
from balancedu.evaluation.evaluation import Evaluation
from balancedu.explaining.addends import Addend
from balancedu.explaining.county import County
from balancedu.explaining.explain import explain
from balancedu.explaining.explanation import Input


def origin(
    evaluation: Evaluation,
    entry: str,
    *,
    school: str | None,
    stage: Stage | None,
    indicator: str | None,
) -> tuple[Addend, ...]:
    """Return the figures behind an indicator, item or measure; see `Evaluation.origin`."""
    standard = evaluation.standard
    if entry in standard.items or entry in standard.indicators:
        told = explain(evaluation, entry, school=school, stage=stage, indicator=indicator, lang="zh")
        inputs: Iterator[Input] = (one for step in told.steps for one in step.inputs)
    elif entry in standard.measures:
        inputs = iter((_reported(evaluation, entry, school),))
    else:
        known = (*standard.items, *standard.indicators, *standard.measures)
        raise KeyError(f"{standard.id} has no item, indicator or measure {entry!r}{nearest(entry, known)}")
    return tuple(dict.fromkeys(addend for one in inputs for addend in one.addends))


def _reported(evaluation: Evaluation, entry: str, school: str | None) -> Input:
    """Return a fact of the county, or a figure of a school."""
    if len(evaluation.counties) > 1:
        raise ValueError(f"a figure belongs to one county; say which, as in ev[{evaluation.counties[0]!r}]")
    county, measure = County(evaluation), evaluation.standard.measures[entry]
    if measure.table == "facts":
        return county.fact(measure.column)
    if measure.table != "schools":
        raise ValueError(f"{entry} stands in every row of {measure.table}; ask for the item that needs it")
    if school is None:
        raise ValueError(f"every school reports {entry}; say which, as in origin({entry!r}, school=…)")
    return county.input("schools", measure.column, county.school_row(school))

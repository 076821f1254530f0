"""The coefficients of variation that a standard limits: their limits, titles and verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.verdicts import NOT_APPLICABLE, Codes
from balancedu.core.fields import Stage, Title
from balancedu.core.rules import CompositeWithin, SpreadWithin, WithinLimits
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.text import Phrase

COMPOSITE = "composite"
"""The name of the mean of the coefficients where an indicator is named."""


def spread_limits(standard: Standard) -> Floats:
    """Return the limit of each stage, (stages,) float64; NaN where the standard sets none.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> spread_limits(load_standard("cn-2017"))
    array([0.5 , 0.45])
    """
    return _limits(standard, SpreadWithin)


def composite_limits(standard: Standard) -> Floats:
    """Return the limit of the mean of the coefficients of each stage, (stages,) float64; NaN where none is set.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> composite_limits(load_standard("cn-2012"))
    array([0.65, 0.55])
    """
    return _limits(standard, CompositeWithin)


def _limits(standard: Standard, kind: type[WithinLimits]) -> Floats:
    rule = standard.rule_of(kind)
    result = [rule.thresholds[stage] if rule else None for stage in standard.stages]
    return np.array([float(limit.value) if limit else np.nan for limit in result])


def judged_coefficients(standard: Standard) -> Iterator[tuple[Stage, str, float]]:
    """Yield every coefficient of a stage with its limit; the composite one where the standard judges it."""
    pairs = zip(spread_limits(standard).tolist(), composite_limits(standard).tolist(), strict=True)
    for stage, (limit, whole) in zip(standard.stages, pairs, strict=True):
        yield from ((stage, name, limit) for name in standard.indicators)
        if not math.isnan(whole):
            yield stage, COMPOSITE, whole


def coefficient_title(standard: Standard, name: str) -> Phrase:
    """Return what a coefficient is called: that of an indicator, or the composite one."""
    if name == COMPOSITE:
        return Title("综合", "composite")
    return standard.indicators[name].name


def limit_text(limit: float) -> str:
    """Return a limit of a coefficient for a table.

    Examples
    --------
    >>> limit_text(0.5), limit_text(np.nan)
    ('0.50', '–')
    """
    return "–" if np.isnan(limit) else f"{limit:.2f}"


def spread_verdicts(evaluation: Evaluation) -> Codes:
    """Return the verdict of each coefficient, (counties, stages, indicators) int8; not applicable where none is set."""
    standard, record = evaluation.standard, evaluation.record
    counties = [evaluation.submission.counties.index(county) for county in evaluation.counties]
    result = np.full(evaluation.cv.shape, NOT_APPLICABLE)
    by_id = {outcome.id: outcome.verdict for checks in record.outcomes.values() for outcome in checks}
    for n, stage in enumerate(standard.stages):
        for position, indicator in enumerate(standard.indicators):
            if f"{indicator}.{stage}" in by_id:
                result[:, n, position] = by_id[f"{indicator}.{stage}"][counties]
    return result


@attrs.frozen
class Coefficient:
    """A coefficient of variation of one county; `indicator` is `composite` for the mean of all."""

    stage: Stage
    indicator: str
    cv: float
    limit: float
    verdict: Verdict


def coefficients_of(evaluation: Evaluation, county: int, standard: Standard) -> Iterator[Coefficient]:
    """Yield the coefficients of a county that a standard limits, the composite one of a stage last."""
    stages, indicators, outcomes = evaluation.stages, evaluation.indicators, evaluation.record.outcomes
    verdicts, position = spread_verdicts(evaluation), evaluation.submission.counties.index(evaluation.counties[county])
    composite = {
        outcome.stage: outcome.verdict[position]
        for outcome in (check for checks in outcomes.values() for check in checks)
        if len(outcome.indicators) > 1
    }
    for stage, name, limit in judged_coefficients(standard):
        if stage not in stages or name not in (*indicators, COMPOSITE):
            continue
        n = stages.index(stage)
        if name == COMPOSITE:
            cv, code = float(evaluation.composite[county, n]), composite.get(stage, NOT_APPLICABLE)
        else:
            at = county, n, indicators.index(name)
            cv, code = float(evaluation.cv[at]), verdicts[at]
        yield Coefficient(stage, name, cv, limit, Verdict.of(code))

"""The limits of the coefficients of variation, and their verdicts, as arrays."""

from __future__ import annotations

import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.logic import UNKNOWN, Codes
from balancedu.core.rules import SpreadWithin
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation


def spread_limits(standard: Standard) -> Floats:
    """Return the limit of each stage, (stages,) float64; NaN where the standard sets none.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> spread_limits(load_standard("cn-2017"))
    array([0.5 , 0.45])
    """
    rules = (rule for item in standard.items.values() for rule in item.rules)
    rule = next((rule for rule in rules if isinstance(rule, SpreadWithin)), None)
    found = [rule.thresholds[stage] if rule else None for stage in standard.stages]
    return np.array([float(one.value) if one else np.nan for one in found])


def spread_verdicts(evaluation: Evaluation) -> Codes:
    """Return the verdict of each coefficient, (counties, stages, indicators) int8; UNKNOWN where there is no limit."""
    standard, record = evaluation.standard, evaluation.record
    counties = [evaluation.submission.counties.index(county) for county in evaluation.counties]
    result = np.full(evaluation.cv.shape, UNKNOWN)
    by_id = {outcome.id: outcome.verdict for checks in record.outcomes.values() for outcome in checks}
    for n, stage in enumerate(standard.stages):
        for position, indicator in enumerate(standard.indicators):
            if f"{indicator}.{stage}" in by_id:
                result[:, n, position] = by_id[f"{indicator}.{stage}"][counties]
    return result

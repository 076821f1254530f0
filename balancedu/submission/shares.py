"""Shares as the quotient of two sums of counts."""

from __future__ import annotations

import functools
import operator

import numpy as np
from numpy.typing import NDArray

from balancedu.core.model import Quotient, split_terms
from balancedu.submission.table import Table


def part_and_whole(table: Table, formula: Quotient) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two sums that a share is the quotient of; NaN where a count is not reported."""
    part, whole = (
        functools.reduce(operator.add, (sign * table.numbers(name) for sign, name in split_terms(terms)))
        for terms in (formula.part, formula.whole)
    )
    return part, whole


def quotient(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a share; NaN where a sum is not known or the whole is not above zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)

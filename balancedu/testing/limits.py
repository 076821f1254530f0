"""Figures exactly on a limit and right beside it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from balancedu.calculator.compliance import Relation
from balancedu.calculator.exactly import exact
from balancedu.core.model import Threshold

_MEETS: Mapping[Relation, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}


def on_limit(threshold: Threshold, *, unit: Decimal | None = None) -> SearchStrategy[float]:
    """Return figures on a threshold: exactly on it, and the nearest ones above and below.

    Parameters
    ----------
    threshold : Threshold
        A limit of a standard, as `load_standard("cn-2017").indicators["R4"].thresholds.primary`.
    unit : Decimal, optional
        One step of the figure; by default one unit of the last decimal with which the threshold is written.

    Returns
    -------
    SearchStrategy of float
        The limit, one unit above and below it, and the next float above and below it; none is negative.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from hypothesis import find
    >>> limit = Threshold("<=", Decimal("0.45"))
    >>> find(on_limit(limit), lambda figure: figure > 0.45)
    0.46
    >>> find(on_limit(limit, unit=Decimal("0.001")), lambda figure: figure < 0.45)
    0.449
    """
    last = int(threshold.value.as_tuple().exponent)
    return st.sampled_from(around(threshold.exact, Fraction(unit) if unit else Fraction(10) ** last))


def around(limit: Fraction, unit: Fraction) -> list[float]:
    """Return the figures of `on_limit`; the limit itself as exactly as a float can be written.

    Examples
    --------
    >>> around(Fraction("4.5"), Fraction("0.1"))
    [4.5, 4.6, 4.4, 4.500000000000001, 4.499999999999999]
    """
    at = float(limit)
    figures = (at, float(limit + unit), float(limit - unit), math.nextafter(at, math.inf), math.nextafter(at, 0))
    return [figure for figure in dict.fromkeys(figures) if figure >= 0]


def around_whole(limit: Fraction, relation: Relation) -> list[int]:
    """Return the whole numbers next to a limit, first the last one that keeps to it.

    Examples
    --------
    >>> around_whole(Fraction("36.8"), ">="), around_whole(Fraction(45), "<=")
    ([37, 38, 36], [45, 44, 46])
    """
    at, better = (math.ceil(limit), 1) if relation == ">=" else (math.floor(limit), -1)
    return [figure for figure in (at, at + better, at - better) if figure >= 0]


def meets(figure: float, relation: Relation, limit: Fraction) -> bool:
    """Return whether a figure, as written, keeps to a limit."""
    return _MEETS[relation](exact(figure), limit)

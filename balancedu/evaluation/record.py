"""Everything that was judged, in columns."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from balancedu.calculator.logic import Codes
from balancedu.evaluation.outcome import Basis, Outcome


@attrs.frozen(eq=False)
class Record:
    """Everything that was judged, in columns over all counties.

    Attributes
    ----------
    basis : Basis
    outcomes : mapping of item id to the checks of its rules
    items, parts : mapping of id to (counties,) int8 array
    verdicts : (counties,) int8 array
    """

    basis: Basis
    outcomes: Mapping[str, tuple[Outcome, ...]]
    items: Mapping[str, Codes]
    parts: Mapping[str, Codes]
    verdicts: Codes

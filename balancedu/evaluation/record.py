"""Everything that was judged, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs

from balancedu.calculator.logic import Codes
from balancedu.core.relief import strict_of
from balancedu.evaluation.outcome import Basis, Outcome


@attrs.frozen(eq=False, slots=False)
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

    @cached_property
    def strict(self) -> Record | None:
        """The same submission judged without any relief; None where the standard grants none."""
        from balancedu.evaluate import evaluate

        standard = strict_of(self.basis.standard)
        return None if standard is None else evaluate(self.basis.submission.submitted, standard).record

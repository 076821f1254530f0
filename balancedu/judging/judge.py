"""The one function that judges a rule; each kind of rule registers how."""

from __future__ import annotations

from functools import singledispatch

from balancedu.core.rules import Rule
from balancedu.evaluation.outcome import Basis, Outcome


@singledispatch
def judge(rule: Rule, basis: Basis) -> tuple[Outcome, ...]:  # noqa: ARG001
    """Return the checks of a rule, each for all counties at once.

    A kind of rule of your own registers its function with `@judge.register`.

    Raises
    ------
    TypeError
        If nothing judges this kind of rule.
    """
    raise TypeError(
        f"nothing judges rules of the kind {type(rule).__name__}; register a function for it with @judge.register"
    )

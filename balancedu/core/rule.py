"""What all kinds of rule have in common, and the names that YAML calls them by."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar, dataclass_transform

import attrs

from balancedu.core.model import Impossible, Known, described


class Rule:
    """Base of all kinds of rule."""

    __slots__ = ()

    @property
    def looks_at(self) -> Hashable:
        """The schools of which it looks at every one, and at what; None where it is not about single schools.

        Relief may take the place of a rule for some schools where both look at the same.
        """
        return None

    def contradictions(self, known: Known) -> Iterator[Impossible]:  # noqa: ARG002
        """Yield what does not fit the rest of the standard; a kind with something to say overrides this."""
        return iter(())


RULES: dict[str, type[Rule]] = {}
"""Every kind of rule by the name that YAML calls it."""

_Kind = TypeVar("_Kind", bound=type[Rule])


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, described))
def rule(name: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of rule that YAML may name.

    Raises
    ------
    ValueError
        If another class has the name: no package changes what an existing kind of rule means.
    """

    def register(cls: _Kind) -> _Kind:
        kind = attrs.frozen(cls)
        known = RULES.get(name, kind)
        if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
            problem = f"the rule {name!r} is {known.__module__}.{known.__qualname__} already"
            raise ValueError(problem)
        RULES[name] = kind
        return kind

    return register

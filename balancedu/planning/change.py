"""What every change is: a frozen class whose fields are the keys of the YAML."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, ClassVar, NewType, TypeVar, dataclass_transform

import attrs

from balancedu.core.model import Language, described
from balancedu.planning.draft import Draft

Value = NewType("Value", object)
"""Any plain value: a number, true or false, or a text."""


KINDS: dict[str, type[Change]] = {}
"""Every kind of change by the word that YAML calls it."""


_Kind = TypeVar("_Kind", bound="type[Change]")


@attrs.frozen
class Change(abc.ABC):
    """Base of all changes."""

    does: ClassVar[str] = ""
    county: str | None = described("the county; may be left out when there is one", default=None, kw_only=True)

    @abc.abstractmethod
    def apply(self, draft: Draft) -> None:
        """Make the change."""

    @abc.abstractmethod
    def said(self, lang: Language) -> str:
        """Return the change in words."""


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, described))
def kind(name: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of change that data may name."""

    def register(cls: _Kind) -> _Kind:
        cls.does = name
        made = attrs.frozen(cls)
        KINDS[name] = made
        return made

    return register


def listed_amounts(amounts: Mapping[str, Any], lang: Language) -> str:
    """Return amounts by measure in one line."""
    separator = "、" if lang == "zh" else ", "
    return separator.join(f"{name} {amount:f}" for name, amount in amounts.items())


Changes = str | PathLike[str] | Sequence[Mapping[str, Any] | Change]
"""A YAML file, or a list of changes as mappings or objects."""


@attrs.frozen
class Placed:
    """A change and where it stands."""

    change: Change
    place: str

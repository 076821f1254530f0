"""What ends within a year: of everything that comes with balancedu, and of what is named besides."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import attrs

from balancedu.core.finding import gather
from balancedu.core.ingredients import Ingredients
from balancedu.core.merging import merge
from balancedu.core.periods import Lapse, moved
from balancedu.core.reader import Problems
from balancedu.core.shipped import available_overlays, available_standards
from balancedu.errors import SpecErrors

YEAR = 365


def expiring(day: str, also: Sequence[str | PathLike[str] | Ingredients] = ()) -> tuple[Lapse, ...]:
    """Return what holds on a day, or begins later, and ends within a year from it; the earliest first.

    Parameters
    ----------
    day : str
        As `2024-05-31`.
    also : sequence of str, path or Ingredients
        Editions and overlays of your own, and what a standard is made of.

    Raises
    ------
    UnknownStandardError
        If there is no such folder or file.
    SpecErrors
        If one of the files cannot be read.
    """
    last = moved(day, YEAR)
    found: dict[Lapse, None] = {}
    for name in (*available_standards(), *available_overlays(), *also):
        made_of, problems = gather(name, ()), Problems()
        periods = merge(attrs.evolve(made_of, day=day), problems, nearest=True).periods
        if problems.found:
            raise SpecErrors(made_of.title, problems.found)
        found |= dict.fromkeys(one for one in periods if one.until is not None and day <= one.until <= last)
    return tuple(sorted(found, key=lambda one: (one.until or "", one.by, one.path)))

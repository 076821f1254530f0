"""Standards by id or path: read when asked for, never at import, and kept."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, datetime
from os import PathLike

import attrs

from balancedu.core.fields import is_day, no_day
from balancedu.core.finding import gather
from balancedu.core.ingredients import Ingredients
from balancedu.core.shipped import Entry, available_overlays, available_standards, shipped
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.phrase import Phrase

__all__ = [
    "DEFAULT_STANDARD",
    "Entry",
    "available_overlays",
    "available_standards",
    "day_of",
    "load_standard",
    "made",
    "shipped",
]

DEFAULT_STANDARD = "cn-2017"


def load_standard(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    overlays: Sequence[str | PathLike[str]] = (),
    on: str | date | None = None,
) -> Standard:
    """Return a standard as typed, frozen objects.

    Parameters
    ----------
    standard : str, path or Standard
        The id of an edition or overlay that comes with balancedu, the folder of your own edition, or the file of
        your own overlay; an overlay brings what it extends. A Standard is returned as it is, or, where overlays or
        a day are given, made anew with them.
    overlays : sequence of str or path
        Overlays by their id or file, in the order in which they are put onto the edition. What an overlay extends
        comes before it by itself.
    on : str or date, optional
        The day asked about, such as "2023-09-01"; left out, today. What has ended by then, or has not begun, is
        not applied: `expired` and `upcoming` of the standard say so.

    Returns
    -------
    Standard
        The same object when asked again, as long as the files have not changed.

    Raises
    ------
    UnknownStandardError
        If there is no such id and no such folder or file.
    RequestError
        If an overlay extends another edition, or the day is none.
    SpecErrors
        If the files have problems; it holds all of them.

    Examples
    --------
    >>> std = load_standard("cn-2017")
    >>> print(std.indicators["R4"].thresholds.primary)
    ≥ 4.5
    """
    if isinstance(overlays, str):
        raise TypeError(f"overlays must be a list; write overlays=[{overlays!r}]")
    if isinstance(standard, Standard):
        return standard if not overlays and on is None else _kept(gather(standard.made_of, overlays), day_of(on))
    return _kept(gather(standard, overlays), day_of(on))


def made(made_of: Ingredients) -> Standard:
    """Return the standard that follows from files, the same one for the same files."""
    return _kept(made_of, made_of.day)


def day_of(on: str | date | None) -> str:
    """Return the day meant; empty where none is given."""
    if isinstance(on, date):
        return (on.date() if isinstance(on, datetime) else on).isoformat()
    if on is not None and not is_day(on):
        raise RequestError(Phrase("参数 `on` ", "on ") + no_day(on))
    return on or ""


def _kept(made_of: Ingredients, day: str) -> Standard:
    """Return a standard on a day; where nothing depends on the day, the same for all."""
    asked = day or made_of.day or date.today().isoformat()
    return _built(attrs.evolve(made_of, day=asked if _dated(attrs.evolve(made_of, day="")) else ""))


@functools.lru_cache(maxsize=64)
def _dated(made_of: Ingredients) -> bool:
    # PyYAML is imported with these modules: importing balancedu reads nothing and needs no YAML.
    from balancedu.core.merging import turning_days_of

    return bool(turning_days_of(made_of))


@functools.lru_cache(maxsize=32)
def _built(made_of: Ingredients) -> Standard:
    from balancedu.core.builder import build

    return build(made_of, strictly=made)

"""Reads a standard strictly and tries it on random submissions, for the tests of its authors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from os import PathLike

from balancedu.core.fields import Title
from balancedu.core.loading import load_standard
from balancedu.core.standard import Standard
from balancedu.errors import MissingExtraError, UnsoundStandardError
from balancedu.testing.forgotten import Fault, forgotten
from balancedu.text import Phrase

SUBMISSIONS = 40
"""How many submissions of each sort a standard is tried on: a few seconds, and enough for rare cases to come up."""


def check_standard(
    standard: str | PathLike[str] | Standard,
    *,
    overlays: Sequence[str | PathLike[str]] = (),
    on: str | date | None = None,
    submissions: int = SUBMISSIONS,
) -> Standard:
    """Return a standard after checking it; for the tests of authors of editions and overlays.

    Everything is read strictly, and the standard is tried on submissions drawn at random: every rule must give a
    verdict and its reason in both languages, no decision may depend on what is not reported, and relief may make
    nothing worse.

    Parameters
    ----------
    standard : id, path or Standard
        The folder of an edition, the file of an overlay, or an id.
    overlays, on
        As for `load_standard`.
    submissions : int
        How many submissions of each sort are drawn, always the same ones; with 0, the files are only read, and
        hypothesis is not needed.

    Raises
    ------
    UnknownStandardError, SpecErrors
        If it cannot be read; with every problem of every file.
    UnsoundStandardError
        If it can be read and is not sound; with every fault. Warnings do not count.
    MissingExtraError
        If submissions are to be drawn and hypothesis is not installed.

    Examples
    --------
    >>> from balancedu.testing import check_standard
    >>> check_standard("cn-2017", submissions=2).id
    'cn-2017'
    """
    std = load_standard(standard, overlays, on)
    result = [fault for fault in faults(std, submissions=submissions) if fault.severity == "error"]
    if result:
        raise UnsoundStandardError(std.id, [fault.text("en") for fault in result])
    return std


def faults(standard: Standard, *, submissions: int = SUBMISSIONS) -> Iterator[Fault]:
    """Yield everything that is wrong with a standard that could be read.

    Examples
    --------
    >>> list(faults(load_standard("cn-2017"), submissions=0))
    []
    """
    yield from _not_applied(standard)
    yield from forgotten(standard)
    if submissions:
        try:
            from balancedu.testing.trials import tried
        except ImportError as error:
            raise MissingExtraError(
                "hypothesis", "testing", Phrase("用随机数据试算标准", "trying a standard on submissions")
            ) from error
        yield from tried(standard, submissions)


def _not_applied(standard: Standard) -> Iterator[Fault]:
    """Yield what was not checked because it is not in force on the day."""
    for lapse in standard.lapses:
        day = lapse.from_ if not lapse.over else lapse.until
        zh, en = f"{lapse.text('zh')}；要核对它，请用 --on {day}", f"{lapse.text('en')}; to check it, use --on {day}"
        yield Fault(lapse.path, Title(zh, en), "warning")

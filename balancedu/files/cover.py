"""The standard that the cover of a workbook names; a workbook made for another standard is refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

import attrs

from balancedu.core.loading import DEFAULT_STANDARD, available_overlays, available_standards, load_standard
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, DataError
from balancedu.files.layout import AS_OF, COVER, EDITION, NAMED, OVERLAY
from balancedu.files.sheet import Sheet, text_of
from balancedu.files.vocabulary import split_unit, vocabulary
from balancedu.submission.arrange import COLUMN, FACT, unknown_of, without
from balancedu.submission.problems import Problems
from balancedu.text import NO_WORDS, Phrase, listed

_ID = "([A-Za-z0-9._-]+)"
_NAMED = tuple(
    re.compile(re.escape(text).replace(r"\{\}", "(.+?)", 1).replace(r"\{\}", _ID, 1).replace(r"\{\}", ".+"))
    for text in (NAMED.zh, NAMED.en)
)
_MOST_ROWS = 40
_MOST_SHOWN = 3


@attrs.frozen
class MadeFor:
    """What the cover of a workbook names: an edition, its overlays and their day."""

    edition: str
    overlays: tuple[str, ...] = ()
    day: str = ""

    @classmethod
    def of(cls, standard: Standard) -> MadeFor:
        """Return what the cover of a standard's own workbook names."""
        return cls(standard.head.id, tuple(standard.overlays), standard.day or "")

    @property
    def text(self) -> Phrase:
        """The name of the standard, and the day."""
        name = "+".join((self.edition, *self.overlays))
        day = Phrase(f"（适用日期{self.day}）", f" (as of {self.day})") if self.day else NO_WORDS
        return Phrase(f"“{name}”", name) + day

    @property
    def own(self) -> tuple[str, ...]:
        """What of it does not come with balancedu."""
        known = {*available_standards(), *available_overlays()}
        return tuple(name for name in (self.edition, *self.overlays) if name not in known)

    @property
    def standard(self) -> Standard | None:
        """The standard; None if it does not come with balancedu, for a cover may name any file."""
        with suppress(BalanceduError, ValueError):
            return None if self.own else load_standard(self.edition, self.overlays, self.day or None)
        return None

    @property
    def hint(self) -> Phrase:
        """How a workbook is read by this standard: in a command, and in Python."""
        words = [f"--overlay {overlay}" for overlay in self.overlays] + [f"--on {self.day}"] * bool(self.day)
        if self.edition != DEFAULT_STANDARD or not self.overlays:
            words.insert(0, f"--standard {self.edition}")
        options, argument = " ".join(words), f'"{self.edition}"'
        if self.overlays or self.day:
            overlays = ", ".join(f'"{overlay}"' for overlay in self.overlays)
            argument += f", [{overlays}]" if overlays else ""
            argument = f"load_standard({argument}" + (f', on="{self.day}")' if self.day else ")")
        hint = Phrase(
            f"请加上“{options}”，在程序里写“standard={argument}”",
            f"read it with {options}, in Python standard={argument}",
        )
        if self.own:
            names = listed(self.own)
            hint += Phrase(
                f"，其中{names.zh}不是随软件附带的，要写文件名",
                f"; write the file in place of {names.en}, which does not come with balancedu",
            )
        return hint


def made_for(sheet: Sheet) -> MadeFor | None:
    """Return the standard that a cover names; None if it names none."""
    if sheet.name not in (COVER.zh, COVER.en):
        return None
    named: dict[str, list[str]] = {EDITION.en: [], OVERLAY.en: [], AS_OF.en: []}
    with suppress(DataError):  # a cover that cannot be read to its end is none of what a county reports
        for _, cells in itertools.islice(sheet.rows(), _MOST_ROWS):
            label, text = [*map(text_of, cells), "", ""][:2]
            title = next((title for title in (EDITION, OVERLAY, AS_OF) if label in (title.zh, title.en)), None)
            if title is OVERLAY:
                text = next((match[2] for pattern in _NAMED if (match := pattern.fullmatch(text))), "")
            if title and text:
                named[title.en].append(text)
    editions, overlays, days = named.values()
    return MadeFor(editions[0], tuple(overlays), next(iter(days), "")) if editions else None


def refuse_another_standard(made: Mapping[str, MadeFor], problems: Problems, unread: Sequence[DataError]) -> bool:
    """Put one error in place of all others where a workbook was made for another standard and cannot be read by this.

    What is read by another standard on purpose, and fits, is no fault; a column that neither knows is shown unchanged.

    Parameters
    ----------
    made : mapping of file to MadeFor
    problems : Problems
    unread : sequence of DataError
        Columns that were left out, as the errors that they would be.
    """
    read_by = MadeFor.of(problems.standard)
    for file, cover in made.items():
        errors = [error for error in (*problems.found, *unread) if error.place.startswith(f"{file} ")]
        unknown = list(filter(_is_unknown, errors)) if cover != read_by else []
        if unknown and (other := cover.standard):
            unknown = [error for error in unknown if _is_known(error, other)]
        if not unknown:
            continue
        columns = list(dict.fromkeys(error.column for error in unknown))
        some, more = listed(columns[:_MOST_SHOWN]), len(columns) - _MOST_SHOWN
        problem = Phrase(
            f"这个工作簿是按{cover.text.zh}制作的，现在按{read_by.text.zh}读，认不出{some.zh}",
            f"the workbook was made for {cover.text.en}, and is read by {read_by.text.en}, which does not know "
            f"{some.en}",
        )
        if more > 0:
            problem += Phrase(f"等{len(columns)}项", f" and {more} more")
        problems.found.clear()
        problems.note(unknown[0].table, file, "", problem, cover.hint)
        return True
    return False


def _is_known(error: DataError, standard: Standard) -> bool:
    """Return whether a standard has a column or fact that another standard lacks."""
    words, name = vocabulary(standard, error.table), error.column.rpartition(" > ")[2]
    return words.knows(name) or words.knows(split_unit(name)[0])


def _is_unknown(error: DataError) -> bool:
    """Return whether a column or fact is not known, and no overlay states that it dropped it."""
    return any(error.kind == unknown_of(word).en and error.hint != without(word).en for word in (COLUMN, FACT))

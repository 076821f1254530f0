"""Which standard a workbook was made for, as its cover says, and what cannot be read because another one reads it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

import attrs

from balancedu.core.loading import DEFAULT_STANDARD, available_overlays, available_standards, load_standard
from balancedu.core.model import Title
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, DataError
from balancedu.phrase import NO_WORDS, Phrase, listed
from balancedu.submission.layout import COVER, DAY, EDITION, NAMED, OVERLAY
from balancedu.submission.problems import Problems
from balancedu.submission.raw import COLUMN, FACT, unknown_of, without
from balancedu.submission.reading.opened import Opened
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.reading.stacked import text_of
from balancedu.submission.reading.units import split_unit
from balancedu.submission.reading.vocabulary import vocabulary

_ID = "([A-Za-z0-9._-]+)"
_NAMED = tuple(
    re.compile(re.escape(one).replace(r"\{\}", "(.+?)", 1).replace(r"\{\}", _ID, 1).replace(r"\{\}", ".+"))
    for one in (NAMED.zh, NAMED.en)
)
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
    def said(self) -> Phrase:
        """The name of the standard, and the day."""
        name = "+".join((self.edition, *self.overlays))
        day = Phrase(f"（适用日期{self.day}）", f" (as of {self.day})") if self.day else NO_WORDS
        return Phrase(f"“{name}”", name) + day

    @property
    def own(self) -> tuple[str, ...]:
        """What of it does not come with balancedu."""
        known = {*available_standards(), *available_overlays()}
        return tuple(one for one in (self.edition, *self.overlays) if one not in known)

    @property
    def standard(self) -> Standard | None:
        """The standard; None where it does not come with balancedu, for a cover may name any file."""
        with suppress(BalanceduError, ValueError):
            return None if self.own else load_standard(self.edition, self.overlays, self.day or None)
        return None

    @property
    def options(self) -> str:
        """What a command is told, so that it reads by this standard."""
        edition = f"--standard {self.edition}"
        words = [edition] if self.edition != DEFAULT_STANDARD or not self.overlays else []
        return " ".join(
            [*words, *(f"--overlay {one}" for one in self.overlays), *([f"--on {self.day}"] * bool(self.day))]
        )

    @property
    def argument(self) -> str:
        """What a function is told, so that it reads by this standard."""
        if not self.overlays and not self.day:
            return f'standard="{self.edition}"'
        quoted = ", ".join(f'"{one}"' for one in self.overlays)
        more = f", [{quoted}]" if self.overlays else ""
        return f'standard=load_standard("{self.edition}"{more}' + (f', on="{self.day}")' if self.day else ")")


def made_for(sheet: Sheet, standard: Standard) -> MadeFor | None:
    """Return the standard that a cover names; None where it names none."""
    if sheet.name not in (COVER.zh, COVER.en):
        return None
    # A cover that cannot be read to its end is none of what a county reports.
    rows = Opened.of(sheet, Problems(standard)).top
    said = list(itertools.chain.from_iterable(_line([text_of(cell) for cell in cells]) for _, cells in rows))
    edition = next((text for what, text in said if what is EDITION), "")
    overlays = tuple(text for what, text in said if what is OVERLAY)
    return MadeFor(edition, overlays, next((text for what, text in said if what is DAY), "")) if edition else None


def _line(texts: list[str]) -> Iterator[tuple[Title, str]]:
    """Yield what a line of the cover says of the standard."""
    label, text = [*texts, "", ""][:2]
    what = next((one for one in (EDITION, OVERLAY, DAY) if label in (one.zh, one.en)), None)
    if what is OVERLAY:
        found = next((match for match in (one.fullmatch(text) for one in _NAMED) if match), None)
        text = found[2] if found else ""
    if what and text:
        yield what, text


def refuse_another_standard(made: Mapping[str, MadeFor], problems: Problems) -> bool:
    """Put one error in place of all others where a workbook was made for another standard and cannot be read by this.

    What is read by another standard on purpose, and fits, is no fault; a column that neither knows is told as it is.
    """
    for file, one in made.items():
        if one == MadeFor.of(problems.standard):
            continue
        unknown = [error for error in problems.found if error.place.startswith(f"{file} ") and _is_unknown(error)]
        if other := one.standard if unknown else None:
            unknown = [error for error in unknown if _is_known(error, other)]
        if unknown:
            problems.found.clear()
            _refuse(file, one, unknown, problems)
            return True
    return False


def _is_known(error: DataError, standard: Standard) -> bool:
    """Return whether a standard knows the column or fact that another one does not."""
    words, name = vocabulary(standard, error.table), error.column.rpartition(" > ")[2]
    return words.knows(name) or words.knows(split_unit(name)[0])


def _is_unknown(error: DataError) -> bool:
    """Return whether a column or fact is not known, and no overlay says that it dropped it."""
    return any(error.kind == unknown_of(word).en and error.hint != without(word).en for word in (COLUMN, FACT))


def _refuse(file: str, made: MadeFor, unknown: list[DataError], problems: Problems) -> None:
    columns = list(dict.fromkeys(error.column for error in unknown))
    shown, more, read_by = listed(columns[:_MOST_SHOWN]), len(columns) - _MOST_SHOWN, MadeFor.of(problems.standard).said
    problem = Phrase(
        f"这个工作簿是按{made.said.zh}制作的，现在按{read_by.zh}读，认不出{shown.zh}",
        f"the workbook was made for {made.said.en}, and is read by {read_by.en}, which does not know {shown.en}",
    )
    if more > 0:
        problem += Phrase(f"等{len(columns)}项", f" and {more} more")
    hint = Phrase(
        f"请加上“{made.options}”，在程序里写“{made.argument}”",
        f"read it with {made.options}, in Python {made.argument}",
    )
    if made.own:
        names = listed(made.own)
        hint += Phrase(
            f"，其中{names.zh}不是随软件附带的，要写文件名",
            f"; write the file in place of {names.en}, which does not come with balancedu",
        )
    problems.note(unknown[0].table, file, "", problem, hint)

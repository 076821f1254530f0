"""What would follow: changes made to a copy of a county, which is judged again and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Heading, Paragraph, Result, column
from balancedu.errors import DataError, DataErrors
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.planning.changes import CannotChangeError, Changes, Draft, Placed
from balancedu.planning.compare import Comparison, compare
from balancedu.submission.submission import Submission

if TYPE_CHECKING:
    pass


_WORDS: dict[str, dict[Language, str]] = {
    "changes": {"zh": "假设", "en": "Changes"},
    "verdict": {"zh": "全县判定", "en": "The county's verdict"},
}


@attrs.frozen
class WhatIf(Result):
    """A county after changes, judged again.

    Attributes
    ----------
    submission : Submission
        The changed copy.
    evaluation : Evaluation
        How it is judged.
    comparison : Comparison
        Every decision that changed, and why.
    """

    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    made: tuple[Placed, ...] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The tables of the comparison, and the changes in their order."""
        made = {
            "do": column([one.change.does for one in self.made], str),
            "place": column([one.place for one in self.made], str),
            "said_zh": column([one.change.said("zh") for one in self.made], str),
            "said_en": column([one.change.said("en") for one in self.made], str),
        }
        return {**self.comparison.tables, "made": made}

    def single_values(self) -> dict[str, Any]:
        """Return the verdicts before and after."""
        return {
            "verdicts_before": {county: one.name for county, one in self.comparison.before.verdicts.items()},
            "verdicts_after": {county: one.name for county, one in self.evaluation.verdicts.items()},
        }

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the changes, the verdict, and what changed."""
        yield Heading(_WORDS["changes"][lang])
        for number, one in enumerate(self.made, 1):
            yield Paragraph(f"{number}. {one.change.said(lang)}")
        yield Heading(_WORDS["verdict"][lang])
        for county, after in self.evaluation.verdicts.items():
            before = self.comparison.before.verdicts[county]
            yield Paragraph(f"{county}  {before.said(lang)} → {after.said(lang)}")
        yield from self.comparison.blocks(lang)


def what_if(
    submission: Submission, changes: Changes, standard: str | PathLike[str] | Standard = DEFAULT_STANDARD
) -> WhatIf:
    """Return how a county would be judged after changes, and every decision that changes.

    Parameters
    ----------
    submission : Submission
        Stays as it is; the changes are made to a copy, in their order.
    changes : path of a YAML file, or list of mappings
        Each has a key `do`: add, transfer, move_pupils, resize, set, merge, close, open, build_rooms,
        divide_classes or state; see the guide for their keys.
    standard : id, path or Standard

    Returns
    -------
    WhatIf

    Raises
    ------
    DataErrors
        With every change that cannot be understood, or the first that the county does not allow, each with its
        place.

    Examples
    --------
    >>> import balancedu as be
    >>> after = be.what_if(be.example("failing"), [
    ...     {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
    ... ])
    >>> found = after.comparison.changes
    >>> sorted(zip(found["level"].tolist(), found["school"].tolist(), found["direction"].tolist()))
    [('indicator', '007', 'better'), ('section', '007', 'better')]
    """
    # The reader comes with the YAML library, which importing balancedu does without.
    from balancedu.planning.changes import read_changes

    placed = read_changes(changes)
    draft = Draft.of(submission)
    for one in placed:
        try:
            one.change.apply(draft)
        except CannotChangeError as error:
            path = f"{one.change.does}.{error.field}"
            raise DataErrors([DataError("changes", one.place, path, error.problem, error.hint)]) from error
    changed = draft.done()
    before, after = evaluate(submission, standard), evaluate(changed, standard)
    return WhatIf(changed, after, compare(before, after, schools=_merged(placed)), tuple(placed))


def _merged(placed: list[Placed]) -> dict[str, str]:
    """Return where the pupils of schools that are no more went."""
    from balancedu.planning.changes import Close, Merge

    moved: dict[str, str] = {}
    for one in placed:
        if isinstance(one.change, Merge):
            moved |= dict.fromkeys(one.change.schools, one.change.into)
        elif isinstance(one.change, Close) and one.change.to:
            moved[one.change.school] = one.change.to
    # A school that took in others may itself have gone later.
    for school in moved:
        while moved[school] in moved:
            moved[school] = moved[moved[school]]
    return moved

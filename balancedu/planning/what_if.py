"""What would follow: changes made to a copy of a county, which is judged again and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from balancedu.core.fields import Language
from balancedu.document import Block, Columns, Heading, Paragraph, Result, columns_of
from balancedu.errors import DataError, DataErrors
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.planning.changes import Change, ChangeError, Changes, Draft, read_changes
from balancedu.planning.compare import Comparison, compare, county_title
from balancedu.submission.submission import Submission
from balancedu.text import Phrase

_WORDS: dict[str, dict[Language, str]] = {
    "changes": {"zh": "测算条件", "en": "Changes"},
    "verdict": {"zh": "全县判定", "en": "The county's verdict"},
}


@attrs.frozen
class Made:
    """A change that was made: where it was read, and what it did in words."""

    change: Change
    place: str
    words: Phrase


@attrs.frozen(eq=False)
class WhatIf(Result):
    """A county after changes, judged again.

    Attributes
    ----------
    submission : Submission
        The changed copy.
    evaluation : Evaluation
        How it is judged, by the standard of the evaluation before.
    comparison : Comparison
        Every decision that changed, and why.
    made : tuple of Made
        The changes in their order.
    """

    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    made: tuple[Made, ...] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The tables of the comparison, and the changes in their order."""
        rows = ((made.change.does, made.place, made.words) for made in self.made)
        made = columns_of(rows, do=str, place=str, words=Phrase)
        return {**self.comparison.tables, "made": made}

    def single_values(self) -> dict[str, Any]:
        """Return the verdicts before and after."""
        return {
            "verdicts_before": {county: verdict.name for county, verdict in self.comparison.before.verdicts.items()},
            "verdicts_after": {county: verdict.name for county, verdict in self.evaluation.verdicts.items()},
        }

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the changes, the verdict, and what changed."""
        yield Heading(_WORDS["changes"][lang])
        for number, made in enumerate(self.made, 1):
            yield Paragraph(f"{number}. {made.words.text(lang)}")
        yield Heading(_WORDS["verdict"][lang])
        for county, after in self.evaluation.verdicts.items():
            before = self.comparison.before.verdicts[county]
            name = county_title(self.evaluation, county).text(lang)
            yield Paragraph(f"{name}  {before.text(lang)} → {after.text(lang)}")
        yield from self.comparison.blocks(lang)


def what_if(evaluation: Evaluation, changes: Changes) -> WhatIf:
    """Return how a county would be judged after changes, and every decision that changes.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county or many; its submission stays as it is, the changes are made to a copy, in their order.
    changes : Path of a YAML file, or list of mappings
        Each has a key `do`: add, transfer, move_pupils, resize, set, merge, close, open, build_rooms,
        divide_classes, arrange_classes or state; see the guide for their keys. Kinds, keys, schools, measures,
        stages and types may be written in Chinese as well.

    Returns
    -------
    WhatIf
        The evaluation after the changes, what was done, and the comparison with the evaluation before.

    Raises
    ------
    DataErrors
        With every change that cannot be understood, or the first that the county does not allow, each with its
        place.
    TypeError
        If `changes` is a text: a file is named by a Path.

    Examples
    --------
    >>> import balancedu as be
    >>> after = be.what_if(be.evaluate(be.example("failing")), [
    ...     {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
    ... ])
    >>> found = after.comparison.changes
    >>> sorted(zip(found["level"].tolist(), found["school"].tolist(), found["direction"].tolist()))
    [('indicator', '007', 'better'), ('section', '007', 'better')]
    >>> print(after.made[0].words.zh)
    安和县青杨教学点增加小学县级以上骨干教师数1人
    """
    draft, made = Draft.of(evaluation.submission), []
    for placed in read_changes(changes):
        try:
            made.append(Made(placed.change, placed.place, placed.change.apply(draft)))
        except ChangeError as error:
            path = f"{placed.change.does}.{error.field}"
            raise DataErrors([DataError("changes", placed.place, path, error.problem, error.hint)]) from error
    after = evaluate(draft.done(), evaluation.standard)
    if evaluation.counties != after.counties and len(evaluation.counties) == 1:
        after = after[evaluation.counties[0]]
    comparison = compare(evaluation, after, schools=_merged(draft))
    return WhatIf(after.submission, after, comparison, tuple(made))


def _merged(draft: Draft) -> dict[str, str]:
    """Return where the pupils of schools that are no more ended up."""
    moved = {}
    for school, taker in draft.successors.items():
        # A school that took in others may itself have gone later.
        last = taker
        while last in draft.successors:
            last = draft.successors[last]
        moved[school] = last
    return moved

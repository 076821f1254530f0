"""Rules make items, items make parts, parts make the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

import numpy as np

from balancedu.calculator.verdicts import MET, UNKNOWN, Codes, all_of, at_least_k
from balancedu.core.loading import load_standard
from balancedu.core.standard import Part, Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Record
from balancedu.judging.indicators import measure
from balancedu.judging.relief import judge_item, settled
from balancedu.submission.submission import Submission, refuse_other_meanings


def judge_submission(submission: Submission, standard: str | PathLike[str] | Standard | None = None) -> Evaluation:
    """Return what `balancedu.evaluate` returns, which documents it."""
    if not isinstance(submission, Submission):
        raise TypeError(
            f"evaluate needs a Submission, found {type(submission).__name__}; for a folder write "
            f"balancedu.read_submission(folder), for tables balancedu.Submission(schools=...)"
        )
    std = submission.standard if standard is None else load_standard(standard)
    refuse_other_meanings(submission, std)
    basis = measure(submission.judged, std)
    outcomes = {item.id: judge_item(item, basis) for item in std.items.values()}
    items = {item: all_of([outcome.verdict for outcome in checks]) for item, checks in outcomes.items()}
    parts = {part.id: _part_met(part, items) for part in std.parts.values()}
    verdicts = all_of([parts[part] for part in std.head.verdict.all_of])
    basis = settled(basis, (outcome for checks in outcomes.values() for outcome in checks))
    return Evaluation(Record(basis, outcomes, items, parts, verdicts), judge_submission)


def _part_met(part: Part, items: Mapping[str, Codes]) -> Codes:
    """Return the verdict of a part: all of its items must be met, or as many as it says."""
    verdicts = [items[item.id] for item in part.items]
    if part.items_needed is None:
        return all_of(verdicts)
    # What does not apply counts as met, as in a part of which all is needed.
    met = np.sum([verdict >= MET for verdict in verdicts], axis=0)
    unknown = np.sum([verdict == UNKNOWN for verdict in verdicts], axis=0)
    return at_least_k(met, unknown, part.items_needed)

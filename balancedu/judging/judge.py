"""Rules make items, items make parts, parts make the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.calculator.verdicts import MET, UNKNOWN, Codes, all_of, at_least_k
from balancedu.core.loading import load_standard
from balancedu.core.rules import Relief
from balancedu.core.standard import Item, Part, Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Basis, CaseColumns, Outcome, Record
from balancedu.judging.indicators import basis_of
from balancedu.judging.rules import judge_where_it_applies, needs_of
from balancedu.submission.sections import condition_verdicts
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
    basis = basis_of(submission.judged, std)
    outcomes = {item.id: judge_item(item, basis) for item in std.items.values()}
    items = {item: all_of([outcome.verdict for outcome in checks]) for item, checks in outcomes.items()}
    parts = {part.id: _verdict_of_part(part, items) for part in std.parts.values()}
    verdicts = all_of([parts[part] for part in std.head.verdict.all_of])
    basis = settled(basis, (outcome for checks in outcomes.values() for outcome in checks))
    return Evaluation(Record(basis, outcomes, items, parts, verdicts), judge_submission)


def _verdict_of_part(part: Part, items: Mapping[str, Codes]) -> Codes:
    """Return the verdict of a part: all of its items must be met, or the required number."""
    verdicts = [items[item.id] for item in part.items]
    if part.items_needed is None:
        return all_of(verdicts)
    # What does not apply counts as met, as in a part of which all is needed.
    met = np.sum([verdict >= MET for verdict in verdicts], axis=0)
    unknown = np.sum([verdict == UNKNOWN for verdict in verdicts], axis=0)
    return at_least_k(met, unknown, part.items_needed)


def judge_item(item: Item, basis: Basis) -> tuple[Outcome, ...]:
    """Return the checks of an item, each for all counties at once, with all the relief that the item grants."""
    outcomes = tuple(
        attrs.evolve(outcome, rule=rule) for rule in item.rules for outcome in judge_where_it_applies(rule, basis)
    )
    if basis.without_relief is not None:
        strict = (outcome for rule in item.rules for outcome in judge_where_it_applies(rule, basis.without_relief))
        outcomes = tuple(_better(entry, other) for entry, other in zip(outcomes, strict, strict=True))
    for relief in item.reliefs:
        relaxed = (outcome for rule in relief.rules for outcome in judge_where_it_applies(rule, basis))
        when = condition_verdicts(relief.when, basis.submission, basis.standard)
        pairs = zip(outcomes, relaxed, strict=True)
        outcomes = tuple(_eased(basis, outcome, other, relief, when) for outcome, other in pairs)
    return outcomes


def _better(relaxed: Outcome, strict: Outcome) -> Outcome:
    """Return a check of coefficients without relief where it comes out better so.

    Relief may be taken, and need not: what more a school counts can also make it less like the others.
    """
    if not relaxed.indicators:
        return relaxed
    smaller = (relaxed.verdict == strict.verdict) & (strict.observed < relaxed.observed)
    without = (relaxed.verdict < strict.verdict) | smaller
    return attrs.evolve(
        relaxed,
        verdict=np.where(without, strict.verdict, relaxed.verdict),
        observed=np.where(without, strict.observed, relaxed.observed),
        judged_without=without,
    )


def settled(basis: Basis, outcomes: Iterable[Outcome]) -> Basis:
    """Return the basis with the mean, deviation and coefficient that were judged, so that no other is shown."""
    if basis.without_relief is None:
        return basis
    without, standard = np.zeros(basis.cv.shape, bool), basis.standard
    indicators = list(standard.indicators)
    for outcome in outcomes:
        if outcome.judged_without is not None and outcome.stage is not None:
            columns = [indicators.index(indicator) for indicator in outcome.indicators]
            without[:, standard.stages.index(outcome.stage), columns] |= outcome.judged_without[:, None]
    pairs = {name: (getattr(basis.without_relief, name), getattr(basis, name)) for name in ("mean", "sd", "cv")}
    spread = {name: np.where(without, strict, relaxed) for name, (strict, relaxed) in pairs.items()}
    for figures in spread.values():
        figures.flags.writeable = False
    return attrs.evolve(basis, **spread, judged_without=without)


def _eased(basis: Basis, strict: Outcome, relaxed: Outcome, relief: Relief, when: Codes) -> Outcome:
    """Return a check in which the schools that meet the condition of relief have the better of the two verdicts."""
    if strict.cases is None or relaxed.cases is None:
        problem = f"relief {relief.id} is not about single schools"
        raise TypeError(problem)
    cases, other, met = strict.cases, relaxed.cases, when[strict.cases.school]
    verdict = np.maximum(cases.verdict, np.minimum(met, other.verdict))
    # Where the relief is for a school that needs it, its limit is the one shown.
    shown = (met == MET) & (cases.verdict < MET)
    waiting = np.where((met == UNKNOWN) & (verdict == UNKNOWN), UNKNOWN, MET)

    def columns(rows: Ints) -> CaseColumns:
        stricter, easier, eased = cases.make(rows), other.make(rows), shown[rows]
        return stricter._replace(
            observed=np.where(eased, easier.observed, stricter.observed),
            required=np.where(eased, easier.required, stricter.required),
        )

    waits = (*cases.waits, (waiting, needs_of(relief.when, basis)))
    eased = attrs.evolve(cases, verdict=verdict, make=columns, waits=waits)
    least = Outcome.of_cases(basis, strict.id, strict.title, ">=", strict.display, eased, strict.unit)
    return attrs.evolve(strict, verdict=least.verdict, cases=eased)

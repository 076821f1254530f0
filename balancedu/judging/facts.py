"""How rules about the county's own figures and statements are judged."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from balancedu.calculator.compliance import holds
from balancedu.calculator.exactly import exact
from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.logic import NOT_APPLICABLE, verdicts_of
from balancedu.core.model import Measure, Quotient, split_terms
from balancedu.core.rules import FactAtLeast, FactNotBelow, ShareAtLeast, Stated
from balancedu.evaluation.outcome import Basis, Need, Outcome
from balancedu.judging.judge import judge
from balancedu.submission.shares import part_and_whole, quotient
from balancedu.submission.table import Table


@judge.register
def _(rule: Stated, basis: Basis) -> tuple[Outcome, ...]:
    facts = basis.submission.facts
    outcomes = []
    for fact in rule.facts:
        stated = facts.numbers(fact)
        verdict = verdicts_of(stated == rule.expected, ~np.isnan(stated))
        required = np.full(stated.size, float(rule.expected))
        title = basis.standard.measures[fact].title
        outcomes.append(Outcome(fact, title, "is", "yes_no", verdict, stated, required, needs=(Need("facts", fact),)))
    return tuple(outcomes)


@judge.register
def _(rule: FactAtLeast, basis: Basis) -> tuple[Outcome, ...]:
    observed = basis.submission.facts.numbers(rule.fact)
    required = np.full(observed.size, float(rule.at_least))
    return (_compared(basis, rule.fact, observed, required, (rule.fact,)),)


@judge.register
def _(rule: FactNotBelow, basis: Basis) -> tuple[Outcome, ...]:
    facts = basis.submission.facts
    observed, required = facts.numbers(rule.fact), facts.numbers(rule.not_below)
    return (_compared(basis, rule.fact, observed, required, (rule.fact, rule.not_below)),)


def _compared(basis: Basis, fact: str, observed: Floats, required: Floats, needs: tuple[str, ...]) -> Outcome:
    # Both are figures as written, not results of a computation, and shortest decimals keep the order of floats.
    with np.errstate(invalid="ignore"):
        verdict = verdicts_of(observed >= required, ~np.isnan(observed) & ~np.isnan(required))
    measure = basis.standard.measures[fact]
    named = tuple(Need("facts", name) for name in needs)
    return Outcome(fact, measure.title, ">=", "other", verdict, observed, required, measure.unit, named)


@judge.register
def _(rule: ShareAtLeast, basis: Basis) -> tuple[Outcome, ...]:
    facts, measure = basis.submission.facts, basis.standard.measures[rule.share]
    stated, formula = facts.numbers(rule.share), measure.quotient
    if formula is None:
        observed, counted, nobody = stated, np.zeros(stated.size, bool), np.zeros(stated.size, bool)
    else:
        part, whole = part_and_whole(facts, formula)
        counted = ~np.isnan(part + whole)
        nobody = counted & (whole <= 0)
        observed = np.where(counted, quotient(part, whole), stated)

    def excess(near: Ints) -> list[Fraction]:
        return [_exact_share(facts, formula, counted, stated, row) - Fraction(rule.at_least) for row in near.tolist()]

    verdict = verdicts_of(holds(observed, ">=", float(rule.at_least), excess), ~np.isnan(observed))
    if rule.when_nobody == "not_applicable":
        verdict[nobody] = NOT_APPLICABLE
    if rule.when_not_reported == "not_applicable":
        verdict[_not_reported(facts, measure)] = NOT_APPLICABLE
    required = np.full(observed.size, float(rule.at_least))
    needs = tuple(Need("facts", name) for name in _counts(measure)) or (Need("facts", rule.share),)
    return (Outcome(rule.share, measure.title, ">=", "percent", verdict, observed, required, None, needs),)


def _exact_share(
    facts: Table,
    formula: Quotient | None,
    counted: Bools,
    stated: Floats,
    row: int,
) -> Fraction:
    if formula is None or not counted[row]:
        return exact(stated[row])
    part, whole = (
        sum((sign * exact(facts.numbers(name)[row]) for sign, name in split_terms(terms)), Fraction(0))
        for terms in (formula.part, formula.whole)
    )
    return part / whole


def _counts(measure: Measure) -> tuple[str, ...]:
    formula = measure.quotient
    return tuple(name for _, name in split_terms((*formula.part, *formula.whole))) if formula else ()


def _not_reported(facts: Table, measure: Measure) -> Bools:
    absent = [np.isnan(facts.numbers(name)) for name in (measure.id, *_counts(measure))]
    return np.asarray(np.logical_and.reduce(absent))

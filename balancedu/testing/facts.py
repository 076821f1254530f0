"""What a county states: each rule about its facts is given something to judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import singledispatch

from balancedu.calculator.exactly import exact
from balancedu.core.model import Measure, Quotient, split_terms
from balancedu.core.rules import FactAtLeast, FactNotBelow, Rule, ShareAtLeast, Stated
from balancedu.testing.pen import Pen, Row, fitting, possible, respect_parts

_PEOPLE = 2100
"""As many as counts of people go."""
_YUAN = range(600, 1700)
"""Sums of money, as in life."""


def draw_facts(pen: Pen) -> Row:
    """Return the facts of one county."""
    facts: Row = {}
    for item in pen.standard.items.values():
        for rule in item.rules:
            _state(rule, pen, facts)
    measures = pen.standard.table_measures("facts")
    shares = {measure.id for measure in measures.values() if measure.quotient}
    counts = {name for one in measures.values() if one.quotient for name in one.quotient.measures}
    for column, measure in measures.items():
        if column not in facts and column not in shares | counts and measure.type != "text":
            facts[column] = pen.pick(_YUAN) if measure.type == "number" else pen.anything(measure)
    facts |= {column: possible(measures[column], value) for column, value in facts.items()}
    respect_parts(facts, measures)
    for measure in measures.values():
        _state_too(pen, facts, measure)
    return facts


@singledispatch
def _state(rule: Rule, pen: Pen, facts: Row) -> None:
    """Choose the facts that a rule asks for; other kinds of rule ask for none."""


@_state.register
def _(rule: Stated, pen: Pen, facts: Row) -> None:
    for fact in rule.facts:
        facts[fact] = rule.expected if pen.good else pen.pick((rule.expected, rule.expected, not rule.expected))


@_state.register
def _(rule: FactAtLeast, pen: Pen, facts: Row) -> None:
    figure = pen.figure(">=", rule.threshold.exact)
    facts[rule.fact] = fitting(pen.standard.measures[rule.fact], figure)


@_state.register
def _(rule: FactNotBelow, pen: Pen, facts: Row) -> None:
    measures = pen.standard.measures
    other = facts.setdefault(rule.not_below, fitting(measures[rule.not_below], pen.pick(_YUAN)))
    facts[rule.fact] = fitting(measures[rule.fact], pen.figure(">=", exact(other)))


@_state.register
def _(rule: ShareAtLeast, pen: Pen, facts: Row) -> None:
    measure = pen.standard.measures[rule.share]
    if measure.quotient is None or pen.pick(("counts", "stated")) == "stated":
        facts[rule.share] = pen.figure(">=", Fraction(rule.at_least), Fraction(1, 1000))
        return
    _count(pen, facts, measure.quotient, Fraction(rule.at_least))


def _count(pen: Pen, facts: Row, formula: Quotient, at_least: Fraction) -> None:
    """Choose the counts that make a share."""
    whole, part = split_terms(formula.whole), split_terms(formula.part)
    people = pen.whole(1 if pen.good else 0, _PEOPLE)
    _complete(pen, facts, whole, people, people // 9)
    target = pen.count(">=", at_least * max(0, _total(facts, whole)))
    _complete(pen, facts, part, target, people // 9)
    if len(part) == len(whole) == 1:
        facts[part[0][1]] = min(facts[part[0][1]], facts[whole[0][1]])


def _complete(pen: Pen, facts: Row, terms: Sequence[tuple[int, str]], total: int, most: int) -> None:
    """Choose the counts that are not chosen yet, so that they come to a total if they can."""
    free = next((name for sign, name in terms if sign > 0 and name not in facts), None)
    for _, name in terms:
        if name not in facts and name != free:
            facts[name] = pen.whole(0, most)
    if free is not None:
        rest = sum(sign * facts[name] for sign, name in terms if name != free)
        facts[free] = max(0, total - rest)


def _total(facts: Row, terms: Sequence[tuple[int, str]]) -> int:
    return sum(sign * facts[name] for sign, name in terms)


def _state_too(pen: Pen, facts: Row, measure: Measure) -> None:
    """State a share beside its counts, as the form prints it, or leave it to them."""
    formula = measure.quotient
    if formula is None or any(name not in facts for name in formula.measures):
        return
    facts.pop(measure.id, None)
    part, whole = (_total(facts, split_terms(terms)) for terms in (formula.part, formula.whole))
    if whole <= 0 or part < 0 or not pen.yes():
        return
    digits = 10 ** (pen.standard.head.precision.percent + 2)
    stated = float(Fraction(math.floor(Fraction(part, whole) * digits + Fraction(1, 2)), digits))
    # What is not the whole must not be stated as the whole, nor what cannot be.
    if (stated != 1 or part == whole) and possible(measure, stated) == stated:
        facts[measure.id] = stated

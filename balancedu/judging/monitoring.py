"""How the rule about national monitoring is judged."""

from __future__ import annotations

import attrs
import numpy as np

from balancedu.calculator.compliance import Relation
from balancedu.calculator.groups import Floats
from balancedu.calculator.logic import NOT_APPLICABLE, UNKNOWN, Codes, verdicts_of
from balancedu.core.rules import MonitoredSubjects
from balancedu.evaluation.outcome import Basis, Cases, Form, Need, Outcome
from balancedu.judging.judge import judge


@judge.register
def _(rule: MonitoredSubjects, basis: Basis) -> tuple[Outcome, ...]:
    level, rate = basis.standard.measures[rule.level], basis.standard.measures[rule.rate]
    table = basis.submission.tables[level.table]
    needed = [choice.id for choice in level.values].index(rule.level_at_least)
    positions, rates = table.choices(level.column), table.numbers(rate.column)
    reached = verdicts_of(positions >= needed, positions >= 0)
    # The rate and its limit are figures as written, and shortest decimals keep the order of floats.
    even = verdicts_of(rates < float(rule.rate_below), ~np.isnan(rates))
    # Levels count from 1, as they are called.
    levels = np.where(positions < 0, np.nan, positions + 1.0)
    return (
        _outcome(basis, rule.level, ">=", "level", reached, levels, needed + 1.0),
        _outcome(basis, rule.rate, "<", "coefficient", even, rates, float(rule.rate_below)),
    )


def _outcome(
    basis: Basis, name: str, relation: Relation, form: Form, verdict: Codes, observed: Floats, required: float
) -> Outcome:
    measure, rows = basis.standard.measures[name], np.arange(observed.size)
    cases = Cases(
        table=measure.table,
        row=rows,
        school=np.full(rows.size, -1),
        county=basis.submission.tables[measure.table].county,
        stage=np.full(rows.size, -1, np.int8),
        verdict=verdict,
        observed=observed,
        required=np.full(rows.size, required),
        needs=(Need(measure.table, measure.column),),
        by_county=basis.submission.segments(measure.table),
    )
    outcome = Outcome.of_cases(basis, name, measure.title, relation, form, cases, measure.unit)
    # No subject at all is not a subject passed.
    return attrs.evolve(outcome, verdict=np.where(outcome.verdict == NOT_APPLICABLE, UNKNOWN, outcome.verdict))

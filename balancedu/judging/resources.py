"""How the rules of the indicators are judged: every section complies, every spread is within its limit."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from fractions import Fraction

import attrs
import numpy as np

from balancedu.calculator.compliance import holds
from balancedu.calculator.dispersion import squared_coefficient
from balancedu.calculator.exactly import exact, roots_beyond
from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.calculator.logic import MET, NOT_APPLICABLE, UNKNOWN, Codes, verdicts_of
from balancedu.core.model import Indicator, Stage, Threshold, Title, split_terms
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.judging.judge import judge
from balancedu.judging.measuring import exact_values

SUM_SLACK = 2.0**-30
"""More than the rounding of a sum over the sections of a county, relative to the sum."""


@judge.register
def _(rule: SectionsComply, basis: Basis) -> tuple[Outcome, ...]:
    sections, counties = basis.sections, len(basis.submission.counties)
    cases = Cases(
        table="sections",
        row=np.arange(sections.school.size),
        school=sections.school,
        county=sections.county,
        stage=sections.stage,
        verdict=basis.section_verdicts,
        observed=(basis.standing == 2).sum(axis=0, dtype=np.int8).astype(np.float64),
        required=np.broadcast_to(float(rule.at_standard), sections.school.size),
        needs=_needs(basis),
        by_county=sections.by_county,
    )
    outcome = Outcome.of_cases(basis, "sections", rule.quantity, ">=", "other", cases, rule.unit)
    # A county without a section has shown nothing.
    verdict = np.where(outcome.verdict == NOT_APPLICABLE, UNKNOWN, outcome.verdict)
    complying = sections.by_county.sum((cases.verdict == MET).astype(np.float64))
    complying, judged = (
        figures.reshape(-1, counties).sum(axis=0, dtype=np.float64)
        for figures in (complying, sections.by_county.counts)
    )
    return (attrs.evolve(outcome, verdict=verdict, observed=complying, required=judged),)


def _needs(basis: Basis) -> tuple[Need, ...]:
    columns = dict.fromkeys(
        name
        for indicator in basis.standard.indicators.values()
        for stage in basis.standard.stages
        for _, name in split_terms(indicator.terms(stage))
    )
    return tuple(Need("schools", column) for column in columns)


def _limited_stages(
    rule: SpreadWithin | CompositeWithin, basis: Basis
) -> Iterator[tuple[int, Stage, Threshold, Bools]]:
    """Yield each stage that has a limit: its position, its limit, and the counties without a section in it."""
    counts = basis.sections.by_county.counts.reshape(len(basis.sections.stages), -1)
    for n, stage in enumerate(basis.sections.stages):
        limit = rule.thresholds[stage]
        if limit is not None:
            yield n, stage, limit, counts[n] == 0


@judge.register
def _(rule: SpreadWithin, basis: Basis) -> tuple[Outcome, ...]:
    outcomes = []
    for n, stage, limit, empty in _limited_stages(rule, basis):
        for position, indicator in enumerate(basis.standard.indicators.values()):
            observed = basis.cv[:, n, position]
            verdict = _within(basis, indicator, n, limit, observed)
            verdict[empty] = NOT_APPLICABLE
            outcomes.append(
                Outcome(
                    id=f"{indicator.id}.{stage}",
                    title=_joined(basis.standard.head.stage_titles[stage], indicator.name),
                    relation="<=",
                    form="coefficient",
                    verdict=verdict,
                    observed=observed,
                    required=np.full(observed.size, float(limit.value)),
                    indicators=(indicator.id,),
                    stage=stage,
                )
            )
    return tuple(outcomes)


@judge.register
def _(rule: CompositeWithin, basis: Basis) -> tuple[Outcome, ...]:
    outcomes = []
    for n, stage, limit, empty in _limited_stages(rule, basis):
        known = ~np.isnan(basis.cv[:, n])
        # No coefficient is below zero: those that are not known can only add to the others.
        least = np.where(known, basis.cv[:, n], 0.0).sum(axis=1) / len(basis.standard.indicators)
        above = _above(basis, n, limit, least)
        complete = known.all(axis=1)
        verdict = verdicts_of(~above, above | complete)
        verdict[empty] = NOT_APPLICABLE
        outcomes.append(
            Outcome(
                id=f"composite.{stage}",
                title=_joined(basis.standard.head.stage_titles[stage], rule.quantity),
                relation="<=",
                form="coefficient",
                verdict=verdict,
                observed=np.where(above | complete, least, np.nan),
                required=np.full(least.size, float(limit.value)),
                indicators=tuple(basis.standard.indicators),
                stage=stage,
            )
        )
    return tuple(outcomes)


def _above(basis: Basis, stage: int, limit: Threshold, least: Floats) -> Bools:
    """Return where the mean of the coefficients that are known exceeds the limit, the others taken for zero."""
    indicators = list(basis.standard.indicators.values())

    def excess(near: Ints) -> list[Fraction]:
        total = limit.exact * len(indicators)
        return [Fraction(roots_beyond(_squares(county), total)) for county in near.tolist()]

    def _squares(county: int) -> list[Fraction]:
        known = np.flatnonzero(~np.isnan(basis.cv[county, stage]))
        return [_exact_square(basis, indicators[n], stage, county) for n in known.tolist()]

    return holds(least, ">", float(limit.value), excess, slack=SUM_SLACK)


def _within(basis: Basis, indicator: Indicator, stage: int, limit: Threshold, observed: Floats) -> Codes:
    def excess(near: Ints) -> list[Fraction]:
        return [_exact_square(basis, indicator, stage, county) - limit.exact**2 for county in near.tolist()]

    met = holds(observed, "<=", float(limit.value), excess, slack=SUM_SLACK)
    return verdicts_of(met, ~np.isnan(observed))


def _exact_square(basis: Basis, indicator: Indicator, stage: int, county: int) -> Fraction:
    """Return the square of a coefficient that is known, as a fraction: roots are not exact, squares are."""
    sections = basis.sections
    group = stage * len(basis.submission.counties) + county
    rows = np.arange(sections.by_county.starts[group], sections.by_county.starts[group + 1])
    pairs = zip(*exact_values(basis.resources, basis.standard, sections, indicator, rows), strict=True)
    values = [Fraction(amount, pupils) for amount, pupils in pairs]
    by_pupils = basis.standard.head.spread.weight == "pupils"
    weights = [exact(sections.pupils[row]) if by_pupils else Fraction(1) for row in rows.tolist()]
    square = squared_coefficient(values, weights)
    return Fraction(0) if square is None else square


@functools.lru_cache(maxsize=128)
def _joined(stage: Title, name: Title) -> Title:
    return Title(f"{stage.zh}{name.zh}", f"{stage.en} {name.en}")

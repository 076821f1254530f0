"""Holds an evaluation against the exact oracle, decision by decision."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from oracle import INDICATORS, STAGES, CountyVerdict, judge

import balancedu as be

Tables = dict[str, Any]

CLOSE = Fraction(1, 10**12)
LEFT_OUT = {"type": "type_not_judged", "few": "under_50_pupils", "none": "no_pupils", "campus": "campus"}


def evaluated(tables: Tables) -> be.Evaluation:
    """Evaluate plain tables by the standard in force."""
    return be.evaluate(be.Submission(**tables))


def close(number: float, exact: Fraction | None, scale: Fraction | int = 0) -> bool:
    """Return whether a float is the exact number, up to rounding; NaN means None."""
    if exact is None or math.isnan(number):
        return exact is None and math.isnan(number)
    # Fractions take long, and most numbers are the float nearest to the exact one.
    return number == float(exact) or abs(Fraction(number) - exact) <= CLOSE * max(abs(exact), scale)


def assert_as_the_oracle_says(tables: Tables) -> None:
    """Compare values, coefficients and verdicts of every county."""
    evaluation, judged = evaluated(tables), judge(tables)

    assert list(evaluation.counties) == list(judged)
    for county, wanted in judged.items():
        result = evaluation[county]
        _compare_sections(result, wanted)
        _compare_spread(result, wanted)
        assert {item: str(finding.verdict) for item, finding in result.items.items()} == wanted.items
        assert {part: str(verdict) for part, verdict in result.parts.items()} == wanted.parts
        assert str(result.verdict) == wanted.verdict


def _compare_sections(evaluation: be.Evaluation, wanted: CountyVerdict) -> None:
    columns = evaluation.sections
    units = list(zip(columns["school"].tolist(), columns["stage"].tolist(), strict=True))
    assert units == [(section.school, section.stage) for section in wanted.sections]
    for n, section in enumerate(wanted.sections):
        assert close(float(columns["pupils"][n]), section.pupils), section
        for i, indicator in enumerate(INDICATORS):
            value = float(evaluation.values[n, i])
            assert close(value, section.values[indicator]), (section.school, section.stage, indicator, value)
        assert dict(zip(INDICATORS, evaluation.standing[n].tolist(), strict=True)) == section.standings, section
        assert str(be.Verdict.of(evaluation.section_verdicts[n])) == section.verdict, section
    excluded = [(entry.school, entry.stage, LEFT_OUT[entry.reason]) for entry in evaluation.excluded]
    assert sorted(excluded, key=str) == sorted(wanted.excluded, key=str)


def _compare_spread(evaluation: be.Evaluation, wanted: CountyVerdict) -> None:
    for s, stage in enumerate(STAGES):
        for i, indicator in enumerate(INDICATORS):
            key = stage, indicator
            mean, square = wanted.mean[key], wanted.cv_squared[key]
            cv = None if square is None else Fraction(math.sqrt(square))
            assert close(float(evaluation.mean[0, s, i]), mean), key
            assert close(float(evaluation.cv[0, s, i]), cv, scale=1), key
            if mean is None or cv is not None:
                sd = None if mean is None or cv is None else mean * cv
                assert close(float(evaluation.sd[0, s, i]), sd, scale=mean or 0), key
    checks = {check.id: str(check.verdict) for check in evaluation.items["R-spread"].checks}
    assert checks == {f"{indicator}.{stage}": verdict for (stage, indicator), verdict in wanted.spread.items()}

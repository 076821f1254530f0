"""Holds an evaluation against the exact oracle, decision by decision."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from oracle import INDICATORS, STAGES, CountyVerdict, judge

import balancedu as be

Tables = dict[str, Any]

CLOSE = Fraction(1, 10**12)
LEFT_OUT = {"type": "type_not_judged", "few": "under_50_pupils", "none": "no_pupils"}


def evaluated(tables: Tables) -> be.Evaluation:
    """Evaluate plain tables by the standard in force."""
    return be.evaluate(be.Submission(**tables))


def close(found: float, exact: Fraction | None, scale: Fraction | int = 0) -> bool:
    """Return whether a float is the exact number, up to rounding; NaN stands for None."""
    if exact is None or math.isnan(found):
        return exact is None and math.isnan(found)
    return abs(Fraction(found) - exact) <= CLOSE * max(abs(exact), scale)


def assert_as_the_oracle_says(tables: Tables) -> None:
    """Compare values, coefficients and verdicts of every county."""
    evaluation, judged = evaluated(tables), judge(tables)

    assert list(evaluation.counties) == list(judged)
    for county, wanted in judged.items():
        found = evaluation[county]
        _compare_sections(found, wanted)
        _compare_spread(found, wanted)
        assert {item: str(finding.verdict) for item, finding in found.items.items()} == wanted.items
        assert {part: str(verdict) for part, verdict in found.parts.items()} == wanted.parts
        assert str(found.verdict) == wanted.verdict


def _compare_sections(found: be.Evaluation, wanted: CountyVerdict) -> None:
    columns = found.sections
    units = list(zip(columns["school"].tolist(), columns["stage"].tolist(), strict=True))
    assert units == [(section.school, section.stage) for section in wanted.sections]
    for n, section in enumerate(wanted.sections):
        assert close(float(columns["pupils"][n]), section.pupils), section
        for i, indicator in enumerate(INDICATORS):
            value = float(found.values[n, i])
            assert close(value, section.values[indicator]), (section.school, section.stage, indicator, value)
        assert dict(zip(INDICATORS, found.standing[n].tolist(), strict=True)) == section.standings, section
        assert str(be.Verdict.of(found.section_verdicts[n])) == section.verdict, section
    excluded = [(one.school, one.stage, LEFT_OUT[one.reason]) for one in found.excluded]
    assert sorted(excluded, key=str) == sorted(wanted.excluded, key=str)


def _compare_spread(found: be.Evaluation, wanted: CountyVerdict) -> None:
    for s, stage in enumerate(STAGES):
        for i, indicator in enumerate(INDICATORS):
            key = stage, indicator
            mean, square = wanted.mean[key], wanted.cv_squared[key]
            cv = None if square is None else Fraction(math.sqrt(square))
            assert close(float(found.mean[0, s, i]), mean), key
            assert close(float(found.cv[0, s, i]), cv, scale=1), key
            if mean is None or cv is not None:
                sd = None if mean is None or cv is None else mean * cv
                assert close(float(found.sd[0, s, i]), sd, scale=mean or 0), key
    checks = {check.id: str(check.verdict) for check in found.items["R-spread"].checks}
    assert checks == {f"{indicator}.{stage}": verdict for (stage, indicator), verdict in wanted.spread.items()}

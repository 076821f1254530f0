"""Figures per pupil are judged as the exact oracle judges them, on limits, beside them and with gaps."""

from __future__ import annotations

from math import isclose, sqrt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from oracle import INDICATORS, dispersion, section_verdict, standing
from oracle.exact import known
from oracle.resources import SPREAD_LIMIT, STANDARD

import balancedu as be

STAGES = ("primary", "junior")


@st.composite
def sections(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Sections with figures on standards and floors, just beside them, far away or missing, as numbers and texts."""
    rows = []
    for n in range(draw(st.integers(1, 5))):
        stage = draw(st.sampled_from(STAGES))
        row: dict[str, Any] = {"school": str(n), "stage": stage, "pupils": draw(st.integers(1, 3000) | st.none())}
        for indicator in INDICATORS:
            limit = float(STANDARD[indicator][stage])
            near = st.sampled_from([limit, 0.85 * limit, limit - 1e-9, 0.85 * limit - 1e-9, limit + 1e-9, 0.0])
            digits = st.sampled_from(
                [f"{limit}", f"{limit - 0.001:.3f}9999999999999999999", f"{limit}0000000000000000001"]
            )
            row[indicator] = draw(near | digits | st.none() | st.integers(0, 9000).map(lambda n: n / 1000))
        rows.append(row)
    return rows


@given(sections())
def test_ratios_are_judged_as_the_oracle_judges_them(rows: list[dict[str, Any]]) -> None:
    ev = be.evaluate(be.Submission(sections=rows))
    result = {
        (school, stage): (standings, verdict)
        for school, stage, standings, verdict in zip(
            ev.sections["school"].tolist(),
            ev.sections["stage"].tolist(),
            ev.standing.tolist(),
            ev.section_verdicts.tolist(),
            strict=True,
        )
    }
    codes = {"NOT_MET": 0, "UNKNOWN": 1, "MET": 2}

    assert len(result) == len(rows)
    for row in rows:
        standings = [standing(known(row[indicator]), STANDARD[indicator][row["stage"]]) for indicator in INDICATORS]
        assert result[row["school"], row["stage"]] == (standings, codes[section_verdict(standings)])


@given(sections())
def test_the_spread_of_ratios_is_that_of_the_oracle(rows: list[dict[str, Any]]) -> None:
    ev = be.evaluate(be.Submission(sections=rows))
    checks = {check.id: check for check in ev.items["R-spread"].checks}

    for t, stage in enumerate(STAGES):
        group = [row for row in rows if row["stage"] == stage]
        for n, indicator in enumerate(INDICATORS):
            values, weights = ([known(row[name]) for row in group] for name in (indicator, "pupils"))
            _, _, square = dispersion(values, weights)
            verdict = checks[f"{indicator}.{stage}"].verdict.name
            if group and None in (*values, *weights):
                assert verdict == "UNKNOWN"
            elif square is not None:
                assert isclose(ev.cv[0, t, n], sqrt(square), rel_tol=1e-9, abs_tol=1e-12)
                assert verdict == ("MET" if square <= SPREAD_LIMIT[stage] ** 2 else "NOT_MET")

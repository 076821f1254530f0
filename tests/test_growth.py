"""A view of one county costs the same among few and among many; what is made of all counties grows with their number.

Ratios of times of the same process, with slack: no machine is fast or slow enough to change them by so much.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
from benchmarks.copies import copies

import balancedu as be

FEW, MANY = 10, 300

VIEWS: dict[str, Callable[[be.Evaluation], Any]] = {
    "items": lambda county: county.items,
    "rounding flags": be.rounding_flags,
    "report": lambda county: str(be.report(county)),
    "dict": lambda county: county.to_dict(),
    "explanation": lambda county: str(be.explain(county, "G5")),
    "gaps": be.gaps,
    "shortfalls": be.shortfalls,
    "margins": be.margins,
}
WHOLES: dict[str, Callable[[be.Evaluation], Any]] = {
    "JSON": lambda evaluation: evaluation.to_json(),
    "frame of items": lambda evaluation: evaluation.to_frame("items"),
    "evaluation": lambda evaluation: be.evaluate(evaluation.submission).item_verdicts,
}


@cache
def evaluated(counties: int) -> be.Evaluation:
    return be.evaluate(copies(counties))


def seconds(work: Callable[[], Any], rounds: int) -> float:
    """Return the least time of that many rounds."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("view", VIEWS)
def test_one_county_costs_its_own_rows(view: str) -> None:
    few, many = (evaluated(counties)[evaluated(counties).counties[counties // 2]] for counties in (FEW, MANY))

    times = [seconds(partial(VIEWS[view], county), 5) for county in (few, many)]

    assert times[1] < 2.5 * times[0] + 0.002


@pytest.mark.parametrize("whole", WHOLES)
def test_all_counties_cost_no_more_than_their_number(whole: str) -> None:
    def make(counties: int) -> Any:
        return WHOLES[whole](evaluated(counties))

    times = [seconds(partial(make, n), 2) for n in (FEW, MANY)]

    assert times[1] < 2 * MANY / FEW * times[0] + 0.01

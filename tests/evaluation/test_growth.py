"""What many counties cost is what each of them costs alone."""

from __future__ import annotations

import time
from collections.abc import Callable

import balancedu as be

SLACK = 4
"""How much more a county may cost among many: growth that is not linear is far above it."""


def counties(count: int) -> be.Submission:
    """Many small counties."""
    ids = [f"{n:06d}" for n in range(count)]
    schools = {"county": ids, "school": ["1"] * count, "type": ["小学"] * count, "pupils_primary": [400] * count}
    return be.Submission(schools, facts={"county": ids, "teachers": [30] * count})


def seconds(work: Callable[[], object]) -> float:
    """The processor time of the fastest of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def test_json_of_many_counties_grows_with_their_number() -> None:
    few, many = be.evaluate(counties(4)), be.evaluate(counties(40))

    assert seconds(lambda: written(many)) / 40 < SLACK * seconds(lambda: written(few)) / 4


def written(evaluation: be.Evaluation) -> str:
    """Return the JSON, no county of which was considered before."""
    evaluation._single.clear()
    return evaluation.to_json()


def test_one_county_of_many_costs_what_it_costs_alone() -> None:
    alone, many = be.evaluate(counties(1)), be.evaluate(counties(3000))

    def ask(evaluation: be.Evaluation) -> None:
        evaluation._single.clear()
        entry = evaluation["000000"]
        be.report(entry)
        be.rounding_flags(entry)
        entry.to_dict()

    assert seconds(lambda: ask(many)) < SLACK * seconds(lambda: ask(alone))

"""One county of many beside the same county alone, JSON of more and more counties, and a command as a whole."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

import balancedu as be

from .copies import copies
from .measure import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from .nation import Nation

VIEW_TIMES, COLD_TIMES, JSON_TIMES = 1.2, 4.0, 1.5
ROUNDS = 9
COUNTIES = 2_900
VIEWS: dict[str, Callable[[be.Evaluation], Any]] = {
    "items": lambda county: county.items,
    "rounding_flags": be.rounding_flags,
    "report": lambda county: str(be.report(county)),
    "to_dict": lambda county: county.to_dict(),
    "explain": lambda county: be.explain(county, "R-spread"),
    "shortfalls": be.shortfalls,
    "margins": be.margins,
}
NUMPY = ("-c", "import numpy")
COMMAND = ("-m", "balancedu", "evaluate")


def measure(nation: Nation) -> None:
    """Print the ratios and whether they are within their limits."""
    print(f"\nOne of {COUNTIES:,} counties, copies of the failing example, beside the same county alone", flush=True)
    evaluation = be.evaluate(copies(COUNTIES))
    counties = iter(evaluation)
    for view, make in VIEWS.items():
        # Each is asked for one view only, because an evaluation caches its views; all are kept until the
        # end, so that no time is counted that frees memory.
        of_many = [evaluation[name] for name in itertools.islice(counties, ROUNDS)]
        alone = [be.evaluate(copies(1)) for _ in range(ROUNDS)]
        times = [median(_view_seconds(make, county) for county in some) for some in (of_many, alone)]
        _print_ratio(view, times[0], times[1], VIEW_TIMES)
    many = be.Submission(schools=nation.judged_schools())
    few = _some(many, many.counties[: max(1, len(many.counties) // 10)])
    print("\nJSON of a county among all of them, beside one among a tenth of them", flush=True)
    each = [_seconds(be.evaluate(some).to_json) / len(some.counties) for some in (many, few)]
    _print_ratio("to_json", each[0], each[1], JSON_TIMES)
    print("\nA whole process", flush=True)
    _run(COMMAND)  # compiles the modules
    cold = [median(_seconds(partial(_run, words)) for _ in range(ROUNDS)) for words in (COMMAND, NUMPY)]
    _print_ratio("balancedu evaluate, beside import numpy", cold[0], cold[1], COLD_TIMES)


def _some(submission: be.Submission, counties: list[str] | tuple[str, ...]) -> be.Submission:
    schools = submission.columns("schools")
    rows = [county in set(counties) for county in schools["county"].tolist()]
    return be.Submission(schools={name: column[rows] for name, column in schools.items()})


def _view_seconds(make: Callable[[be.Evaluation], Any], county: be.Evaluation) -> float:
    return _seconds(lambda: make(county))


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(words: tuple[str, ...]) -> None:
    subprocess.run([sys.executable, *words], env=COMPILED, check=True, capture_output=True)


def _print_ratio(name: str, ours: float, theirs: float, most: float) -> None:
    reached = "reached" if ours <= most * theirs else "NOT REACHED"
    print(f"  {name:38}{ours * 1000:9.2f} ms  {ours / theirs:.2f} times, limit {most:g}: {reached}", flush=True)

"""How long plans take and how far they are from proved: `python -m tests.benchmarks.planning`.

Twenty random counties of 65 schools, with fewer teachers and less equipment than the usual ones.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np

import balancedu as be

from .nation import JUDGED, make_county

COUNTIES, SECONDS, GAP = 20, 60.0, 0.01


SPREAD, UNEVEN = (0.5, 1.15), (0.15, 2.0)
"""Between which shares of the usual each school has of each resource."""


def poorer(seed: int, between: tuple[float, float] = SPREAD) -> be.Submission:
    """Make a county of 65 schools most of which lack something."""
    rng = np.random.default_rng(seed)
    county = make_county(seed)
    schools = dict(county.schools)
    for name in JUDGED:
        if name.startswith("pupils"):
            continue
        held = schools[name].astype(np.float64) * rng.uniform(*between, len(schools[name]))
        schools[name] = np.rint(held) if "teachers" in name or "rooms" in name else np.round(held, 1)
    schools["indoor_sports_area"] = np.minimum(schools["indoor_sports_area"], schools["teaching_area"])
    return be.Submission(schools, facts=county.facts_by_county())


def main() -> None:
    """Plan for every county and print time, gap and cost."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.planning", description=__doc__)
    parser.add_argument("--counties", type=int, default=COUNTIES, help=f"how many (default: {COUNTIES})")
    parser.add_argument("--uneven", action="store_true", help="resources from a sixth to twice the usual")
    given = parser.parse_args()
    between = UNEVEN if given.uneven else SPREAD
    print(f"{os.cpu_count()} cores; 65 schools each, gap at most {GAP:.0%} within {SECONDS:g} s")
    print("  seed  sections  comply     seconds       gap  cost (10,000 yuan)  lower bound  moves")
    times, gaps = [], []
    for seed in range(given.counties):
        submission = poorer(seed, between)
        before = be.evaluate(submission)
        met = int((before.section_verdicts == be.Verdict.MET.code).sum())
        started = time.perf_counter()
        plan = be.plan(be.evaluate(submission), gap=GAP, seconds=SECONDS)
        times.append(time.perf_counter() - started)
        gaps.append(plan.gap)
        print(
            f"  {seed:4}  {before.section_verdicts.size:8}  {met:6}  {times[-1]:10.2f}  {plan.gap:8.3%}  "
            f"{plan.cost / 1e4:18,.1f}  {plan.bound / 1e4:11,.1f}  {plan.moves['kind'].size:5}",
            flush=True,
        )
    reached = sum(gap <= GAP and took <= SECONDS for gap, took in zip(gaps, times, strict=True))
    print(
        f"  {reached} of {len(times)} within the gap and the time; "
        f"median {np.median(times):.2f} s, longest {max(times):.2f} s, largest gap {max(gaps):.3%}"
    )


if __name__ == "__main__":
    main()

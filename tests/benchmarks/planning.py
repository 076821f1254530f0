"""How long plans take and how far they are from proved: `python -m tests.benchmarks.planning`.

Twenty random counties of 65 schools, with fewer teachers and less equipment than the usual ones. In ordinary ones no
school is larger than it may be; in crowded ones some are, up to three times, and some classes too.
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


LARGEST = 1_980
"""Pupils of the largest schools of an ordinary county."""


def poorer(seed: int, between: tuple[float, float] = SPREAD, *, ordinary: bool = True) -> be.Submission:
    """Make a county of 65 schools most of which lack something; in an ordinary one no school is too large."""
    rng = np.random.default_rng(seed)
    county = make_county(seed)
    schools = dict(county.schools)
    if ordinary:
        pupils = np.nan_to_num(schools["pupils_primary"]) + np.nan_to_num(schools["pupils_junior"])
        shrunk = np.minimum(1.0, LARGEST / np.maximum(pupils, 1))
        for name in JUDGED:
            schools[name] = np.where(shrunk < 1, np.floor(schools[name] * shrunk), schools[name])
    for name in JUDGED:
        if name.startswith("pupils"):
            continue
        held = schools[name].astype(np.float64) * rng.uniform(*between, len(schools[name]))
        schools[name] = np.rint(held) if "teachers" in name or "rooms" in name else np.round(held, 1)
    schools["indoor_sports_area"] = np.minimum(schools["indoor_sports_area"], schools["teaching_area"])
    return be.Submission(schools, facts=county.facts_by_county())


STAGES = {"primary": (6, 45), "junior": (3, 50)}
"""Grades and the most pupils of a class."""


def listed(seed: int, between: tuple[float, float] = SPREAD) -> be.Submission:
    """Make an ordinary county whose classes and rooms are listed and within their limits."""
    return _with_classes(poorer(seed, between), np.random.default_rng(seed), crowded=False)


def crowded(seed: int) -> be.Submission:
    """Make a county of 65 schools most of which lack something; a few have too many pupils, and some classes too."""
    submission = poorer(seed, ordinary=False)
    rng = np.random.default_rng(seed)
    schools = submission.columns("schools")
    largest = np.argsort(-np.nan_to_num(schools["pupils_primary"]))[:2]
    single = [row for row in largest.tolist() if schools["type"][row] == "primary_school"]
    grown = rng.integers(2_010, 2_120, len(single))
    for name in JUDGED:
        if not name.startswith("pupils"):
            schools[name][single] = np.rint(schools[name][single] * grown / schools["pupils_primary"][single])
    schools["pupils_primary"][single] = grown
    return _with_classes(submission.changed(schools=schools), rng, crowded=True)


def _with_classes(submission: be.Submission, rng: np.random.Generator, *, crowded: bool) -> be.Submission:
    """List the classes and rooms of a county, in a crowded one a few of them too large or missing."""
    schools = submission.columns("schools")
    classes: dict[str, list[object]] = {"school": [], "stage": [], "grade": [], "pupils": []}
    rooms: dict[str, list[object]] = {"school": [], "use": [], "area": []}
    counts = {stage: np.zeros(len(schools["school"])) for stage in STAGES}
    for row, school in enumerate(schools["school"].tolist()):
        for stage, (grades, most) in STAGES.items():
            pupils = int(np.nan_to_num(schools[f"pupils_{stage}"][row]))
            if not pupils:
                continue
            for grade, size in enumerate(_shares(pupils, grades), 1):
                number = max(1, -(-size // (most - int(rng.integers(0, 6)))) - int(crowded and rng.random() < 0.05))
                for part in _shares(size, number):
                    for name, value in zip(classes, (school, stage, str(grade), part), strict=True):
                        classes[name].append(value)
                counts[stage][row] += number
        needed = -(-int(counts["primary"][row] + counts["junior"][row]) // 12)
        for use in ("music", "art"):
            for _ in range(needed - int(crowded and rng.random() < 0.1)):
                for name, value in zip(rooms, (school, use, 100), strict=True):
                    rooms[name].append(value)
    for stage, count in counts.items():
        schools[f"classes_{stage}"] = np.where(count > 0, count, np.nan)
    return submission.changed(schools=schools, classes=classes, rooms=rooms)


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (n < total % parts) for n in range(parts)]


def main() -> None:
    """Plan for every county and print time, gap and cost."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.planning", description=__doc__)
    parser.add_argument("--counties", type=int, default=COUNTIES, help=f"how many (default: {COUNTIES})")
    parser.add_argument("--uneven", action="store_true", help="resources from a sixth to twice the usual")
    parser.add_argument("--crowded", action="store_true", help="schools and classes that are too large as well")
    given = parser.parse_args()
    between = UNEVEN if given.uneven else SPREAD
    print(f"{os.cpu_count()} cores; 65 schools each, gap at most {GAP:.0%} within {SECONDS:g} s")
    print("  seed  sections  comply     seconds       gap  cost (10,000 yuan)  lower bound  moves")
    times, gaps = [], []
    for seed in range(given.counties):
        submission = crowded(seed) if given.crowded else listed(seed, between)
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

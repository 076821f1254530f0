"""The nation of thirteen years, 4 million schools, in partitions of many counties, judged by one worker and by two."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import balancedu as be

if TYPE_CHECKING:
    from .nation import Nation

YEARS = 13
EFFICIENCY = 0.8


def measure(nation: Nation) -> None:
    """Print how much of the time of one worker two save."""
    schools = pd.DataFrame(nation.judged_schools())
    print(f"\nverdict_frame of {YEARS * len(schools):,} rows in {YEARS} partitions", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{year}.pickle") for year in range(YEARS)]
        for year, path in enumerate(paths):
            schools.assign(county=f"{year:02}" + schools["county"].astype(str)).to_pickle(path)
        wall, cpu = zip(*(_seconds(paths, workers) for workers in (1, 2)), strict=True)
    for name, (alone, shared) in {"wall": (wall[0], 2 * wall[1]), "CPU": cpu}.items():
        reached = "reached" if alone >= EFFICIENCY * shared else "NOT REACHED"
        print(
            f"  efficiency of two workers, {name:5}{alone / shared:6.0%}, limit {EFFICIENCY:.0%}: {reached}", flush=True
        )
    print(f"  one worker {wall[0]:.1f} s, two {wall[1]:.1f} s; CPU {cpu[0]:.1f} s and {cpu[1]:.1f} s", flush=True)


def _seconds(paths: list[Path], workers: int) -> tuple[float, float]:
    """Return the seconds on the clock, and of all workers on their processors."""
    with ProcessPoolExecutor(workers) as pool:
        # The first call of a process imports the package and loads the standard.
        list(pool.map(judged, paths[:workers]))
        start = time.perf_counter()
        cpu = sum(pool.map(judged, paths))
        return time.perf_counter() - start, cpu


def judged(path: Path) -> float:
    """Judge a partition, and return the seconds of the processor that it took."""
    start = time.process_time()
    be.verdict_frame(pd.read_pickle(path))
    return time.process_time() - start

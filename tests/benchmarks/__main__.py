"""Measure and print; the exit code states nothing about the figures."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from . import views, workbooks, workers
from .entrants import ALL_PANDAS, KERNEL, PANDAS, POLARS, RAW_PANDAS
from .measure import Race, import_times, peak_memory, print_peak
from .nation import TYPES, make_county, make_nation, save, shuffled, size_of
from .ours import (
    ALL_EVALUATE,
    ALL_FRAMES,
    ALL_SUBMIT,
    COUNTY_EVALUATE,
    COUNTY_SUBMIT,
    EVALUATE,
    EVALUATE_AGAIN,
    EVALUATE_GAPS,
    RAW_EVALUATE,
    RAW_SUBMIT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .entrants import AnyEntrant
    from .nation import Nation

JUDGING = (KERNEL, PANDAS, POLARS, EVALUATE, EVALUATE_AGAIN, EVALUATE_GAPS)
COUNTY = (COUNTY_EVALUATE, COUNTY_SUBMIT)
RAW_SCHOOLS = (RAW_PANDAS, RAW_SUBMIT, RAW_EVALUATE)
RAW_TABLES = (ALL_PANDAS, ALL_SUBMIT, ALL_EVALUATE, ALL_FRAMES)
BY_NAME = {entrant.name: entrant for entrant in (*JUDGING, *COUNTY, *RAW_SCHOOLS, *RAW_TABLES)}

KERNEL_TIMES = 1.5
MEMORY_TIMES = 6.0
COUNTY_SECONDS = 0.003
IMPORT_TIMES = 1.5

ROUNDS, COUNTY_ROUNDS, TABLES_ROUNDS = 15, 100, 3
NUMPY, OURS, OURS_JUDGING = "import numpy", "import balancedu", "from balancedu.judging import judge"
MEGA = 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every measurement, or the memory of one entrant when another process requires it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--size", type=float, default=1.0, help="share of the nation (default: all of it)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds to time (default: {ROUNDS})")
    parser.add_argument("--peak", nargs=2, metavar=("ENTRANT", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.peak:
        print_peak(BY_NAME[given.peak[0]], Path(given.peak[1]))
        return
    nation = make_nation(size=given.size)
    _setting(nation)
    _judging(nation, given.rounds)
    _county()
    _imports()
    views.measure(nation)
    workers.measure(nation)
    _raw(shuffled(nation), given.rounds)
    workbooks.measure(given.size, TABLES_ROUNDS)


def _setting(nation: Nation) -> None:
    packages = ", ".join(_installed(name) for name in ("numpy", "pandas", "polars", "balancedu"))
    print(f"Python {platform.python_version()}, {packages}, {os.cpu_count()} cores")
    kinds = ", ".join(f"{int((nation.kind == code).sum()):,} {name}" for code, name in enumerate(TYPES))
    print(f"{len(nation.counties):,} counties, {len(nation.kind):,} schools: {kinds}")


def _installed(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} from here"


def _judging(nation: Nation, rounds: int) -> None:
    race = Race(JUDGING, nation, rounds)
    outcome = race.outcomes[KERNEL]
    _title(f"The seven indicators of {outcome.sections:,} sections, {outcome.complying:,} of them comply")
    notes = {}
    if EVALUATE in race.seconds:
        for other, most in ((KERNEL, KERNEL_TIMES), (PANDAS, 1.0), (POLARS, 1.0)):
            times = race.seconds[EVALUATE] / race.seconds[other]
            notes[other] = f"evaluate takes {times:.2f} times as long, {_limit(f'{most:g}', times <= most)}"
    _print_race(race, JUDGING, notes)
    _print_agreement(race, KERNEL)
    _print_memory((KERNEL, PANDAS, POLARS, EVALUATE), nation, size_of(nation.coded_schools()))


def _county() -> None:
    county = make_county()
    classes = len(county.classes["county"])
    _title(f"One county of {len(county.kind)} schools with {classes:,} classes, and all its tables")
    race = Race(COUNTY, county, COUNTY_ROUNDS)
    notes = {}
    if COUNTY_EVALUATE in race.seconds:
        reached = race.seconds[COUNTY_EVALUATE] <= COUNTY_SECONDS
        notes[COUNTY_EVALUATE] = _limit(f"{COUNTY_SECONDS * 1000:g} ms", reached)
    _print_race(race, COUNTY, notes)


def _imports() -> None:
    _title("A whole process that imports")
    times = import_times((NUMPY, OURS, OURS_JUDGING))
    if times is None:
        print("  not measured: an import failed")
        return
    for statement, taken in times.items():
        pairs = zip(taken, times[NUMPY], strict=True)
        ratio = median(ours / numpys for ours, numpys in pairs)
        limit = ", " + _limit(f"{IMPORT_TIMES:g}", ratio <= IMPORT_TIMES) if statement == OURS else ""
        print(f"  {statement:38}{median(taken) * 1000:9.2f} ms  {ratio:.2f} times numpy's{limit}")


def _raw(nation: Nation, rounds: int) -> None:
    classes, rooms = len(nation.classes["county"]), len(nation.rooms["county"])
    rows = f"{len(nation.kind):,} schools, {classes:,} classes, {rooms:,} rooms"
    _title(f"From raw tables, ids as text and rows in no order: {rows}")
    race = Race(RAW_SCHOOLS, nation, max(3, rounds // 3))
    _print_race(race, RAW_SCHOOLS, {})
    _print_agreement(race, RAW_PANDAS)
    _print_memory((RAW_PANDAS, RAW_EVALUATE), nation, size_of(nation.judged_schools()))
    # pandas leaves out G6, the county's facts and every check of the input.
    race = Race(RAW_TABLES, nation, TABLES_ROUNDS)
    _print_race(race, RAW_TABLES, {ALL_PANDAS: "without G6, the facts and the checks of the input"})
    _print_agreement(race, ALL_PANDAS)
    size = size_of(nation.schools, nation.classes, nation.rooms, nation.monitoring, nation.facts)
    _print_memory((ALL_PANDAS, ALL_EVALUATE), nation, size)


def _title(text: str) -> None:
    print(f"\n{text}", flush=True)


def _limit(most: str, reached: bool) -> str:
    return f"limit {most}: {'reached' if reached else 'NOT REACHED'}"


def _print_race(race: Race, entrants: Sequence[AnyEntrant], notes: Mapping[AnyEntrant, str]) -> None:
    for entrant in entrants:
        if entrant in race.failures:
            print(f"  {entrant.name:38}not measured: {race.failures[entrant]}")
        else:
            time = f"{race.seconds[entrant] * 1000:9.2f} ms"
            print(f"  {entrant.name:38}{time}  {notes.get(entrant, '')}".rstrip(), flush=True)


def _print_agreement(race: Race, reference: AnyEntrant) -> None:
    if reference not in race.outcomes:
        return
    expected = race.outcomes[reference]
    differences = {entrant: outcome.difference(expected) for entrant, outcome in race.outcomes.items()}
    agreed = ", ".join(entrant.name for entrant, difference in differences.items() if not difference)
    print(f"  the same numbers: {agreed}")
    for entrant, difference in differences.items():
        if difference:
            print(f"  OTHER NUMBERS from {entrant.name}: {difference}")


def _print_memory(entrants: Sequence[AnyEntrant], nation: Nation, size: int) -> None:
    print(f"  peak memory above the loaded input, in times the {size / MEGA:.0f} MB of its columns:")
    with tempfile.TemporaryDirectory() as folder:
        save(nation, Path(folder))
        for entrant in entrants:
            peak = peak_memory(entrant, Path(folder))
            if isinstance(peak, str):
                print(f"    {entrant.name:36}not measured: {peak}")
                continue
            reached = _limit(f"{MEMORY_TIMES:g}", peak <= MEMORY_TIMES * size) if entrant is EVALUATE else ""
            line = f"    {entrant.name:36}{peak / MEGA:9.1f} MB  {peak / size:.2f} times  {reached}"
            print(line.rstrip(), flush=True)


if __name__ == "__main__":
    main()

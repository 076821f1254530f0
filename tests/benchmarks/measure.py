"""Time in interleaved rounds, memory in a process of its own, imports in turns of processes."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from .nation import make_nation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .entrants import AnyEntrant, Outcome
    from .nation import Nation

ROOT = Path(__file__).parents[2]
IMPORT_ROUNDS = 20
WARM_UP_SIZE = 0.01

COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment of a process whose modules are compiled once, as those of an installed package are."""


class Race:
    """The times and numbers of entrants that did the same work in turns; those that failed are in `failures`."""

    def __init__(self, entrants: Sequence[AnyEntrant], nation: Nation, rounds: int) -> None:
        self.outcomes: dict[AnyEntrant, Outcome] = {}
        self.failures: dict[AnyEntrant, str] = {}
        self._given: dict[AnyEntrant, Any] = {}
        times: dict[AnyEntrant, list[float]] = {entrant: [] for entrant in entrants}
        # The first round warms up. Each round begins with another entrant: none always follows the same one.
        for turn in range(rounds + 1):
            shift = turn % len(entrants)
            for entrant in (*entrants[shift:], *entrants[:shift]):
                if entrant not in self.failures:
                    self._run(entrant, nation, times[entrant], first=turn == 0)
        self._given.clear()
        self.seconds = {entrant: median(taken) for entrant, taken in times.items() if taken}

    def _run(self, entrant: AnyEntrant, nation: Nation, taken: list[float], *, first: bool) -> None:
        try:
            if entrant.fresh or entrant not in self._given:
                self._given[entrant] = entrant.prepare(nation)
            given = self._given[entrant]
            gc.collect()
            start = time.perf_counter()
            result = entrant.run(given)
            end = time.perf_counter()
            if not first:
                taken.append(end - start)
            elif entrant.outcome is not None:
                self.outcomes[entrant] = entrant.outcome(result, nation)
        except Exception as error:  # a measurement ends with what could be measured
            self.failures[entrant] = f"{type(error).__name__}: {error}".splitlines()[0]


def import_times(statements: Sequence[str]) -> dict[str, list[float]] | None:
    """Time whole processes that run these statements, in turns; nothing when one of them fails."""
    times: dict[str, list[float]] = {statement: [] for statement in statements}
    # Two rounds for the file cache and the compiled modules, then the rounds that count.
    for turn in range(-2, IMPORT_ROUNDS):
        for statement in statements if turn % 2 else reversed(statements):
            start = time.perf_counter()
            command = [sys.executable, "-c", statement]
            done = subprocess.run(command, cwd=ROOT, env=COMPILED, capture_output=True, check=False)
            end = time.perf_counter()
            if done.returncode:
                return None
            if turn >= 0:
                times[statement].append(end - start)
    return times


def peak_memory(entrant: AnyEntrant, folder: Path) -> int | str:
    """Return the bytes by which one run raises a new process above its loaded input, or what went wrong."""
    command = [sys.executable, "-m", f"{__package__}", "--peak", entrant.name, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else done.stderr.strip().rpartition("\n")[2]


def print_peak(entrant: AnyEntrant, folder: Path) -> None:
    """Print what `peak_memory` returns; runs in the new process."""
    # Lazy imports, thread pools and code pages are not the work: a small nation goes through first.
    entrant.run(entrant.prepare(make_nation(size=WARM_UP_SIZE)))
    given = entrant.prepare_from(folder)
    gc.collect()
    give_back_free_memory()
    before, peak = watch_peak()
    result = entrant.run(given)
    print(peak() - before)
    # Until here the result is alive, and a part of the peak.
    del result


def give_back_free_memory() -> None:
    # Freed pages that malloc keeps would be used again and hide a part of the growth.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def watch_peak() -> tuple[int, Callable[[], int]]:
    # A child inherits the ru_maxrss of the process that started it, and nothing can set it back.
    # Linux lets a process set back the peak of its own pages; elsewhere ru_maxrss has to do.
    status = Path("/proc/self/status")
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return _max_rss(), _max_rss

    def read(field: str) -> int:
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))

    return read("VmRSS:"), lambda: read("VmHWM:")


def _max_rss() -> int:
    # Not every system has the module.
    resource = importlib.import_module("resource")
    most = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return most if sys.platform == "darwin" else most * 1024

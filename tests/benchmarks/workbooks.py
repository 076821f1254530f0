"""How fast and how lean files are read: `python -m tests.benchmarks.workbooks`.

A workbook of 190,000 schools of 2,900 counties, one of a million classes, and the same schools as CSV; beside
python-calamine, which turns the same workbook into Python rows and does nothing else. The schools of twelve years as
CSV. A county's own workbook, beside openpyxl's loads of it; a folder of 65 workbooks, one a school.
"""

from __future__ import annotations

import argparse
import csv
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
import openpyxl
import python_calamine
import xlsxwriter

import balancedu as be
from balancedu.files.open import sheets_of
from balancedu.files.write import split_schools

from .measure import ROOT, give_back_free_memory, watch_peak
from .nation import make_nation
from .tables import Columns

SCHOOLS, CLASSES, ROUNDS = 190_000, 1_000_000, 3
TIMES, MEMORY_TIMES, FLOAT = 1.5, 8.0, 8
YEARS, FOLDER, FOLDER_SECONDS, LOADS = 12, 65, 15, 2.0
MEGA = 1e6


def plain(path: Path) -> None:
    """Turn a workbook into Python rows, by calamine alone."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        for _ in book.get_sheet_by_name(name).to_python():
            pass


def by_openpyxl(path: Path) -> None:
    """Turn a workbook into Python rows, by openpyxl."""
    for page in openpyxl.load_workbook(path, read_only=True, data_only=True):
        for _ in page.iter_rows(values_only=True):
            pass


def csv_alone(path: Path) -> None:
    """Turn a text file into Python rows, by the standard library alone."""
    with path.open(encoding="utf-8", newline="") as file:
        list(csv.reader(file))


def our_rows(path: Path) -> None:
    """Turn a file into our rows of raw cells."""
    for sheet in sheets_of(path):
        for _ in sheet.rows():
            pass


def read(path: Path) -> None:
    """Turn a file into a submission."""
    be.read_submission(path)


READERS: dict[str, Callable[[Path], None]] = {
    "calamine to Python rows": plain,
    "openpyxl to Python rows": by_openpyxl,
    "csv to Python rows": csv_alone,
    "balancedu to raw cells": our_rows,
    "read_submission": read,
}
READ = "read_submission"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files, read each in turns, and print time and memory."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.workbooks", description=__doc__)
    parser.add_argument("--size", type=float, default=1.0, help="share of the rows (default: all of them)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds to time (default: {ROUNDS})")
    parser.add_argument("--all", action="store_true", help="openpyxl as well, which takes minutes")
    parser.add_argument("--peak", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.peak:
        _print_peak(READERS[given.peak[0]], Path(given.peak[1]))
        return
    measure(given.size, given.rounds, slow=given.all)


def measure(size: float, rounds: int, *, slow: bool = False) -> None:
    """Measure every file."""
    print(
        f"\nFiles of the nation, {os.cpu_count()} cores; time of the process and memory in times the cells as float64"
    )
    nation = make_nation(size=max(size, 0.01))
    rows = np.linspace(0, len(nation.kind) - 1, min(round(SCHOOLS * size), len(nation.kind))).astype(np.int64)
    schools = {name: column[rows] for name, column in nation.schools.items()}
    kept = np.flatnonzero(np.isin(nation.classes["school"], schools["school"]))[: round(CLASSES * size)]
    classes = {name: column[kept] for name, column in nation.classes.items()}
    few = np.isin(schools["school"], np.unique(classes["school"]))
    their = {name: column[few] for name, column in schools.items()}
    book = ["calamine to Python rows", *(["openpyxl to Python rows"] if slow else []), "balancedu to raw cells", READ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        _report(_write_book(path / "schools.xlsx", {"schools": schools}), [schools], book, rounds)
        two = {"schools": their, "classes": classes}
        _report(_write_book(path / "classes.xlsx", two), list(two.values()), book, rounds)
        text = ["csv to Python rows", "balancedu to raw cells", READ]
        _report(_write_text(path / "schools.csv", schools), [schools], text, rounds)
        years = {name: np.tile(column, YEARS) for name, column in schools.items()}
        numbers = np.repeat(np.arange(YEARS), len(schools["school"])).astype(str)
        years["county"] = np.char.add(np.char.add(numbers, "-"), years["county"].astype(str))
        _report(_write_text(path / "years.csv", years), [years], [READ], 1)
        of_a_county(path, rounds)


def of_a_county(path: Path, rounds: int) -> None:
    """Measure a county's own workbook beside openpyxl's loads of it, and a folder of workbooks of schools."""
    county = be.example("passing")
    be.write_submission(county, path / "county.xlsx")
    times = []
    for _ in range(max(rounds, 3)):
        start = time.process_time()
        for values in (True, False):
            openpyxl.load_workbook(path / "county.xlsx", data_only=values)
        loaded = time.process_time()
        be.read_submission(path / "county.xlsx")
        times.append((time.process_time() - loaded) / (loaded - start))
    print(f"  county.xlsx: {median(times):.2f} times openpyxl's loads  {_limit(LOADS, median(times))}")
    rows = np.resize(np.arange(len(county.schools)), FOLDER)
    columns = county.columns("schools")
    schools = {name: columns[name][rows] for name in columns if name not in ("county", "parent")}
    schools |= {name: np.array([f"{n:03}" for n in range(FOLDER)]) for name in ("school", "name")}
    classes = county.columns("classes")
    own = [np.flatnonzero(classes["school"] == columns["school"][row]) for row in rows]
    listed = {name: classes[name][np.concatenate(own)] for name in classes if name not in ("county", "school")}
    listed["school"] = np.repeat(schools["school"], [some.size for some in own])
    split_schools(be.Submission(schools, listed), path / "folder")
    start = time.process_time()
    be.read_submission(path / "folder")
    taken = time.process_time() - start
    print(f"  folder of {FOLDER} workbooks: {taken:.2f} s  {_limit(FOLDER_SECONDS, taken)}")


def _cells(columns: Columns) -> list[list[object]]:
    return [column.tolist() for column in columns.values()]


def _write_book(path: Path, sheets: dict[str, Columns]) -> Path:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        for name, columns in sheets.items():
            page = book.add_worksheet(name)
            page.write_row(0, 0, list(columns))
            for number, row in enumerate(zip(*_cells(columns), strict=True), 1):
                page.write_row(number, 0, row)
    return path


def _write_text(path: Path, columns: Columns) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*_cells(columns), strict=True))
    return path


def _report(path: Path, tables: list[Columns], names: Sequence[str], rounds: int) -> None:
    rows = [len(next(iter(table.values()))) for table in tables]
    cells = sum(count * len(table) for count, table in zip(rows, tables, strict=True))
    print(f"  {path.name}: {' + '.join(f'{count:,}' for count in rows)} rows, {cells:,} cells", flush=True)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in [*names[turn % len(names) :], *names[: turn % len(names)]]:
            gc.collect()
            # Others may be working on the machine: what counts is the time of this process.
            start = time.process_time()
            READERS[name](path)
            seconds[name].append(time.process_time() - start)
    for name, taken in seconds.items():
        times = median(ours / first for ours, first in zip(taken, seconds[names[0]], strict=True))
        memory = _peak(name, path) / (cells * FLOAT)
        notes = ""
        if name == READ:
            # The limit of time is one of workbooks: a text file costs next to nothing to take apart.
            notes = f"  {_limit(TIMES, times)}," if path.suffix == ".xlsx" else " "
            notes += f" memory {_limit(MEMORY_TIMES, memory)}"
        print(
            f"    {name:28}{median(taken):8.2f} s {times:6.2f} times  {memory:6.2f} times the cells{notes}", flush=True
        )


def _limit(most: float, number: float) -> str:
    return f"limit {most:g}: {'reached' if number <= most else 'NOT REACHED'}"


def _peak(name: str, path: Path) -> int:
    command = [sys.executable, "-m", "tests.benchmarks.workbooks", "--peak", name, str(path)]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def _print_peak(reader: Callable[[Path], None], path: Path) -> None:
    # What is imported when the first file is read is not the work.
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / path.name
        columns: Columns = {"school": np.array(["001"]), "type": np.array(["primary_school"])}
        reader(_write_text(small, columns) if path.suffix == ".csv" else _write_book(small, {"schools": columns}))
    gc.collect()
    give_back_free_memory()
    before, peak = watch_peak()
    reader(path)
    print(peak() - before)


if __name__ == "__main__":
    main()

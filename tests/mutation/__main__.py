"""Keep a sample of the mutants of a cosmic-ray session, try them, or list those that no test noticed.

    python -m tests.mutation sample SESSION 300 2017
    python -m tests.mutation run SESSION
    python -m tests.mutation survivors SESSION

Mutants inside annotations are left out: nothing reads annotations at run time. So are those of names of types.
"""

from __future__ import annotations

import ast
import os
import random
import resource
import shlex
import sqlite3
import sys
import tomllib
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cosmic_ray.work_item import MutationSpec, WorkResult

SETTINGS = tomllib.loads(Path(__file__).with_name("sample.toml").read_text(encoding="utf-8"))["cosmic-ray"]
TABLES = ("work_items", "mutation_specs")
SECONDS, MEMORY = int(SETTINGS["timeout"]), 8 * 2**30
SPOTS = "select job_id, module_path, start_pos_row, start_pos_col, operator_name from mutation_specs order by job_id"


def sample(session: str, size: int, seed: int) -> None:
    """Keep so many mutants, always the same ones for a seed."""
    with sqlite3.connect(session) as base:
        wanted = sorted(
            (path, row, column, operator, job)
            for job, path, row, column, operator in base.execute(SPOTS)
            if not any(start <= (row, column) < end for start, end in not_read(Path(path)))
        )
        kept = random.Random(seed).sample(wanted, min(size, len(wanted)))
        base.execute("create temp table kept (job_id text primary key)")
        base.executemany("insert into kept values (?)", [(job,) for *_, job in kept])
        for table in TABLES:
            base.execute(f"delete from {table} where job_id not in (select job_id from kept)")
    print(f"{len(kept)} of {len(wanted)} mutants, seed {seed}")


def not_read(path: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where the annotations of a module begin and end, and the literals of its texts."""
    if path not in _SPANS:
        _SPANS[path] = [
            ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
            for node in _unread(ast.parse(path.read_text(encoding="utf-8")))
        ]
    return _SPANS[path]


_SPANS: dict[Path, list[tuple[tuple[int, int], tuple[int, int]]]] = {}


def _unread(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _TYPES:
            yield node.value


_TYPES = ("Bools", "Codes", "Counts", "Excess", "Floats", "Ints", "Limit", "Ratios", "Relation", "Whole")
"""Names of types: nothing reads what they stand for."""


def run(session: str) -> None:
    """Try every mutant that was not tried before; a failing test, or too much time or memory, kills it."""
    from cosmic_ray.work_db import WorkDB, use_db

    tests = [word for word in shlex.split(SETTINGS["test-command"]) if "/" in word]
    # Once here, so that the process of a mutant imports the package and the tests, and no library.
    pytest.main(["--collect-only", "-qq", *tests])
    here = str(Path.cwd())
    for name, module in list(sys.modules.items()):
        if name != "__main__" and (getattr(module, "__file__", None) or "").startswith(here):
            del sys.modules[name]
    if not _passes(tests):
        sys.exit("the tests fail without any mutant")
    with use_db(session, WorkDB.Mode.open) as base:
        for item in list(base.pending_work_items):
            base.set_result(item.job_id, _tried(item.mutations[0], tests))


def _tried(mutation: MutationSpec, tests: Sequence[str]) -> WorkResult:
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    path, operator = mutation.module_path, get_operator(mutation.operator_name)(**mutation.operator_args)
    source, times = path.read_text(encoding="utf-8"), path.stat()
    mutant = mutate_code(source, operator, mutation.occurrence)
    path.write_text(mutant, encoding="utf-8")
    # The tests of the room that the mutant is in are the most likely to notice it.
    files = sorted(tests, key=lambda file: path.parts[1] not in file)
    try:
        survived = all(_passes([file]) for file in files)
    finally:
        path.write_text(source, encoding="utf-8")
        # The compiled module is that of this time.
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    diff = "\n".join(unified_diff(source.splitlines(), mutant.splitlines(), str(path), "mutant", lineterm="", n=2))
    outcome = TestOutcome.SURVIVED if survived else TestOutcome.KILLED
    return WorkResult(WorkerOutcome.NORMAL, test_outcome=outcome, diff=diff)


def _passes(tests: Sequence[str]) -> bool:
    """Run tests in a process of its own, until one fails."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--doctest-modules", *tests]))


def survivors(session: str) -> bool:
    """Print the mutants that no test noticed, and how many were."""
    with sqlite3.connect(session) as base:
        outcomes = base.execute("select test_outcome, diff from work_results").fetchall()
    alive = [diff for outcome, diff in outcomes if not str(outcome).upper().endswith(("KILLED", "INCOMPETENT"))]
    for diff in alive:
        print(diff)
    print(f"{len(outcomes) - len(alive)} of {len(outcomes)} mutants noticed")
    return bool(alive)


if __name__ == "__main__":
    action, file, *numbers = sys.argv[1:]
    if action == "sample":
        sample(file, *map(int, numbers))
    elif action == "run":
        run(file)
    else:
        sys.exit(survivors(file))

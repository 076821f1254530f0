"""Keep a sample of the mutants of a cosmic-ray session, try them, or list those that no test detected.

    python -m tests.mutation sample SESSION 300 2017
    python -m tests.mutation run SESSION
    python -m tests.mutation survivors SESSION

Mutants inside annotations are left out: nothing reads annotations at run time. So are those of names of types.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import random
import resource
import shlex
import sqlite3
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Generator, Iterator, Sequence
from difflib import unified_diff
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage

if TYPE_CHECKING:
    from cosmic_ray.work_item import MutationSpec, WorkResult

FILE = tomllib.loads(Path(__file__).with_name("sample.toml").read_text(encoding="utf-8"))
SETTINGS, ENOUGH = FILE["cosmic-ray"], 0.97
TABLES = ("work_items", "mutation_specs")
SECONDS, MEMORY = int(SETTINGS["timeout"]), 8 * 2**30
OPTIONS = ("-p", "no:cacheprovider", "--doctest-modules")
SPOTS = "select job_id, module_path, start_pos_row, start_pos_col, operator_name from mutation_specs order by job_id"


def sample(session: str, size: int, seed: int) -> None:
    """Keep that many mutants, always the same ones for a seed."""
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
"""Names of types: nothing reads their values."""


def run(session: str) -> None:
    """Try every mutant that was not tried before; a failing test, or too much time or memory, kills it."""
    from cosmic_ray.work_db import WorkDB, use_db

    tests = [word for word in shlex.split(SETTINGS["test-command"]) if "/" in word]
    # Once here, so that the process of a mutant imports the package and the tests, and no library.
    pytest.main(["--collect-only", "-qq", *OPTIONS, *tests])
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        # The environment of nox is in the folder too.
        if name != "__main__" and file.startswith(str(Path.cwd())) and "site-packages" not in file:
            del sys.modules[name]
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as written:
        if not _passes(lambda: record(tests, Path(written.name)), limited=False):
            sys.exit("the tests fail without any mutant")
        reach = Reach(**json.load(written))
    with use_db(session, WorkDB.Mode.open) as base:
        for item in list(base.pending_work_items):
            base.set_result(item.job_id, _tried(item.mutations[0], reach))


@dataclasses.dataclass
class Reach:
    """Which tests run a line of a module, and the seconds that each test takes."""

    lines: dict[str, dict[str, list[str]]]
    seconds: dict[str, float]

    def tests(self, path: Path, rows: range) -> list[str]:
        """Return the tests that run one of the lines, the fastest first; all where the import runs it."""
        lines = self.lines.get(str(path), {})
        result = {test for row in rows for test in lines.get(str(row), ())}
        return sorted(self.seconds if "" in result else result, key=self.seconds.__getitem__)


class Recorder:
    """A plugin of pytest that notes the lines that each test runs, and how long it takes."""

    def __init__(self) -> None:
        modules = [path if path.endswith(".py") else f"{path}/*" for path in SETTINGS["module-path"]]
        self.coverage = Coverage(data_file=None, include=modules)
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Measure a test."""
        start = time.process_time()
        self.coverage.switch_context(item.nodeid)
        result = yield
        self.coverage.switch_context("")
        self.seconds[item.nodeid] = time.process_time() - start
        return result


def record(tests: Sequence[str], file: Path) -> int:
    """Run all tests once, and write which of them run which lines."""
    recorder = Recorder()
    recorder.coverage.start()
    status = pytest.main(["-x", "-q", *OPTIONS, *tests], plugins=[recorder])
    recorder.coverage.stop()
    data = recorder.coverage.get_data()
    lines = {os.path.relpath(path): data.contexts_by_lineno(path) for path in data.measured_files()}
    file.write_text(json.dumps({"lines": lines, "seconds": recorder.seconds}), encoding="utf-8")
    return status


class Chosen:
    """A plugin of pytest that runs some tests of the files in the order that is given."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.places = {test: n for n, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep these tests alone."""
        kept = [item for item in items if item.nodeid in self.places]
        items[:] = sorted(kept, key=lambda item: self.places[item.nodeid])


def _tried(mutation: MutationSpec, reach: Reach) -> WorkResult:
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    path, operator = mutation.module_path, get_operator(mutation.operator_name)(**mutation.operator_args)
    source = path.read_text(encoding="utf-8")
    mutant = mutate_code(source, operator, mutation.occurrence)
    tests = reach.tests(path, _statement(ast.parse(source), mutation.start_pos[0]))
    files = {_file_of(test) for test in tests}
    # The tests of the room that the mutant is in are the most likely to notice it. At the end those that do not run
    # the line themselves: they may read what another test left in a cache.
    near = [test for test in tests if path.parts[1] in test or "golden" in test]
    rounds = near, [test for test in tests if test not in near], [test for test in reach.seconds if test not in tests]
    survived = all(
        _passes(partial(_run_mutant, path, mutant, some))
        for some in ([test for test in part if _file_of(test) in files] for part in rounds)
        if some
    )
    diff = "\n".join(unified_diff(source.splitlines(), mutant.splitlines(), str(path), "mutant", lineterm="", n=2))
    outcome = TestOutcome.SURVIVED if survived else TestOutcome.KILLED
    return WorkResult(WorkerOutcome.NORMAL, test_outcome=outcome, diff=diff)


def _statement(tree: ast.AST, row: int) -> range:
    """Return the lines of the smallest statement that a line belongs to."""
    spans = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= row <= (node.end_lineno or row)
    ]
    # A decorator is above the statement that it belongs to.
    smallest = min(spans, key=len, default=range(row, row + 1))
    # The head of a loop, a branch or a definition, without what is inside it.
    return range(smallest.start, row + 1) if len(smallest) > row - smallest.start + 1 else smallest


def _file_of(test: str) -> str:
    return test.partition("::")[0]


def _run_mutant(path: Path, mutant: str, tests: Sequence[str]) -> int:
    """Run tests with the mutant in place of a module."""
    get_code = SourceFileLoader.get_code

    def code(self: SourceFileLoader, name: str) -> CodeType | None:
        return compile(mutant, self.path, "exec") if Path(self.path) == path.resolve() else get_code(self, name)

    SourceFileLoader.get_code = code  # type: ignore[method-assign, assignment]
    # pytest loads a module that is its argument by itself, so the folder of doctests is the argument.
    files = [
        file if file.startswith("tests") else str(Path(file).parent) for file in dict.fromkeys(map(_file_of, tests))
    ]
    return pytest.main(["-x", "-q", *OPTIONS, *dict.fromkeys(files)], plugins=[Chosen(tests)])


def _passes(work: Callable[[], int], *, limited: bool = True) -> bool:
    """Do work in a process of its own, and return whether it ends with 0."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    if limited:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        os._exit(work())
    finally:
        os._exit(1)


def survivors(session: str) -> bool:
    """Print the mutants that no test detected, and return whether these are too many.

    Those that `sample.toml` lists as changing no result do not count.
    """
    with sqlite3.connect(session) as base:
        outcomes = base.execute("select test_outcome, diff from work_results").fetchall()
    alive = [diff for outcome, diff in outcomes if not str(outcome).upper().endswith(("KILLED", "INCOMPETENT"))]
    reasons = {entry["line"]: entry["reason"] for entry in FILE["equivalent"]}
    counted = 0
    for diff in alive:
        line = [line[1:].strip() for line in diff.splitlines()[2:] if line[:1] in "+-"][-1]
        counted += line not in reasons
        print(f"{diff}\n=> {reasons.get(line, 'NOT DETECTED')}\n")
    tried, equivalent = len(outcomes), len(alive) - counted
    noticed = tried - len(alive)
    share = noticed / (tried - equivalent)
    print(f"{noticed} of {tried} mutants detected, {equivalent} change no result: {share:.1%} of the others")
    return share < ENOUGH


if __name__ == "__main__":
    action, file, *numbers = sys.argv[1:]
    if action == "sample":
        sample(file, *map(int, numbers))
    elif action == "run":
        run(file)
    else:
        sys.exit(survivors(file))

"""Keep a sample of the mutants of a cosmic-ray session, or list those that the tests did not notice.

    python -m tests.mutation sample SESSION 300 2017
    python -m tests.mutation survivors SESSION

Mutants inside annotations are left out: nothing reads annotations at run time. So are those of bare messages.
"""

from __future__ import annotations

import ast
import random
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

TABLES = ("work_items", "mutation_specs")
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
    else:
        sys.exit(survivors(file))

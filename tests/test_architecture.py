"""The house keeps its shape: imports run one way, the law stands in the specs alone, modules stay small."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

import balancedu as be

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "balancedu"
MODULES = sorted(path.relative_to(ROOT) for path in PACKAGE.rglob("*.py"))

# Each floor may import what is below it; what stands on one floor does not know its neighbours.
FLOORS = (
    ("phrase",),
    ("errors", "calculator", "html", "wide"),
    ("core",),
    ("submission",),
    ("evaluation",),
    ("judging",),
    ("evaluate",),
    ("explaining",),
    ("plots",),
    ("reporting",),
    ("planning",),
    ("revisions",),
    ("testing",),
    ("commands",),
    ("cli",),
    ("__init__", "__main__"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# An evaluation opens the rooms above it when somebody asks for its text, for reasons, or to have it rebuilt.
STAIRS = {
    ("balancedu/evaluation/evaluation.py", "reporting"),
    ("balancedu/evaluation/why.py", "explaining"),
    ("balancedu/evaluation/rebuilding.py", "evaluate"),
    ("balancedu/evaluation/record.py", "evaluate"),
}

DEPENDENCIES = {"numpy", "attrs", "attr", "yaml"}
OPTIONAL = {"pandas", "polars", "pyarrow", "hypothesis", "openpyxl", "matplotlib", "scipy", "docx", "jinja2"}
OPTIONAL |= {"weasyprint", "xlsxwriter", "xlrd"}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40


@attrs.frozen
class Import:
    """One import of a module, and when it happens."""

    file: str
    line: int
    module: str
    when: str  # "at import", "when called" or "for types"

    @property
    def room(self) -> str:
        """The part of balancedu that is imported; empty for other libraries."""
        first, _, rest = self.module.partition(".")
        return (rest.partition(".")[0] or "__init__") if first == "balancedu" else ""


def imports_of(path: Path) -> Iterator[Import]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    yield from _imports(tree, path.as_posix(), "at import")


def _imports(node: ast.AST, file: str, when: str) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        now = when
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            now = "when called"
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            now = "for types"
        if isinstance(child, ast.Import):
            yield from (Import(file, child.lineno, alias.name, now) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{file}:{child.lineno} imports relatively"
            module = child.module or ""
            for alias in child.names:
                inner = f"{module}.{alias.name}"
                is_module = (ROOT / inner.replace(".", "/")).with_suffix(".py").is_file()
                is_module = is_module or (ROOT / inner.replace(".", "/")).is_dir()
                yield Import(file, child.lineno, inner if is_module else module, now)
        else:
            yield from _imports(child, file, now)


IMPORTS = [one for path in MODULES for one in imports_of(path)]


def room_of(file: str) -> str:
    return Path(file).parts[1].removesuffix(".py")


# Rooms


def test_every_module_stands_in_a_room_of_the_plan() -> None:
    assert {room_of(path.as_posix()) for path in MODULES} <= set(FLOOR)


def test_imports_run_one_way() -> None:
    wrong = [
        f"{one.file}:{one.line} imports {one.module}"
        for one in IMPORTS
        if one.room
        and one.room != room_of(one.file)
        and FLOOR[one.room] >= FLOOR[room_of(one.file)]
        and (one.file, one.room) not in STAIRS
        and not (one.room == "__init__" and FLOOR[room_of(one.file)] == FLOOR["cli"])
    ]

    assert wrong == []


def test_nothing_imports_its_way_round_in_a_circle() -> None:
    names = {path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path for path in MODULES}
    needs = {
        name: {one.module for one in imports_of(path) if one.when == "at import" and one.module in names}
        for name, path in names.items()
    }
    done: set[str] = set()
    while ready := {name for name in needs if name not in done and needs[name] <= done | {name}}:
        done |= ready

    assert set(needs) - done == set()


def test_the_calculator_needs_numpy_and_nothing_else() -> None:
    wanted = {
        one.module.partition(".")[0]
        for one in IMPORTS
        if room_of(one.file) == "calculator" and one.room != "calculator"
    }

    assert wanted - sys.stdlib_module_names == {"numpy"}


def test_errors_need_nothing_but_words() -> None:
    wanted = {(one.room or one.module) for one in IMPORTS if room_of(one.file) in ("errors", "phrase")}

    assert wanted - sys.stdlib_module_names - {"collections.abc"} == {"phrase", "attrs"}


def test_other_libraries_are_imported_where_they_are_used() -> None:
    others = [one for one in IMPORTS if not one.room and one.module.partition(".")[0] not in sys.stdlib_module_names]
    at_import = {
        one.module.partition(".")[0] for one in others if one.when == "at import" and room_of(one.file) != "testing"
    }
    ever = {one.module.partition(".")[0] for one in others}

    assert at_import <= DEPENDENCIES
    assert ever <= DEPENDENCIES | OPTIONAL


LOADED = """
import sys
{statement}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    "statement",
    ["import balancedu", "import balancedu; [getattr(balancedu, name) for name in balancedu.__all__]"],
    ids=["import", "every name"],
)
def test_importing_costs_little(statement: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.stderr == ""
    assert "balancedu" in done.stdout.split()
    assert set(done.stdout.split()) & (OPTIONAL | {"yaml", "pytest", "csv", "zipfile", "argparse"}) == set()


# The law


def figures_of(value: Any) -> Iterator[Decimal]:
    """Every number that an object of a standard declares."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        yield Decimal(value)
    elif isinstance(value, Mapping):
        yield from itertools.chain.from_iterable(figures_of(one) for one in value.values())
    elif isinstance(value, tuple):
        yield from itertools.chain.from_iterable(figures_of(one) for one in value)
    elif attrs.has(type(value)):
        yield from itertools.chain.from_iterable(
            figures_of(getattr(value, field.name)) for field in attrs.fields(type(value))
        )


def law() -> set[Decimal]:
    """Every threshold, limit, floor and weight of the standards that come with balancedu."""
    figures = set()
    for name in (*be.available_standards(), *be.available_overlays()):
        standard = be.load_standard(name)
        # Relief that has ended is law all the same.
        standard = be.load_standard(name, on=standard.expired[0].until) if standard.expired else standard
        rules = [rule for item in standard.items.values() for rule in item.rules]
        for part in (*rules, *standard.indicators.values(), standard.head.scope, dict(standard.floors)):
            figures |= set(figures_of(part))
    return figures


# Numbers that programs have of their own: none, one, two, ten, and the hundred of per cent.
ORDINARY = {Decimal(number) for number in (-1, 0, 1, 2, 10, 100)}
# Numbers that happen to be figures of the law and mean something else.
OTHERWISE = {
    ("balancedu/evaluation/figures.py", "12"): "more decimals than anybody prints",
    ("balancedu/planning/robustness.py", "0.95"): "the usual confidence",
    ("balancedu/planning/trend.py", "0.95"): "the usual confidence",
    ("balancedu/reporting/law.py", "12"): "the column that a title begins in",
    ("balancedu/submission/checking/sums.py", "0.5"): "half a unit of the last digit",
    ("balancedu/testing/facts.py", "1700"): "yuan per pupil that a made-up county spends",
}


OTHERWISE |= {
    ("balancedu/calculator/inequality.py", "0.5"): "the aversion to inequality that Atkinson's index begins with",
    ("balancedu/explaining/explanation.py", "12"): "how many figures a printed step names",
    ("balancedu/reporting/rectification.py", "6"): "the columns of a table",
    ("balancedu/reporting/word.py", "12"): "the size of a heading",
    ("balancedu/reporting/word.py", "2.4"): "a margin in centimetres",
    ("balancedu/submission/writing/book.py", "0.5"): "a margin in inches",
}
OTHERWISE |= {
    ("balancedu/submission/reading/workbooks/serial.py", "45"): "the number of a format of times",
    ("balancedu/submission/reading/workbooks/serial.py", "50"): "the number of a format of days",
}
# Sizes and places of what is drawn.
OTHERWISE |= {
    (f"balancedu/{module}.py", number): "a size or place in a picture"
    for module, numbers in {
        "plots/classes": ("0.5", "1.2"),
        "plots/sections": ("0.45", "0.5", "0.9", "1.2", "12", "6"),
        "plots/spread": ("0.15", "0.5", "1.1", "1.2", "12", "7.5"),
        "reporting/facts": ("1.2",),
    }.items()
    for number in numbers
}


def literals_of(path: Path) -> Iterator[tuple[int, str]]:
    """The numbers and the texts of a module that are no docstrings."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings and not isinstance(node.value, bool | None):
            yield node.lineno, str(node.value) if isinstance(node.value, str) else str(node.value).removesuffix(".0")


def test_the_law_declares_what_is_looked_for() -> None:
    known = {
        "4.5",
        "3.825",
        "0.85",
        "0.50",
        "0.45",
        "45",
        "50",
        "2000",
        "2500",
        "6000",
        "96",
        "12",
        "1.32",
        "0.15",
        "6",
    }

    assert {Decimal(figure) for figure in known} <= law()


def test_no_figure_of_the_law_stands_in_python() -> None:
    figures = {text for figure in law() - ORDINARY for text in (str(figure.normalize()), f"{figure:f}")}
    found = {
        (path.as_posix(), number): f"{path}:{line} {number}"
        for path in MODULES
        for line, number in literals_of(path)
        if number in figures
    }

    assert [place for known, place in found.items() if known not in OTHERWISE] == []
    assert set(OTHERWISE) - set(found) == set()


# Sizes


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every function with its number of lines, the docstring aside."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node):
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, lines


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_modules_and_functions_stay_small(path: Path) -> None:
    long = [(name, lines) for name, lines in functions_of(path) if lines > LONGEST_FUNCTION]

    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert long == []

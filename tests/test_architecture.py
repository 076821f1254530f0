"""The packages keep their order: imports run one way, and the law is only in the specs."""

from __future__ import annotations

import ast
import itertools
import re
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

# From the lowest package to the highest: a package imports only packages before it.
PACKAGES = (
    "text",
    "options",
    "errors",
    "saving",
    "calculator",
    "html",
    "document",
    "core",
    "submission",
    "files",
    "evaluation",
    "judging",
    "evaluate",
    "scale",
    "explaining",
    "planning",
    "plots",
    "reporting",
    "revisions",
    "testing",
    "app",
    "commands",
    "cli",
    "__init__",
    "__main__",
)
LEVEL = {package: level for level, package in enumerate(PACKAGES)}

DEPENDENCIES = {"numpy", "attrs", "attr", "yaml"}
OPTIONAL = {
    "pandas",
    "polars",
    "pyarrow",
    "hypothesis",
    "openpyxl",
    "odf",
    "python_calamine",
    "matplotlib",
    "scipy",
    "docx",
    "jinja2",
}
OPTIONAL |= {"weasyprint", "xlsxwriter", "xlrd"}
OPTIONAL |= {"tqdm"}
OPTIONAL |= {"fastapi", "starlette", "uvicorn"}


@attrs.frozen
class Import:
    """One import of a module, and when it happens."""

    file: str
    line: int
    module: str
    when: str  # "at import", "when called" or "for types"

    @property
    def package(self) -> str:
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


IMPORTS = [entry for path in MODULES for entry in imports_of(path)]


def package_of(file: str) -> str:
    return Path(file).parts[1].removesuffix(".py")


# Rooms


def test_every_module_is_in_a_known_package() -> None:
    assert {package_of(path.as_posix()) for path in MODULES} <= set(LEVEL)


def test_imports_run_one_way() -> None:
    wrong = [
        f"{entry.file}:{entry.line} imports {entry.module}"
        for entry in IMPORTS
        if entry.package
        and entry.package != package_of(entry.file)
        and LEVEL[entry.package] > LEVEL[package_of(entry.file)]
        and package_of(entry.file) not in ("app", "cli", "commands")
        # The annotations of the one function that is imported at once name public types.
        and (entry.file, entry.module) != ("balancedu/evaluate.py", "balancedu")
    ]

    assert wrong == []


def test_no_imports_form_a_circle() -> None:
    """Imports inside functions and for type checkers count too."""
    names = {path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path for path in MODULES}
    needs = {
        name: {entry.module for entry in imports_of(path) if entry.module in names and entry.module != "balancedu"}
        for name, path in names.items()
        if name != "balancedu"
    }
    circles = {name for name in needs if name in reached_from(name, needs)}

    assert circles == set()


def reached_from(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    """Every module that a module imports, and that those import."""
    reached: set[str] = set()
    ahead = needs[name] - {name}
    while ahead:
        reached |= ahead
        ahead = set().union(*(needs.get(other, set()) - {other} for other in ahead)) - reached
    return reached


def test_the_calculator_needs_numpy_and_nothing_else() -> None:
    wanted = {
        entry.module.partition(".")[0]
        for entry in IMPORTS
        if package_of(entry.file) == "calculator" and entry.package != "calculator"
    }

    assert wanted - sys.stdlib_module_names == {"numpy"}


def test_errors_import_options_texts_and_attrs_alone() -> None:
    wanted = {
        (entry.package or entry.module) for entry in IMPORTS if package_of(entry.file) in ("errors", "options", "text")
    }

    assert wanted - sys.stdlib_module_names - {"collections.abc"} == {"text", "options", "attrs"}


def test_other_libraries_are_imported_where_they_are_used() -> None:
    others = [
        entry
        for entry in IMPORTS
        if not entry.package and entry.module.partition(".")[0] not in sys.stdlib_module_names
    ]
    # `files/marking` is imported by one function, which states what to install where openpyxl is missing.
    at_import = {
        other.module.partition(".")[0]
        for other in others
        if other.when == "at import"
        and package_of(other.file) not in ("testing", "app")
        and not str(other.file).endswith("files/marking.py")
    }
    ever = {other.module.partition(".")[0] for other in others}

    assert at_import <= DEPENDENCIES
    assert ever <= DEPENDENCIES | OPTIONAL


LOADED = """
import sys
{statement}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def test_importing_balancedu_imports_no_numpy_yet() -> None:
    command = [sys.executable, "-c", LOADED.format(statement="import balancedu")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert set(done.stdout.split()) & DEPENDENCIES <= {"attr", "attrs"}


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
    assert set(done.stdout.split()) & (OPTIONAL | {"pytest", "zipfile", "argparse"}) == set()


# The law


def figures_of(value: Any) -> Iterator[Decimal]:
    """Every number that an object of a standard declares."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        yield Decimal(value)
    elif isinstance(value, Mapping):
        yield from itertools.chain.from_iterable(figures_of(entry) for entry in value.values())
    elif isinstance(value, tuple):
        yield from itertools.chain.from_iterable(figures_of(entry) for entry in value)
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
ORDINARY = {Decimal(number) for number in (-1, 0, 1, 2, 3, 10, 100)}
# The packages in which a figure of the law would be a second place for it.
JUDGES = [path for path in MODULES if path.parts[1] == "judging" or path.as_posix() == "balancedu/core/rules.py"]


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


def test_no_figure_of_the_law_is_in_the_judges() -> None:
    figures = {text for figure in law() - ORDINARY for text in (str(figure.normalize()), f"{figure:f}")}

    assert [
        f"{path}:{line} {number}" for path in JUDGES for line, number in literals_of(path) if number in figures
    ] == []


def ids() -> set[str]:
    """Return the id of every item, indicator, part and overlay of the standards that come with balancedu."""
    result: set[str] = set(be.available_overlays())
    for name in be.available_standards():
        standard = be.load_standard(name)
        result |= {*standard.items, *standard.indicators, *standard.parts}
    return result


# Words that programs use for something else.
WORDS = {"eligibility", "resources", "guarantee", "quality", "recognition", "veto", "government"}


def test_no_id_of_the_law_is_in_the_package() -> None:
    wanted = ids() - WORDS
    assert [f"{path}:{line} {text}" for path in MODULES for line, text in literals_of(path) if text in wanted] == []


def test_no_id_of_the_law_is_in_a_description_of_a_field() -> None:
    inside = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, ids() - WORDS))})(?![\w-])")
    core = [path for path in MODULES if path.parts[1] in ("core", "judging")]
    found = [(path.name, text) for path in core for _, text in literals_of(path) if inside.search(text)]

    assert found == []


# The walk of docs/architecture.md


def read_in_the_walk() -> list[tuple[str, str]]:
    """Return each file and name that the walk lists: a class, a function or a method."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in text.splitlines() if re.match(r"\| [0-9]+ \|.*\.py`", row)]
    return [(row[2].strip(" `"), name.strip(" `")) for row in rows for name in row[3].split(",")]


def read_on_demand() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .*\? \| (.*) in `(.*\.py)` \|$", text, re.MULTILINE)
    return [(f"balancedu/{file}", name.strip(" `")) for names, file in rows for name in names.split(",")]


def lines_of(file: str, name: str) -> int:
    body: list[ast.stmt] = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    for step in name.split("."):
        (found,) = [node for node in body if getattr(node, "name", None) == step]
        body = getattr(found, "body", [])
    return (found.end_lineno or 0) - found.lineno + 1


def test_the_walk_is_there_and_short() -> None:
    walk, rest = read_in_the_walk(), read_on_demand()

    assert len({file for file, _ in (*walk, *rest)}) == 8
    assert (len(walk), len(rest)) == (9, 14)
    assert sum(lines_of(*part) for part in walk) < 270
    assert sum(lines_of(*part) for part in (*walk, *rest)) < 850

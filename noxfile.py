"""Longer checks, each in an environment of its own: `nox --list`, `nox -s mutation`."""

import json
from pathlib import Path

import nox


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Run the whole suite with every Python that is installed."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-n", "2", "--dist", "loadfile", *session.posargs)


@nox.session(default=False)
def lowest(session: nox.Session) -> None:
    """Run the tests of the calculator, the law, files, results and papers with the lowest versions allowed."""
    session.install("-c", "tests/lowest.txt", "-e", ".[app,arrow,excel,frames,plan,plot,progress,report,testing]")
    beside = ("pytest>=8", "sybil", "jsonschema", "cloudpickle", "joblib", "polars", "pypdf", "pygini", "ineqpy")
    session.install("-c", "tests/lowest.txt", *beside, "inequality", "duckdb", "nbclient", "nbformat")
    folders = ("calculator", "core", "evaluation", "judging", "files", "explaining", "planning", "revisions")
    # Deprecations in old libraries cannot be fixed here; pictures differ by version.
    quiet = ("-W", "default::DeprecationWarning", "-W", "default::FutureWarning")
    session.run("python", "-m", "pytest", "-q", *quiet, *(f"tests/{folder}" for folder in folders), "tests/test_cli.py")


@nox.session(default=False)
def benchmarks(session: nox.Session) -> None:
    """Print times and memory beside numpy, pandas and polars; `-- --size 0.1` takes a tenth of the nation."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.benchmarks", *session.posargs)


@nox.session(default=False)
def engines(session: nox.Session) -> None:
    """Run the code of the guide to scale for Ray and for Spark, which needs Java."""
    session.install(".[frames]", "joblib", "ray", "pyspark")
    session.run("python", "tests/engines.py", env={"PYSPARK_PYTHON": f"{session.bin}/python"})


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the calculator and the judging in 300 places, one at a time, and list what no test notices.

    `-- 60` takes a sample of 60; a mutant takes a second or two, one that no test notices up to half a minute.
    """
    session.install("-e", ".[test]", "cosmic-ray>=8.3", "coverage>=7.6")
    size = session.posargs[0] if session.posargs else "300"
    mutants = Path(session.create_tmp(), "mutants.sqlite")
    mutants.unlink(missing_ok=True)
    session.run("cosmic-ray", "init", "tests/mutation/sample.toml", str(mutants))
    session.run("python", "-m", "tests.mutation", "sample", str(mutants), size, "2017")
    session.run("python", "-m", "tests.mutation", "run", str(mutants), env={"COVERAGE_CORE": "ctrace"})
    session.run("python", "-m", "tests.mutation", "survivors", str(mutants))


@nox.session(default=False)
def site(session: nox.Session) -> None:
    """Build the documentation as a site in `build/site`; every warning is an error."""
    session.install("-e", ".[all,docs]")
    session.run("python", "-m", "sphinx", "-W", "-q", "docs", "build/site")


@nox.session(default=False)
def types(session: nox.Session) -> None:
    """Check that pyright knows the types of at least 98 % of the public names, as `--verifytypes` counts them."""
    # An editable installation has no py.typed beside the modules that pyright finds.
    session.install(".[all]", "pyright>=1.1.400")
    session.chdir(session.create_tmp())
    command = ("pyright", "--verifytypes", "balancedu", "--ignoreexternal", "--outputjson")
    printed = session.run(*command, silent=True, success_codes=[0, 1])
    known = json.loads(str(printed))["typeCompleteness"]["completenessScore"]
    session.log(f"{known:.1%} of the public names have a known type")
    if known < 0.98:
        session.error("less than 98 % of the public names have a known type")

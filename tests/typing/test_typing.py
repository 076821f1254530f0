"""The types reach those who use the library: mypy reads a consumer's code and finds what it should find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import balancedu as be

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def test_a_consumer_is_checked_strictly() -> None:
    done = subprocess.run(
        # The configuration of the project, so that what mypy knows of it already is used again.
        [sys.executable, "-m", "mypy", str(HERE / "consumer.py")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.stdout.splitlines() == ["Success: no issues found in 1 source file"]


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(be.__file__).parent / "py.typed").is_file()

"""A property that fails shows its example, despite deprecated calls of the reporters."""

import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).resolve().parents[2] / "pyproject.toml"

REPORTER = """
import warnings
from hypothesis.extra import _patching

original = _patching.get_patch_for

def deprecated(*arguments, **named):
    warnings.warn_explicit("old", DeprecationWarning, _patching.__file__, 1, "{module}")
    return original(*arguments, **named)

_patching.get_patch_for = deprecated
"""

PROPERTY = """
import pytest
import reporter
from balancedu.testing import values_and_pupils
from hypothesis import Phase, given, settings

@settings(database=None, derandomize=True, phases=[Phase.generate])
@given(values_and_pupils())
def test_fails(drawn):
    assert len(drawn[0]) < 2
"""


def outcome(folder: Path, module: str) -> str:
    (folder / "reporter.py").write_text(REPORTER.replace("{module}", module))
    (folder / "test_property.py").write_text(PROPERTY)
    command = [sys.executable, "-m", "pytest", "-c", str(CONFIG), "-p", "no:cacheprovider", str(folder)]
    environment = {"PYTHONPATH": f"{CONFIG.parent}:{folder}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=folder, env=environment)
    return done.stdout + done.stderr


def test_the_example_is_shown(tmp_path: Path) -> None:
    shown = outcome(tmp_path, "hypothesis.extra._patching")

    assert "test_fails(" in shown
    assert "drawn=(" in shown
    assert "INTERNALERROR" not in shown
    assert "1 failed" in shown or "FAILED" in shown


def test_other_deprecations_are_errors_still(tmp_path: Path) -> None:
    assert "INTERNALERROR" in outcome(tmp_path, "somebody")

"""The docstrings of all public names pass the validation of numpydoc."""

from __future__ import annotations

import inspect

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import balancedu as be

# No docstring has to have these: a paragraph below its first line, and references to other names.
OPTIONAL = {"ES01", "SA01"}
# What those who only receive an object do not need: the parameters that make it, and an example of making it.
OF_MAKERS = {"PR01", "PR02", "EX01"}
# Attributes and methods are validated with their class; numpydoc takes instances for modules.
NAMES = [name for name in be.__all__ if inspect.isclass(getattr(be, name)) or inspect.isfunction(getattr(be, name))]


@pytest.mark.parametrize("name", NAMES)
def test_a_public_docstring_is_valid(name: str) -> None:
    entry = getattr(be, name)
    received = inspect.isclass(entry) and entry is not be.Submission
    checks = set(ERROR_MSGS) - OPTIONAL - (OF_MAKERS if received else set())

    errors = validate(f"balancedu.{name}")["errors"]

    assert [f"{code}: {problem}" for code, problem in errors if code in checks] == []


def test_almost_all_public_names_are_validated() -> None:
    assert set(be.__all__) - set(NAMES) <= {"options"}

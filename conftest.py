"""Runs the Python blocks of the README, the docs and the specs' README as tests; errors are in English in all tests."""

from collections.abc import Iterator
from doctest import ELLIPSIS

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from balancedu.options import options

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS)],
    patterns=["README*.md", "docs/*.md", "docs/**/*.md", "specs/README.md"],
).pytest()


@pytest.fixture(scope="session", autouse=True)
def _in_english() -> Iterator[None]:
    """Set the language of errors for all tests; tests of the default set it themselves."""
    with options.using("en"):
        yield

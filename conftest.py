"""Runs the Python blocks of the README, the docs and the specs' README as tests."""

from doctest import ELLIPSIS

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS)],
    patterns=["README*.md", "docs/*.md", "docs/**/*.md", "specs/README.md"],
).pytest()

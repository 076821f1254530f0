"""Configuration of the documentation site. Build it with `python -m sphinx -W docs SITE`."""

import re
from pathlib import Path

from sphinx.application import Sphinx

import balancedu as be

project = "balancedu"
author = "balancedu contributors"
copyright = author  # noqa: A001
release = version = be.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
root_doc = "index"
templates_path = ["_templates"]
exclude_patterns = ["_templates"]
language = "en"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the notebooks contain their outputs, and a test executes them
suppress_warnings = ["myst.header"]

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc shows the types of the docstring
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = f"balancedu {release}"
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"], "navigation_with_keys": False}
html_show_sourcelink = False

_SPECS = Path(__file__).resolve().parent.parent / "specs"
_LINK = re.compile(r"\]\((?:\.\./)+specs/README\.md")


def _with_specs(_app: Sphinx, page: str, source: list[str]) -> None:
    """Insert the README of the specs, which is outside the folder of the site, and let links lead to it."""
    if page == "specs":
        text = (_SPECS / "README.md").read_text(encoding="utf-8")
        text = re.sub(r"\[([^]]+)\]\(schemas/[^)]*\)", r"\1", text)  # the site cannot link to a folder
        source[0] = re.sub(r"\]\((?!#|https?:)", "](../specs/", text)
    source[0] = _LINK.sub("](/specs.md", source[0])


def setup(app: Sphinx) -> None:
    """Connect the hook; Sphinx calls this."""
    app.connect("source-read", _with_specs)

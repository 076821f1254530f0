"""How the site is built: `python -m sphinx -W docs SITE`."""

import balancedu as be

project = "balancedu"
author = "balancedu contributors"
copyright = author  # noqa: A001
release = version = be.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["examples/**", "api/*.inc"]
root_doc = "index"
language = "en"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the notebooks hold their outputs, and a test executes them
suppress_warnings = ["myst.header"]

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc shows the types of the docstring
numpydoc_show_class_members = True
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = f"balancedu {release}"
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"], "navigation_with_keys": False}
html_show_sourcelink = False

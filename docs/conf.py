"""How Sphinx builds this documentation: `nox -s docs`, and a warning is an error."""

from importlib.metadata import version as installed_version

project = "leakwatch"
author = copyright = "the leakwatch developers"  # noqa: A001 - the name Sphinx reads
release = version = installed_version("leakwatch-framework")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"leakwatch {release}"

"""How Sphinx builds this documentation: `nox -s docs`, and a warning is an error."""

import inspect
from importlib.metadata import version as installed_version

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.python import ObjectEntry
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

import leakwatch

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

PAGE = "reference/api"
"""Where each public name has a heading of its own."""


def setup(app: Sphinx) -> None:
    app.connect("env-updated", note_names)


def note_names(app: Sphinx, env: BuildEnvironment) -> None:
    """Put the public names into `objects.inv`, so that the pages of other projects link to them."""
    objects = env.get_domain("py").data["objects"]
    headings = {
        it[0].astext(): it["ids"][-1] for it in env.get_doctree(PAGE).findall(nodes.section)
    }
    for name in leakwatch.__all__:
        if name in headings:
            kind = "class" if inspect.isclass(getattr(leakwatch, name)) else "function"
            entry = ObjectEntry(PAGE, headings[name], kind, aliased=False)
            objects[f"leakwatch.{name}"] = entry
        else:
            getLogger(__name__).warning("%s: no heading for leakwatch.%s", PAGE, name)

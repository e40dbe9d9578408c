"""The formats that leakwatch itself offers."""

from leakwatch.reports import json_, markdown, text
from leakwatch.reports.renderer import Renderer

RENDERERS = (
    Renderer("text", (".txt",), text.render, "to be read in a terminal (the default)"),
    Renderer("json", (".json",), json_.render, "everything, to be kept and rendered again"),
    Renderer("markdown", (".md",), markdown.render, "for a comment on an issue or a pull request"),
)

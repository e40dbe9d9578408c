"""The formats that leakwatch itself offers."""

from collections.abc import Callable
from importlib import import_module

from leakwatch.report import Report
from leakwatch.reports import json_, markdown, text
from leakwatch.reports.renderer import Renderer


def when_used(name: str) -> Callable[[Report], str]:
    """The renderer of a module that is imported when it is needed; most processes need none."""

    def render(report: Report) -> str:
        rendered: str = import_module(f"leakwatch.reports.{name}").render(report)
        return rendered

    return render


RENDERERS = (
    Renderer("text", (".txt",), text.render, "to be read in a terminal (the default)"),
    Renderer("json", (".json",), json_.render, "everything, to be kept and rendered again"),
    Renderer("jsonl", (".jsonl",), json_.render_line, "the same in one line, for streams"),
    Renderer("markdown", (".md",), markdown.render, "for a comment on an issue or a pull request"),
    Renderer("github", (), when_used("github"), "workflow commands that mark the lines on GitHub"),
    Renderer("sarif", (".sarif",), when_used("sarif"), "for code scanning services (SARIF 2.1.0)"),
    Renderer("junit", (".xml",), when_used("junit"), "for servers that show test results"),
)

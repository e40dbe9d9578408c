"""The formats of reports: what one is, those of leakwatch itself, and choosing among all."""

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from os import PathLike

from leakwatch.errors import ConfigurationError, PluginError, ReportFileError, quoted, shown_path
from leakwatch.isolation.calls import described
from leakwatch.report import Report
from leakwatch.reports import files, json_, markdown, text
from leakwatch.reports.renderer import Renderer

__all__ = ["RENDERERS", "Renderer", "RendererPresenter"]


def when_used(name: str) -> Callable[[Report], str]:
    """The renderer of a module that is imported when it is needed; most processes need none."""

    def render(report: Report) -> str:
        rendered: str = import_module(f"leakwatch.reports.{name}").render(report)
        return rendered

    return render


RENDERERS = (
    Renderer("text", (".txt",), text.render, "to be read in a terminal (the default)"),
    Renderer("brief", (), when_used("brief"), "a line for what was found, nothing else (-q)"),
    Renderer("full", (), text.render_in_full, "text with nothing left out or cut short (-v)"),
    Renderer("json", (".json",), json_.render, "everything, to be kept and rendered again"),
    Renderer("jsonl", (".jsonl",), json_.render_line, "the same in one line, for streams"),
    Renderer("markdown", (".md",), markdown.render, "for a comment on an issue or a pull request"),
    Renderer("github", (), when_used("github"), "workflow commands that mark the lines on GitHub"),
    Renderer("sarif", (".sarif",), when_used("sarif"), "for code scanning services (SARIF 2.1.0)"),
    Renderer("junit", (".xml",), when_used("junit"), "for servers that show test results"),
)


FRAGMENT = "notebook"
"""Name of the format that a notebook is shown."""


class RendererPresenter:
    """The `leakwatch.report.Presenter` over a changing set of renderers.

    Args:
        renderers: gives the renderers of this moment; of two for one name or suffix the
            first is taken.
    """

    def __init__(self, renderers: Callable[[], Sequence[Renderer]]) -> None:
        self._renderers = renderers

    def text(self, report: Report) -> str:
        """The report as plain text; a broken renderer gives way to the built-in one."""
        try:
            return self.render(report, "text")
        except (ConfigurationError, ReportFileError) as error:
            return f"{text.render(report)}note: {error}\n"

    def fragment(self, report: Report) -> str | None:
        """The report as a piece of HTML for a notebook; None if no renderer makes one."""
        try:
            return self.render(report, FRAGMENT)
        except (ConfigurationError, ReportFileError):
            return None

    def save(self, report: Report, path: str | PathLike[str]) -> None:
        """Write the report in the format that the suffix of the path names.

        Raises:
            ReportFileError: the suffix is unknown or the file cannot be written.
        """
        files.write(path, self.render(report, self.format_of(path)))

    def load(self, path: str | PathLike[str]) -> Report:
        """Read a report that was saved as JSON.

        Raises:
            ReportFileError: the file is no report; the message says where.
        """
        return json_.parse(files.read(path), shown_path(path))

    def render(self, report: Report, name: str) -> str:
        """The report in the format of that name.

        Raises:
            ConfigurationError: there is no such format; the message lists those there are.
            ReportFileError: the renderer, a plugin's, failed.
        """
        for renderer in self._renderers():
            if renderer.name == name:
                return rendered(renderer, report)
        raise ConfigurationError(
            f"format {quoted(name)} is not known: expected one of {', '.join(self.names())}"
        )

    def names(self) -> list[str]:
        """The names of the formats, sorted."""
        return sorted({renderer.name for renderer in self._renderers()})

    def format_of(self, path: str | PathLike[str]) -> str:
        """The name of the format that the suffix of a path names.

        Raises:
            ReportFileError: the suffix is unknown; the message lists the known ones.
        """
        wanted = os.path.splitext(os.fspath(path))[1].lower()
        known: set[str] = set()
        for renderer in self._renderers():
            if wanted in renderer.suffixes:
                return renderer.name
            known.update(renderer.suffixes)
        raise ReportFileError(
            f"{shown_path(path)}: suffix {quoted(wanted)} names no report format: "
            f"expected one of {', '.join(sorted(known))}"
        )


def rendered(renderer: Renderer, report: Report) -> str:
    """What the renderer makes of the report.

    Raises:
        ReportFileError: it raised, which a renderer must not.
    """
    try:
        return renderer.render(report)
    except PluginError as error:
        raise ReportFileError(
            f"{error}; choose another format than {renderer.name!r}, or disable that plugin"
        ) from None
    except Exception as error:
        raise ReportFileError(
            f"the renderer of format {renderer.name!r} failed: {described(error)}; "
            "choose another format"
        ) from error

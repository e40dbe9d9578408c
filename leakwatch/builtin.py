"""leakwatch's own parts, through the same hooks as any plugin's."""

from leakwatch.diagnosis.inspectors import INSPECTORS, Inspector
from leakwatch.heap.roots.interpreter_tables import Recogniser, interpreter_table
from leakwatch.heap.roots.providers import PROVIDERS
from leakwatch.heap.roots.root import RootProvider
from leakwatch.hookspecs import hookimpl
from leakwatch.model import KnownLeak
from leakwatch.paths.names.name import Namer
from leakwatch.paths.names.references import NAMERS
from leakwatch.reports.formats import RENDERERS, Renderer


@hookimpl
def leakwatch_root_providers() -> tuple[RootProvider, ...]:
    """The roots that every CPython process has."""
    return PROVIDERS


@hookimpl
def leakwatch_unheld_containers() -> tuple[Recogniser, ...]:
    """The interpreter's own tables."""
    return (interpreter_table,)


@hookimpl
def leakwatch_reference_names() -> tuple[Namer, ...]:
    """Names of references held by the interpreter's own types."""
    return NAMERS


@hookimpl
def leakwatch_inspectors() -> tuple[Inspector, ...]:
    """Verdicts on the interpreter's and the standard library's types."""
    return INSPECTORS


@hookimpl
def leakwatch_renderers() -> tuple[Renderer, ...]:
    """Text, JSON and Markdown."""
    return RENDERERS


@hookimpl
def leakwatch_known_leaks() -> tuple[KnownLeak, ...]:
    """Those of the standard library and of popular packages."""
    # Imports tomllib and reads files, for which only a report with a leak has a use.
    from leakwatch.diagnosis.known.entries import shipped

    return shipped()

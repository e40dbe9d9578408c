"""leakwatch's own roots, names, inspectors and formats, through the same hooks as any plugin's."""

from leakwatch.diagnosis.inspectors import INSPECTORS, Inspector
from leakwatch.heap.named import Namer
from leakwatch.heap.providers import PROVIDERS
from leakwatch.heap.references import NAMERS
from leakwatch.heap.roots import RootProvider
from leakwatch.hookspecs import hookimpl
from leakwatch.reports.formats import RENDERERS
from leakwatch.reports.renderer import Renderer


@hookimpl
def leakwatch_root_providers() -> tuple[RootProvider, ...]:
    """The roots that every CPython process has."""
    return PROVIDERS


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

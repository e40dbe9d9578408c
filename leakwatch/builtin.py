"""leakwatch's own parts, through the same hooks as any plugin's.

Each is imported when it is asked for: most scopes leave nothing to judge.
"""

from typing import TYPE_CHECKING

from leakwatch.hookspecs import hookimpl

if TYPE_CHECKING:
    from leakwatch.diagnosis.judgement import Inspector
    from leakwatch.heap.of_class import OfClass
    from leakwatch.heap.roots.interpreter_tables import Recogniser
    from leakwatch.heap.roots.root import RootProvider
    from leakwatch.model import KnownLeak
    from leakwatch.paths.names.name import Namer
    from leakwatch.paths.sizes import Size
    from leakwatch.reports.renderer import Renderer


@hookimpl
def leakwatch_root_providers() -> "tuple[RootProvider, ...]":
    """The roots that every CPython process has."""
    from leakwatch.heap.roots.providers import PROVIDERS

    return PROVIDERS


@hookimpl
def leakwatch_unheld_containers() -> "tuple[Recogniser, ...]":
    """The interpreter's own tables."""
    from leakwatch.heap.roots.interpreter_tables import interpreter_table

    return (interpreter_table,)


@hookimpl
def leakwatch_reference_names() -> "tuple[Namer, ...]":
    """Names of references held by the interpreter's own types."""
    from leakwatch.paths.names.references import NAMERS

    return NAMERS


@hookimpl
def leakwatch_sizeof() -> "tuple[OfClass[Size], ...]":
    """What views of the interpreter's own show of the objects that they keep."""
    from leakwatch.heap.of_class import OfClass
    from leakwatch.paths.sizes import size_with_exporter

    return (OfClass("builtins", "memoryview", size_with_exporter),)


@hookimpl
def leakwatch_inspectors() -> "tuple[Inspector, ...]":
    """Verdicts on the interpreter's and the standard library's types."""
    from leakwatch.diagnosis.inspectors import INSPECTORS

    return INSPECTORS


@hookimpl
def leakwatch_renderers() -> "tuple[Renderer, ...]":
    """Text, JSON and Markdown."""
    from leakwatch.reports.formats import RENDERERS

    return RENDERERS


@hookimpl
def leakwatch_known_leaks() -> "tuple[KnownLeak, ...]":
    """Those of the standard library and of popular packages."""
    from leakwatch.diagnosis.known.entries import shipped

    return shipped()

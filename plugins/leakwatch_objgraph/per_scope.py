"""Growth of types printed for every scope, once somebody has asked for it by environment."""

import sys

from leakwatch import Report, hookimpl
from leakwatch_objgraph.growth import HeapGrowth, type_growth

_open: dict[str, list[HeapGrowth]] = {}


@hookimpl
def leakwatch_scope_opened(name: str) -> None:
    """Count before the scope's work."""
    growth = type_growth()
    growth.start()
    _open.setdefault(name, []).append(growth)


@hookimpl
def leakwatch_scope_closed(report: Report) -> None:
    """Count again, and print the growth to the standard error.

    Scopes of one name that overlap in several threads may swap their starts: the counts are
    those of the whole process anyway.
    """
    started = _open.get(report.scope)
    if not started:
        return
    growth = started.pop()
    if not started:
        del _open[report.scope]
    growth.stop()
    table = str(growth).replace("\n", "\n  ")
    sys.stderr.write(f"leakwatch: growth of types in {report.kind} {report.scope!r}\n  {table}\n")

"""Pictures of retention paths, and the growth of types as objgraph counts it.

    leakwatch_objgraph.draw(scope.report, "leak.svg")

    with leakwatch_objgraph.type_growth() as growth:
        work()
    print(growth)

Pictures are written by our own code: objgraph's drawing labels each node with the object's
`repr`, which runs code of the program and may show its secrets. A leakwatch report has types
and names of references only. So objgraph is imported for the growth of types, and not before.

With `LEAKWATCH_OBJGRAPH=1` in the environment every scope prints its growth of types.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

import os
from typing import TYPE_CHECKING

from leakwatch import hookimpl
from leakwatch.extending import names_from

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakwatch.extending import Renderer
    from leakwatch_objgraph.dot_text import dot
    from leakwatch_objgraph.drawing import draw
    from leakwatch_objgraph.growth import HeapGrowth, TypeGrowth, type_growth

__all__ = ["HeapGrowth", "TypeGrowth", "dot", "draw", "leakwatch_renderers", "type_growth"]

__getattr__ = names_from(
    {
        "HeapGrowth": "growth",
        "TypeGrowth": "growth",
        "dot": "dot_text",
        "draw": "drawing",
        "type_growth": "growth",
    },
    globals(),
)

if os.environ.get("LEAKWATCH_OBJGRAPH", "") not in {"", "0"}:
    # Two walks over the heap for each scope: nobody has these hooks without asking for them.
    from leakwatch_objgraph.growth import (  # noqa: F401 - pluggy finds them by name
        leakwatch_scope_closed,
        leakwatch_scope_opened,
    )


@hookimpl
def leakwatch_renderers() -> "Iterable[Renderer]":
    """Graphviz DOT; works without objgraph and without graphviz."""
    from leakwatch.extending import Renderer
    from leakwatch_objgraph.dot_text import dot

    return [Renderer("dot", (".dot",), dot, "a picture of the paths, for graphviz")]

"""Which types have more instances than before: `objgraph.growth` around a stretch of work.

objgraph counts every object that the collector knows, by type, and collects first: twice
the time of a full collection and more. So it is never done unless asked for.
"""

import gc
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from leakwatch import Report, hookimpl
from leakwatch.errors import LeakwatchError
from leakwatch.extending import printable

MOST_PRINTED = 20
"""Types in the printed table, fastest growing first; `types` has them all."""


@dataclass(frozen=True, slots=True)
class TypeGrowth:
    """One type that has grown.

    Attributes:
        type_name: `module.name`.
        count: instances at the end.
        growth: instances more than at the start.
    """

    type_name: str
    count: int
    growth: int


class HeapGrowth:
    """Growth of types between `start` and `stop`, or around a `with` block.

    Attributes:
        types: the types that have grown, fastest first; empty until the end.
        note: why the counts are not the whole truth; empty if they are.
    """

    __slots__ = ("_frozen", "_peaks", "note", "types")

    def __init__(self) -> None:
        self.types: tuple[TypeGrowth, ...] = ()
        self.note = ""
        self._peaks: dict[str, int] = {}
        self._frozen = 0

    def start(self) -> None:
        """Count for the first time."""
        self._count()
        self._frozen = gc.get_freeze_count()

    def stop(self) -> None:
        """Count again and compare."""
        self.types = self._count()
        frozen = gc.get_freeze_count()
        if frozen != self._frozen:
            # objgraph sees what gc.get_objects() lists, and that leaves frozen objects out.
            self.note = (
                f"{self._frozen:,} objects were frozen at the start and {frozen:,} at the end "
                "(gc.freeze(), or an open scope with discover=True); they are not counted, so "
                "the figures cannot be compared"
            )

    def _count(self) -> tuple[TypeGrowth, ...]:
        found = objgraph_module().growth(limit=None, peak_stats=self._peaks, shortnames=False)
        return tuple(TypeGrowth(printable(name), count, growth) for name, count, growth in found)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __str__(self) -> str:
        shown = self.types[:MOST_PRINTED]
        width = max((len(grown.type_name) for grown in shown), default=0)
        lines = [
            f"{grown.type_name:<{width}} {grown.count:>9,} {grown.growth:>+9,}" for grown in shown
        ]
        if len(self.types) > MOST_PRINTED:
            lines.append(f"and {len(self.types) - MOST_PRINTED} more types")
        if self.note:
            lines.append(f"note: {self.note}")
        return "\n".join(lines) or "no type has more instances than before"


def type_growth() -> HeapGrowth:
    """Count the objects of each type before and after a `with` block.

    Each count makes a full collection and looks at every object. objgraph asks each class for
    its name, so a metaclass of the program may run code; judging leaks never does that.

    Returns:
        the growth, filled when the block ends.

    Raises:
        LeakwatchError: on entering, if objgraph cannot be imported.
    """
    return HeapGrowth()


def objgraph_module() -> Any:
    """objgraph, imported when the first count is made."""
    try:
        import objgraph
    except ImportError as error:
        raise LeakwatchError(
            f"the growth of types needs objgraph, which cannot be imported ({error}): "
            "pip install objgraph"
        ) from error
    return objgraph


_open: dict[str, list[HeapGrowth]] = {}
"""Growth of the open scopes by name, where the environment asks for it."""


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

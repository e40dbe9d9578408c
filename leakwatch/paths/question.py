"""What one analysis of the heap is asked, and what it answers.

These values hold live objects. They exist inside one `with` block and are emptied at its
end; what leaves the block is made of `leakwatch.model` values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from leakwatch.heap.limits import Limits
from leakwatch.heap.of_class import Calls
from leakwatch.heap.roots.interpreter_tables import Recogniser, interpreter_table
from leakwatch.heap.roots.root import HeapRoot, RootProvider, RootQuery
from leakwatch.heap.structural_types import Kind
from leakwatch.paths.routes import Route

Shape = tuple[object, ...]
"""What the path to a survivor looks like: equal for survivors that are held alike."""
Size = Annotated[int, range(2**63)] | None
"""Bytes of an object, or None where they are not known."""
Sizer = Callable[[object], Size]
"""Bytes of an object that the interpreter does not know, or None if it is not the sizer's."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trace:
    """How one survivor is held; live, so it must not leave the `with` block it came from.

    Attributes:
        survivor: the object.
        root: where the chain of references starts.
        route: gives the objects of the path.
        retained: bytes credited to the survivor, its own included.
        shallow: bytes of the survivor itself.
        nested: ids of other survivors of the same type that only this one holds, nearest first.
        shape: equal for survivors that are held alike; None where that is not known.
        repeated: whether another trace of the same survivor comes before.
        company: what else it alone keeps alive, by type; known where owners are asked for.
    """

    survivor: object
    root: HeapRoot
    route: Route
    retained: int
    shallow: int
    nested: tuple[int, ...] = ()
    shape: Shape | None = None
    repeated: bool = False
    company: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Question:
    """What to explain and with which means.

    Attributes:
        survivors: the objects to explain; the list is emptied when the analysis ends.
        query: what the root providers may know.
        providers: root providers in search order.
        sizers: sizes that plugins know.
        hidden: how plugins look into objects that the collector cannot look into.
        recognisers: what tells the tables that nothing in Python holds, the first answer counts.
        limits: budget of the walk.
        owners_only: report the outermost survivors only, with the others in their size.
        repeated: whether the survivors come from one piece of work, repeated. What a single
            stretch of work, and so each of many tests, leaves in the standard library's own
            tables, without a name of its own, is bookkeeping (path caches, warnings filters);
            what comes again and again is not.
        every_root: give a trace for each root that reaches a survivor, not only the first.
        exact_sizes: find out what each survivor alone retains, see `leakwatch.paths.dominators`.
    """

    survivors: list[object]
    query: RootQuery
    providers: Sequence[RootProvider]
    sizers: Calls[Size] = ()
    hidden: Calls[Iterable[object]] = ()
    recognisers: Sequence[Recogniser] = (interpreter_table,)
    limits: Limits = field(default_factory=Limits)
    owners_only: bool = False
    repeated: bool = False
    every_root: bool = False
    exact_sizes: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Analysis:
    """The traces of all survivors and how complete the walk was.

    Attributes:
        traces: how each survivor is held.
        explained_share: share of the heap that named roots reach, 0 to 1.
        partial: why the walk ended early, or None.
        shared: bytes that several survivors hold and none alone; None unless it was asked for.
    """

    traces: list[Trace]
    explained_share: float
    partial: str | None
    shared: int | None = None

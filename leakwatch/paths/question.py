"""What one analysis of the heap is asked, and what it answers.

These values hold live objects. They exist inside one `with` block and are emptied at its
end; what leaves the block is made of `leakwatch.model` values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from leakwatch.heap.limits import Deadline, Limits
from leakwatch.heap.of_class import Calls
from leakwatch.heap.roots.interpreter_tables import Recogniser, interpreter_table
from leakwatch.heap.roots.root import HeapRoot, RootProvider, RootQuery
from leakwatch.paths.routes import Route
from leakwatch.paths.sizes import Kind, SharedBuffers, Size

Shape = tuple[object, ...]
"""What the path to a survivor looks like: equal for survivors that are held alike."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trace:
    """How a survivor is held, and others alike; live, so it must not leave its `with` block.

    Attributes:
        survivor: the object.
        root: where the chain of references starts.
        route: gives the objects of the path.
        retained: bytes credited to the survivor and those held alike, their own included.
        device: bytes of devices' memory credited to it.
        unseen: of the bytes credited to it, what lies in buffers and nobody shows.
        shallow: bytes of the same without what they hold.
        alike: ids of further survivors that are held alike: of the same shape, and so of its type.
        nested: ids of other survivors of the same type that only this one holds, nearest first.
        shape: equal for survivors that are held alike; None where that is not known.
        repeated: whether another trace of the same survivor comes before.
        order: its place among the survivors, who stand in the order in which they were made.
        circle: number of what it goes with: a circle of references, or a thread that should be
            gone; None where it goes with nothing.
        also: what else it alone keeps alive, by type; known where owners are asked for.
        inside: whether only other survivors lead to it.
        under_names: how the many attributes of one object are written that hold it and those held
            alike, each by another name: `.session_*`; empty where a name of its own does.
    """

    survivor: object
    root: HeapRoot
    route: Route
    retained: int
    shallow: int
    alike: tuple[int, ...] = ()
    nested: tuple[int, ...] = ()
    shape: Shape | None = None
    repeated: bool = False
    order: int = 0
    circle: int | None = None
    also: tuple[Kind, ...] = ()
    device: int = 0
    unseen: int = 0
    inside: bool = False
    under_names: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Question:
    """What to explain and with which means.

    Attributes:
        survivors: the objects to explain; the list is emptied when the analysis ends.
        query: what the root providers may know.
        providers: root providers in search order.
        sizers: sizes that plugins know.
        shared: memory that the survivors share, each credited to one of them.
        hidden: how plugins look into objects that the collector cannot look into.
        recognisers: what tells the tables that nothing in Python holds, the first answer counts.
        limits: budget of the analysis.
        deadline: when it has to end.
        owners_only: report the outermost survivors only, with the others in their size.
        grown: ids of survivors that are told for their entries, whatever their type.
        repeated: whether the survivors come from one piece of work, repeated. What a single
            stretch of work, and so each of many tests, leaves in the standard library's own
            tables, without a name of its own, is bookkeeping (path caches, warnings filters);
            what comes again and again is not.
        every_root: give a trace for each root that reaches a survivor, not only the first.
        exact_sizes: find out what each survivor alone retains, see `leakwatch.paths.dominators`.
        whole_graph: note what refers to what, for all of it is wanted afterwards.
    """

    survivors: list[object]
    query: RootQuery
    providers: Sequence[RootProvider]
    sizers: Calls[Size] = ()
    hidden: Calls[Iterable[object]] = ()
    recognisers: Sequence[Recogniser] = (interpreter_table,)
    limits: Limits = field(default_factory=Limits)
    deadline: Deadline = field(default_factory=lambda: Deadline(Limits().seconds))
    owners_only: bool = False
    grown: frozenset[int] = frozenset()
    repeated: bool = False
    every_root: bool = False
    exact_sizes: bool = False
    whole_graph: bool = False
    shared: SharedBuffers = field(default_factory=SharedBuffers)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Analysis:
    """The traces of all survivors and how complete the walk was.

    Attributes:
        traces: how each survivor is held.
        explained_share: share of the heap that named roots reach, 0 to 1.
        partial: why the walk ended early, or None.
        shared: bytes that several survivors hold and none alone; None unless it was asked for.
        others: gives further traces of a survivor, by ways that lead through no other one.
    """

    traces: list[Trace]
    explained_share: float
    partial: str | None
    others: Callable[[object], list[Trace]]
    shared: int | None = None

"""One analysis of the heap: which root reaches each survivor, and what each retains.

Two phases, after Shark's `PrioritizingShortestPathFinder`. In the first the survivors are
leaves, so that no path to one of them leads through another. In the second each survivor
is entered in the order of discovery, and what nothing else reaches is credited to it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from leakwatch.heap.fields import entries
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.listing import listed
from leakwatch.heap.objects import is_exactly, module_name, shallow_size
from leakwatch.heap.provenance import is_own_module, is_standard_module
from leakwatch.heap.roots.frames import is_running
from leakwatch.heap.roots.root import HeapRoot, in_waves
from leakwatch.heap.structural_types import CONTAINERS, MAPPINGS, company_of
from leakwatch.model.leaks import folded
from leakwatch.model.root_kinds import Wave
from leakwatch.paths.dominators import exact
from leakwatch.paths.every_root import other_traces
from leakwatch.paths.names.references import name_reference
from leakwatch.paths.outermost import is_consequence, unnamed_only
from leakwatch.paths.question import Analysis, Question, Shape, Trace
from leakwatch.paths.routes import WalkedRoute
from leakwatch.paths.search import explained_share, search, walk_into_survivors
from leakwatch.paths.sizes import size_of_groups
from leakwatch.paths.unreached import unexplained_traces


@contextmanager
def analysed(question: Question) -> Iterator[Analysis]:
    """Analyse the heap; every borrowed object is let go when the block ends.

    Args:
        question: survivors, roots and budget.

    Yields:
        the analysis. A survivor that no root explains has a trace all the same: native
        code with its reference-count surplus, or cyclic garbage.
    """
    roots = in_waves(root for provider in question.providers for root in provider(question.query))
    # Not before the roots: who reads a frame's variables counts references to a dict.
    tracked = listed()
    # What runs is in use, as the coroutine that closes an asynchronous scope. And the list itself
    # is among them where it was given the address of a dead survivor.
    survivors = question.survivors
    survivors[:] = [it for it in survivors if it is not survivors and not is_running(it)]
    graph, left = search(roots, question, tracked)
    traces: list[Trace] = []
    try:
        first = len(graph)
        traces += reached(graph, roots, question)
        shared = None
        if question.exact_sizes:
            traces[:], shared = exact(traces, graph, first, sizes_in(graph, question))
        # After phase two: what the survivors hold is explained by what holds them.
        share = explained_share(graph, tracked, left)
        # Before references are counted.
        tracked.clear()
        left.clear()
        traces += unexplained_traces(graph, question)
        if question.every_root:
            traces += other_traces(traces, roots, question)
        yield Analysis(traces, share, question.limits.reason(graph.spent), shared)
    finally:
        for borrowed in (traces, roots, tracked, left, survivors):
            borrowed.clear()
        graph.close()


def reached(graph: HeapGraph, roots: Sequence[HeapRoot], question: Question) -> Iterator[Trace]:
    """A trace for every survivor that a root reaches, also by what another survivor hides."""
    yield from credit(graph, roots, question)
    hidden = len(graph)
    walk_into_survivors(graph, question)
    if not question.owners_only:
        yield from credit(graph, roots, question, hidden)


def credit(
    graph: HeapGraph, roots: Sequence[HeapRoot], question: Question, since: int = 0
) -> Iterator[Trace]:
    """A trace for every survivor that was reached, in the order of discovery.

    Args:
        graph: after phase one.
        roots: its roots, by their numbers.
        question: survivors and sizers.
        since: the position from which on they are asked about.
    """
    tops = Tops(graph, roots)
    born = frozenset(map(id, question.survivors))
    shapes = Shapes(graph, roots, born)
    into_leaves = question.owners_only
    waiting, beside = graph.leaves_from(since), list[int]()
    if question.owners_only:
        unnamed = unnamed_only(graph, question.survivors, waiting)
        waiting += [at for at in unnamed if may_be_reported(graph, at, tops.root_of(at), question)]
        by_products = {at for at in waiting if is_consequence(graph, at, tops.root_of(at), born)}
        beside = [at for at in waiting if at in by_products]
        waiting = [at for at in waiting if at not in by_products]
    for position in waiting:
        first_new = len(graph)
        graph.expand([position], into_leaves=into_leaves)
        below = graph.leaves_from(first_new)
        if not into_leaves:
            waiting += below
        survivor = graph.object_at(position)
        # The rest of a chain of its type.
        alike = [at for at in below if type(graph.object_at(at)) is type(survivor)]
        nested = alike if into_leaves else []
        owned = graph.owned(position, first_new, with_leaves=into_leaves)
        yield Trace(
            survivor,
            root=tops.root_of(position),
            route=WalkedRoute(graph, position, nested, range(first_new, len(graph))),
            retained=size_of_groups(owned, question.sizers),
            shallow=shallow_size(survivor),
            nested=tuple(id(graph.object_at(at)) for at in nested),
            company=tuple(company_of(owned, survivor)) if into_leaves else (),
            shape=shapes.of(position),
        )
        owned.clear()
    # What they hold has a root, though it is not reported.
    graph.expand(beside, into_leaves=into_leaves)


def sizes_in(graph: HeapGraph, question: Question) -> Callable[[int], int]:
    """Gives the bytes of the object at a position, with the atoms that it alone holds."""

    def size_at(position: int) -> int:
        groups = graph.owned(position, len(graph), with_leaves=False)
        size = size_of_groups(groups, question.sizers)
        groups.clear()
        return size

    return size_at


def may_be_reported(graph: HeapGraph, position: int, root: HeapRoot, question: Question) -> bool:
    """Whether what has no name of its own is a leak; parts of leakwatch's own are none."""
    holder = graph.parent_of(position)
    if holder >= 0 and is_own_module(module_name(type(graph.object_at(holder)))):
        return False
    # A table of the standard library, or a logger with its lists and dicts.
    in_a_table = root.wave is Wave.LIBRARY and is_standard_module(root.label)
    return question.repeated or not (in_a_table or root.facts.of_logging)


class Tops:
    """The roots above positions; what lies above two of them is climbed once."""

    __slots__ = ("_graph", "_known", "_roots")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot]) -> None:
        self._graph = graph
        self._roots = roots
        self._known: dict[int, int] = {}

    def root_of(self, position: int) -> HeapRoot:
        """The root at the upper end of the path to a position."""
        top = position
        while top >= 0 and top not in self._known:
            top = self._graph.parent_of(top)
        top = self._known[position] = self._known.get(top, top)
        return self._roots[-1 - top]


ENTRY = "[*]"
KEY = ".<key>"
BORN = "held by a survivor"
ROOT = "held by the root"
INSIDE = frozenset({ENTRY, KEY, BORN})
"""Ways into what belongs to its holder, where that is a container or a survivor."""


class Shapes:
    """Which survivors are held alike: the equivalence of paths, by position.

    The shape of a survivor is what its path looks like: which objects hold it, as long as those
    are no survivors themselves, and from there on the types only, repeats folded. The entries of
    a container are all alike, also those that are containers in turn, and so are the keys of a
    dict; the attributes of a module, a class or an instance are not. Survivors of one shape have
    one signature, so one of thousands is named and stands for the others. A holder's shape is
    computed once for all that it holds.
    """

    __slots__ = ("_born", "_graph", "_known", "_names", "_roots")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot], born: frozenset[int]) -> None:
        """Prepare.

        Args:
            graph: the walk.
            roots: its roots, by their numbers.
            born: ids of all survivors, the plumbing among them included.
        """
        self._graph = graph
        self._roots = roots
        self._born = born
        self._known: dict[int, Shape] = {}
        self._names: dict[int, dict[int, str]] = {}

    def of(self, position: int) -> Shape:
        """The shape of the path to a position."""
        pending = []
        while position >= 0 and position not in self._known:
            pending.append(position)
            position = self._graph.parent_of(position)
        shape = self._known[position] if position >= 0 else (position,)
        for position in reversed(pending):
            shape = self._known[position] = self._extended(shape, position)
        return shape

    def _extended(self, shape: Shape, position: int) -> Shape:
        found = self._graph.object_at(position)
        holder = self._graph.parent_of(position)
        born = id(found) in self._born
        if not born and not is_exactly(found, CONTAINERS):
            return ("held by", id(found))
        way = self._way_in(holder, found)
        if not born and way not in INSIDE:
            return ("held by", id(found))
        return tuple(folded([*shape, way, id(type(found))]))

    def _way_in(self, holder: int, found: object) -> str:
        """The attribute of a lasting object that holds something; entries are all alike."""
        if holder < 0:
            return ROOT
        owner = self._graph.object_at(holder)
        if id(owner) in self._born:
            return BORN
        if not is_exactly(owner, CONTAINERS):
            return name_reference([owner, found]).signature_part
        return self._names_in(holder, found).get(id(found), ENTRY)

    def _names_in(self, holder: int, entry: object) -> dict[int, str]:
        """By the ids of what a dict holds: the names in a namespace, what is a key in others."""
        names = self._names.get(holder)
        if names is None:
            owner = self._graph.object_at(holder)
            if not is_exactly(owner, MAPPINGS):
                names = {}
            elif self._is_namespace(holder, entry):
                names = {id(value): key for key, value in entries(owner) if type(key) is str}
            else:
                names = {id(key): KEY for key, _ in entries(owner)}
            self._names[holder] = names
        return names

    def _is_namespace(self, position: int, entry: object) -> bool:
        """Whether a dict is that of a module, a class or an instance."""
        holder = self._graph.parent_of(position)
        if holder < 0:
            return self._roots[-1 - holder].is_namespace
        owner = self._graph.object_at(holder)
        if is_exactly(owner, CONTAINERS):
            return False
        return name_reference([owner, self._graph.object_at(position), entry]).hops > 1

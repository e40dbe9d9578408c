"""One analysis of the heap: which root reaches each survivor, and what each retains.

Two phases, after Shark's `PrioritizingShortestPathFinder`. In the first the survivors are
leaves, so that no path to one of them leads through another. In the second each survivor
is entered in the order of discovery, and what nothing else reaches is credited to it.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from leakwatch.heap.fields import entries
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.keys import attribute_text
from leakwatch.heap.listing import listed
from leakwatch.heap.objects import instance_namespace, is_exactly, module_name
from leakwatch.heap.provenance import is_own_module, is_standard_module
from leakwatch.heap.roots.frames import is_call_of_ours, is_running
from leakwatch.heap.roots.root import HeapRoot, in_waves
from leakwatch.heap.structural_types import CONTAINERS, MAPPINGS
from leakwatch.model.leaks import folded
from leakwatch.model.root_kinds import Wave
from leakwatch.paths.dominators import exact
from leakwatch.paths.every_root import other_traces
from leakwatch.paths.names.lookup import names_of_last
from leakwatch.paths.names.name import common
from leakwatch.paths.names.references import name_path, name_reference
from leakwatch.paths.outermost import is_consequence, unnamed_only
from leakwatch.paths.question import Analysis, Question, Shape, Trace
from leakwatch.paths.routes import KnownRoute, WalkedRoute, chain_to
from leakwatch.paths.search import explained_share, search, walk_into_survivors
from leakwatch.paths.sizes import SharedBuffers, bytes_of_groups, kinds_in, size_of_groups
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
    # What runs is in use, as the coroutine that closes an asynchronous scope. Calls of ours are no
    # part of the heap, nor are those that are kept for us. And the list itself is among them where
    # it was given the address of a dead survivor.
    survivors, kept = question.survivors, set(map(id, question.query.kept))
    survivors[:] = [
        it
        for it in survivors
        if not (it is survivors or id(it) in kept or is_running(it) or is_call_of_ours(it))
    ]
    graph, left = search(roots, question, tracked)
    traces: list[Trace] = []
    try:
        first = len(graph)
        traces += question.deadline.cut(reached(graph, roots, question))
        shared = None
        if question.exact_sizes:
            traces[:], shared = exact(traces, graph, first, sizes_in(graph, question))
        # After phase two: what the survivors hold is explained by what holds them.
        share = explained_share(graph, tracked, left)
        # Before references are counted.
        tracked.clear()
        left.clear()
        traces += unexplained_traces(graph, question) if graph.unreached(survivors) else ()
        if question.every_root:
            traces += other_traces(traces, roots, question)
        partial = question.limits.reason(graph.spent) if graph.spent else None
        yield Analysis(traces, share, partial, OtherWays(graph, roots, first).to, shared)
    finally:
        for borrowed in (traces, roots, tracked, left, survivors, names_of_last):
            borrowed.clear()
        graph.close()


def reached(graph: HeapGraph, roots: Sequence[HeapRoot], question: Question) -> Iterator[Trace]:
    """A trace for every survivor that a root reaches, also by what another survivor hides."""
    lent = [it for it in question.survivors if is_lent(it, graph, question)]
    if lent:
        ids = set(map(id, lent))
        question.survivors[:] = [it for it in question.survivors if id(it) not in ids]
        lent.clear()
    yield from credit(graph, roots, question)
    hidden = len(graph)
    if graph.unreached(question.survivors):
        walk_into_survivors(graph, question)
        if not question.owners_only:
            yield from credit(graph, roots, question, hidden)


def is_lent(survivor: object, graph: HeapGraph, question: Question) -> bool:
    """Whether it is the namespace of an object that was there before, which only now got a dict.

    From CPython 3.11 on attributes lie in the object itself until they are too many.
    """
    position = graph.position_of(survivor) if type(survivor) is dict else None
    holder = -1 if position is None else graph.parent_of(position)
    if holder < 0 or id(owner := graph.object_at(holder)) in question.query.survivors:
        return False
    return not is_exactly(owner, CONTAINERS) and instance_namespace(owner) is survivor


def credit(
    graph: HeapGraph, roots: Sequence[HeapRoot], question: Question, since: int = 0
) -> Iterator[Trace]:
    """Traces of every survivor that was reached, those in survivors after those that hold them.

    Args:
        graph: after phase one.
        roots: its roots, by their numbers.
        question: survivors and sizers.
        since: the position from which on they are asked about.
    """
    credited = Credited(graph, roots, question)
    waiting, beside = graph.leaves_from(since), list[int]()
    if question.owners_only:
        waiting, beside = credited.to_report(waiting)
    inside = since > 0
    while waiting:
        below: list[int] = []
        for alike in credited.alike(waiting):
            yield credited.trace(alike, below, inside=inside)
        waiting, inside = [] if question.owners_only else below, True
    # What they hold has a root, though it is not reported.
    graph.expand(beside, into_leaves=question.owners_only)


class Credited:
    """Credits what survivors retain to them, and each object to one of them only.

    Args:
        graph: the walk.
        roots: its roots, by their numbers.
        question: survivors and sizers.
    """

    __slots__ = ("_born", "_graph", "_question", "_shapes", "_tops")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot], question: Question) -> None:
        self._graph = graph
        self._question = question
        self._tops = Tops(graph, roots)
        self._born = {id(it): place for place, it in enumerate(question.survivors)}
        # One survivor is like no other.
        self._shapes = Shapes(graph, roots, self._born) if len(self._born) > 1 else None

    def to_report(self, named: list[int]) -> tuple[list[int], list[int]]:
        """Of the outermost survivors those that are reported, and those that come with others.

        Args:
            named: positions of those with a name.
        """
        graph, question, root_of = self._graph, self._question, self._tops.root_of
        unnamed = unnamed_only(graph, question.survivors, named, question.grown)
        may_be = (at for at in unnamed if may_be_reported(graph, at, root_of(at), question))
        found = [*named, *may_be]
        by_products = {
            at for at in found if is_consequence(graph, at, root_of(at), self._born, question.grown)
        }
        return (
            [at for at in found if at not in by_products],
            [at for at in found if at in by_products],
        )

    def alike(self, waiting: Sequence[int]) -> Iterator[list[int]]:
        """Positions of survivors for one trace each: the first of those held alike, and the others.

        The first is the example, and what it alone retains is known of it.
        """
        if self._shapes is None:
            yield [*waiting]
            return
        groups: dict[Shape, list[int]] = {}
        for position in waiting:
            groups.setdefault(self._shapes.of(position), []).append(position)
        for first, *others in groups.values():
            yield [first]
            if self._question.exact_sizes or self._question.grown:
                yield from ([position] for position in others)
            elif others:
                yield others

    def trace(self, positions: list[int], below: list[int], *, inside: bool) -> Trace:
        """The trace of survivors that are held alike; notes the survivors right below them."""
        graph, question, first_new = self._graph, self._question, len(self._graph)
        shapes = self._shapes
        position, with_leaves = positions[0], question.owners_only
        graph.expand(positions, into_leaves=with_leaves)
        below += (found := graph.leaves_from(first_new))
        survivors = [graph.object_at(at) for at in positions]
        survivor = survivors[0]
        # The rest of chains of its type.
        nested = [at for at in found if with_leaves and type(graph.object_at(at)) is type(survivor)]
        owned = graph.owned(positions, first_new, with_leaves=with_leaves)
        retained = bytes_of_groups(owned, question.sizers, question.shared)
        root = self._tops.root_of(position)
        thread = id(root.thread)
        trace = Trace(
            survivor,
            root=root if root.located else self._tops.located(root),
            route=WalkedRoute(graph, position, nested, range(first_new, len(graph))),
            retained=retained.process,
            device=retained.device,
            unseen=retained.unseen,
            shallow=size_of_groups([survivors]),
            alike=tuple(map(id, survivors[1:])),
            nested=tuple(id(graph.object_at(at)) for at in nested),
            also=tuple(kinds_in(owned, survivor, question.sizers)) if with_leaves else (),
            shape=shapes.of(position) if shapes is not None else None,
            order=self._born[id(survivor)],
            # What the frames of a thread hold that should be gone itself, goes with it.
            circle=thread if thread in self._born else None,
            inside=inside,
            under_names=shapes.under_names(position) if shapes is not None else "",
        )
        owned.clear()
        return trace


def sizes_in(graph: HeapGraph, question: Question) -> Callable[[int], int]:
    """Gives the bytes of the object at a position, with the atoms that it alone holds."""
    # Not those of the question: each buffer was credited there already.
    shared = SharedBuffers()

    def size_at(position: int) -> int:
        groups = graph.owned([position], len(graph), with_leaves=False)
        size = size_of_groups(groups, question.sizers, shared)
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
    if in_a_table and root.facts.of_finalizers:  # which nobody registers by chance
        return True
    return question.repeated or not (in_a_table or root.facts.of_logging)


class Tops:
    """The roots above positions; what lies above two of them is climbed once."""

    __slots__ = ("_graph", "_known", "_located", "_roots")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot]) -> None:
        self._graph = graph
        self._roots = roots
        self._located: dict[int, HeapRoot] = {}
        self._known: dict[int, int] = {}

    def root_of(self, position: int) -> HeapRoot:
        """The root at the upper end of the path to a position."""
        top = position
        while top >= 0 and top not in self._known:
            top = self._graph.parent_of(top)
        top = self._known[position] = self._known.get(top, top)
        return self._roots[-1 - top]

    def located(self, root: HeapRoot) -> HeapRoot:
        """A root whose label does not say where it is, named by the way to its owner."""
        if id(root) not in self._located:
            at = self._graph.position_of(root.owner)
            self._located[id(root)] = root if at is None else self._at_its_place(root, at)
        return self._located[id(root)]

    def _at_its_place(self, root: HeapRoot, at: int) -> HeapRoot:
        home = self.root_of(at)
        steps = name_path(home, chain_to(self._graph, at))
        if not steps or not home.facts.is_expression:
            return root
        label = home.label + "".join(step.named.name for step in steps)
        general = home.label + "".join(step.named.signature_part for step in steps)
        module = home.label if home.facts.is_dotted else home.home
        return replace(root, label=label, identity=general, home=module)


class OtherWays:
    """Further ways to survivors: while there is another, cutting one reference frees nothing."""

    __slots__ = ("_end", "_graph", "_tops")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot], end: int) -> None:
        """Prepare.

        Args:
            graph: the walk.
            roots: its roots, by their numbers.
            end: where the positions end that no survivor leads to.
        """
        self._graph = graph
        self._tops = Tops(graph, roots)
        self._end = end

    def to(self, survivor: object) -> list[Trace]:
        """A trace by each further holder that was noted; only root, path and survivor count."""
        position = self._graph.position_of(survivor)
        if position is None or position >= self._end:
            return []
        return [
            self._by(holder, survivor)
            for holder in self._graph.other_holders(position)
            if holder < self._end
        ]

    def _by(self, holder: int, survivor: object) -> Trace:
        chain = [*chain_to(self._graph, holder), survivor]
        root = self._tops.root_of(holder)
        root = root if root.located else self._tops.located(root)
        return Trace(survivor, root, KnownRoute(chain), retained=0, shallow=0, repeated=True)


ENTRY = "[*]"
KEY = ".<key>"
BORN = "held by a survivor"
ROOT = "held by the root"
MANY_NAMES = 100
"""So many names of one namespace are keys: each holds a survivor, and all are held alike."""
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

    __slots__ = ("_born", "_extended_by", "_graph", "_known", "_many", "_names", "_roots")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot], born: Container[int]) -> None:
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
        self._extended_by: dict[tuple[int, str, int], Shape] = {}
        self._names: dict[int, dict[int, str]] = {}
        self._many: dict[int, str] = {}

    def under_names(self, position: int) -> str:
        """How the many names are written under one of which a survivor is held, or empty."""
        while self._many and position >= 0:
            if position in self._many:
                return self._many[position]
            position = self._graph.parent_of(position)
        return ""

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
        step = holder, way, id(type(found))
        if step not in self._extended_by:
            self._extended_by[step] = tuple(folded([*shape, *step[1:]]))
        return self._extended_by[step]

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
                names = self._without_many(holder, names)
            else:
                names = {id(key): KEY for key, _ in entries(owner)}
            self._names[holder] = names
        return names

    def _without_many(self, holder: int, names: dict[int, str]) -> dict[int, str]:
        """The names in a namespace, without those of survivors if these are too many for names."""
        many = [name for value, name in names.items() if value in self._born]
        if len(many) < MANY_NAMES:
            return names
        self._many[holder] = common(list(map(attribute_text, many[:MANY_NAMES])))
        return {value: name for value, name in names.items() if value not in self._born}

    def _is_namespace(self, position: int, entry: object) -> bool:
        """Whether a dict is that of a module, a class or an instance."""
        holder = self._graph.parent_of(position)
        if holder < 0:
            return self._roots[-1 - holder].is_namespace
        owner = self._graph.object_at(holder)
        if is_exactly(owner, CONTAINERS):
            return False
        return name_reference([owner, self._graph.object_at(position), entry]).hops > 1

"""Both graphs see the same heap, hold nothing afterwards, and stop where a budget ends."""

import gc
import sys
import weakref
from array import array
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch.heap import _walk_pure
from leakwatch.heap.limits import Limits, Spent
from leakwatch.heap.objects import ATOMS
from tests.heaps import run_python

try:
    _walk_native = import_module("leakwatch.heap._walk_native")
except ImportError:
    _walk_native = None

BOTH = [
    pytest.param(_walk_pure, id="pure"),
    pytest.param(
        _walk_native, id="native", marks=pytest.mark.skipif(not _walk_native, reason="no compiler")
    ),
]
both = pytest.mark.parametrize("walks", BOTH)
needs_native = pytest.mark.skipif(not _walk_native, reason="no compiler at installation")


class Node:
    pass


class Slotted:
    __slots__ = ("first", "second")


def graph_of(walks, root, leaves=(), objects=1_000_000, seconds=60.0):
    graph = walks.HeapGraph(list(leaves), ATOMS, objects, seconds)
    graph.expand([graph.add(root, -1)], into_leaves=False)
    return graph


def everything(graph):
    """All that a graph says of its objects, as plain numbers."""
    links = [(id(graph.object_at(at)), graph.parent_of(at)) for at in range(len(graph))]
    owned = [sorted(map(id, group)) for group in graph.owned([0], 1, with_leaves=True)]
    own_alone = [sorted(map(id, group)) for group in graph.owned([0], 1, with_leaves=False)]
    return links, graph.leaves_from(0), owned, own_alone, graph.spent


KINDS = [Node, Slotted, list, dict, set, lambda: [1000 + len(gc.get_stats()), "text"]]


def heap_of(kinds, links):
    """Objects of the kinds chosen, each referring to others as the pairs of numbers say."""
    objects = [KINDS[kind]() for kind in kinds]
    for start, end in links:
        holder, held = objects[start % len(objects)], objects[end % len(objects)]
        if type(holder) is list:
            holder.append(held)
        elif type(holder) is dict:
            holder[len(holder)] = held
        elif type(holder) is Node:
            setattr(holder, f"held{end}", held)
        elif type(holder) is Slotted:
            setattr(holder, "first" if end % 2 else "second", held)
        elif type(held) in {Node, Slotted}:
            holder.add(held)
    return objects


numbers = st.integers(0, 1000)


@needs_native
@given(
    st.lists(st.integers(0, len(KINDS) - 1), min_size=1, max_size=40),
    st.lists(st.tuples(numbers, numbers), max_size=120),
    st.lists(numbers, max_size=5),
)
def test_both_see_the_same_in_any_heap(kinds, links, leaves):
    objects = heap_of(kinds, links)
    leaves = [objects[leaf % len(objects)] for leaf in leaves]
    seen = []
    for walks in (_walk_pure, _walk_native):
        graph = graph_of(walks, objects[0], leaves)
        seen.append([*map(id, graph.out_of_reach(objects))])
        for leaf in graph.leaves_from(0):
            graph.expand([leaf], into_leaves=False)
        seen.append(everything(graph))
        seen.append([graph.other_holders(leaf) for leaf in graph.leaves_from(0)])
        graph.close()
    assert seen[:3] == seen[3:]


LIVE = """
import gc, sys, asyncio, sqlite3, decimal, ctypes, json, unittest.mock, concurrent.futures, logging
try: import numpy
except ImportError: pass
from leakwatch.heap import _walk_native, _walk_pure
from leakwatch.heap.objects import ATOMS
asyncio.run(asyncio.sleep(0))
gc.disable()
def compare():
    graphs = [module.HeapGraph([], ATOMS, 10**9, 60.0) for module in (_walk_native, _walk_pure)]
    roots = [vars(module) for name, module in sys.modules.items() if "_walk_pure" not in name]
    for graph in graphs:
        graph.expand([graph.add(root, -1) for root in roots], into_leaves=False)
    native, pure = graphs
    for at in range(len(pure)):
        assert native.object_at(at) is pure.object_at(at), (at, type(pure.object_at(at)))
        assert native.parent_of(at) == pure.parent_of(at), at
    assert len(native) == len(pure) > 20_000, (len(native), len(pure))
    # The pure graph itself runs meanwhile: its frames hold names and code of their own.
    size = lambda groups: [(type(g[0]), len(g)) for g in groups if id(type(g[0])) not in ATOMS]
    by_native, by_pure = (graph.owned([0], 0, with_leaves=True) for graph in graphs)
    assert size(by_native) == size(by_pure)
    kinds = frozenset(map(id, (dict, type)))
    assert native.kinds_from(5, kinds) == pure.kinds_from(5, kinds) != []
    tracked = gc.get_objects()
    assert len(native.unreached(tracked)) == len(pure.unreached(tracked))
    assert len(native.out_of_reach(tracked)) == len(pure.out_of_reach(tracked))
    assert _walk_native.census(tracked) == _walk_pure.census(tracked)
    native.close(), pure.close()
compare()
gc.collect()
print("same")
"""


@needs_native
def test_both_see_the_same_in_the_heap_of_a_living_process():
    assert run_python("-c", LIVE) == "same\n"


@both
def test_a_leaf_is_recorded_and_entered_on_request_only(walks):
    leaf, beyond = Node(), Node()
    leaf.beyond = beyond
    graph = graph_of(walks, [leaf], [leaf])
    position = graph.position_of(leaf)
    assert graph.leaves_from(0) == [position]
    assert graph.leaves_from(position + 1) == []
    assert graph.position_of(beyond) is None
    assert graph.unreached([leaf, beyond]) == [beyond]
    graph.expand([position], into_leaves=False)
    assert graph.position_of(beyond) is not None


@both
def test_of_a_leaf_three_further_holders_are_noted(walks):
    leaf, other = Node(), Node()
    other.leaf = leaf
    holders = [[leaf] for _ in range(5)]
    graph = graph_of(walks, [holders, other, leaf], [leaf, other])
    (position,) = {at for at in graph.leaves_from(0) if graph.object_at(at) is leaf}
    first, *noted = [graph.parent_of(position), *graph.other_holders(position)]
    assert first == 0
    # A list shows its last entry first.
    assert noted == [graph.position_of(it) for it in reversed(holders[2:])]
    assert graph.other_holders(graph.position_of(other)) == []


@both
def test_objects_are_found_by_their_exact_type(walks):
    class Special(Node): ...

    graph = walks.HeapGraph([], ATOMS, 100, 60.0)
    for found in (Node(), Special(), [], Node(), {}):
        graph.add(found, -1)
    kinds = frozenset(map(id, (Node, dict)))
    assert graph.kinds_from(0, kinds) == [0, 3, 4]
    assert graph.kinds_from(1, kinds) == [3, 4]
    assert graph.kinds_from(5, kinds) == graph.kinds_from(0, frozenset()) == []


@both
def test_an_object_has_one_position_however_often_it_is_added(walks):
    graph = walks.HeapGraph([], ATOMS, 100, 60.0)
    one, other = Node(), Node()
    positions = [graph.add(found, -1) for found in (one, other, one)]
    assert positions == [0, 1, 0]
    assert len(graph) == 2
    assert graph.leaves_from(0) == []


@both
def test_an_unreached_leaf_has_no_position(walks):
    graph = graph_of(walks, [], [leaf := Node()])
    assert graph.position_of(leaf) is None
    assert graph.unreached([leaf]) == [leaf]


@both
def test_an_atom_is_owned_if_nothing_else_refers_to_it(walks):
    shared = str(b"shared", "ascii")
    holder = [str(b"alone", "ascii"), shared, 10**30 + len(shared), None]
    graph = graph_of(walks, holder)
    groups = graph.owned([0], 1, with_leaves=True)
    # A list shows the collector its last item first.
    assert groups == [[holder], [10**30 + 6], ["alone"]]


@both
def test_a_leaf_below_a_survivor_is_not_credited_to_it(walks):
    inner = Node()
    outer = [inner]
    graph = graph_of(walks, [outer], [outer, inner])
    at, first = graph.position_of(outer), len(graph)
    graph.expand([at], into_leaves=False)
    assert graph.owned([at], first, with_leaves=False) == [[outer]]
    assert graph.owned([at], first, with_leaves=True) == [[outer], [inner]]


@both
def test_a_budget_of_objects_ends_the_walk(walks):
    graph = graph_of(walks, [[i] for i in range(20_000)], objects=100)
    assert graph.spent == Spent.OBJECTS
    assert len(graph) >= 100
    reason = Limits(objects=100).reason(graph.spent)
    assert reason == "stopped after visiting 100 objects (max_objects)"


@both
def test_a_budget_of_time_ends_the_walk(walks):
    graph = graph_of(walks, [[[i]] for i in range(20_000)], seconds=0.0)
    assert graph.spent == Spent.SECONDS
    assert len(graph) < 20_000


@both
def test_after_close_nothing_is_held(walks):
    nodes = [Node() for _ in range(100)]
    counts = [sys.getrefcount(node) for node in nodes]
    last = weakref.ref(nodes[-1])
    graph = graph_of(walks, nodes, nodes[:3])
    graph.close()
    assert [sys.getrefcount(node) for node in nodes] == counts
    del nodes
    assert last() is None
    assert len(graph) == 0
    assert graph.position_of(graph) is None
    graph.close()


@both
def test_what_the_program_lets_go_of_meanwhile_stays_until_close(walks):
    holder = [Node()]
    seen = weakref.ref(holder[0])
    graph = graph_of(walks, holder)
    holder.clear()
    assert graph.object_at(1) is seen()
    graph.close()
    assert seen() is None


@both
def test_what_hangs_from_a_leaf_is_not_out_of_reach(walks):
    root, leaf, below, deep, apart = Node(), Node(), Node(), Node(), Node()
    root.leaf, leaf.below, below.deep, deep.root = leaf, below, [deep], root
    graph = graph_of(walks, root, [leaf])
    assert graph.unreached([root, below, deep, apart]) == [below, deep, apart]
    assert graph.out_of_reach([root, below, deep, apart]) == [apart]
    assert graph.position_of(below) is None


@both
def test_no_more_are_listed_than_are_asked_for(walks):
    root, nodes = Node(), [Node() for _ in range(5)]
    graph = graph_of(walks, root)
    assert graph.unreached([root, *nodes], 3) == nodes[:3]
    assert graph.out_of_reach([root, *nodes], 3) == nodes[:3]
    assert walks.of_types([root, *nodes], frozenset([id(Node)]), 3) == [root, *nodes[:2]]
    assert graph.unreached([root, *nodes], 9) == nodes


@both
def test_an_object_counts_as_of_the_type_that_it_has_when_it_is_asked(walks):
    class Other:
        pass

    root = [Node(), Node()]
    graph = graph_of(walks, root)
    root[0].__class__ = Other
    assert graph.kinds_from(0, frozenset([id(Node)])) == [graph.position_of(root[1])]


@needs_native
def test_objects_of_more_types_than_are_at_hand_are_found():
    types = [type(f"T{number}", (), {}) for number in range(300)]
    graph = graph_of(_walk_native, [cls() for cls in types])
    for cls in (types[0], types[-1]):
        (position,) = graph.kinds_from(0, frozenset([id(cls)]))
        assert type(graph.object_at(position)) is cls


@both
def test_an_object_that_dies_at_close_may_ask_the_graph(walks):
    class Nosy:
        def __del__(self):
            answers.append((len(graph), graph.position_of(self), graph.unreached([holder])))

    answers = []
    holder = [Nosy(), Nosy()]
    graph = graph_of(walks, holder)
    holder.clear()
    graph.close()
    assert answers == [(0, None, [[]]), (0, None, [[]])]


@both
def test_positions_that_do_not_exist_are_refused(walks):
    graph = graph_of(walks, [])
    with pytest.raises(IndexError):
        graph.object_at(5)
    with pytest.raises(IndexError):
        graph.parent_of(5)
    with pytest.raises(IndexError):
        graph.expand([5], into_leaves=False)


@both
def test_objects_are_counted_and_found_by_exact_type(walks):
    class Child(Node):
        pass

    one, other, child = Node(), Node(), Child()
    assert walks.census([one, child, other]) == [(Node, 2), (Child, 1)]
    assert walks.census([]) == []
    assert walks.of_types([one, child, other], frozenset({id(Node)})) == [one, other]
    assert walks.of_types([one], frozenset()) == []
    known = array("Q", sorted(map(id, (Node, int, str)))).tobytes()
    assert walks.of_other_types([one, child, 1, b""], known) == [child, b""]
    assert walks.of_other_types([one, 1], b"") == [one, 1]


@both
def test_objects_are_found_by_id_and_exact_type(walks):
    one, other = Node(), Node()
    known = {id(one): id(Node), id(other): id(Slotted)}
    assert walks.of_kinds([one, other], known) == [one]
    assert walks.of_kinds([one], {}) == []
    assert walks.of_kinds([other, one, one], {id(one): id(Node)}) == [one, one]


@both
def test_a_dict_of_strings_is_found_through_its_holder_and_told_once(walks):
    tracked, untracked = {"a": []}, {"a": "b"}
    if gc.is_tracked(untracked):
        pytest.skip("this interpreter tracks every dict")
    assert walks.untracked_containers([[untracked, tracked], (untracked,), "text", 5]) == [
        untracked
    ]
    assert walks.untracked_containers([]) == []


@both
def test_a_bytearray_is_found_through_its_holder(walks):
    data = bytearray(b"row")
    assert walks.untracked_containers([[data, b"row", data]]) == [data]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("of_kinds", ((), {})), ("of_kinds", ([], {"a": "b"})), ("untracked_containers", ((),))],
)
@needs_native
def test_what_is_no_list_of_objects_is_refused(name, arguments):
    with pytest.raises(TypeError):
        getattr(_walk_native, name)(*arguments)


NO_MEMORY = """
import _testcapi, sys
from leakwatch.heap import _walk_native
from leakwatch.heap.objects import ATOMS
heap = [[[i]] for i in range(5_000)]
new, args = _walk_native.HeapGraph, ([heap[-1]], ATOMS, 10**9, 60.0)
spent = set()
for allocation in range(60):
    graph = new(*args)
    start = graph.add(heap, -1)
    count = sys.getrefcount(heap)
    _testcapi.set_nomemory(allocation, allocation + 3)
    try:
        graph.expand([start], into_leaves=False)
        graph.owned([0], 1, with_leaves=True)
        graph.out_of_reach(heap)
        _walk_native.census(heap)
        failed = False
    except MemoryError:
        failed = True
    finally:
        _testcapi.remove_mem_hooks()
    spent.add(graph.spent)
    assert failed or graph.spent or len(graph) == 10_001, (allocation, len(graph))
    graph.close()
    assert len(graph) == 0
for allocation in range(8):
    _testcapi.set_nomemory(allocation, allocation + 1)
    try:
        new(*args)
    except MemoryError:
        pass
    finally:
        _testcapi.remove_mem_hooks()
print(sorted(spent))
"""


@needs_native
def test_want_of_memory_gives_a_partial_result():
    pytest.importorskip("_testcapi")
    assert run_python("-c", NO_MEMORY) == "[0, 3]\n"


CLOSED_WITHOUT_MEMORY = """
import _testcapi, sys
from leakwatch.heap._walk_native import HeapGraph
held, before = object(), 0
before = sys.getrefcount(held)
for allocation in range(8):
    graph = HeapGraph([], frozenset(), 100, 60.0, 5_000)
    graph.add(held, -1)
    close = graph.close
    _testcapi.set_nomemory(allocation, allocation + 1)
    try:
        close()
    finally:
        _testcapi.remove_mem_hooks()
    assert sys.getrefcount(held) == before, allocation
    assert (len(graph), graph.position_of(held)) == (0, None)
    assert graph.add(held, -1) == 0
print("let go")
"""


@needs_native
def test_a_graph_lets_go_where_there_is_no_memory():
    pytest.importorskip("_testcapi")
    assert run_python("-c", CLOSED_WITHOUT_MEMORY) == "let go\n"


RESIDUE = """
import gc, psutil, sys, tracemalloc
from leakwatch.heap.roots.providers import PROVIDERS
from leakwatch.paths.question import Question
from leakwatch.heap.roots.root import HeapRoot, RootQuery
from leakwatch.paths.analysis import analysed
from leakwatch.heap.graph import IMPLEMENTATION
KEPT = [{number} for number in range(3)]  # an instance would lead to its module, and on
def kept_roots(query):
    yield HeapRoot("module global", "KEPT", KEPT)
def analyse(providers):
    with analysed(Question(KEPT.copy(), RootQuery(), providers)) as analysis:
        assert sum(1 + len(trace.alike) for trace in analysis.traces) == 3
        del analysis
def figures():
    gc.collect()
    resident = psutil.Process().memory_info().rss
    return sys.getallocatedblocks(), resident, tracemalloc.get_traced_memory()[0]
def times(number, providers):
    for _ in range(number): analyse(providers)
counts = [sys.getrefcount(target) for target in KEPT]
times(1, [kept_roots])
gc.freeze()  # the collector, and so the analysis, need not look at what was there before
times(100, [kept_roots])
blocks, resident, _ = figures()
times(1000, [kept_roots])
assert figures()[0] - blocks < 100
assert figures()[1] - resident < 4_000_000
gc.unfreeze()
tracemalloc.start()
times(3, PROVIDERS)
traced = figures()[2]
times(5, PROVIDERS)
assert figures()[2] - traced < 5_000
assert [sys.getrefcount(target) for target in KEPT] == counts
print(IMPLEMENTATION)
"""


def test_a_thousand_analyses_leave_nothing_behind(each_walk):
    assert run_python("-c", RESIDUE) == f"{each_walk}\n"

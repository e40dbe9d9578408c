"""Whether the C of leakwatch loses or keeps references, told by an interpreter that counts all."""

import sys
from importlib.util import find_spec

import pytest

from tests.heaps import run_python

MODULES = ("leakwatch.heap._walk_native", "leakwatch.guest._guarded_native")

REPEATED = """
import gc, sys
from leakwatch.heap import _walk_native as w
from leakwatch.heap.objects import ATOMS
from leakwatch.guest import _guarded_native as g
class Node: pass
heap=[[Node(), {i: [i]}, (i,)] for i in range(300)]
leaf=heap[5][0]
REFUSED = [
    (w.census, (3,)), (w.of_types, ([], 3)), (w.HeapGraph, (1,)), (w.Listing, ((1, 2, 3),)),
    (g.is_in, (1, 2)), (w.of_other_types, ([], 3)),
]
def use():
    graph = w.HeapGraph([leaf], ATOMS, 10**9, 60.0)
    graph.expand([graph.add(heap, -1)], into_leaves=False)
    graph.leaves_from(0); graph.owned([0], 1, with_leaves=True)
    objs = g.get_objects()
    graph.unreached(objs); graph.out_of_reach(objs); graph.code_constants(objs)
    graph.kinds_from(0, frozenset({id(dict)}))
    graph.unheld(objs, frozenset({id(list)}), frozenset(), [leaf])
    w.census(objs); w.of_types(objs, frozenset({id(dict)}))
    w.of_other_types(objs, id(dict).to_bytes(8, sys.byteorder))
    w.of_kinds(objs, {id(heap): id(list)}); w.untracked_containers(objs)
    try: graph.object_at(10**7)
    except IndexError: pass
    try: graph.expand([10**7], into_leaves=False)
    except IndexError: pass
    for refused, arguments in REFUSED:
        try: refused(*arguments)
        except (TypeError, RuntimeError): pass
    try: len(w.Listing(gc.get_threshold()))
    except RuntimeError: pass
    g.is_in(heap, objs); g.track_anew(heap)
    graph.close()
    graph.position_of(heap); del objs
class B(g.Guarded):
    def _enter(self): pass
    def _exit(self,*a): pass
    def _end(self): pass
def block():
    with B(): pass
    try:
        with B(): raise KeyError
    except KeyError: pass
    try: B().__enter__(1)
    except TypeError: pass
    try: B().__exit__(1)
    except TypeError: pass
for f in (use, block):
    for _ in range(5): f()
    gc.collect(); before=sys.gettotalrefcount(), sys.getallocatedblocks()
    for _ in range(50): f()
    gc.collect(); after=sys.gettotalrefcount(), sys.getallocatedblocks()
    assert all(b - a < 25 for a, b in zip(before, after)), (f.__name__, before, after)
print("none")
"""


@pytest.mark.skipif(not hasattr(sys, "gettotalrefcount"), reason="only debug builds count all")
@pytest.mark.skipif(not all(map(find_spec, MODULES)), reason="no compiler at installation")
def test_no_reference_is_left_by_any_function_in_c():
    assert run_python("-X", "dev", "-c", REPEATED) == "none\n"

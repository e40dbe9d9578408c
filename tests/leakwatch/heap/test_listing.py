"""What the collector lists, seen without a reference: the same objects, and nothing touched."""

import gc

import pytest

from leakwatch.heap import listing
from leakwatch.heap.graph import IMPLEMENTATION, census
from tests.heaps import run_python

pytestmark = pytest.mark.skipif(IMPLEMENTATION == "pure", reason="needs the native walk")


class Cart:
    """A class of which no other test has instances."""


def test_the_rings_have_what_the_list_has_in_its_order():
    carts = [Cart() for _ in range(50)]
    gc.collect(0)
    carts += [Cart() for _ in range(50)]
    seen = listing.listed_of(frozenset({id(Cart)}))
    assert list(map(id, seen)) == [id(it) for it in gc.get_objects() if type(it) is Cart]


def test_the_types_are_those_of_the_list():
    known = set(map(type, gc.get_objects()))
    assert known <= set(listing.listed_types())


def test_what_is_born_after_a_look_began_is_not_in_it():
    lines = """
import gc
gc.disable()
from leakwatch.heap import listing
from leakwatch.heap.graph import of_types
class Cart: pass
listing.borrow()
early = Cart()
seen = listing.listed()
late = Cart()
print([it is early for it in of_types(seen, frozenset([id(Cart)]))])
print(len(seen) < len(listing.listed()))
"""
    assert run_python("-c", lines) == "[True]\nTrue\n"


def test_nothing_is_referred_to_by_a_walk_that_borrows():
    lines = """
import gc, sys
gc.disable()
from leakwatch.heap.objects import ATOMS
from leakwatch.heap.graph import HeapGraph
class Cart: pass
cart = Cart()
held = [cart]
before = sys.getrefcount(cart)
for borrows in (False, True):
    graph = HeapGraph([], ATOMS, 1000, 60.0, 0, borrows=borrows)
    graph.expand([graph.add(held, -1)], into_leaves=False)
    print(graph.position_of(cart), sys.getrefcount(cart) - before)
    graph.close()
    print(sys.getrefcount(cart) - before)
"""
    assert run_python("-c", lines).split() == ["1", "1", "0", "1", "0", "0"]


def test_an_interpreter_that_keeps_its_objects_otherwise_is_listed(monkeypatch):
    monkeypatch.setattr(listing, "gc_thresholds", lambda: (1, 2, 3))
    assert listing.why_not_seen() == "this interpreter keeps its objects in another way"
    cart = Cart()
    assert listing.listed_of(frozenset({id(Cart)})) == [cart]


def test_where_it_cannot_be_seen_the_report_of_a_fork_says_that_the_heap_was_copied():
    lines = """
import leakwatch
from leakwatch.heap import listing
listing.gc_thresholds = lambda: (1, 2, 3)
class Cart: pass
KEPT = [Cart()]
report = leakwatch.why(Cart, analyse="fork")
print(len(report.leaks), report.notes)
"""
    said = run_python("-c", lines)
    assert said.startswith("1 ('judged in a fork that copied the heap while it lasted: this")


def test_only_a_list_or_a_listing_is_taken():
    with pytest.raises(TypeError, match="expected a list or a Listing"):
        census((1, 2))


def test_a_class_that_is_collected_while_types_are_listed_is_listed_all_the_same(monkeypatch):
    monkeypatch.setenv("PYTHONMALLOC", "debug")
    # The instances are garbage and so is their class. CPython 3.11 collects at an allocation.
    lines = """
import gc
from leakwatch.heap.listing import listed_types
gc.disable()
listed_types()
# Somewhere among these numbers of allocations the collection falls into the midst of it.
for later in range(1, 40):
    for _ in range(20):
        temporary = type("Temporary", (), {})()
        temporary.me = temporary
    del temporary
    gc.set_threshold(gc.get_count()[0] + later, 1000, 1000)
    gc.enable()
    found = listed_types()
    gc.disable()
    assert all(isinstance(cls.__name__, str) for cls in found)
    del found
    gc.collect()
"""
    run_python("-c", lines)


def test_a_walk_finds_the_same_whether_what_is_left_is_listed_or_is_too_much_for_that():
    lines = """
import gc
gc.disable()
from leakwatch.heap import listing
from leakwatch.heap.roots.root import RootQuery, in_waves
from leakwatch.paths.question import Question
from leakwatch.paths.search import search
from leakwatch.session import plugins
class Cart: pass
kept = [Cart()]
for _ in range(3):
    gone = Cart()
    gone.itself = gone
del gone
listing.borrow()
for most in (20_000, 0):
    listing.MOST_REFERRED_TO = most
    providers = plugins().extensions("leakwatch_root_providers")
    roots = in_waves(it for provider in providers for it in provider(RootQuery()))
    tracked = listing.listed()
    graph, left = search(roots, Question([object()], RootQuery(), providers), tracked)
    print(sum(type(it) is Cart for it in left), graph.position_of(kept[0]) is not None)
    left.clear()
    graph.close()
"""
    assert run_python("-c", lines) == "3 True\n3 True\n"


def test_what_has_gone_is_no_object_when_it_is_asked():
    lines = """
import gc, weakref
gc.disable()
from leakwatch.heap.objects import ATOMS
from leakwatch.heap.graph import HeapGraph
class Cart: pass
carts = [Cart()]
graph = HeapGraph([], ATOMS, 1000, 60.0, 0, borrows=True)
graph.expand([graph.add(carts, -1)], into_leaves=False)
place, gone = graph.position_of(carts[0]), weakref.ref(carts[0])
carts.clear()
found = graph.object_at(place)  # at once: its memory may be another object's soon
print(gone() is None, found)
"""
    assert run_python("-c", lines) == "True None\n"

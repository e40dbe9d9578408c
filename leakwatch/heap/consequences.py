"""Survivors that only show that another one is there, and are not told beside it.

Each is part of how the interpreter or the standard library keeps something that has a path
of its own: a thread, a finalizer, the inside of a `with` block.
"""

import sys
from io import StringIO
from itertools import islice
from types import BuiltinMethodType, FunctionType, MethodType
from weakref import finalize

from leakwatch.fields import function_of, inherits, own_text, self_of
from leakwatch.heap.interpreter_tables import INTERPRETER_STATE
from leakwatch.heap.objects import identities, is_exactly, type_name
from leakwatch.heap.registry_roots import FINALIZE_REGISTRY
from leakwatch.heap.roots import HeapRoot
from leakwatch.heap.thread_local_roots import THREAD_LOCAL
from leakwatch.heap.walk import HeapGraph
from leakwatch.interpreter import get_referents

EXITS = frozenset({"__exit__", "__aexit__"})
NAMED_BY_C = identities((BuiltinMethodType, FunctionType))
"""Types whose `__name__` is a field of C."""
FINALIZERS = finalize.__dict__["_registry"]
STEPS_TO_A_CONDITION = 3
"""From a waiter up to its condition: the deque, on 3.11 perhaps the condition's dict."""


def is_consequence(
    graph: HeapGraph, position: int, root: HeapRoot, survivors: frozenset[int]
) -> bool:
    """Whether a survivor that a root reaches comes with a thread, a finalizer or a buffer."""
    return (
        comes_with_its_owner(graph.object_at(position), root, survivors)
        or is_lock_of_a_thread(graph, position)
        or is_dict_of_a_thread(graph, position, root)
        or is_table_of_the_interpreter(graph, position, root)
        or is_mark_of_a_thread(graph.object_at(position))
        or is_waiter(graph, position)
        or is_finalizer(graph, position, root)
        or is_text_of_a_buffer(graph, position)
    )


def is_dict_of_a_thread(graph: HeapGraph, position: int, root: HeapRoot) -> bool:
    """Whether it is the dict that each new thread has in a `threading.local`."""
    return root.kind == THREAD_LOCAL and graph.parent_of(position) < 0


def is_table_of_the_interpreter(graph: HeapGraph, position: int, root: HeapRoot) -> bool:
    """Whether it is a table that C code has, such as the dict for a thread, made when needed."""
    return root.kind == INTERPRETER_STATE and graph.parent_of(position) < 0


def is_mark_of_a_thread(found: object) -> bool:
    """Whether a `threading.local` notes threads, or their end, by it: seen from CPython 3.13 on."""
    if type(found) is BuiltinMethodType:
        return own_text(found, "__name__") == "clear_locals"
    if type(found) is dict:
        return any(type_name(type(key)) == "_thread._localdummy" for key in islice(found, 1))
    return False


def comes_with_its_owner(found: object, root: HeapRoot, survivors: frozenset[int]) -> bool:
    """Whether the root is there because of another survivor: a frame because of its thread."""
    return root.owner is not None and root.owner is not found and id(root.owner) in survivors


def is_lock_of_a_thread(graph: HeapGraph, position: int) -> bool:
    """Whether `threading` notices by it, at exit, that a thread has ended (up to CPython 3.12)."""
    holder = graph.parent_of(position)
    locks = sys.modules["threading"].__dict__.get("_shutdown_locks")
    return holder >= 0 and locks is not None and graph.object_at(holder) is locks


def is_waiter(graph: HeapGraph, position: int) -> bool:
    """Whether it is the lock on which a thread waits for a condition, an event or a queue."""
    if type_name(type(graph.object_at(position))) != "_thread.lock":
        return False
    for _ in range(STEPS_TO_A_CONDITION):
        position = graph.parent_of(position)
        if position < 0:
            return False
        if type_name(type(graph.object_at(position))) == "threading.Condition":
            return True
    return False


def is_finalizer(graph: HeapGraph, position: int, root: HeapRoot) -> bool:
    """Whether it is the key of its own record, or that record's callback; the record is told."""
    if type(graph.object_at(position)) is not finalize:
        return False
    holder = graph.parent_of(position)
    return root.kind == FINALIZE_REGISTRY or (holder >= 0 and graph.object_at(holder) is FINALIZERS)


def is_text_of_a_buffer(graph: HeapGraph, position: int) -> bool:
    """Whether it is a list of an `io.StringIO`: `leakwatch.heap.text_buffers` finds them."""
    found, holder = graph.object_at(position), graph.parent_of(position)
    if holder < 0 or type(found) is not list:
        return False
    buffer = graph.object_at(holder)
    return inherits(type(buffer), StringIO) and not is_shown(buffer, found)


def is_shown(holder: object, found: object) -> bool:
    """Whether the collector shows that one object refers to another."""
    return any(it is found for it in get_referents(holder))


def is_method_of_a_survivor(found: object, graph: HeapGraph, survivors: frozenset[int]) -> bool:
    """Whether it is a method of a survivor that a root reaches: a thread's, that runs it."""
    if type(found) is not MethodType or id(self_of(found)) not in survivors:
        return False
    return graph.position_of(self_of(found)) is not None


def is_exit_of_a_block(found: object) -> bool:
    """Whether it is what a `with` statement calls in the end: whoever is inside has it."""
    if type(found) is MethodType:
        found = function_of(found)
    return is_exactly(found, NAMED_BY_C) and own_text(found, "__name__") in EXITS

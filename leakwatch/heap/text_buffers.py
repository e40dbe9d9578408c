"""The lists in which `io.StringIO` gathers what is written, up to CPython 3.11.

They are on the collector's list, but `stringio_traverse` (Modules/_io/stringio.c) leaves them out,
so nothing seems to hold them. Their addresses stand in the buffer's own memory. From 3.12 on a
buffer has no lists.
"""

from collections.abc import Iterable, Iterator
from io import StringIO

from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.objects import inherits
from leakwatch.heap.roots.namespaces import all_classes


def text_buffers(graph: HeapGraph, unreached: Iterable[object]) -> Iterator[tuple[int, object]]:
    """References from buffers that were reached to such lists.

    Args:
        graph: the walk so far.
        unreached: what it did not reach of the objects that the collector lists.
    """
    lists = {id(found): found for found in unreached if is_text(found)}
    if lists:
        for position in graph.kinds_from(0, buffer_kinds()):
            for word in memory_of(graph.object_at(position)):
                if word in lists:
                    yield position, lists[word]


def is_text(found: object) -> bool:
    """Whether an object is a list of strings, perhaps an empty one."""
    return type(found) is list and all(type(entry) is str for entry in found)


def buffer_kinds() -> frozenset[int]:
    """Ids of `io.StringIO` and of the classes derived from it."""
    return frozenset(id(cls) for cls in all_classes() if inherits(cls, StringIO))


def memory_of(buffer: object) -> list[int]:
    """The words of which the C structure of a buffer consists; read as numbers, never followed."""
    import ctypes

    word = ctypes.sizeof(ctypes.c_size_t)
    return list((ctypes.c_size_t * (StringIO.__basicsize__ // word)).from_address(id(buffer)))

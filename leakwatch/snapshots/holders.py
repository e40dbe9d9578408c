"""Who refers to an object, and where a number stands in a column: found when it is asked.

An index of all references backwards takes as much memory as the references, and minutes to make for
a large heap. To search the bytes of the column takes a tenth of a second for 30 million references.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from leakwatch.snapshots.heap_file import HeapFile

NUMBER = struct.Struct("=I")
"""As columns have them in memory."""


def places_of(wanted: int, column: "Sequence[int]") -> Iterator[int]:
    """Where a number stands in a column, in order.

    Args:
        wanted: the number.
        column: a `memoryview` of numbers of four bytes.
    """
    raw = memoryview(column).cast("B")  # type: ignore[arg-type]  # what has the buffer's protocol
    pattern = re.compile(re.escape(NUMBER.pack(wanted)), re.DOTALL)
    at = 0
    while (found := pattern.search(raw, at)) is not None:
        # It may lie across two numbers.
        if found.start() % NUMBER.size == 0:
            yield found.start() // NUMBER.size
        at = found.start() + 1


def referrers(file: HeapFile, number: int) -> Iterator[tuple[int, int, int]]:
    """Each reference to an object: the holder, the number of the reference or -1, and its name."""
    for edge in places_of(number, file.targets):
        # The last of those that begin there: what refers to nothing begins at the same place.
        yield bisect_right(file.offsets, edge) - 1, edge, file.names[edge]
    for target, holder, name in file.hidden:
        if target == number:
            yield holder, -1, name

"""pandas: the hash tables of an index, which are in C.

What else a frame has, others size: its columns are arrays of numpy's, or of pyarrow's.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable
from typing import Any

from leakwatch import hookimpl
from leakwatch.extending import OfClass, Size, class_attributes, class_of, shallow_size

__all__ = ["leakwatch_sizeof"]


@hookimpl
def leakwatch_sizeof() -> Iterable[OfClass[Size]]:
    """The engines of indexes, each with the table that it made when it was first searched."""
    return [OfClass("pandas._libs.index", "IndexEngine", size_with_table)]


def size_with_table(engine: object) -> int:
    """Bytes of an engine and of its hash table; the labels are an array of their own."""
    base = class_of("pandas._libs.index", "IndexEngine")
    assert base is not None, "asked about an engine before there is one"
    sizeof: Any = class_attributes(base)["sizeof"]
    return shallow_size(engine) + int(sizeof(engine))

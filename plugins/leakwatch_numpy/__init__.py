"""numpy's arrays: the objects in them, their places, their bytes, and the tables of ufuncs.

An array of objects takes no part in garbage collection: it is on nobody's list, and what it
holds has one reference more than Python can explain. numpy itself can be asked. It is not
imported for that, only looked at where the program has loaded it.

Another library gets a plugin of its own in the same manner, a function and an `OfClass` for each
type that the collector cannot look into or the interpreter cannot size: `leakwatch_torch`, for one.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leakwatch import hookimpl
from leakwatch.extending import OfClass, Size, class_of

if TYPE_CHECKING:
    from leakwatch.extending import Namer, Recogniser

__all__ = [
    "leakwatch_hidden_references",
    "leakwatch_reference_names",
    "leakwatch_sizeof",
    "leakwatch_unheld_containers",
]


@hookimpl
def leakwatch_hidden_references() -> Iterable[OfClass[Sequence[object]]]:
    """The elements of arrays of objects."""
    from leakwatch_numpy.arrays import elements

    return [OfClass("numpy", "ndarray", elements)]


@hookimpl
def leakwatch_unheld_containers() -> "Iterable[Recogniser]":
    """The tables of ufuncs."""
    from leakwatch_numpy.ufuncs import ufunc_loops

    return [ufunc_loops] if is_loaded() else []


@hookimpl
def leakwatch_reference_names() -> "Iterable[Namer]":
    """Elements by their number."""
    from leakwatch_numpy.arrays import name_element

    return [name_element] if is_loaded() else []


@hookimpl
def leakwatch_sizeof() -> Iterable[OfClass[Size]]:
    """Views, with the memory that they use together."""
    from leakwatch_numpy.arrays import size_with_base

    return [OfClass("numpy", "ndarray", size_with_base)]


def is_loaded() -> bool:
    """Whether the program has loaded numpy."""
    return class_of("numpy", "ndarray") is not None

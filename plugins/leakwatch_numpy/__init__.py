"""numpy's arrays: the objects in them, their places, their bytes, and the tables of ufuncs.

An array of objects takes no part in garbage collection: it is on nobody's list, and what it
holds has one reference more than Python can explain. numpy itself can be asked. It is not
imported for that, only looked at where the program has loaded it.

Another library gets a plugin of its own in the same manner, a function and an `OfClass` for each
type that the collector cannot look into or the interpreter cannot size:

    @hookimpl
    def leakwatch_sizeof():
        return [OfClass("torch", "Tensor", bytes_of_tensor)]

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable, Sequence

from leakwatch import hookimpl
from leakwatch.extending import Namer, OfClass, Recogniser, Size
from leakwatch_numpy.arrays import elements, is_loaded, name_element, size_with_base
from leakwatch_numpy.ufuncs import ufunc_loops

__all__ = [
    "leakwatch_hidden_references",
    "leakwatch_reference_names",
    "leakwatch_sizeof",
    "leakwatch_unheld_containers",
]


@hookimpl
def leakwatch_hidden_references() -> Iterable[OfClass[Sequence[object]]]:
    """The elements of arrays of objects."""
    return [OfClass("numpy", "ndarray", elements)]


@hookimpl
def leakwatch_unheld_containers() -> Iterable[Recogniser]:
    """The tables of ufuncs."""
    return [ufunc_loops] if is_loaded() else []


@hookimpl
def leakwatch_reference_names() -> Iterable[Namer]:
    """Elements by their number."""
    return [name_element] if is_loaded() else []


@hookimpl
def leakwatch_sizeof() -> Iterable[OfClass[Size]]:
    """Views, with the memory that only they use."""
    return [OfClass("numpy", "ndarray", size_with_base)]

"""Functions for the instances of one class, of a module that the program may not have loaded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from leakwatch.heap.fields import mro
from leakwatch.heap.objects import class_of

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class OfClass(Generic[T_co]):
    """A function to call for the instances of one class, and of the classes derived from it.

    Whether an object is one is found once for all objects of its exact type, by identity, so the
    others cost nothing. While the module is not loaded nothing is looked for, let alone imported.

    Attributes:
        module: the name in `sys.modules` of the module that has the class: `"numpy"`.
        name: the class in that module: `"ndarray"`.
        call: the function, with the object as its only argument.
    """

    module: str
    name: str
    call: Callable[[Any], T_co]


Calls = Sequence[tuple[int, Callable[[Any], T]]]
"""Functions, each with the id of the class that it is for: the class itself would be held by us."""


def loaded_calls(offered: Iterable[OfClass[T] | Callable[[Any], T]]) -> Calls[T]:
    """The functions for classes that are loaded; a bare function is for every object."""
    found: list[tuple[int, Callable[[Any], T]]] = []
    for it in offered:
        if not isinstance(it, OfClass):
            found.append((id(object), it))
        elif (cls := class_of(it.module, it.name)) is not None:
            found.append((id(cls), it.call))
    return found


def calls_for(cls: type, calls: Calls[T]) -> list[Callable[[Any], T]]:
    """The functions to call for objects of an exact type, in their order."""
    bases = set(map(id, mro(cls)))
    return [call for base, call in calls if base in bases]

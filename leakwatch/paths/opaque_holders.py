"""Objects of C near a survivor that may hold more than they show to the collector.

A native holder cannot be named, but it often lies near what it holds: a validator in C that keeps
a method of the class that keeps the validator.
"""

from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES

from leakwatch.heap.fields import entry, loaded, module_name, module_namespace, text
from leakwatch.heap.objects import is_module, participates_in_gc, type_name
from leakwatch.heap.provenance import is_own_module, is_standard_module

ENDINGS = tuple(EXTENSION_SUFFIXES)
SHOWN = frozenset({"builtins", "_weakref"})
"""Modules of types that show all they hold, or hold nothing."""


def opaque_types(near: Sequence[object]) -> list[str]:
    """Names of the types that may hold more than they show, in a fixed order.

    Args:
        near: the object that is held, and what it reaches.
    """
    first = {id(cls): cls for cls in map(type, near[:1])}
    others = {id(cls): cls for cls in map(type, near[1:])}
    found = [cls for cls in (first | others).values() if shows_nothing(cls)]
    # Its own type says nothing of who holds it.
    found += [cls for cls in others.values() if participates_in_gc(cls) and is_of_extension(cls)]
    return sorted(map(type_name, found))


def shows_nothing(cls: type) -> bool:
    """Whether the collector cannot look into instances of a type."""
    return not participates_in_gc(cls) and module_name(cls) not in SHOWN


def is_of_extension(cls: type) -> bool:
    """Whether a type comes from a compiled module that is not of the standard library.

    Whether its instances show all that they hold cannot be seen.
    """
    name = module_name(cls)
    module = loaded(name)
    if is_standard_module(name) or is_own_module(name) or not is_module(module):
        return False
    path = text(entry(module_namespace(module), "__file__"))
    return path is not None and path.endswith(ENDINGS)

"""Hostile holders: each keeps one object alive, and records and refuses what it is asked.

A holder is a function that takes an object and gives what keeps it. What a holder puts into place
for the whole process is taken back by a callback of `UNDO`.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.leakwatch.guest.hostile import Meta, every_method, trap, trapped_methods

Holder = Callable[[Any], Any]
UNDO = ExitStack()


def hostile(base: type, name: str = "") -> Any:
    """A class with every method of a base as a trap."""
    return type(name or f"Hostile{base.__name__.capitalize()}", (base,), every_method(base))


class Callback:
    """Something to call that holds an object."""

    __slots__ = ("__weakref__", "held")
    locals().update(trapped_methods(object))
    __call__ = trap("__call__", lambda *arguments, **options: None)

    def __init__(self, held: object) -> None:
        object.__setattr__(self, "held", held)


class Plain:
    """Behaves; something to hang a hostile part on."""


class Suspect(metaclass=Meta):
    """What is kept alive; a class and objects that raise whatever they are asked."""

    locals().update(trapped_methods(object))


HostileStr = hostile(str)
HostileDict = hostile(dict)
HostileList = hostile(list)
HostileTuple = hostile(tuple)
HostileSet = hostile(set)
HostileFrozenset = hostile(frozenset)
HostileDeque = hostile(deque)
HostileOrderedDict = hostile(OrderedDict)
HostileDefaultdict = hostile(defaultdict)

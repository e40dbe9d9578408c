"""The survivors of a generation window: what was born inside it and is still there."""

import sys

from leakwatch.heap.namespace_roots import is_permanent
from leakwatch.heap.objects import is_class, is_module, module_name, type_name
from leakwatch.heap.plumbing import is_node_of_a_context
from leakwatch.heap.provenance import is_own_module
from leakwatch.heap.walk import of_kinds
from leakwatch.interpreter import get_objects
from leakwatch.selection import TypeFilter
from leakwatch.window import Window


class Newborns:
    """Objects born in a window, kept as id and type only, so that nothing is kept alive.

    Most containers cannot be weakly referenced. An id alone may be reused once its object
    died; together with the type, and looked at again right away, it is good enough.
    """

    __slots__ = ("_known",)

    def __init__(self, window: Window, wanted: TypeFilter | None) -> None:
        """Look; whoever wants no garbage collects in the window before.

        Args:
            window: where they were born.
            wanted: which types count, or None for all that may be a leak.
        """
        born = window.newborn()
        # Made after the look, or our own dict would be among the newborn.
        self._known: dict[int, int] = {}
        for found in born:
            if is_candidate(found, wanted) and not (wanted is None and is_waited_for(found)):
                self._known[id(found)] = id(type(found))
        born.clear()

    def __bool__(self) -> bool:
        return bool(self._known)

    def alive(self) -> list[object]:
        """The objects that are still there; borrowed, to be cleared by the caller."""
        return still_there(self._known)

    def any_alive(self) -> bool:
        """Whether something is still there; what died is forgotten."""
        if not self._known:
            return False
        found = self.alive()
        self._known = {id(survivor): id(type(survivor)) for survivor in found}
        found.clear()
        return bool(self._known)


def still_there(kinds: dict[int, int]) -> list[object]:
    """The collector's objects that are known by id and id of their type; borrowed."""
    everything = get_objects()
    # Not a comprehension: before 3.12 it makes a cell, which may take the place of one that died.
    found = of_kinds(everything, kinds)
    everything.clear()
    return found


def is_waited_for(found: object) -> bool:
    """Whether this may be the lock that an idle thread waits for: each wait makes a new one.

    A scope cannot tell whether it comes again; a hunt can, and does not ask this.
    """
    return type_name(type(found)) == "_thread.lock"


def is_candidate(found: object, wanted: TypeFilter | None) -> bool:
    """Whether an object born in the window is to be judged.

    Modules and classes that an import defined are there to stay, our own objects are none of
    the program's, and the nodes of a context are replaced whenever a variable is set.
    """
    cls = type(found)
    if wanted is not None:
        return wanted(cls)
    if is_own_module(module_name(cls)) or is_module(found) or is_node_of_a_context(cls):
        return False
    if is_class(found):
        home = sys.modules.get(module_name(found))  # type: ignore[arg-type]
        return not is_permanent(found, home)  # type: ignore[arg-type]
    return True

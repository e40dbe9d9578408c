"""Under which name a namespace holds an object."""

from typing import Any

from leakwatch.heap.fields import entries, entry, named_entries

LARGE = 64
"""Entries from which on a namespace is looked through once for all that it holds."""
ABSENT = object()


class Names(dict[int, str]):
    """The first name of each object of one large namespace, by the object's id.

    Names only: a count of references to the objects must not find ours among them. An id may be
    used again, so what is found here is looked up in the namespace itself.
    """

    __slots__ = ("_length", "_whose")
    # Two numbers and no pair: a graph that borrows may not have what goes with the next namespace.

    def __init__(self) -> None:
        super().__init__()
        self._whose = self._length = 0

    def of(self, namespace: Any) -> "Names":
        """Those of a namespace; the ones of the last that was asked about are kept."""
        whose, length = id(namespace), len(namespace)
        if whose != self._whose or length != self._length or not self:
            self.clear()
            for name, value in named_entries(namespace):
                self.setdefault(id(value), name)
            self._whose, self._length = whose, length
        return self


names_of_last = Names()


def name_in(namespace: Any, held: object) -> object:
    """The first key under which a namespace holds an object, or `ABSENT`.

    Of thousands of objects in one module each would else be looked for in the whole of it.
    """
    if type(namespace) is dict and len(namespace) >= LARGE:
        name = names_of_last.of(namespace).get(id(held))
        if name is not None and entry(namespace, name) is held:
            return name
    return next((key for key, value in entries(namespace) if value is held), ABSENT)

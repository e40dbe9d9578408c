"""Objects of a moment, known weakly: who is met again later and was there then."""

from itertools import compress, filterfalse

from weakrefs import ReferenceType


class Stamp(dict[int, "ReferenceType[object] | int"]):
    """Objects of a moment, by id: who is met again later and was there then.

    An address may be used twice. What can be referenced weakly is known by a reference, which says
    whether the object of that time is still there. Of a dict or a list only the type is known, and
    a second one at the same address passes for it.

    A class of ours, so that it is none of the newborn.
    """

    __slots__ = ()

    def note(self, visible: list[object]) -> None:
        """Know these objects."""
        refers: dict[int, bool] = {}
        for found in visible:
            kind = type(found)
            if refers.get(id(kind), True):
                try:
                    self[id(found)] = Mark(found)
                    continue
                except TypeError:
                    refers[id(kind)] = False
            self[id(found)] = id(kind)

    def knows(self, candidate: object) -> bool:
        """Whether this object was there."""
        known = self.get(id(candidate))
        if isinstance(known, int):
            return known == id(type(candidate))
        return known is not None and known() is candidate

    def living(self) -> list[object]:
        """Those that are known by a weak reference and are still there."""
        # No comprehension, see `Window.newborn`.
        return list(filter(is_something, map(dereference, self.values())))

    def among(self, everything: list[object]) -> list[object]:
        """Those of the objects that were there; the first question needs no loop in Python."""
        found = compress(everything, map(self.__contains__, map(id, everything)))
        return list(filter(self.knows, found))

    def born_since(self, visible: list[object]) -> list[object]:
        """Those of the visible objects that were not; the list given is cleared."""
        born = list(filterfalse(self.knows, visible))
        visible.clear()
        return born

    def forget_the_dead(self, everything: list[object]) -> None:
        """Drop what is not there any more."""
        here = self.among(everything)
        kept = {id(it): self[id(it)] for it in here}
        here.clear()
        self.clear()
        self.update(kept)


class Mark(ReferenceType[object]):
    """A weak reference of ours, so that it is none of the newborn."""

    __slots__ = ()


def dereference(known: "ReferenceType[object] | int") -> object:
    """The object that is known by a reference, or None."""
    return None if isinstance(known, int) else known()


def is_something(found: object) -> bool:
    """Whether it is not None."""
    return found is not None


def unique(found: list[object]) -> list[object]:
    """Each of the objects once."""
    return list({id(it): it for it in found}.values())

"""Names that are found for many references at once are those that are found one by one."""

import gc

from leakwatch.snapshots.contents import Contents
from leakwatch.snapshots.naming import Names, References
from leakwatch.snapshots.writing import MANY, Edges, Tools


class Plain:
    """A class as most are."""


class Odd(Plain):
    """One that holds its own order of bases, and a list."""

    entries = [1]  # noqa: RUF012 - what it holds is the point


Odd.order, Odd.parents = Odd.__mro__, Odd.__bases__
META = type("Meta", (type,), {})


def test_what_classes_refer_to_is_named_as_one_by_one():
    names = Names()
    references = References(names, Tools.of_plugins(Contents()).namers)
    for cls in (Plain, Odd, META, META("OfMeta", (), {}), type, object, int):
        held = gc.get_referents(cls)
        one_by_one = [references._one(cls, it) for it in held]
        assert references.named(cls, held) == one_by_one
    assert names.number(".order") in references.named(Odd, gc.get_referents(Odd))


def edges(*held):
    """As much of the columns of a file as a search for references needs."""
    offsets = [sum(map(len, held[:number])) for number in range(len(held) + 1)]
    columns = {"edges.offset": offsets, "edges.target": [it for targets in held for it in targets]}
    return Edges({name: b"".join(map(_packed, numbers)) for name, numbers in columns.items()})


def _packed(number):
    return number.to_bytes(4, "little")


def test_the_first_reference_between_two_is_found_in_small_and_in_large_holders():
    large = [*range(MANY), 3, MANY, 3]
    found = edges([5, 7, 5], large, [7])
    assert [found.between(0, it) for it in (5, 7, 6)] == [0, 1, None]
    assert [found.between(1, it) for it in (3, MANY, MANY + 1)] == [6, 3 + MANY + 1, None]
    assert (found.between(2, 7), found.between(1, 0)) == (3 + len(large), 3)

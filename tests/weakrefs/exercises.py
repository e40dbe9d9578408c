"""Every operation of the containers that have a native part, many times; run by `test_leaks.py`.

Prints a line of JSON: for each exercise, by how much the blocks that the interpreter has allocated,
and where it counts them the references, differ from round to round, once it is warm. An exercise
that leaks one object a call shows `CALLS` in each round.
"""

import gc
import json
import sys
from array import array
from collections.abc import Callable
from itertools import pairwise

from weakrefs import KeyedRef, WeakKeyDictionary, WeakSet, WeakValueDictionary

WARM_UP, ROUNDS, CALLS = 5, 5, 20
REFUSALS = (AttributeError, KeyError, TypeError, ValueError)


class Thing:
    pass


class Unequal(Thing):
    """Hashes like the others of its class, and cannot be compared."""

    def __hash__(self):
        return 1

    def __eq__(self, other):
        raise ValueError(other)


class Fussy:
    """A key that cannot be hashed."""

    __hash__ = None


def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except REFUSALS:
        return
    raise AssertionError(call)


def filled():
    # Keys and values that die: small numbers are immortal, so no lost reference to one is seen.
    things = [Thing() for _ in range(5)]
    values = WeakValueDictionary({(n, n): thing for n, thing in enumerate(things)})
    return things, values, WeakKeyDictionary({thing: (n, n) for n, thing in enumerate(things)})


def entries_come_and_go():
    things, values, keys = filled()
    values[0, 0] = values[0, 0] = things[1]
    keys[things[0]] = keys[things[0]] = [7]
    del values[0, 0], keys[things[0]]
    values.update({(8, 8): things[2]}, name=things[3])
    keys.update([(things[2], [9])])
    del things


def entries_are_looked_up():
    things, values, keys = filled()
    here, missing = (1, 1), (-1, -1)
    values[here], values.get(here), values.get(missing), values.get(missing, things)
    values.get(key=here, default=things), values.get(key=missing, default=things)
    keys[things[1]], keys.get(things[1]), keys.get(Thing()), keys.get(key=Thing(), default=things)
    here in values, missing in values, things[1] in keys, Thing() in keys, 1 in keys
    values.valuerefs(), keys.keyrefs(), len(values), len(keys)
    values == values.copy(), keys == keys.copy()


def entries_are_set_by_default():
    things, values, keys = filled()
    values.setdefault((1, 1), things[2]), values.setdefault((8, 8), things[2])
    values.setdefault(key=(9, 9), default=things[2])
    (
        keys.setdefault(things[1], [3]),
        keys.setdefault(Thing(), [3]),
        keys.setdefault(Thing()),
        keys.setdefault(key=things[1]),
    )


def a_dead_entry_gives_way():
    values, dead = WeakValueDictionary(), KeyedRef(Thing(), None, ("k", Thing()))
    key = dead.key
    values.data[key] = dead
    values.setdefault(key, keep := Thing()), values.get(key), values.pop(key, None)
    values.data[key] = dead
    refused(values.popitem)
    del keep


def entries_are_taken_out():
    things, values, keys = filled()
    values.pop((1, 1)), values.pop((-1, -1), things), values.pop(key=(-1, -1), default=things)
    keys.pop(things[1]), keys.pop(Thing(), things), keys.pop(key=things[2], default=things)
    values.popitem(), keys.popitem(), values.clear(), keys.clear()


def mappings_are_walked():
    for weak in filled()[1:]:
        list(weak), list(reversed(weak)), list(weak.keys()), list(weak.values())
        list(weak.items()), dict(weak.items())
    _things, values, keys = filled()
    for weak in (values, keys):
        list(weak), list(weak.keys()), list(weak.values()), list(weak.items()), dict(weak.items())
        for pair in weak.items():
            hash(pair)
        next(weak.items()), next(weak.values()), next(iter(weak)), weak.items()


def mappings_are_copied():
    _things, values, keys = filled()
    for weak in (values, keys):
        weak.copy(), weak | weak, {**dict(weak)} | weak, weak.__reduce__()


def what_cannot_be_is_refused():
    things, values, keys = filled()
    for weak, missing in ((values, (1, 2)), (keys, Thing())):
        refused(weak.__getitem__, missing), refused(weak.__delitem__, missing)
        refused(weak.pop, missing), refused(type(weak)().popitem)
        refused(weak.get), refused(weak.get, 1, 2, 3), refused(weak.get, missing, key=1)
        refused(weak.get, missing, wrong=1), refused(weak.setdefault), refused(weak.pop)
        refused(weak.update, [(1, 2, 3)]), refused(weak.update, [1]), refused(weak.update, 1)
        refused(weak.__setitem__, "a", 1), refused(weak.setdefault, "a", 1)
        refused(weak._set_all, 1), refused(weak._set_all, [(missing,)])
    (
        refused(values._remove, 1),
        refused(keys.update, name=1),
        refused(keys.get, 1),
        refused(keys.pop, 1),
    )
    for key in ([], Fussy()):
        for use in (values, keys):
            refused(use.get, key), refused(use.__setitem__, key, things[0]), refused(use.pop, key)
            refused(use.setdefault, key, things[0]), refused(use.__delitem__, key)
        refused(values.__contains__, key)
    refused(keys.__contains__, Fussy())


def comparisons_may_fail():
    one, other = Unequal(), Unequal()
    values, keys = WeakValueDictionary({one: one}), WeakKeyDictionary({one: [1]})
    for weak in (values, keys):
        refused(weak.get, other), refused(weak.pop, other), refused(weak.__delitem__, other)
        refused(weak.setdefault, other, one), refused(weak.__setitem__, other, one)
        refused(weak.__contains__, other), refused(weak.__getitem__, other)
    weak_set = WeakSet([one])
    refused(weak_set.add, other), refused(weak_set.discard, other), refused(weak_set.remove, other)
    refused(weak_set.__contains__, other)


def sets_are_used():
    things = [Thing() for _ in range(5)]
    weak = WeakSet(things)
    weak.add(things[0]), weak.add(Thing()), weak.discard(things[0]), weak.discard(Thing())
    weak.remove(things[1]), weak.pop(), things[2] in weak, 1 in weak, len(weak)
    list(weak), next(iter(weak)), iter(weak), weak.copy(), weak | weak, weak & weak
    assert weak == weak.copy()
    refused(weak.remove, Thing()), refused(weak.add, 1), refused(weak.add), refused(WeakSet().pop)
    refused(weak.update, [1]), refused(weak.update, 1), refused(weak.add, Fussy())
    refused(weak.discard, Fussy()), refused(weak.remove, 1)


def containers_die_in_cycles():
    things, values, keys = filled()
    weak_set = WeakSet(things)
    for weak in (values, keys, weak_set):
        weak.me, weak.walk = weak, iter(weak)
        next(weak.walk)


def objects_die_after_their_container():
    things, values, keys = filled()
    weak_set = WeakSet(things)
    del values, keys, weak_set
    things.clear()


def containers_are_started_again():
    things, values, keys = filled()
    for weak in (values, keys, WeakSet(things)):
        weak._start(), weak._remove
        refused(type(weak).__new__(type(weak)).clear)
        refused(list, type(weak).__new__(type(weak)))


EXERCISES = (
    entries_come_and_go,
    entries_are_looked_up,
    entries_are_set_by_default,
    a_dead_entry_gives_way,
    entries_are_taken_out,
    mappings_are_walked,
    mappings_are_copied,
    what_cannot_be_is_refused,
    comparisons_may_fail,
    sets_are_used,
    containers_die_in_cycles,
    objects_die_after_their_container,
    containers_are_started_again,
)
COUNTS: dict[str, Callable[[], int]] = {"blocks": sys.getallocatedblocks}
if hasattr(sys, "gettotalrefcount"):  # a debug build, or one with --with-trace-refs
    COUNTS["references"] = sys.gettotalrefcount


def differences(exercise):
    """Return, for each thing that is counted, by how much each round changed it."""
    # No list: the numbers in it would be counted too.
    counts = {name: array("q", bytes(8 * (WARM_UP + ROUNDS + 1))) for name in COUNTS}
    for n in range(WARM_UP + ROUNDS + 1):
        for _ in range(CALLS):
            exercise()
        gc.collect()
        for name, count in COUNTS.items():
            counts[name][n] = count()
    return {
        name: [after - before for before, after in pairwise(each)][WARM_UP:]
        for name, each in counts.items()
    }


if __name__ == "__main__":
    print(json.dumps({exercise.__name__: differences(exercise) for exercise in EXERCISES}))

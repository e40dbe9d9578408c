import copy
import gc
import pickle
import weakref

import pytest

from weakrefs import WeakKeyValueDictionary, ref


class Node:
    pass


class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x

    def __hash__(self):
        return hash(self.x)


def test_an_entry_leaves_with_its_key_and_with_its_value():
    keys, values = [Node(), Node()], [Node(), Node()]
    pairs = WeakKeyValueDictionary(zip(keys, values, strict=True))
    del keys[0]
    assert list(pairs.items()) == [(keys[0], values[1])]
    del values[1]
    assert len(pairs) == 0


def test_a_value_that_reaches_its_key_dies_and_in_the_standard_library_stays():
    for make, survivors in ((WeakKeyValueDictionary, 0), (weakref.WeakKeyDictionary, 1)):
        pairs, key, value = make(), Node(), Node()
        value.key = key
        pairs[key] = value
        del key, value
        gc.collect()
        assert len(pairs) == survivors


def test_lookups_of_a_missing_key():
    pairs, key = WeakKeyValueDictionary(), Node()
    for missing in (pairs.__getitem__, pairs.__delitem__, pairs.pop):
        with pytest.raises(KeyError):
            missing(key)
    assert pairs.get(key, 5) == pairs.pop(key, 5) == 5
    assert 5 not in pairs
    with pytest.raises(KeyError):
        pairs.popitem()


def test_of_equal_keys_the_first_counts():
    first, second, one, two = Point(1), Point(1), Node(), Node()
    pairs = WeakKeyValueDictionary([(first, one)])
    pairs[second] = two
    assert pairs[first] is two
    del second
    assert pairs[first] is two
    del two
    assert len(pairs) == 0


def test_setdefault_keeps_what_is_there_and_replaces_what_is_dead():
    key, one, two = Node(), Node(), Node()
    pairs = WeakKeyValueDictionary()
    assert pairs.setdefault(key, one) is pairs.setdefault(key, two) is one
    del one
    assert pairs.setdefault(key, two) is two


def test_neither_side_may_be_what_cannot_be_referenced():
    pairs, node = WeakKeyValueDictionary(), Node()
    with pytest.raises(TypeError, match="int cannot be weakly referenced"):
        pairs[5] = node
    with pytest.raises(TypeError, match="class MyList"):
        pairs[node] = []


def test_copies_and_pickles():
    key, value = Point(1), Point(2)
    pairs = WeakKeyValueDictionary([(key, value)])
    for twin in (pairs.copy(), copy.copy(pairs), copy.deepcopy(pairs), pairs | {}):
        assert dict(twin) == {key: value}
        assert twin.popitem() == (key, value)
    loaded, *held = pickle.loads(pickle.dumps((pairs, key, value)))
    assert list(loaded.values()) == [held[1]]
    assert list(loaded) == [held[0]]
    reference = ref(value)
    del value
    assert reference() is None

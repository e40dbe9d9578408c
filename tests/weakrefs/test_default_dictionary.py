import copy
import pickle
from collections import defaultdict

import pytest

from weakrefs import WeakDefaultDictionary, ref


class Room:
    pass


def test_a_missing_value_is_made_kept_while_used_and_made_anew():
    rooms = WeakDefaultDictionary(Room)
    room = rooms["a"]
    assert rooms["a"] is room
    del room
    assert len(rooms) == 0
    assert isinstance(rooms["a"], Room)


def test_an_unused_value_dies_and_in_the_standard_library_stays():
    for make, stays in ((WeakDefaultDictionary, False), (defaultdict, True)):
        rooms = make(Room)
        reference = ref(rooms["a"])
        assert (reference() is not None) is stays


def test_only_indexing_makes_values():
    rooms = WeakDefaultDictionary(Room)
    assert rooms.get("a") is None
    assert "a" not in rooms
    assert rooms.pop("a", None) is None


def test_without_a_factory_a_missing_key_is_an_error():
    with pytest.raises(KeyError):
        WeakDefaultDictionary()["a"]


def test_a_subclass_may_make_values_from_their_keys():
    class Named(WeakDefaultDictionary):
        def __missing__(self, key):
            room = Room()
            room.name = key
            return self.setdefault(key, room)

    assert Named()["a"].name == "a"


def test_copies_keep_the_factory():
    room = Room()
    rooms = WeakDefaultDictionary(Room, a=room)
    twins = [rooms.copy(), copy.copy(rooms), copy.deepcopy(rooms), rooms | {}, {} | rooms]
    for twin in (*twins, pickle.loads(pickle.dumps(rooms))):
        assert type(twin) is WeakDefaultDictionary
        assert twin.default_factory is Room
    assert all(twin["a"] is room for twin in twins)

import copy
import gc
import pickle

import pytest

from weakrefs import WeakIdKeyDictionary


class Hostile:
    """Every method that a mapping might call raises."""

    def _refuse(self, *args):
        raise AssertionError("a method of the key was called")

    __eq__ = __hash__ = __bool__ = __len__ = __repr__ = __getattr__ = _refuse


class Record:
    __hash__ = None

    def __init__(self, n=0):
        self.n = n

    def __eq__(self, other):
        return True


class Slots(WeakIdKeyDictionary):
    pass


def test_no_method_of_a_key_is_called():
    key, other = Hostile(), Hostile()
    notes = WeakIdKeyDictionary([(key, 1)])
    notes[other] = 2
    assert notes[key] == notes.get(key) == notes.setdefault(key, 5) == 1
    assert key in notes
    assert notes.pop(other) == 2
    assert other not in notes
    assert notes == WeakIdKeyDictionary(notes)
    assert [value for _, value in notes.items()] == list(notes.values()) == [1]
    del notes[key]
    del key, other
    assert len(notes) == 0


def test_equal_keys_are_different_keys():
    one, two = Record(), Record()
    notes = WeakIdKeyDictionary([(one, 1), (two, 2)])
    assert (notes[one], notes[two]) == (1, 2)
    del one
    assert list(notes.values()) == [2]


def test_an_entry_leaves_when_its_key_dies_in_a_cycle():
    key = Record()
    key.me = key
    notes = WeakIdKeyDictionary([(key, 1)])
    del key
    gc.collect()
    assert len(notes) == 0


def test_a_new_object_at_an_old_address_is_a_new_key():
    notes = WeakIdKeyDictionary()
    for _ in range(100):
        key = Record()
        assert key not in notes
        notes[key] = 1
        del key


def test_lookups_of_a_missing_key():
    notes, key = WeakIdKeyDictionary(), Record()
    for missing in (notes.__getitem__, notes.__delitem__, notes.pop):
        with pytest.raises(KeyError):
            missing(key)
    assert notes.get(key, 5) == notes.pop(key, 5) == 5
    assert None not in notes
    assert [] not in notes
    with pytest.raises(KeyError):
        notes.popitem()


def test_a_key_that_cannot_be_referenced_is_refused_with_the_remedy():
    notes = WeakIdKeyDictionary()
    for store in (notes.__setitem__, notes.setdefault):
        with pytest.raises(TypeError, match="class MyList"):
            store([], 1)


def test_the_order_is_that_of_insertion_in_both_directions():
    keys = [Record(n) for n in range(3)]
    notes = WeakIdKeyDictionary((key, key.n) for key in keys)
    notes[keys[0]] = "again"
    assert list(notes.values()) == ["again", 1, 2]
    assert [key.n for key in reversed(notes)] == [2, 1, 0]
    assert notes.popitem()[1] == 2
    assert [reference().n for reference in notes.keyrefs()] == [0, 1]


def test_union_and_update_keep_identity():
    one, two = Record(1), Record(2)
    notes = WeakIdKeyDictionary([(one, 1)]) | WeakIdKeyDictionary([(two, 2)])
    assert list(notes.values()) == [1, 2]
    notes |= [(one, 3)]
    assert notes[one] == 3


def test_equality_compares_keys_by_identity_and_values_by_value():
    one, two = Record(), Record()
    assert WeakIdKeyDictionary([(one, [1])]) == WeakIdKeyDictionary([(one, [1])])
    assert WeakIdKeyDictionary([(one, [1])]) != WeakIdKeyDictionary([(two, [1])])
    assert WeakIdKeyDictionary() != {}


def test_copies_share_the_keys():
    key = Record()
    notes = Slots([(key, [1])])
    assert copy.copy(notes)[key] is notes[key]
    deep = copy.deepcopy(notes)
    assert deep[key] == [1]
    assert deep[key] is not notes[key]


def test_a_pickled_entry_comes_back_if_the_pickle_holds_its_key_too():
    one, two = Record(1), Record(2)
    notes = WeakIdKeyDictionary([(one, "a"), (two, "b")])
    loaded, held = pickle.loads(pickle.dumps((notes, [one])))
    assert loaded[held[0]] == "a"
    assert len(loaded) == 1

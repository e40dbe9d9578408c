import copy
import gc
import pickle
import sys
import sysconfig
import weakref
from dataclasses import dataclass

import pytest

from weakrefs import EphemeronDictionary, ref
from weakrefs.attachments import ATTRIBUTE


class Node:
    __hash__ = None

    def __eq__(self, other):
        raise AssertionError("a key was compared")


class Plain:
    pass


class Roomy:
    __slots__ = ("__weakref__", ATTRIBUTE)


class Slotted:
    __slots__ = ("__weakref__",)


@dataclass(frozen=True)
class Frozen:
    x: int = 0


def dies(mapping):
    """Return whether a key dies for which a value is stored that reaches it."""
    key, value = Plain(), Plain()
    key_ref, value.key = ref(key), key
    mapping[key] = value
    del key, value
    gc.collect()
    return key_ref() is None


def test_a_value_that_reaches_its_key_dies_with_it_and_in_the_standard_library_stays():
    ours, standard = EphemeronDictionary(), weakref.WeakKeyDictionary()
    assert dies(ours)
    assert not dies(standard)
    assert (len(ours), len(standard)) == (0, 1)


def test_a_chain_of_values_that_are_keys_dies_as_a_whole():
    mapping = EphemeronDictionary()
    nodes = [Plain() for _ in range(20)]
    for node, following in zip(nodes, nodes[1:] + nodes[:1], strict=True):
        mapping[node] = following
    del node, following, nodes
    gc.collect()
    assert len(mapping) == 0


def test_a_value_dies_with_the_mapping_though_its_key_lives():
    key, value = Plain(), Plain()
    value_ref = ref(value)
    mapping = EphemeronDictionary([(key, value)])
    del value
    assert mapping[key] is value_ref()
    del mapping
    assert value_ref() is None


def test_keys_are_compared_by_identity():
    one, two = Node(), Node()
    mapping = EphemeronDictionary([(one, 1)])
    mapping[two] = 2
    assert (mapping[one], mapping[two], len(mapping)) == (1, 2, 2)
    assert [value for _, value in mapping.items()] == list(mapping.values()) == [1, 2]
    assert mapping.popitem()[1] == 2
    assert two not in mapping
    assert mapping == EphemeronDictionary([(one, 1)])
    assert mapping != EphemeronDictionary([(two, 1)])


def test_mappings_do_not_see_each_others_values():
    key = Plain()
    one, two = EphemeronDictionary([(key, 1)]), EphemeronDictionary([(key, 2)])
    assert (one[key], two[key]) == (1, 2)
    one.clear()
    assert key not in one
    assert two[key] == 2


def test_lookups_of_a_missing_key():
    mapping, key = EphemeronDictionary(), Plain()
    for missing in (mapping.__getitem__, mapping.__delitem__, mapping.pop):
        with pytest.raises(KeyError):
            missing(key)
    assert mapping.get(key, 5) == mapping.pop(key, 5) == 5
    assert 5 not in mapping
    with pytest.raises(KeyError):
        mapping.popitem()
    assert mapping.setdefault(key, 1) == mapping.setdefault(key, 2) == 1


# Free-threaded CPython 3.13 makes classes immortal once there is a second thread.
immortal_classes = pytest.mark.skipif(
    sysconfig.get_config_var("Py_GIL_DISABLED") == 1 and sys.version_info < (3, 14),
    reason="a class never dies here",
)


@pytest.mark.parametrize(
    "make",
    [
        Plain,
        Roomy,
        Frozen,
        lambda: lambda: 0,
        pytest.param(lambda: type("T", (), {}), marks=immortal_classes),
    ],
)
def test_whatever_has_room_for_an_attribute_can_be_a_key(make):
    key = make()
    mapping = EphemeronDictionary([(key, [key])])
    assert mapping[key] == [key]
    del key
    gc.collect()
    assert len(mapping) == 0


@pytest.mark.parametrize("key", [5, [], Slotted(), int], ids=lambda key: type(key).__name__)
def test_what_has_no_room_is_refused_with_the_remedy(key):
    with pytest.raises(TypeError, match=r"Add .* to its __slots__, or use WeakIdKeyDictionary"):
        EphemeronDictionary()[key] = 1


def test_a_class_and_its_instance_are_different_keys():
    class Owner:
        pass

    owner = Owner()
    mapping = EphemeronDictionary([(Owner, "class")])
    assert owner not in mapping
    mapping[owner] = "instance"
    assert (mapping[Owner], mapping[owner]) == ("class", "instance")


def test_a_copied_or_unpickled_key_is_not_in_the_mapping():
    key = Plain()
    mapping = EphemeronDictionary([(key, 1)])
    for twin in (copy.copy(key), copy.deepcopy(key), pickle.loads(pickle.dumps(key))):
        assert twin not in mapping
        mapping[twin] = 2
        assert mapping[key] == 1
        assert mapping.pop(twin) == 2


def test_copies_and_pickles_of_the_mapping():
    key = Plain()
    mapping = EphemeronDictionary([(key, [1])])
    assert copy.copy(mapping)[key] is mapping[key]
    assert copy.deepcopy(mapping)[key] == [1]
    assert copy.deepcopy(mapping)[key] is not mapping[key]
    loaded, held = pickle.loads(pickle.dumps((mapping, key)))
    assert loaded[held] == [1]

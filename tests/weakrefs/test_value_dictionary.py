import copy
import gc
import pickle

import pytest

from weakrefs import KeyedRef, WeakValueDictionary, getweakrefcount


class Image:
    def __init__(self, name="x"):
        self.name = name

    def __eq__(self, other):
        return isinstance(other, Image) and self.name == other.name

    __hash__ = None


class Catalogue(WeakValueDictionary):
    pass


def test_an_entry_leaves_when_its_value_dies():
    image = Image()
    images = WeakValueDictionary(a=image)
    assert dict(images) == {"a": image}
    del image
    assert len(images) == 0
    assert "a" not in images


def test_an_entry_leaves_when_its_value_dies_in_a_cycle():
    image = Image()
    image.me = image
    images = WeakValueDictionary(a=image)
    del image
    gc.collect()
    assert list(images) == []


def test_lookups_of_a_missing_key():
    images = WeakValueDictionary()
    with pytest.raises(KeyError, match="'a'"):
        images["a"]
    assert images.get("a") is None
    assert images.get("a", 5) == 5
    assert images.pop("a", 5) == 5
    assert images.pop("a", None) is None
    with pytest.raises(KeyError):
        images.pop("a")
    with pytest.raises(KeyError):
        del images["a"]
    with pytest.raises(KeyError):
        images.popitem()


def test_a_falsy_value_is_alive():
    class Empty(list):
        pass

    empty = Empty()
    values = WeakValueDictionary(a=empty)
    assert values.get("a") is empty
    assert values.setdefault("a", Empty()) is empty
    assert list(values.values()) == [empty]
    assert values.pop("a") is empty


def test_a_replaced_value_does_not_take_the_new_entry_with_it():
    first, second = Image("1"), Image("2")
    images = WeakValueDictionary(a=first)
    kept = images.valuerefs()
    images["a"] = second
    del first
    assert kept[0]() is None
    assert images["a"] is second


def test_of_equal_keys_the_first_is_kept_as_in_a_dict():
    first, second, third = Image("1"), Image("2"), Image("3")
    images = WeakValueDictionary()
    images[1] = first
    images[1.0] = second
    assert repr(list(images)) == "[1]"
    images.update({True: third})
    assert repr(list(images.keys())) == "[1]"
    assert images[1] is third


def test_setdefault_keeps_what_is_there_and_replaces_what_is_dead():
    first, second = Image("1"), Image("2")
    images = WeakValueDictionary()
    assert images.setdefault("a", first) is first
    assert images.setdefault("a", second) is first
    del first
    assert images.setdefault("a", second) is second


def test_of_two_that_set_a_default_the_first_wins():
    class Key:
        """Lets another come in between when it is hashed for the second time."""

        hashed = 0

        def __hash__(self):
            Key.hashed += 1
            if Key.hashed == 2:
                assert images.setdefault(self, quick) is quick
            return 1

    images, quick, slow, key = WeakValueDictionary(), Image("quick"), Image("slow"), Key()
    assert images.setdefault(key, slow) is quick
    assert images[key] is quick


def test_iterators_go_over_the_entries_of_their_first_step():
    alive = [Image(str(n)) for n in range(4)]
    images = WeakValueDictionary(enumerate(alive))
    walk = images.items()
    assert next(walk)[0] == 0
    del alive[2]
    images["late"] = alive[0]
    del images[1]
    assert [key for key, _ in walk] == [1, 3]


def test_iterators_do_not_keep_values_alive():
    alive = [Image(str(n)) for n in range(3)]
    images = WeakValueDictionary(enumerate(alive))
    walk = images.values()
    first = next(walk)
    alive.clear()
    assert len(images) == 1
    assert list(walk) == []


def test_the_order_is_that_of_insertion_in_both_directions():
    alive = [Image(str(n)) for n in range(3)]
    images = WeakValueDictionary(enumerate(alive))
    assert list(images) == [0, 1, 2]
    assert list(reversed(images)) == [2, 1, 0]
    assert images.popitem() == (2, alive[2])


def test_the_references_are_keyed():
    image = Image()
    images = WeakValueDictionary(a=image)
    (entry,) = images.valuerefs()
    assert type(entry) is KeyedRef
    assert (entry.key, entry()) == ("a", image)
    assert list(images.itervaluerefs()) == [entry]
    assert images.data == {"a": entry}
    assert getweakrefcount(image) == 1


def test_a_value_that_cannot_be_referenced_is_refused_with_the_remedy():
    images = WeakValueDictionary()
    for store in (images.__setitem__, images.setdefault):
        with pytest.raises(TypeError, match="class MyList"):
            store("a", [])
    with pytest.raises(TypeError, match="int cannot be weakly referenced"):
        images.update(a=5)
    assert len(images) == 0


def test_union_takes_mappings_and_update_takes_pairs():
    one, two = Image("1"), Image("2")
    left = Catalogue(a=one)
    assert dict(left | {"b": two}) == {"a": one, "b": two}
    assert type({"b": two} | left) is Catalogue
    assert left.__or__([("b", two)]) is NotImplemented
    left |= [("b", two)]
    assert dict(left) == {"a": one, "b": two}


def test_equality_is_that_of_the_living_entries():
    image = Image()
    assert WeakValueDictionary(a=image) == {"a": image}
    assert WeakValueDictionary(a=image) == WeakValueDictionary(a=image)
    assert WeakValueDictionary(a=image) != WeakValueDictionary(b=image)


def test_copies_are_weak_and_share_the_values():
    image = Image()
    key = (1, [2])
    original = Catalogue({"a": image})
    for twin in (original.copy(), copy.copy(original), copy.deepcopy(original)):
        assert twin["a"] is image
        assert twin.data is not original.data
    assert type(original.copy()) is WeakValueDictionary
    assert type(copy.deepcopy(original)) is Catalogue
    twin = copy.deepcopy(original)
    del image
    assert len(twin) == 0


def test_a_pickled_entry_comes_back_if_the_pickle_holds_its_value_too():
    one, two = Image("1"), Image("2")
    images = Catalogue(a=one, b=two)
    images.title = "all"
    loaded, held = pickle.loads(pickle.dumps((images, [one])))
    assert type(loaded) is Catalogue
    assert loaded.title == "all"
    assert dict(loaded) == {"a": held[0]}


def test_a_mapping_that_died_is_not_missed_by_its_references():
    image = Image()
    images = WeakValueDictionary(a=image)
    kept = images.valuerefs()
    del images
    del image
    assert kept[0]() is None


def test_the_container_is_generic_and_says_what_it_is():
    assert WeakValueDictionary[str, Image].__origin__ is WeakValueDictionary
    assert repr(Catalogue()).startswith("<Catalogue at 0x")

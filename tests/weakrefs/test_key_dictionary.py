import copy
import gc
import pickle

import pytest

from weakrefs import WeakKeyDictionary, ref


class Node:
    pass


class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x

    def __hash__(self):
        return hash(self.x)


class Notes(WeakKeyDictionary):
    pass


def test_an_entry_leaves_when_its_key_dies_and_releases_the_value_at_once():
    node, value = Node(), Node()
    notes = WeakKeyDictionary({node: value})
    value_ref = ref(value)
    del value
    assert value_ref() is not None
    del node
    assert value_ref() is None
    assert len(notes) == 0


def test_an_entry_leaves_when_its_key_dies_in_a_cycle():
    node = Node()
    node.me = node
    notes = WeakKeyDictionary([(node, 1)])
    del node
    gc.collect()
    assert list(notes.items()) == []


def test_lookups_of_a_missing_key():
    notes, node = WeakKeyDictionary(), Node()
    with pytest.raises(KeyError):
        notes[node]
    with pytest.raises(KeyError):
        del notes[node]
    with pytest.raises(KeyError):
        notes.pop(node)
    with pytest.raises(KeyError):
        notes.popitem()
    assert notes.get(node, 5) == notes.pop(node, 5) == 5
    assert notes.pop(node, None) is None


def test_what_cannot_be_referenced_is_not_in_it_and_cannot_be_looked_up():
    notes = WeakKeyDictionary()
    assert 5 not in notes
    with pytest.raises(TypeError):
        notes[5]
    with pytest.raises(TypeError):
        notes.get(5)


def test_a_key_that_cannot_be_referenced_is_refused_with_the_remedy():
    notes = WeakKeyDictionary()
    for store in (notes.__setitem__, notes.setdefault):
        with pytest.raises(TypeError, match="int cannot be weakly referenced"):
            store(5, 1)


def test_keyword_arguments_are_refused_before_anything_is_added():
    notes, node = WeakKeyDictionary(), Node()
    with pytest.raises(TypeError, match="Keyword arguments are not supported"):
        notes.update({node: 1}, a=1)
    assert len(notes) == 0


def test_a_key_that_cannot_be_hashed_is_a_type_error_even_for_in():
    class Unhashable:
        __hash__ = None

    notes, key = WeakKeyDictionary(), Unhashable()
    with pytest.raises(TypeError):
        notes.__contains__(key)
    with pytest.raises(TypeError):
        notes[key] = 1


def test_of_equal_keys_the_first_counts():
    first, second = Point(1), Point(1)
    notes = WeakKeyDictionary()
    notes[first] = "a"
    notes[second] = "b"
    assert notes[first] == "b"
    assert next(iter(notes)) is first
    del first
    assert second not in notes


def test_setdefault_keeps_what_is_there():
    node, notes = Node(), WeakKeyDictionary()
    assert notes.setdefault(node, []) is notes.setdefault(node, [])
    assert notes.setdefault(Node()) is None


def test_iterators_go_over_the_entries_of_their_first_step():
    nodes = [Node() for _ in range(4)]
    notes = WeakKeyDictionary(zip(nodes, range(4), strict=True))
    walk, values = notes.items(), notes.values()
    assert next(walk)[1] == next(values) == 0
    late = Node()
    notes[late] = "late"
    del nodes[2]
    assert [value for _, value in walk] == [1, 3]
    assert list(values) == [1, 3]


def test_the_order_is_that_of_insertion_in_both_directions():
    nodes = [Node() for _ in range(3)]
    notes = WeakKeyDictionary(zip(nodes, range(3), strict=True))
    assert list(notes) == nodes
    assert list(reversed(notes)) == nodes[::-1]
    assert notes.popitem() == (nodes[2], 2)


def test_the_references_can_be_had():
    node = Node()
    notes = WeakKeyDictionary({node: 1})
    assert notes.keyrefs() == list(notes.iterkeyrefs()) == [ref(node)]
    assert notes.data == {ref(node): 1}


def test_copies_share_the_keys():
    node = Node()
    notes = Notes({node: [1]})
    assert notes.copy()[node] is notes[node]
    assert copy.copy(notes)[node] is notes[node]
    deep = copy.deepcopy(notes)
    assert deep[node] == [1]
    assert deep[node] is not notes[node]
    assert type(deep) is Notes


def test_union_gives_a_weak_dictionary():
    one, two = Node(), Node()
    both = WeakKeyDictionary({one: 1}) | {two: 2}
    assert type(both) is WeakKeyDictionary
    assert both == {one: 1, two: 2}
    assert {one: 1} | WeakKeyDictionary({two: 2}) == both


def test_a_pickled_entry_comes_back_if_the_pickle_holds_its_key_too():
    one, two = Point(1), Point(2)
    notes = WeakKeyDictionary({one: "a", two: "b"})
    loaded, held = pickle.loads(pickle.dumps((notes, [one])))
    assert dict(loaded) == {held[0]: "a"}


def test_the_death_of_a_key_runs_no_method_of_another():
    compared = []

    class Colliding:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            compared.append(other)
            return self is other

    keys = [Colliding(), Colliding(), Colliding()]
    notes = WeakKeyDictionary(zip(keys, "abc", strict=True))
    compared.clear()
    del keys[1]
    assert list(notes.values()) == ["a", "c"]
    assert compared == []


def test_iteration_compares_no_keys():
    # A copy of a dict does, where many entries were removed before: it inserts them one by one.
    compared = []

    class Alike:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            compared.append(other)
            return self is other

    keys = [Alike() for _ in range(30)]
    notes = WeakKeyDictionary((key, (n, n)) for n, key in enumerate(keys))
    del keys[:20]
    compared.clear()
    assert list(notes.values()) == [value for _, value in notes.items()]
    assert len(list(notes)) == len(list(notes.items())) == 10
    assert compared == []

import copy
import gc
import pickle
from collections.abc import MutableSet

import pytest

from weakrefs import WeakSet


class Node:
    pass


class Named:
    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return isinstance(other, Named) and self.name == other.name

    def __hash__(self):
        return hash(self.name)


@pytest.fixture
def nodes():
    return [Node() for _ in range(5)]


def test_an_element_leaves_when_it_dies(nodes):
    weak = WeakSet(nodes)
    nodes.pop()
    assert len(weak) == 4
    nodes[0].me = nodes[0]
    del nodes[0]
    gc.collect()
    assert set(weak) == set(nodes)


def test_an_element_that_nobody_else_holds_is_gone_at_once():
    assert len(WeakSet(Node() for _ in range(100))) == 0


def test_what_cannot_be_referenced_is_not_in_it():
    assert 5 not in WeakSet()
    with pytest.raises(TypeError, match="int cannot be weakly referenced"):
        WeakSet([5])
    with pytest.raises(TypeError, match="class MyDict"):
        WeakSet().add({})


def test_removal_of_what_is_not_there(nodes):
    weak = WeakSet()
    weak.discard(nodes[0])
    with pytest.raises(KeyError):
        weak.remove(nodes[0])
    with pytest.raises(KeyError, match="pop from empty WeakSet"):
        weak.pop()


def test_words_take_any_number_of_iterables(nodes):
    a, b, c, d, e = nodes
    weak = WeakSet([a, b])
    assert set(weak.union([c], {d}, WeakSet([e]))) == set(nodes)
    assert set(weak.intersection([a, c, 5], nodes)) == {a}
    assert set(weak.intersection()) == {a, b}
    assert set(weak.difference([a], [c])) == {b}
    weak.update([c], [d])
    weak.difference_update([a], [b])
    assert set(weak) == {c, d}
    weak.intersection_update(nodes, [c])
    assert set(weak) == {c}


def test_operators_work_with_plain_sets_on_either_side(nodes):
    a, b, c, *_ = nodes
    weak = WeakSet([a, b])
    for result, expected in [
        (weak | {c}, {a, b, c}),
        ({c} | weak, {a, b, c}),
        (weak & {b, c}, {b}),
        ({b, c} & weak, {b}),
        (weak - {a}, {b}),
        ({a, c} - weak, {c}),
        (weak ^ {b, c}, {a, c}),
        ({b, c} ^ weak, {a, c}),
    ]:
        assert type(result) is WeakSet
        assert set(result) == expected


def test_it_equals_only_another_weak_set(nodes):
    assert WeakSet(nodes) == WeakSet(nodes)
    assert WeakSet(nodes) != set(nodes)
    assert WeakSet(nodes) != WeakSet(nodes[1:])


def test_comparisons_take_weak_and_plain_sets(nodes):
    small, large = WeakSet(nodes[:2]), WeakSet(nodes)
    assert small <= large
    assert small < large
    assert large >= set(nodes)
    assert large > nodes[:1]
    assert not small.isdisjoint(large)
    assert small.isdisjoint([*nodes[2:], 5])


def test_elements_kept_by_an_intersection_in_place_still_leave():
    # set.intersection_update takes over the references of the other side, without our callback.
    one, twin, two = Named("1"), Named("1"), Named("2")
    weak = WeakSet([one, two])
    weak &= WeakSet([twin])
    assert len(weak) == 1
    del one
    assert len(weak) == 0


def test_a_symmetric_difference_in_place_with_itself_is_empty(nodes):
    weak = WeakSet(nodes)
    weak ^= weak
    assert len(weak) == 0


def test_a_subclass_is_asked_for_each_element_that_is_added(nodes):
    class Counting(WeakSet):
        added = 0

        def add(self, item):
            type(self).added += 1
            super().add(item)

    weak = Counting(nodes[:2])
    weak |= nodes[2:]
    assert Counting.added == len(weak) == 5


def test_iteration_goes_over_the_elements_of_its_first_step(nodes):
    weak = WeakSet(nodes)
    walk = iter(weak)
    seen = {next(walk)}
    weak.add(late := Node())
    seen.update(walk)
    assert seen == set(nodes)
    assert late in weak


def test_a_copy_has_its_own_elements_and_the_attributes(nodes):
    weak = WeakSet(nodes)
    weak.title = ["all"]
    for twin in (copy.copy(weak), copy.deepcopy(weak)):
        assert twin == weak
        assert twin.title == ["all"]
        twin.clear()
        assert len(weak) == 5
    assert copy.copy(weak).title is weak.title
    assert copy.deepcopy(weak).title is not weak.title


def test_a_pickled_element_comes_back_if_the_pickle_holds_it_too():
    one, two = Named("1"), Named("2")
    loaded, held = pickle.loads(pickle.dumps((WeakSet([one, two]), [one])))
    assert list(loaded) == held


def test_it_is_a_mutable_set(nodes):
    assert isinstance(WeakSet(), MutableSet)
    assert repr(WeakSet()) == "set()"
    with pytest.raises(TypeError):
        hash(WeakSet())

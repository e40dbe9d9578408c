import copy
import pickle

import pytest

from weakrefs import WeakOrderedSet


class Node:
    pass


@pytest.fixture
def nodes():
    return [Node() for _ in range(4)]


def test_elements_keep_their_order_and_leave_when_they_die(nodes):
    ordered = WeakOrderedSet(nodes)
    ordered.add(nodes[0])
    del nodes[1]
    assert list(ordered) == nodes
    assert list(reversed(ordered)) == nodes[::-1]
    assert len(ordered) == 3
    nodes.clear()
    assert list(ordered) == []


def test_an_ordinary_ordered_set_keeps_what_a_weak_one_lets_go():
    strong, weak = dict.fromkeys([Node()]), WeakOrderedSet([Node()])
    assert (len(strong), len(weak)) == (1, 0)


def test_elements_can_be_taken_from_both_ends(nodes):
    ordered = WeakOrderedSet(nodes)
    assert ordered.pop() is nodes[3]
    assert ordered.pop(last=False) is nodes[0]
    assert list(ordered) == nodes[1:3]
    ordered.clear()
    with pytest.raises(KeyError):
        ordered.pop()


def test_operators_keep_the_order(nodes):
    a, b, c, d = nodes
    ordered = WeakOrderedSet([a, b, c])
    assert list(ordered | [d]) == nodes
    assert set(ordered & {c, a}) == {a, c}
    assert list(ordered - [b]) == [a, c]
    assert ordered == {c, b, a}
    ordered.discard(b)
    ordered.discard(b)
    with pytest.raises(KeyError):
        ordered.remove(b)


def test_what_cannot_be_referenced_is_refused_with_the_remedy():
    assert 5 not in WeakOrderedSet()
    with pytest.raises(TypeError, match="int cannot be weakly referenced"):
        WeakOrderedSet([5])


def test_copies_and_pickles(nodes):
    ordered = WeakOrderedSet(nodes)
    assert list(copy.copy(ordered)) == list(copy.deepcopy(ordered)) == nodes
    loaded, held = pickle.loads(pickle.dumps((ordered, nodes)))
    assert list(loaded) == held

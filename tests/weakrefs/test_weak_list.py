import copy
import pickle
import random

import pytest

from weakrefs import WeakList


class Node:
    def __init__(self, n=0):
        self.n = n

    def __repr__(self):
        return f"Node({self.n})"


@pytest.fixture
def nodes():
    return [Node(n) for n in range(5)]


def test_items_leave_when_they_die_and_the_others_move_up(nodes):
    weak = WeakList(nodes)
    del nodes[1]
    assert len(weak) == 4
    assert list(weak) == nodes
    assert weak[1] is nodes[1]
    assert weak[-1] is nodes[-1]
    assert weak[1:3] == nodes[1:3]
    nodes.clear()
    assert len(weak) == 0
    with pytest.raises(IndexError):
        weak[0]


def test_an_ordinary_list_keeps_what_a_weak_one_lets_go():
    strong, weak = [Node()], WeakList([Node()])
    assert (len(strong), len(weak)) == (1, 0)


def test_it_may_hold_an_item_twice():
    node = Node()
    weak = WeakList([node, node])
    assert len(weak) == weak.count(node) == 2
    weak.remove(node)
    assert list(weak) == [node]
    del node
    assert list(weak) == []


def test_what_is_not_there_cannot_be_removed(nodes):
    weak = WeakList(nodes[:1])
    with pytest.raises(ValueError, match="not in list"):
        weak.remove(nodes[1])
    with pytest.raises(IndexError):
        weak.pop(5)


def test_iteration_goes_over_the_items_of_its_first_step(nodes):
    weak = WeakList(nodes)
    walk = iter(weak)
    assert next(walk) is nodes[0]
    del nodes[2]
    weak.append(late := Node())
    weak.remove(nodes[1])
    assert list(walk) == nodes[1:]
    assert weak[-1] is late


def test_what_cannot_be_referenced_is_refused_and_changes_nothing(nodes):
    weak = WeakList(nodes)
    for change in (lambda: weak.append(5), lambda: weak.insert(0, 5), lambda: weak.extend([5])):
        with pytest.raises(TypeError, match="int cannot be weakly referenced"):
            change()
    with pytest.raises(TypeError, match="int cannot be weakly referenced"):
        weak[1:3] = [5]
    assert list(weak) == nodes


def test_it_does_what_a_plain_list_does_while_items_die():
    draw = random.Random(1)
    plain = [Node(n) for n in range(300)]
    weak = WeakList(plain)
    for _ in range(100):
        node, place = Node(draw.randrange(100)), draw.randrange(0, 12)
        plain.insert(place, node)
        weak.insert(place, node)
        weak[place] = plain[place] = node
        change = draw.choice(["pop", "die", "reverse", "sort", "delete"])
        if change == "pop":
            assert plain.pop(0) is weak.pop(0)
        elif change == "die":
            del plain[0]
        elif change == "reverse":
            plain.reverse()
            weak.reverse()
        elif change == "sort":
            plain.sort(key=lambda node: node.n)
            weak.sort(key=lambda node: node.n)
        elif change == "delete":
            del plain[1:4]
        del node
        assert list(weak) == plain
        assert list(reversed(weak)) == plain[::-1]


def test_copies_and_pickles(nodes):
    weak = WeakList(nodes)
    assert list(copy.copy(weak)) == list(copy.deepcopy(weak)) == list(weak.copy()) == nodes
    loaded, held = pickle.loads(pickle.dumps((weak, nodes)))
    assert list(loaded) == held
    assert weak == weak.copy()
    assert weak != nodes

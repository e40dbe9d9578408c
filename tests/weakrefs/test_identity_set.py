import copy
import gc
import pickle

import pytest

from weakrefs import WeakIdSet


class Hostile:
    def _refuse(self, *args):
        raise AssertionError("a method of the element was called")

    __eq__ = __hash__ = __bool__ = __len__ = __repr__ = __getattr__ = _refuse


class Record:
    __hash__ = None

    def __eq__(self, other):
        return True


def ids(items):
    return [id(item) for item in items]


@pytest.fixture
def items():
    return [Hostile() for _ in range(4)]


def test_no_method_of_an_element_is_called(items):
    weak = WeakIdSet(items)
    weak.add(items[0])
    assert len(weak) == 4
    assert items[0] in weak
    weak.remove(items[0])
    weak.discard(items[0])
    assert ids(weak) == ids(items[1:])
    assert weak.pop() is items[3]
    assert weak != WeakIdSet(items)


def test_equal_elements_are_different_elements():
    one, two = Record(), Record()
    weak = WeakIdSet([one])
    assert two not in weak
    weak.add(two)
    assert len(weak) == 2


def test_elements_leave_when_they_die(items):
    items[0].me = items[0]
    weak = WeakIdSet(items)
    del items[0]
    gc.collect()
    assert ids(weak) == ids(items)
    items.clear()
    assert len(weak) == 0
    with pytest.raises(KeyError):
        weak.pop()


def test_operators_take_any_iterable_on_either_side(items):
    a, b, c, _ = items
    weak = WeakIdSet([a, b])
    for result, expected in [
        (weak | [c], [a, b, c]),
        (weak & [b, c], [b]),
        ([b, c] & weak, [b]),
        (weak - [a], [b]),
        ([a, c] - weak, [c]),
        (weak ^ [b, c], [a, c]),
    ]:
        assert type(result) is WeakIdSet
        assert result == WeakIdSet(expected)


def test_operators_in_place(items):
    a, b, c, d = items
    weak = WeakIdSet([a])
    weak |= WeakIdSet([b, c])
    weak -= WeakIdSet([a])
    weak &= WeakIdSet([b])
    weak ^= WeakIdSet([d])
    assert weak == WeakIdSet([b, d])


def test_comparisons_are_by_identity(items):
    small, large = WeakIdSet(items[:2]), WeakIdSet(items)
    assert small <= large
    assert small < large
    assert large >= items
    assert large > small
    assert small.isdisjoint(items[2:])
    assert small != items[:2]


def test_the_order_is_that_of_insertion(items):
    weak = WeakIdSet(items)
    weak.add(items[0])
    assert ids(weak) == ids(items)
    assert ids(reversed(weak)) == ids(items[::-1])


def test_what_cannot_be_referenced_is_refused_with_the_remedy():
    assert 5 not in WeakIdSet()
    assert None not in WeakIdSet()
    with pytest.raises(TypeError, match="int cannot be weakly referenced"):
        WeakIdSet([5])


def test_copies_and_pickles():
    one, two = Record(), Record()
    weak = WeakIdSet([one, two])
    assert copy.copy(weak) == copy.deepcopy(weak) == weak
    loaded, held = pickle.loads(pickle.dumps((weak, [one])))
    assert ids(loaded) == ids(held)

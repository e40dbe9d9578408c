import copy
import pickle
from functools import partial

import pytest

from weakrefs import WeakCallback, ref, weak_callback


class Panel:
    def __init__(self):
        self.seen = []

    def draw(self, *args, **kwargs):
        self.seen.append((args, kwargs))
        return len(self.seen)

    __hash__ = None


def test_a_method_is_called_while_its_object_lives_and_does_not_keep_it():
    panel = Panel()
    callback = weak_callback(panel.draw)
    assert callback(1, a=2) == 1
    assert panel.seen == [((1,), {"a": 2})]
    assert callback.alive
    assert callback.target() == panel.draw
    reference = ref(panel)
    strong = panel.draw
    del panel
    assert reference() is not None, "the twin, a bound method, keeps its object"
    del strong
    assert reference() is None
    assert callback() is None
    assert not callback.alive
    assert callback.target() is None


def test_a_partial_is_taken_apart():
    panel = Panel()
    callback = weak_callback(partial(panel.draw, 1, a=2))
    callback(3, b=4)
    callback.target()(5)
    assert panel.seen == [((1, 3), {"a": 2, "b": 4}), ((1, 5), {"a": 2})]
    del panel
    assert callback() is None


def test_functions_builtins_and_callable_objects_are_held_themselves():
    def function():
        return 42

    callback = weak_callback(function)
    assert callback() == 42
    del function
    assert callback() is None
    assert weak_callback(len)([1]) == 1
    unheld = weak_callback(lambda: 0)
    assert not unheld.alive


def test_the_end_is_told_once_with_the_dead_callback():
    panel, dead = Panel(), []
    callback = weak_callback(panel.draw, dead.append)
    lost = weak_callback(panel.draw, dead.append)
    del lost
    del panel
    assert dead == [callback]


def test_callbacks_of_the_same_target_are_equal():
    def function():
        pass

    one, other = weak_callback(function), weak_callback(function)
    assert one == other
    assert hash(one) == hash(other)
    assert one != weak_callback(partial(function, 1))
    assert one != function
    assert isinstance(one, WeakCallback)


def test_a_target_that_cannot_be_referenced_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match="class MyList"):
        weak_callback([].append)


def test_a_callback_says_why_it_cannot_be_pickled():
    with pytest.raises(TypeError, match="Pickle the target"):
        pickle.dumps(weak_callback(print))


def test_a_copy_of_a_callback_is_the_callback_as_with_references():
    callback = weak_callback(print)
    assert copy.copy(callback) is copy.deepcopy(callback) is callback

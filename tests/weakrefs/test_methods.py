import gc
from collections import deque

import pytest

from weakrefs import WeakMethod, getweakrefcount, ref


class Button:
    def __init__(self, name="ok"):
        self.name = name
        self.clicks = 0

    def click(self, times=1):
        self.clicks += times
        return self.clicks

    def __eq__(self, other):
        return isinstance(other, Button) and self.name == other.name

    def __hash__(self):
        return hash(self.name)


class Count(int):
    pass


def test_it_gives_the_method_back_while_its_object_lives():
    button = Button()
    method = WeakMethod(button.click)
    assert isinstance(method, ref)
    assert method() == button.click
    assert method()(2) == 2
    del button
    assert method() is None


def test_it_dies_with_its_function():
    class Panel:
        def draw(self):
            pass

    panel = Panel()
    method = WeakMethod(panel.draw)
    del Panel.draw
    gc.collect()
    assert method() is None


def test_the_callback_comes_once_with_the_dead_reference():
    button, seen = Button(), []
    method = WeakMethod(button.click, seen.append)
    del button
    assert seen == [method]
    assert method() is None


def test_a_dead_method_reference_that_is_gone_gets_no_callback():
    button, seen = Button(), []
    WeakMethod(button.click, seen.append)
    del button
    assert seen == []


def test_nothing_is_said_when_reference_and_object_are_collected_together():
    # The standard one raises AttributeError into the void: pyglet and blinker met it.
    class Owner:
        def __init__(self):
            self.me = self
            self.method = WeakMethod(self.act, lambda method: None)
            self.outer = ref(self, lambda reference: None)

        def act(self):
            pass

    for _ in range(50):
        Owner()
    gc.collect()


def test_builtin_methods_are_methods_too():
    queue = deque()
    method = WeakMethod(queue.append)
    method()(1)
    assert list(queue) == [1]
    assert method == WeakMethod(queue.append)
    assert method != WeakMethod(queue.pop)
    del queue
    assert method() is None


def test_method_wrappers_are_methods_too():
    button = Button()
    method = WeakMethod(button.__str__)
    assert method()() == str(button)


@pytest.mark.parametrize("not_a_method", [len, print, Button, lambda: 0, 5, None])
def test_what_is_no_method_of_an_object_is_refused(not_a_method):
    with pytest.raises(TypeError):
        WeakMethod(not_a_method)


def test_a_method_of_what_cannot_be_referenced_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match="class MyList"):
        WeakMethod([].append)


def test_equality_needs_equal_objects_the_same_function_and_life():
    one, twin, other = Button(), Button(), Button("no")
    method = WeakMethod(one.click)
    assert method == WeakMethod(twin.click)
    assert hash(method) == hash(WeakMethod(twin.click))
    assert method != WeakMethod(other.click)
    assert method != WeakMethod(one.__init__)
    assert method != one.click
    copy = WeakMethod(one.click)
    del one
    assert method != copy
    assert method == method  # noqa: PLR0124  # a dead one equals itself


def test_a_callback_that_pins_the_object_warns_where_it_is_made():
    button = Button()
    with pytest.warns(RuntimeWarning, match="holds that object itself") as caught:
        WeakMethod(button.click, button.click)
    assert caught[0].filename == __file__


def test_without_a_callback_it_costs_one_reference():
    button = Button()
    method = WeakMethod(button.click)
    assert getweakrefcount(button) == 1

import copy
import pickle
from functools import partial

import pytest

from weakrefs import WeakRegistry, ref


class View:
    """Equal to every other, so that only identity can tell it apart."""

    def __init__(self, name, log):
        self.name = name
        self.log = log

    def __eq__(self, other):
        return True

    __hash__ = None

    def changed(self, what="?"):
        self.log.append((self.name, what))
        return self.name


def test_observers_are_called_in_order_with_what_there_is_to_tell():
    log, registry = [], WeakRegistry()
    views = [View(name, log) for name in "abc"]
    for view in views:
        registry.add(view.changed)
        registry.add(view.changed)
    assert registry("x") == ["a", "b", "c"]
    assert log == [("a", "x"), ("b", "x"), ("c", "x")]
    assert len(registry) == 3


def test_an_observer_leaves_when_it_dies_and_in_a_plain_list_stays():
    log, registry, plain = [], WeakRegistry(), []
    for add in (registry.add, plain.append):
        view = View("a", log)
        add(view.changed)
        reference = ref(view)
        del view
        assert (reference() is None) is (add != plain.append)
    assert registry() == []
    assert len(registry) == 0


def test_an_observer_can_be_taken_out():
    log, registry = [], WeakRegistry()
    one, other = View("one", log), View("other", log)
    registry.add(one.changed)
    registry.add(other.changed)
    assert one.changed in registry
    registry.discard(one.changed)
    registry.discard(one.changed)
    assert one.changed not in registry
    assert list(registry) == [other.changed]
    registry.clear()
    assert registry() == []


def test_add_is_a_decorator():
    registry = WeakRegistry()

    @registry.add
    def observer(n):
        return n + 1

    assert registry(1) == [2]
    del observer
    assert registry(1) == []


def test_partials_and_builtin_methods_are_observers_too():
    seen, log, registry = set(), [], WeakRegistry()
    view = View("a", log)
    for _ in range(2):
        registry.add(seen.add)
        registry.add(partial(view.changed, "partial"))
    assert len(registry) == 2
    registry.discard(seen.add)
    assert registry() == ["a"]
    del view
    assert len(registry) == 0


def test_an_observer_may_leave_while_being_told():
    registry = WeakRegistry()

    def once():
        registry.discard(once)
        return "once"

    def later():
        return "later"

    registry.add(once)
    registry.add(later)
    assert registry() == ["once", "later"]
    assert registry() == ["later"]


def test_an_exception_goes_to_the_caller():
    registry = WeakRegistry()

    def broken():
        raise ValueError("broken")

    registry.add(broken)
    with pytest.raises(ValueError, match="broken"):
        registry()


def test_a_copy_has_the_observers_and_its_own_list():
    view, registry = View("a", []), WeakRegistry()
    registry.add(view.changed)
    twin = copy.copy(registry)
    twin.discard(view.changed)
    assert (len(registry), len(twin)) == (1, 0)


def test_a_pickle_brings_back_who_is_in_it_too():
    view, registry = View("a", []), WeakRegistry()
    registry.add(view.changed)
    loaded, held = pickle.loads(pickle.dumps((registry, view)))
    assert loaded(1) == ["a"]
    del held
    assert len(loaded) == 0

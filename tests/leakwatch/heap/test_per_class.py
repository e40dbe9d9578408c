"""A question about a class is asked once, and holds no class."""

import gc
import weakref

from leakwatch.heap.objects import instance_namespace, shallow_size
from leakwatch.heap.per_class import PerClass
from leakwatch.heap.tasks import is_task


def test_each_class_is_asked_once():
    asked = []
    named = PerClass(lambda cls: asked.append(cls.__name__) or cls.__name__)
    assert [named(int), named(str), named(int)] == ["int", "str", "int"]
    assert asked == ["int", "str"]


def test_no_class_is_kept_alive():
    def used():
        class Cart:
            pass

        cart = Cart()
        assert instance_namespace(cart) == {}
        assert shallow_size(cart) > 0
        assert not is_task(cart)
        return weakref.ref(Cart)

    gone = used()
    gc.collect()
    assert gone() is None


def test_a_second_class_at_an_address_is_asked_anew():
    named = PerClass(lambda cls: cls.__name__)
    for name in map(str, range(50)):
        assert named(type(name, (), {})) == name
        gc.collect()

"""Objects and classes are looked at without running a line of the program's code."""

import gc
import sys
import weakref
from collections import OrderedDict, defaultdict, deque
from decimal import Decimal
from functools import partial

import pytest

from leakwatch.heap.objects import PerClass, instance_namespace, shallow_size
from leakwatch.heap.tasks import is_task


class Plain:
    pass


class Slotted:
    __slots__ = ("__weakref__", "field")


class Rows(list):
    pass


class Meta(type):
    pass


class Lying:
    def __sizeof__(self):
        raise AssertionError("user code ran")


CLASS = Meta("CLASS", (), {})
MEASURED = [
    *(Plain(), Slotted(), Rows([1]), CLASS, CLASS(), ValueError(), Plain.__dict__),
    *([], {}, (), {1}, "text", "é" * 9, 5, 10**30, 1.5, b"bytes", bytearray(99)),
    *(deque(), OrderedDict(a=1), defaultdict(int), Decimal(5), sys, Plain, len, object()),
]


@pytest.mark.parametrize("subject", MEASURED, ids=lambda subject: type(subject).__name__)
def test_the_size_is_what_the_interpreter_says(subject):
    assert shallow_size(subject) == sys.getsizeof(subject)


def test_a_sizeof_of_the_program_is_not_called():
    assert shallow_size(Lying()) == sys.getsizeof(Plain())


def test_a_namespace_is_read_by_code_of_the_interpreter_only(monkeypatch):
    adder = partial(int, base=2)
    adder.note = "binary"
    assert instance_namespace(adder) == {"note": "binary"}
    assert instance_namespace(Plain()) == {}
    # As in an extension module, whose getter may ask whatever it likes: wrapt's asks the wrapped.
    monkeypatch.setattr(sys, "stdlib_module_names", frozenset())
    assert instance_namespace(adder) is None
    assert instance_namespace(Plain()) == {}


def test_a_question_about_a_class_is_asked_once():
    asked = []
    named = PerClass(lambda cls: asked.append(cls.__name__) or cls.__name__)
    assert [named(int), named(str), named(int)] == ["int", "str", "int"]
    assert asked == ["int", "str"]


def test_a_question_about_a_class_keeps_none_alive():
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

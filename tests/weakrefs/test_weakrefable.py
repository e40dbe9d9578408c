import re
from collections import deque, namedtuple
from dataclasses import dataclass

import pytest

from weakrefs import is_weakrefable, ref, why_not
from weakrefs.weakrefable import check


@dataclass(slots=True)
class Slotted:
    x: int = 0


@dataclass(slots=True, weakref_slot=True)
class SlottedRight:
    x: int = 0


class Bare:
    __slots__ = ("a",)


class Child(Bare):
    __slots__ = ()


class Struct:
    """Carries the mark of a msgspec struct."""

    __slots__ = ()
    __struct_fields__ = ()


class Attrs:
    """Carries the mark of an attrs class."""

    __slots__ = ()
    __attrs_attrs__ = ()


class Plain:
    pass


class Pair(tuple):
    __slots__ = ()


Point = namedtuple("Point", "x y")  # noqa: PYI024  # the subject of the test

BUILT_IN = "the type is built in without weak reference support"
NO_SLOT = 'its class has __slots__ without "__weakref__"'

REFUSED = [
    (5, f"int .*: {BUILT_IN}. Refer to the object that owns it, or wrap it"),
    (None, f"NoneType .*: {BUILT_IN}. Refer to the object that owns it, or wrap it"),
    ((), f"tuple .*: {BUILT_IN}. Refer to the object that owns it, or wrap it"),
    ([], f"list .*: {BUILT_IN}. Use an instance of a subclass: class MyList(list): pass."),
    ("", f"str .*: {BUILT_IN}. Use an instance of a subclass: class MyStr(str): pass."),
    (Slotted(), f"{NO_SLOT}. Declare it with @dataclass(slots=True, weakref_slot=True)."),
    (Attrs(), f"{NO_SLOT}. Declare it with @attrs.define(weakref_slot=True)."),
    (Struct(), f"{NO_SLOT}. Declare it with class Struct(msgspec.Struct, weakref=True)."),
    (Bare(), f'{NO_SLOT}. Add "__weakref__" to __slots__ of {Bare.__module__}.Bare.'),
    (Child(), f'{NO_SLOT}. Add "__weakref__" to __slots__ of {Bare.__module__}.Child.'),
    (
        Pair(),
        "instances of subclasses of tuple have no room for it. Hold the tuple as an attribute",
    ),
    (Point(1, 2), "Use @dataclass(frozen=True) in place of the named tuple."),
    (re.match("a", "a"), "its type is written in C without weak reference support. Wrap it"),
]


@pytest.mark.parametrize(("obj", "text"), REFUSED, ids=lambda value: type(value).__name__)
def test_the_reason_and_the_remedy_are_named(obj, text):
    assert not is_weakrefable(obj)
    pattern = ".*".join(re.escape(part) for part in text.split(".*"))
    assert re.search(pattern, why_not(obj))
    with pytest.raises(TypeError):
        ref(obj)


@pytest.mark.parametrize(
    "obj", [Plain(), SlottedRight(), Plain, set(), deque(), len, lambda: 0, re, re.compile("a")]
)
def test_what_can_be_referenced_has_no_reason(obj):
    assert is_weakrefable(obj)
    assert why_not(obj) is None
    assert ref(obj)() is obj


def test_the_remedy_for_a_builtin_works():
    class MyList(list):
        pass

    assert why_not(MyList()) is None


def test_no_code_of_the_object_its_class_or_its_metaclass_is_run():
    class Meta(type):
        def __getattribute__(cls, name):
            raise AssertionError(name)

        @property
        def __module__(cls):
            raise AssertionError

    class Hostile(metaclass=Meta):
        __slots__ = ()

        def _refuse(self, *args):
            raise AssertionError

        __getattribute__ = __eq__ = __hash__ = __bool__ = __len__ = __repr__ = _refuse

    assert "Hostile cannot be weakly referenced" in why_not(Hostile())


def test_only_what_cannot_be_referenced_is_refused():
    check(Plain())
    with pytest.raises(TypeError, match=re.escape(why_not(5))):
        check(5)

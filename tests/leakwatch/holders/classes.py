"""Classes and their instances as hostile holders."""

import abc
import enum
import functools
import sys
import types
import unittest.mock
from dataclasses import make_dataclass
from typing import NamedTuple

from tests.leakwatch.guest.hostile import (
    Hostile,
    HostileClass,
    HostileNamespace,
    Meta,
    every_method,
    trap,
    trapped_methods,
)
from tests.leakwatch.holders import UNDO, HostileDict, HostileStr, Plain, hostile


class Unrelated:
    pass


class ShortMeta(Meta):
    def mro(cls):
        return [cls, object]


class LongMeta(Meta):
    def mro(cls):
        return [cls, Unrelated, *type.mro(cls)[1:]]


HostileABCMeta = type("HostileABCMeta", (abc.ABCMeta,), trapped_methods(type))
HostileProperty = hostile(property)
HostileStaticmethod = hostile(staticmethod)
HostileClassmethod = hostile(classmethod)
HostileCachedProperty = hostile(functools.cached_property)
HostileNamespaceType = hostile(types.SimpleNamespace)
HostileModule = type(
    "HostileModule",
    (types.ModuleType,),
    {**every_method(types.ModuleType), "__name__": property(trap("__name__", None))},
)


class Slotted:
    __slots__ = ("held",)
    locals().update(trapped_methods(object))


class Pair(NamedTuple):
    left: object
    right: object


HostilePair = hostile(Pair)
HostileData = make_dataclass("HostileData", ["held"], namespace=trapped_methods(object))


class Owner:
    """Has what a descriptor needs."""


def class_with_a_short_mro(held):
    return ShortMeta("Short", (Unrelated,), {"held": held})


def class_with_a_stranger_in_its_mro(held):
    return LongMeta("Long", (), {"held": held})


def instance_of_a_class_with_a_short_mro(held):
    found = object.__new__(ShortMeta("Short", (Unrelated,), {}))
    object.__setattr__(found, "held", held)
    return found


def class_of_a_hostile_metaclass(held):
    return Meta("Held", (), {"held": held})


def class_of_a_hostile_abc(held):
    return HostileABCMeta("Abstract", (), {"held": held})


def class_that_is_its_own_type(held):
    class Other(type):
        pass

    class Selfish(type, metaclass=Other):
        pass

    Selfish.__class__ = Selfish
    Selfish.held = held
    return Selfish


def member_of_an_enum(held):
    class Kind(enum.Enum):
        FIRST = (held,)
        locals()._member_names  # the namespace is the metaclass's own

        def __repr__(self):
            return trap("__repr__", None)(self)

        __str__ = __format__ = __hash__ = trap("__hash__", lambda self: 1)

    return Kind


def class_with_a_hostile_qualname(held):
    return type("Named", (), {"held": held, "__qualname__": HostileStr("Named")})


def class_with_a_hostile_name(held):
    cls = type("Named", (), {"held": held})
    cls.__name__ = HostileStr("Named")
    cls.__module__ = HostileStr("shop")
    cls.__doc__ = HostileStr("words")
    return cls


def instance_of_a_class_with_a_hostile_name(held):
    found = class_with_a_hostile_name(None)()
    found.held = held
    return found


def instance_of_a_class_whose_names_are_no_strings(held):
    cls = type("Named", (), {"__module__": Hostile(), "__doc__": Hostile()})
    found = cls()
    found.held = held
    return found


def class_with_hostile_keys(held):
    names = ("__module__", "__dict__", "__doc__", "__sizeof__", "__weakref__", "attribute")
    keys = {HostileStr(name): Hostile() for name in names}
    return type("Keyed", (), {**keys, HostileStr("held"): held})


def instance_of_a_class_with_hostile_keys(held):
    found = class_with_hostile_keys(None)()
    object.__setattr__(found, "held", held)
    return found


def instance_with_hostile_slots(held):
    cls = type("Slots", (), {"__slots__": (HostileStr("held"), HostileStr("other"))})
    found = cls()
    found.held = held
    return found


def instance_with_hostile_keys(held):
    found = Plain()
    vars(found).update({HostileStr("held"): held, HostileStr("_name"): 1, Hostile(): 2})
    return found


def instance_with_a_hostile_namespace(held):
    found = Plain()
    found.__dict__ = HostileDict(held=held)
    return found


def hostile_instance(held):
    found = Hostile()
    object.__setattr__(found, "held", held)
    return found


def instance_of_a_hostile_class(held):
    found = HostileClass()
    found.held = held
    return found


def instance_that_hides_its_namespace(held):
    found = HostileNamespace()
    object.__setattr__(found, "held", held)
    return found


def hostile_slots(held):
    found = Slotted()
    object.__setattr__(found, "held", held)
    return found


class Lazy:
    """As Django's SimpleLazyObject, with its answers made of what it wraps."""

    _wrapped = None
    __class__ = property(trap("__class__", lambda self: type(self.__dict__["_wrapped"])))
    for _name in ("__getattr__", "__eq__", "__hash__", "__bool__", "__len__", "__dir__", "__str__"):
        locals()[_name] = trap(_name, None)


class LocalProxy:
    """As werkzeug's: the object of the context that asks."""

    __slots__ = ("__wrapped", "_get_current_object")
    for _name in ("__getattr__", "__eq__", "__hash__", "__bool__", "__repr__"):
        locals()[_name] = trap(_name, None)
    for _name in ("__class__", "__dict__", "__doc__", "__wrapped__"):
        locals()[_name] = property(trap(_name, None))


class ObjectProxy:
    """As wrapt's, with the names of what it wraps."""

    __slots__ = ("__wrapped__",)
    locals().update(trapped_methods(object))
    for _name in ("__dict__", "__name__", "__module__", "__doc__", "__self__"):
        locals()[_name] = property(trap(_name, None))


def lazy_object(held):
    found = Lazy()
    vars(found)["_wrapped"] = held
    return found


def local_proxy(held):
    found = LocalProxy()
    LocalProxy._get_current_object.__set__(found, lambda: held)
    return found


def object_proxy(held):
    found = object.__new__(ObjectProxy)
    vars(ObjectProxy)["__wrapped__"].__set__(found, held)
    return found


def mock(held):
    found = unittest.mock.Mock(name=HostileStr("shop"))
    found._mock_children[HostileStr("held")] = held
    found._get_child_mock = trap("_get_child_mock", None)
    return found


def magic_mock(held):
    found = unittest.mock.MagicMock()
    found.__len__.side_effect = found.__hash__.side_effect = trap("__len__", None)
    found.return_value = held
    return found


def data_class(held):
    found = object.__new__(HostileData)
    object.__setattr__(found, "held", held)
    return found


def named_tuple(held):
    return HostilePair(1, held)


def simple_namespace(held):
    return HostileNamespaceType(held=held)


def descriptor(held):
    return type("Described", (), {"field": hostile_instance(held)})


def instance_of_a_class_with_hostile_descriptors(held):
    names = ("__dict__", "__weakref__", "__sizeof__", "__module__", "_name", "held", "__slots__")
    found = type("Described", (), {"__slots__": (), **dict.fromkeys(names[2:6], Hostile())})
    return type("Below", (found,), {"held": held})


def property_of_a_class(held):
    from tests.leakwatch.holders import Callback

    return type("Described", (), {"field": HostileProperty(Callback(held))})


def static_method(held):
    return type("Described", (), {"field": HostileStaticmethod(lambda: held)})


def class_method(held):
    return type("Described", (), {"field": HostileClassmethod(lambda cls: held)})


def cached_property(held):
    field = HostileCachedProperty(lambda self: held)
    return type("Described", (), {"field": field})


def module_of_a_hostile_class(held):
    found = HostileModule("lazy")
    types.ModuleType.__dict__["__dict__"].__get__(found)["held"] = held
    return found


def loaded_module_of_a_hostile_class(held):
    found = sys.modules["lazy_shop"] = module_of_a_hostile_class(held)
    UNDO.callback(sys.modules.pop, "lazy_shop", None)
    return Plain()


def loaded_module_with_hostile_names(held):
    found = sys.modules["named_shop"] = types.ModuleType("named_shop")
    UNDO.callback(sys.modules.pop, "named_shop", None)
    for name in ("__name__", "__file__", "__package__", "__doc__"):
        vars(found)[name] = HostileStr("named_shop")
    vars(found).update({HostileStr("held"): held, HostileStr("_name"): 1, Hostile(): 2})
    return Plain()


def module_loaded_under_a_hostile_name(held):
    name = HostileStr("hidden_shop")
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name])["held"] = held
    UNDO.callback(dict.pop, sys.modules, name, None)
    return Plain()


def generic_alias(held):
    return types.GenericAlias(Hostile, (held,))

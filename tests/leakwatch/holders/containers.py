"""Containers as hostile holders: what they contain is never asked of them."""

import ctypes
import itertools
import types
import weakref
from collections import ChainMap, Counter, UserDict

import numpy as np

from tests.leakwatch.guest.hostile import Hostile, HostileClass
from tests.leakwatch.holders import (
    Callback,
    HostileDefaultdict,
    HostileDeque,
    HostileDict,
    HostileFrozenset,
    HostileList,
    HostileOrderedDict,
    HostileSet,
    HostileStr,
    HostileTuple,
    Plain,
    hostile,
)

HostileCounter = hostile(Counter)
HostileChainMap = hostile(ChainMap)
HostileUserDict = hostile(UserDict)
HostileWeakDict = hostile(weakref.WeakKeyDictionary)
HostileArray = hostile(np.ndarray)
HostileInt = hostile(int)


class Fields(ctypes.Structure):
    _fields_ = (("other", ctypes.c_int), ("held", ctypes.py_object))


HostileFields = hostile(Fields)


def hostile_dict(held):
    return HostileDict(held=held)


def dict_with_hostile_keys(held):
    return {Hostile(): 1, HostileStr("held"): held, HostileClass(): 2, HostileInt(7): 3}


def dict_with_a_hostile_key_before(held):
    return {HostileStr("held"): [held], "other": 1}


def nested_dict_with_hostile_keys(held):
    return {HostileInt(7): {HostileTuple((1,)): {Hostile(): held}}}


def key_of_a_dict(held):
    return {held: Hostile()}


def hostile_list(held):
    return HostileList([Hostile(), held])


def hostile_tuple(held):
    return HostileTuple((Hostile(), held))


def hostile_set(held):
    return HostileSet([Hostile(), held])


def hostile_frozenset(held):
    return HostileFrozenset([Hostile(), held])


def hostile_deque(held):
    return HostileDeque([Hostile(), held])


def hostile_ordered_dict(held):
    return HostileOrderedDict({HostileStr("held"): held, Hostile(): 1})


def hostile_defaultdict(held):
    return HostileDefaultdict(Callback(held))


def hostile_counter(held):
    found = HostileCounter()
    dict.__setitem__(found, held, HostileInt(1))
    return found


def hostile_chain_map(held):
    return HostileChainMap(HostileDict(held=held))


def hostile_user_dict(held):
    found = HostileUserDict()
    vars(found)["data"] = {HostileStr("held"): held}
    return found


def hostile_weak_dict(held):
    found, key = HostileWeakDict(), Plain()
    vars(found)["data"][weakref.ref(key)] = held
    return [key, found]


def weak_dict_with_hostile_keys(held):
    found, key = weakref.WeakKeyDictionary(), Hostile()
    found[key] = held
    return [key, found]


def mapping_proxy(held):
    return types.MappingProxyType(HostileDict(held=held))


def view_of_a_dict(held):
    return dict.items(HostileDict(held=held))


def iterator_of_a_list(held):
    return list.__iter__(HostileList([held]))


def chained_iterators(held):
    return itertools.chain([held], [Hostile()])


def mapped_iterator(held):
    return map(Callback(held), [Hostile()])


def object_array(held):
    return np.array([Hostile, held, None], dtype=object)


def hostile_object_array(held):
    found = np.ndarray.__new__(HostileArray, (2,), dtype=object)
    np.ndarray.__setitem__(found, 0, held)
    return found


def structured_array(held):
    found = np.zeros(2, dtype=[("n", "i4"), ("held", object)])
    found["held"][1] = held
    return found


def structure_of_ctypes(held):
    found = HostileFields()
    Fields.held.__set__(found, held)
    return found


def array_of_ctypes(held):
    return (ctypes.py_object * 2)(Hostile(), held)


def pointer_of_ctypes(held):
    return ctypes.pointer(ctypes.py_object(held))

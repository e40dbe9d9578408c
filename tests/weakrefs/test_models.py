"""Every container against a plain model, with all that may come in between.

That is: deaths, at once or in a collection, iterators that are still open, callbacks that look into
the container, and a second thread.

The model names objects by number and never holds one, so that only `self.objects` keeps them.
"""

import gc
import threading

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from weakrefs import (
    EphemeronDictionary,
    WeakDefaultDictionary,
    WeakIdKeyDictionary,
    WeakIdSet,
    WeakKeyDictionary,
    WeakKeyValueDictionary,
    WeakList,
    WeakOrderedSet,
    WeakRegistry,
    WeakSet,
    WeakValueDictionary,
    ref,
)

SETTINGS = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
NUMBERS = st.integers(min_value=0, max_value=9)
KEYS = st.integers(min_value=0, max_value=5)


class Thing:
    """An object with a number, equal only to itself, and on demand part of a cycle."""

    def __init__(self, number, cyclic):
        self.number = number
        self.cycle = self if cyclic else None

    def answer(self):
        return self.number


class Population(RuleBasedStateMachine):
    """Objects that are born, die at once, or die in a collection; and iterators left open."""

    def __init__(self):
        super().__init__()
        self.objects = {}
        self.walks = []
        self.watchers = []

    @rule(number=NUMBERS, cyclic=st.booleans())
    def bear(self, number, cyclic):
        if number not in self.objects:
            self.objects[number] = Thing(number, cyclic)

    @rule(number=NUMBERS)
    def kill(self, number):
        if number in self.objects:
            self.walks.clear()  # a suspended iterator may hold the object it has yielded
            cyclic = self.objects.pop(number).cycle is not None
            if cyclic:
                gc.collect()
            self.forget(number)

    def forget(self, number):
        raise NotImplementedError

    def look(self):
        """Look at everything in the container."""
        raise NotImplementedError

    def pass_by(self):
        """Put something into the container that dies at once."""
        raise NotImplementedError

    @rule(number=NUMBERS)
    def watch(self, number):
        """Have a callback look into the container when the object dies, whoever lets it go."""
        if number in self.objects:
            self.watchers.append(ref(self.objects[number], lambda _: self.look()))

    @rule()
    def share(self):
        """Look, while another thread puts in what dies at once."""
        other = threading.Thread(target=lambda: [self.pass_by() for _ in range(20)])
        other.start()
        for _ in range(20):
            self.look()
        other.join()

    @precondition(lambda self: self.walks)
    @rule(place=NUMBERS)
    def step(self, place):
        """Advance an iterator that was opened in an earlier step: it never raises."""
        # By its place: some versions of Hypothesis keep what was drawn, and so what it yielded.
        next(self.walks[place % len(self.walks)], None)


class MappingModel(Population):
    """Common to the mappings; `model` maps a name of the key to a name of the value."""

    make = None

    def __init__(self):
        super().__init__()
        self.model = {}
        self.mapping = self.make()

    @rule(way=st.sampled_from(["keys", "values", "items"]))
    def open_iterator(self, way):
        walk = getattr(self.mapping, way)()
        next(walk, None)
        self.walks.append(walk)

    def look(self):
        list(self.mapping), list(self.mapping.values()), list(self.mapping.items())
        len(self.mapping)

    @rule()
    def copy(self):
        assert self.mapping.copy() == self.mapping

    @rule()
    def clear(self):
        self.mapping.clear()
        self.model.clear()

    @rule()
    def pop_newest(self):
        if self.model:
            key, value = self.mapping.popitem()
            assert (self.name(key), self.name(value)) == self.model.popitem()
        else:
            with pytest.raises(KeyError):
                self.mapping.popitem()

    @staticmethod
    def name(key_or_value):
        return key_or_value.number if type(key_or_value) is Thing else key_or_value

    @invariant()
    def agrees(self):
        items = [(self.name(key), self.name(value)) for key, value in self.mapping.items()]
        assert items == list(self.model.items())
        assert len(self.mapping) == len(self.model)
        assert [self.name(key) for key in self.mapping] == list(self.model)
        assert [self.name(value) for value in self.mapping.values()] == list(self.model.values())


class ValueModel(MappingModel):
    make = WeakValueDictionary

    def pass_by(self):
        self.mapping["passer-by"] = Thing(-1, cyclic=False)

    def forget(self, number):
        self.model = {key: value for key, value in self.model.items() if value != number}

    @rule(key=KEYS, number=NUMBERS)
    def store(self, key, number):
        if number in self.objects:
            self.mapping[key] = self.objects[number]
            self.model[key] = number

    @rule(key=KEYS, number=NUMBERS)
    def store_if_missing(self, key, number):
        if number in self.objects:
            found = self.mapping.setdefault(key, self.objects[number])
            assert found.number == self.model.setdefault(key, number)

    @rule(key=KEYS, number=NUMBERS)
    def update(self, key, number):
        if number in self.objects:
            self.mapping |= {key: self.objects[number]}
            self.model |= {key: number}

    @rule(key=KEYS)
    def remove(self, key):
        value = self.mapping.pop(key, None)
        assert self.name(value) == self.model.pop(key, None)

    @rule(key=KEYS)
    def look_up(self, key):
        assert (key in self.mapping) == (key in self.model)
        assert self.name(self.mapping.get(key)) == self.model.get(key)


class DefaultModel(ValueModel):
    def make(self):
        return WeakDefaultDictionary(lambda: Thing(-1, cyclic=False))

    @rule(key=KEYS)
    def make_if_missing(self, key):
        assert self.mapping[key].number == self.model.get(key, -1)


class KeyModel(MappingModel):
    make = WeakKeyDictionary

    def pass_by(self):
        self.mapping[Thing(-1, cyclic=False)] = -1

    def forget(self, number):
        self.model.pop(number, None)

    @rule(number=NUMBERS, value=KEYS)
    def store(self, number, value):
        if number in self.objects:
            self.mapping[self.objects[number]] = self.model[number] = value

    @rule(number=NUMBERS, value=KEYS)
    def store_if_missing(self, number, value):
        if number in self.objects:
            found = self.mapping.setdefault(self.objects[number], value)
            assert found == self.model.setdefault(number, value)

    @rule(number=NUMBERS)
    def remove(self, number):
        if number in self.objects:
            found = self.mapping.pop(self.objects[number], None)
            assert found == self.model.pop(number, None)

    @rule(number=NUMBERS)
    def look_up(self, number):
        if number in self.objects:
            key = self.objects[number]
            assert (key in self.mapping) == (number in self.model)
            assert self.mapping.get(key) == self.model.get(number)


class IdKeyModel(KeyModel):
    make = WeakIdKeyDictionary


class EphemeronModel(KeyModel):
    make = EphemeronDictionary


class PairModel(MappingModel):
    make = WeakKeyValueDictionary

    def pass_by(self):
        self.mapping[Thing(-1, cyclic=False)] = Thing(-2, cyclic=False)

    def forget(self, number):
        self.model = {k: v for k, v in self.model.items() if number not in (k, v)}

    def both(self, key, value):
        """Return the two objects, if they live, or nothing to loop over."""
        alive = key in self.objects and value in self.objects
        return [(self.objects[key], self.objects[value])] if alive else []

    @rule(key=NUMBERS, value=NUMBERS)
    def store(self, key, value):
        for key_object, value_object in self.both(key, value):
            self.mapping[key_object] = value_object
            self.model[key] = value

    @rule(key=NUMBERS, value=NUMBERS)
    def store_if_missing(self, key, value):
        for key_object, value_object in self.both(key, value):
            found = self.mapping.setdefault(key_object, value_object)
            assert found.number == self.model.setdefault(key, value)

    @rule(number=NUMBERS)
    def remove(self, number):
        if number in self.objects:
            found = self.mapping.pop(self.objects[number], None)
            assert self.name(found) == self.model.pop(number, None)

    @rule(number=NUMBERS)
    def look_up(self, number):
        if number in self.objects:
            key = self.objects[number]
            assert (key in self.mapping) == (number in self.model)
            assert self.name(self.mapping.get(key)) == self.model.get(number)


class SetModel(Population):
    """Common to the sets; `model` is a set of numbers."""

    make = WeakSet

    def __init__(self):
        super().__init__()
        self.model = set()
        self.set = self.make()

    def forget(self, number):
        self.model.discard(number)

    def look(self):
        list(self.set), len(self.set)

    def pass_by(self):
        self.set.add(Thing(-1, cyclic=False))

    def some(self, numbers):
        return [self.objects[number] for number in numbers if number in self.objects]

    @rule(numbers=st.lists(NUMBERS))
    def update(self, numbers):
        some = self.some(numbers)
        self.set.update(some)
        self.model.update(thing.number for thing in some)

    @rule(number=NUMBERS)
    def discard(self, number):
        for thing in self.some([number]):
            self.set.discard(thing)
            self.model.discard(number)

    @rule(numbers=st.lists(NUMBERS), operator=st.sampled_from(["and", "or", "sub", "xor"]))
    def combine(self, numbers, operator):
        some = self.make(self.some(numbers))
        expected = {thing.number for thing in some}
        method = f"__{operator}__"
        result = getattr(self.set, method)(some)
        assert {thing.number for thing in result} == getattr(self.model, method)(expected)

    @rule(numbers=st.lists(NUMBERS), operator=st.sampled_from(["iand", "ior", "isub", "ixor"]))
    def combine_in_place(self, numbers, operator):
        some = self.make(self.some(numbers))
        expected = {thing.number for thing in some}
        method = f"__{operator}__"
        self.set = getattr(self.set, method)(some)
        self.model = getattr(self.model, method)(expected)

    @rule(numbers=st.lists(NUMBERS), operator=st.sampled_from(["le", "lt", "ge", "gt", "eq"]))
    def compare(self, numbers, operator):
        some = self.make(self.some(numbers))
        expected = {thing.number for thing in some}
        method = f"__{operator}__"
        assert getattr(self.set, method)(some) == getattr(self.model, method)(expected)

    @rule()
    def open_iterator(self):
        walk = iter(self.set)
        next(walk, None)
        self.walks.append(walk)

    @rule()
    def pop(self):
        if self.model:
            self.model.remove(self.set.pop().number)

    @invariant()
    def agrees(self):
        numbers = [thing.number for thing in self.set]
        assert len(numbers) == len(self.set) == len(self.model)
        assert set(numbers) == self.model
        assert all((thing in self.set) == (n in self.model) for n, thing in self.objects.items())


class IdSetModel(SetModel):
    make = WeakIdSet


class OrderedSetModel(SetModel):
    make = WeakOrderedSet


class ListModel(Population):
    """`model` is a list of numbers."""

    def __init__(self):
        super().__init__()
        self.model = []
        self.list = WeakList()

    def forget(self, number):
        self.model = [n for n in self.model if n != number]

    def look(self):
        list(self.list), len(self.list)

    def pass_by(self):
        self.list.append(Thing(-1, cyclic=False))

    @rule(number=NUMBERS, place=NUMBERS)
    def insert(self, number, place):
        if number in self.objects:
            self.list.insert(place, self.objects[number])
            self.model.insert(place, number)

    @rule(number=NUMBERS)
    def append(self, number):
        if number in self.objects:
            self.list.append(self.objects[number])
            self.model.append(number)

    @rule(number=NUMBERS)
    def remove(self, number):
        if number in self.model:
            self.list.remove(self.objects[number])
            self.model.remove(number)

    @rule(place=NUMBERS)
    def pop(self, place):
        if place < len(self.model):
            assert self.list.pop(place).number == self.model.pop(place)

    @rule(start=NUMBERS, stop=NUMBERS)
    def delete(self, start, stop):
        del self.list[start:stop]
        del self.model[start:stop]

    @rule()
    def sort(self):
        self.list.sort(key=lambda thing: thing.number)
        self.model.sort()

    @rule()
    def open_iterator(self):
        walk = iter(self.list)
        next(walk, None)
        self.walks.append(walk)

    @invariant()
    def agrees(self):
        assert len(self.list) == len(self.model)
        assert [thing.number for thing in self.list] == self.model
        assert [self.list[n].number for n in range(len(self.model))] == self.model
        assert [thing.number for thing in self.list[1:]] == self.model[1:]


class RegistryModel(Population):
    """`model` is a list of the numbers of the observers, in the order of their coming."""

    def __init__(self):
        super().__init__()
        self.model = []
        self.registry = WeakRegistry()

    def forget(self, number):
        self.model = [n for n in self.model if n != number]

    def look(self):
        list(self.registry), len(self.registry)

    def pass_by(self):
        self.registry.add(Thing(-1, cyclic=False).answer)

    @rule(number=NUMBERS)
    def add(self, number):
        if number in self.objects:
            self.registry.add(self.objects[number].answer)
            self.model += [number] if number not in self.model else []

    @rule(number=NUMBERS)
    def discard(self, number):
        if number in self.objects:
            self.registry.discard(self.objects[number].answer)
            self.forget(number)

    @invariant()
    def agrees(self):
        assert self.registry() == self.model
        assert len(self.registry) == len(self.model)
        in_it = {n for n, thing in self.objects.items() if thing.answer in self.registry}
        assert in_it == set(self.model)


for model in (
    ValueModel,
    DefaultModel,
    KeyModel,
    IdKeyModel,
    EphemeronModel,
    PairModel,
    SetModel,
    IdSetModel,
    OrderedSetModel,
    ListModel,
    RegistryModel,
):
    model.TestCase.settings = SETTINGS

TestValueDictionary = ValueModel.TestCase
TestKeyDictionary = KeyModel.TestCase
TestIdKeyDictionary = IdKeyModel.TestCase
TestEphemeronDictionary = EphemeronModel.TestCase
TestKeyValueDictionary = PairModel.TestCase
TestSet = SetModel.TestCase
TestIdSet = IdSetModel.TestCase
TestOrderedSet = OrderedSetModel.TestCase
TestList = ListModel.TestCase
TestDefaultDictionary = DefaultModel.TestCase
TestRegistry = RegistryModel.TestCase

"""The native part behaves as the Python files say, also where Python would not let one go wrong."""

import contextlib
import gc
import inspect

import pytest

from weakrefs import WeakKeyDictionary, WeakSet, WeakValueDictionary, core, ref
from weakrefs.key_operations import KeyOperations
from weakrefs.set_operations import SetOperations
from weakrefs.value_operations import ValueOperations

CONTAINERS = [WeakValueDictionary, WeakKeyDictionary, WeakSet]
PAIRS = [
    (WeakValueDictionary, ValueOperations),
    (WeakKeyDictionary, KeyOperations),
    (WeakSet, SetOperations),
]

# A helper, and what computes the annotations of a class since CPython 3.14 (PEP 649).
NO_OPERATIONS = {"_enter", "__annotate_func__"}

native_only = pytest.mark.skipif(
    core.IMPLEMENTATION != "native", reason="the native part is not compiled, or turned off"
)


class Thing:
    pass


@native_only
@pytest.mark.parametrize(("container", "pure"), PAIRS)
def test_the_native_methods_are_those_of_the_python_file(container, pure):
    hot = {name for name, member in vars(pure).items() if callable(member)} - NO_OPERATIONS
    native = set(dir(container.__mro__[2]))
    assert container.__mro__[2].__module__ == "weakrefs._native"
    assert hot <= native


@native_only
@pytest.mark.parametrize(("container", "pure"), PAIRS)
@pytest.mark.parametrize("name", ["get", "setdefault", "popitem", "values", "items", "discard"])
def test_the_native_methods_take_the_arguments_of_the_python_file(container, pure, name):
    if not hasattr(pure, name):
        pytest.skip("another kind of container")
    ours = inspect.signature(getattr(container, name)).parameters
    theirs = inspect.signature(getattr(pure, name)).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]
    assert getattr(container, name).__doc__.split() == getattr(pure, name).__doc__.split()


def test_arguments_may_be_given_by_name():
    thing, default = Thing(), Thing()
    values, keys = WeakValueDictionary(a=thing), WeakKeyDictionary({thing: 1})
    assert values.get(key="b", default=default) is default
    assert values.pop("b", default=default) is default
    assert values.setdefault(key="c", default=default) is default
    assert keys.get(key=default) is None
    assert keys.setdefault(key=default) is None
    assert keys.pop(key=default) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda d: d.get(),
        lambda d: d.get("a", 1, 2),
        lambda d: d.get("a", key="a"),
        lambda d: d.get("a", wrong=1),
        lambda d: d.pop(),
        lambda d: d.pop(default=1),
        lambda d: d.setdefault("a"),
        lambda d: d.update([1]),
    ],
)
def test_wrong_arguments_are_a_type_error(call):
    with pytest.raises(TypeError):
        call(WeakValueDictionary())


def test_what_is_no_pair_is_a_value_error():
    with pytest.raises(ValueError, match="2"):
        WeakValueDictionary().update([("a", 1, 2)])


def test_a_missing_tuple_is_named_whole():
    for look_up in (WeakValueDictionary().__getitem__, WeakValueDictionary().pop):
        with pytest.raises(KeyError) as error:
            look_up((1, 2))
        assert error.value.args == ((1, 2),)


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_subclass_that_does_not_call_init_is_told_so(container):
    class Careless(container):
        def __init__(self):
            pass

    careless = Careless()
    for use in (list, lambda c: Thing() in c, repr if container is WeakSet else dict):
        with pytest.raises(AttributeError, match="data"):
            use(careless)


@native_only
@pytest.mark.parametrize("container", CONTAINERS)
def test_data_can_be_read_and_changed_but_not_replaced(container):
    weak = container()
    weak.data.clear()
    with pytest.raises(AttributeError):
        weak.data = type(weak.data)()
    with pytest.raises(AttributeError):
        del weak.data


def test_foreign_entries_in_data_do_no_harm():
    values, keys = WeakValueDictionary(), WeakKeyDictionary()
    values.data["a"], keys.data["b"] = 1, 2
    for mapping in (values, keys):
        with contextlib.suppress(TypeError):  # that is what the pure build says
            list(mapping.items()), list(mapping.values()), len(mapping), mapping.get("a")


def test_pairs_that_are_kept_are_not_used_again():
    things = [Thing() for _ in range(5)]
    mapping = WeakValueDictionary(enumerate(things))
    assert list(mapping.items()) == list(enumerate(things))
    walk = mapping.items()
    first = next(walk)
    second = next(walk)
    del second
    assert (first, next(walk), next(walk)) == ((0, things[0]), (2, things[2]), (3, things[3]))


def test_an_iterator_asked_again_from_inside_itself_does_no_harm():
    class Nosy(Thing):
        def __del__(self):
            next(walk, None)

    mapping = WeakValueDictionary(enumerate(things := [Nosy() for _ in range(20)]))
    walk = mapping.items()
    while things:
        things.pop()
        next(walk, None)
    assert next(walk, "done") == "done"


def test_an_eq_that_empties_the_container_during_a_look_up_does_no_harm():
    class Saboteur:
        def __init__(self, mapping):
            self.mapping = mapping

        def __hash__(self):
            return 1

        def __eq__(self, other):
            self.mapping._start()
            return False

    mapping, things = WeakValueDictionary(), [Thing() for _ in range(3)]
    for use in (mapping.get, mapping.pop, mapping.setdefault):
        mapping[Saboteur(mapping)] = things[0]
        mapping[Saboteur(mapping)] = things[1]
        assert use(Saboteur(mapping), things[2]) is things[2]


@pytest.mark.parametrize("container", CONTAINERS)
def test_an_iterator_of_a_container_that_dies_goes_on(container):
    things = [Thing() for _ in range(3)]
    pairs = [(thing, thing) for thing in things]
    walk = iter(container(things if container is WeakSet else pairs))
    assert next(walk) in things
    gc.collect()
    assert len(list(walk)) == 2


def test_containers_and_their_iterators_are_collected_with_the_cycles_they_are_in():
    for container in CONTAINERS:
        instance = container()
        instance.me, instance.walk = instance, iter(instance)
        dead = ref(instance)
        del instance
        gc.collect()
        assert dead() is None


@native_only
@pytest.mark.parametrize("suspect", [5, None, int, Thing, Thing()])
def test_only_a_class_of_the_right_layout_is_given_native_methods(suspect):
    with pytest.raises(TypeError, match=r"own_methods: expected a class derived from"):
        core._native.own_methods(suspect)


@pytest.mark.parametrize("container", [WeakValueDictionary, WeakKeyDictionary])
def test_a_pair_that_is_used_again_has_its_own_hash(container):
    # A tuple keeps its hash since CPython 3.14.
    things = [Thing() for _ in range(4)]
    pairs = (
        enumerate(things)
        if container is WeakValueDictionary
        else zip(things, range(4), strict=True)
    )
    filled = container(dict(pairs))
    kept = list(filled.items())
    assert list(map(hash, filled.items())) == [hash(pair) for pair in kept]
    assert list(filter(set(kept[1:]).__contains__, filled.items())) == kept[1:]

"""The name under which a namespace holds an object is found at once, and is never a stale one."""

import gc

import pytest

from leakwatch.paths.names.lookup import ABSENT, LARGE, Names, name_in, names_of_last


class Thing: ...


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    names_of_last.clear()


@pytest.mark.parametrize("size", [1, LARGE - 1, LARGE, 10 * LARGE])
def test_every_object_has_the_first_of_its_names(size):
    things = [Thing() for _ in range(size)]
    namespace = {f"name_{at}": thing for at, thing in enumerate(things)}
    namespace["again"] = things[0]
    assert [name_in(namespace, it) for it in things] == [f"name_{at}" for at in range(size)]
    assert name_in(namespace, Thing()) is ABSENT


def test_a_name_that_was_given_to_another_object_meanwhile_is_not_used():
    namespace = {f"name_{at}": Thing() for at in range(LARGE)}
    old, new = namespace["name_1"], Thing()
    assert name_in(namespace, old) == "name_1"
    namespace["name_1"] = new
    assert name_in(namespace, old) is ABSENT
    assert name_in(namespace, new) == "name_1"


def test_a_key_that_is_no_text_is_found_and_asked_nothing():
    class Key:
        def __eq__(self, other):
            raise AssertionError

        __hash__ = object.__hash__

    key, thing = Key(), Thing()
    namespace = {f"name_{at}": at for at in range(LARGE)} | {key: thing}
    assert name_in(namespace, thing) is key


def test_the_objects_of_a_namespace_are_looked_through_once(monkeypatch):
    namespace = {f"name_{at}": Thing() for at in range(1_000)}
    calls = []
    from leakwatch.paths.names import lookup

    monkeypatch.setattr(lookup, "entries", lambda it: calls.append(it) or list(it.items()))
    monkeypatch.setattr(lookup, "named_entries", lambda it: calls.append(it) or list(it.items()))
    for thing in namespace.values():
        name_in(namespace, thing)
    assert len(calls) == 1


def test_what_is_kept_of_a_namespace_has_no_object_that_goes_with_the_next():
    """A graph in a forked child has such objects by their addresses only."""
    namespace = {f"name{number}": [] for number in range(LARGE)}
    names = Names().of(namespace)
    assert {type(it) for it in gc.get_referents(names)} <= {type, int, str}

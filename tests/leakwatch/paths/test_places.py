"""The place of an object in a sequence is its first one found, in whatever order one asks."""

from collections import deque

import pytest

from leakwatch.paths.names.references import name_by_type


class Own(list):
    """A subclass: its methods are not asked."""

    def __iter__(self):
        raise AssertionError

    def __getitem__(self, place):
        raise AssertionError


def place(holder, child):
    named = name_by_type([holder, child])
    return named and named.name


@pytest.mark.parametrize("kind", [list, tuple, deque, Own])
@pytest.mark.parametrize("order", [range(5), range(4, -1, -1), [2, 2, 3, 0, 4, 1]])
def test_each_has_its_place(kind, order):
    members = [object() for _ in range(5)]
    holder = kind(members)
    assert [place(holder, members[at]) for at in order] == [f"[{at}]" for at in order]
    assert place(holder, object()) is None


def test_what_has_moved_is_told_where_it_is():
    members = [object() for _ in range(3)]
    holder = list(members)
    assert place(holder, members[0]) == "[0]"
    holder.insert(0, object())
    assert [place(holder, member) for member in members] == ["[1]", "[2]", "[3]"]
    del holder[1:]
    assert place(holder, members[0]) is None


def test_the_next_one_is_found_without_a_search(monkeypatch):
    asked = []
    noting = lambda it: asked.append(None) or id(it)  # noqa: E731
    monkeypatch.setattr("leakwatch.paths.names.containers.id", noting, raising=False)
    holder = [object() for _ in range(1_000)]
    for member in holder:
        place(holder, member)
    # The first is looked for among all of them.
    assert len(asked) <= 5 * len(holder)

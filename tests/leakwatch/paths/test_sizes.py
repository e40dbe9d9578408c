"""Sizes count each byte that a survivor alone holds, and none that others hold too."""

import sys
import types

import pytest

from leakwatch.extending import OfClass
from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import size_of_groups


class Blob:
    pass


def test_a_group_weighs_what_its_members_weigh():
    members = [[1], [1, 2, 3], []]
    assert size_of_groups([members]) == sum(map(sys.getsizeof, members))


def test_a_plugin_is_asked_first():
    blob, other = Blob(), [1]

    def sizer(subject):
        return 5000 if subject is blob else None

    groups = [[blob], [other]]
    assert size_of_groups(groups, loaded_calls([sizer])) == 5000 + sys.getsizeof(other)


@pytest.fixture
def shop(monkeypatch):
    """A loaded module with a class `Blob`."""
    shop = types.ModuleType("shop_of_blobs")
    shop.Blob = type("Blob", (), {})
    monkeypatch.setitem(sys.modules, shop.__name__, shop)
    return shop


def test_a_sizer_of_a_class_is_asked_for_instances_of_it_and_of_derived_ones_only(shop):
    asked = []
    sizers = loaded_calls([OfClass("shop_of_blobs", "Blob", lambda it: asked.append(it) or 5000)])
    derived, other = type("Derived", (shop.Blob,), {})(), Blob()
    assert size_of_groups([[derived], [other]], sizers) == 5000 + sys.getsizeof(other)
    assert asked == [derived]


def test_the_first_sizer_that_answers_is_taken(shop):
    offered = [
        OfClass("shop_of_blobs", "Blob", lambda it: None),
        lambda it: 6000,
        OfClass("shop_of_blobs", "Blob", lambda it: 5000),
    ]
    assert size_of_groups([[shop.Blob()]], loaded_calls(offered)) == 6000


def test_a_class_that_is_not_loaded_is_not_looked_for():
    offered = [OfClass("no_such_module", "Blob", id), OfClass("string", "NoSuchClass", id)]
    assert loaded_calls(offered) == []
    assert "no_such_module" not in sys.modules

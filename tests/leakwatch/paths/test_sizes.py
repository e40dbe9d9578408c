"""Sizes count each byte that a survivor alone holds, and none that others hold too.

A buffer is counted once, and what of it nobody shows is told apart.
"""

import sys
import types

import pytest

import leakwatch
from leakwatch.extending import OfClass
from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import (
    Buffer,
    Bytes,
    SharedBuffers,
    SharedSize,
    is_mostly_unseen,
    size_of_groups,
    size_with_exporter,
)


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


MIB = 1 << 20


def credited(*buffers):
    """The bytes of objects without a size of their own that use these buffers, one by one."""
    shared = SharedBuffers()
    return [shared.credit(SharedSize(0, [buffer])) for buffer in buffers]


def test_what_a_view_does_not_show_is_unseen():
    assert credited(Buffer(1, MIB, shown=16)) == [Bytes(MIB, unseen=MIB - 16)]
    assert credited(Buffer(1, MIB)) == [Bytes(MIB)]
    # Broadcast: more elements than there are in memory.
    assert credited(Buffer(1, MIB, shown=9 * MIB)) == [Bytes(MIB)]


def test_what_several_views_show_is_seen_whoever_has_the_credit():
    half = Buffer(1, MIB, holders=2, shown=MIB // 2)
    assert credited(half, half) == [Bytes(), Bytes(MIB)]
    # The number of holders is not known of all libraries.
    quarter = Buffer(1, MIB, shown=MIB // 4)
    found = credited(*[quarter] * 6)
    assert [it.process for it in found] == [MIB, 0, 0, 0, 0, 0]
    assert [it.unseen for it in found] == [3 * MIB // 4, *[-MIB // 4] * 3, 0, 0]


def test_on_a_device_nothing_is_said_of_what_is_unseen():
    assert credited(Buffer(1, MIB, shown=16, on_device=True)) == [Bytes(device=MIB)]


def test_an_object_behind_a_view_is_not_counted_again():
    assert credited(Buffer(1, MIB, shown=16, is_object=True)) == [Bytes(unseen=MIB - 16)]


@pytest.mark.parametrize(
    ("unseen", "retained", "objects", "mostly"),
    [
        (MIB, MIB + 200, 1, True),
        (MIB, 2 * MIB, 1, False),
        (4_000, 4_100, 1, False),
        (8_000, 8_100, 10, False),
        # Others have the buffer too: it would not be freed with the view.
        (MIB, 200, 1, False),
    ],
)
def test_a_view_is_small_where_most_of_what_it_retains_is_unseen(unseen, retained, objects, mostly):
    assert is_mostly_unseen(unseen, retained, objects) is mostly


def test_a_memoryview_shows_a_part_of_the_object_it_keeps():
    whole = bytes(MIB)
    (buffer,) = size_with_exporter(memoryview(whole)[8:24]).buffers
    assert (buffer.key, buffer.shown, buffer.is_object) == (id(whole), 16, True)
    assert buffer.size > MIB
    released = memoryview(whole)
    released.release()
    assert size_with_exporter(released).buffers == ()


HEADS, WHOLE, HALVES, PAGES = [], [], [], []
PAGE = bytes(MIB)


class Packet:
    def __init__(self, head):
        self.head = head


def small_views():
    HEADS.append(memoryview(bytes(MIB))[:16])


def small_views_in_objects():
    HEADS.append(Packet(memoryview(bytearray(MIB))[:16]))


def whole_views():
    WHOLE.append(memoryview(bytes(MIB)))


def both_halves():
    half = memoryview(bytes(MIB))
    HALVES.append((half[: MIB // 2], half[MIB // 2 :]))


def views_of_what_lasts():
    PAGES.append(memoryview(PAGE)[:16])


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (small_views, "LW132"),
        (small_views_in_objects, "LW132"),
        (whole_views, "LW101"),
        (both_halves, "LW101"),
        (views_of_what_lasts, "LW101"),
    ],
)
def test_a_leak_of_small_views_is_told_as_such_and_no_other(work, code):
    (leak,) = leakwatch.hunt(work, runs=4, warmup=1).leaks
    assert leak.pattern.code == code

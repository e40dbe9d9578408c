"""The sentence about memory: what grew, what the survivors have of it, who has the rest."""

import pytest

from leakwatch import Report
from leakwatch.model import Leak, MemoryGrowth, RetentionPath, Root
from leakwatch_memory import describe, story

MIB = 1 << 20


def growth(**change):
    start = dict.fromkeys(change, 100 * MIB)
    return MemoryGrowth(start, {name: start[name] + value for name, value in change.items()})


def test_the_survivors_part_of_the_growth_is_a_share():
    assert describe(growth(rss=int(12.3 * MIB)), int(4.1 * MIB)) == (
        "RSS grew 12.3 MiB; the survivors retain 4.1 MiB of it (33 %)"
    )


def test_survivors_that_retain_more_than_the_growth_lie_in_older_memory():
    assert describe(growth(rss=2 * MIB), 5 * MIB) == (
        "RSS grew 2.0 MiB; the survivors retain 5.0 MiB, "
        "part of it in memory that the process had already"
    )


def test_growth_without_survivors_is_said_to_be_unexplained():
    assert describe(growth(rss=3 * MIB), 0) == "RSS grew 3.0 MiB; no survivor explains it"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(0, "RSS did not grow"), (-3 * MIB, "RSS shrank by 3.0 MiB")],
)
def test_memory_that_did_not_grow_is_said_so(change, sentence):
    assert describe(growth(rss=change), 0) == sentence
    assert describe(growth(rss=change), MIB) == f"{sentence}; the survivors retain 1.0 MiB"


@pytest.mark.parametrize("missing", [None, MemoryGrowth({}, {}), MemoryGrowth({"rss": 1}, {})])
def test_without_resident_memory_there_is_no_sentence(missing):
    assert describe(missing, MIB) == ""


def test_growth_in_malloc_beyond_the_survivors_is_native():
    change = growth(rss=20 * MIB, heap_used=15 * MIB, mmap_used=2 * MIB, python_blocks=10)
    assert describe(change, 2 * MIB).endswith(
        "; malloc has 17.0 MiB more in use: native memory or large buffers"
    )


def test_growth_in_neither_allocator_is_memory_that_was_freed_and_kept():
    change = growth(rss=20 * MIB, heap_used=0, mmap_used=0, python_blocks=10)
    assert "freed memory that the allocator keeps" in describe(change, 0)


def test_growth_in_small_blocks_is_python_s():
    change = growth(rss=20 * MIB, heap_used=0, mmap_used=0, python_blocks=200_000)
    assert describe(change, 0).endswith("; Python has 200,000 more small blocks in use")


def test_malloc_is_not_blamed_for_what_may_be_the_survivors_own_buffers():
    change = growth(rss=20 * MIB, heap_used=12 * MIB, mmap_used=0, python_blocks=0)
    assert describe(change, 10 * MIB) == (
        "RSS grew 20.0 MiB; the survivors retain 10.0 MiB of it (50 %)"
    )


def test_less_than_a_megabyte_is_not_worth_a_suspicion():
    change = growth(rss=MIB // 2, heap_used=0, mmap_used=0, python_blocks=0)
    assert describe(change, 0) == "RSS grew 0.5 MiB; no survivor explains it"


def test_the_story_of_a_report_counts_leaks_known_leaks_and_what_is_in_use():
    path = RetentionPath(Root("module global", "shop"), (), "shop.Session")
    leak = Leak("shop.Session", 1, None, 48, MIB, "0123456789ab", path)
    report = Report(
        "request", leaks=(leak,), known=(leak,), in_use=(leak,), memory=growth(rss=4 * MIB)
    )
    assert story(report) == "RSS grew 4.0 MiB; the survivors retain 3.0 MiB of it (75 %)"

"""The growth in parts: they add up, and none claims more than the figures prove."""

from hypothesis import given
from hypothesis import strategies as st

from leakwatch.model import MemoryGrowth
from leakwatch_memory.split import parts_of

MIB = 1 << 20


def growth(**change):
    start = dict.fromkeys(change, 100 * MIB)
    return MemoryGrowth(start, {name: start[name] + value for name, value in change.items()})


def sizes(memory, retained, released=None):
    return {part.name: part.size for part in parts_of(memory, retained, released)}


def test_survivors_come_first_and_malloc_has_the_rest():
    memory = growth(rss=99 * MIB, uss=30 * MIB, heap_used=20 * MIB, mmap_used=4 * MIB)
    assert sizes(memory, 10 * MIB) == {
        "Python objects": 10 * MIB,
        "native heap": 14 * MIB,
        "unexplained": 6 * MIB,
    }


def test_what_nobody_has_in_use_is_slack():
    memory = growth(rss=20 * MIB, heap_used=0, mmap_used=0, python_blocks=1024, shared=MIB)
    assert sizes(memory, 0) == {
        "mapped files and libraries": MIB,
        "allocator slack": 18 * MIB + MIB // 2,
        "unexplained": MIB // 2,
    }


def test_slack_that_was_asked_for_is_what_the_allocator_gave_back():
    memory = growth(rss=20 * MIB, heap_used=0, mmap_used=0, python_blocks=0)
    assert sizes(memory, 0, released=12 * MIB) == {
        "allocator slack": 12 * MIB,
        "unexplained": 8 * MIB,
    }


def test_leakwatch_s_own_notes_are_not_native_memory_of_the_program():
    memory = growth(rss=10 * MIB, heap_used=6 * MIB, leakwatch_bytes=6 * MIB, leakwatch_looks=MIB)
    assert sizes(memory, 0) == {"leakwatch itself": 7 * MIB, "unexplained": 3 * MIB}


def test_a_process_that_shrank_has_no_parts():
    assert sizes(growth(rss=-MIB, heap_used=5 * MIB), 3 * MIB) == {}


FIGURES = ("rss", "heap_used", "python_blocks", "shared", "leakwatch_bytes")
number = st.integers(-(1 << 34), 1 << 34)


@given(st.fixed_dictionaries(dict.fromkeys(FIGURES, number)), st.integers(0, 1 << 34), number)
def test_the_parts_are_positive_and_add_up(change, retained, released):
    found = parts_of(growth(**change), retained, released if released > 0 else None)
    assert all(part.size > 0 for part in found)
    assert sum(part.size for part in found) == max(0, change["rss"])

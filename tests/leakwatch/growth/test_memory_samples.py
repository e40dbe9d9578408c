"""Figures taken between runs: whether an allocator has more in use from part to part of a round."""

from types import SimpleNamespace

import pytest

from leakwatch.growth.memory_samples import OWN, MemorySamples
from leakwatch.model import MemoryGrowth


class FakeHost(SimpleNamespace):
    """A session whose figures are set by the test."""

    def open(self, name, *, thorough):
        return {}

    def progress(self, text):
        pass

    def figures(self, start, *, thorough=False):
        return MemoryGrowth(dict(self.now), dict(self.now))


def rising(*rounds, figure="python_blocks"):
    """Whether these values look so, a round after the other, with a look after each run."""
    host = FakeHost(now={})
    samples, runs = MemorySamples(host, "work"), 0
    for values in rounds:
        samples.next_round(runs + len(values), 1_000)
        for value in values:
            runs += 1
            host.now = {} if value is None else {"heap_used": 0, "mmap_used": 0, figure: value}
            samples.look(runs, 0, 0)
    return samples.rising()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 1, 2, 3), True),
        ((9, 1, 2, 3), True),
        ((0, 1, 1, 1), False),
        ((0, 3, 2, 4), False),
        ((0, 1, 9, 2, 8, 3, 9), True),
        ((0, 1, None, 2, 3), True),
        ((0, 1, None, None, 2), False),
        ((0, 1), False),
        ((0, *range(100, 110)), True),
        ((0, *(run // 10 for run in range(60))), False),
    ],
)
def test_small_blocks_rise_where_the_least_of_each_part_is_more(values, expected):
    assert rising(values) is expected


def test_only_the_last_round_counts():
    assert not rising((1, 2, 3, 4), (5, 5, 5, 5))
    assert rising((5, 5, 5, 5), (6, 7, 8, 9))
    assert not rising()


def test_bytes_of_malloc_rise_from_a_little_for_each_run_on():
    assert rising((0, 1_000, 2_000, 3_000), figure="heap_used")
    assert rising((0, 1_000, 2_000, 3_000), figure="mmap_used")
    assert not rising((0, 10, 20, 30), figure="heap_used")


def test_the_arrays_of_the_samples_count_as_leakwatch_s_own():
    host = FakeHost(now={"heap_used": 0})
    samples = MemorySamples(host, "work")
    samples.next_round(100, 1_000)
    for run in range(100):
        samples.look(run, 7, 0)
    samples.end_round(7)
    growth = samples.growth()
    assert growth.end[OWN] > 7 + 100 * 8 * len(growth.samples[-1].figures)

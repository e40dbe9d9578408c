"""What is still in flight when a task ends, and is given back later, is no growth of it."""

from dataclasses import replace

import pytest

from leakwatch.compare.group import grouped
from leakwatch.compare.in_flight import without_given_back
from leakwatch.model import Leak, MemoryGrowth, RetentionPath, Root
from leakwatch.report import Report

LEAK = Leak(
    "shop.Index", 1, None, 96, 20_000, "0123456789ab",
    RetentionPath(Root("module global", "shop"), (), "shop.Index"),
)  # fmt: skip


class Worker:
    """A process whose tasks follow each other."""

    def __init__(self):
        self.level = {"heap_used": 1_000_000, "python_blocks": 50_000, "gc_collections": 0}
        self.lines = []

    def run(self, name, after=0, *, leaks=(), **changes):
        """A run that changes figures; `after` is what malloc's then changes by before the next."""
        start = dict(self.level)
        for figure, change in changes.items():
            self.level[figure] += change
        self.level["gc_collections"] += 1
        report = Report(name, leaks=leaks, memory=MemoryGrowth(start, dict(self.level)))
        self.lines.append((name, "1.jsonl", report))
        self.level["heap_used"] += after

    def growth(self, name):
        return grouped(self.lines)[name].report().memory.change


def test_what_goes_before_the_next_run_begins_is_not_counted():
    worker = Worker()
    for _ in range(10):
        worker.run("shop.price", heap_used=2_064, after=-2_064)
    assert worker.growth("shop.price")["heap_used"] == 2_064  # the last one's, nobody came after


def test_what_a_process_takes_between_two_runs_is_nobody_s():
    worker = Worker()
    for _ in range(10):
        worker.run("shop.price", heap_used=100, after=500)
    assert worker.growth("shop.price")["heap_used"] == 1_000


def test_garbage_that_a_collection_in_another_task_takes_is_no_growth_of_the_one_that_made_it():
    worker = Worker()
    for _ in range(10):
        worker.run("shop.fail", heap_used=20_000, python_blocks=6_000)
        worker.run("shop.index", heap_used=18_000 - 20_000, python_blocks=-6_000, leaks=(LEAK,))
    assert worker.growth("shop.fail")["heap_used"] == 0
    assert worker.growth("shop.fail")["python_blocks"] == 0


def test_objects_that_leak_elsewhere_do_not_hide_what_stays():
    worker = Worker()
    for _ in range(10):
        worker.run("shop.index", heap_used=8_000, leaks=(LEAK,))
        worker.run("shop.native", heap_used=5_000)
    assert worker.growth("shop.native")["heap_used"] == pytest.approx(50_000, rel=0.1)


def test_what_stays_in_the_process_remains_growth_of_the_task():
    worker = Worker()
    for _ in range(10):
        worker.run("shop.native", heap_used=5_000)
        worker.run("shop.price", heap_used=0)
    assert worker.growth("shop.native")["heap_used"] == pytest.approx(50_000, rel=0.1)


@pytest.mark.parametrize("order", [None, 3])
def test_the_figures_of_runs_that_overlap_say_nothing_of_each_other(order):
    memory = MemoryGrowth({"heap_used": 10}, {"heap_used": 20, "gc_collections": 5})
    after = {"heap_used": 12} if order is None else {"heap_used": 12, "gc_collections": order}
    assert without_given_back(memory, after) == memory
    behind = {"heap_used": 12, "gc_collections": 5}
    assert without_given_back(memory, behind).change == {"heap_used": 2}


def test_no_more_is_given_back_than_was_taken():
    memory = MemoryGrowth(
        {"heap_used": 10, "fds": 3}, {"heap_used": 20, "fds": 4, "gc_collections": 5}
    )
    after = {"heap_used": 2, "fds": 3, "gc_collections": 6}
    assert without_given_back(memory, after).change == {"heap_used": 0, "fds": 1}
    shrunk = replace(memory, end={**memory.end, "heap_used": 5})
    assert without_given_back(shrunk, after).change == {"heap_used": -5, "fds": 1}

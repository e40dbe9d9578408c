"""Whatever a program does with its collector in a scope, and however that ends, is not undone.

In a child forked in the middle of a scope, the heap is the child's own from its first line.
"""

import pytest

from tests.heaps import ROOT, environment
from tests.leakwatch.collector_state import BEFORE, INSIDE, USES
from tests.nursery import run_forked


def collector_after(*case: str) -> None:
    run_forked(
        "tests.leakwatch.collector_state:run", *case, environment=environment(), cwd=str(ROOT)
    )


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("use", USES)
def test_the_collector_is_what_the_program_made_of_it(use, before, inside):
    collector_after(use, before, inside, "os.fork")


@pytest.mark.parametrize("use", USES)
def test_a_child_of_multiprocessing_has_its_own_heap(use):
    collector_after(use, "enabled", "nothing", "multiprocessing")

"""Whatever a program does with its collector in a scope, and however that ends, is not undone.

In a child forked in the middle of a scope, the heap is the child's own from its first line.
"""

import pytest

from tests.heaps import run_python
from tests.leakwatch.guest.collector_state import USES


@pytest.mark.parametrize("use", USES)
def test_the_collector_is_what_the_program_made_of_it(use):
    # A process that has imported no more than this: every case collects its heap several times.
    run_python("-c", f"from tests.leakwatch.guest.collector_state import run; run({use!r})")

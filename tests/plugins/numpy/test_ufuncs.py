"""The tables of ufuncs are told by what is in them, and nothing else is taken for one."""

import pytest

from leakwatch_numpy.ufuncs import ufunc_loops
from tests.heaps import run_python

numpy = pytest.importorskip("numpy")


def test_the_loops_that_numpy_keeps_are_known():
    # No collection: numpy 2.5 has dicts of them, of which CPython before 3.14 loses sight in one.
    run_python(
        "-c",
        """
import gc; gc.disable()
import numpy
from leakwatch_numpy.ufuncs import LOOPS, ufunc_loops
numpy.add(1, 2)
found = [it for it in gc.get_objects() if type(it) in {list, dict} and ufunc_loops(it)]
assert ufunc_loops(found[0]) == LOOPS
loop = found[0][0] if type(found[0]) is list else next(iter(found[0].values()))
assert ufunc_loops([None, loop]) == ufunc_loops({"dd->d": loop}) == LOOPS
""",
    )


@pytest.mark.parametrize("other", [[], {}, [(1, 2)], {1: (numpy.add, numpy.add)}, ((1, 2),)])
def test_another_container_is_none(other):
    assert ufunc_loops(other) is None

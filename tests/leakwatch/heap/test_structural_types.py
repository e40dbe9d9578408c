"""What is part of how other objects are held is never the leak itself."""

import functools
from types import FunctionType

from numpy.random import default_rng

from leakwatch.heap.structural_types import is_compiled_function, is_plumbing


class Callback:
    def __call__(self): ...


def test_a_function_of_compiled_code_is_as_one_of_python_is():
    kind = type(default_rng)
    assert kind is not FunctionType
    assert is_compiled_function(kind)
    assert is_plumbing(kind)


def test_other_callables_are_no_functions():
    assert not is_compiled_function(Callback)
    assert not is_compiled_function(type)
    assert not is_compiled_function(functools.partial)

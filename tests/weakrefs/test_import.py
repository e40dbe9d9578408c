"""The package gives every name, and imports a container when it is first asked for."""

import pytest

import weakrefs
from tests.heaps import run_python


def test_importing_the_package_imports_no_container():
    lines = """
import sys, weakrefs
before = {name for name in sys.modules if name.startswith("weakrefs.")}
weakrefs.WeakSet
after = {name for name in sys.modules if name.startswith("weakrefs.")}
print("weakrefs.weak_set" in before, "weakrefs.weak_set" in after, "WeakSet" in vars(weakrefs))
"""
    assert run_python("-c", lines) == "False True True\n"


def test_every_public_name_is_there_and_listed():
    assert set(weakrefs.__all__) <= set(dir(weakrefs))
    for name in weakrefs.__all__:
        assert getattr(weakrefs, name) is not None
    assert set(weakrefs.HOMES) < set(weakrefs.__all__)


def test_a_name_that_is_not_there_is_named():
    with pytest.raises(AttributeError, match="module 'weakrefs' has no attribute 'WeakDict'"):
        _ = weakrefs.WeakDict

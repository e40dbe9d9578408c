import _weakref
import subprocess
import sys

import pytest

import weakrefs
from weakrefs.references import DEAD, keyed_ref


class Node:
    pass


def test_references_and_proxies_are_the_interpreters_own():
    functions = ["ref", "proxy", "getweakrefcount", "getweakrefs", "_remove_dead_weakref"]
    for name in [*functions, "ReferenceType", "ProxyType", "CallableProxyType"]:
        assert getattr(weakrefs, name) is getattr(_weakref, name)
    assert weakrefs.ProxyTypes == (weakrefs.ProxyType, weakrefs.CallableProxyType)
    assert weakrefs.ReferenceError is ReferenceError


def test_the_standard_module_is_not_imported():
    program = "import sys, weakrefs; print('weakref' in sys.modules)"
    command = [sys.executable, "-S", "-c", program]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert output == "False\n"


def test_every_name_of_the_standard_module_is_there():
    import weakref

    assert set(weakref.__all__) <= set(weakrefs.__all__)


def test_a_keyed_reference_remembers_its_key():
    node, seen = Node(), []
    reference = weakrefs.KeyedRef(node, seen.append, "a")
    assert (reference.key, reference()) == ("a", node)
    del node
    assert seen == [reference]


def test_the_fast_constructor_makes_the_same_thing():
    node, seen = Node(), []
    reference = keyed_ref("a", node, seen.append)
    assert type(reference) is weakrefs.KeyedRef
    assert (reference.key, reference()) == ("a", node)
    assert reference.__callback__ == seen.append


def test_the_fast_constructor_names_the_remedy():
    with pytest.raises(TypeError, match="class MyList"):
        keyed_ref("a", [], print)


def test_the_dead_reference_is_dead():
    assert DEAD() is None

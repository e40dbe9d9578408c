"""A dict is asked for a name at once only where no key of it can be the program's."""

import pytest

from leakwatch.heap.fields import _PLAIN, entry
from tests.heaps import run_python

SIZES = (5, 85, 170, 682, 1365, 2730, 10_922)
"""Numbers of entries that fill a table, as many as `sys.modules` of a large program has too."""


class Name(str):
    """A key as a program may have it: whether it is another one is for it to say."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other):
        raise AssertionError("a key was asked")


@pytest.mark.parametrize("number", SIZES)
def test_the_size_of_a_table_tells_whether_its_keys_are_exact_strings(number):
    assert dict.__sizeof__(dict.fromkeys(map(str, range(number)))) in _PLAIN
    for other in (Name("0"), 0, None):
        table: dict[object, None] = {other: None}
        table.update(dict.fromkeys(map(str, range(1, number))))
        assert dict.__sizeof__(table) not in _PLAIN


@pytest.mark.parametrize("number", SIZES)
def test_a_key_of_a_subclass_is_not_asked_for_its_equal(number):
    table: dict[str, int] = dict.fromkeys(map(str, range(1, number)), 1)
    table[Name("0")] = 2
    assert entry(table, "0") == 2
    assert entry(table, "1") == 1
    assert entry(table, "x") is None


def test_a_type_that_was_never_made_ready_has_no_bases():
    pytest.importorskip("_testcapi")
    lines = """
import _testcapi, gc
from leakwatch.heap.fields import READY, bases, flags
kinds = {id(cls): cls for cls in map(type, gc.get_objects())}
kinds |= {id(it): it for it in vars(_testcapi).values() if isinstance(it, type)}
assert all(bases(cls) for cls in kinds.values() if flags(cls) & READY and cls is not object)
print({bases(cls) for cls in kinds.values() if not flags(cls) & READY} <= {()})
"""
    assert run_python("-c", lines) == "True\n"

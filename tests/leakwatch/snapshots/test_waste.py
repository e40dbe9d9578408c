"""What memory could be won: each sort is found where it was made, and costs what it is said to."""

import sys

import pytest

import leakwatch
from leakwatch.snapshots.waste import Waste, spare
from tests.heaps import run_python

PROGRAM = """
import leakwatch, sys
class Row:
    def __init__(self, number):
        self.name = "".join(("a name that many ", "rows have"))
        self.tags = []
class Point:
    def __init__(self, x): self.x = x
ROWS = [Row(n) for n in range(100)]
POINTS = [Point([n]) for n in range(50)]
for point in POINTS:
    vars(point)
SPARSE = [dict.fromkeys(range(1000)) for _ in range(3)]
for table in SPARSE:
    for key in range(2, 1000):
        del table[key]
del table, point
leakwatch.snapshot(sys.argv[1])
"""


@pytest.fixture(scope="module", params=["0", "1"])
def found(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("heap") / "a.lwheap"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEAKWATCH_PURE", request.param)
        run_python("-c", PROGRAM, str(path))
    assert b"many rows have" not in path.read_bytes()
    rows = leakwatch.Snapshot.load(path).duplicates()
    assert [it.bytes for it in rows] == sorted((it.bytes for it in rows), reverse=True)
    return {(it.waste, it.type_name, it.held_by): it for it in rows}


def test_equal_strings_cost_all_but_one(found):
    text = "a name that many rows have"
    row = next(it for key, it in found.items() if key[0] is Waste.EQUAL and it.count >= 99)
    assert row.type_name == "builtins.str"
    assert row.bytes >= 99 * sys.getsizeof(text)


def test_empty_lists_are_told_with_the_attribute_that_holds_them(found):
    pure = found.get((Waste.EMPTY, "builtins.list", "builtins.dict[*]"))
    row = found.get((Waste.EMPTY, "builtins.list", "__main__.Row.tags"), pure)
    assert (row.count, row.bytes) == (100, 100 * sys.getsizeof([]))


def test_a_dict_that_was_emptied_keeps_its_room(found):
    rows = [it for key, it in found.items() if key[:2] == (Waste.SPARSE, "builtins.dict")]
    (row,) = [it for it in rows if it.held_by == "builtins.list[*]"]
    assert row.count == 3
    assert row.bytes == 3 * (sys.getsizeof(dict.fromkeys(range(1000))) - sys.getsizeof({1: 1}))


@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="such an instance does not show its dict to the collector"
)
def test_a_dict_for_one_attribute_costs_more_than_a_slot(found):
    row = found[Waste.SLOTS, "__main__.Point", ""]
    assert row.count == 50
    assert row.bytes > 50 * 64


@pytest.mark.parametrize("length", [1, 5, 6, 100, 1000])
def test_a_dict_that_is_as_large_as_it_must_be_has_nothing_to_spare(length):
    for keys in (map(str, range(length)), range(length)):
        assert spare(sys.getsizeof(dict.fromkeys(keys)), length) == 0


def test_a_dict_of_another_layout_is_left_alone():
    assert spare(12345, 1) == 0

"""What groups of objects retain: each object is counted once for each group that it lies within."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leakwatch
from leakwatch.errors import ConfigurationError
from leakwatch.snapshots import grouped
from tests.heaps import run_python

NATIVE = "leakwatch.snapshots._columns_native"
GROUPS = 3


@st.composite
def trees(draw):
    """Dominators, groups and retained sizes; object n has 2 ** n bytes."""
    count = draw(st.integers(1, 12))
    above = [draw(st.integers(-1, number - 1)) for number in range(count)]
    groups = draw(
        st.lists(
            st.sampled_from([*range(GROUPS), grouped.INHERITED]), min_size=count, max_size=count
        )
    )
    retained = [1 << number for number in range(count)]
    for number in reversed(range(count)):
        if above[number] >= 0:
            retained[above[number]] += retained[number]
    return above, groups, retained


def columns(tree):
    above, groups, retained = tree
    sizes = array("I", [1 << number for number in range(len(above))])
    none = array("I", [0]) * len(above)
    return array("i", above), array("Q", retained), sizes, none, array("I", groups), GROUPS


def chain(above, number):
    while number >= 0:
        yield number
        number = above[number]


@given(trees())
def test_a_group_retains_what_lies_within_any_of_its_objects(tree):
    above, groups, _ = tree
    owner = [
        next((groups[it] for it in chain(above, n) if groups[it] != grouped.INHERITED), 0)
        for n in range(len(above))
    ]
    totals = array("Q", grouped.group_totals(*columns(tree)))
    for group in range(GROUPS):
        own = [n for n in range(len(above)) if owner[n] == group]
        within = [n for n in range(len(above)) if any(owner[it] == group for it in chain(above, n))]
        expected = [sum(1 << n for n in within), sum(1 << n for n in own), len(own)]
        assert totals[3 * group : 3 * group + 3].tolist() == expected


@given(trees())
def test_c_and_python_add_up_the_same(tree):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    assert native.group_totals(*columns(tree)) == grouped.group_totals(*columns(tree))


@pytest.mark.parametrize("harm", [0, 1, 2, 3, 4, 5])
def test_columns_that_do_not_fit_together_are_refused_in_c(harm):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    found = [*columns(([-1, 0], [0, 1], [3, 2]))]
    assert native.group_totals(*found)
    found[harm] = 0 if harm == 5 else array(found[harm].typecode, [7])
    with pytest.raises(ValueError, match="not those of a heap"):
        native.group_totals(*found)


PROGRAM = """
import importlib.util, sys
spec = importlib.util.spec_from_loader("shop", None)
shop = sys.modules["shop"] = importlib.util.module_from_spec(spec)
exec('''
class Cart:
    def __init__(self): self.lines = [Line() for _ in range(50)]
class Line:
    def __init__(self): self.text = str(id(self)) * 40
CARTS = {n: Cart() for n in range(100)}
''', vars(shop))
import leakwatch
leakwatch.snapshot(sys.argv[1])
"""


@pytest.fixture(scope="module")
def heap(tmp_path_factory):
    path = tmp_path_factory.mktemp("heap") / "a.lwheap"
    run_python("-c", PROGRAM, str(path))
    return leakwatch.Snapshot.load(path)


def test_a_module_owns_its_instances_and_the_builtin_containers_in_them(heap):
    rows = {row.name: row for row in heap.retained_by("module")}
    shop = rows["shop"]
    assert shop.count > 100 + 100 * 50 + 100
    assert shop.retained_bytes >= shop.bytes > 100 * 50 * 600
    assert sum(row.count for row in rows.values()) == heap.objects
    by_package = {row.name: row for row in heap.retained_by("distribution")}
    assert by_package["shop"] == shop


def test_a_type_retains_what_its_objects_do(heap):
    rows = {row.name: row for row in heap.retained_by("type")}
    assert rows["shop.Cart"].count == 100
    assert rows["shop.Cart"].retained_bytes > rows["shop.Line"].retained_bytes > 100 * 50 * 600
    assert rows["shop.Cart"].bytes < 100 * 100


def test_another_grouping_is_refused(heap):
    with pytest.raises(ConfigurationError, match="expected one of type, module, distribution"):
        heap.retained_by("colour")


def test_a_root_retains_what_it_leads_to(heap):
    rows = heap.roots(top=10_000)
    (row,) = [it for it in rows if it.label == "shop"]
    assert row.kind == "module global"
    assert row.retained_bytes > 100 * 50 * 600
    assert [it.retained_bytes for it in rows] == sorted(
        (it.retained_bytes for it in rows), reverse=True
    )


def test_a_report_tells_what_holds_the_types_that_take_most(heap):
    report = heap.report()
    assert {str(it.cause) for it in report.leaks} == {"shop.CARTS[*]"}
    (leak,) = report.leaks
    assert leak.type_name == "shop.Cart"
    assert leak.retained_bytes > 100 * 50 * 600

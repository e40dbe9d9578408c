"""Retained sizes are what would go: each is checked against a search without the object."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leakwatch
from leakwatch.snapshots import retained

PURE = retained.find_dominated
NATIVE = "leakwatch.snapshots._columns_native"


@pytest.fixture(scope="module", params=["native", "pure"])
def find_dominated(request):
    if request.param == "pure":
        return PURE
    return pytest.importorskip(NATIVE, exc_type=ImportError).find_dominated


def columns(count, links, roots, *, hidden=(), reached=None):
    """As much of a file as is computed with; object n has 2 ** n bytes."""
    held = [[end for start, end in links if start == number] for number in range(count)]
    offsets = array("I", [0])
    for targets in held:
        offsets.append(offsets[-1] + len(targets))
    given = retained.Columns(
        offsets,
        array("I", [it for targets in held for it in targets]),
        array("I", [holder for holder, _ in hidden]),
        array("I", [target for _, target in hidden]),
        array("I", roots),
        array("I", [1 << number for number in range(count)]),
        array("I", [0]) * count,
    )
    return given, count if reached is None else reached


def answers(found):
    dominators, sizes = found
    return array("i", dominators), array("Q", sizes)


def reachable(links, roots, without=None):
    seen = set()
    queue = [root for root in roots if root != without]
    for number in queue:
        if number not in seen:
            seen.add(number)
            queue += [end for start, end in links if start == number and end != without]
    return seen


@given(st.integers(1, 14), st.data())
def test_an_object_retains_what_is_reached_through_it_alone(find_dominated, count, data):
    numbers = st.integers(0, count - 1)
    links = data.draw(st.lists(st.tuples(numbers, numbers), max_size=40))
    hidden = data.draw(st.lists(st.tuples(numbers, numbers), max_size=4))
    roots = data.draw(st.lists(numbers, min_size=1, max_size=4))
    everything = reachable([*links, *hidden], roots)
    # What no root leads to is asked for elsewhere: here each such object is a root.
    roots += sorted(set(range(count)) - everything)
    dominators, sizes = answers(find_dominated(*columns(count, links, roots, hidden=hidden)))
    for number in range(count):
        gone = set(range(count)) - reachable([*links, *hidden], roots, without=number)
        assert sizes[number] == sum(1 << it for it in gone), number
        assert all(number == it or dominators[it] in gone for it in gone)


@given(st.integers(1, 30), st.data())
def test_c_and_python_find_the_same(count, data):
    native = pytest.importorskip(NATIVE, exc_type=ImportError).find_dominated
    numbers = st.integers(0, count - 1)
    pairs = st.lists(st.tuples(numbers, numbers), max_size=90)
    reached = data.draw(st.integers(0, count))
    roots = data.draw(st.lists(numbers, max_size=4))
    given = columns(count, data.draw(pairs), roots, hidden=data.draw(pairs), reached=reached)
    assert native(*given) == PURE(*given)


def test_what_no_root_leads_to_retains_what_it_holds(find_dominated):
    given = columns(4, [(1, 2), (2, 3), (3, 2)], [0], reached=1)
    dominators, sizes = answers(find_dominated(*given))
    assert dominators.tolist() == [-1, -1, 1, 2]
    assert sizes.tolist() == [1, 2 + 4 + 8, 4 + 8, 8]


def test_a_chain_of_a_hundred_thousand_needs_no_stack(find_dominated):
    count = 100_000
    offsets = array("I", [*range(count), count - 1])
    ones, none = array("I", [1]) * count, array("I")
    links = (offsets, array("I", range(1, count)))
    given = retained.Columns(*links, none, none, array("I", [0]), ones, ones)
    _, sizes = answers(find_dominated(given, count))
    assert sizes.tolist() == [2 * (count - number) for number in range(count)]


HARM = [
    *(("offsets", it) for it in ([], [9], [0, 9, 1, 2], [0, 1, 1, 1], [1, 1, 1, 2])),
    *((name, [9]) for name in ("targets", "holders", "held", "roots")),
    *(("targets", []), ("held", []), ("sizes", []), ("sizes", [1]), ("atoms", [1] * 4)),
]


@pytest.mark.parametrize(("name", "harm"), HARM)
def test_columns_that_do_not_fit_together_are_refused_in_c(name, harm):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    given, reached = columns(3, [(0, 1), (1, 2)], [0], hidden=[(0, 2)])
    assert native.find_dominated(given, reached)
    for wrong, most in ((given._replace(**{name: array("I", harm)}), reached), (given, 4)):
        with pytest.raises(ValueError, match="not those of a heap"):
            native.find_dominated(wrong, most)


class Box:
    pass


def test_what_only_one_object_holds_is_in_its_size(tmp_path):
    box = Box()
    box.lists = [[str(number) * 50] for number in range(1000)]
    globals()["kept"] = box
    try:
        leakwatch.snapshot(tmp_path / "a.lwheap")
    finally:
        del globals()["kept"]
    rows = leakwatch.Snapshot.load(tmp_path / "a.lwheap").retained(top=100_000)
    found = [row for row in rows if row.type_name == f"{Box.__module__}.Box"]
    assert [row.place for row in found] == [f"{Box.__module__}.kept"]
    assert 200_000 < found[0].retained_bytes < 400_000
    assert [row.retained_bytes for row in rows] == sorted(
        (row.retained_bytes for row in rows), reverse=True
    )

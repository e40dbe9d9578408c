"""The graph as arrays: C and Python write the same numbers, and each reference has its name."""

import sys
from array import array
from collections import OrderedDict, defaultdict
from importlib import import_module
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakwatch.heap import _edges_pure, _walk_pure
from leakwatch.heap.edges import INDEX, TEXTS, Name
from leakwatch.heap.objects import ATOMS, type_name
from leakwatch.paths.names.references import NAMERS
from leakwatch.snapshots.naming import Names, Planner, References

try:
    _walk_native = import_module("leakwatch.heap._walk_native")
except ImportError:
    _walk_native = None

needs_native = pytest.mark.skipif(not _walk_native, reason="no compiler at installation")


class Node:
    pass


class Slotted:
    __slots__ = ("first", "second")


class Table(dict):
    pass


class Row(list):
    pass


def columns_of(walks, edges_of, root, keys="masked", *, notes=False, after_walk=list):
    """The columns of all that an object leads to, and the names in them as texts."""
    # Without classes: from one of them, all that the interpreter has is reached.
    graph = walks.HeapGraph([], ATOMS | {id(type)}, 1_000_000, 60.0, notes=notes)
    graph.expand([graph.add(root, -1)], into_leaves=False)
    after_walk()
    names = Names(keys)
    planner, references = Planner(names, ()), References(names, NAMERS)
    naming = (planner.plan, references.named, names.of_key, names.of_any_key, 4711)
    columns = {key: array("I", found) for key, found in edges_of(graph, 0, [], naming).items()}
    texts = texts_of(names)
    shown = [f"[{it - INDEX}]" if it >= INDEX else texts[it] for it in columns.pop("edges.name")]
    kinds = [type_name(planner.types[kind]) for kind in columns.pop("objects.type")]
    graph.close()
    return columns, shown, kinds


BOTH = [
    pytest.param(_walk_pure, _edges_pure, id="pure"),
    pytest.param(_walk_native, _walk_native, id="native", marks=needs_native),
]


@pytest.mark.parametrize(("walks", "edges"), BOTH)
def test_of_two_attributes_with_one_value_that_names_it_which_was_set_first(walks, edges):
    class Pair:
        pass

    other, pair, held = Pair(), Pair(), [1]
    other.first = other.second = None  # the order of the class
    pair.second = pair.first = held
    _, names, _ = columns_of(walks, edges.edges_of, [other, pair])
    assert [it for it in names if it in {".first", ".second"}] == [".second", ".second"]


@needs_native
@pytest.mark.parametrize("keys", ["masked", "none"])
def test_what_the_walk_has_noted_changes_no_column(keys):
    root = heap_of(range(len(KINDS)), [(start, 3 * start + 1) for start in range(40)])
    asked = _walk_native, _walk_native.edges_of, root, keys
    assert columns_of(*asked, notes=True) == columns_of(*asked)


@needs_native
def test_what_has_changed_since_the_walk_is_written_as_it_is():
    def one_way(walks, edges_of):
        first, second, third = Node(), Node(), Node()
        row = [first, second, third]
        root = [row, {"a": first, "b": row}, Slotted()]

        def change():
            row[:] = [third, "text", first, first]
            root[1]["c"] = third
            root[2].first = root[1]
            del root[1]["a"]

        return columns_of(walks, edges_of, root, notes=True, after_walk=change)

    native = one_way(_walk_native, _walk_native.edges_of)
    assert native == one_way(_walk_pure, _edges_pure.edges_of)


def texts_of(names):
    columns = names.columns()
    at = array("I", columns["names.offset"])
    text = columns["names.text"]
    return [text[start:end].decode() for start, end in pairwise(at)]


KINDS = [Node, Slotted, list, dict, set, Table, Row, OrderedDict, lambda: defaultdict(list)]


def hold(holder, held, number):
    if isinstance(holder, dict):
        holder[f"key{number}"] = held
    elif isinstance(holder, list):
        holder.append(held)
    elif isinstance(holder, set):
        holder.add(id(held)) if held.__hash__ is None else holder.add(held)
    elif isinstance(holder, Slotted):
        setattr(holder, Slotted.__slots__[number % 2], held)
    else:
        setattr(holder, f"field{number % 9}", held)


def heap_of(kinds, links):
    objects = [KINDS[kind]() for kind in kinds]
    for number, (start, end) in enumerate(links):
        hold(objects[start % len(objects)], objects[end % len(objects)], number)
    return objects


@needs_native
@settings(deadline=None)
@given(
    st.lists(st.integers(0, len(KINDS) - 1), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40),
)
def test_both_write_the_same_columns(kinds, links):
    heap = heap_of(kinds, links)
    native = columns_of(_walk_native, _walk_native.edges_of, heap, notes=True)
    assert native == columns_of(_walk_pure, _edges_pure.edges_of, heap)


@pytest.mark.parametrize(("walks", "edges"), BOTH)
def test_references_have_the_names_that_python_writes(walks, edges):
    node, slotted, table = Node(), Slotted(), Table()
    node.owner, slotted.second, table["cart"], table.notes = [[]], [[[]]], {}, ()
    _, names, _ = columns_of(walks, edges.edges_of, [node, slotted, table, {7: []}])
    assert {".owner", ".second", "['cart']", "[7]"} <= set(names)


def test_the_names_stand_at_their_numbers():
    assert len(TEXTS) == len(Name)
    assert [TEXTS[it] for it in (Name.KEY, Name.NAMESPACE, Name.CLOSURE)] == [
        *(".<key>", ".__dict__", ".__closure__")
    ]


@pytest.mark.parametrize(("walks", "edges"), BOTH)
def test_the_values_that_only_an_object_holds_are_in_its_figures(walks, edges):
    (columns, _, _), alone = columns_of(walks, edges.edges_of, ["x" * 5000 + str(id(walks))]), 5000
    assert columns["objects.atoms"][0] > alone
    assert columns["objects.length"][0] == 1


def copies_of(text, count):
    """As many strings that are equal and none of which is another."""
    return [f"{text} again" for _ in range(count)]


@pytest.mark.parametrize(("walks", "edges"), BOTH)
def test_equal_values_are_counted_once_each_and_never_written(walks, edges):
    shared = f"shared by {len(BOTH)}"
    heap = [
        copies_of("equal", 5),
        [bytes(bytearray(b"equal again")) for _ in range(3)],
        [shared, shared],
        [shared, "only one"],
        copies_of("equal \u20ac", 2),
    ]
    columns, _, _ = columns_of(walks, edges.edges_of, heap)
    sizes = [sys.getsizeof(it[0]) for it in (heap[4], heap[1], heap[0])]
    assert columns["equal.copies"].tolist() == [2, 3, 5]  # items are shown from the last on
    assert columns["equal.bytes"].tolist() == sizes
    lists = [it for it in range(1, 6) if columns["objects.length"][it] in {5, 3, 2}]
    assert set(columns["equal.holder"]) <= set(lists)


@needs_native
@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=3) | st.binary(max_size=3)), max_size=8))
def test_both_find_the_same_values_equal(lists):
    heap = [[it + type(it)() for it in inner] for inner in lists]
    native, _, _ = columns_of(_walk_native, _walk_native.edges_of, heap)
    pure, _, _ = columns_of(_walk_pure, _edges_pure.edges_of, heap)
    assert native == pure


@pytest.mark.parametrize(("walks", "edges"), BOTH)
def test_thousands_of_values_are_told_apart(walks, edges):
    heap = [[f"value {n % 3000}" for n in range(9000)]]
    columns, _, _ = columns_of(walks, edges.edges_of, heap)
    assert columns["equal.copies"].tolist() == [3] * 3000

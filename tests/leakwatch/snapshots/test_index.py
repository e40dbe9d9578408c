"""To look around in a heap: rows, ways, dominators and owners fit what the program had made."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leakwatch
from leakwatch.snapshots.holders import places_of


class Shelf:
    def __init__(self):
        self.parcels = {}


class Parcel:
    def __init__(self, number):
        self.labels = [f"label {number} {text}" for text in range(number)]
        self.self = self


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    file = tmp_path_factory.mktemp("heap") / "a.lwheap"
    globals()["shelf"] = Shelf()
    shelf.parcels.update({f"u{number}": Parcel(number) for number in range(30)})  # noqa: F821
    try:
        leakwatch.snapshot(file)
    finally:
        del globals()["shelf"]
    return leakwatch.Snapshot.load(file).index


def name_of(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


def only(index, cls):
    (found,) = index.instances(name_of(cls))
    return found


def test_instances_come_by_what_they_retain_and_page_by_page(index):
    parcels = index.instances(name_of(Parcel))
    assert len(parcels) == 30
    sizes = [it.retained_bytes for it in parcels]
    assert sizes == sorted(sizes, reverse=True)
    assert index.instances(name_of(Parcel), first=10, count=5) == parcels[10:15]
    assert index.instances("no.such.Type") == ()


def test_references_have_names_and_lead_both_ways(index):
    shelf = only(index, Shelf)
    (parcels,) = [it.object for it in index.references(shelf.number) if it.name == ".parcels"]
    assert (parcels.type_name, parcels.length) == ("builtins.dict", 30)
    entries = index.references(parcels.number)
    assert {it.name for it in entries} == {f"['u{number}']" for number in range(30)}
    assert index.references(parcels.number, first=7, count=2) == entries[7:9]
    one = next(it.object for it in entries if it.name == "['u7']")
    held_by = index.referrers(one.number)
    assert {(it.name, it.object.number) for it in held_by} == {
        ("['u7']", parcels.number),
        (".self", one.number),
    }
    assert index.referrers(one.number, first=1) == held_by[1:]


def test_every_reference_is_found_from_its_other_end(index):
    for number in range(0, len(index), len(index) // 100):
        for link in index.references(number, count=2):
            back = index.referrers(link.object.number, count=1_000)
            assert len(back) == 1_000 or number in {it.object.number for it in back}


def test_the_way_names_each_reference_with_what_it_leads_to(index):
    parcel = index.instances(name_of(Parcel))[0]
    way = index.way(parcel.number)
    assert (way.root, way.label) == ("module global", __name__)
    assert [it.name for it in way.links] == [".shelf", ".parcels", "['u29']"]
    assert [it.object.type_name for it in way.links][::2] == [name_of(Shelf), name_of(Parcel)]
    assert way.expression == f"{__name__}.shelf.parcels['u29']"


def test_dominators_are_a_tree_in_which_sizes_add_up(index):
    shelf = only(index, Shelf)
    parcel = index.instances(name_of(Parcel))[0]
    assert index.dominators(parcel.number)[-2] == shelf
    parcels = index.dominator(parcel.number)
    assert parcels.type_name == "builtins.dict"
    below = index.dominated(parcels.number)
    assert len(below) == index.count_dominated(parcels.number) == 30
    assert parcels.bytes + sum(it.retained_bytes for it in below) == parcels.retained_bytes
    top = index.dominated(count=3)
    assert all(index.dominator(it.number) is None for it in top)
    assert index.count_dominated() == 1000


def test_what_says_nothing_of_itself_belongs_to_what_keeps_it(index):
    package = __name__.partition(".")[0]
    parcel = index.instances(name_of(Parcel))[0]
    (labels,) = [it.object for it in index.references(parcel.number) if it.name == ".labels"]
    assert parcel.owner == labels.owner == package
    hypothesis = next(it for it in index.owners() if it.owner.startswith("hypothesis "))
    assert hypothesis.bytes == sum(it.bytes for it in hypothesis.types)
    assert sum(it.count for it in index.owners()) == len(index)


def test_functions_and_classes_have_their_names(index):
    classes = index.instances("builtins.type", count=1000)
    assert name_of(Parcel) in {it.name for it in classes}


def test_what_there_is_most_of_is_told_by_its_cause(index):
    causes = {str(leak.cause): leak for leak in index.suspected().leaks}
    leak = causes[f"{__name__}.shelf.parcels[*]"]
    assert (leak.count, leak.type_name) == (30, name_of(Parcel))
    assert index.suspected() is index.suspected()


@pytest.mark.parametrize("question", ["object", "references", "referrers", "way", "dominator"])
@pytest.mark.parametrize("number", [-1, 1 << 40])
def test_a_number_that_the_file_has_not_is_refused(index, question, number):
    with pytest.raises(IndexError, match="the file has"):
        getattr(index, question)(number)


@given(st.lists(st.sampled_from([0, 1, 255, 256, 257, 65536, 1 << 24, (1 << 32) - 1])), st.data())
def test_a_number_is_found_wherever_it_stands_and_nowhere_else(numbers, data):
    wanted = data.draw(st.sampled_from([0, 1, 256, 65537, 1 << 24]))
    column = memoryview(array("I", numbers))
    assert [*places_of(wanted, column)] == [at for at, it in enumerate(numbers) if it == wanted]


def test_where_there_are_too_many_ways_the_largest_are_told_and_the_rest_is_counted(index):
    whole, some = index.why(name_of(Parcel)), index.why("builtins.list", most=5)
    assert whole.partial is None
    assert [it.count for it in whole.leaks + whole.in_use] == [30]
    assert some.partial.endswith("smaller ways are left out")
    assert 0 < len(some.leaks + some.in_use) <= 5

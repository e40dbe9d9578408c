"""What an index makes once is the same in C and in Python, and C refuses what is no tree."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch.snapshots.index import link
from leakwatch.snapshots.owners import UNKNOWN, inherit

NATIVE = "leakwatch.snapshots._columns_native"
STANDARD = 1


@st.composite
def trees(draw):
    """The dominator of each of some objects, which may be younger; no object is above itself."""
    count = draw(st.integers(1, 12))
    order = draw(st.permutations(range(count)))
    above = array("i", [-1]) * count
    for place in range(1, count):
        above[order[place]] = draw(st.sampled_from([-1, *order[:place]]))
    return above


@given(trees(), st.data())
def test_both_give_each_object_the_same_owner(above, data):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    owner = st.sampled_from([0, STANDARD, 2, 3, UNKNOWN])
    owners = array("H", data.draw(st.lists(owner, min_size=len(above), max_size=len(above))))
    one, other = array("H", owners), array("H", owners)
    native.inherit(above, one, STANDARD)
    inherit(above, other, STANDARD)
    assert one == other


@given(trees())
def test_both_link_the_same_tree(above):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    found = []
    for enter in (native.link, link):
        count = len(above)
        columns = [
            array("i", [-1]) * (count + 1),
            array("i", [-1]) * count,
            array("i", [0]) * (count + 1),
        ]
        enter(above, *columns)
        found.append(columns)
    assert found[0] == found[1]


@pytest.mark.parametrize("above", [[1, 0], [0], [7], [-2]])
def test_what_is_no_tree_is_refused_in_c(above):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    with pytest.raises(ValueError, match="not those of a heap"):
        native.inherit(array("i", above), array("H", [UNKNOWN]) * len(above), STANDARD)

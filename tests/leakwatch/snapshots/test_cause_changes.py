"""What became of a cause: files of one program beside each other, two or three."""

import pytest

import leakwatch
from leakwatch.snapshots.cause_changes import Fate, fate_of
from tests.heaps import run_python

PROGRAM = """
import leakwatch, sys
class Cart: pass
class Order: pass
class Page: pass
KEPT, GROWING, LENT, LATE = [Page()], {}, {}, {}
def look(name): leakwatch.snapshot(f"{sys.argv[1]}/{name}")
GROWING[0] = Cart()
look("baseline")
GROWING.update({n: Cart() for n in range(1, 5)})
LENT.update({n: Cart() for n in range(7)})
BORN = [Order(), Order()]
look("target")
LENT.clear()
LATE[0] = Order()
look("final")
"""
NAMES = ("baseline", "target", "final")


@pytest.fixture(scope="module")
def heaps(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heap")
    run_python("-c", PROGRAM, str(folder))
    return [leakwatch.Snapshot.load(folder / name) for name in NAMES]


def told(rows):
    return {it.cause: (it.fate.value, it.counts) for it in rows}


def test_three_files_tell_what_was_added_and_stayed(heaps):
    baseline, target, final = heaps
    rows = final.diff_causes(target, baseline)
    assert told(rows) == {
        "__main__.BORN[*]": ("born", (0, 2, 2)),
        "__main__.GROWING[*]": ("grew", (1, 5, 5)),
        "__main__.LATE[*]": ("late", (0, 0, 1)),
        "__main__.KEPT[*]": ("stayed", (1, 1, 1)),
        "__main__.LENT[*]": ("gone", (0, 7, 0)),
    }
    assert rows[0].fate is Fate.BORN
    assert all(len(it.signature) == 12 for it in rows)
    for row in rows:
        assert [size > 0 for size in row.retained_bytes] == [count > 0 for count in row.counts]


def test_two_files_tell_what_grew_and_what_went(heaps):
    _, target, final = heaps
    rows = told(final.diff_causes(target))
    assert rows["__main__.LENT[*]"] == ("gone", (7, 0))
    assert rows["__main__.LATE[*]"] == ("born", (0, 1))
    assert rows["__main__.GROWING[*]"] == ("stayed", (5, 5))


@pytest.mark.parametrize(
    ("counts", "fate"),
    [((3, 2), "shrank"), ((3, 0), "gone"), ((1, 1, 2), "late"), ((1, 9, 2), "grew")],
)
def test_the_last_file_is_compared_with_the_first(counts, fate):
    assert fate_of(counts).value == fate

"""A picture of what stands around the objects of a type: its nodes, edges and limits."""

import re
import shutil
import subprocess

import pytest

import leakwatch
from leakwatch.errors import SnapshotError
from leakwatch.snapshots.neighbourhood import MOST_DRAWN

NAME = 'a"b\\c\n\x1b'


class Parcel:
    def __init__(self, label):
        self.label = [label]


@pytest.fixture(scope="module")
def heap(tmp_path_factory):
    file = tmp_path_factory.mktemp("heap") / "a.lwheap"
    globals()["parcels"] = {"one": Parcel(object()), NAME: Parcel(object())}
    try:
        leakwatch.snapshot(file)
    finally:
        del globals()["parcels"]
    return leakwatch.Snapshot.load(file)


def drawn(heap, path, depth):
    heap.to_dot(path, f"{__name__}.Parcel", depth)
    return path.read_text(encoding="utf-8")


def nodes_of(text):
    return len(re.findall(r"^  n\d+ \[", text, re.MULTILINE))


def test_what_the_objects_hold_and_what_holds_them_is_drawn(heap, tmp_path):
    text = drawn(heap, tmp_path / "a.dot", 1)
    names = dict(re.findall(r'  n(\d+) \[label="(.+?)\\n', text))
    edges = {
        (names[holder], name, names[held])
        for holder, held, name in re.findall(r'  n(\d+) -> n(\d+) \[label="(.*?)"\];', text)
    }
    parcel = f"{__name__}.Parcel"
    assert (parcel, ".label", "builtins.list") in edges
    assert ("builtins.dict", "['one']", parcel) in edges
    assert text.count('fillcolor="#f6d5d5"') == 2


def test_a_deeper_look_draws_more_but_never_more_than_can_be_read(heap, tmp_path):
    counts = [nodes_of(drawn(heap, tmp_path / "a.dot", depth)) for depth in (1, 2, 10)]
    assert counts[0] < counts[1] < counts[2] <= MOST_DRAWN
    assert "not all references are drawn" in (tmp_path / "a.dot").read_text(encoding="utf-8")


def test_names_cannot_break_out_of_their_quotes(heap, tmp_path):
    drawn(heap, tmp_path / "a.dot", 2)
    for line in (tmp_path / "a.dot").read_text(encoding="utf-8").splitlines():
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0
        assert line.isprintable()


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_draws_it(heap, tmp_path):
    drawn(heap, tmp_path / "a.dot", 2)
    done = subprocess.run(
        ["dot", "-Tsvg", tmp_path / "a.dot"], capture_output=True, check=True, timeout=120
    )
    assert done.stdout.rstrip().endswith(b"</svg>")


def test_a_type_without_objects_is_refused(heap, tmp_path):
    with pytest.raises(SnapshotError, match=r"no object of 'no\.such\.Type'"):
        heap.to_dot(tmp_path / "a.dot", "no.such.Type")
    assert not (tmp_path / "a.dot").exists()

"""The file for Chrome's DevTools: rows, edges and names fit together as V8's own do."""

import json

import pytest

import leakwatch
from leakwatch.errors import SnapshotError


class Parcel:
    def __init__(self, sender):
        self.sender = sender


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heap")
    globals()["parcels"] = [Parcel(Parcel(None))]
    try:
        leakwatch.snapshot(folder / "a.lwheap")
    finally:
        del globals()["parcels"]
    heap = leakwatch.Snapshot.load(folder / "a.lwheap")
    heap.to_heapsnapshot(folder / "a.heapsnapshot")
    return heap, json.loads((folder / "a.heapsnapshot").read_text(encoding="utf-8"))


def rows(document, what):
    fields = document["snapshot"]["meta"][f"{what}_fields"]
    numbers = document[f"{what}s"]
    assert len(numbers) == len(fields) * document["snapshot"][f"{what}_count"]
    return [
        dict(zip(fields, numbers[at : at + len(fields)], strict=True))
        for at in range(0, len(numbers), len(fields))
    ]


def test_the_counts_in_its_head_are_those_of_the_rows(pair):
    heap, document = pair
    nodes, edges = rows(document, "node"), rows(document, "edge")
    assert len(nodes) == heap.objects + 2
    assert len(edges) >= heap.references
    assert sum(it["edge_count"] for it in nodes) == len(edges)
    assert len({it["id"] for it in nodes}) == len(nodes)


def test_each_edge_leads_to_the_first_number_of_a_node_and_has_a_name(pair):
    _, document = pair
    meta, strings = document["snapshot"]["meta"], document["strings"]
    kinds = meta["edge_types"][0]
    for edge in rows(document, "edge"):
        assert edge["to_node"] % len(meta["node_fields"]) == 0
        assert edge["to_node"] < len(document["nodes"])
        if kinds[edge["type"]] != "element":
            assert edge["name_or_index"] < len(strings)
    assert all(it["name"] < len(strings) for it in rows(document, "node"))


def test_the_node_above_the_roots_refers_to_an_object_once(pair):
    # DevTools gives up with "BFS failed" otherwise.
    _, document = pair
    first, further = rows(document, "node")[:2]
    count = first["edge_count"]
    targets = [it["to_node"] for it in rows(document, "edge")[: count + further["edge_count"]]]
    assert len(set(targets[:count])) == count
    assert further["edge_count"] > 0
    assert set(targets[count:]) <= set(targets[:count])


def test_a_reference_has_the_name_that_python_writes(pair):
    _, document = pair
    nodes, edges, strings = rows(document, "node"), rows(document, "edge"), document["strings"]
    width = len(document["snapshot"]["meta"]["node_fields"])
    at, held = 0, []
    for node in nodes:
        own = edges[at : at + node["edge_count"]]
        at += node["edge_count"]
        if strings[node["name"]] == f"{Parcel.__module__}.Parcel":
            held += [
                (strings[it["name_or_index"]], strings[nodes[it["to_node"] // width]["name"]])
                for it in own
            ]
    assert ("sender", f"{Parcel.__module__}.Parcel") in held


def test_a_file_that_cannot_be_written_is_told(pair, tmp_path):
    heap, _ = pair
    with pytest.raises(SnapshotError, match="no such file or folder"):
        heap.to_heapsnapshot(tmp_path / "nowhere" / "a.heapsnapshot")

"""The file for Chrome's DevTools, read by MemLab: the same objects, references and sizes.

MemLab computes dominators and retained sizes by itself, with the rules of DevTools, so this
compares two programs that have nothing in common.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import leakwatch

PACKAGE = "@memlab/heap-analysis@2.0.5"
ASK = """
const { getFullHeapFromFile } = require("@memlab/heap-analysis");
getFullHeapFromFile(process.argv[2]).then((heap) => {
  const found = [];
  heap.nodes.forEach((node) => {
    if (!node.name.endsWith(process.argv[3])) return;
    found.push({
      size: node.self_size,
      retained: node.retainedSize,
      out: node.references.map((edge) => [edge.name_or_index, edge.toNode.name]),
      back: node.referrers.map((edge) => [edge.name_or_index, edge.fromNode.name]),
    });
  });
  require("fs").writeFileSync(process.argv[4], JSON.stringify([heap.nodes.length, found]));
});
"""


class Parcel:
    def __init__(self, number):
        self.labels = [str(item) * 30 for item in range(number)]
        self.self = self


@pytest.fixture(scope="module")
def memlab(tmp_path_factory):
    """Asks MemLab for the nodes of a name; installed from npm, without any script of a package."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed here")
    given = os.environ.get("MEMLAB_FOLDER")
    folder = Path(given) if given else tmp_path_factory.mktemp("memlab")
    if not (folder / "node_modules").is_dir():
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            pytest.skip(f"npm cannot install MemLab here: {done.stderr[-200:]}")
    (folder / "ask.js").write_text(ASK, encoding="utf-8")

    def ask(path, name):
        answer = path.with_suffix(".json")
        command = ["node", str(folder / "ask.js"), str(path), name, str(answer)]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        assert answer.is_file(), done.stderr
        return json.loads(answer.read_text(encoding="utf-8"))

    return ask


def test_memlab_reads_the_file_and_comes_to_the_same_sizes_and_references(memlab, tmp_path):
    globals()["parcels"] = {f"u{number}": Parcel(number) for number in range(5)}
    try:
        leakwatch.snapshot(tmp_path / "a.lwheap")
    finally:
        del globals()["parcels"]
    heap = leakwatch.Snapshot.load(tmp_path / "a.lwheap")
    heap.to_heapsnapshot(tmp_path / "a.heapsnapshot")
    nodes, found = memlab(tmp_path / "a.heapsnapshot", f"{__name__}.Parcel")
    assert nodes == heap.objects + 2
    found = [it for it in found if ["labels", "builtins.list"] in it["out"]]
    ours = heap.index.instances(f"{__name__}.Parcel")
    assert sorted(it["retained"] for it in found) == sorted(it.retained_bytes for it in ours)
    assert sorted(it["size"] for it in found) == sorted(it.bytes for it in ours)
    holders = sorted(name for it in found for name, of in it["back"] if of == "builtins.dict")
    assert holders == [f"['u{number}']" for number in range(5)]

"""`leakwatch snapshot FILE convert`: the suffix decides, and plugins bring suffixes."""

import json

import pytest

PROGRAM = """
import leakwatch

class Cart:
    pass

CARTS = [Cart() for _ in range(3)]
leakwatch.snapshot("heap.lwheap")
"""
PLUGIN = """
from leakwatch import hookimpl
from leakwatch.errors import ConfigurationError
from leakwatch.extending import HeapFormat

def write(tables, path):
    if "refused" in path:
        raise ConfigurationError("not today")
    if "broken" in path:
        raise RuntimeError("oh")
    with open(path, "w") as file:
        file.write(",".join(tables.types["name"].texts))

@hookimpl
def leakwatch_heap_formats():
    return [HeapFormat("csv", (".csv",), write, "names of types")]
"""


@pytest.fixture
def heap(cli):
    cli.write("shop.py", PROGRAM)
    assert cli("run", "shop.py").returncode == 0
    return "heap.lwheap"


def test_the_suffix_decides(cli, heap):
    assert cli("snapshot", "-o", "a.heapsnapshot", heap, "convert").returncode == 0
    assert json.loads((cli.folder / "a.heapsnapshot").read_text())["snapshot"]["node_count"]
    around = ("--around", "__main__.Cart", "--depth", "1")
    result = cli("snapshot", "-o", "a.dot", *around, heap, "convert")
    assert result.returncode == 0
    assert "to be drawn by graphviz" in result.stderr
    assert "__main__.Cart" in (cli.folder / "a.dot").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "needs -o FILE that ends in .heapsnapshot or .dot"),
        (["-o", "a.xyz"], "needs -o FILE that ends in .heapsnapshot or .dot"),
        (["-o", "a.dot"], "--around TYPE and -o FILE.dot go together"),
        (["-o", "a.heapsnapshot", "--around", "Cart"], "go together"),
        (["-o", "a.dot", "--around", "Cart", "--depth", "0"], "--depth 0: expected 1 to 10"),
        (["-o", "a.dot", "--around", "no.Cart"], "no object of 'no.Cart' is in the file"),
        (["-o", "no/a.heapsnapshot"], "there is no folder"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_is_told(cli, heap, options, said):
    result = cli("snapshot", *options, heap, "convert")
    assert result.returncode == 2
    assert said in result.stderr


def test_a_plugin_brings_a_format_and_what_it_raises_has_its_name(cli, heap):
    cli.write("formats.py", PLUGIN)
    convert = ("snapshot", "-o")
    assert cli("-p", "formats", *convert, "a.csv", heap, "convert").returncode == 0
    assert "__main__.Cart" in (cli.folder / "a.csv").read_text()
    refused = cli("-p", "formats", *convert, "refused.csv", heap, "convert")
    assert (refused.returncode, "not today" in refused.stderr) == (2, True)
    broken = cli("-p", "formats", *convert, "broken.csv", heap, "convert")
    assert broken.returncode == 3
    assert "plugin 'formats' failed in format 'csv': RuntimeError: oh" in broken.stderr

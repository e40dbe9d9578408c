"""Heaps as Parquet: DuckDB joins many, and what it finds is what the program had made."""

import subprocess
import sys

import duckdb
import pyarrow.parquet as pq
import pytest

import leakwatch
from leakwatch.errors import SnapshotError
from leakwatch_parquet import write
from tests.heaps import environment, run_python

PROGRAM = """
import sys
import leakwatch

class Parcel:
    def __init__(self, number):
        self.labels = [str(item) * 30 for item in range(number)]

PARCELS = {}
for count, file in enumerate(sys.argv[1:], 1):
    PARCELS.update({f"u{number}": Parcel(number) for number in range(10 * count)})
    leakwatch.snapshot(file)
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Heaps of three processes as tables, 10, 20 and 30 parcels in them."""
    folder = tmp_path_factory.mktemp("fleet")
    heaps = [folder / f"server-{number}.lwheap" for number in (1, 2, 3)]
    run_python("-c", PROGRAM, *map(str, heaps))
    for heap in heaps:
        write(leakwatch.Snapshot.load(heap).tables(), str(heap.with_suffix(".parquet")))
    return folder


def asked(folder, question):
    with duckdb.connect() as connection:
        return connection.execute(question.replace("FLEET", str(folder))).fetchall()


def test_many_heaps_are_joined_by_one_question(fleet):
    question = """
        select parse_path(nodes.filename)[-2], count(*)
        from read_parquet('FLEET/*/nodes.parquet', filename=true) as nodes
        join read_parquet('FLEET/*/types.parquet', filename=true) as types
          on nodes.type = types.type
          and parse_dirpath(nodes.filename) = parse_dirpath(types.filename)
        where types.name = '__main__.Parcel' group by all order by 1
    """
    assert asked(fleet, question) == [
        (f"server-{number}.parquet", 10 * number) for number in (1, 2, 3)
    ]


def test_references_have_names_and_join_objects(fleet):
    question = """
        select holders.name, edges.name, count(*)
        from 'FLEET/server-2.parquet/edges.parquet' as edges
        join 'FLEET/server-2.parquet/nodes.parquet' as held on held.node = edges.target
        join 'FLEET/server-2.parquet/types.parquet' as types on types.type = held.type
        join 'FLEET/server-2.parquet/nodes.parquet' as nodes on nodes.node = edges.source
        join 'FLEET/server-2.parquet/types.parquet' as holders on holders.type = nodes.type
        where types.name = '__main__.Parcel' group by all order by edges.name
    """
    found = asked(fleet, question)
    assert {row[0] for row in found} == {"builtins.dict"}
    assert [row[1] for row in found] == sorted(f"['u{number}']" for number in range(20))


def test_tables_say_what_the_heap_says(fleet):
    heap = leakwatch.Snapshot.load(fleet / "server-1.lwheap")
    counts = {it.type_name: (it.count, it.bytes) for it in heap.types()}
    question = """
        select types.name, count(*), sum(size)
        from 'FLEET/server-1.parquet/nodes.parquet' as nodes
        join 'FLEET/server-1.parquet/types.parquet' as types using (type) group by all
    """
    assert {name: (count, size) for name, count, size in asked(fleet, question)} == counts
    nodes = pq.read_table(fleet / "server-1.parquet" / "nodes.parquet").to_pylist()
    for number in range(0, len(nodes), len(nodes) // 50):
        one, dominator = heap.index.object(number), heap.index.dominator(number)
        row = nodes[number]
        assert (row["retained"], row["length"]) == (one.retained_bytes, one.length)
        assert (row["owner"], row["name"] or "") == (one.owner, one.name)
        assert row["dominator"] == (dominator and dominator.number)
    edges = "from 'FLEET/server-1.parquet/edges.parquet' where source is"
    assert asked(fleet, f"select count(*) {edges} not null")[0][0] >= heap.references
    assert asked(fleet, f"select count(*) {edges} null")[0][0] > 0


def test_it_is_written_again_but_nothing_else_is_replaced(fleet, tmp_path):
    tables = leakwatch.Snapshot.load(fleet / "server-1.lwheap").tables()
    target = tmp_path / "heap.parquet"
    for _ in range(2):
        write(tables, str(target))
    assert sorted(it.name for it in target.iterdir()) == [
        *("edges.parquet", "nodes.parquet", "types.parquet")
    ]
    (target / "notes.txt").write_text("mine")
    with pytest.raises(SnapshotError, match="there is something else"):
        write(tables, str(target))
    with pytest.raises(SnapshotError, match="cannot write"):
        write(tables, str(tmp_path / "nowhere" / "heap.parquet"))
    assert (target / "notes.txt").read_text() == "mine"
    assert [it.name for it in tmp_path.iterdir()] == ["heap.parquet"]


def command(*arguments, before=""):
    code = f"{before}\nimport sys\nfrom leakwatch.cli import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, "snapshot", *map(str, arguments)],
        env={**environment(), "LEAKWATCH_DISABLE_PLUGINS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_writes_the_folder(fleet, tmp_path):
    output = tmp_path / "heap.parquet"
    result = command("-o", output, fleet / "server-1.lwheap", "convert")
    assert (result.returncode, result.stdout) == (0, "")
    assert (output / "nodes.parquet").is_file()


def test_without_the_extra_it_says_what_to_install(fleet, tmp_path):
    before = "import sys; sys.modules['pyarrow'] = None"
    output = tmp_path / "heap.parquet"
    result = command("-o", output, fleet / "server-1.lwheap", "convert", before=before)
    assert result.returncode == 2
    assert "pip install 'leakwatch-framework[parquet]'" in result.stderr
    assert not output.exists()

"""A file that was damaged, or made to do harm, is refused; nothing crashes and nothing grows."""

import json
import struct

import pytest

import leakwatch
from leakwatch.errors import SnapshotError
from leakwatch.snapshots.layout import COLUMNS, header_of
from tests.heaps import run_python

MAKE = """
import leakwatch, sys
class Cart: pass
CARTS = {f"u{number}": Cart() for number in range(3)}
leakwatch.snapshot(sys.argv[1])
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("heap") / "a.lwheap"
    run_python("-c", MAKE, str(path))
    return path.read_bytes()


ASK = """
import leakwatch, os, random, resource, sys
from leakwatch.errors import SnapshotError
if "ASAN_OPTIONS" not in os.environ:  # AddressSanitizer maps terabytes
    resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
whole = open(sys.argv[1], "rb").read()
refused = asked = 0
for seed in range(int(sys.argv[2]), int(sys.argv[3])):
    rng = random.Random(seed)
    raw = bytearray(whole)
    head = int.from_bytes(raw[:8], "little") + 8
    for _ in range(rng.choice([1, 1, 2, 8])):
        # Half of the damage in the header, where it does most.
        at = rng.randrange(head if rng.random() < 0.5 else len(raw))
        how = rng.randrange(4)
        if how == 0: raw[at] ^= 1 << rng.randrange(8)
        elif how == 1: raw[at : at + 4] = rng.randbytes(4)
        elif how == 2: del raw[at : at + rng.randrange(1, 5000)]
        else: raw[at:at] = rng.randbytes(rng.randrange(1, 9))
    path = sys.argv[1] + ".broken"
    with open(path, "wb") as file:
        file.write(raw)
    try:
        heap = leakwatch.Snapshot.load(path)
        heap.types(); str(heap.why("Cart"))
        if seed % 10 == 0:
            heap.retained(3); heap.roots(3); heap.duplicates(); str(heap.report())
            for by in ("type", "module", "distribution"): heap.retained_by(by)
            heap.diff_causes(heap)
        asked += 1
    except SnapshotError as error:
        assert len(str(error)) < 500, error
        refused += 1
print(refused, asked)
os._exit(0)
"""


@pytest.mark.parametrize("first", [0, 250])
def test_of_500_damaged_files_each_is_refused_or_answered(tmp_path, whole, first):
    path = tmp_path / "a.lwheap"
    path.write_bytes(whole)
    printed = run_python("-c", ASK, str(path), str(first), str(first + 250))
    refused, asked = map(int, printed.split())
    assert refused + asked == 250
    assert refused > 100


def columns_in(raw):
    (length,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + length])
    metadata = header.pop("__metadata__")
    body = raw[8 + length :]
    return {name: body[slice(*it["data_offsets"])] for name, it in header.items()}, metadata


def written(path, columns, metadata):
    ordered = sorted(COLUMNS, key=lambda name: COLUMNS[name] != "U32")
    head = header_of([(name, len(columns[name])) for name in ordered], metadata)
    path.write_bytes(head + b"".join(columns[name] for name in ordered))


def first_number(number):
    return lambda column: struct.pack("<I", number) + column[4:]


HARM = {
    "edges.target": first_number(1 << 30),
    "edges.name": first_number(1 << 30),
    "edges.offset": first_number(7),
    "objects.type": first_number(1 << 30),
    "names.offset": first_number(1),
    "names.general": first_number(1 << 30),
    "own.object": first_number(1 << 30),
    "equal.type": first_number(1 << 30),
    "equal.holder": first_number(1 << 30),
    "equal.copies": lambda column: column[:-4],
    "judged.verdict": first_number(3),
    "joint.hops": first_number(1000),
    "objects.size": lambda column: column[:-4],
    "types": lambda _: b"[" * 100_000,
    "roots": lambda _: b'{"roots":[{"kind":1}],"homes":{}}',
}


@pytest.mark.parametrize("name", HARM)
def test_a_number_that_leads_out_of_the_file_is_refused(tmp_path, whole, name):
    columns, metadata = columns_in(whole)
    written(tmp_path / "a.lwheap", columns, metadata)
    assert leakwatch.Snapshot.load(tmp_path / "a.lwheap").objects
    columns[name] = HARM[name](columns[name])
    written(tmp_path / "b.lwheap", columns, metadata)
    with pytest.raises(SnapshotError, match="not a whole snapshot"):
        leakwatch.Snapshot.load(tmp_path / "b.lwheap")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "too short"),
        (b"short", "too short"),
        (b"\xff" * 100, "header would have"),
        (b"\x02" + b"\0" * 7 + b"{}", "no metadata"),
        (b"\x02" + b"\0" * 7 + b"[]", "no object"),
        (b"\x04" + b"\0" * 7 + b"nope", "not JSON"),
    ],
)
def test_what_is_no_snapshot_is_told_with_the_reason(tmp_path, content, told):
    path = tmp_path / "a.lwheap"
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match=told):
        leakwatch.Snapshot.load(path)


def test_types_that_are_their_own_bases_end_nothing(tmp_path, whole):
    columns, metadata = columns_in(whole)
    tables = json.loads(columns["types"])
    for number, row in enumerate(tables["types"]):
        row["bases"], row["heap"] = [(number + 1) % len(tables["types"])], True
    columns["types"] = json.dumps(tables).encode()
    written(tmp_path / "a.lwheap", columns, metadata)
    assert leakwatch.Snapshot.load(tmp_path / "a.lwheap").why("Cart").leaks

"""A heap in a file: whole or not at all, readable by `safetensors`, and without values."""

import json
import os
import stat
import struct

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError, SnapshotError
from leakwatch.snapshots.contents import Contents
from tests.heaps import run_python


def header_of(path):
    raw = path.read_bytes()
    (length,) = struct.unpack_from("<Q", raw)
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


@pytest.mark.parametrize("analyse", ["here", "fork"])
def test_the_figures_are_those_of_the_file(tmp_path, analyse):
    path = tmp_path / "a.lwheap"
    info = leakwatch.snapshot(path, analyse=analyse)
    header, body = header_of(path)
    assert info.bytes == path.stat().st_size
    assert header["objects.type"]["shape"] == [info.objects]
    assert header["edges.target"]["shape"] == [info.references]
    assert header["__metadata__"]["schema"] == "leakwatch.heap/1"
    assert max(it["data_offsets"][1] for it in header.values() if "shape" in it) == len(body)
    assert 0 < info.paused <= info.seconds
    assert info.partial is None


def test_a_fork_stops_the_program_for_a_part_of_the_time_only(tmp_path):
    info = leakwatch.snapshot(tmp_path / "a.lwheap")
    assert info.paused < info.seconds / 2


def test_the_library_safetensors_reads_it(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    info = leakwatch.snapshot(tmp_path / "a.lwheap")
    columns = safetensors.load_file(tmp_path / "a.lwheap")
    assert len(columns["objects.size"]) == info.objects
    assert columns["edges.offset"][-1] == info.references
    types = json.loads(columns["types"].tobytes())["types"]
    assert types[columns["objects.type"][0]]["name"]


SECRETS = """
import leakwatch, sys, os
class Session: pass
kept = Session()
kept.password = "hunter2-in-a-value"
kept.blob = b"hunter2-in-bytes"
kept.number = 918273645546372819
TABLE = {"sk_live_hunter2inakey": kept, b"hunter2-bytes-key": kept, 918273645546372819: kept}
TABLE[("token", "hunter2-in-a-tuple")] = kept
setattr(kept, "sk_live_hunter2anattribute", Session())
def handler(argument=["hunter2-in-a-default"]):
    return "hunter2-in-a-constant"
def suspended():
    secret = "hunter2-in-a-local"
    yield secret
running = suspended(); next(running)
leakwatch.snapshot(sys.argv[1], analyse=sys.argv[3])
"""


@pytest.mark.parametrize("analyse", ["here", "fork"])
def test_a_secret_is_in_no_byte(tmp_path, monkeypatch, analyse):
    monkeypatch.setenv("SECRET", "hunter2-in-the-environment")
    program, path = tmp_path / "app.py", tmp_path / "a.lwheap"
    program.write_text(SECRETS, encoding="utf-8")
    run_python(str(program), str(path), "hunter2-in-an-argument", analyse)
    content = path.read_bytes()
    assert b"Session" in content
    assert b"hunter2" not in content
    assert b"918273645546372819" not in content


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no rights of this kind")
def test_the_file_is_for_its_owner_only(tmp_path):
    leakwatch.snapshot(tmp_path / "a.lwheap")
    assert stat.S_IMODE((tmp_path / "a.lwheap").stat().st_mode) == 0o600


FAILING = """
import leakwatch, os, resource, signal, sys
from leakwatch.snapshots import writing
path, how = sys.argv[1:]
with open(path, "w") as file:
    file.write("the old one")
real = writing.write
def killed(*arguments):
    real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
if how == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
else:
    writing.write = killed
try:
    leakwatch.snapshot(path)
except leakwatch.errors.SnapshotError as error:
    print(error)
print(open(path).read(), os.listdir(os.path.dirname(path)))
"""


@pytest.mark.parametrize(("how", "told"), [("full", "File too large"), ("killed", "SIGKILL")])
def test_what_fails_leaves_the_old_file_and_nothing_half(tmp_path, how, told):
    printed = run_python("-c", FAILING, str(tmp_path / "a.lwheap"), how)
    error, rest = printed.splitlines()
    assert told in error
    assert rest == "the old one ['a.lwheap']"


def test_a_missing_folder_and_an_unknown_choice_are_refused(tmp_path):
    with pytest.raises(SnapshotError, match="no such file or folder"):
        leakwatch.snapshot(tmp_path / "nowhere" / "a.lwheap")
    with pytest.raises(ConfigurationError, match="expected 'here' or 'fork'"):
        leakwatch.snapshot(tmp_path / "a.lwheap", analyse="there")  # type: ignore[arg-type]


@pytest.mark.parametrize("analyse", ["here", "fork"])
@pytest.mark.parametrize("most", [1000, 700_000])
def test_a_file_that_would_be_too_large_is_not_written(tmp_path, analyse, most):
    path = tmp_path / "a.lwheap"
    path.write_text("the old one", encoding="utf-8")
    with pytest.raises(SnapshotError, match=f"and max_bytes is {most:,}"):
        leakwatch.snapshot(path, analyse=analyse, max_bytes=most)
    assert path.read_text(encoding="utf-8") == "the old one"
    assert os.listdir(tmp_path) == ["a.lwheap"]


def test_the_largest_size_that_is_allowed_is_that_of_the_file(tmp_path):
    contents = Contents(max_bytes=500)
    assert contents.refused(500) == ""
    assert contents.refused(501) == "it would have 501 bytes, and max_bytes is 500"
    info = leakwatch.snapshot(tmp_path / "a.lwheap", max_bytes=1 << 40)
    assert info.bytes == os.path.getsize(tmp_path / "a.lwheap")


KEYS = """
import leakwatch, sys
from collections import OrderedDict
class Cart: pass
class Plum: pass
TABLE = {"apples-and-pears": Cart(), (1, "plums"): Cart()}
NUMBERED = {4711: Plum()}
ORDERED = OrderedDict({"cherries": Cart()})
vars(NUMBERED[4711])["no name of an attribute"] = Cart()
leakwatch.snapshot(sys.argv[1], keys=sys.argv[2])
"""


@pytest.mark.parametrize("pure", ["0", "1"])
def test_without_keys_each_entry_is_any_and_the_causes_are_the_same(tmp_path, monkeypatch, pure):
    monkeypatch.setenv("LEAKWATCH_PURE", pure)
    reports = {}
    for keys in ("masked", "none"):
        path = tmp_path / keys
        run_python("-c", KEYS, str(path), keys)
        raw = path.read_bytes()
        shown = [it in raw for it in (b"apples", b"plums", b"cherries", b"no name of an")]
        assert shown == [keys == "masked"] * 4
        heap = leakwatch.Snapshot.load(path)
        assert heap.facts["keys"] == keys
        reports[keys] = heap.why("Cart")
        assert ("[4711]" in str(heap.why("Plum"))) == (keys == "masked")
    causes = {keys: {it.signature for it in report.leaks} for keys, report in reports.items()}
    assert causes["masked"] == causes["none"]
    assert "TABLE[*]" in str(reports["none"])


@pytest.mark.parametrize("wrong", [{"keys": "all"}, {"max_bytes": 0}, {"max_bytes": "2G"}])
def test_what_is_not_understood_is_refused(tmp_path, wrong):
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        leakwatch.snapshot(tmp_path / "a.lwheap", **wrong)
    assert not os.listdir(tmp_path)

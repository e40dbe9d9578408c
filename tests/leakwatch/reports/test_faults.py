"""Files as the world has them: random, torn, huge, deep, written by two at once, on a full disk.

Faults of files, terminals and psutil that are shown elsewhere: a `repr` that raises or never
returns, `tests/leakwatch/guest/test_hostile.py`, for none is ever asked; escapes and huge keys,
`heap/test_keys.py`, `test_text.py`, `test_formats.py`, `plugins/html`; figures that the system
refuses, `plugins/memory/test_figures.py`; a full disk and exit code 3, `test_files.py` and
`cli/commands/test_report.py`; terminals and encodings, `cli/test_terminal.py`, `test_memory.py`.
"""

import io
import os
import threading
import tracemalloc
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leakwatch
from leakwatch.cli.output import print_out
from leakwatch.errors import ReportFileError
from leakwatch.report import Report
from leakwatch.reports import files
from leakwatch.reports.json_ import parse, render, render_line
from leakwatch.reports.jsonl import load_all
from leakwatch.session import presenter
from tests.heaps import run_python

HEAD = '{"schema": "leakwatch.report/2", "scope": "x", '


def load(path):
    return list(load_all(path, lambda warning: None))


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(["x.json", "x.jsonl"]))
def test_random_bytes_are_refused_and_nothing_else_happens(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("random") / name
    path.write_bytes(content)
    try:
        assert all(isinstance(report, Report) for report in load(path))
    except ReportFileError as error:
        told = str(error)
        assert str(path) in told


@settings(max_examples=60)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_any_json_in_any_field_is_read_or_refused_by_its_name(value):
    import json

    for field in ("leaks", "memory", "settling", "notes", "partial"):
        try:
            parse(json.dumps({**Report("x").to_dict(), field: value}), "x.json")
        except ReportFileError as error:
            told = str(error)
            assert f"field {field}" in told


@pytest.mark.parametrize(
    "open_end", ['"notes": ' + "[" * 100_000, '"memory": ' + '{"a":' * 100_000]
)
def test_a_file_nested_a_hundred_thousand_deep_is_refused(open_end):
    with pytest.raises(ReportFileError, match="nested too deep"):
        parse(HEAD + open_end, "x.json")


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_ten_gigabytes_are_refused_in_bounded_memory(tmp_path, name, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 1 << 20)
    path = tmp_path / name
    with open(path, "wb") as file:
        file.truncate(10 << 30)
    tracemalloc.start()
    with pytest.raises(ReportFileError, match="larger than 1 MiB"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 << 20


def test_a_line_that_is_not_the_last_must_be_whole(tmp_path):
    path = tmp_path / "x.jsonl"
    line = render_line(Report("x"))
    path.write_text(line + line[:30])
    told = []
    assert list(load_all(path, told.append)) == [Report("x")]
    assert told[0].startswith(f"{path}: line 2: the file ends too early")
    path.write_text(line[:30] + "\n" + line)
    with pytest.raises(ReportFileError, match=r"x\.jsonl: line 1: .*take the line out"):
        load(path)


def test_two_who_write_one_file_leave_one_whole_report(tmp_path):
    path = tmp_path / "report.json"
    reports = [Report(name * 5000) for name in "ab"]

    def write(report):
        for _ in range(50):
            files.write(path, render(report))

    threads = [threading.Thread(target=write, args=[report]) for report in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load(path)[0] in reports
    assert os.listdir(tmp_path) == ["report.json"]


# `heap/test_keys.py` has the shapes of secrets; here is the way of two into every format.
SECRETS = ["https://ann:hunter2@host/x?code=hunter2", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"]
PLACES = {
    "key": lambda secret, it: {secret: it},
    "key in a key": lambda secret, it: {(secret,): {secret: it}},
    "attribute": lambda secret, it: SimpleNamespace(**{secret: it}),
    "attribute of a class": lambda secret, it: type("Box", (), {secret: it}),
}
KEPT = []


class Session:
    pass


@pytest.mark.parametrize("place", PLACES)
def test_secrets_in_keys_attributes_and_addresses_are_in_no_format(place):
    for secret in SECRETS:
        with leakwatch.scope("login") as scope:
            KEPT.append(PLACES[place](secret, scope.track(Session())))
        KEPT.clear()
        assert len(scope.report.leaks) == 1
        for name in presenter().names():
            written = presenter().render(scope.report, name)
            assert secret not in written, name
            assert "hunter2" not in written, name


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_any_format_can_be_printed_in_any_encoding(encoding, monkeypatch):
    with leakwatch.scope("Gerät \u2581 \U0001f600") as scope:
        KEPT.append(scope.track(Session()))
    KEPT.clear()
    for name in presenter().names():
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
        monkeypatch.setattr("sys.__stdout__", stream)
        print_out(presenter().render(scope.report, name), dress=name == "text")
        assert "Session" in stream.buffer.getvalue().decode(encoding), name


def test_names_with_spaces_and_other_alphabets_are_names(tmp_path):
    path = tmp_path / "the café's report (1).json"
    Report("x").save(path)
    assert Report.load(path) == Report("x")


def test_a_report_of_a_million_survivors_is_capped_where_people_read_it():
    from leakwatch.model import Leak, RetentionPath, Root

    def leak(number):
        path = RetentionPath(Root("module global", f"shop{number}"), (), "shop.Session")
        return Leak("shop.Session", 1_000_000, None, 1, 1, f"{number:012x}", path)

    text = str(Report("x", leaks=tuple(map(leak, range(500)))))
    assert text.startswith("leakwatch: 500 leaks in scope 'x': 500,000,000 objects")
    assert "and 490 more leaks; a report in JSON (`-o leaks.json`) has all of them" in text
    assert len(text) < 10_000


GREEDY = """
import resource, sys
from leakwatch.errors import ReportFileError
from leakwatch.report import Report
from leakwatch.reports.files import LARGEST
from leakwatch.reports.json_ import MOST_VALUES

resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
HEAD, TAIL = '{"schema": "leakwatch.report/2", "scope": "x", "notes":\\n[', "1]}"

def load(entry, times):
    room = LARGEST - len(HEAD) - len(TAIL)
    text = HEAD + entry * min(times, room // len(entry.encode()))
    with open(sys.argv[1], "wb") as file:
        written = file.write(text.encode())
        file.write(b" " * (LARGEST - written - len(TAIL)) + TAIL.encode())
    del text
    try:
        Report.load(sys.argv[1])
    except ReportFileError as error:
        print(str(error).partition(": ")[2].partition(";")[0])

load("[[]],", LARGEST)
load("[[]],", MOST_VALUES // 3 - 9)
load('{"a":1},', MOST_VALUES // 2 - 9)
load('"' + 30_000_000 * "x" + chr(0x1F600) + '",', 1)
# Not what getrusage says: that begins with the peak of the process that started this one.
with open("/proc/self/status") as status:
    (peak,) = [line.split()[1] for line in status if line.startswith("VmHWM:")]
print("peak", int(peak) >> 10)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="resource limits are of Unix")
def test_no_file_takes_more_memory_than_is_said_however_its_values_are_made(tmp_path):
    printed = run_python("-c", GREEDY, str(tmp_path / "x.json")).splitlines()
    assert printed[:-1] == [
        "line 2: more than 1,500,000 values, which is no report",
        "field notes[0]: expected a string, found a list",
        "field notes[0]: expected a string, found an object",
        "field notes[1]: expected a string, found 1",
    ]
    assert int(printed[-1].split()[1]) < 512

"""A leak stands in a stream in full once; short lines after it give the same sums."""

import json
from dataclasses import replace

import pytest

from leakwatch.compare.combine import combined
from leakwatch.errors import ReportFileError
from leakwatch.model import Environment, Leak, MemoryGrowth, RetentionPath, Root
from leakwatch.report import Report
from leakwatch.reports import jsonl
from leakwatch.reports.json_ import render_line
from leakwatch.reports.jsonl import leaks_in, load_all, stream_line

PATH = RetentionPath(Root("module global", "shop"), (), "shop.Session")
LEAK = Leak("shop.Session", 2, None, 96, 200, "0123456789ab", PATH, reasons=("kept",))
LEAKY = Report("request", leaks=(LEAK,), environment=Environment("3.11.4", "cpython", "linux"))
GROWN = MemoryGrowth({"rss": 5}, {"rss": 9})


def again(count, **changes):
    leak = replace(LEAK, count=count, shallow_bytes=48 * count, retained_bytes=100 * count)
    return replace(LEAKY, leaks=(leak,), **changes)


@pytest.fixture
def read(tmp_path):
    def reports(*lines):
        path = tmp_path / "x.jsonl"
        path.write_text("".join(lines))
        return list(load_all(path, pytest.fail))

    return reports


def stream(*reports):
    told = set()
    for report in reports:
        yield stream_line(report, told)
        told.update(leaks_in(report))


def test_a_repeated_leak_is_a_short_line_that_is_read_as_the_whole_report(read):
    reports = [LEAKY, again(5, memory=GROWN), again(1, partial="10 s were spent")]
    lines = list(stream(*reports))
    assert all(len(line) < len(render_line(LEAKY)) / 2 for line in lines[1:])
    assert read(*lines) == reports


def test_the_sums_are_those_of_whole_lines(read):
    reports = [LEAKY, *map(again, (5, 1, 7))]
    assert combined(read(*stream(*reports))) == combined(read(*map(render_line, reports)))


def test_a_report_with_a_leak_that_is_new_is_told_in_full(read):
    both = replace(LEAKY, leaks=(LEAK, replace(LEAK, signature="ba9876543210")))
    lines = list(stream(LEAKY, both, both))
    assert ["path" in json.loads(line)["leaks"][0] for line in lines] == [True, True, False]
    assert read(*lines) == [LEAKY, both, both]


def test_a_leak_that_becomes_a_known_one_is_told_in_full_again(read):
    accepted = replace(LEAKY, leaks=(), known=(replace(LEAK, reasons=("known as x",)),))
    assert read(*stream(LEAKY, accepted, LEAKY, accepted)) == [LEAKY, accepted, LEAKY, accepted]


def test_a_report_without_a_leak_is_short_and_a_report_like_any_other(read):
    clean = Report("request", memory=GROWN)
    (line,) = stream(clean)
    assert len(line) < 120
    assert json.loads(line)["schema"] == "leakwatch.report/2"
    assert read(line) == [clean]


def test_without_the_line_in_full_the_leak_is_counted_and_its_holder_unknown(read, monkeypatch):
    _, short = stream(LEAKY, again(5))
    (leak,) = read(short)[0].leaks
    assert (leak.count, leak.retained_bytes, leak.signature) == (5, 500, LEAK.signature)
    assert str(leak.path.root).startswith("unknown holder (the line that tells this leak in full")
    monkeypatch.setattr(jsonl, "MOST_KEPT", 0)
    assert read(render_line(LEAKY), short)[1].leaks == (leak,)


def test_a_short_line_alone_is_no_report_file(tmp_path):
    from leakwatch.session import presenter

    path = tmp_path / "x.json"
    path.write_text(list(stream(LEAKY, LEAKY))[1])
    with pytest.raises(ReportFileError, match=r'found "leakwatch\.repeat/1"'):
        presenter().load(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"leaks": [{"count": "2"}]}, r"field leaks\[0\].type_name: expected a value"),
        ({"scope": None}, "field scope: expected a string"),
        ({"schema": "leakwatch.repeat/2"}, "the version of leakwatch that wrote it"),
    ],
)
def test_a_short_line_that_is_wrong_is_refused_by_its_number(read, changes, said):
    lines = list(stream(LEAKY, LEAKY))
    wrong = json.dumps(json.loads(lines[1]) | changes) + "\n"
    with pytest.raises(ReportFileError, match=rf"x\.jsonl: line 2: .*{said}"):
        read(lines[0], wrong)

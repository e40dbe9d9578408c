"""Reports of many processes as one."""

import tracemalloc
from dataclasses import replace

import pytest

from leakwatch.compare import combine
from leakwatch.compare.combine import combined
from leakwatch.errors import ReportFileError
from leakwatch.model import Leak, MemoryGrowth, MemoryPart, RetentionPath, Root, Settling
from leakwatch.report import Report


def leak(signature, count=1, **changes):
    path = RetentionPath(Root("module global", f"shop{count}"), (), "shop.Session")
    return replace(Leak("shop.Session", count, None, 48, 100 * count, signature, path), **changes)


def test_the_same_signature_is_one_leak_with_the_sum_of_both():
    first = Report("worker", leaks=(leak("a" * 12, 2, growth=1.0), leak("b" * 12, 1)))
    second = Report("worker", leaks=(leak("a" * 12, 5, growth=0.5, reasons=("slow",)),))
    whole = combined([first, second])
    assert [(it.signature[0], it.count, it.retained_bytes) for it in whole.leaks] == [
        ("a", 7, 700),
        ("b", 1, 100),
    ]
    assert whole.leaks[0].growth == 1.0
    assert whole.leaks[0].path.root.label == "shop5"
    assert whole.leaks[0].reasons == ("slow", "found in 2 of 2 reports")
    assert whole.leaks[1].reasons == ("found in 1 of 2 reports",)
    assert whole.scope == "worker"


def test_a_leak_in_one_process_is_a_leak_of_all_though_another_accepts_it():
    whole = combined([Report("a", known=(leak("a" * 12),)), Report("b", leaks=(leak("a" * 12),))])
    assert [len(whole.leaks), len(whole.known)] == [1, 0]
    accepted = combined([Report("a", known=(leak("a" * 12),)), Report("b")])
    assert [len(accepted.leaks), len(accepted.known)] == [0, 1]


def test_gaps_and_notes_say_where_they_are():
    first = Report("a", partial="no time", not_judged="failed", notes=("x",), explained_share=0.5)
    whole = combined([first, Report("b", kind="hunt", notes=("x", "y"), settling=Settling(2, 0.5))])
    assert (whole.partial, whole.not_judged) == ("a: no time", "a: failed")
    assert whole.notes == ("combined from 2 reports", "x (2 reports)", "y")
    assert (whole.kind, whole.explained_share) == ("run", 0.5)
    assert whole.settling == Settling(2, 0.5)


def test_many_names_are_counted():
    assert combined([Report(name) for name in "abcde"]).scope == "a, b, c, 2 more"


def test_memory_is_the_sum_with_the_verdict_of_the_process_that_grew_most():
    small = MemoryGrowth({"rss": 1, "fds": 3}, {"rss": 2}, "not growing")
    large = MemoryGrowth(
        {"rss": 1}, {"rss": 11}, "native", ("malloc has it",), (MemoryPart("native heap", 10),)
    )
    memory = combined([Report("a", memory=small), Report("b", memory=large), Report("c")]).memory
    assert (memory.start, memory.end) == ({"rss": 2}, {"rss": 13})
    assert memory.verdict == "native"
    assert memory.evidence == ("in the process that grew most: malloc has it",)
    assert memory.parts == (MemoryPart("native heap", 10),)


def test_reports_are_not_kept_however_many_there_are():
    def stream():
        for number in range(3_000):
            long = f"{number} " + 10_000 * "x"
            found = leak("a" * 12, reasons=(f"reason {long}",))
            yield Report("worker", leaks=(found,), notes=(f"note {long}",), partial=f"gap {long}")

    tracemalloc.start()
    try:
        whole = combined(stream())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000
    assert whole.leaks[0].count == 3_000
    assert whole.notes[-1] == "and 2,950 more notes, which stand in the single reports"
    assert whole.partial.endswith("; and 2,950 more gaps")
    assert whole.leaks[0].reasons[-2] == "and 2,990 more reasons"


def test_more_leaks_than_anybody_reads_are_refused(monkeypatch):
    monkeypatch.setattr(combine, "MOST_LEAKS", 3)
    same = [Report("a", leaks=(leak(f"{number:012x}"),)) for number in (1, 2, 3, 1)]
    assert len(combined(same).leaks) == 3
    with pytest.raises(ReportFileError, match=r"more than 3 different leaks.*one program"):
        combined([*same, Report("a", leaks=(leak(f"{4:012x}"),))])
    with pytest.raises(ReportFileError, match="no report to combine"):
        combined([])

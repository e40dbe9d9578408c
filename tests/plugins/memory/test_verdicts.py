"""The verdict: what has the largest part of the growth, and whether it grows at all."""

from dataclasses import replace

import pytest

from leakwatch import Report
from leakwatch.model import Leak, MemoryGrowth, MemorySample, RetentionPath, Root
from leakwatch_memory import leakwatch_explain_memory, trends, trends_of

MIB = 1 << 20
START = dict.fromkeys(("rss", "heap_used", "mmap_used", "python_blocks"), 100 * MIB)
LEAK = Leak(
    "shop.Session", 9, 1.0, 9, 8 * MIB, "0123456789ab", RetentionPath(Root("module", "x"), (), "y")
)


@pytest.fixture(autouse=True)
def no_history(monkeypatch):
    monkeypatch.setattr(trends, "_histories", {})


def scope(leaks=(), **change):
    end = {name: value + change.get(name, 0) for name, value in START.items()}
    return Report("work", leaks=leaks, memory=MemoryGrowth(START, end))


def hunt(course, leaks=(), **change):
    """A hunt in which `rss` took this course, a value for each run."""
    report = scope(leaks, rss=course[-1] - course[0], **change)
    samples = tuple(
        MemorySample(float(run), run, {"rss": START["rss"] + value})
        for run, value in enumerate(course, 1)
    )
    return replace(report, kind="hunt", memory=replace(report.memory, samples=samples))


def told(report):
    return leakwatch_explain_memory(report, trim=False)


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (scope((LEAK,), rss=10 * MIB, heap_used=8 * MIB), "objects"),
        (scope(rss=10 * MIB, mmap_used=10 * MIB), "native"),
        (scope(rss=10 * MIB), "allocator keeps freed memory"),
        (scope(rss=10 * MIB, python_blocks=MIB), "undecided"),
        (hunt([run * MIB for run in range(20)], mmap_used=19 * MIB), "native"),
        (hunt([min(run, 5) * MIB for run in range(20)], heap_used=5 * MIB), "not growing"),
        (hunt([run * 100 for run in range(20)]), "not growing"),
        (hunt([run * MIB for run in range(10)], (LEAK,)), "objects"),
    ],
)
def test_the_verdict_on_figures(report, verdict):
    assert told(report).verdict == verdict


def test_a_scope_in_which_the_process_grew_less_than_a_megabyte_is_not_worth_a_word():
    assert told(scope(rss=MIB - 1)) is None
    assert told(Report("work", memory=MemoryGrowth({}, {}))) is None


def test_the_evidence_has_the_share_and_the_figures():
    assert told(scope((LEAK,), rss=10 * MIB)).evidence == (
        "80% of RSS +10.0 MiB: the survivors retain 8.0 MiB",
    )
    assert told(hunt([MIB] + [2 * MIB] * 19)).evidence == (
        "RSS +1.0 MiB in all, and the later runs add nothing to it",
    )


def test_the_rate_of_a_hunt_is_that_of_its_later_runs():
    course = [min(run, 10) * 10 * MIB + run * 1000 * 100 for run in range(60)]
    (trend,) = told(hunt(course)).trends
    assert (trend.figure, trend.per) == ("rss", "run")
    assert trend.slope == pytest.approx(100_000)


def test_scopes_of_one_name_have_a_trend_over_all_of_them():
    for number in range(30):
        told(scope(rss=number * 2100))
    per_run, per_second = trends_of("work")
    assert (per_run.per, per_second.per) == ("run", "second")
    assert per_run.slope == pytest.approx(2100)
    assert told(scope(rss=2 * MIB)).trends[0].slope == pytest.approx(2100, rel=0.2)


def test_a_history_is_bounded_in_names_and_points():
    for number in range(100):
        trends.note_end(f"request {number}", {"rss": 1})
    assert len(trends._histories) == trends.MOST_NAMES
    for number in range(1000):
        trends.note_end("request 0", {"rss": number} if number % 2 else {})
    known = trends._histories["request 0"]
    assert known.runs == 1001
    assert len(known.at) <= trends.MOST_POINTS
    assert trends_of("unknown") == ()


def test_malloc_that_grows_in_memory_that_was_there_already_is_native():
    report = hunt([0] * 20, heap_used=MIB)
    samples = tuple(
        replace(sample, figures={**sample.figures, "heap_used": START["heap_used"] + 50_000 * run})
        for run, sample in enumerate(report.memory.samples)
    )
    memory = told(replace(report, memory=replace(report.memory, samples=samples)))
    assert memory.verdict == "native"
    assert memory.evidence == (
        "malloc has 1.0 MiB more in use, in memory that the process had already; RSS +0 B",
    )

"""The verdict: what has the largest part of the growth, and whether it grows at all."""

from dataclasses import replace

import pytest

from leakwatch import Report
from leakwatch.model import Leak, MemoryGrowth, MemorySample, RetentionPath, Root
from leakwatch_memory import leakwatch_explain_memory, leakwatch_scope_opened, trends, trends_of
from leakwatch_memory.verdicts import NEXT, WORDS

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


def hunt_with(leaks=(), runs=20, **per_run):
    """A hunt in which each figure grows by so much in each run."""
    report = scope(leaks, **{name: by * runs for name, by in per_run.items()})
    samples = tuple(
        MemorySample(
            float(run), run, {name: START.get(name, 0) + by * run for name, by in per_run.items()}
        )
        for run in range(1, runs + 1)
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
        leakwatch_scope_opened("work")
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
        trends.note_start("request 0")
        if number % 2:
            trends.note_end("request 0", {"rss": number})
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


SMALL = replace(LEAK, retained_bytes=20 * 2_000)


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (hunt_with(rss=-30_000, heap_used=2_000), "native"),
        (hunt_with(rss=0, heap_used=900), "not growing"),
        (hunt_with(rss=0, heap_used=900, runs=60), "native"),
        (hunt_with(rss=0, python_blocks=50, heap_used=0), "untracked objects"),
        (hunt_with(rss=0, python_blocks=50, heap_used=1_000), "untracked objects"),
        (hunt_with(rss=0, python_blocks=50, heap_used=9_000), "native"),
        (hunt_with(rss=0, python_blocks=50, survivors=10), "undecided"),
        (hunt_with((SMALL,), rss=-30_000, heap_used=1_000, python_blocks=50), "objects"),
        (hunt_with((SMALL,), rss=0, heap_used=0, python_blocks=500), "untracked objects"),
        (hunt_with((SMALL,), rss=0, heap_used=9_000, python_blocks=50), "native"),
        (hunt_with(rss=9_000, heap_used=0), "allocator keeps freed memory"),
    ],
)
def test_what_each_run_adds_for_certain_decides_and_not_the_total(report, verdict):
    assert told(report).verdict == verdict


def test_untracked_objects_are_told_per_run_and_interned_strings_by_their_number():
    memory = told(hunt_with(rss=0, python_blocks=51, interned=50))
    blocks, interned = memory.evidence
    assert blocks.startswith("each run leaves 51 more small blocks in use by Python, and no leak")
    assert interned == "interned strings grow by 50 per run (sys.getunicodeinternedsize())"
    assert "tracemalloc" in memory.next


def test_that_the_later_runs_add_nothing_is_not_said_beside_a_trend():
    assert told(hunt_with(rss=0, heap_used=0)).evidence[0].endswith("add nothing to it")
    assert told(hunt_with(rss=0, heap_used=90)).evidence[0].endswith("add no more than noise")


def test_what_fills_up_does_not_last_though_it_rises_to_the_end():
    values = [round(200_000 * (1 - 0.9**run)) for run in range(60)]
    assert told(hunt_in_use(values)).verdict == "not growing"


def hunt_in_use(values):
    """A hunt in which malloc had so much in use after each run."""
    report = hunt_with(rss=0, runs=len(values))
    samples = tuple(
        replace(it, figures=it.figures | {"heap_used": value})
        for it, value in zip(report.memory.samples, values, strict=True)
    )
    return replace(report, memory=replace(report.memory, samples=samples))


def test_garbage_that_each_collection_frees_does_not_grow():
    teeth = [run % 12 * 30_000 for run in range(36)]
    memory = told(hunt_in_use([60_000] * 24 + teeth))
    (trend,) = (it for it in memory.trends if it.figure == "heap")
    assert trend.low > 0
    assert memory.verdict == "not growing"


def test_a_leak_below_such_garbage_grows():
    teeth = [run * 9_000 + run % 12 * 5_000 for run in range(60)]
    assert told(hunt_in_use(teeth)).verdict == "native"


def test_a_cache_of_a_library_that_fills_by_a_few_objects_a_run_does_not_grow():
    assert told(hunt_with(rss=0, python_blocks=7, runs=60)).verdict == "not growing"
    assert told(hunt_with(rss=0, python_blocks=7, runs=600)).verdict == "untracked objects"


def test_every_verdict_of_growth_says_what_to_do_next():
    for verdict in set(WORDS.values()):
        assert NEXT[verdict]
    assert told(hunt([0] * 20)).next == ""

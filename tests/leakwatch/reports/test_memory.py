"""The lines about memory: the verdict, its parts, the rate and the course."""

from dataclasses import replace

import pytest

from leakwatch.model import MemoryGrowth, MemoryPart, MemorySample, MemoryTrend
from leakwatch.report import Report
from leakwatch.reports.memory import duration, memory_lines
from leakwatch.reports.text import render
from leakwatch.reports.wording import about, encodable, sparkline

MIB = 1 << 20
TREND = MemoryTrend("uss", "run", 2150.0, 2050.0, 2250.0, 30)
GROWTH = MemoryGrowth(
    {"rss": 90 * MIB, "uss": 80 * MIB},
    {"rss": 100 * MIB, "uss": 90 * MIB},
    verdict="native",
    evidence=("malloc has 9.0 MiB more in use",),
    parts=(MemoryPart("unexplained", MIB), MemoryPart("native heap", 9 * MIB)),
    trends=(TREND, MemoryTrend("rss", "second", 33_000.0, 30_000.0, 36_000.0, 30)),
    samples=tuple(MemorySample(run / 10, run, {"rss": (90 + run) * MIB}) for run in range(9)),
)
RATE = (
    "memory: grows 2.1 ± 0.1 KiB per run, 1 GiB after 500,000 runs; "
    "`max_requests` below 49,000 until it is fixed; at this rate 1 GiB in 9 h"
)


def lines(memory, **changes):
    return render(Report("work", kind="hunt", memory=memory, **changes)).splitlines()


def test_a_process_that_grows_without_leaks_is_told_in_the_first_line_and_below():
    assert lines(GROWTH) == [
        "leakwatch: no leaks in repeated runs of work, but the process grows: native",
        "",
        "memory: native: malloc has 9.0 MiB more in use",
        RATE,
        "memory: ▁▂▃▄▅▅▆▇█ RSS 90.0 MiB to 98.0 MiB over 8 runs",
    ]


def test_what_was_added_once_is_told_and_is_no_process_that_grows():
    once = replace(GROWTH, trends=(replace(TREND, low=-5.0),), samples=())
    assert lines(once) == [
        "leakwatch: no leaks in repeated runs of work",
        "",
        "memory: native: malloc has 9.0 MiB more in use",
    ]


def test_all_figures_and_parts_are_told_to_those_who_have_time():
    assert list(memory_lines(Report("work", kind="hunt", memory=GROWTH), in_full=True))[:3] == [
        "memory: RSS +10.0 MiB, USS +10.0 MiB",
        "memory: native: malloc has 9.0 MiB more in use",
        "memory: native heap 9.0 MiB (90%), unexplained 1.0 MiB (10%)",
    ]


def test_what_the_program_did_not_close_is_told_beside_the_verdict():
    memory = replace(GROWTH, start={"rss": 0, "fds": 3}, end={"rss": 9 * MIB, "fds": 20})
    assert lines(memory)[2] == "memory: native: malloc has 9.0 MiB more in use; fds +17"


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ((1, 5 << 20, 9), (1, 7 << 20, 9), "has 1 child, its memory +2.0 MiB"),
        ((0, 0, 0), (2, 4 << 20, 8), "2 children, +2, their memory +4.0 MiB, their open files +8"),
        ((2, 9, 9), (0, 0, 0), ""),
    ],
)
def test_children_are_told_with_their_growth(start, end, told):
    names = ("children", "children_uss", "children_fds")
    memory = MemoryGrowth(*(dict(zip(names, it, strict=True)) for it in (start, end)))
    lines = [it for it in memory_lines(Report("work", "hunt", memory=memory)) if "child" in it]
    assert told in "".join(lines)
    assert bool(lines) is bool(told)


def test_objects_that_outlived_their_work_are_counted_in_the_course():
    samples = tuple(
        MemorySample(10 * at, None, {"rss": at * MIB, "survivors": 100 * at}) for at in range(9)
    )
    assert lines(replace(GROWTH, samples=samples))[-1].endswith(
        "RSS 0 B to 8.0 MiB, survivors 0 to 800 over 80 s"
    )


def test_a_process_that_does_not_grow_has_no_rate_no_parts_and_no_course():
    memory = replace(GROWTH, verdict="not growing", evidence=("the later runs add nothing",))
    assert lines(memory)[2:] == [
        "memory: not growing: the later runs add nothing",
    ]
    assert lines(memory)[0] == "leakwatch: no leaks in repeated runs of work"


def test_a_hunt_says_that_memory_does_not_grow_however_little_it_changed():
    change = {"rss": 10_000_000}, {"rss": 10_004_096}
    quiet = MemoryGrowth(*change, verdict="not growing", evidence=("USS +4.0 KiB in all",))
    assert lines(quiet)[-1] == "memory: not growing: USS +4.0 KiB in all"
    assert "memory" not in render(Report("work", memory=quiet))


def test_the_figure_that_surely_grows_most_tells_the_rate():
    resident = MemoryTrend("rss", "run", 24_064.0, 9_900.0, 36_864.0, 15)
    malloc = MemoryTrend("heap", "run", 50_016.0, 50_016.0, 50_016.0, 15)
    told = lines(replace(GROWTH, trends=(resident, malloc)))
    assert any("grows 48.8 ± <0.1 KiB per run" in line for line in told), told


def test_a_slope_that_may_be_zero_is_no_rate():
    memory = replace(GROWTH, trends=(replace(TREND, low=-1.0),))
    assert not any("per run" in line for line in lines(memory))


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (600, "10 min"), (32_400, "9 h"), (864_000, "10 d")]
)
def test_a_duration_has_the_unit_with_the_fewest_digits(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0.456, "0.46"), (9.04, "9"), (320.4, "320"), (511_305, "510,000")]
)
def test_a_projection_has_two_digits(number, words):
    assert about(number) == words


def test_a_sparkline_goes_from_the_smallest_to_the_largest():
    assert sparkline([0, 7, 3]) == "▁█▄"
    assert sparkline([5, 5]) == "▁▁"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850"])
def test_where_the_encoding_has_no_blocks_ascii_stands_for_them(encoding):
    shown = encodable("▁▄█ 2.1 ± 0.1 Gerät", encoding)
    assert shown.startswith("_~# 2.1 ")
    assert shown.encode(encoding)
    assert encodable("▁█ Gerät", "utf-8") == "▁█ Gerät"

"""The table of repeated tasks, of which most leak no objects."""

from dataclasses import replace

import pytest

from leakwatch.model import Leak, MemoryGrowth, MemoryPart, MemoryTrend, RetentionPath, Root
from leakwatch.report import Report
from leakwatch.reports.group_table import MOST_ROWS, SLACK, as_markdown, as_text, rows_of

MIB = 1 << 20
PATH = RetentionPath(Root("module global", "shop"), (), "shop.Index")
LEAK = Leak("shop.Index", 57, 1.0, 96, 171 * MIB, "0123456789ab", PATH)
STEADY = MemoryTrend("heap", "run", 0.0, -1.0, 1.0, 20)
RISING = replace(STEADY, slope=2150.0, low=2_000.0, high=2_300.0)


def memory(rss, verdict, *parts, heap=STEADY):
    return MemoryGrowth({"rss": 0}, {"rss": rss}, verdict, parts=parts, trends=(heap,))


TASKS = {
    "reports.render_pdf": (
        412,
        Report("a", memory=memory(310 * MIB, "not growing", MemoryPart(SLACK, 300 * MIB))),
    ),
    "billing.invoice": (9301, Report("b", memory=memory(19 * MIB, "native", heap=RISING))),
    "search.reindex": (57, Report("c", leaks=(LEAK,), memory=memory(171 * MIB, "objects"))),
    "a.ping": (9, Report("d", not_judged="9 of 9 runs: leakwatch itself failed")),
    "a.cache": (30, Report("e", memory=memory(2 * MIB, "not growing", MemoryPart("x", 2 * MIB)))),
}


def table(render=as_text, tasks=TASKS):
    return render(rows_of(tasks), "task").splitlines()


def test_the_verdict_counts_leaks_runs_and_names():
    assert table()[0] == (
        "leakwatch: 1 leak in 9,809 runs of 5 tasks: 57 objects, 171.0 MiB retained"
    )
    assert (
        table(tasks={"b": TASKS["billing.invoice"]})[0]
        == "leakwatch: no leaks in 9,301 runs of 1 task"
    )


def test_a_row_says_what_grows_leaks_first_and_then_the_largest_growth():
    rows = [line.split(maxsplit=1) for line in table()[3:8]]
    assert {name: " ".join(rest.split()) for name, rest in rows} == {
        "reports.render_pdf": "412 0 flat +310.0 MiB allocator keeps freed memory",
        "search.reindex": "57 1 Index flat +171.0 MiB object leak, see 1",
        "billing.invoice": "9,301 0 +2.1 KiB/run +19.0 MiB native",
        "a.cache": "30 0 flat +2.0 MiB not growing",
        "a.ping": "9 0 memory not judged",
    }
    first = ["search.reindex", "reports.render_pdf", "billing.invoice"]
    assert [name for name, _ in rows[:3]] == first


def test_objects_that_leak_into_memory_that_was_there_have_their_slope():
    leaky = Report("x", leaks=(LEAK,), memory=memory(0, "not growing", heap=RISING))
    assert "+2.1 KiB/run" in table(tasks={"x": (5, leaky)})[3]


def test_rows_that_leak_no_objects_are_counted_and_told_where_to_look():
    text = "\n".join(table())
    assert "4 of 5 tasks leak no Python objects\n  native: `memray run --native`" in text
    assert "  allocator keeps freed memory: nothing leaks; MALLOC_ARENA_MAX" in text
    assert "  a.ping, not all judged: 9 of 9 runs: leakwatch itself failed" in text


def test_the_leak_of_a_row_is_told_in_full_under_its_number():
    assert "1. 57 shop.Index (1 per run) are held, each like shop" in table()


def test_an_object_leak_beside_a_native_one_says_both():
    both = Report("x", leaks=(LEAK, LEAK), memory=memory(MIB, "native"))
    assert table(tasks={"x": (5, both)})[3].endswith("object leak, see 1-2; native")


def test_names_cannot_become_markup_or_recolour_a_terminal():
    tasks = {"a|b\x1b[31m": (1, Report("x"))}
    assert "a|b\\x1b[31m" in table(tasks=tasks)[3]
    assert table(as_markdown, tasks)[4].startswith("| `a\\|b\\x1b[31m` | 1 | 0 |")


def test_markdown_has_the_same_table():
    lines = table(as_markdown)
    assert lines[2] == "| task | runs | survivors/run | heap in use | RSS | verdict |"
    assert lines[5].startswith("| `reports.render_pdf` | 412 | 0 | flat | +310.0 MiB | allocator")
    assert "1. `shop.Index` held by `shop`" in lines


@pytest.mark.parametrize("render", [as_text, as_markdown])
def test_thousands_of_names_are_cut_and_counted(render):
    lines = table(render, {f"task {number}": (1, Report("x")) for number in range(1_000)})
    assert len(lines) < MOST_ROWS + 20
    assert any(f"and {1_000 - MOST_ROWS} more tasks" in line for line in lines)


@pytest.mark.parametrize("render", [as_text, as_markdown])
def test_what_leaks_on_devices_has_a_column_where_there_is_any(render):
    report = Report(
        "x", leaks=(replace(LEAK, device_bytes=3 * MIB),), memory=memory(MIB, "objects")
    )
    lines = table(render, {"train": (57, report), "serve": TASKS["a.cache"]})
    assert "171.0 MiB retained, 3.0 MiB on devices" in lines[0]
    words = lines[2].replace("|", "").split()
    assert words[-4:] == ["RSS", "on", "devices", "verdict"]
    (row,) = (line.replace("|", "").split() for line in lines if "see 1" in line)
    assert row[-8:] == ["+1.0", "MiB", "3.0", "MiB", "object", "leak,", "see", "1"]
    assert all("on devices" not in line for line in table(render))

"""The text of a report, word for word, beside reports made by hand."""

from dataclasses import replace

from leakwatch.model import (
    Cause,
    Leak,
    MemoryGrowth,
    Pattern,
    Reference,
    RetentionPath,
    Root,
    Settling,
    Verdict,
)
from leakwatch.report import Report
from leakwatch.reports.text import LONGEST_PATH, MOST_SHOWN, path_lines, render, summary


def leak(root=None, names=(".KEPT", "[0]"), **changes) -> Leak:
    references = tuple(
        Reference("list", name, Verdict.UNKNOWN, suspect=index > 0)
        for index, name in enumerate(names)
    )
    root = root or Root("module global", "shop")
    path = RetentionPath(root, references, "shop.Session", "outlived scope 'checkout'")
    known = Leak("shop.Session", 1, None, 48, 2048, "0123456789ab", path)
    return replace(known, **changes)


def test_a_report_in_which_every_field_says_something(report):
    assert (
        render(report)
        == """\
leakwatch: 1 leak in repeated runs of checkout: 20 objects, 40.0 KiB retained

1. 20 shop.Session (2.5 per run) are held, each like shop.HANDLERS['checkout']
   LW101 container that only grows, 40.0 KiB retained, signature 0123456789ab

     module global shop
       .HANDLERS    -> shop.Session  closed
       ['checkout'] -> shop.Session  <- suspect; outlived it

   cut    ['checkout'] in shop.HANDLERS
   why    It grows.
   next   bound it
   made   shop.py:12 in open_session
   reason the handler was never removed

known: 20 shop.Session (2.5 per run) are held, each like shop.HANDLERS['checkout']; \
the handler was never removed
in use: 20 shop.Session (2.5 per run) are held, each like shop.HANDLERS['checkout']
judged after 3 collections and after waiting 0.05 s; named roots explain 87.5% of the heap
memory: RSS +1.9 MiB; these leaks retain 40.0 KiB
partial: stopped after 60 seconds
not judged: a test failed
note: a plugin is broken
"""
    )


def test_a_clean_report_is_one_line():
    assert render(Report("checkout")) == "leakwatch: no leaks in scope 'checkout'\n"
    assert render(Report("watched objects", kind="check")) == (
        "leakwatch: no leaks among the watched objects\n"
    )


def test_a_clean_report_does_not_speak_of_memory():
    memory = MemoryGrowth({"rss": 1}, {"rss": 2})
    assert "memory" not in render(Report("checkout", memory=memory))


def test_one_leak_without_pattern_or_birth():
    text = render(Report("checkout", leaks=(leak(),), settling=Settling(1)))
    assert (
        text
        == """\
leakwatch: 1 leak in scope 'checkout': 1 object, 2.0 KiB retained

1. 1 shop.Session is held by shop.KEPT[0]
   2.0 KiB retained, signature 0123456789ab

     module global shop
       .KEPT -> list
       [0]   -> shop.Session  <- suspect; outlived scope 'checkout'

   cut    [0] in shop.KEPT

judged after 1 collection; named roots explain 100.0% of the heap
"""
    )


def test_a_leak_that_native_code_holds():
    native = leak(Root("native code", "(surplus 1)"), names=())
    text = render(Report("checkout", leaks=(native,)))
    assert "1. 1 shop.Session is held by native code (surplus 1)\n" in text
    assert "     native code (surplus 1)\n       -> shop.Session  outlived scope" in text


def test_a_cycle_is_not_held_by_anything():
    cycle = leak(Root("cyclic garbage", ""), names=(".me",))
    text = render(Report("checkout", leaks=(cycle,)))
    assert "1 shop.Session is kept by a reference cycle that only the collector frees" in text


def test_a_long_path_is_folded_in_the_middle():
    names = [".start", *(f".step{number}" for number in range(30))]
    text = render(Report("checkout", leaks=(leak(names=names),)))
    assert f"... {31 - LONGEST_PATH} more references ..." in text
    assert ".step29" in text
    assert ".step15" not in text.split("cut ")[0]
    assert "held by module global shop, over 31 references" in text


def test_references_that_repeat_are_said_once():
    names = [".failure", *([".tb_next"] * 90), ".tb_frame"]
    text = render(Report("checkout", leaks=(leak(names=names),)))
    assert text.split("cut ")[0].count(".tb_next") == 1
    assert "(this reference 90 times)" in text
    assert "more references" not in text


def test_leaks_beyond_the_first_are_counted():
    text = render(Report("checkout", leaks=(leak(),) * (MOST_SHOWN + 3)))
    assert f"\n{MOST_SHOWN}. 1 shop.Session" in text
    assert f"\n{MOST_SHOWN + 1}. " not in text
    assert "and 3 more leaks" in text


def test_more_leaks_than_one_sees_at_a_glance_are_listed_first_in_80_columns():
    found = leak(cause=Cause("a.very.long.name." * 8 + "shop.KEPT", "[*]"), growth=1.5)
    text = render(Report("checkout", leaks=(found,) * 12))
    title, _, head, *rows = text.splitlines()[:15]
    assert title.startswith("leakwatch: 12 leaks")
    assert head.split() == ["#", "retained", "alive", "growth", "code", "type", "cut"]
    assert rows[0].split()[0] == "1"
    assert rows[11].split()[0] == "12"
    assert all(row.endswith("shop.KEPT[*]") and len(row) <= 80 for row in rows)


def test_few_leaks_need_no_list():
    assert "#" not in render(Report("checkout", leaks=(leak(),) * 3)).splitlines()[2]


def test_the_same_mistake_is_explained_once():
    pattern = Pattern("LW101", "container that only grows", "It lives on.", "remove the entry")
    text = render(Report("checkout", leaks=(leak(pattern=pattern),) * 2))
    assert text.count("why    It lives on.") == 1
    assert text.count("next   remove the entry") == 1
    assert "next   as in 1" in text


def test_what_is_known_or_in_use_is_told_though_nothing_leaks():
    accepted = leak(reasons=("known as cache: it is bounded",))
    text = render(Report("checkout", known=(accepted,), in_use=(leak(),)))
    assert text.startswith("leakwatch: no leaks in scope 'checkout'\n")
    assert "known: 1 shop.Session is held by shop.KEPT[0]; known as cache: it is bounded" in text
    assert "in use: 1 shop.Session is held by shop.KEPT[0]" in text


def test_answers_to_why():
    assert render(Report("shop.Session", kind="why")) == (
        "leakwatch: why shop.Session: nothing holds it any more\n"
    )
    assert render(Report("shop.Session", kind="why", partial="the budget ran out")) == (
        "leakwatch: why shop.Session: not known, for the look at the heap was not complete\n"
        "\npartial: the budget ran out\n"
    )
    assert render(Report("shop.Session", kind="why", not_judged="no instance is alive")) == (
        "leakwatch: why shop.Session: no instance is alive\n"
    )
    held = render(Report("shop.Session", kind="why", leaks=(leak(),)))
    assert held.startswith("leakwatch: why shop.Session is alive: held in 1 way\n")
    used = render(Report("shop.Session", kind="why", in_use=(leak(),)))
    assert used.startswith("leakwatch: why shop.Session is alive: only the code that asks holds it")


def test_what_was_not_judged_is_said_in_the_first_line():
    text = render(Report("checkout", not_judged="the test failed"))
    assert text.startswith("leakwatch: not judged in scope 'checkout'\n")
    assert "not judged: the test failed" in text


def test_nothing_in_the_text_can_recolour_a_terminal_or_turn_its_direction():
    nasty = leak(names=(".\x1b[31m", "['\u202e']"), type_name="shop.\x07Session")
    text = render(Report("\x1b]0;title\x07", leaks=(nasty,), notes=("\x9b1m",)))
    assert all(character.isprintable() or character == "\n" for character in text)


def test_who_awaits_a_task_stands_beside_it():
    held_by = Reference("task errand", ".get_coro()", reason="pending", awaited_by=("main at a:2",))
    path = RetentionPath(
        Root("asyncio event loop", "Loop"),
        (Reference("Loop", "._ready"), held_by),
        "task serve",
        "outlived it",
        target_awaited_by=("pay at a:5", "main at a:9"),
    )
    lines = list(path_lines(path))
    assert lines[1].endswith("pending; awaited by main at a:2")
    assert lines[2].endswith("outlived it; awaited by pay at a:5, that by main at a:9")


def test_a_summary_has_neither_keys_nor_indexes():
    one = leak(cause=Cause("shop.CARTS", "[*]"), growth=2.0, growth_per="second")
    assert summary(one) == "1 shop.Session (2 per second) held by shop.CARTS[*]"
    assert summary(leak()) == "1 shop.Session held by module global"

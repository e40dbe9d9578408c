"""What each part of the page says, as values."""

from dataclasses import dataclass, replace

import pytest

from leakwatch.model import MemoryGrowth, Pattern, Reference, RetentionPath, Root, Verdict
from leakwatch.report import Report
from leakwatch_html import render_page
from leakwatch_html.cards import cards, headline
from leakwatch_html.leaks import both_ends, rows, split_name
from leakwatch_html.memory import story
from leakwatch_html.paths import stretches
from leakwatch_html.programs import remedy
from leakwatch_html.tree import Branch, Link, merged

MIB = 1 << 20


def path(*references, root=None, target="shop.Session", reason="outlived it"):
    return RetentionPath(root or Root("module global", "shop"), references, target, reason)


def steps(shown, fate=Verdict.LEAKING):
    return [step for stretch in stretches(shown, fate) for step in stretch.steps]


def test_a_path_begins_with_its_root_and_ends_with_the_survivor():
    shown = path(
        Reference("module", ".HANDLERS", Verdict.NOT_LEAKING, "a module lives on"),
        Reference("dict", "[3]", suspect=True),
    )
    first, second, last = steps(shown)
    assert (first.kind, first.name, first.verdict) == ("module global", "shop", "NOT_LEAKING")
    assert (second.edge, second.name, second.suspect) == (".HANDLERS", "dict", False)
    assert (last.edge, last.name, last.suspect, last.end) == ("[3]", "shop.Session", True, True)
    assert (last.verdict, last.reason) == (Verdict.LEAKING, "outlived it")


def test_what_a_nameless_root_holds_stands_below_it():
    shown = path(Reference("list", "[0]"), root=Root("native code", "(surplus 1)"))
    assert [step.name for step in steps(shown)] == ["(surplus 1)", "list", "shop.Session"]


def test_a_survivor_that_the_root_itself_holds():
    shown = path(root=Root("native code", "(surplus 1)"))
    assert [step.name for step in steps(shown)] == ["(surplus 1)", "shop.Session"]


def test_an_object_in_use_is_not_accused():
    assert steps(path(), Verdict.UNKNOWN)[-1].verdict == Verdict.UNKNOWN


def test_the_middle_of_a_long_path_is_folded_but_never_a_suspect():
    references = [Reference(f"t{index}", f".n{index}") for index in range(40)]
    references[20] = Reference("t20", ".n20", suspect=True)
    found = stretches(path(*references), Verdict.LEAKING)
    assert [stretch.folded for stretch in found] == [False, True, False, True, False]
    assert sum(len(stretch.steps) for stretch in found) == 41
    assert any(step.suspect for step in found[2].steps)


def test_a_short_path_is_shown_whole():
    references = [Reference(f"t{index}", f".n{index}") for index in range(8)]
    assert not any(stretch.folded for stretch in stretches(path(*references), Verdict.LEAKING))


def test_references_that_repeat_are_said_once():
    shown = path(*[Reference("traceback", ".tb_next")] * 90, target="traceback", reason="")
    found = steps(shown, Verdict.UNKNOWN)
    assert len(found) < 6
    assert "times" in found[1].repeat


def test_a_path_of_ten_thousand_references_is_no_problem():
    references = [Reference(f"t{index}", f".n{index}") for index in range(10_000)]
    assert len(steps(path(*references))) == 10_001
    assert merged([path(*references)] * 2)


def test_ways_are_merged_from_the_object_to_where_they_part():
    shared = Reference("shop.Cart", ".owner")
    ways = [
        path(Reference("module", ".CARTS"), Reference("dict", "['a']"), shared),
        path(Reference("module", ".LAST"), shared, root=Root("module global", "web")),
        path(root=Root("native code", "")),
    ]
    assert merged(ways) == (
        Branch(
            (Link(".owner", "shop.Cart"),),
            (
                Branch((Link("['a']", "dict"), Link(".CARTS", "module global shop")), ()),
                Branch((Link(".LAST", "module global web"),), ()),
            ),
        ),
        Branch((Link("", "native code"),), ()),
    )


def test_equal_ways_are_one_branch():
    way = path(Reference("module", ".CARTS"))
    assert len(merged([way] * 3)) == 1


def test_the_programs_of_a_pattern_mark_what_the_fix_changes():
    found = remedy("fix-1", Pattern("LW102", "t", "e", "f"))
    assert "from functools import cache" in [line.text for line in found.before if line.changed]
    assert "def work():" in [line.text for line in found.after if not line.changed]
    assert remedy("fix-1", Pattern("XX1", "t", "e", "f")).before == ()


@pytest.mark.parametrize(
    ("type_name", "parts"),
    [
        ("shop.models.Session", ("shop.models", "Session")),
        ("shop.models.Session.Inner", ("shop.models", "Session.Inner")),
        ("dict", ("", "dict")),
        ("_io.lock", ("_io", "lock")),
        ("", ("", "")),
        ("a.b.", ("a", "b.")),
    ],
)
def test_a_type_is_its_modules_and_its_name(type_name, parts):
    assert split_name(type_name) == parts


def test_a_long_expression_shows_both_ends():
    assert both_ends("a" * 300 + "b" * 300).startswith("aaa")
    assert both_ends("a" * 300 + "b" * 300).endswith("bbb")
    assert len(both_ends("a" * 10_000)) < 200


def test_leaks_with_one_signature_have_links_of_their_own(make_leak):
    found = rows(Report("x", leaks=(make_leak(), make_leak()), known=(make_leak(),)), {})
    assert [row.anchor for row in found] == [
        "leak-000000000000",
        "leak-number-2",
        "leak-number-3",
    ]
    assert [row.status for row in found] == ["new", "new", "known"]


@pytest.mark.parametrize(
    ("report", "word", "mood"),
    [
        (Report("x"), "No leaks", "good"),
        (Report("x", partial="the budget ran out"), "No leaks", "unsure"),
        (Report("x", not_judged="the test failed"), "Not judged", "unsure"),
        (Report("x", kind="why"), "Why it is alive", "plain"),
    ],
)
def test_the_headline_of_a_report_without_leaks(report, word, mood):
    assert (headline(report).word, headline(report).mood) == (word, mood)


def test_what_was_not_judged_is_a_card_and_never_called_clean():
    partial = Report("x", partial="the budget ran out")
    assert [card.value for card in cards(partial, None)][-1] == "in part"
    assert "good" not in [card.mood for card in cards(partial, None)]
    assert headline(partial).limit == "the budget ran out"
    assert [card.value for card in cards(Report("x", not_judged="no"), None)][-1] == "not all"


def grown(start, end, retained, make_leak):
    leaks = (make_leak(retained_bytes=retained),) if retained else ()
    report = Report("x", leaks=leaks, memory=MemoryGrowth({"rss": start}, {"rss": end}))
    return story(report, rows(report, {}))


def test_the_share_of_the_growth_that_leaks_retain(make_leak):
    found = grown(10 * MIB, 20 * MIB, 7 * MIB, make_leak)
    assert found.share == 70
    assert found.summary == "Resident memory grew by 10.0 MiB; the leaks retain 7.0 MiB."


@pytest.mark.parametrize(
    ("start", "end", "retained", "said"),
    [
        (20, 10, 0, "Resident memory shrank by 10.0 MiB."),
        (10, 10, 0, "Resident memory did not grow."),
        (10, 11, 5, "the leaks retain 5.0 MiB, part of it in memory that the process had already"),
    ],
)
def test_no_share_is_made_up_where_the_leaks_are_no_part_of_the_growth(
    start, end, retained, said, make_leak
):
    found = grown(start * MIB, end * MIB, retained * MIB, make_leak)
    assert found.share is None
    assert said in found.summary


def test_the_chart_has_growth_a_band_for_the_scope_and_a_dot_for_each_new_leak(report):
    found = story(report, rows(report, {}))
    assert found.lines == ["resident (RSS)", "malloc, small blocks"]
    assert [line["values"] for line in found.chart["lines"]] == [[0, 10 * MIB], [0, 3 * MIB]]
    assert found.chart["bands"] == [{"name": "checkout", "from": 0, "to": 1}]
    assert [dot["anchor"] for dot in found.chart["dots"]] == [
        "leak-000000000000",
        "leak-000000000001",
        "leak-000000000002",
    ]


@dataclass(frozen=True, slots=True)
class Sample:
    at: float
    runs: int | None
    figures: dict


@dataclass(frozen=True, slots=True)
class Made:
    name: str
    size: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Slope:
    figure: str
    per: str
    slope: float
    uncertainty: float
    points: int


@dataclass(frozen=True, slots=True)
class Watched(MemoryGrowth):
    """A growth as a plugin tells it that takes samples and judges them."""

    samples: tuple = ()
    parts: tuple = ()
    trends: tuple = ()
    verdict: str = ""
    evidence: tuple = ()


def test_samples_are_the_course_by_runs_where_work_was_repeated_and_else_by_seconds(report):
    samples = (
        Sample(0.5, 1, {"rss": 2 * MIB}),
        Sample(0.7, 1, {"rss": 9 * MIB}),
        Sample(1.5, 4, {"heap_used": 7}),
        Sample(2.5, 9, {"rss": 5 * MIB, "heap_used": 9}),
    )
    memory = Watched({"rss": MIB}, {"rss": 5 * MIB}, samples=samples)
    found = story(replace(report, memory=memory), rows(report, {})).chart
    assert (found["unit"], found["at"]) == ("run", [0, 1, 4, 9])
    assert found["lines"][0]["values"] == [0, MIB, None, 4 * MIB]
    assert found["lines"][1]["values"] == [None, None, 0, 2]
    assert found["dots"][0]["at"] == found["bands"][0]["to"] == 9
    assert found["counts"] == []
    once = tuple(replace(sample, runs=None) for sample in samples)
    found = story(replace(report, memory=replace(memory, samples=once)), []).chart
    assert (found["unit"], found["at"]) == ("s", [0, 0.5, 0.7, 1.5, 2.5])


def test_objects_that_outlived_their_work_have_a_line_on_an_axis_of_their_own(report):
    samples = tuple(
        Sample(float(at), at, {"rss": at * MIB, "survivors": 7 * at, "tracked": 3})
        for at in range(1, 5)
    )
    memory = Watched({"rss": 0}, {"rss": 5 * MIB}, samples=samples)
    found = story(replace(report, memory=memory), [])
    (line,) = found.chart["counts"]
    assert line["values"] == [None, 7, 14, 21, 28]
    assert found.counts == [line["label"]] == ["objects that outlived their work"]
    assert "(right axis)" in render_page(replace(report, memory=memory))


def test_the_verdict_the_parts_and_the_trends_of_a_plugin_are_told(report):
    memory = Watched(
        {"rss": MIB},
        {"rss": 5 * MIB},
        verdict="objects",
        evidence=("75% of RSS: the survivors retain 3.0 MiB",),
        parts=(Made("Python objects", 3 * MIB, "they do"), Made("unexplained", MIB, "")),
        trends=(Slope("rss", "run", 2048.0, 100.0, 12),),
    )
    found = story(replace(report, memory=memory), [])
    assert found.verdict == "objects"
    assert found.remarks == [
        "75% of RSS: the survivors retain 3.0 MiB",
        "RSS changes by 2.0 KiB ± 100 B per run (12 samples).",
    ]
    assert [(part.name, part.begin, part.share) for part in found.parts] == [
        ("Python objects", 0.0, 75.0),
        ("unexplained", 75.0, 25.0),
    ]
    assert "they do" in render_page(replace(report, memory=memory))


def test_a_process_that_grows_without_a_leak_is_no_good_news():
    growing = Report("x", memory=Watched({"rss": 1}, {"rss": 9}, verdict="native"))
    assert (headline(growing).word, headline(growing).mood) == ("No leaks", "unsure")
    calm = replace(growing, memory=replace(growing.memory, verdict="not growing"))
    assert headline(calm).mood == "good"


def test_figures_that_could_not_be_read_are_empty_and_unknown_ones_stay(report):
    found = {figure.label: figure for figure in story(report, []).figures}
    assert (found["unshared (USS)"].end, found["unshared (USS)"].change) == ("", "")
    assert (found["threads"].change, found["gadgets"].change) == ("+2", "none")


def test_nothing_is_said_of_memory_that_was_not_measured(report):
    assert story(replace(report, memory=None), []) is None
    assert story(replace(report, memory=MemoryGrowth({}, {})), []) is None

"""Hunting: what grows with every run is found, what fills up and stays is not."""

import asyncio
import importlib
import itertools
import re
import sys
from collections import deque
from functools import lru_cache

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError
from leakwatch.growth.handles import handles_grown
from leakwatch.growth.rounds import hunt
from leakwatch.growth.survivors_per_run import keeps_growing
from leakwatch.model import MemoryGrowth
from leakwatch.session import Session as BareSession
from tests.heaps import PLUGINS, run_python

KEPT: list[object] = []
LAZY = ("colorsys", "quopri", "getopt", "sched", "netrc", "wave", "fileinput", "plistlib")


class Session:
    pass


@lru_cache(maxsize=64)
def loaded(number):
    session = Session()
    session.rows = [number] * 1000
    return session


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()


def grown(report) -> dict[str, float]:
    return {leak.type_name: leak.growth for leak in report.leaks}


def test_a_leak_in_every_run_has_its_growth():
    report = leakwatch.hunt(lambda: KEPT.extend((Session(), Session())))
    assert grown(report) == {f"{__name__}.Session": 2.0}
    assert "test_rounds.KEPT" in str(report.leaks[0].path.expression)
    assert report.kind == "hunt"


def test_a_leak_in_one_of_three_runs_is_found():
    runs = itertools.count()

    def work():
        if next(runs) % 3 == 0:
            KEPT.append(Session())

    (growth,) = grown(leakwatch.hunt(work)).values()
    assert 0.25 < growth < 0.45


@pytest.mark.parametrize("entries", [1, 5, 20])
def test_a_cache_that_fills_is_no_leak(entries):
    runs = itertools.count()
    cache: dict[int, Session] = {}

    def work():
        cache[next(runs) % entries] = Session()

    report = leakwatch.hunt(work)
    assert report.ok, str(report)


def test_a_bounded_cache_that_is_full_is_said():
    numbers = itertools.count()
    report = leakwatch.hunt(lambda: loaded(next(numbers)), runs=100)
    assert report.ok
    assert any("is full: 64 " in note for note in report.notes), report.notes


def test_a_cache_that_keeps_its_first_entries_is_no_leak():
    def work():
        if len(KEPT) < 12:
            KEPT.append(Session())

    report = leakwatch.hunt(work)
    assert report.ok, str(report)


def test_a_cache_that_replaces_its_entries_at_the_same_addresses_is_no_leak():
    cache: deque[Session] = deque(maxlen=30)
    report = leakwatch.hunt(lambda: cache.append(Session()))
    assert report.ok, str(report)


@pytest.mark.parametrize("entries", [128, 10_000])
def test_a_large_cache_is_told_from_a_leak(entries, monkeypatch):
    monkeypatch.undo()  # as many runs as a user gets
    runs = itertools.count()

    @lru_cache(maxsize=entries)
    def session(number):
        return Session()

    report = leakwatch.hunt(lambda: session(next(runs)) and None)
    assert report.ok, str(report)


def test_what_libraries_keep_and_bound_is_no_leak(monkeypatch):
    monkeypatch.undo()
    runs = itertools.count()

    def work():
        number = next(runs)
        re.compile(f"pattern {number}")
        sys.intern(f"interned {number % 50}")
        importlib.import_module(LAZY[number % len(LAZY)])

    assert leakwatch.hunt(work).ok


def test_a_growth_that_did_not_end_is_told_with_its_doubt():
    report = leakwatch.hunt(lambda: KEPT.append(Session()))
    assert "it still grew" in report.notes[0]
    assert "it still grew" not in leakwatch.hunt(lambda: None).notes[0]


def test_work_that_leaves_nothing_is_clean():
    def work():
        session = Session()
        session.me = session

    assert leakwatch.hunt(work).ok


def test_a_growing_list_of_lists_is_found():
    report = leakwatch.hunt(lambda: KEPT.append([1]))
    assert grown(report) == {"builtins.list": 1.0}


def test_a_chain_that_grows_is_told_by_its_link():
    class Context:
        def __init__(self, previous):
            self.previous = previous

    current = [None]

    def push():
        current[0] = Context(current[0])

    KEPT.append(current)
    (leak,) = leakwatch.hunt(push).leaks
    assert leak.growth == 1.0
    assert [reference.name for reference in leak.path.references][-1] == ".previous"
    assert leak.path.references[-1].suspect


def test_a_tree_in_every_run_is_told_by_its_top():
    class Node:
        def __init__(self, *children):
            self.children = children

    (leak,) = leakwatch.hunt(lambda: KEPT.append(Node(Node(), Node()))).leaks
    assert leak.growth == 3.0
    assert leak.path.references[-1].name.startswith("[")


def test_a_coroutine_function_is_hunted_on_one_loop():
    loops = set()

    async def work():
        loops.add(id(asyncio.get_running_loop()))
        await asyncio.sleep(0)
        KEPT.append(Session())

    assert grown(leakwatch.hunt(work)) == {f"{__name__}.Session": 1.0}
    assert len(loops) == 1


def test_the_work_is_called_as_often_as_asked():
    calls = itertools.count()
    leakwatch.hunt(lambda: next(calls) and None, runs=4, warmup=2)
    assert next(calls) >= 6


@pytest.mark.parametrize("options", [{"runs": 1}, {"runs": 0}, {"warmup": -1}])
def test_impossible_numbers_are_refused(options):
    with pytest.raises(ConfigurationError, match="runs >= 2"):
        leakwatch.hunt(lambda: None, **options)


def test_an_exception_of_the_work_is_the_callers():
    def work():
        raise KeyError("work")

    with pytest.raises(KeyError, match="work"):
        leakwatch.hunt(work)
    with leakwatch.scope("afterwards", discover=True) as scope:
        KEPT.append(Session())
    assert len(scope.report.leaks) == 1


def failing_in(run: int):
    calls = itertools.count(1)

    def work():
        KEPT.append(Session())
        if next(calls) == run:
            raise KeyError("work")

    return work


@pytest.mark.parametrize("runs", [7, 30])
def test_work_that_raises_late_is_judged_by_the_runs_before(runs):
    report = leakwatch.hunt(failing_in(3 + 6), runs=runs)
    assert report.partial == "the work raised KeyError after 5 runs"
    assert grown(report) == {f"{__name__}.Session": 1.0}
    assert report.not_judged is None


def test_work_that_raises_late_and_leaves_nothing_is_not_judged():
    calls = itertools.count()

    def work():
        if next(calls) == 8:
            raise KeyError("work")

    report = leakwatch.hunt(work)
    assert (report.partial, report.not_judged) == ("the work raised KeyError after 5 runs",) * 2


def test_strings_in_a_list_that_was_not_compared_yet_are_not_told():
    calls, names = itertools.count(), []

    def work():
        names.append(f"name {next(calls)}")
        if next(calls) > 12:
            raise KeyError("work")

    assert leakwatch.hunt(work, runs=30, warmup=0).not_judged


@pytest.mark.parametrize("what", ["os.dup(0)", "thread()", "child()"])
def test_work_ends_before_the_system_refuses_it(what, monkeypatch):
    monkeypatch.setenv(PLUGINS, "memory")
    lines = f"""
import os, resource, subprocess, sys, threading, leakwatch
import leakwatch.growth.handles
leakwatch.growth.handles.MOST_THREADS = leakwatch.growth.handles.MOST_CHILDREN = 60
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
class Session: pass
kept, children, over = [], [], threading.Event()
def child():
    children.append(subprocess.Popen([sys.executable, "-Sc", "input()"], stdin=subprocess.PIPE))
def thread(): threading.Thread(target=over.wait, daemon=True).start()
def work():
    kept.append(Session())
    {what}
report = leakwatch.hunt(work)
print(len(kept) < 70, report.partial, [it.type_name for it in report.leaks if it.count > 10][0])
print(*report.notes)
over.set()
for it in children: it.communicate()
"""
    told, notes = run_python("-c", lines).splitlines()
    assert told.startswith("True None ")
    assert "it was not done more often, for the process had" in notes


def test_without_automatic_collection_cyclic_garbage_is_a_leak():
    lines = """
import gc, leakwatch
gc.disable()
class Session: pass
def work():
    session = Session(); session.me = session
report = leakwatch.hunt(work)
print([(leak.type_name, leak.growth, leak.path.root.kind) for leak in report.leaks])
print(gc.isenabled(), any("automatic collection is off" in note for note in report.notes))
"""
    told = run_python("-c", lines)
    assert told == "[('__main__.Session', 1.0, 'cyclic garbage')]\nFalse True\n"


def test_what_hangs_from_a_cycle_or_hangs_together_with_it_is_told_with_it():
    lines = """
import functools, gc, leakwatch
gc.disable()
class Keys: pass
class Payload: pass
class Client:
    def __init__(self):
        self.get = functools.lru_cache(16)(self.get)
        self.keys = Keys()
    def get(self): pass
def work(): Client()
def failing(payload=None):
    payload = Payload()
    try: raise ValueError
    except ValueError as error: kept = error
for it in (work, failing):
    leaks = leakwatch.hunt(it, runs=4).leaks
    print(sorted((leak.type_name, leak.pattern.code, str(leak.types[1:])) for leak in leaks))
"""
    client, failure = run_python("-c", lines).splitlines()
    assert client.startswith("[('__main__.Client', 'LW102'")
    assert client.count("('__main__") == 1
    assert "__main__.Keys" in client
    assert "'__main__.Payload', 'LW103'" in failure
    assert "'builtins.ValueError'" in failure
    assert failure.count("LW103") == 1


@pytest.mark.parametrize(
    ("ages", "runs", "growing"),
    [
        ([3], 7, False),
        (range(28), 28, True),
        (range(0, 28, 3), 28, True),
        (range(14), 28, False),
        (range(20, 28), 28, False),
        ([0, 1, 2, 3, 4, 5, 6, 7, 27], 28, False),
        ([], 28, False),
    ],
)
def test_growth_needs_survivors_of_early_and_late_runs(ages, runs, growing):
    assert keeps_growing(list(ages), runs) is growing


@pytest.mark.parametrize(("fds", "told"), [(20, True), (3, False)])
def test_descriptors_that_grow_with_each_run_are_noted(fds, told):
    memory = MemoryGrowth({"fds": 5, "rss": 0}, {"fds": 5 + fds, "rss": 1 << 20})
    notes = list(handles_grown(memory, runs=10))
    assert bool(notes) is told
    assert all("20 more than before, 2 for each run" in note for note in notes)


def test_whoever_waits_hears_how_far_it_is():
    said, kept = [], []
    hunt(lambda: kept.append(Session()), 4, 0, BareSession(progress=said.append))
    assert said[0].startswith("round 1, run 1 of 2 (at most 200), ")
    assert said[2].startswith("round 2, run 3 of 4 (at most 200), ")
    assert all(re.search(r"\), [\d,]+ objects? stayed$", it) for it in said)


def test_nothing_of_leakwatch_is_among_the_survivors_that_become_more():
    lines = """
from collections import Counter
import leakwatch
import leakwatch.growth.rounds
from leakwatch.growth.survivors_per_run import Tally
leakwatch.growth.rounds.MOST_RUNS = 30
class Session: pass
kept, found, alive = [], Counter(), Tally.alive
def watched(tally):
    survivors = alive(tally)
    found.update(Counter(type(it).__qualname__ for it in survivors))
    return survivors
Tally.alive = watched
leakwatch.hunt(lambda: kept.append(Session()))
# What Python itself makes once, at a first call, is none of ours; and where something of a run has
# died, a cell of the function that looks may stand at its address.
print({name for name, number in found.items() if number >= 10})
"""
    assert run_python("-c", lines) == "{'Session'}\n"

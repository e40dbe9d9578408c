"""Scopes of eight threads at once, beside callbacks of the collector, signals and forks.

    python -m tests.leakwatch.tracking.overlapping [SCOPES]

Nothing of this leaks. Afterwards the process has to be as it was, and every scope without a leak.
"""

import asyncio
import faulthandler
import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil

import leakwatch
from tests.nursery import import_all

SCOPES = 100_000
THREADS = 8
EVERY = 0.002
"""Seconds between two signals."""
FORK_EVERY = 0.25 if sys.version_info < (3, 15) else float("inf")
"""Seconds. Not on CPython 3.15: there a child that is forked beside busy threads was seen to wait
for ever for an import. Why is not known: docs/explanation/limits.md has it."""
CALLBACK_IN = 5
"""Of so many collections one is answered by a scope."""
CHILD_STUCK = 20
STUCK = 240
"""Seconds after which it is a deadlock, and one more for each hundred scopes."""
MOST_GROWTH = 24 << 20
"""Bytes, from the end of the first quarter to the end of the last."""


class Interrupted(BaseException):
    """What one of the signal handlers raises."""


class Item:
    """What scopes look for."""


class Ring:
    """Garbage that only the collector frees."""

    alive = 0

    def __init__(self) -> None:
        self.me = self
        self.item = Item()
        Ring.alive += 1

    def __del__(self) -> None:
        Ring.alive -= 1


# -- work in scopes: each says how many there were ----------------------------------------------


def registered() -> int:
    with leakwatch.scope("registered") as opened:
        leakwatch.track(Item())
        Ring()
    return seen(opened)


def wanted() -> int:
    with leakwatch.scope("types", types=[Item]) as opened:
        item = Item()
        Ring()
        del item
    return seen(opened)


def discovered() -> int:
    with leakwatch.scope("discover", discover=True) as opened:
        item = [Item()]
        Ring()
        del item
    return seen(opened)


def nested() -> int:
    with leakwatch.scope("outer", types=[Item]) as outer:
        with leakwatch.scope("middle", discover=True) as middle:
            with leakwatch.scope("inner") as inner:
                leakwatch.track(Item())
            Ring()
        leakwatch.scope("decorated")(Item)()
    return seen(outer) + seen(middle) + seen(inner)


def asynchronous() -> int:
    async def request(options: dict[str, object]) -> int:
        async with leakwatch.scope("asynchronous", **options) as opened:
            item = Item()
            Ring()
            await asyncio.sleep(0)
            del item
        return seen(opened)

    async def requests() -> int:
        options = ({}, {"types": [Item]}, {"discover": True}, {"types": ["tests.*"]})
        return sum(await asyncio.gather(*(request(it) for it in options)))

    return asyncio.run(requests())


INTERRUPTIBLE = (registered, wanted, discovered, nested)
KINDS = (*INTERRUPTIBLE, asynchronous)
"""`asyncio.run` is not to be interrupted: it leaves its own handler of SIGINT behind then."""

# -- what is seen -------------------------------------------------------------------------------

counts: Counter[str] = Counter()
faults: list[str] = []


def seen(opened: Any) -> int:
    """Count a scope that has ended; one that found a leak is a fault."""
    report = opened.report
    if report is not None and report.leaks:
        counts["leaks"] += 1
        if counts["leaks"] <= 5:
            faults.append(f"{opened.name}: {report}")
    counts["not judged" if report is None or report.not_judged else "judged"] += 1
    return 1


@contextmanager
def collector_callback() -> Iterator[None]:
    """Whenever the collector begins or ends, a scope may be opened, on whatever thread."""
    calls = iter(range(sys.maxsize))
    busy = threading.local()

    def called(phase: str, info: dict[str, int]) -> None:
        if next(calls) % CALLBACK_IN or getattr(busy, "now", False):
            return
        busy.now = True
        try:
            KINDS[next(calls) % 3]()
            counts["callbacks"] += 1
        finally:
            busy.now = False

    gc.callbacks.append(called)
    yield
    gc.callbacks.remove(called)


DEEPEST = 3
"""Handlers that run inside one another at the most."""
armed = False
"""Whether the handler may raise; it does so once."""


@contextmanager
def signals() -> Iterator[None]:
    """Two timers: the handler of one opens a scope, that of the other raises."""

    nested = [0]

    def opens(number: int, frame: object) -> None:
        # Beside seven other threads a handler may take longer than the time to the next signal.
        if nested[0] == DEEPEST:
            return
        nested[0] += 1
        try:
            counts["signals"] += 1
            registered()
            if counts["signals"] % 8 == 0:
                wanted()
        finally:
            nested[0] -= 1

    def raises(number: int, frame: object) -> None:
        global armed
        if armed:
            armed = False
            counts["interrupts"] += 1
            raise Interrupted

    signal.signal(signal.SIGALRM, opens)
    signal.signal(signal.SIGVTALRM, raises)
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    signal.setitimer(signal.ITIMER_VIRTUAL, EVERY, EVERY)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def interruptible(work: Callable[[], int]) -> None:
    """Do some work that may be interrupted."""
    global armed
    try:
        armed = True
        work()
        armed = False
    except Interrupted:
        pass


def fork(frozen: int) -> None:
    """A child that finds its heap not frozen, opens a scope, and ends."""
    child = os.fork()
    if child == 0:
        # Where it does not come to an end, it says where it stands and is ended.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        faulthandler.register(signal.SIGALRM, chain=True)
        signal.alarm(CHILD_STUCK)
        state = 0 if gc.get_freeze_count() <= frozen else 3
        try:
            wanted()
        except BaseException:
            traceback.print_exc()
            state = 4
        os._exit(state if gc.get_freeze_count() <= frozen else 5)
    counts["forks"] += 1
    _, status = os.waitpid(child, 0)
    if status:
        faults.append(f"a child ended with {os.waitstatus_to_exitcode(status)}")


# -- the whole ----------------------------------------------------------------------------------


class Crew:
    """The threads, which share so many scopes."""

    def __init__(self, scopes: int) -> None:
        self.scopes = scopes
        self.done = [0] * THREADS
        self.threads = [threading.Thread(target=self.work, args=[it]) for it in range(THREADS)]

    def work(self, number: int) -> None:
        """One thread: kinds in turn, each thread begins with another."""
        turn = number
        try:
            while self.done[number] < self.scopes // THREADS:
                self.done[number] += KINDS[turn % len(KINDS)]()
                turn += 1
        except BaseException:
            faults.append(traceback.format_exc())

    def quarter(self) -> int:
        """How far they are."""
        return 4 * sum(self.done) // self.scopes

    @property
    def busy(self) -> bool:
        """Whether one of them still works."""
        return any(thread.is_alive() for thread in self.threads)


def state_of_collector() -> dict[str, object]:
    """What a program can ask of its collector."""
    for _ in range(3):  # CPython 3.12 moves its immortal objects among the frozen ones meanwhile
        gc.collect()
    return {
        "frozen": gc.get_freeze_count(),
        "enabled": gc.isenabled(),
        "thresholds": gc.get_threshold(),
        "callbacks": len(gc.callbacks),
    }


def import_what_is_needed() -> None:
    """What is imported at first use is imported now: this is not about imports in a scope.

    A child that is forked while another thread imports a module waits for that module for ever.
    """
    from leakwatch.announcing import environment
    from leakwatch.plugin_manager import plugins

    import_all("leakwatch")
    environment(tuple(plugins().names()))  # reads versions and the platform


def run(scopes: int) -> list[str]:
    """Everything at once.

    Returns:
        the faults, in words.
    """
    faulthandler.enable()
    faulthandler.dump_traceback_later(STUCK + scopes // 100, exit=True)
    import_what_is_needed()
    asynchronous()
    nested()
    before = state_of_collector()
    crew, garbage, rss = Crew(scopes), [0] * 5, [0] * 5
    with collector_callback(), signals():
        for thread in crew.threads:
            thread.start()
        turn, last_fork = 0, 0.0
        while crew.busy:
            interruptible(INTERRUPTIBLE[turn % len(INTERRUPTIBLE)])
            turn += 1
            quarter = min(crew.quarter(), 4)
            garbage[quarter] = max(garbage[quarter], Ring.alive)
            rss[quarter] = psutil.Process().memory_info().rss
            if time.monotonic() > last_fork + FORK_EVERY:
                fork(before["frozen"])
                last_fork = time.monotonic()
    for thread in crew.threads:
        thread.join()
    faulthandler.cancel_dump_traceback_later()
    rss[4] = psutil.Process().memory_info().rss
    compare(before, state_of_collector())
    compare_memory(garbage, rss)
    if found := leakwatch.check().leaks:
        faults.append(f"check: {[(leak.type_name, leak.count, str(leak.path)) for leak in found]}")
    print(dict(counts), "scopes", sum(crew.done), "garbage", garbage, "MiB", [b >> 20 for b in rss])
    return faults


def compare(before: dict[str, object], after: dict[str, object]) -> None:
    """The collector is as it was, sees what is there, and has freed what was garbage."""
    for name, was in before.items():
        if after[name] != was:
            faults.append(f"{name} is {after[name]}, was {was}")
    canary = [Item()]
    if not any(it is canary for it in gc.get_objects()):
        faults.append("the collector does not see what is there")
    # Not `Ring.alive`: an interrupt may fall on the first line of a `__del__`.
    if left := sum(type(it) is Ring for it in gc.get_objects()):
        faults.append(f"{left} pieces of garbage were never collected")


def compare_memory(garbage: list[int], rss: list[int]) -> None:
    """Neither garbage nor memory rises with the number of scopes; short runs tell nothing."""
    if min(garbage[:4]) and max(garbage[2:]) > 2 * max(garbage[:2]) + 1000:
        faults.append(f"garbage rises: at most {garbage} in each quarter")
    if rss[0] and rss[4] > rss[0] + MOST_GROWTH:
        faults.append(f"memory rises: {[size >> 20 for size in rss]} MiB at the ends of quarters")


def main() -> None:
    """Run it, and say what was wrong."""
    found = run(int(sys.argv[1]) if len(sys.argv) > 1 else SCOPES)
    print(*found, sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

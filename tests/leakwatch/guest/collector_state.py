"""A program that uses the collector in ways of its own around a scope and inside of it.

Each way to use a scope has a process of its own for all its cases, and where the work simply ends,
that forks a child in the middle of the scope. In both, what the program finds of the collector is
compared with a model of what it would find without leakwatch.
"""

import asyncio
import gc
import multiprocessing
import os
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from types import ModuleType

import leakwatch
from leakwatch.errors import ScopeError

THRESHOLDS_BEFORE = (100_000, 50, 50)
"""So high that no collection is automatic."""
THRESHOLDS_INSIDE = (90_000, 40, 40)
DEBUG = gc.DEBUG_UNCOLLECTABLE

Body = Callable[[], None]


class Wanted:
    """What the scopes look for."""


class Canary(ModuleType):
    """An object of which is asked whether the collector sees it, or it is frozen.

    A module, for those are there to stay: no scope judges it, which would take most of the time.
    """


class Cycle:
    def __init__(self):
        self.me = self


KEPT: list[object] = []


# -- ways to use a scope ----------------------------------------------------------------------


def types(body: Body) -> None:
    with leakwatch.scope("work", types=[Wanted]):
        KEPT.append(Wanted())  # judged where the work ends; else there is nothing to judge
        body()


def discover(body: Body) -> None:
    with leakwatch.scope("work", discover=True):
        body()


def cycles(body: Body) -> None:
    with leakwatch.scope("work", types=[Cycle], cycles=True):
        garbage = Cycle()
        try:
            body()
        except BaseException:
            garbage.me = None  # as in `types`
            raise
        finally:
            del garbage


def nested(body: Body) -> None:
    with leakwatch.scope("outer", types=[Wanted]), leakwatch.scope("inner", types=[Wanted]):
        body()


def left_in_the_wrong_order(body: Body) -> None:
    outer = leakwatch.scope("outer", types=[Wanted]).__enter__()
    inner = leakwatch.scope("inner", types=[Wanted]).__enter__()
    try:
        body()
    finally:
        outer.__exit__(*sys.exc_info())
        inner.__exit__(*sys.exc_info())


def in_a_coroutine(body: Body) -> None:
    async def main():
        async with leakwatch.scope("work", types=[Wanted]):
            body()

    asyncio.run(main())


def decorated(body: Body) -> None:
    leakwatch.scope("work", types=[Wanted])(body)()


def abandoned_generator(body: Body) -> None:
    def generator():
        with leakwatch.scope("work", types=[Wanted]):
            yield

    running = generator()
    next(running)
    body()


def never_left(body: Body) -> None:
    leakwatch.scope("work", discover=True).__enter__()
    body()


def left_on_another_thread(body: Body) -> None:
    opened = leakwatch.scope("work", types=[Wanted]).__enter__()
    try:
        body()
    finally:
        thread = threading.Thread(target=opened.__exit__, args=sys.exc_info())
        thread.start()
        thread.join()


def left_twice(body: Body) -> None:
    opened = leakwatch.scope("work", types=[Wanted])
    try:
        with opened:
            body()
    finally:
        with suppress(ScopeError):
            opened.__exit__(None, None, None)


USES = {
    use.__name__: use
    for use in (
        types,
        discover,
        cycles,
        nested,
        left_in_the_wrong_order,
        in_a_coroutine,
        decorated,
        abandoned_generator,
        never_left,
        left_on_another_thread,
        left_twice,
    )
}
ENDS_WITH_THE_PARENT = {"types", "discover", "cycles", "in_a_coroutine"}
"""Where a child does not go on: a judgement is dear, and a loop is the parent's, says asyncio."""
INSIDE = {
    "nothing": lambda: None,
    "freeze": gc.freeze,
    "unfreeze": gc.unfreeze,
    "disable": gc.disable,
    "enable": gc.enable,
}
ENDINGS = {"ends": None, "raises": ValueError, "is interrupted": KeyboardInterrupt}
BEFORE = {
    "enabled": (True, False),
    "disabled": (False, False),
    "enabled, frozen": (True, True),
    "disabled, frozen": (False, True),
}
"""Whether the collector is enabled when the scope begins, and whether the program froze."""


# -- the model --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What the program does, by the names in the tables above and below."""

    use: str
    before: str
    inside: str
    ending: str
    forks: str


@dataclass(frozen=True)
class State:
    """What a program can ask about its collector; `frozen` of the old, inner and late canary."""

    enabled: bool
    thresholds: tuple[int, int, int]
    debug: int
    callbacks: tuple[str, ...]
    frozen: tuple[bool, bool, bool]
    freeze_count: str


def expected(case: Case) -> State:
    """What the program itself has made of its collector once the body has run."""
    enabled, froze = BEFORE[case.before]
    return State(
        enabled={"enable": True, "disable": False}.get(case.inside, enabled),
        thresholds=THRESHOLDS_INSIDE,
        debug=DEBUG,
        callbacks=("first", "second"),
        frozen={"freeze": (True, True, False), "unfreeze": (False, False, False)}.get(
            case.inside, (froze, False, False)
        ),
        freeze_count={"freeze": "the program's", "unfreeze": "none"}.get(
            case.inside, "the program's" if froze else "as at the start"
        ),
    )


class Program:
    """One run of a case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.faults: list[str] = []
        self.child = 0
        self.is_child = False
        self.start = self.most = gc.get_freeze_count()

    def run(self) -> list[str]:
        """Prepare, use the scope, and compare; a child leaves here as well.

        Returns:
            what is not as the model has it.
        """
        self.prepare()
        reached = self.outcome()
        if reached is not ENDINGS[self.case.ending]:
            self.faults.append(f"the program sees {reached}")
        if self.case.use == "never_left":
            gc.collect()  # that the scope object is gone is all that tells its end
        self.compare("afterwards")
        self.compare_garbage("afterwards")
        if self.is_child:
            self.leave_child()
        if self.child:
            self.join_child()
        return self.faults

    def prepare(self) -> None:
        """The collector as the program sets it before the scope."""
        enabled, froze = BEFORE[self.case.before]
        gc.set_threshold(*THRESHOLDS_BEFORE)
        gc.set_debug(DEBUG)
        gc.callbacks.append(first)
        (gc.enable if enabled else gc.disable)()
        # CPython 3.12 moves immortal objects among the frozen ones whenever it collects.
        gc.collect()
        self.start = gc.get_freeze_count()
        self.old = Canary("canary")
        self.garbage = weakref.ref(Cycle())
        if froze:
            gc.freeze()
        self.most = gc.get_freeze_count()

    def outcome(self) -> type[BaseException] | None:
        """Which exception the program sees."""
        try:
            USES[self.case.use](self.body)
        except BaseException as error:
            return type(error)
        return None

    def body(self) -> None:
        """The work in the scope."""
        self.inner = Canary("canary")
        INSIDE[self.case.inside]()
        if self.case.inside == "freeze":
            self.most = gc.get_freeze_count()
        self.late = Canary("canary")
        gc.set_threshold(*THRESHOLDS_INSIDE)
        gc.callbacks.append(second)
        FORKS[self.case.forks](self)
        if ending := ENDINGS[self.case.ending]:
            KEPT.clear()
            raise ending

    def compare(self, when: str) -> None:
        """Note what differs from the model."""
        wanted, found = expected(self.case), self.found()
        self.faults += [
            f"{when}: {name} is {getattr(found, name)}, not {getattr(wanted, name)}"
            for name in State.__dataclass_fields__
            if getattr(found, name) != getattr(wanted, name)
        ]

    def found(self) -> State:
        """What the program can ask now."""
        count = gc.get_freeze_count()
        visible = set(map(id, gc.get_objects()))
        old, inner, late = (id(it) not in visible for it in (self.old, self.inner, self.late))
        return State(
            enabled=gc.isenabled(),
            thresholds=gc.get_threshold(),
            debug=gc.get_debug(),
            callbacks=tuple(callback.__name__ for callback in gc.callbacks),
            frozen=(old, inner, late),
            freeze_count=self.told(count),
        )

    def told(self, count: int) -> str:
        """What a freeze count means; what dies while it is frozen is counted no more."""
        if self.case.inside == "unfreeze" and count in {0, self.start}:
            return "none"  # a collection of CPython 3.12 has frozen its immortal objects again
        if count == self.start:
            return "as at the start"
        if self.start < count <= self.most:
            return "the program's"
        return f"{count}, after {self.start} at the start and {self.most} at most"

    def compare_garbage(self, when: str) -> None:
        """Garbage of before the scope is collected unless the program froze it."""
        gc.collect()
        frozen = expected(self.case).frozen[0]
        if not frozen and self.garbage() is not None:
            self.faults.append(f"{when}: garbage of before is never collected")

    # -- in the middle of the scope

    def fork(self) -> None:
        """Parent and child both go on, and both leave the scope."""
        self.child = os.fork()
        if self.child == 0:
            self.is_child = True
            self.look_in_child()
            if self.case.use in ENDS_WITH_THE_PARENT:
                self.leave_child()

    def fork_by_multiprocessing(self) -> None:
        """The child looks, and ends."""
        context = multiprocessing.get_context("fork")
        process = context.Process(target=self.look_and_leave)
        process.start()
        process.join()
        if process.exitcode:
            self.faults.append("a child of multiprocessing had faults")

    def look_in_child(self) -> None:
        """What holds from the first line of a child."""
        self.compare("at once in a child")
        self.compare_garbage("in a child")

    def look_and_leave(self) -> None:
        """As `look_in_child`, for a child that does nothing else."""
        self.look_in_child()
        self.leave_child()

    def leave_child(self) -> None:
        """Tell the faults by the output that both share, and by the exit status."""
        for fault in self.faults:
            print(f"{self.case}: child: {fault}", flush=True)
        os._exit(bool(self.faults))

    def join_child(self) -> None:
        """The child's faults are this program's."""
        _, status = os.waitpid(self.child, 0)
        if status:
            self.faults.append(f"the child ended with {os.waitstatus_to_exitcode(status)}")


FORKS = {
    "os.fork": Program.fork,
    "multiprocessing": Program.fork_by_multiprocessing,
    "never": lambda program: None,
}


def first(phase, info):
    """What the program has in `gc.callbacks` before the scope."""


def second(phase, info):
    """What it adds inside."""


def run(use: str) -> None:
    """All cases of one way to use a scope."""
    cases = [
        Case(use, before, inside, ending, "os.fork" if ending == "ends" else "never")
        for before, inside, ending in product(BEFORE, INSIDE, ENDINGS)
    ]
    cases.append(Case(use, "enabled", "nothing", "ends", "multiprocessing"))
    faults = [fault for case in cases for fault in faults_of(case)]
    assert not faults, "\n".join(faults)


def faults_of(case: Case) -> list[str]:
    """What is not as the model has it, in words."""
    faults = Program(case).run()
    start_again()
    return [f"{case}: {fault}" for fault in faults]


def start_again() -> None:
    """The collector as a new interpreter has it."""
    gc.unfreeze()
    gc.enable()
    gc.set_debug(0)
    gc.callbacks.clear()
    KEPT.clear()

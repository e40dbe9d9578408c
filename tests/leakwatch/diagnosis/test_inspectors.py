"""Each inspector moves the suspicion where it belongs, and leaves innocent objects alone.

Three tests for each: the mistake above the object, the mistake below it, and an object of the
same kind in a state that says nothing.
"""

import asyncio
import concurrent.futures
import contextlib
import enum
import functools
import io
import logging
import mmap
import selectors
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from leakwatch.diagnosis.inspectors import (
    BY_CLASS,
    INSPECTORS,
    Inspector,
    definitions,
    execution,
    resources,
)
from leakwatch.diagnosis.verdicts import inspect, judge_steps
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Verdict
from leakwatch.paths.names.name import Named
from leakwatch.paths.names.references import Step

N, L, U = Verdict.NOT_LEAKING, Verdict.LEAKING, Verdict.UNKNOWN


# ---- objects to judge --------------------------------------------------------------------------


@contextmanager
def opened(make: Callable[[], Any], *, closed: bool) -> Iterator[Any]:
    """Something with a `close` method."""
    found = make()
    if closed:
        found.close()
    yield found
    found.close()


def temporary(mode: str = "w+") -> Any:
    return tempfile.TemporaryFile(mode)


def mapping() -> mmap.mmap:
    return mmap.mmap(-1, 4096)


def database() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


def handler() -> logging.Handler:
    return logging.StreamHandler(io.StringIO())


def new_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@contextmanager
def folder(*, removed: bool) -> Iterator[Any]:
    found = tempfile.TemporaryDirectory()
    if removed:
        found.cleanup()
    yield found
    found.cleanup()


@contextmanager
def thread(*, running: bool) -> Iterator[threading.Thread]:
    gate = threading.Event()
    found = threading.Thread(target=gate.wait)
    found.start()
    if not running:
        gate.set()
        found.join()
    yield found
    gate.set()
    found.join()


@contextmanager
def executor(*, shut: bool) -> Iterator[Any]:
    found = concurrent.futures.ThreadPoolExecutor(1)
    if shut:
        found.shutdown()
    yield found
    found.shutdown()


@contextmanager
def timer(*, cancelled: bool) -> Iterator[Any]:
    loop = new_loop()
    found = loop.call_later(3600, print)
    if cancelled:
        found.cancel()
    yield found
    found.cancel()
    loop.close()


@contextmanager
def future(*, closed: bool) -> Iterator[Any]:
    loop = new_loop()
    found = loop.create_future()
    if closed:
        loop.close()
    yield found
    loop.close()


@contextmanager
def running_loop() -> Iterator[Any]:
    loop, ready = new_loop(), threading.Event()
    loop.call_soon(ready.set)
    runner = threading.Thread(target=loop.run_forever)
    runner.start()
    ready.wait()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    runner.join()
    loop.close()


def steps() -> Iterator[int]:
    yield 1
    yield 2


def generator(*, ended: bool) -> Any:
    found = steps()
    next(found)
    if ended:
        list(found)
    return found


def suspended_frame() -> Any:
    return generator(ended=False).gi_frame


class Colour(enum.Enum):
    RED = 1


class Target:
    pass


def cleared() -> Any:
    return weakref.ref(Target())


ALIVE = Target()


def local_function() -> Any:
    def inner() -> None:
        pass

    return inner


def local_class() -> type:
    class Local:
        pass

    return Local


def local_colour() -> Any:
    class Paint(enum.Enum):
        BLUE = 1

    return Paint.BLUE


@functools.cache
def total(number: int) -> int:
    return number


class Bag:
    @functools.lru_cache(maxsize=4)  # noqa: B019 - the cache is the subject
    def first(self) -> int:
        return 1

    @staticmethod
    def second() -> int:
        return 2


def held(make: Callable[[], Any]) -> Callable[[], AbstractContextManager[Any]]:
    """An object that needs no closing."""
    return lambda: contextlib.nullcontext(make())


@dataclass(frozen=True)
class Row:
    """An inspector, an object that it judges, its verdict, and one that it leaves alone."""

    inspector: Inspector
    verdict: Verdict
    judged: Callable[[], AbstractContextManager[Any]]
    innocent: Callable[[], AbstractContextManager[Any]]


def resource(inspector: Inspector, make: Callable[[], Any]) -> Row:
    """A row for something that is dead once it is closed."""
    return Row(inspector, L, lambda: opened(make, closed=True), lambda: opened(make, closed=False))


ROWS = [
    Row(
        definitions.module_is_needed,
        N,
        held(lambda: sys),
        held(lambda: types.ModuleType("template")),
    ),
    Row(definitions.named_class_is_needed, N, held(lambda: Target), held(local_class)),
    Row(definitions.named_function_is_needed, N, held(lambda: steps), held(local_function)),
    Row(definitions.named_function_is_needed, N, held(lambda: Bag.second), held(lambda: print)),
    Row(definitions.cache_is_needed, N, held(lambda: total), held(lambda: functools.cache(len))),
    Row(definitions.cache_is_needed, N, held(lambda: Bag.first), held(Target)),
    Row(definitions.enum_member_is_needed, N, held(lambda: Colour.RED), held(local_colour)),
    Row(
        execution.living_thread_is_needed,
        N,
        lambda: thread(running=True),
        lambda: thread(running=False),
    ),
    Row(
        execution.shut_executor_is_dead,
        L,
        lambda: executor(shut=True),
        lambda: executor(shut=False),
    ),
    Row(execution.closed_loop_is_dead, N, running_loop, held(Target)),
    resource(execution.closed_loop_is_dead, new_loop),
    Row(
        execution.cancelled_handle_is_dead,
        L,
        lambda: timer(cancelled=True),
        lambda: timer(cancelled=False),
    ),
    Row(
        execution.task_of_closed_loop_is_dead,
        L,
        lambda: future(closed=True),
        lambda: future(closed=False),
    ),
    Row(
        execution.exhausted_generator_is_dead,
        L,
        held(lambda: generator(ended=True)),
        held(lambda: generator(ended=False)),
    ),
    Row(
        execution.running_frame_is_needed, N, held(lambda: sys._getframe(2)), held(suspended_frame)
    ),
    Row(resources.cleared_reference_is_dead, L, held(cleared), held(lambda: weakref.ref(ALIVE))),
    Row(definitions.logger_is_needed, N, held(lambda: logging.getLogger("shop")), held(Target)),
    resource(resources.closed_handler_is_dead, handler),
    resource(resources.closed_file_is_dead, temporary),
    resource(resources.closed_file_is_dead, lambda: temporary("rb+")),
    resource(resources.closed_file_is_dead, io.BytesIO),
    resource(resources.closed_file_is_dead, io.StringIO),
    resource(resources.closed_socket_is_dead, socket.socket),
    resource(resources.closed_mapping_is_dead, mapping),
    resource(resources.closed_database_is_dead, database),
    resource(resources.closed_selector_is_dead, selectors.DefaultSelector),
    resource(resources.closed_temporary_file_is_dead, tempfile.NamedTemporaryFile),
    resource(resources.closed_temporary_file_is_dead, tempfile.SpooledTemporaryFile),
    Row(
        resources.removed_folder_is_dead,
        L,
        lambda: folder(removed=True),
        lambda: folder(removed=False),
    ),
]
"""Every inspector that ever gives a verdict other than UNKNOWN."""


def suspects_around(subject: object, inspector: Inspector) -> tuple[bool, bool]:
    """Whether the references above and below the object are suspect, on one path."""
    steps = [
        Step(None, "module", Named(".start")),
        Step(Target(), "Target", Named(".above")),
        Step(subject, "subject", Named(".below")),
    ]
    root = HeapRoot("module global", "app", {}, holder_type="module")
    references = judge_steps(root, steps, [inspector], "its scope ended")
    return references[1].suspect, references[2].suspect


def by_inspector(row: Row) -> str:
    return row.inspector.__name__


@pytest.mark.parametrize("row", ROWS, ids=by_inspector)
def test_a_mistake_above_is_suspect_unless_the_object_is_needed(row):
    with row.judged() as subject:
        above, _ = suspects_around(subject, row.inspector)
    assert above is (row.verdict is L)


@pytest.mark.parametrize("row", ROWS, ids=by_inspector)
def test_a_mistake_below_is_suspect_unless_the_object_is_dead(row):
    with row.judged() as subject:
        _, below = suspects_around(subject, row.inspector)
    assert below is (row.verdict is N)


@pytest.mark.parametrize("row", ROWS, ids=by_inspector)
def test_an_innocent_object_changes_nothing(row):
    with row.innocent() as subject:
        assert suspects_around(subject, row.inspector) == (True, True)


TOLD = [
    (resources.finished_process_is_told, "the process has ended"),
    (execution.job_is_told, "done; its result is kept"),
    (execution.stored_exception_is_told, "its traceback keeps the frames it came through"),
    (resources.finalizer_is_told, "its class has `__del__`"),
]
"""Inspectors that only say in which state an object is."""


class Finalized:
    def __del__(self) -> None:
        pass


def told_object(inspector: Inspector) -> Any:
    if inspector is resources.finished_process_is_told:
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        return process
    if inspector is execution.job_is_told:
        job: concurrent.futures.Future[int] = concurrent.futures.Future()
        job.set_result(1)
        return job
    if inspector is resources.finalizer_is_told:
        return Finalized()
    try:
        raise ValueError
    except ValueError as error:
        return error


@pytest.mark.parametrize(("inspector", "reason"), TOLD, ids=lambda it: getattr(it, "__name__", ""))
def test_a_state_is_told_without_a_verdict(inspector, reason):
    subject = told_object(inspector)
    assert inspect(subject, [inspector]).reason == reason
    assert suspects_around(subject, inspector) == (True, True)
    assert inspector(Target()) is None


def test_every_inspector_is_tested_here():
    assert {row.inspector for row in ROWS} | {inspector for inspector, _ in TOLD} == set(
        BY_CLASS.values()
    )


# ---- what they must not do ---------------------------------------------------------------------


def test_a_done_future_is_no_verdict_for_its_result_may_be_wanted():
    async def work() -> Any:
        found = asyncio.get_running_loop().create_future()
        found.set_result(1)
        return found

    done = asyncio.run(work())
    assert inspect(done, INSPECTORS).verdict is U


def test_a_thread_that_was_never_started_is_not_judged():
    assert inspect(threading.Thread(), INSPECTORS).verdict is U


def test_a_file_taken_apart_is_not_judged():
    wrapper = io.TextIOWrapper(io.BytesIO())
    wrapper.detach()
    assert resources.closed_file_is_dead(wrapper) is None


def test_a_connection_that_was_never_opened_is_not_judged():
    connection = sqlite3.Connection.__new__(sqlite3.Connection)
    assert resources.closed_database_is_dead(connection) is None


def test_a_raw_file_of_the_program_is_not_asked_whether_it_is_closed():
    asked = []

    class Raw(io.RawIOBase):
        def readable(self):
            return True

        @property
        def closed(self):
            asked.append("closed")
            return False

    reader = io.BufferedReader(Raw())
    asked.clear()
    assert inspect(reader, INSPECTORS).verdict is U
    assert asked == []


@pytest.mark.parametrize(
    "base", [socket.socket, threading.Thread, logging.Handler, subprocess.Popen, ValueError]
)
def test_a_subclass_that_answers_every_question_itself_is_not_asked(base):
    asked = []

    class Trap(base):
        def __getattribute__(self, name):
            asked.append(name)
            return super().__getattribute__(name)

        def __eq__(self, other):
            asked.append("==")
            return True

        __hash__ = None

    trap = Trap.__new__(Trap)
    asked.clear()
    inspect(trap, INSPECTORS)
    assert asked == []
    trap.__dict__.clear()
    if base is subprocess.Popen:
        trap.__dict__["_child_created"] = False

"""asyncio and contexts: tasks, futures and what they carry along."""

from leakwatch.diagnosis.patterns.rules import (
    FUTURES,
    Mistake,
    is_captured_context,
    is_open_future,
    is_task,
)
from leakwatch.model import Pattern
from leakwatch.model.root_kinds import HolderKind

CAPTURED_CONTEXT = Mistake(
    Pattern(
        "LW108",
        "context captured by a task, timer or callback",
        "A task, `call_later` and `add_done_callback` copy the context of their caller, and "
        "keep every value in it for as long as they last.",
        "start what lasts with an empty context: `call_later(delay, function, "
        "context=contextvars.Context())`, or reset the variable first",
        before="""\
from contextvars import ContextVar, copy_context

REQUEST = ContextVar("request")
MAIL = {}


class Request:
    pass


def send_later():
    MAIL["context"] = copy_context()  # as `call_later` and `create_task` do


def work():
    token = REQUEST.set(Request())
    send_later()
    REQUEST.reset(token)
""",
        after="""\
from contextvars import Context, ContextVar

REQUEST = ContextVar("request")
MAIL = {}


class Request:
    pass


def send_later():
    MAIL["context"] = Context()


def work():
    token = REQUEST.set(Request())
    send_later()
    REQUEST.reset(token)
""",
    ),
    is_captured_context,
    signs=("<context variable",),
)

FUTURE = Mistake(
    Pattern(
        "LW114",
        "future that nobody completes",
        "Whoever waits for a future is kept by it until it has a result, with every variable.",
        "complete or cancel the future in a `finally` block, and wait with a limit: "
        "`asyncio.timeout(seconds)`",
        before="""\
import asyncio

REPLIES = {}


class Call:
    pass


async def ask(number):
    call = Call()
    REPLIES[number] = asyncio.get_running_loop().create_future()
    await REPLIES[number]


async def work():
    asyncio.create_task(ask(len(REPLIES)))
    await asyncio.sleep(0)
""",
        after="""\
import asyncio

REPLIES = {}


class Call:
    pass


async def ask(number):
    call = Call()
    REPLIES[number] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(0.01):
            await REPLIES[number]
    except TimeoutError:
        pass
    finally:
        del REPLIES[number]


async def work():
    await asyncio.create_task(ask(len(REPLIES)))
""",
    ),
    is_open_future,
    signs=(*FUTURES,),
)

TASK = Mistake(
    Pattern(
        "LW107",
        "task that never ends",
        "A pending task keeps its coroutine, and that keeps every local variable.",
        "cancel the task and await it when the work is over",
        before="""\
import asyncio

TASKS = set()


class Connection:
    async def keep_alive(self):
        while True:
            await asyncio.sleep(3600)


async def work():
    TASKS.add(asyncio.create_task(Connection().keep_alive()))
    await asyncio.sleep(0)
""",
        after="""\
import asyncio
from contextlib import suppress


class Connection:
    async def keep_alive(self):
        while True:
            await asyncio.sleep(3600)


async def work():
    task = asyncio.create_task(Connection().keep_alive())
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
""",
    ),
    is_task,
    signs=("LW107", HolderKind.TASK, ".get_coro()"),
)

CONTEXT = Mistake(
    Pattern(
        "LW105",
        "context variable never reset",
        "A context keeps the value until it is reset or the context is gone; tasks, timers "
        "and threads started meanwhile keep a copy of the context.",
        "call `variable.reset(token)` in a `finally` block; and make the variable itself once, at "
        "the top of a module: a context keeps each variable that was ever set in it",
        before="""\
from contextvars import ContextVar

REQUEST = ContextVar("request")


class Request:
    pass


def work():
    REQUEST.set(Request())
""",
        after="""\
from contextvars import ContextVar

REQUEST = ContextVar("request")


class Request:
    pass


def work():
    token = REQUEST.set(Request())
    try:
        pass  # answer it
    finally:
        REQUEST.reset(token)
""",
    ),
    lambda path: path.root.facts.is_context,
    signs=("LW105",),
)

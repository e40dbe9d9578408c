"""Functions and methods that were handed to somebody who keeps them."""

from leakwatch.diagnosis.patterns.rules import (
    CAPTURES,
    RECORDS,
    Mistake,
    is_callback_registry,
    is_finalizer,
    is_method_registry,
    is_timer,
)
from leakwatch.model import Pattern

METHOD = Mistake(
    Pattern(
        "LW104",
        "handler never unregistered",
        "A bound method refers to its object, so the registry keeps the object alive.",
        "unregister the handler when the object is closed, or register "
        "`weakrefs.WeakMethod(handler)` and call what it returns",
        before="""\
HANDLERS = []


class Session:
    def on_change(self):
        pass


def work():
    session = Session()
    HANDLERS.append(session.on_change)


def notify():
    for handler in HANDLERS:
        handler()
""",
        after="""\
from weakrefs import WeakMethod

HANDLERS = []


class Session:
    def on_change(self):
        pass


def work():
    session = Session()
    HANDLERS.append(WeakMethod(session.on_change, HANDLERS.remove))


def notify():
    for method in list(HANDLERS):
        handler = method()
        if handler is not None:
            handler()
""",
    ),
    is_method_registry,
    signs=(".__self__",),
)

CALLBACK = Mistake(
    Pattern(
        "LW106",
        "callback never unregistered",
        "A lambda, an inner function or a partial keeps the variables and arguments that it "
        "uses, so the registry keeps them alive.",
        "unregister or disconnect the callback when the object is closed, or register "
        "`weakrefs.weak_callback(obj.method)`, which lets go of the object",
        before="""\
CALLBACKS = []


class Screen:
    def redraw(self):
        pass


def work():
    screen = Screen()
    CALLBACKS.append(lambda: screen.redraw())
""",
        after="""\
from weakrefs import weak_callback

CALLBACKS = []


class Screen:
    def redraw(self):
        pass


def work():
    screen = Screen()
    CALLBACKS.append(weak_callback(screen.redraw, CALLBACKS.remove))
""",
    ),
    is_callback_registry,
    signs=CAPTURES,
)

SIGNAL = Mistake(
    Pattern(
        "LW112",
        "signal handler keeps its object",
        "A handler stays installed until another one replaces it.",
        "restore the earlier handler: `signal.signal(number, previous)`",
        before="""\
import signal


class Server:
    def stop(self, number, frame):
        pass


def work():
    signal.signal(signal.SIGUSR1, Server().stop)
""",
        after="""\
import signal


class Server:
    def stop(self, number, frame):
        pass


def work():
    previous = signal.signal(signal.SIGUSR1, Server().stop)
    try:
        pass  # serve
    finally:
        signal.signal(signal.SIGUSR1, previous)
""",
    ),
    lambda path: path.root.facts.mistake == "LW112",
    signs=("LW112",),
)

FINALIZER = Mistake(
    Pattern(
        "LW113",
        "finalizer keeps its object",
        "What is registered to run later keeps its function and arguments until then.",
        "call `finalizer.detach()` when the object is closed, and hand it neither a method "
        "nor an argument that reaches the object itself",
        before="""\
import weakref


class Folder:
    def __init__(self):
        self.files = []
        weakref.finalize(self, self.clean_up)

    def clean_up(self):
        self.files.clear()


def work():
    Folder()
""",
        after="""\
import weakref


class Folder:
    def __init__(self):
        self.files = []
        weakref.finalize(self, self.files.clear)


def work():
    Folder()
""",
    ),
    is_finalizer,
    signs=("LW113", "._registry", *RECORDS),
)

TIMER = Mistake(
    Pattern(
        "LW126",
        "scheduled call never cancelled",
        "A timer keeps its function and arguments until it has run or is cancelled.",
        "keep the handle and cancel it when the object is closed, or schedule "
        "`weakrefs.weak_callback(obj.method)`",
        before="""\
import asyncio


class Connection:
    def ping(self):
        pass


async def work():
    connection = Connection()
    asyncio.get_running_loop().call_later(3600, connection.ping)
""",
        after="""\
import asyncio


class Connection:
    def ping(self):
        pass


async def work():
    connection = Connection()
    timer = asyncio.get_running_loop().call_later(3600, connection.ping)
    timer.cancel()
""",
    ),
    is_timer,
    signs=("._scheduled", "threading.Timer"),
)

"""Variables of functions that have failed, are suspended or never return."""

from leakwatch.diagnosis.patterns.rules import (
    Mistake,
    is_kept_by_a_variable,
    is_last_item,
    is_stored_exception,
    is_suspended,
)
from leakwatch.model import Pattern, State
from leakwatch.model.root_kinds import HolderKind

EXCEPTION = Mistake(
    Pattern(
        "LW103",
        "stored exception keeps its frames",
        "An exception refers to its traceback, that to each frame, and a frame to every "
        "local variable.",
        "store the message, or call `error.with_traceback(None)` before keeping the exception",
        before="""\
FAILURES = []


class Upload:
    pass


def receive():
    upload = Upload()
    raise ValueError("too large")


def work():
    try:
        receive()
    except ValueError as error:
        FAILURES.append(error)
""",
        after="""\
FAILURES = []


class Upload:
    pass


def receive():
    upload = Upload()
    raise ValueError("too large")


def work():
    try:
        receive()
    except ValueError as error:
        FAILURES[:] = [str(error)]
""",
    ),
    is_stored_exception,
    signs=(".__traceback__", ".tb_frame", ".tb_next", State.RAISED),
)

GENERATOR = Mistake(
    Pattern(
        "LW116",
        "generator left suspended",
        "A generator that was not read to its end keeps every variable of its function.",
        "read it to the end, call `generator.close()` when you leave early, or use "
        "`contextlib.closing`",
        before="""\
READERS = []


class Rows:
    def __iter__(self):
        return iter([1, 2, 3])


def read():
    rows = Rows()
    yield from rows


def work():
    reader = read()
    READERS.append(reader)
    return next(reader)
""",
        after="""\
from contextlib import closing

READERS = []


class Rows:
    def __iter__(self):
        return iter([1, 2, 3])


def read():
    rows = Rows()
    yield from rows


def work():
    with closing(read()) as reader:
        return next(reader)
""",
    ),
    is_suspended,
    signs=(HolderKind.GENERATOR, HolderKind.ASYNC_GENERATOR),
)

LAST_ITEM = Mistake(
    Pattern(
        "LW115",
        "idle worker keeps its last item",
        "A loop variable keeps its object while the loop waits for the next one.",
        "delete the variable at the end of each round: `del item`",
        before="""\
import queue
import threading

ITEMS = queue.SimpleQueue()


class Item:
    pass


def serve():
    while True:
        item = ITEMS.get()


threading.Thread(target=serve, daemon=True).start()


def work():
    ITEMS.put(Item())
""",
        after="""\
import queue
import threading

ITEMS = queue.SimpleQueue()


class Item:
    pass


def serve():
    while True:
        item = ITEMS.get()
        del item


threading.Thread(target=serve, daemon=True).start()


def work():
    ITEMS.put(Item())
""",
    ),
    is_last_item,
    signs=(State.WORKER,),
)

RUNNING = Mistake(
    Pattern(
        "LW109",
        "held by a running function",
        "A function that never returns keeps its variables, a thread its target and arguments.",
        "let the loop end or `del` the variable; hand the thread a weak reference",
        before="""\
import queue
import threading

ORDERS = queue.SimpleQueue()


class Order:
    pass


def collect():
    seen = []
    while True:
        seen.append(ORDERS.get())


threading.Thread(target=collect, daemon=True).start()


def work():
    ORDERS.put(Order())
""",
        after="""\
import queue
import threading

ORDERS = queue.SimpleQueue()


class Order:
    pass


def collect():
    seen = 0
    while True:
        ORDERS.get()
        seen += 1


threading.Thread(target=collect, daemon=True).start()


def work():
    ORDERS.put(Order())
""",
    ),
    is_kept_by_a_variable,
    signs=("LW109",),
)

THREAD_LOCAL = Mistake(
    Pattern(
        "LW110",
        "thread-local of a living thread",
        "A thread-local value lives as long as its thread, and a pool's threads never end.",
        "delete the attribute when the work is done",
        before="""\
import threading

LOCAL = threading.local()


class Transaction:
    pass


def work():
    LOCAL.transaction = Transaction()
""",
        after="""\
import threading

LOCAL = threading.local()


class Transaction:
    pass


def work():
    LOCAL.transaction = Transaction()
    try:
        pass  # use it
    finally:
        del LOCAL.transaction
""",
    ),
    lambda path: path.root.facts.mistake == "LW110",
    signs=("LW110",),
)

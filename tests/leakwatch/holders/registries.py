"""What the interpreter and its library keep for a program, with hostile parts."""

import _signal
import asyncio
import atexit
import codecs
import concurrent.futures
import contextvars
import gc
import logging
import queue
import selectors
import sys
import threading
import warnings

from tests.leakwatch.guest.hostile import Hostile, trap
from tests.leakwatch.holders import UNDO, Callback, HostileDict, HostileStr, Plain, hostile

HostileThread = hostile(threading.Thread)
HostileLocal = hostile(threading.local)
HostileHandler = hostile(logging.Handler)
HostileFilter = hostile(logging.Filter)
HostileFuture = hostile(concurrent.futures.Future)
HostileAioFuture = hostile(asyncio.Future)
HostileTask = hostile(asyncio.Task)
HostileLoop = hostile(asyncio.SelectorEventLoop)
HostileQueue = hostile(queue.Queue)
HostileTimer = hostile(threading.Timer)
HostileRecord = hostile(logging.LogRecord)
VARIABLES = [contextvars.ContextVar(HostileStr(f"named_{number}")) for number in range(4)]


def exit_callback(held):
    found = Callback(held)
    atexit.register(found, Hostile())
    UNDO.callback(atexit._clear)
    return Plain()


def exit_callback_with_hostile_keywords(held):
    atexit.register(print, **{HostileStr("held"): held})
    UNDO.callback(atexit._clear)
    return Plain()


def signal_handler(held):
    _signal.signal(_signal.SIGUSR2, Callback(held))
    UNDO.callback(_signal.signal, _signal.SIGUSR2, _signal.SIG_DFL)
    return Plain()


def hook_of_sys(held):
    sys.excepthook = Callback(held)
    UNDO.callback(setattr, sys, "excepthook", sys.__excepthook__)
    return Plain()


def callback_of_codecs(held):
    found = Callback(held)
    codecs.register(found)
    UNDO.callback(codecs.unregister, found)
    return Plain()


def callback_of_the_collector(held):
    found = TamedByGc()
    found.held = held
    gc.callbacks.append(found)
    UNDO.callback(gc.callbacks.clear)
    return Plain()


class TamedByGc:
    """The collector itself calls it; all else is refused."""

    for _name in ("__getattribute__", "__eq__", "__hash__", "__repr__", "__bool__", "__len__"):
        locals()[_name] = trap(_name, getattr(object, _name, None))

    def __call__(self, phase, info):
        pass


def context_variable(held):
    token = VARIABLES[0].set(held)
    UNDO.callback(VARIABLES[0].reset, token)
    return Plain()


def context(held):
    found = contextvars.Context()
    found.run(VARIABLES[1].set, held)
    return found


def token_of_a_context(held):
    def set_twice():
        VARIABLES[2].set(held)
        return VARIABLES[2].set(1)

    return contextvars.Context().run(set_twice)


def logger_with_a_hostile_name(held):
    found = logging.getLogger("shop.hostile")
    found.name = HostileStr("shop.hostile")
    handler = HostileHandler()
    vars(handler)[HostileStr("held")] = held
    found.handlers.append(handler)
    UNDO.callback(found.handlers.clear)
    UNDO.callback(logging._handlerList.clear)
    return Plain()


def filter_of_a_logger(held):
    found = logging.getLogger("shop.filtered")
    refused = HostileFilter()
    object.__setattr__(refused, "held", held)
    found.filters.append(refused)
    UNDO.callback(found.filters.clear)
    return Plain()


def registered_logger_with_a_hostile_name(held):
    name = HostileStr("hidden.shop")
    found = logging.Logger("hidden.shop")  # noqa: LOG001 - not in the table by its own name
    vars(found)["held"] = held
    logging.root.manager.loggerDict[name] = found
    UNDO.callback(dict.pop, logging.root.manager.loggerDict, name, None)
    return Plain()


def log_record(held):
    found = HostileRecord("shop", 10, "", 0, Hostile(), (), None)
    vars(found)["args"] = (held,)
    return found


def waiting_thread(target, cls=threading.Thread, **options):
    """A thread that runs until it is told to end."""
    ended, ready = threading.Event(), threading.Event()
    found = cls(target=target, args=(ended, ready), **options)
    threading.Thread.start(found)
    ready.wait()
    UNDO.callback(threading.Thread.join, found)
    UNDO.callback(ended.set)
    return found


def variable_of_a_thread(held):
    def wait(ended, ready):
        local = held
        ready.set()
        ended.wait()

    wait.__code__ = wait.__code__.replace(co_name=HostileStr("w"), co_qualname=HostileStr("w"))
    waiting_thread(wait, name="shop").name = HostileStr("named")
    return Plain()


def thread_of_a_hostile_class(held):
    def wait(ended, ready):
        ready.set()
        ended.wait()

    found = waiting_thread(wait, Tamed)
    vars(found)[HostileStr("held")] = held
    vars(found)["_name"] = HostileStr("named")
    return Plain()


class Tamed(threading.Thread):
    """The library itself asks a running thread for little; all else is refused."""

    for _name in ("__eq__", "__hash__", "__repr__", "__bool__", "__len__", "__iter__", "getName"):
        locals()[_name] = trap(_name, getattr(threading.Thread, _name, None))
    name = property(trap("name", None))


def local_of_a_thread(held):
    def wait(ended, ready):
        vars(found).update({"held": held, HostileStr("other"): Hostile()})
        ready.set()
        ended.wait()

    found = threading.local()
    waiting_thread(wait)
    return found


def local_of_a_hostile_class(held):
    found = HostileLocal()
    threading.local.__setattr__(found, "held", held)
    return found


def timer(held):
    found = object.__new__(HostileTimer)
    threading.Timer.__init__(found, 600, Callback(held), [Hostile()], {HostileStr("n"): 1})
    return found


def hostile_queue(held):
    found = object.__new__(HostileQueue)
    queue.Queue.__init__(found)
    vars(found)["queue"].append(held)
    return found


def future(held):
    found = HostileFuture()
    concurrent.futures.Future.add_done_callback(found, Callback(held))
    return found


def result_of_a_future(held):
    found = HostileFuture()
    concurrent.futures.Future.set_result(found, held)
    return found


def item_of_an_executor(held):
    def wait(ended, ready):
        ready.set()
        ended.wait()

    pool = concurrent.futures.ThreadPoolExecutor(1)
    UNDO.callback(pool.shutdown)
    ended, ready = threading.Event(), threading.Event()
    pool.submit(wait, ended, ready)
    ready.wait()
    tame = lambda *_, **__: None  # noqa: E731 - it is called when the pool ends
    pool.submit(tame, held, Hostile(), option=HostileDict())
    UNDO.callback(ended.set)
    return pool


def loop():
    found = asyncio.new_event_loop()
    UNDO.callback(found.close)
    return found


def handle_of_a_loop(held):
    found = loop()
    found.call_later(600, Callback(held), Hostile())
    found.call_soon(print, Hostile())
    return found


def handle_of_a_hostile_loop(held):
    found = HostileLoop(selectors.SelectSelector())
    UNDO.callback(found.close)
    found.call_later(600, Callback(held), Hostile())
    return found


def future_of_a_loop(held):
    found = HostileAioFuture(loop=loop())
    asyncio.Future.add_done_callback(found, Callback(held))
    return found


def result_of_a_future_of_a_loop(held):
    found = HostileAioFuture(loop=loop())
    asyncio.Future.set_result(found, held)
    return found


def task(held):
    async def wait():
        local = held
        await asyncio.get_running_loop().create_future()

    return started(wait(), asyncio.Task)


def hostile_task(held):
    async def wait():
        local = held
        await HostileAioFuture(loop=asyncio.get_running_loop())

    coroutine = wait()
    coroutine.__qualname__ = HostileStr("named")
    return started(coroutine, HostileTask)


def started(coroutine, cls):
    running = loop()
    found = cls(coroutine, loop=running, name=HostileStr("named"))
    running.run_until_complete(asyncio.sleep(0))
    UNDO.callback(ended, running, found)
    return found


def ended(running, found):
    asyncio.Task.cancel(found)
    running.run_until_complete(asyncio.wait([found]))


def callback_of_a_task(held):
    found = task(None)
    found.add_done_callback(Callback(held))
    UNDO.callback(found.remove_done_callback, Callback(None))
    return found


def warning_filter(held):
    warnings.filters.append(("ignore", Callback(held), Plain, Callback(None), 0))
    UNDO.callback(warnings.filters.pop)
    return Plain()


def trace_function(held):
    threading.setprofile(Callback(held))
    UNDO.callback(threading.setprofile, None)
    return Plain()

"""Registries of the interpreter and the standard library that hold what is given to them."""

import contextvars
import signal
import sys
from collections.abc import Iterator
from operator import itemgetter

from leakwatch.guest.collector import current_exceptions, garbage
from leakwatch.heap.fields import (
    class_attribute,
    entries,
    entry,
    inherits,
    loaded,
    module_namespace,
    named_entries,
    own_text,
)
from leakwatch.heap.objects import class_of, instance_namespace, is_module
from leakwatch.heap.roots.frames import name_of_thread, thread_names
from leakwatch.heap.roots.root import HeapRoot, RootProvider, RootQuery
from leakwatch.heap.roots.thread_snapshot import of_threads
from leakwatch.interpreter import current_thread_id, signal_handler
from leakwatch.model import Wave
from leakwatch.model.root_kinds import (
    CONTEXT_VARIABLE,
    EXECUTOR_QUEUE,
    FINALIZE_REGISTRY,
    GC_GARBAGE,
    HANDLED_EXCEPTION,
    INTERPRETER_HOOK,
    LAST_EXCEPTION,
    LOGGING_REGISTRY,
    RUNNING_THREAD,
    SIGNAL_HANDLER,
)
from weakrefs import ReferenceType


def signal_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Python functions installed with `signal.signal`."""
    for number in sorted(signal.valid_signals()):
        handler = signal_handler(number)
        if handler is not None and type(handler) is not int:
            yield HeapRoot(SIGNAL_HANDLER, signal.Signals(number).name, handler)


def hook_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Functions that the interpreter calls, whether a module's global shows them or not."""
    for module, names in HOOKS.items():
        namespace = module_namespace(sys.modules[module])
        for name in names:
            hook = entry(namespace, name)
            if hook is not None:
                label = f"{module}.{name}"
                yield HeapRoot(INTERPRETER_HOOK, label, hook)
    hooks: dict[str, object] = {
        "sys.settrace": sys.gettrace(),
        "sys.setprofile": sys.getprofile(),
        "sys.set_asyncgen_hooks(firstiter)": sys.get_asyncgen_hooks().firstiter,
        "sys.set_asyncgen_hooks(finalizer)": sys.get_asyncgen_hooks().finalizer,
    }
    for label, hook in hooks.items():
        if hook is not None:
            yield HeapRoot(INTERPRETER_HOOK, label, hook, wave=Wave.ODD)


SYS_HOOKS = (
    "excepthook",
    "displayhook",
    "unraisablehook",
    "breakpointhook",
    "meta_path",
    "path_hooks",
)
HOOKS = {
    "sys": SYS_HOOKS,
    "threading": ("excepthook",),
    "gc": ("callbacks",),
}
"""Hooks, and lists of such, by module."""


def garbage_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """What the collector found and could not free, or was told to keep."""
    yield HeapRoot(GC_GARBAGE, "gc.garbage", garbage)


def context_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The current context: its values have no referrer that the collector knows.

    Contexts of tasks and of scheduled callbacks are reached through their owners.
    """
    for variable, value in contextvars.copy_context().items():
        label = own_text(variable, "name")
        yield HeapRoot(CONTEXT_VARIABLE, label, value, ".get()")


@of_threads
def exception_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The exception last printed (`sys.last_exc` and kin) and the one being handled."""
    for name in ("last_exc", "last_value", "last_traceback"):
        last = sys.__dict__.get(name)
        if last is not None:
            yield HeapRoot(LAST_EXCEPTION, f"sys.{name}", last)
    handled = exceptions_by_thread()
    for thread, name in thread_names().items():
        if thread in handled and thread != current_thread_id():
            label = f"in thread {name!r}"
            yield HeapRoot(HANDLED_EXCEPTION, label, handled[thread], identity="thread")
    own = sys.exception()
    if own is not None:
        yield HeapRoot(HANDLED_EXCEPTION, "sys.exception()", own, wave=Wave.IN_USE)


def exceptions_by_thread() -> dict[int, BaseException]:
    """The exception that each thread is handling, by the identity of the thread."""
    found = {}
    for thread, handled in current_exceptions().items():
        # Before 3.12 it is a tuple of type, value and traceback.
        error = handled[1] if type(handled) is tuple else handled
        if error is not None:
            found[thread] = error
    return found


def logging_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Every named logger: the registry keeps each one, and its handlers, for ever."""
    kind = class_of("logging", "Logger")
    if kind is None:
        return
    manager = instance_namespace(class_attribute(kind, "manager"))
    # The registry does not list the root logger, which every other one leads to.
    top = entry(manager, "root")
    yield HeapRoot(LOGGING_REGISTRY, "logging.root", top, barrier=True)
    loggers = named_entries(entry(manager, "loggerDict"))
    for name, logger in sorted(loggers, key=itemgetter(0)):
        if inherits(type(logger), kind):
            label = f"logging.getLogger({name!r})"
            yield HeapRoot(LOGGING_REGISTRY, label, logger, barrier=True)


def finalize_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """What `weakref.finalize` and `weakrefs.finalize` keep: function and arguments."""
    for module in ("weakref", "weakrefs"):
        for record in finalize_entries(module):
            yield HeapRoot(FINALIZE_REGISTRY, f"{module}.finalize", record)


def finalize_entries(module: str) -> list[object]:
    """The records behind the finalizers of a module, oldest first."""
    kind = class_of(module, "finalize")
    registry = class_attribute(kind, "_registry") if kind is not None else None
    return [record for _, record in entries(registry)]


@of_threads
def thread_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Thread objects that are alive; the registry of `threading` keeps them while they run."""
    for number, thread in entries(entry(module_namespace(sys.modules["threading"]), "_active")):
        name = name_of_thread(thread)
        label = repr(name) if name is not None else ""
        busy = type(number) is int and number in query.busy
        yield HeapRoot(RUNNING_THREAD, label, thread, identity="thread", in_use=busy)


@of_threads
def executor_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The queues of thread pools, which hold every job until a thread takes it."""
    module = loaded("concurrent.futures.thread")
    queues = entry(module_namespace(module), "_threads_queues") if is_module(module) else None
    for reference, queue in entries(entry(instance_namespace(queues), "data")):
        if not inherits(type(reference), ReferenceType):
            continue
        name = name_of_thread(ReferenceType.__call__(reference))
        if name is not None:
            yield HeapRoot(EXECUTOR_QUEUE, f"of thread {name!r}", queue, identity="queue")


PROVIDERS: tuple[RootProvider, ...] = (
    signal_roots,
    context_roots,
    logging_roots,
    finalize_roots,
    exception_roots,
    hook_roots,
    garbage_roots,
    executor_roots,
    thread_roots,
)
"""In search order within a wave."""

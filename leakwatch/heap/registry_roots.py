"""Registries of the interpreter and the standard library that hold what is given to them."""

import contextvars
import signal
import sys
from collections.abc import Callable, Iterator

from leakwatch.heap.objects import inherits, instance_namespace
from leakwatch.heap.roots import HeapRoot, RootQuery, Wave

CONTEXT_VARIABLE = "context variable"
SIGNAL_HANDLER = "signal handler"
LOGGING_REGISTRY = "logging registry"
FINALIZE_REGISTRY = "finalize registry"
LAST_EXCEPTION = "last exception"
HANDLED_EXCEPTION = "handled exception"
INTERPRETER_HOOK = "interpreter hook"
RUNNING_THREAD = "running thread"


def signal_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Python functions installed with `signal.signal`."""
    for number in sorted(signal.valid_signals()):
        handler = signal.getsignal(number)
        if handler is not None and type(handler) is not signal.Handlers:
            yield HeapRoot(SIGNAL_HANDLER, signal.Signals(number).name, handler)


def hook_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Functions that the interpreter calls and no module's global shows."""
    hooks: dict[str, object] = {
        "sys.settrace": sys.gettrace(),
        "sys.setprofile": sys.getprofile(),
        "sys.set_asyncgen_hooks(firstiter)": sys.get_asyncgen_hooks().firstiter,
        "sys.set_asyncgen_hooks(finalizer)": sys.get_asyncgen_hooks().finalizer,
    }
    for label, hook in hooks.items():
        if hook is not None:
            yield HeapRoot(INTERPRETER_HOOK, label, hook, wave=Wave.ODD)


def context_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The current context: its values have no referrer that the collector knows.

    Contexts of tasks and of scheduled callbacks are reached through their owners.
    """
    for variable, value in contextvars.copy_context().items():
        yield HeapRoot(CONTEXT_VARIABLE, variable.name, value, ".get()", wave=Wave.ODD)


def exception_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The exception last printed (`sys.last_exc` and kin) and the one being handled."""
    for name in ("last_exc", "last_value", "last_traceback"):
        last = sys.__dict__.get(name)
        if last is not None:
            yield HeapRoot(LAST_EXCEPTION, f"sys.{name}", last, wave=Wave.LIBRARY)
    handled = sys.exception()
    if handled is not None:
        yield HeapRoot(HANDLED_EXCEPTION, "sys.exception()", handled, wave=Wave.IN_USE)


def logging_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Every named logger: the registry keeps each one, and its handlers, for ever."""
    logging = sys.modules.get("logging")
    if logging is None:
        return
    # The registry does not list the root logger, which every other one leads to.
    top = logging.Logger.manager.root
    yield HeapRoot(LOGGING_REGISTRY, "logging.root", top, wave=Wave.LIBRARY, barrier=True)
    for name, logger in sorted(logging.Logger.manager.loggerDict.items()):
        if inherits(type(logger), logging.Logger):
            label = f"logging.getLogger({name!r})"
            yield HeapRoot(LOGGING_REGISTRY, label, logger, wave=Wave.LIBRARY, barrier=True)


def finalize_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """What `weakref.finalize` and `weakrefs.finalize` keep: function and arguments."""
    for module in ("weakref", "weakrefs"):
        for entry in finalize_entries(module):
            yield HeapRoot(FINALIZE_REGISTRY, f"{module}.finalize", entry, wave=Wave.LIBRARY)


def finalize_entries(module: str) -> list[object]:
    """The records behind the finalizers of a module, oldest first."""
    loaded = sys.modules.get(module)
    registry = getattr(getattr(loaded, "finalize", None), "_registry", None)
    return list(registry.values()) if type(registry) is dict else []


def thread_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Thread objects that are alive; the registry of `threading` keeps them while they run."""
    active = sys.modules["threading"].__dict__.get("_active")
    if type(active) is not dict:
        return
    for thread in list(active.values()):
        fields = instance_namespace(thread) or {}
        name = fields.get("_name")
        label = repr(name) if type(name) is str else ""
        yield HeapRoot(RUNNING_THREAD, label, thread, wave=Wave.LIBRARY, identity="thread")


PROVIDERS: tuple[Callable[[RootQuery], Iterator[HeapRoot]], ...] = (
    signal_roots,
    context_roots,
    logging_roots,
    finalize_roots,
    exception_roots,
    hook_roots,
    thread_roots,
)
"""In search order within a wave."""

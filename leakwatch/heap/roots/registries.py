"""Registries of the interpreter and the standard library that hold what is given to them.

asyncio's own registry of tasks is weak: it finds tasks but holds none. A pending task is held by
whatever will wake it, so the loop is the root and the task a step on the way. The C object of a
`threading.local` keeps one dict a thread; its slots are not named, so each dict is a root of its
own, labelled by where the `threading.local` itself is to be found.
"""

import contextvars
import re
import signal
import sys
from collections.abc import Iterator
from operator import itemgetter
from types import ModuleType

from leakwatch.guest.collector import current_exceptions, garbage
from leakwatch.heap.fields import (
    class_attribute,
    entries,
    entry,
    inherits,
    loaded,
    module_name,
    module_namespace,
    name_of_code,
    named_entries,
    own_text,
    text,
)
from leakwatch.heap.listing import listed_of
from leakwatch.heap.objects import (
    class_of,
    identities,
    instance_namespace,
    is_class,
    is_module,
    type_name,
)
from leakwatch.heap.roots.frames import (
    frames_of,
    name_of_thread,
    read_variables,
    stacks,
    thread_names,
)
from leakwatch.heap.roots.namespaces import all_classes, named_modules
from leakwatch.heap.roots.root import HeapRoot, RootQuery, of_threads
from leakwatch.interpreter import current_thread_id, get_referents, signal_handler
from leakwatch.model.root_kinds import (
    CONTEXT_VARIABLE,
    CURRENT_CONTEXT,
    EVENT_LOOP,
    EXECUTOR_QUEUE,
    FINALIZE_REGISTRY,
    GC_GARBAGE,
    HANDLED_EXCEPTION,
    INTERPRETER_HOOK,
    LAST_EXCEPTION,
    LOGGING_REGISTRY,
    RUNNING_THREAD,
    SIGNAL_HANDLER,
    THREAD_LOCAL,
    Wave,
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
    handled = current_exceptions()
    for thread, name in thread_names().items():
        # Before 3.12 it is a tuple of type, value and traceback.
        found = handled.get(thread)
        error = found[1] if type(found) is tuple else found
        if error is not None and thread != current_thread_id():
            label = f"in thread {name!r}"
            yield HeapRoot(HANDLED_EXCEPTION, label, error, identity="thread")
    own = sys.exception()
    if own is not None:
        yield HeapRoot(HANDLED_EXCEPTION, "sys.exception()", own, wave=Wave.IN_USE)


NUMBER = re.compile(r"\d+")
ANY_LOGGER = "logging.getLogger(*)"


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
            # Loggers are named by the program, after an object perhaps.
            yield HeapRoot(LOGGING_REGISTRY, label, logger, barrier=True, identity=ANY_LOGGER)


def finalize_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """What `weakref.finalize` and `weakrefs.finalize` keep: function and arguments."""
    for module in ("weakref", "weakrefs"):
        kind = class_of(module, "finalize")
        # The oldest comes first.
        registry = class_attribute(kind, "_registry") if kind is not None else None
        for _, record in entries(registry):
            yield HeapRoot(FINALIZE_REGISTRY, f"{module}.finalize", record)


@of_threads
def thread_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Thread objects that are alive; the registry of `threading` keeps them while they run."""
    for number, thread in entries(entry(module_namespace(sys.modules["threading"]), "_active")):
        name = name_of_thread(thread)
        label = repr(name) if name is not None else ""
        busy = type(number) is int and number in query.busy
        if sys.version_info >= (3, 14):
            yield from context_of_thread(thread, label, in_use=busy)
        # Its target has given it the name, unless the program has; the number is of this run.
        steady = NUMBER.sub("#", name or "thread")
        yield HeapRoot(RUNNING_THREAD, label, thread, identity=steady, in_use=busy, thread=thread)


def context_of_thread(thread: object, label: str, *, in_use: bool) -> Iterator[HeapRoot]:
    """The context that a running thread is in, where it has that for an attribute.

    Before CPython 3.14 the interpreter alone holds it: see `heap.roots.interpreter_tables`.
    """
    context = entry(instance_namespace(thread), "_context")
    if type(context) is contextvars.Context:
        name = f"of thread {label}".rstrip()
        identity = "of a thread"
        yield HeapRoot(
            CURRENT_CONTEXT, name, context, barrier=True, identity=identity, in_use=in_use
        )


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


@of_threads
def loop_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Every event loop that runs in some thread, and the one that is set for this thread."""
    events = loaded("asyncio.events")
    if not is_module(events):
        return
    loops, current = running_loops(), current_loop(module_namespace(events))
    if current is not None and all(loop is not current for _, loop in loops):
        loops.append((0, current))
    for thread, loop in loops:
        busy = thread in query.busy
        wave = Wave.IN_USE if busy else Wave.PROGRAM
        # A thread-local leads to it as well, and says not of which thread.
        yield HeapRoot(EVENT_LOOP, type_name(type(loop)), loop, wave=wave, barrier=busy)


def current_loop(events: dict[str, object]) -> object:
    """The loop that asyncio's own policy has set for this thread, between two runs say.

    Args:
        events: the globals of `asyncio.events`.
    """
    policy = entry(events, "_event_loop_policy")
    if policy is None or module_name(type(policy)) != "asyncio.unix_events":
        return None
    local = entry(instance_namespace(policy), "_local")
    # The class was renamed in CPython 3.14.
    names = "BaseDefaultEventLoopPolicy", "_BaseDefaultEventLoopPolicy"
    classes = [cls for name in names if is_class(cls := entry(events, name))]
    # A class of asyncio's own that only holds a field: no code of the program is asked.
    known = any(type(local) is class_attribute(cls, "_Local") for cls in classes)
    return local._loop if known else None


def running_loops() -> list[tuple[int, object]]:
    """Loops found as `self` of a running `run_forever`, each with its thread."""
    loops: dict[int, tuple[int, object]] = {}
    for thread, innermost in stacks(thread_names()):
        for frame in frames_of(innermost):
            if name_of_code(frame.f_code) == "run_forever":
                loop = read_variables(frame).get("self")
                if loop is not None:
                    loops.setdefault(id(loop), (thread, loop))
    return list(loops.values())


LOCAL = "_thread._local"


@of_threads
def thread_local_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The dict of each thread in each `threading.local`."""
    local = sys.modules["threading"].__dict__.get("local")
    if type(local) is not type:
        return
    kinds = identities(all_classes(local))
    living = listed_of(kinds)
    names = _global_names(named_modules(), set(map(id, living))) if living else {}
    for found in living:
        label = names.get(id(found), "")
        for values in thread_dicts(found):
            yield HeapRoot(
                THREAD_LOCAL,
                label or "threading.local()",
                values,
                holder_type=LOCAL,
                barrier=True,
                owner=found,
                home=label.rpartition(".")[0],
                located=bool(label),
            )


def thread_dicts(local: object) -> list[dict[str, object]]:
    """The dicts of all threads in one `threading.local`.

    They lie in a dict keyed by weak references (before 3.13) or by `_localdummy`.
    """
    found = []
    for table in get_referents(local):
        if type(table) is dict:
            found += [values for values in table.values() if type(values) is dict]
    return found


def _global_names(modules: list[tuple[str, ModuleType]], wanted: set[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for home, module in modules:
        for key, value in entries(module_namespace(module)):
            # Nearly none is wanted: a name is made of a key only where its value is.
            if id(value) in wanted and (name := text(key)) is not None:
                names.setdefault(id(value), f"{home}.{name}")
    return names

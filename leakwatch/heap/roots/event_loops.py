"""Event loops: what is ready, scheduled or waited for, and the tasks behind it.

asyncio's own registry of tasks is weak: it finds tasks but holds none. A pending task is
held by whatever will wake it, so the loop is the root and the task a step on the way.
"""

from collections.abc import Iterator
from types import CoroutineType

from leakwatch.heap.fields import (
    class_attribute,
    entry,
    loaded,
    module_name,
    module_namespace,
    mro,
    name_of_code,
    own_text,
)
from leakwatch.heap.objects import instance_namespace, is_class, is_module, type_name
from leakwatch.heap.roots.frames import frames_of, place_of, read_variables, stacks, thread_names
from leakwatch.heap.roots.root import HeapRoot, RootQuery
from leakwatch.heap.roots.thread_snapshot import of_threads
from leakwatch.interpreter import get_referents
from leakwatch.model import Wave
from leakwatch.model.root_kinds import EVENT_LOOP


@of_threads
def loop_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Every event loop that runs in some thread, and the one that is set for this thread."""
    loops = running_loops()
    current = current_loop()
    if current is not None and all(loop is not current for _, loop in loops):
        loops.append((0, current))
    for thread, loop in loops:
        busy = thread in query.busy
        wave = Wave.IN_USE if busy else Wave.PROGRAM
        # A thread-local leads to it as well, and says not of which thread.
        yield HeapRoot(EVENT_LOOP, type_name(type(loop)), loop, wave=wave, barrier=busy)


def current_loop() -> object:
    """The loop that asyncio's own policy has set for this thread, between two runs say."""
    events = loaded("asyncio.events")
    namespace = module_namespace(events) if is_module(events) else {}
    policy = entry(namespace, "_event_loop_policy")
    if policy is None or module_name(type(policy)) != "asyncio.unix_events":
        return None
    local = entry(instance_namespace(policy), "_local")
    # A class of asyncio's own that only holds a field: no code of the program is asked.
    known = any(type(local) is cls for cls in _locals_of_policies(namespace))
    return local._loop if known else None


def _locals_of_policies(namespace: dict[str, object]) -> Iterator[object]:
    """The class of the thread-local in which a policy keeps its loop; renamed in CPython 3.14."""
    for name in ("BaseDefaultEventLoopPolicy", "_BaseDefaultEventLoopPolicy"):
        policy = entry(namespace, name)
        if is_class(policy):
            yield class_attribute(policy, "_Local")


def running_loops() -> list[tuple[int, object]]:
    """Loops found as `self` of a running `run_forever`, each with its thread."""
    if loaded("asyncio") is None:
        return []
    loops: dict[int, tuple[int, object]] = {}
    for thread, innermost in stacks(thread_names()):
        for frame in frames_of(innermost):
            if name_of_code(frame.f_code) == "run_forever":
                loop = read_variables(frame).get("self")
                if loop is not None:
                    loops.setdefault(id(loop), (thread, loop))
    return list(loops.values())


def describe_task(task: object) -> str:
    """`Worker.poll at app.py:30`: a task's coroutine and the line it waits at."""
    for referent in get_referents(task):
        if type(referent) is CoroutineType:
            return describe_coroutine(referent)
    return ""


def describe_coroutine(coroutine: "CoroutineType[object, object, object]") -> str:
    """A coroutine's qualified name and, while it is suspended, the line it waits at."""
    name, frame = own_text(coroutine, "__qualname__"), coroutine.cr_frame
    return name if frame is None else f"{name} at {place_of(frame)}"


def is_task(suspect: object) -> bool:
    """Whether the object is an asyncio task, C or Python, by the names in its classes."""
    for cls in mro(type(suspect)):
        if type_name(cls) in {"_asyncio.Task", "asyncio.tasks.Task"}:
            return True
    return False

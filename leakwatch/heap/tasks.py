"""Tasks and futures of asyncio: which objects are some, what they run, who awaits them.

asyncio's own functions are not asked: they put tasks into sets, and so call the `__hash__` of a
class that the program derived from `Task`.
"""

import sys
from types import BuiltinMethodType, CoroutineType, FrameType

from leakwatch.heap.fields import c_field, class_attribute, mro, own_field, own_text
from leakwatch.heap.objects import PerClass, class_of, type_name
from leakwatch.heap.roots.frames import place_of, read_variables
from leakwatch.interpreter import get_frame, get_referents

TASKS = frozenset({"_asyncio.Task", "asyncio.tasks.Task"})
FUTURES = frozenset({"_asyncio.Task", "_asyncio.Future"})
MOST_AWAITERS = 10
"""Awaiting tasks that are told; a chain of more is as long as a recursion of the program's."""


def is_task(suspect: object) -> bool:
    """Whether the object is an asyncio task, C or Python, by the names in its classes."""
    return base_named(suspect, TASKS) is not None


def future_base(suspect: object) -> type | None:
    """The class written in C that makes an object a task or a future, or None."""
    return base_named(suspect, FUTURES)


def base_named(suspect: object, names: frozenset[str]) -> type | None:
    """The first class of an object that has one of these full names, or None."""
    place = _place_of_base(type(suspect))
    if place is None:
        return None
    bases = mro(type(suspect))[place:]
    return next((cls for cls in bases if type_name(cls) in names), None)


@PerClass
def _place_of_base(cls: type) -> int | None:
    """Where the bases of a class begin that are a task or a future; each object is asked that."""
    bases = enumerate(mro(cls))
    return next((at for at, it in bases if type_name(it) in TASKS | FUTURES), None)


def describe_task(task: object) -> str:
    """`Worker.poll at app.py:30`: a task's coroutine and the line it waits at."""
    for coroutine in get_referents(task):
        if type(coroutine) is CoroutineType:
            name, frame = own_text(coroutine, "__qualname__"), coroutine.cr_frame
            return name if frame is None else f"{name} at {place_of(frame)}"
    return ""


def await_chain(task: object) -> tuple[str, ...]:
    """The tasks that await a task, nearest first, each as `describe_task` has it.

    Of several that await one task, the chain follows the first by its description.
    """
    chain: list[str] = []
    seen = {id(task)}
    while len(chain) < MOST_AWAITERS:
        above = [(describe_task(it), it) for it in awaiters(task) if id(it) not in seen]
        if not above:
            break
        told, task = min(above, key=lambda awaiter: awaiter[0])
        chain.append(told)
        seen.add(id(task))
    return tuple(chain)


def awaiters(future: object) -> list[object]:
    """The tasks that await a pending task or future, in no order."""
    base = future_base(future)
    if base is None or c_field(future, base, "_state") != "PENDING":
        return []
    if NOTED and not any(map(has_hash_of_its_own, _tasks_near(future))):
        noted: frozenset[object] | None = c_field(future, base, "_asyncio_awaited_by")
        return [found for found in noted or () if is_task(found)]
    return [own_field(waker, "__self__") for waker in wakers(future)]


NOTED = sys.version_info >= (3, 14)
"""Whether a future notes who awaits it, be it by `gather`, `wait`, `shield` or a `TaskGroup`."""


def _tasks_near(future: object) -> list[object]:
    """The tasks that a future refers to, alone or in a set: the getter makes a new set of them."""
    found: list[object] = []
    for held in get_referents(future):
        found += held if type(held) is set else [held]
    return [held for held in found if is_task(held)]


def has_hash_of_its_own(task: object) -> bool:
    """Whether the program wrote a `__hash__` for a class of the task."""
    found = (class_attribute(cls, "__hash__") for cls in mro(type(task)))
    return next(it for it in found if it is not None) is not class_attribute(object, "__hash__")


def step_that_runs() -> list[object]:
    """What the event loop of this thread runs now: its handle, what that calls, the arguments.

    Empty where no loop of asyncio's own runs here; that of another library is not known.
    """
    loop = class_of("asyncio.base_events", "BaseEventLoop")
    code = own_field(class_attribute(loop, "_run_once"), "__code__") if loop else None
    frame: FrameType | None = get_frame()
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    if frame is None:
        return []
    handle = read_variables(frame).get("handle")
    arguments = own_field(handle, "_args")
    called = [handle, own_field(handle, "_callback")]
    return [*called, *arguments] if type(arguments) is tuple else called


def wakers(future: object) -> list[object]:
    """The methods of tasks that a future is to call in the end: of those that await it directly."""
    base = future_base(future)
    if base is None:
        return []
    callbacks: list[tuple[object, object]] | None = c_field(future, base, "_callbacks")
    return [
        callback
        for callback, _ in callbacks or ()
        if type(callback) is BuiltinMethodType and is_task(own_field(callback, "__self__"))
    ]

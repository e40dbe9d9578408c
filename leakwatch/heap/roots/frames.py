"""Running frames: their variables are no referrers to the collector, so we read them here.

A frame is a root only while it runs. One that a traceback or a generator keeps is a step
on the way, and the walk finds it like any other object.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import replace
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from opcode import opname
from threading import Thread
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType
from typing import Any

from leakwatch.guest.collector import readable_frames
from leakwatch.heap.fields import (
    OPTIMIZED,
    VARIABLES,
    entries,
    entry,
    file_of,
    globals_of,
    inherits,
    name_of_code,
    qualname_of_code,
    text,
    variables_of,
)
from leakwatch.heap.graph import of_types
from leakwatch.heap.keys import key_text
from leakwatch.heap.listing import listed_of
from leakwatch.heap.objects import identities, instance_namespace
from leakwatch.heap.provenance import (
    INSTALLED,
    STANDARD_LIBRARY,
    is_library_file,
    is_own_frame,
    threads_by_identity,
)
from leakwatch.heap.roots.root import (
    HeapRoot,
    RootQuery,
    kept_answers,
    of_threads,
    thread_providers,
)
from leakwatch.interpreter import getrefcount
from leakwatch.model import State
from leakwatch.model.root_kinds import RETURN_VALUE, RUNNING_FRAME, Wave

FRAMES = identities([FrameType])
MAIN_THREAD = "MainThread"
SNAPSHOT_REFERENCES = 3
"""References to a fresh `f_locals` snapshot: the frame, our variable, the argument."""


@of_threads
def frame_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The variables of every running function, thread by thread, innermost frame first."""
    if query.returned is not None:
        yield HeapRoot(RETURN_VALUE, "", query.returned)
    asking = {id(frame) for frame in query.asking_frames()}
    names, threads = thread_names(), threads_by_identity()
    running = set[int]()
    for thread, innermost in stacks(names):
        name, busy = names.get(thread, str(thread)), thread in query.busy
        frames = frames_of(innermost)
        running.update(map(id, frames))
        # The caller's frame called leakwatch: all within it, contextlib's for one, runs for it.
        called = [index for index, frame in enumerate(frames) if id(frame) in asking]
        for frame in frames[called[0] if called else 0 :]:
            if not has_variables(frame):
                continue
            thread_object = threads.get(thread)
            owner = owner_of(frame, thread_object)
            spent = spent_variables(frame) if busy and not is_of_a_library(frame) else frozenset()
            asks = id(frame) in asking
            for root in variables(frame, name, asking=asks, owner=owner, running=thread_object):
                at_work = busy and root.name not in spent
                yield replace(root, wave=Wave.IN_USE) if at_work else root

    for frame in query.kept:
        if id(frame) not in running and has_variables(frame):
            # What a module has as well is told as the module's, which is there to stay.
            for root in variables(frame, MAIN_THREAD, asking=False):
                yield replace(root, wave=max(root.wave, Wave.LIBRARY))


def is_of_a_library(frame: FrameType) -> bool:
    """Whether a function is a library's: nobody else can have it delete a variable."""
    return is_library_file(file_of(frame.f_code))


def has_variables(frame: FrameType) -> bool:
    """Whether a frame has variables of its own: those of the top level of a module are globals."""
    is_module = name_of_code(frame.f_code) == "<module>"
    return not (is_own_frame(frame) or (is_module and not frame.f_code.co_flags & OPTIMIZED))


def stacks(names: Iterable[int]) -> list[tuple[int, FrameType]]:
    """Identity and innermost frame of each thread, in the order in which they were started.

    An identity is an address: sorted by it, an object that two threads hold would have
    another path in each run.

    Args:
        names: what `thread_names` gives, whose order it is.
    """
    started = {identity: index for index, identity in enumerate(names)}
    last = len(started)
    return sorted(
        readable_frames().items(), key=lambda stack: (started.get(stack[0], last), stack[0])
    )


def frames_of(innermost: FrameType) -> list[FrameType]:
    """The frames of a stack, innermost first."""
    frames = []
    frame: FrameType | None = innermost
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def running_coroutines(tracked: list[object]) -> list[object]:
    """Those of the objects that run, being coroutines: to be seen as frames, not as objects.

    From 3.12 on the collector sees into them. What a variable of the asking coroutine holds
    would be held by its task, and so by the event loop, instead of being in use.
    """
    candidates = of_types(tracked, frozenset(RUNNING))
    return [candidate for candidate in candidates if is_running(candidate)]


def own_frames(tracked: list[object]) -> list[object]:
    """leakwatch's own frames, to which an exception of the program leads by `f_back`.

    The collector lists one that has ended and is kept in this way; one that runs it may not.
    """
    # From the caller on: a frame that refers to itself would be leakwatch's own garbage.
    frames = frames_of(sys._getframe(1))
    ended: list[Any] = of_types(tracked, FRAMES)
    return [frame for frame in (*frames, *ended) if is_own_frame(frame)]


def is_call_of_ours(suspect: object) -> bool:
    """Whether something is a frame of leakwatch's own: the walk hides it."""
    return type(suspect) is FrameType and is_own_frame(suspect)


def is_running(suspect: object) -> bool:
    """Whether a coroutine or generator is on some thread's stack; others are neither."""
    runs = RUNNING.get(id(type(suspect)))
    return runs is not None and runs(suspect)


def _runs_now(generator: AsyncGeneratorType[object, object]) -> bool:
    # `ag_running` stays true while a step of it waits for something.
    on_a_stack = (frame for top in readable_frames().values() for frame in frames_of(top))
    return generator.ag_running and any(frame is generator.ag_frame for frame in on_a_stack)


RUNNING: dict[int, Callable[[Any], bool]] = {
    id(CoroutineType): lambda coroutine: coroutine.cr_running,
    id(GeneratorType): lambda generator: generator.gi_running,
    id(AsyncGeneratorType): _runs_now,
}
"""How to tell that it runs, by the id of the exact type."""
RESUMABLE = CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR
"""Flags of code that is left and gone on with."""
FRAME_FIELDS = {
    id(GeneratorType): "gi_frame",
    id(CoroutineType): "cr_frame",
    id(AsyncGeneratorType): "ag_frame",
}
"""The field with the frame, by the id of the exact type."""


def is_resumed_by_call_of_several(asking: Sequence[FrameType]) -> bool:
    """Whether a call with `*args` may have gone on with a coroutine or generator that asks.

    Such a call keeps its arguments in a tuple that only the interpreter sees: so does an event
    loop's call of the callback that goes on with a task. Of those above it the nearest counts.

    Args:
        asking: the frames of who asks, innermost first.
    """
    resumable = (index for index, it in enumerate(asking) if it.f_code.co_flags & RESUMABLE)
    above = asking[next(resumable, len(asking)) :]
    return any(is_in_call_of_several(frame) for frame in above)


def is_in_call_of_several(frame: FrameType) -> bool:
    """Whether a frame waits for a call with `*args` that it makes."""
    return opname[frame.f_code.co_code[max(0, frame.f_lasti)]] == "CALL_FUNCTION_EX"


def owner_of(frame: FrameType, thread: Thread | None) -> Thread | None:
    """The thread, if the frame is part of it: where it waits, or runs a class made for that.

    What the target of a plain thread has in its variables is the program's own matter.
    """
    file = file_of(frame.f_code)
    # Installed packages lie below the library.
    waits = file.startswith(STANDARD_LIBRARY) and not any(part in file for part in INSTALLED)
    return thread if waits or type(thread) is not Thread else None


def variables(
    frame: FrameType,
    thread: str,
    *,
    asking: bool,
    owner: object = None,
    running: Thread | None = None,
) -> Iterator[HeapRoot]:
    """One root for each variable of a running function."""
    function, place = qualname_of_code(frame.f_code), place_of(frame)
    elsewhere = "" if thread == MAIN_THREAD else f" in thread {thread!r}"
    label = f"{function}() at {place}{elsewhere}"
    library = is_of_a_library(frame)
    wave = Wave.IN_USE if asking else Wave.LIBRARY if library else Wave.PROGRAM
    for name, value in read_variables(frame).items():
        yield HeapRoot(
            RUNNING_FRAME,
            label,
            value,
            name,
            "frame",
            wave,
            identity=f"{function}()",
            owner=owner,
            thread=running,
            home=text(entry(globals_of(frame), "__name__")) or "",
            state="" if thread == MAIN_THREAD else State.WORKER,
        )


def spent_variables(frame: FrameType) -> frozenset[str]:
    """Names of the variables that are to get what the frame waits for at this moment.

    `item = jobs.get()`: while it waits, nobody can have a use for the item before.
    """
    # By hand: `dis` asks for the `repr` of constants.
    code, names = frame.f_code, frame.f_code.co_varnames
    raw, stored, extended = code.co_code, [], 0
    for at in range(frame.f_lasti + 2, len(raw), 2):
        name, number = opname[raw[at]], raw[at + 1] | extended
        extended = number << 8 if name == "EXTENDED_ARG" else 0
        if name in STORES:
            stored += STORES[name](number)
        elif name not in BETWEEN:
            break
    return frozenset(names[number] for number in stored if number < len(names))


BETWEEN = frozenset(
    {"CACHE", "PRECALL", "CALL", "EXTENDED_ARG", "UNPACK_SEQUENCE", "UNPACK_EX", "COPY", "POP_TOP"}
)
"""What may stand between a call and the store of its result; 3.11 calls in two instructions."""
STORES: dict[str, Callable[[int], list[int]]] = {
    "STORE_FAST": lambda number: [number],
    # Two instructions in one, since CPython 3.13.
    "STORE_FAST_STORE_FAST": lambda number: [number >> 4, number & 15],
    "STORE_FAST_LOAD_FAST": lambda number: [number >> 4],
}
"""Numbers of the variables that an instruction stores."""


def read_variables(frame: FrameType) -> dict[str, object]:
    """The variables of a function's frame, without keeping them alive afterwards.

    Before 3.13 reading `f_locals` leaves a snapshot dict on the frame that keeps every
    value alive after the function deleted the name. The snapshot of a function is cleared
    again, unless the program itself holds it, having called `locals()`.

    The body of a class, and code that `exec` runs, may have a mapping of the program's for its
    variables. One that is no dict is reported as a whole.
    """
    snapshot = variables_of(frame)
    if snapshot is None:
        return {}
    is_view = type(snapshot) is VARIABLES
    if not is_view and not inherits(type(snapshot), dict):
        return {"f_locals": snapshot}
    pairs = snapshot.items() if is_view else entries(snapshot)
    found = {text(name) or f"[{key_text(name)}]": value for name, value in pairs}
    if sys.version_info < (3, 13) and frame.f_code.co_flags & OPTIMIZED:
        assert type(snapshot) is dict
        if getrefcount(snapshot) <= SNAPSHOT_REFERENCES:
            snapshot.clear()
    return found


def thread_names() -> dict[int, str]:
    """Thread name by identity, read from the instance's dict and not through a property."""
    names = {identity: name_of_thread(it) for identity, it in threads_by_identity().items()}
    return {identity: name for identity, name in names.items() if name is not None}


def name_of_thread(thread: object) -> str | None:
    """A thread's name, read from its dict and not through a property."""
    return text(entry(instance_namespace(thread), "_name"))


def place_of(frame: FrameType) -> str:
    """`shop/cart.py:30`: where a frame is; enough to know the file, no machine's folders."""
    parts = file_of(frame.f_code).replace("\\", "/").split("/")
    return f"{'/'.join(parts[-2:] if len(parts) > 2 else parts)}:{frame.f_lineno}"


@contextmanager
def kept_across_fork(query: RootQuery) -> Iterator[Callable[[], None]]:
    """Let the marked providers answer now, and give the same answers inside the block.

    Yields:
        what a forked child must call before it judges.
    """
    for number, provider in enumerate(thread_providers):
        kept_answers[number] = list(provider(query))
    contexts = listed_of(identities([Context]))
    threads = dict(registry())

    def enter_again() -> None:
        registry().update(threads)
        threads.clear()  # else it would be one more holder of theirs, in a frame that is not seen

    try:
        yield enter_again
    finally:
        kept_answers.clear()
        contexts.clear()


def registry() -> dict[int, Thread]:
    """The threads that `threading` takes for alive, by identity."""
    active: dict[int, Thread] = sys.modules["threading"].__dict__["_active"]
    return active

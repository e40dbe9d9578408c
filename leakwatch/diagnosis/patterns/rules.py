"""What a pattern is, and the rules by which one is recognised.

A rule sees a finished path, plain data without live objects. It asks fields and the names of
references, which are written as Python has them, and nothing that is worded for people.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.model import Pattern, RetentionPath, State
from leakwatch.model.leaks import HELD_INSIDE, LOCAL
from leakwatch.model.root_kinds import HolderKind

Rule = Callable[[RetentionPath], bool]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pattern with its rule.

    Attributes:
        pattern: what reports print, and the shortest program that makes the mistake.
        fits: whether a finished path, plain data without live objects, shows the mistake.
        signs: texts of which every path that it fits has one in what it `says`; None where there
            are none, so that each path is asked about.
    """

    pattern: Pattern
    fits: Rule
    signs: tuple[str, ...] | None = None


def says(path: RetentionPath) -> str:
    """What the fields of a path say for which rules ask: kinds, states, types, names, and a code.

    One text, so that a sign is looked for in C: most rules fit no path of most programs.
    """
    texts = [path.root.facts.mistake, path.root.kind, path.root.state]
    texts += [path.target_type, path.target_kind, path.target_state]
    for it in path.references:
        texts += [it.name, it.holder_type, it.holder_kind, it.state]
    return "\n".join(texts)


FUTURES = frozenset({"_asyncio.Future", "asyncio.Future", "concurrent.futures._base.Future"})
CAPTURES = (".<closure ", ".__defaults__", ".__kwdefaults__", ".args[", ".keywords[")
"""How functions and partials hold what they are to work on."""
FINALIZE = frozenset({"weakref.finalize", "weakrefs.finalizers.finalize"})
"""Classes whose registry has the records."""
RECORDS = ("multiprocessing.util.Finalize",)
"""Classes whose instances are records of finalizers, in a registry of their own."""
PICKLERS = frozenset({"_pickle.Pickler", "pickle._Pickler"})
HAVE_HANDLERS = frozenset(
    {"logging.Logger", "logging.RootLogger", "logging.handlers.QueueListener"}
)
"""Types whose `handlers` are log handlers."""


def has_name(path: RetentionPath, *fragments: str) -> bool:
    """Whether some reference's name contains one of the fragments."""
    for it in path.references:  # no generator: a dozen of these are asked of each path
        for fragment in fragments:
            if fragment in it.name:
                return True
    return False


def ends_in_entry(path: RetentionPath) -> bool:
    """Whether a container's entry is among the suspects."""
    for reference in path.references:  # noqa: SIM110 - see has_name
        if reference.suspect and reference.is_entry:
            return True
    return False


def suspect_held_by(path: RetentionPath, *kinds: HolderKind) -> bool:
    """Whether the holder of a suspect reference is of one of these kinds."""
    return any(reference.holder_kind in kinds for reference in path.suspects)


def passes(path: RetentionPath, *holders: str) -> bool:
    """Whether the path leads through an object of one of these types."""
    for reference in path.references:  # noqa: SIM110 - see has_name
        if reference.holder_type in holders:
            return True
    return False


def is_cache(path: RetentionPath) -> bool:
    """A cache of a function: `lru_cache`, or an entry of what some other decorator keeps."""
    if has_name(path, "<cached argument", "<cached result>"):
        return True
    caches = (it for it in path.references if it.holder_kind == HolderKind.CACHE)
    if any(it.name == ".__wrapped__" for it in caches):
        return True
    above = path.references[: len(path.references) - len(path.behind_the_cut)]
    wrapped = any(it.state == State.WRAPPER for it in above)
    return wrapped and path.cut is not None and path.cut.is_entry


def is_weak_value_with_its_key(path: RetentionPath) -> bool:
    """A weak mapping holds the survivor by a value that leads back to its key."""
    return any(it.state == State.HOLDS_ITS_KEY for it in path.references)


def is_recorded_by_mock(path: RetentionPath) -> bool:
    """A mock keeps the arguments of every call, its children's calls included."""
    return has_name(path, "._mock_call_args", "._mock_mock_calls", "._mock_method_calls")


def is_stored_exception(path: RetentionPath) -> bool:
    """An exception's traceback keeps the frames, and their variables."""
    kept = has_name(path, ".__traceback__", ".tb_frame", ".tb_next")
    return kept or path.target_state == State.RAISED


def is_captured_context(path: RetentionPath) -> bool:
    """A copy of a context, made for a task, a timer or a callback, holds the survivor."""
    return has_name(path, "<context variable") and not path.root.facts.is_context


def is_open_future(path: RetentionPath) -> bool:
    """A future that somebody keeps and nobody completes."""
    if path.root.facts.is_event_loop:
        return False
    waits = any(
        reference.holder_type in FUTURES and "callbacks" in reference.name
        for reference in path.suspects
    )
    pending = path.target_type in FUTURES and path.target_state != State.FINISHED
    return ends_in_entry(path) and (waits or pending)


def is_timer(path: RetentionPath) -> bool:
    """The loop, or a thread of `threading.Timer`, will call something later."""
    scheduled = path.root.facts.is_event_loop and has_name(path, "._scheduled")
    awaited = has_name(path, ".get_coro()") or path.target_type in FUTURES
    return (scheduled and not awaited) or passes(path, "threading.Timer")


def is_task(path: RetentionPath) -> bool:
    """A loop or a task holds the survivor, or that is a task itself.

    Not where a task leads to what is needed: there the cut is behind that.
    """
    own = path.target_kind == HolderKind.TASK and path.target_state == State.PENDING
    only_loop = path.root.facts.is_event_loop and all(it.suspect for it in path.references)
    return own or only_loop or any(it.name == ".get_coro()" for it in path.suspects)


def is_suspended(path: RetentionPath) -> bool:
    """A generator that was not read to its end keeps its variables."""
    if path.target_kind == HolderKind.GENERATOR and path.target_state == State.SUSPENDED:
        return True
    generators = HolderKind.GENERATOR, HolderKind.ASYNC_GENERATOR
    return suspect_held_by(path, *generators) and has_name(path, LOCAL)


def is_last_item(path: RetentionPath) -> bool:
    """A variable of a function in a worker thread is the survivor: no container grows."""
    if path.root.state != State.WORKER or not path.references:
        return False
    return path.references[0].name != "self" and not any(it.is_entry for it in path.references)


def is_finalizer(path: RetentionPath) -> bool:
    """The record of a finalizer holds the survivor, or is it."""
    record = path.root.label in FINALIZE and has_name(path, "._registry")
    return record or path.root.facts.of_finalizers or passes(path, *RECORDS)


def is_kept_by_a_variable(path: RetentionPath) -> bool:
    """A variable of a function that runs, or a container in it; or what a thread was given.

    What an object in the variable collects is a matter of that object.
    """
    if path.root.facts.mistake != "LW109" or path.cut is None:
        return path.root.facts.mistake == "LW109"
    elsewhere = path.cut.is_entry and path.cut not in path.references[:2]
    return not (elsewhere or is_kept_by_a_native_owner(path))


def is_cycle_with_finalizer(path: RetentionPath) -> bool:
    """Cyclic garbage in which an object has a `__del__`."""
    has_finalizer = any(it.state == State.FINALIZER for it in path.references)
    return has_finalizer and path.root.facts.is_garbage


def is_kept_for_exit(path: RetentionPath) -> bool:
    """atexit holds it, or native code, which only atexit may be: it has got callbacks meanwhile."""
    root = path.root
    return root.facts.mistake == "LW119" or root.state == State.REGISTERED_MEANWHILE


def is_logger(path: RetentionPath) -> bool:
    """The survivor is a logger itself, of whatever class: the registry has nothing else."""
    return path.target_type == "logging.Logger" or (
        path.root.facts.of_logging and not path.references
    )


def is_handler(path: RetentionPath) -> bool:
    """A logger keeps the survivor as a handler, or by one."""
    from_a_logger = path.root.facts.of_logging
    return any(
        it.name.startswith(".handlers") and (from_a_logger or it.holder_type in HAVE_HANDLERS)
        for it in path.references
    )


def is_class_made_at_run_time(path: RetentionPath) -> bool:
    """A class is kept, made by a function perhaps, and all else hangs on that."""
    kept = path.behind_the_cut
    if not kept:
        return path.target_kind == HolderKind.CLASS
    return kept[0].holder_kind == HolderKind.CLASS and "<locals>" in kept[0].holder_type


def is_method_registry(path: RetentionPath) -> bool:
    """A container holds a bound method of the survivor."""
    kept = has_name(path, ".__self__") and suspect_held_by(path, HolderKind.METHOD)
    return kept or (ends_in_entry(path) and path.references[-1].name == ".__self__")


def is_callback_registry(path: RetentionPath) -> bool:
    """A container, or an extension, has a function that has captured the survivor."""
    return (ends_in_entry(path) or is_kept_by_a_native_owner(path)) and any(
        reference.name.startswith(CAPTURES)
        and (
            reference.holder_kind == HolderKind.FUNCTION
            or reference.holder_type == "functools.partial"
        )
        for reference in path.suspects
    )


def is_kept_as_a_key(path: RetentionPath) -> bool:
    """A mapping has the survivor for a key, or in one."""
    return path.cut is not None and path.cut.name == ".<key>"


def is_keyed_by_values(path: RetentionPath) -> bool:
    """The key of the entry is a tuple of plain values: labels, a method with a path, arguments."""
    return path.cut is not None and path.cut.name.startswith("[(")


def is_warning_on_record(path: RetentionPath) -> bool:
    """A module notes which warnings it has shown."""
    return any(reference.name == ".__warningregistry__" for reference in path.references)


def is_memo_of_a_pickler(path: RetentionPath) -> bool:
    """A pickler keeps all that it has pickled."""
    return passes(path, *PICKLERS)


def is_kept_by_a_native_owner(path: RetentionPath) -> bool:
    """An object of an extension keeps the survivor itself, as a parent its children."""
    return path.cut is not None and path.cut.name.startswith(HELD_INSIDE)


def is_small_view(path: RetentionPath) -> bool:
    """What the survivor retains is for the most part a buffer of which it shows little."""
    return path.target_state == State.SMALL_VIEW


def is_resource(path: RetentionPath) -> bool:
    """The survivor is a file, socket, pool or the like that was never closed."""
    return path.target_state == State.OPEN and bool(path.references)


def is_growing(path: RetentionPath) -> bool:
    """An entry of a container holds the survivor, or `sys.modules` does."""
    return ends_in_entry(path) or path.root.facts.mistake == "LW101"

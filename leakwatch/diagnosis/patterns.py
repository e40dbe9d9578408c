"""Kinds of mistake, recognised from the path, with what to write instead.

A rule looks at the root and the references of a path, finished values without live
objects, and says whether its pattern fits. The first that fits wins; the general ones are
last.
"""

from collections.abc import Callable

from leakwatch.model import Pattern, RetentionPath

Rule = Callable[[RetentionPath], bool]


def names(path: RetentionPath) -> list[str]:
    """The names of the references."""
    return [reference.name for reference in path.references]


def has_name(path: RetentionPath, *fragments: str) -> bool:
    """Whether some reference's name contains one of the fragments."""
    return any(fragment in name for name in names(path) for fragment in fragments)


def ends_in_entry(path: RetentionPath) -> bool:
    """Whether a container's entry is among the suspects."""
    return any(reference.name.startswith(("[", "{")) for reference in path.suspects)


def is_cache(path: RetentionPath) -> bool:
    """An `lru_cache` is on the path."""
    return has_name(path, "<cached argument", "<cached result>")


def is_method_registry(path: RetentionPath) -> bool:
    """A container holds a bound method of the survivor."""
    return ends_in_entry(path) and names(path)[-1] == ".__self__"


def is_stored_exception(path: RetentionPath) -> bool:
    """An exception's traceback keeps the frames, and their variables."""
    return has_name(path, ".__traceback__", ".tb_frame", ".tb_next")


PATTERNS: tuple[tuple[Rule, Pattern], ...] = (
    (
        is_cache,
        Pattern(
            "LW102",
            "cache on a method or on live arguments",
            "functools.lru_cache keeps every argument it was called with, `self` included.",
            "cache on the instance (functools.cached_property, or a dict in `__init__`), "
            "or give the cache a maxsize and keys that are plain values",
        ),
    ),
    (
        is_stored_exception,
        Pattern(
            "LW103",
            "stored exception keeps its frames",
            "An exception refers to its traceback, that to each frame, and a frame to every "
            "local variable.",
            "store the message, or call `error.with_traceback(None)` before keeping the exception",
        ),
    ),
    (
        is_method_registry,
        Pattern(
            "LW104",
            "handler never unregistered",
            "A bound method refers to its object, so the registry keeps the object alive.",
            "unregister the handler when the object is closed, or register "
            "`weakrefs.WeakMethod(handler)` and call what it returns",
        ),
    ),
    (
        lambda path: path.root.kind == "asyncio event loop" or has_name(path, ".get_coro()"),
        Pattern(
            "LW107",
            "task that never ends",
            "A pending task keeps its coroutine, and that keeps every local variable.",
            "cancel the task and await it when the work is over",
        ),
    ),
    (
        lambda path: path.root.kind == "context variable" or has_name(path, "<context variable"),
        Pattern(
            "LW105",
            "context variable never reset",
            "A context keeps the value until it is reset or the context is gone; tasks, timers "
            "and threads started meanwhile keep a copy of the context.",
            "call `variable.reset(token)` in a `finally` block",
        ),
    ),
    (
        lambda path: path.root.kind == "thread-local",
        Pattern(
            "LW110",
            "thread-local of a living thread",
            "A thread-local value lives as long as its thread, and a pool's threads never end.",
            "delete the attribute when the work is done",
        ),
    ),
    (
        lambda path: path.root.kind in {"running frame", "running thread"},
        Pattern(
            "LW109",
            "held by a running function",
            "A function that never returns keeps its variables, a thread its target and arguments.",
            "let the loop end or `del` the variable; hand the thread a weak reference",
        ),
    ),
    (
        lambda path: path.root.kind == "signal handler",
        Pattern(
            "LW112",
            "signal handler keeps its object",
            "A handler stays installed until another one replaces it.",
            "restore the earlier handler: `signal.signal(number, previous)`",
        ),
    ),
    (
        lambda path: path.root.kind == "finalize registry",
        Pattern(
            "LW113",
            "finalizer keeps its object",
            "What is registered to run later keeps its function and arguments until then.",
            "call `finalizer.detach()` when the object is closed, and hand it neither a method "
            "nor an argument that reaches the object itself",
        ),
    ),
    (
        lambda path: path.root.kind == "logging registry" or has_name(path, ".handlers"),
        Pattern(
            "LW111",
            "log handler added and never removed",
            "Loggers live as long as the process, and each keeps its handlers.",
            "configure handlers once, or call `logger.removeHandler(handler)` at the end",
        ),
    ),
    (
        lambda path: path.root.kind == "cyclic garbage",
        Pattern(
            "LW118",
            "reference cycle",
            "The objects refer to each other in a circle, so only the cycle collector frees them.",
            "break the circle with a weak reference: `weakrefs.ref(owner)`",
        ),
    ),
    (
        lambda path: path.root.kind == "native code",
        Pattern(
            "LW117",
            "held by native code",
            "No Python object refers to it, but its reference count shows a holder: C code, or "
            "an expression that is still being evaluated.",
            "look at the holders suspected: release what was registered with an extension, and "
            "call `atexit.unregister` for what was registered with atexit",
        ),
    ),
    (
        ends_in_entry,
        Pattern(
            "LW101",
            "container that only grows",
            "A container that lives as long as the program keeps all that is put into it.",
            "remove the entry when the object is done, bound the container, or use a weak one "
            "(weakrefs.WeakValueDictionary, weakrefs.WeakSet)",
        ),
    ),
)


def recognise(path: RetentionPath) -> Pattern | None:
    """The first pattern whose rule fits the path, or None."""
    for rule, pattern in PATTERNS:
        if rule(path):
            return pattern
    return None

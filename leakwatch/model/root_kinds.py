"""The kinds of root: one row for each, with all that is decided by the kind of a root.

A new kind is a new row and the provider that yields it. Reports name a kind by its text, so a
saved one may name a kind that is not listed here; that one has the facts of the defaults.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Wave(IntEnum):
    """Search order: a later wave explains only what no earlier one reaches.

    Shark's two queues, made six: modules that were first imported inside the scope (what
    they define is no leak), the program itself, libraries, holders that rarely are the
    answer (thread-locals, contexts, the last exception), the frames of the caller, and
    leakwatch itself.
    """

    IMPORTED = 0
    PROGRAM = 1
    LIBRARY = 2
    ODD = 3
    IN_USE = 4
    OWN = 5


class HolderKind(StrEnum):
    """What sort of object holds a reference; its name says which one it is."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    METHOD = "method"
    BUILTIN_METHOD = "built-in method"
    CACHE = "cache"
    TASK = "task"
    COROUTINE = "coroutine"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"
    FRAME = "frame"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True, eq=False)
class RootKind:
    """A kind of root and what follows from it.

    A plugin may give one of its own to a `HeapRoot`: `name`, `lasts`, `wave` and `is_counted` then
    count. All others are asked for by the name alone, for a report that is read from a file has
    nothing else, and a path must read the same as before it was saved.

    Attributes:
        name: the kind in words, as reports have it.
        lasts: why the root itself is needed, and so for how long; empty where that is not known.
        wave: when such roots are searched, where a root does not say otherwise.
        mistake: code of the pattern that a path from here shows where no particular one fits.
        holder: what sort of object the holder of the first reference is.
        is_expression: the label is a Python expression that the first reference can follow.
        is_holder: the root holds the first reference itself; of others its holder is named.
        beyond: what is said of a root at which `gc.get_referrers`, and so a search for the
            holder's holder, ends.
        is_counted: what hangs from it may be a leak; what an import made, or leakwatch, is none.
        is_dotted: the label is the dotted name of a module or class, and what it holds are the
            variables of that.
        made_by_import: a module makes it when it is imported, the label begins with the module's
            name, and a plain container that it names is a registry, needed as such.
        of_a_failure: an error that is being handled, or was the last, keeps it: test runners do.
        of_logging: it is a logger, and what hangs from it the logger's.
        of_finalizers: what it holds is registered to run when another object is gone.
        is_variable: the label is the name of a variable that the program sets.
        is_context: it is a context in force, no copy of one.
        is_event_loop: it calls later what it was given.
        is_garbage: nothing holds it but a cycle of references.
        is_unseen: it cannot be seen how it holds what it holds, so there is no reference to cut.
        made_when_needed: the interpreter makes what it holds when a thread first needs it.
        is_one_place: there is one of it for each name or thread, whatever is done again; what is
            registered again and again is none.
    """

    name: str
    lasts: str = ""
    wave: Wave = Wave.PROGRAM
    mistake: str = ""
    holder: HolderKind = HolderKind.INSTANCE
    is_expression: bool = False
    is_holder: bool = False
    beyond: str = ""
    is_counted: bool = True
    is_dotted: bool = False
    made_by_import: bool = False
    of_a_failure: bool = False
    of_logging: bool = False
    of_finalizers: bool = False
    is_variable: bool = False
    is_context: bool = False
    is_event_loop: bool = False
    is_garbage: bool = False
    is_unseen: bool = False
    made_when_needed: bool = False
    is_one_place: bool = False

    def __str__(self) -> str:
        return self.name


MODULE_GLOBAL = RootKind(
    "module global",
    lasts="a module lives as long as the process",
    holder=HolderKind.MODULE,
    is_expression=True,
    is_holder=True,
    is_dotted=True,
    made_by_import=True,
    is_one_place=True,
)
CLASS_ATTRIBUTE = RootKind(
    "class attribute",
    lasts="a class lives as long as its module",
    holder=HolderKind.CLASS,
    is_expression=True,
    is_holder=True,
    is_dotted=True,
    made_by_import=True,
    is_one_place=True,
)
THREAD_LOCAL = RootKind(
    "thread-local",
    lasts="lives as long as the thread",
    wave=Wave.ODD,
    mistake="LW110",
    is_expression=True,
    is_holder=True,
    made_by_import=True,
    made_when_needed=True,
    is_one_place=True,
)
MODULE_REGISTRY = RootKind("module registry", mistake="LW101")
IMPORTED_MODULE = RootKind("imported module", wave=Wave.IMPORTED, is_counted=False)
OWN_MODULE = RootKind("leakwatch itself", wave=Wave.OWN, is_counted=False)

RUNNING_FRAME = RootKind(
    "running frame",
    lasts="the function is running",
    mistake="LW109",
    holder=HolderKind.FRAME,
    is_holder=True,
)
RETURN_VALUE = RootKind("return value", wave=Wave.IN_USE)
RUNNING_THREAD = RootKind(
    "running thread", lasts="the thread is running", wave=Wave.LIBRARY, mistake="LW109"
)
EXECUTOR_QUEUE = RootKind("executor queue", wave=Wave.LIBRARY)
EVENT_LOOP = RootKind(
    "asyncio event loop", lasts="the loop is running", mistake="LW107", is_event_loop=True
)

CONTEXT_VARIABLE = RootKind(
    "context variable",
    lasts="the context is current",
    wave=Wave.ODD,
    mistake="LW105",
    is_expression=True,
    is_holder=True,
    beyond=", in the current context, which only the interpreter holds",
    is_variable=True,
    is_context=True,
    is_one_place=True,
)
CURRENT_CONTEXT = RootKind("current context", wave=Wave.ODD, mistake="LW105", is_context=True)
LAST_EXCEPTION = RootKind("last exception", wave=Wave.LIBRARY, of_a_failure=True)
HANDLED_EXCEPTION = RootKind("handled exception", wave=Wave.ODD, of_a_failure=True)

SIGNAL_HANDLER = RootKind(
    "signal handler", lasts="installed until it is replaced", mistake="LW112", is_one_place=True
)
LOGGING_REGISTRY = RootKind(
    "logging registry",
    lasts="loggers are never freed",
    wave=Wave.LIBRARY,
    is_expression=True,
    is_holder=True,
    of_logging=True,
)
FINALIZE_REGISTRY = RootKind(
    "finalize registry",
    lasts="kept until the finalizer has run",
    wave=Wave.LIBRARY,
    mistake="LW113",
    of_finalizers=True,
)
INTERPRETER_HOOK = RootKind("interpreter hook", wave=Wave.LIBRARY, is_one_place=True)
GC_GARBAGE = RootKind("collector's garbage", wave=Wave.LIBRARY)

CODEC_REGISTRY = RootKind("codec registry", wave=Wave.ODD)
EXIT_REGISTRY = RootKind("exit registry", wave=Wave.ODD, mistake="LW119")
FORK_HOOK = RootKind("fork hook", wave=Wave.ODD)
INTERPRETER_STATE = RootKind("interpreter state", wave=Wave.ODD, made_when_needed=True)
INTERNED_STRINGS = RootKind("table of interned strings", wave=Wave.ODD, is_counted=False)
LIBRARY_STATE = RootKind("library state", wave=Wave.ODD)

NATIVE_CODE = RootKind("native code", wave=Wave.ODD, mistake="LW117", is_unseen=True)
CYCLIC_GARBAGE = RootKind("cyclic garbage", wave=Wave.ODD, mistake="LW118", is_garbage=True)
UNKNOWN_HOLDER = RootKind("unknown holder", wave=Wave.ODD, is_unseen=True)

KINDS = {kind.name: kind for kind in tuple(globals().values()) if type(kind) is RootKind}
"""The rows by the kind in words."""


def root_kind(name: str) -> RootKind:
    """The row of a kind; one with the defaults where nobody knows the kind."""
    return KINDS.get(name) or RootKind(name)

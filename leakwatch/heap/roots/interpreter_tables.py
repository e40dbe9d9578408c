"""Tables inside the interpreter that nothing refers to: codecs, exit callbacks, current contexts.

C variables hold them, so no walk arrives there. Yet the collector lists them, and each can be
recognised by what is in it. They are looked for among what the named roots do not reach.
"""

import codecs
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import Context
from functools import cache
from itertools import islice
from typing import Any

from leakwatch.heap.fields import entries, entry, loaded, module_name, module_namespace
from leakwatch.heap.graph import HeapGraph, census
from leakwatch.heap.objects import is_class, is_module, type_name
from leakwatch.heap.provenance import is_own_module
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.interpreter import EXIT_CALLBACKS_ARE_SHOWN, exit_callbacks
from leakwatch.model import Root
from leakwatch.model.root_kinds import (
    CODEC_REGISTRY,
    CURRENT_CONTEXT,
    EXIT_REGISTRY,
    FORK_HOOK,
    INTERNED_STRINGS,
    INTERPRETER_STATE,
    RootKind,
    Wave,
)


def candidates(graph: HeapGraph, tracked: list[object], survivors: list[object]) -> list[object]:
    """What may be a table, or hidden in another way: nothing that the collector shows holds it.

    Args:
        graph: the walk from the named roots.
        tracked: what the collector lists, in its order, which is that of their age.
        survivors: the objects to explain; they may have been reached, what they hold was not.
    """
    mark_fork_hooks()
    ours = frozenset(id(cls) for cls, _ in census(tracked) if is_own_module(module_name(cls)))
    return graph.unheld(tracked, frozenset(RECOGNISERS), ours, survivors)


Recogniser = Callable[[Any], Root | None]
"""Tells what an exact list, dict or context is that nothing in Python seems to hold."""


def table_roots(unheld: Iterable[object], recognisers: Sequence[Recogniser]) -> Iterator[HeapRoot]:
    """Roots for the tables among some objects that nothing seems to hold."""
    for found in unheld:
        for recognise in recognisers:
            name = recognise(found)
            if name is not None:
                yield HeapRoot(name.kind, name.label, found, wave=Wave.ODD)
                break


def interpreter_table(found: object) -> Root | None:
    """What a table of the interpreter is, by what is in it."""
    name = RECOGNISERS[id(type(found))](found)
    return Root(name[0].name, name[1]) if name is not None else None


MOST_ENTRIES = 500
"""Entries looked at, at each end of a list: a leak makes a table long, and our mark is its last."""
FEW = 5
"""Entries that tell the table of interned strings, each of which is its own value; the collector
lists it since dicts of strings are tracked, from CPython 3.14 on."""
Name = tuple[RootKind, str]
"""Kind and label of a root."""


def name_of_list(found: Any) -> Name | None:
    """The search functions of codecs, the exit callbacks, the fork hooks, the modules by number.

    And the filters that the last warning was compared with: `catch_warnings` made a copy for it.
    """
    if EXIT_CALLBACKS_ARE_SHOWN and is_exit_registry(found):
        return EXIT_REGISTRY, "atexit.register"
    if is_filters(found):
        return INTERPRETER_STATE, "filters of the last warning"
    # What finds the codecs of the standard library is always in the interpreter's list.
    search = entry(module_namespace(sys.modules["encodings"]), "search_function")
    for item in {id(it): it for it in (*found[:MOST_ENTRIES], *found[-MOST_ENTRIES:])}.values():
        name = MARKS.get(id(item))
        if name is not None:
            return name
        if item is search:
            return CODEC_REGISTRY, "codecs.register"
        if item is sys:
            return INTERPRETER_STATE, "modules by number"
    return None


def is_exit_registry(found: list[Any]) -> bool:
    """Whether a list has a function, arguments and keywords, if any, for each exit callback."""
    return 0 < len(found) == exit_callbacks() and all(
        type(item) is tuple
        and len(item) == 3
        and type(item[1]) is tuple
        and (item[2] is None or type(item[2]) is dict)
        for item in found
    )


def is_filters(found: list[Any]) -> bool:
    """Whether a list is one of `warnings.filters`: action, message, category, module, line."""
    return len(found) > 0 and all(
        type(item) is tuple
        and len(item) == len(("action", "message", "category", "module", "line"))
        and type(item[0]) is str
        and is_class(item[2])
        and type(item[4]) is int
        for item in found
    )


def name_of_dict(found: Any) -> Name | None:
    """The error handlers and the cache of codecs, the first contents of a C module."""
    first = list(islice(found.items(), FEW))
    if len(first) == FEW and all(type(key) is str and key is value for key, value in first):
        return INTERNED_STRINGS, ""
    for key, value in first[:1]:
        if type(value) is codecs.CodecInfo:
            return CODEC_REGISTRY, "codecs.lookup"
        if type_name(type(value)) == "moduledef":
            return INTERPRETER_STATE, "modules written in C"
        if type(key) is str:
            return name_by_first_key(found, key, value)
    return None


def name_by_first_key(found: dict[object, object], key: str, value: object) -> Name | None:
    """A dict of strings to whatever, by what was entered first."""
    if key == "strict" and value is codecs.strict_errors:
        return CODEC_REGISTRY, "codecs.register_error"
    if key == "__name__" and type(value) is str and is_copy_of(found, value):
        return INTERPRETER_STATE, f"first contents of module {value}"
    if key == "Py_Repr" or key.startswith("thread.local.0x"):
        return INTERPRETER_STATE, "of a thread"
    return None


def is_copy_of(found: dict[object, object], name: str) -> bool:
    """Whether a dict is what the interpreter keeps to make a C module a second time."""
    module = loaded(name)
    if not is_module(module):
        return False
    namespace = module_namespace(module)
    named = [(key, value) for key, value in entries(found) if type(key) is str]
    same = sum(entry(namespace, key) is value for key, value in named)
    return 2 * same > len(found)


def name_of_context(found: object) -> Name:
    """The context that a thread runs in; any other has a holder."""
    return CURRENT_CONTEXT, "of a thread"


RECOGNISERS: dict[int, Callable[[Any], Name | None]] = {
    id(Context): name_of_context,
    id(list): name_of_list,
    id(dict): name_of_dict,
}
"""By the id of the exact type."""


def before_fork() -> None:
    """Marks the list of what is called before a fork."""


def after_fork_in_parent() -> None:
    """Marks the list of what is called in the parent."""


def after_fork_in_child() -> None:
    """Marks the list of what is called in the child."""


MARKS = {
    id(before_fork): (FORK_HOOK, "os.register_at_fork(before)"),
    id(after_fork_in_parent): (FORK_HOOK, "os.register_at_fork(after_in_parent)"),
    id(after_fork_in_child): (FORK_HOOK, "os.register_at_fork(after_in_child)"),
}


@cache
def mark_fork_hooks() -> None:
    """Register a function that does nothing with each kind of hook, once for the process."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=before_fork,
            after_in_parent=after_fork_in_parent,
            after_in_child=after_fork_in_child,
        )

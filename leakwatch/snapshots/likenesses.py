"""Objects that look like those of a file, so that a path in a file is judged as a living one is.

The rules of names, verdicts and causes read types, lengths and names of objects. Each of the few
objects of a path is given a likeness that has these and nothing else: an empty class for a class,
a list of nothing for a list. No code of the program is run, imported or looked for.
"""

import builtins
import collections
import contextvars
import functools
import keyword
import types
import weakref
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from leakwatch.heap.edges import NO_LENGTH, Name
from leakwatch.heap.objects import full_type_name
from leakwatch.paths.names.name import LRU_WRAPPER
from leakwatch.snapshots.heap_file import HeapFile

LONGEST = 1 << 16
"""Items of a likeness: only which of two containers has more is asked."""
MOST_BASES = 64
DEEPEST = 100
"""Bases of bases; a file may name any number."""


def _known_types() -> dict[str, type]:
    modules = (builtins, types, collections, contextvars, functools, weakref)
    found = [it for module in modules for it in module.__dict__.values() if type(it) is type]
    found += [LRU_WRAPPER, *import_module("_asyncio").__dict__.values()]
    return {full_type_name(it): it for it in found if type(it) is type}


class Likenesses:
    """Makes likenesses, each object's once.

    Args:
        file: the heap.
    """

    __slots__ = ("_classes", "_file", "_made", "_numbers", "_types", "_unfinished")

    def __init__(self, file: HeapFile) -> None:
        self._file = file
        self._types = _known_types()
        self._classes: dict[int, type] = {}
        self._made: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._unfinished: list[Any] = []

    def of(self, number: int) -> Any:
        """The likeness of an object."""
        if number not in self._made:
            found = self._made[number] = self._new(number)
            self._numbers[id(found)] = number
        return self._made[number]

    def number_of(self, likeness: object) -> int | None:
        """Whose likeness it is."""
        return self._numbers.get(id(likeness))

    def give(self, number: int, likeness: object) -> None:
        """Take something else for the likeness of an object."""
        self._made[number] = likeness
        self._numbers[id(likeness)] = number

    def close(self) -> None:
        """End what would complain that it was never run."""
        for it in self._unfinished:
            it.close()
        self._unfinished.clear()

    def class_of(self, number: int, depth: int = 0) -> type:
        """The likeness of a type by its number: a builtin one itself, or an empty class."""
        found = self._classes.get(number)
        if found is None:
            row = self._file.facts.types[number]
            self._classes[number] = object  # for one that is its own base
            known = None if row.heap else self._types.get(row.full_name)
            near = row.bases[:MOST_BASES] if depth < DEEPEST else ()
            bases = [self.class_of(base, depth + 1) for base in near]
            found = known or empty_class(row.module, row.name, bases)
            self._classes[number] = found
        return found

    def _new(self, number: int) -> Any:
        row = self._file.type_of(number)
        own = self._file.own.get(number)
        if (of_class := self._file.class_objects.get(number)) is not None:
            return self.class_of(of_class)
        maker = MAKERS.get(row.full_name)
        if maker is not None:
            return maker(self, number, *(map(self._file.text, own or (0, 0, 0))))
        return instance_of(self.class_of(self._file.types[number]), self._length(number))

    def _length(self, number: int) -> int:
        length = self._file.lengths[number]
        return 0 if length == NO_LENGTH else min(length, LONGEST)

    def held(self, number: int, name: int) -> Any:
        """The likeness of what an object holds under a name; None where it holds nothing so."""
        for edge in self._file.references(number):
            if self._file.names[edge] == name:
                return self.of(self._file.targets[edge])
        return None

    def held_of(self, number: int, wanted: str) -> Any:
        """The likeness of the first object of a type that an object holds, or None."""
        for edge in self._file.references(number):
            target = self._file.targets[edge]
            if self._file.type_of(target).full_name == wanted:
                return self.of(target)
        return None

    def to_close(self, unfinished: Any) -> Any:
        """Note what has to be ended."""
        self._unfinished.append(unfinished)
        return unfinished


def empty_class(module: str, name: str, bases: list[type]) -> type:
    """A class of that name with nothing in it."""
    for chosen in (tuple(dict.fromkeys(bases)), (object,)):
        # Not every type can be a base, nor each with each other.
        with suppress(TypeError):
            space = {"__module__": module, "__qualname__": name}
            return types.new_class("_", chosen or (object,), exec_body=lambda it: it.update(space))  # noqa: B023
    raise AssertionError


def instance_of(cls: type, length: int) -> Any:
    """An instance of a class, with so many items if it is a container."""
    for base, items in CONTENTS:
        if base in type.mro(cls):
            found = base.__new__(cls, items(length)) if base in IMMUTABLE else base.__new__(cls)
            if base not in IMMUTABLE:
                base.__init__(found, items(length))
            return found
    makers: tuple[Any, ...] = (cls.__new__, object.__new__)
    for make in makers:
        with suppress(TypeError, ValueError):
            return make(cls)
    return empty_class(cls.__module__, cls.__qualname__, [])()


CONTENTS: tuple[tuple[Any, Callable[[int], Any]], ...] = (
    (dict, lambda length: dict.fromkeys(range(length))),
    (list, lambda length: [None] * length),
    # Never empty: there is one empty tuple, and each object needs a likeness of its own.
    (tuple, lambda length: [None] * max(length, 1)),
    (frozenset, lambda length: range(max(length, 1))),
    (set, range),
    (collections.deque, lambda length: [None] * length),
)
IMMUTABLE = (tuple, frozenset)


# -- what runs, and what wraps it -------------------------------------------------------------


def function_of(likenesses: Likenesses, number: int, module: str, name: str, place: str) -> Any:
    """A function of that name that takes as many arguments and does nothing."""
    return function(module, name, parameters(place))


def parameters(place: str) -> str:
    """The parameters of a function, from what a file says of them."""
    names, _, rest = place.partition(";")
    by_keyword, _, flags = rest.partition(";")
    given = [it for it in names.split(",") if it.isidentifier() and not keyword.iskeyword(it)]
    chosen = [*dict.fromkeys(given)]
    if flags.isdigit() and int(flags) & 4:
        chosen.append("*args_")
    if by_keyword.isdigit() and int(by_keyword):
        chosen += ["*"] * ("*args_" not in chosen)
        chosen += [f"by_keyword_{i}_" for i in range(min(int(by_keyword), 200))]
    if flags.isdigit() and int(flags) & 8:
        chosen.append("**keywords_")
    return ", ".join(chosen)


def function(module: str, name: str, taken: str = "", body: str = "pass", what: str = "def") -> Any:
    """A function that does nothing; `taken` and `body` are our own texts."""
    space: dict[str, Any] = {}
    exec(compile(f"{what} f({taken}): {body}", "<likeness>", "exec"), space)  # noqa: S102
    found: FunctionType = space["f"]
    short = name.rpartition(".")[2]
    code: CodeType = found.__code__.replace(co_name=short, co_qualname=name)
    made = FunctionType(code, {"__name__": module}, short)
    made.__module__, made.__qualname__ = module, name
    return made


def suspended(what: str, body: str) -> Callable[..., Any]:
    """Makes a coroutine or a generator that waits where the one of the file does."""

    def maker(likenesses: Likenesses, number: int, module: str, name: str, place: str) -> Any:
        file, _, line = place.rpartition(":")
        made = function(module, name, body=body, what=what)
        first = int(line) if line.isdigit() and len(line) < 7 else 1
        made.__code__ = made.__code__.replace(co_filename=file, co_firstlineno=max(first, 1))
        found = made()
        return found if what == "async def" and "yield" in body else likenesses.to_close(found)

    return maker


def method_of(likenesses: Likenesses, number: int, *own: str) -> Any:
    """A bound method of the function and the object that it is of."""
    held = likenesses.held(number, Name.FUNCTION)
    subject = likenesses.held(number, Name.SELF)
    called = held if callable(held) else function("", "?")
    return MethodType(called, object() if subject is None else subject)


def cache_of(likenesses: Likenesses, number: int, module: str, name: str, place: str) -> Any:
    """A cache of the function that it wraps, as full and as bounded as it was."""
    wrapped = likenesses.held_of(number, "builtins.function") or function("", "?")
    entries, _, most = place.partition(",")
    found: Any = functools.lru_cache(int(most) if most.isdigit() and len(most) < 9 else None)(
        function("", "?", "*args_")
    )
    for i in range(min(int(entries), LONGEST) if entries.isdigit() and len(entries) < 9 else 0):
        found(i)
    found.__wrapped__ = wrapped
    return found


class _Loop:
    """As much of an event loop as a task asks for when it is made."""

    def get_debug(self) -> bool:
        return False

    def call_soon(self, *arguments: object, **keywords: object) -> None:
        pass

    def call_exception_handler(self, context: object) -> None:
        pass


def task_of(likenesses: Likenesses, number: int, *own: str) -> Any:
    """A task of the coroutine that it runs; it never begins."""
    task: Any = import_module("_asyncio").Task
    coroutine = likenesses.held_of(number, "builtins.coroutine")
    if coroutine is None:
        return task.__new__(task)
    return task(coroutine, loop=_Loop())


def builtin_method_of(likenesses: Likenesses, number: int, *own: str) -> Any:
    """Some method in C: which one it is, no rule asks."""
    return [].append


def cell_of(likenesses: Likenesses, number: int, *own: str) -> Any:
    """An empty cell."""
    return CellType(None)


def module_of(likenesses: Likenesses, number: int, module: str, *own: str) -> Any:
    """An empty module of that name."""
    return ModuleType(module or "?")


def future_of(likenesses: Likenesses, number: int, *own: str) -> Any:
    """A future that nobody waits for."""
    return import_module("_asyncio").Future(loop=_Loop())


MAKERS: dict[str, Callable[..., Any]] = {
    "builtins.function": function_of,
    "builtins.method": method_of,
    "builtins.builtin_function_or_method": builtin_method_of,
    "builtins.coroutine": suspended("async def", "pass"),
    "builtins.generator": suspended("def", "yield"),
    "builtins.async_generator": suspended("async def", "yield"),
    "builtins.cell": cell_of,
    "builtins.module": module_of,
    "functools._lru_cache_wrapper": cache_of,
    "_asyncio.Task": task_of,
    "_asyncio.Future": future_of,
}
"""By the type; all that is of another has no more than its type and length."""

"""Which functions use the garbage collector themselves, as far as their code tells.

A window hides old objects from the collector, so a test that counts objects would get other
answers. The code of a test, and what it leads to by name, is searched for the module `gc`, once a
function. Too much costs time; too little changes what a test finds. So tests and their helpers
are followed anywhere, and what is installed within its own package only.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any
from weakref import ref

from leakwatch.integration import (
    is_library_file,
    is_module,
    is_own_module,
    is_standard_module,
    module_namespace,
)

GC = "gc"
IN_TEXT = re.compile(r"\b(?:import|from)\s+gc\b|^gc$")
"""In a string: what is executed, written to a test of an inner pytest, or imported by name."""
TESTS = re.compile(r"conftest$|tests?$|testing$|test_|.*_tests?$")
ENTRANCES = frozenset({"__new__", "__init__", "__enter__", "__exit__", "__call__", "__del__"})
"""Methods that nobody needs to name."""
HARNESS = frozenset({"_pytest", "pytest", "pluggy", "xdist"})
WRAPPERS = (staticmethod, classmethod, property, partial)


class CollectorUse:
    """Answers whether functions lead to the collector, each once; keeps none alive."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[ref[FunctionType], bool]] = {}
        self._given: dict[int, tuple[ref[FunctionType], bool]] = {}

    def leads_to_collector(self, value: object) -> bool:
        """Whether a function, or what it calls as far as names tell, uses `gc`."""
        if type(value) is FunctionType:
            return self._answer(value)
        return any(map(self._answer, functions_of(value, frozenset())))

    def class_leads_to_collector(self, value: object, names: frozenset[str]) -> bool:
        """Whether an object of a class that a fixture names uses `gc`, where it is called so."""
        return any(
            self._answer(found)
            for function in functions_of(value, frozenset())
            if not is_library_file(function.__code__.co_filename)
            for served in values_of(function, mentioned(function.__code__)[0])
            if is_class(served)
            for found in functions_of(served, names)
        )

    def result_leads_to_collector(self, value: object) -> bool:
        """Whether what a fixture gives out may use `gc`, and not only its own code."""
        return any(map(self._gives, functions_of(value, frozenset())))

    def _gives(self, function: FunctionType) -> bool:
        known = self._given.get(id(function))
        if known is None or known[0]() is not function:
            inner = [code for code in function.__code__.co_consts if type(code) is CodeType]
            gives = any(is_direct(code, function.__globals__) for code in inner)
            gives = gives or any(map(self._answer, led_to(function)))
            known = self._given[id(function)] = (ref(function), gives)
        return known[1]

    def _answer(self, function: FunctionType) -> bool:
        known = self._known.get(id(function))
        if known is None or known[0]() is not function:
            self._explore(function)
            known = self._known[id(function)]
        return known[1]

    def _explore(self, start: FunctionType) -> None:
        """Search the functions that a function leads to, and note the answer for each of them."""
        met: dict[int, FunctionType] = {}
        callers: dict[int, list[int]] = {}
        using: list[int] = []
        waiting = [start]
        while waiting:
            function = waiting.pop()
            if id(function) in met:
                continue
            met[id(function)] = function
            known = self._known.get(id(function))
            if known is not None and known[0]() is function:
                using += [id(function)] * known[1]
            elif is_direct(function.__code__, function.__globals__):
                using.append(id(function))
            else:
                for found in led_to(function):
                    callers.setdefault(id(found), []).append(id(function))
                    waiting.append(found)
        reached = set()
        while using:
            if (number := using.pop()) not in reached:
                reached.add(number)
                using += callers.get(number, ())
        for number, function in met.items():
            self._known[number] = (ref(function), number in reached)


def is_direct(code: CodeType, namespace: Mapping[str, object]) -> bool:
    """Whether the code itself, or a function inside it, names the module `gc`."""
    names, texts = mentioned(code)
    if GC in names and (GC not in namespace or namespace[GC] is sys.modules.get(GC)):
        return True
    return any(is_collector(namespace[name]) for name in names if name in namespace) or any(
        IN_TEXT.search(text) for text in texts if GC in text
    )


def is_collector(value: object) -> bool:
    """Whether this is the module `gc`, or a function of it."""
    if type(value) is BuiltinFunctionType:
        value = value.__self__
    return value is sys.modules.get(GC)


def mentioned(code: CodeType) -> tuple[frozenset[str], list[str]]:
    """The names and the strings in a code, with those of the functions inside it."""
    names, texts, waiting = {*code.co_names, *code.co_freevars}, [], [code]
    while waiting:
        inner = waiting.pop()
        names.update(inner.co_names)
        texts += [text for text in inner.co_consts if type(text) is str]
        waiting += [found for found in inner.co_consts if type(found) is CodeType]
    return frozenset(names), texts


def led_to(function: FunctionType) -> list[FunctionType]:
    """The functions that a function may call, without those that need no search."""
    home = home_of(function)
    if home in HARNESS or is_standard_module(home) or is_own_module(home):
        return []
    names, _ = mentioned(function.__code__)
    near = not is_library_file(function.__code__.co_filename)
    found = [one for value in values_of(function, names) for one in functions_of(value, names)]
    return [one for one in found if near or home_of(one) == home]


def values_of(function: FunctionType, names: frozenset[str]) -> Iterator[object]:
    """Yield what a function refers to: globals, variables around it, defaults, what it wraps."""
    namespace = function.__globals__
    yield from (namespace[name] for name in names if name in namespace)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not set yet
            continue
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    if "__wrapped__" in function.__dict__:
        yield function.__dict__["__wrapped__"]


def functions_of(value: object, names: frozenset[str]) -> Iterator[FunctionType]:
    """Yield the functions behind a value that is used with these names."""
    waiting, met = [value], set()
    while waiting:
        value = waiting.pop()
        if id(value) in met:
            continue
        met.add(id(value))
        kind = type(value)
        if kind is FunctionType:
            yield value  # type: ignore[misc]
        elif kind is MethodType:
            waiting.append(value.__func__)  # type: ignore[attr-defined]
        elif kind in WRAPPERS:
            waiting += wrapped(value)
        elif is_module(value):
            namespace = module_namespace(value)  # type: ignore[arg-type]
            waiting += [namespace[name] for name in names if name in namespace]
        elif is_class(value):
            waiting += methods(value, names)
        elif kind.__module__ != "builtins":
            waiting += methods(kind, names)


def is_class(value: object) -> bool:
    """Whether this is a class, whatever it says of itself."""
    return issubclass(type(value), type)


def wrapped(value: Any) -> list[object]:
    """What a method, property or partial call is made of."""
    if type(value) is property:
        return [value.fget, value.fset, value.fdel]
    return [value.func if type(value) is partial else value.__func__]


def methods(cls: Any, names: Iterable[str]) -> list[object]:
    """The methods of a class that are called under these names, or by themselves.

    Of a helper of the tests it is all of them: who calls them has the object from elsewhere.
    """
    found: list[object] = []
    for base in type.__dict__["__mro__"].__get__(cls) or ():
        namespace = type.__dict__["__dict__"].__get__(base)
        everything = is_of_tests(namespace.get("__module__"))
        wanted = namespace if everything else ENTRANCES.union(names)
        found += [namespace[name] for name in wanted if name in namespace]
    return [it for it in found if type(it) in {FunctionType, staticmethod, classmethod, property}]


def is_of_tests(module: object) -> bool:
    """Whether a module belongs to the tests, by its dotted name."""
    parts = module.split(".") if type(module) is str else ()
    return any(TESTS.match(part) for part in parts)


def home_of(function: FunctionType) -> str:
    """The top-level package that a function is defined in."""
    name = function.__globals__.get("__name__")
    return name.partition(".")[0] if type(name) is str else ""

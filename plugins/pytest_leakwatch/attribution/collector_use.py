"""Which functions ask the garbage collector what there is, as far as their code tells.

A window hides old objects from the collector, so a test that counts objects would get other
answers. One that only collects gets the same, for the window gives way to it. The code of a test,
and what it leads to by name, is searched for the module `gc`, once a function. Too much costs time;
too little changes what a test finds. So tests and their helpers are followed anywhere, and what is
installed within its own package only.
"""

import dis
import re
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
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
SAME_IN_A_WINDOW = frozenset(
    {
        "collect",
        "disable",
        "enable",
        "get_referents",
        "get_threshold",
        "is_finalized",
        "is_tracked",
        "isenabled",
        "set_threshold",
    }
)
"""Functions of the collector that answer, and do, the same whatever is frozen."""
IN_TEXT = re.compile(r"\b(?:import|from)\s+gc\b")
"""In a string: what is executed, or written to a test of an inner pytest."""
TESTS = re.compile(r"conftest$|tests?$|testing$|test_|.*_tests?$")
ENTRANCES = frozenset({"__new__", "__init__", "__enter__", "__exit__", "__call__", "__del__"})
"""Methods that nobody needs to name."""
HARNESS = frozenset({"_pytest", "pytest", "pluggy", "xdist"})
NO_NAMES = frozenset[str]()
WRAPPERS = (staticmethod, classmethod, property, partial)


class CollectorUse:
    """Answers whether functions lead to such questions, each once; keeps none alive."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[ref[FunctionType], bool]] = {}
        self._given: dict[int, tuple[ref[FunctionType], bool]] = {}

    def leads_to_collector(self, value: object) -> bool:
        """Whether a function, or what it calls as far as names tell, asks `gc`."""
        return any(map(self._answer, functions_of(value, NO_NAMES)))

    def class_leads_to_collector(self, value: object, names: Callable[[], frozenset[str]]) -> bool:
        """Whether an object of a class that a fixture names uses `gc`, where it is called so."""
        own = [
            function
            for function in functions_of(value, NO_NAMES)
            if not is_library_file(function.__code__.co_filename)
        ]
        return any(
            self._answer(found)
            for function in own
            for served in values_of(function, mentioned(function.__code__)[0])
            if is_class(served)
            for found in functions_of(served, names())
        )

    def result_leads_to_collector(self, value: object) -> bool:
        """Whether what a fixture gives out may use `gc`, and not only its own code."""
        return any(map(self._gives, functions_of(value, NO_NAMES)))

    def _gives(self, function: FunctionType) -> bool:
        known = self._given.get(id(function))
        if known is None or known[0]() is not function:
            inner = [code for code in function.__code__.co_consts if type(code) is CodeType]
            gives = any(is_direct(code, function.__globals__) for code in inner)
            names, _ = mentioned(function.__code__)
            gives = gives or any(map(self._answer, led_to(function, names)))
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
            asks, further = self._looked_at(function)
            using += [id(function)] * asks
            for found in further:
                callers.setdefault(id(found), []).append(id(function))
            waiting += further
        reached = set()
        while using:
            if (number := using.pop()) not in reached:
                reached.add(number)
                using += callers.get(number, ())
        for number, function in met.items():
            self._known[number] = (ref(function), number in reached)

    def _looked_at(self, function: FunctionType) -> tuple[bool, list[FunctionType]]:
        """Whether a function is known to ask, or does by itself; and else what it may call."""
        known = self._known.get(id(function))
        if known is not None and known[0]() is function:
            return known[1], []
        names, texts = mentioned(function.__code__)
        if asks_by_name(function.__code__, function.__globals__, names, texts):
            return True, []
        return False, led_to(function, names)


def is_direct(code: CodeType, namespace: Mapping[str, object]) -> bool:
    """Whether the code itself, or a function inside it, asks the collector what there is."""
    return asks_by_name(code, namespace, *mentioned(code))


def asks_by_name(
    code: CodeType, namespace: Mapping[str, object], names: Iterable[str], texts: Iterable[str]
) -> bool:
    """Whether a code does, of which names and strings are known already."""
    modules = set[str]()
    for name in names:
        if name not in namespace:
            modules.update({GC} if name == GC else ())
        elif is_question(namespace[name]):
            return True
        elif namespace[name] is sys.modules.get(GC):
            modules.add(name)
    if any(map(IN_TEXT.search, texts)):
        return True
    return bool(modules or GC in texts) and any(map(partial(asks, modules), with_inner(code)))


def is_question(value: object) -> bool:
    """Whether this is a function of the module `gc` that a window would answer otherwise."""
    return (
        type(value) is BuiltinFunctionType
        and value.__self__ is sys.modules.get(GC)
        and value.__name__ not in SAME_IN_A_WINDOW
    )


def asks(modules: Container[str], code: CodeType) -> bool:
    """Whether a code takes more of the module `gc` than what answers the same in a window.

    Args:
        modules: what the module is called in it.
        code: of a function, without those inside it.
    """
    steps = [step for step in dis.get_instructions(code) if step.opname not in WITHOUT_EFFECT]
    source = None
    for before, step, following in zip(steps, steps[1:], steps[2:], strict=False):
        if step.opname == "IMPORT_NAME":
            source = step.argval
            if source == GC and is_renamed(following, modules):
                return True
        elif step.opname == "IMPORT_FROM":
            if source == GC and step.argval not in SAME_IN_A_WINDOW:
                return True
        elif names_module(modules, step, code):
            if not (takes_the_same(following) or is_shown(before, following)):
                return True
    return False


WITHOUT_EFFECT = frozenset({"EXTENDED_ARG", "NOT_TAKEN", "PUSH_NULL"})
SHOWING = frozenset({"_should_repr_global_name", "_saferepr"})
"""What an `assert` that pytest has rewritten calls with each name in it, should it fail."""
SHOWN_IN = "@py_builtins"


def is_renamed(step: dis.Instruction, modules: Container[str]) -> bool:
    """Whether the step after an import gives the module a name that is not followed."""
    return step.opname.startswith("STORE_") and step.argval not in modules


def names_module(modules: Container[str], step: dis.Instruction, code: CodeType) -> bool:
    """Whether a step of a code loads a module of these names, or its name as a string."""
    if step.opname == "LOAD_CONST":
        return type(step.argval) is str and step.argval == GC
    if not step.opname.startswith("LOAD_") or step.opname == "LOAD_CLOSURE":
        return False
    names = step.argval if type(step.argval) is tuple else (step.argval,)  # two in one since 3.13
    found = [name for name in names if type(name) is str and name in modules]
    if step.opname.startswith("LOAD_FAST"):
        # Since 3.13 the cell of a variable is loaded so, for a function inside.
        cells = {*code.co_cellvars, *code.co_freevars}
        found = [name for name in found if name not in cells]
    return bool(found)


def takes_the_same(step: dis.Instruction) -> bool:
    """Whether a step takes a function of the collector that answers the same in a window."""
    return step.opname in {"LOAD_ATTR", "LOAD_METHOD"} and step.argval in SAME_IN_A_WINDOW


def is_shown(before: dis.Instruction, following: dis.Instruction) -> bool:
    """Whether the steps around a name are those that show it when an `assert` fails."""
    return (
        before.argval in SHOWING
        or following.argval == SHOWN_IN
        or (before.opname == "JUMP_FORWARD" and following.opname.startswith("LOAD_"))
    )


def mentioned(code: CodeType) -> tuple[frozenset[str], list[str]]:
    """The names and the strings in a code, with those of the functions inside it."""
    names, texts, waiting = {*code.co_freevars}, [], [code]
    for inner in waiting:
        names.update(inner.co_names)
        for constant in inner.co_consts:
            if type(constant) is str:
                texts.append(constant)
            elif type(constant) is CodeType:
                waiting.append(constant)
    return frozenset(names), texts


def with_inner(code: CodeType) -> Iterator[CodeType]:
    """Yield a code and those of the functions inside it."""
    waiting = [code]
    while waiting:
        inner = waiting.pop()
        yield inner
        waiting += [found for found in inner.co_consts if type(found) is CodeType]


def led_to(function: FunctionType, names: frozenset[str]) -> list[FunctionType]:
    """The functions that a function with these names may call, without what needs no search."""
    values = values_of(function, names)
    if not values:
        return []
    home = home_of(function)
    if home in HARNESS or is_standard_module(home) or is_own_module(home):
        return []
    near = not is_library_file(function.__code__.co_filename)
    found = [one for value in values for one in functions_of(value, names)]
    return [one for one in found if near or home_of(one) == home]


def values_of(function: FunctionType, names: frozenset[str]) -> list[object]:
    """What a function refers to: globals, variables around it, defaults, what it wraps."""
    namespace = function.__globals__
    found = list(map(namespace.__getitem__, filter(namespace.__contains__, names)))
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not set yet
            continue
    found += function.__defaults__ or ()
    found += (function.__kwdefaults__ or {}).values()
    if "__wrapped__" in function.__dict__:
        found.append(function.__dict__["__wrapped__"])
    return found


def functions_of(value: object, names: frozenset[str]) -> list[FunctionType]:
    """The functions behind a value that is used with these names."""
    waiting, met = [value], set()
    found: list[FunctionType] = []
    while waiting:
        value = waiting.pop()
        if id(value) in met:
            continue
        met.add(id(value))
        kind = type(value)
        if kind is FunctionType:
            found.append(value)  # type: ignore[arg-type]
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
    return found


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

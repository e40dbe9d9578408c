"""Which of several modules with the same global defines it: that one names what it holds.

A name that others import is in their namespaces as well, and which of them a search meets first
depends on what else was imported. The module that defines it does not. A class or function says
its module; of anything else the compiled code of each module tells whether it assigns the name or
imports it. Where none can be read, it is the first importer.
"""

import marshal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import cache_from_source
from opcode import opmap, opname
from types import CodeType, FunctionType, ModuleType

from leakwatch.heap.fields import (
    entry,
    module_name,
    module_namespace,
    named_entries,
    own_text,
    text,
)
from leakwatch.heap.keys import attribute_text
from leakwatch.heap.objects import ATOMS, is_class
from leakwatch.heap.provenance import is_own_module
from leakwatch.heap.roots.namespaces import named_modules
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model.root_kinds import MODULE_GLOBAL

HEADER = 16
"""Bytes before the code in a compiled file (PEP 552)."""

Global = tuple[str, ModuleType, str]
"""A module by its name, and the name of a variable in it."""


class Homes:
    """The modules in which each object is a global, found once for all paths of a judgement."""

    __slots__ = ("_codes", "_globals", "_known", "_shared")

    def __init__(self) -> None:
        self._shared: frozenset[int] | None = None
        self._globals: dict[int, list[Global]] | None = None
        self._known: dict[int, Global | None] = {}
        self._codes: dict[str, CodeType | None] = {}

    def home(self, root: HeapRoot, chain: Sequence[object]) -> HeapRoot:
        """The root of the module that defines what a namespace holds.

        Args:
            root: as the search met it.
            chain: the objects of the path, the namespace first.
        """
        held = chain[root.is_namespace : root.is_namespace + 1]
        if root.facts is not MODULE_GLOBAL or not held:
            return root
        number = id(held[0])
        if self._shared is None:
            self._shared = of_several_modules()
        if number not in self._shared:
            return root
        if number not in self._known:
            self._known[number] = self.defining(held[0])
        place = self._known[number]
        if place is None:
            return root
        label, module, name = place
        if root.is_namespace:
            return replace(root, label=label, target=module_namespace(module), alias=None)
        return replace(root, label=label, name=attribute_text(name))

    def _holding(self, held: object) -> list[Global]:
        if self._globals is None:
            self._globals = {}
            for found, place in every_global():
                self._globals.setdefault(found, []).append(place)
        return self._globals.get(id(held), [])

    def defining(self, held: object) -> Global | None:
        """The one of several modules; None where there are not several."""
        holding = self._holding(held)
        if len({id(module) for _, module, _ in holding}) < 2:
            return None
        own = module_of(held)
        for place in holding:
            if place[0] == own:
                return place
        defining = (it for it in holding if assigns(self._code_of(it[1]), it[2]))
        return next(defining, holding[0])

    def _code_of(self, module: ModuleType) -> CodeType | None:
        file = text(entry(module_namespace(module), "__file__")) or ""
        if file not in self._codes:
            self._codes[file] = compiled(file)
        return self._codes[file]


def of_several_modules() -> frozenset[int]:
    """Ids of what is a global of more than one module: of nearly nothing else is asked more."""
    seen, several = set[int](), set[int]()
    for name, module in named_modules():
        if not is_own_module(name):
            held = set(map(id, list(dict.values(module_namespace(module)))))
            several |= seen & held
            seen |= held
    return frozenset(several)


def every_global() -> Iterator[tuple[int, Global]]:
    """The globals of every module, the first import first, by the id of their value."""
    for name, module in reversed(named_modules()):
        if not is_own_module(name):
            for variable, value in named_entries(module_namespace(module)):
                if id(type(value)) not in ATOMS:
                    yield id(value), (name, module, variable)


def module_of(held: object) -> str:
    """The module that an object says it is defined in; empty where it says none."""
    if is_class(held):
        return module_name(held)  # type: ignore[arg-type]
    return own_text(held, "__module__") if type(held) is FunctionType else ""


def assigns(code: CodeType | None, name: str) -> bool:
    """Whether the code of a module assigns a global, and does not import it."""
    if code is None or name not in code.co_names:
        return False
    raw, number = code.co_code, code.co_names.index(name)
    # Searched as bytes: to disassemble a large module takes milliseconds.
    store = bytes((opmap["STORE_NAME"], number & 255))
    while number := number >> 8:
        store = bytes((opmap["EXTENDED_ARG"], number & 255)) + store
    at = raw.find(store)
    while at >= 0 and (at % 2 or (at and opname[raw[at - 2]] == "EXTENDED_ARG")):
        at = raw.find(store, at + 1)
    return at >= 0 and not (at and opname[raw[at - 2]].startswith("IMPORT_"))


def compiled(file: str) -> CodeType | None:
    """The code of a source file as the interpreter has cached it; None where it has not."""
    try:
        with open(cache_from_source(file), "rb") as cached:
            code = marshal.loads(cached.read()[HEADER:])  # noqa: S302 - data; it is not run
    except (OSError, ValueError, EOFError, TypeError, NotImplementedError):
        return None
    return code if type(code) is CodeType else None

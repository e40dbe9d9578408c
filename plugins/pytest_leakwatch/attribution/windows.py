"""Which tests run without a window: the marker says it, or their code asks the collector."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from types import CodeType, FunctionType
from typing import Any, NamedTuple
from weakref import ref

import pytest

from leakwatch.integration import module_namespace
from pytest_leakwatch.attribution.collector_use import ENTRANCES, CollectorUse, mentioned
from pytest_leakwatch.attribution.ledger import Pages
from pytest_leakwatch.verdict.markers import Marks, window_of

OF_CLASS = (
    "setUp",
    "tearDown",
    "setUpClass",
    "tearDownClass",
    "asyncSetUp",
    "asyncTearDown",
    "setup_method",
    "teardown_method",
    "setup_class",
    "teardown_class",
    "run",
)
OF_MODULE = (
    "setUpModule",
    "tearDownModule",
    "setup_module",
    "teardown_module",
    "setup_function",
    "teardown_function",
)
HOOKS = (
    "pytest_runtest_protocol",
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_pyfunc_call",
    "pytest_fixture_setup",
)


class Windows:
    """Decides for each test and fixture whether it may run with a window.

    Args:
        pages: of the run.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._use = CollectorUse()
        self._around_each: bool | None = None
        self._of_class = OfClass()
        self._codes: list[CodeType] = []

    def are_closed_for(self, item: pytest.Item, marks: Marks) -> bool:
        """Whether a test is to see the whole heap."""
        said = window_of(item, marks) if marks else None
        if said is not None:
            return not said
        if self._around_each is None:
            self._around_each = any(map(self._use.leads_to_collector, hooks(item.config)))
        cls = getattr(item, "cls", None)
        of_class = self._common(cls)
        run = code_of(item, cls, of_class.met)
        self._codes = [*of_class.codes, *codes_of(run)]
        if self._around_each or of_class.asks or any(map(self._use.leads_to_collector, run)):
            return True
        return any(map(self._is_reached_by, fixtures_of(item)))

    def _common(self, cls: object) -> "OfClass":
        """What is known of a test class: its tests follow each other, so the last one is kept."""
        known = self._of_class
        if cls is None:
            return NO_CLASS
        if known.cls is None or known.cls() is not cls:
            met: set[str] = set()
            common = list(reached(cls, (*OF_CLASS, *ENTRANCES), met))
            asks = any(map(self._use.leads_to_collector, common))
            known = self._of_class = OfClass(ref(cls), frozenset(met), asks, codes_of(common))
        return known

    def _names(self) -> frozenset[str]:
        """The names in the code of the running test."""
        return frozenset[str]().union(*(mentioned(code)[0] for code in self._codes))

    def _is_reached_by(self, definition: "pytest.FixtureDef[object]") -> bool:
        """Whether a fixture asks the collector while the test runs, or what it gives to it."""
        use, function = self._use, definition.func
        own = (
            use.leads_to_collector
            if definition.scope == "function"
            else use.result_leads_to_collector
        )
        return own(function) or use.class_leads_to_collector(function, self._names)

    def prepare(self, definition: "pytest.FixtureDef[object]") -> bool:
        """Close the window of the running test if a fixture of it asks the collector itself.

        Returns:
            whether the fixture does. One of wider scope has a page of its own, without a window.
        """
        if definition.scope != "function":
            return self._use.leads_to_collector(definition.func)
        if not self._pages.unfrozen and self._is_reached_by(definition):
            self._pages.thaw()  # asked for while the test runs: before, nobody knew of it
        return self._pages.unfrozen


class OfClass(NamedTuple):
    """What runs with each test of a class; the class itself is not kept alive.

    Attributes:
        cls: the class; None for none.
        met: the names of what runs, and those that its code mentions.
        asks: whether it leads to the collector.
        codes: of the functions.
    """

    cls: "ref[object] | None" = None
    met: frozenset[str] = frozenset()
    asks: bool = False
    codes: Sequence[CodeType] = ()


NO_CLASS = OfClass()


def codes_of(found: Iterable[object]) -> list[CodeType]:
    """The codes of those that are functions."""
    return [it.__code__ for it in found if type(it) is FunctionType]


def code_of(item: pytest.Item, cls: object, met: frozenset[str]) -> list[object]:
    """The functions that run with a test besides its fixtures; nothing is instantiated.

    Args:
        item: the test.
        cls: its class, or None.
        met: the names of its class that were looked at already.
    """
    module = getattr(item, "module", None)
    name = getattr(item, "originalname", None) or item.name
    found = [item.__dict__.get("_obj")]
    if cls is not None:
        found += reached(cls, (name,), set(met))
    if module is not None:
        namespace = module_namespace(module)
        named = map(namespace.__getitem__, filter(namespace.__contains__, (name, *OF_MODULE)))
        found += [it for it in named if it is not found[0]]
    if not isinstance(item, pytest.Function):
        found += [type(item).runtest, *examples(item)]
    return found


def reached(cls: Any, names: Iterable[str], met: set[str]) -> Iterator[object]:
    """Yield what some names stand for in a class or its bases, and what their code names there.

    Args:
        cls: the class.
        names: of methods.
        met: takes all names that were looked at; those that are in it are not looked at again.
    """
    bases = type.__dict__["__mro__"].__get__(cls) or ()
    namespaces = [type.__dict__["__dict__"].__get__(base) for base in bases]
    waiting = list(names)
    while waiting:
        if (name := waiting.pop()) in met:
            continue
        met.add(name)
        for namespace in namespaces:
            if name in namespace:
                found = namespace[name]
                yield found
                if type(found) is FunctionType:
                    waiting += mentioned(found.__code__)[0]
                break


def examples(item: pytest.Item) -> Iterator[object]:
    """Yield the examples of a doctest, each as a function."""
    test: Any = getattr(item, "dtest", None)
    for example in getattr(test, "examples", ()):
        try:
            code = compile(example.source, "<doctest>", "exec")
        except (SyntaxError, ValueError):
            continue
        yield FunctionType(code, test.globs)


def hooks(config: pytest.Config) -> Iterator[object]:
    """Yield the functions that conftest files and plugins run around each test."""
    for name in HOOKS:
        for implementation in getattr(config.hook, name).get_hookimpls():
            yield implementation.function


def fixtures_of(item: pytest.Item) -> "Iterable[pytest.FixtureDef[object]]":
    """The fixtures that a test asks for by name, with those that they override."""
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return chain.from_iterable(definitions.values())

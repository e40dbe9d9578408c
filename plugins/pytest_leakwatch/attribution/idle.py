"""Whether what a page has in sight is worth a look: most tests leave what pytest keeps, no more.

To close a page takes many times as long as to see that it has nothing of a type that matters. Such
a page is not closed: the next owner goes on in the same window. What is found there later of a type
that matters is the later owner's, for before there was none.
"""

import os
from array import array
from collections.abc import Callable
from io import BytesIO, StringIO
from operator import attrgetter
from types import CodeType, GeneratorType
from typing import Any
from weakref import finalize, ref

from leakwatch.integration import (
    PerClass,
    census,
    class_namespace,
    file_of,
    inherits,
    is_library_file,
    is_own_module,
    module_name,
    mro,
    of_other_types,
)

HARNESS = frozenset({"_pytest", "pytest", "pluggy", "xdist"})
BESIDE = frozenset(
    {
        "_collections",
        "_contextvars",
        "_py_warnings",
        "_thread",
        "builtins",
        "collections",
        "contextlib",
        "functools",
        "itertools",
        "logging",
        "warnings",
        "weakref",
    }
)
"""Modules of the standard library whose objects pytest makes for each test; the classes of
`warnings` are defined in `_py_warnings` from CPython 3.14 on."""
OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
code_of_generator: Callable[[Any], CodeType] = attrgetter("gi_code")
EXCEPT = (GeneratorType, StringIO, BytesIO)
"""Of these a finalizer runs. That of a generator runs its code, which is asked about apart; the
others close nothing but themselves, and warn of nothing."""
FINALIZED = class_namespace(finalize)["_Info"]
"""Comes with each `weakref.finalize`, so something runs when another object goes."""


class IdleTypes:
    """The types of which nothing is judged, and whose objects run no code when they go.

    Garbage of theirs may wait until the collector comes by itself, as it does without us. Garbage
    of other types may warn, of an unclosed socket say, and is collected while it can be told whose
    it is.

    Args:
        judged: whether objects of a type are; None says that each is asked about by itself.
    """

    def __init__(self, judged: Callable[[type], bool | None]) -> None:
        self._judged = judged
        self._answer = PerClass(self._is_idle)
        self._types = b""
        self._watching: list[ref[type]] = []
        self._codes: dict[int, CodeType] = {}

    def are_all_of(self, visible: list[object]) -> bool:
        """Whether all of the objects are of such types; generators of installed code are, too."""
        others = of_other_types(visible, self._types)
        generators = [it for it in others if type(it) is GeneratorType]
        if len(generators) != len(others) and not self._learn(others):
            return False
        if generators and not self._answer(GeneratorType):
            return False
        others.clear()
        codes = list(map(code_of_generator, generators))
        return self._codes.keys() >= set(map(id, codes)) or all(map(self._is_installed, codes))

    def _learn(self, others: list[object]) -> bool:
        """Ask about the types that are not known to be idle; whether all are."""
        kinds = [cls for cls, _ in census(others)]
        if not all(map(self._answer, kinds)):
            return False
        known = [cls for cls in kinds if cls is not GeneratorType]
        self._watching += [ref(cls, self._has_gone) for cls in known]
        self._types = array("Q", sorted({*array("Q", self._types), *map(id, known)})).tobytes()
        return True

    def _has_gone(self, _: ref[type]) -> None:
        self._types = b""  # another class may get the address

    def _is_installed(self, code: CodeType) -> bool:
        installed = is_library_file(file_of(code)) or file_of(code).startswith(OURS)
        if installed:
            self._codes[id(code)] = code
        return installed

    def _is_idle(self, cls: type) -> bool:
        if self._judged(cls) is not False:
            return False
        home = module_name(cls)
        known = home in BESIDE or is_own_module(home) or home.partition(".")[0] in HARNESS
        return cls in EXCEPT or (known and cls is not FINALIZED and not runs_code(cls))


def runs_code(cls: type) -> bool:
    """Whether code runs when an object of a class goes, or an object is the class of others."""
    return inherits(cls, type) or any("__del__" in class_namespace(base) for base in mro(cls))

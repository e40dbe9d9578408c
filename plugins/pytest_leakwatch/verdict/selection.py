"""Which objects are judged: the project's own classes, unless patterns say otherwise."""

import os
from collections.abc import Iterable
from itertools import product
from weakref import ref

from leakwatch.integration import (
    TypeFilter,
    entry,
    is_library_file,
    is_module,
    is_own_module,
    is_standard_module,
    kinds_of,
    loaded,
    may_leak,
    module_name,
    module_namespace,
    text,
    type_filter,
)

ALL = "all"


class FirstParty:
    """Which modules belong to the project under test: those below its root directory.

    What is installed into an environment below the root is not the project's, unless it is
    the project itself: `tox` and `nox` install it, and its source stands at the root or in `src`.
    """

    def __init__(self, root: str) -> None:
        self._below = os.path.join(os.path.abspath(root), "")
        self._known: dict[str, bool] = {}

    def __contains__(self, module: str) -> bool:
        answer = self._known.get(module)
        if answer is None:
            answer = self._known[module] = self._is_below(module)
        return answer

    def _is_below(self, name: str) -> bool:
        module = loaded(name)
        if not is_module(module) or is_own_module(name):
            return False
        path = text(entry(module_namespace(module), "__file__"))
        if path is None:
            return False
        if is_library_file(path):
            return self._is_installed_from_here(name.partition(".")[0])
        return os.path.abspath(path).startswith(self._below)

    def _is_installed_from_here(self, package: str) -> bool:
        if is_standard_module(package):
            return False
        sources = (os.path.join(package, "__init__.py"), f"{package}.py")
        folders = (self._below, os.path.join(self._below, "src"))
        return any(os.path.isfile(os.path.join(*at)) for at in product(folders, sources))


class Choice:
    """What of all that was born is judged.

    Args:
        track: classes and patterns; `all` for everything; nothing for the project's classes.
        ignore: patterns of classes that are never judged.
        ours: the modules of the project.

    Raises:
        ConfigurationError: an entry is neither a class nor a pattern.

    Attributes:
        everything: whether `all` was asked for.
    """

    def __init__(
        self, track: Iterable[type | str], ignore: Iterable[str], ours: FirstParty
    ) -> None:
        wanted = tuple(track)
        self.everything = any(type(entry) is str and entry == ALL for entry in wanted)
        self._known: dict[int, tuple[ref[type], bool | None]] = {}
        self._ignored = type_filter(ignore)
        self._chosen: TypeFilter = (
            type_filter(wanted) if wanted else lambda cls: module_name(cls) in ours
        )

    def kinds(self, born: Iterable[object]) -> dict[int, int]:
        """Id of the type by id of the object, for each object that is to be judged."""
        return kinds_of(born, self._answer)

    def _answer(self, cls: type) -> bool | None:
        """What was answered before, if the class at that address is still the same."""
        known = self._known.get(id(cls))
        if known is None or known[0]() is not cls:
            known = self._known[id(cls)] = (ref(cls), self._wants(cls))
        return known[1]

    def _wants(self, cls: type) -> bool | None:
        if self._ignored(cls):
            return False
        return may_leak(cls) if self.everything else self._chosen(cls)

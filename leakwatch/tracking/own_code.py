"""Which modules and classes are the program's own, for programs and test suites alike.

They lie below its folder. What is installed into an environment is a library's, also where that
environment lies below the folder, unless it is the program itself: who installs a project as a
wheel, as `tox` and `nox` do, has its source in the folder, or in `src` there.
"""

import os
from collections.abc import Iterable
from enum import EnumType
from itertools import accumulate, product
from types import ModuleType

from leakwatch.heap.fields import entry, inherits, loaded, module_name, module_namespace, text
from leakwatch.heap.objects import is_module
from leakwatch.heap.provenance import is_library_file, is_own_module, is_standard_module


class OwnCode:
    """The program's own code; each module is looked at once.

    Args:
        folder: where its modules lie; empty where there is no folder.
        packages: names of packages and modules that are the program's wherever they lie.
    """

    def __init__(self, folder: str | os.PathLike[str], packages: Iterable[str] = ()) -> None:
        given = os.fspath(folder)
        places = places_of(given) if given else ()
        self._folders = tuple(os.path.join(place, "") for place in places)
        self._packages = frozenset(packages)
        self._known: dict[str, bool] = {}

    def owns(self, module: str) -> bool:
        """Whether a module is the program's own, by its name."""
        answer = self._known.get(module)
        if answer is None:
            answer = self._is_own(module)
            if loaded(module) is not None:  # else it may yet be imported
                self._known[module] = answer
        return answer

    def made(self, cls: type) -> bool:
        """Whether instances of a class are the program's own, and can leak.

        The members of an enumeration live as long as it, and a flag makes some of them when they
        are first asked for. Modules are there to stay.
        """
        if is_of_an_enumeration(cls) or inherits(cls, ModuleType):
            return False
        return self.owns(module_name(cls))

    def _is_own(self, name: str) -> bool:
        if is_own_module(name):
            return False
        if name.partition(".")[0] in self._packages:
            return True
        module = loaded(name)
        file = text(entry(module_namespace(module), "__file__")) if is_module(module) else None
        if file is None:
            return False
        if is_library_file(file):
            return not is_standard_module(name) and self._has_source(name)
        return any(place.startswith(self._folders) for place in places_of(file))

    def _has_source(self, name: str) -> bool:
        """Whether the source of a module, or of a package around it, lies in the folder."""
        names = accumulate(name.split("."), os.path.join)
        files = [file for it in names for file in (os.path.join(it, "__init__.py"), f"{it}.py")]
        places = product(self._folders, ("", "src"), files)
        return any(os.path.isfile(os.path.join(*place)) for place in places)


def is_of_an_enumeration(cls: type) -> bool:
    """Whether instances of a class are members of an enumeration."""
    return inherits(type(cls), EnumType)


def places_of(path: str) -> set[str]:
    """The absolute path as it was given and without links: modules are found by either."""
    try:
        return {os.path.abspath(path), os.path.realpath(path)}
    except OSError:  # it counts from a folder that is gone
        return {path}

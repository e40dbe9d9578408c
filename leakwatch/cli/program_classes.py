"""Which classes are the program's own, when everything global is still alive.

At the end of a program its libraries hold thousands of objects by design. What counts is
what the program's own classes made: those of `__main__`, of the package that was run, and
of modules below the program's folder, but for the standard library and installed packages.
"""

import os
import sys
import sysconfig
from dataclasses import dataclass
from enum import EnumType
from importlib.metadata import entry_points
from types import ModuleType

from leakwatch.cli.program import MAIN, Program, current_folder, real_path
from leakwatch.heap.objects import module_name, module_namespace, mro
from leakwatch.heap.provenance import is_library_file, is_own_module
from leakwatch.tracking.type_filter import TypeFilter, type_filter

ALL = "all"
NEVER: tuple[type, ...] = (type, ModuleType)
"""Classes and modules are there to stay."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a program's own modules are.

    Attributes:
        package: the package that was run; empty for a script.
        folder: the folder of the script, or the current one.
    """

    package: str
    folder: str

    def owns(self, name: str) -> bool:
        """Whether a module is the program's own."""
        if name == MAIN:
            return True
        if is_own_module(name):
            return False
        top = name.partition(".")[0]
        return (bool(self.package) and top == self.package) or self._lies_below(name)

    def _lies_below(self, name: str) -> bool:
        module = sys.modules.get(name)
        if not self.folder or module is None or ModuleType not in mro(type(module)):
            return False
        file = module_namespace(module).get("__file__")
        if type(file) is not str or is_library_file(file):
            return False
        return os.path.realpath(file).startswith(os.path.join(self.folder, ""))

    def __str__(self) -> str:
        package = f", the package {self.package}" if self.package else ""
        return f"{MAIN}{package} and the modules below {shown_folder(self.folder)}"


def shown_folder(folder: str) -> str:
    """A folder as one would type it here."""
    try:
        relative = os.path.relpath(folder)
    except (OSError, ValueError):
        # The current folder is gone, and may be the one that is meant.
        return folder or "a folder that is gone"
    return folder if relative.startswith(os.pardir) else relative


def home_of(program: Program) -> Home:
    """Where the program's own modules are."""
    if program.is_module:
        return Home(program.name.partition(".")[0], program.folder)
    package = package_of_command(program.name)
    return Home(package, current_folder() if package else program.folder)


def package_of_command(script: str) -> str:
    """The package behind an installed command such as `bin/httpie`; empty for other scripts."""
    folder, name = os.path.split(real_path(script))
    if folder != os.path.realpath(sysconfig.get_path("scripts")):
        return ""
    for point in entry_points(group="console_scripts", name=os.path.splitext(name)[0]):
        return point.module.partition(".")[0]
    return ""


def wanted_types(types: tuple[str, ...], home: Home) -> TypeFilter | None:
    """Which classes' instances are judged; None means everything."""
    if ALL in types:
        return None
    return type_filter(types) if types else own_classes(home)


def own_classes(home: Home) -> TypeFilter:
    """A filter for the program's own classes; each class is looked at once.

    The members of an enumeration live as long as it, and are no leak however many.
    """
    # By identity: a metaclass may define `==` and `hash`.
    answers: dict[int, bool] = {}

    def matches(cls: type) -> bool:
        answer = answers.get(id(cls))
        if answer is None:
            answer = answers[id(cls)] = is_instance_maker(cls) and home.owns(module_name(cls))
        return answer

    return matches


def is_instance_maker(cls: type) -> bool:
    """Whether instances of a class can leak: no metaclass, module class or enumeration."""
    if EnumType in mro(type(cls)):
        return False
    return not any(base is never for base in mro(cls) for never in NEVER)

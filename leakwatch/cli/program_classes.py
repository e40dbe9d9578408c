"""Which classes are the program's own, when everything global is still alive.

At the end of a program its libraries hold thousands of objects by design. What counts is
what the program's own classes made: those of `__main__`, of the package that was run, and
of the program's folder, as `leakwatch.tracking.own_code` has it.
"""

import os
import sysconfig
from dataclasses import dataclass
from importlib.metadata import entry_points

from leakwatch.cli.program import MAIN, Program, current_folder, real_path
from leakwatch.heap.objects import inherits
from leakwatch.tracking.own_code import OwnCode
from leakwatch.tracking.type_filter import TypeFilter, type_filter

ALL = "all"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a program's own modules are.

    Attributes:
        package: the package that was run; empty for a script.
        folder: the folder of the script, or the current one.
    """

    package: str
    folder: str

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
    """A filter for the program's own classes; classes themselves are there to stay."""
    code = OwnCode(home.folder, filter(None, (MAIN, home.package)))
    return lambda cls: not inherits(cls, type) and code.made(cls)

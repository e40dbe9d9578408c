"""Look into a source distribution and a wheel: is everything in that must be?

    python tools/archives.py SDIST WHEEL

The source distribution must have every file of the repository, so that its tests can run, but for
those of the forge. The wheel must have every file of the packages, a shared library
for each extension in setup.py unless it is for any system, and the licence of all that is in it.
"""

import ast
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
NOT_PACKED = (".github/", ".gitignore")
"""What is of no use without the repository."""
SOURCES = (".c", ".h")
"""What is compiled, and not installed."""


def main(sdist: str, wheel: str) -> None:
    """Compare both with the repository; ends with exit code 1 and the names of what is missing."""
    wrong = [*missing_in_sdist(Path(sdist)), *missing_in_wheel(Path(wheel))]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{Path(sdist).name} and {Path(wheel).name} have everything")


def missing_in_sdist(sdist: Path) -> Iterator[str]:
    """Files of the repository that the source distribution lacks, and more than those."""
    with tarfile.open(sdist) as archive:
        names = [name for name in archive.getnames() if archive.getmember(name).isfile()]
    packed = {name.partition("/")[2] for name in names}
    ours = {name for name in files_of_the_repository() if not name.startswith(NOT_PACKED)}
    made = {"PKG-INFO", "setup.cfg"}
    added = {name for name in packed if ".egg-info/" not in name} - made
    yield from (f"{sdist.name} lacks {name}" for name in sorted(ours - packed))
    yield from (f"{sdist.name} has {name}, not in the repository" for name in sorted(added - ours))


def missing_in_wheel(wheel: Path) -> Iterator[str]:
    """Files of the packages, shared libraries and licences that the wheel lacks."""
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    ours = {installed_name(name) for name in files_of_the_repository() if is_installed(name)}
    yield from (f"{wheel.name} lacks {name}" for name in sorted(ours - packed))
    if not wheel.name.endswith("-none-any.whl"):
        for module in extensions():
            path = module.replace(".", "/")
            if not any(name.startswith(f"{path}.") and is_library(name) for name in packed):
                yield f"{wheel.name} lacks the extension {module}"
    licences = {PurePosixPath(name).name for name in packed if "/licenses/" in name}
    for name in sorted({"LICENSE", "uplot.LICENSE.txt"} - licences):
        yield f"{wheel.name} lacks the licence {name}"


def is_library(name: str) -> bool:
    """Whether a file is what an extension is compiled to."""
    return name.endswith((".so", ".pyd"))


def files_of_the_repository() -> list[str]:
    """What git has, and what it would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def is_installed(name: str) -> bool:
    """Whether a file of the repository belongs to a package."""
    top = installed_name(name).partition("/")[0]
    in_package = (ROOT / top / "__init__.py").is_file() or (ROOT / "plugins" / top).is_dir()
    return in_package and top not in {"tests", "benchmarks"} and not name.endswith(SOURCES)


def installed_name(name: str) -> str:
    """Where a file of the repository is after installation."""
    return name.removeprefix("plugins/")


def extensions() -> list[str]:
    """The names of the modules that setup.py has compiled."""
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if getattr(call.func, "id", "") == "Extension"]
    return [
        name.value for name in (call.args[0] for call in made) if isinstance(name, ast.Constant)
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Run the own test suites of packages that live on weak references, on `weakrefs`.

    python tests/conformance/clients.py [NAME ...] [--cache DIR]

Each client gets a virtual environment of its own, its source from the package index, and two runs
of its suite: plain, and with `weakref` and `_weakrefset` replaced by `weakrefs` from the first
line on, in child processes too. What counts is the difference: a test that passes plain and not
with the swap is a failure; one that does not pass plain says nothing and is left out. The last
line is ``N passed, N failed``; the exit code is 1 on any failure.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]

# Run by every interpreter that has its folder on the path, before anything else is imported.
_SITE = """\
import binding
binding.bind("weakrefs")
"""

_USERS = """\
import sys, weakref, {module}
assert weakref.__name__ == "weakrefs"
modules = [module for module in list(sys.modules.values()) if hasattr(module, "__dict__")]
print(sum(vars(module).get("weakref") is weakref for module in modules))
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A package and how its suite is run.

    Attributes:
        release: what to get from the index, with the version.
        module: what to import, to see that it uses what it was given.
        tests: arguments of pytest, inside the unpacked source.
        needs: what the suite needs besides pytest and the package itself.
        environment: variables for the installation and the runs.
    """

    release: str
    module: str
    tests: tuple[str, ...] = ("tests",)
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


# pytest-asyncio warns where this is not said, and some suites make errors of warnings.
_ASYNC = ("-o", "asyncio_default_fixture_loop_scope=function")

CLIENTS = {
    "blinker": Client(
        "blinker==1.9.0", "blinker", tests=(*_ASYNC, "tests"), needs=("pytest-asyncio",)
    ),
    "cachetools": Client("cachetools==8.0.1", "cachetools"),
    "psygnal": Client(
        "psygnal==0.16.1",
        "psygnal",
        tests=(*_ASYNC, "tests"),
        needs=("pytest-asyncio", "pytest-cov", "numpy", "attrs", "pydantic", "wrapt", "toolz"),
    ),
    "sqlalchemy": Client(
        "sqlalchemy==2.1.9",
        "sqlalchemy.orm",
        tests=(
            "test/base",
            "test/engine/test_pool.py",
            "test/ext/test_mutable.py",
            *(
                f"test/orm/test_{name}.py"
                for name in ("attributes", "expire", "instrumentation", "session", "unitofwork")
            ),
        ),
        needs=("greenlet",),
        environment={"DISABLE_SQLALCHEMY_CEXT": "1"},
    ),
    "wrapt": Client("wrapt==2.5.2", "wrapt"),
    "zict": Client(
        "zict==3.0.0",
        "zict",
        tests=(*_ASYNC, "zict"),
        needs=("pytest-asyncio", "pytest-repeat", "pytest-timeout"),
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the clients that were asked for; return the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if unknown := set(options.names) - set(CLIENTS):
        parser.error(f"no client {', '.join(sorted(unknown))}; there are {', '.join(CLIENTS)}")
    passed = failed = 0
    for name in options.names or CLIENTS:
        folder = options.cache / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
        counts = _judge(CLIENTS[name], folder)
        passed, failed = passed + counts[0], failed + counts[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = ", ".join(CLIENTS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {names}")
    cache = Path(tempfile.gettempdir()) / "weakrefs-clients"
    parser.add_argument("--cache", type=Path, default=cache, help="kept between runs: %(default)s")
    return parser


def _judge(client: Client, folder: Path) -> tuple[int, int]:
    """Run a client's suite both ways, print what came out, and return (passed, failed)."""
    folder.mkdir(parents=True, exist_ok=True)
    source = _source(client, folder)
    python = _environment(client, folder, source)
    swap = {"PYTHONPATH": str(_swap_folder(folder))}
    users = _run([python, "-c", _USERS.format(module=client.module)], client, folder, swap)
    plain = _outcomes(client, python, source, folder / "plain.xml", {})
    swapped = _outcomes(client, python, source, folder / "swapped.xml", swap)
    good = {test for test, passed in plain.items() if passed}
    if not good:
        raise SystemExit(f"{client.release}: nothing passes, see {folder / 'plain.log'}")
    broken = sorted(test for test in good if not swapped.get(test))
    print(
        f"{client.release}: {len(good) - len(broken)} passed, {len(broken)} failed, "
        f"{len(plain) - len(good)} say nothing; {users.strip()} modules use weakrefs"
    )
    for test in broken:
        print(f"    passes only on the standard library: {test}")
    return len(good) - len(broken), len(broken)


def _source(client: Client, folder: Path) -> Path:
    """Return the folder of the client's unpacked source distribution."""
    unpacked = folder / "source"
    if not unpacked.exists():
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        options = ["--no-binary", ":all:", "--dest", str(folder), client.release]
        _run([*download, *options], client, folder)
        archive = next(folder.glob("*.tar.gz"))
        shutil.unpack_archive(archive, unpacked, filter="data")
    return next(path for path in unpacked.iterdir() if path.is_dir())


def _environment(client: Client, folder: Path, source: Path) -> str:
    """Return the interpreter of the client's own environment."""
    place = folder / "venv"
    python = str(place / "bin" / "python")
    if not (place / "ready").exists():
        venv.create(place, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "pytest", *client.needs]
        _run([*install, str(source)], client, folder)
        (place / "ready").touch()
    return python


def _swap_folder(folder: Path) -> Path:
    """Return a folder that puts `weakrefs` in place of `weakref` when it is on the path."""
    place = folder / "swap"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(_SITE)
    for target in (_ROOT / "weakrefs", _HERE / "binding.py"):
        link = place / target.name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return place


def _outcomes(
    client: Client, python: str, source: Path, xml: Path, swap: dict[str, str]
) -> dict[str, bool]:
    """Run the suite; return whether each test passed, by its name. A skipped one did not."""
    xml.unlink(missing_ok=True)
    options = ["-q", "-p", "no:cacheprovider", f"--junitxml={xml}", *client.tests]
    environment = {**os.environ, **client.environment, **swap}
    log = xml.with_suffix(".log")
    with log.open("w") as out:
        subprocess.run(
            [python, "-m", "pytest", *options],
            cwd=source,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if not xml.exists():
        raise SystemExit(f"{client.release}: pytest wrote no results; see {log}")
    cases = ET.parse(xml).getroot().iter("testcase")
    return {
        f"{case.get('classname')}::{case.get('name')}": len(_trouble(case)) == 0 for case in cases
    }


def _trouble(case: ET.Element) -> list[ET.Element]:
    return [part for part in case if part.tag in {"failure", "error", "skipped"}]


def _run(
    command: list[str], client: Client, folder: Path, more: dict[str, str] | None = None
) -> str:
    environment = {**os.environ, **client.environment, **(more or {})}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise SystemExit(f"{client.release}: {' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())

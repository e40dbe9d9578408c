"""Other interpreters of this machine, for what has to be the same on all of them."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from leakwatch.interpreter import has_global_lock

needs_global_lock = pytest.mark.skipif(
    not has_global_lock(), reason="without the global lock no variable of another thread is read"
)
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")


def interpreter(version: str) -> str:
    """An interpreter of a version; the test is skipped where there is none."""
    found = located(version)
    if found is None:
        pytest.skip(f"no Python {version} on the path or among pyenv's versions")
    return found


@cache
def located(version: str) -> str | None:
    """The first interpreter that is of the version, this one before others."""
    pyenv = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")
    for candidate in [sys.executable, shutil.which(f"python{version}"), *sorted(map(str, pyenv))]:
        if candidate is not None and version_of(candidate) == version:
            return candidate
    return None


@cache
def version_of(candidate: str) -> str:
    """`3.12`, or nothing where the candidate does not start: a shim of pyenv may not."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()

"""The C sources of all packages, as a strict compiler sees them."""

import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("leakwatch", "weakrefs")


def test_the_sources_compile_without_a_warning(tmp_path):
    compiler = shlex.split(sysconfig.get_config_var("CC") or "")
    headers = Path(sysconfig.get_path("include"))
    if not compiler or shutil.which(compiler[0]) is None:
        pytest.skip("there is no C compiler")
    if not (headers / "Python.h").exists():
        pytest.skip("the headers of this interpreter are not installed")
    sources = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.c"))
    assert sources
    for source in sources:
        options = ["-Wall", "-Wextra", "-Werror", "-O1", f"-I{headers}", "-c", source]
        subprocess.run([*compiler, *options, "-o", tmp_path / "object.o"], check=True)

"""The native parts are in use where they can be: an optional one fails to compile in silence."""

import importlib.util
import shlex
import shutil
import sysconfig
from pathlib import Path

import pytest

NATIVE = [
    "leakwatch.guest._guarded_native",
    "leakwatch.heap._walk_native",
    "leakwatch.snapshots._columns_native",
    "weakrefs._native",
]


def can_compile() -> bool:
    compiler = shlex.split(sysconfig.get_config_var("CC") or "")
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return bool(compiler and shutil.which(compiler[0]) and headers.exists())


@pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="free-threaded builds have none"
)
@pytest.mark.parametrize("name", NATIVE)
def test_what_can_be_compiled_was(name):
    if importlib.util.find_spec(name) is None:
        if can_compile():
            pytest.fail(f"{name} did not compile: `pip install -v -e .` shows why")
        pytest.skip("there is no C compiler, or no header of this interpreter")


def test_the_list_above_is_whole():
    root = Path(__file__).parents[3]
    sources = [path for name in ("leakwatch", "weakrefs") for path in (root / name).rglob("*.c")]
    assert sum("PyInit_" in path.read_text(encoding="utf-8") for path in sources) == len(NATIVE)
